"""What holds for every mail whatever: the promises that the tests and the fuzzer hold the whole way against."""

from __future__ import annotations

import re
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from typing import Final

from responder.mail.defects import Defect
from responder.mail.echo import UNSAFE
from responder.mail.message import Message
from responder.policy.decide import Reading
from tests.hostile.way import Way, half_way, whole_way

_DANGEROUS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_REPLY_FIELDS: Final = frozenset(
    {"From", "To", "Subject", "Date", "Message-ID", "Content-Language", "In-Reply-To", "References", "Auto-Submitted",
     "X-Auto-Response-Suppress", "X-Responder-Loop", "X-Responder-ID", "MIME-Version", "Content-Type",
     "Content-Transfer-Encoding"}
)  # fmt: skip
_MAX_DETAIL: Final = 80
_LONGEST_LINE: Final = 998  # RFC 5322 2.1.1
NEVER_ANSWERED: Final = frozenset(
    {Defect.UNREADABLE, Defect.HEADER_TOO_LARGE, Defect.VALUE_TOO_LARGE, Defect.TOO_MANY_HEADERS, Defect.TOO_DEEP,
     Defect.TOO_MANY_ADDRESSES, Defect.TOO_MANY_ENCODED_WORDS, Defect.TOO_MANY_PARTS, Defect.BAD_ADDRESS}
)  # fmt: skip


def keeps_its_promises(raw: bytes) -> Way:
    """Take a mail the whole way; AssertionError where a promise is broken, whatever else where the code is."""
    way = whole_way(raw)
    _is_sound(way.message, way.reading)
    assert way.reading.veto is None or not way.mails, "a veto, and a mail to the sender"
    recipient = way.reading.sender.address if way.reading.sender else None
    for letter in (way.letter, *(mail.content for mail in way.mails if mail.content)):
        _is_one_reply(letter, recipient)
    return way


def is_readable(raw: bytes) -> None:
    """The same for the first half of the way, in which a mail is read."""
    _is_sound(*half_way(raw))


def _is_sound(message: Message, reading: Reading) -> None:
    _is_clean(message)
    _is_bounded(message, reading)
    _is_said(reading)
    if NEVER_ANSWERED & set(message.defects):
        assert reading.veto is not None, "set aside by a bound, and no veto"


def _is_clean(message: Message) -> None:
    for name, value in message.headers:
        assert not _DANGEROUS.search(name + value), f"control characters in {name}"
    repr(message).encode()
    for text in (message.text, message.returned):
        text.encode()
        assert "\0" not in text
        assert "\r" not in text
    assert message.date is None or message.date.utcoffset() is not None


def _is_bounded(message: Message, reading: Reading) -> None:
    assert len(message.parts) <= 500
    assert len(message.subject) <= 1000
    assert len(message.text) <= 128 * 1024
    assert len(message.returned) <= 16 * 1024
    assert len(reading.own.text) <= 24 * 1024
    assert len(reading.meaning.evidence.found.hits) + len(reading.meaning.evidence.found.misses) <= 10_000


def _is_said(reading: Reading) -> None:
    if reading.veto is None:
        return
    detail = reading.veto.detail
    assert 0 < len(detail) <= _MAX_DETAIL, "a veto says what it saw, in 80 characters"
    assert not UNSAFE.search(detail) or detail.isprintable(), "a veto's fact is printable"


def _is_one_reply(letter: bytes, recipient: str | None) -> None:
    """Its header has our fields, each once and nothing else, and one recipient."""
    head, _, _body = letter.partition(b"\r\n\r\n")
    fields = BytesHeaderParser().parsebytes(head + b"\r\n\r\n")
    assert set(fields.keys()) <= _REPLY_FIELDS, f"a field that is none of ours: {set(fields.keys()) - _REPLY_FIELDS}"
    assert len(fields.keys()) == len(set(fields.keys())), "a field stands there twice"
    assert all(len(line) <= _LONGEST_LINE for line in letter.split(b"\r\n")), "a line is too long"
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", letter), "a line end that is none"
    to = getaddresses([str(fields["To"])])
    assert len(to) == 1, f"not one recipient: {fields['To']!r}"
    if recipient is not None and recipient.isascii() and '"' not in recipient:
        assert to[0][1] == recipient, f"{to[0][1]!r} is not {recipient!r}"
