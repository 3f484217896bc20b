"""A person answered: cancel what is queued, stop the clock.

*Handled* means \\Answered on the message, or a person's mail to that address
or in that thread since (by our own index over Sent, leaving out everything the
outbox sent), or the message left the inbox by a person's hand. One that the
policy had us move is looked for in its folder; moved on from there, it is open
until a person writes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from responder.about import about
from responder.mail.addresses import Address
from responder.mail.language import Language
from responder.mail.ours import is_ours
from responder.ports import Clock, Mailbox, PersonsMail
from responder.store.records import FolderPosition, Unsettled
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.marks import moved_to
from responder.work.observing import Look, Observing
from responder.work.steps import GoesOn, always

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=30)  # older open messages are no longer followed
PORTION = 5000  # messages that are held in memory, and asked for, at once
SENT_PORTION = 2000  # UIDs of Sent that are read, and noted, at once
SENT_PORTIONS = 5  # of one round: after that only new mail has its turn, and drafts wait
SENT_FOLDER = "\\Sent"  # the name of the Sent folder's position on record, whatever the server calls it


class Handled(StrEnum):
    """How a person dealt with a message."""

    ANSWERED = "answered"
    WROTE = "wrote"
    REMOVED = "removed"


HOW = {
    Language.VI: {
        Handled.ANSWERED: "đã có người trả lời",
        Handled.WROTE: "đã có người viết thư cho người gửi",
        Handled.REMOVED: "đã có người chuyển thư khỏi hộp thư đến",
    },
    Language.EN: {
        Handled.ANSWERED: "a person has answered it",
        Handled.WROTE: "a person has written to the sender",
        Handled.REMOVED: "a person has taken it out of the inbox",
    },
}


class Answers:
    """Looks for what people have done about open messages of one account."""

    def __init__(self, desk: Desk, store: Store, clock: Clock, goes_on: GoesOn = always) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._goes_on = goes_on
        self._observing = Observing(desk, store, clock)
        self.has_more = False  # after `index_sent`: Sent is not read to its end

    def settle(self, mailbox: Mailbox) -> int:
        """Settle the open messages that a person has handled; how many were."""
        position = self._store.position(self._desk.name, self._desk.settings.folders.inbox)
        if position is None:
            return 0
        return sum(self._settle(mailbox, rows, position.uidvalidity) for rows in self._open() if self._goes_on())

    def _open(self) -> Iterator[Sequence[Unsettled]]:
        """What may have been handled, in portions: after a flood it is tens of thousands."""
        since, last = self._clock.now() - LOOK_BACK, 0
        while rows := self._store.unsettled(self._desk.name, since, last, PORTION):
            yield rows
            last = rows[-1].id

    def _settle(self, mailbox: Mailbox, rows: Sequence[Unsettled], uidvalidity: int) -> int:
        here = {row.uid for row in rows if row.uidvalidity == uidvalidity}
        flags = mailbox.flags(sorted(here))
        elsewhere = _answered_where_moved(mailbox, rows)
        answers = self._store.answers_to(key for row in rows for key in _keys(row))
        handled: dict[Handled, list[Unsettled]] = {}
        looks: list[Look] = []
        for row in rows:
            seen = flags.get(row.uid) if row.uidvalidity == uidvalidity else None
            is_gone = row.uid in here and seen is None and moved_to(row.marks) is None
            is_answered = (seen is not None and seen.answered) or row.message_id in elsewhere
            how = _how(row, answers, is_answered=is_answered, is_gone=is_gone)
            looks.append(Look(row, seen, is_handled=how is not None, is_gone=how is Handled.REMOVED))
            if how is not None:
                handled.setdefault(how, []).append(row)
        self._observing.note(mailbox, looks)  # before they are handled, and no longer looked at
        for how, those in handled.items():
            self._note(those, how)
        return sum(map(len, handled.values()))

    def _note(self, rows: Sequence[Unsettled], how: Handled) -> None:
        name = self._desk.name
        self._store.handled([row.id for row in rows], HOW[self._desk.policy.language][how], self._clock.now())
        for row in rows:
            told = about(account=name, message=row.id, uid=row.uid)
            log.info("%s: message %d handled: %s", name, row.id, how, extra=told)

    def index_sent(self, mailbox: Mailbox) -> None:
        """Note what people of ours have written since the last look, some portions of it.

        Before triage: who was answered needs no reply.
        """
        state = mailbox.sent_state()
        if state is None:
            return
        now = self._clock.now()
        position = self._store.position(self._desk.name, SENT_FOLDER)
        if position is None or position.uidvalidity != state.uidvalidity:
            line = state.uidnext - 1 if position is None else 0  # renumbered: read again, what is known is kept
            position = FolderPosition(self._desk.name, SENT_FOLDER, state.uidvalidity, line, now, now)
            self._store.baseline(position)
        portions = tuple(_portions(position.last_uid, state.uidnext - 1))
        self.has_more = len(portions) > SENT_PORTIONS
        for last_uid in portions[:SENT_PORTIONS]:
            if not self._goes_on():
                self.has_more = True
                return
            found = mailbox.persons_mail(position.last_uid, last_uid)
            mails = [mail for mail in found if self._leaves_the_office(mail)]
            position = replace(position, last_uid=last_uid, checked_at=now)
            self._store.add_answers(self._desk.name, mails, position)

    def _leaves_the_office(self, mail: PersonsMail) -> bool:
        """A mail forwarded to a colleague is no answer to the customer."""
        return any(not is_ours(Address("", recipient), self._desk.ours) for recipient in mail.recipients)


def _keys(row: Unsettled) -> tuple[str, ...]:
    thread = (f"id:{row.message_id}",) if row.message_id else ()
    return (f"to:{row.sender}", *thread)


def _answered_where_moved(mailbox: Mailbox, rows: Iterable[Unsettled]) -> frozenset[str]:
    """Their Message-IDs; each folder is looked into once, as far back as the oldest of these open messages."""
    oldest: dict[str, datetime] = {}
    for row in rows:
        folder = moved_to(row.marks)
        if folder is not None:
            oldest[folder] = min(row.arrived_at, oldest.get(folder, row.arrived_at))
    return frozenset().union(*(mailbox.answered_in(folder, since) for folder, since in oldest.items()))


def _how(row: Unsettled, answers: Mapping[str, datetime], *, is_answered: bool, is_gone: bool) -> Handled | None:
    if is_answered:
        return Handled.ANSWERED
    if any(answers[key] >= row.arrived_at for key in _keys(row) if key in answers):
        return Handled.WROTE
    return Handled.REMOVED if is_gone else None


def _portions(after: int, last: int) -> Iterator[int]:
    """The last UID of each."""
    while after < last:
        after = min(after + SENT_PORTION, last)
        yield after
