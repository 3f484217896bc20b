"""Log lines for systemd's journal, by its native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/).

A line keeps its human words; beside them go its priority, where it was said, and what it is about (RESPONDER_…).
python-systemd and cysystemd do the same, but want a compiler and libsystemd where we are installed. Must not know: who
logs, and whether this is the place to.
"""

from __future__ import annotations

import array
import errno
import fcntl
import logging
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from responder.about import ATTRIBUTE
from responder.mail import echo

SOCKET = Path("/run/systemd/journal/socket")
WITHIN = 1.0  # seconds; a journal that takes nothing must not hold up the mail
# sd-daemon(3)
PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE  # what journald insists on


class OneLine(logging.Formatter):
    """What is said stands on one line, whoever's words are in it; only a traceback has lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        return echo.one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        return "\n".join(echo.UNSAFE.sub("?", line) for line in super().formatException(ei).split("\n"))


class Journal(logging.Handler):
    """Sends each line to the journal; to `otherwise` where that cannot be had. Never raises."""

    def __init__(self, otherwise: logging.Handler, path: Path = SOCKET) -> None:
        super().__init__()
        self.setFormatter(OneLine("%(message)s"))  # time and priority are the journal's own
        self._otherwise = otherwise
        self._path = str(path)
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._channel.settimeout(WITHIN)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._send(b"".join(_encoded(name, value) for name, value in self._fields(record)))
        except OSError:
            self._otherwise.handle(record)
        except Exception:  # noqa: BLE001 - as every handler of the library: a line that cannot be made is told on stderr
            self.handleError(record)

    def close(self) -> None:
        self._channel.close()
        super().close()

    def _fields(self, record: logging.LogRecord) -> Iterator[tuple[str, str]]:
        yield "MESSAGE", self.format(record)  # with its traceback: what `journalctl` shows
        yield "PRIORITY", str(priority(record))
        yield "SYSLOG_IDENTIFIER", "responder"
        yield "LOGGER", record.name
        yield "CODE_FILE", record.pathname
        yield "CODE_LINE", str(record.lineno)
        yield "CODE_FUNC", record.funcName or ""
        if record.exc_info and record.exc_info[0] is not None:
            yield "RESPONDER_EXCEPTION", record.exc_info[0].__name__
        about: Mapping[str, object] = getattr(record, ATTRIBUTE, {})
        yield from ((f"RESPONDER_{name.upper()}", str(value)) for name, value in about.items() if value is not None)

    def _send(self, entry: bytes) -> None:
        try:
            self._channel.sendto(entry, self._path)
        except OSError as error:
            if not _is_too_long(error):
                raise
            self._send_as_file(entry)

    def _send_as_file(self, entry: bytes) -> None:
        """What no datagram holds goes as a sealed file in memory."""
        file = os.memfd_create("responder-journal", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            with os.fdopen(file, "wb", closefd=False) as writing:
                writing.write(entry)
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, SEALS)
            handed_over = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))
            self._channel.sendmsg([b""], [handed_over], 0, self._path)  # `socket.send_fds` leaves out the address
        finally:
            os.close(file)


def priority(record: logging.LogRecord) -> int:
    """As syslog counts (RFC 5424 6.2.1)."""
    return PRIORITIES.get(record.levelno, 6)


def _is_too_long(error: OSError) -> bool:
    return error.errno in (errno.EMSGSIZE, errno.ENOBUFS)


def _encoded(name: str, value: str) -> bytes:
    """A value with a line break is told by its length."""
    content = value.encode("utf-8", "replace")
    if b"\n" not in content:
        return name.encode() + b"=" + content + b"\n"
    return name.encode() + b"\n" + struct.pack("<Q", len(content)) + content + b"\n"
