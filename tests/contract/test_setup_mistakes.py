"""`check --connect`: the ten mistakes an office makes when it sets itself up, each made here and told with its remedy.

Real servers where they can make the mistake; scripted ones say what providers were seen to say (docs/providers.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from imapclient import IMAPClient

from responder.config import Security, SmtpServer
from responder.servers.smtp import SmtpSubmission
from tests.cli_office import POLICY, responder
from tests.contract.scripted_imap import CAPABILITIES, USUAL, ScriptedImap
from tests.contract.scripted_smtp import AUTH, EHLO, GREETING, RCPT, ScriptedSmtp
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix
from tests.servers.process import LOOPBACK, require_servers, server_directory
from tests.servers.world import World, mail_world

INFO, PASSWORD = "info@congty.example", "mail-pass-4711"
OTHER = "contact@congty.example"
SAYS_AUTH = {EHLO: "250-mail.test\r\n250 AUTH PLAIN LOGIN"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    require_servers(as_root=True)
    with mail_world([(INFO, PASSWORD), (OTHER, PASSWORD)], tls=True) as world:
        yield world


class Office:
    """A config, written anew for each mistake."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.yaml"
        self.policy = POLICY

    def check(self, imap: str, smtp: str, address: str = INFO, folders: str = "{}") -> Result:
        self.path.write_text(
            f"""\
mode: observe
state: state.db
accounts:
  info:
    address: {address}
    name: Công ty Ví Dụ
    policy: {self.policy}
    imap: {{{imap}, user: {INFO}, password: {PASSWORD}}}
    smtp: {{{smtp}}}
    folders: {folders}
people:
  manager: {{name: Quản lý, address: quanly@congty.example}}
  on_call: {{name: Trực, address: truc@congty.example}}
colleagues: [congty.example]
""",
            encoding="utf-8",
        )
        self.path.chmod(0o600)
        result = responder("check", self.path, "--connect")
        assert PASSWORD not in result.output
        return result


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def at(port: int, security: str = "none", host: str = LOOPBACK, ca_file: Path | None = None) -> str:
    return f"host: {host}, port: {port}, security: {security}" + (f", ca_file: {ca_file}" if ca_file else "")


def line(result: Result, words: str) -> str:
    """The one line with these words."""
    [found] = [line for line in result.output.splitlines() if words in line]
    return found


@contextlib.contextmanager
def smtp_that_says(answers: dict[str, str] | None = None) -> Iterator[ScriptedSmtp]:
    """A scripted way out, in a thread of its own."""
    server, ready, loop = ScriptedSmtp(answers or {}), threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        async with server:
            ready.set()
            await stop.wait()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


@pytest.mark.system
def test_a_good_set_up_has_nothing_to_mend(office: Office, world: World) -> None:
    result = office.check(at(world.dovecot.imap_port), at(world.postfix.port))
    assert result.exit_code == 0, result.output
    assert "logged in; INBOX holds no messages; IDLE; sent in “Sent”; drafts in “Drafts”" in result.stdout
    assert result.stderr == ""


# ---------------------------------------------------------------- 1 · wrong port for TLS


@pytest.mark.system
def test_tls_on_a_port_that_greets_in_clear(office: Office, world: World) -> None:
    result = office.check(at(world.dovecot.imap_port, "tls"), at(world.postfix.port, "tls"))
    assert result.exit_code == 1
    told = [text for text in result.stderr.splitlines() if "this port does not speak TLS from the first byte" in text]
    assert len(told) == 2
    assert all("143 and 587 want `starttls`" in text for text in told)


@pytest.mark.system
def test_starttls_on_a_port_that_waits_for_tls_is_told_within_seconds(office: Office, world: World) -> None:
    began = datetime.now(UTC)
    result = office.check(at(world.dovecot.imaps_port, "starttls"), at(world.dovecot.imaps_port, "starttls"))
    assert result.exit_code == 1
    told = "this port speaks TLS from the first byte, not starttls — write `security: tls`"
    assert len([text for text in result.stderr.splitlines() if told in text]) == 2
    assert datetime.now(UTC) - began < timedelta(seconds=20)


# ---------------------------------------------------------------- 2 · self-signed certificate


@pytest.mark.system
def test_a_certificate_of_its_own_making(office: Office, world: World) -> None:
    result = office.check(at(world.dovecot.imaps_port, "tls"), at(world.postfix.port, "starttls"))
    assert result.exit_code == 1
    told = [
        text for text in result.stderr.splitlines() if "the server's certificate is not trusted (self-signed" in text
    ]
    assert len(told) == 2
    assert all("name its authority with `ca_file`" in text for text in told)
    trusted = world.dovecot.ca_file
    good = office.check(
        at(world.dovecot.imaps_port, "tls", ca_file=trusted), at(world.postfix.port, "starttls", ca_file=trusted)
    )
    assert good.exit_code == 0, good.output


# ---------------------------------------------------------------- 3 and 4 · app passwords, IMAP switched off


@pytest.mark.parametrize(
    ("answer", "words", "remedy"),
    [
        ("NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/1 (Failure)",
         "an app password is wanted", "make an app password"),
        ("NO [ALERT] Please log in via your web browser: https://support.google.com/mail/answer/78754 (Failure)",
         "an app password is wanted", "make an app password"),
        ("NO [AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled sc=cYXlpv732Cg1",
         "IMAP is switched off for this mailbox, or this is no app password", "in Yandex Mail under Settings"),
        ("NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page (Failure)",
         "IMAP is switched off for this mailbox", "switch it on"),
        ("NO [ALERT] IMAP access is disabled for your domain. Please contact your domain administrator (Failure)",
         "IMAP is switched off for the whole domain", "ask the administrator"),
        ("NO [ALERT] You are yet to enable IMAP for your account. Please contact your administrator (Failure)",
         "IMAP is switched off for this mailbox", "switch it on"),
    ],
)  # fmt: skip
def test_what_providers_say_to_a_login_over_imap(answer: str, words: str, remedy: str, office: Office) -> None:
    with ScriptedImap({"LOGIN": (answer,)}) as imap, smtp_that_says() as smtp:
        result = office.check(at(imap.port), at(smtp.port))
    assert result.exit_code == 1
    assert remedy in line(result, words)


def test_microsoft_opens_no_mailbox_without_the_right(office: Office) -> None:
    with ScriptedImap({"SELECT": ("BAD User is authenticated but not connected.",)}) as imap, smtp_that_says() as smtp:
        result = office.check(at(imap.port), at(smtp.port))
    assert "IMAP on for this mailbox" in line(result, "it may not open this mailbox")


@pytest.mark.parametrize(
    ("answer", "words", "remedy"),
    [
        ("534-5.7.9 Application-specific password required. For more, go to\r\n534 5.7.9  https://x - gsmtp",
         "an app password is wanted", "make an app password"),
        ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [PN0PR01CA0024]",
         "Microsoft takes access tokens here, no passwords", "`oauth: {provider: microsoft, …}`"),
        ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit x",
         "sending over SMTP is switched off", "Authenticated SMTP"),
        ("535 5.7.8 Error: authentication failed: This user does not have access rights to this service",
         "mail programs are switched off", "in Yandex Mail under Settings"),
    ],
)  # fmt: skip
def test_what_providers_say_to_a_login_over_smtp(answer: str, words: str, remedy: str, office: Office) -> None:
    with ScriptedImap() as imap, smtp_that_says({**SAYS_AUTH, AUTH: answer}) as smtp:
        result = office.check(at(imap.port), f"{at(smtp.port)}, user: {INFO}, password: {PASSWORD}")
    assert result.exit_code == 1
    assert remedy in line(result, words)


@pytest.mark.system
def test_a_plainly_wrong_password_is_told_as_such(office: Office, world: World) -> None:
    login = f"{at(world.postfix.port)}, user: {INFO}, password: wrong-{PASSWORD[:4]}"
    result = office.check(at(world.dovecot.imap_port), login)
    assert "check `user` and `password`" in line(result, "user name or password refused")


# ---------------------------------------------------------------- 5 · IDLE missing


def test_a_server_without_idle_is_asked_from_time_to_time(office: Office) -> None:
    without = {"CAPABILITY": (f"* CAPABILITY {CAPABILITIES.replace(' IDLE', '')}", "OK done")}
    with ScriptedImap(without) as imap, smtp_that_says() as smtp:
        result = office.check(at(imap.port), at(smtp.port))
    assert result.exit_code == 0, result.output
    assert "write a shorter `poll:`" in line(
        result, "warning: the server does not tell of new mail by itself (no IDLE)"
    )


# ---------------------------------------------------------------- 6 · no Sent folder


def test_a_missing_sent_folder_is_told_with_the_folders_there_are(office: Office) -> None:
    folders = {"LIST": (r'* LIST () "/" INBOX', r'* LIST () "/" "Hop thu di"', r'* LIST (\Drafts) "/" Nhap', "OK done")}
    with ScriptedImap(folders) as imap, smtp_that_says() as smtp:
        result = office.check(at(imap.port), at(smtp.port))
        assert result.exit_code == 1
        told = line(result, "no sent folder was found")
        assert "`folders: {sent: NAME}`; there are: INBOX, Hop thu di, Nhap" in told


def test_a_watched_folder_for_junk_is_told_because_nothing_in_it_is_answered(office: Office) -> None:
    folders = {
        "LIST": (
            r'* LIST () "/" INBOX', r'* LIST (\Junk) "/" "Thu rac"', r'* LIST (\Sent) "/" Sent',
            r'* LIST (\Drafts) "/" Drafts', "OK done",
        )
    }  # fmt: skip
    with ScriptedImap(folders) as imap, smtp_that_says() as smtp:
        result = office.check(at(imap.port), at(smtp.port), folders="{inbox: Thu rac}")
        assert result.exit_code == 1
        assert "write `folders: {inbox: INBOX}`" in line(result, "“Thu rac” is the server's folder for junk")
        result = office.check(at(imap.port), at(smtp.port), folders="{inbox: INBOX}")
        assert "folder for junk" not in result.output


# ---------------------------------------------------------------- 7 · SMTP refuses the From address


@pytest.mark.system
def test_postfix_refuses_a_sender_that_the_login_does_not_own(office: Office) -> None:
    require_servers(as_root=True)
    strict = {
        "smtpd_sender_login_maps": "static:somebody-else",
        "smtpd_recipient_restrictions": "reject_sender_login_mismatch, permit_mynetworks",
    }
    users = [(INFO, PASSWORD)]
    with (
        server_directory() as folder,
        Dovecot(folder / "d", users) as dovecot,
        Postfix(folder / "p", ["congty.example"], dovecot, options=strict) as postfix,
    ):
        login = f"{at(postfix.port)}, user: {INFO}, password: {PASSWORD}"
        result = office.check(at(dovecot.imap_port), login)
    assert result.exit_code == 1
    told = line(result, f"the server takes no mail from {INFO} (553")
    assert f"have {INFO} allowed to send as it" in told


def test_nothing_is_sent_by_asking(office: Office) -> None:
    with ScriptedImap() as imap, smtp_that_says({RCPT: "550 5.7.60 no rights to send as this sender"}) as smtp:
        result = office.check(at(imap.port), at(smtp.port))
        assert "550 5.7.60" in line(result, "the server takes no mail from")
        assert smtp.mails == []
        assert smtp.commands("RSET")
        assert not smtp.commands("DATA")


def test_an_address_that_is_to_wait_is_no_mistake(office: Office) -> None:
    with ScriptedImap() as imap, smtp_that_says({RCPT: "450 4.2.0 greylisted"}) as smtp:
        result = office.check(at(imap.port), at(smtp.port))
        assert result.exit_code == 0, result.output


# ---------------------------------------------------------------- 8 · clock wrong


@pytest.mark.system
def test_a_clock_behind_the_servers_is_seen_by_the_newest_mail(
    office: Office, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered(world, INFO, 1)
    monkeypatch.setattr("responder.cli.times.now", lambda: datetime.now(UTC) - timedelta(hours=7))
    result = office.check(at(world.dovecot.imap_port), at(world.postfix.port))
    assert result.exit_code == 1
    assert "timedatectl" in line(result, "which lies in the future")


@pytest.mark.parametrize("off", [timedelta(hours=-7), timedelta(hours=7)])
def test_a_clock_is_compared_with_the_greeting_that_says_the_time(
    off: timedelta, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = datetime.now(UTC).strftime(
        "220 x.prod.outlook.com Microsoft ESMTP MAIL Service ready at %a, %d %b %Y %H:%M:%S +0000"
    )
    with ScriptedImap() as imap, smtp_that_says({GREETING: said}) as smtp:
        result = office.check(at(imap.port), at(smtp.port))
        assert result.exit_code == 0, result.output
        monkeypatch.setattr("responder.cli.times.now", lambda: datetime.now(UTC) + off)
        result = office.check(at(imap.port), at(smtp.port))
    assert result.exit_code == 1
    assert "timedatectl" in line(result, "this machine's clock")


# ---------------------------------------------------------------- 9 · marks that are not possible


@pytest.mark.parametrize("flags", [r"\Answered \Seen", ""])
def test_a_flag_that_is_not_kept_is_told(flags: str, office: Office) -> None:
    with ScriptedImap(keeping(flags)) as imap, smtp_that_says() as smtp:
        result = office.check(at(imap.port), at(smtp.port))
    assert result.exit_code == 1, result.output
    assert line(result, r"\Flagged is not permitted")


def keeping(flags: str) -> dict[str, Sequence[str]]:
    """The answers of a server that keeps only these flags."""
    select = [text for text in USUAL["SELECT"] if "PERMANENTFLAGS" not in text]
    return {"SELECT": (f"* OK [PERMANENTFLAGS ({flags})] ok", *select)}


def test_marks_of_the_policy_that_the_server_cannot_set_are_told_each_with_a_remedy(
    office: Office, tmp_path: Path
) -> None:
    marks = "mark: [flagged, {keyword: Gap}, {label: Gấp}, {folder: Draft}]}"
    office.policy = tmp_path / "policy.yaml"
    office.policy.write_text(POLICY.read_text(encoding="utf-8").replace("mark: flagged}", marks), encoding="utf-8")
    with ScriptedImap(keeping(r"\Flagged \Seen")) as imap, smtp_that_says() as smtp:
        result = office.check(at(imap.port), at(smtp.port))
    assert result.exit_code == 1, result.output
    assert line(result, "the server keeps no keywords").endswith("use `flagged`")
    assert line(result, "the server has no labels").endswith("use `flagged`")
    assert line(result, "can move no mail to “Draft”").endswith("use `flagged`")


def test_a_server_without_keywords_is_well_for_a_policy_that_asks_for_none(office: Office) -> None:
    with ScriptedImap(keeping(r"\Answered \Flagged \Deleted \Seen \Draft")) as imap, smtp_that_says() as smtp:
        result = office.check(at(imap.port), at(smtp.port))
    assert result.exit_code == 0, result.output
    assert "keeps no keywords" not in result.output


# ---------------------------------------------------------------- 10 · not among the recipients of its own mail


def delivered(world: World, to: str, count: int) -> None:
    """Mails in the inbox, addressed to somebody."""
    with world.mailbox(INFO) as client:
        for _ in range(count):
            client.append("INBOX", f"From: lan@khach.example\r\nTo: <{to}>\r\nSubject: x\r\n\r\nx\r\n".encode())


@pytest.fixture
def empty(world: World) -> IMAPClient:
    with world.mailbox(INFO) as client:
        client.delete_messages(client.search())
        client.expunge()
    return client


@pytest.mark.system
@pytest.mark.usefixtures("empty")
def test_mail_that_is_addressed_to_somebody_else_is_told(office: Office, world: World) -> None:
    delivered(world, OTHER, 6)
    result = office.check(at(world.dovecot.imap_port), at(world.postfix.port))
    assert result.exit_code == 1
    told = line(result, f"of the last 6 mails, none is addressed to {INFO}; 6 are to {OTHER}")
    assert "under `aliases`" in told


@pytest.mark.system
@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("ours", [INFO, INFO.upper(), INFO.replace("@", "+web@")])
def test_one_mail_to_us_is_enough(ours: str, office: Office, world: World) -> None:
    delivered(world, OTHER, 6)
    delivered(world, ours, 1)
    assert office.check(at(world.dovecot.imap_port), at(world.postfix.port)).exit_code == 0


@pytest.mark.system
@pytest.mark.usefixtures("empty")
def test_a_few_mails_tell_nothing(office: Office, world: World) -> None:
    delivered(world, OTHER, 4)
    assert office.check(at(world.dovecot.imap_port), at(world.postfix.port)).exit_code == 0


@pytest.mark.system
def test_a_way_out_says_why_it_takes_no_sender(world: World) -> None:
    server = SmtpServer(host=LOOPBACK, port=world.postfix.port, security=Security.NONE)

    async def ask(address: str) -> str:
        way_out = SmtpSubmission(server, lambda: "", "congty.example")
        try:
            return await way_out.refuses(address)
        finally:
            await way_out.close()

    assert asyncio.run(ask(INFO)) == ""
    assert asyncio.run(ask("somebody@elsewhere.example")).startswith("5")
