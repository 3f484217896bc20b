"""What the documentation shows is true: every piece of a policy loads, every key is told, every command exists."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin

import click
import pytest

from responder.cli import cli
from responder.config import Mode
from responder.document import Section, errors
from responder.errors import TroubleKind
from responder.mail.automatic import Sign
from responder.policy.decide import ActionKind
from responder.policy.load import load
from responder.policy.meaning import Urgency
from responder.policy.model import Office, Policy
from responder.policy.templates import FILTERS, TESTS
from responder.policy.values import TEMPLATE_VALUES
from responder.store.records import MessageState, OutboxState
from responder.work.digest_words import VI
from tests.cli_office import ENGLISH, POLICY, ROOT, make_office

GUIDES = {ROOT / "docs" / "policy.md": ENGLISH, ROOT / "docs" / "policy.vi.md": POLICY}
PAGES = sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md")])
MANAGERS = ROOT / "README.vi.md"


def blocks(page: Path, language: str) -> list[str]:
    """The page's blocks of code in that language, also those within a list."""
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for block in found]


def parts(policy: str) -> dict[str, str]:
    """A policy's text, by its keys at the left margin."""
    pieces = re.split(r"^(?=[a-z_]+:)", policy, flags=re.MULTILINE)
    return {piece.partition(":")[0]: piece for piece in pieces if re.match(r"[a-z_]+:", piece)}


SNIPPETS = [(page, number, text) for page in GUIDES for number, text in enumerate(blocks(page, "yaml"))]


@pytest.mark.parametrize(("page", "number", "text"), SNIPPETS, ids=[f"{p.stem}-{n}" for p, n, _ in SNIPPETS])
def test_a_piece_of_policy_in_the_guide_can_stand_in_the_shipped_policy(page: Path, number: int, text: str) -> None:
    shipped = parts(GUIDES[page].read_text(encoding="utf-8"))
    del shipped["examples"]  # which speak of its own words
    whole = "".join((shipped | parts(text)).values())
    assert parts(text)
    assert [str(problem) for problem in errors(load(whole, page.name).problems)] == []


def keys(section: Any) -> Iterator[str]:
    """Every key that may be written in a section, and in the sections below it."""
    if get_origin(section) is not None:
        for argument in get_args(section):
            yield from keys(argument)
    elif isinstance(section, type) and issubclass(section, Section):
        for name, field in section.model_fields.items():
            yield field.alias or name
            yield from keys(field.annotation)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_the_guide_shows_an_example_of_every_key(page: Path) -> None:
    shown = "\n".join(blocks(page, "yaml"))
    missing = [key for key in sorted(set(keys(Policy))) if not re.search(rf"\b{key}:", shown)]
    assert missing == []


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_the_guide_tells_of_every_value_a_text_may_name(page: Path) -> None:
    told = page.read_text(encoding="utf-8")
    assert [name for name in TEMPLATE_VALUES if f"| `{{{{ {name} }}}}` |" not in told] == []


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_the_guide_lists_all_that_a_text_may_do_with_a_value_and_nothing_else(page: Path) -> None:
    told = page.read_text(encoding="utf-8")
    [tests] = [line for line in told.split("\n- ") if "`is defined`" in line]
    [filters] = [line for line in told.split("\n- ") if "| upper }}" in line]
    of_tests = tests.replace("`is ", "§`").partition("§")[2]
    assert {*re.findall(r"`(\w+)`", of_tests), *re.findall(r"`([=!]=)`", tests)} == TESTS
    assert set(re.findall(r"`(\w+)`", filters)) == FILTERS


def test_every_test_that_the_page_on_security_names_exists() -> None:
    told = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[^`]+|test_[^`]+)`", told)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_guide_is_the_same_in_both_languages() -> None:
    english, vietnamese = (page.read_text(encoding="utf-8") for page in GUIDES)
    assert [list(parts(text)) for text in blocks(next(iter(GUIDES)), "yaml")] == [
        list(parts(text)) for text in blocks(list(GUIDES)[1], "yaml")
    ]
    assert english.count("\n## ") == vietnamese.count("\n## ")


def test_the_report_shown_to_the_manager_is_in_the_words_of_the_real_one() -> None:
    [shown] = blocks(MANAGERS, "text")
    words = {re.sub(r"[:.]$", "", text) for text in texts_in(asdict(VI))}
    titles = re.findall(r"^(.+?) \(\d+\):?$", shown, re.MULTILINE)
    assert len(titles) == 5
    assert set(titles) <= words
    assert VI.drafts_hint in shown


def texts_in(value: Any) -> Iterator[str]:
    """All texts, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from texts_in(each)


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.splitlines():
                typed = re.match(r"(?:sudo |[A-Z_]+=\S+ )*responder (.*?)(?:  +#.*| [|>].*)?$", line)
                if typed:
                    yield page.name, typed[1]


@pytest.mark.parametrize(("page", "typed"), sorted(set(commands())))
def test_a_command_in_the_documentation_can_be_typed(page: str, typed: str) -> None:
    with cli.make_context("responder", shlex.split(typed)) as ctx:
        name, command, rest = cli.resolve_command(ctx, [*ctx._protected_args, *ctx.args])
        assert command is not None
        with command.make_context(name, rest, parent=ctx) as below:
            assert (
                not isinstance(command, click.Group)
                or below.args
                or below._protected_args
                or command.invoke_without_command
            )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_to_something(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, heading = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        assert not heading or heading in headings(file), target


def headings(page: Path) -> set[str]:
    """The anchors of a page, as they are made where it is read."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("words", [TroubleKind, Sign, OutboxState, ActionKind, Urgency, Office, MessageState, Mode])
def test_every_word_that_json_may_say_is_listed(words: type[StrEnum]) -> None:
    told = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    assert [word.value for word in words if f"`{word.value}`" not in told] == []


def test_every_field_of_the_status_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = make_office(tmp_path, monkeypatch)
    office.triage()
    section = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").partition("## `responder status")[2]
    status = json.loads(office.run("status", "--json").stdout)
    names = [*status, *status["accounts"][0], *status["queue"]]
    assert [name for name in names if not re.search(rf"\b{name}\b", section)] == []


NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", (ROOT / "docs" / "rfc3834.md").read_text(encoding="utf-8"))))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[f"{file}::{name}" for file, name in NAMED])
def test_what_the_checklist_of_the_standards_names_exists(file: str, name: str) -> None:
    below = "tests" if file.rpartition("/")[2].startswith("test_") else "responder"
    assert re.search(rf"def {name}\b", (ROOT / below / file).read_text(encoding="utf-8"))


def test_every_line_of_the_checklist_says_where_and_every_rule_that_is_met_has_a_test() -> None:
    lines = re.findall(
        r"^\| (?!what|---)(.*) \|$", (ROOT / "docs" / "rfc3834.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    rows = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    assert len(rows) > 40
    assert [row for row in rows if len(row) < 3 or not row[1]] == []
    untested = [row[0] for row in rows if "::test_" not in row[2]]
    assert untested == [
        "6 Who writes the texts is told that the whole world may read them.",
        "4.7 Does not go with a rejection.",
    ]
