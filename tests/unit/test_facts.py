"""policy/facts.py: what was seen of a mail, in the office's language; tried on what the rules really say."""

from __future__ import annotations

import re

import pytest

from responder.mail.automatic import Filed, Sign, set_aside_fact, vetoes
from responder.mail.defects import SET_ASIDE, Defect
from responder.mail.language import Language
from responder.mail.message import parse
from responder.mail.ours import Allowed, Ours
from responder.policy import facts
from responder.policy.facts import BOUNDS

OURS = Ours(
    addresses=frozenset({"info@congty.example"}),
    colleagues=frozenset({"congty.example"}),
    authserv_ids=frozenset({"mx.congty.example"}),
    never_answer=("*@bantin.example",),
    allowed=Allowed(lists=frozenset({"kinhdoanh@congty.example"}), forms=frozenset({"web@bieumau.example"})),
)
GROUP = "List-Id: <kinhdoanh.congty.example>"


def fact(sign: Sign, *fields: str, sender: str = "lan@khach.example", to: str = "info@congty.example") -> str:
    """What the rules say of a mail with these fields, of that sign."""
    header = [f"From: {sender}", f"To: {to}", "Subject: Hoi gia", *fields]
    message = parse("\n".join([*header, "", "Xin chào."]).encode())
    filed = Filed.JUNK if sign is Sign.SPAM else Filed.ORDINARY
    return next(each.detail for each in vetoes(message, OURS, filed) if each.signal is sign)


NOT_THEIRS = "Authentication-Results: mx.congty.example; spf=fail smtp.mailfrom=lan@khach.example"
FORGED = "Authentication-Results: mx.congty.example; dmarc=fail header.from=khach.example"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (fact(Sign.NO_CLEAR_SENDER, sender="a@x.example, b@x.example"), "thư ghi nhiều người gửi (From)"),
        (fact(Sign.NO_CLEAR_SENDER, sender=""), "thư không ghi người gửi (From)"),
        (fact(Sign.NO_CLEAR_SENDER, sender="<a@b@c>"), "không đọc được chắc chắn địa chỉ người gửi"),
        (
            fact(Sign.NO_CLEAR_SENDER, GROUP, sender="kinhdoanh@congty.example"),
            "thư của địa chỉ nhóm kinhdoanh@congty.example không cho biết ai viết",
        ),
        (
            fact(Sign.NO_CLEAR_SENDER, sender="web@bieumau.example"),
            "thư của biểu mẫu liên hệ web@bieumau.example không cho biết ai viết",
        ),
        (
            fact(Sign.UNTRUSTED_SENDER, "Return-Path: <lan@khach.example>", NOT_THEIRS),
            "máy chủ thư của văn phòng báo spf=fail cho Return-Path lan@khach.example",
        ),
        (fact(Sign.AUTHENTICATION_FAILED, FORGED), "máy chủ thư của văn phòng báo dmarc=fail"),
        (
            fact(Sign.UNTRUSTED_SENDER, "Return-Path: <x@khac.example>"),
            "Return-Path x@khac.example khác tên miền với From lan@khach.example",
        ),
        (
            fact(Sign.UNTRUSTED_SENDER, f"Return-Path: <{'bounce+' * 6}@esp.example>"),
            f"Return-Path {'bounce+' * 6}@esp.example khác tên miền với người gửi (From)",
        ),
        (fact(Sign.NOT_ADDRESSED, to="ban@khac.example"), "phần người nhận không có địa chỉ nào của văn phòng"),
        (fact(Sign.SPAM), "máy chủ thư đã xếp vào thư rác"),
        (fact(Sign.REPORT, "Content-Type: multipart/report"), "có phần thuộc loại multipart/report"),
        (
            fact(Sign.LIST_HEADER, GROUP, "List-Id: <x.y>"),
            "có 2 dòng List-Id: <kinhdoanh.congty.example>, <x.y>",
        ),
        (
            fact(Sign.NEVER_ANSWER, sender="tin@bantin.example"),
            "From: tin@bantin.example có trong danh sách never_answer (*@bantin.example)",
        ),
        (fact(Sign.OWN_ADDRESS, sender="info@congty.example"), "From: info@congty.example là địa chỉ của văn phòng"),
        (fact(Sign.COLLEAGUE, sender="nam@congty.example"), "From: nam@congty.example là đồng nghiệp"),
        (
            fact(Sign.COLLEAGUE, GROUP, "Reply-To: nam@congty.example", sender="kinhdoanh@congty.example"),
            "người viết: nam@congty.example là đồng nghiệp",
        ),
        (
            fact(Sign.WEAK_SIGNS, "Feedback-ID: 1:a", sender="Mail Delivery <lan@khach.example>"),
            "tên người gửi + Feedback-ID",
        ),
    ],
)
def test_a_fact_that_is_a_sentence_is_told_in_vietnamese(found: str, said: str) -> None:
    assert facts.said(found, Language.VI) == said
    assert facts.said(found, Language.EN) == found


def test_weak_signs_keep_what_was_found() -> None:
    found = 'subject "out of office" + absence "i am away"'
    assert facts.said(found, Language.VI) == 'tiêu đề "out of office" + báo vắng mặt "i am away"'


def test_of_a_fact_that_was_cut_no_half_word_is_left() -> None:
    found = 'subject "returned mail" + the sender…'
    assert facts.said(found, Language.VI) == 'tiêu đề "returned mail" + …'


@pytest.mark.parametrize("quoted", ["Precedence: bulk", "Return-Path: <>", "Auto-Submitted: auto-replied", "as seen"])
def test_a_fact_that_quotes_the_header_stays(quoted: str) -> None:
    assert facts.said(quoted, Language.VI) == quoted


@pytest.mark.parametrize("bound", SET_ASIDE)
def test_a_bound_is_told_in_both_languages(bound: Defect) -> None:
    told = {facts.said(set_aside_fact(bound), language) for language in Language}
    assert told == {BOUNDS[language][bound] for language in Language}
    assert len(told) == len(Language)
    assert not any(re.search("set aside", each) for each in told)


def test_nothing_but_bounds_is_among_them() -> None:
    assert set(BOUNDS[Language.VI]) == set(BOUNDS[Language.EN]) == set(SET_ASIDE)
