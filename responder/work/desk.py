"""One account as the work sees it: its settings, its policy, who is who.

Built by the composition root, anew after every reload. Knows no connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from responder.config import Account, Config, Mode, SentCopy
from responder.mail.addresses import Address
from responder.mail.ours import Ours
from responder.people import Person
from responder.policy.meaning import Judging
from responder.policy.model import Delivery, Policy
from responder.store.records import CopyState, OutboxState
from responder.work.pauses import Pause


def ours(config: Config, account: str, secret: str = "") -> Ours:
    """Which addresses are our own, seen from one account: those of all accounts. `secret`: the store's, if at hand."""
    addresses = [address for each in config.accounts.values() for address in each.addresses()]
    return Ours(
        addresses=frozenset(Address("", address).key for address in addresses),
        colleagues=frozenset(config.colleagues)
        | {Address("", person.address).key for person in config.people.values()},
        authserv_ids=frozenset(config.accounts[account].authserv_ids),
        secret=secret,
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that stays the same while a message is worked on."""

    name: str
    settings: Account
    policy: Policy
    ours: Ours
    people: Mapping[str, Person]
    mode: Mode
    secret: str
    paused: Pause | None = None
    keeps_words: bool = True  # customers' own words are on record for a while
    judge: Judging | None = None  # asked where the policy wants it
    policy_text: str = ""  # the policy as its file read; kept with what is decided by it

    @property
    def address(self) -> Address:
        """Who we write as."""
        return Address(self.settings.name, self.settings.address)

    @property
    def domain(self) -> str:
        return self.settings.address.rpartition("@")[2]

    @property
    def writes_to_customers(self) -> bool:
        """May an automatic mail go out now?"""
        return self.mode is Mode.LIVE and not self.paused

    @property
    def counted(self) -> frozenset[OutboxState]:
        """The states in which an automatic mail counts for the limits; a withheld one only where all are withheld."""
        not_had = {OutboxState.DROPPED, OutboxState.CANCELLED, OutboxState.FAILED}
        return frozenset(OutboxState) - not_had - ({OutboxState.WITHHELD} if self.writes_to_customers else set())

    @property
    def follows_up(self) -> bool:
        """Are follow-ups queued? A pause holds back what is sent, not the drafts."""
        drafts = self.policy.follow_up.as_ is Delivery.DRAFT
        return self.mode is Mode.LIVE and (drafts or not self.paused)

    @property
    def copy_state(self) -> CopyState:
        """Is a copy in Sent ours to file?"""
        return CopyState.PENDING if self.settings.sent_copy is SentCopy.FILE else CopyState.NONE

    def local(self, at: datetime) -> datetime:
        """A time as the office's clock shows it."""
        return at.astimezone(self.policy.calendar().zone)

    def person(self, role: str) -> Address:
        """The address behind a role (`on_call`); the configuration was checked to have it."""
        person = self.people[role]
        return Address(person.name, person.address)
