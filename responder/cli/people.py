"""Who calls a command: what people do by hand is on record with their name."""

from __future__ import annotations

import getpass
import os


def caller() -> str:
    """The login name, of whoever stands behind sudo."""
    return os.environ.get("SUDO_USER") or _login()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without an entry in the system's list
        return f"user {os.getuid()}"
