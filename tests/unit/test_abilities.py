"""What is understood of a mail, in the very words people use for it: the shipped policy and the shipped weights."""

from __future__ import annotations

import unicodedata

import pytest

from responder import learned
from responder.mail.quoted import own_words
from responder.policy.meaning import By, Meaning, Urgency, meaning_of
from responder.policy.model import Policy
from responder.words.standing import Refused
from tests.fakes import local, policy

SHIPPED = policy(("learned: no", "learned: yes"))
MORNING = local("2026-11-17 09:00")  # a Tuesday


def meaning(text: str, of: Policy = SHIPPED) -> Meaning:
    return meaning_of("", text, of, MORNING, learned.judge())


@pytest.mark.parametrize(
    "text",
    [
        "Từ sáng tới giờ cả phòng em không vào được phần mềm kế toán, khách đang đứng đợi.",
        "Khách đang đứng ở quầy chờ lấy áo mà tiệm chưa ai mở cửa.",
        "Kho bên em đang cháy, anh cho người xuống ngay giúp em.",
        "Tòa nhà mất điện toàn bộ từ nãy, thang máy có người kẹt bên trong.",
        "Anh thợ bị ngã từ giàn giáo, đang chảy máu nhiều, gọi giúp em xe cứu thương.",
        "Chị vệ sinh bị nhốt trong kho lạnh, không ai có chìa khóa.",
        "My mother is locked in your showroom and nobody answers the bell.",
    ],
)
def test_harm_in_progress_is_urgent_or_more(text: str) -> None:
    assert meaning(text).urgency is not Urgency.NORMAL


@pytest.mark.parametrize(
    "text", ["Em muốn có sớm thôi ạ, càng sớm càng vui.", "Nhanh được thì tốt, còn không thì tuần sau cũng được ạ."]
)
def test_a_mere_wish_to_hurry_is_no_harm(text: str) -> None:
    assert meaning(text).urgency is Urgency.NORMAL


@pytest.mark.parametrize(
    "text",
    [
        "Anh gửi giúp em hợp đồng trước 11h trưa nay ạ.",
        "Anh gửi giúp em hợp đồng trước sáng mai 7h ạ.",
        "Anh gui giup em hop dong truoc 5h chieu nay a.",
        "Please send someone within 2 hours.",
        "Please send the layout by EOD.",
    ],
)
def test_a_near_deadline_is_urgent(text: str) -> None:
    found = meaning(text)
    assert found.urgency is Urgency.URGENT
    assert found.deadline is not None


@pytest.mark.parametrize(
    "text",
    [
        "Gửi giúp em hợp đồng trước thứ sáu tuần sau nữa ạ.",
        "Please send the layout by the end of next month.",
        "Hôm qua em đã nhờ gửi trước 5h chiều, em nhận được rồi ạ.",
    ],
)
def test_a_far_or_past_deadline_is_not_urgent(text: str) -> None:
    assert meaning(text).urgency is Urgency.NORMAL


@pytest.mark.parametrize(
    "text",
    [
        "Nếu gấp em sẽ gọi, anh cứ xem từ từ ạ.",
        "Sự cố tuần trước đã xử lý xong, em gửi lại biên bản để anh lưu.",
        "Báo viết kho bên cạnh đang cháy, may mà không sao.",
        "Việc này không gấp đâu ạ.",
    ],
)
def test_a_condition_the_past_a_report_and_a_negation_press_nobody(text: str) -> None:
    assert meaning(text).urgency is Urgency.NORMAL


@pytest.mark.parametrize(
    "text",
    [
        "Em cần gấp bản vẽ ạ.",
        "Em can gap bao gia a.",
        "Em cân gâp ban ve a.",
        "EM CẦN GẤP BẢN VẼ Ạ",
        "e cần gấppppp bản vẽ, a gửi giúp e nha, sđt e đổi r",
        "🙏🙏 Em cần gấp bản vẽ ạ 🙏🙏",
        unicodedata.normalize("NFD", "Em cần gấp bản vẽ ạ."),
    ],
)
def test_a_need_is_found_however_it_is_typed(text: str) -> None:
    assert meaning(text).shown["urgent"] is By.WORDS


def test_advertising_that_shouts_is_not_urgent() -> None:
    found = meaning("🔥🔥 GIẢM GIÁ SỐC 50%!!! MUA NGAY KẺO LỠ, CHỈ HÔM NAY, KHẨN CẤP ĐẶT HÀNG 🔥🔥")
    assert found.urgency is Urgency.NORMAL
    assert Refused.OFFER in {miss.why for miss in found.evidence.found.misses}


@pytest.mark.parametrize(
    "history",
    [
        "Vào Th 3, 17 thg 11, 2026 vào lúc 08:00 Lan <lan@khach.example> đã viết:\n> Em cần gấp bản vẽ ạ",
        "On Tue, 17 Nov 2026 at 08:00, Lan <lan@khach.example> wrote:\n> We need it urgently",
        "Từ: Lan <lan@khach.example>\nĐã gửi: 17 Tháng Mười Một 2026 08:00\nĐến: info@congty.example\n"
        "Chủ đề: Bản vẽ\n\nEm cần gấp bản vẽ ạ",
        "From: Lan <lan@khach.example>\nSent: Tuesday, November 17, 2026 8:00 AM\nTo: info@congty.example\n"
        "Subject: Drawing\n\nWe need it urgently",
    ],
)
def test_what_stands_in_the_history_presses_nobody(history: str) -> None:
    written = own_words(f"Em nhận được rồi, em cảm ơn anh.\n\n{history}\n")
    assert meaning(written.whole).urgency is Urgency.NORMAL
