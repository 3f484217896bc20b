"""Days by name, and weeks, months and years: "mai", "thứ 6 tuần sau", "next Friday", "cuối tháng", "tháng 11".

Many of these words are something else as often ("Mai" a name, "thứ hai" second, "CN" a branch): the words beside them
decide.
"""

from dataclasses import replace

from responder.words.times.clock_times import clock_at
from responder.words.times.dates import YEARS, date_at
from responder.words.times.resolving import Day, Edge, Part, Period, Unit, Weekday, When
from responder.words.times.scan import DASHES, Scan
from responder.words.times.vocabulary import Small, WeekdayName, Which
from responder.words.tokens import Gap, bare_words

TITLES = bare_words("anh chi em co chu bac ong ba ban ms mrs mr minh ben")


def when_at(scan: Scan, place: int, *, company: bool) -> tuple[When, int] | None:
    """The day there, or the week, month or year. `company`: a word before says that a time comes."""
    return (
        _day(scan, place, company=company)
        or date_at(scan, place, company=company)
        or _period(scan, place)
        or _weekday(scan, place, company=company)
    )


def _day(scan: Scan, place: int, *, company: bool) -> tuple[Day, int] | None:
    day = scan.take(place, Day)
    if day is None:
        return None
    lone = scan.base(place) if day[1] - place == 1 else ""
    if lone == "mot" and scan.base(place - 1) == "mai":
        return None  # "mai mốt" is some day
    if lone in {"mai", "moi"}:
        return day if _is_tomorrow(scan, place, company=company) else None
    if lone == "nay":
        return day if _is_today(scan, place, company=company) else None
    return day


def _is_tomorrow(scan: Scan, place: int, *, company: bool) -> bool:
    """Whether "mai" is no name, and not the end of "khuyến mãi" or "gọi mãi" typed without marks."""
    token, before, after = scan.tokens[place], scan.base(place - 1), scan.base(place + 1)
    joined = scan.follows(place)
    if token.spelling.base == "moi":
        return company and not token.spelling.bare and bool(token.spelling.marks)
    if after in _MAI_AFTER and scan.follows(place + 1):
        return False
    if joined and (before in _MAI_BEFORE or (before in _ON_AND_ON and not scan.is_marked)):
        return False
    if token.text[:1].isupper() and not token.text.isupper():
        return _is_capital_tomorrow(scan, place)
    return before not in _TITLES_ONLY or not joined


def _is_capital_tomorrow(scan: Scan, place: int) -> bool:
    """ "Mai" with a capital is tomorrow where a sentence begins and goes on."""
    follows = scan.follows(place + 1, Gap.COMMA) and "\n" not in scan.between(place + 1)
    capital = follows and scan.tokens[place + 1].text[0].isupper()
    return scan.begins_clause(place) and follows and not capital


def _is_today(scan: Scan, place: int, *, company: bool) -> bool:
    """Whether "nay" is today, not "này" typed without marks or the end of "lâu nay"."""
    if scan.base(place - 1) in _NAY_BEFORE and scan.follows(place):
        return False
    if scan.begins_clause(place):
        return True
    return scan.is_marked and (company or scan.base(place - 1) in TITLES)


def _weekday(scan: Scan, place: int, *, company: bool) -> tuple[Weekday, int] | None:
    before = scan.take(place, Which)
    english = before is not None and scan.base(place) in _ENGLISH_WHICH
    at = before[1] if before and english else scan.small(place, Small.DAY_OF) or place
    if not scan.follows(at) and at != place:
        return None
    name = scan.take(at, WeekdayName)
    if name is None:
        return None
    after = scan.take(name[1], Which) if scan.follows(name[1]) else None
    which = before if before and english else after if after and _is_which(scan, name[1], after[1]) else None
    near = company or which is not None or at != place
    if (which is None or scan.base(name[1]) in _ALSO_NOT_WHICH) and not _is_weekday(scan, at, name, near=near):
        return None
    if which is None and scan.base(place) in _THAT_DAY:
        return Weekday(name[0].number, is_past=True), name[1]
    week, is_later = (which[0].week, which[0].is_later) if which else (None, False)
    end = max(name[1], which[1]) if which else name[1]
    return Weekday(name[0].number, week, is_later), end


def _is_which(scan: Scan, place: int, after: int) -> bool:
    """Not the "trước" of "thứ 6 trước 5h", the "sau" of "sau khi", the "rồi" that ends a sentence."""
    if after - place > 1 or scan.base(place) not in {"truoc", "sau", "roi", "toi", "last", "next", "following"}:
        return scan.base(place) not in _ENGLISH_WHICH
    if scan.base(place) in _ENGLISH_WHICH or scan.base(after)[:1].isdecimal():
        return False
    if scan.base(place) == "roi":
        return not scan.ends_clause(after)
    return not (scan.follows(after) and (scan.base(after) in {"khi", "do", "nay", "mai"} or
                                          scan.take(after, Part) is not None))  # fmt: skip


def _is_weekday(scan: Scan, place: int, name: tuple[WeekdayName, int], *, near: bool) -> bool:
    """Whether it is no ordinal ("lần thứ 2", "Thứ hai, …"), no floor or branch ("CN Đà Nẵng"), no verb ("sat")."""
    first, before = scan.tokens[place], scan.base(place - 1)
    if name[0].is_doubtful:
        ranged = scan.between(name[1]).strip() in DASHES and scan.take(name[1], WeekdayName) is not None
        ranged = ranged or (scan.follows(name[1], Gap.COMMA) and date_at(scan, name[1], company=True) is not None)
        return (
            near or ranged or (scan.follows(name[1], Gap.COMMA) and clock_at(scan, name[1], company=False) is not None)
        )
    if first.spelling.base != "thu":
        return True
    if scan.base(name[1]) == "roi" and scan.ends_clause(name[1] + 1):
        return False  # "lần thứ hai rồi"
    if scan.follows(place) and before in _COUNTED:
        return False
    if first.spelling.bare and (scan.is_marked or scan.base(name[1]) in _COLLECTED):
        return False
    enumerates = scan.begins_clause(place) and scan.base(name[1]) in {"la", "nhat"}
    lists = scan.begins_clause(place) and not near and scan.between(name[1])[:1] in {",", ":"}
    return not (enumerates or (lists and scan.base(place + 1) in {"hai", "ba", "tu", "nam"}))


def _period(scan: Scan, place: int) -> tuple[Period, int] | None:
    before = scan.take(place, Which) if scan.base(place) in _ENGLISH_WHICH else None
    at = before[1] if before else place
    edge = scan.take(at, Edge)
    at = edge[1] if edge and scan.follows(edge[1]) else at
    shift = (before[0].week or 0) if before else 0
    if edge and edge[0] is Edge.WEEKEND:
        after = scan.take(edge[1], Which) if scan.follows(edge[1]) and not before else None
        if after and scan.base(edge[1]) in _ENGLISH_WHICH:
            after = None
        shift = _week_of(scan, after[0]) if after else shift
        return Period(Unit.WEEK, shift, Edge.WEEKEND), after[1] if after else edge[1]
    if before and not edge:
        return scan.take(place, Period)
    period = scan.take(at, Period) or _month(scan, at) or (_plain_period(scan, at) if edge else None)
    if period is None:
        return None
    return replace(period[0], edge=edge[0] if edge else None), period[1]


def _week_of(scan: Scan, which: Which) -> int:
    return which.week if which.week is not None else 0


def _month(scan: Scan, place: int) -> tuple[Period, int] | None:
    """ "tháng 11", "November" after "early", "tháng 11/2026" without its year."""
    after = scan.small(place, Small.MONTH_OF)
    number = scan.digits(after, 12) if after and scan.follows(after) else None
    if after is None or not number or scan.is_counted(after + 1):
        return None
    of_year = scan.small(after + 1, Small.YEAR_OF) or (after + 1 if scan.between(after + 1) == "/" else None)
    year = scan.digits(of_year) if of_year else None
    return Period(Unit.MONTH, month=number), of_year + 1 if of_year and year in YEARS else after + 1


def _plain_period(scan: Scan, place: int) -> tuple[Period, int] | None:
    unit = scan.take(scan.small(place, Small.THE) or place, Unit)
    if unit is None or unit[0] not in {Unit.WEEK, Unit.MONTH, Unit.YEAR}:
        return None
    return Period(unit[0], is_open=True), unit[1]


_ALSO_NOT_WHICH = bare_words("roi truoc sau qua")
_THAT_DAY = bare_words("hom bua")
_MAI_AFTER = bare_words("mot oi linh ngoi ton che vom")
_MAI_BEFORE = bare_words("khuyen thuong hoa cay sao mia mem phuong thi tuyet ngoc truc xuan ban thanh bach hong")
_ON_AND_ON = bare_words("goi cho doi lam hoi nhan noi sua tim ban nhac")
_TITLES_ONLY = bare_words("ms mrs miss")
_NAY_BEFORE = bare_words(
    "den toi xua lau truoc hien ngay nam thang quy tuan viec don cai mail hang so ben loi vu van gia nguoi ngay"
    " thu ky dot hom bua the may con lan luc ca"
)
_ENGLISH_WHICH = bare_words("this next last following coming the")
_COUNTED = bare_words(
    "lan cai nguoi ban don buoi ky dot mon phien y diem dieu chiec dong trang tap tang hang so nam lop vong mail con"
    " hop chuyen xe kien lo may cau muc bai gio phut cuon chan tuan la khach nhom to"
)
_COLLECTED = bare_words("trieu tr k nghin ngan ty dong vnd tien")
