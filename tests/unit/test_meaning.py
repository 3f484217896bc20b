"""policy/meaning.py: words, deadlines and the learnt judgement weighed, and what a customer's mail may hang on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from responder.policy.meaning import THANKS_ONLY, By, Meaning, Urgency, meaning_of
from responder.words.features import Heard
from responder.words.judge import Judgement, Label
from responder.words.standing import Refused
from tests.fakes import POLICY, Says, local, policy

NIGHT = local("2026-11-17 21:00")
SEVER = "Máy chủ sập rồi, hệ thống sập, cửa hàng không bán được hàng."
PLAIN_TEXT = "Cho mình hỏi đơn hàng đã giao chưa?"


def meaning(text: str, judge: Says | None = None, *changes: tuple[str, str]) -> Meaning:
    return meaning_of("", text, policy(*changes), NIGHT, judge)


def test_where_the_words_are_silent_the_judge_decides() -> None:
    found = meaning(PLAIN_TEXT, Says((Label.EMERGENCY, Label.COMPLAINT)))
    assert found.urgency is Urgency.EMERGENCY
    assert "complaint" in found.situations
    assert found.shown["emergency"] is By.LEARNED


def test_a_policy_that_wants_no_guess_gets_none() -> None:
    found = meaning(PLAIN_TEXT, Says((Label.EMERGENCY,)), ("\nlearned: yes", "\nlearned: no"))
    assert found.urgency is Urgency.NORMAL
    assert found.evidence.judgement is None


def test_a_policy_of_an_earlier_version_gets_no_guess() -> None:
    assert meaning(PLAIN_TEXT, Says((Label.EMERGENCY,)), ("\nlearned: yes", "\n")).urgency is Urgency.NORMAL


def test_the_judge_may_not_lower_what_a_word_says() -> None:
    found = meaning(SEVER, Says())
    assert found.urgency is Urgency.EMERGENCY
    assert found.shown["emergency"] is By.WORDS


def test_a_word_is_the_reason_even_where_the_judge_agrees() -> None:
    assert meaning(SEVER, Says((Label.EMERGENCY,))).shown["emergency"] is By.WORDS


class CertainOfThanks:
    """A judge that sees mere thanks, and thinks nothing else likely."""

    digest = ""

    def judge(self, mail: Sequence[Heard], arrived: datetime) -> Judgement:
        said = Says((Label.THANKS_ONLY,), (Label.THANKS_ONLY,)).judge(mail, arrived)
        return replace(said, probabilities={**dict.fromkeys(Label, 0.01), Label.THANKS_ONLY: 0.99})


NEWSLETTER = "Đèn pin siêu sáng: nhỏ gọn mà urgent lúc mất điện cũng yên tâm."
HINTED = ("\nsignals:\n", "\nsignals:\n  special: {words: [máy số 9], hints: [đèn pin]}\n")


def test_a_hint_counts_like_a_word_unless_the_judge_denies_it() -> None:
    assert meaning(NEWSLETTER).shown["urgent"] is By.WORDS
    found = meaning(NEWSLETTER, Says())
    assert found.shown["urgent"] is By.WORDS
    assert "urgent" in found.certain
    assert "urgent" in meaning_of("", NEWSLETTER, policy(), NIGHT, Denies(0.2)).shown
    denied = meaning_of("", NEWSLETTER, policy(), NIGHT, Denies(0.1))
    assert denied.shown == {}
    assert [(miss.hit.word, miss.why) for miss in denied.evidence.found.misses] == [("urgent", Refused.OUTWEIGHED)]


@pytest.mark.parametrize("text", [SEVER, "Bên em cần gấp lắm rồi.", f"{NEWSLETTER} Bên em cần gấp."])
def test_a_word_counts_even_where_the_judge_denies_it(text: str) -> None:
    assert meaning_of("", text, policy(), NIGHT, Denies()).urgency is not Urgency.NORMAL


def test_a_hint_of_a_group_that_the_judge_knows_nothing_of_counts() -> None:
    assert "special" in meaning_of("", NEWSLETTER, policy(HINTED), NIGHT, Denies()).shown


def test_thanks_beside_a_hint_that_the_judge_doubts_are_mere_thanks_if_it_is_certain() -> None:
    text = "Phản ánh của cả nhóm vui quá, cảm ơn nhiều lắm!"
    assert not meaning(text, Says((Label.THANKS_ONLY,), (Label.THANKS_ONLY,))).thanks_only
    assert meaning_of("", text, policy(), NIGHT, CertainOfThanks()).thanks_only


def test_without_a_judge_a_hint_is_a_word() -> None:
    without = policy(("\nlearned: yes", "\nlearned: no"))
    assert meaning_of("", NEWSLETTER, without, NIGHT, Denies()).shown["urgent"] is By.WORDS


def test_all_that_is_shipped_for_an_emergency_is_words() -> None:
    assert not policy().signals["emergency"].hints


def test_a_word_that_an_unless_took_away_is_silent_and_the_judge_may_speak() -> None:
    assert meaning("Giá tăng gấp đôi rồi à?", Says()).urgency is Urgency.NORMAL
    assert meaning("Giá tăng gấp đôi rồi à?", Says((Label.URGENT,))).urgency is Urgency.URGENT


def test_a_word_that_an_unless_took_away_does_not_unsay_a_deadline() -> None:
    found = meaning("Lần này lấy gấp đôi, anh gửi giúp em trước 9h sáng mai.", Says())
    assert found.shown == {"urgent": By.DEADLINE}
    assert "urgent" in found.certain


def test_a_doubtful_deadline_gives_way_to_an_unless_and_comes_back_with_the_judge() -> None:
    text = "Giá tăng gấp đôi rồi à? Sáng mai anh gửi giúp em báo giá nhé."
    assert meaning(text).urgency is Urgency.NORMAL
    assert meaning(text, Says((Label.URGENT,))).shown["urgent"] is By.DEADLINE


def test_a_word_that_was_merely_negated_says_nothing() -> None:
    assert meaning("Việc này không gấp ạ.", Says((Label.URGENT,))).urgency is Urgency.URGENT


def test_the_judge_speaks_only_of_signals_that_the_policy_names() -> None:
    without = (
        ("\n  abuse:\n", "\n  rudeness:\n"),
        ("signal: abuse", "signal: rudeness"),
        ("then: abuse,", "then: rudeness,"),
    )
    assert meaning(PLAIN_TEXT, Says((Label.ABUSE,))).situations == ("abuse",)
    assert meaning(PLAIN_TEXT, Says((Label.ABUSE,)), *without).situations == ()


def test_a_near_deadline_is_urgent_and_a_far_one_is_not() -> None:
    near = meaning("Anh gửi giúp em báo giá trước 11h sáng mai nhé.")
    assert (near.urgency, near.shown["urgent"]) == (Urgency.URGENT, By.DEADLINE)
    far = meaning("Anh gửi giúp em báo giá trước thứ Sáu tuần sau nhé.")
    assert far.urgency is Urgency.NORMAL
    assert far.deadline is not None


def test_a_policy_without_a_bound_sees_no_urgency_in_a_deadline() -> None:
    lines = POLICY.read_text(encoding="utf-8").splitlines()
    line = next(each for each in lines if each.startswith("    deadline: within"))
    assert meaning("Anh gửi giúp em báo giá trước 11h sáng mai nhé.", None, (line, "")).urgency is Urgency.NORMAL


# --- what is certain --------------------------------------------------------------------------------------------------


def test_a_word_of_the_policy_is_certain() -> None:
    assert "emergency" in meaning(SEVER).certain


def test_of_deadlines_only_a_plain_one_is_certain() -> None:
    assert "urgent" in meaning("Anh gửi giúp em báo giá trước 11h sáng mai nhé.").certain
    doubtful = meaning("Sáng mai anh gửi giúp em báo giá nhé.")
    assert doubtful.shown["urgent"] is By.DEADLINE
    assert "urgent" not in doubtful.certain


def test_a_guess_is_certain_only_where_the_judge_is() -> None:
    assert meaning(PLAIN_TEXT, Says((Label.URGENT,))).certain == frozenset()
    assert meaning(PLAIN_TEXT, Says((Label.URGENT,), (Label.URGENT,))).certain == {"urgent"}


def test_a_judge_who_knows_better_outweighs_a_doubtful_deadline_but_not_a_plain_one() -> None:
    assert meaning("Sáng mai anh gửi giúp em báo giá nhé.", Says()).urgency is Urgency.NORMAL
    assert meaning("Anh gửi giúp em báo giá trước 11h sáng mai nhé.", Says()).urgency is Urgency.URGENT


def test_a_doubtful_deadline_becomes_certain_by_a_certain_guess() -> None:
    found = meaning("Sáng mai anh gửi giúp em báo giá nhé.", Says((Label.URGENT,), (Label.URGENT,)))
    assert found.shown["urgent"] is By.DEADLINE
    assert "urgent" in found.certain


def test_a_doubtful_emergency_may_be_certainly_urgent() -> None:
    found = meaning(PLAIN_TEXT, Says((Label.EMERGENCY,), (Label.URGENT,)))
    assert found.urgency is Urgency.EMERGENCY
    assert found.certain == {"urgent"}


# --- thanks -----------------------------------------------------------------------------------------------------------


def test_thanks_in_other_words_are_thanks_if_the_judge_is_certain() -> None:
    thanks = "Quý hoá quá, bên em ghi nhận tấm lòng của anh chị."
    assert not meaning(thanks, Says((Label.THANKS_ONLY,))).thanks_only
    assert meaning(thanks, Says((Label.THANKS_ONLY,), (Label.THANKS_ONLY,))).shown == {THANKS_ONLY: By.LEARNED}


@pytest.mark.parametrize("text", [f"Cảm ơn anh. {SEVER}", "Cảm ơn anh. Gửi giúp em hóa đơn trước 9h sáng mai nhé."])
def test_thanks_with_a_word_of_the_policy_or_a_deadline_are_more_than_thanks(text: str) -> None:
    assert not meaning(text, Says((Label.THANKS_ONLY,), (Label.THANKS_ONLY,))).thanks_only


@pytest.mark.parametrize("judge", [None, Says(), Says((Label.THANKS_ONLY,))])
def test_a_mere_thank_you_by_its_words_has_no_other_signal(judge: Says | None) -> None:
    found = meaning("Em cảm ơn anh nhiều ạ.", judge)
    assert found.shown == {THANKS_ONLY: By.WORDS}
    assert found.urgency is Urgency.NORMAL


def test_thanks_in_which_the_judge_sees_more_are_not_met_with_silence() -> None:
    found = meaning("Em cảm ơn anh nhiều ạ.", Says((Label.URGENT, Label.COMPLAINT)))
    assert not found.thanks_only
    assert found.urgency is Urgency.URGENT


@pytest.mark.parametrize(
    "text",
    [
        "Thank you but I still have not received the parcel",
        "Thank you! The second invoice is still missing",
        "Cảm ơn shop đã giao nhanh, nhưng thiếu 1 áo",
        "Cảm ơn em. Chị gửi tiền nhầm 2 lần nhé.",
    ],
)
def test_thanks_that_go_on_with_what_is_wrong_are_never_met_with_silence(text: str) -> None:
    assert not meaning(text, Says((Label.THANKS_ONLY,), (Label.THANKS_ONLY,))).thanks_only


def test_a_wish_to_be_left_alone_until_then_is_no_plain_deadline() -> None:
    found = meaning("Vui lòng không gọi lại cho tôi trước 9h sáng mai.", Says())
    assert found.urgency is Urgency.NORMAL


@dataclass(frozen=True)
class Denies:
    """A judge that thinks nothing likely."""

    chance: float = 0.01
    digest: str = ""

    def judge(self, mail: Sequence[Heard], arrived: datetime) -> Judgement:
        return replace(Says().judge(mail, arrived), probabilities=dict.fromkeys(Label, self.chance))


def test_a_plain_deadline_that_the_judge_denies_marks_but_chooses_no_text_for_a_customer() -> None:
    text = "Anh gửi giúp em báo giá trước 9h sáng mai nhé."
    assert "urgent" in meaning(text, Says()).certain
    found = meaning_of("", text, policy(), NIGHT, Denies())
    assert found.shown["urgent"] is By.DEADLINE
    assert "urgent" not in found.certain


def test_a_deadline_of_a_group_that_the_judge_knows_nothing_of_counts() -> None:
    own = ("\nsignals:\n", "\nsignals:\n  very_soon: {deadline: within 1 working day, words: [zzz]}\n")
    assert meaning("Sáng mai anh gửi giúp em báo giá nhé.", Says(), own).shown["very_soon"] is By.DEADLINE
