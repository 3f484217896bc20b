"""The parts of a mail and its text (RFC 2045, 2046), and what a delivery report holds (RFC 3464).

Must not know: the header's meaning, the people.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

from responder.mail.characters import CONTROLS, base64_octets, decode, decode_words, stream_safe
from responder.mail.defects import Defect, Notes
from responder.mail.header import MAX_MIME_VALUE, NO_FIELD, QUOTED_PAIR, Field, named, part_fields, unix_lines
from responder.mail.html import MAX_TAGS, to_text

MAX_PARTS: Final = 500  # MIME entities
MAX_DEPTH: Final = 50  # multiparts inside multiparts
MAX_TEXT: Final = 128 * 1024  # decoded octets of one text part, and characters of the whole text
MAX_RETURNED: Final = 16 * 1024  # octets of one part of a delivery report, and characters of them all
MAX_RETURNED_PARTS: Final = 4
_MAX_PART_HEADER: Final = 16 * 1024
_MAX_DELIMITERS: Final = 20_000  # lines that start with "--"
_MAX_PARAMETERS: Final = 50
_MAX_ALTERNATIVES: Final = 20  # text parts read of one multipart/alternative
_MAX_BOUNDARY: Final = 250  # RFC 2046 allows 70
_MAX_SOURCE: Final = 3 * MAX_TEXT  # every octet of text may need three in quoted-printable


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME entity (RFC 2045): a leaf, a multipart or a message/*. What an attached message holds is not listed.

    `content_type` is in lower case, `parameters` are those of Content-Type with their names in lower case, `size`
    counts octets as transferred (for a multipart 0), `depth` is 0 for the message's own body, 1 for what is in it, ….
    """

    content_type: str
    parameters: tuple[tuple[str, str], ...] = ()
    filename: str | None = None
    disposition: str = ""
    size: int = 0
    depth: int = 0

    def parameter(self, name: str) -> str | None:
        """The Content-Type parameter of that (lower-case) name."""
        return next((value for key, value in self.parameters if key == name), None)


@dataclass(frozen=True, slots=True)
class FetchedPart:
    """One part as fetched over IMAP: `BODY[n.MIME]`, `BODY[n]<0.bound>` (still transfer-encoded), was it cut."""

    mime_header: bytes
    body: bytes
    _: KW_ONLY
    truncated: bool = False


def text_parts(structure: Sequence[Part]) -> tuple[int, ...]:
    """Indexes into `structure` of the parts that make up the text: what an IMAP fetch should ask for."""
    return tuple(index for index, part in enumerate(structure) if _is_text(part))


def returned_parts(structure: Sequence[Part]) -> tuple[int, ...]:
    """The same of the parts that `Message.returned` comes from."""
    if not structure or structure[0].content_type != "multipart/report":
        return ()
    return tuple(index for index, part in enumerate(structure) if _is_returned(part))[:MAX_RETURNED_PARTS]


@dataclass(frozen=True, slots=True)
class Text:
    """The encoded octets of a text part, where it stands in the structure, and whether its end is missing."""

    index: int
    transfer_encoding: str
    body: bytes
    _: KW_ONLY
    truncated: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """The encoded octets of a part of a delivery report."""

    part: Part
    transfer_encoding: str
    body: bytes


_DELIMITER = re.compile(rb"\n--([^\n]{1,260})(?=\n|\Z)")
_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+-]{1,127})\s*/\s*([a-z0-9!#$&^_.+-]{1,127})", re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s][^;]*))')
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*?)")


@dataclass(slots=True)
class _Tree:
    """The structure as found so far: the parts, and the multiparts that are still open, outermost first."""

    parts: list[Part] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)
    open: list[tuple[bytes, bool]] = field(default_factory=list)  # boundary, is it a digest
    levels: dict[bytes, int] = field(default_factory=dict)  # boundary → index into `open`
    leaf: tuple[int, str, int] | None = None  # part index, transfer encoding, start of body

    def close_to(self, length: int) -> None:
        del self.open[length:]
        self.levels = {boundary: level for level, (boundary, _) in enumerate(self.open)}


def split(
    data: bytes, start: int, fields: Sequence[Field], notes: Notes
) -> tuple[tuple[Part, ...], list[Text], list[Returned]]:
    """Part after part, by walking once over the lines that start with "--"; no recursion; only text is copied."""
    tree = _Tree()
    _enter(tree, fields, start, notes)
    position, seen = max(0, start - 1), 0  # a delimiter is found by the line end before it
    while tree.open:
        match = _DELIMITER.search(data, position)
        if match is None:
            break
        seen += 1
        if seen > _MAX_DELIMITERS or len(tree.parts) >= MAX_PARTS or notes.part_headers < 0:
            notes.add(Defect.TOO_MANY_PARTS)
            _leave(tree, data, match.start())
            break
        position = _cross(tree, data, match, notes)
    _leave(tree, data, len(data))
    if len(tree.parts) == 1 and tree.parts[0].content_type.startswith("multipart/") and not tree.texts:
        notes.add(Defect.BAD_STRUCTURE)
        encoding = _transfer_encoding(fields)
        tree.texts.append(_clip(0, encoding, data, start, len(data)))
    return tuple(tree.parts), tree.texts, tree.returned


def _cross(tree: _Tree, data: bytes, match: re.Match[bytes], notes: Notes) -> int:
    """Deal with one line that may be a delimiter; where to look on."""
    content = match[1].rstrip(b" \t\r")
    closing = content not in tree.levels and content.endswith(b"--")
    level = tree.levels.get(content[:-2] if closing else content)
    if level is None:
        return match.end()
    _leave(tree, data, match.start())
    if closing:
        tree.close_to(level)
        return match.end()
    tree.close_to(level + 1)
    block, body = _part_header(data, match.end() + 1, tree.levels)
    notes.part_headers -= len(block)
    _enter(tree, part_fields(block, notes), body, notes)
    return max(body - 1, match.end())


def _part_header(data: bytes, start: int, boundaries: dict[bytes, int]) -> tuple[bytes, int]:
    """The header of a part and where its body starts; a delimiter ends a header that no empty line ended."""
    if data.startswith(b"\n", start):
        return b"", start + 1
    end = data.find(b"\n\n", start, start + _MAX_PART_HEADER)
    body = end + 2
    if end < 0:
        end = min(len(data), start + _MAX_PART_HEADER)
        body = end
    for match in _DELIMITER.finditer(data, start - 1, end):
        content = match[1].rstrip(b" \t\r")
        if content in boundaries or content.removesuffix(b"--") in boundaries:
            return data[start : match.start()], match.start() + 1
    return data[start:end], body


def _enter(tree: _Tree, fields: Sequence[Field], body: int, notes: Notes) -> None:
    """Note a part that starts here, and open it if it is a multipart."""
    digest = bool(tree.open) and tree.open[-1][1]
    part = _part(fields, len(tree.open), "message/rfc822" if digest else "text/plain", notes)
    tree.parts.append(part)
    tree.leaf = (len(tree.parts) - 1, _transfer_encoding(fields), body)
    if not part.content_type.startswith("multipart/"):
        return
    boundary = (part.parameter("boundary") or "").encode("utf-8", "replace").rstrip()
    if len(tree.open) >= MAX_DEPTH:
        notes.add(Defect.TOO_DEEP)
    elif 0 < len(boundary) <= _MAX_BOUNDARY:
        tree.open.append((boundary, part.content_type == "multipart/digest"))
        tree.close_to(len(tree.open))
        tree.leaf = None
    else:
        notes.add(Defect.BAD_STRUCTURE)


def _leave(tree: _Tree, data: bytes, end: int) -> None:
    """The leaf being read ends here: note its size, and keep its octets if they are text."""
    if tree.leaf is None:
        return
    (index, encoding, start), tree.leaf = tree.leaf, None
    part = tree.parts[index]
    size = max(0, end - start)
    tree.parts[index] = Part(part.content_type, part.parameters, part.filename, part.disposition, size, part.depth)
    if _is_text(part):
        tree.texts.append(_clip(index, encoding, data, start, start + size))
    is_report = tree.parts[0].content_type == "multipart/report"
    if is_report and _is_returned(part) and len(tree.returned) < MAX_RETURNED_PARTS:
        tree.returned.append(Returned(part, encoding, data[start : start + min(size, MAX_RETURNED)]))


def _clip(index: int, encoding: str, data: bytes, start: int, end: int) -> Text:
    return Text(index, encoding, data[start : min(end, start + _MAX_SOURCE)], truncated=end - start > _MAX_SOURCE)


def _part(fields: Sequence[Field], depth: int, default: str, notes: Notes) -> Part:
    kind = next(named(fields, "content-type"), NO_FIELD).raw[:MAX_MIME_VALUE]
    match = _TYPE.match(kind)
    content_type = f"{match[1]}/{match[2]}".lower() if match else ("text/plain" if kind else default)
    parameters = _parameters(kind, notes)
    how = next(named(fields, "content-disposition"), NO_FIELD).raw[:MAX_MIME_VALUE]
    disposition = how.partition(";")[0].strip().lower()
    filename = dict(_parameters(how, notes)).get("filename") or dict(parameters).get("name")
    if disposition not in ("", "inline"):
        disposition = "attachment"  # RFC 2183 2.8: unknown ones are attachments
    return Part(content_type, parameters, filename or None, disposition, 0, depth)


def _transfer_encoding(fields: Sequence[Field]) -> str:
    return next(named(fields, "content-transfer-encoding"), NO_FIELD).raw.partition(";")[0].strip().lower()


def _parameters(value: str, notes: Notes) -> tuple[tuple[str, str], ...]:
    """Parameters of a MIME field; those in pieces or with a charset (RFC 2231) are put together and decoded."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(value)):
        name = _CONTINUED.fullmatch(match[1].lower())
        if name is None or count >= _MAX_PARAMETERS:
            break
        text = QUOTED_PAIR.sub(r"\1", match[2]) if match[2] is not None else match[3].strip()
        if name[2] is None and not name[3]:
            plain.setdefault(name[1], decode_words(text, notes))
        else:
            pieces.setdefault(name[1], []).append((int(name[2] or 0), bool(name[3]), text))
    plain.update({name: _joined(found, notes) for name, found in pieces.items()})
    return tuple((name, CONTROLS.sub(" ", text)) for name, text in plain.items())


def _joined(pieces: list[tuple[int, bool, str]], notes: Notes) -> str:
    """RFC 2231 3 and 4: `name*0*=utf-8'vi'b%C3%A1o; name*1="-gia.pdf"`."""
    pieces.sort(key=lambda piece: piece[0])
    charset, octets = "", b""
    for number, (_, encoded, text) in enumerate(pieces):
        rest = text
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, rest = text.split("'", 2)
        octets += unquote_to_bytes(rest.encode("utf-8", "replace")) if encoded else rest.encode("utf-8", "replace")
    return decode(octets, charset, notes)


_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufeff\ud800-\udfff]")


def _is_text(part: Part) -> bool:
    return part.content_type in ("text/plain", "text/html") and part.disposition != "attachment"


_RETURNED: Final = frozenset(
    {"message/delivery-status", "message/global-delivery-status", "message/rfc822", "message/global",
     "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)  # fmt: skip


def _is_returned(part: Part) -> bool:
    """RFC 3462, 3464, 6533: what a delivery report says, and the mail it is about; of that one only the header."""
    return part.content_type in _RETURNED


def fetched_return(part: Part, fetched: FetchedPart) -> Returned:
    own = part_fields(unix_lines(fetched.mime_header[:_MAX_PART_HEADER]), Notes())
    return Returned(part, _transfer_encoding(own), unix_lines(fetched.body)[:MAX_RETURNED])


def fetched_texts(
    fields: Sequence[Field], parts: tuple[Part, ...], texts: Sequence[FetchedPart], notes: Notes
) -> list[Text]:
    """Each fetched part with its place in the structure: the next text part of its own type."""
    places = list(text_parts(parts))
    found = []
    for each in texts:
        own = part_fields(unix_lines(each.mime_header[:_MAX_PART_HEADER]), notes)
        described = own if any(named(own, "content-type")) or len(parts) > 1 else fields
        kind = _part(described, 0, "text/plain", notes).content_type
        place = next((index for index in places if parts[index].content_type == kind), None)
        if place is None:
            continue
        places.remove(place)
        body = unix_lines(each.body)
        cut = each.truncated or len(body) > _MAX_SOURCE
        found.append(Text(place, _transfer_encoding(described), body[:_MAX_SOURCE], truncated=cut))
    return sorted(found, key=lambda text: text.index)


def returned_text(returned: Returned) -> str:
    notes = Notes()  # how well a copy is written says nothing of the mail it comes with
    text = Text(0, returned.transfer_encoding, returned.body, truncated=True)
    plain = _plain(returned.part, text, notes).strip()
    is_status = returned.part.content_type.endswith("delivery-status")
    return plain if is_status else plain.partition("\n\n")[0]


def body_text(parts: tuple[Part, ...], texts: Sequence[Text], notes: Notes) -> str:
    """The readable text. Of a multipart/alternative the plain one counts, or else its HTML (RFC 2046 5.1.4)."""
    groups: dict[int, list[tuple[str, Text]]] = {}
    for text in texts:
        kind = parts[text.index].content_type
        groups.setdefault(_alternative(parts, text.index), []).append((kind, text))
    pieces = []
    room = MAX_TEXT  # for what is read, not for what comes out: a hundred HTML parts may hold no text
    for group in groups.values():
        if room <= 0:
            notes.add(Defect.TRUNCATED_TEXT)
            break
        piece, spent = _one_of(parts, group, room, notes)
        pieces.append(piece)
        room -= spent
    return stream_safe("\n".join(piece for piece in pieces if piece.strip())[:MAX_TEXT])


def _alternative(parts: tuple[Part, ...], index: int) -> int:
    """The index of the multipart/alternative a text part stands in, or its own."""
    if not any(part.depth for part in parts):
        return 0  # a structure without depths: one group, plain text before HTML
    depth = parts[index].depth
    for above in range(index - 1, -1, -1):
        if parts[above].depth < depth:
            depth = parts[above].depth
            if parts[above].content_type == "multipart/alternative":
                return above
    return index


def _one_of(parts: tuple[Part, ...], group: list[tuple[str, Text]], room: int, notes: Notes) -> tuple[str, int]:
    """The text of one group, and how many characters were read for it."""
    sources = [
        _plain(parts[text.index], text, notes) for kind, text in group[:_MAX_ALTERNATIVES] if kind != "text/html"
    ]
    joined = "\n".join(sources)
    as_html = not joined.strip()
    if as_html:
        sources = [
            _plain(parts[text.index], text, notes) for kind, text in group[:_MAX_ALTERNATIVES] if kind == "text/html"
        ]
        joined = "\n".join(sources)
    if len(joined) > room or (as_html and joined.count("<") > 2 * MAX_TAGS):
        notes.add(Defect.TRUNCATED_TEXT)
    return to_text(joined[:room]) if as_html else joined[:room], len(joined)


def _plain(part: Part, text: Text, notes: Notes) -> str:
    """Transfer encoding (RFC 2045 6), charset and line ends undone."""
    octets = text.body
    if text.transfer_encoding == "base64":
        octets = base64_octets(octets, notes)
    elif text.transfer_encoding == "quoted-printable":
        octets = binascii.a2b_qp(octets)
    cut = text.truncated or len(octets) > MAX_TEXT
    if cut:
        notes.add(Defect.TRUNCATED_TEXT)
    decoded = decode(octets[:MAX_TEXT], part.parameter("charset") or "", notes, complete=not cut)
    lines = decoded.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    return _UNWANTED.sub("", lines)
