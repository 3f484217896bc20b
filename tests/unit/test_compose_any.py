"""mail/compose.py and mail/echo.py, for any mail whatever: what goes out has its headers, and no other."""

from __future__ import annotations

import base64
import quopri
import re
import unicodedata
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.mail import compose
from responder.mail.addresses import Address
from responder.mail.compose import Outgoing, Thread
from responder.mail.language import Language
from responder.mail.message import parse
from responder.mail.ours import Ours
from responder.mail.sender import answer_to
from tests.fakes import CUSTOMER, OFFICE, local

OFFICE_ADDRESS = Address("Công ty Ví Dụ", OFFICE)
ALWAYS = [
    "auto-submitted",
    "content-language",
    "content-transfer-encoding",
    "content-type",
    "date",
    "from",
    "message-id",
    "mime-version",
    "subject",
    "to",
    "x-auto-response-suppress",
    "x-responder-id",
    "x-responder-loop",
]
IN_A_THREAD = sorted([*ALWAYS, "in-reply-to", "references"])
ENCODED_WORD = re.compile(rb"=\?utf-8\?([bq])\?([^?]*)\?=", re.IGNORECASE)
SCRIPTS = {
    "composed": "Đề nghị báo giá gấp cho bộ bàn ghế phòng họp ",
    "decomposed": unicodedata.normalize("NFD", "Đề nghị báo giá gấp cho bộ bàn ghế phòng họp "),
    "emoji": "🪑👨\u200d👩\u200d👧❤\ufe0f🇻🇳 ",
    "mixed": "ASCII và tiếng Việt 🪑 =?x?= ",
}
nasty = st.text(st.one_of(st.characters(), st.sampled_from('\r\n\0\x85\u2028\u2029\u202e,:;<>@"\\=? \t'))).map(
    lambda text: text[:400]
)


def outgoing(recipient: Address) -> Outgoing:
    return Outgoing(OFFICE_ADDRESS, recipient, "<responder.1@congty.example>", local("2026-11-20 22:10"))


def reply(thread: Thread, language: Language, recipient: Address | None = None) -> bytes:
    return compose.reply(outgoing(recipient or Address("", CUSTOMER)), thread, "Cảm ơn bạn.", language)


def read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def header_lines(raw: bytes) -> list[bytes]:
    return raw.partition(b"\r\n\r\n")[0].split(b"\r\n")


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("language", list(Language))
def test_a_subject_of_any_length_is_never_cut_within_a_letter(script: str, language: Language) -> None:
    for length in range(1, 301):
        subject = (script * 60)[:length]
        for raw in (
            reply(Thread(None, (), subject), language),
            compose.draft(outgoing(Address(subject, CUSTOMER)), Thread(None, (), subject), "x", language),
        ):
            for line in header_lines(raw):
                words = ENCODED_WORD.findall(line)
                assert len(line) <= (76 if words else 78)  # RFC 2047 2
                for how, text in words:
                    octets = base64.b64decode(text) if how in b"bB" else quopri.decodestring(text, header=True)
                    octets.decode("utf-8", "strict")
            assert "\N{REPLACEMENT CHARACTER}" not in read(raw)["Subject"]


@given(
    subject=nasty,
    message_id=st.one_of(st.none(), nasty, st.just("<b@banhang.example>")),
    references=st.lists(st.one_of(nasty, st.from_regex(r"<[a-z]{1,80}@[a-z]{1,80}>", fullmatch=True)), max_size=30),
    language=st.sampled_from(list(Language)),
)
@settings(max_examples=300, deadline=None)
def test_whatever_a_mail_says_its_reply_has_its_headers_and_no_other(
    subject: str, message_id: str | None, references: list[str], language: Language
) -> None:
    raw = reply(Thread(message_id, tuple(references), subject), language)
    mail = read(raw)
    names = sorted(name.lower() for name in mail.keys())  # noqa: SIM118 - every one, also those twice
    assert names in (ALWAYS, IN_A_THREAD)
    assert [address.addr_spec for address in mail["To"].addresses] == [CUSTOMER]
    assert [address.addr_spec for address in mail["From"].addresses] == [OFFICE]
    assert mail["Subject"].startswith(compose.REPLY_SUBJECT[language].format(subject=""))
    assert mail.get_content().strip() == "Cảm ơn bạn."
    assert all(len(line) <= 998 for line in header_lines(raw))
    again = parse(raw)
    assert sorted(name.lower() for name, _ in again.headers) == names
    assert (again.message_id, again.defects) == ("<responder.1@congty.example>", ())


@given(name=nasty)
@settings(max_examples=300, deadline=None)
def test_whatever_a_customer_is_called_a_draft_goes_to_them_alone(name: str) -> None:
    mail = read(compose.draft(outgoing(Address(name, CUSTOMER)), Thread(None, (), "Hỏi giá"), "Chào bạn.", Language.VI))
    assert [address.addr_spec for address in mail["To"].addresses] == [CUSTOMER]
    assert mail["Bcc"] is mail["Cc"] is mail["X-Auto-Response-Suppress"] is None


@given(
    written=st.lists(
        st.one_of(
            st.sampled_from(["a", "b.c", "@", "x.example", "<", ">", ",", '"', " ", "(", ")", ":", ";", "\\", "ế"]),
            nasty,
        ),
        max_size=12,
    ).map("".join)
)
@settings(max_examples=500, deadline=None)
def test_whoever_can_be_written_to_is_the_only_one_who_is(written: str) -> None:
    line = " ".join(written.split()).encode("utf-8", "replace")
    sender = answer_to(parse(b"From: " + line + b"\r\nSubject: x\r\n\r\nx"), Ours())
    if sender is None:
        return
    [to] = parse(reply(Thread(None, (), "x"), Language.VI, Address("", sender.address))).to
    assert to.address == sender.address


def test_an_identifier_too_long_for_a_line_is_not_repeated() -> None:
    long = f"<{'x' * 990}@banhang.example>"
    raw = reply(Thread("<b@banhang.example>", (long,), "x"), Language.VI)
    assert read(raw)["References"] == "<b@banhang.example>"
    assert read(reply(Thread(long, (), "x"), Language.VI))["In-Reply-To"] is None


def test_what_looks_like_an_encoded_word_is_not_decoded_by_the_recipient() -> None:
    mail = read(reply(Thread(None, (), "=?utf-8?q?hi=0D=0ABcc:_v=40x.example?="), Language.EN))
    assert mail["Subject"] == "Automatic reply: =?utf-8?q?hi=0D=0ABcc:_v=40x.example?="
    assert mail["Bcc"] is None


def test_a_reply_tells_nothing_that_the_sender_does_not_know() -> None:
    raw = reply(Thread("<b@banhang.example>", ("<a@banhang.example>",), "Hỏi giá"), Language.VI)
    mail = read(raw)
    domains = {found.lower() for found in re.findall(rb"@([\w.-]+)", raw)}
    assert domains == {b"congty.example", b"banhang.example"}  # no host, no other address
    assert (mail["Received"], mail["X-Mailer"], mail["User-Agent"], mail["Sender"], mail["Reply-To"]) == (None,) * 5
    assert mail["X-Responder-Loop"] == OFFICE
