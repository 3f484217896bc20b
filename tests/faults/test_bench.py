"""The bench itself: what it calls lost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from responder.store.records import MessageRow, MessageState, OutboxKind, OutboxRow, OutboxState
from tests.faults.bench import Bench, Toll
from tests.faults.receiver import Taken

CUSTOMER = "khach@k.example"


class Recorded(Bench):
    """One whose state and whose receiver say what the test wants; no daemon, no server."""

    def __init__(self, state: OutboxState, *, got: int = 0, is_given_up: bool = False) -> None:
        self.customers, self.written = [CUSTOMER], ["<1@k.example>"]
        self.given_up = {CUSTOMER} if is_given_up else set()
        self._state, self._got = state, got

    def messages(self) -> list[MessageRow]:
        row = SimpleNamespace(message_id=self.written[0], sender=CUSTOMER, state=MessageState.DECIDED)
        return [cast(MessageRow, row)]

    def mails(self) -> list[OutboxRow]:
        return [cast(OutboxRow, SimpleNamespace(recipient=CUSTOMER, kind=OutboxKind.REPLY, state=self._state))]

    def received(self) -> list[Taken]:
        return [Taken("", CUSTOMER, b"", 0.0)] * self._got

    def said(self) -> str:
        return ""


@pytest.mark.parametrize(
    "state", [OutboxState.FAILED, OutboxState.DROPPED, OutboxState.CANCELLED, OutboxState.WITHHELD, OutboxState.DUE]
)
def test_a_reply_that_was_given_up_is_lost_unless_the_test_expects_it(state: OutboxState) -> None:
    assert Recorded(state).toll() == Toll(lost=1, doubled=0, uncertain=0)
    with pytest.raises(AssertionError):
        Recorded(state).wait_until_answered(within=0.1)


def test_a_reply_that_the_test_expects_to_be_given_up_is_not_lost_once_that_is_on_record() -> None:
    assert Recorded(OutboxState.FAILED, is_given_up=True).toll().lost == 0
    assert Recorded(OutboxState.DUE, is_given_up=True).toll().lost == 1


def test_one_in_doubt_and_one_that_came_are_not_lost_and_one_that_came_twice_is_doubled() -> None:
    assert Recorded(OutboxState.UNCERTAIN).toll() == Toll(lost=0, doubled=0, uncertain=1)
    assert Recorded(OutboxState.SENT, got=1).toll() == Toll(lost=0, doubled=0, uncertain=0)
    assert Recorded(OutboxState.SENT, got=2).toll() == Toll(lost=0, doubled=1, uncertain=0)
