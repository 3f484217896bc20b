"""A text as times are read from it: what its words may mean among times, what parts them, what its numbers are.

Every reader of times looks at the text through a `Scan`. A function that reads gives what it read and the place after
it, or None. It must not know how words of time combine.
"""

from collections.abc import Sequence
from typing import TypeVar

from responder.words.times.resolving import Day, Edge, Part, Unit
from responder.words.times.vocabulary import Cue, DayPart, Found, Lead, Small, Tail, Which, meanings, starts
from responder.words.tokens import Gap, Token, bare_words

_Kind = TypeVar("_Kind")


class Scan:
    """One text, looked at from place to place; `is_marked`: it is written with marks."""

    __slots__ = ("_bases", "_known", "is_marked", "text", "tokens")

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self._bases = [token.spelling.base for token in tokens]
        self._known: dict[int, tuple[Found, ...]] = {}
        marked = sum(not token.spelling.bare for token in tokens)
        self.is_marked = marked * _MARKED_SHARE >= len(tokens)

    def may_start(self, place: int) -> bool:
        """Whether to look closer: a number, a word of time, or one that asks for a time with such a word after it."""
        if self._is_time(place):
            token = self.tokens[place]
            return token.text[0].isdecimal() or any(self._opens(found) for found in self.meanings(place))
        return False

    def _is_time(self, place: int) -> bool:
        token = self.tokens[place]
        return token.text[0].isdecimal() or starts(token)

    def _opens(self, found: Found) -> bool:
        meaning, after = found.meaning, found.after
        if isinstance(meaning, Tail) or meaning in _NEVER_FIRST:
            return False
        asks = isinstance(meaning, Cue | Lead | Which | Edge) or meaning in _ASKING
        return not asks or isinstance(meaning, Edge) or (after < len(self.tokens) and self._is_time(after))

    def meanings(self, place: int) -> tuple[Found, ...]:
        known = self._known.get(place)
        if known is None:
            known = meanings(self.tokens, place) if place < len(self.tokens) else ()
            self._known[place] = known
        return known

    def take(self, place: int, kind: type[_Kind]) -> tuple[_Kind, int] | None:
        for found in self.meanings(place):
            if isinstance(found.meaning, kind):
                return found.meaning, found.after
        return None

    def small(self, place: int, *words: Small) -> int | None:
        """The place after one of these words, or None."""
        for found in self.meanings(place):
            if found.meaning in words:
                return found.after
        return None

    def base(self, place: int) -> str:
        return self._bases[place] if 0 <= place < len(self._bases) else ""

    def between(self, place: int) -> str:
        """What stands between the word there and the one before it."""
        if not 0 < place < len(self.tokens):
            return "\n\n"
        return self.text[self.tokens[place - 1].end : self.tokens[place].start]

    def follows(self, place: int, at_most: Gap = Gap.LINK) -> bool:
        return place < len(self.tokens) and self.tokens[place].gap <= at_most

    def begins_clause(self, place: int) -> bool:
        return place == 0 or self.tokens[place].gap >= Gap.COMMA or "\n" in self.between(place)

    def ends_clause(self, after: int) -> bool:
        return after >= len(self.tokens) or self.begins_clause(after)

    def digits(self, place: int, most: int = 9999) -> int | None:
        base = self.base(place)
        if not base.isdecimal() or not base.isascii() or len(base) > _MOST_DIGITS:
            return None
        return int(base) if int(base) <= most else None

    def is_tail_of_number(self, place: int) -> bool:
        """The last digits of "1.500", "v2.3", "HCM-02"."""
        between = self.between(place)
        if between == "-":
            return not self.base(place - 1)[-1:].isdecimal() and not self._is_time(max(place - 1, 0))
        return between in _WITHIN_NUMBERS and self.base(place - 1)[-1:].isdecimal()

    def joined(self, place: int) -> int:
        joiner = self.small(place, Small.JOINER)
        return joiner if joiner is not None and self.follows(joiner) else place

    def is_piece_of_day(self, place: int) -> bool:
        return any(isinstance(found.meaning, Part | DayPart | Day) for found in self.meanings(place)) and (
            self.base(place) not in _ALSO_TAILS or self.take(place, DayPart) is not None
        )

    def is_counted(self, place: int) -> bool:
        """Whether a unit follows ("2 tháng 10 ngày"), which is not the "năm" before a year."""
        unit = self.take(place, Unit) if self.follows(place) else None
        return unit is not None and unit[0] is not Unit.YEAR


_MOST_DIGITS = 4
_WITHIN_NUMBERS = frozenset({".", ",", "/", ":"})
_NEVER_FIRST = frozenset({Small.JOINER, Small.HALF, Small.LACKING, Small.TO, Small.AND, Small.AM, Small.PM, Small.OF,
                          Small.PAST_HOUR, Small.WORKING, Small.OCLOCK, Small.MINUTES, Small.YEAR_OF})  # fmt: skip
_ASKING = frozenset({Small.ABOUT, Small.OVER, Small.THE, Small.DAY_OF, Small.MONTH_OF, Small.HALF_OF, Small.QUARTER})
_ALSO_TAILS = bare_words("nay toi qua")
_MARKED_SHARE = 4  # a text with a mark on every fourth word is written with marks
DASHES = frozenset({"-", "–", "—", "~", "->", "→", "−"})
