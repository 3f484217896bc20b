"""Three days of an office in one process: all that ever writes to the state, so that any commit of it can fail.

A customer with an emergency, one with a question, one who writes twice, one whom a person answers; the follow-ups of
one mailbox are drafts, those of the other are sent; reports. What fails is told and tried again, as the daemon does.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from responder.errors import Trouble
from responder.policy.model import Policy
from responder.store.records import MessageRow, OutboxRow, OutboxState
from responder.store.store import Store
from responder.work.breakers import Breakers
from responder.work.digest import FIRST_START, Digests
from responder.work.outbox import Outbox
from responder.work.wakes import Wakes
from responder.work.watch import Round
from tests.fakes import (
    OFFICE,
    ON_CALL,
    SALES,
    FakeMailbox,
    FakeSubmission,
    FakeWaker,
    ManualClock,
    letter,
    local,
    policy,
)
from tests.fakes import desk as make_desk

DRAFTED, ASKED, TWICE, HANDLED, SENT = (f"khach@{name}.example" for name in ("chay", "hoi", "hai", "xong", "gui"))
SENDS = (("follow_up: {as: draft}", "follow_up: {as: send, after: 15m}"),)


WRITES = re.compile(r"^(INSERT INTO|INSERT OR \w+ INTO|UPDATE|DELETE FROM) (\w+)")


@dataclass
class Failing:
    """Fails commits of what was written, counted from 1; and notes what each of them holds."""

    says: str = ""
    numbers: range = range(0)
    kinds: list[tuple[str, ...]] = field(default_factory=list)  # of each commit: what it writes
    failed: int = 0
    _written: list[str] = field(default_factory=list)

    def watch(self, engine: sa.Engine) -> None:
        sa.event.listen(engine, "begin", lambda _: self._written.clear())
        sa.event.listen(engine, "before_cursor_execute", self._note)
        sa.event.listen(engine, "commit", self._commit)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if found := WRITES.match(statement):
            self._written.append(" ".join(found.groups()))

    def _commit(self, _connection: sa.Connection) -> None:
        if not self._written:
            return
        self.kinds.append(tuple(dict.fromkeys(self._written)))
        self._written.clear()
        if len(self.kinds) in self.numbers:
            self.failed += 1
            raise sa.exc.OperationalError("COMMIT", {}, sqlite3.OperationalError(self.says))


@dataclass
class Desk:
    """One account of the scenario, with what lasts from turn to turn."""

    name: str
    address: str
    rules: Policy
    store: Store
    clock: ManualClock
    mailbox: FakeMailbox = field(default_factory=FakeMailbox)
    server: FakeSubmission = field(default_factory=FakeSubmission)
    waker: FakeWaker = field(default_factory=FakeWaker)

    def __post_init__(self) -> None:
        self.desk = make_desk(self.rules, name=self.name, address=self.address)
        self.outbox = Outbox(self.desk, self.store, self.clock, self.server)
        self.wakes = Wakes(self.desk, self.store, self.clock, self.waker)
        self.breakers = Breakers(self.desk, self.store, self.clock)

    def steps(self) -> tuple[Callable[[], object], ...]:
        return (
            self._round,
            lambda: Digests(self.desk, self.store, self.clock).run(),
            lambda: asyncio.run(self.outbox.run(lambda: False)),
            lambda: asyncio.run(self.wakes.run(lambda: False)),
            self.breakers.run,
        )

    def _round(self) -> None:
        """As the mailbox's thread does: after trouble it connects anew."""
        self.mailbox.connect()
        made = Round(self.desk, self.store, self.clock)
        made.resolve(self.mailbox)
        made.run(self.mailbox)


class Scenario:
    """`run` it; then ask what everybody has got."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.clock = ManualClock(local("2026-03-25 21:00"))
        self.store = Store.open(state)
        self.store.set_once(FIRST_START, self.clock.now().isoformat())
        self.desks = (
            Desk("info", OFFICE, policy(), self.store, self.clock),
            Desk("sales", SALES, policy(*SENDS), self.store, self.clock),
        )
        self.troubles: list[str] = []
        self.turn()  # first contact

    def turn(self) -> None:
        """Every worker once; trouble ends its turn, and is told."""
        for desk in self.desks:
            for step in desk.steps():
                try:
                    step()
                except Trouble as trouble:
                    self.troubles.append(str(trouble))

    def until(self, moment: str, turns: int = 4) -> None:
        self.clock.set(local(moment))
        for _ in range(turns):
            self.turn()
            self.clock.advance(timedelta(seconds=5))

    def come(self, desk: Desk, sender: str, text: str, subject: str) -> None:
        raw = letter(
            text, subject, sender=sender, to=desk.address, Message_ID=f"<{self.clock.now().timestamp()}.{sender}>"
        )
        desk.mailbox.deliver(raw, self.clock.now())

    def run(self) -> None:
        info, sales = self.desks
        self.clock.set(local("2026-03-25 22:10"))
        self.come(info, DRAFTED, "Kho hàng đang bốc cháy, xin gọi lại ngay.", "Cháy kho")
        self.come(info, ASKED, "Cho mình hỏi đơn hàng.", "Hỏi về đơn hàng")
        self.come(info, HANDLED, "Cho mình hỏi bảng giá.", "Hỏi giá")
        self.come(sales, SENT, "Cho mình hỏi bảng giá.", "Hỏi giá")
        self.until("2026-03-25 22:11")
        self.come(sales, TWICE, "Còn hàng không?", "Hỏi hàng")
        self.until("2026-03-25 22:40")
        self.come(sales, TWICE, "Nhắc lại ạ, còn hàng không?", "Hỏi hàng")
        info.mailbox.write(letter("Chào anh.", "Re: Hỏi giá", sender=OFFICE, to=HANDLED), self.clock.now())
        self.until("2026-03-25 23:00")
        self.until("2026-03-26 08:00")
        self.until("2026-03-26 08:20")
        self.until("2026-03-26 09:20")
        self.until("2026-03-27 08:00")
        self.until("2026-03-27 08:20")

    # --- what came of it ---------------------------------------------------------------------------------------

    def got(self, prefix: str) -> Counter[str]:
        """Mails whose subject begins so, by recipient, as the servers took them."""
        sent = [one for desk in self.desks for one in desk.server.sent]
        return Counter(one.recipient for one in sent if one.message.subject.startswith(prefix))

    def drafts(self) -> Counter[str]:
        drafts = [draft for desk in self.desks for draft in desk.mailbox.drafts()]
        return Counter(address.key for draft in drafts for address in draft.to)

    def to_staff(self, recipient: str) -> Counter[str]:
        """By Message-ID."""
        sent = [one for desk in self.desks for one in desk.server.sent if one.recipient == recipient]
        return Counter(str(one.message.message_id) for one in sent)

    def left(self) -> list[OutboxRow]:
        """What is still under way."""
        return [row for row in self.store.mails() if row.state in (OutboxState.SENDING, OutboxState.DUE)]

    def messages(self) -> Sequence[MessageRow]:
        return self.store.ledger(None, local("2020-01-01"), local("2040-01-01")).messages

    def alerts(self) -> int:
        return sum(self.to_staff(ON_CALL).values())


@contextmanager
def scenario(state: Path, failing: Failing | None = None) -> Iterator[Scenario]:
    """One that has been run, with those commits failing."""
    made = Scenario(state)
    if failing is not None:
        failing.watch(made.store._engine)
    try:
        made.run()
        yield made
    finally:
        made.store.close()
