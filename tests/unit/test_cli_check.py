"""`responder check`: how problems are shown, told to programs, and what the office's own mail says of its words."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest

from responder.cli import check, excerpt, show
from responder.cli.masked import masked
from responder.document import Beside, Code, Place, Problem, Severity, in_order
from responder.policy.doubts import Doubt
from responder.policy.load import Unfillable
from responder.store import schema
from responder.store.store import Store
from tests.cli_office import CliOffice, mail, make_office, responder

DOCS = Path(__file__).parents[2] / "docs"
POLICY = """\
language: vi
timezone: Asia/Ho_Chi_Minh
hours: {mon-fri: "08:00-17:00"}
holidays: {2026-01-01: Tết Dương lịch, 2027-01-01: Tết Dương lịch}
signals:
  urgent: {words: [hoả tốc, bình hoa]}
plays:
  - {name: urgent, when: {signal: urgent, to: TO}, do: {mark: flagged}}
"""
OURS = "info@congty.example"
GOOD = POLICY.replace("TO", OURS)
LUNCH = GOOD.replace("08:00-17:00", "12:00-13:00")
NOON = '    3 | hours: {mon-fri: "12:00-13:00"}\n      |                  ^^^^^^^^^^^^^\n'


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    monkeypatch.chdir(tmp_path)
    return make_office(tmp_path, monkeypatch)


def with_policy(office: CliOffice, text: str) -> Path:
    path = office.folder / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    office.write_config(policy=path)
    return path


EXAMPLES = """\
examples:
  - "Gửi hoả tốc giúp em, closed → urgent"
  - "Chào em, closed → normal"
"""


# ---------------------------------------------------------------- how the examples came out


def test_how_many_examples_came_true_is_said_before_the_count(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(GOOD + EXAMPLES, encoding="utf-8")

    told = responder("check", path)

    assert told.exit_code == 0
    assert told.stdout.splitlines()[-2] == f"{path}: 2 examples, all as they should be"


def test_how_many_examples_failed_is_said_too(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(GOOD + EXAMPLES.replace("→ normal", "→ urgent"), encoding="utf-8")

    told = responder("check", path, "--brief")

    assert told.exit_code == 1
    assert told.stdout.splitlines()[-2:] == [
        f"{path}: 2 examples, 1 of them not as they should be",
        f"{path}: 1 problem",
    ]


def test_a_policy_of_several_accounts_has_its_examples_counted_once(office: CliOffice) -> None:
    path = with_policy(office, GOOD + EXAMPLES)

    told = responder("check").stdout

    assert told.count("2 examples, all as they should be") == 1
    assert f"{path.name}: 2 examples" in told


def test_json_holds_problems_only(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(GOOD + EXAMPLES, encoding="utf-8")

    assert responder("check", path, "--json").stdout == ""


# ---------------------------------------------------------------- shown


def test_the_line_of_the_file_stands_below_the_problem_with_carets_under_the_place(office: CliOffice) -> None:
    path = with_policy(office, LUNCH)

    told = responder("check", path).stdout

    assert told.startswith(f"{path}:3:18: warning: this looks like the lunch break")
    assert NOON in told
    assert told.endswith(f"{path}: no problems, 1 warning\n")


def test_brief_leaves_the_lines_of_the_file_out(office: CliOffice) -> None:
    path = with_policy(office, LUNCH)

    assert len(responder("check", "--brief", path).stdout.splitlines()) == 2


def test_on_a_terminal_errors_and_warnings_have_colours_of_their_own(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "on_screen", lambda: True)
    path = with_policy(office, LUNCH.replace("language: vi", "language: xx"))

    told = [*excerpt.told(Problem("f", 1, 1, "what", "remedy", end_column=3), {"f": "abc"}, 80, excerpt.coloured)]

    assert all("\x1b[31m" in told[number] for number in (0, 2))
    warning = Problem("f", 1, 1, "what", "remedy", Severity.WARNING)
    assert "\x1b[33m" in next(excerpt.told(warning, {}, 80, excerpt.coloured))
    assert "\x1b[" not in responder("check", path).stdout  # a pipe gets none, whatever was wished


def test_the_words_of_the_first_line_are_the_same_with_colours() -> None:
    problem = Problem("f.yaml", 2, 3, "`x: what`", "`x: what` is a remedy", Severity.WARNING)

    (line,) = excerpt.told(problem, {}, 80, excerpt.coloured)

    assert re.sub(r"\x1b\[[0-9;]*m", "", line) == str(problem)


def test_no_colours_where_none_are_wanted(office: CliOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")

    assert not show.on_screen()


def shown(text: str, place: Place, width: int = 80) -> list[str]:
    problem = Problem("f", place.line, place.column, "what", "remedy", end_column=place.end_column)
    return list(excerpt.told(problem, {"f": text}, width))[1:]


@pytest.mark.parametrize(
    ("line", "start", "end", "before", "length"),
    [
        ("a: bcd", 4, 7, 3, 3),
        ("a: bcd", 4, 0, 3, 1),  # the end is not known
        ("a: bcd", 7, 8, 6, 1),  # behind the last letter
        ("時間: bcd", 5, 8, 6, 3),
        ("a: 時間", 4, 6, 3, 4),
        (unicodedata.normalize("NFD", "gấp: bcd"), 8, 11, 5, 3),
        ("a:\tbcd", 4, 7, 6, 3),
        ("a: \u202ebcd", 5, 8, 9, 3),
        ("a: 👍🏽bcd", 6, 9, 7, 3),
    ],
)
def test_the_carets_stand_under_what_is_meant(line: str, start: int, end: int, before: int, length: int) -> None:
    _, carets = shown(line, Place(1, start, end))

    assert carets == f"      | {' ' * before}{'^' * length}"


@pytest.mark.parametrize("column", [1, 300, 1000])
@pytest.mark.parametrize("letter", ["x", "時"])
def test_a_long_line_is_cut_around_the_place(column: int, letter: str) -> None:
    line = letter * (column - 1) + "HERE" + letter * 996

    text, carets = shown(line, Place(1, column, column + 4), width=80)

    assert sum(2 if character == "時" else 1 for character in text) <= 80
    assert carets.endswith("^^^^")
    place = carets.index("^")
    cells = "".join(character * (2 if character == "時" else 1) for character in text)
    assert cells[place : place + 4] == "HERE"


def test_a_line_of_a_million_letters_is_shown_at_once() -> None:
    text, carets = shown("x" * 999_000 + "HERE" + "x" * 900, Place(1, 999_001, 999_005))

    assert len(text) <= 80
    assert carets.endswith("^^^^")


def test_a_line_of_tricks_reaches_nobody_as_such() -> None:
    text, _ = shown('a: "\x1b[2J\u202e\u200b"', Place(1, 4))

    assert r"\u001b[2J\u202e\u200b" in text


def test_the_other_place_is_shown_too_and_one_line_only_once() -> None:
    text = "a: one\nb: two, three\n"
    other = Problem("f", 2, 4, "what", "remedy", end_column=7, beside=Beside(Place(1, 4, 7), "is here"))
    same = Problem("f", 2, 4, "what", "remedy", end_column=7, beside=Beside(Place(2, 9, 14), "is here"))

    assert list(excerpt.told(other, {"f": text}, 80))[1:] == [
        "    2 | b: two, three", "      |    ^^^", "    1 | a: one", "      |    --- is here",
    ]  # fmt: skip
    assert list(excerpt.told(same, {"f": text}, 80))[1:] == [
        "    2 | b: two, three", "      |    ^^^", "      |         ----- is here",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "problem", [Problem("f", 0, 0, "a", "b"), Problem("f", 1, 1, "a", "b"), Problem("f", 9, 1, "a", "b")]
)
def test_what_is_about_the_whole_file_shows_no_line_of_it(problem: Problem) -> None:
    assert list(excerpt.told(problem, {"f": "a: b\n"}, 80)) == [str(problem)]


# ---------------------------------------------------------------- told to programs


def test_json_tells_each_problem_with_its_place_and_its_sort(office: CliOffice) -> None:
    path = with_policy(office, LUNCH + "hours: {}\n")

    result = responder("check", "--json", path)

    (error,) = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 1
    assert error["code"] == "written_twice"
    assert error["beside"] == {"line": 3, "column": 1, "end_column": 6, "what": "written here first"}
    assert (error["line"], error["column"], error["end_column"]) == (9, 1, 6)
    assert error["file"] == str(path)
    assert error["what"].startswith("`hours` is written twice")


def test_json_says_nothing_where_all_is_well(office: CliOffice) -> None:
    path = with_policy(office, GOOD)

    assert (responder("check", "--json", path).stdout, responder("check", "--json", path).exit_code) == ("", 0)


@pytest.mark.parametrize("other", [("--brief",), ("--connect",), ("--ring", "manager")])
def test_json_goes_with_nothing_else(office: CliOffice, other: tuple[str, ...]) -> None:
    assert office.run("check", "--json", *other).exit_code == 2


def test_every_sort_of_problem_is_in_the_documentation() -> None:
    text = (DOCS / "json.md").read_text(encoding="utf-8")

    assert not [code for codes in (Code, Doubt, Unfillable) for code in codes if f"`{code.value}`" not in text]


def test_the_same_problem_is_told_once_however_much_of_it_is_known() -> None:
    assert (
        len(in_order([Problem("f", 1, 1, "a", "b"), Problem("f", 1, 1, "a", "b", end_column=4, code=Code.YAML)])) == 1
    )


# ---------------------------------------------------------------- the office's own addresses and mail


def test_a_play_for_an_address_of_nobody_is_doubted(office: CliOffice) -> None:
    path = with_policy(
        office, POLICY.replace("TO", "[info@congty.example, Info+web@congty.example, nobody@congty.example]")
    )

    told = office.run("check", "--brief").stdout

    assert "no account of the config has the address `nobody@congty.example`" in told
    assert told.count("no account of the config") == 1
    assert f"{path}:8:" in told


def with_mails(office: CliOffice, texts: list[str]) -> None:
    for number, text in enumerate(texts):
        office.box.deliver(mail(text, f"Thư {number}", sender=f"khach{number}@khach.example"), at=office.clock.now())
    office.triage()


@pytest.mark.parametrize(("among", "is_told"), [(30, True), (29, False)])
def test_a_word_in_half_of_the_mail_is_doubted_with_its_share(office: CliOffice, among: int, is_told: bool) -> None:
    with_policy(office, GOOD)
    office.triage()
    with_mails(
        office,
        ["Cho em xin giá bình hoa này với ạ."] * (among // 2 + 1)
        + ["Cho em xin giá ạ."] * (among // 2 - 1 + among % 2),
    )

    told = office.run("check").stdout

    assert ("`bình hoa` counts in 16 of the last 30 mails" in told) is is_told


def test_a_word_in_less_than_half_of_the_mail_is_none_to_doubt(office: CliOffice) -> None:
    with_policy(office, GOOD)
    office.triage()
    with_mails(office, ["Cho em xin giá bình hoa này với ạ."] * 14 + ["Cho em xin giá ạ."] * 17)

    assert "counts in" not in office.run("check").stdout


def test_a_state_of_another_version_is_left_as_it_is(office: CliOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    with_policy(office, GOOD)
    Store.open(office.state).close()
    monkeypatch.setattr(schema, "VERSION", "9999")

    result = office.run("check")

    assert result.exit_code == 0
    assert "the words were not held against the mails that came" in result.stderr
    assert "the state is not of this version yet" in result.stderr


def test_a_state_that_is_closed_to_this_user_keeps_nobody_from_checking(
    office: CliOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    with_policy(office, GOOD)
    monkeypatch.setattr(Path, "exists", closed)
    result = office.run("check")
    assert result.exit_code == 0
    assert f"{office.state} is closed to this user" in result.stderr
    assert "no problems" in result.stdout


def test_check_makes_no_state(office: CliOffice) -> None:
    assert office.run("check").exit_code == 0
    assert not office.state.exists()


def test_only_so_many_mails_are_looked_at(office: CliOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "MAILS", 10)
    with_policy(office, GOOD)
    office.triage()
    with_mails(office, ["Cho em xin giá bình hoa này với ạ."] * 40)

    assert "counts in" not in office.run("check").stdout


# ---------------------------------------------------------------- what is hidden


@pytest.mark.parametrize(
    "line",
    [
        "    password: geheim",
        "    pasword: geheim",
        "    password: {file: x, env: y}  # before: geheim",
        "    password: |\n      geheim",
        "    password: [geheim",
        "    user: info password: geheim",
        "    geheim",
        "heartbeat: https://hc.example/geheim",
        "    imap: imaps://info:geheim@imap.congty.example",
        "    wake: {webhook: {url: https://x.example/geheim}}",
    ],
)
def test_what_may_be_a_secret_is_shown_in_no_line_of_a_config(line: str) -> None:
    text = f"mode: live\naccounts:\n  info:\n{line}\n"

    assert "geheim" not in masked(text)
    assert "mode: live" in masked(text)
    assert len(masked(text).split("\n")) == len(text.split("\n"))


def test_a_mistyped_key_of_a_password_does_not_print_it(office: CliOffice) -> None:
    text = office.config.read_text(encoding="utf-8")
    office.config.write_text(text.replace("password: {env: NO_SUCH_PASSWORD}", "pasword: geheim"), encoding="utf-8")

    told = office.run("check").stdout

    assert "unknown key `pasword`" in told
    assert "^^^^^^^" in told
    assert "geheim" not in told


def test_a_policy_that_cannot_be_read_as_yaml_is_still_shown_as_one(office: CliOffice) -> None:
    path = with_policy(office, GOOD + "texts: {out: {vi: Hotline: 0900}}\n")

    assert "texts: {out: {vi: Hotline: 0900}}" in responder("check", path).stdout
