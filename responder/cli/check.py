"""`responder check`: every problem in a config and its policies at once; with `--connect`, do the servers let us in?

Reads files and, if asked, has `connect.py` log in to the servers and `ring.py` call somebody; changes nothing.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

import click

from responder.cli import excerpt, files, show
from responder.cli.app import DONE, PROBLEMS, Verb
from responder.cli.masked import masked, without_addresses
from responder.cli.times import now
from responder.document import Problem, errors, in_order, parse
from responder.errors import Trouble
from responder.mail.addresses import Address

if TYPE_CHECKING:  # it takes its time
    from responder.config import Config, LoadedConfig
    from responder.policy.load import Loaded
    from responder.policy.model import Policy

UNSEEN_WIDTH = 80  # columns, where nobody looks at a screen
LATELY = timedelta(days=30)
MAILS = 500  # of these days, the newest; a second of work
OF_A_POLICY = {"plays", "hours", "signals", "texts", "holidays"}
OF_A_CONFIG = {"accounts", "people", "state", "mode"}


@click.command(cls=Verb)
@click.argument("file", metavar="[CONFIG]", required=False, type=click.Path(path_type=Path))
@click.option("--connect", is_flag=True, help="Also log in to IMAP and SMTP, and say what each offers.")
@click.option("--ring", metavar="ROLE", help="Also ring for that person once, as a trial of their alarm.")
@click.option("--brief", is_flag=True, help="One line for each problem, without the lines of the file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each problem.")
def command(file: Path | None, *, connect: bool, ring: str | None, brief: bool, as_json: bool) -> int:
    """Show every problem in the config and the policies at once.

    For each one line, file:line:col: what — remedy, and below it the line of the file with carets under the place. A
    policy may be given instead of a config: it is then checked by itself. Warnings are about what can be used, but is
    surely not meant; they do no harm. Of a config, nothing is shown that could be a password. The exit code is 0 if
    there is no error, else 1.

    With --connect it also logs in to IMAP and SMTP, and looks for what is usually wrong with a new set-up: TLS and
    ports, passwords, folders, marks, the sender's address, the clock, the addresses of the mail that comes.

    \b
    Examples:
      responder check
      responder check /etc/responder/config.yaml --connect
      responder check --ring on_call
      responder check policies/vi-office.yaml
    """
    from responder import config as configuration  # takes its time

    path = file if file is not None else files.config_path()
    files.require_file(path)
    if as_json and (brief or connect or ring):
        raise click.UsageError("--json tells what is written in the files, and goes with none of the other options")
    form = Form.JSON if as_json else Form.BRIEF if brief else Form.FULL
    if _is_policy(path):
        if connect or ring:
            raise click.UsageError("--connect and --ring need a config: a policy names no server and no person")
        alone = configuration.load_one_policy(path, now().date(), files.calendars())
        failed = files.failing(alone, None)
        return summary(path, in_order([*alone.problems, *failed]), form, tried=_tried([alone], failed))
    loaded = configuration.load(path, now().date(), files.asked_web())
    found = [*loaded.problems, *_not_installed(loaded.config, path), *_unlearned(loaded.config, path)]
    policies = {each.file: each for each in loaded.read.values()}.values()  # one may serve several accounts
    failing = [problem for each in policies for problem in files.failing(each, loaded.config)]
    found += failing
    found += _doubts(loaded, path)
    code = summary(path, in_order(found), form, _config_to_show(path), tried=_tried(policies, failing))
    if loaded.config is None:
        return code
    if connect:
        from responder.cli.connect import connect as log_in  # takes its time

        code = max(code, log_in(loaded.config, loaded.policies))
    if ring is not None:
        from responder.cli.ring import ring as ring_for

        code = max(code, ring_for(loaded.config, ring))
    return code


def _tried(policies: Iterable[Loaded], failing: Sequence[Problem]) -> Iterator[str]:
    """How the examples of each policy came out."""
    from responder.policy.examples import tried

    for each in policies:
        number = tried(each.policy) if each.policy is not None else 0
        failed = sum(problem.file == each.file for problem in failing)
        if number:
            how = f"{failed} of them not as they should be" if failed else "all as they should be"
            yield f"{each.file}: {_count(number, 'example')}, {how}"


def _not_installed(config: Config | None, path: Path) -> Iterator[Problem]:
    """What the config asks for and nobody has installed; the daemon does without."""
    if config is None or config.metrics is None:
        return
    from responder.servers import metrics  # takes its time

    if not metrics.is_installed():
        document = parse(path.read_text(encoding="utf-8"), str(path))
        yield document.warning(document.place(("metrics",)), *metrics.MISSING)


def _unlearned(config: Config | None, path: Path) -> Iterator[Problem]:
    """The office's own weights, where they cannot be used; the daemon goes on with those that came with it."""
    from responder import learned

    if config is None or config.learned is None:
        return
    try:
        learned.judge_of(config.learned)
    except Trouble as trouble:
        document = parse(path.read_text(encoding="utf-8"), str(path))
        yield document.warning(document.place(("learned",)), f"{trouble.where}: {trouble.what}", trouble.remedy)


def _doubts(loaded: LoadedConfig, path: Path) -> Iterator[Problem]:
    """What is doubtful in the policies for who knows the office: its addresses, and the mail that it gets."""
    from responder.policy.doubts import not_ours

    config = loaded.config
    if config is None:
        return
    for policy in _policies(config):
        document = parse(policy.read_text(encoding="utf-8"), _as_named(policy, path))
        yield from not_ours(
            document, {Address("", each).key for user in config.accounts.values() for each in user.addresses()}
        )
    try:
        if config.state.exists():
            yield from _too_common(config, loaded.policies, path)
    except (Trouble, PermissionError) as error:
        why = f"{config.state} is closed to this user" if isinstance(error, PermissionError) else error
        show.note(f"the words were not held against the mails that came: {why}")


def _too_common(config: Config, policies: Mapping[str, Policy], path: Path) -> Iterator[Problem]:
    """Words that tell no mail from another, by the mails whose words are kept."""
    from responder.policy.doubts import too_common
    from responder.store.store import Store

    with closing(Store.as_it_is(config.state)) as store:
        for policy, accounts in _policies(config).items():
            document = parse(policy.read_text(encoding="utf-8"), _as_named(policy, path))
            mails = store.own_words(accounts, now() - LATELY, MAILS)
            yield from too_common(document, policies[accounts[0]], mails)


def _policies(config: Config) -> Mapping[Path, list[str]]:
    """The accounts that use each file."""
    users: dict[Path, list[str]] = {}
    for name, account in config.accounts.items():
        users.setdefault(account.policy, []).append(name)
    return users


def _as_named(policy: Path, config: Path) -> str:
    """The policy's name as problems tell it: beginning where the config lies, as that was named."""
    folder = config.absolute().parent
    return str(config.parent / policy.relative_to(folder) if policy.is_relative_to(folder) else policy)


def _config_to_show(path: Path) -> Mapping[str, str]:
    """The config without its secrets; nothing if it cannot be read."""
    try:
        return {str(path): masked(path.read_text(encoding="utf-8"))}
    except (OSError, UnicodeDecodeError):
        return {}


def _is_policy(path: Path) -> bool:
    """Told by its keys; by what looks like them where the file cannot be read as YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    keys = set(parse(text, str(path)).table().entries) or set(re.findall(r"^([a-z_]+):", text, re.MULTILINE))
    return len(keys & OF_A_POLICY) > len(keys & OF_A_CONFIG)


class Form(Enum):
    """How problems are told."""

    FULL = auto()
    BRIEF = auto()  # one line each
    JSON = auto()


def summary(
    path: Path,
    problems: Iterable[Problem],
    form: Form = Form.FULL,
    texts: Mapping[str, str] | None = None,
    tried: Iterable[str] = (),
) -> int:
    """Every problem, with a count at the end; the exit code.

    `texts` are files that problems name and that are not what lies on the disk under that name; `tried` tells, before
    the count, how examples came out.
    """
    found = tuple(problems)
    if form is Form.JSON:
        for problem in found:
            show.one_json(excerpt.fields(problem))
    else:
        _tell(found, {} if form is Form.BRIEF else {**_read(found), **(texts or {})})
        for line in tried:
            click.echo(line)
        click.echo(f"{path}: {_counted(found)}")
    return PROBLEMS if errors(found) else DONE


def _tell(problems: Sequence[Problem], texts: Mapping[str, str]) -> None:
    on_screen = show.on_screen()
    width = shutil.get_terminal_size().columns if on_screen else UNSEEN_WIDTH
    for problem in problems:
        for line in excerpt.told(problem, texts, width, excerpt.coloured if on_screen else excerpt.plain):
            click.echo(line)


def _read(problems: Iterable[Problem]) -> dict[str, str]:
    """The files that the problems are in, as far as they can be read."""
    texts: dict[str, str] = {}
    for file in {problem.file for problem in problems if problem.line}:
        with suppress(OSError, UnicodeDecodeError):
            texts[file] = without_addresses(Path(file).read_text(encoding="utf-8"))
    return texts


def _counted(problems: Sequence[Problem]) -> str:
    wrong = len(errors(problems))
    warnings = len(problems) - wrong
    told = [_count(wrong, "problem")] if wrong or warnings else ["no problems"]
    return ", ".join([*told, *([_count(warnings, "warning")] if warnings else [])])


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
