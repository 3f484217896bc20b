"""`responder init`: a config and policies to start from, as shipped. Never overwrites."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from responder.cli import files, show
from responder.cli.app import DONE, PROBLEMS, Verb
from responder.errors import Trouble, TroubleKind

WRITTEN = {
    "config.yaml": "config.example.yaml",
    "policies/vi-office.yaml": "policies/vi-office.yaml",
    "policies/en-office.yaml": "policies/en-office.yaml",
    "policies/policy.schema.json": "policies/policy.schema.json",
    "policies/policy.schema.vi.json": "policies/policy.schema.vi.json",
}

NEXT = """
What to do next:
  1. {config}: write down the mailbox, its servers, and who is the manager.
  2. {policy}: look at the office hours, the days off, the texts; write the office's own urgent_phone.
  3. responder check {arg}              every mistake at once
     responder check --connect {arg}    does the login work?
  4. responder once --dry-run --last 20 -c {arg}    what would be done with the last 20 mails
  5. responder run -c {arg}             the daemon; it only observes, until the config says `mode: live`
"""


@click.command(cls=Verb)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Write a commented config and policies to start from.

    Writes config.yaml (in observe mode: nothing goes to customers) and the policies vi-office.yaml and en-office.yaml
    below DIR, which is made if it is not there; beside them, for editors, what a policy may say. Overwrites nothing.

    \b
    Example:
      responder init /etc/responder
    """
    there = [path for name in WRITTEN if (path := folder / name).exists()]
    if there:
        for path in there:
            show.note(f"{path}: is there already; nothing was written — name another folder, or move it away")
        return PROBLEMS
    for name, source in WRITTEN.items():
        _write(folder / name, files.shipped(source).read_text(encoding="utf-8"))
    config = folder / "config.yaml"
    click.echo(NEXT.format(config=config, policy=folder / "policies/vi-office.yaml", arg=shlex.quote(str(config))))
    return DONE


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        remedy = "name a folder that you may write to"
        raise Trouble(TroubleKind.CONFIG, str(path), f"cannot be written: {error.strerror}", remedy) from error
    click.echo(f"wrote {path}")
