"""How far a replay has come, on a terminal; nothing at all in a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # it takes its time
    from rich.progress import Progress as Bar
    from rich.progress import Task


class Progress(Protocol):
    def found(self, number: int) -> None:
        """So many mails have been found up to now."""
        ...

    def begin(self, total: int, done: int) -> None: ...

    def advance(self) -> None: ...


class _Silent:
    def found(self, number: int) -> None: ...

    def begin(self, total: int, done: int) -> None: ...

    def advance(self) -> None: ...


class _Shown:
    """A bar with the rate and the time that is left."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("looking for mail", total=None)

    def found(self, number: int) -> None:
        self._bar.update(self._task, completed=number)

    def begin(self, total: int, done: int) -> None:
        self._bar.remove_task(self._task)
        self._task = self._bar.add_task("deciding", total=total, completed=done)

    def advance(self) -> None:
        self._bar.advance(self._task)


@contextmanager
def progress() -> Iterator[Progress]:
    """Gone again when the figures are printed."""
    terminal = sys.__stderr__  # past the gate of `screen.py`, which lets no cursor move; here stand numbers alone
    if terminal is None or not terminal.isatty() or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{60 * speed:,.0f} a minute" if speed else "")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=terminal), transient=True, expand=True) as bar:
        yield _Shown(bar)
