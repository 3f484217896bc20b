"""Who we are, seen from one account: our addresses, our colleagues, and what the office allows by name.

Values only. Must not know: what a mail is asked for, or why.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from responder.mail.addresses import Address

ANY_SERVER: Final = "*"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the policy allows by name, though by its signs it would not be answered.

    `lists`: the office's own groups, `forms`: the From addresses of contact forms, both as `Address.key`. `reply_to`:
    where a customer may want the answer sent, patterns as in `Ours.never_answer`. `bcc`: mail in whose To and Cc no
    address of ours stands.
    """

    lists: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    reply_to: tuple[str, ...] = ()
    bcc: bool = False


NOTHING_ALLOWED: Final = Allowed()


@dataclass(frozen=True, slots=True)
class Ours:
    """What is our own.

    `addresses`: our mailboxes and aliases as `Address.key`; empty means "not known", and then mail need not be
    addressed to us. `colleagues`: domains, in lower case (their subdomains count too), and single addresses as
    `Address.key`. `authserv_ids`: the servers whose Authentication-Results (RFC 8601) count; `ANY_SERVER` for a server
    that writes no name (Exchange Online): the topmost header counts. `never_answer`: addresses with * as wildcard;
    without an @, a domain. `secret`: what our Message-IDs are made with (`own_ids`); empty means "not known".
    """

    addresses: frozenset[str] = frozenset()
    colleagues: frozenset[str] = frozenset()
    authserv_ids: frozenset[str] = frozenset()
    never_answer: tuple[str, ...] = ()
    allowed: Allowed = NOTHING_ALLOWED
    secret: str = field(default="", repr=False)


def is_ours(address: Address, ours: Ours) -> bool:
    """Is it an address of the office: one of our mailboxes or groups, or a colleague's?"""
    return is_own(address, ours) or is_colleague(address, ours)


def is_own(address: Address, ours: Ours) -> bool:
    """Is it one of our mailboxes or groups, under whatever subaddress?"""
    return not {address.key, address.untagged}.isdisjoint(ours.addresses | ours.allowed.lists)


def is_colleague(address: Address, ours: Ours) -> bool:
    """Is it a colleague's, by its domain or by itself?"""
    domains = (domain.casefold().lstrip("@.") for domain in ours.colleagues)
    return address.key in ours.colleagues or is_within(address.domain, domains)


def is_within(domain: str, domains: Iterable[str]) -> bool:
    """Is it one of these domains, or below one of them?"""
    return any(domain == each or domain.endswith("." + each) for each in domains if each)


def first_match(patterns: Iterable[str], address: Address) -> str:
    """The first pattern that the address fits, with its subaddress or without, or ""."""
    ways = (address, Address("", address.untagged))
    return next((pattern for pattern in patterns if any(matches(pattern, way) for way in ways)), "")


def matches(pattern: str, address: Address) -> bool:
    """Does the address fit a pattern? * stands for anything; one without @ is a domain; case does not matter."""
    wanted = unicodedata.normalize("NFC", pattern).strip().casefold()
    text = address.key if "@" in wanted else address.domain.casefold()
    first, *others = wanted.split("*")
    if not others:
        return text == first
    last = others.pop()
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    position, end = len(first), len(text) - len(last)
    for piece in others:  # leftmost fit each time: no backtracking
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True
