"""What a text of the policy may do: name a value, ask with `if` whether it is there, change its letters. Nothing else.

A text needs no loop, no arithmetic, no part of a value and no call; without them none can reach the program, and none
can take more time or memory than it has letters. Jinja's sandbox stands behind that as a second wall. Raises Jinja's
own `TemplateError`. Knows no value by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Final

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

KEPT: Final = 256  # templates that need not be read again: a policy has some twenty
FILTERS: Final = frozenset(
    {"capitalize", "d", "default", "int", "length", "lower", "string", "title", "trim", "truncate", "upper"}
)
TESTS: Final = frozenset({"defined", "undefined", "none", "eq", "equalto", "==", "ne", "!=", "in"})
_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test, nodes.Filter, nodes.Concat, nodes.Keyword,
)  # fmt: skip
_CALLED: Final[Mapping[type[nodes.Node], str]] = {
    nodes.Getattr: "a value has no parts",
    nodes.Getitem: "a value has no parts",
    nodes.Call: "nothing can be called",
    nodes.For: "there are no loops",
    nodes.Assign: "no value can be set",
    nodes.AssignBlock: "no value can be set",
    nodes.BinExpr: "nothing can be reckoned",
}


def names(source: str) -> list[str]:
    """The values that a text names, in order."""
    return sorted(meta.find_undeclared_variables(_parsed(source)))


def filled(source: str, values: Mapping[str, str]) -> str:
    """The text with its values in place."""
    return _template(source).render(values)


@lru_cache(KEPT)
def _template(source: str) -> Template:
    with _not_too_deep():
        _parsed(source)
        return _environment().from_string(source)


def _parsed(source: str) -> nodes.Template:
    with _not_too_deep():
        tree = _environment().parse(source)
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, _ALLOWED):
                raise TemplateSyntaxError(_what(node), node.lineno)
        return tree


@contextmanager
def _not_too_deep() -> Iterator[None]:
    """What nests deeper than Jinja or Python can follow is no text that a person wrote."""
    try:
        yield
    except (RecursionError, MemoryError, SyntaxError):
        raise TemplateSyntaxError("too many brackets within brackets", 1) from None


def _what(node: nodes.Node) -> str:
    known = (said for kind, said in _CALLED.items() if isinstance(node, kind))
    return next(known, f"`{type(node).__name__.lower()}` has no place in a text")


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()
    environment.filters = {name: each for name, each in environment.filters.items() if name in FILTERS}
    environment.tests = {name: each for name, each in environment.tests.items() if name in TESTS}
    return environment
