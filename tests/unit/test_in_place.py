"""A file put in the place of another: whole, for its owner, and on the disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from responder import in_place


def test_a_private_file_is_for_its_owner_only_whatever_lay_there(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o644)
    before = os.umask(0)
    try:
        in_place.make_private(path)
    finally:
        os.umask(before)
    assert (stat.S_IMODE(path.stat().st_mode), path.read_text()) == (0o600, "")


def test_a_link_laid_in_its_way_is_not_followed(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "x"
    victim.write_text("kept")
    path.symlink_to(victim)
    in_place.make_private(path)
    assert (path.is_symlink(), victim.read_text()) == (False, "kept")


def test_the_new_file_is_on_the_disk_before_it_takes_the_place_and_so_is_its_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, target = tmp_path / "new", tmp_path / "target"
    new.write_text("new")
    target.write_text("old")
    seen: list[tuple[str, str]] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        fsync(descriptor)
        seen.append((Path(f"/proc/self/fd/{descriptor}").readlink().name, target.read_text()))

    monkeypatch.setattr(os, "fsync", note)
    in_place.put(new, target)
    assert seen == [("new", "old"), (tmp_path.name, "new")]
    assert not new.exists()
