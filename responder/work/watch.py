"""One mailbox's thread: connect, do the round, wait for news, and again.

The only thread that touches this connection. Trouble with the server is
recorded, told in the digest, and tried again more and more slowly; a wrong
password more slowly still. The log has it once, however often it is tried.
"""

from __future__ import annotations

import logging
import random
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from responder.about import about, way_to
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
from responder.work.troubles import BUSY, ENDED_BY_A_ROUND, OVER_ONE, REFUSALS, SLOW, UNREADABLE, defect
from responder.work.witness import Witness

log = logging.getLogger(__name__)

FIRST_PAUSE = 2.0  # seconds before a broken connection is tried again; doubled every time
LONGEST_PAUSE = 300.0
SLOW_PAUSE = 900.0  # after a refused login or "too many connections": providers lock out who hammers
LEFT_ALONE = timedelta(seconds=SLOW_PAUSE)  # a step of a round, after the server asked to wait
LOOK_AGAIN = timedelta(minutes=10)  # for mail in doubt: a provider may file it in Sent much later
MIN_PAUSE = 0.2  # seconds between two rounds when nothing is new, however talkative the server


@dataclass
class Line:
    """What is known of the way to a mailbox, from one round to the next."""

    has_lasted: bool = True  # the connection: it has been waited on, or has brought a portion of a flood
    busy: dict[str, tuple[Trouble, datetime]] = field(default_factory=dict)  # steps that are to wait, and since when


@dataclass
class Round:
    """Everything done with a connected mailbox, in the order that keeps the promises."""

    desk: Desk
    store: Store
    clock: Clock
    hook: Hook = no_hook
    goes_on: GoesOn = always
    witness: Witness | None = None
    line: Line = field(default_factory=Line)
    refusals: list[Trouble] = field(default_factory=list, init=False)  # steps that the server would not do
    triage: Triage = field(init=False)
    marks: Marks = field(init=False)
    answers: Answers = field(init=False)
    follow_ups: FollowUps = field(init=False)
    copies: Copies = field(init=False)

    def __post_init__(self) -> None:
        self.triage = Triage(self.desk, self.store, self.clock, self.hook, self.goes_on)
        self.marks = Marks(self.desk, self.store, self.clock, self.hook)
        self.answers = Answers(self.desk, self.store, self.clock, self.goes_on)
        self.follow_ups = FollowUps(self.desk, self.store, self.clock, self.hook, self.goes_on)
        self.copies = Copies(self.desk, self.store, self.clock, self.hook, self.goes_on)

    def run(self, mailbox: Mailbox) -> int:
        """One round; how many things were done (0: nothing was new). Raises `Trouble` if new mail cannot be read."""
        if self.witness is not None:
            self._hear(self.witness, mailbox)
        # Before Sent is read: a copy of ours is no person's answer.
        done = self._attempt(self.copies.file, mailbox) or 0
        is_read = self._attempt(self.answers.index_sent, mailbox) is not None and not self.answers.has_more
        # One message that is refused holds up nothing else; if no mail can be had at all, a pause must be.
        done += self._attempt(self.triage.run, mailbox, ends=UNREADABLE) or 0
        self._attempt(self.marks.run, mailbox)
        self._attempt(self.follow_ups.finish_drafts, mailbox)
        is_settled = self._attempt(self.answers.settle, mailbox)
        # Only then is it known whom a person has answered, and which message of a sender is the newest.
        if is_read and is_settled is not None and not self.triage.has_more:
            done += self._attempt(self.follow_ups.run, mailbox) or 0
        done += is_settled or 0
        self._end_what_is_over()
        return done

    @property
    def has_more(self) -> bool:
        """Is there more to do at once? A round does a portion of each thing, so that none waits for hours."""
        steps = (self.triage, self.answers, self.follow_ups, self.copies)
        return any(step.has_more for step in steps)

    def _hear(self, witness: Witness, mailbox: Mailbox) -> None:
        """A server that refuses to show what was sent bears no witness; one that is away, or busy, is waited for."""
        if self._attempt(witness.hear, mailbox, ends=BUSY) is None:
            witness.has_spoken = True

    def resolve(self, mailbox: Mailbox) -> None:
        """What may have gone out is looked for in Sent."""
        self._attempt(self.copies.resolve, mailbox)

    def _attempt(
        self,
        step: Callable[[Mailbox], int | None],
        mailbox: Mailbox,
        ends: frozenset[TroubleKind] = frozenset(),
    ) -> int | None:
        """A step without which the others can still go on; None if the server refused it: told, and tried again.

        `ends`: refusals that end the round. Where the server asks to wait, the step does.
        """
        name, now = step.__qualname__, self.clock.now()
        trouble, since = self.line.busy.get(name, (None, now))
        if trouble is not None and abs(now - since) < LEFT_ALONE:
            self.refusals.append(trouble)
            return None
        self.line.busy.pop(name, None)
        try:
            return step(mailbox) or 0
        except Trouble as refusal:
            if refusal.kind not in REFUSALS - ends:
                raise
            if refusal.kind in BUSY:
                self.line.busy[name] = (refusal, now)
            self.refusals.append(refusal)
            self.store.note_trouble(self.desk.name, refusal.kind, str(refusal), now)
            return None

    def over(self) -> frozenset[TroubleKind]:
        """What a round that has come to its end shows to be right again.

        While a message is waited for, what it brings about each time it is asked for is one trouble. A server may
        take every login, and hang up as soon as it is waited on.
        """
        refused = REFUSALS if self.refusals else frozenset()
        brought_about = OVER_ONE if self.triage.is_waiting else frozenset()
        lost = frozenset() if self.line.has_lasted else frozenset({TroubleKind.NETWORK})
        return ENDED_BY_A_ROUND - refused - brought_about - lost

    def _end_what_is_over(self) -> None:
        over = self.over() & (REFUSALS | OVER_ONE)
        if any(row.account == self.desk.name and row.kind in over for row in self.store.open_troubles()):
            self.store.end_trouble(self.desk.name, over, self.clock.now())


class Said:
    """What the log was told of a mailbox: a trouble that goes on is one line, be its words a little different."""

    def __init__(self) -> None:
        self._words: dict[TroubleKind, str] = {}

    def tell(self, account: str, trouble: Trouble) -> None:
        words = re.sub(r"[0-9.]+", "0", str(trouble))  # how long it took, a session's number
        if self._words.get(trouble.kind) == words:
            return
        self._words[trouble.kind] = words
        log.warning("%s: %s", account, trouble, extra=about(account=account, trouble=trouble.kind))

    def end(self, over: Iterable[TroubleKind]) -> None:
        for kind in over:
            self._words.pop(kind, None)


class Watch:
    """Runs rounds over one mailbox until told to stop."""

    def __init__(
        self, make_round: Callable[[], Round], mailbox: Mailbox, wake: threading.Event, news: Callable[[], None]
    ) -> None:
        """`make_round` gives the round of the policy in force; `news` is called when a round did something."""
        self._made = make_round
        self._mailbox = mailbox
        self.wake = wake
        self._news = news
        self._stopping = threading.Event()
        self._retry = threading.Event()
        self._line = Line()
        self._said = Said()
        self._pause = FIRST_PAUSE
        self._resolved = datetime.max.replace(tzinfo=UTC)  # when mail in doubt was last looked for
        self._unrecorded: tuple[Trouble, datetime] | None = None  # trouble while the state could not be written
        self.rounds = 0  # looks at the whole mailbox so far, and those that failed

    def stop(self) -> None:
        self._stopping.set()
        self.look()

    def look(self) -> None:
        """Look now, also in a pause: what was wrong may have been mended."""
        self._line.busy.clear()
        self.wake.set()
        self._retry.set()

    def goes_on(self) -> bool:
        """Not told to stop."""
        return not self._stopping.is_set()

    def _make_round(self) -> Round:
        made = self._made()
        made.line = self._line
        return made

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
                done += self._run(rounds)
                has_more = rounds.has_more and self.goes_on()
            self._line.has_lasted = True
            self._is_well(rounds)
            return done
        finally:
            self._mailbox.close()

    def _connect(self) -> None:
        self._line.has_lasted = False
        self._mailbox.connect()
        self._resolve(self._make_round())

    def _resolve(self, rounds: Round) -> None:
        self._resolved = rounds.clock.now()
        rounds.resolve(self._mailbox)
        self._tell(rounds)

    def _run(self, rounds: Round) -> int:
        try:
            return rounds.run(self._mailbox)
        finally:
            self._tell(rounds)

    def _tell(self, rounds: Round) -> None:
        for trouble in rounds.refusals:
            self._said.tell(rounds.desk.name, trouble)

    def _connected(self) -> None:
        self._connect()
        is_well = False
        while not self._stopping.is_set():
            self.wake.clear()
            rounds = self._make_round()
            if abs(rounds.clock.now() - self._resolved) >= LOOK_AGAIN:
                self._resolve(rounds)
            if self._run(rounds):
                self._news()
            else:
                self._stopping.wait(MIN_PAUSE)
            if self._line.has_lasted and not is_well:
                self._is_well(rounds)
                is_well = True
            self._said.end(rounds.over())
            if not rounds.has_more and not self._stopping.is_set():
                self.rounds += 1
                poll = rounds.desk.settings.poll.total_seconds()
                self._mailbox.wait(poll if is_well else min(poll, FIRST_PAUSE), self.wake)
            self._line.has_lasted = True

    def _is_well(self, rounds: Round) -> None:
        """A round over a connection that lasts has come to its end: what was wrong is right again."""
        self._record_late(rounds)
        rounds.store.end_trouble(rounds.desk.name, rounds.over(), rounds.clock.now())
        self._pause = FIRST_PAUSE
        log.info("%s: watching", rounds.desk.name, extra=about(account=rounds.desk.name))

    def _record_late(self, rounds: Round) -> None:
        """What could not be recorded when it was: the digest tells of it all the same."""
        if self._unrecorded is not None:
            trouble, since = self._unrecorded
            rounds.store.note_trouble(rounds.desk.name, trouble.kind, str(trouble), since)
            self._unrecorded = None

    def _report(self, trouble: Trouble) -> None:
        self._mailbox.close()
        rounds = self._make_round()
        self._said.tell(rounds.desk.name, trouble)
        try:
            rounds.store.note_trouble(rounds.desk.name, trouble.kind, str(trouble), rounds.clock.now())
        except Exception as of_state:  # noqa: BLE001 - the state itself is in trouble; the thread must live on
            self._unrecorded = self._unrecorded or (trouble, rounds.clock.now())
            told = about(account=rounds.desk.name, trouble=TroubleKind.STATE)
            log.error("%s: %s", rounds.desk.name, of_state, extra=told)  # noqa: TRY400 - one line
        slow = trouble.kind in SLOW
        pause = SLOW_PAUSE if slow else self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self.rounds += 1
        self._rest(pause * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret

    def _rest(self, seconds: float) -> None:
        """Until the time is over, or a look is asked for; but never so short that it hammers the server."""
        least = min(seconds, FIRST_PAUSE)
        self._retry.clear()
        if not self._stopping.wait(least):
            self._retry.wait(seconds - least)
