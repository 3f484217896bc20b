"""What systemd is told: ready, reloading, stopping, watchdog, a status line (sd_notify(3)).

Without NOTIFY_SOCKET every call does nothing.
"""

from __future__ import annotations

import os
import socket
import time


class Notifier:
    """Speaks to the service manager named by NOTIFY_SOCKET."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    @classmethod
    def from_environment(cls) -> Notifier:
        return cls(os.environ.get("NOTIFY_SOCKET"))

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
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.connect(address)
            channel.sendall(state.encode())
