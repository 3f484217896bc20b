"""What a mail means to the office: the policy's words, its deadlines and the learnt judgement, weighed.

The one place that says which of the three counts, and what may be told a customer on the strength of it:

- A word of the policy always counts; one of its hints does, unless the judgement doubts what it says. A word that an
  `unless` took away says nothing, neither for its signal nor against it: who pays "gấp đôi" may well be in a hurry.
  Only a deadline that is not plain gives way to it.
- Where the words of a signal are silent, a deadline within the signal's bound shows it, and else the judgement does;
  a deadline that is not plain does so only where the judgement, if there is one, agrees.
- In a mail to many (an advertisement, tips for safety) nobody guesses that something presses.
- What is sent to a customer hangs on what is certain alone: a word of the policy, a plain deadline that the judgement
  does not deny, or a judgement that is right in 97 of 100 mails not seen. The rest may alert, mark and count.

Pure; it knows no play, and nothing of what is owed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final, Protocol

from responder.policy import deadlines
from responder.policy.calendar import Calendar
from responder.policy.deadlines import Deadline, next_until
from responder.policy.model import Policy
from responder.words import times
from responder.words.features import Heard
from responder.words.judge import Judgement
from responder.words.signals import Found, Where, is_thanks_only, takes_back
from responder.words.standing import Refused, Scene, scenes

SITUATIONS: Final = (
    "complaint", "rush_request", "scope_change", "appointment_change", "handover_delay",
    "self_service", "quote_request", "payment_late", "abuse", "thanks_only",
)  # fmt: skip
THANKS_ONLY: Final = "thanks_only"


DOUBTED: Final = 0.15  # of hints that the judge thinks less likely, nine in ten meant something else
DENIED: Final = 0.05  # what the judge thinks less likely than this, it denies: an invitation to many has a deadline too


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class By(StrEnum):
    """What showed a signal."""

    WORDS = "words"
    DEADLINE = "deadline"
    LEARNED = "learned"


class Judging(Protocol):
    """The learnt judge (`words/judge.py`)."""

    @property
    def digest(self) -> str: ...

    def judge(self, mail: Sequence[Heard], arrived: datetime) -> Judgement: ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that one mail gives to weigh."""

    found: Found
    heard: tuple[Heard, Heard]  # subject, own words
    deadlines: tuple[Deadline, ...] = ()
    is_to_many: bool = False  # it sells or teaches: what it tells of happens to nobody
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """The signals of a mail and what showed each; of these the certain ones; and all that was weighed.

    A mere thank-you has no other signal. `pressing`: the deadlines near enough for a signal.
    """

    shown: Mapping[str, By]
    certain: frozenset[str]
    evidence: Evidence
    pressing: Mapping[str, Deadline] = field(default_factory=dict)

    @property
    def thanks_only(self) -> bool:
        return THANKS_ONLY in self.shown

    @property
    def urgency(self) -> Urgency:
        return next((level for level in (Urgency.EMERGENCY, Urgency.URGENT) if level in self.shown), Urgency.NORMAL)

    @property
    def situations(self) -> tuple[str, ...]:
        return tuple(name for name in SITUATIONS if name in self.shown)

    @property
    def deadline(self) -> Deadline | None:
        """The one to be told: one that showed a signal, else the next."""
        return next(iter((*self.pressing.values(), *self.evidence.deadlines)), None)


def meaning_of(subject: str, own_words: str, policy: Policy, arrived: datetime, judge: Judging | None) -> Meaning:
    """The subject and the sender's own words, each read once, for the words, the deadlines and the judge."""
    return meaning_in(scenes(subject, own_words), policy, arrived, judge)


def meaning_in(parts: tuple[Scene, Scene], policy: Policy, arrived: datetime, judge: Judging | None) -> Meaning:
    """The same, of a subject and own words that were taken apart before."""
    calendar = policy.calendar()
    arrived = arrived.astimezone(calendar.zone)
    heard = (_heard(Where.SUBJECT, parts[0], arrived, calendar), _heard(Where.BODY, parts[1], arrived, calendar))
    evidence = Evidence(
        found=policy.matcher().find_in(parts),
        heard=heard,
        deadlines=deadlines.find(heard, parts, arrived),
        is_to_many=any(part.advert or part.bait or part.advice for part in parts),
        judgement=judge.judge(heard, arrived) if judge is not None and policy.learned else None,
    )
    ends = {name: s.deadline.ends(arrived, calendar) for name, s in policy.signals.items() if s.deadline is not None}
    return weigh(evidence, ends, policy.signals)


def _heard(where: Where, part: Scene, arrived: datetime, calendar: Calendar) -> Heard:
    found = times.find(part.text, part.tokens, arrived, partial(deadlines.closing, calendar))
    return Heard(where, part.text, part.tokens, part.clauses, found)


def weigh(evidence: Evidence, ends: Mapping[str, datetime], signals: Collection[str]) -> Meaning:
    """What counts. `ends`: until when a deadline shows a signal.

    `signals` are those of the policy: of others the judgement does not speak.
    """
    judgement = evidence.judgement
    chances = judgement.probabilities.items() if judgement else ()
    doubted, denied = ({str(label) for label, chance in chances if chance < at} for at in (DOUBTED, DENIED))
    evidence = replace(evidence, found=evidence.found.without_hints(doubted))
    thanks = _thanks(evidence, signals)
    if thanks is not None:
        return Meaning({THANKS_ONLY: thanks}, frozenset({THANKS_ONLY}), evidence)
    words = evidence.found.names() - {THANKS_ONLY}
    refused = {miss.hit.signal for miss in evidence.found.misses if miss.why is Refused.UNLESS} - words
    unmeant = (Urgency.URGENT, Urgency.EMERGENCY) if evidence.is_to_many else ()
    judged = [label for label in judgement.labels if label in signals and label not in unmeant] if judgement else []
    heard = set(map(str, judgement.probabilities)) if judgement else set()  # what the judge has an opinion of
    near = {name: next_until(end, evidence.deadlines) for name, end in ends.items()}
    pressing = {
        name: deadline
        for name, deadline in near.items()
        if deadline is not None and (deadline.is_plain or name in judged or (name not in heard and name not in refused))
    }
    shown: dict[str, By] = {}
    for by, names in ((By.WORDS, sorted(words)), (By.DEADLINE, pressing), (By.LEARNED, judged)):
        for name in names:
            if name != THANKS_ONLY:
                shown.setdefault(str(name), by)
    certain = words | {name for name, deadline in pressing.items() if deadline.is_plain and name not in denied}
    certain |= judgement.certain & shown.keys() if judgement else frozenset()
    return Meaning(shown, frozenset(map(str, certain)), evidence, pressing)


def _thanks(evidence: Evidence, signals: Collection[str]) -> By | None:
    """What shows that the mail is a mere thank-you, which gets no answer: in doubt it is none."""
    found, judgement = evidence.found, evidence.judgement
    sees_more = judgement is not None and not set(judgement.labels) <= {THANKS_ONLY}
    body = evidence.heard[-1]
    if evidence.deadlines or sees_more or not found.names() <= {THANKS_ONLY}:
        return None
    if takes_back(body, found):
        return None
    if is_thanks_only(body.text, found):
        return By.WORDS
    is_learned = judgement is not None and THANKS_ONLY in judgement.certain and THANKS_ONLY in signals
    return By.LEARNED if is_learned else None
