"""An office for the system tests: real servers, customers, staff, and the daemon as its own process.

Postfix, Dovecot's delivery and the daemon share one clock that the test moves
forward from a day in the past, so that days pass in seconds. Everything the tests assert is read from
the mailboxes of customers and staff.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import make_msgid
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

from responder.store.records import OutboxState
from responder.store.store import Store
from tests.servers.process import require_servers
from tests.servers.waiting import wait_until
from tests.servers.world import World, mail_world

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = "info@congty.example"
MANAGER = "quanly@congty.example"
ON_CALL = "truc@congty.example"
CUSTOMER = "khach@banhang.example"
OTHER = "other@khachhang.example"
USERS = [(address, "secret") for address in (OFFICE, MANAGER, ON_CALL, CUSTOMER, OTHER)]
POLICIES = Path(__file__).parents[2] / "policies"
UNIT = Path(__file__).parents[2] / "systemd" / "responder.service"
DAEMON = Path(__file__).parent / "daemon_process.py"
WITHIN = 45.0  # seconds for anything the daemon does, on a busy machine


def local(text: str) -> datetime:
    """`2026-11-20 22:10` in the office's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def unit_environment() -> dict[str, str]:
    """What the service runs with, so that the tests run with it."""
    lines = UNIT.read_text().splitlines()
    return dict(line.removeprefix("Environment=").split("=", 1) for line in lines if line.startswith("Environment="))


@dataclass
class Office:
    """One office with its daemon, its mailboxes, and the clock."""

    world: World
    directory: Path
    process: subprocess.Popen[bytes] | None = None
    tick: float = 0.5  # seconds between two looks of the daemon at its clock

    # --- the clock and the daemon ------------------------------------------------------------------------------

    def at(self, text: str) -> None:
        """Move everybody's clock forward to this local time."""
        assert self.world.clock is not None
        self.world.clock.set(local(text))

    @property
    def config(self) -> Path:
        return self.directory / "config.yaml"

    @property
    def log(self) -> Path:
        return self.directory / "daemon.log"

    def start(self, *, kill_at: str = "", wait: bool = True) -> None:
        """Start the daemon, and wait until it watches; with `kill_at` it dies by itself at that step."""
        assert self.world.clock is not None
        begun = self._times_begun()
        environment = {**os.environ, **self.world.clock.environment(), **unit_environment(), "TICK": str(self.tick)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(DAEMON), str(self.config), kill_at], env=environment, stderr=log, stdout=log
            )
        if wait and not kill_at:
            wait_until(lambda: self._times_begun() > begun, WITHIN, f"the daemon to be ready: {self.tail()}")

    def _times_begun(self) -> int:
        return self.log.read_text(errors="replace").count(": watching") if self.log.exists() else 0

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def wait_for_end(self) -> int:
        assert self.process is not None
        return self.process.wait(WITHIN)

    def stop(self, number: int = signal.SIGTERM) -> int:
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return 0
        process.send_signal(number)
        return process.wait(WITHIN)

    def command(self, *arguments: str) -> int:
        """`responder …` as the admin runs it beside the daemon, by the same clock; its exit code."""
        assert self.world.clock is not None
        command = [sys.executable, "-m", "responder", "--config", str(self.config), *arguments]
        environment = {**os.environ, **self.world.clock.environment()}
        return subprocess.run(command, env=environment, timeout=WITHIN, check=False, capture_output=True).returncode

    def reload(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    # --- writing -----------------------------------------------------------------------------------------------

    def write(
        self, text: str, subject: str = "Hỏi về đơn hàng", *, sender: str = CUSTOMER, to: str = OFFICE, **headers: str
    ) -> str:
        """A mail through the MTA; returns its Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        self.world.submit(bytes(mail), sender, *to.split(", "))
        return str(mail["Message-ID"])

    def staff_answers(self, message_id: str, to: str = CUSTOMER) -> None:
        """A person answers in their own mail program: a mail in Sent."""
        assert self.world.clock is not None
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = OFFICE, to, "Re: Hỏi về đơn hàng"
        mail["Message-ID"] = make_msgid(domain="congty.example")
        mail["In-Reply-To"] = mail["References"] = message_id
        mail.set_content("Chào anh, bên em gửi anh thông tin ạ.")
        with self.world.mailbox(OFFICE) as client:
            client.append("Sent", bytes(mail), flags=[rb"\Seen"], msg_time=self.world.clock.now())

    # --- reading -----------------------------------------------------------------------------------------------

    def mails(self, address: str, folder: str = "INBOX") -> list[EmailMessage]:
        """What lies in somebody's folder, oldest first."""
        with self.world.mailbox(address, folder) as client:
            uids = client.search()
            rows = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
        return [message_from_bytes(rows[uid][b"BODY[]"], policy=default) for uid in sorted(rows)]  # type: ignore[misc]

    def wait_for_mails(self, address: str, count: int, folder: str = "INBOX") -> list[EmailMessage]:
        def enough() -> list[EmailMessage] | None:
            mails = self.mails(address, folder)
            return mails if len(mails) >= count else None

        return wait_until(enough, WITHIN, f"{count} mails in {folder} of {address}\n{self.tail()}")

    def flags(self, address: str = OFFICE) -> list[tuple[bytes, ...]]:
        with self.world.mailbox(address) as client:
            uids = client.search()
            return [tuple(row[b"FLAGS"]) for _uid, row in sorted(client.fetch(uids, ["FLAGS"]).items())]

    def wait_until_triaged(self, count: int) -> None:
        """Until so many messages are on record."""
        wait_until(lambda: self.recorded() >= count or None, WITHIN, f"{count} messages triaged\n{self.tail()}")

    def recorded(self) -> int:
        """The messages on record."""
        with self._store() as store:
            return len(store.ledger(None, local("2020-01-01"), local("2040-01-01")).messages)

    def leaving(self) -> int:
        """The mails that are about to be sent."""
        with self._store() as store:
            return sum(row.state in (OutboxState.DUE, OutboxState.SENDING) for row in store.open_mails())

    def states(self, recipient: str) -> list[str]:
        """What became of all that was to be sent to this person, in the order it was decided."""
        with self._store() as store:
            return [row.state.value for row in store.mails() if row.recipient == recipient]

    @contextlib.contextmanager
    def _store(self) -> Iterator[Store]:
        store = Store.open(self.directory / "state.db")
        try:
            yield store
        finally:
            store.close()


@contextlib.contextmanager
def office(
    at: str, *, mode: str = "live", policy: dict[str, str] | None = None, users: Sequence[tuple[str, str]] = USERS
) -> Iterator[Office]:
    """An office whose clock stands at `at`; `policy` replaces texts of the shipped Vietnamese policy."""
    policies = {"vi-office.yaml": shipped("vi-office.yaml", policy or {})}
    with office_of(users, policies, lambda world: _config(world, mode), at) as made:
        yield made


@contextlib.contextmanager
def office_of(
    users: Sequence[tuple[str, str]],
    policies: Mapping[str, str],
    config: Callable[[World], str],
    at: str,
    *,
    sieve: Mapping[str, str] | None = None,
    options: dict[str, str] | None = None,
) -> Iterator[Office]:
    """An office of one's own making: who has a mailbox (with passwords), the policies by file, the config."""
    require_servers(as_root=True)
    with (
        mail_world(users, shifted=True, begin=local(at), sieve=sieve, options=options) as world,
        furnished(world, "responder", policies, config(world)) as made,
    ):
        yield made


@contextlib.contextmanager
def furnished(world: World, name: str, policies: Mapping[str, str], config: str) -> Iterator[Office]:
    """An office in this world, with its files in a directory of that name."""
    made = Office(world, world.directory / name)
    made.directory.mkdir()
    for file, text in policies.items():
        (made.directory / file).write_text(text, encoding="utf-8")
    made.config.write_text(config, encoding="utf-8")
    made.config.chmod(0o600)
    try:
        yield made
    finally:
        made.stop(signal.SIGKILL)


def shipped(name: str, changes: Mapping[str, str]) -> str:
    """A shipped policy with texts of it replaced."""
    text = (POLICIES / name).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def _config(world: World, mode: str) -> str:
    return dedent(f"""\
        mode: {mode}
        state: state.db
        accounts:
          info:
            address: {OFFICE}
            name: Công ty Ví Dụ
            policy: vi-office.yaml
            imap: {{host: 127.0.0.1, port: {world.dovecot.imap_port}, security: none, user: {OFFICE}, password: secret}}
            smtp: {{host: 127.0.0.1, port: {world.postfix.port}, security: none}}
            poll: 10s
        people:
          manager: {{name: Quản lý, address: {MANAGER}}}
          on_call: {{name: Trực ngoài giờ, address: {ON_CALL}}}
        colleagues: [congty.example]
        """)


def bodies(mails: Sequence[EmailMessage]) -> list[str]:
    """The plain text of each mail, without the line end every body has."""
    return [str(mail.get_body(("plain",)).get_content()).rstrip() for mail in mails]  # type: ignore[union-attr]
