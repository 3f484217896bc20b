"""`responder suggest`: what staff's corrections speak for, the mails for and against, and where to write it."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from responder.daemon import parts
from responder.store.store import Store
from responder.work.watch import Round
from tests.cli_office import CliOffice, mail, make_office

LEAKS = (
    "Máy lạnh nhà em chảy nước từ chiều, anh xem giúp.",
    "Tủ lạnh chị chảy nước ra sàn rồi em ơi",
    "Phòng họp bên anh bị chảy nước từ trần xuống",
)
ORDINARY = ("Cho em hỏi giá máy lạnh 12000 BTU.", "Anh gửi em bảng giá tủ lạnh nhé", "Em muốn đặt lịch vệ sinh.")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESPONDER_CONFIG", raising=False)
    office = make_office(tmp_path, monkeypatch)
    monkeypatch.setattr("responder.cli.suggest.now", office.clock.now)
    office.triage()
    return office


def round_of(office: CliOffice) -> None:
    with closing(Store.open(office.state)) as store:
        (desk,) = parts.desks(office.loaded(), store, office.clock.now()).values()
        office.box.connect()
        Round(desk, store, office.clock).run(office.box)
        office.box.close()


def came(office: CliOffice, *texts: str, flagged: bool = False, first: int = 0) -> None:
    """Mails of as many people, an hour apart; staff flag them, or not."""
    uids = []
    for number, text in enumerate(texts, first):
        office.clock.advance(timedelta(minutes=10))
        raw = mail(text, f"Thư {number}", f"khach{number}@ban{number}.example")
        uids.append(office.box.deliver(raw, office.clock.now()))
    round_of(office)
    for uid in uids if flagged else ():
        office.box.flag(uid)
    round_of(office)


def a_month(office: CliOffice) -> None:
    came(office, *LEAKS, flagged=True)
    came(office, *(ORDINARY * 10), first=3)


def test_a_word_that_flagged_mails_have_in_common_is_proposed_with_the_mails_and_the_place(office: CliOffice) -> None:
    a_month(office)
    result = office.run("suggest")
    assert result.exit_code == 0, result.output
    out = result.stdout
    assert "- 3 thư được gắn cờ, quy định coi là thư thường" in out
    assert "Đã thử trên 33 thư còn lưu lời khách." in out
    assert "1. Thêm từ “chảy nước” vào nhóm urgent" in out
    assert "3 thư ủng hộ, 0 thư ngược lại. 3 thư sẽ được xử lý khác đi." in out
    assert "ủng hộ     #1  21/11/2026 22:20  Thư 0" in out
    assert "     , chảy nước\n" in out
    assert "Quy định chưa thay đổi gì" in out
    assert "responder policy edit info" in out
    assert "2. " not in out


def test_the_line_that_is_named_is_the_last_of_the_list_in_the_policy(office: CliOffice) -> None:
    a_month(office)
    fields = json.loads(office.run("suggest", "--json").stdout)
    [proposal] = fields["proposals"]
    lines = Path(proposal["file"]).read_text(encoding="utf-8").splitlines()
    assert "cả {văn phòng|phòng|công ty" in lines[proposal["line"] - 1]
    assert (proposal["list"], proposal["signal"], proposal["phrase"]) == ("words", "urgent", "chảy nước")
    assert [each["id"] for each in proposal["for"]] == proposal["different"] == [1, 2, 3]
    assert proposal["against"] == []
    assert proposal["for"][0]["from"] == "khach0@ban0.example"
    assert fields["corrections"] == {"flagged": 3, "unflagged": 0, "moved": 0}
    assert (fields["tried"], fields["without_words"]) == (33, 0)


def test_what_is_proposed_can_be_taken_and_is_then_proposed_no_more(office: CliOffice) -> None:
    a_month(office)
    fields = json.loads(office.run("suggest", "--json").stdout)
    [proposal] = fields["proposals"]
    policy = Path(proposal["file"])
    lines = policy.read_text(encoding="utf-8").splitlines()
    lines[proposal["line"] - 1] += ", chảy nước"
    changed = office.folder / "changed.yaml"
    changed.write_text("\n".join(lines) + "\n", encoding="utf-8")
    office.write_config(policy=changed)
    assert office.run("check").exit_code == 0
    result = office.run("suggest")
    assert "3 thư trong số đó nay đã được quy định xử lý đúng như nhân viên đã làm." in result.stdout
    assert "Quy định không cần sửa gì thêm." in result.stdout
    assert "chưa thấy điểm chung" not in result.stdout
    [fields] = map(json.loads, office.run("suggest", "--json").stdout.splitlines())
    assert (fields["settled"], fields["proposals"]) == (3, [])


def test_a_flagged_mail_that_is_moved_away_and_back_does_not_speak_against_itself(office: CliOffice) -> None:
    a_month(office)
    for one in list(office.box.folders["INBOX"].stored)[:3]:
        office.box.remove(one.uid)
        office.box.deliver(one.content, office.clock.now())
    round_of(office)
    [fields] = map(json.loads, office.run("suggest", "--json").stdout.splitlines())
    assert [each["phrase"] for each in fields["proposals"]] == ["chảy nước"]
    assert fields["tried"] == 33


def test_too_little_is_said_to_be_too_little(office: CliOffice) -> None:
    came(office, *LEAKS[:2], flagged=True)
    came(office, *ORDINARY, first=3)
    out = office.run("suggest").stdout
    assert "- 2 thư được gắn cờ" in out
    assert "Đã có 2 lần như vậy; chưa thấy điểm chung nào đủ rõ để đề nghị sửa quy định." in out
    assert "Thêm từ" not in out


def test_where_staff_corrected_nothing_that_is_said(office: CliOffice) -> None:
    came(office, *ORDINARY)
    assert "Chưa thấy thư nào" in office.run("suggest").stdout
    assert json.loads(office.run("suggest", "--json").stdout)["proposals"] == []


def test_where_words_are_not_kept_nothing_can_be_proposed_and_that_is_said(office: CliOffice) -> None:
    office.config.write_text("keep_text: never\n" + office.config.read_text(encoding="utf-8"), encoding="utf-8")
    a_month(office)
    out = office.run("suggest").stdout
    assert "- 3 thư được gắn cờ" in out
    assert "Lời khách không được lưu (keep_text: never) nên không thể đề nghị gì." in out


def test_only_what_staff_did_since_then_is_told(office: CliOffice) -> None:
    a_month(office)
    office.clock.advance(timedelta(days=8))
    assert "Chưa thấy thư nào" in office.run("suggest", "--since", "7d").stdout
    assert "chảy nước" in office.run("suggest", "--since", "14d").stdout


def test_an_account_that_is_not_there_is_wrong_use(office: CliOffice) -> None:
    result = office.run("suggest", "--account", "sales")
    assert result.exit_code == 2
    assert "there is no account `sales`" in result.stderr
