"""A stubborn robot: it answers every mail at once, as a new person with a new subject, and bears no mark of a machine.

It is a mail server of its own behind Postfix, and goes on as long as anything comes.
"""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import make_msgid

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.process import LOOPBACK, free_ports

DOMAIN = "robot.test"
TIRED = 60  # after so many mails it gives up: a test must end, also one that fails


class Robot:
    """`with Robot(address) as robot:` — `address(n)` writes its nth mail; `options` are for the Postfix around it."""

    def __init__(self, address: Callable[[int], str]) -> None:
        self.received: list[EmailMessage] = []
        self.sent = 0
        self._address = address
        [self._port] = free_ports(1)
        self._submission: int | None = None
        self._server = _Server(self, hostname=LOOPBACK, port=self._port)

    @property
    def options(self) -> dict[str, str]:
        way = f"lmtp:inet:{LOOPBACK}:{self._port}"
        return {"transport_maps": f"inline:{{ {{ {DOMAIN} = {way} }}, {{ .{DOMAIN} = {way} }} }}"}

    def __enter__(self) -> Robot:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def begin(self, to: str, submission: int) -> None:
        """Write the first mail, over Postfix at that port."""
        self._submission = submission
        self._write(to)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        mail = message_from_bytes(envelope.content or b"", policy=default)
        assert isinstance(mail, EmailMessage)
        self.received.append(mail)
        if self.sent < TIRED:
            await asyncio.to_thread(self._write, mail["From"].addresses[0].addr_spec)
        return "250 thank you"

    def _write(self, to: str) -> None:
        assert self._submission is not None
        self.sent += 1
        sender = self._address(self.sent)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, f"Yêu cầu số {self.sent}"
        mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        mail.set_content(f"Chúng tôi đã nhận được thư của quý vị và mở yêu cầu số {self.sent}.")
        with smtplib.SMTP(LOOPBACK, self._submission, timeout=10) as smtp:
            smtp.sendmail(sender, [to], bytes(mail))


class _Server(Controller):
    def factory(self) -> LMTP:
        return LMTP(self.handler)
