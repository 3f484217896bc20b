"""Working time: examples that read like the office's own rules, laws over generated calendars, and a naive oracle."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from responder.policy.calendar import (
    Calendar,
    ClosedWhy,
    DayKind,
    DayRule,
    NoWorkingTime,
    Span,
    parse_spans,
)

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
SPLIT = "08:00-12:00, 13:00-17:00"
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WHOLE_WEEK = range(7)
WEEKDAYS = range(5)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def at(text: str, zone: ZoneInfo = SAIGON, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def same(a: datetime | None, b: datetime | None) -> bool:
    """Same instant; two times of one zone compare by wall clock otherwise."""
    return (a and a.astimezone(UTC)) == (b and b.astimezone(UTC))


def day(text: str) -> date:
    return date.fromisoformat(text)


def office(text: str = "08:00-17:00", *rules: DayRule, zone: ZoneInfo = SAIGON, days: range = WEEKDAYS) -> Calendar:
    return Calendar(zone, dict.fromkeys(days, parse_spans(text)), rules)


def rule(first: str, last: str = "", spans: str = "", name: str = "", kind: DayKind = DayKind.OVERRIDE) -> DayRule:
    return DayRule(day(first), day(last or first), parse_spans(spans) if spans else (), name, kind)


def why(calendar: Calendar, t: str) -> ClosedWhy | None:
    closure = calendar.why_closed(at(t, calendar.zone))
    return closure.why if closure else None


TET = rule("2026-02-16", "2026-02-20", name="Tết Nguyên Đán", kind=DayKind.HOLIDAY)
HALF_DAY = rule("2026-12-31", spans="08:00-12:00", name="Tất niên")
SWAP = (
    rule("2026-08-31", name="nghỉ hoán đổi", kind=DayKind.SWAP_OFF),
    rule("2026-08-22", spans="08:00-17:00", name="làm bù", kind=DayKind.SWAP_WORK),
)


# --- the hours of one day, as text ----------------------------------------------------------------------------


class TestSpan:
    @pytest.mark.parametrize(
        ("text", "start", "end"),
        [
            ("08:00-17:00", 480, 1020),
            ("8:00 - 17:30", 480, 1050),
            ("08:00–17:00", 480, 1020),
            ("00:00-24:00", 0, 1440),
            ("22:00-06:00", 1320, 1800),
            ("22:00-24:00", 1320, 1440),
            ("22:00-00:00", 1320, 1440),
            ("00:01-00:00", 1, 1440),
        ],
    )
    def test_is_read(self, text: str, start: int, end: int) -> None:
        assert Span.parse(text) == Span(start, end)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("25:00-26:00", "25:00 is not a time of day; hours go from 00 to 23"),
            ("08:00-24:30", "24:30 is not a time of day; hours go from 00 to 23"),
            ("08:60-12:00", "08:60 is not a time of day; minutes go from 00 to 59"),
            ("24:00-06:00", "24:00 can only end a span"),
            ("08:00-08:00", 'for the whole day write "00:00-24:00"'),
            ("8-17", 'write it like "08:00-17:00"'),
            ("1020", 'write it like "08:00-17:00"'),
            ("", 'write it like "08:00-17:00"'),
            ("08:00-12:00-17:00", 'write it like "08:00-17:00"'),
            ("٠٨:٠٠-١٧:٠٠", 'write it like "08:00-17:00"'),
        ],
    )
    def test_that_cannot_be_read_says_why_in_one_line(self, text: str, reason: str) -> None:
        with pytest.raises(ValueError) as problem:  # noqa: PT011 – the text is checked below
            Span.parse(text)
        assert reason in str(problem.value)
        assert "\n" not in str(problem.value)

    @pytest.mark.parametrize(("start", "end"), [(-1, 5), (1440, 1500), (600, 600), (600, 599), (600, 2041)])
    def test_out_of_bounds_is_refused(self, start: int, end: int) -> None:
        with pytest.raises(ValueError, match=r"a span (starts|lasts) between"):
            Span(start, end)

    @given(st.integers(0, 1439), st.integers(1, 1439))
    def test_is_read_back_as_it_was_written(self, start: int, length: int) -> None:
        assert Span.parse(str(Span(start, start + length))) == Span(start, start + length)

    def test_several_are_sorted(self) -> None:
        assert parse_spans("13:00-17:00,08:00-12:00") == (Span(480, 720), Span(780, 1020))

    def test_several_may_touch(self) -> None:
        assert len(parse_spans("08:00-12:00, 12:00-17:00")) == 2
        assert len(parse_spans("22:00-06:00, 06:00-10:00")) == 2

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("08:00-12:00, 11:00-17:00", "08:00-12:00 and 11:00-17:00 overlap"),
            ("20:00-02:00, 22:00-23:00", "20:00-02:00 and 22:00-23:00 overlap"),
            ("22:00-06:00, 05:00-08:00", "22:00-06:00 runs over midnight into 05:00-08:00"),
            ("08:00-12:00,", "not a span of hours"),
        ],
    )
    def test_several_that_overlap_are_refused(self, text: str, reason: str) -> None:
        with pytest.raises(ValueError, match=reason):
            parse_spans(text)


# --- an ordinary office ---------------------------------------------------------------------------------------


class TestAnOrdinaryWeek:
    def test_the_office_is_open_from_opening_until_just_before_closing(self) -> None:
        it = office()
        assert not it.is_open(at("2026-03-02T07:59:59.999999"))
        assert it.is_open(at("2026-03-02T08:00"))
        assert it.is_open(at("2026-03-02T16:59:59.999999"))
        assert not it.is_open(at("2026-03-02T17:00"))

    def test_a_time_in_another_zone_is_the_same_moment(self) -> None:
        it = office()
        assert it.is_open(datetime(2026, 3, 2, 1, tzinfo=UTC))
        assert not it.is_open(datetime(2026, 3, 2, 8, tzinfo=NEW_YORK))
        opening = it.next_open(datetime(2026, 3, 2, 0, tzinfo=UTC))
        assert opening == at("2026-03-02T08:00")
        assert opening is not None
        assert opening.tzinfo is SAIGON

    def test_a_time_without_a_zone_is_refused(self) -> None:
        naive = datetime(2026, 3, 2, 8)  # noqa: DTZ001
        it = office()
        for question in (it.is_open, it.why_closed, it.next_open, it.next_close, it.closed_period, it.next_workday):
            with pytest.raises(ValueError, match="has no time zone"):
                question(naive)
        with pytest.raises(ValueError, match="has no time zone"):
            it.add_working(naive, hours(1))
        with pytest.raises(ValueError, match="has no time zone"):
            it.working_between(naive, at("2026-03-02T08:00"))

    def test_friday_evening_is_followed_by_monday_morning(self) -> None:
        it = office()
        friday = at("2026-03-06T18:00")
        assert it.next_open(friday) == at("2026-03-09T08:00")
        period = it.closed_period(friday)
        assert period is not None
        assert (period.start, period.end) == (at("2026-03-06T17:00"), at("2026-03-09T08:00"))

    def test_an_open_office_has_no_closed_period_and_opens_now(self) -> None:
        it = office()
        now = at("2026-03-02T09:30")
        assert it.closed_period(now) is None
        assert it.why_closed(now) is None
        assert it.next_open(now) == now
        assert it.next_close(now) == at("2026-03-02T17:00")

    def test_a_closed_office_closes_now(self) -> None:
        assert office().next_close(at("2026-03-02T18:00")) == at("2026-03-02T18:00")

    def test_the_promise_of_24_working_hours_made_on_monday_noon(self) -> None:
        assert office().add_working(at("2026-03-02T12:00"), hours(24)) == at("2026-03-05T09:00")

    def test_a_lunch_break_is_no_working_time(self) -> None:
        it = office(SPLIT)
        assert it.working_between(at("2026-03-02T11:00"), at("2026-03-02T14:00")) == hours(2)
        assert it.add_working(at("2026-03-02T11:30"), hours(1)) == at("2026-03-02T13:30")
        assert why(it, "2026-03-02T12:30") is ClosedWhy.BREAK
        assert it.next_close(at("2026-03-02T09:00")) == at("2026-03-02T12:00")

    def test_half_hours_are_half_hours(self) -> None:
        it = office("08:30-13:30")
        assert not it.is_open(at("2026-03-02T08:15"))
        assert it.is_open(at("2026-03-02T13:29"))
        assert it.next_close(at("2026-03-02T13:00")) == at("2026-03-02T13:30")

    def test_work_that_fills_the_day_exactly_ends_at_closing_time_not_the_next_morning(self) -> None:
        assert office().add_working(at("2026-03-02T08:00"), hours(9)) == at("2026-03-02T17:00")

    def test_no_work_takes_no_time_even_when_closed(self) -> None:
        assert office().add_working(at("2026-03-01T03:00"), hours(0)) == at("2026-03-01T03:00")

    def test_one_microsecond_of_work_begins_the_day(self) -> None:
        result = office().add_working(at("2026-03-01T03:00"), timedelta(microseconds=1))
        assert result == at("2026-03-02T08:00:00.000001")

    def test_a_negative_amount_is_refused(self) -> None:
        with pytest.raises(ValueError, match="negative amount"):
            office().add_working(at("2026-03-02T08:00"), hours(-1))

    def test_working_time_backwards_is_negative(self) -> None:
        a, b = at("2026-03-02T09:00"), at("2026-03-03T09:00")
        assert office().working_between(a, b) == hours(9)
        assert office().working_between(b, a) == -hours(9)

    @pytest.mark.parametrize(
        ("t", "reason"),
        [
            ("2026-03-02T06:00", ClosedWhy.BEFORE_HOURS),
            ("2026-03-02T17:00", ClosedWhy.AFTER_HOURS),
            ("2026-03-07T10:00", ClosedWhy.REST_DAY),
            ("2026-03-02T10:00", None),
        ],
    )
    def test_why_it_is_closed(self, t: str, reason: ClosedWhy | None) -> None:
        assert why(office(), t) is reason

    def test_why_it_is_closed_on_a_day_without_a_name_is_about_that_day_alone(self) -> None:
        closure = office().why_closed(at("2026-03-07T10:00"))
        assert closure is not None
        assert (closure.name, closure.date, closure.first, closure.last) == ("", *[day("2026-03-07")] * 3)

    def test_spans_that_touch_are_one(self) -> None:
        it = office("08:00-12:00, 12:00-17:00")
        assert it.next_close(at("2026-03-02T09:00")) == at("2026-03-02T17:00")
        assert it.spans_on(day("2026-03-02")) == ((at("2026-03-02T08:00"), at("2026-03-02T17:00")),)

    def test_spans_that_overlap_count_once(self) -> None:
        it = Calendar(SAIGON, {MON: (Span(480, 720), Span(600, 1020))}, ())
        assert it.working_between(at("2026-03-02T00:00"), at("2026-03-03T00:00")) == hours(9)

    def test_a_span_inside_another_takes_nothing_away(self) -> None:
        it = Calendar(SAIGON, {MON: (Span(480, 1020), Span(600, 660))}, ())
        assert it.next_close(at("2026-03-02T09:00")) == at("2026-03-02T17:00")

    def test_the_closed_period_begins_at_the_very_closing_time(self) -> None:
        period = office().closed_period(at("2026-03-02T17:00"))
        assert period is not None
        assert (period.start, period.end) == (at("2026-03-02T17:00"), at("2026-03-03T08:00"))

    def test_workdays(self) -> None:
        it = office()
        assert it.is_workday(day("2026-03-06"))
        assert not it.is_workday(day("2026-03-07"))
        assert it.end_of_workday(day("2026-03-06")) == at("2026-03-06T17:00")
        assert it.end_of_workday(day("2026-03-07")) is None

    @pytest.mark.parametrize(
        ("t", "expected"),
        [
            ("2026-03-02T06:00", "2026-03-02"),  # before opening: today
            ("2026-03-02T10:00", "2026-03-03"),
            ("2026-03-02T18:00", "2026-03-03"),
            ("2026-03-06T10:00", "2026-03-09"),
            ("2026-03-07T10:00", "2026-03-09"),
        ],
    )
    def test_the_next_workday(self, t: str, expected: str) -> None:
        assert office().next_workday(at(t)) == day(expected)

    def test_an_unknown_weekday_and_an_empty_horizon_are_refused(self) -> None:
        with pytest.raises(ValueError, match="weekdays go from 0"):
            Calendar(SAIGON, {7: ()}, ())
        with pytest.raises(ValueError, match="at least one day"):
            Calendar(SAIGON, {}, (), horizon_days=0)


# --- exceptions -----------------------------------------------------------------------------------------------


class TestExceptions:
    def test_tet_closes_the_office_from_one_weekend_over_the_other(self) -> None:
        it = office("08:00-17:00", TET)
        period = it.closed_period(at("2026-02-17T09:00"))
        assert period is not None
        assert (period.start, period.end) == (at("2026-02-13T17:00"), at("2026-02-23T08:00"))
        assert it.add_working(at("2026-02-13T16:00"), hours(2)) == at("2026-02-23T09:00")
        assert it.next_workday(at("2026-02-13T10:00")) == day("2026-02-23")

    def test_tet_is_named_with_its_first_and_last_day(self) -> None:
        closure = office("08:00-17:00", TET).why_closed(at("2026-02-18T09:00"))
        assert closure is not None
        assert (closure.why, closure.name, closure.date) == (ClosedWhy.HOLIDAY, "Tết Nguyên Đán", day("2026-02-18"))
        assert (closure.first, closure.last) == (day("2026-02-16"), day("2026-02-20"))

    def test_the_weekend_beside_tet_is_a_weekend(self) -> None:
        it = office("08:00-17:00", TET)
        assert why(it, "2026-02-14T09:00") is ClosedWhy.REST_DAY
        assert why(it, "2026-02-13T18:00") is ClosedWhy.AFTER_HOURS

    def test_a_half_day_ends_at_noon(self) -> None:
        it = office("08:00-17:00", HALF_DAY)
        assert it.is_open(at("2026-12-31T11:59"))
        assert it.end_of_workday(day("2026-12-31")) == at("2026-12-31T12:00")
        closure = it.why_closed(at("2026-12-31T14:00"))
        assert closure is not None
        assert (closure.why, closure.name) == (ClosedWhy.SHORT_DAY, "Tất niên")

    def test_a_make_up_saturday_is_worked_and_the_day_swapped_for_it_is_not(self) -> None:
        it = office("08:00-17:00", *SWAP)
        assert it.is_open(at("2026-08-22T09:00"))
        assert why(it, "2026-08-22T18:00") is ClosedWhy.AFTER_HOURS
        assert why(it, "2026-08-31T09:00") is ClosedWhy.SWAPPED_OFF
        assert it.is_workday(day("2026-08-22"))
        assert it.next_workday(at("2026-08-21T10:00")) == day("2026-08-22")
        assert it.next_workday(at("2026-08-28T10:00")) == day("2026-09-01")

    def test_a_swap_changes_no_total(self) -> None:
        august, september = at("2026-08-01T00:00"), at("2026-09-01T00:00")
        assert office().working_between(august, september) == office("08:00-17:00", *SWAP).working_between(
            august, september
        )

    @pytest.mark.parametrize("swapped", [False, True])
    def test_a_dated_override_beats_a_holiday_whatever_the_order(self, swapped: bool) -> None:
        working_tet = rule("2026-02-18", spans="09:00-11:00", name="trực Tết")
        rules = (working_tet, TET) if swapped else (TET, working_tet)
        it = office("08:00-17:00", *rules)
        assert it.rule_on(day("2026-02-18")) is working_tet
        assert it.is_open(at("2026-02-18T10:00"))
        assert why(it, "2026-02-18T12:00") is ClosedWhy.SHORT_DAY
        assert why(it, "2026-02-19T10:00") is ClosedWhy.HOLIDAY

    def test_a_swap_beats_a_holiday(self) -> None:
        make_up = rule("2026-02-20", spans="08:00-17:00", kind=DayKind.SWAP_WORK)
        assert office("08:00-17:00", make_up, TET).is_open(at("2026-02-20T09:00"))

    def test_of_two_overrides_the_narrower_wins_then_the_later(self) -> None:
        week = rule("2026-03-02", "2026-03-06", name="week")
        first, second = rule("2026-03-04", spans="08:00-10:00"), rule("2026-03-04", spans="14:00-16:00")
        it = office("08:00-17:00", first, second, week)
        assert it.rule_on(day("2026-03-04")) is second
        assert it.rule_on(day("2026-03-05")) is week

    def test_a_long_override_still_beats_a_short_holiday(self) -> None:
        it = office(
            "08:00-17:00",
            rule("2026-04-20", "2026-05-31", spans="10:00-15:00"),
            TET,
            rule("2026-04-30", kind=DayKind.HOLIDAY),
        )
        assert it.is_open(at("2026-04-30T11:00"))

    def test_a_closed_override_says_so(self) -> None:
        it = office("08:00-17:00", rule("2026-03-04", name="du lịch công ty"))
        assert why(it, "2026-03-04T09:00") is ClosedWhy.CLOSED_DAY

    def test_a_make_up_day_for_a_day_without_hours_is_closed(self) -> None:
        it = office("08:00-17:00", rule("2026-03-07", kind=DayKind.SWAP_WORK))
        assert why(it, "2026-03-07T09:00") is ClosedWhy.CLOSED_DAY

    def test_a_holiday_may_be_half_worked(self) -> None:
        it = office("08:00-17:00", rule("2026-03-04", spans="08:00-10:00", kind=DayKind.HOLIDAY))
        assert it.is_open(at("2026-03-04T09:00"))
        assert why(it, "2026-03-04T11:00") is ClosedWhy.SHORT_DAY

    def test_a_range_that_ends_before_it_begins_is_refused(self) -> None:
        with pytest.raises(ValueError, match="ends before it begins"):
            rule("2026-02-20", "2026-02-16")


# --- night shifts ---------------------------------------------------------------------------------------------


class TestOverMidnight:
    def test_a_night_shift_belongs_to_its_evening(self) -> None:
        it = office("22:00-06:00")
        assert it.is_open(at("2026-03-07T05:00"))  # Saturday morning, of Friday's shift
        assert not it.is_open(at("2026-03-09T05:00"))  # Monday morning: Sunday has no shift
        assert not it.is_workday(day("2026-03-07"))
        assert it.end_of_workday(day("2026-03-06")) == at("2026-03-07T06:00")
        assert it.next_close(at("2026-03-06T23:00")) == at("2026-03-07T06:00")
        assert it.add_working(at("2026-03-06T23:00"), hours(8)) == at("2026-03-09T23:00")

    def test_a_night_shift_shows_as_an_evening_and_a_morning(self) -> None:
        it = office("22:00-06:00")
        assert it.spans_on(day("2026-03-03")) == (
            (at("2026-03-03T00:00"), at("2026-03-03T06:00")),
            (at("2026-03-03T22:00"), at("2026-03-04T00:00")),
        )
        assert it.spans_on(day("2026-03-07")) == ((at("2026-03-07T00:00"), at("2026-03-07T06:00")),)

    def test_between_two_night_shifts_it_is_before_hours_and_after_the_last_a_rest_day(self) -> None:
        it = office("22:00-06:00")
        assert why(it, "2026-03-03T12:00") is ClosedWhy.BEFORE_HOURS
        assert why(it, "2026-03-07T07:00") is ClosedWhy.REST_DAY

    def test_nobody_works_into_a_holiday(self) -> None:
        it = office("22:00-06:00", TET, days=WHOLE_WEEK)
        assert it.is_open(at("2026-02-15T23:59"))
        assert why(it, "2026-02-16T00:00") is ClosedWhy.HOLIDAY
        assert it.end_of_workday(day("2026-02-15")) == at("2026-02-16T00:00")
        assert it.spans_on(day("2026-02-16")) == ()

    def test_nobody_works_out_of_a_holiday(self) -> None:
        it = office("22:00-06:00", TET, days=WHOLE_WEEK)
        assert not it.is_open(at("2026-02-21T03:00"))
        assert it.next_open(at("2026-02-21T03:00")) == at("2026-02-21T22:00")

    def test_an_exception_may_run_into_an_ordinary_day(self) -> None:
        it = office("08:00-17:00", rule("2026-03-04", spans="20:00-02:00"))
        assert it.is_open(at("2026-03-05T01:00"))
        assert not it.is_open(at("2026-03-04T09:00"))

    def test_an_exception_of_several_days_runs_through_its_own_midnights(self) -> None:
        it = office("08:00-17:00", rule("2026-03-03", "2026-03-04", spans="22:00-06:00"))
        assert it.is_open(at("2026-03-04T03:00"))
        assert it.is_open(at("2026-03-05T03:00"))
        assert not it.is_open(at("2026-03-03T03:00"))

    def test_two_exceptions_do_not_run_into_each_other(self) -> None:
        it = office("08:00-17:00", rule("2026-03-03", spans="22:00-06:00"), rule("2026-03-04", spans="10:00-12:00"))
        assert not it.is_open(at("2026-03-04T03:00"))

    def test_a_shift_that_touches_the_next_morning_is_one_stretch(self) -> None:
        it = office("22:00-06:00, 06:00-10:00")
        assert it.next_close(at("2026-03-03T23:00")) == at("2026-03-04T10:00")


# --- clocks that change ---------------------------------------------------------------------------------------


class TestDaylightSaving:
    def test_the_whole_day_has_23_hours_in_spring_and_25_in_autumn(self) -> None:
        it = office("00:00-24:00", zone=BERLIN, days=range(SUN, SUN + 1))
        spring, autumn = at("2026-03-29T00:00", BERLIN), at("2026-10-25T00:00", BERLIN)
        assert it.working_between(spring, at("2026-03-30T00:00", BERLIN)) == hours(23)
        assert it.working_between(autumn, at("2026-10-26T00:00", BERLIN)) == hours(25)
        assert same(it.next_close(autumn), at("2026-10-26T00:00", BERLIN))
        assert same(it.add_working(autumn, hours(25)), at("2026-10-26T00:00", BERLIN))

    def test_hours_are_elapsed_hours(self) -> None:
        it = office("00:00-24:00", zone=NEW_YORK, days=WHOLE_WEEK)
        assert it.add_working(at("2026-03-07T12:00", NEW_YORK), hours(24)) == at("2026-03-08T13:00", NEW_YORK)
        assert it.add_working(at("2026-10-31T12:00", NEW_YORK), hours(24)) == at("2026-11-01T11:00", NEW_YORK)

    def test_an_opening_time_in_the_gap_moves_forward(self) -> None:
        it = office("02:30-10:00", zone=BERLIN, days=WHOLE_WEEK)
        assert same(it.next_open(at("2026-03-29T00:00", BERLIN)), at("2026-03-29T03:30", BERLIN))
        assert same(it.next_open(at("2026-03-30T00:00", BERLIN)), at("2026-03-30T02:30", BERLIN))

    def test_a_closing_time_in_the_gap_moves_forward(self) -> None:
        it = office("00:00-02:15", zone=BERLIN, days=WHOLE_WEEK)
        assert same(it.next_close(at("2026-03-29T01:00", BERLIN)), at("2026-03-29T03:15", BERLIN))

    def test_a_span_inside_the_gap_keeps_its_length(self) -> None:
        it = office("02:15-02:45", zone=BERLIN, days=WHOLE_WEEK)
        assert it.working_between(at("2026-03-29T00:00", BERLIN), at("2026-03-29T12:00", BERLIN)) == hours(0.5)

    def test_a_span_that_the_gap_swallows_is_gone_for_that_day(self) -> None:
        it = office("02:30-03:00", zone=BERLIN, days=WHOLE_WEEK)
        assert it.spans_on(day("2026-03-29")) == ()
        assert len(it.spans_on(day("2026-03-30"))) == 1

    def test_in_the_fold_the_first_opening_and_the_last_closing_count(self) -> None:
        it = office("02:15-02:45", zone=BERLIN, days=WHOLE_WEEK)
        ((opening, closing),) = it.spans_on(day("2026-10-25"))
        assert same(opening, at("2026-10-25T02:15", BERLIN, fold=0))
        assert same(closing, at("2026-10-25T02:45", BERLIN, fold=1))
        assert it.working_between(opening, closing) == hours(1.5)

    def test_both_occurrences_of_a_repeated_hour_are_told_apart(self) -> None:
        it = office("08:00-02:30", zone=BERLIN, days=WHOLE_WEEK)
        assert it.is_open(at("2026-10-25T02:45", BERLIN, fold=0))
        assert not it.is_open(at("2026-10-25T02:45", BERLIN, fold=1))

    def test_a_night_shift_is_an_hour_shorter_in_spring(self) -> None:
        it = office("22:00-06:00", zone=BERLIN, days=WHOLE_WEEK)
        noon = at("2026-03-28T12:00", BERLIN)
        assert it.working_between(noon, at("2026-03-29T12:00", BERLIN)) == hours(7)

    def test_lord_howe_changes_by_half_an_hour(self) -> None:
        it = office("00:00-24:00", zone=LORD_HOWE, days=WHOLE_WEEK)
        assert it.working_between(at("2026-04-05T00:00", LORD_HOWE), at("2026-04-06T00:00", LORD_HOWE)) == hours(24.5)
        assert it.working_between(at("2026-10-04T00:00", LORD_HOWE), at("2026-10-05T00:00", LORD_HOWE)) == hours(23.5)
        early = office("02:15-08:00", zone=LORD_HOWE, days=WHOLE_WEEK)
        assert same(early.next_open(at("2026-10-04T00:00", LORD_HOWE)), at("2026-10-04T02:45", LORD_HOWE))

    def test_kathmandu_is_five_hours_and_three_quarters_ahead(self) -> None:
        opening = office("10:00-17:00", zone=KATHMANDU).next_open(datetime(2026, 3, 2, tzinfo=UTC))
        assert same(opening, datetime(2026, 3, 2, 4, 15, tzinfo=UTC))

    def test_saigon_has_no_daylight_saving(self) -> None:
        it = office("00:00-24:00", days=WHOLE_WEEK)
        assert it.working_between(at("2026-01-01T00:00"), at("2027-01-01T00:00")) == timedelta(days=365)

    def test_a_day_whose_midnight_does_not_exist_begins_when_it_begins(self) -> None:
        cairo = ZoneInfo("Africa/Cairo")  # 24 April 2026: 00:00 becomes 01:00
        it = office("00:00-24:00", zone=cairo, days=range(FRI, FRI + 1))
        assert it.spans_on(day("2026-04-24")) == ((at("2026-04-24T01:00", cairo), at("2026-04-25T00:00", cairo)),)

    def test_a_day_that_ends_where_midnight_comes_twice_ends_at_the_first(self) -> None:
        havana = ZoneInfo("America/Havana")  # 1 November 2026: 01:00 becomes 00:00
        it = office("00:00-24:00", zone=havana, days=range(SAT, SAT + 1))
        ((_, closing),) = it.spans_on(day("2026-10-31"))
        assert same(closing, at("2026-11-01T00:00", havana, fold=0))
        sunday = office("00:00-24:00", zone=havana, days=range(SUN, SUN + 1))
        assert sunday.working_between(closing, at("2026-11-02T00:00", havana)) == hours(25)

    def test_a_day_the_zone_skipped_is_not_worked_and_does_not_spill(self) -> None:
        apia = ZoneInfo("Pacific/Apia")  # there was no Friday 30 December 2011
        it = office(zone=apia)
        assert it.spans_on(day("2011-12-30")) == ()
        assert same(it.next_open(at("2011-12-29T18:00", apia)), at("2012-01-02T08:00", apia))

    def test_clocks_set_back_over_midnight_give_one_answer(self) -> None:
        st_johns = ZoneInfo("America/St_Johns")  # 7 November 2010: 00:01 became 23:01 of the day before
        it = office("08:00-24:00", zone=st_johns, days=WHOLE_WEEK)
        start = datetime(2010, 11, 7, 0, tzinfo=UTC)
        for minute in range(0, 600, 1):
            t = start + timedelta(minutes=minute)
            opening = it.next_open(t)
            assert it.is_open(t) == same(opening, t)
            assert it.is_open(t) == (it.working_between(t, t + timedelta(seconds=1)) > timedelta(0))


# --- offices that never close, or never open ------------------------------------------------------------------


class TestExtremes:
    def test_an_office_that_never_closes(self) -> None:
        it = office("00:00-24:00", days=WHOLE_WEEK)
        now = at("2026-03-01T03:00")
        assert it.is_open(now)
        assert it.next_close(now) is None
        assert it.closed_period(now) is None
        assert it.add_working(now, hours(24)) == at("2026-03-02T03:00")
        assert it.next_workday(now) == day("2026-03-02")
        with pytest.raises(NoWorkingTime):
            it.add_working(now, timedelta(days=500))

    @pytest.mark.parametrize("zone", [SAIGON, BERLIN])
    def test_an_office_that_never_opens(self, zone: ZoneInfo) -> None:
        it = Calendar(zone, {}, ())
        now = at("2026-03-01T03:00", zone)
        assert not it.is_open(now)
        assert it.next_open(now) is None
        assert it.next_close(now) == now
        assert it.add_working(now, hours(0)) == now
        assert it.working_between(now, now + timedelta(days=800)) == hours(0)
        period = it.closed_period(now)
        assert period is not None
        assert period.end is None
        assert same(period.start, datetime.combine(now.date() - timedelta(days=400), time(), zone))
        with pytest.raises(NoWorkingTime):
            it.add_working(now, timedelta(microseconds=1))
        with pytest.raises(NoWorkingTime):
            it.next_workday(now)

    def test_a_last_day_of_work_has_no_next_workday(self) -> None:
        it = Calendar(SAIGON, {}, (rule("2026-03-04", spans="08:00-17:00"),))
        with pytest.raises(NoWorkingTime):
            it.next_workday(at("2026-03-04T09:00"))

    def test_beyond_the_horizon_is_out_of_sight(self) -> None:
        it = Calendar(SAIGON, {}, (rule("2026-03-20", spans="08:00-17:00"),), horizon_days=10)
        assert it.next_open(at("2026-03-09T09:00")) is None
        assert it.next_open(at("2026-03-10T09:00")) == at("2026-03-20T08:00")
        working_today = Calendar(
            SAIGON,
            {},
            (rule("2026-03-10", spans="08:00-17:00"), rule("2026-03-20", spans="08:00-17:00")),
            horizon_days=10,
        )
        assert working_today.next_workday(at("2026-03-10T09:00")) == day("2026-03-20")

    def test_a_closing_in_the_last_hours_of_the_horizon_is_seen(self) -> None:
        it = Calendar(SAIGON, dict.fromkeys(range(7), (Span(0, 1440),)), (rule("2026-03-13"),), horizon_days=10)
        assert it.next_close(at("2026-03-03T09:00")) == at("2026-03-13T00:00")
        assert it.next_close(at("2026-03-02T09:00")) is None

    def test_times_at_the_edge_of_the_calendar_are_answered(self) -> None:
        it = office(days=WHOLE_WEEK)
        for t in (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)):
            it.is_open(t)
            it.why_closed(t)
            it.next_open(t)
            it.next_close(t)
            it.closed_period(t)
        with pytest.raises(NoWorkingTime):
            it.add_working(datetime(9999, 12, 1, tzinfo=UTC), timedelta(days=100))

    def test_threads_share_a_calendar(self) -> None:
        it = office(SPLIT, TET)
        start = at("2026-01-01T00:00")
        expected = [it.add_working(start + hours(n), hours(24)) for n in range(300)]
        shared, wrong = office(SPLIT, TET), []

        def ask() -> None:
            answers = [shared.add_working(start + hours(n), hours(24)) for n in range(300)]
            if answers != expected:
                wrong.append(answers)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


# --- laws over generated calendars ----------------------------------------------------------------------------

ZONES = [
    SAIGON, BERLIN, NEW_YORK, LORD_HOWE, KATHMANDU,
    *map(ZoneInfo, ("Africa/Cairo", "America/Havana", "America/Nuuk", "Pacific/Chatham", "Asia/Beirut")),
]  # fmt: skip
FIRST_DAY = date(2026, 1, 1)
LAW = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    shipped = st.sampled_from(["08:00-17:00", SPLIT, "22:00-06:00", "00:00-24:00", "13:30-19:00", "01:30-02:30"])
    if draw(st.booleans()):
        return parse_spans(draw(shipped))
    starts = st.integers(0, 1439)
    return tuple(
        Span(start, start + draw(st.integers(1, 1440))) for start in draw(st.lists(starts, max_size=3, unique=True))
    )


@st.composite
def rules(draw: st.DrawFn) -> DayRule:
    first = FIRST_DAY + timedelta(days=draw(st.integers(0, 360)))
    last = first + timedelta(days=draw(st.integers(0, 12)))
    kind = draw(st.sampled_from(DayKind))
    return DayRule(first, last, draw(st.one_of(st.just(()), spans())), "x", kind)


@st.composite
def calendars(draw: st.DrawFn, zones: tuple[ZoneInfo, ...] = tuple(ZONES)) -> Calendar:
    week = draw(st.dictionaries(st.integers(0, 6), spans(), max_size=7))
    return Calendar(draw(st.sampled_from(zones)), week, draw(st.lists(rules(), max_size=6)))


CHANGES = [  # days on which clocks change in one of the zones
    date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 4, 24),
    date(2026, 9, 27), date(2026, 10, 4), date(2026, 10, 25), date(2026, 10, 30), date(2026, 11, 1),
]  # fmt: skip


@st.composite
def times(draw: st.DrawFn) -> datetime:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    if draw(st.booleans()):
        start = datetime.combine(draw(st.sampled_from(CHANGES)), time(), UTC) - hours(24)
        return start + timedelta(minutes=draw(st.integers(0, 4320)))
    return start + timedelta(microseconds=draw(st.integers(0, 360 * 86400 * 10**6)))


amounts = st.one_of(
    st.integers(0, 72).map(hours),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=5)),
)
TICK = timedelta(microseconds=1)


def add(calendar: Calendar, t: datetime, amount: timedelta) -> datetime:
    """add_working, compared in UTC; an example without enough working time says nothing."""
    try:
        return calendar.add_working(t, amount).astimezone(UTC)
    except NoWorkingTime:
        assume(False)
        raise


class TestLaws:
    @LAW
    @given(calendars(), times(), amounts)
    def test_what_is_added_is_between(self, calendar: Calendar, t: datetime, amount: timedelta) -> None:
        assert calendar.working_between(t, add(calendar, t, amount)) == amount

    @LAW
    @given(calendars(), times(), amounts)
    def test_the_result_is_the_earliest(self, calendar: Calendar, t: datetime, amount: timedelta) -> None:
        assume(amount)
        result = add(calendar, t, amount)
        assert calendar.working_between(t, result - TICK) == amount - TICK
        assert calendar.is_open(result - TICK)

    @LAW
    @given(calendars(), times(), times(), amounts)
    def test_later_is_never_earlier(self, calendar: Calendar, a: datetime, b: datetime, amount: timedelta) -> None:
        a, b = sorted((a, b))
        assert a <= add(calendar, a, amount) <= add(calendar, b, amount)

    @LAW
    @given(calendars(), times(), amounts, amounts)
    def test_more_takes_longer(self, calendar: Calendar, t: datetime, a: timedelta, b: timedelta) -> None:
        a, b = sorted((a, b))
        if a < b:
            assert add(calendar, t, a) < add(calendar, t, b)

    @LAW
    @given(calendars(), times(), amounts, amounts)
    def test_adding_twice_is_adding_the_sum(self, calendar: Calendar, t: datetime, a: timedelta, b: timedelta) -> None:
        assert add(calendar, add(calendar, t, a), b) == add(calendar, t, a + b)

    @LAW
    @given(calendars(), times(), times(), times())
    def test_parts_add_up(self, calendar: Calendar, a: datetime, b: datetime, c: datetime) -> None:
        between = calendar.working_between
        assert between(a, b) + between(b, c) == between(a, c)
        assert between(a, b) == -between(b, a)
        assert timedelta(0) <= between(min(a, b), max(a, b)) <= max(a, b) - min(a, b)

    @LAW
    @given(calendars(), times())
    def test_the_next_opening_is_the_first(self, calendar: Calendar, t: datetime) -> None:
        opening = calendar.next_open(t)
        assume(opening)
        assert opening is not None
        assert opening.tzinfo is calendar.zone
        assert calendar.is_open(opening)
        assert calendar.working_between(t, opening) == timedelta(0)
        assert calendar.is_open(t) == same(opening, t)

    @LAW
    @given(calendars(), times())
    def test_the_next_closing_is_the_first(self, calendar: Calendar, t: datetime) -> None:
        closing = calendar.next_close(t)
        assume(closing)
        assert closing is not None
        assert not calendar.is_open(closing)
        instant = closing.astimezone(UTC)
        assert calendar.working_between(t, instant) == instant - t

    @LAW
    @given(calendars(), times())
    def test_a_closed_period_holds_the_time_and_ends_open(self, calendar: Calendar, t: datetime) -> None:
        period = calendar.closed_period(t)
        assert (period is None) == calendar.is_open(t)
        assume(period)
        assert period is not None
        start = period.start.astimezone(UTC)
        assert start <= t
        assert calendar.working_between(start, t) == timedelta(0)
        assert same(calendar.next_open(t), period.end)
        in_sight = calendar.working_between(start - TICK, start) > timedelta(0)
        assert in_sight or (t - start).days >= 399  # clipped at the horizon
        if in_sight:
            assert same(calendar.next_close(start - TICK), start)
        if period.end is not None:
            assert t < period.end.astimezone(UTC)
            assert calendar.is_open(period.end)
            just_before = calendar.closed_period(period.end.astimezone(UTC) - TICK)
            assert just_before is not None
            assert just_before == period or not in_sight

    @LAW
    @given(calendars(), times())
    def test_open_has_no_reason_to_be_closed_and_closed_has_one(self, calendar: Calendar, t: datetime) -> None:
        closure = calendar.why_closed(t)
        assert (closure is None) == calendar.is_open(t)
        if closure is not None:
            assert closure.date == t.astimezone(calendar.zone).date()
            assert closure.first <= closure.date <= closure.last
            governing = calendar.rule_on(closure.date)
            assert closure.name == (governing.name if governing else "")

    @LAW
    @given(calendars())
    def test_nobody_works_on_a_closed_day(self, calendar: Calendar) -> None:
        for offset in range(-1, 375):
            today = FIRST_DAY + timedelta(days=offset)
            governing = calendar.rule_on(today)
            if governing is not None and not governing.spans:
                assert calendar.spans_on(today) == ()
                assert not calendar.is_workday(today)
                midnight = datetime.combine(today, time(), calendar.zone)
                following = datetime.combine(today + timedelta(days=1), time(), calendar.zone)
                assert calendar.working_between(midnight, following) == timedelta(0)

    @LAW
    @given(calendars(), times())
    def test_what_is_shown_is_what_is_worked(self, calendar: Calendar, t: datetime) -> None:
        shown = [
            (start.astimezone(UTC), end.astimezone(UTC))
            for offset in range(-2, 3)
            for start, end in calendar.spans_on(t.astimezone(calendar.zone).date() + timedelta(days=offset))
        ]
        assert all(start < end for start, end in shown)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(shown))
        assert calendar.is_open(t) == any(start <= t < end for start, end in shown)

    @LAW
    @given(calendars(), times())
    def test_the_next_workday_has_hours_and_no_day_before_it_has(self, calendar: Calendar, t: datetime) -> None:
        try:
            found = calendar.next_workday(t)
        except NoWorkingTime:
            assume(False)
            raise
        today = t.astimezone(calendar.zone).date()
        assert calendar.is_workday(found)
        if calendar.is_open(t):
            skipped = range((found - today).days - 1)
            assert found > today
            assert not any(calendar.is_workday(today + timedelta(days=1 + n)) for n in skipped)
        else:
            opening = calendar.next_open(t)
            assert opening is not None
            assert found == opening.date()


# --- a naive oracle: look at the wall clock, minute by minute ---------------------------------------------------


def governing_rule(given_rules: list[DayRule], today: date) -> DayRule | None:
    best: DayRule | None = None
    for one in given_rules:
        if not one.first <= today <= one.last:
            continue
        if best is None:
            best = one
            continue
        if (best.kind == DayKind.HOLIDAY) != (one.kind == DayKind.HOLIDAY):
            best = best if one.kind == DayKind.HOLIDAY else one
        elif one.last - one.first <= best.last - best.first:
            best = one
    return best


def open_by_the_wall_clock(week: Mapping[int, tuple[Span, ...]], given_rules: list[DayRule], wall: datetime) -> bool:
    today = wall.date()
    yesterday = today - timedelta(days=1)
    now = wall.hour * 60 + wall.minute
    today_rule, yesterday_rule = governing_rule(given_rules, today), governing_rule(given_rules, yesterday)
    own = today_rule.spans if today_rule else week.get(today.weekday(), ())
    if any(span.start <= now < span.end for span in own):
        return True
    if today_rule is not None and today_rule is not yesterday_rule:
        return False
    before = yesterday_rule.spans if yesterday_rule else week.get(yesterday.weekday(), ())
    return any(span.start <= now + 1440 < span.end for span in before)


def clocks_change(zone: ZoneInfo, around: date) -> bool:
    noon = datetime.combine(around, time(12), zone)
    return len({(noon + timedelta(days=n)).utcoffset() for n in (-2, -1, 0, 1, 2)}) > 1


class TestAgainstANaiveOracle:
    @settings(LAW, max_examples=60)
    @given(
        st.dictionaries(st.integers(0, 6), spans(), max_size=7),
        st.lists(rules(), max_size=8),
        st.sampled_from(ZONES),
        st.integers(0, 364),
    )
    def test_a_day_minute_by_minute(
        self, week: Mapping[int, tuple[Span, ...]], given_rules: list[DayRule], zone: ZoneInfo, offset: int
    ) -> None:
        today = FIRST_DAY + timedelta(days=offset)
        assume(not clocks_change(zone, today))
        calendar = Calendar(zone, week, given_rules)
        start = datetime.combine(today, time(), zone).astimezone(UTC)
        minutes = [start + timedelta(minutes=n) for n in range(1440)]
        expected = [open_by_the_wall_clock(week, given_rules, t.astimezone(zone)) for t in minutes]
        assert [calendar.is_open(t) for t in minutes] == expected
        assert calendar.working_between(start, start + timedelta(days=1)) == timedelta(minutes=sum(expected))
        worked = [t for t, is_open in zip(minutes, expected, strict=True) if is_open]
        if worked:
            last = add(calendar, start, timedelta(minutes=len(worked)))
            assert last == worked[-1] + timedelta(minutes=1)
            assert same(calendar.next_open(start), worked[0])

    @settings(LAW, max_examples=60)
    @given(st.sampled_from(ZONES), st.sampled_from(CHANGES), st.integers(0, 6), st.integers(1, 22))
    def test_hours_that_do_not_touch_the_change_follow_the_wall_clock(
        self, zone: ZoneInfo, change: date, first_weekday: int, length: int
    ) -> None:
        span = Span(4 * 60, 4 * 60 + length * 52)  # from 04:00, at most until 23:04: no clock here changes in between
        week = dict.fromkeys(range(first_weekday, 7), (span,))
        assume(zone.key not in ("America/Nuuk", "Africa/Cairo") or length < 21)  # 23:00 comes twice there, or never
        calendar = Calendar(zone, week, ())
        start = datetime.combine(change, time(), UTC) - hours(24)
        for n in range(0, 4320, 7):
            t = start + timedelta(minutes=n)
            assert calendar.is_open(t) == open_by_the_wall_clock(week, [], t.astimezone(zone))
