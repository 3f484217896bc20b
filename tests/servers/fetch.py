"""Unpacks Dovecot, Postfix and libfaketime into `.servers/`, for the tests with real servers. Nothing is installed.

Stand-alone (standard library only), for Debian and Ubuntu; run by `make test`:  python3 tests/servers/fetch.py
Needs no root: where the machine's package lists are missing or stale, fresh ones are kept in `.servers/` instead.
Without apt, or without a network, it says what to do and the tests in question are skipped; under CI it fails.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SERVERS = PROJECT / ".servers"
ROOT = SERVERS / "root"
STAMP = SERVERS / "complete"
WANTED = ("dovecot-core", "dovecot-imapd", "dovecot-lmtpd", "dovecot-sieve", "postfix", "libfaketime")
COMMAND = "python3 tests/servers/fetch.py"
MODULES_LINK = "modules"


class FetchError(Exception):
    """Why the servers could not be fetched, in one line."""


def fingerprint() -> str:
    """What `.servers/` was made for: another list of packages, another system or place means fetching again."""
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        system = {}
    return "\n".join([*wanted(), f"{system.get('ID')} {system.get('VERSION_ID')} {platform.machine()}"])


def wanted() -> list[str]:
    return [*WANTED, *([] if shutil.which("openssl") else ["openssl"])]


def is_complete() -> bool:
    return STAMP.is_file() and STAMP.read_text() == fingerprint()


def library_directories(root: Path = ROOT) -> list[Path]:
    """Where the unpacked programs find the unpacked libraries (the value of LD_LIBRARY_PATH)."""
    multiarch = [path for parent in ("usr/lib", "lib") for path in sorted((root / parent).glob("*-linux-gnu*"))]
    own = [root / "usr/lib" / name for name in ("dovecot", "dovecot/modules/old-stats", "postfix")]
    return [path for path in (*own, *multiarch) if path.is_dir()]


class Apt:
    """apt without root: with the machine's package lists, or with fresh ones of our own."""

    def __init__(self) -> None:
        self.options = ["-o", "Debug::NoLocking=1", "-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=20"]
        if os.geteuid() == 0:
            self.options += ["-o", "APT::Sandbox::User=root"]

    def use_own_lists(self) -> None:
        own = SERVERS / "apt"
        for needed in ("lists/partial", "cache/archives/partial"):
            (own / needed).mkdir(parents=True, exist_ok=True)
        self.options += ["-o", f"Dir::State::lists={own}/lists", "-o", f"Dir::Cache={own}/cache"]
        self.options += ["-o", "APT::Sandbox::User=", "-o", "APT::Update::Error-Mode=any"]
        self._run("apt-get", "update")

    def download(self, packages: list[str], into: Path) -> list[Path]:
        into.mkdir(parents=True, exist_ok=True)
        before = set(into.glob("*.deb"))
        self._run("apt-get", "download", *packages, cwd=into)
        return sorted(set(into.glob("*.deb")) - before)

    def libraries_of(self, packages: list[str]) -> list[str]:
        """The library packages these depend on directly, apart from those the machine has."""
        answer = self._run("apt-cache", "depends", "--no-recommends", "--no-suggests", *packages)
        names = re.findall(r"(?:Pre)?Depends: (lib[^\s<>]+)", answer)
        return sorted({name for name in names if not is_installed(name)})

    def _run(self, program: str, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            [program, *self.options, *arguments], cwd=cwd, capture_output=True, text=True, check=False
        )
        if done.returncode:
            problems = [line for line in done.stderr.splitlines() if line.startswith("E:")] or [f"{program} failed"]
            raise FetchError(problems[0])
        return done.stdout


def is_installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout.startswith("ii")


def unpack(packages: list[Path], root: Path) -> None:
    for package in packages:
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)


def relocate_modules(root: Path) -> None:
    """Where Dovecot's libraries look for modules (such as TLS) is compiled in: make that the current directory."""
    for library in (root / "usr/lib/dovecot").glob("libdovecot*.so.*"):
        if library.is_symlink():
            continue
        old = b"\0/usr/lib/dovecot/modules\0"
        new = b"\0" + MODULES_LINK.encode().ljust(len(old) - 1, b"\0")
        library.write_bytes(library.read_bytes().replace(old, new))


def mend_faketime(root: Path) -> None:
    """libfaketime 0.9.10 breaks time.sleep() of Python 3.11 (its issue 426): take its clock_nanosleep out of the way.

    Renamed, it is not found, and the C library's own is. Only the first letter changes: "nanosleep" may share the rest.
    """
    for library in root.glob("usr/lib/*/faketime/libfaketime*.so.1"):
        library.write_bytes(library.read_bytes().replace(b"\0clock_nanosleep\0", b"\0Clock_nanosleep\0"))


def is_program_or_library(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def missing_libraries(root: Path) -> set[str]:
    """The names of shared libraries which something unpacked needs and nobody provides."""
    binaries = [path for path in sorted(root.rglob("*")) if is_program_or_library(path)]
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, library_directories(root)))}
    answer = subprocess.run(["ldd", *binaries], env=environment, capture_output=True, text=True, check=False)
    plugins = {path.name for path in binaries}  # they name each other without a path; Dovecot loads them itself
    return set(re.findall(r"(\S+) => not found", answer.stdout)) - plugins


def fetch_all(apt: Apt, work: Path) -> Path:
    """Download and unpack what is wanted, then level by level the libraries it depends on, until nothing is missing."""
    root, level, seen = work / "root", wanted(), set[str]()
    while level:
        seen.update(level)
        unpack(apt.download(level, work / "packages"), root)
        if not (missing := missing_libraries(root)):
            return root
        level = [name for name in apt.libraries_of(level) if name not in seen]
    raise FetchError(f"no package provides {', '.join(sorted(missing))}")


def check_version(packages: Path) -> None:
    """Dovecot 2.4 has a configuration language of its own, which these tests do not speak yet."""
    for package in packages.glob("dovecot-core_*"):
        version = re.sub(r"^dovecot-core_(\d+%3a)?", "", package.name)
        if not version.startswith("2.3."):
            raise FetchError("Dovecot here is not 2.3; run the system tests on Debian 12 or Ubuntu 22.04 or 24.04")


def fetch() -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise FetchError("there is no apt here; run the system tests on Debian or Ubuntu, for example in a container")
    print(
        f"Fetching Dovecot and Postfix for the system tests into {SERVERS.name}/ (nothing is installed) …", flush=True
    )
    shutil.rmtree(SERVERS, ignore_errors=True)
    work, apt = SERVERS / "work", Apt()
    try:
        root = fetch_with_any_lists(apt, work)
        check_version(work / "packages")
        relocate_modules(root)
        mend_faketime(root)
        root.rename(ROOT)
        STAMP.write_text(fingerprint())
    finally:
        for left_over in (work, SERVERS / "apt"):
            shutil.rmtree(left_over, ignore_errors=True)


def fetch_with_any_lists(apt: Apt, work: Path) -> Path:
    try:
        return fetch_all(apt, work)
    except FetchError:  # most likely package lists that are missing or stale
        shutil.rmtree(work, ignore_errors=True)
    try:
        apt.use_own_lists()
        return fetch_all(apt, work)
    except FetchError as problem:
        raise FetchError(f"{problem}; with a network, run:  sudo apt-get update && {COMMAND}") from None


def main() -> int:
    if is_complete():
        return 0
    try:
        fetch()
    except (FetchError, OSError, subprocess.CalledProcessError) as problem:
        print(f"No Dovecot and Postfix, the system tests will be skipped: {problem}", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
