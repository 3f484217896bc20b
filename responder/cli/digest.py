"""`responder digest`: what the daily report says now; an extra one can be sent.

The extra one is only put into the outbox: sending is the daemon's. The daily one comes in its time as always.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from responder.cli import files, show
from responder.cli.app import DONE, Verb
from responder.cli.times import now
from responder.mail import own_ids
from responder.store.lock import StateLock
from responder.store.records import OutboxKind

if TYPE_CHECKING:  # they take their time
    from responder.store.store import Store
    from responder.work.desk import Desk
    from responder.work.notices import Notice


@click.command(cls=Verb)
@click.option("--preview", is_flag=True, help="Print the report as text (what is done without any option).")
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="Write the report as HTML.")
@click.option("--send", is_flag=True, help="Send it now, besides the daily one.")
@click.option(
    "--account", metavar="NAME", shell_complete=files.complete_account, help="Only this account of the config."
)
def command(html: Path | None, account: str | None, *, preview: bool, send: bool) -> int:
    """Preview the daily report, or send it now.

    The report covers what has happened since the last daily one. --send puts an extra report into the queue: a running
    daemon sends it within seconds; otherwise it goes out with `responder once`, or when the daemon is started. The
    daily report comes in its time all the same.

    \b
    Examples:
      responder digest --preview
      responder digest --html report.html
      responder digest --send
    """
    from responder.daemon.parts import SystemClock, desks  # takes its time
    from responder.work.digest import Digests

    loaded = files.load_config(files.config_path())
    if loaded.config is None:
        return DONE
    at = now()
    with files.open_state(loaded.config) as store:
        chosen = chosen_desks(desks(loaded, store, at), account)
        if html is not None and len(chosen) > 1:
            raise click.UsageError(f"--html needs --account: the config has {', '.join(chosen)}")
        notices = {name: Digests(desk, store, SystemClock()).preview(at) for name, desk in chosen.items()}
        if html is not None:
            show.write(html, next(iter(notices.values())).html or "")
        if send:
            for name, desk in chosen.items():
                _send(store, desk, notices[name], at)
            _say_who_sends(loaded.config.state)
    if preview or not (html or send):
        for notice in notices.values():
            click.echo(f"{notice.subject}\n\n{notice.text.rstrip()}\n")
    return DONE


def chosen_desks(desks: dict[str, Desk], account: str | None) -> dict[str, Desk]:
    """All, or the one of that name."""
    if account is None:
        return desks
    if account not in desks:
        known = ", ".join(desks)
        raise click.BadParameter(f"there is no account `{account}`; the config has {known}", param_hint="--account")
    return {account: desks[account]}


def _send(store: Store, desk: Desk, notice: Notice, at: datetime) -> None:
    """A mail for each role; somebody with two roles gets one."""
    from responder.work.staff import to_staff

    told: set[str] = set()
    for role in desk.policy.digest.to:
        message_id = own_ids.make(desk.secret, desk.domain, desk.name, "digest by hand", at.isoformat(), role)
        mail = to_staff(desk, OutboxKind.DIGEST, role, notice, message_id, at, template="digest")
        if mail.recipient not in told:
            store.add_mail(mail, at)
            told.add(mail.recipient)
            click.echo(f"{desk.name}: report to {mail.recipient} is queued")


def _say_who_sends(state: Path) -> None:
    if StateLock(state).holder() is None:
        show.note("no daemon runs: it is sent with `responder once`, or when the daemon is started")
