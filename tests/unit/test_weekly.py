"""What the first report of a week says of the mail that staff judged otherwise than the rules."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from responder.errors import TroubleKind
from responder.policy.proposals import with_word
from responder.work.digest import FIRST_START, Digests, begins_week
from responder.work.digest_words import EN, VI
from tests.fakes import AtWork, letter, local, policy

ENGLISH = Path(__file__).parents[2] / "policies" / "en-office.yaml"
APPROVED = (
    "Chị đã duyệt ma két bìa hộp rồi nhé.",
    "Anh duyệt ma két tờ rơi, em nhận file nhé",
    "Bên mình duyệt ma két hộp giấy mẫu số hai",
)
ORDINARY = ("Cho em hỏi giá in tờ rơi.", "Em gửi file đã sửa, anh xem giúp em.", "Anh gửi em bảng giá nhé") * 3
HURRY = "Em cần gấp báo giá 20 ghế trong sáng mai."


def office(*, english: bool = False) -> AtWork:
    made = AtWork(policy(file=ENGLISH) if english else policy(), at="2026-11-20 10:00")
    made.store.set_once(FIRST_START, local("2026-11-19 08:00").isoformat())
    return made


@pytest.fixture
def here() -> Iterator[AtWork]:
    made = office()
    yield made
    made.store.close()


def came(here: AtWork, *texts: str, flag: bool | None = None) -> None:
    """Mails of as many people; staff flag them, clear our flag, or leave them."""
    uids = [here.come(letter(text, sender=f"k{n}@a{n}.example")) for n, text in enumerate(texts)]
    here.round()
    for uid in uids if flag is not None else ():
        here.mailbox.flag(uid, on=bool(flag))
    here.round()


def report(here: AtWork, at: str = "2026-11-23 08:00") -> str:
    """The report of that day, in one line."""
    here.clock.set(local(at))
    return " ".join(Digests(here.desk, here.store, here.clock).preview(here.clock.now()).text.split())


def test_mondays_report_tells_what_staff_flagged_and_the_word_it_speaks_for(here: AtWork) -> None:
    came(here, *APPROVED, flag=True)
    came(here, *ORDINARY)
    said = report(here)
    assert f"{VI.otherwise} (3)" in said
    assert "Tuần qua, nhân viên đã gắn cờ hoặc chuyển 3 thư mà quy định coi là thư thường." in said
    assert "Đề nghị thêm từ “duyệt ma két” vào nhóm urgent" in said
    assert "3 thư ủng hộ, 0 thư ngược lại; 3 trên 12 thư đã thử sẽ được xử lý khác đi" in said
    assert "responder suggest" in said


def test_an_english_office_reads_it_in_english() -> None:
    here = office(english=True)
    came(here, *APPROVED, flag=True)
    came(here, *ORDINARY)
    came(here, HURRY, flag=False)
    said = report(here)
    assert "Last week staff flagged or moved 3 mails that the rules held for ordinary." in said
    assert "Last week staff cleared the flag of 1 mail that the rules held for urgent." in said
    assert "Proposed: add the word “duyệt ma két” to urgent" in said
    here.store.close()


def test_three_corrections_without_a_pattern_are_told_as_such(here: AtWork) -> None:
    came(here, *ORDINARY[:3], flag=True)
    came(here, *ORDINARY)
    said = report(here)
    assert f"{VI.otherwise} (3)" in said
    assert VI.no_pattern in said


def test_two_corrections_without_a_pattern_are_not_worth_a_word(here: AtWork) -> None:
    came(here, *ORDINARY[:2], flag=True)
    assert VI.otherwise not in report(here)


@pytest.mark.parametrize("at", ["2026-11-25 08:00", "2026-11-26 08:00", "2026-11-27 08:00"])
def test_other_days_reports_are_without_it(at: str, here: AtWork) -> None:
    came(here, *APPROVED, flag=True)
    came(here, *ORDINARY)
    assert VI.otherwise not in report(here, at)


def test_a_proposal_that_was_taken_is_told_no_more(here: AtWork) -> None:
    came(here, *APPROVED, flag=True)
    came(here, *ORDINARY)
    here.desk = replace(here.desk, policy=with_word(here.desk.policy, "urgent", "duyệt ma két"))
    assert VI.otherwise not in report(here)


def test_after_a_holiday_the_report_still_begins_with_the_monday_before(here: AtWork) -> None:
    here.clock.set(local("2026-12-28 10:00"))
    came(here, *APPROVED, flag=True)
    came(here, *ORDINARY)
    here.desk = replace(here.desk, policy=policy(("days:\n", "days:\n  2027-01-04: {closed: Kiểm kê}\n")))
    assert f"{VI.otherwise} (3)" in report(here, "2027-01-05 08:00")


def test_a_proposal_that_nobody_took_is_told_again_only_with_something_new(here: AtWork) -> None:
    came(here, *APPROVED, flag=True)
    came(here, *ORDINARY)
    assert VI.otherwise in report(here)
    assert VI.otherwise not in report(here, "2026-11-30 08:00")
    here.clock.set(local("2026-12-02 10:00"))
    came(here, "Em duyệt ma két rồi ạ", flag=True)
    said = report(here, "2026-12-07 08:00")
    assert f"{VI.otherwise} (1)" in said
    assert "4 thư ủng hộ" in said


def test_a_defect_in_the_suggestions_costs_nobody_the_report(
    here: AtWork, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    came(here, *APPROVED, flag=True)
    monkeypatch.setattr("responder.work.suggest.proposals", _breaks)
    with caplog.at_level(logging.ERROR):
        said = report(here)
    assert VI.title.upper() in said.upper()
    assert VI.otherwise not in said
    assert TroubleKind.INTERNAL in here.troubles()
    assert "unexpected failure of the suggestions" in caplog.text


def _breaks(*_: object) -> None:
    raise ZeroDivisionError


def test_a_week_begins_on_its_first_workday() -> None:
    calendar = policy().calendar()
    days = ("2026-11-23", "2026-11-25", "2026-11-22", "2026-02-16", "2026-02-23")
    assert [begins_week(local(day).date(), calendar) for day in days] == [True, False, False, False, True]
    closed = policy(("days:\n", "days:\n  2026-11-23: {closed: Kiểm kê}\n")).calendar()
    assert [begins_week(local(day).date(), closed) for day in days[:2]] == [False, True]


def test_both_languages_say_all_of_it() -> None:
    assert VI.proposed.keys() == EN.proposed.keys()
