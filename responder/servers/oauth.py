"""Access tokens (OAuth 2): asked of the provider's token server, kept in a file, renewed before they run out.

RFC 6749, 7636 (PKCE) and 8628 (device code); the messages are oauthlib's, the transport is `web.py`.
Loaded only for accounts that use it. Must not know: mail, who is at the terminal. No token or secret is ever logged.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import os
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from oauthlib.oauth2 import BackendApplicationClient, DeviceClient, OAuth2Error, WebApplicationClient
from oauthlib.oauth2.rfc6749.clients.base import Client

from responder import in_place
from responder.about import about
from responder.config import OAuth
from responder.errors import Trouble, TroubleKind
from responder.providers import AUTHORITIES, Flow
from responder.servers import web
from responder.servers.credentials import password
from responder.web_address import host

log = logging.getLogger(__name__)

HTTP_TIMEOUT = 20.0  # seconds
AHEAD = 300.0  # seconds before its end at which a token is renewed
USUAL_LIFE = 3600.0  # seconds, where the server does not tell
LOCK_WITHIN = 60.0  # seconds for whoever renews the token just now
LOCK_PAUSE = 0.05  # seconds
REST = 900.0  # seconds for which a refused refresh token is not shown again
LONGEST_DEVICE_WAIT = 900.0  # seconds for a person to enter the code
ASK_AGAIN_LATER = frozenset({"temporarily_unavailable", "server_error"})
OF_THE_APPLICATION = frozenset({"invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type"})


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token server's answer."""

    access: str = field(repr=False)
    ends: float  # seconds since 1970
    refresh: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person does in a browser, and how long we wait for it."""

    url: str
    user_code: str
    device_code: str = field(repr=False)
    interval: float
    within: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """An authorization request for a browser: where to go, and what must come back with the code."""

    url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect: str


class NotYet(Exception):  # noqa: N818 - `except NotYet` reads as it is meant
    """The person has not entered the code so far. `slower`: the server wants to be asked less often."""

    def __init__(self, *, slower: bool) -> None:
        self.slower = slower
        super().__init__()


# ---------------------------------------------------------------- the token server


class TokenServer:
    """The provider's servers, as one account speaks to them. Every method raises `Trouble`."""

    def __init__(self, settings: OAuth, account: str, now: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._account = account
        self._now = now
        usual, own = AUTHORITIES[settings.provider], settings.endpoints
        self._token_url = own.token or usual.token.format(tenant=settings.tenant)
        self._device_url = own.device or usual.device.format(tenant=settings.tenant)
        self._authorize_url = own.authorize or usual.authorize.format(tenant=settings.tenant)
        self._scope = settings.scope or " ".join(usual.scopes[settings.way])
        self._secret = ""

    def device_code(self) -> DeviceCode:
        """Begin the device flow (RFC 8628 3.1)."""
        wanted = {"client_id": self._settings.client_id, "scope": self._scope}
        body = self._post(self._device_url, urllib.parse.urlencode(wanted))
        answer = _object(body)
        url = answer.get("verification_uri") or answer.get("verification_url")
        if "error" in answer or not url or "user_code" not in answer or "device_code" not in answer:
            raise self._refused(str(answer.get("error", "no code")), str(answer.get("error_description", "")))
        return DeviceCode(
            url=str(url),
            user_code=str(answer["user_code"]),
            device_code=str(answer["device_code"]),
            interval=_seconds(answer.get("interval"), 5.0),
            within=min(_seconds(answer.get("expires_in"), LONGEST_DEVICE_WAIT), LONGEST_DEVICE_WAIT),
        )

    def of_device(self, code: DeviceCode) -> Token:
        """Has the person entered the code? Raises `NotYet` while not."""
        client = DeviceClient(self._settings.client_id)
        body = client.prepare_request_body(code.device_code, include_client_id=True, **self._with_secret())
        return self._token(client, body)

    def agreement(self, redirect: str) -> Agreement:
        """Begin the browser flow: the address to open, with PKCE and a state of its own."""
        client = WebApplicationClient(self._settings.client_id)
        verifier = client.create_code_verifier(64)
        state = client.create_code_verifier(43)
        url = client.prepare_request_uri(
            self._authorize_url,
            redirect_uri=redirect,
            scope=self._scope,
            state=state,
            code_challenge=client.create_code_challenge(verifier, "S256"),
            code_challenge_method="S256",
            access_type="offline",  # Google gives a refresh token only then,
            prompt="consent",  # and a second one only when asked again
        )
        return Agreement(url, state, verifier, redirect)

    def of_code(self, agreement: Agreement, code: str) -> Token:
        """End the browser flow: the code that came back, for a token."""
        client = WebApplicationClient(self._settings.client_id)
        body = client.prepare_request_body(
            code=code, redirect_uri=agreement.redirect, code_verifier=agreement.verifier, **self._with_secret()
        )
        return self._token(client, body)

    def of_application(self) -> Token:
        """Client credentials: the program's own right, without any person."""
        client = BackendApplicationClient(self._settings.client_id)
        body = client.prepare_request_body(scope=self._scope, include_client_id=True, **self._with_secret())
        return self._token(client, body)

    def refreshed(self, refresh: str) -> Token:
        """A fresh token; a server that gives no new refresh token leaves the old one good."""
        client = WebApplicationClient(self._settings.client_id)
        body = client.prepare_refresh_body(
            refresh_token=refresh, client_id=self._settings.client_id, scope=self._scope, **self._with_secret()
        )
        token = self._token(client, body)
        return token if token.refresh else replace(token, refresh=refresh)

    def _with_secret(self) -> dict[str, Any]:
        if self._settings.client_secret is None:
            return {}
        self._secret = password(self._settings.client_secret)
        return {"client_secret": self._secret}

    def _token(self, client: Client, body: str) -> Token:
        answer = self._post(self._token_url, body)
        try:
            told = client.parse_request_body_response(answer)
        except OAuth2Error as error:
            if error.error in ("authorization_pending", "slow_down"):
                raise NotYet(slower=error.error == "slow_down") from None
            raise self._refused(error.error or "no token", error.description or "") from None
        except (ValueError, TypeError, AttributeError):  # no JSON object at all
            raise self._refused("no token", "") from None
        life = _seconds(told.get("expires_in"), USUAL_LIFE)
        return Token(str(told["access_token"]), self._now() + life, told.get("refresh_token"))

    def _refused(self, error: str, description: str) -> Trouble:
        """The server's own word, its first sentence, and what to do about it."""
        lines = description.replace("\r", "\n").strip().splitlines()
        said = f"{error}: {lines[0]}" if lines else error
        said = "".join(char if char.isprintable() else " " for char in said)[:200]
        if self._secret:
            said = said.replace(self._secret, "…")
        where = host(self._token_url)
        if error in ASK_AGAIN_LATER:
            return Trouble(
                TroubleKind.BUSY, where, f"the token server asks to wait ({said})", "it is tried again later"
            )
        remedy = f"run `responder login {self._account}`"
        if error in OF_THE_APPLICATION or self._settings.way is Flow.CLIENT_CREDENTIALS:
            remedy = (
                "look at `tenant`, `client_id` and `client_secret` (which runs out), and at the application's rights"
            )
        return Trouble(TroubleKind.CREDENTIAL, where, f"no access token was given ({said})", remedy)

    def _post(self, url: str, body: str) -> str:
        """One bounded request; the answer's text also where it is an error (RFC 6749 5.2: it is told in JSON)."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = web.ask(url, body.encode(), headers, HTTP_TIMEOUT)
        if answer.asks_to_wait:
            what = f"the token server asks to wait (HTTP {answer.status})"
            raise Trouble(TroubleKind.BUSY, host(url), what, "it is tried again later")
        return answer.text


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(value: object, usual: float) -> float:
    try:
        return max(0.0, float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return usual


# ---------------------------------------------------------------- the file


class TokenFile:
    """One account's tokens on disk: for the owner only, replaced at once, one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Token | None:
        """The token; None where there is none. Raises `Trouble`."""
        try:
            kept = _object(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise self._trouble("cannot be read", error) from error
        if not isinstance(kept.get("access_token"), str):
            return None
        refresh = kept.get("refresh_token")
        return Token(
            kept["access_token"], _seconds(kept.get("ends"), 0.0), refresh if isinstance(refresh, str) else None
        )

    def write(self, token: Token) -> None:
        """Raises `Trouble`."""
        kept = {"access_token": token.access, "ends": token.ends, "refresh_token": token.refresh}
        draft = self.path.with_suffix(".new")
        try:
            self._make_folder()
            in_place.make_private(draft)
            draft.write_text(json.dumps(kept), encoding="utf-8")
            self._hand_over(draft)
            in_place.put(draft, self.path)
        except OSError as error:
            raise self._trouble("cannot be written", error) from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Alone with the file: threads and processes wait for each other, but not for ever. Raises `Trouble`."""
        lock = self.path.with_suffix(".lock")
        try:
            self._make_folder()
            held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise self._trouble("cannot be locked", error) from error
        try:
            self._hand_over(lock)
            self._wait_for(held)
            yield
        finally:
            os.close(held)

    def _wait_for(self, lock: int) -> None:
        until = time.monotonic() + LOCK_WITHIN
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise self._trouble("are held by somebody else", TimeoutError()) from None
                time.sleep(LOCK_PAUSE)
            else:
                return

    def _make_folder(self) -> None:
        folder = self.path.parent
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            self._hand_over(folder)
        if folder.is_symlink():  # planted for root to write where it leads
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))

    def _hand_over(self, path: Path) -> None:
        """`responder login` as root writes for the service: what it makes belongs to whoever owns the state."""
        if os.geteuid() == 0:
            owner = self.path.parent.parent.stat()
            with contextlib.suppress(PermissionError):  # some containers let not even root do that
                os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)

    def _trouble(self, what: str, error: Exception) -> Trouble:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Trouble(
            TroubleKind.CREDENTIAL,
            str(self.path),
            f"the tokens {what} ({reason})",
            "the folder of `state` must be there, and be the service's own",
        )


# ---------------------------------------------------------------- tokens for the mail servers


class KeptTokens:
    """Fits `credentials.Tokens`."""

    def __init__(self, settings: OAuth, account: str, now: Callable[[], float] = time.time) -> None:
        self.account = account
        self._settings = settings
        self._server = TokenServer(settings, account, now)
        self._now = now
        self._file = TokenFile(token_path(settings, account))
        self._rest: tuple[str, float, Trouble] | None = None  # a refused refresh token, until when it rests, and why

    def access(self) -> str:
        token = self._file.read()
        return token.access if token is not None and self._lasts(token) else self._renew(self._lasts)

    def renewed(self, refused: str) -> str:
        return self._renew(lambda token: token.access != refused and self._lasts(token))

    def _lasts(self, token: Token) -> bool:
        return token.ends - self._now() > AHEAD

    def _renew(self, is_good: Callable[[Token], bool]) -> str:
        with self._file.locked():
            kept = self._file.read()
            if kept is not None and is_good(kept):
                return kept.access  # somebody was quicker
            token = self._fetch(kept)
            try:
                self._file.write(token)
            except Trouble as trouble:
                told = about(account=self.account, trouble=trouble.kind)
                log.warning("%s: %s", self.account, trouble, extra=told)  # the token itself is good
            return token.access

    def _fetch(self, kept: Token | None) -> Token:
        if self._settings.way is Flow.CLIENT_CREDENTIALS:
            return self._server.of_application()
        if kept is None or kept.refresh is None:
            what = "nobody has agreed to this account's use yet"
            raise Trouble(TroubleKind.CREDENTIAL, str(self._file.path), what, f"run `responder login {self.account}`")
        if self._rest is not None and self._rest[0] == kept.refresh and self._now() < self._rest[1]:
            raise self._rest[2]  # nobody has logged in since: the server is not hammered
        try:
            return self._server.refreshed(kept.refresh)
        except NotYet:
            raise AssertionError("only the device flow waits for a person") from None
        except Trouble as trouble:
            if trouble.kind is TroubleKind.CREDENTIAL:
                self._rest = (kept.refresh, self._now() + REST, trouble)
            raise


def token_path(settings: OAuth, account: str) -> Path:
    """Where the tokens are kept; the config fills it in."""
    if settings.tokens is None:
        raise Trouble(TroubleKind.CONFIG, account, "nobody said where the tokens are kept", "write `tokens: FILE`")
    return settings.tokens
