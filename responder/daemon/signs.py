"""How the daemon is seen from outside: systemd's watchdog and status line, the heartbeat, the metrics.

Must not know how mail is handled, only whether it is; and it changes nothing in the work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from responder.config import Config
from responder.daemon.station import Station
from responder.errors import Trouble, TroubleKind
from responder.ports import Clock, Measure
from responder.secret import Secret
from responder.servers import web
from responder.servers.credentials import password
from responder.servers.metrics import Endpoint
from responder.servers.systemd import Notifier
from responder.store.store import Store
from responder.work import health
from responder.work.heartbeat import Heartbeat
from responder.work.jobs import trouble_told
from responder.work.measures import Measures

log = logging.getLogger(__name__)


class Signs:
    """The signs of life of the whole daemon."""

    def __init__(
        self,
        stations: Mapping[str, Station],
        store: Store,
        clock: Clock,
        config: Config,
        notifier: Notifier,
        *,
        started: datetime,
        still: Callable[[], Iterable[str]],
    ) -> None:
        """`still` names the workers that have not got on for too long."""
        self._stations = stations
        self._store = store
        self._clock = clock
        self._notifier = notifier
        self._still = still
        self._started = self._seen_at = started
        self._turns_from = started  # since when the mailboxes can be expected to have been looked at
        self._told_still: list[str] = []
        self._heartbeat = Heartbeat(config.heartbeat, store, clock, _ask_for)
        self._metrics = config.metrics
        self._endpoint: Endpoint | None = None

    def take(self, config: Config) -> None:
        """Go on by a config that has changed."""
        self._heartbeat.take(config.heartbeat)
        if config.metrics != self._metrics:
            self.close_metrics()
            self._metrics = config.metrics
            self.open_metrics()

    def open_metrics(self) -> None:
        """Mail does not depend on who reads the numbers: what fails here is told, and no more."""
        with trouble_told():
            self._store.end_trouble("", (TroubleKind.METRICS,), self._clock.now())
            try:
                self._endpoint = Endpoint(self._metrics.port, self._measures) if self._metrics else None
            except Trouble as trouble:
                self._store.note_trouble("", trouble.kind, str(trouble), self._clock.now())
                raise

    def close_metrics(self) -> None:
        endpoint, self._endpoint = self._endpoint, None
        if endpoint is not None:
            endpoint.close()

    def _measures(self) -> tuple[Measure, ...]:
        """Called from the threads of the endpoint."""
        desks = [station.desk for station in self._stations.values()]
        return Measures(self._store, self._clock, self._started).read(desks)

    async def feed_watchdog(self) -> None:
        """Only while every worker gets on: otherwise systemd starts us anew."""
        still = list(self._still())
        if not still:
            self._notifier.alive()
        elif still != self._told_still:
            log.critical("no sign of life from %s: the watchdog is not fed any more", ", ".join(still))
        self._told_still = still

    async def report_status(self) -> None:
        with trouble_told():
            troubles = self._store.open_troubles()
            self._notifier.status(f"{len(self._stations)} mailboxes, {len(troubles)} troubles")

    async def send_heartbeat(self) -> None:
        with trouble_told():
            self._notice_clock()
            is_begun = all(station.watch.rounds for station in self._stations.values())
            if is_begun or any(self._late()):  # a daemon that has just begun has nothing to tell yet
                await self._heartbeat.run(self._obstacles)

    def _obstacles(self) -> Iterator[str]:
        """Why mail is not being handled, if it is not."""
        yield from (f"no sign of life from {name}" for name in self._still())
        yield from self._late()
        yield from health.stopped(self._store.open_troubles())

    def _late(self) -> Iterator[str]:
        looks = (station.last_look() for station in self._stations.values())
        return health.late(looks, self._turns_from, self._clock.now())

    def _notice_clock(self) -> None:
        """When it was set back, every mailbox has its turn first, as after a start."""
        now = self._clock.now()
        if now < self._seen_at:
            self._turns_from = now
        self._seen_at = now


def _ask_for(url: Secret) -> None:
    """Raises `Trouble`."""
    web.get(password(url))
