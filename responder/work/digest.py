"""The daily digest: when it is due, what is gathered for it, and that it is recorded once.

One for each account and working day, at opening or at the time the policy
names; the next one covers everything since the last. What it says is decided
in `digest_view.py`, how it looks in the templates. Knows no server: the mail
it records is sent by the outbox.
"""

from __future__ import annotations

import logging
import textwrap
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from dateutil.tz import resolve_imaginary

from responder.about import about, way_to
from responder.errors import Trouble
from responder.mail import own_ids
from responder.policy.calendar import Calendar
from responder.policy.model import OPENING
from responder.ports import Clock
from responder.store.records import DigestRow, NewMail, OutboxKind
from responder.store.store import Store
from responder.work.answers import LOOK_BACK
from responder.work.desk import Desk
from responder.work.digest_view import Facts, View, view
from responder.work.notices import Notice
from responder.work.staff import to_staff
from responder.work.steps import Hook, Step, no_hook
from responder.work.suggest import Suggested, of_the_week
from responder.work.troubles import defect

if TYPE_CHECKING:  # a daemon starts without jinja2; the first digest loads it
    from jinja2 import Environment

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=10)  # how long the digest waits for the drafts it tells of
COLUMNS = 76  # of the plain text
FIRST_START = "first_start"  # setting: when the daemon first ran on this state
RESTORED = "restored_at"  # setting: when the state was set back to a backup
SET_BACK = "digest_since:"  # setting: the clock was set back behind the last digest; the next one covers from here


@dataclass(frozen=True, slots=True)
class Due:
    """A digest that is to be made: of which day, what it covers, and the one before it."""

    day: date
    since: datetime
    until: datetime
    last: DigestRow | None


class Digests:
    """Composes and records the digest of one account."""

    def __init__(self, desk: Desk, store: Store, clock: Clock, hook: Hook = no_hook) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._hook = hook
        self._calendar = desk.policy.calendar()

    def run(self) -> bool:
        """Compose and record the digest if it is due; True when one was recorded."""
        due = self.due()
        return due is not None and self.record(due)

    def due(self) -> Due | None:
        """Is one due now? Quickly said."""
        now = self._clock.now()
        last = self._store.last_digest(self._desk.name)
        self._watch_clock(last, now)
        day = now.astimezone(self._calendar.zone).date()
        if last is not None and last.date == day.isoformat():
            return None
        since = self._since(last)
        due = due_at(day, self._desk.policy.digest.at, self._calendar)
        if since is None or due is None or not since < due <= now or self._waits_for_drafts(due, now):
            return None
        return Due(day, since, now, last)

    def record(self, due: Due) -> bool:
        """Compose and record it; False when that date has one. After a flood it takes its time."""
        self._store.wait_for_writers()  # what has begun before its time is told in this one, or in none
        notice = render(view(self._desk, self._facts(due.since, due.last, due.until)))
        row = DigestRow(self._desk.name, due.day.isoformat(), covers_from=due.since, covers_to=due.until)
        if not self._store.add_digest(row, self._mails(notice, due.day, due.until), due.until):
            return False
        still_ahead = due.last is not None and due.until < due.last.covers_to
        self._store.set(self._setting, due.until.isoformat() if still_ahead else None)
        self._hook(Step.DIGESTED)
        log.info("%s: digest of %s is recorded", self._desk.name, row.date, extra=about(account=self._desk.name))
        return True

    def preview(self, now: datetime) -> Notice:
        """What the digest would say now; records nothing."""
        last = self._store.last_digest(self._desk.name)
        since = self._since(last) or now
        return render(view(self._desk, self._facts(min(since, now), last, now)))

    # --- when --------------------------------------------------------------------------------------------------

    def _since(self, last: DigestRow | None) -> datetime | None:
        """From where the next digest covers: at first from the start of the service, reached the mailbox or not."""
        if last is None:
            started = self._store.setting(FIRST_START)
            return datetime.fromisoformat(started) if started else None
        set_back = self._store.setting(self._setting)
        return min(last.covers_to, datetime.fromisoformat(set_back)) if set_back else last.covers_to

    def _watch_clock(self, last: DigestRow | None, now: datetime) -> None:
        """A clock set back behind the last digest: what is recorded from now on would fall into no digest's period."""
        if last is not None and now < last.covers_to and self._store.setting(self._setting) is None:
            self._store.set(self._setting, now.isoformat())

    @property
    def _setting(self) -> str:
        return f"{SET_BACK}{self._desk.name}"

    def _waits_for_drafts(self, due: datetime, now: datetime) -> bool:
        """So that "n drafts are ready" is true. Not over midnight: the next day has a digest of its own."""
        midnight = _instant(due.astimezone(self._calendar.zone).date() + timedelta(days=1), time(), self._calendar)
        last_call = min(due + PATIENCE, midnight - timedelta(minutes=1))
        store, account = self._store, self._desk.name
        return now < last_call and store.awaits(account, due)

    # --- what --------------------------------------------------------------------------------------------------

    def _mails(self, notice: Notice, day: date, now: datetime) -> list[NewMail]:
        """One mail for each role; somebody with two roles gets one."""
        desk = self._desk
        mails: dict[str, NewMail] = {}
        # After a restore the same date may have its second digest: no mail server shall take it for the first.
        restored = self._store.setting(RESTORED)
        its_own = (day.isoformat(), *([restored] if restored else []))
        for role in desk.policy.digest.to:
            message_id = own_ids.make(desk.secret, desk.domain, desk.name, "digest", *its_own, role)
            mail = to_staff(desk, OutboxKind.DIGEST, role, notice, message_id, now, template="digest")
            mails.setdefault(mail.recipient, mail)
        return list(mails.values())

    def _facts(self, since: datetime, last: DigestRow | None, now: datetime) -> Facts:
        position = self._store.position(self._desk.name, self._desk.settings.folders.inbox)
        return Facts(
            now=now.astimezone(UTC),
            since=since,
            last=last.covers_to if last else None,
            read_at=position.checked_at if position else None,
            report=self._store.report(self._desk.name, since, now, now - LOOK_BACK),
            suggested=self._suggested(now),
        )

    def _suggested(self, now: datetime) -> Suggested | None:
        """Once a week what staff judged otherwise; a defect in that costs nobody the report."""
        if not begins_week(now.astimezone(self._calendar.zone).date(), self._calendar):
            return None
        try:
            return of_the_week(self._desk, self._store, now)
        except Trouble:
            raise
        except Exception as error:  # noqa: BLE001 - a boundary: told, and the report goes without
            log.error("%s: unexpected failure of the suggestions\n%s", self._desk.name, way_to(error))  # noqa: TRY400
            unforeseen = defect(error)
            self._store.note_trouble(self._desk.name, unforeseen.kind, str(unforeseen), now)
            return None


# --- the due moment -------------------------------------------------------------------------------------------------


def due_at(day: date, at: time | str, calendar: Calendar) -> datetime | None:
    """When the digest of that date is due (UTC); None on a day nobody works."""
    if not calendar.is_workday(day):
        return None
    if isinstance(at, time):
        return _instant(day, at, calendar)
    if at != OPENING:
        raise ValueError(f"a digest is due at opening or at a time of day, not at {at!r}")
    starts = [start for start, _end in calendar.spans_on(day)]
    # The end of last night's shift is no opening; only where the office never closes, midnight has to do.
    openings = [start for start in starts if not calendar.is_open(start - timedelta(microseconds=1))]
    first = next(iter(openings or starts), None)
    return first.astimezone(UTC) if first else None


def begins_week(day: date, calendar: Calendar) -> bool:
    """Is it the first day of its week (from Monday) on which anybody works?"""
    before = (day - timedelta(days=back) for back in range(1, day.weekday() + 1))
    return calendar.is_workday(day) and not any(map(calendar.is_workday, before))


def _instant(day: date, at: time, calendar: Calendar) -> datetime:
    """A local time as an instant: one that is skipped moves forward, of one that comes twice the first counts."""
    return resolve_imaginary(datetime.combine(day, at, calendar.zone)).astimezone(UTC)


# --- rendering ------------------------------------------------------------------------------------------------------


def render(shown: View) -> Notice:
    """The view in both forms."""
    environment = _environment()
    text = environment.get_template("digest.txt.j2").render(view=shown)
    html = environment.get_template("digest.html.j2").render(view=shown)
    return Notice(shown.subject, text, html)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("responder.work"),
        autoescape=select_autoescape(("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["folded"] = _folded
    return environment


def _folded(text: str, first: str = "") -> str:
    """Lines of at most `COLUMNS`: the first begins with `first`, the others stand below it; addresses stay whole."""
    return textwrap.fill(
        text,
        COLUMNS,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
