"""Days off from a web address, as customers and the manager see them: what is new there, and what goes wrong there."""

from __future__ import annotations

import pytest

from tests.servers.waiting import wait_until
from tests.servers.website import Website
from tests.system.office import CUSTOMER, MANAGER, OTHER, WITHIN, Office, bodies, office
from tests.unit.test_feed import ics

pytestmark = pytest.mark.system

TRIP = "SUMMARY:Du lịch công ty\nDTSTART;VALUE=DATE:20261214\nDTEND;VALUE=DATE:20261216"
FOUNDED = "SUMMARY:Ngày thành lập\nDTSTART;VALUE=DATE:20261120"  # a Friday
URGENT = "Báo giá gấp giúp em với ạ."


def served(site: Website) -> dict[str, str]:
    """The shipped policy with this calendar."""
    return {"\ndays:\n": f"\ncalendars: [{{url: '{site.url}'}}]\ndays:\n"}


def wait_for_log(here: Office, text: str) -> None:
    wait_until(lambda: text in here.log.read_text(errors="replace") or None, WITHIN, f"{text}\n{here.tail()}")


def test_a_day_off_that_is_new_at_the_address_holds_and_stays_whatever_becomes_of_the_address() -> None:
    with Website(body=ics(TRIP)) as site, office("2026-11-18 10:00", policy=served(site)) as here:
        here.start()
        site.body = ics(TRIP, FOUNDED)
        here.at("2026-11-19 10:30")
        wait_for_log(here, "Friday, 20 November 2026: now closed (Ngày thành lập)")
        here.at("2026-11-19 20:00")
        here.write(URGENT)
        [reply] = here.wait_for_mails(CUSTOMER, 1)
        assert "Văn phòng mở cửa trở lại: thứ Hai, 23/11/2026, 08:00" in bodies([reply])[0]

        site.body = ics()
        here.at("2026-11-20 10:35")
        wait_for_log(here, "it closes no day any more; its copy of 2026-11-19 stays in use")
        here.write(URGENT, sender=OTHER)
        [reply] = here.wait_for_mails(OTHER, 1)
        assert "thứ Hai, 23/11/2026, 08:00" in bodies([reply])[0]

        here.at("2026-11-23 08:00")
        digests = wait_until(lambda: _reports(here, "Lịch nghỉ lấy từ mạng"), WITHIN, f"the report\n{here.tail()}")
        assert "Thứ Sáu, 20/11/2026: nghỉ (Ngày thành lập)" in digests[0]
        shown = here.log.read_text() + "\n".join(digests)
    assert site.host in shown
    assert "secret" not in shown


def _reports(here: Office, text: str) -> list[str] | None:
    """The reports that say so, without their line ends."""
    return [said for body in bodies(here.mails(MANAGER)) if text in (said := " ".join(body.split()))] or None


def test_a_start_without_network_works_with_the_copy_and_one_without_a_copy_is_refused() -> None:
    with office("2026-11-18 10:00") as here:
        with Website(body=ics(TRIP, FOUNDED)) as site:
            policy = here.directory / "vi-office.yaml"
            text = policy.read_text(encoding="utf-8")
            policy.write_text(text.replace(*next(iter(served(site).items()))), encoding="utf-8")
            here.start()
            here.stop()
        here.at("2026-11-20 09:00")
        here.start()
        here.write(URGENT)
        [reply] = here.wait_for_mails(CUSTOMER, 1)
        assert "thứ Hai, 23/11/2026, 08:00" in bodies([reply])[0]
        here.stop()

        [copy] = (here.directory / "calendars").glob("*")
        assert copy.stat().st_mode & 0o777 == 0o600
        copy.unlink()
        here.start(wait=False)
        assert here.wait_for_end() != 0
        assert f"the calendar {site.host} cannot be had" in here.tail()
        assert "secret" not in here.log.read_text()
