"""Fetches the public sets of real mail into `.corpora/`, for `make corpora` and its tests. Nothing is installed.

Stand-alone (standard library only); run by `make corpora`:  python3 tests/corpora/fetch.py
Sources of Debian come through apt with a list of its own, which checks Debian's signature; those of PyPI through pip,
each with its SHA-256. Without apt, pip or a network it says so, and what is missing is skipped; under CI it fails.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CORPORA = PROJECT / ".corpora"
STAMP = "complete"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCES = f"deb-src [signed-by={KEYRING}] http://deb.debian.org/debian bookworm main\n"


class FetchError(Exception):
    """Why a set could not be fetched, in one line."""


@dataclass(frozen=True)
class Archive:
    """A package's source, of which the files below one folder are kept, in `.corpora/<name>/`.

    `folder` is a path inside the archive, below its top folder; `package` is Debian's name of the source, or PyPI's
    with `==` and the version; `sha256` is given for PyPI only.
    """

    name: str
    package: str
    folder: str
    sha256: str = ""

    @property
    def is_pypi(self) -> bool:
        return bool(self.sha256)


ARCHIVES = (
    Archive(
        "flufl.bounce",
        "flufl.bounce==6.0.0",
        "tests/data",
        "a1df16b9d1877ae4536f7d76c00d8421fcefbe694f80f5285d05c45a2547b1bc",
    ),
    Archive("bounceparser", "libmail-deliverystatus-bounceparser-perl", "t/corpus"),
    Archive("notmuch", "notmuch", "test/corpora"),
    Archive("mailboxes", "libmail-mbox-messageparser-perl", "t/mailboxes"),
    Archive("redmine", "redmine", "test/fixtures/mail_handler"),
    Archive(
        "django-mailbox",
        "django-mailbox==4.10.1",
        "django_mailbox/tests/messages",
        "9060a4ddc81d16aa699e266649c12eaf4f29671b5266352e2fad3043a6832b52",
    ),
)


def is_complete(archive: Archive) -> bool:
    stamp = CORPORA / archive.name / STAMP
    return stamp.is_file() and stamp.read_text() == fingerprint(archive)


def fingerprint(archive: Archive) -> str:
    """Another package, version or folder means fetching again."""
    return f"{archive.package} {archive.folder} {archive.sha256}"


def run(*command: str | Path, cwd: Path) -> None:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except OSError as problem:
        raise FetchError(f"{command[0]} cannot be run: {problem}") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith(("E:", "ERROR:"))]
        raise FetchError(said[0] if said else f"{command[0]} failed")


class Debian:
    """apt without root and beside the machine's own lists: sources of the one release that the sets are known from."""

    def __init__(self, work: Path) -> None:
        self._work = work / "apt"
        self._ready = False

    def download(self, archive: Archive, into: Path) -> None:
        if not self._ready:
            self._update()
            self._ready = True
        self._apt(into, "source", "--download-only", "--tar-only", archive.package)

    def _update(self) -> None:
        if not KEYRING.is_file():
            raise FetchError(f"{KEYRING} is missing: install debian-archive-keyring")
        for needed in ("lists/partial", "cache/archives/partial"):
            (self._work / needed).mkdir(parents=True, exist_ok=True)
        (self._work / "sources.list").write_text(SOURCES)
        self._apt(self._work, "-o", "APT::Update::Error-Mode=any", "update")

    def _apt(self, cwd: Path, *arguments: str) -> None:
        settings = {
            "Debug::NoLocking": "1",
            "Acquire::Retries": "2",
            "Acquire::http::Timeout": "20",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "",
            "Dir::Etc::sourcelist": str(self._work / "sources.list"),
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": str(self._work / "lists"),
            "Dir::Cache": str(self._work / "cache"),
        }
        options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
        run("apt-get", *options, *arguments, cwd=cwd)


def download_from_pypi(archive: Archive, into: Path) -> None:
    wanted = into / "wanted.txt"
    wanted.write_text(f"{archive.package} --hash=sha256:{archive.sha256}\n")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    run(*pip, "--no-binary", ":all:", "--no-deps", "--require-hashes", "-r", wanted, cwd=into)


def keep(archive: Archive, download: Path) -> None:
    """Unpack the wanted folder of what was downloaded, regular files only."""
    found = next(iter(sorted(download.glob("*.tar.*"))), None)
    if found is None:
        raise FetchError(f"{archive.package}: no source archive came")
    fresh = download / "kept"
    fresh.mkdir()
    with tarfile.open(found) as tar:
        for member in tar:
            inside = member.name.removeprefix("./").partition("/")[2]
            if member.isreg() and inside.startswith(archive.folder + "/"):
                target = fresh / inside.removeprefix(archive.folder + "/")
                if ".." in target.parts:
                    raise FetchError(f"{archive.package}: a file wants to lie outside: {member.name}")
                content = tar.extractfile(member)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read() if content else b"")
    if not any(fresh.iterdir()):
        raise FetchError(f"{archive.package}: nothing lies in {archive.folder}")
    (fresh / STAMP).write_text(fingerprint(archive))
    shutil.rmtree(CORPORA / archive.name, ignore_errors=True)
    fresh.rename(CORPORA / archive.name)


def fetch(archive: Archive, debian: Debian, work: Path) -> None:
    print(f"Fetching {archive.package} into {CORPORA.name}/{archive.name}/ …", flush=True)
    download = work / archive.name
    download.mkdir(parents=True)
    if archive.is_pypi:
        download_from_pypi(archive, download)
    else:
        debian.download(archive, download)
    keep(archive, download)


def main() -> int:
    work = CORPORA / "work"
    shutil.rmtree(work, ignore_errors=True)
    debian, failed = Debian(work), False
    for archive in ARCHIVES:
        if is_complete(archive):
            continue
        try:
            fetch(archive, debian, work)
        except (FetchError, OSError, tarfile.TarError) as problem:
            print(f"No {archive.name}, it will be skipped: {problem}", file=sys.stderr)
            failed = True
    shutil.rmtree(work, ignore_errors=True)
    return 1 if failed and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
