"""docs/change-the-policy*.md: a manager's walk-through; every command of it gives what the page shows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from responder.policy.load import load
from responder.policy.model import Policy
from responder.replay.recounts import Recounts
from responder.store.store import Store
from responder.work.digest import FIRST_START
from responder.work.reloaded import events
from tests.cli_office import ENGLISH, POLICY, ROOT, SATURDAY_NIGHT, CliOffice, mail, make_office
from tests.fakes import desk

Edit = tuple[str, str]


@dataclass(frozen=True)
class Story:
    """One page: the policy, what is edited in its first chapters, and the mails on record."""

    page: Path
    shipped: Path
    new: str
    edits: tuple[Edit, ...]
    mails: tuple[tuple[str, str], ...]  # subject and text, the oldest first


VIETNAMESE = Story(
    ROOT / "docs" / "change-the-policy.vi.md",
    POLICY,
    "moi.yaml",
    (
        ("\ndays:\n", "\ndays:\n  2026-12-25: {closed: Chuyển văn phòng}\n"),
        ("    words: [\n", "    words: [\n      hỏa tốc,\n"),
        ("    unless: [\n      gấp đôi,", "    unless: [\n      cước hỏa tốc,\n      gấp đôi,"),
    ),
    (
        ("Hỏi giờ mở cửa", "Thứ Bảy bên mình có làm việc không ạ?"),
        ("Báo giá áo thun", "Cho em xin bảng giá áo thun đồng phục ạ."),
        ("Đơn 2471", "Đơn 2471 em muốn đi hỏa tốc nhé."),
        ("Hóa đơn tháng 11", "Trên hóa đơn tháng này dòng cước hỏa tốc ghi nhầm mã, nhờ anh chị sửa."),
        ("Màu áo", "Áo màu xanh còn hàng không ạ?"),
    ),
)
ENGLISH_ONE = Story(
    ROOT / "docs" / "change-the-policy.md",
    ENGLISH,
    "new.yaml",
    (
        ("\ndays:\n", "\ndays:\n  2026-12-25: {closed: the office is moving}\n"),
        ("    words: [\n", "    words: [\n      drop everything,\n"),
        ("    unless: [\n      gấp đôi,", "    unless: [\n      drop everything coffee,\n      gấp đôi,"),
    ),
    (
        ("Opening hours", "Are you open on Saturdays?"),
        ("Price list", "Could you send me the price list for shirts?"),
        ("Order 2471", "Please drop everything and look at order 2471."),
        ("Delivery address", "Our shop is called Drop Everything Coffee, at 12 Harbour Street."),
        ("Colours", "Do you have the shirt in blue?"),
    ),
)
TAKEN = 4  # the chapter in which it is taken; the next one undoes it
STORIES = [VIETNAMESE, ENGLISH_ONE]


class Walk:
    """The manager's desk: the policy in force, a copy to work on, and a record of the last days."""

    def __init__(self, story: Story, office: CliOffice) -> None:
        self.story, self.office = story, office
        self.rules, self.new = office.folder / "policy.yaml", office.folder / story.new
        self.rules.write_text(story.shipped.read_text(encoding="utf-8"), encoding="utf-8")
        self.new.write_bytes(self.rules.read_bytes())
        office.write_config(policy=self.rules)
        office.clock.set(SATURDAY_NIGHT - timedelta(days=len(story.mails)))
        office.triage()
        for subject, text in story.mails:
            office.clock.advance(timedelta(days=1))
            office.box.deliver(mail(text, subject), office.clock.now() - timedelta(hours=1))
            office.triage()

    def edit(self, chapter: int) -> None:
        """What the manager writes in that chapter."""
        if chapter <= len(self.story.edits):
            old, new = self.story.edits[chapter - 1]
            text = self.new.read_text(encoding="utf-8")
            assert old in text
            self.new.write_text(text.replace(old, new, 1), encoding="utf-8")
        elif chapter == TAKEN:
            self._take()
        else:
            self.new.write_bytes(self.story.shipped.read_bytes())

    def _take(self) -> None:
        """As a reload does."""
        before, after = {"info": desk(policy_of(self.rules))}, {"info": desk(policy_of(self.new))}
        self.rules.write_bytes(self.new.read_bytes())
        store = Store.open(self.office.state)
        store.set(FIRST_START, (SATURDAY_NIGHT - timedelta(days=1)).isoformat())
        store.add_event(*events(before, after, self.office.clock.now()))
        recounts = Recounts(store, self.office.clock)
        recounts.ask(before, after)
        for change in recounts.take().values():
            recounts.tell(change, lambda: True)
        store.close()

    def run(self, command: str) -> str:
        name, *arguments = shlex.split(command)
        assert name == "responder"
        result = self.office.run(*arguments)
        assert result.exit_code == 0, result.stderr
        return result.stdout


def policy_of(file: Path) -> Policy:
    found = load(file.read_text(encoding="utf-8"), file.name).policy
    assert found is not None
    return found


def shown(page: Path) -> Iterator[tuple[int, str, str]]:
    """Chapter, command and what the page says it prints."""
    for number, chapter in enumerate(re.split(r"^## \d+\. ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)):
        for command, said in re.findall(r"```sh\n(responder [^\n]*)\n```\n+```text\n(.*?)```", chapter, re.DOTALL):
            yield number, command, said


@pytest.fixture(params=STORIES, ids=lambda story: story.page.stem)
def walk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Walk:
    monkeypatch.chdir(tmp_path)
    office = make_office(tmp_path, monkeypatch)
    monkeypatch.setattr("responder.cli.policy_change.now", office.clock.now)
    return Walk(request.param, office)


def test_the_walk_through_shows_what_its_commands_print(walk: Walk) -> None:
    done, told = 0, list(shown(walk.story.page))
    assert [number for number, *_ in told] == [1, 1, 2, 3, 4, 5]
    for number, command, said in told:
        while done < number:
            done += 1
            walk.edit(done)
        assert said in walk.run(command)


def test_what_the_manager_is_told_to_write_is_what_was_tried(walk: Walk) -> None:
    page = walk.story.page.read_text(encoding="utf-8")
    for old, new in walk.story.edits:
        [written] = set(new.splitlines()) - set(old.splitlines())
        assert written.strip(" ") in page


def test_both_pages_go_the_same_way() -> None:
    first, second = ([command.split()[:3] for _, command, _ in shown(story.page)] for story in STORIES)
    assert first == second
