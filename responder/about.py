"""What a log line is about, beside its words: `log.info("…", extra=about(account="info", mail=7))`.

In the journal each is a field that can be asked for (docs/metrics.md). Never a customer's words, subject or secret: a
name from the config, a number from the records, or one of our own words. Nor their address: the log cannot forget.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TypedDict, Unpack

ATTRIBUTE = "about"  # of a log record


class About(TypedDict, total=False):
    """None is the same as not given."""

    account: str
    message: int | None  # its number in the ledger: `responder explain --id`
    uid: int  # in the mailbox (RFC 9051 2.3.1.1)
    mail: int  # its number in the outbox: `responder queue show`
    kind: str  # of that mail: reply, follow_up, alert, digest
    outcome: str  # of its submission
    trouble: str  # its kind


def about(**given: Unpack[About]) -> dict[str, About]:
    """For `extra=` of a log call."""
    return {ATTRIBUTE: given}


def way_to(error: BaseException) -> str:
    """The way to an error and its name. Its own words are left out: they may quote a mail."""
    return f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}"


def place_of(error: BaseException) -> str:
    """An error's name and where it came from, in one line, without its words."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
