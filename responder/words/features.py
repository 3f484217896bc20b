"""What a mail shows: the features that the learnt weights speak of, each with a name people can read.

Word n-grams carry the thousand phrasings. But a near time is no hurry by itself, so in them every time is masked by its
class ("<today>"); what a time means is said by features that understand: in what kind of clause it stands, and who acts
there. Pure; it knows no weight and no label.

The names, by their beginning:
  "ngoai cong"              words, without accents
  "subject: ngoai cong"     the same in the subject
  "marked: cổng"            a word with the accents it was written with: "cháy" burns, "chạy" runs, "chay" has no meat
  "as written: chieu nay"   words with a time among them, not masked
  "time: today, request"    a time and the clause it stands in
  "clause: request, office" a clause and who acts
  "thing: waiting, report"  a concept and the clause it stands in (and who acts there)
  "mail: asks nothing"      the mail as a whole
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from responder.words.clauses import Clause, Kind, Voices, read, voices
from responder.words.concepts import concepts
from responder.words.signals import Where
from responder.words.times import Relation, TimeExpression, find
from responder.words.tokens import MAX_SPELLED, Gap, Token, tokenize


@dataclass(frozen=True, slots=True)
class Heard:
    """One part of a mail, read: its tokens, and the clauses and times among them."""

    where: Where
    text: str
    tokens: Sequence[Token]
    clauses: Sequence[Clause]
    times: Sequence[TimeExpression]


def hear(
    subject: str, own_words: str, arrived: datetime, closing: Callable[[date], time | None]
) -> tuple[Heard, Heard]:
    """The subject and the sender's own words, each read once."""
    body = tokenize(own_words)
    who = voices(body)
    return (
        _heard(Where.SUBJECT, subject, tokenize(subject), who, arrived, closing),
        _heard(Where.BODY, own_words, body, who, arrived, closing),
    )


def _heard(
    where: Where,
    text: str,
    tokens: Sequence[Token],
    who: Voices,
    arrived: datetime,
    closing: Callable[[date], time | None],
) -> Heard:
    return Heard(where, text, tokens, read(text, tokens, who), find(text, tokens, arrived, closing))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a feature was first seen: the tokens first … last (inclusive) of a part of the mail."""

    where: Where
    first: int
    last: int


class When(StrEnum):
    """How far a time is from the arrival, by the day: the hour of a mail is often a matter of chance."""

    PAST = "past"
    EARLIER_TODAY = "earlier today"
    TODAY = "today"
    TOMORROW = "tomorrow"
    DAYS = "in days"
    WEEK = "in a week"
    FAR = "far"
    LENGTH = "length"


class Setting(StrEnum):
    """What a clause makes of what stands in it."""

    NO_HURRY = "no hurry"
    QUOTED = "quoted"
    WARNING = "warning"
    CONDITION = "condition"
    SETTLED = "settled"
    REQUEST = "request"
    QUESTION = "question"
    OFFER = "offer"
    THANKS = "thanks"
    GREETING = "greeting"
    WISH = "wish"
    DONE = "done"
    PAST = "report of the past"
    PRESENT = "report"
    ONGOING = "report of what goes on"
    FUTURE = "report of what will be"
    UNREAL = "supposition"


class Whole(StrEnum):
    """What is true of the mail as a whole."""

    ASKS_NOTHING = "asks nothing"
    ONLY_QUESTIONS = "only questions"
    ONLY_REQUESTS = "only requests"


_Key = tuple[Where, int, int]

WHOLE = "mail: "  # begins the names of features of the mail as a whole
WORDS_AT_MOST = 3  # of an n-gram
_TOKENS_AT_MOST = 1_500  # of a part of a mail: ten pages tell as much as a hundred


def features(mail: Sequence[Heard], arrived: datetime) -> dict[str, _Key]:
    """The features of a mail by name, each with the place (part, first, last token) where it was first seen."""
    seen: dict[str, _Key] = {}
    for part in mail:
        _part(part, arrived, seen)
    body = mail[-1]
    for name in _whole(body):
        seen.setdefault(f"{WHOLE}{name}", (body.where, 0, max(len(body.tokens) - 1, 0)))
    return seen


def _part(part: Heard, arrived: datetime, seen: dict[str, _Key]) -> None:
    where, tokens = part.where, part.tokens[:_TOKENS_AT_MOST]
    times = [each for each in part.times if each.last < len(tokens)]
    clauses = [each for each in part.clauses if each.first < len(tokens)]
    bases = [_word(token) for token in tokens]
    classes = [when(each, arrived) for each in times]
    masked = _masked(bases, tokens, times, classes)
    for name, first, last in _grams(masked):
        seen.setdefault(name, (where, first, last))
    for name, first, last in _literal(bases, tokens, times):
        seen.setdefault(name, (where, first, last))
    for at, word in enumerate([token.text for token in tokens]):
        if not word.isascii() and not tokens[at].spelling.bare:
            seen.setdefault(_as_marked(word[:MAX_SPELLED]), (where, at, at))
    if where is Where.SUBJECT:
        for word, first, last, _ in masked:
            seen.setdefault(f"subject: {word}", (where, first, last))
    by_token: list[tuple[str, str]] = []  # for each the setting, and with who acts, of the clause that it is in
    for clause in clauses:  # they follow each other without a hole
        place = (where, clause.first, clause.last)
        setting = str(setting_of(clause))
        acted = f"{setting}, {clause.actor}"
        seen.setdefault(f"clause: {setting}", place)
        seen.setdefault(f"clause: {acted}", place)
        by_token.extend([(setting, acted)] * (min(clause.last + 1, len(tokens)) - len(by_token)))
    for each, near in zip(times, classes, strict=True):
        place = (where, each.first, each.last)
        setting, acted = by_token[each.first]
        seen.setdefault(f"time: {near}, {each.relation}", place)
        seen.setdefault(f"time: {near}, {setting}", place)
        seen.setdefault(f"time: {near}, {acted}", place)
        seen.setdefault("time: exact" if each.is_exact else "time: vague", place)
    for cue, first, last in concepts(tokens):
        place = (where, first, last)
        setting, acted = by_token[first]
        seen.setdefault(name := "thing: " + cue, place)
        seen.setdefault(f"{name}, {setting}", place)
        seen.setdefault(f"{name}, {acted}", place)


# ------------------------------------------------------------------------------------------------------- n-grams

_DIGITS = re.compile(r"[0-9]+")
_Masked = tuple[str, int, int, Gap]


def _word(token: Token) -> str:
    base = token.spelling.base
    return base if base.isalpha() else _DIGITS.sub("#", base)


@lru_cache(maxsize=4096)  # mails are made of the same few thousand words
def _as_marked(word: str) -> str:
    return f"marked: {unicodedata.normalize('NFC', word).casefold()}"


def _masked(
    bases: Sequence[str], tokens: Sequence[Token], times: Sequence[TimeExpression], classes: Sequence[When]
) -> list[_Masked]:
    """The words with their places and gaps; each time is one word."""
    words: list[_Masked] = []
    at = 0
    for each, near in zip(times, classes, strict=True):
        words.extend((bases[place], place, place, tokens[place].gap) for place in range(at, each.first))
        words.append((f"<{near}>", each.first, each.last, tokens[each.first].gap))
        at = each.last + 1
    words.extend((bases[place], place, place, tokens[place].gap) for place in range(at, len(bases)))
    return words


def _grams(words: Sequence[_Masked]) -> Iterator[tuple[str, int, int]]:
    """One to three words in a row, over no stop."""
    one = two = ""  # the n-grams that end at the word before
    begin_one = begin_two = 0
    for word, first, last, gap in words:
        yield word, first, last
        if gap > Gap.COMMA:
            one = two = ""
        if two:
            yield f"{two} {word}", begin_two, last
        if one:
            two, begin_two = f"{one} {word}", begin_one
            yield two, begin_two, last
        one, begin_one = word, first


def _literal(
    bases: Sequence[str], tokens: Sequence[Token], times: Sequence[TimeExpression]
) -> Iterator[tuple[str, int, int]]:
    """The n-grams that touch a time, its own words kept."""
    for each in times:
        first = max(each.first - WORDS_AT_MOST + 1, 0)
        last = min(each.last + WORDS_AT_MOST, len(tokens))
        around: list[_Masked] = [(bases[place], place, place, tokens[place].gap) for place in range(first, last)]
        for name, begin, end in _grams(around):
            if begin <= each.last and end >= each.first:
                yield f"as written: {name}", begin, end


# ------------------------------------------------------------------------------------------ features that understand

_NEAR_NIGHT = timedelta(hours=15)
_DAYS = 3
_WEEK = 8


def when(expression: TimeExpression, arrived: datetime) -> When:
    """How near a time is."""
    if expression.relation is Relation.SPAN:
        return When.LENGTH
    if expression.relation is Relation.AGO:
        today = arrived.date() in (expression.begin.date(), expression.finish.date())
        return When.EARLIER_TODAY if today else When.PAST
    if expression.finish < arrived - _NEAR_NIGHT:
        return When.PAST
    days = (expression.finish.date() - arrived.date()).days
    if days <= 1:
        return When.TODAY if days <= 0 else When.TOMORROW
    if days <= _DAYS:
        return When.DAYS
    return When.WEEK if days <= _WEEK else When.FAR


_BY_KIND = {
    Kind.REQUEST: Setting.REQUEST,
    Kind.QUESTION: Setting.QUESTION,
    Kind.OFFER: Setting.OFFER,
    Kind.THANKS: Setting.THANKS,
    Kind.GREETING: Setting.GREETING,
    Kind.WISH: Setting.WISH,
}
_BY_TENSE = {
    "done": Setting.DONE,
    "past": Setting.PAST,
    "present": Setting.PRESENT,
    "ongoing": Setting.ONGOING,
    "future": Setting.FUTURE,
    "unreal": Setting.UNREAL,
}


def setting_of(clause: Clause) -> Setting:
    if clause.is_no_hurry:
        return Setting.NO_HURRY
    if clause.is_quoted:
        return Setting.QUOTED
    if clause.kind is Kind.CONDITION or clause.condition_by:
        return Setting.WARNING if clause.is_warning else Setting.CONDITION
    if clause.settled_by:
        return Setting.SETTLED
    return _BY_KIND.get(clause.kind) or _BY_TENSE[clause.tense]


def _whole(body: Heard) -> Iterator[str]:
    settings = [(setting_of(clause), clause.actor) for clause in body.clauses]
    asked = [each for each in settings if each[0] in (Setting.REQUEST, Setting.QUESTION)]
    kinds = {setting for setting, _ in asked}
    if not kinds:
        yield Whole.ASKS_NOTHING
    elif kinds == {Setting.QUESTION}:
        yield Whole.ONLY_QUESTIONS
    elif kinds == {Setting.REQUEST}:
        yield Whole.ONLY_REQUESTS
    if asked:
        setting, actor = asked[-1]
        yield f"last asks as {setting}, {actor}"
    yield f"{_length(len(body.tokens))} words"


def _length(count: int) -> str:
    """By powers of two."""
    return next((f"under {bound}" for bound in (8, 16, 32, 64, 128) if count < bound), "128 or more")
