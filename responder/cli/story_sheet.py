"""One mail's story, laid out: every part in the policy's language, ready for the terminal and for a page alike.

Values in, values out; knows no terminal, no HTML, no store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from itertools import groupby
from typing import Any

from responder.cli import marked
from responder.cli.marked import Mark
from responder.cli.story import Letter, Story
from responder.cli.story_words import ACTIONS, CUTS, LABELS, LETTERS, SITUATIONS
from responder.mail.automatic import Sign
from responder.mail.language import Language
from responder.mail.quoted_lines import CutKind
from responder.policy import facts, phrases, usage
from responder.policy.decide import ActionKind
from responder.policy.model import Delivery, Play, Policy
from responder.policy.usage import Limit, Per, Usage
from responder.words.signals import Where
from responder.work.digest_words import WORDS


@dataclass(frozen=True, slots=True)
class Day:
    """The day of arrival in half hours: is the office open in each, and in which did the mail come."""

    open: tuple[bool, ...]
    arrival: int
    said: str  # the open hours


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the head; `marks` lie on its value."""

    label: str
    value: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class CutAway:
    """What was left out of the customer's words."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A play, and what came of it."""

    name: str
    fits: bool
    note: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it, with its titles in `labels`."""

    language: Language
    labels: Mapping[str, str]
    title: str
    notes: tuple[str, ...]
    head: tuple[Row, ...]
    day: Day | None
    words: str
    words_note: str
    marks: tuple[Mark, ...]  # of the words
    cuts: tuple[CutAway, ...]
    reasons: tuple[str, ...]
    plays: tuple[Tried, ...]
    limits: tuple[str, ...]
    actions: tuple[str, ...]
    letters: tuple[tuple[str, Letter], ...]  # each under its title


def sheet(story: Story, policy: Policy) -> Sheet:
    """Lay out a story in the policy's language."""
    language, zone, fields = policy.language, policy.calendar().zone, story.fields
    labels = LABELS[language]
    found = marked.marks(fields, story.subject, story.words, language)
    return Sheet(
        language=language,
        labels=labels,
        title=str(fields["source"]),
        notes=story.notes,
        head=tuple(_head(story, found, language, zone)),
        day=_day(fields, language, zone),
        words=story.words.rstrip("\n"),
        words_note=_words_note(story, language, zone),
        marks=tuple(mark for mark in found if mark.where is Where.BODY),
        cuts=tuple(_cut(kind, text, language) for kind, text in story.cuts),
        reasons=tuple(fields["reasons"]),
        plays=tuple(_tried(play, fields, policy) for play in fields.get("plays", ())),
        limits=tuple(_limits(fields, language)),
        actions=tuple(action_said(action, policy, language) for action in fields["actions"]) or (labels["nothing"],),
        letters=tuple((_title(letter, language), letter) for letter in story.letters),
    )


def _head(story: Story, found: tuple[Mark, ...], language: Language, zone: tzinfo) -> Iterator[Row]:
    labels, fields = LABELS[language], story.fields
    yield Row(labels["from"], story.sender or labels["nobody"])
    in_subject = tuple(mark for mark in found if mark.where is Where.SUBJECT)
    yield Row(labels["subject"], story.subject or labels["no_subject"], in_subject)
    at = _moment(fields["received"], language, zone)
    yield Row(labels["received"], labels[fields["office"]].format(at=at, why=fields["why_closed"]))
    if fields["next_open"] and fields["office"] == "closed":
        yield Row(labels["next_open"], _moment(fields["next_open"], language, zone))
    yield Row(labels["urgency"], phrases.URGENCY[language].get(fields["urgency"], fields["urgency"]))
    if fields["situations"]:
        said = SITUATIONS[language]
        yield Row(labels["situations"], ", ".join(f"{said[each]} ({each})" for each in fields["situations"]))
    if fields["veto"]:
        yield Row(labels["veto"], _sign(fields["veto"], language))
    if fields.get("also"):  # what was recorded before this was told has none
        yield Row(labels["also"], "; ".join(_sign(each, language) for each in fields["also"]))
    if fields["play"]:
        yield Row(labels["play"], fields["play"])


def _words_note(story: Story, language: Language, zone: tzinfo) -> str:
    """Why there are no words to show, or ""."""
    labels, gone = LABELS[language], story.words_gone_at
    if gone is not None:
        return labels["words_gone"].format(at=phrases.moment(gone.astimezone(zone), language))
    return "" if story.words.strip() else labels["no_words"]


def _sign(veto: Mapping[str, Any], language: Language) -> str:
    """What it is, what was seen of it, and its name in `--json`."""
    sign = WORDS[language].vetoes[Sign(veto["signal"])]
    return f"{sign}: {facts.said(veto['detail'], language)} ({veto['signal']})"


# ---------------------------------------------------------------- the day

HALVES = 48  # half hours of a day


def _day(fields: Mapping[str, Any], language: Language, zone: tzinfo) -> Day | None:
    spans = fields.get("open_hours")
    if spans is None:
        return None
    at = datetime.fromisoformat(fields["received"]).astimezone(zone)
    labels = LABELS[language]
    hours = [(_minutes(span["from"]), _minutes(span["to"])) for span in spans]
    is_open = tuple(any(first <= half * 30 < last for first, last in hours) for half in range(HALVES))
    said = ", ".join(f"{span['from']}–{span['to']}" for span in spans)
    said = labels["open_hours"].format(hours=said) if said else labels["closed_all_day"]
    return Day(is_open, (at.hour * 60 + at.minute) // 30, said)


def _minutes(clock: str) -> int:
    if clock == "24:00":
        return 24 * 60
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute


# ---------------------------------------------------------------- what was cut, tried, counted, done


def _cut(kind: CutKind, text: str, language: Language) -> CutAway:
    lines = tuple(marked.shown(line) for line in text.split("\n"))
    said = LABELS[language]["lines" if len(lines) > 1 else "line"]
    return CutAway(said.format(kind=CUTS[language][kind], count=len(lines)), lines)


def _tried(play: Mapping[str, Any], fields: Mapping[str, Any], policy: Policy) -> Tried:
    note = _came_of(play, fields, policy) if play["fits"] else play["failed"]
    return Tried(play["name"], play["fits"], note)


def _came_of(play: Mapping[str, Any], fields: Mapping[str, Any], policy: Policy) -> str:
    """What a play that fits had to say in what the customer is sent."""
    labels = LABELS[policy.language]
    by_name = {each.name: each for each in policy.plays}
    known = by_name.get(play["name"])  # a policy that is not the one of then may lack it
    replies = [action for action in fields["actions"] if action["kind"] == ActionKind.REPLY]
    if known is None or not _chooses(known):
        return labels["fits"]
    if not play["certain"]:
        return labels["doubtful"]
    if known.do.reply is None:
        return labels["fits"]
    if not replies:
        return labels["held_back"]
    sure = (by_name.get(each["name"]) for each in fields["plays"] if each["fits"] and each["certain"])
    first = next((each for each in sure if each is not None and each.do.reply is not None), known)
    if first.name == known.name:
        return labels["chosen"].format(template=replies[0]["template"])
    return labels["behind"].format(first=first.name)


def _chooses(play: Play) -> bool:
    return play.do.reply is not None or play.do.silence


def _limits(fields: Mapping[str, Any], language: Language) -> Iterator[str]:
    """One line for each limit, all its rates in it."""
    recorded = fields.get("limits", ())
    if recorded and all(each["used"] is None for each in recorded):
        yield LABELS[language]["limits_unknown"]
        return
    for name, rates in groupby(recorded, key=lambda each: each["limit"]):
        counted = [usage.said(_usage(each), language) for each in rates]
        yield f"{usage.NAMES[language][Limit(name)]}: {', '.join(counted)}"


def _usage(recorded: Mapping[str, Any]) -> Usage:
    return Usage(Limit(recorded["limit"]), recorded["used"], recorded["most"], Per(recorded["per"]))


def action_said(action: Mapping[str, Any], policy: Policy, language: Language) -> str:
    """One action of a decision's fields, in words; `policy` is the one that it was decided by."""
    is_draft = action["kind"] == ActionKind.FOLLOW_UP and policy.follow_up.as_ is Delivery.DRAFT
    sentence = ACTIONS[language].get("draft" if is_draft else action["kind"], action["kind"])
    due = _moment(action["due"], language, policy.calendar().zone)
    is_mark = action["kind"] == ActionKind.MARK
    template = phrases.mark(action["template"], language) if is_mark else action["template"]
    return str(sentence).format(to=action["to"], template=template, due=due)


def _title(letter: Letter, language: Language) -> str:
    kind = LETTERS[language].get("draft" if letter.is_draft else letter.kind, letter.kind)
    said = LABELS[language]["text"].format(kind=kind, to=letter.to)
    return f"{said} — {letter.note}" if letter.note else said


def _moment(text: str, language: Language, zone: tzinfo) -> str:
    return phrases.moment(datetime.fromisoformat(text).astimezone(zone), language)
