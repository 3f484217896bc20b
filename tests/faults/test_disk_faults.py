"""The disk fails at every single commit: nothing is lost, nothing is doubled, and it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from responder.store.records import MessageState, OutboxKind, OutboxState
from tests.fakes import MANAGER
from tests.faults.bench import Toll
from tests.faults.conftest import Told
from tests.faults.scenario import ASKED, DRAFTED, HANDLED, SENT, TWICE, Failing, Scenario, scenario

pytestmark = [pytest.mark.timeout(120)]
SAYS = {
    "disk full": ("database or disk is full", "the disk is full"),
    "disk I/O error": ("disk I/O error", "the disk cannot be read or written"),
    "state locked by another process": ("database is locked", "another process holds the state file"),
}
AT_LENGTH = [pytest.mark.slow, pytest.mark.timeout(1200)]
ROUTINE = ("UPDATE folder",)  # that a mailbox was looked at: by far the most of all


def commits(directory: Path) -> list[tuple[str, ...]]:
    """What each commit of the scenario writes, when nothing fails."""
    failing = Failing()
    with scenario(directory / "well.db", failing) as made:
        assert toll(made) == Toll(0, 0, 0)
    return failing.kinds


def chosen(kinds: Sequence[tuple[str, ...]], *, every: bool) -> Iterator[int]:
    """Numbers of the commits to fail: the first of each kind, or all; but few of the routine."""
    seen: Counter[tuple[str, ...]] = Counter()
    for number, kind in enumerate(kinds, start=1):
        seen[kind] += 1
        if seen[kind] == 1 or (every and (kind != ROUTINE or seen[kind] % 8 == 0)):
            yield number


def toll(made: Scenario) -> Toll:
    """Replies and follow-ups: to each of them one, and one reply only to the person whom somebody had answered."""
    owed = [
        (made.got("Trả lời tự động: "), (DRAFTED, ASKED, HANDLED, SENT, TWICE)),
        (made.got("Re: "), (SENT, TWICE)),
        (made.drafts(), (DRAFTED, ASKED)),
    ]
    recorded = Counter(row.message_id for row in made.messages())
    return Toll(
        lost=sum(not got[each] for got, who in owed for each in who) + (len(recorded) != 6),
        doubled=sum(sum(got.values()) - len(set(got)) + len(set(got) - set(who)) for got, who in owed),
        uncertain=sum(row.state is OutboxState.UNCERTAIN for row in made.store.mails()),
    )


def check(made: Scenario) -> Toll:
    assert made.left() == [], "it is under way for ever"
    assert not [row for row in made.messages() if row.state is MessageState.QUARANTINED]
    assert made.alerts() >= 1
    reports = [row for row in made.store.mails() if row.kind is OutboxKind.DIGEST]
    assert len({row.message_id for row in reports}) == len(reports) == 4, "one of each mailbox for each of two days"
    assert set(made.to_staff(MANAGER)) == {row.message_id for row in reports}
    assert not made.store.open_troubles()
    return toll(made)


@pytest.mark.parametrize(
    ("fault", "every", "width"),
    [
        ("disk full", False, 1),
        pytest.param("disk full", True, 1, marks=AT_LENGTH),
        pytest.param("disk full", True, 3, marks=AT_LENGTH),
        pytest.param("disk I/O error", True, 1, marks=AT_LENGTH),
        pytest.param("state locked by another process", True, 1, marks=AT_LENGTH),
    ],
)
def test_whichever_commit_fails_everybody_gets_one_mail(
    tmp_path: Path, told: Told, fault: str, every: bool, width: int
) -> None:
    says, told_as = SAYS[fault]
    sum_of, injected = Toll(0, 0, 0), 0
    for number in chosen(commits(tmp_path), every=every):
        failing = Failing(says, range(number, number + width))
        with scenario(tmp_path / f"{number}.db", failing) as made:
            cost = check(made)
            assert cost == Toll(0, 0, 0), f"commit {number}: {failing.kinds[number - 1]}: {cost}"
            assert any(told_as in trouble for trouble in made.troubles), "and it is told"
        sum_of = Toll(sum_of.lost + cost.lost, sum_of.doubled + cost.doubled, sum_of.uncertain + cost.uncertain)
        injected += failing.failed
    at = "at each commit" if every else "at each kind of commit"
    more = f" and the {width - 1} after it" if width > 1 else ""
    told(f"machine: {fault}, {at}{more}", None, injected=injected, toll=sum_of)
