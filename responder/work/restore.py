"""A state that is set back to a backup is made safe: what was answered since then is not on record any more.

So nothing that came before now is answered, what was owed then is looked for or left to a person, and customers get
nothing automatic until nobody can have had a reply that still counts. The report says so. Knows no file.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from responder.mail.language import Language
from responder.policy import phrases
from responder.policy.model import Policy
from responder.store.records import Event, EventKind
from responder.store.store import Store
from responder.work import pauses
from responder.work.answers import LOOK_BACK
from responder.work.digest import RESTORED
from responder.work.pauses import Pause
from responder.work.triage import WATCH_SLACK

STALE = timedelta(days=1)  # an alert that old is not told again
GAP = {
    Language.VI: "thư nhận trong khoảng từ {since} đến {until} chưa được máy trả lời và cũng chưa được báo cho ai; "
    "xin xem lại hộp thư đến",
    Language.EN: "mail that came from {since} to {until} was neither answered nor told of; please look into the inbox",
}
WITHOUT_RECORDS = {  # the backup has none: where the gap begins is not known
    Language.VI: "thư nhận trước {until} chưa được máy trả lời và cũng chưa được báo cho ai; xin xem lại hộp thư đến",
    Language.EN: "mail that came before {until} was neither answered nor told of; please look into the inbox",
}
PAUSED = {
    Language.VI: "khôi phục dữ liệu: không còn biết ai đã được trả lời tự động gần đây",
    Language.EN: "the state was restored: it is not known who has had an automatic reply lately",
}


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of it."""

    since: datetime | None  # the last thing on record in the backup
    in_doubt: int  # mails to customers
    pause: Pause


def make_safe(store: Store, policies: Collection[Policy], now: datetime, by: str, since: datetime | None) -> Restored:
    """Settle what a backup says is still owed; `since`: the last thing on record in it.

    That it is done is recorded last: when the machine stops in between, it is done again.
    """
    policy = next(iter(policies), None)
    language = policy.language if policy else Language.EN
    # Triage allows a mail server's clock to stand behind ours; here that would let in what was answered already.
    in_doubt = store.make_safe(now, now + WATCH_SLACK, now - STALE, now - LOOK_BACK)
    store.add_event(Event(now, EventKind.RESTORED, _gap(policy, since, now), by=by))
    pause = _until_known(policies, PAUSED[language], now)
    if not _is_covered(store, pause, now):
        pauses.begin(store, pause, by)
    store.set(RESTORED, now.isoformat())
    return Restored(since, in_doubt, pauses.in_force(store, now) or pause)


def is_safe(store: Store, since: datetime | None) -> bool:
    """Was a state whose record ends there made safe already?"""
    restored = store.setting(RESTORED)
    return restored is not None and (since is None or datetime.fromisoformat(restored) > since)


def _gap(policy: Policy | None, since: datetime | None, now: datetime) -> str:
    language = policy.language if policy else Language.EN
    zone = policy.calendar().zone if policy else None
    until = phrases.moment(now.astimezone(zone), language)
    if since is None:
        return WITHOUT_RECORDS[language].format(until=until)
    return GAP[language].format(since=phrases.moment(since.astimezone(zone), language), until=until)


def _until_known(policies: Collection[Policy], reason: str, now: datetime) -> Pause:
    """Until every office is open once `again_after` is over; where no policy can be read, until a person ends it."""
    longest = max((policy.limits.again_after for policy in policies), default=timedelta())
    ends = [policy.calendar().next_open(now + longest) for policy in policies]
    known = [end for end in ends if end is not None]
    return Pause(reason, now, max(known) if known and len(known) == len(ends) else None)


def _is_covered(store: Store, pause: Pause, now: datetime) -> bool:
    """There is a pause already that lasts as long."""
    kept = pauses.in_force(store, now)
    return kept is not None and (kept.until is None or (pause.until is not None and kept.until >= pause.until))
