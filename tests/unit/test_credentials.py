"""servers/credentials.py: where a password comes from, and that it is never shown."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from responder.errors import Trouble, TroubleKind
from responder.secret import PasswordCommand, PasswordCredential, PasswordEnv, PasswordFile, PasswordLiteral, Secret
from responder.servers import credentials
from responder.servers.credentials import password

SECRET = "mật khẩu bí mật"


def refused(secret: Secret) -> Trouble:
    with pytest.raises(Trouble) as trouble:
        password(secret)
    assert trouble.value.kind is TroubleKind.CREDENTIAL
    assert SECRET not in str(trouble.value)
    return trouble.value


def python(program: str) -> PasswordCommand:
    return PasswordCommand((sys.executable, "-c", program))


def test_a_password_in_the_config_is_that() -> None:
    assert password(PasswordLiteral(SecretStr(SECRET))) == SECRET
    assert SECRET not in repr(PasswordLiteral(SecretStr(SECRET)))


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_password_file_may_end_with_a_line_break(tmp_path: Path, end: str) -> None:
    (tmp_path / "password").write_bytes((SECRET + end).encode())
    assert password(PasswordFile(tmp_path / "password")) == SECRET


def test_spaces_belong_to_a_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(" a b \n")
    assert password(PasswordFile(tmp_path / "password")) == " a b "


def test_only_the_first_line_of_a_file_is_the_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("first\nuser: info\n")
    assert password(PasswordFile(tmp_path / "password")) == "first"


def test_a_changed_file_is_taken_at_the_next_login(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("old")
    assert password(PasswordFile(file)) == "old"
    file.write_text("new")
    assert password(PasswordFile(file)) == "new"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "nothing") in str(refused(PasswordFile(tmp_path / "nothing")))


def test_a_file_that_is_no_text_is_named_but_not_shown(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(b"\xff\xfe" + SECRET.encode("utf-16-le"))
    refused(PasswordFile(tmp_path / "password"))


def test_an_empty_file_holds_no_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("\n")
    assert "empty" in str(refused(PasswordFile(tmp_path / "password")))


def test_a_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFO_PASSWORD", SECRET)
    assert password(PasswordEnv("INFO_PASSWORD")) == SECRET
    monkeypatch.delenv("INFO_PASSWORD")
    assert "INFO_PASSWORD" in str(refused(PasswordEnv("INFO_PASSWORD")))


def test_a_systemd_credential_is_read_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "info-password").write_text(SECRET + "\n")
    assert password(PasswordCredential("info-password")) == SECRET
    assert "other" in str(refused(PasswordCredential("other")))


def test_without_systemd_a_credential_is_refused_with_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(credentials, "INSTALLED", tmp_path / "not-installed")
    assert "{file: …}" in str(refused(PasswordCredential("info-password")))


def test_a_command_run_by_hand_finds_the_credential_where_systemd_would_take_it_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(credentials, "INSTALLED", tmp_path)
    (tmp_path / "info-password").write_text(SECRET + "\n")
    assert password(PasswordCredential("info-password")) == SECRET


def test_who_may_not_look_into_the_folder_of_credentials_is_told_to_use_sudo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(credentials, "INSTALLED", tmp_path)
    monkeypatch.setattr("os.access", lambda *_: False)  # root may look everywhere
    assert "sudo" in str(refused(PasswordCredential("info-password")))


def test_a_command_prints_the_password_on_its_first_line() -> None:
    assert password(python("print('geheim')")) == "geheim"
    assert password(python("print('geheim'); print('user: info')")) == "geheim"


@pytest.mark.parametrize(
    "program", [f"import sys; print({SECRET!r}); sys.exit(1)", f"raise SystemExit({SECRET!r})", "pass"]
)
def test_a_command_that_fails_or_prints_nothing_is_named_but_not_what_it_said(program: str) -> None:
    assert sys.executable in str(refused(python(program)))


def test_a_command_that_is_not_there_is_named() -> None:
    assert "/no/such/program" in str(refused(PasswordCommand(("/no/such/program",))))


def test_a_command_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "COMMAND_TIMEOUT", 0.2)
    assert "failed" in str(refused(python("import time; time.sleep(30)")))
