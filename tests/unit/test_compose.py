"""mail/compose.py: every header a mail of ours owes the world, whatever the mail it answers says."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from responder.mail import compose
from responder.mail.addresses import Address
from responder.mail.compose import REFERENCES_LIMIT, SUBJECT_LIMIT, Outgoing, Thread
from responder.mail.language import Language
from responder.mail.message import parse
from tests.fakes import CUSTOMER, MANAGER, OFFICE, local

AT: datetime = local("2026-11-20 22:10")
OUT = Outgoing(Address("Công ty Ví Dụ", OFFICE), Address("", CUSTOMER), "<responder.1@congty.example>", AT)
TO_STAFF = Outgoing(Address("Công ty Ví Dụ", OFFICE), Address("Quản lý", MANAGER), "<responder.2@congty.example>", AT)
THREAD = Thread("<b@banhang.example>", ("<a@banhang.example>",), "Hỏi giá")
TEXT = "Cảm ơn bạn đã liên hệ.\n\nVăn phòng mở cửa trở lại: thứ Hai, 23/11/2026, 08:00."


def read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def reply(thread: Thread = THREAD, out: Outgoing = OUT, language: Language = Language.VI) -> EmailMessage:
    return read(compose.reply(out, thread, TEXT, language))


def test_a_reply_has_what_an_automatic_reply_owes() -> None:
    mail = reply()
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["In-Reply-To"] == "<b@banhang.example>"
    assert mail["References"] == "<a@banhang.example> <b@banhang.example>"
    assert mail["From"] == "Công ty Ví Dụ <info@congty.example>"
    assert mail["To"] == CUSTOMER
    assert mail["Message-ID"] == "<responder.1@congty.example>"
    assert mail["Date"].datetime == AT
    assert mail["Content-Language"] == "vi"
    assert mail["Subject"] == "Trả lời tự động: Hỏi giá"
    assert mail.get_content().replace("\r\n", "\n") == TEXT + "\n"
    assert (mail["Cc"], mail["Bcc"], mail["Reply-To"], mail["Precedence"]) == (None, None, None, None)


def test_an_english_reply_says_so_in_english() -> None:
    assert reply(language=Language.EN)["Subject"] == "Automatic reply: Hỏi giá"


def test_we_know_our_own_mail_again_when_it_comes_back() -> None:
    assert parse(compose.reply(OUT, THREAD, TEXT, Language.VI)).first(compose.LOOP_HEADER) is not None


def test_every_line_is_short_and_ends_as_smtp_wants_it() -> None:
    raw = compose.reply(OUT, Thread(None, (), "Hỏi giá " * 60), "chữ " * 2000, Language.VI)
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 998 for line in lines)
    assert all(len(line) <= 78 for line in lines[lines.index(b"") :])
    assert b"\n" not in b"".join(lines)
    assert raw.isascii()


@pytest.mark.parametrize(
    "subject",
    [
        "Về việc đề nghị cung cấp hồ sơ năng lực, báo giá chi tiết và tiến độ thi công nhà xưởng tại khu công nghiệp",
        "Đề nghị báo giá “bàn ghế” – 20 bộ… 🪑🪑",
        "=?utf-8?q?not_decoded?=",
        "x" * 120,
    ],
)
def test_a_subject_comes_out_exactly_as_it_went_in(subject: str) -> None:
    assert reply(Thread(None, (), subject))["Subject"] == f"Trả lời tự động: {subject}"


def test_a_subject_without_end_is_cut() -> None:
    assert len(reply(Thread(None, (), "gấp " * 500))["Subject"]) <= SUBJECT_LIMIT


def test_line_breaks_in_a_subject_cannot_add_a_header() -> None:
    mail = reply(Thread(None, (), "Hỏi\r\nBcc: victim@x.example\n\n\x00thư\u2028khác"))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Trả lời tự động: Hỏi Bcc: victim@x.example thư khác"


def test_line_breaks_in_names_cannot_add_a_header_either() -> None:
    out = Outgoing(Address("Công\r\nBcc: v@x.example", OFFICE), Address("Lan\nX: y", CUSTOMER), "<1@x.example>", AT)
    mail = reply(out=out)
    assert mail["Bcc"] is None
    assert mail["X"] is None
    assert mail["To"].addresses[0].addr_spec == CUSTOMER


def test_without_a_subject_there_is_a_readable_one() -> None:
    assert reply(Thread(None, (), " \r\n "))["Subject"] == "Trả lời tự động: (không có tiêu đề)"


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Trả lời tự động: Hỏi giá",
        "RE: Automatic reply: Re: Trả lời tự động: Hỏi giá",
        "Trả lời tự động: Trả lời tự động: Re: Hỏi giá",
    ],
)
def test_an_answer_to_our_reply_is_not_told_twice_that_it_is_automatic(subject: str) -> None:
    assert reply(Thread(None, (), subject))["Subject"] == "Trả lời tự động: Hỏi giá"


def test_only_our_own_prefix_is_taken_off_a_subject() -> None:
    assert reply(Thread(None, (), "Re: Hỏi về trả lời tự động: giá"))["Subject"].endswith(
        ": Re: Hỏi về trả lời tự động: giá"
    )
    assert reply(Thread(None, (), "Re: Trả lời tự động:"))["Subject"] == "Trả lời tự động: (không có tiêu đề)"


def test_a_long_thread_keeps_its_first_mail_and_its_last_ones() -> None:
    chain = tuple(f"<{number}@banhang.example>" for number in range(300))
    references = reply(Thread("<last@banhang.example>", chain, "x"))["References"].split()
    assert len(references) == REFERENCES_LIMIT
    assert references[0] == chain[0]
    assert references[-2:] == [chain[-1], "<last@banhang.example>"]


@pytest.mark.parametrize("hostile", ["<a b@c>", "no brackets", "<a@b>\r\nBcc: x@y.example", "<à@b.example>", ""])
def test_an_identifier_that_is_none_is_not_repeated(hostile: str) -> None:
    mail = reply(Thread(hostile, (), "x"))
    assert (mail["In-Reply-To"], mail["References"], mail["Bcc"]) == (None, None, None)
    mail = reply(Thread("<b@banhang.example>", (hostile, "<a@banhang.example>"), "x"))
    assert mail["References"] == "<a@banhang.example> <b@banhang.example>"


def test_a_follow_up_that_is_sent_says_it_is_automatic_and_stands_in_the_thread() -> None:
    mail = read(compose.follow_up(OUT, THREAD, TEXT, Language.VI))
    assert mail["Subject"] == "Re: Hỏi giá"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == "<b@banhang.example>"


@pytest.mark.parametrize("subject", ["Re: Hỏi giá", "RE: Re: Hỏi giá", "Trả lời: Fwd: Hỏi giá"])
def test_re_is_not_piled_up(subject: str) -> None:
    assert read(compose.follow_up(OUT, Thread(None, (), subject), TEXT, Language.VI))["Subject"] == "Re: Hỏi giá"


def test_a_draft_is_a_persons_mail_as_soon_as_it_is_sent() -> None:
    mail = read(compose.draft(OUT, THREAD, TEXT, Language.VI))
    assert mail["In-Reply-To"] == "<b@banhang.example>"
    assert (mail["Auto-Submitted"], mail[compose.LOOP_HEADER], mail["X-Auto-Response-Suppress"]) == (None, None, None)


def test_a_notice_to_staff_is_generated_not_replied_and_may_have_html() -> None:
    mail = read(compose.notice(TO_STAFF, "[KHẨN CẤP]\nHệ thống sập", TEXT, Language.VI, "<p>Báo cáo</p>"))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "[KHẨN CẤP] Hệ thống sập"
    assert mail["To"] == f"Quản lý <{MANAGER}>"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_an_address_with_letters_beyond_ascii_is_written_as_it_is() -> None:
    out = Outgoing(OUT.sender, Address("", "khách@bánhàng.example"), OUT.message_id, AT)
    raw = compose.reply(out, THREAD, TEXT, Language.VI)
    assert "To: khách@bánhàng.example\r\n".encode() in raw
    assert parse(raw).to[0].address == "khách@bánhàng.example"
