"""(message, past, policy, now) → Decision: what is owed to whom, and why.

The one place that says whether anything is owed, now. Pure: the same code
serves the daemon, `explain` and `replay`. Who is a machine is decided in
`mail/automatic.py`; here only the verdict is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, Self

from responder.mail import automatic, language, quoted
from responder.mail.addresses import Address
from responder.mail.automatic import Filed, Sign, Veto
from responder.mail.domains import is_public_provider, organisation
from responder.mail.echo import clipped, one_line
from responder.mail.language import Language
from responder.mail.message import Message
from responder.mail.ours import Ours
from responder.mail.quoted import OwnWords
from responder.mail.sender import NO_ROUTE, Route, answer_to, route_of, unused_reply_to
from responder.policy import judged
from responder.policy.calendar import Calendar, Closure, NoWorkingTime, Period
from responder.policy.meaning import By, Judging, Meaning, Urgency, meaning_in
from responder.policy.model import (
    NOTHING_USED,
    Delivery,
    Mark,
    MarkKind,
    Office,
    Play,
    Policy,
    Rate,
    Used,
    reached,
)
from responder.policy.phrases import CAUTION, REFUSED, WHERE, Reason, Speaker, closed
from responder.policy.trials import Facts, Trial, tried
from responder.policy.usage import Limit, Usage, of_rates, of_sender
from responder.policy.wording import language_for
from responder.words.standing import Scene, scenes

SEEN_BEFORE = "seen_before"
SUREST = 0.99  # that a guess is said to be
EVEN = 0.5  # what counts though it is less likely needs a word
AHEAD = timedelta(hours=24)  # a Date header this far after the arrival: a wrong clock, or a lie
BEHIND = timedelta(days=7)  # … before it: moved here from elsewhere, or hung in a queue; too late for an answer


class ActionKind(StrEnum):
    REPLY = "reply"
    FOLLOW_UP = "follow_up"
    ALERT = "alert"
    MARK = "mark"
    PROMISE = "promise"


READ: Final = frozenset({ActionKind.REPLY, ActionKind.FOLLOW_UP, ActionKind.ALERT})  # a person gets something to read


class Breaker(StrEnum):
    """A limit that stops more than one sender's mail, and of which the manager is told."""

    ACCOUNT = "account"  # automatic replies of one mailbox
    OFFICE = "office"  # … of all mailboxes
    ALERTS = "alerts"


@dataclass(frozen=True, slots=True)
class Tripped:
    """A breaker that a message has met, and the rate that is used up."""

    breaker: Breaker
    limit: Rate


@dataclass(frozen=True, slots=True)
class Action:
    """One thing owed. `to` is a customer's address, or a role of the office for an alert."""

    kind: ActionKind
    template: str | None
    to: str | None
    due: datetime
    not_after: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """It would not go out any more."""
        return self.not_after is not None and self.not_after <= now


@dataclass(frozen=True, slots=True)
class PastReply:
    """An automatic reply the sender has had, and the text it was made of (RFC 5230 4.2: the response identity)."""

    at: datetime
    template: str


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered of the sender, the thread and the last hour. Empty for a bare file."""

    known: bool = False
    replies: tuple[PastReply, ...] = ()
    answered_at: datetime | None = None
    bounced_at: datetime | None = None  # a mail of ours to the sender came back
    thread: Used = NOTHING_USED  # automatic replies in this conversation …
    domain: Used = NOTHING_USED  # … to the sender's crowd (`Reading.crowd`)
    followed_up: Used = NOTHING_USED  # people of that crowd to whom a follow-up is owed
    account: Used = NOTHING_USED  # … of this mailbox
    office: Used = NOTHING_USED  # … of all mailboxes
    alerts: Used = NOTHING_USED
    about_alarm: bool = False  # it stands in the thread of an alert of ours
    seen_before: bool = False  # it was moved away and back, or is older than our watch over this mailbox
    is_our_own: bool = False  # we sent a mail of that Message-ID
    is_on_record: bool = True  # no: a bare file, of which nothing is known


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says, before anything is decided: from its bytes, its arrival and what the policy looks for.

    `sender` is the address that can be trusted to be the sender's, the one we would write to. `also` are the further
    signs beside the veto; `excused` those that the policy allows by name, on the way the mail came.
    """

    veto: Veto | None
    sender: Address | None
    own: OwnWords
    language: Language
    meaning: Meaning
    comes_back: bool = False  # our own mail, or a machine's answer to it
    by_one_of_us: bool = False  # a person of the office wrote it
    also: tuple[Veto, ...] = ()
    excused: tuple[Veto, ...] = ()
    route: Route = NO_ROUTE
    unused_reply_to: Address | None = None  # asked for, but it may be somebody else's

    @property
    def thanks_only(self) -> bool:
        return self.meaning.thanks_only

    @property
    def urgency(self) -> Urgency:
        return self.meaning.urgency

    @property
    def crowd(self) -> str:
        """Whose replies the limit of a domain counts together: the sender's organisation, or all who used a form."""
        if self.route.form is not None:
            return self.route.form.key
        return organisation(self.sender.domain) if self.sender is not None else ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is owed for one message, with the reasons in the policy's language."""

    arrived: datetime
    office: Office
    closure: Closure | None
    next_open: datetime | None
    reading: Reading
    plays: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    reasons: tuple[str, ...] = ()
    discreet_reasons: tuple[str, ...] = ()  # the same without the customer's words
    why: tuple[Reason, ...] = ()  # of which kind each of them is
    tripped: Tripped | None = None
    seen_before: bool = False
    acknowledges: bool = False  # one of us answers an alert with it
    trials: tuple[Trial, ...] = ()  # every play of the policy, in its order
    usage: tuple[Usage, ...] = ()  # of each limit, before this message

    @property
    def play(self) -> str | None:
        """The first play that fits, the one that names the case."""
        return self.plays[0] if self.plays else None

    def of(self, kind: ActionKind) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.kind is kind)


@dataclass(frozen=True, slots=True)
class Said:
    """The sender's own words, taken apart: what every policy finds alike."""

    own: OwnWords
    parts: tuple[Scene, Scene]  # subject and words

    @classmethod
    def of(cls, message: Message) -> Self:
        own = quoted.own_words(message.text, message.subject)
        return cls(own, scenes(own.subject, own.whole))


def read(
    message: Message,
    policy: Policy,
    ours: Ours,
    filed: Filed = Filed.ORDINARY,
    *,
    arrived: datetime,
    judge: Judging | None = None,
    said: Said | None = None,
) -> Reading:
    """Read one message: veto, trusted sender, own words, language, what it means.

    The policy adds to `ours` what it names. `arrived` is aware; `judge` is asked only where the policy wants it; `said`
    is given by who reads the same message for several policies.
    """
    ours = replace(ours, never_answer=policy.never_answer, allowed=policy.allow.by_name())
    signs = tuple(automatic.vetoes(message, ours, filed))
    said = said or Said.of(message)
    own = said.own
    return Reading(
        veto=signs[0] if signs else None,
        sender=answer_to(message, ours),
        own=own,
        language=language.detect(quoted.bare_subject(message.subject), own.text, policy.language),
        meaning=meaning_in(said.parts, policy, arrived, judge),
        comes_back=automatic.comes_back(message, ours),
        by_one_of_us=automatic.by_one_of_us(message, ours),
        also=signs[1:],
        excused=automatic.excused(message, ours, filed),
        route=route_of(message, ours),
        unused_reply_to=unused_reply_to(message, ours),
    )


def decide(
    message: Message, reading: Reading, past: Past, policy: Policy, *, arrived: datetime, now: datetime
) -> Decision:
    """Decide what one message is owed; `arrived` and `now` are aware. Pure."""
    return _Case(message, _known_again(message, reading, past), past, policy, arrived, now).decision()


def _known_again(message: Message, reading: Reading, past: Past) -> Reading:
    """Our own mail under an id that only the outbox knows: made by an earlier version, or with another secret."""
    if not past.is_our_own:
        return reading
    found = (*filter(None, [reading.veto]), *reading.also)
    if any(each.signal is Sign.OWN_MESSAGE_ID for each in found):
        return reading
    own = automatic.own_message_id(message.message_id or "")
    return replace(reading, veto=own, also=found, comes_back=True, by_one_of_us=False)


class _Cap(NamedTuple):
    """A limit that is reached."""

    reason: Reason
    rate: Rate
    breaker: Breaker | None


@dataclass
class _Case:
    """One message on its way to a decision: the reasons are collected in the order they are found."""

    message: Message
    reading: Reading
    past: Past
    policy: Policy
    arrived: datetime
    now: datetime
    reasons: list[str] = field(default_factory=list)
    discreet: list[str] = field(default_factory=list)
    why: list[Reason] = field(default_factory=list)
    tripped: Tripped | None = None
    trials: tuple[Trial, ...] = ()

    def __post_init__(self) -> None:
        self.calendar: Calendar = self.policy.calendar()
        self.speaker = Speaker(self.policy.language, self.calendar)
        self.arrived = self.arrived.astimezone(self.calendar.zone)
        self.now = self.now.astimezone(UTC)  # two times of one zone compare by the wall clock, which a fold repeats
        self.period: Period | None = self.calendar.closed_period(self.arrived)
        self.office = Office.OPEN if self.period is None else Office.CLOSED
        self.next_open = self.calendar.next_open(max(self.arrived, self.now))

    @property
    def acknowledges(self) -> bool:
        return self.past.about_alarm and self.reading.by_one_of_us

    def because(self, reason: Reason, **values: object) -> None:
        said = self.speaker.because(reason, **values)
        if said not in self.reasons:  # who writes a word twice says it once
            self.reasons.append(said)
            self.why.append(reason)
            unquoted = _UNQUOTED.get(reason)
            self.discreet.append(self.speaker.because(reason, **{**values, **unquoted}) if unquoted else said)

    def decision(self) -> Decision:
        closure = self.calendar.why_closed(self.arrived)
        self._say_time(closure)
        self._say_way()
        self._say_signals()
        facts = self._facts()
        self.trials = tuple(tried(play, facts) for play in self.policy.plays)
        plays = [play for play, trial in zip(self.policy.plays, self.trials, strict=True) if trial.fits]
        for play in plays:
            self.because(Reason.PLAY, play=play.name)
        actions = self._owed(plays)
        return Decision(
            arrived=self.arrived,
            office=self.office,
            closure=closure,
            next_open=self.next_open,
            reading=self.reading,
            plays=tuple(play.name for play in plays),
            actions=tuple(actions),
            reasons=tuple(self.reasons),
            discreet_reasons=tuple(self.discreet),
            why=tuple(self.why),
            tripped=self.tripped,
            seen_before=self.past.seen_before,
            acknowledges=self.acknowledges,
            trials=self.trials,
            usage=tuple(self._usage()),
        )

    def _owed(self, plays: list[Play]) -> list[Action]:
        if self.past.seen_before:
            self.because(Reason.SEEN_BEFORE)
            return []
        actions = [*self._to_sender(plays), *self._to_office(plays)]
        return actions + self._promise(plays, actions)

    def _say_time(self, closure: Closure | None) -> None:
        if closure is None:
            self.because(Reason.OPEN, at=self.arrived)
        elif self.next_open is None:
            self.because(Reason.NO_OPENING)
        else:
            why = closed(closure, self.policy.language)
            self.because(Reason.CLOSED, at=self.arrived, why=why, next_open=self.next_open)

    def _say_way(self) -> None:
        """By which way it came that the policy allows by name, and what would have silenced us without that."""
        route = self.reading.route
        if route.group:
            self.because(Reason.GROUP, group=route.group)
        if route.form is not None and route.writer is not None:
            self.because(Reason.FORM, form=route.form.address, customer=route.writer.address)
        for each in self.reading.excused:
            self.because(Reason.EXCUSED, detail=each.detail, signal=each.signal)

    def _say_signals(self) -> None:
        where, refused = WHERE[self.policy.language], REFUSED[self.policy.language]
        for hit in self.reading.meaning.evidence.found.hits:
            self.because(Reason.SIGNAL, word=_as_written(hit.text), signal=hit.signal, where=where[hit.where])
        for miss in self.reading.meaning.evidence.found.misses:
            by = refused[miss.why].format(by=_as_written(miss.by))
            self.because(Reason.SIGNAL_REFUSED, word=_as_written(miss.hit.text), signal=miss.hit.signal, by=by)
        self._say_deadline()
        self._say_learned()

    def _say_deadline(self) -> None:
        meaning = self.reading.meaning
        deadline = meaning.deadline
        if deadline is None:
            return
        where = WHERE[self.policy.language][deadline.where]
        self.because(Reason.DEADLINE, at=deadline.at, text=deadline.text, where=where)
        if self.office is Office.CLOSED and self.next_open is not None and deadline.at <= self.next_open:
            self.because(Reason.DEADLINE_BEFORE_OPENING)
        for name, by in meaning.shown.items():
            bound = self.policy.signals[name].deadline if by is By.DEADLINE else None
            if bound is not None:
                self.because(Reason.SIGNAL_BY_DEADLINE, signal=name, bound=bound)

    def _say_learned(self) -> None:
        meaning = self.reading.meaning
        judgement = meaning.evidence.judgement
        if judgement is None:
            return
        for label in (each for each in judgement.told if meaning.shown.get(each) is By.LEARNED):
            why = "; ".join(judged.reasons(judgement, label, meaning.evidence.heard, self.policy.language))
            chance = min(judgement.probabilities[label], SUREST)
            caution = CAUTION[self.policy.language] if chance < EVEN else ""
            why = f": {why}" if why else ""
            self.because(Reason.LEARNED, signal=label.value, chance=f"{chance:.0%}", caution=caution, why=why)

    # --- which plays fit ---------------------------------------------------------------------------------------

    def _facts(self) -> Facts:
        return Facts(
            office=self.office,
            meaning=self.reading.meaning,
            writers=(*self.message.from_, *filter(None, [self.reading.route.writer])),
            recipients=(*self.message.to, *self.message.cc),
            is_known=self.past.known,
            arrived=self.arrived,
            calendar=self.calendar,
        )

    # --- what goes to the sender -------------------------------------------------------------------------------

    def _to_sender(self, plays: list[Play]) -> list[Action]:
        """At most one reply now and one follow-up later, from the first plays that ask for them.

        What is sent comes from a play that fits beyond doubt; a draft, which a person reads first, from any.
        """
        beyond_doubt = {trial.play for trial in self.trials if trial.is_sure}
        sure = [play for play in plays if play.name in beyond_doubt]
        if not self._may_write(plays, sure):
            return []
        self._say_doubt(plays, sure)
        sender = self.reading.sender
        if sender is None:
            return []
        is_draft = self.policy.follow_up.as_ is Delivery.DRAFT  # a person decides
        follow_ups = plays if is_draft else sure
        if self._came_back() or self._is_dated_ahead():
            return list(self._follow_up(follow_ups, sender)) if is_draft else []
        if self.reading.unused_reply_to is not None:
            self.because(Reason.UNUSED_REPLY_TO, reply_to=self.reading.unused_reply_to.address, to=sender.address)
        return [*self._reply(sure, sender), *self._follow_up(follow_ups, sender)]

    def _say_doubt(self, plays: list[Play], sure: list[Play]) -> None:
        """Which play would have chosen what is sent, were it beyond doubt."""
        first = next((play for play in plays if play.do.silence or play.do.reply is not None), None)
        if first is not None and first not in sure:
            self.because(Reason.DOUBTFUL, play=first.name)

    def _came_back(self) -> bool:
        if self.past.bounced_at is None:
            return False
        self.because(Reason.BOUNCED, at=self.past.bounced_at)
        return True

    def _may_write(self, plays: list[Play], sure: list[Play]) -> bool:
        veto = self.reading.veto
        silent = next((play for play in sure if play.do.silence), None)
        if veto is not None:
            self.because(Reason.VETO, detail=veto.detail, signal=veto.signal)
        elif not plays:
            self.because(Reason.NO_PLAY)
        elif self.reading.thanks_only:
            self.because(Reason.THANKS_ONLY)
        elif self.past.answered_at is not None and self.past.answered_at >= self.arrived.astimezone(UTC):
            self.because(Reason.ANSWERED, at=self.past.answered_at)
        elif silent is not None:
            self.because(Reason.SILENCED, play=silent.name)
        else:
            return not self._is_dated_long_ago()
        return False

    def _is_dated_long_ago(self) -> bool:
        """A mailbox that was moved here, a server that hung: such mail comes in heaps, so there is no draft either."""
        date = self.message.date
        if date is None or self.arrived - date <= BEHIND:
            return False
        self.because(Reason.DATE_BEHIND, at=date)
        return True

    def _is_dated_ahead(self) -> bool:
        """The clock of a customer, or of a robot, is wrong."""
        date = self.message.date
        if date is None or date - self.arrived <= AHEAD:
            return False
        self.because(Reason.DATE_AHEAD, at=date)
        return True

    def _reply(self, plays: list[Play], sender: Address) -> Iterator[Action]:
        play = next((play for play in plays if play.do.reply is not None), None)
        if play is None or play.do.reply is None:
            self.because(Reason.NO_REPLY_IN_PLAY)
            return
        if self._is_held_back(play):
            return
        self.because(Reason.REPLY, template=play.do.reply)
        yield Action(ActionKind.REPLY, play.do.reply, sender.address, self.now, self._true_until(play))

    def _over_at(self) -> datetime | None:
        """When the open or closed time the message arrived in is over."""
        return self.period.end if self.period else self.calendar.next_close(self.arrived)

    def _true_until(self, play: Play) -> datetime | None:
        """A reply that went out later would not be true; shortly before the opening it would mislead."""
        over = self._over_at()
        if over is None or self.period is None or play.phone_matters:
            return over
        return over.astimezone(UTC) - self.policy.opening_soon

    def _is_held_back(self, play: Play) -> bool:
        """The reasons not to reply now, most telling first; the first one found is said."""
        return (
            self._is_stale()
            or self._was_answered()
            or self._opens_soon(play)
            or self._had_reply(play)
            or self._is_capped()
        )

    def _is_stale(self) -> bool:
        """After an outage: the open or closed time the message arrived in must not be over."""
        over = self._over_at()
        is_over = over is not None and self.now >= over
        if is_over:
            self.because(Reason.STALE)
        return is_over

    def _was_answered(self) -> bool:
        at = self.past.answered_at
        recently = at is not None and self.now - at < self.policy.quiet_after_answer
        if recently:
            self.because(Reason.ANSWERED, at=at)
        return recently

    def _opens_soon(self, play: Play) -> bool:
        """They would read "next workday" as tomorrow."""
        if self.office is Office.OPEN or self.next_open is None:
            return False
        if self.next_open - self.now >= self.policy.opening_soon:
            return False
        if play.phone_matters:
            self.because(Reason.PHONE_MATTERS)
            return False
        self.because(Reason.OPENING_SOON, within=self.policy.opening_soon)
        return True

    def _had_reply(self, play: Play) -> bool:
        """Once per closed period and `again_after`; an emergency reply may follow a general one, once."""
        again_after = self.policy.limits.again_after
        recent = [past for past in self.past.replies if self._counts(past.at, again_after)]
        if not recent:
            return False
        emergencies = {play.do.reply for play in self.policy.plays if Urgency.EMERGENCY.value in play.when.signal}
        if play.do.reply in emergencies and all(past.template not in emergencies for past in recent):
            self.because(Reason.EMERGENCY_AFTER_GENERAL)
            return False
        last = max(past.at for past in recent)
        if self.period is not None and last >= self.period.start:
            self.because(Reason.HAD_REPLY, at=last)
        else:
            self.because(Reason.AGAIN_AFTER, within=again_after)
        return True

    def _counts(self, at: datetime, again_after: timedelta) -> bool:
        in_period = self.period is not None and at >= self.period.start
        return in_period or self.now - at < again_after

    def _is_capped(self) -> bool:
        """Floods of replies stop here, whatever sent the mail; the narrowest limit is said."""
        cap = self._cap()
        if cap is None:
            return False
        self.because(cap.reason, limit=cap.rate)
        self.tripped = Tripped(cap.breaker, cap.rate) if cap.breaker is not None else None
        return True

    def _usage(self) -> Iterator[Usage]:
        """How far each limit was used up before this message."""
        limits, past = self.policy.limits, self.past
        counted = [each for each in past.replies if self._counts(each.at, limits.again_after)]
        found = [
            of_sender(limits, len(counted)),
            *of_rates(Limit.PER_THREAD, limits.per_thread, past.thread),
            *of_rates(Limit.PER_DOMAIN, limits.per_domain, _of_crowd(self.reading, past.domain)),
            *of_rates(Limit.ACCOUNT, limits.account, past.account),
            *of_rates(Limit.OFFICE, limits.office, past.office),
            *of_rates(Limit.ALERTS, limits.alerts, past.alerts),
        ]
        yield from (each if past.is_on_record else replace(each, used=None) for each in found)

    def _cap(self) -> _Cap | None:
        limits, past = self.policy.limits, self.past
        for reason, limit, used, breaker in (
            (Reason.THREAD_CAP, limits.per_thread, past.thread, None),
            (Reason.DOMAIN_CAP, limits.per_domain, _of_crowd(self.reading, past.domain), None),
            (Reason.ACCOUNT_CAP, limits.account, past.account, Breaker.ACCOUNT),
            (Reason.OFFICE_CAP, limits.office, past.office, Breaker.OFFICE),
        ):
            rate = reached(limit, used)
            if rate is not None:
                return _Cap(reason, rate, breaker)
        return None

    def _follow_up(self, plays: list[Play], sender: Address) -> Iterator[Action]:
        play = next((play for play in plays if play.do.follow_up is not None), None)
        if play is None or self.next_open is None:
            return
        limit = self._follow_up_limit()
        if limit is not None:
            self.because(Reason.FOLLOW_UP_CAP, limit=limit)
            return
        due = self.next_open
        if self.policy.follow_up.after:
            due = self._working_after(due, self.policy.follow_up.after)
        self.because(Reason.FOLLOW_UP, at=due)
        yield Action(ActionKind.FOLLOW_UP, play.do.follow_up, sender.address, due)

    def _follow_up_limit(self) -> Rate | None:
        """What is sent by itself stops where replies do; drafts wait for a person, and stop only for a crowd."""
        crowd = reached(self.policy.limits.per_domain, _of_crowd(self.reading, self.past.followed_up))
        cap = None if self.policy.follow_up.as_ is Delivery.DRAFT else self._cap()
        return cap.rate if crowd is None and cap is not None else crowd

    def _working_after(self, start: datetime, amount: timedelta) -> datetime:
        try:
            return self.calendar.add_working(start, amount)
        except NoWorkingTime:
            return start + amount

    # --- what goes to the office -------------------------------------------------------------------------------

    def _to_office(self, plays: list[Play]) -> list[Action]:
        """Alerts and marks of all plays that fit, each once. A veto does not silence them."""
        roles = self._alerted(plays)
        for role in roles:
            self.because(Reason.ALERT, to=role)
        return [
            *(Action(ActionKind.ALERT, None, role, self.now) for role in roles),
            *(Action(ActionKind.MARK, str(mark), None, self.now) for mark in _marks(plays)),
        ]

    def _alerted(self, plays: list[Play]) -> tuple[str, ...]:
        """The roles to tell; nobody about our own mail coming back, which would go on for ever, nor in a flood."""
        roles = tuple(dict.fromkeys(role for play in plays for role in play.do.alert))
        if not roles or self.reading.comes_back or self.acknowledges:
            return ()
        rate = reached(self.policy.limits.alerts, self.past.alerts)
        if rate is not None:
            self.because(Reason.ALERT_CAP, limit=rate)
            self.tripped = Tripped(Breaker.ALERTS, rate)
            return ()
        return roles

    def _promise(self, plays: list[Play], actions: list[Action]) -> list[Action]:
        """Answered by a person within n working hours, or on the day a reply has named, if that comes first."""
        amount = next((play.do.promise for play in plays if play.do.promise is not None), self.policy.promise)
        if amount is None or self.reading.veto is not None or self.reading.thanks_only:
            return []
        try:
            due = self.calendar.add_working(self.arrived, amount)
        except NoWorkingTime:
            return []
        if any(action.kind is ActionKind.REPLY for action in actions) and self.next_open is not None:
            named = self.calendar.end_of_workday(self.next_open.date())
            due = min(due, named) if named is not None else due
        self.because(Reason.PROMISE, at=due)
        return [Action(ActionKind.PROMISE, None, None, due)]


def _of_crowd(reading: Reading, used: Used) -> Used:
    """At a public provider everybody has their address: there a domain is no unit; a contact form is one."""
    is_one = reading.route.form is not None or not is_public_provider(reading.crowd)
    return used if is_one else NOTHING_USED


def _marks(plays: list[Play]) -> tuple[Mark, ...]:
    """All marks, each once; of several folders the first, because a mail lies in one place."""
    marks = dict.fromkeys(mark for play in plays for mark in play.do.mark)
    folder = next((mark for mark in marks if mark.kind is MarkKind.FOLDER), None)
    return tuple(mark for mark in marks if mark.kind is not MarkKind.FOLDER or mark == folder)


def text_language(policy: Policy, template: str, reading: Reading) -> Language:
    """The language a text goes out in: the sender's, where the policy has it."""
    return language_for(policy, template, reading.language)


def _as_written(text: str) -> str:
    """Words of a mail as a reason repeats them."""
    return clipped(one_line(text), _MOST_REPEATED)


_MOST_REPEATED = 80  # characters
_UNQUOTED: Mapping[Reason, Mapping[str, str]] = {  # what stands for the customer's words where they are not to be kept
    Reason.SIGNAL: {"word": "…"},
    Reason.SIGNAL_REFUSED: {"word": "…", "by": "…"},
    Reason.DEADLINE: {"text": "…"},
    Reason.LEARNED: {"why": ""},
}
