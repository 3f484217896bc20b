"""The clauses: what each does, who acts, when, whether it is meant; in both languages, with and without accents."""


from hypothesis import given, settings
from hypothesis import strategies as st

from responder.words.clauses import Clause, read
from responder.words.tokens import tokenize


def clauses(text: str) -> tuple[Clause, ...]:
    return read(text, tokenize(text))


@given(st.text(max_size=200))
@settings(max_examples=50)
def test_every_word_is_in_exactly_one_clause_and_nothing_raises(text: str) -> None:
    found = [place for clause in clauses(text) for place in range(clause.first, clause.last + 1)]
    assert found == list(range(len(tokenize(text))))
