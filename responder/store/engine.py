"""One connection, one transaction: how the state file is opened, made, upgraded, and how its errors are told.

Knows the database, and nothing of what is kept in it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DatabaseError

from responder.errors import Trouble, TroubleKind
from responder.store import schema as t

BUSY_TIMEOUT = 15  # seconds a transaction waits for another process
STATEMENTS = 32  # prepared, and kept by each connection: a message takes 20; Python's 128 grow to 3 MB over days
CACHE = 256  # KB of the file that each connection keeps in memory: the system keeps it, too, and once for all of them
EVERYBODY = 0o007  # permission bits of those who are neither the owner nor of the file's group


def make_engine(path: Path | None) -> Engine:
    if path is None:
        engine = sa.create_engine(
            "sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
    else:
        _make_private(path)
        engine = sa.create_engine(
            f"sqlite:///{path}",
            connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False, "cached_statements": STATEMENTS},
            hide_parameters=True,  # in a traceback they would be customers' words
        )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """Customers' words are nobody else's business on this machine; SQLite gives its other files the same mode.

    One that was copied here for all to read is closed to them; a group may have been let in on purpose.
    """
    with contextlib.suppress(OSError):  # opening it will tell
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    with contextlib.suppress(OSError):
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_mode & EVERYBODY:
            path.chmod(stat.S_IMODE(found.st_mode) & ~EVERYBODY)


def file_at(path: Path | None) -> os.stat_result | None:
    """Which file lies there; None: none, or the state is in memory."""
    try:
        return path.stat() if path is not None else None
    except FileNotFoundError:
        return None


def gone(path: Path | None) -> Trouble:
    """What is recorded from now on would be found by nobody."""
    what = "the state file was deleted or replaced while it was in use"
    remedy = "put it back with the daemon stopped; it starts anew, and answers no mail that lies in the inbox"
    return Trouble(TroubleKind.STATE, str(path), what, remedy)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", f"cache_size=-{CACHE}")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: two that upgrade a shared lock would deadlock.
    options = connection.get_execution_options()
    if not options.get("alone", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("immediate", False) else "BEGIN")


def scrub(engine: Engine) -> bool:
    """Write the file anew, without what was deleted from it; False when a reader kept the old pages in its log.

    `secure_delete` alone is not enough: where SQLite moves rows between pages, traces of them stay behind.
    """
    with engine.connect().execution_options(alone=True) as connection:  # neither works within a transaction
        connection.exec_driver_sql("VACUUM")
        is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    return not is_busy


def migrate(engine: Engine, path: Path | None) -> None:
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        found = _version(connection)
        if found == t.VERSION:
            return
        if found is not None and found > t.VERSION:
            raise newer(path, found, "install that version again, or restore the backup made before the upgrade")
        if found is None:
            _create(connection)
        else:
            _upgrade(connection)


def require_current(engine: Engine, path: Path | None) -> None:
    """Raises `Trouble` unless the state is of this version: for those who only look."""
    with engine.connect() as connection:
        found = _version(connection)
    if found is not None and found > t.VERSION:
        raise newer(path, found, "look at it with that version")
    if found != t.VERSION:
        what = "the state is not of this version yet"
        raise Trouble(TroubleKind.STATE, str(path), what, "the daemon upgrades it when it starts")


def newer(path: Path | None, found: str, remedy: str) -> Trouble:
    """A state that this version does not understand."""
    what = f"the state was written by a newer version (schema {found}, this one knows {t.VERSION})"
    return Trouble(TroubleKind.STATE, str(path), what, remedy)


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
def told(path: Path | None) -> Iterator[None]:
    """The errors of the state file, told as trouble."""
    try:
        yield
    except DatabaseError as error:
        raise trouble_of(str(error.orig), path) from error


REMEDIES = (
    ("full", "the disk is full", "free some space; nothing is sent until what is owed can be recorded"),
    ("readonly", "the state file cannot be written", "give the service's user write access to it and its folder"),
    ("unable to open", "the state file cannot be opened", "create its folder and give the service's user access to it"),
    ("locked", "another process holds the state file", "wait for it, or stop it"),
    ("malformed", "the state file is damaged", "restore the last backup; without one, move it away and start anew"),
    ("not a database", "this is not a state file", "restore the last backup; without one, move it away and start anew"),
    ("disk i/o", "the disk cannot be read or written", "check the disk and its free space"),
)


def trouble_of(said: str, path: Path | None) -> Trouble:
    """What SQLite said about a state file, and what to do."""
    for sign, what, remedy in REMEDIES:
        if sign in said.lower():
            return Trouble(TroubleKind.STATE, str(path), what, remedy)
    return Trouble(TroubleKind.STATE, str(path), f"the state cannot be used ({said})", "see `responder status`")
