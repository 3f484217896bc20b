"""What a log line is about, beside its words: `log.info("…", extra=about(account="info", mail=7))`.

In the journal each is a field that can be asked for (docs/metrics.md). Never a customer's words, subject or secret: a
name from the config, a number from the records, or one of our own words.
"""

from __future__ import annotations

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
