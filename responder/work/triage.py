"""A batch: fetched → decided → recorded.

One transaction per batch writes the messages, their decisions, the mails they
lead to and the new UID; after a crash nothing is decided again. A message that
breaks the code is quarantined with its traceback, and the rest goes on. One that
the server does not hand out is waited for, and set aside when it is shown to be
the message's own fault: others came, for half an hour.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from types import MappingProxyType

from responder.about import about, way_to
from responder.errors import Trouble, TroubleKind
from responder.mail import bounce
from responder.mail.automatic import own_identifiers
from responder.mail.message import Message
from responder.policy import report
from responder.policy.decide import SEEN_BEFORE, Breaker, Decision, Past, Reading, Tripped, decide, read
from responder.policy.meaning import THANKS_ONLY
from responder.policy.model import Policy
from responder.ports import Clock, Fetched, FolderState, Glimpse, Mailbox, Unreadable
from responder.store.batch import Batch
from responder.store.records import Asked, FolderPosition, MessageState, NewMessage, Place, Since
from responder.store.store import Store
from responder.work import bounces, waiting
from responder.work.breakers import HELD
from responder.work.desk import Desk
from responder.work.owed import Owed, breaker_alarm
from responder.work.steps import GoesOn, Hook, Step, always, no_hook
from responder.work.troubles import ENDS_THE_ROUND, OVER_ONE

log = logging.getLogger(__name__)

BATCH = 50  # messages per transaction
PORTION = 500  # messages of one round: then copies, answers and drafts have their turn
KNOWN_SINCE = timedelta(days=365)  # how far back first contact learns who has written before
ABSURD_AHEAD = timedelta(hours=1)  # an arrival further ahead of our clock is not believed
WATCH_SLACK = timedelta(minutes=10)  # a mail server's clock may stand a little behind ours
TOO_OLD = timedelta(days=30)  # a mail that old was put into the inbox by a person's hand
HELD_BACK = {Breaker.ACCOUNT: "replies", Breaker.OFFICE: "replies of all mailboxes", Breaker.ALERTS: "alerts"}
SUBJECT_KEPT = 500  # characters of a subject on record
LATELY = 100  # messages on record, of which one that still lies in the inbox is asked for as a proof
NONE: Mapping[Place, datetime] = MappingProxyType({})


class Triage:
    """Reads what is new in one mailbox and records what is owed for it."""

    def __init__(self, desk: Desk, store: Store, clock: Clock, hook: Hook = no_hook, goes_on: GoesOn = always) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._hook = hook
        self._goes_on = goes_on
        self.has_more = False  # after a run: more has come than was read
        self._inbox = desk.settings.folders.inbox
        self._waiting_kept = f"{waiting.SETTING}{desk.name}"
        self._waiting = waiting.Waiting(0)
        self._is_proven = False  # in this round the server has handed out a message
        self._refused: Trouble | None = None  # what the server said of one in this round

    @property
    def is_waiting(self) -> bool:
        """Is there, after a round, a message that the server has not handed out?"""
        return bool(self._waiting.failures)

    def run(self, mailbox: Mailbox) -> int:
        """Triage what is new, a portion of it; the number of messages recorded."""
        position = self._starting_line(mailbox)
        if position is None:
            return 0  # broken off; the next start begins anew
        self._waiting = waiting.read(self._store.setting(self._waiting_kept), position.uidvalidity)
        due = self._waiting.due(self._clock.now())  # not what this round adds
        self._is_proven, self._refused = bool(due) and self._hands_out_an_old_one(mailbox, position), None
        came = mailbox.uids_after(position.last_uid)
        uids = came[:PORTION]
        if self._is_full:
            recorded = self._once_more(mailbox, position, due) + self._new(mailbox, position, uids)
        else:
            recorded = self._new(mailbox, position, uids) + self._once_more(mailbox, position, due)
        self._complain(recorded)
        self.has_more = len(came) > len(uids) and self._has_passed(position)
        self._store.checked(self._desk.name, self._inbox, self._clock.now())
        return recorded

    def _has_passed(self, before: FolderPosition) -> bool:
        """Has the round come further? Also where all that it asked for had gone."""
        position = self._store.position(self._desk.name, self._inbox)
        return position is not None and position.last_uid > before.last_uid

    def _complain(self, recorded: int) -> None:
        """Raise what is the server's trouble: nothing comes, or more is missing than may be the messages' fault."""
        if self._refused is not None and not self._is_proven:
            raise self._refused
        if self._waiting.is_crowd and not recorded:
            text = f"the server does not hand out {len(self._waiting.failures)} messages"
            raise Trouble(TroubleKind.SERVER, self._desk.name, text, "ask the provider; they are asked for again")

    # --- where to begin ----------------------------------------------------------------------------------------

    def _starting_line(self, mailbox: Mailbox) -> FolderPosition | None:
        """The position on record; at first contact, or when the mailbox was renumbered, a new one at its end.

        None when first contact is broken off.
        """
        now = self._clock.now()  # the line holds from now on, however long it takes to draw it
        state = mailbox.inbox()
        position = self._store.position(self._desk.name, self._inbox)
        if position is None:
            return self._first_contact(mailbox, state, now)
        if position.uidvalidity != state.uidvalidity or state.uidnext <= position.last_uid:
            return self._renumbered(position, state, now)
        return position

    def _first_contact(self, mailbox: Mailbox, state: FolderState, now: datetime) -> FolderPosition | None:
        for found in mailbox.correspondents(now - KNOWN_SINCE):
            if not self._goes_on():
                return None
            if isinstance(found, Trouble):
                self._tell_unlearned(found, now)
            else:
                self._store.learn(found, now)
        told = about(account=self._desk.name)
        log.info("%s: first contact, %d old messages are left alone", self._desk.name, state.messages, extra=told)
        return self._baseline(state, now)

    def _tell_unlearned(self, trouble: Trouble, now: datetime) -> None:
        """Some of those who are known will be taken for new: no reason to read no mail."""
        self._store.note_trouble(self._desk.name, trouble.kind, str(trouble), now)
        told = about(account=self._desk.name, trouble=trouble.kind)
        log.warning("%s: not all who are known could be learned: %s", self._desk.name, trouble, extra=told)

    def _renumbered(self, before: FolderPosition, state: FolderState, now: datetime) -> FolderPosition:
        text = "the mailbox was renumbered by its server; mail that lies in it is left alone"
        self._store.note_trouble(self._desk.name, TroubleKind.REBASELINE, text, now)
        self._store.end_trouble(self._desk.name, (TroubleKind.REBASELINE,), now)  # it is over; the digest tells of it
        told = about(account=self._desk.name, trouble=TroubleKind.REBASELINE)
        log.warning("%s: %s", self._desk.name, text, extra=told)
        waited_for = waiting.read(self._store.setting(self._waiting_kept), before.uidvalidity).failures
        return self._baseline(state, now, {self._place(before, uid): one.since for uid, one in waited_for.items()})

    def _baseline(self, state: FolderState, at: datetime, lost: Mapping[Place, datetime] = NONE) -> FolderPosition:
        """`lost`: what was waited for, since when; nobody knows its number now, so a person must look."""
        position = FolderPosition(self._desk.name, self._inbox, state.uidvalidity, state.uidnext - 1, at, at)
        with self._store.batch() as batch:
            for place, since in lost.items():
                why = "the mailbox was renumbered while it was waited for"
                _tell_set_aside(place, self._quarantine(batch, place, None, since, at, why), why)
            batch.set(self._waiting_kept, None)
            batch.baseline(position)
        self._hook(Step.BASELINED)
        return position

    # --- one batch ---------------------------------------------------------------------------------------------

    @property
    def _is_full(self) -> bool:
        """So many wait, and nothing comes, that new ones are not asked for before these."""
        return len(self._waiting.failures) >= BATCH and not self._is_proven

    def _new(self, mailbox: Mailbox, position: FolderPosition, uids: Sequence[int]) -> int:
        """What has not been asked for yet; one at a time where one of them breaks the rounds."""
        size = 1 if self._waiting.failures else BATCH
        return sum(self._batch(mailbox, position, batch) for batch in _batches(uids, size) if self._goes_on())

    def _batch(self, mailbox: Mailbox, position: FolderPosition, uids: Sequence[int]) -> int:
        """If the server or its library stumbles over it, one by one, so that one message harms no other."""
        if self._is_full:
            return 0
        reach = uids[-1]
        try:
            found = mailbox.fetch(uids)
        except Trouble as trouble:
            if trouble.kind is TroubleKind.SERVER and len(uids) > 1:
                return sum(self._batch(mailbox, position, [uid]) for uid in uids)
            found, reach = (_over_one(uids[0], trouble),), uids[0]
        return self._keep(position, found, reach=reach)

    def _once_more(self, mailbox: Mailbox, position: FolderPosition, uids: Sequence[int]) -> int:
        """What is waited for, each by itself."""
        return sum(self._again(mailbox, position, uid) for uid in uids)

    def _again(self, mailbox: Mailbox, position: FolderPosition, uid: int) -> int:
        is_last = self._is_proven and self._waiting.is_last_try(uid, self._clock.now())
        glimpse = _glimpse(mailbox, uid) if is_last else None  # before it may break the connection
        try:
            found = mailbox.fetch([uid])
        except Trouble as trouble:
            found = (_over_one(uid, trouble),)
        return self._keep(position, found, glimpse=glimpse, waited_for=uid)

    def _keep(
        self,
        position: FolderPosition,
        found: Sequence[Fetched | Unreadable],
        *,
        reach: int | None = None,
        glimpse: Glimpse | None = None,
        waited_for: int | None = None,
    ) -> int:
        """Record what came, and what is waited for. `reach`: the new position; `glimpse`: of one to be set aside."""
        self._hook(Step.FETCHED)
        missing = [one for one in found if isinstance(one, Unreadable)]
        came = [one for one in found if isinstance(one, Fetched)]
        self._is_proven = self._is_proven or bool(came)
        recorded = 0
        with self._store.batch() as batch:
            for one in came:
                place = self._place(position, one.uid)
                if not batch.known(place):
                    self._record(batch, place, one, position.baselined_at)
                    recorded += 1
            if missing and glimpse is not None:
                self._set_aside(batch, self._place(position, missing[0].uid), glimpse, missing[0].trouble)
                recorded += 1
            self._wait_for(batch, () if glimpse is not None else missing, waited_for)
            if reach is not None:
                batch.advance(self._desk.name, self._inbox, reach, self._clock.now())
            self._hook(Step.DECIDED)
        self._hook(Step.RECORDED)
        for trouble in (each.trouble for each in missing):
            self._refused = trouble
            if trouble.kind in ENDS_THE_ROUND:
                raise trouble
        return recorded

    def _place(self, position: FolderPosition, uid: int) -> Place:
        return Place(self._desk.name, self._inbox, position.uidvalidity, uid)

    # --- what the server does not hand out ---------------------------------------------------------------------

    def _hands_out_an_old_one(self, mailbox: Mailbox, position: FolderPosition) -> bool:
        """Does the server hand out a message that it has handed out before?"""
        now = self._clock.now()
        try:
            old = self._store.read(self._desk.name, self._inbox, position.uidvalidity, LATELY)
            present = mailbox.flags(old) if old else {}
            return bool(present) and any(isinstance(one, Fetched) for one in mailbox.fetch([max(present)]))
        except Trouble as trouble:
            if trouble.kind in OVER_ONE:  # then it says nothing of a message that those fail, too
                self._waiting = self._waiting.anew(self._waiting.failures, now)
                self._store.set(self._waiting_kept, waiting.write(self._waiting))
            if trouble.kind is TroubleKind.SERVER:
                return False
            raise

    def _wait_for(self, batch: Batch, missing: Sequence[Unreadable], waited_for: int | None) -> None:
        """From now on, or still, for those; no more for the other one."""
        before, now, uids = self._waiting, self._clock.now(), [one.uid for one in missing]
        kept = before.without([waited_for] if waited_for is not None and waited_for not in uids else [])
        self._waiting = kept.failed(uids, now) if self._is_proven else kept.anew(uids, now)
        if self._waiting != before:
            batch.set(self._waiting_kept, waiting.write(self._waiting))
        for one in missing:
            if one.uid in before.failures:
                continue
            told = about(account=self._desk.name, uid=one.uid, trouble=one.trouble.kind)
            log.warning(
                "%s: uid %d is not handed out, and will be asked for again: %s",
                self._desk.name,
                one.uid,
                one.trouble,
                extra=told,
            )

    def _set_aside(self, batch: Batch, place: Place, glimpse: Glimpse, trouble: Trouble) -> None:
        now = self._clock.now()
        error = f"the server did not hand it out: {trouble}"
        arrived = _believed((glimpse.arrived,), now)
        _tell_set_aside(place, self._quarantine(batch, place, glimpse.header, arrived, now, error), error)

    # --- one message -------------------------------------------------------------------------------------------

    def _record(self, batch: Batch, place: Place, fetched: Fetched, watched_since: datetime) -> None:
        now = self._clock.now()
        is_behind = now < watched_since - WATCH_SLACK  # our clock is wrong: then the mail server's alone is believed
        arrived = arrival(fetched, datetime.max.replace(tzinfo=UTC) - ABSURD_AHEAD if is_behind else now)
        desk = self._desk
        try:
            reading = read(fetched.message, desk.policy, desk.ours, fetched.filed, arrived=arrived, judge=desk.judge)
            past = self._past(batch, place, fetched, reading, arrived, now)
            if arrived < max(watched_since - WATCH_SLACK, now - TOO_OLD):
                past = replace(past, seen_before=True)
            decision = decide(fetched.message, reading, past, desk.policy, arrived=arrived, now=now)
            returned = None if decision.seen_before else bounce.find(fetched.message)
            owed = Owed(desk, place, fetched.message, decision, now)
            message, mails, alarm = self._entry(place, fetched, decision, owed), tuple(owed.mails()), owed.alarm()
            message = replace(message, policy=self._kept_policy(batch, now))
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
        ended = batch.acknowledge(thread_ids(fetched.message), who, now)
        if ended:
            told = about(account=self._desk.name)
            log.info("%s: %d alarms are acknowledged by mail", self._desk.name, ended, extra=told)

    def _past(
        self, batch: Batch, place: Place, fetched: Fetched, reading: Reading, arrived: datetime, now: datetime
    ) -> Past:
        since = look_back(self._desk.policy, arrived, now)
        past = batch.past(place, asked_of(fetched.message, reading), since, self._desk.counted)
        past = replace(past, is_our_own=batch.sent_by_us(own_identifiers(fetched.message)))
        return replace(past, answered_at=now) if fetched.answered else past

    def _entry(self, place: Place, fetched: Fetched, decision: Decision, owed: Owed) -> NewMessage:
        reading = decision.reading
        message = fetched.message
        sender = reading.sender or (message.from_[0] if message.from_ else None)
        told = report.fields if self._desk.keeps_words else report.discreet_fields
        return NewMessage(
            place=place,
            state=MessageState.DECIDED,
            message_id=message.message_id,
            references=thread_ids(message),
            arrived_at=decision.arrived,
            sender=sender.key if sender else "",
            sender_name=sender.name if sender else "",
            subject=message.subject[:SUBJECT_KEPT],
            office=decision.office.value,
            urgency=reading.urgency.value,
            veto=reading.veto.signal.value if reading.veto else None,
            decision={
                **told(decision, self._desk.policy, source=f"{place.account}/{place.uid}"),
                "program": _program(),
            },
            own_words=reading.own.whole if self._desk.keeps_words else None,
            marks=owed.marks,
            promise_at=owed.promise_at,
            handled_how=_needs_nobody(decision),
        )

    def _kept_policy(self, batch: Batch, now: datetime) -> str | None:
        """The hash of the policy in force; None where its text is not at hand."""
        return batch.keep_policy(self._desk.policy_text, now) if self._desk.policy_text else None

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


def _over_one(uid: int, trouble: Trouble) -> Unreadable:
    """The message that it may be the fault of; raises trouble that is no message's."""
    if trouble.kind not in OVER_ONE:
        raise trouble
    return Unreadable(uid, trouble)


def _glimpse(mailbox: Mailbox, uid: int) -> Glimpse:
    try:
        return mailbox.glimpse(uid)
    except Trouble as trouble:
        if trouble.kind not in OVER_ONE:
            raise
        return Glimpse()


def _tell_set_aside(place: Place, row: int, why: str) -> None:
    told = about(account=place.account, message=row, uid=place.uid, trouble=TroubleKind.QUARANTINE)
    log.error("%s: uid %d is set aside, a person must look at it\n%s", place.account, place.uid, why, extra=told)


def arrival(fetched: Fetched, now: datetime) -> datetime:
    """INTERNALDATE; the Date header only where that is missing or absurd; else now."""
    return _believed((fetched.arrived, fetched.message.date), now)


def _believed(times: Iterable[datetime | None], now: datetime) -> datetime:
    for at in times:
        if at is not None and at.year > 1990 and at <= now + ABSURD_AHEAD:
            return at
    return now


@cache
def _program() -> str:
    return version("responder")


def _needs_nobody(decision: Decision) -> str | None:
    """Why a message is closed from the start, if it is."""
    if decision.seen_before:
        return SEEN_BEFORE
    return THANKS_ONLY if decision.reading.thanks_only else None


def look_back(policy: Policy, arrived: datetime, now: datetime) -> Since:
    """How far back it is looked for what bears on a message."""
    period = policy.calendar().closed_period(arrived)
    return Since(
        period=min(period.start.astimezone(UTC) if period else now, now - policy.limits.again_after),
        bounced=now - bounces.STOPS,
        refused=now - bounces.REFUSED,
        arrived=arrived,
        now=now,
    )


def asked_of(message: Message, reading: Reading) -> Asked:
    """Of which message it is asked what bears on it."""
    return Asked(
        sender=reading.sender.key if reading.sender else "",
        crowd=reading.crowd,
        message_id=message.message_id,
        thread=thread_ids(message),
        is_vetoed=reading.veto is not None,
    )


def thread_ids(message: Message) -> tuple[str, ...]:
    """The ids of the messages this one stands in a thread with, its own last."""
    own = (message.message_id,) if message.message_id else ()
    return tuple(dict.fromkeys((*message.references, *message.in_reply_to, *own)))


def _batches(uids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (uids[start : start + size] for start in range(0, len(uids), size))
