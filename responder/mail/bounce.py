"""Which mail of ours came back, for whom, and what the server said: a mail → Bounce, or None.

Read from a delivery report (RFC 3464, in a multipart/report of RFC 6522), or from an older notice in plain words. What
it says is a claim: anybody can write a report. Whether we ever sent such a mail is asked of the records, by its
Message-ID.

Must not know: what is on record, what follows from it, the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from responder.mail.addresses import Address, ReturnPathKind
from responder.mail.message import Message

MAX_IDS: Final = 50  # identifiers that are looked up
MAX_FAILURES: Final = 50  # recipients of one report
_MAX_DETAIL: Final = 300
_MAX_TEXT: Final = 64 * 1024  # characters of a notice in plain words
_MAX_FIELD: Final = 4096


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient for whom a mail was given up.

    `addresses`: as `Address.key`, the one it was sent to and the one it ended at, as far as they are told. `status`:
    RFC 3463, `5.1.1`, or "". `detail`: what the server said, in one line of at most 300 characters.
    """

    addresses: tuple[str, ...] = ()
    status: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that came back.

    `ids`: which one it may be, by Message-ID; `failures`: at least one; `writers`: who says so, as `Address.key`.
    """

    ids: tuple[str, ...]
    failures: tuple[Failure, ...]
    writers: tuple[str, ...] = ()

    def failure_of(self, address: str) -> Failure:
        """What is said of this recipient (`Address.key`), or else of the first."""
        return next((each for each in self.failures if address in each.addresses), self.failures[0])


def find(message: Message) -> Bounce | None:
    """What came back, if the mail says that something did. A delay is no bounce, nor is a receipt or an absence."""
    groups = _groups(message.returned)
    failures = tuple(_reported(groups))[:MAX_FAILURES]
    if not failures and not _says_otherwise(message, groups):
        failures = tuple(_told_in_words(message))[:MAX_FAILURES]
    if not failures:
        return None
    return Bounce(_ids(message, groups), failures, tuple(each.key for each in message.from_))


# ---------------------------------------------------------------------------------------------------------------------
# A delivery report: groups of fields

_Group = Mapping[str, str]
_FIELD: Final = re.compile(r"([!-9;-~]{1,100})[ \t]*:(.*)")
_BLANK: Final = re.compile(r"\n[ \t]*\n")
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS: Final = re.compile(r"[^\s<>;:,()\"]{1,250}@[^\s<>;:,()\"]{1,250}")
_CODE: Final = re.compile(r"\b[45]\d\d[ -](?:#?([45]\.\d{1,3}\.\d{1,3})\b)?")
_SAID_BY: Final = re.compile(r"^[\w.-]{1,30}\s*;\s*")  # `smtp; 550 …`, `dns; mx.example`


def _groups(text: str) -> list[_Group]:
    """The fields of each group (RFC 3464 2.1), names in lower case; the first of a name counts."""
    return [group for block in _BLANK.split(text) if (group := _fields(block))]


def _fields(block: str) -> _Group:
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in block.split("\n"):
        match = _FIELD.match(line)
        if line[:1] in (" ", "\t"):
            lines.append(line)
        elif match:
            lines = found.setdefault(match[1].lower(), []) if match[1].lower() not in found else []
            lines.append(match[2])
    return {name: " ".join(" ".join(parts).split())[:_MAX_FIELD] for name, parts in found.items()}


_OTHER_REPORTS: Final = frozenset(
    {"message/disposition-notification", "message/global-disposition-notification", "message/feedback-report"}
)


def _says_otherwise(message: Message, groups: Iterable[_Group]) -> bool:
    """A report of a delay or a success, a receipt or a complaint: its words are not looked into."""
    is_other = any(part.content_type in _OTHER_REPORTS for part in message.parts)
    return is_other or any(_RECIPIENTS & group.keys() for group in groups)


_RECIPIENTS: Final = frozenset({"final-recipient", "original-recipient"})


def _reported(groups: Iterable[_Group]) -> Iterator[Failure]:
    for group in groups:
        if _RECIPIENTS & group.keys() and _has_failed(group):
            yield _failure(group)


def _has_failed(group: _Group) -> bool:
    """RFC 3464 2.3.3: `failed` alone; the others are delays and successes. Where it is missing, the status counts."""
    action = group.get("action", "").partition("(")[0].strip().lower()
    return action == "failed" or (not action and group.get("status", "").startswith("5"))


def _failure(group: _Group) -> Failure:
    addresses = (_address(group.get(name, "")) for name in ("original-recipient", "final-recipient"))
    said = _SAID_BY.sub("", group.get("diagnostic-code", ""))
    told = _STATUS.search(group.get("status", ""))
    status = told[1] if told else ""
    in_words = _STATUS.search(said)
    if in_words and (not status or status.endswith(".0.0")):
        status = in_words[1]  # `5.0.0` says only that it failed
    return Failure(tuple(dict.fromkeys(filter(None, addresses))), status, _one_line(said) or status)


def _address(text: str) -> str:
    match = _ADDRESS.search(text)
    return Address("", match[0]).key if match else ""


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_MAX_DETAIL]


# ---------------------------------------------------------------------------------------------------------------------
# A notice in plain words, from before there were reports

_DAEMON: Final = re.compile(r"mailer-?daemon|postmaster|mail-?daemon|mmdf")
_DAEMON_NAME: Final = re.compile(
    r"mail(?:er)?[ -]?(?:delivery|daemon)|delivery (?:sub)?system|mail system", re.IGNORECASE
)
_DELAY: Final = re.compile(
    r"\bdelay(?:ed)?\b|could not send message for past|not yet been delivered|will (?:keep trying|be retried)"
    r"|still (?:being retried|trying)|do not need to resend",
    re.IGNORECASE,
)
_FINAL: Final = re.compile(r"undeliver|returned|fail|permanent|giving up|given up|gave up|rejected", re.IGNORECASE)
_FAILED: Final = re.compile(
    r"fail|undeliver|(?:not|n't) (?:be )?deliver|unable to deliver|permanent|rejected|bounce|given? up|gave up"
    r"|(?:no such|unknown|invalid) (?:user|recipient|mailbox|address|account)"
    r"|(?:user|recipient|address|mailbox) unknown"
    r"|(?:does not|doesn't) exist|not (?:found|exist)|(?:mailbox|quota) (?:is )?(?:full|exceeded|unavailable|disabled)"
    r"|over ?quota",
    re.IGNORECASE,
)
_FOR_GOOD: Final = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
_REPLY_FOR_GOOD: Final = re.compile(r"(?<!\d )(?<!\d)\b5[0-7]\d[ -](?!\d)")  # a code, not a piece of a telephone number


def _told_in_words(message: Message) -> Iterator[Failure]:
    text = message.text[:_MAX_TEXT]
    if not _is_notice(message, text) or _is_delay(message.subject, text):
        return
    code = _CODE.search(text)
    status = _STATUS.search(text)
    line = text[code.start() :].partition("\n")[0] if code else ""
    what = status[1] if status else ""
    named = ",".join(message.values("x-failed-recipients"))[:_MAX_FIELD]
    for address in list(filter(None, map(_address, named.split(",")))) or [""]:
        yield Failure((address,) if address else (), what, _one_line(line) or what)


def _is_notice(message: Message, text: str) -> bool:
    """Does a mail server say that it has given up? An absence notice has the null path too, a postmaster also chats."""
    if message.values("x-failed-recipients"):
        return True
    if not _is_by_a_server(message):
        return False
    if _FOR_GOOD.search(text):
        return True
    says_so = _FAILED.search(text) is not None
    if message.return_path.kind is ReturnPathKind.NULL and says_so and _REPLY_FOR_GOOD.search(text):
        return True
    return _is_by_a_daemon(message) and (says_so or _FINAL.search(message.subject) is not None)


def _is_by_a_server(message: Message) -> bool:
    return message.return_path.kind is ReturnPathKind.NULL or _is_by_a_daemon(message)


def _is_by_a_daemon(message: Message) -> bool:
    writers = [each for each in (*message.from_, *message.sender, message.return_path.address) if each is not None]
    if any(_DAEMON.fullmatch(each.local.casefold()) or _DAEMON_NAME.search(each.name) for each in writers):
        return True
    return any("@" not in value and _DAEMON.search(value.casefold()) for value in message.values("from"))


def _is_delay(subject: str, text: str) -> bool:
    """A warning that a server is still trying."""
    if _FINAL.search(subject):
        return False
    return _DELAY.search(subject) is not None or (_DELAY.search(text[:2000]) is not None and not _CODE.search(text))


# ---------------------------------------------------------------------------------------------------------------------
# Which mail it was

_ID: Final = re.compile(r"<[!-;=?A-~]{1,400}@[!-;=?-~]{1,400}>")
_ID_LINE: Final = re.compile(
    r"^[> \t]{0,8}(?:x-)?message-id[ \t]*:[ \t]*(?:\n[ \t]+)?(<[!-;=?-~]{1,900}>)", re.IGNORECASE | re.MULTILINE
)


def _ids(message: Message, groups: Iterable[_Group]) -> tuple[str, ...]:
    """The returned mail's own identifier if it is told; else those that the bounce answers; else all in its text.

    In that order, because a returned mail names others too: the thread it stood in, with mails to somebody else.
    """
    text = message.text[:_MAX_TEXT]
    returned = [each for group in groups for each in _ID.findall(group.get("message-id", ""))]
    for found in (returned, _ID_LINE.findall(text), [*message.in_reply_to, *message.references], _ID.findall(text)):
        if found:
            return tuple(dict.fromkeys(found))[:MAX_IDS]
    return ()
