"""How commands are found, and how errors become one line and an exit code."""

from __future__ import annotations

import importlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from responder.cli import cli
from responder.cli.app import COMMANDS, tell
from responder.document import Problem, Unusable
from responder.errors import Trouble, TroubleKind
from tests.cli_office import POLICY, mail, responder


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_help_lists_every_command() -> None:
    result = responder("--help")
    assert result.exit_code == 0
    assert all(f"  {name} " in result.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_begins_as_the_list_of_commands_says(name: str) -> None:
    command = importlib.import_module(f"responder.cli.{name}").command
    assert command.help.splitlines()[0] == COMMANDS[name]
    assert responder(name, "--help").exit_code == 0


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"policy"}))
def test_help_of_a_command_shows_an_example(name: str) -> None:
    assert "Example" in responder(name, "--help").stdout


def test_help_imports_no_command_and_no_library_but_click() -> None:
    code = (
        "import sys; from responder.cli import cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'pydantic', 'sqlalchemy', 'rich', 'yaml', 'jinja2', 'imapclient'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    assert python(code).stderr == ""


def test_the_daemon_runs_without_rich() -> None:
    code = "import sys, responder.cli.run, responder.daemon.root; assert 'rich' not in sys.modules"
    assert python(code).stderr == ""


def test_no_command_is_wrong_use() -> None:
    assert responder().exit_code == 2


def test_unknown_command_names_the_nearest() -> None:
    result = responder("chek")
    assert result.exit_code == 2
    assert "there is no command `chek`; did you mean `check`?" in result.stderr


def test_unknown_option_is_wrong_use() -> None:
    assert responder("status", "--nonsense").exit_code == 2


def test_version_is_printed() -> None:
    result = responder("--version")
    assert (result.exit_code, result.stdout.split()[0]) == (0, "responder")


def test_python_m_responder_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "responder", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == responder("--version").stdout


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (TroubleKind.NETWORK, 75),
        (TroubleKind.BUSY, 75),
        (TroubleKind.CONFIG, 2),
        (TroubleKind.STATE, 1),
        (TroubleKind.LOGIN, 1),
    ],
)
def test_trouble_is_one_line_and_an_exit_code(kind: TroubleKind, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(Trouble(kind, "here", "it is wrong", "mend it"), debug=False) == code
    assert capsys.readouterr().err == "here: it is wrong — mend it\n"


def test_unusable_files_tell_every_problem(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [Problem("f", 1, 2, "a", "b"), Problem("f", 3, 4, "c", "d")]
    assert tell(Unusable(problems), debug=False) == 2
    assert capsys.readouterr().err == "f:1:2: a — b\nf:3:4: c — d\n"


def test_who_may_not_look_at_the_state_is_told_to_use_sudo(capsys: pytest.CaptureFixture[str]) -> None:
    refused = PermissionError(13, "Permission denied", "/var/lib/responder/state.db")
    assert tell(refused, debug=False) == 2
    assert capsys.readouterr().err == "/var/lib/responder/state.db: closed to this user — run the command with `sudo`\n"


def _broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("two\nlines")

    monkeypatch.setattr("responder.cli.calendar._policy", fail)


def test_a_defect_of_ours_is_one_line_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    _broken(monkeypatch)
    result = responder("calendar")
    assert result.exit_code == 1
    assert result.stderr.startswith("unexpected failure (KeyError: ")
    assert result.stderr.endswith("— run again with --debug and report it\n")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [("--debug", "calendar"), ("calendar", "--debug")])
def test_debug_before_or_after_the_command_shows_the_traceback(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    _broken(monkeypatch)
    result = responder(*arguments)
    assert result.exit_code == 1
    assert "Traceback" in result.stderr


def test_an_interruption_is_told_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("responder.cli.calendar._policy", interrupt)
    result = responder("calendar")
    assert (result.exit_code, result.stderr) == (130, "\nstopped\n")  # the line break parts it from ^C


def test_a_reader_who_has_enough_is_no_failure(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"{number:03}.eml").write_bytes(mail())
    command = f"{sys.executable} -m responder explain --json --policy {POLICY} {tmp_path} | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)


def test_output_without_a_terminal_has_no_colours() -> None:
    assert "\x1b" not in responder("calendar", "2026-11").stdout


def test_no_color_is_respected_by_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    seen: list[bool | None] = []
    monkeypatch.setattr("responder.cli.calendar._policy", lambda _: seen.append(click.get_current_context().color))
    responder("calendar")
    assert seen == [False]


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_a_poor_locale_is_no_failure(locale: str, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail())
    code = f"import sys; sys.argv = ['responder', 'explain', {str(tmp_path)!r}]\nfrom responder.cli import main\nmain()"
    done = python(code, LC_ALL=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")


LOGGING = """\
import logging, os, sys
from pathlib import Path
from responder.cli import journal
here = os.fstat(sys.stderr.fileno())
os.environ |= {{"JOURNAL_STREAM": {stream}}}
journal.start(verbose={verbose}, socket=Path({socket!r}))
log = logging.getLogger("responder.x")
log.debug("no")
log.warning("yes")
logging.getLogger("apscheduler").info("no")
"""
OURS = 'f"{here.st_dev}:{here.st_ino}"'


@pytest.mark.parametrize(("stream", "begin"), [("'8:1'", "20"), (OURS, "<4>")])
def test_the_log_has_times_by_hand_and_priorities_where_stderr_is_the_journal(stream: str, begin: str) -> None:
    done = python(LOGGING.format(stream=stream, socket="/nowhere", verbose=False))
    assert done.stderr.startswith(begin)
    assert done.stderr.endswith("yes\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("stream", "lines"), [("'8:1'", []), (OURS, [b"MESSAGE=no", b"MESSAGE=yes"])])
def test_where_stderr_is_the_journal_lines_go_there_with_their_fields(
    stream: str, lines: list[bytes], tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(tmp_path / "socket"))
        done = python(LOGGING.format(stream=stream, socket=str(tmp_path / "socket"), verbose=True))
        journal.setblocking(False)
        came = [journal.recv(10_000).splitlines()[0] for _ in lines]
        with pytest.raises(BlockingIOError):
            journal.recv(1)
    assert came == lines
    assert bool(done.stderr) == (not lines)


def test_the_group_is_called_responder() -> None:
    assert cli.name == "responder"
