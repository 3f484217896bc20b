"""The tree of a policy's file, read as far as it can be: what cannot be read is left out, the model says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from responder.document import Document, Scalar, Table, Wrong, scalars
from responder.policy.model import Days, read_days

_T = TypeVar("_T")


def read(reader: Callable[[object], _T], scalar: Scalar | str | None) -> _T | None:
    """The value, or None where it cannot be read."""
    try:
        return reader(scalar.text if isinstance(scalar, Scalar) else scalar)
    except Wrong:
        return None


def text_of(table: Table, key: str) -> Scalar | None:
    """What is written there."""
    node = table.get(key)
    return node if isinstance(node, Scalar) and node.text is not None else None


def ranges(document: Document, section: str) -> list[tuple[Days, Scalar]]:
    """The dates that a section names, as far as they can be read."""
    found = [(read(read_days, key), key) for key, _ in document.table(section).entries.values()]
    return [(days, key) for days, key in found if days is not None]


def part(play: Table, section: str, key: str) -> list[Scalar]:
    """The values of one key of a play's `when` or `do`."""
    table = play.get(section)
    return list(scalars(table.get(key))) if isinstance(table, Table) else []
