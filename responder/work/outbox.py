"""Everything we will ever send is a row here: claim, send, retry, give up.

One row is claimed at a time for each account (`due → sending`, committed with
its frozen bytes), so that a kill leaves at most that one in doubt. Customer
mail whose fate is unknown is never sent again; mail to staff is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from responder.about import About, about
from responder.errors import TroubleKind
from responder.ports import CODES, Clock, Outcome, OutcomeKind, SmtpStep, Submission
from responder.store.records import OutboxKind, OutboxRow, OutboxState
from responder.store.store import Store
from responder.work.desk import Desk
from responder.work.send_limit import SendLimit
from responder.work.steps import Hook, Step, no_hook
from responder.work.way_out import WayOut

log = logging.getLogger(__name__)

CLOCK_SLACK = timedelta(minutes=2)  # how far the clock may stand behind the newest row
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 30))  # then every half hour
GIVE_UP = timedelta(days=2)  # RFC 5321 4.5.4.1 asks for days, not hours; follow-ups end with their day
GIVE_UP_TRIES = 90  # about as many as there are within GIVE_UP: days in which the server was away are not the mail's
ALERT_WAIT = timedelta(minutes=2)  # an alert is never put off for longer
CLOCK_PATIENCE = timedelta(hours=24)  # after so long the clock is believed, and the records were wrong
NULL_SENDER_REFUSED = "null_sender_refused:"  # setting: when this account's server last took no `MAIL FROM:<>`
NULL_SENDER_AGAIN = timedelta(days=30)  # then it is tried once more: servers are moved and mended


class Outbox:
    """Sends what is due for one account."""

    def __init__(
        self,
        desk: Desk,
        store: Store,
        clock: Clock,
        submission: Submission,
        hook: Hook = no_hook,
        *,
        is_begun: Callable[[], bool] = lambda: True,
    ) -> None:
        """`is_begun`: the mailbox was asked what the state may not know; customers get nothing before."""
        self._is_begun = is_begun
        self._desk = desk
        self._store = store
        self._clock = clock
        self._submission = submission
        self._hook = hook
        self._limit = SendLimit(desk, store, clock)
        self._way = WayOut(desk.name, store, clock, submission)
        told = store.setting(f"{NULL_SENDER_REFUSED}{desk.name}")
        self._null_sender_refused = datetime.fromisoformat(told) if told is not None else None
        self._behind_since: datetime | None = None  # since when the clock has stood behind the records
        self._clock_is_told = True  # trouble of an earlier run may still be on record
        self._unsettled: tuple[OutboxRow, Outcome] | None = None  # what went out, and is not on record yet

    def take(self, desk: Desk) -> None:
        """Go on by a policy and a mode that have changed; what is under way is kept."""
        self._desk = desk
        self._limit.take(desk)
        self._way.open_anew()

    async def run(self, stopping: Callable[[], bool]) -> int:
        """Send everything due, one after the other, until nothing is left or `stopping`; the number sent."""
        self._finish_settling()
        self._limit.end()
        sent = 0
        while not stopping() and not self._way.is_closed():
            row = self._next()
            if row is None:
                break
            self._hook(Step.CLAIMED)
            outcome = await self._send(row)
            sent += outcome.kind is OutcomeKind.SENT
        if not stopping():
            await self._way.look(self._is_any_left)
        return sent

    def _kinds(self) -> frozenset[OutboxKind]:
        """What may leave now: mail to staff always.

        To customers not in observe mode or a pause, nor by a clock that is wrong, nor above the provider's limit; nor
        before it is known that the state is not older than what lies in Sent.
        """
        is_behind = self._clock_is_behind()  # asked always: trouble that was told must end
        may_write = self._is_begun() and self._desk.writes_to_customers and not is_behind
        if may_write and self._store.any_due(self._clock.now(), self._desk.name):
            may_write = not self._limit.is_reached()
        return frozenset(kind for kind in OutboxKind if may_write or not kind.to_customer)

    def _may_go(self, row: OutboxRow) -> bool:
        """Asked at the last moment: the server may have taken its time, or the machine been asleep, since the claim."""
        is_too_late = row.not_after is not None and row.not_after <= self._clock.now()
        return not is_too_late and (self._desk.writes_to_customers or not row.kind.to_customer)

    def _next(self) -> OutboxRow | None:
        """Claim the next mail. What may leave is asked anew each time, and by `_may_go` once more at the last moment.

        A pause or a reload may have come in between.
        """
        kinds, now = self._kinds(), self._clock.now()
        others = kinds - {OutboxKind.ALERT}
        if self._way.is_turn_of_others() and self._store.any_due(now, self._desk.name, kinds=others):
            kinds = others
        if not self._store.any_due(now, self._desk.name, kinds=kinds):
            return None
        return self._store.claim(now, self._desk.name, kinds)

    def _is_any_left(self) -> bool:
        """Now or later: so long, no mail of ours is put off."""
        return self._store.any_due(self._clock.now() + GIVE_UP, self._desk.name)

    async def _send(self, row: OutboxRow) -> Outcome:
        if not row.envelope_from and self._avoids_null_sender():
            row = replace(row, envelope_from=self._desk.settings.address)
        try:
            content = row.content or b""
            outcome = await self._submission.submit(
                row.envelope_from, row.recipient, content, lambda: self._may_go(row)
            )
        except Exception:  # a defect of ours: it is told, and nobody knows how far the mail has come
            self._unsettled = (row, Outcome(OutcomeKind.UNCERTAIN, SmtpStep.DATA, "a defect while it was being sent"))
            self._finish_settling()
            raise
        self._hook(Step.SUBMITTED)
        self._unsettled = (row, outcome)
        self._way.heard(row.id, outcome)
        self._finish_settling()
        self._hook(Step.SETTLED)
        told = _about(row, outcome)
        log.info("%s: mail %d (%s) %s: %s", row.account, row.id, row.kind, outcome.kind, _said(outcome), extra=told)
        return outcome

    def _finish_settling(self) -> None:
        """Record how the last mail went; with a full disk that is tried again before anything else is sent."""
        if self._unsettled is not None:
            self._settle(*self._unsettled)
            self._unsettled = None

    def _settle(self, row: OutboxRow, outcome: Outcome) -> None:
        now = self._clock.now()
        match outcome.kind:
            case OutcomeKind.SENT:
                self._store.settle(row.id, OutboxState.SENT, now, envelope_from=row.envelope_from)
                self._remember_null_sender(row)
            case OutcomeKind.UNCERTAIN if row.kind.to_customer:
                self._store.settle(
                    row.id, OutboxState.UNCERTAIN, now, reason=outcome.detail, envelope_from=row.envelope_from
                )
            case OutcomeKind.PERMANENT if self._refuses_null_sender(row, outcome):
                sender = self._desk.settings.address
                self._store.settle(row.id, OutboxState.DUE, now, reason=outcome.detail, envelope_from=sender)
            case OutcomeKind.PERMANENT:
                self._give_up(row, outcome, now)
            case OutcomeKind.TEMPORARY | OutcomeKind.UNCERTAIN:
                self._retry(row, outcome, now)

    def _retry(self, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
        """Later, by the ladder; a server that could not even be reached says nothing about this mail."""
        if outcome.step is SmtpStep.CONNECT or not self._may_go(row):
            self._store.settle(row.id, OutboxState.DUE, now, reason=outcome.detail)
            return
        is_old = now - row.created_at > GIVE_UP and row.attempts + 1 >= GIVE_UP_TRIES
        if row.kind is not OutboxKind.FOLLOW_UP and is_old:
            self._give_up(row, outcome, now)
            return
        wait = RETRIES[min(row.attempts, len(RETRIES) - 1)]
        if row.kind is OutboxKind.ALERT:
            wait = min(wait, ALERT_WAIT)
        due_at = self._way.opens_at() + wait  # so that the first try after a pause is another mail's
        attempts = row.attempts + 1
        self._store.settle(row.id, OutboxState.DUE, now, reason=outcome.detail, due_at=due_at, attempts=attempts)

    def _give_up(self, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
        self._store.settle(row.id, OutboxState.FAILED, now, reason=outcome.detail)
        told = _about(row, outcome)
        log.warning("%s: mail %d failed: %s", row.account, row.id, _said(outcome), extra=told)

    # --- the null sender ---------------------------------------------------------------------------------------

    @staticmethod
    def _refuses_null_sender(row: OutboxRow, outcome: Outcome) -> bool:
        """Postfix delays sender checks, so the refusal may come at RCPT. The other sender is tried once."""
        return row.envelope_from == "" and outcome.step in (SmtpStep.SENDER, SmtpStep.RECIPIENT)

    def _avoids_null_sender(self) -> bool:
        told = self._null_sender_refused
        return told is not None and abs(self._clock.now() - told) < NULL_SENDER_AGAIN

    def _remember_null_sender(self, row: OutboxRow) -> None:
        """A reply that went out under our own address, although the null one was tried first; or under that again."""
        if row.kind is not OutboxKind.REPLY:
            return
        if row.envelope_from and not self._avoids_null_sender():
            self._note_null_sender(self._clock.now())
        elif not row.envelope_from and self._null_sender_refused is not None:
            self._note_null_sender(None)

    def _note_null_sender(self, refused: datetime | None) -> None:
        self._null_sender_refused = refused
        self._store.set(f"{NULL_SENDER_REFUSED}{self._desk.name}", refused.isoformat() if refused else None)

    # --- the clock ---------------------------------------------------------------------------------------------

    def _clock_is_behind(self) -> bool:
        """Nothing is sent to customers while the clock stands behind what is already on record."""
        newest, now = self._store.newest(), self._clock.now()
        if newest is None or now >= newest - CLOCK_SLACK:
            self._behind_since = None
            self._end_clock_trouble(now)
            return False
        if self._behind_since is None:
            text = f"the clock ({now:%Y-%m-%d %H:%M} UTC) stands behind the records ({newest:%Y-%m-%d %H:%M} UTC)"
            self._store.note_trouble("", TroubleKind.CLOCK, f"{text}; customers get nothing until it is right", now)
            self._behind_since, self._clock_is_told = now, True
        if now - self._behind_since < CLOCK_PATIENCE:
            return True
        self._end_clock_trouble(now)  # the clock is believed
        return False

    def _end_clock_trouble(self, now: datetime) -> None:
        if self._clock_is_told:
            self._store.end_trouble("", (TroubleKind.CLOCK,), now)
        self._clock_is_told = False


def _about(row: OutboxRow, outcome: Outcome) -> dict[str, About]:
    return about(account=row.account, message=row.message, mail=row.id, kind=row.kind, outcome=outcome.kind)


def _said(outcome: Outcome) -> str:
    """For the log: an answer about a mail may quote the mail, so only its codes are told; the rest is on record."""
    is_silence = outcome.trouble is not None and outcome.trouble.kind is TroubleKind.NETWORK
    if outcome.step is SmtpStep.CONNECT or is_silence:
        return outcome.detail
    codes = CODES.match(outcome.detail)
    return f"{outcome.step.value} {codes[0] if codes else ''}".rstrip()
