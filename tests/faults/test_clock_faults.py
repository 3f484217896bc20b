"""Clocks that jump: forwards, backwards, over a change of summer time, to 1970; and a machine that sleeps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from responder.store.records import OutboxKind, OutboxState
from responder.store.store import Store
from responder.work.digest import FIRST_START, Digests
from tests.fakes import POLICY, ManualClock, desk, letter, local, policy
from tests.faults.bench import MANAGER, WITHIN, Servers, Toll, at, seconds_since
from tests.faults.conftest import Told
from tests.faults.scenario import ASKED, DRAFTED, Scenario
from tests.servers.faketime import FakeTime
from tests.servers.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
JUMPS = {  # and does it look as if the office were still closed, for long enough, when the mail is read?
    "5 minutes back": (timedelta(minutes=-5), True),
    "2 hours back": (timedelta(hours=-2), True),
    "a day back": (timedelta(days=-1), True),
    "40 minutes on": (timedelta(minutes=40), True),
    "8 hours on": (timedelta(hours=8), False),
    "3 days on, then right again": (timedelta(days=3), False),
}


# ---------------------------------------------------------------- jumps


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_and_is_set_right_answers_everybody_once(tmp_path: Path, told: Told, jump: str) -> None:
    made = Scenario(tmp_path / "state.db")
    info = made.desks[0]
    made.clock.set(local("2026-03-25 22:10"))
    made.come(info, ASKED, "Cho mình hỏi đơn hàng.", "Hỏi về đơn hàng")
    made.until("2026-03-25 22:11")
    right = made.clock.now()
    by, is_replied = JUMPS[jump]
    made.clock.advance(by)
    info.mailbox.deliver(letter("Cho mình hỏi bảng giá.", "Hỏi giá", sender=DRAFTED), right)
    for _ in range(4):
        made.turn()
        made.clock.advance(timedelta(seconds=5))
    for moment in ("25 22:20", "26 01:00", "26 08:00", "26 08:20", "26 09:00", "27 08:00", "27 08:20", "30 08:20"):
        made.until(f"2026-03-{moment}")
    replies, drafts = made.got("Trả lời tự động: "), made.drafts()
    dropped = [row for row in made.store.mails() if row.kind is OutboxKind.REPLY and row.state is OutboxState.DROPPED]
    owed = {ASKED, DRAFTED} if is_replied else {ASKED}
    without = owed - set(replies) - {row.recipient for row in dropped}
    followed = {row.recipient for row in made.store.mails() if row.kind is OutboxKind.FOLLOW_UP}
    doubled = sum(n - 1 for got in (replies, drafts) for n in got.values())
    rows = [row for row in made.store.mails() if row.kind is OutboxKind.DIGEST and row.account == "info"]
    dates = Counter(row.created_at.astimezone(local("2026-03-25 00:00").tzinfo).date() for row in rows)
    assert max(dates.values()) == 1, "one report for a date"
    assert not made.left()
    assert not made.store.open_troubles()
    lost = len(without) + len({ASKED, DRAFTED} - followed) + len({ASKED, DRAFTED} - set(drafts))
    told(f"clock: {jump}", None, injected=1, toll=Toll(lost, doubled, 0))
    made.store.close()


# ---------------------------------------------------------------- summer time


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", "2026-03-08"),
        ("America/New_York", "2026-11-01"),
        ("Europe/Berlin", "2026-03-29"),
        ("Europe/Berlin", "2026-10-25"),
    ],
)
@pytest.mark.parametrize("hour", ["00:00", "00:30", "01:30", "02:30", "03:00"])
def test_there_is_one_report_for_each_date_of_a_change_of_summer_time(
    told: Told, zone: str, day: str, hour: str
) -> None:
    rules = policy(
        ("timezone: Asia/Ho_Chi_Minh", f"timezone: {zone}"),
        ('mon-fri: "08:00-17:00"', 'mon-sun: "08:00-17:00"'),
        ("digest: {to: manager, at: opening}", f'digest: {{to: manager, at: "{hour}"}}'),
    )
    here, clock = ZoneInfo(zone), ManualClock(datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=ZoneInfo(zone)))
    clock.advance(-timedelta(days=2))
    store = Store.open(None)
    store.set_once(FIRST_START, clock.now().isoformat())
    made, dates = desk(rules), Counter[str]()
    for _ in range(6 * 24 * 4):
        if Digests(made, store, clock).run():
            dates[clock.now().astimezone(here).date().isoformat()] += 1
        clock.advance(timedelta(minutes=10))
    store.close()
    first = datetime.fromisoformat(day).date() - timedelta(days=1)
    assert dates == {(first + timedelta(days=number)).isoformat(): 1 for number in range(4)}
    told(f"clock: {zone}, {day}, the report at {hour}", None, injected=1)


@pytest.mark.parametrize(
    ("without", "told_as"), [("", None), ("tzdata", "this machine has no time zone data — install")]
)
def test_time_zones_come_from_the_package_where_the_system_has_none(
    told: Told, without: str, told_as: str | None
) -> None:
    program = """
import pathlib, sys
sys.modules.update(dict.fromkeys(filter(None, sys.argv[2:])))
from responder.policy.load import load
file = pathlib.Path(sys.argv[1])
print(*load(file.read_text(encoding="utf-8"), file.name).problems, sep="\\n")
"""
    command = [sys.executable, "-c", program, str(POLICY), without]
    environment = {**os.environ, "PYTHONTZPATH": ""}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    said = [line for line in done.stdout.splitlines() if "time zone" in line]
    assert len(said) == (told_as is not None), done.stdout
    assert all(told_as in line for line in said if told_as)
    told(f"clock: no zone data in the system{', nor the package' if without else ''}", None, injected=1)


# ---------------------------------------------------------------- with the daemon


def test_a_machine_that_sleeps_over_the_weekend_sends_nothing_stale(own_world: Servers, told: Told) -> None:
    own_world.clock.set(at("2026-03-27 22:10"))  # a Friday
    with own_world.bench() as bench:
        bench.start()
        bench.smtp.shut()
        bench.given_up.update(bench.write(3))
        wait_until(lambda: len(bench.messages()) == 3, WITHIN, "what came is on record")
        os.kill(bench.pid, signal.SIGSTOP)
        own_world.clock.set(at("2026-03-30 08:05"))
        bench.imap.cut()
        bench.smtp.open()
        began = time.monotonic()
        os.kill(bench.pid, signal.SIGCONT)
        wait_until(lambda: len(bench.to(MANAGER)) >= 1, WITHIN, f"the report\n{bench.said()[-2000:]}")
        with bench.mailbox() as box:
            wait_until(lambda: box.folder_status("Drafts", ["MESSAGES"])[b"MESSAGES"] == 3, WITHIN, "the drafts")
        recovered = seconds_since(began)
        assert not bench.answered(), "the office is open: no reply says that it is closed"
        time.sleep(1.5)
        assert len(bench.to(MANAGER)) == 1
        told("clock: asleep over the weekend", bench, injected=1, recovered=recovered)


def test_a_machine_that_wakes_in_1970_writes_to_nobody_until_its_clock_is_right(world: Servers, told: Told) -> None:
    with world.bench() as bench:
        bench.start()
        bench.write(1)
        bench.wait_until_answered()
        bench.stop()
        alone = FakeTime(bench.directory / "clock")
        alone.set(datetime(1970, 1, 1, 0, 1, tzinfo=UTC))
        bench.clock = alone
        bench.start()
        bench.write(2)
        wait_until(lambda: "stands behind the records" in bench.troubles(), WITHIN, "the wrong clock is told")
        wait_until(lambda: len(bench.messages()) == 3, WITHIN, "what came is on record")
        assert sum(bench.answered().values()) == 1
        began = time.monotonic()
        alone.set(world.clock.now())
        bench.wait_until_answered()
        wait_until(lambda: not bench.troubles(), WITHIN, "it is over")
        told("clock: 1970 at boot", bench, injected=1, recovered=seconds_since(began))
