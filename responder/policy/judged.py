"""Why the learnt judge thinks what it thinks, in words a manager understands.

A weight speaks of a word or two; a reader wants the sentence. So each reason is told as the clause it stands in, and as
what that clause is: a request, a thing done, something that goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from responder.mail.language import Language
from responder.words.clauses import Clause
from responder.words.features import Heard, Setting, setting_of
from responder.words.judge import Judgement, Label
from responder.words.signals import Where

AT_MOST = 3  # clauses
LONGEST = 12  # words of one

SETTINGS: Mapping[Language, Mapping[Setting, str]] = {
    Language.VI: {
        Setting.NO_HURRY: "nói là không vội",
        Setting.QUOTED: "lời của người khác",
        Setting.WARNING: "lời cảnh báo",
        Setting.CONDITION: "mới là điều kiện",
        Setting.SETTLED: "việc đã xong",
        Setting.REQUEST: "lời nhờ",
        Setting.QUESTION: "câu hỏi",
        Setting.OFFER: "lời chào bán",
        Setting.THANKS: "lời cảm ơn",
        Setting.GREETING: "lời chào",
        Setting.WISH: "lời chúc",
        Setting.DONE: "việc đã làm",
        Setting.PAST: "việc đã qua",
        Setting.PRESENT: "tin báo",
        Setting.ONGOING: "việc đang diễn ra",
        Setting.FUTURE: "việc sắp tới",
        Setting.UNREAL: "điều giả định",
    },
    Language.EN: {
        Setting.NO_HURRY: "said to be in no hurry",
        Setting.QUOTED: "somebody else's words",
        Setting.WARNING: "a warning",
        Setting.CONDITION: "only a condition",
        Setting.SETTLED: "a matter settled",
        Setting.REQUEST: "a request",
        Setting.QUESTION: "a question",
        Setting.OFFER: "an offer",
        Setting.THANKS: "thanks",
        Setting.GREETING: "a greeting",
        Setting.WISH: "a wish",
        Setting.DONE: "a thing done",
        Setting.PAST: "a thing of the past",
        Setting.PRESENT: "told",
        Setting.ONGOING: "it goes on",
        Setting.FUTURE: "it is to come",
        Setting.UNREAL: "supposed",
    },
}
IN_SUBJECT: Mapping[Language, str] = {Language.VI: "tiêu đề", Language.EN: "the subject"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A clause that spoke for a label: its place in its part of the mail."""

    where: Where
    start: int
    end: int


def reasons(judgement: Judgement, label: Label, mail: Sequence[Heard], language: Language) -> tuple[str, ...]:
    """The clauses that spoke most for that label, the strongest first; `mail` is what was judged."""
    return tuple(_told(part, clause, at, language) for part, clause, at in _strongest(judgement, label, mail))


def spoke(judgement: Judgement, label: Label, mail: Sequence[Heard]) -> tuple[Spoken, ...]:
    """The same clauses, with their places."""
    return tuple(_spoken(part, clause) for part, clause, _ in _strongest(judgement, label, mail))


def _spoken(part: Heard, clause: Clause) -> Spoken:
    return Spoken(part.where, part.tokens[clause.first].start, part.tokens[clause.last].end)


def _strongest(judgement: Judgement, label: Label, mail: Sequence[Heard]) -> list[tuple[Heard, Clause, int]]:
    """Part, clause, and the token at which the strongest weight stands."""
    found: dict[tuple[Where, int], tuple[Heard, Clause, int]] = {}
    for reason in judgement.reasons:
        part = next(each for each in mail if each.where is reason.place.where)
        clause = next(each for each in part.clauses if each.first <= reason.place.first <= each.last)
        if reason.label is label and setting_of(clause) is not Setting.GREETING:  # which tells a reader nothing
            found.setdefault((part.where, clause.first), (part, clause, reason.place.first))
    return list(found.values())[:AT_MOST]


def _told(part: Heard, clause: Clause, at: int, language: Language) -> str:
    """`“xe đang đợi ngoài cổng” (việc đang diễn ra)`"""
    of = IN_SUBJECT[language] if part.where is Where.SUBJECT else SETTINGS[language][setting_of(clause)]
    return f"“{_excerpt(part, clause, at)}” ({of})"


def _excerpt(part: Heard, clause: Clause, at: int) -> str:
    """The clause, or the words of a long one around that token."""
    first = max(clause.first, min(at - LONGEST // 2, clause.last - LONGEST + 1))
    last = min(first + LONGEST - 1, clause.last)
    text = " ".join(part.text[part.tokens[first].start : part.tokens[last].end].split())
    return f"{'…' if first > clause.first else ''}{text}{'…' if last < clause.last else ''}"
