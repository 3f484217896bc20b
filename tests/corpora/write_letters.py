"""Writes the golden mails of `people/` and `machines/` from `letters.txt` and `layouts.txt`, always the same octets.

Run after a change to either:  python -m tests.corpora.write_letters  (a test says when they are not up to date)
"""

from __future__ import annotations

import base64
import hashlib
import quopri
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from string import Template
from typing import Final

from tests.corpora.sets import HERE, OFFICE, OWN_SERVER

FIRST: Final = datetime(2026, 11, 22, 20, 45, tzinfo=timezone(timedelta(hours=7)))  # a Sunday evening, closed


@dataclass(frozen=True, slots=True)
class Layout:
    """How one program or provider lays out a mail: the header as a template, and how body and words are encoded."""

    name: str
    body: str
    transfer: str
    words: str
    server: str
    found: str
    header: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody writes: the file it becomes, the layout, From, Subject, further fields, the text."""

    file: str
    layout: str
    fields: dict[str, str] = field(repr=False)
    text: str

    @property
    def address(self) -> tuple[str, str]:
        return parseaddr(self.fields["From"])


def layouts() -> dict[str, Layout]:
    """The layouts by name."""
    found = {}
    for head, text in _sections("layouts.txt", "== "):
        name, _, settings = head.partition(": ")
        body, transfer, words, server, result = settings.split(", ")
        found[name] = Layout(name, body, transfer, words, server, result, text.strip("\n"))
    return found


def letters() -> Iterator[Letter]:
    """The letters in the order they are written down."""
    for head, section in _sections("letters.txt", "=== "):
        file, layout = head.split()
        top, _, text = section.strip("\n").partition("\n\n")
        fields = dict(line.split(": ", 1) for line in top.splitlines())
        yield Letter(file, layout, fields, text.strip("\n") + "\n")


def _sections(name: str, mark: str) -> Iterator[tuple[str, str]]:
    whole = (HERE / name).read_text(encoding="utf-8")
    for section in re.split(rf"^{re.escape(mark)}", whole, flags=re.MULTILINE)[1:]:
        head, _, text = section.partition("\n")
        yield head.strip(), text


# ---------------------------------------------------------------------------------------------------------------------
# One mail


def mail(letter: Letter, layout: Layout, number: int) -> bytes:
    """The letter as it lies in the office's mailbox."""
    values = _values(letter, layout, number)
    boundary = values["b"]
    own = Template(_DELIVERED).substitute(values)
    header = Template(layout.header).substitute(values)
    more = [
        f"{name}: {_address(value, layout.words) if '<' in value else value}"
        for name, value in letter.fields.items()
        if name not in ("From", "Subject", "Return-Path", "With")
    ]
    # A layout that begins with a Content-Type of its own leaves it to the body's.
    header = re.sub(r"^Content-(?:Type|Transfer-Encoding|Disposition): .*\n", "", header, flags=re.MULTILINE)
    if "\nMIME-Version:" not in header and "\nMime-Version:" not in header:
        more.append("MIME-Version: 1.0")
    body = _body(letter, layout, boundary, values)
    return "\n".join([own + header, *more, body]).encode("utf-8")


_DELIVERED: Final = """\
Return-Path: <$path>
Delivered-To: $office
Received: from $server ($server [203.0.113.$octet])
	by $own (Postfix) with ESMTPS id 4Y$number
	for <$office>; $arrived
Authentication-Results: $own; $found
"""
_FOUND: Final = {
    "dkim": "dkim=pass (2048-bit key) header.d=$d header.i=@$d;\n\tspf=pass smtp.mailfrom=$path;\n"
    "\tdmarc=pass (policy=quarantine) header.from=$d",
    "spf": "dkim=none;\n\tspf=pass smtp.mailfrom=$addr; dmarc=none header.from=$d",
}


def _values(letter: Letter, layout: Layout, number: int) -> dict[str, str]:
    digest = hashlib.sha256(letter.file.encode()).digest()
    sent = FIRST + timedelta(minutes=7 * number)
    _, address = letter.address
    values = {
        "from": _address(letter.fields["From"], layout.words),
        "addr": address,
        "path": letter.fields.get("Return-Path", address),
        "d": address.rpartition("@")[2],
        "to": OFFICE,
        "subject": _words(letter.fields["Subject"], layout.words, len("Subject: ")),
        "date": format_datetime(sent),
        "utc": format_datetime(sent.astimezone(UTC)),
        "arrived": format_datetime(sent + timedelta(seconds=4)),
        "id": digest.hex()[:8].upper(),
        "num": str(int.from_bytes(digest[:3], "big") % 9000 + 1000),
        "token": base64.b64encode(digest[:15]).decode().replace("/", "x").replace("+", "y"),
        "b": f"=_{digest.hex()[:24]}",
        "number": f"{number:03}Zq{digest.hex()[:6]}",
        "octet": str(number % 200 + 20),
        "office": OFFICE,
        "own": OWN_SERVER,
    }
    values["server"] = Template(layout.server).substitute(values)
    values["found"] = Template(_FOUND[layout.found]).substitute(values)
    return values


def _words(text: str, encoding: str, used: int) -> str:
    """RFC 2047, as B or Q; ASCII stays as it is."""
    if text.isascii():
        return text
    charset = _charset(encoding)
    return Header(text, charset, maxlinelen=75, header_name="x" * (used - 2)).encode(linesep="\n")


def _charset(encoding: str) -> Charset:
    charset = Charset("utf-8")
    charset.header_encoding = BASE64 if encoding == "b" else QP
    return charset


def _address(value: str, encoding: str) -> str:
    name, address = parseaddr(value)
    return formataddr((name, address)) if name.isascii() else f"{_words(name, encoding, 6)} <{address}>"


# ---------------------------------------------------------------------------------------------------------------------
# Bodies


def _body(letter: Letter, layout: Layout, boundary: str, values: dict[str, str]) -> str:
    """The fields about the content, an empty line, the content."""
    text = _text_entity(letter, layout, boundary)
    added = _ADDED.get(letter.fields.get("With", ""))
    if added is None:
        return text
    kind, part = added
    outer = f"{boundary}_0"
    more = Template(part).substitute(values)
    return f'Content-Type: {kind};\n\tboundary="{outer}"\n\n--{outer}\n{text}\n--{outer}\n{more}\n--{outer}--\n'


def _text_entity(letter: Letter, layout: Layout, boundary: str) -> str:
    transfer = layout.transfer
    if layout.body == "flowed":
        return _entity("text/plain; charset=UTF-8; format=flowed", transfer, letter.text)
    if layout.body == "plain":
        return _entity('text/plain; charset="UTF-8"', transfer, letter.text)
    html = _entity('text/html; charset="UTF-8"', transfer, _html(letter.text))
    if layout.body == "html":
        return html
    plain = _entity('text/plain; charset="UTF-8"', transfer, letter.text)
    head = f'Content-Type: multipart/alternative;\n\tboundary="{boundary}"'
    return f"{head}\n\n--{boundary}\n{plain}\n--{boundary}\n{html}\n--{boundary}--\n"


def _entity(kind: str, transfer: str, text: str) -> str:
    head = f"Content-Type: {kind}\nContent-Transfer-Encoding: {transfer}\n\n"
    if transfer == "base64":
        return head + "\n".join(textwrap.wrap(base64.b64encode(text.encode()).decode(), 76)) + "\n"
    if transfer == "quoted-printable":
        return head + quopri.encodestring(text.encode()).decode("ascii")
    return head + text


def _html(text: str) -> str:
    paragraphs = [part.replace("&", "&amp;").replace("<", "&lt;") for part in text.strip().split("\n\n")]
    return "".join(f'<div dir="ltr">{part.replace(chr(10), "<br>")}</div><br>\n' for part in paragraphs)


_ADDED: Final = {
    "request": (
        "multipart/mixed",
        'Content-Type: text/calendar; charset="UTF-8"; method=REQUEST\nContent-Transfer-Encoding: 8bit\n\n'
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nVERSION:2.0\nBEGIN:VEVENT\nUID:$id@$d\nDTSTAMP:20261122T134500Z\n"
        "DTSTART:20261201T020000Z\nDTEND:20261201T030000Z\nORGANIZER:mailto:$addr\n"
        "ATTENDEE;RSVP=TRUE:mailto:$office\nEND:VEVENT\nEND:VCALENDAR\n",
    ),
    "scan": (
        "multipart/mixed",
        'Content-Type: application/pdf; name="SCAN_$id.pdf"\nContent-Transfer-Encoding: base64\n'
        'Content-Disposition: attachment; filename="SCAN_$id.pdf"\n\nJVBERi0xLjQKJSVFT0YK\n',
    ),
    "image": (
        "multipart/mixed",
        'Content-Type: image/jpeg; name="IMG_$num.jpg"\nContent-Transfer-Encoding: base64\n'
        'Content-Disposition: attachment; filename="IMG_$num.jpg"\n\n/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==\n',
    ),
    "smime": (
        'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256',
        'Content-Type: application/pkcs7-signature; name="smime.p7s"\nContent-Transfer-Encoding: base64\n'
        'Content-Disposition: attachment; filename="smime.p7s"\n\nMIIGSAYJKoZIhvcNAQcCoIIGOTCCBjUCAQEx\n',
    ),
    "pgp": (
        'multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha512',
        'Content-Type: application/pgp-signature; name="OpenPGP_signature.asc"\n'
        "Content-Description: OpenPGP signature\n"
        "\n-----BEGIN PGP SIGNATURE-----\n\nwsB5BAABCAAjFiEE$token\n-----END PGP SIGNATURE-----\n",
    ),
    "bounce": (
        "multipart/mixed",
        'Content-Type: message/rfc822; name="Undelivered Mail Returned to Sender.eml"\n'
        'Content-Disposition: attachment; filename="Undelivered Mail Returned to Sender.eml"\n\n'
        "Return-Path: <>\nFrom: MAILER-DAEMON@mail.$d (Mail Delivery System)\nTo: $addr\n"
        "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="bounced"\n\n'
        "--bounced\n\n<sales@congty.example>: user unknown\n\n--bounced\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mail.$d\n\nFinal-Recipient: rfc822; sales@congty.example\nAction: failed\n"
        "Status: 5.1.1\n\n--bounced--\n",
    ),
}


def written() -> dict[Path, bytes]:
    """Every golden mail: the file and its octets."""
    known = layouts()
    return {
        HERE / f"{letter.file}.eml": mail(letter, known[letter.layout], number)
        for number, letter in enumerate(letters(), start=1)
    }


def main() -> int:
    mails = written()
    for folder in {path.parent for path in mails}:
        folder.mkdir(exist_ok=True)
        for old in set(folder.glob("*.eml")) - mails.keys():
            old.unlink()
    for path, octets in mails.items():
        path.write_bytes(octets)
    print(f"{len(mails)} mails written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
