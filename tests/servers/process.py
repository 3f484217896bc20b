"""What Dovecot and Postfix have in common: a directory, free ports, a process group, a log to show on failure."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.servers import fetch
from tests.servers.faketime import remove_left_overs
from tests.servers.waiting import wait_until

LOOPBACK = "127.0.0.1"
PORT_RANGE = range(20000, 30000)
LONGEST_PATH = 75  # a UNIX socket's path ends at 107 characters, and the servers add names of their own


class StartError(Exception):
    """A server did not start; the text ends with its log."""


def require_servers(*, as_root: bool = False) -> None:
    """Skip the test, naming the remedy, where the real servers cannot run. Under CI that is a failure."""
    if not fetch.is_complete():
        _cannot_run(f"Dovecot and Postfix are not unpacked in .servers/; run:  {fetch.COMMAND}")
    if as_root and os.geteuid() != 0:
        _cannot_run("Postfix starts only as root; run:  sudo .venv/bin/python -m pytest tests")


def _cannot_run(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def server_directory() -> Iterator[Path]:
    """A temporary directory for servers: with a short path (sockets), and open to the users they switch to.

    pytest's tmp_path is neither.
    """
    directory = Path(tempfile.mkdtemp(prefix="servers-"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


class ReservedPort:
    """A loopback port of our own for as long as this object lives, even while no server listens on it.

    It lies below those the kernel hands out for connections; the name of an abstract socket tells other test runs.
    """

    def __init__(self) -> None:
        for _ in range(1000):
            self.number = secrets.choice(PORT_RANGE)
            self._claim = socket.socket(socket.AF_UNIX)
            try:
                self._claim.bind(f"\0responder-tests-port-{self.number}")
                with socket.socket() as trial:
                    trial.bind((LOOPBACK, self.number))
            except OSError:
                self._claim.close()
            else:
                return
        raise StartError("no free port")

    def __del__(self) -> None:
        self._claim.close()


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on, all different, for a server that is not a ServerProcess."""
    reserved = [ReservedPort() for _ in range(count)]
    return [port.number for port in reserved]


def answers(port: int, greeting: bytes) -> bool:
    """Whether a server says hello on this port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
            return connection.recv(200).startswith(greeting)
    except OSError:
        return False


def server_environment(faketime: dict[str, str] | None = None) -> dict[str, str]:
    """All a server gets to see of our environment; the same names are handed on to its children."""
    libraries = ":".join(map(str, fetch.library_directories()))
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC", "LD_LIBRARY_PATH": libraries, **(faketime or {})}


class ServerProcess:
    """A server in the foreground, leader of its own process group. Stopped and started again, it keeps its ports."""

    PORTS_NEEDED = 1
    START_WITHIN = 10.0
    STOP_WITHIN = 5.0
    GRACE = 5.0  # between asking a server to end and killing it

    def __init__(self, directory: Path, faketime: dict[str, str] | None = None) -> None:
        if len(str(directory)) > LONGEST_PATH:
            raise ValueError(f"{directory}: path too long for UNIX sockets; use server_directory()")
        self.directory = directory
        self.host = LOOPBACK
        self._reserved = [ReservedPort() for _ in range(self.PORTS_NEEDED)]
        self.ports = [port.number for port in self._reserved]
        self.log = directory / "log"
        self.environment = server_environment(faketime)
        self._log_before = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and wait until it answers."""
        if self._process:
            raise StartError(f"{type(self).__name__} runs already")
        self.directory.mkdir(parents=True, exist_ok=True)
        try:
            self._start(self._configure())
        except BaseException:
            self.stop()
            raise

    @property
    def group(self) -> int | None:
        """The process group, while it runs."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """End the whole process group and wait until it is gone. Harmless when it does not run."""
        if (process := self._process) is None:
            return
        self._process = None
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(self.GRACE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(self.STOP_WITHIN)
        wait_until(lambda: not group_lives(process.pid), self.STOP_WITHIN, f"all of {type(self).__name__} is gone")
        remove_left_overs()

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def log_since_start(self) -> str:
        return self.log_text()[self._log_before :]

    def _configure(self) -> list[str]:
        """Write the configuration, with our ports; the command that starts the server."""
        raise NotImplementedError

    def _is_ready(self) -> bool:
        """Whether it answers; by its own log, for a port might be somebody else's."""
        raise NotImplementedError

    def _start(self, command: list[str]) -> None:
        self._log_before = len(self.log_text())
        with self.log.open("ab") as log:
            self._process = process = subprocess.Popen(
                command,
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until(lambda: process.poll() is not None or self._is_ready(), self.START_WITHIN, "it answers")
        except AssertionError as problem:
            raise StartError(f"{type(self).__name__}: {problem}; its log:\n{self.log_text()}") from None
        if process.poll() is not None:
            raise StartError(f"{type(self).__name__} ended with {process.returncode}; its log:\n{self.log_text()}")


def group_lives(group: int) -> bool:
    """Whether any process of the group still runs (a zombie that nobody has reaped does not)."""
    for process in Path("/proc").iterdir():  # not glob(), which trips over processes that end
        with contextlib.suppress(OSError, ValueError):
            state, _, its_group = (process / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False
