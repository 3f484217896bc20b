"""What a policy might learn from its staff: words and exceptions, each with the mails for and against it. Pure.

Staff raise a mail that the rules held for ordinary, or lower one that the rules raised. A proposal is a phrase that
stands in several such mails, of several people, and hardly in those that staff left alone; what it would do is never
reckoned but tried: the kept mails are decided again by the policy with it. A policy is never changed here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import combinations
from typing import Final

from responder.mail.quoted import own_subject
from responder.policy import again, examples, mining
from responder.policy.again import Kept
from responder.policy.decide import ActionKind, Decision
from responder.policy.doubtful_words import COMMON, ENOUGH
from responder.policy.meaning import By, Judging, Urgency
from responder.policy.mining import Phrase, Text
from responder.policy.model import Mark, Policy
from responder.words.signals import Hit, Where
from responder.words.tokens import Token

MOST: Final = 5  # proposals at a time
TRIED: Final = 12  # phrases of a kind that are tried; each takes a policy of its own
LONGEST: Final = 5  # words of an exception


class Kind(StrEnum):
    """The list of a signal that a phrase would go into."""

    WORD = "words"
    EXCEPTION = "unless"


class Staff(StrEnum):
    """What staff made of a mail."""

    RAISED = "raised"
    LOWERED = "lowered"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Case:
    """A mail on record, the marks it was given by the rules, and what staff made of it.

    `meant`: the mark that staff gave it, or took from it.
    """

    number: int
    kept: Kept
    marks: tuple[str, ...] = ()
    staff: Staff = Staff.LEFT
    meant: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A phrase for one list of one signal; the numbers of the mails that speak for it and against it.

    `different`: those of all mails tried that would be treated differently.
    """

    kind: Kind
    signal: str
    phrase: str
    speak_for: tuple[int, ...]
    against: tuple[int, ...]
    different: tuple[int, ...]


def with_word(policy: Policy, signal: str, word: str) -> Policy:
    """The policy with one more word."""
    return policy.with_more(signal, words=(word,))


def with_exception(policy: Policy, signal: str, phrase: str) -> Policy:
    """The policy with one more `unless`."""
    return policy.with_more(signal, unless=(phrase,))


CHANGES: Final = {Kind.WORD: with_word, Kind.EXCEPTION: with_exception}


def proposals(cases: Sequence[Case], policy: Policy, judge: Judging | None = None) -> tuple[Proposal, ...]:
    """The few best, of words and exceptions; none that a policy's own examples contradict."""
    trial = _Trial(cases, policy, judge)
    found = [*trial.words(), *trial.exceptions()]
    return tuple(sorted(found, key=lambda each: len(each.against) - len(each.speak_for))[:MOST])


def settled(cases: Iterable[Case], policy: Policy, judge: Judging | None = None) -> frozenset[int]:
    """The mails that the policy marks by now as staff did: somebody has taken up what they showed."""
    judged = (case for case in cases if case.staff is not Staff.LEFT)
    return frozenset(case.number for case in judged if _is_marked(case, policy, judge) is (case.staff is Staff.RAISED))


def _is_marked(case: Case, policy: Policy, judge: Judging | None) -> bool:
    made = again.again(case.kept, policy, judge).of(ActionKind.MARK)
    return case.meant in {each.template for each in made}


class _Trial:
    """Tries phrases on the cases; each mail is decided by the policy as it is only once."""

    def __init__(self, cases: Sequence[Case], policy: Policy, judge: Judging | None) -> None:
        self._cases = {case.number: case for case in cases}
        self._texts = {case.number: _text(case) for case in cases}
        self._senders = {number: text.sender for number, text in self._texts.items()}
        self._policy = policy
        self._judge = judge
        self._today: dict[int, Decision] = {}

    def words(self) -> Iterator[Proposal]:
        """For a signal, from mails that staff raised and in which it is not shown."""
        raised = self._by_signal(Staff.RAISED, lambda mark: filter(None, [signal_of(self._policy, mark)]))
        for signal, cases in raised.items():
            here = [self._texts[case.number] for case in cases if not _shows(self._now(case.number), signal)]
            phrases = mining.telling(here, self._left(signal, marked=False))
            new = [phrase for phrase in phrases if not self._policy.matcher().counting(phrase.text)]
            yield from self._best(Kind.WORD, signal, new, here)

    def exceptions(self) -> Iterator[Proposal]:
        """Phrases in which a word does not count, from mails that it had raised and staff have lowered."""
        lowered = self._by_signal(Staff.LOWERED, lambda mark: signals_of(self._policy, mark))
        for signal, cases in lowered.items():
            hits = {case.number: _hits(self._now(case.number), signal) for case in cases}
            here = [self._texts[number] for number, found in hits.items() if found]
            around = partial(_around, hits)
            yield from self._best(
                Kind.EXCEPTION, signal, mining.telling(here, self._left(signal, marked=True), around), here
            )

    def _by_signal(self, staff: Staff, signals: Callable[[str], Iterable[str]]) -> Mapping[str, Sequence[Case]]:
        found: dict[str, list[Case]] = {}
        for case in self._cases.values():
            for signal in signals(case.meant) if case.staff is staff else ():
                found.setdefault(signal, []).append(case)
        return found

    def _left(self, signal: str, *, marked: bool) -> list[Text]:
        """The mails that staff left as they were: with a mark for that signal, or without."""
        meaning_it = {str(mark) for mark in self._policy.marks() if signal in signals_of(self._policy, str(mark))}
        left = (case for case in self._cases.values() if case.staff is Staff.LEFT)
        return [self._texts[case.number] for case in left if meaning_it.isdisjoint(case.marks) is not marked]

    def _best(self, kind: Kind, signal: str, phrases: Sequence[Phrase], here: Iterable[Text]) -> Iterator[Proposal]:
        """Each tells of mails that none before has told of."""
        speaking, told = {text.number for text in here}, set[int]()
        tries = TRIED
        for phrase in phrases:
            if tries and mining.is_enough(phrase.here - told, self._senders):
                tries -= 1
                proposal = self._tried(kind, signal, phrase.text, speaking)
                if self._is_worth_it(proposal):
                    told.update(proposal.speak_for)
                    yield proposal

    def _tried(self, kind: Kind, signal: str, phrase: str, speaking: Collection[int]) -> Proposal:
        """What comes of the phrase: the mails in which the signal is shown with it only, or without it only."""
        other = CHANGES[kind](self._policy, signal, phrase)
        having = sorted(mining.stands_in(phrase, self._texts.values()))
        then = {number: again.again(self._cases[number].kept, other, self._judge) for number in having}
        turned = [n for n in having if _shows(then[n], signal) is not _shows(self._now(n), signal)]
        return Proposal(
            kind,
            signal,
            phrase,
            tuple(n for n in turned if n in speaking),
            tuple(n for n in turned if n not in speaking),
            tuple(n for n in having if again.outcome(then[n]) != again.outcome(self._now(n))),
        )

    def _is_worth_it(self, proposal: Proposal) -> bool:
        having, mails = len(proposal.different), len(self._cases)
        if mails >= ENOUGH and having >= COMMON * mails:
            return False
        here, there = proposal.speak_for, proposal.against
        if not (mining.is_enough(here, self._senders) and mining.is_precise(len(here), len(there))):
            return False
        other = CHANGES[proposal.kind](self._policy, proposal.signal, proposal.phrase)
        return next(examples.failures(other, self._judge), None) is None

    def _now(self, number: int) -> Decision:
        if number not in self._today:
            self._today[number] = again.again(self._cases[number].kept, self._policy, self._judge)
        return self._today[number]


def signals_of(policy: Policy, mark: str) -> tuple[str, ...]:
    """The signals of the plays that mark mail in that way, in the order of the file."""
    meant = Mark.parse(mark)
    plays = (play for play in policy.plays if meant in play.do.mark)
    return tuple(dict.fromkeys(signal for play in plays for signal in play.when.signal))


def signal_of(policy: Policy, mark: str) -> str | None:
    """What a mail says by that mark, as far as the plays tell: that it is urgent, else the least of what it may say."""
    signals = signals_of(policy, mark)
    return str(Urgency.URGENT) if Urgency.URGENT in signals else next(reversed(signals), None)


def _shows(decision: Decision, signal: str) -> bool:
    is_pressing = signal == Urgency.URGENT and decision.reading.urgency is not Urgency.NORMAL
    return is_pressing or signal in decision.reading.meaning.shown


def _text(case: Case) -> Text:
    sender = case.kept.sender
    parts = (own_subject(case.kept.subject), case.kept.words)
    return Text(case.number, parts, sender.key if sender else "", sender.name if sender else "")


def _hits(decision: Decision, signal: str) -> tuple[Hit, ...]:
    meaning = decision.reading.meaning
    if meaning.shown.get(signal) is not By.WORDS:
        return ()
    return tuple(hit for hit in meaning.evidence.found.hits if hit.signal == signal)


def _around(hits: Mapping[int, Sequence[Hit]], text: Text) -> Iterator[Sequence[Token]]:
    """Words in a row with a part of a hit among them, and something that is said beside it."""
    by_part = dict(zip(Where, text.parts, strict=True))
    for hit in hits[text.number]:
        for run in mining.runs(Text(text.number, (by_part[hit.where],), text.sender, text.name)):
            of_hit = {at for at, token in enumerate(run) if hit.start <= token.start and token.end <= hit.end}
            yield from (run[first : last + 1] for first, last in _beside(of_hit, run))


def _beside(of_hit: Set[int], run: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """From where to where: over a place of the hit at least, and over others, with no filler at the outer ends."""
    near = range(max(min(of_hit) - LONGEST, 0), min(max(of_hit) + LONGEST + 1, len(run))) if of_hit else range(0)
    edges = [at for at in near if at in of_hit or not mining.is_filler(run[at])]
    for first, last in combinations(edges, 2):
        places = set(range(first, last + 1))
        if len(places) <= LONGEST and not places.isdisjoint(of_hit) and not places <= of_hit:
            yield first, last
