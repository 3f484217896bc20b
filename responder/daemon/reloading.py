"""What changes while the daemon runs: a reload that was asked for, a policy that is watched, new days of a calendar.

What comes is taken in the loop's thread, and what became different is told. Must not know how the work is done: a
station takes its new desk, and `take` the rest of the config.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from responder.about import about, way_to
from responder.config import Config, LoadedConfig
from responder.daemon import parts
from responder.daemon.learnt import Learnt
from responder.daemon.station import InLoop, Station
from responder.document import Problem, Unusable, errors
from responder.errors import TroubleKind
from responder.policy.meaning import Judging
from responder.policy.model import Policy
from responder.ports import Clock
from responder.replay.recounts import Recounts
from responder.servers.systemd import Notifier
from responder.store.store import Store
from responder.work.beside import begin
from responder.work.desk import Desk
from responder.work.jobs import trouble_told
from responder.work.proof import proven, remember, tell
from responder.work.reloaded import events, of_the_config, told

log = logging.getLogger(__name__)

Unproven = Mapping[str, tuple[Problem, ...]]  # by account: the examples that fail in a policy that goes on all the same


class Reloading:
    """Knows what is in force."""

    def __init__(
        self,
        path: Path,
        config: Config,
        stations: Mapping[str, Station],
        store: Store,
        clock: Clock,
        *,
        learnt: Learnt,
        unproven: Unproven,
        recounts: Recounts,
        notifier: Notifier,
        in_loop: InLoop,
        take: Callable[[Config], None],
    ) -> None:
        """`take` gets a config that was read anew."""
        self._path = path
        self._config, self._state = config, config.state
        self._stations = stations
        self._store = store
        self._clock = clock
        self._learnt = learnt
        self._unproven = unproven
        self._recounts = recounts
        self._notifier = notifier
        self._in_loop = in_loop
        self._take_config = take

    async def whenever(self, asked: asyncio.Event) -> None:
        """However often it is asked for while one is under way, there is one more afterwards."""
        while await asked.wait():
            asked.clear()
            await self._reload()

    def hand_over(self, name: str, policy: Policy, text: str) -> None:
        """From the thread that watches the policies: what it has read is taken by the loop."""
        self._in_loop(partial(self._take_policy, name, policy, text))

    def hand_over_days(self, before: Desk, policy: Policy, text: str) -> None:
        """From the thread that looks at the calendars."""
        self._in_loop(partial(self._take_days, before, policy, text))

    def note_what_lacks(self) -> None:
        """For the digest: what is amiss with what is in force."""
        self._learnt.note()
        for name, problems in self._unproven.items():
            self._store.note_trouble(name, TroubleKind.CONFIG, tell(name, problems[0]), self._clock.now())

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
                self._store.note_trouble("", TroubleKind.CONFIG, str(problem), self._clock.now())
        except Exception as error:  # noqa: BLE001 - a boundary: the next reload shall find somebody
            told = about(trouble=TroubleKind.INTERNAL)
            log.error("unexpected failure in a reload\n%s", way_to(error), extra=told)  # noqa: TRY400
        finally:
            self._notifier.ready()

    def _read_anew(self) -> tuple[LoadedConfig, Judging | None, Unproven]:
        loaded = parts.load(self._path, self._clock)
        judge = self._learnt.judge(parts.config_of(loaded))
        return loaded, judge, proven(loaded, judge, lambda name: self._is_in_force(name, loaded.policies[name]))

    def _is_in_force(self, account: str, policy: Policy) -> bool:
        station = self._stations.get(account)
        return station is not None and station.desk.policy == policy

    def _take(self, loaded: LoadedConfig, judge: Judging | None) -> None:
        fresh, config = parts.desks(loaded, self._store, self._clock.now(), judge), parts.config_of(loaded)
        if fresh.keys() != self._stations.keys() or config.state != self._state:
            log.warning("accounts or state have changed: that takes a restart")
        before = self._change_to(fresh)
        self._take_config(config)
        is_other = self._tell_change(before, fresh, tuple(of_the_config(self._config, config)))
        self._config = config
        self._store.end_trouble("", (TroubleKind.CONFIG,), self._clock.now())
        for name in fresh:
            self._store.end_trouble(name, (TroubleKind.POLICY, TroubleKind.CONFIG), self._clock.now())
        remember(self._store, loaded.digests)
        self.note_what_lacks()
        log.info("reloaded" if is_other else "reloaded: nothing has changed")

    def _take_policy(self, name: str, policy: Policy, text: str) -> None:
        """One account's policy, nothing else."""
        fresh = replace(self._stations[name].desk, policy=policy, policy_text=text)
        with trouble_told():
            self._tell_change(self._change_to({name: fresh}), {name: fresh})

    def _take_days(self, before: Desk, policy: Policy, text: str) -> None:
        """New days for the policy they were read for; after a reload the next turn brings them to the new one."""
        if self._stations[before.name].desk.policy_text == before.policy_text:
            self._take_policy(before.name, policy, text)

    def _change_to(self, fresh: Mapping[str, Desk]) -> Mapping[str, Desk]:
        """Take these desks; those before. It is told afterwards: what fails in the telling undoes nothing."""
        before = {name: station.desk for name, station in self._stations.items()}
        for name, desk in fresh.items():
            station = self._stations.get(name)
            if station is not None:
                station.take(desk)
        return before

    def _tell_change(self, before: Mapping[str, Desk], after: Mapping[str, Desk], beside: tuple[str, ...] = ()) -> bool:
        """Tell the journal and the digest what is different, there and `beside` them; whether anything is."""
        lines = (*told(before, after), *beside)
        for line in lines:
            log.info("%s", line)
        for event in events(before, after, self._clock.now()):
            self._store.add_event(event)
        self._recounts.ask(before, after)
        return bool(lines)
