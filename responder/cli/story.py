"""One mail's story for a reader who is no programmer: what came, what would be done with it, why, and in which words.

Told in the policy's language, either from a fresh decision or from what the ledger recorded: both are the same fields
(`policy/report.py`). Knows no server and no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import click

from responder.cli.show import RULE
from responder.mail import compose
from responder.mail.addresses import Address
from responder.mail.compose import Outgoing, Thread
from responder.mail.language import Language
from responder.mail.message import Message, parse
from responder.policy import facts, phrases, report, wording
from responder.policy.decide import Action, ActionKind, Decision, text_language
from responder.policy.model import Delivery, Policy
from responder.policy.wording import clean, clean_lines


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the customer would read it."""

    kind: str  # as in the fields: reply, follow_up
    to: str
    subject: str
    text: str
    note: str = ""  # what became of it, where it is on record


@dataclass(frozen=True, slots=True)
class Story:
    """Everything told about one mail; `fields` are those of `--json`."""

    fields: Mapping[str, Any]
    sender: str
    subject: str
    letters: tuple[Letter, ...] = ()
    words: str = ""  # the customer's own, where they are on record
    words_gone_at: datetime | None = None  # since when they are not


def of_decision(message: Message, decision: Decision, policy: Policy, sender: Address, *, source: str) -> Story:
    """The story of a fresh decision; `sender` is who we would write as."""
    writer = _Writer(message, decision, policy, sender)
    fields = report.fields(decision, policy, source=source)
    who = decision.reading.route.writer or next(iter(message.from_), None)
    return Story(
        fields=fields,
        sender=by_way(said_address(who), fields, policy.language) if who else "",
        subject=clean(message.subject),
        letters=tuple(writer.letters()),
    )


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
        out = Outgoing(self.sender, Address("", to), "<example@responder>", now)
        thread = Thread(self.message.message_id, self.message.references, self.message.subject)
        content = self._compose(action)(out, thread, text, language)
        return Letter(action.kind.value, to, parse(content).subject, text)

    def _compose(self, action: Action) -> Callable[[Outgoing, Thread, str, Language], bytes]:
        if action.kind is ActionKind.REPLY:
            return compose.reply
        return compose.draft if self.policy.follow_up.as_ is Delivery.DRAFT else compose.follow_up


# ---------------------------------------------------------------- telling it

LABELS: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {
        "from": "Người gửi",
        "subject": "Tiêu đề",
        "received": "Thư đến",
        "urgency": "Mức độ",
        "situations": "Việc gì",
        "play": "Tình huống",
        "veto": "Không trả lời",
        "also": "Dấu hiệu khác",
        "nobody": "(không rõ)",
        "by_form": "{who}, qua biểu mẫu liên hệ {form}",
        "by_group": "{who}, qua địa chỉ nhóm {group}",
        "no_subject": "(không có tiêu đề)",
        "open": "{at}, trong giờ làm việc",
        "closed": "{at}, ngoài giờ ({why})",
        "next_open": "Mở cửa lại",
        "why": "Vì sao",
        "words": "Khách viết",
        "words_gone": "không còn được lưu từ {at} (`keep_text`)",
        "what": "Việc sẽ làm",
        "nothing": "không làm gì",
        "text": "{kind}, gửi {to}",
        "text_subject": "Tiêu đề: {subject}",
    },
    Language.EN: {
        "from": "From",
        "subject": "Subject",
        "received": "Arrived",
        "urgency": "Urgency",
        "situations": "About",
        "play": "Play",
        "veto": "No answer",
        "also": "Also",
        "nobody": "(unknown)",
        "by_form": "{who}, by the contact form {form}",
        "by_group": "{who}, through the group {group}",
        "no_subject": "(no subject)",
        "open": "{at}, during office hours",
        "closed": "{at}, out of hours ({why})",
        "next_open": "Opens again",
        "why": "Why",
        "words": "The customer's words",
        "words_gone": "not kept since {at} (`keep_text`)",
        "what": "What is done",
        "nothing": "nothing",
        "text": "{kind}, to {to}",
        "text_subject": "Subject: {subject}",
    },
}
URGENCY: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {"normal": "bình thường", "urgent": "cần gấp", "emergency": "KHẨN CẤP"},
    Language.EN: {"normal": "normal", "urgent": "urgent", "emergency": "EMERGENCY"},
}
LETTERS: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {"reply": "Trả lời tự động", "follow_up": "Thư của ngày làm việc tiếp theo"},
    Language.EN: {"reply": "Automatic reply", "follow_up": "Next-workday reply"},
}
ACTIONS: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {
        "reply": "trả lời {to} ngay bằng mẫu “{template}”",
        "follow_up": "thư cho {to} bằng mẫu “{template}”, {due}",
        "alert": "báo ngay cho {to}",
        "mark": "đánh dấu thư ({template})",
        "promise": "có người trả lời trước {due}",
    },
    Language.EN: {
        "reply": "answer {to} at once with the text “{template}”",
        "follow_up": "write to {to} with the text “{template}”, {due}",
        "alert": "tell {to} at once",
        "mark": "mark the message ({template})",
        "promise": "a person answers by {due}",
    },
}


def tell(story: Story, policy: Policy) -> None:
    """Print the story in the policy's language."""
    for line in lines(story, policy.language, policy.calendar().zone):
        click.echo(line)


def lines(story: Story, language: Language, zone: tzinfo) -> Iterator[str]:
    """The story, line by line."""
    labels = LABELS[language]
    head = [(labels[name], value) for name, value in _head(story, language, zone)]
    width = max(len(label) for label, _ in head)
    yield click.style(str(story.fields["source"]), bold=True)
    for label, value in head:
        yield f"  {label:<{width}}  {value}"
    yield from _words(story, language, zone)
    yield from _list(labels["why"], story.fields["reasons"])
    actions = [_action(action, language, zone) for action in story.fields["actions"]]
    yield from _list(labels["what"], actions or [labels["nothing"]])
    for letter in story.letters:
        yield ""
        kind = LETTERS[language].get(letter.kind, letter.kind)
        note = f" — {letter.note}" if letter.note else ""
        yield click.style(f"  {labels['text'].format(kind=kind, to=letter.to)}{note}", bold=True)
        yield RULE
        yield labels["text_subject"].format(subject=letter.subject)
        yield ""
        yield letter.text
        yield RULE
    yield ""


def _head(story: Story, language: Language, zone: tzinfo) -> Iterator[tuple[str, str]]:
    labels, fields = LABELS[language], story.fields
    yield "from", story.sender or labels["nobody"]
    yield "subject", story.subject or labels["no_subject"]
    at = _moment(fields["received"], language, zone)
    yield "received", labels[fields["office"]].format(at=at, why=fields["why_closed"])
    if fields["next_open"] and fields["office"] == "closed":
        yield "next_open", _moment(fields["next_open"], language, zone)
    yield "urgency", URGENCY[language].get(fields["urgency"], fields["urgency"])
    if fields["situations"]:
        yield "situations", ", ".join(fields["situations"])
    if fields["veto"]:
        yield "veto", _sign(fields["veto"], language)
    if fields.get("also"):  # what was recorded before this was told has none
        yield "also", "; ".join(_sign(each, language) for each in fields["also"])
    if fields["play"]:
        yield "play", fields["play"]


def _sign(veto: Mapping[str, Any], language: Language) -> str:
    return f"{facts.said(veto['detail'], language)} ({veto['signal']})"


def _words(story: Story, language: Language, zone: tzinfo) -> Iterator[str]:
    """What the customer wrote, or since when that is off the record; nothing about a mail that is at hand."""
    labels, said = LABELS[language], clean_lines(story.words).strip()
    if story.words_gone_at is not None:
        said = labels["words_gone"].format(at=phrases.moment(story.words_gone_at.astimezone(zone), language))
    if said:
        yield ""
        yield click.style(f"  {labels['words']}", bold=True)
        yield from (f"  │ {line}" for line in said.splitlines())


def _action(action: Mapping[str, Any], language: Language, zone: tzinfo) -> str:
    sentence = ACTIONS[language].get(action["kind"], action["kind"])
    due = _moment(action["due"], language, zone)
    is_mark = action["kind"] == ActionKind.MARK
    template = phrases.mark(action["template"], language) if is_mark else action["template"]
    return str(sentence).format(to=action["to"], template=template, due=due)


def _list(title: str, items: list[str]) -> Iterator[str]:
    yield ""
    yield click.style(f"  {title}", bold=True)
    for item in items:
        yield f"  • {item}"


def _moment(text: str, language: Language, zone: tzinfo) -> str:
    return phrases.moment(datetime.fromisoformat(text).astimezone(zone), language)
