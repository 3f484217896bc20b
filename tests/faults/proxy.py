"""A TCP proxy that causes faults: between the daemon and an IMAP or SMTP server, it reads the daemon's lines.

    with Proxy(dovecot.imap_port) as proxy:
        rule = proxy.on("UID FETCH", hang_up)

From then on the first line of the daemon that holds `UID FETCH` as its command is not passed on: the connection ends
there. What may be done with a line is an `Act`; those below are most of what goes wrong in the world.
Knows the shape of lines, and nothing of mail.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from tests.servers.process import LOOPBACK, ReservedPort

CHUNK = 64 * 1024
TLS = b"\x16"  # how a TLS record of a handshake begins (RFC 8446 5.1): from there on there are no lines
FOR_EVER = 1_000_000


@dataclass(eq=False)
class Talk:
    """One connection: the daemon on one side, the server on the other."""

    client: socket.socket
    server: socket.socket
    packet: int | None = None  # the server's bytes go on in pieces of this size
    allowance: int | None = None  # so many more bytes of the server go on, then the line breaks
    rewrite: Callable[[bytes], bytes] | None = None  # what becomes of the server's bytes
    is_frozen: bool = False  # nothing goes on, in neither direction, and nobody is told
    _says: threading.Lock = field(default_factory=threading.Lock)

    def to_server(self, line: bytes) -> None:
        self.server.sendall(line)

    def to_client(self, text: bytes) -> None:
        with self._says:
            self.client.sendall(text)

    def end(self) -> None:
        for side in (self.client, self.server):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def read_server(self) -> None:
        """Pass on what the server says, until either side has gone."""
        with contextlib.suppress(OSError):
            while chunk := self.server.recv(CHUNK):
                if self.is_frozen:
                    continue
                text = self.rewrite(chunk) if self.rewrite is not None else chunk
                if self.allowance is not None:
                    text, self.allowance = text[: self.allowance], self.allowance - len(text)
                self._pass_on(text)
                if self.allowance is not None and self.allowance <= 0:
                    break
        self.end()

    def _pass_on(self, text: bytes) -> None:
        if self.packet is None:
            self.to_client(text)
            return
        for start in range(0, len(text), self.packet):
            self.to_client(text[start : start + self.packet])
            time.sleep(0.002)  # or the kernel would join the packets


Act = Callable[[Talk, bytes], None]


@dataclass(eq=False)
class Rule:
    """What is done with the daemon's lines of a kind, and how often it has been done."""

    pattern: re.Pattern[bytes]
    act: Act
    times: int
    skip: int
    fired: int = 0
    last: float = 0.0  # `time.monotonic()` of the last time; of one for ever, when it began or was ended by `well`

    def applies(self, line: bytes) -> bool:
        """Counts."""
        if self.fired >= self.times or not self.pattern.search(line):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if not self.fired or self.times < FOR_EVER:
            self.last = time.monotonic()
        self.fired += 1
        return True

    @property
    def injected(self) -> int:
        """How often the fault was caused: of words that are rewritten, how often there were such words."""
        return self.act.made if isinstance(self.act, Rewriting) else self.fired


class Proxy:
    """Listens on a port of its own, which it keeps while it refuses connections."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        self._listener: socket.socket | None = None
        self._rules: list[Rule] = []
        self._greeting: Rule | None = None
        self._talks: list[Talk] = []
        self._packet: int | None = None
        self.connections = 0  # so far, also those that were ended at once
        self.lines: list[bytes] = []  # what the daemon said, without the mails

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()

    # --- faults of the whole way -------------------------------------------------------------------------------

    def open(self) -> None:
        """Take connections (again)."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, self.port))
        listener.listen(64)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        """Refuse connections, and end those there are."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def cut(self) -> int:
        """End every connection there is; how many there were."""
        talks, self._talks = self._talks, []
        for talk in talks:
            talk.end()
        return len(talks)

    def freeze(self) -> int:
        """Every connection there is stays open, and nothing comes through any more; how many there were."""
        for talk in self._talks:
            talk.is_frozen = True
        return len(self._talks)

    def in_packets_of(self, size: int | None) -> None:
        """From now on the server's bytes come in pieces of this size; None: as they are."""
        self._packet = size
        for talk in self._talks:
            talk.packet = size

    # --- faults at a line --------------------------------------------------------------------------------------

    def on(self, command: str, act: Act, *, times: int = 1, skip: int = 0) -> Rule:
        """Do this with the daemon's next `times` lines of that kind (a regular expression), after so many others.

        It is looked for at the beginning of the line, behind the tag that IMAP puts there.
        """
        rule = Rule(re.compile(rb"(?i)^(?:[A-Z0-9]{1,12} )?" + command.encode()), act, times, skip)
        self._rules.append(rule)
        return rule

    def on_connect(self, act: Act, *, times: int = 1) -> Rule:
        """Do this with the next connections, before the server says a word; the act's line is empty."""
        self._greeting = Rule(re.compile(b""), act, times, 0)
        return self._greeting

    def well(self) -> None:
        """No rule holds any more; what has been frozen or cut stays so."""
        for rule in self._rules:
            if rule.times >= FOR_EVER:
                rule.last = time.monotonic()
        self._rules.clear()
        self._greeting = None
        self.in_packets_of(None)

    # --- the way through ---------------------------------------------------------------------------------------

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection((LOOPBACK, self._target), timeout=10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        talk = Talk(client, server, packet=self._packet)
        self._talks.append(talk)
        if self._greeting is not None and self._greeting.applies(b""):
            self._greeting.act(talk, b"")
        threading.Thread(target=talk.read_server, daemon=True).start()
        with contextlib.suppress(OSError, ValueError), client.makefile("rb") as lines:
            is_tls = False
            while line := (lines.read1(CHUNK) if is_tls else lines.readline()):
                self._handle(talk, line)
                is_tls = is_tls or (line.upper().startswith(b"STARTTLS") and lines.peek(1)[:1] == TLS)
        talk.end()
        if talk in self._talks:
            self._talks.remove(talk)

    def _handle(self, talk: Talk, line: bytes) -> None:
        if len(line) < 200:
            self.lines.append(line.rstrip())
        if talk.is_frozen:
            return
        rule = next((each for each in self._rules if each.applies(line)), None)
        if rule is None:
            talk.to_server(line)
        else:
            rule.act(talk, line)


# --- what may be done with a line ------------------------------------------------------------------------------


def hang_up(talk: Talk, _line: bytes) -> None:
    """The connection ends, and the server never hears the line."""
    talk.end()


def mute(_talk: Talk, _line: bytes) -> None:
    """The line is lost; the connection stays."""


def freeze(talk: Talk, _line: bytes) -> None:
    """Half open from here on: nothing comes through any more, and nobody is told."""
    talk.is_frozen = True


def lose_the_answer(talk: Talk, line: bytes) -> None:
    """The server hears the line and does it; its answer is lost with the connection."""
    talk.allowance = 0
    talk.to_server(line)


def break_after(octets: int) -> Act:
    """The connection ends in the middle of the answer."""

    def act(talk: Talk, line: bytes) -> None:
        talk.allowance = octets
        talk.to_server(line)

    return act


def say(text: str) -> Act:
    """Answer in the server's place, which never hears the line; `TAG` stands for the tag of the line."""

    def act(talk: Talk, line: bytes) -> None:
        tag = line.partition(b" ")[0]
        talk.to_client(text.encode().replace(b"TAG", tag) + b"\r\n")

    return act


def trickle(text: str, seconds: float = 0.5) -> Act:
    """An answer that comes letter by letter, and has no end."""

    def act(talk: Talk, _line: bytes) -> None:
        with contextlib.suppress(OSError):
            for letter in itertools.cycle(text.encode()):
                talk.to_client(bytes([letter]))
                time.sleep(seconds)

    return act


def flood(talk: Talk, _line: bytes) -> None:
    """`250-…` for ever, as fast as it goes."""
    with contextlib.suppress(OSError):
        while True:
            talk.to_client(b"250-and another line\r\n" * 1000)


def say_and_hang_up(text: str) -> Act:
    """`* BYE`, `421`: a last word."""

    def act(talk: Talk, line: bytes) -> None:
        say(text)(talk, line)
        talk.end()

    return act


def say_first(text: str) -> Act:
    """Something unasked for before the line's own answer."""

    def act(talk: Talk, line: bytes) -> None:
        say(text)(talk, line)
        talk.to_server(line)

    return act


class Rewriting:
    """From this line on, the server's words are others (as far as one packet holds them)."""

    def __init__(self, pattern: bytes, by: bytes) -> None:
        self._pattern = re.compile(pattern)
        self._by = by
        self.made = 0  # so many times

    def __call__(self, talk: Talk, line: bytes) -> None:
        talk.rewrite = self._rewrite
        talk.to_server(line)

    def _rewrite(self, text: bytes) -> bytes:
        other, made = self._pattern.subn(self._by, text)
        self.made += made
        return other


def late(seconds: float) -> Act:
    """The line goes on after a while."""

    def act(talk: Talk, line: bytes) -> None:
        time.sleep(seconds)
        talk.to_server(line)

    return act
