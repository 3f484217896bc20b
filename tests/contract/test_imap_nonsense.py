"""Whatever an IMAP server says, nothing but `Trouble` leaves the adapter; and only what was asked for counts."""

from __future__ import annotations

import contextlib
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Self

import pytest

from responder.config import Security
from responder.errors import Trouble, TroubleKind
from responder.policy.model import Mark, MarkKind
from responder.ports import Fetched, Flags, Special, Unreadable
from responder.servers import imap
from responder.servers.imap import ImapMailbox
from tests.contract.boxes import INBOX, PASSWORD, server_at
from tests.contract.scripted_imap import ScriptedImap

MAIL = "From: a@banhang.example\r\nTo: info@congty.example\r\nSubject: x\r\nMessage-ID: <a@b>\r\n\r\nHoi gia.\r\n"
TEXT = (
    r'(("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 17 1 NIL NIL NIL NIL)'
    r'("APPLICATION" "PDF" ("NAME" "a.pdf") NIL NIL "BASE64" 300000 NIL ("ATTACHMENT" ("FILENAME" "a.pdf")) NIL NIL)'
    r' "MIXED" ("BOUNDARY" "b") NIL NIL NIL)'
)
HEADER = MAIL.partition("\r\n\r\n")[0] + "\r\n\r\n"
ROWS = (  # what is asked for, and what it is; the first that is found in the command
    ("RFC822.SIZE", 'UID {uid} RFC822.SIZE {size} INTERNALDATE "20-Nov-2026 22:10:00 +0700" FLAGS (\\Seen $Junk)'),
    ("BODYSTRUCTURE", f"UID {{uid}} BODY[HEADER]<0> {{{{{len(HEADER)}}}}}\r\n{HEADER} BODYSTRUCTURE {TEXT}"),
    ("BODY.PEEK[]<0.", f"UID {{uid}} BODY[]<0> {{{{{len(MAIL)}}}}}\r\n{MAIL}"),
    ("BODY.PEEK[]", f"UID {{uid}} BODY[] {{{{{len(MAIL)}}}}}\r\n{MAIL}"),
    ("BODY.PEEK[1.MIME]", 'UID {uid} BODY[1.MIME]<0> "" BODY[1]<0> "Cho em hoi gia."'),
    ("HEADER.FIELDS", f"UID {{uid}} BODY[HEADER.FIELDS (FROM)]<0> {{{{{len(HEADER)}}}}}\r\n{HEADER}"),
    ("FLAGS", r"UID {uid} FLAGS (\Answered \Flagged)"),
    ("INTERNALDATE", 'UID {uid} INTERNALDATE "20-Nov-2026 22:10:00 +0700"'),
)
SIZES = {1: 100, 2: 500_000, 3: 100}


def answer(command: str) -> str:
    """As a sound server would, of three messages; `TAG` stands for the command's."""
    verb = command.removeprefix("UID ").partition(" ")[0].upper()
    done = "TAG OK done\r\n"
    match verb:
        case "CAPABILITY":
            return f"* CAPABILITY IMAP4rev1 IDLE SPECIAL-USE UIDPLUS NAMESPACE AUTH=PLAIN\r\n{done}"
        case "SELECT" | "EXAMINE":
            flags = r"* OK [PERMANENTFLAGS (\Answered \Flagged \*)] ok"
            numbers = "* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 4] ok"
            return (
                f"* FLAGS (\\Answered \\Flagged)\r\n{flags}\r\n* 3 EXISTS\r\n{numbers}\r\nTAG OK [READ-WRITE] done\r\n"
            )
        case "LIST":
            return f'* LIST () "/" INBOX\r\n* LIST (\\Sent) "/" Sent\r\n* LIST (\\Drafts) "/" "B&AKM-n"\r\n{done}'
        case "NAMESPACE":
            return f'* NAMESPACE (("" "/")) NIL NIL\r\n{done}'
        case "STATUS":
            return f"* STATUS Sent (UIDVALIDITY 1 UIDNEXT 4 MESSAGES 3)\r\n{done}"
        case "SEARCH":
            return f"* SEARCH 1 2 3\r\n{done}"
        case "FETCH":
            row = next(row for asked, row in ROWS if asked in command)
            uids = [uid for uid in SIZES if re.search(rf"\b{uid}\b", command.split()[2])]
            return "".join(f"* {uid} FETCH ({row.format(uid=uid, size=SIZES[uid])})\r\n" for uid in uids) + done
        case "IDLE":
            return "+ idling\r\n* 4 EXISTS\r\n"
        case _:
            return done


PIECES = (
    b"(", b")", b'"', b"{5}\r\n", b"{0}\r\n", b"{99999999999999999999}\r\n", b"{209715200}\r\n", b"NIL", b"\x00",
    b"\xff\xfe", b"[", b"]", b"\\", b"* ", b"\r\n", b"\n", b"4294967296", b"-1", b"BAD ", b"NO ", b"* BYE ", b"+ ",
    b"(" * 3000, b"UID", b"FETCH", b"SEARCH", b"<0>", b"&", b"&AKM", b"7", b" ", b"* 2 EXPUNGE\r\n",
    b"* 3 FETCH (FLAGS ())\r\n", b"* OK [READ-ONLY]\r\n", b"\"31-Feb-2026 25:61:61 +9999\"",
)  # fmt: skip


def mutated(text: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(text))
        end = min(len(text), at + chance.randint(0, 30))
        match chance.randint(0, 3):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 2:
                text = text[:at] + chance.choice(PIECES) + text[end:]
            case _:
                text = text[:end] + text[at:end] + text[end:]
    return text


class Babbling:
    """A server whose answer to one command is not sound; then it has nothing more to say."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.chance = random.Random(0)  # noqa: S311 - the same every time
        self.sound = 0  # so many answers first
        self.said = b""

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with contextlib.suppress(OSError), connection, connection.makefile("rb") as lines:
                    self._talk(connection, lines)

    def _talk(self, connection: socket.socket, lines: object) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"* OK ready\r\n")
        left, idling = self.sound, ""
        for line in lines:  # type: ignore[attr-defined]
            tag, _, command = line.decode("utf-8", "replace").strip().partition(" ")
            said, tag = (answer(command), tag) if command else ("TAG OK done\r\n", idling)
            idling = tag if command == "IDLE" else idling
            text = said.replace("TAG", tag).encode()
            if left == 0:
                self.said = mutated(text, self.chance)
                connection.sendall(self.said)
                connection.shutdown(socket.SHUT_WR)
                return
            left -= 1
            connection.sendall(text)


USES: tuple[Callable[[ImapMailbox], object], ...] = (
    lambda mailbox: mailbox.fetch([1, 2, 3]),
    lambda mailbox: mailbox.fetch([1, 3]),
    lambda mailbox: mailbox.flags([1, 2, 3]),
    lambda mailbox: mailbox.uids_after(0),
    lambda mailbox: mailbox.persons_mail(0),
    lambda mailbox: mailbox.sent_state(),
    lambda mailbox: mailbox.correspondents(datetime(2026, 1, 1, tzinfo=UTC)),
    lambda mailbox: mailbox.holds(Special.SENT, "<a@b>"),
    lambda mailbox: mailbox.mark([1], Mark(MarkKind.FLAGGED)),
    lambda mailbox: mailbox.refused([Mark(MarkKind.FOLDER, "Gap")]),
    lambda mailbox: mailbox.glimpse(1),
    lambda mailbox: mailbox.newest(2),
    lambda mailbox: mailbox.wait(0.01, threading.Event()),
    lambda mailbox: mailbox.answered_in("Sent", datetime(2026, 1, 1, tzinfo=UTC)),
    lambda mailbox: mailbox.held_in("Sent", datetime(2026, 1, 1, tzinfo=UTC)),
)


def worked(mailbox: ImapMailbox, use: Callable[[ImapMailbox], object]) -> None:
    """Raises whatever is no `Trouble`."""
    try:
        mailbox.connect()
        mailbox.inbox()
        told = use(mailbox)
    except Trouble as trouble:
        assert trouble.kind is not TroubleKind.INTERNAL  # noqa: PT017 - any other is fine
        return
    finally:
        mailbox.close()
    for one in told if isinstance(told, tuple) else ():
        arrived = getattr(one, "arrived", None)
        assert arrived is None or arrived < datetime.max.replace(tzinfo=UTC)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(imap, "READ_TIMEOUT", 2.0)
    monkeypatch.setattr(imap, "CONNECT_TIMEOUT", 2.0)
    return None


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("use", USES, ids=range(len(USES)))
def test_nothing_but_trouble_comes_of_nonsense(use: Callable[[ImapMailbox], object]) -> None:
    with Babbling() as server:
        mailbox = ImapMailbox(server_at(server.port, "u"), lambda: PASSWORD, INBOX, {})
        for seed in range(200):
            server.chance = random.Random(seed)  # noqa: S311
            server.sound = server.chance.randint(2, 9)
            begun = time.monotonic()
            try:
                worked(mailbox, use)
            except Exception as error:
                raise AssertionError(f"seed {seed}: {error!r} over {server.said[:500]!r}") from error
            assert time.monotonic() - begun < 5, f"seed {seed}: it took long over {server.said[:500]!r}"


@contextlib.contextmanager
def connected(answers: dict[str, tuple[str, ...]]) -> Iterator[ImapMailbox]:
    """To a server that says this to a command."""
    with ScriptedImap(answers) as server:
        mailbox = ImapMailbox(server_at(server.port, "u"), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        yield mailbox
        mailbox.close()


def test_flags_of_another_message_told_by_its_place_are_not_taken_for_those_of_the_message_with_that_uid() -> None:
    rows = (r"* 5 FETCH (FLAGS (\Answered))", r"* 2 FETCH (UID 5 FLAGS (\Seen))", r"* 5 FETCH (FLAGS (\Answered))")
    with connected({"UID": (*rows, "OK done")}) as mailbox:
        assert mailbox.flags([5]) == {5: Flags(answered=False, flagged=False)}


def test_what_was_not_asked_for_is_not_fetched() -> None:
    rows = (
        "* 1 FETCH (UID 3 RFC822.SIZE 10 INTERNALDATE NIL FLAGS ())",
        "* 2 FETCH (UID 5 RFC822.SIZE 10 INTERNALDATE NIL FLAGS () BODY[] {5}\r\nabc\r\n)",
        "* 1 FETCH (UID 3 BODY[] {5}\r\nabc\r\n)",
        "* 2 FETCH (UID 5 FLAGS (\\Seen))",
    )
    with connected({"UID": (*rows, "OK done")}) as mailbox:
        [found] = mailbox.fetch([5])
        assert isinstance(found, Fetched)
        assert found.uid == 5


@pytest.mark.parametrize("when", ["25-Mar-2026 22:10:00 +9999", "31-Feb-2026 9:9:9 +0700"])
def test_an_arrival_that_cannot_be_is_none(when: str) -> None:
    row = f'* 1 FETCH (UID 1 RFC822.SIZE 5 INTERNALDATE "{when}" FLAGS () BODY[] {{5}}\r\nabc\r\n)'
    with connected({"UID": (row, "OK done")}) as mailbox:
        [found] = mailbox.fetch([1])
        assert isinstance(found, Fetched)
        assert found.arrived is None


def test_a_message_of_which_nothing_is_told_has_gone_only_if_a_search_does_not_find_it() -> None:
    with connected({"UID": ("* SEARCH 7", "OK done")}) as mailbox:
        assert [(type(one), one.uid) for one in mailbox.fetch([7, 8])] == [(Unreadable, 7)]
        with pytest.raises(Trouble, match="does not tell its flags"):
            mailbox.flags([7, 8])
        assert mailbox.flags([8]) == {}


@pytest.mark.parametrize(
    "answer", ["* 1 FETCH (UID 1 BODY[] {209715200}", "* 1 FETCH (UID 1 BODY[] {99999999999999999999}"]
)
def test_a_literal_larger_than_anything_that_was_asked_for_is_not_read(answer: str) -> None:
    with connected({"UID": (answer, "OK done")}) as mailbox:
        with pytest.raises(Trouble, match="of more than was asked for") as trouble:
            mailbox.fetch([1])
        assert trouble.value.kind is TroubleKind.NETWORK


def test_a_server_that_answers_for_ever_a_byte_at_a_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "READ_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def trickle() -> None:
            connection, _ = listener.accept()
            with contextlib.suppress(OSError):
                connection.sendall(b"* OK ")
                while True:
                    connection.sendall(b"x")
                    time.sleep(0.01)

        threading.Thread(target=trickle, daemon=True).start()
        mailbox = ImapMailbox(server_at(listener.getsockname()[1], "u"), lambda: PASSWORD, INBOX, {})
        begun = time.monotonic()
        with pytest.raises(Trouble, match="in time") as trouble:
            mailbox.connect()
        assert trouble.value.kind is TroubleKind.NETWORK
        assert time.monotonic() - begun < 10


def test_a_server_that_does_not_tell_the_next_number_is_asked_for_it() -> None:
    select = ("* 0 EXISTS", "* OK [UIDVALIDITY 1] ok", "OK [READ-WRITE] done")
    status = ("* STATUS INBOX (UIDNEXT 44)", "OK done")
    with connected({"SELECT": select, "STATUS": status}) as mailbox:
        assert mailbox.inbox().uidnext == 44


def test_a_mailbox_that_may_only_be_read_is_opened_and_takes_no_marks() -> None:
    select = ("* 0 EXISTS", "* OK [UIDVALIDITY 1] ok", "* OK [UIDNEXT 1] ok", "OK [READ-ONLY] done")
    flag = Mark(MarkKind.FLAGGED)
    with connected({"SELECT": select}) as mailbox:
        assert mailbox.uids_after(0) == ()
        assert mailbox.fetch([1]) == ()
        assert set(mailbox.refused([flag])) == {flag}


def test_a_tls_handshake_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "CONNECT_TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=lambda: listener.accept()[0].recv(9) and time.sleep(5), daemon=True).start()
        mailbox = ImapMailbox(server_at(listener.getsockname()[1], "u", Security.TLS), lambda: PASSWORD, INBOX, {})
        with pytest.raises(Trouble) as trouble:
            mailbox.connect()
        assert trouble.value.kind is TroubleKind.NETWORK


class Unselecting(Babbling):
    """A server with which, after a folder that it denies, none is selected (RFC 9051 6.3.2)."""

    def _talk(self, connection: socket.socket, lines: object) -> None:
        connection.sendall(b"* OK ready\r\n")
        for line in lines:  # type: ignore[attr-defined]
            tag, _, command = line.decode().strip().partition(" ")
            is_denied = command.startswith("EXAMINE") and INBOX not in command
            said = "TAG NO [NOPERM] not for you\r\n" if is_denied else answer(command)
            connection.sendall(said.replace("TAG", tag).encode())


@pytest.mark.parametrize(
    "look",
    [
        lambda mailbox: mailbox.holds(Special.DRAFTS, "<a@b>"),
        lambda mailbox: mailbox.persons_mail(0),
        lambda mailbox: mailbox.own_mail(datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_after_a_folder_that_is_denied_the_inbox_is_at_hand(look: Callable[[ImapMailbox], object]) -> None:
    with Unselecting() as server:
        mailbox = ImapMailbox(server_at(server.port, "u"), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        before = mailbox.flags([1])
        with pytest.raises(Trouble, match="not for you"):
            look(mailbox)
        assert mailbox.flags([1]) == before
        mailbox.close()


@pytest.mark.parametrize("refusal", ["NO not now", "BAD what?"])
def test_idle_that_is_offered_and_refused_is_no_trouble_and_no_hurry(refusal: str) -> None:
    with connected({"IDLE": (refusal,)}) as mailbox:
        for _ in range(2):
            begun = time.monotonic()
            mailbox.wait(0.3, threading.Event())
            assert time.monotonic() - begun >= 0.3


def test_news_before_the_server_agrees_to_idle_end_the_wait() -> None:
    with connected({"IDLE": ("* 1 EXISTS", "+ idling", "OK done")}) as mailbox:
        begun = time.monotonic()
        mailbox.wait(60, threading.Event())
        assert time.monotonic() - begun < 30


def test_that_the_server_is_still_there_is_no_news_before_it_agrees_to_idle_either() -> None:
    with connected({"IDLE": ("* OK still here", "+ idling", "OK done")}) as mailbox:
        begun = time.monotonic()
        mailbox.wait(0.3, threading.Event())
        assert time.monotonic() - begun >= 0.3


def test_a_server_that_says_the_same_before_every_idle_ends_one_wait_only() -> None:
    with connected({"IDLE": ("* 0 EXISTS", "+ idling", "OK done")}) as mailbox:
        mailbox.wait(60, threading.Event())
        for _ in range(3):
            begun = time.monotonic()
            mailbox.wait(0.3, threading.Event())
            assert time.monotonic() - begun >= 0.3


def test_idle_ends_after_a_while_however_long_the_poll_for_the_line_may_be_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imap, "LONGEST_IDLE", 0.3)
    with connected({"IDLE": ("+ idling", "OK done")}) as mailbox:
        begun = time.monotonic()
        mailbox.wait(1800, threading.Event())
        assert 0.3 <= time.monotonic() - begun < 30
        assert mailbox._imap.socket().getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
