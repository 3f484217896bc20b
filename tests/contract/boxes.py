"""One mailbox in three makes, each with the hands of customers and staff on it: in memory, pymap, Dovecot."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import socket
import threading
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Protocol

from imapclient import IMAPClient
from pydantic import SecretStr
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPService
from pysasl.hashing import BuiltinHash

from responder.config import ImapServer, Security
from responder.ports import Mailbox, Special
from responder.secret import PasswordLiteral
from responder.servers.imap import ImapMailbox
from tests.fakes import INBOX, FakeMailbox, Folder
from tests.servers.process import LOOPBACK, free_ports

PASSWORD = "secret"
NAMES: dict[str, str] = {Special.SENT: "Sent", Special.DRAFTS: "Drafts"}


class Box(Protocol):
    """A mailbox under test, and what others do to it."""

    mailbox: Mailbox

    def deliver(self, content: bytes, at: datetime) -> int: ...

    def remove(self, uid: int) -> None: ...

    def answer(self, uid: int) -> None: ...

    def put_keywords(self, uid: int, keywords: Sequence[str]) -> None: ...

    def answer_in(self, folder: str, message_id: str) -> None: ...

    def write(self, content: bytes, at: datetime) -> None: ...

    def seen(self, uid: int) -> bool: ...

    def make_folder(self, name: str) -> None: ...

    def held(self, folder: Special | str) -> list[tuple[frozenset[str], bytes]]: ...


class FakeBox:
    """`FakeMailbox`."""

    def __init__(self) -> None:
        self.mailbox = FakeMailbox()

    def deliver(self, content: bytes, at: datetime) -> int:
        return self.mailbox.deliver(content, at)

    def remove(self, uid: int) -> None:
        self.mailbox.remove(uid)

    def answer(self, uid: int) -> None:
        self.mailbox.answer(uid)

    def put_keywords(self, uid: int, keywords: Sequence[str]) -> None:
        self.mailbox.put_keywords(uid, keywords)

    def answer_in(self, folder: str, message_id: str) -> None:
        self.mailbox.answer_in(folder, message_id)

    def write(self, content: bytes, at: datetime) -> None:
        self.mailbox.write(content, at)

    def seen(self, uid: int) -> bool:
        return self.mailbox.seen(uid)

    def make_folder(self, name: str) -> None:
        self.mailbox.folders[name] = Folder()

    def held(self, folder: Special | str) -> list[tuple[frozenset[str], bytes]]:
        return [(frozenset(one.flags), one.content) for one in self.mailbox.folders[folder].stored]


class ServerBox:
    """`ImapMailbox` on a server; the others work over a connection of their own."""

    def __init__(self, port: int, user: str, others: IMAPClient) -> None:
        self.mailbox = ImapMailbox(server_at(port, user), lambda: PASSWORD, INBOX, {})
        self._others = others

    def deliver(self, content: bytes, at: datetime) -> int:
        self._others.append(INBOX, content, msg_time=at)
        return self._newest()

    def _newest(self) -> int:
        self._others.noop()
        return int(max(self._others.search()))

    def remove(self, uid: int) -> None:
        self._others.delete_messages([uid])
        self._others.expunge([uid])

    def throw_away(self, uid: int) -> None:
        """A person's mail program marks it as deleted, and leaves it there for now."""
        self._others.delete_messages([uid])

    def answer(self, uid: int) -> None:
        self._others.add_flags([uid], [rb"\Answered"])

    def put_keywords(self, uid: int, keywords: Sequence[str]) -> None:
        if keywords:
            self._others.add_flags([uid], keywords)

    def answer_in(self, folder: str, message_id: str) -> None:
        self._others.select_folder(folder)
        try:
            self.answer(self._others.search(["HEADER", "Message-ID", message_id])[0])
        finally:
            self._others.select_folder(INBOX)

    def write(self, content: bytes, at: datetime) -> None:
        self._others.append(NAMES[Special.SENT], content, flags=[rb"\Seen"], msg_time=at)

    def seen(self, uid: int) -> bool:
        return rb"\Seen" in self._others.get_flags([uid])[uid]

    def make_folder(self, name: str) -> None:
        self._others.create_folder(name)

    def held(self, folder: Special | str) -> list[tuple[frozenset[str], bytes]]:
        self._others.select_folder(NAMES.get(folder, folder), readonly=True)
        try:
            rows = self._others.fetch(self._others.search(), ["FLAGS", "BODY.PEEK[]"])
        finally:
            self._others.select_folder(INBOX)
        return [(_plain(row[b"FLAGS"]), row[b"BODY[]"]) for _uid, row in sorted(rows.items())]


def _plain(flags: tuple[bytes, ...]) -> frozenset[str]:
    """`\\Seen` → `seen`; \\Recent is the server's own affair."""
    return frozenset(flag.decode().lstrip("\\").lower() for flag in flags) - {"recent"}


def server_at(port: int, user: str, security: Security = Security.NONE, ca_file: Path | None = None) -> ImapServer:
    secret = PasswordLiteral(SecretStr(PASSWORD))
    return ImapServer(host=LOOPBACK, port=port, security=security, user=user, password=secret, ca_file=ca_file)


@contextlib.contextmanager
def server_box(port: int, user: str) -> Iterator[ServerBox]:
    with IMAPClient(LOOPBACK, port, ssl=False, timeout=10) as others:
        others.normalise_times = False
        others.login(user, PASSWORD)
        for name in NAMES.values():
            if not others.folder_exists(name):
                others.create_folder(name)
        others.select_folder(INBOX)
        box = ServerBox(port, user, others)
        box.mailbox.connect()
        try:
            yield box
        finally:
            box.mailbox.close()


class PymapServer:
    """pymap in a thread of this process. It knows no special folders and no TLS here."""

    def __init__(self, users: int) -> None:
        self.users = [f"user{number}@office.test" for number in range(users)]
        [self.port] = free_ports(1)
        self._ready = threading.Event()
        self._end: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> PymapServer:
        logging.getLogger("pymap").setLevel(logging.CRITICAL)
        self._thread.start()
        assert self._ready.wait(10), "pymap did not start"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._end is not None
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        arguments = Namespace(
            host=LOOPBACK, port=self.port, debug=False, cert=None, key=None, tls=False, passlib_cfg=None,
            demo_data=False, demo_user=self.users[0], demo_password=PASSWORD, proxy_protocol=None,
            inherited_sockets=None,
        )  # fmt: skip
        cheap = BuiltinHash(hash_name="sha256", salt_len=8, rounds=1)
        backend, config = await DictBackend.init(
            arguments, secure_auth=False, invalid_user_sleep=0.0, hash_context=cheap
        )
        config.apply_context()
        users = backend.login.users_dict
        for name in self.users[1:]:
            users[name] = dataclasses.replace(users[self.users[0]], name=name)
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            await IMAPService(backend, config).start(stack)
            self._ready.set()
            await self._end.wait()


class Relay:
    """Stands between a client and a server on loopback: counts what comes down, and can cut the line."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self.received = 0
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Relay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection((LOOPBACK, self._target))
                self._sockets += [client, server]
                threading.Thread(target=self._copy, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._copy, args=(server, client, True), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, is_down: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.received += len(data) if is_down else 0
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)
