"""A mail on record, decided once more under another policy: what would be done with it if it came now as it came then.

Only what is kept of a mail is looked at: its subject, its own words, who wrote, why it was vetoed. Nothing is taken as
known of earlier mails; so two policies are compared with each other, never one of them with the record. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from responder.mail import language, quoted
from responder.mail.addresses import Address
from responder.mail.automatic import Sign, Veto
from responder.mail.message import Message, parse
from responder.mail.ours import first_match
from responder.mail.quoted import OwnWords
from responder.policy.decide import Decision, Past, Reading, decide
from responder.policy.meaning import Judging, meaning_of
from responder.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Kept:
    """What the record keeps of a mail; `to` is the mailbox it came to."""

    subject: str
    words: str
    sender: Address | None
    to: Address
    arrived: datetime
    veto: Veto | None = None


def veto_of(recorded: Mapping[str, str] | None) -> Veto | None:
    """The veto as a decision on record tells it."""
    return Veto(Sign(recorded["signal"]), recorded["detail"]) if recorded else None


def again(kept: Kept, policy: Policy, judge: Judging | None = None) -> Decision:
    """What this policy has done with it."""
    return decide(
        message_of(kept), _reading(kept, policy, judge), Past(), policy, arrived=kept.arrived, now=kept.arrived
    )


def outcome(decision: Decision) -> tuple[object, ...]:
    """What two decisions are compared by: which plays, and what is owed to whom until when."""
    owed = tuple((each.kind, each.template, each.to, each.due) for each in decision.actions)
    return decision.plays, decision.reading.urgency, owed


def message_of(kept: Kept) -> Message:
    """As much of a mail as is kept of it."""
    senders = (kept.sender,) if kept.sender else ()
    return replace(parse(b"\n"), subject=kept.subject, from_=senders, to=(kept.to,), text=kept.words)


def _reading(kept: Kept, policy: Policy, judge: Judging | None) -> Reading:
    subject = quoted.own_subject(kept.subject)
    bare = quoted.bare_subject(kept.subject)
    return Reading(
        veto=_veto(kept, policy),
        sender=kept.sender,
        own=OwnWords(kept.words, (), subject=subject),
        language=language.detect(bare, kept.words, policy.language),
        meaning=meaning_of(subject, kept.words, policy, kept.arrived, judge),
    )


def _veto(kept: Kept, policy: Policy) -> Veto | None:
    """As it was, but for whom this policy never answers; what it allows by name is not asked again."""
    if kept.veto is not None and kept.veto.signal is not Sign.NEVER_ANSWER:
        return kept.veto
    pattern = first_match(policy.never_answer, kept.sender) if kept.sender else None
    return Veto(Sign.NEVER_ANSWER, pattern) if pattern else None
