"""What the mailbox knows and the state does not: automatic mail of ours lies in Sent that is not on record.

Then the state was set back by copying, or it was deleted, and would send a second time what went out since. Asked at
the first round of a run, and after a gap between two rounds (a machine may be set back with all that it has in memory),
before anything is read or sent: what is found makes the state safe as `responder restore` does. A run that did not come
to ask leaves the question to the next one, as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from responder.about import about
from responder.mail import own_ids
from responder.ports import Clock, Mailbox
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.digest import RESTORED

log = logging.getLogger(__name__)

FILED_WITHIN = timedelta(minutes=10)  # a provider files by its own clock what we send, a little after it took it
GAP = timedelta(minutes=30)  # between two rounds
UNHEARD = "unheard:"  # setting, with an account: the latest time on record when a run began that has not asked yet


def newest(store: Store, account: str) -> datetime | None:
    """The latest time on record, asked for before a run records anything; a state made safe knows until then.

    It stands until the mailbox has spoken: what is recorded meanwhile tells nothing of the time before.
    """
    latest = store.newest()
    unheard = store.set_once(f"{UNHEARD}{account}", latest.isoformat() if latest else "")
    known = [datetime.fromisoformat(time) for time in (unheard, store.setting(RESTORED)) if time]
    taken_off = store.last_off_record()
    if taken_off is not None:
        known.append(taken_off + FILED_WITHIN)
    return max(known, default=None)


class Witness:
    """Of one account."""

    def __init__(
        self,
        desk: Desk,
        store: Store,
        clock: Clock,
        newest: datetime | None,
        make_safe: Callable[[datetime | None], object],
    ) -> None:
        """`newest`: see above; `make_safe` is called with it when the state is too old."""
        self._desk = desk
        self._store = store
        self._clock = clock
        self._newest = newest
        self._make_safe = make_safe
        self._last_round: datetime | None = None
        self.has_spoken = False  # before that, customers get nothing

    def hear(self, mailbox: Mailbox) -> None:
        """Ask the mailbox, unless it was asked already. At the beginning of each round. Raises `Trouble`."""
        before, self._last_round = self._last_round, self._clock.now()
        if self.has_spoken and before is not None and self._last_round - before >= GAP:
            self._store.set_once(f"{UNHEARD}{self._desk.name}", before.isoformat())
            self._newest = newest(self._store, self._desk.name)
            self.has_spoken = False
        if self.has_spoken:
            return
        unknown = self._unknown(mailbox)
        if unknown:
            text = "%s: %d automatic mails of ours lie in Sent and are not on record: the state is older than they are"
            log.warning(text, self._desk.name, len(unknown), extra=about(account=self._desk.name))
            self._make_safe(self._newest)
        self._store.set(f"{UNHEARD}{self._desk.name}", None)
        self.has_spoken = True

    def _unknown(self, mailbox: Mailbox) -> frozenset[str]:
        """Only newer ones than the newest record count: older ones may have been taken off the record.

        A state that has just been made has a secret of its own: there every automatic mail counts that is young enough
        to keep its recipient from another one.
        """
        newest = self._newest
        if newest is None:
            return self._store.unknown(mailbox.own_mail(self._clock.now() - self._desk.policy.limits.again_after))
        secret = self._desk.secret
        return self._store.unknown(each for each in mailbox.own_mail(newest) if own_ids.is_own(secret, each))
