"""Another policy in the place of one: checked, told in words, and held against the mails on record.

What `policy edit` and `policy diff` have in common. Reads the office's files and its state; changes nothing.
"""

from __future__ import annotations

import shutil
import textwrap
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from responder import config as configuration
from responder.cli import files, show
from responder.cli.times import now
from responder.document import in_order
from responder.errors import Trouble
from responder.policy.changes import changes
from responder.policy.load import Loaded
from responder.policy.model import Policy

if TYPE_CHECKING:
    from responder.replay.recount import Recount

WITHIN = 20.0  # seconds that somebody waits; then the newest mails must do
NOBODY = "no account of the config uses this file: there are no mails to hold it against"


def checked(file: files.PolicyFile, content: Path, name: Path) -> Loaded:
    """What stands at `content`, checked as `responder check` would if `name` were the account's policy."""
    read = configuration.load_one_policy(content, now().date(), files.calendars())
    named = tuple(replace(problem, file=str(name)) for problem in read.problems)
    loaded = replace(read, problems=named, file=str(name))
    if file.config is not None and file.account is not None:
        loaded = configuration.staffed(loaded, str(name), file.config.people, str(files.config_path()))
    failed = files.failing(loaded, file.config)
    return replace(loaded, policy=None, problems=in_order([*loaded.problems, *failed])) if failed else loaded


def sentences(before: Policy, after: Policy) -> tuple[str, ...]:
    """What changed, in the language of the new policy."""
    return changes(before, after, after.language) or ("Only notes and spaces; no rule changes.",)


def effect(file: files.PolicyFile, before: Policy, after: Policy) -> Recount | None:
    """Of the mails on record, those that `after` would treat differently; None if it says the same.

    None as well, and a note, where nobody can tell.
    """
    if before == after:
        return None
    from responder.replay.recount import NOTHING, Question, recount
    from responder.store.store import Store

    addresses = _addresses(file)
    if file.config is None or not addresses:
        show.note(NOBODY)
        return None
    question = Question(before, after, addresses, files.judge((before, after), file.config.learned))
    until = time.monotonic() + WITHIN
    state = file.config.state
    try:
        if not state.exists():
            return NOTHING
        with closing(Store.as_it_is(state)) as store:
            return recount(store, question, now(), lambda: time.monotonic() < until)
    except (Trouble, PermissionError) as error:
        why = f"{state} is closed to this user" if isinstance(error, PermissionError) else error
        show.note(f"the mails on record were not compared: {why}")
        return None


def tell(said: Iterable[str], found: Recount | None, policy: Policy, margin: str = "") -> None:
    """What changed, how many mails that concerns, and some of them with what becomes of each."""
    from responder.replay.recount_words import headline, told

    width = shutil.get_terminal_size().columns if show.on_screen() else show.WIDE
    for sentence in (*said, *([headline(found, policy.language)] if found is not None else [])):
        click.echo(_wrapped(sentence, margin, width))
    for each in found.examples if found is not None else ():
        mail = told(each, policy.language)
        click.echo(_wrapped(mail.mail, f"{margin}  ", width))
        for line in (*mail.instead, mail.because):
            click.echo(_wrapped(line, f"{margin}    ", width))


def _wrapped(line: str, margin: str, width: int) -> str:
    return textwrap.fill(line, width, initial_indent=margin, subsequent_indent=f"{margin}  ", break_on_hyphens=False)


def _addresses(file: files.PolicyFile) -> Mapping[str, str]:
    """The mailboxes whose policy this file is, by account."""
    accounts = file.config.accounts if file.config is not None else {}
    path = file.path.resolve()
    return {name: account.address for name, account in accounts.items() if account.policy.resolve() == path}
