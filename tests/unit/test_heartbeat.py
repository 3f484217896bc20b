"""work/heartbeat.py and work/health.py: when one goes out, what holds it back, and what is told of that."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from responder.config import Heartbeat as Settings
from responder.daemon import schedule
from responder.daemon.root import Daemon
from responder.daemon.station import Station
from responder.errors import Trouble, TroubleKind
from responder.secret import PasswordLiteral, Secret
from responder.store.store import Store
from responder.work import health
from responder.work.health import Look, late, stopped
from responder.work.heartbeat import LAST_HEARTBEAT, Heartbeat
from responder.work.troubles import STOPS_MAIL
from tests.fakes import ManualClock, letter, local
from tests.servers.waiting import wait_until
from tests.servers.website import Website
from tests.watched_office import WITHIN, WatchedOffice, watched

__all__ = ["watched"]
NIGHT = local("2026-11-20 22:10")
AWAY = Trouble(TroubleKind.NETWORK, "hc.example", "the server did not answer in time", "check the network and firewall")
EVERY = timedelta(minutes=5)


class Heart:
    """A heartbeat whose address is a list, and whose obstacles are another."""

    def __init__(self) -> None:
        self.store = Store.open(None)
        self.clock = ManualClock(NIGHT)
        self.asked: list[str] = []
        self.fails: list[Trouble] = []
        self.obstacles: list[str] = []
        settings = Settings(url=PasswordLiteral(SecretStr("https://hc.example/secret")), every=EVERY)
        self.heartbeat = Heartbeat(settings, self.store, self.clock, self._send)

    def _send(self, url: Secret) -> None:
        if self.fails:
            raise self.fails.pop(0)
        assert isinstance(url, PasswordLiteral)
        self.asked.append(url.password.get_secret_value())

    def after(self, minutes: float = 0) -> int:
        """So much later, how many have gone out."""
        self.clock.advance(timedelta(minutes=minutes))
        asyncio.run(self.heartbeat.run(lambda: self.obstacles))
        return len(self.asked)


@pytest.fixture
def heart() -> Iterator[Heart]:
    made = Heart()
    yield made
    made.store.close()


# ---------------------------------------------------------------- when


def test_one_goes_out_at_once_and_then_every_so_often(heart: Heart) -> None:
    assert [heart.after(), heart.after(4.9), heart.after(0.1), heart.after(1), heart.after(4)] == [1, 1, 2, 2, 3]
    assert set(heart.asked) == {"https://hc.example/secret"}
    assert heart.store.setting(LAST_HEARTBEAT) == heart.clock.now().isoformat()


def test_without_an_address_none_goes_out(heart: Heart) -> None:
    heart.heartbeat.take(None)
    assert heart.after(10) == 0


def test_a_clock_that_was_set_back_does_not_silence_it(heart: Heart) -> None:
    heart.after()
    assert [heart.after(-60), heart.after(5)] == [2, 3]


def test_what_stands_in_the_way_holds_it_back_is_told_once_and_the_next_one_follows_at_once(
    heart: Heart, caplog: pytest.LogCaptureFixture
) -> None:
    heart.after()
    heart.obstacles = ["info: not looked at for 20 minutes", "imap: refused"]
    assert [heart.after(5), heart.after(5)] == [1, 1]
    heart.obstacles = []
    assert heart.after(0.25) == 2
    heart.obstacles = ["again"]
    heart.after(5)
    assert caplog.messages == [
        "no heartbeat: info: not looked at for 20 minutes; imap: refused",
        "no heartbeat: again",
    ]


def test_one_that_fails_is_told_once_is_no_trouble_and_is_tried_again_soon(
    heart: Heart, caplog: pytest.LogCaptureFixture
) -> None:
    heart.fails = [AWAY] * 3
    assert [heart.after(), heart.after(0.5), heart.after(0.5), heart.after(1), heart.after(1)] == [0, 0, 0, 0, 1]
    assert caplog.messages == [f"the heartbeat did not get through: {AWAY}"]
    assert heart.store.open_troubles() == ()
    heart.fails = [AWAY]
    heart.after(5)
    assert len(caplog.messages) == 2, "a new failure is told anew"


def test_another_address_is_asked_at_once(heart: Heart) -> None:
    heart.after()
    heart.heartbeat.take(Settings(url=PasswordLiteral(SecretStr("https://other.example/secret")), every=EVERY))
    heart.after(0.25)
    assert heart.asked[1:] == ["https://other.example/secret"]


# ---------------------------------------------------------------- what stands in the way


def test_a_mailbox_is_late_when_it_has_missed_its_turn_by_much() -> None:
    poll, now = timedelta(minutes=2), local("2026-11-20 23:00")
    allowed = timedelta(minutes=16)
    long_ago = now - timedelta(days=1)
    in_time, missed, never = Look("a", poll, now - allowed), Look("b", poll, now - 2 * allowed), Look("c", poll, None)
    assert list(late([in_time, missed, never], long_ago, now)) == [
        "b: not looked at for 32 min",
        "c: not looked at for 24 h",
    ]


def test_a_daemon_that_has_just_begun_has_its_turn_first() -> None:
    now = local("2026-11-23 08:00")
    friday = Look("info", timedelta(minutes=2), local("2026-11-20 18:00"))
    assert list(late([friday], now - timedelta(minutes=1), now)) == []


def test_a_look_in_the_future_by_a_clock_that_was_wrong_hides_no_dead_mailbox() -> None:
    now = local("2026-11-23 08:00")
    look = Look("info", timedelta(minutes=2), now + timedelta(days=300))
    assert list(late([look], now - timedelta(minutes=17), now)) == ["info: not looked at for 17 min"]
    assert list(late([look], now - timedelta(minutes=1), now)) == []
    assert list(late([replace(look, last=now + timedelta(minutes=1))], now - timedelta(days=1), now)) == []


@pytest.mark.parametrize("kind", TroubleKind)
def test_only_trouble_that_keeps_mail_from_being_handled_stands_in_the_way(kind: TroubleKind, heart: Heart) -> None:
    heart.store.note_trouble("info", kind, "imap: no — do", NIGHT)
    assert list(stopped(heart.store.open_troubles())) == (["info: imap: no — do"] if kind in STOPS_MAIL else [])


def test_events_and_mistakes_in_a_changed_file_do_not_stop_mail() -> None:
    assert not STOPS_MAIL & {
        TroubleKind.REBASELINE,
        TroubleKind.QUARANTINE,
        TroubleKind.BREAKER,
        TroubleKind.ACCOUNT_HELD,
        TroubleKind.ALERTS_HELD,
        TroubleKind.BOUNCED,
        TroubleKind.CONFIG,
        TroubleKind.METRICS,
    }


# ---------------------------------------------------------------- the daemon


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Website]:
    """Whoever watches the heartbeat."""
    monkeypatch.setattr(schedule, "HEARTBEAT_EVERY", 0.05)
    with Website() as made:
        yield made


def test_a_daemon_sends_them_and_status_tells_the_last_one(watched: WatchedOffice, site: Website) -> None:
    with watched.running(f"heartbeat: {{url: {site.url}}}") as store:
        wait_until(lambda: store.setting(LAST_HEARTBEAT), WITHIN, "the first heartbeat")
        watched.office.clock.advance(EVERY)
        wait_until(lambda: len(site.asked) == 2, WITHIN, "the second")
        status = watched.office.run("status")
    assert "last heartbeat Sat 2026-11-21 22:15" in status.stdout
    assert site.asked[0].path == "/secret-path?token=secret"


def test_a_daemon_that_cannot_read_the_mail_sends_none(
    watched: WatchedOffice, site: Website, caplog: pytest.LogCaptureFixture
) -> None:
    watched.office.box.fail("connect", Trouble(TroubleKind.LOGIN, "imap:993", "refused", "check it"), times=1000)
    with watched.running(f"heartbeat: {{url: {site.url}}}"):
        wait_until(lambda: any(line.startswith("no heartbeat") for line in caplog.messages), WITHIN, "it is told")
    assert "no heartbeat: info: imap:993: refused — check it" in caplog.messages
    assert site.asked == []


def test_a_daemon_that_has_not_looked_yet_says_nothing_either_way_until_it_is_late(
    watched: WatchedOffice, site: Website, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, go_on = threading.Event(), threading.Event()

    def connect() -> None:
        here.set()
        go_on.wait(WITHIN)

    monkeypatch.setattr(watched.office.box, "connect", connect)
    monkeypatch.setattr(Daemon, "rounds", lambda _: here.is_set())
    with watched.running(f"heartbeat: {{url: {site.url}}}"):
        looked = []
        monkeypatch.setattr(health, "late", lambda *_: looked.append(1) or [])
        wait_until(lambda: len(looked) > 3, WITHIN, "its turn has come several times")
        assert (site.asked, "no heartbeat" in caplog.text) == ([], False)
        monkeypatch.setattr(health, "late", lambda *_: ["info: not looked at for 20 min"])
        wait_until(lambda: "no heartbeat: info: not looked at for 20 min" in caplog.messages, WITHIN, "it is told")
        go_on.set()
    assert site.asked == []


def test_a_worker_that_stands_still_is_named(
    watched: WatchedOffice, site: Website, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Station, "_longest_silence", lambda *_: -1.0)
    with watched.running(f"heartbeat: {{url: {site.url}}}"):
        wait_until(lambda: "no heartbeat: no sign of life from mailbox info" in caplog.messages, WITHIN, "it is told")
    assert site.asked == []


def test_the_mail_does_not_wait_for_an_address_that_does_not_answer(watched: WatchedOffice, site: Website) -> None:
    site.hold = threading.Event()
    with watched.running(f"heartbeat: {{url: {site.url}}}"):
        wait_until(lambda: site.asked, WITHIN, "the heartbeat is under way")
        watched.office.box.deliver(letter(), watched.office.clock.now())
        wait_until(lambda: watched.server.sent, 5, "the reply, long before the address is given up")
        site.hold.set()


def test_the_address_is_taken_on_reload_and_stands_in_no_line(
    watched: WatchedOffice, site: Website, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.status = 404
    with watched.running("") as store:
        watched.reload(f"heartbeat: {{url: {site.url}}}")
        wait_until(lambda: any("did not get through" in line for line in caplog.messages), WITHIN, "it is told")
        assert f"{site.host}: the server refused (HTTP 404)" in caplog.text
        assert store.open_troubles() == ()
        watched.reload("heartbeat: {url: http://hc.example/secret}")
        wait_until(lambda: store.open_troubles(), WITHIN, "a mistake in it is told")
        assert "secret" not in store.open_troubles()[0].text
    assert "secret" not in caplog.text
