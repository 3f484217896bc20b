"""work/marks.py: what the policy asks for is set where it can be, and told once where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from responder.config import Mode
from responder.errors import Trouble, TroubleKind
from responder.policy.model import MarkKind
from responder.store.records import OutboxKind, OutboxState
from responder.work.steps import Step
from responder.work.watch import Round
from tests.fakes import INBOX, AtWork, Folder, letter, local, policy

FOLDER = "Việc gấp"
ALL = "mark: [flagged, {keyword: Gap}, {label: Gấp}, {folder: Việc gấp}]"
MORNING = "2026-11-23 07:00"
MONDAY = "2026-11-23 08:00"


def at_work(marks: str = ALL, *folders: str) -> AtWork:
    """An office whose policy marks what is urgent out of hours like that, and a mailbox with these folders."""
    rules = policy(("follow_up: next_workday, mark: flagged}\n    phone_matters: yes\n\n  - name: complaint",
                    f"follow_up: next_workday, {marks}}}\n    phone_matters: yes\n\n  - name: complaint"))  # fmt: skip
    here = AtWork(rules)
    for name in folders:
        here.mailbox.folders[name] = Folder()
    return here


@pytest.fixture
def here() -> Iterator[AtWork]:
    """Everything can be done there but labels."""
    made = at_work(ALL, FOLDER)
    yield made
    made.store.close()


def urgent(here: AtWork) -> int:
    return here.come(letter("Cần gấp báo giá."))


def lies_in(here: AtWork, folder: str) -> list[set[str]]:
    """The flags of what lies there."""
    return [one.flags for one in here.mailbox.folders[folder].stored]


def told(here: AtWork) -> list[str]:
    return [row.text for row in here.store.open_troubles() if row.kind == TroubleKind.MARK]


def test_an_urgent_mail_gets_its_flag_and_keyword_and_is_moved_last(here: AtWork) -> None:
    here.come()
    urgent(here)
    here.round()
    assert lies_in(here, INBOX) == [set()]
    assert lies_in(here, FOLDER) == [{"flagged", "gap"}]
    assert here.store.unmarked("info", 99) == ()


def test_with_the_shipped_policy_nothing_is_moved() -> None:
    here = AtWork()
    urgent(here)
    here.round()
    assert lies_in(here, INBOX) == [{"flagged"}]
    assert here.messages()[0].marks == ("flagged",)


def test_what_the_mailbox_cannot_do_is_told_once_and_the_rest_is_done(here: AtWork) -> None:
    here.round()
    before = here.store.open_troubles()
    assert ["label:Gấp" in row.text for row in before] == [True]
    urgent(here)
    for _ in range(3):
        here.round()
    assert here.store.open_troubles() == before
    assert lies_in(here, FOLDER) == [{"flagged", "gap"}]
    assert here.messages()[0].marks == ("flagged", "keyword:Gap", "folder:Việc gấp")


def test_it_is_told_before_any_mail_has_to_be_marked_and_ends_when_it_is_mended() -> None:
    here = at_work("mark: {folder: Việc gấp}")
    here.round()
    assert len(told(here)) == 1
    here.mailbox.folders[FOLDER] = Folder()
    here.round()
    assert told(here) == []


def test_without_its_folder_a_mail_stays_in_the_inbox_and_is_not_moved_later() -> None:
    here = at_work("mark: [flagged, {folder: Việc gấp}]")
    urgent(here)
    here.round()
    here.mailbox.folders[FOLDER] = Folder()
    here.round()
    assert lies_in(here, INBOX) == [{"flagged"}]
    assert here.messages()[0].marks == ("flagged",)


def test_a_folder_that_vanishes_in_between_is_a_refusal_of_the_server_and_tried_again(here: AtWork) -> None:
    uid = urgent(here)
    here.mailbox.fail("mark", Trouble(TroubleKind.SERVER, "fake:993", "the server refused (TRYCREATE)", "look"))
    here.round()
    assert uid in here.mailbox.flags([uid])
    here.round()
    assert lies_in(here, FOLDER) == [{"flagged", "gap"}]


def test_of_two_plays_folders_the_first_in_the_file_counts() -> None:
    rules = policy(
        ("do: {reply: emergency, alert: on_call, follow_up: next_workday, mark: flagged}",
         "do: {reply: emergency, alert: on_call, follow_up: next_workday, mark: {folder: Khẩn cấp}}"),
        ("do: {alert: manager, mark: flagged}", "do: {alert: manager, mark: [flagged, {folder: Khiếu nại}]}"),
    )  # fmt: skip
    here = AtWork(rules)
    here.mailbox.folders |= {"Khẩn cấp": Folder(), "Khiếu nại": Folder()}
    here.come(letter("Máy chủ sập, cửa hàng không bán được hàng.", "Khiếu nại: sập hệ thống"))
    here.round()
    assert here.messages()[0].decision["situations"] == ["complaint"]
    assert lies_in(here, "Khẩn cấp") == [{"flagged"}]
    assert lies_in(here, "Khiếu nại") == []
    assert here.messages()[0].marks == ("folder:Khẩn cấp", "flagged")


# --- moved by us is not taken away by a person ------------------------------------------------------------------------


def test_a_mail_that_we_have_moved_still_waits_for_a_person(here: AtWork) -> None:
    urgent(here)
    here.work()
    here.round()
    [message] = here.messages()
    assert message.handled_at is None
    here.work(MONDAY)
    assert here.drafts() == ["Re: Hỏi về đơn hàng"]


def test_it_is_handled_when_a_person_has_written_to_its_sender(here: AtWork) -> None:
    urgent(here)
    here.work()
    here.work(MORNING)
    here.staff_write()
    here.work(MONDAY)
    assert here.messages()[0].handled_how == "đã có người viết thư cho người gửi"
    assert here.drafts() == []


def test_it_is_handled_when_a_person_has_answered_it_from_its_folder(here: AtWork) -> None:
    """Their mail program files nothing in Sent."""
    urgent(here)
    here.work()
    [message] = here.messages()
    here.clock.set(local(MORNING))
    here.mailbox.answer_in(FOLDER, str(message.message_id))
    here.work(MONDAY)
    assert here.messages()[0].handled_how == "đã có người trả lời"
    assert here.drafts() == []


def test_it_waits_on_when_a_person_has_moved_it_on_or_its_folder_has_gone(here: AtWork) -> None:
    urgent(here)
    here.work()
    here.mailbox.folders[FOLDER].stored.clear()
    here.round()
    del here.mailbox.folders[FOLDER]
    here.work(MONDAY)
    assert here.drafts() == ["Re: Hỏi về đơn hàng"]


def test_its_folder_is_looked_into_once_a_round_and_only_while_such_a_mail_is_open(here: AtWork) -> None:
    here.come()
    here.round()
    assert "answered_in" not in here.mailbox.calls
    for _ in range(3):
        urgent(here)
    here.round()
    assert here.mailbox.calls.count("answered_in") == 1
    here.staff_write()
    here.round()
    here.mailbox.calls.clear()
    here.round()
    assert "answered_in" not in here.mailbox.calls


def test_a_mail_that_could_not_be_moved_is_handled_when_a_person_takes_it_away() -> None:
    here = at_work("mark: [flagged, {folder: Việc gấp}]")
    uid = urgent(here)
    here.work()
    here.mailbox.remove(uid)
    here.round()
    assert here.messages()[0].handled_how == "đã có người chuyển thư khỏi hộp thư đến"


def test_a_stop_between_the_move_and_its_record_changes_nothing(here: AtWork) -> None:
    def stop(step: Step) -> None:
        if step is Step.FLAGGED:
            raise KeyboardInterrupt

    urgent(here)
    with pytest.raises(KeyboardInterrupt):
        Round(here.desk, here.store, here.clock, stop).run(here.mailbox)
    here.mailbox.fail("mark", Trouble(TroubleKind.BUSY, "fake:993", "the server asks to wait", "later"))
    here.round()
    assert here.messages()[0].handled_at is None, "although it is gone, and nothing is on record yet"
    here.round()
    assert lies_in(here, FOLDER) == [{"flagged", "gap"}]
    assert here.messages()[0].marks == ("flagged", "keyword:Gap", "folder:Việc gấp")
    assert [row.state for row in here.mails(OutboxKind.FOLLOW_UP)] == [OutboxState.WAITING]


def test_a_mail_that_staff_put_back_into_the_inbox_is_not_moved_again(here: AtWork) -> None:
    urgent(here)
    here.work()
    [moved] = here.mailbox.folders[FOLDER].stored
    here.come(moved.content)
    here.work()
    assert len(lies_in(here, INBOX)) == 1
    assert len(here.sent_to()) == 1


def test_in_observe_mode_urgent_mail_is_marked_all_the_same() -> None:
    here = at_work("mark: {keyword: Gap}")
    here.be(replace(here.desk, mode=Mode.OBSERVE))
    urgent(here)
    here.round()
    assert lies_in(here, INBOX) == [{"gap"}]


# --- what people read -------------------------------------------------------------------------------------------------


def test_the_alert_says_where_the_mail_is_to_be_found() -> None:
    rules = policy(("follow_up: next_workday, mark: flagged}\n    phone_matters: yes\n\n  - name: urgent",
                    "mark: {folder: Khẩn cấp}}\n    phone_matters: yes\n\n  - name: urgent"))  # fmt: skip
    here = AtWork(rules)
    here.come(letter("Máy chủ sập, cửa hàng không bán được hàng.", "Sập hệ thống"))
    here.round()
    [alert] = here.mails(OutboxKind.ALERT)
    assert "Thư gốc nằm trong thư mục “Khẩn cấp”" in alert.text


def test_a_long_mail_in_an_alert_ends_with_a_sign_that_there_is_more_and_every_line_is_marked_as_the_customers() -> (
    None
):
    here = at_work("mark: flagged")
    here.come(letter("\n".join(["Máy chủ sập, cửa hàng không bán được hàng."] * 50), "Sập hệ thống"))
    here.round()
    [alert] = here.mails(OutboxKind.ALERT)
    quoted = [line for line in alert.text.splitlines() if "cửa hàng" in line]
    assert len(quoted) > 5
    assert all(line.startswith("> Máy chủ sập") for line in quoted)
    [last] = [line for line in alert.text.splitlines() if line.endswith("…")]
    assert last.startswith(">")


def test_on_a_gmail_mailbox_the_label_is_set() -> None:
    here = at_work("mark: {label: Gấp}")
    here.mailbox.without.remove(MarkKind.LABEL)
    urgent(here)
    here.round()
    assert told(here) == []
    assert lies_in(here, INBOX) == [{"gấp"}]
