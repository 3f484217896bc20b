"""The one place that says a mail came from a machine, or from nobody we can trust; and whose address is the sender's.

Rules are small named predicates in one ordered table, the most certain first; the first that hits is the veto, with its
name and the fact it saw. A veto silences only what would go to the sender.

Must not know: working time, policy plays, history, limits, the network.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from publicsuffixlist import PublicSuffixList

from responder.mail.message import Address, Defect, Message, ReturnPathKind
from responder.mail.quoted import own_subject, own_words


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


@dataclass(frozen=True, slots=True)
class Veto:
    """Why the sender gets nothing automatic. `detail` is a short English fact, at most 80 characters, no controls."""

    signal: Sign
    detail: str


def comes_back(message: Message, ours: Ours) -> bool:
    """Is it mail of our own, or a machine's answer to it? To tell somebody of that by mail would go on for ever.

    Whatever its first veto is: our own alert says of itself that it is generated, as the alarm of a robot does.
    """
    is_answer = any(_keyword(value) == "auto-replied" for value in _headers(message, "auto-submitted"))
    return is_answer or any(rule(message, ours) for sign, rule in _RULES if sign in _COMING_BACK)


def by_one_of_us(message: Message, ours: Ours) -> bool:
    """Did a person of the office write it? Only if nothing at all speaks for a machine or a forger.

    An absence notice says nothing of theirs, and a colleague's address in Sender or Return-Path is not the writer's.
    """
    writer = sender(message, ours)
    if writer is None or not is_ours(writer, ours):
        return False
    found = veto(message, ours)  # the machines' signs come before those of the office
    by_a_machine = found is not None and found.signal not in _OF_THE_OFFICE
    return not (by_a_machine or _authentication_failed(message, ours) or any(_each_weak_sign(message)))


def by_a_program(message: Message) -> bool:
    """Does a mail in our own Sent folder say of itself that no person wrote it (RFC 3834 5)?"""
    says_so = any(_keyword(value) != "no" for value in _headers(message, "auto-submitted"))
    return says_so or message.first("x-responder-loop") is not None


_COMING_BACK: Final = frozenset(
    {Sign.OWN_LOOP, Sign.OWN_ADDRESS, Sign.NULL_RETURN_PATH, Sign.REPORT, Sign.AUTORESPONDER_HEADER}
)
_OF_THE_OFFICE: Final = frozenset({Sign.OWN_ADDRESS, Sign.COLLEAGUE})
ANY_SERVER: Final = "*"


@dataclass(frozen=True, slots=True)
class Ours:
    """What is our own.

    `addresses`: our mailboxes and aliases as `Address.key`; empty means "not known", and then mail need not be
    addressed to us. `colleagues`: domains, in lower case (their subdomains count too), and single addresses as
    `Address.key`. `authserv_ids`: the servers whose Authentication-Results (RFC 8601) count; `ANY_SERVER` for a server
    that writes no name (Exchange Online): the topmost header counts. `never_answer`: addresses with * as wildcard;
    without an @, a domain.
    """

    addresses: frozenset[str] = frozenset()
    colleagues: frozenset[str] = frozenset()
    authserv_ids: frozenset[str] = frozenset()
    never_answer: tuple[str, ...] = ()


_MAX_DETAIL: Final = 80
_MAX_LOOKED_AT: Final = 4000  # characters of one header value, or of the text, that a rule reads


def veto(message: Message, ours: Ours) -> Veto | None:
    """The first rule that forbids an automatic answer to this mail (RFC 3834 2, RFC 5230 4.6), or None."""
    for sign, rule in _RULES:
        detail = rule(message, ours)
        if detail:
            return Veto(sign, _clipped(detail))
    return None


def sender(message: Message, ours: Ours) -> Address | None:
    """The one From address, if it can be trusted to be the sender's; None otherwise.

    Trusted is a From that shares its organisational domain with the Return-Path (RFC 5321 4.4), or for which our own
    server says that DKIM or DMARC passed. Without any Return-Path field (a bare file) From is taken at its word.
    """
    address = _only_from(message)
    if address is None or _distrust(message, address, ours):
        return None
    return address


def answer_to(message: Message, ours: Ours) -> Address | None:
    """Where an answer goes: Reply-To if it is one address of the trusted sender's organisation, else From; or None.

    At public mail providers everybody shares the domain, so there only From will do.
    """
    trusted = sender(message, ours)
    if trusted is None or len(message.reply_to) != 1:
        return trusted
    (reply_to,) = message.reply_to
    same = organisation(reply_to.domain) == organisation(trusted.domain)
    return reply_to if same and organisation(trusted.domain) not in _PUBLIC_PROVIDERS else trusted


def organisation(domain: str) -> str:
    """The organisational domain (RFC 7489 3.2): one label below the public suffix; `mail.a.com.vn` → `a.com.vn`."""
    clean = domain.lower().rstrip(".")
    return _public_suffixes().privatesuffix(clean) or clean


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


_PUBLIC_PROVIDERS: Final = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "yahoo.com.vn",
     "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "zoho.com", "gmx.com",
     "gmx.net", "mail.com", "mail.ru", "yandex.com", "yandex.ru", "qq.com", "163.com", "fpt.vn", "vnn.vn", "hcm.vnn.vn",
     "hn.vnn.vn"}
)  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# Reading header values


def _clipped(text: str) -> str:
    printable = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text)
    return " ".join(printable.split())[:_MAX_DETAIL]


def _fact(name: str, value: str) -> str:
    return f"{name}: {value[:_MAX_LOOKED_AT]}"


def _without_comments(value: str) -> str:
    """The value without RFC 5322 comments, nested ones too; quoted strings keep their parentheses."""
    out: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in value[:_MAX_LOOKED_AT]:
        if escaped or char == "\\":
            escaped = not escaped
        elif char == '"' and not depth:
            quoted = not quoted
        elif char == "(" and not quoted:
            depth += 1
            continue
        elif char == ")" and depth:
            depth -= 1
            continue
        if not depth:
            out.append(char)
    return "".join(out)


def _keyword(value: str) -> str:
    """The leading keyword of a structured value, in lower case, without parameters."""
    return _without_comments(value).partition(";")[0].strip().strip('"').casefold()


def _keywords(value: str) -> list[str]:
    return [word.strip().casefold() for word in _without_comments(value).split(",")]


def _headers(message: Message, name: str) -> Iterator[str]:
    return iter(message.values(name))


# ---------------------------------------------------------------------------------------------------------------------
# Certain signs: headers


def _auto_submitted(message: Message, _ours: Ours) -> str:
    """RFC 3834 5: anything but "no" was not sent by a person."""
    return next(
        (_fact("Auto-Submitted", value) for value in _headers(message, "auto-submitted") if _keyword(value) != "no"), ""
    )


def _null_return_path(message: Message, _ours: Ours) -> str:
    """RFC 5321 4.5.5: the empty path marks notifications, which must never be answered."""
    if message.return_path.kind is ReturnPathKind.NULL:
        return "Return-Path: <>"
    address = message.return_path.address
    if address is not None and address.local.casefold() in ("mailer-daemon", "mailerdaemon"):
        return _fact("Return-Path", address.address)
    return ""


def _list_header(message: Message, _ours: Ours) -> str:
    """RFC 2369, 2919: mailing lists and bulk senders name themselves."""
    return next((_fact(name, value) for name, value in message.headers if name.casefold().startswith("list-")), "")


_REPORTS: Final = frozenset(
    {"multipart/report", "message/delivery-status", "message/disposition-notification", "message/feedback-report",
     "message/global-delivery-status", "message/global-disposition-notification", "message/tracking-status"}
)  # fmt: skip


def _report(message: Message, _ours: Ours) -> str:
    """RFC 6522, 3464, 8098, 5965: bounces, receipts and abuse reports."""
    return next((f"a part is {part.content_type}" for part in message.parts if part.content_type in _REPORTS), "")


def _calendar_reply(message: Message, _ours: Ours) -> str:
    """RFC 6047: a calendar program answered an invitation."""
    for part in message.parts:
        if part.content_type == "text/calendar" and (part.parameter("method") or "").casefold() == "reply":
            return "text/calendar; method=REPLY"
    return ""


_BULK: Final = frozenset({"bulk", "list", "junk", "auto_reply", "auto-reply"})


def _precedence(message: Message, _ours: Ours) -> str:
    for name in ("Precedence", "X-Precedence"):
        for value in _headers(message, name):
            if _keyword(value) in _BULK:
                return _fact(name, value)
    return ""


_SUPPRESSED: Final = frozenset({"all", "oof", "autoreply"})


def _auto_response_suppress(message: Message, _ours: Ours) -> str:
    """MS-OXCMAIL 2.2.3.2.14: All, or a comma list; DR, NDR, RN and NRN speak of receipts only."""
    for value in _headers(message, "x-auto-response-suppress"):
        if _SUPPRESSED.intersection(_keywords(value)):
            return _fact("X-Auto-Response-Suppress", value)
    return ""


def _own_loop(message: Message, _ours: Ours) -> str:
    return next((_fact("X-Responder-Loop", value) for value in _headers(message, "x-responder-loop")), "")


def _loop(message: Message, _ours: Ours) -> str:
    return next((_fact("X-Loop", value) for value in _headers(message, "x-loop")), "")


def _spam(message: Message, _ours: Ours) -> str:
    for name in ("X-Spam-Flag", "X-Spam-Status"):
        for value in _headers(message, name):
            if value.casefold().startswith("yes"):
                return _fact(name, value)
    return ""


# What autoresponders and robots write, whatever the value …
_ROBOT_HEADERS: Final = (
    "X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Autoresponse", "X-AutoReply-From", "X-Mail-Autoreply",
    "X-Autogenerated", "X-Auto-Generated", "X-FC-MachineGenerated", "X-Failed-Recipients", "X-No-Ack", "X-MSFBL",
    "X-MS-Exchange-Generated-Message-Source", "X-Vacation", "X-Autoreply-Domain", "X-AutoReply-Message",
    "X-HmXmrOriginalRecipient",
)  # fmt: skip
# … and with the value that matters: the start of it, in lower case.
_ROBOT_VALUES: Final = (
    ("X-POST-MessageClass", "9; autoresponder"),
    ("Delivered-To", "autoresponder"),
    ("X-AMAZON-MAIL-RELAY-TYPE", "notification"),
    ("X-Ack", "no"),
    ("X-Apple-Action", "vacation"),
    ("Content-Type", "multipart/report"),
)
_DENIALS: Final = frozenset({"no", "false", "0"})


def _autoresponder_header(message: Message, _ours: Ours) -> str:
    for name in _ROBOT_HEADERS:
        for value in _headers(message, name):
            if _keyword(value) not in _DENIALS:
                return _fact(name, value)
    for name, start in _ROBOT_VALUES:
        for value in _headers(message, name):
            if value.casefold().startswith(start):
                return _fact(name, value)
    return ""


# ---------------------------------------------------------------------------------------------------------------------
# Addresses

# Whole local parts: `myroot@` and a person called Bounce are people.
_MACHINE: Final = re.compile(
    r"mailer-?daemon|postmaster|listserv|majordomo|mailman|uucp|mailer|daemon|root|www-data|apache"
    r"|notifications?(?:[-+=_].{0,250})?|alerts?-noreply"
    r"|owner-.{1,250}|.{1,250}-(?:request|owner|bounces?)|.{1,200}-bounces?[+=].{0,250}|bounces?(?:[-+=_].{0,250})?"
    r"|(?:.{0,200}[-._+])?(?:no|do[-._]?not|dont|khong)[-._]?(?:reply|respond|answer|tra[-._]?loi)(?:[-._+=\d].{0,250})?"
    r"|auto[-._]?(?:reply|responder?|response|answer)(?:[-._+=\d].{0,250})?"
)


def _candidates(message: Message) -> Iterator[tuple[str, Address]]:
    """Every address that might be written to, with the field it stands in."""
    if message.return_path.address is not None:
        yield "Return-Path", message.return_path.address
    for name, addresses in (("From", message.from_), ("Sender", message.sender), ("Reply-To", message.reply_to)):
        for address in addresses:
            yield name, address


def _machine_address(message: Message, _ours: Ours) -> str:
    for name, address in _candidates(message):
        if _MACHINE.fullmatch(address.local.casefold()):
            return _fact(name, address.address)
    # A daemon may write no address at all: `From: MAILER-DAEMON`.
    for name in ("From", "Sender"):
        for value in _headers(message, name):
            if "@" not in value and _MACHINE.fullmatch(value.strip("<> \"'").casefold()[:255]):
                return _fact(name, value)
    return ""


def _never_answer(message: Message, ours: Ours) -> str:
    for name, address in _candidates(message):
        for pattern in ours.never_answer:
            if matches(pattern, address):
                return f"{name}: {address.address} is on the never-answer list ({pattern})"
    return ""


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


def _own_address(message: Message, ours: Ours) -> str:
    for name, address in _candidates(message):
        if name != "Reply-To" and address.key in ours.addresses:
            return f"{name}: {address.address} is our own"
    return ""


def _colleague(message: Message, ours: Ours) -> str:
    for name, address in _candidates(message):
        if name != "Reply-To" and _is_colleague(address, ours):
            return f"{name}: {address.address} is a colleague"
    return ""


def is_ours(address: Address, ours: Ours) -> bool:
    """Is it an address of the office: one of our mailboxes, or a colleague's?"""
    return address.key in ours.addresses or _is_colleague(address, ours)


def _is_colleague(address: Address, ours: Ours) -> bool:
    return address.key in ours.colleagues or _within(
        address.domain, {domain.casefold().lstrip("@.") for domain in ours.colleagues}
    )


def _within(domain: str, domains: Iterable[str]) -> bool:
    return any(domain == each or domain.endswith("." + each) for each in domains if each)


# ---------------------------------------------------------------------------------------------------------------------
# Weak signs: each alone proves nothing ("Auto: cần báo giá" is a customer's subject), two together do


def _folded(text: str) -> str:
    """Lower case, without Vietnamese marks, white space collapsed."""
    bare = "".join(char for char in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(char))
    return " ".join(bare.replace("đ", "d").split())


_SUBJECT_AUTOMATIC = re.compile(
    r"out of (?:the )?office|\booo\b|auto(?:matic|mated)?[ -]?(?:reply|response|answer)|autoreply"
    r"|^away (?:until|from)|vacation (?:reply|notice)|abwesenheit|(?:tra loi|phan hoi) tu dong"
)
_SUBJECT_BOUNCE = re.compile(
    r"undeliver(?:able|ed)|delivery (?:status )?(?:notification|failure|report|problem)"
    r"|deliver[yi].{0,20}(?:fail|delay)|returned mail|mail(?: delivery)? (?:failed|failure|error)|failure notice"
    r"|non[- ]?deliver|mail delivery|rejected mail|could not (?:be )?deliver|message (?:was )?(?:blocked|not delivered)"
    r"|warning: could not send|unzustellbar|thu bao loi|khong gui duoc|khong the gui|gui that bai|loi gui thu"
    r"|hoan tra thu"
)
_BODY_AUTOMATIC = re.compile(
    r"this is an auto(?:matic|mated)|automatically generated|auto-?generated|automatic reply"
    r"|(?:thu|email|tin nhan) (?:tra loi |nay duoc gui )?tu dong"
)
_BODY_BOUNCE = re.compile(
    r"could not be delivered|couldn't be delivered|unable to deliver|wasn't delivered|was not delivered|delivery failed"
    r"|delivery to the following|the following address|following recipient|permanent (?:fatal )?error"
    r"|diagnostic[- ]code|final-recipient|reporting-mta|\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|smtp error"
    r"|user unknown|unknown user|mailbox (?:is )?(?:full|unavailable|not found)|over ?quota|no such user"
    r"|recipient (?:address )?rejected|undeliverable|mail system|message you sent|transcript of session"
    r"|khong the gui (?:den|toi)|dia chi khong ton tai"
)
# A customer may well write this too ("xin vắng mặt buổi họp, em đi công tác"): one sign, wherever and however often.
_ABSENCE = re.compile(
    r"\b(?:i am|i'm|i will be) (?:currently )?(?:out of|away|on (?:annual )?(?:vacation|leave|holiday))"
    r"|limited access to|vang mat|nghi phep|(?:toi|em) (?:dang |se )?di cong tac|khi (?:quay|tro) lai(?: lam viec)?"
    r"|khong kiem tra (?:e-?mail|thu) thuong xuyen"
)
_DAEMON_NAME = re.compile(
    r"mail deliver|delivery (?:sub)?system|mailer.?daemon|postmaster|mail administrator|mail system"
    r"|system administrator|internet mail delivery|mail server"
)


def _weak_signs(message: Message, _ours: Ours) -> str:
    found = list(dict.fromkeys(_each_weak_sign(message)))
    return " + ".join(found) if len(found) > 1 else ""


def _each_weak_sign(message: Message) -> Iterator[str]:
    subject = _folded(own_subject(message.subject[:500]))  # a person may answer our "Automatic reply: …"
    # Own words only, for the same reason.
    body = _folded(own_words(message.text[:_MAX_LOOKED_AT]).text)
    for where, text, patterns in (
        ("subject", subject, (_SUBJECT_AUTOMATIC, _SUBJECT_BOUNCE)),
        ("text", body, (_BODY_AUTOMATIC, _BODY_BOUNCE)),
        ("absence", f"{subject} {body}", (_ABSENCE,)),
    ):
        match = next(filter(None, (pattern.search(text) for pattern in patterns)), None)
        if match:
            yield f'{where} "{match[0]}"'
    if message.first("feedback-id") is not None:
        yield "Feedback-ID"
    if any(_DAEMON_NAME.search(_folded(address.name[:200])) for address in message.from_):
        yield "the sender's name"


# ---------------------------------------------------------------------------------------------------------------------
# Is there somebody to answer, and is it that person?


def _unreadable(message: Message, _ours: Ours) -> str:
    return set_aside_fact(message.set_aside) if message.set_aside else ""


def set_aside_fact(bound: Defect) -> str:
    """The fact on record of a mail that a bound set aside."""
    return f"the mail is set aside: {bound.replace('_', ' ')}"


def _no_clear_sender(message: Message, _ours: Ours) -> str:
    if Defect.BAD_ADDRESS in message.defects:
        return "an address of the sender cannot be read for certain"
    if len(message.from_) == 1:
        return ""
    return "several From addresses" if message.from_ else "no From address"


def _only_from(message: Message) -> Address | None:
    return message.from_[0] if len(message.from_) == 1 and not _no_clear_sender(message, Ours()) else None


def _authentication_failed(message: Message, ours: Ours) -> str:
    results = _results(message, ours)
    return "our server says dmarc=fail" if any(each.failed_dmarc for each in results) else ""


def _untrusted_sender(message: Message, ours: Ours) -> str:
    address = _only_from(message)
    return _distrust(message, address, ours) if address is not None else ""


def _distrust(message: Message, address: Address, ours: Ours) -> str:
    """Why the From address cannot be taken for the sender's; empty if it can."""
    results = _results(message, ours)
    if any(each.failed_dmarc for each in results):
        return "our server says dmarc=fail"
    path = message.return_path
    if path.kind is ReturnPathKind.ABSENT:
        return ""
    wanted = organisation(address.domain)
    if path.address is not None and path.address.domain and organisation(path.address.domain) == wanted:
        return ""
    if any(each.passed_for and organisation(each.passed_for) == wanted for each in results):
        return ""
    shown = path.address.address if path.address is not None else "<>"
    return f"Return-Path {shown} is of another domain than From {address.address}"


@dataclass(frozen=True, slots=True)
class _Result:
    """One result of RFC 8601: the domain for which DKIM or DMARC passed ("" for none), or that DMARC failed."""

    passed_for: str
    failed_dmarc: bool


_RESULT = re.compile(r"\s*(dkim|dmarc)\s*=\s*(\w+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header\.(?:d|from))\s*=\s*\"?@?([^\s\";]+)", re.IGNORECASE)


def _results(message: Message, ours: Ours) -> Sequence[_Result]:
    """What the topmost Authentication-Results field of a server of ours says; headers of others prove nothing."""
    for value in _headers(message, "authentication-results"):
        segments = _without_comments(value).split(";")
        if ANY_SERVER in ours.authserv_ids:
            return [result for segment in segments for result in _result(segment)]
        server = (segments[0].split() or [""])[0].strip('"').casefold()
        if server in {each.casefold() for each in ours.authserv_ids}:
            return [result for segment in segments[1:] for result in _result(segment)]
    return ()


def _result(segment: str) -> Iterator[_Result]:
    match = _RESULT.match(segment)
    if match is None:
        return
    method, verdict = match[1].casefold(), match[2].casefold()
    properties = {name.casefold(): value.casefold() for name, value in _PROPERTY.findall(segment)}
    domain = properties.get("header.d" if method == "dkim" else "header.from", "")
    yield _Result(domain if verdict == "pass" else "", failed_dmarc=method == "dmarc" and verdict == "fail")


def _not_addressed(message: Message, ours: Ours) -> str:
    """RFC 5230 4.5: a mail in which no address of ours stands reached us as Bcc, list or forward."""
    if not ours.addresses:
        return ""
    named = (*message.to, *message.cc, *message.resent)
    if any(_without_tag(address) in ours.addresses or address.key in ours.addresses for address in named):
        return ""
    return "none of our addresses is in To or Cc"


def _without_tag(address: Address) -> str:
    """`info+web@…` is delivered to `info@…` (RFC 5233)."""
    local, at, domain = address.key.rpartition("@")
    return local.partition("+")[0] + at + domain


_Rule = Callable[[Message, Ours], str]

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
