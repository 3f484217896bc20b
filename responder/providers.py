"""The mail providers we know: what the office would have to write for each of them, and where their OAuth servers are.

A preset holds keys as they would stand in config.yaml; the account's own keys go before them. Where each fact comes
from, and what could not be verified, is told in docs/providers.md. Must not know: the config's types, any connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from responder.mail.ours import ANY_SERVER


class Provider(StrEnum):
    """Who keeps the mailbox."""

    OWN = "own"  # a server of the office's own, or a provider we know nothing of
    GMAIL = "gmail"
    MICROSOFT365 = "microsoft365"
    YANDEX = "yandex"
    ZOHO = "zoho"


@dataclass(frozen=True, slots=True)
class Preset:
    """Keys of an account, of its `imap` and of its `smtp`, for where the admin wrote none."""

    account: Mapping[str, Any]
    imap: Mapping[str, Any]
    smtp: Mapping[str, Any]
    takes_passwords: bool = True  # over IMAP, an app password at least


def _imap(host: str, connections: int | None = None) -> Mapping[str, Any]:
    limit = {"connections": connections} if connections else {}
    return {"host": host, "port": "993", "security": "tls", **limit}


def _smtp(host: str, port: str, connections: int | None = None) -> Mapping[str, Any]:
    limit = {"connections": connections} if connections else {}
    return {"host": host, "port": port, "security": "tls" if port == "465" else "starttls", **limit}


PRESETS: Mapping[Provider, Preset] = {
    Provider.OWN: Preset({}, {}, {}),
    Provider.GMAIL: Preset(
        {"sent_copy": "server", "authserv_ids": ["mx.google.com"], "sends": {"per_day": "2000"}},
        _imap("imap.gmail.com", connections=15),
        _smtp("smtp.gmail.com", "465"),
    ),
    Provider.MICROSOFT365: Preset(
        {"sent_copy": "server", "authserv_ids": [ANY_SERVER], "sends": {"per_minute": "30", "per_day": "10000"}},
        _imap("outlook.office365.com"),
        _smtp("smtp.office365.com", "587", connections=3),
        takes_passwords=False,
    ),
    Provider.YANDEX: Preset(  # each of its servers signs with a name of its own, so the topmost header counts
        {"sent_copy": "file", "authserv_ids": [ANY_SERVER], "sends": {"per_day": "500"}},
        _imap("imap.yandex.com"),
        _smtp("smtp.yandex.com", "465"),
    ),
    Provider.ZOHO: Preset(
        {"sent_copy": "server", "authserv_ids": ["mx.zohomail.com", "mx.zoho.com"]},
        _imap("imappro.zoho.com"),
        _smtp("smtppro.zoho.com", "465"),
    ),
}


# ---------------------------------------------------------------- OAuth 2


class Authority(StrEnum):
    """Who gives out access tokens."""

    MICROSOFT = "microsoft"
    GOOGLE = "google"


class Flow(StrEnum):
    """How a token is had."""

    DEVICE = "device"  # a person enters a code in any browser (RFC 8628)
    CLIENT_CREDENTIALS = "client_credentials"  # the program on its own behalf: a shared mailbox (RFC 6749 4.4)
    LOOPBACK = "loopback"  # a browser on this machine (RFC 8252 7.3), with PKCE (RFC 7636)


@dataclass(frozen=True, slots=True)
class TokenServers:
    """Addresses of an authority; `{tenant}` stands for the office's directory. What is asked for, by flow."""

    token: str
    device: str
    authorize: str
    scopes: Mapping[Flow, tuple[str, ...]]  # the first is the usual flow


AUTHORITIES: Mapping[Authority, TokenServers] = {
    Authority.MICROSOFT: TokenServers(
        token="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",  # noqa: S106 - an address
        device="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
        authorize="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        scopes={
            Flow.DEVICE: (
                "https://outlook.office.com/IMAP.AccessAsUser.All",
                "https://outlook.office.com/SMTP.Send",
                "offline_access",
            ),
            Flow.CLIENT_CREDENTIALS: ("https://outlook.office365.com/.default",),
        },
    ),
    Authority.GOOGLE: TokenServers(
        token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        device="https://oauth2.googleapis.com/device/code",
        authorize="https://accounts.google.com/o/oauth2/v2/auth",
        scopes={Flow.LOOPBACK: ("https://mail.google.com/",)},
    ),
}
