"""Is mail being handled? One answer for `status` and for the heartbeat. Pure: what is on record comes as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from responder.mail.language import Language
from responder.policy.phrases import span
from responder.store.records import TroubleRow
from responder.work.troubles import STOPS_MAIL

SLACK = timedelta(minutes=10)  # how much later than its turn a look at a mailbox may come


@dataclass(frozen=True, slots=True)
class Look:
    """A mailbox, and when it was last looked at (None: never)."""

    account: str
    poll: timedelta
    last: datetime | None


def late(looks: Iterable[Look], started: datetime, now: datetime) -> Iterator[str]:
    """Mailboxes that should have been looked at by now; a daemon that has just begun has its turn first.

    A look in the future was by a clock that was wrong, and says nothing of what came after it.
    """
    for look in looks:
        is_known = look.last is not None and look.last <= now + SLACK
        since = now - max(look.last if look.last and is_known else started, started)
        if since > 3 * look.poll + SLACK:
            yield f"{look.account}: not looked at for {span(since, Language.EN)}"


def stopped(troubles: Iterable[TroubleRow]) -> Iterator[str]:
    """Open trouble because of which mail is not handled."""
    for trouble in troubles:
        if trouble.kind in STOPS_MAIL:
            yield f"{trouble.account}: {trouble.text}" if trouble.account else trouble.text
