"""The clauses: what each does, who acts, when, whether it is meant; in both languages, with and without accents."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.words.clauses import Actor, Clause, Kind, Tense, quotations, read, voices
from responder.words.tokens import tokenize


def clauses(text: str) -> tuple[Clause, ...]:
    return read(text, tokenize(text))


def clause(text: str) -> Clause:
    """The clause of a text in which the part between brackets begins."""
    before, _, rest = text.partition("[")
    plain = before + rest.replace("]", "")
    tokens = tokenize(plain)
    place = next(place for place, token in enumerate(tokens) if token.start >= len(before))
    return next(each for each in read(plain, tokens) if each.first <= place <= each.last)


def said(text: str) -> list[str]:
    """The clauses as they are written."""
    tokens = tokenize(text)
    return [text[tokens[each.first].start : tokens[each.last].end] for each in read(text, tokens)]


# --- where clauses part -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Em đến rồi. Anh ra nhé", ["Em đến rồi", "Anh ra nhé"]),
        ("cửa khóa, em đứng ngoài", ["cửa khóa", "em đứng ngoài"]),
        ("em cần gỗ, sắt, thép", ["em cần gỗ, sắt, thép"]),
        ("web chậm nhưng vẫn chạy", ["web chậm", "nhưng vẫn chạy"]),
        ("nếu mưa thì hoãn", ["nếu mưa", "thì hoãn"]),
        ("em có vấn đề cần hỏi", ["em có vấn đề cần hỏi"]),
        ("em co van de can hoi", ["em co van de can hoi"]),
        ("Chị ơi em tới rồi", ["Chị ơi", "em tới rồi"]),
        ("it stopped because the fuse blew", ["it stopped", "because the fuse blew"]),
        ("the gate is shut, please open it", ["the gate is shut", "please open it"]),
        ("Dear team\nThe lift stopped", ["Dear team", "The lift stopped"]),
        ("this line is\nwrapped by the mail program", ["this line is\nwrapped by the mail program"]),
    ],
)
def test_stops_connectors_and_commas_before_a_subject_part_clauses(text: str, parts: list[str]) -> None:
    assert said(text) == parts


# --- what a clause does -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "anh [giúp] em kiểm tra hóa đơn",
        "a [giup] e kiem tra hoa don",
        "Nhờ bên mình [gửi] lại hợp đồng",
        "nho ben minh [gui] lai hop dong",
        "chị ra [mở] cổng với",
        "chi ra [mo] cong voi",
        "Em ơi, [ra] mở cổng cho chị",
        "em oi [ra] mo cong cho chi",
        "cho em xin [bảng] kích thước",
        "mong anh [cử] thợ xuống",
        "em cần [bản] ký trước trưa",
        "Anh [chuyển] lại khoản cọc cho em",
        "nếu được thì anh [gửi] trong hôm nay",
        "[please] call me back",
        "[could] someone let us in",
        "we need you to [stop] the transfer",
        "[Send] me the corrected invoice",
        "[can] you move the van",
    ],
)
def test_what_the_office_shall_do_is_a_request(text: str) -> None:
    assert (clause(text).kind, clause(text).actor) == (Kind.REQUEST, Actor.OFFICE)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("bên mình có [chỗ] đậu xe không ạ", Kind.QUESTION),
        ("ben minh co [cho] dau xe khong a", Kind.QUESTION),
        ("cho em [hỏi] phí giao hàng bao nhiêu", Kind.QUESTION),
        ("khoan nay tinh [sao] vay?", Kind.QUESTION),
        ("[what] time do you close", Kind.QUESTION),
        ("is the [hall] free?", Kind.QUESTION),
        ("sáng nay em [gửi] hồ sơ rồi", Kind.REPORT),
        ("sang nay em [gui] ho so roi", Kind.REPORT),
        ("the pump [stopped] at noon", Kind.REPORT),
        ("em đã [in] giúp anh 20 bộ rồi", Kind.REPORT),
        ("anh khỏi phải [cử] người xuống nữa", Kind.REPORT),
        ("bên em chuyên [cung] cấp giấy in", Kind.OFFER),
        ("khuyen mai [giam] gia 30% tat ca mau", Kind.OFFER),
        ("[we] offer training at a special offer", Kind.OFFER),
        ("bên mình có [khuyến] mãi không?", Kind.QUESTION),
        ("nếu [trời] mưa", Kind.CONDITION),
        ("neu [troi] mua", Kind.CONDITION),
        ("giả sử [máy] hỏng giữa chừng", Kind.CONDITION),
        ("in case [it] rains", Kind.CONDITION),
        ("trong trường hợp [xe] trễ", Kind.CONDITION),
        ("em lỡ tay [xóa] mất thư mục", Kind.REPORT),
        ("[cảm] ơn anh đã giúp em hôm qua", Kind.THANKS),
        ("[cam] on a nhieu", Kind.THANKS),
        ("[thank] you for the quick repair", Kind.THANKS),
        ("your help [would] be appreciated", Kind.REQUEST),
        ("[Kính] gửi quý công ty", Kind.GREETING),
        ("[chi] oi", Kind.GREETING),
        ("[best] regards", Kind.GREETING),
        ("[chúc] anh chị cuối tuần vui", Kind.WISH),
        ("we [hope] to see many guests", Kind.WISH),
    ],
)
def test_what_a_clause_does(text: str, kind: Kind) -> None:
    assert clause(text).kind is kind


# --- who acts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "actor"),
    [
        ("Em chào chị, em [đang] đứng ngoài cổng", Actor.SENDER),
        ("em chao chi, em [dang] dung ngoai cong", Actor.SENDER),
        ("Em ơi, em [nói] sẽ giao hôm nay mà", Actor.OFFICE),
        ("Chào em, chị [chưa] nhận được hàng", Actor.SENDER),
        ("chao em, chi [chua] nhan duoc hang", Actor.SENDER),
        ("Anh Nam ơi, anh [hẹn] em thứ hai", Actor.OFFICE),
        ("Con chào cô, con [gửi] bài hơi muộn", Actor.SENDER),
        ("Cháu ơi, bác [mất] vé rồi", Actor.SENDER),
        ("bên mình [hứa] giao hôm qua", Actor.OFFICE),
        ("ben minh [hua] giao hom qua", Actor.OFFICE),
        ("khách [đang] xếp hàng dài", Actor.OTHER),
        ("khach [dang] xep hang dai", Actor.OTHER),
        ("chủ nhà [khóa] cửa", Actor.OTHER),
        ("bên điện lực [báo] cắt điện", Actor.OTHER),
        ("we [stand] at the gate", Actor.SENDER),
        ("you [promised] it for Monday", Actor.OFFICE),
        ("the police [came] at noon", Actor.OTHER),
        ("mưa [to] cả đêm", Actor.NOBODY),
        ("chi phí [tăng] cao", Actor.NOBODY),
        ("su co [tang] nhanh", Actor.NOBODY),
    ],
)
def test_who_acts(text: str, actor: Actor) -> None:
    assert clause(text).actor is actor


def test_who_is_who_is_settled_once_for_the_mail() -> None:
    younger = voices(tokenize("Em ơi, máy in hỏng rồi. Em cho người qua giúp chị nhé."))
    assert "em" in younger.office
    assert "chi" in younger.sender
    elder = voices(tokenize("Chị ơi, máy in hỏng rồi. Chị cho người qua giúp em nhé."))
    assert "chi" in elder.office
    assert "em" in elder.sender


def test_a_subject_is_read_with_the_voices_of_its_body() -> None:
    subject = "em chưa giao hàng"
    body = voices(tokenize("Em ơi, chị đợi từ sáng."))
    assert read(subject, tokenize(subject), body)[0].actor is Actor.OFFICE
    assert clauses(subject)[0].actor is Actor.SENDER


# --- when ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tense"),
    [
        ("em đã [chuyển] khoản rồi", Tense.DONE),
        ("e da [gui] file", Tense.DONE),
        ("the leak has been [fixed]", Tense.DONE),
        ("tuần trước máy [hỏng] hai lần", Tense.PAST),
        ("tuan truoc may [hong] hai lan", Tense.PAST),
        ("last week the line [broke]", Tense.PAST),
        ("nước đang [chảy] xuống trần", Tense.ONGOING),
        ("nuoc dang [chay] xuong tran", Tense.ONGOING),
        ("máy vẫn [kêu] to", Tense.ONGOING),
        ("từ sáng đến giờ [không] ai nghe máy", Tense.ONGOING),
        ("it still [drips]", Tense.ONGOING),
        ("mai em sẽ [qua] lấy", Tense.FUTURE),
        ("we are going to [move] in May", Tense.FUTURE),
        ("nếu máy [hỏng]", Tense.UNREAL),
        ("neu may [hong]", Tense.UNREAL),
        ("nếu hỏng thì [đổi] máy khác", Tense.UNREAL),
        ("it would [help]", Tense.UNREAL),
        ("suýt nữa em [ngã]", Tense.UNREAL),
        ("máy in [kẹt] giấy", Tense.PRESENT),
    ],
)
def test_when_it_is(text: str, tense: Tense) -> None:
    assert clause(text).tense is tense


@pytest.mark.parametrize(
    "text",
    [
        "sự cố [đã] khắc phục",
        "su co [da] khac phuc",
        "giờ [thì] ổn rồi",
        "web [hoạt] động lại",
        "đó là báo [động] giả",
        "everything is [back] to normal",
        "the site [works] again",
    ],
)
def test_what_is_over_is_told(text: str) -> None:
    assert clause(text).settled_by is not None


@pytest.mark.parametrize(
    "text",
    [
        "vẫn chưa khắc phục [xong]",
        "van chua khac phuc [xong]",
        "anh giúp em [sửa] xong trước trưa",
        "mai mới [sửa] xong ạ?",
        "it has not been [fixed]",
        "it needs to be [fixed]",
        "nếu [sửa] xong thì báo em",
    ],
)
def test_what_is_wanted_denied_or_asked_is_not_over(text: str) -> None:
    assert clause(text).settled_by is None


# --- whether it is meant ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("em không [vào] được", True),
        ("e ko [vao] dc", True),
        ("it does not [start]", True),
        ("bên mình có [giao] không ạ?", False),
        ("ben minh co [giao] khong a?", False),
        ("em [vào] được rồi", False),
    ],
)
def test_a_negation_is_told_and_the_tag_of_a_question_is_none(text: str, negated: bool) -> None:
    assert clause(text).is_negated is negated


@pytest.mark.parametrize(
    "text",
    [
        "việc này [không] gấp",
        "viec nay [khong] gap",
        "khi nào [rảnh] anh xem giúp",
        "luc nao [cung] duoc a",
        "cứ [từ] từ",
        "[no] rush at all",
        "take [your] time",
        "whenever [you] have a moment",
    ],
)
def test_no_hurry_is_told(text: str) -> None:
    assert clause(text).is_no_hurry


def test_a_politeness_is_no_condition() -> None:
    assert clause("nếu được thì anh [gửi] giúp em").condition_by is None
    assert clause("If possible, please [send] it").condition_by is None


@pytest.mark.parametrize(
    "text",
    [
        "nếu [không] xử lý ngay thì ngập hết kho",
        "neu [khong] xu ly ngay thi ngap het kho",
        "anh qua ngay [kẻo] ngập",
        "[unless] you come the food spoils",
        "come now, [otherwise] it spoils",
    ],
)
def test_a_warning_is_no_mere_condition(text: str) -> None:
    assert clause(text).is_warning
    assert clause(text).condition_by is None


def test_a_condition_hangs_over_the_rest_of_its_sentence() -> None:
    text = "Nếu mưa thì em hoãn, khách về sớm. Xe đang chờ."
    first, then, and_so, other = clauses(text)
    assert [each.condition_by is not None for each in (first, then, and_so, other)] == [True, True, True, False]


def test_a_contrast_ends_a_condition() -> None:
    assert clause("nếu gấp em sẽ gọi, nhưng giờ [nước] đang tràn").condition_by is None


@pytest.mark.parametrize(
    "text",
    [
        "báo viết [cháy] lớn ở cảng",
        "bao chi [dua] tin chay lon",
        "I read about [a] fire",
        "khẩu hiệu: “[nhanh] là gấp”",
    ],
)
def test_a_quotation_and_hearsay_are_told(text: str) -> None:
    assert clause(text).is_quoted


def test_inches_and_lone_quotation_marks_quote_nothing() -> None:
    text = 'màn hình 15" và 17" giao chung, anh nói "được'
    assert quotations(text, tokenize(text)) == ()


def test_each_answer_carries_the_words_that_showed_it() -> None:
    text = "Em ơi, nước đang chảy, không ai trực."
    _, water, nobody = clauses(text)
    assert water.tense_by is not None
    assert water.tense_by.text == "đang"
    assert nobody.negated_by is not None
    assert nobody.negated_by.text == "không"


# --- hostile text -------------------------------------------------------------------------------------------------


@given(st.text(max_size=200) | st.text(alphabet=' .,?"“”\nanh ơi nếu không đã thì em', max_size=200))
@settings(max_examples=100, deadline=None)
def test_every_word_is_in_exactly_one_clause_and_nothing_raises(text: str) -> None:
    found = [place for each in clauses(text) for place in range(each.first, each.last + 1)]
    assert found == list(range(len(tokenize(text))))


@pytest.mark.parametrize("text", ["Nếu gấp em sẽ gọi, nhưng nước đang tràn.", "Chị ơi, em đã gửi hồ sơ rồi ạ."])
def test_decomposed_text_is_read_alike(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert [each.kind for each in clauses(decomposed)] == [each.kind for each in clauses(text)]


@pytest.mark.parametrize("piece", ["không ", "nếu gấp thì ", "anh ơi, ", "k? ", '"a" ', "“a ", "đã xử lý ", "\n\nx"])
def test_a_huge_hostile_text_is_read_in_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = (piece * size)[:size]
        tokens = tokenize(text)
        begin = time.process_time()
        read(text, tokens)
        return time.process_time() - begin

    huge = min(seconds(100_000) for _ in range(3))  # a collection of garbage may fall into one of them
    assert huge < 30 * max(seconds(10_000), 0.005)
