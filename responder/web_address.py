"""Addresses in the web: where secrets may go, and what may be shown of one. Texts only; asks nobody."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_BEGIN = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """Whether the name can only mean this very machine."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_protected(url: str) -> bool:
    """Whether secrets may cross the network there: https, or http to this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def is_address(text: str) -> bool:
    """Whether it is one at all, and not the name of a file."""
    return bool(_BEGIN.match(text))


def of_calendar(text: str) -> str:
    """As it is asked for: `webcal:` is how a calendar's `https:` is written for a program to subscribe to it."""
    return re.sub(r"^webcals?://", "https://", text.strip(), flags=re.IGNORECASE)


def host(url: str) -> str:
    """All that may be shown of an address: without user, path and query."""
    return urlsplit(url).netloc.rpartition("@")[2]
