"""Alarms: who is told, what rings and how often, and when it stops (work/staff.py, work/wakes.py, work/outages.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from responder.config import Mode
from responder.errors import Trouble, TroubleKind
from responder.mail.language import Language
from responder.mail.message import parse
from responder.people import Person
from responder.policy.decide import Breaker, Tripped
from responder.policy.model import HOUR, Rate
from responder.store.records import AlarmKind, AlarmRow, OutboxKind, OutboxState, Transport
from responder.store.store import Store
from responder.work import notices
from responder.work.outages import Outages
from responder.work.wakes import RINGS_FOR
from tests.fakes import (
    CUSTOMER,
    MANAGER,
    OFFICE,
    ON_CALL,
    UNREACHABLE,
    AtWork,
    FakeWaker,
    Submitted,
    letter,
    local,
    policy,
)

FIRE = "Cháy kho rồi, gọi lại cho tôi ngay!"
CROSS = "Tôi rất thất vọng, tôi muốn khiếu nại."
COMMAND = {"command": ["/usr/local/bin/ring"], "repeat": "10m"}
FAILED = Trouble(TroubleKind.WAKING, "command ring", "it ended with 1", "run it by hand")
LONG_AGO = local("2020-01-01")


def office(*script: Any, mode: Mode = Mode.LIVE, quiet: str = "", wake: dict[str, Any] | None = COMMAND) -> AtWork:
    """On a Friday night; manager and person on call have these quiet hours, and this rings for both."""
    made = AtWork(None, *script, mode=mode)
    extra: dict[str, Any] = {"wake": wake} | ({"quiet": quiet} if quiet else {})
    people = {
        "manager": Person.model_validate({"name": "Quản lý", "address": MANAGER, **extra}),
        "on_call": Person.model_validate({"name": "Trực ngoài giờ", "address": ON_CALL, **extra}),
    }
    made.be(replace(made.desk, people=people))
    return made


@pytest.fixture
def here() -> Iterator[AtWork]:
    made = office()
    yield made
    made.store.close()


def after(here: AtWork, **amount: float) -> None:
    here.clock.advance(timedelta(**amount))


def alarms(store: Store) -> list[AlarmRow]:
    return list(store.ledger(None, LONG_AGO, local("2040-01-01")).alarms)


def fire(here: AtWork, sender: str = CUSTOMER) -> None:
    here.come(letter(FIRE, sender=sender))
    here.round()


# --- what rings -------------------------------------------------------------------------------------------------------


def test_an_emergency_rings_at_once_and_tells_the_program_what_it_is_about(here: AtWork) -> None:
    fire(here)
    assert here.ring() == 1
    ((program, told),) = here.waker.calls
    assert program == "/usr/local/bin/ring"
    assert (told["urgency"], told["sender"], told["person"]) == ("emergency", CUSTOMER, "Trực ngoài giờ")
    assert told["headline"].startswith("[KHẨN CẤP] Hỏi về đơn hàng")
    assert (told["number"], told["times"], told["kind"]) == ("1", "1", "message")


def test_the_mail_goes_out_too_once_however_often_it_rings(here: AtWork) -> None:
    fire(here)
    for _ in range(3):
        here.ring()
        here.send()
        after(here, minutes=10)
    assert len(here.sent_to(ON_CALL)) == 1
    assert len(here.waker.calls) == 3


def test_it_rings_again_after_the_time_that_was_written_and_counts_the_calls(here: AtWork) -> None:
    fire(here)
    here.ring()
    after(here, minutes=9)
    assert here.ring() == 0
    after(here, minutes=1)
    assert here.ring() == 1
    assert [told["times"] for _, told in here.waker.calls] == ["1", "2"]


def test_command_and_webhook_both_ring() -> None:
    here = office(wake=COMMAND | {"webhook": {"url": "https://hooks.example/x"}})
    fire(here)
    assert here.ring() == 2
    assert sorted(what for what, _ in here.waker.calls) == ["/usr/local/bin/ring", "webhook"]


def test_a_call_that_fails_is_told_tried_again_in_a_minute_and_forgotten_when_one_goes_well(here: AtWork) -> None:
    here.waker.failures = [FAILED]
    fire(here)
    assert here.ring() == 0
    assert here.troubles() == [TroubleKind.WAKING]
    after(here, minutes=1)
    assert here.ring() == 1
    assert here.troubles() == []


def test_a_call_that_failed_is_no_trouble_any_more_once_somebody_knows(here: AtWork) -> None:
    here.waker.failures = [FAILED]
    fire(here)
    here.ring()
    here.store.end_alarm(1, "minh", here.clock.now())
    after(here, minutes=1)
    here.ring()
    assert (here.waker.calls, here.troubles()) == ([], [])


def test_that_one_way_works_does_not_hide_that_the_other_fails() -> None:
    here = office(wake=COMMAND | {"webhook": {"url": "https://hooks.example/x"}})
    here.waker.failures = [FAILED]
    fire(here)
    assert (here.ring(), here.troubles()) == (1, [TroubleKind.WAKING])


def test_it_rings_while_the_mail_server_is_away() -> None:
    here = office(*[UNREACHABLE] * 5)
    fire(here)
    here.send()
    assert (here.ring(), here.sent_to(ON_CALL)) == (1, [])


def test_it_rings_in_observe_mode_too() -> None:
    here = office(mode=Mode.OBSERVE)
    fire(here)
    assert here.ring() == 1


def test_without_anything_that_rings_the_mail_alone_goes_out() -> None:
    here = office(wake=None)
    fire(here)
    assert here.ring() == 0
    assert here.send() == 2, "the alert and the reply"


def test_a_person_who_has_two_roles_is_told_once() -> None:
    here = office()
    here.be(replace(here.desk, people=dict.fromkeys(("manager", "on_call"), here.desk.people["manager"])))
    here.come(letter(f"{FIRE} {CROSS}"))
    here.round()
    here.send()
    assert (len(here.sent_to(MANAGER)), here.ring()) == (1, 1)


def test_what_rings_for_the_second_of_a_persons_roles_rings_though_nothing_does_for_the_first() -> None:
    here = office()
    both = here.desk.people["on_call"]
    here.be(replace(here.desk, people={"manager": both.model_copy(update={"wake": None}), "on_call": both}))
    here.come(letter(CROSS), local("2026-11-20 22:10"))
    here.come(letter(f"{CROSS} {FIRE}", sender="b@khac.example"))
    here.round()
    assert here.ring() == 1


def test_a_defect_in_one_call_is_told_and_the_next_customers_emergency_rings_all_the_same(here: AtWork) -> None:
    here.waker.failures = [ValueError("a template nobody foresaw")]
    fire(here)
    fire(here, sender="b@khac.example")
    assert here.ring() == 1
    assert here.troubles() == [TroubleKind.WAKING]
    after(here, minutes=1)
    assert here.ring() == 1


class Slow(FakeWaker):
    """Every call takes its time on the office's clock, and fails."""

    def __init__(self, here: AtWork) -> None:
        super().__init__()
        self.here = here

    async def run(self, command: Sequence[str], told: Mapping[str, str]) -> None:
        after(self.here, minutes=2)
        await super().run(command, told)
        raise FAILED


def test_calls_that_fail_slowly_do_not_keep_the_daemon_calling_for_ever(here: AtWork) -> None:
    here.waker = Slow(here)
    here.be(here.desk)
    for number in range(3):
        fire(here, sender=f"a@k{number}.example")
    here.ring()
    assert len(here.waker.calls) == 3


def test_what_nobody_was_called_for_in_a_day_is_called_still(here: AtWork) -> None:
    fire(here)
    after(here, hours=40)
    assert here.ring() == 1


def test_nobody_is_called_who_has_nothing_that_rings_any_more(here: AtWork) -> None:
    fire(here)
    quiet = {role: person.model_copy(update={"wake": None}) for role, person in here.desk.people.items()}
    here.be(replace(here.desk, people=quiet))
    assert here.ring() == 0
    assert [row.state for row in here.mails(OutboxKind.ALERT)] == [OutboxState.DUE, OutboxState.CANCELLED]


# --- until somebody knows ---------------------------------------------------------------------------------------------


def rings_no_more(here: AtWork) -> bool:
    calls = len(here.waker.calls)
    for _ in range(3):
        after(here, minutes=10)
        here.ring()
    return len(here.waker.calls) == calls


def test_it_stops_when_somebody_acknowledges(here: AtWork) -> None:
    fire(here)
    here.ring()
    assert here.store.end_alarm(1, "minh", here.clock.now())
    assert rings_no_more(here)
    assert (alarms(here.store)[0].ended_by, here.store.end_alarm(1, "lan", here.clock.now())) == ("minh", False)
    call = next(row for row in here.mails(OutboxKind.ALERT) if row.transport is Transport.COMMAND)
    assert (call.state, call.reason) == (OutboxState.SENT, "minh")


def alert(here: AtWork) -> Submitted:
    here.send()
    return next(one for one in here.server.sent if one.recipient == ON_CALL)


def answer(here: AtWork, sender: str = ON_CALL, **headers: str) -> None:
    """A mail in the thread of the alert."""
    thread = alert(here).message.message_id or ""
    here.come(
        letter("Anh biết rồi.", "Re: [KHẨN CẤP]", sender=sender, In_Reply_To=thread, References=thread, **headers)
    )
    here.round()


def test_it_stops_when_the_person_on_call_answers_the_mail(here: AtWork) -> None:
    fire(here)
    here.ring()
    answer(here)
    assert rings_no_more(here)
    assert alarms(here.store)[0].ended_by == ON_CALL


def test_the_answer_may_come_from_a_private_address_that_is_written_among_the_people(here: AtWork) -> None:
    private = "minh.private@gmail.example"
    people = {**here.desk.people, "on_call": here.desk.people["on_call"].model_copy(update={"address": private})}
    colleagues = here.desk.ours.colleagues | {private}
    here.be(replace(here.desk, people=people, ours=replace(here.desk.ours, colleagues=colleagues)))
    fire(here)
    here.send()
    thread = next(one for one in here.server.sent if one.recipient == private).message.message_id or ""
    here.come(letter("Ok", sender=private, In_Reply_To=thread))
    here.round()
    assert alarms(here.store)[0].ended_by == private
    assert here.sent_to(private) == ["[KHẨN CẤP] Hỏi về đơn hàng — khach@banhang.example"], "and gets no reply to it"


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"X_Auto_Response_Suppress": "All"}, {"Return_Path": "<>"}],
    ids=["absence notice", "Outlook", "bounce"],
)
def test_a_machines_answer_acknowledges_nothing(here: AtWork, headers: dict[str, str]) -> None:
    fire(here)
    here.ring()
    answer(here, **headers)
    assert not rings_no_more(here)


def test_a_strangers_mail_in_the_alerts_thread_acknowledges_nothing(here: AtWork) -> None:
    fire(here)
    here.ring()
    answer(here, sender="stranger@else.example")
    assert not rings_no_more(here)


def test_an_answer_that_repeats_the_words_of_the_emergency_is_no_new_one(here: AtWork) -> None:
    fire(here)
    here.ring()
    thread = alert(here).message.message_id or ""
    here.come(letter("OK, cháy kho rồi, tôi gọi 114.", "Re: [KHẨN CẤP]", sender=ON_CALL, In_Reply_To=thread))
    here.round()
    assert [alarm.ended_by for alarm in alarms(here.store)] == [ON_CALL]


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        (ON_CALL, {"Return_Path": "<evil@evil.example>"}),
        ("evil@evil.example", {"Sender": ON_CALL}),
        (ON_CALL, {"Authentication-Results": "mx.congty.example; dmarc=fail"}),
    ],
    ids=["a foreign Return-Path", "a colleague only as Sender", "DMARC failed"],
)
def test_a_forged_answer_acknowledges_nothing(here: AtWork, sender: str, headers: dict[str, str]) -> None:
    here.be(replace(here.desk, ours=replace(here.desk.ours, authserv_ids=frozenset({"mx.congty.example"}))))
    fire(here)
    here.ring()
    answer(here, sender=sender, **headers)
    assert not rings_no_more(here)


def test_an_absence_notice_without_any_header_acknowledges_nothing(here: AtWork) -> None:
    fire(here)
    here.ring()
    thread = alert(here).message.message_id or ""
    subject = "Trả lời tự động: KHẨN CẤP"
    here.come(letter("Em đang nghỉ phép, sẽ trả lời sau.", subject, sender=ON_CALL, In_Reply_To=thread))
    here.round()
    assert not rings_no_more(here)


def test_an_alarm_over_a_robots_mail_ends_when_a_person_takes_the_mail_away() -> None:
    here = office()
    uid = here.come(letter(FIRE, sender="noreply@monitor.example", Auto_Submitted="auto-generated"))
    here.round()
    assert here.ring() == 1
    here.mailbox.remove(uid)
    here.round()
    assert rings_no_more(here)


def test_the_mail_of_an_alarm_that_ended_before_it_went_out_stays_here() -> None:
    here = office(quiet="21:00-07:00")
    here.come(letter(CROSS))
    here.round()
    here.staff_write()
    here.round()
    here.clock.set(local("2026-11-21 07:00"))
    here.send()
    assert here.sent_to(MANAGER) == []
    assert [row.state for row in here.mails(OutboxKind.ALERT)] == [OutboxState.CANCELLED] * 2


def test_it_stops_when_a_person_answers_the_customer(here: AtWork) -> None:
    fire(here)
    here.ring()
    here.staff_write()
    here.round()
    assert rings_no_more(here)
    assert alarms(here.store)[0].ended_by == "đã có người viết thư cho người gửi"


def test_what_was_never_called_when_somebody_knew_is_cancelled(here: AtWork) -> None:
    fire(here)
    here.store.end_alarm(1, "minh", here.clock.now())
    assert here.ring() == 0
    call = next(row for row in here.mails(OutboxKind.ALERT) if row.transport is Transport.COMMAND)
    assert (call.state, call.reason) == (OutboxState.CANCELLED, "minh")


def test_after_a_day_it_stops_by_itself_and_the_alarm_stays_open(here: AtWork) -> None:
    fire(here)
    here.ring()
    here.clock.advance(RINGS_FOR)
    here.ring()
    assert rings_no_more(here)
    assert [alarm.id for alarm in here.store.open_alarms(LONG_AGO)] == [1]


def test_each_customers_emergency_is_an_alarm_of_its_own(here: AtWork) -> None:
    fire(here)
    fire(here, sender="b@khac.example")
    here.ring()
    here.store.end_alarm(1, "minh", here.clock.now())
    after(here, minutes=10)
    here.ring()
    assert [told["number"] for _, told in here.waker.calls] == ["1", "2", "2"]


# --- quiet hours ------------------------------------------------------------------------------------------------------


def test_in_quiet_hours_an_emergency_comes_through() -> None:
    here = office(quiet="21:00-07:00")
    fire(here)
    here.send()
    assert (here.ring(), len(here.sent_to(ON_CALL))) == (1, 1)


def test_in_quiet_hours_everything_else_waits_for_their_end_mail_and_all() -> None:
    here = office(quiet="21:00-07:00")
    here.come(letter(CROSS))
    here.round()
    assert (here.ring(), here.sent_to(MANAGER)) == (0, [])
    here.clock.set(local("2026-11-21 06:59"))
    here.send()
    assert (here.ring(), here.sent_to(MANAGER)) == (0, [])
    here.clock.set(local("2026-11-21 07:00"))
    here.send()
    assert (here.ring(), len(here.sent_to(MANAGER))) == (1, 1)


def test_the_reminders_respect_quiet_hours_that_begin_meanwhile() -> None:
    here = office(quiet="23:00-07:00")
    here.come(letter(CROSS))
    here.round()
    here.ring()
    here.clock.set(local("2026-11-20 22:55"))
    assert here.ring() == 1
    here.clock.set(local("2026-11-21 06:00"))
    assert here.ring() == 0
    here.clock.set(local("2026-11-21 07:00"))
    assert here.ring() == 1


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-20 20:59", None),
        ("2026-11-20 21:00", "2026-11-21 07:00"),
        ("2026-11-21 03:00", "2026-11-21 07:00"),
        ("2026-11-21 07:00", None),
        ("2026-11-21 12:30", "2026-11-21 13:00"),
        ("2026-11-20 20:30", "2026-11-20 20:45"),
        ("2026-11-20 19:59", "2026-11-20 20:45"),
    ],
)
def test_quiet_hours_run_over_midnight_and_there_may_be_several(at: str, until: str | None) -> None:
    quiet = "21:00-07:00, 12:00-13:00, 19:30-20:00, 20:00-20:45"
    person = Person.model_validate({"name": "M", "address": MANAGER, "quiet": quiet})
    assert person.quiet_until(local(at)) == (local(until) if until else None)


# --- when things break ------------------------------------------------------------------------------------------------


class Broken(Store):
    """A state on a full disk, while `is_full`."""

    is_full = False

    def settle(self, *args: Any, **more: Any) -> None:
        if self.is_full:
            raise Trouble(TroubleKind.STATE, "state", "the disk is full", "free some space")
        super().settle(*args, **more)


def test_a_state_that_could_not_take_down_the_call_ends_no_reminders() -> None:
    here = office()
    fire(here)
    here.store.__class__ = Broken
    Broken.is_full = True
    with pytest.raises(Trouble, match="disk is full"):
        here.ring()
    Broken.is_full = False
    assert here.ring() == 1, "called again: better twice than not at all"


def test_after_a_kill_in_the_middle_of_a_call_it_rings_again(here: AtWork) -> None:
    fire(here)
    assert here.store.claim(here.clock.now(), "info", ways={Transport.COMMAND}) is not None
    assert here.store.recover(here.clock.now()) == 0, "no customer's mail is in doubt"
    assert here.ring() == 1


def test_the_limit_of_alerts_counts_matters_not_calls() -> None:
    rules = policy(("  alerts: 30 per hour", "  alerts: 2 per hour"))
    here = office(wake=COMMAND | {"webhook": {"url": "https://hooks.example/x"}})
    here.be(replace(here.desk, policy=rules))
    for number in range(3):
        fire(here, sender=f"khach{number}@khach{number}.example")
    kinds = [alarm.kind for alarm in alarms(here.store)]
    assert kinds == [AlarmKind.MESSAGE, AlarmKind.MESSAGE, AlarmKind.ALERTS_HELD]


# --- a mailbox out of reach -------------------------------------------------------------------------------------------


class Away:
    """A mailbox that is not read any more, from Monday 10:00 on."""

    def __init__(self) -> None:
        self.here = office()
        self.at("2026-11-23 10:00")
        self.begin()
        self.read()

    def at(self, time: str) -> None:
        self.here.clock.set(local(time))

    def begin(self) -> None:
        """The daemon starts."""
        self.outages = Outages(self.here.desk, self.here.store, self.here.clock, self.here.clock.now())

    def read(self) -> None:
        """The mailbox can be read, once."""
        self.here.round()
        self.outages.run()

    def told(self, time: str) -> list[str]:
        """The clock leaps there, and goes on for as long as who has slept needs for a look."""
        self.at(time)
        self.outages.run()
        self.here.clock.advance(2 * self.here.desk.settings.poll)
        self.outages.run()
        self.here.send()
        return self.here.sent_to(MANAGER)


SUBJECT = f"[Công ty Ví Dụ] Không đọc được hộp thư {OFFICE}"


def test_after_an_hour_of_working_time_the_manager_is_told_once() -> None:
    away = Away()
    assert away.told("2026-11-23 10:55") == []
    assert away.told("2026-11-23 11:02") == [SUBJECT]
    assert away.told("2026-11-23 16:00") == [SUBJECT]
    assert away.here.ring() == 1
    alert = parse(away.here.server.sent[-1].content)
    assert "Từ thứ Hai, 23/11/2026, 10:00 đến nay" in alert.text


def test_a_machine_that_has_slept_for_hours_tells_nobody_before_it_could_look() -> None:
    away = Away()
    away.at("2026-11-23 15:00")
    away.outages.run()
    away.read()
    assert away.told("2026-11-23 15:30") == []


def test_the_night_is_no_working_time() -> None:
    away = Away()
    away.at("2026-11-23 16:30")
    away.read()
    assert away.told("2026-11-24 23:00") == [], "the 24th is a day off"
    assert away.told("2026-11-25 08:20") == []
    assert away.told("2026-11-25 08:40") == [SUBJECT]


def test_when_it_is_read_again_the_alarm_is_over_and_the_next_outage_is_told_anew() -> None:
    away = Away()
    away.told("2026-11-23 11:30")
    away.at("2026-11-23 13:00")
    away.read()
    assert [alarm.ended_by for alarm in alarms(away.here.store)] == ["it is over"]
    assert TroubleKind.UNREACHABLE not in away.here.troubles()
    assert away.told("2026-11-23 15:00") == [SUBJECT, SUBJECT]


def test_a_daemon_that_was_off_over_the_weekend_takes_that_for_no_outage() -> None:
    away = Away()
    away.at("2026-11-25 10:00")
    away.begin()
    assert away.told("2026-11-25 10:30") == []
    assert away.told("2026-11-25 11:05") == [SUBJECT]


def test_a_clock_that_was_set_back_hides_no_outage() -> None:
    away = Away()
    away.at("2026-11-23 16:00")
    away.read()
    assert away.told("2026-11-23 10:30") == []
    assert away.told("2026-11-23 11:40") == [SUBJECT]


def test_a_restart_in_the_middle_of_an_outage_tells_nobody_again() -> None:
    away = Away()
    away.told("2026-11-23 11:30")
    away.at("2026-11-23 13:00")
    away.begin()
    assert away.told("2026-11-23 15:00") == [SUBJECT]


@pytest.mark.parametrize("language", Language)
def test_what_is_no_customers_mail_says_how_the_calls_about_it_end(language: Language) -> None:
    info, limit = office().desk.settings, Rate(200, HOUR)
    told = [notices.unreachable(language, info, local("2026-11-20 22:10"))]
    told += [notices.breaker(language, "Công ty Ví Dụ", Tripped(what, limit)) for what in Breaker]
    assert all(notice.text.endswith(": responder ack\n") for notice in told)
