"""Staff flag mail in their own mail program, on a real server: recorded, proposed, and told on Monday."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from responder.store.records import Observed
from tests.servers.waiting import wait_until
from tests.system.office import CUSTOMER, MANAGER, OFFICE, OTHER, WITHIN, Office, bodies, local, office

pytestmark = pytest.mark.system

APPROVED = {
    CUSTOMER: "Chị đã duyệt ma két bìa hộp rồi nhé.",
    OTHER: "Anh duyệt ma két tờ rơi, em nhận file nhé",
    "lan@khach.example": "Bên mình duyệt ma két hộp giấy mẫu số hai",
}
ORDINARY = ("Cho em hỏi giá in tờ rơi.", "Em gửi file đã sửa, anh xem giúp em.", "Anh gửi em bảng giá nhé")
APPROVAL = "In hop"


def suggested(here: Office) -> Any:
    """What `responder suggest` says to who works beside the daemon."""
    assert here.world.clock is not None
    command = [sys.executable, "-m", "responder", "--config", str(here.config), "suggest", "--json"]
    environment = {**os.environ, **here.world.clock.environment()}
    return json.loads(subprocess.run(command, env=environment, timeout=WITHIN, check=True, capture_output=True).stdout)


def staff_flag(here: Office, subject: str) -> int:
    """A person flags all mails with that subject; how many."""
    with here.world.mailbox(OFFICE) as client:
        uids = client.search(["SUBJECT", subject])
        client.add_flags(uids, [rb"\Flagged"])
    return len(uids)


def observed(here: Office) -> list[Observed]:
    with here._store() as store:
        return [each.what for each in store.observations("info", local("2020-01-01"))]


def test_what_staff_flag_becomes_a_proposal_in_mondays_report_and_no_rule_changes_by_itself() -> None:
    with office("2026-03-20 10:00") as here:
        policy = here.directory / "vi-office.yaml"
        before = policy.read_bytes()
        here.start()
        for sender, text in APPROVED.items():
            here.write(text, APPROVAL, sender=sender)
        for text in ORDINARY * 3:
            here.write(text, "Hỏi")
        here.wait_until_triaged(12)
        assert observed(here) == []
        assert staff_flag(here, APPROVAL) == 3
        wait_until(lambda: len(observed(here)) == 3 or None, WITHIN, f"three observations {here.tail()}")
        assert set(observed(here)) == {Observed.FLAGGED}

        found = suggested(here)
        assert [(each["signal"], each["phrase"]) for each in found["proposals"]] == [("urgent", "duyệt ma két")]
        assert {each["from"] for each in found["proposals"][0]["for"]} == set(APPROVED)

        here.at("2026-03-23 08:00")
        [digest] = here.wait_for_mails(MANAGER, 1)
        said = " ".join(bodies([digest])[0].split())
        assert "nhân viên đã gắn cờ hoặc chuyển 3 thư mà quy định coi là thư thường" in said
        assert "Đề nghị thêm từ “duyệt ma két” vào nhóm urgent" in said
        assert "3 thư ủng hộ, 0 thư ngược lại" in said
        assert policy.read_bytes() == before
        assert not any("duyệt ma két" in line for line in here.log.read_text(encoding="utf-8").splitlines())
