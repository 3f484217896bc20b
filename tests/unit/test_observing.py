"""What staff did with mails that the rules had judged otherwise is on record, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from responder.errors import Trouble, TroubleKind
from responder.store.records import Observation, Observed
from tests.fakes import AtWork, Folder, letter, local, policy

NIGHT = local("2026-11-20 22:10")
FOLDER = "Việc gấp"
ORDINARY = letter("Máy lạnh nhà em chảy nước từ chiều.", "Máy lạnh")
MOVING = ("do: {reply: urgent, follow_up: next_workday, mark: flagged}",
          "do: {reply: urgent, mark: [flagged, {folder: Việc gấp}]}")  # fmt: skip


@pytest.fixture
def here() -> Iterator[AtWork]:
    made = AtWork()
    yield made
    made.store.close()


def urgent() -> bytes:
    return letter("Cần gấp báo giá 20 ghế trong sáng mai.", "Báo giá gấp")


def seen(here: AtWork) -> list[tuple[int, Observed, str, str]]:
    rows = here.store.observations("info", local("2020-01-01"))
    return [(row.message, row.what, row.judged, row.folder) for row in rows]


# --- flagged ----------------------------------------------------------------------------------------------------------


def test_an_ordinary_mail_that_staff_flag_is_noted_once_with_what_the_rules_had_said(here: AtWork) -> None:
    uid = here.come(ORDINARY)
    here.round()
    assert seen(here) == []
    here.clock.advance(timedelta(hours=1))
    here.mailbox.flag(uid)
    here.round()
    assert here.store.observations("info", NIGHT) == (
        Observation(1, Observed.FLAGGED, here.clock.now(), "normal"),
    )  # fmt: skip
    for _ in range(2):
        here.clock.advance(timedelta(hours=1))
        here.round()
    assert seen(here) == [(1, Observed.FLAGGED, "normal", "")]


def test_a_mail_that_was_flagged_and_answered_between_two_looks_is_noted(here: AtWork) -> None:
    uid = here.come(ORDINARY)
    here.round()
    here.mailbox.flag(uid)
    here.mailbox.answer(uid)
    here.round()
    assert here.messages()[0].handled_at is not None
    assert [what for _, what, _, _ in seen(here)] == [Observed.FLAGGED]


def test_our_own_flag_is_no_judgement_of_staff(here: AtWork) -> None:
    here.come(urgent())
    for _ in range(3):
        here.round()
    assert here.messages()[0].marks == ("flagged",)
    assert seen(here) == []


def test_where_no_play_flags_a_flag_may_mean_anything() -> None:
    rules = policy(*[("mark: flagged}", "mark: {keyword: Gap}}")] * 5)
    here = AtWork(rules)
    uid = here.come(ORDINARY)
    here.round()
    here.mailbox.flag(uid)
    here.round()
    assert seen(here) == []


def test_a_flag_after_the_mail_was_answered_is_for_the_staffs_own_use(here: AtWork) -> None:
    uid = here.come(ORDINARY)
    here.round()
    here.mailbox.answer(uid)
    here.round()
    here.mailbox.flag(uid)
    here.round()
    assert seen(here) == []


@pytest.mark.parametrize(("days", "noted"), [(13, True), (15, False)])
def test_only_mail_of_the_last_two_weeks_is_looked_at(days: int, noted: bool, here: AtWork) -> None:
    uid = here.come(ORDINARY)
    here.round()
    here.clock.advance(timedelta(days=days))
    here.mailbox.flag(uid)
    here.round()
    assert bool(seen(here)) is noted


# --- unflagged --------------------------------------------------------------------------------------------------------


def test_a_flag_of_ours_that_staff_clear_is_noted(here: AtWork) -> None:
    uid = here.come(urgent())
    here.round()
    here.mailbox.flag(uid, on=False)
    here.round()
    assert seen(here) == [(1, Observed.UNFLAGGED, "urgent", "")]


def test_who_answers_and_clears_the_flag_is_done_with_it(here: AtWork) -> None:
    uid = here.come(urgent())
    here.round()
    here.mailbox.answer(uid)
    here.mailbox.flag(uid, on=False)
    here.round()
    assert here.store.observed([1]) == frozenset()


@pytest.mark.parametrize(("minutes", "noted"), [(50, False), (70, True)])
def test_who_clears_the_flag_and_answers_at_once_is_done_with_it_too(minutes: int, noted: bool, here: AtWork) -> None:
    uid = here.come(urgent())
    here.round()
    here.mailbox.flag(uid, on=False)
    here.round()
    here.clock.advance(timedelta(minutes=minutes))
    here.mailbox.answer(uid)
    here.round()
    assert bool(seen(here)) is noted


def test_a_flag_that_we_could_not_set_was_cleared_by_nobody(here: AtWork) -> None:
    here.mailbox.fail("mark", Trouble(TroubleKind.SERVER, "fake:993", "the server refused", "look"), times=3)
    here.come(urgent())
    for _ in range(3):
        here.round()
    assert seen(here) == []


# --- moved ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def moving() -> Iterator[AtWork]:
    made = AtWork(policy(MOVING))
    made.mailbox.folders[FOLDER] = Folder()
    yield made
    made.store.close()


def test_an_ordinary_mail_moved_to_where_urgent_mail_lies_is_noted_with_the_folder(moving: AtWork) -> None:
    uid = moving.come(ORDINARY)
    moving.round()
    moving.mailbox.move(uid, FOLDER)
    moving.round()
    assert seen(moving) == [(1, Observed.MOVED, "normal", FOLDER)]


@pytest.mark.parametrize("folder", ["Archive", "Trash", "Junk"])
def test_a_mail_moved_anywhere_else_is_no_judgement_and_that_folder_is_not_looked_into(
    folder: str, here: AtWork
) -> None:
    uid = here.come(ORDINARY)
    here.round()
    here.mailbox.move(uid, folder)
    here.round()
    assert here.messages()[0].handled_at is not None
    assert seen(here) == []
    assert "held_in" not in here.mailbox.calls


def test_what_we_have_moved_ourselves_was_moved_by_nobody_else(moving: AtWork) -> None:
    moving.come(urgent())
    for _ in range(3):
        moving.round()
    assert len(moving.mailbox.folders[FOLDER].stored) == 1
    assert seen(moving) == []
    assert "held_in" not in moving.mailbox.calls


# --- on record --------------------------------------------------------------------------------------------------------


def test_a_stop_between_the_note_and_the_mails_end_notes_nothing_twice(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = here.come(ORDINARY)
    here.round()
    here.mailbox.flag(uid)
    here.mailbox.answer(uid)
    with monkeypatch.context() as broken:
        broken.setattr(here.store, "handled", _stops)
        with pytest.raises(KeyboardInterrupt):
            here.round()
    here.round()
    assert len(seen(here)) == 1
    assert here.messages()[0].handled_at is not None


def _stops(*_: object) -> None:
    raise KeyboardInterrupt


def test_forgetting_the_sender_forgets_what_staff_did_with_the_mail(here: AtWork) -> None:
    uid = here.come(ORDINARY)
    here.round()
    here.mailbox.flag(uid)
    here.round()
    here.store.forget(here.messages()[0].sender)
    assert seen(here) == []
    assert here.store.observed([1]) == frozenset()


def test_it_goes_with_the_record_of_the_mail(here: AtWork) -> None:
    uid = here.come(ORDINARY)
    here.round()
    here.mailbox.flag(uid)
    here.mailbox.answer(uid)
    here.work()
    here.store.purge_records(NIGHT + timedelta(days=400), 100)
    assert here.messages() == []
    assert seen(here) == []


def test_a_round_without_any_such_mail_asks_the_store_for_none(here: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    here.come(ORDINARY)
    here.come(urgent())
    here.round()
    monkeypatch.setattr(here.store, "observed", _stops)
    here.round()
