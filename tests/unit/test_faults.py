"""servers/faults.py: what a library raised, as one line that says where, what, and what to do."""

from __future__ import annotations

import imaplib
import socket
import ssl

import aiosmtplib
import pytest
from imapclient import exceptions as imap

from responder.errors import Trouble, TroubleKind
from responder.servers.faults import IMAP_ERRORS, SMTP_ERRORS, translate

K = TroubleKind
WHERE = "imap.congty.example:993"


def _certificate_error() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


CASES = [
    # the network
    (socket.gaierror(-2, "Name or service not known"), K.NETWORK, "host name is not known"),
    (ConnectionRefusedError(111, "Connection refused"), K.NETWORK, "refused"),
    (ConnectionResetError(104, "Connection reset by peer"), K.NETWORK, "connection was lost"),
    (BrokenPipeError(32, "Broken pipe"), K.NETWORK, "connection was lost"),
    (TimeoutError("timed out"), K.NETWORK, "did not answer in time"),
    (OSError(113, "No route to host"), K.NETWORK, "No route to host"),
    (OSError(101, "Network is unreachable"), K.NETWORK, "unreachable"),
    # TLS
    (_certificate_error(), K.TLS, "self-signed certificate"),
    (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), K.TLS, "WRONG_VERSION_NUMBER"),
    (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), K.NETWORK, "connection was lost"),
    # IMAP
    (imap.LoginError("[AUTHENTICATIONFAILED] Authentication failed."), K.LOGIN, "password refused"),
    (imap.LoginError("b'[AUTHENTICATIONFAILED] Invalid credentials (Failure)'"), K.LOGIN, "password refused"),
    (imap.LoginError("[ALERT] Application-specific password required"), K.LOGIN, "password refused"),
    (imap.LoginError("Account is locked. Too many login failures"), K.BUSY, "asks to wait"),
    (imap.LoginError("[UNAVAILABLE] Temporary authentication failure"), K.BUSY, "asks to wait"),
    (imap.LoginError("[LIMIT] Too many simultaneous connections. (Failure)"), K.BUSY, "asks to wait"),
    (imaplib.IMAP4.abort("command: SELECT => socket error: EOF"), K.NETWORK, "connection was lost"),
    (imaplib.IMAP4.abort("command: LOGIN => Server shutting down"), K.NETWORK, "connection was lost"),
    (imaplib.IMAP4.abort("command: LOGIN => socket error: EOF"), K.NETWORK, "connection was lost"),
    (imaplib.IMAP4.abort("command: LOGIN => [AUTHENTICATIONFAILED] Bye"), K.LOGIN, "password refused"),
    (imaplib.IMAP4.abort("command: AUTHENTICATE => Temporarily unavailable"), K.BUSY, "asks to wait"),
    (imaplib.IMAP4.error("FETCH command error: BAD [b'Error in IMAP command']"), K.SERVER, "refused"),
    (imaplib.IMAP4.error("append failed: [OVERQUOTA] Quota exceeded"), K.BUSY, "asks to wait"),
    (imaplib.IMAP4.error("SEARCH failed: [LIMIT] not now"), K.BUSY, "asks to wait"),
    (imaplib.IMAP4.error("FETCH failed: cannot generate the structure at that rate"), K.SERVER, "refused"),
    (imaplib.IMAP4.error("FETCH failed: backend connection operates beyond its limits"), K.SERVER, "refused"),
    (imaplib.IMAP4.error("b'* BYE go away'"), K.NETWORK, "hung up"),
    (imaplib.IMAP4.abort("Too many connections, try again later"), K.BUSY, "asks to wait"),
    (imaplib.IMAP4.abort("unexpected response: b'HTTP/1.1 400'"), K.NETWORK, "no IMAP"),
    (imaplib.IMAP4.error("select failed: [NONEXISTENT] Unknown Mailbox: Hop thu"), K.MAILBOX, "folder is not there"),
    (imaplib.IMAP4.error("select failed: Mailbox doesn't exist: Hop thu"), K.MAILBOX, "folder is not there"),
    (imap.ProtocolError("unexpected response"), K.SERVER, "unexpected response"),
    (imap.CapabilityError("Server does not support IDLE"), K.SERVER, "IDLE"),
    # SMTP
    (aiosmtplib.SMTPAuthenticationError(535, "5.7.8 Username and Password not accepted"), K.LOGIN, "password refused"),
    (
        aiosmtplib.SMTPAuthenticationError(535, "5.7.8 Error: authentication failed: (reason unavailable)"),
        K.LOGIN,
        "password refused",
    ),
    (aiosmtplib.SMTPAuthenticationError(454, "4.7.0 Temporary authentication failure"), K.BUSY, "asks to wait"),
    (aiosmtplib.SMTPConnectTimeoutError("timed out"), K.NETWORK, "did not answer in time"),
    (aiosmtplib.SMTPReadTimeoutError("timed out"), K.NETWORK, "did not answer in time"),
    (aiosmtplib.SMTPServerDisconnected("Connection lost"), K.NETWORK, "connection was lost"),
    (aiosmtplib.SMTPConnectError("Error connecting"), K.NETWORK, "refused"),
    (aiosmtplib.SMTPResponseException(554, "go away"), K.SERVER, "go away"),
    # what nobody has thought of
    (ValueError("line too long"), K.SERVER, "line too long"),
]


@pytest.mark.parametrize(("error", "kind", "words"), CASES, ids=lambda value: type(value).__name__)
def test_each_failure_is_told_as_what_it_is(error: Exception, kind: TroubleKind, words: str) -> None:
    trouble = translate(error, WHERE)
    assert trouble.kind is kind
    assert words in trouble.what
    assert str(trouble) == f"{WHERE}: {trouble.what} — {trouble.remedy}"
    assert trouble.remedy
    assert "\n" not in str(trouble)
    assert "b'" not in str(trouble) or "[b'" in str(error)


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_letters_that_cannot_be_sent_are_told_without_them_for_they_may_be_a_password(encoding: str) -> None:
    with pytest.raises(UnicodeEncodeError) as error:
        "mật-khẩu-\udcff".encode(encoding)
    assert "khẩu" not in str(translate(error.value, WHERE))
    assert "letters that cannot be sent" in str(translate(error.value, WHERE))


def test_an_answer_that_is_no_utf_8_is_told_with_a_mark_in_its_place_and_can_be_kept() -> None:
    told = str(translate(aiosmtplib.SMTPResponseException(554, "qu\udcc3\udca1 t\udcff"), WHERE))
    assert "qu?? t?" in told
    assert told.encode("utf-8")


def test_trouble_that_was_told_already_stays_as_it_is() -> None:
    trouble = Trouble(K.CREDENTIAL, "password file x", "cannot be read", "create it")
    assert translate(trouble, WHERE) is trouble


def test_a_very_long_answer_of_a_server_is_cut() -> None:
    assert len(str(translate(imaplib.IMAP4.error("x" * 10_000), WHERE))) < 500


@pytest.mark.parametrize(
    "error",
    [imap.LoginError("x"), imaplib.IMAP4.abort("x"), ssl.SSLError(1, "x"), socket.gaierror(-2, "x"), TimeoutError()],
)
def test_the_imap_adapter_catches_all_that_can_happen_to_it(error: Exception) -> None:
    assert isinstance(error, IMAP_ERRORS)


@pytest.mark.parametrize(
    "error",
    [aiosmtplib.SMTPServerDisconnected("x"), aiosmtplib.SMTPDataError(550, "x"), ssl.SSLError(1, "x"), TimeoutError()],
)
def test_the_smtp_adapter_catches_all_that_can_happen_to_it(error: Exception) -> None:
    assert isinstance(error, SMTP_ERRORS)


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("self-signed certificate", "name its authority with `ca_file`"),
        (
            "Hostname mismatch, certificate is not valid for 'mail.congty.example'.",
            "the server's name as its certificate",
        ),
        ("IP address mismatch, certificate is not valid for '192.0.2.1'.", "the server's name as its certificate"),
        ("certificate is not yet valid", "set this machine's clock"),
        ("certificate has expired", "look at this machine's clock"),
    ],
)
def test_each_fault_of_a_certificate_has_its_own_remedy(reason: str, remedy: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = reason
    assert remedy in translate(error, WHERE).remedy


@pytest.mark.parametrize(
    ("host", "remedy"),
    [
        ("imap.gmail.com:993", "make an app password"),
        ("outlook.office365.com:993", "`oauth: {provider: microsoft, …}`"),
        ("imap.yandex.com:993", "make an app password"),
        ("imappro.zoho.com:993", "with two-step sign-in"),
        ("imap.congty.example:993", "check `user` and `password`"),
    ],
)
def test_a_refused_password_at_a_known_provider_has_the_usual_remedy(host: str, remedy: str) -> None:
    trouble = translate(imap.LoginError("[AUTHENTICATIONFAILED] Invalid credentials (Failure)"), host)
    assert trouble.kind is K.LOGIN
    assert remedy in trouble.remedy


def test_a_provider_that_asks_to_wait_is_not_taken_for_a_wrong_password() -> None:
    assert translate(imap.LoginError("[LIMIT] Too many connections"), "imap.gmail.com:993").kind is K.BUSY
