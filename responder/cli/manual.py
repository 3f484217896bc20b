"""The man page, made from the commands themselves, so that it tells what they tell.

`systemd/install` and `make man` call it:  python -m responder.cli.manual > responder.1
Not taken: click-man, which sees no commands that are found when they are called, and escapes nothing.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator
from datetime import date

import click

from responder.cli import cli, times
from responder.cli.app import HELP, installed_version

NAME = "answers mail that comes out of office hours, by the office's written rules"
COLUMNS = 72  # of the source
AS_WRITTEN = "\b"  # how click's help marks a paragraph whose lines are kept
FILES = {
    "/etc/responder/config.yaml": "Where things are: mailboxes, people, state.",
    "/etc/responder/policies/": "What is done with the mail.",
    "/etc/responder/credentials/": "The passwords that systemd hands to the service. A command run by root finds them "
    "there too.",
    "/var/lib/responder/state.db": "What is remembered.",
}
ENVIRONMENT = {
    "RESPONDER_CONFIG": "The config file, where no --config names one.",
    "CREDENTIALS_DIRECTORY": "The folder in which {credential: NAME} is looked for; systemd sets it for the service. "
    "Without it: /etc/responder/credentials.",
    "NO_COLOR": "Anything: no colours.",
}
EXAMPLES = """\
Does the login of the installed service work?
  sudo responder check --connect
What would be done with a mail that comes on a Saturday night?
  responder explain mail.eml --at 2026-11-21T22:10
"""


def page(app: click.Group, version: str, day: date) -> str:
    """The whole man page, in roff."""
    ctx = click.Context(app, info_name=app.name, help_option_names=["-h", "--help"])
    return "".join(f"{line}\n" for line in _lines(app, ctx, version, day))


def _lines(app: click.Group, ctx: click.Context, version: str, day: date) -> Iterator[str]:
    yield f'.TH {_text(ctx.command_path.upper())} 1 "{day}" "{_text(f"{app.name} {version}")}" "User Commands"'
    yield from (".nh", ".ad l")  # what people type is not broken in two
    yield from (".SH NAME", *_flowing(f"{app.name} - {NAME}"))
    yield from (".SH SYNOPSIS", *_usage(ctx))
    yield from (".SH DESCRIPTION", *_help(HELP))
    yield from (
        ".SH OPTIONS",
        "These may stand before the command's name or after it.",
        *_options(ctx, app.get_params(ctx)),
    )
    yield from (".SH COMMANDS", *_commands(app, ctx))
    yield from (".SH ENVIRONMENT", *_list(ENVIRONMENT.items()))
    yield from (".SH FILES", *_list(FILES.items()))
    yield from (".SH EXAMPLES", *_kept(EXAMPLES.splitlines()))
    yield from (".SH SEE ALSO", ".BR systemctl (1),", ".BR journalctl (1),", ".BR systemd.exec (5)")


def _commands(group: click.Group, ctx: click.Context) -> Iterator[str]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command is None or command.hidden:
            continue
        below = click.Context(command, info_name=name, parent=ctx)
        yield f".SS {_text(below.command_path.partition(' ')[2])}"
        yield from _usage(below)
        yield ".PP"
        yield from _help(inspect.cleandoc(command.help or ""))
        yield from _options(below, _own(below))
        if isinstance(command, click.Group):
            yield from _commands(command, below)


def _usage(ctx: click.Context) -> Iterator[str]:
    pieces = " ".join(ctx.command.collect_usage_pieces(ctx))
    yield rf"\fB{_text(ctx.command_path)}\fR {_text(pieces)}"


def _own(ctx: click.Context) -> list[click.Parameter]:
    """Without the options of every command, which are told once."""
    root = ctx.find_root()
    common = {option.name for option in root.command.get_params(root)}
    return [option for option in ctx.command.params if option.name not in common]


def _options(ctx: click.Context, params: Iterable[click.Parameter]) -> Iterator[str]:
    options = [param for param in params if isinstance(param, click.Option)]
    yield from _list(record for option in options if (record := option.get_help_record(ctx)))


def _list(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, says in entries:
        yield from (".TP", rf"\fB{_text(term)}\fR", *_flowing(says))


def _help(text: str) -> Iterator[str]:
    """Paragraphs; those that are marked keep their lines."""
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        lines = paragraph.splitlines()
        if number:
            yield ".PP"
        if lines[0] == AS_WRITTEN:
            yield from _kept(lines[1:])
        else:
            yield from _flowing(" ".join(lines))


def _flowing(text: str) -> Iterator[str]:
    yield from map(_text, textwrap.wrap(text, COLUMNS, break_long_words=False, break_on_hyphens=False))


def _kept(lines: Iterable[str]) -> Iterator[str]:
    yield from (".nf", *(_text(line) for line in lines), ".fi")


def _text(text: str) -> str:
    """Safe in roff: nothing in it is a request, an escape or a letter that a device may lack; `code` is bold."""
    safe = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    safe = re.sub(r"[^\x00-\x7f]", lambda letter: rf"\[u{ord(letter[0]):04X}]", safe)
    safe = re.sub(r"`([^`]+)`", r"\\fB\1\\fR", safe)
    return rf"\&{safe}" if safe.startswith((".", "'")) else safe


if __name__ == "__main__":
    click.echo(page(cli, installed_version(), times.now().date()), nl=False)
