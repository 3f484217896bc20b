"""`queue`, `ledger`, `status`, `digest`, `once`: what stands on record, told; and what they may change."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from responder.daemon import parts
from responder.errors import Trouble, TroubleKind
from responder.store.lock import StateLock
from responder.store.records import AlarmKind, EventKind, NewAlarm, OutboxKind, OutboxState
from responder.store.store import Store
from tests.cli_office import CUSTOMER, POLICY, SATURDAY_NIGHT, CliOffice, mail, make_office, responder

REPLY, FOLLOW_UP = 1, 2  # the numbers of the mails that the first customer's mail leads to


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    """An office that has had one mail on Saturday night; nothing has been sent yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESPONDER_CONFIG", raising=False)
    office = make_office(tmp_path, monkeypatch)
    office.triage()
    office.box.deliver(mail(), SATURDAY_NIGHT)
    office.triage()
    return office


@contextmanager
def state(office: CliOffice) -> Iterator[Store]:
    with closing(Store.open(office.state)) as store:
        yield store


@contextmanager
def running(office: CliOffice) -> Iterator[None]:
    """As if a daemon worked on the state."""
    lock = StateLock(office.state)
    lock.acquire(office.clock.now())
    yield
    lock.release()


# ---------------------------------------------------------------- queue


def test_queue_lists_what_is_owed_in_the_offices_time(office: CliOffice) -> None:
    result = office.run("queue")
    assert result.exit_code == 0
    row = next(line for line in result.stdout.splitlines() if line.startswith("2 "))
    assert row.split() == ["2", "follow_up", "waiting", CUSTOMER, "Hỏi", "hàng", "2026-11-23", "08:00"]
    assert office.run("queue", "list").stdout == result.stdout


def test_the_config_may_be_named_anywhere(office: CliOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = ("--config", office.config)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for arguments in ((*named, "queue", "list"), ("queue", *named, "list"), ("queue", "list", *named)):
        assert responder(*arguments).exit_code == 0


def test_queue_shows_a_mail_with_its_headers_and_text(office: CliOffice) -> None:
    out = office.run("queue", "show", str(REPLY)).stdout
    assert "Subject: Trả lời tự động: Hỏi hàng" in out
    assert "Auto-Submitted: auto-replied" in out
    assert "Hiện tại, tôi đang ngoài giờ làm việc." in out
    assert "not after Mon 2026-11-23 06:00" in out


def test_queue_shows_a_follow_up_as_it_would_read_at_opening(office: CliOffice) -> None:
    out = office.run("queue", "show", str(FOLLOW_UP)).stdout
    assert "To: lan@khach.example\nSubject: Re: Hỏi hàng" in out
    assert "vào tối thứ Bảy" in out


def test_queue_cancel_cancels_once(office: CliOffice) -> None:
    assert office.run("queue", "cancel", str(FOLLOW_UP)).exit_code == 0
    with state(office) as store:
        row = store.mail(FOLLOW_UP)
        assert row is not None
        assert (row.state, row.reason) == (OutboxState.CANCELLED, "cancelled by hand")
    again = office.run("queue", "cancel", str(FOLLOW_UP))
    assert again.exit_code == 1
    assert "it is cancelled; only what waits, is due or is uncertain can be cancelled" in again.stderr


def test_what_may_have_gone_out_is_taken_off_the_list_by_who_has_looked_into_it(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "hoa")
    with state(office) as store:
        store.settle(REPLY, OutboxState.UNCERTAIN, office.clock.now(), reason="the line broke")
    assert office.run("queue", "cancel", str(REPLY)).stdout == f"mail 1 (reply to {CUSTOMER}) is off the list\n"
    assert "uncertain" not in office.run("queue").stdout
    with state(office) as store:
        row = store.mail(REPLY)
        assert row is not None
        assert (row.state, row.reason) == (OutboxState.CLOSED, "looked into by hoa")
    office.box.deliver(mail("Em nhắc lại ạ."), office.clock.now())
    office.triage()
    with state(office) as store:
        assert len([row for row in store.mails() if row.kind is OutboxKind.REPLY]) == 1, "it may have had one"


@pytest.mark.parametrize("verb", ["show", "cancel"])
def test_queue_without_such_a_mail_is_told_and_without_a_number_is_wrong_use(verb: str, office: CliOffice) -> None:
    assert office.run("queue", verb, "99").exit_code == 1
    assert office.run("queue", verb, "many").exit_code == 2
    assert office.run("queue", verb).exit_code == 2


def test_an_empty_queue_says_so(office: CliOffice) -> None:
    for number in (REPLY, FOLLOW_UP):
        office.run("queue", "cancel", str(number))
    assert office.run("queue").stdout == "nothing is owed\n"


def test_a_broken_policy_does_not_hide_the_queue(office: CliOffice, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("language: xx\n")
    office.write_config(policy=broken)
    assert CUSTOMER in office.run("queue").stdout
    assert "it is worded when it is due" in office.run("queue", "show", str(FOLLOW_UP)).stdout


# ---------------------------------------------------------------- ledger


def test_the_ledger_tells_what_came_and_what_was_done(office: CliOffice) -> None:
    out = office.run("ledger").stdout
    row = next(line for line in out.splitlines() if line.startswith("1 "))
    assert row.split()[1:] == [
        "2026-11-21", "22:10", CUSTOMER, "Hỏi", "hàng", "out-of-hours", "reply", "due,", "follow_up", "waiting",
    ]  # fmt: skip


def test_the_marks_of_a_mail_stand_in_the_ledger_and_beside_what_is_owed_for_it(office: CliOffice) -> None:
    marks = "mark: [flagged, {keyword: Gap}, {folder: Việc gấp}]}"
    policy = office.folder / "marks.yaml"
    policy.write_text(POLICY.read_text(encoding="utf-8").replace("mark: flagged}", marks), encoding="utf-8")
    office.write_config(policy=policy)
    office.box.deliver(mail("Cần gấp báo giá ạ.", sender="minh@khach.example"), SATURDAY_NIGHT)
    office.triage()
    done = list(csv.DictReader(io.StringIO(office.run("ledger", "--format", "csv").stdout)))[1]["done"]
    assert done.endswith("flagged, keyword “Gap”, moved to the folder “Việc gấp”")
    [_, line] = office.run("ledger", "--format", "json").stdout.splitlines()
    fields = json.loads(line)
    assert fields["marks"] == ["flagged", "keyword:Gap", "folder:Việc gấp"]
    shown = office.run("queue", "show", str(fields["mails"][0]["id"])).stdout
    assert "which is marked: flagged, keyword “Gap”, moved to the folder “Việc gấp”" in shown
    told = office.run("explain", "--id", str(fields["id"])).stdout
    assert "đánh dấu thư (từ khóa “Gap”)" in told
    assert "đánh dấu thư (chuyển vào thư mục “Việc gấp”)" in told


def test_the_ledger_as_json_has_exactly_the_documented_fields(office: CliOffice) -> None:
    (line,) = office.run("ledger", "--format", "json").stdout.splitlines()
    fields: dict[str, Any] = json.loads(line)
    assert list(fields) == [
        "id", "account", "state", "received", "decided", "from", "from_name", "subject", "message_id", "marks",
        "promise", "handled", "handled_how", "error", "decision", "mails", "kind", "note", "by",
    ]  # fmt: skip
    assert (fields["from"], fields["received"]) == (CUSTOMER, "2026-11-21T22:10:00+07:00")
    assert fields["decision"]["play"] == "out-of-hours"
    assert [mail["kind"] for mail in fields["mails"]] == ["reply", "follow_up"]
    assert list(fields["mails"][0]) == ["id", "kind", "state", "to", "template", "due", "changed", "reason"]


def test_the_ledger_as_csv_cannot_be_run_by_a_spreadsheet(office: CliOffice) -> None:
    office.box.deliver(mail(subject='=HYPERLINK("http://x.example")'), SATURDAY_NIGHT)
    office.triage()
    rows = list(csv.DictReader(io.StringIO(office.run("ledger", "--format", "csv").stdout)))
    assert [row["subject"] for row in rows] == ["Hỏi hàng", '\'=HYPERLINK("http://x.example")']
    assert rows[0]["from"] == CUSTOMER


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--sender", CUSTOMER), True),
        (("--sender", "LAN@khach.example"), True),
        (("--sender", "khach.example"), True),
        (("--sender", "@khach.example"), True),
        (("--sender", "hach.example"), False),
        (("--sender", "minh@khach.example"), False),
        (("--since", "1h"), True),
        (("--since", "2026-11-21"), True),
        (("--since", "2026-11-21T22:00"), True),
        (("--since", "2026-11-21T22:11"), False),
    ],
)
def test_the_ledger_can_be_narrowed(options: tuple[str, ...], found: bool, office: CliOffice) -> None:
    result = office.run("ledger", "--format", "json", *options)
    assert (result.exit_code, result.stdout != "") == (0, found)


def test_a_number_that_is_not_on_record_has_one_exit_code_everywhere(office: CliOffice) -> None:
    for arguments in (("queue", "show", "99"), ("queue", "cancel", "99"), ("explain", "--id", "99"), ("ack", "99")):
        assert office.run(*arguments).exit_code == 1, arguments


def test_a_time_that_is_none_names_the_short_forms_where_they_hold(office: CliOffice) -> None:
    since = office.run("ledger", "--since", "lately").stderr
    assert "`lately` is not a time; write it like `2026-11-21T22:10`, or `7d`, `36h`, `2w`" in " ".join(since.split())
    until = office.run("pause", "--until", "soon").stderr
    assert "`soon` is not a time; write it like `2026-11-21T22:10`, or `2h`, `3d`" in " ".join(until.split())


def test_the_ledger_of_an_address_ends_with_all_that_is_on_record_of_it(office: CliOffice) -> None:
    out = office.run("ledger", "--sender", CUSTOMER).stdout
    assert out.splitlines()[-1] == f"on record of {CUSTOMER}: 1 mail that came, 2 mails that were written"
    for others in (
        (),
        ("--sender", "khach.example"),
        ("--sender", "@khach.example"),
        ("--sender", "minh@khach.example"),
    ):
        assert "on record of" not in office.run("ledger", *others).stdout


def test_after_a_restore_no_mailbox_is_watched_since_a_time_to_come(office: CliOffice) -> None:
    office.run("backup", "copy.db")
    office.run("restore", "copy.db")
    [account] = json.loads(office.run("status", "--json").stdout)["accounts"]
    assert account["watched_since"] == "2026-11-21T22:10:00+07:00"


def test_a_time_that_is_none_is_wrong_use(office: CliOffice) -> None:
    assert office.run("ledger", "--since", "lately").exit_code == 2
    assert office.run("ledger", "--format", "xml").exit_code == 2


def test_a_mail_that_broke_the_program_is_told_as_set_aside(office: CliOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("responder.work.triage.decide", fail)
    office.box.deliver(mail("breaks"), SATURDAY_NIGHT)
    office.triage()
    assert "set aside" in office.run("ledger").stdout
    result = office.run("explain", "--id", "2")
    assert (result.exit_code, "set aside (RuntimeError: broken)" in result.stderr) == (1, True)


# ---------------------------------------------------------------- status


def test_status_of_a_daemon_that_runs_is_healthy(office: CliOffice) -> None:
    with running(office):
        result = office.run("status")
    assert result.exit_code == 0
    assert "running since Sat 2026-11-21 22:10" in result.stdout
    assert "queue: 1 waiting, 1 due" in result.stdout
    assert "all is well" in result.stdout


def test_status_without_a_daemon_is_1(office: CliOffice) -> None:
    result = office.run("status")
    assert (result.exit_code, "not running" in result.stdout) == (1, True)


def test_status_before_the_first_start_is_told_and_makes_no_state(office: CliOffice) -> None:
    office.state.unlink()
    result = office.run("status")
    assert (result.exit_code, "not running" in result.stdout) == (1, True)
    assert not office.state.exists()


def test_status_as_json_has_exactly_the_documented_fields(office: CliOffice) -> None:
    with running(office):
        result = office.run("status", "--json")
    fields = json.loads(result.stdout)
    assert fields.pop("pid") > 0
    assert fields.pop("host")
    assert fields == {
        "healthy": True,
        "running": True,
        "since": "2026-11-21T22:10:00+07:00",
        "mode": "live",
        "paused": None,
        "paused_until": None,
        "last_heartbeat": None,
        "accounts": [
            {
                "name": "info",
                "address": "info@congty.example",
                "watched_since": "2026-11-21T22:10:00+07:00",
                "last_look": "2026-11-21T22:10:00+07:00",
                "last_mail": "2026-11-21T22:10:00+07:00",
            }
        ],
        "queue": {"waiting": 1, "due": 1, "sending": 0, "uncertain": 0},
        "alarms": [],
        "troubles": [],
        "problems": [],
    }


def test_status_with_open_trouble_is_1(office: CliOffice) -> None:
    with state(office) as store:
        store.note_trouble("info", TroubleKind.LOGIN, "imap: refused — check it", office.clock.now())
    with running(office):
        result = office.run("status")
    assert result.exit_code == 1
    assert "trouble: info: imap: refused — check it" in result.stdout


def test_status_of_a_mailbox_that_is_not_looked_at_is_1(office: CliOffice) -> None:
    with running(office):
        office.clock.advance(timedelta(hours=1))
        result = office.run("status")
    assert result.exit_code == 1
    assert "trouble: info: not looked at for 1 h" in result.stdout


def test_status_tells_of_a_broken_policy(office: CliOffice, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("language: xx\n")
    office.write_config(policy=broken)
    with running(office):
        result = office.run("status")
    assert result.exit_code == 1
    assert f"trouble: {broken}:1:11: " in result.stdout


# ---------------------------------------------------------------- digest


def test_digest_without_options_prints_the_report(office: CliOffice) -> None:
    result = office.run("digest")
    assert result.exit_code == 0
    assert "Hỏi hàng" in result.stdout
    assert office.run("digest", "--preview").stdout == result.stdout


def test_digest_html_writes_a_file(office: CliOffice, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    result = office.run("digest", "--html", path)
    assert (result.exit_code, result.stdout) == (0, f"wrote {path}\n")
    assert "<html" in path.read_text()


def test_digest_where_nothing_can_be_written_is_told(office: CliOffice) -> None:
    result = office.run("digest", "--html", "no/where.html")
    assert (result.exit_code, "cannot be written" in result.stderr) == (2, True)


def test_digest_send_queues_an_extra_report_and_says_who_sends_it(office: CliOffice) -> None:
    result = office.run("digest", "--send")
    assert result.exit_code == 0
    assert "info: report to quanly@congty.example is queued" in result.stdout
    assert "no daemon runs" in result.stderr
    with state(office) as store:
        (row,) = [row for row in store.open_mails() if row.kind is OutboxKind.DIGEST]
        assert (row.recipient, row.state) == ("quanly@congty.example", OutboxState.DUE)
        assert store.last_digest("info") is None, "the daily one still comes"


def test_digest_of_an_unknown_account_is_wrong_use(office: CliOffice) -> None:
    assert office.run("digest", "--account", "sales").exit_code == 2


@pytest.mark.parametrize("command", ["digest", "queue", "ledger"])
def test_without_a_state_nothing_is_on_record_and_none_is_made(command: str, office: CliOffice) -> None:
    office.state.unlink()
    result = office.run(command)
    assert (result.exit_code, "nothing is on record yet" in result.stderr) == (1, True)
    assert not office.state.exists()


def test_a_state_that_is_none_is_told(office: CliOffice) -> None:
    for path in office.folder.glob("state.db*"):
        path.unlink()
    office.state.write_bytes(b"this is no database at all" * 100)
    result = office.run("queue")
    assert (result.exit_code, "this is not a state file" in result.stderr) == (1, True)
    assert office.run("once", "--dry-run").exit_code == 1


# ---------------------------------------------------------------- once


def test_dry_run_tells_of_new_mail_and_changes_nothing(office: CliOffice) -> None:
    office.box.deliver(mail("Nhà kho đang bốc cháy!", "Cháy", sender="minh@khach.example"), SATURDAY_NIGHT)
    with state(office) as store:
        before = (
            store.position("info", "INBOX"),
            store.ledger(None, SATURDAY_NIGHT - timedelta(days=1), office.clock.now()),
        )
    office.box.calls.clear()
    result = office.run("once", "--dry-run")
    assert result.exit_code == 0
    assert "info: 1 new" in result.stderr
    assert "Trả lời tự động: Cháy" in result.stdout
    assert set(office.box.calls) == {"connect", "inbox", "uids_after", "fetch"}
    with state(office) as store:
        after = (
            store.position("info", "INBOX"),
            store.ledger(None, SATURDAY_NIGHT - timedelta(days=1), office.clock.now()),
        )
    assert after == before


def test_dry_run_knows_what_the_sender_has_had(office: CliOffice) -> None:
    office.box.deliver(mail("Còn một câu hỏi nữa ạ."), SATURDAY_NIGHT)
    out = office.run("once", "--dry-run").stdout
    assert "Không trả lời tự động lần nữa" in out


def test_dry_run_of_the_last_mails_takes_each_as_if_it_had_just_come(office: CliOffice) -> None:
    office.clock.advance(timedelta(days=7))
    result = office.run("once", "--dry-run", "--last", "5")
    assert "info: the last 1 of 1, each as if it had just come" in result.stderr
    assert "Trả lời tự động: Hỏi hàng" in result.stdout


def test_dry_run_before_the_first_pass_needs_no_state_and_makes_none(office: CliOffice) -> None:
    for path in office.folder.glob("state.db*"):
        path.unlink()
    result = office.run("once", "--dry-run")
    assert result.exit_code == 0
    assert "Trả lời tự động: Hỏi hàng" in result.stdout
    assert not office.state.exists()


@pytest.mark.parametrize(("kind", "code"), [(TroubleKind.NETWORK, 75), (TroubleKind.LOGIN, 1)])
def test_dry_run_with_a_server_in_trouble(kind: TroubleKind, code: int, office: CliOffice) -> None:
    office.box.fail("connect", Trouble(kind, "fake:993", "no", "mend it"))
    result = office.run("once", "--dry-run")
    assert (result.exit_code, result.stderr) == (code, "info: fake:993: no — mend it\n")


def test_last_without_dry_run_is_wrong_use(office: CliOffice) -> None:
    assert office.run("once", "--last", "3").exit_code == 2


@pytest.mark.parametrize("command", ["once", "run"])
def test_a_state_in_use_is_try_again_later(command: str, office: CliOffice) -> None:
    with running(office):
        result = office.run(command)
    assert (result.exit_code, "another responder works on this state" in result.stderr) == (75, True)


def test_once_with_a_server_that_does_not_answer_is_try_again_later(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.cli.once.now", parts.SystemClock().now)
    office.box.fail("connect", Trouble(TroubleKind.NETWORK, "fake:993", "no answer", "wait"))
    result = office.run("once")
    assert result.exit_code == 75
    assert "not everything could be done" in result.stderr


# ---------------------------------------------------------------- a pause


def test_a_pause_is_shown_with_its_reason_until_it_is_ended(office: CliOffice) -> None:
    assert office.run("pause", "--reason", "dời văn phòng").exit_code == 0
    assert "paused: dời văn phòng" in office.run("status").stdout
    assert "resumed" in office.run("resume").stdout
    assert "paused" not in office.run("status").stdout
    assert "it was not paused" in office.run("resume").stdout


def test_a_pause_needs_no_reason(office: CliOffice) -> None:
    assert office.run("pause").stdout == "paused. To send again: responder resume\n"
    assert "paused" in office.run("status").stdout.splitlines()
    assert json.loads(office.run("status", "--json").stdout)["paused"] == ""
    assert office.run("resume").stdout == "resumed\n"


def test_a_pause_ends_by_itself_at_the_time_that_was_named(office: CliOffice) -> None:
    said = office.run("pause", "--reason", "nghỉ mát", "--until", "2026-11-23T08:00").stdout
    assert said == "paused until Mon 2026-11-23 08:00: nghỉ mát. To send again: responder resume\n"
    assert "paused until Mon 2026-11-23 08:00: nghỉ mát" in office.run("status").stdout
    assert json.loads(office.run("status", "--json").stdout)["paused_until"] == "2026-11-23T08:00:00+07:00"
    office.clock.set(datetime.fromisoformat("2026-11-23T08:00:00+07:00"))
    assert "paused" not in office.run("status").stdout


def test_a_pause_may_be_said_as_a_length_of_time(office: CliOffice) -> None:
    assert "until Sun 2026-11-22 00:10" in office.run("pause", "--until", "2h").stdout


def test_a_pause_that_would_be_over_already_is_wrong_use(office: CliOffice) -> None:
    result = office.run("pause", "--until", "2026-11-20")
    assert (result.exit_code, "is over already" in result.stderr) == (2, True)
    assert "paused" not in office.run("status").stdout


def test_who_paused_and_who_resumed_is_on_record_for_the_digest(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "minh")
    office.run("pause", "--reason", "dời văn phòng")
    office.run("resume")
    with state(office) as store:
        events = store.ledger(None, SATURDAY_NIGHT - timedelta(days=1), SATURDAY_NIGHT).events
    assert [(event.kind, event.text, event.by) for event in events] == [
        (EventKind.PAUSED, "dời văn phòng", "minh"),
        (EventKind.RESUMED, "dời văn phòng", "minh"),
    ]


# ---------------------------------------------------------------- alarms


@pytest.fixture
def alarmed(office: CliOffice) -> CliOffice:
    """Two alarms are open."""
    with state(office) as store:
        for what in ("[KHẨN CẤP] Cháy kho — Lan", "[KHẨN CẤP] Server sập — Hà"):
            store.raise_alarm(NewAlarm("info", AlarmKind.MESSAGE, what, ()), office.clock.now())
    return office


def test_ack_lists_the_open_alarms_and_status_shows_them(alarmed: CliOffice) -> None:
    listed = alarmed.run("ack").stdout
    assert "1      info     2026-11-21 22:10  [KHẨN CẤP] Cháy kho — Lan" in listed
    assert (
        "alarm 2, since Sat 2026-11-21 22:10: [KHẨN CẤP] Server sập — Hà — `responder ack 2`"
        in alarmed.run("status").stdout
    )


def test_ack_of_one_leaves_the_other_open(alarmed: CliOffice) -> None:
    result = alarmed.run("ack", "1", "--by", "anh Minh")
    assert (result.exit_code, result.stdout) == (0, "alarm 1 is acknowledged by anh Minh\n")
    assert [alarm["number"] for alarm in json.loads(alarmed.run("status", "--json").stdout)["alarms"]] == [2]


def test_ack_of_all_ends_all(alarmed: CliOffice) -> None:
    assert alarmed.run("ack", "--all").exit_code == 0
    assert alarmed.run("ack").stdout == "no alarm is open\n"


def test_ack_of_what_has_ended_or_is_not_there_is_told_and_the_others_end(alarmed: CliOffice) -> None:
    alarmed.run("ack", "1", "--by", "Hà")
    result = alarmed.run("ack", "1", "7", "2")
    assert result.exit_code == 1
    assert "alarm 1: it has ended already (Hà)" in result.stderr
    assert "alarm 7: there is none" in result.stderr
    assert "alarm 2 is acknowledged" in result.stdout


def test_ack_takes_numbers_or_all_not_both(alarmed: CliOffice) -> None:
    assert alarmed.run("ack", "1", "--all").exit_code == 2


def test_check_rings_for_a_person_as_a_trial(office: CliOffice, tmp_path: Path) -> None:
    ring = tmp_path / "ring"
    ring.write_text(f"#!/bin/sh\ncat > {tmp_path}/told\n")
    ring.chmod(0o755)
    text = office.config.read_text(encoding="utf-8")
    wake = f"address: truc@congty.example, wake: {{command: [{ring}]}}"
    office.config.write_text(text.replace("address: truc@congty.example", wake), encoding="utf-8")
    result = office.run("check", "--ring", "on_call")
    assert (result.exit_code, "on_call, command: called; did it ring?" in result.stdout) == (0, True)
    assert "a trial" in json.loads((tmp_path / "told").read_text(encoding="utf-8"))["headline"]
    assert "nothing rings for `manager`" in office.run("check", "--ring", "manager").stderr
    assert "nobody is `on_cal`: did you mean `on_call`?" in office.run("check", "--ring", "on_cal").stderr
    ring.write_text("#!/bin/sh\nexit 4\n")
    result = office.run("check", "--ring", "on_call")
    assert (result.exit_code, "it ended with 4" in result.stdout) == (1, True)
