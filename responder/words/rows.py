"""Rows of bytes by name, for tens of thousands of names: a third of the memory that a dict of them takes.

Of each name only its hash is kept, in a table that is searched from where the hash says; the row stands at the same
place of one long block. Pure; it must not know what the names and the bytes mean.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

_FREE = 0  # of a place in the table


@dataclass(frozen=True, slots=True)
class Rows:
    """Made once, by `of`. That a name without a row is taken for one that has it comes up once in 10¹⁴ names."""

    hashes: array[int]  # as many places as a power of two; a third of them or more are free
    block: bytes
    width: int  # of a row

    @classmethod
    def of(cls, rows: Iterable[tuple[str, bytes]], width: int) -> Rows:
        """Raises ValueError for a row of another width, and where a name has two."""
        hashes, dense = array("q"), bytearray()
        for name, row in rows:
            if len(row) != width:
                raise ValueError(f"{name!r} has {len(row)} bytes in place of {width}")
            hashes.append(_hash(name))
            dense += row
        return cls._placed(hashes, dense, width)

    @classmethod
    def _placed(cls, hashes: array[int], dense: bytearray, width: int) -> Rows:
        mask = (1 << (len(hashes) * 3 // 2).bit_length()) - 1
        table, block = array("q", [_FREE]) * (mask + 1), bytearray(width * (mask + 1))
        for number, wanted in enumerate(hashes):
            place = wanted & mask
            while there := table[place]:
                if there == wanted:
                    raise ValueError("a name has two rows")
                place = (place + 1) & mask
            table[place] = wanted
            block[place * width : (place + 1) * width] = dense[number * width : (number + 1) * width]
        return cls(table, bytes(block), width)

    def known(self, names: Iterable[str]) -> dict[str, bytes]:
        """The rows of those that have one, in their order."""
        table, block, width, mask = self.hashes, self.block, self.width, len(self.hashes) - 1
        found: dict[str, bytes] = {}
        for name in names:  # five hundred a mail: written for speed
            wanted = hash(name) or _INSTEAD
            place = wanted & mask
            while there := table[place]:
                if there == wanted:
                    found[name] = block[place * width : place * width + width]
                    break
                place = (place + 1) & mask
        return found

    def __len__(self) -> int:
        return len(self.hashes) - self.hashes.count(_FREE)


_INSTEAD = 1  # of a hash that is `_FREE`


def _hash(name: str) -> int:
    return hash(name) or _INSTEAD
