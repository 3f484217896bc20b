"""What others on this machine may read, and what somebody may have planted for root to follow."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from responder.config import load
from responder.errors import Trouble
from responder.servers.oauth import Token, TokenFile
from responder.store.lock import StateLock
from responder.store.store import Store
from tests.cli_office import POLICY

NOW = datetime(2026, 11, 21, 15, 10, tzinfo=UTC)
CONFIG = """\
state: state.db
accounts:
  info:
    address: info@congty.example
    name: Công ty Ví Dụ
    policy: {policy}
    imap: {{host: localhost, port: 1, security: none, user: info, password: {password}}}
    smtp: {{host: localhost, port: 1, security: none}}
people:
  manager: {{name: Quản lý, address: quanly@congty.example}}
  on_call:
    name: Trực
    address: truc@congty.example
    wake: {{webhook: {{url: {url}, headers: {{X-Token: {token}}}}}}}
heartbeat: {{url: {url}}}
"""
SECRETS = {"password": "{env: A}", "url": "https://hooks.example/t", "token": "{env: B}"}


@pytest.fixture
def everybody_may() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def problems(folder: Path, **secrets: str) -> list[str]:
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(policy=POLICY, **{**SECRETS, **secrets}), encoding="utf-8")
    config.chmod(0o600)
    return [str(problem) for problem in load(config).problems if problem.severity.value == "error"]


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder to which everybody can come; `tmp_path` lies behind one that is closed."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o666, 0o602, 0o444])
@pytest.mark.parametrize("kind", ["password", "token", "url"])
def test_a_secret_in_a_file_that_everybody_can_read_is_refused(public: Path, kind: str, mode: int) -> None:
    (public / "secret").write_text("https://hooks.example/t/rat-bi-mat")
    (public / "secret").chmod(mode)
    told = problems(public, **{kind: "{file: secret}"})
    assert told
    assert all("which everybody on this machine can read or change" in line for line in told)
    assert all("chmod 600" in line and "mount it with mode 0400" in line for line in told)
    assert not any("rat-bi-mat" in line for line in told)


def test_a_secret_to_which_nobody_else_can_come_is_taken_whatever_its_own_mode(public: Path) -> None:
    closed = public / "closed" / "deeper"
    closed.mkdir(parents=True)
    (closed / "secret").write_text("rat-bi-mat")
    (closed / "secret").chmod(0o644)
    assert problems(public, password="{file: closed/deeper/secret}")
    closed.parent.chmod(0o700)
    assert problems(public, password="{file: closed/deeper/secret}") == []
    (public / "link").symlink_to(closed / "secret")
    assert problems(public, password="{file: link}") == []


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640, 0o711])
def test_a_secret_in_a_file_for_the_service_or_its_group_is_taken(public: Path, mode: int) -> None:
    (public / "secret").write_text("rat-bi-mat")
    (public / "secret").chmod(mode)
    assert problems(public, password="{file: secret}") == []
    assert problems(public, password="{file: not-there-yet}") == []


def test_behind_a_link_it_is_the_file_that_counts(tmp_path: Path, public: Path) -> None:
    (public / "open").write_text("rat-bi-mat")
    (public / "open").chmod(0o644)
    (tmp_path / "secret").symlink_to(public / "open")
    assert problems(tmp_path, password="{file: secret}")
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(policy=POLICY, **{**SECRETS, "password": "rat-bi-mat"}), encoding="utf-8")
    config.chmod(0o644)
    (tmp_path / "linked.yaml").symlink_to(config)
    told = [str(problem) for problem in load(tmp_path / "linked.yaml").problems]
    assert any("the password stands in a file that others can read" in line for line in told)
    assert not any("rat-bi-mat" in line for line in told)


@pytest.mark.usefixtures("everybody_may")
def test_the_state_is_for_its_owner_whatever_the_umask(tmp_path: Path) -> None:
    with closing(Store.open(tmp_path / "state.db")):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes["state.db"] == 0o600
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(("before", "after"), [(0o644, 0o640), (0o666, 0o660), (0o640, 0o640), (0o600, 0o600)])
def test_a_state_that_was_copied_for_all_to_read_is_closed_to_them(tmp_path: Path, before: int, after: int) -> None:
    state = tmp_path / "state.db"
    Store.open(state).close()
    state.chmod(before)
    Store.open(state).close()
    assert stat.S_IMODE(state.stat().st_mode) == after


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    """The state's folder is the service's: root, who restores, must not overwrite what a link there leads to."""
    (tmp_path / "shadow").write_text("precious")
    (tmp_path / "state.db.lock").symlink_to("shadow")
    with pytest.raises(Trouble):
        StateLock(tmp_path / "state.db").acquire(NOW)
    assert (tmp_path / "shadow").read_text() == "precious"


@pytest.mark.parametrize(
    ("planted", "leads_to"),
    [
        ("tokens/info.lock", "nothing-yet"),
        ("tokens/info.lock", "shadow"),
        ("tokens/info.new", "shadow"),
        ("tokens", "."),
    ],
)
def test_a_link_in_the_place_of_the_tokens_is_not_followed(tmp_path: Path, planted: str, leads_to: str) -> None:
    target = tmp_path / "etc"
    target.mkdir()
    (target / "shadow").write_text("precious")
    if planted == "tokens":
        (tmp_path / "tokens").symlink_to(target)
    else:
        (tmp_path / "tokens").mkdir()
        (tmp_path / planted).symlink_to(target / leads_to)
    file = TokenFile(tmp_path / "tokens" / "info.json")
    try:
        with file.locked():
            file.write(Token("access", 0.0, "refresh"))
    except Trouble as trouble:
        assert "tokens" in str(trouble)  # noqa: PT017 - it may also have gone well, beside the link
    assert (target / "shadow").read_text() == "precious"
    assert [path.name for path in target.iterdir()] == ["shadow"]
