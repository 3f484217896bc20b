"""The one translator: what a library raised → what a user reads and what the daemon does next.

Every adapter sends its exceptions through `translate`; nobody else looks at
the exceptions of imapclient, aiosmtplib, ssl or the socket.
"""

from __future__ import annotations

import imaplib
import socket
import ssl

import aiosmtplib
from imapclient import exceptions as imap

from responder.errors import Trouble, TroubleKind

LOST = "the connection was lost"
BUSY_SIGNS = ("overquota", "too many", "limit", "unavailable", "inuse", "try again", "throttl", "rate")
MISSING_SIGNS = ("nonexistent", "doesn't exist", "does not exist", "unknown mailbox", "no such mailbox")
LOGIN_SIGNS = ("authenticationfailed", "authorizationfailed", "expired", "invalid credentials", "password")

# What each library raises, so that adapters catch these and nothing wider.
IMAP_ERRORS = (imaplib.IMAP4.error, imap.IMAPClientError, OSError, ValueError)
SMTP_ERRORS = (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError)


def translate(error: BaseException, where: str) -> Trouble:
    """Tell `error`, met while talking to `where` (`imap.example:993`), as `Trouble`."""
    if isinstance(error, Trouble):
        return error
    if isinstance(error, aiosmtplib.SMTPConnectError) and isinstance(error.__cause__, OSError):
        error = error.__cause__  # what the system said tells more
    for matches, tell in TABLE:
        if isinstance(error, matches):
            return tell(error, where)
    return Trouble(TroubleKind.SERVER, where, f"unexpected answer ({_text(error)})", "see the journal for details")


def _certificate(error: BaseException, where: str) -> Trouble:
    reason = getattr(error, "verify_message", "") or _text(error)
    return Trouble(
        TroubleKind.TLS,
        where,
        f"the server's certificate is not trusted ({reason})",
        "check the host name; for a certificate of your own, name its authority with `ca_file`",
    )


def _tls(error: BaseException, where: str) -> Trouble:
    return Trouble(
        TroubleKind.TLS,
        where,
        f"no TLS connection could be made ({_text(error)})",
        "check port and `security`: 993 and 465 want `tls`, 143 and 587 want `starttls`",
    )


def _unknown_host(error: BaseException, where: str) -> Trouble:
    return Trouble(TroubleKind.NETWORK, where, "the host name is not known", "check `host` and the machine's DNS")


def _refused(error: BaseException, where: str) -> Trouble:
    return Trouble(TroubleKind.NETWORK, where, "the connection was refused", "check `host` and `port`; is it running?")


def _timeout(error: BaseException, where: str) -> Trouble:
    return Trouble(TroubleKind.NETWORK, where, "the server did not answer in time", "check the network and firewall")


def _lost(error: BaseException, where: str) -> Trouble:
    return Trouble(TroubleKind.NETWORK, where, LOST, "nothing to do; it is tried again")


def _login(error: BaseException, where: str) -> Trouble:
    text = _text(error)
    code = getattr(error, "code", 0)  # SMTP: 535 refuses, 454 asks to come back (RFC 4954 6)
    is_busy = any(sign in text.lower() for sign in BUSY_SIGNS) and not any(sign in text.lower() for sign in LOGIN_SIGNS)
    if 400 <= code < 500 or (is_busy and not code):
        return _busy(error, where)
    return Trouble(
        TroubleKind.LOGIN,
        where,
        f"user name or password refused ({text})",
        "check `user` and `password`; with two-factor sign-in an app password is needed",
    )


def _busy(error: BaseException, where: str) -> Trouble:
    return Trouble(TroubleKind.BUSY, where, f"the server asks to wait ({_text(error)})", "it is tried again later")


def _imap(error: BaseException, where: str) -> Trouble:
    text = _text(error).lower()
    if any(sign in text for sign in BUSY_SIGNS[:2]):
        return _busy(error, where)
    if any(sign in text for sign in MISSING_SIGNS):
        return _missing(error, where)
    if "eof" in text or "connection" in text or "bye" in text:
        return _lost(error, where)
    return Trouble(TroubleKind.SERVER, where, f"the server refused ({_text(error)})", "see `check --connect`")


def _missing(error: BaseException, where: str) -> Trouble:
    return Trouble(
        TroubleKind.MAILBOX,
        where,
        f"the folder is not there ({_text(error)})",
        "name the right one in the account: `folders: {inbox: NAME}`",
    )


def _smtp_code(error: BaseException, where: str) -> Trouble:
    return Trouble(TroubleKind.SERVER, where, f"the server refused ({_text(error)})", "see `check --connect`")


def _os(error: BaseException, where: str) -> Trouble:
    return Trouble(TroubleKind.NETWORK, where, f"no connection ({_text(error)})", "check the network")


def _text(error: BaseException) -> str:
    """The library's words on one line, without its byte-string quoting."""
    parts = [part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in error.args]
    text = " ".join(" ".join(parts).split()) or type(error).__name__
    return text.removeprefix("b'").rstrip("'")[:200]


TABLE = (
    (ssl.SSLCertVerificationError, _certificate),
    (ssl.SSLEOFError, _lost),
    (ssl.SSLError, _tls),
    (socket.gaierror, _unknown_host),
    (ConnectionRefusedError, _refused),
    (imap.LoginError, _login),
    (aiosmtplib.SMTPAuthenticationError, _login),
    (aiosmtplib.SMTPTimeoutError, _timeout),
    (TimeoutError, _timeout),
    (imaplib.IMAP4.abort, _lost),
    (imaplib.IMAP4.error, _imap),
    (imap.IMAPClientError, _imap),
    (aiosmtplib.SMTPResponseException, _smtp_code),
    (aiosmtplib.SMTPConnectError, _refused),
    (ConnectionError, _lost),
    (OSError, _os),
)
