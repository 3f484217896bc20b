"""systemd/install without a machine to install on: what of it must never keep the service from running."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "systemd" / "install"
STUBS = """
build() { :; }
release_name() { echo next; }
write_config() { :; }
current() { :; }
switch() { echo stopped; }
put_unit() { :; }
sweep() { :; }
start() { [ ! -e "$SHARE" ] || echo "something lies in share"; echo started; }
put_completion() { :; }
SHARE=$1
PREFIX=$2
install
"""


def installed(share: Path, program: Path) -> subprocess.CompletedProcess[str]:
    """The steps of an installation whose version is `program`, as far as they touch nothing but `share`."""
    steps = SCRIPT.read_text(encoding="utf-8").removesuffix('main "$@"\n') + STUBS
    command = ["sh", "-c", steps, str(SCRIPT), str(share), str(program)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Its commands print one line, whatever they are asked."""
    binaries = tmp_path / "releases" / "next" / "bin"
    binaries.mkdir(parents=True)
    for name in ("python", "responder"):
        (binaries / name).write_text("#!/bin/sh\necho help\n")
        (binaries / name).chmod(0o755)
    return tmp_path


def test_the_service_runs_before_its_help_is_put_in_place(program: Path, tmp_path: Path) -> None:
    result = installed(tmp_path / "share", program)
    assert (result.returncode, result.stdout, result.stderr) == (0, "stopped\nstarted\n", "")
    assert (tmp_path / "share/man/man1/responder.1").read_text() == "help\n"


def test_help_that_cannot_be_written_stops_nothing_and_is_told(program: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where a folder should be")
    result = installed(tmp_path / "file/share", program)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("stopped\nstarted\nhelp: ")
    assert "share/man/man1/responder.1 could not be written" in result.stdout


def test_help_that_cannot_be_made_leaves_no_empty_file(program: Path, tmp_path: Path) -> None:
    (program / "releases/next/bin/python").write_text("#!/bin/sh\nexit 1\n")
    result = installed(tmp_path / "share", program)
    assert result.returncode == 0
    assert not (tmp_path / "share/man/man1/responder.1").exists()
