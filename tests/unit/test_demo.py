"""`responder demo`: run once as a user runs it; what it shows, and what it leaves."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

import responder.demo
from responder.demo.timeline import Timeline
from responder.errors import Trouble
from responder.policy.calendar import Calendar

WITHIN = 60  # seconds


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "responder", "demo", "--out", "results"]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=WITHIN
    )
    return done, folder / "results"


def test_the_days_go_as_promised(played: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, _folder = played
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-3000:] + done.stderr
    assert "NOT SO" not in done.stdout
    assert done.stdout.count("  ✓ ") >= 12


def test_every_mail_is_told_and_five_are_answered(played: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    told = played[0].stdout
    assert told.count(" writes: ") == 12
    assert told.count("↩ automatic reply to ") == 5
    assert told.count("✎ draft for ") == 5
    assert told.count("▤ daily digest to ") == 3
    assert told.count("☎ alert to ") == 2
    assert told.count("✗ no automatic reply: ") == 7


def test_the_first_reply_is_shown_in_full(played: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    told = " ".join(played[0].stdout.replace("│", " ").split())
    assert (
        "Cảm ơn bạn đã liên hệ. Hiện tại, tôi đang ngoài giờ làm việc. "
        "Tôi sẽ trả lời email của bạn vào ngày làm việc tiếp theo." in told
    )
    assert "trong kỳ nghỉ Tết Nguyên Đán" in told
    assert "closed: day off, swapped for another" in told
    assert "open 08:00-17:00, worked for another day" in told
    assert "newsletter or mailing list" in told


def test_there_are_no_colours_where_nobody_looks(played: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    assert "\x1b" not in played[0].stdout


def test_the_last_digest_is_left_for_the_browser(played: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, folder = played
    html = (folder / "digest.html").read_text(encoding="utf-8")
    assert str(Path("results", "digest.html")) in done.stdout
    assert "<html" in html
    for name in ("Bùi Tiến Dũng", "Emily Carter"):
        assert name in html


def test_without_its_servers_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.startswith("responder.demo.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pymap.backend.dict", None)
    with pytest.raises(Trouble, match=r"pip install 'responder\[demo\]'"):
        responder.demo.run(tmp_path)


def test_a_promise_that_was_not_kept_is_told_loudly() -> None:
    paper = io.StringIO()
    calendar = Calendar(ZoneInfo("Asia/Ho_Chi_Minh"), {}, [])
    Timeline(Console(file=paper), calendar).promise("nothing went out", kept=False)
    assert "NOT SO: nothing went out" in paper.getvalue()
