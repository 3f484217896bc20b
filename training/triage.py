"""How well mails are told apart, label by label and set by set, each set scored while left out. Run: make triage.

Three ways: the shipped policy's words looked for as plain substrings, as every peer does; the policy's words as the
program reads them; and these with the judge. Nothing of a set that is scored has been learnt from, nor fixed by it.
"""

import json
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from responder.cli.files import shipped_policy
from responder.learning import Collection, Numbers, Scored, company, fit, labels_given, left_out, scales
from responder.mail import quoted
from responder.policy.model import Policy
from responder.words.judge import SITUATIONS, Label
from responder.words.signals import is_thanks_only
from training.mails import HERE, collections

Given = Sequence[frozenset[Label]]
Reader = Callable[[str, str], frozenset[Label]]
ORDINARY = ("it", "logistics", "professional", "retail", "services")


def main() -> None:
    every = collections()
    head = ("set", "way", "urgent+", "prec", "rec", "emerg", "prec", "rec", "n→em", "thanks p", "situations")
    print(
        "F1 unless it says otherwise; n→em: normal mails taken for an emergency; thanks p: precision of thanks_only\n"
    )
    print(_line(head))
    scored = left_out(every)
    for each in scored:
        by_substring, by_words = (_read(each.collection, reader) for reader in (_plain(), _words()))
        others = [other for other in scored if other is not each]
        judged = _judged(each.scores, others)
        both = [_joined(words, model) for words, model in zip(by_words, judged, strict=True)]
        for way, given in (("substrings", by_substring), ("words", by_words), ("judge", judged), ("both", both)):
            print(_line((each.collection.name, way, *_figures(each.collection, given))))
    _only_ordinary(every, scored)


def _judged(scores: Numbers, known: Sequence[Scored]) -> Given:
    """The labels of mails whose set had no say in the weights, in the company of labels, or in the thresholds."""
    together = company(known)
    return labels_given(together.scores(scores), scales([together.scored(each) for each in known]))


def _only_ordinary(every: Sequence[Collection], scored: Sequence[Scored]) -> None:
    """What is learnt from the ordinary sets alone, on the last two authors of counterparts."""
    ordinary = [each for each in every if each.name in (*ORDINARY, "dev")]
    fitted = fit(ordinary)
    known = [each for each in scored if each.collection in ordinary]
    print("\nlearnt from the ordinary sets and dev only:")
    for each in every:
        if each.name in ("pairs-3", "pairs-4", "contrast"):
            judged = _judged(fitted.scores(each.mails), known)
            print(_line((each.name, "judge", *_figures(each, judged))))


# -------------------------------------------------------------------------------------------------- the three ways


def _read(collection: Collection, reader: Reader) -> Given:
    lines = (HERE / f"{collection.name}.jsonl").read_text(encoding="utf-8").splitlines()
    mails = [json.loads(line) for line in lines if line.strip()]
    return [reader(mail["subject"], mail["body"]) for mail in mails]


def _plain() -> Reader:
    policy = shipped_policy()
    words = [(name, [_folded(word) for word in signal.words]) for name, signal in policy.signals.items()]
    return partial(_by_substring, words)


def _by_substring(words: Iterable[tuple[str, list[str]]], subject: str, body: str) -> frozenset[Label]:
    text = _folded(f"{subject}\n{body}")
    return _labels({name for name, each in words if any(word in text for word in each)})


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _words() -> Reader:
    return partial(_by_words, shipped_policy())


def _by_words(policy: Policy, subject: str, body: str) -> frozenset[Label]:
    own = quoted.own_words(body).text
    found = policy.matcher().find(quoted.own_subject(subject), own)
    if is_thanks_only(own, found):
        return frozenset({Label.THANKS_ONLY})
    return _labels(set(found.names()) - {"thanks_only"})


def _labels(names: set[str]) -> frozenset[Label]:
    given = {Label(name) for name in names if name in set(Label)}
    return frozenset(given | {Label.URGENT} if Label.EMERGENCY in given else given)


def _joined(words: frozenset[Label], judged: frozenset[Label]) -> frozenset[Label]:
    """A word of the policy outweighs the judge; mere thanks need both to see nothing else."""
    given = words | judged
    return given if given == {Label.THANKS_ONLY} else given - {Label.THANKS_ONLY}


# ------------------------------------------------------------------------------------------------------- the figures


def _figures(collection: Collection, given: Given) -> tuple[str, ...]:
    truth = [mail.labels for mail in collection.mails]
    urgent, emergency = (_rates(truth, given, label) for label in (Label.URGENT, Label.EMERGENCY))
    normal = [got for was, got in zip(truth, given, strict=True) if Label.URGENT not in was]
    to_emergency = sum(Label.EMERGENCY in got for got in normal) / len(normal)
    each = {label: _rates(truth, given, label) for label in SITUATIONS}
    mean = float(np.mean([f1 for _, _, f1 in each.values()]))
    detail = " ".join(f"{label.value[:6]} {f1:.2f}" for label, (_, _, f1) in each.items())
    return (
        *(f"{rate:.3f}" for rate in (urgent[2], urgent[0], urgent[1], emergency[2], emergency[0], emergency[1])),
        f"{to_emergency:.1%}",
        f"{each[Label.THANKS_ONLY][0]:.3f}",
        f"{mean:.3f}  {detail}",
    )


def _rates(truth: Given, given: Given, label: Label) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    right = sum(label in was and label in got for was, got in zip(truth, given, strict=True))
    said, were = (sum(label in each for each in those) for those in (given, truth))
    return (
        right / said if said else 1.0,
        right / were if were else 1.0,
        2 * right / (said + were) if said + were else 1.0,
    )


def _line(cells: Sequence[str]) -> str:
    widths = (13, 11, 8, 6, 6, 6, 6, 6, 6, 9, 0)
    return "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))


if __name__ == "__main__":
    main()
