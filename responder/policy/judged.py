"""Why the learnt judge thinks what it thinks, in words a manager understands.

A weight speaks of a word or two; a reader wants the sentence. So each reason is told as the clause it stands in, and as
what that clause is: a request, a thing done, something that goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def reasons(judgement: Judgement, label: Label, mail: Sequence[Heard], language: Language) -> tuple[str, ...]:
    """The clauses that spoke most for that label, the strongest first; `mail` is what was judged."""
    told: dict[tuple[Where, int], str] = {}
    for reason in judgement.reasons:
        part = next(each for each in mail if each.where is reason.place.where)
        clause = next(each for each in part.clauses if each.first <= reason.place.first <= each.last)
        if reason.label is label and setting_of(clause) is not Setting.GREETING:  # which tells a reader nothing
            told.setdefault((part.where, clause.first), _told(part, clause, reason.place.first, language))
    return tuple(told.values())[:AT_MOST]


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
