"""Learns the weights that come with the program from the mails of this folder. Run: make train."""

from pathlib import Path

from responder import learned
from responder.learning import learn
from training.mails import collections

TARGET = Path(learned.__file__).with_name(learned.FILE)


def main() -> None:
    weights = learn(collections())
    packed = learned.written(weights)
    TARGET.write_bytes(packed)
    print(f"{TARGET}: {len(weights.by_feature):,} features, {len(packed) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
