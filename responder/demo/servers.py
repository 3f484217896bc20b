"""The demo's mail servers, on this machine only: pymap keeps the office's mailbox, aiosmtpd takes what is sent.

Both run in one asyncio loop in a thread of their own and listen on free ports of the loopback address. Only this module
knows the two libraries; it knows nothing of the daemon and of what happens on the days.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend
from pymap.imap import IMAPServer

HOST = "127.0.0.1"
READY_WITHIN = 15.0  # seconds


@dataclass(frozen=True, slots=True)
class Delivered:
    """One mail as its recipient would find it."""

    envelope_from: str
    recipient: str
    mail: EmailMessage


class PostOffice:
    """Takes every mail that is submitted, and keeps it. Fits the handlers of aiosmtpd."""

    def __init__(self) -> None:
        self.delivered: list[Delivered] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """One transaction: a copy for each recipient."""
        mail = message_from_bytes(envelope.content, policy=default)
        sender = str(envelope.mail_from or "").strip("<>")
        self.delivered.extend(Delivered(sender, str(to), mail) for to in envelope.rcpt_tos)
        return "250 2.0.0 taken"


@dataclass(frozen=True, slots=True)
class Servers:
    """Where both listen, and what has been sent so far."""

    imap_port: int
    smtp_port: int
    post: PostOffice


@contextmanager
def running(user: str, password: str) -> Iterator[Servers]:
    """Both servers, with one empty mailbox for `user`, until the block ends."""
    world = _World(user, password)
    thread = threading.Thread(target=world.run, name="demo-servers", daemon=True)
    thread.start()
    try:
        yield world.wait()
    finally:
        world.stop()
        thread.join(READY_WITHIN)


class _World:
    """The thread with the loop."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password
        self._ready = threading.Event()
        self._servers: Servers | None = None
        self._failure: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: told by `wait`
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        post = PostOffice()
        async with _imap(self._user, self._password) as imap_port, _smtp(post) as smtp_port:
            self._servers = Servers(imap_port, smtp_port, post)
            self._ready.set()
            await self._over.wait()

    def wait(self) -> Servers:
        self._ready.wait(READY_WITHIN)
        if self._servers is None:
            raise RuntimeError("the demo's mail servers did not start") from self._failure
        return self._servers

    def stop(self) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._over.set)


@asynccontextmanager
async def _imap(user: str, password: str) -> AsyncIterator[int]:
    options = Namespace(
        host=HOST, port=0, debug=False, cert=None, key=None, tls=False, proxy_protocol=None, passlib_cfg=None,
        demo_data=False, demo_user=user, demo_password=password,
    )  # fmt: skip
    backend, config = await DictBackend.init(options)
    assert isinstance(config, Config)  # noqa: S101 - for the type checker
    config.apply_context()
    connected = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        whole: Any = _Whole(writer)
        await connected(reader, whole)

    async with await asyncio.start_server(session, host=HOST, port=0) as server:
        yield int(server.sockets[0].getsockname()[1])


class _Whole:
    """A writer that sends each response in one piece, as mail servers do; pymap would send line ends on their own."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._pieces: list[bytes] = []

    def write(self, piece: bytes | memoryview) -> None:
        self._pieces.append(bytes(piece))

    async def drain(self) -> None:
        self._writer.write(b"".join(self._pieces))
        self._pieces.clear()
        await self._writer.drain()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


@asynccontextmanager
async def _smtp(post: PostOffice) -> AsyncIterator[int]:
    def session() -> Any:
        return SMTP(post, hostname="mail.congty.example", ident="demo", enable_SMTPUTF8=True)

    async with await asyncio.get_running_loop().create_server(session, host=HOST, port=0) as server:
        yield int(server.sockets[0].getsockname()[1])
