"""The server that our mail goes to, and where it is counted: it takes everything, and forgets nothing.

It stands behind the proxy that causes the faults: what it has taken, a customer has got.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.process import LOOPBACK, ReservedPort


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail to one recipient, and when the last line of it came (`time.monotonic()`)."""

    sender: str
    recipient: str
    content: bytes
    at: float

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)  # type: ignore[return-value]

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"])


class Receiver:
    """`with Receiver() as receiver:` — `receiver.taken` is what came, in its order."""

    def __init__(self, **options: Any) -> None:
        """`options` as those of aiosmtpd's SMTP, e.g. `enable_SMTPUTF8=False`."""
        allowed = {"enable_SMTPUTF8": True, "data_size_limit": 0, **options}
        self._lock = threading.Lock()
        self._taken: list[Taken] = []
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port, **allowed)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        with self._lock:
            for recipient in envelope.rcpt_tos:
                self._taken.append(Taken(envelope.mail_from or "", recipient, content, time.monotonic()))
        return "250 2.0.0 taken"

    @property
    def taken(self) -> list[Taken]:
        with self._lock:
            return list(self._taken)
