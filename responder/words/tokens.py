"""Tokens: a text as words, each with its spelling (letters, marks on letters, tones) and what parts it from the last.

Made for Vietnamese as people type it: with marks, with some, with none; NFC or NFD; stretched or shouted. Pure, and
knows no policy, no signal and no meaning.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from operator import mul
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word as it is compared: `base` are its bare letters, `key` these with every run of a letter made one.

    `runs` are the lengths of these runs; `marks` those that make another letter (â, ơ, đ; not tones), each with the run
    it stands on.
    """

    base: str
    key: str
    runs: tuple[int, ...]
    marks: frozenset[tuple[int, str]]
    tones: frozenset[str]

    def __hash__(self) -> int:
        return hash(self.base)  # of all the fields it would take as long as all the rest

    @property
    def bare(self) -> bool:
        """Written without any mark."""
        return not self.tones and not self.marks

    def may_stand_for(self, pattern: "Spelling") -> bool:
        """Whether this written word can be the pattern's: the same letters, its marks a subset of the pattern's.

        A letter written three times or more may stand for any number of it ("gấpppp"), except where the word is
        nothing else ("kkk" is laughter, not "k").
        """
        if self is pattern:
            return True  # as most are: the spellings of common words are remembered
        if self.key != pattern.key or not (self.tones <= pattern.tones and self.marks <= pattern.marks):
            return False
        return self.base == pattern.base or self._is_stretched(pattern)

    def _is_stretched(self, pattern: "Spelling") -> bool:
        stretch = _STRETCHED if len(self.runs) > 1 else len(self.base) + 1
        lengths = zip(self.runs, pattern.runs, strict=True)
        return all(written == meant or written >= stretch for written, meant in lengths)


class Gap(IntEnum):
    """What stands between a word and the one before it; a higher value parts them more."""

    LINK = 0  # white space, one line break, hyphen, slash, quotation marks, brackets, emoji
    COMMA = 1
    STOP = 2  # . ! ? ; : and the bars and bullets of lists
    PARAGRAPH = 3  # an empty line, or the beginning of the text


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: where it stands (offsets into the text), how it is spelled, what parts it from the last."""

    start: int
    end: int
    text: str
    gap: Gap
    spelling: Spelling


_STRETCHED = 3
MAX_SPELLED = 200  # letters and marks of one word; one letter can decompose into eighteen

_STROKE = "\u0335"
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_STROKED = str.maketrans(dict.fromkeys("đðɖ", f"d{_STROKE}"))

# A combining mark, or a character that is not seen (Unicode's "Cf": zero-width space and joiners, soft hyphen, BOM).
_WITHIN = "\u0300-\u036f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
# An address is no word of the sender's; a word is letters and digits, with apostrophes inside ("isn't").
_WORD = re.compile(
    r"(?P<address>(?:https?://|www\.)\S+"
    rf"|[a-zA-Z0-9_.+-]{{1,64}}@[a-zA-Z0-9.-]{{1,255}}(?![\w{_WITHIN}]))"
    rf"|[^\W_](?:[^\W_]|[{_WITHIN}]|['’ʼ](?=[^\W_]))*"
)
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n|\u2029")
_STOP = re.compile(r"[.!?;:…|•·。！？；：．]")
_COMMA = re.compile(r"[,，、]")


def tokenize(text: str) -> tuple[Token, ...]:
    """The words of a text, addresses left out."""
    tokens: list[Token] = []
    spellings: dict[str, Spelling] = {}  # a text repeats its words
    end = 0
    for match in _WORD.finditer(text):
        if match["address"]:
            continue
        word = match[0]
        if word not in spellings:
            spellings[word] = spell(word)
        gap = gap_between(text[end : match.start()]) if tokens else Gap.PARAGRAPH
        end = match.end()
        tokens.append(Token(match.start(), end, word, gap, spellings[word]))
    return tuple(tokens)


def gap_between(between: str) -> Gap:
    """How far two words are parted by what is written between them."""
    if between == " ":
        return Gap.LINK
    if _PARAGRAPH.search(between):
        return Gap.PARAGRAPH
    if _STOP.search(between):
        return Gap.STOP
    return Gap.COMMA if _COMMA.search(between) else Gap.LINK


def spell(word: str) -> Spelling:
    """How one word is spelled, at most its first two hundred letters."""
    return _spelled_before(word) if len(word) <= _COMMON_LENGTH else _spelled(word)


def _spelled(word: str) -> Spelling:
    letters: list[str] = []  # one of each run
    lengths: list[int] = []
    marks: set[tuple[int, str]] = set()
    tones: set[str] = set()
    for character in _decomposed(word):
        if character.isalnum():
            if letters and letters[-1] == character:
                lengths[-1] += 1
            else:
                letters.append(character)
                lengths.append(1)
        elif character in _TONES:
            tones.add(character)
        elif letters and unicodedata.combining(character):
            marks.add((len(letters) - 1, character))
    base = "".join(map(mul, letters, lengths))
    runs = zip(letters, lengths, strict=True)
    key = "".join(letter if letter.isalpha() else letter * length for letter, length in runs)
    parts = _kept(tuple(lengths)), _kept(frozenset(marks)), _kept(frozenset(tones))
    return Spelling(base, base if key == base else key, *parts)


Kept = TypeVar("Kept", bound=frozenset[tuple[int, str]] | frozenset[str] | tuple[int, ...])


@lru_cache(maxsize=1024)
def _kept(part: Kept) -> Kept:
    """The same one once: it takes room, and thousands of words are kept with few different ones."""
    return part


_COMMON_LENGTH = 12  # letters of a word worth remembering: mails and policies are made of the same few thousand
_spelled_before = lru_cache(maxsize=4096)(_spelled)


def _decomposed(word: str) -> str:
    """Case, compatibility forms and composed letters undone: letters and marks as characters of their own."""
    if word.isascii():
        return word[:MAX_SPELLED].lower()
    folded = unicodedata.normalize("NFKD", word[:MAX_SPELLED]).casefold()[:MAX_SPELLED]
    return unicodedata.normalize("NFKD", folded).translate(_STROKED)


def spellings(words: str) -> frozenset[Spelling]:
    """A set of small words where the marks decide (đừng is not dùng)."""
    return frozenset(map(spell, words.split()))


def bare_words(words: str) -> frozenset[str]:
    """A set of small words in base letters, where the marks do not decide."""
    return frozenset(words.split())
