"""Nothing in a mail becomes a header, a recipient, a command or a query of ours."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from textwrap import dedent

import pytest

from responder.config import Folders, ImapServer, Security, SmtpServer
from responder.document import Wrong
from responder.mail.addresses import Address
from responder.mail.compose import ID_HEADER, LOOP_HEADER, Outgoing, Thread, draft, follow_up, notice, reply
from responder.mail.echo import UNSAFE
from responder.mail.language import Language
from responder.mail.message import parse
from responder.policy.model import MarkKind, read_mark
from responder.ports import Special
from responder.secret import PasswordEnv
from responder.servers.imap import ImapMailbox
from responder.servers.smtp import SmtpSubmission
from responder.servers.waking import SystemWaker
from responder.words.signals import Matcher, SignalWords
from tests.contract.scripted_imap import ScriptedImap
from tests.contract.scripted_smtp import ScriptedSmtp
from tests.fakes import local

NIGHT = local("2026-11-21 22:10")
OURS = Address("Công ty Ví Dụ", "info@congty.example")
OWN_FIELDS = {"From", "To", "Subject", "Date", "Message-ID", "Content-Language", "MIME-Version", "Content-Type",
              "Content-Transfer-Encoding", "Auto-Submitted", "X-Auto-Response-Suppress", "In-Reply-To",
              "References", LOOP_HEADER, ID_HEADER}  # fmt: skip
LINES = [
    "x\r\nBcc: victim@ngoai.example",
    "x\nBcc: victim@ngoai.example\n\nbody",
    "x\rBcc: victim@ngoai.example",
    "x\x0bBcc: victim@ngoai.example",
    "x\x0c\x1c\x85\u2028Bcc: victim@ngoai.example",
    "=?utf-8?q?x=0D=0ABcc:_victim@ngoai.example?=",
    "x" * 3000 + "\r\n Bcc: victim@ngoai.example",
]
ADDRESSES = [
    '"x> SIZE=1 y"@ngoai.example', '"x>\\r\\nRCPT TO:<y"@ngoai.example', '"a b"@ngoai.example', "-oQ/tmp@ngoai.example",
    "|sh@ngoai.example", "a%b@ngoai.example", "x@[127.0.0.1]", "x!y@ngoai.example", '"\\""@ngoai.example',
]  # fmt: skip
CUT_OFF = [
    b'From: "x>\r\nRCPT TO:<y"@ngoai.example\r\n\r\n', b"From: x\x00y@ngoai.example\r\n\r\n",
    "From: x\u202ey@ngoai.example\r\n\r\n".encode(), "From: x@ngoai\u200b.example\r\n\r\n".encode(),
    b"From: x@ngoai.example> SIZE=1\r\n\r\n", b"From: <x y@ngoai.example>\r\n\r\n",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
@pytest.mark.parametrize("make", [reply, follow_up, draft])
def test_a_subject_or_an_id_with_line_ends_makes_no_header(make: object, line: str) -> None:
    out = Outgoing(OURS, Address(line, "lan@khach.example"), "<1@congty.example>", NIGHT)
    thread = Thread(f"<a{line}@b>", (f"<c{line}@d>", "<e@f>"), line)
    content = make(out, thread, f"text {line}", Language.VI)  # type: ignore[operator]
    mail = message_from_bytes(content, policy=default)
    assert set(mail) <= OWN_FIELDS
    assert len(mail) == len(set(mail))
    assert mail["To"].addresses[0].addr_spec == "lan@khach.example"
    assert len(mail["To"].addresses) == 1
    assert UNSAFE.findall(parse(content).subject) == []


def test_an_alerts_subject_makes_no_header() -> None:
    for line in LINES:
        content = notice(Outgoing(OURS, OURS, "<1@congty.example>", NIGHT), line, line, Language.VI)
        assert "Bcc" not in message_from_bytes(content, policy=default)


@pytest.mark.parametrize("raw", CUT_OFF, ids=range(len(CUT_OFF)))
def test_an_address_with_what_cannot_be_seen_or_ends_a_command_is_no_address(raw: bytes) -> None:
    assert parse(raw).from_ == ()


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_stays_one_recipient_and_adds_nothing_to_the_envelope(address: str) -> None:
    [found] = parse(f"From: <{address}>\r\n\r\n".encode()).from_ or [Address("", address)]
    lines = asyncio.run(_submitted(found.address))
    for_it = [line for line in lines if line.upper().startswith("RCPT")]
    assert len(for_it) <= 1
    assert all(line.startswith("RCPT TO:<") and line.endswith(">") for line in for_it), for_it
    assert not [line for line in lines if line.upper().startswith(("RCPT TO:<Y", "DATA X"))]


async def _submitted(recipient: str) -> list[str]:
    async with ScriptedSmtp() as server:
        settings = SmtpServer(host="127.0.0.1", port=server.port, security=Security.NONE)
        way_out = SmtpSubmission(settings, lambda: "", "office.test")
        await way_out.submit("", recipient, b"Subject: x\r\n\r\nx\r\n.\r\nMAIL FROM:<forged@ngoai.example>\r\n")
        await way_out.close()
        assert len(server.commands("MAIL")) == 1
        return server.lines


@pytest.mark.parametrize("odd", ['a"b', "a\\b", "{3}", "ÿđ", "*", "%", "a b CREATE Forged"])
def test_what_stands_in_a_folders_name_stays_one_argument_over_imap(odd: str) -> None:
    with ScriptedImap({"UID": ("* SEARCH", "OK done")}) as server:
        settings = ImapServer(host="127.0.0.1", port=server.port, security=Security.NONE, user="info",
                              password=PasswordEnv("-"))  # fmt: skip
        box = ImapMailbox(settings, lambda: "secret", "INBOX", {Special.SENT: odd})
        box.connect()
        box.holds(Special.SENT, "<1@congty.example>")
        verbs = [line.split()[0] for line in server.heard if line.strip()]
    assert [verb for verb in verbs if verb != "CAPABILITY"] == ["LOGIN", "EXAMINE", "UID", "SELECT"]


@pytest.mark.parametrize("odd", ["a\r\nb CREATE Forged", "a\nb", "a\x00b", "a\u202eb"])
def test_a_folders_name_that_would_end_a_command_is_refused_in_the_policy_and_in_the_config(odd: str) -> None:
    for kind in (MarkKind.FOLDER, MarkKind.LABEL, MarkKind.KEYWORD):
        with pytest.raises(Wrong):
            read_mark({kind.value: odd})
    for name in Folders.model_fields:
        with pytest.raises(ValueError, match="cannot be the name of a folder"):
            Folders.model_validate({name: odd})


@pytest.mark.parametrize("name", ["Th\u01b0 đã\u00a0gửi", "送信\u3000済み", "فایل\u200cها", "👨\u200d👩\u200d👧"])
def test_a_folders_name_may_be_of_any_language_and_have_its_spaces(name: str) -> None:
    assert Folders.model_validate({"sent": name}).sent == name


def test_what_rings_a_telephone_gets_the_words_of_a_mail_as_json_and_in_no_argument_or_variable(tmp_path: Path) -> None:
    told = {"subject": '$(touch x); `id` \x1b[2J\n"}', "headline": "--help"}
    script = dedent("""\
        import json, os, sys
        seen = [value for value in os.environ.values() if "touch x" in value]
        with open(sys.argv[1], "w") as out:
            json.dump([json.load(sys.stdin), sys.argv[2:], seen], out)
        """)
    asyncio.run(SystemWaker().run([sys.executable, "-c", script, str(tmp_path / "out")], told))
    assert json.loads((tmp_path / "out").read_text()) == [told, [], []]


# ---------------------------------------------------------------- words


WORST_WORDS = [
    *(" ".join(["a"] * length) for length in range(1, 60)),
    *(" ".join(["a"] * 40 + [chr(ord("b") + number)]) for number in range(20)),
    *("ga" + "p" * length for length in range(1, 60)),
    *(f"từ số {number} cần gấp" for number in range(360)),
]
WORST_TEXTS = ["a " * 128_000, "a" * 256_000, "gap " * 64_000, "từ số " * 40_000, "a@" * 128_000, "a.a-a_" * 42_000,
               "gâ\u0301\u0323\u0300" * 50_000, "www." * 64_000, "\u200ba" * 85_000]  # fmt: skip


@pytest.mark.parametrize("text", WORST_TEXTS, ids=lambda text: ascii(text[:8]))
def test_five_hundred_words_of_the_policy_take_no_time_on_the_worst_text(text: str) -> None:
    matcher = Matcher([SignalWords("urgent", tuple(WORST_WORDS), tuple(f"không {word}" for word in WORST_WORDS))])
    own = text[:24_000]  # more is never looked at: `quoted.py`
    began = time.process_time()
    matcher.find("", own)
    spent = time.process_time() - began
    assert spent < 2.0, spent
