"""`watch: yes`: policies and their calendar files, edited over the network, taken when they have stood still.

A share tells nothing of changes, so the files are looked at; a thread of its own does it, because a share that has
gone can hold up whoever asks for a file. Only the policy of that account is read, never the config, which may be half
edited. What becomes of a good policy is the caller's business.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from responder import config as configuration
from responder.about import about, way_to
from responder.calendars import Calendars
from responder.document import errors
from responder.errors import Trouble, TroubleKind
from responder.policy.examples import failing
from responder.policy.fed import named_calendars
from responder.policy.model import Policy
from responder.ports import Clock
from responder.store.store import Store
from responder.web_address import is_address
from responder.work.desk import Desk
from responder.work.proof import remember
from responder.work.troubles import defect

log = logging.getLogger(__name__)

LOOK_EVERY = 10.0  # seconds between two looks at a file
STOOD_STILL = 5.0  # seconds without a change: nobody is saving any more
STOP_WITHIN = 2.0  # seconds for a turn to end
TRY_AGAIN = 300.0  # seconds until a calendar that did not answer is asked again
AWAY_FOR = 60.0  # seconds after which a file that is not there is told as trouble


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a look at a file tells without reading it."""

    changed_ns: int
    size: int


def stamp(path: Path) -> Stamp | None:
    """None while the file cannot be looked at: an editor saves by renaming, or the share is away."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_mtime_ns, found.st_size)


class Sight(StrEnum):
    """What one look has shown."""

    NOTHING_NEW = "nothing new"
    UNCHANGED = "unchanged"  # since it was told that it has changed
    CHANGED = "changed"  # and has stood still since
    AWAY = "away"  # for too long


class FileWatch:
    """When one file is to be read; knows its stamps only. Times are seconds of a monotonic clock."""

    def __init__(self, look: Callable[[], Hashable]) -> None:
        """`look` tells what is there, and None while there is nothing."""
        self._look = look
        self._seen: Hashable = None
        self._since: float | None = None  # None: not looked at yet
        self._next_look = 0.0
        self._is_told = False

    def turn(self, now: float) -> Sight:
        """A look, if it is time for one. Each change is told once; so is the file as it is at first."""
        if self._since is not None and now < self._next_look:
            return Sight.NOTHING_NEW
        found = self._look()
        if self._since is None or found != self._seen:
            self._seen, self._since, self._is_told = found, now, False
        needed = STOOD_STILL if found else AWAY_FOR
        has_stood = now - self._since >= needed
        self._next_look = now + (LOOK_EVERY if has_stood else STOOD_STILL)
        if not has_stood:
            return Sight.NOTHING_NEW
        if self._is_told:
            return Sight.UNCHANGED if found else Sight.NOTHING_NEW
        self._is_told = True
        return Sight.CHANGED if found else Sight.AWAY

    def is_as_seen(self) -> bool:
        """Whether the file is still the one that was last looked at."""
        return self._look() == self._seen


@dataclass(slots=True)
class _Watched:
    """One account's file, with the calendars beside it that it named last; `refused` is the mistake told last."""

    path: Path
    file: FileWatch = field(init=False)
    calendars: tuple[Path, ...] = ()
    refused: str | None = None
    good: Policy | None = None  # what was read from it last
    again_at: float | None = None  # the mistake may pass: a calendar in the web did not answer

    def __post_init__(self) -> None:
        self.file = FileWatch(self._stamps)

    def _stamps(self) -> tuple[Stamp | None, ...] | None:
        policy = stamp(self.path)
        return (policy, *map(stamp, self.calendars)) if policy is not None else None


class PolicyWatch:
    """The policy files of the accounts that say `watch: yes`."""

    def __init__(
        self,
        desks: Callable[[], Iterable[Desk]],
        store: Store,
        clock: Clock,
        config_file: Path,
        take: Callable[[str, Policy, str], None],
        calendars: Calendars,
    ) -> None:
        """`desks` tells what is in force now; `take` gets an account's name, its policy and the text, in its thread."""
        self._desks = desks
        self._store = store
        self._clock = clock
        self._config_file = config_file
        self._take = take
        self._calendars = calendars
        self._watched: dict[str, _Watched] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pause: float) -> None:
        """From now on a turn after each pause, in a thread."""
        self._thread = threading.Thread(target=self._run, args=(pause,), name="policies", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Waits for the turn under way, unless a share holds it up."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(STOP_WITHIN)

    def _run(self, pause: float) -> None:
        while not self._stopping.wait(pause):
            try:
                self.turn(time.monotonic())
            except Trouble as trouble:  # the state; what was not taken is handed over again
                log.error("%s", trouble)  # noqa: TRY400 - one line
            except Exception as error:  # noqa: BLE001 - a boundary: told, and the next turn comes
                self._note_defect(error)

    def _note_defect(self, error: Exception) -> None:
        log.error("unexpected failure while looking at the policy files\n%s", way_to(error))
        unforeseen = defect(error)
        try:
            self._store.note_trouble("", unforeseen.kind, str(unforeseen), self._clock.now())
        except Trouble as trouble:
            log.error("%s", trouble)  # noqa: TRY400 - one line

    def turn(self, now: float) -> None:
        """Look at every file whose time has come."""
        for desk in self._desks():
            if not desk.settings.watch:
                self._watched.pop(desk.name, None)
                continue
            watched = self._watched_for(desk)
            sight = watched.file.turn(now)
            if sight is Sight.AWAY:
                watched.refused = watched.good = watched.again_at = None
                self._note(desk, Trouble(
                    TroubleKind.POLICY, str(watched.path), "the policy is not there any more",
                    "look at the shared folder; the policy before stays in force",
                ))  # fmt: skip
            elif sight is Sight.CHANGED or (sight is Sight.UNCHANGED and _is_owed(desk, watched, now)):
                self._read(desk, watched, now)

    def _watched_for(self, desk: Desk) -> _Watched:
        path = desk.settings.policy
        watched = self._watched.get(desk.name)
        if watched is None or watched.path != path:
            watched = self._watched[desk.name] = _Watched(path, calendar_files(desk.policy_text, path.parent))
        return watched

    def _read(self, desk: Desk, watched: _Watched, now: float) -> None:
        read = configuration.load_one_policy(watched.path, self._clock.now().date(), self._calendars)
        loaded = configuration.staffed(read, str(watched.path), desk.people, str(self._config_file))
        if not watched.file.is_as_seen():
            return  # somebody saved while it was read; the next turn sees that
        watched.calendars = calendar_files(read.text, watched.path.parent)
        failed = failing(loaded, desk.judge)
        if failed and loaded.policy != desk.policy:
            loaded = replace(loaded, policy=None, problems=failed)
        if loaded.policy is None:
            told = f"{loaded.digest} {errors(loaded.problems)[0]}"
            if told != watched.refused:
                self._note(desk, errors(loaded.problems)[0])
            watched.refused, watched.good = told, None
            may_pass = all(problem.may_pass for problem in errors(loaded.problems))
            watched.again_at = now + TRY_AGAIN if may_pass else None
            return
        watched.refused, watched.good, watched.again_at = None, loaded.policy, None
        over = (TroubleKind.POLICY,) if failed else (TroubleKind.POLICY, TroubleKind.CONFIG)
        self._store.end_trouble(desk.name, over, self._clock.now())
        if loaded.policy != desk.policy:
            self._take(desk.name, loaded.policy, loaded.text)
        remember(self._store, {desk.name: loaded.digest})

    def _note(self, desk: Desk, problem: object) -> None:
        told = about(account=desk.name, trouble=TroubleKind.POLICY)
        log.error("%s: policy not taken, the one before stays in force: %s", desk.name, problem, extra=told)
        self._store.note_trouble(desk.name, TroubleKind.POLICY, str(problem), self._clock.now())


def calendar_files(policy: str, folder: Path) -> tuple[Path, ...]:
    """The calendars beside a policy, by its text."""
    return tuple(folder / name for name in named_calendars(policy) if not is_address(name))


def _is_owed(desk: Desk, watched: _Watched, now: float) -> bool:
    """Was a good policy handed over that is not in force, or may it be good by now? Then it is read once more."""
    if watched.again_at is not None:
        return now >= watched.again_at
    return watched.good is not None and watched.good != desk.policy
