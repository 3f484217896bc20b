"""Days at an office, as customers and staff see them: a real Dovecot, a real MTA, the daemon as its own process."""

from __future__ import annotations

import pytest

from tests.servers.waiting import wait_until
from tests.system.office import CUSTOMER, MANAGER, OFFICE, ON_CALL, OTHER, WITHIN, Office, bodies, office

pytestmark = pytest.mark.system

OUT_OF_HOURS = (
    "Cảm ơn bạn đã liên hệ. Hiện tại, tôi đang ngoài giờ làm việc. "
    "Tôi sẽ trả lời email của bạn vào ngày làm việc tiếp theo."
)
NEXT_WORKDAY = (
    "Chào anh/chị, tôi xin lỗi vì đã không trả lời tin nhắn của anh/chị sớm hơn. "
    "Tôi đã nhận được tin nhắn của anh/chị {received} và sẽ xem xét yêu cầu của anh/chị ngay bây giờ."
)
SEND = {"follow_up: {as: draft}": "follow_up: {as: send, after: 60m}"}


def test_a_night_mail_gets_exactly_the_quoted_reply_once_and_a_draft_waits_at_opening() -> None:
    with office("2026-03-25 22:05") as here:  # a Wednesday
        here.start()
        here.at("2026-03-25 22:10")
        first = here.write("Cho mình hỏi đơn hàng 123 đã giao chưa?")
        [reply] = here.wait_for_mails(CUSTOMER, 1)
        assert bodies([reply]) == [OUT_OF_HOURS]
        assert reply["Subject"] == "Trả lời tự động: Hỏi về đơn hàng"
        assert reply["Auto-Submitted"] == "auto-replied"
        assert reply["In-Reply-To"] == first
        assert reply["Return-Path"] == "<>"
        assert reply["To"] == CUSTOMER

        here.at("2026-03-25 23:30")
        here.write("Mình hỏi thêm: có ship về Đà Nẵng không?", "Câu hỏi khác")
        here.wait_until_triaged(2)
        here.at("2026-03-26 08:00")
        drafts = here.wait_for_mails(OFFICE, 2, "Drafts")
        assert bodies(drafts) == [NEXT_WORKDAY.format(received="vào tối qua")] * 2
        assert {draft["To"] for draft in drafts} == {CUSTOMER}
        assert drafts[0]["In-Reply-To"] == first
        assert drafts[0]["Auto-Submitted"] is None

        [digest] = here.wait_for_mails(MANAGER, 1)
        assert "Hỏi về đơn hàng" in bodies([digest])[0]
        assert len(here.mails(CUSTOMER)) == 1
        assert all(rb"\Seen" not in flags for flags in here.flags())
        assert bodies(here.mails(OFFICE, "Sent")) == [OUT_OF_HOURS]


def test_an_emergency_alerts_the_person_on_call_and_is_answered_with_the_phone_number() -> None:
    with office("2026-03-28 14:00") as here:  # a Saturday
        here.start()
        here.write("Máy chủ bị sập, toàn bộ cửa hàng không bán được hàng, cần xử lý ngay!", "KHẨN CẤP: hệ thống sập")
        [alert] = here.wait_for_mails(ON_CALL, 1)
        assert "KHẨN CẤP" in alert["Subject"]
        assert CUSTOMER in bodies([alert])[0]
        [reply] = here.wait_for_mails(CUSTOMER, 1)
        assert bodies([reply])[0].startswith(OUT_OF_HOURS)
        assert "0900 000 000" in bodies([reply])[0]
        wait_until(lambda: any(rb"\Flagged" in flags for flags in here.flags()) or None, WITHIN, "the flag")


def test_an_answer_from_the_staffs_own_program_cancels_the_draft() -> None:
    with office("2026-03-25 22:05") as here:
        here.start()
        answered = here.write("Cho mình hỏi giá bàn làm việc.")
        here.wait_for_mails(CUSTOMER, 1)
        here.write("Xin hỏi văn phòng có nhận hàng không?", sender=OTHER)
        here.wait_for_mails(OTHER, 1)
        here.at("2026-03-26 06:30")
        here.staff_answers(answered)
        here.at("2026-03-26 08:00")
        [draft] = here.wait_for_mails(OFFICE, 1, "Drafts")
        assert draft["To"] == OTHER
        [digest] = here.wait_for_mails(MANAGER, 1)
        assert digest is not None
        assert [draft["To"] for draft in here.mails(OFFICE, "Drafts")] == [OTHER]


def test_a_follow_up_that_is_sent_leaves_after_the_delay_once_for_each_sender() -> None:
    with office("2026-03-27 20:00", policy=SEND) as here:  # a Friday
        here.start()
        here.write("Báo giá giúp mình 20 ghế văn phòng.")
        here.wait_for_mails(CUSTOMER, 1)
        here.at("2026-03-28 10:00")
        here.write("Mình muốn hỏi thêm về bảo hành.", "Bảo hành")
        here.wait_until_triaged(2)
        here.at("2026-03-30 08:00")
        here.wait_for_mails(MANAGER, 1)
        assert len(here.mails(CUSTOMER)) == 1
        here.at("2026-03-30 09:00")
        mails = here.wait_for_mails(CUSTOMER, 2)
        assert bodies(mails)[1] == NEXT_WORKDAY.format(received="vào sáng thứ Bảy")
        assert mails[1]["Return-Path"] == f"<{OFFICE}>"
        here.at("2026-03-30 17:30")
        assert len(here.mails(CUSTOMER)) == 2


def test_a_follow_up_that_comes_back_is_told_and_the_next_nights_mail_from_there_gets_nothing() -> None:
    gone = f"gone@{CUSTOMER.rpartition('@')[2]}"  # its server takes the mail, and then finds nobody to give it to
    with office("2026-03-25 20:00", policy=SEND) as here:  # a Wednesday
        here.start()
        here.write("Báo giá giúp mình 20 ghế văn phòng.", sender=gone)
        wait_until(lambda: here.states(gone) == ["sent", "waiting"] or None, WITHIN, f"the reply\n{here.tail()}")
        here.at("2026-03-26 09:05")
        report = here.wait_for_mails(OFFICE, 2)[-1]
        assert report.get_content_type() == "multipart/report"
        here.wait_until_triaged(2)
        assert here.states(gone) == ["sent", "bounced"], "the reply had no sender to come back to"
        here.at("2026-03-26 20:00")
        here.write("Mình hỏi lại lần nữa.", "Câu hỏi khác", sender=gone)
        here.write("Cho mình hỏi giờ mở cửa?")
        here.wait_for_mails(CUSTOMER, 1)
        here.wait_until_triaged(4)
        assert here.states(gone) == ["sent", "bounced"]
        here.at("2026-03-27 08:00")
        wait_until(lambda: len(digests(here)) == 2 or None, WITHIN, f"two reports\n{here.tail()}")
        digest = digests(here)[-1]
        assert "Thư đã gửi bị trả lại" in digest
        assert f"Gửi đến: {gone}" in digest
        assert "Thư trước gửi đến địa chỉ này đã bị trả lại (1)" in digest


def digests(here: Office) -> list[str]:
    """The daily reports; an alarm may come in between, when the clock leaps by working hours."""
    return [" ".join(text.split()) for text in bodies(here.mails(MANAGER)) if "BÁO CÁO HỘP THƯ" in text.upper()]


def test_a_restart_in_between_changes_nothing() -> None:
    with office("2026-03-25 21:00") as here:
        here.start()
        here.write("Cho mình hỏi giờ mở cửa thứ Bảy?")
        here.wait_for_mails(CUSTOMER, 1)
        assert here.stop() == 0
        here.start()
        here.write("Và có chỗ đỗ xe không?", "Đỗ xe")
        here.wait_until_triaged(2)
        assert here.stop() == 0
        here.at("2026-03-26 08:05")
        here.start()
        here.wait_for_mails(OFFICE, 2, "Drafts")
        here.wait_for_mails(MANAGER, 1)
        assert here.stop() == 0
        here.start()
        assert (len(here.mails(CUSTOMER)), len(here.mails(MANAGER)), len(here.mails(OFFICE, "Drafts"))) == (1, 1, 2)


def test_after_a_weekends_outage_no_stale_reply_goes_out_but_the_draft_is_there() -> None:
    with office("2026-03-27 16:00") as here:  # a Friday
        here.start()
        here.stop()
        here.at("2026-03-28 22:00")
        here.write("Cho mình hỏi đơn hàng 456?")
        here.wait_for_mails(OFFICE, 1)
        here.at("2026-03-30 09:00")
        here.start()
        [draft] = here.wait_for_mails(OFFICE, 1, "Drafts")
        assert bodies([draft]) == [NEXT_WORKDAY.format(received="vào tối thứ Bảy")]
        here.wait_for_mails(MANAGER, 1)
        assert here.mails(CUSTOMER) == []


def test_mail_that_lay_there_before_the_first_contact_is_never_answered() -> None:
    with office("2026-03-25 22:00") as here:
        here.write("Thư cũ, gửi trước khi cài đặt.")
        here.wait_for_mails(OFFICE, 1)
        here.start()
        here.write("Thư mới.", "Thư mới", sender=OTHER)
        here.wait_for_mails(OTHER, 1)
        assert here.mails(CUSTOMER) == []


def test_a_bounce_a_newsletter_and_a_colleague_get_nothing() -> None:
    with office("2026-03-25 22:00") as here:
        here.start()
        here.write("Khuyến mãi lớn", "Giảm giá 50%", List_Unsubscribe="<https://shop.example/u>")
        here.write("I am out of office.", "Automatic reply: hello", sender=OTHER, Auto_Submitted="auto-replied")
        here.write("Em gửi báo cáo tuần.", "Báo cáo", sender=MANAGER)
        here.wait_until_triaged(3)
        here.at("2026-03-26 08:01")
        here.wait_for_mails(MANAGER, 1)
        assert here.mails(CUSTOMER) == []
        assert here.mails(OTHER) == []
        assert here.mails(OFFICE, "Drafts") == []


def test_in_observe_mode_customers_get_nothing_and_the_digest_says_what_would_have_gone_out() -> None:
    with office("2026-03-25 22:00", mode="observe") as here:
        here.start()
        here.write("Cho mình hỏi đơn hàng 789?")
        here.wait_until_triaged(1)
        here.at("2026-03-26 08:01")
        [digest] = here.wait_for_mails(MANAGER, 1)
        assert CUSTOMER in bodies([digest])[0]
        assert here.mails(CUSTOMER) == []
        assert here.mails(OFFICE, "Drafts") == []


def test_while_it_is_paused_customers_get_nothing_and_the_daemon_takes_it_without_a_restart() -> None:
    with office("2026-03-25 20:00") as here:
        here.start()
        assert here.command("pause", "--reason", "đang dời văn phòng") == 0
        wait_until(lambda: "info: paused" in here.tail(), WITHIN, "the pause in the log")
        here.write("Cho mình hỏi đơn hàng.")
        here.wait_until_triaged(1)
        assert here.command("resume") == 0
        wait_until(lambda: "info: resumed" in here.tail(), WITHIN, "the end of the pause in the log")
        here.write("Xin hỏi giờ mở cửa.", sender=OTHER)
        here.wait_for_mails(OTHER, 1)
        assert here.mails(CUSTOMER) == []
