"""Every play of the policy, tried on one message: which of its conditions are met, and in words why one is not.

Pure. Knows nothing of what is owed: `decide.py` takes the plays that fit, `explain` shows them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from responder.mail.addresses import Address
from responder.mail.language import Language
from responder.mail.ours import matches
from responder.policy import deadlines, phrases
from responder.policy.calendar import Calendar
from responder.policy.deadlines import Bound, Deadline
from responder.policy.meaning import Meaning
from responder.policy.model import Office, Play


class Need(StrEnum):
    """A condition of a play: the keys of `when`."""

    OFFICE = "office"
    SIGNAL = "signal"
    DEADLINE = "deadline"
    SENDER = "sender"
    TO = "to"
    FIRST_CONTACT = "first_contact"


class Lack(StrEnum):
    """What a condition failed for."""

    IS_OPEN = "is_open"
    IS_CLOSED = "is_closed"
    NO_WORD = "no_word"
    WORD_REFUSED = "word_refused"
    NO_DEADLINE = "no_deadline"
    DEADLINE_TOO_FAR = "deadline_too_far"
    OTHER_SENDER = "other_sender"
    OTHER_ADDRESS = "other_address"
    WROTE_BEFORE = "wrote_before"
    NEVER_WROTE = "never_wrote"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition with what it asks for, and what it lacks if it is not met; nothing of the customer's words."""

    need: Need
    wanted: tuple[str, ...] = ()
    lack: Lack | None = None
    bound: Bound | None = None
    at: datetime | None = None  # the deadline that is too far

    @property
    def is_met(self) -> bool:
        return self.lack is None


@dataclass(frozen=True, slots=True)
class Trial:
    """A play with its conditions. `is_sure`: it fits beyond doubt; what is sent to a customer hangs on nothing less."""

    play: str
    conditions: tuple[Condition, ...]
    is_sure: bool

    @property
    def fits(self) -> bool:
        return all(each.is_met for each in self.conditions)

    @property
    def failed(self) -> Condition | None:
        """The first condition that is not met."""
        return next((each for each in self.conditions if not each.is_met), None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the conditions of plays ask for. `writers`: who stands in From, and the customer behind a form or group."""

    office: Office
    meaning: Meaning
    writers: tuple[Address, ...]
    recipients: tuple[Address, ...]
    is_known: bool
    arrived: datetime
    calendar: Calendar


def tried(play: Play, facts: Facts) -> Trial:
    """Try one play; its conditions stand in the order of `Need`."""
    conditions = tuple(_conditions(play, facts))
    return Trial(play.name, conditions, all(each.is_met for each in conditions) and _is_sure(play, facts))


def _conditions(play: Play, facts: Facts) -> Iterator[Condition]:
    when = play.when
    if when.office is not None:
        is_open = facts.office is Office.OPEN
        lack = None if when.office is facts.office else (Lack.IS_OPEN if is_open else Lack.IS_CLOSED)
        yield Condition(Need.OFFICE, (when.office.value,), lack)
    if when.signal:
        yield Condition(Need.SIGNAL, when.signal, _lacking_signal(when.signal, facts.meaning))
    if when.deadline is not None:
        yield _by_deadline(when.deadline, facts)
    if when.sender:
        is_met = _matches(when.sender, facts.writers)
        yield Condition(Need.SENDER, when.sender, None if is_met else Lack.OTHER_SENDER)
    if when.to:
        is_met = _matches(when.to, facts.recipients)
        yield Condition(Need.TO, when.to, None if is_met else Lack.OTHER_ADDRESS)
    if when.first_contact is not None:
        lack = Lack.WROTE_BEFORE if facts.is_known else Lack.NEVER_WROTE
        yield Condition(Need.FIRST_CONTACT, (), lack if when.first_contact is facts.is_known else None)


def _lacking_signal(wanted: tuple[str, ...], meaning: Meaning) -> Lack | None:
    if any(name in meaning.shown for name in wanted):
        return None
    refused = {miss.hit.signal for miss in meaning.evidence.found.misses}
    return Lack.WORD_REFUSED if refused.intersection(wanted) else Lack.NO_WORD


def _by_deadline(bound: Bound, facts: Facts) -> Condition:
    if _deadline_within(bound, facts) is not None:
        return Condition(Need.DEADLINE, bound=bound)
    nearest = next(iter(facts.meaning.evidence.deadlines), None)
    lack = Lack.DEADLINE_TOO_FAR if nearest else Lack.NO_DEADLINE
    return Condition(Need.DEADLINE, (), lack, bound, nearest.at if nearest else None)


def _is_sure(play: Play, facts: Facts) -> bool:
    signals = play.when.signal
    by_signal = not signals or any(name in facts.meaning.certain for name in signals)
    deadline = _deadline_within(play.when.deadline, facts)
    return by_signal and (deadline is None or deadline.is_plain)


def _deadline_within(bound: Bound | None, facts: Facts) -> Deadline | None:
    if bound is None:
        return None
    return deadlines.next_until(bound.ends(facts.arrived, facts.calendar), facts.meaning.evidence.deadlines)


def _matches(patterns: tuple[str, ...], addresses: tuple[Address, ...]) -> bool:
    return any(matches(pattern, address) for pattern in patterns for address in addresses)


# ---------------------------------------------------------------- in words

_OFFICE: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {"open": "trong giờ làm việc", "closed": "ngoài giờ làm việc"},
    Language.EN: {"open": "during office hours", "closed": "out of hours"},
}
LACKS: Mapping[Language, Mapping[Lack, str]] = {
    Language.VI: {
        Lack.IS_OPEN: "cần thư đến {wanted}; thư này đến trong giờ",
        Lack.IS_CLOSED: "cần thư đến {wanted}; thư này đến ngoài giờ",
        Lack.NO_WORD: "cần dấu hiệu {wanted}; thư không có",
        Lack.WORD_REFUSED: "cần dấu hiệu {wanted}; thư có từ ấy nhưng không được tính",
        Lack.NO_DEADLINE: "cần một hạn {wanted}; thư không nêu hạn nào",
        Lack.DEADLINE_TOO_FAR: "cần một hạn {wanted}; hạn gần nhất là {at}",
        Lack.OTHER_SENDER: "cần người gửi là {wanted}; đây là người khác",
        Lack.OTHER_ADDRESS: "cần thư gửi đến {wanted}; thư này gửi nơi khác",
        Lack.WROTE_BEFORE: "cần người gửi mới; người này đã từng viết thư",
        Lack.NEVER_WROTE: "cần người gửi đã từng viết thư; đây là lần đầu",
    },
    Language.EN: {
        Lack.IS_OPEN: "needs a mail that comes {wanted}; this one came during office hours",
        Lack.IS_CLOSED: "needs a mail that comes {wanted}; this one came out of hours",
        Lack.NO_WORD: "needs the signal {wanted}; the mail has none of it",
        Lack.WORD_REFUSED: "needs the signal {wanted}; a word of it is there but does not count",
        Lack.NO_DEADLINE: "needs a deadline {wanted}; the mail names none",
        Lack.DEADLINE_TOO_FAR: "needs a deadline {wanted}; the next one is {at}",
        Lack.OTHER_SENDER: "needs the sender {wanted}; this is somebody else",
        Lack.OTHER_ADDRESS: "needs a mail sent to {wanted}; this one was not",
        Lack.WROTE_BEFORE: "needs a new sender; this one has written before",
        Lack.NEVER_WROTE: "needs a sender who has written before; this one has not",
    },
}
_OR: Mapping[Language, str] = {Language.VI: " hoặc ", Language.EN: " or "}


def said(condition: Condition, language: Language) -> str | None:
    """Why it is not met, in words; None if it is."""
    if condition.lack is None:
        return None
    at = phrases.moment(condition.at, language) if condition.at else ""
    return LACKS[language][condition.lack].format(wanted=_wanted(condition, language), at=at)


def _wanted(condition: Condition, language: Language) -> str:
    if condition.need is Need.OFFICE:
        return _OFFICE[language][condition.wanted[0]]
    if condition.bound is not None:
        return phrases.bound(condition.bound, language)
    return _OR[language].join(f"“{each}”" for each in condition.wanted)
