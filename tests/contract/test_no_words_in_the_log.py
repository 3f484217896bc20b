"""Nothing a customer wrote and no secret stands in the log, whatever happens: every logger at DEBUG, on real servers.

Each marker is a word that can have come from one place only. Subjects count as a customer's words, too.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from textwrap import dedent

import pytest
from imapclient import IMAPClient

from responder.daemon.root import Daemon
from responder.mail.message import Message
from responder.policy import decide
from responder.servers.oauth import Token, TokenFile
from responder.store.records import OutboxKind, OutboxRow, OutboxState
from responder.store.store import Store
from tests.contract.scripted_smtp import DOT, ScriptedSmtp
from tests.fakes import POLICY, ManualClock, local
from tests.servers.dovecot import Dovecot
from tests.servers.process import LOOPBACK, require_servers, server_directory
from tests.servers.tokens import CLIENT, TokenServer
from tests.servers.waiting import wait_until
from tests.servers.website import Website

pytestmark = pytest.mark.system

INFO, SALES, TAX = "info@congty.example", "banhang@congty.example", "thue@congty.example"
BODY, SUBJECT, NAME, QUOTED = "BIMAT-BODY", "BIMAT-SUBJECT", "BIMAT-NAME", "BIMAT-QUOTED"
PASSWORD, WRONG, ACCESS, REFRESH = "BIMAT-PASSWORD", "BIMAT-WRONG", "BIMAT-ACCESS", "BIMAT-REFRESH"
HOOK_PATH, HOOK_TOKEN = "secret-path", "BIMAT-HOOK"
MARKERS = (
    "lan@khach.example",
    BODY, SUBJECT, NAME, QUOTED, PASSWORD, WRONG, ACCESS, REFRESH, HOOK_PATH, HOOK_TOKEN, "token=secret",
)  # fmt: skip
SATURDAY = local("2025-03-29 14:00")  # past for sure: Dovecot takes no date ahead of the real time
WITHIN = 30.0
LONG = 4_000_000_000.0  # a token that does not end


class Log(logging.Handler):
    """All lines with their tracebacks and what they are about."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {self.format(record)} {vars(record)}")


@pytest.fixture
def log() -> Iterator[Log]:
    root, handler = logging.getLogger(), Log()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


def mail(text: str, subject: str, to: str = INFO) -> bytes:
    made = EmailMessage()
    made["Return-Path"], made["From"] = "<lan@khach.example>", f"{NAME} <lan@khach.example>"
    made["To"], made["Subject"], made["Message-ID"] = to, subject, f"<{abs(hash(text + to))}@khach.example>"
    made.set_content(text)
    return bytes(made)


EMERGENCY = f"Máy chủ bị sập, toàn bộ cửa hàng không bán được hàng, cần xử lý ngay! {BODY}."


def config(folder: Path, imap: int, smtp: int, tokens: TokenServer, site: Website) -> Path:
    """Three mailboxes: with the right password, with a wrong one, with a token; and a webhook that rings."""
    TokenFile(folder / "tax.json").write(Token(ACCESS, LONG, REFRESH))
    servers = f"""imap: {{host: {LOOPBACK}, port: {imap}, security: none}}
                smtp: {{host: {LOOPBACK}, port: {smtp}, security: none}}"""
    path = folder / "config.yaml"
    path.write_text(
        dedent(f"""\
            mode: live
            state: state.db
            accounts:
              info:
                address: {INFO}
                name: Công ty
                policy: {POLICY}
                user: {INFO}
                password: {PASSWORD}
                {servers}
              sales:
                address: {SALES}
                name: Công ty
                policy: {POLICY}
                user: {SALES}
                password: {WRONG}
                {servers}
              tax:
                address: {TAX}
                name: Công ty
                policy: {POLICY}
                user: {TAX}
                oauth:
                  provider: microsoft
                  client_id: {CLIENT}
                  tenant: congty.example
                  tokens: tax.json
                  endpoints: {{token: "{tokens.endpoints["token"]}", device: "{tokens.endpoints["device"]}"}}
                {servers}
            people:
              manager: {{name: Quản lý, address: quanly@congty.example}}
              on_call:
                name: Trực
                address: truc@congty.example
                wake: {{webhook: {{url: "{site.url}", headers: {{Authorization: {HOOK_TOKEN}}}}}}}
            colleagues: [congty.example]
            """),
        encoding="utf-8",
    )
    path.chmod(0o600)
    return path


def mails(state: Path) -> tuple[OutboxRow, ...]:
    store = Store.open(state)
    try:
        return store.mails()
    finally:
        store.close()


def deliver(dovecot: Dovecot, user: str, password: str, *raws: bytes, at: datetime = SATURDAY) -> None:
    with IMAPClient(dovecot.host, dovecot.imap_port, ssl=False, timeout=10) as client:
        client.login(user, password)
        for raw in raws:
            client.append("INBOX", raw, msg_time=at)


def test_a_session_at_debug_level_tells_no_words_and_no_secrets(
    tmp_path: Path, log: Log, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    require_servers()

    def read(message: Message, *more: object, **named: object) -> object:
        if QUOTED in message.subject:
            raise ValueError(f"cannot read {message.subject}: {message.text}")
        return decide.read(message, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("responder.work.triage.read", read)
    with server_directory() as folder, TokenServer(TAX) as tokens, Website(status=500) as site:
        tokens.good.add(ACCESS)
        tokens.refresh_tokens.add(REFRESH)
        users = [(INFO, PASSWORD), (SALES, "another"), (TAX, "not the token")]
        with Dovecot(folder / "d", users, introspection=tokens.introspection) as dovecot:
            asyncio.run(session(tmp_path, dovecot, tokens, site, log))
        heard = "\n".join(log.lines)
    said = capfd.readouterr()
    leaks = {marker: line[:600] for marker in MARKERS for line in [*log.lines, said.out, said.err] if marker in line}
    assert leaks == {}
    for told in ("user name or password refused", "is set aside", "HTTP 500", "permanent", "unexpected failure"):
        assert told in heard, f"the session has not had: {told}"


async def session(folder: Path, dovecot: Dovecot, tokens: TokenServer, site: Website, log: Log) -> None:
    """An emergency, a mail that breaks the program, refusals that quote the mail, and a defect that does."""
    async with ScriptedSmtp({DOT: f"554 5.7.1 content refused: {BODY} {SUBJECT}"}) as smtp:
        path = config(folder, dovecot.imap_port, smtp.port, tokens, site)
        clock = ManualClock(SATURDAY)
        daemon = Daemon(path, clock=clock, tick=0.2)
        thread = threading.Thread(target=daemon.run)
        thread.start()
        try:
            await until(lambda: sum(": watching" in line for line in log.lines) >= 2, "both mailboxes watched")
            with pytest.MonkeyPatch.context() as broken:
                broken.setattr("responder.work.follow_ups.FollowUps.finish_drafts", _breaks)
                urgent = mail(EMERGENCY, f"KHẨN CẤP: hệ thống sập {SUBJECT}")
                await asyncio.to_thread(deliver, dovecot, INFO, PASSWORD, urgent, mail("Xin chào", QUOTED))
                await until(lambda: any("unexpected failure" in line for line in log.lines), "the defect")
            await until(lambda: _refused(folder / "state.db"), "the refusals")
            await until(lambda: site.asked, "the webhook")
            await until(lambda: any("HTTP 500" in line for line in log.lines), "the webhook's refusal")
        finally:
            daemon.stop()
            await asyncio.to_thread(thread.join, WITHIN)


def _breaks(*_: object) -> None:
    raise ValueError(f"cannot file {BODY} {SUBJECT}")


def _refused(state: Path) -> bool:
    """Replies and alerts were tried, and the server has refused them."""
    failed = {row.kind for row in mails(state) if row.state is OutboxState.FAILED}
    return {OutboxKind.REPLY, OutboxKind.ALERT} <= failed


async def until(is_so: object, what: str) -> None:
    await asyncio.to_thread(wait_until, is_so, WITHIN, what)
