"""The words: what is found, what is not, and why; the examples are those of design §4."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.words.signals import (
    Found,
    Matcher,
    SignalWords,
    Where,
    has_letters,
    is_thanks_only,
)
from responder.words.standing import Refused

URGENT = SignalWords(
    "urgent",
    (
        "gấp",
        "cần gấp",
        "khẩn cấp",
        "càng sớm càng tốt",
        "hỏa tốc",
        "asap",
        "a.s.a.p",
        "urgent",
        "soon",
        "không chờ được",
    ),
    unless=("gấp đôi", "gấp ba", "nothing urgent", "khẩn cấp không"),
)


def find(text: str, *signals: SignalWords) -> Found:
    return Matcher(signals or (URGENT,)).find("", text)


def words(text: str, *patterns: str) -> list[str]:
    """The words found in the text, as the policy writes them."""
    signals = (SignalWords("s", patterns),) if patterns else ()
    return [hit.word for hit in find(text, *signals).hits]


def refusals(text: str) -> list[tuple[str, Refused, str]]:
    return [(miss.hit.text, miss.why, miss.by) for miss in find(text).misses]


def test_a_longer_hint_takes_no_place_from_a_word() -> None:
    signal = SignalWords("s", ("cần gấp",), hints=("đang cần gấp lắm", "gấp"))
    found = find("Bên em đang cần gấp lắm.", signal)
    assert {(hit.word, hit.is_hint) for hit in found.hits} == {("cần gấp", False), ("đang cần gấp lắm", True)}
    left = found.without_hints({"s"})
    assert [hit.word for hit in left.hits] == ["cần gấp"]
    assert [(miss.hit.word, miss.why) for miss in left.misses] == [("đang cần gấp lắm", Refused.OUTWEIGHED)]


def test_a_hint_within_a_word_says_nothing_more() -> None:
    assert words_and_hints("Bên em cần gấp.") == [("cần gấp", False)]
    assert words_and_hints("Bên em cần gấp, gấp lắm.") == [("cần gấp", False), ("gấp", True)]


def words_and_hints(text: str) -> list[tuple[str, bool]]:
    found = find(text, SignalWords("s", ("cần gấp",), hints=("gấp",)))
    return [(hit.word, hit.is_hint) for hit in found.hits]


def test_hints_of_other_signals_stay() -> None:
    found = find("cần gấp", SignalWords("s", ("x",), hints=("cần gấp",)))
    assert found.without_hints({"other"}) == found


# --- spelling -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["Việc này gấp", "Việc này gâp", "VIỆC NÀY GẤP", "rat gap", "g\u200bấ\u200dp", "Ｇấp", "ｇấｐ"]
)
def test_letters_must_agree_and_marks_may_be_left_out(text: str) -> None:
    assert words(text) == ["gấp"]


@pytest.mark.parametrize("text", ["gặp nhau", "đi gặp khách", "gập lại", "Singapore", "gấu", "cặp", "gäp lắm"])
def test_other_marks_and_other_words_do_not_match(text: str) -> None:
    assert find(text) == Found((), ())


@pytest.mark.parametrize(
    ("written", "pattern"),
    [("hoà giải", "hòa giải"), ("hòa giải", "hoà giải"), ("uỷ quyền", "ủy quyền"), ("khỏe", "khoẻ")],
)
def test_both_tone_placements_are_alike(written: str, pattern: str) -> None:
    assert words(written, pattern) == [pattern]


@pytest.mark.parametrize("written", ["đổi lịch", "Đổi lịch", "Ðổi lịch", "ðổi lịch", "doi lich", "dổi lịch"])
def test_every_form_of_d_with_stroke_is_one_letter(written: str) -> None:
    assert words(written, "đổi lịch") == ["đổi lịch"]


def test_a_stroke_the_pattern_does_not_have_is_another_letter() -> None:
    assert words("đời", "dời") == []


@pytest.mark.parametrize("text", ["Cần gấp báo giá", "khẩn cấp", "Chị ơi, HỎA TỐC nhé"])
def test_decomposed_text_is_found_and_its_offsets_are_its_own(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    (hit,) = find(decomposed).hits
    assert decomposed[hit.start : hit.end] == hit.text
    assert unicodedata.normalize("NFC", hit.text).casefold() == hit.word


def test_decomposed_patterns_are_found_too() -> None:
    assert words("Cần gấp nhé", unicodedata.normalize("NFD", "cần gấp")) == [unicodedata.normalize("NFD", "cần gấp")]


@pytest.mark.parametrize("text", ["gấpppp", "gấppp lắm", "GẤẤẤẤP", "sooooon", "sooon", "urgenttt"])
def test_stretched_letters_are_the_word(text: str) -> None:
    assert len(words(text)) == 1


def test_laughter_is_not_a_word_stretched() -> None:
    assert words("kkkk gấp") == ["gấp"]
    assert words("xxx", "x") == []


def test_two_equal_letters_are_not_yet_stretched() -> None:
    assert words("son", "soon") == []
    assert words("soon", "son") == []


# --- phrases and what stands between their words ------------------------------------------------------------------


@pytest.mark.parametrize("between", [" ", "  ", "\n", "\r\n", "\t", "-", " - ", "\u00a0", " (", ' "', " 🙏 "])
def test_a_phrase_may_cross_white_space_a_line_break_or_a_hyphen(between: str) -> None:
    assert words(f"khẩn{between}cấp") == ["khẩn cấp"]


@pytest.mark.parametrize("between", [". ", "! ", "? ", "; ", ": ", "… ", ", ", "\n\n", "\n \r\n", " | "])
def test_a_phrase_does_not_cross_punctuation_or_a_paragraph(between: str) -> None:
    assert words(f"khẩn{between}cấp") == []


def test_a_comma_may_stand_between_where_the_pattern_has_one() -> None:
    assert words("gấp, gấp rồi", "gấp, gấp") == ["gấp, gấp"]
    assert words("gấp gấp rồi", "gấp, gấp") == ["gấp, gấp"]
    assert words("gấp. Gấp rồi", "gấp, gấp") == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a.s.a.p", "reply a.s.a.p please"),
        ("a.s.a.p", "reply A. S. A. P. please"),
        ("24/7", "mở cửa 24/7"),
        ("e-mail", "gửi e-mail giúp"),
        ("e-mail", "gửi E mail"),
        ("isn't working", "it isn’t working"),
        ("isn't working", "it isnt working"),
        ("1000", "đặt 1000 cái"),
    ],
)
def test_patterns_with_inner_punctuation_match_their_words(pattern: str, text: str) -> None:
    assert words(text, pattern) == [pattern]


@pytest.mark.parametrize("text", ["đặt 10000 cái", "đặt 100 cái", "mã X1000"])
def test_numbers_match_whole(text: str) -> None:
    assert words(text, "1000") == []


@pytest.mark.parametrize("text", ["gap@urgent.example", "xem https://urgent.example/gấp nhé", "www.urgent.example"])
def test_a_word_in_an_address_is_no_word_of_the_senders(text: str) -> None:
    assert find(text) == Found((), ())


@pytest.mark.parametrize("word", ["", "  ", "!!!", "👍", "https://congty.example"])
def test_a_pattern_without_letters_is_refused_by_name(word: str) -> None:
    assert not has_letters(word)
    with pytest.raises(ValueError, match="'urgent'"):
        Matcher([SignalWords("urgent", (word,))])


# --- what is reported ---------------------------------------------------------------------------------------------


def test_a_hit_says_which_word_where_and_how_it_was_written() -> None:
    found = Matcher([URGENT]).find("GÂP!", "Dạ em\ncan  gap báo giá")
    assert [(hit.where, hit.word, hit.start, hit.end, hit.text) for hit in found.hits] == [
        (Where.SUBJECT, "gấp", 0, 3, "GÂP"),
        (Where.BODY, "cần gấp", 6, 14, "can  gap"),
    ]
    assert found.names() == {"urgent"}


def test_of_overlapping_words_of_one_signal_the_longest_is_told() -> None:
    assert words("cần gấp") == ["cần gấp"]
    assert words("a b c", "a b", "b c", "a b c") == ["a b c"]


def test_signals_do_not_hide_one_another() -> None:
    found = find("làm gấp", SignalWords("urgent", ("gấp",)), SignalWords("rush", ("làm gấp",)))
    assert found.names() == {"urgent", "rush"}


def test_a_refused_word_is_no_hit_and_names_no_signal() -> None:
    found = find("không gấp")
    assert found.hits == ()
    assert found.names() == frozenset()


def test_an_office_that_lists_the_bare_word_means_it() -> None:
    assert words("mind the gap", "gấp", "gap") == ["gap"]


# --- company ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "em can gap bao gia",
        "rat gap",
        "gap lam anh oi",
        "lam gap giup em",
        "dang gap qua",
        "gap gap",
        "rat gap anh a",
        "can gap anh oi",
        "GUI GAP CHO EM",
    ],
)
def test_a_bare_short_syllable_counts_in_company(text: str) -> None:
    assert len(words(text)) >= 1


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("hen gap", "hen"),
        ("hẹn gap ngay", "hẹn"),
        ("cuoc gap", "cuoc"),
        ("mai gap nhe", "mai"),
        ("can gap anh Nam", "anh"),
        ("dang gap su co", "su"),
        ("em dang gap mot so van de", "van"),
        ("muon gap lai", "lai"),
        ("gap nhau", "nhau"),
        ("mind the gap", ""),
        ("close that gap now", ""),
        ("gap", ""),
    ],
)
def test_a_bare_short_syllable_alone_or_with_someone_to_meet_does_not_count(text: str, by: str) -> None:
    ((_, why, who),) = refusals(text)
    assert (why, who) == (Refused.NEEDS_COMPANY, by)
    assert words(text) == []


@pytest.mark.parametrize("text", ["gấp anh Nam", "cần gấp anh Nam", "cần gâp anh Nam"])
def test_a_marked_syllable_needs_no_company(text: str) -> None:
    assert len(words(text)) == 1


def test_words_without_marks_and_longer_words_need_no_company() -> None:
    assert words("asap") == ["asap"]
    assert words("nghieng", "nghiêng") == ["nghiêng"]
    assert words("khan cap") == ["khẩn cấp"]


# --- unless -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("tăng gấp đôi", "gấp đôi"),
        ("tang gap doi", "gap doi"),
        ("GẤP BA lần", "GẤP BA"),
        ("There is nothing urgent", "nothing urgent"),
    ],
)
def test_a_phrase_under_unless_takes_away_the_word_it_overlaps(text: str, by: str) -> None:
    ((_, why, phrase),) = refusals(text)
    assert (why, phrase) == (Refused.UNLESS, by)


def test_a_phrase_under_unless_leaves_words_elsewhere_alone() -> None:
    assert words("Tăng gấp đôi rồi, cần gấp thêm người") == ["cần gấp"]


def test_a_phrase_under_unless_speaks_for_its_own_signal_only() -> None:
    assert words("gấp đôi", "gấp đôi") == ["gấp đôi"]
    found = find("gấp đôi", SignalWords("a", ("gấp",), ("gấp đôi",)), SignalWords("b", ("gấp",)))
    assert found.names() == {"b"}


def test_a_bare_syllable_is_too_doubtful_to_take_a_word_away() -> None:
    meeting = SignalWords("urgent", ("cần gấp",), ("gặp",))
    assert find("can gap bao gia", meeting).names() == {"urgent"}


# --- negation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "không gấp",
        "KHÔNG GẤP",
        "ko gấp",
        "k gấp",
        "hong gấp lắm đâu",
        "khong gap",
        "chưa cần gấp",
        "chẳng gấp gì",
        "chả có gì gấp",
        "đừng gấp",
        "không phải là gấp",
        "không có gì quá gấp",
        "không hề gấp",
        "không cần trả lời gấp",
        "chưa phải làm gấp",
        "it is not urgent",
        "not that urgent",
        "not a very urgent matter",
        "it isn't urgent",
        "it isn’t really urgent",
        "no need to reply asap",
        "don't need it asap",
        "never urgent",
    ],
)
def test_a_negated_word_does_not_count(text: str) -> None:
    assert [why for _, why, _ in refusals(text)] == [Refused.NEGATED]
    assert words(text) == []


def test_a_negation_is_told_as_it_was_written() -> None:
    assert refusals("KHÔNG hề gấp") == [("gấp", Refused.NEGATED, "KHÔNG")]


@pytest.mark.parametrize(
    "text",
    [
        "không thể chờ, gấp",
        "Không. Gấp lắm",
        "không, gấp lắm",
        "không chỉ gấp mà còn quan trọng",
        "not only urgent but late",
        "not just urgent",
        "không làm gấp thì lỡ",
        "không cần gọi lại, em cần gấp",
        "no need to call but urgent",
        "cần dùng gấp",
        "no can gap bao gia",
        "làm gấp được không?",
    ],
)
def test_what_only_looks_like_a_negation_takes_nothing_away(text: str) -> None:
    assert len(words(text)) == 1


def test_a_pattern_that_begins_with_a_negation_says_what_it_means() -> None:
    assert words("em không chờ được nữa") == ["không chờ được"]
    assert words("không phải không chờ được") == ["không chờ được"]


@pytest.mark.parametrize(
    "text", ["Việc này có gấp không?", "có gấp không ạ", "gấp hay không?", "Gấp ko em?", "gấp hông"]
)
def test_who_asks_whether_it_is_urgent_does_not_say_so(text: str) -> None:
    assert [why for _, why, _ in refusals(text)] == [Refused.NEGATED]


def test_a_question_after_a_phrase_is_what_an_office_looks_for() -> None:
    assert words("bên mình có bảng giá không?", "bảng giá") == ["bảng giá"]
    assert words("có wifi không?", "wifi") == ["wifi"]


def test_a_question_among_unless_is_refused_for_phrases_too() -> None:
    assert refusals("có khẩn cấp không?") == [("khẩn cấp", Refused.UNLESS, "khẩn cấp không")]


# --- thanks -------------------------------------------------------------------------------------------------------

THANKS = SignalWords("thanks_only", ("cảm ơn", "thank you", "thanks", "đã nhận", "noted"))


def thanks_only(text: str, subject: str = "") -> bool:
    return is_thanks_only(text, Matcher([THANKS, URGENT]).find(subject, text))


@pytest.mark.parametrize(
    "text",
    [
        "Cảm ơn em nhiều nhé!",
        "Đã nhận, cảm ơn anh ạ.\n\nTrân trọng,\nLê Minh",
        "ok da nhan, cam on em",
        "Noted with thanks.\n\nBest regards,\nMaria",
        "Hàng tới rồi, cảm ơn em nhé",
        "Thank you for the quick repair of our old printer",
        "Thanks, it prints perfectly",
    ],
)
def test_nothing_but_thanks_is_thanks_only(text: str) -> None:
    assert thanks_only(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "Cảm ơn em. Gửi lại giúp anh file nhé",
        "Cảm ơn em, khi nào giao?",
        "Thanks, could you send the invoice",
        "Thanks. 5 chairs instead",
        "Cảm ơn em, việc này gấp",
        "Cảm ơn em, không gấp",
        "Cảm ơn anh nhưng máy vẫn hỏng",
        "Cảm ơn em, máy in in ra toàn sọc đen",
        "cam on em may in in ra toan soc den",
        "Thank you. Screen black, same as before",
        "Thanks, make it blue",
        "Thanks. "
        + "The team walked through each room of the building and wrote down every crack along those walls. " * 2,
    ],
)
def test_thanks_with_anything_else_is_not_thanks_only(text: str) -> None:
    assert not thanks_only(text)


def test_thanks_with_a_time_of_day_are_more_than_thanks() -> None:
    assert not thanks_only("Noted, 10h chị có ở nhà nha.")


def test_a_subject_that_asks_for_something_is_not_thanks_only() -> None:
    assert not thanks_only("Cảm ơn em.", subject="Cần gấp bản vẽ")


# --- any text -----------------------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        "gấp",
        "gap",
        "can",
        "cần",
        "không",
        "khẩn",
        "cấp",
        "đôi",
        " ",
        " ",
        " ",
        "\n",
        ". ",
        ", ",
        "\u200b",
        "\u0301",
        "İ",
        "ß",
        "ﬁ",
        "½",
        "’",
        "@",
        "_",
        "ppp",
    ]
)


@given(st.one_of(st.text(), st.lists(_PIECES).map("".join)))
def test_offsets_always_map_back_and_nothing_raises(text: str) -> None:
    found = Matcher([URGENT, THANKS]).find(text, text)
    for hit in (*found.hits, *(miss.hit for miss in found.misses)):
        assert text[hit.start : hit.end] == hit.text
    assert is_thanks_only(text, found) in (True, False)


@given(st.lists(_PIECES).map("".join))
def test_composed_and_decomposed_text_are_read_alike(text: str) -> None:
    def read(form: str) -> list[str]:
        return [hit.word for hit in find(form).hits]

    assert read(unicodedata.normalize("NFC", text)) == read(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "không " * 33_000,
        "cần gấp " * 25_000,
        "a." * 100_000,
        "\u0301" * 200_000,
        "\n" * 200_000,
        "gấ\u200b" * 60_000,
        "-" * 200_000,
    ],
)
def test_a_huge_hostile_text_is_read_in_linear_time(text: str) -> None:
    began = time.process_time()
    find(text)
    # Measured: 1.2 s at most; a quadratic search would take minutes, and of no mail so much is read.
    assert time.process_time() - began < 10
