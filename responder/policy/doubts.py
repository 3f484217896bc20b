"""What is legal in a policy, but surely not meant: warnings, which keep nobody from using it.

An ordered table of small questions, each of which is one function of `doubtful_days.py`, `doubtful_words.py` or
`doubtful_plays.py`: the file's tree, the policy and a day in, problems out. Pure. Must not know the disk or the clock,
nor repeat what makes a policy unusable (`crossed.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Final

from responder.document import Document, Problem
from responder.policy import doubtful_days as days
from responder.policy import doubtful_plays as plays
from responder.policy import doubtful_words as words
from responder.policy.model import Policy


class Doubt(StrEnum):
    """What is doubtful, for programs."""

    TO_CONFIRM = "to_confirm"  # a day off that is not certain
    NO_HOLIDAYS = "no_holidays"  # a year without a table of days off
    DAYS_OF_OLD = "days_of_old"
    FAR_AHEAD = "far_ahead"
    CLOSED_ANYWAY = "closed_anyway"
    OPEN_ANYWAY = "open_anyway"
    ODD_REASON = "odd_reason"  # hours, or a yes, where customers read why the office is closed
    ODD_HOURS = "odd_hours"
    ODD_ZONE = "odd_zone"  # one whose sign means the contrary of what it looks like
    LONG_PROMISE = "long_promise"
    LONG_SOON = "long_soon"  # an opening so soon that nobody is answered
    NO_OPENING = "no_opening"  # a reply tells of an opening that is far away, or not in sight
    EXAMPLE_UNTRIED = "example_untried"  # it comes at an hour that the week does not have
    WORDS_IN_ONE = "words_in_one"  # several that are taken for one phrase
    WORD_COVERED = "word_covered"
    WORD_IN_BOTH = "word_in_both"  # in two signals that lead to contrary plays
    WORD_TAKEN_AWAY = "word_taken_away"  # always, by an `unless`
    WORD_TOO_COMMON = "word_too_common"
    UNLESS_USELESS = "unless_useless"
    PLAY_HIDDEN = "play_hidden"
    NEVER_SENT = "never_sent"
    NOT_OURS = "not_ours"  # an address under `to` that no account has
    UNUSED_SIGNAL = "unused_signal"
    UNUSED_TEXT = "unused_text"
    NOT_FILLED_IN = "not_filled_in"  # it looks like a value in a text, and is sent as it stands
    NOBODY_ANSWERED = "nobody_answered"


_OF_THE_FILE: Final[tuple[tuple[Doubt, Callable[[Document, date], Iterator[Problem]]], ...]] = (
    (Doubt.TO_CONFIRM, days.to_confirm),
    (Doubt.NO_HOLIDAYS, days.without_holidays),
)
_OF_THE_POLICY: Final[tuple[tuple[Doubt, Callable[[Document, Policy, date], Iterator[Problem]]], ...]] = (
    (Doubt.DAYS_OF_OLD, days.of_old),
    (Doubt.FAR_AHEAD, days.far_ahead),
    (Doubt.CLOSED_ANYWAY, days.closed_anyway),
    (Doubt.OPEN_ANYWAY, days.open_anyway),
    (Doubt.ODD_REASON, days.odd_reason),
    (Doubt.ODD_HOURS, days.odd_hours),
    (Doubt.ODD_ZONE, days.odd_zone),
    (Doubt.LONG_PROMISE, days.long_promise),
    (Doubt.LONG_SOON, days.long_soon),
    (Doubt.NO_OPENING, days.no_opening),
    (Doubt.EXAMPLE_UNTRIED, days.untried),
    (Doubt.WORDS_IN_ONE, words.in_one),
    (Doubt.WORD_COVERED, words.covered),
    (Doubt.WORD_IN_BOTH, words.in_both),
    (Doubt.WORD_TAKEN_AWAY, words.taken_away),
    (Doubt.UNLESS_USELESS, words.useless_unless),
    (Doubt.PLAY_HIDDEN, plays.hidden),
    (Doubt.NEVER_SENT, plays.never_sent),
    (Doubt.UNUSED_SIGNAL, plays.unused_signals),
    (Doubt.UNUSED_TEXT, plays.unused_texts),
    (Doubt.NOT_FILLED_IN, plays.not_filled_in),
    (Doubt.NOBODY_ANSWERED, plays.nobody_answered),
)


def doubts(document: Document, policy: Policy | None, today: date) -> Iterator[Problem]:
    """All that is doubtful; of a file that is no policy yet (None), only what time does to it."""
    if document.root is None:
        return
    for doubt, of_the_file in _OF_THE_FILE:
        yield from (replace(problem, code=doubt) for problem in of_the_file(document, today))
    if policy is None:
        return
    for doubt, of_the_policy in _OF_THE_POLICY:
        yield from (replace(problem, code=doubt) for problem in of_the_policy(document, policy, today))


def too_common(document: Document, policy: Policy, mails: Iterable[str]) -> Iterator[Problem]:
    """Words that count in half of the mails that came; `mails` are the senders' own words, read once."""
    return (replace(problem, code=Doubt.WORD_TOO_COMMON) for problem in words.too_common(document, policy, mails))


def not_ours(document: Document, ours: Container[str]) -> Iterator[Problem]:
    """Addresses that a play waits for and that no account of the config has; `ours` in small letters."""
    return (replace(problem, code=Doubt.NOT_OURS) for problem in plays.not_ours(document, ours))
