"""What is owed on the next workday: worded when the office opens, then a draft or a mail.

Runs in the mailbox's thread, after `answers` has cancelled what a person has
dealt with: a follow-up leaves only when the mailbox could be asked.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from responder.about import about
from responder.config import Account
from responder.errors import Trouble, TroubleKind
from responder.mail import compose
from responder.mail.addresses import Address
from responder.mail.compose import Outgoing, Thread
from responder.mail.language import Language
from responder.policy import wording
from responder.policy.model import Policy
from responder.policy.wording import WordingError
from responder.ports import Clock, Mailbox, Special
from responder.store.records import MessageRow, OutboxRow, OutboxState, Transport, WaitingRow
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.steps import GoesOn, Hook, Step, always, no_hook

log = logging.getLogger(__name__)

PORTION = 100  # follow-ups of one round: then new mail has its turn
DOUBT_PORTION = 1000  # drafts in doubt
TRIES = 3  # how often a draft may be refused before it is given up
GIVE_UP = timedelta(days=3)  # … and for how long after its time

ONE_PER_SENDER = {
    Language.VI: "gộp vào một thư trả lời cho cùng người gửi",
    Language.EN: "one follow-up answers all of this sender's mails",
}


class FollowUps:
    """Releases the follow-ups of one account when their time has come."""

    def __init__(self, desk: Desk, store: Store, clock: Clock, hook: Hook = no_hook, goes_on: GoesOn = always) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._hook = hook
        self._goes_on = goes_on
        self._is_in_doubt = False  # after `finish_drafts`: there are more
        self._is_due = False  # after a run: more is due than was released

    @property
    def has_more(self) -> bool:
        return self._is_in_doubt or self._is_due

    def run(self, mailbox: Mailbox) -> int:
        """Release what is due, a portion of it; the number of drafts filed and mails made ready."""
        now = self._clock.now()
        if self._is_in_doubt or not self._desk.policy.calendar().is_open(now):
            return 0  # one in doubt may go together with one that is due; and the text says that somebody is at work
        due = [row for row in self._store.waiting(self._desk.name, now) if self._may_release(row)]
        chosen = self._one_each(due, now)
        released, refused = 0, list[Trouble]()
        for row, message in self._store.follow_ups([each.id for each in chosen[:PORTION]]):
            if not self._goes_on():
                break
            if self._had_one(row, now):
                continue
            try:
                self._release(mailbox, row, message, now)
            except WordingError as error:  # a text the policy no longer has: told, and the others go on
                self._store.settle(row.id, OutboxState.FAILED, self._clock.now(), reason=str(error))
            except Trouble as trouble:
                if trouble.kind is not TroubleKind.SERVER:
                    raise
                refused.append(trouble)
                self._note_refused(row, trouble)
            released += 1
        self._is_due = len(chosen) > PORTION > len(refused)
        if refused:
            raise refused[0]
        return released

    def _note_refused(self, row: OutboxRow, trouble: Trouble) -> None:
        """In doubt, and so tried again; after days it is left to the person who reads of it in the digest.

        A portion may take minutes, and a digest come meanwhile: as of when the portion began, none would tell of it.
        """
        attempts, now = row.attempts + 1, self._clock.now()
        is_over = attempts > TRIES and now - row.due_at > GIVE_UP
        state = OutboxState.FAILED if is_over else OutboxState.SENDING
        self._store.settle(row.id, state, now, attempts=attempts, reason=str(trouble))

    def _may_release(self, row: WaitingRow) -> bool:
        """Observe mode and a pause hold back also what was queued before them."""
        is_draft = row.transport is Transport.DRAFT
        return self._desk.follows_up if is_draft else self._desk.writes_to_customers

    def _had_one(self, row: OutboxRow, now: datetime) -> bool:
        """One follow-up a day for one person, whichever of our mailboxes they wrote to."""
        midnight = self._desk.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        had = row.transport is Transport.SMTP and self._store.follow_up_since(row.recipient, midnight)
        if had:
            self._store.cancel(row.id, ONE_PER_SENDER[self._desk.policy.language], now)
        return had

    def _one_each(self, due: Sequence[WaitingRow], now: datetime) -> Sequence[WaitingRow]:
        """One mail per sender, one draft per sender and thread: the newest message is answered, for all of them."""
        newest = {_group(row): row for row in due}  # the oldest come first
        earlier = [row.id for row in due if newest[_group(row)] is not row]
        if earlier:
            self._store.join(earlier, ONE_PER_SENDER[self._desk.policy.language], now)
        return sorted(newest.values(), key=lambda row: row.id)

    def _release(self, mailbox: Mailbox, row: OutboxRow, message: MessageRow, now: datetime) -> None:
        content, text = worded(self._desk.policy, self._desk.settings, row, message, now)
        is_draft = row.transport is Transport.DRAFT
        state = OutboxState.SENDING if is_draft else OutboxState.DUE
        if not self._store.word(row.id, content, text, state, now, not_after=self._end_of_day(now)):
            return
        self._hook(Step.WORDED)
        if is_draft:
            self._file(mailbox, row, content)

    def _end_of_day(self, now: datetime) -> datetime | None:
        """Worded for today ("last night"); tomorrow it would not be true."""
        calendar = self._desk.policy.calendar()
        return calendar.end_of_workday(now.astimezone(calendar.zone).date())

    def _file(self, mailbox: Mailbox, row: OutboxRow, content: bytes) -> None:
        now = self._clock.now()
        mailbox.append(Special.DRAFTS, content, now)
        self._hook(Step.DRAFTED)
        self._store.settle(row.id, OutboxState.DRAFTED, now)
        self._hook(Step.DRAFT_SETTLED)
        told = about(account=self._desk.name, message=row.message, mail=row.id, kind=row.kind)
        log.info("%s: draft %d is ready", self._desk.name, row.id, extra=told)

    def finish_drafts(self, mailbox: Mailbox) -> None:
        """Drafts in doubt after a stop, a portion of them: one that is nowhere to be found waits again, for its day."""
        rows = self._store.unfinished_drafts(self._desk.name, DOUBT_PORTION)
        found = self._found(mailbox, rows)
        self._is_in_doubt = len(rows) == DOUBT_PORTION
        for row in rows:
            if not self._goes_on():
                self._is_in_doubt = True
                return
            if row.message_id in found:
                self._store.settle(row.id, OutboxState.DRAFTED, self._clock.now())
            else:
                self._store.unword(row.id, self._clock.now())

    @staticmethod
    def _found(mailbox: Mailbox, rows: Sequence[OutboxRow]) -> frozenset[str]:
        """The Message-IDs of those that lie in Drafts, or that a person has sent from there."""
        if not rows:
            return frozenset()
        ids, since = frozenset(row.message_id for row in rows), min(row.created_at for row in rows)
        laid = mailbox.held(Special.DRAFTS, ids, since)
        return laid | mailbox.held(Special.SENT, ids - laid, since)


def worded(policy: Policy, settings: Account, row: OutboxRow, message: MessageRow, now: datetime) -> tuple[bytes, str]:
    """The whole mail and its text, as of `now`. Raises `WordingError`."""
    language, sender = Language(row.language), Address(settings.name, settings.address)
    text = wording.text(
        policy,
        row.template,
        language,
        office_name=settings.name,
        subject=message.subject,
        arrived=message.arrived_at,
        now=now,
        is_signed=True,
    )
    recipient, at = Address(message.sender_name, row.recipient), now.astimezone(policy.calendar().zone)
    references = tuple(reference for reference in message.references if reference != message.message_id)
    thread = Thread(message.message_id, references, message.subject)
    write = compose.draft if row.transport is Transport.DRAFT else compose.follow_up
    return write(Outgoing(sender, recipient, row.message_id, at), thread, text, language), text


def _group(row: WaitingRow) -> tuple[str, str, str]:
    return row.transport, row.recipient, row.thread if row.transport is Transport.DRAFT else ""
