"""The calendars at web addresses: looked at once a day; new days are taken as a reload takes a new policy.

Whatever comes that cannot be right (an error, no calendar, one that has lost most of its days) the copy stays in use,
and it is told with what to do. Its turns belong to a thread: a server may take its time. Must not know how an address
is asked, nor the policy's file, which may be half edited: the text in force gets the new days.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from responder.about import about
from responder.calendars import LARGEST, LOOK, Copies, Fetch, remedy
from responder.document import Wrong, errors
from responder.errors import Trouble, TroubleKind
from responder.policy.examples import failing
from responder.policy.fed import parted
from responder.policy.feed import Feed, read
from responder.policy.load import Loaded, load
from responder.policy.model import Policy
from responder.ports import Clock
from responder.store.store import Store
from responder.web_address import host
from responder.work.desk import Desk
from responder.work.proof import remember

log = logging.getLogger(__name__)

EVERY: Final = timedelta(days=1)
TRY_AGAIN: Final = timedelta(hours=1)  # what did not come
PATIENCE: Final = timedelta(days=2)  # so old may a copy be before it is told that a server is away
AHEAD: Final = 400  # days that are held against those before
_PASSES: Final = frozenset({TroubleKind.NETWORK, TroubleKind.BUSY})  # mostly by itself


class CalendarWatch:
    """Every address that a policy in force names."""

    def __init__(
        self,
        desks: Callable[[], Collection[Desk]],
        store: Store,
        clock: Clock,
        copies: Copies,
        fetch: Fetch,
        take: Callable[[Desk, Policy, str], None],
    ) -> None:
        """`take` gets the desk as it was, its policy with the new days and the text, in the thread of the turn."""
        self._desks = desks
        self._store = store
        self._clock = clock
        self._copies = copies
        self._fetch = fetch
        self._take = take
        self._began = clock.now()
        self._seen: Mapping[str, str] = {}  # the text in force at the last turn, by account
        self._tried: dict[str, datetime] = {}
        self._refused: dict[str, Trouble] = {}  # what is told, by address

    def is_due(self) -> bool:
        """Is there anything to do? Asked often."""
        return self._texts() != self._seen or any(map(self._is_time, self._users()))

    def turn(self) -> None:
        """Ask every address whose time has come."""
        texts = self._texts()
        if texts != self._seen:
            self._tried.clear()  # somebody has reloaded, perhaps for this very reason
            self._take_copies()
            self._seen = texts
        users = self._users()
        for url, desks in users.items():
            if self._is_time(url):
                self._look(url, desks)
        self._refused = {url: trouble for url, trouble in self._refused.items() if url in users}
        self._tell(users)

    def _texts(self) -> Mapping[str, str]:
        return {desk.name: desk.policy_text for desk in self._desks()}

    def _users(self) -> Mapping[str, list[Desk]]:
        """The desks whose policies name each address."""
        users: dict[str, list[Desk]] = {}
        for desk in self._desks():
            for url in dict.fromkeys(each.url for each in desk.policy.calendars if each.url is not None):
                users.setdefault(url, []).append(desk)
        return users

    def _is_time(self, url: str) -> bool:
        """A clock that was set back makes nothing wait."""
        now, tried, had = self._clock.now(), self._tried.get(url), self._had(url)
        has_rested = tried is None or not timedelta() <= now - tried < TRY_AGAIN
        return has_rested and (had is None or not timedelta() <= now - had < EVERY)

    def _had(self, url: str) -> datetime | None:
        """When the calendar came last, and was good."""
        written = self._store.setting(self._key(url))
        return datetime.fromisoformat(written) if written else None

    def _key(self, url: str) -> str:
        return f"calendar {self._copies.path(url).stem}"

    # --- one address --------------------------------------------------------------------------------------------

    def _look(self, url: str, desks: Iterable[Desk]) -> None:
        now = self._clock.now()
        self._tried[url] = now
        try:
            self._renew(url, desks)
        except Trouble as trouble:
            if trouble.kind is TroubleKind.STATE:
                raise
            self._refuse(url, trouble)
        else:
            self._refused.pop(url, None)
            self._store.set(self._key(url), now.isoformat())

    def _renew(self, url: str, desks: Iterable[Desk]) -> None:
        """The copy is replaced once every policy can be used with it. Raises `Trouble`."""
        content = self._fetch(url, LARGEST)
        anew = [(desk, self._with(desk, url, content)) for desk in desks]
        self._copies.put(url, content)
        for desk, loaded in anew:
            self._hand_over(desk, loaded)

    def _with(self, desk: Desk, url: str, content: bytes) -> Loaded:
        """The policy in force with the days of this calendar. Raises `Trouble` if that cannot be meant."""
        try:
            feed = read(content, desk.policy.calendar().zone)
        except Wrong as wrong:
            raise Trouble(TroubleKind.CALENDAR, host(url), f"what came {wrong.what}", LOOK) from None
        text, feeds = parted(desk.policy_text)
        lost = _lost(feeds.get(url), feed, desk.local(self._clock.now()).date())
        if lost is not None:
            todo = f"look into the calendar; if that is right, remove {self._copies.path(url)} and reload"
            raise Trouble(TroubleKind.CALENDAR, host(url), lost, todo)
        loaded = load(text, str(desk.settings.policy), None, {**feeds, url: feed})
        wrong_now = errors(loaded.problems) or failing(loaded, desk.judge)
        if wrong_now:
            what = f"with its new days the policy cannot be used: {wrong_now[0]}"
            raise Trouble(TroubleKind.CALENDAR, host(url), what, "correct the policy, or the calendar")
        return loaded

    def _take_copies(self) -> None:
        """A reload may have read a copy just before it was renewed."""
        for desk in self._desks():
            text, feeds = parted(desk.policy_text)
            zone = desk.policy.calendar().zone
            urls = {each.url for each in desk.policy.calendars if each.url is not None}
            copies = {url: feed for url in urls if (feed := self._copy(url, zone)) is not None}
            if copies:
                self._hand_over(desk, load(text, str(desk.settings.policy), None, {**feeds, **copies}))

    def _copy(self, url: str, zone: ZoneInfo) -> Feed | None:
        """None also for a damaged one: the next that comes takes its place."""
        copy = self._copies.read(url)
        try:
            return read(copy, zone) if copy is not None else None
        except Wrong:
            return None

    def _hand_over(self, desk: Desk, loaded: Loaded) -> None:
        if loaded.policy is not None and loaded.policy != desk.policy:
            self._take(desk, loaded.policy, loaded.text)
            remember(self._store, {desk.name: loaded.digest})

    # --- telling ------------------------------------------------------------------------------------------------

    def _refuse(self, url: str, trouble: Trouble) -> None:
        had = self._had(url)
        is_late = self._clock.now() - (had or self._began) >= PATIENCE
        if trouble.kind in _PASSES and not is_late:
            log.warning("the calendar %s, tried again in an hour", trouble)
            return
        of = f" of {had:%Y-%m-%d}" if had is not None else ""
        what = f"{trouble.what}; its copy{of} stays in use"
        todo = trouble.remedy if trouble.kind is TroubleKind.CALENDAR else remedy(trouble)
        told = Trouble(TroubleKind.CALENDAR, f"the calendar {trouble.where}", what, todo)
        if str(told) != str(self._refused.get(url)):
            log.error("%s", told, extra=about(trouble=told.kind))
        self._refused[url] = told

    def _tell(self, users: Mapping[str, Iterable[Desk]]) -> None:
        """In the report of each account that uses it, until it is over."""
        now = self._clock.now()
        texts = {desk.name: str(trouble) for url, trouble in self._refused.items() for desk in users[url]}
        said = {row.account: row.text for row in self._store.open_troubles() if row.kind == TroubleKind.CALENDAR}
        for account in said.keys() - texts.keys():
            self._store.end_trouble(account, (TroubleKind.CALENDAR,), now)
        for account, text in texts.items():
            if said.get(account) != text:
                self._store.note_trouble(account, TroubleKind.CALENDAR, text, now)


def _lost(before: Feed | None, after: Feed, today: date) -> str | None:
    """What is missing, if that can hardly be meant: all days, or more than half of those to come."""
    if before is None or not before.rules:
        return None
    if not after.rules:
        return "it closes no day any more"
    had, has = _days_to_come(before, today), _days_to_come(after, today)
    if 2 * has >= had:
        return None
    return f"of its {had} days off in the next {AHEAD} days only {has} {'is' if has == 1 else 'are'} left"


def _days_to_come(feed: Feed, today: date) -> int:
    first = today.toordinal()
    spans = ((max(rule.first.toordinal(), first), min(rule.last.toordinal(), first + AHEAD)) for rule in feed.rules)
    return len({day for begin, end in spans for day in range(begin, end + 1)})
