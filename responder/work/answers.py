"""A person answered: cancel what is queued, stop the clock.

*Handled* means \\Answered on the message, or a person's mail to that address
or in that thread since (by our own index over Sent, leaving out everything the
outbox sent), or the message left the inbox by a person's hand.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from responder.mail.language import Language
from responder.ports import Clock, Flags, Mailbox
from responder.store.records import FolderPosition, MessageRow
from responder.store.store import Store
from responder.work.desk import Desk

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=30)  # older open messages are no longer followed
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

    def __init__(self, desk: Desk, store: Store, clock: Clock) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock

    def run(self, mailbox: Mailbox) -> int:
        """Index new mail in Sent, then settle what a person has handled; how many were."""
        self._index_sent(mailbox)
        now = self._clock.now()
        rows = self._store.unhandled(self._desk.name, now - LOOK_BACK)
        position = self._store.position(self._desk.name, self._desk.settings.folders.inbox)
        if not rows or position is None:
            return 0
        present = [row for row in rows if row.place.uidvalidity == position.uidvalidity]
        flags = mailbox.flags([row.place.uid for row in present])
        handled = 0
        for row in rows:
            how = self._how(row, flags, is_present=row in present)
            if how is not None:
                self._store.handled(row.id, HOW[self._desk.policy.language][how], now)
                log.info("%s: message %d handled: %s", self._desk.name, row.id, how)
                handled += 1
        return handled

    def _how(self, row: MessageRow, flags: dict[int, Flags], *, is_present: bool) -> Handled | None:
        found = flags.get(row.place.uid) if is_present else None
        if found is not None and found.answered:
            return Handled.ANSWERED
        thread = (row.message_id,) if row.message_id else ()
        if self._store.answered_since(row.sender, thread, row.arrived_at) is not None:
            return Handled.WROTE
        if is_present and found is None:
            return Handled.REMOVED
        return None

    def _index_sent(self, mailbox: Mailbox) -> None:
        state = mailbox.sent_state()
        if state is None:
            return
        now = self._clock.now()
        position = self._store.position(self._desk.name, SENT_FOLDER)
        if position is None or position.uidvalidity != state.uidvalidity:
            line = state.uidnext - 1 if position is None else 0  # renumbered: read again, what is known is kept
            position = FolderPosition(self._desk.name, SENT_FOLDER, state.uidvalidity, line, now, now)
            self._store.baseline(position)
        if state.uidnext - 1 <= position.last_uid:
            return
        mails = mailbox.persons_mail(position.last_uid)
        self._store.add_answers(self._desk.name, mails, _moved(position, state.uidnext - 1, now))


def _moved(position: FolderPosition, last_uid: int, at: datetime) -> FolderPosition:
    return replace(position, last_uid=last_uid, checked_at=at)
