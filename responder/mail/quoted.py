"""The sender's own words: a mail's text without quoted history, forwards, signature and disclaimer.

Vietnamese (with and without marks) and English. In doubt text is kept: a signature too many costs little, a lost urgent
sentence costs much. Every line is looked at a bounded number of times.

Must not know: headers, MIME, policy, what the words will be searched for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CutKind(StrEnum):
    """Why a piece of text is not the sender's own words."""

    QUOTE = "quote"
    FORWARD = "forward"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    MOBILE_SIGNATURE = "mobile_signature"


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece that was left out, as it stood."""

    kind: CutKind
    text: str


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the sender wrote in this mail (lines end with LF), and what was left out, top to bottom."""

    text: str
    cuts: tuple[Cut, ...]


_MAX_FORWARDS: Final = 3  # a forward of a forward of a forward is opened, no further
_MAX_LINES: Final = 4_000
_MAX_OWN: Final = 24 * 1024  # characters of own words: some ten pages
_MAX_MARK: Final = 400  # characters; a longer line is prose
_MAX_SIGNATURE: Final = 12  # lines after a sign-off
_MAX_SEPARATED: Final = 20  # lines after "-- "


_THREAD_PREFIX = re.compile(
    r"\s*(?:(?:re|aw|fwd?|tl|vs|sv|trả lời|tra loi|chuyển tiếp|chuyen tiep)\s?(?:\[\d+\])?\s?:\s*)+", re.IGNORECASE
)


def own_subject(subject: str) -> str:
    """The subject if the sender wrote it; empty where it is the thread's old one ("Re: GẤP …" over a thank-you)."""
    return "" if _THREAD_PREFIX.match(subject) else subject


def bare_subject(subject: str) -> str:
    """The subject without the prefixes that replies and forwards have put before it."""
    prefix = _THREAD_PREFIX.match(subject)
    return subject[prefix.end() :] if prefix else subject


def own_words(text: str) -> OwnWords:
    """Split `text` (as in `Message.text`) into the sender's own words and the rest.

    Answers written between quoted lines are own words. Where there is nothing but a forward, the forwarded text is the
    message: it comes back without its header block.
    """
    cuts: list[Cut] = []
    for _ in range(_MAX_FORWARDS):
        lines = [_line(raw) for raw in text.split("\n", _MAX_LINES)]  # what comes after so many is kept as one
        tags = _history(lines)
        _endings(lines, tags)
        own = _joined(line.raw for line, tag in zip(lines, tags, strict=True) if tag is None)
        forwarded = None if own else _forwarded(lines, tags)
        cuts.extend(_cuts(lines, tags, opened=forwarded is not None))
        if forwarded is None:
            return OwnWords(own[:_MAX_OWN], tuple(cuts))
        text = forwarded
    return OwnWords(text.strip()[:_MAX_OWN], tuple(cuts))


# ---------------------------------------------------------------------------------------------------------------------
# Lines

_MARKS = re.compile("[\u0300-\u036f]")
_QUOTE_MARK = re.compile(r"[ \t]{0,3}>(?:[ \t]?>)*[ \t]?")
_MANY_BLANKS = re.compile(r"\n(?:[ \t]*\n){2,}")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it stood; what follows its ">" marks; and that again without case, marks and asterisks, to compare."""

    raw: str
    body: str
    folded: str
    is_quoted: bool

    @property
    def is_blank(self) -> bool:
        return not self.body.strip()


def _line(raw: str) -> _Line:
    match = _QUOTE_MARK.match(raw)
    body = raw[match.end() :] if match else raw
    return _Line(raw, body, _fold(body) if len(body) <= _MAX_MARK else "", match is not None)


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().replace("*", "").split())
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return " ".join(_MARKS.sub("", decomposed).replace("đ", "d").replace("*", "").split())


def _joined(raws: Iterable[str]) -> str:
    return _MANY_BLANKS.sub("\n\n", "\n".join(raw.rstrip() for raw in raws)).strip()


_Tags = list[CutKind | None]


def _cuts(lines: Sequence[_Line], tags: Sequence[CutKind | None], *, opened: bool) -> list[Cut]:
    """Runs of lines with the same tag. Of a forward that is opened only what stood around it has been cut."""
    found: list[Cut] = []
    start = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines) and tags[end] is tags[start]:
            continue
        kind = tags[start]
        text = "\n".join(line.raw for line in lines[start:end]).strip()
        if kind is not None and text and not (opened and kind in (CutKind.QUOTE, CutKind.FORWARD)):
            found.append(Cut(kind, text))
        start = end
    return found


# ---------------------------------------------------------------------------------------------------------------------
# History: what others wrote before


@dataclass(frozen=True, slots=True)
class _Introduction:
    """Lines that introduce what somebody else wrote. A weak one needs ">" lines after it to be believed."""

    kind: CutKind
    length: int
    is_weak: bool = False
    is_reply: bool = False


def _history(lines: Sequence[_Line]) -> _Tags:
    """A tag for each line that others wrote."""
    tags: _Tags = [None] * len(lines)
    position = 0
    while position < len(lines):
        if lines[position].is_quoted:
            tags[position] = CutKind.QUOTE
            position += 1
            continue
        found = _introduction(lines, position)
        if found is None:
            position += 1
            continue
        after = _next_text(lines, position + found.length)
        to_the_end = after < len(lines) and not lines[after].is_quoted
        if to_the_end and found.is_weak:
            position += 1
            continue
        end = len(lines) if to_the_end else position + found.length
        tags[_rules_above(lines, position) : end] = [found.kind] * (end - _rules_above(lines, position))
        position = end
    return tags


def _next_text(lines: Sequence[_Line], position: int) -> int:
    while position < len(lines) and lines[position].is_blank:
        position += 1
    return position


def _rules_above(lines: Sequence[_Line], position: int) -> int:
    """Where the rule above an introduction starts (Outlook draws one), or the introduction itself."""
    above = position
    while above > 0 and position - above < 4 and (lines[above - 1].is_blank or _is_rule(lines[above - 1])):
        above -= 1
    return above if any(_is_rule(line) for line in lines[above:position]) else position


def _is_rule(line: _Line) -> bool:
    text = line.body.strip()
    return len(text) >= 3 and not text.strip("-_=*–—")


def _introduction(lines: Sequence[_Line], position: int) -> _Introduction | None:
    line = lines[position]
    if not line.folded:
        return None
    marker = _marker(line)
    if marker is not None:
        return _Introduction(marker, 1 + _header_lines(lines, position + 1))
    length = _header_block(lines, position)
    if length:
        return _Introduction(CutKind.QUOTE, length)
    return _attribution(lines, position)


_ORIGINAL: Final = frozenset(
    {"original message", "original appointment", "original mail", "thu goc", "tin nhan goc", "thu truoc", "tin goc",
     "thong diep goc", "thu ban dau", "noi dung goc", "email goc", "reply message", "thu da tra loi", "thu tra loi"}
)  # fmt: skip
_FORWARDED: Final = frozenset(
    {"forwarded message", "forwarded", "forwarded mail", "thu da chuyen tiep", "thu duoc chuyen tiep",
     "thu chuyen tiep", "tin nhan da chuyen tiep", "tin nhan duoc chuyen tiep", "tin nhan chuyen tiep", "chuyen tiep",
     "email chuyen tiep", "noi dung chuyen tiep"}
)  # fmt: skip
_FORWARD_SENTENCES: Final = frozenset(
    {"begin forwarded message:", "bat dau tin nhan duoc chuyen tiep:", "bat dau thu duoc chuyen tiep:",
     "bat dau email duoc chuyen tiep:", "bat dau tin nhan da chuyen tiep:"}
)  # fmt: skip


def _marker(line: _Line) -> CutKind | None:
    """`-----Original Message-----`, `---------- Thư đã chuyển tiếp ----------`, `Begin forwarded message:`"""
    if line.folded in _FORWARD_SENTENCES:
        return CutKind.FORWARD
    if not line.folded.startswith(("--", "__", "==", "—")):
        return None
    words = line.folded.strip("-_=—– :")
    if words in _FORWARDED or words.startswith("forwarded by "):
        return CutKind.FORWARD
    return CutKind.QUOTE if words in _ORIGINAL else None


_FROM_KEYS: Final = frozenset({"from", "tu", "nguoi gui"})
_SENT_KEYS: Final = frozenset({"sent", "da gui", "ngay gui", "gui luc"})
_SUBJECT_KEYS: Final = frozenset({"subject", "chu de", "tieu de"})
_OTHER_KEYS: Final = frozenset(
    {"date", "ngay", "gui", "thoi gian", "to", "den", "toi", "nguoi nhan", "cc", "dong gui", "bcc", "reply-to",
     "importance", "attachments", "dinh kem", "muc do quan trong", "tra loi"}
)  # fmt: skip
_HEADER_KEYS: Final = _FROM_KEYS | _SENT_KEYS | _SUBJECT_KEYS | _OTHER_KEYS
_MAX_HEADER_LINES: Final = 12


def _key(line: _Line) -> str:
    key, colon, _ = line.folded[:24].partition(":")
    key = key.strip()
    return key if colon and key in _HEADER_KEYS else ""


def _header_lines(lines: Sequence[_Line], start: int) -> int:
    """How many lines from `start` are a header block (From:, Sent:, …), with blank lines between them counted."""
    length = 0
    for offset, line in enumerate(lines[start : start + _MAX_HEADER_LINES]):
        if _key(line):
            length = offset + 1
        elif not line.is_blank:
            break
    return length


def _header_block(lines: Sequence[_Line], position: int) -> int:
    """The length of an Outlook header block, or 0. "Từ: Hà Nội / Đến: Huế / Ngày: 5/10" is an order, not one."""
    if _key(lines[position]) not in _FROM_KEYS:
        return 0
    length = _header_lines(lines, position)
    keys = {_key(line) for line in lines[position : position + length]} - {""}
    if len(keys) < 2:
        return 0
    believable = bool(keys & (_SUBJECT_KEYS | _SENT_KEYS)) or "@" in lines[position].body
    return length if believable else 0


_OPENINGS: Final = ("on ", "vao ", "luc ", "ngay ")
_PRECISE = re.compile(r"@|\b\d{1,2}[:h]\d{2}\b|\b20\d\d\b|\b\d{1,2}/\d{1,2}\b")


def _attribution(lines: Sequence[_Line], position: int) -> _Introduction | None:
    """`On … wrote:` / `Vào … đã viết:` on one line or broken over up to three."""
    first = lines[position]
    opens = first.folded.startswith(_OPENINGS)
    if not opens and "@" not in first.folded:
        return None
    whole = ""
    for length, line in enumerate(lines[position : position + 3], start=1):
        if line.is_quoted or line.is_blank or not line.folded:
            return None
        whole = f"{whole} {line.body.strip()}".strip()
        if _says_wrote(whole):
            weak = _PRECISE.search(whole[: 2 * _MAX_MARK]) is None
            return _Introduction(CutKind.QUOTE, length, is_weak=weak, is_reply=True)
        if not opens:
            return None  # `Lan <lan@…> wrote:` stands on one line
    return None


def _says_wrote(text: str) -> bool:
    ending = unicodedata.normalize("NFC", text[-20:].casefold()).replace("*", "").rstrip()
    # "anh Việt:" is a name; without marks it cannot be told apart.
    return ending.endswith((" wrote:", " viết:")) or (text.isascii() and ending.endswith(" viet:"))


def _forwarded(lines: Sequence[_Line], tags: _Tags) -> str | None:
    """The text of the forward, where the mail holds nothing else; None where it is an empty answer."""
    rest = [line for line, tag in zip(lines, tags, strict=True) if tag in (CutKind.QUOTE, CutKind.FORWARD)]
    inner = [_line(line.body) if line.is_quoted else line for line in rest]
    start = _next_text(inner, 0)
    while start < len(inner) and (_is_rule(inner[start]) or inner[start].is_blank):
        start += 1
    if start >= len(inner):
        return None
    found = _introduction(inner, start)
    if found is not None and found.is_reply and _marker(rest[start]) is None:
        return None
    skipped = start + (found.length if found is not None else 0)
    text = "\n".join(line.raw for line in inner[skipped:])
    return text if text.strip() else None


# ---------------------------------------------------------------------------------------------------------------------
# Endings: signature, disclaimer, "Sent from my iPhone"


def _endings(lines: Sequence[_Line], tags: _Tags) -> None:
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


def _ending(lines: Sequence[_Line], tags: _Tags, run: tuple[int, int], first: int) -> None:
    """Tag the endings of one run of own lines; `first` is where the mail's own text starts."""
    start, end = run
    for _ in range(4):  # a disclaimer under a signature under a mobile signature …
        end = _trim(lines, start, end)
        cut, kind = _last_piece(lines, start, end)
        if cut >= end:
            return
        if kind is CutKind.SIGNATURE and cut <= first:
            return  # nothing but a greeting and a name: then that is what was written
        tags[cut:end] = [kind] * (end - cut)
        end = cut


def _trim(lines: Sequence[_Line], start: int, end: int) -> int:
    while end > start and lines[end - 1].is_blank:
        end -= 1
    return end


def _last_piece(lines: Sequence[_Line], start: int, end: int) -> tuple[int, CutKind]:
    """Where the last piece that is no own text starts (`end`: nowhere), and its kind."""
    if end > start and _is_mobile_signature(lines[end - 1]):
        return end - 1, CutKind.MOBILE_SIGNATURE
    cut = _disclaimer(lines, start, end)
    if cut < end:
        return cut, CutKind.DISCLAIMER
    for find in (_separated, _signed_off, _contact_block):
        cut = find(lines, start, end)
        if cut < end:
            return cut, CutKind.SIGNATURE
    return end, CutKind.SIGNATURE


_DEVICE: Final = (
    r"(?:my |the |dien thoai|iphone|ipad|may tinh|thiet bi|samsung|galaxy|android|oppo|xiaomi|redmi|nokia|huawei|"
    r"blackberry|vivo|realme|pixel|ung dung|app |yahoo|outlook|gmail|mail |mail$|zalo|proton|zoho|thunderbird|windows)"
)
_MOBILE = re.compile(
    rf"(?:sent|da gui|duoc gui|gui|thu gui) (?:from|via|tu|bang) (?:mot )?{_DEVICE}"
    r"|(?:get|tai|nhan|lay) outlook (?:for|cho|danh cho)|(?:sent|gui) with "
)


def _is_mobile_signature(line: _Line) -> bool:
    return len(line.folded) <= 90 and _MOBILE.match(line.folded) is not None


_DISCLAIMER_START = re.compile(
    r"\W{0,5}(?:confidential|disclaimer|legal notice|important notice|privileged|this (?:e-?mail|message|communication)"
    r"|the (?:information|content|contents) (?:contained )?(?:in|of) this|if you (?:are not|have received)"
    r"|(?:e-?mail|thu|thu dien tu|thong diep|tin nhan) nay|(?:noi dung|thong tin)(?: \w+){0,3} (?:email|thu|e-mail)"
    r"|luu y(?: ve)?(?: tinh)? bao mat|luu y\W{1,3}(?:email|thu) nay|tuyen bo|mien tru"
    r"|canh bao bao mat|thong bao bao mat|neu (?:quy vi|ban|anh/chi)"
    r"|please consider the environment|think before|hay (?:can nhac|nghi)|bao ve moi truong)"
)
_DISCLAIMER_WORDS = re.compile(
    r"confidential|privileged|intended (?:solely |only )?(?:for|recipient)|recipient|received (?:it|this) in error"
    r"|environment|before (?:you )?print|virus|bao mat|nguoi nhan|mien tru|nhan nham|nham lan|truoc khi in|moi truong"
)


def _disclaimer(lines: Sequence[_Line], start: int, end: int) -> int:
    """The start of the last paragraph if that is a disclaimer, else `end`."""
    above = end
    while above > start and not lines[above - 1].is_blank and end - above < 30:
        above -= 1
    for first in range(above, end):
        opening = lines[first].folded or _fold(lines[first].body[:_MAX_MARK])
        if _DISCLAIMER_START.match(opening) is None:
            continue
        whole = _fold(" ".join(line.body[:2000] for line in lines[first:end])[:2000])
        return first if _DISCLAIMER_WORDS.search(whole) else end
    return end


def _separated(lines: Sequence[_Line], start: int, end: int) -> int:
    """What follows "-- " (RFC 3676 4.3), or a drawn line above nothing but a name and addresses."""
    for position in range(end - 1, max(start, end - _MAX_SEPARATED) - 1, -1):
        if lines[position].raw in ("-- ", "--"):
            return position
        if _is_rule(lines[position]):
            return position if all(_is_contact(line) for line in lines[position + 1 : end]) else end
    return end


# Closings that say nothing but good-bye. "Thanks" says something: the line is kept, what follows it is not.
_SIGN_OFF = re.compile(
    r"(?:(?:thanks?|cam on|thank you|many thanks)\W{1,3}(?:va |and |& )?)?"
    r"(?:tran trong(?: cam on| kinh chao| thong bao| kinh bao)?|kinh thu|than men|than ai|than chao|than|kinh chao"
    r"|(?:(?:best|kind|kindest|warm|warmest|with best|with kind) )?(?:best )?regards|best wishes|all the best|best"
    r"|(?:yours )?(?:sincerely|faithfully|truly)|cheers|rgds|brgds|br|tks ?& ?rgds"
    r"|thanks ?(?:&|and) ?(?:best |kind )?regards)"
    r"(?: ?/ ?(?:tran trong|best regards|regards|kind regards))?"
)
_THANKS = re.compile(r"(?:thanks?|thank you|many thanks|thanks in advance|thanks a lot|cam on|cam on nhieu|tks)\W*")


def _signed_off(lines: Sequence[_Line], start: int, end: int) -> int:
    """A closing near the end with nothing but a name, a title and addresses after it."""
    for position in range(end - 1, max(start, end - 1 - _MAX_SIGNATURE) - 1, -1):
        folded = lines[position].folded
        closing = _SIGN_OFF.match(folded)
        if closing and _is_name(folded[closing.end() :], lines[position].body):
            return position
        if _THANKS.fullmatch(folded):
            return position + 1
        if not lines[position].is_blank and not _is_contact(lines[position]):
            return end
    return end


def _is_name(rest: str, body: str) -> bool:
    """What may stand on the line of the closing: nothing, or a name (`Regards, Oliver`)."""
    if not rest.strip(" .,!-~"):
        return True
    return rest.startswith(",") and len(rest.split()) <= 4 and _is_contact(_line(body.partition(",")[2]))


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
_HOTLINE = re.compile(r"(?:hotline|duong day nong)\b.{0,40}\d{3}")


def _is_contact(line: _Line) -> bool:
    """Does the line look like a part of a signature: a name, a title, a company, an address? A blank line does."""
    text = line.body.strip()
    if not text or _is_rule(line):
        return True
    if not line.folded or len(text) > 120:
        return False
    if len(text) > 2 and text[0] in '"“«' and text[-1] in '"”»':
        return True  # a slogan
    marked = unicodedata.normalize("NFC", text).casefold()
    if text[-1] in "?!;…" or _CONTENT.search(marked):
        return False
    if _HOTLINE.search(line.folded):
        return True  # "Hotline khẩn cấp 24/7: 1900 0000" asks for nothing
    return _URGENT.search(marked) is None and _is_name_or_address(line, text)


def _is_name_or_address(line: _Line, text: str) -> bool:
    words = text.split()
    if _CONTACT.match(line.folded):
        return len(words) <= 20
    if _ORGANISATION.search(line.folded):
        return len(words) <= 20 and not (text[-1] == "." and len(words) > 8)
    if text[-1] in ".:,":
        return False
    capitals = sum(not word[0].islower() for word in words)
    return len(words) <= 12 and 2 * capitals >= len(words)


def _contact_block(lines: Sequence[_Line], start: int, end: int) -> int:
    """Without any closing: a last paragraph of two lines or more, all name and addresses, one of them labelled."""
    above = end
    while above > start and not lines[above - 1].is_blank and end - above <= _MAX_SIGNATURE:
        above -= 1
    block = lines[above:end]
    if above == start or not 2 <= len(block) <= _MAX_SIGNATURE:
        return end
    if all(_is_contact(line) for line in block) and any(_CONTACT.match(line.folded) for line in block):
        return above
    return end
