"""`responder check`: every problem in a config and its policies at once; with `--connect`, do the servers let us in?

Reads files and, if asked, has `connect.py` log in to the servers and `ring.py` call somebody; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from responder.cli import files
from responder.cli.app import DONE, PROBLEMS, Verb
from responder.cli.times import now
from responder.document import Problem, errors, in_order, parse
from responder.errors import Trouble

if TYPE_CHECKING:  # it takes its time
    from responder.config import Config

OF_A_POLICY = {"plays", "hours", "signals", "texts", "holidays"}
OF_A_CONFIG = {"accounts", "people", "state", "mode"}


@click.command(cls=Verb)
@click.argument("file", metavar="[CONFIG]", required=False, type=click.Path(path_type=Path))
@click.option("--connect", is_flag=True, help="Also log in to IMAP and SMTP, and say what each offers.")
@click.option("--ring", metavar="ROLE", help="Also ring for that person once, as a trial of their alarm.")
def command(file: Path | None, *, connect: bool, ring: str | None) -> int:
    """Show every problem in the config and the policies at once.

    One line each: file:line:column: what — remedy. A policy may be given instead of a config: it is then checked by
    itself. Warnings are told and do no harm; the exit code is 0 if there is no error, else 1.

    With --connect it also logs in to IMAP and SMTP, and looks for what is usually wrong with a new set-up: TLS and
    ports, passwords, folders, marks, the sender's address, the clock, the addresses of the mail that comes.

    \b
    Examples:
      responder check
      responder check /etc/responder/config.yaml --connect
      responder check --ring on_call
      responder check policies/vi-office.yaml
    """
    from responder import config as configuration  # takes its time

    path = file if file is not None else files.config_path()
    files.require_file(path)
    if _is_policy(path):
        if connect or ring:
            raise click.UsageError("--connect and --ring need a config: a policy names no server and no person")
        loaded_alone = configuration.load_one_policy(path, now().date())
        return summary(path, in_order([*loaded_alone.problems, *files.failing(loaded_alone, None)]))
    loaded = configuration.load(path, now().date())
    failed = tuple(problem for each in loaded.read.values() for problem in files.failing(each, loaded.config))
    beside = (*_not_installed(loaded.config, path), *_unlearned(loaded.config, path))
    code = summary(path, (*in_order([*loaded.problems, *failed]), *beside))
    if loaded.config is None:
        return code
    if connect:
        from responder.cli.connect import connect as log_in  # takes its time

        code = max(code, log_in(loaded.config, loaded.policies))
    if ring is not None:
        from responder.cli.ring import ring as ring_for

        code = max(code, ring_for(loaded.config, ring))
    return code


def _not_installed(config: Config | None, path: Path) -> Iterator[Problem]:
    """What the config asks for and nobody has installed; the daemon does without."""
    from responder.servers import metrics

    if config is not None and config.metrics is not None and not metrics.is_installed():
        document = parse(path.read_text(encoding="utf-8"), str(path))
        yield document.warning(document.place(("metrics",)), *metrics.MISSING)


def _unlearned(config: Config | None, path: Path) -> Iterator[Problem]:
    """The office's own weights, where they cannot be used; the daemon goes on with those that came with it."""
    from responder import learned

    if config is None or config.learned is None:
        return
    try:
        learned.judge_of(config.learned)
    except Trouble as trouble:
        document = parse(path.read_text(encoding="utf-8"), str(path))
        yield document.warning(document.place(("learned",)), f"{trouble.where}: {trouble.what}", trouble.remedy)


def _is_policy(path: Path) -> bool:
    """Told by its keys."""
    try:
        keys = set(parse(path.read_text(encoding="utf-8"), str(path)).table().entries)
    except (OSError, UnicodeDecodeError):
        return False
    return len(keys & OF_A_POLICY) > len(keys & OF_A_CONFIG)


def summary(path: Path, problems: Iterable[Problem]) -> int:
    """Every problem with a count at the end; the exit code."""
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
