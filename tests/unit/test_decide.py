"""policy/decide.py: what is owed to whom, and the reason the manager reads for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from responder.mail import compose
from responder.mail.addresses import Address
from responder.mail.automatic import Sign, Veto
from responder.mail.compose import LOOP_HEADER, Outgoing
from responder.mail.language import Language
from responder.mail.message import parse
from responder.policy import report
from responder.policy.calendar import ClosedWhy
from responder.policy.decide import Action, ActionKind, Breaker, Decision, Past, PastReply, Tripped, decide, read
from responder.policy.meaning import Judging, Urgency
from responder.policy.model import DAY, HOUR, Office, Play, Policy, Rate, Used
from responder.words.judge import Label
from tests.fakes import CUSTOMER, OFFICE, OURS, ZONE, Says, letter, local, policy

FRIDAY_NIGHT = "2026-11-20 22:10"
MONDAY_8 = local("2026-11-23 08:00")
SEVER = "Máy chủ bị sập, cửa hàng không bán được hàng."


def decided(
    raw: bytes | None = None,
    at: str = FRIDAY_NIGHT,
    *,
    past: Past | None = None,
    rules: Policy | None = None,
    now: str | None = None,
    judge: Judging | None = None,
) -> Decision:
    """What is decided for a mail that arrived `at`, looked at `now`; `judge` is the learnt one."""
    rules = rules or policy()
    message = parse(letter() if raw is None else raw)
    reading = read(message, rules, OURS, arrived=local(at), judge=judge)
    return decide(message, reading, past or Past(), rules, arrived=local(at), now=local(now or at))


def only(decision: Decision, kind: ActionKind) -> Action:
    [action] = decision.of(kind)
    return action


def kinds(decision: Decision) -> list[str]:
    return [action.kind.value for action in decision.actions]


def says(decision: Decision, words: str) -> bool:
    return any(words in reason for reason in decision.reasons)


# --- the usual night --------------------------------------------------------------------------------------------------


def test_a_night_mail_is_owed_a_reply_now_a_follow_up_at_opening_and_an_answer_in_time() -> None:
    decision = decided()
    reply, follow_up, promise = decision.actions
    assert (reply.kind, reply.template, reply.to) == (ActionKind.REPLY, "out_of_hours", CUSTOMER)
    assert reply.due == local(FRIDAY_NIGHT)
    assert reply.not_after == local("2026-11-23 06:00")  # later, "the next workday" would be read as tomorrow
    assert (follow_up.kind, follow_up.template, follow_up.to) == (ActionKind.FOLLOW_UP, "next_workday", CUSTOMER)
    assert follow_up.due == MONDAY_8
    assert promise.kind is ActionKind.PROMISE
    assert decision.office is Office.CLOSED
    assert decision.closure is not None
    assert decision.closure.why is ClosedWhy.AFTER_HOURS
    assert says(decision, "ngoài giờ (sau giờ làm việc); văn phòng mở cửa lại thứ Hai, 23/11/2026, 08:00")


def test_in_office_hours_nothing_is_sent_but_the_promise_runs() -> None:
    decision = decided(at="2026-11-20 10:00")
    assert kinds(decision) == ["promise"]
    assert decision.office is Office.OPEN
    assert says(decision, "trong giờ làm việc")
    assert says(decision, "Không khớp tình huống nào")


def test_the_reasons_are_told_in_the_offices_language() -> None:
    english = policy(("language: vi", "language: en"))
    assert says(decided(rules=english), "the office opens again Monday, 23 November 2026, 08:00")


def test_a_customer_who_writes_in_english_is_known_as_one() -> None:
    decision = decided(letter("Could you please send me a quote for 20 desks?", "Quote"))
    assert decision.reading.language.value == "en"


# --- why the sender gets nothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "Auto-Submitted: auto-replied (auto_submitted)"),
        ({"List_Id": "<tin.shop.example>"}, "List-Id: <tin.shop.example> (list_header)"),
        ({"Return_Path": "<>"}, "Return-Path: <> (null_return_path)"),
        ({"From": "no-reply@banhang.example"}, "(machine_address)"),
        ({"From": "lan@congty.example", "Return_Path": "<lan@congty.example>"}, "là đồng nghiệp (colleague)"),
    ],
)
def test_a_veto_keeps_everything_from_the_sender_and_names_what_it_saw(headers: dict[str, str], why: str) -> None:
    decision = decided(letter(**headers))
    assert kinds(decision) == []
    assert says(decision, "Không gửi gì tự động cho người gửi")
    assert says(decision, why)


def test_a_veto_silences_only_the_sender_a_robots_alarm_still_wakes_the_person_on_call() -> None:
    decision = decided(letter(SEVER, "ALERT: server is down", Auto_Submitted="auto-generated"))
    assert kinds(decision) == ["alert", "mark"]
    assert only(decision, ActionKind.ALERT).to == "on_call"


def our_alert() -> bytes:
    """What the person on call was sent."""
    out = Outgoing(Address("Công ty", OFFICE), Address("", "truc@congty.example"), "<r.1@congty.example>", MONDAY_8)
    return compose.notice(out, "[KHẨN CẤP] Sập hệ thống — khach@banhang.example", SEVER, Language.VI)


@pytest.mark.parametrize("path", [OFFICE, "truc@congty.example", CUSTOMER])
def test_our_own_alert_coming_back_alerts_nobody_whoever_sent_it_on(path: str) -> None:
    decision = decided(f"Return-Path: <{path}>\r\n".encode() + our_alert())
    assert decision.of(ActionKind.ALERT) == ()
    assert decision.of(ActionKind.REPLY) == ()


def test_our_own_alert_without_our_loop_header_is_known_by_our_address() -> None:
    bare = our_alert().replace(b"X-Responder-Loop: info@congty.example\r\n", b"")
    assert LOOP_HEADER.encode() not in bare
    assert decided(b"Return-Path: <info@congty.example>\r\n" + bare).of(ActionKind.ALERT) == ()


ALARM = "ALERT: server is down"


@pytest.mark.parametrize(
    "headers",
    [
        {"Return_Path": "<>"},
        {"Return_Path": "<>", "Auto_Submitted": "auto-generated (failure)"},
        {"Return_Path": "<>", "Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"X_Autoreply": "yes"},
        {"From": "truc@congty.example", "Auto_Submitted": "auto-replied"},
    ],
)
def test_a_bounce_of_our_alert_or_an_absence_note_for_it_alerts_nobody(headers: dict[str, str]) -> None:
    assert decided(letter(SEVER, f"Re: {ALARM}", **headers)).of(ActionKind.ALERT) == ()


def test_a_delivery_report_on_our_alert_alerts_nobody() -> None:
    """Sendmail's, without its null return path: of itself it says `auto-generated`, as a robot's alarm does."""
    report = letter(SEVER, ALARM, Auto_Submitted="auto-generated (failure)").replace(
        b"Content-Type: text/plain;", b'Content-Type: multipart/report; report-type=delivery-status; boundary="b";'
    )
    assert b"multipart/report" in report
    assert decided(report).of(ActionKind.ALERT) == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {
            "Auto_Submitted": "auto-generated",
            "From": "noreply@giamsat.example",
            "Return_Path": "<noreply@giamsat.example>",
        },
        {"Precedence": "bulk", "From": "noreply@giamsat.example"},
    ],
)
def test_a_monitoring_robot_with_emergency_words_still_wakes_the_person_on_call(headers: dict[str, str]) -> None:
    decision = decided(letter(SEVER, ALARM, **headers))
    assert only(decision, ActionKind.ALERT).to == "on_call"
    assert decision.of(ActionKind.REPLY) == ()


def test_when_there_were_too_many_alerts_no_more_go_out_but_the_mail_is_flagged_and_answered() -> None:
    decision = decided(letter(SEVER, "Sập hệ thống"), past=Past(alerts=Used(hour=30)))
    assert kinds(decision) == ["reply", "follow_up", "mark", "promise"]
    assert decision.tripped == Tripped(Breaker.ALERTS, Rate(30, HOUR))
    assert says(decision, "tin báo cho nhân viên đã chạm giới hạn 30 thư mỗi giờ")
    assert decided(letter(SEVER, "Sập hệ thống"), past=Past(alerts=Used(hour=29))).of(ActionKind.ALERT)


def test_mere_thanks_need_no_answer_not_even_in_time() -> None:
    decision = decided(letter("Dạ em cảm ơn anh chị nhiều ạ.", "Re: Báo giá"))
    assert kinds(decision) == []
    assert decision.reading.meaning.situations == ("thanks_only",)
    assert says(decision, "chỉ là lời cảm ơn")


def test_who_insults_gets_nothing_canned_and_the_manager_is_told() -> None:
    decision = decided(letter("Lũ lừa đảo, trả tiền cho tao!", "Trả tiền"))
    assert kinds(decision) == ["alert", "promise"]
    assert only(decision, ActionKind.ALERT).to == "manager"
    assert says(decision, "“abuse” yêu cầu không gửi gì tự động")


def test_without_any_play_that_fits_nothing_goes_out() -> None:
    no_plays = policy().model_copy(update={"plays": ()})
    decision = decided(rules=no_plays)
    assert kinds(decision) == ["promise"]
    assert decision.play is None
    assert says(decision, "Không khớp tình huống nào")


def test_plays_that_only_alert_send_the_customer_nothing() -> None:
    decision = decided(letter("Tôi muốn khiếu nại về thái độ nhân viên.", "Khiếu nại"), "2026-11-20 10:00")
    assert kinds(decision) == ["alert", "mark", "promise"]
    assert says(decision, "không yêu cầu trả lời tự động")


def test_after_an_outage_a_reply_that_came_too_late_is_not_sent_but_the_follow_up_is_owed_today() -> None:
    decision = decided(now="2026-11-23 09:30")
    assert kinds(decision) == ["follow_up", "promise"]
    assert only(decision, ActionKind.FOLLOW_UP).due == local("2026-11-23 09:30")
    assert says(decision, "khoảng thời gian mà thư đến đã qua")


def test_within_the_same_closed_time_a_late_reply_is_still_good() -> None:
    assert only(decided(now="2026-11-22 12:00"), ActionKind.REPLY).due == local("2026-11-22 12:00")


def test_at_the_very_moment_of_opening_the_reply_is_too_late() -> None:
    decision = decided(now="2026-11-23 08:00")
    assert decision.of(ActionKind.REPLY) == ()
    assert says(decision, "khoảng thời gian mà thư đến đã qua")


def test_a_reply_of_office_hours_is_true_until_the_office_closes() -> None:
    rules = policy(
        ("    do: {alert: manager, mark: flagged}", "    do: {reply: urgent, alert: manager, mark: flagged}")
    )
    complaint = letter("Tôi muốn khiếu nại.", "Khiếu nại")
    assert only(decided(complaint, "2026-11-20 10:00", rules=rules), ActionKind.REPLY).not_after == local(
        "2026-11-20 17:00"
    )
    late = decided(complaint, "2026-11-20 10:00", rules=rules, now="2026-11-20 17:00")
    assert late.of(ActionKind.REPLY) == ()
    assert says(late, "khoảng thời gian mà thư đến đã qua")


def test_a_reply_with_the_phone_number_is_true_until_the_office_opens() -> None:
    assert only(decided(letter(SEVER, "Sập hệ thống")), ActionKind.REPLY).not_after == MONDAY_8


def test_a_message_that_a_person_answered_as_it_came_is_owed_nothing_but_its_time() -> None:
    decision = decided(past=Past(answered_at=local(FRIDAY_NIGHT)), now="2026-11-21 09:00")
    assert kinds(decision) == ["promise"]
    assert says(decision, "văn phòng đã viết trong cuộc trao đổi này lúc thứ Sáu, 20/11/2026, 22:10")


def test_an_old_message_is_owed_nothing_at_all() -> None:
    decision = decided(letter(SEVER, "Khiếu nại: sập hệ thống"), past=Past(seen_before=True))
    assert kinds(decision) == []
    assert says(decision, "Thư cũ")


def test_a_thread_in_which_a_person_wrote_lately_is_left_to_that_person() -> None:
    answered = Past(answered_at=local("2026-11-20 18:30"))
    decision = decided(past=answered)
    assert kinds(decision) == ["follow_up", "promise"]
    assert says(decision, "văn phòng đã viết trong cuộc trao đổi này lúc thứ Sáu, 20/11/2026, 18:30")
    assert decided(past=replace(answered, answered_at=local("2026-11-20 18:10"))).of(ActionKind.REPLY)


def test_shortly_before_opening_nobody_is_told_to_wait_for_the_next_workday() -> None:
    decision = decided(at="2026-11-23 06:30")
    assert kinds(decision) == ["follow_up", "promise"]
    assert says(decision, "mở cửa lại trong vòng 2 giờ")
    assert decided(at="2026-11-23 06:00").of(ActionKind.REPLY)


def test_shortly_before_opening_an_emergency_still_learns_the_phone_number() -> None:
    decision = decided(letter(SEVER, "Sập hệ thống"), "2026-11-23 06:30")
    assert only(decision, ActionKind.REPLY).template == "emergency"
    assert says(decision, "Vẫn trả lời dù sắp mở cửa")


# --- once ------------------------------------------------------------------------------------------------------------


def had(at: str, template: str = "out_of_hours") -> Past:
    return Past(known=True, replies=(PastReply(local(at), template),))


def test_a_second_mail_in_the_same_closed_time_gets_no_second_reply() -> None:
    decision = decided(at="2026-11-22 20:00", past=had("2026-11-20 18:00"))
    assert kinds(decision) == ["follow_up", "promise"]
    assert says(decision, "đã nhận trả lời lúc thứ Sáu, 20/11/2026, 18:00 trong cùng lần đóng cửa")


def test_a_reply_of_yesterday_evening_holds_for_twenty_hours() -> None:
    after = had("2026-11-24 23:00")
    held = decided(at="2026-11-25 18:59", past=after)
    assert not held.of(ActionKind.REPLY)
    assert says(held, "lần trước cách đây chưa tới 20 giờ")
    assert decided(at="2026-11-25 19:00", past=after).of(ActionKind.REPLY)


def test_an_emergency_reply_may_follow_a_general_one_but_not_another_emergency_reply() -> None:
    emergency = letter(SEVER, "Sập hệ thống")
    decision = decided(emergency, past=had("2026-11-20 18:00"))
    assert only(decision, ActionKind.REPLY).template == "emergency"
    assert says(decision, "lần này là việc khẩn cấp")
    again = decided(emergency, past=had("2026-11-20 18:00", "emergency"))
    assert again.of(ActionKind.REPLY) == ()
    assert only(again, ActionKind.ALERT).to == "on_call"


def test_an_urgent_reply_does_not_follow_a_general_one() -> None:
    assert not decided(letter("Cần gấp báo giá."), past=had("2026-11-20 18:00")).of(ActionKind.REPLY)


def test_a_general_reply_does_not_follow_an_emergency_one() -> None:
    assert not decided(past=had("2026-11-20 18:00", "emergency")).of(ActionKind.REPLY)


# --- caps ------------------------------------------------------------------------------------------------------------


SENDS = policy(("follow_up: {as: draft}", "follow_up: {as: send, after: 60m}"))
CAPS = [("thread", Used(day=3), "3 thư mỗi ngày"), ("domain", Used(hour=20), "20 thư mỗi giờ"),
        ("domain", Used(day=60), "60 thư mỗi ngày"), ("account", Used(hour=100), "100 thư mỗi giờ"),
        ("account", Used(day=500), "500 thư mỗi ngày"), ("office", Used(hour=200), "200 thư mỗi giờ"),
        ("office", Used(day=1000), "1000 thư mỗi ngày")]  # fmt: skip


@pytest.mark.parametrize(("which", "used", "said"), CAPS)
def test_any_rate_of_any_limit_holds_back_what_is_sent_and_a_draft_stays(which: str, used: Used, said: str) -> None:
    decision = decided(past=Past(**{which: used}))
    assert kinds(decision) == ["follow_up", "promise"]
    assert says(decision, said)
    assert kinds(decided(past=Past(**{which: used}), rules=SENDS)) == ["promise"]
    below = Used(max(used.hour - 1, 0), max(used.day - 1, 0))
    assert decided(past=Past(**{which: below})).of(ActionKind.REPLY)


@pytest.mark.parametrize(
    ("past", "breaker"),
    [
        (Past(thread=Used(day=3)), None),
        (Past(domain=Used(hour=20)), None),
        (Past(account=Used(hour=100)), Tripped(Breaker.ACCOUNT, Rate(100, HOUR))),
        (Past(office=Used(day=1000)), Tripped(Breaker.OFFICE, Rate(1000, DAY))),
    ],
)
def test_only_what_stops_everybodys_replies_trips_a_breaker(past: Past, breaker: Tripped | None) -> None:
    assert decided(past=past).tripped == breaker


def test_at_a_public_provider_a_domain_is_no_unit() -> None:
    """Customers of one provider have nothing to do with each other; the limits of mailbox and office hold there."""
    flood = Past(domain=Used(hour=500, day=5000))
    assert decided(letter(sender="lan@gmail.com"), past=flood).of(ActionKind.REPLY)
    assert not decided(letter(sender="lan@banhang.example"), past=flood).of(ActionKind.REPLY)
    full = replace(flood, account=Used(hour=100))
    assert not decided(letter(sender="lan@gmail.com"), past=full).of(ActionKind.REPLY)


@pytest.mark.parametrize("rules", [policy(), SENDS])
@pytest.mark.parametrize("crowd", [Used(hour=20), Used(day=60)])
def test_a_crowd_of_one_organisation_fills_no_drafts_folder(crowd: Used, rules: Policy) -> None:
    full, nearly = Past(followed_up=crowd), Past(followed_up=Used(max(crowd.hour - 1, 0), max(crowd.day - 1, 0)))
    assert kinds(decided(past=full, rules=rules)) == ["reply", "promise"]
    assert kinds(decided(past=nearly, rules=rules)) == ["reply", "follow_up", "promise"]
    assert says(decided(past=full), "Không xếp thư trả lời của ngày làm việc tiếp theo: đã chạm giới hạn")
    assert decided(letter(sender="lan@gmail.com"), past=full, rules=rules).of(ActionKind.FOLLOW_UP)


def test_a_mail_that_would_get_no_reply_anyway_trips_nothing() -> None:
    assert decided(at="2026-11-20 10:00", past=Past(office=Used(hour=200))).tripped is None


# --- a mail of ours came back ----------------------------------------------------------------------------------------


def test_to_an_address_whose_mail_came_back_nothing_is_sent_but_a_draft_is_laid_for_a_person() -> None:
    back = Past(bounced_at=local("2026-11-02 09:00"))
    decision = decided(past=back)
    assert kinds(decision) == ["follow_up", "promise"]
    assert says(decision, "đã bị trả lại lúc thứ Hai, 02/11/2026, 09:00")
    assert kinds(decided(past=back, rules=SENDS)) == ["promise"]
    assert kinds(decided(rules=SENDS)) == ["reply", "follow_up", "promise"]


def test_an_emergency_from_such_an_address_still_alerts() -> None:
    decision = decided(letter(SEVER, "Sập hệ thống"), past=Past(bounced_at=local("2026-11-02 09:00")))
    assert kinds(decision) == ["follow_up", "alert", "mark", "promise"]


# --- several plays ---------------------------------------------------------------------------------------------------


def test_of_several_plays_one_replies_and_all_alert_and_mark() -> None:
    text = "Tôi khiếu nại: hệ thống sập lần thứ ba rồi, không thể chấp nhận, xử lý ngay!"
    decision = decided(letter(text, "Khiếu nại khẩn cấp"))
    assert decision.plays == ("emergency", "urgent", "complaint", "out-of-hours")
    assert decision.play == "emergency"
    assert [action.template for action in decision.of(ActionKind.REPLY)] == ["emergency"]
    assert len(decision.of(ActionKind.FOLLOW_UP)) == 1
    assert [action.to for action in decision.of(ActionKind.ALERT)] == ["on_call", "manager"]
    assert [action.template for action in decision.of(ActionKind.MARK)] == ["flagged"]
    assert decision.reading.urgency is Urgency.EMERGENCY


def test_the_first_play_in_the_file_that_replies_is_the_one_that_replies() -> None:
    decision = decided(letter("Mình không hài lòng, cần gấp câu trả lời.", "Thất vọng"))
    assert decision.plays == ("urgent", "complaint", "out-of-hours")
    assert only(decision, ActionKind.REPLY).template == "urgent"


def test_a_play_for_the_first_contact_is_not_for_old_customers() -> None:
    welcome = policy(
        (
            "  - name: out-of-hours            # mọi",
            "  - {name: new, when: {first_contact: yes}, do: {mark: flagged}}\n  - name: out-of-hours            # mọi",
        )
    )
    assert "new" in decided(rules=welcome).plays
    assert "new" not in decided(rules=welcome, past=Past(known=True)).plays


# --- guesses and deadlines ----------------------------------------------------------------------------------------

GUESS = Says((Label.EMERGENCY,))
SURE = Says((Label.EMERGENCY,), (Label.EMERGENCY,))


def test_a_doubtful_guess_alerts_and_marks_but_the_customer_gets_the_plain_text() -> None:
    decision = decided(judge=GUESS)
    assert decision.reading.urgency is Urgency.EMERGENCY
    assert decision.play == "emergency"
    assert only(decision, ActionKind.ALERT).to == "on_call"
    assert only(decision, ActionKind.MARK).template == "flagged"
    assert only(decision, ActionKind.REPLY).template == "out_of_hours"
    assert says(decision, "“emergency” mới chỉ là phỏng đoán, chưa đủ chắc để chọn thư gửi khách")


def test_a_guess_that_is_as_good_as_certain_chooses_what_the_customer_is_sent() -> None:
    decision = decided(judge=SURE)
    assert only(decision, ActionKind.REPLY).template == "emergency"
    assert not says(decision, "chưa đủ chắc")


def test_a_doubtful_guess_silences_nothing() -> None:
    assert only(decided(judge=Says((Label.ABUSE,))), ActionKind.REPLY).template == "out_of_hours"
    assert decided(judge=Says((Label.ABUSE,), (Label.ABUSE,))).of(ActionKind.REPLY) == ()


def test_a_follow_up_hangs_on_a_doubtful_guess_only_as_a_draft() -> None:
    own = ("do: {alert: manager, mark: flagged}", "do: {alert: manager, follow_up: urgent}")
    judge = Says((Label.COMPLAINT,))
    assert only(decided(rules=policy(own), judge=judge), ActionKind.FOLLOW_UP).template == "urgent"
    sends = policy(own, ("follow_up: {as: draft}", "follow_up: {as: send, after: 60m}"))
    assert only(decided(rules=sends, judge=judge), ActionKind.FOLLOW_UP).template == "next_workday"


def test_a_guess_shortly_before_the_opening_does_not_make_the_phone_number_matter() -> None:
    at = "2026-11-23 07:00"
    assert decided(at=at, judge=GUESS).of(ActionKind.REPLY) == ()
    assert only(decided(at=at, judge=SURE), ActionKind.REPLY).template == "emergency"


def test_a_near_deadline_is_told_with_what_it_leads_to() -> None:
    decision = decided(letter("Anh gửi giúp em báo giá trước 7h sáng thứ Hai nhé.", "Báo giá"))
    assert decision.reading.urgency is Urgency.URGENT
    assert only(decision, ActionKind.REPLY).template == "urgent"
    assert says(decision, "nhờ văn phòng làm trước thứ Hai, 23/11/2026, 07:00 (“trước 7h sáng thứ Hai”, ở nội dung)")
    assert says(decision, "Hạn ấy đến trước khi văn phòng mở cửa lại")
    assert says(decision, "Hạn ấy đủ gần để tính là “urgent” (trong 1 ngày làm việc)")


def test_a_doubtful_deadline_marks_but_the_customer_gets_the_plain_text() -> None:
    decision = decided(letter("Sáng thứ Hai anh gửi giúp em báo giá nhé.", "Báo giá"))
    assert decision.reading.urgency is Urgency.URGENT
    assert only(decision, ActionKind.MARK).template == "flagged"
    assert only(decision, ActionKind.REPLY).template == "out_of_hours"


def test_a_far_deadline_is_told_and_leads_to_nothing() -> None:
    decision = decided(letter("Anh gửi giúp em báo giá trước ngày 15/12 nhé.", "Báo giá"))
    assert decision.reading.urgency is Urgency.NORMAL
    assert says(decision, "“trước ngày 15/12”")
    assert not says(decision, "đủ gần")


@pytest.mark.parametrize(("bound", "fits"), [("within 2 working hours", False), ("within 8 working hours", True)])
def test_a_deadline_is_a_condition_of_a_play_like_any_other(bound: str, *, fits: bool) -> None:
    rules = policy(
        ("\nplays:\n", f"\nplays:\n  - {{name: soon, when: {{deadline: {bound}}}, do: {{mark: flagged}}}}\n")
    )
    mail = letter("Anh gửi giúp em báo giá trước 11h sáng mai nhé.", "Báo giá")
    assert ("soon" in decided(mail, "2026-11-17 15:00", rules=rules).plays) is fits


def test_a_guess_is_told_with_its_chance_and_the_sentence_that_spoke_for_it() -> None:
    decision = decided(letter("Nước đang chảy xuống khắp phòng.", "Nước"), judge=GUESS)
    assert says(decision, "“emergency”, khả năng 90%: “Nước đang chảy xuống khắp phòng” (việc đang diễn ra)")
    english = decided(letter("Half of the floor is gone."), rules=policy(("language: vi", "language: en")), judge=GUESS)
    assert says(english, "A guess, learnt from sample mails: “emergency”, 90% likely: “Half of the floor is gone”")


def test_of_a_guess_that_counts_though_it_is_less_likely_than_not_the_reason_is_told() -> None:
    faint = replace(GUESS, chance=0.27)
    decision = decided(letter("Nước đang chảy xuống khắp phòng.", "Nước"), judge=faint)
    assert says(decision, "“emergency”, khả năng 27% (vẫn tính, để không bỏ sót thư nào như vậy): “Nước")
    english = decided(letter("Half of the floor is gone."), rules=policy(("language: vi", "language: en")), judge=faint)
    assert says(english, "“emergency”, 27% likely (it counts all the same, so that no such mail is missed): “Half of")


def test_a_guess_counts_beside_a_word_that_an_unless_took_away() -> None:
    decision = decided(letter("Lần này lấy gấp đôi nhé.", "Đặt hàng"), judge=Says((Label.URGENT,)))
    assert decision.reading.urgency is Urgency.URGENT
    assert only(decision, ActionKind.REPLY).template == "out_of_hours", "a guess chooses no text for a customer"


def test_the_fields_tell_what_showed_each_signal() -> None:
    decision = decided(
        letter("Anh gửi giúp em báo giá trước 7h sáng thứ Hai nhé.", "x"), judge=Says((Label.COMPLAINT,))
    )
    told = report.fields(decision, policy(), source="x")
    assert told["shown_by"] == {"urgent": "deadline", "complaint": "learned"} | (
        {"quote_request": "words"} if "quote_request" in told["shown_by"] else {}
    )
    assert told["deadline"] == {
        "at": "2026-11-23T07:00:00+07:00", "text": "trước 7h sáng thứ Hai", "where": "body", "start": 24, "plain": True,
    }  # fmt: skip
    assert told["judged"]["urgency"] == "normal"
    assert [(each["label"], each["certainty"], each["certain"]) for each in told["judged"]["labels"]] == [
        ("complaint", 0.9, False)
    ]


# --- when ------------------------------------------------------------------------------------------------------------


def test_a_follow_up_that_is_sent_leaves_the_staff_an_hour_of_working_time() -> None:
    sends = policy(("follow_up: {as: draft}", "follow_up: {as: send, after: 60m}"))
    assert only(decided(rules=sends), ActionKind.FOLLOW_UP).due == local("2026-11-23 09:00")


def test_a_follow_up_after_tet_is_due_when_the_office_opens_again() -> None:
    assert only(decided(at="2026-02-14 10:00"), ActionKind.FOLLOW_UP).due == local("2026-02-23 08:00")


def test_the_promise_is_the_end_of_the_named_day_when_that_comes_before_the_working_hours_are_over() -> None:
    assert only(decided(), ActionKind.PROMISE).due == local("2026-11-23 17:00")


def test_the_promise_is_the_working_hours_when_they_are_over_before_the_named_day() -> None:
    quick = policy(("promise: 24 working hours", "promise: 4 working hours"))
    assert only(decided(rules=quick), ActionKind.PROMISE).due == local("2026-11-23 12:00")


def test_without_a_reply_no_day_was_named_and_the_working_hours_alone_count() -> None:
    decision = decided(past=had("2026-11-20 18:00"))
    assert only(decision, ActionKind.PROMISE).due == local("2026-11-26 14:00")  # Tuesday the 24th is a day off


def test_in_hours_the_promise_counts_from_the_arrival() -> None:
    assert only(decided(at="2026-11-20 16:00"), ActionKind.PROMISE).due == local("2026-11-26 13:00")


def test_a_play_may_promise_sooner_than_the_policy() -> None:
    sooner = policy(
        ("do: {alert: manager, mark: flagged}", "do: {alert: manager, mark: flagged, promise: 2 working hours}")
    )
    decision = decided(letter("Tôi muốn khiếu nại.", "Khiếu nại"), "2026-11-20 10:00", rules=sooner)
    assert only(decision, ActionKind.PROMISE).due == local("2026-11-20 12:00")


def test_a_calendar_without_any_working_day_ahead_is_told_and_nothing_is_due() -> None:
    never = policy(("days:\n", "days:\n  2028-01-01..2200-12-31: {closed: Giải thể}\n"))
    decision = decided(at="2028-03-01 10:00", rules=never)
    assert decision.next_open is None
    assert decision.of(ActionKind.FOLLOW_UP) == ()
    assert decision.of(ActionKind.PROMISE) == ()
    assert says(decision, "không có ngày làm việc nào sắp tới")


def test_in_the_hour_that_the_clock_repeats_a_reply_is_neither_early_nor_late() -> None:
    """02:30 comes twice in Berlin on 25 October 2026; two aware times of one zone compare by the wall clock."""
    berlin = policy(
        ("timezone: Asia/Ho_Chi_Minh", "timezone: Europe/Berlin"), ('mon-fri: "08:00-17:00"', 'sun: "02:50-06:00"')
    )
    zone = berlin.calendar().zone
    first = datetime(2026, 10, 25, 2, 45, tzinfo=zone)
    message = parse(letter())
    reading = read(message, berlin, OURS, arrived=local(FRIDAY_NIGHT))
    second = first.replace(fold=1)
    assert first.astimezone(UTC) + timedelta(hours=1) == second.astimezone(UTC)
    decision = decide(message, reading, Past(), berlin, arrived=first, now=second)
    assert decision.of(ActionKind.REPLY) == ()
    assert says(decision, "khoảng thời gian mà thư đến đã qua")


def test_an_arrival_in_another_zone_is_told_by_the_offices_clock() -> None:
    message = parse(letter())
    arrived = local(FRIDAY_NIGHT).astimezone(UTC)
    reading = read(message, policy(), OURS, arrived=arrived)
    decision = decide(message, reading, Past(), policy(), arrived=arrived, now=arrived)
    assert decision.arrived.tzinfo == ZONE
    assert says(decision, "thứ Sáu, 20/11/2026, 22:10")


# --- the words -------------------------------------------------------------------------------------------------------


def test_a_word_that_was_there_but_did_not_count_is_named_with_the_reason() -> None:
    assert says(decided(letter("Việc này không gấp ạ, anh cứ từ từ.")), "nhưng không tính: bị phủ định (“không”)")
    assert says(decided(letter("Giá tăng gấp đôi rồi à?")), "nhưng không tính: có cụm “gấp đôi”")


def test_a_bare_short_word_is_named_as_unclear() -> None:
    decision = decided(letter("Chieu mai em qua gap anh nhe.", "Hen gap"))
    assert says(decision, "chưa rõ nghĩa")
    assert decision.reading.urgency is Urgency.NORMAL


def test_urgent_words_in_the_quoted_history_are_nobodys() -> None:
    text = "Dạ vâng, em gửi lại đơn hàng.\n\nOn Fri, 20 Nov 2026 lan@x.example wrote:\n> CẦN GẤP, máy chủ sập!\n"
    assert decided(letter(text)).reading.urgency is Urgency.NORMAL


FORWARDED = (
    "From: Nam <nam@x.example>\nSent: Friday, 20 November 2026\nTo: Lan\nSubject: Kho\n\nMáy chủ bị sập, cần gấp!"
)


@pytest.mark.parametrize(
    ("above", "subject", "presses"),
    [
        ("Nhờ anh xem giúp mail dưới ạ.", "FW: Kho", True),
        ("Nhờ anh xem giúp mail dưới ạ.", "RE: Kho", False),
        ("Em gửi để anh lưu hồ sơ, vụ này đã xử lý xong.", "FW: Kho", False),
        ("Dạ em cảm ơn anh.", "RE: FW: Cần gấp", False),
    ],
)
def test_a_mail_that_is_handed_over_presses_and_history_does_not(above: str, subject: str, presses: bool) -> None:
    reading = decided(letter(f"{above}\n\n{FORWARDED}\n", subject)).reading
    assert (reading.urgency is not Urgency.NORMAL) is presses


# --- whose mail it is, and when it says it was written ----------------------------------------------------------------


def allowing(allow: str) -> Policy:
    return policy(("\nallow:", f"\nallow: {allow}"))


def test_a_mail_dated_more_than_a_day_after_it_came_is_sent_nothing_but_has_its_draft() -> None:
    ahead = decided(letter(Date="Sat, 21 Nov 2026 22:11:00 +0700"))
    assert kinds(ahead) == ["follow_up", "promise"]
    assert kinds(decided(letter(Date="Sat, 21 Nov 2026 22:11:00 +0700"), rules=SENDS)) == ["promise"]
    assert says(ahead, "ngày gửi ghi trên thư (thứ Bảy, 21/11/2026, 22:11) muộn hơn quá nhiều")
    assert "reply" in kinds(decided(letter(Date="Sat, 21 Nov 2026 22:10:00 +0700")))


def test_a_mail_dated_more_than_a_week_before_it_came_gets_nothing_automatic() -> None:
    behind = decided(letter(Date="Fri, 13 Nov 2026 22:09:00 +0700"))
    assert kinds(behind) == ["promise"]
    assert says(behind, "ngày gửi ghi trên thư (thứ Sáu, 13/11/2026, 22:09) sớm hơn quá nhiều")
    assert "reply" in kinds(decided(letter(Date="Fri, 13 Nov 2026 22:10:00 +0700")))


def test_a_strange_date_silences_nobody_in_the_office() -> None:
    decision = decided(letter(SEVER, "Sập hệ thống", Date="Fri, 1 Jan 2100 00:00:00 +0000"))
    assert "alert" in kinds(decision)
    assert "reply" not in kinds(decision)


@pytest.mark.parametrize("date", ["hôm qua", "Fri, 99 Nov 2026 22:10:00 +0700", ""])
def test_a_date_that_cannot_be_read_is_no_reason_for_anything(date: str) -> None:
    assert "reply" in kinds(decided(letter(Date=date)))


def test_the_customer_behind_an_allowed_form_gets_the_reply_and_the_reasons_say_so() -> None:
    raw = letter(sender="wordpress@congty.example", Reply_To=CUSTOMER, Auto_Submitted="auto-generated")
    decision = decided(raw, rules=allowing("{forms: [wordpress@congty.example]}"))
    assert only(decision, ActionKind.REPLY).to == CUSTOMER
    assert says(decision, "Thư đến từ biểu mẫu liên hệ wordpress@congty.example mà quy định cho phép")
    assert says(decision, f"địa chỉ khách điền là {CUSTOMER}")
    assert says(decision, "cho phép (allow): Auto-Submitted: auto-generated (auto_submitted)")
    assert decided(raw).reading.veto is not None


def test_a_play_for_a_sender_fits_the_customer_behind_a_form() -> None:
    allowed = allowing("{forms: [wordpress@congty.example]}")
    vip = Play.model_validate({"name": "vip", "when": {"sender": CUSTOMER}, "do": {"alert": "manager"}})
    rules = allowed.model_copy(update={"plays": (vip, *allowed.plays)})
    raw = letter(sender="wordpress@congty.example", Reply_To=CUSTOMER)
    assert decided(raw, rules=rules).play == "vip"


def test_mail_through_an_allowed_group_says_by_which_group_it_came() -> None:
    raw = letter(to="kinhdoanh@congty.example", List_Id="<kinhdoanh.congty.example>")
    decision = decided(raw, rules=allowing("{lists: [KinhDoanh@congty.example]}"))
    assert only(decision, ActionKind.REPLY).to == CUSTOMER
    assert says(decision, "Thư đến qua địa chỉ nhóm kinhdoanh@congty.example")


def test_an_unused_reply_to_is_told_once_the_sender_gets_something() -> None:
    raw = letter(Reply_To="dat@doitac.example")
    words = f"Trả lời đến {CUSTOMER}, không đến địa chỉ Reply-To dat@doitac.example"
    assert says(decided(raw), words)
    assert not says(decided(raw, at="2026-11-20 10:00"), words)
    allowed = decided(raw, rules=allowing('{reply_to: ["*@doitac.example"]}'))
    assert only(allowed, ActionKind.REPLY).to == "dat@doitac.example"
    assert not says(allowed, words)


def test_blind_copies_are_answered_if_the_policy_says_so() -> None:
    raw = letter(to="ban@khac.example")
    assert kinds(decided(raw)) == []
    assert only(decided(raw, rules=allowing("{bcc: yes}")), ActionKind.REPLY).to == CUSTOMER


def test_our_own_mail_that_only_the_outbox_knows_is_neither_answered_nor_told_of() -> None:
    raw = letter(SEVER, "Sập hệ thống", Message_ID="<responder.0123@congty.example>")
    assert {"reply", "alert"} <= set(kinds(decided(raw)))
    decision = decided(raw, past=Past(is_our_own=True))
    assert not {"reply", "follow_up", "alert", "promise"} & set(kinds(decision))
    assert decision.reading.veto == Veto(Sign.OWN_MESSAGE_ID, "Message-ID: <responder.0123@congty.example>")


def test_what_speaks_against_our_own_mail_beside_its_id_is_told_too() -> None:
    decision = decided(letter(X_Loop="x"), past=Past(is_our_own=True))
    assert [each.signal for each in decision.reading.also] == [Sign.LOOP]
    assert report.fields(decision, policy(), source="x")["also"] == [{"signal": "loop", "detail": "X-Loop: x"}]
