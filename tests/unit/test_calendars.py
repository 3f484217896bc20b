"""Calendars at web addresses: how they are had, what of them is ever shown, and when their new days are taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from responder import config
from responder.calendars import Calendars, Copies, Web
from responder.document import Problem
from responder.errors import Trouble, TroubleKind
from responder.policy.load import Loaded, load
from responder.policy.model import Policy
from responder.servers import web
from responder.store.store import Store
from responder.work.calendars import CalendarWatch
from responder.work.desk import Desk
from tests.cli_office import responder
from tests.fakes import ManualClock, desk, local
from tests.servers.process import LOOPBACK, free_ports
from tests.servers.website import Website
from tests.unit.test_feed import TODAY, ics

TRIP = "SUMMARY:Du lịch công ty\nDTSTART;VALUE=DATE:20261214\nDTEND;VALUE=DATE:20261216"
FOUNDED = "SUMMARY:Ngày thành lập\nDTSTART;VALUE=DATE:20261127"  # a Friday
SMALL = """\
language: en
timezone: Asia/Ho_Chi_Minh
hours: {mon-fri: "08:00-17:00"}
plays:
  - {name: out-of-hours, when: {office: closed}, do: {reply: out_of_hours}}
texts:
  out_of_hours: {en: We are closed., vi: Văn phòng đang nghỉ.}
"""
URL = "https://calendar.example/s3cr3t/basic.ics"
AWAY = Trouble(TroubleKind.NETWORK, "calendar.example", "no answer", "look at the network")


def written(folder: Path, calendars: str) -> Path:
    path = folder / "policy.yaml"
    path.write_text(f"{SMALL}calendars: {calendars}\n", encoding="utf-8")
    return path


class Address:
    """What answers at the address."""

    def __init__(self, content: bytes = b"") -> None:
        self.content: bytes | Trouble = content
        self.asked = 0

    def fetch(self, _url: str, _limit: int) -> bytes:
        self.asked += 1
        if isinstance(self.content, Trouble):
            raise self.content
        return self.content


# ---------------------------------------------------------------- reading a policy


def read(path: Path, copies: Copies | None, web: Web | None) -> Loaded:
    return config.load_one_policy(path, TODAY, Calendars(copies, web))


def problems(loaded: Loaded) -> list[Problem]:
    return [problem for problem in loaded.problems if "calendar.example" in problem.what]


def days(loaded: Loaded) -> list[str]:
    assert loaded.policy is not None, loaded.problems
    return [str(rule.first) for each in loaded.policy.calendars for rule in each.day_rules()]


def test_a_calendar_is_fetched_once_and_then_read_from_its_copy(tmp_path: Path) -> None:
    path, address, copies = written(tmp_path, f"[{{url: '{URL}'}}]"), Address(ics(TRIP)), Copies(tmp_path / "calendars")
    keeping = Web(fetch=address.fetch, keeps=True)
    assert days(read(path, copies, keeping)) == days(read(path, copies, keeping)) == ["2026-12-14"]
    assert address.asked == 1
    [copy] = copies.folder.iterdir()
    assert (copy.stat().st_mode & 0o777, copies.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "s3cr3t" not in copy.name


def test_a_command_keeps_no_copy_that_the_daemon_could_not_read(tmp_path: Path) -> None:
    path, address, copies = written(tmp_path, f"[{{url: '{URL}'}}]"), Address(ics(TRIP)), Copies(tmp_path / "calendars")
    read(path, copies, Web(fetch=address.fetch, keeps=False))
    assert not copies.folder.exists()


def test_webcal_is_asked_by_https(tmp_path: Path) -> None:
    path = written(tmp_path, "[{url: 'webcal://calendar.example/s3cr3t/basic.ics'}]")
    asked = []

    def fetch(url: str, _limit: int) -> bytes:
        asked.append(url)
        return ics(TRIP)

    assert days(read(path, None, Web(fetch=fetch, keeps=False))) == ["2026-12-14"]
    assert asked == [URL]


@pytest.mark.parametrize(
    ("content", "says", "may_pass"),
    [
        (AWAY, "cannot be had: no answer — look at the network, and try again", True),
        (b"<html>Sign in</html>", "is not an iCalendar file", False),
        (Trouble(TroubleKind.SERVER, "calendar.example", "the server refused (HTTP 404)", "look"), "HTTP 404", False),
    ],
)
def test_without_a_copy_the_policy_is_not_taken_if_nothing_comes(
    tmp_path: Path, content: bytes | Trouble, says: str, may_pass: bool
) -> None:
    """Its days off would be taken for working days."""
    path, address = written(tmp_path, f"[{{url: '{URL}'}}]"), Address()
    address.content = content
    loaded = read(path, Copies(tmp_path / "calendars"), Web(fetch=address.fetch, keeps=True))
    assert loaded.policy is None
    [problem] = problems(loaded)
    assert str(problem).startswith(f"{path}:{len(path.read_text().splitlines())}:19: the calendar calendar.example ")
    assert says in str(problem)
    assert problem.may_pass is may_pass


def test_a_damaged_copy_is_fetched_anew(tmp_path: Path) -> None:
    path, copies = written(tmp_path, f"[{{url: '{URL}'}}]"), Copies(tmp_path / "calendars")
    copies.put(URL, b"BEGIN:VCALENDAR")
    assert days(read(path, copies, Web(fetch=Address(ics(TRIP)).fetch, keeps=True))) == ["2026-12-14"]
    assert copies.read(URL) == ics(TRIP)


@pytest.mark.parametrize(
    ("calendars", "says"),
    [
        ("[{url: 'http://calendar.example/s3cr3t'}]", "this is not an address that begins with https://"),
        ("[{url: 'https://calendar.example/s3cr3t path'}]", "this is not an address that begins with https://"),
        ("[{url: 'ftp://calendar.example/s3cr3t'}]", "this is not an address that begins with https://"),
        ("[{file: 'https://calendar.example/s3cr3t'}]", "this is a web address, no file — write `url:`"),
        ("[{file: nghi.ics, url: 'https://calendar.example/s3cr3t'}]", "both `file` and `url` are there"),
        ("[{only: [Tết]}]", "missing key `file` — add `file: nghi-le.ics`, or `url: https://…`"),
        ("['https://calendar.example/s3cr3t']", "policy.yaml"),
        ("https://calendar.example/s3cr3t", "policy.yaml"),
        ("[{ulr: 'https://calendar.example/s3cr3t'}]", "unknown key `ulr`"),
        ("[{url: [https://calendar.example/s3cr3t]}]", "policy.yaml"),
        ("[{url: 'https://calendar.example/s3cr3t', only: 'x]}", "policy.yaml"),
    ],
)
def test_a_mistake_is_told_without_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calendars: str, says: str
) -> None:
    monkeypatch.setattr(web, "fetch", Address(ics(TRIP)).fetch)
    path = written(tmp_path, calendars)
    for options in ((), ("--brief",), ("--json",)):
        shown = responder("check", path, *options)
        assert shown.exit_code == 1
        assert options == ("--json",) or says in shown.stdout
        assert "s3cr3t" not in shown.output


def test_check_asks_a_real_server_and_shows_its_host_alone(tmp_path: Path) -> None:
    with Website(body=ics()) as site:
        path = written(tmp_path, f"[{{url: '{site.url}'}}]")
        shown = responder("check", path)
    assert shown.exit_code == 0
    assert f"the calendar {site.host} closes no day" in shown.stdout
    assert f"calendars: [{{url: 'http://{site.host}{'•' * len('/secret-path?token=secret')}'}}]" in shown.stdout
    assert "secret" not in shown.stdout


def test_check_without_network_says_so_in_one_line(tmp_path: Path) -> None:
    [port] = free_ports(1)
    shown = responder("check", written(tmp_path, f"[{{url: 'http://{LOOPBACK}:{port}/secret'}}]"), "--brief")
    assert shown.exit_code == 1
    assert f"the calendar {LOOPBACK}:{port} cannot be had: " in shown.stdout
    assert "s3cr3t" not in shown.output


# ---------------------------------------------------------------- the policy of then


def test_a_kept_policy_means_later_what_it_meant_then(tmp_path: Path) -> None:
    path = written(tmp_path, f"[{{url: '{URL}'}}, {{file: nghi.ics}}]")
    (tmp_path / "nghi.ics").write_bytes(ics(FOUNDED))
    then = read(path, None, Web(fetch=Address(ics(TRIP)).fetch, keeps=False))
    (tmp_path / "nghi.ics").unlink()
    again = load(then.text, "policy")
    assert (again.policy, again.digest, again.text) == (then.policy, then.digest, then.text)


def test_other_days_make_another_policy_of_the_same_text_but_their_order_does_not(tmp_path: Path) -> None:
    path = written(tmp_path, f"[{{url: '{URL}'}}]")
    made = [read(path, None, Web(fetch=Address(ics(*events)).fetch, keeps=False))
            for events in ((TRIP, FOUNDED), (FOUNDED, TRIP), (TRIP,))]  # fmt: skip
    assert made[0].digest == made[1].digest != made[2].digest
    assert made[0].policy == made[1].policy != made[2].policy


def test_a_policy_without_calendars_is_kept_as_it_was_written() -> None:
    assert load(SMALL, "policy", None, {}).text == SMALL


# ---------------------------------------------------------------- day by day


class Room:
    """An account whose policy names one address, the copy of it, and what comes there."""

    def __init__(self, folder: Path, *events: str, policy: str = "") -> None:
        self.folder = folder
        self.address = Address(ics(*events))
        self.clock = ManualClock(local("2026-11-22 09:00"))
        self.store = Store.open(None)
        self.copies = Copies(folder / "calendars")
        self.path = written(folder, f"[{{url: '{URL}'}}]{policy}")
        self.desk: Desk = desk()
        self.reload()
        self.watch = CalendarWatch(
            lambda: [self.desk], self.store, self.clock, self.copies, self.address.fetch, self._take
        )
        self.turn()

    def reload(self) -> None:
        loaded = read(self.path, self.copies, Web(fetch=self.address.fetch, keeps=True))
        assert loaded.policy is not None, loaded.problems
        self.desk = replace(self.desk, policy=loaded.policy, policy_text=loaded.text)

    def _take(self, before: Desk, policy: Policy, text: str) -> None:
        assert before == self.desk
        self.desk = replace(self.desk, policy=policy, policy_text=text)

    def turn(self) -> None:
        """What the loop does again and again."""
        while self.watch.is_due():
            self.watch.turn()

    def pass_(self, time: timedelta) -> None:
        """Every hour the loop looks at least once."""
        end = self.clock.now() + time
        while self.clock.now() < end:
            self.clock.advance(min(timedelta(hours=1), end - self.clock.now()))
            self.turn()

    def comes(self, content: bytes | Trouble) -> None:
        self.address.content = content
        self.pass_(timedelta(days=1))

    def closed(self) -> list[str]:
        return [str(rule.first) for rule in self.desk.policy.calendars[0].day_rules()]

    def troubles(self) -> list[str]:
        rows = self.store.open_troubles()
        assert {(row.account, row.kind) for row in rows} <= {(self.desk.name, TroubleKind.CALENDAR)}
        assert all("s3cr3t" not in row.text for row in rows)
        return [row.text for row in rows]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path, TRIP)
    yield made
    made.store.close()


def test_it_is_asked_once_a_day(room: Room) -> None:
    before = room.address.asked
    room.pass_(timedelta(days=10))
    assert room.address.asked == before + 10
    assert room.troubles() == []


def test_new_days_are_taken_and_hold_after_a_restart(room: Room) -> None:
    room.comes(ics(TRIP, FOUNDED))
    assert room.closed() == ["2026-11-27", "2026-12-14"]
    room.address.content = AWAY
    room.reload()
    assert room.closed() == ["2026-11-27", "2026-12-14"]


def test_the_text_in_force_gets_the_new_days_and_not_the_file_that_is_half_edited(room: Room) -> None:
    room.path.write_text("language: [", encoding="utf-8")
    room.comes(ics(TRIP, FOUNDED))
    assert room.closed() == ["2026-11-27", "2026-12-14"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (ics(), "it closes no day any more"),
        (b"<html>Sign in</html>", "what came is not an iCalendar file, or is damaged"),
        (Trouble(TroubleKind.SERVER, "calendar.example", "the server refused (HTTP 404)", "look"), "(HTTP 404)"),
        (ics("DTSTART;VALUE=DATE:20250101"), "of its 2 days off in the next 400 days only 0 are left"),
    ],
)
def test_what_can_hardly_be_meant_is_not_taken_and_told(room: Room, content: bytes | Trouble, says: str) -> None:
    room.comes(content)
    assert room.closed() == ["2026-12-14"]
    [told] = room.troubles()
    assert told.startswith("the calendar calendar.example: ")
    assert says in told
    assert "; its copy of 2026-11-22 stays in use — look" in told
    room.reload()
    assert room.closed() == ["2026-12-14"]
    room.comes(ics(TRIP))
    assert room.troubles() == []


def test_half_of_the_days_may_go(room: Room) -> None:
    room.comes(ics(TRIP.replace("1216", "1215")))
    assert room.troubles() == []
    assert str(room.desk.policy.calendar().rule_on(TODAY.replace(month=12, day=15))) == "None"


def test_days_that_are_gone_on_purpose_hold_once_the_copy_is_removed_and_the_policy_reloaded(room: Room) -> None:
    room.comes(ics())
    [told] = room.troubles()
    copy = room.copies.path(URL)
    assert f"remove {copy} and reload" in told
    copy.unlink()
    room.reload()
    room.turn()
    assert (room.closed(), room.troubles()) == ([], [])


def test_a_server_that_is_away_is_told_after_two_days_and_asked_every_hour(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    before = room.address.asked
    room.comes(AWAY)
    assert room.troubles() == []
    room.pass_(timedelta(days=1))
    [told] = room.troubles()
    assert "no answer; its copy of 2026-11-22 stays in use — look at the network, and try again" in told
    assert room.address.asked == before + 25
    assert len([line for line in caplog.messages if line == told]) == 1
    room.address.content = ics(TRIP, FOUNDED)
    room.pass_(timedelta(hours=1))
    assert (room.troubles(), room.closed()) == ([], ["2026-11-27", "2026-12-14"])


def test_days_with_which_an_example_of_the_policy_fails_are_not_taken(tmp_path: Path) -> None:
    example = '\nexamples:\n  - {mail: "Em hỏi giá", at: "2026-11-27 10:00", then: nothing}\n'
    room = Room(tmp_path, TRIP, policy=example)
    room.comes(ics(TRIP, FOUNDED))
    assert room.closed() == ["2026-12-14"]
    assert "with its new days the policy cannot be used: " in room.troubles()[0]
    room.reload()
    assert room.closed() == ["2026-12-14"]


def test_a_reload_that_had_read_the_copy_before_gets_the_new_days(room: Room) -> None:
    before = room.desk
    room.comes(ics(TRIP, FOUNDED))
    room.desk = before
    room.turn()
    assert room.closed() == ["2026-11-27", "2026-12-14"]


def test_the_trouble_ends_with_the_policy_that_named_the_address(room: Room) -> None:
    room.comes(ics())
    room.path.write_text(SMALL, encoding="utf-8")
    room.reload()
    room.turn()
    assert room.troubles() == []


def test_a_clock_that_was_set_back_makes_nothing_wait(room: Room) -> None:
    room.pass_(timedelta(days=3))
    before = room.address.asked
    room.clock.set(local("2026-11-20 09:00"))
    room.turn()
    assert room.address.asked == before + 1
