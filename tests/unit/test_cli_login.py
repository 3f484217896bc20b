"""`responder login`: what a person reads, that it waits no longer than told, and what is kept at the end."""

from __future__ import annotations

import re
import stat
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import Result

from responder.cli import login
from tests.cli_office import CliOffice, make_office
from tests.servers.process import LOOPBACK
from tests.servers.tokens import CLIENT, SECRET, TokenServer

USER = "info@congty.example"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setattr(login, "SHORTEST_PAUSE", 0.0)
    monkeypatch.setattr(login, "SLOWER", 0.0)
    return make_office(tmp_path, monkeypatch)


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with TokenServer(USER, interval=0) as server:
        yield server


def configure(office: CliOffice, tokens: TokenServer, keys: str) -> None:
    """The office's account logs in by OAuth, at that token server."""
    ends = ", ".join(f"{name}: '{url}'" for name, url in tokens.endpoints.items())
    text = office.config.read_text()
    text = re.sub(r", user: info, password: \{[^}]*\}", "", text)
    added = f"    user: {USER}\n    oauth: {{client_id: {CLIENT}, {keys}, endpoints: {{{ends}}}}}\n"
    office.config.write_text(text.replace("    imap:", f"{added}    imap:"))
    office.config.chmod(0o600)


def kept(office: CliOffice) -> str:
    path = office.folder / "tokens" / "info.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path.read_text()


def test_microsoft_asks_a_person_for_a_code(office: CliOffice, tokens: TokenServer) -> None:
    tokens.pending, tokens.slow_down = 2, True
    configure(office, tokens, "provider: microsoft, tenant: congty.example")
    result = office.run("login", "info")
    assert result.exit_code == 0, result.output
    assert f"Open  {tokens.url}/enter  in any browser, and enter the code  ABCD-EFGH" in result.stdout
    assert tokens.grants() == ["device_code"] * 4
    [access] = tokens.good
    assert access in kept(office)
    assert access not in result.output


def test_a_shared_mailbox_needs_nobody(office: CliOffice, tokens: TokenServer) -> None:
    tokens.wants_secret = True
    configure(office, tokens, f"provider: microsoft, tenant: x, flow: client_credentials, client_secret: {SECRET}")
    result = office.run("login", "info")
    assert result.exit_code == 0, result.output
    assert tokens.grants() == ["client_credentials"]
    assert SECRET not in result.output + kept(office)


def test_google_sends_the_browser_back_to_this_machine(
    office: CliOffice, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = in_browser(office, tokens, monkeypatch, tokens.agree)
    assert result.exit_code == 0, result.output
    assert "Done." in tokens.browser
    assert tokens.grants() == ["authorization_code"]
    [access] = tokens.good
    assert access in kept(office)


def test_an_answer_that_nobody_asked_for_is_not_taken(
    office: CliOffice, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def attack_then_agree(url: str) -> None:
        with pytest.raises(urllib.error.HTTPError):
            tokens.agree(url, state="of somebody else")
        tokens.agree(url)

    assert in_browser(office, tokens, monkeypatch, attack_then_agree).exit_code == 0
    assert len(tokens.asked) == 1


def test_a_refusal_in_the_browser_is_told(
    office: CliOffice, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(url: str) -> None:
        wanted = parse_qs(urlsplit(url).query)
        back = f"{wanted['redirect_uri'][0]}?error=access_denied&state={wanted['state'][0]}"
        urllib.request.urlopen(back, timeout=10).close()  # noqa: S310 - loopback

    result = in_browser(office, tokens, monkeypatch, refuse)
    assert result.exit_code == 1
    assert "the login was refused there (access_denied)" in result.stderr
    assert tokens.asked == []


def in_browser(
    office: CliOffice, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch, act: Callable[[str], object]
) -> Result:
    """Run the command; `act` gets the printed address, as the person would."""
    tokens.wants_secret = True
    configure(office, tokens, f"provider: google, client_secret: {SECRET}")
    failures: list[Exception] = []
    said = login._say_how_long

    def person(url: str) -> None:
        try:
            act(url)
        except Exception as error:  # noqa: BLE001 - told by the test itself
            failures.append(error)

    real = login.click.echo
    printed: list[str] = []

    def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
        printed.append(text)
        real(text, err=err, nl=nl)

    def begin(seconds: float) -> None:
        said(seconds)
        [url] = re.findall(rf"http://{LOOPBACK}:\d+/authorize\S+", "\n".join(printed))
        threading.Thread(target=person, args=(url,), daemon=True).start()

    monkeypatch.setattr(login.click, "echo", echo)
    monkeypatch.setattr(login, "_say_how_long", begin)
    monkeypatch.setattr(login, "BROWSER_WITHIN", 10.0)
    result = office.run("login", "info")
    assert failures == []
    return result


def test_nobody_is_waited_for_longer_than_told(
    office: CliOffice, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(office, tokens, f"provider: google, client_secret: {SECRET}")
    monkeypatch.setattr(login, "BROWSER_WITHIN", 0.1)
    result = office.run("login", "info")
    assert result.exit_code == 1
    assert "nobody has agreed in time" in result.stderr


def test_ctrl_c_ends_it_cleanly(office: CliOffice, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(office, tokens, "provider: microsoft, tenant: x")

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(login.time, "sleep", interrupt)
    result = office.run("login", "info")
    assert (result.exit_code, result.stderr) == (130, "\nstopped\n")
    assert not (office.folder / "tokens" / "info.json").exists()


def test_an_account_with_a_password_needs_no_login(office: CliOffice) -> None:
    result = office.run("login", "info")
    assert result.exit_code == 2
    assert "info: this account logs in with a password" in result.stderr


def test_an_unknown_account_is_told(office: CliOffice) -> None:
    result = office.run("login", "inof")
    assert result.exit_code == 2
    assert "there is no account `inof` — did you mean `info`?" in result.stderr


def test_a_port_that_is_taken_is_told(office: CliOffice, tokens: TokenServer) -> None:
    configure(office, tokens, f"provider: google, client_secret: {SECRET}")
    result = office.run("login", "info", "--port", tokens.url.rpartition(":")[2])
    assert result.exit_code == 2
    assert "choose another --port" in result.stderr
