"""`responder check --ring ROLE`: does that person's telephone ring? Calls what an alarm would call, once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import click

from responder.cli.app import DONE, PROBLEMS
from responder.config import Config
from responder.document import did_you_mean
from responder.errors import Trouble
from responder.people import WAKE_FACTS
from responder.servers.waking import SystemWaker
from responder.work.wakes import ways

TRIAL = {"headline": "Thử chuông: Responder / a trial", "text": "Đây là lần gọi thử. / This is only a trial."}


def ring(config: Config, role: str) -> int:
    """Call every way once; 1 if one of them failed."""
    person = config.people.get(role)
    if person is None:
        raise click.UsageError(f"nobody is `{role}`: {did_you_mean(role, config.people)}")
    if person.wake is None:
        raise click.UsageError(f"nothing rings for `{role}`: write `wake: {{command: […]}}` or `webhook` in the config")
    told = {**WAKE_FACTS, **TRIAL, "person": person.name}
    calls = ways(person.wake, SystemWaker(stderr=None))
    results = [_try(role, way.value, call(told)) for way, call in calls.items()]
    return DONE if all(results) else PROBLEMS


def _try(role: str, way: str, call: Coroutine[Any, Any, None]) -> bool:
    try:
        asyncio.run(call)
    except Trouble as trouble:
        click.echo(f"{role}, {way}: {trouble}")
        return False
    click.echo(f"{role}, {way}: called; did it ring?")
    return True
