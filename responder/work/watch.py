"""One mailbox's thread: connect, do the round, wait for news, and again.

The only thread that touches this connection. Trouble with the server is
recorded, told in the digest, and tried again more and more slowly; a wrong
password more slowly still.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from responder.about import about, place_of, way_to
from responder.errors import Trouble, TroubleKind
from responder.ports import Clock, Mailbox
from responder.store.store import Store
from responder.work.answers import Answers
from responder.work.copies import Copies
from responder.work.desk import Desk
from responder.work.follow_ups import FollowUps
from responder.work.marks import Marks
from responder.work.steps import GoesOn, Hook, always, no_hook
from responder.work.triage import Triage

log = logging.getLogger(__name__)

FIRST_PAUSE = 2.0  # seconds before a broken connection is tried again; doubled every time
LONGEST_PAUSE = 300.0
SLOW_PAUSE = 900.0  # after a refused login or "too many connections": providers lock out who hammers
MIN_PAUSE = 0.2  # seconds between two rounds when nothing is new, however talkative the server
REFUSALS = frozenset({TroubleKind.SERVER, TroubleKind.MAILBOX, TroubleKind.BUSY})
SLOW = frozenset({TroubleKind.LOGIN, TroubleKind.CREDENTIAL, TroubleKind.BUSY})
ENDED_BY_A_ROUND = tuple(kind for kind in TroubleKind if kind not in (
    TroubleKind.BREAKER, TroubleKind.ACCOUNT_HELD, TroubleKind.ALERTS_HELD, TroubleKind.QUARANTINE,
    TroubleKind.REBASELINE, TroubleKind.DELIVERY, TroubleKind.BOUNCED,
    TroubleKind.UNREACHABLE, TroubleKind.WAKING, TroubleKind.POLICY,
    TroubleKind.SEND_LIMIT, TroubleKind.MARK,
))  # fmt: skip


@dataclass
class Round:
    """Everything done with a connected mailbox, in the order that keeps the promises."""

    desk: Desk
    store: Store
    clock: Clock
    hook: Hook = no_hook
    goes_on: GoesOn = always
    refused: bool = field(default=False, init=False)  # the server would not do one of the steps
    triage: Triage = field(init=False)
    marks: Marks = field(init=False)
    answers: Answers = field(init=False)
    follow_ups: FollowUps = field(init=False)
    copies: Copies = field(init=False)

    def __post_init__(self) -> None:
        self.triage = Triage(self.desk, self.store, self.clock, self.hook, self.goes_on)
        self.marks = Marks(self.desk, self.store, self.clock, self.hook)
        self.answers = Answers(self.desk, self.store, self.clock)
        self.follow_ups = FollowUps(self.desk, self.store, self.clock, self.hook, self.goes_on)
        self.copies = Copies(self.desk, self.store, self.clock, self.hook, self.goes_on)

    def run(self, mailbox: Mailbox) -> int:
        """One round; how many things were done (0: nothing was new)."""
        # Before Sent is read: a copy of ours is no person's answer.
        done = self._attempt(self.copies.file, mailbox) or 0
        is_read = self._attempt(self.answers.index_sent, mailbox) is not None
        done += self._attempt(self.triage.run, mailbox) or 0
        self._attempt(self.marks.run, mailbox)
        self._attempt(self.follow_ups.finish_drafts, mailbox)
        done += self.answers.settle(mailbox)
        # Only then is it known whom a person has answered, and which message of a sender is the newest.
        if is_read and not self.triage.has_more:
            done += self._attempt(self.follow_ups.run, mailbox) or 0
        self._end_refusals()
        return done

    @property
    def has_more(self) -> bool:
        """Is there more to do at once? A round does a portion of each thing, so that none waits for hours."""
        return self.triage.has_more or self.follow_ups.has_more or self.copies.has_more

    def resolve(self, mailbox: Mailbox) -> None:
        """Once for each connection: what may have gone out is looked for in Sent."""
        self._attempt(self.copies.resolve, mailbox)

    def _attempt(self, step: Callable[[Mailbox], int | None], mailbox: Mailbox) -> int | None:
        """A step without which the others can still go on; None if the server refused it: told, and tried again."""
        try:
            return step(mailbox) or 0
        except Trouble as trouble:
            if trouble.kind not in REFUSALS:
                raise
            self.refused = True
            self.store.note_trouble(self.desk.name, trouble.kind, str(trouble), self.clock.now())
            log.warning("%s: %s", self.desk.name, trouble, extra=about(account=self.desk.name, trouble=trouble.kind))
            return None

    def _end_refusals(self) -> None:
        open_here = any(row.account == self.desk.name and row.kind in REFUSALS for row in self.store.open_troubles())
        if open_here and not self.refused:
            self.store.end_trouble(self.desk.name, REFUSALS, self.clock.now())


class Watch:
    """Runs rounds over one mailbox until told to stop."""

    def __init__(
        self, make_round: Callable[[], Round], mailbox: Mailbox, wake: threading.Event, news: Callable[[], None]
    ) -> None:
        """`make_round` gives the round of the policy in force; `news` is called when a round did something."""
        self._make_round = make_round
        self._mailbox = mailbox
        self.wake = wake
        self._news = news
        self._stopping = threading.Event()
        self._pause = FIRST_PAUSE
        self.rounds = 0  # looks at the whole mailbox so far, and those that failed

    def stop(self) -> None:
        self._stopping.set()
        self.wake.set()

    def goes_on(self) -> bool:
        """Not told to stop."""
        return not self._stopping.is_set()

    def run(self) -> None:
        """The thread. Ends only when stopped; a defect of ours is recorded and the thread goes on."""
        while not self._stopping.is_set():
            try:
                self._connected()
            except Trouble as trouble:
                self._report(trouble)
            except Exception as error:  # noqa: BLE001 - a boundary: told without its words, which may quote a mail
                name = self._make_round().desk.name
                told = about(account=name, trouble=TroubleKind.INTERNAL)
                log.error("%s: unexpected failure\n%s", name, way_to(error), extra=told)  # noqa: TRY400
                self._report(defect(error))
        self._mailbox.close()

    def once(self) -> int:
        """Connect, rounds until all is done, disconnect. Raises `Trouble`."""
        try:
            self._connect()
            done, has_more = 0, True
            while has_more:
                rounds = self._make_round()
                done += rounds.run(self._mailbox)
                has_more = rounds.has_more
            self._is_well(rounds)
            return done
        finally:
            self._mailbox.close()

    def _connect(self) -> None:
        self._mailbox.connect()
        self._make_round().resolve(self._mailbox)

    def _connected(self) -> None:
        self._connect()
        is_first = True
        while not self._stopping.is_set():
            self.wake.clear()
            rounds = self._make_round()
            if rounds.run(self._mailbox):
                self._news()
            else:
                self._stopping.wait(MIN_PAUSE)
            if is_first:
                self._is_well(rounds)
                is_first = False
            if rounds.has_more or self._stopping.is_set():
                continue
            self.rounds += 1
            self._mailbox.wait(rounds.desk.settings.poll.total_seconds(), self.wake)

    def _is_well(self, rounds: Round) -> None:
        """The first round of a connection has come to its end: what was wrong is right again."""
        ended = [kind for kind in ENDED_BY_A_ROUND if not (rounds.refused and kind in REFUSALS)]
        rounds.store.end_trouble(rounds.desk.name, ended, rounds.clock.now())
        self._pause = FIRST_PAUSE
        log.info("%s: watching", rounds.desk.name, extra=about(account=rounds.desk.name))

    def _report(self, trouble: Trouble) -> None:
        self._mailbox.close()
        rounds = self._make_round()
        told = about(account=rounds.desk.name, trouble=trouble.kind)
        log.warning("%s: %s", rounds.desk.name, trouble, extra=told)
        try:
            rounds.store.note_trouble(rounds.desk.name, trouble.kind, str(trouble), rounds.clock.now())
        except Exception as of_state:  # noqa: BLE001 - the state itself is in trouble; the thread must live on
            told = about(account=rounds.desk.name, trouble=TroubleKind.STATE)
            log.error("%s: %s", rounds.desk.name, of_state, extra=told)  # noqa: TRY400 - one line
        slow = trouble.kind in SLOW
        pause = SLOW_PAUSE if slow else self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self.rounds += 1
        self._stopping.wait(pause * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret


def defect(error: Exception) -> Trouble:
    """A failure nobody foresaw, told as trouble."""
    text = f"a defect of the program ({place_of(error)})"
    return Trouble(TroubleKind.INTERNAL, "responder", text, "please report it with the journal's traceback")
