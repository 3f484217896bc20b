"""What staff did with open mails that the rules had judged otherwise, noted while `answers.py` looks at them.

- A flag means what the policy means by it: where no play flags, no flag is a judgement.
- Flagged: a mail that the rules held for ordinary, and left without a flag, has one.
- Unflagged: a flag of ours is gone from a mail that nobody has answered. Who has answered clears it as done.
- Moved: a mail held for ordinary, that went out of the inbox, lies in a folder where a play puts such mail. Any other
  folder, the bin and the archive say nothing, and are not looked into.

It changes no rule and is said to nobody here; `suggest.py` makes something of it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from responder.about import about
from responder.policy.meaning import Urgency
from responder.policy.model import Mark, MarkKind
from responder.ports import Clock, Flags, Mailbox
from responder.store.records import Observation, Observed, Unsettled
from responder.store.store import Store
from responder.work.desk import Desk

log = logging.getLogger(__name__)

WITHIN = timedelta(days=14)  # after its arrival; later a flag is put for other reasons
FLAG = str(Mark(MarkKind.FLAGGED))


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of an open mail: its flags while it lies in the inbox, and whether somebody has dealt with it."""

    row: Unsettled
    flags: Flags | None
    is_handled: bool
    is_gone: bool  # from the inbox, by a person's hand


class Observing:
    """Notes what the staff of one account judged otherwise."""

    def __init__(self, desk: Desk, store: Store, clock: Clock) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        marks = desk.policy.marks()
        self._means_flags = Mark(MarkKind.FLAGGED) in marks
        self._folders = tuple(mark.name for mark in marks if mark.kind is MarkKind.FOLDER)

    def note(self, mailbox: Mailbox, looks: Iterable[Look]) -> None:
        """Record what is new."""
        since = self._clock.now() - WITHIN
        recent = [look for look in looks if look.row.arrived_at >= since]
        made = [*self._by_flags(recent), *self._moved(mailbox, recent)]
        known = self._store.observed([each.message for each in made]) if made else frozenset()
        new = [each for each in made if (each.message, each.what) not in known]
        if new:
            self._store.observe(new)
        for each in new:
            told = about(account=self._desk.name, message=each.message)
            log.info("%s: message %d %s by staff", self._desk.name, each.message, each.what, extra=told)

    def _by_flags(self, looks: Iterable[Look]) -> Iterator[Observation]:
        if not self._means_flags:
            return
        for look in looks:
            what = _judged_otherwise(look)
            if what is not None:
                yield self._observation(look, what)

    def _moved(self, mailbox: Mailbox, looks: Iterable[Look]) -> Iterator[Observation]:
        gone = [look for look in looks if look.is_gone and look.row.message_id and _is_ordinary(look.row)]
        if not gone:
            return
        since = min(look.row.arrived_at for look in gone)
        for folder in self._folders:
            there = mailbox.held_in(folder, since)
            yield from (
                self._observation(look, Observed.MOVED, folder) for look in gone if look.row.message_id in there
            )

    def _observation(self, look: Look, what: Observed, folder: str = "") -> Observation:
        return Observation(look.row.id, what, self._clock.now(), look.row.urgency, folder)


def _judged_otherwise(look: Look) -> Observed | None:
    row, flags = look.row, look.flags
    if flags is None or row.marked_at is None:
        return None
    is_ours = FLAG in row.marks
    if flags.flagged and not is_ours and _is_ordinary(row):
        return Observed.FLAGGED
    return Observed.UNFLAGGED if is_ours and not flags.flagged and not look.is_handled else None


def flag_or_folder(made: Observation) -> str:
    """The mark that staff gave a mail, as one of ours would stand on record."""
    return str(Mark(MarkKind.FOLDER, made.folder)) if made.what is Observed.MOVED else FLAG


def _is_ordinary(row: Unsettled) -> bool:
    return row.urgency == Urgency.NORMAL
