"""After a reload: which mails of the last days the changed policy would treat differently.

The policy is in force meanwhile; a stop loses the count, and nothing else. The journal tells how many, the digest some
of them as well: the journal is no place for what customers write.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from datetime import datetime

from responder.about import about
from responder.mail.language import Language
from responder.policy.model import Policy
from responder.ports import Clock
from responder.replay.recount import Question, Recount, recount
from responder.replay.recount_words import headline, told
from responder.store.records import Event, EventKind
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.steps import GoesOn

log = logging.getLogger(__name__)

WITHIN = 20.0  # seconds for one account; then the count is of the newest mails only


class Recounts:
    """What is still to be counted, and the counting of it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._asked: dict[str, Question] = {}

    def ask(self, before: Mapping[str, Desk], after: Mapping[str, Desk]) -> None:
        """Policies were changed; those that are changed once more before they were counted are counted once."""
        for name, new in after.items():
            old = self._before(name, before)
            if old is None or old == new.policy:
                self._asked.pop(name, None)
            else:
                self._asked[name] = Question(old, new.policy, {name: new.settings.address}, new.judge)

    def _before(self, name: str, desks: Mapping[str, Desk]) -> Policy | None:
        if name in self._asked:
            return self._asked[name].before
        return desks[name].policy if name in desks else None

    def take(self) -> Mapping[str, Question]:
        """What is to be counted now, by account; asked for once."""
        asked, self._asked = self._asked, {}
        return asked

    def tell(self, account: str, question: Question, goes_on: GoesOn) -> None:
        """Count, and record it. Takes its time: not in the loop. Raises `Trouble`."""
        until = time.monotonic() + WITHIN
        now = self._clock.now()
        found = recount(self._store, question, now, lambda: goes_on() and time.monotonic() < until)
        if not goes_on():
            return
        log.info("%s: policy: %s", account, headline(found, Language.EN), extra=about(account=account))
        self._store.add_event(*_events(found, account, question.after.language, now))


def _events(found: Recount, account: str, language: Language, now: datetime) -> Iterator[Event]:
    """How many, then the examples: each goes off the record with its sender."""
    yield Event(now, EventKind.EFFECT, headline(found, language), account)
    for each in found.examples:
        yield Event(now, EventKind.EFFECT, told(each, language).line, account, address=each.after.sender)
