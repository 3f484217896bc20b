"""What an example of the policy says: when a mail comes, and what should come of it.

Reads what a manager writes, in Vietnamese or English, whole or in one line. Whether it comes true is the business of
`examples.py`; here it is only known which names of the policy an example may use.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from responder.document import (
    Document,
    Listing,
    Node,
    Place,
    Problem,
    Scalar,
    Table,
    Wrong,
    did_you_mean,
    not_empty,
    scalars,
    tables,
    written,
)
from responder.policy.weekdays import bare, weekday_named

# ---------------------------------------------------------------- when


class Sometime(StrEnum):
    """No certain hour of an ordinary week."""

    OPEN = "open"  # an hour after the office has opened
    CLOSED = "closed"  # an hour after it has closed


@dataclass(frozen=True, slots=True)
class Weekly:
    """A day of an ordinary week, Monday = 0, without holidays."""

    weekday: int
    at: time

    def __str__(self) -> str:
        return f"{('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')[self.weekday]} {self.at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Dated:
    """A date with all that the policy says of it, in the office's zone."""

    at: datetime

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


Moment = Sometime | Weekly | Dated

_SOMETIME: Mapping[str, Sometime] = {
    **dict.fromkeys(("open", "in hours", "trong gio", "trong gio lam viec"), Sometime.OPEN),
    **dict.fromkeys(("closed", "out of hours", "outofhours", "ngoai gio", "ngoai gio lam viec"), Sometime.CLOSED),
}
_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})(?:T|\b)")
_VIETNAMESE_DATE = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")
_TIME = re.compile(r"\b(\d{1,2})(?::|h|g|\s?giờ\s?)(\d{2})?\b", re.IGNORECASE)
_BESIDE = re.compile(r"\b(?:at|on|lúc|ngày)\b|,", re.IGNORECASE)
MOMENT_HINT: Final = "write it like `sat 22:10`, `thứ Bảy 22:10`, `2026-11-21 22:10`, `open` or `closed`"


def read_moment(value: object) -> Moment:
    """`closed`, `ngoài giờ`, `sat 22:10`, `22h10 thứ Bảy`, `2026-11-21 22:10` → when a mail comes. Raises Wrong."""
    if isinstance(value, Sometime | Weekly | Dated):
        return value
    text = unicodedata.normalize("NFC", written(value, "sat 22:10"))
    named = _SOMETIME.get(bare(text))
    if named is not None:
        return named
    day, without_day = _cut(_DATE, text)
    at, rest = _cut(_TIME, without_day)
    rest = _BESIDE.sub(" ", rest)
    weekday = weekday_named(rest)
    if at is not None and day is not None and not rest.strip():
        return Dated(datetime.combine(_date(day[1], text), _time(at, text)))
    if at is not None and day is None and weekday is not None:
        return Weekly(weekday, _time(at, text))
    raise Wrong(f"`{text}` is no time at which a mail comes", _moment_hint(text))


def _cut(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str] | None, str]:
    found = pattern.search(text)
    return found, f"{text[: found.start()]} {text[found.end() :]}" if found else text


def _date(iso: str, text: str) -> date:
    try:
        return date.fromisoformat(iso)
    except ValueError:
        raise Wrong(f"`{text}`: there is no such day", "look at the month and the day again") from None


def _time(found: re.Match[str], text: str) -> time:
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour > 23 or minute > 59:
        raise Wrong(f"`{text}`: there is no such time of day", "write it like `08:30`, from `00:00` to `23:59`")
    return time(hour, minute)


def _moment_hint(text: str) -> str:
    turned = _VIETNAMESE_DATE.search(text)
    if turned:
        try:
            day = date(int(turned[3]), int(turned[2]), int(turned[1]))
        except ValueError:
            return "there is no such day: look at the day and the month again"
        return f"write the date as year-month-day: `{day} 22:10`"
    return MOMENT_HINT


# ---------------------------------------------------------------- what should happen


class Asked(StrEnum):
    """What an expectation speaks of."""

    URGENCY = "urgency"
    SIGNAL = "signal"
    PLAY = "play"
    REPLY = "reply"
    FOLLOW_UP = "follow_up"
    ALERT = "alert"
    MARK = "mark"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that should happen, or should not. Without a name: any of the kind. `text` is as it was written."""

    asked: Asked
    name: str
    is_wanted: bool
    text: str

    def __str__(self) -> str:
        return self.text


_LEVELS: Mapping[str, str] = {
    **dict.fromkeys(("normal", "binh thuong", "thuong"), "normal"),
    **dict.fromkeys(("urgent", "gap"), "urgent"),
    **dict.fromkeys(("emergency", "khan", "khan cap"), "emergency"),
}
_NOTHING = ("nothing", "khong gi", "khong lam gi", "khong can gi")
_FLAG = "gan co"  # Vietnamese for the mark that every mail program shows
_KINDS: Mapping[str, Asked] = {
    **dict.fromkeys(("play", "tinh huong"), Asked.PLAY),
    **dict.fromkeys(("reply", "tra loi"), Asked.REPLY),
    **dict.fromkeys(("followup", "follow up", "thu hom sau"), Asked.FOLLOW_UP),
    **dict.fromkeys(("alert", "bao"), Asked.ALERT),
    **dict.fromkeys(("mark", "danh dau"), Asked.MARK),
}
_NOT = ("no", "not", "khong")
_LONGEST_KIND = 3  # words
_MARK = re.compile(r"(keyword|label|folder)\s*[:\s]\s*(.+)")
EXPECTATIONS: Final = (
    "normal", "urgent", "emergency", "play NAME", "reply NAME", "no reply", "follow_up NAME", "no follow_up",
    "alert ROLE", "no alert", "mark flagged", "no mark", "nothing",
)  # fmt: skip


def read_expectations(value: object) -> tuple[Expectation, ...]:
    """`urgent, reply urgent, no alert`, or a list of the same → what should happen. Raises Wrong."""
    if isinstance(value, tuple):
        return value
    parts = value if isinstance(value, list) else written(value, "urgent, reply urgent").split(",")
    return not_empty(tuple(_expectation(written(part, "reply urgent")) for part in parts))


def _expectation(text: str) -> Expectation:
    if bare(text) in _NOTHING:
        return Expectation(Asked.NOTHING, "", is_wanted=True, text=text)
    words = text.split()
    is_wanted = len(words) == 1 or bare(words[0]) not in _NOT
    said = words if is_wanted else words[1:]
    whole = bare(" ".join(said))
    if whole in _LEVELS:
        return Expectation(Asked.URGENCY, _LEVELS[whole], is_wanted, text)
    if whole == _FLAG:
        return Expectation(Asked.MARK, "flagged", is_wanted, text)
    for length in range(min(_LONGEST_KIND, len(said)), 0, -1):
        asked = _KINDS.get(bare(" ".join(said[:length])))
        if asked is not None:
            return Expectation(asked, _name(asked, " ".join(said[length:]), text), is_wanted, text)
    if len(said) == 1 and re.fullmatch(r"[\w-]+", said[0]):
        return Expectation(Asked.SIGNAL, said[0], is_wanted, text)
    raise Wrong(f"`{text}` is nothing that can happen to a mail", _nearest(said[0]))


def _name(asked: Asked, name: str, text: str) -> str:
    if asked is Asked.PLAY and not name:
        raise Wrong(f"`{text}` names no play", "write `play NAME`, with the name that stands under `plays:`")
    return _MARK.sub(r"\1:\2", name) if asked is Asked.MARK else name


def _nearest(word: str) -> str:
    known = dict.fromkeys(each.split()[0] for each in EXPECTATIONS)
    return did_you_mean(word, known, f"write one of: {', '.join(EXPECTATIONS)}, or the name of a signal")


# ---------------------------------------------------------------- in one line

_ARROW = re.compile(r"(?P<before>.*)(?:→|->|=>)(?P<after>.*)", re.DOTALL)
ONE_LINE_HINT: Final = "write it like `Báo giá gấp giúp em, sat 22:10 → urgent, reply urgent`"


def of_one_line(text: str) -> dict[str, str]:
    """`MAIL, WHEN → WHAT SHOULD HAPPEN` as the keys of an example. Raises Wrong."""
    parts = _ARROW.fullmatch(text)
    if parts is None:
        raise Wrong("the example does not say what should happen", ONE_LINE_HINT)
    mail, comma, when = parts["before"].rpartition(",")
    if not comma or not mail.strip():
        raise Wrong("the example does not say when the mail comes", ONE_LINE_HINT)
    try:
        read_moment(when)
    except Wrong as wrong:
        hint = wrong.remedy if wrong.remedy != MOMENT_HINT else f"{MOMENT_HINT}, after a comma"
        raise Wrong(wrong.what, hint) from None
    return {"mail": mail, "at": when, "then": parts["after"]}


# ---------------------------------------------------------------- the names it may use


def misnamed(document: Document) -> Iterator[Problem]:
    """Signals, plays, texts and roles that an example names and the policy does not have."""
    known = {asked: names for asked, names in _known(document).items() if asked in _FREE or all(map(_is_usable, names))}
    for scalar, expectation in _written_expectations(document):
        asked, name = expectation.asked, expectation.name
        if name and asked in known and name not in known[asked]:
            what, section = _SECTIONS[asked]
            others = [*known[asked], *(EXPECTATIONS if asked is Asked.SIGNAL else ())]
            remedy = did_you_mean(name, others, f"write it under `{section}:`, or correct the example")
            yield document.error(_place(document, scalar, expectation), f"there is no {what} `{name}`", remedy)


_SECTIONS: Mapping[Asked, tuple[str, str]] = {
    Asked.SIGNAL: ("signal", "signals"),
    Asked.PLAY: ("play", "plays"),
    Asked.REPLY: ("text", "texts"),
    Asked.FOLLOW_UP: ("text", "texts"),
    Asked.ALERT: ("play that alerts", "plays"),
}


def _known(document: Document) -> Mapping[Asked, list[str]]:
    plays = list(tables(document.table().get("plays")))
    texts = list(document.table("texts").entries)
    does = [play.get("do") for play in plays]
    return {
        Asked.SIGNAL: list(document.table("signals").entries),
        Asked.PLAY: [name for play in plays for name in _texts(play.get("name"))],
        Asked.REPLY: texts,
        Asked.FOLLOW_UP: texts,
        Asked.ALERT: [role for do in does if isinstance(do, Table) for role in _texts(do.get("alert"))],
    }


_FREE: Final = (Asked.PLAY, Asked.ALERT)  # what may have any name, or is told of elsewhere


def _is_usable(name: str) -> bool:
    """Of a name that is none it is told where it is given; what uses it will follow."""
    return re.fullmatch(r"[a-z][\w-]*", name) is not None


def _texts(node: Node | None) -> Iterator[str]:
    return (scalar.text or "" for scalar in scalars(node))


def _written_expectations(document: Document) -> Iterator[tuple[Scalar, Expectation]]:
    """What can be read; of the rest the model says why not."""
    node = document.table().get("examples")
    for item in node.items if isinstance(node, Listing) else ():
        for scalar in scalars(item.get("then") if isinstance(item, Table) else item):
            text = scalar.text or ""
            arrow = _ARROW.fullmatch(text) if scalar is item else None
            try:
                read = read_expectations(arrow["after"] if arrow else text)
            except Wrong:
                continue
            yield from ((scalar, each) for each in read)


def _place(document: Document, scalar: Scalar, expectation: Expectation) -> Place:
    """Where it stands in the file, if it stands there as it is read."""
    found = document.text.rfind(expectation.text, scalar.start, scalar.end)
    return document.place_of_offset(found, len(expectation.text)) if found >= 0 else scalar.place


def example_places(document: Document) -> tuple[Place, ...]:
    """Where each example begins."""
    node = document.table().get("examples")
    items: Iterable[Node] = node.items if isinstance(node, Listing) else ()
    return tuple(item.place for item in items)
