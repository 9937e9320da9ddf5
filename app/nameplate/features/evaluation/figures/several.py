"""Images that may have several labels each, beside their truth: name by name, and as sets."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nameplate.features.evaluation.figures.certainty import Reliability, coverage, reliability
from nameplate.features.evaluation.figures.judged import (
    LEAST_OF_A_NAME,
    MOST_SHOWN,
    ConceptResult,
    Flags,
    Judged,
)
from nameplate.features.evaluation.figures.shares import Share


@dataclass(frozen=True)
class JudgedSets:
    """N images with the names that they show, those that they are labelled with, and probabilities.

    Attributes:
        names: K names: those that can be given, then true ones that cannot.
        truth: N x K, whether an image shows a name.
        labels: N x K, whether it is labelled with it.
        probabilities: N x K float in [0, 1], each name by itself; NaN where there is none.
    """

    names: tuple[str, ...]
    truth: Flags
    labels: Flags
    probabilities: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.truth)

    @cached_property
    def is_right(self) -> Flags:
        """Whether each image (N) is labelled with just the names that it shows."""
        return (self.truth == self.labels).all(axis=1)

    @property
    def share(self) -> Share:
        """The share of the images that are labelled with just the names that they show."""
        return Share(int(np.count_nonzero(self.is_right)), len(self))

    def per_concept(self) -> tuple[ConceptResult, ...]:
        """Return a result for each name, in order."""
        columns = (
            self.truth.sum(axis=0).tolist(),
            (self.truth & self.labels).sum(axis=0).tolist(),
            self.labels.sum(axis=0).tolist(),
        )
        return tuple(ConceptResult(*one) for one in zip(self.names, *columns, strict=True))

    @property
    def given(self) -> Share:
        """Of all labels that were given, those that are right (precision over all names)."""
        return Share(int(np.count_nonzero(self.truth & self.labels)), int(self.labels.sum()))

    @property
    def found(self) -> Share:
        """Of all labels that should be given, those that were (recall over all names)."""
        return Share(int(np.count_nonzero(self.truth & self.labels)), int(self.truth.sum()))

    @cached_property
    def average_precisions(self) -> tuple[float | None, ...]:
        """The average precision of each name; None for one that no image shows.

        The images are sorted by the name's probability; at each image that shows the name, the
        precision of all down to there; their mean. Equal probabilities come together, as in
        scikit-learn's `average_precision_score`. An image without a probability is never found.
        """
        return tuple(
            _average_precision(self.probabilities[:, column], self.truth[:, column])
            for column in range(len(self.names))
        )

    @property
    def mean_average_precision(self) -> float | None:
        """The mean over the names that images show; None where one of them has too few."""
        counts = self.truth.sum(axis=0)
        if not counts.any() or counts[counts > 0].min() < LEAST_OF_A_NAME:
            return None
        return float(np.mean([one for one in self.average_precisions if one is not None]))

    @property
    def missing_for_mean(self) -> int:
        """How many more images, of names that have some, `mean_average_precision` needs."""
        counts = self.truth.sum(axis=0)
        return int(np.maximum(LEAST_OF_A_NAME - counts[counts > 0], 0).sum())

    @cached_property
    def reliability(self) -> Reliability:
        """Whether the probabilities of names are what they say, over all images and names."""
        return reliability(self.probabilities.ravel(), self.truth.ravel())

    def mistakes(self) -> list[tuple[int, int, int]]:
        """Return each name's column, how often it was missed and wrongly given; most first."""
        missed = (self.truth & ~self.labels).sum(axis=0)
        wrong = (self.labels & ~self.truth).sum(axis=0)
        order = np.argsort(-(missed + wrong), kind="stable")
        found = zip(order.tolist(), missed[order].tolist(), wrong[order].tolist(), strict=True)
        return [one for one in found if one[1] + one[2]]

    def worst_mistakes(self, most: int) -> NDArray[np.int64]:
        """Return the rows of images with wrong labels, the farthest off first; at most `most`.

        How far off is what the worst of its names is: the probability of one that was wrongly
        given, or 1 less that of one that was missed.
        """
        off = np.where(self.truth, 1 - self.probabilities, self.probabilities)
        off = np.where(self.truth != self.labels, np.nan_to_num(off, nan=0.0), -1.0)
        rows = np.flatnonzero(~self.is_right)
        worst = off[rows].max(axis=1, initial=-1.0)
        return rows[np.argsort(-worst, kind="stable")][:most]

    def with_name(self, number: int) -> tuple[Flags, Flags]:
        """Return which images (N) really show a name, and which are labelled with it."""
        return self.truth[:, number], self.labels[:, number]

    def names_of(self, row: int) -> tuple[list[str], list[str]]:
        """Return the names that an image is labelled with, and those that it really shows."""
        label, truth = (
            [self.names[column] for column in np.flatnonzero(flags[row]).tolist()]
            for flags in (self.labels, self.truth)
        )
        return label, truth

    def most_probable(self, row: int) -> list[tuple[str, float, bool]]:
        """Return an image's most probable names, their probability, and whether it shows them."""
        p, is_true = self.probabilities[row], self.truth[row].tolist()
        order: list[int] = np.argsort(-np.nan_to_num(p, nan=-1.0), kind="stable").tolist()
        known = (one for one in order[:MOST_SHOWN] if np.isfinite(p[one]))
        return [(self.names[one], float(p[one]), is_true[one]) for one in known]


AnyJudged = Judged | JudgedSets
"""Images with one label each, or with several; what both can do has the same name."""


def _average_precision(p: NDArray[np.float32], shown: Flags) -> float | None:
    total = int(np.count_nonzero(shown))
    if not total:
        return None
    down = coverage(p, shown)
    more = np.diff(down.right, prepend=0)
    return float((more * (down.right / down.labelled)).sum() / total)
