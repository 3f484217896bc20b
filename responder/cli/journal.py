"""Logging to stderr: with the time by hand, with systemd's priorities where the journal adds the time itself."""

from __future__ import annotations

import logging
import os
import sys

# sd-daemon(3)
PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


def to_stderr(*, verbose: bool) -> None:
    """Log what the program does; of its libraries, only what goes wrong."""
    handler = logging.StreamHandler(sys.stderr)
    in_journal = "JOURNAL_STREAM" in os.environ
    handler.setFormatter(_Journal() if in_journal else logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("responder").setLevel(logging.DEBUG if verbose else logging.INFO)


class _Journal(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Every line with its priority, or the journal would take a traceback for notices."""
        prefix = f"<{PRIORITIES.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())
