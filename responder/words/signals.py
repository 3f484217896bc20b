"""The words: finds a policy's words in a mail and says of each which it was, where it stood, and why it did not count.

Made for Vietnamese as people type it (with marks, with some, with none; NFC or NFD; stretched or shouted) and for the
English mixed into it. Pure: text in, values out. It must not know what a signal leads to, the calendar, the history,
the policy file or its types: a signal here is a name with words.

How it works: a text becomes *tokens* (words), each with its *spelling*: base letters, marks on letters, tones. Among
them the policy's words, which are *patterns*, are found at a cost that depends on the text and not on their number; of
what overlaps, the longest stays; and what stays is judged in its surroundings.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from responder.document import Wrong
from responder.words import standing
from responder.words.clauses import Clause, Kind, Tense
from responder.words.concepts import Concept, concepts
from responder.words.patterns import Match, Patterns
from responder.words.standing import Refusal, Refused, Scene, scenes, stands_doubtful
from responder.words.tokens import Gap, Token, bare_words, spellings, tokenize

# ------------------------------------------------------------------------------------------------- what is told


class Where(StrEnum):
    """The part of the message a word stood in."""

    SUBJECT = "subject"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class SignalWords:
    """One signal of the policy: its words and phrases, and the phrases that take a word away where they overlap it.

    `hints` are words, too; but who knows more of the mail may speak against them.
    """

    name: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the policy found in a text.

    `word` is the policy's word as written there; `start` and `end` are offsets, in code points, into the very text
    that was given; `text` is that slice of it.
    """

    signal: str
    word: str
    where: Where
    start: int
    end: int
    text: str
    is_hint: bool = False


@dataclass(frozen=True, slots=True)
class Miss:
    """A word that was there but did not count. `by` is the text that spoke against it; "" if only company lacked."""

    hit: Hit
    why: Refused
    by: str


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found in one message, subject first, then in the order of the text."""

    hits: tuple[Hit, ...]
    misses: tuple[Miss, ...]

    def names(self) -> frozenset[str]:
        """The signals with at least one hit."""
        return frozenset(hit.signal for hit in self.hits)

    def without_hints(self, of: Collection[str]) -> "Found":
        """What is left where the hints of those signals do not count."""
        kept = tuple(hit for hit in self.hits if not hit.is_hint or hit.signal not in of)
        misses = (Miss(hit, Refused.OUTWEIGHED, "") for hit in self.hits if hit.is_hint and hit.signal in of)
        return Found(kept, (*self.misses, *misses))


class Matcher:
    """The words of one policy, compiled once; `find` may then be called for any number of messages.

    Raises ValueError for a word or phrase that cannot be a pattern (see `has_letters` and `patterns.check`).
    """

    __slots__ = ("_unless", "_words")

    def __init__(self, signals: Iterable[SignalWords]) -> None:
        signals = tuple(signals)
        words = [_Word.of(each.name, word) for each in signals for word in each.words]
        hints = [_Word.of(each.name, word, is_hint=True) for each in signals for word in each.hints]
        self._words: tuple[Patterns[_Word], ...] = (_compiled([*words, *hints]),)
        self._unless: tuple[Patterns[_Word], ...] = (
            _compiled([_Word.of(each.name, phrase) for each in signals for phrase in each.unless]),
        )

    def with_more(self, more: SignalWords) -> "Matcher":
        """These words as well; those that are compiled are shared."""
        added, both = Matcher([more]), Matcher(())
        both._words, both._unless = self._words + added._words, self._unless + added._unless
        return both

    def find(self, subject: str, own_words: str) -> Found:
        """The words in the subject and in the sender's own words (no quoted history, no signature). Never raises."""
        return self.find_in(scenes(subject, own_words))

    def find_in(self, parts: tuple[Scene, Scene]) -> Found:
        """As `find`, in the two parts of a mail that were read already."""
        hits: list[Hit] = []
        misses: list[Miss] = []
        for where, scene in zip(Where, parts, strict=True):
            told: Counter[tuple[str, bool]] = Counter()
            for hit, refusal in self._judged(where, scene):
                told[hit.signal, refusal is None] += 1
                if told[hit.signal, refusal is None] > _MAX_TOLD:
                    continue
                if refusal is None:
                    hits.append(hit)
                else:
                    misses.append(Miss(hit, *refusal))
        headings = _taken_back(hits, misses, parts[1])
        taken = {miss.hit for miss in headings}
        in_order = sorted([*headings, *misses], key=lambda miss: (miss.hit.where is Where.BODY, miss.hit.start))
        return Found(tuple(hit for hit in hits if hit not in taken), tuple(in_order))

    def counting(self, text: str) -> tuple[Hit, ...]:
        """Every word that counts in that text, also within a longer one that would be told in its stead."""
        _, scene = scenes("", text)
        matches = _matches(self._words, scene)
        exceptions = _covered(_matches(self._unless, scene), scene)
        return tuple(
            _hit(match, Where.BODY, scene.text, scene.tokens)
            for match in matches
            if self._refusal(match, exceptions, scene) is None
        )

    def _judged(self, where: Where, scene: Scene) -> Iterator[tuple[Hit, Refusal | None]]:
        matches = _longest(_matches(self._words, scene))
        exceptions = _covered(_matches(self._unless, scene), scene) if matches else {}
        looked_at: Counter[str] = Counter()
        for match in matches:
            looked_at[match.pattern.signal] += 1
            if looked_at[match.pattern.signal] > _MAX_JUDGED:
                continue
            yield _hit(match, where, scene.text, scene.tokens), self._refusal(match, exceptions, scene)

    @staticmethod
    def _refusal(match: "_Match", exceptions: dict[tuple[str, int], str], scene: Scene) -> Refusal | None:
        refusal = _excepted(match, exceptions) or standing.negated_within(match, match.pattern.bases, scene)
        return refusal or standing.refusal(match.pattern.signal, match, scene)


def _taken_back(hits: Sequence[Hit], misses: Sequence[Miss], body: Scene) -> list[Miss]:
    """The harm that a subject only names: the body tells that it is over or heard of, and of nothing that goes on.

    "Lộ dữ liệu" above "đọc báo thấy công ty X bị lộ dữ liệu" is a heading; the body says how it stands.
    """
    if any(clause.tense is Tense.ONGOING and clause.quoted_by is None for clause in body.clauses):
        return []
    stands = {hit.signal for hit in hits if hit.where is Where.BODY}
    told = {
        miss.hit.signal: (miss.why, miss.by)
        for miss in reversed(misses)
        if miss.hit.where is Where.BODY and miss.why in _ONLY_TOLD and standing.claims_harm(miss.hit.signal)
    }
    subject = (hit for hit in hits if hit.where is Where.SUBJECT and hit.signal not in stands)
    return [Miss(hit, *told[hit.signal]) for hit in subject if hit.signal in told]


_ONLY_TOLD = (Refused.OVER, Refused.REPORTED)


def has_letters(word: str) -> bool:
    """Whether a policy's word can be looked for at all: it has a letter or a digit outside an address."""
    return bool(tokenize(word))


def is_thanks_only(own_words: str, found: Found) -> bool:
    """Whether the sender's own words are nothing but thanks or an acknowledgement, so that no answer is owed.

    `found` must come from the same words, with a signal named "thanks_only" that holds the phrases of thanks. True
    only if such a phrase stands in the text, no other signal does (in the subject or the text, not even refused), no
    question mark, number or word of asking does, and whatever is said beside it says what the thanks are for, or that
    all is well. It errs towards False: an answer too many is a smaller fault than silence towards a request.
    """
    thanks = [hit for hit in found.hits if hit.where is Where.BODY and hit.signal == THANKS]
    others = [hit for hit in (*found.hits, *(miss.hit for miss in found.misses)) if hit.signal != THANKS]
    if not thanks or others or "?" in own_words or "？" in own_words:
        return False
    tokens = tokenize(own_words)
    bases = [token.spelling.base for token in tokens if not _inside(token, thanks)]
    if not _ASKING.isdisjoint(bases) or not all(map(str.isalpha, bases)):
        return False
    little = sum(base not in _COURTESY for base in bases) <= _THANKS_REST
    return little and all(_is_thankful(said, thanks) for said in _statements(own_words, tokens))


class Part(Protocol):
    """One part of a mail, read."""

    @property
    def text(self) -> str: ...

    @property
    def tokens(self) -> Sequence[Token]: ...

    @property
    def clauses(self) -> Sequence[Clause]: ...


def takes_back(body: Part, found: Found) -> bool:
    """Whether the sender's own words say that something is missing, wrong or called off, or go on after the thanks.

    Then it is no mere thanks, whoever thinks so.
    """
    tokens = body.tokens
    spelled = {token.spelling for token in tokens}
    if not _PIVOTS.isdisjoint(spelled) or not _PIVOTS_BARE.isdisjoint(each.base for each in spelled):
        return True
    if len(tokens) > _SHORT_MAIL:  # who says so much tells a story, and its troubles are those of the story
        return False
    in_trouble = any(_is_trouble(clause, tokens[clause.first : clause.last + 1]) for clause in body.clauses)
    return in_trouble or _goes_on(body, [hit for hit in found.hits if hit.signal == THANKS and hit.where is Where.BODY])


def _goes_on(body: Part, hits: Sequence[Hit]) -> bool:
    """Whether something is said after the thanks: what went well is mostly told before ("đẹp lắm, cảm ơn")."""
    thanked = next((sign.last for sign in concepts(body.tokens) if sign.cue is Concept.THANKS), None)
    if thanked is None:
        return False
    statements = _statements(body.text, body.tokens)
    after = (said for said in statements if said[0].start > body.tokens[thanked].start and not _closes(said))
    return not all(_is_thankful(said, hits) for said in after)


def _closes(said: Sequence[Token]) -> bool:
    return any(token.spelling.base in _CLOSING for token in said[:_CLOSING_WITHIN])


def _statements(own_words: str, tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """What stands between commas, stops and ends of lines."""
    begin = 0
    for at in range(1, len(tokens) + 1):
        if (
            at == len(tokens)
            or tokens[at].gap is not Gap.LINK
            or "\n" in own_words[tokens[at - 1].end : tokens[at].start]
        ):
            yield tokens[begin:at]
            begin = at


def _is_thankful(said: Sequence[Token], thanks: Sequence[Hit]) -> bool:
    """Thanks and what they are for, a word of praise, a name."""
    rest = [token for token in said if not _inside(token, thanks) and token.spelling.base not in _COURTESY]
    if len(rest) <= 1 or _pleases(rest):
        return True
    if all(token.text.istitle() for token in rest) and len(rest) <= _LONGEST_NAME:
        return True
    after = [token for token in said if any(hit.end <= token.start for hit in thanks)]
    return any(token.spelling.base in _THANKED_FOR for token in after) or _came_right(said, thanks)


def _came_right(said: Sequence[Token], thanks: Sequence[Hit]) -> bool:
    """What one thanks for is told before, as done: "hàng tới rồi, cảm ơn"."""
    is_before = any(said[-1].end <= hit.start for hit in thanks) or any(_inside(token, thanks) for token in said)
    return is_before and any(token.spelling.base in _CAME_RIGHT for token in said)


def _pleases(said: Sequence[Token]) -> bool:
    praised = any(token.spelling.base in _PLEASED or token.spelling in _PLEASED_MARKED for token in said)
    return praised or any(sign.cue in _WELL for sign in concepts(said))


def _is_trouble(clause: Clause, said: Sequence[Token]) -> bool:
    """A clause that says that something is not well: "the door does not close"; not "nothing is broken"."""
    if clause.settled_by is not None or (_pleases(said) and not clause.is_negated):
        return False
    if clause.kind is not Kind.REPORT or clause.tense in (Tense.DONE, Tense.PAST):
        return False
    bad = [said[sign.first : sign.last + 1] for sign in concepts(said) if sign.cue in _TROUBLE]
    if not clause.is_negated:
        return bool(bad)
    says_so_itself = any(token.spelling.base in _NOT for sign in bad for token in sign)  # "does not work"
    return says_so_itself or (not bad and all(token.spelling.base not in _WHATEVER for token in said))


THANKS = "thanks_only"

# -------------------------------------------------------------------------------------------- words and matches


_MAX_JUDGED = 1_000  # places of one signal in one text that are looked at
_MAX_TOLD = 50  # hits, and misses, of one signal in one text: who writes "gấp" a thousand times says it once


@dataclass(frozen=True, slots=True)
class _Word:
    """A word or phrase of the policy; `bases`: all words that may stand in it, in bare letters."""

    signal: str
    word: str
    is_hint: bool
    bases: frozenset[str]

    @classmethod
    def of(cls, signal: str, word: str, *, is_hint: bool = False) -> Self:
        return cls(signal, word, is_hint, frozenset(token.spelling.base for token in tokenize(word)))


_Match = Match[_Word]


def _compiled(words: Iterable[_Word]) -> Patterns[_Word]:
    patterns: Patterns[_Word] = Patterns()
    for each in words:
        try:
            patterns.add(each.word, each)
        except Wrong as wrong:
            raise ValueError(f"signal {each.signal!r}: {wrong}") from None
    return patterns


def _matches(compiled: Iterable[Patterns[_Word]], scene: Scene) -> list[_Match]:
    return [match for patterns in compiled for match in patterns.find(scene.tokens)]


def _longest(matches: Iterable[_Match]) -> list[_Match]:
    """Of matches of one signal that overlap the longest, of equally long ones the first; in the order of the text.

    On the very same words the pattern wins that leaves out the fewest, and then the one with the fewest marks: an
    office that lists "gap" beside "gấp" means it. A hint takes no place from a word, and says nothing within one.
    """
    words: set[tuple[str, int]] = set()
    hints: set[tuple[str, int]] = set()
    kept: list[_Match] = []
    for match in sorted(matches, key=_rank):
        places = {(match.pattern.signal, place) for place in range(match.first, match.last + 1)}
        taken = hints if match.pattern.is_hint else words
        if taken.isdisjoint(places) and not (match.pattern.is_hint and places <= words):
            taken |= places
            kept.append(match)
    return sorted(kept, key=lambda each: (each.first, each.last, each.pattern.signal))


def _rank(match: _Match) -> tuple[bool, int, int, int, int]:
    return match.pattern.is_hint, match.first - match.last, match.first, match.left_out, _marks(match)


def _marks(match: _Match) -> int:
    return sum(not spelling.bare for spelling in match.meant)


def _hit(match: _Match, where: Where, text: str, tokens: Sequence[Token]) -> Hit:
    start, end = tokens[match.first].start, tokens[match.last].end
    found = match.pattern
    return Hit(found.signal, found.word, where, start, end, text[start:end], found.is_hint)


# -------------------------------------------------------------------------------------------- what speaks against it


def _covered(exceptions: Iterable[_Match], scene: Scene) -> dict[tuple[str, int], str]:
    """For each signal and token under one of its `unless` phrases: that phrase, as it is written in the text.

    A single short syllable without its marks is as doubtful here as among the words, and takes nothing away.
    """
    return {
        (match.pattern.signal, place): scene.text[scene.tokens[match.first].start : scene.tokens[match.last].end]
        for match in exceptions
        if not stands_doubtful(match, scene.tokens)
        for place in range(match.first, match.last + 1)
    }


def _excepted(match: _Match, exceptions: dict[tuple[str, int], str]) -> Refusal | None:
    for place in range(match.first, match.last + 1):
        phrase = exceptions.get((match.pattern.signal, place))
        if phrase is not None:
            return Refused.UNLESS, phrase
    return None


# ------------------------------------------------------------------------------------ small words of both languages

# What makes a mail with thanks more than thanks (bare, both languages): wishes, conditions, objections, questions.
# Left out, as without marks they are also harmless: đợi (đội), chờ (cho), còn (con), mấy (máy), báo (bao), vẫn (văn).
_ASKING = bare_words(
    "giup gium dum nho xin can muon phai nen vui please pls kindly could can would need want should help"
    " nhung but however although tuy neu if khi when sao nao gi dau bang how what why where who which"
    " chua khong ko k still yet not thieu sai loi cham tre hen huy hoan sua them bot kiem tra xem goi"
    " gui send call check confirm let wait waiting mong hope looking"
)
# What thanks are wrapped in (bare, both languages).
_COURTESY = bare_words(
    "da vang a nhe nha nghen nhen oi ok oke okay okie dear hi hello chao kinh quy cong ty anh chi em ban minh toi tui"
    " co chu bac ong ba con chau team shop ben nhieu lam rat qua roi duoc nhan du day xong tot dep tran trong than men"
    " da va voi cua cac moi the nay do cho"
    " the a an it this that you your my i we all and so very much again for to is are was well done great perfect good"
    " nice noted received got best kind warm regards sincerely yours team many"
)
# What turns thanks into something else. Where the marks decide: nhầm is not nham (a name), vẫn not văn.
_PIVOTS = spellings("nhưng thiếu sai nhầm hủy hỏng vẫn kẹt lại chưa chờ đợi")
_PIVOTS_BARE = bare_words(
    "nhung however although though but missing wrong cancel still waiting again never leaking short"
)
_THANKS_REST = 8  # other words at most
_CAME_RIGHT = bare_words("roi xong nhan received got thay")
_LONGEST_NAME = 4
_SHORT_MAIL = 16  # words
_CLOSING = bare_words("chuc hen gap tran best kind warm regards sincerely wish have see bless enjoy")
_CLOSING_WITHIN = 3
_NOT = bare_words("khong ko chua not cannot can't won't doesn't")
_WHATEVER = bare_words("gi ai nao mot sao nothing nobody any anything")
_THANKED_FOR = bare_words("da vi ve for that chuyen viec su loi")
# What says that all is well (both languages). Where the marks decide: ổn is not the English "on".
_PLEASED = bare_words(
    "tot dep ngon tuyet thich ung chuan muot nhanh khen kheo sach thom"
    " fine perfect perfectly great good well love loves loved lovely happy excellent smoothly works quick quickly nice"
    " safely clear clean super pleased delighted wonderful beautiful beautifully fixed solved sorted received"
)
_PLEASED_MARKED = spellings("ổn hài đủ đúng êm khỏe khoẻ hay lẹ kỹ sáng kịp")
_WELL = (Concept.PRAISE, Concept.RECEIVED)
_TROUBLE = frozenset(
    {
        Concept.FAILING, Concept.WATER, Concept.FIRE, Concept.GAS, Concept.ELECTRIC, Concept.HURT, Concept.TRAPPED,
        Concept.LEAK, Concept.LOST_DATA, Concept.THEFT, Concept.WRONG, Concept.POWER_CUT, Concept.UNHAPPY, Concept.LATE,
    }
)  # fmt: skip


def _inside(token: Token, hits: Iterable[Hit]) -> bool:
    return any(hit.start <= token.start and token.end <= hit.end for hit in hits)
