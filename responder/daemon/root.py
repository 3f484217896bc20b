"""The composition root: builds the parts, starts them, and stops them in order.

One asyncio loop runs the outbox, the APScheduler jobs and systemd; each
mailbox has a thread of its own. Threads and loop meet in the store, and in a
wake-up; nothing else is shared. Must not know how any of the work is done.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from responder.about import about
from responder.calendars import Calendars, Copies
from responder.config import Config, LoadedConfig
from responder.daemon import parts, schedule
from responder.daemon.learnt import Learnt
from responder.daemon.reloading import Reloading, Unproven
from responder.daemon.signs import Signs
from responder.daemon.station import Station
from responder.daemon.turns import Turns
from responder.document import Unusable
from responder.errors import Trouble
from responder.policy.meaning import Judging
from responder.ports import Clock, Waker
from responder.replay.recounts import Recounts
from responder.servers import web
from responder.servers.systemd import Notifier
from responder.servers.waking import SystemWaker
from responder.store.lock import StateLock
from responder.store.store import Store
from responder.work import pauses, restore
from responder.work.beside import join
from responder.work.calendars import CalendarWatch
from responder.work.desk import Desk
from responder.work.digest import FIRST_START
from responder.work.jobs import Jobs, trouble_told
from responder.work.policy_watch import PolicyWatch
from responder.work.proof import proven, remember, was_in_force
from responder.work.purge import Purge
from responder.work.steps import Hook, no_hook
from responder.work.troubles import OF_ONE_RUN

log = logging.getLogger(__name__)

TICK = 2.0  # seconds between two looks at what is due
STOP_SOON = 5.0  # seconds for a mail in flight to finish; then it goes back, unless its text is on its way already
STOP_WITHIN = 40.0  # seconds that such a one has beyond that
JOIN_WITHIN = 10.0  # seconds for the threads of all mailboxes to end: one may hang at its server


class Daemon:
    """Everything that runs, from `start` to `stop`."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock | None = None,
        hook: Hook = no_hook,
        tick: float = TICK,
        notifier: Notifier | None = None,
        waker: Waker | None = None,
        takes_reloads: bool = True,
    ) -> None:
        """Reads the files and takes the state. Raises `Unusable` or `Trouble`."""
        self._clock = clock or parts.SystemClock()
        self._tick = tick
        self._notifier = notifier or Notifier.from_environment()
        self._reload_asked = asyncio.Event()
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lost: Trouble | None = None  # why it ends by itself: the state, or the lock, is not ours any more
        gets_signals = threading.current_thread() is threading.main_thread()  # else it is stopped by `stop`
        if gets_signals:  # from before the lock tells of us: whoever sends one then must not end us
            signal.signal(signal.SIGHUP, lambda *_: self.reload())
        loaded = parts.load(path, self._clock)
        config = parts.config_of(loaded)
        self._lock = StateLock(config.state)
        self._lock.acquire(self._clock.now(), takes_reloads=takes_reloads and gets_signals)
        self.store = Store.open(config.state)
        started = self._clock.now()
        self.store.set_once(FIRST_START, started.isoformat())
        self._making_safe = threading.Lock()
        self._purge = self._purge_by(config)
        learnt = Learnt(self.store, self._clock)
        judge = learnt.judge(config)
        unproven = self._proven_at_start(loaded, judge)
        built = partial(self._station, started=started, waker=waker or SystemWaker(), hook=hook)
        desks = parts.desks(loaded, self.store, self._clock.now(), judge)
        self._stations = {name: built(desk) for name, desk in desks.items()}
        recounts = Recounts(self.store, self._clock)
        self._reloading = Reloading(
            path,
            config,
            self._stations,
            self.store,
            self._clock,
            learnt=learnt,
            unproven=unproven,
            recounts=recounts,
            notifier=self._notifier,
            in_loop=self._in_loop,
            take=self._take_config,
        )
        copies = Copies.beside(config.state)
        self._policies = PolicyWatch(
            self._desks, self.store, self._clock, path, self._reloading.hand_over, Calendars(copies, parts.WEB)
        )
        self._calendars = CalendarWatch(
            self._desks, self.store, self._clock, copies, web.fetch, self._reloading.hand_over_days
        )
        self._turns = Turns(
            self._stations,
            Jobs(self.store, self._clock, learnt.note),
            tick=tick,
            stopped=self._stopped,
            purge=lambda: self._purge.run(),
            calendars=self._calendars,
            recounts=recounts,
        )
        self._signs = Signs(
            self._stations, self.store, self._clock, config, self._notifier, started=started, still=self._turns.still
        )

    def _station(self, desk: Desk, *, started: datetime, waker: Waker, hook: Hook) -> Station:
        return Station(
            desk,
            self.store,
            self._clock,
            started=started,
            waker=waker,
            hook=hook,
            in_loop=self._in_loop,
            make_safe=self._make_safe,
        )

    def _proven_at_start(self, loaded: LoadedConfig, judge: Judging | None) -> Unproven:
        """The examples that fail in policies that go on all the same. Raises `Unusable`, and lets go of the state."""
        try:
            found = proven(loaded, judge, lambda name: was_in_force(self.store, name, loaded.digests[name]))
            remember(self.store, loaded.digests)
        except (Unusable, Trouble):
            self.store.close()
            self._lock.release()
            raise
        return found

    # --- the run -----------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        asyncio.run(self.serve())

    async def serve(self) -> None:
        """Start, work, stop in order."""
        self._loop = asyncio.get_running_loop()
        self._clear_up()
        self._listen_to_signals(self._loop)
        self._signs.open_metrics()
        scheduler = self._scheduler()
        scheduler.start()
        for station in self._stations.values():
            station.thread.start()
        self._policies.start(self._tick)
        sending, others = self._turns.sending(), self._turns.others()
        reloading = asyncio.create_task(self._reloading.whenever(self._reload_asked))
        realigning = asyncio.create_task(self._realign_often(scheduler))
        self._notifier.ready()
        log.info("ready: %s", ", ".join(self._stations))
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({*sending, *others, realigning, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stopped.set()
            self._notifier.stopping()
            scheduler.shutdown(wait=False)
            for task in (reloading, realigning, *others):
                task.cancel()
            await self._wind_down({*sending, *others})
        for task in (*sending, *others, realigning):
            if task.done() and not task.cancelled():
                task.result()  # if it broke off by itself, so does the process: systemd starts it anew
        if self._lost is not None:
            raise self._lost

    async def pass_once(self) -> Mapping[str, int]:
        """One round of every mailbox, then what is due; how much was done by account. Trouble is recorded."""
        self._clear_up()
        done = {}
        for name, station in self._stations.items():
            new = await station.look_once()
            self._notice_pause()
            done[name] = new + await station.send_once()
        with trouble_told():
            self._purge.run()
            await asyncio.to_thread(self._calendars.turn)  # new days hold from the next pass on
        self.store.close()
        self._lock.release()
        return done

    def look(self) -> None:
        """Look into every mailbox now; safe from any thread."""
        for station in self._stations.values():
            station.watch.wake.set()

    def rounds(self) -> int:
        """How many looks all mailboxes have had."""
        return sum(station.watch.rounds for station in self._stations.values())

    def reload(self) -> None:
        """Take what has changed in the files; a bad one changes nothing. In the loop's thread, or before it runs."""
        self._reload_asked.set()

    def stop(self) -> None:
        """Claim nothing more; safe from any thread."""
        self._in_loop(self._stop)

    def _stop(self) -> None:
        self._stopped.set()
        for station in self._stations.values():
            station.due.set()

    def _in_loop(self, call: Callable[[], object]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    # --- the start and the stop --------------------------------------------------------------------------------

    def _clear_up(self) -> None:
        """What the run before has left: mails in flight, and trouble that nobody would end."""
        now = self._clock.now()
        uncertain = self.store.recover(now)
        if uncertain:
            log.warning("%d mails were in flight at the last stop; they are listed as uncertain", uncertain)
        for trouble in self.store.open_troubles():
            is_of_account = not trouble.account or trouble.account in self._stations
            if trouble.kind in OF_ONE_RUN or not is_of_account:
                self.store.end_trouble(trouble.account, (trouble.kind,), now)
        self._reloading.note_what_lacks()

    def _listen_to_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self.reload)

    async def _wind_down(self, tasks: Collection[asyncio.Task[None]]) -> None:
        """A mail in flight is finished, the threads end, the state is let go."""
        for station in self._stations.values():
            station.watch.stop()
        _done, late = await asyncio.wait(tasks, timeout=STOP_SOON)
        for station in self._stations.values():
            station.submission.abandon()
        if late:
            _done, late = await asyncio.wait(late, timeout=STOP_WITHIN)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=STOP_SOON)
        await asyncio.gather(*(station.submission.close() for station in self._stations.values()))
        threads = [*(station.thread for station in self._stations.values()), *self._turns.beside.threads]
        hanging = await asyncio.to_thread(join, threads, JOIN_WITHIN)
        await asyncio.to_thread(self._policies.stop)
        await asyncio.to_thread(self._signs.close_metrics)
        if not hanging:  # else the state stays ours until the process ends: they may still record something
            self.store.close()
            self._lock.release()
        log.info("stopped%s", f" without {', '.join(hanging)}" if hanging else "")

    # --- every few seconds -------------------------------------------------------------------------------------

    def _scheduler(self) -> AsyncIOScheduler:
        """What takes no time of its own; what does is among the turns."""
        status, heartbeat = schedule.STATUS_EVERY, schedule.HEARTBEAT_EVERY
        scheduler = schedule.in_memory()
        for seconds, job in (
            (self._tick, self._keep_hold),
            (self._tick, self._look_for_pauses),
            (status, self._turns.look_for_outages),
            (status, self._signs.report_status),
            (heartbeat, self._signs.send_heartbeat),
            (self._notifier.feed_every(status), self._signs.feed_watchdog),
        ):
            scheduler.add_job(job, schedule.Every(timedelta(seconds=seconds)))
        return scheduler

    async def _realign_often(self, scheduler: AsyncIOScheduler) -> None:
        while not self._stopped.is_set():
            schedule.realign(scheduler)
            await asyncio.sleep(self._tick)

    async def _keep_hold(self) -> None:
        """A state that was taken away, or that another daemon works on, is no place to record what is sent."""
        try:
            self.store.check_in_place()
            self._lock.keep()
        except Trouble as trouble:
            log.critical("%s", trouble, extra=about(trouble=trouble.kind))
            self._lost = trouble
            self._stop()

    async def _look_for_pauses(self) -> None:
        self._take_pause()

    def _take_pause(self) -> None:
        with trouble_told():
            self._notice_pause()

    def _notice_pause(self) -> None:
        """`responder pause` and `resume` are taken without a reload, and so is the end of a pause."""
        now = self._clock.now()
        pauses.end_if_over(self.store, now)
        pause = pauses.in_force(self.store, now)
        for station in self._stations.values():
            if station.desk.paused != pause:
                station.take(replace(station.desk, paused=pause))
                what = ": ".join(filter(None, ("paused", pause.reason))) if pause else "resumed"
                log.info("%s: %s", station.desk.name, what, extra=about(account=station.desk.name))

    # --- for the parts -----------------------------------------------------------------------------------------

    def _make_safe(self, since: datetime | None) -> None:
        """From a mailbox's thread: what is on record ends at `since`, and more lies in Sent. Once for all mailboxes."""
        with self._making_safe:
            if not restore.is_safe(self.store, since):
                policies = [desk.policy for desk in self._desks()]
                restore.make_safe(self.store, policies, self._clock.now(), by="", since=since)
        self._in_loop(self._take_pause)

    def _desks(self) -> tuple[Desk, ...]:
        return tuple(station.desk for station in self._stations.values())

    def _purge_by(self, config: Config) -> Purge:
        return Purge(self.store, self._clock, config.keep_text, config.retention, self._desks)

    def _take_config(self, config: Config) -> None:
        """The rest of a reload: what no station knows."""
        self._purge = self._purge_by(config)
        self._signs.take(config)


async def once(path: Path, *, clock: Clock | None = None, hook: Hook = no_hook) -> Mapping[str, int]:
    """One pass over every account, then what is due is sent; how much was done, by account."""
    daemon = Daemon(path, clock=clock, hook=hook, takes_reloads=False)
    return await daemon.pass_once()
