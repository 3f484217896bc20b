"""The steps of a message's way, by name.

Between any two of them the machine may stop; the tests kill the daemon at
each one (a hook is called there) and count what the customers got.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    BASELINED = "baselined"
    FETCHED = "fetched"
    DECIDED = "decided"  # inside the transaction
    RECORDED = "recorded"
    FLAGGED = "flagged"  # on the server, not yet on record
    MARKED = "marked"
    CLAIMED = "claimed"
    SUBMITTED = "submitted"  # the server took it, not yet on record
    SETTLED = "settled"
    COPIED = "copied"  # in Sent, not yet on record
    COPY_SETTLED = "copy_settled"
    WORDED = "worded"
    DRAFTED = "drafted"  # in Drafts, not yet on record
    DRAFT_SETTLED = "draft_settled"
    DIGESTED = "digested"


Hook = Callable[[Step], None]


def no_hook(_step: Step) -> None:
    """What the daemon runs with."""


GoesOn = Callable[[], bool]  # asked between two portions of work: False when the daemon is to stop


def always() -> bool:
    """Nobody stops it."""
    return True
