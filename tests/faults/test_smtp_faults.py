"""Faults on the way out: whatever they are, every customer gets one reply when they are over, or is known in doubt."""

from __future__ import annotations

import ssl
import time
from collections.abc import Collection, Iterable, Sequence

import pytest
from _pytest.mark.structures import ParameterSet
from aiosmtpd.smtp import AuthResult

from responder.store.records import OutboxKind, OutboxState
from tests.faults import bench as benches
from tests.faults.bench import MANAGER, ON_CALL, WITHIN, Bench, Servers, seconds_since
from tests.faults.conftest import Told
from tests.faults.proxy import (
    FOR_EVER,
    Act,
    break_after,
    flood,
    freeze,
    hang_up,
    late,
    lose_the_answer,
    mute,
    say,
    say_and_hang_up,
    trickle,
)
from tests.faults.receiver import Receiver, Taken
from tests.servers.postfix import Postfix
from tests.servers.process import server_directory
from tests.servers.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

END_OF_MAIL = r"\.\r?$"
TEXT = "Content-Transfer-Encoding"  # a line in the middle of the mail
LATE = benches.ANSWER_WITHIN + 1  # seconds: longer than the daemon waits


def mostly_slow(names: Iterable[str], quick: Collection[str]) -> list[ParameterSet]:
    """All of them; those that are not `quick` run with `make faults` only."""
    every = list(names)
    assert set(quick) <= set(every), "a name that is none"
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in every]


def settled(bench: Bench, customers: Sequence[str] | None = None) -> None:
    """The clock runs until each of them is answered, or it is on record why not."""
    deadline = time.monotonic() + WITHIN
    is_done = False
    while not is_done:
        try:
            bench.wait_until_answered(customers, within=0.3)
            is_done = True
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            bench.clock.advance(10)
    wait_until(lambda: OutboxState.SENDING not in states(bench), WITHIN, "what was received is on record, too")


def ended(bench: Bench) -> None:
    """Trouble that was told is over, whether or not there is anything left to be sent."""

    def is_over() -> bool:
        bench.clock.advance(5)
        time.sleep(0.2)
        return "delivery" not in bench.troubles()

    wait_until(is_over, WITHIN, f"the trouble is over: {bench.troubles()}\n{bench.said()[-2000:]}")


def states(bench: Bench, kind: OutboxKind = OutboxKind.REPLY) -> list[OutboxState]:
    return [row.state for row in bench.mails() if row.kind is kind]


# --- each step of a transaction -----------------------------------------------------------------------------------

LOST, NO_ANSWER = "the connection is lost", "the line is lost, no answer"
WORST: dict[str, Act] = {
    LOST: hang_up,
    NO_ANSWER: mute,
    "half open from here on": freeze,
    "451": say("451 4.3.0 later"),
    "550": say("550 5.7.0 no"),
    "421 and hung up": say_and_hang_up("421 4.3.2 shutting down"),
    "garbage": say("\x00\x01 <html>502 Bad Gateway</html>"),
    "a code that is none": say("999 what"),
    "two answers at once": say("250 2.0.0 ok\r\n451 4.3.0 later"),
    "an answer that never ends": flood,
    "an answer that trickles": trickle("250-slow\r\n"),
    "the answer breaks off": break_after(2),
}
STEPS = ("EHLO", "MAIL", "RCPT", "DATA")
QUICK = (LOST, "421 and hung up", "an answer that never ends")


def in_series(bench: Bench, told: Told, step: str, acts: Sequence[str]) -> None:
    """One daemon, one fault after the other; a mail for each, the way of the connection from its beginning."""
    for name in acts:
        bench.smtp.cut()
        rule, lines = bench.smtp.on(step, WORST[name]), len(bench.smtp.lines)
        who = bench.write()
        is_refused = (step, name) == ("DATA", "550")  # before that it is tried once more, from our own address
        if is_refused:
            bench.given_up.update(who)
        wait_until(lambda rule=rule: rule.fired, WITHIN, f"{step}: {name}")  # type: ignore[misc]
        settled(bench, who)
        told(f"SMTP: {step}: {name}", bench, injected=rule.fired, recovered=seconds_since(rule.last))
        [state] = [row.state for row in bench.mails() if row.kind is OutboxKind.REPLY and row.recipient in who]
        assert state is (OutboxState.FAILED if is_refused else OutboxState.SENT)
        assert len(bench.smtp.lines) - lines < 100, "it does not hammer"
        ended(bench)
    assert bench.cpu() < 20


@pytest.mark.parametrize("step", mostly_slow(STEPS, {"EHLO", "RCPT", "DATA"}))
def test_whatever_goes_wrong_at_a_step_costs_no_customer_the_reply(bench: Bench, told: Told, step: str) -> None:
    in_series(bench, told, step, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_whatever_else_goes_wrong_at_a_step_costs_no_customer_the_reply(bench: Bench, told: Told, step: str) -> None:
    in_series(bench, told, step, [name for name in WORST if name not in QUICK])


@pytest.mark.parametrize("step", ["RSET", "QUIT"])
@pytest.mark.parametrize("name", mostly_slow([LOST, NO_ANSWER], {LOST}))
def test_a_fault_while_parting_changes_nothing(bench: Bench, told: Told, step: str, name: str) -> None:
    bench.smtp.on("RCPT", say("450 4.2.0 greylisted"))  # after which RSET is said
    rule = bench.smtp.on(step, WORST[name])
    bench.write(2)
    settled(bench)
    if step == "QUIT":
        assert bench.stop() == 0
    told(f"SMTP: {step}: {name}", bench, injected=rule.fired)
    assert states(bench) == [OutboxState.SENT] * 2


# --- the way to it ------------------------------------------------------------------------------------------------

GREETINGS: dict[str, Act] = {
    "hung up": hang_up,
    "421": say_and_hang_up("421 4.3.2 too many connections"),
    "554": say_and_hang_up("554 5.7.1 your address is blocked"),
    "garbage": say_and_hang_up("SSH-2.0-OpenSSH_9.2"),
    "silence": freeze,
    "no end": flood,
    "a trickle": trickle("220-slow\r\n"),
}


@pytest.mark.parametrize("name", mostly_slow(GREETINGS, {"421", "garbage"}))
def test_a_greeting_that_is_none_is_told_and_over_when_it_is(bench: Bench, told: Told, name: str) -> None:
    rule = bench.smtp.on_connect(GREETINGS[name], times=1)
    bench.write()
    wait_until(lambda: "delivery" in bench.troubles_ever(), WITHIN, f"{name} is told")
    [line] = bench.troubles_ever().splitlines()
    assert f"127.0.0.1:{bench.smtp.port}: " in line
    assert " — " in line, "it says what to do"
    settled(bench)
    told(f"SMTP: instead of a greeting: {name}", bench, injected=rule.fired, recovered=seconds_since(rule.last))
    ended(bench)


def test_a_server_that_refuses_connections_is_asked_ever_more_seldom(bench: Bench, told: Told) -> None:
    bench.smtp.shut()
    bench.write(3)
    wait_until(lambda: "delivery" in bench.troubles(), WITHIN, "it is told")
    assert "the connection was refused" in bench.troubles()
    busy = bench.cpu()
    time.sleep(3)
    assert bench.cpu() - busy < 1
    with bench._store() as store:
        [trouble] = store.open_troubles()
    told_for = trouble.last_seen - trouble.since
    assert trouble.times <= 3 + told_for.total_seconds() // 4, "tried after 2 seconds, then after 4, 8, 16 …"
    opened = time.monotonic()
    bench.smtp.open()
    settled(bench)
    told("SMTP: connection refused", bench, injected=1, recovered=seconds_since(opened))
    assert bench.troubles() == ""


def test_trouble_ends_although_nothing_is_left_to_be_sent(bench: Bench, told: Told) -> None:
    """It would stand in the digest until the next mail."""
    bench.smtp.shut()
    bench.given_up.update(bench.write())
    wait_until(lambda: "delivery" in bench.troubles(), WITHIN, "it is told")
    [reply] = [row for row in bench.mails() if row.kind is OutboxKind.REPLY]
    with bench._store() as store:
        assert store.cancel(reply.id, "by hand", bench.clock.now())
    opened = time.monotonic()
    bench.smtp.open()
    ended(bench)
    told("SMTP: away, and back with nothing to send", bench, injected=1, recovered=seconds_since(opened))
    assert bench.answered().total() == 0


# --- after the mail -----------------------------------------------------------------------------------------------

AFTER: dict[str, tuple[str, Act, OutboxState]] = {
    "the connection is lost in the text": (TEXT, hang_up, OutboxState.UNCERTAIN),
    "half open in the text": (TEXT, freeze, OutboxState.UNCERTAIN),
    "the connection is lost at the dot": (END_OF_MAIL, hang_up, OutboxState.UNCERTAIN),
    "taken, and the answer is lost": (END_OF_MAIL, lose_the_answer, OutboxState.UNCERTAIN),
    "the dot is lost": (END_OF_MAIL, mute, OutboxState.UNCERTAIN),
    "the 250 comes too late": (END_OF_MAIL, late(LATE), OutboxState.UNCERTAIN),
    "garbage": (END_OF_MAIL, say_and_hang_up("what?"), OutboxState.UNCERTAIN),
    "no end": (END_OF_MAIL, flood, OutboxState.UNCERTAIN),
    "451": (END_OF_MAIL, say_and_hang_up("451 4.3.0 later"), OutboxState.SENT),
    "421": (END_OF_MAIL, say_and_hang_up("421 4.7.0 later"), OutboxState.SENT),
    "554, like spam": (END_OF_MAIL, say_and_hang_up("554 5.7.1 spam"), OutboxState.FAILED),
    "552, too large": (END_OF_MAIL, say_and_hang_up("552 5.3.4 too large"), OutboxState.FAILED),
}


@pytest.mark.parametrize(
    "name",
    mostly_slow(AFTER, {"taken, and the answer is lost", "the 250 comes too late", "451", "554, like spam"}),
)
def test_what_may_have_gone_out_is_never_sent_again_and_what_was_refused_is(
    bench: Bench, told: Told, name: str
) -> None:
    step, act, state = AFTER[name]
    rule = bench.smtp.on(step, act)
    [first] = bench.write()
    if state is OutboxState.FAILED:
        bench.given_up.add(first)
    wait_until(lambda: rule.fired, WITHIN, name)
    [other] = bench.write()
    settled(bench)
    told(f"SMTP: after DATA: {name}", bench, injected=rule.fired, recovered=seconds_since(rule.last))
    of = {row.recipient: row.state for row in bench.mails() if row.kind is OutboxKind.REPLY}
    assert of == {first: state, other: OutboxState.SENT}
    ended(bench)
    assert bench.answered()[other] == 1
    is_taken = act is lose_the_answer or name == "the 250 comes too late" or state is OutboxState.SENT
    wait_until(lambda: bench.answered()[first] == is_taken, WITHIN, "what the server has taken, and nothing else")


@pytest.mark.slow
def test_a_server_that_dies_after_each_mail_does_not_put_all_of_them_in_doubt(bench: Bench, told: Told) -> None:
    rule = bench.smtp.on(END_OF_MAIL, lose_the_answer, times=FOR_EVER)
    bench.write(20)
    wait_until(lambda: rule.fired >= 3, WITHIN, "it breaks")
    time.sleep(2)
    bench.smtp.well()
    settled(bench)
    row = told(
        "SMTP: every answer after the mail is lost", bench, injected=rule.fired, recovered=seconds_since(rule.last)
    )
    assert row.uncertain == rule.fired <= 6


@pytest.mark.slow
def test_a_mail_in_doubt_that_the_provider_files_in_sent_under_its_own_message_id_is_found(
    bench: Bench, told: Told
) -> None:
    rule = bench.smtp.on(END_OF_MAIL, lose_the_answer)
    bench.write()
    wait_until(lambda: states(bench) == [OutboxState.UNCERTAIN], WITHIN, "in doubt")
    [taken] = bench.received()
    content = taken.content.replace(b"Message-ID: <", b"Message-ID: <outlook.")
    with bench.mailbox("Sent") as client:
        client.append("Sent", content, ["\\Seen"])
    bench.clock.advance(700)
    wait_until(lambda: states(bench) == [OutboxState.SENT], WITHIN, "found in Sent, without a new connection")
    told("SMTP: in doubt, then filed in Sent", bench, injected=rule.fired, recovered=seconds_since(rule.last))
    assert bench.imap.connections == 1


def test_alerts_whose_answer_is_lost_come_again_under_one_message_id(bench: Bench, told: Told) -> None:
    rule = bench.smtp.on(END_OF_MAIL, lose_the_answer)
    bench.write(text="Hệ thống sập rồi, cần gấp, khẩn cấp! Kho đang cháy.")

    def alerts() -> list[Taken]:
        bench.clock.advance(5)
        time.sleep(0.2)
        return [one for who in (MANAGER, ON_CALL) for one in bench.to(who)]

    wait_until(lambda: len(alerts()) >= 2, WITHIN, "it comes again")
    settled(bench)
    told("SMTP: an alert's answer is lost", bench, injected=rule.fired, recovered=seconds_since(rule.last))
    assert len({one.message_id for one in alerts()}) == 1


# --- a kept connection --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["hung up", "half open"])
def test_a_kept_connection_that_is_dead_is_opened_anew_once(bench: Bench, told: Told, fault: str) -> None:
    bench.wait_until_answered(bench.write())
    began = time.monotonic()
    caused = bench.smtp.cut() if fault == "hung up" else bench.smtp.freeze()
    before = bench.smtp.connections
    bench.write(2)
    settled(bench)
    told(f"SMTP: the kept connection is {fault}", bench, injected=caused, recovered=seconds_since(began))
    assert bench.smtp.connections == before + 1
    assert states(bench) == [OutboxState.SENT] * 3


# --- what the server cannot do, or will not for us ----------------------------------------------------------------


class SevenBit(Receiver):
    """No SMTPUTF8, no 8BITMIME, and whatever has an octet above 127 is refused."""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's
        self, _server: object, session: object, _envelope: object, _host: str, responses: list[str]
    ) -> list[str]:
        session.host_name = _host  # type: ignore[attr-defined]
        return [line for line in responses if "8BITMIME" not in line and "SMTPUTF8" not in line]

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # type: ignore[override]  # noqa: N802
        content: bytes = envelope.content  # type: ignore[attr-defined]
        if not content.isascii():
            return "554 5.6.1 8-bit octets are not taken"
        return await super().handle_DATA(server, session, envelope)  # type: ignore[arg-type]


def test_a_server_that_takes_seven_bits_only_gets_vietnamese_all_the_same(world: Servers, told: Told) -> None:
    began = time.monotonic()
    with SevenBit(enable_SMTPUTF8=False) as receiver, world.bench(receiver=receiver) as bench:
        bench.start()
        mail = bench.mail(
            "Nguyễn Thị Ánh <khach@k7bit.example>", "Cho mình hỏi đơn hàng ạ, gấp lắm!", "Đơn hàng số 12 — gấp"
        )
        bench.dovecot.deliver(bytes(mail), "khach@k7bit.example", bench.address)
        bench.customers.append("khach@k7bit.example")
        bench.written.append(str(mail["Message-ID"]))
        settled(bench)
        told("SMTP: neither 8BITMIME nor SMTPUTF8", bench, injected=1, recovered=seconds_since(began))
        [reply] = bench.received()
        assert reply.mail["Subject"] == "Trả lời tự động: Đơn hàng số 12 — gấp"
        assert "Công ty Ví Dụ" in reply.mail["From"]
        assert states(bench) == [OutboxState.SENT]


def test_a_mail_larger_than_the_server_takes_fails_by_name_and_is_not_begun(world: Servers, told: Told) -> None:
    with Receiver(data_size_limit=500) as receiver, world.bench(receiver=receiver) as bench:
        bench.start()
        bench.given_up.update(bench.write())
        settled(bench)
        told("SMTP: SIZE smaller than the mail", bench, injected=1)
        [row] = [row for row in bench.mails() if row.kind is OutboxKind.REPLY]
        assert row.state is OutboxState.FAILED
        assert "larger than the mail server takes (500)" in row.reason
        assert not any(line.startswith(b"MAIL") for line in bench.smtp.lines)


@pytest.mark.parametrize("answer", [
    "550 5.4.5 Daily user sending limit exceeded",
    pytest.param(
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", marks=pytest.mark.slow
    ),
])  # fmt: skip
def test_a_provider_that_blocks_us_for_an_hour_costs_nobody_the_reply(bench: Bench, told: Told, answer: str) -> None:
    rule = bench.smtp.on("RCPT", say(answer), times=FOR_EVER)
    bench.write(10)
    wait_until(lambda: answer[:9] in bench.troubles(), WITHIN, "it is told")
    for _ in range(120):
        bench.clock.advance(30)
        time.sleep(0.05)
    assert rule.fired < 40, "it does not hammer"
    assert len(bench.troubles().splitlines()) == 1
    bench.smtp.well()
    settled(bench)
    told(f"SMTP: blocked for an hour ({answer[:9]})", bench, injected=rule.fired, recovered=seconds_since(rule.last))
    assert states(bench) == [OutboxState.SENT] * 10
    ended(bench)


# --- a login, and TLS ---------------------------------------------------------------------------------------------


def with_login(bench: Bench, security: str = "none") -> None:
    text = bench.config.read_text(encoding="utf-8")
    more = f"security: {security}, user: u, password: secret, ca_file: {bench.dovecot.ca_file}"
    plain = f"port: {bench.smtp.port}, security: none"
    assert plain in text
    bench.config.write_text(text.replace(plain, f"port: {bench.smtp.port}, {more}"), encoding="utf-8")


def anybody(*_: object) -> AuthResult:
    return AuthResult(success=True)


LOGINS: dict[str, Act] = {
    "535": say("535 5.7.8 bad credentials"),
    "454": say("454 4.7.0 later"),
    "the connection is lost": hang_up,
    "no answer": mute,
    "garbage": say("334 ===\r\n"),
}


@pytest.mark.parametrize("name", mostly_slow(LOGINS, {"535"}))
def test_a_login_that_fails_is_no_mails_fault(world: Servers, told: Told, name: str) -> None:
    with (
        Receiver(authenticator=anybody, auth_require_tls=False) as receiver,
        world.bench(receiver=receiver) as bench,
    ):
        with_login(bench)
        bench.start()
        rule = bench.smtp.on("AUTH", LOGINS[name], times=3)  # it tries each way to log in that the server offers
        bench.write()
        wait_until(lambda: "delivery" in bench.troubles_ever(), WITHIN, f"{name} is told")
        bench.smtp.well()
        settled(bench)
        told(f"SMTP: AUTH: {name}", bench, injected=rule.fired, recovered=seconds_since(rule.last))
        assert set(states(bench)) == {OutboxState.SENT}


HANDSHAKES: dict[str, tuple[str, Act]] = {
    "STARTTLS: 454": ("STARTTLS", say("454 4.7.0 TLS not available")),
    "STARTTLS: the connection is lost": ("STARTTLS", hang_up),
    "STARTTLS: no answer": ("STARTTLS", mute),
    "TLS: the handshake hangs": ("\x16", mute),
    "TLS: the connection is lost in the handshake": ("\x16", hang_up),
    "TLS: garbage in the handshake": ("\x16", say("what?")),
}


@pytest.mark.parametrize("name", mostly_slow(HANDSHAKES, {"STARTTLS: 454", "TLS: garbage in the handshake"}))
def test_a_handshake_that_fails_is_no_mails_fault(world: Servers, told: Told, name: str) -> None:
    step, act = HANDSHAKES[name]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(world.dovecot.ca_file, world.dovecot.key_file)
    with (
        Receiver(authenticator=anybody, tls_context=context, require_starttls=True) as receiver,
        world.bench(receiver=receiver) as bench,
    ):
        with_login(bench, "starttls")
        bench.start()
        rule = bench.smtp.on(step, act)
        bench.write()
        wait_until(lambda: "delivery" in bench.troubles_ever(), WITHIN, f"{name} is told")
        settled(bench)
        told(f"SMTP: {name}", bench, injected=rule.fired, recovered=seconds_since(rule.last))
        ended(bench)
        assert set(states(bench)) == {OutboxState.SENT}


# --- a stop, and other accounts -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_stop_while_the_server_hangs_before_the_mail_is_quick_and_puts_nothing_in_doubt(
    world: Servers, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benches, "ANSWER_WITHIN", 60.0)
    with world.bench() as bench:
        bench.start()
        rule = bench.smtp.on("MAIL", mute)
        bench.write()
        wait_until(lambda: rule.fired, WITHIN, "it hangs")
        began = time.monotonic()
        assert bench.stop() == 0
        assert seconds_since(began) < 20
        assert states(bench) == [OutboxState.DUE]
        assert bench.troubles() == ""
        assert [row.attempts for row in bench.mails() if row.kind is OutboxKind.REPLY] == [0]
        bench.start()
        settled(bench)
        told("SMTP: stopped while the server hangs at MAIL", bench, injected=1, recovered=seconds_since(began))
        assert states(bench) == [OutboxState.SENT]


@pytest.mark.slow
def test_a_stop_waits_for_the_answer_to_a_mail_that_is_on_its_way(
    world: Servers, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benches, "ANSWER_WITHIN", 60.0)
    with world.bench() as bench:
        bench.start()
        rule = bench.smtp.on(END_OF_MAIL, late(8))
        bench.write()
        wait_until(lambda: rule.fired, WITHIN, "it is on its way")
        began = time.monotonic()
        assert bench.stop() == 0
        told("SMTP: stopped while the answer to a mail is awaited", bench, injected=1, recovered=seconds_since(began))
        assert states(bench) == [OutboxState.SENT]


@pytest.mark.slow
def test_a_stop_that_cannot_wait_for_the_answer_leaves_the_mail_in_doubt(
    world: Servers, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benches, "ANSWER_WITHIN", 300.0)
    monkeypatch.setattr(benches, "WITHIN", 90.0)
    with world.bench() as bench:
        bench.start()
        rule = bench.smtp.on(END_OF_MAIL, mute)
        bench.write()
        wait_until(lambda: rule.fired, WITHIN, "it is on its way")
        assert bench.stop() == 0
        assert states(bench) == [OutboxState.SENDING]
        bench.start()
        wait_until(lambda: states(bench) == [OutboxState.UNCERTAIN], WITHIN, "it is known to be in doubt")
        told("SMTP: stopped for good while an answer is awaited", bench, injected=1)


def test_a_server_that_hangs_holds_up_no_other_accounts_mail(
    world: Servers, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benches, "ANSWER_WITHIN", 60.0)
    with world.bench() as slow, world.bench() as quick:
        text = slow.config.read_text(encoding="utf-8")
        of_quick = quick.config.read_text(encoding="utf-8").partition("accounts:\n")[2].partition("people:")[0]
        of_quick = of_quick.replace("  info:", "  quick:", 1)
        slow.config.write_text(text.replace("people:", f"{of_quick}people:", 1), encoding="utf-8")
        slow.start(wait=False)
        slow.wait_until_said(": watching", 2)
        rule = slow.smtp.on("MAIL", mute, times=FOR_EVER)
        slow.write()
        wait_until(lambda: rule.fired, WITHIN, "it hangs")
        began = time.monotonic()
        who = quick.write()
        wait_until(lambda: quick.answered()[who[0]] == 1, 30, f"the other account's reply: {slow.said()[-2000:]}")
        took = seconds_since(began)
        slow.smtp.well()
        slow.smtp.cut()
        settled(slow)
        told("SMTP: another account's server hangs", slow, injected=rule.fired, recovered=took)
        slow.kill()


# --- the whole night ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_server_that_is_away_from_the_evening_until_after_the_opening(own_world: Servers, told: Told) -> None:
    """Replies of the night are dropped with their reason; follow-ups go in order; alerts and the report come late."""
    sends = {"follow_up: {as: draft}": "follow_up: {as: send, after: 1m}"}
    with own_world.bench(policy=sends) as bench:
        bench.start()
        bench.smtp.shut()
        who = [bench.write()[0] for _ in range(5)]
        bench.write(text="Hệ thống sập rồi, khẩn cấp! Kho đang cháy.")
        bench.given_up.update(bench.customers)
        wait_until(lambda: len(bench.messages()) == 6, WITHIN, "all are on record")
        wait_until(lambda: "delivery" in bench.troubles(), WITHIN, "it is told")
        for moment in ("2026-03-26 01:00", "2026-03-26 07:00", "2026-03-26 08:01", "2026-03-26 08:29"):
            bench.clock.set(benches.at(moment))
            time.sleep(1.5)
        assert len(bench.troubles().splitlines()) == 1
        assert bench.received() == []
        bench.clock.set(benches.at("2026-03-26 08:30"))
        opened = time.monotonic()
        bench.smtp.open()

        def followed() -> list[str]:
            bench.clock.advance(5)
            time.sleep(0.3)
            return [one.recipient for one in bench.received() if one.recipient in who]

        wait_until(lambda: len(followed()) >= 5, 2 * WITHIN, f"the follow-ups: {bench.said()[-3000:]}")
        assert followed() == who, "in the order in which they came, once each"
        plain = [row for row in bench.mails() if row.kind is OutboxKind.REPLY and row.recipient in who]
        assert {row.state for row in plain} == {OutboxState.DROPPED}
        assert all(row.reason for row in plain)
        wait_until(lambda: len(bench.to(MANAGER)) >= 1, WITHIN, "the report")
        assert len({one.message_id for one in bench.to(ON_CALL)}) == 1, "the alert came late, but it came"
        ended(bench)
        told("SMTP: away from 22:10 to 08:30", bench, injected=1, recovered=seconds_since(opened))


# --- a real Postfix -----------------------------------------------------------------------------------------------


POSTFIX: dict[str, dict[str, str]] = {
    "slow at every recipient": {"smtpd_recipient_restrictions": "sleep 2, permit_mynetworks"},
    "two connections in 8 s": {
        "smtpd_client_connection_rate_limit": "2",
        "smtpd_client_event_limit_exceptions": "",
        "anvil_rate_time_unit": "8s",
    },
    "its disk is nearly full": {"queue_minfree": "999999999999"},
    "unknown recipients for now (soft_bounce)": {
        "soft_bounce": "yes",
        "smtpd_recipient_restrictions": "check_recipient_access inline:{{k.example=reject}}, reject",
    },
    "takes 1,000 octets": {"message_size_limit": "1000"},
    "hangs up after one error": {"smtpd_hard_error_limit": "1"},
}
IS_MENDED = {"its disk is nearly full", "unknown recipients for now (soft_bounce)"}


@pytest.mark.parametrize(
    "name",
    mostly_slow(POSTFIX, {"its disk is nearly full", "two connections in 8 s", "takes 1,000 octets"}),
)
def test_a_real_postfix_that_is_slow_full_or_strict(world: Servers, told: Told, name: str) -> None:
    wanted = OutboxState.FAILED if name == "takes 1,000 octets" else OutboxState.SENT
    relayed = {"default_transport": f"smtp:[127.0.0.1]:{world.receiver.port}"}
    with server_directory() as directory, world.bench() as bench:
        postfix = Postfix(directory / "postfix", ["none.test"], world.dovecot, options={**relayed, **POSTFIX[name]})
        with postfix:
            bench.smtp._target = postfix.port
            bench.start()
            began = time.monotonic()
            if name in IS_MENDED:
                bench.write(2)
                wait_until(lambda: any(row.reason for row in bench.mails()), WITHIN, f"{name}: {bench.said()}")
                assert set(states(bench)) == {OutboxState.DUE}
                postfix._options = relayed
                postfix.stop()
                postfix.start()
            else:
                for _ in range(3):
                    bench.smtp.cut()
                    who = bench.write()
                    if wanted is OutboxState.FAILED:
                        bench.given_up.update(who)
                    settled(bench, who)
            settled(bench)
            told(f"Postfix: {name}", bench, injected=1, recovered=seconds_since(began))
            assert set(states(bench)) == {wanted}
