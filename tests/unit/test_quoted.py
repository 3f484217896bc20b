"""What somebody wrote, and what only stood below it."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.mail.quoted import own_words
from responder.mail.quoted_lines import CutKind
from tests.corpora.sets import samples

OWN = "Em cần báo giá gấp ạ."
QUOTED = "> Anh gửi em bản vẽ, không gấp.\n> Nam"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, Nov 16, 2026 at 11:02 AM Trung <trung@app.example> wrote:",
        "On Mon, Nov 16, 2026 at 11:02 AM Trung Nguyễn\n<trung@app.example> wrote:",
        "On 16 Nov 2026, at 11:02, Trung <trung@app.example> wrote:",
        "Vào Th 4, 18 thg 6, 2025 vào lúc 14:40 Docs <docs@x.example> đã viết:",
        "Vào Th 4, 18 thg 6, 2025 vào lúc 14:40 Docs\n<docs@x.example>\nđã viết:",
        "Vào 10:05, T2, Phước Mai đã viết:",
        "Vào lúc 10:37, CSKH <hotro@x.example> viết:",
        "Vao T2, 5 thg 8, 2024 luc 14:02, Ngoc <ngoc@x.example> da viet:",
        "Lan <lan@x.example> wrote:",
    ],
)
def test_a_quoted_history_with_its_introduction_is_cut(attribution: str) -> None:
    found = own_words(f"{OWN}\n\n{attribution}\n\n{QUOTED}\n")
    assert found.text == OWN
    assert {cut.kind for cut in found.cuts} == {CutKind.QUOTE}
    assert "không gấp" in found.cuts[-1].text


@pytest.mark.parametrize(
    "introduction",
    [
        "On Tuesday, June 4, 2024 at 10:00:00 AM GMT+7, Lan <lan@x.example> wrote:",
        "-----Original Message-----\nFrom: Lan\nSent: Monday\nTo: Nam\nSubject: x",
        "----- Thư gốc -----\nTừ: Lan\nGửi: 10/11/2026 9:00\nĐến: Nam\nChủ đề: x",
        "-------- Tin nhắn gốc --------\nTừ: Lan\nĐến: Nam",
        "____________________\nTừ: Lan <lan@x.example>\nĐã gửi: Thứ Ba, 14 Tháng Mười 2025 15:07\nTới: Nam\nChủ đề: x",
        "From: Lan <lan@x.example>\nSent: Tuesday 4:40 PM\nTo: Nam\nSubject: x",
        "*From:* Lan <lan@x.example>\n*Sent:* Tuesday\n*Subject:* x",
        "Tu: Lan\nDa gui: 9:15\nDen: Nam\nChu de: x",
        "Từ: Lan\n\nĐã gửi: 9:15\n\nChủ đề: x",
    ],
)
def test_an_unmarked_history_is_cut_to_the_end(introduction: str) -> None:
    found = own_words(f"{OWN}\n\n{introduction}\n\nCần gấp trong hôm nay!\nLan")
    assert found.text == OWN
    assert [cut.kind for cut in found.cuts] == [CutKind.QUOTE]


@pytest.mark.parametrize(
    "introduction",
    [
        "---------- Forwarded message ---------",
        "---------- Thư đã chuyển tiếp ----------",
        "Begin forwarded message:",
        "Bắt đầu thư được chuyển tiếp:",
    ],
)
def test_a_forward_below_own_words_is_cut_and_one_without_own_words_is_the_message(introduction: str) -> None:
    header = "From: Lan <lan@x.example>\nDate: Th 6, 20 thg 6, 2025\nSubject: x"
    forward = f"{introduction}\n\n{header}\n\nKho đang cháy, gọi ngay!"
    below = own_words(f"{OWN} Bản vẽ lần này đã sửa theo góp ý hôm họp, em để trong tệp đính kèm.\n\n{forward}")
    assert below.whole.startswith(OWN)
    assert "cháy" not in below.whole
    assert [cut.kind for cut in below.cuts] == [CutKind.FORWARD]
    assert own_words(forward).text == "Kho đang cháy, gọi ngay!"
    with_phone = own_words(f"Sent from my iPhone\n\n{forward}")
    assert with_phone.text == "Kho đang cháy, gọi ngay!"
    assert [cut.kind for cut in with_phone.cuts] == [CutKind.MOBILE_SIGNATURE]


def test_a_forward_marked_with_angles_is_opened_too() -> None:
    assert own_words("> From: Lan <lan@x.example>\n> Subject: x\n>\n> Kho đang cháy!").text == "Kho đang cháy!"


def test_an_answer_with_nothing_but_the_quote_has_no_own_words() -> None:
    assert own_words(f"On Mon, Nov 16, 2026, Lan <l@x.example> wrote:\n{QUOTED}").text == ""


def test_answers_between_the_quoted_lines_are_kept() -> None:
    found = own_words("Chị trả lời bên dưới.\n\n> Giao ngày nào?\nNgay hôm nay, rất gấp.\n> Mấy cái?\nHai cái.")
    assert found.text == "Chị trả lời bên dưới.\n\nNgay hôm nay, rất gấp.\nHai cái."


@pytest.mark.parametrize(
    "text",
    [
        "Từ: Hà Nội\nĐến: Đà Nẵng\nNgày: 5/10\nCần xe gấp.",
        "Vào việc luôn nhé anh Việt:\nkho đang cháy.",
        "Vào 15:00 em gặp anh Việt:\nkho đang cháy.",
        "Vào hôm qua em có viết:\ncần giao gấp.",
        "On the phone you wrote:\nwe need it today.",
        "Gửi từ kho Bình Dương lúc 8h, xe đang hỏng.",
        "Đơn hàng:\n--------\nbàn 5 cái\nghế 20 cái, cần giao hôm nay",
        "Ngày mai anh ghé nhé.\n\nNgày kia em đi.",
    ],
)
def test_text_that_only_looks_like_history_is_kept_whole(text: str) -> None:
    assert own_words(text).text == text


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nLại Văn Sang | Giám đốc\nHotline khẩn cấp 0900 000 155",
        "Trân trọng,\nNguyễn Tiến Đạt\nPhòng Kinh doanh\nCông ty TNHH Sen Việt\nĐT: 0900 000 123",
        "Trân trọng cảm ơn.",
        "Best regards,\n\nWendy Lau\nPearl Harbour Freight Ltd\nTel: +84 900 000 345",
        "Thanks & regards,\nLan",
        "Cảm ơn và trân trọng,\nLiên",
        "Kind regards, Oliver",
        "Than men,\nDang Thi Hong\n0900 000 111",
        'Trân trọng,\nLê Đăng Khoa\nĐường dây nóng xử lý khẩn cấp: 0900 000 505\n"Nhanh như chớp, gấp mấy cũng có"',
        "Khôi\n0900 000 714",
    ],
)
def test_a_signature_is_cut(signature: str) -> None:
    found = own_words(f"{OWN}\n\n{signature}\n")
    assert found.text == OWN
    assert [cut.kind for cut in found.cuts] == [CutKind.SIGNATURE]


@pytest.mark.parametrize(
    "ending",
    [
        "Trân trọng,\nLan\nGọi lại cho em ngay hôm nay.",
        "Best,\nOliver\nPS: the server is down",
        "Trân trọng đề nghị quý công ty xử lý gấp.",
        "Regards,\nWe need this today, please call 0900 000 111",
        "Trân trọng,\nLan\n0900 000 111, kho đang cháy",
        "Best price please, today",
        "Trân trọng,\nkhan cap",
        "Trân trọng,\nGấp lắm",
    ],
)
def test_a_sentence_after_a_closing_is_never_lost(ending: str) -> None:
    assert own_words(f"{OWN}\n\n{ending}").text == f"{OWN}\n\n{ending}"


def test_thanks_are_words_and_stay() -> None:
    assert own_words("Em nhận được rồi.\n\nCảm ơn,\nLan").text == "Em nhận được rồi.\n\nCảm ơn,"
    assert own_words("Trân trọng,\nLan").text == "Trân trọng,\nLan"


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Gửi từ iPhone của tôi",
        "Get Outlook for Android",
        "Đã gửi từ Yahoo Mail trên Android",
        "Tải Outlook cho iOS",
        "Gui tu dien thoai",
    ],
)
def test_what_the_phone_wrote_is_cut(line: str) -> None:
    found = own_words(f"{OWN}\n\n{line}")
    assert found.text == OWN
    assert [cut.kind for cut in found.cuts] == [CutKind.MOBILE_SIGNATURE]


@pytest.mark.parametrize(
    "disclaimer",
    [
        "This e-mail and any attachments are confidential and intended solely for the addressee.",
        "CONFIDENTIALITY NOTICE: This message may contain privileged text.\nIf you received it in error, delete it.",
        "Email này và các tệp đính kèm có thể chứa thông tin bảo mật, khẩn cấp xoá nếu nhận nhầm.",
        "Please consider the environment before printing this e-mail.",
    ],
)
def test_a_disclaimer_is_cut_and_the_signature_above_it_too(disclaimer: str) -> None:
    found = own_words(f"{OWN}\n\nTrân trọng,\nLan\n\n{disclaimer}\n")
    assert found.text == OWN
    assert [cut.kind for cut in found.cuts] == [CutKind.SIGNATURE, CutKind.DISCLAIMER]


@pytest.mark.parametrize(
    "pattern",
    ["> ", ">", "\n", "On ", "on a\n", "vào @\n", "From: a@b\n", "Từ:\n", "-", "--\n", "---\n", "- ", "Trân trọng,\n",
     "a ", "0 ", "ế", "email nay ", "A\n\n", "\n>\nx", "on @ wrote: ", "on @" + "@" * 300 + "\n", "wrote on 1 ",
     "caution: email ", "sent from my ", "support ", "-- forwarded message --\n",
     "FYI\n-- forwarded message --\nTo: a@b\n",
     "--" + " --" * 120 + "\n", "To: a@b\n"],
)  # fmt: skip
def test_hostile_text_takes_bounded_time(pattern: str) -> None:
    text = (pattern * 200_000)[: 200 * 1024]
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        own_words(text, "Fwd: x")
        best = min(best, time.process_time() - start)
    assert best < 0.25


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                OWN,
                QUOTED,
                "",
                "> x",
                "Trân trọng,",
                "Lan",
                "On 1/1 a@b wrote:",
                "From: a@b",
                "Sent: x",
                "-- ",
                "Sent from my iPhone",
                "Begin forwarded message:",
                "---",
            ]
        ),
        max_size=12,
    )
)
def test_every_line_is_either_own_or_cut(lines: list[str]) -> None:
    found = own_words("\n".join(lines))
    kept = "\n".join([found.whole, *(cut.text for cut in found.cuts)])
    assert (OWN in "\n".join(lines)) == (OWN in kept)


def sample_mails() -> list[dict[str, str]]:
    files = sorted(samples().glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def test_of_the_sample_mails_none_loses_everything_and_few_lose_much() -> None:
    mails = sample_mails()
    if not mails:
        pytest.skip("no triage samples beside the project")
    kept = [len(own_words(mail["body"]).text) / len(mail["body"]) for mail in mails]
    assert min(kept) > 0
    assert sum(share < 0.5 for share in kept) < 0.06 * len(mails)
    assert sum(share > 0.98 for share in kept) > 0.7 * len(mails)
