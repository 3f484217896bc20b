"""Threads beside the loop, for what would hold it up: a share that does not answer, a digest of a flood.

None of them keeps the process from ending. Knows nothing of what they do.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import TypeVar

_Result = TypeVar("_Result")


class Beside:
    """Those that work on the state: a stop waits for them, as for those of the mailboxes."""

    def __init__(self) -> None:
        self.threads: tuple[threading.Thread, ...] = ()

    async def run(self, work: Callable[[], _Result], name: str) -> _Result:
        thread, result = begin(work, name)
        self.threads = (thread, *(each for each in self.threads if each.is_alive()))
        return await result


def begin(work: Callable[[], _Result], name: str) -> tuple[threading.Thread, asyncio.Future[_Result]]:
    """A thread at this work, and what comes of it, for the loop."""
    future: Future[_Result] = Future()

    def run() -> None:
        future.set_running_or_notify_cancel()
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whoever awaits it gets it
            future.set_exception(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread, asyncio.wrap_future(future)


def join(threads: Collection[threading.Thread], within: float) -> list[str]:
    """Wait so many seconds for all of them together; the names of those that have not ended."""
    until = time.monotonic() + within
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [thread.name for thread in threads if thread.is_alive()]
