"""Phrases that tell some mails from others: words in a row as the mails have them, and not to be had by chance.

Texts in, phrases out; pure. Names, numbers and addresses are no phrases, nor is what only greets, points or joins.
What a phrase would do in a policy is not known here (`proposals.py`).
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Final

from responder.words.patterns import Patterns
from responder.words.tokens import Gap, Token, spellings, tokenize

LONGEST: Final = 4  # words of a phrase
FEWEST: Final = 3  # mails that must speak for it …
SENDERS: Final = 2  # … of so many people
PRECISE: Final = 0.8  # of the mails that have it, so many must be meant
BY_CHANCE: Final = 0.05  # that any phrase of these mails looks so telling though none is


@dataclass(frozen=True, slots=True)
class Text:
    """A mail to look for phrases in: its parts, and who wrote it; the words of `name` are never part of a phrase."""

    number: int
    parts: tuple[str, ...]
    sender: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row, and the mails of both sides that have them."""

    text: str
    here: frozenset[int]
    there: frozenset[int]


Spans = Callable[[Text], Iterable[Sequence[Token]]]


def telling(here: Sequence[Text], there: Iterable[Text], spans: Spans | None = None) -> tuple[Phrase, ...]:
    """Phrases that stand in several of the mails here and rarely in those there, the best first.

    `spans`: which words in a row of a mail may be one; else all that say something.
    """
    candidates = _candidates(here, spans or _spans)
    if not candidates:
        return ()
    found = _Finder(candidates.values())
    others = list(there)
    in_here = found.where(here)
    in_there = found.where(others, {phrase: _too_many(len(mails)) for phrase, mails in in_here.items()})
    senders = {text.number: text.sender for text in here}
    phrases = [Phrase(each, in_here[each], in_there[each]) for each in candidates.values()]
    questions = {(each.here, each.there) for each in phrases}  # the parts of one phrase ask the same
    enough = (each for each in phrases if _is_enough(each, senders))
    kept = [each for each in enough if _by_chance(each, len(here), len(others)) * len(questions) <= BY_CHANCE]
    return tuple(sorted(kept, key=_worth))


def is_enough(mails: Collection[int], senders: Mapping[int, str]) -> bool:
    """So many mails, of so many people."""
    return len(mails) >= FEWEST and len({senders[number] for number in mails}) >= SENDERS


def is_precise(here: int, there: int) -> bool:
    return here >= PRECISE * (here + there)


def _too_many(here: int) -> int:
    """So many mails that have it there, and it is telling no more: of what is in every mail, not all need be noted."""
    return int(here / PRECISE) - here + 1


def _is_enough(phrase: Phrase, senders: Mapping[int, str]) -> bool:
    """One word alone stands for much: it is believed only where no mail at all speaks against it."""
    is_believed = is_precise(len(phrase.here), len(phrase.there)) if " " in phrase.text else not phrase.there
    return is_believed and is_enough(phrase.here, senders)


def _by_chance(phrase: Phrase, here: int, there: int) -> float:
    return chance(len(phrase.here), len(phrase.there), here, there)


def chance(in_here: int, in_there: int, here: int, there: int) -> float:
    """That of the mails with a phrase at least so many are here, were they dealt out blindly (hypergeometric).

    Where more is asked than one such question, each answer is worth so much less (Bonferroni).
    """
    having = in_here + in_there
    ways = sum(comb(here, n) * comb(there, having - n) for n in range(in_here, min(having, here) + 1))
    return ways / comb(here + there, having)


def _worth(phrase: Phrase) -> tuple[int, int, int, str]:
    """More mails, fewer against, then the longer one: it breaks no word of two syllables in half."""
    return len(phrase.there) - len(phrase.here), len(phrase.there), -len(phrase.text.split()), phrase.text


# ---------------------------------------------------------------- which words in a row


def _candidates(texts: Iterable[Text], spans: Spans) -> Mapping[tuple[str, ...], str]:
    """By their bare letters, as they are written with the most marks: who types without any means the same."""
    writings: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    numbers: dict[tuple[str, ...], set[int]] = defaultdict(set)
    senders: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for text in texts:
        for span in spans(text):
            key = tuple(token.spelling.base for token in span)
            writings[key][_written(span)] += 1
            numbers[key].add(text.number)
            senders[key].add(text.sender)
    wanted = (key for key in writings if len(numbers[key]) >= FEWEST and len(senders[key]) >= SENDERS)
    return {key: max(writings[key], key=lambda each: (_marks(each), writings[key][each], each)) for key in wanted}


def _written(span: Sequence[Token]) -> str:
    return " ".join(unicodedata.normalize("NFC", token.text).lower() for token in span)


def _marks(text: str) -> int:
    return sum(map(unicodedata.combining, unicodedata.normalize("NFD", text.replace("đ", "d̶"))))


def _spans(text: Text) -> Iterator[Sequence[Token]]:
    """All that say something: over no comma or stop, without names and numbers, with no filler at either end."""
    for run in runs(text):
        for first in range(len(run)):
            for last in range(first, min(first + LONGEST, len(run))):
                span = run[first : last + 1]
                if not (is_filler(span[0]) or is_filler(span[-1])) and not _is_slight(span):
                    yield span


def _is_slight(span: Sequence[Token]) -> bool:
    """A letter or two stand for too much."""
    return len(span) == 1 and len(span[0].spelling.base) <= 2


def runs(text: Text) -> Iterator[Sequence[Token]]:
    """The words of a mail, parted at commas, stops, names and numbers."""
    name = {token.spelling.base for token in tokenize(text.name)}
    for part in text.parts:
        run: list[Token] = []
        for token in _marked_off(part, name):
            if token is None or (token.gap is not Gap.LINK and run):
                yield run
                run = []
            if token is not None:
                run.append(token)
        yield run


def _marked_off(part: str, name: Collection[str]) -> Iterator[Token | None]:
    """The words of a part, None in the place of a name or a number."""
    is_shouted = sum(map(str.isupper, part)) > sum(map(str.islower, part))
    end = 0
    for token in tokenize(part):
        begins = token.gap > Gap.COMMA or end == 0 or "\n" in part[end : token.start]
        end = token.end
        is_name = token.spelling.base in name or (token.text[0].isupper() and not begins and not is_shouted)
        yield None if is_name or any(map(str.isdigit, token.text)) else token


def is_filler(token: Token) -> bool:
    return token.spelling in _FILLERS


_FILLERS: Final = spellings(
    "em e anh a chị c cô chú bác ông bà con cháu mình tôi tui bạn bên họ nó ai quý công ty shop team ad admin nhà"
    " ạ à ơi nhé nhen nha nhỉ dạ vâng và với của cho các cái những này đó kia ấy là thì mà để đã đang sẽ được rồi cũng"
    " ở từ đến ra vào lên xuống có gì hay hoặc nữa lại xin giúp giùm hộ nhờ kính gửi chào cảm ơn thư mong như nên do vì"
    " chi co chu bac ong ba minh toi ban ben quy cong da vang va voi cua cac nay la thi ma de dang duoc roi cung tu den"
    " kinh gui chao cam on"
    " the to of on at for and or but is are was were be been it its this that these those i we you he she they"
    " my our your his her their me us him them please hi hello dear thanks thank regards best kind can could would will"
    " do does did have has had with from as by so if any some there here just very too also then than about"
)


# ---------------------------------------------------------------- where they stand


class _Finder:
    """Where phrases stand, as a policy's words would be found: the marks may be left out by the sender."""

    def __init__(self, phrases: Collection[str]) -> None:
        self._phrases = phrases
        self._patterns: Patterns[str] = Patterns()
        for phrase in phrases:
            self._patterns.add(phrase, phrase)

    def where(self, texts: Iterable[Text], most: Mapping[str, int] | None = None) -> Mapping[str, frozenset[int]]:
        """`most`: so many mails of a phrase are enough."""
        found: dict[str, set[int]] = {phrase: set() for phrase in self._phrases}
        for text in texts:
            for part in text.parts:
                for match in self._patterns.find(tokenize(part)):
                    mails = found[match.pattern]
                    if most is None or len(mails) < most[match.pattern]:
                        mails.add(text.number)
        return {phrase: frozenset(numbers) for phrase, numbers in found.items()}


def stands_in(phrase: str, texts: Iterable[Text]) -> frozenset[int]:
    """The mails that have the phrase, whether it counts there or not."""
    return _Finder([phrase]).where(texts)[phrase]
