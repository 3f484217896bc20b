"""Which language a message is in: short mails, unaccented Vietnamese, mixed sentences, nothing at all."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.mail.language import Language, detect

VI, EN = Language.VI, Language.EN


def other(language: Language) -> Language:
    return EN if language is VI else VI


@pytest.mark.parametrize(
    "text",
    [
        "Chị gửi lại hợp đồng giúp em nhé.",
        "ok em",
        "Dạ vâng ạ",
        "CẦN GẤP BÁO GIÁ",
        "XIN CHÀO, TÔI MUỐN HỎI VỀ ĐƠN HÀNG",
        "Đã nhận",
    ],
)
def test_vietnamese_with_accents_is_vietnamese(text: str) -> None:
    assert detect("", text, EN) is VI


@pytest.mark.parametrize(
    "text",
    [
        "em can gap bao gia",
        "Anh oi chieu nay em qua lay hang duoc khong",
        "ok chi",
        "toi muon hoi gia 20 cai ghe",
        "khong sao dau",
    ],
)
def test_vietnamese_without_accents_is_vietnamese(text: str) -> None:
    assert detect("", text, EN) is VI


@pytest.mark.parametrize(
    "text",
    [
        "Hi anh, em đã forward file cho team design, please check and confirm deadline giúp em nhé.",
        "Dear chi, please send em the final invoice and the contract nha",
        "Meeting chiều nay cancel rồi nhé, next week mình reschedule.",
    ],
)
def test_a_vietnamese_sentence_with_english_business_words_is_vietnamese(text: str) -> None:
    assert detect("", text, EN) is VI


@pytest.mark.parametrize(
    "text",
    [
        "Could you send me the invoice please?",
        "Thanks, received.",
        "Dear Ms. Phương,\nPlease find the contract attached.\nRegards,\nNguyễn Văn Đức",
        "The café in Hà Nội was lovely, can we book it for an evening in May?",
        "WHERE IS MY ORDER",
        "Please don't call me today.",
    ],
)
def test_english_is_english_even_with_vietnamese_names(text: str) -> None:
    assert detect("", text, VI) is EN


def test_the_text_outweighs_the_subject_of_an_old_thread() -> None:
    assert detect("Re: Your invoice for the month of May", "Dạ em nhận được rồi ạ", EN) is VI
    assert detect("Re: Báo giá tủ bếp", "Thank you, we will have a look.", VI) is EN


def test_the_subject_decides_where_the_text_shows_nothing() -> None:
    assert detect("Xin báo giá", "0900 000 000", EN) is VI
    assert detect("Where is my order", "#4471", VI) is EN


@pytest.mark.parametrize("default", list(Language))
@pytest.mark.parametrize(
    "text", ["", "   \n", "12345", "👍", "https://congty.example/the/and/is", "anh@congty.example", "KP-771"]
)
def test_the_default_answers_where_nothing_shows_a_language(text: str, default: Language) -> None:
    assert detect("", text, default) is default


@pytest.mark.parametrize(
    "text", ["Chị gửi lại hợp đồng giúp em nhé.", "CẦN GẤP BÁO GIÁ", "Could you send it to the office?"]
)
def test_decomposed_letters_read_like_composed_ones(text: str) -> None:
    composed = detect("", text, VI)
    assert detect("", unicodedata.normalize("NFD", text), other(composed)) is composed


@given(st.text(), st.text(), st.sampled_from(Language))
def test_any_text_gets_an_answer(subject: str, text: str, default: Language) -> None:
    assert detect(subject, text, default) in Language
