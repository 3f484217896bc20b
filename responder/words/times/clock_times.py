"""Clock times as they are written: "11h30", "5:30pm", "ba giờ rưỡi", "half past five", "by 5 today"."""

import re
from dataclasses import replace

from responder.words.times.resolving import Clock, Day, Part
from responder.words.times.scan import Scan
from responder.words.times.vocabulary import DayPart, Number, Small, WeekdayName
from responder.words.tokens import bare_words

DAY_HOURS, HALF_DAY = 24, 12


def clock_at(scan: Scan, place: int, *, company: bool) -> tuple[Clock, int] | None:
    """The clock time there. `company`: a word before says that a time comes."""
    named = scan.take(place, Clock)
    if named:
        return named
    if place >= len(scan.tokens) or scan.is_tail_of_number(place):
        return None
    return (
        _fused_clock(scan, place)
        or _colon_clock(scan, place)
        or _spoken_clock(scan, place)
        or _english_clock(scan, place)
        or (_bare_clock(scan, place) if company else None)
    )


def _fused_clock(scan: Scan, place: int) -> tuple[Clock, int] | None:
    base = scan.base(place)
    match = _CLOCK.fullmatch(base)
    if match and (base not in _NETWORKS or scan.is_piece_of_day(place + 1)):
        clock = _clock(int(match[1]), int(match[2] or 0), is_fixed=base.startswith("0"))
        return _minutes(scan, clock, place + 1) if clock else None
    meridiem = _MERIDIEM.fullmatch(base)
    if meridiem:
        clock = _half(_clock(int(meridiem[1]), int(meridiem[2] or 0)), meridiem[3])
        return (clock, place + 1) if clock else None
    return None


def _colon_clock(scan: Scan, place: int) -> tuple[Clock, int] | None:
    """ "11:30", "5:30pm"; "5.30 pm" only with its half of the day."""
    hour, mark = scan.digits(place, 24), scan.between(place + 1)
    if hour is None or mark not in {":", "."}:
        return None
    base = scan.base(place + 1)
    minutes, half = base[:2], base[2:]
    if not minutes.isascii() or not minutes.isdecimal() or len(minutes) != len("00") or half not in {"", "am", "pm"}:
        return None
    clock = _clock(hour, int(minutes), is_fixed=scan.base(place).startswith("0"))
    after = place + 2
    if scan.between(after) == ":" and scan.digits(after, 59) is not None:
        after += 1
    if clock is None:
        return None
    halved = (_half(clock, half), after) if half else _meridiem(scan, clock, after)
    if mark == ".":
        return (halved[0], halved[1]) if halved and halved[0] else None
    return (halved[0], halved[1]) if halved and halved[0] else (clock, after)


def _spoken_clock(scan: Scan, place: int) -> tuple[Clock, int] | None:
    """ "11 giờ", "ba giờ rưỡi", "5 o'clock"."""
    number = scan.digits(place, 24)
    word = scan.take(place, Number) if number is None else None
    if word and (word[0].is_vague or word[1] - place > 2):
        return None
    hour, after = (number, place + 1) if number is not None else (int(word[0].value), word[1]) if word else (None, 0)
    of = scan.small(after, Small.OCLOCK) if hour is not None and scan.follows(after) else None
    if hour is None or of is None:
        return None
    clock = _clock(hour, 0, is_fixed=scan.base(place).startswith("0"))
    return _minutes(scan, clock, of) if clock else None


def _minutes(scan: Scan, clock: Clock, after: int) -> tuple[Clock, int] | None:
    """What may follow the hour: "rưỡi", "kém 15", "30", "30 phút", "pm"."""
    half = scan.small(after, Small.HALF) if scan.follows(after) else None
    if half is not None:
        return replace(clock, minute=30), half
    lacking = scan.small(after, Small.LACKING) if scan.follows(after) else None
    less = scan.digits(lacking, 59) if lacking else None
    if lacking and less:
        clock = Clock((clock.hour - 1) % DAY_HOURS or DAY_HOURS, 60 - less, clock.is_fixed)
        return clock, scan.small(lacking + 1, Small.MINUTES) or lacking + 1
    minutes = scan.digits(after, 59) if scan.follows(after) and clock.minute == 0 else None
    if minutes is not None and len(scan.base(after)) == len("00") and scan.between(after) in {" ", ":", ""}:
        end = scan.small(after + 1, Small.MINUTES) if scan.follows(after + 1) else None
        if end or scan.ends_clause(after + 1) or scan.is_piece_of_day(after + 1):
            return replace(clock, minute=minutes), end or after + 1
    return _meridiem(scan, clock, after) or (clock, after)


def _meridiem(scan: Scan, clock: Clock, after: int) -> tuple[Clock, int] | None:
    for half, word in (("am", Small.AM), ("pm", Small.PM)):
        end = scan.small(after, word) if scan.follows(after) else None
        if end is None and scan.base(after) == half[0] and scan.base(after + 1) == "m":
            end = after + 2 if scan.between(after + 1) in {".", ". "} and scan.follows(after) else None
        halved = _half(clock, half) if end else None
        if end and halved:
            return halved, end
    return None


def _english_clock(scan: Scan, place: int) -> tuple[Clock, int] | None:
    """ "5 pm", "half past five", "quarter to six"."""
    hour = scan.digits(place, 12)
    if hour:
        return _meridiem(scan, Clock(hour), place + 1)
    half = scan.small(place, Small.HALF_OF) if scan.base(place) == "half" else None
    minute, after = (30, half) if half else (15, scan.small(place, Small.QUARTER))
    if after is None:
        return None
    past, to = scan.small(after, Small.PAST_HOUR), scan.base(after) == "to"
    at = past or (after + 1 if to else None)
    number = scan.take(at, Number) if at else None
    hour = int(number[0].value) if number else scan.digits(at, 12) if at else None
    if not at or not hour or hour > HALF_DAY:
        return None
    clock = Clock(hour, minute) if past else Clock((hour - 2) % HALF_DAY + 1, 60 - minute)
    end = number[1] if number else at + 1
    return _meridiem(scan, clock, end) or (clock, end)


def _bare_clock(scan: Scan, place: int) -> tuple[Clock, int] | None:
    """A mere number after a word that asks for a time, with a part of the day or a day after it: "by 5 today"."""
    hour = scan.digits(place, 24)
    number = scan.take(place, Number) if hour is None else None
    after = number[1] if number else place + 1
    hour = int(number[0].value) if number and not number[0].is_vague else hour
    if not hour or hour > DAY_HOURS:
        return None
    half = scan.small(after, Small.HALF) if scan.follows(after) else None
    clock, after = (Clock(hour, 30), half) if half else (Clock(hour), after)
    joined = scan.joined(after)
    follows = scan.follows(after) and any(
        isinstance(found.meaning, DayPart | Day | WeekdayName | Part) and scan.base(joined) != "nay"
        for found in scan.meanings(joined)
    )
    said_at = scan.base(place - 1) in _SAID_AT and scan.ends_clause(after)
    return (clock, after) if follows or half or said_at else None


def _clock(hour: int, minute: int, *, is_fixed: bool = False) -> Clock | None:
    return Clock(hour, minute, is_fixed) if hour <= DAY_HOURS and minute < _HOUR_MINUTES else None


def _half(clock: Clock | None, half: str) -> Clock | None:
    if clock is None or not 0 < clock.hour <= HALF_DAY:
        return clock
    return Clock(clock.hour % HALF_DAY + (HALF_DAY if half == "pm" else 0), clock.minute, is_fixed=True)


_CLOCK = re.compile(r"([0-9]{1,2})(?:h|g|gi?o)([0-9]{0,2})(?:p|ph|phut)?")
_MERIDIEM = re.compile(r"([0-9]{1,2}?)([0-9]{2})?(am|pm)")
_HOUR_MINUTES = 60
_NETWORKS = bare_words("3g 4g 5g")
_SAID_AT = bare_words("at luc")
