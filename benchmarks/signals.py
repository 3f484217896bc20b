"""How long a search for the policy's words takes: it must depend on the mail, not on the number of words.

Run: python -m benchmarks.signals
"""

import random
import time
from collections.abc import Callable

from responder.words.signals import Matcher, SignalWords

SYLLABLES = "gấp khẩn cần báo giá sớm giao hàng lịch hẹn dời hủy trễ tiền hỏng lỗi gửi đổi mẫu màu urgent order"
SENTENCE = (
    "Chào anh chị, em gửi lại bản vẽ hôm trước, nhờ anh chị xem giúp phần cửa sổ và báo lại cho em trong tuần này. "
)
HOSTILE = {
    "one long word": "a" * 200_000,
    "a negation, again and again": "không " * 33_000,
    "a hit, again and again": "cần gấp " * 25_000,
    "beginnings of phrases": "càng sớm càng " * 15_000,
    "dots": "a." * 100_000,
    "hyphens": "-" * 200_000,
    "line breaks": "\n" * 200_000,
    "marks": "a" + "\u0301" * 200_000,
    "zero-width": "g\u200b" * 100_000,
    "no address": "a+" * 100_000,
}
TARGET_RATIO = 1.5


def main() -> None:
    mail = (SENTENCE * 20)[:2000] + " Em cần gấp."
    few, many = (microseconds(searching(count, mail)) for count in (10, 2_000))
    print(f"10 words      {few:8.0f} µs per mail of 2 KB")
    print(f"2,000 words   {many:8.0f} µs per mail of 2 KB")
    print(f"ratio         {many / few:8.2f} (target: at most {TARGET_RATIO})")
    for name, text in HOSTILE.items():
        print(f"200 KB of {name:30} {microseconds(searching(60, text), repeat=3) / 1e6:6.2f} s")


def searching(count: int, text: str) -> Callable[[], object]:
    matcher = Matcher(
        [SignalWords("urgent", ("gấp", "cần gấp", "càng sớm càng tốt", *made_up(count - 3)), ("gấp đôi",))]
    )
    return lambda: matcher.find("", text)


def made_up(count: int) -> tuple[str, ...]:
    """So many different phrases of two to four common syllables; always the same ones."""
    chance = random.Random(1)
    syllables = SYLLABLES.split()
    phrases: set[str] = set()
    while len(phrases) < count:
        phrases.add(" ".join(chance.choices(syllables, k=chance.randint(2, 4))))
    return tuple(sorted(phrases))


def microseconds(work: Callable[[], object], repeat: int = 200) -> float:
    """The best of `repeat` runs."""
    best = float("inf")
    for _ in range(repeat):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best * 1e6


if __name__ == "__main__":
    main()
