"""`responder login ACCOUNT`: a person agrees in a browser that the program may use a mailbox; the tokens are kept.

Prints what to do and waits, bounded. Knows no provider's ways; prints no token.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from responder.cli import files
from responder.cli.app import DONE, Verb
from responder.errors import Trouble, TroubleKind
from responder.providers import Flow

if TYPE_CHECKING:  # oauthlib is loaded when it is used
    from responder.config import Account, OAuth
    from responder.servers.oauth import Token, TokenServer

BROWSER_WITHIN = 600.0  # seconds for a person to agree in the browser
SLOWER = 5.0  # seconds (RFC 8628 3.5)
SHORTEST_PAUSE = 1.0  # seconds


@click.command(cls=Verb)
@click.argument("account", metavar="ACCOUNT", shell_complete=files.complete_account)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Where the browser comes back (Google)."
)
def command(account: str, *, port: int) -> int:
    """Let the program use a mailbox at Microsoft or Google (OAuth 2).

    Microsoft: prints an address and a code to enter there, in any browser. Google: prints an address to open in a
    browser on this machine; from elsewhere, choose a port and forward it: `ssh -L N:127.0.0.1:N SERVER`.
    The tokens are kept beside the state, for its owner only, and renewed by the daemon from then on.

    \b
    Examples:
      responder login info
      responder login info --port 8400
    """
    settings = _oauth_of(account)
    from responder.servers.oauth import TokenFile, TokenServer, token_path

    server = TokenServer(settings, account)
    file = TokenFile(token_path(settings, account))
    with file.locked():  # first of all: it must be possible to keep what will be given
        pass
    token = _token(server, settings, port)
    with file.locked():
        file.write(token)
    click.echo(f"{account}: logged in; the tokens are kept in {file.path}")
    click.echo("Next: `responder check --connect`. A daemon that runs takes them by itself.")
    return DONE


def _oauth_of(name: str) -> OAuth:
    """The OAuth settings of an account. Raises `Trouble`."""
    from responder.document import did_you_mean

    accounts = files.office().config.accounts
    if name not in accounts:
        remedy = did_you_mean(name, accounts)
        raise Trouble(TroubleKind.CONFIG, str(files.config_path()), f"there is no account `{name}`", remedy)
    found = _settings(accounts[name])
    if found is None:
        what = "this account logs in with a password"
        raise Trouble(TroubleKind.CONFIG, name, what, "nothing to do; for access tokens write `oauth:` in the config")
    return found


def _settings(account: Account) -> OAuth | None:
    return account.oauth or account.imap.oauth or account.smtp.oauth


def _token(server: TokenServer, settings: OAuth, port: int) -> Token:
    match settings.way:
        case Flow.DEVICE:
            return _by_device(server)
        case Flow.LOOPBACK:
            return _by_browser(server, port)
        case Flow.CLIENT_CREDENTIALS:
            return server.of_application()


def _by_device(server: TokenServer) -> Token:
    from responder.servers.oauth import NotYet

    code = server.device_code()
    click.echo(f"Open  {code.url}  in any browser, and enter the code  {code.user_code}")
    click.echo("Log in there as the user of the mailbox.")
    _say_how_long(code.within)
    until, pause = time.monotonic() + code.within, max(code.interval, SHORTEST_PAUSE)
    while time.monotonic() + pause < until:
        time.sleep(pause)
        try:
            return server.of_device(code)
        except NotYet as not_yet:
            pause += SLOWER if not_yet.slower else 0.0
    raise _nobody_came()


def _by_browser(server: TokenServer, port: int) -> Token:
    from responder.servers.redirect import Redirect

    try:
        redirect = Redirect(port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Trouble(
            TroubleKind.CONFIG, f"127.0.0.1:{port}", f"cannot be listened to ({reason})", "choose another --port"
        ) from error
    with redirect:
        agreement = server.agreement(redirect.url)
        click.echo(f"Open this address in a browser on this machine, as the user of the mailbox:\n\n{agreement.url}\n")
        click.echo(f"From another machine: first `ssh -L {redirect.port}:127.0.0.1:{redirect.port} THIS-MACHINE`.")
        _say_how_long(BROWSER_WITHIN)
        answer = redirect.wait(agreement.state, BROWSER_WITHIN)
    if answer is None:
        raise _nobody_came()
    if "code" not in answer:
        said = "".join(char for char in answer["error"] if char.isprintable())[:100]
        raise Trouble(TroubleKind.CREDENTIAL, "browser", f"the login was refused there ({said})", "try it again")
    return server.of_code(agreement, answer["code"])


def _say_how_long(seconds: float) -> None:
    click.echo(f"Waiting, {seconds / 60:.0f} minutes at most; Ctrl-C stops.")


def _nobody_came() -> Trouble:
    return Trouble(TroubleKind.CREDENTIAL, "browser", "nobody has agreed in time", "run the command again")
