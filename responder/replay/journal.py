"""What a replay has decided so far, in a file, so that one that was broken off can go on.

One line of JSON for each mail in its order, and a first line that says of which replay. The file names customers: only
its owner may read it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from responder.errors import Trouble, TroubleKind
from responder.replay import entry
from responder.replay.run import Step
from responder.replay.source import Item

VERSION = 1


def fingerprint(items: Iterable[Item], facts: Iterable[object]) -> str:
    """Of the same mails under the same rules; whatever else may have changed."""
    made = hashlib.sha256("\0".join(map(str, (VERSION, *facts))).encode())
    for item in items:
        made.update(f"\n{item.name}\0{item.at.isoformat()}".encode("utf-8", "surrogateescape"))
    return made.hexdigest()


class Journal:
    """The file of one replay. Raises `Trouble` where it cannot be used."""

    def __init__(self, path: Path, of: str) -> None:
        self.path = path
        self._of = of
        self._file: TextIO | None = None
        self._good = 0  # octets up to the end of the last whole line

    def earlier(self, items: Sequence[Item]) -> Iterator[Step]:
        """The steps it holds; to be read to the end before one is added. A last line that was cut off is left out."""
        if not self.path.exists():
            return
        try:
            with self.path.open("rb") as file:
                self._good = len(self._checked(file.readline()))
                for item, line in zip(items, file, strict=False):
                    step = _read(item, line)
                    if step is None:
                        return
                    self._good += len(line)
                    yield step
        except OSError as error:
            raise self._trouble(f"cannot be read: {error.strerror}", "name another file") from error

    def _checked(self, line: bytes) -> bytes:
        try:
            head = json.loads(line)
        except ValueError:
            head = None
        if not isinstance(head, dict) or head.get("replay") is None:
            raise self._trouble("is no replay that was broken off", "name another file; this one is left as it is")
        if head["replay"] != self._of:
            remedy = "call it with the same mails, policies and period, or name another file to begin anew"
            raise self._trouble("belongs to another replay: the mails, a policy or the period has changed", remedy)
        return line

    def add(self, step: Step) -> None:
        if self._file is None:
            self._file = self._opened()
        self._file.write(json.dumps(_written(step), ensure_ascii=False, separators=(",", ":")) + "\n")

    def _opened(self) -> TextIO:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            os.ftruncate(handle, self._good)
            os.lseek(handle, 0, os.SEEK_END)
        except OSError as error:
            raise self._trouble(f"cannot be written: {error.strerror}", "name another with `--resume`") from error
        file = os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass", buffering=1)
        if not self._good:
            file.write(json.dumps({"replay": self._of}) + "\n")
        return file

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def remove(self) -> None:
        """All is decided: nothing is left to go on with."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _trouble(self, what: str, remedy: str) -> Trouble:
        return Trouble(TroubleKind.CONFIG, str(self.path), what, remedy)


def _written(step: Step) -> dict[str, Any]:
    if step.trouble:
        return {"trouble": step.trouble}
    if step.entries:
        return {"decided": [entry.written(each) for each in step.entries]}
    return {"account": step.account, "wrote": entry.written_answer(step.wrote) if step.wrote else None}


def _read(item: Item, line: bytes) -> Step | None:
    """None for a line that was cut off."""
    if not line.endswith(b"\n"):
        return None
    try:
        plain = json.loads(line.decode("utf-8", "surrogatepass"))
    except ValueError:
        return None
    wrote = plain.get("wrote")
    return Step(
        item,
        tuple(entry.read(each) for each in plain.get("decided", ())),
        account=plain.get("account", ""),
        wrote=entry.read_answer(wrote) if wrote else None,
        trouble=plain.get("trouble", ""),
    )
