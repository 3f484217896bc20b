"""A program, or a URL, that makes a telephone ring: called once, in bounded time, without a shell.

Fits `ports.Waker`. Knows nothing of alarms, nor when to call again. A webhook's address and headers are never told.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from responder.errors import Trouble, TroubleKind
from responder.people import Webhook
from responder.policy.wording import WordingError, fill
from responder.servers import web
from responder.servers.credentials import password

WITHIN = 60.0  # seconds for a program: some dial, and wait for an answer


class SystemWaker:
    """Programs of this machine, and the network."""

    def __init__(self, within: float = WITHIN, stderr: int | None = asyncio.subprocess.DEVNULL) -> None:
        """`stderr` None: what a program says goes to the screen. Nothing of it is kept, as it may quote a mail."""
        self._within = within
        self._stderr = stderr

    async def run(self, command: Sequence[str], told: Mapping[str, str]) -> None:
        """Run a program with what it is told as JSON on its standard input. Raises `Trouble`."""
        where = f"command {command[0]}"
        try:
            program = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=self._stderr,
                start_new_session=True,  # one that hangs is ended with what it has started
            )
        except OSError as error:
            remedy = "name a program with its whole path that the service may run"
            raise Trouble(TroubleKind.WAKING, where, f"it cannot be run ({error.strerror or error})", remedy) from error
        try:
            await asyncio.wait_for(program.communicate(_json(told)), self._within)
        except TimeoutError:
            raise _failed(where, f"it did not end within {self._within:g} seconds") from None
        finally:
            await _end(program)
        if program.returncode:
            raise _failed(where, f"it ended with {program.returncode}")

    async def post(self, webhook: Webhook, told: Mapping[str, str]) -> None:
        """Call a webhook with the JSON of its template. Raises `Trouble`."""
        headers = {name: password(secret) for name, secret in webhook.headers.items()}
        try:
            body = _json(_filled(webhook.body, told))
        except WordingError as error:
            remedy = "correct `body` of the webhook in the config"
            raise Trouble(TroubleKind.WAKING, "webhook", f"its JSON cannot be filled in ({error})", remedy) from None
        await asyncio.to_thread(web.post, password(webhook.url), body, {"Content-Type": "application/json", **headers})


def _filled(template: Any, told: Mapping[str, str]) -> Any:
    """The webhook's JSON with its texts filled in; they were tried when the config was read."""
    match template:
        case Mapping():
            return {key: _filled(each, told) for key, each in template.items()}
        case tuple() | list():
            return [_filled(each, told) for each in template]
        case _:
            return fill(str(template), told)


def _json(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


async def _end(program: asyncio.subprocess.Process) -> None:
    """One that has not ended by itself, and what it has started."""
    if program.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)
        await program.wait()


def _failed(where: str, what: str) -> Trouble:
    return Trouble(
        TroubleKind.WAKING, where, what, "`responder check --ring ROLE` shows what it says; it is called again"
    )
