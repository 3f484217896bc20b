"""What is on record goes off it in its time: customers' words after `keep_text`, everything after `retention`.

Small transactions, so that nobody waits for the lock. What was taken off leaves traces in the state file until that is
written anew, once a day. Knows no SQL and no config file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from responder.ports import Clock
from responder.store.store import TRACES, Store

log = logging.getLogger(__name__)

BATCH = 200  # rows of a table in one transaction
MOST = 50  # transactions in one run
EVERY = timedelta(minutes=1)
SCRUB_EVERY = timedelta(days=1)
SCRUBBED = "scrubbed_at"  # setting: when the file was last written anew


class Purge:
    """Takes off the record what has been kept long enough."""

    def __init__(self, store: Store, clock: Clock, keep_text: timedelta, retention: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._keep_text = keep_text
        self._retention = retention
        self._last: datetime | None = None

    def run(self) -> int:
        """One run, if the last one was long enough ago; the number of rows it took something from."""
        now = self._clock.now()
        if self._last is not None and abs(now - self._last) < EVERY:
            return 0
        self._last = now
        rows = self._repeat(lambda: self._store.purge_words(now - self._keep_text, now, BATCH))
        rows += self._repeat(lambda: self._store.purge_records(now - self._retention, BATCH))
        if rows:
            log.info("%d old rows are off the record", rows)
        self._scrub(now)
        return rows

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

    def _scrub(self, now: datetime) -> None:
        last = self._store.setting(SCRUBBED)
        is_due = last is None or abs(now - datetime.fromisoformat(last)) >= SCRUB_EVERY
        if is_due and self._store.setting(TRACES) is not None and self._store.scrub():
            self._store.set(SCRUBBED, now.isoformat())
