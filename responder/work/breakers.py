"""A limit that stops everybody's replies, or the alerts: when it counts as over.

By time, and well below the limit: a flood that goes on lets one mail through whenever a slot is free again, and each
would end the trouble and begin it anew. Knows no mailbox.
"""

from __future__ import annotations

from collections.abc import Mapping

from responder.errors import TroubleKind
from responder.policy.decide import Breaker
from responder.policy.model import DAY, HOUR, Rates, Used
from responder.ports import Clock
from responder.store.store import Store
from responder.work.desk import Desk

HELD: Mapping[Breaker, TroubleKind] = {
    Breaker.ACCOUNT: TroubleKind.ACCOUNT_HELD,
    Breaker.OFFICE: TroubleKind.BREAKER,
    Breaker.ALERTS: TroubleKind.ALERTS_HELD,
}
OVER = {HOUR: 0.5, DAY: 0.9}  # how much of a rate may be used up when it is over; a day's is not free again for hours


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
        """End the trouble, and the alarm about it, when no rate of the limit is near any more."""
        name = self._desk.name
        tripped = {row.kind for row in self._store.open_troubles() if row.account == name}
        for breaker, kind in HELD.items():
            if kind in tripped and is_over(*self._measured(breaker)):
                self._store.end_trouble(name, (kind,), self._clock.now())

    def _measured(self, breaker: Breaker) -> tuple[Rates, Used]:
        name, limits, counted, now = self._desk.name, self._desk.policy.limits, self._desk.counted, self._clock.now()
        match breaker:
            case Breaker.ACCOUNT:
                return limits.account, self._store.replies(name, now, counted)
            case Breaker.OFFICE:
                return limits.office, self._store.replies(None, now, counted)
            case Breaker.ALERTS:
                return limits.alerts, self._store.alarms(name, now, counted)


def is_over(limit: Rates, used: Used) -> bool:
    """Is no rate of the limit near any more?"""
    return all(used.within(rate.per) <= rate.count * OVER[rate.per] for rate in limit)
