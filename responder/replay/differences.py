"""Where two policies do otherwise with the same mail, and what in them makes the difference.

The cause is read off what each policy found in the mail, the widest first: the hours, then the words, then what was
guessed, then the play; what none of these explains comes from the limits, or from mails before. Knows no words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from responder.policy import again
from responder.policy.decide import ActionKind
from responder.policy.model import Office
from responder.policy.phrases import Reason
from responder.replay.entry import Deed, Entry
from responder.replay.figures import HELD_BACK


class Cause(StrEnum):
    """What makes the difference."""

    OPEN_NOW = "open_now"
    CLOSED_NOW = "closed_now"
    VETO = "veto"
    WORD_ADDED = "word_added"
    WORD_GONE = "word_gone"
    REFUSED = "refused"  # an `unless`, or the words around it, take a word away
    COUNTS_AGAIN = "counts_again"
    SIGNAL_ADDED = "signal_added"  # by a deadline, or by what was learnt
    SIGNAL_GONE = "signal_gone"
    OPENS_AT = "opens_at"  # another time than before
    PLAY = "play"
    HELD_BACK = "held_back"  # by a limit, or by a mail before
    LET_GO = "let_go"
    OTHER = "other"


class Effect(StrEnum):
    """What becomes of the mail: the first of these that does."""

    URGENCY = "urgency"
    REPLY_ADDED = "reply_added"
    REPLY_GONE = "reply_gone"
    REPLY_OTHER = "reply_other"
    FOLLOW_UP_ADDED = "follow_up_added"
    FOLLOW_UP_GONE = "follow_up_gone"
    ALERT_ADDED = "alert_added"
    ALERT_GONE = "alert_gone"
    FOLLOW_UP_DUE = "follow_up_due"  # at another time
    MARK_ADDED = "mark_added"
    MARK_GONE = "mark_gone"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Group:
    """Differences that are alike: `what` caused it (a word and its signal, a day), `to` what it leads to."""

    cause: Cause
    what: tuple[str, ...]
    effect: Effect
    to: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One mail under two policies."""

    group: Group
    before: Entry
    after: Entry


def difference(before: Entry, after: Entry) -> Difference | None:
    """None where both do the same."""
    if _outcome(before) == _outcome(after):
        return None
    cause, what = _cause(before, after)
    effect, to = _effect(before, after)
    return Difference(Group(cause, what, effect, to), before, after)


def _outcome(entry: Entry) -> object:
    """What staff and customers would see of it."""
    return urgency(entry), bool(entry.error), sorted(map(outcome, seen(entry)))


def urgency(entry: Entry) -> str:
    """What a machine's mail is called nobody sees."""
    return entry.urgency if entry.veto is None else ""


def seen(entry: Entry) -> tuple[Deed, ...]:
    """What anybody would have noticed."""
    return tuple(deed for deed in entry.deeds if not deed.is_late)


def outcome(deed: Deed) -> tuple[str, str, str, str]:
    """What makes it another one."""
    return again.deed(deed.kind, deed.template, deed.to, deed.due)


def _cause(before: Entry, after: Entry) -> tuple[Cause, tuple[str, ...]]:
    return next(_causes(before, after), (Cause.OTHER, ()))


def _causes(before: Entry, after: Entry) -> Iterator[tuple[Cause, tuple[str, ...]]]:
    if before.office is not after.office:
        day: date = after.arrived.date()
        cause = Cause.OPEN_NOW if after.office is Office.OPEN else Cause.CLOSED_NOW
        yield cause, (day.isoformat(), after.why_closed or before.why_closed)
    if before.veto != after.veto:
        yield Cause.VETO, (before.veto or "", after.veto or "")
    yield from _by_words(before, after)
    shown, showed = after.shown or {}, before.shown or {}
    yield from ((Cause.SIGNAL_ADDED, (name, shown[name])) for name in shown if name not in showed)
    yield from ((Cause.SIGNAL_GONE, (name, showed[name])) for name in showed if name not in shown)
    if before.next_open != after.next_open and after.office is Office.CLOSED:
        yield Cause.OPENS_AT, (after.next_open,)
    if before.play != after.play:
        yield Cause.PLAY, (before.play or "", after.play or "")
    yield from ((Cause.HELD_BACK, (reason,)) for reason in _held(after) if reason not in _held(before))
    yield from ((Cause.LET_GO, (reason,)) for reason in _held(before) if reason not in _held(after))


def _by_words(before: Entry, after: Entry) -> Iterator[tuple[Cause, tuple[str, ...]]]:
    added = [each for each in after.words if each not in before.words]
    gone = [each for each in before.words if each not in after.words]
    yield from ((Cause.COUNTS_AGAIN, each) for each in added if each in before.refused)
    yield from ((Cause.REFUSED, each) for each in gone if each in after.refused)
    yield from ((Cause.WORD_ADDED, each) for each in added)
    yield from ((Cause.WORD_GONE, each) for each in gone)


def _held(entry: Entry) -> tuple[Reason, ...]:
    return tuple(reason for reason in entry.why if reason in HELD_BACK)


def _effect(before: Entry, after: Entry) -> tuple[Effect, str]:
    if urgency(before) != urgency(after) and after.veto is None:
        return Effect.URGENCY, after.urgency
    for kind, added, gone in (
        (ActionKind.REPLY, Effect.REPLY_ADDED, Effect.REPLY_GONE),
        (ActionKind.ALERT, Effect.ALERT_ADDED, Effect.ALERT_GONE),
        (ActionKind.FOLLOW_UP, Effect.FOLLOW_UP_ADDED, Effect.FOLLOW_UP_GONE),
    ):
        was, now = before.first(kind), after.first(kind)
        if was is None and now is not None:
            return added, now.template or now.to or ""
        if was is not None and now is None:
            return gone, was.template or was.to or ""
        if was is not None and now is not None and kind is ActionKind.REPLY and was.template != now.template:
            return Effect.REPLY_OTHER, now.template or ""
        if was is not None and now is not None and kind is ActionKind.FOLLOW_UP and was.due != now.due:
            return Effect.FOLLOW_UP_DUE, now.template or ""
    return next(_marked(before, after), (Effect.OTHER, ""))


def _marked(before: Entry, after: Entry) -> Iterator[tuple[Effect, str]]:
    was, now = _marks(before), _marks(after)
    yield from ((Effect.MARK_ADDED, mark) for mark in now if mark not in was)
    yield from ((Effect.MARK_GONE, mark) for mark in was if mark not in now)


def _marks(entry: Entry) -> list[str]:
    return [deed.template or "" for deed in seen(entry) if deed.kind is ActionKind.MARK]
