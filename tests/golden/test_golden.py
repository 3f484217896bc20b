"""Whole mails as they really come, and for each what is decided, why, and the very words that would go out.

`NAME.eml` has its arrival in `X-Golden-At`, and in `X-Golden-Allow` what the policy allows by name, if anything;
`NAME.expected` stands beside it. To change the expected files on purpose: `pytest tests/golden --renew-golden`,
then read every line that differs.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from responder.mail.message import parse
from responder.policy import report
from responder.policy.decide import Past, decide, read
from responder.store.records import OutboxKind, Place
from responder.work.owed import Owed
from tests.fakes import INBOX, OURS, desk, policy

HERE = Path(__file__).parent
MAILS = sorted(HERE.glob("*.eml"))
AT, ALLOW = "X-Golden-At", "X-Golden-Allow"
NOTHING = "(the sender gets nothing)"


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_a_real_mail_is_dealt_with_as_expected(path: Path, request: pytest.FixtureRequest) -> None:
    told = tell(path)
    expected = path.with_suffix(".expected")
    if request.config.getoption("--renew-golden"):
        expected.write_text(told, encoding="utf-8")
    before = expected.read_text(encoding="utf-8") if expected.exists() else ""
    assert told == before, "\n" + "\n".join(difflib.unified_diff(before.splitlines(), told.splitlines(), lineterm=""))


def test_every_expected_file_has_its_mail() -> None:
    assert {path.stem for path in HERE.glob("*.expected")} == {path.stem for path in MAILS}
    assert len(MAILS) >= 40


def tell(path: Path) -> str:
    """The fields of `explain --json` (plays in short, no limits: nothing is used), and the mails as they would go."""
    message = parse(path.read_bytes())
    allow = message.first(ALLOW)
    rules = policy(("\nallow:", f"\nallow: {allow}")) if allow else policy()
    place = replace(desk(rules), ours=replace(OURS, authserv_ids=frozenset({"mx.congty.example"})))
    at = datetime.fromisoformat(message.first(AT) or "")
    reading = read(message, rules, place.ours, arrived=at)
    decision = decide(message, reading, Past(), rules, arrived=at, now=at)
    told = report.fields(decision, rules, source=path.name)
    del told["limits"]
    told["plays"] = {play["name"]: play["failed"] or "fits" for play in told["plays"]}
    fields = json.dumps(told, ensure_ascii=False, indent=2)
    mails = Owed(place, Place("info", INBOX, 1, 1), message, decision, at).mails()
    replies = [_as_sent(mail.content or b"") for mail in mails if mail.kind is OutboxKind.REPLY]
    return "\n".join([fields, "---", *(replies or [NOTHING])]) + "\n"


def _as_sent(content: bytes) -> str:
    mail = message_from_bytes(content, policy=default)
    text = mail.get_content().replace("\r\n", "\n").rstrip()  # type: ignore[attr-defined]
    return f"To: {mail['To']}\nSubject: {mail['Subject']}\n\n{text}"
