"""The turns of the loop's jobs: whatever fails in one is told, and neither the others nor its next turn suffer."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from enum import StrEnum

from responder.about import about, way_to
from responder.errors import Trouble, TroubleKind
from responder.ports import Clock
from responder.store.ledger import OFFICE
from responder.store.store import Store
from responder.work.troubles import defect

log = logging.getLogger(__name__)


class Job(StrEnum):
    """What the loop does for an account, turn by turn."""

    SENDING = "sending"
    WAKING = "waking"
    WATCHING = "watching"  # over outages and limits
    DIGESTS = "digests"
    RECOUNTING = "recounting"  # what a changed policy would have done
    PURGING = "purging"  # for all accounts
    CALENDARS = "calendars"  # … too


class Jobs:
    """What became of the last turn of each."""

    def __init__(self, store: Store, clock: Clock, is_over: Callable[[], None]) -> None:
        """`is_over` is called when a defect that concerned all accounts has ended."""
        self._store = store
        self._clock = clock
        self._is_over = is_over
        self._said: dict[tuple[str, Job], str] = {}  # the trouble of the last turn, if it came to any
        self._failed: set[tuple[str, Job]] = set()  # whose last turn came to a defect of ours

    @contextlib.contextmanager
    def turn(self, account: str, job: Job) -> Iterator[None]:
        """Trouble is said, and the next turn tries again; a defect is recorded, and ends with its next good turn."""
        try:
            yield
            self._end_defect(account, job)
            self._said.pop((account, job), None)
        except Trouble as trouble:
            self._say_once(account, job, trouble)
        except Exception as error:  # noqa: BLE001 - a boundary: told without its words, which may quote a mail
            told = about(account=account, trouble=TroubleKind.INTERNAL)
            log.error("%s: unexpected failure\n%s", account or job, way_to(error), extra=told)  # noqa: TRY400
            unforeseen = defect(error)
            self._failed.add((account, job))
            with trouble_told():
                self._store.note_trouble(account, unforeseen.kind, str(unforeseen), self._clock.now())

    def _say_once(self, account: str, job: Job, trouble: Trouble) -> None:
        """A disk may be full for a weekend: a line in every turn would be a hundred thousand, on that disk."""
        if self._said.get((account, job)) != str(trouble):
            log.error("%s: %s", account or job, trouble, extra=about(account=account, trouble=trouble.kind))
        self._said[account, job] = str(trouble)

    def _end_defect(self, account: str, job: Job) -> None:
        """One job is well again; while another is not, there still is trouble."""
        if (account, job) not in self._failed:
            return
        if not any((account, other) in self._failed for other in Job if other is not job):
            self._store.end_trouble(account, (TroubleKind.INTERNAL,), self._clock.now())
            if account == OFFICE:
                self._is_over()
        self._failed.discard((account, job))


@contextlib.contextmanager
def trouble_told() -> Iterator[None]:
    """Trouble with the state, in what comes again by itself: told, and no more."""
    try:
        yield
    except Trouble as trouble:
        log.error("%s", trouble, extra=about(trouble=trouble.kind))  # noqa: TRY400 - one line
