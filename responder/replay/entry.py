"""What is kept of one mail of a replay: all that later mails, the figures and the report need, and nothing else.

Because the past, the figures and the report are made of entries alone, a replay that was broken off goes on exactly
where it stood once its entries are read again. Plain values; knows no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any, Self, TypeAlias

from responder.mail import bounce
from responder.mail.addresses import Address
from responder.mail.message import Message
from responder.policy.decide import READ, Action, ActionKind, Breaker, Decision
from responder.policy.meaning import By
from responder.policy.model import Office
from responder.policy.phrases import Reason, closed
from responder.policy.wording import clean
from responder.ports import PersonsMail
from responder.replay.seats import Seat
from responder.work.triage import SUBJECT_KEPT

Failed: TypeAlias = tuple[tuple[str, ...], str]  # addresses, status


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that would have been done."""

    kind: ActionKind
    template: str | None
    to: str | None
    due: datetime
    is_late: bool = False  # it would not have gone out any more

    @classmethod
    def of(cls, action: Action, now: datetime) -> Self:
        return cls(action.kind, action.template, action.to, action.due, action.is_late(now))

    @property
    def is_told(self) -> bool:
        """Does a person get something to read by it?"""
        return self.kind in READ and not self.is_late


@dataclass(frozen=True)
class Entry:
    """One mail of a customer, a machine or one of us, as it was decided. `error`: it could not be."""

    source: str
    account: str
    arrived: datetime
    sender: str  # as `Address.key`; whom the past remembers
    who: str  # … as it is told
    subject: str
    message_id: str | None
    crowd: str = ""
    office: Office = Office.OPEN
    why_closed: str = ""
    next_open: str = ""  # ISO 8601
    veto: str | None = None
    urgency: str = ""
    play: str | None = None
    shown: Mapping[str, str] | None = None  # what showed each signal
    words: tuple[tuple[str, str], ...] = ()  # signal and word of the policy
    refused: tuple[tuple[str, str], ...] = ()
    deeds: tuple[Deed, ...] = ()
    why: tuple[Reason, ...] = ()
    reasons: tuple[str, ...] = ()
    tripped: Breaker | None = None
    came_back: tuple[str, ...] = ()  # which mails of ours, by their ids
    failed: tuple[Failed, ...] = ()
    error: str = ""

    @cached_property
    def told(self) -> tuple[Deed, ...]:
        """What somebody would have read."""
        return tuple(deed for deed in self.deeds if deed.is_told)

    def first(self, kind: ActionKind) -> Deed | None:
        return next((deed for deed in self.told if deed.kind is kind), None)


Noted: TypeAlias = Entry | PersonsMail


def of_decision(source: str, seat: Seat, message: Message, decision: Decision) -> Entry:
    """What is kept of a mail that was decided."""
    reading = decision.reading
    found = reading.meaning.evidence.found
    sender = reading.sender or next(iter(message.from_), None)
    returned = None if decision.seen_before else bounce.find(message)
    return Entry(
        source=source,
        account=seat.account,
        arrived=decision.arrived,
        sender=sender.key if sender else "",
        who=clean((reading.route.writer or sender).address) if sender else "",
        subject=clean(message.subject[:SUBJECT_KEPT]),
        message_id=message.message_id,
        crowd=reading.crowd,
        office=decision.office,
        why_closed=closed(decision.closure, seat.policy.language) if decision.closure else "",
        next_open=decision.next_open.isoformat() if decision.next_open else "",
        veto=reading.veto.signal.value if reading.veto else None,
        urgency=reading.urgency.value,
        play=decision.play,
        shown={name: by.value for name, by in reading.meaning.shown.items()},
        words=tuple(dict.fromkeys((hit.signal, hit.word) for hit in found.hits)),
        refused=tuple(dict.fromkeys((miss.hit.signal, miss.hit.word) for miss in found.misses)),
        deeds=tuple(Deed.of(action, decision.arrived) for action in decision.actions),
        why=decision.why,
        reasons=decision.reasons,
        tripped=decision.tripped.breaker if decision.tripped else None,
        came_back=returned.ids if returned else (),
        failed=tuple((each.addresses, each.status) for each in returned.failures) if returned else (),
    )


def of_failure(source: str, seat: Seat, message: Message, arrived: datetime, error: str) -> Entry:
    """… of one that broke the code: the daemon would have set it aside."""
    sender: Address | None = next(iter(message.from_), None)
    return Entry(
        source=source,
        account=seat.account,
        arrived=arrived,
        sender=sender.key if sender else "",
        who=clean(sender.address) if sender else "",
        subject=clean(message.subject[:SUBJECT_KEPT]),
        message_id=message.message_id,
        error=error,
    )


# ---------------------------------------------------------------- as plain fields, and back


def written(entry: Entry) -> dict[str, Any]:
    """As JSON has it; what is empty is left out."""
    plain = {each.name: getattr(entry, each.name) for each in fields(entry)}
    plain["arrived"] = entry.arrived.isoformat()
    plain["deeds"] = [[d.kind, d.template, d.to, d.due.isoformat(), d.is_late] for d in entry.deeds]
    return {name: value for name, value in plain.items() if value or name in ("source", "account", "sender")}


def read(plain: Mapping[str, Any]) -> Entry:
    """As it was before `written`. Raises what comes of fields that `written` has not written."""
    values = dict(plain)
    values["arrived"] = datetime.fromisoformat(values["arrived"])
    values.setdefault("who", "")
    values.setdefault("subject", "")
    values.setdefault("message_id", None)
    values["office"] = Office(values.get("office", Office.OPEN))
    values["words"] = _pairs(values, "words")
    values["refused"] = _pairs(values, "refused")
    values["shown"] = {name: By(by).value for name, by in values.get("shown", {}).items()}
    values["deeds"] = tuple(
        Deed(ActionKind(kind), template, to, datetime.fromisoformat(due), late)
        for kind, template, to, due, late in values.get("deeds", ())
    )
    values["why"] = tuple(Reason(each) for each in values.get("why", ()))
    values["reasons"] = tuple(values.get("reasons", ()))
    values["tripped"] = Breaker(values["tripped"]) if "tripped" in values else None
    values["came_back"] = tuple(values.get("came_back", ()))
    values["failed"] = tuple((tuple(addresses), status) for addresses, status in values.get("failed", ()))
    return Entry(**values)


def _pairs(values: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    return tuple((signal, word) for signal, word in values.get(name, ()))


def written_answer(mail: PersonsMail) -> dict[str, Any]:
    return {"id": mail.message_id, "at": mail.at.isoformat(), "to": mail.recipients, "thread": mail.thread}


def read_answer(plain: Mapping[str, Any]) -> PersonsMail:
    at = datetime.fromisoformat(plain["at"])
    return PersonsMail(plain["id"], at, tuple(plain["to"]), tuple(plain["thread"]))
