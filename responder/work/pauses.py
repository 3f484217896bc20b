"""A pause: customers get nothing automatic, until a person ends it or its time is over.

One setting of the state, so that the commands begin and end it and a daemon that runs notices. Both are on record.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from responder.store.records import Event, EventKind
from responder.store.store import Store

SETTING = "paused"


@dataclass(frozen=True, slots=True)
class Pause:
    """Why, and until when; None: until a person ends it."""

    reason: str
    since: datetime
    until: datetime | None = None


def in_force(store: Store, now: datetime) -> Pause | None:
    """The pause there is; one whose time is over is none."""
    pause = _kept(store)
    return pause if pause is not None and (pause.until is None or now < pause.until) else None


def begin(store: Store, pause: Pause, by: str) -> None:
    """From now on; one that is there already is replaced."""
    until = pause.until.isoformat() if pause.until else None
    kept = {"reason": pause.reason, "since": pause.since.isoformat(), "until": until}
    store.set(SETTING, json.dumps(kept, ensure_ascii=False))
    store.add_event(Event(pause.since, EventKind.PAUSED, pause.reason, by=by))


def end(store: Store, by: str, now: datetime) -> Pause | None:
    """The pause that a person ended; None if there was none."""
    pause = _kept(store)
    if pause is not None:
        store.set(SETTING, None)
        store.add_event(Event(now, EventKind.RESUMED, pause.reason, by=by))
    return pause


def end_if_over(store: Store, now: datetime) -> None:
    """A pause whose time is over goes off the record; not so one that somebody has begun in the meantime."""
    kept = store.setting(SETTING)
    pause = _read(kept) if kept is not None else None
    if kept is None or pause is None or pause.until is None or now < pause.until:
        return
    if store.remove_setting(SETTING, kept):
        store.add_event(Event(now, EventKind.RESUMED, pause.reason))


def _kept(store: Store) -> Pause | None:
    kept = store.setting(SETTING)
    return _read(kept) if kept is not None else None


def _read(kept: str) -> Pause:
    told = json.loads(kept)
    until = datetime.fromisoformat(told["until"]) if told["until"] else None
    return Pause(told["reason"], datetime.fromisoformat(told["since"]), until)
