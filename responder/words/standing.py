"""Standing: whether a word of the policy, found at a place of a text, counts there; and if not, why not.

Pure: a place and the clauses around it in, a refusal or nothing out. It must not know the policy's words, nor what a
signal leads to. Two things speak against a word: what stands right beside it (a negation, the tag of a question, the
lack of company for a bare syllable), which holds for every signal; and what kind of clause it stands in, which holds
for the signals that claim something is so now (`_RULES`): a complaint about last year is still a complaint, an
emergency of last year is none.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import IntEnum, StrEnum, auto
from functools import cached_property
from itertools import zip_longest
from typing import Protocol

from responder.words import clauses
from responder.words.clauses import Actor, Clause, Kind, Shown, Tense, Voices
from responder.words.patterns import is_doubtful
from responder.words.phrasebook import Phrasebook, Sign
from responder.words.tokens import Gap, Spelling, Token, bare_words, spellings, tokenize


class Refused(StrEnum):
    """Why a word that was there did not count."""

    UNLESS = "unless"
    NEGATED = "negated"
    NEEDS_COMPANY = "needs company"
    CONDITION = "condition"
    OVER = "over"
    REPORTED = "reported"
    OFFER = "offer"
    NAME = "name"
    BAIT = "bait"
    OUTWEIGHED = "outweighed"  # a hint, by who knows more of the mail


Refusal = tuple[Refused, str]
"""Why, and the text that spoke against it; "" if only company lacked."""


class Place(Protocol):
    """Where a word stands: the tokens first … last (inclusive), and for each the spelling that was meant."""

    @property
    def first(self) -> int: ...

    @property
    def last(self) -> int: ...

    @property
    def meant(self) -> tuple[Spelling, ...]: ...


# ---------------------------------------------------------------------------------------------- what is looked at


class Scene:
    """One part of a mail, with its clauses and the cues against a word; each is read when it is first asked for."""

    def __init__(self, text: str, voices: Voices | None = None, after: "Scene | None" = None) -> None:
        """`after` is the part that goes on where this one ends: the body after the subject."""
        self.text = text
        self.tokens = tokenize(text)
        self.after = after
        self._voices = voices

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return clauses.read(self.text, self.tokens, self.voices)

    @cached_property
    def voices(self) -> Voices:
        return self._voices or clauses.voices(self.tokens)

    @cached_property
    def _quotations(self) -> tuple[Shown, ...]:
        return clauses.quotations(self.text, self.tokens)

    @cached_property
    def _signs(self) -> "Mapping[_Cue, list[Sign[_Cue]]]":
        signs: dict[_Cue, list[Sign[_Cue]]] = {}
        for sign in _BOOK.signs(self.tokens):
            signs.setdefault(sign.cue, []).append(sign)
        return signs

    @cached_property
    def _begins(self) -> list[int]:
        return [clause.first for clause in self.clauses]

    def at(self, place: Place) -> int:
        """Which clause the place is in."""
        return self._at(place.first)

    def _at(self, token: int) -> int:
        return bisect_right(self._begins, token) - 1

    def clause_of(self, sign: "Sign[_Cue]") -> Clause:
        return self.clauses[self._at(sign.first)]

    def sentence(self, place: Place) -> int:
        """The token at which the sentence of a place begins, a few clauses before it at most."""
        at = self.at(place)
        back = range(at, max(at - _SENTENCE, 0), -1)
        return self.clauses[next((each for each in back if _is_new(self, self.clauses[each])), back.stop)].first

    def sign(self, cue: "_Cue", first: int, last: int) -> Sign["_Cue"] | None:
        """The first sign of a cue that begins at the tokens first … last (inclusive)."""
        signs = self._signs.get(cue, [])
        at = bisect_left(signs, first, key=lambda sign: sign.first)
        return signs[at] if at < len(signs) and signs[at].first <= last else None

    def quotation(self, place: Place) -> Shown | None:
        """The quotation marks that the place stands between."""
        return self._quotation(place.first, place.last)

    def is_quoted(self, first: int, last: int) -> bool:
        """Whether the tokens first … last (inclusive) stand between quotation marks."""
        return self._quotation(first, last) is not None

    def _quotation(self, first: int, last: int) -> Shown | None:
        at = bisect_right(self._quotations, first, key=lambda quoted: quoted.first) - 1
        return self._quotations[at] if at >= 0 and last <= self._quotations[at].last else None

    def said(self, sign: Sign["_Cue"]) -> str:
        return self.text[self.tokens[sign.first].start : self.tokens[sign.last].end]

    def has(self, cue: "_Cue") -> str | None:
        """The first sign of a cue in this part or the one after it, as it is written."""
        signs = self._signs.get(cue)
        if signs:
            return self.said(signs[0])
        return self.after.has(cue) if self.after else None

    @cached_property
    def advert(self) -> str | None:
        """What shows that something is sold here: a lure ("giảm 50%") and a call ("mua ngay") in one mail.

        Whoever runs a sale has customers who click, too: a call is said to the reader, and by the sender.
        """
        if not self.has(_Cue.LURE):
            return None
        return self._call or (None if self.is_of_the_sender else self.has(_Cue.ADDRESS))

    @cached_property
    def _call(self) -> str | None:
        calls = (self.said(sign) for sign in self._signs.get(_Cue.CALL, []) if self._is_called(sign))
        return next(calls, None) or (self.after._call if self.after else None)

    def _is_called(self, sign: "Sign[_Cue]") -> bool:
        """Said to the reader: not "khách bấm vào", "customers click", "bấm vào là lỗi", nor what a button reads."""
        clause = self.clause_of(sign)
        before = self.tokens[sign.first - 1] if sign.first > clause.first else None
        is_told = before is not None and before.spelling.bare and before.spelling.base not in _ORDERS_AFTER
        is_english = self.tokens[sign.first].spelling.base in _ENGLISH_CALLS
        speaks_of = clause.actor in (Actor.SENDER, Actor.OTHER) and clause.kind is not Kind.REQUEST
        then = self.tokens[sign.last + 1].spelling.base if sign.last < clause.last else ""
        happens = speaks_of or (is_english and is_told) or then in _THEN_HAPPENS
        return not (happens or self.is_quoted(sign.first, sign.last))

    @cached_property
    def advice(self) -> str | None:
        """What shows that a mail teaches what to do in a danger; whoever is in it speaks of themself."""
        advice = self.has(_Cue.ADVICE)
        if advice is None or self.has(_Cue.PLEA):
            return None
        return None if self._is_personal and not self.has(_Cue.PASSED_ON) else advice

    @cached_property
    def bait(self) -> str | None:
        """What shows a lure for passwords: "tài khoản của bạn" and "bấm vào" in one mail."""
        account = self.has(_Cue.ACCOUNT)
        login = self.has(_Cue.LOGIN)
        return login if account and login and not self._is_personal else None

    @cached_property
    def _is_personal(self) -> bool:
        """Somebody speaks of themself ("em", "I"): a victim who tells of such a mail, not the mail."""
        actors = (clause.actor_by for clause in self.clauses if clause.actor is Actor.SENDER)
        here = any(by is not None and by.text.casefold() not in _COMPANY for by in actors)
        return here or (self.after is not None and self.after._is_personal)

    @cached_property
    def is_of_the_sender(self) -> bool:
        """A mail in which somebody speaks of themself, and which sells nothing."""
        return self._is_personal and not self.has(_Cue.SELLS)

    @cached_property
    def tells_of_its_sender(self) -> bool:
        """As above; or some company speaks, and calls nobody."""
        if self.has(_Cue.SELLS) or self._call or self.has(_Cue.ADDRESS):
            return self.is_of_the_sender
        here = any(clause.actor is Actor.SENDER for clause in self.clauses)
        return here or (self.after is not None and self.after.tells_of_its_sender)

    @cached_property
    def is_thanks(self) -> bool:
        """A part that thanks, and asks for nothing."""
        kinds = {clause.kind for clause in self.clauses}
        return Kind.THANKS in kinds and kinds.isdisjoint({Kind.REQUEST, Kind.QUESTION})

    @cached_property
    def drill(self) -> str | None:
        """What shows that the mail is about an exercise; a real event beside it is said to be real."""
        real = self.has(_Cue.REAL)
        return None if real else self.has(_Cue.DRILL)


def scenes(subject: str, own_words: str) -> tuple[Scene, Scene]:
    """The two parts of one mail, subject and body; the body says who is who in both."""
    body = Scene(own_words)
    return Scene(subject, body.voices, body), body


class _Cue(IntEnum):
    """What stands in a clause against a word."""

    LONG_AGO = auto()
    LATER = auto()
    DENIAL = auto()
    HEAD = auto()
    TAIL = auto()
    DRILL = auto()
    REAL = auto()
    LURE = auto()
    CALL = auto()
    ADDRESS = auto()
    SELLS = auto()
    ADVICE = auto()
    PASSED_ON = auto()
    PLEA = auto()
    ACCOUNT = auto()
    LOGIN = auto()
    COURSE = auto()
    ERROR = auto()


_PHRASES = {
    # Yesterday is not long ago: what broke then may be broken now.
    _Cue.LONG_AGO: """
        tuần trước, tháng trước, năm trước, năm ngoái, năm kia, lần trước, đợt trước, kỳ trước, hồi trước, hồi đầu, hồi
        tháng, hồi năm, dạo trước, dạo nọ, trước kia, trước đây, ngày xưa, hôm trước, bữa trước, hôm nọ, bữa nọ, quý
        trước, mùa trước, đã từng, từng bị, từng xảy ra, từng gặp, từng có, last week, last month, last year, last
        time, last summer, last winter, last spring, last autumn, last quarter, weeks ago, months ago, years ago, a
        week ago, a month ago, a year ago, the other day, back then, in the past""",
    _Cue.LATER: """
        sau này, về sau, mai sau, lần sau, đợt sau, năm sau, năm tới, về lâu dài, in future, in the future, next time,
        next year, later on, some day, one day, ever""",
    _Cue.DENIAL: """
        không ai, không có ai, không một ai, không có, không bị, không hề, không còn, không thấy, không phải, không
        gây, không xảy ra, ko ai, ko có, ko bị, ko còn, ko phải, k có, k bị, k phải, chưa bị, chưa ai, chưa có ai,
        chưa hề, chưa từng, chẳng ai, chẳng bị, đâu có, đâu phải, làm gì có, suýt, suýt nữa, suýt chút, cứ tưởng,
        tưởng là, tưởng bị, no one, nobody, none of, without, there is no, there was no, there were no, no sign of, no
        risk of, was not, were not, did not, didn't, wasn't, weren't, nearly, almost""",
    _Cue.HEAD: """
        phòng chống, phòng cháy, phòng ngừa, =chống, =tránh, ngăn ngừa, ngăn chặn, =ngừa, đề phòng, khóa học, khoá
        học, tập huấn, huấn luyện, đào tạo, kỹ năng, sơ cứu, quy trình, phương án, kịch bản, bảo hiểm, hội thảo,
        chuyên đề, tiêu chuẩn, dịch vụ, giải pháp, =gói, điều khoản, tư vấn, cảm biến, đầu dò, máy dò, =phí, phi lam,
        phi in, phi ship, phi giao, phí dịch, phụ phí, phụ thu, số khẩn, số điện thoại, hotline, đường dây, nguy cơ,
        bài học, bài giảng, =sách, =phim, diễn tập, chứng chỉ, course on, training on, training for, insurance
        against, protection against, prevention of, protect against, how to prevent, procedure for, plan for, policy
        on, cover for, lesson on, workshop on, session on, risk of, drill for, webinar, seminar, workshop""",
    _Cue.TAIL: """
        detector, detectors, webinar, seminar, tabletop, sensor, sensors, drill, drills, training, course, courses,
        policy, insurance, cover, prevention, protection, safety, simulation, exercise, workshop, procedure,
        procedures, plan, plans, fee, fees, surcharge, rate, rates, service, services, contact, contacts, number,
        numbers, exit, exits, kit, test, assessment, checklist, giả lập, giả định""",
    _Cue.DRILL: """
        diễn tập, buổi diễn tập, tập dợt, tình huống giả định, giả lập tình huống, fire drill, fire drills, evacuation
        drill, safety drill, a drill, the drill, tabletop exercise, mock exercise, safety exercise""",
    _Cue.REAL: """
        không phải diễn tập, ko phải diễn tập, không phải giả, không phải tập, cháy thật, thật sự cháy, sự cố thật, có
        thật, diễn tập xong, diễn tập kết thúc, sau diễn tập, sau buổi diễn tập, the drill is over, the drill ended,
        after the drill, not a drill, no drill, not an exercise, for real, a real""",
    _Cue.LURE: """
        khuyến mãi, khuyến mại, ưu đãi, giảm giá, giảm ngay, giảm đến, giảm tới, giảm sốc, tặng kèm, quà tặng, tặng
        ngay, mua 1 tặng, mua một tặng, xả kho, xả hàng, thanh lý, giá sốc, giá rẻ, giá gốc, giá tốt, chỉ từ, miễn
        phí, số lượng có hạn, suất cuối, cơ hội, chuyên cung cấp, chúng tôi chuyên, bên em chuyên, flash sale, sale
        off, sale sốc, special offer, limited offer, limited time, discount, off all, free trial, best price, special
        price, offer ends, sale ends, sale closes, is free, for free, last chance, giveaway, voucher""",
    _Cue.CALL: """
        mua ngay, đặt mua, đặt ngay, đăng ký ngay, nhận ngay, đăng ký tại, bấm vào, nhấn vào, click, inbox ngay, liên
        hệ ngay, gọi ngay hotline, đừng bỏ lỡ, nhanh tay, chốt đơn, anh chị ủng hộ, mọi người ủng hộ, cả nhà ủng hộ,
        buy now, order now, shop now, sign up now, register now, book now, unsubscribe, don't miss, hurry, act now,
        hủy nhận tin""",
    # How a seller speaks to many. A customer may have copied it, or mean their own customers.
    _Cue.ADDRESS: "quý khách, kính mời",
    _Cue.SELLS: """
        chuyên cung cấp, chuyên nhận, chuyên phân phối, chuyên bán, chuyên thiết kế, chuyên thi công, chúng tôi chuyên,
        bên em chuyên, xin giới thiệu, giới thiệu dịch vụ, giới thiệu sản phẩm, hân hạnh, trân trọng giới thiệu, trân
        trọng kính mời, kính mời quý, ra mắt, we offer, we provide, we specialise, we specialize, our services,
        introducing our, pleased to offer, pleased to introduce""",
    _Cue.ADVICE: """
        bản tin an toàn, bản tin pccc, bản tin phòng, cẩm nang, sổ tay an toàn, dấu hiệu nhận biết, dấu hiệu chập, dấu
        hiệu rò, dấu hiệu của, dấu hiệu cho, dấu hiệu bị, dấu hiệu có, dấu hiệu đột, dấu hiệu ngộ, dấu hiệu bạn, cách
        nhận biết, cách xử lý khi, cách xử trí, cách thoát, cách phòng, các bước, những bước, mẹo, khuyến cáo, tuyên
        truyền, hướng dẫn thoát, hướng dẫn xử lý, hướng dẫn an toàn, hướng dẫn phòng, hướng dẫn sơ cứu, hướng dẫn pccc,
        kiến thức, những điều cần, điều cần biết, điều nên biết, làm gì khi, làm gì nếu, nên làm gì, những việc cần
        làm, lưu ý an toàn, safety newsletter, safety bulletin, safety digest, what to do when, what to do if, what to
        do in, how to recognise, how to recognize, how to spot, how to tell, how to prevent, how to avoid, how to
        react, how to escape, how to survive, how to stay, warning signs, signs of, the signs, safety tips, tips for,
        tips on, tips to, these tips, safety advice, safety guide, safety guidance, guide to, did you know, in this
        issue, dos and don'ts, stay safe, fire safety tips, fire safety week, safety reminder, things to know, steps to
        take""",
    _Cue.PASSED_ON: """
        gửi bản tin, gửi anh chị bản tin, gửi cẩm nang, gửi hướng dẫn, gửi các bước, gửi tài liệu, chia sẻ, chuyển
        tiếp, phổ biến, tuyên truyền, xin nhắc, share, sharing, forward, forwarding, passing on, newsletter, bulletin,
        remind, reminder""",
    _Cue.ACCOUNT: """
        tài khoản của bạn, tài khoản của quý khách, hộp thư của bạn, hộp thư của quý khách, tên miền của bạn, tên miền
        của quý khách, mã số thuế của bạn, email của bạn, website của bạn, gói tin của bạn, your account, your
        mailbox, your domain, your e-mail account, your email account, your password, your parcel, your storage""",
    _Cue.LOGIN: """
        xác nhận mật khẩu, xác minh, xác thực tài khoản, đường dẫn dưới, đường dẫn sau, đăng nhập vào đường dẫn, bấm
        vào, nhấn vào, nhấp vào, truy cập đường dẫn, truy cập link, click, verify, confirm your password, link below,
        update your payment, sign in below""",
    _Cue.PLEA: """
        phải làm sao, làm sao giờ, làm sao đây, làm gì bây giờ, cứu em, cứu với, cứu anh, cứu chị, cứu tôi, cử người,
        cho người qua, cho người tới, cho người đến, cho thợ qua, cho thợ tới, qua ngay, tới ngay, đến ngay, xuống
        ngay, send someone, send somebody, what should we, what should i, what do we do, what do i do, help us, help
        me, please help, please come, come quickly, come now""",
    _Cue.COURSE: """
        khóa học, khoá học, lớp sơ cứu, lớp học, lớp tập huấn, buổi tập huấn, tập huấn, huấn luyện, bài học, bài giảng,
        giáo trình, webinar, seminar, workshop, training course, training session, hội thảo, chuyên đề, phim ngắn, phim
        tài liệu, phóng sự, làm phim, bộ phim, quay phim, kịch bản, vở kịch, tiểu thuyết, truyện tranh, trò chơi, đạo
        cụ, a film, the film, short film, a novel, the novel, screenplay, a movie, the movie, a video game""",
    # Who puts an error message into quotation marks tells what happens.
    _Cue.ERROR: """
        lỗi, báo, hiện, màn hình, thông báo, hiển thị, nói, bảo, kêu, nhắn, gọi, error, message, screen, shows, show,
        says, said, saying, reads, displays, told, alert""",
}
_BOOK = Phrasebook(
    _PHRASES,
    nothing="""
    văn phòng, phòng khách, phòng ngủ, phòng máy, phòng server, phòng họp, phòng bếp, phòng kho, phòng em, phòng anh,
    phòng tắm, phòng khám, phòng điện, phòng trực, trong phòng, căn phòng, phòng 1, lớp học, số lượng, chi phí, số máy,
    số nhà, không chỉ, không những, một số, gói hàng, hết cả, hết sức, hết kho, hết nhà, mất hết, mã hóa hết,
    cảnh báo, báo giá, not only, not just, no doubt, hiện tại, hiện giờ, hiện nay, học phí, bao nhiêu phí""",
)

# ----------------------------------------------------------------------------------------------------- the verdict


def refusal(signal: str, place: Place, scene: Scene) -> Refusal | None:
    """Why a word of that signal does not count at that place; None if it does."""
    return next(filter(None, (rule(place, scene) for rule in _RULES.get(signal, _BESIDE))), None)


def claims_harm(signal: str) -> bool:
    """Whether the words of a signal claim that something bad is happening now."""
    return _RULES.get(signal) is _HARM


# ------------------------------------------------------------------------------------- the clause it stands in
# Each rule is of one kind of refusal, and looks at one place.


def _under_condition(place: Place, scene: Scene) -> Refusal | None:
    """Under a condition ("nếu gấp em sẽ gọi") or in a time to come ("sau này"), so not so now.

    A warning ("nếu không xử lý ngay thì ngập hết kho") is none, but what it is about may be ("nếu không vào được").
    """
    clause = scene.clauses[scene.at(place)]
    if clause.condition_by is not None:
        return Refused.CONDITION, clause.condition_by.text
    if clause.kind is Kind.CONDITION and clause.kind_by is not None and place.meant[0] in _NEGATIONS:
        return Refused.CONDITION, clause.kind_by.text
    later = scene.sign(_Cue.LATER, clause.first, clause.last)
    return (Refused.CONDITION, scene.said(later)) if later else None


def _wanted_under_condition(place: Place, scene: Scene) -> Refusal | None:
    """As above; but what is asked for on a condition is asked for: "nếu còn hàng thì giao gấp giúp em"."""
    clause = scene.clauses[scene.at(place)]
    return None if clause.kind is Kind.REQUEST else _under_condition(place, scene)


def _over(place: Place, scene: Scene) -> Refusal | None:
    """Long past, or said to be over in this clause; a thanks for it, too, comes afterwards."""
    clause = scene.clauses[scene.at(place)]
    if clause.settled_by is not None:
        return Refused.OVER, clause.settled_by.text
    if clause.tense is Tense.ONGOING:
        return None
    after = _settled_in_sentence(scene, scene.at(place))
    if after is not None:
        return Refused.OVER, after.text
    is_thanks = clause.kind is Kind.THANKS or scene.is_thanks
    if is_thanks and clause.tense in (Tense.DONE, Tense.PAST) and clause.tense_by is not None:
        return Refused.OVER, clause.tense_by.text
    ago = scene.sign(_Cue.LONG_AGO, clause.first, clause.last)
    return (Refused.OVER, scene.said(ago)) if ago else None


def _over_by_now(place: Place, scene: Scene) -> Refusal | None:
    """As above, or told to be over soon afterwards: "Tối qua kẹt thang máy. Anh trực mở cửa ngay, giờ ổn rồi"."""
    at = scene.at(place)
    past = _over(place, scene)
    if past is not None and not _goes_on(scene, at):
        return past
    settled = _settled_after(scene, at) or _settled_before(scene, at)
    return (Refused.OVER, settled.text) if settled else None


def _goes_on(scene: Scene, at: int) -> bool:
    """Whether one of the next clauses says that it still is so ("tuần trước hỏng, đến giờ vẫn chưa sửa")."""
    return any(clause.tense is Tense.ONGOING and clause.settled_by is None for clause in scene.clauses[at : at + _SOON])


def _settled_after(scene: Scene, at: int) -> Shown | None:
    """By a clause soon afterwards, unless something before it still goes on, or right after it does so all the same."""
    rest = scene.clauses[at : at + _SETTLED_WITHIN]
    if scene.after is not None:
        rest = (*rest, *scene.after.clauses[:_SETTLED_WITHIN])
    for clause, following in zip_longest(rest, rest[1:]):
        if clause.settled_by is not None:
            return None if following is not None and _is_still(following) else clause.settled_by
        if clause.tense is Tense.ONGOING:
            return None
    return None


def _is_still(clause: Clause) -> bool:
    """Whether a clause takes back what the one before it said: "sửa rồi, vẫn chảy"."""
    return clause.tense_by is not None and clause.tense_by.text.split()[0].casefold() in _STILL


def _settled_in_sentence(scene: Scene, at: int) -> Shown | None:
    for clause in scene.clauses[at + 1 : at + _SOON]:
        if _is_new(scene, clause):
            return None
        if clause.settled_by is not None:
            return clause.settled_by
    return None


def _settled_before(scene: Scene, at: int) -> Shown | None:
    """By the clause before, in the same sentence: "xong rồi anh ạ, vụ kẹt thang máy ấy"."""
    clause = scene.clauses[at]
    contradicts = scene.tokens[clause.first].spelling.base in _BUT or clause.tense is Tense.ONGOING
    return None if at == 0 or _is_new(scene, clause) or contradicts else scene.clauses[at - 1].settled_by


def _is_new(scene: Scene, clause: Clause) -> bool:
    """Whether a sentence begins there."""
    return scene.tokens[clause.first].gap >= Gap.STOP


def _reported(place: Place, scene: Scene) -> Refusal | None:
    """News, hearsay, or a few words between quotation marks that are no error message: “gấp”."""
    at = scene.at(place)
    clause = scene.clauses[at]
    for each in (clause, *(scene.clauses[at - 1 : at] if at and not _is_new(scene, clause) else ())):
        whole = each.quoted_by is not None and each.quoted_by.first <= each.first and each.quoted_by.last >= each.last
        if each.quoted_by is not None and not whole:
            return Refused.REPORTED, each.quoted_by.text
    quotation = scene.quotation(place)
    if quotation is None or quotation.last - quotation.first >= _SHORT_QUOTATION:
        return None
    is_message = scene.sign(_Cue.ERROR, max(quotation.first - _BEFORE_QUOTATION, 0), quotation.first) is not None
    return None if is_message else (Refused.REPORTED, quotation.text)


def _taught(place: Place, scene: Scene) -> Refusal | None:
    """In a mail that teaches what to do in such a case, unless it goes on all the same ("nhưng vẫn bốc khói")."""
    if scene.advice is None:
        return None
    clause = scene.clauses[scene.at(place)]
    goes_on = _is_still(clause) or scene.tokens[clause.first].spelling.base in _BUT
    return None if goes_on else (Refused.REPORTED, scene.advice)


def _offered(place: Place, scene: Scene) -> Refusal | None:
    """In an advertisement, or in a clause that offers something."""
    return _advertised(place, scene) or _in_offer(place, scene)


def _offered_to_many(place: Place, scene: Scene) -> Refusal | None:
    """As above; but whoever speaks of themself ("flash sale bên em mà web sập") tells what happens at their sale."""
    return _advertised(place, scene) or (None if scene.tells_of_its_sender else _in_offer(place, scene))


def _advertised(_place: Place, scene: Scene) -> Refusal | None:
    return (Refused.OFFER, scene.advert) if scene.advert is not None else None


def _in_offer(place: Place, scene: Scene) -> Refusal | None:
    clause = scene.clauses[scene.at(place)]
    by = clause.kind_by
    if clause.kind is not Kind.OFFER or by is None or clause.tense is Tense.ONGOING:
        return None
    return None if scene.is_quoted(by.first, by.last) else (Refused.OFFER, by.text)


def _baited(place: Place, scene: Scene) -> Refusal | None:
    """In a mail that wants a password: its deadlines are false."""
    return (Refused.BAIT, scene.bait) if scene.bait is not None else None


def _named(place: Place, scene: Scene) -> Refusal | None:
    """Part of a name: "khóa học sơ cứu", "phí gấp", "gas leak detector"."""
    clause = scene.clauses[scene.at(place)]
    first = _reach_back(place, scene, _HEAD_WITHIN)
    head = scene.sign(_Cue.HEAD, first, place.first - 1) if first < place.first else None
    head = head or scene.sign(_Cue.COURSE, scene.sentence(place), place.first)
    if head is not None and clause.tense is not Tense.ONGOING and not _is_meanwhile(head, scene):
        return Refused.NAME, scene.said(head)
    after = min(place.last + _TAIL_WITHIN, clause.last)
    tail = scene.sign(_Cue.TAIL, place.last + 1, after) if after > place.last else None
    return (Refused.NAME, scene.said(tail)) if tail else None


def _is_meanwhile(head: Sign[_Cue], scene: Scene) -> bool:
    """Whether the course, or the film, is what goes on while something breaks out in earnest."""
    before = scene.tokens[max(head.first - 2, 0) : head.first]
    is_during = any(token.spelling.base in _MEANWHILE for token in before)
    return is_during or scene.clause_of(head).tense is Tense.ONGOING


def _named_unwanted(place: Place, scene: Scene) -> Refusal | None:
    """As above; but what is asked for is no mere name: "tư vấn gấp giúp em"."""
    return None if scene.clauses[scene.at(place)].kind is Kind.REQUEST else _named(place, scene)


def _practised(place: Place, scene: Scene) -> Refusal | None:
    """In a mail about a drill."""
    return (Refused.NAME, scene.drill) if scene.drill is not None else None


def _denied(place: Place, scene: Scene) -> Refusal | None:
    """Said not to be so, over a few words: "không có ai bị thương", "suýt cháy nhà"."""
    if place.meant[0] in _NEGATIONS:
        return None
    first = _reach_back(place, scene, _DENIAL_WITHIN)
    if scene.tokens[first].spelling.base in _THEN:  # "suýt nữa thì cháy"
        first = max(first - 2, 0)
    denial = scene.sign(_Cue.DENIAL, first, place.first - 1) if first < place.first else None
    return (Refused.NEGATED, scene.said(denial)) if denial else None


def _wondered(place: Place, scene: Scene) -> Refusal | None:
    """Asked whether it is so: "có bị mất dữ liệu không ạ?"."""
    clause = scene.clauses[scene.at(place)]
    if clause.kind is not Kind.QUESTION:
        return None
    asks = next((token for token in _back(scene.tokens, place.first, 3) if token.spelling.base not in _WHETHER), None)
    tag = next((token for token in scene.tokens[place.last + 1 : clause.last + 1] if token.spelling in _TAGS), None)
    return (Refused.NEGATED, tag.text) if asks is not None and asks.spelling.base == "co" and tag else None


def _no_hurry(place: Place, scene: Scene) -> Refusal | None:
    """In a clause that says there is none: "gửi ngay khi nào rảnh cũng được"."""
    told = scene.clauses[scene.at(place)].no_hurry_by
    return (Refused.NEGATED, told.text) if told else None


def _reach_back(place: Place, scene: Scene, at_most: int) -> int:
    """The first of the words before a place that belong to its clause and that nothing parts from it."""
    first = place.first
    clause = scene.clauses[scene.at(place)]
    while first > clause.first and place.first - first < at_most and scene.tokens[first].gap is Gap.LINK:
        first -= 1
    return first


_STILL = frozenset({"vẫn", "van", "cứ", "still", "keeps", "keep"})
_BUT = bare_words("nhung ma but however yet song")
_SOON = 3  # clauses
_SENTENCE = 4  # clauses of one that are looked at
_SETTLED_WITHIN = 7  # clauses: a letter comes to its end
_SHORT_QUOTATION = 6  # tokens
_BEFORE_QUOTATION = 2
_HEAD_WITHIN = 3
_MEANWHILE = bare_words("during while after luc giua")
_TAIL_WITHIN = 3
_DENIAL_WITHIN = 5
_COMPANY = frozenset({"chúng tôi", "chung toi", "we", "our", "we've", "we'll", "we're"})
_THEN = bare_words("thi")
_ENGLISH_CALLS = bare_words("click hurry buy order shop sign register book act unsubscribe")
_THEN_HAPPENS = bare_words("la thi bi van khong ko")
_ORDERS_AFTER = bare_words("please to and just simply now or then quick")
_WHETHER = bare_words("bi phai duoc kha nang nguy so")

# -------------------------------------------------------------------------------------------- what stands beside it


def _negated_beside(place: Place, scene: Scene) -> Refusal | None:
    return _negated(place, scene.tokens)


def _lonely(place: Place, scene: Scene) -> Refusal | None:
    return _left_alone(place, scene.tokens)


def _negated(place: Place, tokens: Sequence[Token]) -> Refusal | None:
    """A negation before the word ("không gấp"), or the question whether it is so ("có gấp không?").

    A pattern that begins with a negation says itself what it means ("không vào được").
    """
    if place.meant[0] in _NEGATIONS:
        return None
    negation = _negation_before(place, tokens) or _need_denied(place, tokens) or _asked(place, tokens)
    return (Refused.NEGATED, negation) if negation else None


def negated_within(place: Place, own: Collection[str], scene: Scene) -> Refusal | None:
    """A negation that a gap left out, before a word of the pattern's own: "web * sập" in "web hôm nay không hề sập".

    `own` are the words of the pattern, in bare letters. Not in "web không hiểu sao sập".
    """
    for at in range(place.first + 1, place.last):
        token = scene.tokens[at]
        if token.spelling in _NEGATIONS and token.spelling.base not in own:
            rest = (each.spelling for each in scene.tokens[at + 1 : place.last + 1])
            denied = next((each for each in rest if each.base in own or each.base not in _DENIED_OVER), None)
            if denied is not None and denied.base in own:
                return Refused.NEGATED, token.text
    return None


def _negation_before(place: Place, tokens: Sequence[Token]) -> str | None:
    """The negation right before the word, or with only filler words between. "Không chỉ gấp" has a word between."""
    english = all(spelling.bare for spelling in place.meant)
    for token in _back(tokens, place.first, _FILLERS_AT_MOST):
        if token.spelling in _NEGATIONS and (english or token.spelling not in _ENGLISH_ONLY):
            return token.text
        if token.spelling not in _FILLERS:
            return None
    return None


def _need_denied(place: Place, tokens: Sequence[Token]) -> str | None:
    """A need denied reaches further, over the verb: "không cần trả lời gấp", "no need to call back urgently".

    A person or a new clause ends its reach: "không cần gọi lại, em gấp", "no need to call but it is urgent".
    """
    need: Token | None = None
    for token in _back(tokens, place.first, _DENIED_NEED_REACHES):
        if need is not None and token.spelling in _NEGATIONS:
            return f"{token.text} {need.text}"
        if token.spelling in _CLAUSE_BEGINS:
            return None
        need = token if token.spelling in _NEEDS else None
    return None


def _asked(place: Place, tokens: Sequence[Token]) -> str | None:
    """The tag that asks whether it is so: "gấp không?", "có gấp không ạ?", "gấp hay không". Who asks, does not say it.

    Only after one Vietnamese syllable: "có bảng giá không?" and "có wifi không?" are the very questions an office looks
    for. What a policy wants treated alike among its phrases ("khẩn cấp không", "is it urgent") goes under `unless`.
    """
    if place.first != place.last or place.meant[0].bare:
        return None
    after = list(_onward(tokens, place.last))
    if after and after[0].spelling.base == "hay":
        after = after[1:]
    if not after or after[0].spelling not in _TAGS:
        return None
    polite = all(token.spelling.base in _POLITE for token in after[1:])
    return after[0].text if polite else None


def _left_alone(place: Place, tokens: Sequence[Token]) -> Refusal | None:
    """The company a bare short syllable needs: "gap" may be gấp (urgent), gặp (meet) or an English word.

    Alone it counts only beside a word of asking or of degree, and never where it has an object to meet; "can gap",
    which is company enough in itself, only does not count before such an object ("can gap anh Nam").
    """
    if stands_doubtful(place, tokens):
        return _lacks_company(place, tokens)
    last = tokens[place.last].spelling
    if last.bare and last.base in _ALSO_MEETING and not place.meant[-1].bare:
        whom = _whom(place, tokens)
        return (Refused.NEEDS_COMPANY, whom) if whom else None
    return None


def stands_doubtful(place: Place, tokens: Sequence[Token]) -> bool:
    """One short syllable that has marks in the policy and none in the text."""
    return place.first == place.last and is_doubtful(tokens[place.first].spelling, place.meant[0])


def _lacks_company(place: Place, tokens: Sequence[Token]) -> Refusal | None:
    before = next((token.spelling.base for token in _back(tokens, place.first, 1)), "")
    after = next((token.spelling.base for token in _onward(tokens, place.last)), "")
    if before in _NEVER_AFTER:
        return Refused.NEEDS_COMPANY, tokens[place.first - 1].text
    if before in _DEGREE_BEFORE:
        return None
    whom = _whom(place, tokens)
    if whom:
        return Refused.NEEDS_COMPANY, whom
    itself = tokens[place.first].spelling.base
    if before in _ASKING_BEFORE or after in _COMPANY_AFTER or itself in (before, after):
        return None
    return Refused.NEEDS_COMPANY, ""


def _whom(place: Place, tokens: Sequence[Token]) -> str | None:
    """What is met, if the word before is *meet*: a person or a problem. One who is only addressed ("anh ơi") is not."""
    counted = (token for token in _onward(tokens, place.last) if token.spelling.base not in _QUANTITIES)
    after = [token for token in counted if not token.spelling.base.isdecimal()]
    if not after or after[0].spelling.base not in _MET or _is_paper(after):
        return None
    called = next((token.spelling.base for token in after if token.spelling.base not in _MET), "")
    return None if called in _VOCATIVE else after[0].text


def _is_paper(after: Sequence[Token]) -> bool:
    """A paper is no friend: "can gap ban ve" (bản vẽ, bạn)."""
    return len(after) > 1 and after[0].spelling.base == "ban" and after[1].spelling.base in _PAPERS


def _back(tokens: Sequence[Token], first: int, at_most: int) -> Iterator[Token]:
    """The words before tokens[first], nearest first, as long as nothing parts them; `at_most` so many."""
    for place in range(first, max(first - at_most, 0), -1):
        if tokens[place].gap is not Gap.LINK:
            return
        yield tokens[place - 1]


def _onward(tokens: Sequence[Token], last: int) -> Iterator[Token]:
    """The words after tokens[last], nearest first, as long as nothing parts them; a few at most."""
    for token in tokens[last + 1 : last + 1 + _LOOK_AHEAD]:
        if token.gap is not Gap.LINK:
            return
        yield token


# ------------------------------------------------------------------------------------ small words of both languages
# Sets of spellings where the marks decide (đừng is not dùng), sets of base letters where they do not.


# "đừng", "chả" without marks are also dùng/đúng and cha, and are left out.
_NEGATIONS = spellings(
    "không khong ko kô k kg khg hông hổng hong hok chưa chua chẳng chang chả đừng chớ khỏi khoi"
    " not no never without nor isn't aren't wasn't weren't don't doesn't didn't won't needn't ain't"
)
_ENGLISH_ONLY = spellings("no")  # "no can gap" is nó cần gấp: he needs it urgently
_FILLERS = spellings(
    "phải phai có co cần can quá qua gì gi là la hề he thật that thực thuc sự su rất rat hẳn đến nỗi mức việc"
    " so very that really all an a the be is it this too to at any particularly especially need"
)
_FILLERS_AT_MOST = 5
_DENIED_OVER = bare_words("phai co bi con he tung duoc ai cai chiec been be yet really actually even fully being")
_NEEDS = spellings("cần can phải phai need have necessary")
_CLAUSE_BEGINS = spellings(
    "nhưng nhung mà ma nên nen thì thi vì vi do em anh chị chi tôi toi mình minh bên ben nếu neu"
    " but because as i we you they he she so if is"
)
_DENIED_NEED_REACHES = 6
_TAGS = spellings("không khong ko kô k hông hong hok")
_POLITE = bare_words("a em anh chi ban vay nhi ha ta the oi shop ad")
_LOOK_AHEAD = 5

_NEVER_AFTER = bare_words("hen cuoc mai sau se")  # a meeting: hẹn gặp, cuộc gặp, mai gặp, tuần sau gặp, sẽ gặp
_DEGREE_BEFORE = bare_words("rat cuc sieu")  # nobody meets "very": whatever follows, this is an adjective
# Words of asking and of work wanted (bare): cần, quá, đang, việc, hàng, làm, gửi, giao, sửa, in, đặt, thuê, dịch,
# soạn, xử lý, xuất, gọi, báo, lời/hồi (trả lời, phản hồi). "thật" is left out: "that gap" is English.
_ASKING_BEFORE = bare_words(
    "can qua dang viec hang lam gui giao sua in dat thue dich soan ly xuat goi bao loi hoi ship rep"
)
# After it (bare): lắm, quá, nhé, giúp, hộ, giùm, dùm, báo, xử, ngay, thế, vậy, rồi is left out ("gặp rồi").
_COMPANY_AFTER = bare_words("lam qua nhe giup ho gium dum bao xu ngay the vay")

# Syllables which without marks are also the verb "to meet" (gặp).
_ALSO_MEETING = frozenset({"gap"})
# Whom or what one meets (bare): persons and pronouns, and troubles (sự cố, lỗi, khó khăn, vấn đề, trục trặc, rắc rối).
_MET = bare_words(
    "anh chi em ong ba ban chu bac co cau di thay khach sep nguoi minh toi tui quy mat nhau truc tiep lai luat"
    " giam doc doi tac team ai tho bon gia dinh su loi kho van de trac rac roi tai nan rui"
)
# What "ban" is before (bare): bản vẽ, in, dịch, gốc, sao, hợp đồng, báo giá, cứng, mềm, scan, thiết kế, kê.
_PAPERS = bare_words("ve in dich goc sao hop bao cung mem scan thiet ke")
_QUANTITIES = bare_words("mot nhung cac nhieu vai so may chut")
_VOCATIVE = bare_words("oi a ah ui")


# -------------------------------------------------------------------------------------- which rule for which signal

_Rule = Callable[[Place, Scene], Refusal | None]

_BESIDE: tuple[_Rule, ...] = (_negated_beside, _lonely)  # every signal; a policy's own has no others
_ASKED_FOR: tuple[_Rule, ...] = (*_BESIDE, _wanted_under_condition, _offered)
_PRESSING: tuple[_Rule, ...] = (*_ASKED_FOR, _no_hurry, _over, _reported, _named_unwanted, _baited)
_HARM: tuple[_Rule, ...] = (
    *_BESIDE, _denied, _wondered, _under_condition, _over_by_now, _reported, _taught, _offered_to_many, _named,
    _practised, _baited,
)  # fmt: skip
_RULES: Mapping[str, tuple[_Rule, ...]] = {
    "emergency": _HARM,
    "urgent": _PRESSING,
    "rush_request": _PRESSING,
    "scope_change": _ASKED_FOR,
    "appointment_change": _ASKED_FOR,
    "handover_delay": _ASKED_FOR,
    "payment_late": _ASKED_FOR,
}
