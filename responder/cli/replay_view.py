"""A replay as a manager reads it: figures, what would have been sent, and the differences between two policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import click

from responder.cli import replay_words as words
from responder.mail.echo import clipped
from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.decide import ActionKind
from responder.policy.model import Office
from responder.replay.cause_words import HELD, cause_said
from responder.replay.differences import Difference, Effect, Group
from responder.replay.entry import Deed, Entry
from responder.replay.figures import Figures

BARS = " ▁▂▃▄▅▆▇█"
WIDE = 36  # columns of the longest bar
SUBJECT = 44
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
    yield f"{INDENT}{found.first:%d/%m/%Y %H:%M} – {found.last:%d/%m/%Y %H:%M}"
    yield ""
    yield from _aligned(_came(found, language), language)
    yield from _section(labels["would"], _aligned(_done(found, language), language))
    held = [(1, HELD[language][reason], count) for reason, count in _most(found.held_back)]
    yield from _section(labels["held"], _aligned(held, language))
    yield from _section(labels["hours"], _hours(found.hours))
    yield from _section(labels["weekdays"], _weekdays(found.weekdays, language))
    busiest = [(1, who or labels["no_sender"], count) for who, count in found.senders.most_common(BUSIEST)]
    yield from _section(labels["busiest"], _aligned(busiest, language))


def _came(found: Figures, language: Language) -> Iterator[tuple[int, str, int]]:
    labels = words.LABELS[language]
    yield 0, labels["mails"], found.mails
    yield 1, labels["machines"], found.vetoes.total()
    yield 1, labels["people"], found.by_people
    yield 2, labels["closed"], found.offices[Office.CLOSED]
    for urgency in ("emergency", "urgent", "normal"):
        yield 2, phrases.URGENCY[language][urgency], found.urgencies[urgency]
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
        bar = "█" * (-(-count * WIDE // most))
        yield f"{INDENT * 2}{name:<10}{bar} {number(count, language)}"


# ---------------------------------------------------------------- what would have been sent


@dataclass
class Listed:
    """The first so many mails that somebody would have got something for; `limit` 0: all of them."""

    limit: int
    language: Language
    rows: list[str] = field(default_factory=list)
    mails: int = 0

    def add(self, entry: Entry) -> None:
        if not entry.told:
            return
        self.mails += 1
        if self.limit and self.mails > self.limit:
            return
        self.rows += [
            f"{INDENT}{head(entry, self.language)}",
            f"{INDENT * 2}→ {'; '.join(_told(entry, self.language))}",
        ]

    def lines(self) -> Iterator[str]:
        labels = words.LABELS[self.language]
        yield ""
        yield click.style(labels["list"], bold=True)
        yield from self.rows
        if self.limit and self.mails > self.limit:
            yield INDENT + labels["more"].format(number=number(self.mails - self.limit, self.language))


def head(entry: Entry, language: Language) -> str:
    """`21/11/2026 22:10  lan@khach.example  Hỏi hàng`"""
    labels = words.LABELS[language]
    subject = clipped(entry.subject, SUBJECT) or labels["no_subject"]
    return f"{entry.arrived:%d/%m/%Y %H:%M}  {entry.who or labels['no_sender']}  {subject}"


def _told(entry: Entry, language: Language) -> list[str]:
    return [_deed(deed, language) for deed in entry.told]


def _deed(deed: Deed, language: Language) -> str:
    what = words.LABELS[language][deed.kind.value]
    detail = deed.to if deed.kind is ActionKind.ALERT else deed.template
    return f"{what}: {detail}"


# ---------------------------------------------------------------- two policies


@dataclass
class Differences:
    """Differences as they are found, alike ones together; of each kind the first so many, `limit` 0: all."""

    limit: int
    language: Language
    counts: Counter[Group] = field(default_factory=Counter)
    shown: dict[Group, list[str]] = field(default_factory=dict)

    def add(self, found: Difference) -> None:
        self.counts[found.group] += 1
        if not self.limit or self.counts[found.group] <= self.limit:
            self.shown.setdefault(found.group, []).extend(_both(found, self.language))

    def lines(self, total: int) -> Iterator[str]:
        labels = words.LABELS[self.language]
        said = "differ" if self.counts else "same"
        differing = number(self.counts.total(), self.language)
        yield labels[said].format(number=differing, total=number(total, self.language))
        for group, count in sorted(self.counts.items(), key=lambda each: (-each[1], str(each[0]))):
            yield ""
            yield click.style(f"{said_of(group, count, self.language)}", bold=True)
            yield from self.shown[group]
            hidden = count - self.limit if self.limit else 0
            if hidden > 0:
                yield INDENT + labels["more_alike"].format(number=number(hidden, self.language))


def said_of(group: Group, count: int, language: Language) -> str:
    """`word “gấp” added to urgent: 14 become urgent`"""
    to = phrases.URGENCY[language].get(group.to, group.to) if group.effect is Effect.URGENCY else group.to
    effect = words.EFFECTS[language][group.effect].format(number=number(count, language), to=to)
    return f"{phrases.capital(cause_said(group, language))}: {effect}"


def _both(found: Difference, language: Language) -> Iterator[str]:
    labels = words.LABELS[language]
    yield f"{INDENT}{head(found.after, language)}"
    width = max(len(labels["before"]), len(labels["after"]))
    for label, entry in (("before", found.before), ("after", found.after)):
        told = "; ".join(_told(entry, language)) or labels["none"]
        yield f"{INDENT * 2}{labels[label]:<{width}}  {phrases.URGENCY[language].get(entry.urgency, '')}: {told}"
    for reason in found.after.reasons:
        if reason not in found.before.reasons:
            yield f"{INDENT * 2}• {reason}"
