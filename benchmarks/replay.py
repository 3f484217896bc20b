"""How fast mail is tried again: a maildir of 20,000 mails, on one core, with the learnt judge; and the memory it takes.

The mails are made from the same seed every time: Vietnamese and English, with quoted history, HTML, attachments,
machines among the customers, answers of the office in Sent.

Run: python -m benchmarks.replay [MAILS] [FOLDER TO KEEP THE MAILS IN]
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAILS = 20_000
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 300
OFFICE = "info@congty.example"
ASKED = (
    "Em cần gấp báo giá 200 áo thun trong tối nay, anh chị xem giúp em với ạ.",
    "Cho mình hỏi đơn hàng {n} đã giao chưa, mình chờ từ hôm thứ ba tuần trước.",
    "Chị ơi cho em dời lịch hẹn sang 9h sáng thứ sáu được không, hôm đó em bận họp ở quận 1.",
    "Hệ thống bên em đang sập, khách không thanh toán được, nhờ anh xem ngay giúp em.",
    "Cảm ơn anh chị nhiều, bên em đã nhận được hàng.",
    "Minh muon hoi gia goi co ban va thoi gian giao hang, gui lai bao gia cho minh nhe.",
    "Could you send a quote for {n} boxes by Friday noon? We need them before the fair.",
    "The invoice {n} shows the wrong amount, please check and correct it as soon as possible.",
    "Thank you very much, all is well here.",
    "Our order {n} has not arrived and nobody answers the phone. This is the second complaint.",
    "Is the office open next Monday? I would like to come by with the samples in the morning.",
)
MORE = (
    "Bên mình làm trong ngành may mặc đã mười năm và thường đặt hàng theo quý, thanh toán chuyển khoản trong bảy ngày.",
    "Nhờ bên mình kiểm tra lại giúp địa chỉ giao hàng và số điện thoại người nhận trước khi gửi.",
    "We have worked with your colleagues for several years and were always pleased with how things went.",
    "Please find the details in the attached sheet; the colours are the same as last time, only the sizes differ.",
)
SUBJECTS = ("Hỏi hàng {n}", "Báo giá", "Re: Đơn hàng {n}", "Order {n}", "Quote request", "Lịch hẹn", "Re: Invoice {n}")
SIGNED = "\n\nTrân trọng,\nNguyễn Lan\nPhòng mua hàng — Công ty Hoa Sen\nHotline: 0900 000 000\n"


def main() -> None:
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else MAILS
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(directory) / "maildir"
        if not folder.exists():
            make(folder, mails)
        command = [sys.executable, "-m", "responder", "replay", str(folder)]
        began = time.perf_counter()
        subprocess.run([*command, "--policy", str(ROOT / "policies/vi-office.yaml")], cwd=ROOT, check=True)
        took = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = used.ru_utime + used.ru_stime
        print(f"{mails:,} mails in {took:.0f} s: {60 * mails / took:,.0f} a minute")
        print(f"time of the processor {busy:.0f} s: {60 * mails / busy:,.0f} a minute on a core of one's own")
        print(f"resident memory at its peak: {used.ru_maxrss / 1024:.0f} MB")


def make(folder: Path, mails: int) -> None:
    """The maildir, and Sent below it with an answer to every seventh mail."""
    for each in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp"):
        (folder / each).mkdir(parents=True)
    chance = random.Random(7)
    for number, seconds in enumerate(sorted(chance.choices(range(DAYS * 86400), k=mails))):
        at = FIRST + timedelta(seconds=seconds)
        name = f"{int(at.timestamp())}.M{number}.host:2,S"
        mail = machine(number, at, chance) if chance.random() < 0.2 else letter(number, at, chance)
        (folder / "cur" / name).write_bytes(mail.as_bytes())
        if number % 7 == 0:
            (folder / ".Sent/cur" / name).write_bytes(answer(mail, at + timedelta(hours=3)).as_bytes())


def begun(sender: str, subject: str, number: int, at: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["Return-Path"] = f"<{sender}>"
    mail["Received"] = f"from mx.example by mail.congty.example with ESMTPS id {number}; {format_datetime(at)}"
    mail["From"], mail["To"], mail["Subject"] = f"Nguyễn Lan <{sender}>", OFFICE, subject.format(n=number)
    mail["Date"], mail["Message-ID"] = format_datetime(at), f"<{number}@khach.example>"
    return mail


def letter(number: int, at: datetime, chance: random.Random) -> EmailMessage:
    """Of a customer: some of 3,000 people, some of whom write often."""
    who = int(chance.expovariate(1 / 700))
    sender = f"an{who}@khach{who % 211}.example"
    mail = begun(sender, chance.choice(SUBJECTS), number, at)
    said = [chance.choice(ASKED).format(n=number), *chance.sample(MORE, chance.randrange(4))]
    text = "Chào anh chị,\n\n" + "\n".join(said) + SIGNED
    if chance.random() < 0.4:
        quoted = "\n".join(f"> {line}" for line in (chance.choice(ASKED), *MORE, *MORE))
        text += f"\nVào lúc 10:12, Th 3, 3 thg 3, 2026, Công ty Ví Dụ <{OFFICE}> đã viết:\n{quoted}\n"
        mail["In-Reply-To"] = mail["References"] = f"<{number - 70}@khach.example>"
    mail.set_content(text)
    if chance.random() < 0.6:
        paragraphs = "".join(f"<p style='margin:0'>{line}</p>" for line in text.splitlines())
        mail.add_alternative(f"<html><body><div>{paragraphs}</div></body></html>", subtype="html")
    if chance.random() < 0.15:
        mail.add_attachment(chance.randbytes(30_000), maintype="application", subtype="pdf", filename="báo giá.pdf")
    return mail


def machine(number: int, at: datetime, chance: random.Random) -> EmailMessage:
    mail = begun(f"no-reply@tin{number % 17}.example", "Newsletter {n}", number, at)
    mail["List-Unsubscribe"], mail["Precedence"] = "<https://tin.example/u>", "bulk"
    mail.set_content("\n".join(chance.choices(MORE, k=12)))
    return mail


def answer(mail: EmailMessage, at: datetime) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = OFFICE, mail["Return-Path"].strip("<>"), f"Re: {mail['Subject']}"
    made["Date"], made["Message-ID"] = format_datetime(at), f"<re-{mail['Message-ID'].strip('<>')}>"
    made["In-Reply-To"] = made["References"] = mail["Message-ID"]
    made.set_content("Chào anh, bên em đã nhận được và sẽ gửi trong hôm nay.")
    return made


if __name__ == "__main__":
    main()
