"""`responder ack`: somebody knows. The telephone stops ringing for an alarm.

Writes to the state; a daemon that runs notices it by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from responder.cli import files, people, show, times
from responder.cli.app import DONE, PROBLEMS, Verb
from responder.store.records import AlarmRow

if TYPE_CHECKING:  # it takes its time
    from responder.store.store import Store

LOOKED_BACK = timedelta(days=7)


@click.command(cls=Verb)
@click.argument("numbers", metavar="[NUMBER]...", type=click.IntRange(min=1), nargs=-1)
@click.option("--all", "take_all", is_flag=True, help="All that are open.")
@click.option("--by", metavar="NAME", help="Who knows; usually you.")
def command(*, numbers: tuple[int, ...], take_all: bool, by: str | None) -> int:
    """Say that somebody knows of an alarm, and end its reminders.

    Without a number it lists the alarms that are open. An alarm ends by itself when somebody answers the alert's mail
    or the customer, or when its cause is over.

    \b
    Examples:
      responder ack
      responder ack 17 --by "anh Minh"
      responder ack --all
    """
    if numbers and take_all:
        raise click.UsageError("name the alarms, or say --all")
    office = files.office()
    with files.open_state(office.config) as store:
        alarms = store.open_alarms(times.now() - LOOKED_BACK)
        if not numbers and not take_all:
            return _list(alarms, office)
        chosen = numbers or [alarm.id for alarm in alarms]
        return _end(store, chosen, by or people.caller())


def _list(alarms: Sequence[AlarmRow], office: files.Office) -> int:
    if not alarms:
        click.echo("no alarm is open")
        return DONE
    from responder.policy.wording import clean

    rows = [
        (str(alarm.id), alarm.account, show.short(alarm.raised_at, office.zone), clean(alarm.headline))
        for alarm in alarms
    ]
    show.table(("alarm", "mailbox", "since", "what"), rows, whole=("alarm", "mailbox", "since"))
    return DONE


def _end(store: Store, numbers: Sequence[int], by: str) -> int:
    """Each for itself: one that has ended already keeps no other from ending."""
    all_ended = True
    if not numbers:
        click.echo("no alarm is open")
    for number in numbers:
        if store.end_alarm(number, by, times.now()):
            click.echo(f"alarm {number} is acknowledged by {by}")
            continue
        all_ended = False
        show.note(_why_not(store, number))
    return DONE if all_ended else PROBLEMS


def _why_not(store: Store, number: int) -> str:
    alarm = store.alarm(number)
    if alarm is None:
        return f"alarm {number}: there is none — `responder ack` lists those that are open"
    return f"alarm {number}: it has ended already ({alarm.ended_by})"
