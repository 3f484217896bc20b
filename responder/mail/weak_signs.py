"""Weak signs of a machine: none of them proves anything ("Auto: cần báo giá" is a customer's subject), some two do.

What weighs is whose words they are: what a program says of itself counts beside any other sign; what a person may
write as well (of a bounce, of a day off) counts only beside that.

Must not know: the other rules (`automatic.py`), who we are, policy, limits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import filterfalse
from typing import Final

from responder.mail.fields import MAX_LOOKED_AT
from responder.mail.message import Message
from responder.mail.quoted import own_subject, own_words
from responder.mail.quoted_lines import CutKind
from responder.mail.sender import Route


class Weight(Enum):
    """What a weak sign counts for."""

    PROGRAM = auto()  # a program says so of itself: enough beside any other sign
    HINT = auto()  # more often a program's than a person's: two of them are enough
    ANYBODY = auto()  # what befalls people and programs alike: enough only beside a program's


@dataclass(frozen=True, slots=True)
class WeakSign:
    """One of them: what was seen, as a short English fact, and what it counts for."""

    seen: str
    weight: Weight


def are_enough(signs: tuple[WeakSign, ...]) -> bool:
    """Do they tell a machine together?"""
    weights = [each.weight for each in signs]
    return (Weight.PROGRAM in weights and len(weights) > 1) or weights.count(Weight.HINT) > 1


def weak_signs(message: Message, route: Route) -> tuple[WeakSign, ...]:
    """All that the mail has. What a form says of itself, in its name and in its text, says nothing of the customer."""
    subject = _folded(own_subject(message.subject[:500]))  # a person may answer our "Automatic reply: …"
    # Own words only: a person may answer our automatic reply, and quote it.
    own = own_words(message.text[:MAX_LOOKED_AT])
    body = _folded(own.text)
    in_subject = tuple(_in_subject(message, subject))
    signs = (*in_subject, *_anywhere(body if in_subject else f"{subject} {body}"))
    if route.form is not None:
        return signs
    footer = _folded(" ".join(cut.text for cut in own.cuts if cut.kind in _FOOTER))
    return (*signs, *_in_text(subject, body), *_note(body, footer), *_of_the_sender(message))


def _in_subject(message: Message, subject: str) -> Iterator[WeakSign]:
    automatic = _first(_SUBJECT_AUTOMATIC, subject)
    bounce = _first(_SUBJECT_BOUNCE, subject)
    behind = "" if automatic or bounce else _behind_subject(message)
    yield from _found("subject", automatic or behind, Weight.PROGRAM)
    if not automatic:
        yield from _found("subject", bounce, Weight.ANYBODY)


def _anywhere(text: str) -> Iterator[WeakSign]:
    yield from _found("challenge", _first(_CHALLENGE, text), Weight.PROGRAM)
    yield from _found("absence", _first(_ABSENCE, text), Weight.ANYBODY)


def _in_text(subject: str, body: str) -> Iterator[WeakSign]:
    """What became of a mail. Beside the subject of a bounce a mail server's words are its own; else they are cited."""
    server = _first(_SERVER, body)
    if server and _SUBJECT_BOUNCE.search(subject):
        yield from _found("text", server, Weight.PROGRAM)
    elif not _AUTOMATIC.search(body):  # who copies a whole notice into their mail has one sign by it
        yield from _found("text", _first(_BOUNCE, body) or server, Weight.ANYBODY)


def _note(body: str, footer: str) -> Iterator[WeakSign]:
    """That it is automatic, and wants no answer. A person's footer may hold one of them, for a gateway's sake."""
    whole = f"{body} {footer}"
    place = whole if _AUTOMATIC.search(whole) and _NO_ANSWER.search(whole) else body
    yield from _found("text", _first(_AUTOMATIC, place), Weight.PROGRAM)
    yield from _found("text", _first(_NO_ANSWER, place), Weight.HINT)


def _of_the_sender(message: Message) -> Iterator[WeakSign]:
    if any(_DAEMON_NAME.fullmatch(_folded(each.name[:200]).strip(" \"'")) for each in message.from_):
        yield WeakSign("the sender's name", Weight.PROGRAM)
    if any(_DUTY.fullmatch(each.local.casefold()) for each in message.from_):
        yield WeakSign("the sender's address", Weight.HINT)
    feedback = message.first("feedback-id")
    if feedback is not None and not _PEOPLES_FEEDBACK.search(feedback.strip()):
        yield WeakSign("Feedback-ID", Weight.HINT)


def _behind_subject(message: Message) -> str:
    """A person's answer says which mail it answers; a program's often does not."""
    is_answer = bool(message.in_reply_to or message.references)
    return "" if is_answer else _first(_SUBJECT_ENDING, _folded(message.subject[:500]))


def _folded(text: str) -> str:
    """Lower case, without Vietnamese marks, white space collapsed."""
    bare = "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFD", text.casefold())))
    return " ".join(bare.replace("đ", "d").split())


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0] if match else ""


def _found(where: str, what: str, weight: Weight) -> Iterator[WeakSign]:
    if what:
        yield WeakSign(f'{where} "{what}"', weight)


_FOOTER: Final = frozenset({CutKind.SIGNATURE, CutKind.DISCLAIMER})


# ---------------------------------------------------------------------------------------------------------------------
# Subjects

# As programs write it: at the beginning and by itself, or before a colon or what they answer. Somebody who asks about
# automatic replies or bounces, or says that they will be out of office next week, writes a sentence.
_START: Final = r"^(?:\[[^]]{1,30}\] ?)?\W{0,5}"  # a gateway may have put "[EXTERNAL]" before it
_SUBJECT_AUTOMATIC = re.compile(
    _START + r"(?:auto(?:matic|mated)?[ -]?(?:reply|response|answer)|autoreply|(?:automatic )?vacation (?:reply|notice)"
    r"|ooo|out of (?:the )?office(?: (?:auto-?reply|reply|message|notice|notification|response|assistant))?"
    r"|(?:thu |email )?(?:tra loi|phan hoi|hoi am) tu dong|(?:thu |email )?tu dong (?:tra loi|phan hoi)"
    r"|automatische antwort|abwesenheit\w{0,20}|reponse automatique|respuesta automatica|risposta automatica"
    r"|resposta automatica|automatisch antwoord|automatyczna odpowiedz|автоответ|автоматическии ответ"
    r"|自动回复|自動回覆|自动答复|自動返信|自動応答)"
    r"(?=\s*(?:$|[]\[:：(.!<-]|re\b|until|from|to\b|bis\b|tu (?:cong ty|he thong)))"
    r"|^away (?:until|from)|^auto: .{1,100} is out of (?:the )?office"
)
_SUBJECT_BOUNCE = re.compile(
    _START + r"(?:(?:warning|error): )?(?:(?:(?:e-?)?mail |message )?(?:undeliver(?:able|ed)(?: (?:e-?)?mail| message)?"
    r"|delivery (?:status )?(?:has )?(?:notification|failure|failed|report|problem|warning|error|delay(?:ed)?)"
    r"|(?:could|was) not (?:be )?(?:sent|delivered)|non[- ]?deliver\w{0,6})"
    r"|(?:(?:e-?)?mail|message) (?:failed|failure|rejected|blocked)|returned mail|failure notice|rejected mail"
    r"|unzustellbar|nicht zugestellt)"
    r"(?: notification| notice| report| returned to sender| for)?(?=\s*(?:$|[]\[:：(,.!<-]))"
    r"|" + _START + r"(?:thong bao |thu )?(?:bao loi|hoan tra thu|loi gui thu|khong gui duoc thu)(?=\s*(?:$|[:：(-]))"
    r"|"
    + _START
    + r"(?:(?:thu|mail|email|tin nhan) )?(?:khong gui duoc|khong the gui|khong chuyen duoc|khong the chuyen"
    r"|gui that bai|bi tra lai|chua gui duoc)(?=\s*[:：])"
    r"|^warning: (?:could not send message|message .{1,80} delayed)|user unknown!?$"
)
# What programs put behind the subject of the mail they answer: it counts on a "Re:", too.
_SUBJECT_ENDING = re.compile(
    r"\((?:auto(?:matic)?[ -]?(?:response|reply)|delivery (?:failed|failure)|undeliverable)\)$"
)

# ---------------------------------------------------------------------------------------------------------------------
# Texts

_MAIL: Final = r"(?:thu|e-?mail|mail|tin nhan)"
_AUTOMATIC = re.compile(
    r"this is an auto(?:matic|mated)|automatically generated|auto-?generated|automatic reply|advisory-only"
    r"|your (?:message|e-?mail) was received (?:at|on) "
    rf"|day la {_MAIL} (?:tra loi |phan hoi |thong bao )?tu dong\b"
    rf"|(?:^|[.!] ){_MAIL} (?:tra loi |phan hoi |thong bao )?tu dong(?=\s*(?:$|[.,;:!()-]|(?:xin|vui long|tu|boi) ))"
    rf"|{_MAIL} nay (?:la thu |duoc (?:he thong )?(?:gui|tao) )tu dong|tu dong (?:tu|boi) he thong"
)
# A person may wish it, too: "xin đừng trả lời thư này, gọi em nhé".
_NO_ANSWER = re.compile(
    r"(?:do not|don't|dont) (?:(?:reply|respond|answer)(?: directly)? to (?:it|this)\b|answer this (?:e-?)?mail)"
    r"|\b(?:khong|dung)(?: duoc| nen)? (?:tra loi|phan hoi|hoi am|reply)(?: lai)?(?: truc tiep)?"
    rf"(?: (?:vao|cho|toi|den|qua))? (?:{_MAIL}|dia chi(?: {_MAIL})?|thong bao)(?: tu dong)? nay"
    r"|\b(?:tu dong\W{1,3}|vui long |xin )(?:khong|dung) (?:tra loi|phan hoi|hoi am|reply)(?=\s*(?:$|[.,;!()]))"
    r"|please do not (?:reply|respond)(?=\s*(?:$|[.,;!()]))|(?:mailbox|inbox|address|account) is (?:not |un)monitored"
)
# Who wants every stranger to prove that they are one answers by machine.
_CHALLENGE = re.compile(
    r"this (?:account|mailbox|e-?mail address) is protected by|have your (?:e-?mail )?address added"
    r"|allowed senders? list|confirm that you (?:sent|are the sender)"
)
# What only mail servers say, and what they return: reply codes (RFC 5321 4.2, RFC 3463), the fields of a delivery
# status (RFC 3464), those of the mail that came back, and phrases of notices that speak to the one who sent it.
_SERVER = re.compile(
    r"\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|#[45]\.\d{1,3}\.\d{1,3}\b"
    r"|\b(?:smtp\b.{0,40}?|server message |(?:said|responded|replied): ?)\b(?:4[25][0-2]|55[0-4])\b"
    r"|\b55[0-4]\W{1,3}(?:no such|user |unknown|mailbox|recipient|invalid|requested|relay)"
    r"|diagnostic-code|final-recipient|original-recipient|reporting-mta|remote-mta|\brcpt to: ?<"
    r"|message-id: ?<|\breceived: (?:from|by) |return-path: ?<|<[^<>@\s]{1,64}@[^<>@\s]{1,250}>:"
    r"|transcript of session|mail(?:er)? delivery (?:software|(?:sub)?system)|mailer-daemon|mail system at "
    r"|(?:(?:your|the following) (?:message|e-?mail|mail)|(?:message|mail)(?: that)? you sent)"
    r"(?: (?:to|with(?: the)? subject)\b.{1,150}?)?"
    r" (?:could not|couldn't|cannot|can't|was not|wasn't|has not|hasn't|did not) (?:be(?:en)? )?(?:deliver|sent|reach)"
    r"|following (?:address|recipient)(?:e?s|\(s\))? (?:could|can|had|has|have|failed|was|were)[^.@]{0,60}@"
    r"|permanent fatal errors?\b|no valid recipients|not a valid user"
    rf"|{_MAIL} (?:cua (?:ban|quy khach)|ban (?:da |vua )?gui)(?: (?:den|toi|cho) [^.]{{1,60}})?"
    r" (?:(?:da )?bi tra lai|(?:khong|chua)(?: the| duoc)? (?:gui|chuyen|giao))"
    rf"|dia chi (?:{_MAIL} )?(?:ma )?ban (?:da )?gui (?:toi|den)|(?:nguoi nhan|dia chi)[^.]{{0,40}} may chu nay"
)
# What a customer may write of a parcel or of a mail.
_BOUNCE = re.compile(
    r"could not be delivered|couldn't be delivered|unable to deliver|wasn't delivered|was not delivered|delivery failed"
    r"|delivery to the following|the following address|following recipient|permanent error"
    r"|user unknown|unknown user|mailbox (?:is )?(?:full|unavailable|not found)|full mailbox|over ?quota|no such user"
    r"|recipient (?:address )?rejected|undeliverable|mail system"
    rf"|khong (?:the|duoc) (?:gui|chuyen) (?:den|toi)|(?:dia chi {_MAIL}|nguoi nhan|hop thu)[^.]{{0,60}} khong ton tai"
    r"|hop thu[^.]{0,60} (?:da|bi) (?:bi )?day\b|vuot (?:qua )?(?:han muc|dung luong)|thu (?:da )?bi tra lai"
)
# A customer may well write this too ("xin vắng mặt buổi họp, em đi công tác"): one sign, wherever and however often.
_ABSENCE = re.compile(
    r"\b(?:i am|i'm|i will be) (?:currently )?(?:out of|away|on (?:annual )?(?:vacation|leave|holiday))"
    r"|limited access to|vang mat|nghi phep|(?:toi|em) (?:dang |se )?di cong tac|khi (?:quay|tro) lai(?: lam viec)?"
    r"|khong kiem tra (?:e-?mail|thu) thuong xuyen|khong co mat (?:tai|o) van phong"
    r"|unable to read your (?:message|e-?mail)"
)

# ---------------------------------------------------------------------------------------------------------------------
# Senders

# Whole names: "Hệ thống Thư viện" and "Postmaster Marketing" are somebody else.
_DAEMON_NAME = re.compile(
    r"(?:(?:internet )?(?:e-?)?mail delivery?(?: (?:(?:sub)?system|service|agent|software|notification|report))?"
    r"|delivery (?:sub)?system|mailer.?daemon|postmaster(?:@\S{1,100})?|(?:e-?)?mail (?:administrator|system|server)"
    r"|system administrator|auto(?:mat(?:ic|ed))?[ -]?(?:reply|response)(?: from .{1,60})?"
    r"|out of office(?: (?:assistant|reply))?|(?:he thong )?(?:thu )?tra loi tu dong"
    r"|(?:he thong|may chu) (?:gui )?(?:thu|e-?mail|mail)(?: (?:dien tu|tu dong|tra loi tu dong))?)"
    r"(?: ?[(<[].{0,80}[])>])?"
)
# What an office calls the address its programs write from; a person may be called Thông Bảo.
_DUTY = re.compile(
    r"thong[-._]?bao|hoa[-._]?don(?:[-._]?dien[-._]?tu)?|e-?invoice|auto[-._]?mail(?:er)?|(?:no|do[-._]?not)[-._]?replies"
    r"|.{1,200}noreply"
)
# Some providers write Feedback-ID (M3AAWG's) on every mail of their people, for whom it then says nothing.
_PEOPLES_FEEDBACK = re.compile(r":(?:proton|fastmail|zohomail)$", re.IGNORECASE)
