"""work/watch.py: the order of a round, what may fail in it, and what one account's trouble does to another."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from responder.daemon import parts
from responder.daemon.root import Daemon
from responder.errors import Trouble, TroubleKind
from responder.ports import Outcome, Special
from responder.store.records import OutboxKind, OutboxState
from responder.store.store import Store
from responder.work import copies
from responder.work.watch import LOOK_AGAIN, Round, Watch
from tests.cli_office import POLICY
from tests.fakes import (
    CUSTOMER,
    MANAGER,
    OFFICE,
    ON_CALL,
    SALES,
    UNREACHABLE,
    AtWork,
    FakeMailbox,
    FakeSubmission,
    ManualClock,
    letter,
    local,
    over_quota,
    policy,
)
from tests.servers.waiting import wait_until

NIGHT = local("2026-11-20 22:10")
MONDAY = "2026-11-23 08:00"
WITHIN = 15.0
REFUSED = Trouble(TroubleKind.SERVER, "fake:993", "the server refused (STORE failed)", "see `check --connect`")
LOST = Trouble(TroubleKind.NETWORK, "fake:993", "the connection was lost", "nothing to do")


@pytest.fixture
def here() -> Iterator[AtWork]:
    made = AtWork()
    yield made
    made.store.close()


# --- one round --------------------------------------------------------------------------------------------------------


def test_a_refused_mark_is_told_and_the_drafts_of_the_morning_are_ready_all_the_same(here: AtWork) -> None:
    here.come()
    here.work()
    here.come(letter("Cần gấp báo giá.", sender="b@khac.example"), local(MONDAY))
    here.mailbox.fail("mark", REFUSED)
    here.clock.set(local(MONDAY))
    here.round()
    assert here.drafts() == ["Re: Hỏi về đơn hàng"]
    assert here.troubles() == [TroubleKind.SERVER]
    here.round()
    assert here.store.unmarked("info", 99) == ()


def test_a_mailbox_over_quota_keeps_no_copy_for_now_and_answers_are_still_seen(here: AtWork) -> None:
    uid = here.come()
    here.round()
    here.send()
    here.mailbox.answer(uid)
    here.mailbox.fail(*over_quota())
    here.round()
    assert here.troubles() == [TroubleKind.BUSY]
    assert [row.state for row in here.mails(OutboxKind.FOLLOW_UP)] == [OutboxState.CANCELLED]
    assert here.mailbox.sent() == []
    here.round()
    assert [sent.subject for sent in here.mailbox.sent()] == ["Trả lời tự động: Hỏi về đơn hàng"]


def test_a_draft_that_did_not_fit_into_the_mailbox_is_filed_in_the_next_round(here: AtWork) -> None:
    here.come()
    here.work()
    here.clock.set(local(MONDAY))
    here.mailbox.fail(*over_quota())
    here.round()
    assert here.drafts() == []
    here.round()
    assert here.drafts() == ["Re: Hỏi về đơn hàng"]


def refuses(here: AtWork, what: bytes) -> None:
    """The server takes no mail with that in it."""
    real = here.mailbox.append

    def append(folder: Special, content: bytes, at: datetime) -> None:
        if what in content:
            raise Trouble(TroubleKind.SERVER, "fake:993", "the server refused (APPEND failed)", "see `check --connect`")
        real(folder, content, at)

    here.mailbox.append = append  # type: ignore[method-assign]


def come_from_three(here: AtWork) -> None:
    for number in range(3):
        here.come(letter(sender=f"k@khach{number}.example"))


def test_a_draft_that_the_server_refuses_keeps_no_other_from_being_laid_and_is_given_up_after_days(
    here: AtWork,
) -> None:
    come_from_three(here)
    here.work()
    refuses(here, b"k@khach0.example")
    here.clock.set(local(MONDAY))
    here.round()
    assert [draft.to[0].key for draft in here.mailbox.drafts()] == ["k@khach1.example", "k@khach2.example"]
    assert here.troubles() == [TroubleKind.SERVER]
    for day in range(23, 28):
        for hour in ("09", "10"):
            here.work(f"2026-11-{day} {hour}:00")
    refused = here.mails(OutboxKind.FOLLOW_UP)[0]
    assert (refused.state, refused.reason) == (
        OutboxState.FAILED,
        "fake:993: the server refused (APPEND failed) — see `check --connect`",
    )
    assert (len(here.drafts()), here.troubles()) == (2, [])


def test_a_draft_that_is_refused_for_the_first_time_long_after_its_day_is_tried_again(here: AtWork) -> None:
    here.come()
    here.work()
    here.clock.set(local("2026-11-30 08:00"))
    here.mailbox.fail("append", REFUSED)
    here.round()
    assert here.drafts() == []
    here.round()
    assert here.drafts() == ["Re: Hỏi về đơn hàng"]


def test_a_copy_that_the_server_refuses_keeps_no_other_from_being_filed_and_is_given_up_after_days(
    here: AtWork, caplog: pytest.LogCaptureFixture
) -> None:
    come_from_three(here)
    here.round()
    here.send()
    refuses(here, b"k@khach0.example")
    here.round()
    assert [copy.to[0].key for copy in here.mailbox.sent()] == ["k@khach1.example", "k@khach2.example"]
    assert here.troubles() == [TroubleKind.SERVER]
    here.clock.advance(timedelta(days=4))
    here.round()
    here.round()
    assert here.store.uncopied("info", 9) == ()
    assert here.troubles() == []
    told = [record.getMessage() for record in caplog.records if "no copy of mail" in record.getMessage()]
    assert told == ["info: no copy of mail 1 in Sent: the server refuses it"]


@pytest.mark.parametrize("kind", [TroubleKind.SERVER, TroubleKind.BUSY])
def test_copies_that_are_all_refused_end_the_round(
    here: AtWork, kind: TroubleKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "PORTION", 2)
    come_from_three(here)
    here.round()
    here.send()
    here.mailbox.fail("append", Trouble(kind, "fake:993", "no", "later"), 99)
    made = Round(here.desk, here.store, here.clock)
    made.run(here.mailbox)
    assert not made.has_more


def test_a_mail_in_doubt_that_cannot_be_looked_for_keeps_no_new_mail_from_being_read(here: AtWork) -> None:
    here.come()
    here.round()
    here.store.claim(here.clock.now(), "info", tuple(OutboxKind))
    assert here.store.recover(here.clock.now()) == 1, "the reply is in doubt"
    here.come(letter("Cho mình hỏi.", sender="b@khac.example"))
    here.mailbox.fail("held", REFUSED)
    Watch(lambda: Round(here.desk, here.store, here.clock), here.mailbox, threading.Event(), lambda: None).once()
    assert len(here.messages()) == 2


def test_a_mail_in_doubt_is_looked_for_again_while_the_connection_lasts(tmp_path: Path) -> None:
    """The provider files it in Sent when it likes, and under a Message-ID of its own."""
    here = AtWork(store=Store.open(tmp_path / "state.db"))  # a file: two threads work on it
    here.come()
    here.round()
    watch = Watch(lambda: Round(here.desk, here.store, here.clock), here.mailbox, threading.Event(), lambda: None)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: watch.rounds >= 1, WITHIN, "it watches")
        row = here.store.claim(here.clock.now(), "info", tuple(OutboxKind))
        assert row is not None
        assert here.store.recover(here.clock.now()) == 1, "the reply is in doubt"
        content = (row.content or b"").replace(b"Message-ID: <", b"Message-ID: <outlook.")
        here.mailbox.append(Special.SENT, content, here.clock.now())
        here.clock.advance(LOOK_AGAIN)
        watch.wake.set()
        wait_until(lambda: here.mails(OutboxKind.REPLY)[0].state is OutboxState.SENT, WITHIN, "it is found")
    finally:
        watch.stop()
        thread.join(WITHIN)


def test_a_mailbox_that_is_reached_again_does_not_end_the_trouble_with_a_watched_policy(here: AtWork) -> None:
    for kind in (TroubleKind.NETWORK, TroubleKind.POLICY):
        here.store.note_trouble("info", kind, "it is so", here.clock.now())
    Watch(lambda: Round(here.desk, here.store, here.clock), here.mailbox, threading.Event(), lambda: None).once()
    assert here.troubles() == [TroubleKind.POLICY]


@pytest.mark.parametrize("method", ["sent_state", "mark", "append"])
def test_a_lost_connection_ends_the_round_whatever_was_being_done(here: AtWork, method: str) -> None:
    here.come(letter("Cần gấp báo giá."))
    here.round()
    here.send()
    here.come(letter("Cần gấp báo giá.", sender="b@khac.example"))
    here.mailbox.fail(method, LOST)
    with pytest.raises(Trouble, match="connection was lost"):
        here.round()
    assert here.troubles() == [], "the thread tells of it, once"


def test_the_thread_lives_on_when_not_even_the_trouble_can_be_recorded(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.work.watch.FIRST_PAUSE", 0.01)
    real, broken = here.store.note_trouble, [True]

    def note(account: str, kind: str, text: str, at: object) -> bool:
        if broken.pop() if broken else False:
            raise RuntimeError("not even that")
        return real(account, kind, text, at)  # type: ignore[arg-type]

    monkeypatch.setattr(here.store, "note_trouble", note)
    here.mailbox.fail("connect", LOST)
    watch = Watch(lambda: Round(here.desk, here.store, here.clock), here.mailbox, threading.Event(), lambda: None)
    watch._pause = 0.01
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: watch.rounds >= 2, WITHIN, "the thread goes on")
    finally:
        watch.stop()
        thread.join(WITHIN)
    assert not thread.is_alive()


def test_a_server_that_breaks_off_every_reading_for_a_while_sets_no_mail_aside_and_all_is_answered(
    here: AtWork,
) -> None:
    for name in "ab":
        here.come(letter(sender=f"{name}@khac.example"))
    here.mailbox.fail("fetch", LOST, times=6)
    for expected in (*[None] * 6, 2):
        watch = Watch(lambda: Round(here.desk, here.store, here.clock), here.mailbox, threading.Event(), lambda: None)
        with contextlib.nullcontext() if expected else pytest.raises(Trouble, match="connection was lost"):
            watch.once()
    assert {row.recipient for row in here.mails(OutboxKind.REPLY)} == {"a@khac.example", "b@khac.example"}


def test_a_follow_up_waits_while_it_cannot_be_asked_whether_a_person_was_quicker(here: AtWork) -> None:
    here.come()
    here.work()
    here.clock.set(local(MONDAY))
    here.mailbox.fail("flags", REFUSED)
    here.round()
    assert here.drafts() == []
    assert here.troubles() == [TroubleKind.SERVER]
    here.round()
    assert here.drafts() == ["Re: Hỏi về đơn hàng"]
    assert here.troubles() == []


def test_a_mail_that_breaks_every_connection_is_one_trouble_until_it_is_set_aside(here: AtWork) -> None:
    bad = here.come(letter(sender="x@y.example"))
    here.mailbox.breaking = {bad}
    watch = Watch(lambda: Round(here.desk, here.store, here.clock), here.mailbox, threading.Event(), lambda: None)
    troubles = set()
    for minute in range(40):
        here.come(letter(sender=f"a{minute}@khac.example"))
        with contextlib.suppress(Trouble):
            watch.once()
        if here.store.setting("waiting:info"):
            here.store.note_trouble("info", TroubleKind.NETWORK, str(LOST), here.clock.now())
        troubles |= {(row.kind, row.since) for row in here.store.open_troubles()}
        here.clock.advance(timedelta(minutes=1))
    assert [kind for kind, _since in troubles] == [TroubleKind.NETWORK]
    watch.once()
    assert here.troubles() == []
    assert len(here.messages()) == 41


@contextlib.contextmanager
def watching(here: AtWork) -> Iterator[Watch]:
    watch = Watch(lambda: Round(here.desk, here.store, here.clock), here.mailbox, threading.Event(), lambda: None)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    yield watch
    watch.stop()
    thread.join(WITHIN)
    here.store.close()
    assert not thread.is_alive()


@pytest.mark.parametrize("kind", [TroubleKind.MAILBOX, TroubleKind.BUSY])
def test_an_inbox_that_cannot_be_opened_is_left_alone_for_longer_and_longer_and_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: TroubleKind
) -> None:
    here = AtWork(store=Store.open(tmp_path / "state.db"))  # two threads look into it
    monkeypatch.setattr("responder.work.watch.FIRST_PAUSE", 0.01)
    monkeypatch.setattr("responder.work.watch.SLOW_PAUSE", 0.3)
    for number in range(1000):
        trouble = Trouble(kind, "fake:993", f"it cannot be opened (0.{number} secs)", "look")
        here.mailbox.fail("inbox", trouble)
    with watching(here) as watch:
        watch._pause = 0.01
        wait_until(lambda: watch.rounds >= 3, WITHIN, "three tries")
        assert here.mailbox.calls.count("wait") == 0
        assert watch.rounds < 20
        assert here.troubles() == [kind]
        here.mailbox.heal()
        watch.look()
        wait_until(lambda: here.troubles() == [], WITHIN, "the trouble to end")
    assert len([record for record in caplog.records if "cannot be opened" in record.getMessage()]) == 1


def paused(here: AtWork, monkeypatch: pytest.MonkeyPatch, times: int) -> list[float]:
    """Watch until so many pauses were due; how long they would have been."""
    watch = Watch(lambda: Round(here.desk, here.store, here.clock), here.mailbox, threading.Event(), lambda: None)
    pauses: list[float] = []

    def rest(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == times:
            watch.stop()

    monkeypatch.setattr(watch, "_rest", rest)
    watch.run()
    return pauses


def test_a_server_that_takes_every_login_and_hangs_up_when_waited_on_is_tried_ever_more_slowly_in_one_line(
    here: AtWork, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "responder.work.watch")
    here.mailbox.fail("wait", LOST, 100)
    pauses = paused(here, monkeypatch, 8)
    assert pauses[-1] > 60
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    [row] = here.store.open_troubles()
    assert (row.kind, row.times) == (TroubleKind.NETWORK, 8)


def test_a_connection_that_lasts_ends_the_trouble_and_the_pauses_are_short_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.work.watch.FIRST_PAUSE", 0.05)
    here = AtWork(store=Store.open(tmp_path / "state.db"))
    here.mailbox.fail("wait", LOST, 3)
    with watching(here) as watch:
        wait_until(lambda: here.troubles() == [TroubleKind.NETWORK], WITHIN, "the trouble")
        wait_until(lambda: here.troubles() == [], WITHIN, "the trouble to end")
        wait_until(lambda: watch._pause == 0.05, WITHIN, "short pauses")


def test_an_inbox_that_is_refused_is_one_trouble_noted_once(here: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    here.mailbox.fail("inbox", Trouble(TroubleKind.MAILBOX, "fake:993", "it cannot be opened", "look"), 100)
    paused(here, monkeypatch, 3)
    assert [row.times for row in here.store.open_troubles()] == [3]


def test_a_step_that_the_server_asks_to_wait_with_is_left_alone_for_a_quarter_of_an_hour(here: AtWork) -> None:
    watch = Watch(lambda: Round(here.desk, here.store, here.clock), here.mailbox, threading.Event(), lambda: None)
    here.come()
    here.round()
    here.send()
    here.mailbox.fail(*over_quota(2))
    for minute in range(10):
        here.come(letter(sender=f"b{minute}@khac.example"))
        watch.once()
        here.clock.advance(timedelta(minutes=1))
    assert here.mailbox.calls.count("append") == 1
    assert len(here.messages()) == 11, "new mail is read all the same"
    assert here.troubles() == [TroubleKind.BUSY]
    here.clock.advance(timedelta(minutes=6))
    watch.once()
    assert here.mailbox.calls.count("append") == 2
    watch.look()  # a person has mended it
    watch.once()
    assert len(here.mailbox.sent()) == 1
    assert here.troubles() == []


def test_a_pause_after_a_refused_login_ends_when_a_look_is_asked_for(tmp_path: Path) -> None:
    here = AtWork(store=Store.open(tmp_path / "state.db"))
    here.mailbox.fail("connect", Trouble(TroubleKind.LOGIN, "fake:993", "password refused", "check it"))
    with watching(here) as watch:
        wait_until(lambda: here.troubles() == [TroubleKind.LOGIN], WITHIN, "the refusal")
        watch.look()
        wait_until(lambda: here.troubles() == [], WITHIN, "the trouble to end")


# --- two accounts -----------------------------------------------------------------------------------------------------


class Breaks(FakeSubmission):
    """A way out with a defect nobody foresaw."""

    async def submit(
        self, envelope_from: str, recipient: str, content: bytes, may_go: Callable[[], bool] = lambda: True
    ) -> Outcome:
        await super().submit(envelope_from, recipient, content, may_go)
        raise RuntimeError("a defect")


class Slow(FakeSubmission):
    """A way out that takes its time."""

    async def submit(
        self, envelope_from: str, recipient: str, content: bytes, may_go: Callable[[], bool] = lambda: True
    ) -> Outcome:
        await asyncio.sleep(0.05)
        return await super().submit(envelope_from, recipient, content, may_go)


CONFIG = f"""\
mode: live
state: state.db
accounts:
  info:
    address: {OFFICE}
    name: Công ty Ví Dụ
    policy: {POLICY}
    imap: {{host: localhost, port: 1, security: none, user: info, password: {{env: NO_SUCH_PASSWORD}}}}
    smtp: {{host: localhost, port: 1, security: none}}
    poll: 10s
  sales:
    address: {SALES}
    name: Phòng bán hàng
    policy: {POLICY}
    imap: {{host: localhost, port: 1, security: none, user: sales, password: {{env: NO_SUCH_PASSWORD}}}}
    smtp: {{host: localhost, port: 1, security: none}}
    poll: 10s
people:
  manager: {{name: Quản lý, address: {MANAGER}}}
  on_call: {{name: Trực, address: {ON_CALL}}}
colleagues: [congty.example]
"""


class TwoAccounts:
    """A daemon over two mailboxes and two ways out."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, config: str = CONFIG, **servers: FakeSubmission
    ) -> None:
        self.config = folder / "config.yaml"
        self.config.write_text(config, encoding="utf-8")
        self.boxes = {name: FakeMailbox() for name in servers}
        self.servers = servers
        monkeypatch.setattr(parts, "mailbox", lambda desk: self.boxes[desk.name])
        monkeypatch.setattr(parts, "submission", lambda desk: self.servers[desk.name])
        self.daemon = Daemon(self.config, clock=ManualClock(NIGHT), tick=0.02)

    def write(self, account: str, count: int) -> None:
        to = {"info": OFFICE, "sales": SALES}[account]
        for number in range(count):
            self.boxes[account].deliver(letter(sender=f"k{number}@{account}-khach.example", to=to), NIGHT)

    @contextlib.contextmanager
    def running(self) -> Iterator[Store]:
        thread = threading.Thread(target=self.daemon.run, daemon=True)
        thread.start()
        try:
            wait_until(
                lambda: all("wait" in box.calls for box in self.boxes.values()), WITHIN, "both mailboxes are watched"
            )
            yield self.daemon.store
        finally:
            self.daemon.stop()
            thread.join(WITHIN)
        assert not thread.is_alive()


def test_trouble_in_one_accounts_outbox_neither_stops_nor_doubles_anothers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info, sales = Slow(), Breaks()
    both = TwoAccounts(tmp_path, monkeypatch, info=info, sales=sales)
    with both.running() as store:
        both.write("sales", 3)
        both.write("info", 8)
        wait_until(lambda: len(info.sent) >= 8, WITHIN, "all of the other account's mail")
        wait_until(lambda: len(sales.tried) >= 3, WITHIN, "the sender goes on after each failure")
        told = store.ledger(None, local("2026-11-20 00:00"), NIGHT).troubles  # it ends when the sender goes on
        kinds = {(trouble.account, trouble.kind) for trouble in told}
    assert sorted(one.recipient for one in info.sent) == [f"k{number}@info-khach.example" for number in range(8)]
    assert len({one.recipient for one in sales.tried}) == len(sales.tried), "what may have gone out is not sent again"
    assert kinds == {("sales", TroubleKind.INTERNAL)}


def test_a_lost_mailbox_of_one_account_does_not_hold_up_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = TwoAccounts(tmp_path, monkeypatch, info=FakeSubmission(), sales=FakeSubmission())
    with both.running():
        both.boxes["sales"].drop()
        both.write("info", 1)
        wait_until(lambda: both.servers["info"].sent, WITHIN, "the reply of the other account")


def _reload(both: TwoAccounts) -> None:
    """As SIGHUP does, in the loop's thread."""
    loop = both.daemon._loop
    assert loop is not None
    loop.call_soon_threadsafe(both.daemon.reload)


def test_a_reload_tells_in_words_what_changed_and_when_nothing_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rules = tmp_path / "policy.yaml"
    rules.write_text(POLICY.read_text(encoding="utf-8"), encoding="utf-8")
    observing = CONFIG.replace(str(POLICY), str(rules), 1).replace("mode: live", "mode: observe")
    both = TwoAccounts(tmp_path, monkeypatch, observing, info=FakeSubmission(), sales=FakeSubmission())
    with caplog.at_level("INFO", logger="responder.daemon"), both.running():
        both.config.write_text(observing.replace("mode: observe", "mode: live\nkeep_text: never"), encoding="utf-8")
        rules.write_text(rules.read_text(encoding="utf-8").replace('"08:00-17:00"', '"08:00-17:30"', 1))
        _reload(both)
        wait_until(lambda: "reloaded" in caplog.messages, WITHIN, "the reload")
        _reload(both)
        wait_until(lambda: "reloaded: nothing has changed" in caplog.messages, WITHIN, "the second reload")
    told = [line for line in caplog.messages if "changed" in line]
    assert told == [
        "mode changed to live: customers get their answers from now on",
        "info: policy changed: Monday to Friday: now open 08:00–17:30 (before: open 08:00–17:00).",
        "keep_text changed: now never (before: 30 days)",
        "reloaded: nothing has changed",
    ]


def test_a_watched_policy_is_in_force_without_a_reload_and_a_config_half_edited_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("responder.work.policy_watch.LOOK_EVERY", 0.05)
    monkeypatch.setattr("responder.work.policy_watch.STOOD_STILL", 0.05)
    rules = tmp_path / "policy.yaml"
    rules.write_text(POLICY.read_text(encoding="utf-8"), encoding="utf-8")
    watching = CONFIG.replace(f"policy: {POLICY}", f"policy: {rules}\n    watch: yes", 1)
    info = FakeSubmission()
    both = TwoAccounts(tmp_path, monkeypatch, watching, info=info, sales=FakeSubmission())
    with caplog.at_level("INFO", logger="responder.daemon"), both.running():
        both.config.write_text("mode: li", encoding="utf-8")
        text = rules.read_text(encoding="utf-8").replace("Cảm ơn bạn đã liên hệ.", "Xin chào.", 1)
        rules.write_text(text.replace('  # - "*@doitac.example"', '  - "*@doitac.example"'), encoding="utf-8")
        wait_until(lambda: any("policy changed" in line for line in caplog.messages), WITHIN, "the new policy")
        both.boxes["info"].deliver(letter(sender="minh@doitac.example"), NIGHT)
        both.write("info", 1)
        wait_until(lambda: info.sent, WITHIN, "the reply")
    assert "Xin chào." in (info.sent[0].message.text or "")
    assert [one.recipient for one in info.tried] == ["k0@info-khach.example"], "and partners get none"
    assert [line for line in caplog.messages if "policy changed" in line] == [
        "info: policy changed: Addresses that never get anything automatic: now *@doitac.example (before: none).",
        "info: policy changed: The text “out_of_hours” (Vietnamese) was changed.",
    ]


# --- what people see of it --------------------------------------------------------------------------------------------


def test_a_night_and_the_morning_after(here: AtWork) -> None:
    here.come()
    here.work()
    assert here.sent_to() == ["Trả lời tự động: Hỏi về đơn hàng"]
    assert len(here.mailbox.sent()) == 1
    here.work(MONDAY)
    assert here.sent_to() == ["Trả lời tự động: Hỏi về đơn hàng"]
    assert [draft.to[0].address for draft in here.mailbox.drafts()] == [CUSTOMER]
    assert here.mailbox.holds(Special.DRAFTS, here.mails(OutboxKind.FOLLOW_UP)[0].message_id)


def test_a_reply_of_the_night_is_dropped_when_the_way_out_comes_back_shortly_before_the_opening() -> None:
    here = AtWork(None, UNREACHABLE, UNREACHABLE, at="2026-11-23 03:00")
    here.come()
    here.come(letter("Cần gấp báo giá.", sender="b@khac.example"))
    here.work()
    here.work("2026-11-23 06:10")
    here.work("2026-11-23 06:20")
    assert here.sent_to() == [], "the “next workday” is today"
    assert here.sent_to("b@khac.example") == ["Trả lời tự động: Hỏi về đơn hàng"], "the phone number still helps"
    assert [row.state for row in here.mails(OutboxKind.REPLY)] == [OutboxState.DROPPED, OutboxState.SENT]
    here.store.close()


def test_a_reply_of_office_hours_is_dropped_when_the_office_has_closed() -> None:
    rules = policy(
        ("    do: {alert: manager, mark: flagged}", "    do: {reply: urgent, alert: manager, mark: flagged}")
    )
    here = AtWork(rules, *[UNREACHABLE] * 2, at="2026-11-20 16:50")
    here.come(letter("Tôi muốn khiếu nại.", "Khiếu nại"))
    here.work()
    here.work("2026-11-20 17:01")
    here.work("2026-11-20 17:10")
    assert here.sent_to() == []
    assert len(here.sent_to(MANAGER)) == 1, "the manager is told all the same"
    here.store.close()


def test_a_thousand_mails_of_one_account_keep_no_mail_of_another_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info, sales = Slow(), FakeSubmission()
    both = TwoAccounts(tmp_path, monkeypatch, info=info, sales=sales)
    with both.running():
        both.write("info", 60)
        wait_until(lambda: info.sent, WITHIN, "the first of many")
        both.write("sales", 1)
        wait_until(lambda: sales.sent, WITHIN, "the other account's mail")
        assert len(info.sent) < 60, "not only after all the others"
