"""Zones: what is written behind a clock time to say whose time it is ("5pm GMT", "9 giờ sáng giờ Tokyo").

Pure: tokens in, an offset from UTC out. Only what means the same everywhere and all the year has an offset. "EST"
or "giờ New York" may mean several, and "my time" is nobody knows whose: such a time is told, and nothing hangs on it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone
from enum import IntEnum

from responder.words.phrasebook import Phrasebook
from responder.words.tokens import Gap, Token


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone named at the tokens up to `last` (inclusive); no offset where the name has several meanings."""

    last: int
    offset: timezone | None


class _Named(IntEnum):
    """What a name means: so many hours east of Greenwich, or nobody knows."""

    UTC = 0
    VIETNAM = 7
    CHINA = 8
    JAPAN = 9
    UNCLEAR = 99


def behind(text: str, tokens: Sequence[Token], after: int) -> Zone | None:
    """The zone that is named from the token `after` on, if one is."""
    if after >= len(tokens) or tokens[after].gap is not Gap.LINK:
        return None
    sign = next((sign for sign in _BOOK.signs(tokens[after : after + _LONGEST]) if sign.first == 0), None)
    if sign is None or (sign.last == 0 and not _is_written_so(tokens[after])):
        return None
    last = after + sign.last
    match sign.cue:
        case _Named.UNCLEAR:
            return Zone(last, None)
        case _Named.UTC:
            return _shifted(text, tokens, last) or Zone(last, UTC)
        case east:
            return Zone(last, timezone(timedelta(hours=east)))


def within(text: str, tokens: Sequence[Token], first: int, last: int) -> Zone | None:
    """The zone that is named among the tokens first … last (inclusive)."""
    named = (behind(text, tokens, at) for at in range(first + 1, last + 1))
    return next((zone for zone in named if zone is not None), None)


def _shifted(text: str, tokens: Sequence[Token], last: int) -> Zone | None:
    """ "UTC+9", "GMT +07:00", "UTC-0330"."""
    match = _OFFSET.match(text, tokens[last].end)
    if match is None:
        return None
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    if hours > _MOST_HOURS or minutes >= _HOUR:
        return None
    length = timedelta(hours=hours, minutes=minutes)
    upto = last
    while upto + 1 < len(tokens) and tokens[upto + 1].end <= match.end():
        upto += 1
    return Zone(upto, timezone(length if match["sign"] == "+" else -length))


def _is_written_so(token: Token) -> bool:
    """A lone abbreviation of two letters ("ET") is one only in capitals."""
    return len(token.text) > _SHORT or token.text.isupper()


_OFFSET = re.compile(r"\s?(?P<sign>[+\-−–])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?(?![0-9])")
_MOST_HOURS = 14
_HOUR = 60
_SHORT = 2
_LONGEST = 5  # tokens of a name


_BOOK = Phrasebook(
    {
        _Named.UTC: "utc, gmt, giờ utc, giờ gmt, giờ quốc tế",
        _Named.VIETNAM: """
            ict, giờ việt nam, giờ vn, giờ hà nội, giờ sài gòn, giờ bangkok, giờ thái lan, vietnam time, viet
            nam time, vn time, hanoi time, bangkok time, thailand time""",
        _Named.CHINA: """
            sgt, hkt, giờ singapore, giờ sing, giờ hồng kông, giờ hong kong, giờ bắc kinh, giờ trung quốc, giờ đài loan,
            giờ đài bắc, giờ malaysia, giờ thượng hải, singapore time, hong kong time, beijing time, china time, taipei
            time, taiwan time, malaysia time, shanghai time""",
        _Named.JAPAN: """
            jst, kst, giờ tokyo, giờ nhật, giờ nhật bản, giờ hàn quốc, giờ seoul, tokyo time, japan time, seoul
            time, korea time, korean time, japanese time""",
        # Several zones, or one that changes in summer.
        _Named.UNCLEAR: """
            est, edt, et, cst, cdt, mdt, pst, pdt, pt, ist, bst, cet, cest, eet, eest, msk, aest, aedt, acst,
            awst, nzst, nzdt, eastern, pacific, eastern time, pacific time, central time, mountain time, local time, my
            time, our time, their time, giờ địa phương, giờ bên đó, giờ bên này, giờ bên kia, giờ mỹ, giờ new york, giờ
            california, giờ london, giờ anh quốc, giờ pháp, giờ paris, giờ berlin, giờ úc, giờ sydney,
            giờ melbourne, giờ châu âu, giờ ấn độ, giờ moscow, giờ canada, giờ dubai, london time, uk time, us
            time, new york time, paris time, berlin time, german time, sydney time, melbourne time, india time, indian
            time, european time, california time, dubai time""",
    }
)
