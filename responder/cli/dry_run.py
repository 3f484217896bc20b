"""`responder once --dry-run`: the daemon's own triage over a copy of the state and a mailbox that can only be read.

So it knows the senders' history and the limits as the daemon does, and nothing it does can leave this process. The
last N mails, which may be on record already, are decided over an empty state, each at the time it came.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from responder.cli import files, records, show, story_lines, times
from responder.cli.app import DONE, LATER, PROBLEMS
from responder.config import LoadedConfig
from responder.errors import Trouble, TroubleKind
from responder.policy.model import Mark
from responder.ports import Fetched, Flags, FolderState, Glimpse, Mailbox, PersonsMail, Special, Unreadable
from responder.store.records import FolderPosition
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.triage import BATCH, Triage, arrival

AT_FIRST = 10  # mails shown of a mailbox that has no starting line yet


def dry_run(loaded: LoadedConfig, last: int | None) -> int:
    """Look at every mailbox; 75 or 1 if one could not be looked at."""
    from responder.daemon.parts import desks, mailbox  # takes its time

    kinds: set[TroubleKind] = set()
    with tempfile.TemporaryDirectory(prefix="responder-") as folder:
        state = loaded.config.state if loaded.config and last is None else None
        with closing(_copy(state, Path(folder))) as store:
            judge = files.judge(loaded.policies.values(), loaded.config.learned if loaded.config else None)
            for desk in desks(loaded, store, times.now(), judge).values():
                try:
                    _look(desk, store, mailbox(desk), last)
                except Trouble as trouble:
                    show.note(f"{desk.name}: {trouble}")
                    kinds.add(trouble.kind)
    if not kinds:
        return DONE
    return LATER if kinds <= {TroubleKind.NETWORK, TroubleKind.BUSY} else PROBLEMS


def _copy(state: Path | None, folder: Path) -> Store:
    """The state as it is now, in a file of its own; without one, an empty state. Raises `Trouble`."""
    copy = folder / "state.db"
    if state is not None and state.exists():
        try:
            source = sqlite3.connect(f"file:{quote(str(state))}?mode=ro", uri=True)
            with closing(source), closing(sqlite3.connect(copy)) as target:
                source.backup(target)
        except sqlite3.Error as error:
            remedy = "see whether `state:` names the right file, and whether you may read it"
            raise Trouble(TroubleKind.STATE, str(state), f"cannot be read ({error})", remedy) from error
    return Store.open(copy)


def _look(desk: Desk, store: Store, box: Mailbox, last: int | None) -> None:
    try:
        box.connect()
        state = box.inbox()
        position = store.position(desk.name, desk.settings.folders.inbox)
        is_new = last is None and position is not None and position.uidvalidity == state.uidvalidity
        uids = box.uids_after(position.last_uid if position and is_new else 0)
        uids = uids if is_new else uids[-(last or AT_FIRST) :]
        show.note(f"{desk.name}: {_said(len(uids), state.messages, is_new=is_new)}")
        for start in range(0, len(uids), BATCH):
            for one in box.fetch(uids[start : start + BATCH]):
                if isinstance(one, Unreadable):
                    show.note(str(one.trouble))
                    continue
                at = times.now()
                _tell(desk, store, state, one, at if is_new else arrival(one, at))
    finally:
        box.close()


def _said(count: int, messages: int, *, is_new: bool) -> str:
    if not count:
        return "nothing new" if is_new else "the inbox is empty"
    if is_new:
        return f"{count} new"
    return f"the last {count} of {messages}, each as if it had just come"


def _tell(desk: Desk, store: Store, state: FolderState, one: Fetched, at: datetime) -> None:
    """Triage one mail at a time that is `at`, and tell what came of it."""
    inbox = desk.settings.folders.inbox
    state = replace(state, uidnext=max(state.uidnext, one.uid + 1))
    store.baseline(FolderPosition(desk.name, inbox, state.uidvalidity, one.uid - 1, at, at))
    Triage(desk, store, _Stopped(at)).run(_OneMail(state, one))
    tick = timedelta(microseconds=1)
    found = [
        row
        for row in store.ledger(desk.name, at - tick, at).messages
        if (row.place.uidvalidity, row.place.uid) == (state.uidvalidity, one.uid)
    ]
    for row in found:
        try:
            told = records.story_of_row(store, row, desk.policy, desk.settings)
        except Trouble as trouble:
            show.note(str(trouble))
            continue
        letters = tuple(replace(letter, note="") for letter in told.letters)
        story_lines.tell(replace(told, letters=letters), desk.policy)


@dataclass(frozen=True, slots=True)
class _Stopped:
    """Fits `ports.Clock`: a clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class _OneMail:
    """Fits `ports.Mailbox`: one mail, to be read only; whatever would change something does nothing."""

    state: FolderState
    mail: Fetched

    def connect(self) -> None: ...

    def close(self) -> None: ...

    def inbox(self) -> FolderState:
        return self.state

    def uids_after(self, last_uid: int) -> tuple[int, ...]:
        return (self.mail.uid,) if self.mail.uid > last_uid else ()

    def fetch(self, uids: Sequence[int]) -> tuple[Fetched, ...]:
        return (self.mail,) if self.mail.uid in uids else ()

    def glimpse(self, uid: int) -> Glimpse:
        return Glimpse()

    def flags(self, uids: Sequence[int]) -> dict[int, Flags]:
        return {}

    def answered_in(self, folder: str, since: datetime) -> frozenset[str]:
        return frozenset()

    def held_in(self, folder: str, since: datetime) -> frozenset[str]:
        return frozenset()

    def refused(self, marks: Sequence[Mark]) -> dict[Mark, Trouble]:
        return {}

    def mark(self, uids: Sequence[int], mark: Mark) -> None: ...

    def correspondents(self, since: datetime) -> Iterator[frozenset[str] | Trouble]:
        return iter(())

    def sent_state(self) -> FolderState | None:
        return None

    def persons_mail(self, after_uid: int, last_uid: int | None = None) -> tuple[PersonsMail, ...]:
        return ()

    def own_mail(self, since: datetime) -> frozenset[str]:
        return frozenset()

    def append(self, folder: Special, content: bytes, at: datetime) -> None: ...

    def holds(self, folder: Special, message_id: str) -> bool:
        return False

    def held(self, folder: Special, message_ids: Collection[str], since: datetime) -> frozenset[str]:
        return frozenset()

    def wait(self, seconds: float, wake: object) -> None: ...
