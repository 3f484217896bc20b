"""`responder calendar`: the month, a moment, and another table of holidays."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.cells import cell_len

from responder.cli.calendar_picture import Paper, picture
from responder.cli.calendar_view import view
from responder.cli.times import MonthOrYear
from responder.mail.language import Language
from tests.cli_office import ENGLISH, POLICY, responder
from tests.fakes import policy


def calendar(*arguments: str | Path) -> str:
    result = responder("calendar", "--policy", POLICY, *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def spaced(table: str) -> str:
    """The table with one space between its cells."""
    return " ".join(table.split())


def test_every_day_of_the_month_has_a_line() -> None:
    lines = calendar("2026-02", "--table").splitlines()
    assert sum("/02/2026" in line for line in lines) == 28


def test_holidays_have_their_names() -> None:
    line = next(line for line in calendar("2026-02", "--table").splitlines() if "16/02/2026" in line)
    assert line.split("  ")[0] == "thứ Hai, 16/02/2026"
    assert line.endswith("ngày lễ: Tết Nguyên Đán")
    assert "nghỉ" in line


def test_open_days_have_their_hours() -> None:
    assert "thứ Sáu, 20/11/2026 08:00-17:00" in spaced(calendar("2026-11", "--table"))


def test_own_days_and_swaps_have_their_reasons(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    text = POLICY.read_text().replace("\ndays:\n", '\ndays:\n  2026-12-31: {open: "08:00-12:00", why: Tất niên}\n')
    path.write_text(text.replace("\nswaps:\n", "\nswaps:\n  - {off: 2026-12-14, work: 2026-12-12}\n"))
    out = responder("calendar", "2026-12", "--table", "--policy", path).stdout
    assert "thứ Năm, 31/12/2026 08:00-12:00 Tất niên" in spaced(out)
    assert "thứ Bảy, 12/12/2026 08:00-17:00 Làm bù" in spaced(out)
    assert "ngày nghỉ hoán đổi" in out


def test_a_month_may_be_written_the_vietnamese_way() -> None:
    assert calendar("11/2026") == calendar("2026-11")


def test_an_english_policy_is_told_in_english() -> None:
    out = responder("calendar", "2026-11", "--table", "--policy", ENGLISH).stdout
    assert "Friday, 20 November 2026" in out


@pytest.mark.parametrize("month", ["2026-13", "november", "0000-01", "0000", "2026-1-1", ""])
def test_what_is_no_month_is_wrong_use(month: str) -> None:
    assert responder("calendar", month).exit_code == 2


def test_a_closed_moment_is_told_with_reason_opening_and_promise() -> None:
    assert calendar("--at", "2026-11-21T22:10").splitlines() == [
        "thứ Bảy, 21/11/2026, 22:10: ngoài giờ (ngày nghỉ hằng tuần).",
        "Mở cửa lại: thứ Hai, 23/11/2026, 08:00.",
        "Cam kết trả lời trong 24 giờ làm việc, tính từ lúc ấy: trước thứ Năm, 26/11/2026, 14:00; "
        "sớm hơn nếu thư tự động đã hẹn ngày làm việc tiếp theo.",
    ]


def test_an_open_moment_is_told_with_its_end() -> None:
    assert "trong giờ làm việc, đến thứ Sáu, 20/11/2026, 17:00." in calendar("--at", "2026-11-20T10:00")


def test_a_difference_to_the_library_is_a_sentence_with_what_to_write() -> None:
    lines = calendar("2026", "--compare").splitlines()
    at = next(number for number, line in enumerate(lines) if "Thứ Hai, 31/08/2026" in line)
    assert "thư viện cho là ngày nghỉ" in lines[at]
    assert lines[at + 1 : at + 3] == [
        "    Nếu văn phòng cũng hoán đổi như vậy, thêm vào `swaps:`",
        "      - {off: 2026-08-31, work: 2026-08-22}",
    ]


def test_what_compare_tells_to_write_ends_the_difference(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY.read_text().replace("\nswaps:\n", "\nswaps:\n  - {off: 2026-08-31, work: 2026-08-22}\n"))
    assert "không có khác biệt" in responder("calendar", "2026", "--compare", "--policy", path).stdout


def test_compare_of_a_month_tells_that_month_only() -> None:
    assert "31/08/2026" in calendar("2026-08", "--compare")
    assert "không có khác biệt" in calendar("2026-02", "--compare")


SPECIAL = """
days:
  2026-12-24: {open: "08:00-12:00", why: Nửa ngày}
  2026-12-26: {open: "08:00-12:00", why: Kiểm kê}
  2026-12-30..2026-12-31: {closed: "Tổng kết <năm>"}
"""


@pytest.fixture
def special(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY.read_text().replace("\ndays:\n", SPECIAL))
    return path


def test_the_month_tells_each_look_by_its_sign_without_colours(special: Path) -> None:
    out = responder("calendar", "2026-12", "--policy", special).stdout
    for cell in ("24 ◐", "26 +", "30 ×", "31 ×", "27 ·", "8–12"):
        assert cell in out
    assert "\x1b" not in out
    assert " ◐ Thứ Năm, 24/12/2026: 08:00–12:00 (Nửa ngày)" in out.splitlines()
    assert " × Thứ Tư, 30/12/2026 đến thứ Năm, 31/12/2026: nghỉ (Tổng kết <năm>)" in out.splitlines()


@pytest.mark.parametrize("period", ["2026-02", "2027-02", "2026", "2027"])
@pytest.mark.parametrize("policy", [POLICY, ENGLISH])
def test_the_picture_fits_in_eighty_columns(period: str, policy: Path) -> None:
    lines = responder("calendar", period, "--policy", policy).stdout.splitlines()
    assert max(map(len, lines)) <= 80


def test_the_year_shows_twelve_months_and_names_its_days_off() -> None:
    out = calendar("2026")
    assert re.findall(r"Tháng (\d+)", out) == [str(month) for month in range(1, 13)]
    assert "16★17★18★19★20★" in out
    assert "Tết Nguyên Đán" in out


def test_today_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("responder.cli.calendar.now", lambda: datetime(2026, 11, 20, 3, tzinfo=UTC))
    assert "20  ◄" in calendar("2026-11") or "20 ◄" in calendar("2026-11")
    assert "20◄" in calendar("2026")
    assert "◄" not in calendar("2026-10")


def test_json_tells_each_day(special: Path) -> None:
    out = responder("calendar", "2026-12", "--json", "--policy", special).stdout
    days = [json.loads(line) for line in out.splitlines()]
    assert len(days) == 31
    assert days[23] == {
        "date": "2026-12-24", "look": "other_hours", "open": True, "hours": ["08:00-12:00"], "name": "Nửa ngày",
    }  # fmt: skip
    assert {day["look"] for day in days} == {"open", "rest", "other_hours", "extra", "closed"}


def test_the_page_is_whole_by_itself_and_escapes_names(special: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    responder("calendar", "2026-12", "--policy", special, "--html", page)
    text = page.read_text()
    assert "Tổng kết &lt;năm&gt;" in text
    assert '<html lang="vi">' in text
    assert not re.search(r"https?:|src=|<link|<script", text)


def test_another_language_may_be_asked_for(tmp_path: Path) -> None:
    assert " November 2026" in calendar("2026-11", "--language", "en")
    page = tmp_path / "page.html"
    calendar("2026", "--language", "en", "--html", page)
    assert "Office hours: 2026" in page.read_text()


@pytest.mark.parametrize("period", ["2028", "2028-01"])
def test_a_year_without_any_public_day_off_is_not_shown_as_if_it_had_none(period: str, tmp_path: Path) -> None:
    told = " ".join(calendar(period).split())
    assert "! Quy định chưa có ngày lễ nào của năm 2028: Tết và các ngày lễ đang hiện ra như ngày thường." in told
    assert "chưa có ngày lễ" not in calendar("2027-03"), "of 2027 some are known"
    page = tmp_path / "page.html"
    calendar(period, "--html", str(page))
    assert '<p class="warning">Quy định chưa có ngày lễ nào của năm 2028' in page.read_text(encoding="utf-8")


def test_a_year_that_the_library_does_not_know_is_not_called_equal() -> None:
    told = calendar("2160", "--compare")
    assert "2160: thư viện holidays" in told
    assert "không so sánh được" in told
    assert "không có khác biệt" not in told


@pytest.mark.parametrize(
    "two", [("--json", "--compare"), ("--table", "--json"), ("--at", "2026-11-21T22:10", "--json")]
)
def test_what_cannot_be_told_at_once_is_wrong_use(two: tuple[str, ...]) -> None:
    result = responder("calendar", "2026", *two)
    assert result.exit_code == 2
    assert "not both" in result.stderr


@pytest.mark.parametrize("period", ["2026-02", "2028-11", "2027"])
def test_the_picture_fits_a_telephones_terminal(period: str) -> None:

    stretch = MonthOrYear().convert(period, None, None)
    lines = list(picture(view(policy(), stretch, stretch.first, Language.VI), Paper(40, is_coloured=False)))
    assert [line for line in lines if cell_len(line) > 40] == []
    assert any("16★17★" in line for line in lines) or period != "2026-02"


def test_an_office_that_never_closes_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "always.yaml"
    path.write_text("language: en\ntimezone: Asia/Ho_Chi_Minh\nhours: {mon-sun: '00:00-24:00'}\nplays: []\n")
    told = responder("calendar", "--at", "2026-11-21T22:10", "--policy", path).stdout
    assert told == "Saturday, 21 November 2026, 22:10: the office is open; the calendar has no closing ahead.\n"
