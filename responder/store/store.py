"""What is remembered: the only place that speaks SQL.

Short synchronous transactions over SQLAlchemy Core; every method is one
transaction and may be called from any thread. SQLite in WAL mode with
`synchronous=FULL`: what was recorded survives a power cut. Knows nothing of
IMAP, SMTP or the policy; times come as arguments.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import Connection, Engine

from responder.policy.model import Used
from responder.ports import PersonsMail
from responder.store import (
    alarms,
    bounces,
    counts,
    engine,
    ledger,
    observations,
    outline,
    policies,
    purge,
    restored,
    sql,
)
from responder.store import schema as t
from responder.store.batch import Batch
from responder.store.counts import Counts
from responder.store.engine import make_engine, migrate, told
from responder.store.records import (
    OPEN,
    WAKES,
    AlarmRow,
    CopyState,
    DigestRow,
    Event,
    FolderPosition,
    Held,
    KeptPolicy,
    Ledger,
    MessageRow,
    MessageState,
    NewAlarm,
    NewMail,
    Observation,
    Observed,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Remembered,
    Report,
    Transport,
    TroubleRow,
    Unsettled,
    WaitingRow,
)
from responder.store.turns import Turns

MAIL = frozenset({Transport.SMTP})  # what leaves by the mail server
TRACES = "traces"  # setting: something was taken off the record that the file may still hold traces of


class Store:
    """The state file. Open with `Store.open`; close when done."""

    def __init__(self, engine: Engine, path: Path | None) -> None:
        self._engine = engine
        self._turns = Turns(path)
        self.path = path
        self._file: os.stat_result | None = None  # the one that was opened

    @classmethod
    def open(cls, path: Path | None) -> Store:
        """Open (creating or upgrading) the state at `path`; None: in memory, for tests and `explain`.

        Raises `Trouble` (STATE) when the file cannot be used.
        """
        store = cls(make_engine(path), path)
        with told(path):
            migrate(store._engine, path)
        store._file = engine.file_at(path)
        return store

    @classmethod
    def as_it_is(cls, path: Path) -> Store:
        """As `open`, of a file that is there and of this version: nothing is created or upgraded. Raises `Trouble`."""
        store = cls(make_engine(path), path)
        with told(path):
            engine.require_current(store._engine, path)
        return store

    def check_in_place(self) -> None:
        """Raises `Trouble` (STATE) when the file was deleted or replaced: SQLite goes on in one that nobody finds."""
        if self._file is None:
            return
        found = engine.file_at(self.path)
        if found is None or not os.path.samestat(found, self._file):
            raise engine.gone(self.path)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with told(self.path), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        options = {"immediate": True}
        with (
            self._turns.take(),
            told(self.path),
            self._engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    def wait_for_writers(self) -> None:
        """Whoever has begun to write has ended: all that is on record up to now can be read."""
        with self._turns.take():
            pass

    # --- folders -----------------------------------------------------------------------------------------------

    def position(self, account: str, name: str) -> FolderPosition | None:
        """How far this folder has been read; None before first contact."""
        with self._read() as connection:
            row = connection.execute(POSITION, {"account": account, "name": name}).mappings().one_or_none()
        return FolderPosition(**row) if row else None

    def baseline(self, position: FolderPosition) -> None:
        """See `Batch.baseline`."""
        with self.batch() as batch:
            batch.baseline(position)

    def checked(self, account: str, name: str, at: datetime) -> None:
        """Note that the folder was looked at, for `status`."""
        with self._write() as connection:
            sql.change_folder(connection, account, name, checked_at=at)

    # --- triage ------------------------------------------------------------------------------------------------

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """One transaction for a batch of new messages: all of it, or nothing."""
        with self._write() as connection:
            yield Batch(connection)

    def read(self, account: str, name: str, uidvalidity: int, limit: int) -> tuple[int, ...]:
        """UIDs of the newest messages that were read from this folder."""
        c = t.message.c
        which = (c.account == account, c.folder == name, c.uidvalidity == uidvalidity, c.uid > 0)
        query = sa.select(c.uid).where(*which, c.state == MessageState.DECIDED).order_by(c.uid.desc()).limit(limit)
        with self._read() as connection:
            return tuple(connection.execute(query).scalars())

    def unmarked(self, account: str, limit: int) -> tuple[MessageRow, ...]:
        """Messages whose mark on the server is still owed, the oldest of them."""
        with self._read() as connection:
            rows = connection.execute(UNMARKED, {"account": account, "limit": limit}).mappings()
            return tuple(sql.message_of(row) for row in rows)

    def marked(self, marks: Mapping[int, Sequence[str]], at: datetime) -> None:
        """Which marks each of these messages now has."""
        with self._write() as connection:
            for message, has in marks.items():
                connection.execute(MARK, {"row": message, "marks": list(has), "marked_at": at})

    def learn(self, addresses: Iterable[str], at: datetime) -> None:
        """Remember correspondents, so that an old customer is not taken for a new one."""
        rows = [{"address": address, "first_seen": at} for address in set(addresses)]
        if not rows:
            return
        with self._write() as connection:
            connection.execute(insert_or(t.correspondent).on_conflict_do_nothing(), rows)

    # --- a person answered -------------------------------------------------------------------------------------

    def add_answers(self, account: str, mails: Sequence[PersonsMail], position: FolderPosition) -> None:
        """Index mails a person of ours wrote, and how far Sent has been read; our own sent mail is left out."""
        with self._write() as connection:
            for mail in mails:
                if not sql.sent_by_us(connection, mail.message_id):
                    sql.add_answer(connection, account, mail)
            reached = {"last_uid": position.last_uid, "checked_at": position.checked_at}
            sql.change_folder(connection, account, position.name, **reached)

    def answers_to(self, keys: Iterable[str]) -> dict[str, datetime]:
        """When a person of ours last wrote, by key: `to:ADDRESS`, or `id:MESSAGE-ID` for a mail in that thread."""
        wanted = sorted(set(keys))
        found: dict[str, datetime] = {}
        query = sa.select(t.answer_key.c.key, sa.func.max(t.answer.c.at)).join(
            t.answer, t.answer_key.c.answer == t.answer.c.id
        )
        with self._read() as connection:
            for start in range(0, len(wanted), sql.CHUNK):
                chunk = t.answer_key.c.key.in_(wanted[start : start + sql.CHUNK])
                rows = connection.execute(query.where(chunk).group_by(t.answer_key.c.key))
                found.update((key, at) for key, at in rows)
        return found

    def follow_up_since(self, recipient: str, since: datetime) -> bool:
        """Has this person been sent a follow-up since then, from any of our mailboxes?"""
        c = t.outbox.c
        states = (
            OutboxState.DUE, OutboxState.SENDING, OutboxState.SENT, OutboxState.UNCERTAIN, OutboxState.CLOSED,
            OutboxState.BOUNCED,
        )  # fmt: skip
        sent = sa.exists().where(
            c.recipient == recipient,
            sql.beside(c.kind) == OutboxKind.FOLLOW_UP,
            c.delivery == Transport.SMTP,
            c.state.in_(states),
            c.changed_at >= since,
        )
        with self._read() as connection:
            return bool(connection.execute(sa.select(sent)).scalar())

    def waiting(self, account: str, until: datetime) -> tuple[WaitingRow, ...]:
        """Follow-ups of this account whose time has come, oldest first; of each as much as tells which go together."""
        c, m = t.outbox.c, t.message.c
        query = sa.select(c.id, c.delivery, c.recipient, m.id.label("message"), m.message_id, m.references)
        query = query.join(t.message, c.message == m.id).where(*_waits(account, until)).order_by(c.id)
        with self._read() as connection:
            return tuple(sql.waiting_of(row) for row in connection.execute(query).mappings())

    def awaits(self, account: str, until: datetime) -> bool:
        """Is there a follow-up whose time has come, or a draft in doubt?"""
        due = sa.exists().where(*_waits(account, until))
        doubtful = sa.exists().where(*_unfinished(account))
        with self._read() as connection:
            return bool(connection.execute(sa.select(sa.or_(due, doubtful))).scalar())

    def follow_ups(self, rows: Sequence[int]) -> tuple[tuple[OutboxRow, MessageRow], ...]:
        """Those follow-ups, with the messages they answer, in the same order."""
        with self._read() as connection:
            mails = sql.by_id(connection, t.outbox, rows, sql.mail_of)
            answered = [mail.message for mail in mails.values() if mail.message is not None]
            messages = sql.by_id(connection, t.message, answered, sql.message_of)
        found = (mails[row] for row in rows if row in mails)
        return tuple((mail, messages[mail.message]) for mail in found if mail.message is not None)

    def unfinished_drafts(self, account: str, limit: int) -> tuple[OutboxRow, ...]:
        """Drafts that were being filed when the daemon stopped, maybe there, maybe not: the oldest of them."""
        return self._mails(sa.select(t.outbox).where(*_unfinished(account)).order_by(t.outbox.c.id).limit(limit))

    def unsettled(self, account: str, since: datetime, after: int, limit: int) -> tuple[Unsettled, ...]:
        """As `unhandled`, and others of which somebody was told and nobody knows yet; a portion, by their numbers."""
        c = t.message.c
        alarmed = sa.select(t.alarm.c.message).where(t.alarm.c.account == account, t.alarm.c.ended_at.is_(None))
        told = sa.and_(c.id.in_(alarmed), c.state == MessageState.DECIDED, c.handled_at.is_(None))
        which = (c.account == account, c.handled_at.is_(None), sa.or_(counts.unhandled(), told), c.arrived_at >= since)
        query = sa.select(c.id, c.uidvalidity, c.uid, c.message_id, c.sender, c.arrived_at, c.marks)
        query = query.add_columns(c.urgency, c.marked_at).where(*which)
        with self._read() as connection:
            rows = connection.execute(query.where(c.id > after).order_by(c.id).limit(limit)).mappings()
            return tuple(Unsettled(**{**row, "marks": tuple(row["marks"])}) for row in rows)

    def replies(self, account: str | None, now: datetime, counted: Collection[OutboxState]) -> Used:
        """Automatic replies of a mailbox, or None: of all, as the limits count them."""
        which = () if account is None else (sql.OF_ACCOUNT,)
        with self._read() as connection:
            return sql.replies(connection, counted, now, *which, account=account)

    def alarms(self, account: str, now: datetime, counted: Collection[OutboxState]) -> Used:
        """What the limit of alerts counts."""
        with self._read() as connection:
            return alarms.raised(connection, account, now, counted)

    def unreached_staff(self, account: str, before: datetime) -> frozenset[str]:
        """See `bounces.unreached_staff`."""
        with self._read() as connection:
            return bounces.unreached_staff(connection, account, before)

    def handled(self, messages: Sequence[int], how: str, at: datetime) -> None:
        """A person has dealt with them: stop the clock, cancel what still waits for these messages."""
        with self._write() as connection:
            for start in range(0, len(messages), sql.CHUNK):
                some = messages[start : start + sql.CHUNK]
                sql.handled(connection, some, how, at, at)
                alarms.end(connection, how, at, t.alarm.c.message.in_(some))

    # --- what staff judged otherwise ---------------------------------------------------------------------------

    def observed(self, messages: Sequence[int]) -> frozenset[tuple[int, Observed]]:
        """What is on record of what staff did with these mails."""
        with self._read() as connection:
            return observations.known(connection, messages)

    def observe(self, made: Sequence[Observation]) -> None:
        """Record what staff did; the first of its kind about a mail stays."""
        with self._write() as connection:
            observations.add(connection, made)

    def observations(self, account: str, since: datetime) -> tuple[Observation, ...]:
        """What staff did since then, in that order."""
        with self._read() as connection:
            return observations.since(connection, account, since)

    def remembered(self, account: str, since: datetime) -> tuple[Remembered, ...]:
        """The mails of persons that came since then, as far as their words are kept."""
        with self._read() as connection:
            return tuple(observations.remembered(connection, account, since))

    # --- alarms ------------------------------------------------------------------------------------------------

    def raise_alarm(self, alarm: NewAlarm, at: datetime, because: str | None = None) -> None:
        """Tell somebody at once; `because`: of trouble, which is on record by the same stroke and ends the alarm."""
        with self._write() as connection:
            if because is not None:
                sql.note_trouble(connection, alarm.account, alarm.kind, because, at)
            alarms.add(connection, alarm, None, at)

    def alarm(self, number: int) -> AlarmRow | None:
        with self._read() as connection:
            return sql.by_id(connection, t.alarm, [number], alarms.alarm_of).get(number)

    def open_alarms(self, since: datetime) -> tuple[AlarmRow, ...]:
        """Those raised since then that nobody has acknowledged, and whose cause is not over."""
        query = sa.select(t.alarm).where(t.alarm.c.ended_at.is_(None), t.alarm.c.raised_at >= since)
        with self._read() as connection:
            rows = connection.execute(query.order_by(t.alarm.c.id)).mappings()
            return tuple(alarms.alarm_of(row) for row in rows)

    def end_alarm(self, number: int, by: str, at: datetime) -> bool:
        """A person has acknowledged it; False when it had ended already."""
        with self._write() as connection:
            return alarms.end(connection, by, at, t.alarm.c.id == number) == 1

    # --- what people did ---------------------------------------------------------------------------------------

    def add_event(self, *events: Event) -> None:
        """Record something that a person did; several that belong together."""
        with self._write() as connection:
            for event in events:
                sql.add_event(connection, event)

    def add_note(self, note: Event, since: datetime, how: str | None, now: datetime) -> int:
        """Record that a person spoke with a customer; `how` unless None: it settles what had come since then.

        The number of messages it settles.
        """
        open_then = (t.message.c.sender == note.address, t.message.c.arrived_at <= note.at)
        with self._write() as connection:
            sql.add_event(connection, note)
            if how is None:
                return 0
            rows = connection.execute(sa.select(t.message.c.id).where(*open_then, *_unhandled(since))).scalars().all()
            sql.handled(connection, rows, how, note.at, now)
            sql.close_doubt(
                connection, how, now, t.outbox.c.recipient == note.address, t.outbox.c.created_at <= note.at
            )
            alarms.end(connection, note.by, now, t.alarm.c.message.in_(rows))
            return len(rows)

    def accounts_of(self, address: str) -> tuple[str, ...]:
        """The mailboxes this person has written to."""
        query = sa.select(t.message.c.account).where(t.message.c.sender == address).distinct()
        with self._read() as connection:
            return tuple(connection.execute(query.order_by(t.message.c.account)).scalars())

    # --- what goes off the record ------------------------------------------------------------------------------

    def purge_words(self, before: datetime, at: datetime, limit: int) -> int:
        """Take off what customers wrote before that time; how many rows had something of it (0: nothing is left)."""
        with self._write() as connection:
            return self._traced(connection, purge.words(connection, before, at, limit))

    def purge_records(self, before: datetime, limit: int) -> int:
        """Take off what is older than that, unless it is still open; how many rows it was (0: nothing is left)."""
        with self._write() as connection:
            return self._traced(connection, purge.records(connection, before, limit))

    def held(self, address: str) -> Held:
        """How much is on record of this person."""
        with self._read() as connection:
            return purge.held(connection, address)

    def forget(self, address: str) -> Held:
        """Take everything off that is on record of this person; what it was."""
        with self._write() as connection:
            held = purge.held(connection, address)
            purge.forget(connection, address)
            self._traced(connection, 1)
        return held

    def last_off_record(self) -> datetime | None:
        """The latest time of a mail of ours that was taken off the record."""
        latest = self.setting(purge.OFF_RECORD)
        return datetime.fromisoformat(latest) if latest is not None else None

    def make_safe(self, now: datetime, watched_since: datetime, stale: datetime, followed: datetime) -> int:
        """Of a restored state: nothing is done again; how many mails to customers are in doubt."""
        with self._write() as connection:
            return restored.make_safe(connection, now, watched_since, stale, followed)

    @staticmethod
    def _traced(connection: Connection, rows: int) -> int:
        if rows:
            connection.execute(insert_or(t.setting).values(key=TRACES, value="").on_conflict_do_nothing())
        return rows

    def scrub(self) -> bool:
        """What was taken off the record goes from the file, too; False when somebody was reading: once more, later."""
        with self._turns.take(), told(self.path):  # in its turn: SQLite would let others wait for 15 seconds only
            is_clean = engine.scrub(self._engine)
        if is_clean:
            self.set(TRACES, None)
        return is_clean

    # --- outbox ------------------------------------------------------------------------------------------------

    def word(
        self, row: int, content: bytes, text: str, state: OutboxState, at: datetime, *, not_after: datetime | None
    ) -> bool:
        """Freeze the bytes of a waiting follow-up and move it on; False when it no longer waits."""
        with self._write() as connection:
            changed = connection.execute(
                t.outbox.update()
                .where(t.outbox.c.id == row, t.outbox.c.state == OutboxState.WAITING)
                .values(content=content, text=text, state=state, changed_at=at, not_after=not_after)
            )
        return changed.rowcount == 1

    def unword(self, row: int, at: datetime) -> None:
        """A draft that was never filed waits again, and is worded anew."""
        with self._write() as connection:
            connection.execute(
                t.outbox.update()
                .where(t.outbox.c.id == row, t.outbox.c.state == OutboxState.SENDING)
                .values(state=OutboxState.WAITING, content=None, text="", not_after=None, changed_at=at)
            )

    def add_mail(self, mail: NewMail, at: datetime) -> None:
        """Record a mail to staff that belongs to no message."""
        with self._write() as connection:
            sql.add_mail(connection, mail, None, at)

    def claim(
        self,
        now: datetime,
        account: str,
        kinds: Collection[OutboxKind] = frozenset(OutboxKind),
        ways: Collection[Transport] = MAIL,
    ) -> OutboxRow | None:
        """Take what is due next of an account: `due → sending`, alerts first; what came too late is dropped."""
        with self._write() as connection:
            sql.drop_late(connection, now)
            alarms.silence(connection, account, now)
            asked, among = {"now": now, "account": account}, frozenset(ways)
            row = connection.execute(_first_alert(among), asked).scalar() if OutboxKind.ALERT in kinds else None
            if row is None:
                row = connection.execute(_first_due(among, frozenset(kinds)), asked).scalar()
            if row is None:
                return None
            sql.change_mail(connection, row, state=OutboxState.SENDING, changed_at=now)
            return sql.by_id(connection, t.outbox, [row], sql.mail_of).get(row)

    def any_due(
        self,
        now: datetime,
        account: str,
        ways: Collection[Transport] = MAIL,
        kinds: Collection[OutboxKind] = frozenset(OutboxKind),
    ) -> bool:
        """Is there anything to claim, or to drop? Asked first: mostly there is not, and a lock is spared."""
        query = _any_due(frozenset(ways), frozenset(kinds))
        with self._read() as connection:
            return bool(connection.execute(query, {"now": now, "account": account}).scalar())

    def sent_since(self, account: str, since: datetime) -> tuple[datetime, ...]:
        """When mails of this account went out (or may have), for the provider's limits."""
        with self._read() as connection:
            return tuple(connection.execute(SENT_SINCE, {"account": account, "since": since}).scalars())

    def settle(
        self,
        row: int,
        state: OutboxState,
        at: datetime,
        *,
        reason: str = "",
        due_at: datetime | None = None,
        envelope_from: str | None = None,
        attempts: int | None = None,
    ) -> None:
        """Record how one mail went; `due_at` with state DUE is the next try."""
        given = {"due_at": due_at, "envelope_from": envelope_from, "attempts": attempts}
        values = {"state": state, "changed_at": at, "reason": reason}
        values |= {name: value for name, value in given.items() if value is not None}
        with self._write() as connection:
            sql.change_mail(connection, row, **values)

    def close_doubt(self, row: int, reason: str, at: datetime) -> bool:
        """A person has looked into a mail that may have gone out; False when it is not in doubt."""
        with self._write() as connection:
            return sql.close_doubt(connection, reason, at, t.outbox.c.id == row) == 1

    def cancel(self, row: int, reason: str, at: datetime) -> bool:
        """Cancel what has not gone out; False when it is too late."""
        open_states = (OutboxState.WAITING, OutboxState.DUE, OutboxState.WITHHELD)
        with self._write() as connection:
            changed = connection.execute(
                t.outbox.update()
                .where(t.outbox.c.id == row, t.outbox.c.state.in_(open_states))
                .values(state=OutboxState.CANCELLED, reason=reason, changed_at=at)
            )
        return changed.rowcount == 1

    def join(self, rows: Sequence[int], reason: str, at: datetime) -> None:
        """Follow-ups that still wait are cancelled: another one answers for them."""
        with self._write() as connection:
            for start in range(0, len(rows), sql.CHUNK):
                some = t.outbox.c.id.in_(rows[start : start + sql.CHUNK])
                connection.execute(
                    t.outbox.update()
                    .where(some, t.outbox.c.state == OutboxState.WAITING)
                    .values(state=OutboxState.CANCELLED, reason=reason, changed_at=at)
                )

    def recover(self, at: datetime) -> int:
        """After a stop: what was in flight to a customer is `uncertain` (counted), to staff `due` again."""
        in_flight = (t.outbox.c.state == OutboxState.SENDING, t.outbox.c.delivery != Transport.DRAFT)
        customer = t.outbox.c.kind.in_([kind for kind in OutboxKind if kind.to_customer])
        with self._write() as connection:
            uncertain = connection.execute(
                t.outbox.update()
                .where(*in_flight, customer)
                .values(state=OutboxState.UNCERTAIN, changed_at=at, reason="stopped while it was being sent")
            )
            connection.execute(
                t.outbox.update().where(*in_flight, ~customer).values(state=OutboxState.DUE, changed_at=at)
            )
        return uncertain.rowcount

    def recall(self, account: str, at: datetime) -> None:
        """Calls that are not under way any more, although it says so: due again."""
        with self._write() as connection:
            connection.execute(
                t.outbox.update()
                .where(
                    t.outbox.c.account == account,
                    t.outbox.c.state == OutboxState.SENDING,
                    t.outbox.c.delivery.in_(WAKES),
                )
                .values(state=OutboxState.DUE, changed_at=at)
            )

    def uncertain(self, account: str, since: datetime, after: int, limit: int) -> tuple[OutboxRow, ...]:
        """Customer mail that has been in doubt since then or later, in outline; a portion, by their numbers."""
        c = t.outbox.c
        in_doubt = (c.account == account, c.state == OutboxState.UNCERTAIN, c.changed_at > since, c.id > after)
        with self._read() as connection:
            return outline.Outlines(connection).mails(outline.mails().where(*in_doubt).order_by(c.id).limit(limit))

    def unknown(self, message_ids: Iterable[str]) -> frozenset[str]:
        """Of these Message-IDs, those that no mail of ours on record has."""
        asked = sorted(set(message_ids))
        known: set[str] = set()
        with self._read() as connection:
            for start in range(0, len(asked), sql.CHUNK):
                chunk = t.outbox.c.message_id.in_(asked[start : start + sql.CHUNK])
                known.update(connection.execute(sa.select(t.outbox.c.message_id).where(chunk)).scalars())
        return frozenset(asked) - known

    def uncopied(self, account: str, limit: int) -> tuple[OutboxRow, ...]:
        """Sent mail whose copy in the Sent folder is still owed, the oldest of it."""
        return self._mails(UNCOPIED, account=account, limit=limit)

    def copied(self, row: int, state: CopyState = CopyState.FILED) -> None:
        """No copy is owed any more."""
        with self._write() as connection:
            sql.change_mail(connection, row, copy=state)

    def mails(self, *where: sa.ColumnElement[bool]) -> tuple[OutboxRow, ...]:
        return self._mails(sa.select(t.outbox).where(*where).order_by(t.outbox.c.id))

    def _mails(self, query: sa.Select[Any], **values: object) -> tuple[OutboxRow, ...]:
        with self._read() as connection:
            return tuple(sql.mail_of(row) for row in connection.execute(query, values).mappings())

    def owed(self) -> dict[OutboxState, int]:
        """How many mails are still owed, or in doubt, by their state; for `status`."""
        state = t.outbox.c.state
        query = sa.select(state, sa.func.count()).where(state.in_(OPEN)).group_by(state)
        with self._read() as connection:
            return {OutboxState(each): number for each, number in connection.execute(query)}

    def open_mails(self) -> tuple[OutboxRow, ...]:
        """All that is still owed, and what a person should look at: the `queue`."""
        return self.mails(t.outbox.c.state.in_(OPEN))

    def mail(self, row: int) -> OutboxRow | None:
        found = self.mails(t.outbox.c.id == row)
        return found[0] if found else None

    def mails_of(self, message: int) -> tuple[OutboxRow, ...]:
        """All that one message led to."""
        return self.mails(t.outbox.c.message == message)

    def last_arrival(self, account: str) -> datetime | None:
        """When the last message on record came in, for `status`."""
        with self._read() as connection:
            query = sa.select(sa.func.max(t.message.c.arrived_at)).where(t.message.c.account == account)
            return connection.execute(query).scalar()

    def newest(self) -> datetime | None:
        """The latest time on record; nothing is sent while the clock stands behind it."""
        with self._read() as connection:
            times = connection.execute(NEWEST).one()
        return max((time for time in times if time is not None), default=None)

    def own_words(self, accounts: Collection[str], since: datetime, limit: int) -> Iterator[str]:
        """The senders' own words, as far as they are kept, of the newest mails since then; read as they are wanted."""
        c = t.message.c
        which = (c.account.in_(accounts), c.arrived_at >= since, c.own_words != "")
        query = sa.select(c.own_words).where(*which).order_by(c.arrived_at.desc()).limit(limit)
        with self._read() as connection:
            yield from connection.execution_options(yield_per=sql.CHUNK).execute(query).scalars()

    def decided(
        self, accounts: Collection[str], since: datetime, before: MessageRow | None, limit: int
    ) -> tuple[MessageRow, ...]:
        """Mails that came since then, the newest first; a portion: those that came `before` that one."""
        c = t.message.c
        query = sa.select(t.message).where(sql.beside(c.account).in_(accounts), c.arrived_at >= since)
        query = query.where(sql.beside(c.state) == MessageState.DECIDED)
        if before is not None:
            query = query.where(sa.tuple_(c.arrived_at, c.id) < sa.tuple_(before.arrived_at, before.id))
        with self._read() as connection:
            rows = connection.execute(query.order_by(c.arrived_at.desc(), c.id.desc()).limit(limit)).mappings()
            return tuple(sql.message_of(row) for row in rows)

    # --- ledger, digest, trouble -------------------------------------------------------------------------------

    def message(self, row: int) -> MessageRow | None:
        with self._read() as connection:
            found = sql.by_id(connection, t.message, [row], sql.message_of)
        return found.get(row)

    def policy(self, digest: str) -> KeptPolicy | None:
        """The policy with that hash, as it read when it was in force."""
        with self._read() as connection:
            return policies.find(connection, digest)

    def ledger_of(self, sender: str, since: datetime, until: datetime) -> Ledger:
        """As `ledger`, of one address or domain."""
        with self._read() as connection:
            return ledger.of_sender(connection, sender, ledger.Period(None, since, until))

    def ledger(self, account: str | None, since: datetime, until: datetime) -> Ledger:
        """What happened between two times: messages that came, mails that changed, troubles that were open."""
        with self._read() as connection:
            return ledger.of(connection, ledger.Period(account, since, until))

    def report(self, account: str, since: datetime, until: datetime, open_since: datetime) -> Report:
        """What a digest of this time is made of; of messages that nobody has dealt with, those that came since then."""
        with self._read() as connection:
            return outline.Outlines(connection).report(ledger.Period(account, since, until), account, open_since)

    def last_digest(self, account: str) -> DigestRow | None:
        with self._read() as connection:
            row = (
                connection.execute(
                    sa.select(t.digest)
                    .where(t.digest.c.account == account)
                    .order_by(t.digest.c.covers_to.desc())
                    .limit(1)
                )
                .mappings()
                .one_or_none()
            )
        return sql.digest_of(row) if row else None

    def add_digest(self, digest: DigestRow, mails: Sequence[NewMail], at: datetime) -> bool:
        """Record a digest and its mails together; False when that date already has one."""
        with self._write() as connection:
            added = connection.execute(
                insert_or(t.digest)
                .values(
                    account=digest.account,
                    date=digest.date,
                    covers_from=digest.covers_from,
                    covers_to=digest.covers_to,
                )
                .on_conflict_do_nothing()
            )
            if added.rowcount != 1:
                return False
            for mail in mails:
                sql.add_mail(connection, mail, None, at)
        return True

    def note_trouble(self, account: str, kind: str, text: str, at: datetime) -> bool:
        """Record trouble; a trouble that goes on is one row. True when it is new."""
        with self._write() as connection:
            return sql.note_trouble(connection, account, kind, text, at)

    def end_trouble(self, account: str, kinds: Iterable[str], at: datetime) -> None:
        """What was wrong is right again."""
        with self._write() as connection:
            over = tuple(kinds)
            sql.end_trouble(connection, account, over, at)
            alarms.end_of_kinds(connection, account, over, at)

    def open_troubles(self) -> tuple[TroubleRow, ...]:
        with self._read() as connection:
            rows = connection.execute(sa.select(t.trouble).where(t.trouble.c.ended_at.is_(None))).mappings()
            return tuple(sql.trouble_of(row) for row in rows)

    def counts(self, now: datetime, since: datetime) -> Counts:
        """What stands on record, counted; of open messages, those that came since then."""
        with self._read() as connection:
            return counts.count(connection, now, since)

    def secret(self) -> str:
        """The office's own key for Message-IDs, made on first use."""
        return self.set_once("secret", secrets.token_hex(32))

    def set_once(self, key: str, value: str) -> str:
        """Set a setting unless it is there; what it is now."""
        with self._write() as connection:
            connection.execute(insert_or(t.setting).values(key=key, value=value).on_conflict_do_nothing())
            return str(connection.execute(SETTING, {"key": key}).scalar_one())

    def setting(self, key: str) -> str | None:
        with self._read() as connection:
            return connection.execute(SETTING, {"key": key}).scalar_one_or_none()

    def remove_setting(self, key: str, seen: str) -> bool:
        """Remove a setting if it still is what was seen; False when somebody was quicker."""
        with self._write() as connection:
            removed = connection.execute(t.setting.delete().where(t.setting.c.key == key, t.setting.c.value == seen))
        return removed.rowcount == 1

    def set(self, key: str, value: str | None) -> None:
        """Set a setting; None removes it."""
        with self._write() as connection:
            sql.set_setting(connection, key, value)


POSITION = sa.select(t.folder).where(t.folder.c.account == sql.given("account"), t.folder.c.name == sql.given("name"))
SETTING = sa.select(t.setting.c.value).where(t.setting.c.key == sql.given("key"))
UNMARKED = (
    sa.select(t.message)
    .where(t.message.c.account == sql.given("account"), t.message.c.marked_at.is_(None))
    .order_by(t.message.c.id)
    .limit(sql.given("limit"))
)
MARK = t.message.update().where(t.message.c.id == sql.given("row"))
UNCOPIED = (
    sa.select(t.outbox)
    .where(
        sql.OF_ACCOUNT,
        sql.is_one_of(t.outbox.c.state, (OutboxState.SENT, OutboxState.BOUNCED)),
        sql.is_in_index(t.outbox.c.copy, CopyState.PENDING),
    )
    .order_by(t.outbox.c.id)
    .limit(sql.given("limit"))
)
HAS_LEFT = (OutboxState.SENDING, OutboxState.SENT, OutboxState.UNCERTAIN, OutboxState.BOUNCED)  # or may have
SENT_SINCE = sa.select(t.outbox.c.changed_at).where(
    sql.beside(t.outbox.c.account) == sql.given("account"),
    t.outbox.c.delivery == Transport.SMTP,
    sql.is_one_of(sql.beside(t.outbox.c.state), HAS_LEFT),
    t.outbox.c.changed_at > sql.given("since"),
)
NEWEST = sa.select(
    *(
        sa.select(sa.func.max(column)).scalar_subquery()
        for column in (t.outbox.c.changed_at, t.message.c.decided_at, t.folder.c.checked_at)
    )
)


@cache
def _any_due(ways: frozenset[Transport], kinds: frozenset[OutboxKind]) -> sa.Select[bool]:
    is_to_be_dropped = t.outbox.c.not_after <= sql.given("now")
    is_to_be_done = sa.or_(sql.is_one_of(t.outbox.c.kind, kinds), is_to_be_dropped)
    return sa.select(sa.exists().where(sql.OF_ACCOUNT, *_is_due(ways), is_to_be_done))


@cache
def _first_alert(ways: frozenset[Transport]) -> sa.Select[int]:
    """Found by its kind: alerts are few."""
    return _first(*_is_due(ways), sql.OF_ACCOUNT, t.outbox.c.kind == OutboxKind.ALERT)


@cache
def _first_due(ways: frozenset[Transport], kinds: frozenset[OutboxKind]) -> sa.Select[int]:
    """Found in the order they are due: ten thousand of them are neither read nor sorted for the first."""
    of_account = sql.beside(t.outbox.c.account) == sql.given("account")
    return _first(*_is_due(ways), of_account, sql.is_one_of(sql.beside(t.outbox.c.kind), kinds))


def _first(*which: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(t.outbox.c.id).where(*which).order_by(t.outbox.c.due_at, t.outbox.c.id).limit(1)


def _is_due(ways: frozenset[Transport]) -> tuple[sa.ColumnElement[bool], ...]:
    c = t.outbox.c
    return (c.state == OutboxState.DUE, c.due_at <= sql.given("now"), sql.is_one_of(c.delivery, ways))


def _waits(account: str, until: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    c = t.outbox.c
    its_own = (c.account == account, c.kind == OutboxKind.FOLLOW_UP, c.state == OutboxState.WAITING)
    return (*its_own, c.due_at <= until)


def _unfinished(account: str) -> tuple[sa.ColumnElement[bool], ...]:
    c = t.outbox.c
    its_own = (c.account == account, c.kind == OutboxKind.FOLLOW_UP, c.state == OutboxState.SENDING)
    return (*its_own, c.delivery == Transport.DRAFT)


def _unhandled(since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (counts.unhandled(), t.message.c.arrived_at >= since)
