"""How far each limit was used up when a message was decided. Values and their words; nothing is counted here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from responder.mail.language import Language
from responder.policy.model import DAY, Limits, PerSender, Rates, Used


class Limit(StrEnum):
    """The keys of `limits` that hold back a mail."""

    PER_SENDER = "per_sender"
    PER_THREAD = "per_thread"
    PER_DOMAIN = "per_domain"
    ACCOUNT = "account"
    OFFICE = "office"
    ALERTS = "alerts"


class Per(StrEnum):
    """In what time a limit counts."""

    CLOSED_PERIOD = "closed period"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Usage:
    """So many were used of one limit; `used` is None where nothing is known, as of a bare file."""

    limit: Limit
    used: int | None
    most: int
    per: Per


def of_sender(limits: Limits, replies: int) -> Usage:
    """Replies the sender has had in this closed period (in office hours: within `again_after`)."""
    most = {PerSender.ONCE_PER_CLOSED_PERIOD: 1}[limits.per_sender]
    return Usage(Limit.PER_SENDER, replies, most, Per.CLOSED_PERIOD)


def of_rates(limit: Limit, rates: Rates, used: Used) -> Iterator[Usage]:
    """One for each rate of the limit."""
    for rate in rates:
        yield Usage(limit, used.within(rate.per), rate.count, Per.DAY if rate.per == DAY else Per.HOUR)


NAMES: Mapping[Language, Mapping[Limit, str]] = {
    Language.VI: {
        Limit.PER_SENDER: "người gửi này",
        Limit.PER_THREAD: "cuộc trao đổi này",
        Limit.PER_DOMAIN: "tên miền của người gửi",
        Limit.ACCOUNT: "hộp thư này",
        Limit.OFFICE: "cả văn phòng",
        Limit.ALERTS: "tin báo cho nhân viên",
    },
    Language.EN: {
        Limit.PER_SENDER: "this sender",
        Limit.PER_THREAD: "this conversation",
        Limit.PER_DOMAIN: "the sender's domain",
        Limit.ACCOUNT: "this mailbox",
        Limit.OFFICE: "the whole office",
        Limit.ALERTS: "alerts to staff",
    },
}
PERS: Mapping[Language, Mapping[Per, str]] = {
    Language.VI: {Per.CLOSED_PERIOD: "lần đóng cửa này", Per.HOUR: "giờ qua", Per.DAY: "ngày qua"},
    Language.EN: {Per.CLOSED_PERIOD: "closed time", Per.HOUR: "hour", Per.DAY: "day"},
}
COUNTED: Mapping[Language, str] = {
    Language.VI: "{used} trên {most} trong {per}",
    Language.EN: "{used} of {most} in this {per}",
}


def said(usage: Usage, language: Language) -> str:
    """`0 trên 3 trong ngày qua`; without what is not known: `tối đa 3 …` is told by the caller."""
    return COUNTED[language].format(used=usage.used, most=usage.most, per=PERS[language][usage.per])
