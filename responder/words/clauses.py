"""The clauses of a text: what each one does (asks, tells, offers …), who acts, when, and whether it is meant so.

Made for Vietnamese as offices type it and for the English mixed into it. Pure: tokens in, values out. It must not know
the policy, its signals, or what a clause leads to. It is a grammar of cues, not a parser: it knows the small words that
frame what is said, and nothing of what is said.

How it works: a phrasebook finds the cues; stops, connectors and commas before a new subject part the clauses; `Voices`
settles once for the whole mail which pronoun is the sender and which the office (Vietnamese says "em" for either).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum, auto
from itertools import islice

from responder.words.phrasebook import Phrasebook, Sign
from responder.words.tokens import Gap, Token, bare_words, spellings

# ------------------------------------------------------------------------------------------------- what is told


class Kind(StrEnum):
    """What a clause does."""

    REQUEST = "request"  # of this office
    QUESTION = "question"
    REPORT = "report"
    OFFER = "offer"  # something for sale
    CONDITION = "condition"
    THANKS = "thanks"
    GREETING = "greeting"
    WISH = "wish"


class Actor(StrEnum):
    """Who acts, or is to act."""

    SENDER = "sender"
    OFFICE = "office"
    OTHER = "other"
    NOBODY = "nobody"  # named


class Tense(StrEnum):
    DONE = "done"
    PAST = "past"
    PRESENT = "present"  # nothing says otherwise
    ONGOING = "ongoing"
    FUTURE = "future"
    UNREAL = "unreal"


@dataclass(frozen=True, slots=True)
class Shown:
    """The words that showed something: the tokens first … last (inclusive), as they were written."""

    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """The tokens first … last (inclusive), and what they are. Where nothing showed it, its `…_by` is None.

    `condition_by` is the condition that this clause states or hangs on; a mere politeness ("nếu được") is none.
    """

    first: int
    last: int
    kind: Kind
    actor: Actor
    tense: Tense
    kind_by: Shown | None = None
    actor_by: Shown | None = None
    tense_by: Shown | None = None
    negated_by: Shown | None = None
    quoted_by: Shown | None = None  # quotation marks around it all, or a source: "báo viết", "the news says"
    no_hurry_by: Shown | None = None
    condition_by: Shown | None = None
    settled_by: Shown | None = None  # it says that something is over: "đã khắc phục", "back to normal"

    @property
    def is_negated(self) -> bool:
        return self.negated_by is not None

    @property
    def is_quoted(self) -> bool:
        return self.quoted_by is not None

    @property
    def is_no_hurry(self) -> bool:
        return self.no_hurry_by is not None

    @property
    def is_warning(self) -> bool:
        """A condition that presses: "nếu không xử lý ngay …", "unless you …", "kẻo …"."""
        return self.kind is Kind.CONDITION and (self.condition_by is None or self.is_negated)


@dataclass(frozen=True, slots=True)
class Voices:
    """Which pronouns (bare letters) are the sender, and which the office, in one mail."""

    sender: frozenset[str]
    office: frozenset[str]


# ------------------------------------------------------------------------------------------------------- the cues


class _Cue(IntEnum):
    BREAK = auto()
    CONTRAST = auto()
    THEN = auto()
    CONDITION = auto()
    POLITE = auto()
    WARNING = auto()
    REQUEST = auto()
    QUESTION = auto()
    OFFER = auto()
    THANKS = auto()
    GREETING = auto()
    WISH = auto()
    UNREAL = auto()
    DONE = auto()
    PAST = auto()
    ONGOING = auto()
    FUTURE = auto()
    SETTLED = auto()
    NEGATION = auto()
    SOURCE = auto()
    NO_HURRY = auto()
    SENDER = auto()
    OFFICE = auto()
    OTHER = auto()


_PHRASES = {
    _Cue.BREAK: """
        nên, cho nên, vì vậy, vì thế, do đó, do vậy, =vì, bởi vì, tại vì, vì em, vì bên, vì khách, vì hôm nay, vì mai,
        =mà, để, khi, trong khi, rồi em, rồi anh, rồi chị, và em, và anh, và chị, và bên, mong, nhờ, vui lòng,
        because, when, while, although, though, since we, since i, since the, so we, so i, so please, so can, so
        could, so the, so it, so there, and please, and i, and we, and you, and can, and could, and they, and the, and
        there, and it, please, can you, could you, could someone""",
    _Cue.CONTRAST: "nhưng, nhưng mà, tuy nhiên, song, thế mà, vậy mà, còn =thì, but, however, yet we, yet i",
    _Cue.THEN: "thì, then",
    _Cue.CONDITION: """
        nếu, nếu như, nếu có, giả sử, giả dụ, giả như, nhỡ mà, nhỡ có, lỡ mà, lỡ có, lỡ như, lỡ sau, lỡ công nhân, lỡ
        khách, lỡ ai, lỡ người, lỡ web, lỡ máy, lỡ hệ thống, lỡ nhà, lỡ bị, lỡ mai, lỡ xảy, trường hợp có, trường hợp
        cần, trường hợp xảy ra, trong trường hợp, phòng khi, phòng trường hợp, một khi, =hễ, miễn là, khi có, khi cần,
        khi xảy ra, khi gặp, khi phát sinh, mỗi khi, bất cứ khi nào, if, in case, in the event, should you, should
        there, should anything, suppose, supposing, assuming, provided that, what if, when there is, in an emergency,
        in the case of""",
    _Cue.POLITE: """
        nếu được, nếu có thể, nếu tiện, nếu rảnh, nếu kịp, nếu không phiền, nếu không bận, nếu anh rảnh, nếu chị rảnh,
        nếu em rảnh, nếu anh tiện, nếu chị tiện, nếu em tiện, nếu bên mình còn, nếu còn chỗ, nếu còn hàng, if
        possible, if you can, if you could, if you don't mind, if it's possible, if it is possible, if at all
        possible, if you have a moment, if you have time, if that's ok, if that is ok""",
    _Cue.WARNING: """
        nếu không, nếu chưa, nếu chậm, nếu trễ, nếu muộn, nếu để, nếu cứ, nếu còn, không thì, chứ không thì, kẻo,
        =kẻo, otherwise, or else, if not, unless, if this goes on, if we don't, if you don't, if nobody, if no one""",
    _Cue.REQUEST: """
        giúp, hộ em, hộ anh, hộ chị, hộ tôi, hộ mình, hộ con, hộ cháu, hộ với, hộ cái, =hộ, giùm, dùm, nhờ, vui lòng,
        làm ơn, xin anh, xin chị, cho em xin, cho anh xin, cho chị xin, cho tôi xin, cho mình xin, cho con xin, em
        xin, anh xin, tôi xin, phiền anh, phiền chị, phiền em, phiền bạn, phiền bên, đề nghị, yêu cầu, cần bên, cần
        anh, cần chị, cần shop, em cần, anh cần, chị cần, tôi cần, mình cần, bên em cần, con cần, cháu cần, cần gấp,
        =hãy, gửi lại, gửi em, gửi cho em, gửi tôi, gửi mình, báo em, báo lại, báo ngay, báo giúp, gọi em, gọi lại,
        gọi tôi, gọi cho em, gọi cho tôi, gọi ngay, cử người, cho người, cho thợ, cử thợ, trả lời em, phản hồi giúp,
        phản hồi em, phản hồi sớm, phản hồi lại, phản hồi gấp, xử lý ngay, xem lại, coi lại, cứu em, cứu với, cứu,
        help, mong anh, mong chị, mong bên, mong shop, mong quý, mong công ty, mong được, mong sớm, please, pls, plz,
        kindly, can you, could you, would you, will you, can someone, could someone, can anybody, can anyone, could
        anyone, could somebody, we need, i need, need you, need someone, need somebody, send me, send us, call me,
        call us, let me know, let us know, tell us, tell me, get back to, would be appreciated, would appreciate,
        would be grateful, may i have, can i have, could we have, can we have, i want you, we want you, we ask you,
        i'd like, we'd like, we would like, i would like, would you mind""",
    _Cue.QUESTION: """
        cho em hỏi, cho anh hỏi, cho chị hỏi, cho tôi hỏi, cho mình hỏi, cho con hỏi, cho cháu hỏi, cho hỏi, em hỏi,
        muốn hỏi, xin hỏi, bao nhiêu, mấy giờ, bao lâu, bao giờ, khi nào, thế nào, như thế nào, ra sao, ở đâu, chỗ
        nào, là gì, tại sao, vì sao, sao lại, được không, được ko, được k, đúng không, phải không, hay không, không ạ,
        chưa ạ, what, why, where, who, how much, how many, how long, how do, how can, do you, does it, does your, are
        you, is it, is there, are there, is your, have you, did you, which""",
    _Cue.OFFER: """
        khuyến mãi, khuyến mại, ưu đãi, giảm giá, giảm ngay, giảm đến, giảm tới, tặng kèm, quà tặng, tặng ngay, mua
        ngay, đăng ký ngay, đặt mua, nhận ngay, chỉ còn, chỉ từ, bỏ lỡ cơ hội, đừng bỏ lỡ, mua 1 tặng, mua một tặng,
        xả kho, xả hàng, bán gấp, thanh lý gấp, miễn phí tư vấn, tư vấn miễn phí, quý khách quan tâm, quý khách hàng,
        bên em chuyên, chúng tôi chuyên, chuyên cung cấp, chuyên nhận, xin giới thiệu, giới thiệu dịch vụ, giới thiệu
        sản phẩm, bên em cung cấp, chúng tôi cung cấp, hân hạnh, kính mời quý, flash sale, sale off, sale sốc, special
        offer, limited offer, limited time, buy now, order now, shop now, sign up now, discount, off all, we offer, we
        provide, we specialise, we specialize, our services, free trial, free quote, unsubscribe, last chance, offer
        ends, introducing our, book now""",
    _Cue.THANKS: """
        cảm ơn, cám ơn, đa tạ, biết ơn, tks, thks, thanks, thank you, thank u, thankyou, thx, appreciated, appreciate,
        grateful""",
    _Cue.GREETING: """
        chào, xin chào, kính chào, kính gửi, kính thưa, thưa anh, thưa chị, thưa cô, thưa chú, thưa ông, thưa bà,
        dear, hi, hello, hey, good morning, good afternoon, good evening, trân trọng, trân trọng kính, thân mến,
        =thân, best regards, kind regards, regards, sincerely, warmly, warmest, cheers, ơi, alo""",
    _Cue.WISH: """
        chúc, kính chúc, mong, hy vọng, hi vọng, mong rằng, giá mà, ước gì, hope, hoping, wish, wishing, look forward,
        looking forward""",
    _Cue.UNREAL: """
        giả sử, giả dụ, giả như, lẽ ra, đáng lẽ, đáng ra, suýt, suýt nữa, giá mà, would, would have, could have,
        should have, might have, almost, nearly""",
    _Cue.DONE: """
        =đã, da xong, da sua, da xu, da nhan, da gui, da giao, da chuyen, da lam, da het, da on, da duoc, da tat, da
        mo, da dap, da ve, da co, da ky, da thanh, da dong, da kiem, da thay, đã được, vừa, vừa mới, =mới, xong, xong
        rồi, hết rồi, rồi ạ, rồi nhé, rồi nha, được rồi, has been, have been, has, had, was fixed, is done, already,
        done""",
    _Cue.PAST: """
        hôm qua, hôm kia, hôm trước, bữa trước, hôm bữa, bữa hổm, bữa hôm, hôm thứ, bữa thứ, hôm chủ nhật, bữa chủ
        nhật, vừa rồi, tuần rồi, tháng rồi, hôm rồi, tối qua, đêm qua, chiều qua, sáng qua, tuần trước, tháng trước,
        năm trước, năm ngoái, năm kia, lần trước, đợt trước, kỳ trước, hồi trước, hồi đầu, hồi tháng, hồi năm, dạo
        trước, dạo nọ, trước kia, trước đây, ngày xưa, hồi đó, lúc đó, khi đó, yesterday, last night, last week, last
        month, last year, last time, the other day, ago, back then, in the past, used to, was, were, did, went, came,
        had""",
    _Cue.ONGOING: """
        đang, =vẫn, van con, van chua, van dang, van khong, van ko, van bi, van cu, van chay, =cứ, liên tục, từ sáng
        đến giờ, từ sáng tới giờ, từ sáng giờ, từ nãy, nãy giờ, đến giờ vẫn, tới giờ vẫn, đến giờ chưa, suốt từ, hiện,
        hiện tại, bây giờ, lúc này, =mãi, hoài, still, keeps, keep getting, right now, at the moment, currently, is
        now, are now, ongoing, since this morning, since last night""",
    _Cue.FUTURE: """
        sẽ, =sắp, sap den, sap toi, sap het, sap phai, chuẩn bị, dự kiến, dự định, =định, =tính, will, going to,
        gonna, about to, shall, plan to""",
    _Cue.SETTLED: """
        đã xử lý xong, đã được xử lý, xử lý xong, xử lý rồi, đã khắc phục, khắc phục xong, khắc phục rồi, đã ổn, ổn
        rồi, ổn cả, ổn định rồi, ổn định lại, đã bình thường, bình thường lại, bình thường rồi, trở lại bình thường,
        lại bình thường, hoạt động lại, hoạt động trở lại, chạy lại rồi, chạy lại bình thường, xong xuôi, sửa xong,
        sửa được rồi, đã sửa, sửa rồi, đã thay, thay rồi, thay mới rồi, hết mùi, không còn mùi, không còn lỗi, vẫn
        kịp, vẫn làm kịp, vẫn giao kịp, vẫn in kịp, vẫn dựng kịp, vẫn gửi kịp, vẫn may kịp, vẫn xong kịp, kịp rồi,
        made it on time, delivered on time, đã dập, dập tắt, dập xong, dập được, hết lỗi, hết kẹt, hết cháy, hết ngập,
        nước rút, nước đã rút, đã bơm khô, bơm khô rồi, đã bơm xong, bơm xong rồi, =khô rồi, đã =khô, khô ráo, khô
        ran, hết dột, hết rò, không còn dột, không còn rò, đã khóa van, tự lên lại, giờ chạy ổn, nay chạy ổn, chạy ổn
        rồi, chạy ổn lại, đã hoàn lại, hoàn lại rồi, been refunded, was refunded, were refunded, dry again, dry now,
        pumped dry, an toàn rồi, đã an toàn, không sao rồi, đưa ra rồi, cứu ra rồi, ra được rồi, mở ra liền, không sao
        cả, không sao đâu, không hề gì, êm rồi, đã êm, vào được rồi, vô được rồi, vào lại được, vô lại được, đã vào
        được, mở được rồi, có điện lại, có điện rồi, có nước lại, có nước rồi, tìm thấy rồi, đã tìm thấy, tìm được
        rồi, đã tìm được, báo động giả, báo cháy giả, báo nhầm, giải quyết xong, đã giải quyết, giải quyết rồi, xuất
        viện, qua cơn nguy, đã khỏe, khỏe lại, khỏe rồi, đã kiểm soát, kiểm soát được, lấy lại được, khôi phục được,
        đã khôi phục, đã phục hồi, khôi phục xong, resolved, solved, fixed, sorted, sorted out, back up, back to
        normal, back online, is over, was over, all clear, all good, all fine, all well, false alarm, works again,
        work again, working again, works fine, works now, up and running, under control, was put out, been put out,
        restored, recovered, no longer, contained, all safe, everyone is safe, everybody is safe, is fine now, are
        fine now, running again, repaired, been replaced""",
    _Cue.NEGATION: """
        không, =ko, =kô, ko, =k, khg, =hông, =hổng, hok, chưa, chẳng, chả được, =chả, =đừng, =khỏi, not, no, never,
        without, nobody, none, nothing, cannot, can't, cant, isn't, aren't, wasn't, weren't, don't, doesn't, didn't,
        won't, couldn't, wouldn't, haven't, hasn't, needn't, dont, doesnt, isnt, nor, neither""",
    _Cue.SOURCE: """
        báo viết, báo chí, báo đăng, báo đưa tin, trên báo, đọc báo, theo báo, tin tức, bản tin, thời sự, trên mạng
        viết, đài báo, đài nói, trên tivi, trên ti vi, trên tv, nghe nói, nghe đồn, nghe kể, thấy kể, người ta nói,
        bài báo, nghe tin, the news, in the news, newspaper, newspapers, the papers, the article, article about,
        headline, headlines, rumour, rumor, i read that, i read about, we read about, i heard that, we heard that, on
        tv, heard about, read about""",
    _Cue.NO_HURRY: """
        không gấp, không gấp gì, không cần gấp, chưa gấp, chưa cần gấp, không vội, không vội gì, chưa vội, không có gì
        gấp, không có gì vội, không cần vội, chưa cần vội, không cần ngay, chưa cần ngay, không cần gấp đâu, khỏi gấp,
        đừng vội, khi nào rảnh, lúc nào rảnh, hôm nào rảnh, bữa nào rảnh, chừng nào rảnh, khi nào tiện, lúc nào tiện,
        hôm nào tiện, bữa nào tiện, chừng nào tiện, khi nào cũng được, lúc nào cũng được, hôm nào cũng được, bữa nào
        cũng được, chừng nào cũng được, bao giờ cũng được, từ từ cũng được, từ từ, cứ từ từ, thong thả, thư thả, ngày
        nào cũng được, còn sớm, còn lâu, còn thoải mái, thoải mái thời gian, dư thời gian, rảnh rỗi, no rush, no
        hurry, not in a hurry, not in a rush, no need to rush, not urgent, isn't urgent, nothing urgent, no urgency,
        whenever you, whenever it suits, whenever is, whenever works, whenever convenient, take your time, when you
        have time, when you have a moment, when you get a chance, when you get a moment, at your convenience, at your
        leisure, when convenient, no particular hurry, plenty of time, không cần làm gì, khỏi làm gì, không cần xử lý
        gì, báo để anh biết, báo để chị biết, báo để biết, fyi, fyi only, for your information, no action needed, no
        action required, nothing needed, nothing is needed, nothing further needed, nothing for you to do, there is
        time, there's time, any time next""",
    # Pronouns that are the sender's or the office's in every mail; the others are settled by `Voices`.
    _Cue.SENDER: """
        tôi, toi, tui, =tớ, bên em, bên tôi, bên tui, bên chúng tôi, bên mình đây, nhà em, nhà tôi, công ty em, công
        ty tôi, công ty chúng tôi, công ty chúng em, chúng tôi, chúng em, chúng mình, bọn em, bọn tôi, bọn anh, bọn
        chị, bọn con, tụi em, tụi tôi, tụi anh, tụi chị, tụi con, tụi mình, tụi cháu, bọn cháu, tao, shop em, quán em,
        tiệm em, i, i'm, i've, i'll, im, we, we're, we've, we'll, my, our""",
    _Cue.OFFICE: """
        =bạn, các bạn, quý công ty, quý cty, quý anh chị, quý anh, quý chị, quý xưởng, quý khách sạn, quý phòng, quý
        trung tâm, quý đơn vị, shop, shop mình, bên mình, bên shop, bên bạn, bên đó, bên ấy, bên các anh, bên các chị,
        bên công ty, nhà mình, các anh, các chị, anh chị, công ty mình, công ty bạn, mấy anh, mấy chị, =mày, tụi bây,
        tụi mày, bọn mày, you, you're, you've, you'll, your, your team""",
    _Cue.OTHER: """
        khách, khách hàng, =họ, =nó, hắn, chủ nhà, hàng xóm, nhà bên, công an, cảnh sát, cứu hỏa, lính cứu hỏa, bảo
        vệ, điện lực, bên điện lực, bên thuế, cơ quan thuế, cục thuế, hải quan, ngân hàng, bên ngân hàng, bên vận
        chuyển, tài xế, ông chủ, bà chủ, sếp, sếp em, giám đốc, bệnh viện, bác sĩ, đối tác, bên bảo hiểm, bảo hiểm,
        chủ đầu tư, người ta, nhân viên, =thợ, kỹ thuật, he, she, they, he's, she's, they're, his, her, their, the
        landlord, the police, the bank, the customer, our customer, a customer, the client, our client, the neighbour,
        the neighbours, the hospital, the fire brigade, the insurance, the supplier, the driver, the contractor""",
}
_NOTHING = """
    vấn đề, đề nghị, đề xuất, đề phòng, chủ đề, tiêu đề, đơn vị, vị trí, ví dụ, thành thị, đô thị, thi công, thị
    trường, thi hành, thị xã, thị trấn, siêu thị, kỳ thi, dự thi, không khí, hiện trường, hiện đại, biểu hiện, thực
    hiện, phát hiện, thể hiện, xuất hiện, lợi nhuận, máy tính, tính tiền, không chỉ, không những, chả giò, giúp đỡ vừa
    qua, quyết định, quy định, ổn định, chỉ định, nhất định, giám định, gia đình, đăng ký, đăng nhập, đăng bài, đăng
    kiểm, đăng tin, đào tạo, tối nay, tối mai, tới nơi, văn phòng, văn bản, dinh dưỡng, kiểm định, cố định, nhân viên
    tư vấn, từ từng, cắt tóc, hợp đồng, bỏ lỡ, not only, not just, no problem, no worries, why not, không biết, nhờ
    vậy, nhờ đó, tình hình, thông tin, đã ký kết, vừa qua, vừa đủ, vừa vặn, mới tinh, is it possible, cứu hỏa, cứu
    nạn, cứu hộ, sơ cứu, cấp cứu, giải cứu, xe cứu thương, nghiên cứu, tra cứu, thân thiện, bản thân, chào giá, chào
    hàng, chào mừng, lời chào, báo giá em, hello kitty, báo lại, liên hệ, quan hệ, hệ thống, hệ lụy
"""
_BOOK = Phrasebook(_PHRASES, _NOTHING)

# Pronouns of kinship (bare), and who they mostly are where nothing in the mail settles it.
_MOSTLY_SENDER = bare_words("em con chau minh e")
_MOSTLY_OFFICE = bare_words("anh chi co chu bac ong ba cau di thay a")
_KINSHIP = {
    spelling.base: spelling for spelling in spellings("em con cháu mình e anh chị cô chú bác ông bà cậu dì thầy a")
}
# What is a pronoun wherever it stands; "co" may be có, "ba" three, "a" an article: these count where they are called.
_SURELY_KIN = spellings("em anh chị chi con cháu chau mình minh cô chú bác ông bà cậu dì thầy")
_NOT_KIN_BEFORE = bare_words("phi nhanh tiet tra dinh")  # chi phí, chi nhánh, chi tiết, chi trả
_NOT_KIN_AFTER = bare_words("xac chung thong")  # xác minh, chứng minh, thông minh

_OPENS = bare_words(
    "em anh chi co chu bac ong con chau toi tui minh ben khach ho no shop cty"
    " i we you he she they it there the my our your this that nothing everything everyone nobody no not"
    " giup nho xin vui phien cho de hay gui bao goi dang van se sap da chua khong ko may cam thanks thank hien gio nay"
    " please can could would is are was were has have do does did what how why where"
)
_BEFORE_OBJECT = bare_words("cho giup ho gium dum voi gui bao nho cua goi nhan tu bi hoi tra moi gap kem den toi")
_ACTS = bare_words(
    "gui goi kiem xem coi mo dong sua doi doi doi huy xac bao cho qua ra toi den xuong len giu tat khoa go chan in lam"
    " chuyen cap them bot thu dat soan tra giai xu ho cu ghe don cho tim lay viet mang bo dieu chay ky duyet day"
)
_PLEAS = bare_words("nhe nha nhen nghen voi di a giup ho gium dum lien ngay")
_TAGS = spellings("không khong ko kô k hông hong hok chưa chua")
_POLITE_ENDS = bare_words("a em anh chi ban vay nhi ha ta the oi shop ad con co chu bac")
_ENGLISH_ORDERS = bare_words(
    "send call come fix stop open check confirm cancel move hold keep bring book put help tell reply ring print remove"
)
_MOST_CLAUSES = 2_000  # a text of more is nobody's; its rest is one clause
_AT_STOP = 10  # characters after a clause, where its question mark stands
_AFTER_LAST = 4  # polite words after a tag
_MOST_GREETING = 8  # tokens: a longer clause says more than a greeting
_SIGNATURE = 4  # the last tokens, where a sender may name themself ("em Lan")

_QUOTED = re.compile(r"“[^“”\n]{1,300}”|«[^«»\n]{1,300}»|„[^„“”\n]{1,300}[“”]|(?<!\w)\"[^\"\n]{1,300}\"(?!\w)")

# ---------------------------------------------------------------------------------------------------------- reading


def read(text: str, tokens: Sequence[Token], who: Voices | None = None) -> tuple[Clause, ...]:
    """The clauses of a text, in its order; every token is in one. `tokens` are those of that very text.

    `who` are the voices of the mail's body, for its subject too; without them those of the text. Never raises.
    """
    if not tokens:
        return ()
    signs = _BOOK.signs(tokens)
    reader = _Reader(text, tokens, signs, who or voices(tokens), quotations(text, tokens))
    return tuple(reader.clauses())


def quotations(text: str, tokens: Sequence[Token]) -> tuple[Shown, ...]:
    """What stands between quotation marks, a line at most."""
    spans = [match.span() for match in _QUOTED.finditer(text)]
    quoted: list[Shown] = []
    at = 0
    for start, end in spans:
        while at < len(tokens) and tokens[at].start < start:
            at += 1
        first = at
        while at < len(tokens) and tokens[at].end <= end:
            at += 1
        if at > first:
            quoted.append(Shown(first, at - 1, text[start:end]))
    return tuple(quoted)


def voices(tokens: Sequence[Token]) -> Voices:
    """Who is who in a mail: whom it addresses, thanks and asks, and how its sender names themself.

    Votes for each pronoun of kinship: "X ơi", "chào X", "nhờ X" is the office; "giúp X", "X chào" is the
    sender.
    """
    votes: Counter[str] = Counter()  # above 0: the sender
    for at, token in enumerate(tokens):
        base = token.spelling.base
        if base in _KINSHIP and token.spelling.may_stand_for(_KINSHIP[base]):
            before = _linked(tokens, at - 1, at)
            after = _linked(tokens, at + 1, at + 1)
            vote = _vote(before, after)
            if at >= max(len(tokens) - _SIGNATURE, 1) and token.gap is Gap.PARAGRAPH:
                vote += _SURE
            is_other = after in _NOT_KIN_BEFORE or before in _NOT_KIN_AFTER
            if vote or (token.spelling in _SURELY_KIN and not is_other):
                votes[base] += vote
    office = {base for base in votes if votes[base] < 0 or (votes[base] == 0 and base in _MOSTLY_OFFICE)}
    sender = votes.keys() - office
    if not sender & (_MOSTLY_SENDER - {"minh"}) and office & _MOSTLY_SENDER:  # an elder writes to a younger one
        elders = [base for base in office & _MOSTLY_OFFICE if votes[base] == 0]
        sender |= set(elders)
        office -= set(elders)
    return Voices(frozenset(sender) | _ALWAYS_SENDER - office, frozenset(office))


_ALWAYS_SENDER = frozenset({"minh"})
_SURE = 3


def _linked(tokens: Sequence[Token], at: int, parted_at: int) -> str:
    """The bare word at a place, if nothing parts it from its neighbour."""
    if 0 <= at < len(tokens) and tokens[parted_at].gap is Gap.LINK:
        return tokens[at].spelling.base
    return ""


def _vote(before: str, after: str) -> int:
    """What the words around a pronoun say of it: above 0 it is the sender, below 0 the office."""
    vote = 0
    if after in _CALLED_AFTER or before in _CALLED_BEFORE:
        vote -= _SURE
    if after in _SENDS_AFTER:
        vote += _SURE
    if before in _SERVED_BEFORE:
        vote += 2
    if before in _ASKED_BEFORE:
        vote -= 2
    return vote


_CALLED_AFTER = bare_words("oi")
_CALLED_BEFORE = bare_words("chao dear hi hello hey kinh thua da on thank thanks alo")  # "cảm ơn chị"
_SENDS_AFTER = bare_words("chao xin cam hoi can muon dinh")  # "em chào anh", "cho em xin", "em cảm ơn", "em cần"
_SERVED_BEFORE = bare_words("giup ho gium dum")
_ASKED_BEFORE = bare_words("nho phien mong")


@dataclass(frozen=True, slots=True)
class _Span:
    """A clause to be: its tokens and the cues that begin in it."""

    first: int
    last: int
    signs: tuple[Sign[_Cue], ...]

    def sign(self, *cues: _Cue) -> Sign[_Cue] | None:
        """The first sign of any of the cues."""
        return next((sign for sign in self.signs if sign.cue in cues), None)


class _Reader:
    """Reads the clauses of one text from left to right, with the condition that hangs over the sentence."""

    def __init__(
        self,
        text: str,
        tokens: Sequence[Token],
        signs: Sequence[Sign[_Cue]],
        voices: Voices,
        quoted: Sequence[Shown],
    ) -> None:
        self._text = text
        self._tokens = tokens
        self._signs = signs
        self._voices = voices
        self._quoted = quoted
        self._condition: Shown | None = None
        self._called = False  # the last clause called somebody ("em ơi")

    def clauses(self) -> Iterator[Clause]:
        quoted = iter(self._quoted)
        quotation = next(quoted, None)
        for span in self._spans():
            while quotation is not None and quotation.last < span.first:
                quotation = next(quoted, None)
            whole = quotation is not None and quotation.first <= span.first and span.last <= quotation.last
            yield self._clause(span, quotation if whole else None)
            self._called = self._tokens[span.last].spelling.base in _CALLED_AFTER

    # --- where clauses part ------------------------------------------------------------------------------------

    def _spans(self) -> Iterator[_Span]:
        starts: dict[int, set[_Cue]] = {}
        parted_to = -1
        leisure = {sign.first for sign in self._signs if sign.cue is _Cue.NO_HURRY}
        for sign in self._signs:
            if sign.cue not in _PARTERS or (sign.first > parted_to and sign.first not in leisure):
                # "khi" in "phòng khi" parts nothing, nor does it in "xem giúp em khi nào rảnh"
                starts.setdefault(sign.first, set()).add(sign.cue)
            if sign.cue in _PARTERS:
                parted_to = max(parted_to, sign.last)
            if self._tokens[sign.last].spelling.base in _CALLED_AFTER:
                starts.setdefault(sign.last + 1, set()).add(_Cue.BREAK)  # "chị ơi": then it begins
        begins = (at for at in range(len(self._tokens)) if self._begins(at, starts.get(at, _NONE)))
        firsts = list(islice(begins, _MOST_CLAUSES))
        taken = 0
        for first, after in zip(firsts, [*firsts[1:], len(self._tokens)], strict=True):
            own = taken
            while taken < len(self._signs) and self._signs[taken].first < after:
                taken += 1
            yield _Span(first, after - 1, tuple(self._signs[own:taken]))

    def _begins(self, at: int, cues: "set[_Cue] | frozenset[_Cue]") -> bool:
        token = self._tokens[at]
        if at == 0 or token.gap >= Gap.STOP or self._is_new_line(at):
            return True
        if token.gap is Gap.COMMA:
            return bool(cues & _OPENERS) or token.spelling.base in _OPENS
        return bool(cues & _PARTERS)

    def _is_new_line(self, at: int) -> bool:
        """A line that begins with a capital letter is a sentence, though nobody typed a stop before it."""
        token = self._tokens[at]
        return token.text[0].isupper() and "\n" in self._text[self._tokens[at - 1].end : token.start]

    # --- what one clause is ------------------------------------------------------------------------------------

    def _clause(self, span: _Span, quotation: Shown | None) -> Clause:
        self._hang(span)
        no_hurry = span.sign(_Cue.NO_HURRY)
        negated = self._negation(span)
        kind, kind_by = self._kind(span)
        actor, actor_by = self._actor(span, kind)
        settled = self._settled(span, kind)
        tense, tense_by = self._tense(span, kind, settled)
        return Clause(
            first=span.first,
            last=span.last,
            kind=kind,
            actor=actor,
            tense=tense,
            kind_by=self._shown(kind_by),
            actor_by=actor_by,
            tense_by=self._shown(tense_by),
            negated_by=self._shown(negated),
            quoted_by=quotation or self._shown(span.sign(_Cue.SOURCE)),
            no_hurry_by=self._shown(no_hurry),
            condition_by=self._condition,
            settled_by=self._shown(settled),
        )

    def _shown(self, sign: Sign[_Cue] | None) -> Shown | None:
        if sign is None:
            return None
        start, end = self._tokens[sign.first].start, self._tokens[sign.last].end
        return Shown(sign.first, sign.last, self._text[start:end])

    def _hang(self, span: _Span) -> None:
        """The condition over this clause: its own, or that of an earlier clause of the sentence."""
        is_new = span.first == 0 or self._tokens[span.first].gap >= Gap.STOP or self._is_new_line(span.first)
        if is_new or span.sign(_Cue.CONTRAST, _Cue.WARNING, _Cue.POLITE):
            self._condition = None
        own = span.sign(_Cue.CONDITION)
        if own and self._negation(span):
            self._condition = None  # "nếu tối nay chưa sửa được": it presses
        elif own and not span.sign(_Cue.WARNING, _Cue.POLITE):
            self._condition = self._shown(own)

    def _kind(self, span: _Span) -> tuple[Kind, Sign[_Cue] | None]:
        warning, condition = span.sign(_Cue.WARNING), span.sign(_Cue.CONDITION)
        if warning or (condition and not span.sign(_Cue.POLITE)):
            return Kind.CONDITION, warning or condition
        for kind, cue in _KINDS:
            sign = span.sign(cue)
            if sign and self._holds(span, kind):
                return kind, sign
        if self._is_asked(span):
            return Kind.QUESTION, None
        if self._is_order(span):
            return Kind.REQUEST, None
        return Kind.REPORT, None

    def _holds(self, span: _Span, kind: Kind) -> bool:
        if kind is Kind.GREETING:
            return span.last - span.first < _MOST_GREETING
        if kind is Kind.OFFER:
            return not self._has_question_mark(span) and not span.sign(_Cue.REQUEST)
        if kind is Kind.THANKS:
            return not span.sign(_Cue.REQUEST) or self._thanks_first(span)
        if kind is Kind.REQUEST:
            return not (self._is_service(span) or self._is_waived(span) or self._was_needed(span))
        return True

    def _thanks_first(self, span: _Span) -> bool:
        thanks, request = span.sign(_Cue.THANKS), span.sign(_Cue.REQUEST)
        return thanks is not None and request is not None and thanks.first < request.first

    def _is_service(self, span: _Span) -> bool:
        """The sender does it for somebody ("em đã gửi giúp anh"), so nothing is asked."""
        subject, done = self._subject(span), span.sign(_Cue.DONE, _Cue.FUTURE)
        request = span.sign(_Cue.REQUEST)
        helps = request is not None and self._tokens[request.first].spelling.base in _SERVED_BEFORE
        return helps and subject is not None and subject[0] is Actor.SENDER and done is not None

    def _is_waived(self, span: _Span) -> bool:
        """Not asked: "khỏi phải cử người xuống", "no need to call me"."""
        request = span.sign(_Cue.REQUEST)
        return request is not None and any(
            sign.cue is _Cue.NEGATION and request.first - _WAIVED_WITHIN <= sign.first < request.first
            for sign in span.signs
        )

    def _was_needed(self, span: _Span) -> bool:
        """A need of the past: "hôm qua em cần gấp"."""
        past, request = span.sign(_Cue.PAST), span.sign(_Cue.REQUEST)
        if past is None or request is None or past.first > request.first:
            return False
        return any(self._tokens[at].spelling.base in _NEED for at in range(request.first, request.last + 1))

    def _is_asked(self, span: _Span) -> bool:
        if self._has_question_mark(span):
            return True
        for at in range(span.last, max(span.last - _AFTER_LAST, span.first), -1):
            spelling = self._tokens[at].spelling
            if spelling in _TAGS:
                return True
            if spelling.base not in _POLITE_ENDS:
                return False
        return False

    def _is_order(self, span: _Span) -> bool:
        """The office as subject of a deed not yet done, with a plea; or an English order."""
        head = self._tokens[span.first].spelling
        if head.base in _ENGLISH_ORDERS and head.bare and span.last > span.first:
            return True
        subject = self._subject(span)
        if span.sign(_Cue.DONE, _Cue.ONGOING, _Cue.PAST, _Cue.FUTURE, _Cue.NEGATION):
            return False
        pleads = self._tokens[span.last].spelling.base in _PLEAS
        if subject is None:
            return head.base in _ACTS and (pleads or self._called)
        after = subject[1].last + 1
        acts = any(self._tokens[at].spelling.base in _ACTS for at in range(after, min(after + 2, span.last + 1)))
        return subject[0] is Actor.OFFICE and (acts or (pleads and span.last > after))

    def _has_question_mark(self, span: _Span) -> bool:
        after = span.last + 1
        to = self._tokens[after].start if after < len(self._tokens) else len(self._text)
        between = self._text[self._tokens[span.last].end : to][:_AT_STOP]
        return between != " " and ("?" in between or "？" in between)

    # --- who acts ----------------------------------------------------------------------------------------------

    def _actor(self, span: _Span, kind: Kind) -> tuple[Actor, Shown | None]:
        subject = self._subject(span)
        if kind is Kind.REQUEST and (subject is None or subject[0] is Actor.SENDER):
            return Actor.OFFICE, None
        return subject or (Actor.NOBODY, None)

    def _subject(self, span: _Span) -> tuple[Actor, Shown] | None:
        """The first person named who is not the object of a small verb ("cho em", "gửi chị") nor called ("chị ơi")."""
        fixed = {sign.first: sign for sign in span.signs if sign.cue in _PERSONS}
        for at in range(span.first, min(span.last, span.first + _SUBJECT_WITHIN) + 1):
            before = self._tokens[at - 1].spelling.base if at > span.first else ""
            if before in _BEFORE_OBJECT or before in _NOT_KIN_AFTER:
                continue
            sign = fixed.get(at)
            if sign is not None:
                shown = self._shown(sign)
                assert shown is not None  # noqa: S101
                return _PERSONS[sign.cue], shown
            actor = self._kin(at, span)
            if actor is not None:
                return actor, Shown(at, at, self._tokens[at].text)
        return None

    def _kin(self, at: int, span: _Span) -> Actor | None:
        spelling = self._tokens[at].spelling
        base = spelling.base
        if base not in _KINSHIP or not spelling.may_stand_for(_KINSHIP[base]):
            return None
        after = self._tokens[at + 1].spelling.base if at < span.last else ""
        if after in _CALLED_AFTER or after in _NOT_KIN_BEFORE:
            return None
        if base in self._voices.sender:
            return Actor.SENDER
        return Actor.OFFICE if base in self._voices.office else None

    # --- when, whether -----------------------------------------------------------------------------------------

    def _tense(self, span: _Span, kind: Kind, settled: Sign[_Cue] | None) -> tuple[Tense, Sign[_Cue] | None]:
        if kind is Kind.CONDITION or self._condition is not None:
            return Tense.UNREAL, span.sign(_Cue.CONDITION, _Cue.WARNING, _Cue.UNREAL)
        if settled is not None:
            return Tense.DONE, settled
        for tense, cue in _TENSES:
            sign = span.sign(cue)
            if sign is not None:
                return tense, sign
        return Tense.PRESENT, None

    def _negation(self, span: _Span) -> Sign[_Cue] | None:
        """The first negation that is not the tag of a question at the end."""
        tag_from = span.last - 1 if self._is_asked(span) else span.last + 1
        return next((sign for sign in span.signs if sign.cue is _Cue.NEGATION and sign.first < tag_from), None)

    def _settled(self, span: _Span, kind: Kind) -> Sign[_Cue] | None:
        """What says that it is over, unless that is asked for, denied or to come."""
        sign = span.sign(_Cue.SETTLED)
        if sign is None or kind in _OPEN_KINDS or self._condition is not None:
            return None
        pending = any(
            each.cue in (_Cue.NEGATION, _Cue.FUTURE) and sign.first - _NEAR <= each.first < sign.first
            for each in span.signs
        )
        needed = any(self._tokens[at].spelling.base in _NEEDED for at in range(max(sign.first - 2, 0), sign.first))
        return None if pending or needed else sign


_NONE: frozenset[_Cue] = frozenset()
_CONDITIONS = frozenset({_Cue.CONDITION, _Cue.POLITE, _Cue.WARNING})
_PARTERS = frozenset({_Cue.BREAK, _Cue.CONTRAST, _Cue.THEN}) | _CONDITIONS
_OPENERS = _PARTERS | frozenset(
    {_Cue.REQUEST, _Cue.QUESTION, _Cue.THANKS, _Cue.GREETING, _Cue.WISH, _Cue.SETTLED, _Cue.NEGATION, _Cue.SOURCE}
    | {_Cue.SENDER, _Cue.OFFICE, _Cue.OTHER, _Cue.ONGOING, _Cue.FUTURE, _Cue.PAST, _Cue.DONE, _Cue.NO_HURRY}
)
_KINDS = (
    (Kind.OFFER, _Cue.OFFER),
    (Kind.THANKS, _Cue.THANKS),
    (Kind.REQUEST, _Cue.POLITE),
    (Kind.REQUEST, _Cue.REQUEST),
    (Kind.QUESTION, _Cue.QUESTION),
    (Kind.WISH, _Cue.WISH),
    (Kind.GREETING, _Cue.GREETING),
)
_TENSES = (
    (Tense.UNREAL, _Cue.UNREAL),
    (Tense.ONGOING, _Cue.ONGOING),
    (Tense.FUTURE, _Cue.FUTURE),
    (Tense.DONE, _Cue.DONE),
    (Tense.PAST, _Cue.PAST),
)
_PERSONS = {_Cue.SENDER: Actor.SENDER, _Cue.OFFICE: Actor.OFFICE, _Cue.OTHER: Actor.OTHER}
_OPEN_KINDS = (Kind.REQUEST, Kind.QUESTION, Kind.CONDITION, Kind.WISH)
_SUBJECT_WITHIN = 6  # tokens from the beginning of a clause
_NEAR = 4
_NEED = bare_words("can need needed")
_WAIVED_WITHIN = 3
_NEEDED = bare_words("be get to getting can phai cua muon")
