"""Who writes to the state next: one thread at a time, and none overtakes the one that waits.

SQLite by itself lets who waits look for a gap now and then, and a flood leaves hardly any.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from responder.errors import Trouble, TroubleKind

WITHIN = 60.0  # seconds: a large file that is written anew takes its time, and whoever waits must give a sign of life


class Turns:
    """Of one state, within this process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._next, self._writing = threading.Lock(), threading.Lock()
        self._writer: int | None = None  # the thread that writes

    @contextmanager
    def take(self) -> Iterator[None]:
        """Raises `Trouble` (STATE) when others take too long."""
        if self._writer == threading.get_ident():
            raise RuntimeError("a write within a write would wait for itself for ever")
        until = time.monotonic() + WITHIN
        self._acquire(self._next, until)  # who comes while somebody waits here, comes after them
        try:
            self._acquire(self._writing, until)
        finally:
            self._next.release()
        self._writer = threading.get_ident()
        try:
            yield
        finally:
            self._writer = None
            self._writing.release()

    def _acquire(self, lock: threading.Lock, until: float) -> None:
        if not lock.acquire(timeout=max(0.0, until - time.monotonic())):
            what = "the state file is being written for longer than can be waited for"
            raise Trouble(TroubleKind.STATE, str(self._path), what, "if it lasts, check the disk")
