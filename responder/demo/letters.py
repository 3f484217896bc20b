"""The letters of the demo: who writes, and the mail as it would lie in the office's inbox.

Values only. Knows no server and no daemon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from textwrap import dedent

OFFICE = "info@congty.example"
MANAGER = "quanly@congty.example"
ON_CALL = "truc@congty.example"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to the office. `reply` is the text it should be answered with at once; None: with nothing."""

    key: str
    name: str
    address: str
    subject: str
    text: str
    reply: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    return_path: str | None = None  # where it is not the sender's address
    answers: str = ""  # the key of the letter it goes on from
    is_bounce: bool = False

    @property
    def message_id(self) -> str:
        return message_id(self.key, self.address)

    def content(self, at: datetime) -> bytes:
        """The whole mail, as the office's mail server laid it down."""
        mail = EmailMessage()
        mail["Return-Path"] = f"<{self.address if self.return_path is None else self.return_path}>"
        mail["From"] = formataddr((self.name, self.address), "utf-8")
        mail["To"] = OFFICE
        mail["Subject"] = self.subject
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = self.message_id
        if self.answers:
            mail["In-Reply-To"] = mail["References"] = message_id(self.answers, self.address)
        for name, value in self.headers:
            mail[name] = value
        mail.set_content(f"{self.text}\n", cte="quoted-printable")
        if self.is_bounce:
            mail.add_attachment(_bounced(), subtype="rfc822-headers")
            mail.replace_header("Content-Type", mail["Content-Type"].replace("mixed", "report"))
        return mail.as_bytes()


def message_id(key: str, address: str) -> str:
    return f"<{key}@{address.rpartition('@')[2]}>"


def _bounced() -> str:
    return f"From: {OFFICE}\nTo: tuan.hoang@nhadep.example\nSubject: Báo giá tủ giày\n"


def staff_answer(letter: Letter, text: str, at: datetime) -> bytes:
    """What a person of the office writes in their own mail program, as it lies in Sent."""
    mail = EmailMessage()
    mail["From"] = formataddr(("Nội thất Ví Dụ", OFFICE), "utf-8")
    mail["To"] = letter.address
    mail["Subject"] = f"Re: {letter.subject}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = "<mai-1@congty.example>"
    mail["In-Reply-To"] = mail["References"] = letter.message_id
    mail.set_content(f"{text}\n", cte="quoted-printable")
    return mail.as_bytes()


def _text(text: str) -> str:
    """The text as it stands there; a line that is set in further goes on from the one before."""
    return re.sub(r"\n {2,}", " ", dedent(text).strip())


OLD = Letter(
    "old", "Vũ Đức Thành", "thanh@xaydung.example", "Lịch lắp cửa",
    _text("""
        Chào anh chị, khi nào bên mình qua lắp cửa được thì nhắn tôi một tiếng nhé.
        Thành
    """),
)  # fmt: skip

TUAN = Letter(
    "tuan", "Trần Minh Tuấn", "tuan@giadinh.example", "Tủ bếp giao sai màu",
    _text("""
        Chào công ty,
        Sáng nay bên công ty giao tủ bếp cho nhà tôi ở Thủ Đức nhưng không giống hình đã chốt: hợp đồng ghi
          màu sồi, hàng giao lại là màu nâu đậm. Tôi rất thất vọng. Mong công ty kiểm tra và cho biết cách xử lý.
        Trần Minh Tuấn
    """),
)  # fmt: skip

THAO = Letter(
    "thao", "Phạm Thu Thảo", "thao@luatminhan.example", "Hỏi giá bàn làm việc",
    _text("""
        Chào anh chị,
        Văn phòng mình ở quận 3 cần 6 bàn làm việc 1m4 và 6 ghế xoay. Anh chị gửi giúp mình bảng giá
          và thời gian giao hàng nhé.
        Cảm ơn anh chị,
        Thảo
    """),
    reply="out_of_hours",
)  # fmt: skip

LAN = Letter(
    "lan-1", "Nguyễn Thị Lan", "lan@tiemsach.example", "Đơn 2471 khi nào giao?",
    _text("""
        Em ơi, đơn 2471 của chị (kệ sách gỗ sồi) hẹn giao trong tuần mà tới giờ chưa thấy ai gọi.
        Em xem giúp chị hôm nào giao được nhé.
        Lan
    """),
    reply="out_of_hours",
)  # fmt: skip

LAN_AGAIN = Letter(
    "lan-2", "Nguyễn Thị Lan", "lan@tiemsach.example", "Re: Đơn 2471 khi nào giao?",
    _text("""
        Chị quên nói: nếu giao thứ Bảy thì sau 10 giờ nhà mới có người nhé em.
    """),
    answers="lan-1",
)  # fmt: skip

NEWSLETTER = Letter(
    "bantin", "Gỗ Xanh", "bantin@goxanh.example", "Chào xuân: giảm 30% ván công nghiệp",
    _text("""
        Kính gửi quý khách, từ nay đến 28/2 toàn bộ ván MDF chống ẩm giảm 30%. Xem bảng giá trên website của chúng tôi.
    """),
    headers=(("List-Unsubscribe", "<https://goxanh.example/huy>"),),
)  # fmt: skip

PETER = Letter(
    "peter", "Peter Novak", "peter.novak@riverside.example", "Delivery to our building",
    _text("""
        Good morning,
        our building takes deliveries at the service entrance only, on Ly Tu Trong Street. Could you please
          tell the driver before he comes on Tuesday?
        Kind regards,
        Peter
    """),
)  # fmt: skip

HUNG = Letter(
    "hung", "Lê Quốc Hùng", "hung@thicong.example", "Bản vẽ tủ áo",
    _text("""
        Chào anh chị, thợ bên em đang đợi bản vẽ tủ áo phòng ngủ để khoan tường. Anh chị gửi lại giúp em
          file PDF càng sớm càng tốt nhé.
        Hùng
    """),
    reply="urgent",
)  # fmt: skip

HOA = Letter(
    "hoa", "Đỗ Thị Hoa", "hoa@nhapho.example", "Ghé xem mẫu gỗ",
    _text("""
        Cô đang ở gần văn phòng, muốn ghé xem mẫu gỗ làm cầu thang. Sáng nay có ai tiếp cô không con?
        Cô Hoa
    """),
)  # fmt: skip

BOUNCE = Letter(
    "bounce", "Mail Delivery System", "MAILER-DAEMON@mx.nhadep.example", "Undelivered Mail Returned to Sender",
    _text("""
        I'm sorry to have to inform you that your message could not be delivered to one or more recipients.
        <tuan.hoang@nhadep.example>: user unknown
    """),
    return_path="", is_bounce=True,
)  # fmt: skip

NGOC = Letter(
    "ngoc", "Võ Bảo Ngọc", "ngoc@hoatuoi.example", "Re: Báo giá tủ giày",
    _text("""
        Dạ em nhận được rồi ạ, cảm ơn anh chị nhiều!
    """),
)  # fmt: skip

DUNG = Letter(
    "dung", "Bùi Tiến Dũng", "dung@canho1205.example", "Vỡ ống nước sau tủ bếp mới lắp",
    _text("""
        Anh chị ơi, ống nước sau tủ bếp mới lắp bị vỡ, nước tràn vào sàn gỗ và đang chảy xuống nhà bên dưới.
        Em khóa van tổng không được. Anh chị cho người qua giúp em ngay!
        Dũng, căn hộ 1205
    """),
    reply="emergency",
)  # fmt: skip

EMILY = Letter(
    "emily", "Emily Carter", "emily@openlibrary.example", "Bookshelves for a small library",
    _text("""
        Hello,
        we are opening a small library in Thao Dien and would like a quotation for ten oak bookshelves and
          four reading tables. May I visit your showroom this week?
        Best wishes,
        Emily Carter
    """),
    reply="out_of_hours",
)  # fmt: skip
