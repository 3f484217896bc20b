"""Rows by name: what was put in is found, nothing else is, in a third of the memory of a dict."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.words.rows import Rows

NAMES = [f"một hai {number}" for number in range(20_000)]


def row(number: int) -> bytes:
    return number.to_bytes(12, "big")


def test_what_was_put_in_is_found_and_nothing_else() -> None:
    rows = Rows.of(((name, row(number)) for number, name in enumerate(NAMES)), 12)
    assert rows.known(NAMES) == {name: row(number) for number, name in enumerate(NAMES)}
    assert rows.known(f"{name} ba" for name in NAMES) == {}
    assert len(rows) == len(NAMES)


def test_the_rows_come_in_the_order_that_is_asked_for() -> None:
    rows = Rows.of([("a", b"1"), ("b", b"2"), ("c", b"3")], 1)
    assert list(rows.known(["c", "x", "a", "b"]).items()) == [("c", b"3"), ("a", b"1"), ("b", b"2")]


@given(st.dictionaries(st.text(st.characters()), st.binary(min_size=3, max_size=3)), st.lists(st.text()))
def test_it_finds_what_a_dict_finds(there: dict[str, bytes], others: list[str]) -> None:
    rows = Rows.of(there.items(), 3)
    assert rows.known([*there, *others]) == there


def test_a_name_whose_hash_is_none_is_found_as_well() -> None:
    assert hash("") == 0
    rows = Rows.of([("", b"empty"), ("a", b"other")], 5)
    assert rows.known(["", "a", "b"]) == {"": b"empty", "a": b"other"}


def test_of_no_rows_none_is_found() -> None:
    assert Rows.of([], 12).known(["a", ""]) == {}


def test_the_same_rows_are_equal() -> None:
    one, same, other = (Rows.of([("a", byte), ("b", b"2")], 1) for byte in (b"1", b"1", b"3"))
    assert one == same
    assert one != other


@pytest.mark.parametrize(("rows", "said"), [([("a", b"12")], "'a' has 2"), ([("a", b"1"), ("a", b"2")], "two rows")])
def test_a_row_of_another_width_and_a_second_row_are_refused(rows: list[tuple[str, bytes]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Rows.of(rows, 1)


def test_it_takes_a_third_of_the_memory_of_a_dict() -> None:
    tracemalloc.start()
    try:
        as_dict = {f"một hai {number}": row(number) for number in range(len(NAMES))}
        of_dict, _ = tracemalloc.get_traced_memory()
        rows = Rows.of(as_dict.items(), 12)
        both, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(rows) == len(as_dict)
    assert both - of_dict < of_dict / 3
