"""What one part of a policy says about another: names that must exist, dates that collide, roles that are told.

These checks read the tree, not the model, so that one mistake does not hide the next. The texts have a room of their
own (`text_checks.py`). Must not know the clock or the disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from responder.document import Beside, Document, Place, Problem, Scalar, Table, did_you_mean, scalars, tables
from responder.policy.model import DAYS_OF_WEEK, EXAMPLE_PHONE, Policy, is_name, read_date, read_spans, read_weekdays
from responder.policy.tree import part, ranges, read, text_of


@dataclass(frozen=True, slots=True)
class RoleUse:
    """A role of `people` that a policy names, and where."""

    role: str
    place: Place


def crossed(document: Document) -> Iterator[Problem]:
    """What is wrong between the parts."""
    if document.root is None:
        return
    yield from _hours(document)
    yield from _overlaps(document, "holidays")
    yield from _overlaps(document, "days")
    yield from _swaps(document)
    yield from _plays(document)
    yield from _phone(document)


def roles(document: Document) -> Iterator[RoleUse]:
    """Every role that the policy tells something, where it is named."""
    if document.root is None:
        return
    for play in tables(document.table().get("plays")):
        yield from (RoleUse(role.text or "", role.place) for role in part(play, "do", "alert"))
    told = list(scalars(document.table("digest").get("to")))
    yield from (RoleUse(role.text or "", role.place) for role in told)
    if not told:
        yield from (RoleUse(role, document.place(["digest"])) for role in Policy.model_fields["digest"].default.to)


# ---------------------------------------------------------------- the checks


def _hours(document: Document) -> Iterator[Problem]:
    hours = document.table("hours").entries
    seen: dict[int, Scalar] = {}
    for key, _ in hours.values():
        for day in read(read_weekdays, key) or ():
            if day in seen:
                yield document.error(
                    key.place,
                    f"{DAYS_OF_WEEK[day]} has hours twice: in `{key.text}` and in `{seen[day].text}`",
                    'give each day once; a lunch break is written `"08:00-12:00, 13:00-17:00"`',
                    Beside(seen[day].place, "its other hours"),
                )
                break
            seen[day] = key
    spans = [read(read_spans, value) for _, value in hours.values() if isinstance(value, Scalar)]
    if spans and all(span == () for span in spans):
        yield document.error(
            document.key_place(["hours"]), "the office is never open", 'write the open hours: `mon-fri: "08:00-17:00"`'
        )


def _overlaps(document: Document, section: str) -> Iterator[Problem]:
    for (first, other), (second, key) in combinations(ranges(document, section), 2):
        if first.overlaps(second):
            what = f"`{second}` and `{first}` have a day in common"
            beside = Beside(other.place, "the other")
            yield document.error(key.place, what, f"give each day of `{section}` once", beside)


def _swaps(document: Document) -> Iterator[Problem]:
    seen: dict[date, Place] = {}
    for swap in tables(document.table().get("swaps")):
        ends = [(key, scalar, read(read_date, scalar)) for key in ("off", "work") if (scalar := text_of(swap, key))]
        if len({day for _, _, day in ends}) < len(ends):
            continue  # a day swapped with itself; the model says so
        for key, scalar, day in ends:
            if day is not None:
                yield from _swapped_day(document, key, scalar, day, seen)


def _swapped_day(document: Document, key: str, scalar: Scalar, day: date, seen: dict[date, Place]) -> Iterator[Problem]:
    if day in seen:
        what = f"{day} is swapped twice (also in line {seen[day].line})"
        yield document.error(scalar.place, what, "swap each day once", Beside(seen[day], "swapped here first"))
    seen.setdefault(day, scalar.place)
    if _is_workday(document, day) is not (key == "off"):
        yield document.warning(scalar.place, *_SWAP_MISTAKES[key])


_SWAP_MISTAKES = {
    "off": ("this day is no working day", "`off` is the working day that is taken off"),
    "work": ("this day is a working day already", "`work` is the rest day that is worked instead"),
}


def _is_workday(document: Document, day: date) -> bool:
    """Whether the office would work on that date without any swap, as far as the file can be read."""
    for section in ("days", "holidays"):
        for days, key in ranges(document, section):
            if day in days:
                entry = document.table(section).get(key.text or "")
                return isinstance(entry, Table) and entry.get("open") is not None
    return any(
        day.weekday() in (read(read_weekdays, key) or ()) and read(read_spans, value) != ()
        for key, value in document.table("hours").entries.values()
        if isinstance(value, Scalar)
    )


def _plays(document: Document) -> Iterator[Problem]:
    signals = list(document.table("signals").entries)
    texts = list(document.table("texts").entries)
    names: dict[str | None, Place] = {}
    plays = list(tables(document.table().get("plays")))
    for play in plays:
        name = text_of(play, "name")
        if name and name.text in names:
            what = f"a play `{name.text}` is there already (line {names[name.text].line})"
            beside = Beside(names[name.text], "the first of this name")
            yield document.error(name.place, what, "give each play a name of its own", beside)
        elif name:
            names[name.text] = name.place
        yield from _known(document, part(play, "when", "signal"), signals, "signal", "signals")
        for key in ("reply", "follow_up"):
            yield from _known(document, part(play, "do", key), texts, "text", "texts")
    if not plays and document.table().get("plays") is None:
        remedy = "add `plays:`; an office that wants nothing done writes `plays: []`"
        yield document.error(Place(1, 1), "there are no plays: nothing would be answered", remedy)


def _phone(document: Document) -> Iterator[Problem]:
    phone = text_of(document.table(), "urgent_phone")
    if phone and phone.text == EXAMPLE_PHONE:
        remedy = "write the office's own: customers are told to call it"
        yield document.warning(phone.place, "this is the example's telephone number", remedy)
    elif phone and not re.search(r"\d", phone.text or ""):
        yield document.warning(phone.place, "no number stands here", "write one: customers are told to call it")


def _known(document: Document, used: Iterable[Scalar], known: list[str], what: str, section: str) -> Iterator[Problem]:
    if any(read(is_name, name) is None for name in known):
        return  # that is told already, and when it is mended, the names are others
    for scalar in used:
        if scalar.text not in known:
            text = scalar.text or ""
            several = [name for name in known if name in re.split(r"[\s,;/|+&]+", text)]
            remedy = did_you_mean(text, known, f"write it under `{section}:`, or take it out here")
            remedy = f"write a list: `[{', '.join(several)}]`" if len(several) > 1 else remedy
            yield document.error(scalar.place, f"there is no {what} `{text}`", remedy)
