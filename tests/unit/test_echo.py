"""mail/echo.py: what of a stranger's mail an automatic one repeats, and what it does not."""

from __future__ import annotations

import time

import pytest

from responder.mail import echo


@pytest.mark.parametrize(
    ("written", "repeated"),
    [
        ("Hỏi giá", "Hỏi giá"),
        ("a\r\nBcc: x@y.example", "a Bcc: x@y.example"),
        ("a\x85b\u2028c\u2029d\x00e\x0bf", "a b c d e f"),
        ("evil\u202etxt.exe\u2066", "evil txt.exe"),
        ("half \ud83d a pair", "half a pair"),
        ("cả nhà 👨\u200d👩\u200d👧", "cả nhà 👨\u200d👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_one_line_is_left_without_what_could_deceive(written: str, repeated: str) -> None:
    assert echo.one_line(written) == repeated


@pytest.mark.parametrize(
    ("written", "repeated"),
    [
        ("Lỗi trang https://shop.example/gio-hang?id=1 ạ", "Lỗi trang … ạ"),
        ("WIN at HTTP://evil.example", "WIN at …"),
        ("xem www.evil.example/x ngay", "xem … ngay"),
        ("hxxp:// or tg://join", "… or …"),
        ("xem bit.ly/abc nhé", "xem … nhé"),
        ("Ưu đãi: shop.example/uu-dai, BIT.LY/X", "Ưu đãi: … …"),
        ("mở //evil.example/p hoặc //evil.example", "mở … hoặc …"),
        ("a.b.evil.example:8080/x muađồ.example/ xn--a.xn--p1ai/z", "… … …"),
        ("evil.example?id=1 ..evil.example/x", "… ..…"),
        ("Giá 2/3 và 10:30, wwwx", "Giá 2/3 và 10:30, wwwx"),
        ("hoadon.pdf, Node.js, shop.example? v1.2/1.3", "hoadon.pdf, Node.js, shop.example? v1.2/1.3"),
        ("km/h, 24/7, và/hoặc, a // b, TP.HCM/Hà Nội", "km/h, 24/7, và/hoặc, a // b, TP.HCM/Hà Nội"),
        ("Hợp đồng 15.HĐMB/2026 ngày 20.11/2026", "Hợp đồng 15.HĐMB/2026 ngày 20.11/2026"),
        ("Re: báo giá: gấp", "Re: báo giá: gấp"),
    ],
)
def test_a_link_is_not_delivered_to_whoever_stands_in_from(written: str, repeated: str) -> None:
    assert echo.subject(written) == repeated


def test_a_long_subject_is_cut_with_a_sign_of_it() -> None:
    cut = echo.subject("báo giá " * 100)
    assert len(cut) <= echo.SUBJECT_LIMIT
    assert cut.endswith("báo giá…")


@pytest.mark.parametrize("unit", ["e\u0302\u0301", "👨\u200d👩\u200d👧", "❤\ufe0f"])
def test_no_letter_is_cut_from_its_marks(unit: str) -> None:
    for limit in range(len(unit), 40):
        assert echo.clipped(unit * 40, limit).removesuffix(echo.CUT) == unit * ((limit - 1) // len(unit))


def test_a_subject_of_nothing_but_dots_takes_no_time() -> None:
    started = time.process_time()
    for text in ("a." * 500, "-a" * 500, "/" * 1000, "a" * 1000, "//a." * 250, "a.b:" * 250):
        echo.subject(text)
    assert time.process_time() - started < 0.2
