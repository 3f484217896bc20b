"""The whole way of one mail through the pure core, as the daemon takes it: read, decided, and what would be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from responder import learned
from responder.mail import bounce, compose
from responder.mail.addresses import Address
from responder.mail.compose import Outgoing, thread_of
from responder.mail.language import Language
from responder.mail.message import Message, parse
from responder.policy import report, wording
from responder.policy.decide import Past, Reading, decide, read
from responder.store.records import NewMail, Place
from responder.work import notices
from responder.work.owed import Owed
from tests.fakes import INBOX, OURS, desk, policy

NIGHT = datetime(2026, 11, 17, 22, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))  # the office is closed
NOBODY = Address("Khách", "khach@banhang.example")
# Whatever the policy allows by name is one more way for a mail to be taken for a customer's.
_ALLOWED = "{lists: [nhom@congty.example], forms: [form@congty.example], reply_to: ['*@khac.example'], bcc: yes}"
_POLICY = policy(("\nallow:", f"\nallow: {_ALLOWED}"))
_OURS = replace(OURS, authserv_ids=frozenset({"mx.congty.example"}))
_DESK = replace(desk(_POLICY), ours=_OURS)


@dataclass(frozen=True, slots=True)
class Way:
    """What became of a mail; `letter` is a reply to it as it would look, whether or not one is owed."""

    message: Message
    reading: Reading
    mails: tuple[NewMail, ...]
    letter: bytes


def half_way(raw: bytes) -> tuple[Message, Reading]:
    """Parse, veto, read; and is it one of ours that comes back?"""
    message = parse(raw)
    bounce.find(message)
    return message, read(message, _POLICY, _OURS, arrived=NIGHT, judge=learned.judge())


def whole_way(raw: bytes) -> Way:
    """Read and decide one mail that came at night. Raises nothing, or there is a defect."""
    message, reading = half_way(raw)
    decision = decide(message, reading, Past(), _POLICY, arrived=NIGHT, now=NIGHT)
    report.fields(decision, _POLICY, source="info/1")
    owed = Owed(_DESK, Place("info", INBOX, 1, 1), message, decision, NIGHT)
    mails = tuple(owed.mails())
    owed.alarm()
    notices.alert(Language.VI, "Công ty", message, decision)
    return Way(message, reading, mails, _letter(message, reading))


def _letter(message: Message, reading: Reading) -> bytes:
    text = wording.text(
        _POLICY,
        "out_of_hours",
        reading.language,
        office_name="Công ty",
        subject=message.subject,
        arrived=NIGHT,
        now=NIGHT,
    )
    out = Outgoing(_DESK.address, reading.sender or NOBODY, "<responder.0@congty.example>", NIGHT)
    return compose.reply(out, thread_of(message), text, reading.language)
