"""Makes in `.machines/` what the tests of the service need: a Debian to boot, and the wheels of our dependencies.

Run by `make test-systemd`:  .venv/bin/python tests/systemd/fetch.py
For Debian and Ubuntu, as root; installs debootstrap and systemd-container where they are missing. Where it cannot do
its work it says why, and the tests are skipped; under CI it fails.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
MACHINES = PROJECT / ".machines"
COMMAND = "sudo make test-systemd"
SUITE = "bookworm"
PYTHON = "3.11"  # of that suite
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
PACKAGES = (
    *("systemd-sysv", "dbus", "procps", "sudo", "git", "python3", "python3-venv", "dovecot-imapd", "python3-aiosmtpd"),
    *("bash-completion", "zsh", "fish", "mandoc"),  # for who types commands, and reads about them
)
TOOLS = {"debootstrap": "debootstrap", "systemd-nspawn": "systemd-container", "nsenter": "util-linux"}
NOT_NEEDED = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale")


class FetchError(Exception):
    """Why a machine cannot be made, in one line."""


def debian() -> Path:
    """The folder of the Debian; another list of packages makes another one."""
    return MACHINES / f"debian-{_key(SUITE, *PACKAGES)}"


def wheels() -> Path:
    """The folder of the wheels; other dependencies make another one."""
    return MACHINES / f"wheels-{_key(PYTHON, *_dependencies())}"


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join([platform.machine(), *parts]).encode()).hexdigest()[:12]


def is_complete() -> bool:
    return debian().is_dir() and wheels().is_dir() and not _missing_tools()


def _dependencies() -> list[str]:
    told = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    project, build = told["project"], told["build-system"]
    return [*project["dependencies"], *project["optional-dependencies"]["metrics"], *build["requires"], "wheel"]


def _missing_tools() -> list[str]:
    return [package for tool, package in TOOLS.items() if not shutil.which(tool)]


# ---------------------------------------------------------------- making


def fetch() -> None:
    if os.geteuid() != 0:
        raise FetchError(f"a machine boots only as root; run:  {COMMAND}")
    MACHINES.mkdir(exist_ok=True)
    (MACHINES / ".gitignore").write_text("*\n")
    if missing := _missing_tools():
        _install(missing)
    if not debian().is_dir():
        _make(debian(), "a Debian to boot", _bootstrap)
    if not wheels().is_dir():
        _make(wheels(), "the wheels of our dependencies", _download)


def _install(packages: list[str]) -> None:
    if not shutil.which("apt-get"):
        raise FetchError(f"{' and '.join(packages)} is missing, and there is no apt here")
    print(f"Installing {', '.join(packages)} …", flush=True)
    keyring = "debian-archive-keyring"  # Ubuntu does not have it by itself
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", keyring, *packages]
    try:
        _run(*install)
    except FetchError:  # most likely package lists that are missing or stale
        _run("apt-get", "update", "-q")
        _run(*install)


def _make(folder: Path, what: str, maker) -> None:  # type: ignore[no-untyped-def]
    """Under another name until it is complete; what an older list has made goes."""
    print(f"Making {what} in {MACHINES.name}/ …", flush=True)
    for old in MACHINES.glob(f"{folder.name.partition('-')[0]}-*"):
        shutil.rmtree(old)
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    maker(unfinished)
    unfinished.rename(folder)


def _bootstrap(root: Path) -> None:
    _run("debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(root), MIRROR)
    for folder in NOT_NEEDED:
        shutil.rmtree(root / folder, ignore_errors=True)


def _download(folder: Path) -> None:
    """For the machine's Python, whatever runs this."""
    libraries = [f"--platform=manylinux{old}_{platform.machine()}" for old in ("2014", "_2_17", "_2_28")]
    choice = ["--only-binary=:all:", f"--python-version={PYTHON}", "--implementation=cp", *libraries]
    _run(sys.executable, "-m", "pip", "download", "--quiet", f"--dest={folder}", *choice, *_dependencies())


def _run(*command: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise FetchError(f"{Path(command[0]).name} failed: {' / '.join(last)}")


def main() -> int:
    if is_complete():
        return 0
    try:
        fetch()
    except (FetchError, OSError) as problem:
        print(f"No machine to boot, the tests of the service will be skipped: {problem}", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
