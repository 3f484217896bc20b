"""The one translator: what a library raised → what a user reads and what the daemon does next.

Every adapter sends its exceptions through `translate`; nobody else looks at
the exceptions of imapclient, aiosmtplib, ssl or the socket.
"""

from __future__ import annotations

import imaplib
import json
import re
import socket
import ssl
from collections.abc import Sequence

import aiosmtplib
from imapclient import exceptions as imap

from responder.errors import Trouble, TroubleKind
from responder.mail import echo
from responder.ports import SmtpStep
from responder.servers.imap_client import OVERLONG

LOST = "the connection was lost"

# Who asks to wait: by response codes (RFC 5530), else by words; a refused login has more of them than a command.
BUSY_CODES = re.compile(r"\[(?:overquota|limit|unavailable|inuse|throttled)\b", re.IGNORECASE)
BUSY_WORDS = re.compile(
    r"\b(?:over ?quota|quota exceeded|too many|rate limit|throttl(?:ed|ing)|try again later)\b", re.IGNORECASE
)
BUSY_AT_LOGIN = re.compile(r"\b(?:limit(?:s|ed)?|unavailable|in ?use|try again|rate)\b", re.IGNORECASE)

MISSING_SIGNS = ("nonexistent", "doesn't exist", "does not exist", "unknown mailbox", "no such mailbox")
LOGIN_ENDED = ("command: LOGIN =>", "command: AUTHENTICATE =>")  # the connection, in the midst of one
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
    found = (remedy for sign, remedy in CERTIFICATES if sign in reason.lower())
    remedy = next(found, "check the host name; for a certificate of your own, name its authority with `ca_file`")
    return Trouble(TroubleKind.TLS, where, f"the server's certificate is not trusted ({reason})", remedy)


CERTIFICATES = (
    ("mismatch", "write the server's name as its certificate has it in `host`; an IP address seldom will do"),
    ("not valid for", "write the server's name as its certificate has it in `host`; an IP address seldom will do"),
    ("not yet valid", "set this machine's clock: to it, the certificate lies in the future"),
    ("expired", "look at this machine's clock; if that is right, the server's owner must renew the certificate"),
)


def _tls(error: BaseException, where: str) -> Trouble:
    text = _text(error)
    plain = "wrong_version_number" in text.lower() or "record layer" in text.lower()
    return Trouble(
        TroubleKind.TLS,
        where,
        f"this port does not speak TLS from the first byte ({text})"
        if plain
        else f"no TLS connection could be made ({text})",
        "check port and `security`: 993 and 465 want `tls`, 143 and 587 want `starttls`",
    )


def no_starttls(where: str) -> Trouble:
    """The server does not offer it, or says that there is no need to: the password stays with us."""
    remedy = "check port and `security`; if it worked before, look who stands between this machine and the server"
    return Trouble(TroubleKind.TLS, where, "the server offers no TLS on this connection (STARTTLS)", remedy)


def _smtp(error: BaseException, where: str) -> Trouble:
    if "starttls extension not supported" in _text(error).lower():
        return no_starttls(where)
    return Trouble(TroubleKind.SERVER, where, f"unexpected answer ({_text(error)})", "see the journal for details")


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
    is_busy = _is_busy_login(text) and not _blames_login(text)
    hint = _hint(text, where)
    if 400 <= code < 500 or (is_busy and not code and hint is None):
        return _busy(error, where)
    if hint is not None:
        return Trouble(TroubleKind.LOGIN, where, f"{hint[0]} ({text})", hint[1])
    return Trouble(
        TroubleKind.LOGIN,
        where,
        f"user name or password refused ({text})",
        "check `user` and `password`; with two-factor sign-in an app password is needed",
    )


APP_PASSWORD = "turn on two-step sign-in for the mailbox, make an app password, and write that in `password`"  # noqa: S105
ENTRA = "in Microsoft's admin centres: IMAP on for this mailbox, and IMAP.AccessAsUser.All (or the app's access to it)"
NOT_CONNECTED = "authenticated but not connected"

# What providers answer to a login, in small letters → what that means, and what to do. The first that fits counts.
LOGIN_HINTS: tuple[tuple[str, str, str], ...] = (
    (NOT_CONNECTED, "the login is good, but it may not open this mailbox", ENTRA),
    ("application-specific password", "password refused: the account's own will not do, an app password is wanted",
     APP_PASSWORD),
    ("app password", "password refused: the account's own will not do, an app password is wanted", APP_PASSWORD),
    ("via your web browser", "password refused: the account's own will not do, an app password is wanted",
     APP_PASSWORD),
    ("credentials or imap is disabled", "IMAP is switched off for this mailbox, or this is no app password",
     "in Yandex Mail under Settings, Mail clients: allow IMAP with app passwords, and make one for `password`"),
    ("does not have access rights to this service", "mail programs are switched off for this mailbox",
     "in Yandex Mail under Settings, Mail clients: allow IMAP with app passwords"),
    ("smtpclientauthentication is disabled", "sending over SMTP is switched off for this mailbox",
     "Microsoft 365 admin centre: the user, Mail, Manage email apps, Authenticated SMTP"),
    ("basic authentication is disabled", "password refused: Microsoft takes access tokens here, no passwords",
     "write `oauth: {provider: microsoft, …}` in place of `password`, then `responder login ACCOUNT`"),
    ("enable imap", "IMAP is switched off for this mailbox", "switch it on in the settings of the mailbox"),
    ("not enabled for imap", "IMAP is switched off for this mailbox", "switch it on in the settings of the mailbox"),
    ("imap access is disabled", "IMAP is switched off for the whole domain",
     "ask the administrator of the domain to allow IMAP"),
    ("not available for imap", "IMAP is switched off for this mailbox", "switch it on in the settings of the mailbox"),
)  # fmt: skip
AT_A_PROVIDER: tuple[tuple[str, str], ...] = (  # hosts where the usual mistake with a refused password is known
    ("gmail.com", APP_PASSWORD),
    ("office365.com", "Microsoft takes no password here: write `oauth: {provider: microsoft, …}` in place of it"),
    ("yandex.", APP_PASSWORD),
    ("zoho.", f"check the password; with two-step sign-in, {APP_PASSWORD.partition(', ')[2]}"),
)


def _hint(text: str, where: str) -> tuple[str, str] | None:
    """What a refused login means, where the answer or the host tells."""
    said = " ".join(text.lower().split())
    for sign, what, remedy in LOGIN_HINTS:
        if sign in said:
            return what, remedy
    host = where.rpartition(":")[0].lower()
    if _is_busy_login(said):
        return None
    return next((("user name or password refused", remedy) for part, remedy in AT_A_PROVIDER if part in host), None)


def token_refused(error: BaseException, where: str, account: str) -> Trouble:
    """The server took neither the access token nor a fresh one."""
    text = _text(error)
    trouble = translate(error, where)
    if trouble.kind is not TroubleKind.LOGIN:
        return trouble
    hint = next(((what, remedy) for sign, what, remedy in LOGIN_HINTS if sign in text.lower()), None)
    what, remedy = hint or (
        "the access token was not taken",
        f"is `user` who agreed, and may that mailbox be used over IMAP and SMTP? then `responder login {account}`",
    )
    return Trouble(TroubleKind.LOGIN, where, f"{what} ({text})", remedy)


def challenge_status(challenges: Sequence[bytes]) -> str:
    """What a server says of a token that it does not take: JSON of which only the status is shown."""
    for challenge in challenges:
        try:
            status = str(json.loads(challenge)["status"])
        except (ValueError, LookupError, TypeError):
            continue
        if re.fullmatch(r"[\w .-]{1,40}", status):
            return f"(status {status})"
    return ""


def _busy(error: BaseException, where: str) -> Trouble:
    return Trouble(TroubleKind.BUSY, where, f"the server asks to wait ({_text(error)})", "it is tried again later")


def _is_busy(text: str) -> bool:
    return bool(BUSY_CODES.search(text) or BUSY_WORDS.search(text))


def _blames_login(text: str) -> bool:
    return any(sign in text.lower() for sign in LOGIN_SIGNS)


def _is_busy_login(text: str) -> bool:
    return _is_busy(text) or bool(BUSY_AT_LOGIN.search(text))


def _imap(error: BaseException, where: str) -> Trouble:
    text = _text(error).lower()
    if _is_busy(text):
        return _busy(error, where)
    if is_missing(error):
        return missing(error, where)
    if NOT_CONNECTED in text:
        return _login(error, where)
    if text.startswith("* bye"):  # in place of a greeting
        return Trouble(TroubleKind.NETWORK, where, f"the server hung up ({_text(error)})", "it is tried again")
    return Trouble(TroubleKind.SERVER, where, f"the server refused ({_text(error)})", "see `check --connect`")


def _abort(error: BaseException, where: str) -> Trouble:
    """The connection is of no use any more: it ended, or nobody knows what the server will say next."""
    text = _text(error)
    if _is_busy(text):
        return _busy(error, where)
    if text.startswith(LOGIN_ENDED) and (_is_busy_login(text) or _blames_login(text)):
        return _login(error, where)
    if OVERLONG in text:
        what = f"the server sent {text[text.index(OVERLONG) :]}"
        return Trouble(TroubleKind.NETWORK, where, what, "it is tried again")
    if "unexpected" in text:
        said = text.partition("b'")[2].rstrip("'")[:80]
        what = f"the server said what is no IMAP ({said})"
        return Trouble(TroubleKind.NETWORK, where, what, "check `host` and `port`; it is tried again")
    return _lost(error, where)


def nonsense(place: str, where: str) -> Trouble:
    """An answer that no library can read; its words are left out, they may be those of a mail."""
    return Trouble(TroubleKind.SERVER, where, f"the server's answer makes no sense ({place})", "ask the provider")


def cannot_open(error: BaseException, where: str) -> Trouble:
    return Trouble(
        TroubleKind.MAILBOX,
        where,
        f"the folder cannot be opened ({_text(error)})",
        "look into it in a mail program, or ask the provider",
    )


def is_missing(error: BaseException) -> bool:
    """Does the server say that there is no such folder?"""
    text = _text(error).lower()
    return any(sign in text for sign in MISSING_SIGNS)


def missing(error: BaseException, where: str, folder: str = "inbox") -> Trouble:
    return Trouble(
        TroubleKind.MAILBOX,
        where,
        f"the folder is not there ({_text(error)})",
        f"name the right one in the account: `folders: {{{folder}: NAME}}`",
    )


def _smtp_code(error: BaseException, where: str) -> Trouble:
    if 400 <= getattr(error, "code", 0) < 500:
        return _busy(error, where)
    return Trouble(TroubleKind.SERVER, where, f"the server refused ({_text(error)})", "see `check --connect`")


def no_answer(error: aiosmtplib.SMTPResponseException, where: str) -> Trouble:
    """What came is no answer to what was asked (RFC 5321 4.2)."""
    text = " ".join(readable(error.message).split())[:200]
    return Trouble(TroubleKind.SERVER, where, f"the answer makes no sense ({text})", "see `check --connect`")


# Answers to MAIL, RCPT and DATA that are about us: status codes (RFC 3463), or words in small letters → what, remedy.
AboutUs = tuple[re.Pattern[str], str, str]


def _sign(codes: str, words: str) -> re.Pattern[str]:
    """Codes count where they are no part of a longer number, as in an IP address."""
    return re.compile(rf"(?<![\d.])(?:{codes})(?!\.?\d)|{words}")


LIMIT: AboutUs = (
    _sign(r"5\.4\.5|5\.1\.90", r"submissionquota|(?:sending|daily|hourly|outgoing)[a-z -]{0,30}(?:limit|quota)"
          r"|(?:limit|quota)[a-z -]{0,30}(?:sending|per day|per hour)"),
    "the provider lets this mailbox send no more for a while",
    "nothing to do, it is tried again; to keep below its limit, write it under `sends:`",
)  # fmt: skip
NO_LOGIN: AboutUs = (
    _sign(r"5\.7\.57", r"^53[0458]\b|relay access denied|relaying denied|(?:unable|not permitted) to relay"
          r"|authentication (?:is )?required|not (?:been )?authenticated"),
    "mail is taken only after a login", "check `user`, `password` and `security` under `smtp:`",
)  # fmt: skip
BLOCKED: AboutUs = (
    _sign(r"5\.7\.[57]\d\d|5\.1\.8", "client host"),
    "mail from here is blocked", "ask the mail provider why; it is tried again until then",
)  # fmt: skip
SENDER_REFUSED: AboutUs = (
    _sign(r"5\.7\.60|5\.1\.7", "sender address rejected|not owned by user|send as"),
    "this sender is refused", "may `user` send as `address`? ask the mail provider",
)  # fmt: skip
LISTED = re.compile(r"blocked using|black ?list|block ?list|suspended|compromised")  # who or what, the rest must tell
LISTED_ARE_WE = re.compile(r"\byour (?:ip|account|mailbox)\b|^(?!.*(?:content|contains|\bur[il])).*\[\d")
OF_THE_RECIPIENT = re.compile(r"\d{3} [45]\.(?:1\.(?:[1-6]|10)|2\.[1-9]\d*)\b")  # RFC 3463 3.2, 3.3
OF_THE_MAIL = re.compile(r"55[25]\b|\d{3} 5\.(?:3\.4|6\.\d+)\b")  # too large, an option it does not know, its content
OF_THE_SERVER = re.compile(r"421\b|4\d\d 4\.3\.\d+\b(?! <)")  # with an address after it, of that
ADDRESSES = re.compile(r"<[^>]*>|\S*@\S*")  # a customer chose them: they may read like anything


def not_this_mail(code: int, answer: str, where: str, step: SmtpStep, sender: str) -> Trouble | None:
    """Why a refusal is no fault of the mail and its recipient; None where it is, or may be that of the null sender."""
    names_only_us = step is SmtpStep.SENDER and sender != ""
    if code < 500:
        is_of_server = names_only_us or OF_THE_SERVER.match(answer)
        what = f"the server asks to wait ({answer[:200]})"
        return Trouble(TroubleKind.BUSY, where, what, "it is tried again later") if is_of_server else None
    found = _about_us(answer, step, sender)
    if found is None and names_only_us and not OF_THE_MAIL.match(answer) and not OF_THE_RECIPIENT.match(answer):
        found = SENDER_REFUSED
    if found is None:
        return None
    _pattern, what, remedy = found
    return Trouble(TroubleKind.DELIVERY, where, f"{what} ({answer[:200]})", remedy)


def _about_us(answer: str, step: SmtpStep, sender: str) -> AboutUs | None:
    if OF_THE_RECIPIENT.match(answer):
        return None
    said = ADDRESSES.sub("", answer).lower()
    for row in (LIMIT, NO_LOGIN):
        if row[0].search(said):
            return row
    if step is SmtpStep.RECIPIENT and "recipient address rejected" in said:
        return None
    is_listed = LISTED.search(said) and (step is SmtpStep.SENDER or LISTED_ARE_WE.search(said))
    if is_listed or BLOCKED[0].search(said):
        return BLOCKED
    is_null_sender = sender == "" and step is not SmtpStep.DATA  # there is another one to be tried
    return SENDER_REFUSED if SENDER_REFUSED[0].search(said) and not is_null_sender else None


def _os(error: BaseException, where: str) -> Trouble:
    return Trouble(TroubleKind.NETWORK, where, f"no connection ({_text(error)})", "check the network")


def _text(error: BaseException) -> str:
    """The library's words on one line, without its byte-string quoting, nor octets that are no text."""
    if isinstance(error, UnicodeError):
        return "letters that cannot be sent"  # its own words hold the text itself, which may be a password
    parts = [part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in error.args]
    text = " ".join(" ".join(parts).split()) or type(error).__name__
    return readable(text.removeprefix("b'").rstrip("'")[:200])


def readable(text: str) -> str:
    """What a server said, fit to be kept and shown: octets that are no UTF-8, and what plays tricks, stand as `?`."""
    return echo.UNSAFE.sub(lambda found: "?" * len(found[0]), " ".join(text.split()))


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
    (imaplib.IMAP4.abort, _abort),
    (imaplib.IMAP4.error, _imap),
    (imap.IMAPClientError, _imap),
    (aiosmtplib.SMTPResponseException, _smtp_code),
    (aiosmtplib.SMTPConnectError, _refused),
    (ConnectionError, _lost),
    (OSError, _os),
    (aiosmtplib.SMTPException, _smtp),
)
