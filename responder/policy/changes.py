"""What changed from one policy to the next, in sentences a manager understands.

Two policies in, sentences out; nothing is said of what stayed. A key that has no sentence of its own is told with its
old and its new value, so that no change goes unsaid. Knows no file: comments and line ends are not seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from responder.document import Section
from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.change_words import WORDS
from responder.policy.days import Stretch, differing
from responder.policy.deadlines import Bound
from responder.policy.expected import Dated, Moment, Weekly
from responder.policy.model import Example, Mark, Play, Policy, Rate, Signal

SHOWN = 6  # words of a list; the rest is counted
LONGEST = 80  # characters of one value
DATED = ("holidays", "calendars", "days", "swaps")  # told together: what counts is the day that comes of them


def changes(old: Policy, new: Policy, language: Language) -> tuple[str, ...]:
    """One sentence for each thing that changed, in the order of the file; none for the same policy."""
    return tuple(_Changes(old, new, language).told())


class _Changes:
    def __init__(self, old: Policy, new: Policy, language: Language) -> None:
        self._old = old
        self._new = new
        self._language = language
        self._words = WORDS[language]
        own: dict[str, Callable[[], Iterator[str]]] = {
            "hours": self._hours,
            "signals": self._signals,
            "plays": self._plays,
            "texts": self._texts,
            **dict.fromkeys(DATED, self._days),
        }
        self._own: Mapping[str, Callable[[], Iterator[str]]] = own

    def told(self) -> Iterator[str]:
        different = [key for key in Policy.model_fields if getattr(self._old, key) != getattr(self._new, key)]
        dated = [key for key in different if key in DATED]
        for key in different:
            if key in dated[1:]:
                continue
            sentences = list(self._own[key]()) if key in self._own else list(self._plain(key))
            yield from sentences or [self._words.rewritten.format(key="`, `".join(dated if key in DATED else [key]))]

    # --- single values -----------------------------------------------------------------------------------------

    def _plain(self, key: str) -> Iterator[str]:
        for path, old, new in _leaves(getattr(self._old, key), getattr(self._new, key), key):
            if isinstance(old, tuple) and isinstance(new, tuple) and old and new and not _are_rates(old):
                diff = self._diff(old, new)
                yield from [f"{self._label(path)}: {diff}."] if diff else []
            else:
                yield f"{self._now(path, old, new)}."

    def _now(self, path: str, old: object, new: object) -> str:
        return self._words.now.format(what=self._label(path), new=self._said(new, path), old=self._said(old, path))

    def _label(self, path: str) -> str:
        return self._words.labels.get(path, f"`{path}`")

    def _said(self, value: object, path: str = "") -> str:
        """A value as people say it; `path`: that of its label."""
        if value is None or value in ((), "", {}):
            return self._words.none
        if isinstance(value, bool):
            return self._words.yes if value else self._words.no
        if isinstance(value, tuple) and _are_rates(value):
            return phrases.rates(value, self._language)
        if isinstance(value, tuple):
            return self._listed([self._said(part) for part in value])
        if isinstance(value, Section | Mapping) and not isinstance(value, Example):
            return ", ".join(f"{key}: {self._said(part)}" for key, part in dict(value).items())
        return self._words.values.get((path, str(value))) or self._one(value)

    def _one(self, value: object) -> str:
        """What has no parts that are told by themselves."""
        match value:
            case Language():
                return self._words.languages[value]
            case timedelta() | Bound():
                return phrases.amount(value, self._language)
            case Mark():
                return phrases.mark(str(value), self._language)
            case time():
                return f"{value:%H:%M}"
            case Example():
                then = ", ".join(map(str, value.then))
                return f"“{_short(value.mail)}”, {self._moment(value.at)} → {then}"
            case _:
                return _short(str(value))

    def _moment(self, at: Moment) -> str:
        match at:
            case Weekly():
                return f"{phrases.WEEKDAYS[self._language][at.weekday]} {at.at:%H:%M}"
            case Dated():
                return phrases.moment(at.at, self._language)
            case _:
                return self._words.values["examples.at", at]

    def _listed(self, items: Sequence[str]) -> str:
        shown = ", ".join(items[:SHOWN])
        return f"{shown} {self._words.more.format(n=len(items) - SHOWN)}" if len(items) > SHOWN else shown

    def _diff(self, old: Iterable[object], new: Iterable[object]) -> str:
        """What was added to a list and taken out of it; nothing if only the order differs."""
        before, after = [self._said(item) for item in old], [self._said(item) for item in new]
        added, gone = [item for item in after if item not in before], [item for item in before if item not in after]
        parts = ((self._words.added, added), (self._words.taken_out, gone))
        return "; ".join(text.format(n=len(items), listed=self._listed(items)) for text, items in parts if items)

    # --- hours and days ----------------------------------------------------------------------------------------

    def _hours(self) -> Iterator[str]:
        old, new = self._old.week(), self._new.week()
        by_hours: dict[tuple[str, str], list[int]] = {}
        for day in range(7):
            if old.get(day, ()) != new.get(day, ()):
                by_hours.setdefault((self._open(old.get(day, ())), self._open(new.get(day, ()))), []).append(day)
        for (before, after), days in by_hours.items():
            what = phrases.capital(phrases.weekdays(days, self._language))
            yield self._words.hours.format(days=what, new=after, old=before)

    def _open(self, spans: Any) -> str:
        said = phrases.hours(spans, self._language)
        return self._words.opens.format(hours=said) if spans else said

    def _days(self) -> Iterator[str]:
        yield from (self._day(each) for each in differing(self._old.calendar(), self._new.calendar()))
        for days, off in self._new.holidays.items():
            before = self._old.holidays.get(days)
            if before is not None and before.to_confirm != off.to_confirm:
                said = phrases.capital(phrases.dates(days.first, days.last, self._language))
                sentence = self._words.to_confirm if off.to_confirm else self._words.confirmed
                yield sentence.format(dates=said, name=off.closed, why=off.to_confirm)

    def _day(self, stretch: Stretch) -> str:
        words, rule = self._words, stretch.rule
        dates = phrases.capital(phrases.dates(stretch.first, stretch.last, self._language))
        if rule is None:
            is_one = stretch.first == stretch.last
            hours = self._open(self._new.calendar().hours_of_weekday(stretch.first))
            return words.ordinary.format(dates=dates, hours=f" ({hours})" if is_one else "")
        why = f" ({rule.name})" if rule.name else ""
        if not rule.spans:
            return words.closed.format(dates=dates, why=why)
        return words.special.format(dates=dates, hours=phrases.hours(rule.spans, self._language), why=why)

    # --- words -------------------------------------------------------------------------------------------------

    def _signals(self) -> Iterator[str]:
        words, old, new = self._words, self._old.signals, self._new.signals
        renamed = _renamed(old, new)
        yield from (words.signal_renamed.format(old=before, new=after) for before, after in renamed.items())
        for name, signal in new.items():
            if name not in old and name not in renamed.values():
                every = (*signal.words, *signal.hints)
                yield words.new_signal.format(name=name, n=len(every), listed=self._listed(every))
        yield from (words.signal_gone.format(name=name) for name in old if name not in new and name not in renamed)
        for name in new:
            if name in old:
                yield from self._signal(name, old[name], new[name])

    def _signal(self, name: str, old: Signal, new: Signal) -> Iterator[str]:
        parts = [self._diff(old.words, new.words)]
        hints, exceptions = self._diff(old.hints, new.hints), self._diff(old.unless, new.unless)
        parts += [self._words.hints.format(diff=hints)] if hints else []
        parts += [self._words.exceptions.format(diff=exceptions)] if exceptions else []
        if old.deadline != new.deadline:
            parts.append(self._now("when.deadline", old.deadline, new.deadline))
        said = "; ".join(part for part in parts if part)
        if said:
            yield f"{self._words.signal.format(name=name)}: {said}."

    # --- plays -------------------------------------------------------------------------------------------------

    def _plays(self) -> Iterator[str]:
        words = self._words
        old, new = ({play.name: play for play in policy.plays} for policy in (self._old, self._new))
        renamed = _renamed({name: _nameless(play) for name, play in old.items()},
                           {name: _nameless(play) for name, play in new.items()})  # fmt: skip
        yield from (words.play_renamed.format(old=before, new=after) for before, after in renamed.items())
        for place, (name, play) in enumerate(new.items(), start=1):
            if name not in old and name not in renamed.values():
                yield words.new_play.format(name=name, place=place, what=self._play(play))
        yield from (words.play_gone.format(name=name) for name in old if name not in new and name not in renamed)
        for name, play in new.items():
            parts = [self._now(*leaf) for leaf in _leaves(old[name], play)] if name in old else []
            if parts:
                yield words.play.format(name=name, what="; ".join(parts))
        kept = [renamed.get(name, name) for name in old if renamed.get(name, name) in new]
        if kept != [name for name in new if name in kept]:
            yield words.order.format(names=", ".join(new))

    def _play(self, play: Play) -> str:
        """Its conditions and its actions."""
        given = [(path, value) for path, _, value in _leaves(None, play) if path != "name" and value]
        return ", ".join(f"{self._label(path)}: {self._said(value, path)}" for path, value in given)

    # --- texts -------------------------------------------------------------------------------------------------

    def _texts(self) -> Iterator[str]:
        old, new = (
            {(name, language): text for name, texts in policy.texts.items() for language, text in texts.items()}
            for policy in (self._old, self._new)
        )
        for name, language in {**old, **new}:
            before, after = old.get((name, language)), new.get((name, language))
            if before != after:
                sentence = self._words.text if before and after else self._words.new_text
                sentence = sentence if after else self._words.text_gone
                yield sentence.format(name=name, language=self._words.languages[language])


def _are_rates(values: Sequence[object]) -> bool:
    """A limit is told whole, not as a list of which something was taken out."""
    return bool(values) and all(isinstance(value, Rate) for value in values)


def _leaves(old: object, new: object, path: str = "") -> Iterator[tuple[str, object, object]]:
    """Every value below two sections that is not the same in both, with the keys that lead there."""
    if isinstance(new, Section) and (isinstance(old, Section) or old is None):
        for name, field in type(new).model_fields.items():
            key = field.alias or name
            inner = f"{path}.{key}" if path else key
            yield from _leaves(getattr(old, name, None), getattr(new, name), inner)
    elif old != new:
        yield path, old, new


def _nameless(play: Play) -> tuple[object, ...]:
    return tuple(value for key, value in play if key != "name")


def _renamed(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, str]:
    """Names that went with names that came, where the rest is the same."""
    gone = [name for name in old if name not in new]
    found: dict[str, str] = {}
    for name, value in new.items():
        before = next((each for each in gone if each not in found and old[each] == value), None)
        if name not in old and before is not None:
            found[before] = name
    return found


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
