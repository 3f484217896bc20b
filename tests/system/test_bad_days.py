"""What goes wrong at an office server: each is told in one line, nothing is lost, and the rest goes on."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.waiting import wait_until
from tests.system.office import CUSTOMER, MANAGER, OFFICE, OTHER, WITHIN, Office, bodies, office

pytestmark = pytest.mark.system


def run(here: Office) -> subprocess.CompletedProcess[str]:
    """`responder run` as the admin sees it, when it ends by itself."""
    command = [sys.executable, "-m", "responder", "run", "--config", str(here.config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False)


@contextmanager
def small_disk(directory: Path) -> Iterator[None]:
    """A file system of one megabyte at `directory`."""
    directory.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(directory)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


def test_a_changed_password_is_told_apart_from_a_network_fault_and_stands_in_the_digest() -> None:
    with office("2026-03-25 16:00") as here:
        here.start()
        here.stop()
        config = here.config.read_text(encoding="utf-8")
        here.config.write_text(config.replace("password: secret", "password: wrong"), encoding="utf-8")
        here.start(wait=False)
        wait_until(lambda: "user name or password refused" in here.tail(), WITHIN, "the refused login in the log")
        here.at("2026-03-26 08:00")
        [digest] = here.wait_for_mails(MANAGER, 1)
        assert "password refused" in bodies([digest])[0]
        assert here.tail().count("password refused") <= 2  # it is not hammered


def test_with_a_full_disk_nothing_is_sent_and_afterwards_nothing_is_lost_or_doubled() -> None:
    with office("2026-03-25 22:00") as here, small_disk(here.directory / "disk"):
        config = here.config.read_text(encoding="utf-8")
        here.config.write_text(config.replace("state: state.db", "state: disk/state.db"), encoding="utf-8")
        here.start()
        filler = here.directory / "disk" / "filler"
        with filler.open("wb") as file:
            while True:
                try:
                    os.write(file.fileno(), b"\0" * 4096)
                except OSError:
                    break
        here.write("Cho mình hỏi đơn hàng 12.")
        wait_until(lambda: "the disk is full" in here.tail(), WITHIN, f"the full disk in the log: {here.tail()}")
        assert here.mails(CUSTOMER) == []
        filler.unlink()
        here.wait_for_mails(CUSTOMER, 1)
        here.write("Cho mình hỏi đơn hàng 13.", sender=OTHER)
        here.wait_for_mails(OTHER, 1)
        assert len(here.mails(CUSTOMER)) == 1


def test_a_state_from_a_newer_version_is_refused_in_one_line() -> None:
    with office("2026-03-25 22:00") as here:
        here.start()
        here.stop()
        with sqlite3.connect(here.directory / "state.db") as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        done = run(here)
        assert done.returncode == 1
        assert "was written by a newer version" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_second_daemon_on_the_same_state_refuses_to_start_and_says_who_holds_it() -> None:
    with office("2026-03-25 22:00") as here:
        here.start()
        done = run(here)
        assert done.returncode == 75
        assert here.process is not None
        assert f"process {here.process.pid}" in done.stderr


def test_a_mail_without_any_header_is_recorded_and_answered_to_nobody() -> None:
    with office("2026-03-25 22:00") as here:
        here.start()
        here.world.dovecot.deliver(b"\r\nchi co chu, khong co gi khac\r\n", CUSTOMER, OFFICE)
        here.wait_until_triaged(1)
        here.write("Cho mình hỏi.", sender=OTHER)
        here.wait_for_mails(OTHER, 1)
        assert here.mails(CUSTOMER) == []


def test_a_bad_policy_on_reload_changes_nothing_and_is_told() -> None:
    with office("2026-03-25 22:00") as here:
        here.start()
        policy = here.directory / "vi-office.yaml"
        text = policy.read_text(encoding="utf-8")
        policy.write_text(text.replace('mon-fri: "08:00-17:00"', 'mon-fri: "08:00-25:00"'), encoding="utf-8")
        here.reload()
        wait_until(lambda: "not reloaded" in here.tail(), WITHIN, "the refusal in the log")
        here.write("Cho mình hỏi đơn hàng.")
        here.wait_for_mails(CUSTOMER, 1)


def test_a_mailbox_that_goes_away_is_found_again_when_it_comes_back() -> None:
    with office("2026-03-25 22:00") as here:
        here.start()
        here.world.dovecot.stop()
        wait_until(lambda: "WARNING responder.work.watch" in here.tail(), WITHIN, "the loss in the log")
        here.world.dovecot.start()
        here.write("Cho mình hỏi đơn hàng.")
        here.wait_for_mails(CUSTOMER, 1)
