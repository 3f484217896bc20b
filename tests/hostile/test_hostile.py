"""Mail made to break its reader is read within bounds or set aside by one, and never answered then; people are."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from responder.mail.automatic import Sign
from responder.mail.defects import Defect
from tests.fuzz import fuzz
from tests.hostile.mails import MAILS, MIXED, PERSON, PLAIN, header, text
from tests.hostile.measure import SECONDS
from tests.hostile.promises import keeps_its_promises

OCTETS = 50_000_000
MEASURE = Path(__file__).with_name("measure.py")


@cache
def measured() -> dict[str, dict[str, Any]]:
    """One process takes them all, so that its peak memory is theirs."""
    done = subprocess.run([sys.executable, str(MEASURE)], capture_output=True, text=True, check=False, timeout=115)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {[each['name'] for each in told[-1:]]}: {done.stderr[-2000:]}"
    return {each["name"]: each for each in told}


@pytest.mark.parametrize("name", MAILS)
def test_a_hostile_mail_is_dealt_with_in_bounded_time_and_memory(name: str) -> None:
    told = measured()[name]
    assert told["seconds"] < SECONDS
    assert told["octets"] < OCTETS


@pytest.mark.parametrize("name", [name for name, hostile in MAILS.items() if hostile.defect])
def test_what_is_over_a_bound_is_set_aside_with_the_bound_in_words_and_never_answered(name: str) -> None:
    told, defect = measured()[name], MAILS[name].defect
    assert defect in told["defects"]
    assert told["mails"] == 0
    if told["veto"] == Sign.UNREADABLE:
        assert "_" not in told["detail"]
    else:
        assert told["veto"] is not None


def test_no_line_end_of_a_mail_makes_a_field_of_the_reply() -> None:
    way = keeps_its_promises(MAILS["injection"].build())
    assert len(way.mails) > 0
    assert b"\r\nBcc:" not in way.letter
    assert way.message.subject == "hi Bcc: x@y.example  body".replace("  ", " ")


# --- people write such mails too


def photos(count: int) -> bytes:
    part = b'--b\r\nContent-Type: image/jpeg; name="IMG_%d.jpg"\r\nContent-Disposition: inline\r\n' \
           b"Content-Transfer-Encoding: base64\r\n\r\n" + b"/9j/4AAQSkZJRg" * 4_000 + b"\r\n"  # fmt: skip
    body = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGui anh xem hinh hien truong a.\r\n"
    return MIXED + body + b"".join(part % number for number in range(count)) + b"--b--\r\n"


def forwards(depth: int) -> bytes:
    """A forward of a forward …, as attachments in their multiparts."""
    levels = (
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        + PLAIN + b"\r\nXin xem thu duoi day.\r\n--b%d\r\n" % level
        + b"Content-Type: multipart/alternative; boundary=c%d\r\n\r\n--c%d\r\n" % (level, level)
        for level in range(depth)
    )  # fmt: skip
    return PERSON + b"".join(levels) + PLAIN + b"\r\nBao gia giup em."


PEOPLE = {
    "forty photos from a phone": photos(40),
    "a hundred photos, more than is looked at": photos(160),
    "a forward chain twelve deep": forwards(12),
    "a thread of two hundred mails": header(
        "References", b"\r\n ".join(b"<m%d@banhang.example>" % n for n in range(200))),
    "sixty people in Cc": header("Cc", ",\r\n ".join(
        f"=?utf-8?q?Nguy=E1=BB=85n_Th=E1=BB=8B?= =?utf-8?q?_H=C6=B0=C6=A1ng?= =?utf-8?q?_{n}?= =?utf-8?q?_(PKD)?=\r\n "
        f"<nhan.vien{n}@banhang.example>" for n in range(60))),
    "fifty servers on the way": b"Received: from a.example (a.example [192.0.2.1]) by b.example\r\n" * 50
    + text("Xin bao gia."),
    "a letter of a hundred pages": text("Kính gửi quý công ty, chúng tôi xin trình bày như sau.\n" * 4_000),
    "a subject that is the letter": header("Subject", "Xin báo giá bàn gỗ và ghế gỗ cho văn phòng mới " * 60),
    "an unknown charset": MAILS["unknown charset"].build(),
    "a boundary that never comes": MAILS["a boundary that never comes"].build(),
    "a bad line in the header": PERSON + b"this is no field\r\n" + PLAIN + b"\r\nXin bao gia.",
    "eighty emoji": text("🎉" * 80 + " Xin báo giá"),
}  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_what_people_write_is_answered_however_much_it_is(name: str) -> None:
    way = keeps_its_promises(PEOPLE[name])
    assert way.reading.veto is None
    assert len(way.mails) > 0


def test_emoji_and_vietnamese_marks_are_left_as_they_are() -> None:
    words = "🎉" * 80 + " ệ e\u0323\u0302 👨‍👩‍👧 " + "a" + "\u0301" * 30
    assert keeps_its_promises(text(words)).message.text == words


def test_a_mail_too_large_to_be_looked_at_whole_says_so() -> None:
    assert Defect.TOO_LARGE in keeps_its_promises(PEOPLE["a hundred photos, more than is looked at"]).message.defects


# --- the fuzzer


def test_what_was_found_once_is_mended() -> None:
    for path in sorted((Path(__file__).parent / "cases").glob("*.eml")):
        fuzz.examine(path.read_bytes())
        keeps_its_promises(path.read_bytes())


def test_the_fuzzer_finds_nothing_in_its_first_inputs(tmp_path: Path) -> None:
    assert fuzz.run(random.Random(1), inputs=600, minutes=1, folder=tmp_path) == 0


def test_the_fuzzer_keeps_what_breaks_a_promise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_raw: bytes) -> float:
        raise fuzz.BrokenError("on purpose")

    monkeypatch.setattr(fuzz, "check", breaks)
    assert fuzz.run(random.Random(1), inputs=2, minutes=1, folder=tmp_path) == 2
    assert len(list(tmp_path.glob("found-*.eml"))) == 2
