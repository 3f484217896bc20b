"""An office on a booted machine: Dovecot, an SMTP server that keeps what it takes, and Responder, installed.

The machine has the real time. So that it is closed now, the office has hours on one weekday only, which is not near.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import localtime, make_msgid
from textwrap import dedent
from zoneinfo import ZoneInfo

from tests.servers.waiting import wait_until
from tests.systemd.fetch import PROJECT
from tests.systemd.machine import Failed, Machine

OFFICE = "info@congty.example"
PASSWORD = "secret"
SOURCE = "/srv/source"  # the checkout of which the admin installs
PARTS = ("pyproject.toml", "README.md", "MANIFEST.in", "config.example.yaml", "policies", "responder", "systemd")
ETC = "/etc/responder"
POLICY = f"{ETC}/policies/vi-office.yaml"
CREDENTIAL = f"{ETC}/credentials/info-password"
STATE = "/var/lib/responder/state.db"
STATE_FOLDER = "/var/lib/private/responder"  # where DynamicUser= keeps it
KEPT = "/var/lib/private/kept"
FILLER = f"{STATE_FOLDER}/filler"
OUTGOING = "/srv/outgoing"
PHONE = "0900 000 000"  # in the shipped policy
WITHIN = 30.0  # seconds for anything the service does, on a busy machine

CONFIG = f"""\
mode: live
state: {STATE}
accounts:
  info:
    address: {OFFICE}
    name: Công ty Ví Dụ
    policy: policies/vi-office.yaml
    imap: {{host: 127.0.0.1, port: 143, security: none, user: {OFFICE}, password: {{credential: info-password}}}}
    smtp: {{host: 127.0.0.1, port: 2525, security: none}}
    poll: 10s
people:
  manager: {{name: Quản lý, address: quanly@congty.example}}
  on_call: {{name: Trực ngoài giờ, address: truc@congty.example}}
colleagues: [congty.example]
"""

DOVECOT = """\
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u /etc/dovecot/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=/srv/mail/%u
}
first_valid_uid = 1
first_valid_gid = 1
mail_location = sdbox:~/mail
namespace inbox {
  inbox = yes
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Drafts {
    auto = subscribe
    special_use = \\Drafts
  }
}
"""

SMTP = """\
[Service]
ExecStart=/usr/bin/python3 -m aiosmtpd -n -l 127.0.0.1:2525 -c aiosmtpd.handlers.Mailbox {outgoing}
[Install]
WantedBy=multi-user.target
"""


@dataclass
class Installed:
    """The machine with its mail servers, and what is asked of the service."""

    machine: Machine
    policy: str = field(init=False, default="")  # as it was when the office began

    # --- setting up ------------------------------------------------------------------------------------------------

    def begin_mail(self) -> None:
        self.set_password(PASSWORD)
        self.machine.write("/etc/dovecot/dovecot.conf", DOVECOT)
        self.machine.run("install", "-d", "-o", "mail", "-g", "mail", "/srv/mail")
        self.machine.write("/etc/systemd/system/smtp.service", SMTP.format(outgoing=OUTGOING))
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", "dovecot", "smtp")
        self.machine.run("doveadm", "mailbox", "status", "-u", OFFICE, "messages", "INBOX", "Sent", "Drafts")

    def set_password(self, password: str) -> None:
        """What the mail server takes for the office's mailbox."""
        self.machine.write("/etc/dovecot/users", f"{OFFICE}:{{PLAIN}}{password}\n")

    def bring_source(self) -> None:
        target = self.machine.path(SOURCE)
        target.mkdir(parents=True)
        for part in PARTS:
            if (PROJECT / part).is_dir():
                ignore = shutil.ignore_patterns("__pycache__")
                shutil.copytree(PROJECT / part, target / part, symlinks=True, ignore=ignore)
            elif (PROJECT / part).exists():
                shutil.copy(PROJECT / part, target)

    def set_version(self, version: str) -> None:
        """A newer version of the program, as far as anybody can tell."""
        name = f"{SOURCE}/pyproject.toml"
        lines = self.machine.read(name).splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith("version = "))
        lines[at] = f'version = "{version}"'
        self.machine.write(name, "\n".join(lines) + "\n")

    def install(self, *options: str, **environment: str) -> str:
        return self.machine.run(f"{SOURCE}/systemd/install", *options, within=120, **environment)

    def configure(self) -> None:
        """What the admin writes after the first installation."""
        self.policy = self.closed_today(self.machine.read(POLICY))
        self.machine.write(POLICY, self.policy)
        self.machine.write(f"{ETC}/config.yaml", CONFIG)
        self.machine.write(CREDENTIAL, PASSWORD + "\n", 0o600)

    @staticmethod
    def closed_today(policy: str) -> str:
        """The shipped policy, for an office that is open on one weekday only, which is not near."""
        weekday = (datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")) + timedelta(days=3)).strftime("%a").lower()
        assert 'mon-fri: "08:00-17:00"' in policy
        return policy.replace('mon-fri: "08:00-17:00"', f'{weekday}: "08:00-17:00"')

    def write_policy(self, old: str = "", new: str = "") -> None:
        """The policy of the beginning, with one text replaced."""
        assert old in self.policy
        self.machine.write(POLICY, self.policy.replace(old, new) if old else self.policy)

    def drop_in(self, *lines: str) -> None:
        """A setting of the admin's own; none takes it away."""
        name = "/etc/systemd/system/responder.service.d/test.conf"
        if lines:
            self.machine.write(name, "\n".join(["[Service]", *lines, ""]))
        else:
            self.machine.path(name).unlink(missing_ok=True)
        self.systemctl("daemon-reload")

    # --- the service -----------------------------------------------------------------------------------------------

    def systemctl(self, *arguments: str) -> str:
        """Raises `Failed`, with the end of the journal."""
        try:
            return self.machine.run("systemctl", "--no-pager", *arguments)
        except Failed as failed:
            raise Failed(f"{failed}\n{self.tail()}") from None

    def tail(self) -> str:
        """The end of the journal."""
        return self.machine.run("journalctl", "--no-pager", "-n", "30")

    def show(self, name: str) -> str:
        """A property of the service."""
        return self.systemctl("show", "--value", f"--property={name}", "responder").strip()

    @property
    def pid(self) -> int:
        return int(self.show("MainPID"))

    @property
    def is_active(self) -> bool:
        return self.show("ActiveState") == "active"

    def restart(self) -> None:
        """In order, whatever a test has left behind; until the mailbox is watched."""
        self.drop_in()
        self.write_policy()
        self.machine.write(f"{ETC}/config.yaml", CONFIG)
        self.systemctl("restart", "responder")
        self.wait_until_watching()

    def journal(self) -> str:
        """What this run of the service has said, and systemd about it."""
        run = self.show("InvocationID")
        self.machine.run("journalctl", "--sync")
        return self.machine.run(
            "journalctl", "--no-pager", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={run}", "+", f"INVOCATION_ID={run}"
        )

    def wait_until_watching(self) -> None:
        wait_until(lambda: "info: watching" in self.journal(), WITHIN, "the mailbox is watched")

    def started_anew(self, old_pid: int) -> bool:
        return self.is_active and self.pid not in (0, old_pid)

    def signal(self, name: str) -> None:
        """To the daemon alone."""
        self.systemctl("kill", "--kill-whom=main", f"--signal={name}", "responder")

    @contextmanager
    def small_disk(self) -> Iterator[None]:
        """The state on a file system of its own, of 8 MB."""
        self.systemctl("stop", "responder")
        self.machine.run("cp", "-a", STATE_FOLDER, KEPT)
        self.machine.run("mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", STATE_FOLDER)
        self.machine.run("cp", "-a", f"{KEPT}/.", STATE_FOLDER)
        try:
            self.systemctl("start", "responder")
            yield
        finally:
            self.machine.run("rm", "-f", FILLER)
            self.systemctl("stop", "responder")
            self.machine.run("rm", "-rf", KEPT)
            self.machine.run("cp", "-a", STATE_FOLDER, KEPT)
            self.machine.run("umount", STATE_FOLDER)
            self.machine.run("cp", "-a", f"{KEPT}/.", STATE_FOLDER)
            self.machine.run("rm", "-rf", KEPT)

    def fill_disk(self) -> None:
        """To the last octet; log and journal of SQLite too have no room to grow."""
        self.machine.run("sh", "-c", f"cat /dev/zero > {FILLER} || true")

    def free_disk(self) -> None:
        self.machine.run("rm", "-f", FILLER)

    # --- mail ------------------------------------------------------------------------------------------------------

    def deliver(self, sender: str, text: str = "Cho mình hỏi đơn hàng 123 đã giao chưa?") -> None:
        """A customer's mail, as the office's server would lay it into the inbox."""
        mail = EmailMessage()
        mail["Return-Path"], mail["From"], mail["To"] = f"<{sender}>", sender, OFFICE
        mail["Subject"], mail["Date"] = "Hỏi về đơn hàng", localtime()
        mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        mail.set_content(text)
        self.machine.run("doveadm", "save", "-u", OFFICE, stdin=mail.as_string())

    def wait_for_answer(self, customer: str) -> str:
        """The text of the one mail that this customer got."""
        wait_until(lambda: self._answers(customer), WITHIN, f"an answer to {customer}\n{self.journal()}")
        [answer] = self._answers(customer)
        return str(answer.get_content())

    def wait_for_one_answer_each(self, customers: Sequence[str]) -> None:
        """Every one of them has got one mail, and nothing is left that could be a second."""
        wait_until(lambda: not set(customers) - self.answered().keys(), 2 * WITHIN, f"all answered\n{self.tail()}")
        self.wait_until_nothing_is_due()
        answered = self.answered()
        assert {customer: answered[customer] for customer in customers} == dict.fromkeys(customers, 1)

    def wait_until_nothing_is_due(self) -> None:
        states = ("due", "sending")
        wait_until(lambda: not self.owed(*states), WITHIN, f"everything has gone out\n{self.tail()}")

    def owed(self, *states: str) -> list[str]:
        """Who is still to get a mail that is in one of these states."""
        script = dedent("""\
            import sqlite3, sys
            state, *states = sys.argv[1:]
            rows = sqlite3.connect(state, timeout=30).execute("SELECT state, recipient FROM outbox").fetchall()
            print(*(recipient for state, recipient in rows if state in states))
            """)
        return self.machine.run("python3", "-", STATE, *states, stdin=script).split()

    def answered(self) -> Counter[str]:
        """How many mails each recipient got."""
        files = self.machine.path(OUTGOING).glob("new/*")
        return Counter(message_from_bytes(file.read_bytes(), policy=default)["To"] for file in files)

    def _answers(self, customer: str) -> list[EmailMessage]:
        files = self.machine.path(OUTGOING).glob("new/*")
        mails = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
        return [mail for mail in mails if mail["To"] == customer]  # type: ignore[misc]

    def set_schema(self, version: str) -> None:
        """Have the state look as if that version of it had been written."""
        script = dedent("""\
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1]) as state:
                state.execute("UPDATE alembic_version SET version_num = ?", sys.argv[2:])
            """)
        self.machine.run("python3", "-", STATE, version, stdin=script)

    def count_recorded(self, state: str = STATE) -> int:
        """How many messages a state knows."""
        script = dedent("""\
            import sqlite3, sys
            print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM message").fetchone()[0])
            """)
        return int(self.machine.run("python3", "-", state, stdin=script))
