"""A mail on record, decided once more under another policy: what would be done with it if it came now as it came then.

Only what is kept of a mail is looked at: its subject, its own words, who wrote, the signs that spoke against an answer.
Nothing is taken as known of earlier mails; so two policies are compared with each other, never one of them with the
record. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from responder.mail import language, quoted
from responder.mail.addresses import Address
from responder.mail.automatic import Sign, Veto
from responder.mail.message import Message, parse
from responder.mail.ours import first_match
from responder.mail.quoted import OwnWords
from responder.policy.decide import READ, ActionKind, Decision, Past, Reading, decide
from responder.policy.meaning import Judging, meaning_of
from responder.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Kept:
    """What the record keeps of a mail; `to` is the mailbox it came to, `signs` are those that counted against it.

    `excused` did not count because the policy of then allowed by name the way it came: `way`, a group's or a form's
    address.
    """

    subject: str
    words: str
    sender: Address | None
    to: Address
    arrived: datetime
    signs: tuple[Veto, ...] = ()
    excused: tuple[Veto, ...] = ()
    way: str | None = None


def kept(
    recorded: Mapping[str, Any], subject: str, words: str, sender: Address | None, to: Address, arrived: datetime
) -> Kept:
    """A mail on record, `recorded` its decision (`report.py`): one from an older program lacks some of its fields."""
    signs = [each for each in (recorded["veto"], *recorded.get("also", ())) if each]
    way = recorded.get("way") or {}
    return Kept(
        subject, words, sender, to, arrived, _signs(signs), _signs(recorded.get("excused", ())),
        way.get("form") or way.get("group"),
    )  # fmt: skip


def _signs(recorded: Iterable[Mapping[str, str]]) -> tuple[Veto, ...]:
    return tuple(Veto(Sign(each["signal"]), each["detail"]) for each in recorded)


def may_be_allowed(kept: Kept, old: Policy, new: Policy) -> bool:
    """Does `allow:` differ, and is the mail one that it may concern? By which way it came was not recorded then."""
    concerned = [each for each in kept.signs if each.signal not in (Sign.NEVER_ANSWER, Sign.NOT_ADDRESSED)]
    return bool(concerned) and old.allow != new.allow


def _veto(kept: Kept, policy: Policy) -> Veto | None:
    """The first sign that counts with this policy: what it says of addresses by name is asked anew."""
    named = _never_answer(kept, policy)
    allow = policy.allow.by_name()
    is_allowed = kept.way is not None and kept.way in allow.lists | allow.forms
    signs = [*([named] if named else []), *kept.signs, *(() if is_allowed else kept.excused)]
    return next((each for each in signs if each is named or _counts(each, policy)), None)


def _never_answer(kept: Kept, policy: Policy) -> Veto | None:
    address = kept.sender.address if kept.sender else ""
    pattern = first_match(policy.never_answer, kept.sender) if kept.sender else ""
    return Veto(Sign.NEVER_ANSWER, f"From: {address} is on the never-answer list ({pattern})") if pattern else None


_NAMED: Final = re.compile(r": (\S+) is on the never-answer list ")  # a long fact is cut: then it is taken as it was


def _counts(sign: Veto, policy: Policy) -> bool:
    if sign.signal is Sign.NOT_ADDRESSED:
        return not policy.allow.bcc
    named = _NAMED.search(sign.detail) if sign.signal is Sign.NEVER_ANSWER else None
    return named is None or bool(first_match(policy.never_answer, Address("", named[1])))


def again(kept: Kept, policy: Policy, judge: Judging | None = None) -> Decision:
    """What this policy has done with it."""
    return decide(
        message_of(kept), _reading(kept, policy, judge), Past(), policy, arrived=kept.arrived, now=kept.arrived
    )


def outcome(decision: Decision) -> object:
    """What two policies are compared by: what staff and customers would see of it, not which play asks for it."""
    reading = decision.reading
    urgency = reading.urgency if reading.veto is None else ""  # what a machine's mail is called nobody sees
    owed = (each for each in decision.actions if not each.is_late(decision.arrived))
    return urgency, sorted(deed(each.kind, each.template, each.to, each.due) for each in owed)


def deed(kind: ActionKind, template: str | None, to: str | None, due: datetime) -> tuple[str, str, str, str]:
    """What makes something that is done another thing; of what a person reads also when."""
    return kind, template or "", to or "", due.isoformat() if kind in READ else ""


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
