"""What we send: values → a whole message, with every header it owes the world.

Replies follow RFC 3834 3 and RFC 5230 5: `Auto-Submitted`, chained
`References`, one recipient, nothing quoted. The bytes made here are the bytes
that are stored and sent. Knows nothing of policy, time zones or the store.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from responder.mail.language import Language
from responder.mail.message import Address
from responder.mail.quoted import bare_subject

LOOP_HEADER = "X-Responder-Loop"  # our own mail, recognised when it comes back
REFERENCES_LIMIT = 20  # ids kept: the first and the last ones (RFC 5322 3.6.4 lets a reply shorten the chain)
SUBJECT_LIMIT = 250  # characters
NAME_LIMIT = 60  # characters of a display name
REPLY_SUBJECT = {Language.VI: "Trả lời tự động: {subject}", Language.EN: "Automatic reply: {subject}"}
NO_SUBJECT = {Language.VI: "(không có tiêu đề)", Language.EN: "(no subject)"}
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
MESSAGE_ID = re.compile(r"^<[^<>\s@]+@[^<>\s@]+>$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Thread:
    """What a mail answers: enough to stand in the same thread."""

    message_id: str | None
    references: tuple[str, ...]
    subject: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Who writes to whom, when, under which Message-ID."""

    sender: Address
    recipient: Address
    message_id: str
    date: datetime


def message_id(secret: str, domain: str, *parts: object) -> str:
    """A Message-ID that the same facts always give again, and that nobody else can make (HMAC-SHA-256)."""
    facts = "\0".join(str(part) for part in parts).encode()
    mac = hmac.new(secret.encode(), facts, hashlib.sha256).hexdigest()[:32]
    return f"<responder.{mac}@{domain}>"


def reply(out: Outgoing, thread: Thread, text: str, language: Language) -> bytes:
    """An automatic reply (RFC 3834 3.1)."""
    subject = _one_line(thread.subject) or NO_SUBJECT[language]
    mail = _mail(out, REPLY_SUBJECT[language].format(subject=subject), language)
    _in_thread(mail, thread)
    _automatic(mail, "auto-replied", out)
    return _bytes(mail, text)


def follow_up(out: Outgoing, thread: Thread, text: str, language: Language) -> bytes:
    """The next-workday reply as the daemon sends it: still automatic, and says so."""
    mail = _mail(out, _re(thread, language), language)
    _in_thread(mail, thread)
    _automatic(mail, "auto-replied", out)
    return _bytes(mail, text)


def draft(out: Outgoing, thread: Thread, text: str, language: Language) -> bytes:
    """A ready reply for a person to read, change and send: nothing about it is automatic any more then."""
    mail = _mail(out, _re(thread, language), language)
    _in_thread(mail, thread)
    return _bytes(mail, text)


def notice(out: Outgoing, subject: str, text: str, language: Language, html: str | None = None) -> bytes:
    """A mail to our own people: an alert or the digest (RFC 3834 5: auto-generated)."""
    mail = _mail(out, _one_line(subject), language)
    _automatic(mail, "auto-generated", out)
    return _bytes(mail, text, html)


def _mail(out: Outgoing, subject: str, language: Language) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _header_address(out.sender)
    mail["To"] = _header_address(out.recipient)
    mail["Subject"] = subject[:SUBJECT_LIMIT]
    mail["Date"] = format_datetime(out.date)
    mail["Message-ID"] = out.message_id
    mail["Content-Language"] = language.value
    return mail


def _header_address(address: Address) -> HeaderAddress | str:
    name = _one_line(address.name)[:NAME_LIMIT]
    return HeaderAddress(display_name=name, addr_spec=address.address) if name else address.address


def _in_thread(mail: EmailMessage, thread: Thread) -> None:
    if thread.message_id is None or not MESSAGE_ID.match(thread.message_id):
        return
    mail["In-Reply-To"] = thread.message_id
    chain = [*(reference for reference in thread.references if MESSAGE_ID.match(reference)), thread.message_id]
    chain = list(dict.fromkeys(chain))
    if len(chain) > REFERENCES_LIMIT:
        chain = [chain[0], *chain[1 - REFERENCES_LIMIT :]]
    mail["References"] = " ".join(chain)


def _automatic(mail: EmailMessage, how: str, out: Outgoing) -> None:
    mail["Auto-Submitted"] = how
    mail["X-Auto-Response-Suppress"] = "All"
    mail[LOOP_HEADER] = out.sender.address


def _re(thread: Thread, language: Language) -> str:
    subject = bare_subject(_one_line(thread.subject)) or NO_SUBJECT[language]
    return f"Re: {subject}"


def _one_line(text: str) -> str:
    return " ".join(UNSAFE.sub(" ", text).split())


def _bytes(mail: EmailMessage, text: str, html: str | None = None) -> bytes:
    mail.set_content(text.rstrip("\n") + "\n", charset="utf-8", cte="quoted-printable")
    if html is not None:
        mail.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    return mail.as_bytes()
