"""An inbox full of mail made to break its reader, and customers between: each of them is answered, once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from responder.mail.automatic import Sign
from responder.store.records import MessageRow
from responder.store.store import Store
from tests.hostile.mails import HTML, MAILS, PERSON, PLAIN
from tests.system.office import CUSTOMER, OFFICE, USERS, Office, local, office

pytestmark = pytest.mark.system

CUSTOMERS = [f"khach{number}@banhang.example" for number in range(6)]
SET_ASIDE = 9  # those of the mails below whose sender is clear
GROWTH = 150 * 1024 * 1024  # octets: a batch of whole mails and their like is 20 MB, the rest is what Python keeps
A_LINE = b"x" * (200 * 1024 * 1024)


def hostile() -> list[bytes]:
    """Those that a bound sets aside, then large ones; without NULs, which IMAP cannot put into a mailbox."""
    built = [each.build() for each in MAILS.values() if each.defect is not None]
    more = [
        MAILS["injection"].build(),
        MAILS["html parts of tags"].build(),
        PERSON + PLAIN + b"\r\n" + A_LINE,
        PERSON + HTML + b"<p>" * 3_000_000,
        b"X: " + b"x" * 50_000_000 + b"\r\n" + PERSON + b"\r\nx",
        PERSON + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + b"x" * 70_000
        + b"\r\n--b\r\n\r\nx" * 50_000,
    ]  # fmt: skip
    mails = [raw for raw in (*built, *more) if raw and b"\0" not in raw]
    return [raw.replace(b"<m1@", b"<m%d@" % number, 1) for number, raw in enumerate(mails)]


def ordinary(customer: str) -> bytes:
    return (
        f"Return-Path: <{customer}>\r\nFrom: {customer}\r\nTo: {OFFICE}\r\nSubject: Hoi gia\r\n"
        f"Message-ID: <don-hang.{customer}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nXin báo giá bàn gỗ.\r\n"
    ).encode()


def lay(here: Office, mails: Sequence[bytes]) -> None:
    assert here.world.clock is not None
    with here.world.mailbox(OFFICE) as client:
        for raw in mails:
            client.append("INBOX", raw, msg_time=here.world.clock.now())


def peak(here: Office) -> int:
    assert here.process is not None
    lines = Path(f"/proc/{here.process.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


def on_record(here: Office) -> tuple[MessageRow, ...]:
    store = Store.open(here.directory / "state.db")
    try:
        return tuple(store.ledger(None, local("2020-01-01"), local("2040-01-01")).messages)
    finally:
        store.close()


def test_hostile_mail_holds_no_customer_up_and_is_set_aside_in_bounded_memory() -> None:
    users = [*USERS, *((customer, "secret") for customer in CUSTOMERS)]
    with office("2026-03-25 22:00", users=users) as here:
        here.start()
        before = peak(here)
        mails = hostile()
        share = len(mails) // (len(CUSTOMERS) - 1)
        for number, customer in enumerate(CUSTOMERS[:-1]):
            last = number == len(CUSTOMERS) - 2
            lay(here, mails[number * share :] if last else mails[number * share : (number + 1) * share])
            lay(here, [ordinary(customer)])
        for customer in CUSTOMERS[:-1]:
            here.wait_for_mails(customer, 1)
        here.wait_until_triaged(len(mails) + len(CUSTOMERS) - 1)
        grown = peak(here) - before

        lay(here, [ordinary(CUSTOMERS[-1])])  # one round more: nothing is asked for again
        here.wait_for_mails(CUSTOMERS[-1], 1)
        rows = on_record(here)
        assert len(rows) == len(mails) + len(CUSTOMERS)
        assert [len(here.mails(customer)) for customer in CUSTOMERS] == [1] * len(CUSTOMERS)
        assert grown < GROWTH, f"{grown / 1e6:.0f} MB"
        print(f"peak memory grew by {grown / 1e6:.0f} MB")
        assert {row.sender for row in rows if row.veto is None} >= set(CUSTOMERS)
        assert sum(row.veto == Sign.UNREADABLE for row in rows) >= SET_ASIDE
        assert len(here.wait_for_mails(CUSTOMER, 1)) == 1  # what may be answered of the rest has one sender
