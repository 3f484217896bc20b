"""Words with their marks in lines of a width: wide letters, words that do not fit, marks that go on."""

from __future__ import annotations

import click
import pytest

from responder.cli import marked
from responder.cli.marked import Kind, Mark
from responder.mail.language import Language
from responder.words.signals import Where


def mark(text: str, words: str, kind: Kind = Kind.HIT, label: str = "urgent") -> Mark:
    start = text.index(words)
    return Mark(Where.BODY, start, start + len(words), kind, label)


def drawn(text: str, *marks: Mark, width: int = 80) -> list[str]:
    return [click.unstyle(line) for line in marked.lines(text, marks, width)]


def test_a_mark_stands_below_its_words_also_after_wide_and_composed_letters() -> None:
    text = "漢字 e\u0301 cần gấp"
    assert drawn(text, mark(text, "cần gấp")) == [text, "       ─────── urgent"]


def test_a_mark_that_goes_on_is_underlined_in_each_line_and_named_once() -> None:
    text = "please send somebody immediately"
    words, rules = ["please send somebody", "immediately"], ["────────────────────", "───────────"]
    assert drawn(text, mark(text, text), width=22) == [words[0], rules[0], words[1], f"{rules[1]} urgent"]
    text = "now go immediately"
    assert drawn(text, mark(text, "go immediately", label="a"), width=14) == [
        "now go", "    ──", "immediately", f"{rules[1]} a",
    ]  # fmt: skip
    text = "please now go immediately"
    assert drawn(text, mark(text, "go immediately", label="a"), width=13)[1] == " " * 11 + "──"


def test_marks_of_one_place_stand_below_each_other_and_neighbours_side_by_side() -> None:
    text = "gấp lắm, mai nhé"
    found = (mark(text, "gấp lắm", label="a"), mark(text, "gấp", label="b"), mark(text, "mai", label="c"))
    assert drawn(text, *found) == [text, "─────── a", "─── b    ─── c"]


def test_a_label_without_room_on_the_right_stands_on_the_left() -> None:
    text = "x" * 30 + " gấp"
    assert drawn(text, mark(text, "gấp", label="a long label"), width=36)[1] == " " * 18 + "a long label ───"


@pytest.mark.parametrize("text", ["a" * 500, "một hai " * 50, "漢" * 100, "e\u0301" * 200, "\u202e" * 30, "\n\n x \n"])
def test_no_line_is_wider_than_the_screen_and_nothing_is_lost(text: str) -> None:
    lines = marked.fold(text, 40)
    assert max(map(marked.columns, lines)) <= 40
    assert "".join("".join(lines).split()) == "".join(marked.shown(text.replace("\n", "")).split())


def test_a_long_line_takes_no_long_time() -> None:
    text = "cần gấp " * 3000
    found = [Mark(Where.BODY, at, at + 7, Kind.HIT, "urgent") for at in range(0, 8 * 20, 8)]
    assert len(drawn(text, *found)) > 300


def test_what_is_not_there_is_not_marked() -> None:
    fields = {"signals": [{"signal": "urgent", "text": "gấp", "where": "body", "start": 3}]}
    assert marked.marks(fields, "", "không có gì", Language.EN) == ()
    (found,) = marked.marks(fields, "", "việc rất gấp", Language.EN)
    assert (found.start, found.end) == (9, 12), "where the record tells another place, the first such words"


def test_a_label_without_room_on_either_side_stands_below_its_rule() -> None:
    text = "gấp quá anh chị ơi"
    assert drawn(text, mark(text, text, label="a label"), width=20) == [text, "─" * 18, "a label"]


def test_the_rule_stands_under_its_words_however_long_its_label_is() -> None:
    text = "Báo giá 20 ghế, gấp"
    found = mark(text, "Báo", label="b"), mark(text, "gấp", label="a label of 21 letters")
    assert drawn(text, *found, width=22) == [text, "─── b" + " " * 11 + "───", " a label of 21 letters"]
