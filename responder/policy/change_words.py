"""The words of `changes.py`, in Vietnamese and English.

One dataclass for both languages, so that neither can lack a word the other has. Keys that `labels` does not know are
named as they stand in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from responder.mail.language import Language


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is said of a change."""

    now: str  # one value in place of another
    rewritten: str
    none: str
    yes: str
    no: str
    more: str
    languages: Mapping[Language, str]
    labels: Mapping[str, str]
    values: Mapping[tuple[str, str], str]  # of a label, as people say them

    # days
    hours: str
    opens: str
    closed: str
    special: str
    ordinary: str
    confirmed: str
    to_confirm: str

    # lists of words
    added: str
    taken_out: str
    new_signal: str
    signal_gone: str
    signal_renamed: str
    signal: str
    hints: str
    exceptions: str

    # plays
    new_play: str
    play_gone: str
    play_renamed: str
    play: str
    order: str

    # texts
    new_text: str
    text_gone: str
    text: str


VI = Words(
    now="{what}: nay là {new} (trước đây: {old})",
    rewritten="Mục `{key}` được viết lại, ý nghĩa không đổi.",
    none="không có",
    yes="có",
    no="không",
    more="và {n} mục nữa",
    languages={Language.VI: "tiếng Việt", Language.EN: "tiếng Anh"},
    labels={
        "language": "Ngôn ngữ của văn phòng",
        "timezone": "Múi giờ",
        "promise": "Hạn trả lời thư, tính theo giờ làm việc",
        "urgent_phone": "Số điện thoại cho việc gấp",
        "learned": "Phỏng đoán theo thư mẫu khi từ ngữ không nói gì",
        "follow_up.as": "Thư của ngày làm việc tiếp theo",
        "follow_up.after": "Thời gian chờ trước khi thư của ngày làm việc tiếp theo được tự gửi",
        "digest.to": "Người nhận báo cáo hằng ngày",
        "digest.at": "Lúc gửi báo cáo hằng ngày",
        "limits.per_sender": "Thư tự động cho mỗi người gửi",
        "limits.again_after": "Khoảng cách tối thiểu giữa hai thư tự động cho cùng một người",
        "limits.per_thread": "Thư tự động trong cùng một cuộc trao đổi, tối đa",
        "limits.per_domain": "Thư tự động cho cùng một tên miền, tối đa",
        "limits.account": "Thư tự động của hộp thư này, tối đa",
        "limits.office": "Thư tự động của cả văn phòng, tối đa",
        "limits.alerts": "Tin báo cho nhân viên, tối đa",
        "quiet_after_answer": "Thời gian không trả lời tự động sau khi nhân viên viết cho khách",
        "opening_soon": "Không trả lời tự động nếu còn ít hơn chừng này là mở cửa",
        "examples": "Ví dụ",
        "never_answer": "Địa chỉ không bao giờ nhận thư tự động",
        "allow.lists": "Nhóm thư của văn phòng mà khách viết qua",
        "allow.forms": "Địa chỉ của biểu mẫu liên hệ",
        "allow.reply_to": "Địa chỉ Reply-To khác tên miền vẫn được trả lời",
        "allow.bcc": "Trả lời cả thư không ghi địa chỉ của văn phòng ở phần người nhận",
        "when.office": "văn phòng",
        "when.signal": "nhóm từ ngữ",
        "when.deadline": "khách cần",
        "when.sender": "người gửi",
        "when.to": "địa chỉ nhận",
        "when.first_contact": "lần đầu viết đến",
        "do.reply": "trả lời ngay",
        "do.follow_up": "thư của ngày làm việc tiếp theo",
        "do.alert": "người được báo",
        "do.mark": "đánh dấu",
        "do.promise": "hạn trả lời riêng",
        "do.silence": "không gửi gì tự động cho khách",
        "phone_matters": "trả lời dù văn phòng sắp mở cửa",
    },
    values={
        ("follow_up.as", "draft"): "thư nháp",
        ("follow_up.as", "send"): "tự gửi",
        ("digest.at", "opening"): "giờ mở cửa",
        ("limits.per_sender", "1 per closed period"): "một thư cho mỗi lần văn phòng đóng cửa",
        ("when.office", "open"): "đang mở cửa",
        ("when.office", "closed"): "đã đóng cửa",
        ("examples.at", "open"): "trong giờ",
        ("examples.at", "closed"): "ngoài giờ",
    },
    hours="{days}: nay {new} (trước đây: {old}).",
    opens="mở cửa {hours}",
    closed="{dates}: nghỉ{why}.",
    special="{dates}: nay mở cửa {hours}{why}.",
    ordinary="{dates}: nay theo giờ làm việc trong tuần{hours}.",
    confirmed="{dates}: đã xác nhận ({name}).",
    to_confirm="{dates}: còn phải xác nhận ({why}).",
    added="thêm {n} mục ({listed})",
    taken_out="bỏ {n} mục ({listed})",
    new_signal="Thêm nhóm từ ngữ “{name}”: {n} từ ({listed}).",
    signal_gone="Bỏ nhóm từ ngữ “{name}”.",
    signal_renamed="Nhóm từ ngữ “{old}” nay có tên “{new}”.",
    signal="Nhóm từ ngữ “{name}”",
    hints="từ gợi ý (hints): {diff}",
    exceptions="cụm từ loại trừ (unless): {diff}",
    new_play="Thêm tình huống “{name}” ở vị trí {place}: {what}.",
    play_gone="Bỏ tình huống “{name}”.",
    play_renamed="Tình huống “{old}” nay có tên “{new}”.",
    play="Tình huống “{name}”, {what}.",
    order="Thứ tự các tình huống nay là: {names}.",
    new_text="Thêm lời thư “{name}” ({language}).",
    text_gone="Bỏ lời thư “{name}” ({language}).",
    text="Lời thư “{name}” ({language}) đã được sửa.",
)

EN = Words(
    now="{what}: now {new} (before: {old})",
    rewritten="`{key}` is written in another way and means the same.",
    none="none",
    yes="yes",
    no="no",
    more="and {n} more",
    languages={Language.VI: "Vietnamese", Language.EN: "English"},
    labels={
        "language": "Language of the office",
        "timezone": "Time zone",
        "promise": "Mail is to be answered within this working time",
        "urgent_phone": "Phone for urgent matters",
        "learned": "A guess, learnt from sample mails, where the words are silent",
        "follow_up.as": "Next-workday answers",
        "follow_up.after": "Wait before next-workday answers are sent by themselves",
        "digest.to": "Who gets the daily report",
        "digest.at": "Time of the daily report",
        "limits.per_sender": "Automatic replies to one sender",
        "limits.again_after": "Least time between two automatic replies to the same sender",
        "limits.per_thread": "Limit of automatic replies in one conversation",
        "limits.per_domain": "Limit of automatic replies to one domain",
        "limits.account": "Limit of automatic replies of this mailbox",
        "limits.office": "Limit of automatic replies of the whole office",
        "limits.alerts": "Limit of alerts to the staff",
        "quiet_after_answer": "Time without automatic replies after a person has written",
        "opening_soon": "No automatic reply if less than this is left until the office opens",
        "examples": "Examples",
        "never_answer": "Addresses that never get anything automatic",
        "allow.lists": "The office's groups through which customers write",
        "allow.forms": "Addresses of contact forms",
        "allow.reply_to": "Reply-To addresses of another domain that are written to",
        "allow.bcc": "Mail in which no address of the office stands is answered",
        "when.office": "office",
        "when.signal": "group of words",
        "when.deadline": "wanted",
        "when.sender": "sender",
        "when.to": "address written to",
        "when.first_contact": "first contact",
        "do.reply": "reply at once",
        "do.follow_up": "next-workday answer",
        "do.alert": "who is told",
        "do.mark": "mark",
        "do.promise": "time to answer",
        "do.silence": "nothing automatic to the customer",
        "phone_matters": "reply even if the office opens soon",
    },
    values={
        ("follow_up.as", "draft"): "laid into Drafts",
        ("follow_up.as", "send"): "sent by themselves",
        ("digest.at", "opening"): "when the office opens",
        ("limits.per_sender", "1 per closed period"): "one for each closed time",
        ("when.office", "open"): "open",
        ("when.office", "closed"): "closed",
        ("examples.at", "open"): "in hours",
        ("examples.at", "closed"): "out of hours",
    },
    hours="{days}: now {new} (before: {old}).",
    opens="open {hours}",
    closed="{dates}: now closed{why}.",
    special="{dates}: now open {hours}{why}.",
    ordinary="{dates}: the hours of the week hold again{hours}.",
    confirmed="{dates}: confirmed ({name}).",
    to_confirm="{dates}: still to be confirmed ({why}).",
    added="{n} added ({listed})",
    taken_out="{n} taken out ({listed})",
    new_signal="New group of words “{name}”: {n} words ({listed}).",
    signal_gone="The group of words “{name}” was taken out.",
    signal_renamed="The group of words “{old}” is now called “{new}”.",
    signal="Words of “{name}”",
    hints="hints: {diff}",
    exceptions="exceptions (unless): {diff}",
    new_play="New play “{name}”, no. {place} in the list: {what}.",
    play_gone="The play “{name}” was taken out.",
    play_renamed="The play “{old}” is now called “{new}”.",
    play="Play “{name}”, {what}.",
    order="The plays stand in another order: {names}.",
    new_text="New text “{name}” ({language}).",
    text_gone="The text “{name}” ({language}) was taken out.",
    text="The text “{name}” ({language}) was changed.",
)

WORDS: Mapping[Language, Words] = {Language.VI: VI, Language.EN: EN}
