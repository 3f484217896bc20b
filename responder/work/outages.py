"""A mailbox that could not be read for long: the manager is told, by every way that does not lead through it.

Counts working time from the last look, or from the daemon's own start: what happened while it did not run is no outage.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from responder.errors import TroubleKind
from responder.ports import Clock
from responder.store.records import AlarmKind
from responder.store.store import Store
from responder.work import notices, staff
from responder.work.desk import Desk

PATIENCE = timedelta(hours=1)  # of working time
ASLEEP = timedelta(minutes=10)  # between two runs: the machine was suspended, or its clock was set


class Outages:
    """Watches over one account's mailbox."""

    def __init__(self, desk: Desk, store: Store, clock: Clock, since: datetime) -> None:
        """`since`: when the daemon began to look."""
        self._desk = desk
        self._store = store
        self._clock = clock
        self._since = self._looked = self._ran = self._awake = since
        self._seen = self._checked()
        self._is_out = any(
            row.account == desk.name and row.kind == TroubleKind.UNREACHABLE for row in store.open_troubles()
        )

    def take(self, desk: Desk) -> None:
        """Go on by a policy and people that have changed."""
        self._desk = desk

    def run(self) -> None:
        """Raise an alarm when the mailbox has been away for too long; end it when it is back."""
        now = self._clock.now()
        last, could_look = self._last_look(now), self._could_look(now)
        if self._desk.policy.calendar().working_between(last, now) >= PATIENCE + self._desk.settings.poll:
            if could_look:
                self._tell(last, now)
        elif self._is_out and last > self._since:
            self._store.end_trouble(self._desk.name, (TroubleKind.UNREACHABLE,), now)
            self._is_out = False

    def _last_look(self, now: datetime) -> datetime:
        """When a look was last seen to be on record; a time that cannot be comes from a clock that was wrong."""
        checked = self._checked()
        if checked is not None and checked != self._seen:
            self._seen, self._looked = checked, checked if self._looked <= checked <= now else now
        self._looked = min(self._looked, now)
        return self._looked

    def _could_look(self, now: datetime) -> bool:
        """After a sleep there has to be time for a look before its absence says anything."""
        if abs(now - self._ran) > ASLEEP:
            self._awake = now
        self._ran = now
        return now - self._awake >= 2 * self._desk.settings.poll

    def _checked(self) -> datetime | None:
        position = self._store.position(self._desk.name, self._desk.settings.folders.inbox)
        return position.checked_at if position else None

    def _tell(self, last: datetime, now: datetime) -> None:
        """Once for each outage, be the daemon started anew in it."""
        if self._is_out:
            return
        desk = self._desk
        text = f"{desk.settings.address} could not be read since {desk.local(last):%Y-%m-%d %H:%M}"
        matter = staff.Matter(
            AlarmKind.UNREACHABLE,
            notices.unreachable(desk.policy.language, desk.settings, desk.local(last)),
            template=AlarmKind.UNREACHABLE.value,
            key=(desk.name, AlarmKind.UNREACHABLE.value, now.isoformat()),
        )
        self._store.raise_alarm(staff.alarm(desk, matter, desk.policy.digest.to, now), now, text)
        self._is_out = True
