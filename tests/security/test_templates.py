"""A text of the policy names values; whatever else is written into one reaches nothing, and takes no time or memory."""

from __future__ import annotations

import time

import pytest

from responder.document import errors
from responder.policy.load import load
from responder.policy.wording import WordingError, fill
from tests.cli_office import POLICY

VALUES = {"subject": "Hỏi giá", "opening": "thứ Hai", "urgent_phone": ""}
AT_ONCE = 3.0  # seconds of computing, on a slow machine

REACHING_OUT = [
    "{{ subject.__class__ }}",
    "{{ subject['__class__'] }}",
    "{{ subject|attr('__class__') }}",
    "{{ subject|map(attribute='__class__')|list }}",
    "{{ '{0.__class__.__mro__}'.format(subject) }}",
    "{{ '%s' % subject }}",
    "{{ subject.upper() }}",
    "{{ self._TemplateReference__context }}",
    "{{ [].append }}",
    "{{ ''.__init__.__globals__['__builtins__'] }}",
    "{% set x = subject %}{{ x }}",
    "{% macro f() %}{% endmacro %}{{ f.__globals__ }}",
    "{% include 'digest.html.j2' %}",
    "{% import 'digest.html.j2' as x %}",
    "{% extends 'digest.html.j2' %}",
    "{% block b %}x{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{% call subject() %}{% endcall %}",
    "{{ lipsum() }}",
]
ENDLESS = [
    "{{ 'a' * 10**9 }}",
    "{{ 10**10**9 }}",
    "{{ 'a'|center(10**9) }}",
    "{{ 'a'|center(1000000000) }}",
    "{{ 'a'|indent(1000000000) }}",
    "{{ '%1000000000d'|format(1) }}",
    "{% for a in range(10**9) %}x{% endfor %}",
    "{% for a in subject %}{% for b in subject %}{% for c in subject %}x{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in [1,2,3] recursive %}{{ loop([1]) }}{% endfor %}",
    "{{ subject" + "|replace('', 'aaaaaaaaaa')" * 12 + " }}",
    "{{ " + "(" * 100_000 + "subject" + ")" * 100_000 + " }}",
    "{{ " + " or ".join(["urgent_phone"] * 50_000) + " }}",
    "{% if subject %}" * 5000 + "{% endif %}" * 5000,
]


@pytest.mark.parametrize("template", REACHING_OUT)
def test_no_text_reaches_out(template: str) -> None:
    with pytest.raises(WordingError):
        fill(template, VALUES)


@pytest.mark.parametrize("template", ENDLESS, ids=lambda each: each[:40])
def test_no_text_takes_long_or_grows(template: str) -> None:
    began = time.process_time()
    with pytest.raises(WordingError):
        fill(template, VALUES)
    assert time.process_time() - began < AT_ONCE


@pytest.mark.parametrize("template", [*REACHING_OUT, *ENDLESS], ids=lambda each: each[:40])
def test_a_policy_with_such_a_text_is_refused_with_the_line_and_not_by_a_crash(template: str) -> None:
    policy = POLICY.read_text(encoding="utf-8")
    quoted = template.replace("'", "''")
    [*_, signature] = [line for line in policy.splitlines() if line.startswith("signature:")] or [""]
    text = policy.replace(signature, "") if signature else policy
    found = errors(load(f"{text}\nsignature: '{quoted}'\n", "vi-office.yaml").problems)
    assert any("the text cannot be filled in" in problem.what for problem in found), found


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{% autoescape true %}\nx\n{% endautoescape %}", "1: `{% autoescape true %}` has no place in a text"),
        ("Chào\n{{ -1 }}", "2: `{{ -1 }}` has no place in a text"),
        ("{% filter upper %}x{% endfilter %}", "1: `{% filter upper %} {% endfilter %}` has no place in a text"),
        ("{{ subject|uper }}", "1: there is no `uper` — did you mean `upper`?"),
        ("{{ subject|replace('a', 'b') }}", "1: there is no `replace` — known here: capitalize, d, default, int, "),
        ("{% if subject is odd %}x{% endif %}", "1: there is no `odd` — known here: defined, eq, equalto, in, ne, "),
        ("{{ subject|truncate('20') }}", "1: `truncate` wants a number — "),
        ("{{ subject|truncate(length=subject) }}", "1: `truncate` wants a number — "),
        ("{{ subject|truncate(1) }}", "0: a filter or a comparison is given what it cannot take"),
        ("{% if subject >= 3 %}x{% endif %}", "0: a filter or a comparison is given what it cannot take"),
        ("{% if not subject %}{{ 1 in 2 }}{% endif %}", "0: a filter or a comparison is given what it cannot take"),
    ],
)
def test_a_text_that_is_refused_is_told_in_its_own_words_at_its_line(template: str, told: str) -> None:
    """Below a `|`: line 0 is that of the `|` itself."""
    policy = "".join(line for line in POLICY.read_text(encoding="utf-8").splitlines(True) if "signature:" not in line)
    first = policy.count("\n") + 1
    indented = "".join(f"  {line}\n" for line in template.split("\n"))
    [problem] = errors(load(f"{policy}signature: |\n{indented}", "vi-office.yaml").problems)
    said = f"{problem.line - first}: {problem.what} — {problem.remedy}".replace("the text cannot be filled in: ", "")
    assert said.startswith(told)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Về {{ subject }}", "Về Hỏi giá"),
        ("{% if urgent_phone %}gọi {{ urgent_phone }}{% else %}chờ{% endif %}", "chờ"),
        ("{{ urgent_phone or opening }}", "thứ Hai"),
        ("{{ urgent_phone|default('không có', true)|upper }}", "KHÔNG CÓ"),
        ("{{ 'x' if opening == 'thứ Hai' and not urgent_phone else 'y' }}", "x"),
        ("{# một ghi chú #}{{ subject ~ '!' }}{% raw %}{{ x }}{% endraw %}", "Hỏi giá!{{ x }}"),
    ],
)
def test_what_a_text_is_for_works(template: str, text: str) -> None:
    assert fill(template, VALUES) == text


def test_what_a_customer_writes_is_never_a_template() -> None:
    for hostile in (*REACHING_OUT, *ENDLESS):
        assert fill("{{ subject }}", {"subject": hostile}) == hostile
