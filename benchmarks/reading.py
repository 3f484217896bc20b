"""How long it takes to read what a mail says: its words, clauses, times and deadlines, and what was learnt.

Run: python -m benchmarks.reading
"""

from functools import partial

from benchmarks.judge import ARRIVED, MAIL, milliseconds
from responder import learned
from responder.cli.files import shipped_policy
from responder.policy.meaning import Judging, meaning_of
from responder.policy.model import Policy
from responder.words.tokens import tokenize

TARGET_MILLISECONDS = 3.0
HOSTILE = {
    "times": "11h sáng mai ",
    "requests": "gửi giúp em trước 11h, ",
    "conditions": "nếu gấp thì ",
    "words": "gấp cháy sập ",
    "quotes": "“trước 5h” ",
}


def main() -> None:
    policy = shipped_policy()
    print(f"words                  {len(tokenize(MAIL)):8}")
    for name, judge in (("by the words alone", None), ("with what was learnt", learned.judge())):
        took = milliseconds(partial(_read, MAIL, policy, judge))
        print(f"{name:<22} {took:8.2f} ms (target: {TARGET_MILLISECONDS})")
    for name, text in HOSTILE.items():
        long = text * (100_000 // len(text))
        took = milliseconds(partial(_read, long, policy, learned.judge()), repeat=1)
        print(f"100,000 characters of {name:<11} {took:8.0f} ms")


def _read(text: str, policy: Policy, judge: Judging | None) -> None:
    meaning_of("Xe hàng ngoài cổng", text, policy, ARRIVED, judge)


if __name__ == "__main__":
    main()
