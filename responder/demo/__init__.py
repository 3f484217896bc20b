"""`responder demo`: the real daemon on this machine, with mail servers of its own, through the days around Tết 2026.

`days.py` and `letters.py` are the script, `servers.py` the mail servers, `office.py` the daemon on its scripted clock,
`timeline.py` tells what happens, `promises.py` says what must come of it, `show.py` puts them together.
"""

from __future__ import annotations

from pathlib import Path

from responder.errors import Trouble, TroubleKind

NEEDED = ("pymap", "aiosmtpd", "proxyprotocol")


def run(out: Path) -> int:
    """Play the days; the last digest is left in `out`. 0 when all went as promised, else 1. Raises `Trouble`."""
    try:
        from responder.demo.show import show
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in NEEDED:
            raise
        raise Trouble(
            TroubleKind.CONFIG,
            "demo",
            f"its mail servers are not installed ({error.name})",
            "install them with `pip install 'responder[demo]'`",
        ) from error
    return show(out)
