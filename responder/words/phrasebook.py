"""A phrasebook: small phrases of both languages, each under a cue, found in a text in one pass.

Made for the engine's own grammar (who speaks, asks, tells); the policy's words have their own search. Pure, and knows
no meaning of a cue.

How it is written: phrases parted by commas, in Vietnamese with all marks. Text may leave marks out, except in a word
with "=" before it, which without its marks would be another one (=đã, as "da" is mostly dạ).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Self, TypeVar

from responder.words.tokens import Gap, Spelling, Token, spell

Cue = TypeVar("Cue", bound=Hashable)


class Sign(NamedTuple, Generic[Cue]):
    """A phrase found at the tokens first … last (inclusive), and what it is a cue for."""

    cue: Cue
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a phrase, and whether its marks must be written."""

    spelling: Spelling
    marked: bool

    @classmethod
    def of(cls, written: str) -> Self:
        return cls(spell(written.removeprefix("=")), written.startswith("="))

    def stands_in(self, written: Spelling) -> bool:
        meant = self.spelling
        if written is meant:
            return True  # as most are
        return written.may_stand_for(meant) and (not self.marked or meant.may_stand_for(written))


@dataclass(slots=True)
class _Node(Generic[Cue]):
    """A place in the trie over bare letters: the phrases that end here (cue None: a phrase that means nothing)."""

    ends: tuple[tuple[Cue | None, tuple[_Word, ...]], ...] = ()
    next: "dict[str, _Node[Cue]]" = field(default_factory=lambda: _NOWHERE)

    def onward(self, key: str) -> "_Node[Cue]":
        """Where that word leads; a new place if it led nowhere yet."""
        if not self.next:
            self.next = {}  # its own
        return self.next.setdefault(key, _Node())


_NOWHERE: dict[str, Any] = {}  # shared by all places that nothing leads on from: most of them; never written to


class Phrasebook(Generic[Cue]):
    """Phrases by cue. `nothing` are phrases that take away the shorter ones inside them ("vấn đề" is not "để")."""

    __slots__ = ("_root",)

    def __init__(self, phrases: Mapping[Cue, str], nothing: str = "") -> None:
        self._root: _Node[Cue] = _Node()
        known: dict[str, _Word] = {}  # each word once: phrases are made of the same few
        for cue, text in phrases.items():
            self._add(cue, text, known)
        self._add(None, nothing, known)

    def _add(self, cue: Cue | None, text: str, known: dict[str, _Word]) -> None:
        for phrase in filter(None, map(str.strip, text.split(","))):
            words = tuple(known.setdefault(word, _Word.of(word)) for word in phrase.split())
            node = self._root
            for word in words:
                node = node.onward(word.spelling.key)
            node.ends = (*node.ends, (cue, words))

    def signs(self, tokens: Sequence[Token]) -> tuple[Sign[Cue], ...]:
        """All phrases in the order of the text; of one cue at one place the longest, and none inside another."""
        found: list[Sign[Cue]] = []
        ends: dict[Cue | None, int] = {}  # where the last phrase of a cue ended
        written = [token.spelling for token in tokens]
        keys = [spelling.key for spelling in written]
        for first, (node, after) in enumerate(zip(map(self._root.next.get, keys), (*keys[1:], ""), strict=False)):
            if node is None or not (node.ends or after in node.next):  # most words of every mail
                continue
            for cue, last in self._at(tokens, written, first, node).items():
                if last > max(ends.get(cue, -1), ends.get(None, -1) if cue is not None else -1):
                    ends[cue] = last
                    if cue is not None:
                        found.append(Sign(cue, first, last))
        return tuple(found)

    @staticmethod
    def _at(
        tokens: Sequence[Token], written: Sequence[Spelling], first: int, node: _Node[Cue] | None
    ) -> dict[Cue | None, int]:
        """The longest phrase of each cue that begins at that token; those inside one that means nothing are gone.

        `node` is where that token leads.
        """
        longest: dict[Cue | None, int] = {}
        after = first + 1
        while node:
            for cue, words in node.ends:
                if all(map(_Word.stands_in, words, written[first:after])):
                    longest[cue] = after - 1
            if not node.next or after == len(tokens) or tokens[after].gap is not Gap.LINK:
                break
            node = node.next.get(written[after].key)
            after += 1
        if None not in longest:
            return longest
        nothing = longest[None]
        return {cue: last for cue, last in longest.items() if cue is None or last > nothing}
