"""What is on record about a mail, as a story; and a mail that waits, worded as it would be when its time comes.

Reads the store; changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from responder.cli.files import Office
from responder.cli.story import Letter, Story, by_way, telling
from responder.cli.then import then
from responder.config import Account
from responder.errors import Trouble, TroubleKind
from responder.mail.language import Language
from responder.mail.message import parse
from responder.policy import phrases
from responder.policy.model import Policy
from responder.policy.wording import WordingError, clean
from responder.store.records import MessageRow, MessageState, OutboxKind, OutboxRow, OutboxState, Transport
from responder.store.store import Store
from responder.work.follow_ups import worded

GONE = {
    Language.VI: "(nội dung không còn được lưu: `keep_text`)",
    Language.EN: "(its text is not kept any more: `keep_text`)",
}
UNWORDED = {
    Language.VI: "(chưa viết được thư này: {why})",
    Language.EN: "(it cannot be worded: {why})",
}
WAITS = {
    Language.VI: "chờ đến {at}; khi ấy mới viết, theo quy định khi ấy (dưới đây: theo quy định hôm nay)",
    Language.EN: "waits until {at}; it is worded only then, by the policy of then (here: by today's)",
}
STATES: Mapping[Language, Mapping[OutboxState, str]] = {
    Language.VI: {
        OutboxState.WAITING: "đang chờ",
        OutboxState.DUE: "sắp gửi",
        OutboxState.SENDING: "đang gửi",
        OutboxState.SENT: "đã gửi",
        OutboxState.DRAFTED: "đã đặt vào hộp Thư nháp",
        OutboxState.FAILED: "không gửi được",
        OutboxState.UNCERTAIN: "không rõ đã gửi được hay chưa; không gửi lại",
        OutboxState.CLOSED: "không rõ đã gửi được hay chưa; đã có người xem lại",
        OutboxState.BOUNCED: "đã gửi, nhưng bị trả lại",
        OutboxState.DROPPED: "không gửi nữa vì đã muộn",
        OutboxState.CANCELLED: "đã hủy, không gửi",
        OutboxState.WITHHELD: "không gửi: lúc ấy chương trình chỉ quan sát, hoặc đang tạm dừng",
    },
    Language.EN: {
        OutboxState.WAITING: "waits",
        OutboxState.DUE: "is about to be sent",
        OutboxState.SENDING: "is being sent",
        OutboxState.SENT: "was sent",
        OutboxState.DRAFTED: "was laid into Drafts",
        OutboxState.FAILED: "could not be sent",
        OutboxState.UNCERTAIN: "may or may not have been sent; is not sent again",
        OutboxState.CLOSED: "may or may not have been sent; somebody has looked into it",
        OutboxState.BOUNCED: "was sent, and came back",
        OutboxState.DROPPED: "was not sent: it was too late",
        OutboxState.CANCELLED: "was cancelled, not sent",
        OutboxState.WITHHELD: "was not sent: the program only observed, or was paused",
    },
}


def story_of(store: Store, office: Office, number: int) -> tuple[Story, Policy]:
    """The story of one mail in the ledger, and the policy whose language tells it. Raises `Trouble`."""
    row = store.message(number)
    if row is None:
        raise Trouble(
            TroubleKind.STATE, f"ledger {number}", "there is no such mail", "`responder ledger` lists their numbers"
        )
    known = then(store, office, row)
    account = row.place.account
    told = story_of_row(store, row, known.policy, office.config.accounts.get(account), todays=office.policy_of(account))
    return replace(told, fields={**told.fields, **known.fields}, notes=known.notes), known.policy


def story_of_row(
    store: Store, row: MessageRow, policy: Policy, settings: Account | None, *, todays: Policy | None = None
) -> Story:
    """As `story_of`, for a row at hand; `todays`: the policy in force now, if it is another one.

    Raises `Trouble` for a mail that was set aside.
    """
    if row.state is MessageState.QUARANTINED:
        reason = (row.error or "").strip().rpartition("\n")[2] or "its traceback is not kept any more"
        raise Trouble(
            TroubleKind.QUARANTINE,
            f"ledger {row.id}",
            f"this mail was set aside ({reason})",
            "look at it in the mailbox; if it broke the program, report the defect",
        )
    mails = [mail for mail in store.mails_of(row.id) if mail.kind.to_customer]
    letters = (letter_of(mail, row, policy.language, todays or policy, settings) for mail in mails)
    who = f"{row.sender_name} <{row.sender}>" if row.sender_name else row.sender
    return Story(
        dict(row.decision),
        by_way(clean(who), row.decision, policy.language),
        row.subject,
        tuple(letters),
        row.own_words,
        row.words_gone_at,
    )


def letter_of(mail: OutboxRow, row: MessageRow, language: Language, policy: Policy, settings: Account | None) -> Letter:
    """A mail to a customer, told in that language; one that is not worded yet, as the policy in force would word it."""
    state = _state(mail, language)
    if mail.content is not None:
        return _letter(mail, mail.content, mail.text, state)
    if is_gone(mail):
        return _untold(mail, row, GONE[language], state)
    opening = policy.calendar().next_open(mail.due_at) or mail.due_at  # today's policy may be closed by then
    if mail.state is OutboxState.WAITING:
        at = phrases.moment(opening.astimezone(policy.calendar().zone), language)
        state = WAITS[language].format(at=at)
    try:
        return _letter(mail, *preview(mail, row, policy, settings, opening), state)
    except WordingError as error:
        return _untold(mail, row, UNWORDED[language].format(why=error), state)


def _state(mail: OutboxRow, language: Language) -> str:
    said = STATES[language][mail.state]
    return f"{said} ({mail.reason})" if mail.reason else said


def _letter(mail: OutboxRow, content: bytes, text: str, state: str) -> Letter:
    sent = parse(content)
    is_draft = mail.transport is Transport.DRAFT
    return Letter(mail.kind.value, mail.recipient, sent.subject, text, state, telling(sent), is_draft=is_draft)


def _untold(mail: OutboxRow, row: MessageRow, why: str, state: str) -> Letter:
    is_draft = mail.transport is Transport.DRAFT
    return Letter(mail.kind.value, mail.recipient, f"Re: {clean(row.subject)}", why, state, is_draft=is_draft)


def is_gone(mail: OutboxRow) -> bool:
    """Its text was taken off the record; only a follow-up may lack one from the start."""
    was_worded = mail.kind is not OutboxKind.FOLLOW_UP or mail.state in (OutboxState.SENT, OutboxState.DRAFTED)
    return mail.content is None and was_worded


def preview(
    mail: OutboxRow, row: MessageRow, policy: Policy, settings: Account | None, at: datetime
) -> tuple[bytes, str]:
    """A follow-up and its text as the daemon would word it at that time. Raises `WordingError`."""
    if settings is None:
        raise WordingError(f"the config has no account `{row.place.account}` any more")
    return worded(policy, settings, mail, row, at)
