"""What `explain` says will be written is what the daemon writes: real servers, the daemon as its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from email.header import Header
from email.message import EmailMessage
from email.mime.text import MIMEText
from typing import Any

import pytest

from tests.servers.waiting import wait_until
from tests.system.office import CUSTOMER, OFFICE, WITHIN, Office, bodies, office

pytestmark = pytest.mark.system

SUBJECT = "RE: Báo giá 200 ghế xếp cho hội trường lớn, giao trước lễ khai giảng của trường Nguyễn Huệ 🪑"
WORDS = "Chào anh,\n\nEm cần gấp báo giá ghế ạ.\n\n-- \nLan\n\n> Khi nào chị cần?\n> Khẩn cấp không?\n"
TODAY, LATER = "sẽ xem xét yêu cầu của anh/chị ngay bây giờ", "sẽ gọi lại cho anh/chị trong buổi sáng"


def test_what_explain_tells_is_what_the_customer_and_the_staff_get() -> None:
    with office("2026-03-25 22:05") as here:  # a Wednesday
        here.start()
        here.at("2026-03-25 22:10")
        _write(here)
        [reply] = here.wait_for_mails(CUSTOMER, 1)
        told = _explained(here, _as_it_came(here), "--at", "2026-03-25T22:10")
        _is_what_was_told(reply, told, "reply")

        rules = here.directory / "vi-office.yaml"
        rules.write_text(rules.read_text(encoding="utf-8").replace(TODAY, LATER), encoding="utf-8")
        here.reload()
        told = _explained(here, "--id", "1")
        _is_what_was_told(reply, told, "reply")
        assert LATER in _told_as(told, "follow_up")["text"], "it is worded by the policy of the morning"
        wait_until(lambda: "reloaded" in here.tail() or None, WITHIN, f"the new policy\n{here.tail()}")
        here.at("2026-03-26 08:00")
        [draft] = here.wait_for_mails(OFFICE, 1, "Drafts")
        _is_what_was_told(draft, told, "follow_up")
        wait_until(lambda: here.states(CUSTOMER)[-1] == "drafted" or None, WITHIN, "the draft on record")
        _is_what_was_told(draft, _explained(here, "--id", "1"), "follow_up")


def _write(here: Office) -> None:
    mail = MIMEText(WORDS, "plain", "utf-8")
    mail["From"] = f"{Header('Nguyễn Thị Lan', 'utf-8').encode()} <{CUSTOMER}>"
    mail["To"], mail["Subject"] = OFFICE, Header(SUBJECT, "utf-8").encode()
    mail["Message-ID"], mail["In-Reply-To"] = "<lan-1@banhang.example>", "<office-1@congty.example>"
    here.world.submit(bytes(mail), CUSTOMER, OFFICE)


def _as_it_came(here: Office) -> str:
    with here.world.mailbox(OFFICE) as client:
        [row] = client.fetch(client.search(), ["BODY.PEEK[]"]).values()
    file = here.directory / "mail.eml"
    file.write_bytes(row[b"BODY[]"])
    return str(file)


def _explained(here: Office, *arguments: str) -> dict[str, Any]:
    assert here.world.clock is not None
    command = [sys.executable, "-m", "responder", "--config", str(here.config), "explain", "--json", *arguments]
    environment = {**os.environ, **here.world.clock.environment()}
    found: dict[str, Any] = json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
    return found


def _told_as(told: dict[str, Any], kind: str) -> dict[str, Any]:
    [mail] = (each for each in told["mails"] if each["kind"] == kind)
    return dict(mail)


def _is_what_was_told(mail: EmailMessage, told: dict[str, Any], kind: str) -> None:
    expected = _told_as(told, kind)
    assert bodies([mail])[0].splitlines() == expected["text"].splitlines(), "but for the line ends of the wire"
    assert mail["Subject"] == expected["subject"]
    names = ("From", "To", "Auto-Submitted", "In-Reply-To")
    assert {name: str(mail[name]) for name in names if mail[name]} == expected["headers"]
