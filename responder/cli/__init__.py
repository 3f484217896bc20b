"""The commands. Each has a module of its own, imported when it is called: `responder --help` needs none of them.

`app.py` knows how they are found and how errors become one line and an exit code; `files.py` finds the config and the
policies; `show.py` prints. What a command does is done below this package: here it is only asked for and told.
"""

from __future__ import annotations

from responder.cli.app import App


def main() -> None:
    """The command line, from `sys.argv` to the exit code."""
    cli()


cli = App()
