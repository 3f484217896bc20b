"""Whoever stands between this machine and its mail server: says what a test wants in clear, then speaks TLS.

A conversation is a list of answers, one to each line of the client, and the last of them to all that come after;
`{tag}` is the tag of an IMAP command. `TLS` in it begins the handshake. `heard` holds the client's lines, `in_clear`
how many of them came before the handshake.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self

TLS = "TLS"


class Between:
    """`with Between(greeting, answers, certificate) as server:`"""

    def __init__(self, greeting: str, answers: Sequence[str], certificate: tuple[Path, Path] | None = None) -> None:
        self._greeting = greeting
        self._answers = answers
        self._certificate = certificate
        self.minimum = ssl.TLSVersion.TLSv1_2
        self.maximum = ssl.TLSVersion.TLSv1_3
        self.heard: list[str] = []
        self.in_clear = -1
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._talk, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _talk(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            connection, _ = self._listener.accept()
            connection.sendall(f"{self._greeting}\r\n".encode())
            for answer in self._answers:
                if answer == TLS:
                    self.in_clear = len(self.heard)
                    connection = self._protected(connection)
                    continue
                line = _line(connection)
                if not line:
                    break
                self.heard.append(line)
                connection.sendall(answer.format(tag=line.partition(" ")[0]).encode())
            while line := _line(connection):
                self.heard.append(line)
                connection.sendall(self._answers[-1].format(tag=line.partition(" ")[0]).encode())

    def _protected(self, connection: socket.socket) -> socket.socket:
        assert self._certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = self.minimum, self.maximum
        context.load_cert_chain(*self._certificate)
        return context.wrap_socket(connection, server_side=True)


def _line(connection: socket.socket) -> str:
    line = b""
    while not line.endswith(b"\n"):
        octet = connection.recv(1)
        if not octet:
            return ""
        line += octet
    return line.decode().strip()
