"""What can be told in numbers, read from the records when it is asked for: nothing is counted by the daemon itself.

Labels are names from the config and words of our own: never an address, nor anything else that a customer can choose.
docs/metrics.md lists them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from responder.ports import Clock, Measure, MeasureKind
from responder.store.counts import Counts, MessageCount
from responder.store.records import TroubleRow
from responder.store.store import Store
from responder.work.answers import LOOK_BACK
from responder.work.desk import Desk
from responder.work.heartbeat import LAST_HEARTBEAT

Samples = Iterable[tuple[tuple[str, ...], float]]
UNKNOWN = "unknown"  # office and urgency of a message that was set aside


@dataclass(frozen=True, slots=True)
class Measures:
    """Reads them from the store; `desks` are those of this moment."""

    store: Store
    clock: Clock
    started: datetime

    def read(self, desks: Sequence[Desk]) -> tuple[Measure, ...]:
        """Raises `Trouble`."""
        now = self.clock.now()
        counts = self.store.counts(now, now - LOOK_BACK)
        return (
            self._about_us(desks),
            _gauge("started_timestamp_seconds", "when the daemon was started", self.started.timestamp()),
            _paused(desks),
            self._heartbeat(),
            self._looks(desks),
            *_messages(counts.messages),
            *_mails(counts, desks, now),
            *_open(counts, desks),
            _troubles(self.store.open_troubles()),
        )

    def _about_us(self, desks: Sequence[Desk]) -> Measure:
        samples = {(version("responder"), desk.mode.value): 1 for desk in desks}
        return _gauges("info", "version and mode of the daemon; always 1", ("version", "mode"), samples.items())

    def _heartbeat(self) -> Measure:
        last = self.store.setting(LAST_HEARTBEAT)
        samples = {(): datetime.fromisoformat(last).timestamp()} if last else {}
        return _gauges("last_heartbeat_timestamp_seconds", "when the last heartbeat went out well", (), samples.items())

    def _looks(self, desks: Sequence[Desk]) -> Measure:
        positions = {desk.name: self.store.position(desk.name, desk.settings.folders.inbox) for desk in desks}
        samples = {(name,): position.checked_at.timestamp() for name, position in positions.items() if position}
        return _gauges(
            "last_look_timestamp_seconds", "when the mailbox was last looked at", ("account",), samples.items()
        )


def _paused(desks: Sequence[Desk]) -> Measure:
    samples = {(desk.name,): int(bool(desk.paused)) for desk in desks}
    return _gauges("paused", "1 while customers get nothing automatic", ("account",), samples.items())


def _messages(counts: Iterable[MessageCount]) -> Iterator[Measure]:
    came: Counter[tuple[str, ...]] = Counter()
    vetoed: Counter[tuple[str, ...]] = Counter()
    for each in counts:
        came[each.account, each.office or UNKNOWN, each.urgency or UNKNOWN] += each.number
        if each.veto is not None:
            vetoed[each.account, each.veto] += each.number
    yield _counter("messages", "messages that came and are on record", ("account", "office", "urgency"), came.items())
    yield _counter("vetoes", "those vetoed, by the sign that says so", ("account", "signal"), vetoed.items())


def _mails(counts: Counts, desks: Sequence[Desk], now: datetime) -> Iterator[Measure]:
    of_state = {(each.account, each.kind, each.state): each.number for each in counts.mails}
    due = {each.account: each.number for each in counts.due}
    age = {each.account: (now - each.oldest).total_seconds() for each in counts.due}
    yield _gauges("mails", "mails of ours on record", ("account", "kind", "state"), of_state.items())
    yield _by_account("due_mails", "mails that should have gone out by now", desks, due)
    yield _by_account("oldest_due_mail_age_seconds", "for how long the oldest of them should have", desks, age)


def _open(counts: Counts, desks: Sequence[Desk]) -> Iterator[Measure]:
    unhandled = {each.account: each.unhandled for each in counts.open}
    overdue = {each.account: each.overdue for each in counts.open}
    yield _by_account("unhandled_messages", "messages of the last 30 days nobody has dealt with", desks, unhandled)
    yield _by_account("overdue_messages", "those of them whose promised time is over", desks, overdue)


def _troubles(rows: Iterable[TroubleRow]) -> Measure:
    samples = Counter((row.account, row.kind) for row in rows)
    return _gauges(
        "open_troubles", "what is wrong now; no account: it concerns all", ("account", "kind"), samples.items()
    )


# ---------------------------------------------------------------- how they are named


def _by_account(name: str, what: str, desks: Sequence[Desk], numbers: Mapping[str, float]) -> Measure:
    """A number for each account, 0 where nothing was counted: an alert rule needs something to compare."""
    return _gauges(name, what, ("account",), (((desk.name,), numbers.get(desk.name, 0)) for desk in desks))


def _gauge(name: str, what: str, number: float) -> Measure:
    return _gauges(name, what, (), [((), number)])


def _gauges(name: str, what: str, labels: tuple[str, ...], samples: Samples) -> Measure:
    return Measure(f"responder_{name}", what, MeasureKind.GAUGE, labels, tuple(sorted(samples)))


def _counter(name: str, what: str, labels: tuple[str, ...], samples: Samples) -> Measure:
    return Measure(f"responder_{name}", what, MeasureKind.COUNTER, labels, tuple(sorted(samples)))
