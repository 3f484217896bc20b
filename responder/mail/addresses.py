"""Addresses (RFC 5322 3.4) and the Return-Path, leniently read; what could mean two things is a defect.

Must not know: whose addresses they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final

from responder.mail.characters import decode_words
from responder.mail.defects import Defect, Notes
from responder.mail.echo import TRICKS
from responder.mail.header import QUOTED_PAIR, Field, named

MAX_ADDRESSES: Final = 2000  # in one kind of field
_MAX_ADDRESS: Final = 320
_MAX_PHRASE: Final = 1000


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
        """The address to compare by: `Lan@` is `lan@` in every mail system in use, and `xn--…` what it stands for."""
        local, at, domain = unicodedata.normalize("NFC", self.address).casefold().rpartition("@")
        return local + at + (_unicode(domain) if "xn--" in domain else domain)

    @property
    def untagged(self) -> str:
        """The key without a subaddress (RFC 5233): `info+web@…` is delivered to `info@…`."""
        local, at, domain = self.key.rpartition("@")
        return (local.partition("+")[0] or local) + at + domain


def _unicode(domain: str) -> str:
    """A domain with its labels as people write them (RFC 5890 2.3.2.1); what is no such label stays."""
    return ".".join(_label(label) if label.startswith("xn--") else label for label in domain.split("."))


def _label(label: str) -> str:
    try:
        return unicodedata.normalize("NFC", label[4:63].encode("ascii").decode("punycode")).casefold()
    except UnicodeError:
        return label


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


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|<[^<>]*>|[<>(),;:]|[^"<>(),;:\s]+|\s+')
_PARENTHESIS = re.compile(r"\\.|[()]")
# Nothing that a reader cannot see: who reads the address must see whose it is.
_LOCAL = re.compile(rf'[^\s@<>(),;:"\\\[\]{TRICKS}]{{1,255}}|"(?:[^"\\{TRICKS}]|\\[^{TRICKS}]){{0,250}}"')
_LABEL: Final = rf"[^\s@<>(),;:\"\\\[\].{TRICKS}]{{1,63}}"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,30}}\.?|\[[0-9A-Za-z.:-]{{2,60}}\]")


def mailboxes(fields: Sequence[Field], names: tuple[str, ...], defect: Defect, notes: Notes) -> tuple[Address, ...]:
    found: list[Address] = []
    for each in fields:
        if each.name.lower() in names:
            room = MAX_ADDRESSES + 1 - len(found)
            found.extend(islice(_addresses(each.raw, defect, notes), room))
    if len(found) > MAX_ADDRESSES:
        notes.add(Defect.TOO_MANY_ADDRESSES)
    return tuple(found[:MAX_ADDRESSES])


def one_address(value: str) -> Address | None:
    """The one clear mailbox in a field that is not read as an address field (`X-Original-From`), or None."""
    notes = Notes()
    found = tuple(islice(_addresses(value, Defect.BAD_ADDRESS, notes), 2))
    return found[0] if len(found) == 1 and not notes.seen else None


def _addresses(value: str, defect: Defect, notes: Notes) -> Iterator[Address]:
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
            whole = f"{decode_words(name, notes)} {address.name}"
            yield Address(" ".join(whole.split()), address.address)
        name = ""
    if name:  # words, and no address after them
        notes.add(defect)


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
        box.quoted.append(QUOTED_PAIR.sub(r"\1", piece[1:-1]))
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
            box.comments.append(QUOTED_PAIR.sub(r"\1", value[start + 1 : match.start()]))
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


def _address(box: _Mailbox, notes: Notes) -> tuple[Address | None, bool]:
    """The mailbox, if one can be read, and whether it is clearly that one."""
    unquoted = "".join(word for word in box.words if word[0:1] != '"')
    if not box.angles:
        bare = _clean_address("".join(box.words))
        name = decode_words(" ".join(box.comments), notes)
        return (Address(name, bare) if bare else None), bool(bare) and not box.broken
    address = _clean_address(box.angles[0])
    name = " ".join(decode_words(box.phrase(), notes).split())
    if address is None:
        return None, False
    # `a@b <c@d>` shows one address and means another; `a@b <a@b>` is only clumsy.
    misleading = "@" in unquoted and unquoted.strip().casefold() != address.casefold()
    clear = len(box.angles) == 1 and not box.after and not box.broken and not misleading
    return Address(name or decode_words(" ".join(box.comments), notes), address), clear


_PATH = re.compile(r"<([^<>]*)>|([^<>\s]+)")


def return_path_of(fields: Sequence[Field], notes: Notes) -> ReturnPath:
    """The topmost Return-Path: our own server wrote it last."""
    top = next(named(fields, "return-path"), None)
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
