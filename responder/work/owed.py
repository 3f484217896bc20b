"""A decision → the mails it leads to, each with its final Message-ID and bytes.

Replies and alerts are worded now; a follow-up is worded when the office opens
(holidays and "last night" change with time). Knows no server.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from responder.mail import compose
from responder.mail.compose import Outgoing, Thread
from responder.mail.message import Address, Message
from responder.policy import wording
from responder.policy.decide import Action, ActionKind, Breaker, Decision, Urgency, text_language
from responder.policy.model import Delivery, Rate
from responder.store.records import CopyState, NewMail, OutboxKind, OutboxState, Place, Transport
from responder.work import notices
from responder.work.desk import Desk


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
        for action in self._decision.actions:
            match action.kind:
                case ActionKind.REPLY:
                    yield self._reply(action)
                case ActionKind.FOLLOW_UP:
                    yield self._follow_up(action)
                case ActionKind.ALERT:
                    yield self._alert(action)
                case ActionKind.MARK | ActionKind.PROMISE:
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
            envelope_from=desk.reply_sender,
            message_id=message_id,
            content=compose.reply(out, thread_of(self._message), text, language),
            text=text,
            due_at=action.due,
            not_after=action.not_after,
            copy=desk.copy_state,
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
        )

    def _alert(self, action: Action) -> NewMail:
        role = action.to or ""
        notice = notices.alert(self._desk.policy.language, self._desk.settings.name, self._message, self._decision)
        return to_staff(
            self._desk,
            OutboxKind.ALERT,
            role,
            notice,
            self._message_id(OutboxKind.ALERT, role),
            self._now,
            template=Urgency(self._decision.reading.urgency).value,
        )

    def _message_id(self, kind: OutboxKind, *more: str) -> str:
        place = self._place
        its_own = (self._message.message_id or "", self._decision.arrived.isoformat())  # a UID may be given out again
        facts = (place.account, place.folder, place.uidvalidity, place.uid, *its_own, kind.value, *more)
        return compose.message_id(self._desk.secret, self._desk.domain, *facts)


def to_staff(
    desk: Desk, kind: OutboxKind, role: str, notice: notices.Notice, message_id: str, now: datetime, *, template: str
) -> NewMail:
    """A mail to one of our own people."""
    recipient = desk.person(role)
    language = desk.policy.language
    out = Outgoing(desk.address, recipient, message_id, desk.local(now))
    return NewMail(
        kind=kind,
        transport=Transport.SMTP,
        state=OutboxState.DUE,
        account=desk.name,
        recipient=recipient.key,
        template=template,
        language=language.value,
        envelope_from=desk.settings.address,
        message_id=message_id,
        content=compose.notice(out, notice.subject, notice.text, language, notice.html),
        text=notice.text,
        due_at=now,
    )


def breaker_alert(desk: Desk, breaker: Breaker, limit: Rate, now: datetime) -> NewMail:
    """The manager is told that too many automatic mails were about to go out."""
    role = desk.policy.digest.to[0]
    notice = notices.breaker(desk.policy.language, desk.settings.name, breaker, limit)
    message_id = compose.message_id(desk.secret, desk.domain, desk.name, "breaker", breaker.value, now.isoformat())
    return to_staff(desk, OutboxKind.ALERT, role, notice, message_id, now, template="breaker")


def thread_of(message: Message) -> Thread:
    """What a reply needs of the message it answers (RFC 5322 3.6.4)."""
    references = message.references or message.in_reply_to
    return Thread(message.message_id, references, message.subject)


def _named(action: Action) -> tuple[str, Address]:
    if action.template is None or action.to is None:
        raise ValueError(f"a {action.kind.value} needs a text and a recipient")
    return action.template, Address("", action.to)
