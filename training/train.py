"""Learns the weights that come with the program from the mails of this folder, and packs those. Run: make train."""

from pathlib import Path

from responder import learned
from responder.learning import SHIPPED, learn, pack
from training.mails import HERE, collections

TARGET = Path(learned.__file__).with_name(learned.FILE)


def main() -> None:
    weights = learn(collections())
    packed = learned.written(weights)
    TARGET.write_bytes(packed)
    TARGET.with_name(SHIPPED).write_bytes(pack(sorted(HERE.glob("*.jsonl"))))
    print(f"{TARGET}: {len(weights.by_feature):,} features, {len(packed) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
