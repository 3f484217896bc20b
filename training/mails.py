"""The labelled mails of this folder, read once."""

from pathlib import Path

from responder.learning import Collection, collection

HERE = Path(__file__).parent


def collections() -> tuple[Collection, ...]:
    """All files, by name."""
    return tuple(map(collection, sorted(HERE.glob("*.jsonl"))))
