"""What others wrote before, and how mail programs introduce it: attributions, header blocks, marks of a forward.

Every line is looked at a bounded number of times.

Must not know: signatures, what a forward is worth, the mail's own headers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from responder.mail.quoted_lines import MAX_MARK, CutKind, Line, Tags, composed, fold, next_text


@dataclass(frozen=True, slots=True)
class Introduction:
    """Lines that introduce what somebody else wrote. A weak one needs ">" lines after it to be believed."""

    kind: CutKind
    length: int
    is_weak: bool = False
    is_reply: bool = False


def history(lines: Sequence[Line]) -> Tags:
    """A tag for each line that others wrote."""
    tags: Tags = [None] * len(lines)
    position = 0
    while position < len(lines):
        if lines[position].is_quoted:
            tags[position] = CutKind.QUOTE
            position += 1
            continue
        found = introduction(lines, position)
        if found is None:
            position += 1
            continue
        after = next_text(lines, position + found.length)
        to_the_end = after < len(lines) and not lines[after].is_quoted
        if to_the_end and found.is_weak:
            position += 1
            continue
        end = len(lines) if to_the_end else position + found.length
        start = _rules_above(lines, position)
        tags[start:end] = [found.kind] * (end - start)
        position = end
    return tags


def introduction(lines: Sequence[Line], position: int) -> Introduction | None:
    line = lines[position]
    if not line.folded:
        return None
    marker = _marker(line)
    if marker is not None:
        return Introduction(marker, 1 + _header_lines(lines, position + 1))
    length = _header_block(lines, position)
    if length:
        return Introduction(CutKind.QUOTE, length)
    return _attribution(lines, position)


def is_marker(line: Line) -> bool:
    return _marker(line) is not None


def subject_of(introducing: Sequence[Line]) -> str:
    """The subject that a header block gives, or an empty text."""
    found = (line.body.partition(":")[2].strip(" *\t") for line in introducing if _key(line) in _SUBJECT_KEYS)
    return next(found, "")


def _rules_above(lines: Sequence[Line], position: int) -> int:
    """Where the rule above an introduction starts (Outlook draws one), or the introduction itself."""
    above = position
    while above > 0 and position - above < 4 and (lines[above - 1].is_blank or lines[above - 1].is_rule):
        above -= 1
    return above if any(line.is_rule for line in lines[above:position]) else position


# ---------------------------------------------------------------------------------------------------------------------
# Markers: `-----Original Message-----`, `---------- Thư đã chuyển tiếp ----------`, `Begin forwarded message:`

_MESSAGE: Final = r"(?:thu|tin|tin nhan|thong diep|email|e-mail|mail|noi dung|message)"
_ORIGINAL = re.compile(
    rf"original (?:message|mail|e-?mail|appointment)|reply message|{_MESSAGE} (?:goc|ban dau|truoc|(?:da )?tra loi)"
)
_FORWARDED = re.compile(
    rf"forwarded(?: (?:message|mail|e-?mail)| by .*)?|(?:{_MESSAGE} )?(?:(?:da|duoc) )*chuyen tiep|{_MESSAGE} chuyen di"
)
_FORWARD_SENTENCE = re.compile(rf"begin forwarded message:|bat dau {_MESSAGE} (?:(?:da|duoc) )*chuyen tiep:")
_ANSWER_ABOVE = re.compile(r"[#\- ]{2,8}.{0,40}(?:(?:above|below) this line|tren dong nay|ben tren dong).{0,20}")


def _marker(line: Line) -> CutKind | None:
    folded = line.folded
    if _FORWARD_SENTENCE.fullmatch(folded):
        return CutKind.FORWARD
    if folded.startswith("##") and _ANSWER_ABOVE.fullmatch(folded):
        return CutKind.QUOTE
    if not folded.startswith(("--", "__", "==", "—")):
        return None
    words, dashes, after = folded.strip("-_=—– :").partition(" --")
    if dashes and not after.lstrip("- ").startswith(("from:", "tu:")):  # Yahoo puts the whole block on the same line
        return None
    if _FORWARDED.fullmatch(words):
        return CutKind.FORWARD
    return CutKind.QUOTE if _ORIGINAL.fullmatch(words) else None


# ---------------------------------------------------------------------------------------------------------------------
# Header blocks: `From: / Sent: / To: / Subject:`, `Từ: / Đã gửi: / Đến: / Chủ đề:`

_FROM_KEYS: Final = frozenset({"from", "tu", "nguoi gui"})
_SENT_KEYS: Final = frozenset({"sent", "da gui", "ngay gui", "gui luc", "thoi gian gui", "duoc gui"})
_SUBJECT_KEYS: Final = frozenset({"subject", "chu de", "tieu de"})
_TO_KEYS: Final = frozenset(
    {"to", "den", "toi", "nguoi nhan", "cc", "dong gui", "dong nhan", "dong kinh gui", "bcc", "reply-to"}
)
_OTHER_KEYS: Final = frozenset(
    {"date", "ngay", "gui", "thoi gian", "importance", "attachments", "dinh kem", "tep dinh kem", "muc do quan trong",
     "tam quan trong", "tra loi"}
)  # fmt: skip
_HEADER_KEYS: Final = _FROM_KEYS | _SENT_KEYS | _SUBJECT_KEYS | _TO_KEYS | _OTHER_KEYS
_MAX_HEADER_LINES: Final = 14


def _key(line: Line) -> str:
    folded = line.folded or fold(line.body[:40])  # the recipients of one mail may fill a page
    key, colon, _ = folded[:24].partition(":")
    key = key.strip()
    return key if colon and key in _HEADER_KEYS else ""


def _header_lines(lines: Sequence[Line], start: int) -> int:
    """How many lines from `start` are a header block (From:, Sent:, …), with blank lines between them counted."""
    length, last = 0, ""
    for offset, line in enumerate(lines[start : start + _MAX_HEADER_LINES]):
        key = _key(line)
        if key or (last in _TO_KEYS and "@" in line.body and not line.is_blank):  # more recipients
            length, last = offset + 1, key or last
        elif line.is_rule and last:
            return offset + 1  # drawn under the block
        elif not line.is_blank:
            return length
        else:
            last = ""
    return length


def _header_block(lines: Sequence[Line], position: int) -> int:
    """The length of an Outlook header block, or 0. "Từ: Hà Nội / Đến: Huế / Ngày: 5/10" is an order, not one."""
    if _key(lines[position]) not in _FROM_KEYS:
        return 0
    length = _header_lines(lines, position)
    keys = {_key(line) for line in lines[position : position + length]} - {""}
    if len(keys) < 2:
        return 0
    believable = bool(keys & (_SUBJECT_KEYS | _SENT_KEYS)) or "@" in lines[position].body
    return length if believable else 0


# ---------------------------------------------------------------------------------------------------------------------
# Attributions: `On … wrote:`, `Vào … đã viết:`, on one line or broken over up to three

_OPENINGS: Final = ("on ", "vao ", "luc ", "ngay ")
_PRECISE = re.compile(r"@|\b\d{1,2}[:h]\d{2}\b|\b20\d\d\b|\b\d{1,2}/\d{1,2}\b")
_DATED = re.compile(r" (?:wrote on|da viet vao|viet vao) .{0,40}\d[^:]{0,20}:\d\d.{0,12}:$")
_WROTE: Final = (" wrote", " viết")


def _attribution(lines: Sequence[Line], position: int) -> Introduction | None:
    first = lines[position]
    opening = first.folded.lstrip("- ")
    opens = opening.startswith(_OPENINGS)
    if not opens and "@" not in opening:
        dated = opening.endswith(":") and len(opening) < 120 and _DATED.search(opening)
        return Introduction(CutKind.QUOTE, 1, is_weak=True, is_reply=True) if dated else None
    whole = ""
    for length, line in enumerate(lines[position : position + 3], start=1):
        if line.is_quoted or line.is_blank or not line.folded:
            return None
        whole = f"{whole} {line.body.strip()}".strip()
        if _says_wrote(whole) or (opens and _goes_on(whole)):
            weak = _PRECISE.search(whole[: 2 * MAX_MARK]) is None
            return Introduction(CutKind.QUOTE, length, is_weak=weak, is_reply=True)
        if not opens:
            return None  # `Lan <lan@…> wrote:` stands on one line
    return None


def _goes_on(text: str) -> bool:
    """Yahoo's app goes on with the old mail on the same line."""
    whole = composed(text[:MAX_MARK])
    for wrote in ("> đã viết:", "> viết:", "> wrote:"):
        before, found, _ = whole.partition(wrote)
        if found:
            return "@" in before
    return False


def _says_wrote(text: str) -> bool:
    """Zoho writes `---- On … wrote ---`, Notes `-----Lan <lan@…> wrote: -----`."""
    ending = composed(text[-30:]).replace("*", "").rstrip()
    dashed = ending.endswith("--") and text.lstrip().startswith("--")
    if dashed:
        ending = ending.rstrip("- ")
    # "anh Việt:" is a name; without marks it cannot be told apart.
    wrote = (*_WROTE, " viet") if text.isascii() else _WROTE
    return ending.endswith(tuple(f"{each}:" for each in wrote)) or (dashed and ending.endswith(wrote))
