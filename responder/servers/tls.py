"""How we make sure a mail server is who it says: one TLS context for IMAP and SMTP.

A context holds all authorities, a megabyte: the connections share it, until the file that names them changes.
"""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

from responder.errors import Trouble, TroubleKind


def context(ca_file: Path | None) -> ssl.SSLContext:
    """A verifying client context, TLS 1.2 at least; `ca_file` for an authority of the office's own.

    Shared: whoever gets it changes nothing in it.
    """
    try:
        return _made(ca_file, _version(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise Trouble(
            TroubleKind.CONFIG,
            str(ca_file),
            f"the certificate file cannot be used ({error})",
            "name a readable PEM file in `ca_file`",
        ) from error


def _version(ca_file: Path | None) -> tuple[int, int, int]:
    """Of the file with the authorities: another one when it was written anew."""
    systems = ssl.get_default_verify_paths().cafile
    path = ca_file or (Path(systems) if systems else None)
    if path is None:  # a folder, in which OpenSSL looks at each connection
        return (0, 0, 0)
    found = path.stat()
    return (found.st_ino, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4)
def _made(ca_file: Path | None, _version: tuple[int, int, int]) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made
