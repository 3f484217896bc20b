"""A token server on loopback, as Microsoft and Google have: device code, code with PKCE, refresh, client credentials.

It also tells Dovecot whose a token is (RFC 7662), so that a mail server really checks what the program shows.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers.process import LOOPBACK

CLIENT, SECRET = "office-program", "client-secret-7731"


@dataclass
class TokenServer:
    """`with TokenServer("info@congty.example") as server:` — it gives tokens for that mailbox to `CLIENT`."""

    user: str
    life: int = 3600  # seconds that a token lasts
    wants_secret: bool = False
    pending: int = 0  # how often the device flow is told to wait
    slow_down: bool = False  # and once to ask less often
    interval: int = 1
    error: tuple[int, dict[str, str]] | None = None  # the answer to every request for a token
    asked: list[dict[str, str]] = field(default_factory=list)
    good: set[str] = field(default_factory=set)  # access tokens that are taken
    refresh_tokens: set[str] = field(default_factory=set)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    browser: str = ""  # what the browser was shown at the end

    def __enter__(self) -> Self:
        self._http = ThreadingHTTPServer((LOOPBACK, 0), type("Handler", (_Handler,), {"tokens": self}))
        self.url = f"http://{LOOPBACK}:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def endpoints(self) -> dict[str, str]:
        return {name: f"{self.url}/{name}" for name in ("authorize", "device", "token")}

    @property
    def introspection(self) -> str:
        return f"{self.url}/introspect"

    def grants(self) -> list[str]:
        """What tokens were asked by, in order."""
        return [asked["grant_type"].rpartition(":")[2] for asked in self.asked]

    def revoke(self) -> None:
        """The person takes back what was agreed."""
        self.good.clear()
        self.refresh_tokens.clear()

    def forget(self) -> None:
        """Access tokens are no longer taken, before their end; they can be renewed."""
        self.good.clear()

    def agree(self, url: str, **changed: str) -> None:
        """What a person does in the browser: opens the address, agrees, and is sent back."""
        wanted = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = secrets.token_hex(8)
        self.codes[code] = wanted
        back = urlencode({"code": code, "state": wanted["state"], **changed})
        with urllib.request.urlopen(f"{wanted['redirect_uri']}?{back}", timeout=10) as page:  # noqa: S310 - loopback
            self.browser = page.read().decode()

    # --- the pages ---------------------------------------------------------------------------------------------

    def page(self, path: str, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if path == "/introspect":
            is_good = asked.get("token") in self.good
            return 200, {"active": is_good, "username": self.user} if is_good else {"active": False}
        if path == "/device":
            return 200, {"device_code": "device-1", "user_code": "ABCD-EFGH", "interval": self.interval,
                         "verification_uri": f"{self.url}/enter", "expires_in": 60}  # fmt: skip
        self.asked.append(asked)
        return self.error or self._token(asked)

    def _token(self, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if asked.get("client_id") != CLIENT or (self.wants_secret and asked.get("client_secret") != SECRET):
            return 401, {
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret\r\nTrace",
            }
        refusal = getattr(self, f"_{asked['grant_type'].rpartition(':')[2]}")(asked)
        if refusal:
            return 400, {"error": refusal, "error_description": f"{refusal} it is.\r\nTrace ID: 1"}
        access, refresh = f"access-{secrets.token_hex(8)}", f"refresh-{secrets.token_hex(8)}"
        self.good.add(access)
        given = {"access_token": access, "token_type": "Bearer", "expires_in": self.life, "scope": "other than asked"}
        if asked["grant_type"] not in ("client_credentials", "refresh_token"):
            self.refresh_tokens.add(refresh)
            given["refresh_token"] = refresh
        return 200, given

    def _device_code(self, _asked: dict[str, str]) -> str:
        if self.slow_down:
            self.slow_down = False
            return "slow_down"
        self.pending -= 1
        return "authorization_pending" if self.pending >= 0 else ""

    def _authorization_code(self, asked: dict[str, str]) -> str:
        wanted = self.codes.pop(asked.get("code", ""), {})
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        proven = (wanted.get("code_challenge_method"), wanted.get("code_challenge")) == ("S256", challenge)
        return "" if proven and wanted["redirect_uri"] == asked.get("redirect_uri") else "invalid_grant"

    def _refresh_token(self, asked: dict[str, str]) -> str:
        return "" if asked.get("refresh_token") in self.refresh_tokens else "invalid_grant"

    def _client_credentials(self, _asked: dict[str, str]) -> str:
        return ""


class _Handler(BaseHTTPRequestHandler):
    tokens: TokenServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        status, answer = self.tokens.page(
            urlsplit(self.path).path, {name: values[0] for name, values in parse_qs(body).items()}
        )
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""
