"""Whether a mail server takes mail from us: while it is in trouble it is left alone for longer and longer, and told of.

A refusal that looks like ours may be one mail's own fault after all: that is known once others have gone out while it
waited. Knows nothing of what is to be sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from responder.errors import Trouble, TroubleKind
from responder.ports import Clock, Outcome, OutcomeKind, SmtpStep, Submission
from responder.store.store import Store

FIRST_CLOSED = timedelta(seconds=2)
LONGEST_CLOSED = timedelta(minutes=5)  # a server in trouble is asked again at least so often
LOGIN_FIRST_CLOSED = timedelta(minutes=1)
LOGIN_CLOSED = timedelta(minutes=15)  # after a refused login: providers lock out who hammers


class WayOut:
    """One account's server, as its answers show it."""

    def __init__(self, account: str, store: Store, clock: Clock, submission: Submission) -> None:
        self._account = account
        self._store = store
        self._clock = clock
        self._submission = submission
        self._failures = 0  # since a mail went out
        self._is_told = self._is_on_record()
        self._met_at: SmtpStep = SmtpStep.CONNECT  # where the last trouble was met
        self._is_blocked = False  # it takes nothing from us, whether or not it can be reached
        self._closed_until: datetime | None = None  # it is left alone
        self._suspects: set[int] = set()  # mails that were refused as if for us, and nothing has gone out since
        self._outlived: set[int] = set()  # those that others went past: their refusals say nothing of us

    def open_anew(self) -> None:
        """A password may have been mended."""
        self._failures, self._closed_until = 0, None

    def is_closed(self) -> bool:
        return self._closed_until is not None and self._clock.now() < self._closed_until

    def opens_at(self) -> datetime:
        """Now, unless it is left alone."""
        now = self._clock.now()
        return now if self._closed_until is None else max(now, self._closed_until)

    def is_turn_of_others(self) -> bool:
        """While it refuses what it is given, every second try is for mail that else comes last: it may fare better."""
        return self._met_at is not SmtpStep.CONNECT and self._failures % 2 == 1

    def heard(self, mail: int, outcome: Outcome) -> None:
        """What its answer to this mail says of the server."""
        if outcome.kind is OutcomeKind.SENT:
            self._outlived |= self._suspects
            self._suspects.clear()
        if outcome.trouble is None:
            if outcome.kind is not OutcomeKind.TEMPORARY or outcome.step is not SmtpStep.CONNECT:  # it was spoken to
                self._is_back()
        elif mail not in self._outlived:
            if outcome.step is not SmtpStep.CONNECT:
                self._suspects.add(mail)
            self._is_away(outcome.trouble, outcome.step)

    async def look(self, is_mail_left: Callable[[], bool]) -> None:
        """Has the trouble ended? If it did not take a mail that it was given, only the next one shows that."""
        if not self._is_told or self.is_closed():
            return
        if self._met_at is not SmtpStep.CONNECT and (self._is_blocked or is_mail_left()):
            return
        self._closed_until = self._clock.now() + LONGEST_CLOSED  # should this end in a defect
        try:
            await self._submission.reach()
        except Trouble as trouble:
            self._is_away(trouble, SmtpStep.CONNECT)
        else:
            self._is_back()

    def _is_away(self, trouble: Trouble, step: SmtpStep) -> None:
        now = self._clock.now()
        is_login = trouble.kind in (TroubleKind.LOGIN, TroubleKind.CREDENTIAL)
        first, longest = (LOGIN_FIRST_CLOSED, LOGIN_CLOSED) if is_login else (FIRST_CLOSED, LONGEST_CLOSED)
        self._closed_until = now + min(first * 2 ** min(self._failures, 10), longest)
        self._failures += 1
        self._met_at, self._is_blocked = step, trouble.kind is TroubleKind.DELIVERY
        self._is_told = True
        self._store.note_trouble(self._account, TroubleKind.DELIVERY, str(trouble), now)

    def _is_back(self) -> None:
        if self._is_told:
            self._store.end_trouble(self._account, (TroubleKind.DELIVERY,), self._clock.now())
        self._is_told = False
        self._failures, self._closed_until = 0, None

    def _is_on_record(self) -> bool:
        """Trouble of an earlier run."""
        troubles = self._store.open_troubles()
        return any(row.account == self._account and row.kind == TroubleKind.DELIVERY for row in troubles)
