"""From where a mail is looked at: the account it came to, its policy, and what is ours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from responder.config import Config
from responder.mail.addresses import Address
from responder.mail.message import Message
from responder.mail.ours import Ours, is_ours
from responder.policy.model import Policy
from responder.work.desk import ours


@dataclass(frozen=True, slots=True)
class Seat:
    """One account, for as long as nothing in it changes. `account` is "" where there is no config."""

    account: str
    policy: Policy
    ours: Ours


@dataclass(frozen=True)
class Seats:
    """All accounts of an office. `addresses`: which is whose, as `Address.key`, groups that are allowed among them."""

    seats: Mapping[str, Seat]
    addresses: Mapping[str, str]

    @property
    def first(self) -> Seat:
        return next(iter(self.seats.values()))

    def of(self, message: Message) -> Seat:
        """The first account that the mail is addressed to; one to none of them (Bcc) may have come to the first."""
        for address in (*message.to, *message.cc):
            name = self.addresses.get(address.key) or self.addresses.get(address.untagged)
            if name is not None:
                return self.seats[name]
        return self.first

    def named(self, name: str) -> Seat | None:
        """The account of that name, or with that address."""
        address = Address("", name).key
        found = name if name in self.seats else self.addresses.get(address)
        return None if found is None else self.seats[found]

    def writes(self, writers: Collection[str], recipients: Collection[str]) -> Seat | None:
        """The account whose mailbox such a mail was written from, if it leaves the office."""
        name = next((self.addresses[each] for each in writers if each in self.addresses), None)
        if name is None or any(each in self.addresses for each in recipients):
            return None
        return self.seats[name]

    def alone(self, seat: Seat) -> Seats:
        """Of all accounts that one, with the addresses that are its own."""
        mine = {address: name for address, name in self.addresses.items() if name == seat.account}
        return Seats({seat.account: seat}, mine)

    def under(self, policy: Policy) -> Seats:
        """The same accounts under another policy."""
        return Seats({name: replace(seat, policy=policy) for name, seat in self.seats.items()}, self.addresses)


def of_config(config: Config, policies: Mapping[str, Policy]) -> Seats:
    """The accounts of a config. An address of two accounts belongs to the first."""
    addresses: dict[str, str] = {}
    for name, policy in policies.items():
        own = (Address("", each).key for each in config.accounts[name].addresses())
        for each in (*own, *policy.allow.lists):
            addresses.setdefault(each, name)
    return Seats({name: Seat(name, policy, ours(config, name)) for name, policy in policies.items()}, addresses)


def leaves_the_office(recipients: Collection[str], ours: Ours) -> bool:
    """A mail forwarded to a colleague is no answer to the customer."""
    return any(not is_ours(Address("", each), ours) for each in recipients)
