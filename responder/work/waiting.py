"""Messages that the server has not handed out: since when, how often they were asked for, and when they are again.

They are on record by their numbers, so that mail behind them goes on and a restart goes on counting. Knows no mailbox.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

TRIES = 3  # how often a message may be asked for in vain while others are handed out, before it is set aside
FEW = 3  # messages that wait at once: more are taken for trouble of the server
PATIENCE = timedelta(minutes=30)  # from the first time in vain
LONGEST_PAUSE = timedelta(minutes=5)  # until it is asked for again
SETTING = "waiting:"  # and the account


@dataclass(frozen=True, slots=True)
class Failure:
    """One message that was asked for in vain."""

    since: datetime
    last: datetime
    tries: int

    def is_due(self, now: datetime) -> bool:
        """The second time at once, then a minute later each time; at once, too, where the clock was set back."""
        pause = min(timedelta(minutes=self.tries - 1), LONGEST_PAUSE)
        return not self.last <= now < self.last + pause


@dataclass(frozen=True, slots=True)
class Waiting:
    """The messages of one mailbox that are waited for, by UID; they hold under this UIDVALIDITY only."""

    uidvalidity: int
    failures: Mapping[int, Failure] = field(default_factory=dict)

    @property
    def is_crowd(self) -> bool:
        return len(self.failures) > FEW

    def due(self, now: datetime) -> tuple[int, ...]:
        """What is to be asked for now; first what was asked for least: it is not the one that breaks connections."""
        found = ((one.tries, uid) for uid, one in self.failures.items() if one.is_due(now))
        return tuple(uid for _tries, uid in sorted(found))

    def is_last_try(self, uid: int, now: datetime) -> bool:
        """Is this message set aside if it is asked for in vain once more?"""
        one = self.failures[uid]
        return not self.is_crowd and one.tries + 1 >= TRIES and now - one.since >= PATIENCE

    def failed(self, uids: Iterable[int], now: datetime) -> Waiting:
        """Each was in vain, once more, while the server handed out another."""
        return self._with({uid: self._again(uid, now) for uid in uids})

    def anew(self, uids: Iterable[int], now: datetime) -> Waiting:
        """Each was in vain while nothing shows that it was the message's fault: counted from now on."""
        return self._with({uid: Failure(now, now, 1) for uid in uids})

    def without(self, uids: Iterable[int]) -> Waiting:
        """They came, have gone, or are set aside."""
        gone = frozenset(uids)
        return replace(self, failures={uid: one for uid, one in self.failures.items() if uid not in gone})

    def _again(self, uid: int, now: datetime) -> Failure:
        before = self.failures.get(uid, Failure(now, now, 0))
        return Failure(min(before.since, now), now, before.tries + 1)

    def _with(self, failures: Mapping[int, Failure]) -> Waiting:
        return replace(self, failures={**self.failures, **failures})


def write(waiting: Waiting) -> str | None:
    """As it is kept in the state; None where nothing is waited for."""
    if not waiting.failures:
        return None
    failures = {
        str(uid): [one.since.isoformat(), one.last.isoformat(), one.tries] for uid, one in waiting.failures.items()
    }
    return json.dumps({"uidvalidity": waiting.uidvalidity, "messages": failures})


def read(kept: str | None, uidvalidity: int) -> Waiting:
    """What `write` made; nothing of it holds when the mailbox was renumbered since."""
    told = json.loads(kept) if kept is not None else None
    if told is None or told["uidvalidity"] != uidvalidity:
        return Waiting(uidvalidity)
    failures = {
        int(uid): Failure(datetime.fromisoformat(since), datetime.fromisoformat(last), tries)
        for uid, (since, last, tries) in told["messages"].items()
    }
    return Waiting(uidvalidity, failures)
