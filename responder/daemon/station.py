"""One account at work: its mailbox's thread, its way out, and whatever looks after its mail.

Must not know the other accounts, nor when it has its turn. What a reload changes comes as a new desk.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from responder.about import about
from responder.daemon import parts
from responder.errors import Trouble
from responder.ports import Clock, Waker
from responder.servers.smtp import LONGEST
from responder.servers.systemd import Pulse
from responder.store.store import Store
from responder.work import bounces
from responder.work.breakers import Breakers
from responder.work.desk import Desk
from responder.work.digest import Digests
from responder.work.health import Look
from responder.work.outages import Outages
from responder.work.outbox import Outbox
from responder.work.steps import Hook, Step
from responder.work.wakes import Wakes
from responder.work.watch import SLOW_PAUSE, Round, Watch
from responder.work.witness import Witness, newest

log = logging.getLogger(__name__)

InLoop = Callable[[Callable[[], object]], None]  # from any thread: have the loop call it

SEND_WITHIN = LONGEST + 300.0  # seconds for one mail at the slowest server that is waited for
ROUND_WITHIN = 1800.0  # seconds from one step to the next in a mailbox; first contact reads a year of headers
CALL_WITHIN = 300.0  # seconds for one call to wake somebody


class Station:
    """What lasts over a reload, and what is made anew."""

    def __init__(
        self,
        desk: Desk,
        store: Store,
        clock: Clock,
        *,
        started: datetime,
        waker: Waker,
        hook: Hook,
        in_loop: InLoop,
        make_safe: Callable[[datetime | None], None],
    ) -> None:
        self.desk = desk
        self._store = store
        self._clock = clock
        self._hook = hook
        self.due = asyncio.Event()  # something may be there for the outbox
        self.sending = Pulse(f"sending {desk.name}", lambda: SEND_WITHIN)
        self.waking = Pulse(f"waking {desk.name}", lambda: CALL_WITHIN)
        self._looking = Pulse(f"mailbox {desk.name}", self._longest_silence)
        self._witness = witness = Witness(desk, store, clock, newest(store, desk.name), make_safe)
        self.submission = parts.submission(desk)
        sending_hook = self._beating(self.sending)
        self.outbox = Outbox(desk, store, clock, self.submission, sending_hook, is_begun=lambda: witness.has_spoken)
        self.wakes = Wakes(desk, store, clock, waker, self._beating(self.waking))
        self.outages = Outages(desk, store, clock, started)
        self._breakers = Breakers(desk, store, clock)
        self.digests = Digests(desk, store, clock, hook)
        self.watch = Watch(self._round, parts.mailbox(desk), threading.Event(), lambda: in_loop(self.due.set))
        self.thread = threading.Thread(target=self.watch.run, name=f"mailbox-{desk.name}", daemon=True)

    def take(self, desk: Desk) -> None:
        """From now on by this desk; other servers or folders take a restart."""
        before = self.desk.settings
        connected = {"imap": before.imap, "smtp": before.smtp, "folders": before.folders}
        settings = desk.settings.model_copy(update=connected)
        if settings != desk.settings:  # what reads the mailbox and what decides must speak of the same one
            text = "%s: its servers or folders have changed: that takes a restart"
            log.warning(text, desk.name, extra=about(account=desk.name))
        desk = self.desk = replace(desk, settings=settings)
        self.outbox.take(desk)
        self.wakes.take(desk)
        self.outages.take(desk)
        self._breakers.take(desk)
        self.digests = Digests(desk, self._store, self._clock, self._hook)
        self.watch.look()

    async def look_once(self) -> int:
        """One round of the mailbox without its thread; how much was new. Trouble is recorded."""
        name = self.desk.name
        try:
            return await asyncio.to_thread(self.watch.once)
        except Trouble as trouble:
            log.error("%s: %s", name, trouble, extra=about(account=name, trouble=trouble.kind))  # noqa: TRY400 - one line
            self._store.note_trouble(name, trouble.kind, str(trouble), self._clock.now())
            return 0

    async def send_once(self) -> int:
        """What is due, and no more; how much was sent."""
        self.digests.run()
        sent = await self.outbox.run(lambda: False)
        sent += await self.wakes.run(lambda: False)
        self.end_what_is_over()
        await self.submission.close()
        return sent

    def end_what_is_over(self) -> None:
        """Limits that held mail back, and bounces."""
        self._breakers.run()
        bounces.end_if_over(self.desk, self._store, self._clock.now())

    def still(self) -> Iterator[str]:
        """The workers that have not got on for too long."""
        yield from (pulse.name for pulse in (self.sending, self._looking, self.waking) if pulse.is_still())

    def last_look(self) -> Look:
        """When the mailbox was looked at last, by the record."""
        position = self._store.position(self.desk.name, self.desk.settings.folders.inbox)
        return Look(self.desk.name, self.desk.settings.poll, position.checked_at if position else None)

    def _round(self) -> Round:
        """Asked for by the mailbox's thread before it works and before it pauses: a sign of life."""
        self._looking.beat()
        beating = self._beating(self._looking)
        return Round(self.desk, self._store, self._clock, beating, self._goes_on, self._witness)

    def _goes_on(self) -> bool:
        """What the mailbox's thread asks between two portions of its work: a sign of life as well."""
        self._looking.beat()
        return self.watch.goes_on()

    def _beating(self, pulse: Pulse) -> Hook:
        """The hook for a worker: every step of its work is a sign of life."""

        def hook(step: Step) -> None:
            pulse.beat()
            self._hook(step)

        return hook

    def _longest_silence(self) -> float:
        """Of the mailbox's thread: it waits for news, or pauses after a refused login, then works."""
        return max(self.desk.settings.poll.total_seconds(), SLOW_PAUSE) + ROUND_WITHIN
