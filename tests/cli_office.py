"""For the tests of the commands: a small office on disk, customers' mails, and `responder` as it is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result

from responder.cli import cli, times
from responder.config import LoadedConfig
from responder.daemon import parts
from responder.store.store import Store
from responder.work.triage import Triage
from tests.fakes import FakeMailbox, ManualClock

ROOT = Path(__file__).parents[1]
POLICY = ROOT / "policies" / "vi-office.yaml"
ENGLISH = ROOT / "policies" / "en-office.yaml"
SATURDAY_NIGHT = datetime.fromisoformat("2026-11-21T22:10:00+07:00")
CUSTOMER = "lan@khach.example"


def responder(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    """Run a command as the shell would; `stdout`, `stderr` and `exit_code` are what the user gets."""
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=stdin)


def mail(
    text: str = "Cho em hỏi bên mình còn áo thun không?",
    subject: str = "Hỏi hàng",
    sender: str = CUSTOMER,
    **headers: str,
) -> bytes:
    """A customer's mail, delivered on the Saturday night unless `Date` says otherwise."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Nguyễn Lan <{sender}>", "info@congty.example", subject
    message["Return-Path"] = f"<{sender}>"
    message["Message-ID"] = f"<{abs(hash((text, subject)))}@khach.example>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return bytes(message)


@dataclass
class CliOffice:
    """An office with a config, the shipped policy and (once `triage` was called) a state."""

    folder: Path
    clock: ManualClock
    box: FakeMailbox = field(default_factory=FakeMailbox)

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "state.db"

    def write_config(self, mode: str = "live", policy: Path = POLICY) -> None:
        self.config.write_text(
            dedent(f"""\
            mode: {mode}
            state: state.db
            accounts:
              info:
                address: info@congty.example
                name: Công ty Ví Dụ
                policy: {policy}
                imap: {{host: localhost, port: 1, security: none, user: info, password: {{env: NO_SUCH_PASSWORD}}}}
                smtp: {{host: localhost, port: 1, security: none}}
            people:
              manager: {{name: Quản lý, address: quanly@congty.example}}
              on_call: {{name: Trực, address: truc@congty.example}}
            colleagues: [congty.example]
            """),
            encoding="utf-8",
        )

    def loaded(self) -> LoadedConfig:
        return parts.load(self.config, self.clock)

    def triage(self) -> int:
        """What the daemon does with the mailbox, up to the outbox."""
        store = Store.open(self.state)
        try:
            (desk,) = parts.desks(self.loaded(), store, self.clock.now()).values()
            self.box.connect()
            return Triage(desk, store, self.clock).run(self.box)
        finally:
            self.box.close()
            store.close()

    def run(self, *arguments: str | Path) -> Result:
        """`responder` with this office's config."""
        return responder("--config", self.config, *arguments)


def make_office(folder: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    """An office on the Saturday night, its commands' clock standing there, its mailbox a fake one."""
    office = CliOffice(folder, ManualClock(SATURDAY_NIGHT))
    office.write_config()
    for module in ("cli.queue", "cli.ledger", "cli.status", "cli.digest", "cli.check", "cli.explain", "cli.calendar"):
        monkeypatch.setattr(f"responder.{module}.now", office.clock.now)
    monkeypatch.setattr(times, "now", office.clock.now)
    monkeypatch.setattr("responder.cli.journal.start", lambda **_: None)  # it would outlive the test
    monkeypatch.setattr(parts, "mailbox", lambda _desk: office.box)
    return office
