"""The learnt weights as a file: how they are written, read, and found in the package.

The file is text, gzipped (`zcat responder/learned.tsv.gz | less`): a line a label with its scale, an empty line, then a
line a feature with its weights in the order of the labels. Must not know how weights come about, or what they judge.
"""

import gzip
import zlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from responder.errors import Trouble, TroubleKind
from responder.words.judge import LABELS, ZERO, Judge, Label, Scale, Weights

FILE = "learned.tsv.gz"


@cache
def judge() -> Judge:
    """The judge with the weights that came with the program; read once, when first needed. Raises `Trouble`."""
    file = files("responder").joinpath(FILE)
    try:
        return Judge(parse(file.read_bytes()))
    except (OSError, ValueError) as error:
        what = f"what was learnt from sample mails cannot be read ({error}): the policy's words decide alone"
        raise Trouble(TroubleKind.INTERNAL, str(file), what, "install the program anew") from error


def parse(packed: bytes) -> Weights:
    """Weights from a file's bytes. Raises ValueError for anything else."""
    try:
        lines = gzip.decompress(packed).decode().split("\n")
    except (OSError, EOFError, zlib.error) as damaged:
        raise ValueError(f"not a file of learnt weights: {damaged}") from damaged
    scales: dict[Label, Scale] = {}
    for line in lines[: len(LABELS)]:  # too few parts, or an unknown label, are refused as well
        name, *numbers = line.split("	")
        if len(numbers) not in (3, 4):
            raise ValueError(f"not a file of learnt weights: {name!r} has {len(numbers)} numbers")
        scales[Label(name)] = Scale(*map(float, numbers))
    if tuple(scales) != LABELS or lines[len(LABELS)] or lines[-1]:
        raise ValueError("not a file of learnt weights")
    return Weights(scales, dict(map(_row, lines[len(LABELS) + 1 : -1])))


def _row(line: str) -> tuple[str, bytes]:
    name, *numbers = line.split("\t")
    row = bytes([int(number) + ZERO for number in numbers])
    if len(row) != len(LABELS):
        raise ValueError(f"{name!r}: {len(row)} weights")
    return name, row


def written(weights: Weights) -> bytes:
    """The file for these weights; the same weights give the same bytes."""
    return gzip.compress("".join(f"{line}\n" for line in _lines(weights)).encode(), mtime=0)


def _lines(weights: Weights) -> Iterator[str]:
    for label in LABELS:
        scale = weights.scales[label]
        yield f"{label}\t{scale.unit:.6g}\t{scale.bias:.6g}\t{scale.threshold:.4g}\t{scale.certain:.4g}"
    yield ""
    for name, row in sorted(weights.by_feature.items()):
        yield "\t".join((name, *(str(byte - ZERO) for byte in row)))
