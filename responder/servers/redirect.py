"""The other end of a browser login: a page on this machine, where the provider sends the browser back (RFC 8252 7.3).

Listens on loopback only, for one answer, and never longer than it is told. Must not know: tokens, the terminal.
"""

from __future__ import annotations

import hmac
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

LOOPBACK = "127.0.0.1"
PAGE = "<!doctype html><meta charset=utf-8><title>Responder</title><p>{text} You may close this page."
REQUEST_TIMEOUT = 5.0  # seconds for a browser to say what it wants


class Redirect:
    """`with Redirect(0) as redirect:` — send the browser to `redirect.url`, then `redirect.wait(state, 300)`."""

    def __init__(self, port: int) -> None:
        """Port 0 takes any that is free. Raises OSError."""
        self._server = _Server((LOOPBACK, port), _Page)
        self.port: int = self._server.server_address[1]
        self.url = f"http://{LOOPBACK}:{self.port}/"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.server_close()

    def wait(self, state: str, within: float) -> dict[str, str] | None:
        """What came back with that state (`code`, or `error`); None if nothing did in so many seconds."""
        self._server.state = state
        until = time.monotonic() + within
        while self._server.answer is None and (left := until - time.monotonic()) > 0:
            self._server.timeout = left
            self._server.handle_request()
        return self._server.answer


class _Server(HTTPServer):
    state = ""
    answer: dict[str, str] | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away is no trouble of ours."""


class _Page(BaseHTTPRequestHandler):
    timeout = REQUEST_TIMEOUT
    server: _Server

    def do_GET(self) -> None:
        fields = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        is_ours = hmac.compare_digest(fields.get("state", "").encode(), self.server.state.encode())
        if not is_ours or not {"code", "error"} & fields.keys():
            self._show(404, "This is not the answer that was waited for.")
            return
        self.server.answer = fields
        self._show(200, "Done." if "code" in fields else "The login was refused.")

    def _show(self, status: int, text: str) -> None:
        page = PAGE.format(text=text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: the address holds the code."""
