"""How well mails are told apart, label by label and set by set, each set scored while left out. Run: make triage.

Four ways: the shipped policy's words looked for as plain substrings, as every peer does; the policy's words and
deadlines as the program reads them; the judge; and all of it, weighed as the program does. Nothing of a set that is
scored has been learnt from, nor fixed by it.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from responder.cli.files import shipped_policy
from responder.learning import ARRIVED, Collection, Numbers, Scored, company, fit, left_out, likely, scales
from responder.mail import quoted
from responder.policy.meaning import meaning_of
from responder.words.features import Heard
from responder.words.judge import SITUATIONS, Judgement, Label, given_labels
from training.mails import HERE, collections

Given = Sequence[frozenset[Label]]
Chances = Sequence[Mapping[Label, float]]
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
        by_substring = _by_substrings(each.collection)
        by_words = _as_read(each.collection, [None] * len(each.collection.mails))
        others = [other for other in scored if other is not each]
        judged, chances = _judged(each.scores, others)
        both = _as_read(each.collection, map(_Says, judged, chances))
        for way, given in (("substrings", by_substring), ("words", by_words), ("judge", judged), ("both", both)):
            print(_line((each.collection.name, way, *_figures(each.collection, given))))
    _only_ordinary(every, scored)


def _judged(scores: Numbers, known: Sequence[Scored]) -> tuple[Given, Chances]:
    """The labels of mails whose set had no say in the weights, in the company of labels, or in the thresholds."""
    together = company(known)
    chances = likely(together.scores(scores), scaled := scales([together.scored(each) for each in known]))
    return [given_labels(each, scaled) for each in chances], chances


def _only_ordinary(every: Sequence[Collection], scored: Sequence[Scored]) -> None:
    """What is learnt from the ordinary sets alone, on the last two authors of counterparts."""
    ordinary = [each for each in every if each.name in (*ORDINARY, "dev")]
    fitted = fit(ordinary)
    known = [each for each in scored if each.collection in ordinary]
    print("\nlearnt from the ordinary sets and dev only:")
    for each in every:
        if each.name in ("pairs-3", "pairs-4", "contrast"):
            judged, _ = _judged(fitted.scores(each.mails), known)
            print(_line((each.name, "judge", *_figures(each, judged))))


# -------------------------------------------------------------------------------------------------- the three ways


def _mails(collection: Collection) -> list[Mapping[str, str]]:
    lines = (HERE / f"{collection.name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def _own(mail: Mapping[str, str]) -> tuple[str, str]:
    own = quoted.own_words(mail["body"], mail["subject"])
    return own.subject, own.whole


def _by_substrings(collection: Collection) -> Given:
    policy = shipped_policy()
    words = [(name, [_folded(word) for word in (*each.words, *each.hints)]) for name, each in policy.signals.items()]
    return [_by_substring(words, mail["subject"], mail["body"]) for mail in _mails(collection)]


def _by_substring(words: Iterable[tuple[str, list[str]]], subject: str, body: str) -> frozenset[Label]:
    text = _folded(f"{subject}\n{body}")
    return _labels({name for name, each in words if any(word in text for word in each)})


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _as_read(collection: Collection, judges: "Iterable[_Says | None]") -> Given:
    """As the program reads a mail under the shipped policy; `judges`: what the judge says of each."""
    policy = shipped_policy()
    return [
        _labels(set(meaning_of(*_own(mail), policy, ARRIVED, judge).shown))
        for mail, judge in zip(_mails(collection), judges, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Says:
    """A judge that has made up its mind. What it is certain of is not scored; mere thanks it must be."""

    given: frozenset[Label]
    chances: Mapping[Label, float]
    digest: str = ""

    def judge(self, mail: Sequence[Heard], arrived: datetime) -> Judgement:
        urgency = next((label for label in (Label.EMERGENCY, Label.URGENT) if label in self.given), None)
        situations = tuple(label for label in SITUATIONS if label in self.given)
        return Judgement(urgency, situations, self.given, self.chances, ())


def _labels(names: set[str]) -> frozenset[Label]:
    given = {Label(name) for name in names if name in set(Label)}
    return frozenset(given | {Label.URGENT} if Label.EMERGENCY in given else given)


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
