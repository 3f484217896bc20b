"""What one mail is: bytes in, a frozen Message out.

Everything a stranger can send arrives here first, so nothing here raises, recurses or takes longer than its bounds
allow; what was wrong or set aside is told in `Message.defects`. The standard library's modern parser crashes, and its
old one takes seconds, on mails of a few kilobytes that were made for it; therefore this small, linear splitter.

Must not know: why somebody asks (policy, vetoes, replies), the clock, the disk, the network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from responder.mail.addresses import Address, ReturnPath, mailboxes, return_path_of
from responder.mail.defects import SET_ASIDE, Defect, Notes
from responder.mail.header import (
    Field,
    date_of,
    header_block,
    identifiers,
    message_id_of,
    read_fields,
    subject_of,
    unix_lines,
)
from responder.mail.mime import (
    MAX_DEPTH,
    MAX_PARTS,
    MAX_RETURNED,
    FetchedPart,
    Part,
    Returned,
    Text,
    body_text,
    fetched_return,
    fetched_texts,
    returned_parts,
    returned_text,
    split,
)

MAX_MESSAGE: Final = 8 * 1024 * 1024  # octets looked at of a whole message


@dataclass(frozen=True)  # without slots: they leave no place for what is worked out once
class Message:
    """A mail as the rest of the program sees it. Header values are unfolded, RFC 2047-decoded and free of controls.

    `returned` is what a delivery report (RFC 6522) holds beside its text: the fields of message/delivery-status and
    the header of the mail that came back, still undecoded, with an empty line between groups; at most `MAX_RETURNED`.
    """

    headers: tuple[tuple[str, str], ...]
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    return_path: ReturnPath
    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    resent: tuple[Address, ...]
    subject: str
    date: datetime | None
    text: str
    parts: tuple[Part, ...]
    defects: tuple[Defect, ...]
    returned: str = ""

    @property
    def set_aside(self) -> Defect | None:
        """The bound for which it was set aside, if it was: nobody answers such a mail."""
        return next((defect for defect in SET_ASIDE if defect in self.defects), None)

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of the field of that name, top to bottom; case does not matter."""
        return self._by_name.get(name.lower(), ())

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[str, ...]]:
        """Asked for eighty times in a mail."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, value in self.headers:
            found[name.lower()].append(value)
        return {name: tuple(values) for name, values in found.items()}

    def first(self, name: str) -> str | None:
        """The topmost value of the field of that name, or None."""
        return next(iter(self.values(name)), None)


def parse(raw: bytes) -> Message:
    """Read one mail (RFC 5322, MIME). Never raises, whatever the octets are; see `Message.defects`."""
    notes = Notes()
    if len(raw) > MAX_MESSAGE:
        notes.add(Defect.TOO_LARGE)
    data = unix_lines(raw[:MAX_MESSAGE])
    block, start = header_block(data, notes)
    fields = read_fields(block, notes)
    parts, texts, returned = split(data, start, fields, notes)
    return _build(fields, parts, texts, returned, notes)


def assemble(
    header: bytes, structure: tuple[Part, ...], texts: Sequence[FetchedPart], returned: Sequence[FetchedPart] = ()
) -> Message:
    """The same Message from what an IMAP fetch gives: the header, the BODYSTRUCTURE, and the parts it asked for.

    `texts` and `returned` stand in the order of `structure`. The MIME header of a part may be empty if the mail is a
    single part.
    """
    notes = Notes()
    block, _ = header_block(unix_lines(header), notes)
    fields = read_fields(block, notes)
    if len(structure) > MAX_PARTS:
        notes.add(Defect.TOO_MANY_PARTS)
    if any(part.depth > MAX_DEPTH for part in structure):
        notes.add(Defect.TOO_DEEP)
    parts = structure[:MAX_PARTS]
    report = [fetched_return(parts[index], part) for index, part in zip(returned_parts(parts), returned, strict=False)]
    return _build(fields, parts, fetched_texts(fields, parts, texts, notes), report, notes)


def _build(
    fields: Sequence[Field],
    parts: tuple[Part, ...],
    texts: Sequence[Text],
    returned: Sequence[Returned],
    notes: Notes,
) -> Message:
    from_ = mailboxes(fields, ("from",), Defect.BAD_ADDRESS, notes)
    return_path = return_path_of(fields, notes)
    if not fields:
        notes.add(Defect.UNREADABLE)
    return Message(
        headers=tuple((each.name, each.value) for each in fields),
        message_id=message_id_of(fields, notes),
        in_reply_to=identifiers(fields, "in-reply-to"),
        references=identifiers(fields, "references"),
        return_path=return_path,
        from_=from_,
        sender=mailboxes(fields, ("sender",), Defect.BAD_ADDRESS, notes),
        reply_to=mailboxes(fields, ("reply-to",), Defect.BAD_ADDRESS, notes),
        to=mailboxes(fields, ("to",), Defect.BAD_RECIPIENT, notes),
        cc=mailboxes(fields, ("cc",), Defect.BAD_RECIPIENT, notes),
        bcc=mailboxes(fields, ("bcc",), Defect.BAD_RECIPIENT, notes),
        resent=mailboxes(fields, ("resent-to", "resent-cc", "resent-bcc"), Defect.BAD_RECIPIENT, notes),
        subject=subject_of(fields, notes),
        date=date_of(fields, notes),
        text=body_text(parts, texts, notes),
        parts=parts,
        defects=tuple(notes.seen),
        returned="\n\n".join(returned_text(each) for each in returned)[:MAX_RETURNED],
    )
