"""HTML mail as people would read it, with quotes marked."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.mail.html import to_text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Chào anh,</p><p>Em cần <b>gấp</b>.</p>", "Chào anh,\n\nEm cần gấp."),
        ("<div>một</div><div>hai<br>ba</div>", "một\nhai\nba"),
        ("một<br><br>hai", "một\n\nhai"),
        ("<head><title>t</title><style>p {}</style></head><body>thư<script>x<y</script></body>", "thư"),
        ("<div style='display: none'>lén</div>thấy<span hidden>lén</span>", "thấy"),
        ("B&aacute;o gi&#225; &lt;gấp&gt; &amp; 5 < 7", "Báo giá <gấp> & 5 < 7"),
        ('<a href="https://x.example/?a=1>2">bấm vào đây</a>', "bấm vào đây"),
        ("<ul><li>một<li>hai</ul>", "- một\n- hai"),
        ("<table><tr><td>Giá</td><td>5</td></tr><tr><td>Số</td></tr></table>", "Giá 5\nSố"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("<!-- <p>ẩn</p> -->hiện<!-- không đóng", "hiện"),
        ("</div>thừa</b></b>", "thừa"),
        ("<o:p>Outlook</o:p> <st1:place>x</st1:place>", "Outlook x"),
    ],
)
def test_html_is_read_as_it_looks(source: str, expected: str) -> None:
    assert to_text(source) == expected


def test_a_blockquote_becomes_marked_lines_and_a_nested_one_twice_marked() -> None:
    source = "<div>Vâng</div><blockquote><div>cũ</div><blockquote>cũ hơn</blockquote></blockquote><div>Lan</div>"
    assert to_text(source) == "Vâng\n> cũ\n> > cũ hơn\nLan"


@pytest.mark.parametrize(
    "quote",
    [
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: x</div><div>cũ</div>',
        '<div class="x yahoo_quoted">From: x<div>cũ</div></div>',
    ],
)
def test_what_outlook_and_yahoo_quote_is_marked(quote: str) -> None:
    assert to_text(f"<div>mới</div>{quote}").split("\n") == ["mới", "> From: x", "> cũ"]


def test_an_answer_between_gmail_quotes_is_not_marked() -> None:
    source = (
        '<div>Xem dưới</div><div class="gmail_quote"><div class="gmail_attr">On Mon, Lan wrote:<br></div>'
        '<blockquote class="gmail_quote">hỏi</blockquote><div>GẤP lắm</div><blockquote>hỏi 2</blockquote></div>'
    )
    assert to_text(source).split("\n") == ["Xem dưới", "On Mon, Lan wrote:", "> hỏi", "GẤP lắm", "> hỏi 2"]


PATTERNS = ["<", "<!", "<!--", "<a ", '<a "', "<a '\"", "<div>", "</div>", "<div></p>", "<blockquote>x", "&#",
            "&#99999999", "&amp",
            "<style>",
            "<p>", "<b>x</b>", "<td>", "<pre>a\n", "<li>", "<br>", "<script", "<?"]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_hostile_html_takes_bounded_time(pattern: str) -> None:
    source = (pattern * 200_000)[: 200 * 1024]
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        to_text(source)
        best = min(best, time.process_time() - start)
    assert best < 0.25


def test_a_character_reference_of_a_hundred_thousand_digits_is_no_number() -> None:
    assert to_text("giá &#" + "9" * 100_000 + "; đồng") == "giá \ufffd đồng"


def test_what_stands_after_too_many_tags_is_left_out() -> None:
    assert to_text("<b>x</b>" * 10_000 + "cuối").endswith("x")
    assert to_text("<b>x</b>" * 5_000 + "cuối").endswith("xcuối")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "div", "/", "blockquote", " ", '"', "'", "=", "style", "&#", "x", "\n", "!--", "-->", "class"]
        )
    )
)
def test_no_string_makes_it_raise(pieces: list[str]) -> None:
    assert isinstance(to_text("".join(pieces)), str)
