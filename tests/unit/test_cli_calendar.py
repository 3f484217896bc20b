"""`responder calendar`: the month, a moment, and another table of holidays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_office import ENGLISH, POLICY, responder


def calendar(*arguments: str | Path) -> str:
    result = responder("calendar", "--policy", POLICY, *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def spaced(table: str) -> str:
    """The table with one space between its cells."""
    return " ".join(table.split())


def test_every_day_of_the_month_has_a_line() -> None:
    lines = calendar("2026-02").splitlines()
    assert sum("/02/2026" in line for line in lines) == 28


def test_holidays_have_their_names() -> None:
    line = next(line for line in calendar("2026-02").splitlines() if "16/02/2026" in line)
    assert line.split("  ")[0] == "thứ Hai, 16/02/2026"
    assert line.endswith("ngày lễ: Tết Nguyên Đán")
    assert "nghỉ" in line


def test_open_days_have_their_hours() -> None:
    assert "thứ Sáu, 20/11/2026 08:00-17:00" in spaced(calendar("2026-11"))


def test_own_days_and_swaps_have_their_reasons(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    text = POLICY.read_text().replace("\ndays:\n", '\ndays:\n  2026-12-31: {open: "08:00-12:00", why: Tất niên}\n')
    path.write_text(text.replace("\nswaps:\n", "\nswaps:\n  - {off: 2026-12-14, work: 2026-12-12}\n"))
    out = responder("calendar", "2026-12", "--policy", path).stdout
    assert "thứ Năm, 31/12/2026 08:00-12:00 Tất niên" in spaced(out)
    assert "thứ Bảy, 12/12/2026 08:00-17:00 Làm bù" in spaced(out)
    assert "ngày nghỉ hoán đổi" in out


def test_a_month_may_be_written_the_vietnamese_way() -> None:
    assert calendar("11/2026") == calendar("2026-11")


def test_an_english_policy_is_told_in_english() -> None:
    out = responder("calendar", "2026-11", "--policy", ENGLISH).stdout
    assert "Friday, 20 November 2026" in out


@pytest.mark.parametrize("month", ["2026-13", "november", "0000-01", "2026", ""])
def test_what_is_no_month_is_wrong_use(month: str) -> None:
    assert responder("calendar", month).exit_code == 2


def test_a_closed_moment_is_told_with_reason_opening_and_promise() -> None:
    assert calendar("--at", "2026-11-21T22:10").splitlines() == [
        "thứ Bảy, 21/11/2026, 22:10: ngoài giờ (ngày nghỉ hằng tuần).",
        "Mở cửa lại: thứ Hai, 23/11/2026, 08:00.",
        "Thư đến lúc này cần được trả lời trước thứ Năm, 26/11/2026, 14:00 (24 giờ làm việc).",
    ]


def test_an_open_moment_is_told_with_its_end() -> None:
    assert "trong giờ làm việc, đến thứ Sáu, 20/11/2026, 17:00." in calendar("--at", "2026-11-20T10:00")


def test_compare_lists_the_days_on_which_the_library_thinks_otherwise() -> None:
    out = calendar("2026-01", "--compare")
    assert "thứ Hai, 31/08/2026" in out
    assert "làm việc" in out
    assert "01/01/2026" not in out
