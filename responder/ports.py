"""What the work asks of the outside: small protocols, and the values that pass.

The adapters in `servers/` fit these; so do the fakes of the tests, and one
contract suite runs on both. Knows no library.
"""

from __future__ import annotations

import email.utils
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from responder.errors import Trouble
from responder.mail.automatic import Filed, by_a_program
from responder.mail.message import Message
from responder.people import Webhook
from responder.policy.model import Mark


class Clock(Protocol):
    """Where the time comes from; tests and the demo bring their own."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...


class Special(StrEnum):
    """The folders the daemon writes to or looks into (RFC 6154)."""

    SENT = "sent"
    DRAFTS = "drafts"


@dataclass(frozen=True, slots=True)
class FolderState:
    """What SELECT told (RFC 9051 6.3.2)."""

    uidvalidity: int
    uidnext: int
    messages: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message as it lay in the mailbox."""

    uid: int
    arrived: datetime | None  # INTERNALDATE, aware; None when the server gave none
    message: Message
    answered: bool = False  # \\Answered already when we first saw it
    filed: Filed = Filed.ORDINARY


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that lies in the mailbox and is not handed out."""

    uid: int
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What may be had of a message that is not handed out."""

    arrived: datetime | None = None  # INTERNALDATE, aware
    header: Message | None = None  # From, Subject and Message-ID; None where not even these are handed out


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a message came, by the server, else by its Date; and who wrote it, as `Address.key`."""

    uid: int
    at: datetime | None
    writers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flags:
    """What a person's mail program has noted on a message."""

    answered: bool
    flagged: bool


@dataclass(frozen=True, slots=True)
class PersonsMail:
    """A mail a person of ours wrote, found in Sent."""

    message_id: str
    at: datetime
    recipients: tuple[str, ...]  # lower case
    thread: tuple[str, ...]  # the ids of In-Reply-To and References

    @classmethod
    def of(cls, header: Message, at: datetime, nameless: str) -> PersonsMail | None:
        """A mail in Sent, unless a program wrote it; `nameless`: its id where it has none."""
        if by_a_program(header):
            return None
        bcc = [address for _name, address in email.utils.getaddresses(list(header.values("Bcc")))]
        return cls(
            message_id=header.message_id or nameless,
            at=at,
            recipients=(*(a.key for a in (*header.to, *header.cc)), *(address.casefold() for address in bcc)),
            thread=tuple(dict.fromkeys((*header.references, *header.in_reply_to))),
        )


class Mailbox(Protocol):
    """One account's IMAP connection. Used by one thread only. Every method raises `Trouble`."""

    def connect(self) -> None: ...

    def close(self) -> None: ...

    def inbox(self) -> FolderState:
        """Select the inbox and tell its state."""
        ...

    def uids_after(self, last_uid: int) -> tuple[int, ...]:
        """UIDs in the inbox greater than `last_uid`, ascending."""
        ...

    def fetch(self, uids: Sequence[int]) -> tuple[Fetched | Unreadable, ...]:
        """The messages that are still there, also those whose text is not handed out; never sets \\Seen."""
        ...

    def glimpse(self, uid: int) -> Glimpse:
        """As much as may be had of a message that `fetch` could not have; never sets \\Seen."""
        ...

    def flags(self, uids: Sequence[int]) -> dict[int, Flags]:
        """Flags of the messages that are still there."""
        ...

    def answered_in(self, folder: str, since: datetime) -> frozenset[str]:
        """Message-IDs of the answered mails in another folder that came since then; none where it has gone."""
        ...

    def held_in(self, folder: str, since: datetime) -> frozenset[str]:
        """Message-IDs of the mails in another folder that came since then; none where it has gone."""
        ...

    def refused(self, marks: Sequence[Mark]) -> Mapping[Mark, Trouble]:
        """Of these marks, those that cannot be set in this mailbox, each with why and what to do."""
        ...

    def mark(self, uids: Sequence[int], mark: Mark) -> None:
        """Set one mark on the messages that are still there (a folder: move them); doing it again is harmless."""
        ...

    def correspondents(self, since: datetime) -> Iterator[frozenset[str] | Trouble]:
        """Addresses that wrote to us, or we to them, since then (lower case), a portion at a time.

        A portion, or a folder, that the server refuses to show is told in its place.
        """
        ...

    def sent_state(self) -> FolderState | None:
        """State of the Sent folder; None when there is none."""
        ...

    def persons_mail(self, after_uid: int, last_uid: int | None = None) -> tuple[PersonsMail, ...]:
        """Mails in Sent with a UID after the one and up to the other that say of themselves they are not automatic."""
        ...

    def own_mail(self, since: datetime) -> frozenset[str]:
        """Message-IDs of the mails in Sent that a Responder sent after that time; none where there is no Sent."""
        ...

    def append(self, folder: Special, content: bytes, at: datetime) -> None:
        """Put a message into Sent (\\Seen) or Drafts (\\Draft)."""
        ...

    def holds(self, folder: Special, message_id: str) -> bool:
        """Is a mail of ours that went out under this Message-ID in that folder, also if it has another one now?"""
        ...

    def held(self, folder: Special, message_ids: Collection[str], since: datetime) -> frozenset[str]:
        """As `holds`, of many at once, which cannot have been there before that time: those that are in that folder."""
        ...

    def wait(self, seconds: float, wake: threading.Event) -> None:
        """Until something happens in the inbox, `wake` is set, or the time is over."""
        ...


class MeasureKind(StrEnum):
    COUNTER = "counter"  # only ever grows
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric of ours, by the conventions of Prometheus: a counter's name is without its `_total`."""

    name: str
    what: str
    kind: MeasureKind
    labels: tuple[str, ...]
    samples: tuple[tuple[tuple[str, ...], float], ...]  # the labels' values, and the number


class OutcomeKind(StrEnum):
    SENT = "sent"
    TEMPORARY = "temporary"  # try again later
    PERMANENT = "permanent"  # never try again
    UNCERTAIN = "uncertain"  # the data was on its way when the line broke


class SmtpStep(StrEnum):
    CONNECT = "connect"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"


CODES = re.compile(r"\d{3}(?: \d\.\d{1,3}\.\d{1,3})?")  # RFC 5321 4.2, RFC 3463: how a server's answer begins


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one submission ended, at which step, and what the server said.

    With `trouble`, it is the server's fault or ours and says nothing of the mail: others would fare no better now.
    """

    kind: OutcomeKind
    step: SmtpStep
    detail: str = ""
    trouble: Trouble | None = None


class Submission(Protocol):
    """One account's way out (RFC 6409)."""

    async def submit(
        self, envelope_from: str, recipient: str, content: bytes, may_go: Callable[[], bool] = lambda: True
    ) -> Outcome:
        """Submit one mail to one recipient; `envelope_from` "" is the null sender. Never raises for a server's sake.

        `may_go` is asked at the last moment at which the mail can still be held back: then it ends as temporary.
        """
        ...

    async def reach(self) -> None:
        """Connect and log in, and send nothing. Raises `Trouble`."""
        ...

    def abandon(self) -> None:
        """Begin nothing more; what is not on its way yet ends as temporary."""
        ...

    async def close(self) -> None: ...


class Waker(Protocol):
    """What makes a telephone ring. `told` is what `people.WAKE_FACTS` names."""

    async def run(self, command: Sequence[str], told: Mapping[str, str]) -> None:
        """Run a program once. Raises `Trouble` unless it ends well."""
        ...

    async def post(self, webhook: Webhook, told: Mapping[str, str]) -> None:
        """Call a URL once. Raises `Trouble` unless it says that all is well."""
        ...
