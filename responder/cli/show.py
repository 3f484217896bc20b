"""How the commands print: tables, times, JSON lines, colours (only on a terminal, and not with NO_COLOR).

`rich` is imported when a table is drawn, not before. Knows no command's business.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import click

from responder.errors import Trouble, TroubleKind
from responder.mail import echo

WIDE = 10_000  # columns where nobody looks at a screen: a pipe gets every row on one line
RULE = "─" * 72


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, whole: Sequence[str] = ()) -> None:
    """A table; on a terminal it fits the screen: the cells of columns that are not `whole` are broken over lines."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    is_seen = on_screen()
    drawn = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold", show_edge=False)
    cells = list(rows)
    kept = [index for index in range(len(columns)) if any(row[index] for row in cells)]  # an empty column tells nothing
    for index in kept:
        drawn.add_column(columns[index], no_wrap=columns[index] in whole, overflow="fold")
    for row in cells:
        drawn.add_row(*(Text(row[index]) for index in kept))
    paper = io.StringIO()
    Console(file=paper, force_terminal=is_seen, width=None if is_seen else WIDE).print(drawn)
    for line in paper.getvalue().splitlines():
        click.echo(line.rstrip())


def on_screen() -> bool:
    """Whether a person looks, who wants colours and the width of the screen."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def one_json(fields: Mapping[str, Any]) -> None:
    """One JSON object on one line; what plays tricks on a screen stands as `\\u202e`, the same text to a program."""
    text = json.dumps(fields, ensure_ascii=False)
    click.echo(echo.UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text))


def moment(at: datetime | None, zone: tzinfo | None) -> str:
    """`Sat 2026-11-21 22:10` in the office's zone; `-` for never."""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" if at is not None else "-"


def short(at: datetime | None, zone: tzinfo | None) -> str:
    """As `moment`, for tables: `2026-11-21 22:10`."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at is not None else "-"


def count(number: int, what: str) -> str:
    """`1 mail`, `2 mails`"""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def size(count: int) -> str:
    """`1.4 MB`"""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"


def iso(at: datetime | None, zone: tzinfo | None) -> str | None:
    """For JSON: ISO 8601 with the office's offset."""
    return at.astimezone(zone).isoformat(timespec="seconds") if at is not None else None


def write(path: Path, text: str) -> None:
    """Into a file that the user named. Raises `Trouble`."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        remedy = "name a file that you may write to"
        raise Trouble(TroubleKind.CONFIG, str(path), f"cannot be written: {error.strerror}", remedy) from error
    click.echo(f"wrote {path}")


def note(text: str) -> None:
    """Said beside the output, on stderr."""
    click.echo(text, err=True)
