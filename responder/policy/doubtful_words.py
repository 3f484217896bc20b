"""Words of a policy that are legal, but surely not meant. Each function is one question of `doubts.py`.

What a word finds is never reckoned here: texts that it stands for are given to the matcher itself, with their marks and
without, and what it says of them holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final, Self

from responder.document import Beside, Document, Listing, Problem, Scalar, scalars
from responder.policy.model import Play, Policy
from responder.words import patterns
from responder.words.patterns import Patterns
from responder.words.signals import THANKS, Hit, Matcher
from responder.words.standing import Refused
from responder.words.tokens import tokenize

COMMON: Final = 0.5  # of the mails: a word in so many tells none from another
MANY: Final = 1000  # words of one signal; the shipped ones have some sixty
ENOUGH: Final = 30  # mails, below which a share says nothing
_TAKE_OUT: Final = "take it out: nothing changes"


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one signal as they stand in the file."""

    signal: str
    words: tuple[Scalar, ...]
    unless: tuple[Scalar, ...]
    hints: tuple[Scalar, ...]

    def written(self, word: str, but: Scalar | None = None) -> Scalar | None:
        """Where that word of the policy stands, at another place than that one."""
        return next((each for each in (*self.words, *self.hints) if _word(each) == word and each is not but), None)


def _signals(document: Document) -> Iterator[_Words]:
    """All signals but those of more words than a person writes, which would take too long to compare."""
    for signal in document.table("signals").entries:
        table = document.table("signals", signal)
        words, unless, hints = (tuple(scalars(table.get(key))) for key in ("words", "unless", "hints"))
        if len(words) + len(unless) + len(hints) <= MANY:
            yield _Words(signal, words, unless, hints)


def _word(written: Scalar) -> str:
    return (written.text or "").strip()


def in_one(document: Document, _policy: Policy, _today: date) -> Iterator[Problem]:
    """Several words that YAML takes for one phrase: with commas outside a list, or with signs that divide no list."""
    for signal in document.table("signals").entries:
        for key in ("words", "unless", "hints"):
            node = document.table("signals", signal).get(key)
            for written in scalars(node):
                signs = r"[;\t\n，、]" if isinstance(node, Listing) else r"[,;\t\n，、]"
                parts = [part.strip() for part in re.split(signs, written.text or "") if part.strip()]
                if len(parts) > 1 and not re.search(r"[{*]", written.text or ""):
                    what = f"this is one phrase of {len(parts)} parts, and found as a whole only"
                    yield document.warning(
                        written.place, what, f"write a list: `[{', '.join(parts[:4])}{'…' if len(parts) > 4 else ''}]`"
                    )


# ---------------------------------------------------------------- a word and another


def covered(document: Document, policy: Policy, _today: date) -> Iterator[Problem]:
    """A word that never counts without another of the same signal counting as well.

    Not of thanks: there it matters how much of a mail its words take up.
    """
    matcher = policy.matcher()
    for each in (signal for signal in _signals(document) if signal.signal != THANKS):
        gone: set[int] = set()
        for written, is_hint in (*((word, False) for word in each.words), *((hint, True) for hint in each.hints)):
            others = _always(matcher, _word(written), partial(_counts_as_well, each.signal, is_hint=is_hint))
            found = (each.written(word, written) for word in sorted(others))
            other = next((stays for stays in found if stays is not None and stays.start not in gone), None)
            if other is not None:
                gone.add(written.start)
                what = f"`{_word(written)}` is found by `{_word(other)}` already (line {other.place.line})"
                yield document.warning(written.place, what, _TAKE_OUT, Beside(other.place, "finds it as well"))
            elif (twin := each.written(_word(written), written)) and twin.start < written.start:
                what = f"`{_word(written)}` stands here twice (first in line {twin.place.line})"
                yield document.warning(written.place, what, _TAKE_OUT, Beside(twin.place, "the first"))


def _counts_as_well(signal: str, hit: Hit, *, is_hint: bool) -> bool:
    return hit.signal == signal and (is_hint or not hit.is_hint)


def in_both(document: Document, policy: Policy, _today: date) -> Iterator[Problem]:
    """A word of a signal that keeps silence which another signal, that replies, has as well."""
    silent, replying = (_named_by(policy, _is_silent), _named_by(policy, _replies))
    signals = list(_signals(document))
    for each in (signal for signal in signals if signal.signal in replying - silent):
        for written in each.words:
            both = _always(policy.matcher(), _word(written), lambda hit: hit.signal in silent)
            rival = next((s for s in signals if s.signal in silent and any(map(s.written, both))), None)
            other = next(filter(None, map(rival.written, sorted(both))), None) if rival else None
            if rival is not None and other is not None:
                what = f"`{_word(written)}` shows `{rival.signal}` as well, where nobody is answered"
                remedy = f"take it out of `{rival.signal}`, or out of `{each.signal}`"
                yield document.warning(written.place, what, remedy, Beside(other.place, f"of `{rival.signal}`"))


def _named_by(policy: Policy, does: Callable[[Play], bool]) -> frozenset[str]:
    return frozenset(signal for play in policy.plays if does(play) for signal in play.when.signal)


def _is_silent(play: Play) -> bool:
    return play.do.silence


def _replies(play: Play) -> bool:
    return play.do.reply is not None


def _always(matcher: Matcher, word: str, wanted: Callable[[Hit], bool]) -> set[str]:
    """The other words that count, and are wanted, in every text in which this one does."""
    common: set[str] | None = None
    for text in _texts(word):
        hits = matcher.counting(text)
        if any(hit.word == word for hit in hits):
            found = {hit.word for hit in hits if wanted(hit) and hit.word != word}
            common = found if common is None else common & found
            if not common:
                break
    return common or set()


def _texts(word: str) -> Iterator[str]:
    """What a word stands for, as it is written and as it is typed in haste."""
    for text in patterns.instances(word):
        bare = _bare(text)
        yield text
        if bare != text:
            yield bare


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


# ---------------------------------------------------------------- a word and an `unless`


def taken_away(document: Document, policy: Policy, _today: date) -> Iterator[Problem]:
    """A word that an `unless` of its own signal takes away wherever it stands."""
    for each in (signal for signal in _signals(document) if signal.unless):
        for written in (*each.words, *each.hints):
            why = _never(policy.matcher(), each.signal, _word(written))
            if why is not None:
                taker = next((phrase for phrase in each.unless if _finds(_word(phrase), why)), None)
                beside = Beside(taker.place, "takes it away") if taker else None
                what = f"`{_word(written)}` never counts: the `unless` of `{each.signal}` takes it away"
                yield document.warning(written.place, what, "take one of the two out", beside)


def _never(matcher: Matcher, signal: str, word: str) -> str | None:
    """The text of the exception, if one takes away all that the word stands for."""
    why: str | None = None
    for text in _texts(word):
        if any(hit.word == word and hit.signal == signal for hit in matcher.counting(text)):
            return None
        misses = matcher.find("", text).misses
        why = why or next((miss.by for miss in misses if miss.why is Refused.UNLESS), None)
    return why


def _finds(phrase: str, text: str) -> bool:
    return bool(_compiled([phrase]).find(tokenize(text)))


def useless_unless(document: Document, _policy: Policy, _today: date) -> Iterator[Problem]:
    """An `unless` that can never stand over, within or across one of the words it should take away."""
    for each in (signal for signal in _signals(document) if signal.unless):
        words = [_word(word) for word in (*each.words, *each.hints)]
        edges = _Edges.of(words)
        for written in each.unless:
            phrase = _word(written)
            if not edges.meet(phrase) and not _share_a_class(words, phrase):
                what = f"`{phrase}` takes nothing away: no word of `{each.signal}` can stand in it"
                yield document.warning(written.place, what, "write the phrase with the word that does not count in it")


_Keys = tuple[str, ...]  # words in a row, as the matcher looks them up


@dataclass(frozen=True, slots=True)
class _Edges:
    """What stands in a row in some words: from their beginnings on, up to their ends, and anywhere in them."""

    whole: frozenset[_Keys]
    first: frozenset[_Keys]
    last: frozenset[_Keys]
    within: frozenset[_Keys]

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        whole = frozenset(_rows(words))
        return cls(
            whole,
            frozenset(row[:end] for row in whole for end in range(1, len(row) + 1)),
            frozenset(row[start:] for row in whole for start in range(len(row))),
            frozenset(part for row in whole for part in _parts(row)),
        )

    def meet(self, phrase: str) -> bool:
        """Whether some text holds the phrase and one of the words, with a word in common."""
        other = self.of([phrase])
        return bool(
            self.last & other.first or self.first & other.last or self.within & other.whole or self.whole & other.within
        )


def _rows(words: Iterable[str]) -> Iterator[_Keys]:
    for word in words:
        for text in patterns.pieces(word):
            keys = tuple(token.spelling.key for token in tokenize(text))
            if keys:
                yield keys


def _parts(row: _Keys) -> Iterator[_Keys]:
    for start in range(len(row)):
        for end in range(start + 1, len(row) + 1):
            yield row[start:end]


def _share_a_class(words: Sequence[str], phrase: str) -> bool:
    """Whether something in one of the two is of a class that the other names, or is otherwise found by it."""
    return _stand_in([*words, *_classes(words)], [phrase]) or _stand_in([phrase, *_classes([phrase])], words)


def _classes(words: Iterable[str]) -> set[str]:
    return {name for word in words for name in patterns.classes(word)}


def _stand_in(words: Iterable[str], others: Iterable[str]) -> bool:
    finder = _compiled(words)
    return any(finder.find(tokenize(text)) for other in others for text in _texts(other))


def _compiled(words: Iterable[str]) -> Patterns[str]:
    found: Patterns[str] = Patterns()
    for word in words:
        found.add(word, word)
    return found


# ---------------------------------------------------------------- a word and the mail that came


def too_common(document: Document, policy: Policy, mails: Iterable[str]) -> Iterator[Problem]:
    """Words that count in half of the mails that came; `mails` are the senders' own words, read once."""
    hits: Counter[tuple[str, str]] = Counter()
    total = 0
    for text in mails:
        total += 1
        hits.update({(hit.signal, hit.word) for hit in policy.matcher().find("", text).hits})
    if total >= ENOUGH:
        yield from _common(document, {key: count for key, count in hits.items() if count >= COMMON * total}, total)


def _common(document: Document, counts: dict[tuple[str, str], int], total: int) -> Iterator[Problem]:
    for each in _signals(document):
        for written in (*each.words, *each.hints):
            count = counts.get((each.signal, _word(written)))
            if count is not None and each.signal != THANKS:
                what = f"`{_word(written)}` counts in {count} of the last {total} mails: it tells none from another"
                yield document.warning(written.place, what, "write a longer phrase, or take it out")
