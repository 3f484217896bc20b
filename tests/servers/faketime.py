"""A clock the tests can move, for the servers and for our own daemon, by Debian's libfaketime.

The file holds an offset to the real clock, so that all processes agree and time goes on by itself. Only the date moves:
monotonic clocks, and with them timeouts and sleeps, stay real, and so do the times of files.
"""

import contextlib
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.servers import fetch

SHARED_MEMORY = Path("/dev/shm")


class FakeTime:
    """One clock: `set` it, hand `environment()` to every process that is to see it. It starts at the real time.

    `seen_after`: whole seconds after which a process sees that it was moved; at 0 it reads the file at every look.
    """

    def __init__(self, directory: Path, *, seen_after: int = 0) -> None:
        self._seen_after = seen_after
        directory.mkdir(parents=True, exist_ok=True)
        self.file = directory / "faketime"
        self._offset = 0.0
        self._write(0.0)
        remove_left_overs()

    def set(self, moment: datetime) -> None:
        """Move the clock to this moment (with a zone). Forward only, once servers run: Dovecot refuses to go back."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs a zone")
        self._write(moment.timestamp() - time.time())

    def advance(self, seconds: float) -> None:
        self._write(self._offset + seconds)

    def now(self) -> datetime:
        """The time on this clock, for the test process, whose own clock is the real one."""
        return datetime.fromtimestamp(time.time() + self._offset, UTC)

    def environment(self, *, shift_files: bool = False, only: str | None = None) -> dict[str, str]:
        """What a process needs in its environment to run under this clock.

        `shift_files`: it also sees the times of files shifted, as a server wants that judges the age of its lock files.
        `only`: among it and its children, the programs of this name alone.
        """
        [library] = fetch.ROOT.glob("usr/lib/*/faketime/libfaketimeMT.so.1")
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            **({"FAKETIME_CACHE_DURATION": str(self._seen_after)} if self._seen_after else {"FAKETIME_NO_CACHE": "1"}),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            **({"FAKE_UTIME": "1"} if shift_files else {"NO_FAKE_STAT": "1"}),
            **({"FAKETIME_ONLY_CMDS": only} if only else {}),
        }

    def _write(self, offset: float) -> None:
        self._offset = offset
        draft = self.file.with_suffix(".new")
        draft.write_text(f"{offset:+.3f}\n")
        draft.chmod(0o644)
        draft.replace(self.file)  # at once: no process ever reads half a number


def remove_left_overs() -> None:
    """libfaketime trips over what a killed process of the same number has left in shared memory."""
    for path in SHARED_MEMORY.glob("*faketime_s[eh]m_*"):
        number = re.sub(r".*_", "", path.name)
        if number.isdigit() and not Path("/proc", number).exists():
            with contextlib.suppress(OSError):
                path.unlink()
