"""Whatever a stranger writes, and whatever a server says: no command prints what a terminal, a journal, a spreadsheet
or a browser would take for more than letters.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import aiosmtplib
import click
import pytest
from imapclient.exceptions import LoginError
from rich.console import Console

from responder.cli import cli, screen
from responder.demo.timeline import Timeline
from responder.mail.echo import UNSAFE
from responder.policy.load import load
from responder.servers.faults import translate
from responder.servers.journal import OneLine
from responder.store.store import Store
from tests.cli_office import POLICY, SATURDAY_NIGHT, CliOffice, make_office

ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b[8m\x9b31m\x90"  # clear, retitle, conceal; and their C1 spelling
BIDI = "\u202egnirts\u2066x\u2069\u061c"
HIDDEN = "\u200b\u2060\ufeff\U000e0041\u206a"
FORGED = "\r\n99 2026-11-21 boss@congty.example forged\n"
EVIL = f"A{ESCAPES}{BIDI}{HIDDEN}{FORGED}[red]x[/red][link=http://evil.example]y[/link]<script>alert(1)</script>"
OURS = re.compile(
    r"\x1b\[(?:[012]|3[1-6])(?:;(?:[012]|3[1-6]))*m"
)  # bold, dim and colours, as click and rich write them

COMMANDS = [
    ("ledger",), ("ledger", "--format", "csv"), ("ledger", "--format", "json"),
    ("ledger", "--sender", "evil@evil.example"),
    ("queue",), ("queue", "show", "1"), ("queue", "show", "2"), ("queue", "show", "3"),
    ("status",), ("status", "--json"), ("ack",), ("digest", "--preview"),
    ("explain", "--id", "1"), ("explain", "--id", "1", "--json"), ("explain", "--id", "2"),
    ("explain", "evil.eml"), ("explain", "--json", "evil.eml"), ("explain", "no\x1b[2Jsuch\n.eml"),
    ("once", "--dry-run", "--last", "5"),
    ("ledger", "note", "evil@evil.example", EVIL), ("pause", "--reason", EVIL), ("check",),
    (f"no{ESCAPES}such", "--command"), ("queue", "show", "99"), ("--config", f"{ESCAPES}.yaml", "status"),
]  # fmt: skip


def evil_mail(subject: str = EVIL, text: str = EVIL, sender: str = "evil@evil.example") -> bytes:
    """Raw octets: no library would write them."""
    words = subject.replace("\r", "\r ").replace("\n", "\n ")
    encoded = "=?utf-8?q?" + "".join(f"={octet:02X}" for octet in subject.encode()) + "?="
    return (
        f'From: "{words}" <{sender}>\r\nReturn-Path: <{sender}>\r\nTo: info@congty.example\r\nSubject: {encoded}\r\n'
        f"Message-ID: <{len(subject)}.{len(text)}@evil.example>\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f'X-Mailer: {words}\r\n\r\nCháy kho, cần gấp! {text}\r\n'
    ).encode()  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CliOffice]:
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        monkeypatch.delenv("RESPONDER_CONFIG", raising=False)
        office = make_office(folder, monkeypatch)
        office.triage()
        (folder / "evil.eml").write_bytes(evil_mail())
        office.box.deliver(evil_mail(), SATURDAY_NIGHT)
        office.box.deliver(evil_mail("hi", "x", "evil\u202e@evil.example"), SATURDAY_NIGHT)
        office.box.deliver(evil_mail("=cmd|' /C calc'!A0;=1+1", "x", "other@evil.example"), SATURDAY_NIGHT)
        office.triage()
        with closing(Store.open(office.state)) as store:
            trouble = translate(LoginError(f"go away {EVIL}"), "imap.example:993")
            store.note_trouble("info", trouble.kind, str(trouble), SATURDAY_NIGHT)
        yield office


def printed(office: CliOffice, *arguments: str) -> str:
    """All that a terminal would get, with the colours that it would get."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", out)
        with pytest.raises(SystemExit):
            cli.main(["--config", str(office.config), *arguments], color=True)
    out.flush()
    buffer = out.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: re.sub(r"[^\w -]", "", " ".join(command))[:40])
def test_no_command_prints_what_plays_tricks(office: CliOffice, command: tuple[str, ...]) -> None:
    said = OURS.sub("", printed(office, *command))
    assert said.strip()
    assert UNSAFE.findall(said.replace("\n", "").replace("\t", "")) == []
    assert not [line for line in said.splitlines() if line.startswith("99 ")], "no line is forged"
    if "--json" in command or "json" in command:
        assert [json.loads(line) for line in said.splitlines()]


def test_the_gate_alone_holds_back_what_a_command_forgot_to_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    with screen.guarded():
        print(f"\x1b[1mbold\x1b[0m\t{EVIL}", flush=True)
    assert sys.stdout is out
    assert UNSAFE.findall(OURS.sub("", out.getvalue()).replace("\n", "").replace("\t", "")) == []
    assert out.getvalue().startswith("\x1b[1mbold\x1b[0m\tA")


def gated(write: Callable[[], object], encoding: str = "utf-8") -> str:
    """What comes out behind the gate."""
    octets = io.BytesIO()
    out = io.TextIOWrapper(octets, encoding=encoding, newline="")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(sys, "stdout", out)
        with screen.guarded():
            write()
    out.flush()
    return octets.getvalue().decode()


@pytest.mark.parametrize("style", ["dim", "bold dim", "bold", "bold red", "green", "dim yellow", "dim bold cyan"])
def test_every_style_that_we_use_gets_through_the_gate_as_it_is(style: str) -> None:
    said = gated(lambda: Console(force_terminal=True, color_system="standard").print("chữ", style=style))
    assert screen.CUT not in said
    assert said.startswith("\x1b[")


def test_the_demo_is_as_readable_on_a_terminal_as_in_a_file() -> None:
    def show() -> None:
        policy = load(POLICY.read_text(encoding="utf-8"), "policy.yaml").policy
        assert policy is not None
        timeline = Timeline(Console(force_terminal=True, color_system="standard", width=80), policy.calendar())
        timeline.at(SATURDAY_NIGHT)
        timeline.promise("nothing is doubled", kept=True)
        timeline.opening()

    said = gated(show)
    assert "\x1b[2m━━" in said
    assert f"{screen.CUT}[" not in said


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_nothing_walks_round_the_gate(encoding: str) -> None:
    for write in (
        lambda: sys.stdout.writelines([EVIL, EVIL]),
        lambda: click.echo(EVIL, color=True),
        lambda: print(EVIL),
        lambda: click.echo(EVIL.encode(), color=True),
        lambda: sys.stdout.buffer.write(EVIL.encode()),
    ):
        said = gated(write, encoding)
        assert said.startswith("A")
        assert UNSAFE.findall(said.replace("\n", "")) == []


@pytest.mark.parametrize("code", ["30", "37", "1;30", "8", "47"])
def test_no_text_is_written_in_the_colour_of_the_screen(code: str) -> None:
    assert gated(lambda: print(f"\x1b[{code}mhidden")) == f"{screen.CUT}[{code}mhidden\n"


def test_markup_of_mail_is_shown_as_it_was_written(office: CliOffice) -> None:
    assert "[red]x[/red]" in printed(office, "ledger")


def test_json_keeps_every_character_and_shows_none_that_plays_tricks(office: CliOffice) -> None:
    [line, *_] = printed(office, "ledger", "--format", "json").splitlines()
    assert "\u202e" in json.loads(line)["subject"]
    assert "\\u202e" in line


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_no_cell_of_the_csv_is_run_whatever_parts_lists_in_that_country(office: CliOffice, delimiter: str) -> None:
    text = printed(office, "ledger", "--format", "csv")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row]
    assert any("calc" in cell for cell in cells)
    assert [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@"))] == []


def test_the_report_in_html_runs_nothing_and_hides_nothing(office: CliOffice) -> None:
    printed(office, "digest", "--html", "report.html")
    html = Path("report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert UNSAFE.findall(html.replace("\n", "")) == []


# ---------------------------------------------------------------- what servers say, and the journal


@pytest.mark.parametrize("error", [LoginError(EVIL), aiosmtplib.SMTPResponseException(554, EVIL), OSError(EVIL)])
def test_what_a_server_says_is_one_line_of_letters(error: Exception) -> None:
    told = str(translate(error, "mail.example:993"))
    assert UNSAFE.findall(told) == []
    assert len(told) < 500


def test_no_line_of_the_journal_can_be_forged() -> None:
    def record(text: str) -> logging.LogRecord:
        return logging.LogRecord("responder", logging.INFO, __file__, 1, "heard %s", (text,), None)

    line = OneLine("%(asctime)s %(message)s").format(record(EVIL))
    assert UNSAFE.findall(line) == []
    broken = record("x")
    broken.exc_info = (ValueError, ValueError(EVIL), None)
    lines = OneLine("%(message)s").format(broken).split("\n")
    assert UNSAFE.findall("".join(lines)) == []
    assert lines[0] == "heard x"
