"""Nobody between this machine and its mail server learns a password, or is believed."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from responder.config import ImapServer, Security, SmtpServer
from responder.errors import Trouble, TroubleKind
from responder.ports import OutcomeKind, Special
from responder.secret import PasswordEnv
from responder.servers import tls
from responder.servers.imap import ImapMailbox
from responder.servers.smtp import SmtpSubmission
from tests.security.between import TLS, Between
from tests.servers.dovecot import make_certificate

PASSWORD = "rat-bi-mat"
USER = "info@congty.example"
CAPABLE = "* CAPABILITY IMAP4rev1 SPECIAL-USE {}\r\n{{tag}} OK done\r\n"
IN_CLEAR, PROTECTED = CAPABLE.format("STARTTLS"), CAPABLE.format("AUTH=PLAIN")
OK = "{tag} OK done\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """For localhost and 127.0.0.1."""
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "certificate.pem", folder / "key.pem"
    make_certificate(*made)
    return made


def mailbox(port: int, security: str = "starttls", ca_file: Path | None = None, host: str = "127.0.0.1") -> ImapMailbox:
    server = ImapServer(host=host, port=port, security=Security(security), user=USER,
                        password=PasswordEnv("-"), ca_file=ca_file)  # fmt: skip
    return ImapMailbox(server, lambda: PASSWORD, "INBOX", {})


def trouble_of(box: ImapMailbox) -> Trouble:
    with pytest.raises(Trouble) as trouble:
        box.connect()
    return trouble.value


def submitted(port: int, ca_file: Path | None = None) -> tuple[OutcomeKind, str]:
    server = SmtpServer(host="127.0.0.1", port=port, security=Security.STARTTLS, user=USER,
                        password=PasswordEnv("-"), ca_file=ca_file)  # fmt: skip

    async def submit() -> tuple[OutcomeKind, str]:
        way_out = SmtpSubmission(server, lambda: PASSWORD, "office.test")
        outcome = await way_out.submit("", "lan@khach.example", b"Subject: x\r\n\r\nx\r\n")
        await way_out.close()
        return outcome.kind, outcome.detail

    return asyncio.run(submit())


# ---------------------------------------------------------------- who will have no TLS


@pytest.mark.parametrize(
    ("greeting", "capabilities"),
    [
        ("* OK ready", CAPABLE.format("")),
        ("* PREAUTH you are logged in already", CAPABLE.format("")),
        ("* PREAUTH you are logged in already", IN_CLEAR),
    ],
)
def test_who_takes_starttls_away_over_imap_hears_no_password(greeting: str, capabilities: str) -> None:
    with Between(greeting, [capabilities, capabilities]) as server:
        trouble = trouble_of(mailbox(server.port))
    assert trouble.kind is TroubleKind.TLS
    assert "no TLS" in trouble.what
    assert not [line for line in server.heard if "LOGIN" in line or PASSWORD in line]


@pytest.mark.parametrize("answer", ["{tag} NO not today\r\n", "{tag} BAD what?\r\n", "{tag} OK go\r\n* BYE\r\n"])
def test_who_refuses_starttls_over_imap_hears_no_password(answer: str) -> None:
    with Between("* OK ready", [IN_CLEAR, answer, OK, OK]) as server:
        trouble_of(mailbox(server.port))
    assert not [line for line in server.heard if "LOGIN" in line or PASSWORD in line]


def test_who_takes_starttls_away_over_smtp_hears_no_password_and_gets_no_mail() -> None:
    with Between("220 ready", ["250-mail.test\r\n250 AUTH PLAIN LOGIN\r\n", *["250 ok\r\n"] * 9]) as server:
        kind, detail = submitted(server.port)
    assert kind is OutcomeKind.TEMPORARY
    assert "no TLS" in detail
    assert not [line for line in server.heard if line.startswith(("AUTH", "MAIL"))]


# ---------------------------------------------------------------- who speaks before the handshake


def test_what_was_said_in_clear_over_imap_is_forgotten(certificate: tuple[Path, Path]) -> None:
    """Before the answer to STARTTLS, and behind it in the same packet (CVE-2011-0411 and its kin)."""
    forged = '* LIST (\\Sent) "/" Forged\r\n* SEARCH 1 2 3\r\n'
    began = f"{forged}{{tag}} OK begin\r\n{forged}* CAPABILITY IMAP4rev1 X-FORGED\r\n"
    answers = [IN_CLEAR, began, TLS, PROTECTED, OK, PROTECTED, OK, OK, OK]
    with Between("* OK ready", answers, certificate) as server:
        box = mailbox(server.port, ca_file=certificate[0])
        box.connect()
        assert "X-FORGED" not in box.offers()
        assert box.folder(Special.SENT) is None
    assert server.in_clear == 2
    assert any(PASSWORD in line for line in server.heard[server.in_clear :])


def test_what_was_said_in_clear_over_smtp_is_forgotten(certificate: tuple[Path, Path]) -> None:
    forged = "250 forged\r\n" * 6
    answers = ["250-mail.test\r\n250-STARTTLS\r\n250 SIZE 1\r\n", f"220 go\r\n{forged}", TLS,
               "250-mail.test\r\n250 AUTH PLAIN\r\n", "235 ok\r\n", "250 ok\r\n", "550 no such user\r\n",
               "250 ok\r\n", "221 bye\r\n"]  # fmt: skip
    with Between("220 ready", answers, certificate) as server:
        kind, detail = submitted(server.port, certificate[0])
    assert (kind, detail) == (OutcomeKind.PERMANENT, "550 no such user")
    assert server.in_clear == 2


# ---------------------------------------------------------------- who is not who they say


def test_a_certificate_for_another_name_is_refused_before_any_password(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Between("* OK ready", [IN_CLEAR, OK, TLS], certificate) as server:
        trouble = trouble_of(mailbox(server.port, ca_file=certificate[0], host="127.0.0.2"))
    assert trouble.kind is TroubleKind.NETWORK  # it listens on 127.0.0.1 alone
    monkeypatch.setattr("socket.getaddrinfo", _everything_is_here)
    with Between("* OK ready", [IN_CLEAR, OK, TLS], certificate) as server:
        trouble = trouble_of(mailbox(server.port, ca_file=certificate[0], host="imap.congty.example"))
    assert trouble.kind is TroubleKind.TLS
    assert not [line for line in server.heard if PASSWORD in line]


def _everything_is_here(_host: str, port: int, *_: object, **__: object) -> list[object]:
    import socket

    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.mark.filterwarnings("ignore:.*TLSv1.*:DeprecationWarning")
def test_tls_older_than_1_2_is_refused(certificate: tuple[Path, Path]) -> None:
    with Between("* OK ready", [IN_CLEAR, OK, TLS], certificate) as server:
        server.minimum = server.maximum = ssl.TLSVersion.TLSv1_1
        trouble = trouble_of(mailbox(server.port, ca_file=certificate[0]))
    assert trouble.kind is TroubleKind.TLS
    assert not [line for line in server.heard if PASSWORD in line]


def test_every_connection_verifies_who_answers() -> None:
    made = tls.context(None)
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert made.minimum_version is ssl.TLSVersion.TLSv1_2
