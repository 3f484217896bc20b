"""imapclient, made safe against what a server may say.

What comes for one command is bounded in time and size; a row of FETCH counts for the message whose UID it names and
for no other; a line that makes no sense to the library leaves as its `ProtocolError`. Knows no mailbox of ours.
"""

from __future__ import annotations

import contextlib
import imaplib
import io
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError, ProtocolError
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.response_parser import parse_fetch_response
from imapclient.tls import IMAP4_TLS

ANSWERS = 10  # one command may take so many times as long as the server may be silent
ANSWER_LIMIT = 16 * 1024 * 1024  # bytes for one command: the most that is asked for at once is 50 mails of 128 KB
LINE_LIMIT = 8 * 1024 * 1024  # bytes of a line: a SEARCH may tell the numbers of a million messages in one
LINES_LIMIT = 100_000  # lines for one command: the most that is asked for at once is 500 rows
LITERAL_LIMIT = 8 * 1024 * 1024  # bytes: the largest that is asked for is 256 KB; some servers know no partial fetch
FAREWELL = 3.0  # seconds for a LOGOUT
KEEPALIVE = (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))  # a line that is idle stays open

# What the library's parsers come to over nonsense, beside their own errors.
SLIPS = (LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError, MemoryError)

OVERLONG = "an answer of more than was asked for"  # in the words of the `abort`: imaplib raises it anew

Row = dict[bytes, Any]


class _Bounded(io.RawIOBase):
    """What the server says, for one command at a time: only for so long, and only so much."""

    def __init__(self, raw: io.RawIOBase, within: float) -> None:
        super().__init__()
        self._raw = raw
        self._within = within
        self.begin()

    def begin(self) -> None:
        """A command begins."""
        self._until = time.monotonic() + self._within
        self._left = ANSWER_LIMIT

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self._until:
            raise TimeoutError("the answer never ends")
        count = self._raw.readinto(buffer)
        self._left -= count or 0
        if self._left < 0:
            raise _overlong(f"{ANSWER_LIMIT} bytes for one command")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Guarded(imaplib.IMAP4):
    """imaplib's connection, reading through `_Bounded`."""

    within: float  # seconds for one command

    @property
    def file(self) -> Any:
        return self._reader

    @file.setter
    def file(self, made: Any) -> None:
        """imaplib makes one at the beginning, and one after STARTTLS."""
        made.close()
        self._bounded = _Bounded(self.sock.makefile("rb", buffering=0), self.within)
        self._reader = io.BufferedReader(self._bounded)
        self._lines = 0

    def begin(self) -> None:
        self._bounded.begin()
        self._lines = 0

    def _new_tag(self) -> bytes:
        self.begin()
        return super()._new_tag()  # type: ignore[misc,no-any-return]

    def read(self, size: int) -> bytes:
        if size > LITERAL_LIMIT:
            raise _overlong(f"a literal of {size} bytes")
        read: bytes = self.file.read(size)
        return read

    def readline(self) -> bytes:
        line: bytes = self.file.readline(LINE_LIMIT + 1)
        if len(line) > LINE_LIMIT:
            raise _overlong(f"{LINE_LIMIT} bytes in a line")
        self._lines += 1
        if self._lines > LINES_LIMIT:
            raise _overlong(f"{LINES_LIMIT} lines for one command")
        return line

    def _get_response(self) -> Any:
        """After nonsense nobody knows where the next answer begins: it might begin within a mail."""
        try:
            return super()._get_response()  # type: ignore[misc]
        except (self.abort, OSError):
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
            raise

    def select(self, mailbox: str = "INBOX", readonly: object = None) -> tuple[str, list[Any]]:
        """A mailbox that may only be read is read all the same; imaplib ends the connection over it."""
        self.untagged_responses = {}
        self.is_readonly = True
        kind, said = self._simple_command("EXAMINE" if readonly else "SELECT", mailbox)
        self.state = "SELECTED" if kind == "OK" else "AUTH"
        return kind, self.untagged_responses.get("EXISTS", [None]) if kind == "OK" else said

    def _log(self, line: str) -> None:
        """Keeps nothing: imaplib would hold the last ten lines, which are a password or mails."""


class _Plain(_Guarded, IMAP4WithTimeout):  # type: ignore[misc]  # imapclient is not typed
    def __init__(self, host: str, port: int, timeout: SocketTimeout) -> None:
        self.within = ANSWERS * timeout.read
        super().__init__(host, port, timeout.connect)


class _Tls(_Guarded, IMAP4_TLS):  # type: ignore[misc]
    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, timeout: SocketTimeout) -> None:
        self.within = ANSWERS * timeout.read
        IMAP4_TLS.__init__(self, host, port, context, timeout.connect)


class Client(IMAPClient):  # type: ignore[misc]
    """One connection."""

    def __init__(
        self, host: str, port: int, *, is_tls: bool, context: ssl.SSLContext | None, timeout: SocketTimeout
    ) -> None:
        super().__init__(host, port=port, ssl=is_tls, ssl_context=context, timeout=timeout)
        self.normalise_times = False
        self._imap.debug = 0  # it would format every line, and every mail, for a log that nobody reads
        _keep_alive(self.socket())

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - imapclient's
        if self.ssl:
            return _Tls(self.host, self.port, self.ssl_context, self._timeout)
        return _Plain(self.host, self.port, self._timeout)

    def login(self, username: str, password: str) -> Any:
        with _lost_is_not_refused():
            return super().login(username, password)

    def sasl_login(self, mech_name: str, mech_callable: Callable[[bytes], str]) -> Any:
        with _lost_is_not_refused():
            return super().sasl_login(mech_name, mech_callable)

    def end(self) -> None:
        """Say farewell, if the server has a moment; the socket is closed in any case."""
        try:
            self.socket().settimeout(FAREWELL)
            self.logout()
        finally:
            self.shutdown()

    def fetch(self, messages: Sequence[int], data: Sequence[str], modifiers: object = None) -> dict[int, Row]:
        """By UID, of these messages only.

        imapclient takes a response without a UID, which a server may send unasked, for one about the UID that happens
        to be the same as its sequence number.
        """
        if not messages:
            return {}
        self._imap.untagged_responses.pop("FETCH", None)  # what was said unasked since the last command
        wanted = frozenset(messages)
        tag = self._imap._command("UID", "FETCH", ",".join(map(str, messages)), f"({' '.join(data)})")
        kind, said = self._imap._command_complete("FETCH", tag)
        self._checkok("fetch", kind, said)
        _, told = self._imap._untagged_response(kind, said, "FETCH")
        rows: dict[int, Row] = {}
        for response in _responses(told):
            row = _parsed(response)
            uid = row.get(b"UID")
            if uid in wanted:
                known = rows.setdefault(uid, {})
                known.update({name: value for name, value in row.items() if value is not None or name not in known})
        return rows

    def search(self, criteria: object = "ALL", charset: str | None = None) -> list[int]:
        self._imap.untagged_responses.pop("SEARCH", None)
        found: list[int] = super().search(criteria, charset)
        return found

    def noop(self) -> None:
        """Nobody reads what is said unasked; imapclient would stumble over nonsense in it."""
        self._checkok("noop", *self._imap.noop())

    def idle(self) -> bool:
        """Begin to idle; whether the server had news before it agreed."""
        self._idle_tag = self._imap._command("IDLE")
        has_news = False
        while (line := self._imap._get_response()) is not None:
            answer = self._imap.tagged_commands[self._idle_tag]
            if answer is not None:
                del self._imap.tagged_commands[self._idle_tag]
                raise IMAPClientError(f"idle refused: {answer}")
            has_news = has_news or _is_news(line)
        return has_news

    def idle_done(self) -> None:
        self._imap.begin()
        self._imap.send(b"DONE\r\n")
        self._checkok("idle", *self._imap._command_complete("IDLE", self._idle_tag))

    def has_news(self, within: float) -> bool:
        """Does an idling server say, within so many seconds, more than that it is still there? Or has it gone?

        What it said is read when IDLE ends, by a blocking read: imapclient's own `idle_check` breaks on a line that
        comes in two packets, and answers `[]` at once, for ever, when the connection is gone.
        """
        self._imap.begin()  # no command is under way
        if not self._peek() and not _is_readable(self.socket(), within):
            return False
        said = self._peek()
        if said is None:
            return False
        is_all = said.endswith(b"\r\n") and not any(_is_news(line) for line in said.splitlines())
        if is_all:
            self._imap.file.read(len(said))
        return not is_all

    def _peek(self) -> bytes | None:
        """What has come and was not read yet, without a wait; None where TLS has only a part of it.

        It may lie in the reader's buffer, where the socket knows nothing of it.
        """
        connection = self.socket()
        usual = connection.gettimeout()
        connection.settimeout(0)
        try:
            said: bytes = self._imap.file.peek(1)
        except ssl.SSLWantReadError:
            return None
        finally:
            connection.settimeout(usual)
        return said


class ReadOnlyClient(Client):
    """Whatever is opened is opened with EXAMINE (RFC 9051 6.3.3): the server itself lets nothing be changed."""

    def select_folder(self, folder: str, readonly: object = None) -> Any:
        return super().select_folder(folder, readonly=True)


@contextlib.contextmanager
def _lost_is_not_refused() -> Iterator[None]:
    """imapclient calls it a refused login, too, when the server hangs up in the midst of one."""
    try:
        yield
    except LoginError as error:
        if isinstance(error.__context__, imaplib.IMAP4.abort):
            raise error.__context__ from None
        raise


def _overlong(what: str) -> imaplib.IMAP4.abort:
    """The connection is of no use any more: nobody reads to the end of it."""
    return imaplib.IMAP4.abort(f"{OVERLONG}: {what}")


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _is_news(line: bytes) -> bool:
    """More than that the server is still there."""
    return not line.upper().startswith(b"* OK ")


def _is_readable(connection: socket.socket, within: float) -> bool:
    if isinstance(connection, ssl.SSLSocket) and connection.pending():
        return True
    poll = select.poll()  # select() cannot look at descriptors above 1023
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(within * 1000))


def _responses(told: Sequence[Any]) -> Iterator[list[Any]]:
    """imaplib's records → those of one response each: it ends with a line, before which each literal has its own."""
    response: list[Any] = []
    for record in told:
        if record is None:
            continue
        response.append(record)
        if not isinstance(record, tuple):
            yield response
            response = []


def _parsed(response: list[Any]) -> Row:
    try:
        [row] = parse_fetch_response(response, normalise_times=False, uid_is_key=False).values()
    except (*SLIPS, ValueError) as error:
        raise ProtocolError(f"a FETCH response cannot be read ({type(error).__name__})") from error
    return dict(row)
