"""What a flood may cost: a round does a portion of each thing, nothing is held whole, and a stop need not wait."""

from __future__ import annotations

import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from responder.errors import TroubleKind
from responder.policy.model import Policy
from responder.ports import Special
from responder.store.records import MessageState, NewMessage, OutboxKind, OutboxRow, OutboxState, Place
from responder.store.store import Store
from responder.work import answers, copies, follow_ups, restore, triage
from responder.work.digest import FIRST_START, Digests
from responder.work.watch import Round, Watch
from tests.fakes import INBOX, AtWork, FakeMailbox, ManualClock, desk, letter, local, policy
from tests.unit.test_store import Plans, mail

NIGHT = local("2026-11-20 22:10")
MONDAY = "2026-11-23 08:00"
SENDS = ("follow_up: {as: draft}", "follow_up: {as: send, after: 1m}")
MB = 1_000_000


@pytest.fixture
def here() -> Iterator[AtWork]:
    made = AtWork()
    yield made
    made.store.close()


def a_round(here: AtWork) -> Round:
    made = Round(here.desk, here.store, here.clock)
    made.run(here.mailbox)
    return made


def come(here: AtWork, count: int) -> None:
    for number in range(count):
        here.come(letter(sender=f"k@khach{number}.example", Message_ID=f"<{number}@khach.example>"))


def record(
    here: AtWork,
    count: int,
    *,
    first: int = 1,
    became: MessageState = MessageState.DECIDED,
    **of_a_mail: object,
) -> None:
    """Open messages with long decisions, beside the mailbox."""
    reasons = [f"A reason that is long enough to be told, number {number}" for number in range(20)]
    here.store.set_once(FIRST_START, (NIGHT - timedelta(hours=1)).isoformat())  # the digest covers from there
    a_mail = mail(OutboxKind.FOLLOW_UP)
    for start in range(first, first + count, 500):
        with here.store.batch() as batch:
            for number in range(start, min(start + 500, first + count)):
                mails = [replace(a_mail, message_id=f"<{number}@congty.example>", **of_a_mail)] if of_a_mail else []  # type: ignore[arg-type]
                batch.add(replace(_open(number, reasons), state=became), mails, NIGHT)
                here.mailbox.folders[INBOX].add(b"", NIGHT)


def _open(number: int, reasons: list[str]) -> NewMessage:
    return NewMessage(
        place=Place("info", INBOX, 1, number),
        state=MessageState.DECIDED,
        message_id=f"<{number}@khach.example>",
        references=(),
        arrived_at=NIGHT,
        sender=f"k{number}@khach.example",
        sender_name="",
        subject="Hỏi giá",
        office="closed",
        urgency="normal",
        veto=None,
        decision={"reasons": reasons, "actions": [], "veto": None, "situations": reasons},
        own_words="x" * 2000,
        marks=(),
        promise_at=None,
    )


# --- portions ---------------------------------------------------------------------------------------------------------


def test_a_round_reads_a_portion_of_a_flood_and_what_people_answered_has_its_turn(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "PORTION", 100)
    come(here, 250)
    first = a_round(here)
    assert (len(here.messages()), first.has_more) == (100, True)
    here.staff_write(to="k@khach0.example")
    assert a_round(here).has_more
    assert here.messages()[0].handled_at is not None, "not only after the flood"
    assert not a_round(here).has_more
    assert len(here.messages()) == 250


def test_a_pass_by_hand_goes_on_until_the_flood_is_over(here: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triage, "PORTION", 20)
    come(here, 50)
    Watch(lambda: Round(here.desk, here.store, here.clock), here.mailbox, threading.Event(), lambda: None).once()
    assert len(here.messages()) == 50


def test_a_portion_of_mails_that_have_gone_is_no_end_of_the_flood(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "PORTION", 20)
    come(here, 30)
    hand_out = here.mailbox.fetch
    monkeypatch.setattr(here.mailbox, "fetch", lambda uids: () if min(uids) <= 20 else hand_out(uids))
    assert a_round(here).has_more
    assert not a_round(here).has_more
    assert len(here.messages()) == 10


def test_no_draft_is_laid_before_all_that_came_was_read(here: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest message of a customer is answered, for all of them: it may still lie in the rest."""
    monkeypatch.setattr(triage, "PORTION", 2)
    for number in range(3):
        here.come(letter(Message_ID=f"<{number}@x.example>", References="<0@x.example>"), NIGHT)
    here.clock.set(local(MONDAY))
    a_round(here)
    assert here.drafts() == []
    a_round(here)
    assert len(here.drafts()) == 1


@pytest.mark.parametrize(("rules", "at"), [(policy(), MONDAY), (policy(SENDS), "2026-11-23 08:05")])
def test_follow_ups_leave_in_portions_each_once(rules: Policy, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_ups, "PORTION", 4)
    monkeypatch.setattr(copies, "PORTION", 3)
    here = AtWork(rules)
    come(here, 10)
    here.work()
    here.clock.set(local(at))
    begun = len(here.server.sent)
    rounds = 1
    while a_round(here).has_more:
        here.send()
        rounds += 1
    here.work(at)
    left = [one.recipient for one in here.server.sent[begun:]] + [draft.to[0].key for draft in here.mailbox.drafts()]
    assert sorted(left) == sorted(f"k@khach{number}.example" for number in range(10))
    assert rounds >= 3
    here.store.close()


def in_doubt(here: AtWork, count: int, at: str = MONDAY) -> None:
    """A state was set back: of so many customers, it is not known who has had a reply and whether drafts are laid."""
    come(here, count)
    here.round()
    here.clock.set(local(at))
    restore.make_safe(here.store, [here.desk.policy], here.clock.now(), "hoa", here.store.newest())
    here.mailbox.calls.clear()


def uncertain(here: AtWork) -> list[OutboxRow]:
    return [row for row in here.store.mails() if row.state is OutboxState.UNCERTAIN]


def test_thousands_of_mails_in_doubt_are_looked_for_in_portions_and_each_that_is_there_is_found(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "DOUBT_PORTION", 40)
    in_doubt(here, 100)
    filed = uncertain(here)[30:90]
    for row in filed:
        here.mailbox.write(row.content or b"", here.clock.now())
    found = [copies.Copies(here.desk, here.store, here.clock).resolve(here.mailbox) for _ in range(3)]
    assert found == [50, 10, 0], "after the first portion with enough of them, new mail has its turn"
    assert {row.state for row in here.store.mails() if row.id in {each.id for each in filed}} == {OutboxState.SENT}
    assert len(uncertain(here)) == 40


def test_to_look_for_thousands_of_mails_in_doubt_takes_the_memory_of_a_portion(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "DOUBT_PORTION", 100)
    record(here, 1600, state=OutboxState.UNCERTAIN, content=b"x" * 4000)
    found = copies.Copies(here.desk, here.store, here.clock)
    found.resolve(here.mailbox)  # what is loaded once is not counted
    assert peak(lambda: found.resolve(here.mailbox)) < 1


def test_thousands_of_drafts_in_doubt_are_looked_for_in_portions_and_each_is_laid_once(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_ups, "DOUBT_PORTION", 40)
    in_doubt(here, 100)
    first = a_round(here)
    assert (first.has_more, here.drafts()) == (True, []), "one in doubt may go together with one that is due"
    assert here.mailbox.calls.count("held") == 2
    assert len(here.store.unfinished_drafts("info", 999)) == 60
    while a_round(here).has_more:
        pass
    assert len({draft.to[0].key for draft in here.mailbox.drafts()}) == len(here.drafts()) == 100


def test_drafts_and_mails_in_doubt_do_not_keep_a_stop_waiting(here: AtWork) -> None:
    in_doubt(here, 30)
    for row in uncertain(here):
        here.mailbox.write(row.content or b"", here.clock.now())
    stopped = Round(here.desk, here.store, here.clock, goes_on=lambda: False)
    stopped.resolve(here.mailbox)
    stopped.run(here.mailbox)
    assert (len(uncertain(here)), len(here.store.unfinished_drafts("info", 99))) == (30, 30)
    Round(here.desk, here.store, here.clock).resolve(here.mailbox)
    assert uncertain(here) == []


def test_a_sent_folder_that_is_read_again_is_read_in_portions_and_drafts_wait_for_its_end(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SENT_PORTION", 2)
    monkeypatch.setattr(answers, "SENT_PORTIONS", 3)
    here.come(letter(Message_ID="<1@khach.example>"), NIGHT)
    here.work()
    for number in range(9):
        here.staff_write(to=f"k@khach{number}.example")
    here.staff_write(answering="<1@khach.example>")
    here.mailbox.folders[Special.SENT].uidvalidity += 1
    here.clock.set(local(MONDAY))
    assert (a_round(here).has_more, here.drafts()) == (True, [])
    assert not a_round(here).has_more
    assert here.drafts() == [], "a person was quicker"


def test_a_stop_is_heard_while_sent_is_read_and_what_is_open_is_settled(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SENT_PORTION", 1)
    record(here, 3)
    here.mailbox.calls.clear()
    for _ in range(3):
        here.staff_write()
    Round(here.desk, here.store, here.clock, goes_on=lambda: False).run(here.mailbox)
    assert not {"persons_mail", "flags"} & set(here.mailbox.calls)


def test_a_pass_by_hand_that_is_stopped_ends(here: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_ups, "DOUBT_PORTION", 3)
    in_doubt(here, 9)
    wake = threading.Event()
    watch = Watch(lambda: Round(here.desk, here.store, here.clock, goes_on=watch.goes_on), here.mailbox, wake, wake.set)
    watch.stop()
    watch.once()
    assert len(here.store.unfinished_drafts("info", 99)) == 9


def test_many_messages_of_one_customer_in_one_thread_lead_to_one_draft_for_the_newest(here: AtWork) -> None:
    for number in range(30):
        here.come(letter(Message_ID=f"<{number}@x.example>", References="<0@x.example>"))
    here.work()
    here.work(MONDAY)
    [draft] = here.mailbox.drafts()
    assert draft.in_reply_to == ("<29@x.example>",)
    states = [row.state for row in here.mails(OutboxKind.FOLLOW_UP)]
    assert states == [OutboxState.CANCELLED] * 29 + [OutboxState.DRAFTED]


# --- a stop -----------------------------------------------------------------------------------------------------------


def test_a_stop_in_the_middle_of_first_contact_leaves_no_starting_line_and_the_next_start_begins_anew() -> None:
    store, clock, mailbox, at_desk = Store.open(None), ManualClock(NIGHT), FakeMailbox(), desk()
    mailbox.connect()
    for number in range(5):
        mailbox.deliver(letter(sender=f"k@khach{number}.example"), NIGHT - timedelta(days=9))
    asked = iter([True, True, False])
    assert Round(at_desk, store, clock, goes_on=lambda: next(asked, False)).run(mailbox) == 0
    assert store.position("info", INBOX) is None
    Round(at_desk, store, clock).run(mailbox)
    position = store.position("info", INBOX)
    assert position is not None
    assert position.last_uid == 5
    assert store.ledger(None, NIGHT - timedelta(days=30), NIGHT).messages == ()
    store.close()


def test_a_stop_in_a_flood_is_heard_between_two_batches(here: AtWork) -> None:
    come(here, 200)
    asked = iter([True, True])
    Round(here.desk, here.store, here.clock, goes_on=lambda: next(asked, False)).run(here.mailbox)
    assert len(here.messages()) == 2 * triage.BATCH
    here.round()
    assert len(here.messages()) == 200, "the rest comes with the next start"


# --- memory and queries -----------------------------------------------------------------------------------------------


def peak(work: Callable[[], object]) -> float:
    """Megabytes at most, beyond what there was before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / MB
    finally:
        tracemalloc.stop()


def test_to_settle_thousands_of_open_messages_takes_the_memory_of_a_portion(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PORTION", 200)
    record(here, 1600)
    rounds = Round(here.desk, here.store, here.clock)
    assert peak(lambda: rounds.answers.settle(here.mailbox)) < 3
    assert here.mailbox.calls.count("flags") == 8


def test_a_digest_of_thousands_is_small_to_read_and_to_compose(here: AtWork) -> None:
    record(here, 1000, state=OutboxState.WITHHELD, content=b"x" * 4000)
    notice = []

    def compose() -> None:
        notice.append(Digests(here.desk, here.store, here.clock).preview(local(MONDAY)))

    compose()  # what is loaded once is not counted
    assert peak(compose) < 7
    assert len(notice[0].html.encode()) < 60_000


def test_what_thousands_of_decisions_and_mails_have_in_common_is_held_once(here: AtWork) -> None:
    due = "2026-11-23T08:00:00+07:00"
    actions = [{"kind": kind, "template": "x", "to": None, "due": due} for kind in ("reply", "follow_up", "promise")]
    with here.store.batch() as batch:
        for number in range(2):
            came = replace(_open(number, []), decision={"reasons": [], "actions": actions, "veto": None})
            batch.add(came, [replace(mail(OutboxKind.FOLLOW_UP), message_id=f"<{number}@congty.example>")], NIGHT)
    since = NIGHT - timedelta(hours=1)
    report = here.store.report("info", since, NIGHT + timedelta(hours=1), since)
    first, second = report.unhandled
    assert first.decision["actions"][0] is second.decision["actions"][0]
    one, other = report.ledger.mails
    assert one.due_at is other.due_at


def test_of_hundreds_of_things_that_are_wrong_the_digest_names_some_and_counts_the_rest(here: AtWork) -> None:
    record(here, 300, state=OutboxState.UNCERTAIN)
    here.store.note_trouble("info", TroubleKind.LOGIN, "the password was refused", here.clock.now())
    text = Digests(here.desk, here.store, here.clock).preview(local(MONDAY)).text
    assert "301 việc cần kiểm tra" in text
    assert "và 101 mục nữa" in text
    assert "mục nữa; xem đủ bằng lệnh responder queue và responder ledger --since 2026-11-20" in " ".join(text.split())
    assert len(text.encode()) < 200_000


def test_what_is_being_recorded_when_the_digest_comes_due_stands_in_it(here: AtWork, tmp_path: Path) -> None:
    """A portion of a flood is written for a while: what was decided before the digest, the next one does not cover."""
    store, clock = Store.open(tmp_path / "state.db"), ManualClock(local(MONDAY))
    store.set_once(FIRST_START, (NIGHT - timedelta(hours=1)).isoformat())
    digests = Digests(here.desk, store, clock)
    due = digests.due()
    assert due is not None
    recording = threading.Thread(target=lambda: digests.record(due), daemon=True)
    with store.batch() as batch:
        recording.start()
        recording.join(0.5)  # time enough to read what is there without this
        broken = replace(_open(1, []), state=MessageState.QUARANTINED, subject="Thư hỏng")
        batch.add(broken, [], clock.now() - timedelta(seconds=1))
    recording.join(15)
    [report] = store.mails()
    store.close()
    assert "Thư hỏng" in report.text


@pytest.mark.parametrize("state", [OutboxState.UNCERTAIN, OutboxState.FAILED])
def test_no_flood_pushes_a_customer_who_may_have_got_nothing_off_the_digest(here: AtWork, state: OutboxState) -> None:
    record(here, 300, became=MessageState.QUARANTINED)
    record(here, 1, first=301, state=state, recipient="mot.minh@khach.example")
    assert "mot.minh@khach.example" in Digests(here.desk, here.store, here.clock).preview(local(MONDAY)).text


def test_what_every_mail_and_every_round_asks_is_found_by_an_index_that_a_flood_does_not_lengthen(here: AtWork) -> None:
    plans = Plans(here.store)
    at = datetime.fromisoformat("2026-11-20T15:10:00+00:00")
    here.store.follow_up_since("k@khach.example", at)
    here.store.sent_since("info", at)
    here.store.uncopied("info", 100)
    come(here, 1)
    a_round(here)
    told = "\n".join(plans.told)
    assert "ix_outbox_recipient (recipient=?)" in told
    assert "ix_outbox_changed (changed_at>?)" in told
    assert "ix_outbox_uncopied (account=? AND state=?)" in told
    assert "ix_outbox_crowd (recipient_domain=? AND created_at>?)" in told


def test_a_steady_writer_leaves_the_others_their_turn(tmp_path: Path) -> None:
    """Left to SQLite, who waits looks for a gap ten times a second, finds none, and is told that the state is held."""
    store, over, waited = Store.open(tmp_path / "state.db"), threading.Event(), []

    def flood() -> None:
        while not over.is_set():
            with store.batch():
                over.wait(0.05)  # mails are decided

    writer = threading.Thread(target=flood)
    writer.start()
    try:
        for number in range(20):
            begun = time.monotonic()
            store.set("x", str(number))
            waited.append(time.monotonic() - begun)
    finally:
        over.set()
        writer.join()
        store.close()
    assert max(waited) < 1.0
