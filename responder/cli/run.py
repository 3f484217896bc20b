"""`responder run`: the daemon in the foreground, as systemd runs it."""

from __future__ import annotations

import click

from responder.cli import files, journal
from responder.cli.app import DONE, Verb


@click.command(cls=Verb)
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
def command(*, verbose: bool) -> int:
    """Run the daemon, in the foreground.

    Watches every mailbox until it is told to stop (Ctrl-C or SIGTERM); SIGHUP reads the config and the policies again.
    Logs to stderr. Exit code 2 means that the config cannot be used, 75 that another daemon works on the same state, or
    that a policy with `watch: yes` cannot be opened: its share is away.

    \b
    Example:
      responder run --config /etc/responder/config.yaml
    """
    path = files.config_path()
    files.require_file(path)
    journal.start(verbose=verbose)
    from responder.daemon.root import Daemon  # takes its time

    Daemon(path).run()
    return DONE
