"""The words of `responder suggest`, in Vietnamese and English; one dataclass, so that neither can lack a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from responder.cli.suggest_place import Spot
from responder.mail.language import Language
from responder.policy.proposals import Kind
from responder.store.records import Observed


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that the suggestions say of themselves."""

    title: str
    nothing: str
    counted: Mapping[Observed, str]
    without_words: str
    not_kept: str
    settled: str
    no_need: str
    no_pattern: str
    tried: str
    proposed: Mapping[Kind, str]
    place: str
    spots: Mapping[Spot, str]
    speak: str
    speak_for: str
    against: str
    more: str
    unchanged: str
    take: str
    look: str
    no_subject: str
    stamp: str  # when a mail came


VI = Words(
    title="{account}: những thư mà nhân viên đánh giá khác quy định, từ {since}",
    nothing="Chưa thấy thư nào: nhân viên chưa gắn cờ, bỏ cờ hay chuyển thư nào khác với quy định.",
    counted={
        Observed.FLAGGED: "{n} thư được gắn cờ, quy định coi là thư thường",
        Observed.UNFLAGGED: "{n} thư bị bỏ cờ, quy định coi là gấp",
        Observed.MOVED: "{n} thư được chuyển vào thư mục dành cho thư gấp, quy định coi là thư thường",
    },
    without_words="{n} thư trong số đó không còn lưu lời khách (keep_text) nên không dùng được.",
    not_kept="Lời khách không được lưu (keep_text: never) nên không thể đề nghị gì.",
    settled="{n} thư trong số đó nay đã được quy định xử lý đúng như nhân viên đã làm.",
    no_need="Quy định không cần sửa gì thêm.",
    no_pattern="Đã có {n} lần như vậy; chưa thấy điểm chung nào đủ rõ để đề nghị sửa quy định. Một đề nghị cần ít nhất "
    "3 thư của 2 người gửi khác nhau, và hiếm khi có trong những thư khác.",
    tried="Đã thử trên {total} thư còn lưu lời khách.",
    proposed={
        Kind.WORD: "Thêm từ “{phrase}” vào nhóm {signal}",
        Kind.EXCEPTION: "Thêm ngoại lệ “{phrase}” vào nhóm {signal}: có cụm từ này thì không tính",
    },
    place="{file}, dòng {line}:",
    spots={
        Spot.AFTER: "trong danh sách {kind} của {signal}, ghi thêm ngay sau “{there}”:",
        Spot.UNDER: "trong danh sách {kind} của {signal}, ghi thêm một dòng ngay dưới “{there}”, thẳng cột:",
        Spot.INSTEAD: "trong nhóm {signal}, thay “{there}” bằng:",
        Spot.BELOW: "ngay dưới dòng “{signal}:” này, ghi thêm một dòng, thẳng cột với dòng kế tiếp:",
        Spot.WITHIN: "ngay trước dấu }} của nhóm {signal}, ghi thêm:",
    },
    speak="{speak_for} thư ủng hộ, {against} thư ngược lại. {different} thư sẽ được xử lý khác đi.",
    speak_for="ủng hộ",
    against="ngược lại",
    more="… và {n} thư nữa",
    unchanged="Quy định chưa thay đổi gì, và không bao giờ tự thay đổi.",
    take="Muốn áp dụng đề nghị:   responder policy edit {account}",
    look="Muốn xem một thư:       responder explain --id {number}",
    no_subject="(không có tiêu đề)",
    stamp="%d/%m/%Y %H:%M",
)

EN = Words(
    title="{account}: mail that staff judged otherwise than the rules, since {since}",
    nothing="There is none: staff have flagged, unflagged or moved nothing against the rules.",
    counted={
        Observed.FLAGGED: "{n} flagged, which the rules held for ordinary",
        Observed.UNFLAGGED: "{n} unflagged, which the rules held for urgent",
        Observed.MOVED: "{n} moved to a folder for urgent mail, which the rules held for ordinary",
    },
    without_words="Of {n} the customer's words are not kept any more (keep_text): they could not be used.",
    not_kept="Customers' words are not kept (keep_text: never): nothing can be proposed.",
    settled="Of these, today's rules treat {n} as staff did.",
    no_need="The rules need no further change.",
    no_pattern="{n} so far; no pattern yet that is clear enough for a change of the rules. A proposal needs at least "
    "3 mails of 2 different senders, and must be rare in other mail.",
    tried="Tried on {total} mails whose words are kept.",
    proposed={
        Kind.WORD: "Add the word “{phrase}” to {signal}",
        Kind.EXCEPTION: "Add the exception “{phrase}” to {signal}: where it stands, the word does not count",
    },
    place="{file}, line {line}:",
    spots={
        Spot.AFTER: "in the list {kind} of {signal}, right after “{there}”, write",
        Spot.UNDER: "in the list {kind} of {signal}, on a new line below “{there}”, in the same column, write",
        Spot.INSTEAD: "in {signal}, in the place of “{there}”, write",
        Spot.BELOW: "right below this “{signal}:”, on a new line in the column of the one that follows, write",
        Spot.WITHIN: "right before the }} of {signal}, write",
    },
    speak="{speak_for} for it, {against} against. {different} would be treated differently.",
    speak_for="for",
    against="against",
    more="… and {n} more",
    unchanged="Nothing has been changed, and nothing ever changes by itself.",
    take="To take one:     responder policy edit {account}",
    look="To see a mail:   responder explain --id {number}",
    no_subject="(no subject)",
    stamp="%Y-%m-%d %H:%M",
)

WORDS: Mapping[Language, Words] = {Language.VI: VI, Language.EN: EN}
