"""Every file in bad_policies/ and bad_configs/ fails as expected, and not by chance.

Each NAME.yaml says in its first line what is wrong with it; NAME.expected holds the problems exactly, as `responder
check` shows them in a window of 80 columns. What is called doubt_… is legal, but surely not meant.
A line `# today: 2026-11-20` at the top gives the loader that date. After a change of wording, look at the difference:

    RENEW_EXPECTED=1 .venv/bin/pytest tests/unit/test_bad_files.py; git diff tests/bad_*
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pytest

from responder import config
from responder.cli import excerpt
from responder.cli.masked import masked
from responder.document import Code, Problem, errors
from responder.policy.load import load

WIDTH = 80
TESTS = Path(__file__).parents[1]
POLICIES = sorted((TESTS / "bad_policies").glob("*.yaml"))
CONFIGS = sorted((TESTS / "bad_configs").glob("*.yaml"))

GOOD_POLICY = """\
language: vi
timezone: Asia/Ho_Chi_Minh
hours: {mon-fri: "08:00-17:00"}
plays:
  - name: everything
    do: {alert: [manager, on_call]}
"""  # what the bad configs call policy.yaml


def by_name(path: Path) -> str:
    return path.stem


def today_of(text: str) -> date | None:
    found = re.search(r"^# today: (\S+)$", text, re.MULTILINE)
    return date.fromisoformat(found[1]) if found else None


def compare(path: Path, problems: Iterable[Problem], texts: Mapping[str, str]) -> None:
    expected = path.with_suffix(".expected")
    told = "".join(f"{line}\n" for problem in problems for line in excerpt.told(problem, texts, WIDTH))
    if os.environ.get("RENEW_EXPECTED"):
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", POLICIES, ids=by_name)
def test_a_bad_policy_tells_exactly_what_is_wrong_with_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    loaded = load(text, path.name, today_of(text))

    compare(path, loaded.problems, {path.name: text})
    assert loaded.problems
    assert (loaded.policy is None) == bool(errors(loaded.problems))


def texts() -> Mapping[str, str]:
    """As `check` shows them: the config without its secrets."""
    return {
        "config.yaml": masked(Path("config.yaml").read_text("utf-8")),
        "broken.yaml": Path("broken.yaml").read_text("utf-8"),
        "policy.yaml": GOOD_POLICY,
    }


@pytest.mark.parametrize("path", CONFIGS, ids=by_name)
def test_a_bad_config_tells_exactly_what_is_wrong_with_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.yaml").write_text(GOOD_POLICY, encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes("language: vi\nhours: không".encode("cp1258"))
    shutil.copy(TESTS / "bad_policies" / "ten_mistakes.yaml", tmp_path / "broken.yaml")
    shutil.copy(path, tmp_path / "config.yaml")
    (tmp_path / "config.yaml").chmod(0o644)
    monkeypatch.chdir(tmp_path)

    loaded = config.load(Path("config.yaml"))

    compare(path, loaded.problems, texts())
    assert loaded.problems
    assert (loaded.config is None) == bool(errors(loaded.problems))


REMEDY = re.compile(r"(?:write|write it like|write year-month-day:|did you mean) `([^`…]+)`\\??(?: \\(.*\\))?")


def followed(text: str, problem: Problem) -> str | None:
    """The file as somebody mends it who does what the remedy says; None where it names no one thing to write."""
    found = REMEDY.fullmatch(problem.remedy)
    if found is None or not problem.end_column or found[1].startswith(("{", '"', "key: value")):
        return None
    lines = text.split("\n")
    line, begin, end = lines[problem.line - 1], problem.column - 1, problem.end_column - 1
    written, right = line[begin:end], found[1]
    if ": " in right:  # a key with its value
        begin, end = line.index(line.strip()[0]) if problem.code is Code.SYNTAX else begin, len(line)
        begin = line.rindex("- ", 0, begin + 2) + 2 if line.strip().startswith("- ") else begin
        right += "}" * (line.count("}") - right.count("}") - line[:begin].count("}")) if "{" in line[:begin] else ""
    elif written[:1] in ("'", '"', "“"):
        right = f'"{right}"'
    lines[problem.line - 1] = f"{line[:begin]}{right}{line[end:]}"
    return "\n".join(lines)


@pytest.mark.parametrize("path", POLICIES, ids=by_name)
def test_whoever_does_what_is_written_is_not_told_the_same_again(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    today = today_of(text)

    for problem in load(text, path.name, today).problems:
        mended = followed(text, problem)
        if mended is not None:
            again = load(mended, path.name, today).problems
            assert problem not in again, problem.remedy
            assert not [other for other in again if other.place == problem.place and other.code is Code.SYNTAX], again


def test_many_remedies_say_exactly_what_to_write() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in POLICIES}
    problems = [(text, problem) for path, text in texts.items() for problem in load(text, path.name).problems]

    assert sum(followed(text, problem) is not None for text, problem in problems) >= 25


@pytest.mark.parametrize("folder", ["bad_policies", "bad_configs"])
def test_no_expectation_is_left_over(folder: str) -> None:
    files = (TESTS / folder).iterdir()
    names = {file.stem for file in files if file.suffix == ".yaml"}

    assert {file.stem for file in (TESTS / folder).glob("*.expected")} == names


def test_there_are_ten_mistakes_in_the_policy_of_ten_mistakes() -> None:
    text = (TESTS / "bad_policies" / "ten_mistakes.yaml").read_text(encoding="utf-8")

    assert len(load(text, "ten_mistakes.yaml").problems) == 10


def test_there_are_sixty_mistakes_and_twenty_doubts() -> None:
    doubts = [path for path in POLICIES if path.stem.startswith("doubt_")]

    assert len(POLICIES) - len(doubts) >= 60
    assert len(doubts) >= 20


@pytest.mark.parametrize("path", [path for path in POLICIES if path.stem.startswith("doubt_")], ids=by_name)
def test_a_doubt_keeps_nobody_from_using_the_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert load(text, path.name, today_of(text)).policy is not None


def test_without_a_day_nothing_is_doubted() -> None:
    text = (TESTS / "bad_policies" / "doubt_play_hidden.yaml").read_text(encoding="utf-8")

    assert load(text, "policy.yaml").problems == ()


def test_no_secret_of_a_config_is_shown() -> None:
    secrets = ("geheim", "/ping/", "hooks.example", "pass show")

    told = "".join(path.with_suffix(".expected").read_text(encoding="utf-8") for path in CONFIGS)

    assert not [secret for secret in secrets if secret in told]
