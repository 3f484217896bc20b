"""The sets of mail that the veto is measured on: where they lie, how their files become mails, what is kept apart.

Mail of people comes from mailing lists for the most part, so what the list has added is taken off (`as_written_to_us`)
and our address put into To: what is left is what its writer would have sent to the office.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
PROJECT: Final = HERE.parents[1]
FETCHED: Final = PROJECT / ".corpora"
OFFICE: Final = "info@congty.example"
OWN_SERVER: Final = "mx.congty.example"


class Kind(StrEnum):
    MACHINES = "machines"  # none may be answered
    PEOPLE = "people"  # nobody may be refused


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of a set: `<set>/<file>`, with `#n` for the n-th of a mailbox file, and its octets as they came."""

    name: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class MailSet:
    """A folder of mails. `skipped` says which files in it hold no mail of their own.

    `mailboxes`: its files are mailboxes (RFC 4155) of many mails; `written_here`: our own, as they came to the office.
    """

    name: str
    kind: Kind
    folder: Path
    skipped: re.Pattern[str] = re.compile(r"complete|LICENSE.*|README.*|__init__\.py|\.git.*")
    mailboxes: bool = False
    written_here: bool = False

    @property
    def is_there(self) -> bool:
        return self.folder.is_dir()

    def mails(self) -> Iterator[Mail]:
        """Every mail in it, those that are kept apart too, in the order of their names."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not self.skipped.fullmatch(path.name):
                yield from self._split(f"{self.name}/{path.relative_to(self.folder)}", path.read_bytes())

    def _split(self, name: str, raw: bytes) -> Iterator[Mail]:
        if not self.mailboxes:
            yield Mail(name, raw)
            return
        mails = [mail for mail in _FROM_LINE.split(raw.replace(b"\r\n", b"\n")) if mail.strip()]
        for number, mail in enumerate(mails, start=1):
            yield Mail(f"{name}#{number}" if len(mails) > 1 else name, mail)


_FROM_LINE: Final = re.compile(rb"^From \S+ .*\d\d:\d\d.*\n(?=[A-Za-z][\w-]*:|>From )", re.MULTILINE)


def bounces() -> Path:
    """Real bounces, feedback reports and vacation notices, as single `.eml` files; it need not be there."""
    return _beside("RESPONDER_BOUNCES", "corpora", "bounces")


def samples() -> Path:
    """Letters to offices with what should be read in them, as `*.jsonl`; it need not be there."""
    return _beside("RESPONDER_SAMPLES", "triage-samples")


def _beside(named: str, *under: str) -> Path:
    """A folder that is no part of the project: as the environment names it, else in a folder `shared` beside it."""
    return Path(os.environ.get(named) or PROJECT.parent.joinpath("shared", *under))


def all_sets() -> tuple[MailSet, ...]:
    """All there are, whether they lie here or not."""
    copies = re.compile(r"complete|.*\.(?:gz|bz2|lz|xz|sep)|mailarc-1-dos\.txt|malformed\.txt")
    return (
        MailSet("bounces", Kind.MACHINES, bounces()),
        MailSet("flufl.bounce", Kind.MACHINES, FETCHED / "flufl.bounce"),
        MailSet("bounceparser", Kind.MACHINES, FETCHED / "bounceparser"),
        MailSet("machines", Kind.MACHINES, HERE / "machines", written_here=True),
        MailSet("notmuch", Kind.PEOPLE, FETCHED / "notmuch"),
        MailSet("mailboxes", Kind.PEOPLE, FETCHED / "mailboxes", skipped=copies, mailboxes=True),
        MailSet("redmine", Kind.PEOPLE, FETCHED / "redmine"),
        MailSet("django-mailbox", Kind.PEOPLE, FETCHED / "django-mailbox"),
        MailSet("people", Kind.PEOPLE, HERE / "people", written_here=True),
    )


@cache
def kept_apart() -> dict[str, str]:
    """Mails that are not what their set is said to be: name → reason, from `kept_apart.txt`."""
    found: dict[str, str] = {}
    for line in (HERE / "kept_apart.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, reason = line.partition(": ")
            found[name] = reason
    return found


# ---------------------------------------------------------------------------------------------------------------------
# What a mailing list has added, and what a machine says of itself


# RFC 2369 and 2919; what Mailman, ezmlm, Sympa, majordomo, Google Groups and public-inbox write; whom the list
# delivered to; and To, in which our address takes the list's place.
_OF_A_LIST: Final = re.compile(
    rb"list-.*|x-list.*|precedence|x-precedence|mailing-list|x-mailing-list|x-loop|errors-to|x-beenthere|x-mailman-.*"
    rb"|x-google-loop|x-original-sender|x-sequence|x-no-archive|archived-at|delivered-to|x-original-to|envelope-to|to",
    re.IGNORECASE,
)
# Sender and Return-Path go only where they are the list's (or a forwarder's: SRS) and not the writer's.
_LIST_ADDRESS: Final = rb"(?:.*-)?bounces?[@+=-]|owner-|.*-(?:owner|admin|request|errors)[@+=-]"
_BY_A_LIST: Final = re.compile(
    rb"sender:(?:[^<]*<)?\s*(?:%(list)b)|return-path:\s*<?(?:%(list)b|srs[01][=+-])" % {b"list": _LIST_ADDRESS},
    re.IGNORECASE,
)
_AN_ENVELOPE: Final = re.compile(rb">?From ")
# What tells RFC 3834's readers that no person wrote it; * stands for any ending of a field's name.
OF_THE_STANDARD: Final = (
    "Auto-Submitted", "Return-Path", "Precedence", "List-*", "X-Loop", "X-Autoreply*", "Delivered-To",
)  # fmt: skip
_OF_THE_STANDARD: Final = re.compile("|".join(OF_THE_STANDARD).replace("*", ".*").encode(), re.IGNORECASE)


def as_written_to_us(raw: bytes) -> bytes:
    """A person's mail as it would be, had it been sent to the office and not through a list."""
    mail = _without(raw, lambda field: _named(_OF_A_LIST, field) or _BY_A_LIST.match(field) is not None)
    return b"To: " + OFFICE.encode() + b"\n" + mail


def without_the_standard(raw: bytes) -> bytes:
    """A machine's mail that has lost what RFC 3834 goes by: the harder trial, for what servers and gateways drop."""
    return _without(raw, lambda field: _named(_OF_THE_STANDARD, field))


def _named(pattern: re.Pattern[bytes], field: bytes) -> bool:
    return pattern.fullmatch(field.partition(b":")[0].strip()) is not None


def _without(raw: bytes, unwanted: Callable[[bytes], bool]) -> bytes:
    mail = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    header, gap, body = mail.partition(b"\n\n")
    fields = _NEW_FIELD.split(header)
    return b"\n".join(field for field in fields if not (unwanted(field) or _AN_ENVELOPE.match(field))) + gap + body


_NEW_FIELD: Final = re.compile(rb"\n(?![ \t])")
