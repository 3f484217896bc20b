"""servers/journal.py: what journald is given, on a socket in its place; and what no log line ever holds."""

from __future__ import annotations

import io
import logging
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from responder.about import ATTRIBUTE, about
from responder.errors import TroubleKind
from responder.mail.message import Message
from responder.servers.journal import Journal
from tests.fakes import NO_SUCH_USER, AtWork, letter

HUGE = 1_000_000  # characters; no datagram holds that many


class Journald:
    """The end of the socket that journald has."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(5)

    def close(self) -> None:
        self._socket.close()
        self.path.unlink(missing_ok=True)

    def entry(self) -> dict[str, str]:
        """The next entry's fields."""
        content, files, _flags, _from = socket.recv_fds(self._socket, 300_000, 1)
        for file in files:
            content = os.pread(file, 10_000_000, 0)
            os.close(file)
        return dict(_fields(content))


def _fields(entry: bytes) -> Iterator[tuple[str, str]]:
    """As the protocol has it: NAME=value, or NAME, the length in 8 bytes, and the value."""
    while entry:
        line, _, rest = entry.partition(b"\n")
        name, is_short, value = line.partition(b"=")
        if is_short:
            entry = rest
        else:
            (length,) = struct.unpack("<Q", rest[:8])
            value, entry = rest[8 : 8 + length], rest[8 + length + 1 :]
        yield name.decode(), value.decode()


@pytest.fixture
def journald(tmp_path: Path) -> Iterator[Journald]:
    made = Journald(tmp_path / "socket")
    yield made
    made.close()


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(journald: Journald, stderr: io.StringIO) -> Iterator[logging.Logger]:
    logger = logging.Logger("responder.test")
    handler = Journal(logging.StreamHandler(stderr), journald.path)
    logger.addHandler(handler)
    yield logger
    handler.close()


def test_a_line_keeps_its_words_and_brings_what_it_is_about(log: logging.Logger, journald: Journald) -> None:
    told = about(account="info", message=None, mail=7, kind="reply", outcome="sent")
    log.info("%s: thư %d đã gửi", "info", 7, extra=told)
    entry = journald.entry()
    assert entry["MESSAGE"] == "info: thư 7 đã gửi"
    assert entry["PRIORITY"] == "6"
    assert entry["SYSLOG_IDENTIFIER"] == "responder"
    assert entry["LOGGER"] == "responder.test"
    assert (entry["CODE_FILE"], entry["CODE_FUNC"]) == (
        __file__,
        "test_a_line_keeps_its_words_and_brings_what_it_is_about",
    )
    ours = {name: value for name, value in entry.items() if name.startswith("RESPONDER_")}
    assert ours == {
        "RESPONDER_ACCOUNT": "info",
        "RESPONDER_MAIL": "7",
        "RESPONDER_KIND": "reply",
        "RESPONDER_OUTCOME": "sent",
    }


def test_priorities_are_those_of_syslog(log: logging.Logger, journald: Journald) -> None:
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        log.log(level, "x")
    assert [journald.entry()["PRIORITY"] for _ in range(5)] == ["7", "6", "4", "3", "2"]


def test_a_traceback_is_one_entry_of_several_lines(log: logging.Logger, journald: Journald) -> None:
    def broken() -> None:
        raise LookupError("hai\ndòng")

    try:
        broken()
    except LookupError:
        log.exception("info: unexpected failure", extra=about(account="info", trouble=TroubleKind.INTERNAL))
    entry = journald.entry()
    assert entry["MESSAGE"].startswith("info: unexpected failure\nTraceback (most recent call last):\n")
    assert entry["MESSAGE"].endswith("LookupError: hai\ndòng")
    assert entry["RESPONDER_EXCEPTION"] == "LookupError"
    assert entry["RESPONDER_TROUBLE"] == "internal"
    assert entry["PRIORITY"] == "3"


def test_what_no_datagram_holds_comes_whole_all_the_same(log: logging.Logger, journald: Journald) -> None:
    log.error("đ" * HUGE, extra=about(account="info"))
    entry = journald.entry()
    assert entry["MESSAGE"] == "đ" * HUGE
    assert entry["RESPONDER_ACCOUNT"] == "info"


def test_while_the_journal_is_away_lines_go_to_stderr_and_afterwards_to_it_again(
    log: logging.Logger, journald: Journald, stderr: io.StringIO
) -> None:
    journald.close()
    log.warning("away")
    log.warning("đ" * HUGE)
    assert stderr.getvalue() == f"away\n{'đ' * HUGE}\n"
    again = Journald(journald.path)
    log.warning("here")
    assert again.entry()["MESSAGE"] == "here"
    again.close()


def test_a_journal_that_takes_nothing_holds_nobody_up(
    journald: Journald, stderr: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.servers.journal.WITHIN", 0.05)
    log, handler = logging.Logger("responder.test"), Journal(logging.StreamHandler(stderr), journald.path)
    log.addHandler(handler)
    for number in range(2000):  # nobody reads: the socket's queue is full at some point
        log.warning("line %d", number)
        if stderr.getvalue():
            break
    handler.close()
    assert stderr.getvalue().startswith("line ")


def test_a_line_that_cannot_be_made_harms_nobody(
    log: logging.Logger, journald: Journald, capsys: pytest.CaptureFixture[str]
) -> None:
    log.info("%d mails", "many")
    log.info("next")
    assert journald.entry()["MESSAGE"] == "next"
    assert "%d mails" in capsys.readouterr().err


# ---------------------------------------------------------------- what the lines of the work are about


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [getattr(record, ATTRIBUTE, {}) for record in caplog.records]


def test_the_way_of_a_mail_can_be_followed_by_its_number(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    here = AtWork(None, NO_SUCH_USER)
    uid = here.come()
    here.work()
    [message] = here.messages()
    of_message = [each for each in told(caplog) if each.get("message") == message.id]
    assert {each["account"] for each in of_message} == {"info"}
    assert of_message[0] == {"account": "info", "message": message.id, "uid": uid}
    reply = {"account": "info", "message": message.id, "mail": 1, "kind": "reply", "outcome": "permanent"}
    assert reply in of_message
    here.store.close()


def test_no_line_holds_a_customers_words_whatever_happens(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    here = AtWork(None, NO_SUCH_USER)
    here.come(letter("Cần gấp: mật khẩu của tôi là BIMAT-1.", "BIMAT-2"))
    here.work()

    def broken(message: Message, *_: object, **__: object) -> None:
        raise ValueError(f"cannot read {message.subject} {message.text}")

    monkeypatch.setattr("responder.work.triage.read", broken)
    here.come(letter("BIMAT-3", "BIMAT-4"))
    here.work("2026-11-23 08:00")
    here.mailbox.answer(1)
    here.work()
    lines = [f"{logging.Formatter().format(record)} {getattr(record, ATTRIBUTE, {})}" for record in caplog.records]
    assert any("is set aside" in line and "broken" in line for line in lines), "the way to the error is shown"
    assert "ValueError: cannot read BIMAT-4" in (here.messages()[1].error or ""), "its words are kept in the ledger"
    assert not [line for line in lines if "BIMAT" in line]
    here.store.close()
