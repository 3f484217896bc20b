"""One mail's story for a reader who is no programmer: what came, what would be done with it, why, and in which words.

Told in the policy's language, either from a fresh decision or from what the ledger recorded: both are the same fields
(`policy/report.py`). Knows no server and no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from responder.cli.story_words import LABELS
from responder.mail import compose
from responder.mail.addresses import Address
from responder.mail.compose import Outgoing, Thread, thread_of
from responder.mail.language import Language
from responder.mail.message import Message, parse
from responder.mail.quoted_lines import CutKind
from responder.policy import phrases, report, wording
from responder.policy.decide import Action, ActionKind, Decision, text_language
from responder.policy.model import Delivery, Policy
from responder.policy.wording import clean
from responder.work.digest_words import WORDS

if TYPE_CHECKING:
    from responder.work.pauses import Pause

OBSERVED: Mapping[Language, str] = {
    Language.VI: "Văn phòng đang để `mode: observe`: khách chưa nhận được gì. Dưới đây là việc sẽ làm khi đổi thành "
    "`mode: live`.",
    Language.EN: "The config says `mode: observe`: customers get nothing yet. Below is what would be done with "
    "`mode: live`.",
}

UNPAUSED: Mapping[Language, str] = {  # … after what the digest says of a pause
    Language.VI: "Dưới đây là việc sẽ làm khi không tạm ngừng.",
    Language.EN: "Below is what would be done without the pause.",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the customer would read it."""

    kind: str  # as in the fields: reply, follow_up
    to: str
    subject: str
    text: str
    note: str = ""  # what became of it, where it is on record
    headers: tuple[tuple[str, str], ...] = ()  # those that matter
    is_draft: bool = False  # laid into Drafts for a person to send

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "draft": self.is_draft,
            "to": self.to,
            "subject": self.subject,
            "headers": dict(self.headers),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Story:
    """Everything told about one mail; `fields` are those of `--json`."""

    fields: Mapping[str, Any]
    sender: str
    subject: str
    letters: tuple[Letter, ...] = ()
    words: str = ""  # the customer's own, where they are at hand or on record
    words_gone_at: datetime | None = None  # since when they are not
    cuts: tuple[tuple[CutKind, str], ...] = ()  # what was left out of them, where it is at hand
    notes: tuple[str, ...] = ()  # what must be known beside it: which policy it was

    def as_json(self) -> dict[str, Any]:
        """All that is told, for `--json`."""
        return {
            **self.fields,
            "words": None if self.words_gone_at else self.words,
            "cut": [{"kind": kind.value, "text": text} for kind, text in self.cuts],
            "mails": [letter.as_json() for letter in self.letters],
        }


def of_decision(message: Message, decision: Decision, policy: Policy, sender: Address, *, source: str) -> Story:
    """The story of a fresh decision; `sender` is who we would write as."""
    writer = _Writer(message, decision, policy, sender)
    fields = report.fields(decision, policy, source=source)
    who = decision.reading.route.writer or next(iter(message.from_), None)
    return Story(
        fields=fields,
        sender=by_way(said_address(who), fields, policy.language) if who else "",
        subject=message.subject,
        letters=tuple(writer.letters()),
        words=decision.reading.own.whole,
        cuts=tuple((cut.kind, cut.text) for cut in decision.reading.own.cuts),
    )


def paused(pause: Pause, policy: Policy) -> str:
    """That customers get nothing for now."""
    language, zone = policy.language, policy.calendar().zone
    until = phrases.moment(pause.until.astimezone(zone), language) if pause.until is not None else ""
    return f"{WORDS[language].pause(clean(pause.reason), until)}. {UNPAUSED[language]}"


def by_way(who: str, fields: Mapping[str, Any], language: Language) -> str:
    """Who wrote; of a customer behind a form or a group, by which way."""
    way, labels = fields.get("way"), LABELS[language]  # what was recorded before this was told has none
    if not way:
        return who
    by_form, by_group = labels["by_form"], labels["by_group"]
    return clean((by_form if way["form"] else by_group).format(who=who, **way))


def said_address(address: Address) -> str:
    """`Lan <lan@khach.example>`"""
    return clean(f"{address.name} <{address.address}>" if address.name else address.address)


TELLING = ("From", "To", "Auto-Submitted", "In-Reply-To")


def telling(sent: Message) -> tuple[tuple[str, str], ...]:
    """The headers of a mail of ours that matter to who asks how it goes out."""
    return tuple((name, value) for name in TELLING if (value := sent.first(name)))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Words the letters of a decision, as the daemon does when their time has come."""

    message: Message
    decision: Decision
    policy: Policy
    sender: Address

    def letters(self) -> Iterator[Letter]:
        for action in self.decision.actions:
            if action.kind in (ActionKind.REPLY, ActionKind.FOLLOW_UP) and action.template and action.to:
                yield self._letter(action, action.template, action.to)

    def _letter(self, action: Action, template: str, to: str) -> Letter:
        language = text_language(self.policy, template, self.decision.reading)
        now = action.due.astimezone(self.policy.calendar().zone)
        text = wording.text(
            self.policy,
            template,
            language,
            office_name=self.sender.name,
            subject=self.message.subject,
            arrived=self.decision.arrived,
            now=now,
            is_signed=action.kind is ActionKind.FOLLOW_UP,
        )
        out = Outgoing(self.sender, self._recipient(action, to), "<example@responder>", now)
        sent = parse(self._compose(action)(out, thread_of(self.message), text, language))
        is_draft = action.kind is ActionKind.FOLLOW_UP and self._drafts
        return Letter(action.kind.value, to, sent.subject, text, headers=telling(sent), is_draft=is_draft)

    def _recipient(self, action: Action, to: str) -> Address:
        """A reply goes to the bare address; what a person may send bears the name, too."""
        sender = self.decision.reading.sender
        return Address(sender.name if sender and action.kind is ActionKind.FOLLOW_UP else "", to)

    def _compose(self, action: Action) -> Callable[[Outgoing, Thread, str, Language], bytes]:
        if action.kind is ActionKind.REPLY:
            return compose.reply
        return compose.draft if self._drafts else compose.follow_up

    @property
    def _drafts(self) -> bool:
        return self.policy.follow_up.as_ is Delivery.DRAFT
