"""policy/deadlines.py: which times are deadlines for the office, and whether one is near."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.document import Wrong
from responder.policy.calendar import Calendar
from responder.policy.deadlines import Bound, Deadline, Reckoning
from responder.policy.meaning import meaning_of
from responder.policy.model import read_bound
from tests.fakes import ZONE, local, policy

TUESDAY = "2026-11-17 15:00"
FRIDAY_NIGHT = "2026-11-20 22:10"


def deadlines(text: str, at: str = TUESDAY, subject: str = "") -> tuple[Deadline, ...]:
    return meaning_of(subject, text, policy(), local(at), None).evidence.deadlines


def next_one(text: str, at: str = TUESDAY) -> str:
    """The next deadline of a text, as month-day hour:minute; "" for none."""
    return next((f"{each.at:%m-%d %H:%M}" for each in deadlines(text, at)), "")


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("Anh gửi giúp em báo giá trước 11h trưa mai nhé.", "11-18 11:00"),
        ("anh gui giup em bao gia truoc 11h trua mai nhe", "11-18 11:00"),
        ("Em cần bản dịch, muộn nhất 5h chiều nay ạ.", "11-17 17:00"),
        ("Nhờ chị ký giúp, hạn nộp là 16h hôm nay.", "11-17 16:00"),
        ("Bên mình giao kịp trước 5h chiều nay không ạ?", "11-17 17:00"),
        ("Anh cho người qua sửa giúp em trong 2 tiếng nữa.", "11-17 17:00"),
        ("Chị gửi giúp em sáng mai nhé.", "11-18 12:00"),
        ("Could you send us the corrected invoice by 9 tomorrow morning?", "11-18 09:00"),
        ("We need the keys within 2 hours.", "11-17 17:00"),
        ("Please confirm by EOD.", "11-17 17:00"),
        ("Please send the file before Friday.", "11-19 23:59"),
        ("Please call back by noon on 24 November.", "11-24 12:00"),
    ],
)
def test_a_time_in_what_is_asked_of_the_office_is_a_deadline(text: str, by: str) -> None:
    assert next_one(text) == by


@pytest.mark.parametrize(
    "text",
    [
        "Chiều nay em ghé lấy hàng.",
        "Có khách kẹt thang máy, đã giải cứu xong lúc 19h20.",
        "Trước 17h hôm nay em sẽ gửi hồ sơ cho bên mình.",
        "Em sẽ gửi hồ sơ trước 17h hôm nay, anh kiểm tra giúp em.",
        "We will deliver by 5 pm today.",
        "Báo giá này có giá trị đến 17h hôm nay.",
        "Hôm nay bên mình có mở cửa không ạ?",
        "Hôm qua em nhờ anh gửi trước 5h chiều mà không thấy.",
        "Nếu trước 11h mai chưa có thì anh gửi giúp em bản cũ.",
        "Khi nào rảnh anh gửi giúp em, trong tuần này lúc nào cũng được.",
        "Khách của em nhắn “gửi giúp trước 5h chiều nay” nhưng xong rồi ạ.",
        "Em xin dời buổi hẹn sang 9h sáng mai.",
        "Bảo hành 12 tháng đúng không ạ?",
        "Giờ nhờ anh thay màu xanh bằng màu đỏ giúp em.",
        "Giảm giá 50%, đặt mua trước 17h hôm nay! Nhanh tay đăng ký ngay.",
        "Tài khoản của bạn sẽ bị khóa. Vui lòng bấm vào link và nhập OTP trước 17h hôm nay.",
        "Cảm ơn anh đã gửi trước 5h chiều nay.",
    ],
)
def test_a_time_of_what_the_sender_does_or_that_is_past_supposed_quoted_or_sold_is_none(text: str) -> None:
    assert next_one(text) == ""


def test_a_deadline_tells_its_words_and_where_they_stand() -> None:
    [found] = deadlines("Anh gửi giúp em trước 11h sáng mai nhé.")
    assert (found.text, found.asked, found.where.value) == ("trước 11h sáng mai", "giúp", "body")
    [found] = deadlines("Chi tiết như tiêu đề.", subject="Nhờ gửi báo giá trước 16h hôm nay")
    assert (found.text, found.where.value) == ("trước 16h hôm nay", "subject")


def test_only_a_request_with_its_by_then_in_one_clause_is_plain() -> None:
    assert deadlines("Anh gửi giúp em trước 11h sáng mai.")[0].is_plain
    assert not deadlines("Sáng mai anh gửi giúp em.")[0].is_plain
    assert not deadlines("Bên mình giao kịp trước 5h chiều nay không ạ?")[0].is_plain
    assert not deadlines("Hạn nộp là 16h hôm nay, nhờ chị ký giúp.")[0].is_plain


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("Please send it by 18:00 UTC+07:00.", "11-17 18:00"),
        ("Please send it by 11am GMT.", "11-17 18:00"),
        ("Please send it by 8 am GMT on Friday.", "11-20 15:00"),
        ("Please send it by 3 pm (UTC-05:00) today.", "11-18 03:00"),
        ("Please call us back by 10:00 UTC+9 tomorrow.", "11-18 08:00"),
        ("Please answer by 9 am Singapore time tomorrow.", "11-18 08:00"),
        ("Anh gửi giúp em trước 9 giờ sáng mai giờ Tokyo.", "11-18 07:00"),
        ("Anh gửi giúp em trước 9 giờ sáng giờ Tokyo ngày mai nhé.", "11-18 07:00"),
        ("anh gui giup em truoc 9h sang mai gio nhat ban", "11-18 07:00"),
        ("Anh gửi giúp em trước 5h chiều giờ VN.", "11-17 17:00"),
        ("Anh gọi giúp em trước 5h, giờ anh rảnh không?", "11-17 17:00"),
        ("Please send us by 5pm - 3 copies.", "11-17 17:00"),
    ],
)
def test_a_time_of_a_zone_that_is_named_is_told_in_the_time_of_the_office(text: str, by: str) -> None:
    assert next_one(text) == by
    assert deadlines(text)[0].is_plain


@pytest.mark.parametrize(
    "text",
    [
        "Please send it by 5pm EST.",
        "Please send it by 17:00 IST today.",
        "Please send it by 5 pm London time.",
        "Please send it by 5pm my time.",
        "Anh gửi giúp em trước 5h chiều giờ địa phương.",
        "anh gui giup em truoc 5h chieu gio new york",
    ],
)
def test_where_nobody_knows_whose_time_it_is_nothing_may_be_promised(text: str) -> None:
    [found] = deadlines(text)
    assert not found.is_plain


@pytest.mark.parametrize(
    "text",
    [
        "Bên em chạy ưu đãi cuối tuần, khách bấm vào là lỗi, anh sửa giúp em trước 17h hôm nay.",
        "We run a discount weekend. Please swap the banner by 5 pm today, customers click and get an error.",
        "Em gửi voucher để quý khách dùng, anh in giúp em trước 17h hôm nay.",
        "Giảm giá 50% mà nút “mua ngay” không bấm được, anh sửa giúp em trước 17h hôm nay.",
    ],
)
def test_whoever_runs_a_sale_has_deadlines_too(text: str) -> None:
    assert next_one(text) == "11-17 17:00"


def test_of_several_deadlines_the_next_comes_first() -> None:
    found = deadlines("Anh gửi giúp em file trước 10h sáng mai. Báo giá thì nhờ anh gửi trước 16h chiều nay.")
    assert [f"{each.at:%d %H:%M}" for each in found] == ["17 16:00", "18 10:00"]


# --- how near ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "arrived", "ends"),
    [
        ("within 2 hours", TUESDAY, "11-17 17:00"),
        ("within 3 days", TUESDAY, "11-20 15:00"),
        ("within 1 working hour", TUESDAY, "11-17 16:00"),
        ("within 4 working hours", TUESDAY, "11-18 10:00"),
        ("within 4 working hours", FRIDAY_NIGHT, "11-23 12:00"),
        ("within 1 working day", TUESDAY, "11-18 15:00"),
        ("within 2 working days", TUESDAY, "11-19 15:00"),
        ("within 1 working day", FRIDAY_NIGHT, "11-25 08:00"),  # the 24th is a holiday
        ("within 24 working hours", TUESDAY, "11-20 12:00"),
    ],
)
def test_a_bound_is_reckoned_by_the_offices_calendar(bound: str, arrived: str, ends: str) -> None:
    end = read_bound(bound).ends(local(arrived), policy().calendar())
    assert f"{end:%m-%d %H:%M}" == ends


def test_before_the_office_opens_is_within_any_working_time() -> None:
    night = local("2026-11-17 21:00")
    [found] = deadlines("Anh gửi giúp em trước 7h sáng mai.", "2026-11-17 21:00")
    for bound in ("within 1 working hour", "within 1 working day"):
        assert found.at <= read_bound(bound).ends(night, policy().calendar())


def test_without_working_time_in_sight_the_clock_counts() -> None:
    closed = Calendar(ZONE, {}, ())
    for reckoning in Reckoning:
        assert Bound(timedelta(days=1), reckoning).ends(local(TUESDAY), closed) == local("2026-11-18 15:00")


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("within 1 working day", Bound(timedelta(days=1), Reckoning.WORKING_DAYS)),
        ("2 working days", Bound(timedelta(days=2), Reckoning.WORKING_DAYS)),
        ("within 24 working hours", Bound(timedelta(hours=24), Reckoning.WORKING_HOURS)),
        ("within 90m", Bound(timedelta(minutes=90))),
        ("3 days", Bound(timedelta(days=3))),
        ("trong 1 ngày làm việc", Bound(timedelta(days=1), Reckoning.WORKING_DAYS)),
        ("trong vòng 4 giờ làm việc", Bound(timedelta(hours=4), Reckoning.WORKING_HOURS)),
    ],
)
def test_a_bound_is_written_in_either_language(text: str, bound: Bound) -> None:
    assert read_bound(text) == bound


@pytest.mark.parametrize("text", ["soon", "within", "1 working", "within 0 hours", "1.5 working days", "by 17:00"])
def test_a_bound_that_says_no_length_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Wrong, match=r"(how near|no time|whole number)"):
        read_bound(text)


@given(
    st.text(alphabet="ạ gửigiúpemtrước1h0nay/:.,“”?! \n", max_size=200),
    st.integers(0, 1_000_000),
)
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_search_and_no_deadline_is_past(text: str, minutes: int) -> None:
    arrived = local("2026-01-01 00:00") + timedelta(minutes=minutes)
    for found in meaning_of(text, text, policy(), arrived, None).evidence.deadlines:
        assert found.at >= arrived - timedelta(minutes=1)
