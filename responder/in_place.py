"""A file that takes the place of another at once: at any moment, after a crash too, it is the old one or the new one.

Written beside it first. Raises `OSError`: the caller knows what the file is, and what to tell. Knows no content.
"""

from __future__ import annotations

import os
from pathlib import Path


def make_private(path: Path) -> None:
    """An empty file for its owner only, whatever lay there."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def put(new: Path, target: Path) -> None:
    """`new` lies in the same folder, and is whole."""
    sync(new)
    new.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """On the disk, not only on its way there; of a folder: its names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
