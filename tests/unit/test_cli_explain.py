"""`responder explain`: every field exact, the text that would be sent, and no traceback for whatever it is given."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from email import message_from_bytes
from pathlib import Path
from typing import Any

import click
import pytest
from rich.cells import cell_len

from responder import learned
from responder.cli import story, story_lines
from responder.mail.addresses import Address
from responder.mail.message import parse
from responder.policy.decide import Past, decide, read
from tests.cli_office import CUSTOMER, ENGLISH, POLICY, SATURDAY_NIGHT, CliOffice, mail, make_office, responder
from tests.fakes import OURS, policy
from tests.unit.test_feed import ics

NIGHT = SATURDAY_NIGHT.isoformat()
OUT_OF_HOURS = (
    "Cảm ơn bạn đã liên hệ. Hiện tại, tôi đang ngoài giờ làm việc. "
    "Tôi sẽ trả lời email của bạn vào ngày làm việc tiếp theo."
)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "mail.eml"
    path.write_bytes(mail())
    return path


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    return make_office(tmp_path, monkeypatch)


def explained(*arguments: str | Path, stdin: bytes | None = None) -> dict[str, Any]:
    result = responder("explain", "--json", *arguments, stdin=stdin)
    assert result.exit_code == 0, result.stderr
    (line,) = result.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_mail_of_another_year_is_explained_as_if_it_had_been_written_at_the_named_time(tmp_path: Path) -> None:
    old = tmp_path / "old.eml"
    old.write_bytes(b"Date: Fri, 1 Mar 2019 10:00:00 +0700\r\n" + mail())
    told = explained(old, "--policy", POLICY, "--at", NIGHT)
    assert [action["kind"] for action in told["actions"]] == ["reply", "follow_up", "promise"]


def test_every_sign_of_a_machine_is_told_the_veto_first(tmp_path: Path) -> None:
    robot = tmp_path / "robot.eml"
    robot.write_bytes(b"Precedence: bulk\r\nX-Loop: x\r\n" + mail())
    told = explained(robot, "--policy", POLICY, "--at", NIGHT)
    assert told["veto"] == {"signal": "precedence", "detail": "Precedence: bulk"}
    assert told["also"] == [{"signal": "loop", "detail": "X-Loop: x"}]
    assert "Dấu hiệu khác" in responder("explain", robot, "--policy", POLICY, "--at", NIGHT).stdout


def test_a_manager_reads_what_a_sign_and_a_situation_are(tmp_path: Path) -> None:
    robot = tmp_path / "robot.eml"
    robot.write_bytes(mail("Cho em xin báo giá ạ.", Return_Path="<>"))
    told = responder("explain", robot, "--policy", POLICY, "--at", NIGHT).stdout
    assert "Thư báo của máy chủ thư (không nhận trả lời): Return-Path: <> (null_return_path)\n" in told
    assert "xin báo giá (quote_request)" in told


def test_words_alone_are_explained_as_a_mail_of_somebody_new(office: CliOffice) -> None:
    fields = explained("--text", "Báo giá gấp giúp em", "--policy", POLICY, "--at", NIGHT)
    assert (fields["source"], fields["play"], fields["veto"]) == ("--text", "urgent", None)
    fields = json.loads(office.run("explain", "--json", "--text", "Báo giá gấp giúp em", "--at", NIGHT).stdout)
    assert fields["mails"][0]["headers"]["From"].endswith("<info@congty.example>")
    fields = json.loads(office.run("explain", "--json", "--account", "info", "--text", "Hỏi giá", "--at", NIGHT).stdout)
    assert [action["kind"] for action in fields["actions"]] == ["reply", "follow_up", "promise"]
    assert "the words of a mail go after --text" in office.run("explain", "Báo giá gấp giúp em").stderr


@pytest.mark.parametrize("two", [("x.eml", "--text", "x"), ("--id", "1", "--text", "x"), ("x.eml", "--id", "1")])
def test_several_sorts_of_mail_at_once_are_wrong_use(two: tuple[str, ...]) -> None:
    result = responder("explain", *two)
    assert result.exit_code == 2
    assert "not several" in result.stderr


def test_a_contact_form_that_the_policy_allows_is_explained_without_any_config(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    text = POLICY.read_text(encoding="utf-8").replace("\nallow:", "\nallow: {forms: [no-reply@web.example]}", 1)
    rules.write_text(text, encoding="utf-8")
    form = tmp_path / "form.eml"
    form.write_text(
        "From: no-reply@web.example\nTo: info@congty.example\nReply-To: lan@khach.example\n"
        "Return-Path: <no-reply@web.example>\nSubject: x\n\nCho em hỏi giá.\n",
        encoding="utf-8",
    )
    told = explained(form, "--policy", rules, "--at", NIGHT)
    assert [action["to"] for action in told["actions"] if action["kind"] == "reply"] == ["lan@khach.example"]
    assert told["way"] == {"group": None, "form": "no-reply@web.example", "writer": "lan@khach.example"}
    assert "machine_address" in [each["signal"] for each in told["excused"]]
    shown = responder("explain", form, "--policy", rules, "--at", NIGHT).stdout
    assert "Người gửi   lan@khach.example, qua biểu mẫu liên hệ no-reply@web.example\n" in shown


def test_the_customer_behind_a_group_is_named_with_the_group(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    shipped = ENGLISH.read_text(encoding="utf-8")
    allowing = re.sub(r"(?m)^allow:.*$", "allow: {lists: [sales@congty.example]}", shipped)
    rules.write_text(allowing, encoding="utf-8")
    mail = tmp_path / "mail.eml"
    mail.write_text(
        "From: Lan <lan@khach.example>\nTo: sales@congty.example\nReturn-Path: <sales-bounces@congty.example>\n"
        "List-Id: <sales.congty.example>\nSubject: x\n\nHello.\n",
        encoding="utf-8",
    )
    shown = responder("explain", mail, "--policy", rules, "--at", NIGHT).stdout
    assert "Lan <lan@khach.example>, through the group sales@congty.example\n" in shown
    told = explained(mail, "--policy", rules, "--at", NIGHT)
    assert told["way"] == {"group": "sales@congty.example", "form": None, "writer": "lan@khach.example"}
    assert told["excused"][0] == {"signal": "list_header", "detail": "List-Id: <sales.congty.example>"}


def test_what_was_seen_is_told_in_the_offices_language(tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_text("From: a@x.example, b@x.example\nTo: info@congty.example\n\nHỏi giá.\n", encoding="utf-8")
    shown = responder("explain", mail, "--policy", POLICY, "--at", NIGHT).stdout
    assert shown.count("thư ghi nhiều người gửi (From)") == 2, "beside the veto, and among the reasons"
    assert "several From" not in shown
    told = explained(mail, "--policy", POLICY, "--at", NIGHT)
    assert told["veto"] == {"signal": "no_clear_sender", "detail": "several From addresses"}


CAME_LATE = "cần thư đến trong giờ làm việc; thư này đến ngoài giờ"


def _missed(name: str, why: str, **conditions: bool) -> dict[str, Any]:
    needs = [{"need": need, "met": met} for need, met in conditions.items()]
    return {"name": name, "fits": False, "certain": False, "conditions": needs, "failed": why}


def _sent(kind: str, subject: str) -> dict[str, Any]:
    is_draft = kind == "follow_up"
    to = f"Nguyễn Lan <{CUSTOMER}>" if is_draft else CUSTOMER
    headers = {"From": "info@congty.example", "To": to}
    headers |= {"Auto-Submitted": "auto-replied"} if kind == "reply" else {}
    message_id = str(message_from_bytes(mail())["Message-ID"])
    return {
        "kind": kind,
        "draft": is_draft,
        "to": CUSTOMER,
        "subject": subject,
        "headers": {**headers, "In-Reply-To": message_id},
    }


def test_a_night_mail_gives_exactly_the_documented_fields(letter: Path, tmp_path: Path) -> None:
    words_alone = tmp_path / "words.yaml"
    words_alone.write_text(
        POLICY.read_text(encoding="utf-8").replace("\nlearned: yes", "\nlearned: no"), encoding="utf-8"
    )
    told = explained(letter, "--policy", words_alone, "--at", NIGHT)
    texts = [sent.pop("text") for sent in told["mails"]]
    assert texts[0].startswith(OUT_OF_HOURS)
    assert told == {
        "source": str(letter),
        "received": "2026-11-21T22:10:00+07:00",
        "office": "closed",
        "why_closed": "ngày nghỉ hằng tuần",
        "next_open": "2026-11-23T08:00:00+07:00",
        "open_hours": [],
        "veto": None,
        "also": [],
        "excused": [],
        "way": None,
        "language": "vi",
        "urgency": "normal",
        "signals": [],
        "refused": [],
        "situations": [],
        "shown_by": {},
        "deadline": None,
        "judged": None,
        "play": "out-of-hours",
        "plays": [
            _missed("emergency", "cần dấu hiệu “emergency”; thư không có", office=True, signal=False),
            _missed("urgent", "cần dấu hiệu “urgent”; thư không có", office=True, signal=False),
            _missed("complaint", "cần dấu hiệu “complaint”; thư không có", signal=False),
            _missed("abuse", "cần dấu hiệu “abuse”; thư không có", signal=False),
            {
                "name": "out-of-hours",
                "fits": True,
                "certain": True,
                "conditions": [{"need": "office", "met": True}],
                "failed": None,
            },
            _missed("emergency in hours", CAME_LATE, office=False, signal=False),
            _missed("urgent in hours", CAME_LATE, office=False, signal=False),
        ],
        "limits": [
            {"limit": name, "used": None, "most": most, "per": per}
            for name, most, per in (
                ("per_sender", 1, "closed period"),
                ("per_thread", 3, "day"),
                ("per_domain", 20, "hour"),
                ("per_domain", 60, "day"),
                ("account", 100, "hour"),
                ("account", 500, "day"),
                ("office", 200, "hour"),
                ("office", 1000, "day"),
                ("alerts", 30, "hour"),
            )
        ],
        "actions": [
            {"kind": "reply", "template": "out_of_hours", "to": CUSTOMER, "due": "2026-11-21T22:10:00+07:00"},
            {"kind": "follow_up", "template": "next_workday", "to": CUSTOMER, "due": "2026-11-23T08:00:00+07:00"},
            {"kind": "promise", "template": None, "to": None, "due": "2026-11-23T17:00:00+07:00"},
        ],
        "reasons": [
            "Thư đến thứ Bảy, 21/11/2026, 22:10, ngoài giờ (ngày nghỉ hằng tuần); "
            "văn phòng mở cửa lại thứ Hai, 23/11/2026, 08:00.",
            "Khớp tình huống “out-of-hours”.",
            "Trả lời tự động bằng mẫu “out_of_hours”.",
            "Xếp thư trả lời của ngày làm việc tiếp theo, thứ Hai, 23/11/2026, 08:00.",
            "Cần có người trả lời trước thứ Hai, 23/11/2026, 17:00.",
        ],
        "words": "Cho em hỏi bên mình còn áo thun không?",
        "cut": [],
        "mails": [_sent("reply", "Trả lời tự động: Hỏi hàng"), _sent("follow_up", "Re: Hỏi hàng")],
    }


def test_the_readable_account_holds_exactly_the_text_that_would_be_sent(letter: Path) -> None:
    result = responder("explain", letter, "--policy", POLICY, "--at", NIGHT)
    assert result.exit_code == 0
    reply = result.stdout.split("─" * 72)[1]
    assert reply == f"\nTiêu đề: Trả lời tự động: Hỏi hàng\n\n{OUT_OF_HOURS}\n"
    assert "vào tối thứ Bảy và sẽ xem xét yêu cầu của anh/chị ngay bây giờ." in result.stdout.split("─" * 72)[3]


def test_the_readable_account_shows_the_signature_below_the_follow_up_only(letter: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("signature: Công ty Ví Dụ\n" + POLICY.read_text(encoding="utf-8"), encoding="utf-8")
    told = responder("explain", letter, "--policy", policy, "--at", NIGHT).stdout.split("─" * 72)
    assert told[3].endswith("ngay bây giờ.\n\n-- \nCông ty Ví Dụ\n")
    assert "-- " not in told[1]


def test_the_readable_account_names_sender_time_and_opening(letter: Path) -> None:
    out = responder("explain", letter, "--policy", POLICY, "--at", NIGHT).stdout
    assert f"Nguyễn Lan <{CUSTOMER}>" in out
    assert "thứ Bảy, 21/11/2026, 22:10, ngoài giờ (ngày nghỉ hằng tuần)" in out
    assert "thứ Hai, 23/11/2026, 08:00" in out


def test_an_english_policy_is_told_in_english(letter: Path) -> None:
    out = responder("explain", letter, "--policy", ENGLISH, "--at", NIGHT).stdout
    assert "Saturday, 21 November 2026, 22:10, out of hours (weekly day of rest)" in out
    assert "Why" in out


def test_a_mail_in_office_hours_is_owed_no_reply(letter: Path) -> None:
    fields = explained(letter, "--policy", POLICY, "--at", "2026-11-20T10:00")
    assert (fields["office"], fields["why_closed"], fields["next_open"]) == ("open", None, "2026-11-20T10:00:00+07:00")
    assert [action["kind"] for action in fields["actions"]] == ["promise"]


def test_words_are_told_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "urgent.eml"
    path.write_bytes(mail("Em CẦN\ngấp ạ.", "Giao hàng"))
    fields = explained(path, "--policy", POLICY, "--at", NIGHT)
    assert {"signal": "urgent", "word": "cần gấp", "text": "CẦN\ngấp", "where": "body", "start": 3} in fields["signals"]
    assert (fields["urgency"], fields["play"]) == ("urgent", "urgent")


def test_reasons_repeat_the_words_of_the_mail_and_leave_the_pattern_to_json(tmp_path: Path) -> None:
    path = tmp_path / "quote.eml"
    path.write_bytes(mail("Cho mình xin\nbáo giá. Nếu gấp mình sẽ gọi.", "Bàn ghế"))
    fields = explained(path, "--policy", POLICY, "--at", NIGHT)
    assert "Có từ “Cho mình xin báo giá” (quote_request) ở nội dung." in fields["reasons"]
    assert not any(sign in reason for reason in fields["reasons"] for sign in "{|}*")
    (asked,) = (hit for hit in fields["signals"] if hit["signal"] == "quote_request")
    assert "{" in asked["word"]
    (refused,) = fields["refused"]
    assert (refused["signal"], refused["word"], refused["text"], refused["why"]) == ("urgent", "gấp", "gấp", "unless")


def test_a_reason_repeats_no_control_characters_and_not_much(tmp_path: Path) -> None:
    path = tmp_path / "hostile.eml"
    path.write_bytes(mail(f"Cho \x1b[31m{'x' * 300} xin\u202e báo giá", "Bàn ghế"))
    reasons = explained(path, "--policy", POLICY, "--at", NIGHT)["reasons"]
    (told,) = (reason for reason in reasons if "quote_request" in reason and "Có từ" in reason)
    assert told.isprintable()
    assert len(told) < 160


def test_a_word_written_twice_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "twice.eml"
    path.write_bytes(mail("Em cần gấp ạ. Em cần gấp ạ.", "Giao hàng"))
    reasons = explained(path, "--policy", POLICY, "--at", NIGHT)["reasons"]
    assert reasons.count("Có từ “cần gấp” (urgent) ở nội dung.") == 1


@pytest.mark.parametrize(
    ("headers", "signal"),
    [
        ({"List_Id": "<tin.khach.example>", "Precedence": "bulk"}, "list_header"),
        ({"Return_Path": "<>"}, "null_return_path"),
        ({"Auto_Submitted": "auto-replied"}, "auto_submitted"),
        ({"To": "undisclosed-recipients:;"}, None),
    ],
)
def test_newsletters_bounces_and_robots_get_nothing(
    tmp_path: Path, headers: dict[str, str], signal: str | None
) -> None:
    path = tmp_path / "robot.eml"
    path.write_bytes(mail(**headers))
    fields = explained(path, "--policy", POLICY, "--at", NIGHT)
    assert (fields["veto"] or {}).get("signal") == signal
    sent = {"reply", "follow_up"} & {action["kind"] for action in fields["actions"]}
    assert bool(sent) is (signal is None)


def test_a_mail_from_our_own_address_gets_nothing(letter: Path) -> None:
    fields = explained(letter, "--policy", POLICY, "--at", NIGHT, "--account", CUSTOMER)
    assert fields["veto"]["signal"] == "own_address"


def test_the_time_is_the_date_header_without_at(tmp_path: Path) -> None:
    path = tmp_path / "dated.eml"
    path.write_bytes(mail(Date="Fri, 20 Nov 2026 03:00:00 +0000"))
    assert explained(path, "--policy", POLICY)["received"] == "2026-11-20T10:00:00+07:00"


def test_the_time_is_now_without_at_and_date(letter: Path, office: CliOffice) -> None:
    assert explained(letter, "--policy", POLICY)["received"] == NIGHT


def test_an_absurd_date_header_is_not_believed(tmp_path: Path, office: CliOffice) -> None:
    path = tmp_path / "absurd.eml"
    path.write_bytes(mail(Date="Fri, 20 Nov 9999 03:00:00 +0000"))
    assert explained(path, "--policy", POLICY)["received"] == NIGHT


@pytest.mark.parametrize("written", ["2026-11-21T22:10", "2026-11-21 22:10:00", "2026-11-21T15:10:00Z", NIGHT])
def test_a_time_without_offset_is_the_offices(written: str, letter: Path) -> None:
    assert explained(letter, "--policy", POLICY, "--at", written)["received"] == NIGHT


@pytest.mark.parametrize("written", ["tonight", "2026-13-01", "0001-01-01T00:00", "9999-12-31T23:59", ""])
def test_a_time_that_is_none_is_wrong_use(written: str, letter: Path) -> None:
    result = responder("explain", letter, "--policy", POLICY, "--at", written)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def test_a_folder_gives_one_line_for_each_mail_in_order(tmp_path: Path) -> None:
    for name in ("b.eml", "a.EML", "notes.txt"):
        (tmp_path / name).write_bytes(mail())
    out = responder("explain", "--json", tmp_path, "--policy", POLICY, "--at", NIGHT).stdout
    assert [json.loads(line)["source"] for line in out.splitlines()] == [str(tmp_path / n) for n in ("a.EML", "b.eml")]


def test_standard_input_is_a_dash() -> None:
    assert explained("-", "--policy", POLICY, "--at", NIGHT, stdin=mail())["source"] == "-"


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe" * 5000, b"\n\n\n", b"From: \xff\xfe\r\nDate: x\r\n\r\n\xff"])
def test_garbage_is_explained_as_garbage(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "garbage.eml"
    path.write_bytes(content)
    assert responder("explain", path, "--policy", POLICY).exit_code == 0
    fields = explained(path, "--policy", POLICY, "--at", NIGHT)
    assert fields["veto"] is not None


def test_what_a_stranger_wrote_cannot_drive_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "escape.eml"
    header = b"From: \x1b[31mx <a@b.example>\nTo: c@d.example\nSubject: \x1b]0;owned\x07 \xc2\x9b31m\n"
    path.write_bytes(header + b"\ncan gap \x1b[2J")
    out = responder("explain", path, "--policy", POLICY, "--at", NIGHT).stdout
    assert not {"\x1b", "\x07", "\x9b"} & set(out)


def test_what_cannot_be_read_is_told_and_the_rest_is_explained(letter: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    missing = tmp_path / "missing.eml"
    result = responder("explain", "--json", missing, tmp_path / "empty", letter, "--policy", POLICY, "--at", NIGHT)
    assert result.exit_code == 2
    assert result.stdout.count("\n") == 1
    assert f"{missing}: cannot be read: No such file or directory — " in result.stderr
    assert "there is no .eml file in this folder" in result.stderr


def test_no_file_is_wrong_use() -> None:
    result = responder("explain")
    assert result.exit_code == 2
    assert "name a FILE" in result.stderr


@pytest.mark.parametrize("policy", ["missing.yaml", ".", "broken.yaml", "binary.yaml"])
def test_a_policy_that_cannot_be_used_is_told_with_exit_code_2(
    policy: str, letter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.yaml").write_text("language: xx\n")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\x00\xfe")
    result = responder("explain", letter, "--policy", policy)
    assert result.exit_code == 2
    assert " — " in result.stderr
    assert "Traceback" not in result.stderr


def test_the_shipped_policy_serves_where_there_is_no_config(
    letter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESPONDER_CONFIG", raising=False)
    assert explained(letter, "--at", NIGHT)["play"] == "out-of-hours"


def test_a_config_says_who_our_colleagues_are(office: CliOffice, tmp_path: Path) -> None:
    path = tmp_path / "colleague.eml"
    path.write_bytes(mail(sender="mai@congty.example"))
    result = office.run("explain", "--json", "--at", NIGHT, path)
    assert json.loads(result.stdout)["veto"]["signal"] == "colleague"


@pytest.mark.parametrize("arguments", [(), ("--account", "info")])
def test_a_mail_to_nobody_of_ours_is_explained_as_the_daemon_would_decide_it(
    arguments: tuple[str, ...], office: CliOffice, tmp_path: Path
) -> None:
    path = tmp_path / "elsewhere.eml"
    path.write_bytes(mail(To="ai@khac.example"))
    result = office.run("explain", "--json", "--at", NIGHT, *arguments, path)
    assert json.loads(result.stdout)["veto"]["signal"] == "not_addressed"


def test_without_a_config_who_copies_themselves_is_not_taken_for_us(tmp_path: Path) -> None:
    path = tmp_path / "copied.eml"
    path.write_bytes(mail(Cc=CUSTOMER))
    assert explained(path, "--at", NIGHT)["veto"] is None


def test_an_account_that_is_no_address_is_wrong_use(letter: Path) -> None:
    assert responder("explain", letter, "--policy", POLICY, "--account", "nobody").exit_code == 2


def test_a_mail_in_the_ledger_is_told_as_it_was_decided(office: CliOffice) -> None:
    office.triage()
    office.box.deliver(mail(), SATURDAY_NIGHT)
    office.triage()
    fields = json.loads(office.run("explain", "--json", "--id", "1").stdout)
    assert (fields["source"], fields["play"], fields["received"]) == ("info/1", "out-of-hours", NIGHT)
    told = office.run("explain", "--id", "1")
    assert OUT_OF_HOURS in told.stdout
    assert "Trả lời tự động, gửi lan@khach.example — sắp gửi" in told.stdout
    assert "chờ đến thứ Hai, 23/11/2026, 08:00; khi ấy mới viết, theo quy định khi ấy" in " ".join(told.stdout.split())


def test_of_a_mail_in_the_ledger_the_way_is_told_too(office: CliOffice, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    allowing = POLICY.read_text(encoding="utf-8").replace("\nallow:", "\nallow: {forms: [no-reply@web.example]}", 1)
    rules.write_text(allowing, encoding="utf-8")
    office.write_config(policy=rules)
    office.triage()
    office.box.deliver(mail(sender="no-reply@web.example", Reply_To=CUSTOMER), SATURDAY_NIGHT)
    office.triage()
    assert f"{CUSTOMER}, qua biểu mẫu liên hệ no-reply@web.example\n" in office.run("explain", "--id", "1").stdout


def test_what_is_laid_into_drafts_is_not_said_to_be_sent(letter: Path, tmp_path: Path) -> None:
    told = responder("explain", letter, "--policy", POLICY, "--at", NIGHT).stdout
    assert f"soạn sẵn thư nháp cho {CUSTOMER} bằng mẫu “next_workday”, thứ Hai, 23/11/2026, 08:00, để nhân viên" in told
    assert f"Thư nháp của ngày làm việc tiếp theo (nhân viên xem rồi mới gửi), gửi {CUSTOMER}" in told
    sends = tmp_path / "sends.yaml"
    text = POLICY.read_text(encoding="utf-8").replace("follow_up: {as: draft}", "follow_up: {as: send, after: 60m}")
    sends.write_text(text, encoding="utf-8")
    told = responder("explain", letter, "--policy", sends, "--at", NIGHT).stdout
    assert f"gửi thư cho {CUSTOMER} bằng mẫu “next_workday”, thứ Hai, 23/11/2026, 09:00 (thôi, nếu" in told
    assert "nháp" not in told


def test_a_pause_is_told_before_all_else(office: CliOffice, letter: Path) -> None:
    assert "tạm ngừng" not in office.run("explain", letter).stdout
    office.triage()
    office.run("pause", "--reason", "chuyển văn phòng", "--until", "2026-11-30T08:00")
    told = " ".join(office.run("explain", letter).stdout.split())
    assert "! Thư tự động gửi khách đang tạm ngừng đến thứ Hai, 30/11/2026, 08:00 (lý do: chuyển văn phòng)." in told
    assert "responder resume. Dưới đây là việc sẽ làm khi không tạm ngừng." in told
    office.run("resume")
    assert "tạm ngừng" not in office.run("explain", letter).stdout


def test_where_the_state_is_closed_to_the_user_the_mail_is_explained_all_the_same(
    office: CliOffice, letter: Path
) -> None:
    office.state.write_text("no state\n")
    result = office.run("explain", letter)
    assert result.exit_code == 0
    assert "whether automatic mail is paused is not known" in result.stderr


def test_an_office_that_only_observes_is_told_so_before_all_else(office: CliOffice, letter: Path) -> None:
    assert "mode: observe" not in office.run("explain", letter).stdout
    office.write_config(mode="observe")
    told = office.run("explain", letter).stdout.splitlines()
    assert told[1].startswith("  ! Văn phòng đang để `mode: observe`: khách chưa nhận được gì.")


def test_a_follow_up_that_waits_is_worded_by_todays_policy_as_the_daemon_will(
    office: CliOffice, own_policy: Path
) -> None:
    office.box.deliver(mail("Em hỏi hàng ạ.", "RE: Hỏi hàng"), office.clock.now())
    office.triage()
    changed(own_policy, "sẽ xem xét yêu cầu của anh/chị ngay bây giờ", "sẽ gọi lại cho anh/chị")
    changed(own_policy, "\ndays:\n", "\ndays:\n  2026-11-23: {closed: Hội nghị}\n")
    fields = json.loads(office.run("explain", "--id", "1", "--json").stdout)
    (draft,) = (sent for sent in fields["mails"] if sent["kind"] == "follow_up")
    assert (draft["subject"], draft["headers"]["To"]) == ("Re: Hỏi hàng", f"Nguyễn Lan <{CUSTOMER}>")
    assert "sẽ gọi lại cho anh/chị" in draft["text"]
    told = " ".join(office.run("explain", "--id", "1").stdout.split())
    assert "chờ đến thứ Tư, 25/11/2026, 08:00; khi ấy mới viết" in told, "Monday is closed now, Tuesday is a holiday"
    changed(own_policy, "next_workday", "other_text")
    assert (
        "(chưa viết được thư này: the policy has no text `next_workday` (vi))"
        in office.run("explain", "--id", "1").stdout
    )


def test_a_number_that_is_not_in_the_ledger_is_told(office: CliOffice) -> None:
    office.triage()
    result = office.run("explain", "--id", "99")
    assert (result.exit_code, "there is no such mail" in result.stderr) == (1, True)


def test_a_file_and_a_number_together_are_wrong_use(office: CliOffice, letter: Path) -> None:
    assert office.run("explain", letter, "--id", "1").exit_code == 2


def test_without_the_learnt_weights_one_line_says_so_and_the_words_go_on(
    letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned, "FILE", "gone.tsv.gz")
    learned.judge.cache_clear()
    result = responder("explain", letter, "--policy", POLICY, "--at", NIGHT, "--json")
    assert result.exit_code == 0
    [line] = result.stderr.splitlines()
    assert re.search(
        r"gone\.tsv\.gz: what was learnt .* cannot be read .* decide alone — install the program anew", line
    )
    assert json.loads(result.stdout)["judged"] is None


def test_a_policy_that_wants_no_guess_does_not_miss_the_weights(
    letter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned, "FILE", "gone.tsv.gz")
    learned.judge.cache_clear()
    rules = tmp_path / "rules.yaml"
    rules.write_text(POLICY.read_text(encoding="utf-8").replace("\nlearned: yes", "\nlearned: no"), encoding="utf-8")
    assert responder("explain", letter, "--policy", rules, "--at", NIGHT).stderr == ""


@pytest.mark.parametrize(("rules", "guess"), [(POLICY, "Máy đoán theo các thư mẫu: “"), (ENGLISH, "A guess, learnt")])
def test_a_guess_is_explained_in_the_offices_language(tmp_path: Path, rules: Path, guess: str) -> None:
    water = tmp_path / "water.eml"
    water.write_text(
        "From: Lan <lan@khach.example>\nTo: info@congty.example\nSubject: Nước\n"
        "Content-Type: text/plain; charset=utf-8\n\n"
        "Nước từ trần tầng 4 bên em đang chảy xuống, ướt hết hai tủ điện rồi, van khóa ở phòng kỹ thuật bên anh.\n",
        encoding="utf-8",
    )
    told = explained(water, "--policy", rules, "--at", NIGHT)
    assert told["urgency"] == told["judged"]["urgency"] == "emergency"
    assert told["shown_by"]["emergency"] == "learned"
    first = told["judged"]["labels"][0]
    assert first["label"] == "emergency"
    assert 1 <= len(first["reasons"]) <= 3
    assert guess in responder("explain", water, "--policy", rules, "--at", NIGHT).stdout


# ---------------------------------------------------------------- the policy of then


@pytest.fixture
def own_policy(office: CliOffice) -> Path:
    """The office's policy as a file of its own, which a test may change."""
    path = office.folder / "policy.yaml"
    path.write_text(POLICY.read_text(encoding="utf-8"), encoding="utf-8")
    office.write_config(policy=path)
    office.triage()
    return path


def changed(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_a_mail_on_record_is_told_by_the_policy_that_was_in_force_then(office: CliOffice, own_policy: Path) -> None:
    office.box.deliver(mail("Em cần gấp ạ.", "Giao hàng"), office.clock.now())
    office.triage()
    told = office.run("explain", "--id", "1").stdout
    assert "Quy định khi ấy cũng là quy định hôm nay." in told
    changed(own_policy, "  - name: urgent  ", "  - name: hurry  ")
    told = office.run("explain", "--id", "1").stdout
    assert "Theo quy định của lúc ấy (dùng từ thứ Bảy, 21/11/2026, 22:10); từ đó quy định đã đổi." in told
    assert "✓ urgent: khớp; chọn thư trả lời “urgent”" in told
    assert "Với quy định hôm nay thì khác: tình huống “hurry”; trả lời lan@khach.example ngay" in told
    fields = json.loads(office.run("explain", "--id", "1", "--json").stdout)
    assert (fields["play"], fields["today"]["play"], fields["policy"]["is_todays"]) == ("urgent", "hurry", False)
    assert len(fields["policy"]["hash"]) == 64


def test_a_mail_on_record_is_told_by_the_calendar_file_as_it_was_then(office: CliOffice, own_policy: Path) -> None:
    calendar = own_policy.with_name("nghi.ics")
    calendar.write_bytes(ics("SUMMARY:Du lịch\nDTSTART;VALUE=DATE:20261123"))
    changed(own_policy, "\ndays:\n", "\ncalendars: [{file: nghi.ics}]\ndays:\n")
    office.box.deliver(mail("Em cần gấp ạ."), office.clock.now())
    office.triage()
    assert "Quy định khi ấy cũng là quy định hôm nay." in office.run("explain", "--id", "1").stdout
    calendar.write_bytes(ics("SUMMARY:Du lịch\nDTSTART;VALUE=DATE:20261124"))
    told = office.run("explain", "--id", "1").stdout
    assert "từ đó quy định đã đổi" in told
    assert "Văn phòng mở cửa trở lại: thứ Tư, 25/11/2026, 08:00" in told, "the 24th is a public day off"


def test_a_change_that_does_not_touch_a_mail_is_told_as_such(office: CliOffice, own_policy: Path) -> None:
    office.box.deliver(mail(), office.clock.now())
    office.triage()
    changed(own_policy, "- name: abuse ", "- name: rude ")
    assert "Quy định hôm nay cũng sẽ làm như quy định lúc ấy." in office.run("explain", "--id", "1").stdout


def test_other_words_of_todays_policy_are_not_called_the_same(office: CliOffice, own_policy: Path) -> None:
    office.box.deliver(mail(), office.clock.now())
    office.triage()
    changed(own_policy, "sẽ xem xét yêu cầu của anh/chị ngay bây giờ", "sẽ gọi lại cho anh/chị")
    told = " ".join(office.run("explain", "--id", "1").stdout.split())
    assert "cũng sẽ làm như quy định lúc ấy, nhưng với lời thư khác: “next_workday”." in told


def test_a_mail_on_record_is_told_when_todays_policy_is_broken(office: CliOffice, own_policy: Path) -> None:
    office.box.deliver(mail("Em cần gấp ạ."), office.clock.now())
    office.triage()
    own_policy.write_text("language: xx\n", encoding="utf-8")
    told = office.run("explain", "--id", "1")
    assert told.exit_code == 0
    assert "✓ urgent: khớp; chọn thư trả lời “urgent”" in told.stdout


def test_a_mail_from_before_policies_were_kept_says_so(office: CliOffice, own_policy: Path) -> None:
    office.box.deliver(mail("Em cần gấp ạ."), office.clock.now())
    office.triage()
    with sqlite3.connect(office.state) as connection:
        connection.execute("UPDATE message SET policy = NULL, decision = json_remove(decision, '$.plays', '$.limits', "
                           "'$.open_hours', '$.signals[0].start')")  # fmt: skip
    told = office.run("explain", "--id", "1").stdout
    assert "Quy định của lúc ấy không được lưu" in told
    assert "Em cần gấp ạ." in told
    assert "─────── urgent" in told


def test_a_policy_that_a_later_program_cannot_read_is_told_as_such(office: CliOffice, own_policy: Path) -> None:
    office.box.deliver(mail("Em cần gấp ạ."), office.clock.now())
    office.triage()
    changed(own_policy, "- name: abuse ", "- name: rude ")
    with sqlite3.connect(office.state) as connection:
        connection.execute("UPDATE policy SET text = ?", (zlib.compress(b"an_old_key: yes\n"),))
    told = office.run("explain", "--id", "1")
    assert told.exit_code == 0
    assert "Bản chương trình này không đọc được quy định của lúc ấy" in told.stdout
    assert "✓ urgent" in told.stdout


def test_words_that_are_gone_leave_open_what_todays_policy_would_do(office: CliOffice, own_policy: Path) -> None:
    office.box.deliver(mail("Em cần gấp ạ."), office.clock.now())
    office.triage()
    changed(own_policy, "- name: urgent  ", "- name: hurry  ")
    with sqlite3.connect(office.state) as connection:
        connection.execute("UPDATE message SET own_words = '', words_gone_at = '2026-12-22 00:00:00'")
    told = office.run("explain", "--id", "1").stdout
    assert "Lời khách không còn được lưu nên không biết quy định hôm nay sẽ làm gì." in told
    assert "không còn được lưu từ thứ Ba, 22/12/2026, 07:00" in told
    fields = json.loads(office.run("explain", "--id", "1", "--json").stdout)
    assert (fields["words"], fields["today"]) == (None, None)


def test_new_guesses_are_told_beside_the_old_ones(office: CliOffice, own_policy: Path) -> None:
    office.box.deliver(mail("Em cần gấp ạ."), office.clock.now())
    office.triage()
    with sqlite3.connect(office.state) as connection:
        connection.execute("UPDATE message SET decision = json_set(decision, '$.judged', "
                           "json('{\"weights\": \"other\", \"urgency\": \"normal\", \"labels\": []}'))")  # fmt: skip
    assert "Máy đoán đã học lại từ lúc ấy." in office.run("explain", "--id", "1").stdout


# ---------------------------------------------------------------- the words and the plays


def test_the_words_stand_with_what_was_found_in_them(tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(mail("Em cần gấp báo giá ạ.\nIn danh thiếp thì không gấp.\n\n-- \nLan\nHotline 0909", "Giao hàng"))
    told = responder("explain", path, "--policy", POLICY, "--at", NIGHT).stdout
    assert "  │ Em cần gấp báo giá ạ.\n  │    ─────── urgent\n" in told.replace(
        "  │    ─────────────── quote_request\n", ""
    )
    assert "  │                         ─── ✗ urgent: bị phủ định (“không”)\n" in told
    assert "  chữ ký, 3 dòng\n  ┊ --\n  ┊ Lan\n  ┊ …\n" in told
    full = responder("explain", path, "--policy", POLICY, "--at", NIGHT, "--full").stdout
    assert "  ┊ Hotline 0909\n" in full


def test_the_day_is_drawn_with_its_open_hours_and_the_arrival(letter: Path) -> None:
    told = responder("explain", letter, "--policy", POLICY, "--at", "2026-11-20T22:10").stdout
    assert f"0h {'─' * 16}{'█' * 18}{'─' * 10}◆{'─' * 3} 24h  mở cửa 08:00–17:00" in told


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_screen_and_the_letter_is_broken_between_words(width: int) -> None:
    words = "Bên em cần gấp bản vẽ thi công trước 9h sáng mai, không thì không kịp trình chủ đầu tư ạ. " * 3
    for content in (mail(words, "Bản vẽ thi công tòa nhà số 7, giao lại trước thứ Hai " * 2), mail("", "Hợp đồng")):
        message = parse(content)
        rules = policy()
        reading = read(message, rules, OURS, arrived=SATURDAY_NIGHT)
        decision = decide(message, reading, Past(), rules, arrived=SATURDAY_NIGHT, now=SATURDAY_NIGHT)
        told = story.of_decision(message, decision, rules, Address("", "info@congty.example"), source="x")
        lines = [click.unstyle(line) for line in story_lines.lines(told, rules, width)]
        assert [line for line in lines if cell_len(line) > width] == []
        assert OUT_OF_HOURS in " ".join(" ".join(lines).split())


def test_a_mail_without_words_says_so(tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(mail("", "Hợp đồng"))
    told = responder("explain", path, "--policy", POLICY, "--at", NIGHT).stdout
    assert "  Khách viết\n  │ (không có: thư trống, hoặc chỉ có tệp đính kèm hay thư cũ)\n" in told


def test_each_play_is_told_with_the_first_condition_that_failed(letter: Path) -> None:
    told = responder("explain", letter, "--policy", ENGLISH, "--at", NIGHT).stdout
    assert "✓ out-of-hours: fits; chooses the reply “out_of_hours”" in told
    assert "✗ urgent: needs the signal “urgent”; the mail has none of it" in told
    assert "✗ urgent in hours: needs a mail that comes during office hours; this one came out of hours" in told


def test_limits_of_a_mail_on_record_are_told_as_they_were(office: CliOffice) -> None:
    office.triage()
    for text in ("Em hỏi hàng ạ.", "Em hỏi thêm ạ."):
        office.box.deliver(mail(text), office.clock.now())
    office.triage()
    told = office.run("explain", "--id", "2").stdout
    assert "người gửi này: 1 trên 1 trong lần đóng cửa này" in told
    assert "hộp thư này: 1 trên 100 trong giờ qua, 1 trên 500 trong ngày qua" in told
    assert "✓ out-of-hours: khớp, nhưng lần này không trả lời ngay (lý do ở trên)" in told


def test_what_nobody_sees_in_a_mail_is_named(tmp_path: Path) -> None:
    path = tmp_path / "hostile.eml"
    path.write_bytes(mail("Giá \u202egnot\u202c \x1b[31mđỏ", "Hỏi"))
    told = responder("explain", path, "--policy", POLICY, "--at", NIGHT).stdout
    assert "⟨U+202E⟩gnot⟨U+202C⟩ [31mđỏ" in told


# ---------------------------------------------------------------- the page


def test_the_page_holds_all_that_is_told_and_fetches_nothing(letter: Path, tmp_path: Path) -> None:
    urgent = tmp_path / "urgent.eml"
    urgent.write_bytes(mail("Em cần gấp ạ.\n\n-- \nLan", "Giao hàng"))
    page = tmp_path / "why.html"
    result = responder("explain", letter, urgent, "--policy", POLICY, "--at", NIGHT, "--html", page)
    assert (result.exit_code, result.stdout) == (0, f"wrote {page}\n")
    told = page.read_text(encoding="utf-8")
    assert f'<a href="#mail-2">{urgent}</a> — Giao hàng' in told
    assert '<mark class="hit">cần gấp</mark><small class="hit">urgent</small>' in told
    assert "<b>✓ urgent</b>: khớp; chọn thư trả lời “urgent”" in told
    assert "<summary>chữ ký, 2 dòng</summary>" in told
    assert OUT_OF_HOURS in told
    assert not re.search(r"(?:src=|url\(|@import|<script|<link|https?:)", told)


def test_nothing_of_a_mail_is_markup_on_the_page(tmp_path: Path) -> None:
    evil = '<img src=x onerror="alert(1)">'
    path = tmp_path / "evil.eml"
    path.write_bytes(mail(f"Em cần gấp {evil} ạ \u202eabc.\n\n> {evil}\n-- \n{evil}", f"Gấp {evil}"))
    page = tmp_path / "why.html"
    assert responder("explain", path, "--policy", POLICY, "--at", NIGHT, "--html", page).exit_code == 0
    told = page.read_text(encoding="utf-8")
    assert "<img" not in told
    assert "\u202e" not in told
    assert "⟨U+202E⟩abc" in told


def test_a_mail_on_record_has_its_page(office: CliOffice, tmp_path: Path) -> None:
    office.triage()
    office.box.deliver(mail("Em cần gấp ạ."), office.clock.now())
    office.triage()
    page = tmp_path / "why.html"
    assert office.run("explain", "--id", "1", "--html", page).exit_code == 0
    assert "Quy định khi ấy cũng là quy định hôm nay." in page.read_text(encoding="utf-8")


def test_a_page_and_json_at_once_are_wrong_use(letter: Path, tmp_path: Path) -> None:
    assert responder("explain", letter, "--json", "--html", tmp_path / "x.html").exit_code == 2
