"""A daemon at work over one mailbox in memory, for the tests of how it is watched from outside."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from responder.daemon import parts
from responder.daemon.root import Daemon
from responder.store.store import Store
from tests.cli_office import CliOffice, make_office
from tests.fakes import FakeSubmission
from tests.servers.waiting import wait_until

WITHIN = 15.0


@dataclass
class WatchedOffice:
    """`with watched.running("metrics: {port: 9464}") as store:` — a daemon with that in its config."""

    office: CliOffice
    server: FakeSubmission = field(default_factory=FakeSubmission)
    daemon: Daemon | None = None

    def configure(self, more: str) -> None:
        self.office.write_config()
        with self.office.config.open("a", encoding="utf-8") as file:
            file.write(f"{more}\n")

    @contextlib.contextmanager
    def running(self, more: str) -> Iterator[Store]:
        self.configure(more)
        made = self.daemon = Daemon(self.office.config, clock=self.office.clock, tick=0.02)
        thread = threading.Thread(target=made.run, daemon=True)
        thread.start()
        try:
            wait_until(lambda: made.rounds(), WITHIN, "the mailbox is watched")
            yield made.store
        finally:
            made.stop()
            thread.join(WITHIN)
        assert not thread.is_alive()

    def reload(self, more: str) -> None:
        """As SIGHUP does, in the loop's thread."""
        self.configure(more)
        assert self.daemon is not None
        assert self.daemon._loop is not None
        self.daemon._loop.call_soon_threadsafe(self.daemon.reload)


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WatchedOffice:
    """Import it to use it."""
    made = WatchedOffice(make_office(tmp_path, monkeypatch))
    monkeypatch.setattr(parts, "submission", lambda _desk: made.server)
    return made
