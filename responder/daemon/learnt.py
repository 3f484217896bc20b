"""The judge that reads mail by what was learnt; and, while there is none, that somebody is told.

Must not know what the judge is asked.
"""

from __future__ import annotations

import logging

from responder import learned
from responder.about import about
from responder.config import Config
from responder.errors import Trouble
from responder.policy.meaning import Judging
from responder.ports import Clock
from responder.store.store import Store

log = logging.getLogger(__name__)


class Learnt:
    """What became of the last try to read the weights."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._trouble: Trouble | None = None  # why nothing that was learnt is at hand

    def judge(self, config: Config) -> Judging | None:
        """With the office's own weights, else with those that came; without either the policy's words go on alone."""
        self._trouble = None
        if config.learned is not None:
            try:
                return learned.judge_of(config.learned)
            except Trouble as trouble:
                self._tell(trouble)
        try:
            return learned.judge()
        except Trouble as trouble:
            self._tell(trouble)
            return None

    def _tell(self, trouble: Trouble) -> None:
        log.error("%s", trouble, extra=about(trouble=trouble.kind))
        self._trouble = trouble

    def note(self) -> None:
        """For the digest; also after a defect has ended, which ends all trouble of its kind."""
        if self._trouble is not None:
            self._store.note_trouble("", self._trouble.kind, str(self._trouble), self._clock.now())
