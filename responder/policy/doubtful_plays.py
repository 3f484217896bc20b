"""Plays, signals and texts that are legal, but surely not meant. Each function is one question of `doubts.py`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from responder.document import Beside, Document, Place, Problem, Scalar, Table, scalars, tables
from responder.mail.addresses import Address
from responder.mail.ours import matches
from responder.policy.meaning import SITUATIONS, Urgency
from responder.policy.model import Office, Play, Policy, When
from responder.policy.tree import part, text_of
from responder.policy.values import TEMPLATE_VALUES
from responder.words import patterns

_KNOWN = frozenset({*SITUATIONS, *Urgency})  # signals that count, and are told of, without any play
_HOURS = 24 * 14  # that are looked at for an example
MANY = 200  # plays that are compared; the shipped policies have seven
_EVENING = time(22, 0)


# ---------------------------------------------------------------- one play and another


def hidden(document: Document, policy: Policy, today: date) -> Iterator[Problem]:
    """A reply that is never sent, since all that fits its play fits an earlier one, or one that is silent."""
    nodes = list(tables(document.table().get("plays")))
    for number, play in enumerate(policy.plays[:MANY]):
        if play.do.reply is None:
            continue
        winner = _winner(policy.plays, number)
        if winner is None:
            continue
        first = policy.plays[winner]
        place, other = _name_place(nodes[number]), _name_place(nodes[winner])
        does = "keeps silence" if first.do.silence else f"replies with `{first.do.reply}`"
        example = _example(policy, play, today)
        what = f"`{play.name}` never replies: all that fits it fits `{first.name}` (line {other.line}) as well"
        what += f"; {example}, `{first.name}` {does}"
        remedy = f"narrow the `when` of `{first.name}`" if first.do.silence else f"put it before `{first.name}`"
        remedy += ", or take its `reply` out"
        yield document.warning(place, what, remedy, Beside(other, does))


def _winner(plays: Sequence[Play], number: int) -> int | None:
    for other, play in enumerate(plays):
        wins = play.do.silence or (other < number and play.do.reply is not None)
        if other != number and wins and _implies(plays[number].when, play.when):
            return other
    return None


def _implies(narrow: When, wide: When) -> bool:
    """Whether whatever meets the first conditions meets the second ones, beyond doubt if it does so beyond doubt."""
    return (
        wide.office in (None, narrow.office)
        and (not wide.signal or (bool(narrow.signal) and set(narrow.signal) <= set(wide.signal)))
        and wide.deadline in (None, narrow.deadline)
        and _within(narrow.sender, wide.sender)
        and _within(narrow.to, wide.to)
        and wide.first_contact in (None, narrow.first_contact)
    )


def _within(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    return not wide or (bool(narrow) and all(_covers(wide, pattern) for pattern in narrow))


def _covers(wide: Sequence[str], pattern: str) -> bool:
    """Whether some of the patterns fit all that this one does: a star in it is a letter like others to them."""
    return any(each == pattern or matches(each, Address("", pattern)) for each in wide)


def _example(policy: Policy, play: Play, today: date) -> str:
    """A mail that fits the play, in words."""
    signal = policy.signals[play.when.signal[0]] if play.when.signal else None
    said = f" with “{next(patterns.instances(signal.words[0]))}”" if signal else ""
    by = f" from {play.when.sender[0].replace('*', 'lan')}" if play.when.sender else ""
    at = _moment(policy, play.when.office, today)
    return f"for example, to a mail{said}{by}" + (f" on {at:%a %Y-%m-%d at %H:%M}" if at else "")


def _moment(policy: Policy, office: Office | None, today: date) -> datetime | None:
    """A time from this evening on at which the office is as the play wants it."""
    calendar = policy.calendar()
    first = datetime.combine(today, _EVENING, calendar.zone)
    hours = (first + timedelta(hours=number) for number in range(_HOURS))
    return next((at for at in hours if office is None or calendar.is_open(at) is (office is Office.OPEN)), None)


def _name_place(play: Table) -> Place:
    name = text_of(play, "name")
    return name.place if name else play.place


# ---------------------------------------------------------------- what has no effect


def never_sent(document: Document, policy: Policy, _today: date) -> Iterator[Problem]:
    """A text for senders to whom nothing automatic goes."""
    for node, play in zip(tables(document.table().get("plays")), policy.plays, strict=True):
        text = play.do.reply or play.do.follow_up
        if text and play.when.sender and all(_covers(policy.never_answer, each) for each in play.when.sender):
            what = f"`{play.name}` never sends `{text}`: `never_answer` has whom it is for"
            for written in part(node, "when", "sender")[:1]:
                yield document.warning(written.place, what, "take them out of `never_answer`, or the text out here")


def not_ours(document: Document, ours: Container[str]) -> Iterator[Problem]:
    """A play for mail to an address that no account has, so that it never fits."""
    for play in tables(document.table().get("plays")):
        for written in part(play, "when", "to"):
            address = written.text or ""
            if "*" not in address and Address("", address).untagged not in ours:
                remedy = "correct it, or add it to the `aliases` of an account"
                yield document.warning(written.place, f"no account of the config has the address `{address}`", remedy)


def unused_signals(document: Document, policy: Policy, _today: date) -> Iterator[Problem]:
    """A group of words that no play asks for, and that is none of those which count by themselves."""
    used = {name for play in policy.plays for name in play.when.signal} | _KNOWN
    for name, (key, _) in document.table("signals").entries.items():
        if name not in used:
            remedy = f"add a play with `when: {{signal: {name}}}`, or take it out"
            yield document.warning(key.place, f"no play asks for the signal `{name}`", remedy)


def unused_texts(document: Document, policy: Policy, _today: date) -> Iterator[Problem]:
    """A text that nobody is ever sent."""
    used = {text for play in policy.plays for text in (play.do.reply, play.do.follow_up)}
    for name, (key, _) in document.table("texts").entries.items():
        if name not in used:
            remedy = f"name it in a play: `do: {{reply: {name}}}`, or take it out"
            yield document.warning(key.place, f"no play sends the text `{name}`", remedy)


def not_filled_in(document: Document, _policy: Policy, _today: date) -> Iterator[Problem]:
    """What looks like a value to be filled in, and is sent as it stands."""
    for written in _customers_read(document):
        for found in _BRACED.finditer(document.text, written.start, written.end):
            name = re.sub(r"\W", "", found[0])
            if name in TEMPLATE_VALUES or found[0].startswith("{"):
                value = name if name in TEMPLATE_VALUES else "opening"
                place = document.place_of_offset(found.start(), len(found[0]))
                what = f"customers would read `{found[0]}` as it stands here"
                yield document.warning(place, what, f"a value stands in two braces: `{{{{ {value} }}}}`")


_BRACED = re.compile(
    r"(?<!\{)\{ *\w+ *\}(?!\})|\{ +\{ *\w+ *\} +\}|\[\w+\]|<{1,2}\w+>{1,2}|%\w+%|\$\{?\w+\}?", re.ASCII
)


def _customers_read(document: Document) -> Iterator[Scalar]:
    """The texts in each language, and the signature."""
    nodes = [text for _, text in document.table("texts").entries.values()]
    nodes += [node for node in (document.table().get("signature"),) if node is not None]
    for node in nodes:
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Table):
            yield from (each for _, each in node.entries.values() if isinstance(each, Scalar))


def nobody_answered(document: Document, policy: Policy, _today: date) -> Iterator[Problem]:
    """An exception that is everybody."""
    for written in scalars(document.table().get("never_answer")):
        if (written.text or "").strip() in ("*", "*@*", "*@*.*"):
            what = f"`{written.text}` stands for everybody: no customer gets anything automatic"
            yield document.warning(written.place, what, "name whom you mean: `*@newsletter.example`")
