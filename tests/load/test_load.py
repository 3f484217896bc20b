"""Floods and great mailboxes, in full size: minutes each. `make load` runs them, `make test` does not.

What they show is printed as well: `pytest -m slow -s tests/load`.
"""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.load.office import SALES, LoadedOffice, letter, loaded_office
from tests.servers.process import require_servers
from tests.system.office import MANAGER, OFFICE, ON_CALL, local

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2 * 3600)]

SHARE = float(os.environ.get("RESPONDER_LOAD", "1"))  # of the full size, to try the tests themselves
FLOOD = int(50_000 * SHARE)
FIRST_TENTH = FLOOD // 10
DUE = int(10_000 * SHARE)
OLD = int(500_000 * SHARE)
NIGHT = "2026-11-20 22:10"
MONDAY = "2026-11-23 08:00:30"
FLOOD_WITHIN = 3600.0  # seconds, on a slow and busy machine; what it took is printed
TICK = 2.0  # seconds: the daemon's own
SENT_WITHOUT_LIMIT = {
    "follow_up: {as: draft}": "follow_up: {as: send, after: 1m}",
    "account: 100 per hour, 500 per day": "account: 50000 per day",
    "office: 200 per hour, 1000 per day": "office: 50000 per day",
}
ROOM_TO_SLOW_DOWN = 1.5  # of the last tenth, against the first: the more is on record, the dearer may a mail not be
ROOM_TO_GROW = 1.10  # of resident memory, from a tenth of a flood to its end


@pytest.fixture(autouse=True)
def _servers() -> None:
    require_servers()


def test_fifty_thousand_mails_at_once_are_each_on_record_and_nobody_is_answered_twice_nor_kept_waiting() -> None:
    with loaded_office(NIGHT, tick=TICK) as here:
        here.start()
        begun = time.monotonic()
        here.fill((letter(number) for number in range(FLOOD)), local(NIGHT))
        here.wait_for("the first mails", lambda: here.on_record() >= FIRST_TENTH, FLOOD_WITHIN)
        early, first_tenth = here.resident(), time.monotonic() - begun
        urgent = _seconds_until_the_other_account_answers(here)
        here.wait_for("nine tenths", lambda: here.on_record() >= FLOOD - FIRST_TENTH, FLOOD_WITHIN)
        nine_tenths = time.monotonic() - begun
        here.wait_for("all of them", lambda: here.on_record() >= FLOOD + 1, FLOOD_WITHIN)
        took, late = time.monotonic() - begun, here.resident()
        last_tenth = took - nine_tenths
        print(
            f"\n{FLOOD} mails in {took:.0f} s ({FLOOD / took * 3600:,.0f} an hour), urgent mail beside: {urgent:.1f} s"
        )
        print(f"the first tenth in {first_tenth:.0f} s, the last in {last_tenth:.0f} s")
        print(f"resident after {FIRST_TENTH}: {early:.0f} MB, at the end: {late:.0f} MB")
        here.wait_for("the replies", lambda: here.post.customers.total() >= 101, 60)
        assert here.count("SELECT count(DISTINCT message_id) FROM message") == FLOOD + 1
        assert here.on_record() == FLOOD + 1
        assert max(here.post.customers.values()) == 1
        assert here.post.customers.total() == 100 + 1, "the mailbox's limit an hour, and the other account's reply"
        assert here.count("SELECT count(*) FROM outbox WHERE kind = 'follow_up' AND state = 'waiting'") == FLOOD + 1
        assert late <= early * ROOM_TO_GROW
        assert last_tenth <= first_tenth * ROOM_TO_SLOW_DOWN


def _seconds_until_the_other_account_answers(here: LoadedOffice) -> float:
    begun = time.monotonic()
    here.fill([letter(0, "Máy chủ sập, cả cửa hàng không bán được hàng!", to=SALES, key="s")], local(NIGHT), user=SALES)
    here.wait_for("the urgent reply", lambda: here.post.to("khach@s0.example") and here.post.to(ON_CALL), 60)
    return time.monotonic() - begun


@pytest.mark.parametrize("way", ["draft", "send"])
def test_ten_thousand_follow_ups_that_are_due_at_one_opening_are_each_there_once(way: str) -> None:
    changes = {} if way == "draft" else SENT_WITHOUT_LIMIT
    with loaded_office(NIGHT, changes, tick=TICK) as here:
        here.start()
        here.fill((letter(number) for number in range(DUE)), local(NIGHT))
        here.wait_for("all of them", lambda: here.on_record() >= DUE, FLOOD_WITHIN)
        before = here.resident()
        here.at(MONDAY if way == "draft" else "2026-11-23 08:01:30")
        begun = time.monotonic()
        here.wait_for("the follow-ups", lambda: _released(here, way) >= DUE, FLOOD_WITHIN)
        took = time.monotonic() - begun
        replies = here.count("SELECT count(*) FROM outbox WHERE kind = 'reply' AND state = 'sent'")  # before it opened
        copies = 0 if way == "draft" else DUE + replies
        here.wait_for(
            "their copies", lambda: here.count("SELECT count(*) FROM outbox WHERE copy = 'filed'") >= copies, 900
        )
        with_copies = time.monotonic() - begun
        print(f"\n{DUE} follow-ups ({way}) in {took:.0f} s, with copies {with_copies:.0f} s")
        print(f"resident before {before:.0f} MB, after {here.resident():.0f} MB, peak {here.resident('VmHWM'):.0f} MB")
        here.wait_for("the digest", lambda: here.post.to(MANAGER) >= 2, 60)
        assert here.post.doubled == 0
        if way == "draft":
            assert len(_recipients(here, "Drafts")) == len(set(_recipients(here, "Drafts"))) == DUE
        else:
            assert here.post.customers.total() == DUE + replies
            assert len(_recipients(here, "Sent")) == DUE + replies
        assert here.post.largest < 200_000, "a digest is for a phone"
        assert here.resident() <= before * 1.25


def _released(here: LoadedOffice, way: str) -> int:
    state = "drafted" if way == "draft" else "sent"
    return here.count(f"SELECT count(*) FROM outbox WHERE kind = 'follow_up' AND state = '{state}'")  # noqa: S608


def _recipients(here: LoadedOffice, folder: str) -> list[bytes]:
    with here.world.mailbox(OFFICE, folder) as client:
        uids = client.search()
        portions = (uids[start : start + 1000] for start in range(0, len(uids), 1000))
        rows = (row for uids in portions for row in client.fetch(uids, ["BODY.PEEK[HEADER.FIELDS (TO)]"]).values())
        return [row[b"BODY[HEADER.FIELDS (TO)]"] for row in rows]


def test_a_mailbox_of_half_a_million_old_mails_is_watched_soon_and_a_stop_does_not_wait_for_it() -> None:
    with loaded_office(NIGHT) as here:
        here.fill((letter(number) for number in range(OLD)), local("2026-06-15 10:00"))
        here.start(wait=False)
        time.sleep(15 * SHARE + 2)  # in the middle of the headers
        begun = time.monotonic()
        assert here.stop(signal.SIGTERM) == 0
        stopped = time.monotonic() - begun
        assert here.count("SELECT count(*) FROM folder WHERE account = 'info' AND name = 'INBOX'") == 0, "not done yet"
        begun = time.monotonic()
        here.start(wait=False)
        here.wait_for("first contact", lambda: here.log.read_text().count("info: watching") >= 2, 600)
        contact = time.monotonic() - begun
        begun = time.monotonic()
        here.fill([letter(OLD)], local(NIGHT))
        here.wait_for("the answer", lambda: here.post.customers.total(), 60)
        answered = time.monotonic() - begun
        print(f"\n{OLD} old mails: stopped in {stopped:.1f} s, watching after {contact:.0f} s")
        print(
            f"peak {here.resident('VmHWM'):.0f} MB, then {here.resident():.0f} MB; new mail answered: {answered:.1f} s"
        )
        assert stopped < 15
        assert here.post.customers == {f"khach@k{OLD}.example": 1}
        assert here.on_record() == 1
        assert here.resident("VmHWM") < 200
