"""How we make sure a mail server is who it says: one TLS context for IMAP and SMTP."""

from __future__ import annotations

import ssl
from pathlib import Path

from responder.errors import Trouble, TroubleKind


def context(ca_file: Path | None) -> ssl.SSLContext:
    """A verifying client context, TLS 1.2 at least; `ca_file` for an authority of the office's own."""
    try:
        made = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise Trouble(
            TroubleKind.CONFIG,
            str(ca_file),
            f"the certificate file cannot be used ({error})",
            "name a readable PEM file in `ca_file`",
        ) from error
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made
