"""What comes to an office in a month: customers with a question or in a hurry, machines, and mail with odd bodies.

Each customer writes once, from an address of their own, so that two answers to one address are one too many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

HEAD = """\
Return-Path: <{return_path}>
From: {sender}
To: info@congty.example
Subject: {subject}
Message-ID: {message_id}
MIME-Version: 1.0
"""
TEXT = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"


@dataclass(frozen=True, slots=True)
class Written:
    """One mail, and who wrote it."""

    sender: str
    message_id: str
    is_plain: bool  # a customer's, and nothing odd about it: whoever writes so to a closed office is owed an answer
    raw: bytes


def write(number: int, chance: Random) -> Written:
    """The mail with this number."""
    kind = chance.choices((_question, _urgent, _emergency, _newsletter, _bounce, _odd), (10, 3, 1, 3, 1, 2))[0]
    message_id = f"<{number}@khach.example>"
    raw = kind(number, message_id, chance).replace("\n", "\r\n").encode("utf-8", "surrogateescape")
    return Written(_sender(number), message_id, kind in (_question, _urgent, _emergency), raw)


def _sender(number: int) -> str:
    return f"khach{number}@mua{number}.example"


def _head(number: int, message_id: str, subject: str, return_path: str | None = None) -> str:
    sender = _sender(number)
    path = sender if return_path is None else return_path
    return HEAD.format(return_path=path, sender=sender, subject=subject, message_id=message_id)


def _question(number: int, message_id: str, chance: Random) -> str:
    text = "Cho mình hỏi đơn hàng đã giao chưa? " * chance.randint(1, 40)
    return f"{_head(number, message_id, 'Hỏi về đơn hàng')}{TEXT}\n{text}\n"


def _urgent(number: int, message_id: str, _chance: Random) -> str:
    return f"{_head(number, message_id, 'Báo giá')}{TEXT}\nMình cần gấp báo giá trong tối nay.\n"


def _emergency(number: int, message_id: str, _chance: Random) -> str:
    return f"{_head(number, message_id, 'Máy chủ')}{TEXT}\nMáy chủ sập, cả cửa hàng không bán được hàng!\n"


def _newsletter(number: int, message_id: str, chance: Random) -> str:
    lists = "List-Id: <tin.mua.example>\nList-Unsubscribe: <https://mua.example/u>\nPrecedence: bulk\n"
    text = "Khuyến mãi tháng này. " * chance.randint(20, 400)
    return f"{_head(number, message_id, 'Bản tin')}{lists}{TEXT}\n{text}\n"


def _bounce(number: int, message_id: str, _chance: Random) -> str:
    report = (
        'Auto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; ai{number}@dau.example\nAction: failed\nStatus: 5.1.1\n--b--\n"
    )
    return f"{_head(number, message_id, 'Undelivered Mail', return_path='')}{report}"


def _odd(number: int, message_id: str, chance: Random) -> str:
    bodies: tuple[Callable[[], str], ...] = (
        lambda: 'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\nkhông có kết thúc\n',
        lambda: "Content-Type: text/html; charset=utf-8\n\n" + "<div>" * 500 + "Chào anh" + "</p>" * 300 + "\n",
        lambda: "Content-Type: text/plain; charset=no-such\nContent-Transfer-Encoding: base64\n\n!!!!không phải\n",
        lambda: f"{TEXT}\n" + "dòng rất dài " * chance.randint(5_000, 20_000) + "\n",
        lambda: "\n",
    )
    return f"{_head(number, message_id, 'Thư lạ')}{chance.choice(bodies)()}"
