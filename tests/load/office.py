"""An office under load: a real Dovecot that is filled at once, a receiver that counts, the daemon as its own process.

Only the daemon's clock is moved; mails are put into the mailbox with the time they are said to have come.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from itertools import islice
from pathlib import Path
from textwrap import dedent

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.dovecot import Dovecot
from tests.servers.faketime import FakeTime
from tests.servers.process import LOOPBACK, free_ports, server_directory
from tests.servers.waiting import wait_until
from tests.servers.world import World
from tests.system.office import MANAGER, OFFICE, ON_CALL, Office, furnished, local, shipped

SALES = "banhang@congty.example"
PASSWORD = "secret"
SEEN_AFTER = 1  # seconds: that the clock was moved
AT_ONCE = 5000  # messages in one APPEND (RFC 3502)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Receiver:
    """Takes every mail that is submitted and counts it by recipient and Message-ID; `down` makes it refuse."""

    def __init__(self, port: int | None = None) -> None:
        self.host = LOOPBACK
        self.port = port or free_ports(1)[0]
        self.got: Counter[tuple[str, str]] = Counter()
        self.largest = 0  # bytes of a mail
        self.is_down = False
        self._server = Controller(self, hostname=LOOPBACK, port=self.port)

    def __enter__(self) -> Receiver:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.is_down:
            return "451 4.3.0 later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 yes"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self.largest = max(self.largest, len(content))
        head = message_from_bytes(content.partition(b"\r\n\r\n")[0])
        self.got.update((recipient, str(head["Message-ID"])) for recipient in envelope.rcpt_tos)
        return "250 2.0.0 taken"

    def to(self, *addresses: str) -> int:
        """How many mails these people have had."""
        return sum(count for (recipient, _), count in list(self.got.items()) if recipient in addresses)

    @property
    def customers(self) -> Counter[str]:
        """How many mails each person had who is not of the office."""
        mails = list(self.got.items())
        return Counter({to: 0 for (to, _), _n in mails if not to.endswith("@congty.example")}) + sum(
            (Counter({to: n}) for (to, _), n in mails if not to.endswith("@congty.example")), Counter()
        )

    @property
    def doubled(self) -> int:
        """Mails to customers that came more than once."""
        return sum(n - 1 for (to, _), n in list(self.got.items()) if not to.endswith("@congty.example"))


@dataclass
class LoadedOffice(Office):
    """The office with its receiver."""

    receiver: Receiver | None = None

    @property
    def post(self) -> Receiver:
        assert self.receiver is not None
        return self.receiver

    def fill(self, mails: Iterable[bytes], at: datetime, *, user: str = OFFICE, folder: str = "INBOX") -> None:
        """As many as there are, at once: a hundred thousand a second."""
        dovecot = self.world.dovecot
        left = iter(mails)
        with socket.create_connection((dovecot.host, dovecot.imap_port), timeout=120) as connection:
            answers = connection.makefile("rb")
            answers.readline()
            _command(connection, answers, f"LOGIN {user} {PASSWORD}".encode())
            while batch := list(islice(left, AT_ONCE)):
                parts = (b' "%b" {%d+}\r\n%b' % (_date(at), len(mail), mail) for mail in batch)
                _command(connection, answers, b"APPEND " + folder.encode() + b"".join(parts))

    def count(self, query: str) -> int:
        """What the state file holds, counted beside the daemon."""
        with contextlib.closing(sqlite3.connect(f"file:{self.directory / 'state.db'}?mode=ro", uri=True)) as state:
            return int(state.execute(query).fetchone()[0])

    def on_record(self) -> int:
        return self.count("SELECT count(*) FROM message")

    def resident(self, what: str = "VmRSS") -> float:
        """Memory of the daemon in MB; `VmHWM`: its peak."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(what)) / 1024

    def wait_for(self, what: str, condition: object, within: float) -> None:
        assert callable(condition)
        wait_until(condition, within, f"{what}\n{self.tail()}")


@contextlib.contextmanager
def loaded_office(at: str, changes: dict[str, str] | None = None, *, tick: float = 0.5) -> Iterator[LoadedOffice]:
    """Two mailboxes, `info` and `sales`; `changes` to the shipped policy."""
    with server_directory() as directory, Receiver() as receiver:
        clock = FakeTime(directory / "clock", seen_after=SEEN_AFTER)
        clock.set(local(at))
        users = [(address, PASSWORD) for address in (OFFICE, SALES)]
        with Dovecot(directory / "dovecot", users, mail_format="mdbox") as dovecot:
            world = World(directory, dovecot, receiver, clock)  # type: ignore[arg-type]
            policies = {"vi-office.yaml": shipped("vi-office.yaml", changes or {})}
            with furnished(world, "responder", policies, _config(world)) as made:
                here = LoadedOffice(world, made.directory, tick=tick, receiver=receiver)
                try:
                    yield here
                finally:
                    here.stop(signal.SIGKILL)


def letter(
    number: int, text: str = "Cho mình hỏi đơn hàng đã giao chưa?", *, to: str = OFFICE, key: str = "k"
) -> bytes:
    """The mail of one customer of many; each has a domain of their own."""
    sender = f"khach@{key}{number}.example"
    return (
        f"Return-Path: <{sender}>\r\nFrom: Khach {number} <{sender}>\r\nTo: {to}\r\nSubject: Thu {number}\r\n"
        f"Message-ID: <{key}{number}@khach.example>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    ).encode()


def _command(connection: socket.socket, answers: object, command: bytes) -> None:
    connection.sendall(b"a " + command + b"\r\n")
    while not (line := answers.readline()).startswith(b"a "):  # type: ignore[attr-defined]
        assert line, "the server has hung up"
    assert line.startswith(b"a OK"), line


def _date(at: datetime) -> bytes:
    """RFC 9051 date-time."""
    return f"{at:%d}-{MONTHS[at.month - 1]}-{at:%Y %H:%M:%S %z}".encode()


def _config(world: World) -> str:
    def account(name: str, address: str) -> str:
        imap = f"host: 127.0.0.1, port: {world.dovecot.imap_port}, security: none"
        return dedent(f"""\
            {name}:
              address: {address}
              name: Công ty Ví Dụ
              policy: vi-office.yaml
              imap: {{{imap}, user: {address}, password: {PASSWORD}}}
              smtp: {{host: 127.0.0.1, port: {world.postfix.port}, security: none}}
              poll: 10s
            """)

    accounts = account("info", OFFICE) + account("sales", SALES)
    indented = "".join(f"  {line}\n" for line in accounts.splitlines())
    return (
        f"mode: live\nstate: state.db\naccounts:\n{indented}people:\n"
        f"  manager: {{name: Quản lý, address: {MANAGER}}}\n"
        f"  on_call: {{name: Trực ngoài giờ, address: {ON_CALL}}}\ncolleagues: [congty.example]\n"
    )
