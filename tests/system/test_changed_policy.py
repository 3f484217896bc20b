"""A policy is changed while the daemon works: it is in force at once, and staff are told which mails it concerns."""

from __future__ import annotations

import pytest

from tests.servers.waiting import wait_until
from tests.system.office import CUSTOMER, MANAGER, OTHER, WITHIN, Office, bodies, office

pytestmark = pytest.mark.system


def add_a_word(here: Office, *, is_watched: bool) -> None:
    policy = here.directory / "vi-office.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("    words: [\n", "    words: [áo thun,\n", 1), encoding="utf-8")
    if not is_watched:
        here.reload()


@pytest.mark.parametrize("is_watched", [False, True], ids=["reload", "watch"])
def test_how_many_mails_a_new_word_concerns_stands_in_the_journal_and_in_the_next_report(*, is_watched: bool) -> None:
    with office("2026-03-25 22:00") as here:
        if is_watched:
            config = here.config.read_text(encoding="utf-8")
            here.config.write_text(config.replace("poll: 10s", "poll: 10s\n    watch: yes"), encoding="utf-8")
        here.start()
        here.write("Cho em hỏi còn áo thun không?", "Đồng phục")
        here.write("Cho em hỏi giờ mở cửa.", sender=OTHER)
        here.wait_until_triaged(2)
        add_a_word(here, is_watched=is_watched)
        number = "info: policy: 1 of 2 mails of the last 30 days would be treated differently."
        wait_until(lambda: number in here.tail(), 2 * WITHIN, "the number in the journal")
        assert "Đồng phục" not in here.tail()
        here.write("Bên mình có áo thun trắng chứ ạ?", "Áo trắng", sender=OTHER)
        here.wait_until_triaged(3)
        here.at("2026-03-26 08:01")
        [report] = bodies(here.wait_for_mails(MANAGER, 1))
        assert "1 trên 2 thư của 30 ngày qua sẽ được xử lý khác đi." in " ".join(report.split())
        assert "“Đồng phục”: bình thường → cần gấp" in " ".join(report.split())
        assert len(here.wait_for_mails(CUSTOMER, 1)) == 1
