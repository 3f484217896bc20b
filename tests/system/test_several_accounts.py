"""Two mailboxes of one office, one Vietnamese and one English: each with its own policy, people and troubles."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from textwrap import dedent

import pytest

from tests.servers.waiting import wait_until
from tests.servers.world import World
from tests.system.office import (
    CUSTOMER,
    MANAGER,
    OFFICE,
    ON_CALL,
    OTHER,
    USERS,
    WITHIN,
    Office,
    bodies,
    office_of,
    shipped,
)

pytestmark = pytest.mark.system

SALES = "sales@congty.example"
SALES_MANAGER = "sales-manager@congty.example"
SALES_ON_CALL = "sales-on-call@congty.example"
PASSWORD = "secret"
STAFF = [(address, PASSWORD) for address in (SALES, SALES_MANAGER, SALES_ON_CALL)]
POLICIES = {
    "vi-office.yaml": shipped("vi-office.yaml", {}),
    "en-office.yaml": shipped("en-office.yaml", {
        "alert: on_call": "alert: on_call_sales",
        "alert: manager": "alert: manager_sales",
        "digest: {to: manager,": "digest: {to: manager_sales,",
    }),
}  # fmt: skip
EMERGENCY = "Máy chủ sập, cả cửa hàng không bán được hàng!"


@contextlib.contextmanager
def two_accounts(at: str, *, secret: str = PASSWORD, inbox: str = "INBOX") -> Iterator[Office]:
    """`info` as always; `sales` with its own policy and people, and perhaps with a mistake in it."""

    def config(world: World) -> str:
        imap = f"host: 127.0.0.1, port: {world.dovecot.imap_port}, security: none"
        smtp = f"host: 127.0.0.1, port: {world.postfix.port}, security: none"
        return dedent(f"""\
            mode: live
            state: state.db
            accounts:
              info:
                address: {OFFICE}
                name: Công ty Ví Dụ
                policy: vi-office.yaml
                imap: {{{imap}, user: {OFFICE}, password: {PASSWORD}}}
                smtp: {{{smtp}}}
                poll: 10s
              sales:
                address: {SALES}
                name: Example Sales
                policy: en-office.yaml
                imap: {{{imap}, user: {SALES}, password: {secret}}}
                smtp: {{{smtp}}}
                folders: {{inbox: {inbox}}}
                poll: 10s
            people:
              manager: {{name: Quản lý, address: {MANAGER}}}
              on_call: {{name: Trực ngoài giờ, address: {ON_CALL}}}
              manager_sales: {{name: Sales manager, address: {SALES_MANAGER}}}
              on_call_sales: {{name: Sales on call, address: {SALES_ON_CALL}}}
            colleagues: [congty.example]
            """)

    with office_of([*USERS, *STAFF], POLICIES, config, at) as here:
        here.start()
        is_well = (secret, inbox) == (PASSWORD, "INBOX")
        watching = ("info: watching", *(["sales: watching"] if is_well else []))  # mail from before that is left alone
        wait_until(lambda: all(each in here.log.read_text() for each in watching), WITHIN, f"{watching}")
        yield here


def status(here: Office) -> dict[str, list[dict[str, str]]]:
    """`responder status --json`, by the office's clock."""
    assert here.world.clock is not None
    command = [sys.executable, "-m", "responder", "--config", str(here.config), "status", "--json"]
    environment = {**os.environ, **here.world.clock.environment()}
    done = subprocess.run(command, timeout=WITHIN, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 1, done.stderr
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return found


def test_who_writes_to_both_at_night_gets_one_reply_and_each_manager_the_report_of_their_own() -> None:
    with two_accounts("2026-03-25 22:05") as here:
        here.write("Cho mình hỏi đơn hàng 123 đã giao chưa?", "Hỏi về đơn hàng")
        here.write("Could you send me your price list?", "Price list", to=SALES)
        here.wait_until_triaged(2)
        here.wait_for_mails(CUSTOMER, 1)
        here.at("2026-03-26 08:00")
        [report] = here.wait_for_mails(MANAGER, 1)
        [of_sales] = here.wait_for_mails(SALES_MANAGER, 1)
        assert "Báo cáo hộp thư Công ty Ví Dụ" in report["Subject"]
        assert "Mailbox report for Example Sales" in of_sales["Subject"]
        assert "Hỏi về đơn hàng" in bodies([report])[0]
        assert "Price list" not in bodies([report])[0]
        assert "Price list" in bodies([of_sales])[0]
        assert "Hỏi về đơn hàng" not in bodies([of_sales])[0]
        [draft] = here.wait_for_mails(OFFICE, 1, "Drafts")
        [of_sales] = here.wait_for_mails(SALES, 1, "Drafts")
        assert (draft["Subject"], of_sales["Subject"]) == ("Re: Hỏi về đơn hàng", "Re: Price list")
        assert OFFICE in draft["From"]
        assert SALES in of_sales["From"]
        assert len(here.mails(CUSTOMER)) == 1


def test_one_mail_to_both_is_answered_once() -> None:
    with two_accounts("2026-03-25 22:05") as here:
        here.write("Cho mình hỏi giá bàn làm việc.", to=f"{OFFICE}, {SALES}")
        here.wait_until_triaged(2)
        here.write("Xin hỏi giờ mở cửa.", sender=OTHER, to=SALES)
        here.wait_for_mails(OTHER, 1)
        assert len(here.mails(CUSTOMER)) == 1


def test_an_emergency_wakes_the_person_on_call_for_that_mailbox_only() -> None:
    with two_accounts("2026-03-28 14:00") as here:  # a Saturday
        here.write(EMERGENCY, "Sập hệ thống", to=SALES)
        [alert] = here.wait_for_mails(SALES_ON_CALL, 1)
        assert alert["Subject"].startswith("[EMERGENCY]")
        assert here.mails(ON_CALL) == []
        here.write(EMERGENCY, "Sập hệ thống", sender=OTHER)
        [alert] = here.wait_for_mails(ON_CALL, 1)
        assert alert["Subject"].startswith("[KHẨN CẤP]")
        assert len(here.mails(SALES_ON_CALL)) == 1


@pytest.mark.parametrize(
    ("mistake", "kind", "words"),
    [
        ({"secret": "wrong"}, "login", "The mailbox refused the login"),
        ({"inbox": "Gone"}, "mailbox", "A folder of the mailbox could not be opened"),
    ],
)
def test_a_mailbox_that_cannot_be_read_never_holds_up_the_other(mistake: dict[str, str], kind: str, words: str) -> None:
    with two_accounts("2026-03-25 22:05", **mistake) as here:
        here.write("Cho mình hỏi đơn hàng 123 đã giao chưa?")
        here.wait_for_mails(CUSTOMER, 1)
        troubles = wait_until(
            lambda: status(here)["troubles"] or None, WITHIN, f"the trouble in the status {here.tail()}"
        )
        assert [(trouble["account"], trouble["kind"]) for trouble in troubles] == [("sales", kind)]
        here.at("2026-03-26 08:00")
        [report] = here.wait_for_mails(MANAGER, 1)
        [of_sales] = here.wait_for_mails(SALES_MANAGER, 1)
        assert words in bodies([of_sales])[0]
        assert "Sự cố" not in bodies([report])[0]
        assert len(here.wait_for_mails(OFFICE, 1, "Drafts")) == 1
