"""A decision → the mails it leads to, each with its final Message-ID and bytes.

Replies and alerts are worded now; a follow-up is worded when the office opens
(holidays and "last night" change with time). Knows no server.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from responder.mail import compose, own_ids
from responder.mail.addresses import Address
from responder.mail.compose import Outgoing, thread_of
from responder.mail.message import Message
from responder.policy import phrases, wording
from responder.policy.decide import Action, ActionKind, Breaker, Decision, Tripped, text_language
from responder.policy.meaning import Urgency
from responder.policy.model import Delivery
from responder.policy.wording import clean
from responder.store.records import (
    AlarmKind,
    CopyState,
    NewAlarm,
    NewMail,
    OutboxKind,
    OutboxState,
    Place,
    Transport,
)
from responder.work import notices, staff
from responder.work.desk import Desk

BREAKERS = {
    Breaker.ACCOUNT: AlarmKind.ACCOUNT_HELD,
    Breaker.OFFICE: AlarmKind.BREAKER,
    Breaker.ALERTS: AlarmKind.ALERTS_HELD,
}


class Owed:
    """Everything one decided message leads to."""

    def __init__(self, desk: Desk, place: Place, message: Message, decision: Decision, now: datetime) -> None:
        self._desk = desk
        self._place = place
        self._message = message
        self._decision = decision
        self._now = now

    @property
    def marks(self) -> tuple[str, ...]:
        return tuple(action.template for action in self._decision.of(ActionKind.MARK) if action.template)

    @property
    def promise_at(self) -> datetime | None:
        promises = self._decision.of(ActionKind.PROMISE)
        return promises[0].due if promises else None

    def mails(self) -> Iterator[NewMail]:
        """What goes to the customer."""
        for action in self._decision.actions:
            match action.kind:
                case ActionKind.REPLY:
                    yield self._reply(action)
                case ActionKind.FOLLOW_UP:
                    yield self._follow_up(action)
                case ActionKind.ALERT | ActionKind.MARK | ActionKind.PROMISE:
                    pass

    def _reply(self, action: Action) -> NewMail:
        template, recipient = _named(action)
        desk, decision = self._desk, self._decision
        language = text_language(desk.policy, template, decision.reading)
        text = wording.text(
            desk.policy,
            template,
            language,
            office_name=desk.settings.name,
            subject=self._message.subject,
            arrived=decision.arrived,
            now=self._now,
        )
        message_id = self._message_id(OutboxKind.REPLY)
        out = Outgoing(desk.address, recipient, message_id, desk.local(self._now))
        return NewMail(
            kind=OutboxKind.REPLY,
            transport=Transport.SMTP,
            state=OutboxState.DUE if desk.writes_to_customers else OutboxState.WITHHELD,
            account=desk.name,
            recipient=recipient.key,
            template=template,
            language=language.value,
            envelope_from="",  # RFC 3834 3.3; the outbox knows whether the server takes it
            message_id=message_id,
            content=compose.reply(out, thread_of(self._message), text, language),
            text=text,
            due_at=action.due,
            not_after=action.not_after,
            copy=desk.copy_state,
            crowd=decision.reading.crowd,
        )

    def _follow_up(self, action: Action) -> NewMail:
        template, recipient = _named(action)
        desk = self._desk
        sent = desk.policy.follow_up.as_ is Delivery.SEND
        return NewMail(
            kind=OutboxKind.FOLLOW_UP,
            transport=Transport.SMTP if sent else Transport.DRAFT,
            state=OutboxState.WAITING if desk.follows_up else OutboxState.WITHHELD,
            account=desk.name,
            recipient=recipient.key,
            template=template,
            language=text_language(desk.policy, template, self._decision.reading).value,
            envelope_from=desk.settings.address,
            message_id=self._message_id(OutboxKind.FOLLOW_UP),
            content=None,
            text="",
            due_at=action.due,
            copy=desk.copy_state if sent else CopyState.NONE,
            crowd=self._decision.reading.crowd,
        )

    def alarm(self) -> NewAlarm | None:
        """Who is told at once; None if nobody need be."""
        roles = [action.to or "" for action in self._decision.of(ActionKind.ALERT)]
        if not roles:
            return None
        desk, reading = self._desk, self._decision.reading
        notice = notices.alert(desk.policy.language, desk.settings.name, self._message, self._decision)
        matter = staff.Matter(
            AlarmKind.MESSAGE,
            notice,
            template=reading.urgency.value,
            key=(*self._facts, OutboxKind.ALERT.value),
            is_emergency=reading.urgency is Urgency.EMERGENCY,
            facts={
                "urgency": reading.urgency.value,
                "sender": notices.sender(self._message, self._decision),
                "subject": clean(self._message.subject),
                "arrived": phrases.moment(self._decision.arrived, desk.policy.language),
            },
        )
        return staff.alarm(desk, matter, roles, self._now)

    def _message_id(self, kind: OutboxKind) -> str:
        return own_ids.make(self._desk.secret, self._desk.domain, *self._facts, kind.value)

    @property
    def _facts(self) -> tuple[str | int, ...]:
        """What no other message has, also when a UID is given out again."""
        place = self._place
        its_own = (self._message.message_id or "", self._decision.arrived.isoformat())
        return (place.account, place.folder, place.uidvalidity, place.uid, *its_own)


def breaker_alarm(desk: Desk, tripped: Tripped, now: datetime) -> NewAlarm:
    """The manager is told that too many automatic mails were about to go out."""
    matter = staff.Matter(
        BREAKERS[tripped.breaker],
        notices.breaker(desk.policy.language, desk.settings.name, tripped),
        template="breaker",
        key=(desk.name, "breaker", tripped.breaker.value, now.isoformat()),
    )
    return staff.alarm(desk, matter, desk.policy.digest.to, now)


def _named(action: Action) -> tuple[str, Address]:
    if action.template is None or action.to is None:
        raise ValueError(f"a {action.kind.value} needs a text and a recipient")
    return action.template, Address("", action.to)
