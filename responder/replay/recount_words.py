"""What a recount says, in both languages of a policy: how many mails would be treated differently, and some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from responder.mail.echo import clipped
from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.decide import ActionKind
from responder.replay.cause_words import cause_said
from responder.replay.differences import Difference
from responder.replay.entry import Deed, Entry
from responder.replay.recount import DAYS, Recount

SUBJECT = 60

SAYS: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {
        "differ": "{n} trên {of} thư của {days} ngày qua sẽ được xử lý khác đi.",
        "none": "Không thư nào trong {of} thư của {days} ngày qua bị xử lý khác đi.",
        "nothing": "Chưa có thư nào của {days} ngày qua để so.",
        "forgotten": "{n} thư không so được vì lời khách không còn được lưu.",
        "cut": "Chỉ so {of} thư mới nhất.",
        "because": "vì {cause}",
        "no_subject": "(không có tiêu đề)",
        "no": "không",
    },
    Language.EN: {
        "differ": "{n} of {of} mails of the last {days} days would be treated differently.",
        "none": "None of the {of} mails of the last {days} days would be treated differently.",
        "nothing": "There is no mail of the last {days} days to compare.",
        "forgotten": "{n} could not be compared: their words are not kept any more.",
        "cut": "Only the newest {of} were compared.",
        "because": "because {cause}",
        "no_subject": "(no subject)",
        "no": "none",
    },
}
DEEDS: Mapping[Language, Mapping[ActionKind, str]] = {
    Language.VI: {
        ActionKind.REPLY: "trả lời tự động",
        ActionKind.FOLLOW_UP: "thư của ngày làm việc tiếp theo",
        ActionKind.ALERT: "báo ngay cho",
        ActionKind.MARK: "đánh dấu",
        ActionKind.PROMISE: "hạn trả lời",
    },
    Language.EN: {
        ActionKind.REPLY: "automatic reply",
        ActionKind.FOLLOW_UP: "next-workday mail",
        ActionKind.ALERT: "tells at once",
        ActionKind.MARK: "mark",
        ActionKind.PROMISE: "answer due",
    },
}


@dataclass(frozen=True, slots=True)
class Told:
    """One mail: which, what becomes of it instead, and why."""

    mail: str
    instead: tuple[str, ...]
    because: str

    @property
    def line(self) -> str:
        return "; ".join((f"{self.mail}: {self.instead[0]}", *self.instead[1:], self.because))


def headline(found: Recount, language: Language) -> str:
    """How many, and what could not be compared."""
    says = SAYS[language]
    which = "differ" if found.differing else "none" if found.compared else "nothing"
    sentences = [says[which].format(n=found.differing, of=found.compared, days=DAYS)]
    sentences += [says["cut"].format(of=found.compared)] if found.is_cut else []
    sentences += [says["forgotten"].format(n=found.forgotten)] if found.forgotten else []
    return " ".join(sentences)


def told(found: Difference, language: Language) -> Told:
    """`thứ Sáu, 20/11/2026, 22:10 “Hỏi hàng”`, `bình thường → cần gấp`, `vì có thêm từ “gấp” (urgent)`."""
    says, after = SAYS[language], found.after
    subject = clipped(after.subject, SUBJECT) or says["no_subject"]
    return Told(
        f"{phrases.moment(after.arrived, language)} “{subject}”",
        tuple(_instead(found.before, after, language)),
        says["because"].format(cause=cause_said(found.group, language)),
    )


def _instead(before: Entry, after: Entry, language: Language) -> Iterator[str]:
    """What is seen of the difference; when an answer is due is told where nothing else is different."""
    urgency = phrases.URGENCY[language]
    told = [f"{urgency[before.urgency]} → {urgency[after.urgency]}"] if before.urgency != after.urgency else []
    kinds = [kind for kind in ActionKind if kind is not ActionKind.PROMISE]
    told += [line for kind in kinds if (line := _other(kind, before, after, language))]
    yield from told or [_other(ActionKind.PROMISE, before, after, language)]


def _other(kind: ActionKind, before: Entry, after: Entry, language: Language) -> str:
    """What of this kind is done instead; at which time instead, where that is all; "" if both do the same."""
    none, label = SAYS[language]["no"], DEEDS[language][kind]
    for said in (_what, _when):
        was, now = (
            ", ".join(said(deed, entry, language) for deed in entry.deeds if deed.kind is kind) or none
            for entry in (before, after)
        )
        if was != now:
            return f"{label}: {was} → {now}"
    return ""


def _what(deed: Deed, _entry: Entry, language: Language) -> str:
    if deed.kind is ActionKind.MARK:
        return phrases.mark(deed.template or "", language)
    return (deed.to if deed.kind is ActionKind.ALERT else deed.template) or ""


def _when(deed: Deed, entry: Entry, language: Language) -> str:
    return phrases.moment(deed.due.astimezone(entry.arrived.tzinfo), language)
