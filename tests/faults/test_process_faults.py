"""Faults of the process: killed, stopped, frozen, started twice, asked to reload without end."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from responder.store.records import OutboxKind, OutboxState
from tests.faults.bench import ANSWER_WITHIN, WITHIN, Bench, Servers, Toll, at, seconds_since
from tests.faults.conftest import Told
from tests.servers.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

SEED = int(os.environ.get("FAULTS_SEED", "20260325"))
SENT = {"follow_up: {as: draft}": "follow_up: {as: send, after: 15m}"}
START_OR_WORK = 0.15  # of the kills fall into the start


def in_flight(bench: Bench) -> set[int]:
    """Mails to customers that were claimed and not settled when the process died."""
    with closing(sqlite3.connect(bench.state)) as connection:
        query = "SELECT id FROM outbox WHERE state = 'sending' AND delivery = 'smtp' AND kind IN (?, ?)"
        return {row for (row,) in connection.execute(query, (OutboxKind.REPLY, OutboxKind.FOLLOW_UP))}


class Killer:
    """Ends the daemon by a signal at a random moment, and starts it anew."""

    def __init__(self, bench: Bench, number: signal.Signals, seed: int = SEED) -> None:
        self._bench = bench
        self._number = number
        self._random = random.Random(seed)  # noqa: S311 - the same moments again by the same seed
        self.ends = 0
        self.in_flight: set[int] = set()  # at one of the ends
        self.most = 0  # … of which so many at one
        self.codes: set[int] = set()  # how it ended
        print(f"seed {seed}")

    def once(self, busy: float) -> None:
        """Start it, and end it within so many seconds of work, or in the middle of the start."""
        is_early = self._random.random() < START_OR_WORK
        self._bench.start(wait=not is_early)
        time.sleep(self._random.uniform(0.2, 1.2) if is_early else self._random.uniform(0, busy))
        self.codes.add(self._bench.stop(self._number))
        found = in_flight(self._bench)  # one that was killed in its start has left what the one before had
        self.most = max(self.most, len(found))
        self.in_flight |= found
        self.ends += 1


def uncertain(bench: Bench) -> list[str]:
    return [row.recipient for row in bench.mails() if row.state is OutboxState.UNCERTAIN]


def check_the_doubtful(bench: Bench, killer: Killer) -> None:
    """As many as were in flight, at most one for each kill; what customers got of them is told by nobody but them."""
    doubtful, got = uncertain(bench), bench.answered()
    assert len(doubtful) == len(killer.in_flight)
    assert killer.most <= 1
    received = sum(got[each] for each in doubtful)
    print(f"{killer.ends} kills, {len(doubtful)} in doubt, of which {received} were received")


# ---------------------------------------------------------------- killed


def run_kills(bench: Bench, kills: int, customers_each: int, number: signal.Signals = signal.SIGKILL) -> Killer:
    bench.start()  # the starting line
    bench.stop()
    killer = Killer(bench, number)
    for _ in range(kills):
        bench.write(customers_each)
        killer.once(busy=0.8)
    return killer


@pytest.mark.parametrize(
    ("kills", "customers_each"),
    [pytest.param(8, 4), pytest.param(200, 5, marks=[pytest.mark.slow, pytest.mark.timeout(3000)])],
)
def test_who_kills_the_daemon_at_random_loses_and_doubles_no_mail(
    world: Servers, told: Told, kills: int, customers_each: int
) -> None:
    with world.bench() as bench:
        killer = run_kills(bench, kills, customers_each)
        began = time.monotonic()
        bench.start()
        bench.wait_until_answered(within=300)
        row = told(
            f"process: SIGKILL at random, {len(bench.customers)} mails",
            bench,
            injected=kills,
            recovered=seconds_since(began),
        )
        check_the_doubtful(bench, killer)
        assert row.uncertain <= kills


def opened(bench: Bench, customers: int, number: signal.Signals, kills: int) -> Killer:
    """So many customers were answered in the night; at the opening the daemon is ended again and again."""
    bench.start()
    bench.write(customers)
    bench.wait_until_answered(within=300)
    bench.stop()
    bench.clock.set(at("2026-03-26 08:16"))
    killer = Killer(bench, number)
    for _ in range(kills):
        killer.once(busy=0.5)
    bench.start()
    wait_until(lambda: not still_owed(bench), 120, f"all follow-ups:\n{bench.said()[-2000:]}")
    return killer


def still_owed(bench: Bench) -> int:
    open_states = (OutboxState.WAITING, OutboxState.DUE, OutboxState.SENDING)
    return sum(row.kind is OutboxKind.FOLLOW_UP and row.state in open_states for row in bench.mails())


def toll_of(bench: Bench, got: Counter[str]) -> Toll:
    """Of the follow-ups."""
    doubtful = set(uncertain(bench))
    return Toll(
        lost=sum(not got[each] and each not in doubtful for each in bench.customers),
        doubled=sum(got[each] - 1 for each in bench.customers if got[each] > 1),
        uncertain=len(doubtful),
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_who_kills_it_while_follow_ups_go_out_doubles_none(own_world: Servers, told: Told) -> None:
    with own_world.bench(policy=SENT) as bench:
        killer = opened(bench, 120, signal.SIGKILL, 20)
        got = Counter(one.recipient for one in bench.received() if one.mail["Subject"].startswith("Re: "))
        fault = "process: SIGKILL at random, follow-ups at the opening"
        row = told(fault, bench, injected=20, toll=toll_of(bench, got))
        assert row.uncertain == len(killer.in_flight)
        assert max(bench.answered().values()) == 2  # the reply, and this


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_who_kills_it_while_drafts_are_laid_lays_none_twice(own_world: Servers, told: Told) -> None:
    with own_world.bench() as bench:
        opened(bench, 120, signal.SIGKILL, 20)
        with bench.mailbox("Drafts") as drafts:
            rows = drafts.fetch(drafts.search(), ["ENVELOPE"])
        got = Counter(str(row[b"ENVELOPE"].to[0]) for row in rows.values())
        told("process: SIGKILL at random, drafts at the opening", bench, injected=20, toll=toll_of(bench, got))


# ---------------------------------------------------------------- stopped


@pytest.mark.parametrize("times", [2, pytest.param(30, marks=[pytest.mark.slow, pytest.mark.timeout(900)])])
def test_a_stop_under_load_finishes_the_mail_in_flight(world: Servers, told: Told, times: int) -> None:
    with world.bench() as bench:
        killer = run_kills(bench, times, 5, signal.SIGTERM)
        began = time.monotonic()
        bench.start()
        bench.wait_until_answered()
        recovered = seconds_since(began)
        row = told("process: SIGTERM at random", bench, injected=times, recovered=recovered)
        assert (row.uncertain, len(killer.in_flight)) == (0, 0)
        assert killer.codes <= {0, -signal.SIGTERM}  # the latter in the first moments, before it has begun


# ---------------------------------------------------------------- asked to reload, frozen, started twice


@pytest.mark.parametrize("times", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_a_storm_of_reloads_with_a_policy_that_is_being_written_answers_everybody_once(
    bench: Bench, told: Told, times: int
) -> None:
    policy = bench.directory / "vi-office.yaml"
    whole, draw = policy.read_bytes(), random.Random(SEED)  # noqa: S311 - the same storm again
    plays = whole.index(b"\nplays:")  # what ends before them is no policy; what ends later may well be one
    for number in range(times):
        if number % 20 == 0:
            bench.write(1)
        policy.write_bytes(whole[: draw.randrange(plays)] if number % 2 else whole)  # as an editor, not atomically
        os.kill(bench.pid, signal.SIGHUP)
        time.sleep(0.02)
    policy.write_bytes(whole)
    began = time.monotonic()
    os.kill(bench.pid, signal.SIGHUP)
    bench.wait_until_answered()
    told(f"process: {times} SIGHUP, the policy half written", bench, injected=times, recovered=seconds_since(began))
    wait_until(lambda: not bench.troubles(), WITHIN, "what was wrong with the policy is over")
    wait_until(lambda: _is_at_rest(bench), WITHIN, "the last reload is over, and nothing goes on")


def _is_at_rest(bench: Bench) -> bool:
    busy = bench.cpu()
    time.sleep(2)
    return bench.cpu() - busy < 1.0


@pytest.mark.slow
def test_a_process_that_was_frozen_goes_on_where_it_was(bench: Bench, told: Told) -> None:
    bench.write(3)
    time.sleep(0.5)
    os.kill(bench.pid, signal.SIGSTOP)
    bench.write(3)
    time.sleep(2 * ANSWER_WITHIN)
    bench.imap.cut()  # a server does not wait for ever
    bench.smtp.cut()
    began = time.monotonic()
    os.kill(bench.pid, signal.SIGCONT)
    bench.wait_until_answered()
    told("process: frozen for longer than servers wait", bench, injected=1, recovered=seconds_since(began))


def test_a_second_daemon_refuses_also_when_the_lock_was_deleted(bench: Bench, told: Told) -> None:
    lock = bench.state.with_name("state.db.lock")
    for number in range(3):
        if number:
            lock.unlink()
            wait_until(lambda: lock.exists() and str(bench.pid) in lock.read_text(), WITHIN, "the lock, taken anew")
        second = bench.run("once" if number == 2 else "run")
        assert second.returncode == 75, second
        assert f"process {bench.pid}" in second.stderr
    bench.write(2)
    bench.wait_until_answered()
    told("process: a second daemon, the lock deleted", bench, injected=3)


def test_commands_beside_the_daemon_hold_up_nothing_and_break_nothing(bench: Bench, told: Told) -> None:
    bench.write(10)
    began = time.monotonic()
    verbs = [
        ("pause", "--reason", "thử"),
        ("queue",),
        ("resume",),
        ("status",),
        ("backup", str(bench.directory / "copy.db"), "--force"),
    ]
    with ThreadPoolExecutor(3) as several:
        done = list(several.map(lambda verb: bench.run(*verb), verbs))
    assert not [one for one in done if "Traceback" in one.stderr or "another process holds" in one.stderr], done
    assert bench.run("resume").returncode == 0
    wait_until(lambda: bench.times_said("paused: ") == bench.times_said("resumed"), WITHIN, "the daemon to go on")
    bench.write(5)
    bench.wait_until_answered()
    told("process: commands at the same time", bench, injected=len(done), recovered=seconds_since(began))


def test_single_passes_that_are_killed_answer_everybody_once(world: Servers, told: Told) -> None:
    draw = random.Random(SEED)  # noqa: S311 - the same moments again
    with world.bench() as bench:
        assert bench.run("once").returncode == 0
        for _ in range(4):
            bench.write(4)
            command = [sys.executable, "-m", "responder", "--config", str(bench.config), "once"]
            environment = {**os.environ, **world.clock.environment()}
            with subprocess.Popen(
                command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            ) as one:
                time.sleep(draw.uniform(0.8, 2.5))
                one.kill()
        began = time.monotonic()
        assert bench.run("once").returncode == 0
        bench.wait_until_answered(within=5)
        row = told("process: `responder once` killed", bench, injected=4, recovered=seconds_since(began))
        assert row.uncertain <= 4
