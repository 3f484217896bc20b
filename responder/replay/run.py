"""Virtual time: mails in the order in which they came, each decided at its own arrival with the past it would have had.

The way of a message is the daemon's (`policy.decide`); only what is remembered lies in memory. With two policies, each
has a past of its own. Knows no file: what was decided before comes in as steps, what is decided goes out as steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from responder.about import place_of
from responder.errors import Trouble
from responder.policy.decide import Decision, decide, read
from responder.policy.meaning import Judging
from responder.ports import PersonsMail
from responder.replay import entry as entries
from responder.replay.entry import Entry
from responder.replay.past import Remembered
from responder.replay.seats import Seat, Seats
from responder.replay.source import Item, Read, Source
from responder.work.triage import KNOWN_SINCE, asked_of, look_back

WARM_UP = timedelta(days=14)  # before the first mail that is told: what came then may bear on that one


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one item: an entry for each policy; or a person wrote; or it could not be read.

    `decisions` are there only when it was decided just now.
    """

    item: Item
    entries: tuple[Entry, ...] = ()
    account: str = ""
    wrote: PersonsMail | None = None
    trouble: str = ""
    decisions: tuple[tuple[Decision, Seat] | None, ...] = ()


class Office:
    """An office under one policy, as its daemon would see it."""

    def __init__(self, seats: Seats, judge: Judging | None, known: Iterable[str]) -> None:
        self.seats = seats
        self._judge = judge
        self._past = Remembered(seats, known)

    def decide(self, item: Item, mail: Read) -> tuple[Entry, tuple[Decision, Seat] | None]:
        """Decide one mail; nothing is remembered yet."""
        message, seat, at = mail.message, self.seats.of(mail.message), item.at
        self._past.pass_time(at)
        try:
            reading = read(
                message, seat.policy, seat.ours, mail.filed, arrived=at, judge=self._judge, said=mail.said
            )  # fmt: skip
            past = self._past.past(seat.account, asked_of(message, reading), look_back(seat.policy, at, at))
            decision = decide(message, reading, past, seat.policy, arrived=at, now=at)
            return entries.of_decision(item.name, seat, message, decision), (decision, seat)
        except Exception as error:  # noqa: BLE001 - the boundary, as in triage: one mail never stops the rest
            return entries.of_failure(item.name, seat, message, at, place_of(error)), None

    def take(self, entry: Entry) -> None:
        self._past.take(entry)

    def take_answer(self, account: str, mail: PersonsMail) -> None:
        self._past.take_answer(account, mail)


def known_before(items: Iterable[Item], start: datetime) -> frozenset[str]:
    """Who had written, or been written to, in the year before: what the daemon learns at first contact."""
    before = (item for item in items if start - KNOWN_SINCE <= item.at < start)
    return frozenset(key for item in before for key in (item.recipients if item.is_sent else item.writers))


def again(steps: Iterable[Step], offices: Sequence[Office]) -> Iterator[Step]:
    """Take what was decided before."""
    for step in steps:
        _take(step, offices)
        yield step


def steps(
    source: Source, items: Sequence[Item], offices: Sequence[Office], goes_on: Callable[[], bool]
) -> Iterator[Step]:
    """Decide these mails, which are in order, until all are or somebody has enough."""
    for item, found in zip(items, source.messages(items), strict=False):
        step = _step(item, found, offices)
        _take(step, offices)
        yield step
        if not goes_on():
            return


def _step(item: Item, found: Read | PersonsMail | Trouble, offices: Sequence[Office]) -> Step:
    if isinstance(found, Trouble):
        return Step(item, trouble=str(found))
    seats = offices[0].seats
    if isinstance(found, PersonsMail):
        return Step(item, account=seats.first.account, wrote=found)
    writes = seats.writes(item.writers, item.recipients)
    if item.is_sent or writes is not None:
        wrote = PersonsMail.of(found.message, item.at, item.name)
        return Step(item, account=(writes or seats.first).account, wrote=wrote)
    decided = [office.decide(item, found) for office in offices]
    return Step(item, tuple(entry for entry, _ in decided), decisions=tuple(decision for _, decision in decided))


def _take(step: Step, offices: Sequence[Office]) -> None:
    for office, entry in zip(offices, step.entries, strict=False):
        office.take(entry)
    if step.wrote is not None:
        for office in offices:
            office.take_answer(step.account, step.wrote)
