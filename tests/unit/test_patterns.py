"""Patterns: gaps, alternatives and classes of words among a policy's words; what is none is refused with a remedy."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.words.patterns import MAX_PHRASES, Match, Patterns, check
from responder.words.signals import Matcher, Refused, SignalWords
from responder.words.tokens import tokenize


def found(text: str, *patterns: str, unless: tuple[str, ...] = ()) -> list[str]:
    """What is found of the text, as it is written there."""
    return [hit.text for hit in Matcher([SignalWords("s", patterns, unless)]).find("", text).hits]


def matches(text: str, *patterns: str) -> list[Match[str]]:
    searched: Patterns[str] = Patterns()
    for pattern in patterns:
        searched.add(pattern, pattern)
    return searched.find(tokenize(text))


# --- gaps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["chưa được", "chưa xem được", "chua nhan lai duoc", "chưa ai gửi cho được", "CHƯA (em) nhận\nđược", "chưa đc"],
)
def test_a_gap_leaves_out_up_to_three_words(text: str) -> None:
    assert found(text, "chưa * được") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "chưa một ai gửi cho được",
        "chưa. Gửi được rồi",
        "chưa xem! Được rồi",
        "chưa thì: được",
        "chưa\n\nđược",
        "được chưa",
        "chứa nước được",
    ],
)
def test_a_gap_is_no_longer_and_leads_over_no_end_of_a_sentence(text: str) -> None:
    assert found(text, "chưa * được") == []


def test_a_comma_parts_the_words_of_a_gap_unless_the_pattern_has_one() -> None:
    assert found("không sao, vào được rồi", "không * vào") == []
    assert found("không, em vào được rồi", "không * vào") == []
    assert found("không sao, vào được rồi", "không *, vào") == ["không sao, vào"]
    assert found("không, em vào không được", "không, * vào") == ["không, em vào"]
    assert found("không sao vào", "không *, vào") == ["không sao vào"]


def test_no_pattern_lets_a_gap_lead_over_the_end_of_a_sentence() -> None:
    assert found("xong. Được", "xong. được") == ["xong. Được"]
    assert found("xong. Em được", "xong. * được") == []


def test_a_pattern_may_have_several_gaps() -> None:
    assert found("em không đăng nhập vào được tài khoản", "không * vào * tài khoản") == [
        "không đăng nhập vào được tài khoản"
    ]
    assert found("không a không b vào c d e f", "không * vào * f") == ["không a không b vào c d e f"]
    assert found("không a không b d vào c d e f", "không * vào * f") == ["không b d vào c d e f"]


def test_the_longest_reading_of_a_gap_is_told_once() -> None:
    assert found("chưa xem được tải được", "chưa * được") == ["chưa xem được tải được"]


def test_of_two_patterns_on_the_same_words_the_one_without_a_gap_is_told() -> None:
    hits = Matcher([SignalWords("s", ("không * được", "không vào được"))]).find("", "không vào được").hits
    assert [hit.word for hit in hits] == ["không vào được"]


def test_a_star_within_a_word_is_no_gap() -> None:
    assert found("d*o mày", "đ*o") == ["d*o"]
    assert found("đi lo", "đ*o") == []


# --- alternatives -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["giao hàng trễ", "giao tre", "gửi trễ", "GỬI HÀNG TRỄ"])
def test_each_alternative_is_found(text: str) -> None:
    assert found(text, "{giao|gửi} {hàng|} trễ") == [text]


def test_alternatives_may_be_several_words_or_parts_of_words() -> None:
    assert found("as quickly as possible, as soon as possible", "as {quickly|soon as|soon} {as possible|possible}") == [
        "as quickly as possible",
        "as soon as possible",
    ]
    assert found("two orders, one order", "order{s|}") == ["orders", "order"]


def test_an_alternative_left_out_leaves_the_words_around_it_side_by_side() -> None:
    assert found("cần gấp", "cần {rất|} gấp") == ["cần gấp"]
    assert found("cần. Gấp", "cần {rất|} gấp") == []


def test_alternatives_and_gaps_go_together() -> None:
    assert found("chưa ai nhận được", "{không|chưa} * {được|xong}") == ["chưa ai nhận được"]


def test_a_hit_names_the_pattern_as_the_policy_writes_it_and_the_text_as_the_mail_does() -> None:
    pattern = "trước {time} {today|tomorrow}"
    (hit,) = Matcher([SignalWords("s", (pattern,))]).find("", "Cần TRUOC 11h30 sáng mai nhé").hits
    assert (hit.word, hit.text) == (pattern, "TRUOC 11h30 sáng mai")


# --- classes ------------------------------------------------------------------------------------------------------

TIMES = (
    "11h|11h30|11:30|8g|8 giờ|8 gio 30|17 giờ 15 phút|5 giờ chiều|5h chiều|5h rưỡi|9h kém 15|9 giờ kém 5|7h sáng|0h|24h"
    "|5pm|5 pm|5:30pm|5:30 p.m|12 noon|noon|midnight|trưa|giữa trưa|nửa đêm|10 o'clock|cuối giờ chiều|5.30pm|3 a.m"
)
TODAY = "hôm nay|hom nay|chiều nay|toi nay|today|tonight|this afternoon|trong ngày|EOD|end of day|bữa nay"
TOMORROW = "mai|ngày mai|sáng mai|SANG MAI|tomorrow|tomorrow morning|tmr|chiều ngày mai"
DAYS = (
    "thứ hai|thu hai|thứ 6|T6|chủ nhật|cn|Friday|20/11|20-11|20/11/2026|20.11.2026|2026-11-20|ngày 20|ngày 20 tháng 11"
    "|mùng 3|3rd March|March 3|3 Mar|Nov 20th|20 tháng 11"
)
NUMBERS = "5|1.000|1,000|1.000.000|100|hai|muoi|two|twenty|2,5"
PERSONS = "em|anh|chị|chi|bên em|ben anh|shop|công ty tôi|we|our team|các anh|quý khách|a/c|tụi mình"
PLEASES = "giúp|giup|hộ|giùm|vui lòng|vui long|lam on|please|pls|kindly|could you|nhờ|nho"


@pytest.mark.parametrize(
    ("name", "example"),
    [
        (name, example)
        for name, examples in (
            ("time", TIMES),
            ("today", TODAY),
            ("tomorrow", TOMORROW),
            ("day", DAYS),
            ("number", NUMBERS),
            ("person", PERSONS),
            ("please", PLEASES),
        )
        for example in examples.split("|")
    ],
)
def test_a_class_holds(name: str, example: str) -> None:
    assert found(f"xyz {example} zyx", f"xyz {{{name}}} zyx") == [f"xyz {example} zyx"]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("time", "25h"),
        ("time", "11h75"),
        ("time", "11:75"),
        ("time", "13pm"),
        ("time", "gâu"),
        ("time", "11"),
        ("time", "toi"),  # tối or tôi
        ("day", "32/12"),
        ("day", "24/13"),
        ("day", "thứ 8"),
        ("day", "t2000"),
        ("day", "thu"),  # a letter
        ("number", "abc"),
        ("person", "khách"),
        ("person", "co"),  # cô or có
        ("please", "ho"),  # hộ or họ
        ("please", "vời"),
        ("today", "hôm qua"),
        ("tomorrow", "mái"),
    ],
)
def test_a_class_does_not_hold(name: str, other: str) -> None:
    assert found(f"xyz {other} zyx", f"xyz {{{name}}} zyx") == []


def test_a_class_may_begin_or_be_the_whole_pattern() -> None:
    assert found("Gửi em 3 cái, chiều mai lấy", "{number} cái") == ["3 cái"]
    assert found("Chiều mai nhé", "{tomorrow}") == ["Chiều mai"]


def test_every_reading_of_a_class_is_tried() -> None:
    """The part of the day belongs to the hour or to the day."""
    assert found("trước 5 giờ chiều nay", "trước {time} {today}") == ["trước 5 giờ chiều nay"]
    assert found("trước 5 giờ chiều hôm nay", "trước {time} {today}") == ["trước 5 giờ chiều hôm nay"]


def test_the_name_of_a_class_in_quotation_marks_is_the_word() -> None:
    assert found("one day, one Monday, one week", "one {'day'|week}") == ["one day", "one week"]
    assert found("one day, one Monday, one week", "one {day|week}") == ["one Monday", "one week"]


@pytest.mark.parametrize("text", ["ko vào dc", "k vào đc", "KO VÀO ĐƯỢC", "hông vào được", "khong vao duoc"])
def test_usual_short_forms_of_a_word_of_the_policy_are_found(text: str) -> None:
    assert found(text, "không vào được") == [text]


# --- judged like plain words --------------------------------------------------------------------------------------


def test_unless_takes_patterns_too() -> None:
    assert found("nếu có gì gấp em gọi, còn việc này cần gấp", "gấp", "cần gấp", unless=("nếu * gấp",)) == ["cần gấp"]


def test_a_negation_counts_before_a_pattern_with_holes_and_not_at_its_beginning() -> None:
    (miss,) = Matcher([SignalWords("s", ("cần {gấp|vội}",))]).find("", "em chưa cần vội").misses
    assert (miss.why, miss.by) == (Refused.NEGATED, "chưa")
    assert found("chưa * được".replace("*", "gửi"), "{chưa|không} * được") == ["chưa gửi được"]


def test_a_bare_short_alternative_needs_company_like_a_word() -> None:
    assert found("mind the gap", "{gấp|vội}") == []
    assert found("rat gap", "{gấp|vội}") == ["gap"]


def test_each_word_found_tells_what_it_stands_for() -> None:
    (match,) = matches("chua ai nhan 5 duoc", "chưa * {number} được")
    assert [spelling.base for spelling in match.meant] == ["chua", "ai", "nhan", "5", "duoc"]
    assert [spelling.bare for spelling in match.meant] == [False, True, True, True, False]
    assert match.left_out == 2


# --- what is no pattern -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("a {b", "never closed"),
        ("a b}", "not opened"),
        ("a {b|{c} d}", "braces stand within braces"),
        ("a {tmie}", "did you mean `{time}`?"),
        ("a {}", "no class"),
        ("*", "nothing"),
        ("{|}", "nothing"),
        ("{a|}", "nothing"),
        ("* a", "between two words"),
        ("a *", "between two words"),
        ("a * * b", "between two words"),
        ("a * {b|}", "between two words"),
        ("a* b", "touches a word"),
        ("a *b", "touches a word"),
        ("a * b * c * d * e", "more than 3 gaps"),
        ("{a|b|c} {a|b|c} {a|b|c} {a|b|c} {a|b|c}", "243 phrases"),
        ("{a|b}" * 1_000, "more than 100"),
    ],
)
def test_what_cannot_be_a_pattern_is_refused_in_one_sentence(pattern: str, what: str) -> None:
    with pytest.raises(ValueError, match="—") as refused:
        check(pattern)
    assert what in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(ValueError, match="signal 'urgent'"):
        Matcher([SignalWords("urgent", (pattern,))])


_BITS = st.sampled_from(["a", "gấp", " ", "{", "}", "|", "*", " * ", "{time}", "{a|b c|}", ",", "."])


@settings(max_examples=50)
@given(st.lists(_BITS, max_size=12).map("".join))
def test_what_passes_the_check_can_be_searched(pattern: str) -> None:
    try:
        check(pattern)
    except ValueError:
        return
    found("a gấp a b c, 5h a. Gấp", pattern)


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from(["chưa", "được", "xem", "5h", "chiều", "nay", ", ", ". ", " ", " ", "\n\n"])).map("".join)
)
def test_composed_and_decomposed_text_are_read_alike(text: str) -> None:
    patterns = ("chưa * được", "{time} {today}", "xem {chưa|được|}")
    decomposed = found(unicodedata.normalize("NFD", text), *patterns)
    assert [unicodedata.normalize("NFC", each) for each in decomposed] == found(text, *patterns)


# --- time ---------------------------------------------------------------------------------------------------------

WORST = [
    *(" * ".join(["a"] * gaps) for gaps in range(2, 5)),
    *("a * {a|b} * " + " ".join(["a"] * length) for length in range(1, 30)),
    "{number} * {time} * {number} * {time}",
    "{person} * {person} * {please}",
    "{person} {number} {time} {today|tomorrow} {person}",
    *("ga" + "p" * length for length in range(1, 60)),
]


@pytest.mark.parametrize("words", ["a", "a b", "5 5h", "em", "em 5h", "gap", "gapppp", "a,", "ngày 5 giờ"])
def test_a_hundred_thousand_words_of_the_worst_kind_are_searched_in_two_seconds(words: str) -> None:
    tokens = tokenize(f"{words} " * (100_000 // len(words.split())))
    searched: Patterns[str] = Patterns()
    for pattern in WORST:
        searched.add(pattern, pattern)
    began = time.process_time()
    searched.find(tokens)
    spent = time.process_time() - began
    assert spent < 2.0, spent


def test_three_thousand_patterns_are_searched_about_as_fast_as_thirty() -> None:
    text = (
        "Chào anh chị, em gửi lại bản vẽ hôm trước, nhờ anh chị xem giúp phần cửa sổ và báo lại trước 5h chiều mai. "
        * 30
    )

    def spent(count: int) -> float:
        searched: Patterns[int] = Patterns()
        searched.add("báo * trước {time} {today|tomorrow}", -1)
        for number in range(count):
            searched.add(f"từ{number} {{gửi|giao}} * lần {number}", number)
        tokens = tokenize(text)
        best = float("inf")
        for _ in range(5):
            began = time.process_time()
            assert len(searched.find(tokens)) == 30
            best = min(best, time.process_time() - began)
        return best

    assert spent(3_000) < 3 * spent(30) + 0.002


def test_a_pattern_is_written_out_to_a_bounded_number_of_phrases_at_once() -> None:
    began = time.process_time()
    check("{a|b} " * 6)
    with pytest.raises(ValueError, match=f"more than {MAX_PHRASES}"):
        check("{a|b} " * 7)
    assert time.process_time() - began < 0.5
