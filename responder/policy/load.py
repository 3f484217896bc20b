"""YAML text → Policy, or every problem at once, each with its place and a remedy.

Beside what the types say, everything is checked that one part of a policy says about another (`crossed.py`,
`text_checks.py`), and of a policy that can be used, what is legal but surely not meant (`doubts.py`). Must not know the
clock (today is an argument) or the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DictSchema, WithDefaultSchema

from responder.document import Code, Problem, errors, in_order, parse, validate
from responder.policy.crossed import RoleUse, crossed, roles
from responder.policy.doubts import doubts
from responder.policy.model import Policy
from responder.policy.text_checks import unfillable


class Unfillable(StrEnum):
    """What sort of mistake it is, beside those of any file."""

    TEXT = "text"  # it cannot be filled in


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a policy's text: the policy, or None where a problem is an error; `digest` is its SHA-256."""

    policy: Policy | None
    problems: tuple[Problem, ...]
    digest: str
    roles: tuple[RoleUse, ...] = ()


def load(text: str, file: str, today: date | None = None) -> Loaded:
    """Read a policy. `file` is its name for messages; `today` (in any zone) turns on the warnings about dates.

    Never raises: whatever is wrong is in `problems`, in the order of the file.
    """
    document = parse(text, file)
    policy, problems = validate(document, Policy)
    problems += _sorted_as(Code.CONFLICT, crossed(document))
    problems += _sorted_as(Unfillable.TEXT, unfillable(document))
    usable = None if errors(problems) else policy
    problems += doubts(document, usable, today) if today else ()
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Loaded(usable, in_order(problems), digest, tuple(roles(document)))


def _sorted_as(code: StrEnum, problems: Iterable[Problem]) -> Iterator[Problem]:
    return (replace(problem, code=code) for problem in problems)


def schema() -> dict[str, Any]:
    """The JSON Schema of a policy, for editors: it takes the YAML types that people would naturally write."""
    made = Policy.model_json_schema(by_alias=True, schema_generator=_EditorSchema)
    return {"$schema": _EditorSchema.schema_dialect, **made, "title": "Responder policy"}


class _EditorSchema(GenerateJsonSchema):
    """Without defaults (they would be told in another form than people write) and with no key but those described."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return {**made, "additionalProperties": False} if "patternProperties" in made else made
