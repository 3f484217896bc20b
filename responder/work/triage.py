"""A batch: fetched → decided → recorded.

One transaction per batch writes the messages, their decisions, the mails they
lead to and the new UID; after a crash nothing is decided again. A message that
breaks the code is quarantined with its traceback, and the rest goes on.
"""

from __future__ import annotations

import logging
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from responder.about import about, way_to
from responder.errors import Trouble, TroubleKind
from responder.mail import bounce
from responder.mail.automatic import own_identifiers
from responder.mail.message import Message
from responder.policy import report
from responder.policy.decide import SEEN_BEFORE, THANKS_ONLY, Breaker, Decision, Past, Reading, Tripped, decide, read
from responder.ports import Clock, Fetched, FolderState, Mailbox
from responder.store.batch import Batch
from responder.store.records import Asked, FolderPosition, MessageState, NewMessage, Place, Since
from responder.store.store import Store
from responder.work import bounces
from responder.work.breakers import HELD
from responder.work.desk import Desk
from responder.work.owed import Owed, breaker_alarm
from responder.work.steps import Hook, Step, no_hook

log = logging.getLogger(__name__)

BATCH = 50  # messages per transaction
KNOWN_SINCE = timedelta(days=365)  # how far back first contact learns who has written before
ABSURD_AHEAD = timedelta(hours=1)  # an arrival further ahead of our clock is not believed
WATCH_SLACK = timedelta(minutes=10)  # a mail server's clock may stand a little behind ours
TOO_OLD = timedelta(days=30)  # a mail that old was put into the inbox by a person's hand
HELD_BACK = {Breaker.ACCOUNT: "replies", Breaker.OFFICE: "replies of all mailboxes", Breaker.ALERTS: "alerts"}
SUBJECT_KEPT = 500  # characters of a subject on record
TRIES = 3  # rounds in a row that a message may be refused, or break the connection, before it is set aside
FEW = 3  # messages refused with no other handed out: more are the server's trouble, not theirs


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message the server could not hand out, or its library could not read."""

    uid: int
    error: str


class Triage:
    """Reads what is new in one mailbox and records what is owed for it."""

    def __init__(
        self, desk: Desk, store: Store, clock: Clock, hook: Hook = no_hook, failed: Counter[int] | None = None
    ) -> None:
        """`failed`: how often which UID was in vain, while nothing better came; it outlives a new policy."""
        self._desk = desk
        self._store = store
        self._clock = clock
        self._hook = hook
        self._inbox = desk.settings.folders.inbox
        self._failed = failed if failed is not None else Counter()

    def run(self, mailbox: Mailbox) -> int:
        """Triage everything new; the number of messages recorded."""
        position = self._starting_line(mailbox)
        uids = mailbox.uids_after(position.last_uid)
        size = 1 if self._failed else BATCH  # one at a time where one of them broke the last round
        recorded = sum(self._batch(mailbox, position, batch) for batch in _batches(uids, size))
        self._store.checked(self._desk.name, self._inbox, self._clock.now())
        return recorded

    # --- where to begin ----------------------------------------------------------------------------------------

    def _starting_line(self, mailbox: Mailbox) -> FolderPosition:
        """The position on record; at first contact, or when the mailbox was renumbered, a new one at its end."""
        state = mailbox.inbox()
        position = self._store.position(self._desk.name, self._inbox)
        if position is None:
            return self._first_contact(mailbox, state)
        if position.uidvalidity != state.uidvalidity or state.uidnext <= position.last_uid:
            return self._renumbered(state)
        return position

    def _first_contact(self, mailbox: Mailbox, state: FolderState) -> FolderPosition:
        now = self._clock.now()
        self._store.learn(mailbox.correspondents(now - KNOWN_SINCE), now)
        told = about(account=self._desk.name)
        log.info("%s: first contact, %d old messages are left alone", self._desk.name, state.messages, extra=told)
        return self._baseline(state)

    def _renumbered(self, state: FolderState) -> FolderPosition:
        text = "the mailbox was renumbered by its server; mail that lies in it is left alone"
        now = self._clock.now()
        self._store.note_trouble(self._desk.name, TroubleKind.REBASELINE, text, now)
        self._store.end_trouble(self._desk.name, (TroubleKind.REBASELINE,), now)  # it is over; the digest tells of it
        told = about(account=self._desk.name, trouble=TroubleKind.REBASELINE)
        log.warning("%s: %s", self._desk.name, text, extra=told)
        return self._baseline(state)

    def _baseline(self, state: FolderState) -> FolderPosition:
        now = self._clock.now()
        position = FolderPosition(self._desk.name, self._inbox, state.uidvalidity, state.uidnext - 1, now, now)
        self._store.baseline(position)
        self._hook(Step.BASELINED)
        return position

    # --- one batch ---------------------------------------------------------------------------------------------

    def _batch(self, mailbox: Mailbox, position: FolderPosition, uids: Sequence[int]) -> int:
        fetched = self._fetch(mailbox, uids)
        self._hook(Step.FETCHED)
        recorded = 0
        with self._store.batch() as batch:
            for one in fetched:
                place = Place(self._desk.name, self._inbox, position.uidvalidity, one.uid)
                if not batch.known(place):
                    self._record(batch, place, one, position.baselined_at)
                    recorded += 1
            batch.advance(self._desk.name, self._inbox, uids[-1], self._clock.now())
            self._hook(Step.DECIDED)
        self._hook(Step.RECORDED)
        return recorded

    def _fetch(self, mailbox: Mailbox, uids: Sequence[int]) -> tuple[Fetched | Unreadable, ...]:
        """The batch; if the server or its library stumbles over it, one by one, so that one message harms no other."""
        try:
            fetched = mailbox.fetch(uids)
        except Trouble as trouble:
            if trouble.kind is TroubleKind.SERVER:
                return self._one_by_one(mailbox, uids, trouble)
            if trouble.kind is TroubleKind.NETWORK and self._is_given_up(uids[:1]):
                return (Unreadable(uids[0], f"the connection broke {TRIES} times over this message: {trouble}"),)
            raise
        self._failed.clear()
        return fetched

    def _one_by_one(self, mailbox: Mailbox, uids: Sequence[int], trouble: Trouble) -> tuple[Fetched | Unreadable, ...]:
        found = [each for uid in uids for each in self._fetch_one(mailbox, uid)]
        none_came = all(isinstance(each, Unreadable) for each in found)
        # Where the server refuses them all, that is no message's fault, but for a few that it refuses again and again.
        if none_came and not (len(uids) <= FEW and self._is_given_up(uids)):
            raise trouble
        self._failed.clear()
        return tuple(found)

    def _is_given_up(self, uids: Sequence[int]) -> bool:
        """One more round in vain: has each of them had as many as a message may have?"""
        if any(uid not in uids for uid in self._failed):
            self._failed.clear()
        self._failed.update(uids)
        return all(self._failed[uid] >= TRIES for uid in uids)

    @staticmethod
    def _fetch_one(mailbox: Mailbox, uid: int) -> tuple[Fetched | Unreadable, ...]:
        try:
            return mailbox.fetch([uid])
        except Trouble as trouble:
            if trouble.kind is not TroubleKind.SERVER:
                raise
            return (Unreadable(uid, str(trouble)),)

    def _record(self, batch: Batch, place: Place, fetched: Fetched | Unreadable, watched_since: datetime) -> None:
        now = self._clock.now()
        if isinstance(fetched, Unreadable):
            row = self._quarantine(batch, place, None, now, now, fetched.error)
            _tell_set_aside(place, row, fetched.error)
            return
        arrived = arrival(fetched, now)
        desk = self._desk
        try:
            reading = read(fetched.message, desk.policy, desk.ours, fetched.filed)
            past = self._past(batch, place, fetched, reading, arrived, now)
            if arrived < max(watched_since - WATCH_SLACK, now - TOO_OLD):
                past = replace(past, seen_before=True)
            decision = decide(fetched.message, reading, past, desk.policy, arrived=arrived, now=now)
            returned = None if decision.seen_before else bounce.find(fetched.message)
            owed = Owed(desk, place, fetched.message, decision, now)
            message, mails, alarm = self._entry(place, fetched, decision, owed), tuple(owed.mails()), owed.alarm()
        except Exception as error:  # noqa: BLE001 - the boundary: whatever a message breaks, the rest goes on
            where = way_to(error)
            kept = traceback.format_exc() if desk.keeps_words else where
            _tell_set_aside(place, self._quarantine(batch, place, fetched.message, arrived, now, kept), where)
            return
        row = batch.add(message, mails, now, alarm)
        if decision.acknowledges:
            self._acknowledge(batch, fetched, message.sender, now)
        if decision.tripped is not None:
            self._trip(batch, decision.tripped, now)
        if returned is not None:
            bounces.record(batch, self._desk, returned, now)
        log.info(
            "%s: uid %d office=%s urgency=%s play=%s veto=%s actions=%s",
            *(place.account, place.uid, message.office, message.urgency, decision.play, message.veto),
            ",".join(action.kind for action in decision.actions),
            extra=about(account=place.account, message=row, uid=place.uid),
        )

    def _acknowledge(self, batch: Batch, fetched: Fetched, who: str, now: datetime) -> None:
        """A mail of one of us in the thread of an alarm: somebody knows."""
        ended = batch.acknowledge(_thread(fetched), who, now)
        if ended:
            told = about(account=self._desk.name)
            log.info("%s: %d alarms are acknowledged by mail", self._desk.name, ended, extra=told)

    def _past(
        self, batch: Batch, place: Place, fetched: Fetched, reading: Reading, arrived: datetime, now: datetime
    ) -> Past:
        limits = self._desk.policy.limits
        period = self._desk.policy.calendar().closed_period(arrived)
        since = Since(
            period=min(period.start.astimezone(UTC) if period else now, now - limits.again_after),
            bounced=now - bounces.STOPS,
            refused=now - bounces.REFUSED,
            arrived=arrived,
            now=now,
        )
        asked = Asked(
            sender=reading.sender.key if reading.sender else "",
            crowd=reading.crowd,
            message_id=fetched.message.message_id,
            thread=_thread(fetched),
            is_vetoed=reading.veto is not None,
        )
        past = batch.past(place, asked, since, self._desk.counted)
        past = replace(past, is_our_own=batch.sent_by_us(own_identifiers(fetched.message)))
        return replace(past, answered_at=now) if fetched.answered else past

    def _entry(self, place: Place, fetched: Fetched, decision: Decision, owed: Owed) -> NewMessage:
        reading = decision.reading
        message = fetched.message
        sender = reading.sender or (message.from_[0] if message.from_ else None)
        return NewMessage(
            place=place,
            state=MessageState.DECIDED,
            message_id=message.message_id,
            references=_thread(fetched),
            arrived_at=decision.arrived,
            sender=sender.key if sender else "",
            sender_name=sender.name if sender else "",
            subject=message.subject[:SUBJECT_KEPT],
            office=decision.office.value,
            urgency=reading.urgency.value,
            veto=reading.veto.signal.value if reading.veto else None,
            decision=report.fields(decision, self._desk.policy, source=f"{place.account}/{place.uid}"),
            own_words=reading.own.text if self._desk.keeps_words else None,
            marks=owed.marks,
            promise_at=owed.promise_at,
            handled_how=_needs_nobody(decision),
        )

    def _quarantine(
        self, batch: Batch, place: Place, message: Message | None, arrived: datetime, now: datetime, error: str
    ) -> int:
        """Set it aside, with all we know of it; a person must look at it. Its number on record."""
        sender = message.from_[0] if message is not None and message.from_ else None
        return batch.add(
            NewMessage(
                place=place,
                state=MessageState.QUARANTINED,
                message_id=message.message_id if message else None,
                references=(),
                arrived_at=arrived,
                sender=sender.key if sender else "",
                sender_name=sender.name if sender else "",
                subject=message.subject[:SUBJECT_KEPT] if message else "",
                office="",
                urgency="",
                veto=None,
                decision={},
                own_words="" if self._desk.keeps_words else None,
                marks=(),
                promise_at=None,
                error=error,
            ),
            (),
            now,
        )

    def _trip(self, batch: Batch, tripped: Tripped, now: datetime) -> None:
        """A limit of many is reached: no more of it goes out; the manager is told, once, if it would."""
        breaker, kind = tripped.breaker, HELD[tripped.breaker]
        text = f"the limit of {tripped.limit} is reached: further automatic {HELD_BACK[breaker]} are held back"
        is_felt = breaker is Breaker.ALERTS or self._desk.writes_to_customers
        is_told = breaker is Breaker.OFFICE and batch.is_open(kind)  # by another mailbox of the office
        if not batch.note_trouble(self._desk.name, kind, text, now) or not is_felt:
            return
        if not is_told:
            batch.raise_alarm(breaker_alarm(self._desk, tripped, now), now)
        told = about(account=self._desk.name, trouble=kind)
        log.warning("%s: %s", self._desk.name, text, extra=told)


def _tell_set_aside(place: Place, row: int, why: str) -> None:
    told = about(account=place.account, message=row, uid=place.uid, trouble=TroubleKind.QUARANTINE)
    log.error("%s: uid %d is set aside, a person must look at it\n%s", place.account, place.uid, why, extra=told)


def arrival(fetched: Fetched, now: datetime) -> datetime:
    """INTERNALDATE; the Date header only where that is missing or absurd; else now."""
    for at in (fetched.arrived, fetched.message.date):
        if at is not None and at.year > 1990 and at <= now + ABSURD_AHEAD:
            return at
    return now


def _needs_nobody(decision: Decision) -> str | None:
    """Why a message is closed from the start, if it is."""
    if decision.seen_before:
        return SEEN_BEFORE
    return THANKS_ONLY if decision.reading.thanks_only else None


def _thread(fetched: Fetched) -> tuple[str, ...]:
    """The ids of the messages this one stands in a thread with, its own last."""
    message = fetched.message
    own = (message.message_id,) if message.message_id else ()
    return tuple(dict.fromkeys((*message.references, *message.in_reply_to, *own)))


def _batches(uids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (uids[start : start + size] for start in range(0, len(uids), size))
