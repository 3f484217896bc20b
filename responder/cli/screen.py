"""What may reach a terminal: letters, line ends, and our own colours. The last gate, whatever a command prints.

Mail, servers and files are a stranger's: an escape sequence would write where it likes, retitle the window or answer
for the user. The commands clean what they show where they know what it is; here nothing gets by that was forgotten.
Knows no command and no text.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, Final, TextIO, cast

from responder.mail.echo import CUT, TRICKS

# All but line ends, tabs, and what click and rich write for bold, dim and colours. None of them can hide a text: black
# and white, which may be the colour of the screen, are not among them.
_UNWANTED: Final = re.compile(rf"(?!\n|\t|\x1b\[(?:[012]|3[1-6])(?:;(?:[012]|3[1-6])){{0,3}}m)[{TRICKS}]")


class _Screen:
    """A text stream that lets nothing unwanted by; in all else the stream that it stands before."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        if isinstance(stream, TextIOWrapper) and codecs.lookup(stream.encoding).name == "ascii":
            stream.reconfigure(encoding="utf-8")  # as click does; it would go round the gate to do so

    def write(self, text: str) -> int:
        self._stream.write(_UNWANTED.sub(CUT, text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def buffer(self) -> _Octets:
        """Without it, octets would go round the gate."""
        return _Octets(self)


class _Octets:
    """The same gate for who writes octets, as click does for the completion of a line."""

    def __init__(self, screen: _Screen) -> None:
        self._screen = screen

    def write(self, octets: bytes) -> int:
        self._screen.write(octets.decode("utf-8", "replace"))
        return len(octets)

    def flush(self) -> None:
        self._screen.flush()


@contextmanager
def guarded() -> Iterator[None]:
    """Standard output and error, while a command runs."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast(TextIO, _Screen(out)), cast(TextIO, _Screen(err))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err
