"""What the loop does for the accounts, turn by turn: it sends, wakes people, writes digests, purges, counts anew.

Each of these goes on by itself until the stop. Must not know what a reload changes: whatever it works on is asked for
in every turn.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from responder.daemon import schedule
from responder.daemon.station import Station
from responder.replay.recounts import Recounts
from responder.servers.systemd import Pulse
from responder.store.ledger import OFFICE
from responder.work.beside import Beside
from responder.work.calendars import CalendarWatch
from responder.work.jobs import Job, Jobs

DIGEST_WITHIN = 1800.0  # seconds for one digest, and for the state to be written meanwhile

Task = asyncio.Task[None]


class Turns:
    """All of them, for all accounts."""

    def __init__(
        self,
        stations: Mapping[str, Station],
        jobs: Jobs,
        *,
        tick: float,
        stopped: asyncio.Event,
        purge: Callable[[], object],
        calendars: CalendarWatch,
        recounts: Recounts,
    ) -> None:
        """Those that wait, wait for so many seconds (`tick`), or until it is `stopped`."""
        self._stations = stations
        self._jobs = jobs
        self._tick = tick
        self._stopped = stopped
        self._purge = purge
        self._calendars = calendars
        self._recounts = recounts
        self._digesting = Pulse("digests", lambda: DIGEST_WITHIN)
        self.beside = Beside()

    def sending(self) -> set[Task]:
        """Begun from now on; a stop lets them finish the mail in flight."""
        return {asyncio.create_task(self._send_due(station)) for station in self._stations.values()}

    def others(self) -> set[Task]:
        """Begun from now on; what a stop cuts short is done anew after the next start."""
        of_all = (self._write_digests(), self._purge_often(), self._recount_often(), self._renew_calendars())
        of_each = (self._wake_people(station) for station in self._stations.values())
        return {asyncio.create_task(turns) for turns in (*of_each, *of_all)}

    def still(self) -> Iterator[str]:
        """The workers that have not got on for too long."""
        for station in self._stations.values():
            yield from station.still()
        if self._digesting.is_still():
            yield self._digesting.name

    async def look_for_outages(self) -> None:
        for station in self._stations.values():
            with self._jobs.turn(station.desk.name, Job.WATCHING):
                station.outages.run()
                station.end_what_is_over()

    async def _send_due(self, station: Station) -> None:
        """Wakes up when the thread has recorded something, and every tick of the monotonic clock.

        Each account by itself: a server that takes its time holds up no other's alerts.
        """
        while not self._stopped.is_set():
            station.due.clear()
            station.sending.beat()
            await self._send(station)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(station.due.wait(), self._tick)

    async def _send(self, station: Station) -> None:
        with self._jobs.turn(station.desk.name, Job.SENDING):
            if await station.outbox.run(self._stopped.is_set):
                station.watch.wake.set()  # copies for Sent

    async def _wake_people(self, station: Station) -> None:
        """Beside the sending: a mail server that is away keeps no telephone from ringing, nor does another account."""
        while not self._stopped.is_set():
            station.waking.beat()
            with self._jobs.turn(station.desk.name, Job.WAKING):
                await station.wakes.run(self._stopped.is_set)
            await self._rest(self._tick)

    async def _purge_often(self) -> None:
        while not self._stopped.is_set():
            with self._jobs.turn(OFFICE, Job.PURGING):
                await self.beside.run(self._purge, "purge")
            await self._rest(schedule.STATUS_EVERY)

    async def _renew_calendars(self) -> None:
        while not self._stopped.is_set():
            with self._jobs.turn(OFFICE, Job.CALENDARS):
                if self._calendars.is_due():
                    await self.beside.run(self._calendars.turn, "calendars")
            await self._rest(self._tick)

    async def _write_digests(self) -> None:
        """One after the other: after a flood each takes its time, and room."""
        while not self._stopped.is_set():
            for station in self._stations.values():
                self._digesting.beat()
                with self._jobs.turn(station.desk.name, Job.DIGESTS):
                    await self._write_digest(station)
            await self._rest(self._tick)

    async def _write_digest(self, station: Station) -> None:
        """When it is due is asked here: what the loop has recorded before then is there to be read."""
        digests = station.digests
        due = digests.due() if station.watch.rounds else None  # not before the mailbox was asked once
        if due is not None and await self.beside.run(lambda: digests.record(due), f"digest-{station.desk.name}"):
            station.due.set()

    async def _recount_often(self) -> None:
        while not self._stopped.is_set():
            for name, change in self._recounts.take().items():
                with self._jobs.turn(name, Job.RECOUNTING):
                    await self.beside.run(partial(self._recounts.tell, change, self._runs), f"recount-{name}")
            await self._rest(self._tick)

    def _runs(self) -> bool:
        return not self._stopped.is_set()

    async def _rest(self, seconds: float) -> None:
        """Until the next turn, or the stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)
