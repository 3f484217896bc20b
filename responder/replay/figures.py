"""A replay, counted. Made of entries alone; knows no words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from responder.policy.decide import ActionKind
from responder.policy.model import Office
from responder.policy.phrases import Reason
from responder.replay.entry import Entry
from responder.replay.run import Step

# Why somebody who would have had a reply, or a follow-up, or an alert, had none.
HELD_BACK: Final = (
    Reason.HAD_REPLY, Reason.AGAIN_AFTER, Reason.ANSWERED, Reason.OPENING_SOON, Reason.STALE, Reason.BOUNCED,
    Reason.DATE_AHEAD, Reason.DATE_BEHIND, Reason.THANKS_ONLY, Reason.SILENCED, Reason.SEEN_BEFORE,
    Reason.THREAD_CAP, Reason.DOMAIN_CAP, Reason.ACCOUNT_CAP, Reason.OFFICE_CAP, Reason.FOLLOW_UP_CAP, Reason.ALERT_CAP,
)  # fmt: skip


@dataclass
class Figures:
    """What came, and what would have been done with it. Hours and weekdays are those of mail that people wrote."""

    mails: int = 0
    answers: int = 0  # of people of ours
    broken: int = 0
    first: datetime | None = None
    last: datetime | None = None
    vetoes: Counter[str] = field(default_factory=Counter)
    urgencies: Counter[str] = field(default_factory=Counter)
    offices: Counter[Office] = field(default_factory=Counter)
    plays: Counter[str] = field(default_factory=Counter)
    deeds: Counter[tuple[ActionKind, str]] = field(default_factory=Counter)  # with the template, or who is told
    held_back: Counter[Reason] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    weekdays: Counter[int] = field(default_factory=Counter)
    senders: Counter[str] = field(default_factory=Counter)

    def add(self, step: Step) -> None:
        """Of a step under two policies the first counts."""
        if step.wrote is not None:
            self.answers += 1
        if step.trouble:
            self.broken += 1
        if step.entries:
            self._add(step.entries[0])

    def _add(self, entry: Entry) -> None:
        self.mails += 1
        self.first = min(entry.arrived, self.first or entry.arrived)
        self.last = max(entry.arrived, self.last or entry.arrived)
        if entry.error:
            self.broken += 1
            return
        for deed in entry.told:
            self.deeds[deed.kind, (deed.to if deed.kind is ActionKind.ALERT else deed.template) or ""] += 1
        if entry.veto is not None:
            self.vetoes[entry.veto] += 1
            return
        self.offices[entry.office] += 1
        self.urgencies[entry.urgency] += 1
        self.hours[entry.arrived.hour] += 1
        self.weekdays[entry.arrived.weekday()] += 1
        self.senders[entry.who] += 1
        if entry.play is not None:
            self.plays[entry.play] += 1
        self.held_back.update(reason for reason in set(entry.why) if reason in HELD_BACK)

    @property
    def by_people(self) -> int:
        return self.offices.total()

    def done(self, kind: ActionKind) -> int:
        return sum(number for (each, _), number in self.deeds.items() if each is kind)
