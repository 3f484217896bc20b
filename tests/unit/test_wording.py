"""policy/wording.py: templates become text, and reach nothing but the values they are given."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from responder.mail.language import Language
from responder.policy import wording
from responder.policy.model import Policy
from responder.policy.values import TEMPLATE_VALUES
from responder.policy.wording import MAIL_VALUE_LIMIT, WordingError, clean, language_for, word
from tests.fakes import local, policy

NIGHT = local("2026-11-20 22:10")


def with_text(source: str) -> Policy:
    return policy().model_copy(update={"texts": {"probe": {Language.VI: source}}})


def said(source: str, values: Mapping[str, str] | None = None) -> str:
    return word(with_text(source), "probe", Language.VI, values or {"subject": "Hỏi giá"})


def values(arrived: str = "2026-11-20 22:10", now: str = "2026-11-20 22:10", subject: str = "x") -> dict[str, str]:
    return wording.values(
        policy(), office_name="Công ty Ví Dụ", subject=subject, arrived=local(arrived), now=local(now),
        language=Language.VI,
    )  # fmt: skip


def test_a_text_is_filled_in_and_trimmed() -> None:
    assert said("  Về «{{ subject }}».\n\n") == "Về «Hỏi giá»."


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ subject.__class__.__mro__ }}",
        "{{ subject.__class__.__base__.__subclasses__() }}",
        "{{ ''.__init__.__globals__ }}",
        "{{ subject|attr('__class__')|attr('__mro__') }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ lipsum.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ range(999999999)|list }}",
        "{% include '/etc/passwd' %}",
        "{{ secret }}",
        "{{ '{0.__class__}'.format(subject).nothing }}",
    ],
)
def test_a_template_reaches_nothing_of_the_program(hostile: str) -> None:
    with pytest.raises(WordingError, match=r"text `probe` \(vi\)"):
        said(hostile)


def test_a_template_cannot_change_the_values_for_the_next_one() -> None:
    with pytest.raises(WordingError):
        said("{{ things.append(1) }}", {"things": []})  # type: ignore[dict-item]


@pytest.mark.parametrize("broken", ["{{ subject", "{% if %}", "{{ nothing_of_ours }}", "{{ subject|upcase }}"])
def test_a_template_that_cannot_be_filled_in_is_named(broken: str) -> None:
    with pytest.raises(WordingError, match=r"text `probe` \(vi\)"):
        said(broken)


def test_what_a_customer_writes_in_a_subject_stays_text() -> None:
    assert said("Về {{ subject }}", {"subject": "{{ 7 * 7 }} {% raw %} <b>"}) == "Về {{ 7 * 7 }} {% raw %} <b>"


@pytest.mark.parametrize(
    ("written", "clean_value"),
    [
        ("Hỏi giá", "Hỏi giá"),
        ("a\r\nBcc: x@y.example", "a Bcc: x@y.example"),
        ("tab\there  and   there", "tab here and there"),
        ("evil\u202etxt.exe\u2066", "evil txt.exe"),
        ("zero\u200bwidth\ufeff", "zero width"),
        ("nul\x00bell\x07\x9b", "nul bell"),
        (" \n ", ""),
    ],
)
def test_values_from_a_mail_are_cleaned(written: str, clean_value: str) -> None:
    assert clean(written) == clean_value


def test_values_from_a_mail_are_cut() -> None:
    assert len(clean("dài " * 500)) <= MAIL_VALUE_LIMIT


def test_every_documented_value_is_given_and_no_other() -> None:
    assert set(values()) == set(TEMPLATE_VALUES)
    assert all(isinstance(value, str) for value in values().values())


def test_the_values_tell_the_truth_about_the_night() -> None:
    told = values(subject="Hỏi\r\ngiá")
    assert told["opening"] == "thứ Hai, 23/11/2026, 08:00"
    assert told["opening_day"] == "thứ Hai, 23/11/2026"
    assert told["urgent_phone"] == "0900 000 000"
    assert told["promise_hours"] == "24"
    assert told["closed_because"] == "sau giờ làm việc"
    assert told["subject"] == "Hỏi giá"
    assert told["office_name"] == "Công ty Ví Dụ"


@pytest.mark.parametrize(
    ("arrived", "now", "received"),
    [
        ("2026-11-25 22:10", "2026-11-26 08:00", "vào tối qua"),
        ("2026-11-26 05:30", "2026-11-26 08:00", "vào sáng nay"),
        ("2026-11-26 02:30", "2026-11-26 08:00", "vào rạng sáng nay"),
        ("2026-11-25 17:30", "2026-11-26 08:00", "vào chiều hôm qua"),
        ("2026-11-28 09:00", "2026-11-30 08:00", "vào sáng thứ Bảy"),
        ("2026-11-27 21:00", "2026-11-30 08:00", "vào tối thứ Sáu"),
        ("2026-02-17 11:00", "2026-02-23 08:00", "trong kỳ nghỉ Tết Nguyên Đán"),
        ("2026-11-24 11:00", "2026-11-25 08:00", "vào ngày nghỉ Ngày Văn hóa Việt Nam"),
    ],
)
def test_when_the_mail_came_is_said_as_people_say_it(arrived: str, now: str, received: str) -> None:
    assert values(arrived, now)["received"] == received


def test_the_senders_language_is_used_where_the_policy_has_it() -> None:
    assert language_for(policy(), "out_of_hours", Language.EN) is Language.EN
    assert language_for(with_text("x"), "probe", Language.EN) is Language.VI


@pytest.mark.parametrize("template", ["out_of_hours", "urgent", "emergency", "next_workday"])
@pytest.mark.parametrize("language", list(Language))
def test_every_shipped_text_can_be_filled_in(template: str, language: Language) -> None:
    told = wording.values(policy(), office_name="Công ty", subject="x", arrived=NIGHT, now=NIGHT, language=language)
    text = word(policy(), template, language, told)
    assert text
    assert "{{" not in text
    assert "!" not in text


@pytest.mark.parametrize("language", [Language.VI, Language.EN])
def test_a_text_that_the_policy_no_longer_has_is_told_by_its_name(language: Language) -> None:
    with pytest.raises(WordingError, match=rf"the policy has no text `renamed` \({language.value}\)"):
        word(policy(), "renamed", language, {})


@pytest.mark.parametrize(
    ("signature", "language", "ending"),
    [
        ("{{ office_name }}\n", Language.EN, "\n\n-- \nCông ty"),
        ({Language.VI: "Thân mến", Language.EN: "Yours"}, Language.EN, "\n\n-- \nYours"),
        ({Language.VI: "Thân mến", Language.EN: "Yours"}, Language.VI, "\n\n-- \nThân mến"),
        ({Language.VI: "Thân mến"}, Language.EN, "\n\n-- \nThân mến"),
        ({Language.VI: "{% if closed_because == 'x' %}Thân mến{% endif %}"}, Language.VI, ""),
        ({}, Language.VI, ""),
    ],
)
def test_a_signature_is_in_the_texts_language_or_else_in_the_policys(
    signature: object, language: Language, ending: str
) -> None:
    rules = Policy.model_validate({**dict(policy()), "signature": signature})
    given = {"office_name": "Công ty", "subject": "x", "arrived": NIGHT, "now": NIGHT}
    plain = wording.text(rules, "next_workday", language, **given)  # type: ignore[arg-type]
    assert wording.text(rules, "next_workday", language, **given, is_signed=True) == plain + ending  # type: ignore[arg-type]
