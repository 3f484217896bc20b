"""What the demo promises, checked against what customers, staff and the mailbox have got in the end.

Each promise is a sentence and a test. Prints nothing; knows no server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from responder.demo import letters
from responder.demo.days import EVENTS, LETTERS, Opens
from responder.demo.letters import MANAGER, ON_CALL, Letter
from responder.demo.servers import Delivered
from responder.store.records import Ledger, MessageState, OutboxKind

PHONE = "0900 000 000"
NOT_ANSWERED = (letters.BOUNCE, letters.NEWSLETTER, letters.NGOC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything there is after the last day."""

    delivered: tuple[Delivered, ...]
    drafts: tuple[EmailMessage, ...]
    inbox: tuple[tuple[bytes, ...], ...]  # the flags of every mail
    ledger: Ledger

    def replies(self) -> list[Delivered]:
        return [one for one in self.delivered if one.mail["Auto-Submitted"] == "auto-replied"]

    def to(self, address: str) -> list[EmailMessage]:
        return [one.mail for one in self.delivered if one.recipient == address]

    def drafts_to(self, letter: Letter) -> list[EmailMessage]:
        return [mail for mail in self.drafts if letter.address in str(mail["To"])]


def _recorded(seen: Outcome) -> bool:
    rows = seen.ledger.messages
    return len(rows) == len(LETTERS) and all(row.state is MessageState.DECIDED for row in rows)


def _replied(seen: Outcome) -> bool:
    """The right mails, each once, each with the words its case calls for."""
    owed = sorted((letter.address, letter.reply) for letter in LETTERS if letter.reply)
    sent = sorted((row.recipient, row.template) for row in seen.ledger.mails if row.kind is OutboxKind.REPLY)
    answered = sorted(str(one.mail["In-Reply-To"]) for one in seen.replies())
    return sent == owed and answered == sorted(letter.message_id for letter in LETTERS if letter.reply)


def _once(seen: Outcome) -> bool:
    return len({one.recipient for one in seen.replies()}) == len(seen.replies())


def _says_it_is_automatic(seen: Outcome) -> bool:
    return all(one.envelope_from == "" for one in seen.replies())


def _silent(seen: Outcome) -> bool:
    return not any(seen.to(letter.address) or seen.drafts_to(letter) for letter in NOT_ANSWERED)


def _woken(seen: Outcome) -> bool:
    replies = seen.to(letters.DUNG.address)
    return len(seen.to(ON_CALL)) == 1 and len(replies) == 1 and PHONE in replies[0].as_string()


def _complaint(seen: Outcome) -> bool:
    return any(letters.TUAN.subject in str(mail["Subject"]) for mail in seen.to(MANAGER))


def _drafted(seen: Outcome) -> bool:
    owed = (letters.LAN, letters.PETER, letters.HUNG, letters.DUNG, letters.EMILY)
    return len(seen.drafts) == len(owed) and all(len(seen.drafts_to(letter)) == 1 for letter in owed)


def _cancelled(seen: Outcome) -> bool:
    return not seen.drafts_to(letters.THAO)


def _untouched(seen: Outcome) -> bool:
    return len(seen.inbox) == 1 + len(LETTERS) and all(rb"\Seen" not in flags for flags in seen.inbox)


def _old(seen: Outcome) -> bool:
    return not seen.to(letters.OLD.address) and not seen.drafts_to(letters.OLD)


def digests(seen: Outcome) -> list[EmailMessage]:
    """The daily reports, oldest first."""
    return [mail for mail in seen.to(MANAGER) if mail.get_content_type() == "multipart/alternative"]


def _reported(seen: Outcome) -> bool:
    return len(digests(seen)) == sum(isinstance(event, Opens) for event in EVENTS)


PROMISES: tuple[tuple[str, Callable[[Outcome], bool]], ...] = (
    ("12 mails came in, and all 12 are on record with what was decided and why", _recorded),
    ("5 customers got an automatic reply, each in the words their mail called for", _replied),
    ("nobody got a second one in the same night", _once),
    ("the replies say that they are automatic, and go out so that no machine answers back", _says_it_is_automatic),
    ("the bounce, the newsletter and the mere thank-you were left alone", _silent),
    ("the emergency on a Tết night woke the person on call; the customer was told the phone number", _woken),
    ("the complaint was in the manager's hands at once", _complaint),
    ("5 drafts waited at opening, one for each customer nobody had answered yet", _drafted),
    ("where a person was quicker, there was no draft", _cancelled),
    ("no mail was moved, deleted or marked as read", _untouched),
    ("the mail from before the first day was left alone", _old),
    ("a digest on each of the 3 mornings the office opened, and none in between", _reported),
)  # fmt: skip
