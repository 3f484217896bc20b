"""What is on record as owed to be marked → marked on the server.

A mark that this mailbox cannot have is told once, as soon as the policy asks for it; the others are set all the same.
Afterwards a message's marks on record are those it has. Re-doing it is harmless: a message that has gone was moved.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from responder.about import about
from responder.errors import Trouble, TroubleKind
from responder.policy.model import Mark, MarkKind
from responder.ports import Clock, Mailbox
from responder.store.records import MessageRow
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.steps import Hook, Step, no_hook

log = logging.getLogger(__name__)

PORTION = 1000  # messages of one round: more than a round records


def moved_to(marks: Iterable[str]) -> str | None:
    """The folder where a message is (or is about to be) by these marks of ours; None while it lies in the inbox."""
    parsed = (Mark.parse(text) for text in marks)
    return next((mark.name for mark in parsed if mark.kind is MarkKind.FOLDER), None)


class Marks:
    """Marks the messages of one account."""

    def __init__(self, desk: Desk, store: Store, clock: Clock, hook: Hook = no_hook) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._hook = hook

    def run(self, mailbox: Mailbox) -> None:
        """Carry out the marks on record, a portion of them; those of a renumbered mailbox can no longer be found."""
        rows = self._store.unmarked(self._desk.name, PORTION)
        owed = _by_mark(self._at_hand(rows))
        refused = mailbox.refused(tuple(dict.fromkeys((*self._desk.policy.marks(), *owed))))
        self._tell(refused.values())
        if not rows:
            return
        possible = {mark: uids for mark, uids in owed.items() if mark not in refused}
        for mark in sorted(possible, key=_folders_last):
            mailbox.mark(possible[mark], mark)
        self._hook(Step.FLAGGED)
        self._store.marked({row.id: _set(row, possible) for row in rows}, self._clock.now())
        self._hook(Step.MARKED)

    def _at_hand(self, rows: Sequence[MessageRow]) -> list[MessageRow]:
        position = self._store.position(self._desk.name, self._desk.settings.folders.inbox)
        return [row for row in rows if position is not None and row.place.uidvalidity == position.uidvalidity]

    def _tell(self, refused: Iterable[Trouble]) -> None:
        """One trouble for all that cannot be, for as long as it is so."""
        text = "; ".join(str(trouble) for trouble in refused)
        ours = (row for row in self._store.open_troubles() if row.account == self._desk.name)
        told = next((row.text for row in ours if row.kind == TroubleKind.MARK), "")
        if text and text != told:
            self._store.note_trouble(self._desk.name, TroubleKind.MARK, text, self._clock.now())
            fields = about(account=self._desk.name, trouble=TroubleKind.MARK)
            log.warning("%s: %s", self._desk.name, text, extra=fields)
        elif told and not text:
            self._store.end_trouble(self._desk.name, (TroubleKind.MARK,), self._clock.now())


def _by_mark(rows: Iterable[MessageRow]) -> dict[Mark, list[int]]:
    owed: dict[Mark, list[int]] = {}
    for row in rows:
        for text in row.marks:
            owed.setdefault(Mark.parse(text), []).append(row.place.uid)
    return owed


def _folders_last(mark: Mark) -> bool:
    """What has been moved cannot be marked any more."""
    return mark.kind is MarkKind.FOLDER


def _set(row: MessageRow, done: Mapping[Mark, Sequence[int]]) -> tuple[str, ...]:
    return tuple(text for text in row.marks if row.place.uid in done.get(Mark.parse(text), ()))
