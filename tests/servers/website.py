"""A web server on loopback that answers as it is told and keeps what it was asked; plain, or with TLS."""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from tests.servers.process import LOOPBACK


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]  # names in small letters
    body: bytes


@dataclass
class Website:
    """`with Website() as site:` — then `site.url`, and what was asked of it in `site.asked`."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"OK"
    hold: threading.Event | None = None  # nothing is answered before it is set
    certificate: tuple[Path, Path] | None = None  # certificate and key, for https
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._http = ThreadingHTTPServer((LOOPBACK, 0), type("Handler", (_Handler,), {"site": self}))
        self._http.daemon_threads = True
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        scheme = "https" if self.certificate else "http"
        self.host = f"{LOOPBACK}:{self._http.server_address[1]}"
        self.url = f"{scheme}://{self.host}/secret-path?token=secret"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.hold is not None:
            self.hold.set()
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    site: Website

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.site.asked.append(Asked(self.command, self.path, headers, body))
        if self.site.hold is not None:
            self.site.hold.wait(30)
        self.send_response(self.site.status)
        for name, value in self.site.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.site.body)

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""
