"""Faults of the machine: its disk, the state file, its clock."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from responder.store.records import OutboxKind, OutboxState
from tests.faults.bench import WITHIN, Bench, Servers, seconds_since
from tests.faults.conftest import Told
from tests.faults.proxy import Rule, Talk
from tests.servers.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]


# ---------------------------------------------------------------- a full disk


@contextmanager
def mounted(directory: Path, *options: str) -> Iterator[None]:
    subprocess.run(["mount", *options, str(directory)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


def fill(directory: Path) -> Path:
    """Not a byte is left; the file that takes them all."""
    filler = directory / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (64 * 1024, 512, 1):
            try:
                while os.write(file.fileno(), b"\0" * size):
                    pass
            except OSError:
                continue
    return filler


@contextmanager
def small_disk(world: Servers) -> Iterator[tuple[Bench, Path]]:
    """A daemon whose state lies on a disk of one megabyte."""
    with world.bench() as bench:
        disk = bench.keep_state_in("disk")
        with mounted(disk, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
            bench.start()
            yield bench, disk
            bench.kill()


def test_a_full_disk_holds_everything_back_and_nothing_spins(world: Servers, told: Told) -> None:
    with small_disk(world) as (bench, disk):
        filler = fill(disk)
        bench.write(3)
        bench.wait_until_said("the disk is full")
        busy, lines = bench.cpu(), len(bench.said().splitlines())
        time.sleep(6)
        assert bench.cpu() - busy < 2.0
        assert len(bench.said().splitlines()) - lines < 12, bench.said()[-2000:]
        assert not bench.answered()
        began = time.monotonic()
        filler.unlink()
        bench.wait_until_answered()
        recovered = seconds_since(began)
        wait_until(lambda: "the disk is full" in bench.troubles_ever(), WITHIN, "the report tells of it")
        wait_until(lambda: not bench.troubles(), WITHIN, "the trouble is over")
        told("machine: disk full while mail comes", bench, injected=1, recovered=recovered)


@contextmanager
def filled_while_sending(world: Servers) -> Iterator[tuple[Bench, Rule, Path]]:
    """One mail of three is at the server, and the disk is full: by the file that comes with it."""

    def filling(talk: Talk, line: bytes) -> None:
        fillers.append(fill(disk))
        talk.to_server(line)

    fillers: list[Path] = []
    with small_disk(world) as (bench, disk):
        rule = bench.smtp.on("DATA", filling)
        bench.write(3)
        wait_until(lambda: len(bench.received()) == 1, WITHIN, "one mail at the server")
        bench.wait_until_said("the disk is full")
        yield bench, rule, fillers[0]


def test_a_disk_that_fills_while_a_mail_is_with_the_server_does_not_send_it_again(world: Servers, told: Told) -> None:
    with filled_while_sending(world) as (bench, rule, filler):
        began = time.monotonic()
        filler.unlink()
        bench.wait_until_answered()
        row = told("machine: disk full when a mail is sent", bench, injected=rule.fired, recovered=seconds_since(began))
        assert row.uncertain == 0, "it was put on record later"


def test_one_that_stays_full_until_the_process_is_killed_leaves_the_mail_in_doubt(world: Servers, told: Told) -> None:
    with filled_while_sending(world) as (bench, rule, filler):
        bench.kill()
        filler.unlink()
        began = time.monotonic()
        bench.start()
        bench.wait_until_answered()
        row = told("machine: … and then killed", bench, injected=rule.fired, recovered=seconds_since(began))
        assert row.uncertain == 1


# ---------------------------------------------------------------- a state that cannot be used


def overwritten(start: int, end: int) -> Callable[[Path], None]:
    def spoil(state: Path) -> None:
        content = bytearray(state.read_bytes())
        content[start:end] = b"\xff" * (min(end, len(content)) - start)
        state.write_bytes(content)

    return spoil


def cut_short(state: Path) -> None:
    state.write_bytes(state.read_bytes()[: 4096 * 5])


def of_a_newer_version(state: Path) -> None:
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


def a_folder(state: Path) -> None:
    state.unlink()
    state.mkdir()


RUINED: Sequence[tuple[str, Callable[[Path], object], str]] = (
    ("overwritten in the middle", overwritten(4096 * 2, 4096 * 40), "the state file is damaged"),
    ("its header overwritten", overwritten(0, 100), "this is not a state file"),
    ("cut short", cut_short, "the state file is damaged"),
    ("from a newer version", of_a_newer_version, "was written by a newer version"),
    ("a folder in its place", a_folder, "the state file cannot be opened"),
)

READ_ONLY = {"read-only": "state.db", "in a folder that is read-only": "."}


def test_a_state_that_cannot_be_used_is_told_in_one_line_and_nobody_is_answered(world: Servers, told: Told) -> None:
    with world.bench() as bench:
        bench.start()
        bench.write(1)
        bench.wait_until_answered()
        bench.stop()
        good = bench.directory / "good.db"
        shutil.copyfile(bench.state, good)
        bench.write(1)
        for name, spoil, line in RUINED:
            spoil(bench.state)
            done = bench.run("run")
            assert (done.returncode, line in done.stderr) == (1, True), f"{name}: {done}"
            assert [" — " in said for said in done.stderr.splitlines()] == [True], f"{name}: one line, with a remedy"
            put_back(bench, good)
        for name, where in READ_ONLY.items():
            place = bench.directory / where
            with mounted(place, "--bind", str(place)):
                subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
                done = bench.run("run")
            assert (done.returncode, done.stderr.count("\n"), " — " in done.stderr) == (1, 1, True), f"{name}: {done}"
        assert sum(bench.answered().values()) == 1
        began = time.monotonic()
        bench.start()
        bench.wait_until_answered()
        for name in (*(name for name, *_ in RUINED), *READ_ONLY):
            told(f"machine: state {name}", bench, injected=1, recovered=seconds_since(began))


def put_back(bench: Bench, good: Path) -> None:
    if bench.state.is_dir():
        bench.state.rmdir()
    for file in bench.directory.glob("state.db-*"):
        file.unlink()
    shutil.copyfile(good, bench.state)


# ---------------------------------------------------------------- a state that is lost, or old


def without_its_log(bench: Bench) -> None:
    bench.state.with_name("state.db-wal").unlink(missing_ok=True)


def a_log_of_garbage(bench: Bench) -> None:
    bench.state.with_name("state.db-wal").write_bytes(b"\x37\x7f\x06\x82" + os.urandom(64 * 1024))


def deleted(bench: Bench) -> None:
    for file in bench.directory.glob("state.db*"):
        file.unlink()


def emptied(bench: Bench) -> None:
    deleted(bench)
    bench.state.touch()


def set_back(bench: Bench) -> None:
    deleted(bench)
    shutil.copyfile(bench.directory / "last-week.db", bench.state)


LOST = {
    "deleted while it was stopped": deleted,
    "set back by copying, not by `responder restore`": set_back,
    "emptied": emptied,
    "killed, its log deleted": without_its_log,
    "killed, its log garbage": a_log_of_garbage,
}


@pytest.mark.parametrize(
    "fault",
    [
        *list(LOST)[:2],
        *(pytest.param(fault, marks=pytest.mark.slow) for fault in list(LOST)[2:]),
    ],
)
def test_a_state_that_is_lost_answers_nobody_a_second_time_and_no_old_mail(
    world: Servers, told: Told, fault: str
) -> None:
    with world.bench() as bench:
        bench.start()
        bench.stop()
        shutil.copyfile(bench.state, bench.directory / "last-week.db")
        bench.start()
        answered = bench.write(3)
        bench.wait_until_answered()
        with bench.mailbox() as box:
            wait_until(lambda: box.folder_status("Sent", ["MESSAGES"])[b"MESSAGES"] == 3, WITHIN, "the copies")
        bench.kill()
        LOST[fault](bench)
        bench.written.clear()  # what was known of these mails may have gone with the state
        bench.start()
        for sender in answered:
            again = bench.mail(sender, "Nhắc lại ạ.")
            bench.dovecot.deliver(bytes(again), sender, bench.address)
            bench.written.append(str(again["Message-ID"]))
        time.sleep(1.1)  # an arrival is told in whole seconds: what came in that of the start counts as old
        [new] = bench.write(1)
        bench.given_up.add(new)
        wait_until(
            lambda: set(bench.written) <= {row.message_id for row in bench.messages()},
            WITHIN,
            "what came since is on record",
        )
        time.sleep(1.0)  # for what must not come
        assert bench.answered() == Counter(dict.fromkeys(answered, 1)), "nobody has got a second one"
        owed = {row.kind: row.state for row in bench.mails() if row.recipient == new}
        kept_back = {OutboxKind.REPLY: OutboxState.WITHHELD, OutboxKind.FOLLOW_UP: OutboxState.WAITING}
        assert owed == kept_back, "staff are reminded"
        told(f"machine: state {fault}", bench, injected=1)


def test_a_state_that_is_deleted_while_the_daemon_runs_ends_it_with_a_word(world: Servers, told: Told) -> None:
    with world.bench() as bench:
        bench.start()
        bench.write(1)
        bench.wait_until_answered()
        began = time.monotonic()
        bench.state.unlink()
        assert bench.process is not None
        assert bench.process.wait(WITHIN) != 0, "systemd starts it anew"
        assert bench.times_said("the state file was deleted or replaced while it was in use") >= 1
        bench.written.clear()  # the record has gone with the state
        told("machine: state deleted while it is in use", bench, injected=1, recovered=seconds_since(began))
