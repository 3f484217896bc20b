"""What the corrections of staff suggest for an account's policy: read from the record, proposed, and nothing more.

Only reads. Words of customers are looked at here and in what is shown to the office; none of them goes into the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from responder.mail.addresses import Address
from responder.policy.again import Kept
from responder.policy.proposals import Case, Proposal, Staff, proposals, settled
from responder.store.records import Observation, Observed, Remembered
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.observing import FLAG, WITHIN, flag_or_folder

LOOK_BACK = timedelta(days=90)
LATELY = timedelta(days=7)
ENOUGH = 3  # corrections of a week that are worth a word


@dataclass(frozen=True, slots=True)
class Suggested:
    """What staff judged otherwise, and what that suggests; `mails` are those it was tried on, by their numbers.

    `settled`: of the corrected mails those that today's policy treats as staff did.
    """

    since: datetime
    corrections: tuple[Observation, ...]
    proposals: tuple[Proposal, ...]
    mails: Mapping[int, Remembered]
    settled: frozenset[int] = frozenset()

    def count(self, what: Observed) -> int:
        """How many corrections were of that kind."""
        return sum(each.what is what for each in self.corrections)

    @property
    def unsettled(self) -> int:
        """Corrections that today's policy would still need."""
        return sum(each.message not in self.settled for each in self.corrections)

    @property
    def without_words(self) -> int:
        """Corrections of mails whose words are not kept any more."""
        return sum(each.message not in self.mails for each in self.corrections)


def suggested(desk: Desk, store: Store, since: datetime) -> Suggested:
    """What staff did since then, and what their corrections suggest."""
    corrections = store.observations(desk.name, since)
    if not corrections:
        return Suggested(since, (), (), {})
    mails = {mail.id: mail for mail in store.remembered(desk.name, since - WITHIN)}
    by_mail = {each.message: each for each in reversed(corrections)}  # of several, the first
    cases = [_case(mail, by_mail.get(mail.id), desk) for mail in mails.values()]
    proposed = proposals(cases, desk.policy, desk.judge)
    return Suggested(since, corrections, proposed, mails, settled(cases, desk.policy, desk.judge))


def _case(mail: Remembered, made: Observation | None, desk: Desk) -> Case:
    sender = Address(mail.sender_name, mail.sender) if mail.sender else None
    kept = Kept(mail.subject, mail.own_words, sender, desk.address, mail.arrived_at)
    if made is None:
        return Case(mail.id, kept, mail.marks)
    if made.what is Observed.UNFLAGGED:
        return Case(mail.id, kept, mail.marks, Staff.LOWERED, FLAG)
    return Case(mail.id, kept, mail.marks, Staff.RAISED, flag_or_folder(made))


def of_the_week(desk: Desk, store: Store, now: datetime) -> Suggested | None:
    """For the first report of a week: last week's corrections with what all of them suggest; None if too little."""
    begin = now - LATELY - timedelta(days=desk.local(now).weekday())  # a Monday also after a holiday
    if not store.observations(desk.name, begin):
        return None  # what there was to say was said
    found = suggested(desk, store, now - LOOK_BACK)
    lately = tuple(each for each in found.corrections if each.at >= begin and each.message not in found.settled)
    is_enough = len(lately) >= ENOUGH or (lately and found.proposals)
    return Suggested(begin, lately, found.proposals, found.mails) if is_enough else None
