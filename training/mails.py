"""The labelled mails of this folder, read once."""

from pathlib import Path

from responder.learning import Collection, collection

HERE = Path(__file__).parent
HARD = ("contrast", "pairs-")
HARD_COUNT = 2.0  # ordinary mails alone teach only that near times are urgent


def collections() -> tuple[Collection, ...]:
    """All files, by name."""
    return tuple(
        collection(path, HARD_COUNT if path.stem.startswith(HARD) else 1.0) for path in sorted(HERE.glob("*.jsonl"))
    )
