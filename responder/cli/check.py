"""`responder check`: every problem in a config and its policies at once; with `--connect`, do the servers let us in?

Reads files and, if asked, has `connect.py` log in to the servers; changes nothing anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from responder.cli import files
from responder.cli.app import DONE, PROBLEMS, Verb
from responder.cli.times import now
from responder.document import Problem, errors, parse

OF_A_POLICY = {"plays", "hours", "signals", "texts", "holidays"}
OF_A_CONFIG = {"accounts", "people", "state", "mode"}


@click.command(cls=Verb)
@click.argument("file", metavar="[CONFIG]", required=False, type=click.Path(path_type=Path))
@click.option("--connect", is_flag=True, help="Also log in to IMAP and SMTP, and say what each offers.")
def command(file: Path | None, *, connect: bool) -> int:
    """Show every problem in the config and the policies at once.

    One line each: file:line:column: what — remedy. A policy may be given instead of a config: it is then checked by
    itself. Warnings are told and do no harm; the exit code is 0 if there is no error, else 1.

    With --connect it also logs in to IMAP and SMTP, and looks for what is usually wrong with a new set-up: TLS and
    ports, passwords, folders, marks, the sender's address, the clock, the addresses of the mail that comes.

    \b
    Examples:
      responder check
      responder check /etc/responder/config.yaml --connect
      responder check policies/vi-office.yaml
    """
    from responder import config as configuration  # takes its time

    path = file if file is not None else files.config_path()
    files.require_file(path)
    if _is_policy(path):
        if connect:
            raise click.UsageError("--connect needs a config: a policy names no server")
        return _summary(path, configuration.load_one_policy(path, now().date()).problems)
    loaded = configuration.load(path, now().date())
    code = _summary(path, loaded.problems)
    if not connect or loaded.config is None:
        return code
    from responder.cli.connect import connect as log_in  # takes its time

    return max(code, log_in(loaded.config, loaded.policies))


def _is_policy(path: Path) -> bool:
    """Told by its keys."""
    try:
        keys = set(parse(path.read_text(encoding="utf-8"), str(path)).table().entries)
    except (OSError, UnicodeDecodeError):
        return False
    return len(keys & OF_A_POLICY) > len(keys & OF_A_CONFIG)


def _summary(path: Path, problems: Iterable[Problem]) -> int:
    found = tuple(problems)
    for problem in found:
        click.echo(str(problem))
    wrong = len(errors(found))
    warnings = len(found) - wrong
    told = [_count(wrong, "problem")] if wrong or warnings else ["no problems"]
    told += [_count(warnings, "warning")] if warnings else []
    click.echo(f"{path}: {', '.join(told)}")
    return PROBLEMS if wrong else DONE


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
