"""work/pauses.py: a pause ends with its time or by a person, and never in place of another one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from responder.store.records import EventKind
from responder.store.store import Store
from responder.work import pauses
from responder.work.pauses import Pause
from tests.fakes import local

NOON = local("2026-11-20 12:00")
LUNCH = Pause("lunch", NOON - timedelta(hours=1), NOON)


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store.open(None)
    yield made
    made.close()


def happened(store: Store) -> list[EventKind]:
    return [event.kind for event in store.ledger(None, NOON - timedelta(days=1), NOON + timedelta(days=1)).events]


def test_a_pause_whose_time_is_over_goes_off_the_record_once(store: Store) -> None:
    pauses.begin(store, LUNCH, "lan")
    pauses.end_if_over(store, NOON - timedelta(minutes=1))
    assert pauses.in_force(store, NOON - timedelta(minutes=1)) == LUNCH
    pauses.end_if_over(store, NOON)
    pauses.end_if_over(store, NOON)
    assert store.setting(pauses.SETTING) is None
    assert happened(store) == [EventKind.PAUSED, EventKind.RESUMED]


def test_a_pause_that_somebody_begins_while_another_one_ends_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong_texts = Pause("wrong texts", NOON)
    pauses.begin(store, LUNCH, "lan")
    setting = store.setting

    def and_meanwhile(key: str) -> str | None:
        found = setting(key)
        monkeypatch.undo()
        pauses.begin(store, wrong_texts, "minh")  # by another process
        return found

    monkeypatch.setattr(store, "setting", and_meanwhile)
    pauses.end_if_over(store, NOON)
    assert pauses.in_force(store, NOON) == wrong_texts
    assert happened(store) == [EventKind.PAUSED, EventKind.PAUSED]
