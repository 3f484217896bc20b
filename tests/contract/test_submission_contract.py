"""What every way out does, whoever made it; and how each fault of a server is told."""

from __future__ import annotations

import asyncio
import base64
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from responder.config import Security, SmtpServer
from responder.errors import Trouble, TroubleKind
from responder.ports import Outcome, OutcomeKind, SmtpStep, Submission
from responder.secret import PasswordLiteral
from responder.servers import smtp as adapter
from responder.servers.smtp import Patience, SmtpSubmission
from responder.store.records import NewMail, OutboxKind, OutboxRow, OutboxState, Transport
from responder.store.store import Store
from responder.work.outbox import Outbox
from tests import fakes
from tests.contract.scripted_smtp import (
    AUTH,
    DATA,
    DOT,
    EHLO,
    GREETING,
    HANG_UP,
    MAIL,
    MUTE,
    QUIT,
    RCPT,
    USUAL,
    ScriptedSmtp,
)
from tests.fakes import FakeSubmission, ManualClock, local
from tests.servers.process import free_ports, require_servers
from tests.servers.waiting import wait_until
from tests.servers.world import World, mail_world

OFFICE = "info@congty.example"
CUSTOMER = "khach@banhang.example"
MAIL_BYTES = (
    b"From: info@congty.example\r\nTo: khach@banhang.example\r\nSubject: =?utf-8?q?Tr=E1=BA=A3_l=E1=BB=9Di?=\r\n"
    b"Date: Fri, 20 Nov 2026 22:10:00 +0700\r\nMessage-ID: <responder.1@congty.example>\r\n"
    b"\r\nCam on ban.\r\n.\r\n..hai cham\r\n"
)
WITHIN = 10.0


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    require_servers(as_root=True)
    with mail_world([(OFFICE, "secret"), (CUSTOMER, "secret")], tls=True) as made:
        yield made


def way_out(port: int, **more: object) -> SmtpSubmission:
    server = SmtpServer.model_validate({"host": "127.0.0.1", "port": str(port), "security": "none"} | more)
    return SmtpSubmission(server, lambda: "secret", "office.test")


def run(submission: Submission, *mails: tuple[str, str]) -> list[Outcome]:
    """Submit to these (envelope sender, recipient) pairs over one way out."""

    async def all_of_them() -> list[Outcome]:
        try:
            return [await submission.submit(sender, recipient, MAIL_BYTES) for sender, recipient in mails]
        finally:
            await submission.close()

    return asyncio.run(all_of_them())


def marked(mark: str) -> bytes:
    """The mail with a Message-ID of its own."""
    return MAIL_BYTES.replace(b"<responder.1@", f"<responder.{mark}@".encode())


def arrived(world: World, mark: str) -> list[bytes]:
    """The customer's mails of that mark, once one has arrived."""

    def mails() -> list[bytes]:
        with world.mailbox(CUSTOMER) as client:
            uids = client.search(["HEADER", "Message-ID", f"<responder.{mark}@congty.example>"])
            rows = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
        return [row[b"BODY[]"] for _uid, row in sorted(rows.items())]

    return wait_until(mails, WITHIN, f"the mail {mark} arrived")


@pytest.fixture(params=["fake", "postfix"])
def submission(request: pytest.FixtureRequest) -> Submission:
    if request.param == "fake":
        return FakeSubmission()
    return way_out(request.getfixturevalue("world").postfix.port)


# --- the good days ----------------------------------------------------------------------------------------------------


def test_mail_the_server_takes_is_sent(submission: Submission) -> None:
    [outcome] = run(submission, (OFFICE, CUSTOMER))
    assert (outcome.kind, outcome.step) == (fakes.SENT.kind, fakes.SENT.step)
    assert outcome.detail.startswith("250")


def test_the_null_sender_is_taken(submission: Submission) -> None:
    assert [outcome.kind for outcome in run(submission, ("", CUSTOMER))] == [OutcomeKind.SENT]


def test_several_mails_go_out_one_after_the_other(submission: Submission) -> None:
    outcomes = run(submission, (OFFICE, CUSTOMER), ("", CUSTOMER), (OFFICE, OFFICE))
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT] * 3


def test_closing_twice_is_harmless(submission: Submission) -> None:
    async def twice() -> None:
        await submission.close()
        await submission.close()

    asyncio.run(twice())


def test_every_byte_arrives_as_it_was_frozen(world: World) -> None:
    asyncio.run(way_out(world.postfix.port).submit("", CUSTOMER, marked("frozen")))
    [mail] = arrived(world, "frozen")
    assert mail.startswith(b"Return-Path: <>\r\n")
    assert mail.endswith(marked("frozen"))


def test_a_refused_mail_does_not_spoil_the_next_one_on_the_same_connection(world: World) -> None:
    outcomes = run(way_out(world.postfix.port), (OFFICE, "ai@ngoai.example"), (OFFICE, CUSTOMER))
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.PERMANENT, OutcomeKind.SENT]


def test_a_recipient_the_server_does_not_know_is_a_permanent_failure_at_the_recipient(world: World) -> None:
    [outcome] = run(way_out(world.postfix.port), (OFFICE, "ai@ngoai.example"))
    assert (outcome.kind, outcome.step) == (fakes.NO_SUCH_USER.kind, fakes.NO_SUCH_USER.step)
    assert outcome.detail.startswith("5")


def test_with_login_and_starttls_mail_goes_out(world: World) -> None:
    secure = way_out(world.postfix.port, security="starttls", user=OFFICE, password="secret",
                     ca_file=str(world.dovecot.ca_file))  # fmt: skip
    assert [outcome.kind for outcome in run(secure, (OFFICE, CUSTOMER))] == [OutcomeKind.SENT]


def test_a_certificate_nobody_vouches_for_holds_the_mail_back_and_is_named(world: World) -> None:
    [outcome] = run(way_out(world.postfix.port, security="starttls"), (OFFICE, CUSTOMER))
    assert (outcome.kind, outcome.step) == (OutcomeKind.TEMPORARY, SmtpStep.CONNECT)
    assert "certificate is not trusted" in outcome.detail


def test_a_wrong_password_holds_the_mail_back_and_gives_none_up(world: World) -> None:
    secret = PasswordLiteral(SecretStr("secret"))
    server = SmtpServer(host="127.0.0.1", port=world.postfix.port, security=Security.STARTTLS, user=OFFICE,
                        password=secret, ca_file=world.dovecot.ca_file)  # fmt: skip
    [outcome] = run(SmtpSubmission(server, lambda: "wrong", "office.test"), (OFFICE, CUSTOMER))
    assert (outcome.kind, outcome.step) == (OutcomeKind.TEMPORARY, SmtpStep.CONNECT)
    assert "user name or password refused" in outcome.detail


def test_a_server_without_starttls_is_not_spoken_to_in_the_clear(world: World) -> None:
    outcome, server = scripted({}, security="starttls")
    assert (outcome.kind, outcome.step) == (OutcomeKind.TEMPORARY, SmtpStep.CONNECT)
    assert server.mails == []


def test_checking_the_connection_raises_what_the_user_must_mend(world: World, tmp_path: Path) -> None:
    [port] = free_ports(1)
    with pytest.raises(Trouble) as trouble:
        asyncio.run(way_out(port).check())
    assert trouble.value.kind is TroubleKind.NETWORK


def test_a_connection_that_postfix_has_closed_is_opened_anew_and_the_mail_sent_once(world: World) -> None:
    async def with_a_break() -> list[Outcome]:
        submission = way_out(world.postfix.port)
        first = await submission.submit("", CUSTOMER, marked("before"))
        await asyncio.to_thread(arrived, world, "before")  # Postfix stopped in between would deliver it twice
        world.postfix.stop()
        world.postfix.start()
        second = await submission.submit("", CUSTOMER, marked("after"))
        await submission.close()
        return [first, second]

    assert [outcome.kind for outcome in asyncio.run(with_a_break())] == [OutcomeKind.SENT] * 2
    assert (len(arrived(world, "before")), len(arrived(world, "after"))) == (1, 1)


# --- the bad days: a scripted server ----------------------------------------------------------------------------------


def scripted(
    answers: dict[str, str],
    sender: str = OFFICE,
    recipient: str = CUSTOMER,
    pauses: dict[str, float] | None = None,
    **more: object,
) -> tuple[Outcome, ScriptedSmtp]:
    async def submit() -> tuple[Outcome, ScriptedSmtp]:
        async with ScriptedSmtp(answers, pauses=pauses or {}) as server:
            submission = way_out(server.port, **more)
            outcome = await submission.submit(sender, recipient, MAIL_BYTES)
            await submission.close()
            return outcome, server

    return asyncio.run(submit())


TEMPORARY, PERMANENT, UNCERTAIN = OutcomeKind.TEMPORARY, OutcomeKind.PERMANENT, OutcomeKind.UNCERTAIN

FAULTS = [
    (GREETING, "421 too busy", TEMPORARY, SmtpStep.CONNECT),
    (GREETING, "554 go away", TEMPORARY, SmtpStep.CONNECT),
    (GREETING, HANG_UP, TEMPORARY, SmtpStep.CONNECT),
    (EHLO, HANG_UP, TEMPORARY, SmtpStep.CONNECT),
    (MAIL, "451 4.3.0 later", TEMPORARY, SmtpStep.SENDER),
    (MAIL, "421 4.3.0 closing", TEMPORARY, SmtpStep.SENDER),
    (MAIL, "552 5.3.4 message too large", PERMANENT, SmtpStep.SENDER),
    (MAIL, HANG_UP, TEMPORARY, SmtpStep.SENDER),
    (RCPT, "450 4.2.0 greylisted", TEMPORARY, SmtpStep.RECIPIENT),
    (RCPT, "452 4.5.3 too many", TEMPORARY, SmtpStep.RECIPIENT),
    (RCPT, "550 5.1.1 no such user", PERMANENT, SmtpStep.RECIPIENT),
    (RCPT, HANG_UP, TEMPORARY, SmtpStep.RECIPIENT),
    (DATA, "451 4.3.0 later", TEMPORARY, SmtpStep.DATA),
    (DATA, "554 5.7.1 no", PERMANENT, SmtpStep.DATA),
    (DATA, HANG_UP, TEMPORARY, SmtpStep.DATA),
    (DOT, "451 4.3.0 later", TEMPORARY, SmtpStep.DATA),
    (DOT, "552 5.2.2 mailbox full", PERMANENT, SmtpStep.DATA),
    (DOT, "554 5.7.1 looks like spam", PERMANENT, SmtpStep.DATA),
    (DOT, HANG_UP, UNCERTAIN, SmtpStep.DATA),
]
ABOUT_US = [  # as Gmail, Exchange and Postfix word them
    (MAIL, "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM"),
    (MAIL, "550 5.1.8 Access denied, bad outbound sender"),
    (MAIL, "553 5.7.1 <info@congty.example>: Sender address rejected: not owned by user x"),
    (MAIL, "550 5.4.5 Daily user sending limit exceeded"),
    (RCPT, "554 5.7.1 <khach@banhang.example>: Relay access denied"),
    (RCPT, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
    (RCPT, "550 5.7.705 Access denied, tenant has exceeded threshold"),
    (DATA, "554 5.7.1 your IP is on our blacklist"),
    (DOT, "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to …"),
    (DOT, "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message"),
    (DOT, "550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
    (DOT, "552 5.7.0 you have exceeded your hourly message limit"),
    (DOT, "421 4.7.0 try again later"),
    (RCPT, "452 4.3.1 insufficient system storage"),
    (MAIL, "550 5.7.1 account suspended"),
    (RCPT, "554 5.7.1 <khach@banhang.example>: Recipient address rejected: Policy; sending quota exceeded"),
    (DOT, "554 5.7.1 Your account has been compromised and may send no mail"),
]
ABOUT_THE_MAIL = [
    (MAIL, "552 5.3.4 message size exceeds fixed limit"),
    (RCPT, "550 5.1.1 <blacklist.relay-access-denied@banhang.example>: blocked using a daily limit"),
    (RCPT, "550 5.7.1 <client host blacklisted@banhang.example> does not want this"),
    (RCPT, "552 5.2.2 mailbox full, sending quota"),
    (DOT, "554 5.7.1 looks like spam"),
    (DOT, "550 5.6.0 content"),
    (RCPT, "550 The mail server could not deliver mail to bob@shop.example.  The account or domain may not exist, they "
     "may be blacklisted, or missing the proper dns entries."),
    (RCPT, "550 5.7.1 <bob@shop.example>: Recipient address rejected: account suspended"),
    (RCPT, "550 5.7.1 <bob@shop.example>: Recipient address rejected: mx.shop.example[192.0.2.1] said: blacklisted"),
    (RCPT, "550 <bob@shop.example>: this mailbox is suspended"),
    (RCPT, "550 5.7.1 no such domain (host 185.4.5.12)"),
    (RCPT, "550 5.7.1 no such domain (host 5.4.5.12)"),
    (DOT, "554 5.7.1 Message rejected: contains a URL on a blacklist"),
    (DOT, "554 5.7.1 Blocked using URIBL: message contains shop.example [192.0.2.1]"),
]  # fmt: skip
NO_NULL_SENDER = [  # as Postfix and Exchange word them
    (MAIL, "554 5.7.1 <>: Sender address rejected: Access denied"),
    (RCPT, "554 5.7.1 <>: Sender address rejected: Access denied"),
    (RCPT, "553 5.7.1 <>: Sender address rejected: not owned by user info@congty.example"),
    (MAIL, "550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
]


@pytest.mark.parametrize(("step", "answer"), ABOUT_US)
def test_a_refusal_that_is_about_us_is_no_mails_fault_and_says_what_to_do(step: str, answer: str) -> None:
    outcome, _server = scripted({step: answer})
    assert outcome.kind is TEMPORARY
    assert outcome.trouble is not None
    assert answer[:10] in str(outcome.trouble)
    assert outcome.trouble.remedy


@pytest.mark.parametrize(("step", "answer"), ABOUT_THE_MAIL)
def test_a_refusal_that_is_about_the_mail_or_its_recipient_is_for_good(step: str, answer: str) -> None:
    outcome, _server = scripted({step: answer})
    assert (outcome.kind, outcome.trouble) == (PERMANENT, None)


@pytest.mark.parametrize(("step", "answer"), NO_NULL_SENDER)
def test_a_refusal_of_the_null_sender_is_for_good_so_that_the_other_sender_is_tried(step: str, answer: str) -> None:
    outcome, _server = scripted({step: answer}, sender="")
    assert (outcome.kind, outcome.trouble) == (PERMANENT, None)
    assert outcome.step in (SmtpStep.SENDER, SmtpStep.RECIPIENT)


def test_a_fault_in_looking_up_one_recipient_is_no_trouble_with_the_server() -> None:
    outcome, _server = scripted({RCPT: "451 4.3.0 <bob@shop.example>: Temporary lookup failure"})
    assert (outcome.kind, outcome.trouble) == (TEMPORARY, None)


NOT_UTF_8 = "qu\udcc3\udca1 t\udcff"  # as octets: C3 A1 among letters is none, FF never is


@pytest.mark.parametrize(("step", "answer", "kind", "at"), FAULTS)
def test_each_fault_ends_in_the_outcome_that_keeps_mail_from_being_lost_or_doubled(
    step: str, answer: str, kind: OutcomeKind, at: SmtpStep
) -> None:
    outcome, server = scripted({step: answer})
    assert (outcome.kind, outcome.step) == (kind, at)
    assert outcome.detail
    assert "\n" not in outcome.detail
    if answer != HANG_UP and at is not SmtpStep.CONNECT:
        assert outcome.detail.startswith(answer[:3])
    assert len(server.mails) == (step == DOT)


@pytest.mark.parametrize("answer", ["250 ok", "251 2.1.5 will forward", "200 ok", "250-queued\r\n250 as 123"])
def test_any_answer_of_200_to_299_after_the_mail_means_it_was_taken(answer: str) -> None:
    outcome, server = scripted({DOT: answer})
    assert outcome.kind is OutcomeKind.SENT
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    "answer",
    [
        "354 go on",
        "999 what",
        "1",
        "garbage",
        NOT_UTF_8,
        "<html>502 Bad Gateway</html>",
    ],
)
def test_after_an_answer_that_is_none_nobody_knows_and_a_customers_mail_is_never_sent_again(answer: str) -> None:
    outcome, server = scripted({DOT: answer})
    assert outcome.kind is UNCERTAIN
    assert len(server.mails) == 1
    room = through(answers={DOT: answer})
    assert [row.state for row in room] == [OutboxState.UNCERTAIN]


@pytest.mark.parametrize(
    ("step", "code", "state"),
    [
        (DOT, "250", OutboxState.SENT),
        (DOT, "451", OutboxState.DUE),
        (DOT, "554", OutboxState.FAILED),
        (RCPT, "550", OutboxState.FAILED),
        (GREETING, "421", OutboxState.DUE),
    ],
)
def test_an_answer_that_is_not_utf_8_is_recorded_like_any_other(step: str, code: str, state: OutboxState) -> None:
    [row] = through(answers={step: f"{code} {NOT_UTF_8}"})
    assert row.state is state
    assert row.reason.encode("utf-8") or state is OutboxState.SENT


def through(answers: dict[str, str]) -> tuple[OutboxRow, ...]:
    """One follow-up of an outbox, over a real way out: what is on record of it."""

    async def send() -> tuple[OutboxRow, ...]:
        store = Store.open(None)
        clock = ManualClock(local("2026-11-20 22:10"))
        store.add_mail(FOLLOW_UP, clock.now())
        async with ScriptedSmtp(answers) as server:
            submission = way_out(server.port)
            await Outbox(fakes.desk(), store, clock, submission).run(lambda: False)
            await submission.close()
        rows = store.mails()
        store.close()
        return rows

    return asyncio.run(send())


FOLLOW_UP = NewMail(
    kind=OutboxKind.FOLLOW_UP,
    transport=Transport.SMTP,
    state=OutboxState.DUE,
    account="info",
    recipient=CUSTOMER,
    template="next_workday",
    language="vi",
    envelope_from=OFFICE,
    message_id="<responder.1@congty.example>",
    content=MAIL_BYTES,
    text="",
    due_at=local("2026-11-20 22:10"),
)


def test_two_mails_at_once_over_one_way_out_never_mix_their_recipients() -> None:
    recipients = [f"k{number}@banhang.example" for number in range(6)]

    async def submit() -> tuple[list[Outcome], ScriptedSmtp]:
        async with ScriptedSmtp() as server:
            submission = way_out(server.port)
            each = (submission.submit("", recipient, marked(recipient)) for recipient in recipients)
            outcomes = await asyncio.gather(*each)
            await submission.close()
            return outcomes, server

    outcomes, server = asyncio.run(submit())
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT] * 6
    assert server.connections == 1
    spoken = [line.partition("<")[2].rstrip(">") for line in server.commands(RCPT)]
    meant = [mail.partition(b"<responder.")[2].partition(b"@congty")[0].decode() for mail in server.mails]
    assert spoken == meant
    assert sorted(spoken) == recipients


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("answer", ["535 5.7.8 bad credentials", "334 PDI0NjA5Lj4="])
@pytest.mark.parametrize("secret", ["mật-khẩu", "mật-khẩu-\udcff"])
def test_a_password_that_is_not_ascii_is_never_told(way: str, answer: str, secret: str) -> None:
    async def submit() -> Outcome:
        async with ScriptedSmtp({EHLO: f"250-mail.test\r\n250 AUTH {way}", AUTH: answer}) as server:
            config = {"host": "127.0.0.1", "port": str(server.port), "security": "none", "user": "u", "password": "x"}
            submission = SmtpSubmission(SmtpServer.model_validate(config), lambda: secret, "office.test")
            outcome = await submission.submit("", CUSTOMER, MAIL_BYTES)
            await submission.close()
            return outcome

    outcome = asyncio.run(asyncio.wait_for(submit(), WITHIN))
    assert (outcome.kind, outcome.step) == (TEMPORARY, SmtpStep.CONNECT)
    assert "khẩu" not in outcome.detail
    assert "\\u1ead" not in outcome.detail
    assert base64.b64encode("mật-khẩu".encode()).decode()[:8] not in outcome.detail


TWICE = "250 2.1.0 ok\r\n451 4.3.0 later"


@pytest.mark.parametrize("step", [EHLO, MAIL, RCPT])
def test_a_server_that_answers_twice_is_left_before_its_answers_are_taken_for_others(step: str) -> None:
    outcome, server = scripted({step: TWICE})
    assert (outcome.kind, server.mails) == (TEMPORARY, [])


def test_two_answers_to_data_never_make_a_mail_that_was_taken_one_to_send_again() -> None:
    outcome, server = scripted({DATA: "354 go on\r\n451 4.3.0 later"})
    assert outcome.kind is TEMPORARY
    assert server.mails == []
    outcome, _server = scripted({DOT: "451 4.3.0 later\r\n250 2.0.0 queued"})
    assert outcome.kind is UNCERTAIN


@pytest.mark.parametrize("code", ["999", "600", "-451", "1_0", "199", "299", "354"])
@pytest.mark.parametrize("step", [MAIL, RCPT])
def test_a_code_that_is_none_is_no_refusal_for_good(step: str, code: str) -> None:
    outcome, server = scripted({step: f"{code} what"})
    assert (outcome.kind, server.mails) == (TEMPORARY, [])


ENDLESS = "\r\n".join(["250-and another line"] * 20_000)


@pytest.mark.parametrize("step", [GREETING, EHLO, MAIL, RCPT, DATA, DOT])
def test_an_endless_answer_is_left_in_bounded_time(step: str) -> None:
    began = time.monotonic()
    outcome, _server = scripted({step: ENDLESS})
    assert outcome.kind is (UNCERTAIN if step == DOT else TEMPORARY)
    assert time.monotonic() - began < 5


def test_after_the_mail_a_server_is_waited_for_longer_than_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 5321 4.5.3.2.6: it may look for viruses; given up too soon, the mail would be in doubt."""
    monkeypatch.setattr(adapter, "PATIENCE", Patience(answer=0.2, data=0.2, end=5))
    assert scripted({}, pauses={DOT: 0.6})[0].kind is OutcomeKind.SENT
    assert scripted({}, pauses={MAIL: 0.6})[0].kind is TEMPORARY
    assert (Patience().end, Patience().answer) == (600, 300)


def test_steps_that_each_are_just_in_time_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PATIENCE", Patience(answer=0.5, data=0.5, end=0.5, begin=0.6))
    outcome, server = scripted({}, pauses={GREETING: 0.25, EHLO: 0.25, MAIL: 0.25})
    assert (outcome.kind, server.mails) == (TEMPORARY, [])


def test_a_250_that_comes_too_late_is_no_answer_to_the_next_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PATIENCE", Patience(answer=2, data=2, end=0.2))

    async def submit() -> tuple[list[OutcomeKind], ScriptedSmtp]:
        async with ScriptedSmtp(pauses={DOT: 0.4}) as server:
            submission = way_out(server.port)
            first = await submission.submit("", CUSTOMER, MAIL_BYTES)
            server.pauses.clear()
            server.answers[RCPT] = "550 5.1.1 no such user"
            second = await submission.submit("", CUSTOMER, MAIL_BYTES)
            await submission.close()
            return [first.kind, second.kind], server

    kinds, server = asyncio.run(submit())
    assert kinds == [UNCERTAIN, PERMANENT]
    assert server.connections == 2
    assert "QUIT" not in server.lines[:4]


def test_a_mail_larger_than_the_server_takes_is_not_begun_and_says_so() -> None:
    outcome, server = scripted({EHLO: "250-mail.test\r\n250 SIZE 100"})
    assert (outcome.kind, server.commands(MAIL)) == (PERMANENT, [])
    assert "larger than the mail server takes (100)" in outcome.detail
    _outcome, server = scripted({EHLO: "250-mail.test\r\n250 SIZE 0"})  # RFC 1870: no limit is told
    assert server.commands(MAIL) == [f"MAIL FROM:<{OFFICE}> SIZE={len(MAIL_BYTES)}"]


def test_a_connection_is_not_kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "KEPT_FOR", 0.1)

    outcomes, server = again(lambda server: server.comes_to(QUIT))
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT] * 2
    assert server.connections == 2
    assert server.commands("QUIT") == ["QUIT"] * 2


def test_a_kept_connection_that_is_half_open_is_opened_anew_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PATIENCE", Patience(answer=0.3, data=0.3, end=0.3))
    outcomes, server = again(nothing, {MAIL: MUTE})
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT, TEMPORARY]
    assert server.connections == 2


@pytest.mark.parametrize(("mute_at", "kind"), [(GREETING, TEMPORARY), (MAIL, TEMPORARY), (RCPT, TEMPORARY)])
def test_at_a_stop_a_mail_that_is_not_on_its_way_yet_is_given_back_at_once(mute_at: str, kind: OutcomeKind) -> None:
    async def submit() -> Outcome:
        async with ScriptedSmtp({mute_at: MUTE}) as server:
            submission = way_out(server.port)
            sending = asyncio.create_task(submission.submit("", CUSTOMER, MAIL_BYTES))
            await server.comes_to(mute_at)
            submission.abandon()
            outcome = await asyncio.wait_for(sending, WITHIN)
            assert (outcome.step, outcome.trouble) == (SmtpStep.CONNECT, None), "no fault of the server or the mail"
            again = await asyncio.wait_for(submission.submit("", CUSTOMER, MAIL_BYTES), WITHIN)
            assert again.kind is TEMPORARY, "nothing more is begun"
            return outcome

    assert asyncio.run(submit()).kind is kind


def test_a_second_stop_at_the_moment_at_which_the_first_ends_the_wait_is_harmless() -> None:
    async def submit() -> Outcome:
        async with ScriptedSmtp({MAIL: MUTE}) as server:
            submission = way_out(server.port)
            sending = asyncio.create_task(submission.submit("", CUSTOMER, MAIL_BYTES))
            await server.comes_to(MAIL)
            submission.abandon()
            await asyncio.sleep(0)  # its time is up, and it does not know yet
            submission.abandon()
            return await asyncio.wait_for(sending, WITHIN)

    assert asyncio.run(submit()).kind is TEMPORARY


def test_at_a_stop_a_mail_whose_text_is_on_its_way_is_waited_for() -> None:
    async def submit() -> Outcome:
        async with ScriptedSmtp(pauses={DOT: 0.5}) as server:
            submission = way_out(server.port)
            sending = asyncio.create_task(submission.submit("", CUSTOMER, MAIL_BYTES))
            await server.comes_to(DOT)
            submission.abandon()
            return await sending

    assert asyncio.run(submit()).kind is OutcomeKind.SENT


@pytest.mark.parametrize(("step", "kind"), [(MAIL, TEMPORARY), (RCPT, TEMPORARY), (DATA, TEMPORARY), (DOT, UNCERTAIN)])
def test_a_server_that_falls_silent_is_given_up_after_a_while(
    step: str, kind: OutcomeKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "PATIENCE", Patience(answer=0.2, data=0.2, end=0.2))
    outcome, _server = scripted({step: MUTE})
    assert outcome.kind is kind
    assert "did not answer in time" in outcome.detail


@pytest.mark.parametrize("greeting", [MUTE, HANG_UP, "220 mail.test ready"])
def test_a_server_that_speaks_no_tls_from_the_first_byte_is_told_and_left_in_time(
    greeting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "PATIENCE", Patience(answer=0.3, data=0.3, end=0.3, begin=1))
    outcome, server = scripted({GREETING: greeting}, security="tls")
    assert (outcome.kind, outcome.step, server.mails) == (TEMPORARY, SmtpStep.CONNECT, [])
    assert outcome.trouble is not None
    assert outcome.trouble.kind in (TroubleKind.TLS, TroubleKind.NETWORK)


def test_a_refused_connection_is_temporary() -> None:
    [port] = free_ports(1)
    [outcome] = run(way_out(port), (OFFICE, CUSTOMER))
    assert (outcome.kind, outcome.step) == (fakes.UNREACHABLE.kind, fakes.UNREACHABLE.step)
    assert "refused" in outcome.detail


def test_a_refused_login_is_told_in_words_and_never_blamed_on_the_mail() -> None:
    outcome, server = scripted({AUTH: "535 5.7.8 bad credentials"}, user=OFFICE, password="secret")
    assert (outcome.kind, outcome.step) == (TEMPORARY, SmtpStep.CONNECT)
    assert "user name or password refused" in outcome.detail
    assert server.mails == []


def test_the_fakes_answers_are_those_of_real_servers() -> None:
    real = {
        fakes.GREYLISTED: scripted({RCPT: "450 4.2.0 greylisted"})[0],
        fakes.NO_SUCH_USER: scripted({RCPT: "550 5.1.1 no such user"})[0],
        fakes.NO_NULL_SENDER: scripted({MAIL: "550 5.7.1 null sender not allowed"}, sender="")[0],
    }
    assert all(fake == outcome for fake, outcome in real.items())
    in_doubt, _server = scripted({DOT: HANG_UP})
    assert (in_doubt.kind, in_doubt.step) == (fakes.IN_DOUBT.kind, fakes.IN_DOUBT.step)


DSN = "250-mail.test\r\n250-DSN\r\n250 SMTPUTF8"


@pytest.mark.parametrize(
    ("offers", "sender", "asked"),
    [(DSN, "", True), (DSN, OFFICE, False), ("250 mail.test", "", False)],
)
def test_no_report_is_asked_of_a_server_that_knows_reports_and_only_for_automatic_replies(
    offers: str, sender: str, asked: bool
) -> None:
    outcome, server = scripted({EHLO: offers}, sender=sender)
    assert outcome.kind is OutcomeKind.SENT
    assert [("NOTIFY=NEVER" in line) for line in server.commands(RCPT)] == [asked]
    assert server.commands(MAIL)[0].startswith(f"MAIL FROM:<{sender}>")


def test_a_server_without_utf8_addresses_cannot_carry_mail_to_one_and_says_so_for_good() -> None:
    outcome, server = scripted({}, recipient="khách@banhang.example")
    assert outcome.kind is PERMANENT
    assert "SMTPUTF8" in outcome.detail
    assert server.commands(MAIL) == []


def test_a_server_with_utf8_addresses_is_told_of_one() -> None:
    outcome, server = scripted({EHLO: DSN}, recipient="khách@banhang.example")
    assert outcome.kind is OutcomeKind.SENT
    assert server.commands(MAIL) == [f"MAIL FROM:<{OFFICE}> SMTPUTF8"]
    assert server.commands(RCPT) == ["RCPT TO:<khách@banhang.example>"]


@pytest.mark.parametrize("recipient", ["a@b.example\r\nRCPT TO:<x@y.example>", "a b@c.example\n", "\x00@b.example"])
def test_an_address_that_would_smuggle_a_command_is_never_spoken(recipient: str) -> None:
    _outcome, server = scripted({}, recipient=recipient)
    assert len(server.commands(RCPT)) <= 1
    assert all("x@y" not in line for line in server.commands(RCPT))


def again(
    between: Callable[[ScriptedSmtp], Awaitable[None]], then: dict[str, str] | None = None
) -> tuple[list[Outcome], ScriptedSmtp]:
    """Two mails over one way out, with something in between."""

    async def submit() -> tuple[list[Outcome], ScriptedSmtp]:
        async with ScriptedSmtp() as server:
            submission = way_out(server.port)
            first = await submission.submit("", CUSTOMER, MAIL_BYTES)
            await between(server)
            server.answers.update(then or {})
            second = await submission.submit("", CUSTOMER, MAIL_BYTES)
            await submission.close()
            return [first, second], server

    return asyncio.run(submit())


async def nothing(_server: ScriptedSmtp) -> None: ...


async def hang_up(server: ScriptedSmtp) -> None:
    server.hang_up()


async def hang_up_unseen(server: ScriptedSmtp) -> None:
    """As when the line dies: we hear of it only when we speak."""
    server.answers[MAIL] = HANG_UP


def test_the_connection_is_kept_for_the_next_mail() -> None:
    outcomes, server = again(nothing)
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT] * 2
    assert server.connections == 1


def test_a_stale_connection_is_opened_anew_and_the_mail_sent_once() -> None:
    outcomes, server = again(hang_up)
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT] * 2
    assert server.connections == 2
    assert len(server.mails) == 2


def test_a_server_that_always_hangs_up_is_tried_anew_only_once() -> None:
    outcomes, server = again(hang_up_unseen)
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT, TEMPORARY]
    assert server.connections == 2
    assert len(server.mails) == 1


def test_a_mail_in_doubt_is_not_sent_again_over_a_new_connection() -> None:
    outcomes, server = again(nothing, {DOT: HANG_UP})
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT, UNCERTAIN]
    assert len(server.mails) == 2


def test_a_server_that_is_going_down_is_asked_once_more_and_then_left_alone() -> None:
    outcomes, server = again(nothing, {MAIL: "421 4.3.2 shutting down"})
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT, TEMPORARY]
    assert server.connections == 2


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        (MAIL, "550 5.1.8 Access denied, bad outbound sender"),
        (RCPT, "554 5.7.1 Relay access denied"),
        (DATA, "550 5.4.5 Daily user sending limit exceeded"),
        (DOT, "554 5.7.1 sending limit exceeded"),
        (DOT, "421 4.3.2 shutting down"),
    ],
)
def test_what_is_refused_on_a_kept_connection_is_not_said_twice_at_once(step: str, answer: str) -> None:
    outcomes, server = again(nothing, {step: answer})
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT, TEMPORARY]
    assert server.connections == 1
    assert len(server.commands(MAIL)) == 2


# --- nonsense ---------------------------------------------------------------------------------------------------------

PIECES = (
    "\r\n",
    "\n",
    "\r",
    "-",
    " ",
    "250",
    "354",
    "451",
    "550",
    "421",
    "\x00",
    "\udcff",
    "=?",
    "ạ",
    "9" * 40,
    "250-x\r\n",
)
NONSENSE = 2000  # mails
AT_ONCE = 100


def mangled(answer: str, dice: random.Random) -> str:
    """The answer with a few pieces put in, cut out or written over."""
    for _ in range(dice.randint(1, 4)):
        at, to = sorted(dice.randint(0, len(answer)) for _ in range(2))
        match dice.randrange(3):
            case 0:
                answer = answer[:at] + dice.choice(PIECES) + answer[at:]
            case 1:
                answer = answer[:at] + answer[to:]
            case _:
                answer = answer[:at] + dice.choice(PIECES) + answer[to:]
    return answer


def test_whatever_a_server_says_an_outcome_comes_out_and_a_mail_that_it_took_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adapter, "PATIENCE", Patience(answer=0.5, data=0.5, end=0.5, begin=2))
    monkeypatch.setattr(adapter, "PART_WITHIN", 0.2)

    async def one(seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - dice, no secret
        step = dice.choice([GREETING, EHLO, AUTH, MAIL, RCPT, DATA, DOT, DOT, DOT])
        answers = {step: mangled(USUAL[step] if dice.random() < 0.7 else "451 4.3.0 later", dice)}
        async with ScriptedSmtp(answers) as server:
            submission = way_out(server.port, **({"user": "u", "password": "x"} if step == AUTH else {}))
            outcome = await submission.submit("", CUSTOMER, MAIL_BYTES)
            await submission.close()
        if server.mails:
            refused = re.search(r"(?m)^4\d\d[^\n]*\Z", answers.get(DOT, ""))  # its last word
            assert outcome.kind is not TEMPORARY or refused, (seed, answers, outcome)

    async def all_of_them() -> None:
        for first in range(0, NONSENSE, AT_ONCE):
            await asyncio.gather(*(one(seed) for seed in range(first, first + AT_ONCE)))

    asyncio.run(all_of_them())
