"""The heartbeat: a web address that is asked for as long as mail is handled. Who watches it from outside (a dead-man's
switch, such as healthchecks.io) gives the alarm when it stays away: also when this whole machine is gone.

Knows the address only to hand it on: it may be a secret.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from responder.about import about
from responder.config import Heartbeat as Settings
from responder.errors import Trouble
from responder.ports import Clock
from responder.secret import Secret
from responder.store.store import Store

log = logging.getLogger(__name__)

LAST_HEARTBEAT = "last_heartbeat"  # setting: when the last one went out well
AGAIN_AFTER = timedelta(minutes=1)  # after one that failed


class Heartbeat:
    """Asked often; sends one when its turn has come and nothing stands in the way."""

    def __init__(self, settings: Settings | None, store: Store, clock: Clock, send: Callable[[Secret], None]) -> None:
        """`send` asks for the address; it blocks and may raise `Trouble`."""
        self._settings = settings
        self._store = store
        self._clock = clock
        self._send = send
        self._next: datetime | None = None
        self._is_held = False  # the journal has been told why
        self._has_failed = False  # the same, of one that went out in vain

    def take(self, settings: Settings | None) -> None:
        """Go on by settings that have changed."""
        if settings != self._settings:
            self._settings, self._next = settings, None

    async def run(self, obstacles: Callable[[], Iterable[str]]) -> None:
        """`obstacles` tells why mail is not being handled, if it is not. Raises `Trouble` where it does."""
        settings, now = self._settings, self._clock.now()
        if settings is None or not self._is_due(settings, now):
            return
        found = tuple(obstacles())
        if found:
            self._hold(found)
            return
        self._is_held = False
        try:
            await asyncio.to_thread(self._send, settings.url)
        except Trouble as trouble:
            self._next = now + AGAIN_AFTER
            self._tell_failure(trouble)
        else:
            self._next = now + settings.every
            self._has_failed = False
            self._store.set(LAST_HEARTBEAT, now.isoformat())

    def _is_due(self, settings: Settings, now: datetime) -> bool:
        """A clock that was set back must not silence us."""
        return self._next is None or now >= self._next or self._next - now > settings.every

    def _hold(self, obstacles: tuple[str, ...]) -> None:
        """Nothing goes out; the next one does as soon as all is well."""
        if not self._is_held:
            log.warning("no heartbeat: %s", "; ".join(obstacles))
        self._is_held = True

    def _tell_failure(self, trouble: Trouble) -> None:
        """No trouble on record: that would hold back the next one."""
        if not self._has_failed:
            log.warning("the heartbeat did not get through: %s", trouble, extra=about(trouble=trouble.kind))
        self._has_failed = True
