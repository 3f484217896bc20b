"""What comes again every few seconds, whatever becomes of the wall clock. Must not know what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

STATUS_EVERY = 10.0  # seconds between two status lines
HEARTBEAT_EVERY = 15.0  # seconds between two looks whether one is due


class Every(BaseTrigger):  # type: ignore[misc]
    """Fires again so long after it last fired, however far the wall clock jumped in between.

    APScheduler's own interval trigger goes through every fire time that a jump or a suspended weekend has skipped.
    """

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now if previous is None else now + self._interval


def in_memory() -> AsyncIOScheduler:
    """Nothing missed, nothing piled up: what is durable lives in the store."""
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    return AsyncIOScheduler(job_defaults=defaults, timezone=UTC)


def realign(scheduler: AsyncIOScheduler) -> None:
    """After the wall clock was set back, jobs must not wait for it to catch up."""
    now = datetime.now(UTC)
    for job in scheduler.get_jobs():
        if job.next_run_time > now + 2 * timedelta(seconds=STATUS_EVERY):
            job.modify(next_run_time=now)
