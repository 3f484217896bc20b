"""One mail's story on a terminal: in its width, in colour where there is any, plain text everywhere else."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator

import click

from responder.cli import marked
from responder.cli.show import RULE, WIDE
from responder.cli.story import Letter, Story
from responder.cli.story_sheet import CutAway, Day, Row, Sheet, Tried, sheet
from responder.policy.model import Policy

WORDS = 100  # columns of the customer's words at most: longer lines are hard to read
WITHOUT_SCREEN = 80
NARROWEST = 40
FOLDED = 2  # lines of what was cut away
LINES = 60  # of the customer's words


def tell(story: Story, policy: Policy, *, full: bool = False) -> None:
    """Print the story in the policy's language; `full`: with all that is folded else."""
    on_screen = sys.stdout.isatty()
    width = max(shutil.get_terminal_size((WITHOUT_SCREEN, 24)).columns, NARROWEST) if on_screen else WIDE
    for line in lines(story, policy, width, full=full):
        click.echo(line)


def lines(story: Story, policy: Policy, width: int, *, full: bool = False) -> Iterator[str]:
    """What is printed on a screen of that width."""
    return _Paper(width, full).lines(sheet(story, policy))


class _Paper:
    """Lines of that width; where nobody looks at a screen sentences are not broken, only the customer's words are."""

    def __init__(self, width: int, full: bool) -> None:  # noqa: FBT001 - named at its one caller
        self._width = width
        self._words = min(width, WORDS if width != WIDE else WITHOUT_SCREEN)
        self._full = full

    def lines(self, told: Sheet) -> Iterator[str]:
        labels = told.labels
        yield click.style(told.title, bold=True)
        for note in told.notes:
            yield from self._hanging("  ! ", note, fg="yellow")
        yield from self._head(told)
        yield from self._said(told)
        yield from self._cuts(told.cuts, labels["cut"])
        yield from self._list(labels["why"], told.reasons)
        yield from self._plays(told.plays, labels["plays"])
        yield from self._list(labels["limits"], told.limits)
        yield from self._list(labels["what"], told.actions)
        for title, letter in told.letters:
            yield from self._letter(title, letter, labels["text_subject"])
        yield ""

    def _head(self, told: Sheet) -> Iterator[str]:
        wide = max(marked.columns(row.label) for row in (*told.head, Row(told.labels["day"], "")))
        for row in told.head:
            yield from self._row(row, wide)
            if row.label == told.labels["received"] and told.day is not None:
                yield from self._day(told.labels["day"], told.day, wide)

    def _day(self, label: str, day: Day, wide: int) -> Iterator[str]:
        """The picture as large as there is room, and the hours beside it, else below; without room the hours alone."""
        first, rest = f"  {_padded(label, wide)}  ", " " * (wide + 4)
        room = self._width - len(rest)
        drawn = next((drawn for drawn in _pictures(day) if _columns(drawn) <= room), "")
        beside = f"{drawn}  {day.said}" if drawn else day.said
        if _columns(beside) <= room:
            yield first + beside
            return
        lines = [*([drawn] if drawn else []), *marked.fold(day.said, room)]
        yield first + lines[0]
        yield from (rest + line for line in lines[1:])

    def _row(self, row: Row, wide: int) -> Iterator[str]:
        first, rest = f"  {_padded(row.label, wide)}  ", " " * (wide + 4)
        room = self._width - len(rest)
        lines = marked.lines(row.value, row.marks, room) if row.marks else iter(marked.fold(row.value, room))
        yield first + next(lines)
        yield from (rest + line for line in lines)

    def _said(self, told: Sheet) -> Iterator[str]:
        if not told.words and not told.words_note:
            return
        yield from _title(told.labels["words"])
        if told.words_note:
            yield from (f"  │ {line}" for line in marked.fold(told.words_note, self._words - 4))
            return
        found = list(marked.lines(told.words, told.marks, self._words - 4))
        shown = found if self._full or len(found) <= LINES else found[:LINES]
        yield from (f"  │ {line}".rstrip() for line in shown)
        if len(shown) < len(found):
            yield click.style(f"  │ {told.labels['more'].format(count=len(found) - len(shown))}", dim=True)

    def _cuts(self, cuts: Iterable[CutAway], title: str) -> Iterator[str]:
        for number, cut in enumerate(cuts):
            if not number:
                yield from _title(title)
            yield click.style(f"  {cut.title}", dim=True)
            lines = cut.lines if self._full else cut.lines[:FOLDED]
            for line in lines:
                found = marked.fold(line, self._words - 4)
                yield from (
                    click.style(f"  ┊ {each}".rstrip(), dim=True) for each in found[: None if self._full else 1]
                )
            if len(lines) < len(cut.lines):
                yield click.style("  ┊ …", dim=True)

    def _plays(self, plays: Iterable[Tried], title: str) -> Iterator[str]:
        for number, play in enumerate(plays):
            if not number:
                yield from _title(title)
            sign, colour = ("✓", "green") if play.fits else ("✗", None)
            yield from self._hanging(f"  {sign} ", f"{play.name}: {play.note}", fg=colour, dim=not play.fits)

    def _list(self, title: str, items: Iterable[str]) -> Iterator[str]:
        for number, item in enumerate(items):
            if not number:
                yield from _title(title)
            yield from self._hanging("  • ", item)

    def _hanging(self, sign: str, text: str, fg: str | None = None, *, dim: bool = False) -> Iterator[str]:
        for number, line in enumerate(marked.fold(text, self._width - len(sign))):
            yield click.style(f"{sign if not number else ' ' * len(sign)}{line}", fg=fg, dim=dim or None)

    def _letter(self, title: str, letter: Letter, subject: str) -> Iterator[str]:
        rule = RULE[: self._width]
        yield ""
        for line in marked.fold(title, self._width - 2):
            yield click.style(f"  {line}", bold=True)
        for name, value in letter.headers:
            yield from self._hanging("  ", f"{name}: {value}", dim=True)
        yield rule
        yield from marked.fold(subject.format(subject=letter.subject), self._width)
        yield ""
        yield from marked.fold(letter.text, self._width)
        yield rule


def _title(title: str) -> tuple[str, str]:
    return "", click.style(f"  {title}", bold=True)


def _columns(styled: str) -> int:
    return marked.columns(click.unstyle(styled))


def _padded(label: str, wide: int) -> str:
    return label + " " * (wide - marked.columns(label))


def _pictures(day: Day) -> Iterator[str]:
    """`0h ──────█████████████────◆── 24h`: open hours filled, the arrival as a diamond; by half hours, then smaller."""
    for halves in (1, 2):
        cells = ["█" if any(day.open[at : at + halves]) else "─" for at in range(0, len(day.open), halves)]
        cells[day.arrival // halves] = click.style("◆", fg="yellow", bold=True)
        yield f"0h {''.join(cells)} 24h"
