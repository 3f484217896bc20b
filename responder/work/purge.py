"""What is on record goes off it in its time: customers' words after `keep_text`, everything after `retention`.

Small transactions, so that nobody waits for the lock. What was taken off leaves traces in the state file until that is
written anew, once a day while nobody works. A clock that has leapt ahead is not believed at once. Knows no SQL and no
config file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from responder.ports import Clock
from responder.store.store import TRACES, Store
from responder.work.desk import Desk

log = logging.getLogger(__name__)

BATCH = 200  # rows of a table in one transaction
MOST = 50  # transactions in one run
EVERY = timedelta(minutes=1)
LEAP = timedelta(days=7)  # from one run to the next; a machine that was off longer waits a day for nothing
PATIENCE = timedelta(days=1)  # after so long a clock is believed, and an open office kept waiting no longer
SCRUB_EVERY = timedelta(days=1)
TRY_AGAIN = timedelta(hours=1)  # a file that could not be written anew
RAN = "purge_ran_at"  # setting: what the clock showed at the last run
LEAPT = "clock_leapt_at"  # setting: what the clock showed after a leap that is not believed yet
SCRUBBED = "scrubbed_at"  # setting: when the file was last written anew


class Purge:
    """Takes off the record what has been kept long enough."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        keep_text: timedelta,
        retention: timedelta,
        desks: Callable[[], Collection[Desk]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._keep_text = keep_text
        self._retention = retention
        self._desks = desks
        self._last: datetime | None = None
        self._tried: datetime | None = None

    def run(self) -> int:
        """One run, if the last one was long enough ago; the number of rows it took something from."""
        now = self._clock.now()
        if _is_recent(self._last, now, EVERY):
            return 0
        self._last = now
        if not self._believes(now):
            return 0
        rows = self._repeat(lambda: self._store.purge_words(now - self._keep_text, now, BATCH))
        rows += self._repeat(lambda: self._store.purge_records(now - self._retained(), BATCH))
        if rows:
            log.info("%d old rows are off the record", rows)
        if self._may_scrub(now):
            self._scrub(now)
        return rows

    def _believes(self, now: datetime) -> bool:
        """What is taken off is gone: a clock that leapt must have gone on for a day first."""
        before = self._setting(RAN) or self._store.newest()
        self._store.set(RAN, now.isoformat())
        if before is not None and now - before > LEAP:
            log.warning(
                "the clock is %d days ahead of the last run: nothing is taken off for a day", (now - before).days
            )
            self._store.set(LEAPT, now.isoformat())
            return False
        leapt = self._setting(LEAPT)
        if leapt is None:
            return True
        if leapt <= now < leapt + PATIENCE:
            return False
        self._store.set(LEAPT, None)  # a day has passed, or it was set back
        return True

    def _retained(self) -> timedelta:
        """As long as a reply counts, it is known."""
        return max([self._retention, *(desk.policy.limits.again_after for desk in self._desks())])

    @staticmethod
    def _repeat(step: Callable[[], int]) -> int:
        """Until nothing is left, or another run has to go on."""
        rows = 0
        for _ in range(MOST):
            done = step()
            rows += done
            if not done:
                break
        return rows

    def _may_scrub(self, now: datetime) -> bool:
        """Everybody waits meanwhile: while an office works, only after a day of waiting."""
        last = self._setting(SCRUBBED)
        if self._store.setting(TRACES) is None or _is_recent(last, now, SCRUB_EVERY):
            return False
        if not any(desk.policy.calendar().is_open(now) for desk in self._desks()):
            return True
        if last is None:
            self._store.set(SCRUBBED, (now - SCRUB_EVERY).isoformat())  # it waits from now on
            return False
        return not _is_recent(last, now, SCRUB_EVERY + PATIENCE)

    def _scrub(self, now: datetime) -> None:
        if _is_recent(self._tried, now, TRY_AGAIN):
            return
        self._tried = now
        if self._store.scrub():
            self._store.set(SCRUBBED, now.isoformat())

    def _setting(self, key: str) -> datetime | None:
        value = self._store.setting(key)
        return datetime.fromisoformat(value) if value is not None else None


def _is_recent(at: datetime | None, now: datetime, within: timedelta) -> bool:
    """Also a time to come, if the clock was set back by no more than that."""
    return at is not None and abs(now - at) < within
