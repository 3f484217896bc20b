"""What can be wrong with a mail, and the notes that are taken of it while it is read.

Must not know: what follows from a defect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MAX_ENCODED_WORDS: Final = 3000  # RFC 2047 words in a message: sixty Vietnamese names in Cc have some hundreds
_MAX_ALL_PART_HEADERS: Final = 256 * 1024  # octets; the header of a photo from a phone has 300


class Defect(StrEnum):
    """What was wrong with a mail, or was set aside because it was over a bound."""

    UNREADABLE = "unreadable"  # no header field at all
    TOO_LARGE = "too_large"  # only the beginning was read
    HEADER_TOO_LARGE = "header_too_large"
    VALUE_TOO_LARGE = "value_too_large"
    TOO_MANY_HEADERS = "too_many_headers"
    BAD_HEADER = "bad_header"  # a line in the header that is no field
    TOO_MANY_ENCODED_WORDS = "too_many_encoded_words"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_DEEP = "too_deep"
    BAD_STRUCTURE = "bad_structure"  # a multipart without boundary, or whose boundary never comes
    BAD_ENCODING = "bad_encoding"  # base64 that is none
    BAD_CHARSET = "bad_charset"  # unknown, or the octets are not in it
    TRUNCATED_TEXT = "truncated_text"
    BAD_DATE = "bad_date"
    BAD_MESSAGE_ID = "bad_message_id"
    BAD_ADDRESS = "bad_address"  # in From, Sender, Reply-To or Return-Path: not one clear mailbox
    BAD_RECIPIENT = "bad_recipient"  # the same in To, Cc or Resent-*, where it harms nobody
    TOO_MANY_ADDRESSES = "too_many_addresses"


# Over a bound that no person's mail comes near, or nothing at all: read in part, so never answered. The others may be
# answered: a letter that is too long, a strange charset, a broken boundary or a bad line in the header are what the
# programs of people make, and sender and recipient are clear all the same. (BAD_ADDRESS has a rule of its own.)
SET_ASIDE: Final = (
    Defect.UNREADABLE,
    Defect.HEADER_TOO_LARGE,
    Defect.VALUE_TOO_LARGE,
    Defect.TOO_MANY_HEADERS,
    Defect.TOO_MANY_ADDRESSES,
    Defect.TOO_MANY_ENCODED_WORDS,
    Defect.TOO_MANY_PARTS,
    Defect.TOO_DEEP,
)


@dataclass(slots=True)
class Notes:
    """The defects met so far, each once, in the order they were met; and what may still be spent on this message."""

    seen: dict[Defect, None] = field(default_factory=dict)
    encoded_words: int = MAX_ENCODED_WORDS
    part_headers: int = _MAX_ALL_PART_HEADERS

    def add(self, defect: Defect) -> None:
        self.seen[defect] = None
