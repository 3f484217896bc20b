"""The calendars that policies name, from the files beside them and from web addresses.

What came from an address lies as a copy beside the state: every start, every reload and every day without network
works with that, and `work/calendars.py` renews it. Must not know how an address is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from responder import in_place
from responder.document import Wrong
from responder.errors import Trouble, TroubleKind
from responder.policy.fed import Unreached, named_calendars, zone_of
from responder.policy.feed import Feed, read
from responder.web_address import is_address

LARGEST = 2_000_000  # bytes of a calendar
PASSES = frozenset({TroubleKind.NETWORK, TroubleKind.TLS, TroubleKind.BUSY})  # by itself, or with the network
LOOK = "look whether its address is still that of the calendar in iCal format"

Fetch = Callable[[str, int], bytes]  # what lies at an address, at most so many bytes; raises `Trouble`


@dataclass(frozen=True, slots=True)
class Copies:
    """What came from each address last; for their owner only, since the days of an office are nobody's business."""

    folder: Path

    @classmethod
    def beside(cls, state: Path) -> Self:
        return cls(state.parent / "calendars")

    def path(self, url: str) -> Path:
        """Its name does not tell the address."""
        return self.folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.ics"

    def read(self, url: str) -> bytes | None:
        """None: there is none, or none for this user."""
        try:
            return self.path(url).read_bytes()
        except OSError:
            return None

    def put(self, url: str, content: bytes) -> None:
        """Raises `Trouble`."""
        target = self.path(url)
        new = target.with_suffix(".new")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            in_place.make_private(new)
            new.write_bytes(content)
            in_place.put(new, target)
        except OSError as error:
            what = f"the copy of a calendar cannot be written: {error.strerror or error}"
            raise Trouble(TroubleKind.STATE, str(self.folder), what, "look at the disk, and who may write") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """How what has no copy yet is had. Only the daemon keeps it: a command's user may be another than the daemon's."""

    fetch: Fetch
    keeps: bool


@dataclass(frozen=True, slots=True)
class Calendars:
    """Where the calendars of a policy come from: files beside it, copies, the web."""

    copies: Copies | None = None  # None: there is no state
    web: Web | None = None  # None: nobody is asked

    def of(self, text: str, folder: Path) -> Mapping[str, Feed | Wrong]:
        """What each calendar says that the text names, or why it cannot be used; the policy lies in `folder`."""
        named = named_calendars(text)
        zone = zone_of(text) if named else ZoneInfo("UTC")
        return {
            name: self._at(name, zone) if is_address(name) else _in_file(folder / name, zone) for name in named
        }  # fmt: skip

    def _at(self, url: str, zone: ZoneInfo) -> Feed | Wrong:
        copy = self.copies.read(url) if self.copies is not None else None
        if copy is not None:
            try:
                return read(copy, zone)
            except Wrong as wrong:
                if self.web is None:
                    return wrong
        if self.web is None:
            return Unreached("has not been fetched yet", "the daemon does so at its start and in a reload")
        try:
            return self._fetched(url, zone, self.web)
        except Trouble as trouble:
            made_of = Unreached if trouble.kind in PASSES else Wrong
            return made_of(f"cannot be had: {trouble.what}", remedy(trouble))
        except Wrong as wrong:
            return Wrong(wrong.what, LOOK)

    def _fetched(self, url: str, zone: ZoneInfo, web: Web) -> Feed:
        """Raises `Trouble` and `Wrong`."""
        content = web.fetch(url, LARGEST)
        feed = read(content, zone)
        if web.keeps and self.copies is not None:
            self.copies.put(url, content)
        return feed


def remedy(trouble: Trouble) -> str:
    """What to do where nothing comes from an address."""
    return "look at the network, and try again" if trouble.kind in PASSES else LOOK


def _in_file(path: Path, zone: ZoneInfo) -> Feed | Wrong:
    """What a calendar beside the policy says, or why it cannot be used."""
    try:
        if not path.is_file():
            return Wrong("is not there", "look at the path: it is seen from the policy's folder")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            return Wrong(f"is larger than {LARGEST // 1_000_000} MB", "is it the right file?")
        return read(content, zone)
    except Wrong as wrong:
        return wrong
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or str(error)
        return Wrong(f"cannot be read: {what}", "look at the path, and at who may read the file")
