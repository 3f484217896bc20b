"""policy/load.py and policy/model.py: the shipped policies, the types behind them, what the checks say."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.document import Severity, Wrong, errors
from responder.mail.language import Language
from responder.policy.calendar import DayKind, Span
from responder.policy.load import Loaded, load
from responder.policy.model import (
    DAY,
    HOUR,
    Days,
    Delivery,
    Mark,
    MarkKind,
    Office,
    PerSender,
    Policy,
    Rate,
    read_days,
    read_rate,
    read_rates,
    read_weekdays,
)

POLICIES = Path(__file__).parents[2] / "policies"
OFFICES = ("vi-office.yaml", "en-office.yaml")
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

# guide.md, "The two quoted texts"
OUT_OF_HOURS = (
    "Cảm ơn bạn đã liên hệ. Hiện tại, tôi đang ngoài giờ làm việc. "
    "Tôi sẽ trả lời email của bạn vào ngày làm việc tiếp theo."
)
NEXT_WORKDAY = (
    "Chào anh/chị, tôi xin lỗi vì đã không trả lời tin nhắn của anh/chị sớm hơn. Tôi đã nhận được tin nhắn của "
    "anh/chị vào tối qua và sẽ xem xét yêu cầu của anh/chị ngay bây giờ."
)

SMALL = """\
language: en
timezone: Asia/Ho_Chi_Minh
hours: {mon-fri: "08:00-12:00, 13:00-17:00"}
plays:
  - name: out-of-hours
    when: {office: closed}
    do: {reply: sorry}
texts:
  sorry: {en: We are closed.}
"""


def shipped(name: str) -> Policy:
    policy = load((POLICIES / name).read_text(encoding="utf-8"), name).policy
    assert policy is not None
    return policy


def good(text: str) -> Policy:
    loaded = load(text, "p")
    assert loaded.problems == ()
    assert loaded.policy is not None
    return loaded.policy


# ---------------------------------------------------------------- the shipped policies


@pytest.mark.parametrize("name", OFFICES)
def test_a_shipped_policy_has_no_mistake(name: str) -> None:
    loaded = load((POLICIES / name).read_text(encoding="utf-8"), name)

    assert errors(loaded.problems) == ()
    assert [problem.what for problem in loaded.problems] == ["this is the example's telephone number"]
    assert {use.role for use in loaded.roles} == {"manager", "on_call"}


@pytest.mark.parametrize("name", OFFICES)
def test_a_shipped_policy_asks_about_the_days_that_are_not_certain(name: str) -> None:
    problems = load((POLICIES / name).read_text(encoding="utf-8"), name, date(2026, 4, 20)).problems

    assert {problem.severity for problem in problems} == {Severity.WARNING}
    assert [problem.what.split(" ")[0] for problem in problems[1:]] == [
        "2026-11-24", "2027-02-04..2027-02-10", "2027-09-02..2027-09-03", "2027-11-24",
    ]  # fmt: skip


@pytest.mark.parametrize("name", OFFICES)
def test_the_out_of_hours_reply_is_exactly_the_quoted_one(name: str) -> None:
    assert shipped(name).texts["out_of_hours"][Language.VI] == OUT_OF_HOURS


@pytest.mark.parametrize("name", OFFICES)
def test_the_next_workday_reply_is_the_quoted_one_but_for_the_time(name: str) -> None:
    text = shipped(name).texts["next_workday"][Language.VI]

    assert text.replace("{{ received }}", "vào tối qua") == NEXT_WORKDAY


@pytest.mark.parametrize("name", OFFICES)
@pytest.mark.parametrize("text", ["urgent", "emergency"])
def test_lines_come_after_the_quoted_text_and_address_nobody(name: str, text: str) -> None:
    added = shipped(name).texts[text][Language.VI].removeprefix(OUT_OF_HOURS)

    assert added.startswith("\n\n")
    assert "{{ urgent_phone }}" in added
    assert not re.search(r"\b(bạn|anh|chị|em|quý khách|tôi)\b", added)


@pytest.mark.parametrize("name", OFFICES)
def test_no_text_raises_its_voice(name: str) -> None:
    for words in shipped(name).texts.values():
        assert set(words) == set(Language)
        assert not any("!" in text for text in words.values())


def test_both_shipped_policies_say_the_same_but_for_the_language() -> None:
    vietnamese, english = (shipped(name) for name in OFFICES)

    own = {"language", "holidays", "examples"}
    assert vietnamese.model_dump(exclude=own) == english.model_dump(exclude=own)
    assert list(vietnamese.holidays) == list(english.holidays)
    assert vietnamese.language is Language.VI
    assert english.language is Language.EN


@pytest.mark.parametrize("name", OFFICES)
def test_a_shipped_policy_keeps_the_figures_of_the_guide(name: str) -> None:
    policy = shipped(name)

    assert policy.week() == dict.fromkeys(range(5), (Span(8 * 60, 17 * 60),))
    assert policy.promise == timedelta(hours=24)
    assert policy.follow_up.as_ is Delivery.DRAFT
    assert policy.quiet_after_answer == timedelta(hours=4)
    assert policy.opening_soon == timedelta(hours=2)
    assert policy.limits.again_after == timedelta(hours=20)
    assert policy.limits.per_sender is PerSender.ONCE_PER_CLOSED_PERIOD


@pytest.mark.parametrize("name", OFFICES)
def test_the_plays_of_a_shipped_policy_stand_in_their_order(name: str) -> None:
    plays = {play.name: play for play in shipped(name).plays}

    assert list(plays) == [
        "emergency", "urgent", "complaint", "abuse", "out-of-hours", "emergency in hours", "urgent in hours",
    ]  # fmt: skip
    assert plays["emergency"].do.alert == ("on_call",)
    assert plays["emergency"].phone_matters
    assert plays["emergency"].do.mark == (Mark(MarkKind.FLAGGED),)
    assert plays["abuse"].do.silence
    assert plays["complaint"].do.reply is None
    assert plays["out-of-hours"].when.office is Office.CLOSED


@pytest.mark.parametrize("name", OFFICES)
def test_the_holidays_are_those_of_the_reviewed_table(name: str) -> None:
    table = (POLICIES.parent / "docs" / "vietnam-days-off.md").read_text(encoding="utf-8")
    block = table.split("```yaml\n")[1].split("```")[0]
    reviewed = {day for key in yaml.safe_load(block)["days"] for day in _every_day(str(key))}
    calendar = shipped(name).calendar()

    for day in sorted(reviewed):
        rule = calendar.rule_on(day)
        assert rule is not None, day
        assert rule.kind is DayKind.HOLIDAY
    assert {day for days in shipped(name).holidays for day in _every_day(str(days))} == reviewed


def _every_day(text: str) -> list[date]:
    days = read_days(text)
    return [days.first + timedelta(days=n) for n in range((days.last - days.first).days + 1)]


@pytest.mark.parametrize("name", OFFICES)
def test_the_commented_swaps_work_when_switched_on(name: str) -> None:
    text = (POLICIES / name).read_text(encoding="utf-8")
    switched_on = re.sub(r"^  # (- \{off: )", r"  \1", text, flags=re.MULTILINE)

    loaded = load(switched_on, name)

    assert loaded.policy is not None
    assert len(loaded.policy.swaps) == 3
    assert len(loaded.problems) == 1  # the phone number
    calendar = loaded.policy.calendar()
    assert not calendar.is_open(datetime(2026, 8, 31, 10, tzinfo=VIETNAM))
    assert calendar.is_open(datetime(2026, 8, 22, 10, tzinfo=VIETNAM))


@pytest.mark.parametrize("name", OFFICES)
def test_every_other_line_that_is_commented_out_works_when_switched_on(name: str) -> None:
    text = (POLICIES / name).read_text(encoding="utf-8")
    switched_on = re.sub(r'^  # (sat: |2026-|- "\*@)', r"  \1", text, flags=re.MULTILINE)

    loaded = load(switched_on, name)

    assert loaded.policy is not None, loaded.problems
    assert len(loaded.policy.days) == 2
    assert len(loaded.policy.never_answer) == 1
    assert 5 in loaded.policy.week()


# ---------------------------------------------------------------- types


def test_a_small_policy_takes_the_defaults() -> None:
    policy = good(SMALL)

    assert policy.follow_up.as_ is Delivery.DRAFT
    assert policy.follow_up.after == timedelta(0)
    assert policy.digest.to == ("manager",)
    assert policy.digest.at == "opening"
    assert policy.limits.per_thread == (Rate(3, DAY),)
    assert policy.limits.per_domain == (Rate(20, HOUR), Rate(60, DAY))
    assert policy.limits.account == (Rate(100, HOUR), Rate(500, DAY))
    assert policy.limits.office == (Rate(200, HOUR), Rate(1000, DAY))
    assert policy.limits.alerts == (Rate(30, HOUR),)
    assert policy.promise is None
    assert policy.roles() == {"manager"}


def test_a_digest_may_come_at_a_time_of_day() -> None:
    assert good(SMALL + "digest: {to: [manager, boss], at: 08:30}\n").digest.at == time(8, 30)


def test_a_follow_up_may_be_sent_after_a_while() -> None:
    follow_up = good(SMALL + "follow_up: {as: send, after: 60m}\n").follow_up

    assert (follow_up.as_, follow_up.after) == (Delivery.SEND, timedelta(hours=1))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("mon, wed, fri", (0, 2, 4)),
        ("thu2-thu6", (0, 1, 2, 3, 4)),
        ("Thứ Hai", (0,)),
        ("thứ 7, CN", (5, 6)),
        ("sat-mon", (5, 6, 0)),
        ("Sunday", (6,)),
        ("thu", (3,)),
    ],
)
def test_days_of_the_week_are_read_in_both_languages(text: str, days: tuple[int, ...]) -> None:
    assert read_weekdays(text) == days


@pytest.mark.parametrize("text", ["mon-wed-fri", "mon, mon", "", "8", "mon-", "thứ tám"])
def test_other_words_are_no_days_of_the_week(text: str) -> None:
    with pytest.raises(Wrong):
        read_weekdays(text)


def test_a_range_of_dates_counts_both_ends() -> None:
    days = read_days("2026-02-16..2026-02-20")

    assert date(2026, 2, 16) in days
    assert date(2026, 2, 20) in days
    assert date(2026, 2, 21) not in days
    assert str(days) == "2026-02-16..2026-02-20"
    assert str(read_days("2026-01-01")) == "2026-01-01"
    assert days.overlaps(Days(date(2026, 2, 20), date(2026, 3, 1)))


def test_a_rate_is_per_hour_or_per_day() -> None:
    assert str(read_rate("20 per hour")) == "20 per hour"
    assert read_rate("100 per day") == Rate(100, DAY)
    both = (Rate(5, HOUR), Rate(20, DAY))
    assert read_rates("5 / hour,20 per day") == read_rates(["5 per hour", "20 per day"]) == both


def test_the_name_of_a_day_off_may_stand_alone() -> None:
    policy = good(SMALL + "holidays:\n  2026-09-02: National Day\ndays: {2026-09-04: Company outing}\n")

    assert [day.closed for day in policy.holidays.values()] == ["National Day"]
    assert [day.closed for day in policy.days.values()] == ["Company outing"]


def test_an_unquoted_phone_number_keeps_its_zero() -> None:
    assert good(SMALL + "urgent_phone: 0900123456\n").urgent_phone == "0900123456"


def test_a_policy_never_changes() -> None:
    policy = good(SMALL)

    with pytest.raises(ValueError, match="frozen"):
        policy.promise = timedelta(hours=1)  # type: ignore[misc]


# ---------------------------------------------------------------- the calendar and the matcher


def test_the_office_s_own_dates_beat_holidays_and_holidays_beat_the_week() -> None:
    calendar = good(
        SMALL
        + "holidays: {2026-09-01: National Day, 2026-09-04: Another}\n"
        + 'days: {2026-08-31..2026-09-02: {open: "08:00-12:00", why: stock-taking}}\n'
    ).calendar()

    assert calendar.is_open(datetime(2026, 9, 1, 9, tzinfo=VIETNAM))
    assert not calendar.is_open(datetime(2026, 9, 1, 14, tzinfo=VIETNAM))
    assert calendar.is_open(datetime(2026, 9, 3, 14, tzinfo=VIETNAM))
    assert not calendar.is_open(datetime(2026, 9, 4, 9, tzinfo=VIETNAM))


def test_a_swapped_day_is_worked_with_the_hours_of_the_day_taken_off() -> None:
    text = SMALL.replace(
        '{mon-fri: "08:00-12:00, 13:00-17:00"}', '{mon: "09:00-11:00", tue-fri: "08:00-17:00", sat: closed}'
    )
    policy = good(text + "swaps: [{off: 2026-08-31, work: 2026-08-22}]\n")
    rule = policy.calendar().rule_on(date(2026, 8, 22))

    assert rule is not None
    assert rule.spans == (Span(9 * 60, 11 * 60),)
    assert not policy.calendar().is_workday(date(2026, 8, 31))


@pytest.mark.parametrize("day", ["holidays: {2026-08-31: x}", "days: {2026-08-31: {closed: x}}"])
def test_a_day_taken_off_that_was_free_anyway_is_remarked_upon(day: str) -> None:
    loaded = load(SMALL + day + "\nswaps: [{off: 2026-08-31, work: 2026-08-22}]\n", "p")

    assert [(problem.what, problem.severity) for problem in loaded.problems] == [
        ("this day is no working day", Severity.WARNING)
    ]


def test_calendar_and_matcher_are_built_once() -> None:
    policy = good(SMALL + "signals: {urgent: {words: cần gấp, unless: [gấp đôi]}}\n")

    assert policy.calendar() is policy.calendar()
    assert policy.matcher() is policy.matcher()
    assert policy.matcher().find("", "Bên em cần gấp").names() == {"urgent"}
    assert policy == good(SMALL + "signals: {urgent: {words: cần gấp, unless: [gấp đôi]}}\n")


# ---------------------------------------------------------------- loading


def test_the_digest_tells_one_text_from_another() -> None:
    assert load(SMALL, "p").digest == hashlib.sha256(SMALL.encode()).hexdigest()


def test_roles_carry_the_places_where_they_are_named() -> None:
    loaded = load(SMALL.replace("{reply: sorry}", "{alert: [boss, on_call]}"), "p")

    assert [(use.role, use.place.line, use.place.column) for use in loaded.roles] == [
        ("boss", 7, 18), ("on_call", 7, 24), ("manager", 1, 1),
    ]  # fmt: skip


def test_one_mistake_does_not_make_others_up() -> None:
    broken = SMALL.replace("{en: We are closed.}", "{en: We are closed., xx: y}") + "signals: {urgent: {words: []}}\n"

    assert len(load(broken.replace("{office: closed}", "{signal: urgent}"), "p").problems) == 2


def test_a_text_may_ask_first_whether_there_is_a_phone_number() -> None:
    good(SMALL.replace("We are closed.", "'Closed.{% if urgent_phone %} Call {{ urgent_phone }}.{% endif %}'"))


def test_no_holidays_are_asked_for_before_they_are_announced() -> None:
    text = SMALL + "holidays: {2026-01-01: New Year}\n"

    assert load(text, "p", date(2026, 9, 30)).problems == ()
    assert len(load(text, "p", date(2026, 10, 1)).problems) == 1


VALUES = st.sampled_from(
    ["", "x", "[]", "[x, y]", "{}", "{a: b}", "{closed: x}", "yes", "08:00-17:00", "24", "'{{ x }}'", "'{% if %}'"]
)
KEYS = [*(field.alias or name for name, field in Policy.model_fields.items()), "as", "mon", "2026-01-01", "zzz"]


GROUPS = st.builds("{{{}: {}}}".format, st.sampled_from(KEYS), VALUES)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES | GROUPS))
def test_whatever_stands_in_a_policy_the_loader_answers(entries: dict[str, str]) -> None:
    loaded = load("".join(f"{key}: {value}\n" for key, value in entries.items()), "p", date(2026, 11, 20))

    assert isinstance(loaded, Loaded)
    assert (loaded.policy is None) == bool(errors(loaded.problems))


@pytest.mark.parametrize("name", OFFICES)
def test_a_shipped_policy_with_any_line_lost_is_answered(name: str) -> None:
    lines = (POLICIES / name).read_text(encoding="utf-8").split("# --- Từ ngữ")[0].split("# --- Words")[0].split("\n")
    for lost in range(0, len(lines), 3):
        load("\n".join(lines[:lost] + lines[lost + 1 :]), name, date(2026, 11, 20))
