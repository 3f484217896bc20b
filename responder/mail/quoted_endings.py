"""What stands around a sender's words and is none: a signature, a disclaimer, what the phone or a gateway has added.

In doubt a line is kept. Every line is looked at a bounded number of times.

Must not know: quoted history, what the words will be searched for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from responder.mail.quoted_lines import MAX_MARK, CutKind, Line, Tags, composed, fold, next_text, read_line

_MAX_SIGNATURE: Final = 16  # lines after a sign-off
_MAX_SEPARATED: Final = 20  # lines after "-- "
_MAX_PIECES: Final = 6  # a disclaimer under a signature under a mobile signature …


# ---------------------------------------------------------------------------------------------------------------------
# Above: what a gateway puts over mail from outside

_BANNER = re.compile(
    r"\W{0,3}(?:caution|warning|attention|notice|external(?: e-?mail)?|canh bao|luu y|chu y)\W{1,4}"
    r"(?:(?:this |the )?(?:e-?mail|message|sender)\b.{0,60}\b(?:outside|external)"
    r"|(?:email|thu|e-mail|thu dien tu) (?:nay )?.{0,40}\bben ngoai\b|do not click)"
    r"|this (?:e-?mail|message) (?:originated|was sent|came) from outside"
    r"|\[?(?:external|ngoai to chuc|ben ngoai)(?: e-?mail| sender)?\]?\W*$"
    r"|\W{0,2}(?:some people who received this message |you )don.?t often get e-?mail from"
    r"|\W{0,2}(?:ban|mot so nguoi nhan thu nay) (?:khong thuong|thuong khong|it khi) nhan duoc (?:email|thu) tu"
)
_BANNER_GOES_ON = re.compile(
    r"(?:do not|don't|report|unless|links?|attachments?|recognize|learn why|khong (?:nhap|bam|mo)|vui long khong"
    r"|tim hieu)"
)


def banner(lines: Sequence[Line], tags: Tags) -> None:
    """Tag the gateway's warning over the mail's own text."""
    start = next_text(lines, 0)
    if start == len(lines) or tags[start] is not None or not _BANNER.match(lines[start].folded):
        return
    end = start + 1
    while end < len(lines) and _BANNER_GOES_ON.match(lines[end].folded):
        end += 1
    tags[start:end] = [CutKind.DISCLAIMER] * (end - start)


# ---------------------------------------------------------------------------------------------------------------------
# Below


def endings(lines: Sequence[Line], tags: Tags) -> None:
    """Tag what stands at the end of each run of own lines, unless nothing would be left of the mail."""
    own = (place for place, tag in enumerate(tags) if tag is None and not lines[place].is_blank)
    first = next(own, len(lines))
    end = len(lines)
    while end > 0:
        if tags[end - 1] is not None:
            end -= 1
            continue
        start = end
        while start > 0 and tags[start - 1] is None:
            start -= 1
        _ending(lines, tags, (start, end), first)
        end = start


def _ending(lines: Sequence[Line], tags: Tags, run: tuple[int, int], first: int) -> None:
    """Tag the endings of one run of own lines; `first` is where the mail's own text starts."""
    start, end = run
    for _ in range(_MAX_PIECES):
        end = _trim(lines, start, end)
        cut, kind = _last_piece(lines, start, end)
        if cut >= end:
            return
        if kind is CutKind.SIGNATURE and cut <= first:
            return  # nothing but a greeting and a name: then that is what was written
        tags[cut:end] = [kind] * (end - cut)
        end = cut


def _trim(lines: Sequence[Line], start: int, end: int) -> int:
    while end > start and lines[end - 1].is_blank:
        end -= 1
    return end


def _last_piece(lines: Sequence[Line], start: int, end: int) -> tuple[int, CutKind]:
    """Where the last piece that is no own text starts (`end`: nowhere), and its kind."""
    if end > start and _is_mobile_signature(lines[end - 1]):
        return end - 1, CutKind.MOBILE_SIGNATURE
    if end > start and _PROGRAM.match(lines[end - 1].folded):
        return end - 1, CutKind.DISCLAIMER
    cut = _disclaimer(lines, start, end)
    if cut < end:
        return cut, CutKind.DISCLAIMER
    for find in (_separated, _signed_off, _contact_block):
        cut = find(lines, start, end)
        if cut < end:
            return cut, CutKind.SIGNATURE
    return end, CutKind.SIGNATURE


_DEVICE: Final = (
    r"(?:my |the |mobile|dien thoai|di dong|iphone|ipad|may tinh|thiet bi|samsung|galaxy|android|oppo|xiaomi|redmi"
    r"|nokia|huawei|blackberry|bluemail|vivo|realme|pixel|ung dung|app |yahoo|outlook|gmail|mail |mail$"
    r"|thu (?:danh )?cho |zalo|proton|zoho|thunderbird|windows|spark|nine|edison|k-9)"
)
_MOBILE = re.compile(
    rf"(?:sent|da gui|duoc gui|gui|thu gui|gui nhanh) (?:from|via|using|by|tu|bang|qua) (?:mot |chiec )?{_DEVICE}"
    r"|(?:get|tai|tai xuong|nhan|lay) outlook (?:for|cho|danh cho)|sent with |yahoo mail: "
)
_ADDS_MORE = re.compile(r"[,.;:–-](?: \w+){3}|\b(?:nen|vi|so|because) ")
_EXCUSES = re.compile(
    r"typo|brevity|brief|short|excuse|spelling|loi chinh ta|thong cam|thu loi|bo qua|ngan gon|go nham"
)


def _is_mobile_signature(line: Line) -> bool:
    """ "Gửi từ điện thoại" is one; "Gửi từ điện thoại, xe em đang hỏng" says something."""
    folded = line.folded or fold(line.body[:MAX_MARK])
    folded = folded.partition("<http")[0]
    found = _MOBILE.match(folded)
    if found is None or len(folded) > 110:
        return False
    return _EXCUSES.search(folded) is not None or _ADDS_MORE.search(folded, found.end()) is None


_PROGRAM = re.compile(  # one line that a program has added; "unsubscribe" stays, it tells advertising
    r"(?:virus-?free|khong co vi-?rut)\W{1,3}www\.|www\.(?:avast|avg)\.|mailtrack\W{0,3}$"
    r"|sender notified by\W{0,3}(?:mailtrack)?$"
    r"|p?\W{0,4}save (?:a tree|paper|trees)\b"
)
_DISCLAIMER_START = re.compile(
    r"\W{0,5}(?:luu y\W{1,3}|note\W{1,3}|p )?"
    r"(?:confidential|disclaimer|legal notice|important notice|privileged|this (?:e-?mail|message|communication)"
    r"|the (?:information|content|contents) (?:contained )?(?:in|of) this|if you (?:are not|have received)"
    r"|(?:e-?mail|thu|thu dien tu|thong diep|tin nhan) nay|(?:noi dung|thong tin)(?: \w+){0,3} (?:email|thu|e-mail)"
    r"|luu y(?: ve)?(?: tinh)? bao mat|day la (?:email|thu|e-mail|tai lieu) noi bo|tuyen bo|mien tru"
    r"|canh bao bao mat|thong bao bao mat|neu (?:quy vi|ban|anh/chi)"
    r"|please consider the environment|think before|hay (?:can nhac|nghi|bao ve moi truong)|bao ve moi truong)"
)
_DISCLAIMER_WORDS = re.compile(
    r"confidential|privileged|intended (?:solely |only )?(?:for|recipient)|recipient|received (?:it|this) in error"
    r"|environment|before (?:you )?print|virus|bao mat|nguoi nhan|mien tru|nhan nham|nham lan|truoc khi in|moi truong"
    r"|disclaimer|thong tin mat|khong chuyen tiep ra ngoai"
)
_FIRST_PERSON = re.compile(r"(?<!chúng )\b(?:em|mình|nhé|nhe|ơi|i|my|our (?:order|request)|máy)\b")


def _disclaimer(lines: Sequence[Line], start: int, end: int) -> int:
    """The start of the last paragraph if that is a disclaimer, else `end`."""
    above = end
    while above > start and not lines[above - 1].is_blank and end - above < 30:
        above -= 1
    for first in range(above, end):
        opening = lines[first].folded or fold(lines[first].body[:MAX_MARK])
        if _DISCLAIMER_START.match(opening) is None:
            continue
        whole = fold(" ".join(line.body[:2000] for line in lines[first:end])[:2000])
        speaks = _FIRST_PERSON.search(composed(" ".join(line.body[:2000] for line in lines[first:end])[:2000]))
        return first if _DISCLAIMER_WORDS.search(whole) and not speaks else end
    return end


def _separated(lines: Sequence[Line], start: int, end: int) -> int:
    """What follows "-- " (RFC 3676 4.3), or a drawn line above nothing but a name and addresses."""
    for position in range(end - 1, max(start, end - _MAX_SEPARATED) - 1, -1):
        if lines[position].raw in ("-- ", "--"):
            return position
        if lines[position].is_rule:
            return position if all(_is_contact(line) for line in lines[position + 1 : end]) else end
    return end


# Closings that say nothing but good-bye. "Thanks" says something: the line is kept, what follows it is not.
_SIGN_OFF = re.compile(
    r"(?:(?:thanks?|cam on|thank you|many thanks)\W{1,3}(?:va |and |& )?)?"
    r"(?:(?:xin )?tran trong(?: cam on| kinh chao| thong bao| kinh bao)?|kinh thu|kinh chao|kinh|than men"
    r"|than ai|than chao|than|(?:(?:best|kind|kindest|warm|warmest|with best|with kind|with warm) )?(?:best )?regards"
    r"|best wishes|all the best|best|(?:yours )?(?:sincerely|faithfully|truly)|respectfully(?: yours)?|cheers|rgds"
    r"|brgds|b\.?r\.?"
    r"|tks ?& ?(?:b\.?)?rgds|thanks ?(?:&|and) ?(?:best |kind )?regards)"
    r"(?: ?/ ?(?:tran trong|best regards|regards|kind regards))?"
)
_THANKS = re.compile(r"(?:thanks?|thank you|many thanks|thanks in advance|thanks a lot|cam on|cam on nhieu|tks)\W*")


def _signed_off(lines: Sequence[Line], start: int, end: int) -> int:
    """A closing near the end with nothing but a name, a title, addresses and a slogan after it."""
    for position in range(end - 1, max(start, end - 1 - _MAX_SIGNATURE) - 1, -1):
        folded = lines[position].folded
        closing = _SIGN_OFF.match(folded)
        cut = position if closing and _is_name(folded[closing.end() :], lines[position].body) else end
        if _THANKS.fullmatch(folded):
            cut = position + 1
        if cut < end:
            return cut if _is_signature(lines[position + 1 : end]) else end
    return end


def _is_signature(lines: Sequence[Line]) -> bool:
    """All name, title and address; of a firm with two of these, a slogan right beside them belongs to it."""
    odd = [place for place, line in enumerate(lines) if not _is_contact(line)]
    if not odd or _is_firms_box(lines):
        return True
    firm = sum(
        _CONTACT.match(line.folded) is not None or _ORGANISATION.search(line.folded) is not None for line in lines
    )
    beside = all(place > 0 and not lines[place - 1].is_blank and _is_slogan(lines[place]) for place in odd)
    return firm >= 2 and len(odd) <= 2 and beside


def _is_firms_box(lines: Sequence[Line]) -> bool:
    """A name, a drawn line, and below it a firm that praises itself and gives its number."""
    rule = next((place for place, line in enumerate(lines) if line.is_rule), 0)
    below = lines[rule + 1 :]
    if not rule or len(below) > 8 or not all(_is_contact(line) for line in lines[:rule]):
        return False
    number = any(_is_labelled(line) for line in below)
    return number and not any(line.body.rstrip().endswith("?") or _TOLD.search(composed(line.body)) for line in below)


_TOLD = re.compile(r"\b(?:em|anh|chị|chi|mình|minh|my|me|us|rồi|roi|đã|da|cứu|hư|sập|ngập|chay|hong|kẹt|ps)\b")
_SET_APART = re.compile(r" [-–|•*] ")


def _is_slogan(line: Line) -> bool:
    """ "Nhanh chóng - Uy tín - Gấp mấy cũng có": tells nobody anything, asks for nothing."""
    text = line.body.strip()
    marked = composed(text)
    if not line.folded or len(text) > 120 or text[-1] in "?:" or _CONTENT.search(marked) or _TOLD.search(marked):
        return False
    return _URGENT.search(marked) is None or len(_SET_APART.findall(text)) > 1 or (text.isupper() and " - " in text)


def _is_name(rest: str, body: str) -> bool:
    """What may stand on the line of the closing: nothing, or a name (`Regards, Oliver`)."""
    if not rest.strip(" .,!-~/;:"):
        return True
    parts = [read_line(part) for part in re.split(r"\. |\|", body.partition(",")[2])]
    short = len(rest.split()) <= 4 or any(_is_labelled(part) for part in parts)
    return rest.startswith(",") and short and all(_is_contact(part) for part in parts)


_CONTACT = re.compile(
    r"(?:tel|telephone|phone|mobile|mob|cell|hp|dt|sdt|dd|dtdd|hotline|di dong|dien thoai|email|e-mail|mail|web|website"
    r"|zalo|fax|mst|skype|viber|whatsapp|facebook|fb|dia chi|d/c|dc|add|addr|address|tru so|vp|van phong|showroom"
    r"|chi nhanh|[mtefwpa])\s?[:.|]|[+(]?\d[\d\s().+/-]{7,}|(?:https?://|www\.)\S+$|<?\S+@\S+>?$"
)
_ORGANISATION = re.compile(
    r"\b(?:cong ty|cty|tnhh|co phan|ltd|jsc|inc|llc|corp|gmbh|group|phong|ban|bo phan|dept|department|duong|pho|street"
    r"|road|quan|phuong|tp|tinh|huyen|tang|toa nha|floor|building|ward|district|khu cong nghiep|kcn|giam doc|ke toan"
    r"|truong|nhan vien|chuyen vien|giam sat|manager|director|officer|executive|sales|ceo|accountant|co\.|s\.r\.l"
    r"|agency|ngan hang|khach san|nha hang|benh vien|sieu thi|du an|trung tam|thcs|thpt|hotel|bank|school"
    r"|nguoi lien he)"
)
# Words that no signature holds but a sentence somebody adds under it does. Marks are looked at: Đăng, Liên, Hồng are
# names, đang, liền, hỏng are not. Without marks only what is no common name counts.
_URGENT = re.compile(r"\b(?:gấp|khẩn|urgent|asap|gap|khan)\b")
_CONTENT = re.compile(
    r"\b(?:ngay|gọi|goi|please|call (?:me|us)|today|tonight|tomorrow|hôm nay|hom nay|chiều nay|chieu nay"
    r"|tối nay|toi nay|sáng mai|sang mai|ngày mai|cần|xin|giúp|giup|nhé|nhe|nha|ạ|chưa|chua|không|khong|need|help"
    r"|hỏng|cháy|mất|p/s|ps|tb|n\.b|fire|down|broken|is|are|was|will|i|we|you"
    r"|đang|sẽ|(?<!thiết )bị|được|duoc|phải|phai|hãy|cho|tôi|liền)\b"
)
_HOTLINE = re.compile(
    r"(?:hotline|duong day nong)\b.{0,60}\d{3}"
    r"|(?:cuu ho|cap cuu|ho tro|tong dai|truc|cskh|support|emergency|24/7)\b[^.,;!?]{0,40}: ?[+(]?\d[\d .()+-]{5,}$"
)


def _is_contact(line: Line) -> bool:
    """Does the line look like a part of a signature: a name, a title, a company, an address? A blank line does."""
    text = line.body.strip()
    if not text or line.is_rule:
        return True
    if not line.folded or len(text) > 120:
        return False
    if len(text) > 2 and text[0] in '"“«' and text[-1] in '"”»':
        return True  # a slogan
    marked = composed(text)
    if text[-1] in "?!;…" or _CONTENT.search(marked):
        return False
    if _HOTLINE.search(line.folded):
        return True  # "Hotline khẩn cấp 24/7: 1900 0000" asks for nothing
    return _URGENT.search(marked) is None and _is_name_or_address(line, text)


def _is_name_or_address(line: Line, text: str) -> bool:
    words = text.split()
    if _CONTACT.match(line.folded):
        return len(words) <= 20
    if _ORGANISATION.search(line.folded):
        return len(words) <= 20 and not (text[-1] == "." and len(words) > 8)
    if text[-1] in ".:,":
        return False
    capitals = sum(not word[0].islower() for word in words)
    return len(words) <= 12 and 2 * capitals >= len(words)


def _contact_block(lines: Sequence[Line], start: int, end: int) -> int:
    """Without any closing: a last paragraph of name and addresses, one of them labelled, or its end with a hotline."""
    above = end
    while above > start and not lines[above - 1].is_blank and end - above <= _MAX_SIGNATURE:
        above -= 1
    block = lines[above:end]
    whole = above > start and 2 <= len(block) <= _MAX_SIGNATURE
    if whole and any(_is_labelled(line) for line in block) and _is_signature(block):
        return above
    run = end
    while run > above and _is_contact(lines[run - 1]):
        run -= 1
    hotline = any(_HOTLINE.search(line.folded) for line in lines[run:end])
    return run if hotline and end - run > 1 else end


def _is_labelled(line: Line) -> bool:
    return _CONTACT.match(line.folded) is not None or _HOTLINE.search(line.folded) is not None
