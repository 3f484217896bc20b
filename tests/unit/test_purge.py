"""Words go after `keep_text`, records after `retention`, a person when asked for; from the state file, too."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from responder.ports import PersonsMail
from responder.store.records import (
    CopyState,
    DigestRow,
    Event,
    EventKind,
    FolderPosition,
    MessageState,
    NewMail,
    NewMessage,
    OutboxKind,
    OutboxState,
    Place,
    Transport,
)
from responder.store.store import Store
from responder.work.answers import SENT_FOLDER
from responder.work.purge import BATCH, RAN, Purge
from tests.fakes import CUSTOMER, INBOX, NO_SUCH_USER, ON_CALL, AtWork, ManualClock, letter, local, policy

DAY = timedelta(days=1)
KEPT, RETAINED = 30 * DAY, 1095 * DAY
OTHER = "lan@khach.example"
EMERGENCY = "Máy chủ bị sập, toàn bộ cửa hàng không bán được hàng, cần xử lý ngay! BIMAT."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def here(path: Path) -> Iterator[AtWork]:
    """An office on a Friday night, with its state in a file."""
    made = AtWork(store=Store.open(path))
    yield made
    made.store.close()


def purge(here: AtWork, keep_text: timedelta = KEPT, retention: timedelta = RETAINED) -> int:
    """The next run of a daemon that has been running all the time."""
    here.store.set(RAN, (here.clock.now() - timedelta(minutes=1)).isoformat())
    return job(here, keep_text, retention).run()


def job(here: AtWork, keep_text: timedelta = KEPT, retention: timedelta = RETAINED) -> Purge:
    return Purge(here.store, here.clock, keep_text, retention, lambda: [here.desk])


def on_disk(path: Path, words: str) -> bool:
    """Do these words stand in the state file, or in its log?"""
    files = (path, path.with_name(f"{path.name}-wal"))
    return any(words.encode() in file.read_bytes() for file in files if file.exists())


def an_emergency(here: AtWork) -> None:
    here.come(letter(EMERGENCY, "KHẨN CẤP: hệ thống sập"))
    here.work()
    assert ON_CALL in {one.recipient for one in here.server.sent}


# ---------------------------------------------------------------- words


def test_a_customers_words_go_in_their_time_and_the_rest_of_the_record_stays(here: AtWork, path: Path) -> None:
    an_emergency(here)
    assert on_disk(path, "BIMAT")
    here.clock.advance(KEPT - DAY)
    assert not purge(here)
    [message] = here.messages()
    assert "BIMAT" in message.own_words
    assert message.words_gone_at is None

    here.clock.advance(2 * DAY)
    here.work()  # the draft of a month ago is long over
    purge(here)

    [message] = here.messages()
    assert (message.own_words, message.words_gone_at) == ("", here.clock.now())
    assert message.subject == "KHẨN CẤP: hệ thống sập"
    assert message.decision["play"] == "emergency"
    [alert] = here.mails(OutboxKind.ALERT)[:1]
    assert (alert.content, alert.text) == (None, "")
    assert (alert.state, alert.recipient) == (OutboxState.SENT, ON_CALL)
    assert not on_disk(path, "BIMAT")


def test_words_of_many_mails_leave_no_trace_in_the_file(here: AtWork, path: Path) -> None:
    """SQLite moves rows between pages: what it overwrites by itself is not all there is."""
    chance = random.Random(6)  # noqa: S311 - no secret
    for start in range(100, 1600, 50):
        with here.store.batch() as batch:
            for uid in range(start, start + 50):
                batch.add(written(uid, "BIMAT " * chance.choice([1, 3, 20, 300])), (), here.clock.now())
        for _ in range(15):
            here.store.handled([chance.randrange(1, start)], "x" * chance.randrange(900), here.clock.now())
        here.store.forget(f"{chance.randrange(100, start + 50)}@khach.example")
    assert on_disk(path, "BIMAT")
    here.clock.advance(2 * KEPT)
    purge(here)
    assert not on_disk(path, "BIMAT")


def written(uid: int, words: str) -> NewMessage:
    return NewMessage(
        Place("info", INBOX, 1, uid), MessageState.DECIDED, f"<{uid}@x.example>", (), local("2026-11-20 22:10"),
        f"{uid}@khach.example", "", "", "closed", "normal", None, {}, words, (), None,
    )  # fmt: skip


def test_what_is_still_to_be_sent_looked_up_or_filed_keeps_its_text(here: AtWork) -> None:
    states = {
        OutboxState.DUE: True,
        OutboxState.SENDING: True,
        OutboxState.UNCERTAIN: False,
        OutboxState.CLOSED: False,
        OutboxState.SENT: False,
        OutboxState.FAILED: False,
        OutboxState.DROPPED: False,
        OutboxState.CANCELLED: False,
    }
    for number, state in enumerate(states):
        here.come(letter(sender=f"k{number}@khach.example"))
        here.round()
        here.store.settle(here.mails(OutboxKind.REPLY)[-1].id, state, here.clock.now())
        if state is OutboxState.SENT:
            here.store.copied(here.mails(OutboxKind.REPLY)[-1].id)
    here.clock.advance(2 * KEPT)
    purge(here)
    assert {row.state: row.content is not None for row in here.mails(OutboxKind.REPLY)} == states


def test_a_copy_that_sent_still_lacks_keeps_its_text(here: AtWork) -> None:
    here.come()
    here.round()
    here.send()
    here.clock.advance(2 * KEPT)
    purge(here)
    [reply] = here.mails(OutboxKind.REPLY)
    assert (reply.copy, bool(reply.content)) == (CopyState.PENDING, True)


def test_a_traceback_may_quote_the_mail_and_goes_with_the_words(here: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("responder.work.triage.read", _quotes)
    here.come(letter("x", "BIMAT"))
    here.round()
    assert "BIMAT" in str(here.messages()[0].error)
    here.clock.advance(2 * KEPT)
    purge(here)
    [message] = here.messages()
    assert (message.state, message.error) == (MessageState.QUARANTINED, None)


def _quotes(message: object, *_: object, **__: object) -> None:
    raise ValueError(f"cannot read {message}")


def test_with_keep_text_never_words_are_not_written_at_all(
    here: AtWork, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.be(replace(here.desk, keeps_words=False))
    here.come(letter("Cho mình xin BIMAT báo giá trước 11h sáng mai nhé, gửi BIMAT giúp mình gấp, mình cảm ơn."))
    here.work()
    monkeypatch.setattr("responder.work.triage.read", _quotes)
    here.come(letter("BIMAT", "Thư làm hỏng chương trình"))
    here.work()
    assert not on_disk(path, "BIMAT")
    asked, broken = here.messages()
    assert (asked.own_words, asked.words_gone_at) == ("", here.clock.now())
    assert "ValueError" in str(broken.error)


def test_with_keep_text_never_an_alert_is_blank_once_it_is_sent(here: AtWork, path: Path) -> None:
    here.be(replace(here.desk, keeps_words=False))
    here.come(letter(EMERGENCY, "KHẨN CẤP: hệ thống sập"))
    here.round()
    purge(here, keep_text=timedelta())
    assert any("BIMAT" in row.text for row in here.mails(OutboxKind.ALERT)), "it is still to be sent"
    here.send()
    here.round()
    here.clock.advance(timedelta(minutes=1))
    purge(here, keep_text=timedelta())
    assert not any(row.text or row.content for row in here.mails(OutboxKind.ALERT))
    assert not on_disk(path, "BIMAT")


def test_one_run_takes_small_steps_and_does_it_all(here: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        here.come(letter(sender=f"k{number}@khach.example"))
    here.work()
    here.clock.advance(2 * KEPT)
    monkeypatch.setattr("responder.work.purge.BATCH", 2)
    steps: list[int] = []
    real = here.store.purge_words
    monkeypatch.setattr(here.store, "purge_words", lambda *args: steps.append(real(*args)) or steps[-1])
    purge(here)
    assert max(steps) <= 4  # two messages and two mails
    assert steps[-1] == 0
    assert not [row for row in here.messages() if row.own_words]


def scrubs(here: AtWork, monkeypatch: pytest.MonkeyPatch, *, works: bool = True) -> list[datetime]:
    """When the file was written anew, or would have been."""
    at: list[datetime] = []
    monkeypatch.setattr(here.store, "scrub", lambda: bool(at.append(here.clock.now())) or works)
    return at


def test_it_looks_once_a_minute_and_writes_the_file_anew_once_a_day(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrubbed = scrubs(here, monkeypatch)
    daemons = job(here, timedelta())
    here.come()
    here.work()
    daemons.run()
    here.come(letter(sender=OTHER))
    here.work()
    daemons.run()
    assert here.messages()[-1].own_words, "not before its next minute"
    here.clock.advance(timedelta(minutes=1))
    daemons.run()
    assert not here.messages()[-1].own_words
    assert len(scrubbed) == 1
    here.clock.advance(DAY)
    daemons.run()
    assert len(scrubbed) == 2
    assert BATCH > 1


def test_the_file_is_written_anew_while_nobody_works_or_after_a_day(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrubbed = scrubs(here, monkeypatch)
    here.store.forget(CUSTOMER)
    daemons = job(here)
    for at in ("2026-11-25 16:30", "2026-11-25 16:59", "2026-11-25 17:01"):
        here.clock.set(local(at))
        purge(here)
    assert scrubbed == [local("2026-11-25 17:01")]
    here.store.forget(OTHER)
    for at in ("2026-11-26 16:50", "2026-11-27 09:00", "2026-11-27 16:59", "2026-11-28 02:00"):
        here.clock.set(local(at))
        daemons.run()
    assert scrubbed[1:] == [local("2026-11-28 02:00")]


def test_an_office_that_never_closes_is_kept_waiting_after_a_day(here: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    always = policy(('mon-fri: "08:00-17:00"', 'mon-sun: "00:00-24:00"'))
    here.be(replace(here.desk, policy=always))
    scrubbed = scrubs(here, monkeypatch)
    here.store.forget(CUSTOMER)
    daemons = job(here)
    for _ in range(26):
        daemons.run()
        here.clock.advance(timedelta(hours=1))
    assert len(scrubbed) == 1


def test_a_file_that_cannot_be_written_anew_is_tried_once_an_hour(
    here: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = scrubs(here, monkeypatch, works=False)
    here.store.forget(CUSTOMER)
    daemons = job(here)
    for _ in range(120):
        daemons.run()
        here.clock.advance(timedelta(minutes=1))
    assert len(tried) == 2


def test_a_clock_that_is_ahead_for_a_while_takes_nothing_off(here: AtWork) -> None:
    here.come()
    here.work()
    daemons = job(here)
    daemons.run()
    here.clock.advance(2 * RETAINED)
    here.round()  # what is on record now tells the wrong time, too
    daemons.run()
    here.clock.advance(DAY - timedelta(minutes=1))
    job(here).run()  # the daemon was started anew
    here.clock.advance(2 * RETAINED)
    assert job(here).run() == 0, "it leaps again while it is watched"
    here.clock.set(local("2026-11-20 23:00"))
    assert job(here).run() == 0
    assert here.messages()[0].own_words


def test_a_clock_that_has_gone_on_for_a_day_is_believed(here: AtWork) -> None:
    here.come()
    here.work()
    here.clock.advance(2 * KEPT)
    job(here).run()
    assert here.messages()[0].own_words
    here.clock.advance(DAY)
    job(here).run()
    assert not here.messages()[0].own_words


# ---------------------------------------------------------------- records


def test_after_the_retention_nothing_is_left_but_the_positions(here: AtWork) -> None:
    an_emergency(here)
    here.staff_write()
    here.store.add_event(Event(here.clock.now(), EventKind.NOTE, "gọi lại", address=CUSTOMER, by="Hoa"))
    here.store.note_trouble("info", "network", "away", here.clock.now())
    here.store.end_trouble("info", ("network",), here.clock.now())
    here.work("2026-11-23 09:00")
    position = here.store.position("info", INBOX)

    here.clock.advance(RETAINED + 30 * DAY)
    purge(here)

    ledger = here.store.ledger(None, local("2020-01-01"), local("2040-01-01"))
    assert (ledger.messages, ledger.mails, ledger.troubles, ledger.alarms, ledger.events) == ((), (), (), (), ())
    assert not here.store.answers_to([f"to:{CUSTOMER}"])
    assert here.store.position("info", INBOX) == position
    assert here.store.position("info", SENT_FOLDER) is not None


def test_a_reply_is_known_as_long_as_it_counts(here: AtWork) -> None:
    here.be(replace(here.desk, policy=policy(("again_after: 20h", "again_after: 90 days"))))
    here.come()
    here.work()
    here.store.cancel(here.mails(OutboxKind.FOLLOW_UP)[0].id, "by hand", here.clock.now())
    here.clock.advance(89 * DAY)
    purge(here, retention=60 * DAY)
    here.come()
    here.work()
    assert len(here.sent_to()) == 1
    here.clock.advance(2 * DAY)
    purge(here, retention=60 * DAY)
    assert len(here.messages()) == 1, "the second mail"


def test_what_is_open_stays_however_old_it_is(here: AtWork) -> None:
    here.come()
    here.round()
    reply, follow_up = here.store.mails()
    here.clock.advance(2 * RETAINED)
    purge(here)
    assert {row.id for row in here.store.open_mails()} == {reply.id, follow_up.id}
    assert len(here.messages()) == 1


def test_what_may_have_gone_out_is_open_for_a_month(here: AtWork) -> None:
    here.come()
    here.round()
    reply, follow_up = here.store.mails()
    here.store.settle(reply.id, OutboxState.UNCERTAIN, here.clock.now())
    here.store.cancel(follow_up.id, "by hand", here.clock.now())
    here.clock.advance(29 * DAY)
    purge(here, keep_text=DAY)
    assert here.mails(OutboxKind.REPLY)[0].content is not None
    here.clock.advance(2 * DAY)
    purge(here, keep_text=DAY)
    assert here.mails(OutboxKind.REPLY)[0].content is None
    here.clock.advance(RETAINED)
    purge(here)
    assert here.messages() == []


def test_why_a_mail_failed_is_told_by_the_next_report_and_then_only_its_codes_stay(path: Path) -> None:
    here = AtWork(None, NO_SUCH_USER, NO_SUCH_USER, store=Store.open(path))
    here.come()
    here.work()
    here.clock.advance(DAY)
    purge(here, keep_text=timedelta())
    assert here.mails(OutboxKind.REPLY)[0].reason == "550 5.1.1 no such user"
    now = here.clock.now()
    here.store.add_digest(DigestRow("info", "2026-11-21", now - 2 * DAY, now), (), now)
    purge(here, keep_text=timedelta())
    reply = here.mails(OutboxKind.REPLY)[0]
    assert (reply.state, reply.reason, reply.content) == (OutboxState.FAILED, "550 5.1.1", None)
    here.store.close()


def test_a_sent_mail_whose_copy_is_owed_keeps_its_message(here: AtWork) -> None:
    here.come()
    here.round()
    here.send()
    here.store.cancel(here.mails(OutboxKind.FOLLOW_UP)[0].id, "by hand", here.clock.now())
    here.clock.advance(2 * RETAINED)
    purge(here)
    assert len(here.messages()) == 1


def test_the_last_digest_stays_so_that_the_next_begins_where_it_ended(here: AtWork) -> None:
    for day in (20, 23):
        at = local(f"2026-11-{day} 08:00")
        here.store.add_digest(DigestRow("info", f"2026-11-{day}", at - DAY, at), (), at)
    here.clock.advance(2 * RETAINED)
    purge(here)
    last = here.store.last_digest("info")
    assert last is not None
    assert last.date == "2026-11-23"


def test_an_old_customer_does_not_become_new_while_anything_tells_of_them(here: AtWork) -> None:
    silent, written_to, writes = "im@khach.example", "duoc-tra-loi@khach.example", "viet@khach.example"
    here.store.learn([silent, written_to, writes], here.clock.now())
    here.clock.advance(RETAINED + DAY)
    answer = PersonsMail("<a@congty.example>", here.clock.now(), (written_to,), ())
    here.store.add_answers(
        "info", [answer], FolderPosition("info", SENT_FOLDER, 1, 1, local("2026-01-01"), here.clock.now())
    )
    here.come(letter(sender=writes))
    here.round()
    purge(here)
    assert not here.store.held(silent).is_known
    assert here.store.held(written_to).is_known
    assert here.store.held(writes).is_known


# ---------------------------------------------------------------- one person


def test_a_person_is_forgotten_and_nobody_else(here: AtWork, path: Path) -> None:
    an_emergency(here)
    here.come(letter("Cho hỏi giá", "Hỏi giá", sender=OTHER))
    here.staff_write(to=f"{CUSTOMER}, {OTHER}")
    here.store.add_event(Event(here.clock.now(), EventKind.NOTE, "gọi lại", address=CUSTOMER, by="Hoa"))
    here.store.learn([CUSTOMER, OTHER], here.clock.now())
    here.work("2026-11-23 09:00")

    held = here.store.forget(CUSTOMER)
    assert here.store.scrub()

    assert (held.messages, held.alarms, held.notes, held.answers, held.is_known) == (1, 1, 1, 1, True)
    assert here.store.held(CUSTOMER).is_nothing
    for words in ("BIMAT", CUSTOMER, "gọi lại"):
        assert not on_disk(path, words), words
    [other] = here.messages()
    assert other.sender == OTHER
    assert here.store.held(OTHER).is_known
    assert here.store.answers_to([f"to:{OTHER}"])
    here.work()
    assert len(here.messages()) == 1, "nothing is read again"


def test_a_report_that_names_the_person_is_blanked(here: AtWork, path: Path) -> None:
    report = NewMail(
        OutboxKind.DIGEST, Transport.SMTP, OutboxState.SENT, "info", "quanly@congty.example", "digest", "vi", "x",
        "<d@congty.example>", b"khach", f"Cần trả lời: Khách <{CUSTOMER}>", here.clock.now(),
    )  # fmt: skip
    here.store.add_mail(report, here.clock.now())
    assert here.store.forget(CUSTOMER).reports == 1
    [row] = here.mails(OutboxKind.DIGEST)
    assert (row.content, row.text) == (None, "")


def test_the_number_of_a_forgotten_row_is_never_given_again(here: AtWork) -> None:
    """A daemon that runs may hold it, and would take the next customer's mail for it."""
    here.come()
    here.round()
    gone = {row.id for row in here.store.mails()}, here.messages()[0].id
    here.store.forget(CUSTOMER)
    here.come(letter(sender=OTHER))
    here.round()
    assert not gone[0] & {row.id for row in here.store.mails()}
    assert here.messages()[0].id != gone[1]


def test_forgetting_while_a_mail_is_on_its_way_harms_nothing(here: AtWork) -> None:
    here.come()
    here.round()
    claimed = here.store.claim(here.clock.now(), "info")
    assert claimed is not None
    here.store.forget(CUSTOMER)
    here.store.settle(claimed.id, OutboxState.SENT, here.clock.now())
    here.work("2026-11-23 09:00")
    assert here.drafts() == []


def test_a_refused_mail_is_no_reason_to_remember(path: Path) -> None:
    here = AtWork(None, NO_SUCH_USER, store=Store.open(path), clock=ManualClock(local("2026-11-20 22:10")))
    here.come()
    here.work()
    here.store.forget(CUSTOMER)
    assert here.store.held(CUSTOMER).is_nothing
    here.store.close()
