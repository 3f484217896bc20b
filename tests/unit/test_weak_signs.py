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
        "Hộp thư của người nhận đã đầy.", "Người nhận này không tồn tại.",
        "Hộp thư đã vượt quá dung lượng.", "Thư của bạn đã bị trả lại.",
    ],
)  # fmt: skip
def test_the_words_of_vietnamese_bounces_are_known(text: str) -> None:
    assert sign("Không gửi được: Báo giá", text) is Sign.WEAK_SIGNS
    assert sign("Em gửi mail mà không được", text) is None


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


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ("12345:user:proton", False),
        ("i8f1e:Fastmail", False),
        ("rr08:zu08:rf08:ZohoMail", False),
        ("a:b:c:mailer", True),
    ],
)
def test_a_feedback_id_that_a_provider_writes_for_everybody_is_no_sign(value: str, refused: bool) -> None:
    found = sign("Dời buổi họp", "Tuần sau em nghỉ phép.", f"Feedback-ID: {value}")
    assert found is (Sign.WEAK_SIGNS if refused else None)


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
