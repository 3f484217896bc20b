"""An IMAP server that says exactly what a test wants: for the answers of providers that cannot be asked here."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping, Sequence
from typing import Self

HANG_UP = "hang up"
CAPABILITIES = "IMAP4rev1 IDLE SPECIAL-USE UIDPLUS AUTH=PLAIN AUTH=XOAUTH2"
USUAL: Mapping[str, Sequence[str]] = {
    "CAPABILITY": (f"* CAPABILITY {CAPABILITIES}", "OK done"),
    "LOGIN": ("OK done",),
    "AUTHENTICATE": ("OK done",),
    "SELECT": (
        r"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)",
        r"* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] ok",
        "* 0 EXISTS",
        "* OK [UIDVALIDITY 1] ok",
        "* OK [UIDNEXT 1] ok",
        "OK [READ-WRITE] done",
    ),
    "LIST": (
        r'* LIST () "/" INBOX',
        r'* LIST (\Sent) "/" Sent',
        r'* LIST (\Drafts) "/" Drafts',
        "OK done",
    ),
    "LOGOUT": ("* BYE bye", "OK done"),
}


def _listed(command: str, answers: Sequence[str]) -> Sequence[str]:
    """LIST with a name: of the folders, only that."""
    name = command.rpartition(" ")[2].strip('"')
    if not command.upper().startswith("LIST") or name in ("*", "%"):
        return answers
    return [answer for answer in answers if not answer.startswith("* ") or answer.endswith(f" {name}")]


class ScriptedImap:
    """`with ScriptedImap({"LOGIN": ("NO go away",)}) as server:` — lines to a command; the last one gets its tag.

    A line that begins with + waits for the client's; `HANG_UP` is the end.
    `heard` holds the client's lines without their tags.
    """

    def __init__(self, answers: Mapping[str, Sequence[str]] | None = None, greeting: str = "OK ready") -> None:
        self._answers = {**USUAL, **(answers or {})}
        self._greeting = greeting
        self.heard: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rwb", buffering=0) as lines:
            lines.write(f"* {self._greeting}\r\n".encode())
            while line := lines.readline().decode().strip():
                tag, _, command = line.partition(" ")
                self.heard.append(command)
                verb = command.split()[0].upper()
                if verb == "AUTHENTICATE":
                    lines.write(b"+ \r\n")
                    self.heard.append(lines.readline().decode().strip())
                for answer in _listed(command, self._answers.get(verb, ("OK done",))):
                    if answer == HANG_UP:
                        return
                    self._say(lines, tag, answer)

    def _say(self, lines: socket.SocketIO, tag: str, answer: str) -> None:
        mark = "" if answer.startswith(("* ", "+ ")) else f"{tag} "
        lines.write(f"{mark}{answer}\r\n".encode())
        if answer.startswith("+ "):
            self.heard.append(lines.readline().decode().strip())
