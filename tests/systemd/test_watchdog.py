"""What systemd hears, and that the watchdog goes hungry when a single worker stands still. Needs no machine."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from responder.cli.files import shipped
from responder.daemon import station
from responder.daemon.root import Daemon
from responder.servers.systemd import Notifier, Pulse
from tests.servers.process import free_ports
from tests.servers.waiting import wait_until

WITHIN = 20.0
CONFIG = """\
state: state.db
accounts:
  info:
    address: info@congty.example
    name: Công ty Ví Dụ
    policy: policy.yaml
    imap: {{host: 127.0.0.1, port: {port}, security: none, user: info@congty.example, password: {{env: NOT_SET}}}}
    smtp: {{host: 127.0.0.1, port: {port}, security: none}}
people:
  manager: {{name: Quản lý, address: quanly@congty.example}}
  on_call: {{name: Trực ngoài giờ, address: truc@congty.example}}
"""


class ServiceManager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._channel.bind(self.address)
        self._channel.settimeout(0)
        self._heard: list[str] = []

    def heard(self) -> list[str]:
        """Everything so far."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._heard.append(self._channel.recv(4096).decode())
        return self._heard

    def feedings(self) -> int:
        return self.heard().count("WATCHDOG=1")

    def close(self) -> None:
        self._channel.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[ServiceManager]:
    made = ServiceManager(tmp_path / "notify")
    yield made
    made.close()


@contextlib.contextmanager
def running(folder: Path, notifier: Notifier) -> Iterator[None]:
    """A daemon whose mail server is away."""
    [port] = free_ports(1)
    (folder / "config.yaml").write_text(CONFIG.format(port=port), encoding="utf-8")
    (folder / "policy.yaml").write_text(shipped("policies/vi-office.yaml").read_text(encoding="utf-8"), "utf-8")
    made = Daemon(folder / "config.yaml", notifier=notifier, tick=0.1)
    thread = threading.Thread(target=lambda: asyncio.run(made.serve()))
    thread.start()
    try:
        yield
    finally:
        made.stop()
        thread.join(WITHIN)


def test_a_pulse_is_still_only_when_the_silence_lasts_longer_than_it_may() -> None:
    pulse = Pulse("a worker", lambda: 0.05)
    assert not pulse.is_still()
    time.sleep(0.1)
    assert pulse.is_still()
    pulse.beat()
    assert not pulse.is_still()


def test_a_reload_is_told_with_the_time_systemd_asks_for(manager: ServiceManager) -> None:
    before = time.monotonic()
    Notifier(manager.address).reloading()
    [first, second] = manager.heard()[0].splitlines()
    assert first == "RELOADING=1"
    assert before * 1e6 - 1 <= int(second.removeprefix("MONOTONIC_USEC=")) <= time.monotonic() * 1e6


def test_a_service_manager_that_does_not_listen_does_no_harm(tmp_path: Path) -> None:
    Notifier(str(tmp_path / "nobody")).ready()


def test_the_watchdog_is_fed_several_times_in_the_time_it_allows_and_not_less_than_asked() -> None:
    assert Notifier("x", watchdog=6).feed_every(10) == 2
    assert Notifier("x", watchdog=120).feed_every(10) == 10
    assert Notifier("x").feed_every(10) == 10


def test_the_watchdog_is_fed_while_a_mailbox_waits_to_try_its_server_again(
    tmp_path: Path, manager: ServiceManager
) -> None:
    with running(tmp_path, Notifier(manager.address, watchdog=0.3)):
        wait_until(lambda: "READY=1" in manager.heard(), WITHIN, "it is ready, without a mail server")
        wait_until(lambda: manager.feedings() > 10, WITHIN, "the watchdog is fed")
    assert "STOPPING=1" in manager.heard()


@pytest.mark.parametrize(("worker", "bound"), [("mailbox info", "ROUND_WITHIN"), ("sending info", "SEND_WITHIN")])
def test_the_watchdog_is_not_fed_while_one_worker_is_still(
    worker: str,
    bound: str,
    tmp_path: Path,
    manager: ServiceManager,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running(tmp_path, Notifier(manager.address, watchdog=0.3)):
        wait_until(lambda: manager.feedings() > 3, WITHIN, "the watchdog is fed")
        monkeypatch.setattr(station, bound, -1e6)  # whatever it does, it is too late
        wait_until(lambda: f"no sign of life from {worker}:" in caplog.text, WITHIN, "somebody notices")
        fed = manager.feedings()
        time.sleep(1)  # nothing to wait for: that nothing happens is the point
        assert manager.feedings() == fed
    assert caplog.text.count("no sign of life") == 1
