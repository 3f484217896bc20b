"""`responder pause`: customers get nothing automatic until `responder resume`, or until the time that is named.

Writes one setting; a daemon that runs notices it by itself.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

import click

from responder.cli import files, people, show, times
from responder.cli.app import DONE, Verb


@click.command(cls=Verb)
@click.option("--reason", default="", help="Why; status and digest show it.")
@click.option("--until", type=times.Until(), metavar="TIME", help="Its end: a time or date, or how long (`2h`, `3d`).")
def command(*, reason: str, until: datetime | None) -> int:
    """Send customers nothing automatic for a while.

    Mail goes on being read, flagged and reported, staff get their alerts, drafts are laid; replies and follow-ups are
    not sent. A running daemon takes it within seconds; what is being sent at that moment still goes out. Without
    --until it lasts until `responder resume`.

    \b
    Examples:
      responder pause --reason "moving the office" --until 2026-11-30T08:00
      responder pause --until 2h
    """
    from responder.policy.wording import clean  # takes its time
    from responder.work import pauses

    reason = clean(reason)
    office, now = files.office(), times.now()
    ends = times.localised(until, office.zone) if until is not None else None
    if ends is not None and ends <= now:
        raise click.BadParameter(f"{show.moment(ends, office.zone)} is over already", param_hint="--until")
    with files.open_state(office.config) as store:
        pauses.begin(store, pauses.Pause(reason, now, ends), by=people.caller())
    click.echo(f"paused{said(reason, ends, office.zone)}. To send again: responder resume")
    return DONE


def said(reason: str, until: datetime | None, zone: tzinfo | None) -> str:
    """` until Mon 2026-11-30 08:00: moving the office`."""
    end = f" until {show.moment(until, zone)}" if until is not None else ""
    return f"{end}: {reason}" if reason else end
