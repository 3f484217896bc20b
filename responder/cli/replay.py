"""`responder replay`: what a policy would have done with mail that has come already; or in what two policies differ.

Reads files, or looks at a mailbox that it cannot change; prints; sends, records and marks nothing. What it has decided
so far lies in a file of the user's cache until it has come to the end, so that it can be broken off.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from responder.cli import files, show
from responder.cli.app import DONE, PROBLEMS, STOPPED, Verb, installed_version
from responder.cli.replay_progress import Progress, progress
from responder.cli.times import Since, Until, localised, now
from responder.errors import Trouble, TroubleKind

if TYPE_CHECKING:  # they take their time: `--help` and completion do without
    from responder.config import Config, LoadedConfig
    from responder.policy.decide import Decision
    from responder.policy.meaning import Judging
    from responder.policy.model import Policy
    from responder.replay.entry import Entry
    from responder.replay.journal import Journal
    from responder.replay.run import Office, Step
    from responder.replay.seats import Seat, Seats
    from responder.replay.source import Item, Source

FIRST = 20  # mails that are listed unless somebody wants more
ALIKE = 3  # … of each kind of difference


@click.command(cls=Verb)
@click.argument("sources", metavar="[SOURCE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("-p", "--policy", "policy_file", metavar="FILE", type=click.Path(path_type=Path), help="The policy.")
@click.option(
    "--against", metavar="FILE", type=click.Path(path_type=Path),
    help="Another policy: show only what it would treat differently, and why.",
)  # fmt: skip
@click.option(
    "--account", metavar="NAME", shell_complete=files.complete_account,
    help="Without a SOURCE: the account whose mailbox is looked at. With one: whose mail it is.",
)  # fmt: skip
@click.option("--since", metavar="TIME", type=Since(), help="Mail that came since then: 2026-01-01, or 30d.")
@click.option("--until", metavar="TIME", type=Until(), help="… and before then.")
@click.option("--list", "is_listed", is_flag=True, help="List what would have been sent, too.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(min=0),
    help=f"How many are listed ({FIRST}; {ALIKE} of each kind of difference); 0: all.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object per mail and line (docs/json.md).")
@click.option(
    "--resume", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Go on where a replay was broken off; what is decided is kept there.",
)  # fmt: skip
def command(
    sources: tuple[Path, ...],
    policy_file: Path | None,
    against: Path | None,
    account: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    resume: Path | None,
    *,
    is_listed: bool,
    as_json: bool,
) -> int:
    """Try a policy on mail that has come already.

    SOURCE is a maildir with its subfolders, an mbox, a folder of .eml files or a single .eml; without one, the mailbox
    of --account is looked at, which changes nothing in it. Each mail is decided as if the daemon had been there when it
    came: who had an automatic reply gets no second one, who was answered by a person gets none. Nothing is sent or
    recorded.

    The policy is that of --policy, else the config's, else the shipped one (vi-office). With --against only the mails
    are shown that the other policy would treat differently, alike ones together. Ctrl-C shows the figures so far, and
    tells how to go on.

    \b
    Examples:
      responder replay ~/Maildir --since 90d
      responder replay inbox.mbox --policy policies/vi-office.yaml --list
      responder replay --account info --since 30d --against new-policy.yaml
    """
    job = _job(sources, policy_file, against, account)
    with contextlib.closing(job), progress() as bar:
        items = _within(_items(job.source, bar), since, until, job.zone)
        job.take_ours(items)
        told = _Told(job, items, since=localised(since, job.zone) if since else None, is_listed=is_listed, limit=limit)
        report = _Report(told, as_json=as_json)
        journal = _journal(resume, job, items, (since, until))
        is_done = _run(job, items, report, journal, bar)
    return report.finish(None if is_done else journal.path)


# ---------------------------------------------------------------- which mails, under which policies


@dataclass
class _Job:
    """What is to be done."""

    source: Source
    seats: tuple[Seats, ...]  # the second: against
    names: tuple[str, ...]  # of the policies
    facts: tuple[object, ...]  # what they are made of
    learned: Path | None = None
    is_bare: bool = False  # no config tells what is ours
    on_close: Callable[[], None] = field(default=lambda: None)

    def close(self) -> None:
        self.on_close()

    @property
    def policy(self) -> Policy:
        return self.seats[0].first.policy

    @property
    def zone(self) -> tzinfo:
        return self.policy.calendar().zone

    def take_ours(self, items: Sequence[Item]) -> None:
        """Without a config: most mail is addressed to us."""
        if self.is_bare and not self.seats[0].addresses:
            found = _most_addressed(items)
            if found:
                show.note(f"taken as yours: {', '.join(sorted(found)[:3])} (another: --account ADDRESS)")
            self.seats = tuple(_bare(seats.first.policy, found) for seats in self.seats)

    def offices(self, known: frozenset[str]) -> tuple[Office, ...]:
        from responder.replay.run import Office

        return tuple(Office(seats, self.judge, known) for seats in self.seats)

    @cached_property
    def judge(self) -> Judging | None:
        return files.judge([each.first.policy for each in self.seats], self.learned)

    @property
    def rules(self) -> tuple[object, ...]:
        """All that a decision hangs on beside the mails: whoever changes one of it begins anew."""
        return (installed_version(), *self.facts, self.judge.digest if self.judge is not None else "")


def _job(sources: Sequence[Path], policy_file: Path | None, against: Path | None, account: str | None) -> _Job:
    path = files.find_config()
    if not sources:
        return _live(path, policy_file, against, account)
    from responder.replay.source import Files

    for each in sources:
        if not each.exists():
            raise Trouble(TroubleKind.CONFIG, str(each), "is not there", "look at the path")
    source = Files(sources, now())
    if path is None or (policy_file is not None and files.named_config() is None):
        return _without_config(source, policy_file, against, account)
    loaded, config = _configured(path)
    office = _Configured(config, _seats(config, loaded.policies, account), loaded.digests)
    return _of(source, office, policy_file, against)


def _configured(path: Path) -> tuple[LoadedConfig, Config]:
    loaded = files.load_config(path)
    if loaded.config is None:
        raise Trouble(TroubleKind.CONFIG, str(path), "cannot be used", "call `responder check`")
    return loaded, loaded.config


@dataclass(frozen=True, slots=True)
class _Configured:
    """An office as its config has it, and the digests of its policies by account."""

    config: Config
    seats: Seats
    digests: Mapping[str, str]


def _seats(config: Config, policies: Mapping[str, Policy], account: str | None) -> Seats:
    """All accounts, or that one."""
    from responder.replay import seats

    known = seats.of_config(config, policies)
    if account is None:
        return known
    named = known.named(account)
    if named is None:
        accounts = ", ".join(config.accounts)
        raise Trouble(TroubleKind.CONFIG, account, "there is no such account", f"the accounts are {accounts}")
    return known.alone(named)


def _of(source: Source, office: _Configured, policy_file: Path | None, against: Path | None) -> _Job:
    config, seats = office.config, office.seats
    names = ", ".join(sorted({config.accounts[name].policy.name for name in seats.seats}))
    facts = tuple(office.digests[name] for name in sorted(seats.seats))
    if policy_file is not None:
        policy, digest = files.load_policy_and_digest(policy_file)
        seats, names, facts = seats.under(policy), policy_file.name, (digest,)
    job = _Job(source, (seats,), (names,), (sorted(seats.addresses.items()), *facts), config.learned)
    return _with_other(job, against)


def _without_config(source: Source, policy_file: Path | None, against: Path | None, account: str | None) -> _Job:
    from responder.mail.addresses import Address

    name, digest = files.SHIPPED_POLICY, ""  # which goes with the version
    if policy_file is None:
        policy = files.shipped_policy()
    else:
        name, (policy, digest) = policy_file.name, files.load_policy_and_digest(policy_file)
    given = frozenset({Address("", account).key} if account else ())
    job = _Job(source, (_bare(policy, given),), (name,), (sorted(given), digest), is_bare=True)
    return _with_other(job, against)


def _with_other(job: _Job, against: Path | None) -> _Job:
    if against is None:
        return job
    policy, digest = files.load_policy_and_digest(against)
    job.seats, job.names = (*job.seats, job.seats[0].under(policy)), (*job.names, against.name)
    job.facts = (*job.facts, digest)
    return job


def _bare(policy: Policy, addresses: Iterable[str]) -> Seats:
    from responder.mail.addresses import Address
    from responder.mail.domains import is_public_provider
    from responder.mail.ours import Ours
    from responder.replay.seats import Seat, Seats

    own = frozenset(addresses)
    domains = {Address("", each).domain for each in own}
    colleagues = frozenset(each for each in domains if each and not is_public_provider(each))
    return Seats({"": Seat("", policy, Ours(own, colleagues))}, dict.fromkeys(own, ""))


def _most_addressed(items: Sequence[Item]) -> frozenset[str]:
    """The address that most mail goes to, and whatever else is addressed at its domain, unless everybody is there."""
    from responder.mail.domains import is_public_provider

    counted = Counter(each for item in items if not item.is_sent for each in set(item.recipients))
    if not counted:
        return frozenset()
    most, _ = min(counted.items(), key=lambda each: (-each[1], each[0]))
    domain = most.rpartition("@")[2]
    beside = () if is_public_provider(domain) else (each for each in counted if each.endswith(f"@{domain}"))
    return frozenset({most, *beside})


# ---------------------------------------------------------------- the mailbox at its server


def _live(path: Path | None, policy_file: Path | None, against: Path | None, account: str | None) -> _Job:
    if account is None:
        raise click.UsageError("name a SOURCE: a maildir, an mbox, a folder of .eml files; or a mailbox with --account")
    path = path if path is not None else files.config_path()
    loaded, config = _configured(path)
    seats = _seats(config, loaded.policies, account)
    name = seats.first.account
    from responder.daemon import parts
    from responder.replay.source import Live
    from responder.store.store import Store

    with contextlib.closing(Store.open(None)) as store:
        desk = parts.desks(loaded, store, now())[name]
    box = parts.read_only_mailbox(desk)
    box.connect()
    job = _of(Live(box, name, now()), _Configured(config, seats, loaded.digests), policy_file, against)
    job.on_close = box.close
    return job


# ---------------------------------------------------------------- in which order


def _items(source: Source, bar: Progress) -> list[Item]:
    """All mails as they came; what cannot be read is told."""
    from responder.replay.source import ToldBy, in_order

    found: list[Item] = []
    for each in source.items():
        if isinstance(each, Trouble):
            show.note(str(each))
        else:
            found.append(each)
            bar.found(len(found))
    odd = Counter(item.told_by for item in found if not item.is_sent)
    if odd[ToldBy.DATE]:
        show.note(f"{show.count(odd[ToldBy.DATE], 'mail')} without a Received line: the Date counts as the arrival")
    if odd[ToldBy.FILE]:
        show.note(
            f"{show.count(odd[ToldBy.FILE], 'mail')} without any date: the time of the file counts as the arrival"
        )
    return in_order(found)


def _within(items: list[Item], since: datetime | None, until: datetime | None, zone: tzinfo) -> list[Item]:
    """Of what came too late nothing is known then; what came before bears on what comes."""
    if since and until and localised(since, zone) >= localised(until, zone):
        raise click.UsageError("--until must be later than --since")
    first, last = (localised(each, zone) if each else None for each in (since, until))
    within = [item for item in items if last is None or item.at < last]
    if items and (not within or (first is not None and within[-1].at < first)):
        came = " and ".join(f"{each.at.astimezone(zone):%Y-%m-%d}" for each in (items[0], items[-1]))
        show.note(f"no mail came in that time: all came between {came}")
    return within


# ---------------------------------------------------------------- the run


def _run(job: _Job, items: Sequence[Item], report: _Report, journal: Journal, bar: Progress) -> bool:
    """Decide them all; whether it came to the end."""
    from responder.replay import run

    first = report.told.since
    start = first - run.WARM_UP if first else None
    todo = [item for item in items if start is None or item.at >= start]
    offices = job.offices(run.known_before(items, start) if start else frozenset())
    done = 0
    for step in run.again(journal.earlier(todo), offices):
        report.take(step)
        done += 1
    bar.begin(len(todo), done)
    try:
        with _until_stopped() as goes_on:
            for step in run.steps(job.source, todo[done:], offices, goes_on):
                report.take(step)
                report.show(step)
                journal.add(step)
                done += 1
                bar.advance()
    finally:
        journal.close()
    if done == len(todo):
        journal.remove()
    return done == len(todo)


@contextlib.contextmanager
def _until_stopped() -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C ends with the mail at hand; a second one at once."""
    stopped: list[int] = []

    def stop(number: int, _frame: object) -> None:
        stopped.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: not stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _journal(resume: Path | None, job: _Job, items: Sequence[Item], period: tuple[object, ...]) -> Journal:
    """Beside the user's other caches, one for each replay; begun anew unless it is named."""
    from responder.replay.journal import Journal, fingerprint

    of = fingerprint(items, (period, *job.rules))
    if resume is not None:
        return Journal(resume, of)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = cache / "responder" / f"replay-{of[:12]}.jsonl"
    path.unlink(missing_ok=True)
    return Journal(path, of)


# ---------------------------------------------------------------- what is shown


@dataclass
class _Told:
    """What is to be told, of what."""

    job: _Job
    items: Sequence[Item]
    since: datetime | None
    is_listed: bool
    limit: int | None


def _width() -> int:
    """In a pipe no line is broken."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else show.WIDE


class _Report:
    """Gathers what is told at the end; as JSON, tells at once."""

    def __init__(self, told: _Told, *, as_json: bool) -> None:
        from responder.cli.replay_view import Differences, Listed
        from responder.replay.figures import Figures

        self.told = told
        self._as_json = as_json
        self._language = told.job.policy.language
        self._is_compared = len(told.job.seats) > 1
        self._figures = Figures()
        width = _width()
        self._listed = Listed(FIRST if told.limit is None else told.limit, self._language, width)
        self._differences = Differences(ALIKE if told.limit is None else told.limit, self._language, width)
        self._broken: list[str] = []
        self._looked_at = 0
        self._has_any = False

    def _is_meant(self, step: Step) -> bool:
        """Not of the time before, which only bears on it."""
        return self.told.since is None or step.item.at >= self.told.since

    def take(self, step: Step) -> None:
        self._looked_at += 1
        if not self._is_meant(step):
            return
        self._has_any = True
        self._figures.add(step)
        self._note_trouble(step)
        if self._is_compared and step.entries:
            from responder.replay.differences import difference

            found = difference(*step.entries)
            if found is not None:
                self._differences.add(found)
        elif step.entries and self.told.is_listed:
            self._listed.add(step.entries[0])

    def _note_trouble(self, step: Step) -> None:
        errors = [
            step.trouble,
            *(f"{entry.source}: it broke the program ({entry.error})" for entry in step.entries if entry.error),
        ]
        self._broken += [each for each in dict.fromkeys(errors) if each]

    def show(self, step: Step) -> None:
        """What was decided just now, if it is to be told at once."""
        if not self._as_json or not self._is_meant(step) or not step.entries:
            return
        told = [_fields(*each) for each in zip(step.entries, step.decisions, strict=True)]
        if not self._is_compared:
            show.one_json(told[0])
            return
        from responder.replay.differences import difference

        found = difference(*step.entries)
        if found is not None:
            cause = {"cause": found.group.cause, "what": list(found.group.what), "effect": found.group.effect}
            show.one_json({"source": step.item.name, **cause, "before": told[0], "after": told[1]})

    def finish(self, journal: Path | None) -> int:
        """The figures; `journal`: it was broken off, and goes on from there."""
        for each in self._broken:
            show.note(each)
        if not self._as_json:
            for line in self._lines(journal is not None):
                click.echo(line)
        if journal is None:
            return DONE if self._has_any else PROBLEMS
        show.note(f"broken off; to go on, call the same command with `--resume {journal}`")
        return STOPPED

    def _lines(self, is_broken_off: bool) -> Iterator[str]:  # noqa: FBT001
        from responder.cli import replay_view, replay_words

        labels, names = replay_words.LABELS[self._language], self.told.job.names
        title = "against" if self._is_compared else "title"
        yield click.style(labels[title].format(policy=names[0], other=names[-1]), bold=True)
        if is_broken_off:
            counted = (replay_view.number(each, self._language) for each in (self._looked_at, len(self.told.items)))
            yield labels["broken_off"].format(**dict(zip(("done", "total"), counted, strict=True)))
        if self._is_compared:
            yield from replay_view.period(self._figures)
            yield from self._differences.lines(self._figures.mails)
            return
        yield from replay_view.figures(self._figures, self._language)
        if self.told.is_listed:
            yield from self._listed.lines()


def _fields(entry: Entry, decided: tuple[Decision, Seat] | None) -> dict[str, Any]:
    """As `explain --json`; of one that broke the program, that it did."""
    from responder.policy import report

    if decided is None:
        return {"source": entry.source, "account": entry.account or None, "error": entry.error}
    decision, seat = decided
    return {**report.fields(decision, seat.policy, source=entry.source), "account": entry.account or None}
