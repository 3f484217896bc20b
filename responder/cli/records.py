"""What is on record about a mail, as a story; and a mail that waits, worded as it would be when its time comes.

Reads the store; changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from responder.cli.files import Office
from responder.cli.story import Letter, Story, by_way, telling
from responder.cli.then import then
from responder.config import Account
from responder.errors import Trouble, TroubleKind
from responder.mail.language import Language
from responder.mail.message import parse
from responder.policy import wording
from responder.policy.model import Policy
from responder.policy.wording import clean
from responder.store.records import MessageRow, MessageState, OutboxKind, OutboxRow, OutboxState
from responder.store.store import Store

GONE = {
    Language.VI: "(nội dung không còn được lưu: `keep_text`)",
    Language.EN: "(its text is not kept any more: `keep_text`)",
}


def story_of(store: Store, office: Office, number: int) -> tuple[Story, Policy]:
    """The story of one mail in the ledger, and the policy whose language tells it. Raises `Trouble`."""
    row = store.message(number)
    if row is None:
        raise Trouble(
            TroubleKind.STATE, f"ledger {number}", "there is no such mail", "`responder ledger` lists their numbers"
        )
    known = then(store, office, row)
    told = story_of_row(store, row, known.policy, office.config.accounts.get(row.place.account))
    return replace(told, fields={**told.fields, **known.fields}, notes=known.notes), known.policy


def story_of_row(store: Store, row: MessageRow, policy: Policy, settings: Account | None) -> Story:
    """As `story_of`, for a row at hand. Raises `Trouble` for a mail that was set aside."""
    if row.state is MessageState.QUARANTINED:
        reason = (row.error or "").strip().rpartition("\n")[2] or "its traceback is not kept any more"
        raise Trouble(
            TroubleKind.QUARANTINE,
            f"ledger {row.id}",
            f"this mail was set aside ({reason})",
            "look at it in the mailbox; if it broke the program, report the defect",
        )
    letters = (letter_of(mail, row, policy, settings) for mail in store.mails_of(row.id) if mail.kind.to_customer)
    who = f"{row.sender_name} <{row.sender}>" if row.sender_name else row.sender
    return Story(
        dict(row.decision),
        by_way(clean(who), row.decision, policy.language),
        row.subject,
        tuple(letter for letter in letters if letter),
        row.own_words,
        row.words_gone_at,
    )


def letter_of(mail: OutboxRow, row: MessageRow, policy: Policy, settings: Account | None) -> Letter | None:
    """A mail to a customer; one that is not worded yet, as it would be at its time. None if that cannot be told."""
    state = f"{mail.state.value}{f' ({mail.reason})' if mail.reason else ''}"
    if mail.content is not None:
        sent = parse(mail.content)
        return Letter(mail.kind.value, mail.recipient, sent.subject, mail.text, state, telling(sent))
    if is_gone(mail):
        return Letter(mail.kind.value, mail.recipient, clean(row.subject), GONE[policy.language], state)
    text = preview(mail, row, policy, settings, mail.due_at)
    return Letter(mail.kind.value, mail.recipient, f"Re: {clean(row.subject)}", text, state) if text else None


def is_gone(mail: OutboxRow) -> bool:
    """Its text was taken off the record; only a follow-up may lack one from the start."""
    was_worded = mail.kind is not OutboxKind.FOLLOW_UP or mail.state in (OutboxState.SENT, OutboxState.DRAFTED)
    return mail.content is None and was_worded


def preview(mail: OutboxRow, row: MessageRow, policy: Policy, settings: Account | None, at: datetime) -> str:
    """The text of a follow-up, which is worded when it is due; empty where the policy has lost it."""
    language = Language(mail.language)
    if language not in policy.texts.get(mail.template, {}):
        return ""
    return wording.text(
        policy,
        mail.template,
        language,
        office_name=settings.name if settings else "",
        subject=row.subject,
        arrived=row.arrived_at,
        now=at,
        is_signed=True,
    )
