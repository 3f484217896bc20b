"""`responder demo`: the real daemon on this machine, with mail servers of its own, through the days around Tết 2026.

`days.py` and `letters.py` are the script, `servers.py` the mail servers, `office.py` the daemon on its scripted clock,
`timeline.py` tells what happens, `promises.py` checks it. Needs no account and no network.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from responder.errors import Trouble, TroubleKind

if TYPE_CHECKING:  # they need the demo's own servers installed, which `run` looks for
    from responder.demo.days import Event
    from responder.demo.office import Office
    from responder.demo.promises import Outcome
    from responder.demo.timeline import Timeline


def run(out: Path) -> int:
    """Play the days; the last digest is left in `out`. 0 when all went as promised, else 1. Raises `Trouble`."""
    try:
        from responder.demo import servers
        from responder.demo.letters import OFFICE
        from responder.demo.office import PASSWORD, open_office
    except ModuleNotFoundError as error:
        raise _not_installed(error) from error
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="responder-demo-") as name:
        folder = Path(name)
        try:
            with servers.running(OFFICE, PASSWORD) as both, open_office(both, folder) as office:
                timeline, seen = _play(office)
        except Trouble:
            _keep(folder, _writable(out))
            raise
        all_kept = _check(timeline, seen)
        _leave_results(timeline, seen, out)
        timeline.took(timedelta(seconds=time.monotonic() - began))
        if not all_kept:
            timeline.remark(f"The daemon's journal: {_keep(folder, _writable(out))}")
    return 0 if all_kept else 1


def _not_installed(error: ModuleNotFoundError) -> Trouble:
    return Trouble(
        TroubleKind.CONFIG,
        "demo",
        f"its mail servers are not installed ({error.name})",
        "install them with `pip install 'responder[demo]'`",
    )


# --- the days -------------------------------------------------------------------------------------------------------


def _play(office: Office) -> tuple[Timeline, Outcome]:
    from rich.console import Console

    from responder.demo.days import EVENTS
    from responder.demo.promises import Outcome
    from responder.demo.timeline import Timeline

    timeline = Timeline(Console(highlight=False), office.policy.calendar())
    for line in INTRODUCTION:
        timeline.remark(line)
    scene = _Scene(office, timeline)
    for event in EVENTS:
        scene.play(event)
    seen = Outcome(
        delivered=tuple(office.servers.post.delivered),
        drafts=tuple(office.drafts()),
        inbox=tuple(office.inbox()),
        ledger=office.ledger(),
    )
    return timeline, seen


INTRODUCTION = (
    "A small office, Nội thất Ví Dụ (info@congty.example), around Tết 2026. The daemon is the real one, with the",
    "policy that is shipped; its mail servers run on this machine, and its clock is moved by hand. Nothing leaves",
    "this machine.",
)


class _Scene:
    """Lets one event after the other happen, and tells what is new since the last."""

    def __init__(self, office: Office, timeline: Timeline) -> None:
        self._office = office
        self._timeline = timeline
        self._delivered = 0
        self._drafts = 0

    def play(self, event: Event) -> None:
        from responder.demo.days import Arrives, Opens, StaffAnswers, local

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
    from responder.demo.promises import PROMISES

    timeline.heading("What this has shown (each line was checked)")
    results = [(text, test(seen)) for text, test in PROMISES]
    for text, kept in results:
        timeline.promise(text, kept=kept)
    return all(kept for _text, kept in results)


def _leave_results(timeline: Timeline, seen: Outcome, out: Path) -> None:
    from responder.demo.promises import digests

    html = digests(seen)[-1].get_body(("html",)) if digests(seen) else None
    if html is None:
        return
    path = _writable(out) / "digest.html"
    path.write_text(html.get_content(), encoding="utf-8")
    timeline.remark("")
    timeline.remark(f"The manager's last digest, to be opened in a browser: {path}")


def _writable(out: Path) -> Path:
    """`out`, or a new folder where it cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            return out
    except OSError:
        return Path(tempfile.mkdtemp(prefix="responder-demo-"))


def _keep(folder: Path, out: Path) -> Path:
    """The daemon's journal, kept when something went wrong."""
    kept = out / "daemon.log"
    if (folder / kept.name).exists():
        shutil.copyfile(folder / kept.name, kept)
    return kept
