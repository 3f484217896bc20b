"""`ledger note` and `ledger forget`: what people write down about somebody, and everything about somebody gone."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from responder.daemon import parts
from responder.errors import Trouble, TroubleKind
from responder.store.records import DigestRow, OutboxKind, OutboxState
from responder.store.store import Store
from responder.work.digest import Digests
from responder.work.purge import RAN, Purge
from tests.cli_office import CUSTOMER, SATURDAY_NIGHT, CliOffice, mail, make_office

MINH = "minh@khach.example"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    """An office that has had a mail of Lan's on Saturday night, and Minh's an hour later."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUDO_USER", "hoa")
    monkeypatch.delenv("RESPONDER_CONFIG", raising=False)
    office = make_office(tmp_path, monkeypatch)
    office.triage()
    office.box.deliver(mail("Cho em hỏi BIMAT còn hàng không?"), SATURDAY_NIGHT)
    office.triage()
    office.clock.advance(timedelta(hours=1))
    office.box.deliver(mail("Có ship không ạ?", "Ship", MINH), office.clock.now())
    office.triage()
    office.clock.advance(timedelta(hours=1))
    return office


@contextmanager
def state(office: CliOffice) -> Iterator[Store]:
    with closing(Store.open(office.state)) as store:
        yield store


def follow_ups(office: CliOffice) -> dict[str, OutboxState]:
    with state(office) as store:
        return {row.recipient: row.state for row in store.mails() if row.kind is OutboxKind.FOLLOW_UP}


# ---------------------------------------------------------------- note


def test_a_note_stands_in_the_ledger_where_it_belongs_in_time(office: CliOffice) -> None:
    result = office.run("ledger", "note", CUSTOMER, "Gọi lại: còn hàng", "--at", "2026-11-21T22:40")
    assert (result.exit_code, result.stdout) == (0, f"noted for {CUSTOMER}, Sat 2026-11-21 22:40\n")
    _, lan, note, minh = office.run("ledger").stdout.splitlines()[-4:]
    assert (CUSTOMER in lan, MINH in minh) == (True, True)
    assert note.split() == ["2026-11-21", "22:40", CUSTOMER, "Gọi", "lại:", "còn", "hàng", "note", "by", "hoa"]


def test_a_note_as_json_and_csv(office: CliOffice) -> None:
    office.run("ledger", "note", "LAN@Khach.example", "=1+1", "--by", "chị Hoa")
    lines = [json.loads(line) for line in office.run("ledger", "--format", "json").stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["mail", "mail", "note"]
    assert {tuple(line) for line in lines} == {tuple(lines[0])}, "every object has every field"
    told = {name: value for name, value in lines[2].items() if value is not None}
    assert told == {
        "account": "info", "received": "2026-11-22T00:10:00+07:00", "from": CUSTOMER, "mails": [], "kind": "note",
        "note": "=1+1", "by": "chị Hoa",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(office.run("ledger", "--format", "csv").stdout)))
    assert (rows[2]["from"], rows[2]["subject"], rows[2]["done"]) == (CUSTOMER, "'=1+1", "note by chị Hoa")


def test_a_note_is_found_by_its_address(office: CliOffice) -> None:
    office.run("ledger", "note", MINH, "đã gọi")
    assert "đã gọi" in office.run("ledger", "--sender", MINH).stdout
    assert "đã gọi" not in office.run("ledger", "--sender", CUSTOMER).stdout


def test_a_note_alone_leaves_the_mails_open(office: CliOffice) -> None:
    office.run("ledger", "note", CUSTOMER, "không nghe máy")
    assert follow_ups(office) == {CUSTOMER: OutboxState.WAITING, MINH: OutboxState.WAITING}


def test_a_call_that_settled_it_stops_the_clock_and_cancels_the_follow_up(office: CliOffice) -> None:
    call = office.run("ledger", "note", CUSTOMER, "đã gọi", "--at", "2026-11-21T23:00", "--handled")
    assert "open mails that are dealt with by that: 1" in call.stdout
    assert follow_ups(office) == {CUSTOMER: OutboxState.CANCELLED, MINH: OutboxState.WAITING}
    lan, _note, _minh = (json.loads(line) for line in office.run("ledger", "--format", "json").stdout.splitlines())
    assert lan["handled"] == "2026-11-21T23:00:00+07:00", "when the call was, not when it was written down"
    assert lan["handled_how"] == "hoa đã liên hệ với khách"
    assert "no mail of theirs was open" in office.run("ledger", "note", CUSTOMER, "x", "--handled").stdout


def test_a_call_settles_no_mail_that_came_after_it(office: CliOffice) -> None:
    office.run("ledger", "note", MINH, "đã gọi", "--at", "2026-11-21T23:00", "--handled")  # Minh wrote at 23:10
    assert follow_ups(office)[MINH] is OutboxState.WAITING


def test_a_call_ends_the_alarm(office: CliOffice) -> None:
    office.box.deliver(mail("Máy chủ bị sập, xử lý ngay!", "KHẨN CẤP: hệ thống sập"), office.clock.now())
    office.triage()
    assert "KHẨN CẤP" in office.run("ack").stdout
    office.run("ledger", "note", CUSTOMER, "đã gọi", "--handled")
    assert office.run("ack").stdout == "no alarm is open\n"


def test_a_note_is_in_the_next_report(office: CliOffice) -> None:
    office.run("ledger", "note", CUSTOMER, "Gọi lại: còn hàng")
    with state(office) as store:
        store.set_once("first_start", SATURDAY_NIGHT.isoformat())
        (desk,) = parts.desks(office.loaded(), store, office.clock.now()).values()
        text = Digests(desk, store, office.clock).preview(office.clock.now()).text
    assert "Ghi chú: Gọi lại: còn hàng" in text


def test_a_note_of_a_call_before_the_last_report_is_in_the_next_one(office: CliOffice) -> None:
    with state(office) as store:
        (desk,) = parts.desks(office.loaded(), store, office.clock.now()).values()
        covered = DigestRow("info", "2026-11-21", SATURDAY_NIGHT, office.clock.now())
        store.add_digest(covered, (), office.clock.now())
        office.clock.advance(timedelta(hours=1))
        office.run("ledger", "note", CUSTOMER, "Gọi lại: còn hàng", "--at", "2026-11-21T22:40")
        text = Digests(desk, store, office.clock).preview(office.clock.now()).text
        covered = DigestRow("info", "2026-11-22", covered.covers_to, office.clock.now())
        store.add_digest(covered, (), office.clock.now())
        office.clock.advance(timedelta(hours=1))
        later = Digests(desk, store, office.clock).preview(office.clock.now()).text
    assert ["Gọi lại: còn hàng" in each for each in (text, later)] == [True, False]


def test_a_call_settles_what_may_or_may_not_have_gone_out(office: CliOffice) -> None:
    with state(office) as store:
        for row in store.mails():
            if row.kind is OutboxKind.REPLY:
                store.settle(row.id, OutboxState.UNCERTAIN, office.clock.now())
    office.run("ledger", "note", CUSTOMER, "đã gọi", "--handled")
    with state(office) as store:
        left = {row.recipient: row.state for row in store.mails() if row.kind is OutboxKind.REPLY}
    assert left == {CUSTOMER: OutboxState.CLOSED, MINH: OutboxState.UNCERTAIN}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("lan", "x"), "`lan`: is not an e-mail address — write it like `lan@khach.example`\n"),
        ((CUSTOMER, " "), "there is nothing in it"),
        ((CUSTOMER, "x", "--at", "2026-12-01"), "is still to come"),
    ],
)
def test_a_note_that_cannot_be_is_wrong_use(arguments: tuple[str, ...], told: str, office: CliOffice) -> None:
    result = office.run("ledger", "note", *arguments)
    assert (result.exit_code, told in result.stderr) == (2, True)


# ---------------------------------------------------------------- forget


def test_forget_shows_what_will_go_and_asks(office: CliOffice) -> None:
    result = office.run("ledger", "forget", CUSTOMER)
    assert f"on record of {CUSTOMER}: 1 mail that came, 2 mails that were written\n" in result.stdout
    assert "2 mails of these have not gone out, or may have: they are taken off the list" in result.stdout
    assert "they may get an automatic reply" in result.stdout
    assert result.exit_code == 130, "nobody answered"
    assert CUSTOMER in office.run("ledger").stdout


def test_forget_takes_everything_away_from_the_file_too(office: CliOffice) -> None:
    office.run("ledger", "note", CUSTOMER, "đã gọi")
    result = office.run("ledger", "forget", CUSTOMER.upper(), "--yes")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, f"{CUSTOMER} is forgotten")
    assert follow_ups(office) == {MINH: OutboxState.WAITING}
    after = office.state.read_bytes() + (wal(office) or b"")
    for words in ("BIMAT", CUSTOMER, "đã gọi"):
        assert words.encode() not in after, words
    assert MINH.encode() in after
    again = office.run("ledger", "forget", CUSTOMER)
    assert (again.exit_code, again.stdout) == (0, f"nothing is on record of {CUSTOMER}\n")


def wal(office: CliOffice) -> bytes | None:
    log = office.state.with_name("state.db-wal")
    return log.read_bytes() if log.exists() else None


def test_forget_while_the_state_is_being_read_says_that_traces_remain(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.store.engine.BUSY_TIMEOUT", 0.1)
    with closing(sqlite3.connect(office.state, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM message").fetchone()
        result = office.run("ledger", "forget", CUSTOMER, "--yes")
    assert (result.exit_code, "traces in the state's file are left for now" in result.stderr) == (0, True)
    with state(office) as store:
        Purge(store, office.clock, timedelta(days=30), timedelta(days=1095), tuple).run()
    assert b"BIMAT" not in office.state.read_bytes() + (wal(office) or b"")


def test_forget_has_done_its_work_although_the_file_cannot_be_written_anew(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Trouble(TroubleKind.STATE, "state.db", "the disk is full", "free some space")
    monkeypatch.setattr("responder.store.engine.scrub", lambda _: raised(full))
    result = office.run("ledger", "forget", CUSTOMER, "--yes")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, f"{CUSTOMER} is forgotten")
    assert "the disk is full" in result.stderr
    assert office.run("ledger", "--sender", CUSTOMER).stdout == "nothing on record for that\n"


def raised(error: Exception) -> None:
    raise error


def test_one_of_us_is_not_forgotten(office: CliOffice) -> None:
    told = "is one of us, not a customer — `ledger forget` is for customers; change the config instead"
    for one in ("info@congty.example", "QuanLy@congty.example", "ai@congty.example", "ai@sub.congty.example"):
        result = office.run("ledger", "forget", one, "--yes")
        assert (result.exit_code, result.stderr) == (2, f"{one.lower()}: {told}\n")


def test_who_is_forgotten_counts_as_new_and_their_old_mail_is_not_read_again(office: CliOffice) -> None:
    office.run("ledger", "forget", CUSTOMER, "--yes")
    assert office.triage() == 0
    office.box.deliver(mail("Em hỏi lại ạ, còn hàng không?"), office.clock.now())
    office.triage()
    assert "reply due" in office.run("ledger", "--sender", CUSTOMER).stdout


def test_an_address_that_is_none_is_one_line(office: CliOffice) -> None:
    result = office.run("ledger", "forget", "chị Lan")
    assert result.exit_code == 2
    assert result.stderr == "`chị Lan`: is not an e-mail address — write it like `lan@khach.example`\n"


# ---------------------------------------------------------------- words that are not kept any more


def test_explain_tells_what_the_customer_wrote_and_later_that_it_is_gone(office: CliOffice) -> None:
    told = office.run("explain", "--id", "1").stdout
    assert "  Khách viết\n  │ Cho em hỏi BIMAT còn hàng không?\n" in told
    with state(office) as store:
        for row in store.mails():
            store.settle(row.id, OutboxState.SENT, office.clock.now())
            store.copied(row.id)
        office.clock.advance(timedelta(days=31))
        store.set(RAN, office.clock.now().isoformat())
        Purge(store, office.clock, timedelta(days=30), timedelta(days=1095), tuple).run()
    told = office.run("explain", "--id", "1").stdout
    assert "không còn được lưu từ thứ Tư, 23/12/2026, 00:10" in told
    assert "BIMAT" not in told
    assert "(nội dung không còn được lưu: `keep_text`)" in told
    assert "its text is not kept any more" in office.run("queue", "show", "1").stdout
