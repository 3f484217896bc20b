"""Moments as they are said: a clock time, a part of the day and a day, once each and in any order."""

from dataclasses import dataclass, replace

from responder.words import zones
from responder.words.times.clock_times import DAY_HOURS, HALF_DAY, clock_at
from responder.words.times.dates import written_date_at
from responder.words.times.days import TITLES, when_at
from responder.words.times.resolving import Clock, Date, Day, Moment, Part, Period, Weekday, When
from responder.words.times.scan import DASHES, Scan
from responder.words.times.vocabulary import DayPart, Small
from responder.words.tokens import Gap, bare_words, spellings


@dataclass(frozen=True, slots=True)
class Read:
    """What was read, and the place after it."""

    moment: Moment
    after: int


def moment_at(scan: Scan, place: int, *, company: bool) -> Read | None:
    """As many pieces as belong together. `company`: a word before says that a time comes."""
    moment, after = Moment(), place
    ranged = _bare_range(scan, place, company=company)
    if ranged:
        return ranged
    while after < len(scan.tokens):
        is_first = after == place
        if not is_first and not scan.follows(after, Gap.LINK if scan.base(after) == "nay" else Gap.COMMA):
            break
        at = after if is_first else scan.joined(after)
        piece = _piece(scan, at, moment, company=company or not is_first)
        if piece is None:
            break
        moment, after = piece.moment, piece.after
        zone = zones.behind(scan.text, scan.tokens, after) if moment.clock else None
        after = zone.last + 1 if zone else after
    return Read(moment, after) if after > place else None


def _bare_range(scan: Scan, place: int, *, company: bool) -> Read | None:
    """The lower end of "2-4pm", "24-26/11", "từ 2 đến 4h", which borrows from the upper what it is."""
    number = scan.digits(place, 31)
    if number is None or scan.is_tail_of_number(place):
        return None
    to = scan.small(place + 1, Small.TO) if company and scan.follows(place + 1) else None
    if to is None and scan.between(place + 1).strip() in DASHES:
        to = place + 1
    if to is None or scan.digits(place, 31) is None:
        return None
    clock = clock_at(scan, to, company=False)
    if clock and 0 < number <= clock[0].hour + HALF_DAY and number <= DAY_HOURS:
        return Read(Moment(clock=Clock(number)), place + 1)
    upper = written_date_at(scan, to, company=True)
    if upper and upper[0].month and number < upper[0].day and not written_date_at(scan, place, company=company):
        return Read(Moment(when=replace(upper[0], day=number)), place + 1)
    return None


def _piece(scan: Scan, place: int, moment: Moment, *, company: bool) -> Read | None:
    when = when_at(scan, place, company=company)
    if when and _may_join(moment.when, when[0]):
        better = when[0] if moment.when is None or _rank(when[0]) > _rank(moment.when) else moment.when
        return Read(replace(moment, when=better), when[1])
    if moment.clock is None:
        clock = clock_at(scan, place, company=company)
        if clock:
            return Read(replace(moment, clock=clock[0]), clock[1])
    return _part_of_day(scan, place, moment, company=company)


def _part_of_day(scan: Scan, place: int, moment: Moment, *, company: bool) -> Read | None:
    if moment.part is not None:
        return None
    both = scan.take(place, DayPart)
    if both and moment.when is None and _is_day_part(scan, place, both[1]):
        return Read(replace(moment, part=both[0].part, when=Day(both[0].shift)), both[1])
    part = scan.take(place, Part)
    if part and _is_part(scan, place, part[1], moment, company=company):
        return Read(replace(moment, part=part[0]), part[1])
    return None


def _is_day_part(scan: Scan, place: int, after: int) -> bool:
    """Not "đổi sang mai" (over to tomorrow) or "tôi qua lấy hàng" (I come over) typed without marks."""
    first, second = scan.tokens[place].spelling, scan.base(after - 1)
    if first in _OTHER_WORDS:
        return False
    if not first.bare:
        return second != "qua" or scan.base(after) not in _COMING_OVER
    if first.base == "sang" and (scan.is_marked or scan.base(place - 1) in _MOVING):
        return False
    if first.base == "toi" and second == "mai" and scan.base(place - 1) in _MOVING:
        return False
    return second != "qua" or (scan.base(after) not in _COMING_OVER and not scan.is_marked)


def _is_part(scan: Scan, place: int, after: int, moment: Moment, *, company: bool) -> bool:
    """Whether it is a part of a day: alone, words such as "sáng" and "tối" need their marks and some company."""
    base, spelling = scan.base(place), scan.tokens[place].spelling
    if after - place > 1 or base not in _DOUBTFUL_PARTS:
        return True
    if base in _PLAIN_PARTS:
        return bool(moment.clock or moment.when) or scan.base(place - 1) in _BEFORE_PLAIN
    if base == "toi" and not spelling.tones:
        return spelling.bare and _is_evening(scan, after, moment)
    if spelling.bare and scan.base(place - 1) in _SINCE:
        return True  # "tu sang den gio"
    if base == "sang" and spelling.bare and (scan.is_marked or moment.clock is None):
        return not scan.is_marked and scan.begins_clause(place) and clock_at(scan, after, company=False) is not None
    if moment.clock or moment.when:
        return True
    if spelling.bare and scan.follows(after) and clock_at(scan, after, company=False):
        return True  # "chieu 5h"
    if spelling not in _PART_SPELLINGS or scan.base(after) in _NOT_PARTS_BEFORE:
        return False
    day = when_at(scan, after, company=True) if scan.follows(after) else None
    return company or day is not None or scan.begins_clause(place) or scan.base(place - 1) in _PART_AFTER


def _is_evening(scan: Scan, after: int, moment: Moment) -> bool:
    """ "8h toi" is in the evening, before a verb it is rather "tôi" (I), before a number "tới" (to)."""
    if moment.clock is None and moment.when is None:
        return False
    if moment.clock and moment.clock.hour not in _EVENING_HOURS:
        return False
    if scan.ends_clause(after):
        return True
    if clock_at(scan, after, company=False):
        return moment.clock is None
    return when_at(scan, after, company=True) is not None or (moment.clock is not None and scan.base(after) in TITLES)


def _may_join(first: When | None, second: When) -> bool:
    """Two names of one day: "thứ 6, 24/11"; not two days: "hôm nay, mai"."""
    if first is None:
        return True
    return type(first) is not type(second) and not isinstance(first, Period) and not isinstance(second, Period)


def _rank(when: When) -> int:
    """Which of two names of a day counts: the date."""
    return (Period, Weekday, Day, Date).index(type(when))


_EVENING_HOURS = range(5, 24)
_MOVING = bare_words("doi chuyen lui hoan move don roi day keo de tre giu")
_COMING_OVER = bare_words("lay do day gap cho cua van nhan xem ky cong ben nha kho van nop tra kiem sua thu")
_DOUBTFUL_PARTS = bare_words("sang som trua chieu xe toi dem khuya morning afternoon evening night lunch first")
_BEFORE_PLAIN = bare_words("this by before until till since from after truoc")
_PLAIN_PARTS = bare_words("morning afternoon evening night som lunch first")
_NOT_PARTS_BEFORE = bare_words("da thieu uu dai cao rong su long sua tao kien suot om nghia dem")
_PART_AFTER = bare_words("cho cuoi dau giua")
_OTHER_WORDS = spellings("tôi đem")
_PART_SPELLINGS = spellings("sáng trưa chiều xế tối đêm khuya")
_SINCE = bare_words("tu hoi")
