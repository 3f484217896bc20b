"""The words: finds a policy's words in a mail and says of each which it was, where it stood, and why it did not count.

Made for Vietnamese as people type it (with marks, with some, with none; NFC or NFD; stretched or shouted) and for the
English mixed into it. Pure: text in, values out. It must not know what a signal leads to, the calendar, the history,
the policy file or its types: a signal here is a name with words.

How it works: a text becomes *tokens* (words), each with its *spelling*: base letters, marks on letters, tones. Among
them the policy's words, which are *patterns*, are found at a cost that depends on the text and not on their number; of
what overlaps, the longest stays; and what stays is judged in its surroundings.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from responder.document import Wrong
from responder.words.patterns import Match, Patterns, is_doubtful
from responder.words.tokens import Gap, Token, bare_words, spellings, tokenize

# ------------------------------------------------------------------------------------------------- what is told


class Where(StrEnum):
    """The part of the message a word stood in."""

    SUBJECT = "subject"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class SignalWords:
    """One signal of the policy: its words and phrases, and the phrases that take a word away where they overlap it."""

    name: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the policy found in a text.

    `word` is the policy's word as written there; `start` and `end` are offsets, in code points, into the very text
    that was given; `text` is that slice of it.
    """

    signal: str
    word: str
    where: Where
    start: int
    end: int
    text: str


class Refused(StrEnum):
    """Why a word that was there did not count."""

    UNLESS = "unless"
    NEGATED = "negated"
    NEEDS_COMPANY = "needs company"


@dataclass(frozen=True, slots=True)
class Miss:
    """A word that was there but did not count. `by` is the text that spoke against it; "" if only company lacked."""

    hit: Hit
    why: Refused
    by: str


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found in one message, subject first, then in the order of the text."""

    hits: tuple[Hit, ...]
    misses: tuple[Miss, ...]

    def names(self) -> frozenset[str]:
        """The signals with at least one hit."""
        return frozenset(hit.signal for hit in self.hits)


class Matcher:
    """The words of one policy, compiled once; `find` may then be called for any number of messages.

    Raises ValueError for a word or phrase that cannot be a pattern (see `has_letters` and `patterns.check`).
    """

    __slots__ = ("_unless", "_words")

    def __init__(self, signals: Iterable[SignalWords]) -> None:
        signals = tuple(signals)
        self._words = _compiled((each.name, word) for each in signals for word in each.words)
        self._unless = _compiled((each.name, phrase) for each in signals for phrase in each.unless)

    def find(self, subject: str, own_words: str) -> Found:
        """The words in the subject and in the sender's own words (no quoted history, no signature). Never raises."""
        hits: list[Hit] = []
        misses: list[Miss] = []
        for where, text in ((Where.SUBJECT, subject), (Where.BODY, own_words)):
            told: Counter[tuple[str, bool]] = Counter()
            for hit, refusal in self._judged(where, text):
                told[hit.signal, refusal is None] += 1
                if told[hit.signal, refusal is None] > _MAX_TOLD:
                    continue
                if refusal is None:
                    hits.append(hit)
                else:
                    misses.append(Miss(hit, *refusal))
        return Found(tuple(hits), tuple(misses))

    def _judged(self, where: Where, text: str) -> Iterator[tuple[Hit, "_Refusal | None"]]:
        tokens = tokenize(text)
        matches = _longest(self._words.find(tokens))
        exceptions = _covered(self._unless.find(tokens), tokens) if matches else {}
        for match in matches:
            hit = _hit(match, where, text, tokens)
            yield hit, _excepted(match, exceptions) or _negated(match, tokens) or _left_alone(match, tokens)


def has_letters(word: str) -> bool:
    """Whether a policy's word can be looked for at all: it has a letter or a digit outside an address."""
    return bool(tokenize(word))


def is_thanks_only(own_words: str, found: Found) -> bool:
    """Whether the sender's own words are nothing but thanks or an acknowledgement, so that no answer is owed.

    `found` must come from the same words, with a signal named "thanks_only" that holds the phrases of thanks. True
    only if such a phrase stands in the text, no other signal does (in the subject or the text, not even refused), no
    question mark, number or word of asking does, and what remains beside thanks, greeting and small words is little.
    It errs towards False: an answer too many is a smaller fault than silence towards a request.
    """
    thanks = [hit for hit in found.hits if hit.where is Where.BODY and hit.signal == THANKS]
    others = [hit for hit in (*found.hits, *(miss.hit for miss in found.misses)) if hit.signal != THANKS]
    if not thanks or others or "?" in own_words or "？" in own_words:
        return False
    tokens = [token for token in tokenize(own_words) if not _inside(token, thanks)]
    bases = [token.spelling.base for token in tokens]
    if not _ASKING.isdisjoint(bases) or any(base.isdecimal() for base in bases):
        return False
    return sum(base not in _COURTESY for base in bases) <= _THANKS_REST


THANKS = "thanks_only"

# -------------------------------------------------------------------------------------------- words and matches


_MAX_TOLD = 50  # hits, and misses, of one signal in one text: who writes "gấp" a thousand times says it once


@dataclass(frozen=True, slots=True)
class _Word:
    """A word or phrase of the policy."""

    signal: str
    word: str


_Match = Match[_Word]


def _compiled(words: Iterable[tuple[str, str]]) -> Patterns[_Word]:
    patterns: Patterns[_Word] = Patterns()
    for signal, word in words:
        try:
            patterns.add(word, _Word(signal, word))
        except Wrong as wrong:
            raise ValueError(f"signal {signal!r}: {wrong}") from None
    return patterns


def _longest(matches: Iterable[_Match]) -> list[_Match]:
    """Of matches of one signal that overlap the longest, of equally long ones the first; in the order of the text.

    On the very same words the pattern wins that leaves out the fewest, and then the one with the fewest marks: an
    office that lists "gap" beside "gấp" means it.
    """
    taken: set[tuple[str, int]] = set()
    kept: list[_Match] = []
    for match in sorted(matches, key=lambda each: (each.first - each.last, each.first, each.left_out, _marks(each))):
        places = {(match.pattern.signal, place) for place in range(match.first, match.last + 1)}
        if taken.isdisjoint(places):
            taken |= places
            kept.append(match)
    return sorted(kept, key=lambda each: (each.first, each.last, each.pattern.signal))


def _marks(match: _Match) -> int:
    return sum(not spelling.bare for spelling in match.meant)


def _hit(match: _Match, where: Where, text: str, tokens: Sequence[Token]) -> Hit:
    start, end = tokens[match.first].start, tokens[match.last].end
    return Hit(match.pattern.signal, match.pattern.word, where, start, end, text[start:end])


# -------------------------------------------------------------------------------------------- what speaks against it

_Refusal = tuple[Refused, str]


def _covered(exceptions: Iterable[_Match], tokens: Sequence[Token]) -> dict[tuple[str, int], str]:
    """For each signal and token under one of its `unless` phrases: that phrase.

    A single short syllable without its marks is as doubtful here as among the words, and takes nothing away.
    """
    return {
        (match.pattern.signal, place): match.pattern.word
        for match in exceptions
        if not _is_doubtful(match, tokens)
        for place in range(match.first, match.last + 1)
    }


def _excepted(match: _Match, exceptions: dict[tuple[str, int], str]) -> _Refusal | None:
    for place in range(match.first, match.last + 1):
        phrase = exceptions.get((match.pattern.signal, place))
        if phrase is not None:
            return Refused.UNLESS, phrase
    return None


def _negated(match: _Match, tokens: Sequence[Token]) -> _Refusal | None:
    """A negation before the word ("không gấp"), or the question whether it is so ("có gấp không?").

    A pattern that begins with a negation says itself what it means ("không vào được").
    """
    if match.meant[0] in _NEGATIONS:
        return None
    negation = _negation_before(match, tokens) or _need_denied(match, tokens) or _asked(match, tokens)
    return (Refused.NEGATED, negation) if negation else None


def _negation_before(match: _Match, tokens: Sequence[Token]) -> str | None:
    """The negation right before the word, or with only filler words between. "Không chỉ gấp" has a word between."""
    english = all(spelling.bare for spelling in match.meant)
    for token in _back(tokens, match.first, _FILLERS_AT_MOST):
        if token.spelling in _NEGATIONS and (english or token.spelling not in _ENGLISH_ONLY):
            return token.text
        if token.spelling not in _FILLERS:
            return None
    return None


def _need_denied(match: _Match, tokens: Sequence[Token]) -> str | None:
    """A need denied reaches further, over the verb: "không cần trả lời gấp", "no need to call back urgently".

    A person or a new clause ends its reach: "không cần gọi lại, em gấp", "no need to call but it is urgent".
    """
    need: Token | None = None
    for token in _back(tokens, match.first, _DENIED_NEED_REACHES):
        if need is not None and token.spelling in _NEGATIONS:
            return f"{token.text} {need.text}"
        if token.spelling in _CLAUSE_BEGINS:
            return None
        need = token if token.spelling in _NEEDS else None
    return None


def _asked(match: _Match, tokens: Sequence[Token]) -> str | None:
    """The tag that asks whether it is so: "gấp không?", "có gấp không ạ?", "gấp hay không". Who asks, does not say it.

    Only after one Vietnamese syllable: "có bảng giá không?" and "có wifi không?" are the very questions an office looks
    for. What a policy wants treated alike among its phrases ("khẩn cấp không", "is it urgent") goes under `unless`.
    """
    if match.first != match.last or match.meant[0].bare:
        return None
    after = list(_onward(tokens, match.last))
    if after and after[0].spelling.base == "hay":
        after = after[1:]
    if not after or after[0].spelling not in _TAGS:
        return None
    polite = all(token.spelling.base in _POLITE for token in after[1:])
    return after[0].text if polite else None


def _left_alone(match: _Match, tokens: Sequence[Token]) -> _Refusal | None:
    """The company a bare short syllable needs: "gap" may be gấp (urgent), gặp (meet) or an English word.

    Alone it counts only beside a word of asking or of degree, and never where it has an object to meet; "can gap",
    which is company enough in itself, only does not count before such an object ("can gap anh Nam").
    """
    if _is_doubtful(match, tokens):
        return _lacks_company(match, tokens)
    last = tokens[match.last].spelling
    if last.bare and last.base in _ALSO_MEETING and not match.meant[-1].bare:
        whom = _whom(match, tokens)
        return (Refused.NEEDS_COMPANY, whom) if whom else None
    return None


def _is_doubtful(match: _Match, tokens: Sequence[Token]) -> bool:
    """One short syllable that has marks in the policy and none in the text."""
    return match.first == match.last and is_doubtful(tokens[match.first].spelling, match.meant[0])


def _lacks_company(match: _Match, tokens: Sequence[Token]) -> _Refusal | None:
    before = next((token.spelling.base for token in _back(tokens, match.first, 1)), "")
    after = next((token.spelling.base for token in _onward(tokens, match.last)), "")
    if before in _NEVER_AFTER:
        return Refused.NEEDS_COMPANY, tokens[match.first - 1].text
    if before in _DEGREE_BEFORE:
        return None
    whom = _whom(match, tokens)
    if whom:
        return Refused.NEEDS_COMPANY, whom
    itself = tokens[match.first].spelling.base
    if before in _ASKING_BEFORE or after in _COMPANY_AFTER or itself in (before, after):
        return None
    return Refused.NEEDS_COMPANY, ""


def _whom(match: _Match, tokens: Sequence[Token]) -> str | None:
    """What is met, if the word before is *meet*: a person or a problem. One who is only addressed ("anh ơi") is not."""
    counted = (token for token in _onward(tokens, match.last) if token.spelling.base not in _QUANTITIES)
    after = [token for token in counted if not token.spelling.base.isdecimal()]
    if not after or after[0].spelling.base not in _MET:
        return None
    called = next((token.spelling.base for token in after if token.spelling.base not in _MET), "")
    return None if called in _VOCATIVE else after[0].text


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
_QUANTITIES = bare_words("mot nhung cac nhieu vai so may chut")
_VOCATIVE = bare_words("oi a ah ui")

# What makes a mail with thanks more than thanks (bare, both languages): wishes, conditions, objections, questions.
# Left out, as without marks they are also harmless: đợi (đội), chờ (cho), còn (con), mấy (máy), báo (bao), vẫn (văn).
_ASKING = bare_words(
    "giup gium dum nho xin can muon phai nen vui please pls kindly could can would need want should help"
    " nhung but however although tuy neu if khi when sao nao gi dau bang how what why where who which"
    " chua khong ko k still yet not thieu sai loi cham tre hen huy hoan sua them bot kiem tra xem goi"
    " gui send call check confirm let wait waiting mong hope looking"
)
# What thanks are wrapped in (bare, both languages).
_COURTESY = bare_words(
    "da vang a nhe nha nghen nhen oi ok oke okay okie dear hi hello chao kinh quy cong ty anh chi em ban minh toi tui"
    " co chu bac ong ba con chau team shop ben nhieu lam rat qua roi duoc nhan du day xong tot dep tran trong than men"
    " da va voi cua cac moi the nay do cho"
    " the a an it this that you your my i we all and so very much again for to is are was well done great perfect good"
    " nice noted received got best kind warm regards sincerely yours team many"
)
_THANKS_REST = 8  # other words at most


def _inside(token: Token, hits: Iterable[Hit]) -> bool:
    return any(hit.start <= token.start and token.end <= hit.end for hit in hits)
