"""A state copied while it is worked on, put back, and what a restored state does and leaves alone afterwards."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig

from responder.ports import Special
from responder.store import backup, engine
from responder.store.lock import StateLock
from responder.store.records import AlarmKind, NewAlarm, NewMail, OutboxKind, OutboxState, Transport
from responder.store.schema import VERSION
from responder.store.store import Store
from responder.work import pauses
from responder.work.copies import Copies
from responder.work.digest import FIRST_START, Digests
from responder.work.restore import Restored, make_safe
from tests.cli_office import CUSTOMER as LAN
from tests.cli_office import SATURDAY_NIGHT, CliOffice, make_office
from tests.cli_office import mail as mail_of
from tests.fakes import CUSTOMER, ON_CALL, AtWork, letter, local, policy

OTHER = "minh@khach.example"
SEND = ("follow_up: {as: draft}", "follow_up: {as: send, after: 60m}")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[AtWork]:
    """An office on a Friday night, with its state in a file."""
    made = AtWork(store=Store.open(tmp_path / "state.db"))
    made.store.set_once(FIRST_START, made.clock.now().isoformat())
    yield made
    made.store.close()


def copy(here: AtWork) -> Path:
    assert here.store.path is not None
    return backup.write(here.store.path, here.store.path.with_name("backup.db")).path


def restore(here: AtWork, source: Path) -> Restored:
    """As the command does, and the daemon starts again."""
    assert here.store.path is not None
    here.store.close()
    lock = StateLock(here.store.path)
    lock.acquire(here.clock.now())
    safe: list[Restored] = []

    def settle(store: Store) -> None:
        safe.append(make_safe(store, [here.desk.policy], here.clock.now(), "hoa", store.newest()))

    backup.put_back(source, here.store.path, here.store.path.with_name("aside.db"), settle)
    lock.release()
    here.store = Store.open(here.store.path)
    here.store.recover(here.clock.now())
    here.be(replace(here.desk, paused=pauses.in_force(here.store, here.clock.now())))
    Copies(here.desk, here.store, here.clock).resolve(here.mailbox)
    return safe[0]


def opens(here: AtWork, at: str) -> None:
    """The office opens: a pause that was to last until then is over."""
    here.clock.set(local(at))
    pauses.end_if_over(here.store, here.clock.now())
    here.be(replace(here.desk, paused=pauses.in_force(here.store, here.clock.now())))
    here.work()


def test_a_log_left_beside_a_state_that_was_moved_away_does_not_meet_the_restored_one(here: AtWork) -> None:
    state = here.store.path
    assert state is not None
    here.store.learn([f"old-{number}@khach.example" for number in range(3000)], here.clock.now())
    saved = copy(here)
    here.store.close()
    learn_and_be_killed(state)
    state.rename(state.with_name("state.db.bad"))
    restore(here, saved)
    with closing(sqlite3.connect(state)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM correspondent").fetchall() == [(3000,)]
    assert state.with_name("aside.db-wal").exists(), "nothing is thrown away"


def learn_and_be_killed(state: Path) -> None:
    """What it wrote stands in the log only."""
    program = """
import os, pathlib, sys
from datetime import datetime, UTC
from responder.store.store import Store
store = Store.open(pathlib.Path(sys.argv[1]))
for k in range(20):
    store.learn([f"new-{k}-{number}@khach.example" for number in range(40)], datetime.now(UTC))
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", program, str(state)], check=False, timeout=60)
    assert state.with_name(f"{state.name}-wal").stat().st_size > 0


# ---------------------------------------------------------------- after a restore


def test_a_whole_night_with_a_restore_in_it_answers_everybody_once(here: AtWork) -> None:
    here.come()
    here.work()
    saved = copy(here)
    here.clock.advance(timedelta(hours=1))
    here.come(letter("Còn hàng không?", "Hỏi hàng", sender=OTHER))
    here.work()
    here.clock.advance(timedelta(hours=1))
    here.come(letter("Máy chủ bị sập, xử lý ngay!", "KHẨN CẤP: hệ thống sập", sender="an@khach.example"))
    here.work()
    here.clock.advance(timedelta(minutes=1))
    sent = len(here.server.sent)

    restored = restore(here, saved)
    here.work()
    here.clock.advance(timedelta(hours=1))
    here.come(letter("Nhắc lại ạ, còn hàng không?", "Hỏi hàng", sender=OTHER))
    here.work()

    assert len(here.server.sent) == sent, "nobody is answered or told again, nor for the first time in doubt"
    assert restored.pause.until == local("2026-11-23 08:00")
    opens(here, "2026-11-23 08:00")
    drafts = [(draft.to[0].key, draft.subject) for draft in here.mailbox.drafts()]
    assert drafts == [(CUSTOMER, "Re: Hỏi về đơn hàng"), (OTHER, "Re: Hỏi hàng")], "the latter for the later mail"
    here.come(letter("Cảm ơn, hỏi thêm ạ: bao giờ giao?", sender=OTHER), local("2026-11-23 18:00"))
    here.work("2026-11-23 18:00")
    assert len(here.sent_to(OTHER)) == 2, "the next night is like any other"


def test_the_report_names_the_gap(here: AtWork) -> None:
    saved = copy(here)
    here.clock.advance(timedelta(hours=2))
    restore(here, saved)
    here.work("2026-11-23 08:00")
    text = Digests(here.desk, here.store, here.clock).preview(here.clock.now()).text
    flat = " ".join(text.split())
    assert (
        "Khôi phục dữ liệu từ bản sao lưu: thư nhận trong khoảng từ thứ Sáu, 20/11/2026, 22:10 "
        "đến thứ Bảy, 21/11/2026, 00:10 chưa được máy trả lời và cũng chưa được báo cho ai; xin xem lại hộp thư đến"
    ) in flat
    assert "người làm: hoa" in flat


def test_a_reply_that_was_due_in_the_backup_is_not_sent_again(here: AtWork) -> None:
    here.come()
    here.round()
    saved = copy(here)
    here.send()
    restored = restore(here, saved)
    here.work()
    assert restored.in_doubt == 1
    assert len(here.sent_to()) == 1
    [reply] = here.mails(OutboxKind.REPLY)
    assert (reply.state, reply.reason) == (
        OutboxState.UNCERTAIN,
        "restored from a backup: it may have gone out since then",
    )


def test_what_the_backup_owed_and_sent_holds_is_known_to_have_gone_out(here: AtWork) -> None:
    here.come()
    here.round()
    saved = copy(here)
    here.send()
    here.round()  # files the copy
    restore(here, saved)
    assert [row.state for row in here.mails(OutboxKind.REPLY)] == [OutboxState.SENT]


def test_a_draft_that_was_laid_since_is_not_laid_twice_and_one_that_was_not_is(here: AtWork) -> None:
    here.come()
    here.work()
    saved = copy(here)
    here.work("2026-11-23 08:00")
    assert len(here.drafts()) == 1
    restore(here, saved)
    here.work("2026-11-23 08:05")
    assert len(here.drafts()) == 1
    here.mailbox.folders[Special.DRAFTS].stored.clear()
    restore(here, saved)
    here.work("2026-11-23 08:10")
    assert len(here.drafts()) == 1


def test_who_was_answered_since_the_backup_gets_no_draft(here: AtWork) -> None:
    here.come()
    here.work()
    saved = copy(here)
    here.clock.set(local("2026-11-23 07:50"))
    here.staff_write()
    restore(here, saved)
    opens(here, "2026-11-23 08:00")
    assert here.drafts() == []


def test_a_follow_up_that_was_sent_since_is_not_sent_again(tmp_path: Path) -> None:
    here = AtWork(policy(SEND), store=Store.open(tmp_path / "state.db"))
    here.come()
    here.work()
    saved = copy(here)
    here.work("2026-11-23 09:00")
    here.send()
    assert here.sent_to() == ["Trả lời tự động: Hỏi về đơn hàng", "Re: Hỏi về đơn hàng"]
    here.clock.set(local("2026-11-23 10:00"))
    here.mailbox.folders[Special.SENT].stored.clear()  # nothing there tells of it
    restore(here, saved)
    here.work("2026-11-23 10:01")
    here.send()
    assert len(here.sent_to()) == 2
    here.store.close()


def test_a_follow_up_whose_time_has_not_come_is_still_sent(tmp_path: Path) -> None:
    here = AtWork(policy(SEND), store=Store.open(tmp_path / "state.db"))
    here.come()
    here.work()
    saved = copy(here)
    here.clock.advance(timedelta(hours=1))
    assert restore(here, saved).in_doubt == 0
    opens(here, "2026-11-23 09:00")
    here.send()
    assert len(here.sent_to()) == 2
    here.store.close()


@pytest.mark.parametrize(("days", "state"), [(29, OutboxState.SENDING), (31, OutboxState.CANCELLED)])
def test_a_follow_up_of_a_mail_a_month_old_is_not_written_any_more(days: int, state: OutboxState, here: AtWork) -> None:
    here.come()
    here.work()
    here.clock.advance(timedelta(days=days))
    make_safe(here.store, [here.desk.policy], here.clock.now(), "hoa", None)
    assert [row.state for row in here.mails(OutboxKind.FOLLOW_UP)] == [state]


def test_an_old_alert_is_not_told_again_and_one_of_tonight_may_be(here: AtWork) -> None:
    for days in (3, 0):
        here.store.raise_alarm(alert(here, f"<{days}@x.example>"), here.clock.now() - timedelta(days=days))
    saved = copy(here)
    restore(here, saved)
    assert [row.state for row in here.mails(OutboxKind.ALERT)] == [OutboxState.CANCELLED, OutboxState.DUE]


def alert(here: AtWork, message_id: str) -> NewAlarm:
    mail = NewMail(
        OutboxKind.ALERT, Transport.SMTP, OutboxState.DUE, "info", ON_CALL, "urgent", "vi", "info@congty.example",
        message_id, b"x", "x", here.clock.now(),
    )  # fmt: skip
    return NewAlarm("info", AlarmKind.MESSAGE, "Sập", (mail,))


def test_the_second_report_of_a_date_is_no_copy_of_the_first(here: AtWork) -> None:
    saved = copy(here)
    here.clock.set(local("2026-11-23 08:00"))
    assert Digests(here.desk, here.store, here.clock).run()
    [first] = [row.message_id for row in here.mails(OutboxKind.DIGEST)]
    restore(here, saved)
    assert Digests(here.desk, here.store, here.clock).run()
    assert [row.message_id for row in here.mails(OutboxKind.DIGEST)] != [first]


def test_nobody_gets_a_second_reply_within_again_after_wherever_in_the_week_the_restore_falls(here: AtWork) -> None:
    here.clock.set(local("2026-11-25 03:00"))
    saved = copy(here)
    here.come()
    here.work()
    assert len(here.sent_to()) == 1
    here.clock.set(local("2026-11-25 10:00"))
    assert restore(here, saved).pause.until == local("2026-11-26 08:00")
    here.come(letter("Nhắc lại ạ."), local("2026-11-25 18:00"))
    opens(here, "2026-11-25 18:00")
    assert len(here.sent_to()) == 1, "fifteen hours after the first"
    opens(here, "2026-11-26 08:00")
    assert here.drafts() == ["Re: Hỏi về đơn hàng"]
    here.come(letter("Còn một việc nữa."), local("2026-11-26 18:00"))
    here.work("2026-11-26 18:00")
    assert len(here.sent_to()) == 2, "the next night is like any other"


def test_a_restore_shortly_before_opening_pauses_over_the_day(here: AtWork) -> None:
    here.clock.set(local("2026-11-25 07:00"))
    assert restore(here, copy(here)).pause.until == local("2026-11-26 08:00")


def test_without_a_readable_policy_a_restore_pauses_until_a_person_ends_it(here: AtWork) -> None:
    pause = make_safe(here.store, (), here.clock.now(), "hoa", None).pause
    assert pause.until is None


def test_a_longer_pause_of_the_backup_stays(here: AtWork) -> None:
    longer = pauses.Pause("dời văn phòng", here.clock.now(), local("2026-12-01 08:00"))
    pauses.begin(here.store, longer, "hoa")
    assert make_safe(here.store, [here.desk.policy], here.clock.now(), "hoa", None).pause == longer


# ---------------------------------------------------------------- the commands


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    """An office that has had one mail on Saturday night."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESPONDER_CONFIG", raising=False)
    office = make_office(tmp_path, monkeypatch)
    office.triage()
    office.box.deliver(mail_of(), SATURDAY_NIGHT)
    office.triage()
    return office


def test_a_backup_is_made_while_the_daemon_works_and_is_for_its_owner_only(office: CliOffice) -> None:
    with closing(Store.open(office.state)) as store, store.batch():
        result = office.run("backup", "copy.db")
    assert result.exit_code == 0
    assert result.stdout.startswith("copy.db: ")
    assert "MB, 1 mail on record" in result.stdout
    made = office.folder / "copy.db"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    with closing(Store.open(made)) as copied:
        assert copied.held(LAN).messages == 1
    assert not list(office.folder.glob(".*")), "nothing half-made is left"


def test_a_folder_gets_a_file_named_by_date_and_time(office: CliOffice) -> None:
    (office.folder / "backups").mkdir()
    assert office.run("backup", "backups").exit_code == 0
    assert [file.name for file in (office.folder / "backups").iterdir()] == ["state-20261121-221000.db"]


def test_a_folder_that_is_not_there_becomes_no_file_of_that_name(office: CliOffice) -> None:
    result = office.run("backup", "nightly/")
    assert (result.exit_code, "there is no such folder — make it first" in result.stderr) == (2, True)
    assert not (office.folder / "nightly").exists()


def test_a_backup_holds_nothing_that_was_deleted(office: CliOffice) -> None:
    with closing(Store.open(office.state)) as store:
        store.forget(LAN)
    office.run("backup", "copy.db")
    assert LAN.encode() not in (office.folder / "copy.db").read_bytes()


def test_nothing_is_overwritten_unless_it_is_said(office: CliOffice) -> None:
    kept = office.folder / "copy.db"
    kept.write_text("kept")
    result = office.run("backup", "copy.db")
    assert (result.exit_code, kept.read_text()) == (2, "kept")
    remedy = "name another file, or a folder; --force replaces it"
    assert result.stderr == f"copy.db: this file is there already — {remedy}\n"
    assert office.run("backup", "copy.db", "--force").exit_code == 0
    backup.check(kept)
    itself = office.run("backup", "state.db", "--force")
    assert (itself.exit_code, "that is the state itself" in itself.stderr) == (2, True)


def test_where_nothing_can_be_written_is_one_line(office: CliOffice) -> None:
    result = office.run("backup", "nowhere/copy.db")
    assert result.exit_code == 1
    assert result.stderr == (
        "nowhere/copy.db: it cannot be written (No such file or directory)"
        " — look at the folder: is it there, writable, not full?\n"
    )


def test_a_damaged_state_makes_no_backup(office: CliOffice) -> None:
    with closing(sqlite3.connect(office.state)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(office.state.read_bytes())
    content[4096 * 3 : 4096 * 8] = b"\xff" * 4096 * 5
    office.state.write_bytes(content)
    result = office.run("backup", "copy.db")
    assert (result.exit_code, "damaged" in result.stderr) == (1, True)
    assert not (office.folder / "copy.db").exists()


def test_restore_puts_a_backup_in_place_and_keeps_the_state_before(office: CliOffice) -> None:
    office.run("backup", "copy.db")
    office.clock.advance(timedelta(hours=1))
    office.box.deliver(mail_of(subject="Sau bản sao lưu"), office.clock.now())
    office.triage()
    result = office.run("restore", "copy.db")
    assert result.exit_code == 0
    assert "restored from copy.db, whose last record is of Sat 2026-11-21 22:10" in result.stdout
    assert "paused until Mon 2026-11-23 08:00" in result.stdout
    assert "1 mail to customers may have gone out since then" in result.stdout
    aside = office.folder / "state-before-restore-20261121-231000.db"
    assert str(aside) in result.stdout
    with closing(Store.open(aside)) as before, closing(Store.open(office.state)) as now:
        assert [store.held(LAN).messages for store in (before, now)] == [2, 1]
    assert stat.S_IMODE(office.state.stat().st_mode) == 0o600
    assert not list(office.folder.glob("*.restored*"))
    assert office.run("status").stdout.startswith("not running"), "the lock is let go"


def test_restore_on_a_new_machine_needs_no_state(office: CliOffice) -> None:
    office.run("backup", "copy.db")
    for file in office.folder.glob("state.db*"):
        file.unlink()
    result = office.run("restore", "copy.db")
    assert (result.exit_code, "is kept as" in result.stdout) == (0, False)
    with closing(Store.open(office.state)) as store:
        assert store.held(LAN).messages == 1


def killed(state: Path, copy: Path) -> None:
    """The files that a kill leaves behind: what was recorded last stands in the log only."""
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("INSERT INTO correspondent VALUES ('cuoi@khach.example', '2026-11-21 15:00:00')")
        connection.commit()
        for end in ("", "-wal"):
            shutil.copyfile(f"{state}{end}", f"{copy}{end}")


def test_what_a_killed_daemon_left_in_its_log_comes_along(office: CliOffice) -> None:
    left = office.folder / "left.db"
    killed(office.state, left)
    assert b"cuoi@khach.example" not in left.read_bytes()
    for file in office.folder.glob("state.db*"):
        file.unlink()
    assert office.run("restore", "left.db").exit_code == 0
    with closing(Store.open(office.state)) as store:
        assert store.held("cuoi@khach.example").is_known


def test_a_backup_that_is_closed_to_this_user_takes_sudo(office: CliOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    office.run("backup", "copy.db")
    closed, real = PermissionError(13, "Permission denied", "copy.db"), Path.open
    monkeypatch.setattr("responder.store.backup.sqlite3.connect", lambda *_, **__: raised(sqlite3.OperationalError()))
    monkeypatch.setattr(
        Path,
        "open",
        lambda path, *rest, **more: raised(closed) if path.name == "copy.db" else real(path, *rest, **more),
    )
    result = office.run("restore", "copy.db")
    assert (result.exit_code, result.stderr) == (2, "copy.db: closed to this user — run the command with `sudo`\n")


def raised(error: Exception) -> None:
    raise error


def test_the_state_itself_is_no_backup_of_it(office: CliOffice) -> None:
    (office.folder / "linked.db").symlink_to(office.state)
    for name in ("state.db", "linked.db"):
        result = office.run("restore", name)
        assert (result.exit_code, result.stderr) == (2, f"{name}: that is the state itself — name a backup of it\n")
    with closing(Store.open(office.state)) as store:
        assert store.held(LAN).messages == 1


def test_restore_waits_until_the_daemon_is_stopped(office: CliOffice) -> None:
    office.run("backup", "copy.db")
    lock = StateLock(office.state)
    lock.acquire(office.clock.now())
    result = office.run("restore", "copy.db")
    lock.release()
    assert (result.exit_code, "another responder works on this state" in result.stderr) == (75, True)


def of_a_newer_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


def damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    file.write_bytes(content)


def of_something_else(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE message (id)")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            of_a_newer_version,
            f"copy.db: the state was written by a newer version (schema 9999, this one knows {VERSION})",
        ),
        (damaged, "copy.db: the file is damaged — take another backup; do not use this one"),
        (of_something_else, "copy.db: this is no backup of a state — name a file that `responder backup` has written"),
        (lambda file: file.write_text("text" * 1000), "copy.db: this is no backup of a state"),
        (Path.unlink, "copy.db: it cannot be read (No such file or directory) — look at the path"),
    ],
)
def test_what_is_no_good_backup_is_one_line_and_changes_nothing(
    spoil: Callable[[Path], object], told: str, office: CliOffice
) -> None:
    office.run("backup", "copy.db")
    spoil(office.folder / "copy.db")
    before = office.state.read_bytes()
    result = office.run("restore", "copy.db")
    assert result.exit_code == 1
    assert result.stderr.startswith(told), result.stderr
    assert result.stderr.count("\n") == 1
    assert office.state.read_bytes() == before
    assert not list(office.folder.glob("*before-restore*"))


def test_a_backup_of_an_older_version_is_upgraded(office: CliOffice) -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(engine.__file__).parent / "migrations"))
    older = engine.make_engine(office.folder / "copy.db")
    with older.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO correspondent VALUES ('xua@khach.example', '2026-01-01 00:00:00')")
    older.dispose()
    result = office.run("restore", "copy.db")
    assert (result.exit_code, "; it holds no record yet\n" in result.stdout) == (0, True)
    with closing(Store.open(office.state)) as store:
        assert store.held("xua@khach.example").is_known
        [restored, _pause] = store.ledger(None, SATURDAY_NIGHT - timedelta(days=1), SATURDAY_NIGHT).events
        assert restored.text.startswith("thư nhận trước thứ Bảy, 21/11/2026, 22:10 chưa được máy trả lời")
