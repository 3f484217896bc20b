"""What an office would remember, in memory: the same questions as `store.batch.Batch.past`, the same answers.

It is asked for every mail, and a database would take longer over that than the decision itself. The daemon's store
stays the measure: one test decides the same mails with both (`tests/contract/test_replayed_past.py`).

Times only go forward. Every automatic mail counts as sent when it was decided (`mode: live`, and a way out that works).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from responder.mail.addresses import Address
from responder.mail.domains import organisation
from responder.policy.decide import ActionKind, Breaker, Past, PastReply
from responder.policy.model import DAY, HOUR, Delivery, Policy, Rates, Used
from responder.ports import PersonsMail
from responder.replay.entry import Deed, Entry
from responder.replay.seats import Seats, leaves_the_office
from responder.store.bounces import OF_THE_WAY
from responder.store.records import Asked, Since
from responder.store.sql import CHUNK
from responder.work.answers import LOOK_BACK
from responder.work.bounces import BELIEVED
from responder.work.breakers import is_over


@dataclass(slots=True)
class _Owed:
    """A follow-up, until a person has written."""

    made: datetime
    due: datetime
    account: str
    recipient: str  # `Address.untagged`
    delivery: Delivery
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class _Written:
    """A mail that a person of ours wrote."""

    account: str
    at: datetime
    recipients: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Back:
    """A person's mail came back."""

    at: datetime
    status: str


class Remembered:
    """The past of one office under one policy, from the entries that were taken so far."""

    def __init__(self, seats: Seats, known: Iterable[str] = ()) -> None:
        """`known`: who has written, or was written to, before the first mail."""
        self._seats = seats
        self._known = set(known)
        self._here: dict[str, list[tuple[str, bool]]] = defaultdict(list)  # by Message-ID: account, was it vetoed
        self._to_sender: dict[str, list[PastReply]] = defaultdict(list)
        self._in_thread: dict[str, list[datetime]] = defaultdict(list)  # replies, by what they answer
        self._to_crowd: dict[str, list[datetime]] = defaultdict(list)
        self._of_account: dict[str, list[datetime]] = defaultdict(list)
        self._of_office: list[datetime] = []
        self._alarms: dict[str, list[datetime]] = defaultdict(list)
        self._owed: dict[str, list[_Owed]] = defaultdict(list)  # follow-ups, by crowd
        self._waiting: dict[str, list[_Owed]] = defaultdict(list)  # … by what settles them
        self._answers: dict[str, datetime] = {}  # when a person last wrote: `to:ADDRESS`, `id:MESSAGE-ID`
        self._written: dict[tuple[str, str], _Written] = {}  # by account and Message-ID
        self._back: dict[str, dict[str, _Back]] = defaultdict(dict)  # by address, then Message-ID
        self._held: dict[Breaker, set[str]] = {breaker: set() for breaker in Breaker}  # the accounts it has tripped in

    # --- what bears on a mail ----------------------------------------------------------------------------------

    def past(self, account: str, asked: Asked, since: Since) -> Past:
        """What bears on a mail that comes now. Like `Batch.past`."""
        address, now = Address("", asked.sender), since.now
        crowd = asked.crowd or organisation(address.domain)
        replies = self._to_sender.get(address.untagged, ())
        threads = [self._in_thread[each] for each in asked.thread[-CHUNK:] if each in self._in_thread]
        return Past(
            known=asked.sender in self._known,
            replies=tuple(reply for reply in replies if reply.at >= since.period),
            answered_at=self._answered_at(asked, since.arrived),
            bounced_at=self._bounced_at(asked.sender, since),
            thread=_sum(_used(times, now) for times in threads),
            domain=_used(self._to_crowd.get(crowd, ()), now),
            followed_up=self._followed_up(crowd, now),
            account=_used(self._of_account.get(account, ()), now),
            office=_used(self._of_office, now),
            alerts=_used(self._alarms.get(account, ()), now),
            seen_before=any(not vetoed or asked.is_vetoed for vetoed in self._copies(account, asked.message_id)),
        )

    def _copies(self, account: str, message_id: str | None) -> Iterator[bool]:
        if message_id is not None:
            yield from (vetoed for at, vetoed in self._here.get(message_id, ()) if at == account)

    def _answered_at(self, asked: Asked, arrived: datetime) -> datetime | None:
        times = [self._answers.get(f"id:{each}") for each in asked.thread[-CHUNK:]]
        to_sender = self._answers.get(f"to:{asked.sender}")
        if to_sender is not None and to_sender >= arrived:
            times.append(to_sender)
        return max((at for at in times if at is not None), default=None)

    def _bounced_at(self, sender: str, since: Since) -> datetime | None:
        key = Address("", sender).untagged
        at = max((b.at for b in self._back.get(key, {}).values() if _still_counts(b, since)), default=None)
        wrote = max((t for each in {sender, key} if (t := self._answers.get(f"to:{each}"))), default=None)
        return None if at is None or (wrote is not None and wrote > at) else at

    def _followed_up(self, crowd: str, now: datetime) -> Used:
        owed = [each for each in _since(self._owed.get(crowd, ()), now - DAY) if not each.is_cancelled]
        hour = {each.recipient for each in owed if each.made > now - HOUR}
        return Used(len(hour), len({each.recipient for each in owed}))

    # --- what is remembered ------------------------------------------------------------------------------------

    def take(self, entry: Entry) -> None:
        """A mail was decided, and what it led to was done."""
        at = entry.arrived.astimezone(UTC)  # two times of one zone compare by the wall clock, which a fold repeats
        self._known.add(entry.sender)
        if entry.message_id is not None:
            self._here[entry.message_id].append((entry.account, entry.veto is not None))
        for deed in entry.deeds:
            self._did(entry, deed, at)
        if entry.first(ActionKind.ALERT) is not None:
            self._alarms[entry.account].append(at)
        if entry.tripped is not None:
            self._trip(entry.account, entry.tripped, at)
        if entry.came_back:
            self._came_back(entry, at)

    def _did(self, entry: Entry, deed: Deed, at: datetime) -> None:
        if deed.to is None or deed.is_late:
            return
        to, crowd = Address("", deed.to), entry.crowd or organisation(Address("", deed.to).domain)
        if deed.kind is ActionKind.REPLY:
            self._to_sender[to.untagged].append(PastReply(at, deed.template or ""))
            self._to_crowd[crowd].append(at)
            self._of_account[entry.account].append(at)
            self._of_office.append(at)
            if entry.message_id is not None:
                self._in_thread[entry.message_id].append(at)
        elif deed.kind is ActionKind.FOLLOW_UP:
            delivery = self._policy(entry.account).follow_up.as_
            owed = _Owed(at, deed.due, entry.account, to.untagged, delivery)
            self._owed[crowd].append(owed)
            keys = [f"to:{entry.sender}", *([f"id:{entry.message_id}"] if entry.message_id else ())]
            for key in keys:
                self._waiting[key].append(owed)

    def _policy(self, account: str) -> Policy:
        return self._seats.seats[account].policy

    def take_answer(self, account: str, mail: PersonsMail) -> None:
        """A person of ours wrote: it counts for the thread and the customer, and settles what waits for them."""
        place = (account, mail.message_id)
        if place in self._written or not leaves_the_office(mail.recipients, self._seats.seats[account].ours):
            return
        self._written[place] = _Written(account, mail.at, frozenset(mail.recipients))
        thread = (*mail.thread, mail.message_id)
        for key in {*(f"to:{each}" for each in mail.recipients), *(f"id:{each}" for each in thread)}:
            self._answers[key] = max(mail.at, self._answers.get(key, mail.at))
            for owed in self._waiting.pop(key, ()):
                if owed.account == account and owed.made >= mail.at - LOOK_BACK:
                    _cancel(owed, mail.at)

    def _came_back(self, entry: Entry, at: datetime) -> None:
        """A report counts for what one of ours wrote, of the recipients that it names."""
        for message_id in entry.came_back:
            written = self._written.get((entry.account, message_id))
            if written is None or written.at < at - BELIEVED:
                continue
            for addresses, status in entry.failed:
                for address in written.recipients.intersection(addresses):
                    key = Address("", address).untagged
                    self._back[key].setdefault(message_id, _Back(at, status))
                    self._cancel_mails_to(key, at)

    def _cancel_mails_to(self, recipient: str, at: datetime) -> None:
        for each in chain.from_iterable(self._owed.values()):
            if each.recipient == recipient and each.delivery is Delivery.SEND:
                _cancel(each, at)

    # --- limits of many ----------------------------------------------------------------------------------------

    def pass_time(self, now: datetime) -> None:
        """Limits of which enough is free again are over (`work/breakers.py`)."""
        for breaker, accounts in self._held.items():
            for account in tuple(accounts):
                limit, times = self._measured(breaker, account)
                if is_over(limit, _used(times, now)):
                    accounts.discard(account)

    def _measured(self, breaker: Breaker, account: str) -> tuple[Rates, Sequence[datetime]]:
        limits = self._policy(account).limits
        match breaker:
            case Breaker.ACCOUNT:
                return limits.account, self._of_account[account]
            case Breaker.OFFICE:
                return limits.office, self._of_office
            case Breaker.ALERTS:
                return limits.alerts, self._alarms[account]

    def _trip(self, account: str, breaker: Breaker, at: datetime) -> None:
        """The manager is told, and that is an alert, too."""
        is_told = breaker is Breaker.OFFICE and bool(self._held[breaker])
        is_new = account not in self._held[breaker]
        self._held[breaker].add(account)
        if is_new and not is_told and self._policy(account).digest.to:
            self._alarms[account].append(at)


def _used(times: Sequence[datetime], now: datetime) -> Used:
    """As the limits count them: of the last hour, of the last day."""
    return Used(len(times) - bisect_right(times, now - HOUR), len(times) - bisect_right(times, now - DAY))


def _sum(parts: Iterable[Used]) -> Used:
    found = tuple(parts)
    return Used(sum(each.hour for each in found), sum(each.day for each in found))


def _since(owed: Sequence[_Owed], at: datetime) -> Iterator[_Owed]:
    """The newest, as far back as that."""
    for each in reversed(owed):
        if each.made <= at:
            return
        yield each


def _still_counts(back: _Back, since: Since) -> bool:
    return back.at >= since.refused or (back.at >= since.bounced and not back.status.startswith(OF_THE_WAY))


def _cancel(owed: _Owed, at: datetime) -> None:
    """What has been sent, or laid into Drafts, stays."""
    owed.is_cancelled = owed.is_cancelled or owed.due > at
