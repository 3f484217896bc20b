"""What the office's own people are told: one mail, or an alarm, which is a mail and whatever makes a telephone ring.

Values in, rows for the outbox out. Knows no server: the mails leave with the outbox, the rest with `wakes.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from responder.mail import compose, own_ids
from responder.mail.compose import Outgoing
from responder.people import Person, Wake
from responder.store.records import AlarmKind, NewAlarm, NewMail, OutboxKind, OutboxState, Transport
from responder.work.desk import Desk
from responder.work.notices import Notice


@dataclass(frozen=True, slots=True)
class Matter:
    """What an alarm is about, the same for everybody who is told."""

    kind: AlarmKind
    notice: Notice
    template: str  # how the ledger calls the mail
    key: tuple[str | int, ...]  # what makes its Message-IDs its own
    is_emergency: bool = False  # it comes through a person's quiet hours
    facts: Mapping[str, str] = field(default_factory=dict)  # of the customer's mail


def to_staff(
    desk: Desk, kind: OutboxKind, role: str, notice: Notice, message_id: str, now: datetime, *, template: str
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


def alarm(desk: Desk, matter: Matter, roles: Iterable[str], now: datetime) -> NewAlarm:
    """Everything that goes out for one matter; somebody with two roles is told once in each way."""
    told: dict[tuple[str, Transport], NewMail] = {}
    for role in roles:
        for mail in _to_one(desk, matter, role, now):
            told.setdefault((desk.person(role).key, mail.transport), mail)
    return NewAlarm(desk.name, matter.kind, matter.notice.subject, tuple(told.values()))


def _to_one(desk: Desk, matter: Matter, role: str, now: datetime) -> Iterator[NewMail]:
    """The mail first; it is the record of what the telephone rang for."""
    person = desk.people[role]
    message_id = _message_id(desk, matter, role)
    mail = to_staff(desk, OutboxKind.ALERT, role, matter.notice, message_id, now, template=matter.template)
    mail = replace(mail, due_at=now if matter.is_emergency else after_quiet(desk, person, now))
    yield mail
    for way in _ways(person.wake):
        its_id = _message_id(desk, matter, role, way.value)
        yield replace(mail, transport=way, recipient=role, message_id=its_id, content=_told(desk, matter))


def after_quiet(desk: Desk, person: Person, at: datetime) -> datetime:
    """The same time, or the end of the person's quiet hours that it falls into."""
    return person.quiet_until(desk.local(at)) or at


def _ways(wake: Wake | None) -> Iterator[Transport]:
    if wake is not None and wake.command:
        yield Transport.COMMAND
    if wake is not None and wake.webhook is not None:
        yield Transport.WEBHOOK


def _message_id(desk: Desk, matter: Matter, *more: str) -> str:
    return own_ids.make(desk.secret, desk.domain, *matter.key, *more)


def _told(desk: Desk, matter: Matter) -> bytes:
    """What a program or a webhook is told, but for what changes from call to call: `people.WAKE_FACTS`."""
    of_no_mail = {"urgency": "", "sender": "", "subject": "", "arrived": ""}
    told = {
        "kind": matter.kind.value,
        "office": desk.settings.name,
        "account": desk.name,
        "headline": matter.notice.subject,
        "text": matter.notice.text,
        **of_no_mail,
        **matter.facts,
    }
    return json.dumps(told, ensure_ascii=False).encode()
