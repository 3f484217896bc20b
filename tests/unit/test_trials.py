"""The plays as they were tried: each condition, the first that failed in words, and both languages alike."""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from responder.cli import marked, records, story_words, then
from responder.mail.addresses import Address
from responder.mail.language import Language
from responder.mail.message import Message, parse
from responder.mail.quoted_lines import CutKind
from responder.policy import again, trials, usage
from responder.policy.again import Kept
from responder.policy.decide import ActionKind, Past, decide, read
from responder.policy.load import load
from responder.policy.meaning import SITUATIONS
from responder.policy.model import Allow, Policy
from responder.policy.trials import Lack, Need, Trial
from responder.policy.usage import Limit, Per
from responder.store.records import OutboxState
from tests.fakes import OURS, local, policy
from tests.fakes import letter as octets

NIGHT = local("2026-11-20 22:10")
RULES = """
language: en
timezone: Asia/Ho_Chi_Minh
hours: {mon-fri: "08:00-17:00"}
signals:
  urgent: {words: [urgent], unless: [not urgent]}
plays:
  - {name: tried, when: {WHEN}, do: {mark: flagged}}
"""


def letter(text: str, subject: str) -> Message:
    return parse(octets(text, subject, sender="lan@khach.example"))


def tried(when: str, mail: Message, past: Past | None = None) -> Trial:
    loaded = load(RULES.replace("WHEN", when), "rules.yaml")
    assert loaded.policy is not None, loaded.problems
    reading = read(mail, loaded.policy, OURS, arrived=NIGHT)
    (found,) = decide(mail, reading, past or Past(), loaded.policy, arrived=NIGHT, now=NIGHT).trials
    return found


@pytest.mark.parametrize(
    ("when", "text", "said"),
    [
        ("office: closed", "Hello", None),
        ("office: open", "Hello", "needs a mail that comes during office hours; this one came out of hours"),
        ("signal: urgent", "Hello", "needs the signal “urgent”; the mail has none of it"),
        ("signal: urgent", "It is not urgent", "needs the signal “urgent”; a word of it is there but does not count"),
        ("deadline: within 1 hour", "Hello", "needs a deadline within 1 h; the mail names none"),
        (
            "deadline: within 1 hour",
            "Please send it by 9am on Monday.",
            "needs a deadline within 1 h; the next one is Monday, 23 November 2026, 09:00",
        ),
        ("sender: '*@bank.example'", "Hello", "needs the sender “*@bank.example”; this is somebody else"),
        ("to: help@congty.example", "Hello", "needs a mail sent to “help@congty.example”; this one was not"),
        ("first_contact: no", "Hello", "needs a sender who has written before; this one has not"),
    ],
)
def test_a_play_says_which_condition_failed(when: str, text: str, said: str | None) -> None:
    found = tried(when, letter(text, "x"))
    assert found.fits is (said is None)
    assert (trials.said(found.failed, Language.EN) if found.failed else None) == said


def test_somebody_known_is_no_first_contact() -> None:
    found = tried("first_contact: yes", letter("Hello", "x"), Past(known=True))
    assert found.failed is not None
    assert trials.said(found.failed, Language.EN) == "needs a new sender; this one has written before"


def test_of_several_conditions_each_is_tried_and_the_first_that_failed_is_told() -> None:
    found = tried("office: open, signal: urgent, sender: '*@khach.example'", letter("Urgent, please", "x"))
    assert [(each.need, each.is_met) for each in found.conditions] == [
        (Need.OFFICE, False), (Need.SIGNAL, True), (Need.SENDER, True),
    ]  # fmt: skip
    assert found.failed is not None
    assert found.failed.need is Need.OFFICE


def test_both_languages_have_all_words_with_the_same_values() -> None:
    tables: list[dict[Language, dict[object, str]]] = [
        trials.LACKS, usage.NAMES, usage.PERS, marked.SAYS, then.SAYS, story_words.LABELS, story_words.CUTS,
        story_words.LETTERS, story_words.ACTIONS, story_words.SITUATIONS,
    ]  # type: ignore[list-item] # fmt: skip
    for table in tables:
        assert set(table[Language.VI]) == set(table[Language.EN])
        for key, text in table[Language.VI].items():
            assert _values(text) == _values(table[Language.EN][key]), key
    for told, kind in ((trials.LACKS, Lack), (usage.NAMES, Limit), (usage.PERS, Per), (story_words.CUTS, CutKind)):
        assert set(told[Language.VI]) == set(kind)
    assert set(records.STATES[Language.VI]) == set(records.STATES[Language.EN]) == set(OutboxState)
    assert set(story_words.SITUATIONS[Language.VI]) == set(SITUATIONS)


def _values(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("kind", [Need, Limit, Per, CutKind])
def test_the_document_of_the_json_names_every_value(kind: type[Need]) -> None:
    told = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    assert [each.value for each in kind if f"`{each.value}`" not in told] == []


# ---------------------------------------------------------------- decided once more


def kept(words: str, veto: dict[str, str] | None = None, **recorded: Any) -> Kept:
    who, to = Address("Lan", "lan@khach.example"), Address("", "info@congty.example")
    return again.kept({"veto": veto, **recorded}, "Giao hàng", words, who, to, NIGHT)


def is_answered(mail: Kept, rules: Policy) -> bool:
    return bool(again.again(mail, rules).of(ActionKind.REPLY))


def test_a_kept_mail_is_decided_as_it_was() -> None:
    words = "Em cần gấp ạ."
    mail = letter(words, "Giao hàng")
    first = decide(mail, read(mail, policy(), OURS, arrived=NIGHT), Past(), policy(), arrived=NIGHT, now=NIGHT)
    second = again.again(kept(words), policy())
    assert (second.plays, second.reasons) == (first.plays, first.reasons)
    assert [each.template for each in second.of(ActionKind.REPLY)] == ["urgent"]


RENAMED = ("- name: urgent  ", "- name: hurry  ")
OTHER_REPLY = ("reply: urgent,", "reply: out_of_hours,")


def outcome(words: str, *changes: tuple[str, str]) -> object:
    return again.outcome(again.again(kept(words), policy(*changes)))


def test_another_policy_comes_to_another_outcome_only_where_somebody_would_see_it() -> None:
    hurried, asked = "Em cần gấp ạ.", "Cho em hỏi hàng ạ."
    assert outcome(hurried, RENAMED) == outcome(hurried)
    assert outcome(hurried, OTHER_REPLY) != outcome(hurried)
    assert outcome(asked, OTHER_REPLY) == outcome(asked)


def test_a_kept_veto_still_silences() -> None:
    found = again.again(kept("Em cần gấp ạ.", {"signal": "precedence", "detail": "Precedence: bulk"}), policy())
    assert not found.of(ActionKind.REPLY)


LISTED = {"signal": "list_header", "detail": "List-Id: <kd.congty.example>"}
NAMED = {"signal": "never_answer", "detail": "From: lan@khach.example is on the never-answer list (lan@*)"}


def ruled(**changes: Any) -> Policy:
    return policy().model_copy(update=changes)


def test_whom_a_policy_never_answers_is_asked_anew() -> None:
    stranger, named = kept("Cho em hỏi hàng ạ."), kept("Cho em hỏi hàng ạ.", NAMED)
    assert is_answered(stranger, policy())
    assert not is_answered(stranger, ruled(never_answer=("*@khach.example",)))
    assert is_answered(named, policy())
    assert not is_answered(named, ruled(never_answer=("lan@*",)))
    cut = {**NAMED, "detail": "From: " + "x" * 74 + "…"}
    assert not is_answered(kept("Cho em hỏi hàng ạ.", cut), policy()), "whom it was about is not known"
    also = kept("Cho em hỏi hàng ạ.", NAMED, also=[LISTED])
    assert not is_answered(also, policy()), "a list speaks against it still"


def test_a_way_that_a_policy_allows_no_more_silences_again() -> None:
    group = {"group": "kd@congty.example", "form": None, "writer": "lan@khach.example"}
    mail = kept("Cho em hỏi hàng ạ.", None, excused=[LISTED], way=group)
    assert is_answered(mail, ruled(allow=Allow(lists=("kd@congty.example",))))
    assert not is_answered(mail, policy())


def test_of_a_mail_that_a_new_allow_may_concern_nothing_is_claimed() -> None:
    allowing = ruled(allow=Allow(lists=("kd@congty.example",)))
    assert again.may_be_allowed(kept("Cho em hỏi hàng ạ.", LISTED), policy(), allowing)
    assert not again.may_be_allowed(kept("Cho em hỏi hàng ạ.", LISTED), policy(), policy())
    assert not again.may_be_allowed(kept("Cho em hỏi hàng ạ."), policy(), allowing)
