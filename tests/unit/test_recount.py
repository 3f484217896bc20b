"""replay/recount.py: the mails on record under two policies; and how it is told after a reload and in the digest."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from responder.daemon import parts
from responder.mail.addresses import Address
from responder.mail.language import Language
from responder.mail.ours import Ours
from responder.policy import again
from responder.policy.again import Kept
from responder.policy.decide import ActionKind
from responder.policy.model import Policy
from responder.replay import entry, recount_words
from responder.replay import recount as counting
from responder.replay.cause_words import CAUSES
from responder.replay.differences import difference
from responder.replay.recount import EXAMPLES, NOTHING, Question, Recount, recount
from responder.replay.recount_words import headline, told
from responder.replay.recounts import Recounts
from responder.replay.seats import Seat
from responder.store.records import Event, EventKind
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.digest import FIRST_START
from tests.cli_office import CUSTOMER, POLICY, CliOffice, mail, make_office
from tests.fakes import desk, local, policy
from tests.servers.waiting import wait_until
from tests.watched_office import WITHIN, WatchedOffice, watched

__all__ = ["watched"]

ADDRESS = {"info": "info@congty.example"}
GAP = "Thứ Bảy tuần sau cần áo thun, nhờ em lo giúp."
WORD = ("words: [", "words: [áo thun, ")
SATURDAYS = ('mon-fri: "08:00-17:00"', 'mon-fri: "08:00-17:00"\n  sat: "08:00-23:00"')


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    """After first contact, on the Saturday night."""
    made = make_office(tmp_path, monkeypatch)
    made.triage()
    return made


def came(office: CliOffice, *mails: bytes) -> None:
    for content in mails:
        office.box.deliver(content, office.clock.now())
        office.clock.advance(timedelta(minutes=1))
    office.triage()


def under(office: CliOffice, after: Policy, before: Policy | None = None, **given: object) -> Recount:
    store = Store.open(office.state)
    try:
        asked = Question(before or policy(), after, ADDRESS)
        return recount(store, asked, office.clock.now(), **given)  # type: ignore[arg-type]
    finally:
        store.close()


def test_a_word_that_is_added_counts_the_mails_that_have_it_each_with_the_reason(office: CliOffice) -> None:
    came(office, mail("Cho em hỏi còn áo thun không?"), mail("Cho em hỏi giờ mở cửa."), mail("Áo thun xanh còn không?"))
    found = under(office, policy(WORD))
    assert (found.compared, found.differing, found.forgotten, found.is_cut) == (3, 2, 0, False)
    assert headline(found, Language.VI) == "2 trên 3 thư của 30 ngày qua sẽ được xử lý khác đi."
    assert headline(found, Language.EN) == "2 of 3 mails of the last 30 days would be treated differently."
    newest = told(found.examples[0], Language.VI)
    assert newest.mail == "thứ Bảy, 21/11/2026, 22:12 “Hỏi hàng”"
    assert newest.instead == (
        "bình thường → cần gấp", "trả lời tự động: out_of_hours → urgent", "đánh dấu: không → gắn cờ"
    )  # fmt: skip
    assert newest.because == "vì có thêm từ “áo thun” (urgent)"


def test_where_the_answer_only_comes_at_another_time_both_times_are_told(office: CliOffice) -> None:
    came(office, mail())
    [only] = under(office, policy(('mon-fri: "08:00-17:00"', 'mon-fri: "09:00-17:00"'))).examples
    assert told(only, Language.EN).instead == (
        "next-workday mail: Monday, 23 November 2026, 08:00 → Monday, 23 November 2026, 09:00",
    )


def test_a_veto_stays_a_veto_and_whom_the_policy_never_answers_is_asked_again(office: CliOffice) -> None:
    came(office, mail("Cho em hỏi còn áo thun không?", Auto_Submitted="auto-replied"))
    assert under(office, policy(SATURDAYS)).differing == 0
    came(office, mail("Cho em hỏi giờ mở cửa."))
    found = under(office, policy(('  # - "*@doitac.example"', '  - "*@khach.example"')))
    assert (found.compared, found.differing) == (2, 1)
    assert told(found.examples[0], Language.VI).instead[0] == "trả lời tự động: out_of_hours → không"


def test_a_play_that_only_has_another_name_is_no_difference(office: CliOffice) -> None:
    came(office, mail())
    assert under(office, policy(("name: out-of-hours", "name: at night"))).differing == 0


@pytest.mark.parametrize(
    "change", [("name: out-of-hours", "name: at night"), WORD, SATURDAYS, ('mon-fri: "08:00-', 'mon-fri: "09:00-')]
)
def test_a_recount_and_a_proposal_mean_the_same_by_different(change: tuple[str, str]) -> None:
    to, sender = Address("", ADDRESS["info"]), Address("", CUSTOMER)
    for text in ("Cho em hỏi còn áo thun không?", "Cho em hỏi giờ mở cửa.", "Cần gấp báo giá áo thun ạ"):
        one = Kept("Hỏi hàng", text, sender, to, local("2026-11-21 22:10"))
        rules = (policy(), policy(change))
        decisions = [again.again(one, each) for each in rules]
        entries = [
            entry.of_decision("1", Seat("info", rule, Ours()), again.message_of(one), decision)
            for rule, decision in zip(rules, decisions, strict=True)
        ]
        is_other = difference(*entries) is not None
        assert (again.outcome(decisions[0]) != again.outcome(decisions[1])) is is_other


def test_mails_whose_words_are_forgotten_cannot_be_compared_and_are_counted(office: CliOffice) -> None:
    came(office, mail("Áo thun đỏ?"), mail("Áo thun xanh?"))
    store = Store.open(office.state)
    store.purge_words(office.clock.now() + timedelta(days=1), office.clock.now(), 10)
    store.close()
    found = under(office, policy(WORD))
    assert (found.compared, found.forgotten) == (0, 2)
    assert headline(found, Language.VI) == (
        "Chưa có thư nào của 30 ngày qua để so. 2 thư không so được vì lời khách không còn được lưu."
    )


def test_older_onethan_that_of_thirty_days_is_not_looked_at(office: CliOffice) -> None:
    came(office, mail("Áo thun đỏ?"))
    office.clock.advance(timedelta(days=31))
    assert under(office, policy(WORD)) == NOTHING


@pytest.mark.parametrize("portion", [1, 2, 50])
def test_of_very_many_only_the_newest_are_looked_at_and_that_is_said(
    portion: int, office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST", 3)
    monkeypatch.setattr(counting, "PORTION", portion)
    came(office, *(mail(f"Áo thun số {number}?", f"Thư {number}") for number in range(4)))
    found = under(office, policy(WORD))
    assert (found.compared, found.is_cut) == (3, True)
    assert [each.after.subject for each in found.examples] == ["Thư 3", "Thư 2", "Thư 1"]
    assert headline(found, Language.EN).endswith("Only the newest 3 were compared.")


def test_it_ends_between_two_mails_when_it_is_told_to(office: CliOffice) -> None:
    came(office, *(mail(f"Áo thun số {number}?") for number in range(3)))
    left = iter([True, False])
    found = under(office, policy(WORD), goes_on=lambda: next(left))
    assert (found.compared, found.is_cut) == (1, True)


def test_the_examples_show_each_kind_of_difference_before_a_second_of_one(office: CliOffice) -> None:
    came(office, mail("Giờ mở cửa?", "Cũ"), *(mail(f"Áo thun số {n}?", f"Thư {n}") for n in range(EXAMPLES + 1)))
    found = under(office, policy(WORD, ("words: [áo thun, ", "words: [áo thun, giờ mở cửa, ")))
    assert len(found.examples) == EXAMPLES
    assert "Cũ" in [each.after.subject for each in found.examples[:2]]


def test_every_word_stands_in_both_languages() -> None:
    for words in (recount_words.SAYS, recount_words.DEEDS, CAUSES):
        assert words[Language.VI].keys() == words[Language.EN].keys()
    assert set(recount_words.DEEDS[Language.VI]) == set(ActionKind)


# ---------------------------------------------------------------- after a reload


def desks(*pieces: tuple[str, str]) -> dict[str, Desk]:
    return {"info": desk(policy(*pieces))}


def test_several_reloads_are_counted_once_against_the_policy_before_the_first() -> None:
    recounts = Recounts(Store.open(None), desk_clock())
    recounts.ask(desks(), desks(WORD))
    recounts.ask(desks(WORD), desks(SATURDAYS))
    [(name, change)] = recounts.take().items()
    assert (name, change.before, change.desk.policy) == ("info", policy(), policy(SATURDAYS))
    assert recounts.take() == {}


def test_what_was_taken_back_or_never_changed_is_not_counted() -> None:
    recounts = Recounts(Store.open(None), desk_clock())
    recounts.ask(desks(), desks())
    recounts.ask(desks(), desks(WORD))
    recounts.ask(desks(WORD), desks())
    assert recounts.take() == {}


def desk_clock() -> parts.SystemClock:
    return parts.SystemClock()


def told_by(office: CliOffice, caplog: pytest.LogCaptureFixture, *, goes_on: bool = True) -> tuple[Event, ...]:
    store = Store.open(office.state)
    recounts = Recounts(store, office.clock)
    recounts.ask(desks(), desks(WORD))
    with caplog.at_level(logging.INFO):
        for change in recounts.take().values():
            recounts.tell(change, lambda: goes_on)
    events = store.ledger("info", local("2026-11-01 00:00"), office.clock.now() + timedelta(days=1)).events
    store.close()
    return events


def test_the_journal_has_the_number_and_no_word_of_a_customer(
    office: CliOffice, caplog: pytest.LogCaptureFixture
) -> None:
    came(office, mail("Áo thun đỏ?", "Chuyện riêng"))
    number, example = told_by(office, caplog)
    assert caplog.messages == ["info: policy: 1 of 1 mails of the last 30 days would be treated differently."]
    assert number.text == "1 trên 1 thư của 30 ngày qua sẽ được xử lý khác đi."
    assert "Chuyện riêng" in example.text
    assert (example.kind, example.address) == (EventKind.EFFECT, CUSTOMER)


def test_a_stop_in_the_midst_loses_the_count_and_nothing_else(
    office: CliOffice, caplog: pytest.LogCaptureFixture
) -> None:
    came(office, mail("Áo thun đỏ?"))
    assert told_by(office, caplog, goes_on=False) == ()
    assert caplog.messages == []


def test_whoever_is_forgotten_is_no_example_any_more(office: CliOffice, caplog: pytest.LogCaptureFixture) -> None:
    came(office, mail("Áo thun đỏ?", "Chuyện riêng"))
    told_by(office, caplog)
    assert office.run("ledger", "forget", CUSTOMER, "--yes").exit_code == 0
    store = Store.open(office.state)
    left = store.ledger("info", local("2026-11-01 00:00"), office.clock.now() + timedelta(days=1)).events
    store.close()
    assert [each.text for each in left] == ["1 trên 1 thư của 30 ngày qua sẽ được xử lý khác đi."]


def test_the_report_tells_the_number_and_the_mails_in_one_entry(
    office: CliOffice, caplog: pytest.LogCaptureFixture
) -> None:
    came(office, mail("Áo thun đỏ?", "<b>Đỏ</b>"), mail("Áo thun xanh?", "Xanh"))
    told_by(office, caplog)
    store = Store.open(office.state)
    store.set(FIRST_START, local("2026-11-20 08:00").isoformat())
    store.close()
    page = office.folder / "digest.html"
    result = office.run("digest", "--preview", "--html", page)
    assert result.exit_code == 0
    html = page.read_text(encoding="utf-8")
    assert html.count("Thử quy định mới trên thư cũ.") == 1
    assert "Thử quy định mới trên thư cũ. 2 trên 2 thư của 30 ngày qua sẽ được xử lý khác đi." in html
    assert "– thứ Bảy, 21/11/2026, 22:11 “Xanh”: bình thường → cần gấp; trả lời tự động: out_of_hours → urgent" in html
    assert "&lt;b&gt;Đỏ&lt;/b&gt;" in html
    assert "<b>Đỏ" not in html


def test_a_daemon_takes_the_policy_at_once_and_tells_afterwards_what_it_changes(
    watched: WatchedOffice, caplog: pytest.LogCaptureFixture
) -> None:
    office = watched.office
    rules = office.folder / "policy.yaml"

    with caplog.at_level(logging.INFO, "responder"), watched.running(""):
        office.box.deliver(mail("Cho em hỏi còn áo thun không?"), office.clock.now())
        made = watched.daemon
        assert made is not None
        assert made._loop is not None
        made.look()
        wait_until(lambda: made.store.last_arrival("info") is not None, WITHIN, "the mail is on record")
        shipped = POLICY.read_text(encoding="utf-8")
        rules.write_text(shipped.replace("    words: [\n", "    words: [áo thun,\n", 1), encoding="utf-8")
        office.write_config(policy=rules)
        made._loop.call_soon_threadsafe(made.reload)
        wait_until(
            lambda: any(" mails of the last 30 days" in line for line in caplog.messages),
            WITHIN,
            f"the count is told: {caplog.messages}",
        )
    assert [line for line in caplog.messages if line.startswith("info: policy")] == [
        "info: policy changed: Words of “urgent”: 1 added (áo thun).",
        "info: policy: 1 of 1 mails of the last 30 days would be treated differently.",
    ]
