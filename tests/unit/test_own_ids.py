"""mail/own_ids.py: our Message-IDs, which nobody else can make."""

from __future__ import annotations

import pytest

from responder.mail import compose, own_ids

FACTS = ("info", "INBOX", 1, 2, "reply")
FIRST = own_ids.make("secret", "congty.example", *FACTS)


def test_the_same_facts_give_the_same_id_and_others_another() -> None:
    assert own_ids.make("secret", "congty.example", *FACTS) == FIRST
    others = {
        own_ids.make("secret", "congty.example", "info", "INBOX", 1, 2, "follow_up"),
        own_ids.make("secret", "congty.example", "info", "INBOX", 12, "", "reply"),
        own_ids.make("guessed", "congty.example", *FACTS),
    }
    assert len(others | {FIRST}) == 4
    assert compose.MESSAGE_ID.match(FIRST)


def test_an_id_fits_into_one_line_of_a_header() -> None:
    assert len(own_ids.make("secret", "d" * 32 + ".example", *FACTS)) <= 90


def test_an_id_of_ours_is_known_again_without_its_facts() -> None:
    assert own_ids.is_own("secret", FIRST)
    assert own_ids.is_own("secret", FIRST.replace("congty", "CongTy"))  # a relay may change the case of a domain


@pytest.mark.parametrize(
    "made_up",
    [
        FIRST.replace("congty", "khac"),
        FIRST.replace(FIRST[11], "a" if FIRST[11] != "a" else "b", 1),
        FIRST[:-1],
        FIRST.upper(),
        f" {FIRST}",
        "<responder.0123456789abcdef0123456789abcdef@congty.example>",  # as they were made once: the outbox knows those
        "<a@b.example>",
        "",
    ],
)
def test_an_id_that_was_changed_or_made_up_is_not_ours(made_up: str) -> None:
    assert not own_ids.is_own("secret", made_up)


def test_another_office_does_not_know_our_ids_and_without_a_secret_nobody_does() -> None:
    assert not own_ids.is_own("another", FIRST)
    assert not own_ids.is_own("", own_ids.make("", "congty.example", *FACTS))
