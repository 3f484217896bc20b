"""Logging in with access tokens: a Dovecot and a Postfix that really check them, and scripted answers of providers."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from responder.config import Endpoints, ImapServer, OAuth, Security, SmtpServer
from responder.errors import Trouble, TroubleKind
from responder.providers import Authority
from responder.servers.imap import ImapMailbox
from responder.servers.oauth import KeptTokens, Token, TokenFile
from responder.servers.smtp import SmtpSubmission
from tests.contract.boxes import INBOX
from tests.contract.scripted_imap import HANG_UP, ScriptedImap
from tests.contract.scripted_smtp import AUTH, EHLO, ScriptedSmtp
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix
from tests.servers.process import LOOPBACK, require_servers, server_directory
from tests.servers.tokens import CLIENT, TokenServer

USER = "info@congty.example"
LONG = 4_000_000_000.0  # seconds since 1970: a token that does not end
CHALLENGE = base64.b64encode(b'{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}').decode()
MAIL = b"From: info@congty.example\r\nTo: info@congty.example\r\nSubject: x\r\n\r\nx\r\n"


@pytest.fixture
def given() -> Iterator[TokenServer]:
    with TokenServer(USER) as server:
        server.refresh_tokens.add("refresh-1")
        server.good.add("access-1")
        yield server


@pytest.fixture
def oauth(given: TokenServer, tmp_path: Path) -> OAuth:
    path = tmp_path / "tokens" / "info.json"
    TokenFile(path).write(Token("access-1", LONG, "refresh-1"))
    return OAuth(
        provider=Authority.MICROSOFT,
        client_id=CLIENT,
        tenant="congty.example",
        endpoints=Endpoints(**given.endpoints),
        tokens=path,
    )


def mailbox(port: int, oauth: OAuth) -> ImapMailbox:
    server = ImapServer(host=LOOPBACK, port=port, security=Security.NONE, user=USER, oauth=oauth)
    return ImapMailbox(server, lambda: "", INBOX, {}, KeptTokens(oauth, "info"))


def submission(port: int, oauth: OAuth) -> SmtpSubmission:
    server = SmtpServer(host=LOOPBACK, port=port, security=Security.NONE, user=USER, oauth=oauth)
    return SmtpSubmission(server, lambda: "", "congty.example", KeptTokens(oauth, "info"))


def trouble_of(box: ImapMailbox) -> Trouble:
    try:
        box.connect()
        box.inbox()
    except Trouble as trouble:
        return trouble
    finally:
        box.close()
    raise AssertionError("no trouble")


# ---------------------------------------------------------------- a server that really checks


@pytest.fixture
def dovecot(given: TokenServer) -> Iterator[Dovecot]:
    require_servers()
    users = [(USER, "not the token")]
    with server_directory() as folder, Dovecot(folder / "d", users, introspection=given.introspection) as dovecot:
        yield dovecot


@pytest.mark.system
def test_dovecot_takes_the_kept_token(dovecot: Dovecot, given: TokenServer, oauth: OAuth) -> None:
    box = mailbox(dovecot.imap_port, oauth)
    box.connect()
    assert box.inbox().messages == 0
    box.close()
    assert given.asked == []


@pytest.mark.system
def test_a_token_that_dovecot_refuses_is_renewed_once(dovecot: Dovecot, given: TokenServer, oauth: OAuth) -> None:
    given.forget()
    box = mailbox(dovecot.imap_port, oauth)
    box.connect()
    assert box.inbox().messages == 0
    box.close()
    assert given.grants() == ["refresh_token"]


@pytest.mark.system
def test_what_was_taken_back_is_told_with_the_command_to_run(
    dovecot: Dovecot, given: TokenServer, oauth: OAuth
) -> None:
    given.revoke()
    trouble = trouble_of(mailbox(dovecot.imap_port, oauth))
    assert trouble.kind is TroubleKind.CREDENTIAL
    assert trouble.remedy == "run `responder login info`"


@pytest.mark.system
def test_a_token_for_another_mailbox_is_refused_after_one_renewal(
    dovecot: Dovecot, given: TokenServer, oauth: OAuth
) -> None:
    given.user = "somebody@else.example"
    trouble = trouble_of(mailbox(dovecot.imap_port, oauth))
    assert trouble.kind is TroubleKind.LOGIN
    assert "the access token was not taken" in trouble.what
    assert "responder login info" in trouble.remedy
    assert given.grants() == ["refresh_token"]


@pytest.mark.system
def test_postfix_takes_the_token_too(dovecot: Dovecot, given: TokenServer, oauth: OAuth) -> None:
    require_servers(as_root=True)
    only_known = {"smtpd_client_restrictions": "permit_sasl_authenticated, reject"}
    with Postfix(dovecot.directory.parent / "p", ["congty.example"], dovecot, options=only_known) as postfix:
        way_out = submission(postfix.port, oauth)
        given.forget()

        async def send() -> str:
            outcome = await way_out.submit(USER, USER, MAIL)
            await way_out.close()
            return outcome.kind.value

        assert asyncio.run(send()) == "sent"
    assert given.grants() == ["refresh_token"]


@pytest.mark.system
def test_no_token_is_in_the_log_of_a_whole_session(
    dovecot: Dovecot, given: TokenServer, oauth: OAuth, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    given.forget()
    box = mailbox(dovecot.imap_port, oauth)
    box.connect()
    box.inbox()
    box.close()
    [fresh] = given.good
    for secret in ("access-1", "refresh-1", fresh):
        assert secret not in caplog.text
        assert base64.b64encode(f"user={USER}\1auth=Bearer {secret}\1\1".encode()).decode() not in caplog.text


# ---------------------------------------------------------------- Microsoft's and Google's ways


def test_the_reason_in_a_challenge_is_told_and_answered_with_nothing(given: TokenServer, oauth: OAuth) -> None:
    refusal = f"+ {CHALLENGE}", "NO SASL authentication failed"
    with ScriptedImap({"AUTHENTICATE": refusal}) as server:
        trouble = trouble_of(mailbox(server.port, oauth))
    assert trouble.kind is TroubleKind.LOGIN
    assert "(status 401)" in trouble.what
    assert server.heard.count("") == 2, "an empty answer to each challenge"
    assert given.grants() == ["refresh_token"]


def test_authenticated_but_not_connected_is_a_matter_of_permission(given: TokenServer, oauth: OAuth) -> None:
    with ScriptedImap({"SELECT": ("BAD User is authenticated but not connected.",)}) as server:
        trouble = trouble_of(mailbox(server.port, oauth))
    assert trouble.kind is TroubleKind.LOGIN, "a kind after which the server is left alone for long"
    assert "it may not open this mailbox" in trouble.what
    assert "IMAP.AccessAsUser.All" in trouble.remedy
    assert given.asked == [], "a fresh token would change nothing"


def test_too_many_connections_are_not_taken_for_a_bad_token(given: TokenServer, oauth: OAuth) -> None:
    with ScriptedImap({"AUTHENTICATE": ("NO [ALERT] Too many simultaneous connections. (Failure)",)}) as server:
        assert trouble_of(mailbox(server.port, oauth)).kind is TroubleKind.BUSY


def test_a_server_that_hangs_up_in_the_login_has_refused_no_token(given: TokenServer, oauth: OAuth) -> None:
    with ScriptedImap({"AUTHENTICATE": ("* BYE Server shutting down", HANG_UP)}) as server:
        trouble = trouble_of(mailbox(server.port, oauth))
    assert (trouble.kind, "the connection was lost" in str(trouble)) == (TroubleKind.NETWORK, True)
    assert given.asked == [], "nor is one renewed for that"


@pytest.mark.parametrize(
    ("answer", "words", "renewals"),
    [
        ("535 5.7.3 Authentication unsuccessful", "the access token was not taken", 1),
        ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit x",
         "sending over SMTP is switched off", 1),
        ("454 4.7.0 Temporary authentication failure", "asks to wait", 0),
    ],
)  # fmt: skip
def test_smtp_tells_why_a_token_was_not_taken(
    answer: str, words: str, renewals: int, given: TokenServer, oauth: OAuth
) -> None:
    async def check() -> Trouble:
        async with ScriptedSmtp({EHLO: "250-mail.test\r\n250 AUTH LOGIN XOAUTH2", AUTH: answer}) as server:
            way_out = submission(server.port, oauth)
            with pytest.raises(Trouble) as raised:
                await way_out.check()
            await way_out.close()
            return raised.value

    assert words in asyncio.run(check()).what
    assert given.grants() == ["refresh_token"] * renewals
