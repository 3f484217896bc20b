"""providers.py and what config.py makes of it: a provider's preset, a login written once, and own keys before both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from responder.config import Account, Config, Security, Sends, SentCopy, read
from responder.daemon import parts
from responder.document import Problem
from responder.mail.message import parse
from responder.mail.ours import ANY_SERVER, Ours
from responder.mail.sender import sender
from responder.providers import PRESETS, Authority, Flow, Provider
from responder.secret import PasswordEnv, PasswordFile
from responder.servers.oauth import KeptTokens
from responder.work.desk import Desk, ours

NOW = datetime(2026, 11, 21, 15, 10, tzinfo=UTC)
ADDRESS = "info@congty.example"
MICROSOFT = "{provider: microsoft, client_id: id-1, tenant: congty.example}"


def config_of(keys: str) -> tuple[Config | None, list[Problem]]:
    """A config whose one account has these keys besides the necessary ones."""
    lines = "".join(f"    {line}\n" for line in keys.splitlines())
    necessary = f"    address: {ADDRESS}\n    name: Ví Dụ\n    policy: p.yaml\n"
    return read(f"state: data/state.db\naccounts:\n  info:\n{necessary}{lines}", "c", Path("/etc/responder"))


def account(keys: str) -> Account:
    config, problems = config_of(keys)
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert config is not None
    return config.accounts["info"]


# ---------------------------------------------------------------- presets


@pytest.mark.parametrize(
    ("provider", "imap", "smtp", "copy"),
    [
        ("gmail", ("imap.gmail.com", 993), ("smtp.gmail.com", 465), SentCopy.SERVER),
        ("microsoft365", ("outlook.office365.com", 993), ("smtp.office365.com", 587), SentCopy.SERVER),
        ("yandex", ("imap.yandex.com", 993), ("smtp.yandex.com", 465), SentCopy.FILE),
        ("zoho", ("imappro.zoho.com", 993), ("smtppro.zoho.com", 465), SentCopy.SERVER),
    ],
)
def test_a_provider_and_a_password_are_enough(
    provider: str, imap: tuple[str, int], smtp: tuple[str, int], copy: SentCopy
) -> None:
    found = account(f"provider: {provider}\npassword: {{env: PASS}}")
    assert ((found.imap.host, found.imap.port), (found.smtp.host, found.smtp.port)) == (imap, smtp)
    assert found.imap.security is Security.TLS
    assert found.smtp.security is (Security.TLS if smtp[1] == 465 else Security.STARTTLS)
    assert (found.imap.user, found.smtp.user) == (ADDRESS, ADDRESS)
    assert found.imap.password == found.smtp.password == PasswordEnv("PASS")
    assert found.sent_copy is copy


def test_every_provider_has_a_preset_that_says_how_mail_is_trusted() -> None:
    assert set(PRESETS) == set(Provider)
    assert all(preset.account["authserv_ids"] for name, preset in PRESETS.items() if name is not Provider.OWN)


def test_the_limits_of_the_providers_are_known() -> None:
    gmail = account("provider: gmail\npassword: {env: PASS}")
    microsoft = account(f"provider: microsoft365\noauth: {MICROSOFT}")
    assert (gmail.imap.connections, gmail.sends.per_day, gmail.sends.per_minute) == (15, 2000, None)
    assert (microsoft.smtp.connections, microsoft.sends.per_minute) == (3, 30)


def seconds_ago(*ages: float) -> list[datetime]:
    return [NOW - timedelta(seconds=age) for age in ages]


@pytest.mark.parametrize(
    ("sent", "wait"),
    [
        ([], 0),
        (seconds_ago(1, 2), 0),
        (seconds_ago(1, 2, 30), 30),
        (seconds_ago(30, 2, 1), 30),
        (seconds_ago(1, 2, 61), 0),
        (seconds_ago(100, 200, 300, 400), 86_000),
        (seconds_ago(100, 200, 300, 90_000), 0),
        (seconds_ago(1, 2, 3, 4, 5), 86_396),
    ],
)
def test_a_provider_that_has_had_its_number_is_given_time(sent: list[datetime], wait: float) -> None:
    assert Sends(per_minute=3, per_day=4).wait(sent, NOW) == timedelta(seconds=wait)


def test_where_no_number_is_known_nothing_waits() -> None:
    assert Sends().wait(seconds_ago(*range(100)), NOW) == timedelta(0)


def test_own_keys_go_before_the_preset() -> None:
    found = account(
        "provider: gmail\n"
        "user: office\n"
        "password: {env: PASS}\n"
        "sent_copy: file\n"
        "authserv_ids: [mx.congty.example]\n"
        "sends: {per_day: 500}\n"
        "imap: {host: relay.congty.example, connections: 5}\n"
        "smtp: {user: sender, password: {file: /run/smtp}}"
    )
    assert (found.imap.host, found.imap.port, found.imap.connections) == ("relay.congty.example", 993, 5)
    assert (found.imap.user, found.smtp.user) == ("office", "sender")
    assert found.smtp.password == PasswordFile(Path("/run/smtp"))
    assert found.smtp.host == "smtp.gmail.com"
    assert (found.sent_copy, found.authserv_ids, found.sends.per_day) == (SentCopy.FILE, ("mx.congty.example",), 500)


def test_another_usual_port_brings_its_own_security() -> None:
    found = account("provider: gmail\npassword: {env: PASS}\nsmtp: {port: 587}\nimap: {port: '143'}")
    assert (found.smtp.port, found.smtp.security) == (587, Security.STARTTLS)
    assert found.imap.security is Security.STARTTLS
    assert account("provider: gmail\npassword: {env: PASS}\nsmtp: {port: 2525}").smtp.security is Security.TLS


def test_a_blank_key_is_as_if_it_were_not_written() -> None:
    found = account("provider: gmail\npassword: {env: PASS}\nimap:\nsmtp:\n  host:\nsent_copy:")
    assert (found.imap.host, found.smtp.host, found.sent_copy) == ("imap.gmail.com", "smtp.gmail.com", SentCopy.SERVER)


def test_a_server_of_the_offices_own_keeps_its_login_apart() -> None:
    imap = "imap: {host: imap.congty.example, port: 993, security: tls, user: info, password: {env: A}}"
    found = account(f"{imap}\nsmtp: {{host: localhost, port: 25, security: none}}")
    assert found.provider is Provider.OWN
    assert found.smtp.user is None
    assert (found.sent_copy, found.authserv_ids, found.sends.per_day) == (SentCopy.FILE, (), None)


def test_a_login_written_once_holds_for_both_servers_of_the_offices_own() -> None:
    servers = "imap: {host: a.example, port: 993, security: tls}\nsmtp: {host: b.example, port: 465, security: tls}"
    found = account(f"user: info\npassword: {{env: A}}\n{servers}")
    assert (found.imap.user, found.smtp.user, found.smtp.password) == ("info", "info", PasswordEnv("A"))


@pytest.mark.parametrize("wrong", ["user: [a, b]", "password: [x]", "oauth: {provider: nobody}", "oauth: text"])
def test_a_mistake_in_what_both_servers_share_is_told_once(wrong: str) -> None:
    _, problems = config_of(f"provider: gmail\n{wrong}\n" + ("" if "user" not in wrong else "password: {env: A}"))
    assert {problem.line for problem in problems} == {8}, problems


# ---------------------------------------------------------------- whose Authentication-Results count

FORWARDED = """\
Return-Path: <bounce@list-sender.example>
Authentication-Results: {ours}spf=pass smtp.mailfrom=list-sender.example; dkim=pass header.d=khach.example;
 dmarc=pass action=none header.from=khach.example
Authentication-Results: mx.google.com; dkim=pass header.d=giamao.example
From: Lan <lan@khach.example>
To: info@congty.example
Subject: Hoi hang

Xin chao
"""


@pytest.mark.parametrize(
    ("provider", "topmost", "trusted"),
    [
        ("microsoft365", "", True),
        ("gmail", "mx.google.com; ", True),
        ("gmail", "mx.elsewhere.example; ", False),
        ("yandex", "mxfront10h.mail.yandex.net; ", True),
        ("zoho", "mx.zohomail.com; ", True),
    ],
)
def test_the_preset_says_whose_word_is_taken_for_the_sender(provider: str, topmost: str, trusted: bool) -> None:
    config, _ = config_of(f"provider: {provider}\npassword: {{env: PASS}}")
    assert config is not None
    mail = parse(FORWARDED.format(ours=topmost).replace("\n", "\r\n").encode())
    assert (sender(mail, ours(config, "info", ())) is not None) is trusted
    assert sender(mail, Ours(authserv_ids=frozenset({"mx.nobody.example"}))) is None


def test_a_header_as_exchange_online_writes_it_is_understood() -> None:
    config, _ = config_of(f"provider: microsoft365\noauth: {MICROSOFT}")
    assert config is not None
    seen = (  # github.com/jstedfast/MimeKit issue 490: no name at the front, but one after each method
        "spf=fail (sender IP is 192.0.2.1) smtp.mailfrom=list-sender.example; congty.example; dkim=pass"
        " (signature was verified) header.d=khach.example;congty.example; dmarc=bestguesspass action=none"
        " header.from=khach.example;"
    )
    head, _, rest = FORWARDED.partition("Authentication-Results: {ours}")
    text = f"{head}Authentication-Results: {seen}\nX-Before: {rest}"
    assert sender(parse(text.replace("\n", "\r\n").encode()), ours(config, "info", ())) is not None


def test_any_server_is_what_exchange_online_needs() -> None:
    assert account(f"provider: microsoft365\noauth: {MICROSOFT}").authserv_ids == (ANY_SERVER,)


# ---------------------------------------------------------------- OAuth in the config


def test_tokens_are_kept_beside_the_state_in_a_file_by_the_accounts_name() -> None:
    found = account(f"provider: microsoft365\noauth: {MICROSOFT}")
    assert found.imap.oauth == found.smtp.oauth == found.oauth
    assert found.oauth is not None
    assert found.oauth.tokens == Path("/etc/responder/data/tokens/info.json")
    assert found.oauth.way is Flow.DEVICE
    assert (found.imap.password, found.imap.user) == (None, ADDRESS)


def test_the_file_of_the_tokens_can_be_chosen() -> None:
    found = account(
        "provider: microsoft365\noauth: {provider: microsoft, client_id: i, tenant: t, tokens: /run/t.json}"
    )
    assert found.oauth is not None
    assert found.oauth.tokens == Path("/run/t.json")


def test_a_server_may_have_its_own_way_in() -> None:
    found = account(f"provider: microsoft365\noauth: {MICROSOFT}\nsmtp: {{password: {{env: PASS}}}}")
    assert (found.smtp.password, found.smtp.oauth) == (PasswordEnv("PASS"), None)
    assert found.imap.oauth is not None
    other = account(f"imap: {{host: a, port: 993, security: tls, user: u, oauth: {MICROSOFT}}}\n"
                    "smtp: {host: localhost, port: 25, security: none}")  # fmt: skip
    assert other.imap.oauth is not None
    assert other.imap.oauth.tokens == Path("/etc/responder/data/tokens/info.json")


def test_a_secret_is_never_shown() -> None:
    found = account("provider: gmail\noauth: {provider: google, client_id: i, client_secret: geheim}")
    assert found.oauth is not None
    assert found.oauth.provider is Authority.GOOGLE
    assert found.oauth.way is Flow.LOOPBACK
    assert "geheim" not in repr(found) + str(found.model_dump())


def test_the_daemons_connections_take_tokens_where_the_account_has_them() -> None:
    found = account(f"provider: microsoft365\noauth: {MICROSOFT}\nsmtp: {{password: {{env: PASS}}}}")
    desk = cast("Desk", SimpleNamespace(name="info", settings=found, domain="congty.example"))
    box: Any = parts.mailbox(desk)
    way_out: Any = parts.submission(desk)
    assert isinstance(box._tokens, KeptTokens)
    assert box._tokens.account == "info"
    assert way_out._tokens is None
