"""What is remembered: the only place that speaks SQL.

Short synchronous transactions over SQLAlchemy Core; every method is one
transaction and may be called from any thread. SQLite in WAL mode with
`synchronous=FULL`: what was recorded survives a power cut. Knows nothing of
IMAP, SMTP or the policy; times come as arguments.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import Connection, Engine, RowMapping
from sqlalchemy.exc import DatabaseError

from responder.errors import Trouble, TroubleKind
from responder.policy.decide import Past, PastReply
from responder.ports import PersonsMail
from responder.store import schema as t
from responder.store.records import (
    CopyState,
    DigestRow,
    FolderPosition,
    Ledger,
    MessageRow,
    MessageState,
    NewMail,
    NewMessage,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Place,
    Transport,
    TroubleRow,
)

BUSY_TIMEOUT = 15  # seconds a transaction waits for another process
COUNTED = tuple(s for s in OutboxState if s not in (OutboxState.DROPPED, OutboxState.CANCELLED, OutboxState.FAILED))


class Store:
    """The state file. Open with `Store.open`; close when done."""

    def __init__(self, engine: Engine, path: Path | None) -> None:
        self._engine = engine
        self.path = path

    @classmethod
    def open(cls, path: Path | None) -> Store:
        """Open (creating or upgrading) the state at `path`; None: in memory, for tests and `explain`.

        Raises `Trouble` (STATE) when the file cannot be used.
        """
        store = cls(_engine(path), path)
        with _told(path):
            _migrate(store._engine, path)
        return store

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with _told(self.path), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        options = {"immediate": True}
        with _told(self.path), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    # --- folders -----------------------------------------------------------------------------------------------

    def position(self, account: str, name: str) -> FolderPosition | None:
        """How far this folder has been read; None before first contact."""
        with self._read() as connection:
            row = (
                connection.execute(sa.select(t.folder).where(t.folder.c.account == account, t.folder.c.name == name))
                .mappings()
                .one_or_none()
            )
        return FolderPosition(**row) if row else None

    def baseline(self, position: FolderPosition) -> None:
        """Record the starting line of a folder: nothing up to `last_uid` is ever answered."""
        with self._write() as connection:
            values = {column: getattr(position, column) for column in FolderPosition.__dataclass_fields__}
            statement = insert_or(t.folder).values(**values)
            connection.execute(statement.on_conflict_do_update(index_elements=["account", "name"], set_=values))

    def checked(self, account: str, name: str, at: datetime) -> None:
        """Note that the folder was looked at, for `status`."""
        with self._write() as connection:
            connection.execute(
                t.folder.update().where(t.folder.c.account == account, t.folder.c.name == name).values(checked_at=at)
            )

    def positions(self) -> tuple[FolderPosition, ...]:
        with self._read() as connection:
            rows = connection.execute(sa.select(t.folder).order_by(t.folder.c.account, t.folder.c.name)).mappings()
            return tuple(FolderPosition(**row) for row in rows)

    # --- triage ------------------------------------------------------------------------------------------------

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """One transaction for a batch of new messages: all of it, or nothing."""
        with self._write() as connection:
            yield Batch(connection)

    def unmarked(self, account: str) -> tuple[MessageRow, ...]:
        """Messages whose mark on the server is still owed."""
        with self._read() as connection:
            rows = connection.execute(
                sa.select(t.message)
                .where(t.message.c.account == account, t.message.c.marked_at.is_(None))
                .order_by(t.message.c.id)
            ).mappings()
            return tuple(_message(row) for row in rows)

    def marked(self, messages: Sequence[int], at: datetime) -> None:
        with self._write() as connection:
            connection.execute(t.message.update().where(t.message.c.id.in_(messages)).values(marked_at=at))

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
                if not _sent_by_us(connection, mail.message_id):
                    _add_answer(connection, account, mail)
            connection.execute(
                t.folder.update()
                .where(t.folder.c.account == account, t.folder.c.name == position.name)
                .values(last_uid=position.last_uid, checked_at=position.checked_at)
            )

    def answered_since(self, sender: str, thread: Iterable[str], since: datetime) -> datetime | None:
        """When a person of ours last wrote to this address, or in this thread, at or after `since`."""
        keys = [f"to:{sender}", *(f"id:{message_id}" for message_id in thread)]
        with self._read() as connection:
            return _last_answer(connection, keys, since)

    def waiting(self, account: str, until: datetime) -> tuple[tuple[OutboxRow, MessageRow], ...]:
        """Follow-ups of this account whose time has come, with the messages they answer, oldest first."""
        return self._follow_ups(account, until, OutboxState.WAITING)

    def unfinished_drafts(self, account: str) -> tuple[tuple[OutboxRow, MessageRow], ...]:
        """Drafts that were being filed when the daemon stopped: maybe there, maybe not."""
        return self._follow_ups(account, None, OutboxState.SENDING)

    def _follow_ups(
        self, account: str, until: datetime | None, state: OutboxState
    ) -> tuple[tuple[OutboxRow, MessageRow], ...]:
        query = sa.select(t.outbox.c.id, t.outbox.c.message).where(
            t.outbox.c.account == account,
            t.outbox.c.kind == OutboxKind.FOLLOW_UP,
            t.outbox.c.state == state,
        )
        if until is not None:
            query = query.where(t.outbox.c.due_at <= until)
        if state is OutboxState.SENDING:
            query = query.where(t.outbox.c.delivery == Transport.DRAFT)
        with self._read() as connection:
            pairs = connection.execute(query.order_by(t.outbox.c.id)).all()
            mails = _by_id(connection, t.outbox, [pair[0] for pair in pairs], _mail)
            messages = _by_id(connection, t.message, [pair[1] for pair in pairs], _message)
        return tuple((mails[mail], messages[message]) for mail, message in pairs)

    def unhandled(self, account: str, since: datetime) -> tuple[MessageRow, ...]:
        """Messages nobody has dealt with yet (vetoed ones need no one)."""
        with self._read() as connection:
            rows = connection.execute(
                sa.select(t.message)
                .where(
                    t.message.c.account == account,
                    t.message.c.state == MessageState.DECIDED,
                    t.message.c.handled_at.is_(None),
                    t.message.c.veto.is_(None),
                    t.message.c.arrived_at >= since,
                )
                .order_by(t.message.c.arrived_at)
            ).mappings()
            return tuple(_message(row) for row in rows)

    def handled(self, message: int, how: str, at: datetime) -> None:
        """A person has dealt with it: stop the clock, cancel what still waits for this message."""
        with self._write() as connection:
            connection.execute(
                t.message.update()
                .where(t.message.c.id == message, t.message.c.handled_at.is_(None))
                .values(handled_at=at, handled_how=how)
            )
            connection.execute(
                t.outbox.update()
                .where(
                    t.outbox.c.message == message,
                    t.outbox.c.kind == OutboxKind.FOLLOW_UP,
                    t.outbox.c.state.in_((OutboxState.WAITING, OutboxState.DUE)),
                )
                .values(state=OutboxState.CANCELLED, reason=how, changed_at=at)
            )

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

    def add_mail(self, mail: NewMail, at: datetime) -> None:
        """Record an alert or notice that belongs to no message."""
        with self._write() as connection:
            _add_mail(connection, mail, None, at)

    def claim(self, now: datetime, limit: int, account: str) -> tuple[OutboxRow, ...]:
        """Take up to `limit` due mails of an account: `due → sending`, alerts first; what came too late is dropped."""
        if not self._is_any_due(now, account):
            return ()  # most ticks: no lock is taken for nothing
        with self._write() as connection:
            _drop_late(connection, now)
            alerts_first = sa.case((t.outbox.c.kind == OutboxKind.ALERT, 0), else_=1)
            ids = (
                connection.execute(
                    sa.select(t.outbox.c.id)
                    .where(
                        t.outbox.c.account == account,
                        t.outbox.c.state == OutboxState.DUE,
                        t.outbox.c.due_at <= now,
                    )
                    .order_by(alerts_first, t.outbox.c.due_at, t.outbox.c.id)
                    .limit(limit)
                )
                .scalars()
                .all()
            )
            connection.execute(
                t.outbox.update()
                .where(t.outbox.c.id.in_(ids), t.outbox.c.state == OutboxState.DUE)
                .values(state=OutboxState.SENDING, changed_at=now, attempts=t.outbox.c.attempts + 1)
            )
            rows = _by_id(connection, t.outbox, ids, _mail)
        return tuple(rows[row] for row in ids)

    def _is_any_due(self, now: datetime, account: str) -> bool:
        due = sa.exists().where(
            t.outbox.c.account == account, t.outbox.c.state == OutboxState.DUE, t.outbox.c.due_at <= now
        )
        with self._read() as connection:
            return bool(connection.execute(sa.select(due)).scalar())

    def settle(
        self,
        row: int,
        state: OutboxState,
        at: datetime,
        *,
        reason: str = "",
        due_at: datetime | None = None,
        envelope_from: str | None = None,
    ) -> None:
        """Record how one mail went; `due_at` with state DUE is the next try."""
        values: dict[str, Any] = {"state": state, "changed_at": at, "reason": reason}
        if due_at is not None:
            values["due_at"] = due_at
        if envelope_from is not None:
            values["envelope_from"] = envelope_from
        with self._write() as connection:
            connection.execute(t.outbox.update().where(t.outbox.c.id == row).values(**values))

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

    def recover(self, at: datetime) -> int:
        """After a stop: what was in flight to a customer is `uncertain` (counted), to staff `due` again."""
        in_flight = (t.outbox.c.state == OutboxState.SENDING, t.outbox.c.delivery == Transport.SMTP)
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

    def uncertain(self, account: str) -> tuple[OutboxRow, ...]:
        """Customer mail that may or may not have gone out."""
        return self.mails(t.outbox.c.account == account, t.outbox.c.state == OutboxState.UNCERTAIN)

    def uncopied(self, account: str) -> tuple[OutboxRow, ...]:
        """Sent mail whose copy in the Sent folder is still owed."""
        return self.mails(
            t.outbox.c.account == account,
            t.outbox.c.state == OutboxState.SENT,
            t.outbox.c.copy == CopyState.PENDING,
        )

    def copied(self, row: int) -> None:
        with self._write() as connection:
            connection.execute(t.outbox.update().where(t.outbox.c.id == row).values(copy=CopyState.FILED))

    def mails(self, *where: sa.ColumnElement[bool]) -> tuple[OutboxRow, ...]:
        with self._read() as connection:
            rows = connection.execute(sa.select(t.outbox).where(*where).order_by(t.outbox.c.id)).mappings()
            return tuple(_mail(row) for row in rows)

    def open_mails(self) -> tuple[OutboxRow, ...]:
        """All that is still owed, and what a person should look at: the `queue`."""
        states = (OutboxState.WAITING, OutboxState.DUE, OutboxState.SENDING, OutboxState.UNCERTAIN)
        return self.mails(t.outbox.c.state.in_(states))

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
            times = [
                connection.execute(sa.select(sa.func.max(column))).scalar()
                for column in (t.outbox.c.changed_at, t.message.c.decided_at, t.folder.c.checked_at)
            ]
        return max((time for time in times if time is not None), default=None)

    # --- ledger, digest, trouble -------------------------------------------------------------------------------

    def message(self, row: int) -> MessageRow | None:
        with self._read() as connection:
            found = _by_id(connection, t.message, [row], _message)
        return found.get(row)

    def ledger(self, account: str | None, since: datetime, until: datetime) -> Ledger:
        """What happened between two times: messages that came, mails that changed, troubles that were open."""
        of_account = [] if account is None else [account]
        with self._read() as connection:
            messages = connection.execute(
                sa.select(t.message)
                .where(t.message.c.decided_at > since, t.message.c.decided_at <= until, *_in(t.message, of_account))
                .order_by(t.message.c.arrived_at, t.message.c.id)
            ).mappings()
            mails = connection.execute(
                sa.select(t.outbox)
                .where(t.outbox.c.changed_at > since, t.outbox.c.changed_at <= until, *_in(t.outbox, of_account))
                .order_by(t.outbox.c.id)
            ).mappings()
            troubles = connection.execute(
                sa.select(t.trouble)
                .where(
                    t.trouble.c.since <= until,
                    sa.or_(t.trouble.c.ended_at.is_(None), t.trouble.c.ended_at > since),
                    *_in(t.trouble, [*of_account, ""] if of_account else []),
                )
                .order_by(t.trouble.c.since)
            ).mappings()
            return Ledger(
                tuple(_message(row) for row in messages),
                tuple(_mail(row) for row in mails),
                tuple(_trouble(row) for row in troubles),
            )

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
        return _digest(row) if row else None

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
                _add_mail(connection, mail, None, at)
        return True

    def note_trouble(self, account: str, kind: str, text: str, at: datetime) -> bool:
        """Record trouble; a trouble that goes on is one row. True when it is new."""
        with self._write() as connection:
            return _note_trouble(connection, account, kind, text, at)

    def end_trouble(self, account: str, kinds: Iterable[str], at: datetime) -> None:
        """What was wrong is right again."""
        with self._write() as connection:
            _end_trouble(connection, account, tuple(kinds), at)

    def open_troubles(self) -> tuple[TroubleRow, ...]:
        with self._read() as connection:
            rows = connection.execute(sa.select(t.trouble).where(t.trouble.c.ended_at.is_(None))).mappings()
            return tuple(_trouble(row) for row in rows)

    def secret(self) -> str:
        """The office's own key for Message-IDs, made on first use."""
        return self.set_once("secret", secrets.token_hex(32))

    def set_once(self, key: str, value: str) -> str:
        """Set a setting unless it is there; what it is now."""
        with self._write() as connection:
            connection.execute(insert_or(t.setting).values(key=key, value=value).on_conflict_do_nothing())
            return str(connection.execute(sa.select(t.setting.c.value).where(t.setting.c.key == key)).scalar_one())

    def setting(self, key: str) -> str | None:
        with self._read() as connection:
            return connection.execute(sa.select(t.setting.c.value).where(t.setting.c.key == key)).scalar_one_or_none()

    def set(self, key: str, value: str | None) -> None:
        """Set a setting; None removes it."""
        with self._write() as connection:
            connection.execute(t.setting.delete().where(t.setting.c.key == key))
            if value is not None:
                connection.execute(t.setting.insert().values(key=key, value=value))


class Batch:
    """The open transaction of one batch; what it adds, the next message of the batch already sees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, place: Place) -> bool:
        """Is this message on record? (The same UIDs may be handed over twice.)"""
        c = t.message.c
        return bool(
            self._connection.execute(
                sa.select(sa.func.count()).where(
                    c.account == place.account,
                    c.folder == place.folder,
                    c.uidvalidity == place.uidvalidity,
                    c.uid == place.uid,
                )
            ).scalar()
        )

    def past(
        self, sender: str, thread: Sequence[str], *, since: datetime, domain_since: datetime, office_since: datetime
    ) -> Past:
        """What bears on a message of `sender`: its replies since `since`, its thread, and what the caps count."""
        c = t.outbox.c
        replies = self._connection.execute(
            sa.select(c.created_at, c.template)
            .where(c.recipient == sender, c.kind == OutboxKind.REPLY, c.state.in_(COUNTED), c.created_at >= since)
            .order_by(c.created_at)
        ).all()
        domain = sender.rpartition("@")[2]
        return Past(
            known=self._is_known(sender),
            replies=tuple(PastReply(at, template) for at, template in replies),
            answered_at=_last_answer(self._connection, [f"id:{message_id}" for message_id in thread], None),
            domain_replies=self._replies_since(domain_since, c.recipient_domain == domain),
            office_replies=self._replies_since(office_since),
        )

    def _is_known(self, sender: str) -> bool:
        seen = sa.exists().where(t.correspondent.c.address == sender)
        wrote = sa.exists().where(t.message.c.sender == sender)
        return bool(self._connection.execute(sa.select(sa.or_(seen, wrote))).scalar())

    def _replies_since(self, since: datetime, *where: sa.ColumnElement[bool]) -> int:
        c = t.outbox.c
        counted = sa.select(sa.func.count(c.id)).where(
            c.kind == OutboxKind.REPLY, c.state.in_(COUNTED), c.created_at > since, *where
        )
        return int(self._connection.execute(counted).scalar_one())

    def add(self, message: NewMessage, mails: Iterable[NewMail], at: datetime) -> int:
        """Record one decided message and what it leads to."""
        values = {
            "account": message.place.account,
            "folder": message.place.folder,
            "uidvalidity": message.place.uidvalidity,
            "uid": message.place.uid,
            "state": message.state,
            "message_id": message.message_id,
            "references": list(message.references),
            "arrived_at": message.arrived_at,
            "decided_at": at,
            "sender": message.sender,
            "sender_name": message.sender_name,
            "subject": message.subject,
            "office": message.office,
            "urgency": message.urgency,
            "veto": message.veto,
            "decision": dict(message.decision),
            "own_words": message.own_words,
            "marks": list(message.marks),
            "marked_at": None if message.marks else at,
            "promise_at": message.promise_at,
            "handled_at": at if message.handled_how else None,
            "handled_how": message.handled_how,
            "error": message.error,
        }
        row = self._connection.execute(t.message.insert().values(**values)).inserted_primary_key
        assert row is not None  # noqa: S101 - SQLite always gives one
        for mail in mails:
            _add_mail(self._connection, mail, row[0], at)
        return int(row[0])

    def note_trouble(self, account: str, kind: str, text: str, at: datetime) -> bool:
        return _note_trouble(self._connection, account, kind, text, at)

    def end_trouble(self, account: str, kind: str, at: datetime) -> None:
        _end_trouble(self._connection, account, (kind,), at)

    def add_mail(self, mail: NewMail, at: datetime) -> None:
        _add_mail(self._connection, mail, None, at)

    def advance(self, account: str, name: str, last_uid: int, at: datetime) -> None:
        """Everything up to `last_uid` is on record."""
        self._connection.execute(
            t.folder.update()
            .where(t.folder.c.account == account, t.folder.c.name == name)
            .values(last_uid=last_uid, checked_at=at)
        )


# --- one connection, one transaction --------------------------------------------------------------------------------


def _engine(path: Path | None) -> Engine:
    if path is None:
        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = sa.create_engine(
            f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False}
        )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: two that upgrade a shared lock would deadlock.
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _migrate(engine: Engine, path: Path | None) -> None:
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        found = _version(connection)
        if found == t.VERSION:
            return
        if found is not None and found > t.VERSION:
            raise Trouble(
                TroubleKind.STATE,
                str(path),
                f"the state was written by a newer version (schema {found}, this one knows {t.VERSION})",
                "install that version again, or restore the backup made before the upgrade",
            )
        if found is None:
            _create(connection)
        else:
            _upgrade(connection)


def _create(connection: Connection) -> None:
    """A new state needs no history: a test holds the tables to what the migrations make."""
    t.metadata.create_all(connection)
    connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(sa.text("INSERT INTO alembic_version VALUES (:version)"), {"version": t.VERSION})


def _version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    # Imported here: a start with an up-to-date state does without it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _told(path: Path | None) -> Iterator[None]:
    """The errors of the state file, told as trouble."""
    try:
        yield
    except DatabaseError as error:
        raise _trouble_of(error, path) from error


REMEDIES = (
    ("full", "the disk is full", "free some space; nothing is sent until what is owed can be recorded"),
    ("readonly", "the state file cannot be written", "give the service's user write access to it and its folder"),
    ("unable to open", "the state file cannot be opened", "create its folder and give the service's user access to it"),
    ("locked", "another process holds the state file", "wait for it, or stop it"),
    ("malformed", "the state file is damaged", "restore the last backup; without one, move it away and start anew"),
    ("not a database", "this is not a state file", "restore the last backup; without one, move it away and start anew"),
    ("disk i/o", "the disk cannot be read or written", "check the disk and its free space"),
)


def _trouble_of(error: DatabaseError, path: Path | None) -> Trouble:
    text = str(error.orig).lower()
    for sign, what, remedy in REMEDIES:
        if sign in text:
            return Trouble(TroubleKind.STATE, str(path), what, remedy)
    return Trouble(TroubleKind.STATE, str(path), f"the state cannot be used ({error.orig})", "see `responder status`")


# --- rows to values -------------------------------------------------------------------------------------------------


def _in(table: sa.Table, accounts: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    return [table.c.account.in_(accounts)] if accounts else []


def _by_id(connection: Connection, table: sa.Table, ids: Sequence[int], make: Any) -> dict[int, Any]:
    rows = connection.execute(sa.select(table).where(table.c.id.in_(ids))).mappings()
    return {row["id"]: make(row) for row in rows}


def _message(row: RowMapping) -> MessageRow:
    values = dict(row)
    place = Place(*(values.pop(name) for name in ("account", "folder", "uidvalidity", "uid")))
    values["state"] = MessageState(values["state"])
    values["references"] = tuple(values["references"])
    values["marks"] = tuple(values["marks"])
    return MessageRow(place=place, **values)


def _mail(row: RowMapping) -> OutboxRow:
    values = dict(row)
    del values["recipient_domain"]
    values["kind"] = OutboxKind(values["kind"])
    values["transport"] = Transport(values.pop("delivery"))
    values["state"] = OutboxState(values["state"])
    values["copy"] = CopyState(values["copy"])
    return OutboxRow(**values)


def _trouble(row: RowMapping) -> TroubleRow:
    values = dict(row)
    del values["id"]
    return TroubleRow(**values)


def _digest(row: RowMapping) -> DigestRow:
    return DigestRow(row["account"], row["date"], row["covers_from"], row["covers_to"])


def _add_mail(connection: Connection, mail: NewMail, message: int | None, at: datetime) -> int:
    result = connection.execute(
        t.outbox.insert().values(
            kind=mail.kind,
            delivery=mail.transport,
            state=mail.state,
            account=mail.account,
            message=message,
            recipient=mail.recipient,
            recipient_domain=mail.recipient.rpartition("@")[2],
            template=mail.template,
            language=mail.language,
            envelope_from=mail.envelope_from,
            message_id=mail.message_id,
            content=mail.content,
            text=mail.text,
            created_at=at,
            due_at=mail.due_at,
            not_after=mail.not_after,
            changed_at=at,
            reason=mail.reason,
            copy=mail.copy,
        )
    )
    assert result.inserted_primary_key is not None  # noqa: S101 - SQLite always gives one
    return int(result.inserted_primary_key[0])


def _drop_late(connection: Connection, now: datetime) -> None:
    connection.execute(
        t.outbox.update()
        .where(t.outbox.c.state == OutboxState.DUE, t.outbox.c.not_after <= now)
        .values(state=OutboxState.DROPPED, changed_at=now, reason="it came too late to be true")
    )


def _sent_by_us(connection: Connection, message_id: str) -> bool:
    # A draft of ours that a person sent is a person's answer: only what went out by SMTP is ours.
    ours = sa.select(sa.func.count()).where(t.outbox.c.message_id == message_id, t.outbox.c.delivery == Transport.SMTP)
    return bool(connection.execute(ours).scalar())


def _add_answer(connection: Connection, account: str, mail: PersonsMail) -> None:
    added = connection.execute(
        insert_or(t.answer).values(account=account, message_id=mail.message_id, at=mail.at).on_conflict_do_nothing()
    )
    if added.rowcount != 1 or added.inserted_primary_key is None:
        return
    keys = {*(f"to:{address}" for address in mail.recipients), *(f"id:{message_id}" for message_id in mail.thread)}
    rows = [{"answer": added.inserted_primary_key[0], "key": key} for key in sorted(keys)]
    if rows:
        connection.execute(t.answer_key.insert(), rows)


def _last_answer(connection: Connection, keys: Sequence[str], since: datetime | None) -> datetime | None:
    query = (
        sa.select(sa.func.max(t.answer.c.at))
        .join(t.answer_key, t.answer_key.c.answer == t.answer.c.id)
        .where(t.answer_key.c.key.in_(keys))
    )
    if since is not None:
        query = query.where(t.answer.c.at >= since)
    return connection.execute(query).scalar()


def _note_trouble(connection: Connection, account: str, kind: str, text: str, at: datetime) -> bool:
    going_on = connection.execute(
        t.trouble.update()
        .where(t.trouble.c.account == account, t.trouble.c.kind == kind, t.trouble.c.ended_at.is_(None))
        .values(last_seen=at, times=t.trouble.c.times + 1, text=text)
    )
    if going_on.rowcount:
        return False
    connection.execute(
        t.trouble.insert().values(account=account, kind=kind, text=text, since=at, last_seen=at, times=1)
    )
    return True


def _end_trouble(connection: Connection, account: str, kinds: Sequence[str], at: datetime) -> None:
    connection.execute(
        t.trouble.update()
        .where(t.trouble.c.account == account, t.trouble.c.kind.in_(kinds), t.trouble.c.ended_at.is_(None))
        .values(ended_at=at)
    )
