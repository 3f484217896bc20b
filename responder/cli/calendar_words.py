"""The words of `responder calendar`, in Vietnamese and English; one dataclass, so that neither can lack a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from responder.mail.language import Language
from responder.policy.almanac import Look
from responder.policy.phrases import MONTHS_EN


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that the calendar says of itself; the names of days stand in the policy."""

    # the picture
    week: tuple[str, ...]  # Monday first, two letters
    month: str
    short_month: str
    year: str
    looks: Mapping[Look, str]
    today: str
    nothing_special: str
    no_table: str  # of a year without public days off
    weekday_note: str  # how the ordinary week is open
    of_office: str

    # the table
    day: str
    open: str
    why: str
    closed: str

    # a moment
    is_open: str
    is_always_open: str
    is_closed: str
    next_open: str
    never: str
    promise: str

    # another table of holidays
    same: str
    unknown: str
    differ: str
    add: str
    add_named: str
    swapped: str
    remove: str
    write: str
    other: str


SIGNS: Mapping[Look, str] = {
    Look.OPEN: " ",
    Look.REST: "·",
    Look.HOLIDAY: "★",
    Look.CLOSED: "×",
    Look.OTHER_HOURS: "◐",
    Look.EXTRA: "+",
}
TODAY = "◄"

VI = Words(
    week=("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
    month="Tháng {month} năm {year}",
    short_month="Tháng {month}",
    year="Năm {year}",
    looks={
        Look.OPEN: "mở cửa như mọi tuần",
        Look.REST: "nghỉ hằng tuần",
        Look.HOLIDAY: "ngày lễ",
        Look.CLOSED: "văn phòng nghỉ",
        Look.OTHER_HOURS: "giờ khác mọi tuần",
        Look.EXTRA: "làm thêm ngày này",
    },
    today="hôm nay",
    nothing_special="Không có ngày nào khác mọi tuần.",
    no_table="Quy định chưa có ngày lễ nào của năm {year}: Tết và các ngày lễ đang hiện ra như ngày thường. "
    "Ghi thêm vào `holidays:`; `responder calendar {year} --compare` gợi ý.",
    weekday_note="Mọi tuần: {week}.",
    of_office="Lịch làm việc",
    day="Ngày",
    open="Mở cửa",
    why="Ghi chú",
    closed="nghỉ",
    is_always_open="{at}: trong giờ làm việc; sắp tới không có lúc nào văn phòng đóng cửa.",
    is_open="{at}: trong giờ làm việc, đến {until}.",
    is_closed="{at}: ngoài giờ ({why}).",
    next_open="Mở cửa lại: {at}.",
    never="Lịch không có giờ làm việc nào sắp tới.",
    promise="Cam kết trả lời trong {amount} làm việc, tính từ lúc ấy: trước {at}; "
    "sớm hơn nếu thư tự động đã hẹn ngày làm việc tiếp theo.",
    same="{period}: không có khác biệt với thư viện holidays {version} (lịch nghỉ Việt Nam).",
    unknown="{period}: thư viện holidays {version} không biết ngày nghỉ của năm này ở Việt Nam, không so sánh được.",
    differ="{period}: khác với thư viện holidays {version} (lịch nghỉ Việt Nam; chỉ để đối chiếu, "
    "văn phòng theo quy định của mình):",
    add="{dates}: thư viện cho là ngày nghỉ ({name}), quy định thì làm việc.",
    add_named="Nếu văn phòng cũng nghỉ, thêm vào `holidays:`",
    swapped="Nếu văn phòng cũng hoán đổi như vậy, thêm vào `swaps:`",
    remove="{dates}: quy định cho nghỉ ({name}), thư viện thì làm việc.",
    write="Nếu hôm ấy văn phòng làm việc, thêm vào `days:`",
    other="{dates}: quy định cho làm việc ({name}), thư viện thì nghỉ hằng tuần. Đúng ý văn phòng thì để nguyên.",
)

EN = Words(
    week=("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
    month="{name} {year}",
    short_month="{name}",
    year="{year}",
    looks={
        Look.OPEN: "open as every week",
        Look.REST: "closed as every week",
        Look.HOLIDAY: "public holiday",
        Look.CLOSED: "office closed",
        Look.OTHER_HOURS: "other hours than usual",
        Look.EXTRA: "open, else a day of rest",
    },
    today="today",
    nothing_special="No day is other than every week.",
    no_table="The policy has no public day off in {year}: the holidays of that year look like ordinary days. "
    "Add them under `holidays:`; `responder calendar {year} --compare` suggests some.",
    weekday_note="Every week: {week}.",
    of_office="Office hours",
    day="Day",
    open="Open",
    why="Note",
    closed="closed",
    is_always_open="{at}: the office is open; the calendar has no closing ahead.",
    is_open="{at}: the office is open, until {until}.",
    is_closed="{at}: the office is closed ({why}).",
    next_open="Opens again: {at}.",
    never="The calendar has no working time ahead.",
    promise="The promise of {amount} of working time, counted from then, ends {at}; "
    "earlier where an automatic reply has named the next workday.",
    same="{period}: no difference to the library holidays {version} (days off in Vietnam).",
    unknown="{period}: the library holidays {version} knows no day off of that year in Vietnam: nothing to compare.",
    differ="{period}: other than the library holidays {version} (days off in Vietnam; to compare only, "
    "the policy decides):",
    add="{dates}: a day off in the library ({name}); the policy works.",
    add_named="If the office is closed too, add to `holidays:`",
    swapped="If the office swaps these days too, add to `swaps:`",
    remove="{dates}: closed by the policy ({name}); a working day in the library.",
    write="If the office works then, add to `days:`",
    other="{dates}: the policy works ({name}); a day of rest in the library. If that is meant, leave it.",
)

WORDS: Mapping[Language, Words] = {Language.VI: VI, Language.EN: EN}


def title(day: date, language: Language) -> str:
    """The month of that day, with its year."""
    return _filled(WORDS[language].month, day)


def short_title(day: date, language: Language) -> str:
    """The month of that day, where the year stands above."""
    return _filled(WORDS[language].short_month, day)


def _filled(form: str, day: date) -> str:
    return form.format(month=day.month, name=MONTHS_EN[day.month - 1], year=day.year)
