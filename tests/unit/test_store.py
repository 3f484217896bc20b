"""store/: what is remembered, what is claimed, and what is told when the state file cannot be used."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory

from responder.errors import Trouble, TroubleKind
from responder.policy.decide import Past
from responder.policy.model import Used
from responder.ports import PersonsMail
from responder.store import engine as engine_module
from responder.store import schema, turns
from responder.store.lock import StateLock
from responder.store.records import (
    AlarmKind,
    Asked,
    CopyState,
    DigestRow,
    FolderPosition,
    KeptPolicy,
    MessageState,
    NewAlarm,
    NewMail,
    NewMessage,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Place,
    Since,
    Transport,
)
from responder.store.store import Store
from tests.fakes import CUSTOMER, INBOX, MANAGER, ON_CALL, local

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
    rows = (store.claim(now, "info", tuple(OutboxKind)) for _ in range(limit))
    return list(takewhile(lambda row: row is not None, rows))  # type: ignore[arg-type]


ONE = Used(1, 1)

# --- history ----------------------------------------------------------------------------------------------------------


HERE = Place("info", INBOX, 7, 999)  # of the message that is about to be decided
LAST_HOUR = Since(
    NIGHT - HOUR, bounced=NIGHT - 60 * 24 * HOUR, refused=NIGHT - 48 * HOUR, arrived=NIGHT - HOUR, now=NIGHT
)
LIVE = frozenset(OutboxState) - {OutboxState.DROPPED, OutboxState.CANCELLED, OutboxState.FAILED, OutboxState.WITHHELD}


def past(
    store: Store,
    sender: str = CUSTOMER,
    thread: tuple[str, ...] = (),
    *,
    message_id: str | None = None,
    is_vetoed: bool = False,
    since: Since = LAST_HOUR,
    counted: frozenset[OutboxState] = LIVE,
) -> Past:
    with store.batch() as batch:
        return batch.past(
            HERE, Asked(sender, message_id=message_id, thread=thread, is_vetoed=is_vetoed), since, counted
        )


def test_a_message_sees_the_reply_that_an_earlier_one_of_the_same_batch_led_to(store: Store) -> None:
    with store.batch() as batch:
        before = batch.past(HERE, Asked(CUSTOMER), LAST_HOUR, LIVE)
        batch.add(message(11), (mail(),), NIGHT)
        after = batch.past(HERE, Asked(CUSTOMER), LAST_HOUR, LIVE)
    assert (before.known, before.replies, before.domain, before.office) == (False, (), Used(), Used())
    assert after.known
    assert [reply.template for reply in after.replies] == ["out_of_hours"]
    assert (after.domain, after.office) == (ONE, ONE)


def test_replies_to_one_person_count_whichever_mailbox_they_came_from(store: Store) -> None:
    recorded(store, mail(account="sales"))
    assert len(past(store).replies) == 1


def test_mail_of_a_domain_counts_for_all_its_people_and_other_domains_for_the_office_only(store: Store) -> None:
    recorded(store, mail(recipient="b@banhang.example"), mail(recipient="x@khac.example"))
    found = past(store)
    assert (len(found.replies), found.domain, found.office) == (0, ONE, Used(2, 2))


@pytest.mark.parametrize("state", [OutboxState.DROPPED, OutboxState.CANCELLED, OutboxState.FAILED])
def test_a_reply_that_never_left_does_not_count(store: Store, state: OutboxState) -> None:
    recorded(store, mail(state=state))
    assert past(store).replies == ()


@pytest.mark.parametrize("state", [OutboxState.SENT, OutboxState.UNCERTAIN, OutboxState.DUE, OutboxState.SENDING])
def test_a_reply_that_left_or_may_have_or_is_about_to_counts(store: Store, state: OutboxState) -> None:
    recorded(store, mail(state=state))
    assert len(past(store).replies) == 1


def test_a_withheld_reply_counts_only_where_all_are_withheld(store: Store) -> None:
    recorded(store, mail(state=OutboxState.WITHHELD))
    assert past(store).replies == ()
    assert len(past(store, counted=LIVE | {OutboxState.WITHHELD}).replies) == 1


def test_each_limit_looks_back_its_own_time(store: Store) -> None:
    recorded(store, mail())
    alarmed(store, alert())
    later = replace(LAST_HOUR, now=NIGHT + HOUR)
    found = past(store, since=later)
    assert (len(found.replies), found.domain, found.alerts) == (1, Used(0, 1), Used(0, 1))
    found = past(store, since=replace(later, period=NIGHT + HOUR, now=NIGHT + 24 * HOUR))
    assert (len(found.replies), found.domain, found.account, found.alerts) == (0, Used(), Used(), Used())


def test_who_varies_the_address_of_one_mailbox_is_one_sender(store: Store) -> None:
    recorded(store, mail(recipient="bot+1@robot.example"))
    assert len(past(store, "bot@robot.example").replies) == 1
    assert len(past(store, "bot+2@robot.example").replies) == 1
    assert past(store, "bot2@robot.example").replies == ()


def test_the_hosts_of_one_organisation_count_together(store: Store) -> None:
    recorded(store, mail(recipient="x@a.evil.com.vn"), mail(recipient="x@b.evil.com.vn"))
    assert past(store, "x@c.evil.com.vn").domain == Used(2, 2)
    assert past(store, "x@other.com.vn").domain == Used()


def test_follow_ups_are_counted_by_the_people_of_an_organisation_however_often_each_writes(store: Store) -> None:
    owed = [f"{name}@{host}.evil.com.vn" for name, host in (("x", "a"), ("x+1", "a"), ("x", "b"))]
    recorded(store, *(mail(OutboxKind.FOLLOW_UP, each, state=OutboxState.WAITING) for each in owed))
    found = past(store, "y@evil.com.vn")
    assert (found.followed_up, found.domain) == (Used(2, 2), Used())
    assert past(store, "y@other.com.vn").followed_up == Used()


def test_replies_of_a_mailbox_and_of_the_office_are_counted_apart(store: Store) -> None:
    recorded(store, mail(account="sales"), mail())
    found = past(store)
    assert (found.account, found.office) == (ONE, Used(2, 2))


def test_a_conversation_is_known_by_our_reply_or_by_the_mail_it_answered(store: Store) -> None:
    recorded(store, mail(message_id="<reply@congty.example>"), uid=11)
    assert past(store, "new@name.example", ("<11@banhang.example>",)).thread == ONE
    assert past(store, "new@name.example", ("<reply@congty.example>",)).thread == ONE
    assert past(store, "new@name.example", ("<reply@congty.example>", "<11@banhang.example>")).thread == ONE
    assert past(store, thread=("<12@banhang.example>",)).thread == Used()
    assert past(store).thread == Used()


def alert(**changes: object) -> NewMail:
    return mail(OutboxKind.ALERT, MANAGER, **changes)


def alarmed(store: Store, *mails: NewMail, account: str = "info") -> None:
    with store.batch() as batch:
        batch.raise_alarm(NewAlarm(account, AlarmKind.MESSAGE, "Sập hệ thống", mails), NIGHT)


def test_alerts_are_counted_for_each_account(store: Store) -> None:
    alarmed(store, alert())
    alarmed(store, alert(account="sales"), account="sales")
    assert past(store).alerts == ONE


def test_a_matter_counts_once_whoever_is_told_and_however_loud(store: Store) -> None:
    alarmed(store, alert(), mail(OutboxKind.ALERT, ON_CALL), alert(transport=Transport.COMMAND))
    alarmed(store, alert())
    assert past(store).alerts == Used(2, 2)


def test_a_matter_counts_as_long_as_one_of_its_ways_did_not_fail(store: Store) -> None:
    alarmed(store, alert(state=OutboxState.FAILED), alert(transport=Transport.WEBHOOK, state=OutboxState.SENT))
    assert past(store).alerts == ONE
    alarmed(store, alert(state=OutboxState.FAILED))
    assert past(store).alerts == ONE, "nobody was told of the second"


def test_a_mail_on_record_in_the_same_account_was_here_before(store: Store) -> None:
    recorded(store, uid=11)
    assert past(store, message_id="<11@banhang.example>").seen_before
    assert not past(store, message_id="<12@banhang.example>").seen_before
    assert not past(store, message_id=None).seen_before
    with store.batch() as batch:
        elsewhere = batch.past(
            replace(HERE, account="sales"), Asked(CUSTOMER, message_id="<11@banhang.example>"), LAST_HOUR, LIVE
        )
    assert not elsewhere.seen_before


def test_only_replies_count_not_follow_ups_or_alerts(store: Store) -> None:
    recorded(store, mail(OutboxKind.FOLLOW_UP), mail(OutboxKind.ALERT))
    assert past(store).replies == ()
    assert past(store).office == Used()


def test_who_was_learned_from_old_mail_is_no_new_customer(store: Store) -> None:
    store.learn([CUSTOMER, CUSTOMER, "b@c.example"], NIGHT)
    store.learn([CUSTOMER], NIGHT + HOUR)
    store.learn([], NIGHT)
    assert past(store).known
    assert not past(store, "new@c.example").known


def test_a_persons_answer_in_the_thread_is_remembered(store: Store) -> None:
    answer(store, NIGHT, "<r@congty.example>", thread=("<11@banhang.example>",))
    found = past(store, thread=("<11@banhang.example>", "<12@banhang.example>"))
    assert found.answered_at == NIGHT
    elsewhere = ("<x@y.example>",)
    after = replace(LAST_HOUR, arrived=NIGHT + HOUR)
    assert past(store, thread=elsewhere, since=after).answered_at is None
    assert past(store, thread=elsewhere).answered_at == NIGHT, "they wrote to the sender since the message came"


def answer(store: Store, at: datetime, message_id: str, *, to: str = CUSTOMER, thread: tuple[str, ...] = ()) -> None:
    store.add_answers("info", [PersonsMail(message_id, at, (to,), thread)], FolderPosition("info", "s", 1, 1, at, at))


def test_a_persons_mail_to_the_address_is_an_answer_to_nobody_else(store: Store) -> None:
    answer(store, NIGHT + HOUR, "<r@congty.example>")
    assert store.answers_to([f"to:{CUSTOMER}"]) == {f"to:{CUSTOMER}": NIGHT + HOUR}
    assert store.answers_to(["to:other@x.example"]) == {}
    assert store.answers_to([]) == {}


def test_our_own_sent_mail_is_no_persons_answer_but_a_draft_that_was_sent_is(store: Store) -> None:
    ours, draft = mail(), mail(OutboxKind.FOLLOW_UP, transport=Transport.DRAFT)
    recorded(store, ours, draft)
    answer(store, NIGHT + HOUR, ours.message_id)
    assert store.answers_to([f"to:{CUSTOMER}"]) == {}
    answer(store, NIGHT + 2 * HOUR, draft.message_id)
    assert store.answers_to([f"to:{CUSTOMER}"]) == {f"to:{CUSTOMER}": NIGHT + 2 * HOUR}


def test_a_persons_mail_answers_every_id_of_its_thread_and_its_own(store: Store) -> None:
    answer(store, NIGHT, "<r@congty.example>", thread=("<11@banhang.example>",))
    keys = ["id:<11@banhang.example>", "id:<r@congty.example>"]
    assert store.answers_to([*keys, "id:<x@y.example>"]) == dict.fromkeys(keys, NIGHT)


def test_of_several_answers_the_last_one_is_told(store: Store) -> None:
    answer(store, NIGHT + HOUR, "<1@congty.example>")
    answer(store, NIGHT, "<2@congty.example>")
    assert store.answers_to([f"to:{CUSTOMER}"]) == {f"to:{CUSTOMER}": NIGHT + HOUR}


def test_thousands_of_keys_may_be_asked_for_at_once(store: Store) -> None:
    answer(store, NIGHT, "<r@congty.example>")
    keys = [f"id:<{number}@x.example>" for number in range(5000)]
    assert store.answers_to([*keys, f"to:{CUSTOMER}"]) == {f"to:{CUSTOMER}": NIGHT}


def test_reading_sent_again_changes_nothing(store: Store) -> None:
    for _ in range(2):
        answer(store, NIGHT, "<r@congty.example>", thread=("<a@b.example>",))
    assert store.answers_to(["id:<a@b.example>"]) == {"id:<a@b.example>": NIGHT}


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
    assert not past(store).known


def test_a_message_on_record_is_known_by_its_place(store: Store) -> None:
    recorded(store)
    with store.batch() as batch:
        assert batch.known(Place("info", INBOX, 7, 11))
        assert not batch.known(Place("info", INBOX, 8, 11))
        assert not batch.known(Place("sales", INBOX, 7, 11))


def test_a_new_starting_line_takes_the_place_of_the_old_one(store: Store) -> None:
    store.baseline(FolderPosition("info", INBOX, 8, 3, NIGHT, NIGHT))
    store.checked("info", INBOX, NIGHT + HOUR)
    position = store.position("info", "INBOX")
    assert position is not None
    assert (position.uidvalidity, position.last_uid, position.checked_at) == (8, 3, NIGHT + HOUR)
    assert store.position("info", "Other") is None


def test_a_starting_line_set_back_frees_the_places_beyond_it(store: Store) -> None:
    kept, lost = recorded(store, uid=11), recorded(store, uid=12)
    store.baseline(FolderPosition("info", INBOX, 7, 11, NIGHT, NIGHT))
    with store.batch() as batch:
        assert batch.known(Place("info", INBOX, 7, 11))
        assert not batch.known(Place("info", INBOX, 7, 12))
    again = recorded(store, uid=12)
    assert len({kept, lost, again}) == 3
    assert store.message(lost) is not None


def test_a_message_with_a_mark_owes_it_until_it_is_noted(store: Store) -> None:
    row = recorded(store, marks=("flagged",))
    recorded(store, uid=12)
    assert [each.id for each in store.unmarked("info", 99)] == [row]
    store.marked({row: ()}, NIGHT)
    assert store.unmarked("info", 99) == ()
    found = store.message(row)
    assert found is not None
    assert found.marks == ()


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
    assert [each.id for each in store.report("info", NIGHT, NIGHT, NIGHT).unhandled] == [row]
    store.handled([row], "đã có người trả lời", NIGHT + HOUR)
    store.handled([row], "again", NIGHT + 2 * HOUR)
    assert states(store) == [OutboxState.DUE, OutboxState.CANCELLED, OutboxState.DUE]
    assert store.report("info", NIGHT, NIGHT, NIGHT).unhandled == ()
    found = store.message(row)
    assert found is not None
    assert (found.handled_how, found.handled_at) == ("đã có người trả lời", NIGHT + HOUR)


def test_messages_of_machines_mere_thanks_and_old_ones_wait_for_nobody(store: Store) -> None:
    recorded(store, veto="list_header")
    recorded(store, uid=14, handled_how="thanks_only")
    recorded(store, uid=12, state=MessageState.QUARANTINED)
    recorded(store, uid=13, arrived_at=NIGHT - timedelta(days=40))
    assert store.report("info", NIGHT, NIGHT, NIGHT - timedelta(days=30)).unhandled == ()


def test_follow_ups_wait_until_their_time_and_are_worded_once(store: Store) -> None:
    recorded(store, mail(OutboxKind.FOLLOW_UP, state=OutboxState.WAITING, content=None, due_at=NIGHT + 10 * HOUR))
    assert store.waiting("info", NIGHT) == ()
    [due] = store.waiting("info", NIGHT + 10 * HOUR)
    [(row, of)] = store.follow_ups([due.id])
    assert of.sender == due.recipient == CUSTOMER
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
    assert (row.state, row.attempts) == (OutboxState.SENDING, 0), "only a try that failed counts"
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


def test_a_claim_takes_one_mail_and_leaves_the_others_due(store: Store) -> None:
    recorded(store, mail(), mail(), mail())
    row = store.claim(NIGHT, "info", tuple(OutboxKind))
    assert row is not None
    assert states(store) == [OutboxState.SENDING, OutboxState.DUE, OutboxState.DUE]


def test_a_claim_takes_only_the_kinds_it_asks_for(store: Store) -> None:
    recorded(store, mail(), mail(OutboxKind.FOLLOW_UP), mail(OutboxKind.DIGEST, MANAGER))
    row = store.claim(NIGHT, "info", (OutboxKind.ALERT, OutboxKind.DIGEST))
    assert row is not None
    assert row.kind is OutboxKind.DIGEST
    assert store.claim(NIGHT, "info", (OutboxKind.ALERT, OutboxKind.DIGEST)) is None
    assert states(store) == [OutboxState.DUE, OutboxState.DUE, OutboxState.SENDING]


def test_a_try_that_failed_is_counted_when_it_is_settled_as_such(store: Store) -> None:
    recorded(store, mail())
    [row] = claimed(store)
    store.settle(row.id, OutboxState.DUE, NIGHT, reason="450 later", due_at=NIGHT + HOUR, attempts=row.attempts + 1)
    store.settle(row.id, OutboxState.DUE, NIGHT, reason="refused")
    found = store.mail(row.id)
    assert found is not None
    assert (found.attempts, found.due_at, found.reason) == (1, NIGHT + HOUR, "refused")


def test_two_that_claim_at_once_never_get_the_same_mail(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state.db")
    recorded(store, *(mail() for _ in range(20)))
    found: list[int] = []

    def take() -> None:
        while row := store.claim(NIGHT, "info", tuple(OutboxKind)):
            found.append(row.id)

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
    assert [row.id for row in store.uncertain("info", NIGHT, 0, 9)] == [1, 2]
    assert [row.id for row in store.uncertain("info", NIGHT, 1, 9)] == [2], "by portions"
    assert store.uncertain("info", NIGHT + HOUR, 0, 9) == (), "in doubt for longer"
    assert store.owed() == {OutboxState.UNCERTAIN: 2, OutboxState.DUE: 3, OutboxState.SENDING: 1}
    assert [row.id for row in store.unfinished_drafts("info", 9)] == [5]
    assert store.recover(NIGHT + HOUR) == 0


def test_a_draft_that_was_never_filed_waits_again_without_its_words(store: Store) -> None:
    draft = mail(OutboxKind.FOLLOW_UP, transport=Transport.DRAFT, state=OutboxState.WAITING, content=None, text="")
    recorded(store, draft)
    store.word(1, b"frozen", "text", OutboxState.SENDING, NIGHT, not_after=NIGHT + HOUR)
    store.unword(1, NIGHT)
    found = store.mail(1)
    assert found is not None
    assert (found.state, found.content, found.text, found.not_after) == (OutboxState.WAITING, None, "", None)


def test_only_what_has_not_gone_out_can_be_cancelled(store: Store) -> None:
    recorded(store, mail(state=OutboxState.WAITING), mail(state=OutboxState.SENT))
    assert store.cancel(1, "by hand", NIGHT)
    assert not store.cancel(2, "by hand", NIGHT)
    assert states(store) == [OutboxState.CANCELLED, OutboxState.SENT]


def test_a_copy_for_sent_is_owed_once_the_mail_is_sent(store: Store) -> None:
    recorded(store, mail(copy=CopyState.PENDING), mail())
    assert store.uncopied("info", 9) == ()
    store.settle(1, OutboxState.SENT, NIGHT)
    store.settle(2, OutboxState.SENT, NIGHT)
    assert [row.id for row in store.uncopied("info", 9)] == [1]
    store.copied(1)
    assert store.uncopied("info", 9) == ()


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
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT", 0.05)
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
    config.set_main_option("script_location", str(Path(engine_module.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.VERSION


def test_the_migrations_make_exactly_the_tables_of_the_schema(tmp_path: Path) -> None:
    Store.open(tmp_path / "fresh.db").close()
    migrated = sa.create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with migrated.begin() as connection:
        engine_module._upgrade(connection)
    assert _shape(migrated) == _shape(sa.create_engine(f"sqlite:///{tmp_path / 'fresh.db'}"))
    assert _version_of(migrated) == schema.VERSION
    Store.open(tmp_path / "migrated.db").close()


def test_a_state_from_before_bounces_keeps_what_it_knows_and_counts_by_person_and_organisation(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    store = Store.open(state)
    robot = mail(recipient="bot+1@a.robot.com.vn", state=OutboxState.SENT)
    recorded(store, robot, mail(), mail(OutboxKind.ALERT, "on_call", transport=Transport.COMMAND))
    before = store.mails()
    store.close()
    _downgrade(state)
    store = Store.open(state)
    assert store.mails() == before
    found = past(store, "bot+2@a.robot.com.vn")
    assert (len(found.replies), found.domain, found.office) == (1, ONE, Used(2, 2))
    assert past(store, "x@b.robot.com.vn").domain == ONE
    assert past(store).bounced_at is None
    assert store.held(CUSTOMER).bounces == 0
    store.close()
    assert _version_of(sa.create_engine(f"sqlite:///{state}")) == schema.VERSION


def _downgrade(state: Path) -> None:
    """The file as version 0003 left it: its tables, its columns, and the host of each recipient as the domain."""
    with sqlite3.connect(state) as connection:
        connection.execute("DROP TABLE bounce")
        connection.execute("DROP TABLE observation")
        _without_policies(connection)
        for index in ("recipient_key", "crowd", "late", "uncopied"):
            connection.execute(f"DROP INDEX ix_outbox_{index}")
        connection.execute("ALTER TABLE outbox DROP COLUMN recipient_key")
        connection.execute("UPDATE outbox SET recipient_domain = substr(recipient, instr(recipient, '@') + 1)")
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
    connection.close()


def _without_policies(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE policy")
    connection.execute("DROP INDEX ix_message_policy")
    connection.execute("ALTER TABLE message DROP COLUMN policy")


def test_a_state_from_before_policies_were_kept_loses_nothing_and_keeps_them_from_now_on(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    store = Store.open(state)
    recorded(store, mail())
    before = store.message(1)
    store.close()
    with sqlite3.connect(state) as connection:
        connection.execute("DROP TABLE observation")
        _without_policies(connection)
        connection.execute("UPDATE alembic_version SET version_num = '0005'")
    connection.close()
    store = Store.open(state)
    assert store.message(1) == before
    assert before is not None
    assert before.policy is None
    with store.batch() as batch:
        digest = batch.keep_policy("language: vi\n", NIGHT)
        assert batch.keep_policy("language: vi\n", NIGHT + timedelta(days=1)) == digest, "kept once"
    assert store.policy(digest) == KeptPolicy(digest, "language: vi\n", NIGHT)
    store.close()
    assert _version_of(sa.create_engine(f"sqlite:///{state}")) == schema.VERSION


def test_a_policy_goes_with_the_last_message_that_was_decided_by_it(store: Store) -> None:
    with store.batch() as batch:
        used, unused = batch.keep_policy("used", NIGHT), batch.keep_policy("unused", NIGHT)
        young = batch.keep_policy("young", NIGHT + timedelta(days=9))
        batch.add(replace(message(), policy=used), (), NIGHT + timedelta(days=9))
    store.purge_records(NIGHT + timedelta(days=5), 100)
    assert [store.policy(each) is not None for each in (used, unused, young)] == [True, False, True]
    store.purge_records(NIGHT + timedelta(days=20), 100)
    assert [store.policy(each) is not None for each in (used, unused, young)] == [False, False, False]


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


def test_customers_words_are_for_nobody_else_on_the_machine(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state.db")
    recorded(store, mail())
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.glob("state.db*")}
    assert modes == dict.fromkeys(modes, "0o600")
    assert "state.db-wal" in modes
    store.close()


def test_what_is_asked_for_every_message_and_every_tick_needs_no_look_at_every_row(store: Store) -> None:
    plans = Plans(store)
    store.newest()
    past(store, thread=("<a@b.example>",), message_id="<x@y.example>")
    store.any_due(NIGHT, "info")
    store.claim(NIGHT, "info", tuple(OutboxKind))
    store.sent_since("info", NIGHT - HOUR)
    store.uncopied("info", 10)
    store.unmarked("info", 10)
    assert len(plans.told) > 5
    assert [plan for plan in plans.told if plan.startswith(("SCAN message", "SCAN outbox", "SCAN answer"))] == []


def test_the_mails_of_the_last_weeks_are_found_without_a_look_at_those_of_years(store: Store) -> None:
    newest = recorded(store, mail())
    last = store.message(newest)
    plans = Plans(store)
    store.decided(("info",), NIGHT, last, 50)
    store.remembered("info", NIGHT)
    assert [plan for plan in plans.told if "ix_message_arrived" in plan] == plans.told
    assert len(plans.told) == 2


def test_what_staff_judged_otherwise_is_found_without_a_look_at_every_mail(store: Store) -> None:
    plans = Plans(store)
    store.observations("info", NIGHT)
    assert plans.told[0].startswith("SEARCH observation USING INDEX ix_observation_at")


def test_what_runs_for_every_message_and_mail_is_made_once_and_stays_prepared(store: Store) -> None:
    def work(uid: int) -> set[object]:
        with statements(store) as made:
            past(store, thread=(f"<{uid}@b.example>",), message_id=f"<{uid}@y.example>")
            recorded(store, mail(copy=CopyState.PENDING), uid=uid)
            with store.batch() as batch:
                batch.known(HERE)
                batch.sent_by_us(["<x@y.example>"])
                batch.is_open("reply limit")
                batch.note_trouble("info", "reply limit", "reached", NIGHT)
                batch.advance("info", INBOX, uid, NIGHT)
        triaged = len(made)
        with statements(store) as made_to_send:
            assert store.any_due(NIGHT, "info")
            [row] = claimed(store)
            store.sent_since("info", NIGHT)
            store.settle(row.id, OutboxState.SENT, NIGHT)
            store.copied(store.uncopied("info", 1)[0].id)
            store.position("info", INBOX)
            store.checked("info", INBOX, NIGHT)
            store.newest()
        assert max(triaged, len(made_to_send)) < engine_module.STATEMENTS
        return made | made_to_send

    work(11)  # of a trouble that is new, the second time it goes on
    assert work(12) == work(13)


@contextmanager
def statements(store: Store) -> Iterator[set[object]]:
    """The statements, as objects, that are executed meanwhile."""
    found: set[object] = set()

    def note(_connection: sa.Connection, statement: object, *_: object) -> None:
        found.add(statement)

    sa.event.listen(store._engine, "before_execute", note)
    yield found
    sa.event.remove(store._engine, "before_execute", note)


class Plans:
    """How SQLite finds the rows of each query from now on (EXPLAIN QUERY PLAN)."""

    def __init__(self, store: Store) -> None:
        self.told: list[str] = []
        sa.event.listen(store._engine, "before_cursor_execute", self._explain)

    def _explain(
        self, connection: sa.Connection, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object
    ) -> None:
        if statement.startswith("SELECT"):
            raw = connection.connection.driver_connection
            assert raw is not None
            self.told += [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]


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


# ---------------------------------------------------------------- who writes next


def test_a_write_within_a_write_is_refused_and_waits_for_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError, match="a write within a write"), store.batch():
        store.set("key", "value")
    store.set("key", "value")
    assert store.setting("key") == "value"


@contextmanager
def written_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, threading.Event]]:
    """A state that is written anew until the event is set; SQLite itself lets nobody wait for it."""
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT", 0)
    held, go_on = threading.Event(), threading.Event()

    def scrub(_engine: sa.Engine) -> bool:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            assert go_on.wait(20)
            connection.execute("COMMIT")
        return True

    monkeypatch.setattr(engine_module, "scrub", scrub)
    made = Store.open(path)
    scrubbing = threading.Thread(target=made.scrub)
    scrubbing.start()
    assert held.wait(20)
    try:
        yield made, go_on
    finally:
        go_on.set()
        scrubbing.join(20)
        made.close()


def test_who_writes_while_the_file_is_written_anew_waits_and_does_not_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with written_anew(tmp_path / "state.db", monkeypatch) as (store, go_on):
        threading.Timer(0.3, go_on.set).start()
        store.set("key", "value")
        assert go_on.is_set()
    with closing(Store.open(tmp_path / "state.db")) as again:
        assert again.setting("key") == "value"


def test_who_would_wait_for_too_long_is_told_and_goes_on_living(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "WITHIN", 0.2)
    with written_anew(tmp_path / "state.db", monkeypatch) as (store, _go_on):
        with pytest.raises(Trouble, match="is being written for longer than can be waited for") as told:
            store.set("key", "value")
        assert told.value.kind is TroubleKind.STATE
