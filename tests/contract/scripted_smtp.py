"""An SMTP server that does exactly what a test says: refuses at a step, hangs up there, or hears nothing any more.

An answer may have octets that are no UTF-8: they stand as surrogates (`"\\udcff"` is 0xFF).
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

WITHIN = 15.0  # seconds for the client to come to a step
HANG_UP = "hang up"
MUTE = "mute"  # takes the command and never answers

GREETING, EHLO, AUTH, MAIL, RCPT, DATA, DOT, RSET, QUIT = (
    "greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "dot", "RSET", "QUIT",
)  # fmt: skip
USUAL = {
    GREETING: "220 mail.test ready",
    EHLO: "250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
    AUTH: "235 2.7.0 ok",
    MAIL: "250 2.1.0 ok",
    RCPT: "250 2.1.5 ok",
    DATA: "354 go on",
    DOT: "250 2.0.0 queued",
    RSET: "250 2.0.0 ok",
    QUIT: "221 2.0.0 bye",
}


@dataclass
class ScriptedSmtp:
    """`async with ScriptedSmtp({RCPT: "450 later"}) as server:` — it heard `lines`, and took `mails`."""

    answers: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    pauses: dict[str, float] = field(default_factory=dict)  # seconds before the answer to a step
    connections: int = 0
    port: int = 0
    steps: list[str] = field(default_factory=list)  # that it was asked to answer, in their order
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def __aenter__(self) -> ScriptedSmtp:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.hang_up()
        self._server.close()

    def hang_up(self) -> None:
        """Close every connection, as a server does with one that has been idle for too long."""
        for writer in self._writers:
            writer.close()

    async def comes_to(self, step: str) -> None:
        """Wait until the client has come so far; TimeoutError if it does not."""
        async with asyncio.timeout(WITHIN):
            while step not in self.steps:
                await asyncio.sleep(0.005)

    def commands(self, name: str) -> list[str]:
        return [line for line in self.lines if line.upper().startswith(name)]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            goes_on = await self._answer(writer, GREETING)
            while goes_on and (line := await reader.readline()):
                self.lines.append(line.decode().strip())
                step = self.lines[-1][:4].upper()
                goes_on = await self._answer(writer, step if step in USUAL else EHLO if step == "HELO" else RSET)
                if goes_on and step == DATA and self._answer_to(DATA).startswith("354"):
                    self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                    goes_on = await self._answer(writer, DOT)
        writer.close()

    def _answer_to(self, step: str) -> str:
        return self.answers.get(step, USUAL[step])

    async def _answer(self, writer: asyncio.StreamWriter, step: str) -> bool:
        text = self._answer_to(step)
        self.steps.append(step)
        await asyncio.sleep(self.pauses.get(step, 0))
        if text == HANG_UP:
            return False
        if text != MUTE:
            writer.write(f"{text}\r\n".encode("utf-8", "surrogateescape"))
            await writer.drain()
        return step != QUIT
