"""The servers that all faults share, and the table of what each has cost."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

import pytest

from tests.faults.bench import NIGHT, Bench, Servers, Toll, at, servers
from tests.servers.process import require_servers, server_directory


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    fault: str
    injected: int
    lost: int | None  # None, as for the next two: there was nobody to be counted
    doubled: int | None
    uncertain: int | None
    recovered: float | None  # seconds; None: there was nothing to wait for

    @classmethod
    def of(cls, fault: str, injected: int, toll: Toll | None, recovered: float | None) -> Row:
        if toll is None:
            return cls(fault, injected, None, None, None, recovered)
        return cls(fault, injected, toll.lost, toll.doubled, toll.uncertain, recovered)

    def cells(self) -> tuple[str, ...]:
        counted = ("-" if each is None else str(each) for each in (self.lost, self.doubled, self.uncertain))
        return (str(self.injected), *counted, "-" if self.recovered is None else f"{self.recovered:.1f}")


PROPERTY = "fault"  # of a test's report, which also comes from another process
Told = Callable[..., Row]


@pytest.fixture(scope="session")
def all_servers() -> Iterator[Servers]:
    """Dovecot, the receiver and the clock."""
    with _servers() as made:
        yield made


@pytest.fixture
def world(all_servers: Servers) -> Servers:
    """The servers that all cases share. Hours of the night are left, however far others have moved the clock."""
    now = all_servers.clock.now().astimezone(at(NIGHT).tzinfo)
    if 2 <= now.hour < 22:
        all_servers.clock.set(now.replace(hour=22, minute=10))
    return all_servers


@pytest.fixture
def own_world() -> Iterator[Servers]:
    """Servers whose night may end."""
    with _servers() as made:
        yield made


@contextlib.contextmanager
def _servers() -> Iterator[Servers]:
    require_servers(as_root=True)
    with server_directory() as directory, servers(directory) as made:
        yield made


@pytest.fixture
def bench(world: Servers) -> Iterator[Bench]:
    """A daemon that watches its mailbox."""
    with world.bench() as made:
        made.start()
        yield made


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Told:
    """`told("cut in IDLE", bench, injected=3, recovered=1.2)`: a line of the table, and nobody lost or doubled."""

    def tell(
        fault: str, bench: Bench | None, *, injected: int, recovered: float | None = None, toll: Toll | None = None
    ) -> Row:
        """`toll`: where it is not the bench's replies that are counted. With neither, nobody was counted."""
        toll = toll or (bench.toll() if bench else None)
        said = bench.said()[-3000:] if bench else ""
        row = Row.of(fault, injected, toll, recovered)
        request.node.user_properties.append((PROPERTY, asdict(row)))
        assert injected > 0, f"{fault}: the fault was never caused"
        assert not row.lost, f"{fault}: {row}\n{said}"
        assert not row.doubled, f"{fault}: {row}\n{said}"
        return row

    return tell


def _rows(reports: Iterable[pytest.TestReport]) -> list[Row]:
    """In the order of the files, however many processes ran them."""
    calls = sorted((each for each in reports if each.when == "call"), key=lambda each: each.nodeid.partition("::")[0])
    return [Row(**value) for each in calls for name, value in each.user_properties if name == PROPERTY]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    stats = terminalreporter.stats
    rows = _rows(report for outcome in ("passed", "failed") for report in stats.get(outcome, ()))
    if not rows:
        return
    width = max(len(row.fault) for row in rows)
    terminalreporter.section("faults")
    write = terminalreporter.write_line

    def line(fault: str, injected: str, lost: str, doubled: str, uncertain: str, recovered: str) -> None:
        write(f"{fault:{width}}  {injected:>8}  {lost:>4}  {doubled:>7}  {uncertain:>9}  {recovered:>13}".rstrip())

    line("fault", "injected", "lost", "doubled", "uncertain", "recovered (s)")
    for row in rows:
        line(row.fault, *row.cells())
    names = ("injected", "lost", "doubled", "uncertain")
    injected, lost, doubled, uncertain = (str(sum(getattr(row, name) or 0 for row in rows)) for name in names)
    line(f"{len(rows)} faults", injected, lost, doubled, uncertain, "")
    write("recovered: by this machine's clock; where mails are put off, the office's is moved on meanwhile")
    ended = {name: len(stats.get(name, ())) for name in ("failed", "error", "skipped")}
    write(f"{ended['failed'] + ended['error']} tests failed, {ended['skipped']} skipped")
