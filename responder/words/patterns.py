"""Patterns: words and phrases with gaps, alternatives and classes of words, found among the tokens of a text.

`chưa * được` leaves out up to three words, `{gửi|giao hàng|}` is one of these or nothing, `{time}` any time of day.

How it works: a pattern is written out (its alternatives, at most MAX_PHRASES phrases) and its phrases stand in a trie;
a class is a trie of its own. A search tries each word of the text as a beginning and follows the trie, comparing marks
and what stands between the words as it goes. How many of these steps it may take is bound by the length of the text
alone: STEPS_AT_ONCE, and STEPS_PER_WORD for each word of the text; where they are spent the search ends. Mail of people
needs a few for each word.

Pure. It must not know what a pattern is looked for, nor judge what it finds.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache, partial
from itertools import product
from math import prod
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from responder.document import Wrong, did_you_mean
from responder.words.tokens import Gap, Spelling, Token, gap_between, spell, spellings, tokenize

GAP_WORDS = 3  # that `*` leaves out at most
MAX_GAPS = 3  # in one pattern
MAX_PHRASES = 100  # that one pattern may be written out to
STEPS_AT_ONCE = 100_000
STEPS_PER_WORD = 4

T = TypeVar("T")

# ------------------------------------------------------------------------------------------- classes of words


class Class(Enum):
    """A class of words, written in braces."""

    TIME = "time"
    TODAY = "today"
    TOMORROW = "tomorrow"
    DAY = "day"
    NUMBER = "number"
    PERSON = "person"
    PLEASE = "please"


# What belongs to each class, one pattern a line. A number here is the largest one that may stand in its place. A short
# syllable typed without its marks is too doubtful ("ho" is họ as well as hộ), except where it is listed so, too.
# In quotation marks stands a word that would else be the name of a class.
_VOCABULARY: dict[Class, str] = {
    Class.TIME: """
        {24h|24g|24 h|24 giờ|24h rưỡi|24 giờ rưỡi} {sáng|trưa|chiều|tối|đêm|khuya|}
        {24h59|24g59|24:59|24h59p|24 giờ 59|24 giờ 59 phút|24 giờ kém 59|24h kém 59} {sáng|trưa|chiều|tối|đêm|khuya|}
        {sáng|trưa|trua|chiều|tối|đêm|giữa trưa|giữa đêm|nửa đêm|sáng sớm|chiều tối|đầu giờ sáng|đầu giờ chiều}
        {cuối giờ sáng|cuối giờ chiều|cuối giờ|hết giờ làm}
        {12am|12pm|12 am|12 pm|12 a.m|12 p.m|12 o'clock|12 noon}
        {12:59am|12:59pm|12:59 am|12:59 pm|12:59 a.m|12:59 p.m|12.59am|12.59pm|12.59 am|12.59 pm}
        {noon|midday|midnight|lunchtime}
    """,
    Class.TODAY: """
        {hôm nay|bữa nay|ngày hôm nay|trong ngày|sáng nay|trưa nay|chiều nay|tối nay|đêm nay|khuya nay|chiều tối nay}
        {'today'|tonight|this morning|this afternoon|this evening|eod|end of day|end of the day|cob|close of business}
    """,
    Class.TOMORROW: """
        {mai|ngày mai|sáng mai|trưa mai|chiều mai|tối mai|đêm mai|sớm mai|sáng sớm mai|sáng ngày mai|chiều ngày mai}
        {'tomorrow'|tmr|tmrw|tomorrow morning|tomorrow noon|tomorrow afternoon|tomorrow evening|tomorrow night}
    """,
    Class.DAY: """
        {thứ hai|thứ ba|thứ tư|thứ năm|thứ sáu|thứ bảy|thứ bẩy|thứ 7|t7|chủ nhật|cn}
        {monday|tuesday|wednesday|thursday|friday|saturday|sunday}
        {31/12|31/12/9999|31.12.9999|9999-12-31|ngày 31|ngày 31/12|ngày 31 tháng 12|31 tháng 12|mùng 10|mồng 10}
        {31|31st|31nd|31rd|31th} {january|february|march|april|may|june|july|august|september|october}
        {31|31st|31nd|31rd|31th} {november|december|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec}
        {january|february|march|april|may|june|july|august|september|october} {31|31st|31nd|31rd|31th}
        {november|december|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec} {31|31st|31nd|31rd|31th}
    """,
    Class.NUMBER: """
        {999999999999|999.999|999,999|999.999.999|999,999,999}
        {một|mot|hai|ba|bốn|bon|năm|sáu|bảy|bẩy|tám|chín|mười|muoi|mười lăm|hai mươi|ba mươi|trăm|nghìn|ngàn}
        {one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|hundred|thousand}
    """,
    Class.PERSON: """
        {em|anh|chị|chi|cô|chú|bác|bạn|mình|minh|tôi|toi|tui|a|c|e|ad|admin|shop|sếp|quý khách|quý công ty|anh chị|a c}
        {bọn|tụi|chúng|bên|phía|nhà|công ty|cty} {em|anh|chị|cô|chú|bác|bạn|mình|tôi|tui|ta}
        {các|mấy} {em|anh|chị|cô|chú|bác|bạn|anh chị}
        {i|we|you|us|me|our team|your team|my team|our company|your company}
    """,
    Class.PLEASE: """
        {giúp|giup|hộ|giùm|gium|dùm|dum|với|nhờ|nho|xin|phiền|cảm phiền|vui lòng|làm ơn|mong|giúp với|giúp đỡ}
        {'please'|pls|plz|kindly|could you|can you|would you|could you please|can you please|would you please}
    """,
}

# How words of a pattern are also typed. A word that is short for more than one is left out (kh, tk, dk, ng).
_SHORT_FORMS: dict[Spelling, frozenset[Spelling]] = {
    spell(word): spellings(forms)
    for word, forms in {
        "không": "ko kô k kg khg hông hong hổng hok",
        "được": "đc dc đươc",
        "với": "vs",
        "trước": "trc trk",
        "rồi": "r rùi",
        "gì": "j",
        "quá": "qá wá wa",
        "làm": "lm",
        "luôn": "lun",
        "anh": "a",
        "chị": "c",
        "em": "e",
    }.items()
}

# ------------------------------------------------------------------------------------------- a pattern read


@dataclass(frozen=True, slots=True)
class _Number:
    """A word with numbers, each the largest that may stand there: 24h59 is `#h#`, (24, 59). Only within classes."""

    shape: str
    largest: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A word or class of a phrase: how far it may be parted from what stands before it, and whether over a gap."""

    what: Spelling | _Number | Class
    gap: Gap
    after_gap: bool


_Phrase = tuple[_Part, ...]
_Piece = Spelling | Class | None  # None is a gap
_HOW = "write `chưa * được`, `{gửi|giao hàng}` or `{time}`"
_CLASSES = {each.value: each for each in Class}
_KNOWN = [f"{{{name}}}" for name in _CLASSES]
_BRACES = re.compile(r"\{([^{}]*)\}")
_HOLE = re.compile(r"\{([a-z]+)\}|(?<![^\W_])\*(?![^\W_])")  # a star within a word ("đ*o") is no gap
_AT_A_WORD = re.compile(r"[^\W_]\*(?![^\W_])|(?<![^\W_])\*[^\W_]")


def check(pattern: str) -> None:
    """Raises ValueError, a `Wrong`, if that cannot be a pattern."""
    _phrases(pattern)


def instances(pattern: str) -> Iterator[str]:
    """Texts that a pattern stands for: each of its phrases, with examples of its classes, its gaps empty and filled."""
    for phrase in _written_out(pattern):
        texts = (_HOLE.sub(partial(_filled, number), phrase) for number in range(_EXAMPLES))
        yield from dict.fromkeys(" ".join(text.split()) for text in texts)


def classes(pattern: str) -> frozenset[str]:
    """The classes of words that a pattern names, as they are written."""
    return frozenset(hole[0] for phrase in _written_out(pattern) for hole in _HOLE.finditer(phrase) if hole[1])


def pieces(pattern: str) -> frozenset[str]:
    """What stands together in a pattern: its phrases, parted at their gaps, with examples of the classes."""
    found: set[str] = set()
    for phrase in _written_out(pattern):
        for number in range(_EXAMPLES):
            text = _HOLE.sub(lambda hole, n=number: _filled(n, hole) if hole[1] else "*", phrase)  # type: ignore[misc]
            found.update(text.split("*"))
    return frozenset(found)


def _filled(number: int, hole: re.Match[str]) -> str:
    return _EXAMPLE[_CLASSES[hole[1]]][number] if hole[1] else _LEFT_OUT[number]


# Of each class what no word alone is likely to find: in both languages.
_EXAMPLES = 2
_EXAMPLE: dict[Class, tuple[str, str]] = {
    Class.TIME: ("17h", "9 am"),
    Class.TODAY: ("hôm nay", "tonight"),
    Class.TOMORROW: ("ngày mai", "tomorrow"),
    Class.DAY: ("thứ hai", "friday"),
    Class.NUMBER: ("17", "three"),
    Class.PERSON: ("em", "we"),
    Class.PLEASE: ("giúp", "please"),
}
_LEFT_OUT = ("", "xxx")


def _phrases(pattern: str) -> list[_Phrase]:
    """All that a pattern may stand for."""
    _check_braces(pattern)
    if _AT_A_WORD.search(pattern):
        raise Wrong(f"in `{pattern}` the * touches a word", "put a space before and after it: `chưa * được`")
    return [_parts(pattern, each) for each in _written_out(pattern)]


def _check_braces(pattern: str) -> None:
    depth = 0
    for character in pattern:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth > 1:
            raise Wrong(
                f"in `{pattern}` braces stand within braces", "write the alternatives side by side: `{a|b c|d}`"
            )
        if depth < 0:
            raise Wrong(f"in `{pattern}` a brace is closed that was not opened", _HOW)
    if depth:
        raise Wrong(f"in `{pattern}` a brace is opened and never closed", "close it with }")


def _written_out(pattern: str) -> list[str]:
    """The pattern without its alternatives; classes and gaps stay."""
    pieces = _BRACES.split(pattern)  # text, what stands in braces, text …
    choices = [_choices(piece) if inside % 2 else [piece] for inside, piece in enumerate(pieces)]
    count = prod(map(len, choices))
    if count > MAX_PHRASES:
        what = f"`{pattern}` stands for {count:,} phrases, more than {MAX_PHRASES}"
        raise Wrong(what, "divide it into several with fewer alternatives")
    return ["".join(each) for each in product(*choices)]


def _choices(inside: str) -> list[str]:
    """What stands in braces: a class, or alternatives, of which those that are the name of a class are the class."""
    alternatives = [each.strip() for each in inside.split("|")]
    if len(alternatives) == 1 and inside.strip() not in _CLASSES:
        known = f"known are {', '.join(_KNOWN)}; alternatives are written `{{a|b}}`"
        raise Wrong(f"there is no class `{{{inside}}}`", did_you_mean(f"{{{inside.strip()}}}", _KNOWN, known))
    return [f"{{{each}}}" if each in _CLASSES else each for each in dict.fromkeys(alternatives)]


def _parts(pattern: str, phrase: str) -> _Phrase:
    """The words and classes of one phrase; what stands between them counts as in a text."""
    pieces = list(_pieces(phrase))
    _check_gaps(pattern, [piece for _, piece in pieces])
    parts: list[_Part] = []
    over = ""  # what stands before a gap, where one was
    for after_gap, (between, piece) in zip([False, *(piece is None for _, piece in pieces)], pieces, strict=False):
        if piece is None:
            over = between
        else:
            parts.append(_Part(piece, min(gap_between(over + between), Gap.STOP), after_gap))
            over = ""
    return tuple(parts)


def _check_gaps(pattern: str, pieces: Sequence[_Piece]) -> None:
    if not any(pieces):
        raise Wrong(f"`{pattern}` may stand for nothing at all", "leave at least one word that must be there")
    gaps = [place for place, piece in enumerate(pieces) if piece is None]
    if any(place in (0, len(pieces) - 1) or place + 1 in gaps for place in gaps):
        what = f"in `{pattern}` a gap does not stand between two words"
        raise Wrong(what, "write it like `chưa * được`, one * at a time")
    if len(gaps) > MAX_GAPS:
        raise Wrong(f"`{pattern}` has more than {MAX_GAPS} gaps", "divide it into several")


def _pieces(phrase: str) -> Iterator[tuple[str, _Piece]]:
    """The words, classes and gaps of a phrase, each after the text that stands before it."""
    at = 0
    for hole in _HOLE.finditer(phrase):
        rest = yield from _words(phrase[at : hole.start()])
        yield rest, _CLASSES[hole[1]] if hole[1] else None
        at = hole.end()
    yield from _words(phrase[at:])


def _words(text: str) -> Generator[tuple[str, Spelling], None, str]:
    """The words, each after the text that stands before it; and the text after the last."""
    at = 0
    for token in tokenize(text):
        yield text[at : token.start], token.spelling
        at = token.end
    return text[at:]


# ------------------------------------------------------------------------------------------- the trie


@dataclass(frozen=True, slots=True)
class _Edge(Generic[T]):
    """A word that leads on from a place in the trie, if nothing parts it more from the last than `gap`."""

    what: Spelling | _Number | Class
    gap: Gap
    to: "_Node[T]"


def _nowhere() -> dict[Any, Any]:
    return _NOWHERE


_NOWHERE: dict[Any, Any] = {}  # shared by all places that nothing leads on from: most of them; never written to


@dataclass(slots=True)
class _Node(Generic[T]):
    """A place in the trie: the patterns that end here, and where the next word leads.

    Words by their key (numbers by their shape); classes, and the keys they `open` with; and `far`, the place that leads
    on over a gap.
    """

    ends: tuple[T, ...] = ()
    words: dict[str, tuple[_Edge[T], ...]] = field(default_factory=_nowhere)
    classes: dict[Class, tuple[_Edge[T], ...]] = field(default_factory=_nowhere)
    open: frozenset[str] = frozenset()
    far: "_Node[T] | None" = None


def _add(root: _Node[T], phrase: _Phrase, pattern: T) -> None:
    node = root
    for part in phrase:
        if part.after_gap:
            node.far = node.far or _Node()
            node = node.far
        node = _next(node, part)
    if pattern not in node.ends:
        node.ends = (*node.ends, pattern)


def _next(node: _Node[T], part: _Part) -> _Node[T]:
    """Where that part leads from there; a new place if it led nowhere yet."""
    for edge in _edges(node, part.what):
        if (edge.what, edge.gap) == (part.what, part.gap):
            return edge.to
    to: _Node[T] = _Node()
    _lead(node, _Edge(part.what, part.gap, to))
    if isinstance(part.what, Spelling):
        for form in sorted(_SHORT_FORMS.get(part.what, ()), key=attrgetter("base")):
            _lead(node, _Edge(form, part.gap, to))
    return to


def _edges(node: _Node[T], what: Spelling | _Number | Class) -> tuple[_Edge[T], ...]:
    return node.classes.get(what, ()) if isinstance(what, Class) else node.words.get(_key(what), ())


def _lead(node: _Node[T], edge: _Edge[T]) -> None:
    edges = (*_edges(node, edge.what), edge)
    if isinstance(edge.what, Class):
        node.open |= _vocabulary(edge.what).words.keys()
        node.classes = {**node.classes, edge.what: edges}
    elif node.words:
        node.words[_key(edge.what)] = edges
    else:
        node.words = {_key(edge.what): edges}


def _key(what: Spelling | _Number) -> str:
    return what.shape if isinstance(what, _Number) else what.key


@cache
def _vocabulary(name: Class) -> _Node[Class]:
    root: _Node[Class] = _Node()
    for line in filter(None, map(str.strip, _VOCABULARY[name].splitlines())):
        for phrase in _phrases(line):
            _add(root, tuple(replace(part, what=_with_numbers(part.what)) for part in phrase), name)
    return root


def _with_numbers(what: Spelling | _Number | Class) -> Spelling | _Number | Class:
    if not isinstance(what, Spelling) or not _DIGITS.search(what.base):
        return what
    return _Number(_shape(what.base), _numbers(what.base))


_DIGITS = re.compile(r"[0-9]+")


def _shape(base: str) -> str:
    return _DIGITS.sub("#", base)


def _numbers(base: str) -> tuple[int, ...]:
    return tuple(map(int, _DIGITS.findall(base)))


# ------------------------------------------------------------------------------------------- the search


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A pattern found at the tokens first … last (inclusive).

    `meant` has, for each of these tokens, the spelling it stands for: the pattern's or the class's; its own where it is
    a number, or one of the words (`left_out` of them) over which a gap leads.
    """

    pattern: T
    first: int
    last: int
    meant: tuple[Spelling, ...]
    left_out: int


class Patterns(Generic[T]):
    """Patterns, compiled once, each for whatever the caller looks for with it."""

    __slots__ = ("_root",)

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, written: str, pattern: T) -> None:
        """Raises ValueError, a `Wrong`, for what is no pattern (see `check`)."""
        for phrase in _phrases(written):
            _add(self._root, phrase, pattern)

    def find(self, tokens: Sequence[Token]) -> list[Match[T]]:
        """All matches, also those that overlap, by their first word. Never raises."""
        search = _Search(tokens)
        root = self._root
        words, classes = root.words.keys(), root.open
        found: list[Match[T]] = []
        for first, keys in enumerate(search.keys):
            if not (words.isdisjoint(keys) and classes.isdisjoint(keys)):  # `_leads_on`, of every word of every mail
                found += search.matches(root, first)
            if search.is_spent:
                break
        return found


class _State(NamedTuple, Generic[T]):
    """A place reached in the trie and in the text, and what the words up to there stand for."""

    node: _Node[T]
    place: int
    meant: tuple[Spelling, ...] = ()
    left_out: int = 0


class _Search:
    """One search in one text, with what it may still spend."""

    __slots__ = ("_classes", "_left", "_tokens", "keys")

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self.keys = [_keys(token.spelling) for token in tokens]
        self._left = STEPS_AT_ONCE + STEPS_PER_WORD * len(tokens)
        self._classes: dict[tuple[Class, int], tuple[tuple[Spelling, ...], ...]] = {}

    @property
    def is_spent(self) -> bool:
        return self._left <= 0

    def matches(self, root: _Node[T], first: int) -> list[Match[T]]:
        """What begins at that token, each place of trie and text reached once."""
        found: list[Match[T]] = []
        live = [_State(root, first)]
        seen: set[tuple[int, int]] = set()
        while live and not self.is_spent:
            state = live.pop()
            for pattern in state.node.ends:
                self._left -= len(state.meant)
                found.append(Match(pattern, first, state.place - 1, state.meant, state.left_out))
            for onward in self._onward(state):
                reached = (id(onward.node), onward.place)
                if reached not in seen:
                    seen.add(reached)
                    live.append(onward)
        return found

    def _onward(self, state: _State[T]) -> list[_State[T]]:
        if state.place == len(self._tokens):
            return []
        gap = self._tokens[state.place].gap if state.meant else Gap.LINK
        onward = self._next_word(state, gap)
        if state.node.far:
            onward += self._over_gap(state._replace(node=state.node.far), gap)
        return onward

    def _over_gap(self, state: _State[T], gap: Gap) -> list[_State[T]]:
        """As many words left out as a gap may; it never leads over the end of a sentence."""
        onward: list[_State[T]] = []
        for token in self._tokens[state.place : state.place + GAP_WORDS + 1]:
            gap = max(gap, token.gap)
            if gap > Gap.COMMA:
                break
            self._left -= 1
            if _leads_on(state.node, self.keys[state.place]):
                onward += self._next_word(state, gap)
            state = _State(state.node, state.place + 1, (*state.meant, token.spelling), state.left_out + 1)
        return onward

    def _next_word(self, state: _State[T], gap: Gap) -> list[_State[T]]:
        node, place, so_far, left_out = state
        written, keys = self._tokens[place].spelling, self.keys[place]
        onward: list[_State[T]] = []
        self._left -= 1
        for key in keys:
            for edge in node.words.get(key, ()):
                self._left -= 1
                if gap <= edge.gap and _agrees(written, edge.what):
                    meant = edge.what if isinstance(edge.what, Spelling) else written
                    onward.append(_State(edge.to, place + 1, (*so_far, meant), left_out))
        if node.classes and not node.open.isdisjoint(keys):
            onward += self._through_class(state, gap)
        return onward

    def _through_class(self, state: _State[T], gap: Gap) -> list[_State[T]]:
        onward: list[_State[T]] = []
        for name, edges in state.node.classes.items():
            self._left -= 1
            for of_class in self._of_class(name, state.place):
                place, meant = state.place + len(of_class), state.meant + of_class
                self._left -= len(edges)
                onward += [_State(edge.to, place, meant, state.left_out) for edge in edges if gap <= edge.gap]
        return onward

    def _of_class(self, name: Class, place: int) -> tuple[tuple[Spelling, ...], ...]:
        """What the words from there on stand for in that class, if anything: one reading for each length."""
        if (name, place) not in self._classes:
            root, written = _vocabulary(name), self._tokens[place].spelling
            found = self.matches(root, place)
            sure = (each.meant for each in found if len(each.meant) > 1 or not is_doubtful(written, each.meant[0]))
            self._classes[name, place] = tuple({len(meant): meant for meant in sure}.values())
        return self._classes[name, place]


def _keys(written: Spelling) -> tuple[str, ...]:
    """What a word is looked up by."""
    return (written.key,) if written.key.isalpha() else (written.key, _shape(written.base))


def _leads_on(node: _Node[T], keys: Sequence[str]) -> bool:
    """Whether such a word, or a class that opens with it, may lead anywhere from there."""
    return keys[0] in node.words or keys[-1] in node.words or not node.open.isdisjoint(keys)


def _agrees(written: Spelling, what: Spelling | _Number | Class) -> bool:
    if isinstance(what, Spelling):
        return written.may_stand_for(what)
    if isinstance(what, _Number):
        return all(number <= largest for number, largest in zip(_numbers(written.base), what.largest, strict=True))
    return False


def is_doubtful(written: Spelling, meant: Spelling) -> bool:
    """A short syllable with marks that is written without any: "gap" may be gấp, gặp or an English word."""
    return len(meant.base) <= _SHORT and written.bare and not meant.bare


_SHORT = 4  # letters: gấp, sập, cháy, hỏng, khẩn
