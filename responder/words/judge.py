"""The judge: what a mail is about and how soon it is wanted, by learnt weights; and which words made it think so.

A linear model: the weights of the features that a mail shows are added up, label by label; longer mails count each a
little less. The sum becomes a probability that was fitted on mails the model had not seen, and each label has its own
threshold. Pure; it opens no file and must not know what a label leads to.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from responder.words.features import Heard, Place, features


class Label(StrEnum):
    """What is judged. `URGENT` means urgent or more."""

    URGENT = "urgent"
    EMERGENCY = "emergency"
    COMPLAINT = "complaint"
    RUSH_REQUEST = "rush_request"
    SCOPE_CHANGE = "scope_change"
    APPOINTMENT_CHANGE = "appointment_change"
    HANDOVER_DELAY = "handover_delay"
    SELF_SERVICE = "self_service"
    QUOTE_REQUEST = "quote_request"
    PAYMENT_LATE = "payment_late"
    ABUSE = "abuse"
    THANKS_ONLY = "thanks_only"


LABELS: Final = tuple(Label)
SITUATIONS: Final = LABELS[2:]
ZERO: Final = 128  # of a byte that holds a weight from -128 to 127


@dataclass(frozen=True, slots=True)
class Scale:
    """How the added weights of one label become a probability, and from which probability on the label is given."""

    unit: float  # of one step of a weight
    bias: float
    threshold: float

    def probability(self, total: float) -> float:
        return 1 / (1 + math.exp(-max(min(total * self.unit + self.bias, 30.0), -30.0)))


@dataclass(frozen=True, slots=True)
class Weights:
    """A trained model. Each feature has one byte a label, in the order of `LABELS`; `ZERO` stands for no weight."""

    scales: Mapping[Label, Scale]
    by_feature: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Reason:
    """A feature that spoke for a label: its name, where it stood (`text` is that slice), and how much it weighed."""

    label: Label
    feature: str
    place: Place
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge thinks. `urgency` is None for normal."""

    urgency: Label | None
    situations: tuple[Label, ...]
    probabilities: Mapping[Label, float]
    reasons: tuple[Reason, ...]


def lengthening(known: int) -> float:
    """How much each weight counts in a mail that shows so many known features: 1 for three hundred."""
    return float((_USUAL / max(known, 1)) ** _POWER)


_USUAL = 300
_POWER = 0.25
_REASONS_AT_MOST = 5  # for one label


@dataclass(frozen=True, slots=True)
class Judge:
    """The weights at work."""

    weights: Weights

    def judge(self, mail: Sequence[Heard], arrived: datetime) -> Judgement:
        """Never raises. `mail` is the subject and the sender's own words; `arrived` is aware, in the office's zone."""
        seen = features(mail, arrived)
        rows = [row for row in map(self.weights.by_feature.get, seen) if row is not None]
        probabilities = self._probabilities(rows)
        given = self._given(probabilities)
        urgency = next((label for label in (Label.EMERGENCY, Label.URGENT) if label in given), None)
        situations = tuple(label for label in SITUATIONS if label in given)
        why = situations if urgency is None else (urgency, *situations)
        reasons = tuple(reason for label in why for reason in self._reasons(label, seen, mail, len(rows)))
        return Judgement(urgency, situations, probabilities, reasons)

    def _probabilities(self, rows: Sequence[bytes]) -> dict[Label, float]:
        columns = list(map(sum, zip(*rows, strict=True))) or [0] * len(LABELS)
        factor = lengthening(len(rows))
        return {
            label: self.weights.scales[label].probability((column - ZERO * len(rows)) * factor)
            for label, column in zip(LABELS, columns, strict=True)
        }

    def _given(self, probabilities: Mapping[Label, float]) -> set[Label]:
        """The labels above their thresholds. Mere thanks stand alone: whoever also wants something is not done."""
        given = {label for label in LABELS if probabilities[label] >= self.weights.scales[label].threshold}
        return given if given == {Label.THANKS_ONLY} else given - {Label.THANKS_ONLY}

    def _reasons(
        self, label: Label, seen: Mapping[str, tuple[object, int, int]], mail: Sequence[Heard], known: int
    ) -> list[Reason]:
        """The features that weighed most for it, no two of them at one place of the text."""
        column = LABELS.index(label)
        unit = self.weights.scales[label].unit * lengthening(known)
        weighed = [(row[column] - ZERO, name) for name in seen if (row := self.weights.by_feature.get(name))]
        taken: set[tuple[object, int]] = set()
        reasons: list[Reason] = []
        for weight, name in sorted(weighed, key=lambda each: (-each[0], each[1])):
            where, first, last = seen[name]
            if weight <= 0 or len(reasons) == _REASONS_AT_MOST:
                break
            places = {(where, at) for at in range(first, last + 1)}
            if taken.isdisjoint(places):
                taken |= places
                reasons.append(_reason(label, name, (where, first, last), mail, weight * unit))
        return reasons


def _reason(label: Label, name: str, key: tuple[object, int, int], mail: Sequence[Heard], weight: float) -> Reason:
    where, first, last = key
    part = next(part for part in mail if part.where is where)
    text = part.text[part.tokens[first].start : part.tokens[last].end] if part.tokens else ""
    return Reason(label, name, Place(part.where, first, last), text, weight)
