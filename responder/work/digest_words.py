"""The words of the daily digest, in Vietnamese and English.

Only words: which of them are said, and when, is decided in `digest_view.py`.
One dataclass for both languages, so that neither can lack a word the other has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from responder.config import Mode
from responder.errors import TroubleKind
from responder.mail.automatic import Sign
from responder.mail.language import Language
from responder.policy.meaning import Urgency
from responder.policy.phrases import Reason
from responder.policy.proposals import Kind
from responder.store.records import EventKind, OutboxKind, OutboxState


class Count(NamedTuple):
    """A noun with its number; Vietnamese has one form."""

    one: str
    many: str

    def of(self, number: int) -> str:
        return (self.one if number == 1 else self.many).format(n=number)


def _same(text: str) -> Count:
    return Count(text, text)


class Advice(NamedTuple):
    """What is wrong, and what to do about it."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Words:
    """Everything the digest says of itself."""

    # the top
    subject: str
    title: str
    period: str
    to_answer: Count
    urgent_among: Count
    to_check: Count
    drafts_ready: Count
    quiet: str
    not_counted: str
    first: str
    after_a_gap: str
    not_read_since: str
    never_read: str
    observing: str
    because: str  # of a pause, if a reason was given
    paused: str
    paused_until: str

    # sections
    needs: str
    trouble: str
    drafts: str
    drafts_hint: str
    sent: str
    withheld: str
    go_live: str
    resume: str
    was_withheld: str
    unanswered: str
    figures: str
    more: Count
    where_all_are: str

    # one message, one mail
    urgency: Mapping[str, str]
    came: str
    due: str
    marked: str
    left: str
    due_now: str
    late: str
    late_just_now: str
    no_sender: str
    kinds: Mapping[OutboxKind, str]
    sent_at: str
    to: str

    # trouble
    quarantined: Advice
    find_by_time: str
    mails: Mapping[OutboxState, Advice]
    staff_failed: Advice
    came_back: Advice  # mail that persons of the office wrote
    kinds_of_trouble: Mapping[TroubleKind, Advice]
    other_trouble: Advice
    still: str
    ended: str
    happened: str
    times: Count
    detail: str
    do: str

    # why no automatic reply
    reasons: Mapping[Reason, str]
    vetoes: Mapping[Sign, str]
    other_reason: str
    held_back: Count  # after a domain's name or an address

    # alarms, and what people did
    alarms: str
    raised: str
    known_by: str
    known_by_nobody: str
    alarm_is_over: str
    events: str
    event_by: str
    kinds_of_event: Mapping[EventKind, str]
    events_without_text: Mapping[EventKind, str]
    modes: Mapping[Mode, str]

    # what staff judged otherwise, and what that suggests
    otherwise: str
    raised_by_staff: Count
    lowered_by_staff: Count
    suggest: str
    proposed: Mapping[Kind, str]
    speak: str
    no_pattern: str

    # figures
    messages: str
    out_of_hours: str
    urgent: str
    replies: str
    alerts: str
    handled: str
    average: str
    average_value: str

    def pause(self, reason: str, until: str) -> str:
        """That there is one, with its reason and its end where there are any."""
        why = self.because.format(reason=reason) if reason else ""
        return self.paused_until.format(why=why, at=until) if until else self.paused.format(why=why)


VI = Words(
    subject="{headline} – Báo cáo hộp thư {office}, {day}",
    title="Báo cáo hộp thư",
    period="Tính từ {since} đến {until}.",
    to_answer=_same("{n} thư cần trả lời"),
    urgent_among=_same("{n} thư gấp"),
    to_check=_same("{n} việc cần kiểm tra"),
    drafts_ready=_same("{n} thư nháp đã soạn sẵn"),
    quiet="Không có thư nào đang chờ trả lời",
    not_counted="Quy định chưa ghi thời hạn trả lời (promise), nên báo cáo không theo dõi được thư nào còn chờ.",
    first="Đây là báo cáo đầu tiên của hộp thư này.",
    after_a_gap="Báo cáo trước được lập {last}; báo cáo này gộp tất cả từ lúc đó.",
    not_read_since="Hộp thư được đọc lần cuối {at}. Thư đến sau lúc đó chưa có trong báo cáo này.",
    never_read="Hộp thư chưa được đọc lần nào.",
    observing="Đang chạy thử: không có thư tự động nào được gửi cho khách.",
    because=" (lý do: {reason})",
    paused="Thư tự động gửi khách đang tạm ngừng{why}. Để gửi lại, chạy lệnh: responder resume",
    paused_until="Thư tự động gửi khách đang tạm ngừng đến {at}{why}. Để gửi lại sớm hơn, chạy lệnh: responder resume",
    needs="Thư cần trả lời",
    trouble="Sự cố và việc cần kiểm tra",
    drafts="Thư nháp đã soạn sẵn",
    drafts_hint="Các thư này nằm trong mục Thư nháp: xin xem lại, sửa nếu cần, rồi gửi.",
    sent="Đã gửi tự động",
    withheld="Thư lẽ ra đã được gửi",
    go_live="Đang chạy thử nên các thư này không được gửi. Để gửi thật, đổi mode: observe thành mode: live "
    "trong config.yaml, rồi chạy: systemctl reload responder",
    resume="Thư tự động đang tạm ngừng nên các thư này không được gửi. Để gửi lại, chạy lệnh: responder resume",
    was_withheld="Các thư này không được gửi, vì lúc đó đang chạy thử hoặc tạm ngừng.",
    unanswered="Thư ngoài giờ không có trả lời tự động",
    figures="Số liệu trong kỳ",
    more=_same("và {n} mục nữa"),
    where_all_are="xem đủ bằng lệnh responder queue và responder ledger --since {day}",
    urgency={Urgency.EMERGENCY: "KHẨN CẤP", Urgency.URGENT: "GẤP"},
    came="Đến: {at}",
    due="Hạn trả lời: {at}",
    marked="Trong hộp thư: {how}",
    left="Còn {span} làm việc",
    due_now="Đến hạn ngay bây giờ",
    late="Quá hạn {span} làm việc",
    late_just_now="Vừa quá hạn",
    no_sender="(không rõ người gửi)",
    kinds={
        OutboxKind.REPLY: "Trả lời tự động",
        OutboxKind.FOLLOW_UP: "Thư trả lời của ngày làm việc tiếp theo",
        OutboxKind.ALERT: "Tin báo cho nhân viên",
        OutboxKind.DIGEST: "Báo cáo hằng ngày",
    },
    sent_at="{what} (mẫu {template}), gửi {at}",
    to="Gửi đến: {who}",
    quarantined=Advice(
        "Chương trình không xử lý được thư này",
        "mở thư trong hộp thư đến và tự trả lời nếu cần; thư này chưa được trả lời tự động.",
    ),
    find_by_time="Không đọc được người gửi và tiêu đề: trong hộp thư đến, xin tìm thư theo giờ đến này.",
    mails={
        OutboxState.UNCERTAIN: Advice(
            "Không rõ thư đã gửi được hay chưa",
            "xem mục Thư đã gửi; nếu không thấy, xin tự viết cho khách. Chương trình sẽ không gửi lại.",
        ),
        OutboxState.FAILED: Advice(
            "Không gửi được thư", "kiểm tra địa chỉ người nhận, rồi tự viết cho khách hoặc gọi điện."
        ),
        OutboxState.BOUNCED: Advice(
            "Thư đã gửi bị trả lại, không đến được người nhận",
            "kiểm tra lại địa chỉ, hoặc gọi điện cho khách; trong tối đa 60 ngày máy không gửi gì tự động "
            "đến địa chỉ này, trừ khi nhân viên đã viết lại cho địa chỉ ấy.",
        ),
        OutboxState.DROPPED: Advice(
            "Đã bỏ, không gửi, vì đến lúc gửi thì nội dung không còn đúng",
            "xin tự trả lời khách nếu thư còn ở mục cần trả lời.",
        ),
    },
    came_back=Advice(
        "Thư nhân viên viết bị trả lại, không đến được người nhận",
        "kiểm tra lại địa chỉ, hoặc gọi điện; trong tối đa 60 ngày máy không gửi gì tự động đến các địa chỉ này, "
        "trừ khi nhân viên đã viết lại cho địa chỉ ấy.",
    ),
    staff_failed=Advice(
        "Không gửi được thư cho nhân viên", "kiểm tra địa chỉ của người này ở phần people trong config.yaml."
    ),
    kinds_of_trouble={
        TroubleKind.LOGIN: Advice(
            "Không đăng nhập được vào hộp thư", "kiểm tra tên đăng nhập và mật khẩu trong config.yaml."
        ),
        TroubleKind.NETWORK: Advice(
            "Không kết nối được với máy chủ thư",
            "kiểm tra đường truyền mạng và máy chủ thư; chương trình vẫn tự thử lại.",
        ),
        TroubleKind.TLS: Advice(
            "Kết nối với máy chủ thư không an toàn", "nhờ người quản trị kiểm tra chứng chỉ của máy chủ thư."
        ),
        TroubleKind.SERVER: Advice(
            "Máy chủ thư từ chối yêu cầu", "nếu còn lặp lại, xin liên hệ nhà cung cấp dịch vụ thư."
        ),
        TroubleKind.BUSY: Advice(
            "Hộp thư đầy hoặc có quá nhiều kết nối", "xóa bớt thư, hoặc tắt bớt chương trình thư đang mở."
        ),
        TroubleKind.MAILBOX: Advice(
            "Không mở được một thư mục của hộp thư", "kiểm tra tên thư mục ở phần folders trong config.yaml."
        ),
        TroubleKind.STATE: Advice(
            "Không ghi được dữ liệu của chương trình", "kiểm tra dung lượng ổ đĩa và quyền ghi tệp."
        ),
        TroubleKind.CLOCK: Advice(
            "Giờ của máy không đúng; không gửi gì cho tới khi giờ đúng trở lại", "đặt lại ngày giờ của máy (NTP)."
        ),
        TroubleKind.CONFIG: Advice(
            "Cấu hình hoặc quy định có lỗi",
            "chạy lệnh responder check để xem lỗi ở đâu; trong lúc đó bản cũ vẫn được áp dụng.",
        ),
        TroubleKind.POLICY: Advice(
            "Bản quy định mới chưa dùng được",
            "sửa lại tệp quy định (hoặc xem lại thư mục dùng chung); trong lúc đó bản cũ vẫn được áp dụng.",
        ),
        TroubleKind.CREDENTIAL: Advice(
            "Không đọc được mật khẩu của hộp thư", "kiểm tra nơi lưu mật khẩu ghi trong config.yaml."
        ),
        TroubleKind.BREAKER: Advice(
            "Tất cả các hộp thư đã ngừng trả lời tự động vì quá nhiều thư",
            "xem có hộp thư nào bị gửi thư rác hàng loạt không; nếu do đông khách, "
            "nâng giới hạn office trong quy định.",
        ),
        TroubleKind.ACCOUNT_HELD: Advice(
            "Hộp thư này đã ngừng trả lời tự động vì quá nhiều thư",
            "xem hộp thư có bị gửi thư rác hàng loạt không; nếu do đông khách, nâng giới hạn account trong quy định.",
        ),
        TroubleKind.ALERTS_HELD: Advice(
            "Đã ngừng báo tin khẩn vì quá nhiều", "xem các thư được gắn cờ trong hộp thư đến; có thể còn việc khẩn cấp."
        ),
        TroubleKind.QUARANTINE: Advice("Có thư mà chương trình không xử lý được", "mở hộp thư đến và tự xem thư đó."),
        TroubleKind.REBASELINE: Advice(
            "Máy chủ đã đánh số lại hộp thư; thư có sẵn lúc đó không được xem xét",
            "mở hộp thư đến và xem qua các thư gần đây.",
        ),
        TroubleKind.DELIVERY: Advice(
            "Không gửi được thư: không liên lạc được với máy chủ gửi thư, hoặc máy chủ không nhận thư của hộp thư này",
            "kiểm tra phần smtp trong config.yaml, hoặc hỏi nhà cung cấp; xem chi tiết bên dưới. Thư còn hạn sẽ được "
            "gửi khi máy chủ nhận lại.",
        ),
        TroubleKind.BOUNCED: Advice(
            "Thư gửi cho nhân viên (tin báo hoặc báo cáo) bị trả lại",
            "sửa địa chỉ của người này ở phần people trong config.yaml; lần gửi sau đến nơi thì sự cố tự hết.",
        ),
        TroubleKind.UNREACHABLE: Advice(
            "Đã hơn một giờ làm việc không đọc được hộp thư",
            "mở hộp thư xem có thư nào gấp không; nhờ người quản trị kiểm tra.",
        ),
        TroubleKind.WAKING: Advice(
            "Không gọi được cho người trực",
            "kiểm tra phần wake của người đó trong config.yaml; tin báo qua thư vẫn được gửi.",
        ),
        TroubleKind.SEND_LIMIT: Advice(
            "Đã gửi hết số thư mà nhà cung cấp dịch vụ thư cho phép; thư gửi khách phải chờ",
            "không phải làm gì, thư còn hạn sẽ được gửi sau; nếu hay gặp, xin dùng gói dịch vụ gửi được nhiều thư hơn.",
        ),
        TroubleKind.MARK: Advice(
            "Có cách đánh dấu thư trong quy định mà hộp thư này không làm được",
            "xem các thư gấp ở hộp thư đến; nhờ người quản trị sửa mục mark trong quy định theo chi tiết dưới đây.",
        ),
        TroubleKind.CALENDAR: Advice(
            "Lịch nghỉ lấy từ mạng không cập nhật được; các ngày nghỉ đã lấy trước đó vẫn được áp dụng",
            "xem lại lịch ấy và địa chỉ của nó ở mục calendars của quy định; ngày nghỉ cần ngay thì ghi vào mục days.",
        ),
        TroubleKind.METRICS: Advice(
            "Không đọc được số liệu giám sát của chương trình; việc trả lời thư không bị ảnh hưởng",
            "nhờ người quản trị kiểm tra phần metrics trong config.yaml.",
        ),
        TroubleKind.INTERNAL: Advice(
            "Chương trình bị lỗi", "gửi nhật ký (journalctl -u responder) cho người hỗ trợ kỹ thuật."
        ),
    },
    other_trouble=Advice("Sự cố khác", "nhờ người quản trị xem chi tiết dưới đây."),
    still="Từ {since}, đến nay chưa hết.",
    ended="Từ {since} đến {until}, nay đã hết.",
    happened="Lúc {at}.",
    times=_same("Lặp lại {n} lần."),
    detail="Chi tiết kỹ thuật: {text}",
    do="Cần làm: {remedy}",
    reasons={
        Reason.NO_PLAY: "Không thuộc tình huống nào trong quy định",
        Reason.NO_REPLY_IN_PLAY: "Quy định không yêu cầu trả lời tự động",
        Reason.SILENCED: "Quy định yêu cầu không gửi thư tự động; nhân viên sẽ tự trả lời khách",
        Reason.THANKS_ONLY: "Thư chỉ để cảm ơn",
        Reason.STALE: "Khi đọc được thư thì văn phòng đã mở cửa lại",
        Reason.ANSWERED: "Văn phòng vừa viết thư trong cuộc trao đổi này",
        Reason.OPENING_SOON: "Văn phòng sắp mở cửa",
        Reason.HAD_REPLY: "Người gửi đã nhận một thư trả lời trong cùng lần đóng cửa",
        Reason.AGAIN_AFTER: "Người gửi mới nhận một thư trả lời trước đó không lâu",
        Reason.BOUNCED: "Thư trước gửi đến địa chỉ này đã bị trả lại",
        Reason.THREAD_CAP: "Đã đạt giới hạn trả lời trong cùng một cuộc trao đổi",
        Reason.DOMAIN_CAP: "Đã đạt giới hạn trả lời cho tên miền của người gửi, hoặc cho biểu mẫu liên hệ",
        Reason.ACCOUNT_CAP: "Đã đạt giới hạn trả lời của hộp thư này",
        Reason.OFFICE_CAP: "Đã đạt giới hạn trả lời của cả văn phòng",
        Reason.DATE_AHEAD: "Ngày gửi ghi trên thư muộn hơn nhiều so với lúc thư đến",
        Reason.DATE_BEHIND: "Ngày gửi ghi trên thư sớm hơn nhiều so với lúc thư đến",
        Reason.NO_OPENING: "Lịch không còn ngày làm việc nào sắp tới",
        Reason.SEEN_BEFORE: "Thư cũ, có từ trước hoặc đã được xét rồi",
    },
    vetoes={
        Sign.AUTO_SUBMITTED: "Thư do máy tự gửi",
        Sign.NULL_RETURN_PATH: "Thư báo của máy chủ thư (không nhận trả lời)",
        Sign.LIST_HEADER: "Bản tin hoặc thư của danh sách gửi thư",
        Sign.REPORT: "Báo cáo gửi thư (không gửi được, đã đọc, …)",
        Sign.CALENDAR_REPLY: "Trả lời lời mời họp",
        Sign.PRECEDENCE: "Thư gửi hàng loạt",
        Sign.AUTO_RESPONSE_SUPPRESS: "Người gửi yêu cầu không trả lời tự động",
        Sign.OWN_LOOP: "Thư của chính chương trình này quay lại",
        Sign.OWN_MESSAGE_ID: "Thư do chính chương trình này gửi, nay quay lại",
        Sign.LOOP: "Thư chạy vòng giữa các máy",
        Sign.SPAM: "Thư rác",
        Sign.AUTORESPONDER_HEADER: "Thư trả lời tự động của người khác",
        Sign.MACHINE_ADDRESS: "Địa chỉ của máy (như no-reply)",
        Sign.NEVER_ANSWER: "Địa chỉ có trong danh sách không trả lời",
        Sign.OWN_ADDRESS: "Thư gửi từ chính địa chỉ của văn phòng",
        Sign.COLLEAGUE: "Thư của đồng nghiệp",
        Sign.WEAK_SIGNS: "Có nhiều dấu hiệu là thư do máy gửi",
        Sign.UNREADABLE: "Thư có cấu trúc bất thường, chương trình không đọc hết; xin mở xem, cẩn thận với liên kết và "
        "tệp đính kèm (gồm cả thư đến trong giờ làm việc)",
        Sign.NO_CLEAR_SENDER: "Không rõ ai là người gửi",
        Sign.AUTHENTICATION_FAILED: "Có thể là thư giả mạo (không qua được kiểm tra người gửi)",
        Sign.UNTRUSTED_SENDER: "Không xác minh được người gửi",
        Sign.NOT_ADDRESSED: "Thư không ghi địa chỉ của văn phòng ở phần người nhận",
    },
    other_reason="Lý do khác",
    held_back=_same("không gửi {n} thư trả lời tự động"),
    alarms="Tin báo khẩn",
    raised="Báo lúc {at}",
    known_by="Xác nhận: {who}, {at}",
    known_by_nobody="Chưa ai xác nhận đã biết.",
    alarm_is_over="Sự việc đã qua, {at}",
    events="Những việc đã làm",
    event_by="{at}, người làm: {who}",
    kinds_of_event={
        EventKind.PAUSED: "Tạm ngừng gửi thư tự động cho khách: {text}",
        EventKind.RESUMED: "Đã gửi lại thư tự động cho khách (trước đó tạm ngừng vì: {text})",
        EventKind.MODE: "Đã chuyển sang chế độ {text}",
        EventKind.POLICY: "Quy định đã thay đổi: {text}",
        EventKind.EFFECT: "Thử quy định mới trên thư cũ. {text}",
        EventKind.NOTE: "Ghi chú: {text}",
        EventKind.RESTORED: "Khôi phục dữ liệu từ bản sao lưu: {text}",
    },
    events_without_text={
        EventKind.PAUSED: "Tạm ngừng gửi thư tự động cho khách",
        EventKind.RESUMED: "Đã gửi lại thư tự động cho khách",
    },
    modes={Mode.LIVE: "gửi thật", Mode.OBSERVE: "chạy thử"},
    otherwise="Thư mà nhân viên đánh giá khác quy định",
    raised_by_staff=_same("Tuần qua, nhân viên đã gắn cờ hoặc chuyển {n} thư mà quy định coi là thư thường."),
    lowered_by_staff=_same("Tuần qua, nhân viên đã bỏ cờ {n} thư mà quy định coi là gấp."),
    suggest="Gõ lệnh responder suggest để xem từng thư. Quy định không tự thay đổi.",
    proposed={
        Kind.WORD: "Đề nghị thêm từ “{phrase}” vào nhóm {signal}",
        Kind.EXCEPTION: "Đề nghị thêm ngoại lệ (unless) “{phrase}” vào nhóm {signal}",
    },
    speak="{speak_for} thư ủng hộ, {against} thư ngược lại; {different} trên {total} thư đã thử sẽ được xử lý khác đi",
    no_pattern="Chưa thấy điểm chung nào đủ rõ để đề nghị sửa quy định",
    messages="Thư nhận được",
    out_of_hours="Trong đó ngoài giờ",
    urgent="Trong đó gấp",
    replies="Trả lời tự động đã gửi",
    alerts="Tin báo cho nhân viên",
    handled="Đã có người xử lý",
    average="Thời gian xử lý trung bình",
    average_value="{span} làm việc",
)

EN = Words(
    subject="{headline} – Mailbox report for {office}, {day}",
    title="Mailbox report",
    period="Covers {since} to {until}.",
    to_answer=Count("{n} message to answer", "{n} messages to answer"),
    urgent_among=_same("{n} urgent"),
    to_check=Count("{n} thing to check", "{n} things to check"),
    drafts_ready=Count("{n} draft ready", "{n} drafts ready"),
    quiet="No message is waiting for an answer",
    not_counted="The policy has no time to answer (promise), so this report cannot tell which messages still wait.",
    first="This is the first report for this mailbox.",
    after_a_gap="The last report was made on {last}; this one covers everything since then.",
    not_read_since="The mailbox was last read on {at}. Mail that came after that is not in this report.",
    never_read="The mailbox has not been read yet.",
    observing="Trial run: nothing automatic is sent to customers.",
    because=" (reason: {reason})",
    paused="Automatic mail to customers is paused{why}. To start it again, run: responder resume",
    paused_until="Automatic mail to customers is paused until {at}{why}. To start it sooner, run: responder resume",
    needs="Messages to answer",
    trouble="Trouble, and things to check",
    drafts="Drafts that are ready",
    drafts_hint="These are in the Drafts folder: please read them, change what is needed, and send them.",
    sent="Sent automatically",
    withheld="What would have been sent",
    go_live="This is a trial run, so these mails were not sent. To go live, change mode: observe to mode: live "
    "in config.yaml, then run: systemctl reload responder",
    resume="Automatic mail is paused, so these mails were not sent. To start it again, run: responder resume",
    was_withheld="These mails were not sent: it was a trial run then, or automatic mail was paused.",
    unanswered="Out-of-hours mail that got no automatic reply",
    figures="Figures of the period",
    more=Count("and {n} more", "and {n} more"),
    where_all_are="`responder queue` and `responder ledger --since {day}` show all",
    urgency={Urgency.EMERGENCY: "EMERGENCY", Urgency.URGENT: "URGENT"},
    came="Came: {at}",
    due="Answer due: {at}",
    marked="In the mailbox: {how}",
    left="{span} of working time left",
    due_now="Due right now",
    late="Overdue by {span} of working time",
    late_just_now="Just overdue",
    no_sender="(sender unknown)",
    kinds={
        OutboxKind.REPLY: "Automatic reply",
        OutboxKind.FOLLOW_UP: "Next-workday reply",
        OutboxKind.ALERT: "Alert to staff",
        OutboxKind.DIGEST: "Daily report",
    },
    sent_at="{what} (text {template}), sent {at}",
    to="To: {who}",
    quarantined=Advice(
        "The program could not deal with this message",
        "open it in the inbox and answer it yourself if needed; it got no automatic reply.",
    ),
    find_by_time="Neither its sender nor its subject could be read: look for it in the inbox by this time.",
    mails={
        OutboxState.UNCERTAIN: Advice(
            "It is not certain whether this mail was sent",
            "look in the Sent folder; if it is not there, write to the customer yourself. "
            "The program will not send it again.",
        ),
        OutboxState.FAILED: Advice(
            "This mail could not be delivered", "check the address, then write to or call the customer yourself."
        ),
        OutboxState.BOUNCED: Advice(
            "This mail was sent, and came back",
            "check the address, or call the customer; for up to 60 days nothing automatic goes to this address, "
            "unless somebody of the office has written to it again.",
        ),
        OutboxState.DROPPED: Advice(
            "Not sent, because it would no longer have been true",
            "answer the customer yourself if the message is still on the list above.",
        ),
    },
    came_back=Advice(
        "Mail that you wrote came back",
        "check the addresses, or call; for up to 60 days nothing automatic goes to them, unless somebody of the office "
        "has written to the address again.",
    ),
    staff_failed=Advice(
        "A mail to your own staff could not be delivered", "check this address under people in config.yaml."
    ),
    kinds_of_trouble={
        TroubleKind.LOGIN: Advice("The mailbox refused the login", "check the user and password in config.yaml."),
        TroubleKind.NETWORK: Advice(
            "The mail server could not be reached",
            "check the network and the mail server; the program keeps trying by itself.",
        ),
        TroubleKind.TLS: Advice(
            "The connection to the mail server was not secure",
            "ask the administrator to check the server's certificate.",
        ),
        TroubleKind.SERVER: Advice("The mail server refused a request", "if this goes on, ask your mail provider."),
        TroubleKind.BUSY: Advice(
            "The mailbox is full, or has too many connections", "delete some mail, or close some mail programs."
        ),
        TroubleKind.MAILBOX: Advice(
            "A folder of the mailbox could not be opened", "check the names under folders in config.yaml."
        ),
        TroubleKind.STATE: Advice(
            "The program's own data could not be written", "check the free disk space and the file's permissions."
        ),
        TroubleKind.CLOCK: Advice(
            "The machine's clock is wrong; nothing is sent until it is right", "set the machine's clock (NTP)."
        ),
        TroubleKind.CONFIG: Advice(
            "The configuration or the policy has a mistake",
            "run responder check to see where; the old one stays in force until then.",
        ),
        TroubleKind.POLICY: Advice(
            "The new policy cannot be used",
            "correct the policy file (or look at the shared folder); the old one stays in force until then.",
        ),
        TroubleKind.CREDENTIAL: Advice(
            "The mailbox's password could not be read", "check where config.yaml says it is kept."
        ),
        TroubleKind.BREAKER: Advice(
            "Automatic replies of all mailboxes stopped because there were too many",
            "see whether a mailbox is being flooded; if you just had many customers, raise the office limit.",
        ),
        TroubleKind.ACCOUNT_HELD: Advice(
            "Automatic replies of this mailbox stopped because there were too many",
            "see whether it is being flooded; if you just had many customers, raise the account limit.",
        ),
        TroubleKind.ALERTS_HELD: Advice(
            "Alerts stopped because there were too many", "look at the flagged mails in the inbox; more may be urgent."
        ),
        TroubleKind.QUARANTINE: Advice(
            "There is a message the program could not deal with", "open the inbox and look at it yourself."
        ),
        TroubleKind.REBASELINE: Advice(
            "The server renumbered the mailbox; mail that lay in it then was left alone",
            "open the inbox and look through the recent mail.",
        ),
        TroubleKind.DELIVERY: Advice(
            "Mail cannot be sent: the sending server is away, or takes none from us",
            "check the smtp part of config.yaml, or ask the provider; the detail below says which. What is still true "
            "will be sent once it works again.",
        ),
        TroubleKind.BOUNCED: Advice(
            "Mail to your own staff (an alert or this report) comes back",
            "correct this address under people in config.yaml; once a later mail arrives, this is over.",
        ),
        TroubleKind.UNREACHABLE: Advice(
            "The mailbox could not be read for over an hour of working time",
            "open the mailbox and look for anything urgent; ask the administrator to check.",
        ),
        TroubleKind.WAKING: Advice(
            "The call to wake the person on duty failed",
            "check `wake` of that person in config.yaml; the alert by mail still goes out.",
        ),
        TroubleKind.SEND_LIMIT: Advice(
            "The mail provider's limit of mails is used up; mail to customers waits",
            "nothing: what is still true is sent later; if this happens often, ask for a plan that may send more.",
        ),
        TroubleKind.MARK: Advice(
            "The policy asks for a mark that this mailbox cannot have",
            "look for urgent mail in the inbox; have the mark in the policy corrected as the detail below says.",
        ),
        TroubleKind.CALENDAR: Advice(
            "A calendar of days off could not be renewed from the web; the days off taken before still hold",
            "look at that calendar and its address under calendars in the policy; what is urgent can stand under days.",
        ),
        TroubleKind.METRICS: Advice(
            "The program's metrics cannot be read; mail is answered all the same",
            "ask the administrator to check the metrics part of config.yaml.",
        ),
        TroubleKind.INTERNAL: Advice(
            "A defect of the program", "send the journal (journalctl -u responder) to your technical support."
        ),
    },
    other_trouble=Advice("Other trouble", "ask the administrator to look at the detail below."),
    still="Since {since}, and not over yet.",
    ended="From {since} to {until}; it is over.",
    happened="On {at}.",
    times=Count("Seen once.", "Seen {n} times."),
    detail="Technical detail: {text}",
    do="What to do: {remedy}",
    reasons={
        Reason.NO_PLAY: "Fits no situation of the policy",
        Reason.NO_REPLY_IN_PLAY: "The policy asks for no automatic reply",
        Reason.SILENCED: "The policy leaves these to a person, with no automatic mail",
        Reason.THANKS_ONLY: "Only a thank-you",
        Reason.STALE: "The office was open again when the message was read",
        Reason.ANSWERED: "The office had just written in this thread",
        Reason.OPENING_SOON: "The office was about to open",
        Reason.HAD_REPLY: "The sender had a reply in the same closed period",
        Reason.AGAIN_AFTER: "The sender had a reply not long before",
        Reason.BOUNCED: "An earlier mail to this address came back",
        Reason.THREAD_CAP: "The limit of replies in one conversation was reached",
        Reason.DOMAIN_CAP: "The limit of replies to the sender's domain, or by a contact form, was reached",
        Reason.ACCOUNT_CAP: "The limit of replies of this mailbox was reached",
        Reason.OFFICE_CAP: "The limit of replies of the whole office was reached",
        Reason.DATE_AHEAD: "The mail is dated long after it arrived",
        Reason.DATE_BEHIND: "The mail is dated long before it arrived",
        Reason.NO_OPENING: "The calendar has no working day ahead",
        Reason.SEEN_BEFORE: "An old message, or one dealt with before",
    },
    vetoes={
        Sign.AUTO_SUBMITTED: "Sent by a machine",
        Sign.NULL_RETURN_PATH: "A mail server's notice (takes no answer)",
        Sign.LIST_HEADER: "Newsletter or mailing list",
        Sign.REPORT: "Delivery report or read receipt",
        Sign.CALENDAR_REPLY: "Answer to an invitation",
        Sign.PRECEDENCE: "Bulk mail",
        Sign.AUTO_RESPONSE_SUPPRESS: "The sender asked for no automatic reply",
        Sign.OWN_LOOP: "This program's own mail, come back",
        Sign.OWN_MESSAGE_ID: "A mail this program sent, come back",
        Sign.LOOP: "Mail going round between machines",
        Sign.SPAM: "Spam",
        Sign.AUTORESPONDER_HEADER: "Somebody else's automatic reply",
        Sign.MACHINE_ADDRESS: "A machine's address (like no-reply)",
        Sign.NEVER_ANSWER: "On the list of addresses not to answer",
        Sign.OWN_ADDRESS: "Sent from the office's own address",
        Sign.COLLEAGUE: "From a colleague",
        Sign.WEAK_SIGNS: "Several signs of a machine",
        Sign.UNREADABLE: "Abnormal mail, not read to its end; please look at it, with care for links and attachments "
        "(office hours too)",
        Sign.NO_CLEAR_SENDER: "It is not clear who sent it",
        Sign.AUTHENTICATION_FAILED: "Perhaps forged (the check of the sender failed)",
        Sign.UNTRUSTED_SENDER: "The sender could not be verified",
        Sign.NOT_ADDRESSED: "The office's address is not among the recipients",
    },
    other_reason="Another reason",
    held_back=Count("{n} automatic reply not sent", "{n} automatic replies not sent"),
    alarms="Alarms",
    raised="Raised on {at}",
    known_by="Acknowledged: {who}, {at}",
    known_by_nobody="Nobody has acknowledged it.",
    alarm_is_over="Over since {at}",
    events="What was done",
    event_by="{at}, by {who}",
    kinds_of_event={
        EventKind.PAUSED: "Automatic mail to customers was paused: {text}",
        EventKind.RESUMED: "Automatic mail to customers was started again (it was paused: {text})",
        EventKind.MODE: "The mode was changed to {text}",
        EventKind.POLICY: "The policy has changed: {text}",
        EventKind.EFFECT: "The new policy tried on old mail. {text}",
        EventKind.NOTE: "Note: {text}",
        EventKind.RESTORED: "The state was restored from a backup: {text}",
    },
    events_without_text={
        EventKind.PAUSED: "Automatic mail to customers was paused",
        EventKind.RESUMED: "Automatic mail to customers was started again",
    },
    modes={Mode.LIVE: "live", Mode.OBSERVE: "observe"},
    otherwise="Mail that staff judged otherwise than the rules",
    raised_by_staff=Count(
        "Last week staff flagged or moved {n} mail that the rules held for ordinary.",
        "Last week staff flagged or moved {n} mails that the rules held for ordinary.",
    ),
    lowered_by_staff=Count(
        "Last week staff cleared the flag of {n} mail that the rules held for urgent.",
        "Last week staff cleared the flags of {n} mails that the rules held for urgent.",
    ),
    suggest="Type responder suggest to see each mail. The rules never change by themselves.",
    proposed={
        Kind.WORD: "Proposed: add the word “{phrase}” to {signal}",
        Kind.EXCEPTION: "Proposed: add the exception (unless) “{phrase}” to {signal}",
    },
    speak="{speak_for} speak for it, {against} against; {different} of {total} mails tried would be treated otherwise",
    no_pattern="No pattern shows yet that is clear enough for a change of the rules",
    messages="Messages received",
    out_of_hours="of these out of hours",
    urgent="of these urgent",
    replies="Automatic replies sent",
    alerts="Alerts to staff",
    handled="Dealt with by a person",
    average="Average time to deal with one",
    average_value="{span} of working time",
)

WORDS: Mapping[Language, Words] = {Language.VI: VI, Language.EN: EN}
