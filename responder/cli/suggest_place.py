"""Where in a policy's text a proposed phrase goes, and what to write there. Reads the tree; changes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from responder.document import Document, Listing, Node, Place, Table, scalars
from responder.policy.proposals import Kind

_PLAIN: Final = re.compile(r"\w[\w -]*")  # what YAML takes without quotation marks in a list between brackets


class Spot(StrEnum):
    """How what is to be written lies to what is there."""

    AFTER = "after"  # the last word of a list between brackets
    UNDER = "under"  # the last line of a list
    INSTEAD = "instead"  # a list in the place of one word, or of none
    BELOW = "below"  # a list under the line of its signal
    WITHIN = "within"  # a list between the braces of its signal


@dataclass(frozen=True, slots=True)
class Addition:
    """The line to look at, and what to write; `there` is the last word, or what makes room."""

    line: int
    spot: Spot
    text: str
    there: str = ""


def addition(document: Document, signal: str, kind: Kind, phrase: str) -> Addition:
    """With this the list has the phrase as well."""
    node = document.node(("signals", signal, kind.value))
    words = list(scalars(node))
    if isinstance(node, Listing) and words:
        last = words[-1]
        is_in_brackets = _begins_with("[", document, node.place)
        spot, text = (Spot.AFTER, f", {phrase}") if is_in_brackets else (Spot.UNDER, f"- {phrase}")
        return Addition(last.place.line, spot, text, last.text or "")
    entry = f"{kind}: [{', '.join([*(_quoted(word.text or '') for word in words), phrase])}]"
    if node is not None:
        key = document.key_place(("signals", signal, kind.value))
        return Addition(key.line, Spot.INSTEAD, entry, _entry(document, key, node))
    group = document.node(("signals", signal))
    if isinstance(group, Table) and _begins_with("{", document, group.place):
        return Addition(group.place.line, Spot.WITHIN, f", {entry}")
    return Addition(document.key_place(("signals", signal)).line, Spot.BELOW, entry)


def _begins_with(sign: str, document: Document, place: Place) -> bool:
    return document.text.splitlines()[place.line - 1][place.column - 1 :].startswith(sign)


def _entry(document: Document, key: Place, node: Node) -> str:
    """As it is written: `words: gấp`."""
    end = node.place.end_column - 1 if node.place.end_column else key.end_column
    return document.text.splitlines()[key.line - 1][key.column - 1 : end]


def _quoted(word: str) -> str:
    return word if _PLAIN.fullmatch(word) else f"'{word.replace(chr(39), chr(39) * 2)}'"
