"""The judge: what a mail is about and how soon it is wanted, by learnt weights; and which words made it think so.

A linear model: the weights of the features that a mail shows are added up, label by label; longer mails count each a
little less. The sum becomes a probability that was fitted on mails the model had not seen, and each label has its own
threshold. Pure; it opens no file and must not know what a label leads to.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from typing import Final

from responder.words.features import WHOLE, Heard, Place, features
from responder.words.rows import Rows
from responder.words.signals import Where


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
    """How the added weights of one label become a probability, and from which probability on the label is given.

    From `certain` on it is nearly always right (0.97 of mails not seen), so that what customers read may hang on it.
    """

    unit: float  # of one step of a weight
    bias: float
    threshold: float
    certain: float = math.inf

    def probability(self, total: float) -> float:
        return 1 / (1 + math.exp(-max(min(total * self.unit + self.bias, 30.0), -30.0)))


@dataclass(frozen=True, slots=True)
class Weights:
    """A trained model. Each feature has one byte a label, in the order of `LABELS`; `ZERO` stands for no weight.

    So it is learnt and written; `Judge` has it as it is read.
    """

    scales: Mapping[Label, Scale]
    by_feature: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Reason:
    """A place of the text that spoke for a label, how much all that stands there weighed, and the feature it is."""

    label: Label
    feature: str
    place: Place
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge thinks. `urgency` is None for normal; `certain` are those of its labels it is hardly wrong on."""

    urgency: Label | None
    situations: tuple[Label, ...]
    certain: frozenset[Label]
    probabilities: Mapping[Label, float]
    reasons: tuple[Reason, ...]
    weights: str = ""  # a hash of those it was judged by

    @property
    def labels(self) -> tuple[Label, ...]:
        """All that it says of the mail; an emergency is urgent too."""
        urgency = {None: (), Label.EMERGENCY: (Label.EMERGENCY, Label.URGENT)}.get(self.urgency, (Label.URGENT,))
        return (*urgency, *self.situations)

    @property
    def told(self) -> tuple[Label, ...]:
        """Those that have reasons of their own."""
        return self.situations if self.urgency is None else (self.urgency, *self.situations)


def lengthening(known: int) -> float:
    """How much each weight counts in a mail that shows so many known features: 1 for three hundred."""
    return float((_USUAL / max(known, 1)) ** _POWER)


def given_labels(probabilities: Mapping[Label, float], scales: Mapping[Label, Scale]) -> frozenset[Label]:
    """The labels above their thresholds. Mere thanks stand alone: whoever also wants something is not done."""
    given = {label for label in LABELS if probabilities[label] >= scales[label].threshold}
    if Label.EMERGENCY in given:
        given.add(Label.URGENT)
    return frozenset(given if given == {Label.THANKS_ONLY} else given - {Label.THANKS_ONLY})


_USUAL = 300
_POWER = 0.25
_REASONS_AT_MOST = 5  # for one label
_WORDS_AT_MOST = 6  # of a reason; what is true of a longer clause shows nothing in particular


@dataclass(frozen=True, slots=True)
class Judge:
    """The weights at work."""

    scales: Mapping[Label, Scale]
    rows: Rows  # of a byte a label, by feature
    digest: str = ""  # of the file they were read from (SHA-256)

    def judge(self, mail: Sequence[Heard], arrived: datetime) -> Judgement:
        """Never raises. `mail` is the subject and the sender's own words; `arrived` is aware, in the office's zone."""
        seen = features(mail, arrived)
        rows = self.rows.known(seen)
        probabilities = self._probabilities(rows.values())
        given = given_labels(probabilities, self.scales)
        urgency = next((label for label in (Label.EMERGENCY, Label.URGENT) if label in given), None)
        situations = tuple(label for label in SITUATIONS if label in given)
        told = situations if urgency is None else (urgency, *situations)
        reasons = tuple(reason for label in told for reason in self._reasons(label, rows, seen, mail))
        certain = frozenset(label for label in given if probabilities[label] >= self.scales[label].certain)
        return Judgement(urgency, situations, certain, probabilities, reasons, self.digest)

    def _probabilities(self, rows: Collection[bytes]) -> dict[Label, float]:
        beside = b"".join(rows)
        columns = [sum(beside[number :: len(LABELS)]) for number in range(len(LABELS))]
        factor = lengthening(len(rows))
        return {
            label: self.scales[label].probability((column - ZERO * len(rows)) * factor)
            for label, column in zip(LABELS, columns, strict=True)
        }

    def _reasons(
        self,
        label: Label,
        rows: Mapping[str, bytes],
        seen: Mapping[str, tuple[Where, int, int]],
        mail: Sequence[Heard],
    ) -> list[Reason]:
        """The places of the text that weighed most for it, none within another."""
        column = LABELS.index(label)
        unit = self.scales[label].unit * lengthening(len(rows))
        weighed = {name: (row[column] - ZERO) * unit for name, row in rows.items()}
        upto = _mass(weighed, seen, mail)
        masses = {
            name: upto[where][last + 1] - upto[where][first]
            for name in weighed
            for where, first, last in (seen[name],)
            if last - first < _WORDS_AT_MOST and not name.startswith(WHOLE)
        }
        taken: set[tuple[Where, int]] = set()
        reasons: list[Reason] = []
        for name in sorted(masses, key=lambda each: (-masses[each], -weighed[each], each)):
            where, first, last = seen[name]
            places = {(where, at) for at in range(first, last + 1)}
            if masses[name] <= 0 or len(reasons) == _REASONS_AT_MOST:
                break
            if taken.isdisjoint(places):
                taken |= places
                reasons.append(_reason(label, name, Place(where, first, last), mail, masses[name]))
        return reasons


def _mass(
    weighed: Mapping[str, float], seen: Mapping[str, tuple[Where, int, int]], mail: Sequence[Heard]
) -> dict[Where, list[float]]:
    """For each part the weights up to each token: every feature is shared out evenly among the words it stands on."""
    shares = {part.where: [0.0] * (len(part.tokens) + 1) for part in mail}
    for name, weight in weighed.items():
        where, first, last = seen[name]
        if last - first < _WORDS_AT_MOST and not name.startswith(WHOLE):
            for at in range(first, last + 1):
                shares[where][at] += weight / (last - first + 1)
    return {where: list(accumulate(each, initial=0.0)) for where, each in shares.items()}


def _reason(label: Label, name: str, place: Place, mail: Sequence[Heard], weight: float) -> Reason:
    part = next(part for part in mail if part.where is place.where)
    return Reason(label, name, place, part.text[part.tokens[place.first].start : part.tokens[place.last].end], weight)
