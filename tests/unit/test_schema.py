"""The JSON Schema for editors: it knows every key in both languages, and takes what an editor reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from responder.cli.init import WRITTEN
from responder.mail.language import Language
from responder.policy.load import load
from responder.policy.model import Policy
from responder.policy.schema import FILES, schema
from responder.policy.schema_words import KEYS, SECTIONS
from tests.cli_office import responder

POLICIES = Path(__file__).parents[2] / "policies"
OFFICES = {"vi-office.yaml": Language.VI, "en-office.yaml": Language.EN}
ACCENTED = re.compile("[à-ỹđ]")


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, as yaml-language-server reads it: no dates, no `yes`, no 08:00 in seconds."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$|^0o[0-7]+$|^0x[0-9a-fA-F]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|INF)$", "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))  # type: ignore[no-untyped-call]
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))


def as_an_editor_reads(text: str) -> Any:
    return yaml.load(text, CoreLoader)  # noqa: S506 - a SafeLoader


def mistakes(text: str, language: Language = Language.EN) -> list[str]:
    validator = Draft202012Validator(schema(language))
    return [error.message for error in validator.iter_errors(as_an_editor_reads(text))]


def sections(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "Policy", made
    for name, definition in made["$defs"].items():
        group = definition.get("anyOf", [definition])[-1]
        if "properties" in group:
            yield name, group


@pytest.mark.parametrize("language", Language)
def test_it_is_a_schema_and_explains_every_key(language: Language) -> None:
    made = schema(language)
    Draft202012Validator.check_schema(made)
    assert set(made["properties"]) == set(Policy.model_fields)
    for name, section in sections(made):
        assert section["description"], name
        for key, described in section["properties"].items():
            assert described["description"], key
            assert bool(ACCENTED.search(described["description"])) is (language is Language.VI), described


def test_the_vietnamese_words_are_those_of_the_keys_and_no_others() -> None:
    found = list(sections(schema()))
    assert {f"{name}.{key}" for name, section in found for key in section["properties"]} == set(KEYS)
    assert {name for name, _ in found} == set(SECTIONS)


@pytest.mark.parametrize("language", Language)
def test_every_value_of_a_list_is_explained(language: Language) -> None:
    for name, definition in schema(language)["$defs"].items():
        if "enum" in definition:
            assert len(definition["enumDescriptions"]) == len(definition["enum"]), name


def test_the_examples_of_the_keys_are_what_the_schema_takes() -> None:
    made = schema()
    for _, section in sections(made):
        for key, described in section["properties"].items():
            for example in described.get("examples", ()):
                assert Draft202012Validator({**described, "$defs": made["$defs"]}).is_valid(example), (key, example)


@pytest.mark.parametrize("language", Language)
def test_the_shipped_file_is_the_schema_of_the_classes(language: Language) -> None:
    """To write it anew: `responder policy schema --language vi > policies/policy.schema.vi.json`, and en."""
    shipped = POLICIES / FILES[language]
    assert json.loads(shipped.read_text(encoding="utf-8")) == schema(language)
    assert f"policies/{FILES[language]}" in WRITTEN


@pytest.mark.parametrize("name", OFFICES)
def test_a_shipped_policy_is_taken_and_names_its_schema_in_its_first_line(name: str) -> None:
    text = (POLICIES / name).read_text(encoding="utf-8")
    assert mistakes(text, OFFICES[name]) == []
    first = text.partition("\n")[0]
    assert first == f"# yaml-language-server: $schema=./{FILES[OFFICES[name]]}"
    assert (POLICIES / FILES[OFFICES[name]]).is_file()


OFFICE = """\
language: en
timezone: Asia/Ho_Chi_Minh
hours: {mon-fri: 08:00-17:00, sat: closed}
plays: [{name: night, when: {office: closed}, do: {mark: flagged}}]
"""


@pytest.mark.parametrize(
    "written",
    [
        "days: {2026-12-31: {open: 08:00-12:00}, 2026-12-30: company outing}",
        "swaps: [{off: 2026-08-31, work: 2026-08-22}]",
        "days:",
        "learned: có",
        "learned: true",
        "signals: {urgent: {words: gấp, deadline: within 1 working day}}",
        "opening_soon: 2h",
        "urgent_phone: 0900000000",
        "digest: {to: [manager], at: 08:30}",
        "signature: {en: Bye, vi: Chào}",
        'examples: ["Báo giá gấp giúp em, sat 22:10 → urgent"]',
        "examples: [{mail: x, at: 2026-11-21 22:10, then: [normal, no reply]}]",
        "examples: [{mail: x, from: a@example.com, subject: 123, then: normal}]",
    ],
)
def test_what_check_takes_the_schema_takes(written: str) -> None:
    text = f"{OFFICE}{written}\n"
    assert [each for each in load(text, "p").problems if each.severity == "error" and "signal" not in each.what] == []
    assert mistakes(text) == []


@pytest.mark.parametrize(
    "written",
    [
        "dayz: {}",
        "days: {31/12/2026: {closed: x}}",
        "days: {2026-12-31: {closd: x}}",
        "follow_up: {as: sent}",
        "learned: maybe",
        "examples: [{mail: x}]",
        "limits: {per_thread: many}",
        "follow_up: {as: draft, after: [1h]}",
    ],
)
def test_a_mistake_is_seen_in_the_editor_already(written: str) -> None:
    assert mistakes(f"{OFFICE}{written}\n") != []


def test_the_command_speaks_the_language_it_is_asked_for() -> None:
    for language in Language:
        result = responder("policy", "schema", "--language", language)
        assert result.exit_code == 0
        assert json.loads(result.stdout) == schema(language)


def test_a_value_that_is_none_of_the_list_is_seen() -> None:
    assert mistakes(OFFICE) == []
    assert mistakes(OFFICE.replace("office: closed", "office: shut")) != []
