"""How fast mail is tried again: a maildir of 20,000 mails, on one core, with the learnt judge; and the memory it takes.

The mails are made from the same seed every time, of the texts in `training/`: Vietnamese, with and without its accents,
and English; with signatures, quoted history, HTML and attachments; between them newsletters, reports of mail that came
back, automatic replies and invitations; and answers of the office in Sent.

Run: python -m benchmarks.replay [MAILS] [FOLDER TO KEEP THE MAILS IN]
"""

from __future__ import annotations

import html
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage, Message
from email.mime.base import MIMEBase
from email.mime.text import MIMEText
from email.utils import format_datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAILS = 20_000
PEOPLE = 3_000
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 300
OFFICE = "info@congty.example"
SIGNATURES = (
    "Trân trọng,\nNguyễn Lan\nPhòng mua hàng — Công ty Hoa Sen\nĐT: 0900 000 000\nWeb: www.hoasen.example",
    "Best regards,\n\nJames Carter\nPurchasing Manager | Harbour Foods Ltd.\nTel: +44 900 000 000",
    "--\nGửi từ iPhone của tôi",
    "Thanks & best regards,\n-----\nTrần Minh (Mr.)\nHotline 24/7: 0900 000 000",
    "",
)
DISCLAIMER = (
    "\n\nThis e-mail and its attachments are confidential. If you are not the intended recipient, please notify the "
    "sender immediately and delete it."
)
ANSWER = "Chào anh/chị, bên em đã nhận được thư và sẽ gửi trong hôm nay ạ."
ASKED = "Anh/chị cho em xin thêm địa chỉ giao hàng và số điện thoại người nhận trước khi gửi giúp em nhé."


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
        found = sum(1 for _ in folder.rglob("cur/*"))
        print(f"{found:,} mails, those in Sent among them, in {took:.0f} s: {60 * found / took:,.0f} a minute")
        print(f"time of the processor {busy:.0f} s: {60 * found / busy:,.0f} a minute on a core of one's own,")
        print(f"{1000 * busy / found:.1f} s for 1,000 mails, the start of the program among it")
        print(f"resident memory at its peak: {used.ru_maxrss / 1024:.0f} MB")


# ---------------------------------------------------------------- the maildir


@dataclass(frozen=True, slots=True)
class Mail:
    """One to be made."""

    number: int
    at: datetime
    said: Mapping[str, str]  # a text of `training/`
    chance: random.Random


def make(folder: Path, mails: int) -> None:
    """The maildir, and Sent below it with an answer to every seventh mail."""
    for each in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp"):
        (folder / each).mkdir(parents=True)
    chance = random.Random(7)
    texts = [json.loads(line) for path in sorted((ROOT / "training").glob("*.jsonl")) for line in path.open()]
    for number, seconds in enumerate(sorted(chance.choices(range(DAYS * 86400), k=mails))):
        mail = Mail(number, FIRST + timedelta(seconds=seconds), chance.choice(texts), chance)
        kind = chance.choices(tuple(KINDS), tuple(KINDS.values()))[0]
        made, name = kind(mail), f"{int(mail.at.timestamp())}.M{number}.host:2,S"
        (folder / "cur" / name).write_bytes(made.as_bytes())
        if kind is letter and number % 7 == 0:
            (folder / ".Sent/cur" / name).write_bytes(answer(made, mail.at + timedelta(hours=3)).as_bytes())


def letter(mail: Mail) -> EmailMessage:
    """Of a customer: some of 3,000 people, some of whom write often."""
    chance, who = mail.chance, int(mail.chance.expovariate(4 / PEOPLE))
    made = begun(mail, f"khach{who}@cty{who % 211}.example", mail.said["from"].rpartition("<")[0].strip(' "'))
    text = f"{mail.said['body']}\n\n{chance.choice(SIGNATURES)}\n"
    history = chance.random() < 0.4
    if history:
        made["In-Reply-To"] = f"<a-{mail.number}@congty.example>"
        made["References"] = f"<b-{mail.number}@khach.example> <a-{mail.number}@congty.example>"
    if chance.random() < 0.2:
        text += DISCLAIMER
    quoted = f"{ASKED}\n{ANSWER}\n{SIGNATURES[0]}\n"
    above = f"Vào 10:12, Th 3, 3 thg 3, 2026 Công ty Ví Dụ <{OFFICE}> đã viết:"
    plain = f"{text}\n{above}\n" + "".join(f"> {line}\n" for line in quoted.splitlines()) if history else text
    made.set_content(plain, cte=chance.choice(("8bit", "quoted-printable", "base64")))
    if chance.random() < 0.6:
        made.add_alternative(page(text, above if history else "", quoted), subtype="html")
    if chance.random() < 0.15:
        octets = chance.randbytes(chance.choice((8_000, 60_000, 300_000)))
        made.add_attachment(octets, maintype="application", subtype="pdf", filename="Báo giá.pdf")
    return made


def page(text: str, above: str, quoted: str) -> str:
    """As mail programs write it."""
    style = "margin:0;font-family:Calibri,sans-serif;font-size:11pt;color:#1f1f1f"
    lines = "".join(f'<p class="MsoNormal" style="{style}">{html.escape(each)}</p>\n' for each in text.splitlines())
    history = html.escape(quoted).replace("\n", "<br>\n")
    block = f'<div class="gmail_quote"><div>{html.escape(above)}</div><blockquote>{history}</blockquote></div>'
    head = "<head><meta charset=utf-8><style>p.MsoNormal{margin:0cm;font-size:11pt} a:link{color:blue}</style></head>"
    return f'<html>{head}<body lang="VI"><div class="WordSection1">{lines}</div>{block if above else ""}</body></html>'


def newsletter(mail: Mail) -> EmailMessage:
    made = begun(mail, f"no-reply@tin{mail.number % 17}.example", "Bản tin", "Ưu đãi tháng này")
    made["List-Unsubscribe"], made["Precedence"] = "<https://tin.example/u>", "bulk"
    rows = "".join(
        f'<tr><td style="padding:12px"><a href="https://tin.example/c?id={n}&amp;u={mail.number}">'
        f'<img src="https://tin.example/{n}.png" width="600" alt="Giảm {n}%"></a><p>{html.escape(ASKED)}</p></td></tr>'
        for n in range(30)
    )
    made.set_content("\n".join([ASKED, ANSWER] * 6))
    made.add_alternative(f"<html><body><table width=600>{rows}</table></body></html>", subtype="html")
    return made


def returned(mail: Mail) -> EmailMessage:
    to = f"khach{mail.number}@het.example"
    made = begun(mail, "mailer-daemon@mx.example", "Mail Delivery System", "Undelivered Mail Returned to Sender")
    del made["Return-Path"]
    made["Return-Path"], made["Auto-Submitted"] = "<>", "auto-replied"
    status = Message()
    status["Final-Recipient"], status["Action"], status["Status"] = f"rfc822; {to}", "failed", "5.1.1"
    report = MIMEBase("message", "delivery-status")
    report.set_payload([Message(), status])
    said = MIMEText(f"<{to}>: host mx.het.example said: 550 5.1.1 User unknown\n", _charset="utf-8")
    made["Content-Type"], made["MIME-Version"] = "multipart/report; report-type=delivery-status", "1.0"
    made.set_payload([said, report])
    return made


def away(mail: Mail) -> EmailMessage:
    sender = f"khach{mail.number % PEOPLE}@cty{mail.number % 211}.example"
    made = begun(mail, sender, "Vắng mặt", "Automatic reply: Báo giá")
    made["Auto-Submitted"] = "auto-replied"
    made.set_content("Hiện tôi vắng mặt đến hết tuần. Việc gấp xin gọi 0900 000 000.\n\n" + SIGNATURES[1])
    return made


def invitation(mail: Mail) -> EmailMessage:
    made = letter(mail)
    day = (mail.at + timedelta(days=2)).strftime("%Y%m%dT%H0000Z")
    event = f"BEGIN:VEVENT\r\nUID:{mail.number}@khach.example\r\nDTSTART:{day}\r\nSUMMARY:Họp\r\nEND:VEVENT\r\n"
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n{event}END:VCALENDAR\r\n"
    made.add_attachment(calendar, subtype="calendar", params={"method": "REQUEST"})
    return made


KINDS: Mapping[Callable[[Mail], EmailMessage], int] = {letter: 76, newsletter: 15, away: 4, returned: 3, invitation: 2}


def begun(mail: Mail, sender: str, name: str, subject: str = "") -> EmailMessage:
    at, made = format_datetime(mail.at), EmailMessage()
    made["Return-Path"] = f"<{sender}>"
    for hop in hops(mail.number):
        made["Received"] = f"{hop}; {at}"
    made["Authentication-Results"] = f"mail.congty.example; spf=pass smtp.mailfrom={sender}; dkim=pass; dmarc=pass"
    signed = f"v=1; a=rsa-sha256; d={sender.rpartition('@')[2]}; s=mail; h=from:to:subject"
    made["DKIM-Signature"] = f"{signed}; b={'q1W7' * 60}"
    made["From"], made["To"], made["Subject"] = f'"{name}" <{sender}>', OFFICE, subject or mail.said["subject"]
    made["Date"], made["Message-ID"] = at, f"<{mail.number}@khach.example>"
    made["User-Agent"], made["X-Spam-Status"] = "Thunderbird/128", "No, score=-1.9 required=5.0 tests=DKIM_SIGNED"
    return made


def hops(number: int) -> Sequence[str]:
    return (
        f"from mx.example (mx.example [192.0.2.7]) by mail.congty.example (Postfix) with ESMTPS id {number}",
        f"from [192.0.2.99] by smtp.khach.example with ESMTPSA id a{number}",
    )


def answer(mail: EmailMessage, at: datetime) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = OFFICE, mail["Return-Path"].strip("<>"), f"Re: {mail['Subject']}"
    made["Date"], made["Message-ID"] = format_datetime(at), f"<re-{mail['Message-ID'].strip('<>')}>"
    made["In-Reply-To"] = made["References"] = mail["Message-ID"]
    made.set_content(ANSWER)
    return made


if __name__ == "__main__":
    main()
