"""store/: what is remembered, what is claimed, and what is told when the state file cannot be used."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory

from responder.errors import Trouble, TroubleKind
from responder.ports import PersonsMail
from responder.store import schema
from responder.store import store as store_module
from responder.store.lock import StateLock
from responder.store.records import (
    CopyState,
    DigestRow,
    FolderPosition,
    MessageState,
    NewMail,
    NewMessage,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Place,
    Transport,
)
from responder.store.store import Store
from tests.fakes import CUSTOMER, INBOX, MANAGER, local

NIGHT = local("2026-11-20 22:10")
HOUR = timedelta(hours=1)


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store.open(None)
    made.baseline(FolderPosition("info", INBOX, 7, 10, NIGHT, NIGHT))
    yield made
    made.close()


def message(uid: int = 11, *, sender: str = CUSTOMER, **changes: object) -> NewMessage:
    made = NewMessage(
        place=Place("info", INBOX, 7, uid),
        state=MessageState.DECIDED,
        message_id=f"<{uid}@banhang.example>",
        references=(f"<{uid}@banhang.example>",),
        arrived_at=NIGHT,
        sender=sender,
        sender_name="Khách",
        subject="Hỏi giá",
        office="closed",
        urgency="normal",
        veto=None,
        decision={"play": "out-of-hours"},
        own_words="Cho mình hỏi giá.",
        marks=(),
        promise_at=NIGHT + 20 * HOUR,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


_count = iter(range(1, 1000))


def mail(kind: OutboxKind = OutboxKind.REPLY, recipient: str = CUSTOMER, **changes: object) -> NewMail:
    made = NewMail(
        kind=kind,
        transport=Transport.SMTP,
        state=OutboxState.DUE,
        account="info",
        recipient=recipient,
        template="out_of_hours",
        language="vi",
        envelope_from="",
        message_id=f"<responder.{next(_count)}@congty.example>",
        content=b"Subject: x\r\n\r\nCam on ban.\r\n",
        text="Cảm ơn bạn.",
        due_at=NIGHT,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def recorded(store: Store, *mails: NewMail, uid: int = 11, **changes: object) -> int:
    with store.batch() as batch:
        return batch.add(message(uid, **changes), mails, NIGHT)


def states(store: Store) -> list[OutboxState]:
    return [row.state for row in store.mails()]


def claimed(store: Store, now: datetime = NIGHT, limit: int = 10) -> list[OutboxRow]:
    return list(store.claim(now, limit, "info"))


# --- history ----------------------------------------------------------------------------------------------------------


def past(store: Store, sender: str = CUSTOMER, thread: tuple[str, ...] = (), now: datetime = NIGHT) -> object:
    with store.batch() as batch:
        return batch.past(sender, thread, since=now - HOUR, domain_since=now - HOUR, office_since=now - HOUR)


def test_a_message_sees_the_reply_that_an_earlier_one_of_the_same_batch_led_to(store: Store) -> None:
    since = {"since": NIGHT - HOUR, "domain_since": NIGHT - HOUR, "office_since": NIGHT - HOUR}
    with store.batch() as batch:
        before = batch.past(CUSTOMER, (), **since)
        batch.add(message(11), (mail(),), NIGHT)
        after = batch.past(CUSTOMER, (), **since)
    assert (before.known, before.replies, before.domain_replies, before.office_replies) == (False, (), 0, 0)
    assert after.known
    assert [reply.template for reply in after.replies] == ["out_of_hours"]
    assert (after.domain_replies, after.office_replies) == (1, 1)


def test_replies_to_one_person_count_whichever_mailbox_they_came_from(store: Store) -> None:
    recorded(store, mail(account="sales"))
    assert len(past(store).replies) == 1  # type: ignore[attr-defined]


def test_mail_of_a_domain_counts_for_all_its_people_and_other_domains_for_the_office_only(store: Store) -> None:
    recorded(store, mail(recipient="b@banhang.example"), mail(recipient="x@khac.example"))
    found = past(store)
    assert (len(found.replies), found.domain_replies, found.office_replies) == (0, 1, 2)  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", [OutboxState.DROPPED, OutboxState.CANCELLED, OutboxState.FAILED])
def test_a_reply_that_never_left_does_not_count(store: Store, state: OutboxState) -> None:
    recorded(store, mail(state=state))
    assert past(store).replies == ()  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", [OutboxState.SENT, OutboxState.UNCERTAIN, OutboxState.WITHHELD, OutboxState.SENDING])
def test_a_reply_that_left_or_may_have_or_would_have_counts(store: Store, state: OutboxState) -> None:
    recorded(store, mail(state=state))
    assert len(past(store).replies) == 1  # type: ignore[attr-defined]


def test_only_replies_count_not_follow_ups_or_alerts(store: Store) -> None:
    recorded(store, mail(OutboxKind.FOLLOW_UP), mail(OutboxKind.ALERT))
    assert past(store).replies == ()  # type: ignore[attr-defined]
    assert past(store).office_replies == 0  # type: ignore[attr-defined]


def test_who_was_learned_from_old_mail_is_no_new_customer(store: Store) -> None:
    store.learn([CUSTOMER, CUSTOMER, "b@c.example"], NIGHT)
    store.learn([CUSTOMER], NIGHT + HOUR)
    store.learn([], NIGHT)
    assert past(store).known  # type: ignore[attr-defined]
    assert not past(store, "new@c.example").known  # type: ignore[attr-defined]


def test_a_persons_answer_in_the_thread_is_remembered(store: Store) -> None:
    answer(store, NIGHT, "<r@congty.example>", thread=("<11@banhang.example>",))
    found = past(store, thread=("<11@banhang.example>", "<12@banhang.example>"))
    assert found.answered_at == NIGHT  # type: ignore[attr-defined]
    assert past(store, thread=("<x@y.example>",)).answered_at is None  # type: ignore[attr-defined]


def answer(store: Store, at: datetime, message_id: str, *, to: str = CUSTOMER, thread: tuple[str, ...] = ()) -> None:
    store.add_answers("info", [PersonsMail(message_id, at, (to,), thread)], FolderPosition("info", "s", 1, 1, at, at))


def test_a_persons_mail_to_the_address_answers_what_came_before_it_only(store: Store) -> None:
    answer(store, NIGHT + HOUR, "<r@congty.example>")
    assert store.answered_since(CUSTOMER, (), NIGHT) == NIGHT + HOUR
    assert store.answered_since(CUSTOMER, (), NIGHT + 2 * HOUR) is None
    assert store.answered_since("other@x.example", (), NIGHT) is None


def test_our_own_sent_mail_is_no_persons_answer_but_a_draft_that_was_sent_is(store: Store) -> None:
    ours, draft = mail(), mail(OutboxKind.FOLLOW_UP, transport=Transport.DRAFT)
    recorded(store, ours, draft)
    answer(store, NIGHT + HOUR, ours.message_id)
    assert store.answered_since(CUSTOMER, (), NIGHT) is None
    answer(store, NIGHT + 2 * HOUR, draft.message_id)
    assert store.answered_since(CUSTOMER, (), NIGHT) == NIGHT + 2 * HOUR


def test_reading_sent_again_changes_nothing(store: Store) -> None:
    for _ in range(2):
        answer(store, NIGHT, "<r@congty.example>", thread=("<a@b.example>",))
    assert store.answered_since(CUSTOMER, (), NIGHT) == NIGHT


# --- batches ----------------------------------------------------------------------------------------------------------


class StopHereError(Exception):
    pass


def test_a_batch_that_fails_leaves_nothing_behind(store: Store) -> None:
    def fail() -> None:
        with store.batch() as batch:
            batch.add(message(), (mail(),), NIGHT)
            batch.advance("info", INBOX, 11, NIGHT)
            raise StopHereError

    with pytest.raises(StopHereError):
        fail()
    assert states(store) == []
    position = store.position("info", INBOX)
    assert position is not None
    assert position.last_uid == 10
    assert not past(store).known  # type: ignore[attr-defined]


def test_a_message_on_record_is_known_by_its_place(store: Store) -> None:
    recorded(store)
    with store.batch() as batch:
        assert batch.known(Place("info", INBOX, 7, 11))
        assert not batch.known(Place("info", INBOX, 8, 11))
        assert not batch.known(Place("sales", INBOX, 7, 11))


def test_a_new_starting_line_takes_the_place_of_the_old_one(store: Store) -> None:
    store.baseline(FolderPosition("info", INBOX, 8, 3, NIGHT, NIGHT))
    store.checked("info", INBOX, NIGHT + HOUR)
    [position] = store.positions()
    assert (position.uidvalidity, position.last_uid, position.checked_at) == (8, 3, NIGHT + HOUR)
    assert store.position("info", "Other") is None


def test_a_message_with_a_mark_owes_it_until_it_is_noted(store: Store) -> None:
    row = recorded(store, marks=("flagged",))
    recorded(store, uid=12)
    assert [each.id for each in store.unmarked("info")] == [row]
    store.marked([row], NIGHT)
    assert store.unmarked("info") == ()


def test_a_message_comes_back_as_it_was_put_in(store: Store) -> None:
    row = recorded(store, subject="Hỏi giá 🪑", references=("<a@b.example>", "<11@banhang.example>"))
    found = store.message(row)
    assert found is not None
    assert found.subject == "Hỏi giá 🪑"
    assert found.references == ("<a@b.example>", "<11@banhang.example>")
    assert found.arrived_at == NIGHT
    assert found.arrived_at.utcoffset() == timedelta(0)
    assert store.message(99) is None


# --- handled ----------------------------------------------------------------------------------------------------------


def test_what_a_person_handled_cancels_the_follow_up_that_waits_and_stops_the_clock(store: Store) -> None:
    row = recorded(store, mail(), mail(OutboxKind.FOLLOW_UP, state=OutboxState.WAITING), mail(OutboxKind.ALERT))
    assert [each.id for each in store.unhandled("info", NIGHT)] == [row]
    store.handled(row, "đã có người trả lời", NIGHT + HOUR)
    store.handled(row, "again", NIGHT + 2 * HOUR)
    assert states(store) == [OutboxState.DUE, OutboxState.CANCELLED, OutboxState.DUE]
    assert store.unhandled("info", NIGHT) == ()
    found = store.message(row)
    assert found is not None
    assert (found.handled_how, found.handled_at) == ("đã có người trả lời", NIGHT + HOUR)


def test_messages_of_machines_mere_thanks_and_old_ones_wait_for_nobody(store: Store) -> None:
    recorded(store, veto="list_header")
    recorded(store, uid=14, handled_how="thanks_only")
    recorded(store, uid=12, state=MessageState.QUARANTINED)
    recorded(store, uid=13, arrived_at=NIGHT - timedelta(days=40))
    assert store.unhandled("info", NIGHT - timedelta(days=30)) == ()


def test_follow_ups_wait_until_their_time_and_are_worded_once(store: Store) -> None:
    recorded(store, mail(OutboxKind.FOLLOW_UP, state=OutboxState.WAITING, content=None, due_at=NIGHT + 10 * HOUR))
    assert store.waiting("info", NIGHT) == ()
    [(row, of)] = store.waiting("info", NIGHT + 10 * HOUR)
    assert of.sender == CUSTOMER
    end = NIGHT + 19 * HOUR
    assert store.word(row.id, b"frozen", "text", OutboxState.DUE, NIGHT, not_after=end)
    assert not store.word(row.id, b"other", "other", OutboxState.DUE, NIGHT, not_after=end)
    found = store.mail(row.id)
    assert found is not None
    assert (found.content, found.not_after) == (b"frozen", end)


# --- outbox -----------------------------------------------------------------------------------------------------------


def test_alerts_are_claimed_before_replies_and_older_ones_first(store: Store) -> None:
    recorded(
        store,
        mail(due_at=NIGHT - HOUR),
        mail(OutboxKind.DIGEST, MANAGER),
        mail(OutboxKind.ALERT, MANAGER, due_at=NIGHT),
        mail(OutboxKind.ALERT, MANAGER, due_at=NIGHT - HOUR / 2),
    )
    assert [row.id for row in claimed(store)] == [4, 3, 1, 2]


def test_a_mail_is_claimed_once_and_not_before_its_time(store: Store) -> None:
    recorded(store, mail(), mail(due_at=NIGHT + HOUR), mail(account="sales"))
    [row] = claimed(store)
    assert (row.state, row.attempts) == (OutboxState.SENDING, 1)
    assert claimed(store) == []
    assert [row.id for row in claimed(store, NIGHT + HOUR)] == [2]


def test_what_came_too_late_is_dropped_with_the_reason_and_not_claimed(store: Store) -> None:
    opening = NIGHT + 10 * HOUR
    recorded(store, mail(not_after=opening), mail(not_after=opening + HOUR))
    assert [row.id for row in claimed(store, opening)] == [2]
    dropped = store.mail(1)
    assert dropped is not None
    assert dropped.state is OutboxState.DROPPED
    assert dropped.reason


def test_a_mail_that_waits_for_its_next_try_is_dropped_too_when_it_is_too_late(store: Store) -> None:
    recorded(store, mail(not_after=NIGHT + HOUR))
    [row] = claimed(store)
    store.settle(row.id, OutboxState.DUE, NIGHT, reason="450 later", due_at=NIGHT + 2 * HOUR)
    assert claimed(store, NIGHT + 2 * HOUR) == []
    assert states(store) == [OutboxState.DROPPED]


def test_the_limit_of_a_claim_is_kept(store: Store) -> None:
    recorded(store, mail(), mail(), mail())
    assert len(claimed(store, limit=1)) == 1
    assert len(claimed(store, limit=1)) == 1


def test_two_that_claim_at_once_never_get_the_same_mail(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state.db")
    recorded(store, *(mail() for _ in range(20)))
    found: list[int] = []

    def take() -> None:
        while rows := store.claim(NIGHT, 1, "info"):
            found.extend(row.id for row in rows)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    store.close()
    assert sorted(found) == list(range(1, 21))


def test_after_a_stop_customer_mail_in_flight_is_in_doubt_and_staff_mail_is_due_again(store: Store) -> None:
    recorded(
        store,
        mail(), mail(OutboxKind.FOLLOW_UP), mail(OutboxKind.ALERT, MANAGER), mail(OutboxKind.DIGEST, MANAGER),
        mail(OutboxKind.FOLLOW_UP, transport=Transport.DRAFT, state=OutboxState.SENDING),
        mail(due_at=NIGHT + HOUR),
    )  # fmt: skip
    claimed(store)
    assert store.recover(NIGHT + HOUR) == 2
    assert states(store) == [
        OutboxState.UNCERTAIN, OutboxState.UNCERTAIN, OutboxState.DUE, OutboxState.DUE, OutboxState.SENDING,
        OutboxState.DUE,
    ]  # fmt: skip
    assert [row.id for row in store.uncertain("info")] == [1, 2]
    assert [row.id for row, _ in store.unfinished_drafts("info")] == [5]
    assert store.recover(NIGHT + HOUR) == 0


def test_only_what_has_not_gone_out_can_be_cancelled(store: Store) -> None:
    recorded(store, mail(state=OutboxState.WAITING), mail(state=OutboxState.SENT))
    assert store.cancel(1, "by hand", NIGHT)
    assert not store.cancel(2, "by hand", NIGHT)
    assert states(store) == [OutboxState.CANCELLED, OutboxState.SENT]


def test_a_copy_for_sent_is_owed_once_the_mail_is_sent(store: Store) -> None:
    recorded(store, mail(copy=CopyState.PENDING), mail())
    assert store.uncopied("info") == ()
    store.settle(1, OutboxState.SENT, NIGHT)
    store.settle(2, OutboxState.SENT, NIGHT)
    assert [row.id for row in store.uncopied("info")] == [1]
    store.copied(1)
    assert store.uncopied("info") == ()


def test_the_newest_time_on_record_is_that_of_the_latest_change(store: Store) -> None:
    recorded(store, mail())
    store.settle(1, OutboxState.SENT, NIGHT + 3 * HOUR)
    assert store.newest() == NIGHT + 3 * HOUR
    empty = Store.open(None)
    assert empty.newest() is None


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises((ValueError, sa.exc.StatementError), match="without a zone"):
        recorded(store, arrived_at=datetime(2026, 11, 20, 22, 10))  # noqa: DTZ001


# --- trouble, digest, settings ----------------------------------------------------------------------------------------


def test_trouble_that_goes_on_is_one_line_and_a_new_one_begins_after_its_end(store: Store) -> None:
    assert store.note_trouble("info", TroubleKind.NETWORK, "first", NIGHT)
    assert not store.note_trouble("info", TroubleKind.NETWORK, "second", NIGHT + HOUR)
    assert store.note_trouble("info", TroubleKind.LOGIN, "other kind", NIGHT)
    assert store.note_trouble("sales", TroubleKind.NETWORK, "other account", NIGHT)
    [row, _login, _sales] = store.open_troubles()
    assert (row.text, row.since, row.last_seen, row.times) == ("second", NIGHT, NIGHT + HOUR, 2)
    store.end_trouble("info", (TroubleKind.NETWORK,), NIGHT + 2 * HOUR)
    assert {(row.account, row.kind) for row in store.open_troubles()} == {("info", "login"), ("sales", "network")}
    assert store.note_trouble("info", TroubleKind.NETWORK, "anew", NIGHT + 3 * HOUR)


def test_the_ledger_tells_of_a_trouble_that_was_open_at_any_time_in_between(store: Store) -> None:
    store.note_trouble("info", TroubleKind.NETWORK, "lost", NIGHT)
    store.end_trouble("info", (TroubleKind.NETWORK,), NIGHT + HOUR)
    assert len(store.ledger("info", NIGHT + HOUR / 2, NIGHT + 9 * HOUR).troubles) == 1
    assert store.ledger("info", NIGHT + 2 * HOUR, NIGHT + 9 * HOUR).troubles == ()
    assert store.ledger("sales", NIGHT - HOUR, NIGHT + 9 * HOUR).troubles == ()


def test_the_ledger_has_each_message_in_one_period_only(store: Store) -> None:
    recorded(store, mail())
    assert len(store.ledger("info", NIGHT - HOUR, NIGHT).messages) == 1
    assert store.ledger("info", NIGHT, NIGHT + HOUR).messages == ()
    assert len(store.ledger(None, NIGHT - HOUR, NIGHT).mails) == 1
    assert store.ledger("sales", NIGHT - HOUR, NIGHT).messages == ()


def test_a_date_has_one_digest_however_often_it_is_written(store: Store) -> None:
    digest = DigestRow("info", "2026-11-23", NIGHT, NIGHT + HOUR)
    assert store.add_digest(digest, [mail(OutboxKind.DIGEST, MANAGER)], NIGHT)
    assert not store.add_digest(digest, [mail(OutboxKind.DIGEST, MANAGER)], NIGHT)
    assert len(store.mails()) == 1
    assert store.last_digest("info") == digest
    assert store.last_digest("sales") is None


def test_the_offices_secret_stays_the_same(tmp_path: Path) -> None:
    first = Store.open(tmp_path / "state.db")
    secret = first.secret()
    first.close()
    second = Store.open(tmp_path / "state.db")
    assert second.secret() == secret
    assert len(secret) >= 32
    second.close()


def test_a_setting_can_be_set_changed_and_taken_back(store: Store) -> None:
    assert store.setting("paused") is None
    store.set("paused", "by hand")
    store.set("paused", "again")
    assert store.setting("paused") == "again"
    store.set("paused", None)
    assert store.setting("paused") is None


# --- the file ---------------------------------------------------------------------------------------------------------


def test_what_was_recorded_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Store.open(tmp_path / "state.db")
    recorded(first, mail())
    first.close()
    second = Store.open(tmp_path / "state.db")
    assert states(second) == [OutboxState.DUE]
    assert [row.subject for row in second.ledger(None, NIGHT - HOUR, NIGHT).messages] == ["Hỏi giá"]
    second.close()


def test_a_state_written_by_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(Trouble, match=r"newer version.*9999") as trouble:
        Store.open(path)
    assert trouble.value.kind is TroubleKind.STATE


def test_a_file_that_is_no_state_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"this is a letter to grandmother, not a database" * 100)
    with pytest.raises(Trouble, match="not a state file") as trouble:
        Store.open(path)
    assert trouble.value.where == str(path)


def test_a_damaged_state_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = Store.open(path)
    recorded(store, *(mail(content=b"x" * 5000) for _ in range(20)))
    store.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(Trouble, match="restore the last backup") as trouble:
        Store.open(path).mails()
    assert trouble.value.kind is TroubleKind.STATE


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="create its folder"):
        Store.open(tmp_path / "nowhere" / "state.db")


def test_a_state_that_another_process_holds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT", 0.05)
    store = Store.open(tmp_path / "state.db")
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Trouble, match="another process holds the state"):
        store.set("paused", "x")
    other.close()
    store.set("paused", "x")
    store.close()


def test_the_schema_is_at_the_newest_migration() -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(store_module.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.VERSION


def test_the_migrations_make_exactly_the_tables_of_the_schema(tmp_path: Path) -> None:
    Store.open(tmp_path / "fresh.db").close()
    migrated = sa.create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with migrated.begin() as connection:
        store_module._upgrade(connection)
    assert _shape(migrated) == _shape(sa.create_engine(f"sqlite:///{tmp_path / 'fresh.db'}"))
    assert _version_of(migrated) == schema.VERSION
    Store.open(tmp_path / "migrated.db").close()


def _version_of(engine: sa.Engine) -> str:
    with engine.connect() as connection:
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


def _shape(engine: sa.Engine) -> dict[str, object]:
    inspector = sa.inspect(engine)
    return {
        table: {
            "columns": {
                (column["name"], str(column["type"]), column["nullable"], column["primary_key"])
                for column in inspector.get_columns(table)
            },
            "indexes": {(index["name"], tuple(index["column_names"])) for index in inspector.get_indexes(table)},
            "unique": {tuple(unique["column_names"]) for unique in inspector.get_unique_constraints(table)},
            "foreign": {
                (tuple(key["constrained_columns"]), key["referred_table"]) for key in inspector.get_foreign_keys(table)
            },
        }
        for table in inspector.get_table_names()
    }


def test_the_state_survives_a_power_cut_as_far_as_sqlite_can_promise(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state.db")
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    store.close()


# --- the lock ---------------------------------------------------------------------------------------------------------

HOLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from responder.store.lock import StateLock
lock = StateLock(Path(sys.argv[1]))
lock.acquire(datetime(2026, 11, 20, tzinfo=UTC))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_daemon_is_refused_and_told_who_the_first_one_is(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdin is not None
        assert first.stdout.readline() == "held\n"
        lock = StateLock(state)
        with pytest.raises(Trouble, match=rf"process {first.pid} on .*, since 2026-11-20") as trouble:
            lock.acquire(NIGHT)
        assert trouble.value.kind is TroubleKind.BUSY
        holder = lock.holder()
        assert holder is not None
        assert holder.pid == first.pid
        first.kill()
    lock.acquire(NIGHT)
    assert StateLock(state).holder() is not None
    lock.release()
    assert StateLock(state).holder() is None


def test_nobody_holds_a_state_that_never_was(tmp_path: Path) -> None:
    assert StateLock(tmp_path / "state.db").holder() is None


def test_a_lock_in_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="create the folder of `state`"):
        StateLock(tmp_path / "nowhere" / "state.db").acquire(NIGHT)


def test_a_lock_is_let_go_and_taken_again_in_one_process(tmp_path: Path) -> None:
    first, second = StateLock(tmp_path / "state.db"), StateLock(tmp_path / "state.db")
    first.acquire(NIGHT)
    with pytest.raises(Trouble, match=f"process {os.getpid()}"):
        second.acquire(NIGHT)
    first.release()
    second.acquire(NIGHT)
    second.release()
