"""Logistic regression on decisions, which starts from the probabilities that names give."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nameplate.pipeline.learning.minimise import minimise
from nameplate.scoring.scores import log_softmax

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_PROBABILITY: Final = 1e-6
"""Probabilities by names below it are taken for it: no name is ruled out for good."""

_GRADIENT: Final = 5e-3  # where the loss bends about as much as 1 in all directions
_LEAST_BEND: Final = 1e-3


class Priors(NamedTuple):
    """Strengths of the priors, chosen on labelled sets of photos; see ADR 0030.

    Attributes:
        vectors: Of the vectors being small.
        bias: Of no bias.
        scale: Of a scale of 1.
    """

    vectors: float
    bias: float
    scale: float


OF_EMBEDDINGS: Final = Priors(0.05, 3.0, 10.0)
OF_DESCRIPTORS: Final = Priors(0.1, 10.0, 1.0)


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The inputs of a regression, of n images.

    Attributes:
        coordinates: n x q.
        offsets: n x K, see `offsets_of`.
        shown: n x K: the concepts that they show.
        excluded: n x K: those that they are known not to show; not all where they are exclusive.
        exclusive: Whether an image shows one concept: then probabilities add up to 1.
        priors: Of what is fitted.
    """

    coordinates: Floats
    offsets: Floats
    shown: Bools
    excluded: Bools
    exclusive: bool
    priors: Priors = OF_EMBEDDINGS

    def __len__(self) -> int:
        return len(self.coordinates)

    def take(self, rows: NDArray[np.int64] | Bools) -> "TrainingData":
        """Return the data of some of the images."""
        return TrainingData(
            self.coordinates[rows],
            self.offsets[rows],
            self.shown[rows],
            self.excluded[rows],
            self.exclusive,
            self.priors,
        )


@dataclass(frozen=True, slots=True)
class _Search:
    """In which coordinates a regression is searched, and where the search is.

    Attributes:
        axes: q x r, of the vectors.
        of_bias: The unit of the bias.
        of_scale: That of the logarithm of the scale.
        at: The point: r x K of the vectors, K of the bias, 1 of the scale.
    """

    axes: Floats
    of_bias: float
    of_scale: float
    at: Floats


@dataclass(frozen=True, slots=True)
class Regression:
    """Logits are `scale` times offsets, plus coordinates times `vectors`, plus `bias`.

    Attributes:
        vectors: q x K.
        bias: K.
        scale: Positive; 1 leaves what names say as it is.
        is_found: Whether the search for them came to an end.
        search: How it went on; for the next one.
    """

    vectors: Floats
    bias: Floats
    scale: float
    is_found: bool
    search: _Search

    def logits(self, known: TrainingData) -> Floats:
        """Return the logits of n images, n x K."""
        return self.scale * known.offsets + known.coordinates @ self.vectors + self.bias


def offsets_of(probabilities: NDArray[np.floating], *, exclusive: bool) -> Floats:
    """Return the logits (n x K) that give these probabilities.

    Args:
        probabilities: n x K by names.
        exclusive: Whether they add up to 1; then logits are centred in each row.
    """
    bounded = np.clip(probabilities.astype(np.float64), LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    if not exclusive:
        return np.log(bounded) - np.log1p(-bounded)
    logits = np.log(bounded)
    return logits - logits.mean(axis=1, keepdims=True)


def fit(known: TrainingData, near: Regression | None = None) -> Regression:
    """Return the most probable regression, where small vectors, no bias and scale 1 are likely.

    It is searched in coordinates in which the loss bends alike in all directions, so that few steps
    lead to the end of the search.

    Args:
        known: Of n images.
        near: Of these images and some more, where the search shall begin; it ends at the same
            place, since there is one minimum.
    """
    count = known.offsets.shape[1]
    search = near.search if near else _beginning(known)
    axes, of_bias, of_scale = search.axes, search.of_bias, search.of_scale
    priors = known.priors
    points, ridge = known.coordinates @ axes, (priors.vectors * (axes**2).sum(axis=0))[:, None]

    def loss(at: Floats) -> tuple[float, Floats]:
        vectors, bias, stretch = _parts(at, count)
        bias, stretch = of_bias * bias, of_scale * stretch
        scaled = np.exp(stretch) * known.offsets
        values, errors = loss_of(scaled + points @ vectors + bias, known)
        value = float(values.sum())
        value += float((ridge * vectors**2).sum()) / 2 + priors.bias / 2 * float(bias @ bias)
        value += priors.scale / 2 * stretch**2
        by_vectors = (points.T @ errors + ridge * vectors).ravel()
        by_bias = of_bias * (errors.sum(axis=0) + priors.bias * bias)
        by_stretch = [of_scale * (float((errors * scaled).sum()) + priors.scale * stretch)]
        return value, np.concatenate([by_vectors, by_bias, by_stretch])

    found = minimise(loss, search.at, gradient=_GRADIENT)
    vectors, bias, stretch = _parts(found.at, count)
    scale, search = float(np.exp(of_scale * stretch)), replace(search, at=found.at)
    return Regression(axes @ vectors, of_bias * bias, scale, found.is_found, search)


def _beginning(known: TrainingData) -> _Search:
    """Return coordinates in which the loss bends alike, and the point that is names alone."""
    _, errors = loss_of(known.offsets, known)
    bend = max(float((errors**2).mean()), _LEAST_BEND)
    _, values, axes = np.linalg.svd(known.coordinates, full_matrices=False)
    evened = axes.T / np.sqrt(bend * values**2 + known.priors.vectors)
    of_bias = 1 / np.sqrt(bend * len(known) + known.priors.bias)
    of_scale = 1 / np.sqrt(bend * float((known.offsets**2).sum()) + known.priors.scale)
    size = int((evened.shape[1] + 1) * known.offsets.shape[1] + 1)
    start: Floats = np.zeros(size, dtype=np.float64)
    return _Search(evened, float(of_bias), float(of_scale), start)


def allowed(shown: Bools, excluded: Bools) -> Bools:
    """Return which concepts (n x K) each image may show, of which it shows one."""
    return np.where(shown.any(axis=1, keepdims=True), shown, ~excluded)


def _parts(point: Floats, count: int) -> tuple[Floats, Floats, float]:
    """Return the vectors, the bias and the logarithm of the scale that a point stands for."""
    vectors = point[: -count - 1].reshape(-1, count)
    return vectors, point[-count - 1 : -1], float(point[-1])


def loss_of(logits: Floats, known: TrainingData) -> tuple[Floats, Floats]:
    """Return minus the log-likelihood of each image's labels (n); its gradient (n x K).

    Where concepts exclude each other, that one of the allowed ones is shown; otherwise that of each
    concept that is known.
    """
    if known.exclusive:
        logs = log_softmax(logits, np.float64)
        inside = np.where(allowed(known.shown, known.excluded), logs, -np.inf)
        highest = inside.max(axis=1, keepdims=True)
        total = highest + np.log(np.exp(inside - highest).sum(axis=1, keepdims=True))
        return -total[:, 0], np.exp(logs) - np.exp(inside - total)
    is_known = known.shown | known.excluded
    signed = np.where(known.shown, -logits, logits)
    values = (np.logaddexp(0, signed) * is_known).sum(axis=1)
    probabilities = 0.5 * (np.tanh(0.5 * logits) + 1)
    return values, (probabilities - known.shown) * is_known
