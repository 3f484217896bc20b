"""What `responder replay` says, in both languages of a policy."""

from __future__ import annotations

from collections.abc import Mapping

from responder.mail.language import Language
from responder.replay.differences import Effect

LABELS: Mapping[Language, Mapping[str, str]] = {
    Language.VI: {
        "title": "Thử lại trên thư cũ, theo {policy}",
        "broken_off": "(dừng giữa chừng: mới xem {done} trên {total} thư)",
        "nothing": "Không có thư nào trong khoảng thời gian này.",
        "mails": "Thư đến",
        "machines": "máy gửi, đồng nghiệp: không trả lời",
        "people": "khách viết",
        "closed": "ngoài giờ làm việc",
        "answers": "Văn phòng đã viết",
        "broken": "Không đọc được",
        "would": "Lẽ ra máy đã làm",
        "reply": "trả lời tự động",
        "follow_up": "thư của ngày làm việc tiếp theo",
        "alert": "báo ngay cho người trực",
        "mark": "đánh dấu thư",
        "held": "Không gửi, vì",
        "hours": "Giờ khách viết",
        "weekdays": "Thứ trong tuần",
        "busiest": "Người viết nhiều nhất",
        "list": "Những gì lẽ ra đã gửi",
        "more": "… và {number} thư nữa; xem hết bằng `--list --limit 0`",
        "against": "Nếu đổi từ {policy} sang {other}",
        "same": "{total} thư đã xem, không thư nào bị xử lý khác đi.",
        "differ": "{number} trên {total} thư sẽ được xử lý khác đi.",
        "more_alike": "… và {number} thư như vậy",
        "before": "trước",
        "after": "sau",
        "none": "không gửi gì",
        "no_subject": "(không có tiêu đề)",
        "no_sender": "(không rõ)",
        "why": "vì",
    },
    Language.EN: {
        "title": "Old mail tried again, under {policy}",
        "broken_off": "(broken off: {done} of {total} mails looked at)",
        "nothing": "There is no mail in this time.",
        "mails": "Mails that came",
        "machines": "by machines and colleagues: not answered",
        "people": "by customers",
        "closed": "outside office hours",
        "answers": "Written by the office",
        "broken": "Not readable",
        "would": "It would have",
        "reply": "answered at once",
        "follow_up": "written on the next workday",
        "alert": "told staff at once",
        "mark": "marked",
        "held": "Nothing sent, because",
        "hours": "Hours customers write at",
        "weekdays": "Days they write on",
        "busiest": "Who writes most",
        "list": "What would have been sent",
        "more": "… and {number} more; all with `--list --limit 0`",
        "against": "If {policy} gave way to {other}",
        "same": "{total} mails looked at, none would be treated differently.",
        "differ": "{number} of {total} mails would be treated differently.",
        "more_alike": "… and {number} more like these",
        "before": "before",
        "after": "after",
        "none": "nothing sent",
        "no_subject": "(no subject)",
        "no_sender": "(unknown)",
        "why": "why",
    },
}

WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    Language.VI: ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"),
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}

EFFECTS: Mapping[Language, Mapping[Effect, str]] = {
    Language.VI: {
        Effect.URGENCY: "{number} thư thành {to}",
        Effect.REPLY_ADDED: "{number} thư được trả lời tự động bằng mẫu “{to}”",
        Effect.REPLY_GONE: "{number} thư không còn được trả lời tự động (mẫu “{to}”)",
        Effect.REPLY_OTHER: "{number} thư được trả lời bằng mẫu “{to}”",
        Effect.FOLLOW_UP_ADDED: "{number} thư được hẹn viết lại bằng mẫu “{to}”",
        Effect.FOLLOW_UP_GONE: "{number} thư không còn được hẹn viết lại (mẫu “{to}”)",
        Effect.ALERT_ADDED: "{number} thư được báo ngay cho {to}",
        Effect.ALERT_GONE: "{number} thư không còn được báo ngay cho {to}",
        Effect.OTHER: "{number} thư có đánh dấu, hẹn giờ hoặc lời hứa khác",
    },
    Language.EN: {
        Effect.URGENCY: "{number} become {to}",
        Effect.REPLY_ADDED: "{number} get the reply “{to}”",
        Effect.REPLY_GONE: "{number} no longer get the reply “{to}”",
        Effect.REPLY_OTHER: "{number} get the reply “{to}” instead",
        Effect.FOLLOW_UP_ADDED: "{number} get the next-workday mail “{to}”",
        Effect.FOLLOW_UP_GONE: "{number} no longer get the next-workday mail “{to}”",
        Effect.ALERT_ADDED: "{number} alert {to}",
        Effect.ALERT_GONE: "{number} no longer alert {to}",
        Effect.OTHER: "{number} get other marks, times or promises",
    },
}
