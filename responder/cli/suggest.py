"""`responder suggest`: words and exceptions that the corrections of staff speak for. Reads; changes nothing."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from responder.cli import files, show
from responder.cli.app import DONE, Verb
from responder.cli.times import Since, localised, now

if TYPE_CHECKING:  # they take their time
    from responder.cli.suggest_place import Addition
    from responder.cli.suggest_words import Words
    from responder.document import Document
    from responder.policy.proposals import Proposal
    from responder.store.records import Remembered
    from responder.work.desk import Desk
    from responder.work.suggest import Suggested

SHOWN = 8  # mails for a proposal, and against it
PIPE_WIDTH = 100


@click.command(cls=Verb)
@click.option(
    "--since", metavar="TIME", type=Since(),
    help="What staff did since: 2026-11-01, or 30d, 2w.  [default: 90d]",
)  # fmt: skip
@click.option(
    "--account", metavar="NAME", shell_complete=files.complete_account, help="Only this account of the config."
)
@click.option("--json", "as_json", is_flag=True, help="One object per account and line (docs/json.md).")
def command(since: datetime | None, account: str | None, *, as_json: bool) -> int:
    """Propose words for the policy, from what staff judged otherwise.

    Where staff flag a mail that the rules held for ordinary, clear a flag of the rules, or move a mail to a folder for
    urgent ones, that is on record. Proposed is what several such mails of several people have in common and others
    hardly have: with the mails for and against, and how many would be treated differently. Nothing is changed.

    \b
    Examples:
      responder suggest
      responder suggest --since 30d --account info
    """
    from responder.cli.digest import chosen_desks
    from responder.daemon.parts import desks  # takes its time
    from responder.work.suggest import LOOK_BACK, suggested

    loaded = files.load_config(files.config_path())
    if loaded.config is None:
        return DONE
    with files.open_state(loaded.config) as store:
        for number, desk in enumerate(chosen_desks(desks(loaded, store, now()), account).values()):
            zone = desk.policy.calendar().zone
            begin = now() - LOOK_BACK if since is None else localised(since, zone)
            told = _Told(desk, suggested(desk, store, begin), keeps_words=loaded.config.keep_text > timedelta())
            if as_json:
                show.one_json(told.fields())
            else:
                click.echo("\n" * bool(number) + "\n".join(told.lines()))
    return DONE


class _Told:
    """The suggestions for one account, for a person and for a program."""

    def __init__(self, desk: Desk, found: Suggested, *, keeps_words: bool) -> None:
        from responder.cli.suggest_words import WORDS
        from responder.document import parse

        self._desk = desk
        self._found = found
        self._keeps_words = keeps_words
        self._words: Words = WORDS[desk.policy.language]
        self._zone: tzinfo = desk.policy.calendar().zone
        self._file = _from_here(desk.settings.policy)
        self._document: Document = parse(desk.policy_text, self._file)
        self._width = shutil.get_terminal_size((PIPE_WIDTH, 24)).columns if show.on_screen() else PIPE_WIDTH

    # --- for a person ------------------------------------------------------------------------------------------

    def lines(self) -> Iterator[str]:
        from responder.policy import phrases

        words, found = self._words, self._found
        since = phrases.day(found.since.astimezone(self._zone).date(), self._desk.policy.language)
        yield click.style(words.title.format(account=self._desk.name, since=since), bold=True)
        if not found.corrections:
            yield from self._folded(words.nothing)
            return
        for what, said in words.counted.items():
            if number := found.count(what):
                yield from self._folded(said.format(n=number), "- ")
        if not self._keeps_words:
            yield from self._folded(words.not_kept)
            return
        if found.without_words:
            yield from self._folded(words.without_words.format(n=found.without_words))
        if found.settled:
            yield from self._folded(words.settled.format(n=len(found.settled)))
        if not found.proposals:
            yield ""
            yield from self._folded(words.no_pattern.format(n=found.unsettled) if found.unsettled else words.no_need)
            return
        yield from self._folded(words.tried.format(total=len(found.mails)))
        for number, proposal in enumerate(found.proposals, 1):
            yield ""
            yield from self._proposal(number, proposal)
        yield ""
        yield from self._folded(words.unchanged)
        yield words.take.format(account=self._desk.name)
        yield words.look.format(number=found.proposals[0].speak_for[0])

    def _proposal(self, number: int, proposal: Proposal) -> Iterator[str]:
        words = self._words
        head = words.proposed[proposal.kind].format(phrase=proposal.phrase, signal=proposal.signal)
        yield from (click.style(line, bold=True) for line in self._folded(head, f"{number}. "))
        speak = words.speak.format(
            speak_for=len(proposal.speak_for), against=len(proposal.against), different=len(proposal.different)
        )
        yield from self._folded(speak, "   ")
        added = self._added(proposal)
        where = f"{words.place} {words.spots[added.spot]}".format(
            file=self._file, line=added.line, kind=proposal.kind, signal=proposal.signal, there=added.there
        )
        yield from self._folded(where, "   ")
        yield f"     {click.style(added.text, fg='green')}"
        for label, numbers in ((words.speak_for, proposal.speak_for), (words.against, proposal.against)):
            yield from self._mails(label, numbers)

    def _added(self, proposal: Proposal) -> Addition:
        from responder.cli.suggest_place import addition

        return addition(self._document, proposal.signal, proposal.kind, proposal.phrase)

    def _mails(self, label: str, numbers: Sequence[int]) -> Iterator[str]:
        width = max(len(self._words.speak_for), len(self._words.against))
        for number in numbers[:SHOWN]:
            yield self._mail(f"   {label:{width}}  ", self._found.mails[number])
            label = ""
        if len(numbers) > SHOWN:
            yield f"   {'':{width}}  {self._words.more.format(n=len(numbers) - SHOWN)}"

    def _mail(self, first: str, mail: Remembered) -> str:
        """Its number, when it came, and as much of the subject as fits the line."""
        from responder.policy.wording import clean

        came = mail.arrived_at.astimezone(self._zone).strftime(self._words.stamp)
        told = f"{first}#{mail.id}  {came}  "
        subject, room = clean(mail.subject) or self._words.no_subject, self._width - len(told)
        return told + (subject if len(subject) <= room else f"{subject[: max(room - 1, 0)]}…")

    def _folded(self, text: str, first: str = "") -> list[str]:
        return textwrap.wrap(
            text, self._width, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False
        )

    # --- for a program -----------------------------------------------------------------------------------------

    def fields(self) -> dict[str, Any]:
        from responder.store.records import Observed

        found = self._found
        return {
            "account": self._desk.name,
            "since": show.iso(found.since, self._zone),
            "corrections": {what.value: found.count(what) for what in Observed},
            "without_words": found.without_words,
            "settled": len(found.settled),
            "tried": len(found.mails),
            "proposals": [self._fields_of(each) for each in found.proposals],
        }

    def _fields_of(self, proposal: Proposal) -> dict[str, Any]:
        return {
            "list": proposal.kind.value,
            "signal": proposal.signal,
            "phrase": proposal.phrase,
            "file": self._file,
            "line": self._added(proposal).line,
            "for": self._mail_fields(proposal.speak_for),
            "against": self._mail_fields(proposal.against),
            "different": list(proposal.different),
        }

    def _mail_fields(self, numbers: Iterable[int]) -> list[dict[str, Any]]:
        mails = (self._found.mails[number] for number in numbers)
        return [
            {"id": m.id, "received": show.iso(m.arrived_at, self._zone), "from": m.sender, "subject": m.subject}
            for m in mails
        ]


def _from_here(path: Path) -> str:
    """As somebody who works in this folder names it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
