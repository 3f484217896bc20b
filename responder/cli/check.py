"""`responder check`: every problem in a config and its policies at once; with `--connect`, do the servers let us in?

Reads files and, if asked, logs in to the servers; changes nothing anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from responder import config as configuration
from responder.cli import files, show
from responder.cli.app import DONE, PROBLEMS, Verb
from responder.cli.times import now
from responder.config import Config
from responder.document import Problem, errors, parse
from responder.errors import Trouble
from responder.mail.automatic import Ours
from responder.policy.model import Policy
from responder.ports import Special
from responder.work.desk import Desk

if TYPE_CHECKING:
    from responder.servers.smtp import SmtpSubmission

OF_A_POLICY = {"plays", "hours", "signals", "texts", "holidays"}
OF_A_CONFIG = {"accounts", "people", "state", "mode"}


@click.command(cls=Verb)
@click.argument("file", metavar="[CONFIG]", required=False, type=click.Path(path_type=Path))
@click.option("--connect", is_flag=True, help="Also log in to IMAP and SMTP, and say what each offers.")
def command(file: Path | None, *, connect: bool) -> int:
    """Show every problem in the config and the policies at once.

    One line each: file:line:column: what — remedy. A policy may be given instead of a config: it is then checked by
    itself. Warnings are told and do no harm; the exit code is 0 if there is no error, else 1.

    \b
    Examples:
      responder check
      responder check /etc/responder/config.yaml --connect
      responder check policies/vi-office.yaml
    """
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
    return max(code, _connect(loaded.config, loaded.policies))


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


# ---------------------------------------------------------------- the servers


def _connect(config: Config, policies: Mapping[str, Policy]) -> int:
    """Every account's servers, one after the other; 1 if any did not let us in."""
    code = DONE
    for name, settings in config.accounts.items():
        desk = Desk(name, settings, policies[name], Ours(), config.people, config.mode, secret="")
        for told in (_imap, _smtp):
            code = max(code, _try(name, told, desk))
    return code


def _try(account: str, told: Callable[[Desk], str], desk: Desk) -> int:
    try:
        click.echo(f"{account}: {told(desk)}")
    except Trouble as trouble:
        show.note(f"{account}: {trouble}")
        return PROBLEMS
    return DONE


def _imap(desk: Desk) -> str:
    from responder.daemon import mailbox  # takes its time

    box = mailbox(desk)
    try:
        box.connect()
        messages = box.inbox().messages
        offers = box.offers()
        said = [f"{desk.settings.folders.inbox} holds {_count(messages, 'message')}"]
        said.append("IDLE" if "IDLE" in offers else f"no IDLE: it is asked every {desk.settings.poll}")
        for special in Special:
            name = box.folder(special)
            said.append(f"{special.value} in “{name}”" if name else f"no {special.value} folder: name it in `folders:`")
        return f"IMAP {box.where}: logged in; {'; '.join(said)}"
    finally:
        box.close()


def _smtp(desk: Desk) -> str:
    from responder.daemon import submission

    return asyncio.run(_greet(submission(desk), with_login=desk.settings.smtp.user is not None))


async def _greet(way_out: SmtpSubmission, *, with_login: bool) -> str:
    from responder.servers.faults import SMTP_ERRORS, translate

    try:
        client = await way_out.check()
        try:
            await client.ehlo()  # without a login nobody has asked yet
        except SMTP_ERRORS as error:
            raise translate(error, way_out.where) from error
        extensions = client.esmtp_extensions
        said = ["DSN" if "dsn" in extensions else "no DSN"]
        size = str(extensions.get("size", "")).strip()
        said.append(f"mails up to {int(size) // 1_000_000} MB" if size.isdigit() and int(size) else "no SIZE told")
        said.append("SMTPUTF8" if "smtputf8" in extensions else "no SMTPUTF8")
        entered = "logged in" if with_login else "connected (no login is configured)"
        return f"SMTP {way_out.where}: {entered}; {'; '.join(said)}"
    finally:
        await way_out.close()
