"""Millions of damaged mails through the whole way, and whatever breaks a promise kept as a case: `make fuzz`.

    fuzz.py [--minutes N] [--inputs N] [--seed N] [--keep FOLDER]

It damages the seeds (the golden mails, those of `tests/hostile`, earlier finds) with pieces of mail, always in the same
way for the same seed. Ends with 1 if it found something.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

CASES = HERE.parent / "hostile" / "cases"
SECONDS = 0.5  # of the processor for one input of the size that is made here; three times in a row
LARGEST = 1_200  # octets of an input: small ones find more in the same time, size is for tests/hostile
SEED_LIMIT = 800
WHOLE_WAY = 16  # of so many inputs one: wording and composing take most of the time
REPORT_EVERY = 20_000

TOKENS: Sequence[bytes] = (
    b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"\x80", b"\xff", b" ", b"\t", b"\x0b", b"\x0c", b"\x85", b"\x1b", b"\x7f",
    b"--b", b"--b--", b"--", b":", b";", b",", b"<", b">", b"<>", b"(", b")", b'"', b"\\", b"@", b"=", b"%", b"*0*=",
    b"*1=", b"&", b"&#0;", b"&#xd800;", b"&#x110000;", b"&nbsp;", b"<p>", b"</p>", b"<blockquote>", b"<!--", b"-->",
    b"<script>", b"<a href='", b"=?utf-8?b?/w=?=", b"=?utf-8?q?=0D=0ABcc:_x=40y.example?=", b"=?utf-7?q?+2AA-?=",
    b"=?utf-16?b?2AA=?=", b"=?x?q?=00?=", b"=0D=0A", b"=\r\n", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xcc\x81" * 40,
    b"\xef\xb7\xba", b"\xe2\x80\x8b", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\xcc\xa3", b"\xc4\xb0",
    b"From: ", b"\nFrom: a@b.example", b"\nTo: ", b"\nSubject: ", b"\nDate: ", b"Date: 99 99 99\n", b"\nReply-To: ",
    b"\nReferences: <a@b> <", b"\nMessage-ID: <a@b>", b"\nReturn-Path: <>", b"\nAuto-Submitted: no; (", b"\nList-Id: ",
    b"\nAuthentication-Results: mx.congty.example; dkim=pass header.d=", b"\nPrecedence: ", b"\nX-Loop: ",
    b"\nContent-Type: multipart/mixed; boundary=b\n\n", b"\nContent-Type: text/html; charset=", b"charset=utf-7",
    b"charset=utf-16", b"charset=cp1258", b"charset=iso-2022-jp", b"charset=hz", b"charset=idna", b"charset=zlib",
    b"\nContent-Transfer-Encoding: base64\n\n", b"\nContent-Transfer-Encoding: quoted-printable\n\n",
    b"\nContent-Disposition: attachment; filename*=utf-8'vi'%c3", b"multipart/report", b"message/rfc822",
    b"text/calendar",
    b"On 1/1/2026, a wrote:\n> ", b"-----Original Message-----\n", b"---------- Forwarded message ----------\n",
    b"-- \n", b"Tr\xc3\xa2n tr\xe1\xbb\x8dng,\n", b"g\xe1\xba\xa5p", b"kh\xc3\xb4ng g\xe1\xba\xa5p", b"can gap ", b"?",
    b"automatic reply", b"undeliverable", b"{{ subject }}", b"{% x", b"{", b"}", b"noreply@", b"mailer-daemon@",
    b"info@congty.example", b"\nFrom: form@congty.example", b"\nReply-To: lan@khach.example",
    b"\nReply-To: a@khac.example",
    b"\nList-Id: <nhom.congty.example>", b"\nList-Post: <mailto:nhom@congty.example>", b"\nX-Original-From: ",
    b"\nFrom: L via N <nhom@congty.example>", b"message/delivery-status", b"\nFinal-Recipient: rfc822; ",
    b"\nStatus: 5.1.1",
    b"\nAction: failed", b"\nX-Failed-Recipients: ", b"<responder.",
    b"1" * 300, b"9" * 5000, b"(" * 500, b"<" * 300, b"> " * 300, b"=?a?q?" * 100,
)  # fmt: skip


class BrokenError(AssertionError):
    """A promise was not kept."""


def check(raw: bytes) -> float:
    """Have one mail read, some taken the whole way to a reply; the processor's seconds. Raises whatever is wrong."""
    from tests.hostile.promises import is_readable, keeps_its_promises

    begun = time.process_time()
    if zlib.crc32(raw) % WHOLE_WAY:
        is_readable(raw)
    else:
        keeps_its_promises(raw)
    return time.process_time() - begun


def examine(raw: bytes) -> None:
    """As `check`, and that it was quick: a machine may stumble once or twice."""
    if check(raw) > SECONDS and check(raw) > SECONDS and (seconds := check(raw)) > SECONDS:
        raise BrokenError(f"{seconds:.2f} s for {len(raw)} octets")


def seeds() -> list[bytes]:
    """Whole mails, short ones: golden, hostile and found."""
    from tests.hostile.mails import MAILS

    files = [*sorted((HERE.parent / "golden").glob("*.eml")), *sorted(CASES.glob("*.eml"))]
    built = [each.build() for each in MAILS.values()]
    return [raw[:SEED_LIMIT] for raw in (*(file.read_bytes() for file in files), *built) if raw]


def damaged(chance: random.Random, mails: Sequence[bytes]) -> bytes:
    """One of the mails with some damage done to it, much of it in the header."""
    raw = chance.choice(mails)
    for _ in range(1 + int(chance.expovariate(0.3))):
        place = int(len(raw) * chance.random() ** chance.choice((1, 1, 2)))
        raw = chance.choice(DAMAGES)(chance, raw, place, mails)[:LARGEST]
    return raw


_Damage = Callable[[random.Random, bytes, int, Sequence[bytes]], bytes]


def _insert(chance: random.Random, raw: bytes, place: int, _mails: Sequence[bytes]) -> bytes:
    return raw[:place] + chance.choice(TOKENS) + raw[place:]


def _repeat(chance: random.Random, raw: bytes, place: int, _mails: Sequence[bytes]) -> bytes:
    piece = raw[place : place + chance.randrange(1, 60)]
    return raw[:place] + piece * chance.randrange(2, 80) + raw[place:]


def _remove(chance: random.Random, raw: bytes, place: int, _mails: Sequence[bytes]) -> bytes:
    return raw[:place] + raw[place + chance.randrange(1, 200) :]


def _replace(chance: random.Random, raw: bytes, place: int, _mails: Sequence[bytes]) -> bytes:
    return raw[:place] + chance.randbytes(chance.randrange(1, 5)) + raw[place + chance.randrange(1, 5) :]


def _overwrite(chance: random.Random, raw: bytes, place: int, _mails: Sequence[bytes]) -> bytes:
    token = chance.choice(TOKENS)
    return raw[:place] + token + raw[place + len(token) :]


def _splice(chance: random.Random, raw: bytes, place: int, mails: Sequence[bytes]) -> bytes:
    other = chance.choice(mails)
    return raw[:place] + other[chance.randrange(len(other)) :]


DAMAGES: Sequence[_Damage] = (_insert, _insert, _insert, _repeat, _remove, _replace, _overwrite, _splice)


def keep(raw: bytes, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"found-{hashlib.sha256(raw).hexdigest()[:12]}.eml"
    path.write_bytes(raw)
    return path


def run(chance: random.Random, inputs: int, minutes: float, folder: Path) -> int:
    """Damage and examine until the count or the time is over; how many finds."""
    mails, begun, finds, done, slowest = seeds(), time.monotonic(), 0, 0, 0.0
    while done < inputs and time.monotonic() - begun < minutes * 60:
        raw = damaged(chance, mails)
        done += 1
        try:
            seconds = check(raw)
            if seconds > SECONDS:
                examine(raw)
            slowest = max(slowest, seconds)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a find
            finds += 1
            print(f"{keep(raw, folder)}: {type(error).__name__}: {error}")
            traceback.print_exc(limit=-3)
        if done % REPORT_EVERY == 0:
            _tell(done, finds, slowest, begun)
    _tell(done, finds, slowest, begun)
    return finds


def _tell(done: int, finds: int, slowest: float, begun: float) -> None:
    seconds = time.monotonic() - begun
    print(f"{done} inputs, {finds} finds, slowest {slowest:.3f} s, {seconds:.0f} s in all", flush=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--inputs", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path, default=CASES)
    given = options.parse_args()
    return min(run(random.Random(given.seed), given.inputs, given.minutes, given.keep), 1)


if __name__ == "__main__":
    sys.exit(main())
