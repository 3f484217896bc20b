"""Dates as they are written: "24/11", "2026-11-24", "24 tháng 11", "ngày 24", "Nov 24th", "on the 24th"."""

import re
from calendar import monthrange
from dataclasses import replace

from responder.words.times.resolving import Date, Period, Unit
from responder.words.times.scan import Scan
from responder.words.times.vocabulary import MonthName, Number, Small
from responder.words.tokens import Gap, bare_words

YEARS = range(1990, 2101)


def date_at(scan: Scan, place: int, *, company: bool) -> tuple[Date, int] | None:
    """The date there, with a "ngày" before it or not. `company`: a word before says that a time comes."""
    of = scan.small(place, Small.DAY_OF)
    if of is not None and scan.follows(of):
        return written_date_at(scan, of, company=True) or _spoken_date(scan, of) or _numbered_day(scan, of)
    spoken = _spoken_date(scan, place) or _english_date(scan, place, company=company)
    return spoken or written_date_at(scan, place, company=company)


def _numbered_day(scan: Scan, place: int) -> tuple[Date, int] | None:
    """ "ngày 24"."""
    day = scan.digits(place, 31)
    if not day or (scan.follows(place + 1) and scan.base(place + 1) in _TIMES_A_DAY):
        return None
    if scan.between(place + 1)[:1] in {"/", "-", ".", ":"} and scan.base(place + 1)[:1].isdecimal():
        return None
    month = scan.take(place + 1, Period) if scan.follows(place + 1) else None
    if month and month[0].unit is Unit.MONTH and month[0].month is None:
        return Date(day, months_on=month[0].shift), month[1]
    return Date(day), place + 1


def _spoken_date(scan: Scan, place: int) -> tuple[Date, int] | None:
    """ "24 tháng 11 năm 2026"."""
    day = scan.digits(place, 31)
    of = scan.small(place + 1, Small.MONTH_OF) if day and scan.follows(place + 1) else None
    month = _month_number(scan, of) if of else None
    if not day or not month or not _is_date(day, month[0]) or scan.is_counted(month[1]):
        return None
    of_year = scan.small(month[1], Small.YEAR_OF) if scan.follows(month[1]) else None
    if of_year is None and scan.between(month[1]) in {"/", "-"}:
        of_year = month[1]
    if of_year is None:
        return _with_year(scan, Date(day, month[0]), month[1])
    year = scan.digits(of_year)
    return (Date(day, month[0], year), of_year + 1) if year in YEARS else (Date(day, month[0]), month[1])


def _month_number(scan: Scan, place: int) -> tuple[int, int] | None:
    """ "11" or "Mười Một"."""
    number = scan.digits(place, _MONTHS_A_YEAR)
    if number:
        return number, place + 1
    word = scan.take(place, Number)
    return (int(word[0].value), word[1]) if word and 0 < word[0].value <= _MONTHS_A_YEAR else None


def _english_date(scan: Scan, place: int, *, company: bool) -> tuple[Date, int] | None:
    """ "24 Nov", "the 24th of November", "Nov 24th, 2026", "on the 24th"."""
    at = scan.small(place, Small.THE) or place
    day = _ordinal(scan, at)
    if day is not None:
        of = scan.small(at + 1, Small.OF) or at + 1
        month = _english_month(scan, of) if scan.follows(of) else None
        if month and _is_date(day, month):
            return _with_year(scan, Date(day, month), of + 1)
        named = company and _ORDINAL.fullmatch(scan.base(at)) and scan.base(at + 1) not in _NUMBERED_THINGS
        return (Date(day), at + 1) if named else None
    month = _english_month(scan, place)
    day = _ordinal(scan, place + 1) if month and scan.follows(place + 1) else None
    return _with_year(scan, Date(day, month), place + 2) if month and day and _is_date(day, month) else None


def _ordinal(scan: Scan, place: int) -> int | None:
    match = _ORDINAL.fullmatch(scan.base(place))
    day = int(match[1]) if match else scan.digits(place, 31)
    return day if day and 0 < day <= _MONTH_DAYS and not scan.is_tail_of_number(place) else None


def _english_month(scan: Scan, place: int) -> int | None:
    month = scan.take(place, MonthName)
    if month is None or (scan.base(place) in _MONTHS_TOO and not scan.tokens[place].text[0].isupper()):
        return None
    return month[0].number


def _with_year(scan: Scan, day: Date, after: int) -> tuple[Date, int]:
    year = scan.digits(after) if scan.follows(after, Gap.COMMA) else None
    return (replace(day, year=year), after + 1) if year in YEARS else (day, after)


def written_date_at(scan: Scan, place: int, *, company: bool) -> tuple[Date, int] | None:
    """ "24/11", "24-11" in company, "24.11.2026", "2026-11-24"."""
    mark = scan.between(place + 1)
    if mark not in _DATE_MARKS or scan.is_tail_of_number(place):
        return None
    first, second = scan.digits(place), scan.digits(place + 1)
    if first is None or second is None:
        return None
    third = scan.digits(place + 2) if scan.between(place + 2) == mark else None
    if first in YEARS and third is not None:
        return (Date(third, second, first), place + 3) if _is_date(third, second) else None
    day, month = (second, first) if second > _MONTHS_A_YEAR >= first else (first, second)
    if not _is_date(day, month) or (scan.base(place - 1) in _NUMBERED and scan.follows(place)):
        return None
    year = _year(third)
    if third is not None:
        return (Date(day, month, year), place + 3) if year else None
    if _goes_on(scan, place + 2) or not _is_short_date(scan, first, second, mark, company=company):
        return None
    return Date(day, month), place + 2


def _goes_on(scan: Scan, after: int) -> bool:
    """A number such as 12/3/HĐ or 12/3-4 is of a paper or a house."""
    return scan.between(after) in _DATE_MARKS and after < len(scan.tokens)


def _is_short_date(scan: Scan, first: int, second: int, mark: str, *, company: bool) -> bool:
    """Without a year: not round the clock (24/7), not a fraction (1/2 cái), not a range (8-10 cái)."""
    if (first, second) == (24, 7) or mark == ".":
        return False
    return company or (mark == "/" and not (first < second and second in _FRACTIONS))


def _is_date(day: int, month: int) -> bool:
    """Whether the month has that day, in a leap year at least."""
    return 0 < month <= _MONTHS_A_YEAR and 0 < day <= monthrange(_A_LEAP_YEAR, month)[1]


def _year(number: int | None) -> int | None:
    if number is None:
        return None
    full = number + 2000 if number < 100 else number
    return full if full in YEARS else None


_ORDINAL = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)")
_MONTH_DAYS = 31
_MONTHS_A_YEAR = 12
_A_LEAP_YEAR = 2024
_DATE_MARKS = frozenset({"/", "-", "."})
_FRACTIONS = frozenset({2, 3, 4, 5, 10})
_TIMES_A_DAY = bare_words("lan bua cu vien buoi chuyen ca don cong")
_NUMBERED = bare_words("so hem ngo can phong lo duong kiet nha thua qd hd tt nd luat version v don ma size tang toa p")
_NUMBERED_THINGS = bare_words("floor time place street avenue edition anniversary birthday district version draft")
_MONTHS_TOO = bare_words("may mar march")
