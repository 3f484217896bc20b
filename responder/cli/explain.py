"""`responder explain`: what would be done with a mail, and why. The same code decides as in the daemon.

Reads files, prints; sends and records nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from responder.cli import files, show
from responder.cli.app import DONE, WRONG_USE, Verb
from responder.cli.times import EARLIEST, LATEST, Moment, localised, now
from responder.errors import Trouble, TroubleKind
from responder.mail.addresses import Address
from responder.mail.defects import Defect
from responder.mail.message import MAX_MESSAGE, Message, parse
from responder.mail.ours import Ours

if TYPE_CHECKING:  # they take their time
    from responder.cli.story import Story
    from responder.cli.story_sheet import Sheet
    from responder.config import Config
    from responder.policy.meaning import Judging
    from responder.policy.model import Policy
    from responder.replay.seats import Seat, Seats
    from responder.work.pauses import Pause

STDIN = "-"
MAX_BYTES = MAX_MESSAGE + 1  # what comes after is not looked at: with one more, `parse` tells that there was more


@click.command(cls=Verb)
@click.argument("files_", metavar="FILE...", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("-p", "--policy", "policy_file", metavar="FILE", type=click.Path(path_type=Path), help="The policy.")
@click.option("--at", metavar="TIME", type=Moment(), help="When the mail came, and what time it is.")
@click.option(
    "--account", metavar="ADDRESS", shell_complete=files.complete_account,
    help="The address of ours that the mail came to.",
)  # fmt: skip
@click.option("--id", "number", metavar="N", type=click.IntRange(min=1), help="A mail in the ledger, by its number.")
@click.option("--text", "words", metavar="WORDS", help="A mail with these words, from somebody new, instead of a file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per mail and line (docs/json.md).")
@click.option("--full", is_flag=True, help="All lines of what was cut away, and of long mails.")
@click.option("--html", "page", metavar="FILE", type=click.Path(path_type=Path), help="Write one HTML page of it all.")
def command(
    files_: tuple[Path, ...],
    policy_file: Path | None,
    at: datetime | None,
    account: str | None,
    number: int | None,
    words: str | None,
    *,
    as_json: bool,
    full: bool,
    page: Path | None,
) -> int:
    """Tell what would be done with a mail, and why.

    FILE is a mail (.eml), a folder of .eml files, or - for standard input. Nothing is sent, recorded or changed.

    The policy is that of --policy, else the config's for the account the mail came to, else the shipped one
    (vi-office). The time is that of --at (without an offset: in the office's zone), else the mail's Date header, else
    now; it counts both as the arrival and as the present. Nothing is known of earlier mails. A mail to none of
    the config's accounts is looked at as if the first of them had it (or --account). Without a config, the addresses in
    To and Cc are taken as ours.

    \b
    Examples:
      responder explain mail.eml --at 2026-11-21T22:10
      responder explain --text "Báo giá gấp giúp em" --at 2026-11-21T22:10
      responder explain --policy policies/en-office.yaml --json mails/
      responder explain --id 17
      responder explain --html why.html mails/
    """
    if page is not None and as_json:
        raise click.UsageError("either --html or --json, not both")
    paper = _Page(page) if page is not None else (_Json() if as_json else _Terminal(full))
    if sum((bool(files_), number is not None, words is not None)) > 1:
        raise click.UsageError("either FILE, --text or --id, not several of them")
    if number is not None:
        return _from_ledger(number, paper)
    if words is None and not files_:
        raise click.UsageError("name a FILE, a folder, or - for standard input; or --text WORDS; or --id of the ledger")
    bench = _bench(policy_file, account)
    if words is not None:
        return _from_words(words, bench, at, paper)
    code = DONE
    for source, content in _mails(files_):
        if isinstance(content, Trouble):
            show.note(str(content))
            code = WRONG_USE
        else:
            message = parse(content)
            if Defect.TOO_LARGE in message.defects:
                show.note(f"{source}: only the first {MAX_MESSAGE // 1024**2} MB are looked at")
            _tell(bench, source, message, at, paper)
    paper.end()
    return code


def _from_words(words: str, bench: _Bench, at: datetime | None, paper: _Paper) -> int:
    from responder.policy.examples import mail_of

    _tell(bench, "--text", mail_of(words, to=bench.address), at, paper)
    paper.end()
    return DONE


def _tell(bench: _Bench, source: str, message: Message, at: datetime | None, paper: _Paper) -> None:
    from responder.cli import story
    from responder.policy.decide import Past, decide, read

    seat, writes_as = bench.seat(message)
    policy = seat.policy
    arrived = localised(at, policy.calendar().zone) if at else _date(message)
    if at:
        message = replace(message, date=None)  # "had it come then": its own date belongs to another time
    reading = read(message, policy, seat.ours, arrived=arrived, judge=bench.judge)
    decision = decide(message, reading, Past(is_on_record=False), policy, arrived=arrived, now=arrived)
    told = story.of_decision(message, decision, policy, writes_as, source=source)
    paper.tell(replace(told, notes=tuple(bench.notes(policy))), policy)


def _date(message: Message) -> datetime:
    """The Date header, if a calendar can reckon with it, else now."""
    date = message.date
    return date if date is not None and EARLIEST <= date.year <= LATEST else now()


# ---------------------------------------------------------------- on which paper


class _Paper(Protocol):
    """Where the stories go."""

    def tell(self, told: Story, policy: Policy) -> None: ...

    def end(self) -> None: ...


class _Json:
    def tell(self, told: Story, policy: Policy) -> None:
        show.one_json(told.as_json())

    def end(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Terminal:
    full: bool

    def tell(self, told: Story, policy: Policy) -> None:
        from responder.cli import story_lines

        story_lines.tell(told, policy, full=self.full)

    def end(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of all of them, written at the end."""

    file: Path
    sheets: list[Sheet] = field(default_factory=list)

    def tell(self, told: Story, policy: Policy) -> None:
        from responder.cli.story_sheet import sheet

        self.sheets.append(sheet(told, policy))

    def end(self) -> None:
        from responder.cli.story_page import page

        if self.sheets:
            show.write(self.file, page(self.sheets))


# ---------------------------------------------------------------- whose mail, which policy


@dataclass(frozen=True, slots=True)
class _Bench:
    """From where mails are looked at. Without a config there is one policy, and To and Cc are taken as ours."""

    policies: Mapping[str, Policy]
    config: Config | None = None
    account: str | None = None
    seats: Seats | None = None  # of the config
    judge: Judging | None = None
    pause: Pause | None = None

    def seat(self, message: Message) -> tuple[Seat, Address]:
        """The account that the mail came to, and who we write as."""
        seat = self._seat(message)
        if seat is None or self.config is None:
            return self._bare(message, next(iter(self.policies.values())))
        settings = self.config.accounts[seat.account]
        return seat, Address(settings.name, settings.address)

    def _seat(self, message: Message) -> Seat | None:
        if self.seats is None:
            return None
        return self.seats.of(message) if self.account is None else self.seats.named(self.account)

    @property
    def is_observed(self) -> bool:
        """The config says `mode: observe`, and so customers get nothing yet."""
        from responder.config import Mode  # takes its time

        return self.config is not None and self.config.mode is Mode.OBSERVE

    def notes(self, policy: Policy) -> Iterator[str]:
        """Why customers get nothing at present."""
        from responder.cli import story

        if self.is_observed:
            yield story.OBSERVED[policy.language]
        elif self.pause is not None:
            yield story.paused(self.pause, policy)

    @property
    def address(self) -> str:
        """Where a mail comes to of which only the words are given."""
        from responder.policy.examples import OFFICE

        accounts = self.config.accounts if self.config else {}
        named = accounts.get(self.account) if self.account else next(iter(accounts.values()), None)
        return named.address if named else self.account or OFFICE

    def _bare(self, message: Message, policy: Policy) -> tuple[Seat, Address]:
        """Without a config; who wrote is not one of us for having put themselves into Cc."""
        from responder.replay.seats import Seat

        writers = {each.key for each in message.from_}
        named = tuple(each for each in (*message.to, *message.cc) if each.key not in writers)
        given = (Address("", self.account),) if self.account else named
        ours = Ours(
            addresses=frozenset(address.key for address in given),
            colleagues=frozenset(self.config.colleagues if self.config else ()),
        )
        return Seat("", policy, ours), given[0] if given else Address("", "office@localhost")


def _bench(policy_file: Path | None, account: str | None) -> _Bench:
    bench = _without_judge(policy_file, account)
    config = bench.config
    judge = files.judge(bench.policies.values(), config.learned if config else None)
    return replace(bench, judge=judge, pause=_pause(config) if config else None)


def _pause(config: Config) -> Pause | None:
    """The one in force; where this user may not look, that is said."""
    from responder.store.store import Store
    from responder.work import pauses

    try:
        if not config.state.exists():
            return None
        with closing(Store.as_it_is(config.state)) as store:
            return pauses.in_force(store, now())
    except (Trouble, PermissionError) as error:
        why = f"{config.state} is closed to this user" if isinstance(error, PermissionError) else error
        show.note(f"whether automatic mail is paused is not known: {why}")
        return None


def _without_judge(policy_file: Path | None, account: str | None) -> _Bench:
    if policy_file is not None:
        return _Bench({"": files.load_policy(policy_file)}, None, _address(account))
    path = files.find_config()
    if path is None:
        return _Bench({"": files.shipped_policy()}, None, _address(account))
    loaded = files.load_config(path)
    if loaded.config is None:
        return _Bench(loaded.policies, None, _address(account))
    from responder.replay.seats import of_config

    named = account if account in loaded.config.accounts else _address(account)
    return _Bench(loaded.policies, loaded.config, named, of_config(loaded.config, loaded.policies))


def _address(account: str | None) -> str | None:
    if account is not None and "@" not in account:
        raise click.BadParameter(f"`{account}` is not an address; write it like `info@congty.example`",
                                 param_hint="--account")  # fmt: skip
    return account


# ---------------------------------------------------------------- where mails come from


def _mails(paths: tuple[Path, ...]) -> Iterator[tuple[str, bytes | Trouble]]:
    """Each mail's name and bytes; what cannot be read is told in its place."""
    for path in paths:
        if str(path) == STDIN:
            yield STDIN, sys.stdin.buffer.read(MAX_BYTES)
        elif path.is_dir():
            yield from _folder(path)
        else:
            yield str(path), _content(path)


def _folder(folder: Path) -> Iterator[tuple[str, bytes | Trouble]]:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".eml")
    except OSError as error:
        yield str(folder), _unreadable(folder, error)
        return
    if not found:
        what, remedy = "there is no .eml file in this folder", "save mails as .eml files, or name them one by one"
        yield str(folder), Trouble(TroubleKind.CONFIG, str(folder), what, remedy)
    for path in found:
        yield str(path), _content(path)


def _content(path: Path) -> bytes | Trouble:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except (OSError, ValueError) as error:
        return _unreadable(path, error)


def _unreadable(path: Path, error: OSError | ValueError) -> Trouble:
    why = getattr(error, "strerror", None) or str(error)
    remedy = "look at the path, and at who may read it"
    if isinstance(error, FileNotFoundError) and " " in path.name:
        remedy = "look at the path; the words of a mail go after --text"
    return Trouble(TroubleKind.CONFIG, str(path), f"cannot be read: {why}", remedy)


# ---------------------------------------------------------------- the ledger


def _from_ledger(number: int, paper: _Paper) -> int:
    from responder.cli import records

    office = files.office()
    with files.open_state(office.config) as store:
        told, policy = records.story_of(store, office, number)
    paper.tell(told, policy)
    paper.end()
    return DONE
