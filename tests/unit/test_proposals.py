"""Proposals: what mails have in common that staff judged otherwise, and nothing that chance explains."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from responder.mail.addresses import Address
from responder.policy import mining
from responder.policy.again import Kept
from responder.policy.mining import Text
from responder.policy.model import Policy
from responder.policy.proposals import Case, Kind, Proposal, Staff, proposals, signal_of, with_exception, with_word
from responder.words.signals import Matcher, SignalWords
from tests.fakes import local, policy

OFFICE = Address("", "info@congty.example")
APPROVED = (
    "Chị đã duyệt ma két bìa hộp rồi nhé.",
    "Anh duyệt ma két tờ rơi, em nhận file nhé",
    "Bên mình duyệt ma két hộp giấy mẫu số hai",
)
ORDINARY = (
    "Cho em hỏi giá in tờ rơi.",
    "Em gửi file đã sửa, anh xem giúp em.",
    "Anh gửi em bảng giá nhé",
    "Bên em muốn đổi sang giấy dày hơn.",
)
HURRY = "Em cần gấp báo giá 20 ghế trong sáng mai."
RUSH = (
    "Công ty em cần gấp rút hoàn thiện hồ sơ cho quý 4",
    "Bên anh đang cần gấp rút chuẩn bị mặt bằng",
    "Chị cần gấp rút sắp xếp phòng mới trong tháng sau",
)


def cases(texts: Sequence[str], staff: Staff = Staff.LEFT, *, first: int = 0, senders: int = 99) -> list[Case]:
    marks = ("flagged",) if staff is Staff.LOWERED else ()
    return [
        Case(
            number,
            Kept("Hỏi", text, Address("", f"k{number % senders}@khach.example"), OFFICE, at(number)),
            marks,
            staff,
            "" if staff is Staff.LEFT else "flagged",
        )
        for number, text in enumerate(texts, first)
    ]


def at(number: int) -> datetime:
    return local("2026-10-19 10:00") + timedelta(minutes=number)


def raised(texts: Sequence[str] = APPROVED, others: Sequence[str] = ORDINARY * 3, **how: int) -> list[Case]:
    return [*cases(texts, Staff.RAISED, **how), *cases(others, first=100)]


def proposed(found: Sequence[Case], rules: Policy | None = None) -> list[tuple[Kind, str, str]]:
    return [(each.kind, each.signal, each.phrase) for each in proposals(found, rules or policy())]


# --- words ------------------------------------------------------------------------------------------------------------


def test_what_raised_mails_have_in_common_is_proposed_whole_with_what_it_would_do() -> None:
    assert proposals(raised(), policy()) == (
        Proposal(Kind.WORD, "urgent", "duyệt ma két", (0, 1, 2), (), (0, 1, 2)),
    )  # fmt: skip


def test_who_types_without_marks_says_the_same_and_the_word_is_proposed_with_them() -> None:
    found = raised((*APPROVED[:2], "anh duyet ma ket roi nha"))
    assert proposed(found) == [(Kind.WORD, "urgent", "duyệt ma két")]


def test_two_mails_are_too_few_and_so_are_three_of_one_person() -> None:
    assert proposed(raised(APPROVED[:2])) == []
    assert proposed(raised(senders=1)) == []


def test_a_mail_that_staff_left_alone_speaks_against() -> None:
    against = cases(["Khi nào duyệt ma két thì em báo anh nhé."], first=50)
    more = (*APPROVED, "Em duyệt ma két rồi ạ", "Duyệt ma két rồi nha anh")
    [proposal] = proposals([*raised(more), *against], policy())
    assert (proposal.speak_for, proposal.against) == ((0, 1, 2, 3, 4), (50,))
    assert proposed([*raised(), *against]) == [], "three of four are less than eight of ten"


def test_of_few_mails_nothing_can_be_told_from_chance() -> None:
    assert proposed(raised(others=ORDINARY[:1])) == []
    assert proposed(raised(others=ORDINARY * 2)) == [(Kind.WORD, "urgent", "duyệt ma két")]


def test_what_a_word_of_the_policy_finds_already_needs_none() -> None:
    found = raised([f"{HURRY} Mã {number}" for number in "abc"])
    assert proposed(found) == []
    assert proposed(raised(), with_word(policy(), "urgent", "duyệt ma két")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Chị Nguyễn Thu Trang gọi rồi",  # a name within a sentence
        "Gọi 0901234567 nhé",
        "Xem https://khach.example/don-hang nhé",
        "Kính gửi quý công ty",
        "Em chào anh ạ",
        "Hello, thank you",
    ],
)
def test_names_numbers_addresses_and_greetings_are_no_words(text: str) -> None:
    mails = [Text(number, ("Hỏi", text), f"k{number}@khach.example") for number in range(5)]
    others = [Text(number, ("", "Giấy dày"), "x@khach.example") for number in range(100, 140)]
    found = {phrase.text for phrase in mining.telling(mails, others)}
    assert not any(
        name in phrase for phrase in found for name in ("trang", "thu", "090", "khach", "kính", "chào", "thank")
    )


def test_the_senders_own_name_is_no_word_however_it_is_written() -> None:
    mails = [Text(number, ("", "lan hỏng máy in"), f"k{number}@khach.example", "Trần Lan") for number in range(4)]
    others = [Text(number, ("", "Giấy dày"), "x@khach.example") for number in range(100, 140)]
    assert {phrase.text for phrase in mining.telling(mails, others)} == {
        "hỏng máy in",
        "hỏng máy",
        "hỏng",
        "máy in",
        "máy",
    }


def test_a_phrase_goes_over_no_comma_and_no_stop() -> None:
    mails = [Text(number, ("", "Duyệt mẫu, in luôn. Giao sớm"), f"k{number}@x.example") for number in range(4)]
    others = [Text(number, ("", "Hỏi"), "x@khach.example") for number in range(100, 140)]
    found = {phrase.text for phrase in mining.telling(mails, others)}
    assert {"duyệt mẫu", "in luôn", "giao sớm"} <= found
    assert not any("mẫu in" in phrase or "luôn giao" in phrase for phrase in found)


def test_a_phrase_that_the_policys_examples_contradict_is_not_proposed() -> None:
    rules = policy(("examples:\n", 'examples:\n  - "Bên em duyệt ma két rồi, trong giờ → bình thường"\n'))
    assert proposed(raised(), rules) == []


def test_a_second_word_needs_mails_of_its_own() -> None:
    others = ["Máy in kẹt giấy rồi em", "Kẹt giấy máy số hai anh ơi", "Lại kẹt giấy nữa chị"]
    found = [*raised(others=ORDINARY * 10), *cases(others, Staff.RAISED, first=10)]
    assert {phrase for _, _, phrase in proposed(found)} == {"duyệt ma két", "kẹt giấy"}


def test_a_mail_moved_to_a_folder_and_one_that_was_flagged_speak_for_the_same() -> None:
    rules = policy(
        ("do: {reply: urgent, follow_up: next_workday, mark: flagged}",
         "do: {reply: urgent, follow_up: next_workday, mark: [flagged, {folder: Việc gấp}]}"),
    )  # fmt: skip
    first, *rest = raised()
    moved = Case(first.number, first.kept, (), Staff.RAISED, "folder:Việc gấp")
    assert proposed([moved, *rest], rules) == [(Kind.WORD, "urgent", "duyệt ma két")]
    assert signal_of(rules, "folder:Khác") is None


# --- exceptions -------------------------------------------------------------------------------------------------------


def hurried(number: int) -> list[Case]:
    marked = cases([HURRY] * number, first=200)
    return [Case(case.number, case.kept, ("flagged",)) for case in marked]


def test_what_stands_beside_the_word_in_lowered_mails_is_proposed_as_an_exception() -> None:
    found = [*cases(RUSH, Staff.LOWERED), *hurried(10), *cases(ORDINARY, first=100)]
    assert proposals(found, policy()) == (
        Proposal(Kind.EXCEPTION, "urgent", "cần gấp rút", (0, 1, 2), (), (0, 1, 2)),
    )  # fmt: skip


def test_an_exception_that_would_silence_mail_that_staff_left_flagged_is_not_proposed() -> None:
    left = [Case(n, cases([text])[0].kept, ("flagged",)) for n, text in enumerate(RUSH, 300)]
    assert proposed([*cases(RUSH, Staff.LOWERED), *left, *hurried(10)]) == []


def test_where_every_such_mail_was_lowered_no_phrase_stands_out() -> None:
    assert proposed([*cases([HURRY] * 4, Staff.LOWERED), *hurried(10)]) == []


# --- a policy with one more word --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*APPROVED, *RUSH, HURRY, "Ghế gấp giao chưa em?", "cần gấp đôi số ghế"])
def test_a_word_added_to_a_compiled_policy_counts_as_if_it_had_been_written_there(text: str) -> None:
    base = policy()
    signals = base.signals["urgent"]
    for changed, words, unless in (
        (with_word(base, "urgent", "duyệt ma két"), (*signals.words, "duyệt ma két"), signals.unless),
        (with_exception(base, "urgent", "gấp rút"), signals.words, (*signals.unless, "gấp rút")),
    ):
        written = [
            SignalWords(name, words, unless, each.hints)
            if name == "urgent"
            else SignalWords(name, each.words, each.unless, each.hints)
            for name, each in base.signals.items()
        ]
        assert changed.matcher().find("", text) == Matcher(written).find("", text)
        assert (changed.signals["urgent"].words, changed.signals["urgent"].unless) == (words, unless)
    assert base.signals["urgent"] == signals


def test_chance_is_that_of_blind_dealing() -> None:
    assert mining.chance(3, 0, 3, 7) == pytest.approx(1 / 120)
    assert mining.chance(0, 3, 3, 7) == pytest.approx(1)
