"""The words of one mail's story in both languages, as the terminal and the page tell it. Values only."""

from __future__ import annotations

from collections.abc import Mapping

from responder.mail.language import Language
from responder.mail.quoted_lines import CutKind

LABELS: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {
        "from": "Người gửi",
        "subject": "Tiêu đề",
        "received": "Thư đến",
        "urgency": "Mức độ",
        "situations": "Việc gì",
        "play": "Tình huống",
        "veto": "Không trả lời",
        "also": "Dấu hiệu khác",
        "nobody": "(không rõ)",
        "by_form": "{who}, qua biểu mẫu liên hệ {form}",
        "by_group": "{who}, qua địa chỉ nhóm {group}",
        "no_subject": "(không có tiêu đề)",
        "open": "{at}, trong giờ làm việc",
        "closed": "{at}, ngoài giờ ({why})",
        "next_open": "Mở cửa lại",
        "why": "Vì sao",
        "words": "Khách viết",
        "words_gone": "không còn được lưu từ {at} (`keep_text`)",
        "no_words": "(không có: thư trống, hoặc chỉ có tệp đính kèm hay thư cũ)",
        "what": "Việc sẽ làm",
        "nothing": "không làm gì",
        "text": "{kind}, gửi {to}",
        "text_subject": "Tiêu đề: {subject}",
        "day": "Trong ngày",
        "open_hours": "mở cửa {hours}",
        "closed_all_day": "nghỉ cả ngày",
        "cut": "Không tính vào lời khách",
        "lines": "{kind}, {count} dòng",
        "line": "{kind}, {count} dòng",
        "more": "… còn {count} dòng (--full để xem hết)",
        "plays": "Các tình huống đã xét",
        "chosen": "khớp; chọn thư trả lời “{template}”",
        "behind": "khớp; thư trả lời thì “{first}” đứng trước đã chọn",
        "doubtful": "khớp, nhưng mới là phỏng đoán: không chọn thư gửi khách",
        "held_back": "khớp, nhưng lần này không trả lời ngay (lý do ở trên)",
        "fits": "khớp",
        "limits": "Giới hạn, đã dùng trước thư này",
        "limits_unknown": "chưa biết: chỉ có một tệp thư, không có sổ ghi",
        "page": "Vì sao trả lời như vậy",
        "index": "Các thư",
    },
    Language.EN: {
        "from": "From",
        "subject": "Subject",
        "received": "Arrived",
        "urgency": "Urgency",
        "situations": "About",
        "play": "Play",
        "veto": "No answer",
        "also": "Also",
        "nobody": "(unknown)",
        "by_form": "{who}, by the contact form {form}",
        "by_group": "{who}, through the group {group}",
        "no_subject": "(no subject)",
        "open": "{at}, during office hours",
        "closed": "{at}, out of hours ({why})",
        "next_open": "Opens again",
        "why": "Why",
        "words": "The customer's words",
        "words_gone": "not kept since {at} (`keep_text`)",
        "no_words": "(none: the mail is empty, or has only attachments or quoted mail)",
        "what": "What is done",
        "nothing": "nothing",
        "text": "{kind}, to {to}",
        "text_subject": "Subject: {subject}",
        "day": "That day",
        "open_hours": "open {hours}",
        "closed_all_day": "closed all day",
        "cut": "Not counted as the customer's words",
        "lines": "{kind}, {count} lines",
        "line": "{kind}, {count} line",
        "more": "… {count} more lines (--full shows all)",
        "plays": "Plays tried",
        "chosen": "fits; chooses the reply “{template}”",
        "behind": "fits; “{first}” stands before it and chose the reply",
        "doubtful": "fits, but is only a guess: chooses nothing that a customer is sent",
        "held_back": "fits, but there is no reply this time (the reason stands above)",
        "fits": "fits",
        "limits": "Limits, used before this mail",
        "limits_unknown": "not known for a bare file",
        "page": "Why it was answered like that",
        "index": "Mails",
    },
}
URGENCY: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {"normal": "bình thường", "urgent": "cần gấp", "emergency": "KHẨN CẤP"},
    Language.EN: {"normal": "normal", "urgent": "urgent", "emergency": "EMERGENCY"},
}
LETTERS: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {
        "reply": "Trả lời tự động",
        "follow_up": "Thư của ngày làm việc tiếp theo",
        "draft": "Thư nháp của ngày làm việc tiếp theo (nhân viên xem rồi mới gửi)",
    },
    Language.EN: {
        "reply": "Automatic reply",
        "follow_up": "Next-workday reply",
        "draft": "Next-workday draft (staff read it, then send it)",
    },
}
ACTIONS: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {
        "reply": "trả lời {to} ngay bằng mẫu “{template}”",
        "follow_up": "gửi thư cho {to} bằng mẫu “{template}”, {due} (thôi, nếu trước đó đã có người trả lời)",
        "draft": "soạn sẵn thư nháp cho {to} bằng mẫu “{template}”, {due}, để nhân viên xem rồi gửi "
        "(thôi, nếu trước đó đã có người trả lời)",
        "alert": "báo ngay cho {to}",
        "mark": "đánh dấu thư ({template})",
        "promise": "có người trả lời trước {due}",
    },
    Language.EN: {
        "reply": "answer {to} at once with the text “{template}”",
        "follow_up": "send {to} the text “{template}”, {due} (unless somebody has answered before)",
        "draft": "lay a draft to {to} with the text “{template}” into Drafts, {due}, for staff to read and send "
        "(unless somebody has answered before)",
        "alert": "tell {to} at once",
        "mark": "mark the message ({template})",
        "promise": "a person answers by {due}",
    },
}
CUTS: Mapping[Language, Mapping[CutKind, str]] = {
    Language.VI: {
        CutKind.QUOTE: "thư cũ được trích lại",
        CutKind.FORWARD: "thư được chuyển tiếp",
        CutKind.SIGNATURE: "chữ ký",
        CutKind.DISCLAIMER: "lời từ chối trách nhiệm",
        CutKind.MOBILE_SIGNATURE: "chữ ký của điện thoại",
    },
    Language.EN: {
        CutKind.QUOTE: "quoted mail",
        CutKind.FORWARD: "forwarded mail",
        CutKind.SIGNATURE: "signature",
        CutKind.DISCLAIMER: "disclaimer",
        CutKind.MOBILE_SIGNATURE: "the telephone's signature",
    },
}
