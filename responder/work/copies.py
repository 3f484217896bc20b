"""Staff see in Sent what went out; and what may have gone out is looked for there."""

from __future__ import annotations

import logging
from datetime import timedelta

from responder.about import about
from responder.errors import Trouble, TroubleKind
from responder.ports import Clock, Mailbox, Special
from responder.store.records import CopyState, OutboxRow, OutboxState
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.steps import GoesOn, Hook, Step, always, no_hook

log = logging.getLogger(__name__)

LOOKED_FOR = timedelta(days=7)  # a state may have been set back, or the mailbox out of reach over a holiday
PORTION = 100  # copies of one round: then new mail has its turn
DOUBT_PORTION = 1000  # mails in doubt that are looked for at once; when so many are found, new mail has its turn
GIVE_UP = timedelta(days=3)  # after that, a copy that the server refuses is not owed any more


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
        refused: list[Trouble] = []
        for row in rows:
            if not self._goes_on():
                break
            if not mailbox.holds(Special.SENT, row.message_id):
                try:
                    mailbox.append(Special.SENT, row.content or b"", row.changed_at)
                except Trouble as trouble:
                    if trouble.kind is not TroubleKind.SERVER:
                        raise
                    refused.append(trouble)
                    self._give_up_in_time(row)
                    continue
                self._hook(Step.COPIED)
            self._store.copied(row.id)
            self._hook(Step.COPY_SETTLED)
        self.has_more = len(rows) == PORTION > len(refused)
        if refused:
            raise refused[0]
        return len(rows)

    def _give_up_in_time(self, row: OutboxRow) -> None:
        """A copy that the server has refused for days keeps no place from others."""
        if self._clock.now() - row.changed_at <= GIVE_UP:
            return
        self._store.copied(row.id, CopyState.NONE)
        told = about(account=self._desk.name, mail=row.id, kind=row.kind)
        log.warning("%s: no copy of mail %d in Sent: the server refuses it", self._desk.name, row.id, extra=told)

    def resolve(self, mailbox: Mailbox) -> int:
        """Settle customer mail in doubt that the provider has filed in Sent, about a portion of it; the number found.

        What has been in doubt for longer than `LOOKED_FOR` is left to the person who reads of it in the digest.
        """
        since, last, found = self._clock.now() - LOOKED_FOR, 0, 0
        while found < DOUBT_PORTION and (rows := self._store.uncertain(self._desk.name, since, last, DOUBT_PORTION)):
            last = rows[-1].id
            filed = mailbox.held(Special.SENT, [row.message_id for row in rows], min(row.created_at for row in rows))
            for row in rows:
                if not self._goes_on():
                    return found
                if row.message_id in filed:
                    self._store.settle(row.id, OutboxState.SENT, self._clock.now(), reason="found in Sent")
                    found += 1
        return found
