"""How good the veto is on real mail, both ways, as one table:  make corpora

A machine's mail is tried three times: as it came with its own recipients taken for ours, with nothing known of what is
ours, and without all that RFC 3834 goes by. It counts as answered where one of the first two finds no veto; limits,
working time and the policy's plays, which would hold back still more, are left out of it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from responder.mail import automatic
from responder.mail.automatic import Sign, Veto
from responder.mail.message import Message, parse
from responder.mail.ours import Ours
from tests.corpora.sets import (
    OF_THE_STANDARD,
    OFFICE,
    OWN_SERVER,
    Kind,
    Mail,
    MailSet,
    all_sets,
    as_written_to_us,
    kept_apart,
    without_the_standard,
)

# These say that there is nobody to answer, not that a machine wrote: alone they would be luck.
NO_TRUST: Final = frozenset(
    {Sign.UNREADABLE, Sign.NO_CLEAR_SENDER, Sign.AUTHENTICATION_FAILED, Sign.UNTRUSTED_SENDER, Sign.NOT_ADDRESSED,
     Sign.OWN_ADDRESS, Sign.COLLEAGUE}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one mail. `veto` is None where it would be answered; `bare`: without what RFC 3834 goes by."""

    mail: str
    veto: Veto | None
    bare: Veto | None
    shown: str  # From and Subject, to find it by

    @property
    def by_no_trust(self) -> bool:
        return self.veto is not None and self.veto.signal in NO_TRUST


@dataclass(frozen=True, slots=True)
class Result:
    """One set, tried: without the mails that are kept apart, whose trials stand in `apart`."""

    of: MailSet
    trials: tuple[Trial, ...]
    apart: tuple[Trial, ...]

    @property
    def misses(self) -> tuple[Trial, ...]:
        """Machines that would be answered; people who would be refused."""
        wanted = self.of.kind is Kind.MACHINES
        return tuple(trial for trial in self.trials if (trial.veto is None) is wanted)


def measure(mails: MailSet) -> Result:
    """Try every mail of a set that lies here."""
    trials = [_machine(mail) if mails.kind is Kind.MACHINES else _person(mail, mails) for mail in mails.mails()]
    return Result(
        mails,
        tuple(trial for trial in trials if trial.mail not in kept_apart()),
        tuple(trial for trial in trials if trial.mail in kept_apart()),
    )


def _machine(mail: Mail) -> Trial:
    message = parse(mail.raw)
    theirs = frozenset(address.key for address in (*message.to, *message.cc))
    delivered = frozenset(
        value.strip("<> ").casefold() for name in ("delivered-to", "x-original-to") for value in message.values(name)
    )
    known = automatic.veto(message, Ours(addresses=theirs | delivered))
    unknown = automatic.veto(message, Ours())
    bare = automatic.veto(parse(without_the_standard(mail.raw)), Ours())
    return Trial(mail.name, unknown if known is not None else None, bare, _shown(message))


def _person(mail: Mail, mails: MailSet) -> Trial:
    message = parse(mail.raw if mails.written_here else as_written_to_us(mail.raw))
    found = automatic.veto(message, Ours(addresses=frozenset({OFFICE}), authserv_ids=frozenset({OWN_SERVER})))
    return Trial(mail.name, found, found, _shown(message))


def _shown(message: Message) -> str:
    return f"{', '.join(address.address for address in message.from_) or '-'} | {message.subject[:60]}"


# ---------------------------------------------------------------------------------------------------------------------
# The table


def table(results: Iterable[Result]) -> Iterator[str]:
    """Both figures, set by set, then every miss and every mail that is kept apart, with the reason."""
    done = list(results)
    for kind, title, missed in (
        (Kind.MACHINES, "Machines: none may be answered", "answered"),
        (Kind.PEOPLE, "People: at most 1 % may be refused", "refused"),
    ):
        of_kind = [result for result in done if result.of.kind is kind]
        third, fourth = ("by no trust", "bare") if kind is Kind.MACHINES else ("", "")
        yield f"{title:<36}{'tried':>8}{missed:>10}{'share':>9}{third:>14}{fourth:>8}{'apart':>8}"
        for result in of_kind:
            yield _row(result.of.name, kind, result.trials, result.misses, len(result.apart))
        yield _row(
            "all of them",
            kind,
            [trial for result in of_kind for trial in result.trials],
            [miss for result in of_kind for miss in result.misses],
            sum(len(result.apart) for result in of_kind),
        )
        yield ""
    yield "by no trust: no sign of a machine was seen, only that nobody there can be trusted or that it is not for us"
    yield f"bare: would be answered if {', '.join(OF_THE_STANDARD)} had been lost"
    yield "apart: in kept_apart.txt, each with its reason, and not counted"
    for result in done:
        yield from _list(f"{result.of.name}: missed", [(miss, _why(miss.veto)) for miss in result.misses])
        if result.of.kind is Kind.MACHINES:
            distrusted = [trial for trial in result.trials if trial.by_no_trust]
            yield from _list(f"{result.of.name}: by no trust alone", [(each, _why(each.veto)) for each in distrusted])
            bare = [trial for trial in result.trials if trial.bare is None]
            yield from _list(f"{result.of.name}: bare", [(each, each.shown) for each in bare])
        yield from _list(f"{result.of.name}: apart", [(each, kept_apart()[each.mail]) for each in result.apart])


def _row(name: str, kind: Kind, trials: Iterable[Trial], misses: Iterable[Trial], apart: int) -> str:
    tried, missed = list(trials), len(list(misses))
    share = f"{100 * missed / len(tried):.2f} %" if tried else "-"
    distrusted = bare = ""
    if kind is Kind.MACHINES:
        distrusted = str(sum(trial.by_no_trust for trial in tried))
        bare = str(sum(trial.bare is None for trial in tried))
    return f"  {name:<34}{len(tried):>8}{missed:>10}{share:>9}{distrusted:>14}{bare:>8}{apart:>8}"


def _why(veto: Veto | None) -> str:
    return f"{veto.signal}: {veto.detail}" if veto is not None else "no veto"


def _list(title: str, lines: list[tuple[Trial, str]]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"{title} ({len(lines)})"
    for trial, why in lines:
        yield f"  {trial.mail}: {why}" + ("" if trial.shown in why else f"  [{trial.shown}]")


def main() -> int:
    sets = all_sets()
    for absent in (each for each in sets if not each.is_there):
        print(f"{absent.name}: not here, skipped", file=sys.stderr)
    for line in table(measure(each) for each in sets if each.is_there):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
