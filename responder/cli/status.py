"""`responder status`: is the daemon alive, and is all well? For people and, by its exit code, for monitoring.

Reads the state and the lock; never talks to the daemon or a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import click

from responder.cli import files, show
from responder.cli.ack import LOOKED_BACK
from responder.cli.app import DONE, PROBLEMS, Verb
from responder.cli.pause import said
from responder.cli.times import now
from responder.store.lock import Holder, StateLock
from responder.store.records import AlarmRow, OutboxState, TroubleRow

if TYPE_CHECKING:  # they take their time
    from responder.config import Account, Config
    from responder.store.store import Store
    from responder.work.pauses import Pause

OPEN = (OutboxState.WAITING, OutboxState.DUE, OutboxState.SENDING, OutboxState.UNCERTAIN)
MODES = {"observe": "nothing is sent to customers", "live": "customers get their answers"}


@dataclass(frozen=True, slots=True)
class Mailbox:
    name: str
    address: str
    since: datetime | None
    checked: datetime | None
    last_mail: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """All that is told; `problems` is empty when all is well."""

    holder: Holder | None
    mode: str
    paused: Pause | None
    alarms: tuple[AlarmRow, ...]
    heartbeat: datetime | None  # the last one that went out well
    mailboxes: tuple[Mailbox, ...]
    queue: dict[str, int]
    troubles: tuple[TroubleRow, ...]
    problems: tuple[str, ...]


@click.command(cls=Verb)
@click.option("--json", "as_json", is_flag=True, help="One JSON object (docs/json.md).")
def command(*, as_json: bool) -> int:
    """Tell whether all is well.

    Is the daemon alive and since when, when was each mailbox last looked at, what is owed, what is wrong. The exit code
    is 0 if all is well, and 1 if the daemon does not run or something is wrong.

    \b
    Example, for monitoring:
      responder status --json --config /etc/responder/config.yaml
    """
    office = files.office()
    status = _status(office)
    if as_json:
        show.one_json(_fields(status, office.zone))
    else:
        _tell(status, office.zone)
    return PROBLEMS if status.problems else DONE


def _status(office: files.Office) -> Status:
    from responder.store.store import Store
    from responder.work import pauses
    from responder.work.heartbeat import LAST_HEARTBEAT

    config = office.config
    holder = StateLock(config.state).holder()
    if config.state.exists():
        with closing(Store.open(config.state)) as store:
            mailboxes = tuple(_mailbox(store, name, account) for name, account in config.accounts.items())
            troubles, paused = store.open_troubles(), pauses.in_force(store, now())
            alarms = store.open_alarms(now() - LOOKED_BACK)
            heartbeat = _moment(store.setting(LAST_HEARTBEAT)) if config.heartbeat else None
            queue = store.owed()
    else:
        mailboxes = tuple(Mailbox(name, a.address, None, None, None) for name, a in config.accounts.items())
        troubles, paused, alarms, queue, heartbeat = (), None, (), {}, None
    problems = (
        *(() if holder else ("the daemon does not run",)),
        *(str(problem) for problem in office.problems),
        *(_said(trouble) for trouble in troubles),
        *(_late(mailboxes, config, holder) if holder else ()),
    )
    counts = {state.value: queue.get(state, 0) for state in OPEN}
    return Status(holder, config.mode.value, paused, alarms, heartbeat, mailboxes, counts, troubles, problems)


def _mailbox(store: Store, name: str, account: Account) -> Mailbox:
    position = store.position(name, account.folders.inbox)
    since, checked = (min(position.baselined_at, now()), position.checked_at) if position else (None, None)
    return Mailbox(name, account.address, since, checked, store.last_arrival(name))


def _moment(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


def _said(trouble: TroubleRow) -> str:
    times = f", {trouble.times} times" if trouble.times > 1 else ""
    return f"{f'{trouble.account}: ' if trouble.account else ''}{trouble.text}{times}"


def _late(mailboxes: tuple[Mailbox, ...], config: Config, holder: Holder) -> Iterator[str]:
    from responder.work.health import Look, late

    looks = [Look(mailbox.name, config.accounts[mailbox.name].poll, mailbox.checked) for mailbox in mailboxes]
    return late(looks, datetime.fromisoformat(holder.since), now())


# ---------------------------------------------------------------- telling it


def _tell(status: Status, zone: tzinfo | None) -> None:
    from responder.policy.wording import clean

    holder = status.holder
    if holder is not None:
        since = show.moment(datetime.fromisoformat(holder.since), zone)
        click.echo(f"running since {since} (process {holder.pid} on {holder.host})")
    else:
        click.secho("not running", bold=True)
    click.echo(f"mode {status.mode}: {MODES.get(status.mode, '')}")
    if status.paused is not None:
        click.secho(f"paused{said(status.paused.reason, status.paused.until, zone)}", bold=True)
    for alarm in status.alarms:
        text = f"alarm {alarm.id}, since {show.moment(alarm.raised_at, zone)}: {clean(alarm.headline)}"
        click.secho(f"{text} — `responder ack {alarm.id}`", fg="yellow")
    if status.heartbeat is not None:
        click.echo(f"last heartbeat {show.moment(status.heartbeat, zone)}")
    click.echo()
    rows = [
        (box.name, box.address, *(show.short(at, zone) for at in (box.since, box.checked, box.last_mail)))
        for box in status.mailboxes
    ]
    show.table(("mailbox", "address", "watched since", "last look", "last mail"), rows, whole=("mailbox",))
    owed = ", ".join(f"{count} {state}" for state, count in status.queue.items() if count)
    click.echo(f"\nqueue: {owed or 'nothing is owed'}")
    for problem in status.problems:
        click.secho(f"trouble: {problem}", fg="red")
    if not status.problems:
        click.secho("all is well", fg="green")


def _fields(status: Status, zone: tzinfo | None) -> dict[str, Any]:
    holder = status.holder
    return {
        "healthy": not status.problems,
        "running": holder is not None,
        "pid": holder.pid if holder else None,
        "host": holder.host if holder else None,
        "since": show.iso(datetime.fromisoformat(holder.since), zone) if holder else None,
        "mode": status.mode,
        "paused": status.paused.reason if status.paused else None,
        "paused_until": show.iso(status.paused.until, zone) if status.paused else None,
        "last_heartbeat": show.iso(status.heartbeat, zone),
        "accounts": [
            {
                "name": box.name,
                "address": box.address,
                "watched_since": show.iso(box.since, zone),
                "last_look": show.iso(box.checked, zone),
                "last_mail": show.iso(box.last_mail, zone),
            }
            for box in status.mailboxes
        ],
        "queue": status.queue,
        "alarms": [
            {
                "number": alarm.id,
                "account": alarm.account,
                "kind": alarm.kind.value,
                "headline": alarm.headline,
                "since": show.iso(alarm.raised_at, zone),
            }
            for alarm in status.alarms
        ],
        "troubles": [
            {
                "account": trouble.account or None,
                "kind": trouble.kind,
                "text": trouble.text,
                "since": show.iso(trouble.since, zone),
                "last_seen": show.iso(trouble.last_seen, zone),
                "times": trouble.times,
            }
            for trouble in status.troubles
        ],
        "problems": list(status.problems),
    }
