"""The one place that says a mail came from a machine, or from nobody we can trust.

Rules are small named predicates in one ordered table, the most certain first; the first that hits is the veto, with its
name and the fact it saw. A veto silences only what would go to the sender. Whose mail it is, and which ways of it the
policy allows by name, is told in `sender.py`.

Must not know: working time, policy plays, history, limits, the network.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Final

from responder.mail import own_ids
from responder.mail.addresses import Address, ReturnPathKind
from responder.mail.defects import Defect
from responder.mail.fields import MAX_LOOKED_AT, keyword, keywords
from responder.mail.message import Message
from responder.mail.ours import NOTHING_ALLOWED, Ours, first_match, is_colleague, is_ours, is_own
from responder.mail.sender import (
    Route,
    distrust,
    failed_authentication,
    is_field_of_group,
    is_vouched_for,
    route_of,
    sender,
    unclear_sender,
)
from responder.mail.weak_signs import are_enough, weak_signs


class Sign(StrEnum):
    """What tells that nobody should get an automatic answer to a mail."""

    AUTO_SUBMITTED = "auto_submitted"
    NULL_RETURN_PATH = "null_return_path"
    LIST_HEADER = "list_header"
    REPORT = "report"
    CALENDAR_REPLY = "calendar_reply"
    PRECEDENCE = "precedence"
    AUTO_RESPONSE_SUPPRESS = "auto_response_suppress"
    OWN_LOOP = "own_loop"
    OWN_MESSAGE_ID = "own_message_id"
    LOOP = "loop"
    SPAM = "spam"
    AUTORESPONDER_HEADER = "autoresponder_header"
    MACHINE_ADDRESS = "machine_address"
    NEVER_ANSWER = "never_answer"
    OWN_ADDRESS = "own_address"
    COLLEAGUE = "colleague"
    WEAK_SIGNS = "weak_signs"
    UNREADABLE = "unreadable"
    NO_CLEAR_SENDER = "no_clear_sender"
    AUTHENTICATION_FAILED = "authentication_failed"
    UNTRUSTED_SENDER = "untrusted_sender"
    NOT_ADDRESSED = "not_addressed"


class Filed(StrEnum):
    """As what the mail server has filed a mail."""

    ORDINARY = "ordinary"
    JUNK = "junk"  # by keyword (RFC 9051 2.3.2), or because it lies in the folder for it (RFC 6154 2)


@dataclass(frozen=True, slots=True)
class Veto:
    """Why the sender gets nothing automatic. `detail` is a short English fact, at most 80 characters, no controls."""

    signal: Sign
    detail: str


def vetoes(message: Message, ours: Ours, filed: Filed = Filed.ORDINARY) -> Iterator[Veto]:
    """Everything that forbids an automatic answer to this mail (RFC 3834 2, RFC 5230 4.6), the most certain first."""
    mail = _mail(message, ours, filed)
    for sign, rule in _RULES:
        detail = rule(mail)
        if detail:
            yield Veto(sign, _clipped(detail))


def veto(message: Message, ours: Ours, filed: Filed = Filed.ORDINARY) -> Veto | None:
    """The first of the vetoes, or None."""
    return next(vetoes(message, ours, filed), None)


def excused(message: Message, ours: Ours, filed: Filed = Filed.ORDINARY) -> tuple[Veto, ...]:
    """The signs that would forbid it, did the policy not allow by name the way this mail came."""
    if ours.allowed == NOTHING_ALLOWED:
        return ()
    found = {each.signal for each in vetoes(message, ours, filed)}
    strict = vetoes(message, replace(ours, allowed=NOTHING_ALLOWED), filed)
    return tuple(each for each in strict if each.signal not in found)


def comes_back(message: Message, ours: Ours) -> bool:
    """Is it mail of our own, or a machine's answer to it? To tell somebody of that by mail would go on for ever.

    Whatever its first veto is: our own alert says of itself that it is generated, as the alarm of a robot does.
    """
    is_answer = any(keyword(value) == "auto-replied" for value in message.values("auto-submitted"))
    mail = _mail(message, ours, Filed.ORDINARY)
    return is_answer or any(rule(mail) for rule in _COMING_BACK)


def by_one_of_us(message: Message, ours: Ours) -> bool:
    """Did a person of the office write it? Only if nothing at all speaks for a machine or a forger.

    An absence notice says nothing of theirs, and a colleague's address in Sender or Return-Path is not the writer's.
    Into a form anybody can type anything, and what a group hands on is not checked as strictly: both prove nothing.
    """
    writer = sender(message, ours)
    if writer is None or not is_ours(writer, ours) or not route_of(message, ours).is_direct:
        return False
    found = veto(message, ours)  # the machines' signs come before those of the office
    by_a_machine = found is not None and found.signal not in _OF_THE_OFFICE
    by_a_form = writer.key in ours.allowed.forms
    mail = _mail(message, ours, Filed.ORDINARY)
    return not (by_a_machine or by_a_form or _authentication_failed(mail) or weak_signs(message, mail.route))


def by_a_program(message: Message) -> bool:
    """Does a mail in our own Sent folder say of itself that no person wrote it (RFC 3834 5)?"""
    says_so = any(keyword(value) != "no" for value in message.values("auto-submitted"))
    return says_so or message.first("x-responder-loop") is not None


def own_message_id(message_id: str) -> Veto:
    """The veto for a mail that was known by its id to be our own."""
    return Veto(Sign.OWN_MESSAGE_ID, _clipped(_fact("Message-ID", message_id)))


def own_identifiers(message: Message) -> tuple[str, ...]:
    """The ids the mail goes by, or went by before somebody passed it on: not those of the mails it answers."""
    passed_on = (match[0] for name in _FORMER_IDS for value in message.values(name) for match in _ID.finditer(value))
    return tuple(dict.fromkeys([*filter(None, [message.message_id]), *islice(passed_on, _MAX_FORMER)]))


_ID = re.compile(r"<[^<>\s]{1,900}>")
_FORMER_IDS: Final = ("resent-message-id", "x-original-message-id", "x-google-original-message-id")
_MAX_FORMER: Final = 10  # ids of a mail that was passed on
_OF_THE_OFFICE: Final = frozenset({Sign.OWN_ADDRESS, Sign.COLLEAGUE, Sign.NEVER_ANSWER})  # it may name our own domain
_MAX_DETAIL: Final = 80


@dataclass(frozen=True, slots=True)
class _Mail:
    """What a rule looks at: the mail, who we are, as what it was filed, and by which way it came.

    `way_back`: a Return-Path that leads to one who only passes on, where our own server says that From is genuine.
    """

    message: Message
    ours: Ours
    filed: Filed
    route: Route
    way_back: Address | None


def _mail(message: Message, ours: Ours, filed: Filed) -> _Mail:
    route, path = route_of(message, ours), message.return_path.address
    passes_on = path is not None and _is_way_back(path) and is_vouched_for(message, route, ours)
    return _Mail(message, ours, filed, route, path if passes_on else None)


def _clipped(text: str) -> str:
    printable = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text)
    whole = " ".join(printable.split())
    return whole if len(whole) <= _MAX_DETAIL else f"{whole[: _MAX_DETAIL - 1]}…"  # half an address would be another


def _fact(name: str, value: str) -> str:
    return f"{name}: {value[:MAX_LOOKED_AT]}"


# ---------------------------------------------------------------------------------------------------------------------
# Certain signs: headers


def _auto_submitted(mail: _Mail) -> str:
    """RFC 3834 5: anything but "no" was not sent by a person. A form's mail is generated, as it may say."""
    denials = {"no", "auto-generated"} if mail.route.form else {"no"}
    values = mail.message.values("auto-submitted")
    return next((_fact("Auto-Submitted", value) for value in values if keyword(value) not in denials), "")


def _null_return_path(mail: _Mail) -> str:
    """RFC 5321 4.5.5: the empty path marks notifications, which must never be answered."""
    if mail.message.return_path.kind is ReturnPathKind.NULL:
        return "Return-Path: <>"
    address = mail.message.return_path.address
    if address is not None and address.local.casefold() in ("mailer-daemon", "mailerdaemon"):
        return _fact("Return-Path", address.address)
    return ""


def _list_header(mail: _Mail) -> str:
    """RFC 2369, 2919: mailing lists and bulk senders name themselves. Those of an allowed group are excused."""
    group = mail.route.group
    fields = [(name, value) for name, value in mail.message.headers if name.casefold().startswith("list-")]
    ids = [value for name, value in fields if name.casefold() == "list-id"]
    if group and len(ids) > 1:
        return f"{len(ids)} List-Id fields: {', '.join(ids)}"
    foreign = (each for each in fields if not group or not is_field_of_group(*each, group))
    return next((_fact(name, value) for name, value in foreign), "")


_REPORTS: Final = frozenset(
    {"multipart/report", "message/delivery-status", "message/disposition-notification", "message/feedback-report",
     "message/global-delivery-status", "message/global-disposition-notification", "message/tracking-status"}
)  # fmt: skip


def _report(mail: _Mail) -> str:
    """RFC 6522, 3464, 8098, 5965: bounces, receipts and abuse reports."""
    return next((f"a part is {part.content_type}" for part in mail.message.parts if part.content_type in _REPORTS), "")


def _calendar_reply(mail: _Mail) -> str:
    """RFC 6047: a calendar program answered an invitation."""
    for part in mail.message.parts:
        if part.content_type == "text/calendar" and (part.parameter("method") or "").casefold() == "reply":
            return "text/calendar; method=REPLY"
    return ""


_BULK: Final = frozenset({"bulk", "list", "junk", "auto_reply", "auto-reply"})


def _precedence(mail: _Mail) -> str:
    excused = {"bulk", "list"} if mail.route.form else {"list"} if mail.route.group else set[str]()
    for name in ("Precedence", "X-Precedence"):
        for value in mail.message.values(name):
            if keyword(value) in _BULK - excused:
                return _fact(name, value)
    return ""


_SUPPRESSED: Final = frozenset({"all", "oof", "autoreply"})


def _auto_response_suppress(mail: _Mail) -> str:
    """MS-OXCMAIL 2.2.3.2.14: All, or a comma list; DR, NDR, RN and NRN speak of receipts only."""
    for value in mail.message.values("x-auto-response-suppress"):
        if _SUPPRESSED.intersection(keywords(value)):
            return _fact("X-Auto-Response-Suppress", value)
    return ""


def _own_loop(mail: _Mail) -> str:
    return next((_fact("X-Responder-Loop", value) for value in mail.message.values("x-responder-loop")), "")


def _own_message_id(mail: _Mail) -> str:
    """Our own mail, whatever was done to its other fields. That it names one of ours as answered says nothing."""
    secret = mail.ours.secret
    own = (each for each in own_identifiers(mail.message) if own_ids.is_own(secret, each))
    return next((_fact("Message-ID", each) for each in own), "")


def _loop(mail: _Mail) -> str:
    """A robot's note to itself that it has had this mail; some group servers write their own address."""
    own = mail.route.group
    return next((_fact("X-Loop", value) for value in mail.message.values("x-loop") if value.casefold() != own), "")


_YES = re.compile(r"\s*yes\b", re.IGNORECASE)


def _spam(mail: _Mail) -> str:
    if mail.filed is Filed.JUNK:
        return "the mail server has filed it as junk"
    for name in ("X-Spam-Flag", "X-Spam-Status"):
        for value in mail.message.values(name):
            if _YES.match(value):
                return _fact(name, value)
    return ""


# What stands on the answers of machines, whatever the value …
_ANSWER_HEADERS: Final = (
    "X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Autoresponse", "X-AutoReply-From", "X-Mail-Autoreply",
    "X-Autoreply-Domain", "X-AutoReply-Message", "X-Vacation", "X-Failed-Recipients", "X-HmXmrOriginalRecipient",
)  # fmt: skip
# … and with the value that matters, in lower case: all of it, or its keyword.
_ANSWER_VALUES: Final = (
    ("X-POST-MessageClass", "9; autoresponder"),
    ("Delivered-To", "autoresponder"),
    ("X-Apple-Action", "vacation"),
    ("Content-Type", "multipart/report"),
)
# What stands on all that programs write: alarms, receipts, newsletters.
_GENERATED_HEADERS: Final = (
    "X-Autogenerated", "X-Auto-Generated", "X-FC-MachineGenerated", "X-No-Ack", "X-MSFBL",
    "X-MS-Exchange-Generated-Message-Source",
)  # fmt: skip
_GENERATED_VALUES: Final = (("X-AMAZON-MAIL-RELAY-TYPE", "notification"), ("X-Ack", "no"))
_DENIALS: Final = frozenset({"no", "false", "0"})


def _autoresponder_header(mail: _Mail) -> str:
    """A form's mail is generated, as its headers may say."""
    generated = "" if mail.route.form else _header_of(mail.message, _GENERATED_HEADERS, _GENERATED_VALUES)
    return _answering_header(mail) or generated


def _answering_header(mail: _Mail) -> str:
    return _header_of(mail.message, _ANSWER_HEADERS, _ANSWER_VALUES)


def _header_of(message: Message, names: tuple[str, ...], values: tuple[tuple[str, str], ...]) -> str:
    for name in names:
        for value in message.values(name):
            if keyword(value) not in _DENIALS:
                return _fact(name, value)
    for name, wanted in values:
        for value in message.values(name):
            if wanted in (keyword(value), value.strip().casefold()):
                return _fact(name, value)
    return ""


# ---------------------------------------------------------------------------------------------------------------------
# Addresses

# Whole local parts: `myroot@` and a person called Bounce are people.
_MACHINE: Final = re.compile(
    r"(?:mail|mailer|fetchmail)-?daemon|mdaemon|postmaster|listserv|majordomo|mailman|uucp|mailer|daemon|root|nobody"
    r"|www-data|apache|nginx|cron(?:-?daemon)?|amavis(?:d-new)?"
    r"|notifications?(?:[-+=_].{0,250})?|alerts?-noreply"
    r"|owner-.{1,250}|.{1,250}-(?:request|bounces?)|.{1,200}-bounces?[+=].{0,250}"
    r"|bounces?(?:[+=].{0,250}|[-_](?:.{0,200}[-_.])?\d.{0,250}|[-_].{0,200}[+=].{0,250})?"
    r"|(?:.{0,200}[-._+])?(?:no|do[-._]?not|dont|khong)[-._]?"
    r"(?:reply|respond|answer|tra[-._]?loi|phan[-._]?hoi)(?:[-._+=\d].{0,250})?"
    r"|auto[-._]?(?:reply|responder?|response|answer)(?:[-._+=\d].{0,250})?"
)
# Whole addresses whose local part alone would say nothing: Outlook.com's reports of complaints come from here.
_MACHINE_ADDRESSES: Final = frozenset({"staff@hotmail.com"})
# Bounce address tag validation puts a tag before the local part: `prvs=701fd58e1=www-data`.
_TAGGED: Final = re.compile(r"prvs=[^=]{1,64}=")


def _is_machine(address: Address) -> bool:
    local = _TAGGED.sub("", address.local.casefold(), count=1)
    return address.key in _MACHINE_ADDRESSES or _MACHINE.fullmatch(local) is not None


def _addresses(message: Message) -> Iterator[tuple[str, Address]]:
    """Every address that might be written to, with the field it stands in."""
    if message.return_path.address is not None:
        yield "Return-Path", message.return_path.address
    for name, addresses in (("From", message.from_), ("Sender", message.sender), ("Reply-To", message.reply_to)):
        for address in addresses:
            yield name, address


# As forwarders and sending services write the envelope sender: SRS, Gmail's forwards, VERP.
_WAY_BACK: Final = re.compile(
    r"srs[01][-+=].{1,250}|.{1,250}\+caf_=.{1,250}|bounces?(?:[-+=_].{0,250})?|.{1,200}-bounces?(?:[+=].{0,250})?"
)


def _is_way_back(address: Address) -> bool:
    """Does bounced mail go there, to one who only passes on? A tag (BATV) makes it so, but no person of a machine."""
    local = address.local.casefold()
    return _WAY_BACK.fullmatch(local) is not None or (_TAGGED.match(local) is not None and not _is_machine(address))


def _candidates(mail: _Mail) -> Iterator[tuple[str, Address]]:
    """Those that tell who wrote: with the customer who wrote by a group or a form, without all that lay on the way."""
    writer = mail.route.writer
    for name, each in _addresses(mail.message):
        on_the_way = (name == "Return-Path" and mail.way_back is not None) or (writer and mail.route.through(each))
        if not on_the_way:
            yield name, each
    if writer is not None:
        yield "the writer", writer


def _machine_address(mail: _Mail) -> str:
    for name, address in _candidates(mail):
        if _is_machine(address):
            return _fact(name, address.address)
    # A daemon may write no address at all: `From: MAILER-DAEMON`.
    for name in ("From", "Sender"):
        for value in mail.message.values(name):
            if "@" not in value and _MACHINE.fullmatch(value.strip("<> \"'").casefold()[:255]):
                return _fact(name, value)
    return ""


def _never_answer(mail: _Mail) -> str:
    """What the policy forbids by name stands above what it allows by name."""
    for name, address in (*_addresses(mail.message), *_candidates(mail)):
        pattern = first_match(mail.ours.never_answer, address)
        if pattern:
            return f"{name}: {address.address} is on the never-answer list ({pattern})"
    return ""


def _own_address(mail: _Mail) -> str:
    for name, address in _candidates(mail):
        if name != "Reply-To" and is_own(address, mail.ours):
            return f"{name}: {address.address} is our own"
    return ""


def _colleague(mail: _Mail) -> str:
    for name, address in _candidates(mail):
        if name != "Reply-To" and is_colleague(address, mail.ours):
            return f"{name}: {address.address} is a colleague"
    return ""


# ---------------------------------------------------------------------------------------------------------------------
# Weak signs, and: is there somebody to answer, and is it that person?


def _weak_signs(mail: _Mail) -> str:
    found = weak_signs(mail.message, mail.route)
    return " + ".join(each.seen for each in found) if are_enough(found) else ""


def _unreadable(mail: _Mail) -> str:
    return set_aside_fact(mail.message.set_aside) if mail.message.set_aside else ""


def set_aside_fact(bound: Defect) -> str:
    """The fact on record of a mail that a bound set aside."""
    return f"the mail is set aside: {bound.replace('_', ' ')}"


def _no_clear_sender(mail: _Mail) -> str:
    why = unclear_sender(mail.message)
    if why or mail.route.writer is not None:
        return why
    way = f"form {mail.route.form.address}" if mail.route.form else f"group {mail.route.group}"
    return f"the {way} does not say who wrote"


def _authentication_failed(mail: _Mail) -> str:
    return failed_authentication(mail.message, mail.route, mail.ours)


def _untrusted_sender(mail: _Mail) -> str:
    if mail.route.author is None or _authentication_failed(mail):  # that is told already
        return ""
    return distrust(mail.message, mail.route, mail.ours)


def _not_addressed(mail: _Mail) -> str:
    """RFC 5230 4.5: a mail in which no address of ours stands reached us as Bcc, list or forward."""
    ours, message = mail.ours, mail.message
    if not ours.addresses or ours.allowed.bcc:
        return ""
    named = {
        key for each in (*message.to, *message.cc, *message.bcc, *message.resent) for key in (each.key, each.untagged)
    }
    wanted = ours.addresses | ({mail.route.group} if mail.route.group else set[str]())
    return "" if named & wanted else "none of our addresses is in To or Cc"


_Rule = Callable[[_Mail], str]

# The most certain first. A rule returns the fact it saw, or "".
_RULES: Final[tuple[tuple[Sign, _Rule], ...]] = (
    (Sign.AUTO_SUBMITTED, _auto_submitted),
    (Sign.NULL_RETURN_PATH, _null_return_path),
    (Sign.LIST_HEADER, _list_header),
    (Sign.REPORT, _report),
    (Sign.CALENDAR_REPLY, _calendar_reply),
    (Sign.PRECEDENCE, _precedence),
    (Sign.AUTO_RESPONSE_SUPPRESS, _auto_response_suppress),
    (Sign.OWN_LOOP, _own_loop),
    (Sign.OWN_MESSAGE_ID, _own_message_id),
    (Sign.LOOP, _loop),
    (Sign.SPAM, _spam),
    (Sign.AUTORESPONDER_HEADER, _autoresponder_header),
    (Sign.MACHINE_ADDRESS, _machine_address),
    (Sign.NEVER_ANSWER, _never_answer),
    (Sign.OWN_ADDRESS, _own_address),
    (Sign.COLLEAGUE, _colleague),
    (Sign.WEAK_SIGNS, _weak_signs),
    (Sign.UNREADABLE, _unreadable),
    (Sign.NO_CLEAR_SENDER, _no_clear_sender),
    (Sign.AUTHENTICATION_FAILED, _authentication_failed),
    (Sign.UNTRUSTED_SENDER, _untrusted_sender),
    (Sign.NOT_ADDRESSED, _not_addressed),
)
_COMING_BACK: Final[tuple[_Rule, ...]] = (
    _own_loop, _own_message_id, _own_address, _null_return_path, _report, _answering_header
)  # fmt: skip
