"""The policy as told to customers, for a website or a welcome mail: from the very policy in force.

Values in, text or HTML out. Says only what the office keeps: that it does its best, not that it will; days that are
not certain are called so. Knows neither the clock nor which file the policy came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.calendar import Calendar, DayKind
from responder.policy.days import Stretch, differing
from responder.policy.model import EXAMPLE_PHONE, Office, Policy

AHEAD = timedelta(days=90)  # days off that are told
VIETNAM = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its lines."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """All that is said. `phone` is "" where the policy has none of its own."""

    language: Language
    title: str
    greeting: str
    parts: tuple[Part, ...]
    closing: str
    phone: str


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    our_office: str
    greeting: str
    hours: str
    zone: str
    vietnam: str
    days: str
    open: str
    expected: str
    answers: str
    promise: str
    working: str
    out_of_hours: str
    received: str
    automatic: str
    next_workday: str
    urgent: str
    call: str
    closing: str


_WORDS: Mapping[Language, _Words] = {
    Language.VI: _Words(
        title="Giờ làm việc của {office}",
        our_office="văn phòng",
        greeting="Cảm ơn quý khách đã tin tưởng và liên hệ với chúng tôi. Dưới đây là giờ làm việc và cách thức"
        " phản hồi của chúng tôi, để quý khách tiện sắp xếp.",
        hours="Giờ làm việc",
        zone="Giờ ghi theo múi giờ {zone}.",
        vietnam="",
        days="Ngày nghỉ và giờ làm việc đặc biệt sắp tới",
        open="mở cửa {hours}",
        expected="dự kiến",
        answers="Thời gian trả lời",
        promise="Chúng tôi cố gắng trả lời mọi thư và cuộc gọi trong vòng {amount}.",
        working="{amount} làm việc",
        out_of_hours="Ngoài giờ làm việc",
        received="Thư gửi ngoài giờ vẫn được tiếp nhận đầy đủ.",
        automatic="Thư gửi ngoài giờ vẫn được tiếp nhận đầy đủ, và thường có ngay một thư trả lời tự động.",
        next_workday="Chúng tôi cố gắng trả lời quý khách vào ngày làm việc tiếp theo.",
        urgent="Việc gấp",
        call="Nếu có việc gấp không thể chờ đến giờ làm việc, xin quý khách vui lòng gọi số {phone}.",
        closing="Giờ làm việc rõ ràng giúp chúng tôi có thời gian chuẩn bị kỹ, để mỗi yêu cầu của quý khách đều được"
        " xem xét cẩn thận.",
    ),
    Language.EN: _Words(
        title="Working hours of {office}",
        our_office="our office",
        greeting="Thank you for working with us. These are our hours and how we answer, so that you can plan ahead.",
        hours="Working hours",
        zone="All times are in the time zone {zone}.",
        vietnam="All times are Vietnam time.",
        days="Coming days off and special hours",
        open="open {hours}",
        expected="expected",
        answers="How soon we answer",
        promise="We do our best to answer every mail and call within {amount}.",
        working="{amount} of working time",
        out_of_hours="Out of hours",
        received="Mail that comes out of hours is received all the same.",
        automatic="Mail that comes out of hours is received all the same, usually with an automatic reply.",
        next_workday="We do our best to answer it on the next working day.",
        urgent="Urgent matters",
        call="If something cannot wait until then, please call {phone}.",
        closing="Clear hours give us the time to prepare well, so that each of your requests gets our full attention.",
    ),
}


def statement(policy: Policy, office: str, today: date, language: Language) -> Statement:
    """What customers are told; `office` is its name, or "", and `today` a date in its zone."""
    words = _WORDS[language]
    phone = policy.urgent_phone or ""
    phone = "" if phone == EXAMPLE_PHONE else phone
    return Statement(
        language=language,
        title=words.title.format(office=office or words.our_office),
        greeting=words.greeting,
        parts=tuple(part for part in _parts(policy, today, phone, language) if part.lines),
        closing=words.closing,
        phone=phone,
    )


def as_text(told: Statement) -> str:
    """For a terminal or a mail."""
    parts = ["\n".join((part.heading, *(f"  {line}" for line in part.lines))) for part in told.parts]
    return "\n\n".join((told.title, told.greeting, *parts, told.closing)) + "\n"


def as_html(told: Statement) -> str:
    """For a website: a small page whose one section can be taken out and put into another page."""
    digits = "".join(sign for sign in told.phone if sign in "+0123456789")
    return _environment().get_template("statement.html.j2").render(told=told, digits=digits)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("responder.policy"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


# ---------------------------------------------------------------- the parts


def _parts(policy: Policy, today: date, phone: str, language: Language) -> Iterator[Part]:
    words = _WORDS[language]
    yield Part(words.hours, (*_hours(policy, language), *_zone(policy, language)))
    yield Part(words.days, tuple(_days(policy, today, language)))
    yield Part(
        words.answers, (words.promise.format(amount=_amount(policy.promise, language)),) if policy.promise else ()
    )
    answered = any(play.do.reply and play.when.office is not Office.OPEN for play in policy.plays)
    yield Part(words.out_of_hours, (f"{words.automatic if answered else words.received} {words.next_workday}",))
    yield Part(words.urgent, (words.call.format(phone=phone),) if phone else ())


def _hours(policy: Policy, language: Language) -> Iterator[str]:
    """Days with the same hours together, the days of rest last."""
    week, by_hours = policy.week(), dict[str, list[int]]()
    for day in sorted(range(7), key=lambda day: (day not in week, day)):
        by_hours.setdefault(phrases.hours(week.get(day, ()), language), []).append(day)
    for hours, days in by_hours.items():
        yield f"{phrases.capital(phrases.weekdays(days, language))}: {hours}"


def _zone(policy: Policy, language: Language) -> Iterator[str]:
    words = _WORDS[language]
    said = words.vietnam if policy.timezone == VIETNAM else words.zone.format(zone=policy.timezone)
    if said:
        yield said


def _days(policy: Policy, today: date, language: Language) -> Iterator[str]:
    calendar = policy.calendar()
    without = Calendar(calendar.zone, policy.week(), ())
    for stretch in differing(without, calendar, today, today + AHEAD):
        yield _day(policy, stretch, language)


def _day(policy: Policy, stretch: Stretch, language: Language) -> str:
    words, rule = _WORDS[language], stretch.rule
    spans, name, kind = (rule.spans, rule.name, rule.kind) if rule else ((), "", None)
    hours = phrases.hours(spans, language)
    doubt = kind is DayKind.HOLIDAY and any(
        off.to_confirm for days, off in policy.holidays.items() if stretch.first in days
    )
    notes = ", ".join(note for note in (name, words.expected if doubt else "") if note)
    dates = phrases.capital(phrases.dates(stretch.first, stretch.last, language))
    return f"{dates}: {words.open.format(hours=hours) if spans else hours}" + (f" ({notes})" if notes else "")


def _amount(promise: timedelta, language: Language) -> str:
    """`24 giờ làm việc`, `24 working hours`."""
    hours, rest = divmod(promise, timedelta(hours=1))
    if language is Language.EN and not rest:
        return f"{hours} working hour{'' if hours == 1 else 's'}"
    return _WORDS[language].working.format(amount=phrases.span(promise, language))
