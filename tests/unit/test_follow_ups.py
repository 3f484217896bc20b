"""work/follow_ups.py: what customers get on the next workday: once, worded for that day, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from responder.config import Mode
from responder.errors import Trouble
from responder.policy.model import Policy
from responder.ports import Special
from responder.store.records import OutboxKind, OutboxState
from responder.work.digest import FIRST_START, PATIENCE, Digests
from responder.work.follow_ups import FollowUps
from responder.work.pauses import Pause
from responder.work.steps import Step
from tests.fakes import (
    CUSTOMER,
    GREYLISTED,
    MANAGER,
    OFFICE,
    ON_CALL,
    SALES,
    AtWork,
    desk,
    letter,
    local,
    over_quota,
    policy,
)

NIGHT = "2026-11-20 22:10"
MONDAY = "2026-11-23 08:05"
MINUTE = timedelta(minutes=1)
SEVER = "Máy chủ bị sập, cửa hàng không bán được hàng."
OTHER = "b@khac.example"


def sends() -> Policy:
    return policy(("follow_up: {as: draft}", "follow_up: {as: send, after: 1m}"))


@pytest.fixture
def here() -> Iterator[AtWork]:
    made = AtWork()
    yield made
    made.store.close()


@pytest.fixture
def sending() -> Iterator[AtWork]:
    """An office whose follow-ups go out by themselves."""
    made = AtWork(sends())
    yield made
    made.store.close()


def states(here: AtWork) -> list[OutboxState]:
    return [row.state for row in here.mails(OutboxKind.FOLLOW_UP)]


# --- one that goes wrong ----------------------------------------------------------------------------------------------


def renamed(rules: Policy) -> Policy:
    """The policy with the follow-up's text under another name, as after a reload."""
    texts = {("tomorrow" if name == "next_workday" else name): text for name, text in rules.texts.items()}
    return rules.model_copy(update={"texts": texts})


def test_a_follow_up_whose_text_was_renamed_fails_alone_and_the_others_go_out() -> None:
    two_texts = policy(("alert: on_call, follow_up: next_workday", "alert: on_call, follow_up: out_of_hours"))
    here = AtWork(two_texts)
    here.come()
    here.come(letter(SEVER, "Sập hệ thống", sender=OTHER))
    here.round()
    here.be(desk(renamed(two_texts)))
    here.clock.set(local(MONDAY))
    here.round()
    failed, drafted = here.mails(OutboxKind.FOLLOW_UP)
    assert (failed.state, failed.reason) == (OutboxState.FAILED, "the policy has no text `next_workday` (vi)")
    assert drafted.state is OutboxState.DRAFTED
    assert [draft.to[0].address for draft in here.mailbox.drafts()] == [OTHER]
    assert here.troubles() == []
    here.store.close()


def test_one_that_fails_while_the_digest_is_made_stands_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    two_texts = policy(("alert: on_call, follow_up: next_workday", "alert: on_call, follow_up: out_of_hours"))
    here = AtWork(two_texts)
    here.store.set_once(FIRST_START, here.clock.now().isoformat())
    here.come(letter(SEVER, "Sập hệ thống", sender=OTHER))
    here.come()
    here.round()
    here.be(desk(renamed(two_texts)))
    here.clock.set(local(MONDAY))
    lay = here.mailbox.append

    def slowly(folder: Special, content: bytes, at: datetime) -> None:
        """For longer than the digest waits for drafts."""
        lay(folder, content, at)
        here.clock.advance(timedelta(minutes=11))
        assert Digests(here.desk, here.store, here.clock).run()
        here.clock.advance(timedelta(seconds=1))

    monkeypatch.setattr(here.mailbox, "append", slowly)
    here.round()
    assert [row.state for row in here.mails(OutboxKind.FOLLOW_UP)] == [OutboxState.DRAFTED, OutboxState.FAILED]
    here.clock.advance(timedelta(days=2))  # Tuesday is a holiday
    assert Digests(here.desk, here.store, here.clock).run()
    assert "the policy has no text `next_workday`" in " ".join(here.mails(OutboxKind.DIGEST)[-1].text.split())
    here.store.close()


def test_a_follow_up_is_tried_again_after_greylisting_though_it_was_queued_on_friday() -> None:
    here = AtWork(sends())
    here.come()
    here.work()
    here.server.script = [GREYLISTED]
    here.work(MONDAY)
    assert states(here) == [OutboxState.DUE]
    here.clock.advance(2 * MINUTE)
    here.send()
    assert here.sent_to() == ["Trả lời tự động: Hỏi về đơn hàng", "Re: Hỏi về đơn hàng"]
    here.store.close()


def test_a_draft_over_quota_waits_and_is_filed_once(here: AtWork) -> None:
    here.come()
    here.work()
    here.clock.set(local(MONDAY))
    here.mailbox.fail(*over_quota())
    for _ in range(3):
        here.round()
    assert here.drafts() == ["Re: Hỏi về đơn hàng"]
    assert states(here) == [OutboxState.DRAFTED]


# --- observe mode -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [policy(), sends()])
def test_back_in_observe_mode_a_follow_up_that_waits_is_not_released_and_staff_still_hear(rules: Policy) -> None:
    here = AtWork(rules)
    here.store.set_once(FIRST_START, here.clock.now().isoformat())
    here.come()
    here.round()
    here.be(desk(rules, mode=Mode.OBSERVE))
    here.work()
    assert here.sent_to() == [], "not even the reply that was due"
    here.clock.set(local(MONDAY))
    here.come(letter(SEVER, "Sập hệ thống", sender=OTHER), local("2026-11-23 07:50"))
    here.round()
    here.clock.advance(PATIENCE)
    assert Digests(here.desk, here.store, here.clock).run()
    here.send()
    assert states(here)[0] is OutboxState.WAITING
    assert (here.drafts(), here.sent_to(), here.sent_to(OTHER)) == ([], [], [])
    assert len(here.sent_to(ON_CALL)) == 1
    assert len(here.sent_to(MANAGER)) == 1
    here.be(desk(rules))
    here.work()
    assert (here.drafts() or here.sent_to()) == ["Re: Hỏi về đơn hàng"], "live again, it goes"
    here.store.close()


def test_a_pause_holds_back_follow_ups_that_are_sent_but_not_drafts(sending: AtWork, here: AtWork) -> None:
    for office in (sending, here):
        office.come()
        office.work()
        office.be(replace(office.desk, paused=Pause("dời văn phòng", office.clock.now())))
        office.work(MONDAY)
    assert states(sending) == [OutboxState.WAITING]
    assert states(here) == [OutboxState.DRAFTED]


# --- a stop in between ------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The machine stops."""


def stop_at(step: Step, here: AtWork) -> None:
    def hook(reached: Step) -> None:
        if reached is step:
            raise Killed

    with pytest.raises(Killed):
        FollowUps(here.desk, here.store, here.clock, hook).run(here.mailbox)


@pytest.fixture
def monday(here: AtWork) -> AtWork:
    """A follow-up's time has come, and the round has not."""
    here.come(letter(Message_ID="<1@banhang.example>"))
    here.work()
    here.clock.set(local(MONDAY))
    return here


def test_a_draft_that_was_being_filed_at_a_stop_is_filed_and_worded_for_the_day_it_is_filed(monday: AtWork) -> None:
    stop_at(Step.WORDED, monday)
    assert states(monday) == [OutboxState.SENDING]
    assert "vào tối thứ Sáu" in monday.mails(OutboxKind.FOLLOW_UP)[0].text
    monday.store.recover(monday.clock.now())
    monday.work("2026-11-30 08:00")
    [draft] = monday.mailbox.drafts()
    assert "vào ngày 20/11/2026" in draft.text, "ten days later “Friday” would be another one"
    assert states(monday) == [OutboxState.DRAFTED]


def test_a_draft_that_was_being_filed_at_a_stop_is_not_filed_any_more_when_somebody_has_answered(
    monday: AtWork,
) -> None:
    stop_at(Step.WORDED, monday)
    monday.staff_write(answering="<1@banhang.example>")
    monday.work()
    assert monday.drafts() == []
    assert states(monday) == [OutboxState.CANCELLED]


def test_a_draft_that_was_filed_just_before_a_stop_is_not_filed_twice(monday: AtWork) -> None:
    stop_at(Step.DRAFTED, monday)
    assert states(monday) == [OutboxState.SENDING]
    monday.work()
    assert monday.drafts() == ["Re: Hỏi về đơn hàng"]
    assert states(monday) == [OutboxState.DRAFTED]


def test_a_draft_that_a_person_sent_before_the_restart_is_not_filed_again(monday: AtWork) -> None:
    stop_at(Step.DRAFTED, monday)
    [draft] = monday.mailbox.folders["drafts"].stored
    monday.mailbox.folders["drafts"].stored.clear()
    monday.mailbox.write(draft.content, monday.clock.now())
    monday.work()
    assert monday.drafts() == []


def test_a_draft_that_waits_again_after_closing_time_is_filed_the_next_workday(monday: AtWork) -> None:
    stop_at(Step.WORDED, monday)
    monday.work("2026-11-23 18:00")
    assert monday.drafts() == []
    assert states(monday) == [OutboxState.WAITING]
    monday.work("2026-11-25 08:00")  # Tuesday the 24th is a day off
    assert monday.drafts() == ["Re: Hỏi về đơn hàng"]


def test_when_the_state_fails_before_the_draft_nothing_is_filed(
    monday: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> bool:
        raise Trouble("state", "state.db", "the disk is full", "free some space")  # type: ignore[arg-type]

    monkeypatch.setattr(monday.store, "word", full)
    with pytest.raises(Trouble, match="disk is full"):
        monday.round()
    assert monday.drafts() == []


# --- one for each -----------------------------------------------------------------------------------------------------


def two_accounts(rules: Policy) -> tuple[AtWork, AtWork]:
    info = AtWork(rules)
    return info, AtWork(rules, name="sales", address=SALES, store=info.store, clock=info.clock)


def test_one_mail_to_two_of_our_mailboxes_is_followed_up_once() -> None:
    info, sales = two_accounts(sends())
    raw = letter(to=f"{OFFICE}, {SALES}")
    for account in (info, sales):
        account.come(raw)
        account.work()
    assert info.sent_to() + sales.sent_to() == ["Trả lời tự động: Hỏi về đơn hàng"]
    info.clock.set(local(MONDAY))
    for account in (info, sales, info, sales):
        account.work()
    assert [s for s in info.sent_to() + sales.sent_to() if s.startswith("Re:")] == ["Re: Hỏi về đơn hàng"]
    assert sorted(states(info)) == [OutboxState.CANCELLED, OutboxState.SENT]
    info.store.close()


def test_each_of_two_mailboxes_gets_its_own_draft_for_one_mail_to_both() -> None:
    """A draft binds nobody: the staff of both see it."""
    info, sales = two_accounts(policy())
    raw = letter(to=f"{OFFICE}, {SALES}")
    for account in (info, sales):
        account.come(raw)
        account.work()
    info.clock.set(local(MONDAY))
    for account in (info, sales):
        account.work()
    assert (len(info.drafts()), len(sales.drafts())) == (1, 1)
    info.store.close()


def test_three_mails_of_one_person_are_followed_up_by_one_mail(sending: AtWork) -> None:
    for number in range(3):
        sending.come(letter(subject=f"Hỏi {number}"))
    sending.work()
    sending.work(MONDAY)
    assert sending.sent_to() == ["Trả lời tự động: Hỏi 0", "Re: Hỏi 2"]


def test_the_next_night_has_its_own_follow_up(sending: AtWork) -> None:
    sending.come()
    sending.work()
    sending.work(MONDAY)
    sending.clock.set(local("2026-11-25 20:00"))
    sending.come(letter(subject="Hỏi nữa"))
    sending.work()
    sending.work("2026-11-26 08:05")
    assert sending.sent_to()[-1] == "Re: Hỏi nữa"
    assert sending.sent_to().count("Re: Hỏi về đơn hàng") == 1


def test_before_the_office_opens_nothing_is_released_however_late_it_is(here: AtWork) -> None:
    here.come()
    here.work()
    for at in ("2026-11-22 09:00", "2026-11-23 07:59"):
        here.work(at)
        assert here.drafts() == []
    here.work(MONDAY)
    assert [draft.to[0].address for draft in here.mailbox.drafts()] == [CUSTOMER]


# --- the signature ----------------------------------------------------------------------------------------------------

SIGNED = (
    "# signature: |\n#   {{ office_name }}\n#   12 phố Ví Dụ, Hà Nội – 024 0000 0000\n",
    "signature: |\n  {{ office_name }}\n  12 phố Ví Dụ, Hà Nội – 024 0000 0000\n",
)
SIGNATURE = "\n\n-- \nCông ty Ví Dụ\n12 phố Ví Dụ, Hà Nội – 024 0000 0000\n"


def test_a_draft_is_a_signed_answer_to_the_customer_in_their_thread(here: AtWork) -> None:
    here.be(desk(policy(SIGNED)))
    asked = letter(sender="Nguyễn Thị Lan <lan@khach.example>", Return_Path="<lan@khach.example>",
                   Message_ID="<2@khach.example>", References="<1@khach.example>")  # fmt: skip
    here.come(asked)
    here.work()
    here.work(MONDAY)
    [draft] = here.mailbox.drafts()
    assert draft.text.endswith("ngay bây giờ." + SIGNATURE)
    assert (draft.from_[0].name, draft.from_[0].address) == ("Công ty Ví Dụ", OFFICE)
    assert [(to.name, to.address) for to in draft.to] == [("Nguyễn Thị Lan", "lan@khach.example")]
    assert draft.subject == "Re: Hỏi về đơn hàng"
    assert draft.in_reply_to == ("<2@khach.example>",)
    assert draft.references == ("<1@khach.example>", "<2@khach.example>")
    assert [part.content_type for part in draft.parts] == ["text/plain"]
    assert draft.first("Auto-Submitted") is None


def test_a_follow_up_that_is_sent_is_signed_and_an_automatic_reply_is_not(sending: AtWork) -> None:
    sending.be(desk(policy(SIGNED, ("follow_up: {as: draft}", "follow_up: {as: send, after: 1m}"))))
    sending.come()
    sending.work()
    sending.work(MONDAY)
    reply, follow_up = (one.message.text for one in sending.server.sent if one.recipient == CUSTOMER)
    assert "-- \n" not in reply
    assert follow_up.endswith(SIGNATURE)
    assert [row.text + "\n" == follow_up for row in sending.mails(OutboxKind.FOLLOW_UP)] == [True]


def test_without_a_signature_a_draft_ends_with_its_text(here: AtWork) -> None:
    here.come()
    here.work()
    here.work(MONDAY)
    assert here.mailbox.drafts()[0].text.endswith("ngay bây giờ.\n")
