"""Standing: a word counts where it is meant; not under a condition, in the past, in a report, an offer, a name.

The words here are few and the sentences many: what is tested is where a word stands, not which words a policy has.
"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.mail.language import Language
from responder.policy.phrases import REFUSED
from responder.words.signals import Found, Matcher, SignalWords
from responder.words.standing import Refused

MATCHER = Matcher(
    [
        SignalWords("urgent", ("gấp", "khẩn cấp", "xử lý ngay", "urgent", "asap", "immediately")),
        SignalWords(
            "emergency",
            (
                "cháy", "cháy lớn", "kho cháy", "khi cháy", "ngập", "bị ngập", "ngập hết", "ngập nửa", "sập",
                "mất dữ liệu", "bị thương", "kẹt trong thang máy", "rò rỉ gas", "bị hack", "không vào được",
                "on fire", "fire", "flooded", "is down", "injured", "gas leak", "hacked",
            ),
        ),
        SignalWords("complaint", ("thất vọng", "disappointed")),
        SignalWords("rush_request", ("làm gấp", "rush job")),
        SignalWords("appointment_change", ("dời lịch", "reschedule")),
        SignalWords("own", ("mẫu thử",)),
    ]
)  # fmt: skip


def find(text: str, subject: str = "") -> Found:
    return MATCHER.find(subject, text)


def why(text: str, subject: str = "") -> set[Refused]:
    """Why what was found did not count; empty if anything counts."""
    found = find(text, subject)
    assert found.hits or found.misses, "no word of the test stands in it"
    return set() if found.hits else {miss.why for miss in found.misses}


# --- what counts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Kho bên em đang cháy, anh gọi bảo vệ giúp em",
        "kho ben em dang chay lon roi anh oi",
        "Nước tràn vào từ nãy, ngập nửa kho rồi",
        "nuoc tran vao tu nay, ngap nua kho roi",
        "Hôm qua máy chủ sập, đến giờ vẫn chưa vào được",
        "Tối qua bị hack, sáng nay khách gọi liên tục",
        "Tuần trước bị hack một lần, giờ vẫn đang mất dữ liệu",
        "tuan truoc bi hack mot lan, gio van mat du lieu",
        "Có hai thợ bị thương, chưa gọi được xe",
        "Em không vào được, khách đang chờ",
        "e khong vao duoc, khach dang cho",
        "Thợ sửa rồi nhưng lại rò rỉ gas",
        "Bơm đã sửa, vẫn ngập",
        "Bảo vệ báo có cháy ở tầng hầm",
        "Hàng xóm gọi nói nhà em cháy",
        "Màn hình báo “mất dữ liệu” trên cả ba máy",
        "The warehouse is on fire, call us",
        "Our shop flooded last night and the pump still does not work",
        "The screen says \"the server is down\" and guests are waiting",
        "Two of our people are injured",
        "This is not a drill, the kitchen is on fire",
        "Đang diễn tập thì cháy thật",
        "Buổi diễn tập xong rồi mà tầng hai đang cháy",
    ],
)  # fmt: skip
def test_harm_that_is_so_counts(text: str) -> None:
    assert "emergency" in find(text).names()


@pytest.mark.parametrize(
    "text",
    [
        "Anh gửi gấp giúp em",
        "a gui gap giup e",
        "Nếu được thì anh gửi gấp giúp em",
        "neu duoc thi anh gui gap giup em nhe",
        "Nếu còn hàng thì giao gấp cho em nhé",
        "Không có file là em trễ, cần gấp ạ",
        "If possible please send it asap",
        "If you can, call me asap",
        "Em xin lỗi làm phiền, việc này gấp",
        "Please reply asap",
        "Cảm ơn anh, em cần gấp",
        "Anh tư vấn gấp giúp em",
        "anh tu van khan cap giup em",
    ],
)
def test_what_is_wanted_at_once_counts_though_politely(text: str) -> None:
    assert "urgent" in find(text).names()


@pytest.mark.parametrize(
    "text",
    [
        "Nếu không xử lý ngay thì ngập hết kho",
        "neu khong xu ly ngay thi ngap het kho",
        "Anh qua ngay kẻo cháy",
        "Nếu tối nay chưa bơm được thì ngập cả tầng",
        "Nếu cứ để vậy là sập đó anh",
        "If nobody comes now the shop will be flooded",
        "Turn it off, otherwise the roof is on fire in minutes",
    ],
)
def test_a_warning_of_harm_is_no_mere_condition(text: str) -> None:
    assert "emergency" in find(text).names()


# --- what does not ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Nếu gấp em sẽ gọi",
        "neu khan cap em se goi",
        "Em sẽ gọi nếu gấp",
        "Giả sử kho cháy thì ai chịu",
        "gia su kho chay thi ai chiu",
        "Nếu mất dữ liệu thì bên mình bồi thường thế nào?",
        "neu mat du lieu thi ben minh boi thuong the nao?",
        "Nếu không vào được thì bấm quên mật khẩu",
        "Trong trường hợp cháy ai giữ chìa khóa?",
        "Khi có cháy thì chạy lối nào?",
        "Sau này có gì gấp em nhắn",
        "In case of fire use the stairs",
        "If anything is urgent I will call",
        "Whom do we call if the server is down?",
        "Should there be a gas leak, who comes?",
        "What if we are hacked one day?",
    ],
)
def test_what_stands_under_a_condition_does_not_count(text: str) -> None:
    assert Refused.CONDITION in why(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sự cố mất dữ liệu tuần trước đã xử lý xong",
        "su co mat du lieu tuan truoc da xu ly xong",
        "Năm ngoái kho bị ngập một lần",
        "nam ngoai kho bi ngap mot lan",
        "Tối qua kho cháy nhỏ, đã dập tắt rồi ạ",
        "toi qua kho chay mot goc, da dap tat roi a",
        "Hôm qua mẹ em kẹt trong thang máy mười phút. Anh trực mở ra ngay, giờ ổn rồi.",
        "Máy chủ sập lúc 8h, đã khắc phục lúc 9h",
        "Khắc phục xong rồi anh ạ, vụ bị hack ấy",
        "Máy chủ sập 5 phút rồi tự lên lại, giờ chạy ổn",
        "Tối qua có khách kẹt trong thang máy, kỹ thuật mở ra liền",
        "We had a fire last year",
        "The server is down no longer, it works again",
        "The shop flooded in May. Everything is back to normal now.",
        "It was a false alarm, no fire",
        "Hôm qua em cần gấp quá mà anh em vẫn làm kịp, cảm ơn nhiều",
        "hom qua em can gap qua ma anh em van lam kip, cam on nhieu",
        "Cảm ơn anh đã xử lý gấp hôm qua",
    ],
)
def test_what_is_over_does_not_count(text: str) -> None:
    assert why(text) <= {Refused.OVER, Refused.NEGATED}
    assert why(text)


def test_a_subject_that_cries_is_settled_by_its_body() -> None:
    assert why("Điện có lại rồi, mọi thứ ổn rồi ạ.", subject="Máy chủ sập") == {Refused.OVER}
    assert "emergency" in find("Nước đang tràn. Ai giữ chìa khóa?", subject="Kho ngập").names()


def test_a_subject_that_only_names_the_harm_says_no_more_than_its_body() -> None:
    news = "Đọc báo thấy chợ bên kia bị cháy, bên em muốn hỏi giá bình chữa cháy."
    assert Refused.REPORTED in why(news, subject="Cháy")
    assert "emergency" in find("Báo viết chợ bên kia cháy. Bếp bên em đang bốc lửa.", subject="Cháy").names()
    assert "emergency" in find("Nếu cháy lan sang xưởng thì mất hết.", subject="Cháy").names()
    assert "emergency" in find("Đọc báo thấy chợ bên kia cháy. Giờ kho em cũng cháy!", subject="Cháy").names()
    assert "emergency" in find("Anh gọi lại giúp em.", subject="Mất dữ liệu").names()


@pytest.mark.parametrize(
    "text",
    [
        "Báo viết có cháy lớn ở cảng",
        "doc bao thay kho chay o cang",
        "Em nghe nói chợ bên kia ngập",
        "I read about a fire at the harbour",
        "The news says a mall is on fire",
        "Anh in chữ “cháy” màu đỏ nhé",
        "in giup em chu \"urgent\" mau do",
        "Tem dán “gấp” còn 200 cái",
    ],
)  # fmt: skip
def test_news_hearsay_and_words_between_quotation_marks_do_not_count(text: str) -> None:
    assert why(text) == {Refused.REPORTED}


@pytest.mark.parametrize(
    "text",
    [
        "Gấp! Giảm giá 50% hôm nay, đăng ký ngay kẻo lỡ",
        "GAP GAP! uu dai cuoi nam, dang ky ngay, khan cap",
        "Urgent! Special offer ends tonight. Buy now!",
        "Bán cháy hàng: ưu đãi 70%, mua ngay!",
    ],
)
def test_an_advertisement_that_shouts_does_not_count(text: str) -> None:
    assert Refused.OFFER in why(text)


def test_a_customer_whose_sale_breaks_down_counts() -> None:
    assert "emergency" in find("Đang chạy ưu đãi mà web sập, đơn không vào").names()


@pytest.mark.parametrize(
    "text",
    [
        "Hộp thư của bạn sắp đầy. Bấm vào đây xác minh, xử lý ngay!",
        "hop thu cua ban da day, bam vao link, xac minh khan cap",
        "Your account will be closed. Verify immediately.",
    ],
)
def test_a_mail_after_a_password_does_not_count(text: str) -> None:
    assert why(text) == {Refused.BAIT}


def test_who_tells_of_such_a_mail_is_no_bait() -> None:
    text = "Em bấm vào thư “tài khoản của bạn” rồi, giờ em bị hack, khách nhận tin lạ liên tục"
    assert "emergency" in find(text).names()


@pytest.mark.parametrize(
    "text",
    [
        "Thứ bảy diễn tập chữa cháy lúc 8h",
        "thu bay dien tap kho chay luc 8h",
        "8h báo động, 8h05 tầng 2 cháy, 8h10 sơ tán: đó là kế hoạch diễn tập",
        "Khóa học thoát hiểm khi cháy còn 5 chỗ",
        "khoa hoc thoat hiem khi chay con 5 cho",
        "Em cần báo giá bảo hiểm cháy cho kho",
        "Em hỏi phí làm gấp là bao nhiêu",
        "Bên em lắp phòng cháy cho xưởng",
        "Please quote a gas leak detector for the kitchen",
        "The fire drill starts at ten",
        "We book the fire safety course for May",
    ],
)
def test_a_name_a_fee_a_course_or_a_drill_does_not_count(text: str) -> None:
    assert Refused.NAME in why(text)


@pytest.mark.parametrize(
    "text",
    [
        "May mà không ai bị thương",
        "may ma khong co ai bi thuong",
        "Không có chuyện mất dữ liệu đâu ạ",
        "Suýt nữa thì cháy",
        "No one was injured",
        "There was no sign of fire",
        "Có bị mất dữ liệu không ạ?",
        "co bi mat du lieu khong a?",
        "Anh xử lý ngay hay khi nào rảnh cũng được",
    ],
)
def test_what_is_denied_or_asked_does_not_count(text: str) -> None:
    assert why(text) <= {Refused.NEGATED, Refused.CONDITION, Refused.OVER}
    assert why(text)


# --- which signals are judged so ----------------------------------------------------------------------------------


def test_a_complaint_about_the_past_is_a_complaint() -> None:
    assert find("Tuần trước em rất thất vọng, chuyện đã xử lý xong").names() == {"complaint"}
    assert find("If I am disappointed again I leave").names() == {"complaint"}


def test_a_change_asked_for_on_a_condition_is_asked_for_but_one_imagined_is_not() -> None:
    assert find("Nếu còn chỗ thì anh dời lịch giúp em").names() == {"appointment_change"}
    assert why("Nếu em dời lịch thì có mất phí không?") == {Refused.CONDITION}


def test_rush_work_is_judged_like_what_is_urgent() -> None:
    assert why("Cảm ơn anh đã làm gấp hôm qua") == {Refused.OVER}
    assert "rush_request" in find("Anh làm gấp giúp em 200 tờ").names()


def test_a_signal_of_the_policys_own_is_only_negated() -> None:
    assert find("Nếu có mẫu thử thì em ghé").names() == {"own"}
    assert why("không mẫu thử") == {Refused.NEGATED}


# --- what is told -------------------------------------------------------------------------------------------------


def test_a_refusal_is_told_with_the_words_that_spoke_against_it() -> None:
    (miss,) = find("Nếu kho cháy thì gọi ai?").misses
    assert (miss.hit.text, miss.why, miss.by) == ("kho cháy", Refused.CONDITION, "Nếu")
    (miss,) = find("Kho cháy tuần trước, đã dập tắt.").misses
    assert (miss.why, miss.by) == (Refused.OVER, "đã dập")


@pytest.mark.parametrize("language", list(Language))
def test_every_refusal_has_its_words(language: Language) -> None:
    assert set(REFUSED[language]) == {why.value for why in Refused}


# --- hostile text -------------------------------------------------------------------------------------------------


@given(st.text(max_size=200) | st.text(alphabet=' .,?"“”\ngấp cháy nếu không đã rồi thì', max_size=200))
@settings(max_examples=100, deadline=None)
def test_nothing_raises_and_offsets_map_back(text: str) -> None:
    found = MATCHER.find(text, text)
    for hit in (*found.hits, *(miss.hit for miss in found.misses)):
        assert text[hit.start : hit.end] == hit.text


@pytest.mark.parametrize(
    "piece",
    [
        "nếu gấp ", "cháy, ", "cháy. ", "“gấp” ", "không ai bị thương ", "đã dập tắt cháy, ", "khóa học cháy ",
        "có cháy không? ", "gấp ", "đang cháy ",
    ],
)  # fmt: skip
def test_a_huge_hostile_text_is_judged_in_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = (piece * size)[:size]
        begin = time.process_time()
        MATCHER.find("", text)
        return time.process_time() - begin

    assert min(seconds(100_000), seconds(100_000)) < 30 * max(seconds(10_000), 0.01)


# --- mails to many ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Our flash sale is on and the shop is down, customers click and get an error",
        "Our sale is live with a big discount, we click pay and the site is down",
        "Bên em đang giảm giá mà web không vào được, khách bấm vào là trắng trang",
        "ben em dang giam gia ma web khong vao duoc, khach bam vao la trang trang",
        "Quý khách của em đông vì đợt ưu đãi, mà em không vào được phần mềm",
        "Nút “đăng ký ngay” của trang ưu đãi hỏng, em không vào được",
    ],
)
def test_whoever_speaks_of_their_own_sale_is_no_advertiser(text: str) -> None:
    assert why(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Flash sale! Is your shop down? Our servers never are: your site is down no more. Click here.",
        "Flash sale bình chữa cháy! Kho cháy là mất hết, quý khách bấm vào đặt hàng",
        "Em bên Sao Mai chuyên cung cấp máy bơm giá rẻ. Kho bị ngập, quý khách gọi em.",
        "em ben sao mai chuyen cung cap may bom gia re. kho bi ngap, quy khach goi em.",
    ],
)
def test_whoever_sells_to_the_reader_is_one(text: str) -> None:
    assert Refused.OFFER in why(text)


@pytest.mark.parametrize(
    "text",
    [
        "What to do when you find a gas leak: open the windows.",
        "Safety tips for your home: a gas leak smells of rotten eggs.",
        "5 dấu hiệu chập điện: kho cháy thường bắt đầu từ ổ cắm.",
        "Bản tin an toàn: kho cháy, ai cũng thiệt. Hãy kiểm tra tủ điện.",
        "ban tin an toan: kho chay, ai cung thiet. hay kiem tra tu dien.",
        "Em chia sẻ cẩm nang an toàn: kho cháy thì bấm chuông trước.",
    ],
)
def test_advice_for_a_danger_is_none(text: str) -> None:
    assert why(text) == {Refused.REPORTED}


@pytest.mark.parametrize(
    "text",
    [
        "What to do when there is a gas leak? I have one in my kitchen, a gas leak.",
        "We followed the safety tips, but there is a gas leak.",
        "Em đọc cẩm nang rồi, kho cháy mà em không biết gọi ai",
        "em doc cam nang roi, em khong vao duoc",
        "Cách xử lý khi rò rỉ gas là gì? Anh cử người qua, rò rỉ gas ở bếp.",
    ],
)
def test_whoever_is_in_it_and_has_read_the_advice_counts(text: str) -> None:
    assert why(text) == set()


# --- what a gap leaves out ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Web hôm nay không sập", False),
        ("web khong he sap", False),
        ("Web chưa bị sập", False),
        ("The wall has not collapsed", False),
        ("Web không hiểu sao sập", True),
        ("web khong hieu sao sap", True),
        ("Web hôm nay sập", True),
        ("The wall has collapsed", True),
        ("Khách không đặt được", True),
    ],
)
def test_a_negation_in_a_gap_denies_the_word_after_it(text: str, *, counts: bool) -> None:
    words = ("web * sập", "wall * collapsed", "khách không * được")
    found = Matcher([SignalWords("emergency", words)]).find("", text)
    assert found.hits or found.misses
    assert bool(found.hits) is counts
    assert {miss.why for miss in found.misses} <= {Refused.NEGATED}


# --- a course, a film ---------------------------------------------------------------------------------------------


def test_what_breaks_out_during_a_course_is_no_name() -> None:
    assert why("Trong lúc tập huấn thì kho cháy lớn") == set()
    assert why("During the workshop our shop flooded") == set()
    assert why("Đang quay phim thì kho cháy lớn") == set()
    assert why("Bên em làm phim ngắn có cảnh kho cháy lớn") == {Refused.NAME}
    assert why("Kho từng bị ngập") == {Refused.OVER}
