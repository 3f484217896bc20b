"""work/reloaded.py: what a reload changed, for the journal and for the digest."""

from __future__ import annotations

from dataclasses import replace

from responder.config import Config, Mode
from responder.people import Person
from responder.store.records import Event, EventKind
from responder.work.desk import Desk
from responder.work.reloaded import events, of_the_config, told
from tests.fakes import desk, local, policy

NOW = local("2026-11-20 17:00")
SATURDAYS = policy(('mon-fri: "08:00-17:00"', 'mon-fri: "08:00-17:00"\n  sat: "08:00-12:00"'))


def with_person(old: Desk, **changed: object) -> Desk:
    return replace(old, people={**old.people, "on_call": old.people["on_call"].model_copy(update=changed)})


def lines(old: Desk, new: Desk) -> tuple[str, ...]:
    return told({"info": old}, {"info": new})


def test_nothing_changed_nothing_told() -> None:
    assert lines(desk(), desk()) == ()
    assert list(events({"info": desk()}, {"info": desk()}, NOW)) == []


def test_the_journal_has_a_changed_policy_in_english_and_the_digest_in_the_policys_language() -> None:
    old, new = desk(), desk(SATURDAYS)
    assert lines(old, new) == ("info: policy changed: Saturday: now open 08:00–12:00 (before: closed).",)
    (event,) = events({"info": old}, {"info": new}, NOW)
    assert (event.kind, event.account, event.at) == (EventKind.POLICY, "info", NOW)
    assert "thứ Bảy" in event.text.replace("Thứ", "thứ")


def test_going_live_is_told_in_both() -> None:
    old, new = desk(mode=Mode.OBSERVE), desk(mode=Mode.LIVE)
    assert lines(old, new) == ("mode changed to live: customers get their answers from now on",)
    assert list(events({"info": old}, {"info": new}, NOW)) == [Event(NOW, EventKind.MODE, "live", account="info")]


def config(**changed: object) -> Config:
    return Config.model_validate({"state": "/x", "accounts": {"info": desk().settings}, **changed})


def test_of_the_rest_of_the_config_it_tells_what_changed_and_how_long_things_are_kept() -> None:
    assert list(of_the_config(config(), config())) == []
    changed = config(keep_text="never", retention="1 year", metrics={"port": "9464"},
                     heartbeat={"url": "https://secret.example/x"})  # fmt: skip
    assert list(of_the_config(config(), changed)) == [
        "keep_text changed: now never (before: 30 days)",
        "retention changed: now 365 days (before: 1095 days)",
        "heartbeat changed",
        "metrics changed",
    ]


def test_of_a_person_it_names_who_is_new_or_which_keys_changed_and_never_what_they_hold() -> None:
    old = desk()
    renamed = with_person(old, name="Hà")
    assert lines(old, renamed) == (
        "people changed: on_call is now Hà <truc@congty.example> (before: Trực ngoài giờ <truc@congty.example>)",
    )
    hooked = {"name": "M", "address": "m@congty.example", "wake": {"webhook": {"url": "https://secret.example/x"}}}
    wake = Person.model_validate(hooked).wake
    assert lines(old, with_person(old, wake=wake)) == ("people changed: on_call wake",)
