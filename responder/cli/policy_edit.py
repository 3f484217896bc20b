"""`responder policy edit`: a policy changed as `visudo` changes the rules of sudo: no mistake ever comes into force.

Asks and tells. The copy is the business of `draft.py`; what is said of the change, that of `policy_change.py`.
"""

from __future__ import annotations

import os
import signal
import socket
import sys

import click

from responder import config as configuration
from responder.cli import files
from responder.cli.app import DONE, PROBLEMS
from responder.cli.check import summary
from responder.cli.draft import Draft, draft_of
from responder.cli.policy_change import checked, effect, sentences, tell
from responder.cli.times import now
from responder.document import errors
from responder.errors import Trouble, TroubleKind
from responder.policy.model import Policy
from responder.store.lock import Holder, StateLock

ALL_NEW = "The policy before could not be used; all of this one is new."
BY_HAND = "`systemctl reload responder` does it"


def edit(named: str | None, *, asks: bool) -> int:
    """Until it is taken or left; the exit code. Raises `Trouble` where there is no terminal."""
    file = files.policy_file(named)
    if not _has_terminal():
        remedy = "call it in a terminal, or change the file by other means and run `responder check`"
        raise Trouble(TroubleKind.CONFIG, "policy edit", "there is no terminal to edit on", remedy)
    with draft_of(file.path, now()) as draft:
        return _until_settled(file, draft, asks=asks)


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _until_settled(file: files.PolicyFile, draft: Draft, *, asks: bool) -> int:
    while True:
        click.edit(filename=str(draft.copy))
        if not draft.changed_lines():
            click.echo("nothing was changed")
            return DONE
        loaded = checked(file, draft.copy, file.path)
        summary(file.path, loaded.problems, texts={str(file.path): draft.text()})
        if loaded.policy is None:
            if _answer("(e)dit again, e(x)it without saving", "ex") == "x":
                click.echo("left as it was")
                return PROBLEMS
            continue
        _tell(file, loaded.policy, draft.changed_lines())
        answer = _answer("take it? [Y/n/e]", "yne", default="y") if asks else "y"
        if answer == "n":
            click.echo("left as it was")
            return DONE
        if answer == "y":
            draft.put_in_place()
            click.echo(f"{file.path}: taken")
            click.echo(_reloaded(file))
            return DONE


def _answer(question: str, letters: str, default: str | None = None) -> str:
    choice = click.Choice(tuple(letters), case_sensitive=False)
    answer: str = click.prompt(question, type=choice, show_choices=False, default=default, show_default=False)
    return answer


def _tell(file: files.PolicyFile, policy: Policy, lines: int) -> None:
    """What would change; in words if the policy before can be read."""
    before = configuration.load_one_policy(file.path, None, files.calendars()).policy
    said = sentences(before, policy) if before is not None else (ALL_NEW,)
    tell(said, effect(file, before, policy) if before is not None else None, policy, margin="  ")
    click.echo(f"{lines} line{'' if lines == 1 else 's'} changed")


# ---------------------------------------------------------------- the daemon


def _reloaded(file: files.PolicyFile) -> str:
    """Tell a daemon on this machine to take it; what came of that."""
    if file.config is None or file.account is None:
        return "no account of the config uses this file: nothing was reloaded"
    wrong = errors(configuration.load(files.config_path(), None, files.asked_web()).problems)
    if wrong:
        return f"not reloaded, another file has a mistake: {wrong[0]}"
    try:
        holder = StateLock(file.config.state).holder()
    except (Trouble, OSError):
        return f"whether the daemon runs cannot be seen from here: {BY_HAND}"
    if holder is None:
        return "no daemon runs: it holds from the next start on"
    if holder.host != socket.gethostname():
        return f"the daemon runs on {holder.host}: {BY_HAND} there"
    return _signalled(holder)


def _signalled(holder: Holder) -> str:
    if not holder.takes_reloads:
        return f"process {holder.pid} works on the state and takes no reload: it holds from its next start on"
    try:
        os.kill(holder.pid, signal.SIGHUP)
    except ProcessLookupError:
        return "no daemon runs: it holds from the next start on"
    except PermissionError:
        return f"the daemon (process {holder.pid}) belongs to another user: {BY_HAND}"
    return f"the daemon (process {holder.pid}) was told to take it"
