"""What our own mail server found out about a sender: Authentication-Results (RFC 8601).

The field repeats words of whoever sent the mail. A result in anybody's favour counts only from a field in which those
words cannot have posed as results; one against them counts from any field of ours.

Must not know: who is asked about, or what follows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from responder.mail.domains import organisation
from responder.mail.fields import MAX_LOOKED_AT, without_comments
from responder.mail.message import Message
from responder.mail.ours import ANY_SERVER

FIELD: Final = "authentication-results"
_MAX_FIELDS: Final = 10  # from the top: our own servers write last


@dataclass(frozen=True, slots=True)
class Result:
    """One result: by which method, the verdict, and the domain it is about ("" where none is named)."""

    method: str
    verdict: str
    domain: str

    def is_about(self, wanted: str, *methods: str) -> bool:
        """By one of these methods, about this organisational domain?"""
        return self.method in methods and bool(self.domain) and organisation(self.domain) == wanted


def results(message: Message, servers: Collection[str]) -> tuple[Result, ...]:
    """What the servers of ours say: all of the topmost field of theirs, and what others of theirs say against it.

    Anybody can write a field that looks like ours below those of our server; passes are taken from the topmost alone.
    With `ANY_SERVER` no name is asked for, and only the topmost field of all is read.
    """
    return _told(message.values(FIELD)[:_MAX_FIELDS], frozenset(servers))


@lru_cache(maxsize=8)  # of one mail it is asked a dozen times
def _told(fields: tuple[str, ...], servers: frozenset[str]) -> tuple[Result, ...]:
    known = {each.casefold() for each in servers}
    mine = fields[:1] if ANY_SERVER in servers else [each for each in fields if _server(each) in known]
    found: list[Result] = []
    for number, value in enumerate(mine):
        is_believed = number == 0 and _is_unambiguous(value[:MAX_LOOKED_AT])
        found.extend(each for each in _read(value) if is_believed or each.verdict != "pass")
    return tuple(found)


def _server(value: str) -> str:
    """The authserv-id (RFC 8601 2.2), without its version."""
    words = without_comments(value).partition(";")[0].split()
    return words[0].strip('"').casefold() if words else ""


_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"?')
_COMMENT: Final = re.compile(r"\(([^()]*)\)")


def _is_unambiguous(value: str) -> bool:
    """Could no quoted string or comment hide the end of a result? An address may be written as `"x; dkim=pass"@…`."""
    if any(set(quoted[0]) & set("();") for quoted in _QUOTED.finditer(value)):
        return False
    outside = value
    while (inner := _COMMENT.sub(" ", outside)) != outside:
        if any('"' in comment[1] for comment in _COMMENT.finditer(outside)):
            return False
        outside = inner
    return not set(outside) & set("()") and outside.count('"') % 2 == 0


_RESULT: Final = re.compile(r"\s*(dkim|dmarc|spf)\s*(?:/\s*\d+\s*)?=\s*(\w+)", re.IGNORECASE)
_PROPERTY: Final = re.compile(
    r"\b(header\.(?:d|i|from)|smtp\.mailfrom)\s*=\s*\"?(?:[^\s\";]*@)?([^\s\";]+)", re.IGNORECASE
)
# Where each method says whom it is about. Gmail writes `header.i=@domain` only: d= or a domain below it (RFC 6376 3.5).
_ABOUT: Final = {"dkim": ("header.d", "header.i"), "dmarc": ("header.from",), "spf": ("smtp.mailfrom",)}


def _read(value: str) -> Iterator[Result]:
    for segment in without_comments(value).split(";"):
        match = _RESULT.match(segment)
        if match is None:
            continue
        method, verdict = match[1].casefold(), match[2].casefold()
        properties = {name.casefold(): value.casefold() for name, value in _PROPERTY.findall(segment)}
        domain = next((properties[name] for name in _ABOUT[method] if name in properties), "")
        yield Result(method, verdict, domain)
