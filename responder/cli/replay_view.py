"""A replay as a manager reads it: figures, what would have been sent, and the differences between two policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

import click
from rich.cells import set_cell_size

from responder.cli import marked
from responder.cli import replay_words as words
from responder.mail.echo import clipped
from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.decide import ActionKind
from responder.policy.model import Office
from responder.replay.cause_words import HELD, cause_said
from responder.replay.differences import Cause, Difference, Effect, Group, outcome, seen, urgency
from responder.replay.entry import Deed, Entry
from responder.replay.figures import Figures

BARS = " ▁▂▃▄▅▆▇█"
WIDE = 36  # columns of the longest bar
SUBJECT = 44  # columns of a subject at most
SHORTEST = 16  # … at least, and of a line beside its sign
BUSIEST = 5
Counted = TypeVar("Counted")
INDENT = "  "


def number(value: int, language: Language) -> str:
    """`20,000`; in Vietnamese `20.000`."""
    text = f"{value:,}"
    return text.replace(",", ".") if language is Language.VI else text


# ---------------------------------------------------------------- figures


def figures(found: Figures, language: Language) -> Iterator[str]:
    """All that was counted."""
    labels = words.LABELS[language]
    if found.first is None or found.last is None:
        yield labels["nothing"]
        return
    yield from period(found)
    yield ""
    yield from _aligned(_came(found, language), language)
    yield from _section(labels["would"], _aligned(_done(found, language), language))
    held = [(1, HELD[language][reason], count) for reason, count in _most(found.held_back)]
    yield from _section(labels["held"], _aligned(held, language))
    yield from _section(labels["hours"], _hours(found.hours))
    yield from _section(labels["weekdays"], _weekdays(found.weekdays, language))
    busiest = [(1, who or labels["no_sender"], count) for who, count in found.senders.most_common(BUSIEST)]
    yield from _section(labels["busiest"], _aligned(busiest, language))


def period(found: Figures) -> Iterator[str]:
    """From the first mail to the last."""
    if found.first is not None and found.last is not None:
        yield f"{INDENT}{found.first:%d/%m/%Y %H:%M} – {found.last:%d/%m/%Y %H:%M}"


def _came(found: Figures, language: Language) -> Iterator[tuple[int, str, int]]:
    labels = words.LABELS[language]
    yield 0, labels["mails"], found.mails
    yield 1, labels["machines"], found.vetoes.total()
    yield 1, labels["people"], found.by_people
    yield 2, labels["closed"], found.offices[Office.CLOSED]
    for each in ("emergency", "urgent", "normal"):
        yield 2, phrases.URGENCY[language][each], found.urgencies[each]
    if found.answers:
        yield 0, labels["answers"], found.answers
    if found.broken:
        yield 0, labels["broken"], found.broken


def _done(found: Figures, language: Language) -> Iterator[tuple[int, str, int]]:
    for kind in (ActionKind.REPLY, ActionKind.FOLLOW_UP, ActionKind.ALERT):
        yield 1, words.LABELS[language][kind.value], found.done(kind)
        of_kind = [(what, count) for (each, what), count in _most(found.deeds) if each is kind]
        yield from ((2, what, count) for what, count in of_kind if len(of_kind) > 1 or kind is not ActionKind.FOLLOW_UP)


def _most(counted: Counter[Counted]) -> list[tuple[Counted, int]]:
    """The most first; of as many, always in the same order."""
    return sorted(counted.items(), key=lambda each: (-each[1], str(each[0])))


def _aligned(
    rows: Sequence[tuple[int, str, int]] | Iterator[tuple[int, str, int]], language: Language
) -> Iterator[str]:
    """Labels to the left, numbers below each other."""
    made = [(INDENT * (depth + 1) + label, number(count, language)) for depth, label, count in rows]
    left = max((len(label) for label, _ in made), default=0)
    right = max((len(count) for _, count in made), default=0)
    yield from (f"{label:<{left}}  {count:>{right}}" for label, count in made)


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    """Nothing at all where there are no lines."""
    body = list(lines)
    if body:
        yield ""
        yield INDENT + click.style(title, bold=True)
        yield from body


def _hours(counted: Mapping[int, int]) -> Iterator[str]:
    most = max(counted.values(), default=0)
    if most:
        columns = "".join(BARS[-(-counted.get(hour, 0) * (len(BARS) - 1) // most)] * 2 for hour in range(24))
        yield f"{INDENT * 2}{columns}"
        yield f"{INDENT * 2}{''.join(f'{hour:<12}' for hour in (0, 6, 12, 18))}24"


def _weekdays(counted: Mapping[int, int], language: Language) -> Iterator[str]:
    most = max(counted.values(), default=0)
    for day, name in enumerate(words.WEEKDAYS[language]) if most else ():
        count = counted.get(day, 0)
        bar = "█" * (-(-count * WIDE // most)) + (" " if count else "")
        yield f"{INDENT * 2}{name:<10}{bar}{number(count, language)}"


# ---------------------------------------------------------------- what would have been sent


@dataclass
class Listed:
    """The first so many mails that somebody would have got something for; `limit` 0: all of them."""

    limit: int
    language: Language
    width: int
    rows: list[str] = field(default_factory=list)
    mails: int = 0

    def add(self, entry: Entry) -> None:
        if not entry.told:
            return
        self.mails += 1
        if self.limit and self.mails > self.limit:
            return
        told = "; ".join(_deed(deed, self.language) for deed in entry.told)
        self.rows += [head(entry, self.language, self.width), *_hanging(f"{INDENT * 2}→ ", told, self.width)]

    def lines(self) -> Iterator[str]:
        labels = words.LABELS[self.language]
        yield ""
        yield click.style(labels["list"], bold=True)
        yield from self.rows
        if self.limit and self.mails > self.limit:
            yield INDENT + labels["more"].format(number=number(self.mails - self.limit, self.language))


def head(entry: Entry, language: Language, width: int) -> str:
    """`21/11/2026 22:10  lan@khach.example  Hỏi hàng`; of the subject what fits."""
    labels = words.LABELS[language]
    before = f"{INDENT}{entry.arrived:%d/%m/%Y %H:%M}  {entry.who or labels['no_sender']}  "
    room = min(SUBJECT, width - marked.columns(before))
    return before + _fitting(entry.subject or labels["no_subject"], max(room, SHORTEST))


def _fitting(text: str, columns: int) -> str:
    """As much of it as so many columns take."""
    return text if marked.columns(text) <= columns else clipped(text, len(set_cell_size(text, columns).rstrip()))


def _deed(deed: Deed, language: Language) -> str:
    what = words.LABELS[language][deed.kind.value]
    if deed.kind is ActionKind.MARK and deed.template:
        return f"{what}: {phrases.mark(deed.template, language)}"
    detail = deed.to if deed.kind is ActionKind.ALERT else deed.template
    return f"{what}: {detail}" if detail else what


def _hanging(sign: str, text: str, width: int) -> Iterator[str]:
    """In lines of that width, all as far from the left as the first."""
    for at, line in enumerate(marked.fold(text, max(width - len(sign), SHORTEST))):
        yield f"{' ' * len(sign) if at else sign}{line}"


# ---------------------------------------------------------------- two policies


@dataclass
class _Alike:
    """Differences that stand under one heading."""

    group: Group  # the first of them
    mails: int = 0
    whats: set[tuple[str, ...]] = field(default_factory=set)
    rows: list[str] = field(default_factory=list)


@dataclass
class Differences:
    """Differences as they are found, alike ones together; of each kind the first so many, `limit` 0: all."""

    limit: int
    language: Language
    width: int
    found: dict[Group, _Alike] = field(default_factory=dict)

    def add(self, found: Difference) -> None:
        alike = self.found.setdefault(_on_any_day(found.group), _Alike(found.group))
        alike.mails += 1
        alike.whats.add(found.group.what)
        if not self.limit or alike.mails <= self.limit:
            alike.rows += _both(found, self.language, self.width)

    def lines(self, total: int) -> Iterator[str]:
        labels = words.LABELS[self.language]
        differing = number(sum(alike.mails for alike in self.found.values()), self.language)
        yield labels["differ" if self.found else "same"].format(number=differing, total=number(total, self.language))
        for alike in sorted(self.found.values(), key=lambda each: (-each.mails, str(each.group))):
            yield ""
            heading = said_of(alike.group, alike.mails, self.language, days=len(alike.whats))
            yield from (click.style(line, bold=True) for line in _hanging("", heading, self.width))
            yield from alike.rows
            hidden = alike.mails - self.limit if self.limit else 0
            if hidden > 0:
                yield INDENT + labels["more_alike"].format(number=number(hidden, self.language))


def _on_any_day(group: Group) -> Group:
    """Other hours change every week of the year: that is one difference, not fifty."""
    match group.cause, group.what:
        case ((Cause.OPEN_NOW | Cause.CLOSED_NOW), (day, why)):
            return replace(group, what=(str(date.fromisoformat(day).weekday()), why))
        case Cause.OPENS_AT, (opening,) if opening:
            at = datetime.fromisoformat(opening)
            return replace(group, what=(str(at.weekday()), f"{at:%H:%M}"))
    return group


def said_of(group: Group, count: int, language: Language, *, days: int = 1) -> str:
    """`word “gấp” added to urgent: 14 become urgent`; `days`: on how many of them, of that weekday."""
    effect = words.EFFECTS[language][group.effect].format(number=number(count, language), to=_to(group, language))
    return f"{phrases.capital(cause_said(group, language, days=days))}: {effect}"


def _to(group: Group, language: Language) -> str:
    match group.effect:
        case Effect.URGENCY:
            return phrases.URGENCY[language].get(group.to, group.to)
        case Effect.MARK_ADDED | Effect.MARK_GONE:
            return phrases.mark(group.to, language)
    return group.to


def _both(found: Difference, language: Language, width: int) -> Iterator[str]:
    """The mail, and what would become of it; without what would be the same."""
    labels = words.LABELS[language]
    yield head(found.after, language, width)
    wide = max(len(labels["before"]), len(labels["after"]))
    for label, entry, other in (("before", found.before, found.after), ("after", found.after, found.before)):
        told = "; ".join(_own(entry, other, language))
        told = told or labels["not_that" if entry.told else "none"]
        yield from _hanging(f"{INDENT * 2}{labels[label]:<{wide}}  ", told, width)
    for reason in found.after.reasons:
        if reason not in found.before.reasons:
            yield from _hanging(f"{INDENT * 2}• ", reason, width)


def _own(entry: Entry, other: Entry, language: Language) -> Iterator[str]:
    """What it has and the other has not."""
    if urgency(entry) != urgency(other):
        yield phrases.URGENCY[language].get(entry.urgency, entry.urgency)
    theirs = set(map(outcome, seen(other)))
    others = {(kind, template, to) for kind, template, to, _ in theirs}
    for deed in seen(entry):
        kind, template, to, due = outcome(deed)
        if (kind, template, to, due) not in theirs:
            is_moved = (kind, template, to) in others and deed.is_told
            yield _deed(deed, language) + (f", {phrases.moment(deed.due, language)}" if is_moved else "")
