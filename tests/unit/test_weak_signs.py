"""What programs write in subject and text, in the languages of an office's customers; and people who write of it."""

from __future__ import annotations

import pytest

from responder.mail.automatic import Sign, veto
from responder.mail.message import parse
from responder.mail.ours import Ours

OURS = Ours(addresses=frozenset({"info@congty.example"}))


def sign(subject: str, text: str, *headers: str, sender: str = "Lan <lan@khach.example>") -> Sign | None:
    fields = (f"From: {sender}", "To: info@congty.example", f"Subject: {subject}", *headers)
    found = veto(parse("\n".join([*fields, "", text]).encode()), OURS)
    return found.signal if found else None


@pytest.mark.parametrize(
    "subject",
    [
        "Trả lời tự động: Báo giá", "Tự động trả lời: Báo giá", "Thư trả lời tự động", "Phản hồi tự động - nghỉ lễ",
        "tra loi tu dong: bao gia", "Automatic reply: Quote", "Auto-Reply: Quote", "Out of Office",
        "Out of office: Re: Quote",
        "Out of Office AutoReply: Quote", "OOO: Quote", "[EXTERNAL] Automatic reply: Quote", "Away until 5 May",
        "AUTO: Lan is out of the office (returning 01/12/2026)", "Automatische Antwort: Angebot",
        "Réponse automatique : devis", "Respuesta automática: precio", "[Automatyczna odpowiedź] Oferta",
        "Automatic reply to your message", "Abwesenheitsnotiz bis 5.5.", "Thư trả lời tự động từ hệ thống",
        "Автоответ: цена", "自动回复:报价", "自動返信: 見積",
    ],
)  # fmt: skip
def test_an_absence_notice_is_known_by_how_its_subject_begins(subject: str) -> None:
    assert sign(subject, "I am away, đang nghỉ phép.") is Sign.WEAK_SIGNS
    assert sign(subject, "Xin chào.") is None


@pytest.mark.parametrize(
    "subject",
    [
        "Undeliverable: Quote", "Undelivered Mail", "Mail delivery failed: returning message to sender",
        "Returned mail: x", "Warning: could not send message for past 4 hours", "Warning: message 1vN delayed 24 hours",
        "Delivery Status Notification (Failure)", "Delivery failure notification", "Mail Delivery Warning",
        "failure notice", "Không gửi được: Báo giá", "Thư báo lỗi",
        "Thư bị trả lại: Hợp đồng", "Gửi thất bại: Báo giá", "Thông báo không gửi được thư",
        "Warning: lan - User unknown!",
    ],
)  # fmt: skip
def test_a_bounce_without_its_headers_is_known_by_subject_and_text(subject: str) -> None:
    assert sign(subject, "550 5.1.1 user unknown") is Sign.WEAK_SIGNS
    assert sign(subject, "Xin chào.") is None


@pytest.mark.parametrize(
    "text",
    [
        "Thư của bạn không thể chuyển đến người nhận.", "Địa chỉ bạn gửi tới không tồn tại.",
        "Thư của bạn đã bị trả lại.", "Người nhận không tồn tại trên máy chủ này.",
        "Hộp thư của người nhận đã đầy. Máy chủ trả lời: 552 5.2.2",
    ],
)  # fmt: skip
def test_what_a_vietnamese_mail_server_writes_to_a_sender_is_known(text: str) -> None:
    assert sign("Không gửi được: Báo giá", text) is Sign.WEAK_SIGNS
    assert sign("Em gửi mail mà không được", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Hộp thư của người nhận đã đầy.", "Người nhận này không tồn tại.", "Hộp thư đã vượt quá dung lượng.",
        "The following address could not be delivered", "User unknown",
    ],
)  # fmt: skip
def test_what_anybody_might_write_of_a_mail_is_a_bounce_under_a_daemons_name(text: str) -> None:
    assert sign("Không gửi được: Báo giá", text, sender="Mail Delivery System <x@khach.example>") is Sign.WEAK_SIGNS
    assert sign("Không gửi được: Báo giá", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "SMTP error code 550", "The server responded: 552 too big", "550 user unknown", "Remote host said: 451 later",
        "Final-Recipient: rfc822; lan@khach.example", "<lan@khach.example>: I gave up",
        "Message-ID: <1@congty.example>", "Received: from mx.congty.example", "#5.1.1", "Transcript of session follows",
        "Your message to lan@khach.example could not be delivered.", "A message that you sent could not be delivered",
        "The following recipients failed: lan@khach.example",
    ],
)  # fmt: skip
def test_a_bounce_is_known_by_what_only_a_mail_server_writes(text: str) -> None:
    assert sign("Mail delivery failed", text) is Sign.WEAK_SIGNS
    assert sign("Câu hỏi", f"{text}. Em nghỉ phép tuần sau.") is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Báo lỗi: không đăng nhập được", "Tài khoản không tồn tại."),
        ("Báo lỗi: không đăng nhập được", "Trang web báo lỗi 404, rồi error 503."),
        ("Bị trả lại: đơn hàng 55", "Bên vận chuyển báo địa chỉ giao không tồn tại."),
        ("Không chuyển được: tiền đặt cọc", "Ngân hàng báo tài khoản người nhận không tồn tại."),
        ("Không gửi được: file báo giá", "Hộp thư của anh bị đầy nên em gửi link."),
        ("Không gửi được: file báo giá", "Email của bạn em cũng không gửi được."),
        ("Delivery failed - order 4411", "The tracking said 550 Main Street."),
        ("Mail delivery failed", "Em gửi cho chị Hoa thì bị trả lại, user unknown, anh xem giúp."),
        ("Không gửi được: file báo giá", "Xin đừng trả lời email này, gọi em nhé."),
        ("Lỗi gửi thư", "Em không thể gửi đến anh Nam."),
        ("Delivery failed - order 4411", "My parcel was not delivered."),
        ("Delivery failed - order 4411", "I got your e-mail, but the parcel was not delivered."),
        ("Delivery problem: order 123", "It could not be delivered, I am on leave next week."),
        ("Delivery delayed - PO 7781", "Following recipient: Mr Nam"),
        ("Mail failed", "It bounced: user unknown"),
    ],
)
def test_a_parcel_a_payment_or_a_mail_that_did_not_arrive_is_a_customers_trouble(subject: str, text: str) -> None:
    assert sign(subject, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Quý khách vui lòng không phản hồi thư này. Đây là thư tự động.",
        "Đây là email tự động, vui lòng không trả lời email này.",
        "Hóa đơn tháng 11 đã phát hành. Thư tự động, không trả lời.",
        "Trân trọng,\nNgân hàng\nĐây là email tự động, vui lòng không trả lời email này.",
        "Số dư của quý khách.\n-- \nĐây là thư tự động, xin không trả lời thư này.",
        "Số dư.\n\nEmail này được gửi tự động, vui lòng không trả lời email này. Thông tin trong thư là bảo mật.",
        "This is an automated message. Please do not reply to this e-mail.",
        "This is an automatically generated e-mail, please do not reply.",
        "This mailbox is not monitored. This is an automated message.",
        "Email này được gửi tự động, quý khách vui lòng không trả lời.",
    ],
)
def test_who_says_that_it_is_automatic_and_wants_no_answer_gets_none(text: str) -> None:
    assert sign("Biến động số dư", text) is Sign.WEAK_SIGNS


@pytest.mark.parametrize(
    "text",
    [
        "Bên anh gửi: this is an automated message, your parcel could not be delivered. Là sao ạ?",
        "Tuần sau em nghỉ phép.\n-- \nThis footer was automatically generated by the gateway.",
    ],
)
def test_one_cause_is_one_sign_and_a_gateways_footer_none(text: str) -> None:
    assert sign("Hỏi giá", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Anh không cần trả lời email này, gọi em nhé.",
        "Em đang đi công tác, xin đừng trả lời email này, gọi em nhé.",
        "Please do not reply to this e-mail but call me, I am away from my desk.",
        "Your parcel could not be delivered, they wrote. Please do not reply to this address.",
        "Hóa đơn có tự động gửi không? Em nghỉ phép rồi.",
        "Email tự động của bên anh gửi em bị trùng, xin đừng trả lời email này nữa.",
        "Thư trả lời tự động của công ty anh sai giờ. Em nghỉ phép nên không gọi được.",
    ],
)
def test_a_person_who_would_rather_be_called_is_a_person(text: str) -> None:
    assert sign("Hỏi giá", text) is None


@pytest.mark.parametrize(
    "address", ["thongbao", "thong-bao", "Thong.Bao", "hoadon", "hoadondientu", "no-replies", "vnnoreply", "automailer"]
)
def test_an_address_that_may_be_a_duty_counts_beside_another_sign(address: str) -> None:
    sender = f"{address}@bank.example"
    assert sign("Hỏi giá", "Cho em hỏi giá, em nghỉ phép tuần sau.", sender=sender) is None
    assert sign("Hỏi giá", "Please do not reply to this e-mail.", sender=sender) is Sign.WEAK_SIGNS
    assert sign("Biến động số dư", "Thư này được gửi tự động.", sender=sender) is Sign.WEAK_SIGNS


@pytest.mark.parametrize("name", ["Mail Delivery System", "Postmaster", "MAILER-DAEMON (Mail)", "Hệ thống thư điện tử"])
def test_a_daemons_name_counts_beside_another_sign(name: str) -> None:
    assert sign("Undeliverable: Quote", "Xin chào.", sender=f'"{name}" <x@khach.example>') is Sign.WEAK_SIGNS
    assert sign("Quote", "Xin chào.", sender=f'"{name}" <x@khach.example>') is None


@pytest.mark.parametrize(
    "name",
    [
        "Hệ thống Thương mại Việt", "Hệ thống thu mua nông sản", "Hệ thống Thuận An", "Hệ thống Thủy lực",
        "Hệ thống Thư viện", "Máy chủ thuê giá rẻ", "Postmaster Marketing", "Lan Mail Systems",
    ],
)  # fmt: skip
def test_a_company_whose_name_begins_like_a_daemons_is_a_customer(name: str) -> None:
    assert sign("Undeliverable: Quote", "Em nghỉ phép.", sender=f"{name} <x@khach.example>") is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Hỏi về thư trả lời tự động", "Em nghỉ phép tuần sau, anh cài giúp em thư trả lời tự động."),
        ("Out of office next week, please quote before", "I am out of the office from Monday."),
        ("Out of office space", "I'm away until noon, call my colleague."),
        ("Mail bị trả lại", "Em gửi cho kế toán thì báo hộp thư đã đầy, user unknown."),
        ("Không gửi được mail cho chị Hoa", "Nó báo 550 5.1.1 user unknown."),
        ("Delivery failure of our brochures", "They could not be delivered, the address does not exist."),
        ("My mail is undeliverable", "Your server says mailbox full."),
        ("Auto: cần báo giá", "Em nghỉ phép nên nhờ anh giao thứ 7."),
        ("Tôi sẽ nghỉ phép", "Tôi đang nghỉ phép, khi quay lại tôi gọi."),
        ("Đây là hộp thư mới của em", "Hộp thư cũ bên kia em bỏ rồi, hộp thư mới đây ạ."),
    ],
)
def test_who_writes_about_bounces_and_absences_is_a_person(subject: str, text: str) -> None:
    assert sign(subject, text) is None


def test_a_program_that_puts_its_note_behind_our_subject_is_known_and_an_answer_to_such_a_mail_is_not_one() -> None:
    subject, text = "Re: Báo giá (Automatic Response)", "I am away until Monday."
    assert sign(subject, text) is Sign.WEAK_SIGNS
    assert sign(subject, text, "In-Reply-To: <1@congty.example>") is None


def test_who_asks_strangers_to_prove_themselves_is_a_machine() -> None:
    text = (
        "Your message was received at 20:45.\nThis account is protected by a filter. Click to have your address added."
    )
    assert sign("RE: Báo giá", text) is Sign.WEAK_SIGNS


@pytest.mark.parametrize("value", ["12345:user:proton", "i8f1e:Fastmail", "rr08:zu08:rf08:ZohoMail"])
def test_a_feedback_id_that_a_provider_writes_for_everybody_is_no_sign(value: str) -> None:
    assert sign("Out of office", "Xin chào.", f"Feedback-ID: {value}") is None


def test_a_feedback_id_counts_beside_what_a_program_says_and_not_beside_a_day_off() -> None:
    sent = "Feedback-ID: 1.us-east-1.x=:AmazonSES"
    assert sign("Out of office", "Xin chào.", sent) is Sign.WEAK_SIGNS
    assert sign("Tin tức", "This is an automated message.", sent) is Sign.WEAK_SIGNS
    assert sign("Xin vắng mặt buổi họp", "Tuần sau em nghỉ phép.", sent) is None
    assert sign("Hàng hỏng", "The parcel could not be delivered.", sent) is None


@pytest.mark.parametrize(
    "sender",
    [
        "mdaemon@khach.example", "Mail-Daemon@khach.example", "nobody@khach.example", "cron@khach.example",
        "khong-phan-hoi@khach.example", "khong.tra.loi@khach.example", "prvs=70ebe06b=www-data@khach.example",
        "staff@hotmail.com",
    ],
)  # fmt: skip
def test_what_programs_write_as_is_no_persons_address(sender: str) -> None:
    assert sign("Thông tin", "Xin chào.", sender=sender) is Sign.MACHINE_ADDRESS


@pytest.mark.parametrize(
    "sender",
    [
        "bounce.peter@khach.example", "root.nguyen@khach.example", "phan.hoi@khach.example", "staff@khach.example",
        "prvs=70ebe06b=lan@khach.example", "cronin@khach.example", "thongbao.le@khach.example",
    ],
)  # fmt: skip
def test_people_with_names_like_these_are_people(sender: str) -> None:
    assert sign("Hỏi giá", "Cho em hỏi giá.", sender=sender) is None
