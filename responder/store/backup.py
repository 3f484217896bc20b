"""The state file as a whole: copied while it is worked on, checked, and put back.

Knows the files and what SQLite does with them; what a restored state owes is settled before it is put in place.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from responder import in_place
from responder.errors import Trouble, TroubleKind
from responder.store import schema as t
from responder.store.engine import BUSY_TIMEOUT, newer, trouble_of
from responder.store.lock import lock_of
from responder.store.store import Store

LOGS = ("-wal", "-shm")  # SQLite's own files beside a state


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    path: Path
    size: int  # bytes
    messages: int


def write(state: Path, target: Path) -> Backup:
    """Copy a state, whoever works on it; whatever stands at `target` is replaced once the copy is whole and checked.

    `VACUUM INTO`: one moment of the state, and nothing of what was deleted. Raises `Trouble`.
    """
    beside = target.with_name(f".{target.name}.part")
    with _told(target):
        try:
            in_place.make_private(beside)
            _copy(state, beside)
            held = check(beside)
            in_place.put(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    return Backup(target, held.size, held.messages)


def _copy(state: Path, target: Path, mode: str = "mode=rw") -> None:
    """By SQLite itself: what stands only in the log of a process that was killed comes along."""
    try:
        with _opened(state, mode) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.DatabaseError as error:
        raise trouble_of(str(error), target if "full" in str(error) else state) from error


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", BUSY_TIMEOUT, uri=True)) as connection:
        yield connection


def _mode_of(backup: Path) -> str:
    """A copy without a log is only read, also where nothing can be written; with one, SQLite reads both."""
    log = backup.with_name(f"{backup.name}{LOGS[0]}")
    return "mode=rw" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"


def check(path: Path) -> Backup:
    """Raises `Trouble` unless this is a whole state that this version can use."""
    what, remedy = "this is no backup of a state", "name a file that `responder backup` has written"
    no_backup = Trouble(TroubleKind.STATE, str(path), what, remedy)
    try:
        with _opened(path, _mode_of(path)) as connection:
            [(version,)] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            is_whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            [(messages,)] = connection.execute("SELECT count(*) FROM message").fetchall()
    except (sqlite3.OperationalError, ValueError) as error:  # no such file, or other tables
        raise _unreadable(path) or no_backup from error
    except sqlite3.DatabaseError as error:
        raise (_damaged(path) if "malformed" in str(error) else no_backup) from error
    if not is_whole:
        raise _damaged(path)
    if version > t.VERSION:
        raise newer(path, version, "restore it with that version, or take an older backup")
    return Backup(path, path.stat().st_size, messages)


def _unreadable(path: Path) -> Trouble | None:
    try:
        path.open("rb").close()
    except PermissionError:  # told with the others: it takes `sudo`
        raise
    except OSError as error:
        what = f"it cannot be read ({error.strerror})"
        return Trouble(TroubleKind.STATE, str(path), what, "look at the path, and at who may read it")
    return None


def _damaged(path: Path) -> Trouble:
    return Trouble(TroubleKind.STATE, str(path), "the file is damaged", "take another backup; do not use this one")


def put_back(backup: Path, state: Path, aside: Path, settle: Callable[[Store], None]) -> bool:
    """Put a backup in the place of the state, which is kept as `aside`; False when there was none.

    `settle` makes it safe first. The lock must be held. Raises `Trouble`; then the state is as it was.
    """
    check(backup)
    beside = state.with_name(f"{state.name}.restored")
    with _told(state):
        try:
            _remove(beside)
            in_place.make_private(beside)
            _copy(backup, beside, _mode_of(backup))
            with closing(Store.open(beside)) as store:
                settle(store)
            _hand_over(beside, state)
            in_place.sync(beside)  # what can fail fails while the state is still there
            was_there = _set_aside(state, aside)
            in_place.put(beside, state)
        finally:
            _remove(beside)
    return was_there


def _set_aside(state: Path, aside: Path) -> bool:
    """First the file, then its logs, which a person may have left: a log must never meet another file than its own."""
    was_there = state.exists()
    for end in ("", *LOGS):
        with contextlib.suppress(FileNotFoundError):
            state.with_name(state.name + end).rename(aside.with_name(aside.name + end))
    return was_there


def _hand_over(made: Path, state: Path) -> None:
    """What root puts in place belongs to the service all the same."""
    if os.geteuid() != 0:
        return
    owner = (state if state.exists() else state.parent).stat()
    for path in (made, lock_of(state)):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _remove(path: Path) -> None:
    for end in ("", *LOGS):
        path.with_name(path.name + end).unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"it cannot be written ({error.strerror or error})"
        raise Trouble(
            TroubleKind.STATE, str(path), what, "look at the folder: is it there, writable, not full?"
        ) from error
