"""What the store gives and takes: plain frozen values, no SQL.

`OutboxState` is the life of everything we will ever send:

    waiting ─→ due ─→ sending ─→ sent ─→ bounced (it came back)
       │        │        ├─→ due (temporary failure, later)
       │        │        ├─→ failed
       │        │        └─→ uncertain (customers: never sent again)
       │        │               └─→ closed (a person has looked into it; it counts as sent)
       │        └─→ dropped (its `not_after` has passed)
       ├─→ drafted (a draft for staff)
       └─→ cancelled (a person was quicker)
    withheld: observe mode; it would have gone out

An alert by command or webhook goes back from sending to due, again and again, until its alarm has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class MessageState(StrEnum):
    DECIDED = "decided"
    QUARANTINED = "quarantined"  # it broke the code; a person must look at it


class OutboxKind(StrEnum):
    REPLY = "reply"
    FOLLOW_UP = "follow_up"
    ALERT = "alert"
    DIGEST = "digest"

    @property
    def to_customer(self) -> bool:
        """Customers get a mail at most once; staff at least once."""
        return self in (OutboxKind.REPLY, OutboxKind.FOLLOW_UP)


class OutboxState(StrEnum):
    WAITING = "waiting"
    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    DRAFTED = "drafted"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CLOSED = "closed"
    BOUNCED = "bounced"
    DROPPED = "dropped"
    CANCELLED = "cancelled"
    WITHHELD = "withheld"


NOT_DELIVERED = frozenset({OutboxState.FAILED, OutboxState.BOUNCED})
OPEN = frozenset({OutboxState.WAITING, OutboxState.DUE, OutboxState.SENDING, OutboxState.UNCERTAIN})


class Transport(StrEnum):
    SMTP = "smtp"
    DRAFT = "draft"
    COMMAND = "command"  # a program on this machine; the recipient is a role
    WEBHOOK = "webhook"  # a URL; the recipient is a role


WAKES = frozenset({Transport.COMMAND, Transport.WEBHOOK})  # what makes a telephone ring, unlike a mail


class AlarmKind(StrEnum):
    """What somebody was told at once, and may acknowledge."""

    MESSAGE = "message"  # a customer's mail
    BREAKER = "breaker"  # too many automatic replies of all mailboxes: stopped
    ACCOUNT_HELD = "account_held"  # … of one mailbox
    ALERTS_HELD = "alerts_held"  # too many alerts: stopped
    UNREACHABLE = "unreachable"  # a mailbox that could not be read for long


class EventKind(StrEnum):
    """What people did, beside what came in and went out."""

    PAUSED = "paused"
    RESUMED = "resumed"
    MODE = "mode"  # observe or live, from now on
    POLICY = "policy"  # it was changed: how, in words
    EFFECT = "effect"  # … and which mails of the last weeks would be treated differently; one of them has its sender
    NOTE = "note"  # a telephone call, written down by hand
    RESTORED = "restored"  # the state was set back to a backup


class CopyState(StrEnum):
    """The copy in the Sent folder, so that staff see what went out."""

    NONE = "none"
    PENDING = "pending"
    FILED = "filed"


@dataclass(frozen=True, slots=True)
class FolderPosition:
    """How far a folder has been read (RFC 9051 2.3.1.1)."""

    account: str
    name: str
    uidvalidity: int
    last_uid: int
    baselined_at: datetime
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message lies in a mailbox."""

    account: str
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One triaged (or quarantined) message, about to be recorded."""

    place: Place
    state: MessageState
    message_id: str | None
    references: tuple[str, ...]
    arrived_at: datetime
    sender: str
    sender_name: str
    subject: str
    office: str
    urgency: str
    veto: str | None
    decision: Mapping[str, Any]
    own_words: str | None  # None: they are not kept
    marks: tuple[str, ...]
    promise_at: datetime | None
    handled_how: str | None = None  # it needs nobody: why
    error: str | None = None
    policy: str | None = None  # the hash of the one it was decided with


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of the ledger."""

    id: int
    place: Place
    state: MessageState
    message_id: str | None
    references: tuple[str, ...]
    arrived_at: datetime
    decided_at: datetime
    sender: str
    sender_name: str
    subject: str
    office: str
    urgency: str
    veto: str | None
    decision: Mapping[str, Any]
    own_words: str
    marks: tuple[str, ...]
    marked_at: datetime | None
    promise_at: datetime | None
    handled_at: datetime | None
    handled_how: str | None
    error: str | None
    words_gone_at: datetime | None  # since when `own_words` and `error` are off the record
    policy: str | None = None  # the hash of the one it was decided with, if that was kept


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """A policy as its file read when it was first in force."""

    hash: str
    text: str
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Of a message that nobody has dealt with yet, what shows whether somebody has."""

    id: int
    uidvalidity: int
    uid: int
    message_id: str | None
    sender: str
    arrived_at: datetime
    marks: tuple[str, ...]
    urgency: str
    marked_at: datetime | None  # None: the marks are still owed


class Observed(StrEnum):
    """What staff did with a mail that the rules had judged otherwise."""

    FLAGGED = "flagged"
    UNFLAGGED = "unflagged"
    MOVED = "moved"  # into a folder of which the policy says what lies there


@dataclass(frozen=True, slots=True)
class Observation:
    """What staff did with one mail; `judged`: its urgency by the rules."""

    message: int
    what: Observed
    at: datetime
    judged: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Of a person's mail whose words are kept, what a policy is tried on."""

    id: int
    arrived_at: datetime
    sender: str
    sender_name: str
    subject: str
    own_words: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Of a follow-up whose time has come, what shows which others go with it."""

    id: int
    transport: Transport
    recipient: str
    thread: str  # the conversation it answers in


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which message it is asked what bears on it.

    `sender` as `Address.key`; `crowd`: whose replies `per_domain` counts together (an organisation, a contact form);
    `thread`: the ids of the messages it stands in a thread with.
    """

    sender: str
    crowd: str = ""
    message_id: str | None = None
    thread: tuple[str, ...] = ()
    is_vetoed: bool = False


@dataclass(frozen=True, slots=True)
class Since:
    """How far back it is looked for what bears on one message; the limits look back an hour and a day from `now`."""

    period: datetime  # replies to the sender
    bounced: datetime  # mails to the sender that came back, because there is nobody …
    refused: datetime  # … or for a reason that may lie with us
    arrived: datetime  # a person's mail to the sender
    now: datetime


@dataclass(frozen=True, slots=True)
class NewMail:
    """Something to send, about to be recorded; `content` None: worded when released."""

    kind: OutboxKind
    transport: Transport
    state: OutboxState
    account: str
    recipient: str
    template: str
    language: str
    envelope_from: str
    message_id: str
    content: bytes | None
    text: str
    due_at: datetime
    not_after: datetime | None = None
    reason: str = ""
    copy: CopyState = CopyState.NONE
    crowd: str = ""  # see `Asked`; empty: the recipient's organisation


@dataclass(frozen=True, slots=True)
class NewAlarm:
    """Somebody is to be told at once, by mail and perhaps louder: one matter, whoever is told."""

    account: str
    kind: AlarmKind
    headline: str
    mails: tuple[NewMail, ...]


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm on record; it ends when a person acknowledges it, or its cause is over."""

    id: int
    account: str
    kind: AlarmKind
    message: int | None
    headline: str
    raised_at: datetime
    ended_at: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something a person did: `account` "" means the whole office, `address` "" no customer in particular."""

    at: datetime
    kind: EventKind
    text: str
    account: str = ""
    address: str = ""
    by: str = ""
    recorded_at: datetime | None = None  # if it was written down later


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Something to send, or that was sent, or that was not, and why."""

    id: int
    kind: OutboxKind
    transport: Transport
    state: OutboxState
    account: str
    message: int | None
    recipient: str
    template: str
    language: str
    envelope_from: str
    message_id: str
    content: bytes | None
    text: str
    created_at: datetime
    due_at: datetime
    not_after: datetime | None
    attempts: int
    changed_at: datetime
    reason: str
    copy: CopyState
    alarm: int | None


@dataclass(frozen=True, slots=True)
class BounceRow:
    """A mail of ours that came back from one address; `kind` None: a person of ours wrote it.

    What the server said (`detail`) may quote the mail: it is kept with the mail, and goes off the record with its text.
    """

    account: str
    address: str
    at: datetime
    message_id: str
    kind: OutboxKind | None
    status: str
    detail: str


@dataclass(frozen=True, slots=True)
class TroubleRow:
    account: str
    kind: str
    text: str
    since: datetime
    last_seen: datetime
    times: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class DigestRow:
    account: str
    date: str
    covers_from: datetime
    covers_to: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """How much is on record of one person."""

    messages: int  # that came from them
    mails: int  # that were written to them, or to staff because of theirs
    owed: int  # of these: have not gone out yet
    alarms: int
    notes: int
    answers: int  # mails that persons of ours wrote to them
    reports: int  # digests on record that name them
    bounces: int  # mails to them that came back
    is_known: bool  # as a correspondent

    @property
    def is_nothing(self) -> bool:
        counted = self.messages + self.mails + self.alarms + self.notes + self.answers + self.reports + self.bounces
        return not counted and not self.is_known


@dataclass(frozen=True, slots=True)
class Ledger:
    """One period of the ledger, for the digest and the `ledger` command."""

    messages: tuple[MessageRow, ...]
    mails: tuple[OutboxRow, ...]
    troubles: tuple[TroubleRow, ...] = field(default=())
    alarms: tuple[AlarmRow, ...] = field(default=())
    events: tuple[Event, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Report:
    """What a digest is made of, as it stands at one moment; messages and mails in outline."""

    unhandled: tuple[MessageRow, ...]  # that nobody has dealt with yet (vetoed ones need no one)
    drafts: tuple[OutboxRow, ...]  # for those
    ledger: Ledger
    came_back: tuple[BounceRow, ...]  # mail of persons
    messages: Mapping[int, MessageRow]  # of these, and those that the drafts and the ledger's mails belong to
