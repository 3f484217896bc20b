"""The mails on record under two policies: how many of them would be treated differently.

Each mail by itself, as it came, by its words that are kept; both policies with the same guesses, so that only what was
changed in the policy counts. What the limits would have held back is not asked. Reads the state, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from responder.mail.addresses import Address
from responder.mail.ours import Ours
from responder.policy import again
from responder.policy.again import Kept
from responder.policy.decide import SEEN_BEFORE
from responder.policy.meaning import Judging
from responder.policy.model import Policy
from responder.replay import entry as entries
from responder.replay.differences import Cause, Difference, Group, difference
from responder.replay.entry import Entry
from responder.replay.seats import Seat
from responder.store.records import MessageRow
from responder.store.store import Store
from responder.work.steps import GoesOn, always

DAYS = 30  # back from now
MOST = 5000  # mails that are looked at, the newest
PORTION = 50  # of them that are read at once
EXAMPLES = 5  # that are told
DATED = frozenset({Cause.OPEN_NOW, Cause.CLOSED_NOW, Cause.OPENS_AT})


@dataclass(frozen=True, slots=True)
class Recount:
    """What another policy would do with the mails of the last days."""

    compared: int
    differing: int
    examples: tuple[Difference, ...]
    forgotten: int  # mails that cannot be compared: their words are not kept any more
    is_cut: bool  # older mails of these days were not looked at


NOTHING = Recount(compared=0, differing=0, examples=(), forgotten=0, is_cut=False)


@dataclass(frozen=True)
class Question:
    """Two policies, the second in place of the first, and whom it concerns."""

    before: Policy
    after: Policy
    addresses: Mapping[str, str]  # of the mailboxes with this policy, by account
    judge: Judging | None = None


def recount(store: Store, question: Question, now: datetime, goes_on: GoesOn = always) -> Recount:
    """Of the mails that came in the last days; what is not looked at when it `goes_on` no more is left out."""
    tally = _Tally(question)
    rows = _newest(store, question, now - timedelta(days=DAYS))
    for row in islice(rows, MOST):
        if not goes_on():
            return tally.recount(is_cut=True)
        tally.add(row)
    return tally.recount(is_cut=next(rows, None) is not None)


def kept(row: MessageRow, to: Address) -> Kept:
    """What the record keeps of a mail to this mailbox of ours."""
    sender = Address(row.sender_name, row.sender) if row.sender else None
    return again.kept(row.decision, row.subject, row.own_words, sender, to, row.arrived_at)


def _newest(store: Store, question: Question, since: datetime) -> Iterator[MessageRow]:
    """In portions, none of which keeps the state from being written."""
    last: MessageRow | None = None
    while rows := store.decided(tuple(question.addresses), since, last, PORTION):
        yield from rows
        last = rows[-1]


@dataclass
class _Tally:
    question: Question
    compared: int = 0
    forgotten: int = 0
    alike: dict[Group, list[Difference]] = field(default_factory=dict)  # the first few of each
    differing: int = 0

    def add(self, row: MessageRow) -> None:
        if row.handled_how == SEEN_BEFORE:  # it was moved, not sent
            return
        if row.words_gone_at is not None:
            self.forgotten += 1
            return
        self.compared += 1
        found = difference(*(self._under(policy, row) for policy in (self.question.before, self.question.after)))
        if found is not None:
            self.differing += 1
            few = self.alike.setdefault(_kind(found.group), [])
            if len(few) < EXAMPLES:
                few.append(found)

    def _under(self, policy: Policy, row: MessageRow) -> Entry:
        account = row.place.account
        mail = kept(row, Address("", self.question.addresses[account]))
        decision = again.again(mail, policy, self.question.judge)
        return entries.of_decision(str(row.id), Seat(account, policy, Ours()), again.message_of(mail), decision)

    def recount(self, *, is_cut: bool) -> Recount:
        return Recount(self.compared, self.differing, tuple(self._examples()), self.forgotten, is_cut)

    def _examples(self) -> list[Difference]:
        """One of each kind first: of what changes many mails, one tells as much as five."""
        in_turn = (few[turn] for turn in range(EXAMPLES) for few in self.alike.values() if turn < len(few))
        return list(islice(in_turn, EXAMPLES))


def _kind(group: Group) -> Group:
    """Every Saturday that is open now is one kind."""
    return replace(group, what=()) if group.cause in DATED else group
