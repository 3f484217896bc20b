"""What we send: values → a whole message, with every header it owes the world.

Replies follow RFC 3834 3 and RFC 5230 5: `Auto-Submitted`, chained
`References`, one recipient, nothing quoted. The bytes made here are the bytes
that are stored and sent. Knows nothing of policy, time zones or the store.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr

from responder.mail import echo
from responder.mail.addresses import Address
from responder.mail.language import Language
from responder.mail.message import Message
from responder.mail.quoted import bare_subject

LOOP_HEADER = "X-Responder-Loop"  # our own mail, recognised when it comes back
ID_HEADER = "X-Responder-ID"  # our Message-ID once more: some providers write one of their own in its place
REFERENCES_LIMIT = 20  # ids kept: the first and the last ones (RFC 5322 3.6.4 lets a reply shorten the chain)
ID_LIMIT = 500  # characters of one id: with its field's name it must fit into a line (998, RFC 5322 2.1.1)
SUBJECT_LIMIT = 250  # characters; of a customer's subject, an automatic mail repeats less (`echo.SUBJECT_LIMIT`)
NAME_LIMIT = 60  # characters of a display name
REPLY_SUBJECT = {Language.VI: "Trả lời tự động: {subject}", Language.EN: "Automatic reply: {subject}"}
OWN_PREFIX = re.compile(  # … of an answer to an automatic reply of ours: it need not be told twice
    r"\A(?:(?:\s*re\s*:)*\s*(?:trả lời tự động|automatic reply)\s*:(?:\s*re\s*:)*\s*)+", re.IGNORECASE
)
NO_SUBJECT = {Language.VI: "(không có tiêu đề)", Language.EN: "(no subject)"}
ENCODED_LINE = 76  # octets of a line with an encoded word in it (RFC 2047 2); `Header` may write one more than asked
UNFOLDABLE = re.compile(r"\S{61}")  # a word too long for a line with its field's name
MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>\Z")  # printable ASCII but for <, > and @


@dataclass(frozen=True, slots=True)
class Thread:
    """What a mail answers: enough to stand in the same thread."""

    message_id: str | None
    references: tuple[str, ...]
    subject: str


def thread_of(message: Message) -> Thread:
    """What a reply needs of the message it answers (RFC 5322 3.6.4)."""
    references = message.references or message.in_reply_to
    return Thread(message.message_id, references, message.subject)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Who writes to whom, when, under which Message-ID."""

    sender: Address
    recipient: Address
    message_id: str
    date: datetime


def reply(out: Outgoing, thread: Thread, text: str, language: Language) -> bytes:
    """An automatic reply (RFC 3834 3.1)."""
    subject = echo.subject(OWN_PREFIX.sub("", echo.one_line(thread.subject))) or NO_SUBJECT[language]
    mail = _mail(out, REPLY_SUBJECT[language].format(subject=subject), _text(text), language)
    _in_thread(mail, thread)
    _automatic(mail, "auto-replied", out)
    return _bytes(mail)


def follow_up(out: Outgoing, thread: Thread, text: str, language: Language) -> bytes:
    """The next-workday reply as the daemon sends it: still automatic, and says so."""
    mail = _mail(out, _re(echo.subject(_bare(thread)), language), _text(text), language)
    _in_thread(mail, thread)
    _automatic(mail, "auto-replied", out)
    return _bytes(mail)


def draft(out: Outgoing, thread: Thread, text: str, language: Language) -> bytes:
    """A ready reply for a person to read, change and send: nothing about it is automatic any more then."""
    mail = _mail(out, _re(_bare(thread), language), _text(text), language)
    _in_thread(mail, thread)
    return _bytes(mail)


def notice(out: Outgoing, subject: str, text: str, language: Language, html: str | None = None) -> bytes:
    """A mail to our own people: an alert or the digest (RFC 3834 5: auto-generated)."""
    body = _text(text) if html is None else _alternative(text, html)
    mail = _mail(out, echo.one_line(subject), body, language)
    _automatic(mail, "auto-generated", out)
    return _bytes(mail)


def _mail(out: Outgoing, subject: str, body: MIMEBase, language: Language) -> MIMEBase:
    body["From"] = _header_address(out.sender)
    body["To"] = _header_address(out.recipient)
    body["Subject"] = _words(echo.clipped(subject, SUBJECT_LIMIT), "Subject")
    body["Date"] = format_datetime(out.date)
    body["Message-ID"] = out.message_id
    body["Content-Language"] = language.value
    return body


def _words(text: str, field: str, address: str = "") -> str:
    """As it is, or in encoded words (RFC 2047), then all of it: never what looks like one and would be decoded again.

    `EmailMessage` of Python 3.11 loses a space where it folds between two of them.
    """
    is_plain = _is_plain(text) and not address
    header = Header(text, None if is_plain else "utf-8", header_name=field, maxlinelen=ENCODED_LINE - 1)
    if address:
        header.append(address, "us-ascii")
    return header.encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text and not UNFOLDABLE.search(text)


def _header_address(address: Address) -> str:
    name = echo.clipped(echo.one_line(address.name), NAME_LIMIT)
    if not address.address.isascii():  # RFC 6532: as it is, in UTF-8; it travels with SMTPUTF8 only
        return address.address.encode().decode("ascii", "surrogateescape")
    plain = formataddr((name, address.address))
    if _is_plain(name) and '"' not in plain:  # a long header is folded inside quotes, too, where many misread it
        return plain
    return _words(name, "From", f"<{address.address}>")


def _text(text: str, subtype: str = "plain") -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype)
    part.set_payload(text.rstrip("\n") + "\n", _CHARSET)
    return part


def _alternative(text: str, html: str) -> MIMEMultipart:
    return MIMEMultipart("alternative", None, [_text(text), _text(html, "html")])


def _in_thread(mail: MIMEBase, thread: Thread) -> None:
    if thread.message_id is None or not _is_id(thread.message_id):
        return
    mail["In-Reply-To"] = thread.message_id
    chain = [*(reference for reference in thread.references if _is_id(reference)), thread.message_id]
    chain = list(dict.fromkeys(chain))
    if len(chain) > REFERENCES_LIMIT:
        chain = [chain[0], *chain[1 - REFERENCES_LIMIT :]]
    mail["References"] = " ".join(chain)


def _automatic(mail: MIMEBase, how: str, out: Outgoing) -> None:
    mail["Auto-Submitted"] = how
    mail["X-Auto-Response-Suppress"] = "All"
    mail[LOOP_HEADER] = out.sender.address
    mail[ID_HEADER] = out.message_id


def _is_id(text: str) -> bool:
    return len(text) <= ID_LIMIT and MESSAGE_ID.match(text) is not None


def _bare(thread: Thread) -> str:
    return bare_subject(echo.one_line(thread.subject))


def _re(subject: str, language: Language) -> str:
    return f"Re: {subject or NO_SUBJECT[language]}"


def _bytes(mail: MIMEBase) -> bytes:
    return mail.as_bytes(policy=compat32.clone(linesep="\r\n"))


def _quoted_printable() -> Charset:
    charset = Charset("utf-8")
    charset.body_encoding = QP
    return charset


_CHARSET = _quoted_printable()
