"""The veto on real mail: no machine is answered, hardly a person is refused, and neither figure comes from nothing."""

from __future__ import annotations

import io
import re
import tarfile
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import pytest

from responder.mail.message import parse
from responder.policy.decide import ActionKind, Past, decide, read
from tests.corpora import fetch, write_letters
from tests.corpora.measure import Result, measure, table
from tests.corpora.sets import (
    HERE,
    OF_THE_STANDARD,
    OWN_SERVER,
    PROJECT,
    Kind,
    MailSet,
    all_sets,
    as_written_to_us,
    kept_apart,
    without_the_standard,
)
from tests.fakes import OURS, policy

# How many of each set have to be tried: a set that was emptied or renamed would please every test below.
AT_LEAST = {
    "bounces": 325, "flufl.bounce": 110, "bounceparser": 120, "machines": 14,
    "notmuch": 300, "mailboxes": 40, "redmine": 45, "django-mailbox": 20, "people": 100,
}  # fmt: skip
# Without all that RFC 3834 goes by these cannot be told from people: a few words, or none, that anybody might write.
UNTELLABLE = {
    "bounces/arf-26.eml", "bounces/lhost-fml-02.eml", "bounces/rfc3834-05.eml",
    "bounceparser/autoreply.msg", "bounceparser/polish-autoreply.msg",
}  # fmt: skip
LATE = datetime(2026, 11, 22, 22, 0, tzinfo=timezone(timedelta(hours=7)))  # a Sunday
MACHINES = [each.name for each in all_sets() if each.kind is Kind.MACHINES]
PEOPLE = [each.name for each in all_sets() if each.kind is Kind.PEOPLE]


@cache
def result(name: str) -> Result:
    (mails,) = (each for each in all_sets() if each.name == name)
    if not mails.is_there:
        pytest.skip(f"no {name} here: run `make corpora`; for the bounces see docs/corpora.md")
    return measure(mails)


@pytest.mark.parametrize("name", MACHINES)
def test_no_machine_is_answered(name: str) -> None:
    assert [trial.mail for trial in result(name).misses] == []


@pytest.mark.parametrize("name", MACHINES)
def test_machines_are_known_by_what_they_are_and_not_by_luck(name: str) -> None:
    assert [trial.mail for trial in result(name).trials if trial.by_no_trust] == []


@pytest.mark.parametrize("name", MACHINES)
def test_machines_are_known_even_without_what_the_standard_asks_of_them(name: str) -> None:
    assert {trial.mail for trial in result(name).trials if trial.bare is None} <= UNTELLABLE


@pytest.mark.parametrize("name", PEOPLE)
def test_hardly_a_person_is_refused(name: str) -> None:
    tried = result(name)
    refused = [(trial.mail, trial.veto) for trial in tried.misses]
    assert len(refused) <= len(tried.trials) / 100, refused


def test_no_person_in_the_golden_mails_is_refused() -> None:
    assert [(trial.mail, trial.veto) for trial in result("people").misses] == []


@pytest.mark.parametrize("name", MACHINES + PEOPLE)
def test_every_set_is_tried_in_full(name: str) -> None:
    assert len(result(name).trials) >= AT_LEAST[name]


@pytest.mark.parametrize("name", MACHINES + PEOPLE)
def test_what_is_kept_apart_is_in_the_set_and_has_a_reason(name: str) -> None:
    named = {mail for mail in kept_apart() if mail.startswith(f"{name}/")}
    assert {trial.mail for trial in result(name).apart} == named
    assert all(kept_apart()[mail].strip() for mail in named)


def test_what_is_kept_apart_belongs_to_a_set() -> None:
    assert {mail.partition("/")[0] for mail in kept_apart()} <= {*MACHINES, *PEOPLE}


# --- the golden mails


def test_the_golden_mails_are_those_of_the_letters() -> None:
    written = write_letters.written()
    there = {path for folder in ("people", "machines") for path in (HERE / folder).glob("*.eml")}
    assert there == written.keys()
    stale = [path.name for path, octets in written.items() if path.read_bytes() != octets]
    assert stale == [], "run: python -m tests.corpora.write_letters"


def test_every_layout_is_written_in_by_a_person() -> None:
    used = {letter.layout for letter in write_letters.letters() if letter.file.startswith("people/")}
    assert used == write_letters.layouts().keys()


def test_no_two_letters_say_the_same_and_all_are_composed_letters() -> None:
    letters = list(write_letters.letters())
    assert len({letter.text for letter in letters}) == len(letters)
    whole = (HERE / "letters.txt").read_text(encoding="utf-8")
    assert whole == unicodedata.normalize("NFC", whole)


def test_all_people_are_invented() -> None:
    addresses = {letter.address[1] for letter in write_letters.letters()}
    assert all(address.endswith(".example") for address in addresses)


def test_people_get_their_answer_at_the_address_they_wrote_from() -> None:
    """The whole decision, with the policy that is shipped: late on a Sunday each of them is told something."""
    rules = policy()
    ours = replace(OURS, authserv_ids=frozenset({OWN_SERVER}))
    silent, astray = [], []
    for letter in write_letters.letters():
        if not letter.file.startswith("people/"):
            continue
        message = parse((HERE / f"{letter.file}.eml").read_bytes())
        decision = decide(message, read(message, rules, ours, arrived=LATE), Past(), rules, arrived=LATE, now=LATE)
        replies = decision.of(ActionKind.REPLY)
        silent += [letter.file] * (not replies)
        astray += [letter.file for reply in replies if reply.to != letter.address[1]]
    assert (silent, astray) == ([], [])


def test_no_golden_machine_gets_anything() -> None:
    rules = policy()
    ours = replace(OURS, authserv_ids=frozenset({OWN_SERVER}))
    for path in sorted((HERE / "machines").glob("*.eml")):
        message = parse(path.read_bytes())
        decision = decide(message, read(message, rules, ours, arrived=LATE), Past(), rules, arrived=LATE, now=LATE)
        assert not decision.of(ActionKind.REPLY), path.name
        assert not decision.of(ActionKind.FOLLOW_UP), path.name


# --- the instruments


def test_a_miss_is_counted_and_listed(tmp_path: Path) -> None:
    (tmp_path / "answered.eml").write_bytes(b"From: lan@khach.example\nTo: info@congty.example\nSubject: Hello\n\nHi\n")
    (tmp_path / "known.eml").write_bytes(b"From: lan@khach.example\nAuto-Submitted: auto-replied\n\nHi\n")
    lines = list(table([measure(MailSet("trial", Kind.MACHINES, tmp_path))]))
    assert re.search(r"trial +2 +1 +50\.00 % +0 +2 +0$", "\n".join(lines), re.MULTILINE)
    assert any("trial/answered.eml: no veto" in line for line in lines)
    refused = list(table([measure(MailSet("trial", Kind.PEOPLE, tmp_path))]))
    assert any("trial/known.eml: auto_submitted: Auto-Submitted: auto-replied" in line for line in refused)


def test_a_machine_without_any_sign_does_not_count_as_known_because_it_is_not_for_us(tmp_path: Path) -> None:
    (tmp_path / "forged.eml").write_bytes(b"Return-Path: <x@y.example>\nFrom: lan@khach.example\n\nHi\n")
    (trial,) = measure(MailSet("trial", Kind.MACHINES, tmp_path)).trials
    assert trial.by_no_trust


def test_of_a_list_mail_only_what_the_list_added_is_taken_off() -> None:
    raw = (
        b"Return-Path: <list-bounces+me=x.example@lists.example>\nReceived: by lists.example\nList-Id:\n <a.example>\n"
        b'Sender: "A list"\n <list-bounces@lists.example>\nPrecedence: list\nTo: list@lists.example\n'
        b"From: lan@khach.example\nSubject: Hi\n\nTo: quoted\nPrecedence: bulk\n"
    )
    kept = (
        b"To: info@congty.example\nReceived: by lists.example\nFrom: lan@khach.example\nSubject: Hi\n\n"
        b"To: quoted\nPrecedence: bulk\n"
    )
    assert as_written_to_us(raw) == kept


def test_the_writers_own_sender_and_return_path_stay() -> None:
    raw = b"Return-Path: <lan@khach.example>\nSender: mai@khach.example\nFrom: lan@khach.example\n\nHi\n"
    assert as_written_to_us(raw) == b"To: info@congty.example\n" + raw


def test_bare_means_without_what_the_standard_goes_by() -> None:
    raw = b"Return-Path: <>\r\nAuto-Submitted:\r\n auto-replied\r\nX-Loop: a\r\nSubject: Hi\r\n\r\nText\r\n"
    assert without_the_standard(raw) == b"Subject: Hi\n\nText\n"


# --- what is fetched


def packed(folder: Path, *names: str) -> None:
    with tarfile.open(folder / "source.tar.gz", "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 2
            tar.addfile(member, io.BytesIO(b"x\n"))


def test_of_an_archive_only_the_wanted_folder_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "CORPORA", tmp_path / "corpora")
    (tmp_path / "corpora").mkdir()
    packed(tmp_path, "top-1.0/tests/data/a.eml", "top-1.0/tests/data/deep/b.eml", "top-1.0/setup.py")
    archive = fetch.Archive("set", "package", "tests/data")
    assert not fetch.is_complete(archive)
    fetch.keep(archive, tmp_path)
    kept = {path.relative_to(tmp_path / "corpora").as_posix() for path in tmp_path.glob("corpora/**/*.eml")}
    assert kept == {"set/a.eml", "set/deep/b.eml"}
    assert fetch.is_complete(archive)
    assert not fetch.is_complete(fetch.Archive("set", "package", "tests/other"))


@pytest.mark.parametrize("name", ["top-1.0/tests/data/../../../outside.eml", "top-1.0/elsewhere/a.eml"])
def test_an_archive_that_wants_out_or_holds_nothing_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "CORPORA", tmp_path / "corpora")
    packed(tmp_path, name)
    with pytest.raises(fetch.FetchError):
        fetch.keep(fetch.Archive("set", "package", "tests/data"), tmp_path)
    assert not list(tmp_path.glob("**/outside.eml"))


def test_the_page_names_what_the_bare_trial_takes_away() -> None:
    page = " ".join((PROJECT / "docs" / "corpora.md").read_text(encoding="utf-8").replace("`", "").split())
    assert f"all that RFC 3834 goes by: {', '.join(OF_THE_STANDARD)}." in page
