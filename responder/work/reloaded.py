"""What a reload changed, in words for the journal.

Desks before and after, lines out, in English. Of the config it names the keys only: passwords stand among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from responder.config import Account, Mode, Person
from responder.mail.language import Language
from responder.policy.changes import changes
from responder.work.desk import Desk

MODES: Mapping[Mode, str] = {
    Mode.LIVE: "customers get their answers from now on",
    Mode.OBSERVE: "customers get nothing from now on; the report shows what they would have got",
}


def told(before: Mapping[str, Desk], after: Mapping[str, Desk]) -> tuple[str, ...]:
    """One line for each thing that changed; none if nothing did. Accounts that came or went take a restart."""
    pairs = [(before[name], desk) for name, desk in after.items() if name in before]
    lines = [line for old, new in pairs for line in _of_the_office(old, new)]
    return tuple(dict.fromkeys([*lines, *(line for old, new in pairs for line in _of_the_account(old, new))]))


def _of_the_office(old: Desk, new: Desk) -> Iterator[str]:
    """What is the same for all accounts, and is told once."""
    if old.mode is not new.mode:
        yield f"mode changed to {new.mode}: {MODES[new.mode]}"
    for role in {**old.people, **new.people}:
        if old.people.get(role) != new.people.get(role):
            yield f"people changed: {role} is now {_who(new.people.get(role))} (before: {_who(old.people.get(role))})"
    if old.ours.colleagues != new.ours.colleagues:
        yield f"colleagues changed: now {', '.join(sorted(new.ours.colleagues)) or 'none'}"


def _who(person: Person | None) -> str:
    return f"{person.name} <{person.address}>" if person else "nobody"


def _of_the_account(old: Desk, new: Desk) -> Iterator[str]:
    keys = [key for key in Account.model_fields if getattr(old.settings, key) != getattr(new.settings, key)]
    if keys:
        yield f"{new.name}: config changed: {', '.join(keys)}"
    yield from (f"{new.name}: policy changed: {sentence}" for sentence in changes(old.policy, new.policy, Language.EN))
