"""A policy whose own examples fail: where it is refused, and where one that is in force goes on and is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from responder import learned
from responder.daemon.root import Daemon
from responder.document import Unusable
from responder.store.store import Store
from tests.cli_office import POLICY, CliOffice, make_office, responder
from tests.servers.waiting import wait_until

DEADLINE = '  - "Em cần bản vẽ trước 10h sáng thứ Hai anh ơi, Chủ nhật 20:00 → gấp, trả lời urgent"\n'
THANKS = '  - "Cảm ơn anh nhiều ạ!'
SHIPPED = POLICY.read_text(encoding="utf-8").replace(THANKS, DEADLINE + THANKS, 1)
WITHIN = 15.0
OTHER_WORDS = ("báo giá gấp", "báo giá thật gấp")  # the first example fails then, where a guess may outweigh hints
OTHER_HOURS = ('mon-fri: "08:00-17:00"', 'mon-fri: "07:30-17:00"')


@dataclass
class Trial:
    """An office with a policy of its own, and with or without what was learnt."""

    office: CliOffice
    file: Path
    running: list[tuple[Daemon, threading.Thread]] = field(default_factory=list)

    def write(self, *changes: tuple[str, str]) -> None:
        text = SHIPPED
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        self.file.write_text(text, encoding="utf-8")

    def start(self) -> Daemon:
        made = Daemon(self.office.config, clock=self.office.clock, tick=0.02)
        thread = threading.Thread(target=made.run, daemon=True)
        thread.start()
        self.running.append((made, thread))
        wait_until(lambda: made.rounds(), WITHIN, "the mailbox is watched")
        return made

    def stop(self) -> None:
        for made, thread in self.running:
            made.stop()
            thread.join(WITHIN)
        self.running.clear()


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    office = make_office(tmp_path, monkeypatch)
    made = Trial(office, office.folder / "policy.yaml")
    made.write()
    office.write_config(policy=made.file)
    yield made
    made.stop()


def troubles(store: Store) -> list[str]:
    return [each.text for each in store.open_troubles() if each.account == "info"]


def test_check_shows_a_failing_example_where_it_stands_and_exits_with_1(trial: Trial) -> None:
    trial.write(OTHER_WORDS)
    line = trial.file.read_text(encoding="utf-8").split("\n").index("examples:") + 2
    for named in (trial.office.config, trial.file):
        result = responder("check", named)
        assert result.exit_code == 1
        assert f"{trial.file}:{line}:5: this mail should come out as `gấp, " in result.stdout
        assert "1 problem" in result.stdout


def test_a_start_with_a_policy_whose_examples_fail_is_refused_and_lets_go_of_the_state(trial: Trial) -> None:
    trial.write(OTHER_WORDS)
    with pytest.raises(Unusable, match="should come out as"):
        Daemon(trial.office.config, clock=trial.office.clock)
    trial.write()
    trial.start()


def test_a_reload_takes_no_policy_whose_examples_fail(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    daemon = trial.start()
    before = daemon._desks()[0].policy
    trial.write(OTHER_WORDS)
    daemon._loop.call_soon_threadsafe(daemon.reload)  # type: ignore[union-attr]
    said = "not reloaded, the policy before stays in force: "
    wait_until(lambda: any(each.startswith(said) for each in caplog.messages), WITHIN, "the refusal")
    assert daemon._desks()[0].policy is before
    wait_until(lambda: daemon.store.open_troubles(), WITHIN, "it for the report")
    assert "should come out as" in daemon.store.open_troubles()[0].text
    trial.write(OTHER_HOURS)
    daemon._loop.call_soon_threadsafe(daemon.reload)  # type: ignore[union-attr]
    wait_until(lambda: not daemon.store.open_troubles(), WITHIN, "the end of the trouble")
    assert daemon._desks()[0].policy != before


class Doubtful:
    """What is learnt anew and takes everything for unlikely."""

    def __init__(self, judge: Any) -> None:
        self._judge = judge

    def judge(self, mail: Any, arrived: Any) -> Any:
        found = self._judge.judge(mail, arrived)
        return type(found)(
            **{
                **{name: getattr(found, name) for name in found.__dataclass_fields__},
                "probabilities": dict.fromkeys(found.probabilities, 0.0),
            }
        )


def test_what_is_learnt_anew_takes_no_office_down_but_is_told(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    daemon = trial.start()
    assert troubles(daemon.store) == []

    doubtful = Doubtful(learned.judge())
    monkeypatch.setattr(learned, "judge", lambda: doubtful)
    daemon._loop.call_soon_threadsafe(daemon.reload)  # type: ignore[union-attr]
    wait_until(lambda: troubles(daemon.store), WITHIN, "the report")
    assert "`urgent` is but a guess, on which hangs nothing that a customer is sent" in troubles(daemon.store)[0]
    assert daemon._desks()[0].judge is doubtful
    assert any("the policy stays in force, but an example of it fails now" in each for each in caplog.messages)
    trial.stop()

    daemon = trial.start()  # of the same text it is known that it was in force
    wait_until(lambda: troubles(daemon.store), WITHIN, "the report after the start")
    trial.stop()

    trial.write(OTHER_HOURS)
    with pytest.raises(Unusable, match="but a guess"):
        Daemon(trial.office.config, clock=trial.office.clock)
