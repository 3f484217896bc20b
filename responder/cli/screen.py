"""What may reach a terminal: letters, line ends, and our own colours. The last gate, whatever a command prints.

Mail, servers and files are a stranger's: an escape sequence would write where it likes, retitle the window or answer
for the user. The commands clean what they show where they know what it is; here nothing gets by that was forgotten.
Knows no command and no text.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO, cast

from responder.mail.echo import CUT, TRICKS

# All but line ends, tabs, and what click and rich write for bold and the colours of letters: none can hide a text.
_UNWANTED: Final = re.compile(rf"(?!\n|\t|\x1b\[(?:0|1|3[0-7]|1;3[0-7])m)[{TRICKS}]")


class _Screen:
    """A text stream that lets nothing unwanted by; in all else the stream that it stands before."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(_UNWANTED.sub(CUT, text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def guarded() -> Iterator[None]:
    """Standard output and error, while a command runs."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast(TextIO, _Screen(out)), cast(TextIO, _Screen(err))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err
