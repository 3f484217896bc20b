"""`responder train`: mails that the office itself has labelled, learnt together with the project's.

Reads files and writes one: the new weights. Every mistake in the files is told at once, and then nothing is written.
How it is learnt is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from responder import in_place, learned
from responder.cli import files, show
from responder.cli.app import DONE, PROBLEMS, Verb
from responder.errors import Trouble, TroubleKind
from responder.words.judge import SITUATIONS, Label

if TYPE_CHECKING:  # wants numpy
    from responder.learning import Taught

URGENCIES = ("normal", Label.URGENT.value, Label.EMERGENCY.value)
FEWEST = 10  # of fewer nothing can be left out and measured
KNOWN = {"id", "lang", "from", "subject", "body", "urgency", "situations", "note"}

Mail = Mapping[str, object]
Labels = Sequence[frozenset[Label]]


class _Wrong(Exception):  # noqa: N818 - a line that the user is told of
    """What is wrong with a line, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} — {remedy}")


@click.command(cls=Verb)
@click.argument("paths", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Where to; else learned.tsv.gz beside the state."
)
def command(*, paths: tuple[Path, ...], out: Path | None) -> int:
    """Teach the judge from mails of your own.

    FILE is JSON Lines, a mail each, with subject, body, urgency (normal, urgent or emergency) and situations; a line
    to copy stands in docs/learned.md. They are learnt together with the project's mails, which takes some minutes. It
    tells how well your mails were judged before and with them, each by what was learnt without it. Nothing leaves
    this machine. It wants `pip install 'responder[train]'`.

    \b
    Examples:
      responder train our-mails.jsonl
      responder train 2025.jsonl 2026.jsonl --out learned.tsv.gz
    """
    _require_extra()
    target = out if out is not None else _beside_the_state()
    _require_folder(target)
    mails, wrong = _read_all(paths)
    if wrong:
        for line in wrong:
            click.echo(line, err=True)
        return PROBLEMS
    if len(mails) < FEWEST:
        what = f"{show.count(len(mails), 'mail')} of your own, too few to measure what they change"
        raise Trouble(TroubleKind.CONFIG, "train", what, f"label {FEWEST} at least; a hundred make a difference")
    show.note(f"learning from {show.count(len(mails), 'mail')} of yours and the project's; that takes some minutes")
    taught, truth = _learn(mails)
    for line in _told(truth, taught):
        click.echo(line)
    _write(target, learned.written(taught.weights))
    click.echo(f"{target}: written. To put it in force, write `learned: {target.absolute()}` into the config,")
    click.echo("see that the daemon may read it, and call `systemctl reload responder`")
    return DONE


# ---------------------------------------------------------------- before it begins


def _require_extra() -> None:
    try:
        import responder.learning  # noqa: F401 - is all there that it needs?
    except ImportError as error:
        what = f"this command needs libraries that are not installed ({error.name})"
        raise Trouble(TroubleKind.CONFIG, "train", what, "pip install 'responder[train]'") from error


def _beside_the_state() -> Path:
    path = files.find_config()
    if path is None:
        raise Trouble(
            TroubleKind.CONFIG, "train", "there is no config to tell where to write", "name a file: --out FILE"
        )
    return files.office().config.state.with_name(learned.FILE)


def _require_folder(target: Path) -> None:
    if not target.parent.is_dir():
        raise Trouble(
            TroubleKind.CONFIG, str(target.parent), "there is no such folder", "make it first, or name another"
        )
    if target.is_dir():
        raise Trouble(TroubleKind.CONFIG, str(target), "is a folder", "name a file: --out FILE")


# ---------------------------------------------------------------- the office's mails


def _read_all(paths: Sequence[Path]) -> tuple[list[Mail], list[str]]:
    """The mails of all files, and a line for whatever is wrong with them."""
    mails: list[Mail] = []
    wrong: list[str] = []
    seen: dict[tuple[object, object], str] = {}
    for path in paths:
        files.require_file(path)
        for place, line in _lines(path):
            try:
                mail = _mail(line, place)
            except _Wrong as told:
                wrong.append(f"{place}: {told}")
                continue
            first = seen.setdefault((mail["subject"], mail["body"]), place)
            if first != place:  # left out here and learnt from there, it would seem to be known
                wrong.append(f"{place}: this mail stands in {first} already — take one of them out")
            mails.append(mail)
    return mails, wrong


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Those that are not empty, with their places."""
    for number, line in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.strip():
            yield f"{path}:{number}", line


def _mail(line: bytes, place: str) -> Mail:
    try:
        mail = json.loads(line)
    except (ValueError, RecursionError):  # of the encoding too
        raise _Wrong("is no JSON in UTF-8", 'write a mail as one line: {"subject": "…", "body": "…", …}') from None
    if not isinstance(mail, dict):
        raise _Wrong("is no JSON object", 'write a mail as one line: {"subject": "…", "body": "…", …}')
    unknown = sorted(set(mail) - KNOWN)
    if unknown:
        raise _Wrong(f"unknown key `{unknown[0]}`", f"the keys are {', '.join(sorted(KNOWN))}")
    for key in ("subject", "body", "urgency"):
        if not isinstance(mail.get(key), str):
            raise _Wrong(f"`{key}` is missing or no text", f'add `"{key}": "…"`')
    if mail["urgency"] not in URGENCIES:
        raise _Wrong(f"`{mail['urgency']}` is no urgency", f"write {', '.join(URGENCIES[:-1])} or {URGENCIES[-1]}")
    situations = _situations(mail.get("situations", []))
    if Label.THANKS_ONLY in situations and (len(situations) > 1 or mail["urgency"] != "normal"):
        raise _Wrong("`thanks_only` stands beside something else", "who also wants something does not only thank")
    return {"id": place, "note": "", **mail, "situations": situations}


def _situations(given: object) -> list[str]:
    known = ", ".join(SITUATIONS)
    if not isinstance(given, list):
        raise _Wrong("`situations` is no list", f"write `[]`, or some of {known}")
    for each in given:
        if each not in list(SITUATIONS):
            raise _Wrong(f"`{each}` is no situation", f"write some of {known}")
    return given


def _learn(mails: Sequence[Mail]) -> tuple[Taught, Labels]:
    from responder.learning import Collection, labelled, shipped, teach

    own = Collection("own", tuple(labelled(mail) for mail in mails))
    return teach(shipped(), own), [mail.labels for mail in own.mails]


# ---------------------------------------------------------------- what it comes to


def _told(truth: Labels, taught: Taught) -> Iterator[str]:
    """The office's mails, each judged by what was learnt without it: before they were learnt from, and with them."""
    width = max(map(len, _QUESTIONS))
    yield f"{show.count(len(truth), 'mail')} of yours, each judged by what was learnt without it"
    yield f"{'':{width}}  {'before':>12}  {'with yours':>12}"
    for name, (is_asked, is_so) in _QUESTIONS.items():
        asked = [at for at, was in enumerate(truth) if is_asked(was)]
        cells = (
            f"{sum(is_so(truth[at], given[at]) for at in asked)} of {len(asked)}"
            for given in (taught.before, taught.after)
        )
        if asked:
            yield f"{name:{width}}  " + "  ".join(f"{cell:>12}" for cell in cells)


def _is(label: Label) -> Callable[[frozenset[Label]], bool]:
    return lambda was: label in was


def _is_normal(was: frozenset[Label]) -> bool:
    return Label.URGENT not in was


def _given(label: Label) -> Callable[[frozenset[Label], frozenset[Label]], bool]:
    return lambda _was, got: label in got


def _same_situations(was: frozenset[Label], got: frozenset[Label]) -> bool:
    return was & set(SITUATIONS) == got & set(SITUATIONS)


# Of which mails it is asked, by their true labels, and when it is so, by the true ones and those given.
_QUESTIONS = {
    "urgent or emergency, and found": (_is(Label.URGENT), _given(Label.URGENT)),
    "emergency, and found": (_is(Label.EMERGENCY), _given(Label.EMERGENCY)),
    "normal, but taken for urgent": (_is_normal, _given(Label.URGENT)),
    "normal, but taken for an emergency": (_is_normal, _given(Label.EMERGENCY)),
    "situations all right": (lambda _was: True, _same_situations),
}


def _write(target: Path, content: bytes) -> None:
    new = target.with_name(f".{target.name}.new")
    try:
        new.write_bytes(content)
        in_place.put(new, target)
    except PermissionError:
        raise
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise Trouble(TroubleKind.STATE, str(target), what, "make room, or name another place: --out FILE") from error
    finally:
        new.unlink(missing_ok=True)
