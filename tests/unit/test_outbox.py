"""work/outbox.py: everything is sent once, tried again when that may help, and given up in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from responder.config import Mode, Sends
from responder.errors import Trouble, TroubleKind
from responder.ports import Outcome, OutcomeKind, SmtpStep
from responder.store.records import NewMail, OutboxKind, OutboxRow, OutboxState, Transport
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.outbox import ALERT_WAIT, CLOCK_PATIENCE, GIVE_UP, RETRIES, Outbox
from responder.work.pauses import Pause
from responder.work.way_out import LONGEST_CLOSED
from tests.fakes import (
    CUSTOMER,
    GREYLISTED,
    IN_DOUBT,
    MANAGER,
    NO_NULL_SENDER,
    NO_SUCH_USER,
    OFFICE,
    SENT,
    UNREACHABLE,
    FakeSubmission,
    ManualClock,
    desk,
    local,
)

NIGHT = local("2026-11-20 22:10")
OPENING = local("2026-11-23 08:00")
MINUTE = timedelta(minutes=1)
NO_NULL_SENDER_AT_RCPT = Outcome(OutcomeKind.PERMANENT, SmtpStep.RECIPIENT, "550 5.7.1 <>: sender rejected")


def limited(desk_: Desk, sends: Sends) -> Desk:
    """As much as the provider lets it send."""
    return replace(desk_, settings=desk_.settings.model_copy(update={"sends": sends}))


class Room:
    """An outbox with its store, its clock and a server that answers by a script."""

    def __init__(self, *script: Outcome, mode: Mode = Mode.LIVE, sends: Sends | None = None) -> None:
        self.store = Store.open(None)
        self.clock = ManualClock(NIGHT)
        self.server = FakeSubmission(*script)
        self.desk = limited(desk(mode=mode), sends or Sends())
        self.outbox = Outbox(self.desk, self.store, self.clock, self.server)

    def owe(
        self,
        kind: OutboxKind = OutboxKind.REPLY,
        *,
        not_after: timedelta | None = None,
        account: str = "info",
        state: OutboxState = OutboxState.DUE,
    ) -> None:
        number = len(self.store.mails()) + 1
        now = self.clock.now()
        mail = NewMail(
            kind=kind,
            transport=Transport.SMTP,
            state=state,
            account=account,
            recipient=CUSTOMER if kind.to_customer else MANAGER,
            template="out_of_hours",
            language="vi",
            envelope_from="" if kind is OutboxKind.REPLY else OFFICE,
            message_id=f"<responder.{number}@congty.example>",
            content=f"Subject: {number}\r\n\r\nCam on ban.\r\n".encode(),
            text="Cảm ơn bạn.",
            due_at=now,
            not_after=now + not_after if not_after else None,
        )
        self.store.add_mail(mail, now)

    def run(self) -> int:
        return asyncio.run(self.outbox.run(lambda: False))

    def restart(self) -> None:
        self.outbox = Outbox(self.desk, self.store, self.clock, self.server)

    def after(self, amount: timedelta) -> int:
        self.clock.advance(amount)
        return self.run()

    def row(self, number: int = 1) -> OutboxRow:
        found = self.store.mail(number)
        assert found is not None
        return found

    def tries(self) -> int:
        return len(self.server.tried)

    def troubles(self) -> list[str]:
        return [trouble.kind for trouble in self.store.open_troubles()]


@pytest.fixture(autouse=True)
def _closed_rooms(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    rooms: list[Room] = []
    make = Room.__init__

    def remember(room: Room, *script: Outcome, **settings: Any) -> None:
        make(room, *script, **settings)
        rooms.append(room)

    monkeypatch.setattr(Room, "__init__", remember)
    yield
    for room in rooms:
        room.store.close()


def test_what_is_due_goes_out_once_with_the_frozen_bytes() -> None:
    room = Room()
    room.owe()
    assert room.run() == 1
    assert room.run() == 0
    [sent] = room.server.sent
    assert (sent.envelope_from, sent.recipient) == ("", CUSTOMER)
    assert sent.content == b"Subject: 1\r\n\r\nCam on ban.\r\n"
    assert room.row().state is OutboxState.SENT


def test_an_alert_overtakes_the_replies_that_wait() -> None:
    room = Room()
    room.owe()
    room.owe(OutboxKind.ALERT)
    room.run()
    assert [sent.recipient for sent in room.server.sent] == [MANAGER, CUSTOMER]


def test_when_asked_to_stop_nothing_more_is_claimed() -> None:
    room = Room()
    room.owe()
    assert asyncio.run(room.outbox.run(lambda: True)) == 0
    assert room.row().state is OutboxState.DUE
    assert room.tries() == 0


def test_a_temporary_failure_is_tried_again_later_and_later() -> None:
    room = Room(*[GREYLISTED] * (len(RETRIES) + 2))
    room.owe()
    room.run()
    for number, wait in enumerate((*RETRIES, RETRIES[-1]), start=1):
        assert room.tries() == number
        room.after(wait - timedelta(seconds=1))
        assert room.tries() == number, f"not before {wait}"
        room.after(timedelta(seconds=1))
    assert room.tries() == len(RETRIES) + 2
    assert "greylisted" in room.row().reason
    room.after(RETRIES[-1])
    assert room.row().state is OutboxState.SENT


def test_after_two_days_of_temporary_failures_a_mail_is_given_up() -> None:
    room = Room(*[GREYLISTED] * 200)
    room.owe(OutboxKind.DIGEST)
    while room.clock.now() - NIGHT <= GIVE_UP:
        assert room.row().state is OutboxState.DUE
        room.after(RETRIES[-1])
    assert room.row().state is OutboxState.FAILED
    assert "greylisted" in room.row().reason
    tries = room.tries()
    room.after(timedelta(days=1))
    assert room.tries() == tries


@pytest.mark.parametrize("kind", [OutboxKind.ALERT, OutboxKind.DIGEST])
def test_days_in_which_the_server_was_away_are_not_held_against_a_mail(kind: OutboxKind) -> None:
    room = Room(UNREACHABLE, GREYLISTED)
    room.owe(kind)
    room.run()
    room.after(GIVE_UP + timedelta(hours=1))
    assert room.row().state is OutboxState.DUE
    room.after(RETRIES[0])
    assert room.row().state is OutboxState.SENT


def test_a_reply_that_was_put_off_until_the_office_opened_is_dropped() -> None:
    room = Room(GREYLISTED)
    room.owe(not_after=timedelta(seconds=30))
    room.run()
    room.after(MINUTE)
    assert room.row().state is OutboxState.DROPPED
    assert room.tries() == 1


def test_a_permanent_failure_is_not_tried_again() -> None:
    room = Room(NO_SUCH_USER)
    room.owe(OutboxKind.FOLLOW_UP)
    room.run()
    assert room.row().state is OutboxState.FAILED
    assert room.row().reason == "550 5.1.1 no such user"
    room.after(timedelta(days=1))
    assert room.tries() == 1


def test_one_failure_does_not_hold_up_the_others() -> None:
    room = Room(NO_SUCH_USER, GREYLISTED)
    for _ in range(3):
        room.owe(OutboxKind.FOLLOW_UP)
    assert room.run() == 1
    assert [row.state for row in room.store.mails()] == [OutboxState.FAILED, OutboxState.DUE, OutboxState.SENT]


def test_an_alert_is_never_put_off_for_more_than_two_minutes() -> None:
    room = Room(*[GREYLISTED] * 12)
    room.owe(OutboxKind.ALERT)
    room.run()
    for number in range(2, 14):
        room.after(ALERT_WAIT)
        assert room.tries() == number
    assert timedelta(minutes=2) >= ALERT_WAIT
    assert room.row().state is OutboxState.SENT


def test_a_follow_up_that_waited_over_the_weekend_is_tried_again_after_greylisting() -> None:
    """It was put on record more than two days ago, but this is its first try."""
    room = Room(GREYLISTED)
    room.owe(OutboxKind.FOLLOW_UP)
    room.clock.set(local("2026-11-23 08:00"))
    room.run()
    assert room.row().state is OutboxState.DUE
    room.after(RETRIES[0])
    assert room.row().state is OutboxState.SENT


# --- the disk is full -------------------------------------------------------------------------------------------------


class FullDisk:
    """`Store.settle` fails so often, then works."""

    def __init__(self, store: Store, times: int) -> None:
        self._settle = store.settle
        self.times = times

    def __call__(self, *args: object, **more: object) -> None:
        if self.times:
            self.times -= 1
            raise Trouble(TroubleKind.STATE, "state.db", "the disk is full", "free some space")
        self._settle(*args, **more)  # type: ignore[arg-type]


def test_what_went_out_but_could_not_be_recorded_is_recorded_before_anything_else_goes_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Room()
    room.owe(OutboxKind.ALERT)
    room.owe(OutboxKind.ALERT)
    monkeypatch.setattr(room.store, "settle", FullDisk(room.store, 2))
    for _ in range(2):
        with pytest.raises(Trouble, match="disk is full"):
            room.run()
    assert room.tries() == 1, "nothing else goes out while the first is not on record"
    room.run()
    assert [row.state for row in room.store.mails()] == [OutboxState.SENT] * 2
    assert room.tries() == 2


def test_a_failure_that_could_not_be_recorded_is_recorded_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(NO_SUCH_USER)
    room.owe(OutboxKind.FOLLOW_UP)
    monkeypatch.setattr(room.store, "settle", FullDisk(room.store, 1))
    with pytest.raises(Trouble, match="disk is full"):
        room.run()
    room.run()
    assert (room.row().state, room.row().reason) == (OutboxState.FAILED, "550 5.1.1 no such user")
    assert room.tries() == 1


def test_a_reload_while_the_disk_is_full_forgets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room()
    room.owe(OutboxKind.ALERT)
    monkeypatch.setattr(room.store, "settle", FullDisk(room.store, 1))
    with pytest.raises(Trouble, match="disk is full"):
        room.run()
    room.outbox.take(room.desk)
    room.run()
    assert (room.row().state, room.tries()) == (OutboxState.SENT, 1)


# --- observe mode -----------------------------------------------------------------------------------------------------


def test_back_in_observe_mode_customers_get_nothing_that_was_due_and_staff_still_hear() -> None:
    room = Room(mode=Mode.OBSERVE)
    for kind in OutboxKind:
        room.owe(kind)
    assert room.run() == 2
    assert {sent.recipient for sent in room.server.sent} == {MANAGER}
    states = {row.kind: row.state for row in room.store.mails()}
    assert states[OutboxKind.REPLY] is OutboxState.DUE
    assert states[OutboxKind.FOLLOW_UP] is OutboxState.DUE


class During(FakeSubmission):
    """While the server thinks about the first mail, or (`is_on_its_way`) has its text already, something happens."""

    def __init__(self, happens: Callable[[], None], *, is_on_its_way: bool = True) -> None:
        super().__init__()
        self._happens = happens
        self._is_on_its_way = is_on_its_way

    async def submit(
        self, envelope_from: str, recipient: str, content: bytes, may_go: Callable[[], bool] = lambda: True
    ) -> Outcome:
        is_first = not self.tried
        if is_first and not self._is_on_its_way:
            self._happens()
        outcome = await super().submit(envelope_from, recipient, content, may_go)
        if is_first and self._is_on_its_way:
            self._happens()
        return outcome


def test_what_comes_too_late_while_the_server_thinks_about_it_is_held_back_at_the_last_moment() -> None:
    """The server took its time, or the machine was asleep, since the mail was claimed."""
    room = Room()
    room.server = During(lambda: room.clock.set(OPENING), is_on_its_way=False)
    room.outbox = Outbox(room.desk, room.store, room.clock, room.server)
    room.owe(OutboxKind.REPLY, not_after=OPENING - NIGHT)
    assert room.run() == 0
    assert room.after(MINUTE) == 0
    assert room.server.sent == []
    assert room.row().state is OutboxState.DROPPED


def test_a_pause_that_begins_while_the_server_thinks_holds_back_that_mail_too() -> None:
    room = Room()
    paused = replace(room.desk, paused=Pause("wrong texts", NIGHT))
    room.server = During(lambda: room.outbox.take(paused), is_on_its_way=False)
    room.outbox = Outbox(room.desk, room.store, room.clock, room.server)
    room.owe(OutboxKind.REPLY)
    assert room.run() == 0
    assert [row.state for row in room.store.mails()] == [OutboxState.DUE]


def test_a_pause_that_begins_while_mail_goes_out_holds_back_the_rest() -> None:
    room = Room()
    paused = replace(room.desk, paused=Pause("wrong texts", NIGHT))
    room.server = During(lambda: room.outbox.take(paused))
    room.outbox = Outbox(room.desk, room.store, room.clock, room.server)
    for kind in (OutboxKind.REPLY, OutboxKind.REPLY, OutboxKind.DIGEST):
        room.owe(kind)
    assert room.run() == 2
    assert [row.state for row in room.store.mails()] == [OutboxState.SENT, OutboxState.DUE, OutboxState.SENT]


def test_a_clock_that_is_set_back_while_mail_goes_out_holds_back_the_rest() -> None:
    room = Room()
    room.server = During(lambda: room.clock.advance(-timedelta(days=1)))
    room.outbox = Outbox(room.desk, room.store, room.clock, room.server)
    room.owe()
    room.clock.advance(-MINUTE)
    room.owe()
    room.run()
    assert len(room.server.sent) == 1
    assert room.troubles() == [TroubleKind.CLOCK]


def test_a_reply_that_observe_mode_held_back_is_dropped_when_it_is_no_longer_true() -> None:
    room = Room(mode=Mode.OBSERVE)
    room.owe(not_after=timedelta(hours=1))
    room.run()
    room.after(timedelta(hours=1))
    assert room.row().state is OutboxState.DROPPED
    assert room.tries() == 0


# --- in doubt ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [OutboxKind.REPLY, OutboxKind.FOLLOW_UP])
def test_customer_mail_whose_fate_is_unknown_is_never_sent_again(kind: OutboxKind) -> None:
    room = Room(IN_DOUBT)
    room.owe(kind)
    room.run()
    assert room.row().state is OutboxState.UNCERTAIN
    assert room.row().reason
    room.after(timedelta(days=1))
    assert room.tries() == 1


@pytest.mark.parametrize("kind", [OutboxKind.ALERT, OutboxKind.DIGEST])
def test_staff_mail_whose_fate_is_unknown_is_sent_again_under_the_same_message_id(kind: OutboxKind) -> None:
    room = Room(IN_DOUBT)
    room.owe(kind)
    room.run()
    assert room.row().state is OutboxState.DUE
    room.after(RETRIES[0])
    assert room.row().state is OutboxState.SENT
    assert room.tries() == 2
    assert len({tried.content for tried in room.server.tried}) == 1


# --- the null sender --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", [NO_NULL_SENDER, NO_NULL_SENDER_AT_RCPT])
def test_a_reply_refused_for_its_null_sender_goes_out_under_the_offices_address(refusal: Outcome) -> None:
    room = Room(refusal)
    room.owe()
    assert room.run() == 1
    assert [tried.envelope_from for tried in room.server.tried] == ["", OFFICE]
    assert room.row().state is OutboxState.SENT


def test_the_refusal_is_remembered_and_the_next_reply_does_not_try_again() -> None:
    room = Room(NO_NULL_SENDER)
    room.owe()
    room.run()
    room.owe()
    room.run()
    assert [tried.envelope_from for tried in room.server.tried] == ["", OFFICE, OFFICE]
    assert [room.row(number).envelope_from for number in (1, 2)] == [OFFICE, OFFICE], "a bounce of it would come to us"


def test_a_refusal_is_remembered_over_a_restart() -> None:
    room = Room(NO_NULL_SENDER)
    room.owe()
    room.run()
    room.restart()
    room.owe()
    room.run()
    assert [tried.envelope_from for tried in room.server.tried] == ["", OFFICE, OFFICE]
    told = room.store.setting("null_sender_refused:info")
    assert told is not None
    assert datetime.fromisoformat(told) == room.clock.now(), "not what the server said: that may quote the address"


def test_after_a_month_the_null_sender_is_tried_again_and_a_new_refusal_is_remembered_anew() -> None:
    room = Room(NO_NULL_SENDER, SENT, NO_NULL_SENDER)
    room.owe()
    room.run()
    for wait in (timedelta(days=30), timedelta(days=29)):
        room.clock.advance(wait)
        room.owe()
        room.run()
    assert [tried.envelope_from for tried in room.server.tried] == ["", OFFICE, "", OFFICE, OFFICE]


def test_a_server_that_takes_the_null_sender_again_gets_it_from_then_on() -> None:
    room = Room(NO_NULL_SENDER)
    room.owe()
    room.run()
    for _ in range(2):
        room.clock.advance(timedelta(days=30))
        room.owe()
        room.run()
    assert [tried.envelope_from for tried in room.server.tried] == ["", OFFICE, "", ""]
    assert room.store.setting("null_sender_refused:info") is None


def test_a_recipient_that_is_really_unknown_is_tried_twice_and_blamed_on_nobody_else() -> None:
    room = Room(NO_SUCH_USER, NO_SUCH_USER)
    room.owe()
    room.run()
    room.after(timedelta(days=1))
    assert [tried.envelope_from for tried in room.server.tried] == ["", OFFICE]
    assert room.row().state is OutboxState.FAILED
    assert room.store.setting("null_sender_refused:info") is None


def test_content_that_is_refused_is_not_blamed_on_the_null_sender() -> None:
    room = Room(Outcome(OutcomeKind.PERMANENT, SmtpStep.DATA, "554 5.7.1 looks like spam"))
    room.owe()
    room.run()
    assert room.tries() == 1
    assert room.row().state is OutboxState.FAILED


# --- the server is away -----------------------------------------------------------------------------------------------


def test_a_server_that_cannot_be_reached_is_left_alone_for_longer_and_longer() -> None:
    room = Room(*[UNREACHABLE] * 50)
    for _ in range(5):
        room.owe(OutboxKind.ALERT)
    room.run()
    assert room.tries() == 1, "the others do not try as well"
    pauses = []
    for _ in range(8):
        before, waited = room.tries(), timedelta(0)
        while room.tries() == before:
            waited += timedelta(seconds=1)
            room.after(timedelta(seconds=1))
        pauses.append(waited.total_seconds())
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256]
    assert room.troubles() == ["delivery"]


def test_while_the_clock_runs_on_a_server_in_no_trouble_gets_its_mail() -> None:
    class Running(ManualClock):
        def now(self) -> datetime:
            self.advance(timedelta(milliseconds=1))
            return super().now()

    room = Room()
    room.clock = Running(NIGHT)
    room.restart()
    room.owe()
    assert room.run() == 1


def test_when_the_server_is_back_all_goes_out_and_the_trouble_is_over() -> None:
    room = Room(UNREACHABLE, UNREACHABLE)
    room.owe(OutboxKind.ALERT)
    room.owe()
    room.run()
    room.after(MINUTE)
    room.after(MINUTE)
    assert len(room.server.sent) == 2
    assert room.troubles() == []


def test_trouble_of_before_a_restart_is_over_with_the_first_mail_that_goes_out() -> None:
    room = Room(UNREACHABLE)
    room.owe(OutboxKind.ALERT)
    room.run()
    assert room.troubles() == ["delivery"]
    room.outbox = Outbox(room.desk, room.store, room.clock, room.server)
    room.after(MINUTE)
    assert len(room.server.sent) == 1
    assert room.troubles() == []


def test_an_outage_of_three_hours_breaks_nothing_and_uses_up_no_try() -> None:
    """60 refused connections; pauses that double for ever would be too long for a clock to count."""
    room = Room(*[UNREACHABLE] * 60)
    room.owe()
    room.owe(OutboxKind.ALERT)
    room.run()
    for _ in range(60):
        room.after(LONGEST_CLOSED)
    assert room.tries() >= 61
    assert [row.state for row in room.store.mails()] == [OutboxState.SENT] * 2
    assert [row.attempts for row in room.store.mails()] == [0, 0]
    assert room.clock.now() - NIGHT >= timedelta(hours=3, minutes=18)
    assert room.troubles() == []


def test_connections_that_failed_do_not_use_up_the_tries_of_a_mail() -> None:
    room = Room(*[UNREACHABLE] * 8, GREYLISTED)
    room.owe()
    room.run()
    for _ in range(8):
        room.after(LONGEST_CLOSED)
    assert room.tries() == 9
    assert "greylisted" in room.row().reason
    room.after(RETRIES[0])
    assert room.row().state is OutboxState.SENT


def test_an_alert_waits_as_long_as_the_server_is_away() -> None:
    room = Room(*[UNREACHABLE] * 3)
    room.owe(OutboxKind.ALERT)
    room.run()
    room.after(GIVE_UP + MINUTE)
    room.after(GIVE_UP + MINUTE)
    assert room.row().state is OutboxState.DUE
    room.after(timedelta(hours=1))
    assert room.row().state is OutboxState.SENT


@pytest.mark.parametrize("kind", [OutcomeKind.TEMPORARY, OutcomeKind.UNCERTAIN])
def test_a_server_that_breaks_every_mail_is_not_given_all_of_them_at_once(kind: OutcomeKind) -> None:
    """A filter of the provider that dies after each mail would put a thousand follow-ups in doubt within a minute."""
    lost = Trouble(TroubleKind.NETWORK, "fake:587", "the connection was lost", "nothing to do; it is tried again")
    room = Room(*[Outcome(kind, SmtpStep.DATA, str(lost), lost)] * 50)
    for _ in range(50):
        room.owe(OutboxKind.FOLLOW_UP)
    for _ in range(60):
        room.after(timedelta(seconds=10))
    assert room.tries() <= 10
    assert room.troubles() == ["delivery"]


QUOTA = Trouble(TroubleKind.DELIVERY, "fake:587", "the provider lets this mailbox send no more (550 5.4.5)", "wait")
OVER_QUOTA = Outcome(OutcomeKind.TEMPORARY, SmtpStep.DATA, "550 5.4.5 Daily user sending limit exceeded", QUOTA)


def test_a_provider_that_blocks_sending_for_an_hour_costs_no_customer_the_reply() -> None:
    room = Room(*[OVER_QUOTA] * 1000)
    for _ in range(10):
        room.owe(not_after=timedelta(hours=9))
    room.run()
    assert room.tries() == 1, "the others do not knock as well"
    for _ in range(60):
        room.after(MINUTE)
    assert room.tries() <= 8 + 60 / 5
    assert room.troubles() == ["delivery"]
    assert {row.state for row in room.store.mails()} == {OutboxState.DUE}
    room.server.script.clear()
    for _ in range(40):
        room.after(MINUTE)
    assert {row.state for row in room.store.mails()} == {OutboxState.SENT}
    assert len(room.server.sent) == 10
    assert room.troubles() == []


class Poisoned(FakeSubmission):
    """Every mail whose subject is among these is refused as if for us; the others are taken."""

    def __init__(self, refusal: Outcome, *subjects: str) -> None:
        super().__init__()
        self._refusal = refusal
        self._subjects = subjects

    async def submit(
        self, envelope_from: str, recipient: str, content: bytes, may_go: Callable[[], bool] = lambda: True
    ) -> Outcome:
        if any(f"Subject: {subject}\r".encode() in content for subject in self._subjects):
            self.script = [self._refusal]
        return await super().submit(envelope_from, recipient, content, may_go)


BLOCKED = Trouble(TroubleKind.DELIVERY, "fake:587", "mail from here is blocked", "ask the mail provider why")
BROKE_OFF = Trouble(TroubleKind.NETWORK, "fake:587", "the connection was lost", "it is tried again")


@pytest.mark.parametrize("refusal", [
    Outcome(OutcomeKind.TEMPORARY, SmtpStep.DATA, "554 5.7.1 blocked", BLOCKED),
    Outcome(OutcomeKind.TEMPORARY, SmtpStep.RECIPIENT, "421 4.7.0 later", BROKE_OFF),
    Outcome(OutcomeKind.UNCERTAIN, SmtpStep.DATA, "the connection was lost", BROKE_OFF),
])  # fmt: skip
def test_alerts_that_are_refused_at_every_try_hold_up_nothing_else(refusal: Outcome) -> None:
    room = Room()
    room.server = Poisoned(refusal, "1", "2")
    room.restart()
    for _ in range(2):
        room.owe(OutboxKind.ALERT)
    for _ in range(360):
        room.after(timedelta(seconds=10))
    for kind in (OutboxKind.REPLY, OutboxKind.REPLY, OutboxKind.DIGEST):
        room.owe(kind)
    for _ in range(60):
        room.after(timedelta(seconds=10))
    assert [row.state for row in room.store.mails()] == [OutboxState.DUE] * 2 + [OutboxState.SENT] * 3
    room.owe(OutboxKind.ALERT)
    assert room.run() == 1, "nor other alerts"


def test_what_is_still_refused_when_others_have_gone_out_is_no_trouble_with_the_server() -> None:
    room = Room()
    room.server = Poisoned(Outcome(OutcomeKind.TEMPORARY, SmtpStep.DATA, "554 5.7.1 blocked", BLOCKED), "1")
    room.restart()
    room.owe(OutboxKind.ALERT)
    room.run()
    assert room.troubles() == ["delivery"]
    room.owe(OutboxKind.ALERT)
    room.after(timedelta(seconds=2))
    assert room.troubles() == []
    room.clock.advance(MINUTE)
    room.owe()
    assert room.run() == 1, "at once, although the first was refused again before it"
    assert (room.tries(), room.row(1).state, room.troubles()) == (4, OutboxState.DUE, [])


def test_a_server_that_answers_and_takes_no_mail_is_one_trouble_and_asked_ever_more_seldom() -> None:
    later = Trouble(TroubleKind.BUSY, "fake:587", "the server asks to wait (451 4.3.0)", "it is tried again later")
    room = Room()
    room.server = Poisoned(Outcome(OutcomeKind.TEMPORARY, SmtpStep.SENDER, "451 4.3.0 later", later), "1")
    room.restart()
    room.owe(OutboxKind.ALERT)
    for _ in range(12 * 120):
        room.after(timedelta(seconds=30))
    assert room.tries() <= 12 * 60 / 5
    [told] = room.store.open_troubles()
    assert told.times == room.tries(), "one that goes on"


def test_one_mail_that_is_refused_as_if_for_us_holds_up_no_other() -> None:
    room = Room(OVER_QUOTA)
    room.owe(OutboxKind.FOLLOW_UP)
    for _ in range(5):
        room.owe(OutboxKind.FOLLOW_UP)
    room.run()
    room.after(timedelta(seconds=2))
    assert len(room.server.sent) == 5


def test_a_refused_login_is_tried_again_more_slowly_and_at_once_after_a_reload() -> None:
    """Providers lock out who hammers."""
    refused = Trouble(TroubleKind.LOGIN, "fake:587", "user name or password refused", "check them")
    room = Room(*[Outcome(OutcomeKind.TEMPORARY, SmtpStep.CONNECT, str(refused), refused)] * 20)
    room.owe(OutboxKind.ALERT)
    for _ in range(60):
        room.after(MINUTE)
    assert room.tries() <= 8
    before = room.tries()
    room.outbox.take(room.desk)
    room.run()
    assert room.tries() == before + 1


def test_trouble_ends_when_the_server_is_back_although_nothing_is_left_to_be_sent() -> None:
    room = Room(*[UNREACHABLE] * 4)
    room.owe(not_after=MINUTE)
    room.run()
    room.after(2 * MINUTE)
    assert (room.row().state, room.troubles()) == (OutboxState.DROPPED, ["delivery"])
    for _ in range(3):
        room.after(MINUTE)
    assert room.troubles() == []
    assert room.tries() == 1, "nothing is sent for that"


def test_trouble_of_before_a_restart_ends_although_nothing_is_left_to_be_sent() -> None:
    room = Room(UNREACHABLE)
    room.owe(not_after=MINUTE)
    room.run()
    room.restart()
    room.after(2 * MINUTE)
    assert room.troubles() == []


def test_while_the_server_is_away_and_nothing_is_left_it_is_asked_no_more_often_than_for_a_mail() -> None:
    room = Room(*[UNREACHABLE] * 1000)
    room.owe(not_after=MINUTE)
    for _ in range(360):
        room.after(timedelta(seconds=10))
    assert 1000 - len(room.server.script) <= 8 + 60 / 5


def test_a_block_by_the_provider_is_not_over_because_the_server_answers() -> None:
    room = Room(OVER_QUOTA)
    room.owe(not_after=MINUTE)
    room.run()
    room.after(2 * MINUTE)
    assert room.troubles() == ["delivery"]
    room.owe(OutboxKind.ALERT)
    room.run()
    assert room.troubles() == []


class Defective(FakeSubmission):
    async def submit(self, *_mail: object) -> Outcome:
        raise RuntimeError("nobody thought of this")


@pytest.mark.parametrize(
    ("kind", "state"), [(OutboxKind.REPLY, OutboxState.UNCERTAIN), (OutboxKind.ALERT, OutboxState.DUE)]
)
def test_a_defect_in_the_middle_of_sending_leaves_no_mail_behind(kind: OutboxKind, state: OutboxState) -> None:
    room = Room()
    room.server = Defective()
    room.restart()
    room.owe(kind)
    with pytest.raises(RuntimeError):
        room.run()
    assert room.row().state is state


def test_a_defect_in_the_middle_of_sending_says_nothing_of_the_server() -> None:
    room = Room(UNREACHABLE)
    room.owe(OutboxKind.ALERT)
    room.run()
    room.server = Defective()
    room.restart()
    with pytest.raises(RuntimeError):
        room.after(MINUTE)
    assert room.troubles() == ["delivery"]


def test_after_a_defect_while_looking_for_the_server_it_is_left_alone_for_a_while() -> None:
    class NeverReached(FakeSubmission):
        looks = 0

        async def reach(self) -> None:
            self.looks += 1
            raise RuntimeError("nobody thought of this")

    room = Room(UNREACHABLE)
    room.owe(not_after=MINUTE)
    room.run()
    room.server = server = NeverReached()
    room.restart()
    with pytest.raises(RuntimeError):
        room.after(2 * MINUTE)
    for _ in range(10):
        room.after(timedelta(seconds=2))
    assert server.looks == 1


def test_a_stop_before_a_mail_is_on_its_way_says_nothing_of_the_server_or_the_mail() -> None:
    room = Room(UNREACHABLE, Outcome(OutcomeKind.TEMPORARY, SmtpStep.CONNECT, "stopped before it was on its way"))
    room.owe(OutboxKind.ALERT)
    room.run()
    room.clock.advance(MINUTE)
    asyncio.run(room.outbox.run(lambda: room.tries() > 1))
    assert (room.row().state, room.row().attempts) == (OutboxState.DUE, 0)
    assert room.troubles() == ["delivery"]


# --- the clock --------------------------------------------------------------------------------------------------------


def test_while_the_clock_stands_behind_the_records_nothing_is_sent() -> None:
    room = Room()
    room.owe()
    room.clock.advance(-timedelta(days=400))
    assert room.run() == 0
    assert room.tries() == 0
    assert room.troubles() == [TroubleKind.CLOCK]
    room.clock.set(NIGHT)
    assert room.run() == 1
    assert room.troubles() == []


def once_wrong() -> Room:
    """A room whose clock once stood in 2031, and left records of that year."""
    room = Room()
    room.clock.set(local("2031-01-01 00:00"))
    room.owe(OutboxKind.ALERT)
    room.run()
    room.clock.set(NIGHT)
    return room


def test_with_records_of_a_wrong_year_staff_mail_still_goes() -> None:
    room = once_wrong()
    room.owe(OutboxKind.ALERT)
    room.owe()
    assert room.run() == 1
    assert [row.state for row in room.store.mails()] == [OutboxState.SENT, OutboxState.SENT, OutboxState.DUE]
    [trouble] = room.store.open_troubles()
    assert "2026-11-20 15:10 UTC) stands behind the records (2030-12-31 17:00 UTC)" in trouble.text


def test_with_records_of_a_wrong_year_customers_get_mail_again_after_a_day() -> None:
    room = once_wrong()
    room.owe(OutboxKind.FOLLOW_UP)
    room.run()
    assert room.after(CLOCK_PATIENCE - MINUTE) == 0
    assert room.troubles() == [TroubleKind.CLOCK]
    assert room.after(MINUTE) == 1
    assert room.troubles() == [], "the clock is believed"
    assert timedelta(hours=24) == CLOCK_PATIENCE


def test_trouble_with_the_clock_of_before_a_restart_ends_when_it_is_right() -> None:
    room = Room()
    room.store.note_trouble("", TroubleKind.CLOCK, "the clock stands behind the records", NIGHT)
    room.run()
    assert room.troubles() == []


def test_a_clock_that_was_set_back_a_minute_is_right_enough() -> None:
    room = Room()
    room.owe()
    room.run()
    room.clock.advance(-MINUTE)
    room.owe()
    assert room.run() == 1
    assert room.troubles() == []


# --- the provider's limit ---------------------------------------------------------------------------------------------

TWO_A_DAY = Sends(per_day=2)


def test_above_the_days_limit_customers_wait_until_a_mail_of_yesterday_no_longer_counts() -> None:
    room = Room(sends=TWO_A_DAY)
    for _ in range(4):
        room.owe()
    assert room.run() == 2
    assert room.after(timedelta(hours=23, minutes=59)) == 0
    assert room.after(MINUTE) == 2
    assert [one.message.subject for one in room.server.sent] == ["1", "2", "3", "4"]


def test_alerts_and_digests_go_at_once_and_count() -> None:
    room = Room(sends=TWO_A_DAY)
    for kind in (OutboxKind.ALERT, OutboxKind.DIGEST, OutboxKind.ALERT, OutboxKind.REPLY):
        room.owe(kind)
    assert room.run() == 3
    assert room.row(4).state is OutboxState.DUE
    assert room.after(timedelta(hours=25)) == 1


def test_a_wait_of_a_minute_is_not_told_and_one_of_hours_is_until_it_is_over() -> None:
    room = Room(sends=Sends(per_minute=1, per_day=3))
    for _ in range(4):
        room.owe()
    assert room.run() == 1
    assert room.troubles() == []
    assert room.after(MINUTE) == 1
    assert room.after(MINUTE) == 1
    assert room.after(MINUTE) == 0
    [trouble] = room.store.open_troubles()
    assert (trouble.kind, trouble.times) == (TroubleKind.SEND_LIMIT, 1)
    assert "as many mails as the provider allows (1 a minute, 3 a day)" in trouble.text
    assert "until 2026-11-21 22:10" in trouble.text
    assert room.after(timedelta(hours=1)) == 0
    assert [trouble.times for trouble in room.store.open_troubles()] == [1], "it is told once"
    assert room.after(timedelta(hours=23)) == 1
    assert room.troubles() == []


def test_a_reply_that_comes_too_late_by_the_limit_is_dropped_and_the_trouble_ends_with_the_wait() -> None:
    room = Room(sends=TWO_A_DAY)
    for _ in range(3):
        room.owe(not_after=timedelta(hours=9))
    room.run()
    assert room.troubles() == [TroubleKind.SEND_LIMIT]
    room.after(timedelta(hours=10))
    assert room.row(3).state is OutboxState.DROPPED
    assert room.troubles() == [TroubleKind.SEND_LIMIT]
    room.after(timedelta(hours=14))
    assert room.troubles() == []


def test_what_may_have_gone_out_counts() -> None:
    room = Room(IN_DOUBT, NO_SUCH_USER, NO_SUCH_USER, sends=TWO_A_DAY)
    for _ in range(4):
        room.owe()
    room.run()
    assert [room.row(number).state for number in range(1, 5)] == [
        OutboxState.UNCERTAIN, OutboxState.FAILED, OutboxState.SENT, OutboxState.DUE,
    ]  # fmt: skip


def test_the_limit_holds_over_a_restart_and_another_one_is_taken_by_a_reload() -> None:
    room = Room(sends=TWO_A_DAY)
    for _ in range(3):
        room.owe()
    room.run()
    room.outbox = Outbox(room.desk, room.store, room.clock, room.server)
    assert room.run() == 0
    assert room.troubles() == [TroubleKind.SEND_LIMIT]
    room.outbox.take(limited(room.desk, Sends(per_day=5)))
    assert room.run() == 1
    assert room.troubles() == []


def test_mails_of_a_clock_that_once_stood_in_the_future_use_up_no_limit() -> None:
    room = Room(sends=Sends(per_minute=1, per_day=1))
    room.clock.set(local("2031-01-01 00:00"))
    room.owe(OutboxKind.ALERT)
    room.run()
    room.clock.set(NIGHT)
    room.owe()
    room.run()
    assert room.after(CLOCK_PATIENCE) == 1


def test_while_the_limit_holds_no_lock_is_taken_for_customers_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(sends=TWO_A_DAY)
    for _ in range(3):
        room.owe(not_after=timedelta(hours=9))
    room.run()
    claims: list[str] = []
    claim = room.store.claim

    def count(now: datetime, account: str, kinds: frozenset[OutboxKind]) -> OutboxRow | None:
        claims.append(account)
        return claim(now, account, kinds)

    monkeypatch.setattr(room.store, "claim", count)
    for _ in range(20):
        room.after(timedelta(seconds=2))
    assert claims == []
    room.owe(OutboxKind.ALERT)
    assert room.run() == 1


def test_one_accounts_limit_is_not_anothers() -> None:
    room = Room(sends=TWO_A_DAY)
    for _ in range(2):
        room.owe()
    room.run()
    other = Outbox(limited(desk(name="sales"), TWO_A_DAY), room.store, room.clock, room.server)
    room.owe()
    room.owe(account="sales")
    assert asyncio.run(other.run(lambda: False)) == 1
    assert room.row(3).state is OutboxState.DUE


@pytest.mark.parametrize("state", [OutboxState.SENDING, OutboxState.SENT, OutboxState.UNCERTAIN, OutboxState.BOUNCED])
def test_whatever_went_out_or_may_have_uses_up_the_limit_also_what_came_back(state: OutboxState) -> None:
    room = Room(sends=TWO_A_DAY)
    room.owe(state=state)
    room.owe()
    room.owe()
    assert room.run() == 1


def test_while_nothing_is_due_the_store_is_not_asked_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(sends=TWO_A_DAY)
    room.owe()
    room.run()
    asked: list[str] = []
    sent_since = room.store.sent_since

    def ask(account: str, since: datetime) -> tuple[datetime, ...]:
        asked.append(account)
        return sent_since(account, since)

    monkeypatch.setattr(room.store, "sent_since", ask)
    for _ in range(5):
        room.after(MINUTE)
    assert asked == []
    for _ in range(3):
        room.owe()
    for _ in range(5):
        room.after(MINUTE)
    assert len(asked) == 2, "for the one that went, and for the next; then not until the wait is over"
