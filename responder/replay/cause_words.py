"""Why two policies do otherwise with a mail, in both languages of a policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.phrases import Reason
from responder.replay.differences import Cause, Group

HELD: Mapping[Language, Mapping[Reason, str]] = {
    Language.VI: {
        Reason.HAD_REPLY: "khách đã nhận trả lời trong cùng lần đóng cửa",
        Reason.AGAIN_AFTER: "khách mới nhận trả lời cách đó chưa lâu",
        Reason.ANSWERED: "văn phòng vừa viết cho khách",
        Reason.OPENING_SOON: "văn phòng sắp mở cửa",
        Reason.STALE: "thư đến từ lần đóng cửa trước",
        Reason.BOUNCED: "thư gửi đến địa chỉ này từng bị trả lại",
        Reason.DATE_AHEAD: "ngày ghi trên thư muộn hơn lúc thư đến",
        Reason.DATE_BEHIND: "ngày ghi trên thư quá cũ",
        Reason.THANKS_ONLY: "thư chỉ là lời cảm ơn",
        Reason.SILENCED: "quy định yêu cầu không gửi",
        Reason.SEEN_BEFORE: "thư trùng với một thư đã xem",
        Reason.THREAD_CAP: "đã đủ số thư cho một cuộc trao đổi",
        Reason.DOMAIN_CAP: "đã đủ số thư cho một công ty",
        Reason.ACCOUNT_CAP: "đã đủ số thư cho hộp thư này",
        Reason.OFFICE_CAP: "đã đủ số thư cho cả văn phòng",
        Reason.FOLLOW_UP_CAP: "đã đủ số thư của ngày làm việc tiếp theo",
        Reason.ALERT_CAP: "đã đủ số lần báo cho nhân viên",
    },
    Language.EN: {
        Reason.HAD_REPLY: "they had a reply while the office was closed",
        Reason.AGAIN_AFTER: "they had a reply shortly before",
        Reason.ANSWERED: "the office had just written to them",
        Reason.OPENING_SOON: "the office was about to open",
        Reason.STALE: "the mail was from an earlier closed time",
        Reason.BOUNCED: "mail to that address had come back",
        Reason.DATE_AHEAD: "the mail is dated after it came",
        Reason.DATE_BEHIND: "the mail is dated too long ago",
        Reason.THANKS_ONLY: "it only says thank you",
        Reason.SILENCED: "the policy asks for silence",
        Reason.SEEN_BEFORE: "it is a copy of a mail that came before",
        Reason.THREAD_CAP: "the limit of one conversation",
        Reason.DOMAIN_CAP: "the limit of one company",
        Reason.ACCOUNT_CAP: "the limit of this mailbox",
        Reason.OFFICE_CAP: "the limit of the whole office",
        Reason.FOLLOW_UP_CAP: "the limit of next-workday mails",
        Reason.ALERT_CAP: "the limit of alerts",
    },
}

CAUSES: Mapping[Language, Mapping[Cause, str]] = {
    Language.VI: {
        Cause.OPEN_NOW: "{day} nay là giờ làm việc",
        Cause.CLOSED_NOW: "{day} nay văn phòng nghỉ ({why})",
        Cause.VETO: "việc có trả lời người gửi hay không nay được xét khác",
        Cause.WORD_ADDED: "có thêm từ “{word}” ({signal})",
        Cause.WORD_GONE: "không còn từ “{word}” ({signal})",
        Cause.REFUSED: "từ “{word}” ({signal}) không được tính nữa",
        Cause.COUNTS_AGAIN: "từ “{word}” ({signal}) nay được tính",
        Cause.SIGNAL_ADDED: "nay hiểu là “{signal}” ({by})",
        Cause.SIGNAL_GONE: "không còn hiểu là “{signal}” ({by})",
        Cause.OPENS_AT: "văn phòng mở cửa lại vào {at}",
        Cause.PLAY: "tình huống khác: “{before}” → “{after}”",
        Cause.HELD_BACK: "nay không gửi vì {why}",
        Cause.LET_GO: "không còn bị giữ lại vì {why}",
        Cause.OTHER: "tình huống ấy nay yêu cầu việc khác",
    },
    Language.EN: {
        Cause.OPEN_NOW: "{day} becomes open",
        Cause.CLOSED_NOW: "{day} becomes closed ({why})",
        Cause.VETO: "whether the sender may be answered is seen differently",
        Cause.WORD_ADDED: "word “{word}” added to {signal}",
        Cause.WORD_GONE: "word “{word}” taken out of {signal}",
        Cause.REFUSED: "word “{word}” ({signal}) does not count any more",
        Cause.COUNTS_AGAIN: "word “{word}” ({signal}) counts now",
        Cause.SIGNAL_ADDED: "understood as {signal} now ({by})",
        Cause.SIGNAL_GONE: "not understood as {signal} any more ({by})",
        Cause.OPENS_AT: "the office opens again on {at}",
        Cause.PLAY: "another play: “{before}” → “{after}”",
        Cause.HELD_BACK: "held back now, because {why}",
        Cause.LET_GO: "no longer held back because {why}",
        Cause.OTHER: "the play asks for something else",
    },
}
BY: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {"words": "theo từ ngữ", "deadline": "theo hạn trong thư", "learned": "máy đoán"},
    Language.EN: {"words": "by its words", "deadline": "by a deadline", "learned": "guessed"},
}
NO_PLAY: Mapping[Language, str] = {Language.VI: "không có", Language.EN: "none"}
NEVER: Mapping[Language, str] = {Language.VI: "(chưa thấy giờ mở cửa)", Language.EN: "(no opening in sight)"}
ON_DAYS: Mapping[Language, str] = {Language.VI: "{day} ({number} ngày)", Language.EN: "{day} (on {number} days)"}
AT_TIMES: Mapping[Language, str] = {
    Language.VI: "{day}, {time} ({number} lần)",
    Language.EN: "{day}, {time} ({number} times)",
}


def cause_said(group: Group, language: Language, *, days: int = 1) -> str:
    """`word “gấp” added to urgent`; `days`: on how many of them, all of that weekday."""
    return CAUSES[language][group.cause].format(**_values(group, language, days))


def _values(group: Group, language: Language, days: int) -> dict[str, str]:
    match group.cause:
        case Cause.OPEN_NOW | Cause.CLOSED_NOW:
            day, why = group.what
            return {"day": _day(date.fromisoformat(day), language, days), "why": why}
        case Cause.WORD_ADDED | Cause.WORD_GONE | Cause.REFUSED | Cause.COUNTS_AGAIN:
            signal, word = group.what
            return {"signal": signal, "word": word}
        case Cause.SIGNAL_ADDED | Cause.SIGNAL_GONE:
            signal, by = group.what
            return {"signal": signal, "by": BY[language][by]}
        case Cause.OPENS_AT:
            (opening,) = group.what
            return {"at": _opening(datetime.fromisoformat(opening), language, days) if opening else NEVER[language]}
        case Cause.PLAY:
            before, after = (each or NO_PLAY[language] for each in group.what)
            return {"before": before, "after": after}
        case Cause.HELD_BACK | Cause.LET_GO:
            return {"why": HELD[language][Reason(group.what[0])]}
        case Cause.VETO | Cause.OTHER:
            return {}


def _day(at: date, language: Language, days: int) -> str:
    if days == 1:
        return phrases.day(at, language)
    return ON_DAYS[language].format(day=phrases.WEEKDAYS[language][at.weekday()], number=days)


def _opening(at: datetime, language: Language, days: int) -> str:
    if days == 1:
        return phrases.moment(at, language)
    weekday = phrases.WEEKDAYS[language][at.weekday()]
    return AT_TIMES[language].format(day=weekday, time=f"{at:%H:%M}", number=days)
