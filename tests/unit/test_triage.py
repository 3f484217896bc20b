"""work/triage.py: what is new is read once, recorded whole or not at all, and nothing stops at one bad message."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from responder.config import Mode
from responder.errors import Trouble, TroubleKind
from responder.mail import own_ids
from responder.mail.message import Message, parse
from responder.policy.decide import decide as real_decide
from responder.policy.model import Policy
from responder.store.records import Asked, MessageRow, MessageState, OutboxKind, OutboxRow, OutboxState, Place, Since
from responder.store.store import Batch, Store
from responder.work import triage as module
from responder.work.breakers import Breakers
from responder.work.marks import Marks
from responder.work.steps import Step
from responder.work.triage import ABSURD_AHEAD, BATCH, TOO_OLD, Triage
from responder.work.waiting import FEW, TRIES, Waiting
from tests.fakes import (
    CUSTOMER,
    INBOX,
    MANAGER,
    OFFICE,
    ON_CALL,
    SALES,
    AtWork,
    FakeMailbox,
    ManualClock,
    desk,
    letter,
    local,
    policy,
)

NIGHT = local("2026-11-20 22:10")
MINUTE = timedelta(minutes=1)
SEVER = "Máy chủ bị sập, cửa hàng không bán được hàng."


class Room:
    """One mailbox with its triage, past first contact unless told otherwise."""

    def __init__(self, rules: Policy | None = None, *, mode: Mode = Mode.LIVE, is_new: bool = False) -> None:
        self.store = Store.open(None)
        self.clock = ManualClock(NIGHT)
        self.mailbox = FakeMailbox()
        self.mailbox.connect()
        self.steps: list[Step] = []
        self.desk = desk_ = desk(rules, mode=mode)
        self.triage = Triage(desk_, self.store, self.clock, self.steps.append)
        self.breakers = Breakers(desk_, self.store, self.clock)
        self.marks = Marks(desk_, self.store, self.clock, self.steps.append)
        if not is_new:
            self.run()

    def come(self, raw: bytes | None = None, at: datetime | None = NIGHT) -> int:
        return self.mailbox.deliver(letter() if raw is None else raw, at)

    def run(self) -> int:
        return self.triage.run(self.mailbox)

    def look(self) -> None:
        """A round on a fresh connection, whatever comes of it."""
        self.mailbox.connect()
        with contextlib.suppress(Trouble):
            self.run()

    def look_for(self, how_long: timedelta) -> None:
        """A round in every minute of that time."""
        for _ in range(how_long // MINUTE):
            self.look()
            self.clock.advance(MINUTE)

    def start_anew(self) -> None:
        """The program is started again."""
        self.triage = Triage(self.desk, self.store, self.clock, self.steps.append)

    def checked_at(self) -> datetime:
        position = self.store.position("info", INBOX)
        assert position is not None
        return position.checked_at

    def watch_limits(self) -> None:
        self.breakers.run()

    def mark(self) -> None:
        self.marks.run(self.mailbox)

    def messages(self) -> list[MessageRow]:
        return list(self.store.ledger(None, NIGHT - timedelta(days=999), NIGHT + timedelta(days=999)).messages)

    def mails(self, kind: OutboxKind) -> list[OutboxRow]:
        return [row for row in self.store.mails() if row.kind is kind]

    def last_uid(self) -> int:
        position = self.store.position("info", INBOX)
        assert position is not None
        return position.last_uid


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    opened: list[Store] = []
    make = Room.__init__

    def remember(room: Room, rules: Policy | None = None, *, mode: Mode = Mode.LIVE, is_new: bool = False) -> None:
        make(room, rules, mode=mode, is_new=is_new)
        opened.append(room.store)

    monkeypatch.setattr(Room, "__init__", remember)
    yield
    for store in opened:
        store.close()


# --- where to begin ---------------------------------------------------------------------------------------------------


def test_the_first_contact_answers_nothing_and_learns_who_is_known() -> None:
    room = Room(is_new=True)
    old = room.come(at=NIGHT - timedelta(days=30))
    assert room.run() == 0
    assert (room.messages(), room.store.mails()) == ([], ())
    assert room.last_uid() == old
    with room.store.batch() as batch:
        found = batch.past(Place("info", INBOX, 1, 99), Asked(CUSTOMER), Since(*[NIGHT] * 5), ())
    assert found.known
    new = room.come()
    assert room.run() == 1
    assert [message.place.uid for message in room.messages()] == [new]


def test_what_comes_while_the_first_contact_looks_for_who_is_known_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(is_new=True)

    def slow(_mailbox: FakeMailbox, _since: datetime) -> Iterator[frozenset[str]]:
        room.clock.advance(5 * MINUTE)
        room.come()
        room.clock.advance(25 * MINUTE)
        yield frozenset()

    monkeypatch.setattr(FakeMailbox, "correspondents", slow)
    assert room.run() == 1
    assert len(room.mails(OutboxKind.REPLY)) == 1


@pytest.mark.parametrize("kind", [TroubleKind.MAILBOX, TroubleKind.SERVER])
def test_a_sent_folder_that_cannot_be_read_at_the_first_contact_is_told_and_new_mail_is_answered(
    kind: TroubleKind, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refused = Trouble(kind, "fake:993", "the folder is not there", "name the right one")
    monkeypatch.setattr(FakeMailbox, "correspondents", lambda *_: iter([frozenset({CUSTOMER}), refused]))
    room = Room(is_new=True)
    room.run()
    room.come()
    assert room.run() == 1
    told = "info: not all who are known could be learned: fake:993: the folder is not there — name the right one"
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [told]
    assert [trouble.kind for trouble in room.store.open_troubles()] == [kind]


def test_what_comes_after_the_first_contact_is_answered_even_if_the_first_run_found_nothing() -> None:
    room = Room(is_new=True)
    assert room.run() == 0
    room.come()
    assert room.run() == 1
    assert len(room.mails(OutboxKind.REPLY)) == 1


def test_nothing_is_triaged_twice() -> None:
    room = Room()
    room.come()
    assert (room.run(), room.run()) == (1, 0)
    assert len(room.messages()) == 1


def test_a_renumbered_mailbox_is_told_and_its_old_mail_is_left_alone() -> None:
    room = Room()
    room.come()
    room.run()
    room.mailbox.renumber()
    assert room.run() == 0
    assert len(room.messages()) == 1
    told = room.store.ledger("info", NIGHT - MINUTE, NIGHT + MINUTE).troubles
    assert [trouble.kind for trouble in told] == [TroubleKind.REBASELINE]
    room.come()
    assert room.run() == 1


def test_a_mailbox_that_went_back_to_an_older_copy_is_taken_as_renumbered() -> None:
    room = Room()
    for _ in range(3):
        room.come()
    room.run()
    inbox = room.mailbox.folders[INBOX]
    inbox.stored, inbox.uidnext = inbox.stored[:1], 2
    room.run()
    assert room.last_uid() == 1
    told = room.store.ledger("info", NIGHT - MINUTE, NIGHT + MINUTE).troubles
    assert [trouble.kind for trouble in told] == [TroubleKind.REBASELINE]


def test_new_mail_that_uses_the_numbers_of_lost_mail_again_is_triaged() -> None:
    """The server was set back to last night's copy, with the same UIDVALIDITY: it gives UIDs out a second time."""
    room = Room()
    for number in range(3):
        room.come(letter(sender=f"k{number}@banhang.example"))
    room.run()
    inbox = room.mailbox.folders[INBOX]
    inbox.stored, inbox.uidnext = inbox.stored[:1], 2
    room.run()
    again = [room.come(letter(sender=f"new{number}@khac.example")) for number in range(2)]
    assert again == [2, 3]
    assert room.run() == 2
    recipients = {row.recipient for row in room.mails(OutboxKind.REPLY)}
    assert {"new0@khac.example", "new1@khac.example"} < recipients
    assert len(room.messages()) == 5, "what came before is still on record"


MUCH_FROM_A_DOMAIN = ("per_domain: 20 per hour, 60 per day", "per_domain: 500 per hour")


def test_many_new_messages_are_all_read() -> None:
    room = Room(policy(MUCH_FROM_A_DOMAIN, ("account: 100 per hour, 500 per day", "account: 500 per hour")))
    for number in range(module.BATCH * 2 + 3):
        room.come(letter(sender=f"k{number}@banhang.example"))
    assert room.run() == module.BATCH * 2 + 3
    assert len(room.mails(OutboxKind.REPLY)) == module.BATCH * 2 + 3
    assert room.steps.count(Step.RECORDED) == 3


# --- old mail ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [timedelta(minutes=11), timedelta(days=3), timedelta(days=400)])
def test_mail_from_before_this_mailbox_was_watched_is_put_on_record_and_nothing_else(age: timedelta) -> None:
    """A person moves it back into the inbox, or restores it from a backup: it gets a new number."""
    room = Room()
    uid = room.come(letter(SEVER, "Khiếu nại: sập hệ thống"), NIGHT - age)
    assert room.run() == 1
    assert leads_to_nothing(room, uid)


def leads_to_nothing(room: Room, uid: int) -> bool:
    [message] = [message for message in room.messages() if message.place.uid == uid]
    assert "Thư cũ" in " ".join(message.decision["reasons"])
    assert message.promise_at is None
    assert not message.marks
    return not [row for row in room.store.mails() if row.message == message.id]


def test_mail_of_the_last_minutes_before_the_watch_began_is_new() -> None:
    """The mail server's clock may stand a little behind ours."""
    room = Room()
    room.come(at=NIGHT - 9 * MINUTE)
    room.run()
    assert len(room.mails(OutboxKind.REPLY)) == 1


def test_mail_older_than_a_month_leads_to_nothing_however_long_the_mailbox_is_watched() -> None:
    room = Room()
    room.clock.advance(timedelta(days=90))
    now = room.clock.now()
    old, late = (
        room.come(at=now - TOO_OLD - MINUTE),
        room.come(letter(sender="b@khac.example"), now - timedelta(days=29)),
    )
    room.run()
    assert leads_to_nothing(room, old)
    assert [row.recipient for row in room.mails(OutboxKind.FOLLOW_UP)] == ["b@khac.example"], f"{late} is an outage's"


def test_mail_that_was_moved_away_and_back_leads_to_nothing_more() -> None:
    room = Room()
    raw = letter(SEVER, "Sập hệ thống")
    first = room.come(raw)
    room.run()
    room.mailbox.remove(first)
    again = room.come(raw)
    room.run()
    assert leads_to_nothing(room, again)
    assert len(room.mails(OutboxKind.ALERT)) == 1
    assert len(room.mails(OutboxKind.REPLY)) == 1


def test_one_mail_delivered_twice_at_once_is_dealt_with_once() -> None:
    room = Room()
    raw = letter()
    room.come(raw)
    room.come(raw)
    assert room.run() == 2
    assert [len(room.mails(kind)) for kind in (OutboxKind.REPLY, OutboxKind.FOLLOW_UP)] == [1, 1]


def test_mails_without_a_message_id_are_each_dealt_with() -> None:
    room = Room()
    for name in "ab":
        room.come(letter(sender=f"{name}@khac.example").replace(b"Message-ID:", b"X-Was:"))
    room.run()
    assert len(room.mails(OutboxKind.REPLY)) == 2


# --- what is recorded -------------------------------------------------------------------------------------------------


def test_a_night_mail_leads_to_a_reply_that_is_due_and_a_follow_up_that_waits() -> None:
    room = Room()
    room.come()
    room.run()
    [reply] = room.mails(OutboxKind.REPLY)
    assert (reply.state, reply.recipient, reply.envelope_from) == (OutboxState.DUE, CUSTOMER, "")
    assert reply.not_after == local("2026-11-23 06:00")
    assert reply.text.startswith("Cảm ơn bạn đã liên hệ.")
    assert b"Auto-Submitted: auto-replied" in (reply.content or b"")
    [follow_up] = room.mails(OutboxKind.FOLLOW_UP)
    assert (follow_up.state, follow_up.content) == (OutboxState.WAITING, None)
    assert follow_up.due_at == local("2026-11-23 08:00")
    [message] = room.messages()
    assert message.decision["play"] == "out-of-hours"
    assert message.promise_at == local("2026-11-23 17:00")


def test_a_reply_brings_back_nothing_of_a_mail_but_its_subject() -> None:
    room = Room()
    text = "Mua ngay tại https://spam.example, gọi 0123 456 789."
    given = {"From": f"Win a prize <{CUSTOMER}>", "Cc": f"victim@nannhan.example, {MANAGER}", "X_Mailer": "Spam 1.0"}
    room.come(letter(text, "Quà tặng https://spam.example/x", **given))
    room.run()
    [reply] = room.mails(OutboxKind.REPLY)
    sent = message_from_bytes(reply.content or b"", policy=default)
    assert isinstance(sent, EmailMessage)
    assert sent["Subject"] == "Trả lời tự động: Quà tặng …"
    assert (sent["To"], sent["Cc"], sent["Bcc"]) == (CUSTOMER, None, None)
    said = f"{sent} {sent.get_content()}"
    assert [word for word in ("spam", "prize", "nannhan", "0123", MANAGER) if word in said.lower()] == []


FORM = "wordpress@congty.example"
WITH_FORM = (("\nallow:", f"\nallow: {{forms: [{FORM}]}}"),)


def typed(*customers: str) -> list[bytes]:
    return [letter(sender=FORM, Reply_To=each, Auto_Submitted="auto-generated") for each in customers]


def test_what_is_typed_into_an_allowed_contact_form_is_answered_to_the_customer_once() -> None:
    room = Room(policy(*WITH_FORM))
    for raw in typed(CUSTOMER, CUSTOMER, "b@khac.example"):
        room.come(raw)
    room.run()
    assert [row.recipient for row in room.mails(OutboxKind.REPLY)] == [CUSTOMER, "b@khac.example"]
    assert [row.recipient for row in room.mails(OutboxKind.FOLLOW_UP)] == [CUSTOMER, CUSTOMER, "b@khac.example"]
    assert [row.sender for row in room.messages()] == [CUSTOMER, CUSTOMER, "b@khac.example"]


def test_an_emergency_through_a_contact_form_is_told_with_the_customers_address() -> None:
    room = Room(policy(*WITH_FORM))
    room.come(letter(SEVER, "Sập hệ thống", sender=FORM, Reply_To=f"Khách <{CUSTOMER}>"))
    room.run()
    (alert,) = room.mails(OutboxKind.ALERT)
    told = parse(alert.content or b"")
    assert told.subject.endswith(f"Khách <{CUSTOMER}>")
    assert FORM not in told.text.partition("\n\n")[0]


def test_a_form_is_one_crowd_whatever_addresses_are_typed_into_it() -> None:
    room = Room(policy(*WITH_FORM))
    for raw in typed(*(f"nan{number}@gmail.com" for number in range(25))):
        room.come(raw)
    room.come(letter(sender="lan@gmail.com"))
    room.run()
    replied = [row.recipient for row in room.mails(OutboxKind.REPLY)]
    assert replied == [f"nan{number}@gmail.com" for number in range(20)] + ["lan@gmail.com"]
    assert len(room.mails(OutboxKind.FOLLOW_UP)) == 21


def test_a_copy_through_a_strange_list_does_not_hide_the_one_that_came_to_us() -> None:
    room = Room()
    room.come(letter(Message_ID="<m1@banhang.example>", List_Id="<tin.khac.example>"))
    for _ in range(2):
        room.come(letter(Message_ID="<m1@banhang.example>"))
    room.run()
    assert len(room.mails(OutboxKind.REPLY)) == 1
    assert [row.handled_how for row in room.messages()] == [None, None, "seen_before"]


def test_without_the_policys_word_a_contact_form_is_a_machine() -> None:
    room = Room()
    uid = room.come(typed(CUSTOMER)[0])
    room.run()
    assert leads_to_no_reply(room, uid)


def leads_to_no_reply(room: Room, uid: int) -> bool:
    return not room.mails(OutboxKind.REPLY) and any(row.place.uid == uid and row.veto for row in room.messages())


def test_what_the_server_has_filed_as_junk_leads_to_no_reply() -> None:
    room = Room()
    uid = room.come()
    room.mailbox.put_keywords(uid, ["$Junk"])
    room.run()
    assert leads_to_no_reply(room, uid)
    assert [row.veto for row in room.messages()] == ["spam"]


def test_a_reply_of_ours_that_comes_back_stripped_of_everything_is_known_by_its_message_id() -> None:
    room = Room()
    room.come()
    room.run()
    (reply,) = room.mails(OutboxKind.REPLY)
    room.come(letter(sender="x@khac.example", Message_ID=reply.message_id))
    room.run()
    assert [row.veto for row in room.messages()] == [None, "own_message_id"]
    assert len(room.mails(OutboxKind.REPLY)) == 1


def test_a_mail_that_answers_ours_is_no_mail_of_ours() -> None:
    room = Room()
    room.come()
    room.run()
    (reply,) = room.mails(OutboxKind.REPLY)
    room.come(letter(sender="x@khac.example", In_Reply_To=reply.message_id, References=reply.message_id))
    room.run()
    assert [row.veto for row in room.messages()] == [None, None]


def test_an_id_that_an_earlier_version_has_made_is_known_from_the_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    old = "<responder.0123456789abcdef0123456789abcdef@congty.example>"
    room = Room()

    def make(*facts: object) -> str:
        return old if facts[-1] == "reply" else f"<{facts[-1]}@congty.example>"

    with monkeypatch.context() as patched:
        patched.setattr(own_ids, "make", make)
        room.come()
        room.run()
    room.come(letter(sender="x@khac.example", Message_ID=old))
    room.run()
    assert [row.veto for row in room.messages()] == [None, "own_message_id"]


def test_two_mails_of_one_person_in_one_batch_get_one_reply_and_two_follow_ups() -> None:
    room = Room()
    room.come()
    room.come(letter("Quên hỏi: có giao tận nơi không?"))
    room.run()
    assert len(room.mails(OutboxKind.REPLY)) == 1
    assert len(room.mails(OutboxKind.FOLLOW_UP)) == 2
    assert "đã nhận trả lời lúc" in " ".join(room.messages()[1].decision["reasons"])


def test_in_observe_mode_everything_for_customers_is_withheld_and_staff_are_still_told() -> None:
    room = Room(mode=Mode.OBSERVE)
    room.come(letter(SEVER, "Sập hệ thống"))
    room.run()
    assert [row.state for row in room.mails(OutboxKind.REPLY)] == [OutboxState.WITHHELD]
    assert [row.state for row in room.mails(OutboxKind.FOLLOW_UP)] == [OutboxState.WITHHELD]
    [alert] = room.mails(OutboxKind.ALERT)
    assert (alert.state, alert.recipient) == (OutboxState.DUE, ON_CALL)


def test_replies_that_observe_mode_withheld_do_not_count_once_live() -> None:
    room = Room(mode=Mode.OBSERVE)
    room.come()
    room.run()
    assert [row.state for row in room.mails(OutboxKind.REPLY)] == [OutboxState.WITHHELD]
    room.triage = Triage(desk(), room.store, room.clock)
    room.come(letter("Còn hàng không ạ?"))
    room.run()
    assert [row.state for row in room.mails(OutboxKind.REPLY)] == [OutboxState.WITHHELD, OutboxState.DUE]


def test_in_observe_mode_a_withheld_reply_counts_as_the_one_that_would_have_gone_out() -> None:
    room = Room(mode=Mode.OBSERVE)
    room.come()
    room.come(letter("Còn hàng không ạ?"))
    room.run()
    assert len(room.mails(OutboxKind.REPLY)) == 1


def test_urgent_mail_is_flagged_after_it_is_on_record_and_never_read() -> None:
    room = Room()
    urgent, usual = room.come(letter("Cần gấp báo giá.")), room.come(letter(sender="b@khac.example"))
    room.run()
    room.mark()
    flags = room.mailbox.flags([urgent, usual])
    assert (flags[urgent].flagged, flags[usual].flagged) == (True, False)
    assert not room.mailbox.seen(urgent)
    assert room.steps.index(Step.RECORDED) < room.steps.index(Step.FLAGGED)
    assert room.store.unmarked("info", 99) == ()


def test_a_mark_that_failed_is_set_in_the_next_round() -> None:
    room = Room()
    uid = room.come(letter("Cần gấp báo giá."))
    room.mailbox.fail("mark", Trouble(TroubleKind.NETWORK, "imap", "lost", "nothing"))
    room.run()
    with pytest.raises(Trouble):
        room.mark()
    assert [message.place.uid for message in room.store.unmarked("info", 99)] == [uid]
    room.mark()
    assert room.mailbox.flags([uid])[uid].flagged
    assert room.store.unmarked("info", 99) == ()


def test_a_message_that_has_gone_before_it_was_read_is_passed_over() -> None:
    room = Room()
    room.come()
    uids = room.mailbox.uids_after(0)
    room.mailbox.remove(uids[0])
    later = room.come()
    assert room.run() == 1
    assert room.last_uid() == later


# --- what breaks ------------------------------------------------------------------------------------------------------


def breaks_on(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def decide(message: Message, *args: object, **more: object) -> object:
        if word in message.subject:
            raise ZeroDivisionError("a defect of ours")
        return real_decide(message, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "decide", decide)


def test_a_message_that_breaks_the_code_is_set_aside_and_the_others_are_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    breaks_on("bom", monkeypatch)
    room = Room()
    room.come()
    bad = room.come(letter(subject="bom", sender="x@y.example"))
    room.come(letter(sender="b@khac.example"))
    assert room.run() == 3
    by_uid = {message.place.uid: message for message in room.messages()}
    assert by_uid[bad].state is MessageState.QUARANTINED
    assert "ZeroDivisionError: a defect of ours" in (by_uid[bad].error or "")
    assert (by_uid[bad].sender, by_uid[bad].subject) == ("x@y.example", "bom")
    assert {row.recipient for row in room.mails(OutboxKind.REPLY)} == {CUSTOMER, "b@khac.example"}
    assert room.run() == 0


REFUSED = Trouble(TroubleKind.SERVER, "imap", "the server refused ([SERVERBUG])", "nothing")
LOST = Trouble(TroubleKind.NETWORK, "imap", "the connection was lost", "nothing")
HALF_AN_HOUR = timedelta(minutes=40)  # with the time until the next try


def test_a_message_that_the_server_refuses_keeps_no_other_waiting_and_comes_when_it_may() -> None:
    room = Room()
    room.come()
    bad = room.come(letter(sender="x@y.example"))
    room.come(letter(sender="b@khac.example"))
    room.mailbox.unreadable = {bad}
    assert room.run() == 2
    assert {row.recipient for row in room.mails(OutboxKind.REPLY)} == {CUSTOMER, "b@khac.example"}
    room.come(letter(sender="c@khac.example"))
    assert room.run() == 1
    room.mailbox.unreadable = set()
    room.clock.advance(MINUTE)
    assert room.run() == 1
    assert {row.recipient for row in room.mails(OutboxKind.REPLY)} == {
        *(CUSTOMER, "b@khac.example", "c@khac.example", "x@y.example")
    }
    assert room.store.setting("waiting:info") is None


@pytest.mark.parametrize("how", ["unreadable", "withheld", "breaking"])
def test_a_message_that_is_not_handed_out_while_others_are_is_set_aside_after_half_an_hour(how: str) -> None:
    room = Room()
    room.come()
    bad = room.come(letter(sender="x@y.example", subject="Thư lạ"), NIGHT - MINUTE)
    room.come(letter(sender="b@khac.example"))
    setattr(room.mailbox, how, {bad})
    room.look_for(timedelta(minutes=29))
    assert len(room.messages()) == 2, "the others are on record, and it is still waited for"
    room.look_for(HALF_AN_HOUR)
    [message] = [each for each in room.messages() if each.place.uid == bad]
    assert message.state is MessageState.QUARANTINED
    assert (message.sender, message.subject, message.arrived_at) == ("x@y.example", "Thư lạ", NIGHT - MINUTE)
    assert "\n" not in (message.error or "\n")
    asked = len(room.mailbox.fetched)
    room.look_for(HALF_AN_HOUR)
    assert len(room.mailbox.fetched) == asked, "it is asked for no more"


def test_of_a_message_without_a_header_the_arrival_is_on_record() -> None:
    room = Room()
    room.come()
    bad = room.come(at=NIGHT - MINUTE)
    room.mailbox.breaking = room.mailbox.headless = {bad}
    room.look_for(HALF_AN_HOUR)
    [message] = [each for each in room.messages() if each.place.uid == bad]
    assert (message.state, message.sender, message.arrived_at) == (MessageState.QUARANTINED, "", NIGHT - MINUTE)


def test_however_long_ago_the_first_time_was_a_message_is_asked_for_three_times() -> None:
    room = Room()
    room.come()
    room.mailbox.unreadable = {room.come()}
    for expected in (1, 1, 2):
        room.look()
        assert len(room.messages()) == expected
        room.clock.advance(timedelta(hours=3))


def test_of_those_that_are_waited_for_the_one_that_was_asked_for_least_is_first() -> None:
    found = Waiting(1).failed([1], NIGHT).failed([1], NIGHT).failed([2], NIGHT)
    assert found.due(NIGHT) == (2,)
    assert found.due(NIGHT + MINUTE) == (2, 1)


def test_a_message_is_not_set_aside_while_no_other_is_there_to_be_asked_for() -> None:
    room = Room()
    good, bad = room.come(), room.come()
    room.mailbox.unreadable = {bad}
    room.look_for(timedelta(minutes=25))
    room.mailbox.remove(good)
    room.clock.advance(HALF_AN_HOUR)
    room.look_for(2 * HALF_AN_HOUR)
    assert len(room.messages()) == 1


def test_a_message_that_is_waited_for_is_asked_for_seldom_and_what_is_on_record_never_again() -> None:
    room = Room()
    for number in range(20):
        room.come(letter(sender=f"k{number}@khac.example"))
    bad = room.come()
    room.mailbox.unreadable = {bad}
    room.look()
    room.mailbox.fetched.clear()
    room.look_for(timedelta(minutes=29))
    assert {len(uids) for uids in room.mailbox.fetched} == {1}
    assert set(room.mailbox.fetched) == {(bad,), (bad - 1,)}, "it, and the newest on record as a proof"
    assert room.mailbox.fetched.count((bad,)) <= 10


@pytest.mark.parametrize("trouble", [LOST, REFUSED])
@pytest.mark.parametrize("before", [0, 1])
def test_a_server_that_hands_out_nothing_for_hours_sets_no_good_mail_aside(trouble: Trouble, before: int) -> None:
    room = Room()
    for _ in range(before):
        room.come()
        room.look()
    room.come(letter(sender="a@khac.example"))
    room.come(letter(sender="b@khac.example"))
    looked = room.checked_at()
    room.mailbox.fail("fetch", trouble, times=10_000)
    for _ in range(120):
        room.clock.advance(MINUTE)
        room.mailbox.connect()
        with pytest.raises(Trouble):
            room.run()
    assert len(room.messages()) == before
    assert room.checked_at() <= looked + 3 * MINUTE, "so that the manager is told of the outage"
    room.mailbox.heal()
    room.look_for(2 * MINUTE)
    assert {message.state for message in room.messages()} == {MessageState.DECIDED}
    assert {"a@khac.example", "b@khac.example"} <= {row.recipient for row in room.mails(OutboxKind.REPLY)}


@pytest.mark.parametrize("how", ["unreadable", "breaking"])
def test_the_half_hour_begins_anew_when_the_server_hands_out_nothing_else_either(how: str) -> None:
    room = Room()
    old = room.come()
    room.look()
    bad = room.come()
    for which, minutes in (({bad}, 25), ({bad, old}, 10), ({bad}, 25)):
        setattr(room.mailbox, how, which)
        room.look_for(timedelta(minutes=minutes))
    assert len(room.messages()) == 1
    room.look_for(HALF_AN_HOUR)
    assert len(room.messages()) == 2


def test_a_lone_message_that_is_refused_is_set_aside_only_when_another_came() -> None:
    room = Room()
    bad = room.come()
    room.mailbox.unreadable = {bad}
    for _ in range(60):
        room.clock.advance(MINUTE)
        with pytest.raises(Trouble, match="the server refused"):
            room.run()
    assert room.messages() == []
    room.come(letter(sender="b@khac.example"))
    room.look_for(HALF_AN_HOUR)
    by_uid = {message.place.uid: message.state for message in room.messages()}
    assert by_uid == {bad: MessageState.QUARANTINED, bad + 1: MessageState.DECIDED}


def test_a_message_that_comes_is_no_proof_against_another_that_failed_once() -> None:
    room = Room()
    first, second, third = (room.come(letter(sender=f"{name}@khac.example")) for name in "abc")
    for uid in (first, second, third):
        room.mailbox.unreadable = {uid}
        room.look()
        room.clock.advance(timedelta(hours=1))
    room.mailbox.unreadable = set()
    room.look_for(MINUTE)
    assert {message.state for message in room.messages()} == {MessageState.DECIDED}
    assert len(room.messages()) == 3


def test_many_messages_refused_are_the_servers_trouble_be_others_handed_out_or_not() -> None:
    room = Room()
    room.come()
    room.look()
    bad = {room.come(letter(sender=f"k{number}@khac.example")) for number in range(FEW + 1)}
    room.mailbox.unreadable = bad
    room.look()
    for _ in range(90):
        room.clock.advance(MINUTE)
        with pytest.raises(Trouble, match=f"does not hand out {FEW + 1} messages"):
            room.run()
    assert len(room.messages()) == 1
    room.come(letter(sender="b@khac.example"))
    assert room.run() == 1, "they keep no other waiting"
    room.mailbox.unreadable = set()
    room.look_for(timedelta(minutes=6))
    assert len(room.messages()) == FEW + 3


def test_a_message_behind_many_that_are_refused_is_answered() -> None:
    room = Room()
    room.mailbox.unreadable = {room.come() for _ in range(FEW + 5)}
    room.come(letter(sender="b@khac.example"))
    room.look()
    assert [row.recipient for row in room.mails(OutboxKind.REPLY)] == ["b@khac.example"]


def test_however_many_are_refused_only_so_many_are_asked_for_again() -> None:
    room = Room()
    uids = {room.come() for _ in range(3 * BATCH)}
    room.mailbox.unreadable = set(uids)
    for _ in range(3):
        room.look()
    assert room.last_uid() == BATCH
    room.mailbox.unreadable = set()
    room.look_for(2 * MINUTE)
    assert {message.place.uid for message in room.messages()} == uids


def test_a_connection_that_is_lost_while_messages_are_read_one_by_one_sets_none_aside() -> None:
    room = Room()
    room.come()
    room.come(letter(sender="b@khac.example"))
    room.mailbox.fail("fetch", REFUSED)
    room.mailbox.fail("fetch", LOST)
    with pytest.raises(Trouble, match="lost"):
        room.run()
    assert room.messages() == []
    assert room.run() == 2
    assert {message.state for message in room.messages()} == {MessageState.DECIDED}


def test_a_message_that_breaks_connections_keeps_those_around_it_waiting_for_one_connection_only() -> None:
    room = Room()
    bad = room.come(letter(sender="x@y.example"))
    others = [letter(sender=f"{name}@khac.example") for name in "abc"]
    for other in others:
        room.come(other)
    room.mailbox.breaking = {bad}
    room.look()
    room.look()
    assert len(room.messages()) == 3


def test_two_messages_that_break_connections_are_both_set_aside() -> None:
    room = Room()
    room.come()
    bad = {room.come(letter(sender="x@y.example")), room.come(letter(sender="y@y.example"))}
    room.come(letter(sender="b@khac.example"))
    room.mailbox.breaking = bad
    room.look_for(2 * HALF_AN_HOUR)
    states = {message.place.uid: message.state for message in room.messages()}
    assert {uid for uid, state in states.items() if state is MessageState.QUARANTINED} == bad
    assert len(states) == 4


def test_a_message_that_is_waited_for_and_taken_away_is_forgotten() -> None:
    room = Room()
    room.come()
    bad = room.come()
    room.mailbox.unreadable = {bad}
    room.look()
    room.mailbox.remove(bad)
    room.look_for(2 * MINUTE)
    assert (len(room.messages()), room.store.setting("waiting:info")) == (1, None)


def test_what_is_waited_for_when_the_mailbox_is_renumbered_is_set_aside_for_a_person() -> None:
    room = Room()
    room.come()
    bad = room.come()
    room.mailbox.unreadable = {bad}
    room.look()
    room.mailbox.unreadable = set()
    room.mailbox.renumber()
    room.look_for(2 * MINUTE)
    assert room.store.setting("waiting:info") is None
    _read, lost = room.messages()
    assert (lost.state, lost.place.uid, lost.error) == (
        MessageState.QUARANTINED,
        bad,
        "the mailbox was renumbered while it was waited for",
    )


def test_a_mail_that_gets_the_number_of_one_that_was_waited_for_is_answered() -> None:
    """The server went back to an older copy, under the same UIDVALIDITY."""
    room = Room()
    first, bad = room.come(), room.come()
    room.mailbox.unreadable = {bad}
    room.look()
    room.mailbox.unreadable = set()
    inbox = room.mailbox.folders[INBOX]
    inbox.stored, inbox.uidnext = [one for one in inbox.stored if one.uid == first], bad
    room.look()
    assert room.come(letter(sender="b@khac.example")) == bad
    room.look()
    assert [row.recipient for row in room.mails(OutboxKind.REPLY)] == [CUSTOMER, "b@khac.example"]
    assert [row.state for row in room.messages()].count(MessageState.QUARANTINED) == 1


def test_a_program_that_is_started_for_every_round_goes_on_counting() -> None:
    room = Room()
    bad = room.come(letter(sender="x@y.example"))
    for name in "abc":
        room.come(letter(sender=f"{name}@khac.example"))
    room.mailbox.breaking = {bad}
    for _ in range(12):
        room.start_anew()
        room.look()
        room.clock.advance(timedelta(minutes=5))
    states = {message.place.uid: message.state for message in room.messages()}
    assert states.pop(bad) is MessageState.QUARANTINED
    assert list(states.values()) == [MessageState.DECIDED] * 3


def test_a_clock_that_is_set_back_keeps_no_message_waiting() -> None:
    room = Room()
    room.come()
    bad = room.come(letter(sender="x@y.example"))
    room.mailbox.unreadable = {bad}
    room.look_for(timedelta(minutes=10))
    room.clock.advance(timedelta(days=-2))
    room.mailbox.unreadable = set()
    room.look()
    assert len(room.messages()) == 2


def test_trouble_that_is_no_messages_goes_its_way_and_no_message_waits_for_it() -> None:
    room = Room()
    room.come()
    room.mailbox.fail("fetch", Trouble(TroubleKind.MAILBOX, "imap", "not there", "nothing"))
    with pytest.raises(Trouble, match="not there"):
        room.run()
    assert (room.last_uid(), room.store.setting("waiting:info")) == (0, None)


def test_a_message_over_which_the_server_asks_to_wait_does_not_hold_up_the_mailbox_for_ever() -> None:
    room = Room()
    room.come(letter(sender="x@y.example"))
    room.come()
    room.mailbox.fail("fetch", Trouble(TroubleKind.BUSY, "imap", "asks to wait", "nothing"), times=2)
    for expected in ("asks to wait", "asks to wait"):
        with pytest.raises(Trouble, match=expected):
            room.run()
        assert room.last_uid() > 0, "the next one has its turn first"
        room.clock.advance(timedelta(minutes=15))
    room.run()
    assert len(room.messages()) == 2


def test_a_bad_network_sets_nothing_aside() -> None:
    room = Room()
    for _ in range(TRIES + 2):
        room.come()
        room.mailbox.fail("fetch", LOST)
        with pytest.raises(Trouble, match="lost"):
            room.run()
        room.clock.advance(timedelta(minutes=31))
        room.run()
    assert {message.state for message in room.messages()} == {MessageState.DECIDED}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"\xff\xfe\x00garbage",
        b"From: =?utf-8?q?=ED=A0=80?= <a@b.example>\r\nTo: info@congty.example\r\nSubject: =?utf-16?b?2AA=?=\r\n\r\n",
        b"From: a@b.example\r\nTo: info@congty.example\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+2AA-\r\n",
        b"From: a@b.example\r\nTo: info@congty.example\r\nSubject: a\x00b\r\n\r\n\x00\r\n",
        "From: khách@banhàng.example\r\nTo: info@congty.example\r\nSubject: Hỏi\r\n\r\nHỏi giá\r\n".encode(),
        b"From: a@b.example\r\nReturn-Path: <a@b.example>\r\nTo: info@congty.example\r\nSubject: Chieu mai hen gap\r\n"
        b"\r\nEm qua gap anh nhe\r\n",
        b'From: "a\\"b@c"@d.example\r\nTo: info@congty.example\r\nMessage-ID: <a b@c>\r\nReferences: <> < >\r\n\r\nHi',
        b"From: a@b.example\r\nTo: info@congty.example\r\nDate: Fri, 99 Foo 0000 99:99:99 +9999\r\n\r\nHi\r\n",
    ],
)
def test_no_message_however_odd_breaks_anything(raw: bytes) -> None:
    room = Room()
    room.come(raw)
    room.come()
    assert room.run() == 2
    assert {message.state for message in room.messages()} == {MessageState.DECIDED}
    assert CUSTOMER in {row.recipient for row in room.mails(OutboxKind.REPLY)}


def test_when_the_state_fails_the_whole_batch_is_read_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room()
    room.come()
    room.come(letter(sender="b@khac.example"))
    real_advance = Batch.advance

    def full(*_args: object) -> None:
        raise Trouble(TroubleKind.STATE, "state.db", "the disk is full", "free some space")

    monkeypatch.setattr(Batch, "advance", full)
    with pytest.raises(Trouble, match="disk is full"):
        room.run()
    assert (room.messages(), room.store.mails(), room.last_uid()) == ([], (), 0)
    monkeypatch.setattr(Batch, "advance", real_advance)
    assert room.run() == 2
    assert len(room.mails(OutboxKind.REPLY)) == 2


def test_a_kill_inside_the_transaction_leaves_nothing_half_done() -> None:
    room = Room()
    room.come()

    class KilledError(BaseException):
        pass

    def kill(step: Step) -> None:
        if step is Step.DECIDED:
            raise KilledError

    with pytest.raises(KilledError):
        Triage(desk(), room.store, room.clock, kill).run(room.mailbox)
    assert room.messages() == []
    assert room.run() == 1
    assert len(room.mails(OutboxKind.REPLY)) == 1


# --- the breaker ------------------------------------------------------------------------------------------------------


def test_a_flood_stops_the_replies_tells_the_manager_once_and_goes_on_being_triaged() -> None:
    room = Room(policy(("office: 200 per hour", "office: 3 per hour")))
    for number in range(8):
        room.come(letter(sender=f"a@k{number}.example"))
    assert room.run() == 8
    assert len(room.mails(OutboxKind.REPLY)) == 3
    assert len(room.mails(OutboxKind.FOLLOW_UP)) == 8
    [alert] = room.mails(OutboxKind.ALERT)
    assert alert.recipient == MANAGER
    assert "3 thư mỗi giờ" in alert.text
    assert [trouble.kind for trouble in room.store.open_troubles()] == [TroubleKind.BREAKER]


def test_a_mailbox_that_is_flooded_stops_and_the_other_one_goes_on() -> None:
    store, clock = Store.open(None), ManualClock(NIGHT)
    flooded, calm = few_replies("account", 3, store, clock), few_replies("account", 3, store, clock, name="sales")
    for number in range(6):
        flooded.come(letter(sender=f"a@k{number}.example"))
    calm.come(letter(sender="z@z.example", to=SALES))
    for each in (flooded, calm):
        each.round()
    assert Counter(row.account for row in flooded.mails(OutboxKind.REPLY)) == {"info": 3, "sales": 1}
    [alert] = flooded.mails(OutboxKind.ALERT)
    assert "Hộp thư Công ty Ví Dụ đã gửi đủ" in alert.text
    assert flooded.troubles() == [TroubleKind.ACCOUNT_HELD]
    store.close()


def test_when_all_mailboxes_together_are_flooded_the_manager_is_told_once_and_each_of_them_says_so() -> None:
    store, clock = Store.open(None), ManualClock(NIGHT)
    rooms = [few_replies("office", 3, store, clock, name=name) for name in ("info", "sales")]
    for number in range(3):
        for room in rooms:
            room.come(letter(sender=f"a@{room.desk.name}{number}.example", to=room.desk.settings.address))
            room.round()
    assert len(rooms[0].mails(OutboxKind.REPLY)) == 3
    [alert] = rooms[0].mails(OutboxKind.ALERT)
    assert "Tất cả các hộp thư" in alert.text
    assert [(row.account, row.kind) for row in store.open_troubles()] == [("sales", "breaker"), ("info", "breaker")]
    store.close()


def few_replies(limit: str, count: int, store: Store, clock: ManualClock, *, name: str = "info") -> AtWork:
    was = {"account": "account: 100 per hour, 500 per day", "office": "office: 200 per hour, 1000 per day"}[limit]
    address = OFFICE if name == "info" else SALES
    return AtWork(policy((was, f"{limit}: {count} per hour")), name=name, address=address, store=store, clock=clock)


@pytest.mark.parametrize(
    "sender", ["bot+{}@robot.example", "BOT+{}@Robot.Example", "bot@h{}.robot.com.vn", "bot{}@gmail.com"]
)
def test_a_robot_that_varies_its_address_does_not_escape(sender: str) -> None:
    room = Room(policy(("per_domain: 20 per hour, 60 per day", "per_domain: 4 per day"), MAILBOX_OF_EIGHT))
    for number in range(30):
        room.come(letter(sender=sender.format(number), subject=f"{number}"))
    room.run()
    expected = 8 if "gmail" in sender else 4 if "com.vn" in sender else 1
    assert len(room.mails(OutboxKind.REPLY)) == expected


MAILBOX_OF_EIGHT = ("account: 100 per hour, 500 per day", "account: 8 per day")


def test_a_conversation_of_many_machines_ends_after_three_replies() -> None:
    room = Room()
    ids: list[str] = []
    for number in range(6):
        references = {"References": " ".join(ids)} if ids else {}
        room.come(letter(sender=f"bot@m{number}.example", **references))
        room.run()
        ids = [row.message_id for row in room.mails(OutboxKind.REPLY)]
    assert len(ids) == 3
    assert "cuộc trao đổi này đã chạm giới hạn 3 thư mỗi ngày" in " ".join(room.messages()[-1].decision["reasons"])


def test_a_days_limit_is_over_only_when_there_is_room_again() -> None:
    room = Room(policy(("office: 200 per hour, 1000 per day", "office: 50 per hour, 4 per day")))
    for number in range(6):
        room.come(letter(sender=f"a@k{number}.example"))
    room.run()
    for hours, expected in ((2, [TroubleKind.BREAKER]), (21, [TroubleKind.BREAKER]), (2, [])):
        room.clock.advance(timedelta(hours=hours))
        room.watch_limits()
        assert [trouble.kind for trouble in room.store.open_troubles()] == expected


def test_a_days_limit_is_over_when_a_tenth_of_it_is_free_again() -> None:
    room = Room(policy(("office: 200 per hour, 1000 per day", "office: 50 per hour, 20 per day")))
    for hour, mails in ((0, 1), (1, 1), (2, 20)):
        room.clock.set(NIGHT + timedelta(hours=hour))
        for number in range(mails):
            room.come(letter(sender=f"a@k{hour}x{number}.example"), room.clock.now())
        room.run()
    for hours, expected in ((24, [TroubleKind.BREAKER]), (25, [])):
        room.clock.set(NIGHT + timedelta(hours=hours, minutes=1))
        room.watch_limits()
        assert [trouble.kind for trouble in room.store.open_troubles()] == expected


def test_when_the_flood_is_over_replies_go_on_and_the_trouble_ends() -> None:
    room = Room(policy(("office: 200 per hour", "office: 1 per hour")))
    for name in "ab":
        room.come(letter(sender=f"x@{name}.example"))
    room.run()
    room.clock.advance(timedelta(hours=2))
    room.watch_limits()
    assert room.store.open_troubles() == ()
    room.come(letter(sender="x@c.example"), room.clock.now())
    room.run()
    assert len(room.mails(OutboxKind.REPLY)) == 2


def test_a_flood_that_goes_on_for_hours_is_one_alarm_though_a_reply_slips_through_now_and_then() -> None:
    room = Room(policy(("office: 200 per hour", "office: 4 per hour")))
    for number in range(40):
        room.come(letter(sender=f"a@k{number}.example"), room.clock.now())
        room.run()
        room.watch_limits()
        room.clock.advance(timedelta(minutes=7))
    assert len(room.mails(OutboxKind.REPLY)) > 8
    assert len(room.mails(OutboxKind.ALERT)) == 1


def test_in_observe_mode_a_flood_is_on_record_and_wakes_nobody() -> None:
    room = Room(policy(("office: 200 per hour", "office: 1 per hour")), mode=Mode.OBSERVE)
    for name in "ab":
        room.come(letter(sender=f"x@{name}.example"))
    room.run()
    assert [trouble.kind for trouble in room.store.open_troubles()] == [TroubleKind.BREAKER]
    assert room.mails(OutboxKind.ALERT) == []


def test_a_flood_of_emergencies_stops_the_alerts_and_tells_the_manager_once() -> None:
    room = Room(few_alerts())
    for number in range(8):
        room.come(letter(SEVER, "Sập hệ thống", sender=f"a@k{number}.example"))
        room.come(letter(sender=f"b@k{number}.example"))  # a usual mail in between, with its reply
    room.run()
    told = [row.recipient for row in room.mails(OutboxKind.ALERT)]
    assert told == [ON_CALL] * 3 + [MANAGER]
    [notice] = [row for row in room.mails(OutboxKind.ALERT) if row.recipient == MANAGER]
    assert "3 thư mỗi giờ" in notice.text
    assert "thư được gắn cờ" in notice.text
    assert len(room.mails(OutboxKind.REPLY)) == 16, "customers still get the phone number"
    assert len(room.store.unmarked("info", 99)) == 8, "and every emergency is flagged"


def test_an_emergency_of_which_two_are_told_counts_once() -> None:
    both = ("do: {reply: emergency, alert: on_call,", "do: {reply: emergency, alert: [on_call, manager],")
    room = Room(few_alerts(both))
    for number in range(3):
        room.come(letter(SEVER, "Sập hệ thống", sender=f"a@k{number}.example"))
    room.run()
    assert [row.recipient for row in room.mails(OutboxKind.ALERT)] == [ON_CALL, MANAGER] * 3


def few_alerts(*more: tuple[str, str]) -> Policy:
    return policy(("alerts: 30 per hour", "alerts: 3 per hour"), *more)


def test_an_hour_later_alerts_go_out_again() -> None:
    room = Room(few_alerts())
    for number in range(5):
        room.come(letter(SEVER, "Sập hệ thống", sender=f"a@k{number}.example"))
    room.run()
    room.clock.advance(timedelta(minutes=61))
    room.watch_limits()
    room.come(letter(SEVER, "Sập hệ thống", sender="z@k.example"), room.clock.now())
    room.run()
    told = [row.recipient for row in room.mails(OutboxKind.ALERT)]
    assert told == [ON_CALL] * 3 + [MANAGER, ON_CALL]
    assert room.store.open_troubles() == ()


def test_alerts_that_stop_are_told_although_replies_had_stopped_before() -> None:
    room = Room(few_alerts(("office: 200 per hour", "office: 1 per hour")))
    for number in range(6):
        room.come(letter(SEVER, "Sập hệ thống", sender=f"a@k{number}.example"))
    room.run()
    told = [row.text for row in room.mails(OutboxKind.ALERT) if row.recipient == MANAGER]
    assert any("thư báo tin cho phép" in text for text in told)
    assert len(told) == 2


# --- when it came -----------------------------------------------------------------------------------------------------

DATE = {"Date": "Fri, 20 Nov 2026 16:00:00 +0700"}


@pytest.mark.parametrize(
    ("internaldate", "headers", "expected"),
    [
        (NIGHT - MINUTE, DATE, NIGHT - MINUTE),
        (None, DATE, local("2026-11-20 16:00")),
        (local("1970-01-01 07:00"), DATE, local("2026-11-20 16:00")),
        (NIGHT + ABSURD_AHEAD + MINUTE, DATE, local("2026-11-20 16:00")),
        (NIGHT + ABSURD_AHEAD - MINUTE, DATE, NIGHT + ABSURD_AHEAD - MINUTE),
        (None, {}, NIGHT),
        (None, {"Date": "Fri, 20 Nov 2099 16:00:00 +0700"}, NIGHT),
        (None, {"Date": "yesterday"}, NIGHT),
    ],
)
def test_the_arrival_is_the_servers_time_or_else_the_best_that_can_be_believed(
    internaldate: datetime | None, headers: dict[str, str], expected: datetime
) -> None:
    room = Room()
    room.come(letter(**headers), internaldate)
    room.run()
    [message] = room.messages()
    assert message.arrived_at == expected


# ---------------------------------------------------------------- a clock that is wrong


def test_what_comes_while_our_clock_stands_in_1970_is_no_old_mail() -> None:
    here = AtWork(at="2026-11-20 22:10")
    here.come()
    here.work()
    here.clock.set(datetime(1970, 1, 1, tzinfo=UTC))
    here.come(letter(sender="minh@khach.example"), local("2026-11-20 22:20"))
    here.work()
    ever = here.store.ledger(None, datetime(1960, 1, 1, tzinfo=UTC), here.clock.now() + timedelta(days=1)).messages
    [message] = [row for row in ever if row.sender == "minh@khach.example"]
    assert (message.arrived_at, message.handled_at) == (local("2026-11-20 22:20"), None)
    assert here.sent_to("minh@khach.example") == [], "the clock is behind what is on record"
    here.work("2026-11-20 22:30")
    assert here.sent_to("minh@khach.example") == ["Trả lời tự động: Hỏi về đơn hàng"]
