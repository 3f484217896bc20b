"""What was seen of a mail, told in the office's language: the record keeps the short English fact of `Veto.detail`.

Sentences are translated; what only quotes the header (`Precedence: bulk`) stays as it is. Pure; knows no decision.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from responder.mail.automatic import set_aside_fact
from responder.mail.defects import Defect
from responder.mail.language import Language

# Of a mail over a bound: which.
BOUNDS: Final[Mapping[Language, Mapping[Defect, str]]] = {
    Language.VI: {
        Defect.UNREADABLE: "không có phần đầu thư",
        Defect.HEADER_TOO_LARGE: "phần đầu thư quá lớn",
        Defect.VALUE_TOO_LARGE: "một dòng ở phần đầu thư quá dài",
        Defect.TOO_MANY_HEADERS: "phần đầu thư có quá nhiều dòng",
        Defect.TOO_MANY_ADDRESSES: "quá nhiều địa chỉ",
        Defect.TOO_MANY_ENCODED_WORDS: "phần đầu thư có quá nhiều đoạn chữ mã hóa",
        Defect.TOO_MANY_PARTS: "quá nhiều phần hoặc tệp đính kèm",
        Defect.TOO_DEEP: "các phần của thư lồng nhau quá nhiều lớp",
    },
    Language.EN: {
        Defect.UNREADABLE: "it has no header",
        Defect.HEADER_TOO_LARGE: "its header is too large",
        Defect.VALUE_TOO_LARGE: "a field of its header is too long",
        Defect.TOO_MANY_HEADERS: "its header has too many fields",
        Defect.TOO_MANY_ADDRESSES: "too many addresses",
        Defect.TOO_MANY_ENCODED_WORDS: "its header has too many encoded words",
        Defect.TOO_MANY_PARTS: "too many parts or attachments",
        Defect.TOO_DEEP: "its parts are nested too deep",
    },
}
# The facts that are sentences. A long one is cut with "…", so its end may be missing.
_SENTENCES_VI: Final = tuple(
    (re.compile(fact), said)
    for fact, said in (
        (r"several From addresses", "thư ghi nhiều người gửi (From)"),
        (r"no From address", "thư không ghi người gửi (From)"),
        (r"an address of the sender cannot be read for certain", "không đọc được chắc chắn địa chỉ người gửi"),
        (r"the group (.*) does not say who wrote", r"thư của địa chỉ nhóm \1 không cho biết ai viết"),
        (r"the form (.*) does not say who wrote", r"thư của biểu mẫu liên hệ \1 không cho biết ai viết"),
        (r"our server says dmarc=fail", "máy chủ thư của văn phòng báo dmarc=fail"),
        (
            r"our server says spf=fail for Return-Path (.*)",
            r"máy chủ thư của văn phòng báo spf=fail cho Return-Path \1",
        ),
        (r"Return-Path (\S*) is of .*…", r"Return-Path \1 khác tên miền với người gửi (From)"),
        (r"Return-Path (\S*) is of another domain than From (.*)", r"Return-Path \1 khác tên miền với From \2"),
        (r"none of our addresses is in .*", "phần người nhận không có địa chỉ nào của văn phòng"),
        (r"the mail server has filed it as junk", "máy chủ thư đã xếp vào thư rác"),
        (r"a part is (.*)", r"có phần thuộc loại \1"),
        (r"(\d+) List-Id fields: (.*)", r"có \1 dòng List-Id: \2"),
        (r"(.*) is on the never-answer list \((.*)\)", r"\1 có trong danh sách never_answer (\2)"),
        (r"(.*) is our own", r"\1 là địa chỉ của văn phòng"),
        (r"(.*) is a colleague", r"\1 là đồng nghiệp"),
    )
)
_THE_WRITER: Final = re.compile(r"^the writer: ")  # the customer behind a form or a group
# Weak signs stand in a row: `subject "out of office" + the sender's name`.
_WEAK_VI: Final[Mapping[str, str]] = {
    "subject": "tiêu đề",
    "text": "lời thư",
    "challenge": "đòi chứng minh là người thật",
    "absence": "báo vắng mặt",
    "the sender's name": "tên người gửi",
    "the sender's address": "địa chỉ người gửi",
    "Feedback-ID": "Feedback-ID",
}
_WEAK_SIGN: Final = re.compile(rf'(?:^|(?<= \+ ))({"|".join(_WEAK_VI)})(?= "| \+ |$)')

_CUT_SIGN: Final = re.compile(r' \+ [^"+]{0,30}…$')


def said(fact: str, language: Language) -> str:
    """A fact as the office reads it; one that is no sentence, or not known, as it is."""
    bound = next((text for defect, text in BOUNDS[language].items() if fact == set_aside_fact(defect)), None)
    if bound is not None:
        return bound
    return fact if language is Language.EN else _vietnamese(fact)


def _vietnamese(fact: str) -> str:
    fact = _THE_WRITER.sub("người viết: ", fact)
    for pattern, sentence in _SENTENCES_VI:
        match = pattern.fullmatch(fact)
        if match is not None:
            return match.expand(sentence)
    return _WEAK_SIGN.sub(lambda match: _WEAK_VI[match[1]], _CUT_SIGN.sub(" + …", fact))
