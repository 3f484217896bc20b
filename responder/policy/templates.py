"""What a text of the policy may do: name a value, ask with `if` whether it is there, change its letters. Nothing else.

A text needs no loop, no arithmetic, no part of a value and no call; without them none can reach the program, and none
can take more time or memory than it has letters. Jinja's sandbox stands behind that as a second wall. Raises Jinja's
own `TemplateError`. Knows no value by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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


QUOTED: Final = 100  # characters of a line of a text that a message looks at


class UnknownError(TemplateSyntaxError):
    """A text names a filter or a test that it cannot have; `known` are those that it can."""

    def __init__(self, word: str, known: Iterable[str], line: int) -> None:
        super().__init__(f"there is no `{word}`", line)
        self.word, self.known = word, sorted(each for each in known if each.isidentifier())


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
            _check(node, source)
        return tree


def _check(node: nodes.Node, source: str) -> None:
    if not isinstance(node, _ALLOWED):
        line = next((each.lineno for each in (node, *node.find_all(nodes.Node)) if each.lineno), 1)
        raise TemplateSyntaxError(_what(node, source, line), line)
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise UnknownError(node.name, FILTERS, node.lineno)
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        raise UnknownError(node.name, TESTS, node.lineno)
    if isinstance(node, nodes.Filter) and node.name == "truncate":
        length = (*node.args, *(each.value for each in node.kwargs if each.key == "length"))[:1]
        if not all(isinstance(each, nodes.Const) and isinstance(each.value, int) for each in length):
            raise TemplateSyntaxError("`truncate` wants a number", node.lineno)


@contextmanager
def _not_too_deep() -> Iterator[None]:
    """What nests deeper than Jinja or Python can follow is no text that a person wrote."""
    try:
        yield
    except (RecursionError, MemoryError, SyntaxError):
        raise TemplateSyntaxError("too many brackets within brackets", 1) from None


def _what(node: nodes.Node, source: str, line: int) -> str:
    """Why it is not taken; what we have no word for, as it is written."""
    known = (said for kind, said in _CALLED.items() if isinstance(node, kind))
    written = re.findall(r"\{[{%].*?[%}]\}", source.split("\n")[line - 1][:QUOTED])
    return next(known, f"`{' '.join(written)}` has no place in a text" if written else "this has no place in a text")


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()
    environment.filters = {name: each for name, each in environment.filters.items() if name in FILTERS}
    environment.tests = {name: each for name, each in environment.tests.items() if name in TESTS}
    return environment
