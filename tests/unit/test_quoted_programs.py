"""Mails as the mail programs write them: what of each is the sender's own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.mail.html import to_text
from responder.mail.quoted import bare_subject, own_subject, own_words

OWN = "Em gửi anh bản vẽ mới, anh xem rồi báo giá giúp em ạ."
OLD = "Kho bị ngập, cần xử lý gấp trong hôm nay!\nURGENT, please call now."
MARKED = "\n".join(f"> {line}" for line in OLD.split("\n"))

HERE: Final = Path(__file__).parent / "programs"


def mails(file: str) -> dict[str, str]:
    """What stands in a file under each of its `#### headings`."""
    pieces = (HERE / file).read_text("utf-8").removeprefix("#### ").split("\n#### ")
    return {head: text.rstrip("\n") for head, _, text in (piece.partition("\n") for piece in pieces)}


# What stands below the sender's words: `{marked}` is the old mail with ">", `{old}` the same without.
REPLIES = mails("replies.txt")


@pytest.mark.parametrize("program", REPLIES)
def test_of_a_reply_only_what_was_written_now_is_own(program: str) -> None:
    below = REPLIES[program].format(old=OLD, marked=MARKED)
    assert own_words(f"{OWN}\n\n{below}\n").text == OWN


# The same where the programs send HTML, and our own conversion makes text of it.
HTML_REPLIES = mails("html_replies.txt")


@pytest.mark.parametrize("program", HTML_REPLIES)
def test_of_an_html_reply_only_what_was_written_now_is_own(program: str) -> None:
    page = HTML_REPLIES[program].format(own=OWN, old=OLD.replace("\n", "<br>"))
    assert own_words(to_text(page)).text == OWN


# What programs, firms and gateways put under a mail.
ENDINGS = mails("endings.txt")


@pytest.mark.parametrize("name", ENDINGS)
def test_what_programs_firms_and_gateways_put_below_is_not_own(name: str) -> None:
    assert own_words(f"{OWN}\n\n{ENDINGS[name]}\n").text == OWN


def test_a_firms_hotline_right_under_the_last_sentence_is_not_own() -> None:
    assert own_words(f"{OWN}\nSen Viet Auto - sua xe luu dong\nHotline cuu ho khan cap 24/7: 0900 000 111").text == OWN


# What gateways and programs put above a mail that came from outside.
BANNERS = mails("banners.txt")


@pytest.mark.parametrize("name", BANNERS)
def test_what_a_gateway_puts_above_is_not_own(name: str) -> None:
    assert own_words(f"{BANNERS[name]}\n\n{OWN}\n").text == OWN


# What only looks like one of all these.
OWN_AFTER_ALL = mails("own_after_all.txt")


@pytest.mark.parametrize("name", OWN_AFTER_ALL)
def test_what_only_looks_like_history_or_an_ending_stays(name: str) -> None:
    text = OWN_AFTER_ALL[name]
    for whole in (text, f"{OWN}\n\n{text}"):
        assert own_words(whole).text == whole


# How the programs begin a forward, and with what subject they send it.
FORWARDS = {head.partition(" | ")[0]: (head.partition(" | ")[2], text) for head, text in mails("forwards.txt").items()}


@pytest.mark.parametrize("program", FORWARDS)
def test_a_forward_with_nothing_above_is_the_message(program: str) -> None:
    subject, below = FORWARDS[program]
    found = own_words(below.format(old=OLD, marked=MARKED[2:]), subject)
    assert (found.text.replace("\ufeff", ""), found.forwarded, found.subject) == (OLD, "", "Kho ngập")


HANDS_OVER = [
    "FYI",
    "Anh xem giúp em.",
    "Nhờ anh xử lý giúp mail dưới ạ.",
    "Em nhận được thư này lúc rạng sáng, bên em không ai yêu cầu cả, anh xem giúp em với nhé.",
    "Please see below and get back to me.",
    "Anh Nam ơi,\n\nKhách hỏi, anh trả lời giúp em.\n\nTrân trọng,\nLan\nHotline: 0900 000 111",
    "Kinh chuyen anh.",
]


@pytest.mark.parametrize("program", FORWARDS)
@pytest.mark.parametrize("above", HANDS_OVER[:2])
def test_a_forward_that_is_handed_over_counts_beside_the_words_above(program: str, above: str) -> None:
    subject, below = FORWARDS[program]
    found = own_words(f"{above}\n\n{below.format(old=OLD, marked=MARKED[2:])}", subject)
    assert (found.text, found.forwarded.replace("\ufeff", ""), found.subject) == (above, OLD, "Kho ngập")
    assert found.whole.replace("\ufeff", "") == f"{above}\n\n{OLD}"


@pytest.mark.parametrize("above", HANDS_OVER)
def test_a_few_words_hand_a_forward_over(above: str) -> None:
    subject, below = FORWARDS["Gmail"]
    assert own_words(f"{above}\n\n{below.format(old=OLD)}", subject).forwarded == OLD


@pytest.mark.parametrize(
    "above",
    [
        "FYI, vụ này bên kia đã xử lý xong rồi.",
        "Em chuyển anh lưu hồ sơ.",
        "Forwarding this for reference, no action needed.",
        f"{OWN} Bản vẽ lần này đã sửa theo góp ý của anh hôm họp, em để cả hai phương án trong tệp đính kèm, phương án "
        "hai rẻ hơn một chút nhưng làm lâu hơn, anh chọn cái nào thì báo em.",
    ],
)
def test_a_forward_under_a_message_of_its_own_or_said_to_be_settled_does_not_count(above: str) -> None:
    subject, below = FORWARDS["Gmail"]
    found = own_words(f"{above}\n\n{below.format(old=OLD)}", subject)
    assert (found.text, found.whole, found.subject) == (above, above, "")
    assert any("Kho bị ngập" in cut.text for cut in found.cuts)


@pytest.mark.parametrize("program", ["Outlook", "Outlook, Vietnamese", "Outlook on the web", "Samsung", "Roundcube"])
def test_what_looks_like_a_forward_is_history_where_the_subject_says_reply(program: str) -> None:
    _, below = FORWARDS[program]
    answer = own_words(f"Anh xem giúp em.\n\n{below.format(old=OLD)}", "RE: Kho ngập")
    assert (answer.whole, answer.subject) == ("Anh xem giúp em.", "")
    assert own_words(below.format(old=OLD), "Trả lời: Kho ngập").whole == ""


@pytest.mark.parametrize(
    ("text", "subject", "counted"),
    [
        ("", "Fwd: Kho ngập", "Kho ngập"),
        ("Anh xem tệp đính kèm giúp em.", "Chuyển tiếp: Kho ngập", "Kho ngập"),
        ("FYI", "Fwd: Re: Kho ngập", ""),
        ("Em gửi anh lưu hồ sơ.", "Fwd: Kho ngập", ""),
        ("Dạ vâng.", "Re: Fwd: Kho ngập", ""),
    ],
)
def test_of_a_forward_that_is_attached_the_subject_counts(text: str, subject: str, counted: str) -> None:
    assert own_words(text, subject).subject == counted


def test_the_signature_and_the_history_inside_a_forward_do_not_count() -> None:
    history = "On Mon, Nov 16, 2026 at 9:00 AM Lan <l@a.example> wrote:\n> Gấp!"
    signed = f"{OLD}\n\nTrân trọng,\nTrung\nHotline 24/7: 0900 000 111\n\n{history}"
    subject, below = FORWARDS["Gmail"]
    assert own_words(f"FYI\n\n{below.format(old=signed)}", subject).forwarded == OLD


@pytest.mark.parametrize(
    ("subject", "own", "bare"),
    [
        ("Kho ngập", "Kho ngập", "Kho ngập"),
        ("Re: Fwd: Trả lời: Chuyển tiếp: Kho ngập", "", "Kho ngập"),
        ("RE: [EXTERNAL] Re: Kho ngập", "", "Kho ngập"),
        ("[EXTERNAL] RE: Kho ngập", "", "Kho ngập"),
        ("[Ticket #12] Re[2]: Kho ngập", "", "Kho ngập"),
        ("Tra loi: Chuyen tiep: kho ngap", "", "kho ngap"),
        ("RE : Kho ngập", "", "Kho ngập"),
        ("[GẤP] Kho ngập", "[GẤP] Kho ngập", "[GẤP] Kho ngập"),
        ("FYI - Fwd: Kho ngập", "FYI", "FYI - Fwd: Kho ngập"),
        ("Relay hỏng", "Relay hỏng", "Relay hỏng"),
        ("Trả lời khách giúp em: gấp", "Trả lời khách giúp em: gấp", "Trả lời khách giúp em: gấp"),
    ],
)
def test_a_subject_is_own_unless_a_thread_has_brought_it(subject: str, own: str, bare: str) -> None:
    assert (own_subject(subject), bare_subject(subject)) == (own, bare)


def test_what_is_handed_over_shares_the_bound_of_the_own_words() -> None:
    _, below = FORWARDS["Gmail"]
    assert len(own_words(f"FYI\n\n{below.format(old='gấp ' * 20_000)}").whole) < 25_000


PIECES = [
    *REPLIES.values(),
    *ENDINGS.values(),
    *BANNERS.values(),
    *(below for _, below in FORWARDS.values()),
    "",
    "---",
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=5), st.sampled_from(["", "Re: x", "Fwd: x"]))
def test_what_stands_first_is_never_lost_whatever_programs_put_below_it(below: list[str], subject: str) -> None:
    text = "\n\n".join([OWN, *below]).replace("{marked}", MARKED).replace("{old}", OLD)
    assert own_words(text, subject).text.startswith(OWN)
