"""A limit of the office that was reached: when it counts as over.

By time, and well below the limit: a flood that goes on lets one mail through whenever a slot is free again, and each
would end the trouble and begin it anew. Knows no mailbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from responder.errors import TroubleKind
from responder.policy.decide import Breaker
from responder.policy.model import Rate
from responder.ports import Clock
from responder.store.store import Store
from responder.work.desk import Desk

HELD: Mapping[Breaker, TroubleKind] = {
    Breaker.REPLIES: TroubleKind.BREAKER,
    Breaker.ALERTS: TroubleKind.ALERTS_HELD,
}


class Breakers:
    """Watches over the limits of one account."""

    def __init__(self, desk: Desk, store: Store, clock: Clock) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock

    def take(self, desk: Desk) -> None:
        """Go on by limits that have changed."""
        self._desk = desk

    def run(self) -> None:
        """End the trouble, and the alarm about it, when less than half of the limit is used up."""
        name, now, limits = self._desk.name, self._clock.now(), self._desk.policy.limits
        tripped = {row.kind for row in self._store.open_troubles() if row.account == name}
        if HELD[Breaker.REPLIES] in tripped:
            replies = self._store.replies_since(now - limits.office.per, self._desk.counted)
            self._end_if_over(Breaker.REPLIES, limits.office, replies, now)
        if HELD[Breaker.ALERTS] in tripped:
            alarms = self._store.alarms_since(name, now - limits.alerts.per, self._desk.counted)
            self._end_if_over(Breaker.ALERTS, limits.alerts, alarms, now)

    def _end_if_over(self, breaker: Breaker, limit: Rate, used: int, now: datetime) -> None:
        if used <= limit.count // 2:
            self._store.end_trouble(self._desk.name, (HELD[breaker],), now)
