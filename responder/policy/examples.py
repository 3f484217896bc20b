"""Whether a policy does what its own examples say.

Each example's mail is read and decided as any other; what came of it is held against what should have. A day of the
week is one of an ordinary week: no holiday, and no day on which it is asked, makes such an example fail. Pure: the
judge is an argument, and no clock is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from typing import Final

from responder.document import Problem
from responder.mail.addresses import Address
from responder.mail.language import Language
from responder.mail.message import Message, parse
from responder.mail.ours import Ours
from responder.policy import judged
from responder.policy.arriving import arrival
from responder.policy.decide import Action, ActionKind, Decision, Past, decide, read
from responder.policy.expected import Asked, Dated, Expectation
from responder.policy.load import Loaded
from responder.policy.meaning import By, Judging, Urgency
from responder.policy.model import DAYS_OF_WEEK, Example, Office, Policy
from responder.policy.phrases import REFUSED
from responder.words.judge import Label
from responder.words.standing import Refused

HOUR: Final = timedelta(hours=1)
OFFICE: Final = "office@responder.invalid"
CUSTOMER: Final = "customer@responder.example"

_ACTIONS: Final = {
    Asked.REPLY: ActionKind.REPLY,
    Asked.FOLLOW_UP: ActionKind.FOLLOW_UP,
    Asked.ALERT: ActionKind.ALERT,
    Asked.MARK: ActionKind.MARK,
}
_REMEDIES: Final = {
    Refused.UNLESS: "look at the `unless`",
    Refused.OUTWEIGHED: "put what should always count under `words`",
}
_LEVELS: Final = tuple(Urgency)  # in rising order


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that does not come true: the how-manieth, from 0, what happened instead, and what to do."""

    number: int
    what: str
    remedy: str


def failing(loaded: Loaded, judge: Judging | None) -> tuple[Problem, ...]:
    """The examples of a policy that fail, each an error at its place; none where the policy cannot be used anyhow."""
    if loaded.policy is None:
        return ()
    places = loaded.examples
    return tuple(
        Problem(loaded.file, places[each.number].line, places[each.number].column, each.what, each.remedy)
        for each in failures(loaded.policy, judge)
    )


def tried(policy: Policy) -> int:
    """How many of its examples can be tried."""
    ordinary = policy.in_an_ordinary_week() if policy.examples else policy
    return sum(arrival(each, ordinary) is not None for each in policy.examples)


def failures(policy: Policy, judge: Judging | None) -> Iterator[Failure]:
    """Every example that does not come true. `judge` is the one in force; only some policies want it asked."""
    ordinary = policy.in_an_ordinary_week() if policy.examples else policy
    for number, example in enumerate(policy.examples):
        rules = policy if isinstance(example.at, Dated) else ordinary
        arrived = arrival(example, rules)
        if arrived is None:
            continue  # that is doubtful, see `doubtful_days.py`
        decision = decided(example, rules, arrived, judge)
        unmet = [each for each in example.then if not _holds(each, decision)]
        if unmet:
            yield Failure(number, *_Shortfall(rules, decision, unmet).told())


def decided(example: Example, policy: Policy, arrived: datetime, judge: Judging | None) -> Decision:
    """What becomes of an example's mail, from somebody of whom nothing is known."""
    message = _message(example)
    ours = Ours(addresses=frozenset({Address("", example.to or OFFICE).key}))
    reading = read(message, policy, ours, arrived=arrived, judge=judge)
    return decide(message, reading, Past(), policy, arrived=arrived, now=arrived)


def _message(example: Example) -> Message:
    return mail_of(example.mail, example.subject or "", sender=example.from_ or CUSTOMER, to=example.to or OFFICE)


def mail_of(words: str, subject: str = "", *, sender: str = CUSTOMER, to: str = OFFICE) -> Message:
    """A mail with no more than these words, as an ordinary mail program would send it."""
    subject = Header(" ".join(subject.split()), "utf-8").encode(maxlinelen=0)
    fields = (
        f"Return-Path: <{sender}>", f"From: <{sender}>", f"To: <{to}>", f"Subject: {subject}",
        "Message-ID: <example@responder.example>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    )  # fmt: skip
    return parse("\n".join((*fields, "", words, "")).encode("utf-8", "replace"))


# ---------------------------------------------------------------- what came of it


def _holds(expected: Expectation, decision: Decision) -> bool:
    happened = _happened(expected.asked, decision)
    if expected.asked is Asked.NOTHING:
        return not happened
    return (expected.name in happened if expected.name else bool(happened)) is expected.is_wanted


def _happened(asked: Asked, decision: Decision) -> tuple[str, ...]:
    """The names of what happened, of one kind; of NOTHING, all that was done but the term that is counted."""
    if asked is Asked.URGENCY:
        return (decision.reading.urgency.value,)
    if asked is Asked.SIGNAL:
        return tuple(decision.reading.meaning.shown)
    if asked is Asked.PLAY:
        return decision.plays
    if asked is Asked.NOTHING:
        return tuple(_said(action) for action in decision.actions if action.kind is not ActionKind.PROMISE)
    return tuple(_object(action) for action in decision.of(_ACTIONS[asked]))


def _object(action: Action) -> str:
    return (action.to if action.kind is ActionKind.ALERT else action.template) or ""


def _said(action: Action) -> str:
    return f"{action.kind} {_object(action)}"


class _Shortfall:
    """One example that fails, in words: what should have been, what was instead, why, and what to do."""

    def __init__(self, policy: Policy, decision: Decision, unmet: list[Expectation]) -> None:
        self._policy = policy
        self._decision = decision
        self._meaning = decision.reading.meaning
        self._unmet = unmet

    def told(self) -> tuple[str, str]:
        wanted = ", ".join(each.text for each in self._unmet)
        came = ", ".join(dict.fromkeys(self._came(each) for each in self._unmet))
        why, remedy = self._why(self._unmet[0])
        return f"this mail should come out as `{wanted}`, but came out as `{came}`: {why}", remedy

    def _came(self, expected: Expectation) -> str:
        happened = _happened(expected.asked, self._decision)
        if expected.asked in (Asked.URGENCY, Asked.NOTHING):
            return ", ".join(happened)
        if expected.asked is Asked.SIGNAL:
            return f"{'not ' if expected.is_wanted else ''}{expected.name}"
        return ", ".join(f"{expected.asked} {name}" for name in happened) or f"no {expected.asked}"

    def _why(self, expected: Expectation) -> tuple[str, str]:
        if expected.asked is Asked.SIGNAL:
            return self._absent(expected.name) if expected.is_wanted else self._present(expected.name)
        if expected.asked is Asked.URGENCY:
            return self._of_urgency(expected)
        return self._of_time(), "correct the play, or the example"

    def _of_urgency(self, expected: Expectation) -> tuple[str, str]:
        came = self._decision.reading.urgency
        wanted = Urgency(expected.name)
        if expected.is_wanted and _LEVELS.index(wanted) > _LEVELS.index(came):
            return self._absent(wanted)
        return self._present(came) if came is not Urgency.NORMAL else self._absent(Urgency.URGENT)

    def _absent(self, signal: str) -> tuple[str, str]:
        if signal not in self._policy.signals:
            return f"the policy has no signal `{signal}`", "write it under `signals:`, or correct the example"
        if self._meaning.thanks_only:
            return "it is taken for a mere thank-you", "look at the words of `thanks_only`, or correct the example"
        misses = [miss for miss in self._meaning.evidence.found.misses if miss.hit.signal == signal]
        if misses:
            miss = misses[0]
            why = REFUSED[Language.EN][miss.why].format(by=miss.by)
            remedy = _REMEDIES.get(miss.why, "write the mail more plainly")
            return f"“{miss.hit.text}” does not count ({why})", f"{remedy}, or correct the example"
        return f"no word of `{signal}` is in it", f"add a word to `{signal}`, or correct the example"

    def _present(self, signal: str) -> tuple[str, str]:
        by = self._meaning.shown[signal]
        if by is By.DEADLINE:
            deadline = self._meaning.pressing[signal]
            remedy = f"look at the `deadline` of `{signal}`, or correct the example"
            return f"“{deadline.text}” is near enough for `{signal}`", remedy
        remedy = f"add an `unless` to `{signal}`, or correct the example"
        if by is By.LEARNED:
            return f"`{signal}` is a guess{self._guessed(signal)}", remedy
        words = dict.fromkeys(f"“{hit.text}”" for hit in self._meaning.evidence.found.hits if hit.signal == signal)
        return f"{', '.join(words)} {'is a word' if len(words) == 1 else 'are words'} of `{signal}`", remedy

    def _guessed(self, signal: str) -> str:
        judgement = self._meaning.evidence.judgement
        if judgement is None:
            return ""
        reasons = judged.reasons(judgement, Label(signal), self._meaning.evidence.heard, Language.EN)
        return f" from {', '.join(reasons)}" if reasons else ""

    def _of_time(self) -> str:
        """Why this is done and not another thing: a veto, a thank-you, else what fits at that time."""
        veto = self._decision.reading.veto
        if veto is not None:
            return f"nothing automatic goes to the sender ({veto.detail})"
        if self._meaning.thanks_only:
            return "it is taken for a mere thank-you"
        guess = self._mere_guess()
        if guess is not None:
            return f"`{guess}` is but a guess, on which hangs nothing that a customer is sent"
        return f"{_then(self._decision)}, and {self._fitting()}"

    def _mere_guess(self) -> str | None:
        """A signal that is not certain, where a play that fits asks for it."""
        plays = [play for play in self._policy.plays if play.name in self._decision.plays]
        asked = {name for play in plays for name in play.when.signal}
        return next((name for name in self._meaning.shown if name in asked - self._meaning.certain), None)

    def _fitting(self) -> str:
        plays = [f"`{name}`" for name in self._decision.plays]
        if not plays:
            return "no play fits"
        return f"{', '.join(plays)} {'fits' if len(plays) == 1 else 'fit'}"


def _then(decision: Decision) -> str:
    """`on sat 22:10 the office is closed`"""
    at = decision.arrived
    closed = decision.office is Office.CLOSED
    soon = ""
    if closed and decision.next_open is not None and decision.next_open - at < 3 * HOUR:
        soon = f" until {decision.next_open:%H:%M}"
    return f"on {DAYS_OF_WEEK[at.weekday()]} {at:%H:%M} the office is {'closed' if closed else 'open'}{soon}"
