"""Mails made to break who reads them: each with its name, how it is built, and whether it may be answered.

They are built, not stored: most are megabytes of nothing. What the fuzzer found lies beside as `cases/*.eml`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from responder.mail.defects import Defect

OFFICE: Final = b"info@congty.example"
PERSON: Final = (
    b"Return-Path: <khach@banhang.example>\r\nFrom: Khach <khach@banhang.example>\r\nTo: " + OFFICE + b"\r\n"
    b"Message-ID: <m1@banhang.example>\r\n"
)
PLAIN: Final = b"Content-Type: text/plain; charset=utf-8\r\n"
HTML: Final = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
MIXED: Final = PERSON + b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Hostile:
    """How a mail is built, and the bound that sets it aside; `defect` is None where its text may be answered."""

    build: Callable[[], bytes]
    defect: Defect | None = None


def header(name: str, value: bytes | str, body: bytes = b"Xin bao gia.") -> bytes:
    """An ordinary mail with one field more, at its top."""
    octets = value.encode() if isinstance(value, str) else value
    return name.encode() + b": " + octets + b"\r\n" + PERSON + PLAIN + b"\r\n" + body


def text(body: bytes | str) -> bytes:
    return PERSON + b"Subject: Hoi gia\r\n" + PLAIN + b"\r\n" + (body.encode() if isinstance(body, str) else body)


def page(body: bytes | str) -> bytes:
    return PERSON + b"Subject: Hoi gia\r\n" + HTML + (body.encode() if isinstance(body, str) else body)


def encoded(body: bytes, encoding: str) -> bytes:
    return PERSON + PLAIN + b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + body


def sender(value: bytes) -> bytes:
    return b"Return-Path: <khach@banhang.example>\r\nFrom: " + value + b"\r\nTo: " + OFFICE + b"\r\n\r\nx"


def nested(levels: int) -> bytes:
    return PERSON + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(levels)
    )


def long_encoded_word(size: int) -> bytes:
    return b"=?utf-8?b?" + base64.b64encode("ﷺ".encode() * size) + b"?="


def alternatives(count: int) -> bytes:
    part = b"--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n" + HTML + b"<p>x\r\n--c--\r\n"
    return MIXED + part * count


MAILS: Final[Mapping[str, Hostile]] = {
    # --- addresses
    "from 500 parentheses": Hostile(lambda: sender(b"(" * 500 + b"a@b.example"), Defect.BAD_ADDRESS),
    "from 60000 parentheses": Hostile(lambda: sender(b"(" * 60_000 + b"a@b.example"), Defect.BAD_ADDRESS),
    "from closed parentheses": Hostile(lambda: sender(b"(" * 30_000 + b")" * 30_000 + b" a@b.example")),
    "from quotes": Hostile(lambda: sender(b'"' + b'\\"' * 30_000), Defect.BAD_ADDRESS),
    "from quotes closed": Hostile(lambda: sender(b'"a" ' * 15_000 + b"<a@b.example>")),
    "from angles": Hostile(lambda: sender(b"<a " * 20_000), Defect.BAD_ADDRESS),
    "from spaces": Hostile(lambda: sender(b"a" + b" \t" * 30_000 + b"@b.example")),
    "from backslashes": Hostile(lambda: sender(b"\\" * 60_000 + b"@b.example"), Defect.BAD_ADDRESS),
    "from dots": Hostile(lambda: sender(b"a@" + b"b." * 30_000), Defect.BAD_ADDRESS),
    "from ten thousand": Hostile(lambda: sender(b"a@b.c," * 10_000), Defect.TOO_MANY_ADDRESSES),
    "from commas": Hostile(lambda: sender(b"," * 60_000 + b"a@b.example")),
    "from names with commas": Hostile(lambda: sender(b"a," * 30_000 + b"<a@b.example>")),
    "from colons": Hostile(lambda: sender(b"a:" * 30_000)),
    "from groups": Hostile(lambda: sender(b"a:;" * 20_000 + b"a@b.example")),
    "from encoded words": Hostile(lambda: sender(b"=?utf-8?q?a?= " * 4_000 + b"<a@b.example>")),
    "from encoded comments": Hostile(lambda: sender(b"(=?utf-8?q?a?=)" * 4_000 + b" a@b.example")),
    "to 2000 people": Hostile(
        lambda: header("To", ", ".join(f"Khách {n} <k{n}@banhang.example>" for n in range(2000)))
    ),
    "to 60 KB of encoded names": Hostile(lambda: header("Cc", b"=?utf-8?q?a?= <a@b.example>, " * 2000)),
    # --- header
    "a thousand list headers": Hostile(lambda: header("List-Id", b"x\r\n" + b"List-Post: <a>\r\n" * 990 + b"A: b")),
    "a thousand received": Hostile(lambda: b"Received: from a (b [1.2.3.4]) by c; Tue, 17 Nov 2026\r\n" * 900
                                   + text("Xin bao gia")),
    "250 KB of received": Hostile(lambda: (b"Received: " + b"x" * 60_000 + b"\r\n") * 4 + text("Xin bao gia")),
    "authentication results": Hostile(
        lambda: header("Authentication-Results", b"a; " + b"dkim=pass header.d=x;" * 3000)
    ),
    "authentication comments": Hostile(lambda: header("Authentication-Results", b"a; " + b"(" * 60_000)),
    "authentication spaces": Hostile(lambda: header("Authentication-Results", b"a; dkim" + b" \t" * 30_000 + b"=pass")),
    "900 authentication results": Hostile(lambda: (b"Authentication-Results: " + b"(a)" * 80 + b"\r\n") * 900
                                          + text("Xin bao gia")),
    "auto submitted comments": Hostile(lambda: header("Auto-Submitted", b"(" * 30_000 + b")" * 30_000 + b"no")),
    "precedence": Hostile(lambda: header("Precedence", b"x;" * 30_000)),
    "references": Hostile(lambda: header("References", b"<a@b.example> " * 4_500)),
    "references without ends": Hostile(lambda: header("References", b"<" * 64_000)),
    "references that nearly end": Hostile(lambda: header("References", (b"<" + b"a" * 900 + b" ") * 70)),
    "message id": Hostile(lambda: header("Message-ID", "<<<‹a@b›>>>")),
    "message id 60000": Hostile(lambda: header("Message-ID", b"<" * 60_000)),
    "date": Hostile(lambda: header("Date", b"1 " * 30_000)),
    "return path": Hostile(lambda: header("Return-Path", b"<" + b" " * 60_000 + b"a"), Defect.BAD_ADDRESS),
    "subject of marks": Hostile(lambda: header("Subject", "a" + "\u0301" * 30_000)),
    "subject of mixed marks": Hostile(lambda: header("Subject", "a" + "\u0323\u0301\u0316" * 10_000)),
    "subject of joiners": Hostile(lambda: header("Subject", "\u200d" * 20_000)),
    "subject right to left": Hostile(lambda: header("Subject", "\u202e" * 20_000 + "gap")),
    "subject that grows": Hostile(lambda: header("Subject", "ﷺ" * 20_000)),
    "subject that grows encoded": Hostile(lambda: header("Subject", long_encoded_word(15_000))),
    "subject re re re": Hostile(lambda: header("Subject", b"Re: " * 15_000)),
    "subject re spaces": Hostile(lambda: header("Subject", b"x" + b" " * 60_000 + b"re" + b" " * 3000)),
    "subject automatic reply": Hostile(lambda: header("Subject", b"Automatic reply: " * 3_500)),
    "subject spaces before a colon": Hostile(lambda: header("Subject", b"re [" + b"1" * 60_000)),
    "subject words": Hostile(lambda: header("Subject", b"gap khan " * 7_000)),
    "four thousand encoded words": Hostile(
        lambda: PERSON + b"Subject:" + b" =?utf-8?q?a?=\r\n" * 4_000 + b"\r\nx", Defect.TOO_MANY_ENCODED_WORDS
    ),
    "twenty thousand encoded words": Hostile(
        lambda: PERSON + b"Subject:" + b" =?utf-8?q?a?=\r\n" * 20_000 + b"\r\nx", Defect.HEADER_TOO_LARGE
    ),
    "encoded words everywhere": Hostile(lambda: (b"X-A: " + b"=?utf-8?q?a?= " * 150 + b"\r\n") * 110 + text("gap")),
    "encoded words that never end": Hostile(lambda: header("Subject", b"=?utf-8?q?" * 6_000)),
    "encoded words with long charsets": Hostile(lambda: header("Subject", (b"=?" + b"a" * 60) * 1_000)),
    "injection": Hostile(lambda: header("Subject", b"=?utf-8?q?hi=0D=0ABcc:_x=40y.example=0D=0A=0D=0Abody?=")),
    "injection in the name": Hostile(
        lambda: sender(b"=?utf-8?q?Lan=0D=0ABcc:_x=40y.example?= <khach@banhang.example>")
    ),
    "a long value": Hostile(lambda: header("Subject", b"x" * 100_000), Defect.VALUE_TOO_LARGE),
    "many headers": Hostile(lambda: b"a: b\r\n" * 40_000 + text("x"), Defect.TOO_MANY_HEADERS),
    "a header of 10 MB": Hostile(lambda: b"X: " + b"x" * 10_000_000 + b"\r\n" + text("x"), Defect.HEADER_TOO_LARGE),
    "folds": Hostile(lambda: PERSON + b"Subject: a\r\n" + b" \r\n" * 80_000 + b"\r\nx"),
    "lines that are no fields": Hostile(lambda: PERSON + b"x\r\n" * 80_000 + b"\r\nx"),
    "long field names": Hostile(lambda: PERSON + (b"x" * 199 + b" " * 50 + b"\r\n") * 1_000 + b"\r\nx"),
    "bare cr": Hostile(lambda: text("Xin bao gia\r\n" * 2_000).replace(b"\r\n", b"\r")),
    "a lone cr and a field": Hostile(lambda: header("Subject", b"a\rAuto-Submitted: no\rBcc: x@y.example")),
    "carriage returns": Hostile(lambda: b"\r" * 5_000_000 + b"\n" + text("x"), None),
    "nuls": Hostile(lambda: b"\0" * 3_000_000, Defect.HEADER_TOO_LARGE),
    "nuls in a mail": Hostile(lambda: text(b"\0" * 3_000_000)),
    "nothing": Hostile(lambda: b"", Defect.UNREADABLE),
    # --- structure
    "a thousand nested multiparts": Hostile(lambda: nested(1000), Defect.TOO_DEEP),
    "fifty thousand parts": Hostile(
        lambda: MIXED + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 50_000, Defect.TOO_MANY_PARTS
    ),
    "a million delimiters": Hostile(lambda: MIXED + b"--x\r\n" * 1_000_000, Defect.TOO_MANY_PARTS),
    "a boundary that never comes": Hostile(lambda: MIXED + b"x" * 5_000_000),
    "long delimiters": Hostile(lambda: MIXED + (b"--" + b"b" * 250 + b"\r\n") * 15_000),
    "alternatives": Hostile(lambda: alternatives(160)),
    "many parameters": Hostile(lambda: PERSON + b"Content-Type: text/plain" + b';a="' * 15_000 + b"\r\n\r\nx"),
    "open parameters": Hostile(lambda: PERSON + b"Content-Type: text/plain; " + b'a="\\' * 15_000 + b"\r\n\r\nx"),
    "parameter spaces": Hostile(lambda: PERSON + b"Content-Type: text/plain;" + b" " * 4_000 + b"a\r\n\r\nx"),
    "continuations": Hostile(lambda: PERSON + b"Content-Type: text/plain"
                             + b"".join(b";a*%d*=%%41" % n for n in range(999)) + b"\r\n\r\nx"),
    "rfc 2231 bombs": Hostile(lambda: MIXED + (
        b"--b\r\nContent-Disposition: attachment" + b"".join(b";filename*%d*=%s" % (n, b"%e1" * 60) for n in range(50))
        + b"\r\n\r\nx\r\n") * 499),
    "parts with many fields": Hostile(lambda: MIXED + (b"--b\r\n" + b"x: y\r\n" * 3_000 + b"\r\nx\r\n") * 499),
    "parts with long headers": Hostile(lambda: MIXED + (b"--b\r\nx: " + b"y" * 16_000 + b"\r\n\r\nx\r\n") * 499),
    "parts without an end": Hostile(lambda: MIXED + (b"--b\r\n" + b"-" * 15_000 + b"\r\n") * 499),
    "parts with delimiters inside": Hostile(lambda: MIXED + (b"--b\r\n" + b"--x\r\n" * 30) * 499),
    "part headers of encoded words": Hostile(lambda: MIXED + (
        b"--b\r\nContent-Type: text/plain; name=\"" + b"=?utf-8?q?a?= " * 199 + b"\"\r\n\r\nx\r\n") * 499),
    "part headers of many encoded fields": Hostile(lambda: MIXED + (
        b"--b\r\n" + (b"x: " + b"=?utf-8?b?YQ==?= " * 19 + b"\r\n") * 49 + b"\r\nx\r\n") * 499),
    "an attached mail of mails": Hostile(
        lambda: PERSON + b"Content-Type: message/rfc822\r\n\r\n" * 5_000 + b"x"
    ),
    # --- encodings
    "unknown charset": Hostile(lambda: PERSON + b"Content-Type: text/plain; charset=x-no-such\r\n\r\nXin bao gia"),
    "utf-7": Hostile(lambda: PERSON + b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + b"+2AA-" * 40_000),
    "utf-7 shift": Hostile(lambda: PERSON + b"Content-Type: text/plain; charset=utf-7\r\n\r\n+" + b"A" * 200_000),
    "iso-2022": Hostile(lambda: PERSON + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + b"\x1b$B" * 60_000),
    "iso-2022-kr": Hostile(
        lambda: PERSON + b"Content-Type: text/plain; charset=iso-2022-kr\r\n\r\n" + b"\x0e!" * 90_000
    ),
    "hz": Hostile(lambda: PERSON + b"Content-Type: text/plain; charset=hz\r\n\r\n" + b"~{" * 90_000),
    "utf-32": Hostile(lambda: PERSON + b"Content-Type: text/plain; charset=utf-32\r\n\r\n" + b"\0\0\x11\0" * 50_000),
    "utf-16": Hostile(lambda: PERSON + b"Content-Type: text/plain; charset=utf-16\r\n\r\n" + b"\xd8\0" * 100_000),
    "cp1258": Hostile(
        lambda: PERSON + b"Content-Type: text/plain; charset=cp1258\r\n\r\na" + b"\xec\xf2" * 100_000
    ),
    "a base64 bomb": Hostile(lambda: encoded(base64.b64encode(b"gap " * 2_000_000), "base64")),
    "base64 of one equals": Hostile(lambda: encoded(b"=" * 5_000_000, "base64")),
    "base64 of dirt": Hostile(lambda: encoded(b"\x80" * 5_000_000, "base64")),
    "quoted-printable equals": Hostile(lambda: encoded(b"=" * 5_000_000, "quoted-printable")),
    "quoted-printable soft breaks": Hostile(lambda: encoded(b"=\r\n" * 1_000_000, "quoted-printable")),
    "uuencode": Hostile(lambda: encoded(b"begin 644 a\r\n" + b"M" + b"`" * 60 + b"\r\n" * 100_000, "x-uuencode")),
    # --- plain text
    "one line of 10 MB": Hostile(lambda: text(b"x" * 10_000_000)),
    "a word of 200 KB": Hostile(lambda: text(b"a" * 200_000)),
    "a marked word of 200 KB": Hostile(lambda: text("a\u0301" * 70_000)),
    "marks only": Hostile(lambda: text("a" + "\u0323\u0301" * 50_000)),
    "text that grows": Hostile(lambda: text("ﷺ" * 66_000)),
    "text that grows apart": Hostile(lambda: text("ﷺ " * 50_000)),
    "different words": Hostile(lambda: text(" ".join(f"{n:x}" for n in range(40_000)))),
    "different marked words": Hostile(lambda: text(" ".join(f"ấ{n:x}" for n in range(25_000)))),
    "zero width only": Hostile(lambda: text("\u200b" * 66_000)),
    "a letter and zero width": Hostile(lambda: text("a" + "\u200b" * 66_000)),
    "letters and zero width": Hostile(lambda: text("a\u200b" * 50_000)),
    "apostrophes": Hostile(lambda: text("a'" * 100_000)),
    "right to left": Hostile(lambda: text("\u202egap " * 28_000)),
    "emoji with joiners": Hostile(lambda: text("👨\u200d👩\u200d👧" * 9_000)),
    "newlines": Hostile(lambda: text(b"\n" * 200_000)),
    "blank lines": Hostile(lambda: text(b" \n" * 100_000)),
    "tabs": Hostile(lambda: text(b"\t" * 200_000)),
    "spaces": Hostile(lambda: text(b"x" + b" " * 200_000 + b"x")),
    "lines of spaces": Hostile(lambda: text((b" " * 1_000 + b"\n") * 200)),
    "quote lines": Hostile(lambda: text(b">\n" * 100_000)),
    "quote marks": Hostile(lambda: text(b">" * 200_000)),
    "quote marks and spaces": Hostile(lambda: text(b"> " * 100_000)),
    "quote marks and tabs": Hostile(lambda: text((b"   " + b">\t" * 100 + b"x\n") * 900)),
    "short lines": Hostile(lambda: text(b"a\n" * 100_000)),
    "sign-offs": Hostile(lambda: text(b"Tran trong,\n" * 17_000)),
    "separators": Hostile(lambda: text(b"-- \n" * 50_000)),
    "separators and words": Hostile(lambda: text(b"-- \na\n" * 33_000)),
    "signatures between quotes": Hostile(lambda: text(b"a\nTran trong,\nLan\n> b\n" * 9_000)),
    "rules": Hostile(lambda: text(b"---\n" * 50_000)),
    "markers": Hostile(lambda: text(b"-----Original Message-----\n" * 7_500)),
    "weak markers": Hostile(lambda: text(b"On a wrote:\nb\n" * 14_000)),
    "attributions": Hostile(lambda: text(b"on a\nb\n" * 29_000)),
    "vao": Hostile(lambda: text(b"vao " * 50_000)),
    "headers in the text": Hostile(lambda: text(b"From: a@b.example\nSent: x\n" * 8_000)),
    "weak headers in the text": Hostile(lambda: text(b"From: a\n" * 25_000)),
    "a forward of a forward": Hostile(lambda: text(b"---------- Forwarded message ----------\nFrom: a\n" * 4_000)),
    "disclaimers": Hostile(lambda: text(b"this message " * 15_000)),
    "disclaimer lines": Hostile(lambda: text(b"this message is confidential\n" * 7_000)),
    "disclaimers between quotes": Hostile(lambda: text(b"a\n\nthis message is confidential\n> b\n" * 6_000)),
    "long disclaimers between quotes": Hostile(
        lambda: text((b"".join(b"%d thong tin %s\n" % (n, b"a " * 190) for n in range(4)) + b"> b\n") * 120)
    ),
    "commas": Hostile(lambda: text(b"regards," * 25_000)),
    "addresses": Hostile(lambda: text(b"a@" * 100_000)),
    "address dots": Hostile(lambda: text(b"a.b" * 66_000)),
    "address marks": Hostile(lambda: text("a@b\u0301 " * 33_000)),
    "www": Hostile(lambda: text(b"www." * 50_000)),
    "links": Hostile(lambda: text(b"http://" * 28_000)),
    "phones": Hostile(lambda: text(b"+" + b"1-" * 100_000)),
    "urgent": Hostile(lambda: text("gấp " * 40_000)),
    "doubtfully urgent": Hostile(lambda: text(b"gap " * 50_000)),
    "not urgent": Hostile(lambda: text("không gấp " * 15_000)),
    "hotline": Hostile(lambda: text("hotline " * 25_000)),
    "sentences without words": Hostile(lambda: text(b". " * 100_000)),
    "words far apart": Hostile(lambda: text((b"can" + b" \n" * 40) * 2_400)),
    "deliveries": Hostile(lambda: text(b"delivery " * 22_000)),
    "500s": Hostile(lambda: text(b"550 5.1." * 25_000)),
    # --- html
    "a million entities": Hostile(lambda: page(b"&lt;" * 1_000_000)),
    "long entities": Hostile(lambda: page(b"&#" + b"9" * 190_000 + b";")),
    "ampersands": Hostile(lambda: page(b"&" * 200_000)),
    "unknown entities": Hostile(lambda: page((b"&" + b"a" * 32) * 6_000)),
    "entities of marks": Hostile(lambda: page(b"a" + b"&#769;&#803;" * 14_000)),
    "entities that grow": Hostile(lambda: page(b"&#xfdfa;" * 25_000)),
    "blockquotes": Hostile(lambda: page(b"<blockquote>" * 100_000)),
    "blockquotes and words": Hostile(lambda: page(b"<blockquote>a" * 15_000)),
    "paragraphs": Hostile(lambda: page(b"<p>" * 100_000)),
    "unclosed tags": Hostile(lambda: page(b"<a " * 66_000)),
    "unclosed quotes": Hostile(lambda: page(b'<a b="' * 33_000)),
    "quotes in tags": Hostile(lambda: page(b"<a '\"'\"" * 25_000 + b">")),
    "quotes within a tag": Hostile(lambda: page(b"<a " + b"'' " * 66_000 + b">")),
    "quotes that close later": Hostile(lambda: page(b"<a '>" * 40_000 + b"'")),
    "attributes": Hostile(lambda: page(b"<a " + b"a=" * 100_000 + b">")),
    "many attributes": Hostile(lambda: page((b"<a " + b"a=" * 1_900 + b">") * 50)),
    "many styles": Hostile(lambda: page((b'<a style="' + b"display " * 240 + b'">x') * 100)),
    "comments": Hostile(lambda: page(b"<!--" * 50_000)),
    "comments closed": Hostile(lambda: page(b"<!---->" * 28_000)),
    "doctypes": Hostile(lambda: page(b"<!" * 100_000)),
    "scripts": Hostile(lambda: page(b"<script>" * 25_000)),
    "scripts closed": Hostile(lambda: page(b"<script></script>" * 12_000)),
    "styles": Hostile(lambda: page(b"<style></styl>" * 14_000)),
    "lists": Hostile(lambda: page(b"<ul><li>" * 25_000)),
    "tables": Hostile(lambda: page(b"<table><tr><td>" * 13_000)),
    "ends": Hostile(lambda: page(b"</a>" * 50_000)),
    "ends of nothing": Hostile(lambda: page(b"<b>" * 5_000 + b"</i>" * 5_000 + b"</b>" * 5_000)),
    "preformatted": Hostile(lambda: page(b"<pre>" + b"\n" * 200_000)),
    "breaks": Hostile(lambda: page(b"<br>" * 50_000)),
    "breaks in quotes": Hostile(lambda: page(b"<blockquote>" * 30 + b"<br>" * 10_000)),
    "html spaces": Hostile(lambda: page(b" " * 200_000)),
    "html without a tag": Hostile(lambda: page(b"<" * 200_000)),
    "html parts": Hostile(lambda: MIXED + (b"--b\r\n" + HTML + b"<b>x</b>" * 5_000 + b"\r\n") * 300),
    "html parts of tags": Hostile(lambda: MIXED + (b"--b\r\n" + HTML + b"<p>" * 130 + b"\r\n") * 490),
}  # fmt: skip
