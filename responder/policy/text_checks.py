"""Whether the texts of a policy can be filled in: their language, their syntax, the values that they name.

Reads the tree, not the model, and fills each text in twice: with every value, and with none. Must not know the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import TemplateError, TemplateSyntaxError

from responder.document import Document, Place, Problem, Scalar, Table, did_you_mean
from responder.mail.language import Language
from responder.policy import templates
from responder.policy.model import Policy
from responder.policy.tree import text_of
from responder.policy.values import TEMPLATE_VALUES

_NEEDED = {"urgent_phone": "urgent_phone", "promise_hours": "promise"}  # a text's value → the policy key it comes from
_UNFILLABLE = (
    TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, AssertionError,
)  # fmt: skip


def unfillable(document: Document) -> Iterator[Problem]:
    """What is wrong with the texts and the signature."""
    if document.root is not None:
        yield from _texts(document)
        yield from _signature(document)


def _texts(document: Document) -> Iterator[Problem]:
    for key, text in document.table("texts").entries.values():
        if isinstance(text, Table):
            yield from _in_languages(document, key, text)


def _signature(document: Document) -> Iterator[Problem]:
    key, signature = document.table().entries.get("signature", (None, None))
    if key is not None and isinstance(signature, Table):
        yield from _in_languages(document, key, signature)
    elif isinstance(signature, Scalar) and signature.text is not None:
        yield from _template(document, signature, signature.text)


def _in_languages(document: Document, key: Scalar, text: Table) -> Iterator[Problem]:
    language = text_of(document.table(), "language")
    if language and language.text in tuple(Language) and text.get(language.text or "") is None:
        yield document.error(
            key.place,
            f"`{key.text}` has no text in the policy's own language, {language.text}",
            f"add `{language.text}: …` to it",
        )
    for _, words in text.entries.values():
        if isinstance(words, Scalar) and words.text is not None:
            yield from _template(document, words, words.text)


def _template(document: Document, written: Scalar, text: str) -> Iterator[Problem]:
    """What is wrong with one text: its syntax, the names it uses, else what happens when it is filled in."""
    try:
        used = templates.names(text)
        unknown = [name for name in used if name not in TEMPLATE_VALUES]
        if not unknown:
            for value in ("…", ""):  # what is behind an `if`, and behind an `if not`
                templates.filled(text, dict.fromkeys(TEMPLATE_VALUES, value))
    except TemplateSyntaxError as error:
        yield _not_fillable(document, _line_place(document, written, error.lineno), error)
        return
    except _UNFILLABLE as error:
        yield _not_fillable(document, written.place, error)
        return
    for name in unknown:
        yield document.error(
            name_place(document, written, name),
            f"`{{{{ {name} }}}}` is nothing that a text can name",
            did_you_mean(name, TEMPLATE_VALUES),
        )
    for name in used:
        yield from _unset(document, written, text, name)


def _not_fillable(document: Document, place: Place, error: Exception) -> Problem:
    said = "a filter or a comparison is given what it cannot take, perhaps a text for a number"
    if isinstance(error, TemplateError) and error.message:
        said = error.message.rstrip(".")
    remedy = "a value stands like `{{ opening }}`"
    if isinstance(error, templates.UnknownError):
        remedy = did_you_mean(error.word, error.known)
    return document.error(place, f"the text cannot be filled in: {said}", remedy)


def _unset(document: Document, written: Scalar, text: str, name: str) -> Iterator[Problem]:
    """A value that this policy leaves empty, unless the text asks first: `{% if urgent_phone %}`."""
    key = _NEEDED.get(name)
    if key and document.table().get(key) is None and not re.search(rf"\{{%-?\s*if\s+{name}\b", text):
        example = Policy.model_fields[key].examples or ["…"]
        yield document.error(
            name_place(document, written, name),
            f"the text names `{{{{ {name} }}}}`, but the policy has no `{key}`",
            f"add `{key}: {example[0]}`, or take it out of the text",
        )


def _line_place(document: Document, written: Scalar, line: int) -> Place:
    """The line of a text as it stands in the file (exact below a `|`; else the text's beginning)."""
    if not written.literal:
        return written.place
    at = written.place.line + line
    lines = document.text.split("\n")
    indent = len(lines[at - 1]) - len(lines[at - 1].lstrip()) if at <= len(lines) else 0
    end = len(lines[at - 1].rstrip()) + 1 if at <= len(lines) else 0
    return Place(at, indent + 1, end if end > indent + 1 else 0)


def name_place(document: Document, written: Scalar, name: str) -> Place:
    """Where a text first names that value between its braces."""
    for braces in re.finditer(r"\{[{%].*?[%}]\}", document.text[written.start : written.end], re.DOTALL):
        found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", braces[0])
        if found:
            return document.place_of_offset(written.start + braces.start() + found.start(), len(name))
    return written.place
