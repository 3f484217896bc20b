"""Where the mails of a replay come from: files of several kinds, or a mailbox that is only looked at.

First all of them are looked through for when each came (`items`), so that they can be decided in that order; only then
is one after the other read whole (`messages`): of twenty thousand mails no more than a few are in memory at once.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from imapclient import imap_utf7

from responder.errors import Trouble, TroubleKind
from responder.mail.automatic import Filed
from responder.mail.header import MAX_HEADER_BLOCK
from responder.mail.message import MAX_MESSAGE, Message, parse
from responder.policy.decide import Said
from responder.ports import Arrival, Fetched, FolderState, PersonsMail, Unreadable
from responder.work.triage import ABSURD_AHEAD, BATCH

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)  # nobody's mail is older
SENT: Final = frozenset({"sent", "sent items", "sent messages", "sent mail", "đã gửi", "thư đã gửi", "hộp thư đi"})
NOT_MAIL: Final = frozenset(
    {"drafts", "trash", "junk", "spam", "deleted items", "deleted messages", "junk e-mail", "junk email", "templates",
     "outbox", "bin", "thư nháp", "thùng rác", "thư rác"}
)  # fmt: skip
NAME_ANOTHER: Final = "name a maildir, an mbox, a folder of .eml files or a single .eml"
_FIELDS = re.compile(rb"(?:\A|\n)((?:received|date|from|to|cc)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE)
_SEPARATOR = re.compile(rb"(?:\A|\n\r?\n)From [^\n]*\n")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)  # mboxrd


class ToldBy(StrEnum):
    """What says when a mail came."""

    SERVER = "server"
    RECEIVED = "received"
    DATE = "date"  # it has no Received line that can be believed
    FILE = "file"  # … nor a Date


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or a part of one."""

    path: Path
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A mail that was found, and when it came. `writers`, `recipients`: as `Address.key`."""

    name: str
    at: datetime
    told_by: ToldBy
    place: Piece | int | PersonsMail
    is_sent: bool = False  # it lies where a person's own mail is kept
    writers: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """A mail at hand."""

    message: Message
    filed: Filed = Filed.ORDINARY

    @cached_property
    def said(self) -> Said:
        """Its words, taken apart once for all policies."""
        return Said.of(self.message)


class Source(Protocol):
    """Where mails are found."""

    def items(self) -> Iterator[Item | Trouble]:
        """All of them, in no order."""
        ...

    def messages(self, items: Sequence[Item]) -> Iterator[Read | PersonsMail | Trouble]:
        """These, one after the other; what cannot be read is told in its place."""
        ...


def in_order(items: Iterable[Item]) -> list[Item]:
    """As they came; of the same moment, what one of us wrote first."""
    return sorted(items, key=lambda item: (item.at, not item.is_sent))


# ---------------------------------------------------------------- files


class Files:
    """Maildirs with their subfolders, mboxes, folders of .eml files, single .eml files. `now`: none came later."""

    def __init__(self, paths: Sequence[Path], now: datetime) -> None:
        self._paths = paths
        self._latest = now + ABSURD_AHEAD

    def items(self) -> Iterator[Item | Trouble]:
        for path in self._paths:
            try:
                yield from self._below(path)
            except OSError as error:
                yield _unreadable(path, error)

    def _below(self, path: Path) -> Iterator[Item | Trouble]:
        found = False
        for piece, name, is_sent in _pieces(path):
            found = True
            try:
                yield self._item(piece, name, is_sent=is_sent)
            except OSError as error:
                yield _unreadable(piece.path, error)
        if not found:
            yield Trouble(TroubleKind.CONFIG, str(path), "there are no mails in it", NAME_ANOTHER)

    def _item(self, piece: Piece, name: str, *, is_sent: bool) -> Item | Trouble:
        block = _header(piece)
        fields = [match[1] for match in _FIELDS.finditer(block)]
        if not fields and piece.path in self._paths:
            return Trouble(TroubleKind.CONFIG, name, "is no mail: it has no From, To or Date", NAME_ANOTHER)
        header = parse(b"\n".join(each for each in fields if each[:8].lower() != b"received") + b"\n\n")
        at, told_by = self._arrival(fields, header, piece.path)
        return Item(
            name, at, told_by, piece, is_sent,
            writers=tuple(each.key for each in header.from_),
            recipients=tuple(each.key for each in (*header.to, *header.cc)),
        )  # fmt: skip

    def _arrival(self, fields: Sequence[bytes], header: Message, path: Path) -> tuple[datetime, ToldBy]:
        topmost = next((each for each in fields if each[:8].lower() == b"received"), b"")
        for at, told_by in ((_received(topmost), ToldBy.RECEIVED), (header.date, ToldBy.DATE)):
            if at is not None and EARLIEST < at <= self._latest:
                return at.astimezone(UTC), told_by
        return datetime.fromtimestamp(path.stat().st_mtime, UTC), ToldBy.FILE

    def messages(self, items: Sequence[Item]) -> Iterator[Read | PersonsMail | Trouble]:
        for item in items:
            if isinstance(item.place, Piece):
                try:
                    yield Read(parse(_octets(item.place)))
                except OSError as error:
                    yield _unreadable(item.place.path, error)


def _pieces(path: Path) -> Iterator[tuple[Piece, str, bool]]:
    """Every mail, its name, and whether it lies in a folder of sent mail."""
    if path.is_dir():
        for file in _files(path):
            yield Piece(file), str(file), _folder_of(file, path) in SENT
    elif _is_mbox(path):
        for number, (start, end) in enumerate(_spans(path), 1):
            yield Piece(path, start, end), f"{path}#{number}", path.stem.casefold() in SENT
    else:
        yield Piece(path), str(path), False


def _files(path: Path) -> Iterator[Path]:
    """Of a maildir what lies in cur and new, of any other folder the .eml files; subfolders too, hidden ones not."""
    for folder, folders, names in os.walk(path):
        here = Path(folder)
        folders[:] = sorted(each for each in folders if each != "tmp" and _name(each) not in NOT_MAIL)
        if here.name in ("cur", "new"):
            yield from (here / name for name in sorted(names) if not _is_gone(name))
        else:
            yield from (here / name for name in sorted(names) if name.lower().endswith(".eml"))


def _is_gone(name: str) -> bool:
    """A draft, or deleted: the flags of a maildir stand at the end of the name."""
    return name.startswith(".") or bool({"D", "T"} & set(name.rpartition(":2,")[2] if ":2," in name else ""))


def _folder_of(file: Path, top: Path) -> str:
    folder = file.parent.parent if file.parent.name in ("cur", "new") else file.parent
    return _name(folder.name) if folder != top or _name(top.name) in SENT else ""


def _name(folder: str) -> str:
    """As a person calls it: of `.INBOX.Sent Items`, which may be written in IMAP's UTF-7, the last part."""
    with contextlib.suppress(UnicodeError, ValueError):
        folder = imap_utf7.decode(folder.encode("ascii"))
    return re.split(r"[./]", folder)[-1].casefold()


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _spans(path: Path) -> Iterator[tuple[int, int]]:
    """Where each mail of an mbox begins and ends."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        start = None
        for found in _SEPARATOR.finditer(octets):
            if start is not None:
                yield start, found.start()
            start = found.end()
        if start is not None:
            yield start, len(octets)


def _header(piece: Piece) -> bytes:
    octets = _octets(piece, MAX_HEADER_BLOCK).replace(b"\r\n", b"\n")
    return octets[: end + 1] if (end := octets.find(b"\n\n")) >= 0 else octets


def _octets(piece: Piece, at_most: int = MAX_MESSAGE + 1) -> bytes:
    """With one octet more than is looked at, `parse` tells that there was more."""
    with piece.path.open("rb") as file:
        file.seek(piece.start)
        length = at_most if piece.end is None else min(at_most, piece.end - piece.start)
        octets = file.read(length)
    return octets if piece.end is None else _QUOTED_FROM.sub(rb"\1", octets)


def _received(field: bytes) -> datetime | None:
    """The time after the last semicolon (RFC 5321 4.4)."""
    _, semicolon, said = field.rpartition(b";")
    if not semicolon:
        return None
    try:
        at = parsedate_to_datetime(" ".join(said.decode("ascii", "replace").split())[:128])
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _unreadable(path: Path, error: OSError) -> Trouble:
    return Trouble(TroubleKind.CONFIG, str(path), f"cannot be read: {error.strerror or error}", "look at the file")


# ---------------------------------------------------------------- a mailbox


class Looked(Protocol):
    """A mailbox that is only looked at."""

    def inbox(self) -> FolderState: ...

    def envelopes(self) -> tuple[Arrival, ...]:
        """When each message of the inbox came, and who wrote it."""
        ...

    def fetch(self, uids: Sequence[int]) -> tuple[Fetched | Unreadable, ...]: ...

    def persons_mail(self, after_uid: int) -> tuple[PersonsMail, ...]: ...


class Live:
    """The inbox of an account as it lies at the server, and what people have sent from it."""

    def __init__(self, mailbox: Looked, account: str, now: datetime) -> None:
        """The mailbox is connected."""
        self._mailbox = mailbox
        self._account = account
        self._latest = now + ABSURD_AHEAD

    def items(self) -> Iterator[Item | Trouble]:
        self._mailbox.inbox()
        for found in self._mailbox.envelopes():
            name = f"{self._account}/{found.uid}"
            if found.at is not None and EARLIEST < found.at <= self._latest:
                yield Item(name, found.at.astimezone(UTC), ToldBy.SERVER, found.uid, writers=found.writers)
            else:
                what = "nothing tells when it came"
                yield Trouble(TroubleKind.SERVER, name, what, "it is left out; open it in the inbox")
        for mail in self._mailbox.persons_mail(0):
            at = mail.at.astimezone(UTC)
            yield Item(mail.message_id, at, ToldBy.SERVER, mail, is_sent=True, recipients=mail.recipients)

    def messages(self, items: Sequence[Item]) -> Iterator[Read | PersonsMail | Trouble]:
        waiting = iter(items)
        while portion := list(islice(waiting, BATCH)):
            uids = [item.place for item in portion if isinstance(item.place, int)]
            found = {one.uid: one for one in self._mailbox.fetch(uids)} if uids else {}
            for item in portion:
                if isinstance(item.place, PersonsMail):
                    yield item.place
                elif isinstance(item.place, int):
                    yield _looked_at(item.name, found.get(item.place))


def _looked_at(name: str, one: Fetched | Unreadable | None) -> Read | Trouble:
    if isinstance(one, Fetched):
        return Read(one.message, one.filed)
    if one is not None:
        return one.trouble
    return Trouble(TroubleKind.SERVER, name, "has gone from the inbox meanwhile", "nothing to do")
