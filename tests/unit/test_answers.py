"""work/answers.py: a person was quicker, and nothing automatic goes out any more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from responder.ports import Special
from responder.store.records import MessageState, NewMessage, OutboxKind, OutboxState, Place
from tests.fakes import CUSTOMER, INBOX, OFFICE, SALES, AtWork, letter, local, policy

NIGHT = local("2026-11-20 22:10")
MONDAY = "2026-11-23 08:00"
MINUTE = timedelta(minutes=1)
SENDS = (("follow_up: {as: draft}", "follow_up: {as: send, after: 60m}"),)


@pytest.fixture
def here() -> Iterator[AtWork]:
    made = AtWork()
    yield made
    made.store.close()


def nothing_goes_to_the_customer(here: AtWork) -> bool:
    here.work()
    here.work(MONDAY)
    return here.sent_to() == [] and here.drafts() == []


# --- before the mail was triaged --------------------------------------------------------------------------------------


def test_who_was_answered_before_we_looked_gets_no_reply_and_no_follow_up(here: AtWork) -> None:
    here.come(letter(Message_ID="<1@banhang.example>"))
    here.clock.advance(5 * MINUTE)
    here.staff_write(answering="<1@banhang.example>")
    assert nothing_goes_to_the_customer(here)
    assert "văn phòng đã viết" in " ".join(here.messages()[0].decision["reasons"])


def test_an_answer_filed_at_the_very_moment_of_the_arrival_counts(here: AtWork) -> None:
    here.come(letter(Message_ID="<1@banhang.example>"))
    here.staff_write(answering="<1@banhang.example>")
    assert nothing_goes_to_the_customer(here)


def test_a_message_that_was_marked_answered_when_we_first_saw_it_gets_nothing(here: AtWork) -> None:
    here.mailbox.answer(here.come())
    assert nothing_goes_to_the_customer(here)
    [message] = here.messages()
    assert message.handled_how == "đã có người trả lời"


def test_who_answers_a_mail_that_a_person_began_an_hour_ago_gets_no_reply(here: AtWork) -> None:
    """The customer's mail names the person's own Message-ID; nobody has written in that thread before."""
    began = here.staff_write()
    here.clock.advance(60 * MINUTE)
    here.come(letter(subject="Re: Hỏi", In_Reply_To=began, References=began))
    here.work()
    assert here.sent_to() == []
    here.work(MONDAY)
    assert len(here.drafts()) == 1, "it is still to be answered"


def test_a_mail_in_a_thread_that_a_person_goes_on_with_gets_nothing(here: AtWork) -> None:
    began = here.staff_write()
    here.clock.advance(60 * MINUTE)
    here.come(letter(subject="Re: Hỏi", In_Reply_To=began, References=began))
    here.clock.advance(MINUTE)
    here.staff_write(answering=began)
    assert nothing_goes_to_the_customer(here)


# --- after it was triaged ---------------------------------------------------------------------------------------------


def test_an_answer_over_the_weekend_leaves_no_draft_for_monday(here: AtWork) -> None:
    here.come(letter(Message_ID="<1@banhang.example>"))
    here.work()
    assert len(here.sent_to()) == 1
    here.clock.set(local("2026-11-21 09:00"))
    here.staff_write(answering="<1@banhang.example>")
    here.work(MONDAY)
    assert here.drafts() == []
    assert here.messages()[0].handled_how == "đã có người viết thư cho người gửi"


def test_a_mail_taken_out_of_the_inbox_leaves_no_draft_either(here: AtWork) -> None:
    uid = here.come()
    here.work()
    here.mailbox.remove(uid)
    here.work(MONDAY)
    assert here.drafts() == []
    assert here.messages()[0].handled_how == "đã có người chuyển thư khỏi hộp thư đến"


@pytest.mark.parametrize("to", ["lan@congty.example", SALES, f"lan@congty.example, {OFFICE}"])
def test_a_mail_forwarded_among_colleagues_is_no_answer(here: AtWork, to: str) -> None:
    here.come(letter(Message_ID="<1@banhang.example>"))
    here.work()
    here.staff_write(to=to, answering="<1@banhang.example>")
    here.work(MONDAY)
    assert len(here.drafts()) == 1
    assert here.messages()[0].handled_at is None


def test_a_forward_to_a_colleague_before_we_looked_does_not_keep_the_reply_back(here: AtWork) -> None:
    here.come(letter(Message_ID="<1@banhang.example>"))
    here.staff_write(to="lan@congty.example", answering="<1@banhang.example>")
    here.work()
    assert len(here.sent_to()) == 1


def test_an_answer_with_a_colleague_in_copy_is_an_answer(here: AtWork) -> None:
    here.come(letter(Message_ID="<1@banhang.example>"))
    here.staff_write(answering="<1@banhang.example>", Cc="lan@congty.example")
    assert nothing_goes_to_the_customer(here)


def test_our_own_reply_in_sent_answers_nothing() -> None:
    here = AtWork(policy(*SENDS))
    here.come(letter(Message_ID="<1@banhang.example>"))
    here.work()
    assert len(here.mailbox.sent()) == 1
    here.work(MONDAY)
    assert here.messages()[0].handled_at is None
    here.store.close()


def test_a_sent_folder_that_was_renumbered_is_read_again_and_nothing_is_forgotten(here: AtWork) -> None:
    here.come(letter(Message_ID="<1@banhang.example>"))
    here.work()
    here.staff_write(answering="<1@banhang.example>")
    sent = here.mailbox.folders[Special.SENT]
    sent.uidvalidity += 1
    for uid, one in enumerate(sent.stored, start=1):
        one.uid = uid
    here.work(MONDAY)
    assert here.drafts() == []


# --- many -------------------------------------------------------------------------------------------------------------


def test_two_thousand_open_messages_are_settled_in_half_a_second_of_computing(here: AtWork) -> None:
    count = 2000
    with here.store.batch() as batch:
        for number in range(1, count + 1):
            here.mailbox.folders[INBOX].add(b"", NIGHT)
            batch.add(_open(number), (), NIGHT)
    for number in range(1, 101):
        here.staff_write(to=f"k{number}@khach.example")
    here.round()  # Sent is read
    here.clock.advance(MINUTE)
    here.mailbox.calls.clear()
    begun = time.process_time()
    here.round()
    assert time.process_time() - begun < 0.5
    assert here.mailbox.calls.count("flags") == 1
    assert len(here.store.report("info", NIGHT, NIGHT, NIGHT - MINUTE).unhandled) == count - 100


def _open(number: int) -> NewMessage:
    sender = f"k{number}@khach.example"
    return NewMessage(
        place=Place("info", INBOX, 1, number),
        state=MessageState.DECIDED,
        message_id=f"<{number}@khach.example>",
        references=(f"<{number}@khach.example>",),
        arrived_at=NIGHT,
        sender=sender,
        sender_name="",
        subject="Hỏi giá",
        office="closed",
        urgency="normal",
        veto=None,
        decision={},
        own_words="",
        marks=(),
        promise_at=None,
    )


def test_only_the_follow_up_of_the_message_that_was_answered_is_cancelled(here: AtWork) -> None:
    here.come(letter(Message_ID="<1@banhang.example>"))
    here.come(letter(Message_ID="<2@khac.example>", sender="b@khac.example"))
    here.work()
    here.staff_write(answering="<1@banhang.example>")
    here.round()
    states = {row.recipient: row.state for row in here.mails(OutboxKind.FOLLOW_UP)}
    assert states == {CUSTOMER: OutboxState.CANCELLED, "b@khac.example": OutboxState.WAITING}
