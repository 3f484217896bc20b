"""The policy file as types: what an office has written down about its mail.

Everything here is a value that never changes. The JSON Schema for editors comes from these classes. Must not know
where the text came from, what time it is, or what is done with the answers (that is `decide.py`).
"""

from __future__ import annotations

import difflib
import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)  # fmt: skip

from responder.document import (
    ONE_OR_MANY_SCHEMA,
    Duration,
    Flag,
    Section,
    Text,
    WorkingTime,
    Wrong,
    did_you_mean,
    not_empty,
    one_or_many,
    read_duration,
    said_for,
    unaccented,
    written,
)
from responder.mail.addresses import Address
from responder.mail.domains import is_public_provider
from responder.mail.language import Language
from responder.mail.ours import Allowed
from responder.policy import meant, weekdays
from responder.policy.calendar import Calendar, DayKind, DayRule, Span, parse_spans
from responder.policy.deadlines import Bound, Reckoning
from responder.policy.expected import (
    Expectation,
    Moment,
    Sometime,
    of_one_line,
    read_expectations,
    read_moment,
)
from responder.policy.weekdays import weekday_named
from responder.web_address import is_address, is_protected, of_calendar
from responder.words import patterns
from responder.words.signals import Matcher, SignalWords, has_letters

EXAMPLE_PHONE: Final = "0900 000 000"  # the shipped policies' placeholder
OPENING: Final = "opening"  # digest: {at: opening}
LONGEST_WORD: Final = 2000  # characters, with all its alternatives
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


class Office(StrEnum):
    """Whether the office was open when the message arrived."""

    OPEN = "open"
    CLOSED = "closed"


class Delivery(StrEnum):
    """What becomes of a follow-up when it is due."""

    DRAFT = "draft"  # laid into Drafts for a person to send
    SEND = "send"  # sent, after a delay that gives the staff the first chance


class MarkKind(StrEnum):
    """What a mark is to the server."""

    FLAGGED = "flagged"  # \\Flagged, which every mail program shows
    KEYWORD = "keyword"  # a flag of the office's own (RFC 9051 2.3.2)
    LABEL = "label"  # Gmail's
    FOLDER = "folder"  # the message is moved there


@dataclass(frozen=True, slots=True)
class Mark:
    """How a message is marked in the mailbox. As a text, and on record: `flagged`, `keyword:Gap`, `folder:Việc gấp`."""

    kind: MarkKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind.value

    @classmethod
    def parse(cls, text: str) -> Self:
        """The mark that `str` made this text of."""
        kind, _, name = text.partition(":")
        return cls(MarkKind(kind), name)


class PerSender(StrEnum):
    """How often one sender gets an automatic reply."""

    ONCE_PER_CLOSED_PERIOD = "1 per closed period"


# ---------------------------------------------------------------- dates and hours

DAYS_OF_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOSED_WORDS = ("closed", "nghỉ")


def read_weekdays(value: object) -> tuple[int, ...]:
    """`mon-fri`, `mon, wed`, `thu2-thu6`, `cn` → weekdays, Monday = 0, in the order written. Raises Wrong."""
    if isinstance(value, tuple):
        return value
    days: list[int] = []
    text = written(value, "mon-fri")
    near = meant.weekdays(text)
    if near is not None:
        raise Wrong(f"`{text}` is not a day of the week", f"write `{near}`")
    for part in text.split(","):
        ends = [_weekday(end) for end in re.split(r"[-–]", part)]
        if len(ends) > 2:
            raise Wrong(f"`{part.strip()}` is not a range of days", "write it like `mon-fri`")
        length = (ends[-1] - ends[0]) % 7 + 1
        days += [(ends[0] + step) % 7 for step in range(length)]
    if len(set(days)) < len(days):
        raise Wrong(f"`{value}` names a day twice", "name each day once")
    return tuple(days)


def _weekday(text: str) -> int:
    day = weekday_named(text)
    if day is not None:
        return day
    near = difflib.get_close_matches("".join(text.lower().split()), weekdays.NAMES, n=1, cutoff=0.5)
    hint = f"did you mean `{near[0]}`?" if near else "write mon, tue, wed, thu, fri, sat or sun, or a range: `mon-fri`"
    raise Wrong(f"`{text.strip()}` is not a day of the week", hint)


def read_spans(value: object) -> tuple[Span, ...]:
    """`08:00-12:00, 13:00-17:00` or `closed` → the open spans of a day. Raises Wrong."""
    if isinstance(value, tuple | list) and all(isinstance(item, Span) for item in value):
        return tuple(value)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        raise Wrong("a list stands where one value is expected", f'write `"{", ".join(value)}"`')
    text = written(value, "08:00-17:00")
    if text.lower() in _CLOSED_WORDS:
        return ()
    try:
        return tuple(parse_spans(text))
    except ValueError as reason:
        what = str(reason).partition("; write")[0].replace('"', "`")
        near = meant.hours(text)
        remedy = f"write `{near}`" if near else "write it like `08:00-17:00` or `08:00-12:00, 13:00-17:00`"
        raise Wrong(what if text in what else f"`{text}`: {what}", remedy) from None


def read_open_spans(value: object) -> tuple[Span, ...]:
    """As `read_spans`, for a day that is said to be open. Raises Wrong."""
    spans = read_spans(value)
    if not spans:
        raise Wrong(f"`open: {value}` says two things", "write `closed: ` and the reason instead")
    return spans


def read_date(value: object) -> date:
    """`2026-02-16` → the date. Raises Wrong, also for a day that no calendar has."""
    if isinstance(value, date):
        return value
    text = written(value, "2026-02-16")
    try:
        near = meant.day(text)
    except ValueError:
        raise Wrong(f"`{text}`: there is no such day", "look at the month and the day again") from None
    if near is None or text != str(near):
        raise Wrong(f"`{text}` is not a date", f"write year-month-day: `{near or '2026-02-16'}`")
    return near


def read_time(value: object) -> time:
    """`08:30` → the time of day. Raises Wrong."""
    if isinstance(value, time):
        return value
    text = written(value, "08:30")
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        near = meant.clock(text)
        remedy = f"write `{near:%H:%M}`" if near else "write it like `08:30`, from `00:00` to `23:59`"
        raise Wrong(f"`{text}` is not a time of day", remedy)
    return time(int(found[1]), int(found[2]))


_OF_A_DATE: Final = ("closed", "open", "why", "to_confirm")  # the keys below one


@dataclass(frozen=True, order=True, slots=True)
class Days:
    """A date, or all dates from the first to the last, both counted."""

    first: date
    last: date

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def overlaps(self, other: Days) -> bool:
        return self.first <= other.last and other.first <= self.last


def read_days(value: object) -> Days:
    """`2026-02-16` or `2026-02-16..2026-02-20` → the days. Raises Wrong."""
    if isinstance(value, Days):
        return value
    if isinstance(value, date):
        return Days(value, value)
    text = written(value, "2026-02-16")
    if text in _OF_A_DATE:
        raise Wrong(f"`{text}` stands as far left as the dates", "indent it by two spaces more, below its date")
    glued = re.match(r"([\d.-]+)\s*:?\{", text)
    if glued:
        raise Wrong("between the date and the { a colon and a space are missing", f"write `{glued[1]}: {{`")
    near = meant.days(text)
    if near is not None and near != re.sub(r"\s", "", text):
        raise Wrong(f"`{text}` is not a range of dates", f"write `{near}`")
    ends = [read_date(end) for end in text.split("..")]
    if len(ends) > 2:
        raise Wrong(f"`{value}` is not a range of dates", "write it like `2026-02-16..2026-02-20`")
    if ends[0] > ends[-1]:
        raise Wrong(f"`{value}` ends before it begins", f"write `{ends[-1]}..{ends[0]}`")
    return Days(ends[0], ends[-1])


Weekdays = Annotated[
    tuple[int, ...],
    BeforeValidator(read_weekdays),
    WithJsonSchema({"type": "string", "examples": ["mon-fri", "sat", "thu2-thu6"]}),
]
_SPANS_SCHEMA = WithJsonSchema({"type": "string", "examples": ["08:00-17:00", "08:00-12:00, 13:00-17:00", "closed"]})
Spans = Annotated[tuple[Span, ...], BeforeValidator(read_spans), _SPANS_SCHEMA]
OpenSpans = Annotated[tuple[Span, ...], BeforeValidator(read_open_spans), _SPANS_SCHEMA]
_ISO = r"\d{4}-\d{2}-\d{2}"
Date = Annotated[date, BeforeValidator(read_date), WithJsonSchema({"type": "string", "pattern": f"^{_ISO}$"})]
DateRange = Annotated[
    Days, BeforeValidator(read_days), WithJsonSchema({"type": "string", "pattern": rf"^{_ISO}(\.\.{_ISO})?$"})
]
TimeOfDay = Annotated[
    time, BeforeValidator(read_time), WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}$"})
]


def _or_text(schema: dict[str, Any]) -> None:
    """In the JSON Schema: the group of keys, or a text alone."""
    group = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, group]


class DayOff(Section):
    """A public day off: `{closed: NAME}`, or the name alone."""

    model_config = ConfigDict(json_schema_extra=_or_text)
    MEANT = said_for({"closed": "nghi, dong cua, name, ten"})

    closed: Text = Field(description="the name of the day off, as customers may read it", examples=["Quốc khánh"])
    to_confirm: Text | None = Field(
        None, description="what the office still has to find out about this day; taken out when it is sure"
    )

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"closed": value} if isinstance(value, str) else value


class DatedDay(Section):
    """What the office does on one date, whatever holiday or weekday it is: closed with a name, or open."""

    model_config = ConfigDict(json_schema_extra=_or_text)
    MEANT = said_for({"closed": "nghi, dong cua", "open": "mo, mo cua, lam", "why": "ly do, reason"})

    closed: Text | None = Field(None, description="the reason, as customers may read it", examples=["Du lịch công ty"])
    open: OpenSpans | None = Field(None, description="the open hours of that date", examples=['"08:00-12:00"'])
    why: Text | None = Field(None, description="the reason for the open hours", examples=["Tất niên"])

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"closed": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.closed is None) == (self.open is None):
            raise Wrong("a date is either closed or open", 'write `{closed: NAME}` or `{open: "08:00-12:00"}`')
        if self.closed is not None and self.why is not None:
            raise Wrong("`why` belongs to an open day", "write the reason after `closed:`")
        return self


class Swap(Section):
    """A working day exchanged for a rest day: one entry closes the one and opens the other."""

    MEANT = said_for({"off": "nghi", "work": "lam, lam bu", "why": "ly do, reason"})

    off: Date = Field(description="the working day that is taken off", examples=["2026-08-31"])
    work: Date = Field(description="the rest day that is worked instead", examples=["2026-08-22"])
    why: Text | None = Field(None, description="the reason, as customers may read it")

    @model_validator(mode="after")
    def _two_days(self) -> Self:
        if self.off == self.work:
            raise Wrong(f"{self.off} is swapped with itself", "name the day taken off and the day worked instead")
        return self


def _ics_file(value: str) -> str:
    """Not quoted if it is an address: that may be a secret."""
    if is_address(value):
        raise Wrong("this is a web address, no file", "write `url:` in place of `file:`")
    return value


def _ics_address(value: str) -> str:
    """Never quoted: it may be a secret."""
    url = of_calendar(value)
    if not (is_protected(url) and url.isascii() and url.isprintable() and " " not in url):
        remedy = "copy it whole from the calendar's settings (its address in iCal format)"
        raise Wrong("this is not an address that begins with https://", remedy)
    return url


class NamedCalendar(Section):
    """An iCalendar file, or one at a web address, whose whole-day events close the office."""

    file: Annotated[Text, AfterValidator(_ics_file)] | None = Field(
        None, description="the file, seen from the policy's folder", examples=["nghi-le.ics"]
    )
    url: Annotated[Text, AfterValidator(_ics_address)] | None = Field(
        None, description="its web address, looked at once a day; of a secret one only the host is ever shown",
        examples=["https://calendar.google.com/calendar/ical/…/basic.ics"],
    )  # fmt: skip
    only: tuple[Text, ...] = Field(
        (), description="only events whose name has one of these words", examples=["[Tết, Quốc khánh]"]
    )
    _rules: tuple[DayRule, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.file is None and self.url is None:
            raise Wrong("missing key `file`", "add `file: nghi-le.ics`, or `url: https://…`")
        if self.file is not None and self.url is not None:
            raise Wrong("both `file` and `url` are there", "keep one of them")
        return self

    @model_validator(mode="after")
    def _fed(self, info: ValidationInfo) -> Self:
        """What it says is handed in by who has read it: `context["feeds"]`, by its name."""
        words = [word.casefold() for word in self.only]
        rules: tuple[DayRule, ...] = (info.context or {}).get("feeds", {}).get(self.name, ())
        self._rules = tuple(rule for rule in rules if not words or any(word in rule.name.casefold() for word in words))
        return self

    @property
    def name(self) -> str:
        """The file or the address, as `fed.named_calendars` has it."""
        return self.file or self.url or ""

    def day_rules(self) -> tuple[DayRule, ...]:
        """The days it closes."""
        return self._rules


# ---------------------------------------------------------------- names and words

_NAME = r"[a-z][a-z0-9_-]*"


def _name(value: str) -> str:
    if not re.fullmatch(_NAME, value):
        plain = re.sub(r"[^a-z0-9_-]+", "_", unaccented(value).lower()).strip("_0123456789-") or "out_of_hours"
        raise Wrong(f"`{value}` cannot be a name: only small letters a-z, digits, - and _", f"write it like `{plain}`")
    return value


def is_name(value: object) -> str:
    """A name that can be given to a signal or a text. Raises Wrong."""
    return _name(written(value))


def _role(value: str) -> str:
    """Raises Wrong, also for what belongs below `people`."""
    if "@" in value or re.fullmatch(r"[\d\s+().-]+", value):
        remedy = "write a role, like `manager`; who that is stands in `config.yaml`, below `people`"
        raise Wrong(f"`{value}` is an address, and no role", remedy)
    return _name(value)


def _pattern(value: str) -> str:
    """Addresses with `*`: at least an @ or a star, no white space; small letters."""
    if re.search(r"\s", value) or ("@" not in value and "*" not in value):
        inner = re.search(r"<([^\s<>@]+@[^\s<>@]+)>", value)
        hint = f"write `*@{value}`" if re.fullmatch(r"[\w.-]+\.\w+", value) else "write it like `*@example.com`"
        hint = f"write `{inner[1]}`" if inner else hint
        raise Wrong(f"`{value}` is not an address", hint)
    return value.lower()


def _named_pattern(value: str) -> str:
    """A pattern that names whose address it is: a star for a domain would let everybody pass."""
    local, _, domain = value.rpartition("@")
    if (
        not local
        or not re.fullmatch(r"[^\s@<>*]+\.[^\s@<>*]+", domain)
        or ("*" in local and is_public_provider(domain))
    ):
        raise Wrong(f"`{value}` stands for too many people", "name the organisation: `*@doitac.example`")
    return _pattern(value)


def _one_address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>*]+@[^\s@<>*]+\.[^\s@<>*]+", value):
        raise Wrong(f"`{value}` is not one address", "write it like `kinhdoanh@congty.example`, without *")
    return Address("", value).key


def _word(value: str) -> str:
    if not has_letters(value):
        raise Wrong(f"`{value}` has no letter to look for", "write a word or a phrase; an address goes under `sender`")
    if len(value) > LONGEST_WORD:
        what = (
            f"`{value[:30]}…` has {len(value):,} characters, more than {LONGEST_WORD:,}: that is no word and no phrase"
        )
        raise Wrong(what, "is a quotation mark missing? Several words stand in a list, with commas: `[one, two]`")
    patterns.check(value)
    return value


Name = Annotated[Text, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})]
Role = Annotated[Text, AfterValidator(_role), WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})]
Known = Annotated[Text, WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})]  # a name that stands elsewhere
Pattern = Annotated[Text, AfterValidator(_pattern)]
NamedPattern = Annotated[Text, AfterValidator(_named_pattern)]
OneAddress = Annotated[Text, AfterValidator(_one_address)]
Word = Annotated[Text, AfterValidator(_word)]
Roles = Annotated[tuple[Role, ...], BeforeValidator(one_or_many), AfterValidator(not_empty), ONE_OR_MANY_SCHEMA]
AnyOf = Annotated[tuple[Known, ...], BeforeValidator(one_or_many), AfterValidator(not_empty), ONE_OR_MANY_SCHEMA]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(one_or_many), AfterValidator(not_empty), ONE_OR_MANY_SCHEMA]
Words = Annotated[tuple[Word, ...], BeforeValidator(one_or_many), AfterValidator(not_empty), ONE_OR_MANY_SCHEMA]


# ---------------------------------------------------------------- marks

_KEYWORD = r"[A-Za-z0-9$_-]+"  # of an atom (RFC 9051 9), what every server and mail program takes
_NAMED_MARKS = (MarkKind.KEYWORD, MarkKind.LABEL, MarkKind.FOLDER)
_MARK_HINT = "write `flagged`, `{keyword: NAME}`, `{label: NAME}` or `{folder: NAME}`"


def read_mark(value: object) -> Mark:
    """`flagged`, `{keyword: Gap}`, `{label: Gấp}` or `{folder: Việc gấp}`. Raises Wrong."""
    if isinstance(value, Mark):
        return value
    if value == MarkKind.FLAGGED:
        return Mark(MarkKind.FLAGGED)
    if not isinstance(value, Mapping):
        raise Wrong(f"`{value}` is not possible here", _MARK_HINT)
    if len(value) != 1:
        raise Wrong("each mark is of one kind", "write several marks as a list: `[flagged, {keyword: NAME}]`")
    ((kind, name),) = value.items()
    if kind not in _NAMED_MARKS:
        raise Wrong(f"there is no mark `{kind}`", did_you_mean(str(kind), _NAMED_MARKS, _MARK_HINT))
    return Mark(MarkKind(kind), _MARK_NAMES[MarkKind(kind)](written(name, "Gap")))


def _keyword(name: str) -> str:
    if not re.fullmatch(_KEYWORD, name):
        plain = re.sub(r"[^A-Za-z0-9$_-]+", "_", unaccented(name)).strip("_") or "Gap"
        what = f"`{name}` cannot be a keyword: only letters a-z, digits, $, _ and -, without spaces"
        raise Wrong(what, f"write it like `{plain}`")
    return name


def _label(name: str) -> str:
    if name.startswith("\\") or not name.isprintable():
        raise Wrong(f"`{name}` cannot be a label of yours", "write a name like `Gấp`; those with a \\ are Gmail's own")
    return name


def _folder(name: str) -> str:
    if re.search(r"[*%]", name) or not name.isprintable():
        raise Wrong(f"`{name}` cannot be a folder", "write its whole name as the server has it: `Việc gấp`")
    if name.upper() == "INBOX":
        raise Wrong("new mail lies in the inbox already", "name another folder, or take it out")
    return name


_MARK_NAMES: Mapping[MarkKind, Callable[[str], str]] = {
    MarkKind.KEYWORD: _keyword,
    MarkKind.LABEL: _label,
    MarkKind.FOLDER: _folder,
}


def _one_mark_or_many(value: object) -> object:
    return (value,) if isinstance(value, Mapping) else one_or_many(value)


def _one_folder(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    if sum(mark.kind is MarkKind.FOLDER for mark in marks) > 1:
        raise Wrong("a mail can be moved to one folder only", "keep one `{folder: NAME}`")
    return marks


def _named_mark_schema(kind: MarkKind) -> dict[str, Any]:
    name = {"type": "string", "pattern": f"^{_KEYWORD}$"} if kind is MarkKind.KEYWORD else {"type": "string"}
    return {"type": "object", "properties": {kind: name}, "required": [kind], "additionalProperties": False}


_MARK_SCHEMA: Mapping[str, Any] = {
    "anyOf": [{"const": MarkKind.FLAGGED}, *(_named_mark_schema(kind) for kind in _NAMED_MARKS)]
}
Marks = Annotated[
    tuple[Annotated[Mark, BeforeValidator(read_mark)], ...],
    BeforeValidator(_one_mark_or_many),
    AfterValidator(_one_folder),
    WithJsonSchema({"anyOf": [_MARK_SCHEMA, {"type": "array", "items": _MARK_SCHEMA}]}),
]


# ---------------------------------------------------------------- deadlines

_WITHIN = re.compile(r"^(?:within|trong vòng|trong)\s+", re.IGNORECASE)
_OF_WORK = re.compile(r"\s*\b(?:working|làm việc)\b\s*", re.IGNORECASE)
_BOUND_HINT = "write it like `within 1 working day`, `within 4 working hours`, `within 2 hours` or `within 3 days`"


def read_bound(value: object) -> Bound:
    """`within 1 working day`, `4 working hours`, `trong 3 ngày` → how near a deadline must be. Raises Wrong."""
    if isinstance(value, Bound):
        return value
    text = written(value, "within 1 working day")
    bare = _WITHIN.sub("", text)
    try:
        amount = read_duration(_OF_WORK.sub(" ", bare).strip())
    except Wrong:
        raise Wrong(f"`{text}` does not say how near a deadline must be", _BOUND_HINT) from None
    if not amount:
        raise Wrong(f"`{text}` is no time at all", _BOUND_HINT)
    if not _OF_WORK.search(bare):
        return Bound(amount)
    is_in_days = re.search(r"\bdays?\b|\dd\b|\bngày\b", bare, re.IGNORECASE)
    if is_in_days and amount % DAY:
        raise Wrong(f"`{text}` is not a whole number of working days", _BOUND_HINT)
    return Bound(amount, Reckoning.WORKING_DAYS if is_in_days else Reckoning.WORKING_HOURS)


BoundText = Annotated[
    Bound,
    BeforeValidator(read_bound),
    WithJsonSchema(
        {"type": "string", "examples": ["within 1 working day", "within 4 working hours", "within 2 hours"]}
    ),
]


# ---------------------------------------------------------------- plays


class Signal(Section):
    """A group of words that mean something; `unless` names phrases in which they do not."""

    MEANT = said_for(
        {
            "words": "tu, tu khoa, keywords", "unless": "tru, tru khi, ngoai tru, except", "hints": "goi y",
        }
    )  # fmt: skip

    words: Words = Field(description="words and phrases; marks may be left out by the sender", examples=["[cần gấp]"])
    unless: tuple[Word, ...] = Field((), description="phrases in which the words do not count", examples=["[gấp đôi]"])
    hints: tuple[Word, ...] = Field(
        (), description="words that count as well, except where the guess takes what they say for unlikely",
        examples=["[gấp]"],
    )  # fmt: skip
    deadline: BoundText | None = Field(
        None, description="found as well where the mail asks the office for something by a time so near",
        examples=["within 1 working day"],
    )  # fmt: skip


class When(Section):
    """The conditions of a play; all that are written must be met."""

    MEANT = said_for(
        {
            "office": "van phong", "signal": "tin hieu, words", "sender": "nguoi gui, from", "deadline": "han",
            "to": "gui den",
        }
    )  # fmt: skip

    office: Office | None = Field(None, description="whether the office was open when the mail came: open or closed")
    signal: AnyOf = Field((), description="any of these signals was found", examples=["urgent"])
    deadline: BoundText | None = Field(
        None, description="the mail asks the office for something by a time so near",
        examples=["within 4 working hours"],
    )  # fmt: skip
    sender: Patterns = Field((), description="the sender's address, * for anything", examples=['"*@example.com"'])
    to: Patterns = Field((), description="the address of ours it was sent to", examples=["hotro@congty.example"])
    first_contact: Flag | None = Field(None, description="whether the sender has never written before: yes or no")


class Do(Section):
    """What a play does; all that is written is done."""

    MEANT = said_for(
        {
            "reply": "tra loi, answer", "follow_up": "thu hom sau", "alert": "bao, notify",
            "mark": "danh dau, gan co, flag", "silence": "im lang",
        }
    )  # fmt: skip

    reply: Known | None = Field(None, description="the text sent to the customer at once", examples=["out_of_hours"])
    follow_up: Known | None = Field(
        None, description="the text owed to the customer when the office opens", examples=["next_workday"]
    )
    alert: Roles = Field((), description="who is told at once: a role of `people` in the configuration",
                         examples=["manager"])  # fmt: skip
    mark: Marks = Field((), description="how the mail is marked in the mailbox", examples=["flagged"])
    promise: WorkingTime | None = Field(
        None, description="answered within this working time, instead of the policy's promise",
        examples=["4 working hours"],
    )  # fmt: skip
    silence: Flag = Field(
        False,
        description="yes: nothing automatic goes to the customer, no reply and no follow-up, whatever other plays fit",
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.silence and (self.reply or self.follow_up):
            raise Wrong("`silence` and a text for the customer contradict each other", "take one of them out")
        if not any(dict(self).values()):
            raise Wrong("the play does nothing", "write what is done: `{reply: out_of_hours}`")
        return self


class Play(Section):
    """A named situation with what is done in it."""

    MEANT = said_for({"name": "ten", "when": "khi, neu, if", "do": "lam, then, thi"})

    name: Text = Field(description="how reports call the situation", examples=["out-of-hours"])
    when: When = Field(When(), description="the conditions", examples=["{office: closed}"])
    do: Do = Field(description="what is done", examples=["{reply: out_of_hours}"])
    phone_matters: Flag = Field(
        False, description="yes: reply even when the office opens soon, because the phone number matters"
    )


# ---------------------------------------------------------------- manners


def _at_opening(value: object) -> time | Literal["opening"]:
    return OPENING if value == OPENING else read_time(value)


class FollowUp(Section):
    """What becomes of the follow-ups when the office opens."""

    as_: Delivery = Field(Delivery.DRAFT, alias="as", description="draft: laid into Drafts; send: sent by itself")
    after: WorkingTime = Field(
        timedelta(0), description="working time after the opening, left to the staff to answer first", examples=["60m"]
    )

    @model_validator(mode="after")
    def _staff_first(self) -> Self:
        if self.as_ is Delivery.SEND and not self.after:
            raise Wrong("`as: send` needs `after`: the staff can answer first", "write `{as: send, after: 60m}`")
        return self


class Digest(Section):
    """The daily report."""

    to: Roles = Field(("manager",), description="roles of `people` in the configuration", examples=["manager"])
    at: Annotated[
        time | Literal["opening"],
        BeforeValidator(_at_opening),
        WithJsonSchema({"anyOf": [{"const": OPENING}, {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"}]}),
    ] = Field(OPENING, description="`opening`, or a time of day in the office's zone", examples=["opening"])


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in any stretch of `per`, which is `HOUR` or `DAY`."""

    count: int
    per: timedelta

    def __str__(self) -> str:
        return f"{self.count} per {'day' if self.per == DAY else 'hour'}"


Rates = tuple[Rate, ...]  # it is enough to reach one of them


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a limit is used up: automatic mails within the last hour, and within the last day."""

    hour: int = 0
    day: int = 0

    def within(self, per: timedelta) -> int:
        return self.hour if per == HOUR else self.day


NOTHING_USED: Final = Used()


def reached(limit: Rates, used: Used) -> Rate | None:
    """The first of the rates that allows no more."""
    return next((rate for rate in limit if used.within(rate.per) >= rate.count), None)


def read_rate(value: object) -> Rate:
    """`20 per hour`, `50 per day` → a rate. Raises Wrong."""
    text = written(value, "20 per hour")
    found = re.fullmatch(r"([0-9]{1,6})\s*(?:per|/)\s*(hour|day)", text)
    if not found or int(found[1]) < 1:
        raise Wrong(f"`{text}` is not a limit", "write it like `20 per hour`, `100 per day` or both, with a comma")
    return Rate(int(found[1]), HOUR if found[2] == "hour" else DAY)


def read_rates(value: object) -> Rates:
    """`20 per hour, 60 per day`, or a list of the same → rates, each for another stretch of time. Raises Wrong."""
    if isinstance(value, tuple):
        return value
    parts = value if isinstance(value, list) else written(value, "20 per hour, 60 per day").split(",")
    rates = tuple(read_rate(part) for part in not_empty(tuple(parts)))
    for number, rate in enumerate(rates):
        same = next((other for other in rates[:number] if other.per == rate.per), None)
        if same is not None:
            raise Wrong(f"`{same}` and `{rate}` limit the same time", "keep the smaller of the two")
    return rates


_RATES = r"\d+ per (hour|day)(, \d+ per (hour|day))?"
RatesText = Annotated[
    Rates,
    BeforeValidator(read_rates),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{_RATES}$"},
                {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": r"^\d+ per (hour|day)$"}},
            ]
        }
    ),
]


def _per(hour: int | None = None, day: int | None = None) -> Rates:
    return tuple(Rate(count, per) for count, per in ((hour, HOUR), (day, DAY)) if count is not None)


class Limits(Section):
    """How many automatic mails at most; the last fuse against loops."""

    per_sender: PerSender = Field(
        PerSender.ONCE_PER_CLOSED_PERIOD, description="how often one sender gets an automatic reply",
        examples=["1 per closed period"],
    )  # fmt: skip
    again_after: Duration = Field(20 * HOUR, description="and none again within this time", examples=["20h"])
    per_thread: RatesText = Field(_per(day=3), description="in one conversation", examples=["3 per day"])
    per_domain: RatesText = Field(
        _per(20, 60), description="to one sender's domain", examples=["20 per hour, 60 per day"]
    )
    account: RatesText = Field(_per(100, 500), description="from this mailbox", examples=["100 per hour, 500 per day"])
    office: RatesText = Field(
        _per(200, 1000), description="from all mailboxes together", examples=["200 per hour, 1000 per day"]
    )
    alerts: RatesText = Field(_per(30), description="alerts to the staff", examples=["30 per hour"])


class Allow(Section):
    """What is answered although its signs speak against it, each by its own address."""

    lists: tuple[OneAddress, ...] = Field(
        (), description="groups or mailing lists of the office through which customers write",
        examples=["[kinhdoanh@congty.example]"],
    )  # fmt: skip
    forms: tuple[OneAddress, ...] = Field(
        (), description="From addresses of contact forms; the answer goes to the customer's address in Reply-To",
        examples=["[wordpress@congty.example]"],
    )  # fmt: skip
    reply_to: tuple[NamedPattern, ...] = Field(
        (), description="Reply-To addresses that are written to although the sender's domain is another",
        examples=['["*@partner.example"]'],
    )  # fmt: skip
    bcc: Flag = Field(False, description="yes: mail is answered even if no address of ours stands in To, Cc or Bcc")

    def by_name(self) -> Allowed:
        """As the veto takes it."""
        return Allowed(lists=frozenset(self.lists), forms=frozenset(self.forms), reply_to=self.reply_to, bcc=self.bcc)


# ---------------------------------------------------------------- examples


def _or_line(schema: dict[str, Any]) -> None:
    _or_text(schema)
    schema["anyOf"][0]["examples"] = ["Báo giá gấp giúp em, sat 22:10 → urgent, reply urgent"]


class Example(Section):
    """A mail and what should come of it: a group of keys, or one line, `MAIL, WHEN → WHAT`."""

    model_config = ConfigDict(json_schema_extra=_or_line)
    MEANT = said_for(
        {
            "mail": "thu, noi dung, text, body", "subject": "tieu de", "from": "nguoi gui, sender",
            "at": "khi, luc, when", "then": "thi, do, expect",
        }
    )  # fmt: skip

    mail: Text = Field(description="the words of the mail", examples=["Báo giá gấp giúp em"])
    subject: Text | None = Field(None, description="its subject", examples=["Báo giá"])
    from_: OneAddress | None = Field(
        None, alias="from", description="who writes it; else somebody who has not written before",
        examples=["khach@example.com"],
    )  # fmt: skip
    to: OneAddress | None = Field(
        None, description="the address of ours it is sent to", examples=["hotro@congty.example"]
    )
    at: Annotated[
        Moment,
        BeforeValidator(read_moment),
        WithJsonSchema(
            {"type": "string", "examples": ["closed", "open", "sat 22:10", "thứ Bảy 22:10", "2026-11-21 22:10"]}
        ),
    ] = Field(
        Sometime.CLOSED,
        description="when it comes: a day of an ordinary week, a date, open or closed; else an hour after closing",
        examples=["sat 22:10"],
    )
    then: Annotated[tuple[Expectation, ...], BeforeValidator(read_expectations), ONE_OR_MANY_SCHEMA] = Field(
        description="what should happen, and what should not", examples=["urgent, reply urgent"]
    )

    @model_validator(mode="before")
    @classmethod
    def _in_one_line(cls, value: Any) -> Any:
        return of_one_line(value) if isinstance(value, str) else value

    def __str__(self) -> str:
        return f"{' '.join(self.mail.split())}, {self.at} → {', '.join(map(str, self.then))}"


# ---------------------------------------------------------------- the policy


def _in_every_language(value: object) -> object:
    return dict.fromkeys(Language, value) if isinstance(value, str) else value


Signature = Annotated[
    Mapping[Language, Text],
    BeforeValidator(_in_every_language),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "propertyNames": {"enum": list(Language)}}]}),
]
_VIETNAM = "Asia/Ho_Chi_Minh"
_VIETNAMESE = ("hanoi", "hochiminh", "vietnam", "vn", "ict")
_OF_VIETNAM = re.compile(r"(?:utc|gmt)?\s*\+?\s*0?7(?::?00)?", re.IGNORECASE)


def _zone(name: str) -> str:
    """A zone that exists. Raises Wrong with the nearest one."""
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError, see below
        pass
    except KeyError:
        pass
    else:
        return name
    known = sorted(zoneinfo.available_timezones())
    if not known:
        raise Wrong("this machine has no time zone data", "install the package `tzdata`, of the system or of Python")
    plain = re.sub(r"[^a-z]", "", name.rpartition("/")[2].lower())
    near = [_VIETNAM] if plain in _VIETNAMESE or _OF_VIETNAM.fullmatch(name) else []
    near = near or difflib.get_close_matches(name, [zone for zone in known if "/" in zone], n=1, cutoff=0.5)
    hint = f"did you mean `{near[0]}`?" if near else "write it like `Asia/Ho_Chi_Minh`"
    raise Wrong(f"there is no time zone `{name}`", hint)


class Policy(Section):
    """The office's rules for its mail, in one file."""

    MEANT = said_for(
        {
            "language": "ngon ngu", "timezone": "mui gio", "hours": "gio, gio lam viec, gio mo cua",
            "holidays": "ngay le, nghi le", "calendars": "lich", "days": "ngay", "swaps": "hoan doi, lam bu",
            "promise": "cam ket", "urgent_phone": "hotline, so dien thoai, phone",
            "signals": "tu khoa, tin hieu, keywords", "plays": "tinh huong, situations, rules", "signature": "chu ky",
            "digest": "bao cao, report", "limits": "gioi han", "texts": "mau thu, noi dung, templates",
            "examples": "vi du",
        }
    )  # fmt: skip

    language: Language = Field(description="the office's own language: vi or en", examples=["vi"])
    timezone: Annotated[Text, AfterValidator(_zone)] = Field(
        description="the zone in which the hours are meant", examples=["Asia/Ho_Chi_Minh"]
    )
    hours: Mapping[Weekdays, Spans] = Field(
        description="the open hours of the week; days not named are closed", examples=['{mon-fri: "08:00-17:00"}']
    )
    holidays: Mapping[DateRange, DayOff] = Field(
        {}, description="the public days off", examples=["{2026-02-16..2026-02-20: {closed: Tết}}"]
    )
    calendars: tuple[NamedCalendar, ...] = Field(
        (), description="iCalendar files or addresses with further days off; `holidays`, `days` and `swaps` beat them",
        examples=["[{file: nghi-le.ics}]"],
    )  # fmt: skip
    days: Mapping[DateRange, DatedDay] = Field(
        {}, description="the office's own dates; they beat holidays", examples=["{2026-07-16: {closed: outing}}"]
    )
    swaps: tuple[Swap, ...] = Field(
        (), description="working days exchanged for rest days", examples=["[{off: 2026-08-31, work: 2026-08-22}]"]
    )
    promise: WorkingTime | None = Field(
        None, description="mail is answered within this working time", examples=["24 working hours"]
    )
    urgent_phone: Text | None = Field(
        None, description="the number for what cannot wait", examples=[f'"{EXAMPLE_PHONE}"']
    )
    signals: Mapping[Name, Signal] = Field(
        {}, description="groups of words, by name", examples=["{urgent: {words: [cần gấp]}}"]
    )
    learned: Flag = Field(
        False,
        description="yes: where the words are silent, what was learnt from sample mails says what a mail is about",
    )
    plays: tuple[Play, ...] = Field(
        (), description="the situations; at most one of those that fit answers the customer: the first that replies",
        examples=["[{name: out-of-hours, when: {office: closed}, do: {reply: out_of_hours}}]"],
    )  # fmt: skip
    follow_up: FollowUp = Field(FollowUp(), description="what becomes of follow-ups", examples=["{as: draft}"])
    signature: Signature = Field({}, description="what stands below follow-ups; not below automatic replies")
    digest: Digest = Field(Digest(), description="the daily report", examples=["{to: manager, at: opening}"])
    limits: Limits = Field(Limits(), description="how many automatic mails at most")
    quiet_after_answer: Duration = Field(
        4 * HOUR, description="nothing automatic in a thread where a person of the office wrote this recently",
        examples=["4h"],
    )  # fmt: skip
    opening_soon: Duration = Field(
        2 * HOUR, description="no automatic reply when the office opens within this time", examples=["2h"]
    )
    never_answer: tuple[Pattern, ...] = Field(
        (), description="addresses that get nothing automatic, * for anything", examples=['["*@example.com"]']
    )
    allow: Allow = Field(Allow(), description="what is answered although its signs speak against it")
    texts: Mapping[Name, Mapping[Language, Text]] = Field(
        {}, description="what customers read, by name and language", examples=["{out_of_hours: {vi: …, en: …}}"]
    )
    examples: tuple[Example, ...] = Field(
        (), description="mails and what should come of them; a policy whose own examples fail is not taken",
        examples=['["Báo giá gấp giúp em, sat 22:10 → urgent, reply urgent"]'],
    )  # fmt: skip

    def week(self) -> Mapping[int, tuple[Span, ...]]:
        """The open spans of each weekday that has any, Monday = 0."""
        return {day: spans for days, spans in self.hours.items() for day in days if spans}

    def roles(self) -> frozenset[str]:
        """The roles of people that the plays and the digest tell something."""
        return frozenset(role for play in self.plays for role in play.do.alert) | frozenset(self.digest.to)

    def marks(self) -> tuple[Mark, ...]:
        """The marks that the plays set, each once."""
        return tuple(dict.fromkeys(mark for play in self.plays for mark in play.do.mark))

    def day_rules(self) -> tuple[DayRule, ...]:
        """Every date that is not like its weekday: holidays, the office's own dates, swaps."""
        return (
            *(DayRule(d.first, d.last, (), off.closed, DayKind.HOLIDAY) for d, off in self.holidays.items()),
            *(
                DayRule(d.first, d.last, day.open or (), day.closed or day.why or "", DayKind.OVERRIDE)
                for d, day in self.days.items()
            ),
            *(rule for swap in self.swaps for rule in self._swapped(swap)),
            *(rule for calendar in self.calendars for rule in calendar.day_rules()),
        )

    def _swapped(self, swap: Swap) -> tuple[DayRule, DayRule]:
        """The day off takes the reason; the day worked has the hours of the weekday that is taken off."""
        wording = {Language.VI: "Nghỉ hoán đổi, làm bù ngày {:%d/%m/%Y}", Language.EN: "Swapped with {:%d/%m/%Y}"}
        off_name = swap.why or wording[self.language].format(swap.work)
        work_name = swap.why or {Language.VI: "Làm bù", Language.EN: "Worked instead"}[self.language]
        spans = self.week().get(swap.off.weekday(), ())
        return (
            DayRule(swap.off, swap.off, (), off_name, DayKind.SWAP_OFF),
            DayRule(swap.work, swap.work, spans, work_name, DayKind.SWAP_WORK),
        )

    def calendar(self) -> Calendar:
        """The office's working time; built once."""
        return self._calendar

    def matcher(self) -> Matcher:
        """The signals as a matcher; built once."""
        return self._matcher

    def in_an_ordinary_week(self) -> Self:
        """The same rules without any dated day. It shares the matcher, which takes its time to build."""
        self.matcher()
        ordinary = self.model_copy(update={"holidays": {}, "days": {}, "swaps": (), "calendars": ()})
        ordinary.__dict__.pop("_calendar", None)
        return ordinary

    def with_more(self, name: str, words: tuple[str, ...] = (), unless: tuple[str, ...] = ()) -> Self:
        """The same rules with more words of one signal. It shares the calendar and what is compiled of the words."""
        self.calendar()
        old = self.signals[name]
        signal = old.model_copy(update={"words": (*old.words, *words), "unless": (*old.unless, *unless)})
        other = self.model_copy(update={"signals": {**self.signals, name: signal}})
        other.__dict__["_matcher"] = self.matcher().with_more(SignalWords(name, words, unless))
        return other

    @cached_property
    def _calendar(self) -> Calendar:
        return Calendar(zoneinfo.ZoneInfo(self.timezone), self.week(), self.day_rules())

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher(SignalWords(name, each.words, each.unless, each.hints) for name, each in self.signals.items())
