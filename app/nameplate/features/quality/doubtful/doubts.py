"""The doubt of labels, by the labels of other images and by the names.

Four sources say what an image shows. Three learn from labels; each is asked about images in a
fold that it has not seen, so that no label speaks for itself:

- `means`: linear discriminants, the distance to the mean of each label;
- `plain`: logistic regression on the embeddings;
- `named`: logistic regression that starts from what the names say;
- `names`: the zero-shot probabilities.

The probabilities of the sources are multiplied, each raised to a weight. The weights, and the share
e of wrong labels, are those under which the labels are most likely if a label is what the
image shows with probability 1 - e, and any label otherwise. So a source that foretells the labels
badly counts for nothing, and wrong labels bend the weights little. A second round learns from each
label as far as the first one believed it. How well it ranks wrong labels: docs/performance.md.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.progress import NEVER, CancelToken
from nameplate.scoring.scores import log_softmax

Floats = NDArray[Any]
"""Of float32 or float64."""
Places = NDArray[np.int64]

MOST_LABELS: Final = 200
"""With more different labels there are no regressions: means learn as well from few images each."""

_MOST_TO_FIT: Final = 20_000
"""Images for one regression: a random part of more."""
_MOST_TO_REPEAT: Final = 100_000
"""Images times labels; for up to so many, what several partitions into folds say is averaged."""
_FOLDS, _FOLDS_OF_FEW, _ROUNDS, _ROUNDS_OF_FEW = 5, 10, 2, 4
_LEARNING: Final = 3
"""Sources that learn."""

# Chosen on sets with labels made wrong at random and by likeness; see docs/performance.md.
_RIDGE, _BIAS_RIDGE = 0.1, 0.5
_SPHERE: Final = 0.5
"""How far the spread within labels is drawn to a sphere, from 0 to 1."""
_OF_COMMON_MEAN: Final = 1.0
"""Images that the common mean counts for in the mean of a label."""
_NAMED: Final = 2.0
"""The length of the roots of zero-shot probabilities, as inputs: which names are mixed up."""
_STEPS: Final = 25
_EQUAL: Final = 2.0
"""How strongly weights are held near equal ones; matters for some ten images only."""
_HALVES: Final = 12
"""How often a step is halved until it leads up."""
_WRONG_PRIOR: Final = (2.0, 30.0)
"""Of the Beta distribution of the share of wrong labels."""
_LEAST: Final = 1e-9
_SMALLEST: Final = np.finfo(np.float32).tiny
"""A probability that has a logarithm."""
_OF_UNSURE: Final = 0.5
"""How much the entropy of what an image shows counts for the odds that its label is wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Doubts:
    """The doubts of n labels.

    Attributes:
        wrong: n: the probability that each is wrong, by the model above, made less where the image
            shows surely one thing: a sure contradiction is often two names for one thing, a label
            at random seldom.
        logs: n x K: the logarithms of the probabilities of what each image shows.
        if_right: What `wrong` would add up to if each label were drawn by these probabilities, and
            so none were wrong: some images are doubtful whatever their label is.
    """

    wrong: NDArray[np.float64]
    logs: Floats
    if_right: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """Images with one label each.

    Attributes:
        points: n x q float32 coordinates with a mean squared length of 1.
        given: n places of the labels, below K.
        labels: K.
        copies: n: the same number, from 0, for copies of one picture.
        names: n x K logarithms of the probabilities by the names; None where these say nothing.
    """

    points: Floats
    given: Places
    labels: int
    copies: Places
    names: Floats | None = None


def doubts_of(of: Labelled, cancel: CancelToken = NEVER) -> Generator[float, None, Doubts]:
    """Yield the share that is done after each fit, and return the doubt of each label."""
    given, labels, copies, count = of.given, of.labels, of.copies, len(of.given)
    rng = np.random.default_rng(0)
    is_few = count * labels <= _MOST_TO_REPEAT
    folds = _FOLDS if count > _MOST_TO_FIT else _FOLDS_OF_FEW
    turns = _ROUNDS_OF_FEW if is_few else _ROUNDS
    belief, total, right = np.ones(count), np.zeros((), np.float32), np.zeros(count)
    logs, share = np.zeros((count, labels), np.float32), 0.0
    for turn in range(turns):
        said, dealt = list[Floats](), _dealt(given, copies, folds, rng)
        for done in _fit(said, of, belief, dealt, rng, cancel):
            yield (turn + done) / turns
        weights, share = _mixed(said, given, cancel)
        logs = log_softmax(_weighted(said, weights), np.float32)
        if turn:  # the first round believed every label
            total = total + np.exp(logs)
            logs = np.log(np.maximum(total / turn, _SMALLEST))
        logs = _together(logs, copies)
        right = _log_right(logs, given, copies, share)
        belief = np.exp(right)
    odds = np.log(np.maximum(-np.expm1(right), _LEAST)) - right
    shown = np.exp(logs)
    unsure = _OF_UNSURE * np.log(np.maximum(-(shown * logs).sum(axis=1), _LEAST))
    wrong_for_right = (
        np.maximum(1 - shown, _LEAST) / np.maximum(shown, _LEAST) / _ratio(share, labels)
    )
    doubts = 1 / (1 + 1 / (wrong_for_right * np.exp(unsure)[:, None]))
    return Doubts(1 / (1 + np.exp(-odds - unsure)), logs, float((shown * doubts).sum()))


def _dealt(given: Places, copies: Places, folds: int, rng: np.random.Generator) -> Places:
    """Return a fold for each image: labels are spread over folds, copies stay together."""
    first, copies = np.unique(copies, return_index=True, return_inverse=True)[1:]
    fold = np.empty(len(first), np.int64)
    fold[np.lexsort((rng.random(len(first)), given[first]))] = np.arange(len(first)) % folds
    return fold[copies]


def _fit(
    said: list[Floats],
    of: Labelled,
    belief: Floats,
    fold: Places,
    rng: np.random.Generator,
    cancel: CancelToken,
) -> Iterator[float]:
    """Append each source's log-probabilities (n x K) to `said`.

    Yields the share that is done.
    """
    folds = np.unique(fold).tolist()
    for place, number in enumerate(folds):
        asked, known = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        for source, logs in enumerate(_learned(of, belief, known, asked, rng, cancel)):
            if source == len(said):
                said.append(np.empty((len(fold), of.labels), np.float32))
            said[source][asked] = logs
            yield (place + (source + 1) / _LEARNING) / len(folds)
    if of.names is not None:
        said.append(of.names)


def _learned(
    of: Labelled,
    belief: Floats,
    known: Places,
    asked: Places,
    rng: np.random.Generator,
    cancel: CancelToken,
) -> Iterator[Floats]:
    """Yield the log-probabilities of `asked` by each source that is fitted on `known`."""
    cancel.raise_if_cancelled()
    points, given, names = of.points, of.given, of.names
    middle, axes, bias = _discriminants(points[known], given[known], belief[known], of.labels)
    yield log_softmax((points[asked] - middle) @ axes + bias, np.float32)
    if of.labels > MOST_LABELS:
        return
    if len(known) > _MOST_TO_FIT:
        known = rng.choice(known, _MOST_TO_FIT, replace=False)
    inputs = [(points, np.zeros((len(given), of.labels), np.float32))]
    if names is not None:
        inputs.append((np.concatenate([points, _NAMED * np.exp(names / 2)], axis=1), names))
    for seen, start in inputs:
        cancel.raise_if_cancelled()
        axes = _regression(seen[known], given[known], belief[known], start[known], cancel)
        yield log_softmax(seen[asked] @ axes[:-1] + axes[-1] + start[asked], np.float32)


def _discriminants(
    points: Floats, given: Places, belief: Floats, labels: int
) -> tuple[Floats, Floats, Floats]:
    """Return the middle (q), axes (q x K) and bias (K) of linear discriminants.

    The spread within labels is shared, and drawn to a sphere.
    """
    counts = np.bincount(given, belief, labels)
    middle = np.average(points, axis=0, weights=belief)
    centred = points - middle
    sums = np.stack([np.bincount(given, belief * column, labels) for column in centred.T])
    means: Floats = sums / (counts + _OF_COMMON_MEAN)
    rest = (centred - means.T[given]) * np.sqrt(belief)[:, None]
    spread: Floats = rest.T @ rest / belief.sum()
    sphere: Floats = np.eye(len(spread)) * max(np.trace(spread), _LEAST) / len(spread)
    axes: Floats = np.linalg.solve((1 - _SPHERE) * spread + _SPHERE * sphere, means)
    lengths: Floats = (means * axes).sum(axis=0)
    return middle, axes, np.log(counts + 1) - 0.5 * lengths


def _regression(
    points: Floats, given: Places, belief: Floats, start: Floats, cancel: CancelToken
) -> Floats:
    """Return (q + 1) x K: the most probable logistic regression upon given logits (n x K).

    Each step is by one matrix that bounds how the loss bends (Böhning 1992), with Nesterov's
    momentum, which begins anew where it leads up.
    """
    lines = np.arange(len(given))
    inputs: Floats = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    ridge = np.full(inputs.shape[1], _RIDGE)
    ridge[-1] = _BIAS_RIDGE
    step: Floats = np.linalg.inv(0.5 * inputs.T @ (belief[:, None] * inputs) + np.diag(ridge))
    at: Floats = np.zeros((inputs.shape[1], start.shape[1]))
    ahead: Floats = at
    pace = 1.0
    for _ in range(_STEPS):
        cancel.raise_if_cancelled()
        error = np.exp(log_softmax(inputs @ ahead + start, np.float32)).astype(np.float64)
        error[lines, given] -= 1
        slope: Floats = inputs.T @ (belief[:, None] * error) + ridge[:, None] * ahead
        reached: Floats = ahead - step @ slope
        pace = 1.0 if (slope * (reached - at)).sum() > 0 else pace
        faster = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        at, ahead, pace = reached, reached + (pace - 1) / faster * (reached - at), faster
    return at


def _mixed(said: Sequence[Floats], given: Places, cancel: CancelToken) -> tuple[Floats, float]:
    """Return the most likely weights of the sources, none below 0, and share of wrong labels.

    By expectation (which labels are believed) and better weights for these, in turn.
    """
    lines, labels = np.arange(len(given)), said[0].shape[1]
    weights, share = np.full(len(said), 1 / len(said)), 0.05
    logs = log_softmax(_weighted(said, weights), np.float32)
    first, second = _WRONG_PRIOR
    for _ in range(40):
        cancel.raise_if_cancelled()
        right = (1 - share) * np.exp(logs[lines, given].astype(np.float64))
        belief = right / (right + share / labels)
        share = float(((1 - belief).sum() + first - 1) / (len(given) + first + second - 2))
        before = weights
        weights, logs = _better(said, given, belief, weights, logs)
        if np.abs(weights - before).max() < 1e-3:
            break
    return weights, share


def _better(
    said: Sequence[Floats], given: Places, belief: Floats, weights: Floats, logs: Floats
) -> tuple[Floats, Floats]:
    """Return weights under which believed labels are likelier, and the mixed log-probabilities.

    By a Newton step, halved until it leads up: a whole one may lead far beyond the best weights,
    and back, for ever. Where no part of it leads up, the weights stay.
    """
    lines, equal = np.arange(len(given)), 1 / len(said)
    shown = np.exp(logs)
    own = np.stack([one[lines, given] for one in said], axis=1, dtype=np.float64)
    expected = np.stack([(shown * one).sum(axis=1) for one in said], axis=1, dtype=np.float64)
    slope = (belief[:, None] * (own - expected)).sum(axis=0) - _EQUAL * (weights - equal)
    weighted = shown * belief[:, None].astype(np.float32)
    both = np.array([[float((weighted * a * b).sum()) for b in said] for a in said])
    bend = both - expected.T @ (belief[:, None] * expected) + _EQUAL * np.eye(len(said))
    is_free = (weights > 0) | (slope > 0)
    step = np.zeros(len(said))
    step[is_free] = np.linalg.solve(bend[np.ix_(is_free, is_free)], slope[is_free])

    def worth(at: Floats, logs: Floats) -> float:
        far = float(((at - equal) ** 2).sum())
        return float(belief @ logs[lines, given].astype(np.float64)) - _EQUAL / 2 * far

    least = worth(weights, logs)
    for _ in range(_HALVES):
        at = np.maximum(weights + step, 0)
        at_logs = log_softmax(_weighted(said, at), np.float32)
        if worth(at, at_logs) > least:
            return at, at_logs
        step = step / 2
    return weights, logs


def _weighted(said: Sequence[Floats], weights: Floats) -> Floats:
    """Return the weighted sum of the sources' log-probabilities."""
    total = np.zeros_like(said[0])
    for weight, one in zip(weights, said, strict=True):
        total += weight * one
    return total


def _together(logs: Floats, copies: Places) -> Floats:
    """Return log-probabilities, those of copies averaged."""
    sizes = np.bincount(copies)
    if len(sizes) == len(copies):
        return logs
    sums = np.stack([np.bincount(copies, column) for column in logs.T], axis=1)
    return log_softmax(sums / sizes[:, None], np.float32)[copies]


def _log_right(logs: Floats, given: Places, copies: Places, share: float) -> NDArray[np.float64]:
    """Return the logarithm of the probability that each label is right (n).

    A label is wrong with probability e (1 - 1 / K), and is any other then; the labels of copies
    judge one another.
    """
    count, labels = logs.shape
    votes = np.zeros((int(copies.max()) + 1, labels))
    np.add.at(votes, (copies, given), np.log(_ratio(share, labels)))
    total = logs + votes[copies]
    highest = total.max(axis=1)
    others = np.log(np.exp(total - highest[:, None]).sum(axis=1)) + highest
    return total[np.arange(count), given] - others


def _ratio(share: float, labels: int) -> float:
    """Return the odds of the concept that an image shows against any other one as its label."""
    return (1 - share + share / labels) / (share / labels)
