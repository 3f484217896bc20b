"""document.py: YAML text becomes a tree of texts with places, and mistakes become problems."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from responder.document import (
    MOST,
    Document,
    Duration,
    Flag,
    Place,
    Problem,
    Section,
    Severity,
    Text,
    Unusable,
    Wrong,
    did_you_mean,
    in_order,
    parse,
    plain,
    read_duration,
    read_flag,
    read_working_time,
    validate,
)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(Section):
    size: int = Field(3, description="how big", examples=["3"])
    colour: Colour = Colour.RED
    wait: Duration = timedelta(minutes=1)
    loud: Flag = False


class Outer(Section):
    title: Text = Field(description="what it is called", examples=["Nhà"])
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    named: Mapping[str, Inner] = {}


def said(text: str) -> list[str]:
    _, problems = validate(parse(text, "f"), Outer)
    return [str(problem) for problem in problems]


def tree(text: str) -> object:
    document = parse(text, "f")
    assert document.problems == ()
    return plain(document.root)


# ---------------------------------------------------------------- reading


def test_every_value_stays_the_text_that_was_written() -> None:
    assert tree("a: 17:00\nb: no\nc: 1_000\nd: 2026-02-30\ne: 0900\nf: ~\ng: [yes, 1e3]\n1: null") == {
        "a": "17:00",
        "b": "no",
        "c": "1_000",
        "d": "2026-02-30",
        "e": "0900",
        "f": "~",
        "g": ["yes", "1e3"],
        "1": "null",
    }


def test_nothing_after_the_colon_is_told_from_an_empty_text() -> None:
    assert tree("a:\nb: ''") == {"a": None, "b": ""}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    document = parse("\ufeffa: 1\r\nb: 2\r\n", "f")

    assert plain(document.root) == {"a": "1", "b": "2"}
    assert document.place(["b"]) == Place(2, 4)


def test_places_are_those_of_values_and_of_the_keys_of_groups() -> None:
    document = parse("a:\n  b: [x,  {c: y}]\n  d:\n", "f")

    assert document.place(["a"]) == Place(1, 1)
    assert document.place(["a", "b"]) == Place(2, 3)
    assert document.place(["a", "b", 1, "c"]) == Place(2, 15)
    assert document.place(["a", "d"]) == Place(3, 3)
    assert document.key_place(["a", "b"]) == Place(2, 3)


def test_places_count_letters_not_bytes() -> None:
    document = parse("{tên: «Nguyễn», tuổi: x}", "f")

    assert document.place(["tuổi"]) == Place(1, 23)
    assert document.place_of_offset(22) == Place(1, 23)


def test_a_key_written_twice_keeps_the_first_and_is_a_problem() -> None:
    document = parse("a: 1\nb: 2\na: 3\n", "f")

    assert plain(document.root) == {"a": "1", "b": "2"}
    assert [str(problem) for problem in document.problems] == [
        "f:3:1: `a` is written twice (first in line 1) — keep one of them, with everything that belongs to it"
    ]


def test_the_billion_laughs_stay_a_short_text() -> None:
    laughs = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9 if n else ['ha'] * 9)}]" for n in range(9))
    began = time.perf_counter()

    problems = parse(laughs, "f").problems

    assert time.perf_counter() - began < 1
    assert any("`*l3` repeats another part of the file" in str(problem) for problem in problems)


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "{b: " * 5_000, "- " * 3_000, "? " * 3_000])
def test_a_tower_of_brackets_is_refused_and_does_not_fall_on_us(text: str) -> None:
    (problem,) = parse(text, "f").problems

    assert "nested more than 20 deep" in str(problem)


def test_a_huge_file_is_refused_unread() -> None:
    (problem,) = parse("a: 1\n" * 250_000, "f").problems

    assert str(problem).startswith("f: the file has 1,250,000 characters — more than 1,000,000 are not read")


def test_a_large_policy_is_read_in_a_blink() -> None:
    text = "".join(f"key{n}: [một, hai, ba]\n" for n in range(5_000))
    began = time.perf_counter()

    assert parse(text, "f").problems == ()
    assert time.perf_counter() - began < 2


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?\t\n \\\x00\x85\u2028\ud800é", max_size=40))
def test_no_text_makes_the_reader_fall_over(text: str) -> None:
    document = parse(text, "f")

    assert isinstance(document, Document)
    assert document.problems or document.root
    validate(document, Outer)


# ---------------------------------------------------------------- problems


def test_a_problem_reads_as_file_line_column_what_and_remedy() -> None:
    assert str(Problem("f", 3, 4, "wrong", "right")) == "f:3:4: wrong — right"
    assert str(Problem("f", 3, 4, "odd", "even", Severity.WARNING)) == "f:3:4: warning: odd — even"
    assert str(Problem("f", 0, 0, "cannot be read", "look")) == "f: cannot be read — look"


def test_problems_are_told_once_and_in_the_order_of_the_file() -> None:
    late, early = Problem("f", 9, 1, "a", "b"), Problem("f", 2, 7, "c", "d")

    assert in_order([late, early, late]) == (early, late)
    assert str(Unusable([early, late])) == "f:2:7: c — d\nf:9:1: a — b"


def test_the_nearest_word_is_proposed_and_otherwise_all_are_named() -> None:
    assert did_you_mean("hourz", ["hours", "days"]) == "did you mean `hours`?"
    assert did_you_mean("xyz", ["hours", "days"]) == "known here: hours, days"
    assert did_you_mean("xyz", ["hours"], "take it out") == "take it out"


# ---------------------------------------------------------------- validating


def test_a_good_file_becomes_the_model() -> None:
    made, problems = validate(parse("title: Nhà\ninner: {size: 4, wait: 1h 30m, loud: có, colour: blue}", "f"), Outer)

    assert problems == []
    assert made == Outer(title="Nhà", inner=Inner(size=4, wait=timedelta(minutes=90), loud=True, colour=Colour.BLUE))


def test_a_key_left_blank_takes_the_default() -> None:
    made, problems = validate(parse("title: x\ninner:\nmany:\n", "f"), Outer)

    assert problems == []
    assert made == Outer(title="x")


def test_all_mistakes_are_told_at_once_each_at_its_place() -> None:
    assert said("inner:\n  sise: 3\n  size: big\nmany:\n  - colour: green\n  - 7\nnamed:\n  a: {loud: perhaps}\n") == [
        "f:1:1: missing key `title` — add `title: Nhà` (what it is called)",
        "f:2:3: unknown key `sise` — did you mean `size`?",
        "f:3:9: `big`: should be a valid integer — write `size: 3` (how big)",
        "f:5:13: `green` is not possible here — write red or blue",
        "f:6:5: `7` stands where a group of keys is expected — compare with the shipped example",
        "f:8:13: `perhaps` is neither yes nor no — write `yes` or `no`",
    ]


def test_a_key_unlike_any_other_is_answered_with_all_that_are_known() -> None:
    assert said("title: x\nmany:\n  - qqq: 1\n") == ["f:3:5: unknown key `qqq` — known here: size, colour, wait, loud"]


def test_mistakes_of_the_yaml_and_of_the_model_are_told_together() -> None:
    assert [line.split(" ")[0] for line in said("titel: x\ntitel: y\n")] == ["f:1:1:", "f:1:1:", "f:2:1:"]


def test_a_file_that_is_no_yaml_is_only_told_so() -> None:
    assert said("title: [x\n") == [
        "f:1:8: the list opened here by [ is not closed — close it with ], with commas in between"
    ]


# ---------------------------------------------------------------- single values


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("60m", 60), ("2h", 120), ("1h30m", 90), ("1h 30m", 90), ("1.5 hours", 90), ("2 giờ", 120), ("30 days", 43_200)],
)
def test_a_length_of_time_is_a_number_and_its_unit(text: str, minutes: int) -> None:
    assert read_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["60", "m", "2 weeks", "-2h", "2h x", "1e9h", "", None, ["2h"]])
def test_anything_else_is_no_length_of_time(text: object) -> None:
    with pytest.raises(Wrong):
        read_duration(text)


@pytest.mark.parametrize("text", ["24 working hours", "24h", "24 giờ làm việc", "24 hours", "1440 working minutes"])
def test_working_time_is_said_in_hours(text: str) -> None:
    assert read_working_time(text) == timedelta(hours=24)


@pytest.mark.parametrize("text", ["3 working days", "3d", "3 ngày làm việc", "0h", "working"])
def test_working_time_is_never_said_in_days_nor_none(text: str) -> None:
    with pytest.raises(Wrong):
        read_working_time(text)


def test_yes_and_no_are_understood_in_both_languages() -> None:
    assert [read_flag(word) for word in ("yes", "Có", "true", "on")] == [True] * 4
    assert [read_flag(word) for word in ("no", "không", "False", "off")] == [False] * 4


def test_of_very_many_mistakes_the_first_are_told_and_soon() -> None:
    document = parse("".join(f"k{number}: 1\n" for number in range(5_000)), "office.yaml")

    begun = time.process_time()
    _, problems = validate(document, Outer)

    assert time.process_time() - begun < 5
    assert len(problems) == MOST
    assert problems[0].line == 1
