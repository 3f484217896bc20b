"""Both servers together, as an office and its customers see them: in through Postfix, out of Dovecot."""

import contextlib
import smtplib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from imapclient import IMAPClient

from tests.servers.dovecot import Dovecot
from tests.servers.faketime import FakeTime
from tests.servers.postfix import Postfix
from tests.servers.process import server_directory


@dataclass(frozen=True)
class World:
    directory: Path
    dovecot: Dovecot
    postfix: Postfix
    clock: FakeTime | None

    def submit(self, message: bytes, sender: str, *recipients: str) -> None:
        """Hand a message to Postfix, with this envelope; the sender may be empty."""
        with smtplib.SMTP(self.postfix.host, self.postfix.port, timeout=10) as smtp:
            smtp.sendmail(sender, recipients, message)

    @contextlib.contextmanager
    def mailbox(self, address: str, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """A connection to somebody's mailbox, with the folder open; times come with their zone."""
        password = dict(self.dovecot.users)[address]
        with IMAPClient(self.dovecot.host, self.dovecot.imap_port, ssl=False, timeout=10) as client:
            client.normalise_times = False
            client.login(address, password)
            client.select_folder(folder)
            yield client


@contextlib.contextmanager
def mail_world(
    users: Sequence[tuple[str, str]],
    *,
    shifted: bool = False,
    begin: datetime | None = None,
    tls: bool = False,
    options: dict[str, str] | None = None,
    sieve: Mapping[str, str] | None = None,
) -> Iterator[World]:
    """Dovecot with these users and their Sieve scripts, and Postfix for their domains.

    `shifted` puts both under a clock the test can move; `begin` is what it shows before they start. A begin in the past
    lets APPEND say any later date: Dovecot's IMAP sessions see the real time, and take no date ahead of it.
    """
    with server_directory() as directory, contextlib.ExitStack() as servers:
        clock = FakeTime(directory / "clock") if shifted else None
        if clock is not None and begin is not None:
            clock.set(begin)
        domains = sorted({address.rpartition("@")[2] for address, _ in users})
        dovecot = Dovecot(directory / "dovecot", users, clock=clock, sieve=sieve)
        postfix = Postfix(directory / "postfix", domains, dovecot, tls=tls, clock=clock, options=options)
        dovecot.submission_port = postfix.port
        servers.enter_context(dovecot)
        servers.enter_context(postfix)
        yield World(directory, dovecot, postfix, clock)
