"""The shipped words: what they find in plain sentences of both languages, and what they leave alone."""

import pytest

from responder.policy.model import Policy
from tests.fakes import POLICY, policy

SHIPPED = policy()


def signals(text: str, of: Policy = SHIPPED) -> frozenset[str]:
    return of.matcher().find("", text).names()


@pytest.mark.parametrize(
    "text",
    [
        "Web bên em sập từ sáng, khách không đặt được hàng",
        "may chu cua ben minh chet roi anh oi",
        "Our checkout is down and we are losing orders",
        "Hồ sơ khách hàng bị lộ trên mạng",
        "Tài khoản quảng cáo vừa bị chiếm quyền",
        "Tủ điện chập cháy, đầy khói trong phòng",
        "tu dien dang boc khoi",
        "I can smell gas in the kitchen",
        "Nước đang tràn xuống hầm xe",
        "Water is pouring through the ceiling",
        "Bà cụ bị kẹt trong thang máy",
        "A visitor has fainted near the lift",
        "Kho lạnh ngưng từ đêm qua, nhiệt độ đang tăng",
        "Có kẻ lạ đang cạy cửa tiệm",
        "Xưởng bên em đang cháy, anh gọi người giúp",
        "kho ben chi dang chay, ben minh xuong ngay di",
        "Có hai bác kẹt trong thang máy toà A",
        "ba cu nha em bi nhot trong phong tam, khong ai co chia",
        "Tài xế bị thương ở tay, xe kẹt ở cổng",
        "Website của tiệm bị chèn link cờ bạc",
        "Our site has been hacked and sends visitors elsewhere",
        "Two cleaners are stuck in the lift",
        "None of our three stores can take cards tonight",
        "The folder with our clients' passports is open to anyone",
    ],
)
def test_harm_in_progress_is_an_emergency(text: str) -> None:
    assert "emergency" in signals(text)


@pytest.mark.parametrize(
    "text",
    [
        "Anh xử lý giúp em trong chiều nay với",
        "Tài xế đang chờ từ nãy giờ",
        "The driver is waiting at your gate",
        "Khoan in đã anh ơi",
        "Làm nhanh giúp em kẻo trễ chuyến",
        "Ví của em bị trừ tiền ba lần cho một vé",
        "the cua toi bi tru tien hai lan",
        "I was charged twice for one room",
        "Nobody in our office can log in",
        "Mai không còn nút thì chuyền dừng",
        "ca cua hang khong ban duoc gi",
        "Em cần gấp bản vẽ tầng 3",
        "em can gap ban dich de nop",
    ],
)
def test_a_need_that_cannot_wait_is_urgent(text: str) -> None:
    assert "urgent" in signals(text)


@pytest.mark.parametrize(
    "text",
    [
        "Chiều nay em họp xong rồi gửi biên bản sau nhé",
        "Hôm nay bên em đã chuyển khoản đủ, cảm ơn chị",
        "Nếu có sự cố khẩn cấp thì gọi ai ạ?",
        "Sáng mai em ra ngoài gặp khách",
        "dang chay thu may moi, chay tot lam",
        "xuong em dang chay hang tet",
        "Kho bên em đang chạy chương trình xả hàng",
        "Nếu có khách kẹt trong thang máy thì gọi số nào?",
        "Bé hay bị nhốt trong phòng nên chị muốn đổi khóa",
        "Nếu thẻ bị trừ tiền hai lần thì làm gì?",
        "What if I am charged twice?",
        "Thẻ bị trừ tiền hai lần nhưng ngân hàng đã hoàn lại rồi",
        "Bên em thanh lý gấp bàn ghế, anh chị ủng hộ",
        "chieu mai em can gap ban cu",
        "Xin báo giá bình chữa cháy và đầu báo khói",
        "The fire drill is next Friday",
        "Giá tăng gấp đôi so với năm ngoái",
    ],
)
def test_near_times_and_alarm_words_alone_are_neither(text: str) -> None:
    assert signals(text).isdisjoint({"urgent", "emergency"})


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("Em rất không hài lòng với cách làm việc này", "complaint"),
        ("That is not what we ordered, I want a refund", "complaint"),
        ("Bọn lừa đảo, đồ vô học", "abuse"),
        ("In gấp giúp em 200 tờ rơi", "rush_request"),
        ("Anh đổi sang màu xanh giúp em, thêm hạng mục sơn cổng", "scope_change"),
        ("Cho em dời lịch sang thứ 6 nhé", "appointment_change"),
        ("Bên em xin gia hạn thêm 3 ngày để nộp hồ sơ", "handover_delay"),
        ("Cửa hàng mở cửa đến mấy giờ ạ?", "self_service"),
        ("May 30 bộ đồng phục giá bao nhiêu vậy shop", "quote_request"),
        ("How much would 500 flyers be?", "quote_request"),
        ("Tháng này bên em xin chậm thanh toán", "payment_late"),
        ("Em nhận đủ rồi, cảm ơn chị", "thanks_only"),
    ],
)
def test_situations_are_found(text: str, signal: str) -> None:
    assert signal in signals(text)


def test_both_shipped_policies_have_the_same_words() -> None:
    assert policy(file=POLICY.with_name("en-office.yaml")).signals == SHIPPED.signals
