"""policy/doubts.py: what is meant as it is written gives no warning. (What gives one stands in tests/bad_policies.)"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from responder.document import errors
from responder.policy.doubts import Doubt
from responder.policy.load import load

POLICIES = Path(__file__).parents[2] / "policies"
TODAY = date(2026, 3, 2)
HEAD = """\
language: en
timezone: Asia/Ho_Chi_Minh
holidays: {2026-01-01: New Year, 2026-04-30: Victory Day, 2027-01-01: New Year}
"""
HOURS = 'hours: {mon-fri: "08:00-17:00"}\n'
OUT = "  - {name: out, when: {office: closed}, do: {reply: out}}\n"
TEXTS = "texts:\n  out: {en: Thank you.}\n  urgent: {en: Please call.}\n"


def told(text: str, today: date = TODAY) -> list[str]:
    loaded = load(HEAD + text, "policy.yaml", today)
    assert not errors(loaded.problems)
    return [str(problem) for problem in loaded.problems]


def with_words(words: str, unless: str = "[]", hints: str = "[]") -> str:
    signal = f"signals:\n  urgent: {{words: {words}, unless: {unless}, hints: {hints}}}\n"
    return HOURS + signal + "plays:\n  - {name: u, when: {signal: urgent}, do: {mark: flagged}}\n"


@pytest.mark.parametrize(
    "words",
    [
        "[hoả tốc, hoả hoạn]",
        '["chưa * được", "chưa * xong"]',
        '["chưa làm được", "chưa * xong"]',
        '["xong {tomorrow}", "xong {today}"]',
        '["giao {time}", "giao {day}"]',
    ],
)
def test_words_that_find_something_of_their_own_are_none_to_doubt(words: str) -> None:
    assert told(with_words(words)) == []


def test_a_class_of_words_is_not_covered_by_one_word_of_it() -> None:
    assert [line.split(": ")[2] for line in told(with_words('["xong {tomorrow}", xong mai]'))] == [
        "`xong mai` is found by `xong {tomorrow}` already (line 6) — take it out"
    ]


def test_of_a_pattern_and_its_alternatives_the_pattern_stays() -> None:
    assert [line.split("`")[1] for line in told(with_words('["{gửi|giao} hàng", gửi hàng, giao hàng]'))] == [
        "gửi hàng", "giao hàng"
    ]  # fmt: skip


def test_a_hint_does_not_stand_for_a_word() -> None:
    assert told(with_words("[cần ngay lập tức]", hints="[cần ngay]")) == []


def test_thanks_are_not_doubted_as_it_matters_how_much_of_a_mail_they_are() -> None:
    assert told(with_words("[thanks, many thanks]").replace("urgent", "thanks_only")) == []


@pytest.mark.parametrize(
    ("words", "unless"),
    [
        ("[gấp]", "[gấp đôi]"),
        ("[gấp đôi]", "[đôi]"),  # within the word
        ("[cần gấp]", "[gấp đôi]"),  # across its end
        ("[gấp rút]", "[không gấp]"),  # across its beginning
        ('["chưa * được"]', "[được rồi]"),
        ('["chưa * được"]', "[chưa rõ]"),
        ('["trước {time}"]', "[9h tối]"),
        ("[trước 9h tối]", '["{time} mai"]'),
        ('["{cần|phải} {ngay|gấp}"]', "[phải ngay thẳng]"),
        ("[không chờ]", "[ko chờ đợi]"),  # a short form
        ("[hoả tốc]", "[quán Hỏa Tốc]"),
    ],
)
def test_an_exception_that_can_take_a_word_away_is_none_to_doubt(words: str, unless: str) -> None:
    assert [line for line in told(with_words(words, unless)) if "takes nothing away" in line] == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{office: closed, signal: urgent}", "{office: closed}"),
        ("{office: open}", "{office: closed}"),
        ("{signal: urgent}", "{signal: [urgent, complaint]}"),
        ("{deadline: within 4 working hours}", "{office: closed}"),
        ('{sender: "*@a.example"}', '{sender: "*@b.example"}'),
        ('{sender: "lan@a.example"}', '{sender: "*@a.example"}'),
        ('{sender: "*@a.example"}', '{sender: ["*@a.example", "*@b.example"]}'),
        ("{to: sales@office.example}", "{office: closed}"),
        ("{first_contact: yes}", "{first_contact: no}"),
        ("{first_contact: yes}", "{office: closed}"),
    ],
)
def test_a_play_for_which_the_earlier_one_leaves_something_is_none_to_doubt(first: str, second: str) -> None:
    signals = "signals:\n  urgent: {words: [at once]}\n  complaint: {words: [disappointed]}\n"
    plays = (
        f"  - {{name: a, when: {first}, do: {{reply: urgent}}}}\n  - {{name: b, when: {second}, do: {{reply: out}}}}\n"
    )

    assert told(HOURS + signals + "plays:\n" + plays + TEXTS) == []


def test_an_earlier_play_that_sends_nothing_hides_nothing() -> None:
    plays = "plays:\n  - {name: a, do: {mark: flagged}}\n  - {name: b, when: {office: open}, do: {reply: urgent}}\n"

    assert told(HOURS + plays + OUT + TEXTS) == []


@pytest.mark.parametrize(
    "words",
    [
        "giảm 50% đến 20% cho đơn từ $500 hoặc $PRICE, gọi [Lan] <lan@congty.example>.",
        "{{ opening }} và {{opening_day}}{% if subject %} về “{{ subject }}”{% endif %}.",
        "[1] Xem <b>trang chủ</b>: {1, 2}.",
    ],
)
def test_a_text_that_is_meant_as_it_stands_is_none_to_doubt(words: str) -> None:
    text = f"texts: {{out: {{vi: '{words}', en: '{words}'}}}}\n"

    assert told(HOURS + "plays:\n  - {name: o, when: {office: closed}, do: {reply: out}}\n" + text) == []


@pytest.mark.parametrize(
    "written",
    ["{name}", "{ name }", "{ { opening } }", "[opening]", "<<opening>>", "<opening>", "%opening%", "${opening}"],
)
def test_what_looks_like_a_value_and_is_none_is_told(written: str) -> None:
    text = f"texts: {{out: {{vi: 'Chào {written}.', en: Hello.}}}}\n"
    plays = "plays:\n  - {name: o, when: {office: closed}, do: {reply: out}}\n"

    (doubt,) = told(HOURS + plays + text)

    assert f"customers would read `{written}` as it stands here" in doubt


@pytest.mark.parametrize("words", ["'không *, gấp'", "'{gấp, gấp lắm|khẩn}'", "[gấp lắm, khẩn cấp]", "gấp lắm"])
def test_a_comma_within_a_phrase_with_gaps_is_none_to_doubt(words: str) -> None:
    assert not [line for line in told(with_words(words)) if "one phrase" in line]


@pytest.mark.parametrize(
    "text",
    [
        HOURS + "days: {2026-12-02: {closed: 2/12}}\n",  # a day off that is called by its date
        'hours: {mon-sun: "00:00-24:00"}\n',  # round the clock
        'hours: {mon-fri: "22:00-06:00"}\n',  # by night
        'hours: {mon-fri: "06:00-22:00"}\n',
        'hours: {mon-fri: "08:00-12:00, 13:00-17:00", sat: "08:00-09:00"}\n',
        'hours: {sat: "12:00-16:00"}\n',
        HOURS + 'days: {2026-12-31: {open: "11:00-13:00"}}\n',
        HOURS + 'days: {2026-03-07: {open: "08:00-17:00"}}\n',  # a Saturday
        HOURS + 'days: {2026-04-30: {open: "08:00-17:00"}}\n',  # a holiday
        HOURS + "days: {2026-03-06..2026-03-08: {closed: Outing}}\n",  # Friday to Sunday
        HOURS + "days: {2025-06-01: {closed: Outing}}\n",  # last year, a Sunday
        HOURS + "days: {2026-06-01..2026-06-26: {closed: Summer}}\n",
        HOURS + "promise: 80 working hours\n",
        HOURS + 'never_answer: ["*@gmail.com"]\n',
    ],
)
def test_days_and_hours_as_offices_have_them_are_none_to_doubt(text: str) -> None:
    texts = TEXTS.replace("Thank you.", '"We open {{ opening }}."')

    assert told(text + "plays:\n" + OUT + texts.replace("  urgent: {en: Please call.}\n", "")) == []


def test_a_reply_that_names_no_opening_may_be_sent_while_the_office_is_closed_for_long() -> None:
    text = HOURS + "days: {2026-06-01..2026-08-02: {closed: Summer}}\nplays:\n" + OUT

    assert told(text + "texts:\n  out: {en: Thank you.}\n") == []


@pytest.mark.parametrize("today", [date(2026, 1, 15), date(2026, 11, 22), date(2027, 6, 1), date(2027, 12, 31)])
@pytest.mark.parametrize("name", ["vi-office.yaml", "en-office.yaml"])
def test_the_shipped_policies_are_doubted_only_for_what_the_office_must_look_up(name: str, today: date) -> None:
    problems = load((POLICIES / name).read_text(encoding="utf-8"), name, today).problems

    doubtful = [problem for problem in problems if "example's telephone number" not in problem.what]
    assert {problem.code for problem in doubtful} <= {Doubt.TO_CONFIRM, Doubt.NO_HOLIDAYS}
