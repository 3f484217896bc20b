"""What one mail is: bytes in, a frozen Message out.

Everything a stranger can send arrives here first, so nothing here raises, recurses or takes longer than its bounds
allow; what was wrong or set aside is told in `Message.defects`. The standard library's modern parser crashes, and its
old one takes seconds, on mails of a few kilobytes that were made for it; therefore this small, linear splitter.

Must not know: why somebody asks (policy, vetoes, replies), the clock, the disk, the network.
"""

from __future__ import annotations

import binascii
import codecs
import email.utils
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from encodings.aliases import aliases
from enum import StrEnum
from itertools import islice
from typing import Final
from urllib.parse import unquote_to_bytes

from responder.mail.html import MAX_TAGS, to_text

MAX_MESSAGE: Final = 8 * 1024 * 1024  # octets looked at of a whole message
MAX_HEADER_BLOCK: Final = 256 * 1024  # octets before the first empty line
MAX_HEADER_VALUE: Final = 64 * 1024  # octets of one field
MAX_HEADERS: Final = 1000  # fields of the message itself
MAX_PARTS: Final = 500  # MIME entities
MAX_DEPTH: Final = 50  # multiparts inside multiparts
MAX_TEXT: Final = 128 * 1024  # decoded octets of one text part, and characters of the whole text
MAX_SUBJECT: Final = 1000  # characters
MAX_ENCODED_WORDS: Final = 3000  # RFC 2047 words in a message: sixty Vietnamese names in Cc have some hundreds
MAX_ADDRESSES: Final = 2000  # in one kind of field
MAX_REFERENCES: Final = 200  # identifiers in References or In-Reply-To
MAX_RETURNED: Final = 16 * 1024  # octets of one part of a delivery report, and characters of them all
MAX_RETURNED_PARTS: Final = 4
_MAX_PART_HEADER: Final = 16 * 1024
_MAX_PART_HEADERS: Final = 50  # fields of one part
_MAX_ALL_PART_HEADERS: Final = 256 * 1024  # octets; the header of a photo from a phone has 300
_MAX_MIME_VALUE: Final = 4096  # of Content-Type and Content-Disposition
_MAX_DELIMITERS: Final = 20_000  # lines that start with "--"
_MAX_PARAMETERS: Final = 50
_MAX_ALTERNATIVES: Final = 20  # text parts read of one multipart/alternative
_MAX_BOUNDARY: Final = 250  # RFC 2046 allows 70
_MAX_ADDRESS: Final = 320
_MAX_PHRASE: Final = 1000
_MAX_DATE: Final = 128
_MAX_SOURCE: Final = 3 * MAX_TEXT  # every octet of text may need three in quoted-printable
_MAX_MARKS: Final = 30  # combining marks in a row, as in the stream-safe text of Unicode (UAX #15, 13)


class Defect(StrEnum):
    """What was wrong with a mail, or was set aside because it was over a bound."""

    UNREADABLE = "unreadable"  # no header field at all
    TOO_LARGE = "too_large"  # only the beginning was read
    HEADER_TOO_LARGE = "header_too_large"
    VALUE_TOO_LARGE = "value_too_large"
    TOO_MANY_HEADERS = "too_many_headers"
    BAD_HEADER = "bad_header"  # a line in the header that is no field
    TOO_MANY_ENCODED_WORDS = "too_many_encoded_words"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_DEEP = "too_deep"
    BAD_STRUCTURE = "bad_structure"  # a multipart without boundary, or whose boundary never comes
    BAD_ENCODING = "bad_encoding"  # base64 that is none
    BAD_CHARSET = "bad_charset"  # unknown, or the octets are not in it
    TRUNCATED_TEXT = "truncated_text"
    BAD_DATE = "bad_date"
    BAD_MESSAGE_ID = "bad_message_id"
    BAD_ADDRESS = "bad_address"  # in From, Sender, Reply-To or Return-Path: not one clear mailbox
    BAD_RECIPIENT = "bad_recipient"  # the same in To, Cc or Resent-*, where it harms nobody
    TOO_MANY_ADDRESSES = "too_many_addresses"


# Over a bound that no person's mail comes near, or nothing at all: read in part, so never answered. The others may be
# answered: a letter that is too long, a strange charset, a broken boundary or a bad line in the header are what the
# programs of people make, and sender and recipient are clear all the same. (BAD_ADDRESS has a rule of its own.)
SET_ASIDE: Final = (
    Defect.UNREADABLE,
    Defect.HEADER_TOO_LARGE,
    Defect.VALUE_TOO_LARGE,
    Defect.TOO_MANY_HEADERS,
    Defect.TOO_MANY_ADDRESSES,
    Defect.TOO_MANY_ENCODED_WORDS,
    Defect.TOO_MANY_PARTS,
    Defect.TOO_DEEP,
)


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox (RFC 5322 3.4): the display name, decoded, and the address as written, its domain in lower case."""

    name: str
    address: str

    @property
    def local(self) -> str:
        """What stands before the last @; the whole address where there is none (`MAILER-DAEMON`)."""
        local, at, domain = self.address.rpartition("@")
        return local if at else domain

    @property
    def domain(self) -> str:
        """What stands after the last @; empty where there is none."""
        _, at, domain = self.address.rpartition("@")
        return domain if at else ""

    @property
    def key(self) -> str:
        """The address to compare by: no mail system in use tells `Lan@` from `lan@`."""
        return unicodedata.normalize("NFC", self.address).casefold()

    @property
    def untagged(self) -> str:
        """The key without a subaddress (RFC 5233): `info+web@…` is delivered to `info@…`."""
        local, at, domain = self.key.rpartition("@")
        return (local.partition("+")[0] or local) + at + domain


class ReturnPathKind(StrEnum):
    """What the Return-Path field (RFC 5321 4.4) said: nothing, `<>` (a notification), or an address."""

    ABSENT = "absent"
    NULL = "null"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class ReturnPath:
    """The envelope sender our server wrote down. `address` is None where the field held none that can be read."""

    kind: ReturnPathKind
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME entity (RFC 2045): a leaf, a multipart or a message/*. What an attached message holds is not listed.

    `content_type` is in lower case, `parameters` are those of Content-Type with their names in lower case, `size`
    counts octets as transferred (for a multipart 0), `depth` is 0 for the message's own body, 1 for what is in it, ….
    """

    content_type: str
    parameters: tuple[tuple[str, str], ...] = ()
    filename: str | None = None
    disposition: str = ""
    size: int = 0
    depth: int = 0

    def parameter(self, name: str) -> str | None:
        """The Content-Type parameter of that (lower-case) name."""
        return next((value for key, value in self.parameters if key == name), None)


@dataclass(frozen=True, slots=True)
class Message:
    """A mail as the rest of the program sees it. Header values are unfolded, RFC 2047-decoded and free of controls.

    `returned` is what a delivery report (RFC 6522) holds beside its text: the fields of message/delivery-status and
    the header of the mail that came back, still undecoded, with an empty line between groups; at most `MAX_RETURNED`.
    """

    headers: tuple[tuple[str, str], ...]
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    return_path: ReturnPath
    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    resent: tuple[Address, ...]
    subject: str
    date: datetime | None
    text: str
    parts: tuple[Part, ...]
    defects: tuple[Defect, ...]
    returned: str = ""

    @property
    def set_aside(self) -> Defect | None:
        """The bound for which it was set aside, if it was: nobody answers such a mail."""
        return next((defect for defect in SET_ASIDE if defect in self.defects), None)

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of the field of that name, top to bottom; case does not matter."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)

    def first(self, name: str) -> str | None:
        """The topmost value of the field of that name, or None."""
        return next(iter(self.values(name)), None)


@dataclass(frozen=True, slots=True)
class FetchedPart:
    """One part as fetched over IMAP: `BODY[n.MIME]`, `BODY[n]<0.bound>` (still transfer-encoded), was it cut."""

    mime_header: bytes
    body: bytes
    _: KW_ONLY
    truncated: bool = False


def parse(raw: bytes) -> Message:
    """Read one mail (RFC 5322, MIME). Never raises, whatever the octets are; see `Message.defects`."""
    notes = _Notes()
    if len(raw) > MAX_MESSAGE:
        notes.add(Defect.TOO_LARGE)
    data = _unix_lines(raw[:MAX_MESSAGE])
    block, start = _header_block(data, notes)
    fields = _fields(block, notes)
    parts, texts, returned = _split(data, start, fields, notes)
    return _build(fields, parts, texts, returned, notes)


def assemble(
    header: bytes, structure: tuple[Part, ...], texts: Sequence[FetchedPart], returned: Sequence[FetchedPart] = ()
) -> Message:
    """The same Message from what an IMAP fetch gives: the header, the BODYSTRUCTURE, and the parts it asked for.

    `texts` and `returned` stand in the order of `structure`. The MIME header of a part may be empty if the mail is a
    single part.
    """
    notes = _Notes()
    block, _ = _header_block(_unix_lines(header), notes)
    fields = _fields(block, notes)
    if len(structure) > MAX_PARTS:
        notes.add(Defect.TOO_MANY_PARTS)
    if any(part.depth > MAX_DEPTH for part in structure):
        notes.add(Defect.TOO_DEEP)
    parts = structure[:MAX_PARTS]
    report = [_fetched_return(parts[index], part) for index, part in zip(returned_parts(parts), returned, strict=False)]
    return _build(fields, parts, _fetched_texts(fields, parts, texts, notes), report, notes)


def text_parts(structure: Sequence[Part]) -> tuple[int, ...]:
    """Indexes into `structure` of the parts that make up the text: what an IMAP fetch should ask for."""
    return tuple(index for index, part in enumerate(structure) if _is_text(part))


def returned_parts(structure: Sequence[Part]) -> tuple[int, ...]:
    """The same of the parts that `Message.returned` comes from."""
    if not structure or structure[0].content_type != "multipart/report":
        return ()
    return tuple(index for index, part in enumerate(structure) if _is_returned(part))[:MAX_RETURNED_PARTS]


# ---------------------------------------------------------------------------------------------------------------------
# One path to a Message


@dataclass(frozen=True, slots=True)
class _Field:
    """A header field: its value unfolded but not decoded (addresses are split first, then decoded), and decoded."""

    name: str
    raw: str
    value: str


@dataclass(slots=True)
class _Notes:
    """The defects met so far, each once, in the order they were met; and what may still be spent on this message."""

    seen: dict[Defect, None] = field(default_factory=dict)
    encoded_words: int = MAX_ENCODED_WORDS
    part_headers: int = _MAX_ALL_PART_HEADERS

    def add(self, defect: Defect) -> None:
        self.seen[defect] = None


@dataclass(frozen=True, slots=True)
class _Text:
    """The encoded octets of a text part, where it stands in the structure, and whether its end is missing."""

    index: int
    transfer_encoding: str
    body: bytes
    _: KW_ONLY
    truncated: bool


@dataclass(frozen=True, slots=True)
class _Returned:
    """The encoded octets of a part of a delivery report."""

    part: Part
    transfer_encoding: str
    body: bytes


def _build(
    fields: Sequence[_Field],
    parts: tuple[Part, ...],
    texts: Sequence[_Text],
    returned: Sequence[_Returned],
    notes: _Notes,
) -> Message:
    from_ = _mailboxes(fields, ("from",), Defect.BAD_ADDRESS, notes)
    return_path = _return_path(fields, notes)
    if not fields:
        notes.add(Defect.UNREADABLE)
    return Message(
        headers=tuple((each.name, each.value) for each in fields),
        message_id=_message_id(fields, notes),
        in_reply_to=_identifiers(fields, "in-reply-to"),
        references=_identifiers(fields, "references"),
        return_path=return_path,
        from_=from_,
        sender=_mailboxes(fields, ("sender",), Defect.BAD_ADDRESS, notes),
        reply_to=_mailboxes(fields, ("reply-to",), Defect.BAD_ADDRESS, notes),
        to=_mailboxes(fields, ("to",), Defect.BAD_RECIPIENT, notes),
        cc=_mailboxes(fields, ("cc",), Defect.BAD_RECIPIENT, notes),
        resent=_mailboxes(fields, ("resent-to", "resent-cc", "resent-bcc"), Defect.BAD_RECIPIENT, notes),
        subject=_subject(fields, notes),
        date=_date(fields, notes),
        text=_body_text(parts, texts, notes),
        parts=parts,
        defects=tuple(notes.seen),
        returned="\n\n".join(_returned_text(each) for each in returned)[:MAX_RETURNED],
    )


# ---------------------------------------------------------------------------------------------------------------------
# Lines and header fields (RFC 5322 2.2)

_NO_FIELD: Final = _Field("", "", "")
_FIELD_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_MBOX_LINE = (b"From ", b">From ")


def _unix_lines(raw: bytes) -> bytes:
    """Every line end as LF. A file without any LF is from an old Macintosh; else a lone CR is no line end but dirt."""
    if b"\r" not in raw:
        return raw
    if b"\n" not in raw:
        return raw.replace(b"\r", b"\n")
    for line_end in (b"\r\r\r\n", b"\r\r\n", b"\r\n"):  # a pattern would keep a piece for every line
        raw = raw.replace(line_end, b"\n")
    return raw


def _header_block(data: bytes, notes: _Notes) -> tuple[bytes, int]:
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


def _fields(block: bytes, notes: _Notes) -> list[_Field]:
    unfolded = _unfolded(block, MAX_HEADERS, notes)
    charset = _declared_charset(unfolded)
    found = []
    for name, octets in unfolded:
        if len(octets) > MAX_HEADER_VALUE:
            notes.add(Defect.VALUE_TOO_LARGE)
        raw = _header_text(octets[:MAX_HEADER_VALUE], charset, notes)
        found.append(_Field(name, raw, _decode_words(raw, notes)))
    return found


def _part_fields(block: bytes, notes: _Notes) -> list[_Field]:
    """Of the header of a part only what describes it is read (RFC 2045 3: the rest has no meaning)."""
    found = []
    for name, octets in _unfolded(block, _MAX_PART_HEADERS, notes):
        if name.lower().startswith("content-"):
            raw = _header_text(octets[:_MAX_MIME_VALUE], "", notes)
            found.append(_Field(name, raw, raw))
    return found


def _header_text(octets: bytes, charset: str, notes: _Notes) -> str:
    return _stream_safe(_CONTROLS.sub(" ", _readable(octets, charset, notes)).strip())


def _subject(fields: Sequence[_Field], notes: _Notes) -> str:
    subject = next(_named(fields, "subject"), _NO_FIELD).value
    if len(subject) > MAX_SUBJECT:
        notes.add(Defect.TRUNCATED_TEXT)
    return subject[:MAX_SUBJECT]


def _unfolded(block: bytes, limit: int, notes: _Notes) -> list[tuple[str, bytes]]:
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


def _named(fields: Iterable[_Field], name: str) -> Iterator[_Field]:
    return (each for each in fields if each.name.lower() == name)


_CHARSET = re.compile(rb"charset\s{0,5}=\s{0,5}\"?([^\s\";]{1,40})", re.IGNORECASE)


def _declared_charset(fields: Iterable[tuple[str, bytes]]) -> str:
    """The charset the body is said to be in: the best guess for raw 8-bit header values."""
    for name, octets in fields:
        if name.lower() == "content-type":
            match = _CHARSET.search(octets[:2000])
            return match[1].decode("ascii", "replace") if match else ""
    return ""


# ---------------------------------------------------------------------------------------------------------------------
# Characters

# Codecs of Python that are no charsets, or that take quadratic time on long input (punycode, idna).
_NOT_CHARSETS: Final = frozenset(
    {"base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "oem",
     "idna", "punycode", "undefined", "raw_unicode_escape", "unicode_escape", "charmap", "palmos"}
)  # fmt: skip
# Names seen in mail that Python does not know, or for which a superset reads more of what is really sent.
_CHARSET_NAMES: Final = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312_80": "gb18030", "ks_c_5601_1987": "cp949", "euc_kr": "cp949",
    "shift_jis": "cp932", "x_sjis": "cp932", "iso_8859_1": "cp1252", "latin_1": "cp1252", "ascii": "cp1252",
    "iso8859_1": "cp1252", "us_ascii": "cp1252", "iso_8859_8_i": "iso8859_8", "iso_8859_11": "cp874",
    "tis_620": "cp874", "windows_874": "cp874", "utf8mb4": "utf_8", "unicode_1_1_utf_7": "utf_7",
    "x_user_defined": "cp1252", "ansi": "cp1252",
}  # fmt: skip
_CODECS: Final = frozenset(aliases.values()) - _NOT_CHARSETS
_NORMALISED = re.compile(r"[^a-z0-9]+")
# Single-byte charsets that programs declare without meaning it.
_DECLARED_BY_DEFAULT: Final = frozenset({"cp1252", ""})


def _codec(charset: str) -> str:
    """Python's codec for a MIME charset name, or "". Only names from fixed tables reach the codec machinery."""
    name = _NORMALISED.sub("_", charset.lower().partition("*")[0]).strip("_")
    name = _CHARSET_NAMES.get(name, name)
    name = aliases.get(name, name)
    name = _CHARSET_NAMES.get(name, name)
    return name if name in _CODECS else ""


def _decode(octets: bytes, charset: str, notes: _Notes, *, complete: bool = True) -> str:
    """Octets as text: as declared if that works, as UTF-8 if that does, else what can be read of it."""
    codec = _codec(charset)
    if charset and not codec:
        notes.add(Defect.BAD_CHARSET)
    for candidate in ("utf_8", codec) if codec in _DECLARED_BY_DEFAULT else (codec, "utf_8"):
        text = _strictly(octets, candidate, complete=complete)
        if text is not None:
            return unicodedata.normalize("NFC", _stream_safe(text)) if candidate == "cp1258" else text
    notes.add(Defect.BAD_CHARSET)
    return octets.decode(codec or "cp1252", "replace")


def _strictly(octets: bytes, codec: str, *, complete: bool) -> str | None:
    if not codec:
        return None
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(octets, complete)
    except UnicodeError:
        return None


_MAYBE_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MAX_MARKS + 1},}}")


def _stream_safe(text: str) -> str:
    """No more marks in a row than a letter can bear: normalising them takes quadratic time."""
    return text if text.isascii() else _MAYBE_MARKS.sub(_few_marks, text)


def _few_marks(match: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for char in match[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def _readable(octets: bytes, charset: str, notes: _Notes) -> str:
    """A raw header value: ASCII, UTF-8 (RFC 6532), or 8-bit in the charset of the body."""
    if octets.isascii():
        return octets.decode("ascii")
    return _decode(octets, charset, notes)


_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")


def _decode_words(value: str, notes: _Notes) -> str:
    """RFC 2047: encoded words as text. Neighbours of one charset are joined as octets first: mailers cut characters."""
    if "=?" not in value:
        return value
    words = list(islice(_ENCODED_WORD.finditer(value), notes.encoded_words + 1))
    if len(words) > notes.encoded_words:
        notes.add(Defect.TOO_MANY_ENCODED_WORDS)
        return value
    notes.encoded_words -= len(words)
    out: list[str] = []
    pending, charset, end = b"", "", 0
    for word in words:
        between = value[end : word.start()]
        apart = bool(between.strip()) or end == 0
        if apart or word[1].lower() != charset:
            out.append(_decode(pending, charset, notes) if pending else "")
            out.append(between if apart else "")
            pending, charset = b"", word[1].lower()
        pending += _word_octets(word[2], word[3], notes)
        end = word.end()
    out.append(_decode(pending, charset, notes) if pending else "")
    out.append(value[end:])
    return _stream_safe(_CONTROLS.sub(" ", "".join(out)).strip())


def _word_octets(encoding: str, text: str, notes: _Notes) -> bytes:
    octets = text.encode("utf-8", "replace")
    if encoding in "bB":
        return _base64(octets, notes)
    return binascii.a2b_qp(octets.replace(b" ", b"_"), header=True)


_BASE64_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64: Final = bytes(sorted(set(range(256)) - set(_BASE64_ALPHABET) - {0x3D}))


def _base64(octets: bytes, notes: _Notes) -> bytes:
    clean = octets.translate(None, _NOT_BASE64).partition(b"=")[0]
    if octets.strip() and not clean:
        notes.add(Defect.BAD_ENCODING)
    if len(clean) % 4 == 1:  # six bits are no octet: cut, or never base64
        clean = clean[:-1]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


# ---------------------------------------------------------------------------------------------------------------------
# Addresses (RFC 5322 3.4), leniently read; what could mean two things is a defect

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|<[^<>]*>|[<>(),;:]|[^"<>(),;:\s]+|\s+')
_PARENTHESIS = re.compile(r"\\.|[()]")
_QUOTED_PAIR = re.compile(r"\\(.)")
_LOCAL = re.compile(r'[^\s@<>(),;:"\\\[\]]{1,255}|"(?:[^"\\]|\\.){0,250}"')
_LABEL: Final = r"[^\s@<>(),;:\"\\\[\].]{1,63}"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,30}}\.?|\[[0-9A-Za-z.:-]{{2,60}}\]")


@dataclass(slots=True)
class _Mailbox:
    """One entry of an address list while it is being read."""

    words: list[str] = field(default_factory=list)  # outside quotes and angle brackets; spaces kept
    quoted: list[str] = field(default_factory=list)  # the whole phrase as shown, quoted strings without their quotes
    comments: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    after: str = ""  # anything behind the angle brackets
    broken: str = ""  # what was never closed

    def is_empty(self) -> bool:
        return not (self.phrase() or self.angles or self.broken)

    def phrase(self) -> str:
        return " ".join("".join(self.quoted).split())

    def is_phrase(self) -> bool:
        """Only words: the first half of a name with an unquoted comma, `Kế toán, Sen Việt <kt@…>`."""
        return not self.angles and not self.broken and "@" not in "".join(self.words)


def _entries(value: str) -> Iterator[_Mailbox]:
    """The mailboxes of an address list; groups (`name: a, b;`) give their members."""
    box = _Mailbox()
    position = 0
    while position < len(value):
        if value[position] == "(":
            position = _comment(value, position, box)
            continue
        match = _TOKEN.match(value, position)
        if match is None:  # cannot be: the expression covers every character
            return
        piece, position = match[0], match.end()
        if piece in (",", ";"):
            yield box
            box = _Mailbox()
        elif piece == ":" and not box.angles:
            box = _Mailbox()  # what stood before was the name of a group
        else:
            _take(box, piece)
    yield box


def _take(box: _Mailbox, piece: str) -> None:
    if piece[0] == "<" and len(piece) > 1:
        box.angles.append(piece[1:-1])
    elif piece in ("<", ">", ")", ":") or (piece[0] == '"' and (len(piece) == 1 or piece[-1] != '"')):
        box.broken += piece
    elif box.angles:
        box.after += piece.strip()
    elif piece[0] == '"':
        box.quoted.append(_QUOTED_PAIR.sub(r"\1", piece[1:-1]))
        box.words.append(piece if len(piece) <= _MAX_ADDRESS else "")
    else:
        box.quoted.append(piece)
        box.words.append(piece)


def _comment(value: str, start: int, box: _Mailbox) -> int:
    """Skip a comment with those nested in it (RFC 5322 3.2.2), by counting; where the next token starts."""
    depth = 0
    for match in _PARENTHESIS.finditer(value, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            box.comments.append(_QUOTED_PAIR.sub(r"\1", value[start + 1 : match.start()]))
            return match.end()
    box.broken += "("
    return len(value)


def _clean_address(text: str) -> str | None:
    """`local@domain` with its domain in lower case, or None. A route (`<@a,@b:c@d>`, RFC 5322 4.4) is dropped."""
    text = text.strip()
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2].strip()
    local, at, domain = text.rpartition("@")
    if len(text) > _MAX_ADDRESS or not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return None
    return f"{local}@{domain.rstrip('.').lower()}"


def _address(box: _Mailbox, notes: _Notes) -> tuple[Address | None, bool]:
    """The mailbox, if one can be read, and whether it is clearly that one."""
    unquoted = "".join(word for word in box.words if word[0:1] != '"')
    if not box.angles:
        bare = _clean_address("".join(box.words))
        name = _decode_words(" ".join(box.comments), notes)
        return (Address(name, bare) if bare else None), bool(bare) and not box.broken
    address = _clean_address(box.angles[0])
    name = " ".join(_decode_words(box.phrase(), notes).split())
    if address is None:
        return None, False
    # `a@b <c@d>` shows one address and means another; `a@b <a@b>` is only clumsy.
    misleading = "@" in unquoted and unquoted.strip().casefold() != address.casefold()
    clear = len(box.angles) == 1 and not box.after and not box.broken and not misleading
    return Address(name or _decode_words(" ".join(box.comments), notes), address), clear


def _mailboxes(fields: Sequence[_Field], names: tuple[str, ...], defect: Defect, notes: _Notes) -> tuple[Address, ...]:
    found: list[Address] = []
    for each in fields:
        if each.name.lower() in names:
            room = MAX_ADDRESSES + 1 - len(found)
            found.extend(islice(_addresses(each.raw, defect, notes), room))
    if len(found) > MAX_ADDRESSES:
        notes.add(Defect.TOO_MANY_ADDRESSES)
    return tuple(found[:MAX_ADDRESSES])


def _addresses(value: str, defect: Defect, notes: _Notes) -> Iterator[Address]:
    name = ""  # the first half of a name with an unquoted comma
    for box in islice(_entries(value), 2 * MAX_ADDRESSES):
        if box.is_empty():
            continue
        if box.is_phrase() and len(name) < _MAX_PHRASE:
            name += box.phrase() + ", "
            continue
        address, clear = _address(box, notes)
        if not clear or (name and not box.angles):
            notes.add(defect)
        if address is not None:
            whole = f"{_decode_words(name, notes)} {address.name}"
            yield Address(" ".join(whole.split()), address.address)
        name = ""
    if name:  # words, and no address after them
        notes.add(defect)


def one_address(value: str) -> Address | None:
    """The one clear mailbox in a field that is not read as an address field (`X-Original-From`), or None."""
    notes = _Notes()
    found = tuple(islice(_addresses(value, Defect.BAD_ADDRESS, notes), 2))
    return found[0] if len(found) == 1 and not notes.seen else None


_PATH = re.compile(r"<([^<>]*)>|([^<>\s]+)")


def _return_path(fields: Sequence[_Field], notes: _Notes) -> ReturnPath:
    """The topmost Return-Path: our own server wrote it last."""
    top = next(_named(fields, "return-path"), None)
    if top is None:
        return ReturnPath(ReturnPathKind.ABSENT)
    value = top.raw.strip()
    match = _PATH.match(value[: 2 * _MAX_ADDRESS])
    text = (match[1].strip() if match[1] is not None else match[2]) if match else ""
    if match and not text:
        return ReturnPath(ReturnPathKind.NULL)
    address = _clean_address(text)
    if address is None and _LOCAL.fullmatch(text):
        return ReturnPath(ReturnPathKind.ADDRESS, Address("", text))  # `<MAILER-DAEMON>`
    if address is None:
        notes.add(Defect.BAD_ADDRESS)
        return ReturnPath(ReturnPathKind.ADDRESS)
    return ReturnPath(ReturnPathKind.ADDRESS, Address("", address))


# ---------------------------------------------------------------------------------------------------------------------
# Identifiers and dates (RFC 5322 3.6.4, 3.3)

_IDENTIFIER = re.compile(r"<[!-;=?-~]{1,900}>")


def _message_id(fields: Sequence[_Field], notes: _Notes) -> str | None:
    """The one clean identifier: it will stand in our own headers, so anything doubtful is none."""
    top = next(_named(fields, "message-id"), None)
    if top is None:
        return None
    if _IDENTIFIER.fullmatch(top.raw):
        return top.raw
    notes.add(Defect.BAD_MESSAGE_ID)
    return None


def _identifiers(fields: Sequence[_Field], name: str) -> tuple[str, ...]:
    """All identifiers of the fields of that name, each once; the newest stand last and are the ones kept."""
    found = dict.fromkeys(match[0] for each in _named(fields, name) for match in _IDENTIFIER.finditer(each.value))
    return tuple(found)[-MAX_REFERENCES:]


def _date(fields: Sequence[_Field], notes: _Notes) -> datetime | None:
    top = next(_named(fields, "date"), None)
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


# ---------------------------------------------------------------------------------------------------------------------
# MIME structure (RFC 2045, 2046)

_DELIMITER = re.compile(rb"\n--([^\n]{1,260})(?=\n|\Z)")
_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+-]{1,127})\s*/\s*([a-z0-9!#$&^_.+-]{1,127})", re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s][^;]*))')
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*?)")


@dataclass(slots=True)
class _Tree:
    """The structure as found so far: the parts, and the multiparts that are still open, outermost first."""

    parts: list[Part] = field(default_factory=list)
    texts: list[_Text] = field(default_factory=list)
    returned: list[_Returned] = field(default_factory=list)
    open: list[tuple[bytes, bool]] = field(default_factory=list)  # boundary, is it a digest
    levels: dict[bytes, int] = field(default_factory=dict)  # boundary → index into `open`
    leaf: tuple[int, str, int] | None = None  # part index, transfer encoding, start of body

    def close_to(self, length: int) -> None:
        del self.open[length:]
        self.levels = {boundary: level for level, (boundary, _) in enumerate(self.open)}


def _split(
    data: bytes, start: int, fields: Sequence[_Field], notes: _Notes
) -> tuple[tuple[Part, ...], list[_Text], list[_Returned]]:
    """Part after part, by walking once over the lines that start with "--"; no recursion; only text is copied."""
    tree = _Tree()
    _enter(tree, fields, start, notes)
    position, seen = max(0, start - 1), 0  # a delimiter is found by the line end before it
    while tree.open:
        match = _DELIMITER.search(data, position)
        if match is None:
            break
        seen += 1
        if seen > _MAX_DELIMITERS or len(tree.parts) >= MAX_PARTS or notes.part_headers < 0:
            notes.add(Defect.TOO_MANY_PARTS)
            _leave(tree, data, match.start())
            break
        position = _cross(tree, data, match, notes)
    _leave(tree, data, len(data))
    if len(tree.parts) == 1 and tree.parts[0].content_type.startswith("multipart/") and not tree.texts:
        notes.add(Defect.BAD_STRUCTURE)
        encoding = _transfer_encoding(fields)
        tree.texts.append(_clip(0, encoding, data, start, len(data)))
    return tuple(tree.parts), tree.texts, tree.returned


def _cross(tree: _Tree, data: bytes, match: re.Match[bytes], notes: _Notes) -> int:
    """Deal with one line that may be a delimiter; where to look on."""
    content = match[1].rstrip(b" \t\r")
    closing = content not in tree.levels and content.endswith(b"--")
    level = tree.levels.get(content[:-2] if closing else content)
    if level is None:
        return match.end()
    _leave(tree, data, match.start())
    if closing:
        tree.close_to(level)
        return match.end()
    tree.close_to(level + 1)
    block, body = _part_header(data, match.end() + 1, tree.levels)
    notes.part_headers -= len(block)
    _enter(tree, _part_fields(block, notes), body, notes)
    return max(body - 1, match.end())


def _part_header(data: bytes, start: int, boundaries: dict[bytes, int]) -> tuple[bytes, int]:
    """The header of a part and where its body starts; a delimiter ends a header that no empty line ended."""
    if data.startswith(b"\n", start):
        return b"", start + 1
    end = data.find(b"\n\n", start, start + _MAX_PART_HEADER)
    body = end + 2
    if end < 0:
        end = min(len(data), start + _MAX_PART_HEADER)
        body = end
    for match in _DELIMITER.finditer(data, start - 1, end):
        content = match[1].rstrip(b" \t\r")
        if content in boundaries or content.removesuffix(b"--") in boundaries:
            return data[start : match.start()], match.start() + 1
    return data[start:end], body


def _enter(tree: _Tree, fields: Sequence[_Field], body: int, notes: _Notes) -> None:
    """Note a part that starts here, and open it if it is a multipart."""
    digest = bool(tree.open) and tree.open[-1][1]
    part = _part(fields, len(tree.open), "message/rfc822" if digest else "text/plain", notes)
    tree.parts.append(part)
    tree.leaf = (len(tree.parts) - 1, _transfer_encoding(fields), body)
    if not part.content_type.startswith("multipart/"):
        return
    boundary = (part.parameter("boundary") or "").encode("utf-8", "replace").rstrip()
    if len(tree.open) >= MAX_DEPTH:
        notes.add(Defect.TOO_DEEP)
    elif 0 < len(boundary) <= _MAX_BOUNDARY:
        tree.open.append((boundary, part.content_type == "multipart/digest"))
        tree.close_to(len(tree.open))
        tree.leaf = None
    else:
        notes.add(Defect.BAD_STRUCTURE)


def _leave(tree: _Tree, data: bytes, end: int) -> None:
    """The leaf being read ends here: note its size, and keep its octets if they are text."""
    if tree.leaf is None:
        return
    (index, encoding, start), tree.leaf = tree.leaf, None
    part = tree.parts[index]
    size = max(0, end - start)
    tree.parts[index] = Part(part.content_type, part.parameters, part.filename, part.disposition, size, part.depth)
    if _is_text(part):
        tree.texts.append(_clip(index, encoding, data, start, start + size))
    is_report = tree.parts[0].content_type == "multipart/report"
    if is_report and _is_returned(part) and len(tree.returned) < MAX_RETURNED_PARTS:
        tree.returned.append(_Returned(part, encoding, data[start : start + min(size, MAX_RETURNED)]))


def _clip(index: int, encoding: str, data: bytes, start: int, end: int) -> _Text:
    return _Text(index, encoding, data[start : min(end, start + _MAX_SOURCE)], truncated=end - start > _MAX_SOURCE)


def _part(fields: Sequence[_Field], depth: int, default: str, notes: _Notes) -> Part:
    kind = next(_named(fields, "content-type"), _NO_FIELD).raw[:_MAX_MIME_VALUE]
    match = _TYPE.match(kind)
    content_type = f"{match[1]}/{match[2]}".lower() if match else ("text/plain" if kind else default)
    parameters = _parameters(kind, notes)
    how = next(_named(fields, "content-disposition"), _NO_FIELD).raw[:_MAX_MIME_VALUE]
    disposition = how.partition(";")[0].strip().lower()
    named = dict(_parameters(how, notes)).get("filename") or dict(parameters).get("name")
    if disposition not in ("", "inline"):
        disposition = "attachment"  # RFC 2183 2.8: unknown ones are attachments
    return Part(content_type, parameters, named or None, disposition, 0, depth)


def _transfer_encoding(fields: Sequence[_Field]) -> str:
    return next(_named(fields, "content-transfer-encoding"), _NO_FIELD).raw.partition(";")[0].strip().lower()


def _parameters(value: str, notes: _Notes) -> tuple[tuple[str, str], ...]:
    """Parameters of a MIME field; those in pieces or with a charset (RFC 2231) are put together and decoded."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(value)):
        name = _CONTINUED.fullmatch(match[1].lower())
        if name is None or count >= _MAX_PARAMETERS:
            break
        text = _QUOTED_PAIR.sub(r"\1", match[2]) if match[2] is not None else match[3].strip()
        if name[2] is None and not name[3]:
            plain.setdefault(name[1], _decode_words(text, notes))
        else:
            pieces.setdefault(name[1], []).append((int(name[2] or 0), bool(name[3]), text))
    plain.update({name: _joined(found, notes) for name, found in pieces.items()})
    return tuple((name, _CONTROLS.sub(" ", text)) for name, text in plain.items())


def _joined(pieces: list[tuple[int, bool, str]], notes: _Notes) -> str:
    """RFC 2231 3 and 4: `name*0*=utf-8'vi'b%C3%A1o; name*1="-gia.pdf"`."""
    pieces.sort(key=lambda piece: piece[0])
    charset, octets = "", b""
    for number, (_, encoded, text) in enumerate(pieces):
        rest = text
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, rest = text.split("'", 2)
        octets += unquote_to_bytes(rest.encode("utf-8", "replace")) if encoded else rest.encode("utf-8", "replace")
    return _decode(octets, charset, notes)


# ---------------------------------------------------------------------------------------------------------------------
# The text

_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufeff\ud800-\udfff]")


def _is_text(part: Part) -> bool:
    return part.content_type in ("text/plain", "text/html") and part.disposition != "attachment"


_RETURNED: Final = frozenset(
    {"message/delivery-status", "message/global-delivery-status", "message/rfc822", "message/global",
     "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)  # fmt: skip


def _is_returned(part: Part) -> bool:
    """RFC 3462, 3464, 6533: what a delivery report says, and the mail it is about; of that one only the header."""
    return part.content_type in _RETURNED


def _fetched_return(part: Part, fetched: FetchedPart) -> _Returned:
    own = _part_fields(_unix_lines(fetched.mime_header[:_MAX_PART_HEADER]), _Notes())
    return _Returned(part, _transfer_encoding(own), _unix_lines(fetched.body)[:MAX_RETURNED])


def _returned_text(returned: _Returned) -> str:
    notes = _Notes()  # how well a copy is written says nothing of the mail it comes with
    text = _Text(0, returned.transfer_encoding, returned.body, truncated=True)
    plain = _plain(returned.part, text, notes).strip()
    is_status = returned.part.content_type.endswith("delivery-status")
    return plain if is_status else plain.partition("\n\n")[0]


def _fetched_texts(
    fields: Sequence[_Field], parts: tuple[Part, ...], texts: Sequence[FetchedPart], notes: _Notes
) -> list[_Text]:
    """Each fetched part with its place in the structure: the next text part of its own type."""
    places = list(text_parts(parts))
    found = []
    for each in texts:
        own = _part_fields(_unix_lines(each.mime_header[:_MAX_PART_HEADER]), notes)
        described = own if any(_named(own, "content-type")) or len(parts) > 1 else fields
        kind = _part(described, 0, "text/plain", notes).content_type
        place = next((index for index in places if parts[index].content_type == kind), None)
        if place is None:
            continue
        places.remove(place)
        body = _unix_lines(each.body)
        cut = each.truncated or len(body) > _MAX_SOURCE
        found.append(_Text(place, _transfer_encoding(described), body[:_MAX_SOURCE], truncated=cut))
    return sorted(found, key=lambda text: text.index)


def _body_text(parts: tuple[Part, ...], texts: Sequence[_Text], notes: _Notes) -> str:
    """The readable text. Of a multipart/alternative the plain one counts, or else its HTML (RFC 2046 5.1.4)."""
    groups: dict[int, list[tuple[str, _Text]]] = {}
    for text in texts:
        kind = parts[text.index].content_type
        groups.setdefault(_alternative(parts, text.index), []).append((kind, text))
    pieces = []
    room = MAX_TEXT  # for what is read, not for what comes out: a hundred HTML parts may hold no text
    for group in groups.values():
        if room <= 0:
            notes.add(Defect.TRUNCATED_TEXT)
            break
        piece, spent = _one_of(parts, group, room, notes)
        pieces.append(piece)
        room -= spent
    return _stream_safe("\n".join(piece for piece in pieces if piece.strip())[:MAX_TEXT])


def _alternative(parts: tuple[Part, ...], index: int) -> int:
    """The index of the multipart/alternative a text part stands in, or its own."""
    if not any(part.depth for part in parts):
        return 0  # a structure without depths: one group, plain text before HTML
    depth = parts[index].depth
    for above in range(index - 1, -1, -1):
        if parts[above].depth < depth:
            depth = parts[above].depth
            if parts[above].content_type == "multipart/alternative":
                return above
    return index


def _one_of(parts: tuple[Part, ...], group: list[tuple[str, _Text]], room: int, notes: _Notes) -> tuple[str, int]:
    """The text of one group, and how many characters were read for it."""
    sources = [
        _plain(parts[text.index], text, notes) for kind, text in group[:_MAX_ALTERNATIVES] if kind != "text/html"
    ]
    joined = "\n".join(sources)
    as_html = not joined.strip()
    if as_html:
        sources = [
            _plain(parts[text.index], text, notes) for kind, text in group[:_MAX_ALTERNATIVES] if kind == "text/html"
        ]
        joined = "\n".join(sources)
    if len(joined) > room or (as_html and joined.count("<") > 2 * MAX_TAGS):
        notes.add(Defect.TRUNCATED_TEXT)
    return to_text(joined[:room]) if as_html else joined[:room], len(joined)


def _plain(part: Part, text: _Text, notes: _Notes) -> str:
    """Transfer encoding (RFC 2045 6), charset and line ends undone."""
    octets = text.body
    if text.transfer_encoding == "base64":
        octets = _base64(octets, notes)
    elif text.transfer_encoding == "quoted-printable":
        octets = binascii.a2b_qp(octets)
    cut = text.truncated or len(octets) > MAX_TEXT
    if cut:
        notes.add(Defect.TRUNCATED_TEXT)
    decoded = _decode(octets[:MAX_TEXT], part.parameter("charset") or "", notes, complete=not cut)
    lines = decoded.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    return _UNWANTED.sub("", lines)
