"""Staff see in Sent what went out; and what may have gone out is looked for there."""

from __future__ import annotations

import logging
from datetime import timedelta

from responder.ports import Clock, Mailbox, Special
from responder.store.records import OutboxState
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.steps import Hook, Step, no_hook

log = logging.getLogger(__name__)

LOOKED_FOR = timedelta(days=7)  # a state may have been set back, or the mailbox out of reach over a holiday


class Copies:
    """The Sent folder of one account, as far as our own mail goes."""

    def __init__(self, desk: Desk, store: Store, clock: Clock, hook: Hook = no_hook) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._hook = hook

    def file(self, mailbox: Mailbox) -> int:
        """File the copies still owed; the number filed. After a stop, one that is there already is not filed twice."""
        rows = self._store.uncopied(self._desk.name)
        for row in rows:
            if not mailbox.holds(Special.SENT, row.message_id):
                mailbox.append(Special.SENT, row.content or b"", row.changed_at)
                self._hook(Step.COPIED)
            self._store.copied(row.id)
            self._hook(Step.COPY_SETTLED)
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
