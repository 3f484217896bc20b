"""`responder check --connect`: log in to every account's servers, and look for what is usually wrong with a new set-up.

Each finding says what and the remedy. Sends nothing, changes nothing. What a refused login means is told by
`servers/faults.py`; this module knows no library, and no server's wording.
"""

from __future__ import annotations

import asyncio
import email.utils
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from responder.cli import show, times
from responder.cli.app import DONE, PROBLEMS
from responder.config import Config, Security, Server
from responder.errors import Trouble, TroubleKind
from responder.mail.addresses import Address
from responder.mail.automatic import Filed
from responder.mail.echo import one_line
from responder.mail.ours import Ours
from responder.policy.model import Policy
from responder.ports import Special
from responder.work.desk import Desk

if TYPE_CHECKING:
    from responder.servers.imap import Envelope, ImapMailbox
    from responder.servers.smtp import SmtpSubmission

LOOKED_AT = 50  # of the newest mails
ENOUGH = 5  # mails from which one can tell to whom mail is addressed
CLOCK_SLACK = timedelta(minutes=5)
A_DATE = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:[+-]\d{4}|GMT|UTC)")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hinder the login. A problem must be mended; anything else is only to be known."""

    what: str
    remedy: str
    is_problem: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """What one server said."""

    line: str
    findings: Sequence[Finding]


def connect(config: Config, policies: Mapping[str, Policy]) -> int:
    """Every account's servers, one after the other; 1 if there is any problem."""
    code = DONE
    for name, settings in config.accounts.items():
        desk = Desk(name, settings, policies[name], Ours(), config.people, config.mode, secret="")
        for asked in (_imap, _smtp):
            code = max(code, _tell(name, asked, desk))
    return code


def _tell(account: str, asked: Callable[[Desk], Report], desk: Desk) -> int:
    try:
        report = asked(desk)
    except Trouble as trouble:
        show.note(f"{account}: {trouble}")
        return PROBLEMS
    click.echo(f"{account}: {one_line(report.line)}")
    for finding in report.findings:
        if finding.is_problem:
            show.note(f"{account}: {one_line(f'{finding.what} — {finding.remedy}')}")
        else:
            click.echo(f"{account}: warning: {one_line(f'{finding.what} — {finding.remedy}')}")
    return PROBLEMS if any(finding.is_problem for finding in report.findings) else DONE


def _look_for_tls(server: Server) -> None:
    """A port that waits for TLS would say nothing for a minute. Raises `Trouble`."""
    from responder.servers.probe import expects_tls

    if server.security is not Security.TLS and expects_tls(server.host, server.port):
        what = f"this port speaks TLS from the first byte, not {server.security}"
        raise Trouble(TroubleKind.TLS, f"{server.host}:{server.port}", what, "write `security: tls`")


# ---------------------------------------------------------------- IMAP


def _imap(desk: Desk) -> Report:
    from responder.daemon.parts import mailbox  # takes its time

    _look_for_tls(desk.settings.imap)
    box = mailbox(desk)
    try:
        box.connect()
        messages = box.inbox().messages
        has_idle = "IDLE" in box.offers()
        said = [f"{desk.settings.folders.inbox} holds {messages or 'no'} message{'' if messages == 1 else 's'}"]
        said.append("IDLE" if has_idle else "no IDLE")
        special = {special: box.folder(special) for special in Special}
        said += [f"{kind.value} in “{name}”" if name else f"no {kind.value} folder" for kind, name in special.items()]
        findings = [*_idle(desk, has_idle=has_idle), *_folders(box, desk, special), *_junk(box, desk)]
        findings += _marks(box, desk)
        newest = box.newest(LOOKED_AT)
        return Report(
            f"IMAP {box.where}: logged in; {'; '.join(said)}",
            [*findings, *_addressed(desk, newest), *_arrived_in_the_future(newest)],
        )
    finally:
        box.close()


def _idle(desk: Desk, *, has_idle: bool) -> Iterator[Finding]:
    if not has_idle:
        pause = f"{desk.settings.poll.total_seconds():.0f} s"
        what = f"the server does not tell of new mail by itself (no IDLE): it is asked every {pause}"
        yield Finding(what, "to be quicker, write a shorter `poll:`", is_problem=False)


def _folders(box: ImapMailbox, desk: Desk, special: Mapping[Special, str | None]) -> Iterator[Finding]:
    named = {Special.SENT: desk.settings.folders.sent, Special.DRAFTS: desk.settings.folders.drafts}
    there = box.folder_names()
    for kind, name in special.items():
        key = f"`folders: {{{kind.value}: NAME}}`"
        if name is None:
            yield Finding(f"no {kind.value} folder was found", f"write {key}; there are: {', '.join(there)}")
        elif name == named[kind] and name not in there:
            yield Finding(f"there is no folder “{name}”", f"correct {key}; there are: {', '.join(there)}")


def _junk(box: ImapMailbox, desk: Desk) -> Iterator[Finding]:
    """What lies in the folder for junk gets no answer."""
    if box.filed is Filed.JUNK:
        what = f"“{desk.settings.folders.inbox}” is the server's folder for junk: nothing in it is answered"
        yield Finding(what, "write `folders: {inbox: INBOX}`")


def _marks(box: ImapMailbox, desk: Desk) -> Iterator[Finding]:
    """The marks of the policy that this mailbox cannot have."""
    for trouble in box.refused(desk.policy.marks()).values():
        yield Finding(trouble.what, trouble.remedy)


def _addressed(desk: Desk, newest: Sequence[Envelope]) -> Iterator[Finding]:
    """Mail in which no address of ours stands gets no answer (RFC 5230 4.5); here all of it would be left alone."""
    ours = {Address("", address).key for address in desk.settings.addresses()}
    named = [{Address("", key).untagged for key in mail.to} | mail.to for mail in newest if mail.to]
    if len(named) < ENOUGH or any(ours & to for to in named):
        return
    [(usual, times)] = Counter(key for to in named for key in to).most_common(1)
    what = f"of the last {len(named)} mails, none is addressed to {desk.settings.address}; {times} are to {usual}"
    yield Finding(what, "correct `address`, or add what customers write to under `aliases`")


def _arrived_in_the_future(newest: Sequence[Envelope]) -> Iterator[Finding]:
    """The server's clock has stamped the mail: it cannot have come later than now."""
    latest = max((mail.arrived for mail in newest if mail.arrived is not None), default=None)
    if latest is not None and latest - times.now() > CLOCK_SLACK:
        yield _wrong_clock(f"a mail has come at {latest:%Y-%m-%d %H:%M %z}, which lies in the future")


def _wrong_clock(what: str) -> Finding:
    return Finding(
        f"this machine's clock ({times.now():%Y-%m-%d %H:%M} UTC) is wrong: {what}", "`timedatectl set-ntp true`"
    )


# ---------------------------------------------------------------- SMTP


def _smtp(desk: Desk) -> Report:
    from responder.daemon.parts import submission

    _look_for_tls(desk.settings.smtp)
    return asyncio.run(_greet(submission(desk), desk))


async def _greet(way_out: SmtpSubmission, desk: Desk) -> Report:
    try:
        extensions = (await way_out.check()).esmtp_extensions
        said = ["DSN" if "dsn" in extensions else "no DSN"]
        size = str(extensions.get("size", "")).strip()
        said.append(f"mails up to {int(size) // 1_000_000} MB" if size.isdigit() and int(size) else "no SIZE told")
        said.append("SMTPUTF8" if "smtputf8" in extensions else "no SMTPUTF8")
        entered = "logged in" if desk.settings.smtp.user is not None else "connected (no login is configured)"
        refusal = await way_out.refuses(desk.settings.address)
        findings = [*_refused_sender(desk, refusal), *_dated(way_out.greeting)]
        return Report(f"SMTP {way_out.where}: {entered}; {'; '.join(said)}", findings)
    finally:
        await way_out.close()


def _refused_sender(desk: Desk, refusal: str) -> Iterator[Finding]:
    if refusal:
        login = desk.settings.smtp.user or "without a login"
        what = f"the server takes no mail from {desk.settings.address} ({refusal})"
        yield Finding(what, f"correct `address`, or have {login} allowed to send as it")


def _dated(greeting: str) -> Iterator[Finding]:
    """Some servers (Exchange) say the time in their greeting; most do not, and then nothing is told."""
    found = A_DATE.search(greeting)
    if found is None:
        return
    try:
        theirs: datetime = email.utils.parsedate_to_datetime(found[0])
    except ValueError:
        return
    if theirs.tzinfo is not None and abs(theirs - times.now()) > CLOCK_SLACK:
        yield _wrong_clock(f"the server's shows {theirs:%Y-%m-%d %H:%M %z}")
