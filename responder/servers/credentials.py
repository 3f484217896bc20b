"""Where a login comes from: a password from a file, the environment, a systemd credential, a command; or access tokens.

Read anew at every login, so that a changed password is taken without a
restart (a systemd credential changes only with one). Never logged.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Protocol

from responder.config import Server
from responder.errors import Trouble, TroubleKind
from responder.secret import PasswordCommand, PasswordCredential, PasswordEnv, PasswordFile, PasswordLiteral, Secret

COMMAND_TIMEOUT = 30  # seconds
INSTALLED = Path("/etc/responder/credentials")  # where systemd/install keeps them, for root only


class Tokens(Protocol):
    """The access tokens of one account (OAuth 2). A method may take as long as an HTTP request, and raise `Trouble`."""

    account: str

    def access(self) -> str:
        """A token that is good for some minutes at least."""
        ...

    def renewed(self, refused: str) -> str:
        """Another one: the mail server did not take that one."""
        ...


def tokens(server: Server, account: str) -> Tokens | None:
    """The tokens of a server that wants them. Only then is OAuth loaded."""
    if server.oauth is None:
        return None
    from responder.servers.oauth import KeptTokens

    return KeptTokens(server.oauth, account)


def password_of(server: Server) -> str:
    """The password of a server; empty where there is none."""
    return password(server.password) if server.password is not None else ""


def password(secret: Secret) -> str:
    """The password itself. Raises `Trouble` (CREDENTIAL) that names the source, never the secret."""
    match secret:
        case PasswordLiteral():
            return secret.password.get_secret_value()
        case PasswordFile():
            return _from_file(secret.file, f"password file {secret.file}")
        case PasswordCredential():
            return _from_credential(secret.credential)
        case PasswordEnv():
            return _from_environment(secret.env)
        case PasswordCommand():
            return _from_command(list(secret.command))


def _from_file(path: Path, where: str) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _missing(where, "is not UTF-8 text", "write the password alone into it") from error
    except OSError as error:
        raise _missing(where, f"cannot be read ({error})", "create it, readable for the service only") from error
    return _first_line(text, where)


def _from_credential(name: str) -> str:
    return _from_file(_credentials(name) / name, f"credential {name}")


def _credentials(name: str) -> Path:
    """What systemd has handed over; for a command run by hand, the files that it would take it from."""
    handed = os.environ.get("CREDENTIALS_DIRECTORY")
    if handed is not None:
        return Path(handed)
    if not INSTALLED.is_dir():
        raise _missing(f"credential {name}", "no systemd credentials here", "run under systemd, or use `{file: …}`")
    if not os.access(INSTALLED, os.X_OK):
        raise _missing(f"credential {name}", f"{INSTALLED} is closed to this user", "run the command with `sudo`")
    return INSTALLED


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise _missing(f"environment variable {name}", "is not set", "set it for the service")
    return value


def _from_command(command: list[str]) -> str:
    where = f"password command {command[0]}"
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_TIMEOUT, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise _missing(where, f"failed ({type(error).__name__})", "run it by hand as the service's user") from error
    return _first_line(done.stdout, where)


def _first_line(text: str, where: str) -> str:
    """What password managers print below it is not part of the password."""
    line = text.partition("\n")[0].removesuffix("\r")
    if not line:
        raise _missing(where, "gives an empty first line", "put the password there")
    return line


def _missing(where: str, what: str, remedy: str) -> Trouble:
    return Trouble(TroubleKind.CREDENTIAL, where, what, remedy)
