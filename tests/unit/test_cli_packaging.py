"""The files that `init` writes come with the program, however it was installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from responder.cli.files import shipped
from responder.cli.init import WRITTEN
from tests.cli_office import ROOT


@pytest.mark.parametrize("name", sorted(WRITTEN.values()))
def test_a_checkout_ships_the_top_level_files_themselves(name: str) -> None:
    assert shipped(name).read_bytes() == (ROOT / name).read_bytes()


def test_a_wheel_carries_the_shipped_files(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for part in ("responder", "policies"):
        shutil.copytree(ROOT / part, source / part, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("pyproject.toml", "config.example.yaml", "MANIFEST.in", "README.md"):
        if (ROOT / part).exists():
            shutil.copy(ROOT / part, source)
    (source / "README.md").touch()
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name in WRITTEN.values():
            assert archive.read(f"responder/shipped/{name}") == (ROOT / name).read_bytes()
        assert archive.read("responder/learned.tsv.gz") == (ROOT / "responder/learned.tsv.gz").read_bytes()
