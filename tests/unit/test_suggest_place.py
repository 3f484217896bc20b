"""Whoever writes a proposed phrase where `responder suggest` says gets the list with one word more."""

from __future__ import annotations

import pytest

from responder.cli.suggest_place import Addition, Spot, addition
from responder.cli.suggest_words import WORDS
from responder.document import parse, scalars
from responder.policy.proposals import Kind

BRACKETS = '  urgent:\n    words: [khẩn, "làm {ngay|liền}"]  # nói thẳng\n'
SEVERAL_LINES = "  urgent:\n    words: [\n      khẩn,  # nói thẳng\n      'cần ngay',\n    ]\n"
LINES = '  urgent:\n      words:\n      - khẩn\n      - "làm {ngay|liền}"  # nói thẳng\n'
ONE = '  urgent:\n    words: "làm {ngay|liền}"  # nói thẳng\n'
BRACES = "  urgent: {words: [khẩn], deadline: within 1 working day}\n"
ONE_IN_BRACES = "  urgent: {words: khẩn}\n"
EMPTY = "  urgent:\n    words: [khẩn]\n    unless: []\n"
BLANK = "  urgent:\n    words: [khẩn]\n    unless:\n"


def as_told(text: str, added: Addition) -> str:
    """What somebody does who goes by what is told."""
    lines = text.splitlines()
    line = lines[added.line - 1]
    match added.spot:
        case Spot.AFTER:
            begin = line.rindex(added.there) + len(added.there)
            end = begin + line[begin:].startswith(("'", '"'))
            lines[added.line - 1] = line[:end] + added.text + line[end:]
        case Spot.UNDER:
            lines.insert(added.line, line[: line.index("-")] + added.text)
        case Spot.INSTEAD:
            assert added.there in line
            lines[added.line - 1] = line.replace(added.there, added.text)
        case Spot.BELOW:
            following = lines[added.line]
            lines.insert(added.line, following[: len(following) - len(following.lstrip())] + added.text)
        case Spot.WITHIN:
            end = line.rindex("}")
            lines[added.line - 1] = line[:end] + added.text + line[end:]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("group", "kind", "spot"),
    [
        (BRACKETS, Kind.WORD, Spot.AFTER),
        (SEVERAL_LINES, Kind.WORD, Spot.AFTER),
        (LINES, Kind.WORD, Spot.UNDER),
        (ONE, Kind.WORD, Spot.INSTEAD),
        (BRACES, Kind.WORD, Spot.AFTER),
        (ONE_IN_BRACES, Kind.WORD, Spot.INSTEAD),
        (EMPTY, Kind.EXCEPTION, Spot.INSTEAD),
        (BLANK, Kind.EXCEPTION, Spot.INSTEAD),
        (BRACKETS, Kind.EXCEPTION, Spot.BELOW),
        (LINES, Kind.EXCEPTION, Spot.BELOW),
        (BRACES, Kind.EXCEPTION, Spot.WITHIN),
    ],
)
def test_the_phrase_written_where_it_is_told_stands_at_the_end_of_the_list(group: str, kind: Kind, spot: Spot) -> None:
    text = f"language: vi\nsignals:\n{group}plays: []\n"
    before = parse(text, "")
    added = addition(before, "urgent", kind, "chảy nước")
    assert added.spot is spot
    after = parse(as_told(text, added), "")
    assert after.problems == ()
    path = ("signals", "urgent", kind.value)
    had = [each.text for each in scalars(before.node(path))]
    assert [each.text for each in scalars(after.node(path))] == [*had, "chảy nước"]


def test_every_spot_is_told_in_both_languages() -> None:
    for words in WORDS.values():
        assert set(words.spots) == set(Spot)
        said = [each.format(kind="words", signal="urgent", there="khẩn") for each in words.spots.values()]
        assert len(set(said)) == len(Spot)
        assert not any("{" in each or "}}" in each for each in said)
