"""A policy that moves urgent mail, on a real server: found in its folder, still owed an answer, also after a kill."""

from __future__ import annotations

import pytest

from tests.servers.waiting import wait_until
from tests.system.office import CUSTOMER, MANAGER, OFFICE, WITHIN, Office, bodies, office

pytestmark = pytest.mark.system

FOLDER = "Việc gấp"
MOVING = {"mark: flagged}": "mark: [flagged, {keyword: Gap}, {folder: Việc gấp}]}"}


def make_folder(here: Office) -> None:
    with here.world.mailbox(OFFICE) as client:
        client.create_folder(FOLDER)


def flags_in_folder(here: Office) -> list[set[bytes]]:
    with here.world.mailbox(OFFICE, FOLDER) as client:
        rows = client.fetch(client.search(), ["FLAGS"])
    return [set(row[b"FLAGS"]) - {rb"\Recent"} for row in rows.values()]


@pytest.mark.parametrize("kill_at", ["", "recorded", "flagged"])
def test_urgent_mail_is_moved_once_and_its_draft_waits_at_opening(kill_at: str) -> None:
    with office("2026-03-25 22:05", policy=MOVING) as here:
        make_folder(here)
        here.start()
        here.stop()
        here.start(kill_at=kill_at)
        here.write("Cần gấp báo giá 20 ghế trong sáng mai.", "Báo giá gấp")
        if kill_at:
            assert here.wait_for_end() == -9
            here.start()
        wait_until(lambda: flags_in_folder(here) or None, WITHIN, f"the mail in its folder {here.tail()}")
        here.wait_for_mails(CUSTOMER, 1)
        here.at("2026-03-26 08:00")
        [draft] = here.wait_for_mails(OFFICE, 1, "Drafts")
        assert draft["Subject"] == "Re: Báo giá gấp"
        [digest] = here.wait_for_mails(MANAGER, 1)
        assert "Báo giá gấp" in bodies([digest])[0]
        assert "chuyển vào thư mục “Việc gấp”" in " ".join(bodies([digest])[0].split())
        assert flags_in_folder(here) == [{rb"\Flagged", b"Gap"}]
        assert here.mails(OFFICE) == []
        assert len(here.mails(CUSTOMER)) == 1


def test_without_the_folder_urgent_mail_stays_in_the_inbox_and_the_report_says_why() -> None:
    with office("2026-03-25 22:05", policy=MOVING) as here:
        here.start()
        here.write("Cần gấp báo giá 20 ghế trong sáng mai.", "Báo giá gấp")
        here.wait_for_mails(CUSTOMER, 1)
        wait_until(lambda: any(b"Gap" in flags for flags in here.flags()) or None, WITHIN, "the keyword")
        here.at("2026-03-26 08:00")
        [digest] = here.wait_for_mails(MANAGER, 1)
        assert "there is no folder “Việc gấp”" in " ".join(bodies([digest])[0].split())
        assert len(here.mails(OFFICE)) == 1
