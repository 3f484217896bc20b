"""A Debian booted for the tests: systemd as its first process, a network of its own with nothing in it but loopback."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.servers.waiting import wait_until
from tests.systemd import fetch

WHEELS = "/srv/wheels"  # where the machine sees them
BOOT_WITHIN = 60.0
STOP_WITHIN = 20.0
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "PIP_NO_INDEX": "1",
    "PIP_FIND_LINKS": WHEELS,
}


class Failed(Exception):  # noqa: N818 - reads better where it is expected
    """A command in the machine did not end with 0; the text is all that it said."""


def require_machine() -> None:
    """Skip the test, naming the remedy, where no machine can boot. Under CI that is a failure."""
    if os.geteuid() == 0 and fetch.is_complete():
        return
    reason = f"there is no machine to boot; run:  {fetch.COMMAND}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class Machine:
    """Made by `booted`."""

    def __init__(self, root: Path, nspawn: subprocess.Popen[bytes], console: Path) -> None:
        self.root = root
        self._nspawn = nspawn
        self._console = console
        self.leader = 0  # the machine's first process, as seen from here

    def wait_until_up(self) -> None:
        self.leader = wait_until(self._find_leader, BOOT_WITHIN, "the machine's first process")
        wait_until(self._is_up, BOOT_WITHIN, f"the machine is up\n{self._console.read_text(errors='replace')}")

    def _find_leader(self) -> int:
        assert self._nspawn.poll() is None, f"systemd-nspawn ended:\n{self._console.read_text(errors='replace')}"
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
                if name == "systemd" and int(rest.split()[1]) == self._nspawn.pid:
                    return int(process.name)
        return 0

    def _is_up(self) -> bool:
        return self._enter(["systemctl", "is-system-running"]).stdout.strip() in ("running", "degraded")

    def halt(self) -> None:
        """Pull the plug."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.leader or self._nspawn.pid, signal.SIGKILL)
        self._nspawn.wait(STOP_WITHIN)

    # --- commands and files ----------------------------------------------------------------------------------------

    def run(self, *command: str, stdin: str = "", within: float = 60, **environment: str) -> str:
        """What a command says, on both outputs. Raises `Failed`."""
        done = self._enter(command, stdin, within, environment)
        if done.returncode:
            raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def _enter(
        self, command: list[str] | tuple[str, ...], stdin: str = "", within: float = 60, extra: Mapping[str, str] = {}
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["nsenter", "--all", f"--target={self.leader}", *command],
            env={**ENVIRONMENT, **extra},
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=within,
            check=False,
        )

    def path(self, name: str) -> Path:
        """A file of the machine, as seen from here."""
        return self.root / name.lstrip("/")

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    def read(self, name: str) -> str:
        return self.path(name).read_text(encoding="utf-8")


@contextlib.contextmanager
def booted() -> Iterator[Machine]:
    """A fresh machine, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=fetch.MACHINES, prefix="run-") as directory:
        root, console = Path(directory, "root"), Path(directory, "console")
        subprocess.run(["cp", "-a", "--reflink=auto", fetch.debian(), root], check=True)
        command = ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--private-network"]
        command += [f"--directory={root}", f"--bind-ro={fetch.wheels()}:{WHEELS}", "--console=pipe"]
        with console.open("wb") as log:
            nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        machine = Machine(root, nspawn, console)
        try:
            machine.wait_until_up()
            yield machine
        finally:
            machine.halt()
