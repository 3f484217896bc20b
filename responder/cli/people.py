"""Who calls a command, and about whom: what people do by hand is on record with their name."""

from __future__ import annotations

import getpass
import os
import re

from responder.errors import Trouble, TroubleKind


def caller() -> str:
    """The login name, of whoever stands behind sudo."""
    return os.environ.get("SUDO_USER") or _login()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without an entry in the system's list
        return f"user {os.getuid()}"


def address(written: str) -> str:
    """An address that a command was given, as it stands on record. Raises `Trouble`."""
    from responder.mail.addresses import Address

    if not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", written.strip()):
        raise Trouble(
            TroubleKind.CONFIG, f"`{written}`", "is not an e-mail address", "write it like `lan@khach.example`"
        )
    return Address("", written.strip()).key
