"""A test bench: the daemon as its own process between two proxies, a real Dovecot, and the server that counts.

Each case has a mailbox and a state of its own. Customers write, a fault is caused, and in the end every customer is
asked what they have got: the reply once, or it stands on record as being in doubt.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from textwrap import dedent

from imapclient import IMAPClient

from responder.store.records import MessageRow, MessageState, OutboxKind, OutboxRow, OutboxState
from responder.store.store import Store
from tests.faults.proxy import Proxy
from tests.faults.receiver import Receiver, Taken
from tests.servers.dovecot import Dovecot
from tests.servers.faketime import FakeTime
from tests.servers.waiting import wait_until
from tests.system.office import DAEMON, local, shipped

MANAGER = "quanly@nhanvien.example"
ON_CALL = "truc@nhanvien.example"
PASSWORD = "secret"
NIGHT = "2026-03-25 22:10"  # a Wednesday
WITHIN = 45.0  # seconds for anything the daemon does
PATIENCE = 120.0  # … after several failures in a row: it tries again less and less often
ANSWER_WITHIN = 3.0  # seconds that the daemon waits for a server
NO_LIMITS = {
    "per_domain: 20 per hour, 60 per day": "per_domain: 100000 per hour",
    "account: 100 per hour, 500 per day": "account: 100000 per hour",
    "office: 200 per hour, 1000 per day": "office: 100000 per hour",
}
NOT_SENT = frozenset({OutboxState.DROPPED, OutboxState.CANCELLED, OutboxState.WITHHELD, OutboxState.FAILED})

numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Toll:
    """What a fault has cost the customers."""

    lost: int
    doubled: int
    uncertain: int


@dataclass
class Bench:
    """One case."""

    dovecot: Dovecot
    clock: FakeTime
    receiver: Receiver
    imap: Proxy
    smtp: Proxy
    directory: Path
    address: str
    process: subprocess.Popen[bytes] | None = None
    customers: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)  # the Message-IDs of what customers wrote
    given_up: set[str] = field(default_factory=set)  # to whom the test expects no reply; all others are owed one
    state_file: str = "state.db"  # as the config names it

    # --- the daemon --------------------------------------------------------------------------------------------

    @property
    def config(self) -> Path:
        return self.directory / "config.yaml"

    @property
    def state(self) -> Path:
        return self.directory / self.state_file

    def keep_state_in(self, folder: str) -> Path:
        """Before the first start: the state lies in a folder of its own; which."""
        here, self.state_file = self.directory / folder, f"{folder}/state.db"
        here.mkdir()
        text = self.config.read_text(encoding="utf-8")
        self.config.write_text(text.replace("state: state.db", f"state: {self.state_file}"), encoding="utf-8")
        return here

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`responder …` as the admin calls it, by the same clock."""
        command = [sys.executable, "-m", "responder", "--config", str(self.config), *arguments]
        environment = {**os.environ, **self.clock.environment()}
        return subprocess.run(command, env=environment, timeout=WITHIN, check=False, capture_output=True, text=True)

    @property
    def log(self) -> Path:
        return self.directory / "daemon.log"

    def start(self, *, kill_at: str = "", wait: bool = True) -> None:
        """Start the daemon, and wait until it watches; with `kill_at` it dies by itself at that step."""
        begun = self.times_said(": watching")
        environment = {**os.environ, **self.clock.environment(), "ANSWER_WITHIN": str(ANSWER_WITHIN)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(DAEMON), str(self.config), kill_at], env=environment, stderr=log, stdout=log
            )
        if wait and not kill_at:
            self.wait_until_said(": watching", begun + 1)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it by this signal; its exit code."""
        process, self.process = self.process, None
        if process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        return process.wait(WITHIN)

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def cpu(self) -> float:
        """Seconds of computing so far: who spins shows here."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Megabytes that it holds."""
        [line] = [each for each in Path(f"/proc/{self.pid}/status").read_text().splitlines() if "VmRSS" in each]
        return int(line.split()[1]) / 1024

    # --- what it says ------------------------------------------------------------------------------------------

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def times_said(self, words: str) -> int:
        return self.said().count(words)

    def wait_until_said(self, words: str, times: int = 1) -> None:
        wait_until(lambda: self.times_said(words) >= times, WITHIN, f"`{words}` in the log:\n{self.said()[-3000:]}")

    # --- customers ---------------------------------------------------------------------------------------------

    def mail(self, sender: str, text: str, subject: str = "Hỏi về đơn hàng", **headers: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, self.address, subject
        mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return mail

    def write(self, count: int = 1, text: str = "Cho mình hỏi đơn hàng số 12 khi nào giao?") -> list[str]:
        """So many customers who never wrote before write one mail each; who they are."""
        made = [f"khach@k{next(numbers)}.example" for _ in range(count)]
        for sender in made:
            mail = self.mail(sender, text)
            self.dovecot.deliver(bytes(mail), sender, self.address)
            self.customers.append(sender)
            self.written.append(str(mail["Message-ID"]))
        return made

    def deliver(self, mail: EmailMessage) -> str:
        """A mail of `mail`, made odd by the test; its sender, who is to be answered."""
        sender = str(mail["From"])
        self.dovecot.deliver(bytes(mail), sender, self.address)
        self.customers.append(sender)
        if mail["Message-ID"]:
            self.written.append(str(mail["Message-ID"]))
        return sender

    @contextlib.contextmanager
    def mailbox(self, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """Not through the proxy: what a person sees."""
        with IMAPClient(self.dovecot.host, self.dovecot.imap_port, ssl=False, timeout=10) as client:
            client.normalise_times = False
            client.login(self.address, PASSWORD)
            client.select_folder(folder)
            yield client

    # --- what came of it ---------------------------------------------------------------------------------------

    def received(self) -> list[Taken]:
        """What the customers of this case have got."""
        mine = set(self.customers)
        return [one for one in self.receiver.taken if one.recipient in mine]

    def answered(self) -> Counter[str]:
        return Counter(one.recipient for one in self.received())

    def to(self, address: str) -> list[Taken]:
        """What somebody has got from this case's account."""
        return [one for one in self.receiver.taken if one.recipient == address and self.address in one.mail["From"]]

    def messages(self) -> Sequence[MessageRow]:
        with self._store() as store:
            return store.ledger(None, local("1960-01-01"), local("2040-01-01")).messages

    def mails(self) -> Sequence[OutboxRow]:
        with self._store() as store:
            return store.mails()

    def troubles(self) -> str:
        """All that is on record as being wrong now, in the words of the digest's reader."""
        with self._store() as store:
            return "\n".join(f"{row.kind}: {row.text}" for row in store.open_troubles())

    def troubles_ever(self) -> str:
        """As `troubles`, also those that are over."""
        with self._store() as store:
            rows = store.ledger(None, local("1960-01-01"), local("2040-01-01")).troubles
        return "\n".join(f"{row.kind}: {row.text}" for row in rows)

    def toll(self) -> Toll:
        """Of all who have written: who got nothing and is not accounted for; who got more than one reply.

        A mail counts as lost, too, that is not on record exactly once.
        """
        got, recorded = self.answered(), Counter(row.message_id for row in self.messages())
        replies = [row for row in self.mails() if row.kind is OutboxKind.REPLY]
        unrecorded = sum(recorded[message_id] != 1 for message_id in self.written)
        accounted = self._accounted()
        lost = sum(not got[each] and each not in accounted for each in self.customers)
        return Toll(
            lost=max(lost, unrecorded),
            doubled=sum(got[each] - 1 for each in self.customers if got[each] > 1),
            uncertain=sum(row.state is OutboxState.UNCERTAIN for row in replies),
        )

    def _accounted(self) -> set[str]:
        """Who may be without a reply: it is in doubt, the mail is set aside, or the test expects it to be given up."""
        replies = [row for row in self.mails() if row.kind is OutboxKind.REPLY]
        in_doubt = {row.recipient for row in replies if row.state in (OutboxState.UNCERTAIN, OutboxState.CLOSED)}
        given_up = {row.recipient for row in replies if row.state in NOT_SENT} & self.given_up
        aside = {row.sender for row in self.messages() if row.state is MessageState.QUARANTINED}
        return in_doubt | given_up | aside

    def wait_until_answered(self, customers: Sequence[str] | None = None, within: float = WITHIN) -> None:
        """Each of them (all, unless told) has a reply, or is accounted for as in `toll`."""
        who = self.customers if customers is None else customers

        def waiting() -> list[str]:
            got = self.answered()
            missing = [each for each in who if not got[each]]
            accounted = self._accounted() if missing else set()
            return [each for each in missing if each not in accounted]

        wait_until(lambda: not waiting(), within, f"a reply to {waiting()[:3]}:\n{self.said()[-3000:]}")

    @contextlib.contextmanager
    def _store(self) -> Iterator[Store]:
        store = Store.open(self.state)
        try:
            yield store
        finally:
            store.close()


@dataclass(frozen=True)
class Servers:
    """What all cases share."""

    directory: Path
    dovecot: Dovecot
    clock: FakeTime
    receiver: Receiver

    @contextlib.contextmanager
    def bench(self, *, policy: dict[str, str] | None = None, receiver: Receiver | None = None) -> Iterator[Bench]:
        """A case of its own; `policy` replaces texts of the shipped Vietnamese policy."""
        number = next(numbers)
        address = f"info@v{number}.example"
        self.dovecot.make_folders(address, PASSWORD)
        takes = receiver or self.receiver
        directory = self.directory / f"case{number}"
        directory.mkdir()
        with Proxy(self.dovecot.imap_port) as imap, Proxy(takes.port) as smtp:
            made = Bench(self.dovecot, self.clock, takes, imap, smtp, directory, address)
            text = shipped("vi-office.yaml", {**NO_LIMITS, **(policy or {})})
            (directory / "vi-office.yaml").write_text(text, encoding="utf-8")
            made.config.write_text(_config(made), encoding="utf-8")
            made.config.chmod(0o600)
            try:
                yield made
            finally:
                made.kill()


@contextlib.contextmanager
def servers(directory: Path, at: str = NIGHT) -> Iterator[Servers]:
    """Dovecot and the receiver, under one clock."""
    clock = FakeTime(directory / "clock")
    clock.set(local(at))
    with Dovecot(directory / "dovecot", [], clock=clock, everybody=PASSWORD) as dovecot, Receiver() as receiver:
        yield Servers(directory, dovecot, clock, receiver)


def _config(bench: Bench) -> str:
    login = f"user: {bench.address}, password: {PASSWORD}"
    return dedent(f"""\
        mode: live
        state: state.db
        accounts:
          info:
            address: {bench.address}
            name: Công ty Ví Dụ
            policy: vi-office.yaml
            imap: {{host: 127.0.0.1, port: {bench.imap.port}, security: none, {login}}}
            smtp: {{host: 127.0.0.1, port: {bench.smtp.port}, security: none}}
            poll: 10s
        people:
          manager: {{name: Quản lý, address: {MANAGER}}}
          on_call: {{name: Trực ngoài giờ, address: {ON_CALL}}}
        colleagues: [{bench.address.partition("@")[2]}, nhanvien.example]
        """)


def seconds_since(moment: float) -> float:
    """How long ago a `time.monotonic()` was."""
    return time.monotonic() - moment


def at(text: str) -> datetime:
    """A time of the office."""
    return local(text)
