"""The demo's office: the real daemon on a scripted clock, its mailbox, and the people who write into it.

The daemon is used as it is; only its clock is ours. Whatever is waited for has a bound. Knows nothing of how the days
are told.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from importlib import resources
from pathlib import Path
from textwrap import dedent

from imapclient import IMAPClient, imapclient

from responder.daemon.parts import load
from responder.daemon.root import Daemon
from responder.demo import days
from responder.demo.days import local
from responder.demo.letters import MANAGER, OFFICE, OLD, ON_CALL, Letter, staff_answer
from responder.demo.servers import HOST, Servers
from responder.errors import Trouble, TroubleKind
from responder.policy.model import Policy
from responder.servers.systemd import Notifier
from responder.store.records import Ledger, MessageRow, OutboxRow, OutboxState
from responder.store.store import Store

ACCOUNT = "info"
PASSWORD = "demo"  # noqa: S105 - of a mailbox that lives as long as the demo
NAME = "Nội thất Ví Dụ"
POLICY = "vi-office.yaml"
WITHIN = 15.0  # seconds for anything the daemon does
REMEDY = "see daemon.log among the demo's results, and report it"
NUDGE_AFTER = 0.5  # seconds; a mail that comes just before IDLE is not told of by pymap (by Dovecot it is)
BEFORE_OPENING = timedelta(minutes=5)
EVER = datetime(2000, 1, 1, tzinfo=UTC)


class ScriptedClock:
    """Fits `ports.Clock`: stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        self._now = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, at: datetime) -> None:
        self._now = at.astimezone(UTC)


class Office:
    """Everything the days need: move the clock, write, answer, and see what came of it."""

    def __init__(self, servers: Servers, folder: Path) -> None:
        self.servers = servers
        self._clock = ScriptedClock(local(days.BEGIN))
        self._config = _write_files(folder, servers)
        self._failure: Exception | None = None
        self._client = IMAPClient(HOST, port=servers.imap_port, ssl=False)
        self._thread = threading.Thread(target=self._run, name="demo-daemon", daemon=True)
        self._prepare_mailbox()
        self._daemon = Daemon(self._config, clock=self._clock, tick=0.1, notifier=Notifier(None))
        self.policy: Policy = load(self._config, self._clock).policies[ACCOUNT]
        self._arrived = 0

    # --- the daemon --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._daemon.run()
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: told by `_wait`
            self._failure = error

    def start(self) -> None:
        self._thread.start()
        self._wait(lambda: self._daemon.rounds() > 0, "the first look into the mailbox")

    def stop(self) -> None:
        if self._thread.is_alive():
            self._daemon.stop()
            self._thread.join(WITHIN)
        self._client.shutdown()

    @property
    def store(self) -> Store:
        return self._daemon.store

    # --- what happens ------------------------------------------------------------------------------------------

    def at(self, when: datetime) -> None:
        """Move the clock."""
        self._clock.set(when)

    def arrives(self, letter: Letter) -> MessageRow:
        """A mail is laid into the inbox; how it was decided."""
        now = self._clock.now().astimezone(days.ZONE)
        self._client.append("INBOX", letter.content(now), msg_time=now)
        self._arrived += 1
        self._wait(self._is_recorded, f"`{letter.subject}` to be on record", nudge=self._daemon.look)
        self._wait(self._is_quiet, f"what `{letter.subject}` leads to")
        return max(self.ledger().messages, key=lambda row: row.id)

    def staff_answers(self, letter: Letter, text: str) -> tuple[OutboxRow, ...]:
        """A person answers in their own mail program; the follow-ups that this has cancelled."""
        now = self._clock.now().astimezone(days.ZONE)
        self._client.append("Sent", staff_answer(letter, text, now), flags=[imapclient.SEEN], msg_time=now)
        self._look()
        mails = self.ledger().mails
        return tuple(row for row in mails if row.recipient == letter.address and row.state is OutboxState.CANCELLED)

    def opens(self, when: datetime) -> None:
        """The office opens: drafts are laid out and the digest goes to the manager."""
        self.at(when - BEFORE_OPENING)
        self._look()
        self.at(when)
        self._look()
        self._wait(lambda: self._has_digest(when), "the digest")
        self._wait(self._is_quiet, "what is due at opening")

    def _look(self) -> None:
        """One whole round of the daemon through the mailbox, at the time that it is now."""
        for _ in range(2):  # the first may have begun before the clock was set
            self._daemon.look()
            self._wait(partial(self._has_looked, self._daemon.rounds()), "a look into the mailbox")
        self._wait(self._is_quiet, "what is due")

    # --- what came of it ---------------------------------------------------------------------------------------

    def ledger(self) -> Ledger:
        return self.store.ledger(None, EVER, self._clock.now())

    def drafts(self) -> list[EmailMessage]:
        """What lies in Drafts, oldest first."""
        return self._mails("Drafts")

    def inbox(self) -> list[tuple[bytes, ...]]:
        """The flags of every mail in the inbox, oldest first."""
        self._client.select_folder("INBOX", readonly=True)
        uids = self._client.search()
        return [tuple(row[b"FLAGS"]) for _uid, row in sorted(self._client.fetch(uids, ["FLAGS"]).items())]

    def _mails(self, folder: str) -> list[EmailMessage]:
        self._client.select_folder(folder, readonly=True)
        uids = self._client.search()
        rows = self._client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
        return [message_from_bytes(rows[uid][b"BODY[]"], policy=default) for uid in sorted(rows)]

    # --- waiting -----------------------------------------------------------------------------------------------

    def _wait(self, condition: Callable[[], bool], what: str, nudge: Callable[[], None] = lambda: None) -> None:
        """Until it is so; nudge now and then. Raises `Trouble` when it takes too long, or when the daemon has ended."""
        began = nudged = time.monotonic()
        while not condition():
            now = time.monotonic()
            if self._failure is not None:
                raise self._failure
            if now - began > WITHIN:
                raise Trouble(TroubleKind.INTERNAL, "demo", f"waited {WITHIN:.0f} s for {what}", REMEDY)
            if now - nudged > NUDGE_AFTER:
                nudge()
                nudged = now
            time.sleep(0.01)

    def _is_recorded(self) -> bool:
        return len(self.ledger().messages) == self._arrived

    def _has_looked(self, before: int) -> bool:
        return self._daemon.rounds() > before

    def _has_digest(self, when: datetime) -> bool:
        last = self.store.last_digest(ACCOUNT)
        return last is not None and last.date == when.date().isoformat()

    def _is_quiet(self) -> bool:
        """Nothing is on its way: all that is due by now has been sent, filed and marked."""
        now = self._clock.now()
        on_the_way = (OutboxState.WAITING, OutboxState.DUE, OutboxState.SENDING)
        due = [row for row in self.store.open_mails() if row.state in on_the_way and row.due_at <= now]
        return not due and not self.store.uncopied(ACCOUNT, 1) and not self.store.unmarked(ACCOUNT, 1)

    # --- before the first day ----------------------------------------------------------------------------------

    def _prepare_mailbox(self) -> None:
        """An office that has been there for a while: folders, and a mail from before."""
        self._client.login(OFFICE, PASSWORD)
        for folder in ("Sent", "Drafts"):
            self._client.create_folder(folder)
        before = self._clock.now().astimezone(days.ZONE) - timedelta(days=2)
        self._client.append("INBOX", OLD.content(before), msg_time=before)


@contextmanager
def open_office(servers: Servers, folder: Path) -> Iterator[Office]:
    """An office with its daemon at work, until the block ends."""
    with _logging_to(folder / "daemon.log"):
        office = Office(servers, folder)
        try:
            office.start()
            yield office
        finally:
            office.stop()


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """The daemon's journal goes to a file, not between the lines of the timeline."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    loggers = logging.getLogger("responder"), logging.getLogger()
    levels = [logger.level for logger in loggers]
    loggers[0].setLevel(logging.INFO)
    loggers[1].addHandler(handler)
    try:
        yield
    finally:
        loggers[1].removeHandler(handler)
        handler.close()
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _write_files(folder: Path, servers: Servers) -> Path:
    """The shipped policy with one line for the swap, and a config that points to the servers of the demo."""
    shipped = resources.files("responder").joinpath("shipped", "policies", POLICY).read_text(encoding="utf-8")
    before, found, after = shipped.partition("\nswaps:\n")
    if not found:
        raise Trouble(TroubleKind.INTERNAL, POLICY, "has no `swaps:`", "install responder again")
    (folder / POLICY).write_text(f"{before}{found}  - {days.SWAP}\n{after}", encoding="utf-8")
    path = folder / "config.yaml"
    path.touch(mode=0o600)
    path.write_text(_config(servers), encoding="utf-8")
    return path


def _config(servers: Servers) -> str:
    return dedent(f"""\
        mode: live
        state: state.db
        accounts:
          {ACCOUNT}:
            address: {OFFICE}
            name: {NAME}
            policy: {POLICY}
            imap: {{host: {HOST}, port: {servers.imap_port}, security: none, user: {OFFICE}, password: {PASSWORD}}}
            smtp: {{host: {HOST}, port: {servers.smtp_port}, security: none}}
            folders: {{sent: Sent, drafts: Drafts}}
        people:
          manager: {{name: Quản lý, address: {MANAGER}}}
          on_call: {{name: Trực ngoài giờ, address: {ON_CALL}}}
        colleagues: [congty.example]
        """)
