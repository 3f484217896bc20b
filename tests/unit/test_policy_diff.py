"""`policy diff`: the change in words, and the mails on record that it concerns."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from responder.store.store import Store
from tests.cli_office import POLICY, CliOffice, mail, make_office, responder

SHIPPED = POLICY.read_text(encoding="utf-8")
WORD = ("    words: [\n", "    words: [áo thun,\n")
WITH_WORD = SHIPPED.replace(*WORD, 1)
TOLD = [
    "Nhóm từ ngữ “urgent”: thêm 1 mục (áo thun).",
    "1 trên 2 thư của 30 ngày qua sẽ được xử lý khác đi.",
    "  thứ Bảy, 21/11/2026, 22:10 “Hỏi hàng”",
    "    bình thường → cần gấp",
    "    trả lời tự động: out_of_hours → urgent",
    "    đánh dấu: không → gắn cờ",
    "    vì có thêm từ “áo thun” (urgent)",
]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    """With two mails on record, one of which has the word; and the policy that has it, as new.yaml."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESPONDER_CONFIG", raising=False)
    made = make_office(tmp_path, monkeypatch)
    monkeypatch.setattr("responder.cli.policy_change.now", made.clock.now)
    rules = tmp_path / "policy.yaml"
    rules.write_text(SHIPPED, encoding="utf-8")
    made.write_config(policy=rules)
    (tmp_path / "new.yaml").write_text(WITH_WORD, encoding="utf-8")
    made.triage()
    made.box.deliver(mail(), made.clock.now())
    made.box.deliver(mail("Cho em hỏi giờ mở cửa."), made.clock.now())
    made.triage()
    return made


def test_the_change_is_told_in_words_with_the_mails_that_it_concerns(office: CliOffice) -> None:
    result = office.run("policy", "diff", "new.yaml")
    assert (result.exit_code, result.stdout.splitlines(), result.stderr) == (0, TOLD, "")


def test_the_account_or_the_file_before_may_be_named(office: CliOffice) -> None:
    for old in ("info", "policy.yaml"):
        assert office.run("policy", "diff", old, "new.yaml").stdout.splitlines() == TOLD
    (office.folder / "other.yaml").write_text(SHIPPED, encoding="utf-8")
    result = office.run("policy", "diff", "other.yaml", "new.yaml")
    assert result.stdout.splitlines() == TOLD[:1]
    assert "no account of the config uses this file" in result.stderr


def test_without_a_config_two_files_are_told_apart_in_words(office: CliOffice) -> None:
    office.config.unlink()
    result = responder("policy", "diff", "policy.yaml", "new.yaml")
    assert (result.exit_code, result.stdout.splitlines()) == (0, TOLD[:1])


def test_the_same_policy_is_told_as_such_and_no_mail_is_looked_at(office: CliOffice) -> None:
    result = office.run("policy", "diff", "policy.yaml")
    assert (result.exit_code, result.stdout) == (0, "Only notes and spaces; no rule changes.\n")


def test_a_mistake_in_the_new_one_or_an_example_that_fails_is_shown_as_check_does(office: CliOffice) -> None:
    new = office.folder / "new.yaml"
    new.write_text(SHIPPED.replace('"08:00-17:00"', '"08:00-25:00"', 1), encoding="utf-8")
    result = office.run("policy", "diff", "new.yaml")
    assert result.exit_code == 1
    assert "25:00 is not a time of day" in result.stdout
    new.write_text(SHIPPED.replace("báo giá gấp", "báo giá thật gấp", 1), encoding="utf-8")
    result = office.run("policy", "diff", "new.yaml")
    assert result.exit_code == 1
    assert "this mail should come out as `gấp, " in result.stdout


def test_json_is_one_object(office: CliOffice) -> None:
    told = json.loads(office.run("policy", "diff", "new.yaml", "--json").stdout)
    assert told["changes"] == TOLD[:1]
    mails = told["mails"]
    [example] = mails.pop("examples")
    assert mails == {"days": 30, "compared": 2, "different": 1, "words_gone": 0, "cut": False}
    assert (example["before"]["urgency"], example["after"]["urgency"]) == ("normal", "urgent")
    assert (example["account"], example["cause"], example["id"]) == ("info", "word_added", 1)
    page = (POLICY.parents[1] / "docs" / "json.md").read_text(encoding="utf-8")
    section = page.partition("## `responder policy diff")[2].partition("\n## ")[0]
    names = {*told, *mails, *example, *example["after"], "examples"}
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", section)) == []


def test_a_state_that_is_closed_to_this_user_is_one_line_and_the_words_are_told(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_path: Path) -> Store:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Store, "as_it_is", closed)
    result = office.run("policy", "diff", "new.yaml")
    assert (result.exit_code, result.stdout.splitlines()) == (0, TOLD[:1])
    assert result.stderr == f"the mails on record were not compared: {office.state} is closed to this user\n"


def test_before_the_first_start_there_is_no_mail_to_compare(office: CliOffice) -> None:
    office.state.unlink()
    result = office.run("policy", "diff", "new.yaml")
    assert result.stdout.splitlines()[-1] == "Chưa có thư nào của 30 ngày qua để so."


@pytest.mark.parametrize("typed", [(), ("a", "b", "c")])
def test_one_or_two_policies_must_be_named(typed: tuple[str, ...], office: CliOffice) -> None:
    result = office.run("policy", "diff", *typed)
    assert result.exit_code == 2
    assert "[OLD] NEW" in result.stderr
