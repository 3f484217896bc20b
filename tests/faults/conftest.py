"""The servers that all faults share, and the table of what each has cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.faults.bench import Bench, Servers, Toll, servers
from tests.servers.process import require_servers, server_directory


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    fault: str
    injected: int
    lost: int
    doubled: int
    uncertain: int
    recovered: float | None  # seconds; None: there was nothing to wait for


ROWS = pytest.StashKey[list[Row]]()
Told = Callable[..., Row]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []


@pytest.fixture(scope="session")
def world() -> Iterator[Servers]:
    """Dovecot, the receiver and the clock; it is night."""
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
        """`toll`: where it is not the bench's replies that are counted."""
        toll = toll or (bench.toll() if bench else Toll(0, 0, 0))
        said = bench.said()[-3000:] if bench else ""
        row = Row(fault, injected, toll.lost, toll.doubled, toll.uncertain, recovered)
        request.config.stash[ROWS].append(row)
        assert injected > 0, f"{fault}: the fault was never caused"
        assert (row.lost, row.doubled) == (0, 0), f"{fault}: {row}\n{said}"
        return row

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash[ROWS]
    if not rows:
        return
    width = max(len(row.fault) for row in rows)
    terminalreporter.section("faults")
    write = terminalreporter.write_line
    write(f"{'fault':{width}}  injected  lost  doubled  uncertain  recovered (s)")
    for row in rows:
        recovered = "-" if row.recovered is None else f"{row.recovered:.1f}"
        write(
            f"{row.fault:{width}}  {row.injected:8}  {row.lost:4}  {row.doubled:7}  {row.uncertain:9}  {recovered:>13}"
        )
    total = (sum(getattr(row, name) for row in rows) for name in ("injected", "lost", "doubled", "uncertain"))
    injected, lost, doubled, uncertain = total
    write(f"{f'{len(rows)} faults':{width}}  {injected:8}  {lost:4}  {doubled:7}  {uncertain:9}")
