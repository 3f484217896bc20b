"""What the judge thinks of a mail, and that its weights are small, readable and learnt the same way each time."""

import gzip
import json
import time
import unicodedata
from datetime import datetime
from datetime import time as clock
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder import learned
from responder.words.features import features, hear
from responder.words.judge import LABELS, ZERO, Judge, Judgement, Label, Scale, Weights
from responder.words.rows import Rows
from responder.words.signals import Where

ARRIVED = datetime(2026, 11, 17, 16, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def judged(body: str, subject: str = "", judge: Judge | None = None) -> Judgement:
    return (judge or learned.judge()).judge(hear(subject, body, ARRIVED, lambda _day: clock(17)), ARRIVED)


def shown(body: str, subject: str = "") -> set[str]:
    return set(features(hear(subject, body, ARRIVED, lambda _day: clock(17)), ARRIVED))


def weights(**by_feature: int) -> Weights:
    """They give `urgent` alone, by the features named (with "_" for a space)."""
    rows = {name.replace("_", " "): bytes([ZERO + weight, *[ZERO] * 11]) for name, weight in by_feature.items()}
    scales = {label: Scale(0.1, 0.0 if label is Label.URGENT else -9.0, 0.7) for label in LABELS}
    return Weights(scales, rows)


def judge_by(learnt: Weights) -> Judge:
    return Judge(learnt.scales, Rows.of(learnt.by_feature.items(), len(LABELS)))


@pytest.mark.parametrize(
    ("body", "urgency"),
    [
        (
            "Nước từ trần đang đổ xuống tủ điện, cả tầng mất điện rồi, anh cho người xuống ngay giúp em.",
            Label.EMERGENCY,
        ),
        ("Anh cho người qua sửa máy in trước 5 giờ chiều nay giúp em với, mai em phải nộp hồ sơ rồi.", Label.URGENT),
        (
            "Could you please send the signed contract before noon today? The client is waiting in our office.",
            Label.URGENT,
        ),
        ("Chị gửi giúp em bản vẽ khi nào tiện nhé, tháng sau bên em mới làm.", None),
        ("Sáng nay em đã chuyển khoản rồi, chị kiểm tra giúp em khi rảnh nhé.", None),
    ],
)
def test_urgency_is_told_from_who_wants_what_by_when(body: str, urgency: Label | None) -> None:
    assert judged(body).urgency is urgency


@pytest.mark.parametrize(
    ("body", "situation"),
    [
        ("Cho em hỏi giá làm 200 áo đồng phục thêu logo, bên mình báo giá giúp em.", Label.QUOTE_REQUEST),
        ("Chị cho em dời buổi khám chiều thứ tư sang tuần sau nhé, em bận việc nhà.", Label.APPOINTMENT_CHANGE),
        ("Cảm ơn anh nhiều ạ, em nhận được rồi.", Label.THANKS_ONLY),
        ("How do I reset my password for the customer page?", Label.SELF_SERVICE),
    ],
)
def test_what_a_mail_is_about_is_told(body: str, situation: Label) -> None:
    assert judged(body).situations == (situation,)


def test_accents_left_out_change_little() -> None:
    with_marks = "Anh cho người qua mở cổng kho giúp em, xe hàng đang chờ ngoài cổng, trước 5 giờ chiều nay phải xong."
    without = "Anh cho nguoi qua mo cong kho giup em, xe hang dang cho ngoai cong, truoc 5 gio chieu nay phai xong."
    assert judged(with_marks).urgency is judged(without).urgency is Label.URGENT


@pytest.mark.parametrize("body", ["", "\n\n", "🙂🙂", "Zxqv wprt blfg.", "12345", "Ωμέγα"])
def test_what_it_cannot_read_is_normal_and_about_nothing(body: str) -> None:
    judgement = judged(body)
    assert (judgement.urgency, judgement.situations) == (None, ())


def test_mere_thanks_stand_alone() -> None:
    rows = {"cam on": bytes([ZERO, ZERO, ZERO + 100, *[ZERO] * 8, ZERO + 100])}
    judge = judge_by(Weights({label: Scale(0.1, -3.0, 0.5) for label in LABELS}, rows))
    assert judged("cảm ơn", judge=judge).situations == (Label.COMPLAINT,)


def test_a_word_is_told_with_its_accents_as_well() -> None:
    assert {"chay", "marked: cháy"} <= shown("Nhà CHÁY")
    assert "marked: cháy" in shown(unicodedata.normalize("NFD", "Nhà cháy"))
    assert {"chay", "marked: chạy"} <= shown("Nhà chạy")
    assert not any(name.startswith("marked: ") for name in shown("Nha chay"))


def test_the_reasons_are_words_of_the_mail_the_weightiest_first() -> None:
    judge = judge_by(weights(cong=20, ngoai_cong=60, kho=30, cam_on=-50))
    judgement = judged("Xe đang ở ngoài cổng kho, cảm ơn.", judge=judge)
    assert judgement.urgency is Label.URGENT
    assert [reason.text for reason in judgement.reasons] == ["ngoài cổng", "kho"]
    assert all(reason.place.where is Where.BODY for reason in judgement.reasons)
    assert judgement.reasons[0].weight > judgement.reasons[1].weight


def test_a_mail_that_is_urgent_has_reasons() -> None:
    judgement = judged("Anh cho người qua sửa máy in trước 5 giờ chiều nay giúp em với, mai em phải nộp hồ sơ rồi.")
    assert 1 <= len([reason for reason in judgement.reasons if reason.label is Label.URGENT]) <= 5


def test_a_near_time_is_masked_in_word_features_and_told_with_its_clause() -> None:
    found = shown("Anh gửi giúp em trước 5 giờ chiều nay.")
    assert "time: today, request, office" in found
    assert not [name for name in found if "chieu" in name and not name.startswith("as written: ")]
    assert "time: earlier today, ago" in shown("Sáng nay em giao hàng rồi.")


def test_a_mail_that_asks_nothing_is_known() -> None:
    assert "mail: asks nothing" in shown("Hàng giao xong lúc 8 giờ. Trời đẹp.")
    assert "mail: asks nothing" not in shown("Anh gửi giúp em bản vẽ.")


@given(st.text(max_size=300))
@settings(max_examples=40, deadline=None)
def test_it_never_raises_and_its_probabilities_are_probabilities(text: str) -> None:
    judgement = judged(text, subject=text[:40])
    assert set(judgement.probabilities) == set(LABELS)
    assert all(0 <= each <= 1 for each in judgement.probabilities.values())


@pytest.mark.parametrize("text", ["gấp " * 25_000, "a " * 50_000, "trước 5h chiều nay " * 5_000, "x" * 100_000])
def test_the_features_of_a_hostile_mail_take_bounded_time(text: str) -> None:
    mail = hear("", text, ARRIVED, lambda _day: clock(17))
    began = time.process_time()
    learned.judge().judge(mail, ARRIVED)
    assert time.process_time() - began < 2


def test_the_weights_are_under_two_megabytes_and_named_readably() -> None:
    packed = files("responder").joinpath(learned.FILE).read_bytes()
    assert len(packed) < 2_000_000
    _scales, features_and_weights = gzip.decompress(packed).decode().split("\n\n")
    names = [line.partition("\t")[0] for line in features_and_weights.splitlines()]
    assert all(name.isprintable() for name in names)
    assert len(learned.judge().rows) == len(names)


def test_what_is_written_is_read_again() -> None:
    learnt = weights(cong=1, ngoai_cong=-127, kho=127)
    judge = learned.parse(learned.written(learnt))
    assert judge.scales == learnt.scales
    assert judge.rows.known(learnt.by_feature) == learnt.by_feature
    assert judge == learned.parse(learned.written(learnt))


def test_a_file_that_weighs_a_feature_twice_is_refused() -> None:
    text = gzip.decompress(learned.written(weights(cong=1)))
    with pytest.raises(ValueError, match="two"):
        learned.parse(gzip.compress(text + text.split(b"\n\n")[1]))


@pytest.mark.parametrize("broken", [b"", b"no gzip", learned.written(weights(cong=1))[:-9]])
def test_a_file_of_weights_that_is_damaged_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match=r"weights|unpack"):
        learned.parse(broken)


def mails(count: int) -> str:
    words = ["ngoài cổng xe đang chờ", "khi nào rảnh gửi em", "cảm ơn anh", "xin báo giá in tờ rơi", "máy chủ sập rồi"]
    labels = [
        ("urgent", []),
        ("normal", []),
        ("normal", ["thanks_only"]),
        ("normal", ["quote_request"]),
        ("emergency", []),
    ]
    lines = []
    for number in range(count):
        urgency, situations = labels[number % 5]
        every = [label.value for label in LABELS[2:-1]] if number == 3 else situations
        lines.append(
            {
                "id": f"t{number:03}",
                "subject": "",
                "body": f"{words[number % 5]} {words[number % 5]} {number}",
                "urgency": urgency,
                "situations": every,
                "note": "hard: " if number % 3 else "",
            }
        )
    return "\n".join(json.dumps(line) for line in lines)


def test_the_same_mails_give_the_same_bytes(tmp_path: Path) -> None:
    learning = pytest.importorskip("responder.learning", reason="needs the extra `train`")
    packed = []
    for _ in range(2):
        for name in ("one", "two"):
            (tmp_path / f"{name}.jsonl").write_text(mails(20), encoding="utf-8")
        sets = [learning.collection(tmp_path / f"{name}.jsonl") for name in ("one", "two")]
        packed.append(learned.written(learning.learn(sets)))
    assert packed[0] == packed[1]
    judge = learned.parse(packed[0])
    assert judged("ngoài cổng xe đang chờ", judge=judge).urgency is Label.URGENT


def test_of_thresholds_nearly_as_good_as_the_best_the_lowest_is_taken() -> None:
    learning = pytest.importorskip("responder.learning", reason="needs the extra `train`")
    truth = learning.np.array([True] * 100 + [False, False, True] + [False] * 100)  # the last costs two wrong ones
    scores = learning.np.arange(len(truth), 0, -1.0)
    normal, heed = learning.np.zeros(len(truth), dtype=bool), learning.np.ones(len(truth))
    best, generous = (
        learning._threshold(scores, truth, normal, heed, learning.Aim(as_good=as_good)) for as_good in (0.0, 0.01)
    )
    assert [int((scores >= each).sum()) for each in (best, generous)] == [100, 104]


def test_a_mail_is_scored_by_what_was_learnt_from_other_files_only(tmp_path: Path) -> None:
    learning = pytest.importorskip("responder.learning", reason="needs the extra `train`")
    for name in ("one", "two"):
        (tmp_path / f"{name}.jsonl").write_text(mails(20), encoding="utf-8")
    own_word = mails(20).replace("ngoài cổng", "zyx zyx").replace("xe đang chờ", "zyx")
    (tmp_path / "three.jsonl").write_text(own_word, encoding="utf-8")
    sets = [learning.collection(tmp_path / f"{name}.jsonl") for name in ("one", "two", "three")]
    seen = learning.fit(sets).scores(sets[2].mails[:1])[0, 0]
    unseen = learning.left_out(sets)[2].scores[0, 0]
    assert unseen < seen


def test_weights_in_the_company_of_other_labels_score_as_the_scores_do(tmp_path: Path) -> None:
    learning = pytest.importorskip("responder.learning", reason="needs the extra `train`")
    for name in ("one", "two"):
        (tmp_path / f"{name}.jsonl").write_text(mails(20), encoding="utf-8")
    sets = [learning.collection(tmp_path / f"{name}.jsonl") for name in ("one", "two")]
    together, alone = learning.company(learning.left_out(sets)), learning.fit(sets)
    told = together.fit(alone).scores(sets[0].mails)
    assert told == pytest.approx(together.scores(alone.scores(sets[0].mails)))
    complaint = LABELS.index(Label.COMPLAINT)
    assert list(told[:, complaint]) != list(alone.scores(sets[0].mails)[:, complaint])


def test_a_concept_is_told_with_who_acts() -> None:
    assert "thing: send, request, office" in shown("Anh gửi giúp em bản vẽ.")
