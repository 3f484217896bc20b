"""The words of time: what Vietnamese and English call days, hours, parts of the day, lengths, and what relates to them.

A table and a way to look things up in it; it must not know how words combine. One entry may be several things ("tới"
is *next* and *until*); without marks many are ("toi" is also *evening* and *I*): whoever asks, asks for one kind.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from responder.words.times.resolving import Clock, Day, Edge, Part, Period, Unit
from responder.words.tokens import Gap, Spelling, Token, tokenize


class Relation(StrEnum):
    """How something said stands to a time."""

    BY = "by"
    WITHIN = "within"
    AT = "at"
    FROM = "from"
    UNTIL = "until"
    AGO = "ago"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class Cue:
    """A word before a time that relates to it. `is_strict`: the time itself is too late ("trước thứ 6")."""

    relation: Relation
    is_strict: bool = False


class Tail(Enum):
    """A word after a time that relates to it."""

    AHEAD = "nữa"  # 2 tiếng nữa, two hours from now
    COMING = "tới"  # 24h tới
    BEFORE_NOW = "trước"  # 2 tiếng trước, two hours ago
    SO_FAR = "rồi"  # 2 tiếng rồi, 3 ngày nay, for two hours now
    LEFT = "left"
    LATEST = "là muộn nhất"
    ONWARD = "trở đi"


class Lead(Enum):
    """A word before a length that says how it is meant."""

    WITHIN = "trong"
    IN = "in"  # English: in two hours
    LEFT = "còn"
    PAST = "suốt"  # ends now: for the past two hours
    AGO = "cách đây"
    SO_LONG = "đã"  # began so long ago


@dataclass(frozen=True, slots=True)
class DayPart:
    """A part of a day that is named with it: "tối nay", "last night"."""

    part: Part
    shift: int


@dataclass(frozen=True, slots=True)
class WeekdayName:
    """A day of the week by name, Monday 0. `is_doubtful`: the word is often another ("CN", "t6", "sat")."""

    number: int
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number in words. `is_vague`: a few."""

    value: float
    is_vague: bool = False


@dataclass(frozen=True, slots=True)
class Which:
    """Which of several: this one (0), the coming or last one (None with `is_later` …), so many weeks on."""

    week: int | None
    is_later: bool = False


@dataclass(frozen=True, slots=True)
class MonthName:
    """An English month."""

    number: int


@dataclass(frozen=True, slots=True)
class Past:
    """A vague time before now, up to so many minutes ago, on the whole."""

    minutes: int


class Small(Enum):
    """Words that hold an expression together."""

    NOW = "bây giờ"
    JOINER = "vào lúc"
    HALF = "rưỡi"
    HALF_OF = "nửa"
    LACKING = "kém"
    TO = "đến"
    AND = "and"
    AM = "am"
    PM = "pm"
    DAY_OF = "ngày"
    MONTH_OF = "tháng"
    YEAR_OF = "năm"
    WORKING = "làm việc"
    OCLOCK = "giờ"
    MINUTES = "phút"
    OF = "of"
    ABOUT = "khoảng"
    OVER = "hơn"
    QUARTER = "quarter"
    PAST_HOUR = "past"
    THE = "the"


Meaning = (
    Part | DayPart | Day | WeekdayName | Which | Period | Edge | Unit | Number | Clock | Cue | Tail | Lead | MonthName
    | Past | Small
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word or phrase and what it means. `is_marked`: not without all its marks, as it would be another word."""

    words: tuple[Spelling, ...]
    meaning: Meaning
    is_marked: bool


@dataclass(frozen=True, slots=True)
class _Start:
    """What begins with a word: entries of that word alone, and with each second word, longer ones first."""

    alone: Sequence[_Entry]
    on: Mapping[str, Sequence[_Entry]]


@dataclass(frozen=True, slots=True)
class Found:
    """A meaning that stands at a token, and the place after it."""

    meaning: Meaning
    after: int


def starts(token: Token) -> bool:
    """Whether any word of time begins so."""
    return token.spelling.key in _TABLE


def meanings(tokens: Sequence[Token], place: int) -> tuple[Found, ...]:
    """All that may be meant at that place, longest first."""
    start = _TABLE.get(tokens[place].spelling.key)
    if start is None:
        return ()
    second = tokens[place + 1].spelling.key if place + 1 < len(tokens) else ""
    entries = start.on.get(second, start.alone)
    return tuple(Found(entry.meaning, place + len(entry.words)) for entry in entries if _stands(entry, tokens, place))


def _stands(entry: _Entry, tokens: Sequence[Token], place: int) -> bool:
    if place + len(entry.words) > len(tokens):
        return False
    for index, word in enumerate(entry.words):
        token = tokens[place + index]
        if (index and token.gap is not Gap.LINK) or not token.spelling.may_stand_for(word):
            return False
        if entry.is_marked and token.spelling.bare and not word.bare:
            return False
    return True


def _table(lists: Iterable[tuple[Meaning, str]]) -> Mapping[str, _Start]:
    """By the first word. Phrases are parted by commas; "!" before one asks for its marks."""
    table: dict[str, list[_Entry]] = {}
    for meaning, phrases in lists:
        for phrase in phrases.split(","):
            words = tuple(token.spelling for token in tokenize(phrase))
            table.setdefault(words[0].key, []).append(_Entry(words, meaning, phrase.strip().startswith("!")))
    return {key: _start(sorted(entries, key=lambda entry: -len(entry.words))) for key, entries in table.items()}


def _start(entries: Sequence[_Entry]) -> _Start:
    seconds = {entry.words[1].key for entry in entries if len(entry.words) > 1}
    on = {key: [each for each in entries if len(each.words) == 1 or each.words[1].key == key] for key in seconds}
    return _Start([each for each in entries if len(each.words) == 1], on)


# ---------------------------------------------------------------------------------------------------- the words

_PARTS: dict[Part, str] = {
    Part.DAWN: "rạng sáng, tờ mờ sáng, mờ sáng, dawn",
    Part.EARLY: "sáng sớm, sớm, buổi sáng sớm, early morning, early in the morning, first thing in the morning",
    Part.MORNING: "sáng, buổi sáng, ban sáng, morning, in the morning, mid morning, late morning",
    Part.NOON: "trưa, buổi trưa, ban trưa, giữa trưa, lunch, lunchtime, lunch time",
    Part.AFTERNOON: "chiều, buổi chiều, ban chiều, xế chiều, xế, chiều tối, afternoon, in the afternoon,"
    " early afternoon, late afternoon",
    Part.EVENING: "tối, buổi tối, ban tối, evening, in the evening",
    Part.NIGHT: "đêm, ban đêm, khuya, đêm khuya, night, at night",
    Part.LATE: "cuối giờ, cuối giờ chiều, cuối giờ làm, cuối giờ làm việc, cuối ngày, hết giờ, hết giờ làm,"
    " hết giờ làm việc, hết giờ hành chính, hết ngày, hết ngày làm việc, cuối ngày làm việc, cuối buổi chiều,"
    " tan làm, tan sở, tan ca, giờ đóng cửa, giờ tan sở,"
    " eod, cob, eob, end of day, end of the day, end of business, end of business day, end of the business day,"
    " close of business, close of play, end of the working day, end of work",
    Part.FIRST: "đầu giờ, đầu giờ sáng, đầu giờ làm việc, start of business, first thing",
    Part.FIRST_AFTERNOON: "đầu giờ chiều, đầu chiều",
}
# Parts of a day that are named with the day in two words.
_DAYED = {
    Part.DAWN: "rạng sáng",
    Part.EARLY: "sáng sớm",
    Part.MORNING: "sáng",
    Part.NOON: "trưa",
    Part.AFTERNOON: "chiều",
    Part.EVENING: "tối",
    Part.NIGHT: "đêm",
}
_SHIFTED = {0: "nay, hôm nay, ni, bữa nay, ngày nay", 1: "mai, ngày mai", 2: "mốt, ngày mốt, ngày kia",
            -1: "qua, hôm qua, bữa qua, ngày hôm qua", -2: "hôm kia"}  # fmt: skip
_ENGLISH_PARTS = {
    Part.MORNING: "morning",
    Part.AFTERNOON: "afternoon",
    Part.EVENING: "evening",
}
_ENGLISH_DAYS = {0: "this", 1: "tomorrow", -1: "yesterday"}
_WEEKDAYS = (
    "thứ hai, thứ 2, monday",
    "thứ ba, thứ 3, tuesday, tues",
    "thứ tư, thứ 4, wednesday",
    "thứ năm, thứ 5, thursday, thurs",
    "thứ sáu, thứ 6, friday",
    "thứ bảy, thứ bẩy, thứ 7, saturday",
    "chủ nhật, chúa nhật, sunday",
)
_WEEKDAYS_DOUBTFUL = (
    "t2, th 2, mon, mondays",
    "t3, th 3, tue",
    "t4, th 4, wed, weds",
    "t5, th 5, thu, thur",
    "t6, th 6, fri",
    "t7, th 7, sat",
    "cn, sun",
)
_NUMBERS = (
    "một, one, a, an",
    "hai, two, a couple of, couple of, a couple",
    "ba, three",
    "bốn, four",
    "!năm, five",
    "!sáu, six",
    "!bảy, !bẩy, seven",
    "!tám, eight",
    "chín, nine",
    "mười, ten",
    "mười một, eleven",
    "mười hai, twelve",
)
_MORE_NUMBERS = {
    15: "mười lăm, fifteen",
    20: "hai mươi, hai chục, twenty",
    24: "twenty four, hai mươi bốn, hai mươi tư",
    25: "hai mươi lăm, hai lăm",
    30: "ba mươi, ba chục, thirty",
    40: "bốn mươi, forty",
    45: "bốn lăm, bốn mươi lăm, forty five",
    48: "forty eight, bốn mươi tám, bốn tám",
    50: "năm mươi, fifty",
    60: "sáu mươi, sixty",
}
_MONTHS = (
    "january, jan", "february, feb", "march, mar", "april, apr", "may", "june, jun", "july, jul", "august, aug",
    "september, sept, sep", "october, oct", "november, nov", "december, dec",
)  # fmt: skip

_UNITS: dict[Unit, str] = {
    Unit.MINUTE: "phút, p, ph, minute, minutes, min, mins",
    Unit.HOUR: "tiếng, tiếng đồng hồ, giờ, giờ đồng hồ, h, hour, hours, hr, hrs",
    Unit.DAY: "ngày, hôm, bữa, ngày đêm, đêm, day, days, night, nights",
    Unit.WEEK: "tuần, tuần lễ, week, weeks",
    Unit.MONTH: "tháng, month, months",
    Unit.YEAR: "năm, year, years",
}
_PERIODS = {
    Unit.WEEK: ("tuần", "week"),
    Unit.MONTH: ("tháng", "month"),
    Unit.QUARTER: ("quý", "quarter"),
    Unit.YEAR: ("năm", "year"),
}
_PERIOD_SHIFTS = {0: ("này, ni, nay", "this"), 1: ("sau, tới, kế, kế tiếp, tiếp theo", "next, following, the coming"),
                  -1: ("trước, rồi, qua, vừa rồi, vừa qua", "last, the past, previous")}  # fmt: skip


def _products() -> Iterable[tuple[Meaning, str]]:
    """What is made of two lists: "sáng" and "nay", "next" and "week"."""
    for part, word in _DAYED.items():
        for shift, days in _SHIFTED.items():
            yield DayPart(part, shift), ",".join(f"{word} {day}" for day in days.split(", "))
    for part, word in _ENGLISH_PARTS.items():
        for shift, day in _ENGLISH_DAYS.items():
            yield DayPart(part, shift), f"{day} {word}"
    for unit, (vietnamese, english) in _PERIODS.items():
        for shift, (after, before) in _PERIOD_SHIFTS.items():
            yield Period(unit, shift), ",".join(f"{vietnamese} {each}" for each in after.split(", "))
            yield Period(unit, shift), ",".join(f"{each} {english}" for each in before.split(", "))


def _series() -> Iterable[tuple[Meaning, str]]:
    """What is counted."""
    yield from ((WeekdayName(number), names) for number, names in enumerate(_WEEKDAYS))
    yield from ((WeekdayName(number, is_doubtful=True), names) for number, names in enumerate(_WEEKDAYS_DOUBTFUL))
    yield from ((Number(number), names) for number, names in enumerate(_NUMBERS, 1))
    yield from ((Number(number), names) for number, names in _MORE_NUMBERS.items())
    yield from ((MonthName(number), names) for number, names in enumerate(_MONTHS, 1))
    yield from _PARTS.items()
    yield from _UNITS.items()


_TABLE = _table(
    (
        *_products(),
        *_series(),
        (DayPart(Part.EVENING, 0), "tonight, tonite"),
        (DayPart(Part.NIGHT, -1), "last night"),
        (DayPart(Part.EARLY, 1), "sớm mai, mai sớm, sáng mai sớm, first thing tomorrow"),
        (DayPart(Part.MORNING, 0), "hồi sáng, hồi sáng nay, lúc sáng, earlier this morning"),
        (DayPart(Part.NOON, 0), "hồi trưa, hồi trưa nay"),
        (DayPart(Part.AFTERNOON, 0), "hồi chiều, hồi chiều nay, later this afternoon"),
        (DayPart(Part.EVENING, 0), "later tonight"),
        (DayPart(Part.EVENING, -1), "hồi tối, hồi tối qua"),
        (DayPart(Part.NIGHT, -1), "hồi đêm, hồi đêm qua"),
        (Day(0), "hôm nay, hnay, h nay, ngày hôm nay, bữa nay, bửa nay, bữa ni, nay, today, todays, same day"),
        (Day(1), "ngày mai, mai, mơi, ngày hôm sau, tomorrow, tomorrows, tmr, tmrw, tmw"),
        (Day(2), "ngày mốt, !mốt, ngày kia, bữa mốt, the day after tomorrow, day after tomorrow"),
        (Day(-1), "hôm qua, ngày hôm qua, bữa qua, hqua, yesterday, yesterdays"),
        (Day(-2), "hôm kia, hôm trước nữa, bữa kia, the day before yesterday, day before yesterday"),
        (Which(0), "này, ni, tuần này, this week, this"),
        (Which(None, is_later=True), "tới, sắp tới, tới đây, coming, the coming, this coming"),
        (Which(1), "sau, tuần sau, tuần tới, tuần kế, tuần kế tiếp, tuần tiếp theo, next, next week, following"),
        (Which(2), "tuần sau nữa, week after next, the week after next"),
        (Which(-1), "tuần trước, tuần rồi, tuần qua, tuần vừa rồi, tuần vừa qua, trước, vừa rồi, vừa qua, rồi, last,"
                    " last week"),
        (Period(Unit.WEEK, 2), "tuần sau nữa"),
        (Edge.START, "đầu, early, start of, beginning of, the start of, the beginning of"),
        (Edge.MIDDLE, "giữa, mid, middle of, the middle of"),
        (Edge.END, "cuối, end of, the end of, late"),
        (Edge.WEEKEND, "cuối tuần, weekend, the weekend"),
        (Number(3, is_vague=True), "vài, mấy, dăm, few, a few, several, some"),
        (Clock(12, is_fixed=True), "noon, midday, giữa trưa, chính ngọ, 12 noon"),
        (Clock(24, is_fixed=True), "midnight, nửa đêm"),
        (Cue(Relation.BY, is_strict=True), "trước, trc, trước lúc, trước ngày, before, ahead of, prior to,"
                                           " trước khi"),
        (Cue(Relation.BY), "chậm nhất, chậm nhất là, chậm nhất vào, chậm nhất trước, muộn nhất, muộn nhất là,"
                           " trễ nhất, trễ nhất là, lâu nhất, đến hạn, tới hạn, hạn, hạn chót, hạn cuối, hạn là,"
                           " hạn chót là, hạn chót vào, hạn cuối là, hết hạn, kịp, kịp trong, kịp trước, hạn nộp,"
                           " hạn trả lời, muộn hơn, trễ hơn, không quá, !quá,"
                           " by, no later than, not later than, latest by, at the latest by, due, due by, due on,"
                           " due at, deadline, deadline is, on or before, later than"),
        (Cue(Relation.FROM), "từ, kể từ, bắt đầu từ, tính từ, từ lúc, từ khi, sau, from, starting, starting from,"
                             " as of, effective, after, beginning"),
        (Cue(Relation.AGO), "since, hồi, từ hồi, ever since, quá hạn, quá hạn từ, overdue since"),
        (Cue(Relation.UNTIL), "đến, tới, hết, đến hết, tới hết, cho đến, cho tới, cho đến hết, đến tận,"
                " có giá trị đến, có hiệu lực đến,"
                              " until, till, til, valid until, valid till, up to, up until, through, đợi đến, thru"),
        (Cue(Relation.AT), "lúc, vào, vào lúc, khoảng, tầm, cỡ, đúng, vào ngày, at, on,"
                           " around, about, at about, at around"),
        (Cue(Relation.WITHIN), "trong, ngay trong, nội trong, trong vòng, within, in the course of, during, sometime"),
        (Lead.WITHIN, "trong, trong vòng, nội trong, nội, trong khoảng, within, within the next, in the next,"
                      " in under, in less than, over the next, for the next, next, the next, không quá, chưa đầy"),
        (Lead.IN, "in, in about, in only, in just, in around"),
        (Lead.LEFT, "còn, chỉ còn, còn có, còn đúng, còn chưa đầy, còn khoảng,"
                    " only, only got, have, have only, còn được"),
        (Lead.PAST, "for the past, for the last, over the past, over the last, in the past, in the last, the past,"
                    " the last, within the last, suốt, !cả, mất cả"),
        (Lead.AGO, "cách đây, cách đây khoảng, cách đây chừng"),
        (Lead.SO_LONG, "đã, đã được, đã chờ, đã đợi, quá hạn, trễ hạn"),
        (Tail.AHEAD, "nữa, nữa là, nữa thôi, tiếng nữa, from now"),
        (Tail.COMING, "tới, sắp tới, tới đây"),
        (Tail.BEFORE_NOW, "trước, trước đây, ago, earlier, back"),
        (Tail.SO_FAR, "rồi, nay, qua, vừa qua, gần đây, now, already, so far, trời"),
        (Tail.LEFT, "left, remaining, to go, more"),
        (Tail.LATEST, "at the latest, latest, là chậm nhất, là muộn nhất, là trễ nhất, là hạn, là hạn chót, là hết hạn,"
                      " chậm nhất, muộn nhất, trễ nhất, deadline"),
        (Tail.ONWARD, "trở đi, onwards, onward, on, trở lên"),
        (Past(180), "hồi nãy, !lúc nãy, !ban nãy, !khi nãy, vừa nãy, !nãy, nãy giờ, !từ nãy, từ nãy đến giờ, "
                    " từ nãy tới giờ, từ nãy giờ,"
                    " just now, earlier today, a while ago, a moment ago"),
        (Past(7 * 1440), "hôm trước, hôm bữa, bữa trước, bữa hổm, hôm rồi, bữa rồi, hôm nọ, mấy hôm trước,"
                         " mấy bữa trước, vừa rồi, mới đây, the other day, recently"),
        (Past(4 * 1440), "mấy hôm nay, mấy bữa nay, mấy ngày nay, mấy ngày qua, mấy hôm rồi, these days, lately"),
        (Past(7 * 1440), "cả tuần nay, hơn tuần nay, cả tuần rồi, all week"),
        (Past(1440), "cả ngày nay, cả ngày hôm nay, all day"),
        (Small.NOW, "bây giờ, bây h, ngay bây giờ, lúc này, ngay lúc này, hiện giờ, hiện tại, hiện nay, !hiện, bi giờ,"
                    " giờ này, giờ phút này, now, right now, at the moment, at this moment, currently, as we speak,"
                    " giờ, at present, just now, this minute, ngay giờ"),
        (Small.JOINER, "lúc, vào, vào lúc, của, khoảng, tầm, là, at, on, of, the, in the, in, around, about,"
                       " vào ngày, đúng, nhằm, tức, tức là, ie"),
        (Small.HALF, "rưỡi, rưởi, and a half"),
        (Small.HALF_OF, "nửa, half, half an, half a"),
        (Small.LACKING, "kém, thiếu"),
        (Small.TO, "đến, tới, to, till, until, through"),
        (Small.AND, "and, và"),
        (Small.AM, "am, sa, a m"),
        (Small.PM, "pm, ch, p m"),
        (Small.DAY_OF, "ngày, mùng, mồng, hôm, date"),
        (Small.MONTH_OF, "tháng, thg"),
        (Small.YEAR_OF, "năm"),
        (Small.WORKING, "làm việc, business, working, work, hành chính, lv"),
        (Small.OCLOCK, "giờ, h, g, o'clock, oclock, gi"),
        (Small.MINUTES, "phút, p, ph"),
        (Small.ABOUT, "khoảng, tầm, chừng, độ, gần, cỡ, tối đa, about, around, approximately, roughly, nearly, almost,"
                      " another, at least, ít nhất, tối thiểu"),
        (Small.OVER, "hơn, hơn cả, !cả, over, more than"),
        (Small.QUARTER, "quarter, a quarter"),
        (Small.PAST_HOUR, "past"),
        (Small.OF, "of"),
        (Small.THE, "the"),
    )
)  # fmt: skip
