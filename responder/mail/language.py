"""Which language a message is in, so that the office answers in it: Vietnamese or English.

A count of small words and of Vietnamese letters; made for short mails, for Vietnamese typed without accents and for
Vietnamese full of English business words. It must not know of policies, signals, accounts or the clock.
"""

import re
import unicodedata
from enum import StrEnum
from itertools import filterfalse


class Language(StrEnum):
    """The languages the office answers in, by their ISO 639-1 codes."""

    VI = "vi"
    EN = "en"


def detect(subject: str, text: str, default: Language) -> Language:
    """The language of a message, from its subject and the sender's own words (both as decoded; NFC or NFD).

    The text decides; the subject is asked only where the text leaves it open (it is often an old thread's, in another
    tongue), and `default` is the answer where neither shows anything. A Vietnamese sentence with English words in it
    is Vietnamese: Vietnamese small words hardly ever stand in an English sentence, the reverse is daily business.
    """
    return _shown_by(text) or _shown_by(f"{subject}\n{text}") or default


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# So many English small words outweigh one Vietnamese word.
_ENGLISH_PER_VIETNAMESE = 2

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w.-]{1,255}")

# Letters that no other language of a customer's mail has: breve, horn, d with stroke, and the block of letters with
# two marks or a hook or dot. (é, à, ê, ô are French too: "café", "résumé", "à la carte".)
_OWN_LETTER = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")

# Small words without their accents, and only those that are no English word ("can", "do", "me", "may", "to", "an",
# "no", "so", "day", "the", "hang", "ban", "long", "dung" tell nothing).
_VIETNAMESE = _words(
    """
    anh chi em ong chu bac toi tui minh quy khach nguoi cong ty cua va voi cho nen thi neu nhung trong ngoai tren duoi
    truoc sau giua theo khong ko chua chang duoc roi dang moi vua cung lai nua luon thoi nay kia nao sao nhieu khi luc
    ngay gio hom qua mai tuan nhe nhen nghen vay xin chao giup gium gui nhan lam xem biet muon phai rat nhat cac deu het
    vien co la nha oi hoi goi thay bao
    """
)

_ENGLISH = _words(
    """
    the a an and or but if of to in on at for from with by as is are was were be been am
    i you he she it we they me him us them my your his her its our their this that these those there here
    have has had do does did not no don't can't i'm we're it's will would can could should may might must
    what when where which who how why please thank thanks dear hello regards sincerely best just only also any some all
    about after before since until than then so very more need want know received
    """
)


def _shown_by(text: str) -> Language | None:
    words = _WORD.findall(_ADDRESS.sub(" ", unicodedata.normalize("NFC", text)))
    vietnamese = sum(map(_is_vietnamese, words))
    english = sum(word.casefold().replace("’", "'") in _ENGLISH for word in words)
    if vietnamese == english == 0:
        return Language.VI if any(map(_OWN_LETTER.search, words)) else None
    return Language.VI if vietnamese * _ENGLISH_PER_VIETNAMESE >= english else Language.EN


def _is_vietnamese(word: str) -> bool:
    """A small word, or any word with a Vietnamese letter that is not a name: names stand in English mails too."""
    if _without_marks(word.casefold()) in _VIETNAMESE:
        return True
    return word.islower() and _OWN_LETTER.search(word) is not None


def _without_marks(word: str) -> str:
    if word.isascii():
        return word
    letters = filterfalse(unicodedata.combining, unicodedata.normalize("NFD", word))
    return "".join(letters).replace("đ", "d")
