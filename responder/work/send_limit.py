"""How much the provider lets one mailbox send (`sends:`): above it, mail to customers waits.

Alerts and digests go at once, and count. The store is asked only when a mail is to be sent and the last answer does not
hold any more. A wait that staff would notice is told as trouble, which ends with it.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from responder.about import about
from responder.config import Sends
from responder.errors import TroubleKind
from responder.ports import Clock
from responder.store.store import Store
from responder.work.desk import Desk

log = logging.getLogger(__name__)

LONGEST_SPAN = timedelta(days=1)  # of the limits there are
UNTOLD = timedelta(minutes=5)  # a wait up to this needs no word
AT_ONCE = datetime.min.replace(tzinfo=UTC)


class SendLimit:
    """The limit of one account, as far as it is used up."""

    def __init__(self, desk: Desk, store: Store, clock: Clock) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._asked_at = self._until = AT_ONCE  # mail to customers waits from then until then
        self._is_told = True  # trouble of an earlier run may still be on record

    def take(self, desk: Desk) -> None:
        """Another limit may be in force now."""
        self._desk = desk
        self._asked_at = self._until = AT_ONCE
        self._is_told = True

    def end(self) -> None:
        """Trouble that was told ends with the wait, also when nothing is left to be sent."""
        if self._is_told:
            self.is_reached()

    def is_reached(self) -> bool:
        """Must mail to customers wait?"""
        now = self._clock.now()
        if not self._asked_at <= now < self._until:
            self._asked_at, self._until = now, now + self._wait(now)
            self._tell(now)
        return now < self._until

    def _wait(self, now: datetime) -> timedelta:
        sends = self._desk.settings.sends
        if sends.per_minute is None and sends.per_day is None:
            return timedelta(0)
        return sends.wait(self._store.sent_since(self._desk.name, now - LONGEST_SPAN), now)

    def _tell(self, now: datetime) -> None:
        if self._until - now > UNTOLD:
            until = f"{self._desk.local(self._until):%Y-%m-%d %H:%M}"
            what = f"as many mails as the provider allows ({_limits(self._desk.settings.sends)}) have been sent"
            text = f"{what}: mail to customers waits until {until} — nothing to do; a higher limit goes under `sends:`"
            self._store.note_trouble(self._desk.name, TroubleKind.SEND_LIMIT, text, now)
            self._is_told = True
            told = about(account=self._desk.name, trouble=TroubleKind.SEND_LIMIT)
            log.warning("%s: %s", self._desk.name, text, extra=told)
        elif self._is_told:
            self._store.end_trouble(self._desk.name, (TroubleKind.SEND_LIMIT,), now)
            self._is_told = False


def _limits(sends: Sends) -> str:
    limits = ((sends.per_minute, "a minute"), (sends.per_day, "a day"))
    return ", ".join(f"{limit} {span}" for limit, span in limits if limit is not None)
