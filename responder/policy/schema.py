"""The JSON Schema of a policy, for editors that complete, explain and check it while it is written.

It is made from the classes of `model.py` and takes the YAML types that people would naturally write. It is no second
check: what it lets pass, `responder check` may still refuse, but what that takes, the schema takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DictSchema, WithDefaultSchema

from responder.document import parse, plain
from responder.mail.language import Language
from responder.policy.model import Policy
from responder.policy.schema_words import KEYS, SECTIONS, TITLE, VALUES

FILES = {Language.EN: "policy.schema.json", Language.VI: "policy.schema.vi.json"}  # beside the policies

Schema = dict[str, Any]


def schema(language: Language = Language.EN) -> Schema:
    """The JSON Schema with its descriptions in that language."""
    made = Policy.model_json_schema(by_alias=True, schema_generator=_EditorSchema)
    for name, section in _sections(made):
        _finish(name, section, language)
    for name, values in VALUES[language].items():
        found = made["$defs"].get(name)
        if found is not None:
            found.pop("description", None)
            found["enumDescriptions"] = [values[value] for value in found.get("enum", [found.get("const")])]
    _walk(made, _without_titles)
    return {"$schema": _EditorSchema.schema_dialect, "title": TITLE[language], **made}


class _EditorSchema(GenerateJsonSchema):
    """Without defaults (they would be told in another form than people write) and with no key but those described."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return {**made, "additionalProperties": False} if "patternProperties" in made else made


def _sections(made: Schema) -> Iterator[tuple[str, Schema]]:
    """Every group of keys by the name of its class."""
    yield "Policy", made
    for name, definition in made["$defs"].items():
        group = definition.get("anyOf", [definition])[-1]  # what may be written as a text alone has its group last
        if "properties" in group:
            yield name, group


def _finish(name: str, section: Schema, language: Language) -> None:
    if language is Language.VI:
        section["description"] = SECTIONS[name]
    for key, value in section["properties"].items():
        if language is Language.VI:
            value["description"] = KEYS[f"{name}.{key}"]
        if "examples" in value:
            value["examples"] = [_as_value(str(example)) for example in value["examples"]]
        if key not in section.get("required", ()):
            section["properties"][key] = _or_blank(value)


def _as_value(example: str) -> Any:
    """An example as it stands in a policy, as the value that an editor sees."""
    return plain(parse(f"x: {example}", "example").table().get("x"))


def _or_blank(value: Schema) -> Schema:
    """A key with nothing after it means the same as no such line."""
    blank = {"type": "null"}
    described: Schema = {key: value[key] for key in ("description", "examples") if key in value}
    rest = {key: each for key, each in value.items() if key not in described and key != "title"}
    kinds = rest["anyOf"] if set(rest) == {"anyOf"} else [rest]
    return {**described, "anyOf": [*kinds, *([] if blank in kinds else [blank])]}


def _walk(node: Any, do: Callable[[Schema], None]) -> None:
    if isinstance(node, dict):
        do(node)
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _walk(each, do)


def _without_titles(node: Schema) -> None:
    """Those that are made of the keys' names say nothing new."""
    if isinstance(node.get("title"), str):
        del node["title"]
