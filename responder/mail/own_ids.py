"""Message-IDs of our own making (RFC 5322 3.6.4): the same facts give the same id, and we know it when it comes back.

An id is `<responder.NONCE.TAG@DOMAIN>`. The nonce is made of the facts, the tag of the nonce and the domain; both need
the secret, so that nobody can pass off a mail as ours to have it left alone, and nothing has to be looked up.

Must not know: the store, what is sent, who asks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Final

_NONCE: Final = 20  # characters of base32: 100 bits
_TAG: Final = 16  # … 80 bits
_OWN = re.compile(rf"<responder\.([a-z2-7]{{{_NONCE}}})\.([a-z2-7]{{{_TAG}}})@([^<>@\s]{{1,253}})>")


def make(secret: str, domain: str, *parts: object) -> str:
    """The Message-ID of what these facts lead to; at most 90 characters if the domain has at most 40."""
    nonce = _mac(secret, "nonce", *parts)[:_NONCE]
    return f"<responder.{nonce}.{_tag(secret, nonce, domain)}@{domain}>"


def is_own(secret: str, message_id: str) -> bool:
    """Did `make` give this id out, with this secret? Without a secret nothing is known to be ours."""
    found = _OWN.fullmatch(message_id)
    return bool(secret) and found is not None and hmac.compare_digest(found[2], _tag(secret, found[1], found[3]))


def _tag(secret: str, nonce: str, domain: str) -> str:
    return _mac(secret, "tag", nonce, domain.lower())[:_TAG]


def _mac(secret: str, purpose: str, *parts: object) -> str:
    """HMAC-SHA-256 (RFC 2104) as small letters and digits; a nonce cannot stand in for a tag, nor a tag for a nonce."""
    facts = "\0".join(["message-id", purpose, *map(str, parts)]).encode("utf-8", "backslashreplace")
    return base64.b32encode(hmac.new(secret.encode(), facts, hashlib.sha256).digest()).decode("ascii").lower()
