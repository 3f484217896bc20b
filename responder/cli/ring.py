"""`responder check --ring ROLE`: does that person's telephone ring? Calls what an alarm would call, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

import click

from responder.cli.app import DONE, PROBLEMS
from responder.config import WAKE_FACTS, Config, Person
from responder.document import did_you_mean
from responder.errors import Trouble
from responder.servers.waking import SystemWaker

TRIAL = {"headline": "Thử chuông: Responder / a trial", "text": "Đây là lần gọi thử. / This is only a trial."}

Call = Callable[[], Coroutine[Any, Any, None]]


def ring(config: Config, role: str) -> int:
    """Call every way once; 1 if one of them failed."""
    person = config.people.get(role)
    if person is None:
        raise click.UsageError(f"nobody is `{role}`: {did_you_mean(role, config.people)}")
    if person.wake is None:
        raise click.UsageError(f"nothing rings for `{role}`: write `wake: {{command: […]}}` or `webhook` in the config")
    results = [_try(role, way, call) for way, call in _ways(person)]
    return DONE if all(results) else PROBLEMS


def _ways(person: Person) -> Iterator[tuple[str, Call]]:
    waker, told = SystemWaker(), {**WAKE_FACTS, **TRIAL, "person": person.name}
    if person.wake is not None and person.wake.command:
        yield "command", partial(waker.run, person.wake.command, told)
    if person.wake is not None and person.wake.webhook is not None:
        yield "webhook", partial(waker.post, person.wake.webhook, told)


def _try(role: str, way: str, call: Call) -> bool:
    try:
        asyncio.run(call())
    except Trouble as trouble:
        click.echo(f"{role}, {way}: {trouble}")
        return False
    click.echo(f"{role}, {way}: called; did it ring?")
    return True
