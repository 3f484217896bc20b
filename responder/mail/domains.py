"""Domains: which ones belong to one organisation, and where everybody may have an address.

Must not know: what an address is asked for.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from publicsuffixlist import PublicSuffixList

_PUBLIC_PROVIDERS: Final = frozenset(
    {"126.com", "163.com", "aol.com", "bk.ru", "docomo.ne.jp", "fastmail.com", "foxmail.com", "fpt.vn", "free.fr",
     "googlemail.com", "hcm.vnn.vn", "hn.vnn.vn", "hushmail.com", "icloud.com", "inbox.ru", "laposte.net", "list.ru",
     "mac.com", "mail.com", "mail.ru", "me.com", "naver.com", "orange.fr", "pm.me", "proton.me", "protonmail.com",
     "qq.com", "rambler.ru", "rediffmail.com", "sina.com", "t-online.de", "tutanota.com", "viettel.vn", "vnn.vn",
     "web.de", "ya.ru", "zohomail.com", "zoho.com", "daum.net", "hanmail.net", "libero.it", "seznam.cz", "wp.pl"}
)  # fmt: skip
# … and those that are at home under many suffixes: `yahoo.com.vn`, `outlook.fr`, `gmx.net`.
_FAMILIES: Final = frozenset(
    {"gmail", "yahoo", "ymail", "rocketmail", "hotmail", "outlook", "live", "msn", "gmx", "yandex"}
)


def organisation(domain: str) -> str:
    """The organisational domain (RFC 7489 3.2): one label below the public suffix; `mail.a.com.vn` → `a.com.vn`."""
    return _remembered(domain) if len(domain) <= _LONGEST else _organisation(domain)


def _organisation(domain: str) -> str:
    clean = domain.lower().rstrip(".")
    return _public_suffixes().privatesuffix(clean) or clean


_LONGEST: Final = 64  # of the domains worth remembering
_remembered = lru_cache(maxsize=1024)(_organisation)


def is_public_provider(domain: str) -> bool:
    """Does everybody have their address there, so that it says nothing of who belongs together?"""
    whole = organisation(domain)
    return whole in _PUBLIC_PROVIDERS or domain.lower() in _PUBLIC_PROVIDERS or whole.partition(".")[0] in _FAMILIES


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()
