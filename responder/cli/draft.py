"""A file that is edited as `visudo` does it: on a copy beside it, by one person at a time, put in place at once or not
at all.

Knows nothing of what stands in the file. Raises `Trouble`.
"""

from __future__ import annotations

import difflib
import errno
import fcntl
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from responder import in_place
from responder.cli import people, show
from responder.errors import Trouble, TroubleKind
from responder.policy.wording import clean


@dataclass(frozen=True, slots=True)
class Draft:
    """The copy that is edited, and what the file held when it was made."""

    original: Path
    copy: Path
    before: bytes

    def after(self) -> bytes:
        """The edited copy, with the line ends that the file had: some editors write their own."""
        return _with_line_ends_of(self.before, _read(self.copy))

    def text(self) -> str:
        """The edited copy as one can show it."""
        return _read(self.copy).decode("utf-8", "replace")

    def changed_lines(self) -> int:
        """How many lines differ; 0 too where only the line ends do."""
        before, after = self.before.splitlines(), self.after().splitlines()
        parts = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in parts if tag != "equal")

    def put_in_place(self) -> None:
        """The file is the old one or the new one at any moment, with its owner and mode, and so it is after a crash."""
        if not self.original.exists() or _read(self.original) != self.before:
            raise Trouble(
                TroubleKind.BUSY,
                str(self.original),
                "was changed by somebody else in the meantime; nothing was overwritten",
                f"put both together: {self._kept}",
            )
        try:
            new = _written_beside(self.original, self.after())
        except Trouble as trouble:
            raise Trouble(trouble.kind, trouble.where, trouble.what, f"{trouble.remedy}; {self._kept}") from trouble
        try:
            in_place.put(new, self.original)
        except OSError as error:
            new.unlink(missing_ok=True)
            what = f"cannot be replaced: {error.strerror}"
            raise Trouble(TroubleKind.CONFIG, str(self.original), what, self._kept) from error

    def discard(self) -> None:
        self.copy.unlink(missing_ok=True)

    @property
    def _kept(self) -> str:
        return f"your edited copy is kept as {self.copy}"


@contextmanager
def draft_of(path: Path, at: datetime) -> Iterator[Draft]:
    """A copy to edit, gone afterwards; after a failure it is kept if there is anything of the user's in it."""
    original = path.resolve()  # a link stays a link
    with _alone_with(original, at):
        before = _read(original)
        draft = Draft(original, _written_beside(original, before), before)
        try:
            yield draft
        except Trouble:
            raise  # names the copy
        except BaseException:
            if draft.copy.exists() and draft.changed_lines():
                show.note(f"{draft.copy}: your edited copy is kept here")
            else:
                draft.discard()
            raise
        draft.discard()


# ---------------------------------------------------------------- one at a time


@contextmanager
def _alone_with(path: Path, at: datetime) -> Iterator[None]:
    """Whoever comes second is told who edits. The kernel lets the lock go when its holder dies."""
    lock = path.with_name(f".{path.name}.lock")
    try:
        file = _locked(lock, path)
    except OSError as error:
        remedy = "its folder must be one that you may write to: try it with sudo"
        raise Trouble(TroubleKind.CONFIG, str(path), f"cannot be edited: {error.strerror}", remedy) from error
    try:
        file.truncate(0)
        process = f"process {os.getpid()} on {socket.gethostname()}"
        file.write(f"{people.caller()} ({process}, since {at.astimezone():%H:%M})")
        file.flush()
        yield
    finally:
        lock.unlink(missing_ok=True)
        file.close()


def _locked(lock: Path, path: Path) -> IO[str]:
    while True:
        file = _opened(lock)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = clean(file.read()) or "somebody"
            file.close()
            remedy = "wait until they have finished"
            raise Trouble(TroubleKind.BUSY, str(path), f"is being edited by {who}", remedy) from None
        if _is_there_still(lock, file):
            return file
        file.close()  # whoever held it has just finished, and taken the file away


def _opened(lock: Path) -> IO[str]:
    """Made if need be. In a shared folder something else may have been planted in its place: it is left alone."""
    file = os.fdopen(_plain_file(lock, os.O_RDWR | os.O_CREAT), "r+", encoding="utf-8", errors="replace")
    if os.fstat(file.fileno()).st_nlink > 1:
        file.close()
        raise _planted(lock)
    return file


def _is_there_still(lock: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), lock.lstat())
    except FileNotFoundError:
        return False


# ---------------------------------------------------------------- files


def _plain_file(path: Path, flags: int) -> int:
    """Open a regular file, and nothing that a link leads to: we may be root, and the folder everybody's."""
    try:
        handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise _planted(path) from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _planted(path)
    return handle


def _planted(path: Path) -> Trouble:
    what = "is a link, or no file at all, and is not touched"
    return Trouble(TroubleKind.CONFIG, str(path), what, "find out who put it there, and remove it")


def _read(path: Path) -> bytes:
    try:
        with os.fdopen(_plain_file(path, os.O_RDONLY), "rb") as file:
            return file.read()
    except OSError as error:
        raise Trouble(
            TroubleKind.CONFIG, str(path), f"cannot be read: {error.strerror}", "look at who may read it"
        ) from error


def _written_beside(path: Path, content: bytes) -> Path:
    """A file in the same folder with the owner and mode of `path`."""
    name: str | None = None
    try:
        like = path.lstat()
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            own = os.fstat(file.fileno())
            if (own.st_uid, own.st_gid) != (like.st_uid, like.st_gid):
                os.fchown(file.fileno(), like.st_uid, like.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(like.st_mode))
            file.write(content)
    except OSError as error:
        if name is not None:
            Path(name).unlink(missing_ok=True)
        what = f"no copy with the same owner can be written beside it: {error.strerror}"
        raise Trouble(TroubleKind.CONFIG, str(path), what, "edit it as its owner, or with sudo") from error
    return Path(name)


def _with_line_ends_of(before: bytes, after: bytes) -> bytes:
    """As they were, if they were all alike."""
    plain = after.replace(b"\r\n", b"\n")
    if b"\r\n" not in before:
        return plain
    return plain.replace(b"\n", b"\r\n") if before.count(b"\n") == before.count(b"\r\n") else after
