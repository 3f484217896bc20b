"""Where the log goes: to systemd's journal with its fields, if that is where stderr leads; else to stderr."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from responder.servers.journal import SOCKET, Journal, OneLine, priority


def start(*, verbose: bool, socket: Path = SOCKET) -> None:
    """Log what the program does; of its libraries, only what goes wrong."""
    logging.basicConfig(level=logging.WARNING, handlers=[_handler(socket)], force=True)
    logging.getLogger("responder").setLevel(logging.DEBUG if verbose else logging.INFO)


def _handler(socket: Path) -> logging.Handler:
    stderr = logging.StreamHandler(sys.stderr)
    if not _is_journal():
        stderr.setFormatter(OneLine("%(asctime)s %(levelname)s %(message)s"))
        return stderr
    stderr.setFormatter(_Prefixed())
    return Journal(stderr, socket) if socket.exists() else stderr


def _is_journal() -> bool:
    """Whether stderr is what systemd connected to the journal; a shell below a service has the variable too."""
    named = os.environ.get("JOURNAL_STREAM")
    if named is None:
        return False
    here = os.fstat(sys.stderr.fileno())
    return named == f"{here.st_dev}:{here.st_ino}"


class _Prefixed(OneLine):
    def format(self, record: logging.LogRecord) -> str:
        """Every line with its priority, or the journal would take a traceback for notices."""
        prefix = f"<{priority(record)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())
