"""The days of the demo, in order: what happens when, at an office around Tết 2026.

Values only. The dates are real: the shipped policy closes 16-20 February 2026 for Tết. One line is added to it, as an
office would: Saturday 14 February is worked, so that Monday 23 February is free.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from responder.demo import letters
from responder.demo.letters import Letter

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SWAP = "{off: 2026-02-23, work: 2026-02-14, why: Nghỉ Tết}"
BEGIN = "2026-02-12 15:00"


@dataclass(frozen=True, slots=True)
class Arrives:
    """A mail comes in."""

    at: str
    letter: Letter


@dataclass(frozen=True, slots=True)
class StaffAnswers:
    """A person of the office answers in their own mail program."""

    at: str
    who: str
    letter: Letter
    text: str


@dataclass(frozen=True, slots=True)
class Opens:
    """The office opens: drafts and the digest are due."""

    at: str


Event = Arrives | StaffAnswers | Opens

EVENTS: tuple[Event, ...] = (
    Arrives("2026-02-12 15:40", letters.TUAN),
    Arrives("2026-02-12 19:30", letters.THAO),
    Arrives("2026-02-12 22:10", letters.LAN),
    Arrives("2026-02-12 22:45", letters.LAN_AGAIN),
    Arrives("2026-02-12 23:30", letters.NEWSLETTER),
    StaffAnswers(
        "2026-02-13 07:05", "Mai", letters.THAO,
        "Chào chị Thảo, em gửi chị bảng giá bàn 1m4 và ghế xoay ạ. Hàng có sẵn, giao trong 3 ngày. Em Mai",
    ),
    Arrives("2026-02-13 07:20", letters.PETER),
    Opens("2026-02-13 08:00"),
    Arrives("2026-02-13 18:40", letters.HUNG),
    Opens("2026-02-14 08:00"),
    Arrives("2026-02-14 10:15", letters.HOA),
    Arrives("2026-02-15 09:30", letters.BOUNCE),
    Arrives("2026-02-17 10:05", letters.NGOC),
    Arrives("2026-02-18 21:50", letters.DUNG),
    Arrives("2026-02-23 10:00", letters.EMILY),
    Opens("2026-02-24 08:00"),
)  # fmt: skip

LETTERS = tuple(event.letter for event in EVENTS if isinstance(event, Arrives))


def local(text: str) -> datetime:
    """`2026-02-12 22:10` in the office's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)
