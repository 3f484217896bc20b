"""config.py: where things are; passwords, paths, and the policies that accounts name."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from responder.config import Config, LoadedConfig, Mode, Security, SentCopy, load, read
from responder.document import Severity, Unusable
from responder.secret import (
    PasswordCommand,
    PasswordCredential,
    PasswordEnv,
    PasswordFile,
    PasswordLiteral,
)
from responder.web_address import is_loopback

ROOT = Path(__file__).parents[2]

POLICY = """\
language: en
timezone: Asia/Ho_Chi_Minh
hours: {mon-fri: "08:00-17:00"}
plays:
  - {name: all, do: {mark: flagged}}
"""
CONFIG = """\
state: state.db
accounts:
  info:
    address: info@congty.example
    name: Ví Dụ
    policy: policy.yaml
    imap: {host: imap.congty.example, port: 993, security: tls, user: info, password: SECRET}
    smtp: {host: localhost, port: 25, security: none}
people:
  manager: {name: Quản lý, address: quanly@congty.example}
"""


def config_with(secret: str) -> Config:
    config, problems = read(CONFIG.replace("SECRET", secret), "c", Path("/etc/responder"))
    assert problems == []
    assert config is not None
    return config


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG.replace("SECRET", "{env: PASS}"), encoding="utf-8")
    return tmp_path


def said(loaded: LoadedConfig) -> list[str]:
    return [str(problem) for problem in loaded.problems]


# ---------------------------------------------------------------- the text alone


def test_the_example_is_usable_as_it_stands() -> None:
    loaded = load(ROOT / "config.example.yaml", date(2026, 4, 20))

    assert loaded.config is not None
    assert {problem.severity for problem in loaded.problems} == {Severity.WARNING}
    account = loaded.config.accounts["info"]
    assert account.addresses() == ("info@congty.example", "lienhe@congty.example")
    assert account.policy == ROOT / "policies" / "vi-office.yaml"
    assert account.imap.password == PasswordCredential("info-password")
    assert loaded.config.mode is Mode.OBSERVE
    assert loaded.config.people["on_call"].address == "truc@congty.example"
    assert loaded.config.colleagues == ("congty.example",)
    assert loaded.policies["info"].timezone == "Asia/Ho_Chi_Minh"


def test_what_the_example_has_switched_off_is_usable_when_switched_on(tmp_path: Path) -> None:
    example = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    here, _, ring = example.partition("  on_call: {name")
    ring = ring.partition("\n")[2].replace("\n  #   ", "\n    ").replace("\n  # on_call:", "\n  on_call:")
    on = (here + ring).replace("# heartbeat:", "heartbeat:").replace("policies/", f"{ROOT}/policies/")
    (tmp_path / "config.yaml").write_text(on, encoding="utf-8")

    loaded = load(tmp_path / "config.yaml", date(2026, 4, 20))

    assert loaded.config is not None
    assert {problem.severity for problem in loaded.problems} == {Severity.WARNING}
    assert loaded.config.heartbeat is not None
    assert loaded.config.people["on_call"].wake is not None


def test_a_small_config_takes_the_defaults() -> None:
    config = config_with("{env: PASS}")
    account = config.accounts["info"]

    assert config.mode is Mode.OBSERVE
    assert config.state == Path("/etc/responder/state.db")
    assert (account.folders.inbox, account.folders.sent, account.folders.drafts) == ("INBOX", "auto", "auto")
    assert account.sent_copy is SentCopy.FILE
    assert account.poll == timedelta(minutes=2)
    assert account.smtp.security is Security.NONE
    assert account.smtp.user is None


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        ("{env: PASS}", PasswordEnv("PASS")),
        ("{file: secrets/info}", PasswordFile(Path("/etc/responder/secrets/info"))),
        ("{file: /run/info}", PasswordFile(Path("/run/info"))),
        ("{credential: info-password}", PasswordCredential("info-password")),
        ("{command: [pass, show, mail]}", PasswordCommand(("pass", "show", "mail"))),
    ],
)
def test_a_password_may_come_from_four_places(written: str, secret: object) -> None:
    assert config_with(written).accounts["info"].imap.password == secret


def test_a_literal_password_is_kept_as_written_and_never_shown() -> None:
    config = config_with("'12:30 '")
    secret = config.accounts["info"].imap.password

    assert isinstance(secret, PasswordLiteral)
    assert secret.password.get_secret_value() == "12:30 "
    assert "12:30" not in repr(config)
    assert "12:30" not in str(config.model_dump())


@pytest.mark.parametrize("name", ["..", "../shadow", "a/b"])
def test_a_credential_cannot_name_another_folder(name: str) -> None:
    _, problems = read(CONFIG.replace("SECRET", f"{{credential: {name}}}"), "c", Path())

    assert [problem.what for problem in problems] == [f"`{name}` cannot be the name of a credential"]


def test_only_this_machine_may_be_spoken_to_in_clear() -> None:
    assert all(is_loopback(host) for host in ("localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"))
    assert not any(
        is_loopback(host) for host in ("localhost.example", "10.0.0.1", "0.0.0.0", "127.0.0.1.example", "mail")
    )


# ---------------------------------------------------------------- files


def test_a_good_folder_loads_without_a_word(folder: Path) -> None:
    loaded = load(folder / "config.yaml")

    assert loaded.problems == ()
    assert loaded.config is not None
    assert list(loaded.policies) == list(loaded.digests) == ["info"]
    assert loaded.config.state == folder / "state.db"


def test_paths_start_from_the_folder_of_the_config_wherever_one_stands(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)

    loaded = load(Path(folder.name) / "config.yaml")

    assert loaded.problems == ()
    assert loaded.config is not None
    assert loaded.config.accounts["info"].policy == folder / "policy.yaml"


def test_a_missing_config_is_a_problem_of_the_whole_file(tmp_path: Path) -> None:
    loaded = load(tmp_path / "config.yaml")

    assert loaded.config is None
    assert said(loaded) == [
        f"{tmp_path}/config.yaml: cannot be read: No such file or directory"
        " — look at the path, and at who may read the file"
    ]


def test_a_folder_instead_of_a_file_is_a_problem_too(tmp_path: Path) -> None:
    assert "Is a directory" in said(load(tmp_path))[0]


@pytest.mark.parametrize(("mode", "usable"), [(0o600, True), (0o400, True), (0o640, False), (0o644, False)])
def test_a_literal_password_is_taken_from_a_private_file_only(folder: Path, mode: int, usable: bool) -> None:
    path = folder / "config.yaml"
    path.write_text(CONFIG.replace("SECRET", "geheim"), encoding="utf-8")
    path.chmod(mode)

    loaded = load(path)

    assert (loaded.config is not None) == usable
    assert not any("geheim" in line for line in said(loaded))


def test_a_password_elsewhere_needs_no_private_file(folder: Path) -> None:
    (folder / "config.yaml").chmod(0o644)

    assert load(folder / "config.yaml").config is not None


HEARTBEAT = "heartbeat: {url: https://hc.example/geheim}\n"
WAKE = "manager: {name: Quản lý, address: quanly@congty.example, wake: {webhook: {url: https://x.example/geheim}}}"


@pytest.mark.parametrize(("mode", "warnings"), [(0o600, 0), (0o644, 2)])
def test_an_address_as_good_as_a_password_is_warned_of_in_a_file_for_all_to_read(
    folder: Path, mode: int, warnings: int
) -> None:
    path = folder / "config.yaml"
    text = path.read_text(encoding="utf-8").replace("manager: {name: Quản lý, address: quanly@congty.example}", WAKE)
    path.write_text(text + HEARTBEAT, encoding="utf-8")
    path.chmod(mode)

    loaded = load(path)

    assert loaded.config is not None
    assert [problem.severity for problem in loaded.problems] == [Severity.WARNING] * warnings
    assert not any("geheim" in line for line in said(loaded))


def test_an_address_that_comes_from_elsewhere_is_not_warned_of(folder: Path) -> None:
    path = folder / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "heartbeat: {url: {env: HEARTBEAT_URL}}\n", encoding="utf-8")
    path.chmod(0o644)

    assert load(path).problems == ()


@pytest.mark.parametrize(
    ("watch", "content", "may_pass"),
    [
        ("    watch: yes\n", None, True),
        ("    watch: có\n", None, True),
        ("    watch: no\n", None, False),
        ("    watch: perhaps\n", None, False),
        ("", None, False),
        ("    watch: yes\n", b"\xff", False),
        ("    watch: yes\n", b"language: xx\n", False),
    ],
)
def test_only_a_watched_policy_that_cannot_be_opened_may_come_back_by_itself(
    folder: Path, watch: str, content: bytes | None, may_pass: bool
) -> None:
    path = folder / "config.yaml"
    text = path.read_text(encoding="utf-8").replace("    policy: policy.yaml\n", f"    policy: policy.yaml\n{watch}")
    path.write_text(text, encoding="utf-8")
    if content is None:
        (folder / "policy.yaml").unlink()
    else:
        (folder / "policy.yaml").write_bytes(content)

    assert Unusable(load(path).problems).may_pass == may_pass


def test_problems_of_the_policy_make_the_config_unusable(folder: Path) -> None:
    (folder / "policy.yaml").write_text(POLICY.replace("08:00-17:00", "08:00-25:00"), encoding="utf-8")

    loaded = load(folder / "config.yaml")

    assert loaded.config is None
    assert loaded.policies == {}
    assert said(loaded)[0].startswith(f"{folder}/policy.yaml:3:18: `08:00-25:00`")


def test_a_policy_of_two_accounts_is_complained_about_once(folder: Path) -> None:
    (folder / "policy.yaml").write_text(POLICY + "zzz: 1\n", encoding="utf-8")
    text = CONFIG.replace("SECRET", "{env: A}")
    account = text[text.index("  info:") : text.index("people:")]
    second = account.replace("info:", "sales:").replace("info@", "sales@")
    (folder / "config.yaml").write_text(text.replace("people:", second + "people:"), encoding="utf-8")

    assert len(load(folder / "config.yaml").problems) == 1


def test_warnings_leave_the_config_usable(folder: Path) -> None:
    (folder / "policy.yaml").write_text(POLICY + 'urgent_phone: "0900 000 000"\n', encoding="utf-8")

    loaded = load(folder / "config.yaml", date(2026, 5, 1))

    assert loaded.config is not None
    assert [problem.severity for problem in loaded.problems] == [Severity.WARNING] * 2


@pytest.mark.parametrize("written", ["never", "Never", "NEVER", "0", "0 days"])
def test_words_that_are_never_kept_may_be_said_in_any_way(written: str) -> None:
    config, problems = read(f"{CONFIG.replace('SECRET', '{env: PASS}')}keep_text: {written}\n", "c", Path())
    assert config is not None, problems
    assert config.keep_text == timedelta()
