"""A state that was set back by plain copying, or deleted: what lies in Sent tells, and nobody is answered twice."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from responder.daemon import root
from responder.errors import Trouble, TroubleKind
from responder.mail import own_ids
from responder.mail.compose import LOOP_HEADER
from responder.ports import Special
from responder.store import backup
from responder.store.records import EventKind, OutboxKind, OutboxState
from responder.store.store import Store
from responder.work import pauses
from responder.work.watch import Round
from responder.work.witness import Witness
from responder.work.witness import newest as known_until
from tests.cli_office import CUSTOMER
from tests.fakes import AtWork, letter, policy
from tests.servers.waiting import wait_until
from tests.watched_office import WITHIN, WatchedOffice, watched

__all__ = ["watched"]
OTHER = "minh@khach.example"
NETWORK = Trouble(TroubleKind.NETWORK, "fake:993", "the connection was lost", "nothing to do")
BUSY = Trouble(TroubleKind.BUSY, "fake:993", "the server asks to wait", "nothing to do")
LOGIN = Trouble(TroubleKind.LOGIN, "fake:993", "the login was refused", "look at the password")
FULL = Trouble(TroubleKind.STATE, "state.db", "the disk is full", "free some space")
REFUSED = Trouble(TroubleKind.MAILBOX, "fake:993", "the folder cannot be opened", "name it")


def come(watched: WatchedOffice, sender: str = CUSTOMER, text: str = "Cho em hỏi còn áo thun không?") -> None:
    watched.office.clock.advance(timedelta(minutes=5))
    watched.office.box.deliver(letter(text, sender=sender), watched.office.clock.now())


def answered(watched: WatchedOffice, sender: str = CUSTOMER) -> int:
    return sum(one.recipient == sender for one in watched.server.sent)


def until_answered(watched: WatchedOffice, sender: str, copies: int) -> None:
    """… and the copy lies in Sent, which another run may see."""
    wait_until(lambda: answered(watched, sender), WITHIN, "the reply")
    wait_until(lambda: len(watched.office.box.sent()) == copies, WITHIN, "its copy")


def until_read(watched: WatchedOffice, store: Store, count: int) -> None:
    ever = watched.office.clock.now() + timedelta(days=1)
    wait_until(lambda: len(store.ledger(None, datetime(2020, 1, 1, tzinfo=ever.tzinfo), ever).messages) == count,
               WITHIN, f"{count} mails on record")  # fmt: skip


def set_back(watched: WatchedOffice, saved: Path) -> None:
    """As an admin does who knows nothing of `responder restore`."""
    for file in watched.office.folder.glob("state.db*"):
        file.unlink()
    shutil.copyfile(saved, watched.office.state)


def raised(trouble: Trouble) -> None:
    raise trouble


def restored(store: Store, watched: WatchedOffice) -> list[str]:
    now = watched.office.clock.now()
    events = store.ledger(None, now - timedelta(days=3), now + timedelta(minutes=1)).events
    return [event.text for event in events if event.kind is EventKind.RESTORED]


# ---------------------------------------------------------------- with the daemon


def test_a_state_copied_back_answers_nobody_a_second_time_and_says_so(watched: WatchedOffice) -> None:
    with watched.running(""):
        pass
    saved = watched.office.folder / "last-week.db"
    backup.write(watched.office.state, saved)
    with watched.running(""):
        come(watched)
        until_answered(watched, CUSTOMER, 1)
    set_back(watched, saved)
    watched.office.clock.advance(timedelta(minutes=20))
    with watched.running("") as store:
        until_read(watched, store, 1)
        come(watched, OTHER)
        until_read(watched, store, 2)
        replies = [(row.recipient, row.state) for row in store.mails() if row.kind is OutboxKind.REPLY]
        assert replies == [(OTHER, OutboxState.WITHHELD)]
        [text] = restored(store, watched)
        assert text.startswith("thư nhận trong khoảng từ")
        assert pauses.in_force(store, watched.office.clock.now()) is not None
    assert (answered(watched), answered(watched, OTHER)) == (1, 0)


def test_what_was_due_in_a_state_that_was_copied_back_is_not_sent_before_sent_was_looked_into(
    watched: WatchedOffice,
) -> None:
    with watched.running(""):
        pass
    come(watched)
    watched.office.triage()
    saved = watched.office.folder / "last-week.db"
    backup.write(watched.office.state, saved)
    with watched.running(""):
        until_answered(watched, CUSTOMER, 1)
        come(watched, OTHER)
        until_answered(watched, OTHER, 2)
    set_back(watched, saved)
    watched.office.box.folders[Special.SENT].stored.pop(0)  # somebody has tidied up
    watched.office.box.fail("own_mail", NETWORK)
    with watched.running("") as store:
        wait_until(lambda: restored(store, watched), WITHIN, "the second look")
        [reply] = [row for row in store.mails() if row.kind is OutboxKind.REPLY]
        assert reply.state is OutboxState.UNCERTAIN
    assert answered(watched) == 1


def test_a_deleted_state_answers_nobody_of_tonight_again_and_says_so(watched: WatchedOffice) -> None:
    with watched.running(""):
        come(watched)
        until_answered(watched, CUSTOMER, 1)
    for file in watched.office.folder.glob("state.db*"):
        file.unlink()
    with watched.running("") as store:
        come(watched, text="Nhắc lại ạ.")
        until_read(watched, store, 1)
        [text] = restored(store, watched)
        assert text.startswith("thư nhận trước")
    assert answered(watched) == 1


def test_a_single_pass_over_a_state_copied_back_answers_nobody_again(watched: WatchedOffice) -> None:
    def once() -> None:
        asyncio.run(root.once(watched.office.config, clock=watched.office.clock))

    once()
    saved = watched.office.folder / "last-week.db"
    backup.write(watched.office.state, saved)
    come(watched)
    once()
    once()
    assert (answered(watched), len(watched.office.box.sent())) == (1, 1)
    set_back(watched, saved)
    once()
    come(watched, OTHER)
    once()
    assert (answered(watched), answered(watched, OTHER)) == (1, 0)


def test_a_state_that_was_set_back_by_the_command_is_made_safe_once(watched: WatchedOffice) -> None:
    with watched.running(""):
        pass
    saved = watched.office.folder / "last-week.db"
    backup.write(watched.office.state, saved)
    with watched.running(""):
        come(watched)
        until_answered(watched, CUSTOMER, 1)
    watched.office.clock.advance(timedelta(minutes=5))
    assert watched.office.run("restore", saved).exit_code == 0
    assert watched.office.run("resume").exit_code == 0
    with watched.running("") as store:
        until_read(watched, store, 1)
        assert len(restored(store, watched)) == 1
        assert pauses.in_force(store, watched.office.clock.now()) is None, "a person has ended it"


def test_a_start_with_all_on_record_goes_on_as_before(watched: WatchedOffice) -> None:
    with watched.running(""):
        come(watched)
        until_answered(watched, CUSTOMER, 1)
    with watched.running("") as store:
        come(watched, OTHER)
        until_answered(watched, OTHER, 2)
        assert restored(store, watched) == []


def set_back_by_a_day(watched: WatchedOffice) -> None:
    """A customer was answered, and the state does not know it."""
    with watched.running(""):
        pass
    saved = watched.office.folder / "last-week.db"
    backup.write(watched.office.state, saved)
    with watched.running(""):
        come(watched)
        until_answered(watched, CUSTOMER, 1)
    set_back(watched, saved)
    watched.office.clock.advance(timedelta(minutes=20))


def is_found_out(watched: WatchedOffice) -> bool:
    with watched.running("") as store:
        until_read(watched, store, 1)
        texts = restored(store, watched)
        return bool(texts) and pauses.in_force(store, watched.office.clock.now()) is not None


@pytest.mark.parametrize("method", ["connect", "own_mail"])
def test_a_run_that_did_not_come_to_ask_leaves_the_question_to_the_next_one(
    method: str, watched: WatchedOffice
) -> None:
    set_back_by_a_day(watched)
    watched.office.box.fail(method, LOGIN if method == "connect" else BUSY, 1000)
    with watched.running("") as store:
        store.note_trouble("info", TroubleKind.LOGIN, "refused", watched.office.clock.now())
        assert watched.office.run("digest", "--send").exit_code == 0  # something is on record of this run
    watched.office.box.heal()
    assert is_found_out(watched)
    assert answered(watched) == 1


def test_a_machine_that_stops_while_the_state_is_made_safe_makes_it_safe_after_the_next_start(
    watched: WatchedOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_back_by_a_day(watched)
    with monkeypatch.context() as stopped:
        stopped.setattr(pauses, "begin", lambda *_: raised(FULL))
        with watched.running("") as store:
            assert pauses.in_force(store, watched.office.clock.now()) is None
    assert is_found_out(watched)
    assert answered(watched) == 1


def test_what_is_told_of_a_late_find_begins_where_the_record_ends(watched: WatchedOffice) -> None:
    set_back_by_a_day(watched)
    watched.office.box.fail("own_mail", BUSY, 1000)
    with watched.running(""):
        assert watched.office.run("digest", "--send").exit_code == 0
    watched.office.box.heal()
    with watched.running("") as store:
        wait_until(lambda: restored(store, watched), WITHIN, "the second look")
        [text] = restored(store, watched)
    assert "22:10 đến" in text, text


def test_while_the_server_asks_to_wait_nothing_is_read_either(here: AtWork) -> None:
    here.come()
    before = len(here.store.mails())
    witness = Witness(here.desk, here.store, here.clock, here.store.newest(), lambda _since: None)
    here.mailbox.fail("own_mail", BUSY)
    with pytest.raises(Trouble, match="asks to wait"):
        Round(here.desk, here.store, here.clock, witness=witness).run(here.mailbox)
    assert len(here.store.mails()) == before
    assert not witness.has_spoken


def test_a_machine_set_back_with_its_memory_asks_again_after_the_gap(here: AtWork) -> None:
    asked: list[datetime | None] = []
    witness = Witness(here.desk, here.store, here.clock, here.store.newest(), asked.append)
    for _ in range(3):  # rounds as ever
        here.clock.advance(timedelta(minutes=2))
        witness.hear(here.mailbox)
    last = here.clock.now()
    here.clock.advance(timedelta(hours=7))
    here.store.checked("info", "INBOX", here.clock.now())  # somebody else was quicker
    [copy] = here.mailbox.folders[Special.SENT].stored
    another = own_ids.make(here.desk.secret, here.desk.domain, "reply", "of the night")
    unknown = copy.content.replace(str(copy.message.message_id).encode(), another.encode())
    here.mailbox.write(unknown, last + timedelta(hours=3))
    here.mailbox.fail("own_mail", NETWORK)
    with pytest.raises(Trouble, match="lost"):
        witness.hear(here.mailbox)
    assert not witness.has_spoken, "customers get nothing meanwhile"
    here.clock.advance(timedelta(minutes=1))
    witness.hear(here.mailbox)
    assert (asked, witness.has_spoken) == ([last], True)
    witness.hear(here.mailbox)
    assert len(asked) == 1


# ---------------------------------------------------------------- what counts


@pytest.fixture
def here(tmp_path: Path) -> Iterator[AtWork]:
    made = AtWork(store=Store.open(tmp_path / "state.db"))
    made.come()
    made.work()
    yield made
    made.store.close()


def hears(here: AtWork, newest: datetime | None) -> bool:
    """Is the state taken for older than the mailbox?"""
    called: list[bool] = []
    Witness(here.desk, here.store, here.clock, newest, lambda _since: called.append(True)).hear(here.mailbox)
    return bool(called)


def test_a_mail_that_was_taken_off_the_record_makes_no_state_old(here: AtWork) -> None:
    newest = here.store.newest()
    here.store.forget("khach@banhang.example")
    assert len(here.mailbox.sent()) == 1
    assert not hears(here, newest)


@pytest.mark.parametrize("how", ["forget", "purge"])
def test_what_a_provider_files_a_moment_later_and_was_taken_off_the_record_makes_no_state_old(
    how: str, here: AtWork
) -> None:
    here.mailbox.folders[Special.SENT].stored.clear()
    here.clock.advance(timedelta(seconds=5))
    here.come(letter("Còn hàng không?", sender=OTHER))
    here.round()
    here.clock.advance(timedelta(seconds=5))
    here.send()
    here.mailbox.write(here.server.sent[-1].content, here.clock.now() + timedelta(seconds=1))
    if how == "forget":
        here.store.forget(OTHER)
    else:
        for row in here.store.mails():  # what is still open would be kept
            here.store.cancel(row.id, "", here.clock.now())
            here.store.copied(row.id)
        here.store.purge_records(here.clock.now() + timedelta(days=1), 100)
    assert here.store.unknown(here.mailbox.own_mail(here.clock.now()))
    assert not hears(here, known_until(here.store, "info"))


def test_what_was_sent_after_a_customer_was_forgotten_is_missed_all_the_same(here: AtWork) -> None:
    here.store.forget("khach@banhang.example")
    newest = known_until(here.store, "info")
    here.clock.advance(timedelta(minutes=30))
    here.mailbox.write(here.mailbox.folders[Special.SENT].stored[0].content, here.clock.now())
    assert hears(here, newest)


def test_a_mail_of_another_installation_makes_no_state_old(here: AtWork) -> None:
    here.desk = replace(here.desk, secret="another")
    [copy] = here.mailbox.folders[Special.SENT].stored
    copy.content = copy.content.replace(b"<responder.", b"<responder.x")
    assert not hears(here, copy.arrived - timedelta(hours=1) if copy.arrived else None)


def test_at_first_contact_only_mail_counts_that_is_young_enough(here: AtWork) -> None:
    [copy] = here.mailbox.folders[Special.SENT].stored
    copy.content = copy.content.replace(b"<responder.", b"<responder.x")
    assert hears(here, None)
    here.clock.advance(policy().limits.again_after + timedelta(minutes=1))
    assert not hears(here, None)


def test_what_a_person_wrote_makes_no_state_old(here: AtWork) -> None:
    here.mailbox.folders[Special.SENT].stored.clear()
    here.staff_write()
    assert not hears(here, None)


@pytest.mark.parametrize(("trouble", "is_begun"), [(NETWORK, False), (REFUSED, True)])
def test_a_server_that_is_away_is_waited_for_and_one_that_refuses_is_not(
    here: AtWork, trouble: Trouble, is_begun: bool
) -> None:
    witness = Witness(here.desk, here.store, here.clock, here.store.newest(), lambda _since: None)
    here.mailbox.fail("own_mail", trouble)
    with contextlib.suppress(Trouble):
        Round(here.desk, here.store, here.clock, witness=witness).run(here.mailbox)
    assert witness.has_spoken == is_begun


def test_the_automatic_mails_in_sent_have_the_header_that_is_looked_for(here: AtWork) -> None:
    assert [mail.first(LOOP_HEADER) for mail in here.mailbox.sent()] == ["info@congty.example"]


def test_a_state_remembers_what_it_does_not_know(here: AtWork) -> None:
    [known] = [row.message_id for row in here.store.mails() if row.kind is OutboxKind.REPLY]
    assert here.store.unknown([known, "<x@y.example>"]) == {"<x@y.example>"}
    with contextlib.closing(Store.open(None)) as empty:
        assert empty.unknown([known]) == {known}
