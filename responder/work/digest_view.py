"""What the digest says: records → a view of plain lines, ready for both templates.

Written for a manager on a phone: what needs a person comes first, empty
sections vanish. Everything that came with a mail is cleaned here; escaping
belongs to the HTML template. Pure: knows no store, clock or template.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import TypeVar

from responder.config import Mode
from responder.errors import TroubleKind
from responder.mail import echo
from responder.mail.addresses import Address
from responder.mail.automatic import Sign
from responder.mail.compose import NO_SUBJECT
from responder.mail.domains import is_public_provider, organisation
from responder.policy import facts, phrases
from responder.policy.decide import SEEN_BEFORE, ActionKind
from responder.policy.meaning import THANKS_ONLY, Urgency
from responder.policy.model import MarkKind, Office
from responder.policy.phrases import SENTENCES, Reason
from responder.policy.proposals import Proposal
from responder.policy.wording import clean
from responder.store.alarms import OVER
from responder.store.records import (
    AlarmRow,
    BounceRow,
    Event,
    EventKind,
    MessageRow,
    MessageState,
    Observed,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Report,
    Transport,
    TroubleRow,
)
from responder.work.desk import Desk
from responder.work.digest_words import VI, WORDS, Advice, Words
from responder.work.pauses import Pause
from responder.work.suggest import Suggested
from responder.work.troubles import EVENTS

_Row = TypeVar("_Row")

SHOWN = 20  # entries of a list; the rest is counted
TOLD = 200  # entries of what is wrong, the worst first; a digest that is too large to be opened tells nothing
EVENT_LINES = 10  # of what somebody did
SERVER_TEXT = 300  # characters of what a server or a trouble said
STALE = timedelta(minutes=30)  # a mailbox not read for so long is said to be (the longest pause after trouble is less)
GAP_LOOKED_AT = 400  # days; a gap is a gap


# --- the view -------------------------------------------------------------------------------------------------------


class Tone(StrEnum):
    """How loud something is: a colour in HTML; the word beside it says the same."""

    ALARM = "alarm"
    WARNING = "warning"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a list; `mark` and `deadline` stand out."""

    head: str
    lines: tuple[str, ...] = ()
    mark: str = ""
    tone: Tone = Tone.PLAIN
    deadline: str = ""
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Some entries, perhaps under a heading of their own; `more`: how many were left out, in words."""

    entries: tuple[Entry, ...]
    count: int
    heading: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with what stands under it; `is_brief`: small entries, close together."""

    heading: str
    count: int
    groups: tuple[Group, ...]
    hint: str = ""
    is_brief: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """The whole digest."""

    language: str
    subject: str
    title: str
    office: str
    day: str
    headline: str
    is_quiet: bool
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    figures_heading: str
    figures: tuple[tuple[str, str], ...]
    period: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store told, as of `now`; the report is that of `since` to `now`."""

    now: datetime
    since: datetime
    last: datetime | None  # when the digest before this one was made
    read_at: datetime | None  # when the mailbox was last looked at
    report: Report
    suggested: Suggested | None = None  # of last week, on its first workday


def view(desk: Desk, facts: Facts) -> View:
    """The digest of one account."""
    return _Digest(desk, facts).view()


# --- the order of things --------------------------------------------------------------------------------------------

LOUD: Mapping[str, Tone] = {Urgency.EMERGENCY: Tone.ALARM, Urgency.URGENT: Tone.WARNING}
URGENT_FIRST: Mapping[str, int] = {Urgency.EMERGENCY: 0, Urgency.URGENT: 1}
# Limits that a robot meets rather than a person: how many of its mails is of interest, not each of them.
MET_BY_ROBOTS = frozenset({Reason.DOMAIN_CAP, Reason.THREAD_CAP})
# Vetoes behind which a customer may stand; they come before the machines, with what was seen.
DOUBTFUL = (
    Sign.UNTRUSTED_SENDER,
    Sign.AUTHENTICATION_FAILED,
    Sign.NO_CLEAR_SENDER,
    Sign.UNREADABLE,
    Sign.NOT_ADDRESSED,
    Sign.WEAK_SIGNS,
    Sign.SPAM,
)


class _Digest:
    """One digest in the making."""

    def __init__(self, desk: Desk, facts: Facts) -> None:
        self._desk = desk
        self._facts = facts
        self._report = facts.report
        self._language = desk.policy.language
        self._words: Words = WORDS[self._language]
        self._calendar = desk.policy.calendar()

    def view(self) -> View:
        words, facts = self._words, self._facts
        day = phrases.day(facts.now.astimezone(self._calendar.zone).date(), self._language)
        troubles = tuple(sorted(self._troubles(), key=lambda trouble: trouble.tone is not Tone.ALARM))
        to_check = sum(trouble.tone is Tone.ALARM for trouble in troubles)
        short = self._headline(to_check)
        drafts = (words.drafts_ready.of(len(self._report.drafts)),) if self._report.drafts else ()
        sections = (
            self._needs(),
            self._section(words.trouble, self._trouble_group(troubles)),
            self._alarms(),
            self._drafts(),
            self._sent(),
            self._withheld(),
            self._unanswered(),
            self._otherwise(),
            self._events(),
        )
        return View(
            language=self._language.value,
            subject=words.subject.format(headline=short, office=self._desk.settings.name, day=day),
            title=words.title,
            office=self._desk.settings.name,
            day=day,
            headline=", ".join((short, *drafts)),
            is_quiet=not self._report.unhandled and not to_check,
            notes=tuple(self._notes()),
            sections=tuple(section for section in sections if section.groups),
            figures_heading=words.figures,
            figures=tuple(self._figures()),
            period=words.period.format(since=self._at(facts.since), until=self._at(facts.now)),
        )

    # --- the top -----------------------------------------------------------------------------------------------

    def _headline(self, to_check: int) -> str:
        """The one line of the lock screen: what matters, and how much of it."""
        words, unhandled = self._words, self._report.unhandled
        parts = []
        if unhandled:
            urgent = sum(row.urgency in LOUD for row in unhandled)
            among = f" ({words.urgent_among.of(urgent)})" if urgent else ""
            parts.append(words.to_answer.of(len(unhandled)) + among)
        if to_check:
            parts.append(words.to_check.of(to_check))
        return ", ".join(parts) or words.quiet

    def _notes(self) -> Iterator[str]:
        words, desk = self._words, self._desk
        if desk.mode is Mode.OBSERVE:
            yield words.observing
        elif desk.paused is not None:
            yield self._paused(desk.paused)
        yield from self._notes_on_time()
        if desk.policy.promise is None and all(play.do.promise is None for play in desk.policy.plays):
            yield words.not_counted

    def _paused(self, pause: Pause) -> str:
        return self._words.pause(clean(pause.reason), self._at(pause.until) if pause.until is not None else "")

    def _notes_on_time(self) -> Iterator[str]:
        words, facts = self._words, self._facts
        if facts.last is None:
            yield words.first
        elif self._left_a_day_out(facts.last):
            yield words.after_a_gap.format(last=self._at(facts.last))
        if facts.read_at is None:
            yield words.never_read
        elif facts.now - facts.read_at > STALE:
            yield words.not_read_since.format(at=self._at(facts.read_at))

    def _left_a_day_out(self, last: datetime) -> bool:
        """Was there a working day, between the last digest's and today, that had none?"""
        first = last.astimezone(self._calendar.zone).date()
        today = self._facts.now.astimezone(self._calendar.zone).date()
        days = min((today - first).days, GAP_LOOKED_AT)
        return any(self._calendar.is_workday(first + timedelta(days=n)) for n in range(1, days))

    # --- what needs a person -----------------------------------------------------------------------------------

    def _needs(self) -> Section:
        rows = sorted(self._report.unhandled, key=lambda row: (URGENT_FIRST.get(row.urgency, 2), row.arrived_at))
        return self._section(self._words.needs, self._one_group(rows, self._need))

    def _need(self, row: MessageRow) -> Entry:
        words = self._words
        due = (words.due.format(at=self._at(row.promise_at)),) if row.promise_at else ()
        deadline, is_late = self._deadline(row.promise_at) if row.promise_at else ("", False)
        return Entry(
            head=self._subject(row),
            lines=(self._sender(row), words.came.format(at=self._at(row.arrived_at)), *due, *self._marks(row)),
            mark=words.urgency.get(row.urgency, ""),
            tone=LOUD.get(row.urgency, Tone.PLAIN),
            deadline=deadline,
            is_late=is_late,
        )

    def _marks(self, row: MessageRow) -> Iterator[str]:
        """How to find it in the mailbox; the flag alone needs no word."""
        marks = [text for text in row.marks if text != MarkKind.FLAGGED]
        if marks:
            yield self._words.marked.format(how=", ".join(phrases.mark(text, self._language) for text in marks))

    def _deadline(self, promise_at: datetime) -> tuple[str, bool]:
        """What is left of the promise in working time, and whether it is over."""
        words, now = self._words, self._facts.now
        left = self._calendar.working_between(now, promise_at)
        is_late = promise_at < now
        if abs(left) < timedelta(minutes=1):
            return (words.late_just_now if is_late else words.due_now), is_late
        said = words.late if is_late else words.left
        return said.format(span=phrases.span(left, self._language)), is_late

    def _drafts(self) -> Section:
        def entry(row: OutboxRow) -> Entry:
            return Entry(self._recipient(row), (self._mail_subject(row),))

        return self._section(
            self._words.drafts, self._one_group(self._report.drafts, entry), hint=self._words.drafts_hint, is_brief=True
        )

    # --- trouble: everything stands here by name, as far as a mail program bears it ----------------------------

    def _trouble_group(self, troubles: Sequence[Entry]) -> list[Group]:
        day = self._facts.since.astimezone(self._calendar.zone).date().isoformat()
        where = self._words.where_all_are.format(day=day)
        return [
            replace(group, more=f"{group.more}; {where}" if group.more else "")
            for group in self._one_group(troubles, lambda entry: entry, shown=TOLD)
        ]

    def _troubles(self) -> Iterator[Entry]:
        """What lasts; then customers who may have got nothing, whom no flood shall push off the list; then the rest."""
        ledger = self._report.ledger
        yield from (self._trouble(row) for row in ledger.troubles if row.kind not in EVENTS and self._is_of_period(row))
        yield from self._all_undelivered(OutboxState.UNCERTAIN, OutboxState.FAILED)
        yield from (self._trouble(row) for row in ledger.troubles if row.kind in EVENTS and self._is_of_period(row))
        yield from (self._quarantined(row) for row in ledger.messages if row.state is MessageState.QUARANTINED)
        yield from self._all_undelivered(OutboxState.BOUNCED, OutboxState.DROPPED)
        if self._report.came_back:
            yield self._came_back(self._report.came_back)

    def _all_undelivered(self, *states: OutboxState) -> Iterator[Entry]:
        for state in states:
            rows = [row for row in self._report.ledger.mails if row.state is state and not _is_told(row)]
            late = [row for row in rows if row.kind.to_customer] if state is OutboxState.DROPPED else []
            if len(late) > SHOWN:
                yield self._all_dropped(late)
                rows = [row for row in rows if not row.kind.to_customer]
            yield from (self._undelivered(row) for row in rows)

    def _is_of_period(self, row: TroubleRow) -> bool:
        if row.kind == TroubleKind.UNREACHABLE:
            return False  # its cause stands there, and the alarm about it
        return row.kind not in EVENTS or row.last_seen > self._facts.since

    def _trouble(self, row: TroubleRow) -> Entry:
        words = self._words
        kind = TroubleKind(row.kind) if row.kind in set(TroubleKind) else None
        advice = words.kinds_of_trouble[kind] if kind else words.other_trouble
        times = f" {words.times.of(row.times)}" if row.times > 1 else ""
        if row.kind in EVENTS:
            when = words.happened.format(at=self._at(row.last_seen))
        elif row.ended_at is None:
            when = words.still.format(since=self._at(row.since))
        else:
            when = words.ended.format(since=self._at(row.since), until=self._at(row.ended_at))
        detail = words.detail.format(text=_said(row.text))
        remedy = (words.do.format(remedy=advice.remedy),) if row.ended_at is None else ()
        tone = Tone.ALARM if row.ended_at is None else Tone.PLAIN
        return Entry(advice.what, (when + times, *remedy, detail), tone=tone)

    def _quarantined(self, row: MessageRow) -> Entry:
        words = self._words
        lines = (self._subject(row), self._sender(row), words.came.format(at=self._at(row.arrived_at)))
        find = () if row.subject or row.sender else (words.find_by_time,)
        why = (row.error or "").strip().rpartition("\n")[2]
        detail = (words.detail.format(text=_said(why)),) if why else ()
        return self._advised(words.quarantined, (*lines, *find), Tone.ALARM, detail)

    def _undelivered(self, row: OutboxRow) -> Entry:
        words = self._words
        advice = words.mails[row.state] if row.kind.to_customer else words.staff_failed
        tone = Tone.WARNING if row.state is OutboxState.DROPPED else Tone.ALARM
        subject = (self._mail_subject(row),) if row.message is not None else ()
        lines = (words.to.format(who=self._recipient(row)), *subject, self._what_when(row))
        known = row.state is not OutboxState.DROPPED and row.reason
        detail = (words.detail.format(text=_said(row.reason)),) if known else ()
        return self._advised(advice, lines, tone, detail)

    def _all_dropped(self, rows: Sequence[OutboxRow]) -> Entry:
        """One entry for all: after a flood or a night without a server, thousands are too late for the same reason."""
        words = self._words
        told = tuple(f"{self._recipient(row)}, {self._what_when(row)}" for row in rows[:TOLD])
        left_out = len(rows) - TOLD
        more = (words.more.of(left_out),) if left_out > 0 else ()
        advice = words.mails[OutboxState.DROPPED]
        return self._advised(advice._replace(what=f"{advice.what} ({len(rows)})"), (*told, *more), Tone.WARNING)

    def _came_back(self, rows: Sequence[BounceRow]) -> Entry:
        """One entry for all: a round mail of the office may come back from many."""
        words = self._words

        def line(row: BounceRow) -> str:
            status = f" ({row.status})" if row.status else ""  # its code (RFC 3463)
            return f"{words.to.format(who=clean(row.address))}{status}, {self._at(row.at)}"

        left_out = len(rows) - TOLD
        more = (words.more.of(left_out),) if left_out > 0 else ()
        return self._advised(words.came_back, (*(line(row) for row in rows[:TOLD]), *more), Tone.ALARM)

    def _advised(self, advice: Advice, lines: tuple[str, ...], tone: Tone, detail: tuple[str, ...] = ()) -> Entry:
        return Entry(advice.what, (*lines, self._words.do.format(remedy=advice.remedy), *detail), tone=tone)

    # --- who was told at once, and what people did --------------------------------------------------------------

    def _alarms(self) -> Section:
        def entry(row: AlarmRow) -> Entry:
            is_open = row.ended_at is None
            return Entry(
                clean(row.headline),
                (self._words.raised.format(at=self._at(row.raised_at)), self._known(row)),
                tone=Tone.WARNING if is_open else Tone.PLAIN,
            )

        return self._section(self._words.alarms, self._one_group(self._report.ledger.alarms, entry), is_brief=True)

    def _known(self, row: AlarmRow) -> str:
        words = self._words
        if row.ended_at is None:
            return words.known_by_nobody
        at = self._at(row.ended_at)
        return (
            words.alarm_is_over.format(at=at)
            if row.ended_by == OVER
            else words.known_by.format(who=clean(row.ended_by), at=at)
        )

    def _events(self) -> Section:
        def entry(rows: tuple[Event, ...]) -> Entry:
            row = rows[0]
            first, *more = (_said(line) for line in row.text.splitlines()[:EVENT_LINES] or [""])
            more += (f"– {_said(each.text)}" for each in rows[1:])
            at = self._at(row.at)
            when = self._words.event_by.format(at=at, who=clean(row.by)) if row.by else at
            return Entry(self._event(row.kind, first), (*more, when))

        told = list(_together(self._report.ledger.events))
        return self._section(self._words.events, self._one_group(told, entry), is_brief=True)

    def _event(self, kind: EventKind, text: str) -> str:
        words = self._words
        if not text and kind in words.events_without_text:
            return words.events_without_text[kind]
        said = words.modes[Mode(text)] if kind is EventKind.MODE else text
        return words.kinds_of_event[kind].format(text=said)

    # --- what went out, what would have, and what did not ------------------------------------------------------

    def _sent(self) -> Section:
        rows = [row for row in self._report.ledger.mails if row.kind.to_customer and row.state is OutboxState.SENT]

        def entry(row: OutboxRow) -> Entry:
            said = self._words.sent_at.format(
                what=self._words.kinds[row.kind], template=row.template, at=self._at(row.changed_at)
            )
            return Entry(self._recipient(row), (self._mail_subject(row), said))

        return self._section(self._words.sent, self._one_group(rows, entry), is_brief=True)

    def _withheld(self) -> Section:
        """One entry for each message, with all that it would have led to."""
        by_message: dict[int | str, list[OutboxRow]] = {}
        for row in self._report.ledger.mails:
            if row.state is OutboxState.WITHHELD:
                by_message.setdefault(row.message or row.recipient, []).append(row)

        def entry(rows: list[OutboxRow]) -> Entry:
            said = (f"{self._words.kinds[row.kind]} ({row.template})" for row in rows)
            return Entry(self._recipient(rows[0]), (self._mail_subject(rows[0]), "; ".join(said)))

        groups = self._one_group(list(by_message.values()), entry)
        return self._section(self._words.withheld, groups, hint=self._why_withheld(), is_brief=True)

    def _why_withheld(self) -> str:
        if self._desk.mode is Mode.OBSERVE:
            return self._words.go_live
        return self._words.resume if self._desk.paused else self._words.was_withheld

    def _unanswered(self) -> Section:
        """Out-of-hours messages without an automatic reply, by reason; where a customer may wait, first."""
        found: dict[Reason | Sign | None, list[MessageRow]] = {}
        for row in self._report.ledger.messages:
            concerns = row.office == Office.CLOSED or row.veto == Sign.UNREADABLE
            if row.state is MessageState.DECIDED and concerns and not _is_replied(row):
                found.setdefault(_why(row), []).append(row)
        order: list[Reason | Sign | None] = [*self._words.reasons, None, *DOUBTFUL, *Sign]
        groups = [self._reason_group(why, found[why]) for why in dict.fromkeys(order) if why in found]
        return self._section(self._words.unanswered, groups, is_brief=True)

    def _reason_group(self, why: Reason | Sign | None, rows: list[MessageRow]) -> Group:
        words = self._words
        if isinstance(why, Sign):
            heading = words.vetoes[why]
        else:
            heading = words.other_reason if why is None else words.reasons[why]

        def entry(row: MessageRow) -> Entry:
            sender, subject = self._sender(row), self._subject(row)
            if not isinstance(why, Sign):
                return Entry(sender, (subject,))
            if why in DOUBTFUL:
                return Entry(sender, tuple(filter(None, (subject, self._seen(row)))))
            return Entry(f"{sender}: {subject}")  # a machine: a line is enough

        if why in MET_BY_ROBOTS:
            by_robot = Counter(_robot(row) for row in rows).most_common()
            group = self._group(by_robot, self._held_back, f"{heading} ({len(rows)})")
            return replace(group, count=len(rows))
        return self._group(rows, entry, f"{heading} ({len(rows)})")

    def _held_back(self, counted: tuple[str, int]) -> Entry:
        who, number = counted
        return Entry(f"{who or self._words.no_sender}: {self._words.held_back.of(number)}")

    def _seen(self, row: MessageRow) -> str:
        """What spoke against a mail, in the office's language."""
        return facts.said(_veto_detail(row), self._language)

    # --- what staff judged otherwise ---------------------------------------------------------------------------

    def _otherwise(self) -> Section:
        words, found = self._words, self._facts.suggested
        if found is None:
            return self._section(words.otherwise, ())
        lowered = found.count(Observed.UNFLAGGED)
        raised = len(found.corrections) - lowered
        counted = ((words.raised_by_staff, raised), (words.lowered_by_staff, lowered))
        hint = " ".join((*(said.of(number) for said, number in counted if number), words.suggest))
        proposed = tuple(self._proposal(each, len(found.mails)) for each in found.proposals)
        group = Group(proposed or (Entry(words.no_pattern),), len(found.corrections))
        return self._section(words.otherwise, (group,), hint=hint, is_brief=True)

    def _proposal(self, proposal: Proposal, tried: int) -> Entry:
        words = self._words
        speak = words.speak.format(
            speak_for=len(proposal.speak_for),
            against=len(proposal.against),
            different=len(proposal.different),
            total=tried,
        )
        return Entry(words.proposed[proposal.kind].format(phrase=proposal.phrase, signal=proposal.signal), (speak,))

    # --- figures -----------------------------------------------------------------------------------------------

    def _figures(self) -> Iterator[tuple[str, str]]:
        words, ledger = self._words, self._report.ledger
        handled = [
            row
            for row in ledger.messages
            if row.handled_at is not None and row.handled_how not in (THANKS_ONLY, SEEN_BEFORE)
        ]
        yield words.messages, str(len(ledger.messages))
        counted = (
            (words.out_of_hours, sum(row.office == Office.CLOSED for row in ledger.messages)),
            (words.urgent, sum(row.urgency in LOUD for row in ledger.messages)),
            (words.handled, len(handled)),
            (words.replies, self._count_sent(OutboxKind.REPLY)),
            (words.alerts, self._count_sent(OutboxKind.ALERT)),
        )
        yield from ((label, str(number)) for label, number in counted if number)
        if taken := [self._time_taken(row) for row in handled]:
            average = sum(taken, timedelta()) / len(taken)
            yield words.average, words.average_value.format(span=phrases.span(average, self._language))

    def _count_sent(self, kind: OutboxKind) -> int:
        return sum(
            row.kind is kind and row.state is OutboxState.SENT and row.transport is Transport.SMTP
            for row in self._report.ledger.mails
        )

    def _time_taken(self, row: MessageRow) -> timedelta:
        return self._calendar.working_between(row.arrived_at, row.handled_at or row.arrived_at)

    # --- small words -------------------------------------------------------------------------------------------

    def _at(self, at: datetime) -> str:
        return phrases.moment(at.astimezone(self._calendar.zone), self._language)

    def _subject(self, row: MessageRow | None) -> str:
        return clean(row.subject if row else "") or NO_SUBJECT[self._language]

    def _sender(self, row: MessageRow) -> str:
        return _who(row.sender_name, row.sender) or self._words.no_sender

    def _mail_subject(self, row: OutboxRow) -> str:
        return self._subject(self._report.messages.get(row.message or 0))

    def _recipient(self, row: OutboxRow) -> str:
        message = self._report.messages.get(row.message or 0)
        is_sender = message is not None and row.kind.to_customer and message.sender == row.recipient
        return _who(message.sender_name if message and is_sender else "", row.recipient)

    def _what_when(self, row: OutboxRow) -> str:
        return f"{self._words.kinds[row.kind]}, {self._at(row.changed_at)}"

    def _section(self, heading: str, groups: Sequence[Group], *, hint: str = "", is_brief: bool = False) -> Section:
        return Section(heading, sum(group.count for group in groups), tuple(groups), hint, is_brief)

    def _one_group(self, rows: Sequence[_Row], entry: Callable[[_Row], Entry], shown: int = SHOWN) -> list[Group]:
        return [self._group(rows, entry, shown=shown)] if rows else []

    def _group(
        self, rows: Sequence[_Row], entry: Callable[[_Row], Entry], heading: str = "", shown: int = SHOWN
    ) -> Group:
        left_out = len(rows) - shown
        more = self._words.more.of(left_out) if left_out > 0 else ""
        return Group(tuple(entry(row) for row in rows[:shown]), len(rows), heading, more)


def _together(events: Iterable[Event]) -> Iterator[tuple[Event, ...]]:
    """Each by itself; the examples of what a new policy does, each a record of its own, with their number."""
    for (kind, _), rows in groupby(events, key=lambda row: (row.kind, row.at)):
        if kind is EventKind.EFFECT:
            yield tuple(rows)
        else:
            yield from ((row,) for row in rows)


# --- one row --------------------------------------------------------------------------------------------------------


def _who(name: str, address: str) -> str:
    """`Name <address>`, as far as there is one; the address always shows, a name alone can lie."""
    name, address = clean(name), clean(address)
    return f"{name} <{address}>" if name and address else address


def _said(text: str) -> str:
    """What a server said, in one line."""
    return echo.one_line(text)[:SERVER_TEXT]


def _is_told(row: OutboxRow) -> bool:
    """That mail to our own people comes back is a trouble of its own."""
    return row.state is OutboxState.BOUNCED and not row.kind.to_customer


def _robot(row: MessageRow) -> str:
    """Whose replies are counted together: the organisation; at a public provider, which people share, the address."""
    domain = Address("", row.sender).domain
    return clean(row.sender if is_public_provider(domain) else organisation(domain))


def _is_replied(row: MessageRow) -> bool:
    return any(action.get("kind") == ActionKind.REPLY for action in row.decision.get("actions", ()))


def _why(row: MessageRow) -> Reason | Sign | None:
    """Why a message got no automatic reply: its veto, else the last reason on record that says so."""
    if row.veto is not None:
        return Sign(row.veto) if row.veto in set(Sign) else None
    sentences = reversed(row.decision.get("reasons", ()))
    return next((why for sentence in sentences for why, said in _no_reply() if said.fullmatch(sentence)), None)


def _veto_detail(row: MessageRow) -> str:
    return clean(str((row.decision.get("veto") or {}).get("detail", "")))


@cache
def _no_reply() -> tuple[tuple[Reason, re.Pattern[str]], ...]:
    """The sentences that say why there was no reply, recognised in either language: the ledger keeps only the words."""
    return tuple(
        (why, re.compile(".*".join(re.escape(part) for part in re.split(r"\{\w+\}", sentences[why]))))
        for sentences in SENTENCES.values()
        for why in VI.reasons
    )
