"""One daemon per state: a lock that the kernel lets go when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from responder.errors import Trouble, TroubleKind


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works on a state."""

    pid: int
    host: str
    since: str  # ISO 8601
    takes_reloads: bool = False  # SIGHUP makes it read its files again; whoever does not may die of it


def lock_of(state: Path) -> Path:
    """The lock's file."""
    return state.with_name(state.name + ".lock")


class StateLock:
    """Held from `acquire` until `release` or the end of the process."""

    def __init__(self, state: Path) -> None:
        self._path = lock_of(state)
        self._file: IO[str] | None = None
        self._holder: Holder | None = None

    def acquire(self, now: datetime, *, takes_reloads: bool = False) -> None:
        """Raises `Trouble` (BUSY) naming the holder when another process has it."""
        self._take(Holder(os.getpid(), socket.gethostname(), now.isoformat(), takes_reloads))

    def keep(self) -> None:
        """While it is held: a lock whose file was deleted keeps nobody away, so it is taken anew.

        Raises `Trouble` (BUSY) when somebody was quicker.
        """
        file, holder = self._file, self._holder
        if file is not None and holder is not None and not self._is_in_place(file):
            self._take(holder)
            file.close()

    def _take(self, holder: Holder) -> None:
        file = self._locked()
        while not self._is_in_place(file):  # it was deleted between the opening and the locking
            file.close()
            file = self._locked()
        file.truncate(0)
        json.dump(asdict(holder), file)
        file.flush()
        self._file, self._holder = file, holder

    def _locked(self) -> IO[str]:
        file = self._open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise self._taken() from None
        return file

    def _is_in_place(self, file: IO[str]) -> bool:
        """Is this the file that others find?"""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def holder(self) -> Holder | None:
        """Who holds the lock now; None when nobody does."""
        if not self._path.exists():
            return None
        with self._open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(file.read())
        return None

    def _open(self, mode: str) -> IO[str]:
        try:
            return open(self._path, mode, encoding="utf-8", opener=_no_link)
        except OSError as error:
            raise Trouble(
                TroubleKind.STATE,
                str(self._path),
                f"cannot be opened ({error.strerror})",
                "create the folder of `state` and give the service's user access to it",
            ) from error

    def _taken(self) -> Trouble:
        with self._open("r") as file:
            holder = _holder(file.read())
        who = f"process {holder.pid} on {holder.host}, since {holder.since}" if holder else "another process"
        return Trouble(
            TroubleKind.BUSY,
            str(self._path),
            f"another responder works on this state ({who})",
            "stop it first: two daemons on one state would answer twice",
        )


def _no_link(path: str, flags: int) -> int:
    """Not where a link leads: the folder is the service's, and we may be root, who would overwrite what lies there."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)


def _holder(text: str) -> Holder | None:
    try:
        return Holder(**json.loads(text))
    except (ValueError, TypeError):
        return None
