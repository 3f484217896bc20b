"""`init`, `check`, `policy schema`, `demo`: what they find, what they write, and where the config is looked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from responder.errors import Trouble, TroubleKind
from responder.mail.automatic import Filed
from tests.cli_office import ENGLISH, POLICY, ROOT, CliOffice, make_office, responder
from tests.fakes import FakeMailbox


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESPONDER_CONFIG", raising=False)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    return make_office(tmp_path, monkeypatch)


# ---------------------------------------------------------------- init


def test_init_writes_the_shipped_files_and_says_what_comes_next(tmp_path: Path) -> None:
    result = responder("init", "office")
    assert result.exit_code == 0
    assert (tmp_path / "office/config.yaml").read_text() == (ROOT / "config.example.yaml").read_text()
    assert (tmp_path / "office/policies/vi-office.yaml").read_text() == POLICY.read_text()
    assert (tmp_path / "office/policies/en-office.yaml").read_text() == ENGLISH.read_text()
    assert "responder check office/config.yaml" in result.stdout


def test_init_begins_in_observe_mode() -> None:
    responder("init", "office")
    assert "\nmode: observe " in Path("office/config.yaml").read_text()


def test_init_then_check_finds_no_problem() -> None:
    responder("init", "office")
    result = responder("check", "office/config.yaml")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].startswith("office/config.yaml: no problems")


def test_init_overwrites_nothing() -> None:
    Path("office/policies").mkdir(parents=True)
    Path("office/policies/vi-office.yaml").write_text("mine")
    result = responder("init", "office")
    assert result.exit_code == 1
    assert "office/policies/vi-office.yaml: is there already; nothing was written — " in result.stderr
    assert Path("office/policies/vi-office.yaml").read_text() == "mine"
    assert not Path("office/config.yaml").exists()


def test_init_where_nothing_can_be_written_is_told() -> None:
    Path("file").write_text("")
    result = responder("init", "file")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


# ---------------------------------------------------------------- check


def test_check_tells_every_problem_with_its_place_and_ends_with_a_count(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text('language: xx\ntimezone: Asia/Hanoi\nhours: {mon-fri: "08:00-17:00"}\nplays: []\n')
    result = responder("check", path)
    assert result.exit_code == 1
    *problems, summary = result.stdout.splitlines()
    assert any(line.startswith(f"{path}:1:11: ") for line in problems)
    assert any(line.startswith(f"{path}:2:11: ") and "Asia/Ho_Chi_Minh" in line for line in problems)
    assert summary.startswith(f"{path}: 2 problems")


def test_check_of_a_config_checks_its_policies_too(office: CliOffice, tmp_path: Path) -> None:
    policy = tmp_path / "bad.yaml"
    policy.write_text("language: xx\n")
    office.write_config(policy=policy)
    result = responder("check", office.config)
    assert result.exit_code == 1
    assert f"{policy}:1:11: " in result.stdout


def test_check_warnings_do_no_harm(office: CliOffice) -> None:
    result = responder("check", POLICY)
    assert result.exit_code == 0
    assert "warning: this is the example's telephone number" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("warnings")


@pytest.mark.parametrize("what", ["missing.yaml", ".", "/dev/null"])
def test_check_of_what_is_no_file_is_wrong_use(what: str) -> None:
    result = responder("check", what)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{what}: ")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00garbage", b"", b"{{{", b"- a\n- b\n", b"\x00" * 100])
def test_check_of_garbage_finds_problems(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    result = responder("check")
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_no_config_anywhere_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("responder.cli.files.PLACES", (Path("config.yaml"), Path("etc/config.yaml")))
    result = responder("check")
    assert result.exit_code == 2
    assert "looked for config.yaml and etc/config.yaml" in result.stderr
    assert "responder init DIR" in result.stderr


def test_the_config_is_looked_for_in_this_order(
    office: CliOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.cli.files.PLACES", (Path("config.yaml"), tmp_path / "etc.yaml"))
    text = office.config.read_text()
    office.config.unlink()
    (tmp_path / "etc.yaml").write_text(text)
    assert responder("check").stdout.splitlines()[-1].startswith(f"{tmp_path}/etc.yaml: ")
    office.config.write_text(text)
    assert responder("check").stdout.splitlines()[-1].startswith("config.yaml: ")
    (tmp_path / "env.yaml").write_text(text)
    monkeypatch.setenv("RESPONDER_CONFIG", "env.yaml")
    assert responder("check").stdout.splitlines()[-1].startswith("env.yaml: ")
    (tmp_path / "option.yaml").write_text(text)
    assert responder("check", "-c", "option.yaml").stdout.splitlines()[-1].startswith("option.yaml: ")


def test_check_connect_tells_what_the_servers_do_not_let_us_do(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.daemon.parts.mailbox", _FullMailbox)
    result = responder("check", "--connect")
    assert result.exit_code == 1
    assert "info: IMAP fake:993: logged in; INBOX holds no messages; IDLE; sent in “Sent”; no drafts" in result.stdout
    assert "info: localhost:1: the connection was refused" in result.stderr


def test_check_connect_tells_a_refused_login(office: CliOffice) -> None:
    trouble = Trouble(TroubleKind.LOGIN, "fake:993", "user name or password refused", "check them")
    office.box.fail("connect", trouble)
    result = responder("check", "--connect")
    assert result.exit_code == 1
    assert "info: fake:993: user name or password refused — check them" in result.stderr


def test_check_connect_of_a_policy_is_wrong_use() -> None:
    assert responder("check", "--connect", POLICY).exit_code == 2


class _FullMailbox(FakeMailbox):
    """With what only the adapter has."""

    where = "fake:993"
    filed = Filed.ORDINARY

    def __init__(self, _desk: object) -> None:
        super().__init__()

    def offers(self) -> frozenset[str]:
        return frozenset({"IMAP4REV1", "IDLE"})

    def folder(self, special: str) -> str | None:
        return "Sent" if special == "sent" else None

    def folder_names(self) -> tuple[str, ...]:
        return ("INBOX", "Sent", "Nháp")

    def newest(self, _count: int) -> tuple[()]:
        return ()


# ---------------------------------------------------------------- policy, demo, run


def test_policy_schema_is_json() -> None:
    result = responder("policy", "schema")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["title"] == "Responder policy"


@pytest.mark.parametrize("code", [0, 1])
def test_demo_ends_as_the_demo_does(code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Path] = []

    def run(out: Path) -> int:
        asked.append(out)
        return code

    monkeypatch.setattr("responder.demo.run", run)
    assert responder("demo", "--out", tmp_path).exit_code == code
    assert asked == [tmp_path]


@pytest.mark.parametrize("command", ["run", "once", "digest", "status", "queue", "ledger"])
def test_every_command_refuses_a_broken_config_with_exit_code_2(command: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("mode: sometimes\n")
    result = responder(command)
    assert result.exit_code == 2
    assert "config.yaml:1:7: " in result.stderr


@pytest.mark.parametrize("command", ["run", "once"])
def test_a_state_that_cannot_be_made_is_told(command: str, office: CliOffice) -> None:
    office.config.write_text(office.config.read_text().replace("state: state.db", "state: nowhere/state.db"))
    result = responder(command)
    assert result.exit_code == 1
    assert "create the folder of `state`" in result.stderr
