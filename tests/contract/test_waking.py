"""servers/waking.py: real programs, a real web server: what they are told, how they fail, what is never shown."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from responder.errors import Trouble, TroubleKind
from responder.people import Webhook
from responder.secret import PasswordLiteral
from responder.servers.waking import SystemWaker
from tests.servers.waiting import wait_until
from tests.servers.website import Website

TOLD = {"headline": "[KHẨN CẤP] Cháy kho", "sender": 'Lan "Út" <lan@khach.example>', "number": "17", "times": "2"}
TOKEN = "a-token-nobody-may-see"


def program(tmp_path: Path, text: str) -> str:
    made = tmp_path / "ring"
    made.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    made.chmod(0o755)
    return str(made)


def run(*command: str, within: float = 20) -> None:
    asyncio.run(SystemWaker(within).run(command, TOLD))


def trouble_of(*command: str, within: float = 20) -> str:
    with pytest.raises(Trouble) as raised:
        run(*command, within=within)
    assert raised.value.kind is TroubleKind.WAKING
    return str(raised.value)


def test_a_program_gets_its_arguments_as_written_and_the_facts_as_json(tmp_path: Path) -> None:
    run(program(tmp_path, f'echo "$1|$2" > {tmp_path}/arguments; cat > {tmp_path}/told'), "a b; rm -rf /", "$HOME")
    assert (tmp_path / "arguments").read_text() == "a b; rm -rf /|$HOME\n"
    assert json.loads((tmp_path / "told").read_text(encoding="utf-8")) == TOLD


def test_a_program_that_reads_nothing_does_as_well(tmp_path: Path) -> None:
    run(program(tmp_path, "exit 0"))


def test_a_program_that_fails_is_told_without_its_words_which_may_quote_the_mail(tmp_path: Path) -> None:
    said = trouble_of(program(tmp_path, "cat >&2; exit 3"))
    assert "it ended with 3 — " in said
    assert "Cháy kho" not in said


def test_a_program_may_leave_something_running_behind_when_it_ends_well(tmp_path: Path) -> None:
    begun = time.monotonic()
    run(program(tmp_path, f"sleep 30 & echo $! > {tmp_path}/child; exit 0"))
    child = int((tmp_path / "child").read_text())
    assert (time.monotonic() - begun < 10, _is_running(child)) == (True, True)
    os.kill(child, signal.SIGKILL)


def test_a_webhook_whose_json_cannot_be_filled_in_is_trouble_like_any_other() -> None:
    webhook = Webhook.model_validate({"url": "https://hooks.example/x", "body": {"a": "{{ headline }}"}})
    with pytest.raises(Trouble, match="cannot be filled in") as raised:
        asyncio.run(SystemWaker().post(webhook, {}))
    assert raised.value.kind is TroubleKind.WAKING


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "it cannot be run (No such file or directory)" in trouble_of(str(tmp_path / "nowhere"))


def test_a_program_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    command = program(tmp_path, f"sleep 300 & echo $! > {tmp_path}/child; wait")
    begun = time.monotonic()
    assert "it did not end within 0.5 seconds" in trouble_of(command, within=0.5)
    assert time.monotonic() - begun < 10
    child = int((tmp_path / "child").read_text())
    wait_until(lambda: not _is_running(child), 5, "the child is gone")


def _is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def post(site: Website, **more: Any) -> None:
    asyncio.run(SystemWaker().post(Webhook.model_validate({"url": site.url, **more}), TOLD))


def test_a_webhook_gets_its_json_with_every_text_filled_in() -> None:
    body = {"text": "{{ headline }}: {{ sender }}", "fields": [{"n": "{{ times }}"}, "{{ number }}"]}
    headers = {"Authorization": PasswordLiteral(SecretStr(TOKEN))}
    with Website(status=204, body=b"") as site:
        post(site, body=body, headers=headers)
    (asked,) = site.asked
    assert json.loads(asked.body) == {
        "text": '[KHẨN CẤP] Cháy kho: Lan "Út" <lan@khach.example>',
        "fields": [{"n": "2"}, "17"],
    }
    assert (asked.headers["authorization"], asked.headers["content-type"]) == (TOKEN, "application/json")


def test_what_a_webhook_says_wrongly_is_told_without_its_address_or_headers() -> None:
    with Website(status=403) as site, pytest.raises(Trouble) as raised:
        post(site, body={"a": "b"}, headers={"X-Token": PasswordLiteral(SecretStr(TOKEN))})
    assert "HTTP 403" in str(raised.value)
    assert "secret" not in str(raised.value)
    assert TOKEN not in str(raised.value)


def test_a_webhooks_address_may_come_from_a_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with Website() as site:
        (tmp_path / "hook").write_text(f"{site.url}\n")
        webhook = Webhook.model_validate({"url": {"credential": "hook"}, "body": {"a": "b"}})
        asyncio.run(SystemWaker().post(webhook, TOLD))
    assert len(site.asked) == 1


def test_an_address_in_clear_from_a_credential_is_not_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "hook").write_text("http://hooks.example/secret\n")
    webhook = Webhook.model_validate({"url": {"credential": "hook"}, "body": {"a": "b"}})
    with pytest.raises(Trouble) as raised:
        asyncio.run(SystemWaker().post(webhook, TOLD))
    assert "secret" not in str(raised.value)


def test_programs_leave_no_open_descriptors_behind(tmp_path: Path) -> None:
    command = program(tmp_path, "exit 0")
    run(command)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        run(command)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
