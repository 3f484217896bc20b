"""What a flood costs in the daemon itself: a message decided and recorded, a mail sent, when the state has grown.

The state is a file, the servers are the tests' fakes; what is told is time of the processor, without waiting for disks.

Run: python -m benchmarks.triage
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from responder.store.records import MessageState, NewMail, NewMessage, OutboxKind, OutboxState, Place, Transport
from responder.store.store import Store
from responder.work.triage import Triage
from tests.fakes import INBOX, OFFICE, AtWork, letter

MESSAGES = 20_000  # on record
EACH = 4  # of so many, one was answered
DAYS = 30  # in which they came
NEW = 2_000


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        here = AtWork(store=Store.open(Path(directory) / "state.db"))
        grow(here)
        for number in range(NEW):
            here.come(letter(sender=f"an@khach{number}.example", References=f"<{number}@khach.example>"))
        print(f"{MESSAGES:,} messages and {MESSAGES // EACH:,} mails on record, {NEW:,} messages more")
        print(f"decided and recorded: {1000 * seconds(lambda: triage(here)) / NEW:5.2f} ms a message")
        took = seconds(here.send)
        print(f"sent:                 {1000 * took / len(here.server.sent):5.2f} ms a mail")
        here.store.close()


def grow(here: AtWork) -> None:
    """A month of messages of which some were answered."""
    for day in range(DAYS):
        at = here.clock.now() - timedelta(days=DAYS - day)
        with here.store.batch() as batch:
            for number in range(day, MESSAGES, DAYS):
                batch.add(message(number, at), [reply(number, at)] if number % EACH == 0 else [], at)


def message(number: int, at: datetime) -> NewMessage:
    return NewMessage(
        place=Place("info", INBOX, 0, number),
        state=MessageState.DECIDED,
        message_id=f"<{number}@khach.example>",
        references=(),
        arrived_at=at,
        sender=f"an@khach{number}.example",
        sender_name="An",
        subject="Hỏi về đơn hàng",
        office="closed",
        urgency="normal",
        veto=None,
        decision={},
        own_words="Cho mình hỏi đơn hàng đã giao chưa? " * 20,
        marks=(),
        promise_at=None,
    )


def reply(number: int, at: datetime) -> NewMail:
    return NewMail(
        kind=OutboxKind.REPLY,
        transport=Transport.SMTP,
        state=OutboxState.SENT,
        account="info",
        recipient=f"an@khach{number}.example",
        template="out_of_hours",
        language="vi",
        envelope_from=OFFICE,
        message_id=f"<{number}@congty.example>",
        content=None,
        text="",
        due_at=at,
    )


def triage(here: AtWork) -> None:
    work = Triage(here.desk, here.store, here.clock)
    work.run(here.mailbox)
    while work.has_more:
        work.run(here.mailbox)


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
