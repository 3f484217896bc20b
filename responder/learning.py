"""Learning: labelled mails → the weights of the judge. Needs the extra `train`; nothing of the daemon imports it.

A logistic regression for each label over the features of `words/features.py`. What makes it honest: a set of mails is
scored only by weights that have not seen it; from such scores alone come the probabilities and the thresholds. The same
mails give the same weights, to the byte.
"""

import gzip
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from responder.mail import quoted
from responder.words.features import features, hear
from responder.words.judge import LABELS, ZERO, Label, Scale, Weights, given_labels, lengthening

Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A mail somebody has judged, as its features, and the labels it was given."""

    id: str
    labels: frozenset[Label]
    shown: tuple[str, ...]
    heed: float  # how much it counts


@dataclass(frozen=True, slots=True)
class Collection:
    """Labelled mails of one origin."""

    name: str
    mails: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A collection and, mail by mail, the scores of weights that have not seen it (rows: mails; columns: labels)."""

    collection: Collection
    scores: Numbers


# Samples carry no date. An ordinary working day in the afternoon stands for all of them.
ARRIVED = datetime(2026, 11, 17, 15, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def closing(_day: date) -> time:
    return time(17)


def collection(path: Path) -> Collection:
    """The mails of a file of JSON lines (see training/README.md)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return Collection(path.stem, tuple(labelled(json.loads(line)) for line in lines if line.strip()))


SHIPPED = "training.jsonl.gz"  # the project's mails, packed by `pack`


def shipped() -> tuple[Collection, ...]:
    """The mails that the program's own weights were learnt from."""
    with files("responder").joinpath(SHIPPED).open("rb") as file, gzip.open(file, "rt", encoding="utf-8") as lines:
        every = [json.loads(line) for line in lines]
    return tuple(
        Collection(name, tuple(labelled(mail) for mail in mails))
        for name, mails in groupby(every, key=lambda mail: str(mail["set"]))
    )


def pack(paths: Iterable[Path]) -> bytes:
    """Files of JSON lines as one; only what is learnt from. The same files give the same bytes."""
    packed = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                mail = json.loads(line)
                kept = {key: mail[key] for key in ("id", "subject", "body", "urgency", "situations")}
                note = HARD if str(mail["note"]).startswith(HARD) else ""
                packed.append(json.dumps({"set": path.stem, **kept, "note": note}, ensure_ascii=False))
    return gzip.compress("".join(f"{line}\n" for line in packed).encode(), mtime=0)


def labelled(mail: Mapping[str, object]) -> Labelled:
    subject, body = str(mail["subject"]), str(mail["body"])
    own = quoted.own_words(body, subject)
    heard = hear(own.subject, own.whole, ARRIVED, closing)
    urgency, situations = mail["urgency"], mail["situations"]
    if not isinstance(situations, list):
        raise ValueError(f"{mail['id']}: situations is no list")  # noqa: TRY004 - wrong content, not wrong code
    labels = {Label(each) for each in situations}
    if urgency != "normal":
        labels |= {Label.URGENT, Label(str(urgency))}
    return Labelled(str(mail["id"]), frozenset(labels), tuple(features(heard, ARRIVED)), _heed(str(mail["note"])))


def _heed(note: str) -> float:
    return _HARD_COUNTS if note.startswith(HARD) else 1.0


HARD = "hard: "  # so begins the note of a mail whose obvious word misleads
_HARD_COUNTS = 3.0  # plain mails alone teach only that near times are urgent


# ------------------------------------------------------------------------------------------------------------ fitting

_SEEN_AT_LEAST = 2  # mails; a feature of a single one is its name
_SOFTNESS = 10.0  # the larger, the closer the fit
_STRENGTH = 1 / 58  # of a mail of usual length: what makes _SOFTNESS comparable with mails of length one
_LOUDER = {"as written": 1.0, "subject": 1.0}  # how readily a kind of feature is used
_WORDS = 1.4
_UNDERSTOOD = 1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights as fractions, before they are given a scale: `rows` in the order of `columns`, one column a label."""

    columns: Mapping[str, int]
    rows: Numbers
    bias: Numbers

    def scores(self, mails: Sequence[Labelled]) -> Numbers:
        known = [[at for name in mail.shown if (at := self.columns.get(name)) is not None] for mail in mails]
        sums = [self.rows[each].sum(axis=0) * lengthening(len(each)) + self.bias for each in known]
        return np.array(sums)


def fit(collections: Sequence[Collection]) -> Fit:
    """Logistic regressions with weights shrunk towards nothing, the rarer label weighed up."""
    mails = [mail for each in collections for mail in each.mails]
    heed = np.array([mail.heed for mail in mails])
    seen = Counter(name for mail in mails for name in mail.shown)
    names = sorted(name for name, count in seen.items() if count >= _SEEN_AT_LEAST)
    columns = {name: at for at, name in enumerate(names)}
    size = np.array([math.log(len(mails) / seen[name]) * _loudness(name) * _STRENGTH for name in names])
    matrix = _matrix(mails, columns, size)
    rows, bias = np.zeros((len(names), len(LABELS))), np.zeros(len(LABELS))
    for at, label in enumerate(LABELS):
        truth = np.array([label in mail.labels for mail in mails])
        views = (np.ones(len(names)), _telling(matrix, truth))
        found = [_regression(matrix, truth, heed, view) for view in views]
        rows[:, at] = np.mean([weights for weights, _ in found], axis=0) * size
        bias[at] = np.mean([bias for _, bias in found])
    return Fit(columns, rows, bias)


def _regression(matrix: csr_matrix, truth: Numbers, heed: Numbers, view: Numbers) -> tuple[Numbers, float]:
    """The weights and the bias; a feature that `view` makes larger is used more readily."""
    model = LogisticRegression(
        C=_SOFTNESS, class_weight="balanced", solver="liblinear", dual=True, tol=1e-3, max_iter=2000, random_state=0
    )
    seen = matrix.copy()
    seen.data *= view[seen.indices]
    model.fit(seen, truth, sample_weight=heed)
    return model.coef_[0] * view, float(model.intercept_[0])


def _telling(matrix: csr_matrix, truth: Numbers) -> Numbers:
    """How much likelier each feature is among the mails of the label, or among the others: 1 on average.

    Only half of it counts, and the judge takes the mean of this view and the plain one: strangers' mails are told
    a little better by both together than by either.
    """
    shown = matrix > 0
    inside, outside = (np.asarray(shown[each].sum(axis=0)).ravel() + 1.0 for each in (truth, np.logical_not(truth)))
    ratio = np.abs(np.log(inside / inside.sum()) - np.log(outside / outside.sum()))
    return np.asarray((1 + ratio / max(float(ratio.mean()), 1e-9)) / 2, dtype=np.float64)


def _loudness(name: str) -> float:
    kind, colon, _ = name.partition(": ")
    return _LOUDER.get(kind, _UNDERSTOOD) if colon else _WORDS


def _matrix(mails: Sequence[Labelled], columns: Mapping[str, int], size: Numbers) -> csr_matrix:
    values: list[Numbers] = []
    places: list[int] = []
    ends = [0]
    for mail in mails:
        known = [at for name in mail.shown if (at := columns.get(name)) is not None]
        values.append(size[known] * lengthening(len(known)))
        places.extend(known)
        ends.append(len(places))
    return csr_matrix((np.concatenate(values), places, ends), shape=(len(mails), len(columns)))


# ------------------------------------------------------------------------------------ what the labels say of each other

_IN_COMPANY = (
    Label.COMPLAINT,
    Label.SCOPE_CHANGE,
    Label.APPOINTMENT_CHANGE,
    Label.HANDOVER_DELAY,
    Label.SELF_SERVICE,
)  # the others were told no better for it


@dataclass(frozen=True, slots=True)
class Company:
    """The scores of all labels → the score of each: a hand-over that slips looks like an appointment that is moved."""

    shares: Numbers  # rows: the labels listened to; columns: the labels told
    bias: Numbers

    def scores(self, scores: Numbers) -> Numbers:
        return np.asarray(scores @ self.shares + self.bias)

    def scored(self, each: Scored) -> Scored:
        return Scored(each.collection, self.scores(each.scores))

    def fit(self, alone: Fit) -> Fit:
        """Sums of weights are weights: the judge has nothing more to do."""
        return Fit(alone.columns, alone.rows @ self.shares, self.scores(alone.bias))


def company(scored: Sequence[Scored]) -> Company:
    """How the labels speak for and against each other, from scores of mails not seen."""
    scores = np.concatenate([each.scores for each in scored])
    mails = [mail for each in scored for mail in each.collection.mails]
    heed = np.array([mail.heed for mail in mails])
    spread = scores.std(axis=0) + 1e-9
    shares, bias = np.eye(len(LABELS)), np.zeros(len(LABELS))
    for label in _IN_COMPANY:
        at = LABELS.index(label)
        truth = np.array([label in mail.labels for mail in mails])
        model = LogisticRegression(C=1.0, solver="lbfgs", max_iter=1000).fit(scores / spread, truth, sample_weight=heed)
        shares[:, at], bias[at] = model.coef_[0] / spread, float(model.intercept_[0])
    return Company(shares, bias)


# -------------------------------------------------------------------------------------------- what a score is worth


def left_out(collections: Sequence[Collection]) -> tuple[Scored, ...]:
    """Each collection scored by what was learnt from all the others."""
    return tuple(
        Scored(each, fit([other for other in collections if other is not each]).scores(each.mails))
        for each in collections
    )


@dataclass(frozen=True, slots=True)
class Aim:
    """What a threshold is to reach on mails not seen: the best F1, unless precision would be less than wanted.

    Of the thresholds that come so near to the best (`as_good`), the lowest is taken.
    """

    precision: float = 0.0
    normal_at_most: float = 1.0  # the share of normal mails that may be given this label
    as_good: float = 0.0


AIMS = {
    Label.THANKS_ONLY: Aim(precision=0.985),
    Label.EMERGENCY: Aim(normal_at_most=0.004),
    Label.URGENT: Aim(as_good=0.005),  # strangers' wordings score lower; one overlooked costs more than one looked at
}
CERTAIN = Aim(precision=0.97)


def scales(scored: Sequence[Scored]) -> dict[Label, Scale]:
    """For each label the probability of a score and the threshold, from scores of mails not seen."""
    scores = np.concatenate([each.scores for each in scored])
    mails = [mail for each in scored for mail in each.collection.mails]
    heed = np.array([mail.heed for mail in mails])
    normal = np.array([Label.URGENT not in mail.labels for mail in mails])
    found: dict[Label, Scale] = {}
    for at, label in enumerate(LABELS):
        truth = np.array([label in mail.labels for mail in mails])
        curve = LogisticRegression(C=1e6, solver="lbfgs").fit(scores[:, [at]], truth)
        unit, bias = float(curve.coef_[0, 0]), float(curve.intercept_[0])
        chance = Scale(unit, bias, 0.0).probability
        given = _threshold(scores[:, at], truth, normal, heed, AIMS.get(label, Aim()))
        certain = _threshold(scores[:, at], truth, normal, heed, CERTAIN)
        found[label] = Scale(unit, bias, chance(given), chance(certain) if certain < math.inf else math.inf)
    return found


def _threshold(scores: Numbers, truth: Numbers, normal: Numbers, heed: Numbers, aim: Aim) -> float:
    """The score with the best F1 among those that reach the aim; none is high enough if none does."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(heed[order] * truth[order])
    given = np.cumsum(heed[order])
    wrongly = np.cumsum(normal[order]) / max(int(normal.sum()), 1)
    good = np.maximum.accumulate(wrongly) <= aim.normal_at_most
    if aim.precision:
        precise = right / given >= aim.precision
        good &= np.flip(np.logical_or.accumulate(np.flip(precise)))
        good &= precise
    if not good.any():
        return math.inf
    f1 = np.where(good, 2 * right / (given + (heed * truth).sum()), -1.0)
    best = int(np.flatnonzero(f1 >= f1.max() - aim.as_good)[-1])
    after = scores[order[best + 1]] if best + 1 < len(order) else scores[order[best]]
    return float((scores[order[best]] + after) / 2)


# -------------------------------------------------------------------------------------------- an office's own mails

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Taught:
    """What an office's own mails changed: the new weights, and of each own mail what was and is said, itself unseen."""

    weights: Weights
    before: Sequence[frozenset[Label]]
    after: Sequence[frozenset[Label]]


def teach(base: Sequence[Collection], own: Collection) -> Taught:
    """The base's mails and the office's own; each fold of the own ones is scored by what was learnt without it."""
    known = left_out(base)
    before = fit(base).scores(own.mails)
    unseen = np.zeros_like(before)
    for fold in range(FOLDS):
        others = Collection(own.name, tuple(mail for at, mail in enumerate(own.mails) if at % FOLDS != fold))
        unseen[fold::FOLDS] = fit([*base, others]).scores(own.mails[fold::FOLDS])
    weights = packed(fit([*base, own]), scales([*known, Scored(own, unseen)]))
    by = scales(known)  # thresholds that no mail of the office has set
    return Taught(weights, labels_given(before, by), labels_given(unseen, by))


# ------------------------------------------------------------------------------------------------------ small enough


def learn(collections: Sequence[Collection]) -> Weights:
    """The weights from all collections, with the probabilities and thresholds of their left-out scores."""
    scored = left_out(collections)
    together = company(scored)
    return packed(together.fit(fit(collections)), scales([together.scored(each) for each in scored]))


_LEAST = 2  # steps; a feature that never weighs more is left out


def packed(fitted: Fit, scaled: Mapping[Label, Scale]) -> Weights:
    """Each weight as one byte, in steps of a 127th of the label's largest."""
    step = np.maximum(np.abs(fitted.rows).max(axis=0) / 127, 1e-12)
    steps = np.rint(fitted.rows / step).astype(int)
    by_feature = {
        name: bytes((steps[at] + ZERO).tolist())
        for name, at in fitted.columns.items()
        if np.abs(steps[at]).max() >= _LEAST
    }
    stepped = {
        label: Scale(
            scaled[label].unit * float(step[at]),
            scaled[label].bias + scaled[label].unit * float(fitted.bias[at]),
            scaled[label].threshold,
            scaled[label].certain,
        )
        for at, label in enumerate(LABELS)
    }
    return Weights(stepped, by_feature)


def labels_given(scores: Numbers, scaled: Mapping[Label, Scale]) -> list[frozenset[Label]]:
    """The labels that these scores lead to, mail by mail."""
    return [given_labels(each, scaled) for each in likely(scores, scaled)]


def likely(scores: Numbers, scaled: Mapping[Label, Scale]) -> list[dict[Label, float]]:
    """How likely these scores make each label, mail by mail."""
    return [
        {label: scaled[label].probability(score) for label, score in zip(LABELS, row, strict=True)}
        for row in scores.tolist()
    ]
