"""`responder demo`: the whole thing on this machine. What happens in it is `responder/demo/`."""

from __future__ import annotations

from pathlib import Path

import click

from responder.cli.app import Verb


@click.command(cls=Verb)
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), default=Path("demo-out"), show_default=True,
    help="Where the results are written.",
)  # fmt: skip
def command(out: Path) -> int:
    """Try the whole thing on this machine, with no account and no network.

    Starts a mail server of its own, lets customers write on a few sample days, and shows what they and the manager get.

    \b
    Example:
      responder demo --out /tmp/demo
    """
    from responder.demo import run  # takes its time

    return run(out)
