"""Days off from iCalendar files: whose events close which days, and what a policy that names one becomes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from time import thread_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder import config
from responder.document import Wrong
from responder.mail.language import Language
from responder.policy.changes import changes
from responder.policy.feed import read
from responder.policy.model import Policy
from tests.cli_office import POLICY, responder

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 11, 22)


def ics(*events: str) -> bytes:
    shown = "".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x\n{shown}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def closed(*events: str) -> list[str]:
    """The days, `first..last`, that the events close."""
    return [f"{rule.first}..{rule.last}" for rule in read(ics(*events), HANOI).rules]


@pytest.mark.parametrize(
    ("event", "days"),
    [
        ("DTSTART;VALUE=DATE:20260430\nDTEND;VALUE=DATE:20260502", "2026-04-30..2026-05-01"),
        ("DTSTART;VALUE=DATE:20260430", "2026-04-30..2026-04-30"),
        ("DTSTART;VALUE=DATE:20260430\nDTEND;VALUE=DATE:20260430", "2026-04-30..2026-04-30"),
        ("DTSTART;VALUE=DATE:20260430\nDURATION:P3D", "2026-04-30..2026-05-02"),
        ("DTSTART;VALUE=DATE:20260430\nTRANSP:TRANSPARENT", "2026-04-30..2026-04-30"),
        ("DTSTART:20260430T000000\nDTEND:20260501T000000", "2026-04-30..2026-04-30"),
        ("DTSTART;TZID=Asia/Tokyo:20260430T000000\nDTEND;TZID=Asia/Tokyo:20260501T000000", "2026-04-30..2026-04-30"),
        ("DTSTART:20260429T170000Z\nDTEND:20260430T170000Z", "2026-04-30..2026-04-30"),
    ],
)
def test_an_event_of_whole_days_closes_them(event: str, days: str) -> None:
    assert closed(event) == [days]


@pytest.mark.parametrize(
    "event", ["DTSTART:20260430T130000\nDTEND:20260430T170000", "DTSTART:20260430T000000Z\nDTEND:20260501T000000Z"]
)
def test_an_event_with_a_time_of_day_is_passed_over_and_counted(event: str) -> None:
    feed = read(ics(event), HANOI)
    assert (feed.rules, feed.timed) == ((), 1)


def test_a_cancelled_event_closes_nothing() -> None:
    assert closed("DTSTART;VALUE=DATE:20260430\nSTATUS:CANCELLED") == []


def test_a_yearly_event_comes_every_year_but_for_its_exceptions() -> None:
    event = "DTSTART;VALUE=DATE:19750902\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20270902"
    days = closed(event)
    assert "2026-09-02..2026-09-02" in days
    assert "2049-09-02..2049-09-02" in days
    assert "2027-09-02..2027-09-02" not in days


def test_a_repetition_that_was_moved_leaves_its_day() -> None:
    yearly = "DTSTART;VALUE=DATE:20250902\nRRULE:FREQ=YEARLY;COUNT=2"
    moved = "DTSTART;VALUE=DATE:20260903\nRECURRENCE-ID;VALUE=DATE:20260902"
    content = ics(yearly, moved).replace(b"UID:1", b"UID:0")
    assert [str(rule.first) for rule in read(content, HANOI).rules] == ["2025-09-02", "2026-09-03"]


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=YEARLY;INTERVAL=0", "FREQ=NEVER", "FREQ=YEARLY;BYMONTH=99"])
def test_a_repetition_that_makes_no_sense_is_counted(rule: str) -> None:
    feed = read(ics(f"DTSTART;VALUE=DATE:20260430\nRRULE:{rule}"), HANOI)
    assert len(feed.rules) + feed.unreadable <= 1


def test_a_day_that_never_comes_ends() -> None:
    assert len(closed("DTSTART;VALUE=DATE:20260430\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")) == 1


def test_a_calendar_of_days_that_never_come_does_not_hold_up_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("responder.policy.feed.PATIENCE", 0.1)
    never = "DTSTART;VALUE=DATE:20260430\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
    begun = thread_time()
    with pytest.raises(Wrong, match="take too long to follow"):
        read(ics(*[never] * 50), HANOI)
    assert thread_time() - begun < 5


def test_a_weekend_of_every_week_since_long_ago_still_holds_and_every_day_is_told_to_be_too_much() -> None:
    weekends = read(ics("DTSTART;VALUE=DATE:20000101\nRRULE:FREQ=WEEKLY;BYDAY=SA,SU"), HANOI)
    assert date(2026, 11, 28) in {rule.first for rule in weekends.rules}
    assert date(2049, 12, 25) in {rule.first for rule in weekends.rules}
    every_day = read(ics("DTSTART;VALUE=DATE:20000101\nRRULE:FREQ=DAILY"), HANOI)
    assert (every_day.rules, every_day.unreadable) == ((), 1)


@pytest.mark.parametrize("content", [b"", b"<html>", b"BEGIN:VCALENDAR", b"\xff\xfe\x00"])
def test_what_is_no_calendar_is_told(content: bytes) -> None:
    with pytest.raises(Wrong, match="iCalendar"):
        read(content, HANOI)


_LINES = st.sampled_from([
    "DTSTART;VALUE=DATE:20260430", "DTSTART:20260430T000000", "DTSTART:2026", "DTEND;VALUE=DATE:00010101", "DTEND:x",
    "DURATION:P9D", "DURATION:-P9D", "RRULE:FREQ=YEARLY", "RRULE:FREQ=DAILY;UNTIL=20270101T000000Z", "RRULE:x",
    "RRULE:FREQ=MONTHLY;UNTIL=x", "EXDATE:20260430", "EXDATE;VALUE=DATE:20260430,20270430", "RDATE:x", "SUMMARY:a\\,b",
    "RECURRENCE-ID:20260430", "DTSTART;TZID=Nowhere:20260430T000000", "BEGIN:VALARM", "END:VEVENT", "BEGIN:VEVENT",
    "DTSTART;VALUE=DATE:99991231", "DURATION:P99999999D",
])  # fmt: skip


@given(st.lists(_LINES, max_size=8))
def test_no_event_breaks_the_reader(lines: list[str]) -> None:
    try:
        read(ics("\n".join(lines)), HANOI)
    except Wrong:
        return


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    try:
        read(content, HANOI)
    except Wrong:
        return


# ---------------------------------------------------------------- in a policy


def write(folder: Path, calendars: str, *events: str) -> Path:
    (folder / "nghi.ics").write_bytes(ics(*events))
    path = folder / "policy.yaml"
    path.write_text(POLICY.read_text() + f"\ncalendars: {calendars}\n")
    return path


def policy(path: Path) -> Policy:
    loaded = config.load_one_policy(path, TODAY)
    assert loaded.policy is not None, loaded.problems
    return loaded.policy


TRIP = "SUMMARY:Du lịch công ty\nDTSTART;VALUE=DATE:20261214\nDTEND;VALUE=DATE:20261216"


def test_the_office_is_closed_on_the_days_of_its_calendar(tmp_path: Path) -> None:
    path = write(tmp_path, "[{file: nghi.ics}]", TRIP)
    assert "★ Thứ Hai, 14/12/2026 đến thứ Ba, 15/12/2026: nghỉ (Du lịch công ty)" in responder(
        "calendar", "2026-12", "--policy", path
    ).stdout.replace(":\n    ", ":")


def test_the_offices_own_day_beats_the_calendar(tmp_path: Path) -> None:
    path = write(tmp_path, "[{file: nghi.ics}]", TRIP)
    path.write_text(path.read_text().replace("\ndays:\n", '\ndays:\n  2026-12-14: {open: "08:00-12:00"}\n'))
    assert policy(path).calendar().is_workday(date(2026, 12, 14))
    assert not policy(path).calendar().is_workday(date(2026, 12, 15))


def test_the_name_in_holidays_beats_that_of_the_calendar(tmp_path: Path) -> None:
    path = write(tmp_path, "[{file: nghi.ics}]", "SUMMARY:National Day\nDTSTART;VALUE=DATE:20270902")
    rule = policy(path).calendar().rule_on(date(2027, 9, 2))
    assert rule is not None
    assert rule.name == "Quốc khánh"


def test_only_events_of_the_chosen_names_count(tmp_path: Path) -> None:
    path = write(
        tmp_path, "[{file: nghi.ics, only: [du lịch]}]", TRIP, "SUMMARY:Valentine\nDTSTART;VALUE=DATE:20270215"
    )
    assert [rule.name for rule in policy(path).calendars[0].day_rules()] == ["Du lịch công ty"]


def test_a_change_of_the_calendar_is_told_in_words(tmp_path: Path) -> None:
    before = policy(write(tmp_path, "[{file: nghi.ics}]", TRIP))
    after = policy(write(tmp_path, "[{file: nghi.ics}]", TRIP.replace("1216", "1217")))
    assert before != after
    assert changes(before, after, Language.EN) == ("Wednesday, 16 December 2026: now closed (Du lịch công ty).",)


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "is not there"), (b"<html>", "is not an iCalendar file"), (b"x" * 2_000_001, "is larger than 2 MB")],
)
def test_a_calendar_that_cannot_be_used_makes_the_policy_unusable(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = write(tmp_path, "[{file: nghi.ics}]")
    (tmp_path / "nghi.ics").unlink()
    if content is not None:
        (tmp_path / "nghi.ics").write_bytes(content)
    loaded = config.load_one_policy(path, TODAY)
    assert loaded.policy is None
    (line,) = [str(problem) for problem in loaded.problems if "nghi.ics" in problem.what]
    assert says in line
    assert f"policy.yaml:{len(path.read_text().splitlines())}:20: " in line


def test_check_warns_of_events_that_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, "[{file: nghi.ics}]", TRIP, "DTSTART:20261217T130000\nDTEND:20261217T170000")
    assert "events of nghi.ics with a time of day are passed over: 1" in responder("check", path).stdout
