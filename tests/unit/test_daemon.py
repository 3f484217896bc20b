"""responder.daemon: what a start clears up, when a defect is over, and how a reload is asked for, read and told."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from responder import config, learned
from responder.daemon import parts, reloading, root, schedule, turns
from responder.daemon.root import Daemon
from responder.errors import Trouble, TroubleKind
from responder.ports import Clock
from responder.servers.systemd import Notifier
from responder.store import backup
from responder.store.lock import StateLock, lock_of
from responder.store.records import OutboxKind
from responder.store.store import Store
from responder.work import beside, digest
from responder.work.digest import Digests, Due
from responder.work.purge import Purge
from tests.cli_office import POLICY
from tests.fakes import letter, local
from tests.servers.waiting import wait_until
from tests.unit.test_store import mail
from tests.watched_office import WITHIN, WatchedOffice, watched

__all__ = ["watched"]
WRONG_STATE = Trouble(TroubleKind.STATE, "state.db", "the disk is full", "make room")


@pytest.fixture
def sighup() -> Iterator[list[int]]:
    """What would have ended the process."""
    deadly: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: deadly.append(number))
    yield deadly
    signal.signal(signal.SIGHUP, before)


def note(watched: WatchedOffice, *troubles: tuple[str, TroubleKind]) -> None:
    """On record from the run before."""
    store = Store.open(watched.office.state)
    for account, kind in troubles:
        store.note_trouble(account, kind, "of the run before", watched.office.clock.now() - timedelta(hours=1))
    store.close()


def open_troubles(store: Store) -> set[tuple[str, str]]:
    return {(trouble.account, trouble.kind) for trouble in store.open_troubles()}


# ---------------------------------------------------------------- a start


OF_BEFORE = (
    ("", TroubleKind.CLOCK),
    ("", TroubleKind.CONFIG),
    ("info", TroubleKind.INTERNAL),
    ("info", TroubleKind.POLICY),
    ("gone", TroubleKind.LOGIN),
    ("gone", TroubleKind.DELIVERY),
    ("info", TroubleKind.DELIVERY),
)


def test_a_start_ends_trouble_that_nobody_else_would_end(watched: WatchedOffice) -> None:
    note(watched, *OF_BEFORE)
    with watched.running("") as store:
        wait_until(lambda: not open_troubles(store), WITHIN, "that of the way out, too: the server answers")


def test_so_does_a_single_pass(watched: WatchedOffice) -> None:
    note(watched, *OF_BEFORE)
    watched.office.run("once")
    store = Store.open(watched.office.state)
    assert open_troubles(store) == set()
    store.close()


def test_a_share_that_is_away_is_waited_for_and_a_policy_that_is_not_there_is_not(watched: WatchedOffice) -> None:
    watched.office.write_config(policy=watched.office.folder / "away" / "policy.yaml")
    assert watched.office.run("run").exit_code == 2
    text = watched.office.config.read_text(encoding="utf-8").replace("policy.yaml\n", "policy.yaml\n    watch: yes\n")
    watched.office.config.write_text(text, encoding="utf-8")
    result = watched.office.run("run")
    assert result.exit_code == 75
    assert "cannot be read: No such file or directory" in result.stderr
    watched.office.config.write_text(text.replace("mode: live", "mode: lively"), encoding="utf-8")
    assert watched.office.run("run").exit_code == 2


def test_without_the_learnt_weights_mail_is_answered_by_the_words_alone_and_it_is_told_once(
    watched: WatchedOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(learned, "FILE", "gone.tsv.gz")
    learned.judge.cache_clear()
    with watched.running("") as store:
        wait_until(lambda: ("", TroubleKind.INTERNAL) in open_troubles(store), WITHIN, "it is on record")
        assert watched.daemon is not None
        assert [desk.judge for desk in watched.daemon._desks()] == [None]
    assert sum("decide alone — install the program anew" in record.message for record in caplog.records) == 1


# ---------------------------------------------------------------- the state and its lock


def ends(watched: WatchedOffice, what: Callable[[Path], object]) -> Trouble:
    """What the daemon says when it ends by itself, because this was done to its state."""
    watched.configure("")
    made = Daemon(watched.office.config, clock=watched.office.clock, tick=0.02)
    said: list[Trouble] = []

    def run() -> None:
        try:
            made.run()
        except Trouble as trouble:
            said.append(trouble)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    wait_until(made.rounds, WITHIN, "the mailbox is watched")
    what(watched.office.state)
    thread.join(WITHIN)
    assert not thread.is_alive(), "it goes on in a state that nobody finds"
    return said[0]


@pytest.mark.parametrize("what", [Path.unlink, lambda state: state.rename(state.with_name("elsewhere.db"))])
def test_a_state_that_is_taken_away_ends_the_daemon_in_one_line(
    watched: WatchedOffice, what: Callable[[Path], object]
) -> None:
    trouble = ends(watched, what)
    assert trouble.kind is TroubleKind.STATE
    assert "the state file was deleted or replaced while it was in use" in str(trouble)


def test_a_state_put_in_the_place_of_the_one_in_use_ends_the_daemon(watched: WatchedOffice) -> None:
    def replaced(state: Path) -> None:
        other = state.with_name("backup.db")
        backup.write(state, other)
        other.replace(state)

    assert ends(watched, replaced).kind is TroubleKind.STATE


def test_a_lock_whose_file_was_deleted_is_taken_anew_and_goes_on_keeping_others_away(watched: WatchedOffice) -> None:
    with watched.running(""):
        lock_of(watched.office.state).unlink()
        wait_until(lambda: StateLock(watched.office.state).holder(), WITHIN, "the lock is there again")
        with pytest.raises(Trouble, match="another responder works on this state") as refused:
            StateLock(watched.office.state).acquire(watched.office.clock.now())
        assert refused.value.kind is TroubleKind.BUSY


def test_who_was_quicker_with_a_deleted_lock_has_it_and_the_other_ends(watched: WatchedOffice) -> None:
    elsewhere = watched.office.folder / "other.db"
    other = StateLock(elsewhere)
    other.acquire(watched.office.clock.now())

    def taken(state: Path) -> None:
        lock_of(elsewhere).replace(lock_of(state))  # at one stroke: the daemon looks often

    assert ends(watched, taken).kind is TroubleKind.BUSY
    other.release()


# ---------------------------------------------------------------- a defect


def test_a_defect_in_the_report_is_over_with_the_next_turn_that_goes_well(
    watched: WatchedOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = []

    def fails(_: Digests) -> Due | None:
        turns.append(1)
        raise RuntimeError("a defect")

    broken = {("info", TroubleKind.INTERNAL)}
    with monkeypatch.context() as defect, watched.running("") as store:
        wait_until(lambda: watched.daemon is not None and watched.daemon.rounds(), WITHIN, "a look")
        defect.setattr(Digests, "due", fails)
        wait_until(lambda: open_troubles(store) == broken, WITHIN, "the defect is told")
        wait_until(lambda: len(turns) > 3, WITHIN, "it goes on")
        assert open_troubles(store) == broken, "while the sending goes well"
        defect.undo()
        wait_until(lambda: open_troubles(store) == set(), WITHIN, "it is over")


def test_a_defect_in_what_concerns_all_is_told_and_ends_with_the_next_turn_that_goes_well(
    watched: WatchedOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Purge) -> int:
        raise RuntimeError("a defect")

    monkeypatch.setattr(schedule, "STATUS_EVERY", 0.02)
    with monkeypatch.context() as defect, watched.running("") as store:
        defect.setattr(Purge, "run", fails)
        wait_until(lambda: open_troubles(store) == {("", TroubleKind.INTERNAL)}, WITHIN, "the defect is told")
        defect.undo()
        wait_until(lambda: open_troubles(store) == set(), WITHIN, "it is over")


# ---------------------------------------------------------------- a digest that takes its time


@pytest.fixture
def flooded(
    watched: WatchedOffice, share: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], threading.Event]:
    """Called when the daemon runs: it is Monday, and the digest takes until `share`; what tells that it was begun."""
    begun, render = threading.Event(), digest.render

    def slowly(shown: digest.View) -> digest.Notice:
        begun.set()
        share.wait(2 * WITHIN)
        return render(shown)

    def on_monday() -> threading.Event:
        monkeypatch.setattr(digest, "render", slowly)
        watched.office.clock.set(local("2026-11-23 08:00:30"))
        return begun

    return on_monday


def reports(store: Store) -> int:
    return sum(row.kind is OutboxKind.DIGEST for row in store.mails())


def test_while_a_digest_is_composed_mail_goes_out_and_the_watchdog_is_fed(
    watched: WatchedOffice,
    share: threading.Event,
    flooded: Callable[[], threading.Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fed: list[float] = []
    monkeypatch.setattr(schedule, "STATUS_EVERY", 0.02)
    monkeypatch.setattr(Notifier, "alive", lambda _: fed.append(time.monotonic()))
    with watched.running("") as store:
        assert flooded().wait(WITHIN)
        before, now = len(fed), watched.office.clock.now()
        store.add_mail(replace(mail(OutboxKind.ALERT), due_at=now), now)
        wait_until(lambda: watched.server.sent, WITHIN, "the alert")
        wait_until(lambda: len(fed) > before + 5, WITHIN, "the watchdog")
        rounds = watched.daemon.rounds() if watched.daemon else 0
        wait_until(lambda: watched.daemon is not None and watched.daemon.rounds() > rounds, WITHIN, "the mailbox")
        assert reports(store) == 0
        share.set()
        wait_until(lambda: reports(store), WITHIN, "the digest")
        wait_until(lambda: len(watched.server.sent) == 2, WITHIN, "the digest at the server")


def test_a_digest_that_hangs_is_known_to_the_watchdog(
    watched: WatchedOffice,
    share: threading.Event,
    flooded: Callable[[], threading.Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with watched.running(""):
        assert flooded().wait(WITHIN)
        monkeypatch.setattr(turns, "DIGEST_WITHIN", 0.05)
        made = watched.daemon
        assert made is not None
        wait_until(lambda: list(made._turns.still()) == ["digests"], WITHIN, "it is missed")
        share.set()


# ---------------------------------------------------------------- the clock


def test_after_the_clock_was_set_back_mailboxes_have_their_turn_and_a_dead_one_is_noticed(
    watched: WatchedOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "HEARTBEAT_EVERY", 0.02)
    with watched.running(""):
        made, clock = watched.daemon, watched.office.clock
        assert made is not None
        here = threading.Event()
        monkeypatch.setattr(watched.office.box, "wait", lambda *_: here.wait(WITHIN))  # it looks no more
        monkeypatch.setattr(watched.office.box, "inbox", lambda: here.wait(WITHIN))
        made.look()
        start = clock.now()
        clock.advance(-timedelta(days=3))
        wait_until(lambda: made._signs._turns_from < start, WITHIN, "the clock is noticed")
        assert list(made._signs._late()) == []
        clock.advance(timedelta(minutes=17))
        assert list(made._signs._late()) == ["info: not looked at for 17 min"]
        here.set()


# ---------------------------------------------------------------- a reload


def test_a_pass_takes_no_reload_and_outlives_the_signal(
    watched: WatchedOffice, sighup: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    holders = []
    connect = watched.office.box.connect

    def signalled() -> None:
        holders.append(StateLock(watched.office.state).holder())
        os.kill(os.getpid(), signal.SIGHUP)
        connect()

    monkeypatch.setattr(watched.office.box, "connect", signalled)
    assert watched.office.run("once").exit_code == 0
    assert sighup == []
    assert [holder.takes_reloads for holder in holders if holder] == [False]


def test_a_signal_before_the_daemon_is_ready_is_no_end_and_is_not_lost(
    watched: WatchedOffice, sighup: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    made = Daemon(watched.office.config, clock=watched.office.clock, tick=0.02)
    holder = StateLock(watched.office.state).holder()
    assert holder is not None
    assert holder.takes_reloads
    os.kill(os.getpid(), signal.SIGHUP)
    with caplog.at_level("INFO", logger="responder.daemon"):
        thread = threading.Thread(target=made.run, daemon=True)
        thread.start()
        wait_until(lambda: "reloaded: nothing has changed" in caplog.messages, WITHIN, "the reload")
        made.stop()
        thread.join(WITHIN)
    assert sighup == []


def test_while_the_files_are_read_mail_goes_out_and_a_storm_of_reloads_is_one_more(
    watched: WatchedOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reads: list[Path] = []
    go_on = threading.Event()
    load = config.load

    def slowly(path: Path, *more: object) -> config.LoadedConfig:
        reads.append(path)
        go_on.wait(WITHIN)
        return load(path, *more)  # type: ignore[arg-type]

    with caplog.at_level("INFO", logger="responder.daemon"), watched.running(""):
        monkeypatch.setattr(config, "load", slowly)
        watched.reload("")
        wait_until(lambda: reads, WITHIN, "the share is asked")
        for _ in range(10):
            watched.reload("")
        watched.office.box.deliver(letter(), watched.office.clock.now())
        wait_until(lambda: watched.server.sent, WITHIN, "the reply")
        assert len(reads) == 1
        go_on.set()
        wait_until(lambda: caplog.messages.count("reloaded: nothing has changed") == 2, WITHIN, "both reloads")
    assert len(reads) == 2


# ---------------------------------------------------------------- the stop


@pytest.fixture
def share() -> Iterator[threading.Event]:
    """What does not answer until the test is over."""
    answers = threading.Event()
    yield answers
    answers.set()


def test_a_stop_does_not_wait_for_a_reload_that_hangs(
    watched: WatchedOffice, share: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, asked = parts.load, threading.Event()

    def hang(path: Path, clock: Clock) -> config.LoadedConfig:
        asked.set()
        share.wait(2 * WITHIN)
        return load(path, clock)

    with watched.running(""):
        monkeypatch.setattr(parts, "load", hang)
        watched.reload("")
        assert asked.wait(WITHIN)
    assert StateLock(watched.office.state).holder() is None


def test_while_a_thread_hangs_at_its_server_the_state_stays_ours(
    watched: WatchedOffice,
    share: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = threading.Event()

    def hang(_last_uid: int) -> tuple[int, ...]:
        asked.set()
        share.wait(2 * WITHIN)
        return ()

    monkeypatch.setattr(root, "JOIN_WITHIN", 0.2)
    with caplog.at_level("INFO", logger="responder.daemon"), watched.running("") as store:
        monkeypatch.setattr(watched.office.box, "uids_after", hang)
        assert watched.daemon is not None
        watched.daemon.look()
        assert asked.wait(WITHIN)
    assert "stopped without mailbox-info" in caplog.messages
    assert StateLock(watched.office.state).holder() is not None
    assert store.note_trouble("info", TroubleKind.NETWORK, "late", watched.office.clock.now())


def test_a_stop_waits_for_a_digest_and_while_one_hangs_the_state_stays_ours(
    watched: WatchedOffice,
    share: threading.Event,
    flooded: Callable[[], threading.Event],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with watched.running("") as store:
        assert flooded().wait(WITHIN)
        threading.Timer(0.5, share.set).start()
    assert reports(store) == 1
    assert StateLock(watched.office.state).holder() is None
    share.clear()
    monkeypatch.setattr(root, "JOIN_WITHIN", 0.2)
    with caplog.at_level("INFO", logger="responder.daemon"), watched.running(""):
        begun = flooded()
        begun.clear()
        watched.office.clock.advance(timedelta(days=2))  # Tuesday is a holiday
        assert begun.wait(WITHIN)
    assert "stopped without digest-info" in caplog.messages
    assert StateLock(watched.office.state).holder() is not None


def test_threads_that_hang_are_waited_for_together(share: threading.Event) -> None:
    threads = [threading.Thread(target=share.wait, name=f"mailbox-{number}", daemon=True) for number in range(9)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    assert beside.join(threads, 0.5) == [thread.name for thread in threads]
    assert time.monotonic() - began < 2


def change_hours(watched: WatchedOffice) -> None:
    rules = watched.office.folder / "policy.yaml"
    text = POLICY.read_text(encoding="utf-8").replace('"08:00-17:00"', '"08:00-17:30"', 1)
    rules.write_text(text, encoding="utf-8")
    watched.office.write_config(policy=rules)


@pytest.mark.parametrize("failure", [WRONG_STATE, RuntimeError("a defect")])
def test_what_fails_in_telling_a_change_does_not_undo_it(
    watched: WatchedOffice, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise failure

    with monkeypatch.context() as telling, watched.running(""):
        made = watched.daemon
        assert made is not None
        assert made._loop is not None
        telling.setattr(reloading, "events", fail)
        change_hours(watched)
        made._loop.call_soon_threadsafe(made.reload)
        wait_until(
            lambda: [str(desk.policy.week()[0][0]) for desk in made._desks()] == ["08:00-17:30"],
            WITHIN,
            "the new hours are in force",
        )
        telling.undo()
        watched.office.write_config(mode="observe", policy=watched.office.folder / "policy.yaml")
        made._loop.call_soon_threadsafe(made.reload)
        wait_until(lambda: [desk.mode for desk in made._desks()] == ["observe"], WITHIN, "the next reload")


def test_a_changed_folder_is_taken_with_the_next_start_and_what_is_watched_goes_on_being_answered(
    watched: WatchedOffice, caplog: pytest.LogCaptureFixture
) -> None:
    with watched.running("") as store:
        text = watched.office.config.read_text(encoding="utf-8")
        named = text.replace("    policy:", "    folders: {inbox: Support}\n    policy:", 1)
        watched.office.config.write_text(named, encoding="utf-8")
        assert watched.daemon is not None
        assert watched.daemon._loop is not None
        watched.daemon._loop.call_soon_threadsafe(watched.daemon.reload)
        said = "info: its servers or folders have changed: that takes a restart"
        wait_until(lambda: said in caplog.messages, WITHIN, "it is told")
        watched.office.box.deliver(letter(), watched.office.clock.now())
        wait_until(lambda: watched.server.sent, WITHIN, "the reply")
        assert store.position("info", "Support") is None
