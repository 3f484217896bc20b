"""Plays the demo's days: lets things happen, tells them, checks what came of them, leaves the last digest.

Knows the order of things; how they happen, how they are told and what was promised stands in the modules beside it.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from rich.console import Console

from responder.demo import servers
from responder.demo.days import EVENTS, Arrives, Event, Opens, StaffAnswers, local
from responder.demo.letters import OFFICE
from responder.demo.office import PASSWORD, Office, open_office
from responder.demo.promises import PROMISES, Outcome, digests
from responder.demo.timeline import Timeline
from responder.errors import Trouble

DIGEST = "digest.html"
JOURNAL = "daemon.log"
INTRODUCTION = (
    "A small office, Nội thất Ví Dụ (info@congty.example), around Tết 2026. The daemon is the real one and the policy "
    "is the shipped one, with one line added; the mail servers run inside this program, and the clock is moved by "
    "hand. Nothing leaves this machine."
)


def show(out: Path) -> int:
    """Play the days; the last digest is left in `out`. 0 when all went as promised, else 1. Raises `Trouble`."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="responder-demo-") as name:
        folder = Path(name)
        try:
            with servers.running(OFFICE, PASSWORD) as both, open_office(both, folder) as office:
                timeline = Timeline(Console(highlight=False), office.policy.calendar())
                seen = _play(office, timeline)
        except Trouble:
            _leave_journal(folder, out)
            raise
        is_well = _check(timeline, seen)
        _leave_digest(timeline, seen, out)
        timeline.remark(f"Twelve days in {time.monotonic() - began:.0f} seconds.")
        if not is_well:
            timeline.remark(f"The daemon's journal: {_leave_journal(folder, out)}")
    return 0 if is_well else 1


# --- the days -------------------------------------------------------------------------------------------------------


def _play(office: Office, timeline: Timeline) -> Outcome:
    timeline.remark(INTRODUCTION)
    scene = _Scene(office, timeline)
    for event in EVENTS:
        scene.play(event)
    return Outcome(
        delivered=tuple(office.servers.post.delivered),
        drafts=tuple(office.drafts()),
        inbox=tuple(office.inbox()),
        ledger=office.ledger(),
    )


class _Scene:
    """Lets one event after the other happen, and tells what is new since the last."""

    def __init__(self, office: Office, timeline: Timeline) -> None:
        self._office = office
        self._timeline = timeline
        self._delivered = 0
        self._drafts = 0

    def play(self, event: Event) -> None:
        when = local(event.at)
        self._timeline.at(when)
        match event:
            case Arrives():
                self._office.at(when)
                self._arrives(event)
            case StaffAnswers():
                self._office.at(when)
                self._staff(event)
            case Opens():
                self._timeline.opening()
                self._office.opens(when)
                self._tell_news()

    def _arrives(self, event: Arrives) -> None:
        self._timeline.letter(event.letter)
        row = self._office.arrives(event.letter)
        self._tell_news()
        self._timeline.decided(row, [mail for mail in self._office.ledger().mails if mail.message == row.id])

    def _staff(self, event: StaffAnswers) -> None:
        self._timeline.staff(event.who, event.letter, event.text)
        if self._office.staff_answers(event.letter, event.text):
            self._timeline.cancelled(event.letter)
        self._tell_news()

    def _tell_news(self) -> None:
        """What has been drafted and sent since the last time."""
        drafts, delivered = self._office.drafts(), list(self._office.servers.post.delivered)
        for mail in drafts[self._drafts :]:
            self._timeline.draft(mail)
        for one in delivered[self._delivered :]:
            self._timeline.delivered(one)
        self._drafts, self._delivered = len(drafts), len(delivered)


# --- the end --------------------------------------------------------------------------------------------------------


def _check(timeline: Timeline, seen: Outcome) -> bool:
    timeline.heading("What this has shown (each line was checked)")
    results = [(text, test(seen)) for text, test in PROMISES]
    for text, kept in results:
        timeline.promise(text, kept=kept)
    return all(kept for _text, kept in results)


def _leave_digest(timeline: Timeline, seen: Outcome, out: Path) -> None:
    html = digests(seen)[-1].get_body(("html",)) if digests(seen) else None
    if html is None:
        return
    path = _writable(out) / DIGEST
    path.write_text(html.get_content(), encoding="utf-8")
    timeline.remark("")
    timeline.remark(f"The manager's last digest, to be opened in a browser: {path}")


def _leave_journal(folder: Path, out: Path) -> Path:
    """The daemon's journal is kept where something went wrong."""
    kept = _writable(out) / JOURNAL
    if (folder / JOURNAL).exists():
        shutil.copyfile(folder / JOURNAL, kept)
    return kept


def _writable(out: Path) -> Path:
    """`out`, or a new folder where it cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            return out
    except OSError:
        return Path(tempfile.mkdtemp(prefix="responder-demo-"))
