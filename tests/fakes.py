"""The outside, in memory: a mailbox, a way out and a clock that do as they are told; and an office to work in.

They fit `responder.ports`; `tests/contract/` holds them to what real servers do.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from responder.config import Account, Mode
from responder.errors import Trouble, TroubleKind
from responder.mail.automatic import Filed
from responder.mail.compose import ID_HEADER, LOOP_HEADER
from responder.mail.message import Message, parse
from responder.mail.ours import Ours
from responder.people import Person, Webhook
from responder.policy.load import load
from responder.policy.model import Mark, MarkKind, Policy
from responder.ports import (
    Fetched,
    Flags,
    FolderState,
    Glimpse,
    Outcome,
    OutcomeKind,
    PersonsMail,
    SmtpStep,
    Special,
    Unreadable,
)
from responder.store.records import MessageRow, OutboxKind, OutboxRow
from responder.store.store import Store
from responder.words.features import Heard, Place
from responder.words.judge import LABELS, SITUATIONS, Judgement, Label, Reason
from responder.words.signals import Where
from responder.work.desk import Desk
from responder.work.outbox import Outbox
from responder.work.wakes import Wakes
from responder.work.watch import Round

INBOX = "INBOX"
LOOK_AGAIN = 0.01  # seconds between two looks of a waiting mailbox


class ManualClock:
    """Fits `ports.Clock`: stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def advance(self, amount: timedelta) -> None:
        self._now += amount


@dataclass(slots=True)
class Stored:
    """One message as it lies in a folder."""

    uid: int
    content: bytes
    arrived: datetime | None
    flags: set[str] = field(default_factory=set)

    @property
    def message(self) -> Message:
        return parse(self.content)

    @property
    def filed(self) -> Filed:
        is_junk = {"$junk", "junk"} & self.flags and not {"$notjunk", "nonjunk"} & self.flags
        return Filed.JUNK if is_junk else Filed.ORDINARY


@dataclass(slots=True)
class Folder:
    """A folder: its messages, and the numbers IMAP gives them."""

    uidvalidity: int = 1
    uidnext: int = 1
    stored: list[Stored] = field(default_factory=list)

    def add(self, content: bytes, arrived: datetime | None, flags: Iterable[str] = ()) -> int:
        self.stored.append(Stored(self.uidnext, content, arrived, set(flags)))
        self.uidnext += 1
        return self.uidnext - 1

    def find(self, uid: int) -> Stored | None:
        return next((one for one in self.stored if one.uid == uid), None)

    def state(self) -> FolderState:
        return FolderState(self.uidvalidity, self.uidnext, len(self.stored))


class FakeMailbox:
    """Fits `ports.Mailbox`. Tests deliver and look with the methods at the top, and break it with `fail`."""

    def __init__(self) -> None:
        self.folders: dict[str, Folder] = {INBOX: Folder(), Special.SENT: Folder(), Special.DRAFTS: Folder()}
        self.calls: list[str] = []
        self.without = {MarkKind.LABEL}  # the marks that the server does not know
        self.unreadable: set[int] = set()  # the server refuses to hand these out
        self.withheld: set[int] = set()  # … lists them, and has no text for them
        self.breaking: set[int] = set()  # UIDs over whose FETCH the connection is lost
        self.headless: set[int] = set()  # not even the header of these is handed out
        self.fetched: list[tuple[int, ...]] = []  # the UIDs of every `fetch`
        self._faults: dict[str, list[Exception]] = defaultdict(list)
        self._connected = False
        self._news = threading.Event()

    # --- what customers, staff and the server do ---------------------------------------------------------------

    def deliver(self, content: bytes, at: datetime | None) -> int:
        """A message comes in; its UID."""
        uid = self.folders[INBOX].add(content, at)
        self._news.set()
        return uid

    def remove(self, uid: int) -> None:
        """A person takes a message out of the inbox."""
        inbox = self.folders[INBOX]
        inbox.stored = [one for one in inbox.stored if one.uid != uid]
        self._news.set()

    def move(self, uid: int, folder: str) -> None:
        """A person moves a message to another folder."""
        one = self._stored(uid)
        self.remove(uid)
        self.folders.setdefault(folder, Folder()).add(one.content, one.arrived, one.flags)

    def flag(self, uid: int, *, on: bool = True) -> None:
        """A person sets the flag that every mail program shows, or clears it."""
        (self._stored(uid).flags.add if on else self._stored(uid).flags.discard)("flagged")
        self._news.set()

    def answer(self, uid: int) -> None:
        """A person's mail program notes that the message was answered."""
        self._stored(uid).flags.add("answered")
        self._news.set()

    def put_keywords(self, uid: int, keywords: Sequence[str]) -> None:
        """The server, or a person's mail program, sets keywords."""
        self._stored(uid).flags.update(each.lower() for each in keywords)

    def answer_in(self, folder: str, message_id: str) -> None:
        """… from another folder."""
        for one in self.folders[folder].stored:
            if one.message.message_id == message_id:
                one.flags.add("answered")

    def write(self, content: bytes, at: datetime) -> int:
        """A person's mail program files what they wrote in Sent."""
        return self.folders[Special.SENT].add(content, at, {"seen"})

    def renumber(self) -> None:
        """The server builds the inbox anew: every message gets another UID (RFC 9051 2.3.1.1)."""
        inbox = self.folders[INBOX]
        inbox.uidvalidity += 1
        for uid, one in enumerate(inbox.stored, start=1):
            one.uid = uid
        inbox.uidnext = len(inbox.stored) + 1

    def fail(self, method: str, error: Exception, times: int = 1) -> None:
        """The next calls of that method raise this."""
        self._faults[method] += [error] * times

    def heal(self) -> None:
        """Nothing of what `fail` said is to come any more."""
        self._faults.clear()

    def drop(self) -> None:
        """The server goes away."""
        self.fail("wait", Trouble(TroubleKind.NETWORK, "fake:993", "the connection was lost", "nothing to do"))
        self._news.set()

    def seen(self, uid: int) -> bool:
        return "seen" in self._stored(uid).flags

    def drafts(self) -> list[Message]:
        return [one.message for one in self.folders[Special.DRAFTS].stored]

    def sent(self) -> list[Message]:
        return [one.message for one in self.folders[Special.SENT].stored]

    def _stored(self, uid: int) -> Stored:
        found = self.folders[INBOX].find(uid)
        assert found is not None, f"no message {uid} in the inbox"
        return found

    # --- ports.Mailbox -----------------------------------------------------------------------------------------

    def connect(self) -> None:
        self._step("connect", needs_connection=False)
        self._connected = True

    def close(self) -> None:
        self._connected = False

    def inbox(self) -> FolderState:
        self._step("inbox")
        return self.folders[INBOX].state()

    def uids_after(self, last_uid: int) -> tuple[int, ...]:
        self._step("uids_after")
        self._news.clear()
        return tuple(one.uid for one in self.folders[INBOX].stored if one.uid > last_uid)

    def fetch(self, uids: Sequence[int]) -> tuple[Fetched | Unreadable, ...]:
        self._step("fetch")
        self.fetched.append(tuple(uids))
        present = {one.uid for one in self._present(uids)}
        if self.breaking & present:
            self._connected = False
            raise Trouble(TroubleKind.NETWORK, "fake:993", "the connection was lost", "nothing to do")
        if self.unreadable & present:
            raise Trouble(TroubleKind.SERVER, "fake:993", "the server refused (FETCH failed)", "see `check --connect`")
        return tuple(self._handed_out(one) for one in self._present(uids))

    def _handed_out(self, one: Stored) -> Fetched | Unreadable:
        if one.uid in self.withheld:
            text = "the server lists a message and does not hand it out"
            return Unreadable(one.uid, Trouble(TroubleKind.SERVER, "fake:993", text, "open it in the inbox"))
        return Fetched(one.uid, one.arrived, one.message, "answered" in one.flags, one.filed)

    def glimpse(self, uid: int) -> Glimpse:
        self._step("glimpse")
        one = self.folders[INBOX].find(uid)
        if one is None:
            return Glimpse()
        return Glimpse(one.arrived, None if uid in self.headless else one.message)

    def flags(self, uids: Sequence[int]) -> dict[int, Flags]:
        self._step("flags")
        return {one.uid: Flags("answered" in one.flags, "flagged" in one.flags) for one in self._present(uids)}

    def answered_in(self, folder: str, since: datetime) -> frozenset[str]:
        self._step("answered_in")
        found = (one for one in self.folders.get(folder, Folder()).stored if "answered" in one.flags)
        early = since - timedelta(days=1)
        return frozenset(one.message.message_id for one in found if _is_since(one, early) and one.message.message_id)

    def held_in(self, folder: str, since: datetime) -> frozenset[str]:
        self._step("held_in")
        early = since - timedelta(days=1)
        found = (one for one in self.folders.get(folder, Folder()).stored if _is_since(one, early))
        return frozenset(one.message.message_id for one in found if one.message.message_id)

    def refused(self, marks: Sequence[Mark]) -> dict[Mark, Trouble]:
        self._step("refused")
        return {mark: _cannot(mark) for mark in marks if not self._can(mark)}

    def _can(self, mark: Mark) -> bool:
        if mark.kind is MarkKind.FOLDER:
            return mark.name in self.folders and mark.name != INBOX
        return mark.kind not in self.without

    def mark(self, uids: Sequence[int], mark: Mark) -> None:
        self._step("mark")
        for one in list(self._present(uids)):
            if mark.kind is MarkKind.FOLDER:
                self.folders[INBOX].stored.remove(one)
                self.folders[mark.name].add(one.content, one.arrived, one.flags)
            else:
                one.flags.add(mark.name.lower() or "flagged")

    def correspondents(self, since: datetime) -> Iterator[frozenset[str] | Trouble]:
        self._step("correspondents")
        received = [one for one in self.folders[INBOX].stored if _is_since(one, since)]
        sent = [one for one in self.folders[Special.SENT].stored if _is_since(one, since)]
        yield from (frozenset(address.key for address in one.message.from_) for one in received)
        yield from (frozenset(address.key for address in one.message.to) for one in sent)

    def sent_state(self) -> FolderState | None:
        self._step("sent_state")
        folder = self.folders.get(Special.SENT)
        return folder.state() if folder else None

    def persons_mail(self, after_uid: int, last_uid: int | None = None) -> tuple[PersonsMail, ...]:
        self._step("persons_mail")
        stored = self.folders.get(Special.SENT, Folder()).stored
        asked = [one for one in stored if after_uid < one.uid <= (last_uid or one.uid)]
        return tuple(_persons_mail(one) for one in asked if _is_a_persons(one.message))

    def own_mail(self, since: datetime) -> frozenset[str]:
        self._step("own_mail")
        stored = self.folders.get(Special.SENT, Folder()).stored
        ours = [one for one in stored if one.message.first(LOOP_HEADER) is not None]
        return frozenset(str(one.message.message_id) for one in ours if one.arrived is not None and one.arrived > since)

    def append(self, folder: Special, content: bytes, at: datetime) -> None:
        self._step("append")
        if folder not in self.folders:
            raise Trouble(TroubleKind.MAILBOX, "fake:993", f"no folder for {folder.value} was found", "name it")
        self.folders[folder].add(content, at, {"seen" if folder is Special.SENT else "draft"})

    def holds(self, folder: Special, message_id: str) -> bool:
        self._step("holds")
        return message_id in self._ids(folder)

    def held(self, folder: Special, message_ids: Collection[str], since: datetime) -> frozenset[str]:
        self._step("held")
        return self._ids(folder) & frozenset(message_ids)

    def _ids(self, folder: Special) -> frozenset[str]:
        messages = (one.message for one in self.folders.get(folder, Folder()).stored)
        return frozenset(str(each) for one in messages for each in (one.message_id, one.first(ID_HEADER)))

    def wait(self, seconds: float, wake: threading.Event) -> None:
        self._step("wait")
        for _ in range(max(1, int(seconds / LOOK_AGAIN))):
            if wake.wait(LOOK_AGAIN) or self._news.is_set():
                break
        self._raise_fault("wait")

    def _step(self, method: str, *, needs_connection: bool = True) -> None:
        self.calls.append(method)
        self._raise_fault(method)
        if needs_connection and not self._connected:
            raise Trouble(TroubleKind.NETWORK, "fake:993", "not connected", "nothing to do; it is tried again")

    def _raise_fault(self, method: str) -> None:
        if self._faults[method]:
            raise self._faults[method].pop(0)

    def _present(self, uids: Sequence[int]) -> Iterator[Stored]:
        wanted = frozenset(uids)
        return (one for one in self.folders[INBOX].stored if one.uid in wanted)


def _cannot(mark: Mark) -> Trouble:
    return Trouble(TroubleKind.MARK, "fake:993", f"{mark} cannot be set", "take it out of `mark:`")


def _is_since(one: Stored, since: datetime) -> bool:
    """IMAP's SEARCH SINCE looks at the date, not at the time (RFC 9051 6.4.4)."""
    return one.arrived is not None and one.arrived.date() >= since.date()


def _is_a_persons(message: Message) -> bool:
    automatic = (message.first("Auto-Submitted") or "no").strip().lower() != "no"
    return not automatic and message.first(LOOP_HEADER) is None


def _persons_mail(one: Stored) -> PersonsMail:
    message = one.message
    bcc = parse(b"To: " + (message.first("Bcc") or "").encode()).to
    return PersonsMail(
        message_id=message.message_id or f"<uid-{one.uid}>",
        at=one.arrived or datetime.max.replace(tzinfo=UTC),
        recipients=tuple(address.key for address in (*message.to, *message.cc, *bcc)),
        thread=tuple(dict.fromkeys((*message.references, *message.in_reply_to))),
    )


@dataclass(frozen=True, slots=True)
class Submitted:
    """One mail the server was given."""

    envelope_from: str
    recipient: str
    content: bytes

    @property
    def message(self) -> Message:
        return parse(self.content)


SENT = Outcome(OutcomeKind.SENT, SmtpStep.DATA, "250 ok")
GREYLISTED = Outcome(OutcomeKind.TEMPORARY, SmtpStep.RECIPIENT, "450 4.2.0 greylisted")
NO_SUCH_USER = Outcome(OutcomeKind.PERMANENT, SmtpStep.RECIPIENT, "550 5.1.1 no such user")
NO_NULL_SENDER = Outcome(OutcomeKind.PERMANENT, SmtpStep.SENDER, "550 5.7.1 null sender not allowed")
REFUSED = Trouble(TroubleKind.NETWORK, "fake:587", "the connection was refused", "is it running?")
UNREACHABLE = Outcome(OutcomeKind.TEMPORARY, SmtpStep.CONNECT, str(REFUSED), REFUSED)
IN_DOUBT = Outcome(OutcomeKind.UNCERTAIN, SmtpStep.DATA, "fake:587: the connection was lost — it is looked up")


class FakeSubmission:
    """Fits `ports.Submission`: answers by its script, then with `SENT`."""

    def __init__(self, *script: Outcome) -> None:
        self.script = list(script)
        self.tried: list[Submitted] = []
        self.sent: list[Submitted] = []

    async def submit(
        self, envelope_from: str, recipient: str, content: bytes, may_go: Callable[[], bool] = lambda: True
    ) -> Outcome:
        one = Submitted(envelope_from, recipient, content)
        self.tried.append(one)
        if not may_go():
            return Outcome(OutcomeKind.TEMPORARY, SmtpStep.DATA, "held back at the last moment")
        outcome = self.script.pop(0) if self.script else SENT
        if outcome.kind is OutcomeKind.SENT:
            self.sent.append(one)
        return outcome

    async def reach(self) -> None:
        outcome = self.script.pop(0) if self.script else SENT
        if outcome.trouble is not None:
            raise outcome.trouble

    def abandon(self) -> None:
        pass

    async def close(self) -> None:
        pass


class FakeWaker:
    """Fits `ports.Waker`: notes who was called with what; fails as it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str]]] = []  # the program, or "webhook", and what it was told
        self.failures: list[Exception] = []

    async def run(self, command: Sequence[str], told: Mapping[str, str]) -> None:
        self._note(command[0], told)

    async def post(self, webhook: Webhook, told: Mapping[str, str]) -> None:
        self._note("webhook", told)

    def _note(self, what: str, told: Mapping[str, str]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.calls.append((what, dict(told)))


# --- an office to work in ---------------------------------------------------------------------------------------------

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = "info@congty.example"
MANAGER = "quanly@congty.example"
ON_CALL = "truc@congty.example"
CUSTOMER = "khach@banhang.example"
POLICY = Path(__file__).parents[1] / "policies" / "vi-office.yaml"
SALES = "banhang@congty.example"
SECRET = "a secret of the tests"
OURS = Ours(addresses=frozenset({OFFICE, SALES}), colleagues=frozenset({"congty.example"}))


def local(text: str) -> datetime:
    """`2026-11-20 22:10` in the office's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@cache
def policy(*changes: tuple[str, str], file: Path = POLICY) -> Policy:
    """The shipped policy, with texts of it replaced."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    loaded = load(text, file.name)
    assert loaded.policy is not None, "\n".join(map(str, loaded.problems))
    return loaded.policy


@dataclass(frozen=True, slots=True)
class Says:
    """Fits `policy.meaning.Judging`: has one opinion of every mail, and is sure of what `certain` says.

    It gives the body's first words as its reason.
    """

    labels: tuple[Label, ...] = ()
    certain: tuple[Label, ...] = ()
    digest: str = ""
    chance: float = 0.9

    def judge(self, mail: Sequence[Heard], arrived: datetime) -> Judgement:
        urgency = next((label for label in (Label.EMERGENCY, Label.URGENT) if label in self.labels), None)
        situations = tuple(label for label in SITUATIONS if label in self.labels)
        place = Place(Where.BODY, 0, 0)
        reasons = tuple(Reason(label, "x", place, "x", 1.0) for label in self.labels) if mail[-1].tokens else ()
        return Judgement(urgency, situations, frozenset(self.certain), dict.fromkeys(LABELS, self.chance), reasons)


def desk(
    policy_: Policy | None = None,
    *,
    mode: Mode = Mode.LIVE,
    name: str = "info",
    address: str = OFFICE,
) -> Desk:
    """One account at work, as the composition root would build it."""
    server = {"host": "127.0.0.1", "security": "none"}
    settings = Account.model_validate(
        {
            "address": address,
            "name": "Công ty Ví Dụ",
            "policy": str(POLICY),
            "imap": server | {"port": "143", "user": address, "password": "secret"},
            "smtp": server | {"port": "587"},
        }
    )
    people = {
        "manager": Person(name="Quản lý", address=MANAGER),
        "on_call": Person(name="Trực ngoài giờ", address=ON_CALL),
    }
    return Desk(
        name=name,
        settings=settings,
        policy=policy_ or policy(),
        ours=replace(OURS, secret=SECRET),
        people=people,
        mode=mode,
        secret=SECRET,
    )


_numbers = itertools.count(1)


def letter(
    text: str = "Cho mình hỏi đơn hàng 123 đã giao chưa?",
    subject: str = "Hỏi về đơn hàng",
    *,
    sender: str = CUSTOMER,
    to: str = OFFICE,
    **headers: str,
) -> bytes:
    """A mail as the server stored it; `Auto_Submitted="auto-replied"` sets a header."""
    mail_ = EmailMessage()
    mail_["Return-Path"], mail_["From"], mail_["To"], mail_["Subject"] = f"<{sender}>", sender, to, subject
    mail_["Message-ID"] = f"<{next(_numbers)}@banhang.example>"
    for name, value in headers.items():
        del mail_[name.replace("_", "-")]
        mail_[name.replace("_", "-")] = value
    mail_.set_content(text)
    return mail_.as_bytes().replace(b"\n", b"\r\n")


def over_quota(times: int = 1) -> tuple[str, Trouble, int]:
    """For `FakeMailbox.fail`: the server takes no more mail."""
    return "append", Trouble(TroubleKind.BUSY, "fake:993", "the server asks to wait (over quota)", "later"), times


class AtWork:
    """One account with everything it needs, from its mailbox to its way out; its clock stands until it is moved."""

    def __init__(
        self,
        rules: Policy | None = None,
        *script: Outcome,
        at: str = "2026-11-20 22:10",
        mode: Mode = Mode.LIVE,
        name: str = "info",
        address: str = OFFICE,
        store: Store | None = None,
        clock: ManualClock | None = None,
    ) -> None:
        """Past first contact. Another account may share `store` and `clock`."""
        self.store = store or Store.open(None)
        self.clock = clock or ManualClock(local(at))
        self.mailbox = FakeMailbox()
        self.mailbox.connect()
        self.server = FakeSubmission(*script)
        self.waker = FakeWaker()
        self.be(desk(rules, mode=mode, name=name, address=address))
        self.round()

    def be(self, desk_: Desk) -> None:
        """From now on work by these settings, as after a reload."""
        self.desk = desk_
        self.outbox = Outbox(desk_, self.store, self.clock, self.server)
        self.wakes = Wakes(desk_, self.store, self.clock, self.waker)

    def come(self, raw: bytes | None = None, at: datetime | None = None) -> int:
        return self.mailbox.deliver(letter() if raw is None else raw, at or self.clock.now())

    def staff_write(self, *, to: str = CUSTOMER, answering: str | None = None, **headers: str) -> str:
        """A person writes from their mail program: a mail in Sent, now; its Message-ID."""
        if answering is not None:
            headers |= {"In_Reply_To": answering, "References": answering}
        raw = letter("Chào anh.", "Re: Hỏi", sender=self.desk.settings.address, to=to, **headers)
        self.mailbox.write(raw, self.clock.now())
        return str(parse(raw).message_id)

    def round(self) -> int:
        return Round(self.desk, self.store, self.clock).run(self.mailbox)

    def ring(self) -> int:
        return asyncio.run(self.wakes.run(lambda: False))

    def send(self) -> int:
        return asyncio.run(self.outbox.run(lambda: False))

    def work(self, at: str | None = None) -> None:
        """A round, what is due is sent, and its copies are filed."""
        if at is not None:
            self.clock.set(local(at))
        self.round()
        self.send()
        self.round()

    def messages(self) -> list[MessageRow]:
        return list(self.store.ledger(None, local("2020-01-01"), local("2040-01-01")).messages)

    def mails(self, kind: OutboxKind) -> list[OutboxRow]:
        return [row for row in self.store.mails() if row.kind is kind]

    def sent_to(self, recipient: str = CUSTOMER) -> list[str]:
        """The subjects of what this person was sent."""
        return [one.message.subject for one in self.server.sent if one.recipient == recipient]

    def drafts(self) -> list[str]:
        return [draft.subject for draft in self.mailbox.drafts()]

    def troubles(self) -> list[str]:
        return [trouble.kind for trouble in self.store.open_troubles()]
