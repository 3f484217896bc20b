"""How the office says times and reasons, in its own language.

Two languages, the same functions and the same reasons in both; a test holds
them to the same keys. Knows nothing of templates or decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from responder.mail.language import Language
from responder.policy import facts
from responder.policy.calendar import Calendar, ClosedWhy, Closure, Span
from responder.policy.deadlines import Bound, Reckoning
from responder.policy.model import DAY, Mark, MarkKind, Rate, Rates

WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    Language.VI: ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day(of: date, language: Language) -> str:
    """`thứ Hai, 23/11/2026` / `Monday, 23 November 2026`."""
    weekday = WEEKDAYS[language][of.weekday()]
    if language is Language.VI:
        return f"{weekday}, {of:%d/%m/%Y}"
    return f"{weekday}, {of.day} {MONTHS_EN[of.month - 1]} {of.year}"


def moment(at: datetime, language: Language) -> str:
    """`thứ Hai, 23/11/2026, 08:00` / `Monday, 23 November 2026, 08:00`."""
    return f"{day(at.date(), language)}, {at:%H:%M}"


def span(amount: timedelta, language: Language) -> str:
    """A length of time in hours and minutes, rounded down: `3 giờ 20 phút` / `3 h 20 min`."""
    minutes = int(abs(amount).total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    hour, minute = ("giờ", "phút") if language is Language.VI else ("h", "min")
    if not hours:
        return f"{minutes} {minute}"
    return f"{hours} {hour} {minutes} {minute}" if minutes else f"{hours} {hour}"


def amount(value: timedelta | Bound, language: Language) -> str:
    """A length of time, or how near a deadline must be."""
    return bound(value, language) if isinstance(value, Bound) else span(value, language)


def rate(limit: Rate, language: Language) -> str:
    """A limit on mails: `200 thư mỗi giờ` / `200 an hour`."""
    is_daily = limit.per == DAY
    if language is Language.VI:
        return f"{limit.count} thư mỗi {'ngày' if is_daily else 'giờ'}"
    return f"{limit.count} {'a day' if is_daily else 'an hour'}"


def rates(limit: Rates, language: Language) -> str:
    """All rates of one limit: `20 an hour and 60 a day`."""
    return listed([rate(each, language) for each in limit], language)


_RECKONED: Mapping[Language, Mapping[Reckoning, str]] = {
    Language.VI: {Reckoning.WORKING_HOURS: "trong {amount} làm việc", Reckoning.CLOCK: "trong {amount}"},
    Language.EN: {Reckoning.WORKING_HOURS: "within {amount} of working time", Reckoning.CLOCK: "within {amount}"},
}

_WORKING_DAYS = {Language.VI: "trong {n} ngày làm việc", Language.EN: "within {n} working {days}"}


def bound(limit: Bound, language: Language) -> str:
    """How near a deadline must be: `trong 1 ngày làm việc` / `within 4 h of working time`."""
    days, rest = divmod(limit.amount, DAY)
    if limit.reckoning is not Reckoning.WORKING_DAYS:
        said = f"{days} {_days(days, language)}" if not rest else span(limit.amount, language)
        return _RECKONED[language][limit.reckoning].format(amount=said)
    return _WORKING_DAYS[language].format(n=days, days=_days(days, language))


def _days(count: int, language: Language) -> str:
    if language is Language.VI:
        return "ngày"
    return "day" if count == 1 else "days"


def dates(first: date, last: date, language: Language) -> str:
    """A day, or a stretch of them: `thứ Hai, 16/02/2026 đến thứ Sáu, 20/02/2026`."""
    to = "đến" if language is Language.VI else "to"
    return day(first, language) if first == last else f"{day(first, language)} {to} {day(last, language)}"


def hours(spans: Iterable[Span], language: Language) -> str:
    """The open hours of a day: `08:00–12:00, 13:00–17:00`; without any: `nghỉ` / `closed`."""
    said = ", ".join(str(span).replace("-", "–") for span in spans)
    return said or ("nghỉ" if language is Language.VI else "closed")


def weekdays(days: Iterable[int], language: Language) -> str:
    """Days of the week, three or more neighbours joined: `thứ Hai đến thứ Sáu`, `Saturday and Sunday`."""
    to = "đến" if language is Language.VI else "to"
    names, parts = WEEKDAYS[language], list[str]()
    for run in _runs(sorted(days)):
        parts += [f"{names[run[0]]} {to} {names[run[-1]]}"] if len(run) > 2 else [names[each] for each in run]
    return listed(parts, language)


def listed(parts: Sequence[str], language: Language) -> str:
    """`a, b và c` / `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {'và' if language is Language.VI else 'and'} {parts[-1]}"


def _runs(days: Iterable[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for each in days:
        if runs and runs[-1][-1] == each - 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def capital(text: str) -> str:
    """As a sentence begins."""
    return text[:1].upper() + text[1:]


URGENCY: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {"normal": "bình thường", "urgent": "cần gấp", "emergency": "KHẨN CẤP"},
    Language.EN: {"normal": "normal", "urgent": "urgent", "emergency": "EMERGENCY"},
}
MARKS: Mapping[Language, Mapping[MarkKind, str]] = {
    Language.VI: {
        MarkKind.FLAGGED: "gắn cờ",
        MarkKind.KEYWORD: "từ khóa “{name}”",
        MarkKind.LABEL: "nhãn “{name}”",
        MarkKind.FOLDER: "chuyển vào thư mục “{name}”",
    },
    Language.EN: {
        MarkKind.FLAGGED: "flagged",
        MarkKind.KEYWORD: "keyword “{name}”",
        MarkKind.LABEL: "label “{name}”",
        MarkKind.FOLDER: "moved to the folder “{name}”",
    },
}


def mark(text: str, language: Language) -> str:
    """A mark as it is on record (`folder:Việc gấp`): `chuyển vào thư mục “Việc gấp”`."""
    found = Mark.parse(text)
    return MARKS[language][found.kind].format(name=found.name)


# --- "vào tối qua": when a message came, seen from the next workday -----------------------------------------------


class DayPart(StrEnum):
    SMALL_HOURS = "small hours"
    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


def day_part(at: datetime) -> DayPart:
    """The part of the day as Vietnamese speaks of it: rạng sáng, sáng, trưa, chiều, tối."""
    for until, part in ((5, DayPart.SMALL_HOURS), (11, DayPart.MORNING), (13, DayPart.NOON), (18, DayPart.AFTERNOON)):
        if at.hour < until:
            return part
    return DayPart.EVENING


PARTS_VI = {
    DayPart.SMALL_HOURS: "rạng sáng",
    DayPart.MORNING: "sáng",
    DayPart.NOON: "trưa",
    DayPart.AFTERNOON: "chiều",
    DayPart.EVENING: "tối",
}
PARTS_EN = {
    DayPart.SMALL_HOURS: "early morning",
    DayPart.MORNING: "morning",
    DayPart.NOON: "midday",
    DayPart.AFTERNOON: "afternoon",
    DayPart.EVENING: "evening",
}


def received(arrived: datetime, now: datetime, calendar: Calendar, language: Language) -> str:
    """When a message came, as one says it at `now`: `vào tối qua`, `vào sáng thứ Bảy`, `trong kỳ nghỉ Tết`."""
    arrived, now = arrived.astimezone(calendar.zone), now.astimezone(calendar.zone)
    closure = calendar.why_closed(arrived)
    days_ago = (now.date() - arrived.date()).days
    if closure is not None and closure.name and closure.why in (ClosedWhy.HOLIDAY, ClosedWhy.CLOSED_DAY):
        return _in_holiday(closure, language)
    holiday = _holiday_around(arrived, now, calendar)
    if holiday is not None and days_ago > 1:
        return _in_holiday(holiday, language)
    return _RECEIVED[language](arrived, days_ago)


def _in_holiday(closure: Closure, language: Language) -> str:
    several = closure.first != closure.last
    if language is Language.VI:
        return f"trong kỳ nghỉ {closure.name}" if several else f"vào ngày nghỉ {closure.name}"
    return f"during the {closure.name} holiday" if several else f"on the {closure.name} holiday"


def _holiday_around(arrived: datetime, now: datetime, calendar: Calendar) -> Closure | None:
    """A holiday of several days that the days of rest around it make one break with (the Saturday after Tết)."""
    period = calendar.closed_period(arrived)
    if period is None:
        return None
    at = period.start
    while at < (period.end or now):
        closure = calendar.why_closed(at)
        if closure is not None and closure.why is ClosedWhy.HOLIDAY and closure.first != closure.last:
            return closure if closure.first <= arrived.date() else None
        at += timedelta(days=1)
    return None


def _received_vi(arrived: datetime, days_ago: int) -> str:
    part = PARTS_VI[day_part(arrived)]
    if days_ago <= 0:
        return f"vào {part} nay"
    if days_ago == 1:
        return "vào tối qua" if day_part(arrived) is DayPart.EVENING else f"vào {part} hôm qua"
    if days_ago < 7:
        return f"vào {part} {WEEKDAYS[Language.VI][arrived.weekday()]}"
    return f"vào ngày {arrived:%d/%m/%Y}"


def _received_en(arrived: datetime, days_ago: int) -> str:
    part = PARTS_EN[day_part(arrived)]
    if days_ago <= 0:
        return f"this {part}" if day_part(arrived) is not DayPart.NOON else "at midday today"
    if days_ago == 1:
        return "last night" if day_part(arrived) is DayPart.EVENING else f"yesterday {part}"
    if days_ago < 7:
        return f"on {WEEKDAYS[Language.EN][arrived.weekday()]} {part}"
    return f"on {arrived.day} {MONTHS_EN[arrived.month - 1]} {arrived.year}"


_RECEIVED: Mapping[Language, Callable[[datetime, int], str]] = {
    Language.VI: _received_vi,
    Language.EN: _received_en,
}


# --- why the office is closed -------------------------------------------------------------------------------------

CLOSED: Mapping[Language, Mapping[ClosedWhy, str]] = {
    Language.VI: {
        ClosedWhy.BEFORE_HOURS: "trước giờ làm việc",
        ClosedWhy.AFTER_HOURS: "sau giờ làm việc",
        ClosedWhy.BREAK: "giờ nghỉ giữa hai ca làm việc",
        ClosedWhy.REST_DAY: "ngày nghỉ hằng tuần",
        ClosedWhy.HOLIDAY: "ngày lễ: {name}",
        ClosedWhy.CLOSED_DAY: "văn phòng nghỉ: {name}",
        ClosedWhy.SWAPPED_OFF: "ngày nghỉ hoán đổi",
        ClosedWhy.SHORT_DAY: "ngoài giờ của ngày làm việc đặc biệt: {name}",
    },
    Language.EN: {
        ClosedWhy.BEFORE_HOURS: "before office hours",
        ClosedWhy.AFTER_HOURS: "after office hours",
        ClosedWhy.BREAK: "break between office hours",
        ClosedWhy.REST_DAY: "weekly day of rest",
        ClosedWhy.HOLIDAY: "public holiday: {name}",
        ClosedWhy.CLOSED_DAY: "office closed: {name}",
        ClosedWhy.SWAPPED_OFF: "day off, swapped for another",
        ClosedWhy.SHORT_DAY: "outside the hours of a special day: {name}",
    },
}


def closed(closure: Closure, language: Language) -> str:
    """Why the office is closed, in a few words."""
    return CLOSED[language][closure.why].format(name=closure.name).rstrip(": ")


# --- reasons of a decision ----------------------------------------------------------------------------------------


class Reason(StrEnum):
    """Why a decision is what it is; worded for the manager in `SENTENCES`."""

    OPEN = "open"
    CLOSED = "closed"
    VETO = "veto"
    GROUP = "group"
    FORM = "form"
    EXCUSED = "excused"
    UNUSED_REPLY_TO = "unused_reply_to"
    DATE_AHEAD = "date_ahead"
    DATE_BEHIND = "date_behind"
    SIGNAL = "signal"
    SIGNAL_REFUSED = "signal_refused"
    DEADLINE = "deadline"
    DEADLINE_BEFORE_OPENING = "deadline_before_opening"
    SIGNAL_BY_DEADLINE = "signal_by_deadline"
    LEARNED = "learned"
    DOUBTFUL = "doubtful"
    PLAY = "play"
    NO_PLAY = "no_play"
    NO_REPLY_IN_PLAY = "no_reply_in_play"
    SILENCED = "silenced"
    THANKS_ONLY = "thanks_only"
    STALE = "stale"
    ANSWERED = "answered"
    OPENING_SOON = "opening_soon"
    PHONE_MATTERS = "phone_matters"
    HAD_REPLY = "had_reply"
    EMERGENCY_AFTER_GENERAL = "emergency_after_general"
    AGAIN_AFTER = "again_after"
    BOUNCED = "bounced"
    THREAD_CAP = "thread_cap"
    DOMAIN_CAP = "domain_cap"
    ACCOUNT_CAP = "account_cap"
    OFFICE_CAP = "office_cap"
    FOLLOW_UP_CAP = "follow_up_cap"
    ALERT_CAP = "alert_cap"
    SEEN_BEFORE = "seen_before"
    NO_OPENING = "no_opening"
    REPLY = "reply"
    FOLLOW_UP = "follow_up"
    ALERT = "alert"
    PROMISE = "promise"


CAUTION: Mapping[Language, str] = {  # of a guess that counts though it is less likely than not
    Language.VI: " (vẫn tính, để không bỏ sót thư nào như vậy)",
    Language.EN: " (it counts all the same, so that no such mail is missed)",
}
SENTENCES: Mapping[Language, Mapping[Reason, str]] = {
    Language.VI: {
        Reason.OPEN: "Thư đến {at}, trong giờ làm việc.",
        Reason.CLOSED: "Thư đến {at}, ngoài giờ ({why}); văn phòng mở cửa lại {next_open}.",
        Reason.VETO: "Không gửi gì tự động cho người gửi: {detail} ({signal}).",
        Reason.GROUP: "Thư đến qua địa chỉ nhóm {group} mà quy định cho phép (allow).",
        Reason.FORM: (
            "Thư đến từ biểu mẫu liên hệ {form} mà quy định cho phép (allow); địa chỉ khách điền là {customer}."
        ),
        Reason.EXCUSED: "Không tính dấu hiệu này vì quy định cho phép (allow): {detail} ({signal}).",
        Reason.UNUSED_REPLY_TO: "Trả lời đến {to}, không đến địa chỉ Reply-To {reply_to} vì có thể là của người khác.",
        Reason.DATE_AHEAD: "Không gửi gì tự động: ngày gửi ghi trên thư ({at}) muộn hơn quá nhiều so với lúc thư đến.",
        Reason.DATE_BEHIND: "Không gửi gì tự động: ngày gửi ghi trên thư ({at}) sớm hơn quá nhiều so với lúc thư đến.",
        Reason.SIGNAL: "Có từ “{word}” ({signal}) ở {where}.",
        Reason.SIGNAL_REFUSED: "Có từ “{word}” ({signal}) nhưng không tính: {by}.",
        Reason.DEADLINE: "Người gửi nhờ văn phòng làm trước {at} (“{text}”, ở {where}).",
        Reason.DEADLINE_BEFORE_OPENING: "Hạn ấy đến trước khi văn phòng mở cửa lại.",
        Reason.SIGNAL_BY_DEADLINE: "Hạn ấy đủ gần để tính là “{signal}” ({bound}).",
        Reason.LEARNED: "Máy đoán theo các thư mẫu: “{signal}”, khả năng {chance}{caution}{why}.",
        Reason.DOUBTFUL: "Tình huống “{play}” mới chỉ là phỏng đoán, chưa đủ chắc để chọn thư gửi khách.",
        Reason.PLAY: "Khớp tình huống “{play}”.",
        Reason.NO_PLAY: "Không khớp tình huống nào trong quy định.",
        Reason.NO_REPLY_IN_PLAY: "Các tình huống khớp không yêu cầu trả lời tự động.",
        Reason.SILENCED: "Tình huống “{play}” yêu cầu không gửi gì tự động cho khách.",
        Reason.THANKS_ONLY: "Thư chỉ là lời cảm ơn, không cần trả lời.",
        Reason.STALE: "Không trả lời tự động: khoảng thời gian mà thư đến đã qua.",
        Reason.ANSWERED: "Không trả lời tự động: văn phòng đã viết trong cuộc trao đổi này lúc {at}.",
        Reason.OPENING_SOON: "Không trả lời tự động: văn phòng mở cửa lại trong vòng {within}.",
        Reason.PHONE_MATTERS: "Vẫn trả lời dù sắp mở cửa, vì số điện thoại khẩn là quan trọng.",
        Reason.HAD_REPLY: "Không trả lời tự động lần nữa: người gửi đã nhận trả lời lúc {at} trong cùng lần đóng cửa.",
        Reason.EMERGENCY_AFTER_GENERAL: "Trả lời thêm một lần: trước đó là trả lời chung, lần này là việc khẩn cấp.",
        Reason.AGAIN_AFTER: "Không trả lời tự động: lần trước cách đây chưa tới {within}.",
        Reason.BOUNCED: "Không gửi gì tự động: thư văn phòng gửi đến địa chỉ này đã bị trả lại lúc {at}.",
        Reason.THREAD_CAP: "Không trả lời tự động: cuộc trao đổi này đã chạm giới hạn {limit}.",
        Reason.DOMAIN_CAP: "Không trả lời tự động: tên miền của người gửi (hoặc biểu mẫu) đã chạm giới hạn {limit}.",
        Reason.ACCOUNT_CAP: "Không trả lời tự động: hộp thư này đã chạm giới hạn {limit}.",
        Reason.OFFICE_CAP: "Không trả lời tự động: cả văn phòng đã chạm giới hạn {limit}.",
        Reason.FOLLOW_UP_CAP: "Không xếp thư trả lời của ngày làm việc tiếp theo: đã chạm giới hạn {limit}.",
        Reason.ALERT_CAP: "Không báo thêm: tin báo cho nhân viên đã chạm giới hạn {limit}.",
        Reason.SEEN_BEFORE: "Thư cũ: đã có từ trước khi theo dõi hộp thư này, hoặc đã được xét rồi; không làm gì thêm.",
        Reason.NO_OPENING: "Lịch không có ngày làm việc nào sắp tới; không hẹn được lúc trả lời.",
        Reason.REPLY: "Trả lời tự động bằng mẫu “{template}”.",
        Reason.FOLLOW_UP: "Xếp thư trả lời của ngày làm việc tiếp theo, {at}.",
        Reason.ALERT: "Báo cho {to}.",
        Reason.PROMISE: "Cần có người trả lời trước {at}.",
    },
    Language.EN: {
        Reason.OPEN: "Arrived {at}, during office hours.",
        Reason.CLOSED: "Arrived {at}, out of hours ({why}); the office opens again {next_open}.",
        Reason.VETO: "Nothing automatic goes to the sender: {detail} ({signal}).",
        Reason.GROUP: "Came through the group {group}, which the policy allows (allow).",
        Reason.FORM: "Came from the contact form {form}, which the policy allows (allow); it names {customer}.",
        Reason.EXCUSED: "This sign does not count, because the policy allows it (allow): {detail} ({signal}).",
        Reason.UNUSED_REPLY_TO: "The answer goes to {to}, not to the Reply-To {reply_to}: it may be somebody else's.",
        Reason.DATE_AHEAD: "Nothing automatic goes out: the message is dated {at}, too long after it arrived.",
        Reason.DATE_BEHIND: "Nothing automatic goes out: the message is dated {at}, too long before it arrived.",
        Reason.SIGNAL: "The word “{word}” ({signal}) stands in the {where}.",
        Reason.SIGNAL_REFUSED: "The word “{word}” ({signal}) is there but does not count: {by}.",
        Reason.DEADLINE: "The sender wants something of the office by {at} (“{text}” in the {where}).",
        Reason.DEADLINE_BEFORE_OPENING: "That is before the office opens again.",
        Reason.SIGNAL_BY_DEADLINE: "So near a deadline counts as “{signal}” ({bound}).",
        Reason.LEARNED: "A guess, learnt from sample mails: “{signal}”, {chance} likely{caution}{why}.",
        Reason.DOUBTFUL: "“{play}” is only a guess, and too doubtful to choose what the customer is sent.",
        Reason.PLAY: "Fits the play “{play}”.",
        Reason.NO_PLAY: "Fits no play of the policy.",
        Reason.NO_REPLY_IN_PLAY: "The plays that fit ask for no automatic reply.",
        Reason.SILENCED: "The play “{play}” asks that nothing automatic goes to the customer.",
        Reason.THANKS_ONLY: "The message is only a thank-you; none is needed back.",
        Reason.STALE: "No automatic reply: the time the message arrived in is over.",
        Reason.ANSWERED: "No automatic reply: the office wrote in this thread at {at}.",
        Reason.OPENING_SOON: "No automatic reply: the office opens within {within}.",
        Reason.PHONE_MATTERS: "Answered although the office opens soon, because the phone number matters.",
        Reason.HAD_REPLY: "No second automatic reply: the sender had one at {at} in the same closed time.",
        Reason.EMERGENCY_AFTER_GENERAL: "One more reply: the earlier one was general, this is an emergency.",
        Reason.AGAIN_AFTER: "No automatic reply: the last one was less than {within} ago.",
        Reason.BOUNCED: "Nothing automatic is sent: a mail of the office to this address came back at {at}.",
        Reason.THREAD_CAP: "No automatic reply: this conversation has had all the replies it may get ({limit}).",
        Reason.ACCOUNT_CAP: "No automatic reply: this mailbox has sent all the replies it may send ({limit}).",
        Reason.DOMAIN_CAP: "No automatic reply: this domain or form has had all the replies it may get ({limit}).",
        Reason.OFFICE_CAP: "No automatic reply: the whole office has sent all the replies it may send ({limit}).",
        Reason.FOLLOW_UP_CAP: "No follow-up: the limit is reached ({limit}).",
        Reason.ALERT_CAP: "No further alert: the limit of alerts is reached ({limit}).",
        Reason.SEEN_BEFORE: "An old message: from before our watch over this mailbox, or dealt with already.",
        Reason.NO_OPENING: "The calendar has no working time ahead; no time to answer can be named.",
        Reason.REPLY: "Automatic reply with the text “{template}”.",
        Reason.FOLLOW_UP: "The next-workday reply is queued for {at}.",
        Reason.ALERT: "Alert to {to}.",
        Reason.PROMISE: "A person should have answered by {at}.",
    },
}

WHERE: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {"subject": "tiêu đề", "body": "nội dung"},
    Language.EN: {"subject": "subject", "body": "body"},
}

REFUSED: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {
        "unless": "có cụm “{by}”",
        "negated": "bị phủ định (“{by}”)",
        "needs company": "từ ngắn không dấu, chưa rõ nghĩa",
        "condition": "mới là điều kiện, chưa xảy ra (“{by}”)",
        "over": "việc đã qua hoặc đã xong (“{by}”)",
        "reported": "chỉ trích dẫn hoặc nghe kể lại (“{by}”)",
        "offer": "nằm trong lời chào bán (“{by}”)",
        "name": "chỉ là tên gọi, phí, khóa học hoặc diễn tập (“{by}”)",
        "bait": "thư có dấu hiệu lừa lấy mật khẩu (“{by}”)",
        "outweighed": "chỉ là từ gợi ý, mà máy đoán thư khó có ý đó",
    },
    Language.EN: {
        "unless": "“{by}” is there",
        "negated": "it is negated (“{by}”)",
        "needs company": "a short word without accents, meaning unclear",
        "condition": "it is only a condition, not so yet (“{by}”)",
        "over": "it is past or settled (“{by}”)",
        "reported": "it is only quoted or hearsay (“{by}”)",
        "offer": "it stands in an offer (“{by}”)",
        "name": "it only names a thing, a fee, a course or a drill (“{by}”)",
        "bait": "the mail seems to be after a password (“{by}”)",
        "outweighed": "it is only a hint, and the guess takes it for unlikely",
    },
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one language and one zone."""

    language: Language
    calendar: Calendar

    def because(self, reason: Reason, **values: object) -> str:
        """One reason, worded; datetimes and lengths of time are said in the office's way."""
        said = {name: self._say(name, value) for name, value in values.items()}
        return SENTENCES[self.language][reason].format(**said)

    def _say(self, name: str, value: object) -> object:
        if name == "detail":
            return facts.said(str(value), self.language)
        if isinstance(value, datetime):
            return moment(value.astimezone(self.calendar.zone), self.language)
        if isinstance(value, timedelta | Bound):
            return amount(value, self.language)
        if isinstance(value, Rate):
            return rate(value, self.language)
        return value
