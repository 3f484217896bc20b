"""What the office's own people read: the alert, and the notice that replies have stopped.

Plain text, in the policy's language; the facts first, because they are read on
a lock screen. Values in, text out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from responder.config import Account
from responder.mail import echo
from responder.mail.language import Language
from responder.mail.message import Message
from responder.policy import phrases
from responder.policy.decide import ActionKind, Breaker, Decision, Tripped
from responder.policy.meaning import Urgency
from responder.policy.model import Mark, MarkKind
from responder.policy.wording import clean, clean_lines

EXCERPT = 600  # characters of the customer's own words in an alert


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail to staff; `html` only for the digest."""

    subject: str
    text: str
    html: str | None = None


URGENCY: Mapping[Language, Mapping[Urgency, str]] = {
    Language.VI: {Urgency.EMERGENCY: "KHẨN CẤP", Urgency.URGENT: "GẤP", Urgency.NORMAL: "Cần xem"},
    Language.EN: {Urgency.EMERGENCY: "EMERGENCY", Urgency.URGENT: "URGENT", Urgency.NORMAL: "To look at"},
}

ALERT = {
    Language.VI: (
        "Hộp thư {office} vừa nhận một thư cần có người xem ngay.\n\n"
        "Người gửi: {sender}\nTiêu đề: {subject}\nThư đến: {arrived}\n\n{words}\n\n"
        "Lý do báo tin:\n{reasons}\n\n"
        "Thư gốc nằm trong {place}, xin trả lời khách từ đó.\n"
        "Xin trả lời tin báo này (chỉ một chữ cũng được) để xác nhận đã biết; máy sẽ không nhắc nữa.\n"
        "Thư trả lời ấy không đến tay khách.\n"
    ),
    Language.EN: (
        "The mailbox {office} has received a message that a person should see now.\n\n"
        "From: {sender}\nSubject: {subject}\nArrived: {arrived}\n\n{words}\n\n"
        "Why you are told:\n{reasons}\n\n"
        "The message is in {place}. Please answer the customer there.\n"
        "A reply to this notice, be it one word, says that you know, and ends the reminders. It does not reach the\n"
        "customer.\n"
    ),
}

PLACE: Mapping[Language, tuple[str, str]] = {  # left in the inbox; moved, unless that folder is missing
    Language.VI: ("hộp thư đến", "thư mục “{folder}” (nếu không thấy ở đó thì còn trong hộp thư đến)"),
    Language.EN: ("the inbox", "the folder “{folder}” (if it is not there, still in the inbox)"),
}

BREAKER: Mapping[Language, Mapping[Breaker, tuple[str, str]]] = {
    Language.VI: {
        Breaker.ACCOUNT: (
            "[{office}] Đã ngừng trả lời tự động",
            "Hộp thư {office} đã gửi đủ số thư trả lời tự động cho phép ({limit}).\n"
            "Nguyên nhân có thể là thư rác gửi hàng loạt, hoặc hai máy tự động trả lời lẫn nhau.\n\n"
            "Khách sẽ không nhận thêm thư trả lời tự động cho đến khi số thư giảm xuống dưới giới hạn.\n"
            "Thư đến vẫn được xử lý như thường lệ và được nêu trong báo cáo hằng ngày.\n",
        ),
        Breaker.OFFICE: (
            "[{office}] Đã ngừng trả lời tự động ở tất cả các hộp thư",
            "Tất cả các hộp thư cộng lại đã gửi đủ số thư trả lời tự động cho phép ({limit}).\n"
            "Nguyên nhân có thể là thư rác gửi hàng loạt, hoặc hai máy tự động trả lời lẫn nhau.\n\n"
            "Khách sẽ không nhận thêm thư trả lời tự động cho đến khi số thư giảm xuống dưới giới hạn.\n"
            "Thư đến vẫn được xử lý như thường lệ và được nêu trong báo cáo hằng ngày.\n",
        ),
        Breaker.ALERTS: (
            "[{office}] Đã ngừng báo tin khẩn",
            "Hộp thư {office} đã gửi đủ số thư báo tin cho phép ({limit}).\n"
            "Có thể còn thư khẩn cấp khác: xin xem các thư được gắn cờ trong hộp thư đến.\n",
        ),
    },
    Language.EN: {
        Breaker.ACCOUNT: (
            "[{office}] Automatic replies have stopped",
            "The mailbox {office} has reached its limit of automatic replies ({limit}).\n"
            "A flood of junk may be behind it, or two machines answering each other.\n\n"
            "Until the number goes down, customers get no further automatic replies.\n"
            "Mail is still triaged and listed in the daily digest.\n",
        ),
        Breaker.OFFICE: (
            "[{office}] Automatic replies have stopped in all mailboxes",
            "All mailboxes together have reached the office's limit of automatic replies ({limit}).\n"
            "A flood of junk may be behind it, or two machines answering each other.\n\n"
            "Until the number goes down, customers get no further automatic replies.\n"
            "Mail is still triaged and listed in the daily digest.\n",
        ),
        Breaker.ALERTS: (
            "[{office}] Alerts have stopped",
            "The mailbox {office} has reached its limit of alerts ({limit}).\n"
            "There may be more emergencies: please look at the flagged mails in the inbox.\n",
        ),
    },
}

UNREACHABLE: Mapping[Language, tuple[str, str]] = {
    Language.VI: (
        "[{office}] Không đọc được hộp thư {address}",
        "Từ {last} đến nay, chương trình không đọc được hộp thư {address}.\n"
        "Thư khách gửi đến trong lúc này chưa được xem và chưa được trả lời; việc khẩn cấp cũng chưa được báo.\n\n"
        "Trước mắt, xin mở hộp thư xem có thư nào gấp không. Sau đó nhờ người quản trị máy chạy lệnh:\n"
        "    responder status\n\n"
        "Chương trình vẫn tự thử lại. Khi đọc được hộp thư, tin báo này tự hết hiệu lực.\n",
    ),
    Language.EN: (
        "[{office}] The mailbox {address} cannot be read",
        "Since {last} the program has not been able to read the mailbox {address}.\n"
        "Mail that has come since then was not seen and not answered, and nobody was told of emergencies.\n\n"
        "First, please open the mailbox and look for anything urgent. Then ask the administrator to run:\n"
        "    responder status\n\n"
        "The program keeps trying by itself. Once the mailbox can be read again, this alarm is over.\n",
    ),
}

CALLS: Mapping[Language, str] = {  # below what is no customer's mail
    Language.VI: "Các cuộc gọi báo tin, nếu có, dừng lại khi có người xác nhận bằng lệnh: responder ack\n",
    Language.EN: "Calls about this, if there are any, end when somebody acknowledges it with: responder ack\n",
}


def alert(language: Language, office: str, message: Message, decision: Decision) -> Notice:
    """Somebody should look now: who writes, what, and why it was judged so."""
    who, subject = sender(message, decision), clean(message.subject)
    text = ALERT[language].format(
        office=office,
        sender=who,
        subject=subject,
        arrived=phrases.moment(decision.arrived, language),
        words=_quoted(echo.clipped(clean_lines(decision.reading.own.text), EXCERPT)),
        reasons="\n".join(f"- {reason}" for reason in decision.reasons),
        place=_place(language, decision),
    )
    return Notice(f"[{URGENCY[language][decision.reading.urgency]}] {subject} — {who}", text)


def _quoted(words: str) -> str:
    """So that nobody can write what looks like words of ours."""
    return "\n".join(f"> {line}".rstrip() for line in words.splitlines())


def sender(message: Message, decision: Decision) -> str:
    """`Name <address>` in one safe line, of the customer behind a form or group too; `?` where nobody is named."""
    first = decision.reading.route.writer or next(iter(message.from_), None)
    if first is None:
        return "?"
    return clean(f"{first.name} <{first.address}>" if first.name else first.address)


def _place(language: Language, decision: Decision) -> str:
    """Where the message lies by the time the alert is read."""
    marks = (Mark.parse(action.template) for action in decision.of(ActionKind.MARK) if action.template)
    folder = next((mark.name for mark in marks if mark.kind is MarkKind.FOLDER), None)
    inbox, moved = PLACE[language]
    return inbox if folder is None else moved.format(folder=folder)


def breaker(language: Language, office: str, tripped: Tripped) -> Notice:
    """Replies or alerts have stopped: a limit of the mailbox or the office is reached."""
    subject, text = BREAKER[language][tripped.breaker]
    said = text.format(office=office, limit=phrases.rate(tripped.limit, language))
    return Notice(subject.format(office=office), f"{said}\n{CALLS[language]}")


def unreachable(language: Language, account: Account, last: datetime) -> Notice:
    """A mailbox has not been read for an hour of working time; `last`: when it was, by the office's clock."""
    subject, text = UNREACHABLE[language]
    values = {"office": account.name, "address": account.address, "last": phrases.moment(last, language)}
    return Notice(subject.format(**values), f"{text.format(**values)}\n{CALLS[language]}")
