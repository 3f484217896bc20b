"""What the config names, built: desks for the accounts, and the ways to their servers, not yet connected.

For the daemon and for the commands that work on a mailbox without one. Must not know what is done with it, nor when.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from responder import config as configuration
from responder.calendars import Web
from responder.config import Config, LoadedConfig
from responder.document import Unusable, errors
from responder.policy.meaning import Judging
from responder.ports import Clock, Special
from responder.servers import web
from responder.servers.credentials import password_of, tokens
from responder.servers.imap import ImapMailbox, ReadOnlyMailbox
from responder.servers.smtp import SmtpSubmission
from responder.store.store import Store
from responder.work import pauses
from responder.work.desk import Desk, ours

Box = TypeVar("Box", bound=ImapMailbox)

WEB: Final = Web(fetch=web.fetch, keeps=True)  # for calendars; their copies are ours


class SystemClock:
    """Fits `ports.Clock`: the machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def load(path: Path, clock: Clock) -> LoadedConfig:
    """Config and policies; asks for calendars that were never had. Raises `Unusable` when anything is an error."""
    loaded = configuration.load(path, clock.now().date(), WEB)
    if loaded.config is None or errors(loaded.problems):
        raise Unusable(loaded.problems)
    return loaded


def config_of(loaded: LoadedConfig) -> Config:
    """Raises `Unusable` when there is none."""
    if loaded.config is None:
        raise Unusable(loaded.problems)
    return loaded.config


def desks(loaded: LoadedConfig, store: Store, now: datetime, judge: Judging | None = None) -> dict[str, Desk]:
    """A desk for each account; with a `judge` where mail is to be read."""
    pause = pauses.in_force(store, now)
    config = config_of(loaded)
    return {
        name: Desk(
            name=name,
            settings=settings,
            policy=loaded.policies[name],
            ours=ours(config, name, store.secret()),
            people=config.people,
            mode=config.mode,
            secret=store.secret(),
            paused=pause,
            keeps_words=bool(config.keep_text),
            judge=judge,
            policy_text=loaded.read[name].text,
        )
        for name, settings in config.accounts.items()
    }


def mailbox(desk: Desk) -> ImapMailbox:
    """The IMAP connection of an account, not yet connected."""
    return _mailbox(desk, ImapMailbox)


def _mailbox(desk: Desk, made_of: type[Box]) -> Box:
    settings, folders = desk.settings, desk.settings.folders
    named = {Special.SENT: folders.sent, Special.DRAFTS: folders.drafts}
    chosen = {special: name for special, name in named.items() if name != configuration.AUTO}
    imap = settings.imap
    return made_of(imap, lambda: password_of(imap), folders.inbox, chosen, tokens(imap, desk.name))


def read_only_mailbox(desk: Desk) -> ReadOnlyMailbox:
    """As `mailbox`, but nothing in it can be changed."""
    return _mailbox(desk, ReadOnlyMailbox)


def submission(desk: Desk) -> SmtpSubmission:
    """The way out of an account, not yet connected."""
    smtp = desk.settings.smtp
    return SmtpSubmission(smtp, lambda: password_of(smtp), desk.domain, tokens(smtp, desk.name))
