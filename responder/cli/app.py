"""The command line itself: how commands are found, and how every error becomes one line and an exit code.

Knows no command's business and imports none of it: the table below is all that `--help` needs.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from responder.errors import Trouble, TroubleKind

COMPLETES = "_RESPONDER_COMPLETE"  # set by click's scripts for the shells; whoever types is not to be disturbed
DONE, PROBLEMS, WRONG_USE, LATER, STOPPED = 0, 1, 2, 75, 130  # 75 is EX_TEMPFAIL of sysexits.h

EXIT_CODES: Mapping[TroubleKind, int] = {
    TroubleKind.NETWORK: LATER,
    TroubleKind.BUSY: LATER,
    TroubleKind.CONFIG: WRONG_USE,
}

COMMANDS: Mapping[str, str] = {
    "init": "Write a commented config and policies to start from.",
    "check": "Show every problem in the config and the policies at once.",
    "login": "Let the program use a mailbox at Microsoft or Google (OAuth 2).",
    "run": "Run the daemon, in the foreground.",
    "once": "Make one pass over every mailbox, then exit.",
    "explain": "Tell what would be done with a mail, and why.",
    "replay": "Try a policy on mail that has come already.",
    "calendar": "Show a month or a year as the policy sees it.",
    "policy": "Edit a policy safely, or tell it to customers.",
    "suggest": "Propose words for the policy, from what staff judged otherwise.",
    "train": "Teach the judge from mails of your own.",
    "queue": "Show what is owed, and cancel it.",
    "ledger": "Show what came in and what was done with it.",
    "ack": "Say that somebody knows of an alarm, and end its reminders.",
    "pause": "Send customers nothing automatic for a while.",
    "resume": "End a pause.",
    "backup": "Copy the state into a file, while the daemon works.",
    "restore": "Put a backup in the place of the state.",
    "digest": "Preview the daily report, or send it now.",
    "status": "Tell whether all is well.",
    "demo": "Try the whole thing on this machine, with no account and no network.",
}

HELP = """Answers mail that comes out of office hours by the office's written rules, once and safely.

Start with `responder init DIR`, then `responder check` and `responder once --dry-run`.
Nothing is sent to customers until the config says `mode: live`.

The config is looked for at --config, $RESPONDER_CONFIG, ./config.yaml, /etc/responder/config.yaml.

Exit codes: 0 done, 1 problems found, 2 wrong use or unusable configuration, 75 try again later.
"""


@dataclass(slots=True)
class Chosen:
    """The options that hold for every command; may stand before or after its name."""

    config: Path | None = None
    debug: bool = False


def _take_config(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Chosen).config = value


def _take_debug(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        ctx.ensure_object(Chosen).debug = True


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value and not ctx.resilient_parsing:  # a shell that completes the line asks for no version
        click.echo(f"responder {installed_version()}")
        ctx.exit(DONE)


def installed_version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # takes its time

    try:
        return version("responder")
    except PackageNotFoundError:
        return "(not installed)"


def common_options() -> list[click.Parameter]:
    """`--config` and `--debug`, made anew for each command."""
    return [
        click.Option(
            ["-c", "--config"],
            type=click.Path(path_type=Path),
            expose_value=False,
            callback=_take_config,
            metavar="FILE",
            help="The config file.",
        ),
        click.Option(
            ["--debug"], is_flag=True, expose_value=False, callback=_take_debug, help="Show the traceback of a failure."
        ),
    ]


class Verb(click.Command):
    """A command of ours: it takes the common options after its name too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += common_options()


class Family(click.Group):
    """A command with commands below it."""

    command_class = Verb

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += common_options()


class App(click.Group):
    """`responder` itself."""

    def __init__(self) -> None:
        show_version = click.Option(
            ["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_print_version,
            help="Print the version.",
        )  # fmt: skip
        super().__init__(
            "responder",
            params=[*common_options(), show_version],
            help="\n\n".join(f"\b\n{part}" for part in HELP.split("\n\n")),
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"responder.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table, so that no command has to be imported."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """From the table too."""
        commands = [CompletionItem(name, help=says) for name, says in COMMANDS.items() if name.startswith(incomplete)]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise click.UsageError(f"there is no command `{args[0]}`{hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """`responder ledger | head`: whoever reads may have enough, that is no failure."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _close_quietly()
            return DONE
        return code

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Run a command and exit with its code; whatever goes wrong is told in one line."""
        chosen = Chosen()
        extra |= {"standalone_mode": False, "prog_name": "responder", "obj": chosen}
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            extra["color"] = False
        _never_fail_to_print()
        from responder.cli.screen import guarded  # a shell that completes a line loads nothing but this module

        with guarded():
            try:
                code = super().main(args, **extra)
            except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the boundary: the user reads one line
                code = PROBLEMS if COMPLETES in os.environ else tell(error, debug=chosen.debug)
        sys.exit(code if isinstance(code, int) else DONE)


def tell(error: BaseException, *, debug: bool) -> int:
    """What went wrong, in one line for each problem on stderr; the exit code."""
    if debug:
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    problems = getattr(error, "problems", None)  # `Unusable`; its module is not imported here
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        click.echo("stopped", err=True)
        return STOPPED
    if isinstance(error, Trouble):
        click.echo(str(error), err=True)
        return EXIT_CODES.get(error.kind, PROBLEMS)
    if isinstance(error, PermissionError):  # the service's state is closed to everybody but root
        click.echo(f"{error.filename}: closed to this user — run the command with `sudo`", err=True)
        return WRONG_USE
    if problems is not None:
        for problem in problems:
            click.echo(str(problem), err=True)
        return LATER if getattr(error, "may_pass", False) else WRONG_USE
    text = " ".join(f"{type(error).__name__}: {error}".split())
    click.echo(f"unexpected failure ({text}) — run again with --debug and report it", err=True)
    return PROBLEMS


def _never_fail_to_print() -> None:
    """A letter that the terminal's encoding lacks becomes a question mark, not a failure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _close_quietly() -> None:
    """Nobody reads on: what is still in the buffer must not fail at exit."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
