"""mail/bounce.py, store/bounces.py, work/bounces.py: a mail came back; whom that stops, and who cannot feign it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from responder.errors import TroubleKind
from responder.mail import bounce
from responder.mail.bounce import MAX_IDS, Bounce, Failure
from responder.mail.message import parse
from responder.mail.mime import MAX_RETURNED
from responder.store.records import OutboxKind, OutboxState
from responder.work import bounces
from responder.work.digest import FIRST_START, Digests
from tests.corpora.sets import bounces as bounces_here
from tests.fakes import CUSTOMER, MANAGER, NO_NULL_SENDER, OFFICE, ON_CALL, AtWork, desk, letter, local, policy

NIGHT, MONDAY = "2026-11-20 22:10", "2026-11-23 08:05"
SENDS = ("follow_up: {as: draft}", "follow_up: {as: send, after: 1m}")
OTHER = "b@khac.example"
SEVER = "Máy chủ bị sập, cửa hàng không bán được hàng."
DAEMON = ("mailer-daemon@mail.example",)
REAL = bounces_here()


def report(
    message_id: str,
    address: str = CUSTOMER,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "smtp; 550 5.1.1 <khach@banhang.example>: no such user",
    kind: str = "delivery-status",
    returned: str = "message/rfc822",
) -> bytes:
    """As an MTA writes it (RFC 3464)."""
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mail.example (Mail Delivery System)
To: {OFFICE}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <dsn.{abs(hash((message_id, address, action, status)))}@mail.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="=b"

--=b
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you that your message could not be delivered.

--=b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Arrival-Date: Fri, 20 Nov 2026 22:10:00 +0700

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Diagnostic-Code: {said.replace("; ", ";" + chr(10) + "    ", 1)}

--=b
Content-Type: {returned}

Message-ID: {message_id}
References: <another@congty.example>
From: {OFFICE}
To: {address}
Subject: x

The text of the mail, with <ids@in.example> of its own.
--=b--
""".encode()


def words(text: str, **headers: str) -> bytes:
    """A notice from before there were reports."""
    given = {"Return_Path": "<>", "Subject": "Mail delivery failed"} | headers
    return letter(text, sender="MAILER-DAEMON@mail.example", **given)


# --- what a mail says -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_names_the_mail_the_address_and_the_reason(returned: str) -> None:
    found = bounce.find(parse(report("<m1@congty.example>", returned=returned)))
    said = "550 5.1.1 <khach@banhang.example>: no such user"
    assert found == Bounce(("<m1@congty.example>",), (Failure((CUSTOMER,), "5.1.1", said),), DAEMON)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", "Delayed (still trying)"])
def test_a_delay_or_a_success_is_no_bounce(action: str) -> None:
    assert bounce.find(parse(report("<m1@congty.example>", action=action, status="4.4.7"))) is None


def test_given_up_after_temporary_failures_is_a_bounce_too() -> None:
    found = bounce.find(parse(report("<m1@congty.example>", action="FAILED", status="4.4.7 (expired)", said="")))
    assert found is not None
    assert found.failures == (Failure((CUSTOMER,), "4.4.7", "4.4.7"),)


def test_of_several_recipients_those_count_that_failed() -> None:
    raw = report("<m1@congty.example>").replace(
        b"\n--=b\nContent-Type: message/rfc822",
        b"\nFinal-Recipient: RFC822; <Ha@Khac.example>\nAction: delayed\nStatus: 4.0.0\n"
        b"\nFinal-Recipient: RFC822; <An@Khac.example>\nAction: failed\nStatus: 5.0.0\n"
        b"Diagnostic-Code: smtp; 552 5.2.2 over quota\n\n--=b\nContent-Type: message/rfc822",
    )
    found = bounce.find(parse(raw))
    assert found is not None
    assert [(each.addresses, each.status) for each in found.failures] == [
        ((CUSTOMER,), "5.1.1"),
        (("an@khac.example",), "5.2.2"),
    ]
    assert found.failure_of("an@khac.example").detail == "552 5.2.2 over quota"
    assert found.failure_of("who@else.example").status == "5.1.1"


@pytest.mark.parametrize(
    "raw",
    [
        words("Delivery to khach@banhang.example failed.\n550 5.1.1 no such user\n\nMessage-ID: <m1@congty.example>\n"),
        words("Sorry.\n", X_Failed_Recipients=CUSTOMER, In_Reply_To="<m1@congty.example>"),
        words("khach@banhang.example: 550 5.1.1 unknown. <m1@congty.example>", Subject="failure notice"),
        letter("550 5.1.1 gone\n\nMessage-ID:\n <m1@congty.example>", sender="it@banhang.example", Return_Path="<>"),
    ],
)
def test_an_older_notice_in_plain_words_is_read_too(raw: bytes) -> None:
    found = bounce.find(parse(raw))
    assert found is not None
    assert found.ids == ("<m1@congty.example>",)


ABSENT = "Tôi nghỉ phép đến thứ Hai.\n\n> Message-ID: <m1@congty.example>"


@pytest.mark.parametrize(
    "raw",
    [
        letter(ABSENT, Return_Path="<>", Auto_Submitted="auto-replied", In_Reply_To="<m1@congty.example>"),
        letter("Máy báo lỗi 550 5.1.1 là sao? <m1@congty.example>", In_Reply_To="<m1@congty.example>"),
        words(
            "still trying to deliver", Subject="Warning: message delayed 24 hours", In_Reply_To="<m1@congty.example>"
        ),
        report("<m1@congty.example>", action="displayed", kind="disposition-notification"),
        *(
            letter(text, Return_Path="<>", Auto_Submitted="auto-replied", In_Reply_To="<m1@congty.example>")
            for text in (
                "Tôi đi vắng. Việc gấp xin gọi 0903 456 789.",
                "I am away. Call +1 415 555-0100 if delivery fails.",
                "Đặt 500 cái, giá 450 triệu.",
                "450 4.2.0 greylisted, try again",
            )
        ),
        letter("Your message has been delivered and will be read soon.", sender="postmaster@banhang.example",
               In_Reply_To="<m1@congty.example>"),
        letter("Hộp thư của chị Lan đã chuyển sang lan.moi@banhang.example.", sender="postmaster@banhang.example",
               In_Reply_To="<m1@congty.example>"),
    ],
)  # fmt: skip
def test_an_absence_a_persons_question_a_warning_and_a_receipt_are_no_bounce(raw: bytes) -> None:
    assert bounce.find(parse(raw)) is None


def test_the_returned_mail_is_meant_and_not_the_thread_it_stood_in() -> None:
    found = bounce.find(
        parse(report("<m1@congty.example>").replace(b"To: info", b"References: <old@x.example>\nTo: info"))
    )
    assert found is not None
    assert found.ids == ("<m1@congty.example>",)


def test_a_report_without_a_word_about_recipients_is_read_by_its_text() -> None:
    """As some servers write it: the type of a report, and what matters in plain words."""
    raw = report("<m1@congty.example>").replace(b"Final-Recipient", b"X-A").replace(b"Original-Recipient", b"X-B")
    found = bounce.find(parse(raw.replace(b"could not be delivered", b"could not be delivered: 550 5.1.1 no")))
    assert found == Bounce(("<m1@congty.example>",), (Failure((), "5.1.1", "550 5.1.1 no."),), DAEMON)


def test_hostile_reports_stay_within_their_bounds() -> None:
    many = "".join(f"<{number}@x.example>\n" for number in range(10_000))
    assert len(bounce.find(parse(words(f"550 5.1.1 no\n{many}"))).ids) == MAX_IDS  # type: ignore[union-attr]
    groups = "Final-Recipient: rfc822; a@b.example\nAction: failed\n\n" * 20_000
    raw = report("<m1@congty.example>").replace(b"Reporting-MTA", groups.encode() + b"Reporting-MTA")
    message = parse(raw)
    assert len(message.returned) <= MAX_RETURNED
    found = bounce.find(message)
    assert found is not None
    assert len(found.failures) == bounce.MAX_FAILURES
    bounce.find(parse(report("<m1@congty.example>", said="x " * 100_000, status="5." * 9999)))


def test_what_an_ordinary_mail_has_attached_is_no_report() -> None:
    raw = report("<m1@congty.example>").replace(b"multipart/report; report-type=delivery-status;", b"multipart/mixed;")
    assert parse(raw).returned == ""


@pytest.mark.skipif(not REAL.is_dir(), reason="the folder of real bounces is not here")
def test_most_real_bounces_are_read_with_their_status_and_no_absence_is_taken_for_one() -> None:
    seen: Counter[str] = Counter()
    for file in sorted(REAL.glob("*.eml")):
        found = bounce.find(parse(file.read_bytes()))
        kind = file.name.split("-")[0]
        seen[f"{kind}: {'bounce' if found else 'none'}"] += 1
        seen["with status"] += bool(found and found.failures[0].status)
        seen["with an id"] += bool(found and found.ids)
    assert seen["rfc3834: bounce"] == seen["arf: bounce"] == 0
    assert seen["with status"] > 200
    assert seen["with an id"] > 240


# --- what follows -----------------------------------------------------------------------------------------------------


@pytest.fixture
def here() -> Iterator[AtWork]:
    made = AtWork(policy(SENDS))
    yield made
    made.store.close()


def followed_up(here: AtWork, raw: bytes | None = None) -> str:
    """A customer wrote at night, and got a follow-up on Monday; its Message-ID."""
    here.come(raw)
    here.work()
    here.work(MONDAY)
    sent = [row for row in here.mails(OutboxKind.FOLLOW_UP) if row.state is OutboxState.SENT]
    assert sent
    return sent[-1].message_id


def test_after_a_bounce_the_address_gets_nothing_automatic_for_sixty_days(here: AtWork) -> None:
    here.come(report(followed_up(here)))
    here.work()
    before = len(here.sent_to())
    assert before == 2, "the reply and the follow-up"
    here.clock.set(local("2026-11-24 22:00"))
    here.come(letter(SEVER, "Sập hệ thống"))
    here.work()
    here.work("2026-11-25 09:00")
    assert len(here.sent_to()) == before
    [why] = [each for row in here.messages() for each in row.decision["reasons"] if "bị trả lại" in each]
    assert why.endswith("đã bị trả lại lúc thứ Hai, 23/11/2026, 08:05.")
    assert here.sent_to(ON_CALL), "an emergency is one all the same"
    here.clock.set(local(MONDAY) + bounces.STOPS + timedelta(hours=14))
    here.come()
    here.work()
    assert len(here.sent_to()) == before + 1


def test_what_came_back_is_on_record_with_the_reason_and_counts_as_sent(here: AtWork) -> None:
    number = followed_up(here)
    here.come(report(number))
    here.work()
    [row] = [row for row in here.store.mails() if row.message_id == number]
    assert (row.state, row.reason) == (OutboxState.BOUNCED, "550 5.1.1 <khach@banhang.example>: no such user")
    assert OutboxState.BOUNCED in here.desk.counted
    assert here.store.held(CUSTOMER).bounces == 1
    assert here.messages()[-1].veto == "auto_submitted"


def test_a_reply_that_had_to_go_out_under_our_own_address_comes_back_likewise() -> None:
    here = AtWork(None, NO_NULL_SENDER)
    here.come()
    here.work()
    [reply] = here.mails(OutboxKind.REPLY)
    here.come(report(reply.message_id))
    here.work()
    assert [row.state for row in here.mails(OutboxKind.REPLY)] == [OutboxState.BOUNCED]
    here.work("2026-11-23 08:05")
    here.clock.set(local("2026-11-23 22:00"))
    here.come()
    here.work()
    assert len(here.sent_to()) == 1
    here.store.close()


def test_what_waits_to_be_sent_to_that_address_is_cancelled_and_says_why(here: AtWork) -> None:
    number = followed_up(here)
    here.clock.set(local("2026-11-23 19:00"))
    here.come(letter("Một câu hỏi khác."))
    here.round()
    here.come(report(number))
    here.round()
    last = here.mails(OutboxKind.FOLLOW_UP)[-1]
    assert (last.state, last.reason) == (OutboxState.CANCELLED, "thư trước gửi đến địa chỉ này đã bị trả lại")


def test_a_draft_that_waits_stays_a_person_decides(here: AtWork) -> None:
    number = followed_up(here)
    here.be(desk())
    here.clock.set(local("2026-11-23 19:00"))
    here.come(letter("Một câu hỏi khác."))
    here.round()
    here.come(report(number))
    here.round()
    here.work("2026-11-25 08:05")
    assert here.drafts() == ["Re: Hỏi về đơn hàng"]


@pytest.mark.parametrize("message_id", ["<of@nobody.example>", "<1@banhang.example>"])
def test_a_forged_report_about_a_mail_we_never_sent_silences_nobody(here: AtWork, message_id: str) -> None:
    followed_up(here)
    here.come(report(message_id))
    here.work("2026-11-24 22:00")
    assert here.store.held(CUSTOMER).bounces == 0
    here.come()
    here.work()
    assert len(here.sent_to()) == 3


def test_a_report_that_names_another_address_than_our_records_stops_ours_not_that_one(here: AtWork) -> None:
    """Somebody who knows the number of a mail to himself names a customer as the one it could not reach."""
    here.come(report(followed_up(here, letter(sender=OTHER)), CUSTOMER))
    here.work()
    assert (here.store.held(CUSTOMER).bounces, here.store.held(OTHER).bounces) == (0, 1)


def test_a_report_about_a_mail_from_long_ago_is_not_believed(here: AtWork) -> None:
    number = followed_up(here)
    here.clock.advance(timedelta(days=31))
    here.come(report(number))
    here.work()
    assert here.store.held(CUSTOMER).bounces == 0


def test_a_mail_that_only_waits_cannot_have_come_back(here: AtWork) -> None:
    here.come()
    here.round()
    [waiting] = here.mails(OutboxKind.FOLLOW_UP)
    here.come(report(waiting.message_id))
    here.round()
    assert [row.state for row in here.mails(OutboxKind.FOLLOW_UP)] == [OutboxState.WAITING]


def test_the_same_bounce_twice_is_one_and_begins_nothing_anew(here: AtWork) -> None:
    number = followed_up(here)
    here.come(report(number))
    here.work()
    here.clock.advance(timedelta(days=20))
    here.come(report(number, status="5.0.0"))
    here.work()
    assert here.store.held(CUSTOMER).bounces == 1


def test_a_persons_mail_that_came_back_stops_automatic_mail_to_whom_it_names_only(here: AtWork) -> None:
    number = here.staff_write(to=f"{CUSTOMER}, {OTHER}")
    here.round()
    here.come(report(number, OTHER))
    here.come(report(number, "somebody@else.example", status="5.0.0"))
    here.round()
    assert [here.store.held(who).bounces for who in (CUSTOMER, OTHER, "somebody@else.example")] == [0, 1, 0]


def test_once_a_person_of_ours_has_written_to_the_address_again_it_is_answered_again(here: AtWork) -> None:
    here.come(report(followed_up(here)))
    here.work()
    here.clock.advance(timedelta(hours=2))
    here.staff_write()
    here.work()
    here.clock.set(local("2026-11-24 22:00"))
    here.come()
    here.work()
    assert len(here.sent_to()) == 3


def test_a_mail_from_the_address_itself_lifts_nothing(here: AtWork) -> None:
    here.come(report(followed_up(here)))
    here.work()
    for night in ("2026-11-25 22:00", "2026-11-26 22:00"):
        here.clock.set(local(night))
        here.come()
        here.work()
    assert len(here.sent_to()) == 2


def test_who_writes_themselves_is_not_gone(here: AtWork) -> None:
    number = followed_up(here)
    here.come(letter(f"550 5.1.1 was what my other mailbox said.\n{number}", Return_Path="<>", In_Reply_To=number))
    here.work()
    assert here.store.held(CUSTOMER).bounces == 0


def test_what_came_back_from_a_subaddress_stops_mail_to_the_person(here: AtWork) -> None:
    local_part, _, domain = CUSTOMER.partition("@")
    here.come(report(followed_up(here, letter(sender=f"{local_part}+shop@{domain}")), f"{local_part}+shop@{domain}"))
    here.work()
    before = len(here.server.sent)
    here.clock.set(local("2026-11-24 22:00"))
    here.come(letter())
    here.work()
    assert len(here.server.sent) == before


@pytest.mark.parametrize("status", ["5.7.1", "5.4.4", "5.3.2"])
def test_where_the_fault_may_lie_with_us_the_stop_is_short(here: AtWork, status: str) -> None:
    here.come(report(followed_up(here), status=status, said=f"smtp; 550 {status} blocked"))
    here.work()
    before = len(here.sent_to())
    for time, more in (("2026-11-24 22:00", 0), ("2026-11-25 22:00", 1)):
        here.clock.set(local(time))
        here.come()
        here.work()
        assert len(here.sent_to()) == before + more


def test_who_is_forgotten_is_forgotten_with_what_came_back(here: AtWork) -> None:
    here.come(report(followed_up(here)))
    here.work()
    here.store.forget(CUSTOMER)
    assert here.store.held(CUSTOMER).is_nothing


def test_a_bounce_goes_off_the_record_with_the_rest(here: AtWork) -> None:
    here.come(report(followed_up(here)))
    here.work()
    here.store.purge_records(here.clock.now() - timedelta(days=1), 100)
    assert here.store.held(CUSTOMER).bounces == 1
    here.store.purge_records(here.clock.now() + timedelta(days=1), 100)
    assert here.store.held(CUSTOMER).bounces == 0


# --- mail to our own people -------------------------------------------------------------------------------------------


def alerted(here: AtWork) -> str:
    here.come(letter(SEVER, "Sập hệ thống"))
    here.work()
    return here.mails(OutboxKind.ALERT)[-1].message_id


def test_an_alert_that_comes_back_is_trouble_that_ends_when_a_later_mail_arrives(here: AtWork) -> None:
    here.come(report(alerted(here), ON_CALL))
    here.work()
    assert here.troubles() == [TroubleKind.BOUNCED]
    [trouble] = here.store.open_troubles()
    assert trouble.text.startswith(f"mail to {ON_CALL} comes back: 550 5.1.1")
    assert over(here, timedelta(days=3)) is False, "nothing has been sent to them since"
    here.clock.set(local("2026-11-25 22:00"))
    here.come(letter(SEVER, "Sập hệ thống", sender="b@khac.example"))
    here.work()
    assert over(here, timedelta(hours=23)) is False, "it may still come back"
    assert over(here, timedelta(hours=2)) is True


def test_the_trouble_about_an_address_of_ours_ends_when_the_office_has_given_another(here: AtWork) -> None:
    here.come(report(alerted(here), ON_CALL))
    here.work()
    assert over(here, timedelta(0)) is False
    mended = {role: who.model_copy(update={"address": "moi@congty.example"}) if who.address == ON_CALL else who
              for role, who in here.desk.people.items()}  # fmt: skip
    bounces.end_if_over(replace(here.desk, people=mended), here.store, here.clock.now())
    assert here.troubles() == []


def over(here: AtWork, later: timedelta) -> bool:
    here.clock.advance(later)
    bounces.end_if_over(here.desk, here.store, here.clock.now())
    return not here.troubles()


def test_a_digest_that_comes_back_each_time_stays_trouble(here: AtWork) -> None:
    here.store.set_once(FIRST_START, local("2026-11-20 07:00").isoformat())
    for morning in ("2026-11-23 08:05", "2026-11-25 08:05", "2026-11-26 08:05"):
        here.clock.set(local(morning))
        here.round()
        Digests(here.desk, here.store, here.clock).run()
        here.work()
        here.come(report(here.mails(OutboxKind.DIGEST)[-1].message_id, MANAGER))
        here.work()
        bounces.end_if_over(here.desk, here.store, here.clock.now())
        assert here.troubles() == [TroubleKind.BOUNCED]


def test_the_digest_tells_what_came_back_so_that_staff_phone(here: AtWork) -> None:
    here.store.set_once(FIRST_START, local("2026-11-20 07:00").isoformat())
    here.come(report(followed_up(here)))
    here.come(report(alerted(here), ON_CALL))
    here.work()
    text = " ".join(Digests(here.desk, here.store, here.clock).preview(here.clock.now()).text.split())
    assert "Thư đã gửi bị trả lại, không đến được người nhận" in text
    assert f"Gửi đến: {CUSTOMER}" in text
    assert "550 5.1.1" in text
    assert text.count("Thư gửi cho nhân viên (tin báo hoặc báo cáo) bị trả lại") == 1
    assert "Không gửi được thư cho nhân viên" not in text, "it is told once"
    assert "Thư nhân viên viết bị trả lại" not in text, "no person wrote these"


@pytest.mark.parametrize(("language", "said"), [("vi", "Thư nhân viên viết bị trả lại"), ("en", "you wrote came back")])
def test_the_digest_tells_of_a_persons_mail_that_came_back_in_one_entry(language: str, said: str) -> None:
    here = AtWork(policy(("language: vi", f"language: {language}")))
    here.store.set_once(FIRST_START, local("2026-11-20 07:00").isoformat())
    number = here.staff_write(to=f"{CUSTOMER}, {OTHER}")
    here.round()
    here.come(report(number, OTHER))
    here.come(report(number, CUSTOMER, status="5.2.2", said=""))
    here.round()
    digests = Digests(here.desk, here.store, here.clock)
    text = " ".join(digests.preview(here.clock.now()).text.split())
    assert text.count(said) == 1
    assert f"{OTHER} (5.1.1)" in text
    assert f"{CUSTOMER} (5.2.2)" in text
    here.clock.set(local(MONDAY))
    assert digests.run()
    assert said not in digests.preview(local("2026-11-24 08:05")).text, "it is told once"
    here.store.close()
