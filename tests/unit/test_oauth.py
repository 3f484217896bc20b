"""servers/oauth.py against a token server on loopback: tokens are had, kept, renewed ahead, and refusals told."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from responder.config import Endpoints, OAuth
from responder.errors import Trouble, TroubleKind
from responder.providers import Authority, Flow
from responder.secret import PasswordEnv, PasswordLiteral
from responder.servers.oauth import AHEAD, REST, KeptTokens, NotYet, Token, TokenFile, TokenServer
from tests.servers.process import LOOPBACK, free_ports
from tests.servers.tokens import CLIENT, SECRET
from tests.servers.tokens import TokenServer as Given

USER = "info@congty.example"
ADDRESSES_IN_CLEAR = "OAUTHLIB_INSECURE_TRANSPORT"  # oauthlib itself knows no loopback exception


class Now:
    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def given() -> Iterator[Given]:
    with Given(USER) as server:
        yield server


@pytest.fixture
def now() -> Now:
    return Now()


def settings(given: Given, folder: Path, flow: Flow = Flow.DEVICE, secret: str | None = None) -> OAuth:
    return OAuth(
        provider=Authority.GOOGLE if flow is Flow.LOOPBACK else Authority.MICROSOFT,
        client_id=CLIENT,
        client_secret=PasswordLiteral(SecretStr(secret)) if secret else None,
        tenant="congty.example",
        flow=flow,
        endpoints=Endpoints(**given.endpoints),
        tokens=folder / "tokens" / "info.json",
    )


def kept(given: Given, folder: Path, now: Now, refresh: str = "refresh-1", life: float = 0.0) -> KeptTokens:
    """Somebody has logged in; the token lasts so many more seconds."""
    given.refresh_tokens.add("refresh-1")
    given.good.add("access-0")
    TokenFile(folder / "tokens" / "info.json").write(Token("access-0", now() + life, refresh))
    return KeptTokens(settings(given, folder), "info", now)


def trouble_of(tokens: KeptTokens) -> Trouble:
    with pytest.raises(Trouble) as raised:
        tokens.access()
    return raised.value


# ---------------------------------------------------------------- renewing


def test_a_token_that_lasts_is_used_without_asking_anybody(given: Given, tmp_path: Path, now: Now) -> None:
    assert kept(given, tmp_path, now, life=AHEAD + 1).access() == "access-0"
    assert given.asked == []


def test_a_token_is_renewed_minutes_before_its_end_and_kept(given: Given, tmp_path: Path, now: Now) -> None:
    tokens = kept(given, tmp_path, now, life=AHEAD - 1)
    fresh = tokens.access()
    assert fresh in given.good
    assert fresh != "access-0"
    assert tokens.access() == fresh
    assert given.grants() == ["refresh_token"]
    assert KeptTokens(settings(given, tmp_path), "info", now).access() == fresh
    now.at += given.life - AHEAD
    assert tokens.access() != fresh


def test_the_old_refresh_token_stays_where_the_server_gives_no_new_one(given: Given, tmp_path: Path, now: Now) -> None:
    tokens = kept(given, tmp_path, now)
    tokens.access()
    read = TokenFile(tmp_path / "tokens" / "info.json").read()
    assert read is not None
    assert read.refresh == "refresh-1"


def test_a_token_that_the_mail_server_refused_is_renewed_before_its_time(
    given: Given, tmp_path: Path, now: Now
) -> None:
    tokens = kept(given, tmp_path, now, life=3600)
    fresh = tokens.renewed("access-0")
    assert fresh in given.good
    assert tokens.renewed("access-0") == fresh, "the other connection has renewed it already"
    assert given.grants() == ["refresh_token"]


def test_two_threads_renew_once(given: Given, tmp_path: Path, now: Now) -> None:
    tokens = kept(given, tmp_path, now)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(tokens.access())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 4
    assert len(set(found)) == 1
    assert given.grants() == ["refresh_token"]


def test_somebody_who_keeps_the_lock_is_not_waited_for_for_ever(
    given: Given, tmp_path: Path, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.servers.oauth.LOCK_WITHIN", 0.1)
    tokens = kept(given, tmp_path, now)
    with TokenFile(tmp_path / "tokens" / "info.json").locked():
        assert "are held by somebody else" in trouble_of(tokens).what
    assert tokens.access() in given.good


def test_a_scope_other_than_asked_for_does_no_harm(given: Given, tmp_path: Path, now: Now) -> None:
    kept(given, tmp_path, now).access()
    assert given.asked[0]["scope"].startswith("https://outlook.office.com/IMAP.AccessAsUser.All ")


# ---------------------------------------------------------------- the file


def test_tokens_are_for_their_owner_only_whatever_the_umask(given: Given, tmp_path: Path, now: Now) -> None:
    before = os.umask(0)
    try:
        kept(given, tmp_path, now).access()
    finally:
        os.umask(before)
    folder = tmp_path / "tokens"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "info.json": 0o600,
        "info.lock": 0o600,
    }


@pytest.mark.parametrize("content", ["", "no json", "[]", '{"access_token": 1}', '{"refresh_token": "x"}'])
def test_a_broken_file_is_as_if_nobody_had_logged_in(content: str, given: Given, tmp_path: Path, now: Now) -> None:
    tokens = kept(given, tmp_path, now)
    (tmp_path / "tokens" / "info.json").write_text(content)
    assert "nobody has agreed" in trouble_of(tokens).what


def test_a_file_that_cannot_be_written_leaves_the_token_good(
    given: Given, tmp_path: Path, now: Now, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = kept(given, tmp_path, now)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert tokens.access() in given.good
    assert "No space left on device" in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes for others")
def test_what_root_writes_belongs_to_the_owner_of_the_state(given: Given, tmp_path: Path, now: Now) -> None:
    os.chown(tmp_path, 65534, 65534)
    kept(given, tmp_path, now).access()
    folder = tmp_path / "tokens"
    assert {path.stat().st_uid for path in (folder, *folder.iterdir())} == {65534}


def test_no_state_folder_is_told(given: Given, tmp_path: Path) -> None:
    tokens = KeptTokens(settings(given, tmp_path / "missing"), "info")
    assert "the folder of `state` must be there" in trouble_of(tokens).remedy


# ---------------------------------------------------------------- refusals


def test_before_the_first_login_the_remedy_is_the_command(given: Given, tmp_path: Path) -> None:
    trouble = trouble_of(KeptTokens(settings(given, tmp_path), "info"))
    assert trouble.kind is TroubleKind.CREDENTIAL
    assert trouble.remedy == "run `responder login info`"


def test_a_refused_refresh_is_told_once_and_rests(given: Given, tmp_path: Path, now: Now) -> None:
    tokens = kept(given, tmp_path, now)
    given.revoke()
    trouble = trouble_of(tokens)
    assert trouble.kind is TroubleKind.CREDENTIAL
    assert "invalid_grant" in trouble.what
    assert "Trace" not in trouble.what
    assert trouble.remedy == "run `responder login info`"
    assert trouble_of(tokens) is trouble
    assert len(given.asked) == 1, "the token server is not hammered"
    now.at += REST + 1
    trouble_of(tokens)
    assert len(given.asked) == 2


def test_a_new_login_ends_the_rest_at_once(given: Given, tmp_path: Path, now: Now) -> None:
    tokens = kept(given, tmp_path, now)
    given.revoke()
    trouble_of(tokens)
    given.refresh_tokens.add("refresh-2")
    TokenFile(tmp_path / "tokens" / "info.json").write(Token("access-9", 0, "refresh-2"))
    assert tokens.access() in given.good


def test_a_wrong_client_secret_is_told_as_such_and_not_shown(given: Given, tmp_path: Path) -> None:
    given.wants_secret = True
    tokens = KeptTokens(settings(given, tmp_path, Flow.CLIENT_CREDENTIALS, "old-secret-1"), "info")
    trouble = trouble_of(tokens)
    assert trouble.kind is TroubleKind.CREDENTIAL
    assert "AADSTS7000215" in trouble.what
    assert "client_secret" in trouble.remedy
    assert "old-secret-1" not in str(trouble)


def test_a_secret_that_the_server_repeats_is_not_shown(given: Given, tmp_path: Path) -> None:
    given.error = (400, {"error": "invalid_request", "error_description": "bad old-secret-1\x1b[0m here"})
    tokens = KeptTokens(settings(given, tmp_path, Flow.CLIENT_CREDENTIALS, "old-secret-1"), "info")
    assert "bad … [0m here" in trouble_of(tokens).what


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {}, TroubleKind.BUSY),
        (503, {}, TroubleKind.BUSY),
        (400, {"error": "temporarily_unavailable"}, TroubleKind.BUSY),
        (400, {"error": "something_new"}, TroubleKind.CREDENTIAL),
        (400, {}, TroubleKind.CREDENTIAL),
        (200, {}, TroubleKind.CREDENTIAL),
        (302, {}, TroubleKind.CREDENTIAL),
    ],
)
def test_every_answer_of_a_token_server_is_told_as_trouble(
    status: int, error: dict[str, str], kind: TroubleKind, given: Given, tmp_path: Path, now: Now
) -> None:
    tokens = kept(given, tmp_path, now)
    given.error = (status, error)
    assert trouble_of(tokens).kind is kind


def test_a_token_server_that_is_away_is_a_trouble_of_the_network(given: Given, tmp_path: Path, now: Now) -> None:
    tokens = kept(given, tmp_path, now)
    [port] = free_ports(1)
    nowhere = Endpoints(token=f"http://{LOOPBACK}:{port}/token")
    away = KeptTokens(settings(given, tmp_path).model_copy(update={"endpoints": nowhere}), "info", now)
    assert trouble_of(away).kind is TroubleKind.NETWORK
    assert tokens.access()


def test_a_secret_that_cannot_be_read_is_told(given: Given, tmp_path: Path) -> None:
    unset = settings(given, tmp_path, Flow.CLIENT_CREDENTIALS, "x").model_copy(
        update={"client_secret": PasswordEnv("NO_SUCH_SECRET")}
    )
    assert "NO_SUCH_SECRET" in trouble_of(KeptTokens(unset, "info")).where


# ---------------------------------------------------------------- the flows


def test_client_credentials_need_nobody(given: Given, tmp_path: Path, now: Now) -> None:
    given.wants_secret = True
    tokens = KeptTokens(settings(given, tmp_path, Flow.CLIENT_CREDENTIALS, SECRET), "info", now)
    first = tokens.access()
    assert first in given.good
    assert tokens.access() == first
    now.at += given.life
    assert tokens.access() != first
    assert given.grants() == ["client_credentials"] * 2
    assert given.asked[0]["scope"] == "https://outlook.office365.com/.default"


def test_the_device_flow_waits_until_the_code_was_entered(given: Given, tmp_path: Path) -> None:
    given.pending, given.slow_down = 1, True
    server = TokenServer(settings(given, tmp_path), "info")
    code = server.device_code()
    assert (code.user_code, code.url, code.interval) == ("ABCD-EFGH", f"{given.url}/enter", 1)
    for slower in (True, False):
        with pytest.raises(NotYet) as raised:
            server.of_device(code)
        assert raised.value.slower is slower
    assert server.of_device(code).access in given.good


def test_the_browser_flow_proves_itself_with_pkce(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESSES_IN_CLEAR, "1")
    given.wants_secret = True
    server = TokenServer(settings(given, tmp_path, Flow.LOOPBACK, SECRET), "info")
    agreement = server.agreement("http://127.0.0.1:9/")
    assert "code_challenge_method=S256" in agreement.url
    assert agreement.verifier not in agreement.url
    given.codes["code-1"] = _query(agreement.url)
    assert server.of_code(agreement, "code-1").refresh in given.refresh_tokens


def test_a_code_without_its_proof_is_worth_nothing(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESSES_IN_CLEAR, "1")
    server = TokenServer(settings(given, tmp_path, Flow.LOOPBACK, SECRET), "info")
    mine, other = (server.agreement("http://127.0.0.1:9/") for _ in range(2))
    given.codes["code-1"] = _query(mine.url)
    with pytest.raises(Trouble, match="invalid_grant"):
        server.of_code(other, "code-1")


def _query(url: str) -> dict[str, str]:
    from urllib.parse import parse_qs, urlsplit

    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


# ---------------------------------------------------------------- silence and thrift


def test_no_token_and_no_secret_is_in_any_log_or_representation(
    given: Given, tmp_path: Path, now: Now, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = kept(given, tmp_path, now)
    fresh = tokens.access()
    read = TokenFile(tmp_path / "tokens" / "info.json").read()
    assert "refresh-1" not in caplog.text + repr(read) + repr(settings(given, tmp_path, secret=SECRET))
    assert fresh not in caplog.text + repr(read)
    assert SECRET not in repr(settings(given, tmp_path, secret=SECRET))


def test_oauth_is_loaded_only_where_it_is_used() -> None:
    program = "import sys, responder.daemon.root, responder.cli.check; print('oauthlib' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "False"


def test_the_kept_file_is_plain_json(given: Given, tmp_path: Path, now: Now) -> None:
    kept(given, tmp_path, now)
    assert set(json.loads((tmp_path / "tokens" / "info.json").read_text())) == {
        "access_token",
        "ends",
        "refresh_token",
    }
