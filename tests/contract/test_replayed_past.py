"""The past that a replay keeps in memory is the store's: the same 500 mails get the same decisions with both."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from responder.mail.message import parse
from responder.policy import report
from responder.policy.model import Policy
from responder.policy.phrases import Reason
from responder.ports import PersonsMail
from responder.replay.run import Office, steps
from responder.replay.seats import Seat, Seats
from responder.replay.source import Item, Read, ToldBy
from responder.work.breakers import Breakers
from tests.fakes import OFFICE, AtWork, letter, local, policy
from tests.unit.test_bounces import report as bounced

MAILS = 500
NARROW = (
    ("per_thread: 3 per day", "per_thread: 1 per hour, 2 per day"),
    ("per_domain: 20 per hour, 60 per day", "per_domain: 3 per hour, 6 per day"),
    ("account: 100 per hour, 500 per day", "account: 3 per hour, 20 per day"),
    ("office: 200 per hour, 1000 per day", "office: 7 per hour, 16 per day"),
    ("alerts: 30 per hour", "alerts: 3 per hour, 9 per day"),
)
SENT_BY_ITSELF = ("follow_up: {as: draft}", "follow_up: {as: send, after: 1m}")
TEXTS = (
    "Cho mình hỏi đơn hàng đã giao chưa?",
    "Em cần gấp báo giá trong tối nay ạ.",
    "Máy chủ bị sập, cửa hàng không bán được hàng.",
    "Cảm ơn anh nhiều.",
    "Could you send a quote as soon as possible?",
)
MET = {
    Reason.HAD_REPLY, Reason.AGAIN_AFTER, Reason.ANSWERED, Reason.OPENING_SOON, Reason.EMERGENCY_AFTER_GENERAL,
    Reason.THREAD_CAP, Reason.DOMAIN_CAP, Reason.ACCOUNT_CAP, Reason.OFFICE_CAP, Reason.ALERT_CAP, Reason.FOLLOW_UP_CAP,
    Reason.SEEN_BEFORE, Reason.BOUNCED, Reason.VETO, Reason.THANKS_ONLY,
}  # fmt: skip


@dataclass(frozen=True)
class Event:
    """A mail that came in, or that one of us wrote."""

    at: datetime
    content: bytes
    is_sent: bool


def events(seed: int) -> Iterator[Event]:
    """Twelve days of an office that is written to at all hours, in bursts."""
    chance, at = random.Random(seed), local("2026-11-16 07:00").astimezone(UTC)  # noqa: S311
    came: list[tuple[str, str, bytes]] = []
    wrote: list[tuple[str, str]] = []
    for number in range(MAILS):
        at += timedelta(seconds=chance.choice((5, 60, 300, 900, 3600, 5400)))
        sender = f"k{chance.randrange(9)}@{chance.choice(('a.example', 'b.example', 'c.example', 'gmail.com'))}"
        what = chance.random()
        if what < 0.12 and came:
            message_id, customer, _ = chance.choice(came[-15:])
            own = f"<w{number}@congty.example>"
            wrote.append((own, customer))
            thread = {"In_Reply_To": message_id, "References": message_id} if chance.random() < 0.6 else {}
            yield Event(at, letter("Chào anh.", sender=OFFICE, to=customer, Message_ID=own, **thread), is_sent=True)
        elif what < 0.16 and wrote:
            yield Event(at, bounced(*chance.choice(wrote), status=chance.choice(("5.1.1", "5.7.1"))), is_sent=False)
        elif what < 0.2 and came:
            yield Event(at, chance.choice(came)[2], is_sent=False)
        elif what < 0.25:
            yield Event(at, letter(sender=sender, Precedence="bulk", Message_ID=f"<n{number}@x>"), is_sent=False)
        else:
            own = f"<m{number}@x.example>"
            thread = {"References": chance.choice(came[-10:])[0]} if came and chance.random() < 0.5 else {}
            content = letter(chance.choice(TEXTS), sender=sender, Message_ID=own, **thread)
            came.append((own, sender, content))
            yield Event(at, content, is_sent=False)


def by_the_daemon(rules: Policy, all_events: list[Event]) -> dict[str, dict[str, Any]]:
    here = AtWork(rules, at="2026-11-16 06:59")
    breakers = Breakers(here.desk, here.store, here.clock)
    names: dict[tuple[str, int], str] = {}
    for number, event in enumerate(all_events):
        here.clock.set(event.at)
        breakers.run()
        here.round()  # what has become due meanwhile
        here.send()
        if event.is_sent:
            here.mailbox.write(event.content, event.at)
        else:
            names["INBOX", here.mailbox.deliver(event.content, event.at)] = str(number)
        here.round()
        here.send()
    found = {names[row.place.folder, row.place.uid]: dict(row.decision) for row in here.messages()}
    here.store.close()
    return found


class Listed:
    """Fits `replay.source.Source`: events."""

    def __init__(self, all_events: list[Event]) -> None:
        self._events = all_events

    def items(self) -> Iterator[Item]:
        for number, event in enumerate(self._events):
            yield Item(str(number), event.at, ToldBy.SERVER, number, is_sent=event.is_sent)

    def messages(self, items: object) -> Iterator[Read | PersonsMail]:
        return (Read(parse(event.content)) for event in self._events)


def in_memory(rules: Policy, all_events: list[Event]) -> tuple[dict[str, dict[str, Any]], Counter[Reason]]:
    here = AtWork(rules)
    seats = Seats({"info": Seat("info", rules, here.desk.ours)}, {OFFICE: "info"})
    here.store.close()
    source = Listed(all_events)
    found: dict[str, dict[str, Any]] = {}
    why: Counter[Reason] = Counter()
    for step in steps(source, tuple(source.items()), [Office(seats, None, frozenset())], lambda: True):
        for decided in step.decisions:
            assert decided is not None, step
            found[step.item.name] = report.fields(decided[0], rules, source=step.item.name)
            why.update(decided[0].why)
    return found, why


RUNS = (
    pytest.param(policy(*NARROW, SENT_BY_ITSELF), 3, id="sent"),
    pytest.param(policy(*NARROW), 3, id="drafts", marks=pytest.mark.slow),
    pytest.param(policy(*NARROW, SENT_BY_ITSELF), 2, id="others", marks=pytest.mark.slow),
)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("rules", "seed"), RUNS)
def test_the_memory_of_a_replay_decides_as_the_daemon_with_its_store(rules: Policy, seed: int) -> None:
    all_events = list(events(seed))
    replayed, why = in_memory(rules, all_events)
    decided = by_the_daemon(rules, all_events)
    assert decided.keys() == replayed.keys()
    for name, fields in decided.items():
        del fields["program"]  # of the record only
        assert {**fields, "source": name} == replayed[name], all_events[int(name)].content.decode("ascii", "replace")
    assert not MET - why.keys(), "the mails do not meet every limit"
