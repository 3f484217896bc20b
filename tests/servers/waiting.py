"""The one way tests wait: for a condition, within a bound, with words for what was awaited."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], within: float, what: str) -> T:
    """The first true answer of `condition`; AssertionError naming `what` if there is none `within` so many seconds."""
    deadline = time.monotonic() + within
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}")
        time.sleep(0.01)
