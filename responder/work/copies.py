"""Staff see in Sent what went out; and what may have gone out is looked for there."""

from __future__ import annotations

import logging
from datetime import timedelta

from responder.ports import Clock, Mailbox, Special
from responder.store.records import OutboxState
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.steps import GoesOn, Hook, Step, always, no_hook

log = logging.getLogger(__name__)

LOOKED_FOR = timedelta(days=7)  # a state may have been set back, or the mailbox out of reach over a holiday
PORTION = 100  # copies of one round: then new mail has its turn


class Copies:
    """The Sent folder of one account, as far as our own mail goes."""

    def __init__(self, desk: Desk, store: Store, clock: Clock, hook: Hook = no_hook, goes_on: GoesOn = always) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._hook = hook
        self._goes_on = goes_on
        self.has_more = False  # after a run: more are owed than were filed

    def file(self, mailbox: Mailbox) -> int:
        """File copies still owed, a portion of them; how many. After a stop, one that is there is not filed twice."""
        rows = self._store.uncopied(self._desk.name, PORTION)
        for row in rows:
            if not self._goes_on():
                break
            if not mailbox.holds(Special.SENT, row.message_id):
                mailbox.append(Special.SENT, row.content or b"", row.changed_at)
                self._hook(Step.COPIED)
            self._store.copied(row.id)
            self._hook(Step.COPY_SETTLED)
        self.has_more = len(rows) == PORTION
        return len(rows)

    def resolve(self, mailbox: Mailbox) -> int:
        """Settle customer mail in doubt that the provider has filed in Sent; the number found.

        What has been in doubt for longer than `LOOKED_FOR` is left to the person who reads of it in the digest.
        """
        found, since = 0, self._clock.now() - LOOKED_FOR
        for row in self._store.uncertain(self._desk.name):
            if row.changed_at > since and mailbox.holds(Special.SENT, row.message_id):
                self._store.settle(row.id, OutboxState.SENT, self._clock.now(), reason="found in Sent")
                found += 1
        return found
