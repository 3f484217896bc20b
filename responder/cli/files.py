"""Which files a command works with: the config, the policies, the shipped examples, the state.

Raises `Unusable` (every problem in a file) or `Trouble`; `app.py` tells them. Opens nothing for writing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from responder.cli import show
from responder.cli.app import Chosen
from responder.errors import Trouble, TroubleKind

if TYPE_CHECKING:  # they take their time: completion and `--help` do without all, `explain` without the store
    from responder.calendars import Calendars, Web
    from responder.config import Config, LoadedConfig
    from responder.document import Problem
    from responder.policy.load import Loaded
    from responder.policy.meaning import Judging
    from responder.policy.model import Policy
    from responder.store.store import Store

VARIABLE = "RESPONDER_CONFIG"
PLACES = (Path("config.yaml"), Path("/etc/responder/config.yaml"))
SHIPPED_POLICY = "vi-office.yaml"


def chosen() -> Chosen:
    """The common options of the command that runs."""
    return click.get_current_context().ensure_object(Chosen)


def named_config() -> Path | None:
    """The config that was named: by option, or in the environment."""
    if chosen().config is not None:
        return chosen().config
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def find_config() -> Path | None:
    """The config that was named, or the first that lies in the usual places."""
    return named_config() or next((path for path in PLACES if path.exists()), None)


def config_path() -> Path:
    """As `find_config`. Raises `Trouble` when there is none."""
    path = find_config()
    if path is None:
        looked = " and ".join(str(path) for path in PLACES)
        raise Trouble(
            TroubleKind.CONFIG,
            "config",
            f"there is none (looked for {looked})",
            "name it with `--config FILE`, or write one with `responder init DIR`",
        )
    return path


def load_config(path: Path) -> LoadedConfig:
    """Config and policies. Raises `Unusable` when anything in them is an error."""
    from responder import config as configuration
    from responder.document import Unusable, errors

    require_file(path)
    loaded = configuration.load(path, None, asked_web())
    if loaded.config is None:
        raise Unusable(errors(loaded.problems))
    return loaded


def load_policy(path: Path) -> Policy:
    """One policy file. Raises `Unusable`."""
    return load_policy_and_digest(path)[0]


def load_policy_and_digest(path: Path) -> tuple[Policy, str]:
    """… and what tells it from any other, the days of its calendars among it. Raises `Unusable`."""
    from responder import config as configuration
    from responder.document import Unusable, errors

    require_file(path)
    loaded = configuration.load_one_policy(path, None, calendars())
    if loaded.policy is None:
        raise Unusable(errors(loaded.problems))
    return loaded.policy, loaded.digest


def asked_web() -> Web:
    """For a calendar of which there is no copy that this user may read."""
    from responder.calendars import Web

    return Web(fetch=_fetched, keeps=False)


def _fetched(url: str, limit: int) -> bytes:
    from responder.servers import web  # takes its time, and hardly a policy names a calendar of the web

    return web.fetch(url, limit)


def calendars() -> Calendars:
    """Those of a policy by itself: with the copies of the daemon whose config is at hand."""
    from responder.calendars import Calendars, Copies

    path = find_config()
    config = _config_alone(path) if path is not None else None
    return Calendars(Copies.beside(config.state) if config is not None else None, asked_web())


def shipped_policy() -> Policy:
    """The policy that comes with the program, for trying out without any file."""
    with resources.as_file(shipped(f"policies/{SHIPPED_POLICY}")) as path:
        return load_policy(path)


def shipped(name: str) -> Traversable:
    """A file that comes with the program: `config.example.yaml`, `policies/vi-office.yaml`."""
    return resources.files("responder").joinpath("shipped", *name.split("/"))


def require_file(path: Path) -> None:
    """Raises `Trouble` unless there is a file: a folder, a device or a pipe will not do."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise Trouble(TroubleKind.CONFIG, str(path), f"cannot be read: {what}", "look at the path") from error
    if not stat.S_ISREG(mode):
        what = "is a folder" if stat.S_ISDIR(mode) else "is no regular file"
        raise Trouble(TroubleKind.CONFIG, str(path), what, "name a file")


@dataclass(frozen=True)
class Office:
    """The office as its config tells, for the commands that only look: a broken policy does not blind them."""

    config: Config
    policies: Mapping[str, Policy]
    problems: tuple[Problem, ...]
    digests: Mapping[str, str]  # of the policies, by account

    @cached_property
    def zone(self) -> tzinfo | None:
        """The zone to show times in: the first account's; the machine's own where no policy can be read."""
        return next((policy.calendar().zone for policy in self.policies.values()), None)

    def policy_of(self, account: str) -> Policy | None:
        return self.policies.get(account)


def office() -> Office:
    """Config, and the policies if they can be used. Raises `Unusable` when the config itself cannot."""
    from responder import config as configuration
    from responder.document import Unusable, errors

    path = config_path()
    require_file(path)
    loaded = configuration.load(path)
    if loaded.config is not None:
        return Office(loaded.config, loaded.policies, (), loaded.digests)
    problems = errors(loaded.problems)
    config = _config_alone(path)
    if config is None:
        raise Unusable(problems)
    return Office(config, {}, problems, {})


@dataclass(frozen=True)
class PolicyFile:
    """One policy file; `account` and `config` where the config has an account that uses it."""

    path: Path
    account: str | None = None
    config: Config | None = None

    @property
    def office_name(self) -> str:
        """As customers see it; "" if it is not known."""
        return self.config.accounts[self.account].name if self.config and self.account else ""


def policy_file(named: str | None) -> PolicyFile:
    """The policy of that account, or that file; unnamed, the only one of the config. Raises `Trouble`, `Unusable`."""
    if named is not None and find_config() is None:
        require_file(Path(named))
        return PolicyFile(Path(named))
    config = office().config
    if named is not None:
        account = config.accounts.get(named)
        return PolicyFile(account.policy, named, config) if account else _file_of(named, config)
    first, *others = config.accounts.items()
    if any(account.policy != first[1].policy for _, account in others):
        what = f"several accounts have one: {', '.join(config.accounts)}"
        raise Trouble(TroubleKind.CONFIG, "policy", what, f"name the account, for example `{first[0]}`")
    return PolicyFile(first[1].policy, first[0], config)


def _file_of(named: str, config: Config) -> PolicyFile:
    path = Path(named)
    if not path.exists():
        from responder.document import did_you_mean

        remedy = did_you_mean(named, config.accounts, f"the accounts are {', '.join(config.accounts)}")
        raise Trouble(TroubleKind.CONFIG, named, "there is no account and no file of that name", remedy)
    require_file(path)
    users = (name for name, account in config.accounts.items() if account.policy.resolve() == path.resolve())
    return PolicyFile(path, next(users, None), config)


def judge(policies: Iterable[Policy], own: Path | None) -> Judging | None:
    """What was learnt, by the office or before, if one of these policies wants it; what cannot be read is noted."""
    from responder import learned

    if not any(policy.learned for policy in policies):
        return None
    if own is not None:
        try:
            return learned.judge_of(own)
        except Trouble as trouble:
            show.note(str(trouble))
    try:
        return learned.judge()
    except Trouble as trouble:
        show.note(str(trouble))
        return None


def failing(loaded: Loaded, config: Config | None) -> tuple[Problem, ...]:
    """The examples of a policy that fail, with what this office has learnt."""
    from responder.policy import examples

    if loaded.policy is None or not loaded.policy.examples:
        return ()
    return examples.failing(loaded, judge([loaded.policy], config.learned if config is not None else None))


def _config_alone(path: Path) -> Config | None:
    from responder import config as configuration

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return configuration.read(text, str(path), path.absolute().parent)[0]


def complete_account(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """For the shell: the accounts of the config; none where it cannot be read, as this is no time to say so."""
    import yaml  # our own reader takes its time: it tells mistakes

    with ctx.scope(cleanup=False):
        path = find_config()
    try:
        config = yaml.safe_load(path.read_bytes()) if path is not None else {}
    except (OSError, ValueError, yaml.YAMLError):
        return []
    accounts = config.get("accounts") if isinstance(config, dict) else None
    names = map(str, accounts) if isinstance(accounts, dict) else ()
    return [name for name in names if name.startswith(incomplete)]


def require_state(config: Config) -> None:
    """Raises `Trouble` where nothing has been recorded yet."""
    if not config.state.exists():
        raise Trouble(
            TroubleKind.STATE,
            str(config.state),
            "nothing is on record yet",
            "start the daemon with `responder run`, or correct `state:` in the config",
        )


@contextmanager
def open_state(config: Config) -> Iterator[Store]:
    """The state, which must be there already. Raises `Trouble`."""
    from responder.store.store import Store

    require_state(config)
    store = Store.open(config.state)
    try:
        yield store
    finally:
        store.close()
