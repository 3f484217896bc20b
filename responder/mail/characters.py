"""Octets of a mail as characters: charsets (RFC 2045, 2978), encoded words (RFC 2047), base64.

Never raises, and takes linear time whatever a stranger has sent. Must not know: fields, parts.
"""

from __future__ import annotations

import binascii
import codecs
import re
import unicodedata
from encodings.aliases import aliases
from itertools import islice
from typing import Final

from responder.mail.defects import Defect, Notes

_MAX_MARKS: Final = 30  # combining marks in a row, as in the stream-safe text of Unicode (UAX #15, 13)
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# Codecs of Python that are no charsets, or that take quadratic time on long input (punycode, idna).
_NOT_CHARSETS: Final = frozenset(
    {"base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "oem",
     "idna", "punycode", "undefined", "raw_unicode_escape", "unicode_escape", "charmap", "palmos"}
)  # fmt: skip
# Names seen in mail that Python does not know, or for which a superset reads more of what is really sent.
_CHARSET_NAMES: Final = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312_80": "gb18030", "ks_c_5601_1987": "cp949", "euc_kr": "cp949",
    "shift_jis": "cp932", "x_sjis": "cp932", "iso_8859_1": "cp1252", "latin_1": "cp1252", "ascii": "cp1252",
    "iso8859_1": "cp1252", "us_ascii": "cp1252", "iso_8859_8_i": "iso8859_8", "iso_8859_11": "cp874",
    "tis_620": "cp874", "windows_874": "cp874", "utf8mb4": "utf_8", "unicode_1_1_utf_7": "utf_7",
    "x_user_defined": "cp1252", "ansi": "cp1252",
}  # fmt: skip
_CODECS: Final = frozenset(aliases.values()) - _NOT_CHARSETS
_NORMALISED = re.compile(r"[^a-z0-9]+")
# Single-byte charsets that programs declare without meaning it.
_DECLARED_BY_DEFAULT: Final = frozenset({"cp1252", ""})


def _codec(charset: str) -> str:
    """Python's codec for a MIME charset name, or "". Only names from fixed tables reach the codec machinery."""
    name = _NORMALISED.sub("_", charset.lower().partition("*")[0]).strip("_")
    name = _CHARSET_NAMES.get(name, name)
    name = aliases.get(name, name)
    name = _CHARSET_NAMES.get(name, name)
    return name if name in _CODECS else ""


def decode(octets: bytes, charset: str, notes: Notes, *, complete: bool = True) -> str:
    """Octets as text: as declared if that works, as UTF-8 if that does, else what can be read of it."""
    codec = _codec(charset)
    if charset and not codec:
        notes.add(Defect.BAD_CHARSET)
    for candidate in ("utf_8", codec) if codec in _DECLARED_BY_DEFAULT else (codec, "utf_8"):
        text = _strictly(octets, candidate, complete=complete)
        if text is not None:
            return unicodedata.normalize("NFC", stream_safe(text)) if candidate == "cp1258" else text
    notes.add(Defect.BAD_CHARSET)
    return octets.decode(codec or "cp1252", "replace")


def _strictly(octets: bytes, codec: str, *, complete: bool) -> str | None:
    if not codec:
        return None
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(octets, complete)
    except UnicodeError:
        return None


_MAYBE_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MAX_MARKS + 1},}}")


def stream_safe(text: str) -> str:
    """No more marks in a row than a letter can bear: normalising them takes quadratic time."""
    return text if text.isascii() else _MAYBE_MARKS.sub(_few_marks, text)


def _few_marks(match: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for char in match[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def readable(octets: bytes, charset: str, notes: Notes) -> str:
    """A raw header value: ASCII, UTF-8 (RFC 6532), or 8-bit in the charset of the body."""
    if octets.isascii():
        return octets.decode("ascii")
    return decode(octets, charset, notes)


_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")


def decode_words(value: str, notes: Notes) -> str:
    """RFC 2047: encoded words as text. Neighbours of one charset are joined as octets first: mailers cut characters."""
    if "=?" not in value:
        return value
    words = list(islice(_ENCODED_WORD.finditer(value), notes.encoded_words + 1))
    if len(words) > notes.encoded_words:
        notes.add(Defect.TOO_MANY_ENCODED_WORDS)
        return value
    notes.encoded_words -= len(words)
    out: list[str] = []
    pending, charset, end = b"", "", 0
    for word in words:
        between = value[end : word.start()]
        apart = bool(between.strip()) or end == 0
        if apart or word[1].lower() != charset:
            out.append(decode(pending, charset, notes) if pending else "")
            out.append(between if apart else "")
            pending, charset = b"", word[1].lower()
        pending += _word_octets(word[2], word[3], notes)
        end = word.end()
    out.append(decode(pending, charset, notes) if pending else "")
    out.append(value[end:])
    return stream_safe(CONTROLS.sub(" ", "".join(out)).strip())


def _word_octets(encoding: str, text: str, notes: Notes) -> bytes:
    octets = text.encode("utf-8", "replace")
    if encoding in "bB":
        return base64_octets(octets, notes)
    return binascii.a2b_qp(octets.replace(b" ", b"_"), header=True)


_BASE64_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64: Final = bytes(sorted(set(range(256)) - set(_BASE64_ALPHABET) - {0x3D}))


def base64_octets(octets: bytes, notes: Notes) -> bytes:
    clean = octets.translate(None, _NOT_BASE64).partition(b"=")[0]
    if octets.strip() and not clean:
        notes.add(Defect.BAD_ENCODING)
    if len(clean) % 4 == 1:  # six bits are no octet: cut, or never base64
        clean = clean[:-1]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
