"""Examples in a policy: how they are written, what holds, and what a failing one tells."""

from __future__ import annotations

import time
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from responder import learned
from responder.document import Severity, Wrong
from responder.policy.arriving import WEEK, arrival
from responder.policy.doubts import Doubt
from responder.policy.examples import failing, tried
from responder.policy.expected import Sometime, read_expectations, read_moment
from responder.policy.load import Loaded, load
from responder.policy.meaning import Judging
from responder.policy.model import Policy

POLICIES = Path(__file__).parents[2] / "policies"

OFFICE = """\
language: en
timezone: Asia/Ho_Chi_Minh
hours: {mon-fri: "08:00-12:00, 13:00-17:00"}
holidays: {2026-11-20: {closed: Teachers' Day}}
plays:
  - name: urgent
    when: {office: closed, signal: urgent}
    do: {reply: urgent, mark: [flagged, {folder: Việc gấp}]}
    phone_matters: yes
  - name: complaint
    when: {signal: complaint}
    do: {alert: manager}
  - name: out-of-hours
    when: {office: closed}
    do: {reply: out_of_hours, follow_up: next_workday}
signals:
  urgent: {words: [gấp, urgent, khẩn], unless: [gấp đôi]}
  complaint: {words: [khiếu nại, complaint]}
  thanks_only: {words: [cảm ơn, thank you]}
texts:
  urgent: {en: Please call.}
  out_of_hours: {en: We are closed.}
  next_workday: {en: Hello.}
"""


def office(*examples: str, text: str = OFFICE) -> Loaded:
    listed = "".join(f"  - {each}\n" for each in examples)
    return load(f"{text}examples:\n{listed}", "policy.yaml")


def told(*examples: str, text: str = OFFICE, judge: Judging | None = None) -> list[str]:
    """What `check` would say of these examples; their place is left out."""
    loaded = office(*examples, text=text)
    return [f"{each.what} — {each.remedy}" for each in (*loaded.problems, *failing(loaded, judge))]


# ---------------------------------------------------------------- what holds


@pytest.mark.parametrize(
    "example",
    [
        '{mail: "Báo giá gấp giúp em", at: thứ Bảy 22:10, then: "urgent, reply urgent"}',
        '"Báo giá gấp giúp em, 22:10 thứ Bảy → urgent, reply urgent"',
        "Báo giá gấp giúp em, 22:10 thứ Bảy -> urgent, reply urgent",
        '{mail: "Cảm ơn anh nhiều ạ!", at: closed, then: nothing}',
        "{mail: Cảm ơn, then: [không gì, thanks_only]}",
        '"This is urgent, open → urgent, no reply, no mark, no follow_up"',
        '"Tôi khiếu nại, ngoài giờ → bình thường, complaint, play complaint, tình huống out-of-hours, báo manager"',
        '"Bảng giá nhé, ngoài giờ → không gấp, không complaint, trả lời out_of_hours, thư hôm sau next_workday"',
        '"Gấp lắm, ngoài giờ → gắn cờ, mark folder Việc gấp, đánh dấu folder:Việc gấp"',
        '{mail: Chào anh, subject: gấp, at: closed, then: urgent}',
        '{mail: Chào anh, subject: "một\\ntiêu đề\\nBcc: ai@congty.example", at: closed, then: normal}',
    ],
)  # fmt: skip
def test_an_example_that_comes_true_says_nothing(example: str) -> None:
    assert told(example) == []


def test_sender_and_address_may_be_named() -> None:
    text = OFFICE.replace("when: {signal: complaint}", 'when: {sender: "*@bank.example", to: ke.toan@congty.example}')
    example = "{{mail: x, from: {}, to: ke.toan@congty.example, then: {}alert manager}}"
    assert told(example.format("a@bank.example", ""), example.format("a@shop.example", "no "), text=text) == []


@pytest.mark.parametrize("name", ["vi-office.yaml", "en-office.yaml"])
@pytest.mark.parametrize("judges", [True, False], ids=["judged", "words alone"])
def test_the_examples_of_a_shipped_policy_come_true(name: str, judges: bool) -> None:
    loaded = load((POLICIES / name).read_text(encoding="utf-8"), name)
    assert loaded.policy is not None
    assert len(loaded.policy.examples) >= 10
    assert failing(loaded, learned.judge() if judges else None) == ()


@pytest.mark.parametrize(
    "hours", ['mon-sat: "09:30-21:00"', 'mon-thu: "08:00-12:00, 13:30-17:30"', 'sat-sun: "06:00-22:00"']
)
@pytest.mark.parametrize("name", ["vi-office.yaml", "en-office.yaml"])
def test_whoever_changes_nothing_but_the_hours_or_the_days_off_meets_no_example_that_fails(
    name: str, hours: str
) -> None:
    text = (POLICIES / name).read_text(encoding="utf-8").replace('mon-fri: "08:00-17:00"', hours)
    before, after = text.partition("\nholidays:")[0], text.partition("\ndays:")[2]
    assert failing(load(f"{before}\nholidays:\ndays:{after}", name), learned.judge()) == ()


def test_two_hundred_examples_take_no_second() -> None:
    text = (POLICIES / "vi-office.yaml").read_text(encoding="utf-8")
    before, _, rest = text.partition("examples:\n")
    examples, mark, after = rest.partition("# --- Từ ngữ")
    loaded = load(f"{before}examples:\n{(examples.rstrip() + chr(10)) * 20}{mark}{after}", "policy.yaml")
    judge = learned.judge()
    assert loaded.policy is not None
    assert len(loaded.policy.examples) >= 200
    loaded.policy.matcher()
    begin = time.process_time()
    assert failing(loaded, judge) == ()
    assert time.process_time() - begin < 2, "some 0.7 s on a busy machine"


# ---------------------------------------------------------------- what fails


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (
            '"Báo giá giúp em, sat 22:10 → urgent, reply urgent"',
            "this mail should come out as `urgent, reply urgent`, but came out as `normal, reply out_of_hours`: "
            "no word of `urgent` is in it — add a word to `urgent`, or correct the example",
        ),
        (
            '"Em đặt gấp đôi, closed → urgent"',
            "this mail should come out as `urgent`, but came out as `normal`: “gấp” does not count (“gấp đôi” is there)"
            " — look at the `unless`, or correct the example",
        ),
        (
            '"Việc này gấp lắm, urgent!, closed → bình thường"',
            "this mail should come out as `bình thường`, but came out as `urgent`: “gấp”, “urgent” are words of "
            "`urgent` — add an `unless` to `urgent`, or correct the example",
        ),
        (
            '"I have a complaint, closed → no complaint, no alert"',
            "this mail should come out as `no complaint, no alert`, but came out as `complaint, alert manager`: "
            "“complaint” is a word of `complaint` — add an `unless` to `complaint`, or correct the example",
        ),
        (
            '"Gấp lắm, mon 9:00 → reply urgent"',
            "this mail should come out as `reply urgent`, but came out as `no reply`: on mon 09:00 the office is open, "
            "and no play fits — correct the play, or the example",
        ),
        (
            '"Bảng giá, mon 6:30 → reply"',
            "this mail should come out as `reply`, but came out as `no reply`: on mon 06:30 the office is closed until "
            "08:00, and `out-of-hours` fits — correct the play, or the example",
        ),
        (
            '"Cảm ơn anh ạ, closed → reply out_of_hours"',
            "this mail should come out as `reply out_of_hours`, but came out as `no reply`: it is taken for a mere "
            "thank-you — correct the play, or the example",
        ),
        (
            '"Cháy rồi, closed → emergency"',
            "this mail should come out as `emergency`, but came out as `normal`: the policy has no signal `emergency` "
            "— write it under `signals:`, or correct the example",
        ),
        (
            '"Gấp, closed → nothing"',
            "this mail should come out as `nothing`, but came out as `reply urgent, follow_up next_workday, mark "
            "flagged, mark folder:Việc gấp`: on mon 18:00 the office is closed, and `urgent`, `out-of-hours` fit — "
            "correct the play, or the example",
        ),
        (
            "{mail: Bảng giá, from: no-reply@shop.example, then: reply}",
            "this mail should come out as `reply`, but came out as `no reply`: nothing automatic goes to the sender "
            "(Return-Path: no-reply@shop.example) — correct the play, or the example",
        ),
    ],
)
def test_a_failing_example_tells_what_happened_instead_and_why(example: str, said: str) -> None:
    assert told(example) == [said]


def test_a_failing_example_is_told_at_its_place() -> None:
    loaded = office('"Bảng giá, closed → normal"', "{mail: Bảng giá, at: closed, then: urgent}")
    (problem,) = failing(loaded, None)
    lines = OFFICE.count("\n")
    assert (problem.file, problem.line, problem.column) == ("policy.yaml", lines + 3, 5)


def test_on_a_mere_guess_hangs_no_reply_and_that_is_told() -> None:
    text = (POLICIES / "en-office.yaml").read_text(encoding="utf-8")
    before, _, rest = text.partition("examples:\n")
    shipped = before + rest[rest.index("# --- Words") :]
    example = '"Đang cháy ở kho, closed → urgent, reply urgent"'
    (problem,) = told(example, text=shipped, judge=learned.judge())[1:]
    assert "came out as `reply out_of_hours`: `urgent` is but a guess, on which hangs nothing" in problem


def test_a_hint_that_the_guess_outweighs_is_told_with_its_remedy() -> None:
    text = OFFICE.replace("{words: [gấp, urgent, khẩn]", "{words: [khẩn], hints: [gấp]") + "learned: yes\n"
    (problem,) = told('"Báo giá gấp giúp em, sat 22:10 → urgent"', text=text, judge=learned.judge())
    assert "“gấp” does not count (it is only a hint, and the guess takes it for unlikely)" in problem
    assert "put what should always count under `words`" in problem


# ---------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("closed", Sometime.CLOSED),
        ("Ngoài giờ", Sometime.CLOSED),
        ("open", Sometime.OPEN),
        ("trong giờ", Sometime.OPEN),
        ("sat 22:10", "sat 22:10"),
        ("22:10 thứ Bảy", "sat 22:10"),
        ("thu bay 22h10", "sat 22:10"),
        ("T7, 22h", "sat 22:00"),
        ("Chủ nhật 9 giờ 30", "sun 09:30"),
        ("lúc 8:00 thứ 2", "mon 08:00"),
        ("2026-11-21 22:10", "2026-11-21 22:10"),
        ("2026-11-21T22:10", "2026-11-21 22:10"),
        ("22:10 2026-11-21", "2026-11-21 22:10"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_time_is_read_in_both_languages(written: str, read: Sometime | str, form: str) -> None:
    found = read_moment(unicodedata.normalize("NFC" if form == "NFC" else "NFD", written))
    assert found == read if isinstance(read, Sometime) else str(found) == read


@pytest.mark.parametrize("wrong", ["22:10", "saturday", "21/11/2026 22:10", "sat 25:00", "2026-02-30 08:00", "soon"])
def test_a_time_that_cannot_be_read_says_so(wrong: str) -> None:
    with pytest.raises(Wrong):
        read_moment(wrong)


def test_no_holiday_makes_a_weekdays_example_fail_and_a_date_has_them_all() -> None:
    closed_for_years = office(
        '"Bảng giá, fri 9:00 → no reply"', text=OFFICE.replace("2026-11-20", "2024-01-01..2030-12-31")
    )
    assert closed_for_years.policy is not None
    assert not closed_for_years.policy.calendar().is_open(datetime(*WEEK, 9, tzinfo=UTC))
    assert failing(closed_for_years, None) == ()
    assert told('"Bảng giá, 2026-11-20 9:00 → reply out_of_hours"', '"Bảng giá, 2026-11-27 9:00 → no reply"') == []


def _arrivals(hours: str, *examples: str) -> list[str]:
    loaded = office(*examples, text=OFFICE.replace('{mon-fri: "08:00-12:00, 13:00-17:00"}', hours))
    assert loaded.policy is not None, loaded.problems
    rules: Policy = loaded.policy.in_an_ordinary_week()
    found = [arrival(each, rules) for each in loaded.policy.examples]
    return [f"{at:%a %H:%M}" if at else "never" for at in found]


@pytest.mark.parametrize(
    ("hours", "opened", "closed"),
    [
        ('{mon-fri: "08:00-12:00, 13:00-17:00"}', "Mon 09:00", "Mon 18:00"),
        ('{sat-sun: "10:00-11:00"}', "Sat 10:30", "Sat 12:00"),
        ('{mon-sun: "22:00-06:00"}', "Mon 01:00", "Mon 07:00"),
        ('{mon-sun: "00:00-24:00"}', "Mon 01:00", "never"),
        ('{mon-sun: "02:00-24:00"}', "Mon 03:00", "never"),
    ],
)
def test_open_is_an_hour_after_the_opening_and_closed_an_hour_after_the_closing(
    hours: str, opened: str, closed: str
) -> None:
    assert _arrivals(hours, "{mail: x, at: open, then: normal}", "{mail: x, then: normal}") == [opened, closed]


def test_what_an_office_that_never_closes_cannot_try_is_told_once_and_fails_nothing() -> None:
    text = OFFICE.replace('{mon-fri: "08:00-12:00, 13:00-17:00"}', '{mon-sun: "00:00-24:00"}')
    examples = "{mail: x, then: normal}", "{mail: y, then: urgent}", "{mail: z, at: open, then: normal}"
    loaded = load(office(*examples, text=text).text, "policy.yaml", date(2026, 11, 20))

    assert failing(loaded, None) == ()
    assert loaded.policy is not None
    assert tried(loaded.policy) == 1
    (doubt,) = [problem for problem in loaded.problems if problem.code is Doubt.EXAMPLE_UNTRIED]
    assert doubt.severity is Severity.WARNING
    assert doubt.what.startswith("2 examples come while the office is closed, which it never is long enough")


# ---------------------------------------------------------------- mistakes in the examples themselves


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ('"Báo giá, closed → urgnt"', "there is no signal `urgnt` — did you mean `urgent`?"),
        ('"Báo giá, closed → complain"', "there is no signal `complain` — did you mean `complaint`?"),
        ("{mail: x, then: reply out_of_hour}", "there is no text `out_of_hour` — did you mean `out_of_hours`?"),
        ("{mail: x, then: play urgnt}", "there is no play `urgnt` — did you mean `urgent`?"),
        ("{mail: x, then: alert boss}", "there is no play that alerts `boss` — write it under `plays:`, or correct"),
        ("{mail: x, then: rply urgent}", "`rply urgent` is nothing that can happen to a mail — did you mean `reply`?"),
        ("{mail: x, then: play}", "`play` names no play"),
        ("{mail: x, at: sometimes, then: normal}", "`sometimes` is no time at which a mail comes — write it like"),
        ("{mail: x}", "missing key `then` — add `then: urgent, reply urgent`"),
        ("{mail: x, then: normal, whn: open}", "unknown key `whn`"),
        ('"Báo giá, sat 25:10 → normal"', "`sat 25:10`: there is no such time of day"),
        ('"Báo giá gấp giúp em → urgent"', "the example does not say when the mail comes — write it like"),
        ('"Báo giá, gấp giúp em → urgent"', "`gấp giúp em` is no time at which a mail comes — write it like `sat"),
        ('"Báo giá gấp giúp em, closed"', "the example does not say what should happen — write it like"),
        ("{mail: x, then: []}", "the list is empty"),
    ],
)
def test_a_mistake_in_an_example_is_an_ordinary_problem(example: str, said: str) -> None:
    loaded = office(example)
    assert loaded.policy is None
    assert f"{loaded.problems[0].what} — {loaded.problems[0].remedy}".startswith(said)


def test_an_unknown_name_is_told_where_it_stands() -> None:
    loaded = office('"Báo giá, closed → normal, reply urgnt"')
    (problem,) = loaded.problems
    line = (OFFICE + 'examples:\n  - "Báo giá, closed → normal, reply urgnt"').split("\n")[problem.line - 1]
    assert line[problem.column - 1 :].startswith("reply urgnt")


def test_words_are_read_with_or_without_accents_and_both_tone_placements() -> None:
    def read(text: str) -> list[tuple[str, str, bool]]:
        return [(each.asked.value, each.name, each.is_wanted) for each in read_expectations(text)]

    assert read("khẩn cấp, báo x, không trả lời") == read("khan cap, bao x, khong tra loi")
    assert read(unicodedata.normalize("NFD", "không gì, gắn cờ")) == read("không gì, gắn cờ")


def test_an_example_is_told_in_one_line() -> None:
    loaded = office('{mail: "Báo giá\n\ngấp", at: thứ Bảy 22:10, then: [urgent, reply urgent]}')
    assert loaded.policy is not None
    assert [str(each) for each in loaded.policy.examples] == ["Báo giá gấp, sat 22:10 → urgent, reply urgent"]


@pytest.mark.parametrize(("page", "name"), [("policy.md", "en-office.yaml"), ("policy.vi.md", "vi-office.yaml")])
@pytest.mark.parametrize("judges", [True, False], ids=["judged", "words alone"])
def test_the_examples_in_the_guide_come_true(page: str, name: str, judges: bool) -> None:
    shipped = (POLICIES / name).read_text(encoding="utf-8")
    guide = (POLICIES.parent / "docs" / page).read_text(encoding="utf-8")
    shown = guide.partition("```yaml\nexamples:\n")[2].partition("```")[0]
    before, _, rest = shipped.partition("examples:\n")
    loaded = load(f"{before}examples:\n{shown}{rest[rest.index('# --- ') :]}", page)
    assert loaded.policy is not None, loaded.problems
    assert len(loaded.policy.examples) == 4
    assert failing(loaded, learned.judge() if judges else None) == ()
