"""A config as it may be shown: what could be a password, a key or an address as good as one stands as dots.

`responder check` prints lines of the config, on screens and (before a reload) into the journal. What is shown is said
here by the names of keys; everything under another name, also one that is mistyped, is hidden, and so are notes. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from responder.document import Listing, Node, Scalar, Table, as_read, parse

DOT: Final = "•"
_SHOWN: Final = frozenset(
    {
        "mode", "state", "accounts", "people", "colleagues", "address", "aliases", "name", "policy", "watch",
        "provider", "host", "port", "security", "user", "credential", "file", "env", "tenant", "flow", "sends",
        "per_minute", "per_day", "poll", "every", "repeat", "quiet", "keep_text", "retention", "metrics", "learned",
    }
)  # fmt: skip
_NOTE: Final = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)
_ADDRESS: Final = re.compile(r"\b([a-z]+://(?:[^\s/?#\"'@]*@)?)([^\s/?#\"'@\]},]*)([^\s\"']*)", re.IGNORECASE)
_ENDS: Final = re.compile(r"[\]},]*$")  # of a list or a group of keys, not of an address
_KEY: Final = re.compile(r"([^\s{},:\[\]\"'#]+)\s*:(?=\s|$)")


def masked(text: str) -> str:
    """The same lines and columns; of a text that is no YAML, only the lines that hold nothing but what may be seen."""
    text = as_read(text)
    root = parse(text, "").root
    if root is None:
        return "\n".join(line if _is_harmless(line) else "" for line in _NOTE.sub("", text).split("\n"))
    for start, end in _hidden(root, ""):
        text = text[:start] + re.sub(r"\S", DOT, text[start:end]) + text[end:]
    return _NOTE.sub("", text)


def without_addresses(text: str) -> str:
    """A policy's lines and columns, of web addresses only the hosts: that of a calendar may be a secret."""
    return _ADDRESS.sub(_host_alone, text)


def _host_alone(found: re.Match[str]) -> str:
    end = _ENDS.search(found[3])
    path = found[3][: end.start()] if end else found[3]
    begin = re.sub(r"(?<=://).*(?=@)", lambda user: DOT * len(user[0]), found[1])
    return f"{begin}{found[2]}{DOT * len(path)}{found[3][len(path) :]}"


def _hidden(node: Node, key: str) -> Iterator[tuple[int, int]]:
    """Where the values stand that are not shown: those whose own key is not among the names above."""
    if isinstance(node, Table):
        for name, (_, value) in node.entries.items():
            yield from _hidden(value, name)
    elif isinstance(node, Listing):
        for item in node.items:
            yield from _hidden(item, key)
    elif isinstance(node, Scalar) and node.text is not None and key not in _SHOWN:
        yield node.start, node.end


def _is_harmless(line: str) -> bool:
    keys = _KEY.findall(line)
    return bool(keys) and all(key in _SHOWN for key in keys)
