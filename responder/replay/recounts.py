"""After a reload: which mails of the last days the changed policy would treat differently.

The policy is in force meanwhile; a stop loses the count, and nothing else. The journal tells how many, the digest some
of them as well: the journal is no place for what customers write.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from responder.about import about
from responder.mail.language import Language
from responder.policy.model import Policy
from responder.ports import Clock
from responder.store.records import Event, EventKind
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.steps import GoesOn

if TYPE_CHECKING:  # a daemon starts without what the first changed policy loads
    from responder.replay.recount import Recount

log = logging.getLogger(__name__)

WITHIN = 20.0  # seconds for one account; then the count is of the newest mails only


@dataclass(frozen=True)
class Change:
    """The policy before, and the desk with the one that is in force now."""

    before: Policy
    desk: Desk


class Recounts:
    """What is still to be counted, and the counting of it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._asked: dict[str, Change] = {}

    def ask(self, before: Mapping[str, Desk], after: Mapping[str, Desk]) -> None:
        """Policies were changed; those that are changed once more before they were counted are counted once."""
        for name, new in after.items():
            old = self._before(name, before)
            if old is None or old == new.policy:
                self._asked.pop(name, None)
            else:
                self._asked[name] = Change(old, new)

    def _before(self, name: str, desks: Mapping[str, Desk]) -> Policy | None:
        if name in self._asked:
            return self._asked[name].before
        return desks[name].policy if name in desks else None

    def take(self) -> Mapping[str, Change]:
        """What is to be counted now, by account; asked for once."""
        asked, self._asked = self._asked, {}
        return asked

    def tell(self, change: Change, goes_on: GoesOn) -> None:
        """Count, and record it. Takes its time: not in the loop. Raises `Trouble`."""
        from responder.replay.recount import Question, recount
        from responder.replay.recount_words import headline

        desk = change.desk
        question = Question(change.before, desk.policy, {desk.name: desk.settings.address}, desk.judge)
        until = time.monotonic() + WITHIN
        now = self._clock.now()
        found = recount(self._store, question, now, lambda: goes_on() and time.monotonic() < until)
        if not goes_on():
            return
        log.info("%s: policy: %s", desk.name, headline(found, Language.EN), extra=about(account=desk.name))
        self._store.add_event(*_events(found, desk.name, desk.policy.language, now))


def _events(found: Recount, account: str, language: Language, now: datetime) -> Iterator[Event]:
    """How many, then the examples: each goes off the record with its sender."""
    from responder.replay.recount_words import headline, told

    yield Event(now, EventKind.EFFECT, headline(found, language), account)
    for each in found.examples:
        yield Event(now, EventKind.EFFECT, told(each, language).line, account, address=each.after.sender)
