"""The composition root: builds the parts, runs them, stops and reloads them.

One asyncio loop runs the outbox, the APScheduler jobs and systemd; each
mailbox has a thread of its own. Threads and loop meet in the store, and in a
wake-up; nothing else is shared.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from responder import learned
from responder.about import about, way_to
from responder.calendars import Calendars, Copies
from responder.config import Config, LoadedConfig
from responder.daemon import parts
from responder.daemon.schedule import Every, in_memory, realign
from responder.document import Problem, Unusable, errors
from responder.errors import Trouble, TroubleKind
from responder.policy.meaning import Judging
from responder.policy.model import Policy
from responder.ports import Clock, Measure, Waker
from responder.replay.recounts import Recounts
from responder.secret import Secret
from responder.servers import web
from responder.servers.credentials import password
from responder.servers.metrics import Endpoint
from responder.servers.smtp import LONGEST, SmtpSubmission
from responder.servers.systemd import Notifier, Pulse
from responder.servers.waking import SystemWaker
from responder.store.ledger import OFFICE
from responder.store.lock import StateLock
from responder.store.store import Store
from responder.work import bounces, health, pauses, restore
from responder.work.beside import Beside, begin, join
from responder.work.breakers import Breakers
from responder.work.calendars import CalendarWatch
from responder.work.desk import Desk
from responder.work.digest import FIRST_START, Digests
from responder.work.health import Look
from responder.work.heartbeat import Heartbeat
from responder.work.jobs import Job, Jobs, trouble_told
from responder.work.measures import Measures
from responder.work.outages import Outages
from responder.work.outbox import Outbox
from responder.work.policy_watch import PolicyWatch
from responder.work.proof import proven, remember, tell, was_in_force
from responder.work.purge import Purge
from responder.work.reloaded import events, of_the_config, told
from responder.work.steps import GoesOn, Hook, Step, no_hook
from responder.work.troubles import OF_ONE_RUN
from responder.work.wakes import Wakes
from responder.work.watch import SLOW_PAUSE, Round, Watch
from responder.work.witness import Witness, newest

log = logging.getLogger(__name__)

TICK = 2.0  # seconds between two looks at what is due
STATUS_EVERY = 10.0  # seconds between two status lines
HEARTBEAT_EVERY = 15.0  # seconds between two looks whether one is due
SEND_WITHIN = LONGEST + 300.0  # seconds for one mail at the slowest server that is waited for
ROUND_WITHIN = 1800.0  # seconds from one step to the next in a mailbox; first contact reads a year of headers
STOP_SOON = 5.0  # seconds for a mail in flight to finish; then it goes back, unless its text is on its way already
STOP_WITHIN = 40.0  # seconds that such a one has beyond that
JOIN_WITHIN = 10.0  # seconds for the threads of all mailboxes to end: one may hang at its server
CALL_WITHIN = 300.0  # seconds for one call to wake somebody
DIGEST_WITHIN = 1800.0  # seconds for one digest, and for the state to be written meanwhile


@dataclass(slots=True)
class Station:
    """One account at work: what lasts over a reload, and what is made anew."""

    desk: Desk
    outbox: Outbox
    due: asyncio.Event  # something may be there for the outbox
    sending: Pulse
    wakes: Wakes
    waking: Pulse
    outages: Outages
    breakers: Breakers
    digests: Digests
    submission: SmtpSubmission
    watch: Watch
    thread: threading.Thread
    pulse: Pulse
    witness: Witness


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
        self._path = path
        self._clock = clock or parts.SystemClock()
        self._hook = hook
        self._tick = tick
        self._waker = waker or SystemWaker()
        self._notifier = notifier or Notifier.from_environment()
        self._reload_asked = asyncio.Event()
        gets_signals = threading.current_thread() is threading.main_thread()  # else it is stopped by `stop`
        if gets_signals:  # from before the lock tells of us: whoever sends one then must not end us
            signal.signal(signal.SIGHUP, lambda *_: self.reload())
        loaded = parts.load(path, self._clock)
        config = parts.config_of(loaded)
        self._config, self._state = config, config.state
        self._lock = StateLock(self._state)
        self._lock.acquire(self._clock.now(), takes_reloads=takes_reloads and gets_signals)
        self.store = Store.open(self._state)
        self._making_safe = threading.Lock()
        self.store.set_once(FIRST_START, self._clock.now().isoformat())
        self._purge = self._purge_by(config)
        self._started = self._seen_at = self._clock.now()
        self._turns_from = self._started  # since when the mailboxes can be expected to have been looked at
        self._heartbeat = Heartbeat(config.heartbeat, self.store, self._clock, _ask_for)
        self._metrics = config.metrics
        self._endpoint: Endpoint | None = None
        self._still: list[str] = []
        self._unlearned: Trouble | None = None  # why nothing that was learnt is at hand
        self._lost: Trouble | None = None  # why it ends by itself: the state, or the lock, is not ours any more
        self._jobs = Jobs(self.store, self._clock, self._note_unlearned)
        judge = self._learned(config)
        self._unproven = self._proven_at_start(loaded, judge)
        made = parts.desks(loaded, self.store, self._started, judge)
        self._stations = {name: self._station(desk) for name, desk in made.items()}
        copies = Copies.beside(self._state)
        calendars = Calendars(copies, parts.WEB)
        self._policies = PolicyWatch(self._desks, self.store, self._clock, path, self._hand_over, calendars)
        self._calendars = CalendarWatch(self._desks, self.store, self._clock, copies, web.fetch, self._hand_over_days)
        self._recounts = Recounts(self.store, self._clock)
        self._digesting = Pulse("digests", lambda: DIGEST_WITHIN)
        self._beside = Beside()
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def _proven_at_start(self, loaded: LoadedConfig, judge: Judging | None) -> Mapping[str, tuple[Problem, ...]]:
        """The examples that fail in policies that go on all the same. Raises `Unusable`, and lets go of the state."""
        try:
            found = proven(loaded, judge, lambda name: was_in_force(self.store, name, loaded.digests[name]))
            remember(self.store, loaded.digests)
        except (Unusable, Trouble):
            self.store.close()
            self._lock.release()
            raise
        return found

    def _note_unproven(self) -> None:
        for name, problems in self._unproven.items():
            self.store.note_trouble(name, TroubleKind.CONFIG, tell(name, problems[0]), self._clock.now())

    def _learned(self, config: Config) -> Judging | None:
        """With the office's own weights, else with those that came; without either the policy's words go on alone."""
        self._unlearned = None
        if config.learned is not None:
            try:
                return learned.judge_of(config.learned)
            except Trouble as trouble:
                self._tell_unlearned(trouble)
        try:
            return learned.judge()
        except Trouble as trouble:
            self._tell_unlearned(trouble)
            return None

    def _tell_unlearned(self, trouble: Trouble) -> None:
        log.error("%s", trouble, extra=about(trouble=trouble.kind))
        self._unlearned = trouble

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        asyncio.run(self.serve())

    async def serve(self) -> None:
        """Start, work, stop in order."""
        self._loop = asyncio.get_running_loop()
        self._clear_up()
        self._listen_to_signals(self._loop)
        self._open_metrics()
        scheduler = self._scheduler()
        scheduler.start()
        for station in self._stations.values():
            station.thread.start()
        self._policies.start(self._tick)
        sending = {asyncio.create_task(self._send_due(station)) for station in self._stations.values()}
        waking = {asyncio.create_task(self._wake_people(station)) for station in self._stations.values()}
        beside = {
            asyncio.create_task(self._write_digests()),
            asyncio.create_task(self._purge_often()),
            asyncio.create_task(self._recount_often()),
            asyncio.create_task(self._renew_calendars()),
        }
        reloading = asyncio.create_task(self._reload_when_asked())
        realigning = asyncio.create_task(self._realign_often(scheduler))
        self._notifier.ready()
        log.info("ready: %s", ", ".join(self._stations))
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({*sending, *waking, *beside, realigning, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stopped.set()
            self._notifier.stopping()
            scheduler.shutdown(wait=False)
            reloading.cancel()
            realigning.cancel()
            for task in (*waking, *beside):  # what is not done to the end is done anew after the next start
                task.cancel()
            await self._wind_down({*sending, *waking, *beside})
        for task in (*sending, *waking, *beside, realigning):
            if task.done() and not task.cancelled():
                task.result()  # if it broke off by itself, so does the process: systemd starts it anew
        if self._lost is not None:
            raise self._lost

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
        self._note_unlearned()
        self._note_unproven()

    def _note_unlearned(self) -> None:
        """Also after a defect has ended, which ends all trouble of its kind."""
        if self._unlearned is not None:
            self.store.note_trouble("", self._unlearned.kind, str(self._unlearned), self._clock.now())

    def stop(self) -> None:
        """Claim nothing more; safe from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        self._stopped.set()
        for station in self._stations.values():
            station.due.set()

    def look(self) -> None:
        """Look into every mailbox now; safe from any thread."""
        for station in self._stations.values():
            station.watch.wake.set()

    def rounds(self) -> int:
        """How many looks all mailboxes have had."""
        return sum(station.watch.rounds for station in self._stations.values())

    def _listen_to_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self.reload)

    def _scheduler(self) -> AsyncIOScheduler:
        scheduler = in_memory()
        scheduler.add_job(self._keep_hold, Every(timedelta(seconds=self._tick)))
        scheduler.add_job(self._look_for_pauses, Every(timedelta(seconds=self._tick)))
        scheduler.add_job(self._look_for_outages, Every(timedelta(seconds=STATUS_EVERY)))
        scheduler.add_job(self._report_status, Every(timedelta(seconds=STATUS_EVERY)))
        scheduler.add_job(self._send_heartbeat, Every(timedelta(seconds=HEARTBEAT_EVERY)))
        scheduler.add_job(self._feed_watchdog, Every(timedelta(seconds=self._notifier.feed_every(STATUS_EVERY))))
        return scheduler

    async def pass_once(self) -> Mapping[str, int]:
        """One round of every mailbox, then what is due; how much was done by account. Trouble is recorded."""
        self._clear_up()
        done = {name: await self._pass(station) for name, station in self._stations.items()}
        with trouble_told():
            self._purge.run()
            await asyncio.to_thread(self._calendars.turn)  # new days hold from the next pass on
        self.store.close()
        self._lock.release()
        return done

    async def _pass(self, station: Station) -> int:
        name = station.desk.name
        try:
            new = await asyncio.to_thread(station.watch.once)
        except Trouble as trouble:
            log.error("%s: %s", name, trouble, extra=about(account=name, trouble=trouble.kind))  # noqa: TRY400 - one line
            self.store.note_trouble(name, trouble.kind, str(trouble), self._clock.now())
            new = 0
        self._notice_pause()
        station.digests.run()
        sent = await station.outbox.run(lambda: False)
        sent += await station.wakes.run(lambda: False)
        self._end_what_is_over(station)
        await station.submission.close()
        return new + sent

    # --- sending -----------------------------------------------------------------------------------------------

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

    async def _realign_often(self, scheduler: AsyncIOScheduler) -> None:
        while not self._stopped.is_set():
            realign(scheduler, 2 * timedelta(seconds=STATUS_EVERY))
            await asyncio.sleep(self._tick)

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

    async def _rest(self, seconds: float) -> None:
        """Until the next turn, or the stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)

    async def _keep_hold(self) -> None:
        """A state that was taken away, or that another daemon works on, is no place to record what is sent."""
        try:
            self.store.check_in_place()
            self._lock.keep()
        except Trouble as trouble:
            log.critical("%s", trouble, extra=about(trouble=trouble.kind))
            self._lost = trouble
            self._stop()

    async def _look_for_outages(self) -> None:
        for station in self._stations.values():
            with self._jobs.turn(station.desk.name, Job.WATCHING):
                station.outages.run()
                self._end_what_is_over(station)

    def _end_what_is_over(self, station: Station) -> None:
        station.breakers.run()
        bounces.end_if_over(station.desk, self.store, self._clock.now())

    async def _purge_often(self) -> None:
        while not self._stopped.is_set():
            with self._jobs.turn(OFFICE, Job.PURGING):
                await self._beside.run(self._purge.run, "purge")
            await self._rest(STATUS_EVERY)

    async def _renew_calendars(self) -> None:
        while not self._stopped.is_set():
            with self._jobs.turn(OFFICE, Job.CALENDARS):
                if self._calendars.is_due():
                    await self._beside.run(self._calendars.turn, "calendars")
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
        if due is not None and await self._beside.run(lambda: digests.record(due), f"digest-{station.desk.name}"):
            station.due.set()

    async def _recount_often(self) -> None:
        while not self._stopped.is_set():
            for name, change in self._recounts.take().items():
                with self._jobs.turn(name, Job.RECOUNTING):
                    await self._beside.run(partial(self._recounts.tell, change, self._runs), f"recount-{name}")
            await self._rest(self._tick)

    def _runs(self) -> bool:
        return not self._stopped.is_set()

    async def _feed_watchdog(self) -> None:
        """Only while every worker gets on: otherwise systemd starts us anew."""
        still = self._still_workers()
        if not still:
            self._notifier.alive()
        elif still != self._still:
            log.critical("no sign of life from %s: the watchdog is not fed any more", ", ".join(still))
        self._still = still

    def _still_workers(self) -> list[str]:
        """Those that have not got on for too long."""
        stations = self._stations.values()
        pulses = [each for station in stations for each in (station.sending, station.pulse, station.waking)]
        return [pulse.name for pulse in (*pulses, self._digesting) if pulse.is_still()]

    async def _send_heartbeat(self) -> None:
        with trouble_told():
            self._notice_clock()
            is_begun = all(station.watch.rounds for station in self._stations.values())
            if is_begun or any(self._late()):  # a daemon that has just begun has nothing to tell yet
                await self._heartbeat.run(self._obstacles)

    def _obstacles(self) -> Iterator[str]:
        """Why mail is not being handled, if it is not."""
        yield from (f"no sign of life from {name}" for name in self._still_workers())
        yield from self._late()
        yield from health.stopped(self.store.open_troubles())

    def _late(self) -> Iterator[str]:
        return health.late(map(self._look_of, self._stations.values()), self._turns_from, self._clock.now())

    def _notice_clock(self) -> None:
        """When it was set back, every mailbox has its turn first, as after a start."""
        now = self._clock.now()
        if now < self._seen_at:
            self._turns_from = now
        self._seen_at = now

    def _look_of(self, station: Station) -> Look:
        name, settings = station.desk.name, station.desk.settings
        position = self.store.position(name, settings.folders.inbox)
        return Look(name, settings.poll, position.checked_at if position else None)

    def _open_metrics(self) -> None:
        """Mail does not depend on who reads the numbers: what fails here is told, and no more."""
        with trouble_told():
            self.store.end_trouble("", (TroubleKind.METRICS,), self._clock.now())
            try:
                self._endpoint = Endpoint(self._metrics.port, self._measures) if self._metrics else None
            except Trouble as trouble:
                self.store.note_trouble("", trouble.kind, str(trouble), self._clock.now())
                raise

    def _close_metrics(self) -> None:
        endpoint, self._endpoint = self._endpoint, None
        if endpoint is not None:
            endpoint.close()

    def _measures(self) -> tuple[Measure, ...]:
        """Called from the threads of the endpoint."""
        desks = [station.desk for station in self._stations.values()]
        return Measures(self.store, self._clock, self._started).read(desks)

    def _notice_pause(self) -> None:
        """`responder pause` and `resume` are taken without a reload, and so is the end of a pause."""
        now = self._clock.now()
        pauses.end_if_over(self.store, now)
        pause = pauses.in_force(self.store, now)
        for station in self._stations.values():
            if station.desk.paused != pause:
                self._refit(station, replace(station.desk, paused=pause))
                what = ": ".join(filter(None, ("paused", pause.reason))) if pause else "resumed"
                log.info("%s: %s", station.desk.name, what, extra=about(account=station.desk.name))

    async def _look_for_pauses(self) -> None:
        self._take_pause()

    async def _report_status(self) -> None:
        with trouble_told():
            troubles = self.store.open_troubles()
            self._notifier.status(f"{len(self._stations)} mailboxes, {len(troubles)} troubles")

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
        threads = [*(station.thread for station in self._stations.values()), *self._beside.threads]
        hanging = await asyncio.to_thread(join, threads, JOIN_WITHIN)
        await asyncio.to_thread(self._policies.stop)
        await asyncio.to_thread(self._close_metrics)
        if not hanging:  # else the state stays ours until the process ends: they may still record something
            self.store.close()
            self._lock.release()
        log.info("stopped%s", f" without {', '.join(hanging)}" if hanging else "")

    # --- building and reloading --------------------------------------------------------------------------------

    def _station(self, desk: Desk) -> Station:
        way_out = parts.submission(desk)
        sending = Pulse(f"sending {desk.name}", lambda: SEND_WITHIN)
        waking = Pulse(f"waking {desk.name}", lambda: CALL_WITHIN)
        due = asyncio.Event()
        watch = Watch(lambda: self._round(desk.name), parts.mailbox(desk), threading.Event(), lambda: self._wake(due))
        witness = Witness(desk, self.store, self._clock, newest(self.store, desk.name), self._make_safe)
        hook = self._beating(sending)
        return Station(
            desk=desk,
            outbox=Outbox(desk, self.store, self._clock, way_out, hook, is_begun=lambda: witness.has_spoken),
            due=due,
            sending=sending,
            wakes=Wakes(desk, self.store, self._clock, self._waker, self._beating(waking)),
            waking=waking,
            outages=Outages(desk, self.store, self._clock, self._started),
            breakers=Breakers(desk, self.store, self._clock),
            digests=Digests(desk, self.store, self._clock, self._hook),
            submission=way_out,
            watch=watch,
            thread=threading.Thread(target=watch.run, name=f"mailbox-{desk.name}", daemon=True),
            pulse=Pulse(f"mailbox {desk.name}", lambda: self._longest_silence(desk.name)),
            witness=witness,
        )

    def _make_safe(self, since: datetime | None) -> None:
        """From a mailbox's thread: what is on record ends at `since`, and more lies in Sent. Once for all mailboxes."""
        with self._making_safe:
            if not restore.is_safe(self.store, since):
                policies = [desk.policy for desk in self._desks()]
                restore.make_safe(self.store, policies, self._clock.now(), by="", since=since)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._take_pause)

    def _take_pause(self) -> None:
        with trouble_told():
            self._notice_pause()

    def _purge_by(self, config: Config) -> Purge:
        return Purge(self.store, self._clock, config.keep_text, config.retention, self._desks)

    def _round(self, name: str) -> Round:
        """Asked for by the mailbox's thread before it works and before it pauses: a sign of life."""
        station = self._stations[name]
        station.pulse.beat()
        beating, goes_on = self._beating(station.pulse), self._going_on(station)
        return Round(station.desk, self.store, self._clock, beating, goes_on, station.witness)

    @staticmethod
    def _going_on(station: Station) -> GoesOn:
        """What a mailbox's thread asks between two portions of its work: a sign of life as well."""

        def goes_on() -> bool:
            station.pulse.beat()
            return station.watch.goes_on()

        return goes_on

    def _beating(self, pulse: Pulse) -> Hook:
        """The hook for a worker: every step of its work is a sign of life."""

        def hook(step: Step) -> None:
            pulse.beat()
            self._hook(step)

        return hook

    def _longest_silence(self, name: str) -> float:
        """Of a mailbox's thread: it waits for news, or pauses after a refused login, then works."""
        poll = self._stations[name].desk.settings.poll.total_seconds()
        return max(poll, SLOW_PAUSE) + ROUND_WITHIN

    def _wake(self, due: asyncio.Event) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(due.set)

    def reload(self) -> None:
        """Take changed policies, people and mode; a bad file changes nothing. In the loop's thread, or before it runs.

        However often it is asked for while one is under way, there is one more afterwards.
        """
        self._reload_asked.set()

    async def _reload_when_asked(self) -> None:
        while await self._reload_asked.wait():
            self._reload_asked.clear()
            await self._reload()

    async def _reload(self) -> None:
        """A share that does not answer holds up the reading, not the loop, and no stop."""
        self._notifier.reloading()
        try:
            with trouble_told():
                _thread, anew = begin(self._read_anew, "reload")
                loaded, judge, self._unproven = await anew
                self._take(loaded, judge)
        except Unusable as unusable:
            problem = errors(unusable.problems)[0]
            told = about(trouble=TroubleKind.CONFIG)
            log.error("not reloaded, the policy before stays in force: %s", problem, extra=told)  # noqa: TRY400 - one line
            with trouble_told():
                self.store.note_trouble("", TroubleKind.CONFIG, str(problem), self._clock.now())
        except Exception as error:  # noqa: BLE001 - a boundary: the next reload shall find somebody
            told = about(trouble=TroubleKind.INTERNAL)
            log.error("unexpected failure in a reload\n%s", way_to(error), extra=told)  # noqa: TRY400
        finally:
            self._notifier.ready()

    def _read_anew(self) -> tuple[LoadedConfig, Judging | None, Mapping[str, tuple[Problem, ...]]]:
        loaded = parts.load(self._path, self._clock)
        judge = self._learned(parts.config_of(loaded))
        return loaded, judge, proven(loaded, judge, lambda name: self._is_in_force(name, loaded.policies[name]))

    def _is_in_force(self, account: str, policy: Policy) -> bool:
        station = self._stations.get(account)
        return station is not None and station.desk.policy == policy

    def _take(self, loaded: LoadedConfig, judge: Judging | None) -> None:
        fresh, config = parts.desks(loaded, self.store, self._clock.now(), judge), parts.config_of(loaded)
        if fresh.keys() != self._stations.keys() or config.state != self._state:
            log.warning("accounts or state have changed: that takes a restart")
        before = self._change_to(fresh)
        self._purge = self._purge_by(config)
        self._heartbeat.take(config.heartbeat)
        if config.metrics != self._metrics:
            self._close_metrics()
            self._metrics = config.metrics
            self._open_metrics()
        is_other = self._tell_change(before, fresh, tuple(of_the_config(self._config, config)))
        self._config = config
        self.store.end_trouble("", (TroubleKind.CONFIG,), self._clock.now())
        for name in fresh:
            self.store.end_trouble(name, (TroubleKind.POLICY, TroubleKind.CONFIG), self._clock.now())
        remember(self.store, loaded.digests)
        self._note_unlearned()
        self._note_unproven()
        log.info("reloaded" if is_other else "reloaded: nothing has changed")

    def _change_to(self, fresh: Mapping[str, Desk]) -> Mapping[str, Desk]:
        """Take these desks; those before. It is told afterwards: what fails in the telling undoes nothing."""
        before = {desk.name: desk for desk in self._desks()}
        for name, desk in fresh.items():
            station = self._stations.get(name)
            if station is not None:
                self._refit(station, desk)
        return before

    def _tell_change(self, before: Mapping[str, Desk], after: Mapping[str, Desk], beside: tuple[str, ...] = ()) -> bool:
        """Tell the journal and the digest what is different, there and `beside` them; whether anything is."""
        lines = (*told(before, after), *beside)
        for line in lines:
            log.info("%s", line)
        for event in events(before, after, self._clock.now()):
            self.store.add_event(event)
        self._recounts.ask(before, after)
        return bool(lines)

    def _desks(self) -> tuple[Desk, ...]:
        return tuple(station.desk for station in self._stations.values())

    def _hand_over(self, name: str, policy: Policy, text: str) -> None:
        """From the thread that watches the policies: what it has read is taken by the loop."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take_policy, name, policy, text)

    def _take_policy(self, name: str, policy: Policy, text: str) -> None:
        """One account's policy, nothing else."""
        fresh = replace(self._stations[name].desk, policy=policy, policy_text=text)
        with trouble_told():
            self._tell_change(self._change_to({name: fresh}), {name: fresh})

    def _hand_over_days(self, before: Desk, policy: Policy, text: str) -> None:
        """From the thread that looks at the calendars."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take_days, before, policy, text)

    def _take_days(self, before: Desk, policy: Policy, text: str) -> None:
        """New days for the policy they were read for; after a reload the next turn brings them to the new one."""
        if self._stations[before.name].desk.policy_text == before.policy_text:
            self._take_policy(before.name, policy, text)

    def _refit(self, station: Station, desk: Desk) -> None:
        before = station.desk.settings
        connected = {"imap": before.imap, "smtp": before.smtp, "folders": before.folders}
        settings = desk.settings.model_copy(update=connected)
        if settings != desk.settings:  # what reads the mailbox and what decides must speak of the same one
            text = "%s: its servers or folders have changed: that takes a restart"
            log.warning(text, desk.name, extra=about(account=desk.name))
        desk = station.desk = replace(desk, settings=settings)
        station.outbox.take(desk)
        station.wakes.take(desk)
        station.outages.take(desk)
        station.breakers.take(desk)
        station.digests = Digests(desk, self.store, self._clock, self._hook)
        station.watch.look()


async def once(path: Path, *, clock: Clock | None = None, hook: Hook = no_hook) -> Mapping[str, int]:
    """One pass over every account, then what is due is sent; how much was done, by account."""
    daemon = Daemon(path, clock=clock, hook=hook, takes_reloads=False)
    return await daemon.pass_once()


def _ask_for(url: Secret) -> None:
    """Raises `Trouble`."""
    web.get(password(url))
