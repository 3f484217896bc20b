"""The daemon is killed (SIGKILL) at every step; what counts is what lies in the customers' mailboxes afterwards."""

from __future__ import annotations

import signal

import pytest

from responder.store.records import OutboxState
from responder.store.store import Store
from responder.work.steps import Step
from tests.system.office import CUSTOMER, MANAGER, OFFICE, ON_CALL, OTHER, Office, office

pytestmark = pytest.mark.system

AT_NIGHT = [
    Step.FETCHED,
    Step.DECIDED,
    Step.RECORDED,
    Step.FLAGGED,
    Step.MARKED,
    Step.CLAIMED,
    Step.SUBMITTED,
    Step.SETTLED,
    Step.COPIED,
    Step.COPY_SETTLED,
]
IN_FLIGHT = {Step.CLAIMED, Step.SUBMITTED}  # one mail is with the server, or nearly, when the process dies there


def uncertain(here: Office) -> int:
    store = Store.open(here.directory / "state.db")
    try:
        return sum(mail.state is OutboxState.UNCERTAIN for mail in store.open_mails())
    finally:
        store.close()


def wait_for_death(here: Office) -> None:
    assert here.wait_for_end() == -signal.SIGKILL, here.tail()


@pytest.mark.parametrize("step", AT_NIGHT, ids=lambda step: f"killed_when_{step.value}")
def test_a_customer_gets_one_reply_or_the_mail_is_listed_as_uncertain(step: Step) -> None:
    with office("2026-03-25 22:10") as here:
        here.start()
        here.stop()
        here.start(kill_at=step.value)
        here.write("Máy in ở quầy không in được, cần gấp.", "Cần gấp: máy in hỏng")
        wait_for_death(here)
        here.start()
        here.write("Cho mình hỏi bảng giá.", sender=OTHER)
        here.wait_for_mails(OTHER, 1)  # whatever was owed before it has gone out by now
        received = len(here.mails(CUSTOMER))
        in_doubt = uncertain(here)
        assert received <= 1
        assert in_doubt <= (step in IN_FLIGHT)
        assert received + in_doubt >= 1
        assert here.recorded() == 2
        here.at("2026-03-26 08:00")
        here.wait_for_mails(OFFICE, 2, "Drafts")
        here.wait_for_mails(MANAGER, 1)
        assert sorted(str(draft["To"]) for draft in here.mails(OFFICE, "Drafts")) == sorted([CUSTOMER, OTHER])


@pytest.mark.parametrize(
    "step",
    [Step.WORDED, Step.DRAFTED, Step.DRAFT_SETTLED, Step.DIGESTED],
    ids=lambda step: f"killed_when_{step.value}",
)
def test_at_opening_there_is_one_draft_and_one_digest(step: Step) -> None:
    with office("2026-03-25 22:10") as here:
        here.start()
        here.write("Cho mình hỏi đơn hàng.")
        here.wait_for_mails(CUSTOMER, 1)
        here.stop()
        here.start(kill_at=step.value)
        here.at("2026-03-26 08:00")
        wait_for_death(here)
        here.start()
        here.wait_for_mails(OFFICE, 1, "Drafts")
        here.wait_for_mails(MANAGER, 1)
        here.stop()
        here.start()
        assert len(here.mails(OFFICE, "Drafts")) == 1
        assert len(here.mails(MANAGER)) == 1
        assert len(here.mails(CUSTOMER)) == 1


@pytest.mark.parametrize("step", [Step.CLAIMED, Step.SUBMITTED, Step.SETTLED], ids=lambda step: step.value)
def test_an_alert_arrives_at_least_once_and_always_under_one_message_id(step: Step) -> None:
    with office("2026-03-28 22:10") as here:  # a Saturday night
        here.start()
        here.stop()
        here.start(kill_at=step.value)  # alerts are claimed first
        here.write("Kho hàng đang bốc cháy, xin gọi lại ngay.", "Cháy kho")
        wait_for_death(here)
        here.start()
        here.wait_for_mails(CUSTOMER, 1)
        alerts = here.wait_for_mails(ON_CALL, 1)
        assert len({alert["Message-ID"] for alert in alerts}) == 1
        assert uncertain(here) == 0
