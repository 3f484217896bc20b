"""The header of a mail: lines, fields, and what single fields say (RFC 5322 2.2, 3.3, 3.6).

Must not know: addresses, the body.
"""

from __future__ import annotations

import email.utils
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from responder.mail.characters import CONTROLS, decode_words, readable, stream_safe
from responder.mail.defects import Defect, Notes

MAX_HEADER_BLOCK: Final = 256 * 1024  # octets before the first empty line
MAX_HEADER_VALUE: Final = 64 * 1024  # octets of one field
MAX_HEADERS: Final = 1000  # fields of the message itself
MAX_SUBJECT: Final = 1000  # characters
MAX_REFERENCES: Final = 200  # identifiers in References or In-Reply-To
_MAX_PART_HEADERS: Final = 50  # fields of one part
MAX_MIME_VALUE: Final = 4096  # of Content-Type and Content-Disposition
_MAX_DATE: Final = 128


@dataclass(frozen=True, slots=True)
class Field:
    """A header field: its value unfolded but not decoded (addresses are split first, then decoded), and decoded."""

    name: str
    raw: str
    value: str


NO_FIELD: Final = Field("", "", "")
_FIELD_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_MBOX_LINE = (b"From ", b">From ")


def unix_lines(raw: bytes) -> bytes:
    """Every line end as LF. A file without any LF is from an old Macintosh; else a lone CR is no line end but dirt."""
    if b"\r" not in raw:
        return raw
    if b"\n" not in raw:
        return raw.replace(b"\r", b"\n")
    for line_end in (b"\r\r\r\n", b"\r\r\n", b"\r\n"):  # a pattern would keep a piece for every line
        raw = raw.replace(line_end, b"\n")
    return raw


def header_block(data: bytes, notes: Notes) -> tuple[bytes, int]:
    """The header and where the body starts."""
    if data.startswith(b"\n"):
        return b"", 1
    end = data.find(b"\n\n", 0, MAX_HEADER_BLOCK + 2)
    if end >= 0:
        return data[:end], end + 2
    if len(data) <= MAX_HEADER_BLOCK:
        return data, len(data)
    notes.add(Defect.HEADER_TOO_LARGE)
    cut = data.rfind(b"\n", 0, MAX_HEADER_BLOCK)
    return data[: cut if cut > 0 else MAX_HEADER_BLOCK], len(data)


def read_fields(block: bytes, notes: Notes) -> list[Field]:
    unfolded = _unfolded(block, MAX_HEADERS, notes)
    charset = _declared_charset(unfolded)
    found = []
    for name, octets in unfolded:
        if len(octets) > MAX_HEADER_VALUE:
            notes.add(Defect.VALUE_TOO_LARGE)
        raw = _header_text(octets[:MAX_HEADER_VALUE], charset, notes)
        found.append(Field(name, raw, decode_words(raw, notes)))
    return found


def part_fields(block: bytes, notes: Notes) -> list[Field]:
    """Of the header of a part only what describes it is read (RFC 2045 3: the rest has no meaning)."""
    found = []
    for name, octets in _unfolded(block, _MAX_PART_HEADERS, notes):
        if name.lower().startswith("content-"):
            raw = _header_text(octets[:MAX_MIME_VALUE], "", notes)
            found.append(Field(name, raw, raw))
    return found


def _header_text(octets: bytes, charset: str, notes: Notes) -> str:
    return stream_safe(CONTROLS.sub(" ", readable(octets, charset, notes)).strip())


def _unfolded(block: bytes, limit: int, notes: Notes) -> list[tuple[str, bytes]]:
    """Name and value of the first fields, continuation lines joined (RFC 5322 2.2.3)."""
    gathered: list[tuple[str, list[bytes]]] = []
    for line in block.split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if gathered:
                gathered[-1][1].append(line)
            continue
        match = _FIELD_NAME.match(line)
        if match and len(gathered) >= limit:
            notes.add(Defect.TOO_MANY_HEADERS)
            break
        if match:
            gathered.append((match[1].decode("ascii"), [line[match.end() :]]))
        elif line and not line.startswith(_MBOX_LINE):
            notes.add(Defect.BAD_HEADER)
    return [(name, b"".join(lines)) for name, lines in gathered]


def named(fields: Iterable[Field], name: str) -> Iterator[Field]:
    return (each for each in fields if each.name.lower() == name)


_CHARSET = re.compile(rb"charset\s{0,5}=\s{0,5}\"?([^\s\";]{1,40})", re.IGNORECASE)


def _declared_charset(fields: Iterable[tuple[str, bytes]]) -> str:
    """The charset the body is said to be in: the best guess for raw 8-bit header values."""
    for name, octets in fields:
        if name.lower() == "content-type":
            match = _CHARSET.search(octets[:2000])
            return match[1].decode("ascii", "replace") if match else ""
    return ""


def subject_of(fields: Sequence[Field], notes: Notes) -> str:
    subject = next(named(fields, "subject"), NO_FIELD).value
    if len(subject) > MAX_SUBJECT:
        notes.add(Defect.TRUNCATED_TEXT)
    return subject[:MAX_SUBJECT]


QUOTED_PAIR = re.compile(r"\\(.)")
_IDENTIFIER = re.compile(r"<[!-;=?-~]{1,900}>")


def message_id_of(fields: Sequence[Field], notes: Notes) -> str | None:
    """The one clean identifier: it will stand in our own headers, so anything doubtful is none."""
    top = next(named(fields, "message-id"), None)
    if top is None:
        return None
    if _IDENTIFIER.fullmatch(top.raw):
        return top.raw
    notes.add(Defect.BAD_MESSAGE_ID)
    return None


def identifiers(fields: Sequence[Field], name: str) -> tuple[str, ...]:
    """All identifiers of the fields of that name, each once; the newest stand last and are the ones kept."""
    found = dict.fromkeys(match[0] for each in named(fields, name) for match in _IDENTIFIER.finditer(each.value))
    return tuple(found)[-MAX_REFERENCES:]


def date_of(fields: Sequence[Field], notes: Notes) -> datetime | None:
    top = next(named(fields, "date"), None)
    if top is None:
        return None
    try:
        date = email.utils.parsedate_to_datetime(top.raw[:_MAX_DATE])
    except (ValueError, TypeError, IndexError, OverflowError):  # all four seen from 3.11.7 on damaged dates
        date = None
    if date is None or not 1970 <= date.year < 2200:  # a year at the edge overflows in the next conversion of zones
        notes.add(Defect.BAD_DATE)
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)  # "-0000": no zone is known
