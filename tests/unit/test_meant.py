"""What is proposed where hours, a date or days cannot be read: it is what was meant, and it can be read."""

from __future__ import annotations

import pytest

from responder.document import Wrong
from responder.policy import meant
from responder.policy.model import read_days, read_spans, read_time, read_weekdays


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("8h-17h30", "08:00-17:30"),
        ("8h30 - 17h", "08:30-17:00"),
        ("8g30-17g", "08:30-17:00"),
        ("8 giờ đến 17 giờ 30", "08:00-17:30"),
        ("8-17", "08:00-17:00"),
        ("8am-5pm", "08:00-17:00"),
        ("12am-5pm", "00:00-17:00"),
        ("8:00 to 12pm", "08:00-12:00"),
        ("08.00-17.00", "08:00-17:00"),
        ("08：00－17：00", "08:00-17:00"),
        ("“08:00-17:00”", "08:00-17:00"),
        ("08:00 17:00", "08:00-17:00"),
        ("08:00-12:00; 13:00-17:00", "08:00-12:00, 13:00-17:00"),
        ("08:00-12:00,", "08:00-12:00"),
        ("8h-12h, 1h chiều-5h chiều", "08:00-12:00, 13:00-17:00"),
    ],
)
def test_hours_as_people_write_them_are_proposed_as_they_are_read(written: str, proposed: str) -> None:
    assert meant.hours(written) == proposed
    assert read_spans(proposed)
    with pytest.raises(Wrong, match=f"write `{proposed}`"):
        read_spans(written)


@pytest.mark.parametrize(
    "written",
    ["08:00-25:00", "8h-", "sáng và chiều", "08:00-17:00 (nghỉ trưa 12:00)", "8h-8h", "", "5, 6 7", "13h-12h-8h"],
)
def test_what_may_mean_anything_is_not_guessed(written: str) -> None:
    assert meant.hours(written) is None


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("2026/12/31", "2026-12-31"),
        ("31/12/2026", "2026-12-31"),
        ("31.12.2026", "2026-12-31"),
        ("2026-12-5", "2026-12-05"),
        ("2026-12-24-2026-12-26", "2026-12-24..2026-12-26"),
        ("2026-12-24...2026-12-26", "2026-12-24..2026-12-26"),
        ("2026-12-24 đến 2026-12-26", "2026-12-24..2026-12-26"),
        ("24/12/2026 - 26/12/2026", "2026-12-24..2026-12-26"),
        ("2026-12-24..26", "2026-12-24..2026-12-26"),
    ],
)
def test_dates_as_people_write_them_are_proposed_as_they_are_read(written: str, proposed: str) -> None:
    assert str(read_days(proposed)) == proposed
    with pytest.raises(Wrong) as refused:
        read_days(written)
    assert f"`{proposed}`" in refused.value.remedy


@pytest.mark.parametrize("written", ["31/2/2027", "2027-02-30", "2026-02-28..30", "29/02/2027"])
def test_a_day_that_no_calendar_has_is_never_proposed(written: str) -> None:
    with pytest.raises(Wrong) as refused:
        read_days(written)
    assert "2027-02-31" not in refused.value.remedy
    assert "02-30" not in refused.value.remedy
    assert "02-29" not in refused.value.remedy


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("2-6", "thu2-thu6"),
        ("2-CN", "thu2-cn"),
        ("mon to fri", "mon-fri"),
        ("ngày thường", "mon-fri"),
        ("Cuối tuần", "sat-sun"),
    ],
)
def test_days_as_people_write_them_are_proposed_as_they_are_read(written: str, proposed: str) -> None:
    assert read_weekdays(proposed)
    with pytest.raises(Wrong, match=f"write `{proposed}`"):
        read_weekdays(written)


@pytest.mark.parametrize(
    ("written", "proposed"), [("8h30", "08:30"), ("8.30", "08:30"), ("8:30 pm", "20:30"), ("9h", "09:00")]
)
def test_a_time_as_people_write_it_is_proposed_as_it_is_read(written: str, proposed: str) -> None:
    assert read_time(proposed)
    with pytest.raises(Wrong, match=f"write `{proposed}`"):
        read_time(written)
