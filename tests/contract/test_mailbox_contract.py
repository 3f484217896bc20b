"""What every mailbox does, whoever made it; and what our IMAP one does when the server does not."""

from __future__ import annotations

import socket
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from queue import SimpleQueue
from zoneinfo import ZoneInfo

import pytest
from imapclient import IMAPClient
from imapclient.response_parser import parse_fetch_response

from responder.config import Security
from responder.errors import Trouble, TroubleKind
from responder.mail import compose
from responder.mail.addresses import Address
from responder.mail.automatic import Filed
from responder.mail.bounce import find
from responder.mail.compose import Outgoing, Thread
from responder.mail.language import Language
from responder.policy.model import Mark, MarkKind
from responder.ports import Fetched, Flags, Glimpse, Mailbox, Special, Unreadable
from responder.servers import lookup
from responder.servers.imap import HEADER_LIMIT, START_LIMIT, ImapMailbox, _structure
from responder.servers.imap_client import Client
from tests.contract.boxes import INBOX, PASSWORD, Box, FakeBox, PymapServer, Relay, server_at, server_box
from tests.contract.scripted_imap import USUAL, ScriptedImap
from tests.hostile.mails import MAILS
from tests.servers.dovecot import Dovecot
from tests.servers.process import free_ports, require_servers, server_directory

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
NIGHT = datetime(2026, 11, 20, 22, 10, tzinfo=SAIGON)
CUSTOMER = "khach@banhang.example"
OFFICE = "info@congty.example"
FLAG = Mark(MarkKind.FLAGGED)
USERS = 80
QUICKLY = 15.0  # seconds, on a busy machine; Dovecot tells of new mail after half of one
LONG = 60.0  # seconds of waiting nobody should see the end of


@pytest.fixture(scope="module")
def pymap() -> Iterator[tuple[int, SimpleQueue[str]]]:
    with PymapServer(USERS) as server:
        yield server.port, _queue(server.users)


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    require_servers()
    users = [(f"user{number}@office.test", PASSWORD) for number in range(USERS)]
    with server_directory() as directory, Dovecot(directory / "dovecot", users) as server:
        yield server


@pytest.fixture(scope="module")
def users(dovecot: Dovecot) -> SimpleQueue[str]:
    return _queue([user for user, _password in dovecot.users])


def _queue(users: list[str]) -> SimpleQueue[str]:
    """Every test gets a mailbox nobody has touched."""
    queue: SimpleQueue[str] = SimpleQueue()
    for user in users:
        queue.put(user)
    return queue


@pytest.fixture(params=["fake", "pymap", "dovecot"])
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    if request.param == "fake":
        made = FakeBox()
        made.mailbox.connect()
        yield made
        return
    if request.param == "pymap":
        port, names = request.getfixturevalue("pymap")
    else:
        port, names = request.getfixturevalue("dovecot").imap_port, request.getfixturevalue("users")
    with server_box(port, names.get_nowait()) as served:
        yield served


def letter(subject: str = "Hỏi giá", text: str = "Cho mình hỏi giá bàn làm việc.", **headers: str) -> bytes:
    """A customer's mail; `Message_ID="<a@b>"` sets a header."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Khách <{CUSTOMER}>", OFFICE, subject
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes().replace(b"\n", b"\r\n")


def from_us(recipient: str = CUSTOMER, **headers: str) -> bytes:
    return letter("Re: Hỏi giá", "Dạ bên em gửi báo giá ạ.", From=OFFICE, To=recipient, **headers)


# --- new mail ---------------------------------------------------------------------------------------------------------


def test_new_mail_is_what_came_after_the_last_one(box: Box) -> None:
    first = box.deliver(letter("1"), NIGHT)
    box.mailbox.inbox()
    assert box.mailbox.uids_after(first - 1) == (first,)
    second, third = box.deliver(letter("2"), NIGHT), box.deliver(letter("3"), NIGHT)
    box.mailbox.inbox()
    assert box.mailbox.uids_after(first) == (second, third)


def test_without_new_mail_the_last_old_one_is_not_named_again(box: Box) -> None:
    last = box.deliver(letter(), NIGHT)
    box.mailbox.inbox()
    assert box.mailbox.uids_after(last) == ()
    assert box.mailbox.uids_after(last + 100) == ()


def test_an_empty_inbox_has_no_new_mail(box: Box) -> None:
    state = box.mailbox.inbox()
    assert state.messages == 0
    assert box.mailbox.uids_after(0) == ()


def test_the_inbox_tells_the_number_the_next_mail_will_get(box: Box) -> None:
    before = box.mailbox.inbox()
    uid = box.deliver(letter(), NIGHT)
    after = box.mailbox.inbox()
    assert before.uidnext == uid
    assert after.uidnext == uid + 1
    assert after.messages == 1
    assert before.uidvalidity == after.uidvalidity


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_fetched_mail_has_its_text_its_headers_and_the_instant_it_arrived(box: Box) -> None:
    uid = box.deliver(letter("Báo giá gấp", Message_ID="<a@banhang.example>"), NIGHT)
    box.mailbox.inbox()
    [fetched] = box.mailbox.fetch([uid])
    assert fetched.uid == uid
    assert fetched.arrived is not None
    assert fetched.arrived.utcoffset() is not None
    assert fetched.arrived == NIGHT
    assert fetched.message.subject == "Báo giá gấp"
    assert fetched.message.message_id == "<a@banhang.example>"
    assert "Cho mình hỏi giá bàn làm việc." in fetched.message.text


def test_reading_leaves_a_mail_unread_for_the_staff(box: Box) -> None:
    small, large = box.deliver(letter(), NIGHT), box.deliver(_with_attachment(200_000), NIGHT)
    box.mailbox.inbox()
    box.mailbox.fetch([small, large])
    list(box.mailbox.correspondents(NIGHT - timedelta(days=3)))
    assert not box.seen(small)
    assert not box.seen(large)


def test_of_a_large_mail_the_text_is_found_beside_its_attachment(box: Box) -> None:
    uid = box.deliver(_with_attachment(5_000_000), NIGHT)
    box.mailbox.inbox()
    [fetched] = box.mailbox.fetch([uid])
    assert "Em gửi bản vẽ, cần báo giá gấp ạ." in fetched.message.text
    assert [part.content_type for part in fetched.message.parts] == [
        "multipart/mixed", "text/plain", "application/pdf",
    ]  # fmt: skip


def test_a_large_mail_reads_the_same_as_if_it_had_been_small(box: Box) -> None:
    uid = box.deliver(_alternative(filler=0), NIGHT), box.deliver(_alternative(filler=300_000), NIGHT)
    box.mailbox.inbox()
    small, large = box.mailbox.fetch(uid)
    assert large.message.text.rstrip() == small.message.text.rstrip()
    assert large.message.from_ == small.message.from_


def test_what_a_report_says_is_read_the_same_however_large_the_mail_it_brings_back(box: Box) -> None:
    uid = box.deliver(_report(filler=0), NIGHT), box.deliver(_report(filler=300_000), NIGHT)
    box.mailbox.inbox()
    small, large = box.mailbox.fetch(uid)
    assert "Final-Recipient: rfc822; khach@banhang.example" in small.message.returned
    assert "Message-ID: <m1@congty.example>" in small.message.returned
    assert large.message.returned == small.message.returned
    assert find(large.message) == find(small.message)
    assert [part.content_type for part in large.message.parts] == [
        "multipart/report", "text/plain", "message/delivery-status", "message/rfc822",
    ]  # fmt: skip


def _report(filler: int) -> bytes:
    status = "Reporting-MTA: dns; mail.example\n\nFinal-Recipient: rfc822; khach@banhang.example\nAction: failed\n"
    return (
        "From: MAILER-DAEMON@mail.example\nTo: info@congty.example\nSubject: Undelivered\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nIt failed.\n\n"
        f"--b\nContent-Type: message/delivery-status\n\n{status}Status: 5.1.1\n\n"
        "--b\nContent-Type: message/rfc822\n\nMessage-ID: <m1@congty.example>\nSubject: x\n"
        'Content-Type: multipart/mixed; boundary="inner"\n\n'
        f"--inner\nContent-Type: text/plain\n\n{'x' * 70}\n" + f"{'y' * 70}\n" * (filler // 71) + "--inner--\n--b--\n"
    ).encode().replace(b"\n", b"\r\n")  # fmt: skip


def test_a_large_mail_that_is_one_single_text_is_read_up_to_a_bound(box: Box) -> None:
    uid = box.deliver(letter(text="Cần báo giá. " + "dòng rất dài\n" * 60_000), NIGHT)
    box.mailbox.inbox()
    [fetched] = box.mailbox.fetch([uid])
    assert fetched.message.text.startswith("Cần báo giá.")
    assert len(fetched.message.text) <= 220_000


def test_a_calendar_answer_is_known_as_one_even_beside_a_large_attachment(box: Box) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = CUSTOMER, OFFICE, "Accepted: họp"
    mail.set_content("Accepted")
    mail.add_alternative(b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n", "text", "calendar",
                         params={"method": "REPLY"})  # fmt: skip
    mail.add_attachment(b"x" * 200_000, "application", "octet-stream", filename="map.bin")
    uid = box.deliver(mail.as_bytes().replace(b"\n", b"\r\n"), NIGHT)
    box.mailbox.inbox()
    [fetched] = box.mailbox.fetch([uid])
    calendars = [part for part in fetched.message.parts if part.content_type == "text/calendar"]
    assert [part.parameter("method") for part in calendars] == ["REPLY"]


def test_mail_that_has_gone_meanwhile_is_simply_missing(box: Box) -> None:
    gone, there = box.deliver(letter("gone"), NIGHT), box.deliver(letter("there"), NIGHT)
    box.mailbox.inbox()
    box.mailbox.uids_after(0)
    box.remove(gone)
    box.mailbox.inbox()
    assert [fetched.uid for fetched in box.mailbox.fetch([gone, there])] == [there]
    assert set(box.mailbox.flags([gone, there])) == {there}
    assert box.mailbox.fetch([gone]) == ()
    assert box.mailbox.flags([gone]) == {}


def test_nothing_asked_is_nothing_told(box: Box) -> None:
    box.deliver(letter(), NIGHT)
    box.mailbox.inbox()
    assert box.mailbox.fetch([]) == ()
    assert box.mailbox.flags([]) == {}
    box.mailbox.mark([], FLAG)


def test_of_a_mail_its_arrival_sender_and_subject_may_be_had_alone_and_it_stays_unread(box: Box) -> None:
    uid = box.deliver(letter("Hỏi giá"), NIGHT)
    box.mailbox.inbox()
    glimpse = box.mailbox.glimpse(uid)
    assert glimpse.arrived == NIGHT
    assert glimpse.header is not None
    assert (glimpse.header.from_[0].key, glimpse.header.subject) == (CUSTOMER, "Hỏi giá")
    assert not box.seen(uid)
    assert box.mailbox.glimpse(uid + 1) == Glimpse()


class Withholding:
    """In place of a client: of its two mails it lists the first and has no text for it; what is asked is on record."""

    def __init__(self, size: int, nil: dict[bytes, object] | None, *, is_taken_away: bool = False) -> None:
        self._size = size
        self._nil = nil
        self._is_gone = False
        self._is_taken_away = is_taken_away

    def noop(self) -> None:
        self._is_gone = self._is_taken_away

    def search(self, criteria: list[str]) -> list[int]:
        assert criteria == ["UID", "1"]
        return [] if self._is_gone else [1]

    def fetch(self, uids: list[int], items: list[str]) -> dict[int, dict[bytes, object]]:
        told = {uid: self._told(uid, items) for uid in uids if not (uid == 1 and self._is_gone)}
        return {uid: row for uid, row in told.items() if row is not None}

    def _told(self, uid: int, items: list[str]) -> dict[bytes, object] | None:
        if items[0] == "RFC822.SIZE":
            size = self._size if uid == 1 else 100
            return {b"RFC822.SIZE": size, b"INTERNALDATE": NIGHT, b"FLAGS": ()}
        return self._nil if uid == 1 else {b"BODY[]": letter()}


def withholding(client: Withholding) -> ImapMailbox:
    mailbox = ImapMailbox(server_at(1, "u"), lambda: PASSWORD, INBOX, {})
    mailbox._client = client  # type: ignore[assignment]
    return mailbox


@pytest.mark.parametrize("size", [100, 1_000_000])
@pytest.mark.parametrize("nil", [None, {}, {b"BODY[]": None}, {b"BODY[]<0>": None}])
def test_a_mail_that_is_listed_and_has_no_text_is_told_as_unreadable_and_the_others_are_read(
    size: int, nil: dict[bytes, object] | None
) -> None:
    first, second = withholding(Withholding(size, nil)).fetch([1, 2])
    assert isinstance(first, Unreadable)
    assert isinstance(second, Fetched)
    assert (first.uid, first.trouble.kind, second.uid) == (1, TroubleKind.SERVER, 2)
    assert "does not hand it out" in str(first.trouble)


def test_a_mail_that_is_taken_away_while_it_is_read_is_simply_missing() -> None:
    found = withholding(Withholding(100, None, is_taken_away=True)).fetch([1, 2])
    assert [one.uid for one in found] == [2]


def test_a_header_that_is_not_handed_out_leaves_the_arrival() -> None:
    class Client:
        def fetch(self, uids: list[int], items: list[str]) -> dict[int, dict[bytes, object]]:
            if items != ["INTERNALDATE"]:
                raise OSError("the line broke")
            return {uid: {b"INTERNALDATE": NIGHT} for uid in uids}

    mailbox = ImapMailbox(server_at(1, "u"), lambda: PASSWORD, INBOX, {})
    mailbox._client = Client()  # type: ignore[assignment]
    assert mailbox.glimpse(7) == Glimpse(NIGHT)


def test_mail_without_any_header_does_not_stop_the_others(box: Box) -> None:
    odd, plain = box.deliver(b"\r\n", NIGHT), box.deliver(letter(), NIGHT)
    box.mailbox.inbox()
    assert [fetched.uid for fetched in box.mailbox.fetch([odd, plain])] == [odd, plain]


# --- flags ------------------------------------------------------------------------------------------------------------


def test_a_flag_is_set_once_however_often_it_is_set(box: Box) -> None:
    one, other = box.deliver(letter("1"), NIGHT), box.deliver(letter("2"), NIGHT)
    box.mailbox.inbox()
    box.mailbox.mark([one], FLAG)
    box.mailbox.mark([one], FLAG)
    assert box.mailbox.flags([one, other]) == {one: Flags(False, True), other: Flags(False, False)}
    assert not box.seen(one)


def test_what_staff_have_answered_is_known(box: Box) -> None:
    uid = box.deliver(letter(), NIGHT)
    box.mailbox.inbox()
    box.answer(uid)
    assert box.mailbox.flags([uid]) == {uid: Flags(answered=True, flagged=False)}


@pytest.mark.parametrize(
    ("keywords", "filed"),
    [
        ((), Filed.ORDINARY),
        (("$Junk",), Filed.JUNK),
        (("Junk",), Filed.JUNK),
        (("$NotJunk",), Filed.ORDINARY),
        (("NonJunk",), Filed.ORDINARY),
        (("$Junk", "$NotJunk"), Filed.ORDINARY),  # RFC 9051 2.3.2: both together say nothing
        (("$Junkyard",), Filed.ORDINARY),
    ],
)
@pytest.mark.parametrize("box", ["fake", "dovecot"], indirect=True)  # pymap keeps no keywords
def test_what_was_filed_as_junk_says_so(box: Box, keywords: tuple[str, ...], filed: Filed) -> None:
    uid = box.deliver(letter(), NIGHT)
    box.put_keywords(uid, keywords)
    box.mailbox.inbox()
    assert [one.filed for one in box.mailbox.fetch([uid])] == [filed]


def test_flagging_mail_that_has_gone_is_harmless(box: Box) -> None:
    gone, there = box.deliver(letter(), NIGHT), box.deliver(letter(), NIGHT)
    box.remove(gone)
    box.mailbox.inbox()
    box.mailbox.mark([gone, there], FLAG)
    assert box.mailbox.flags([there]) == {there: Flags(answered=False, flagged=True)}


# --- marks of the office's own ----------------------------------------------------------------------------------------


KEYWORD = Mark(MarkKind.KEYWORD, "Gap")
FOLDER = Mark(MarkKind.FOLDER, "Việc gấp")


def test_a_keyword_stands_beside_the_flag_however_often_it_is_set(box: Box) -> None:
    uid = box.deliver(letter(), NIGHT)
    box.mailbox.inbox()
    refused = box.mailbox.refused([FLAG, KEYWORD])
    for mark in (FLAG, KEYWORD, KEYWORD):
        if mark not in refused:
            box.mailbox.mark([uid], mark)
    assert box.held(INBOX) == [(frozenset({"flagged"} if refused else {"flagged", "gap"}), letter())]


def test_a_mail_that_is_moved_lies_in_that_folder_as_it_was_and_unread(box: Box) -> None:
    box.make_folder(FOLDER.name)
    moved, left = box.deliver(letter("Gấp"), NIGHT), box.deliver(letter(), NIGHT)
    box.mailbox.inbox()
    assert not box.mailbox.refused([FOLDER])
    box.mailbox.mark([moved], FLAG)
    box.mailbox.mark([moved], FOLDER)
    assert box.held(FOLDER.name) == [(frozenset({"flagged"}), letter("Gấp"))]
    assert set(box.mailbox.flags([moved, left])) == {left}


def test_moving_what_has_been_moved_or_has_gone_changes_nothing(box: Box) -> None:
    box.make_folder(FOLDER.name)
    moved, gone, left = (box.deliver(letter(subject), NIGHT) for subject in ("1", "2", "3"))
    box.remove(gone)
    box.mailbox.inbox()
    for uids in ([moved, gone], [moved, gone], [moved], []):
        box.mailbox.mark(uids, FOLDER)
    assert [content for _flags, content in box.held(FOLDER.name)] == [letter("1")]
    assert [content for _flags, content in box.held(INBOX)] == [letter("3")]
    assert box.mailbox.uids_after(0) == (left,)


def test_what_staff_have_answered_in_the_folder_it_was_moved_to_is_known_and_the_inbox_still_at_hand(box: Box) -> None:
    box.make_folder(FOLDER.name)
    ids = [f"<{number}@banhang.example>" for number in range(3)]
    first, second = (box.deliver(letter(Message_ID=each), NIGHT) for each in ids[:2])
    left = box.deliver(letter(Message_ID=ids[2]), NIGHT)
    box.mailbox.inbox()
    box.mailbox.mark([first, second], FOLDER)
    assert box.mailbox.answered_in(FOLDER.name, NIGHT) == frozenset()
    box.answer_in(FOLDER.name, ids[1])
    assert box.mailbox.answered_in(FOLDER.name, NIGHT) == {ids[1]}
    assert box.mailbox.held_in(FOLDER.name, NIGHT) == set(ids[:2])
    assert box.mailbox.answered_in(FOLDER.name, NIGHT + timedelta(days=3)) == frozenset(), "too old to be of interest"
    assert box.mailbox.uids_after(0) == (left,)
    box.mailbox.mark([left], FLAG)
    assert box.mailbox.flags([left])[left].flagged


def test_a_folder_that_has_gone_tells_of_no_answer(box: Box) -> None:
    uid = box.deliver(letter(), NIGHT)
    box.mailbox.inbox()
    assert box.mailbox.answered_in("Không có", NIGHT) == frozenset()
    assert box.mailbox.held_in("Không có", NIGHT) == frozenset()
    assert box.mailbox.uids_after(0) == (uid,)


def test_marks_that_a_mailbox_cannot_have_are_told_and_the_others_are_not(
    box: Box, request: pytest.FixtureRequest
) -> None:
    box.mailbox.inbox()
    keeps_no_keywords = request.node.callspec.params["box"] == "pymap"
    label, missing, inbox = Mark(MarkKind.LABEL, "Gấp"), FOLDER, Mark(MarkKind.FOLDER, INBOX)
    refused = box.mailbox.refused([FLAG, KEYWORD, label, missing, inbox])
    assert set(refused) == {label, missing, inbox, *([KEYWORD] if keeps_no_keywords else [])}
    assert {trouble.kind for trouble in refused.values()} == {TroubleKind.MARK}


# --- who is known -----------------------------------------------------------------------------------------------------


def test_correspondents_are_who_wrote_to_us_and_whom_we_wrote_to(box: Box) -> None:
    box.deliver(letter(From="Lan <Lan@Khach.example>"), NIGHT)
    box.deliver(letter(From="cu@khach.example"), NIGHT - timedelta(days=500))
    box.write(from_us("minh@doitac.example"), NIGHT)
    box.mailbox.inbox()
    portions = box.mailbox.correspondents(NIGHT - timedelta(days=365))
    known = frozenset().union(*(each for each in portions if isinstance(each, frozenset)))
    assert {"lan@khach.example", "minh@doitac.example"} <= known
    assert "cu@khach.example" not in known


def test_after_looking_for_correspondents_the_inbox_is_still_at_hand(box: Box) -> None:
    uid = box.deliver(letter(), NIGHT)
    box.mailbox.inbox()
    list(box.mailbox.correspondents(NIGHT))
    box.mailbox.holds(Special.DRAFTS, "<none@x.example>")
    box.mailbox.persons_mail(0)
    box.mailbox.sent_state()
    assert box.mailbox.uids_after(0) == (uid,)
    box.mailbox.mark([uid], FLAG)
    assert box.mailbox.flags([uid])[uid].flagged


# --- Sent and Drafts --------------------------------------------------------------------------------------------------


def test_mail_a_person_wrote_is_found_in_sent_with_its_recipients_and_thread(box: Box) -> None:
    box.mailbox.inbox()
    before = box.mailbox.sent_state()
    assert before is not None
    box.write(
        from_us("Lan@Khach.example", Cc="minh@khach.example", Bcc="Sep <sep@khach.example>",
                Message_ID="<r@congty.example>", In_Reply_To="<a@khach.example>",
                References="<0@khach.example> <a@khach.example>"),
        NIGHT,
    )  # fmt: skip
    after = box.mailbox.sent_state()
    assert after is not None
    assert (after.uidnext, after.messages) == (before.uidnext + 1, before.messages + 1)
    [found] = box.mailbox.persons_mail(before.uidnext - 1)
    assert found.message_id == "<r@congty.example>"
    assert found.at == NIGHT
    assert set(found.recipients) == {"lan@khach.example", "minh@khach.example", "sep@khach.example"}
    assert set(found.thread) == {"<a@khach.example>", "<0@khach.example>"}
    assert box.mailbox.persons_mail(after.uidnext - 1) == ()


def test_our_own_automatic_mail_in_sent_is_no_persons(box: Box) -> None:
    out = Outgoing(Address("Công ty", OFFICE), Address("", CUSTOMER), "<responder.1@congty.example>", NIGHT)
    thread = Thread("<a@khach.example>", (), "Hỏi giá")
    box.mailbox.inbox()
    box.mailbox.append(Special.SENT, compose.reply(out, thread, "Cảm ơn bạn.", Language.VI), NIGHT)
    box.mailbox.append(Special.SENT, compose.notice(out, "Báo cáo", "Hôm nay.", Language.VI), NIGHT)
    box.write(from_us(Auto_Submitted="auto-replied"), NIGHT)
    box.write(from_us(Auto_Submitted="no", Message_ID="<person@congty.example>"), NIGHT)
    assert [mail.message_id for mail in box.mailbox.persons_mail(0)] == ["<person@congty.example>"]


def test_our_own_automatic_mail_in_sent_is_found_by_its_header_and_its_time(box: Box) -> None:
    first, second = NIGHT - timedelta(days=2), NIGHT - timedelta(days=1)
    box.mailbox.inbox()
    for at in (first, second):
        out = Outgoing(Address("Công ty", OFFICE), Address("", CUSTOMER), f"<responder.{at.day}@congty.example>", at)
        box.mailbox.append(Special.SENT, compose.notice(out, "Báo cáo", "Hôm nay.", Language.VI), at)
    box.write(from_us(Auto_Submitted="auto-replied"), second)
    of_first, of_second = (f"<responder.{at.day}@congty.example>" for at in (first, second))
    assert box.mailbox.own_mail(first - timedelta(seconds=1)) == {of_first, of_second}
    assert box.mailbox.own_mail(second - timedelta(seconds=1)) == {of_second}
    assert box.mailbox.own_mail(second) == frozenset()
    assert box.mailbox.inbox().messages == 0, "the inbox is selected as before"


def test_a_copy_for_sent_is_read_and_a_draft_is_a_draft(box: Box) -> None:
    box.mailbox.inbox()
    box.mailbox.append(Special.SENT, from_us(Message_ID="<s@congty.example>"), NIGHT)
    box.mailbox.append(Special.DRAFTS, from_us(Message_ID="<d@congty.example>"), NIGHT)
    assert box.held(Special.SENT) == [(frozenset({"seen"}), from_us(Message_ID="<s@congty.example>"))]
    assert box.held(Special.DRAFTS) == [(frozenset({"draft"}), from_us(Message_ID="<d@congty.example>"))]
    assert [mail.at for mail in box.mailbox.persons_mail(0)] == [NIGHT]


def test_a_mail_is_found_again_by_its_message_id_in_that_folder_only(box: Box) -> None:
    box.mailbox.inbox()
    box.mailbox.append(Special.DRAFTS, from_us(Message_ID="<responder.1@congty.example>"), NIGHT)
    assert box.mailbox.holds(Special.DRAFTS, "<responder.1@congty.example>")
    assert not box.mailbox.holds(Special.DRAFTS, "<responder.2@congty.example>")
    assert not box.mailbox.holds(Special.SENT, "<responder.1@congty.example>")


@pytest.mark.parametrize("count", [3, 30])
def test_of_many_mails_of_ours_those_are_told_that_lie_in_the_folder_under_whichever_message_id(
    box: Box, count: int
) -> None:
    uid = box.deliver(letter(), NIGHT)
    box.mailbox.inbox()
    asked = [f"<responder.{number}@congty.example>" for number in range(count)]
    box.mailbox.append(Special.SENT, from_us(Message_ID=asked[0]), NIGHT)
    box.mailbox.append(Special.SENT, from_us(Message_ID="<x@outlook.example>", X_Responder_ID=asked[1]), NIGHT)
    assert box.mailbox.held(Special.SENT, asked, NIGHT) == {asked[0], asked[1]}
    assert box.mailbox.held(Special.DRAFTS, asked, NIGHT) == frozenset()
    assert box.mailbox.uids_after(0) == (uid,), "the inbox is at hand"


def test_a_mail_of_ours_is_found_again_although_the_provider_gave_it_another_message_id(box: Box) -> None:
    """As Exchange and Amazon do with what is submitted to them."""
    box.mailbox.inbox()
    changed = from_us(Message_ID="<AB12@outlook.example>", X_Responder_ID="<responder.1@congty.example>")
    box.mailbox.append(Special.SENT, changed, NIGHT)
    assert box.mailbox.holds(Special.SENT, "<responder.1@congty.example>")
    assert not box.mailbox.holds(Special.SENT, "<responder.2@congty.example>")


# --- waiting ----------------------------------------------------------------------------------------------------------


def waited(mailbox: Mailbox, wake: threading.Event) -> tuple[threading.Thread, list[BaseException | None]]:
    """A thread that waits for news, and how the wait ended."""
    ends: list[BaseException | None] = []

    def wait() -> None:
        try:
            mailbox.wait(LONG, wake)
        except BaseException as error:  # noqa: BLE001 - told to the test
            ends.append(error)
        else:
            ends.append(None)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread, ends


def test_the_wait_ends_when_mail_comes(box: Box) -> None:
    box.mailbox.inbox()
    box.mailbox.uids_after(0)
    thread, ends = waited(box.mailbox, threading.Event())
    box.deliver(letter(), NIGHT)
    thread.join(QUICKLY)
    assert ends == [None]
    box.mailbox.inbox()
    assert len(box.mailbox.uids_after(0)) == 1


def test_the_wait_ends_at_once_when_mail_came_after_the_last_look(box: Box) -> None:
    box.mailbox.inbox()
    assert box.mailbox.uids_after(0) == ()
    box.deliver(letter(), NIGHT)
    box.mailbox.holds(Special.SENT, "<x@congty.example>")  # selects another folder, and the inbox again
    thread, ends = waited(box.mailbox, threading.Event())
    thread.join(QUICKLY)
    assert ends == [None]


def test_mail_that_came_and_went_unseen_does_not_end_every_wait(box: Box) -> None:
    box.mailbox.inbox()
    box.remove(box.deliver(letter(), NIGHT))
    box.mailbox.inbox()
    assert box.mailbox.uids_after(0) == ()
    began = time.monotonic()
    box.mailbox.wait(0.7, threading.Event())
    assert time.monotonic() - began > 0.4


def test_the_wait_ends_when_somebody_wakes_it(box: Box) -> None:
    box.mailbox.inbox()
    wake = threading.Event()
    thread, ends = waited(box.mailbox, wake)
    wake.set()
    thread.join(QUICKLY)
    assert ends == [None]
    assert box.mailbox.uids_after(0) == ()


def test_the_wait_ends_when_its_time_is_over_and_the_connection_goes_on(box: Box) -> None:
    box.mailbox.inbox()
    box.mailbox.wait(0.1, threading.Event())
    uid = box.deliver(letter(), NIGHT)
    box.mailbox.inbox()
    assert box.mailbox.uids_after(0) == (uid,)


def test_an_unconnected_mailbox_says_so(box: Box) -> None:
    box.mailbox.close()
    with pytest.raises(Trouble) as trouble:
        box.mailbox.inbox()
    assert trouble.value.kind is TroubleKind.NETWORK
    box.mailbox.connect()
    assert box.mailbox.inbox().messages == 0


# --- our IMAP mailbox and servers that are not as they should be ------------------------------------------------------


def test_five_megabytes_of_attachment_stay_on_the_server(dovecot: Dovecot, users: SimpleQueue[str]) -> None:
    user = users.get_nowait()
    with server_box(dovecot.imap_port, user) as box, Relay(dovecot.imap_port) as relay:
        uid = box.deliver(_with_attachment(5_000_000), NIGHT)
        mailbox = ImapMailbox(server_at(relay.port, user), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        [fetched] = mailbox.fetch([uid])
        mailbox.close()
        assert "cần báo giá gấp" in fetched.message.text
        assert relay.received < 50_000


@pytest.mark.parametrize("raw", [MAILS["fifty thousand parts"].build(), MAILS["a header of 10 MB"].build()])
def test_of_a_large_hostile_mail_little_is_fetched_and_it_is_set_aside(
    dovecot: Dovecot, users: SimpleQueue[str], raw: bytes
) -> None:
    user = users.get_nowait()
    with server_box(dovecot.imap_port, user) as box, Relay(dovecot.imap_port) as relay:
        uid = box.deliver(raw, NIGHT)
        mailbox = ImapMailbox(server_at(relay.port, user), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        [fetched] = mailbox.fetch([uid])
        mailbox.close()
        assert fetched.message.set_aside is not None
        assert relay.received < START_LIMIT + HEADER_LIMIT + 20_000


def test_a_wrong_password_is_told_as_a_refused_login(dovecot: Dovecot) -> None:
    mailbox = ImapMailbox(server_at(dovecot.imap_port, "user0@office.test"), lambda: "wrong", INBOX, {})
    assert _trouble(mailbox).kind is TroubleKind.LOGIN
    assert PASSWORD not in str(_trouble(mailbox))


def test_a_server_that_hangs_up_in_the_login_has_refused_no_password() -> None:
    """It is started anew: the mailbox would be left alone for a quarter of an hour, and the office blamed."""
    with ScriptedImap({"LOGIN": ("* BYE Server shutting down",)}) as server:
        trouble = _trouble(ImapMailbox(server_at(server.port, "x@office.test"), lambda: PASSWORD, INBOX, {}))
    assert (trouble.kind, "the connection was lost" in str(trouble)) == (TroubleKind.NETWORK, True)


def test_a_port_where_nobody_listens_is_told_as_network_trouble() -> None:
    [port] = free_ports(1)
    trouble = _trouble(ImapMailbox(server_at(port, "x@office.test"), lambda: PASSWORD, INBOX, {}))
    assert trouble.kind is TroubleKind.NETWORK
    assert trouble.where == f"127.0.0.1:{port}"


def test_tls_and_starttls_work_for_who_trusts_the_certificate(dovecot: Dovecot, users: SimpleQueue[str]) -> None:
    user = users.get_nowait()
    for security, port in ((Security.TLS, dovecot.imaps_port), (Security.STARTTLS, dovecot.imap_port)):
        server = server_at(port, user, security, dovecot.ca_file)
        mailbox = ImapMailbox(server, lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        assert mailbox.inbox().messages == 0
        mailbox.close()


def test_over_tls_new_mail_ends_the_wait_too(dovecot: Dovecot, users: SimpleQueue[str]) -> None:
    user = users.get_nowait()
    mailbox = ImapMailbox(
        server_at(dovecot.imaps_port, user, Security.TLS, dovecot.ca_file), lambda: PASSWORD, INBOX, {}
    )
    with server_box(dovecot.imap_port, user) as box:
        mailbox.connect()
        mailbox.inbox()
        thread, ends = waited(mailbox, threading.Event())
        box.deliver(letter(), NIGHT)
        thread.join(QUICKLY)
        assert ends == [None]
        mailbox.close()


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_nobody_vouches_for_is_told_as_tls_trouble(dovecot: Dovecot, security: Security) -> None:
    port = dovecot.imaps_port if security is Security.TLS else dovecot.imap_port
    mailbox = ImapMailbox(server_at(port, "user0@office.test", security), lambda: PASSWORD, INBOX, {})
    assert _trouble(mailbox).kind is TroubleKind.TLS


def test_tls_to_a_port_without_it_is_told_as_tls_trouble(dovecot: Dovecot) -> None:
    server = server_at(dovecot.imap_port, "user0@office.test", Security.TLS, dovecot.ca_file)
    assert _trouble(ImapMailbox(server, lambda: PASSWORD, INBOX, {})).kind is TroubleKind.TLS


def test_a_ca_file_that_is_none_is_told_as_a_mistake_in_the_config(dovecot: Dovecot, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    server = server_at(dovecot.imaps_port, "user0@office.test", Security.TLS, tmp_path / "ca.pem")
    trouble = _trouble(ImapMailbox(server, lambda: PASSWORD, INBOX, {}))
    assert trouble.kind is TroubleKind.CONFIG
    assert str(tmp_path / "ca.pem") in str(trouble)


def test_a_server_that_stops_while_we_wait_is_told_and_the_next_connection_works() -> None:
    require_servers()
    user = "lan@office.test"
    with server_directory() as directory, Dovecot(directory / "dovecot", [(user, PASSWORD)]) as server:
        mailbox = ImapMailbox(server_at(server.imap_port, user), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        thread, ends = waited(mailbox, threading.Event())
        server.stop()
        thread.join(QUICKLY)
        [end] = ends
        assert isinstance(end, Trouble)
        assert end.kind is TroubleKind.NETWORK
        mailbox.close()
        assert _trouble(mailbox).kind is TroubleKind.NETWORK
        server.start()
        mailbox.connect()
        assert mailbox.inbox().messages == 0
        mailbox.close()


def test_a_line_that_is_cut_is_told_in_whatever_we_do(dovecot: Dovecot, users: SimpleQueue[str]) -> None:
    user = users.get_nowait()
    with Relay(dovecot.imap_port) as relay:
        mailbox = ImapMailbox(server_at(relay.port, user), lambda: PASSWORD, INBOX, {})
        for use in (mailbox.inbox, lambda: mailbox.uids_after(0), lambda: mailbox.wait(LONG, threading.Event())):
            mailbox.connect()
            mailbox.inbox()
            relay.cut()
            with pytest.raises(Trouble) as trouble:
                use()
            assert trouble.value.kind is TroubleKind.NETWORK
            mailbox.close()


def test_a_server_that_hangs_up_instead_of_greeting_is_network_trouble() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
        mailbox = ImapMailbox(server_at(listener.getsockname()[1], "x@office.test"), lambda: PASSWORD, INBOX, {})
        assert _trouble(mailbox).kind is TroubleKind.NETWORK


def test_a_password_that_cannot_be_read_is_told_as_it_is(dovecot: Dovecot) -> None:
    def unreadable() -> str:
        raise Trouble(TroubleKind.CREDENTIAL, "password file x", "cannot be read", "create it")

    mailbox = ImapMailbox(server_at(dovecot.imap_port, "user0@office.test"), unreadable, INBOX, {})
    assert _trouble(mailbox).kind is TroubleKind.CREDENTIAL


def test_an_inbox_that_is_not_there_is_told(dovecot: Dovecot) -> None:
    mailbox = ImapMailbox(server_at(dovecot.imap_port, "user0@office.test"), lambda: PASSWORD, "Hộp thư", {})
    mailbox.connect()
    with pytest.raises(Trouble) as trouble:
        mailbox.inbox()
    assert trouble.value.kind is TroubleKind.MAILBOX
    mailbox.close()


def test_folders_the_admin_named_are_used(dovecot: Dovecot, users: SimpleQueue[str]) -> None:
    user = users.get_nowait()
    named = {Special.DRAFTS: "Thư nháp"}
    with IMAPClient(dovecot.host, dovecot.imap_port, ssl=False, timeout=10) as client:
        client.login(user, PASSWORD)
        client.create_folder("Thư nháp")
        mailbox = ImapMailbox(server_at(dovecot.imap_port, user), lambda: PASSWORD, INBOX, named)
        mailbox.connect()
        mailbox.inbox()
        mailbox.append(Special.DRAFTS, letter(), NIGHT)
        mailbox.close()
        assert client.select_folder("Thư nháp")[b"EXISTS"] == 1


def test_a_folder_that_is_named_wrong_is_told_by_what_it_is_for_and_who_wrote_to_us_is_known_all_the_same(
    dovecot: Dovecot, users: SimpleQueue[str]
) -> None:
    user = users.get_nowait()
    with IMAPClient(dovecot.host, dovecot.imap_port, ssl=False, timeout=10) as client:
        client.login(user, PASSWORD)
        client.append(INBOX, letter(From="lan@khach.example"), msg_time=NIGHT)
    named = {Special.SENT: "Da gui", Special.DRAFTS: "Nhap"}
    mailbox = ImapMailbox(server_at(dovecot.imap_port, user), lambda: PASSWORD, INBOX, named)
    mailbox.connect()
    mailbox.inbox()
    known, refused = mailbox.correspondents(NIGHT - timedelta(days=9))
    assert isinstance(known, frozenset)
    assert "lan@khach.example" in known
    assert isinstance(refused, Trouble)
    assert (refused.kind, refused.remedy) == (
        TroubleKind.MAILBOX,
        "name the right one in the account: `folders: {sent: NAME}`",
    )
    assert len(mailbox.uids_after(0)) == 1, "the inbox is at hand"
    for looks in (mailbox.sent_state, lambda: mailbox.persons_mail(0), lambda: mailbox.own_mail(NIGHT)):
        with pytest.raises(Trouble, match=r"folders: \{sent: NAME\}"):
            looks()
    with pytest.raises(Trouble, match=r"folders: \{drafts: NAME\}"):
        mailbox.append(Special.DRAFTS, letter(), NIGHT)
    mailbox.close()


def test_without_a_folder_for_drafts_the_admin_is_told_how_to_name_one() -> None:
    with PymapServer(1) as server:
        mailbox = ImapMailbox(server_at(server.port, server.users[0]), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        assert mailbox.sent_state() is None
        assert mailbox.persons_mail(0) == ()
        assert not mailbox.holds(Special.DRAFTS, "<a@b.example>")
        with pytest.raises(Trouble, match=r"folders: \{drafts: NAME\}") as trouble:
            mailbox.append(Special.DRAFTS, letter(), NIGHT)
        assert trouble.value.kind is TroubleKind.MAILBOX
        mailbox.close()


def test_a_folder_that_is_missing_is_told_with_the_name_that_may_be_meant(
    dovecot: Dovecot, users: SimpleQueue[str]
) -> None:
    with server_box(dovecot.imap_port, users.get_nowait()) as box:
        box.make_folder("Việc Gấp")
        box.mailbox.inbox()
        [trouble] = box.mailbox.refused([FOLDER]).values()
    assert "there is no folder “Việc gấp”" in str(trouble)
    assert trouble.remedy == "did you mean `Việc Gấp`?"


def _without_move(monkeypatch: pytest.MonkeyPatch) -> None:
    has = IMAPClient.has_capability
    monkeypatch.setattr(IMAPClient, "has_capability", lambda self, name: name != "MOVE" and has(self, name))


def test_without_move_a_mail_is_copied_and_only_it_is_taken_out_of_the_inbox(
    dovecot: Dovecot, users: SimpleQueue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_move(monkeypatch)
    with server_box(dovecot.imap_port, users.get_nowait()) as box:
        box.make_folder(FOLDER.name)
        moved, thrown_away = box.deliver(letter("Gấp"), NIGHT), box.deliver(letter(), NIGHT)
        box.throw_away(thrown_away)
        box.mailbox.inbox()
        assert not box.mailbox.refused([FOLDER])
        box.mailbox.mark([moved], FOLDER)
        box.mailbox.mark([moved], FOLDER)
        assert box.held(FOLDER.name) == [(frozenset(), letter("Gấp"))]
        assert box.held(INBOX) == [(frozenset({"deleted"}), letter())]


def test_without_move_a_line_that_broke_after_the_copy_makes_no_second_one(
    dovecot: Dovecot, users: SimpleQueue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_move(monkeypatch)
    with server_box(dovecot.imap_port, users.get_nowait()) as box:
        box.make_folder(FOLDER.name)
        ids = ["<1@banhang.example>", "<11@banhang.example>"]
        one, other = (letter(Message_ID=each) for each in ids)
        uids = [box.deliver(one, NIGHT)]
        box.mailbox.inbox()
        with monkeypatch.context() as line:
            line.setattr(IMAPClient, "delete_messages", _lost)
            with pytest.raises(Trouble):
                box.mailbox.mark(uids, FOLDER)
        box.mailbox.connect()
        uids.append(box.deliver(other, NIGHT))
        box.mailbox.inbox()
        box.mailbox.mark(uids, FOLDER)
        assert [content for _flags, content in box.held(FOLDER.name)] == [one, other]
        assert box.held(INBOX) == []


def test_without_move_a_mail_that_has_no_message_id_is_moved_too(
    dovecot: Dovecot, users: SimpleQueue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_move(monkeypatch)
    with server_box(dovecot.imap_port, users.get_nowait()) as box:
        box.make_folder(FOLDER.name)
        uids = [box.deliver(letter(subject), NIGHT) for subject in ("1", "2")]
        box.mailbox.inbox()
        box.mailbox.mark(uids[:1], FOLDER)
        box.mailbox.mark(uids, FOLDER)
        assert [content for _flags, content in box.held(FOLDER.name)] == [letter("1"), letter("2")]


def _lost(*_: object, **__: object) -> None:
    raise ConnectionResetError("the line is gone")


def test_news_in_the_very_packet_that_opens_idle_end_the_wait() -> None:
    with ScriptedImap({"IDLE": ("+ idling\r\n* 1 EXISTS", "OK done")}) as server:
        mailbox = ImapMailbox(server_at(server.port, "u"), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        thread, ends = waited(mailbox, threading.Event())
        thread.join(QUICKLY)
        assert ends == [None]
        mailbox.close()


def test_many_mails_are_marked_with_commands_of_a_bounded_length() -> None:
    with ScriptedImap() as server:
        mailbox = ImapMailbox(server_at(server.port, "u"), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        mailbox.mark(range(120_000, 125_000), FLAG)
        mailbox.close()
    stores = [line.split()[2].split(",") for line in server.heard if line.startswith("UID STORE")]
    assert [len(uids) for uids in stores] == [500] * 10
    assert (stores[0][0], stores[-1][-1]) == ("120000", "124999")


def test_gmail_is_given_its_labels_in_its_own_way() -> None:
    with ScriptedImap({"CAPABILITY": ("* CAPABILITY IMAP4rev1 X-GM-EXT-1", "OK done")}) as server:
        mailbox = ImapMailbox(server_at(server.port, "u"), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        label = Mark(MarkKind.LABEL, "Việc gấp")
        assert not mailbox.refused([label])
        mailbox.mark([7, 8], label)
        mailbox.close()
    assert 'UID STORE 7,8 +X-GM-LABELS.SILENT ("Vi&Hsc-c g&HqU-p")' in server.heard


@pytest.mark.parametrize(
    ("offered", "flags"),
    [("IMAP4rev1", r"\Flagged \Deleted \*"), ("IMAP4rev1 UIDPLUS", r"\Flagged \*")],
)
def test_a_server_that_can_move_nothing_is_asked_to_move_nothing(offered: str, flags: str) -> None:
    select = [text for text in USUAL["SELECT"] if "PERMANENTFLAGS" not in text]
    script = {
        "CAPABILITY": (f"* CAPABILITY {offered}", "OK done"),
        "SELECT": (f"* OK [PERMANENTFLAGS ({flags})] ok", *select),
    }
    with ScriptedImap(script) as server:
        mailbox = ImapMailbox(server_at(server.port, "u"), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        [trouble] = mailbox.refused([Mark(MarkKind.FOLDER, "Sent")]).values()
        mailbox.close()
    assert "can move no mail" in trouble.what


@pytest.mark.parametrize(
    ("flags", "refused"),
    [
        (r"\Flagged \Seen", {KEYWORD}),
        (r"\Flagged gap", set()),
        (r"\Seen", {FLAG, KEYWORD}),
        (r"\Flagged \*", set()),
        (None, set()),
    ],
)
def test_flags_that_do_not_last_are_refused(flags: str | None, refused: set[Mark]) -> None:
    told = () if flags is None else (f"* OK [PERMANENTFLAGS ({flags})] ok",)
    select = [text for text in USUAL["SELECT"] if "PERMANENTFLAGS" not in text]
    with ScriptedImap({"SELECT": (*told, *select)}) as server:
        mailbox = ImapMailbox(server_at(server.port, "u"), lambda: PASSWORD, INBOX, {})
        mailbox.connect()
        mailbox.inbox()
        assert set(mailbox.refused([FLAG, KEYWORD])) == refused
        mailbox.close()


def test_hostile_structures_are_read_or_left_out_but_never_stop_the_mailbox(
    dovecot: Dovecot, users: SimpleQueue[str]
) -> None:
    with server_box(dovecot.imap_port, users.get_nowait()) as box:
        hostile = [box.deliver(content, NIGHT) for content in _hostile()]
        plain = box.deliver(letter(), NIGHT)
        box.mailbox.inbox()
        fetched = {one.uid: one.message for one in box.mailbox.fetch([*hostile, plain])}
        assert set(fetched) == {*hostile, plain}
        assert "hỏi giá" in fetched[plain].text


@pytest.mark.parametrize(
    ("structure", "types"),
    [
        (b'(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 9 1) "MIXED")', ["multipart/mixed", "text/plain"]),
        (b'("TEXT" "PLAIN" NIL NIL NIL NIL NIL NIL)', ["text/plain"]),
        (b'("TEXT" "PLAIN")', ["text/plain"]),
        (b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" NIL)', ["text/plain"]),
    ],
)
def test_a_structure_that_lacks_fields_is_read_as_far_as_it_goes(structure: bytes, types: list[str]) -> None:
    told = parse_fetch_response([b"1 (UID 5 BODYSTRUCTURE " + structure + b")"])
    assert [part.content_type for part, _number in _structure(told[5][b"BODYSTRUCTURE"])] == types


def test_a_structure_that_cannot_be_read_at_all_leaves_the_header(
    dovecot: Dovecot, users: SimpleQueue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real_fetch = Client.fetch

    def fetch(client: Client, uids: list[int], items: list[str]) -> object:
        if "BODYSTRUCTURE" in items:
            parse_fetch_response([b"1 (UID 1 BODYSTRUCTURE NIL)"])
        return real_fetch(client, uids, items)

    with server_box(dovecot.imap_port, users.get_nowait()) as box:
        uid = box.deliver(_with_attachment(200_000), NIGHT)
        box.mailbox.inbox()
        monkeypatch.setattr(Client, "fetch", fetch)
        [fetched] = box.mailbox.fetch([uid])
        assert (fetched.message.subject, fetched.message.text) == ("Bản vẽ", "")


def _hostile() -> Iterator[bytes]:
    """Large mails (so that BODYSTRUCTURE is asked for) which no mail program makes."""
    filler = b"x" * 70 + b"\r\n"
    head = b"From: a@b.example\r\nTo: info@congty.example\r\nMIME-Version: 1.0\r\n"
    yield head + b"Content-Type: multipart/mixed\r\n\r\n" + filler * 3000
    yield head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + filler * 3000
    yield head + b'Content-Type: text/plain; charset="""; name*=x\'\'%FF\r\n\r\n' + filler * 3000
    yield head + 'Content-Type: text/plain; name="tên (1) \\" tệp.txt"\r\n\r\n'.encode() + filler * 3000
    yield head + b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\n" + filler * 3000
    yield head + b'Content-Disposition: attachment; filename="=?utf-8?b?4bqj?="\r\n\r\n' + filler * 3000
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number) for number in range(300)
    )
    yield head + deep + b"\r\nhello\r\n" + filler * 3000
    many = b"".join(b"--b\r\nContent-Type: text/plain\r\n\r\npart %d\r\n" % number for number in range(3000))
    yield head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many + b"--b--\r\n" + filler * 2000
    yield b"Subject: " + b"a" * 300_000 + b"\r\n\r\n" + filler


def _trouble(mailbox: Mailbox) -> Trouble:
    with pytest.raises(Trouble) as trouble:
        mailbox.connect()
    mailbox.close()
    return trouble.value


def _with_attachment(size: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = CUSTOMER, OFFICE, "Bản vẽ"
    mail.set_content("Em gửi bản vẽ, cần báo giá gấp ạ.")
    mail.add_attachment(b"\0" * (size * 3 // 4), "application", "pdf", filename="bản vẽ.pdf")
    return mail.as_bytes().replace(b"\n", b"\r\n")


def _alternative(filler: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Minh <minh@khach.example>", OFFICE, "Báo giá"
    mail.set_content("Chào anh,\n\nCần báo giá 20 bàn gỗ.\n\nMinh", cte="base64")
    mail.add_alternative("<p>Chào anh,</p><p>Cần <b>báo giá</b> 20 bàn gỗ.</p>", subtype="html", cte="quoted-printable")
    mail.make_mixed()
    mail.add_attachment(b"x" * filler, "image", "png", filename="logo.png")
    return mail.as_bytes().replace(b"\n", b"\r\n")


@pytest.mark.parametrize("secret", ["mật-khẩu", "mật-khẩu-\udcff"])
def test_a_password_that_is_not_ascii_is_never_told(pymap: tuple[int, SimpleQueue[str]], secret: str) -> None:
    port, names = pymap
    mailbox = ImapMailbox(server_at(port, names.get_nowait()), lambda: secret, INBOX, {})
    with pytest.raises(Trouble) as trouble:
        mailbox.connect()
    mailbox.close()
    assert trouble.value.kind is TroubleKind.LOGIN
    told = "".join(traceback.format_exception(trouble.value))
    assert "khẩu" not in str(trouble.value)
    assert "khẩu" not in told, "nor in the journal"
    assert "\\u1ead" not in told


def test_the_flags_of_thousands_of_messages_are_told_in_numbers_and_what_a_search_overlooks_is_not_gone() -> None:
    asked: list[int] = []

    class Client:
        def noop(self) -> None:
            pass

        def search(self, criteria: list[str]) -> list[int]:
            if criteria[:2] != ["UID", "1:3000"]:
                return []  # none of those that FETCH does not tell is there any more
            return {"ANSWERED": [1, 3], "FLAGGED": [2]}.get(criteria[-1], list(range(1, 2401)))

        def fetch(self, uids: list[int], items: list[str]) -> dict[int, dict[bytes, tuple[bytes, ...]]]:
            assert items == ["FLAGS"]
            asked.append(len(uids))
            return {uid: {b"FLAGS": (rb"\Answered",)} for uid in uids if uid > 2500}

    mailbox = ImapMailbox(server_at(1, "u"), lambda: PASSWORD, INBOX, {})
    mailbox._client = Client()  # type: ignore[assignment]
    flags = mailbox.flags(range(1, 3001))
    assert asked == [500, 100]
    assert flags.keys() == {*range(1, 2401), *range(2501, 3001)}
    assert {uid for uid, found in flags.items() if found.answered} == {1, 3, *range(2501, 3001)}
    assert [uid for uid, found in flags.items() if found.flagged] == [2]


class Searched:
    """Of what is searched for, nothing is there; how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def search(self, criteria: list[str]) -> list[int]:
        self.asked.append(criteria[1])
        return []


def test_few_messages_with_numbers_far_apart_are_asked_for_with_few_commands_of_a_bounded_length() -> None:
    client = Searched()
    lookup.flags(client, [1, *range(1_700_000_000, 1_700_000_600)])  # type: ignore[arg-type]
    assert client.asked == ["1:1,1700000000:1700000599"] * 3
    client.asked.clear()
    lookup.flags(client, range(1_000_000_000, 4_000_000_000, 600_000))  # type: ignore[arg-type]
    assert len(client.asked) == 60
    assert max(map(len, client.asked)) < 8000


def test_a_large_folder_with_numbers_far_apart_is_searched_with_few_commands() -> None:
    assert list(lookup.spans(1, 4_000_000_000, 600_000)) == ["1:*"]
    huge = list(lookup.spans(1, 4_000_000_000, 5_000_000))
    assert len(huge) < 6000
    assert huge[-1].endswith(":3999999999")


def test_flags_told_in_numbers_are_those_of_each_message(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("responder.servers.lookup.BATCH", 3)
    uids = [box.deliver(letter(str(number)), NIGHT) for number in range(6)]
    box.answer(uids[3])
    box.mailbox.inbox()
    box.mailbox.mark([uids[5]], FLAG)
    flags = box.mailbox.flags([*uids, uids[-1] + 5])
    assert list(flags) == uids
    assert [uid for uid in uids if flags[uid].answered] == [uids[3]]
    assert [uid for uid in uids if flags[uid].flagged] == [uids[5]]


def test_a_message_that_was_answered_before_we_saw_it_says_so(box: Box) -> None:
    first, second = box.deliver(letter("1"), NIGHT), box.deliver(letter("2"), NIGHT)
    box.answer(first)
    box.mailbox.inbox()
    assert [(one.uid, one.answered) for one in box.mailbox.fetch([first, second])] == [(first, True), (second, False)]
