"""What a reload changed, in words for the journal and for the digest.

Desks before and after, lines out; the journal's are English. Of the config it names the keys only: passwords stand
among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from responder.config import Account, Config, Mode
from responder.mail.language import Language
from responder.people import Person
from responder.policy.changes import changes
from responder.store.records import Event, EventKind
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


def of_the_config(old: Config, new: Config) -> Iterator[str]:
    """What no desk knows; how long things are kept with both values: a shorter time takes off what is gone then."""
    for key in ("keep_text", "retention"):
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            yield f"{key} changed: now {_days(after)} (before: {_days(before)})"
    yield from (
        f"{key} changed" for key in ("heartbeat", "metrics", "learned") if getattr(old, key) != getattr(new, key)
    )


def _days(kept: timedelta) -> str:
    return f"{kept / timedelta(days=1):g} days" if kept else "never"


def events(before: Mapping[str, Desk], after: Mapping[str, Desk], now: datetime) -> Iterator[Event]:
    """The same for the digest, in the language of each policy: what changed in the rules, and whether it is live."""
    for name, new in after.items():
        old = before.get(name)
        if old is None:
            continue
        if old.mode is not new.mode:
            yield Event(now, EventKind.MODE, new.mode.value, account=name)
        sentences = changes(old.policy, new.policy, new.policy.language)
        if sentences:
            yield Event(now, EventKind.POLICY, "\n".join(sentences), account=name)


def _of_the_office(old: Desk, new: Desk) -> Iterator[str]:
    """What is the same for all accounts, and is told once."""
    if old.mode is not new.mode:
        yield f"mode changed to {new.mode}: {MODES[new.mode]}"
    for role in {**old.people, **new.people}:
        if old.people.get(role) != new.people.get(role):
            yield f"people changed: {role} {_instead(old.people.get(role), new.people.get(role))}"
    domains = [{each for each in desk.ours.colleagues if "@" not in each} for desk in (old, new)]  # the rest are people
    if domains[0] != domains[1]:
        yield f"colleagues changed: now {', '.join(sorted(domains[1])) or 'none'}"


def _instead(old: Person | None, new: Person | None) -> str:
    if _who(old) != _who(new) or old is None or new is None:
        return f"is now {_who(new)} (before: {_who(old)})"
    return ", ".join(key for key in Person.model_fields if getattr(old, key) != getattr(new, key))


def _who(person: Person | None) -> str:
    return f"{person.name} <{person.address}>" if person else "nobody"


def _of_the_account(old: Desk, new: Desk) -> Iterator[str]:
    keys = [key for key in Account.model_fields if getattr(old.settings, key) != getattr(new.settings, key)]
    if keys:
        yield f"{new.name}: config changed: {', '.join(keys)}"
    yield from (f"{new.name}: policy changed: {sentence}" for sentence in changes(old.policy, new.policy, Language.EN))
