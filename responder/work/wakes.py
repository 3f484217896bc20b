"""What rings for an alarm: called, and called again until somebody acknowledges it or its cause is over.

Each call is a row of the outbox that goes back from `sending` to `due`. Works beside the sending of mails, so that a
mail server that is away keeps no telephone from ringing. Knows no program and no URL, only `ports.Waker`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from responder.about import about, way_to
from responder.errors import Trouble, TroubleKind
from responder.people import Person, Wake
from responder.policy.meaning import Urgency
from responder.ports import Clock, Waker
from responder.store.records import WAKES, OutboxKind, OutboxRow, OutboxState, Transport
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.staff import after_quiet
from responder.work.steps import Hook, Step, no_hook
from responder.work.troubles import defect

Call = Callable[[Mapping[str, str]], Coroutine[Any, Any, None]]

log = logging.getLogger(__name__)

RINGS_FOR = timedelta(hours=24)  # then the digest has told of it
AGAIN_AFTER_TROUBLE = timedelta(minutes=1)
AT_ONCE = 8  # calls


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
        """Call what is due now, side by side; the number of calls that went well."""
        if self._is_unsettled:  # the state could not take down how the last calls went
            self._store.recall(self._desk.name, self._clock.now())
            self._is_unsettled = False
        if stopping() or not self._store.any_due(self._clock.now(), self._desk.name, WAKES):
            return 0
        self._is_unsettled = True
        rows = self._claim()
        results = await asyncio.gather(*(self._call(row) for row in rows), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        self._is_unsettled = False
        self._hook(Step.SETTLED)
        return sum(result is True for result in results)

    def _claim(self) -> list[OutboxRow]:
        """No more at once than a small machine can do; the rest has its turn right after."""
        now, account, rows = self._clock.now(), self._desk.name, list[OutboxRow]()
        while len(rows) < AT_ONCE and self._store.any_due(now, account, WAKES):
            row = self._store.claim(now, account, {OutboxKind.ALERT}, WAKES)
            if row is None:
                break
            self._hook(Step.CLAIMED)
            rows.append(row)
        return rows

    async def _call(self, row: OutboxRow) -> bool:
        person = self._desk.people.get(row.recipient)
        wake = person.wake if person is not None else None
        call = ways(wake, self._waker).get(row.transport)
        if person is None or wake is None or call is None:
            self._end(row, OutboxState.CANCELLED, "nothing rings for this person any more")
            return False
        if row.attempts and self._clock.now() - row.created_at >= RINGS_FOR:
            self._end(row, OutboxState.FAILED if row.reason else OutboxState.SENT, row.reason)
            return False
        trouble = await self._trouble_of(call, _told(row, person))
        if trouble is not None:
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

    @staticmethod
    async def _trouble_of(call: Call, told: Mapping[str, str]) -> Trouble | None:
        """What went wrong, if anything did; whatever one call breaks, the others go on."""
        try:
            await call(told)
        except Trouble as trouble:
            return trouble
        except Exception as error:  # noqa: BLE001 - a boundary: told without its words, which may quote a mail
            log.error("a call to wake somebody failed\n%s", way_to(error))  # noqa: TRY400
            return defect(error)
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


def ways(wake: Wake | None, waker: Waker) -> Mapping[Transport, Call]:
    """How somebody is called."""
    found: dict[Transport, Call] = {}
    if wake is not None and wake.command:
        found[Transport.COMMAND] = partial(waker.run, wake.command)
    if wake is not None and wake.webhook is not None:
        found[Transport.WEBHOOK] = partial(waker.post, wake.webhook)
    return found


def _told(row: OutboxRow, person: Person) -> Mapping[str, str]:
    """What was frozen when the alarm was raised, and what is new in this call."""
    frozen: dict[str, str] = json.loads(row.content or b"{}")
    return {**frozen, "number": str(row.alarm), "times": str(row.attempts + 1), "person": person.name}
