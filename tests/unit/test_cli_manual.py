"""The man page tells everything that the commands tell, and is good roff."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date

import click
import pytest

from responder.cli import cli
from responder.cli.app import COMMANDS
from responder.cli.manual import page

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def source() -> str:
    return page(cli, "0.1.0", DAY)


def commands(group: click.Group, ctx: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", each) for below, each in commands(command, ctx))


ALL = list(commands(cli, click.Context(cli)))


def section(source: str, name: str) -> str:
    return source.partition(f".SS {name}\n")[2].partition("\n.S")[0].replace("\\-", "-")


@pytest.mark.parametrize(("name", "command"), ALL, ids=[name for name, _ in ALL])
def test_a_command_has_a_section_with_each_of_its_options(name: str, command: click.Command, source: str) -> None:
    told = section(source, name)
    assert f"responder {name}" in told
    own = [option for option in command.params if isinstance(option, click.Option)]
    everywhere = section(source.replace(".SH OPTIONS", ".SS everywhere"), "everywhere")
    assert own
    for option in own:
        assert all(switch in told or switch in everywhere for switch in option.opts)


def test_its_words_are_those_of_the_help(source: str) -> None:
    shown = " ".join(re.sub(r"\\f[BR]", "", source).replace("\\-", "-").split())
    for name, says in COMMANDS.items():
        assert f" responder {name} " in shown
        assert says in shown


def test_examples_keep_their_lines(source: str) -> None:
    assert "\n  responder queue show 12\n  responder queue cancel 12\n" in source


def test_no_letter_is_left_that_a_terminal_or_a_printer_may_lack(source: str) -> None:
    assert source.isascii()


def test_nothing_in_the_help_is_taken_for_a_request() -> None:
    app = click.Group("x", commands=[click.Command("y", help="First.\n\n.so /etc/passwd\n\n\b\n'a \\n b")])
    made = page(app, "1", DAY)
    assert "\n\\&.so /etc/passwd\n" in made
    assert "\n\\&'a \\en b\n" in made


def test_it_says_which_version_it_tells_of(source: str) -> None:
    assert re.match(r'\.TH RESPONDER 1 "2026-11-22" "responder 0\.1\.0"', source)


def test_groff_has_no_complaint_and_shows_it_all(source: str) -> None:
    """What mandoc says stands in tests/systemd."""
    if not shutil.which("groff"):
        pytest.skip("groff is missing; `apt install groff`")
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8"], input=source, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.count("Example") >= len(COMMANDS) - 1
