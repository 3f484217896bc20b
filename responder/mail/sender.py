"""Whose mail it is: by which way it came, whether its From can be trusted, and where an answer goes.

Must not know: what tells a machine (`automatic.py`), history, limits, the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from responder.mail import authentication
from responder.mail.addresses import Address, ReturnPathKind, one_address
from responder.mail.authentication import Result
from responder.mail.defects import Defect
from responder.mail.domains import is_public_provider, organisation
from responder.mail.fields import MAX_LOOKED_AT
from responder.mail.message import Message
from responder.mail.ours import Ours, first_match, is_ours, is_within

# Where groups live beside their own domain: their archives, help pages and addresses stand in the List-* fields.
_GROUP_HOSTS: Final = frozenset(
    {"googlegroups.com", "groups.google.com", "support.google.com", "groups.outlook.com", "groups.office.com"}
)


# ---------------------------------------------------------------------------------------------------------------------
# The way it came


@dataclass(frozen=True, slots=True)
class Route:
    """By which way a mail came, as far as the policy allows ways by name.

    `author` is the one clear From address; `writer` whose mail it is: the author, or the customer behind a form or
    a group. Either is None where that is not clear. Whether they can be trusted is another question (`distrust`).
    `group` is the address of an allowed group (`Address.key`) or "", `form` that of an allowed form.
    """

    author: Address | None
    writer: Address | None
    group: str = ""
    form: Address | None = None

    @property
    def is_direct(self) -> bool:
        return not self.group and self.form is None

    def through(self, address: Address) -> bool:
        """Does the address belong to the group or the form on the way, and not to the one who wrote?"""
        if self.form is not None and organisation(address.domain) == organisation(self.form.domain):
            return self.writer is None or address.key != self.writer.key
        return bool(self.group) and is_of_group(address, self.group)


NO_ROUTE: Final = Route(None, None)


def route_of(message: Message, ours: Ours) -> Route:
    """The way this mail came."""
    author = _only_from(message)
    group = _group_of(message, ours)
    if author is None:
        return replace(NO_ROUTE, group=group)
    if author.key in ours.allowed.forms:
        return Route(author, _typed(message, ours), group, author)
    if group and is_of_group(author, group):  # rewritten, because of the DMARC policy of the writer's domain
        return Route(author, _behind(message, group), group)
    return Route(author, author, group)


def unclear_sender(message: Message) -> str:
    """Why nobody can be taken for the sender; empty if one address can (RFC 5322 3.6.2 allows several)."""
    if Defect.BAD_ADDRESS in message.defects:
        return "an address of the sender cannot be read for certain"
    if len(message.from_) == 1:
        return ""
    return "several From addresses" if message.from_ else "no From address"


def _only_from(message: Message) -> Address | None:
    return None if unclear_sender(message) else message.from_[0]


def _typed(message: Message, ours: Ours) -> Address | None:
    """The one customer's address in a form's mail; None where there is not exactly one."""
    typed = {each.key: each for each in message.reply_to}
    (customer,) = typed.values() if len(typed) == 1 else (None,)
    return None if customer is None or customer.key in ours.allowed.forms else customer


def _behind(message: Message, group: str) -> Address | None:
    """Whose mail a group has put its own name on: the From that it set aside, or else the one other in Reply-To."""
    originals = message.values("x-original-from")
    if originals:
        return one_address(originals[0]) if len(originals) == 1 else None
    others = [address for address in message.reply_to if not is_of_group(address, group)]
    return others[0] if len(others) == 1 else None


def _group_of(message: Message, ours: Ours) -> str:
    """The allowed group that the mail names as the list it came through (RFC 2919, RFC 2369 3.4), or ""."""
    named = {_list_id(value) for value in message.values("list-id")}
    posts = {address for value in message.values("list-post") for address in _mailtos(value)}
    return next((each for each in sorted(ours.allowed.lists) if id_of_group(each) in named or each in posts), "")


def is_field_of_group(name: str, value: str, group: str) -> bool:
    """Does a List-* field speak of that group, and not of a newsletter that was sent to it?"""
    match name.casefold():
        case "list-id":
            return _list_id(value) == id_of_group(group)
        case "list-unsubscribe-post":  # RFC 8058: bulk mail
            return False
    hosts = [_host(uri) for uri in _URI.findall(value[:MAX_LOOKED_AT])]
    return bool(hosts) and all(host and is_within(host, _GROUP_HOSTS | _domains_of(group)) for host in hosts)


def id_of_group(group: str) -> str:
    """`kinhdoanh@congty.example` → `kinhdoanh.congty.example`, as groups form their List-Id."""
    return group.replace("@", ".")


def is_of_group(address: Address, group: str) -> bool:
    """Is it the group's own: itself, or where its mail and its bounces come from?"""
    local = group.rpartition("@")[0]
    own = address.key.rpartition("@")[0].removeprefix("owner-")
    ways = tuple(f"{local}{sign}" for sign in ("+", "-bounces", "-owner"))
    return (own == local or own.startswith(ways)) and is_within(address.domain, _domains_of(group))


def _domains_of(group: str) -> frozenset[str]:
    domain = group.rpartition("@")[2]
    return frozenset({domain, organisation(domain)})


_URI = re.compile(r"<([^<>]*)>")


def _list_id(value: str) -> str:
    found = _URI.findall(value[:MAX_LOOKED_AT])
    return (found[-1] if found else value).strip().casefold()


def _mailtos(value: str) -> Iterator[str]:
    for uri in _URI.findall(value[:MAX_LOOKED_AT]):
        scheme, _, address = uri.strip().partition(":")
        if scheme.casefold() == "mailto":
            yield Address("", address.partition("?")[0]).key


def _host(uri: str) -> str:
    """The domain that a URI leads to, or ""."""
    scheme, _, rest = uri.strip().partition(":")
    if scheme.casefold() == "mailto":
        return rest.partition("?")[0].rpartition("@")[2].casefold()
    try:
        return urlsplit(uri.strip()).hostname or ""
    except ValueError:  # `https://[…`
        return ""


# ---------------------------------------------------------------------------------------------------------------------
# Trust


def sender(message: Message, ours: Ours) -> Address | None:
    """Whose mail it is, if the From address can be trusted; None otherwise.

    Trusted is a From that shares its organisational domain with the Return-Path (RFC 5321 4.4), or for which our own
    server says that DKIM or DMARC passed. Without any Return-Path field (a bare file) From is taken at its word.
    """
    route = route_of(message, ours)
    return route.writer if route.author is not None and not distrust(message, route, ours) else None


def distrust(message: Message, route: Route, ours: Ours) -> str:
    """Why the From address cannot be taken for the author's; empty if it can, or if there is none."""
    author, path = route.author, message.return_path
    failed = failed_authentication(message, route, ours)
    if author is None or failed or path.kind is ReturnPathKind.ABSENT or is_vouched_for(message, route, ours):
        return failed
    shown = path.address.address if path.address is not None else "<>"
    if path.address is None or not _speaks_for(path.address, author, route):
        return f"Return-Path {shown} is of another domain than From {author.address}"
    envelope = organisation(path.address.domain)
    if any(each.verdict == "fail" and each.is_about(envelope, "spf") for each in _results(message, ours)):
        return f"our server says spf=fail for Return-Path {shown}"
    return ""


def is_vouched_for(message: Message, route: Route, ours: Ours) -> bool:
    """Does our own server say that DKIM or DMARC passed for the From address?"""
    wanted = organisation(route.author.domain) if route.author is not None else ""
    return any(each.verdict == "pass" and each.is_about(wanted, "dkim", "dmarc") for each in _results(message, ours))


def _speaks_for(path: Address, author: Address, route: Route) -> bool:
    same = bool(path.domain) and organisation(path.domain) == organisation(author.domain)
    return same or (bool(route.group) and is_of_group(path, route.group))


def failed_authentication(message: Message, route: Route, ours: Ours) -> str:
    """What our own server has found wrong with the sender (RFC 7489); empty if nothing.

    A group breaks the writer's DKIM by what it adds, and DMARC with it: then our server's word for the group counts.
    """
    results = _results(message, ours)
    if not any(each.method == "dmarc" and each.verdict == "fail" for each in results):
        return ""
    group = organisation(route.group.rpartition("@")[2]) if route.group else ""
    if group and any(each.verdict == "pass" and each.is_about(group, "dkim", "spf") for each in results):
        return ""
    return "our server says dmarc=fail"


def _results(message: Message, ours: Ours) -> Sequence[Result]:
    return authentication.results(message, ours.authserv_ids)


# ---------------------------------------------------------------------------------------------------------------------
# Where an answer goes


def answer_to(message: Message, ours: Ours) -> Address | None:
    """Where an answer goes: Reply-To if it is one address of the sender's organisation, or allowed; else the sender.

    At public mail providers everybody shares the domain, so there only From will do. None without a trusted sender.
    """
    trusted = sender(message, ours)
    if trusted is None or len(message.reply_to) != 1:
        return trusted
    (reply_to,) = message.reply_to
    if is_ours(reply_to, ours):
        return trusted
    its_own = organisation(trusted.domain)
    is_same = organisation(reply_to.domain) == its_own and not is_public_provider(its_own)
    return reply_to if is_same or first_match(ours.allowed.reply_to, reply_to) else trusted


def unused_reply_to(message: Message, ours: Ours) -> Address | None:
    """The Reply-To that somebody asked for and `answer_to` does not use, because it may be somebody else's."""
    answer = answer_to(message, ours)
    route = route_of(message, ours)
    asked = [each for each in message.reply_to if not is_ours(each, ours) and not route.through(each)]
    if answer is None or answer.key in {each.key for each in asked}:
        return None
    return asked[0] if asked else None
