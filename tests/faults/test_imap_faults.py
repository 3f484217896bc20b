"""Faults on the way to the mailbox: whatever they are, every customer is answered once when they are over."""

from __future__ import annotations

import time

import pytest

from tests.faults.bench import Bench, seconds_since
from tests.faults.conftest import Told
from tests.faults.proxy import Act, hang_up

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]


def test_a_connection_that_dies_in_idle_is_noticed_at_once(bench: Bench, told: Told) -> None:
    began, cut = time.monotonic(), bench.imap.cut()
    bench.write(2)
    bench.wait_until_answered()
    told("IMAP: the connection dies in IDLE", bench, injected=cut, recovered=seconds_since(began))


@pytest.mark.parametrize(("command", "act"), [("UID SEARCH", hang_up), ("UID FETCH", hang_up)])
def test_a_connection_that_is_lost_at_a_command_loses_no_mail(bench: Bench, told: Told, command: str, act: Act) -> None:
    rule = bench.imap.on(command, act, times=2)
    bench.write(2)
    bench.wait_until_answered()
    told(f"IMAP: {command}, {act.__name__}", bench, injected=rule.fired, recovered=seconds_since(rule.last))
