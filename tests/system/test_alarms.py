"""Alarms with real servers: a program rings until somebody knows, whatever breaks meanwhile."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.servers.waiting import wait_until
from tests.system.office import CUSTOMER, MANAGER, OFFICE, ON_CALL, OTHER, WITHIN, Office, bodies, office

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

FIRE = "Cháy kho rồi, gọi lại cho tôi ngay!"
NIGHT = "2026-03-25 22:00"


@contextmanager
def ringing(at: str = NIGHT, more: str = "") -> Iterator[Office]:
    """An office where a program rings for both: it notes each call; `more` is what it does then."""
    with office(at) as here:
        ring = here.directory / "ring"
        ring.write_text(f"#!/bin/sh\ncat >> {here.directory}/calls && echo >> {here.directory}/calls\n{more}\n")
        ring.chmod(0o755)
        config = here.config.read_text(encoding="utf-8")
        for address in (MANAGER, ON_CALL):
            config = config.replace(
                f"address: {address}", f"address: {address}, wake: {{command: [{ring}], repeat: 5m}}"
            )
        here.config.write_text(config, encoding="utf-8")
        yield here


def calls(here: Office) -> list[dict[str, Any]]:
    path = here.directory / "calls"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def wait_for_calls(here: Office, count: int, within: float = WITHIN) -> list[dict[str, Any]]:
    wait_until(lambda: len(calls(here)) >= count, within, f"{count} calls\n{here.tail()}")
    return calls(here)


def test_an_emergency_rings_until_the_person_on_call_answers_the_alerts_mail() -> None:
    with ringing() as here:
        here.start()
        here.write(FIRE)
        [first] = wait_for_calls(here, 1)
        assert (first["urgency"], first["person"], first["times"]) == ("emergency", "Trực ngoài giờ", "1")
        wait_until(lambda: "called for alarm" in here.tail(), WITHIN, "the call to be on record")
        here.at("2026-03-25 22:06")
        assert wait_for_calls(here, 2)[1]["times"] == "2"
        [alert] = here.wait_for_mails(ON_CALL, 1)
        here.write("Anh biết rồi.", f"Re: {alert['Subject']}", sender=ON_CALL, In_Reply_To=str(alert["Message-ID"]))
        wait_until(lambda: "acknowledged by mail" in here.tail(), WITHIN, "the acknowledgement")
        here.at("2026-03-25 22:30")
        here.write("Xin hỏi giờ mở cửa.", sender=OTHER)
        here.wait_for_mails(OTHER, 1)
        assert len(calls(here)) == 2
        assert len(here.mails(ON_CALL)) == 1, "no answer to the answer"
        here.at("2026-03-26 08:01")
        [digest] = here.wait_for_mails(MANAGER, 1)
        assert f"Xác nhận: {ON_CALL}, thứ Tư, 25/03/2026, 22:0" in bodies([digest])[0]


def test_responder_ack_ends_the_reminders_of_a_daemon_that_runs() -> None:
    with ringing() as here:
        here.start()
        here.write(FIRE)
        number = wait_for_calls(here, 1)[0]["number"]
        assert here.command("ack", number, "--by", "anh Minh") == 0
        here.at("2026-03-25 22:30")
        here.write("Xin hỏi giờ mở cửa.", sender=OTHER)
        here.wait_for_mails(OTHER, 1)
        assert len(calls(here)) == 1
        here.at("2026-03-26 08:01")
        [digest] = here.wait_for_mails(MANAGER, 1)
        assert "Xác nhận: anh Minh" in bodies([digest])[0]


def test_a_daemon_killed_while_it_rings_rings_again_and_the_customer_has_one_reply() -> None:
    with ringing(more="sleep 60") as here:
        here.start()
        here.write(FIRE)
        wait_for_calls(here, 1)
        here.wait_for_mails(CUSTOMER, 1)
        here.stop(signal.SIGKILL)
        here.start()
        wait_for_calls(here, 2)
        assert (len(here.mails(CUSTOMER)), len(here.mails(ON_CALL))) == (1, 1)


def test_it_stops_within_its_time_while_a_program_rings_on() -> None:
    with ringing(more="sleep 300") as here:
        here.start()
        here.write(FIRE)
        wait_for_calls(here, 1)
        assert here.stop() == 0


def test_a_mailbox_out_of_reach_for_an_hour_of_working_time_rings_for_the_manager() -> None:
    with ringing("2026-03-25 09:00") as here:
        here.start()
        here.world.dovecot.stop()
        here.at("2026-03-25 10:05")
        [call] = wait_for_calls(here, 1, 2 * WITHIN)  # for the daemon it slept: it waits for two polls
        assert (call["kind"], call["person"]) == ("unreachable", "Quản lý")
        assert call["headline"] == f"[Công ty Ví Dụ] Không đọc được hộp thư {OFFICE}"
        here.world.dovecot.start()
        here.at("2026-03-25 10:40")
        here.write("Xin hỏi giờ mở cửa.", sender=OTHER)
        here.wait_until_triaged(1)
        here.at("2026-03-25 11:00")
        assert here.command("ack") == 0
        wait_until(lambda: here.command("ack", "1") == 1, WITHIN, "the alarm to be over by itself")
