"""What systemd is told: ready, reloading, stopping, watchdog, a status line (sd_notify(3)).

Without NOTIFY_SOCKET every call does nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

TELL_WITHIN = 1.0  # seconds; a service manager that does not listen must not hold up the mail
FED_PER_PERIOD = 3  # how often the watchdog is fed in the time that it allows


class Pulse:
    """A worker's sign of life: it beats whenever it gets on, and may be silent only for so long."""

    def __init__(self, name: str, silence: Callable[[], float]) -> None:
        """`silence`: the seconds that may pass between two beats while all is well, waits included."""
        self.name = name
        self._silence = silence
        self._last = time.monotonic()

    def beat(self) -> None:
        """Called by the worker, from its own thread."""
        self._last = time.monotonic()

    def is_still(self) -> bool:
        return time.monotonic() - self._last > self._silence()


class Notifier:
    """Speaks to the service manager named by NOTIFY_SOCKET."""

    def __init__(self, address: str | None, watchdog: float | None = None) -> None:
        """`watchdog`: the seconds within which the service manager wants to hear that all is well."""
        self._address = address
        self._watchdog = watchdog

    @classmethod
    def from_environment(cls) -> Notifier:
        watchdog = os.environ.get("WATCHDOG_USEC")
        return cls(os.environ.get("NOTIFY_SOCKET"), int(watchdog) / 1e6 if watchdog else None)

    def feed_every(self, at_most: float) -> float:
        """The seconds between two feedings of the watchdog."""
        return min(at_most, self._watchdog / FED_PER_PERIOD) if self._watchdog else at_most

    def ready(self) -> None:
        self._tell("READY=1")

    def reloading(self) -> None:
        microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={microseconds}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def status(self, line: str) -> None:
        self._tell(f"STATUS={line}")

    def _tell(self, state: str) -> None:
        """Not heard is not fatal: systemd then acts by its own time-outs."""
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.settimeout(TELL_WITHIN)
                channel.connect(address)
                channel.sendall(state.encode())
        except OSError as error:
            log.warning("systemd does not listen: %s", error)
