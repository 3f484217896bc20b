"""Faults on the way to the mailbox: whatever they are, every customer is answered once when they are over."""

from __future__ import annotations

import signal
import time
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from responder.store.records import MessageState
from tests.faults.bench import PATIENCE, Bench, Servers, numbers, seconds_since
from tests.faults.conftest import Told
from tests.faults.proxy import (
    FOR_EVER,
    Act,
    Rewriting,
    Rule,
    Talk,
    break_after,
    freeze,
    hang_up,
    late,
    lose_the_answer,
    say,
    say_and_hang_up,
    say_first,
)
from tests.servers.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

URGENT = "Cần gấp báo giá, mong anh chị phản hồi trong tối nay."
WITHIN = 45.0
LARGE = 300_000  # bytes of an attachment: such a mail is fetched in parts
ONE_LINE = 1


def slow(*case: object) -> ParameterSet:
    return pytest.param(*case, marks=pytest.mark.slow)


def recovers(bench: Bench, told: Told, fault: str, rule: Rule, who: list[str] | None = None) -> None:
    """A customer writes into the fault; it happens, and the reply comes all the same."""
    who = who or bench.write(1, URGENT)
    wait_until(lambda: rule.fired, PATIENCE, f"{fault} to happen\n{bench.said()[-2000:]}\n{bench.imap.lines[-20:]}")
    bench.wait_until_answered(who, PATIENCE)
    told(fault, bench, injected=rule.injected, recovered=seconds_since(rule.last))
    bench.imap.well()


def odd_mail(bench: Bench, text: str = URGENT, size: int = 0) -> EmailMessage:
    mail = bench.mail(f"khach@odd{next(numbers)}.example", text)
    if size:
        mail.add_attachment(b"x" * size, "application", "pdf", filename="a.pdf")
    return mail


def copies(bench: Bench) -> Counter[str]:
    """The Message-IDs of what lies in Sent."""
    with bench.mailbox("Sent") as client:
        rows = client.fetch(client.search(), ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"])
    values = (value for row in rows.values() for name, value in row.items() if name.startswith(b"BODY"))
    return Counter(value.decode().partition(":")[2].strip() for value in values)


def open_files(bench: Bench) -> int:
    return len(list(Path(f"/proc/{bench.pid}/fd").iterdir()))


def threads(bench: Bench) -> int:
    return len(list(Path(f"/proc/{bench.pid}/task").iterdir()))


# --- the line ------------------------------------------------------------------------------------------------------


def test_a_connection_that_dies_in_idle_is_noticed_at_once_and_leaves_nothing_behind(bench: Bench, told: Told) -> None:
    bench.write(1)
    bench.wait_until_answered()
    files, running, computed, cut = open_files(bench), threads(bench), bench.cpu(), 0
    for _ in range(4):
        watched = bench.times_said(": watching")
        began, cut = time.monotonic(), cut + bench.imap.cut()
        bench.wait_until_said(": watching", watched + 1)
    bench.write(2)
    bench.wait_until_answered()
    assert bench.cpu() - computed < 3.0
    assert open_files(bench) <= files + 1
    assert threads(bench) <= running + 1
    assert bench.troubles() == ""
    told("IMAP: the connection dies in IDLE", bench, injected=cut, recovered=seconds_since(began))


def in_idle(text: bytes, *, ends: bool = False) -> Act:
    """A word of the server in the midst of IDLE."""

    def act(talk: Talk, line: bytes) -> None:
        talk.to_server(line)
        time.sleep(0.5)
        talk.to_client(text)
        if ends:
            talk.end()

    return act


@pytest.mark.slow
def test_whatever_happens_in_idle_mail_is_read_soon_afterwards(bench: Bench, told: Told) -> None:
    faults: dict[str, Act] = {
        "BYE in IDLE": in_idle(b"* BYE shutting down\r\n", ends=True),
        "half a line in IDLE, then nothing": in_idle(b"* 7 EXI"),
        "garbage in IDLE": in_idle(b"\x00\xff!!!\r\n"),
        "half open in IDLE": freeze,
        "IDLE refused with NO": say("TAG NO not now"),
        "IDLE refused with BAD": say("TAG BAD what?"),
    }
    for fault, act in faults.items():
        rule = bench.imap.on("IDLE", act)
        bench.imap.cut()
        wait_until(lambda rule=rule: rule.fired, WITHIN, f"IDLE\n{bench.said()[-2000:]}")  # type: ignore[misc]
        computed, said = bench.cpu(), len(bench.imap.lines)
        recovers(bench, told, f"IMAP: {fault}", rule)
        assert bench.cpu() - computed < 3.0
        assert len(bench.imap.lines) - said < 150
        is_well(bench)


def test_a_server_that_says_all_the_time_that_it_is_still_there_causes_no_rounds(bench: Bench, told: Told) -> None:
    def still_here(talk: Talk, line: bytes) -> None:
        talk.to_server(line)
        for _ in range(60):
            time.sleep(0.1)
            talk.to_client(b"* OK Still here\r\n")

    rule = bench.imap.on("IDLE", still_here)
    bench.imap.cut()
    wait_until(lambda: rule.fired, WITHIN, "IDLE")
    begun, computed = len(bench.imap.lines), bench.cpu()
    time.sleep(4)
    assert bench.imap.lines[begun:] == [], "no command in four seconds of that"
    assert bench.cpu() - computed < 1.0
    recovers(bench, told, "IMAP: `* OK Still here` ten times a second in IDLE", rule)


@pytest.mark.slow
def test_answers_of_a_byte_a_packet_are_read_like_any_other(bench: Bench, told: Told) -> None:
    bench.imap.in_packets_of(1)
    bench.imap.cut()
    began = time.monotonic()
    for _ in range(2):
        bench.write(1)
        bench.wait_until_answered()
    told("IMAP: every answer in packets of one byte", bench, injected=1, recovered=seconds_since(began))


@pytest.mark.parametrize(("kind", "size"), [("a small mail", 0), slow("a large mail", LARGE)])
def test_a_line_that_breaks_in_the_middle_of_a_mail_does_not_lose_it(
    bench: Bench, told: Told, kind: str, size: int
) -> None:
    for octets in (1, 45, 600):
        rule = bench.imap.on(r"UID FETCH \d+ \(BODY", break_after(octets))
        who = [bench.deliver(odd_mail(bench, size=size))]
        recovers(bench, told, f"IMAP: broken {octets} bytes into {kind}", rule, who)


# --- each command --------------------------------------------------------------------------------------------------

COMMANDS = {  # of a round with an urgent mail, its mark, its reply, and the copy of that
    "the index of Sent": "STATUS",
    "SELECT": "SELECT",
    "the search for new mail": "UID SEARCH UID",
    "the sizes of new mail": r"UID FETCH [\d,]+ \(RFC822.SIZE",
    "the text of new mail": r"UID FETCH [\d,]+ \(BODY",
    "the mark": "UID STORE",
    "the flags of open mail": r"UID FETCH [\d,:]+ \(FLAGS\)",
    "opening Sent": "EXAMINE",
    "the search for a copy": "UID SEARCH OR HEADER",
    "the copy": "APPEND",
}
AT_LOGIN = {"the capabilities": "CAPABILITY", "the login": "LOGIN", "the list of folders": "LIST"}
ANSWERS: dict[str, Act] = {
    "refused with NO": say("TAG NO [SERVERBUG] Internal error"),
    "refused with BAD": say("TAG BAD Error in IMAP command"),
    "BYE": say_and_hang_up("* BYE Server shutting down"),
    "the connection ends": hang_up,
    "the answer is lost": lose_the_answer,
    "garbage": say_first("\x01\x02 this is no IMAP"),
    "a nonsensical answer": say("* 1 FETCH (UID (((\r\n* SEARCH one two\r\n* LIST nothing\r\nTAG OK done"),
    "half open": freeze,
}


def every_answer(bench: Bench, told: Told, name: str, command: str, left_out: frozenset[str] = frozenset()) -> None:
    for how, act in ANSWERS.items():
        if how in left_out:
            continue
        rule = bench.imap.on(command, act)
        if name in AT_LOGIN:
            bench.imap.cut()
        recovers(bench, told, f"IMAP: {name}, {how}", rule)
        is_well(bench)
    assert set(copies(bench).values()) == {1}, "no copy lies in Sent twice"


def is_well(bench: Bench) -> None:
    """All copies are filed, no trouble is left. A fault that comes sooner finds ever longer pauses, as it should."""
    replies = {taken.message_id for taken in bench.received()}
    wait_until(lambda: replies <= copies(bench).keys(), WITHIN, f"{len(replies)} copies\n{bench.said()[-2000:]}")
    wait_until(lambda: bench.troubles() == "", WITHIN, f"the troubles to end: {bench.troubles()}")


def test_a_mail_whose_text_cannot_be_had_at_once_is_answered_once(bench: Bench, told: Told) -> None:
    others = frozenset(ANSWERS) - {"the connection ends", "a nonsensical answer"}
    every_answer(bench, told, "the text of new mail", COMMANDS["the text of new mail"], others)


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_whatever_fails_at_a_command_of_a_round_everybody_is_answered_once(bench: Bench, told: Told, name: str) -> None:
    lied_to = frozenset({"a nonsensical answer"}) if name == "the copy" else frozenset()  # an OK before its bytes came
    every_answer(bench, told, name, COMMANDS[name], lied_to)


@pytest.mark.slow
@pytest.mark.parametrize("name", AT_LOGIN)
def test_whatever_fails_at_the_login_everybody_is_answered_once(bench: Bench, told: Told, name: str) -> None:
    left_out = {
        "the login": frozenset({"refused with NO", "refused with BAD"}),  # a quarter of an hour, see below
        "the list of folders": frozenset(
            {"a nonsensical answer"}
        ),  # a folder that is denied is denied for a connection
    }
    every_answer(bench, told, name, AT_LOGIN[name], left_out.get(name, frozenset()))


# --- what is said of messages --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_only_what_is_said_of_a_message_by_its_uid_counts_for_it(world: Servers, told: Told) -> None:
    with world.bench() as bench:
        for _ in range(3):
            old = odd_mail(bench, "Thư cũ.")
            bench.dovecot.deliver(bytes(old), str(old["From"]), bench.address)
        with bench.mailbox() as client:
            client.delete_messages([1, 2])
            client.expunge()
        bench.start()
        unasked = "\r\n".join(rf"* {number} FETCH (FLAGS (\Answered \Seen))" for number in range(1, 8))
        rule = bench.imap.on("UID FETCH", say_first(unasked), times=FOR_EVER)
        recovers(bench, told, "IMAP: FETCH with flags of others, without their UID", rule)
        twice = Rewriting(rb"(\* \d+ FETCH \(UID \d+ RFC822\.SIZE [^\r]*\r\n)", rb"\1\1\1")
        recovers(bench, told, "IMAP: FETCH with every row three times", bench.imap.on("UID FETCH", twice))
        bench.imap.cut()
        rule = bench.imap.on(r"UID FETCH \d+ \(BODY", say("TAG OK done"), times=2)
        recovers(bench, told, "IMAP: FETCH with no body", rule)
        rule = bench.imap.on(r"UID FETCH \d+ \(RFC822", say("TAG OK done"), times=2)
        recovers(bench, told, "IMAP: FETCH with no row at all", rule)
        assert bench.troubles() == ""


@pytest.mark.slow
def test_the_time_of_arrival_may_be_missing_or_absurd(bench: Bench, told: Told) -> None:
    times = ["NIL", '"01-Jan-1970 00:00:00 +0000"', '"01-Jan-2090 00:00:00 +0000"', '"25-Mar-2026 22:10:00 +9999"']
    for value in times:
        rule = bench.imap.on(
            r"UID FETCH \d+ \(RFC822", Rewriting(rb'INTERNALDATE "[^"]*"', f"INTERNALDATE {value}".encode())
        )
        mail = odd_mail(bench)
        mail["Date"] = bench.clock.now()
        recovers(bench, told, f"IMAP: INTERNALDATE {value}", rule, [bench.deliver(mail)])
        bench.imap.cut()
    mail = odd_mail(bench)
    del mail["Message-ID"]
    began, who = time.monotonic(), bench.deliver(mail)
    bench.wait_until_answered([who])
    told("IMAP: a mail without a Message-ID", bench, injected=1, recovered=seconds_since(began))


def test_what_goes_between_search_and_fetch_holds_up_nobody(bench: Bench, told: Told) -> None:
    rule = bench.imap.on(r"UID FETCH [\d,]+ \(RFC822", late(2.0))
    gone = odd_mail(bench)
    bench.dovecot.deliver(bytes(gone), str(gone["From"]), bench.address)
    wait_until(lambda: rule.fired, WITHIN, "the fetch")
    with bench.mailbox() as client:
        client.delete_messages(client.search())
        client.expunge()
    recovers(bench, told, "IMAP: expunged between SEARCH and FETCH", rule)
    began = time.monotonic()
    bench.written.clear()  # on record once more, as seen before
    with bench.mailbox() as client:
        client.move(client.search(), "Trash")
    with bench.mailbox("Trash") as client:
        client.move(client.search(), "INBOX")
    bench.write(1)
    bench.wait_until_answered()
    told("IMAP: all mail moved away and back", bench, injected=1, recovered=seconds_since(began))


# --- numbers -------------------------------------------------------------------------------------------------------


def test_a_mailbox_with_other_numbers_is_begun_anew_and_nothing_old_is_answered(bench: Bench, told: Told) -> None:
    bench.write(2)
    bench.wait_until_answered()
    rule = bench.imap.on("SELECT", Rewriting(rb"UIDVALIDITY \d+", b"UIDVALIDITY 77"), times=FOR_EVER)
    bench.imap.cut()
    bench.wait_until_said(": watching", 2)
    assert bench.times_said("was renumbered") == 1
    recovers(bench, told, "IMAP: UIDVALIDITY changed", rule)
    began = time.monotonic()  # no rule holds any more
    bench.imap.cut()
    bench.wait_until_said(": watching", 3)
    assert bench.times_said("was renumbered") == 2
    bench.write(1)
    bench.wait_until_answered()
    told("IMAP: UIDVALIDITY changed back", bench, injected=1, recovered=seconds_since(began))


@pytest.mark.slow
def test_a_server_that_does_not_tell_the_next_number_is_asked_for_it(bench: Bench, told: Told) -> None:
    rule = bench.imap.on("SELECT", Rewriting(rb"\* OK \[UIDNEXT[^\r]*\r\n", b""), times=FOR_EVER)
    bench.imap.cut()
    recovers(bench, told, "IMAP: UIDNEXT missing", rule)
    assert "lasting numbers" not in bench.troubles_ever()
    assert "renumbered" not in bench.said()


@pytest.mark.slow
def test_a_server_that_tells_the_next_number_nowhere_is_told_of_and_no_mail_is_answered(
    bench: Bench, told: Told
) -> None:
    selected = bench.imap.on("SELECT", Rewriting(rb"\* OK \[UIDNEXT[^\r]*\r\n", b""), times=FOR_EVER)
    bench.imap.on("STATUS", Rewriting(rb"UIDNEXT \d+ ?", b""), times=FOR_EVER)
    bench.imap.cut()
    bench.wait_until_said("the server gives messages no lasting numbers")
    who = bench.write(1)
    assert "ask the provider about UIDNEXT" in bench.troubles()
    assert not bench.answered()
    bench.imap.well()
    bench.process.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    recovers(bench, told, "IMAP: UIDNEXT told nowhere", selected, who)


# --- a mailbox that cannot be had ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_inbox_that_is_not_there_is_looked_for_less_and_less_often_and_found_again(bench: Bench, told: Told) -> None:
    rule = bench.imap.on("SELECT", say("TAG NO [NONEXISTENT] Mailbox doesn't exist: INBOX"), times=FOR_EVER)
    bench.imap.cut()
    who, computed = bench.write(1), bench.cpu()
    time.sleep(15)
    assert rule.fired <= 5
    assert bench.cpu() - computed < 2.0
    assert bench.times_said("the folder is not there") == ONE_LINE
    assert "the folder is not there" in bench.troubles()
    bench.imap.well()
    bench.process.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    recovers(bench, told, "IMAP: the inbox is not there", rule, who)
    wait_until(lambda: bench.troubles() == "", WITHIN, "the trouble to end")


@pytest.mark.slow
def test_a_mailbox_that_may_only_be_read_is_read_and_answered_and_told_of_once(bench: Bench, told: Told) -> None:
    by_pattern = Rewriting(rb"(?s)PERMANENTFLAGS \([^)]*\)(.*)\[READ-WRITE\]", rb"PERMANENTFLAGS ()\1[READ-ONLY]")
    rule = bench.imap.on("SELECT", by_pattern, times=FOR_EVER)
    bench.imap.cut()
    recovers(bench, told, "IMAP: the inbox may only be read", rule)
    wait_until(lambda: "marks are not kept" in bench.troubles(), WITHIN, "the trouble on record")
    bench.write(1, URGENT)
    bench.wait_until_answered()
    assert bench.times_said("marks are not kept") == ONE_LINE


@pytest.mark.slow
def test_a_mailbox_that_is_full_is_read_and_answered_and_gets_its_copies_later(bench: Bench, told: Told) -> None:
    rule = bench.imap.on("APPEND", say("TAG NO [OVERQUOTA] Quota exceeded (mailbox for user is full)"), times=FOR_EVER)
    bench.write(1)
    bench.wait_until_answered()
    wait_until(lambda: "OVERQUOTA" in bench.troubles(), WITHIN, "the trouble on record")
    bench.write(1)
    bench.wait_until_answered()
    assert bench.times_said("OVERQUOTA") == ONE_LINE
    recovers(bench, told, "IMAP: [OVERQUOTA] for the copies", rule)
    assert rule.fired == 1, "it is left alone for a while"
    bench.process.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    wait_until(lambda: len(copies(bench)) == 3, WITHIN, "the copies")
    wait_until(lambda: bench.troubles() == "", WITHIN, "the trouble to end")
    assert set(copies(bench).values()) == {1}


@pytest.mark.parametrize(
    ("fault", "command", "answer"),
    [
        slow("too many connections", None, "* BYE [LIMIT] Too many connections from your address"),
        slow("a login that is refused for a while", "LOGIN", "TAG NO [UNAVAILABLE] Temporary authentication failure"),
        slow("a search that is refused for a while", "UID SEARCH", "TAG NO [LIMIT] Too many commands, try again later"),
        ("a wrong password", "LOGIN", "TAG NO [AUTHENTICATIONFAILED] Invalid credentials"),
    ],
)
def test_a_server_that_asks_to_wait_is_left_alone_for_long_unless_the_admin_reloads(
    bench: Bench, told: Told, fault: str, command: str | None, answer: str
) -> None:
    act = say_and_hang_up(answer)
    rule = (
        bench.imap.on(command, say(answer), times=FOR_EVER) if command else bench.imap.on_connect(act, times=FOR_EVER)
    )
    bench.imap.cut()
    who = bench.write(1)
    wait_until(lambda: rule.fired and bench.troubles(), WITHIN, "the trouble on record")
    time.sleep(6)
    assert rule.fired == 1, "it is not asked again for a quarter of an hour"
    words = answer.partition("] ")[2]
    assert words in bench.troubles()
    assert bench.times_said(words) == ONE_LINE
    bench.imap.well()
    bench.process.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    recovers(bench, told, f"IMAP: {fault}", rule, who)
    wait_until(lambda: bench.troubles() == "", WITHIN, "the trouble to end")


@pytest.mark.slow
def test_a_server_that_accepts_and_says_nothing_is_left_after_a_while(bench: Bench, told: Told) -> None:
    rule = bench.imap.on_connect(freeze, times=2)
    bench.imap.cut()
    recovers(bench, told, "IMAP: the server accepts, and says nothing", rule)


# --- too much ------------------------------------------------------------------------------------------------------


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Act:
    """An answer that never ends, until the daemon has gone."""

    def act(talk: Talk, _line: bytes) -> None:
        try:
            talk.to_client(start)
            for _ in range(2_000_000_000 // max(len(piece), 1_000_000)):
                talk.to_client(piece)
                time.sleep(pause)
        except OSError:
            talk.end()

    return act


TOO_LONG: dict[str, Act] = {
    "a literal of 200 MB": endless(b"* 1 FETCH (UID 2 BODY[] {209715200}\r\n", b"x" * 1_000_000),
    "a line without an end": endless(b"* 1 FETCH (UID 2 BODY[] ", b"x" * 1_000_000),
    "rows without an end": endless(b"", b"* 1 FETCH (UID 2 FLAGS ())\r\n" * 40_000),
}


@pytest.mark.parametrize(
    "fault", ["a line without an end", *(slow(name) for name in TOO_LONG if name != "a line without an end")]
)
def test_an_answer_that_is_too_long_or_never_ends_is_broken_off_and_memory_stays_flat(
    bench: Bench, told: Told, fault: str
) -> None:
    bench.write(1)
    bench.wait_until_answered()
    memory = bench.memory()
    rule = bench.imap.on(r"UID FETCH \d+ \(BODY", TOO_LONG[fault])
    recovers(bench, told, f"IMAP: {fault}", rule)
    assert bench.memory() < memory + 60


@pytest.mark.slow
def test_a_mail_that_breaks_every_connection_is_set_aside_in_half_an_hour_and_is_one_trouble(
    own_world: Servers, told: Told
) -> None:
    with own_world.bench() as bench:
        bench.start()
        bench.write(1)
        bench.wait_until_answered()
        rule = bench.imap.on(
            r"UID FETCH 2 \(BODY.PEEK\[\]\)", endless(b"* 1 FETCH (UID 2 BODY[] {209715200}\r\n", b"x"), times=FOR_EVER
        )
        bench.write(1)
        wait_until(lambda: rule.fired, WITHIN, "the mail to break the connection")
        bench.wait_until_answered(bench.write(2))
        for _ in range(4):
            fired = rule.fired
            own_world.clock.advance(11 * 60)
            bench.process.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
            wait_until(
                lambda fired=fired: rule.fired > fired or aside(bench),  # type: ignore[misc]
                WITHIN,
                f"it to be asked for again\n{bench.said()[-2000:]}",
            )
        wait_until(lambda: aside(bench), WITHIN, f"it to be set aside\n{bench.said()[-3000:]}")
        bench.wait_until_answered(bench.write(1))
        told("IMAP: a mail of 200 MB that breaks every connection", bench, injected=rule.fired)
        told_by_the_watch = [line for line in bench.said().splitlines() if "work.watch" in line and "asked for" in line]
        assert len(told_by_the_watch) == ONE_LINE
        wait_until(lambda: "network" not in bench.troubles(), WITHIN, "the trouble to end")


@pytest.mark.slow
def test_an_answer_that_trickles_for_ever_is_broken_off(bench: Bench, told: Told) -> None:
    rule = bench.imap.on(r"UID FETCH \d+ \(BODY", endless(b"* 1 FETCH (UID 1 ", b"x", 1.0))
    recovers(bench, told, "IMAP: a byte a second without an end", rule)


def aside(bench: Bench) -> bool:
    return any(row.state is MessageState.QUARANTINED for row in bench.messages())


@pytest.mark.slow
def test_a_mail_of_40_mb_costs_nothing(bench: Bench, told: Told) -> None:
    bench.write(1)
    bench.wait_until_answered()
    memory, began = bench.memory(), time.monotonic()
    bench.wait_until_answered([bench.deliver(odd_mail(bench, size=40_000_000))])
    assert bench.memory() < memory + 20
    told("IMAP: an attachment of 40 MB", bench, injected=1, recovered=seconds_since(began))
