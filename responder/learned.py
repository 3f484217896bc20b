"""The learnt weights as a file: how they are written, read, and found in the package.

The file is text, gzipped (`zcat responder/learned.tsv.gz | less`): a line a label with its scale, an empty line, then a
line a feature with its weights in the order of the labels. Must not know how weights come about, or what they judge.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import islice
from pathlib import Path

from responder.errors import Trouble, TroubleKind
from responder.words.judge import LABELS, ZERO, Judge, Label, Scale, Weights
from responder.words.rows import Rows

FILE = "learned.tsv.gz"
MAX_BYTES = 20_000_000  # ten times what thousands of mails come to


@cache
def judge() -> Judge:
    """The judge with the weights that came with the program; read once, when first needed. Raises `Trouble`."""
    file = files("responder").joinpath(FILE)
    try:
        return parse(file.read_bytes())
    except (OSError, ValueError) as error:
        what = f"what was learnt from sample mails cannot be read ({error}): the policy's words decide alone"
        raise Trouble(TroubleKind.INTERNAL, str(file), what, "install the program anew") from error


def judge_of(own: Path) -> Judge:
    """A judge with the weights that an office has learnt itself. Raises `Trouble`."""
    try:
        return parse(_content(own))
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        what = f"the office's own weights cannot be used ({said}): those that came with the program go on"
        remedy = "make them anew with `responder train`, or take `learned` out of the config"
        raise Trouble(TroubleKind.CONFIG, str(own), what, remedy) from error


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError("too big for a file of learnt weights")
    return content


def parse(packed: bytes) -> Judge:
    """A judge by the weights in a file's bytes. Raises ValueError for anything else.

    Line by line: neither the whole text nor all names are ever held.
    """
    try:
        with gzip.open(BytesIO(packed), "rt", encoding="utf-8", newline="\n") as lines:
            scales = _scales(lines)
            rows = Rows.of(map(_row, lines), len(LABELS))
    except (OSError, EOFError, zlib.error) as damaged:
        raise ValueError(f"not a file of learnt weights: {damaged}") from damaged
    return Judge(scales, rows, hashlib.sha256(packed).hexdigest())


def _scales(lines: Iterator[str]) -> dict[Label, Scale]:
    scales: dict[Label, Scale] = {}
    for line in islice(lines, len(LABELS)):  # too few parts, or an unknown label, are refused as well
        name, *numbers = line.rstrip("\n").split("\t")
        if len(numbers) not in (3, 4):
            raise ValueError(f"not a file of learnt weights: {name!r} has {len(numbers)} numbers")
        scales[Label(name)] = Scale(*map(float, numbers))
    if tuple(scales) != LABELS or next(lines, "") != "\n":
        raise ValueError("not a file of learnt weights")
    return scales


def _row(line: str) -> tuple[str, bytes]:
    if not line.endswith("\n"):
        raise ValueError("not a file of learnt weights: it breaks off")
    name, _, numbers = line[:-1].partition("\t")
    try:
        return name, bytes(map(_BYTES.__getitem__, numbers.split("\t")))
    except KeyError as unknown:
        raise ValueError(f"not a file of learnt weights: {unknown} is no weight") from None


_BYTES = {str(byte - ZERO): byte for byte in range(256)}  # by the weight, as it is written


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
