"""What the shell offers when Tab is pressed: at once, and never with a word on stderr."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from responder.cli.app import COMMANDS
from tests.cli_office import ROOT

PROGRAM = Path(sys.executable).with_name("responder")
CONFIG = ROOT / "config.example.yaml"
HEAVY = {
    "sqlalchemy",
    "alembic",
    "apscheduler",
    "imapclient",
    "aiosmtplib",
    "rich",
    "holidays",
    "jinja2",
    "responder.config",
}


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def completed(line: str, **environment: str) -> str:
    """What bash is given for the last word of a line, as it is asked by the script that is installed."""
    words = line.split(" ")
    asked = {"_RESPONDER_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = python("from responder.cli import main; main()", **asked, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def values(line: str, **environment: str) -> list[str]:
    return [item.partition(",")[2] for item in completed(line, **environment).splitlines() if item]


def test_a_command_is_completed() -> None:
    assert values("responder le") == ["ledger"]


def test_every_command_is_offered() -> None:
    assert values("responder ") == list(COMMANDS)


@pytest.mark.parametrize(("line", "offered"), [("responder queue c", ["cancel"]), ("responder policy sc", ["schema"])])
def test_a_command_below_a_command_is_completed(line: str, offered: list[str]) -> None:
    assert values(line) == offered


def test_options_are_completed_those_of_every_command_too() -> None:
    assert values("responder ledger --s") == ["--sender", "--since"]
    assert "--config" in values("responder ledger --")


def test_the_choices_of_an_option_are_offered() -> None:
    assert values("responder ledger --format ") == ["table", "csv", "json"]


@pytest.mark.parametrize(
    "line",
    [f"responder -c {CONFIG} login ", f"responder login -c {CONFIG} i", f"responder -c {CONFIG} digest --account "],
)
def test_the_accounts_of_the_config_are_offered(line: str) -> None:
    assert values(line) == ["info"]


def test_the_config_of_the_environment_counts_as_well() -> None:
    assert values("responder login ", RESPONDER_CONFIG=str(CONFIG)) == ["info"]


@pytest.mark.parametrize("config", ["/nonexistent", "/", sys.executable])
def test_a_config_that_cannot_be_read_offers_no_account_and_complains_of_nothing(config: str) -> None:
    assert values(f"responder -c {config} login ") == []


@pytest.mark.parametrize(
    "line", ["responder check ", "responder explain ", "responder -c ", "responder digest --html "]
)
def test_where_a_file_is_meant_the_shell_is_told_to_offer_files(line: str) -> None:
    assert completed(line) == "file,\n"


@pytest.mark.parametrize(
    "line", ["responder chek --", "responder --version -", "responder --nonsense le", "responder -h "]
)
def test_a_line_that_makes_no_sense_is_completed_as_well_as_can_be_without_a_word(line: str) -> None:
    completed(line)


def test_commands_are_offered_without_importing_any() -> None:
    code = dedent("""\
        import sys
        from responder.cli import cli
        from click.shell_completion import BashComplete
        assert len(BashComplete(cli, {}, "responder", "").get_completions([], "")) > 10
        print(*(name for name in sys.modules if name.startswith("responder.cli.")))
        """)
    assert python(code).stdout.split() == ["responder.cli.app"]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_is_imported_without_the_libraries_that_take_their_time(name: str) -> None:
    """Else its options, and its help, come late."""
    code = f"import sys, responder.cli.{name}; print(*sorted({HEAVY} & set(sys.modules)))"
    assert python(code).stdout == "\n"


def test_bash_completes_with_the_script_that_is_installed() -> None:
    script = dedent(f"""\
        source <(_RESPONDER_COMPLETE=bash_source {PROGRAM})
        COMP_WORDS=({PROGRAM} le) COMP_CWORD=1
        _responder_completion {PROGRAM}
        echo "${{COMPREPLY[@]}}"
        """)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("ledger\n", "")


@pytest.mark.parametrize(
    ("shell", "words"), [("zsh", "#compdef responder"), ("fish", "complete --no-files --command responder")]
)
def test_there_is_a_script_for_other_shells_too(shell: str, words: str) -> None:
    done = python("from responder.cli import main; main()", _RESPONDER_COMPLETE=f"{shell}_source")
    assert words in done.stdout
    assert done.stderr == ""


def test_even_a_defect_disturbs_nobody_who_types() -> None:
    done = python("from responder.cli import main; main()", _RESPONDER_COMPLETE="bash_complete")  # no COMP_WORDS
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
