"""Lengths of time: "2 tiếng rưỡi", "3-5 ngày làm việc", "nửa tiếng", "1h30 phút", and what follows one ("nữa").

"2 giờ" is two hours as well as two o'clock: the words beside it decide.
"""

import re
from dataclasses import replace

from responder.words.times.clock_times import DAY_HOURS
from responder.words.times.moments import moment_at
from responder.words.times.resolving import Clock, Length, Unit
from responder.words.times.scan import DASHES, Scan
from responder.words.times.vocabulary import Lead, Number, Small, Tail
from responder.words.tokens import bare_words


def tail_at(scan: Scan, after: int) -> tuple[Tail, int] | None:
    """The word after a length that says how it stands to now: "nữa", "rồi", "ago"."""
    tail = scan.take(after, Tail) if scan.follows(after) else None
    if tail is None or tail[0] in {Tail.LATEST, Tail.ONWARD}:
        return None
    if tail[0] is Tail.BEFORE_NOW and (scan.base(tail[1]) in _BEFORE_WHAT or moment_at(scan, tail[1], company=False)):
        return None  # "2 tiếng trước khi khai mạc"
    if tail[0] is Tail.COMING and scan.follows(tail[1]) and moment_at(scan, tail[1], company=False):
        return None  # "2 ngày tới 5/12"
    if tail[0] is Tail.COMING and scan.tokens[after].spelling.bare and scan.base(after - 1)[-1:] == "h":
        return None  # "8h toi" is eight in the evening
    return tail


def length_at(scan: Scan, place: int, lead: Lead | None) -> tuple[Length, int] | None:
    """The length there, after the word `lead`."""
    about = scan.small(place, Small.ABOUT)
    at = about if about and scan.follows(about) else place
    over = scan.small(at, Small.OVER)
    at = over if over and scan.follows(over) else at
    fused = _fused_length(scan, at)
    if fused is None:
        counted = _count(scan, at) or _implied(scan, at, lead, is_over=over is not None)
        fused = _unit(scan, *counted) if counted else None
    if fused is None:
        return None
    count, unit, after = fused
    if unit is Unit.HOUR and (scan.base(at) == "may" or _is_clock(scan, at, count, after, lead)):
        return None
    return _rest(scan, count, unit, after)


def _fused_length(scan: Scan, place: int) -> tuple[float, Unit, int] | None:
    match = _FUSED_LENGTH.fullmatch(scan.base(place))
    if match is None or scan.is_tail_of_number(place):
        return None
    unit = next(unit for unit, group in zip(_FUSED_UNITS, match.groups()[1:], strict=True) if group)
    return float(match[1]), unit, place + 1


def _count(scan: Scan, place: int) -> tuple[float, int] | None:
    """A number, in digits or words; of a range ("3-5", "hai ba") the larger."""
    half = scan.small(place, Small.HALF_OF)
    if half is not None:
        return None if scan.take(place, Clock) else (0.5, half)
    word = scan.take(place, Number)
    if word:
        more = scan.take(word[1], Number) if scan.follows(word[1]) else None
        unit = scan.take(more[1], Unit) if more else None
        is_range = more and unit and more[0].value > word[0].value
        return (more[0].value, more[1]) if more and is_range else (word[0].value, word[1])
    number = scan.digits(place, 999)
    if number is None or scan.is_tail_of_number(place):
        return None
    return _more_digits(scan, float(number), place + 1)


def _more_digits(scan: Scan, number: float, after: int) -> tuple[float, int]:
    """The rest of "1,5", "1.5", "3-5", "3 - 5" or "2 đến 3"."""
    more = scan.digits(after, 999)
    between = scan.between(after)
    if more is not None and between in {",", "."} and more <= _DECIMAL:
        return number + more / 10, after + 1
    if more is not None and (between.strip() in DASHES or between == ", ") and more > number:
        return float(more), after + 1
    to = scan.small(after, Small.TO)
    upper = scan.digits(to, 999) if to else None
    if to and upper is not None and upper > number and scan.follows(to):
        return float(upper), to + 1
    return number, after


def _implied(scan: Scan, place: int, lead: Lead | None, *, is_over: bool) -> tuple[float, int] | None:
    """One that is not said: "hơn tiếng", "cả tuần", "tiếng rưỡi", "within the hour"."""
    unit = scan.take(place, Unit)
    if unit and (is_over or lead is Lead.PAST) and scan.base(place) not in {"gio", "h", "p"}:
        return 1.0, place
    if unit and unit[0] is Unit.HOUR and scan.base(place) == "tieng" and scan.small(unit[1], Small.HALF):
        return 1.0, place
    the = scan.small(place, Small.THE)
    if the and lead is Lead.WITHIN and scan.base(the) == "hour":
        return 1.0, the
    return None


def _unit(scan: Scan, count: float, after: int) -> tuple[float, Unit, int] | None:
    working = scan.small(after, Small.WORKING)
    at = working if working and scan.follows(after) else after
    unit = scan.take(at, Unit) if scan.follows(at) and scan.between(at).strip() in {"", "-", "–"} else None
    if unit is None or _is_not_unit(scan, unit[0], at, unit[1]):
        return None
    return count, unit[0], unit[1]


def _is_not_unit(scan: Scan, unit: Unit, place: int, after: int) -> bool:
    """ "5 p.m.", "2 tháng 9" and "2 tiếng Anh" are no lengths."""
    match unit:
        case Unit.MINUTE:
            return scan.base(place) == "p" and scan.base(after) == "m" and len(scan.between(after)) == 1
        case Unit.MONTH:
            month = scan.digits(after, 12) if scan.follows(after) else None
            return month is not None and scan.base(place) == "thang" and not scan.is_counted(after + 1)
        case Unit.HOUR:
            return scan.base(place) == "tieng" and scan.base(after) in _LANGUAGES
        case _:
            return False


def _is_clock(scan: Scan, place: int, count: float, after: int, lead: Lead | None) -> bool:
    """Whether "2 giờ" is two o'clock: unless something says that it is a length."""
    written = scan.base(after - 1)
    if not written.endswith(("h", "gio")) or scan.base(after - 2) == "tieng" or count > DAY_HOURS:
        return False
    if scan.follows(after) and scan.is_piece_of_day(after):
        return True
    tail = tail_at(scan, after)
    if tail and tail[0] is not Tail.SO_FAR:
        return False
    if scan.small(after, Small.WORKING) or count in {0.5, float(DAY_HOURS)} or count % 1:
        return scan.between(place).endswith(":")
    return lead is None and not (scan.base(place - 1) in _LASTING and scan.follows(place))


def _rest(scan: Scan, count: float, unit: Unit, after: int) -> tuple[Length, int]:
    """What follows the unit: "rưỡi", "30 phút", "làm việc"."""
    half = scan.small(after, Small.HALF) if scan.follows(after) else None
    if half is not None:
        count, after = count + 0.5, half
    length = _in_units(count, unit)
    if unit is Unit.HOUR and scan.follows(after):
        minutes = scan.digits(after, 59)
        end = scan.small(after + 1, Small.MINUTES) or (scan.take(after + 1, Unit) or (None, None))[1]
        if minutes is not None and end is not None and _is_minutes(scan, after + 1):
            length, after = replace(length, minutes=length.minutes + minutes), end
    if unit not in {Unit.DAY, Unit.HOUR}:
        return length, after
    working = scan.small(after, Small.WORKING) if scan.follows(after) else None
    said_before = scan.small(after - 2, Small.WORKING) == after - 1
    return replace(length, is_working=said_before or working is not None), working or after


def _is_minutes(scan: Scan, place: int) -> bool:
    unit = scan.take(place, Unit)
    return unit is not None and unit[0] is Unit.MINUTE


def _in_units(count: float, unit: Unit) -> Length:
    match unit:
        case Unit.MINUTE:
            return Length(minutes=round(count))
        case Unit.HOUR:
            return Length(minutes=round(count * 60))
        case Unit.DAY | Unit.WEEK:
            days = count * (7 if unit is Unit.WEEK else 1)
            return Length(days=int(days), minutes=round(days % 1 * 1440))
        case _:
            months = count * (12 if unit is Unit.YEAR else 1)
            return Length(months=int(months), days=round(months % 1 * 30))


_FUSED_LENGTH = re.compile(
    r"([0-9]{1,3})(?:(p|ph|phut|mins?|minutes?)|(h|hrs?|hours?|tieng)|(days?|ngay)|(w|weeks?|tuan)|(thang|months?))"
)
_FUSED_UNITS = (Unit.MINUTE, Unit.HOUR, Unit.DAY, Unit.WEEK, Unit.MONTH)
_DECIMAL = 9
_BEFORE_WHAT = bare_words("khi luc gio ngay do")
_LANGUAGES = bare_words("anh viet nhat han phap trung hoa nga duc on noi keu dong")
_LASTING = bare_words("mat suot cho doi keo dai can hon gan toi them lam muon tre cham")
