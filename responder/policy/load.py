"""YAML text → Policy, or every problem at once, each with its place and a remedy.

Beside what the types say, everything is checked that one part of a policy says about another: names that must exist,
dates that collide, values a text may use. These checks read the tree, not the model, so that one mistake does not hide
the next. Must not know the clock (today is an argument) or the disk.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from jinja2 import TemplateError, TemplateSyntaxError

from responder.document import (
    Document,
    Place,
    Problem,
    Scalar,
    Table,
    Wrong,
    did_you_mean,
    errors,
    in_order,
    parse,
    scalars,
    tables,
    validate,
)
from responder.mail.language import Language
from responder.policy import templates
from responder.policy.expected import example_places, misnamed
from responder.policy.feed import Feed
from responder.policy.model import (
    DAYS_OF_WEEK,
    EXAMPLE_PHONE,
    Days,
    Policy,
    read_date,
    read_days,
    read_spans,
    read_weekdays,
)
from responder.policy.values import TEMPLATE_VALUES

NEXT_YEAR_FROM = 10  # the month in which next year's holidays begin to be announced
_NEEDED = {"urgent_phone": "urgent_phone", "promise_hours": "promise"}  # a text's value → the policy key it comes from
_UNFILLABLE = (
    TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, AssertionError,
)  # fmt: skip

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RoleUse:
    """A role of `people` that a policy names, and where."""

    role: str
    place: Place


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a policy's text: the policy, or None where a problem is an error; `digest` is its SHA-256."""

    policy: Policy | None
    problems: tuple[Problem, ...]
    digest: str
    roles: tuple[RoleUse, ...] = ()
    text: str = ""  # as it was read
    examples: tuple[Place, ...] = ()  # where each begins
    file: str = ""


def load(
    text: str, file: str, today: date | None = None, feeds: Mapping[str, Feed | Wrong] = MappingProxyType({})
) -> Loaded:
    """Read a policy. `file` is its name for messages; `today` (in any zone) turns on the warnings about dates.

    `feeds`: what the calendars say that the policy names (see `named_calendars`), or what is wrong with them.

    Never raises: whatever is wrong is in `problems`, in the order of the file.
    """
    document = parse(text, file)
    rules = {name: feed.rules for name, feed in feeds.items() if isinstance(feed, Feed)}
    policy, problems = validate(document, Policy, {"feeds": rules})
    aged = _aged(document, today, feeds) if today else ()
    problems = list(in_order([*problems, *_crossed(document), *_fed(document, feeds), *aged]))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Loaded(
        None if errors(problems) else policy,
        tuple(problems),
        digest,
        roles=tuple(_roles(document)),
        text=text,
        examples=example_places(document),
        file=file,
    )


def named_calendars(text: str) -> tuple[str, ...]:
    """The files of its `calendars:`, as they are written."""
    if "calendars" not in text:
        return ()
    return tuple(dict.fromkeys(file.text or "" for file in _calendar_files(parse(text, ""))))


def zone_of(text: str) -> ZoneInfo:
    """The office's zone, before the rest is read; UTC where it says none that exists (the model says so)."""
    written = _text(parse(text, "").table(), "timezone")
    try:
        return ZoneInfo(written.text or "UTC") if written else ZoneInfo("UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _calendar_files(document: Document) -> Iterator[Scalar]:
    if document.root is not None:
        yield from (file for each in tables(document.root.get("calendars")) if (file := _text(each, "file")))


def _fed(document: Document, feeds: Mapping[str, Feed | Wrong]) -> Iterator[Problem]:
    for file in _calendar_files(document):
        feed = feeds.get(file.text or "")
        if isinstance(feed, Wrong):
            yield document.error(file.place, f"the calendar {file.text} {feed.what}", feed.remedy)
        elif feed is not None:
            yield from _passed_over(document, file, feed)


def _passed_over(document: Document, file: Scalar, feed: Feed) -> Iterator[Problem]:
    if not feed.rules:
        what = f"the calendar {file.text} closes no day"
        yield document.warning(file.place, what, "only events of whole days do: look into it")
    if feed.timed:
        what = f"events of {file.text} with a time of day are passed over: {feed.timed}"
        yield document.warning(
            file.place, what, "only events of whole days close the office; write others under `days:`"
        )
    if feed.unreadable:
        what = f"events of {file.text} that cannot be read: {feed.unreadable}"
        yield document.warning(file.place, what, "write these days under `days:`, or export the calendar again")


# ---------------------------------------------------------------- one part about another


def _crossed(document: Document) -> Iterator[Problem]:
    if document.root is None:
        return
    yield from _hours(document)
    yield from _overlaps(document, "holidays")
    yield from _overlaps(document, "days")
    yield from _swaps(document)
    yield from _plays(document)
    yield from _phone(document)
    yield from _texts(document)
    yield from _signature(document)
    yield from misnamed(document)


def _read(reader: Callable[[object], _T], scalar: Scalar | str | None) -> _T | None:
    """The value, or None where it cannot be read (the model says why)."""
    try:
        return reader(scalar.text if isinstance(scalar, Scalar) else scalar)
    except Wrong:
        return None


def _text(table: Table, key: str) -> Scalar | None:
    node = table.get(key)
    return node if isinstance(node, Scalar) and node.text is not None else None


def _hours(document: Document) -> Iterator[Problem]:
    hours = document.table("hours").entries
    seen: dict[int, Scalar] = {}
    for key, _ in hours.values():
        for day in _read(read_weekdays, key) or ():
            if day in seen:
                yield document.error(
                    key.place,
                    f"{DAYS_OF_WEEK[day]} has hours twice: in `{key.text}` and in `{seen[day].text}`",
                    'give each day once; a lunch break is written `"08:00-12:00, 13:00-17:00"`',
                )
                break
            seen[day] = key
    spans = [_read(read_spans, value) for _, value in hours.values() if isinstance(value, Scalar)]
    if spans and all(span == () for span in spans):
        yield document.error(
            document.key_place(["hours"]), "the office is never open", 'write the open hours: `mon-fri: "08:00-17:00"`'
        )


def _ranges(document: Document, section: str) -> list[tuple[Days, Scalar]]:
    found = [(_read(read_days, key), key) for key, _ in document.table(section).entries.values()]
    return [(days, key) for days, key in found if days is not None]


def _overlaps(document: Document, section: str) -> Iterator[Problem]:
    for (first, _), (second, key) in combinations(_ranges(document, section), 2):
        if first.overlaps(second):
            yield document.error(
                key.place, f"`{second}` and `{first}` have a day in common", f"give each day of `{section}` once"
            )


def _swaps(document: Document) -> Iterator[Problem]:
    seen: dict[date, int] = {}
    for swap in tables(document.table().get("swaps")):
        ends = [(key, scalar, _read(read_date, scalar)) for key in ("off", "work") if (scalar := _text(swap, key))]
        if len({day for _, _, day in ends}) < len(ends):
            continue  # a day swapped with itself; the model says so
        for key, scalar, day in ends:
            if day is not None:
                yield from _swapped_day(document, key, scalar, day, seen)


def _swapped_day(document: Document, key: str, scalar: Scalar, day: date, seen: dict[date, int]) -> Iterator[Problem]:
    if day in seen:
        yield document.error(scalar.place, f"{day} is swapped twice (also in line {seen[day]})", "swap each day once")
    seen.setdefault(day, scalar.place.line)
    if _is_workday(document, day) is not (key == "off"):
        yield document.warning(scalar.place, *_SWAP_MISTAKES[key])


_SWAP_MISTAKES = {
    "off": ("this day is no working day", "`off` is the working day that is taken off"),
    "work": ("this day is a working day already", "`work` is the rest day that is worked instead"),
}


def _is_workday(document: Document, day: date) -> bool:
    """Whether the office would work on that date without any swap, as far as the file can be read."""
    for section in ("days", "holidays"):
        for days, key in _ranges(document, section):
            if day in days:
                entry = document.table(section).get(key.text or "")
                return isinstance(entry, Table) and entry.get("open") is not None
    return any(
        day.weekday() in (_read(read_weekdays, key) or ()) and _read(read_spans, value) != ()
        for key, value in document.table("hours").entries.values()
        if isinstance(value, Scalar)
    )


def _plays(document: Document) -> Iterator[Problem]:
    signals = list(document.table("signals").entries)
    texts = list(document.table("texts").entries)
    names: dict[str | None, int] = {}
    plays = list(tables(document.table().get("plays")))
    for play in plays:
        name = _text(play, "name")
        if name and name.text in names:
            what = f"a play `{name.text}` is there already (line {names[name.text]})"
            yield document.error(name.place, what, "give each play a name of its own")
        elif name:
            names[name.text] = name.place.line
        yield from _known(document, _part(play, "when", "signal"), signals, "signal", "signals")
        for key in ("reply", "follow_up"):
            yield from _known(document, _part(play, "do", key), texts, "text", "texts")
    if not plays and document.table().get("plays") is None:
        remedy = "add `plays:`; an office that wants nothing done writes `plays: []`"
        yield document.error(Place(1, 1), "there are no plays: nothing would be answered", remedy)


def _phone(document: Document) -> Iterator[Problem]:
    phone = _text(document.table(), "urgent_phone")
    if phone and phone.text == EXAMPLE_PHONE:
        remedy = "write the office's own: customers are told to call it"
        yield document.warning(phone.place, "this is the example's telephone number", remedy)


def _part(play: Table, section: str, key: str) -> list[Scalar]:
    table = play.get(section)
    return list(scalars(table.get(key))) if isinstance(table, Table) else []


def _known(document: Document, used: Iterable[Scalar], known: list[str], what: str, section: str) -> Iterator[Problem]:
    for scalar in used:
        if scalar.text not in known:
            remedy = did_you_mean(scalar.text or "", known, f"write it under `{section}:`, or take it out here")
            yield document.error(scalar.place, f"there is no {what} `{scalar.text}`", remedy)


def _roles(document: Document) -> Iterator[RoleUse]:
    if document.root is None:
        return
    for play in tables(document.table().get("plays")):
        yield from (RoleUse(role.text or "", role.place) for role in _part(play, "do", "alert"))
    told = list(scalars(document.table("digest").get("to")))
    yield from (RoleUse(role.text or "", role.place) for role in told)
    if not told:
        yield from (RoleUse(role, document.place(["digest"])) for role in Policy.model_fields["digest"].default.to)


# ---------------------------------------------------------------- texts


def _texts(document: Document) -> Iterator[Problem]:
    for key, text in document.table("texts").entries.values():
        if isinstance(text, Table):
            yield from _in_languages(document, key, text)


def _signature(document: Document) -> Iterator[Problem]:
    key, signature = document.table().entries.get("signature", (None, None))
    if key is not None and isinstance(signature, Table):
        yield from _in_languages(document, key, signature)
    elif isinstance(signature, Scalar) and signature.text is not None:
        yield from _template(document, signature, signature.text)


def _in_languages(document: Document, key: Scalar, text: Table) -> Iterator[Problem]:
    language = _text(document.table(), "language")
    if language and language.text in tuple(Language) and text.get(language.text or "") is None:
        yield document.error(
            key.place,
            f"`{key.text}` has no text in the policy's own language, {language.text}",
            f"add `{language.text}: …` to it",
        )
    for _, words in text.entries.values():
        if isinstance(words, Scalar) and words.text is not None:
            yield from _template(document, words, words.text)


def _template(document: Document, written: Scalar, text: str) -> Iterator[Problem]:
    """What is wrong with one text: its syntax, the names it uses, else what happens when it is filled in."""
    try:
        used = templates.names(text)
        unknown = [name for name in used if name not in TEMPLATE_VALUES]
        if not unknown:
            for value in ("…", ""):  # what is behind an `if`, and behind an `if not`
                templates.filled(text, dict.fromkeys(TEMPLATE_VALUES, value))
    except TemplateSyntaxError as error:
        yield _not_fillable(document, _line_place(document, written, error.lineno), error)
        return
    except _UNFILLABLE as error:
        yield _not_fillable(document, written.place, error)
        return
    for name in unknown:
        yield document.error(
            _name_place(document, written, name),
            f"`{{{{ {name} }}}}` is nothing that a text can name",
            did_you_mean(name, TEMPLATE_VALUES),
        )
    for name in used:
        yield from _unset(document, written, text, name)


def _not_fillable(document: Document, place: Place, error: Exception) -> Problem:
    said = "a filter or a comparison is given what it cannot take, perhaps a text for a number"
    if isinstance(error, TemplateError) and error.message:
        said = error.message.rstrip(".")
    remedy = "a value stands like `{{ opening }}`"
    if isinstance(error, templates.UnknownError):
        remedy = did_you_mean(error.word, error.known)
    return document.error(place, f"the text cannot be filled in: {said}", remedy)


def _unset(document: Document, written: Scalar, text: str, name: str) -> Iterator[Problem]:
    """A value that this policy leaves empty, unless the text asks first: `{% if urgent_phone %}`."""
    key = _NEEDED.get(name)
    if key and _text(document.table(), key) is None and not re.search(rf"\{{%-?\s*if\s+{name}\b", text):
        example = Policy.model_fields[key].examples or ["…"]
        yield document.error(
            _name_place(document, written, name),
            f"the text names `{{{{ {name} }}}}`, but the policy has no `{key}`",
            f"add `{key}: {example[0]}`, or take it out of the text",
        )


def _line_place(document: Document, written: Scalar, line: int) -> Place:
    """The line of a text as it stands in the file (exact below a `|`; else the text's beginning)."""
    if not written.literal:
        return written.place
    at = written.place.line + line
    lines = document.text.split("\n")
    indent = len(lines[at - 1]) - len(lines[at - 1].lstrip()) if at <= len(lines) else 0
    return Place(at, indent + 1)


def _name_place(document: Document, written: Scalar, name: str) -> Place:
    """Where a text first names that value between its braces."""
    for braces in re.finditer(r"\{[{%].*?[%}]\}", document.text[written.start : written.end], re.DOTALL):
        found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", braces[0])
        if found:
            return document.place_of_offset(written.start + braces.start() + found.start())
    return written.place


# ---------------------------------------------------------------- what time does to a policy


def _aged(document: Document, today: date, feeds: Mapping[str, Feed | Wrong]) -> Iterator[Problem]:
    """Warnings: days off that are still to be confirmed, and years without a table of days off."""
    if document.root is None:
        return
    holidays = document.table("holidays")
    ranges = _ranges(document, "holidays")
    for days, key in ranges:
        entry = holidays.get(key.text or "")
        doubt = _text(entry, "to_confirm") if isinstance(entry, Table) else None
        if doubt and days.last >= today:
            yield document.warning(
                key.place, f"{days} is not certain: {doubt.text}", "confirm it and take out `to_confirm`"
            )
    years = {year for days, _ in ranges for year in range(days.first.year, days.last.year + 1)}
    years |= {rule.first.year for feed in feeds.values() if isinstance(feed, Feed) for rule in feed.rules}
    place = ranges[-1][1].place if ranges else document.key_place(["holidays"])
    for year in _missing_years(years, today):
        what = f"no days off for {year}" + (f"; the table ends in {max(years)}" if years and max(years) < year else "")
        yield document.warning(place, what, f"add the public days off of {year} under `holidays:`")


def _missing_years(years: set[int], today: date) -> list[int]:
    wanted = [today.year, today.year + 1] if today.month >= NEXT_YEAR_FROM else [today.year]
    return [year for year in wanted if year not in years]
