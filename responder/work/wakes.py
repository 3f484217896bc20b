"""What rings for an alarm: called, and called again until somebody acknowledges it or its cause is over.

Each call is a row of the outbox that goes back from `sending` to `due`. Works beside the sending of mails, so that a
mail server that is away keeps no telephone from ringing. Knows no program and no URL, only `ports.Waker`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from responder.about import about
from responder.config import Person, Wake
from responder.errors import Trouble, TroubleKind
from responder.policy.decide import Urgency
from responder.ports import Clock, Waker
from responder.store.records import WAKES, OutboxKind, OutboxRow, OutboxState, Transport
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.staff import after_quiet
from responder.work.steps import Hook, Step, no_hook

Call = Callable[[Mapping[str, str]], Awaitable[None]]

log = logging.getLogger(__name__)

RINGS_FOR = timedelta(hours=24)  # then the digest has told of it
AGAIN_AFTER_TROUBLE = timedelta(minutes=1)


class Wakes:
    """Calls what is due for one account."""

    def __init__(self, desk: Desk, store: Store, clock: Clock, waker: Waker, hook: Hook = no_hook) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._waker = waker
        self._hook = hook
        self._is_unsettled = False

    def take(self, desk: Desk) -> None:
        """Go on by people that have changed."""
        self._desk = desk

    async def run(self, stopping: Callable[[], bool]) -> int:
        """Call everything due, one after the other; the number of calls that went well."""
        if self._is_unsettled:  # the state could not take down how the last call went
            self._store.recall(self._desk.name, self._clock.now())
            self._is_unsettled = False
        called = 0
        while not stopping() and self._store.any_due(self._clock.now(), self._desk.name, WAKES):
            row = self._store.claim(self._clock.now(), self._desk.name, {OutboxKind.ALERT}, WAKES)
            if row is None:
                break
            self._hook(Step.CLAIMED)
            self._is_unsettled = True
            called += await self._call(row)
            self._is_unsettled = False
            self._hook(Step.SETTLED)
        return called

    async def _call(self, row: OutboxRow) -> bool:
        person = self._desk.people.get(row.recipient)
        wake = person.wake if person is not None else None
        call = self._way(row.transport, wake)
        if person is None or wake is None or call is None:
            self._end(row, OutboxState.CANCELLED, "nothing rings for this person any more")
            return False
        if self._clock.now() - row.created_at >= RINGS_FOR:
            self._end(row, OutboxState.FAILED if row.reason else OutboxState.SENT, row.reason)
            return False
        try:
            await call(_told(row, person))
        except Trouble as trouble:
            log.warning("%s: %s", row.account, trouble, extra=about(account=row.account, trouble=trouble.kind))
            self._store.note_trouble(row.account, TroubleKind.WAKING, str(trouble), self._clock.now())
            self._again(row, person, AGAIN_AFTER_TROUBLE, str(trouble))
            return False
        self._hook(Step.SUBMITTED)
        if row.reason:
            self._store.end_trouble(row.account, (TroubleKind.WAKING,), self._clock.now())
        log.info(
            "%s: %s of %s called for alarm %s",
            *(row.account, row.transport.value, row.recipient, row.alarm),
            extra=about(account=row.account, mail=row.id, kind=row.kind),
        )
        self._again(row, person, wake.repeat)
        return True

    def _way(self, way: Transport, wake: Wake | None) -> Call | None:
        """How this row is called, if the person still has it."""
        if wake is not None and way is Transport.COMMAND and wake.command:
            return partial(self._waker.run, wake.command)
        if wake is not None and way is Transport.WEBHOOK and wake.webhook is not None:
            return partial(self._waker.post, wake.webhook)
        return None

    def _again(self, row: OutboxRow, person: Person, wait: timedelta, trouble: str = "") -> None:
        now = self._clock.now()
        due_at = now + wait
        if row.template != Urgency.EMERGENCY.value:
            due_at = after_quiet(self._desk, person, due_at)
        self._store.settle(row.id, OutboxState.DUE, now, reason=trouble, due_at=due_at, attempts=row.attempts + 1)

    def _end(self, row: OutboxRow, state: OutboxState, reason: str) -> None:
        now = self._clock.now()
        self._store.settle(row.id, state, now, reason=reason)
        self._store.end_trouble(row.account, (TroubleKind.WAKING,), now)


def _told(row: OutboxRow, person: Person) -> Mapping[str, str]:
    """What was frozen when the alarm was raised, and what is new in this call."""
    frozen: dict[str, str] = json.loads(row.content or b"{}")
    return {**frozen, "number": str(row.alarm), "times": str(row.attempts + 1), "person": person.name}
