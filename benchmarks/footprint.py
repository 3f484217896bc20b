"""Start to ready, and resident memory as the service has it, with a mailbox of 20,000 messages on a real Dovecot.

Prints three figures: seconds from the start of the process to READY=1 (first
start, which makes the state; second start), and the resident memory after the
first contact with the mailbox and after 200 more messages.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.dovecot import Dovecot
from tests.servers.process import server_directory
from tests.servers.waiting import wait_until
from tests.system.office import unit_environment

MESSAGES = 20_000
LATER = 200
OFFICE, PASSWORD = "info@congty.example", "secret"
MAIL = """\
From: Khach {n} <khach{n}@mua{m}.example>\r
To: {to}\r
Subject: Thu {n}\r
Message-ID: <{n}@x.example>\r
\r
{text}\r
"""
POLICY = Path(__file__).parents[1] / "policies" / "vi-office.yaml"


def mail(number: int) -> bytes:
    text = "Cho mình hỏi đơn hàng đã giao chưa? " * 20
    return MAIL.format(n=number, m=number % 500, to=OFFICE, text=text).encode()


def fill(dovecot: Dovecot, count: int, at: datetime) -> None:
    """APPEND with MULTIAPPEND in batches: a mailbox that has been there for a year."""
    from imapclient import IMAPClient

    with IMAPClient(dovecot.host, dovecot.imap_port, ssl=False, timeout=120) as client:
        client.login(OFFICE, PASSWORD)
        for start in range(0, count, 500):
            batch = [{"msg": mail(number), "date": at} for number in range(start, start + 500)]
            client.multiappend("INBOX", batch)


def config(directory: Path, dovecot: Dovecot) -> Path:
    (directory / "vi-office.yaml").write_text(POLICY.read_text(encoding="utf-8"), encoding="utf-8")
    path = directory / "config.yaml"
    path.write_text(
        f"""\
mode: observe
state: state.db
accounts:
  info:
    address: {OFFICE}
    name: Văn phòng
    policy: vi-office.yaml
    imap: {{host: 127.0.0.1, port: {dovecot.imap_port}, security: none, user: {OFFICE}, password: {PASSWORD}}}
    smtp: {{host: 127.0.0.1, port: 9, security: none}}
people:
  manager: {{name: Quản lý, address: quanly@congty.example}}
  on_call: {{name: Trực, address: truc@congty.example}}
""",
        encoding="utf-8",
    )
    path.chmod(0o600)
    return path


class Run:
    """One run of the daemon, with the socket it says READY=1 to."""

    def __init__(self, path: Path) -> None:
        self.log = path.parent / "log"
        address = str(path.parent / "notify")
        Path(address).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.bind(address)
            channel.settimeout(30)
            began = time.monotonic()
            with self.log.open("wb") as log:
                command = [sys.executable, "-m", "responder", "run", "--config", str(path)]
                environment = {**os.environ, **unit_environment(), "NOTIFY_SOCKET": address}
                self.process = subprocess.Popen(command, env=environment, stderr=log)
            while b"READY=1" not in channel.recv(4096):
                pass
            self.seconds = time.monotonic() - began

    def wait_for(self, text: str, count: int) -> None:
        wait_until(lambda: self.log.read_text().count(text) >= count or None, 120, f"{count} times {text!r}")

    def resident(self) -> float:
        """VmRSS in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def main() -> None:
    with server_directory() as directory, Dovecot(directory / "dovecot", [(OFFICE, PASSWORD)]) as dovecot:
        fill(dovecot, MESSAGES, datetime.now(UTC) - timedelta(days=30))
        path = config(directory, dovecot)
        first = Run(path)
        first.wait_for(": watching", 1)
        after_contact = first.resident()
        for number in range(LATER):
            dovecot.deliver(mail(MESSAGES + number), f"khach{number}@mua.example", OFFICE)
        first.wait_for(" uid ", LATER)
        after_mail = first.resident()
        first.stop()
        second = Run(path)
        second.wait_for(": watching", 1)
        print(f"ready after {first.seconds:.2f} s (first start), {second.seconds:.2f} s (second start)")
        print(f"resident after first contact with {MESSAGES} messages: {after_contact:.0f} MB")
        print(f"after {LATER} more: {after_mail:.0f} MB; after the second start: {second.resident():.0f} MB")
        second.stop()


if __name__ == "__main__":
    main()
