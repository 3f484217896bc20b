"""YAML text → a tree of texts that knows its lines, and every mistake in it at once.

The lowest layer: what a policy or a config means is not known here. Every scalar stays the text that was written
(`17:00`, `no` and `1_000` are no numbers or booleans before a model says so), a key written twice is a problem, and
what a pydantic model refuses is turned into `file:line:column: what — remedy`. Pure: text in, values out.
"""

from __future__ import annotations

import difflib
import re
import types
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.fields import FieldInfo

from responder.misread import Misread, misread
from responder.web_address import is_address

MAX_CHARACTERS = 1_000_000  # a policy has some 20 000; more is not a file that a person wrote
MOST = 200  # mistakes of the model that are told at once; nobody reads more
MAX_DEPTH = 20  # the deepest key of a policy stands at depth 5

Path = tuple[str | int, ...]  # the way to a node from the root: keys and list positions (0-based)

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is some 20 times faster; same events


# ---------------------------------------------------------------- problems


class Severity(StrEnum):
    """An error makes the file unusable; a warning is told and the file is used."""

    ERROR = "error"
    WARNING = "warning"


class Code(StrEnum):
    """What sort of mistake it is, for programs; other rooms have sorts of their own."""

    FILE = "file"  # it cannot be opened, is no text, is too long
    SYNTAX = "syntax"  # it cannot be read as YAML
    YAML = "yaml"  # anchors, aliases, tags: YAML that has no place in such a file
    WRITTEN_TWICE = "written_twice"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    VALUE = "value"
    CONFLICT = "conflict"  # one part of a file says what another does not allow


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: 1-based line and column; line 0 means the file as a whole.

    `end_column` is the column behind it; 0 where it is not known, or in another line.
    """

    line: int
    column: int
    end_column: int = field(default=0, compare=False)


WHOLE_FILE = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Beside:
    """Another place of the same file that a problem is about, and what stands there."""

    place: Place
    what: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file a person wrote: where, what, and what to write instead."""

    file: str
    line: int
    column: int
    what: str
    remedy: str
    severity: Severity = Severity.ERROR
    may_pass: bool = False  # by itself, without anybody changing the file
    end_column: int = field(default=0, compare=False)  # as that of a `Place`
    code: StrEnum = field(default=Code.VALUE, compare=False)
    beside: Beside | None = field(default=None, compare=False)

    @property
    def place(self) -> Place:
        return Place(self.line, self.column, self.end_column)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        warning = "warning: " if self.severity is Severity.WARNING else ""
        return f"{where}: {warning}{self.what} — {self.remedy}"


class Unusable(Exception):  # noqa: N818 - `raise Unusable(problems)` reads as it is meant
    """A file that cannot be used; carries every problem found, errors and warnings, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @property
    def may_pass(self) -> bool:
        """Whether nothing is wrong but what may pass by itself."""
        return all(problem.may_pass for problem in errors(self.problems))


class Wrong(ValueError):  # noqa: N818 - `raise Wrong(what, remedy)` reads as it is meant
    """Raised by the readers of single values: what is wrong with it, and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what} — {remedy}")


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems without repetitions, by file and position (files in the order of their first problem)."""
    unique = list(dict.fromkeys(problems))
    files = list(dict.fromkeys(problem.file for problem in unique))
    return tuple(sorted(unique, key=lambda p: (files.index(p.file), p.line, p.column)))


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those that make the file unusable."""
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A remedy: the nearest known word, else `otherwise`, else the list of what is known."""
    known = list(known)
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{folded[near[0]]}`?"
    if otherwise:
        return otherwise
    return f"known here: {', '.join(known)}" if known else "nothing of the kind is known here"


def unaccented(text: str) -> str:
    """The letters without their marks: `việc gấp` → `viec gap`."""
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


# ---------------------------------------------------------------- the tree


@dataclass(frozen=True, slots=True)
class Scalar:
    """A written value. `text` is None where nothing is written after the colon. `start` and `end` are offsets
    into `Document.text`; `literal` says that the value stands line by line below a `|`."""

    text: str | None
    place: Place
    start: int
    end: int
    literal: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A YAML sequence."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    """A YAML mapping; each key once (the first), in the order of the file."""

    entries: Mapping[str, tuple[Scalar, Node]]
    place: Place

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry[1] if entry else None


Node = Scalar | Listing | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text as a tree, with the problems found so far. `root` is None if it cannot be read as YAML at all."""

    file: str
    text: str
    root: Table | None
    problems: tuple[Problem, ...]

    def table(self, *path: str | int) -> Table:
        """The mapping at that path; an empty one where there is none (the model reports that)."""
        node = self.node(path)
        return node if isinstance(node, Table) else Table({}, self.place(path))

    def node(self, path: Sequence[str | int]) -> Node | None:
        node: Node | None = self.root
        for step in path:
            node = _child(node, step)
        return node

    def place(self, path: Sequence[str | int]) -> Place:
        """The nearest place to that path: a value's own, a mapping's or list's key; `[key]` ends a path at the key."""
        node: Node | None = self.root
        place = Place(1, 1)
        for step in path:
            if isinstance(node, Table) and step in node.entries:
                key, node = node.entries[str(step)]
                place = node.place if isinstance(node, Scalar) and node.text is not None else key.place
            elif isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                place = node.place
            elif step == "[key]":
                return self.key_place(path[: path.index(step)])
        return place

    def key_place(self, path: Sequence[str | int]) -> Place:
        """The place of the key that the path ends with."""
        parent = self.node(path[:-1])
        if isinstance(parent, Table) and path[-1] in parent.entries:
            return parent.entries[str(path[-1])][0].place
        return self.place(path)

    def place_of_offset(self, offset: int, length: int = 0) -> Place:
        line, column = self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)
        return Place(line, column, column + length if length else 0)

    def error(self, place: Place, what: str, remedy: str, beside: Beside | None = None) -> Problem:
        found = Problem(self.file, place.line, place.column, what, remedy, end_column=place.end_column)
        return replace(found, beside=beside) if beside else found

    def warning(self, place: Place, what: str, remedy: str, beside: Beside | None = None) -> Problem:
        return replace(self.error(place, what, remedy, beside), severity=Severity.WARNING)


def _child(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, Table):
        return node.get(str(step))
    if isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def scalars(node: Node | None) -> Iterator[Scalar]:
    """The written values of a node that is one text or a list of texts."""
    if isinstance(node, Scalar) and node.text is not None:
        yield node
    elif isinstance(node, Listing):
        for item in node.items:
            if isinstance(item, Scalar) and item.text is not None:
                yield item


def tables(node: Node | None) -> Iterator[Table]:
    """The groups of keys in a list."""
    if isinstance(node, Listing):
        yield from (item for item in node.items if isinstance(item, Table))


def plain(node: Node | None) -> Any:
    """The node as dicts, lists, strings and None, for a model to read."""
    if isinstance(node, Table):
        return {key: plain(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return node.text if node else None


# ---------------------------------------------------------------- YAML → tree


@dataclass(frozen=True, slots=True)
class _Told:
    """A problem before it is known of which file."""

    place: Place
    what: str
    remedy: str
    code: Code
    beside: Beside | None = None

    def of(self, file: str) -> Problem:
        where = (file, self.place.line, self.place.column)
        end = self.place.end_column
        return Problem(*where, self.what, self.remedy, end_column=end, code=self.code, beside=self.beside)


class _RefusedError(Exception):
    """The text cannot be read further."""

    def __init__(self, told: _Told) -> None:
        self.told = told
        super().__init__(told.what)


def _refused(place: Place, what: str, remedy: str, code: Code = Code.SYNTAX) -> _RefusedError:
    return _RefusedError(_Told(place, what, remedy, code))


def _told_of(why: Misread) -> _Told:
    place = Place(*why.at) if why.at is not None else WHOLE_FILE
    beside = Beside(Place(*why.beside[0]), why.beside[1]) if why.beside is not None else None
    return _Told(place, why.what, why.remedy, Code.SYNTAX, beside)


def parse(text: str, file: str) -> Document:
    """Read `text` (of the file named `file`, a name for messages only). Never raises: see `Document.problems`."""
    text = as_read(text)
    builder = _Builder()
    root: Node | None = None
    refused: list[_Told] = []
    try:
        root = _root(text, builder)
    except _RefusedError as reason:
        refused = [reason.told]
    found = [told.of(file) for told in builder.found + refused]
    return Document(file, text, root if isinstance(root, Table) else None, in_order(found))


def as_read(text: str) -> str:
    """A file's text as places count in it: without the mark of its encoding, every line ended alike."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _root(text: str, builder: _Builder) -> Node:
    if len(text) > MAX_CHARACTERS:
        raise _refused(
            WHOLE_FILE,
            f"the file has {len(text):,} characters",
            f"more than {MAX_CHARACTERS:,} are not read: is it the right file?",
            Code.FILE,
        )
    try:
        root = builder.document(yaml.parse(text, Loader=_PARSER))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a lone surrogate cannot be given to libyaml
        raise _RefusedError(_told_of(misread(text, error))) from None
    if not isinstance(root, Table):
        raise _refused(root.place, "a file of `key: value` lines is expected", "compare with the shipped example")
    return root


class _Builder:
    """Turns parser events into nodes; collects what can be told without stopping in `found`."""

    def __init__(self) -> None:
        self.found: list[_Told] = []

    def document(self, events: Iterator[Any]) -> Node:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                root = self._node(next(events), events, 0)
                next(events)  # the end of the document
                after = next(events)
                if isinstance(after, yaml.DocumentStartEvent):
                    raise _refused(_at(after), "a second document begins here", "take out the line `---`")
                return root
        raise _refused(WHOLE_FILE, "the file is empty", "start from the shipped example (`responder init`)", Code.FILE)

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        place = _at(event)
        if depth > MAX_DEPTH:
            raise _refused(place, f"nested more than {MAX_DEPTH} deep", "nothing in these files goes that deep")
        if isinstance(event, yaml.AliasEvent):
            self._told(
                place,
                f"`*{event.anchor}` repeats another part of the file",
                "write it out again; if a star was meant, put the value in quotes",
            )
            return _scalar(event, None)
        self._no_marks(event, place)
        if isinstance(event, yaml.MappingStartEvent):
            return self._table(place, events, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._listing(place, events, depth)
        return _scalar(event, event.value if event.value or event.style else None)

    def _no_marks(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            self._told(
                place,
                f"`&{event.anchor}` (a YAML anchor) is not used here",
                "take it out; if a text begins with &, put it in quotes",
            )
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._told(
                place,
                f"`{tag}` (a YAML tag) is not used here",
                "take it out; if a text begins with !, put it in quotes",
            )

    def _table(self, place: Place, events: Iterator[Any], depth: int) -> Table:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Scalar) or key.text is None:
                self._told(key.place, "a key must be one written word", "write `key: value`")
            elif key.text in entries:
                first = entries[key.text][0].place
                self._told(
                    key.place,
                    f"`{key.text}` is written twice (first in line {first.line})",
                    "keep one of them, with everything that belongs to it",
                    Code.WRITTEN_TWICE,
                    Beside(first, "written here first"),
                )
            else:
                entries[key.text] = (key, value)
        return Table(entries, _up_to(place, event))

    def _listing(self, place: Place, events: Iterator[Any], depth: int) -> Listing:
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        return Listing(tuple(items), _up_to(place, event))

    def _told(self, place: Place, what: str, remedy: str, code: Code = Code.YAML, beside: Beside | None = None) -> None:
        self.found.append(_Told(place, what, remedy, code, beside))


def _scalar(event: Any, text: str | None) -> Scalar:
    start, end = event.start_mark.index, event.end_mark.index
    return Scalar(text, _at(event), start, end, literal=getattr(event, "style", None) == "|")


def _at(event: Any) -> Place:
    return _up_to(Place(event.start_mark.line + 1, event.start_mark.column + 1), event)


def _up_to(place: Place, event: Any) -> Place:
    """The place as far as the end of that event, if that is in the same line."""
    end = event.end_mark
    is_there = end.line + 1 == place.line and end.column + 1 > place.column
    return Place(place.line, place.column, end.column + 1) if is_there else place


# ---------------------------------------------------------------- single values

_T = TypeVar("_T")


def written(value: object, example: str = "") -> str:
    """`value` as the text it was written as; Wrong where a list, a group or nothing stands instead.

    Without an `example` the remedy is left to the field's own description (see `validate`).
    """
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping) and list(value.values()) == [None]:
        (key,) = value
        raise Wrong(f"`{{{key}}}` without quotes is a group of keys", f'put it in quotes: `"{{{key}}}"`')
    if isinstance(value, Mapping) and len(value) == 1:
        ((key, text),) = value.items()
        if isinstance(key, str) and isinstance(text, str):
            raise Wrong(
                f"`{key}: {text}` without quotes is a key and its value", f'put it in quotes: `"{key}: {text}"`'
            )
    raise Wrong(f"{_kind(value)} where one value is expected", f"write it like `{example}`" if example else "")


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "a group of keys stands"
    if isinstance(value, list | tuple):
        return "a list stands"
    return "nothing is written"


_UNITS: Mapping[str, timedelta] = {
    **dict.fromkeys(("s", "sec", "second", "seconds", "giây"), timedelta(seconds=1)),
    **dict.fromkeys(("m", "min", "minute", "mins", "minutes", "phút"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "giờ", "tiếng"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days", "ngày"), timedelta(days=1)),
    **dict.fromkeys(("year", "years", "năm"), timedelta(days=365)),
}
_AMOUNT = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([^\W\d_]+)\s*")


def read_duration(value: object) -> timedelta:
    """`60m`, `2h`, `1h 30m`, `20 hours`, `30 days`, `3 years`, `2 giờ` → a length of clock time. Raises Wrong."""
    if isinstance(value, timedelta):
        return value
    text = written(value, "2h")
    total, at = timedelta(), 0
    while at < len(text):
        found = _AMOUNT.match(text, at)
        unit = _UNITS.get(found[2].lower()) if found else None
        if not found or unit is None:
            raise Wrong(f"`{text}` is not a length of time", _unit_hint(text))
        total += float(found[1]) * unit
        at = found.end()
    return total


def _unit_hint(text: str) -> str:
    number = text if re.fullmatch(r"[1-9]\d{0,3}", text) else ""
    return f"write a number and its unit: `{number or 60}m`, `{number or 2}h`, `{number or 30} days`"


_WORKING_DAY = 8  # hours, for an example
_WORKING = re.compile(r"\s*\b(?:working|làm việc)\b\s*", re.IGNORECASE)


def read_working_time(value: object) -> timedelta:
    """`24 working hours`, `24h`, `24 giờ làm việc` → a length of working time, more than none. Raises Wrong."""
    if isinstance(value, timedelta):
        return value
    text = written(value, "24 working hours")
    if re.search(r"\bdays?\b|\dd\b|\bngày\b", text, re.IGNORECASE):
        number = re.match(r"\d{1,2}", text)
        hours = _WORKING_DAY * int(number[0]) if number else 3 * _WORKING_DAY
        remedy = f"say it in hours, some {_WORKING_DAY} for a day: `{hours} working hours`"
        raise Wrong(f"`{text}`: a working day has no fixed length", remedy)
    try:
        total = read_duration(_WORKING.sub(" ", text).strip())
    except Wrong as wrong:
        number = re.fullmatch(r"[1-9]\d{0,2}", text)
        remedy = f"write the unit: `{text} working hours`, or `{text}m` for minutes"
        remedy = remedy if number else "write it like `24 working hours`"
        raise Wrong(wrong.what, remedy) from None
    if not total:
        raise Wrong(f"`{text}` is no time at all", "leave the line out if nothing is promised")
    return total


FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "true", "on", "có"), True),
    **dict.fromkeys(("no", "false", "off", "không"), False),
}


def read_flag(value: object) -> bool:
    """yes, no, true, false, on, off, có, không → a boolean. Raises Wrong."""
    if isinstance(value, bool):
        return value
    text = written(value, "yes")
    if text.lower() not in FLAGS:
        raise Wrong(f"`{text}` is neither yes nor no", "write `yes` or `no`")
    return FLAGS[text.lower()]


def read_text(value: object) -> str:
    """A text with something in it; white space around it is dropped. Raises Wrong."""
    return written(value)


def one_or_many(value: object) -> object:
    """A single written value counts as a list of one. Raises Wrong where nothing is written."""
    if value is None:
        raise Wrong("nothing is written here", "write one value, or a list of them: `[one, two]`")
    return (value,) if isinstance(value, str | int) else value


def not_empty(value: tuple[_T, ...]) -> tuple[_T, ...]:
    """Raises Wrong for a list without anything in it."""
    if not value:
        raise Wrong("the list is empty", "write at least one value, or take the line out")
    return value


Text = Annotated[str, BeforeValidator(read_text), WithJsonSchema({"type": ["string", "number"]})]
ONE_OR_MANY_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
)
Flag = Annotated[
    bool, BeforeValidator(read_flag), WithJsonSchema({"anyOf": [{"type": "boolean"}, {"enum": list(FLAGS)}]})
]
Duration = Annotated[  # clock time
    timedelta,
    BeforeValidator(read_duration),
    WithJsonSchema({"type": "string", "examples": ["60m", "2h", "30 days"]}),
]
WorkingTime = Annotated[  # working time: counted only while the office is open
    timedelta,
    BeforeValidator(read_working_time),
    WithJsonSchema({"type": "string", "examples": ["24 working hours"]}),
]


# ---------------------------------------------------------------- models


def said_for(keys: Mapping[str, str]) -> Mapping[str, str]:
    """For `Section.MEANT`: key → what people write for it, with commas in between."""
    return {said: key for key, many in keys.items() for said in many.split(", ")}


class Section(BaseModel):
    """What every part of a file is: nothing changes it, unknown keys are mistakes, a key without value is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    MEANT: ClassVar[Mapping[str, str]] = {}  # what people write for a key, in small letters without accents → the key

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, value: Any) -> Any:
        """`urgent_phone:` with nothing after it means the same as no such line, where there is a default."""
        if not isinstance(value, Mapping):
            return value
        optional = {field.alias or name for name, field in cls.model_fields.items() if not field.is_required()}
        return {key: given for key, given in value.items() if given is not None or key not in optional}


_S = TypeVar("_S", bound=Section)


def validate(
    document: Document, model: type[_S], context: Mapping[str, Any] | None = None
) -> tuple[_S | None, list[Problem]]:
    """The document as that model, or None and every problem (those of reading the YAML too), each at its place.

    `context` is handed to the model's validators (e.g. the folder that relative paths start from).
    """
    problems = list(document.problems)
    if document.root is None:
        return None, problems
    found: _S | None = None
    try:
        found = model.model_validate(plain(document.root), context=dict(context or {}))
    except ValidationError as refusal:
        problems += [_as_problem(document, model, error) for error in refusal.errors(include_url=False)[:MOST]]
    return (None if errors(problems) else found), list(in_order(problems))


def _as_problem(document: Document, model: type[Section], error: Mapping[str, Any]) -> Problem:
    path: Path = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        return replace(_unknown_key(document, model, path), code=Code.UNKNOWN_KEY)
    what, remedy = _worded(model, path, error)
    return replace(document.error(document.place(path), what, remedy), code=_CODES.get(error["type"], Code.VALUE))


_CODES: Mapping[str, Code] = {"missing": Code.MISSING_KEY}


def _worded(model: type[Section], path: Path, error: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong and what to do, in our words, for one pydantic error."""
    kind, given = error["type"], error["input"]
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Wrong):
        return cause.what, cause.remedy or _how_to_write(model, path, "write")
    if kind == "missing":
        return f"missing key `{path[-1]}`", _how_to_write(model, path, "add")
    if given is None:
        return "nothing is written here", _how_to_write(model, path, "write")
    if kind in ("enum", "literal_error") and not isinstance(given, Mapping | list | tuple):
        allowed = [word.strip("'") for word in re.split(r", | or ", str(error["ctx"]["expected"]))]
        return f"`{given}` is not possible here", f"write {' or '.join(allowed)}"
    if isinstance(given, Mapping | list | tuple) or kind in _SHAPES:
        stands = _kind(given) if isinstance(given, Mapping | list | tuple) else f"{_quoted(given)} stands"
        return f"{stands} where {_SHAPES.get(kind, 'one value')} is expected", _how_to_write(model, path, "write")
    return f"{_quoted(given)}: {_reason(error)}", _how_to_write(model, path, "write")


def _quoted(given: object) -> str:
    """A web address may be as good as a password."""
    return "a web address" if is_address(str(given)) else f"`{given}`"


_SHAPES: Mapping[str, str] = {
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type", "mapping_type"), "a group of keys"),
    **dict.fromkeys(("tuple_type", "list_type"), "a list"),
}


def _reason(error: Mapping[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return message.replace(", unable to parse string as an integer", "")


def _how_to_write(model: type[Section], path: Path, verb: str) -> str:
    """A remedy from the field's own description and example: "add `timezone: Asia/Ho_Chi_Minh` (the zone …)"."""
    field = _field_at(model, path)
    if field is None:
        example = _group(_type_at(model, path))
        return f"{verb} `{path[-1]}: {example}`" if example else "compare with the shipped example"
    example = str(field.examples[0]) if field.examples else "…"
    description = f" ({field.description})" if field.description else ""
    return f"{verb} `{path[-1]}: {example}`{description}"


def _group(section: Any) -> str:
    """A section with what must stand in it."""
    needed = {name: field for name, field in _fields(section).items() if field.is_required() and field.examples}
    keys = ", ".join(f"{name}: {(field.examples or [''])[0]}" for name, field in needed.items())
    return f"{{{keys}}}" if keys else ""


def _field_at(model: type[Section], path: Path) -> FieldInfo | None:
    section = _type_at(model, path[:-1]) if path else None
    return _fields(section).get(str(path[-1])) if section is not None else None


def _fields(section: Any) -> Mapping[str, FieldInfo]:
    """A section's fields by the name they have in the file; none for anything that is not a section."""
    if not (isinstance(section, type) and issubclass(section, Section)):
        return {}
    return {field.alias or name: field for name, field in section.model_fields.items()}


def _type_at(model: Any, path: Path) -> Any:
    """The annotation of what stands at that path under the model, or None."""
    for step in path:
        model = _inside(_bare(model), step)
    return _bare(model)


def _inside(kind: Any, step: str | int) -> Any:
    fields = _fields(kind)
    if fields:
        field = fields.get(str(step))
        return field.annotation if field else None
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        return args[0]
    return args[1] if origin is not None and len(args) == 2 and issubclass(origin, Mapping) else None


def _bare(kind: Any) -> Any:
    """Without Annotated and `| None`."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, types.UnionType):
        return _bare(next(member for member in get_args(kind) if member is not type(None)))
    return kind


# ---------------------------------------------------------------- keys that are not known


def _unknown_key(document: Document, model: type[Section], path: Path) -> Problem:
    """A key that has no meaning where it stands, and what was probably meant."""
    key, section = str(path[-1]), _type_at(model, path[:-1])
    odd = next((sign for sign in key if unicodedata.category(sign) in _NOT_SEEN and sign != " "), None)
    if odd is not None:
        what = f"in this key stands a character that is not seen (U+{ord(odd):04X})"
        return document.error(document.key_place(path), what, "type the key again by hand, and the spaces before it")
    remedy = _glued(key) or _cut_by_a_comma(document, path) or _meant(section, key) or _not_indented(document, path)
    remedy = remedy or did_you_mean(key, _fields(section), _home(model, key))
    return document.error(document.key_place(path), f"unknown key `{key}`", remedy)


_NOT_SEEN = ("Cc", "Cf", "Zs")


def _glued(key: str) -> str:
    """`{signal:complaint}` is one key to YAML."""
    name, colon, value = key.partition(":")
    return f"a space is missing behind the colon: `{name}: {value}`" if colon and value else ""


def _cut_by_a_comma(document: Document, path: Path) -> str:
    """`{closed: Tết, nghỉ sớm}` has two keys to YAML."""
    parent = document.node(path[:-1])
    key, value = parent.entries[str(path[-1])] if isinstance(parent, Table) else (None, None)
    if key is None or not isinstance(value, Scalar) or value.text is not None:
        return ""
    is_bare = not document.text[key.end :].lstrip(" ").startswith(":")
    return "put the text before it in quotes: its comma begins a new key" if is_bare else ""


def _meant(section: Any, key: str) -> str:
    meant = (
        section.MEANT.get(unaccented(key).casefold())
        if isinstance(section, type) and issubclass(section, Section)
        else None
    )
    return f"did you mean `{meant}`?" if meant else ""


def _not_indented(document: Document, path: Path) -> str:
    """A key below one that is left empty, at the same depth."""
    parent = document.node(path[:-1])
    entries = list(parent.entries.items()) if isinstance(parent, Table) else []
    number = next((number for number, (key, _) in enumerate(entries) if key == path[-1]), 0)
    if not number:
        return ""
    before, (_, value) = entries[number - 1]
    is_empty = isinstance(value, Scalar) and value.text is None
    return f"if it belongs to `{before}` above, indent it by two spaces" if is_empty else ""


def _home(model: type[Section], key: str) -> str:
    """Where that key would be known; "" where it is nowhere, or in several places."""
    homes = list(_homes(model, key, ()))
    return f"it belongs under {' → '.join(f'`{step}:`' for step in homes[0])}" if len(homes) == 1 and homes[0] else ""


def _homes(model: Any, key: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    fields = _fields(model)
    if key in fields:
        yield path
    for name, held in fields.items():
        yield from _homes(_section_in(held.annotation), key, (*path, name))


def _section_in(kind: Any) -> Any:
    """The section that a field holds: itself, one of many, or one by name."""
    bare = _bare(kind)
    origin, args = get_origin(bare), get_args(bare)
    if origin is tuple:
        return _section_in(args[0])
    if origin is not None and len(args) == 2 and issubclass(origin, Mapping):
        return _section_in(args[1])
    return bare
