"""`responder replay --account` on a real server: the daemon's decisions, and a mailbox that is left as it was."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest

from responder import config as configuration
from responder.daemon.parts import desks, read_only_mailbox
from responder.errors import Trouble
from responder.policy.model import Mark, MarkKind
from responder.store.store import Store
from tests.fakes import letter
from tests.system.office import CUSTOMER, OFFICE, WITHIN, Office, local, office

pytestmark = pytest.mark.system

NIGHT = "2026-03-25 22:05"


def put(here: Office, at: str, raw: bytes, folder: str = "INBOX", flags: tuple[bytes, ...] = ()) -> None:
    with here.world.mailbox(OFFICE) as client:
        if not client.folder_exists(folder):
            client.create_folder(folder)
        client.append(folder, raw, flags, local(at))


def fill(here: Office) -> None:
    """Three mails of a night; before the last one a person has written."""
    put(here, "2026-03-24 21:00", letter(sender=CUSTOMER, to=OFFICE, Message_ID="<1@k.example>"))
    put(here, "2026-03-24 21:30", letter("Cần gấp ạ.", sender=CUSTOMER, to=OFFICE), flags=(rb"\Seen",))
    put(here, "2026-03-24 21:50", letter(sender=OFFICE, to="minh@khac.example", Message_ID="<a@office>"), "Sent")
    other = letter(sender="minh@khac.example", to=OFFICE, References="<a@office>")
    put(here, "2026-03-24 22:00", other)


def all_flags(here: Office) -> dict[int, set[bytes]]:
    with here.world.mailbox(OFFICE) as client:
        return {
            uid: set(row[b"FLAGS"]) - {rb"\Recent"} for uid, row in client.fetch(client.search(), ["FLAGS"]).items()
        }


def replayed(here: Office) -> list[dict[str, Any]]:
    assert here.world.clock is not None
    asked = ("replay", "--account", "info", "--json")
    command = [sys.executable, "-m", "responder", "--config", str(here.config), *asked]
    environment = {**os.environ, **here.world.clock.environment(), "XDG_CACHE_HOME": str(here.directory)}
    made = subprocess.run(command, env=environment, timeout=WITHIN, check=False, capture_output=True)
    assert made.returncode == 0, made.stderr.decode()
    return [json.loads(line) for line in made.stdout.splitlines()]


def kinds(told: dict[str, Any]) -> list[str]:
    return [action["kind"] for action in told["actions"] if action["kind"] in ("reply", "follow_up")]


def test_the_mailbox_at_the_server_is_tried_with_its_sent_mail_and_left_as_it_was() -> None:
    with office(NIGHT) as here:
        fill(here)
        before = all_flags(here)
        told = replayed(here)
        assert [(each["source"], kinds(each)) for each in told] == [
            ("info/1", ["reply", "follow_up"]),
            ("info/2", ["follow_up"]),
            ("info/3", ["follow_up"]),
        ]
        assert datetime.fromisoformat(told[0]["received"]) == local("2026-03-24 21:00")
        assert all_flags(here) == before == {1: set(), 2: {rb"\Seen"}, 3: set()}
        assert not (here.directory / "state.db").exists()
        assert not here.mails(CUSTOMER)


def test_the_server_itself_lets_nothing_be_changed_in_what_is_only_looked_at() -> None:
    with office(NIGHT) as here:
        fill(here)
        loaded = configuration.load(here.config)
        box = read_only_mailbox(desks(loaded, Store.open(None), local(NIGHT))["info"])
        box.connect()
        try:
            box.inbox()
            assert len(box.persons_mail(0)) == 1  # and back in the inbox
            with contextlib.suppress(Trouble):  # a server may refuse it, or do nothing
                box.mark((1, 2), Mark(MarkKind.FLAGGED))
        finally:
            box.close()
        assert all_flags(here) == {1: set(), 2: {rb"\Seen"}, 3: set()}
