"""work/policy_watch.py and work/reloaded.py: when a watched policy is taken, and what the journal says of changes."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from responder import config
from responder.calendars import Calendars, Fetch, Web
from responder.config import Mode
from responder.errors import Trouble, TroubleKind
from responder.mail.language import Language
from responder.people import Person
from responder.policy.changes import changes
from responder.policy.load import load
from responder.policy.model import Policy
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.policy_watch import FileWatch, PolicyWatch, Sight, Stamp
from responder.work.reloaded import told
from tests.cli_office import POLICY
from tests.fakes import ManualClock, desk, local, policy
from tests.servers.waiting import wait_until
from tests.unit.test_calendars import FOUNDED, TRIP
from tests.unit.test_feed import ics

SHIPPED = POLICY.read_text(encoding="utf-8")
NEW_HOURS = SHIPPED.replace('"08:00-17:00"', '"08:00-17:30"', 1)
WITH_A_MISTAKE = SHIPPED.replace('"08:00-17:00"', '"08:00-25:00"', 1)


def ask_nobody(_url: str, _limit: int) -> bytes:
    raise Trouble(TroubleKind.NETWORK, "calendar.example", "nobody answers", "wait")


class Shared:
    """A policy in a shared folder, somebody who edits it, and the watch over it; its seconds pass when told to."""

    def __init__(self, folder: Path, *, watch: bool = True, text: str = SHIPPED) -> None:
        self.file = folder / "policy.yaml"
        self.file.write_text(text, encoding="utf-8")
        settings = desk().settings.model_copy(update={"policy": self.file, "watch": watch})
        loaded = config.load_one_policy(self.file)
        assert loaded.policy is not None
        self.desk: Desk = replace(desk(), settings=settings, policy=loaded.policy, policy_text=loaded.text)
        self.store = Store.open(None)
        self.web: Fetch = ask_nobody
        self.taken: list[Policy] = []
        self.watch = PolicyWatch(
            lambda: [self.desk], self.store, ManualClock(local("2026-11-20 10:00")), Path("config.yaml"), self._take,
            Calendars(web=Web(fetch=lambda url, limit: self.web(url, limit), keeps=False)),
        )  # fmt: skip
        self.seconds = 0.0
        self._changes = 0

    def _take(self, name: str, new: Policy, text: str) -> None:
        assert name == "info"
        self.taken.append(new)
        self.desk = replace(self.desk, policy=new, policy_text=text)

    def save(self, text: str) -> None:
        """As a program that writes onto the file, each time at another moment."""
        self._changes += 1
        self.file.write_text(text, encoding="utf-8")
        os.utime(self.file, ns=(0, self._changes * 1_000_000))

    def pass_(self, seconds: float) -> None:
        """The thread's turns, every two seconds."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.seconds += 2
            self.watch.turn(self.seconds)

    def troubles(self) -> list[str]:
        assert {trouble.kind for trouble in self.store.open_troubles()} <= {TroubleKind.POLICY}
        return [trouble.text for trouble in self.store.open_troubles()]


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    made = Shared(tmp_path)
    made.pass_(30)
    assert made.taken == [], "what is in force is not taken again"
    yield made
    made.store.close()


def test_a_changed_policy_is_taken_once_it_has_stood_still(shared: Shared) -> None:
    shared.save(NEW_HOURS)
    shared.pass_(20)
    assert [str(taken.week()[0][0]) for taken in shared.taken] == ["08:00-17:30"]
    shared.pass_(60)
    assert len(shared.taken) == 1


def test_while_somebody_keeps_saving_nothing_is_read(shared: Shared) -> None:
    for number in range(30):
        shared.save(NEW_HOURS + f"# {number}\n")
        shared.pass_(4)
    assert shared.taken == []
    shared.pass_(20)
    assert len(shared.taken) == 1


def test_a_change_of_comments_only_is_no_change(shared: Shared) -> None:
    shared.save(SHIPPED + "# một ghi chú\n")
    shared.pass_(60)
    assert shared.taken == []


def test_a_mistake_keeps_the_policy_before_and_is_told_once_until_it_is_corrected(
    shared: Shared, caplog: pytest.LogCaptureFixture
) -> None:
    shared.save(WITH_A_MISTAKE)
    shared.pass_(30)
    shared.save(WITH_A_MISTAKE)
    shared.pass_(60)
    assert shared.taken == []
    (line,) = caplog.messages
    assert line.startswith(f"info: policy not taken, the one before stays in force: {shared.file}:14:12: `08:00-25:00`")
    assert len(shared.troubles()) == 1
    shared.save(NEW_HOURS)
    shared.pass_(20)
    assert len(shared.taken) == 1
    assert shared.troubles() == []


def test_another_mistake_is_told_anew(shared: Shared, caplog: pytest.LogCaptureFixture) -> None:
    shared.save(WITH_A_MISTAKE)
    shared.pass_(20)
    shared.save(SHIPPED.replace("language: vi ", "language: xx "))
    shared.pass_(20)
    assert len(caplog.messages) == 2
    assert "`xx` is not possible here" in shared.troubles()[0]


def test_the_policy_in_force_saved_again_ends_the_trouble(shared: Shared) -> None:
    shared.save(WITH_A_MISTAKE)
    shared.pass_(20)
    shared.save(SHIPPED)
    shared.pass_(20)
    assert (shared.taken, shared.troubles()) == ([], [])


def test_a_role_that_nobody_fills_is_a_mistake(shared: Shared) -> None:
    shared.save(SHIPPED.replace("alert: on_call", "alert: boss", 1))
    shared.pass_(20)
    assert shared.taken == []
    assert "nobody is `boss`" in shared.troubles()[0]


WITH_CALENDAR = f"{SHIPPED}\ncalendars: [{{file: nghi.ics}}]\n"


def test_a_changed_calendar_file_is_taken_as_a_changed_policy_is(shared: Shared) -> None:
    calendar = shared.file.with_name("nghi.ics")
    calendar.write_bytes(ics(TRIP))
    shared.save(WITH_CALENDAR)
    shared.pass_(30)
    assert len(shared.taken) == 1
    calendar.write_bytes(ics(TRIP, FOUNDED))
    shared.pass_(30)
    assert len(shared.taken) == 2
    assert "nghỉ (Ngày thành lập)" in changes(*shared.taken, Language.VI)[0]


def test_a_calendar_file_that_is_not_there_is_told_and_taken_when_it_comes(shared: Shared) -> None:
    shared.save(WITH_CALENDAR)
    shared.pass_(30)
    assert shared.taken == []
    assert "the calendar nghi.ics is not there" in shared.troubles()[0]
    calendar = shared.file.with_name("nghi.ics")
    calendar.write_bytes(b"<html>")
    shared.pass_(30)
    assert "the calendar nghi.ics is not an iCalendar file" in shared.troubles()[0]
    calendar.write_bytes(ics(TRIP))
    shared.pass_(30)
    assert (len(shared.taken), shared.troubles()) == (1, [])


def test_a_policy_whose_calendar_did_not_answer_is_taken_once_it_does(shared: Shared) -> None:
    shared.save(f"{SHIPPED}\ncalendars: [{{url: 'https://calendar.example/'}}]\n")
    shared.pass_(30)
    assert "cannot be had: nobody answers" in shared.troubles()[0]
    shared.web = lambda _url, _limit: ics(TRIP)
    shared.pass_(200)
    assert shared.taken == []
    shared.pass_(120)
    assert (len(shared.taken), shared.troubles()) == (1, [])


def test_a_calendar_in_force_is_watched_from_the_start(tmp_path: Path) -> None:
    (tmp_path / "nghi.ics").write_bytes(ics(TRIP))
    made = Shared(tmp_path, text=WITH_CALENDAR)
    made.pass_(30)
    (tmp_path / "nghi.ics").write_bytes(ics(FOUNDED))
    made.pass_(30)
    assert len(made.taken) == 1


def test_a_file_that_is_gone_for_a_moment_changes_nothing(shared: Shared, caplog: pytest.LogCaptureFixture) -> None:
    away = shared.file.with_name("saved by renaming")
    for _ in range(3):
        shared.file.rename(away)
        shared.pass_(20)
        away.rename(shared.file)
        shared.pass_(20)
    assert (shared.taken, shared.troubles(), caplog.messages) == ([], [], [])


def test_a_share_that_stays_away_is_told_after_a_minute_and_ended_when_it_is_back(
    shared: Shared, caplog: pytest.LogCaptureFixture
) -> None:
    away = shared.file.with_name("away")
    shared.file.rename(away)
    shared.pass_(58)
    assert shared.troubles() == []
    shared.pass_(300)
    assert len(caplog.messages) == 1
    assert "the policy is not there any more — look at the shared folder" in shared.troubles()[0]
    away.rename(shared.file)
    shared.pass_(20)
    assert (shared.taken, shared.troubles()) == ([], [])


def test_a_mistake_is_still_told_when_the_share_comes_back_with_it(shared: Shared) -> None:
    shared.save(WITH_A_MISTAKE)
    shared.pass_(20)
    away = shared.file.with_name("away")
    shared.file.rename(away)
    shared.pass_(80)
    away.rename(shared.file)
    shared.pass_(20)
    assert "08:00-25:00" in shared.troubles()[0]


def test_a_file_that_changes_while_it_is_read_is_not_taken_half(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:

    read = config.load_one_policy

    def saved_meanwhile(*arguments: object) -> object:
        monkeypatch.undo()
        found = read(*arguments)  # type: ignore[arg-type]
        shared.save(SHIPPED)
        return found

    monkeypatch.setattr(config, "load_one_policy", saved_meanwhile)
    shared.save(NEW_HOURS)
    shared.pass_(60)
    assert shared.taken == []


def test_a_policy_that_was_handed_over_and_not_taken_is_handed_over_again_until_it_is(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[Policy] = []
    monkeypatch.setattr(shared.watch, "_take", lambda _, new, _text: lost.append(new))
    shared.save(NEW_HOURS)
    shared.pass_(60)
    assert len(lost) > 2
    monkeypatch.undo()
    shared.pass_(12)
    assert shared.taken == [lost[0]]
    shared.pass_(60)
    assert len(shared.taken) == 1


def test_what_was_not_taken_is_read_again_and_not_remembered(shared: Shared) -> None:
    shared.save(NEW_HOURS)
    shared.pass_(20)
    stamp = shared.file.stat().st_mtime_ns
    newer = NEW_HOURS.replace("17:30", "17:45", 1)
    shared.file.write_text(newer, encoding="utf-8")
    os.utime(shared.file, ns=(0, stamp))  # a share whose times are coarse
    loaded = load(newer, "policy.yaml").policy
    assert loaded is not None
    shared.desk = replace(shared.desk, policy=loaded)  # by a reload
    shared.pass_(60)
    assert len(shared.taken) == 1, "the reload is not undone"


def test_an_account_that_does_not_say_watch_is_left_alone(tmp_path: Path) -> None:
    shared = Shared(tmp_path, watch=False)
    shared.pass_(20)
    shared.save(NEW_HOURS)
    shared.pass_(60)
    assert shared.taken == []
    shared.store.close()


def test_a_file_is_looked_at_every_ten_seconds_and_sooner_while_it_changes() -> None:
    looks: list[float] = []
    now, found = 0.0, Stamp(1, 1)

    def look() -> Stamp:
        looks.append(now)
        return found

    watch = FileWatch(look)
    for second in range(40):
        now = float(second)
        found = Stamp(2, 2) if second >= 21 else Stamp(1, 1)
        sight = watch.turn(now)
        assert (sight is Sight.CHANGED) == (second in (5, 30)), second
    assert looks == [0.0, 5.0, 15.0, 25.0, 30.0]


# ---------------------------------------------------------------- what the journal says


def test_a_changed_policy_is_told_per_account_and_mode_and_people_once() -> None:
    info, sales = desk(), desk(name="sales", address="banhang@congty.example")
    rules = policy(('"0900 000 000"', '"0912 345 678"'))
    people = {**info.people, "on_call": Person(name="Minh", address="minh@congty.example")}
    before = {each.name: replace(each, mode=Mode.OBSERVE) for each in (info, sales)}
    after = {each.name: replace(each, policy=rules, people=people) for each in (info, sales)}
    assert told(before, after) == (
        "mode changed to live: customers get their answers from now on",
        "people changed: on_call is now Minh <minh@congty.example> (before: Trực ngoài giờ <truc@congty.example>)",
        "info: policy changed: Phone for urgent matters: now 0912 345 678 (before: 0900 000 000).",
        "sales: policy changed: Phone for urgent matters: now 0912 345 678 (before: 0900 000 000).",
    )


def test_of_the_config_only_the_keys_are_told_for_there_are_passwords_among_them() -> None:
    settings = desk().settings
    imap = settings.imap.model_copy(update={"password": "geheim"})
    changed = replace(desk(), settings=settings.model_copy(update={"imap": imap, "name": "Công ty Mới"}))
    assert told({"info": desk()}, {"info": changed}) == ("info: config changed: name, imap",)


def test_nothing_is_told_of_what_stays() -> None:
    assert told({"info": desk()}, {"info": desk()}) == ()


def test_the_log_is_quiet_about_a_good_policy(shared: Shared, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        shared.save(NEW_HOURS)
        shared.pass_(20)
    assert caplog.messages == []


def test_a_defect_in_a_turn_is_on_record_and_the_next_turn_comes(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[float] = []

    def turn(now: float) -> None:
        turns.append(now)
        raise ValueError("a text of the policy")

    monkeypatch.setattr(shared.watch, "turn", turn)
    shared.watch.start(0.01)
    wait_until(lambda: len(turns) > 1, 10, "the next turn")
    shared.watch.stop()
    assert [trouble.kind for trouble in shared.store.open_troubles()] == [TroubleKind.INTERNAL]


def test_a_policy_whose_own_examples_fail_is_not_taken(shared: Shared) -> None:
    shared.save(
        SHIPPED.replace("báo giá gấp", "báo giá thật gấp", 1).replace("      gấp, khẩn cấp, ", "      khẩn cấp, ")
    )
    shared.pass_(60)
    assert shared.taken == []
    assert "this mail should come out as `gấp, " in shared.troubles()[0]
    shared.save(NEW_HOURS)
    shared.pass_(20)
    assert (len(shared.taken), shared.troubles()) == (1, [])


def test_a_policy_in_force_goes_on_though_an_example_of_it_fails_now(shared: Shared) -> None:
    text = SHIPPED.replace("báo giá gấp", "báo giá thật gấp", 1).replace("      gấp, khẩn cấp, ", "      khẩn cấp, ")
    in_force = load(text, "policy.yaml").policy
    assert in_force is not None
    shared.desk = replace(shared.desk, policy=in_force)
    shared.save(text)
    shared.pass_(60)
    assert (shared.taken, shared.troubles()) == ([], [])
