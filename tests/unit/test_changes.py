"""policy/changes.py: what changed from one policy to the next, as a manager reads it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from responder.document import Section
from responder.mail.language import Language
from responder.policy.calendar import DayKind, DayRule, Span
from responder.policy.changes import changes
from responder.policy.model import DatedDay, Days, NamedCalendar, Play, Policy, Rate, Signal, Swap
from tests.fakes import policy

SHIPPED = policy()
SWAP = "- {off: 2026-08-31, work: 2026-08-22, why: Nghỉ lễ Quốc khánh}"
LONG_MAIL = "Đơn hàng của chị hẹn giao trong tuần này mà tới giờ vẫn chưa thấy ai gọi, em xem giúp chị."
SATURDAY_MORNING = ('  # sat: "08:00-12:00"', '  sat: "08:00-12:00"')


def told(*edits: tuple[str, str], language: Language = Language.EN, before: Policy = SHIPPED) -> list[str]:
    """What is said after these edits of the shipped policy."""
    return list(changes(before, policy(*edits), language))


# ---------------------------------------------------------------- nothing goes unsaid


def test_the_same_policy_read_twice_has_no_changes() -> None:
    again = policy(("# Quy định trả lời thư", "# Quy định mới"))
    assert again is not SHIPPED
    assert changes(SHIPPED, again, Language.VI) == ()


TRIP = DayRule(date(2026, 12, 14), date(2026, 12, 14), (), "Du lịch", DayKind.FEED)
OTHER: dict[str, Any] = {
    "calendars": (NamedCalendar.model_validate({"file": "nghi.ics"}, context={"feeds": {"nghi.ics": (TRIP,)}}),),
    "language": Language.EN,
    "timezone": "Asia/Tokyo",
    "hours": {(0, 1): (Span(480, 1020),)},
    "holidays": {},
    "days": {Days(date(2026, 12, 31), date(2026, 12, 31)): DatedDay(closed="Tất niên")},
    "swaps": (Swap(off=date(2026, 8, 31), work=date(2026, 8, 22)),),
    "signals": {"urgent": Signal(words=("gấp",))},
    "plays": SHIPPED.plays[:1],
    "texts": {},
}


def another(value: object) -> object:
    """Some other value of that kind, for keys that need no particular one."""
    if isinstance(value, Section):
        return value.model_copy(update={name: another(each) for name, each in value})
    if isinstance(value, bool):
        return not value
    if isinstance(value, timedelta):
        return value + timedelta(hours=3)
    if isinstance(value, Rate):
        return Rate(value.count + 1, value.per)
    if isinstance(value, tuple) and value and isinstance(value[0], Rate):
        return tuple(another(each) for each in value)
    return (*value, "another") if isinstance(value, tuple) else "another"


def with_other(section: Any, **values: object) -> Any:
    """A copy built anew: what a policy has worked out from its keys must not be carried over."""
    return type(section).model_construct(**{**dict(section), **values})


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", Policy.model_fields)
def test_no_key_of_a_policy_changes_without_a_sentence(key: str, language: Language) -> None:
    other = OTHER.get(key, another(getattr(SHIPPED, key)))
    sentences = changes(SHIPPED, with_other(SHIPPED, **{key: other}), language)
    assert sentences
    assert all(sentence.endswith(".") and len(sentence) > 10 for sentence in sentences)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", ["limits", "follow_up", "digest"])
def test_every_single_setting_below_a_key_is_told_by_itself(key: str, language: Language) -> None:
    section = getattr(SHIPPED, key)
    for name in type(section).model_fields:
        changed = with_other(section, **{name: another(getattr(section, name))})
        assert len(changes(SHIPPED, with_other(SHIPPED, **{key: changed}), language)) == 1, name


@pytest.mark.parametrize("part", ["when", "do"])
def test_every_condition_and_action_of_a_play_is_told(part: str) -> None:
    play = SHIPPED.plays[0]
    section = getattr(play, part)
    for name in type(section).model_fields:
        changed = with_other(play, **{part: with_other(section, **{name: another(getattr(section, name))})})
        (sentence,) = changes(SHIPPED, with_other(SHIPPED, plays=(changed, *SHIPPED.plays[1:])), Language.EN)
        assert sentence.startswith("Play “emergency”, "), name


def test_a_key_that_only_is_written_in_another_way_is_told_as_such() -> None:
    assert told(('  mon-fri: "', '  fri: "08:00-17:00"\n  mon-thu: "')) == [
        "`hours` is written in another way and means the same."
    ]


# ---------------------------------------------------------------- hours and days


def test_days_of_the_week_with_the_same_change_are_one_sentence() -> None:
    assert told(('"08:00-17:00"', '"08:00-12:00, 13:00-17:30"')) == [
        "Monday to Friday: now open 08:00–12:00, 13:00–17:30 (before: open 08:00–17:00)."
    ]
    assert told(SATURDAY_MORNING, language=Language.VI) == ["Thứ Bảy: nay mở cửa 08:00–12:00 (trước đây: nghỉ)."]


def test_a_swap_is_told_as_the_two_days_that_change() -> None:
    assert told((f"# {SWAP}", SWAP), language=Language.VI) == [
        "Thứ Bảy, 22/08/2026: nay mở cửa 08:00–17:00 (Nghỉ lễ Quốc khánh).",
        "Thứ Hai, 31/08/2026: nghỉ (Nghỉ lễ Quốc khánh).",
    ]


def test_a_holiday_that_begins_earlier_is_told_by_the_working_days_that_are_closed_now() -> None:
    longer = ("2026-02-16..2026-02-20: {closed: Tết", "2026-02-12..2026-02-20: {closed: Tết")
    assert told(longer) == ["Thursday, 12 February 2026 to Friday, 13 February 2026: now closed (Tết Nguyên Đán)."]


def test_the_dates_of_one_range_are_one_sentence_over_the_weekend_too() -> None:
    off = ("\ndays:\n", "\ndays:\n  2026-07-16..2026-07-22: {closed: Du lịch công ty}\n")
    assert told(off) == ["Thursday, 16 July 2026 to Wednesday, 22 July 2026: now closed (Du lịch công ty)."]


def test_two_days_off_of_one_name_with_a_working_day_between_are_two_sentences() -> None:
    off = ("\ndays:\n", "\ndays:\n  2026-07-14: {closed: Kiểm kê}\n  2026-07-16: {closed: Kiểm kê}\n")
    assert told(off, language=Language.VI) == [
        "Thứ Ba, 14/07/2026: nghỉ (Kiểm kê).",
        "Thứ Năm, 16/07/2026: nghỉ (Kiểm kê).",
    ]


def test_two_days_off_of_one_name_side_by_side_are_one_sentence() -> None:
    off = ("\ndays:\n", "\ndays:\n  2026-07-14: {closed: Kiểm kê}\n  2026-07-15: {closed: Kiểm kê}\n")
    assert told(off, language=Language.VI) == ["Thứ Ba, 14/07/2026 đến thứ Tư, 15/07/2026: nghỉ (Kiểm kê)."]


def test_a_day_off_for_a_hundred_years_is_one_sentence_and_soon_said() -> None:
    off = ("\ndays:\n", "\ndays:\n  2028-01-03..9999-12-31: {closed: Giải thể}\n")
    assert told(off) == ["Monday, 3 January 2028 to Friday, 31 December 9999: now closed (Giải thể)."]


def test_a_day_taken_off_the_list_follows_the_week_again() -> None:
    gone = ("  2026-04-30: {closed: Ngày Chiến thắng 30/4}\n", "")
    assert told(gone) == ["Thursday, 30 April 2026: the hours of the week hold again (open 08:00–17:00)."]


def test_a_holiday_on_a_day_of_rest_changes_no_day() -> None:
    sunday = ("\ndays:\n", "\ndays:\n  2026-08-09: {closed: Ngày hội}\n")
    assert told(sunday) == ["`days` is written in another way and means the same."]


def test_a_day_that_only_has_another_name_is_told() -> None:
    renamed = ("2026-04-30: {closed: Ngày Chiến thắng 30/4}", "2026-04-30: {closed: Ngày Thống nhất}")
    assert told(renamed, language=Language.VI) == ["Thứ Năm, 30/04/2026: nghỉ (Ngày Thống nhất)."]


def test_a_holiday_that_was_confirmed_is_told() -> None:
    doubt = (
        "    to_confirm: ngày lễ mới; xin đối chiếu với thông báo nghỉ lễ của văn phòng, có làm việc thì xóa ngày này\n"
    )
    assert told((doubt, "")) == ["Tuesday, 24 November 2026: confirmed (Ngày Văn hóa Việt Nam)."]


def test_a_saturday_that_becomes_a_working_day_except_for_one_is_told_with_that_one() -> None:
    off = ("\ndays:\n", "\ndays:\n  2026-08-15: {closed: Họp mặt}\n")
    assert told(SATURDAY_MORNING, off) == [
        "Saturday: now open 08:00–12:00 (before: closed).",
        "Saturday, 15 August 2026: now closed (Họp mặt).",
    ]


# ---------------------------------------------------------------- words


def test_words_added_and_taken_out_are_counted_and_named() -> None:
    assert told(("      cần gấp, sát giờ,", "      hỏa tốc, cực gấp, sát giờ,"), language=Language.VI) == [
        "Nhóm từ ngữ “urgent”: thêm 2 mục (hỏa tốc, cực gấp); bỏ 1 mục (cần gấp)."
    ]


def test_hints_added_and_taken_out_are_told_apart_from_words() -> None:
    more = ("      gấp, khẩn cấp, urgent,", "      gấp, hỏa tốc, khẩn cấp,")
    assert told(more) == ["Words of “urgent”: hints: 1 added (hỏa tốc); 1 taken out (urgent)."]
    assert told(more, language=Language.VI) == [
        "Nhóm từ ngữ “urgent”: từ gợi ý (hints): thêm 1 mục (hỏa tốc); bỏ 1 mục (urgent)."
    ]


def test_of_many_words_six_are_named_and_the_rest_is_counted() -> None:
    more = ("      cần gấp, sát giờ,", "      cần gấp, mot, hai, ba, bon, nam, sau, bay, tam, chin, muoi, sát giờ,")
    assert told(more) == ["Words of “urgent”: 10 added (mot, hai, ba, bon, nam, sau and 4 more)."]


def test_a_phrase_that_does_not_count_any_more_is_told_as_an_exception() -> None:
    assert told(("gấp đôi, gấp bội,", "gấp bội,")) == ["Words of “urgent”: exceptions (unless): 1 taken out (gấp đôi)."]


def test_a_group_of_words_under_another_name_is_no_new_one() -> None:
    assert told(("  thanks_only:\n", "  thanks:\n")) == ["The group of words “thanks_only” is now called “thanks”."]


def test_a_new_group_of_words_names_some_of_them() -> None:
    new = ("signals:\n", "signals:\n  hoa_don:\n    words: [xuất hóa đơn, hóa đơn đỏ]\n")
    assert told(new) == ["New group of words “hoa_don”: 2 words (xuất hóa đơn, hóa đơn đỏ)."]
    assert list(changes(policy(new), SHIPPED, Language.EN)) == ["The group of words “hoa_don” was taken out."]


# ---------------------------------------------------------------- plays and texts


def test_a_new_play_tells_its_place_its_conditions_and_its_actions() -> None:
    new = ("plays:\n", "plays:\n  - {name: vip, when: {sender: '*@vip.example'}, do: {alert: manager}}\n")
    assert told(new) == ["New play “vip”, no. 1 in the list: sender: *@vip.example, who is told: manager."]
    assert list(changes(policy(new), SHIPPED, Language.VI)) == ["Bỏ tình huống “vip”."]


def test_a_play_that_changed_is_told_key_by_key() -> None:
    changed = ("do: {alert: manager, silence: yes}", "do: {alert: [manager, on_call], mark: flagged}")
    assert told(changed) == [
        "Play “abuse”, who is told: now manager, on_call (before: manager); mark: now flagged (before: none);"
        " nothing automatic to the customer: now no (before: yes)."
    ]


def test_a_play_under_another_name_is_no_new_one() -> None:
    assert told(("- name: complaint ", "- name: khieu-nai ")) == ["The play “complaint” is now called “khieu-nai”."]


def test_plays_in_another_order_are_told_because_the_first_one_answers() -> None:
    first, second, *rest = SHIPPED.plays
    turned = with_other(SHIPPED, plays=(second, first, *rest))
    names = ", ".join(play.name for play in turned.plays)
    assert changes(SHIPPED, turned, Language.EN) == (f"The plays stand in another order: {names}.",)


def test_a_play_put_between_others_is_no_new_order() -> None:
    vip = Play.model_validate({"name": "vip", "do": {"alert": "manager"}})
    more = with_other(SHIPPED, plays=(SHIPPED.plays[0], vip, *SHIPPED.plays[1:]))
    assert changes(SHIPPED, more, Language.EN) == ("New play “vip”, no. 2 in the list: who is told: manager.",)


def test_a_text_is_told_by_its_name_and_language() -> None:
    assert told(("Hello, I am sorry", "Hello, I am very sorry"), language=Language.VI) == [
        "Lời thư “next_workday” (tiếng Anh) đã được sửa."
    ]


# ---------------------------------------------------------------- single values


def test_single_values_are_told_with_what_they_were_before() -> None:
    assert told(
        ("promise: 24 working hours", "promise: 16 working hours"),
        ('urgent_phone: "0900 000 000"', 'urgent_phone: "0912 345 678"'),
        ("alerts: 30 per hour", "alerts: 20 per hour, 60 per day"),
        language=Language.VI,
    ) == [
        "Hạn trả lời thư, tính theo giờ làm việc: nay là 16 giờ (trước đây: 24 giờ).",
        "Số điện thoại cho việc gấp: nay là 0912 345 678 (trước đây: 0900 000 000).",
        "Tin báo cho nhân viên, tối đa: nay là 20 thư mỗi giờ và 60 thư mỗi ngày (trước đây: 30 thư mỗi giờ).",
    ]


def test_what_the_file_calls_by_a_word_is_told_as_people_say_it() -> None:
    assert told(
        ("follow_up: {as: draft}", "follow_up: {as: send, after: 60m}"),
        ("at: opening}", 'at: "08:30"}'),
        ("    do: {mark: flagged}", "    do: {mark: {folder: Gấp}}"),
        language=Language.VI,
    ) == [
        "Tình huống “urgent in hours”, đánh dấu: nay là chuyển vào thư mục “Gấp” (trước đây: gắn cờ).",
        "Thư của ngày làm việc tiếp theo: nay là tự gửi (trước đây: thư nháp).",
        "Thời gian chờ trước khi thư của ngày làm việc tiếp theo được tự gửi: nay là 1 giờ (trước đây: 0 phút).",
        "Lúc gửi báo cáo hằng ngày: nay là 08:30 (trước đây: giờ mở cửa).",
    ]


def test_an_address_more_that_is_never_answered_is_named_alone() -> None:
    first = policy(('  # - "*@doitac.example"', '  - "*@doitac.example"'))
    second = policy(('  # - "*@doitac.example"', '  - "*@doitac.example"\n  - "*@khac.example"'))
    assert changes(first, second, Language.EN) == (
        "Addresses that never get anything automatic: 1 added (*@khac.example).",
    )


# ---------------------------------------------------------------- deadlines and guesses


def test_how_near_a_deadline_must_be_is_told_in_words() -> None:
    now = ("deadline: within 1 working day ", "deadline: within 4 working hours ")
    assert told(now) == ["Words of “urgent”: wanted: now within 4 h of working time (before: within 1 working day)."]
    assert told(now, language=Language.VI) == [
        "Nhóm từ ngữ “urgent”: khách cần: nay là trong 4 giờ làm việc (trước đây: trong 1 ngày làm việc)."
    ]


def test_that_nothing_is_guessed_any_more_is_told() -> None:
    off = ("\nlearned: yes", "\nlearned: no")
    assert told(off) == ["A guess, learnt from sample mails, where the words are silent: now no (before: yes)."]
    assert told(off, language=Language.VI) == [
        "Phỏng đoán theo thư mẫu khi từ ngữ không nói gì: nay là không (trước đây: có)."
    ]


def test_an_example_is_told_as_one_line() -> None:
    old, new = policy(), policy(("Kho đang cháy, trong giờ → khẩn cấp, báo", "Kho đang cháy, open → khẩn cấp"))
    (said,) = changes(old, new, Language.EN)
    assert said == (
        "Examples: 1 added (“Kho đang cháy”, in hours → khẩn cấp, không trả lời); "
        "1 taken out (“Kho đang cháy”, in hours → khẩn cấp, báo, không trả lời)."
    )


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("trong giờ", "trong giờ"),
        ("ngoài giờ", "ngoài giờ"),
        ("sat 22:10", "thứ Bảy 22:10"),
        ("2026-11-21 22:10", "thứ Bảy, 21/11/2026, 22:10"),
    ],
)
def test_when_the_mail_of_an_example_comes_is_told_in_the_language_of_the_policy(at: str, said: str) -> None:
    new = policy(("\nexamples:\n", f'\nexamples:\n  - {{mail: "{LONG_MAIL}", at: "{at}", then: bình thường}}\n'))
    (told,) = changes(policy(), new, Language.VI)
    assert told == f"Ví dụ: thêm 1 mục (“{LONG_MAIL[:79]}…”, {said} → bình thường)."
