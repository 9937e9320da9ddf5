"""Images whose truth is known, with what the classifier said of each: one label, or several."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.images import BLOCK_ROWS
from nameplate.features.evaluation.figures.certainty import (
    Coverage,
    Reliability,
    coverage,
    reliability,
)
from nameplate.features.evaluation.figures.shares import Interval, Mean, Share, mean_of

LEAST_OF_A_NAME: Final = 5
"""Images of one name before its share may be called one, rather than counted."""

Flags = NDArray[np.bool_]

MOST_SHOWN: Final = 5
"""Names that are kept of each image, the most probable ones."""


@dataclass(frozen=True, slots=True)
class ConceptResult:
    """Precision and recall of one concept.

    Attributes:
        name: Of the concept.
        images: How many images show it (true positives and false negatives).
        right: How many of those are labelled with it (true positives).
        labelled: How many images are labelled with it (true and false positives).
    """

    name: str
    images: int
    right: int
    labelled: int

    @property
    def recall(self) -> float | None:
        """`right` / `images`; None where there are none."""
        return self.right / self.images if self.images else None

    @property
    def precision(self) -> float | None:
        """`right` / `labelled`; None where there are none."""
        return self.right / self.labelled if self.labelled else None

    @property
    def found(self) -> Share:
        """Recall as a share, which needs some images."""
        return Share(self.right, self.images, LEAST_OF_A_NAME)

    @property
    def fitting(self) -> Share:
        """Precision as a share, which needs some images."""
        return Share(self.right, self.labelled, LEAST_OF_A_NAME)

    @property
    def shared(self) -> Share:
        """Of the images that show it or are labelled with it, those of which both is true.

        The index of P. Jaccard, from which F1 follows: see `f1`.
        """
        return Share(self.right, self.images + self.labelled - self.right, LEAST_OF_A_NAME)

    @property
    def f1(self) -> tuple[float, Interval] | None:
        """F1, the harmonic mean of precision and recall, with its interval; None for too few.

        F1 = 2 J / (1 + J) rises with the share J of `shared`, so that the limits of the one are
        those of the other.
        """
        share, interval = self.shared.value, self.shared.interval
        if share is None or interval is None:
            return None
        return _f1(share), Interval(_f1(interval.low), _f1(interval.high))


def _f1(jaccard: float) -> float:
    return 2 * jaccard / (1 + jaccard)


@dataclass(frozen=True)
class Judged:
    """N images with one label each, and how sure the classifier was.

    Attributes:
        names: Of all that occurs; "" last: none of them.
        truth: N int64, indices into `names`.
        labels: N int64, likewise.
        guesses: N int64, the label, or where there is none the most probable concept; "" where
            that is a reject concept, or nothing is probable.
        sure: N float64 in [0, 1], the probability of the guess; NaN where there is none.
        ranks: N int64, 1 where the truth is the most probable concept; 0 where it is no concept.
        top: N x T int64, the most probable concepts, T <= `MOST_SHOWN`; indices into `names`.
        top_probabilities: N x T float64.
    """

    names: tuple[str, ...]
    truth: NDArray[np.int64]
    labels: NDArray[np.int64]
    guesses: NDArray[np.int64]
    sure: NDArray[np.float64]
    ranks: NDArray[np.int64]
    top: NDArray[np.int64]
    top_probabilities: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.truth)

    @cached_property
    def matrix(self) -> NDArray[np.int64]:
        """How many images of each truth (row) have each label (column), in the order of `names`."""
        size = len(self.names)
        counts = np.bincount(self.truth * size + self.labels, minlength=size * size)
        return counts.reshape(size, size).astype(np.int64)

    @property
    def is_right(self) -> Flags:
        """Whether each label (N) equals the truth; no label is right where the truth is none."""
        return self.labels == self.truth

    @cached_property
    def reliability(self) -> Reliability:
        """Whether the probabilities of the guesses are what they say."""
        return reliability(self.sure, self.guesses == self.truth)

    @cached_property
    def coverage(self) -> Coverage:
        """How much each least probability would label, and how right that is."""
        return coverage(self.sure, self.guesses == self.truth)

    @property
    def share(self) -> Share:
        """The share of the images whose label is right."""
        return Share(int(np.trace(self.matrix)), len(self))

    def per_concept(self) -> tuple[ConceptResult, ...]:
        """Return a result for each name but "", in order."""
        shown, right, given = self.matrix.sum(axis=1), np.diag(self.matrix), self.matrix.sum(axis=0)
        columns = self.names, shown.tolist(), right.tolist(), given.tolist()
        return tuple(ConceptResult(*one) for one in zip(*columns, strict=True))[:-1]

    @property
    def balanced(self) -> Mean | None:
        """The mean of the recalls of all names that images show, each counting alike.

        None where a name has too few images (`missing_for_balance`), or there are none.
        """
        return mean_of([one.found for one in self.per_concept() if one.images])

    @property
    def missing_for_balance(self) -> int:
        """How many more images, of names that have some, `balanced` needs."""
        return sum(one.found.missing for one in self.per_concept() if one.images)

    @cached_property
    def used(self) -> list[int]:
        """The names that occur; empty rows and columns of the matrix say nothing."""
        return np.flatnonzero(self.matrix.sum(axis=0) + self.matrix.sum(axis=1)).tolist()

    @cached_property
    def confusions(self) -> list[tuple[int, int, int]]:
        """Truth, label and number of images of each kind of mistake, the most frequent first."""
        wrong = self.matrix.copy()
        np.fill_diagonal(wrong, 0)
        truths, labels = np.nonzero(wrong)
        counts = wrong[truths, labels]
        order = np.argsort(-counts, kind="stable")
        columns = (truths[order].tolist(), labels[order].tolist(), counts[order].tolist())
        return list(zip(*columns, strict=True))

    def with_name(self, number: int) -> tuple[Flags, Flags]:
        """Return which images (N) really show a name, and which are labelled with it."""
        return self.truth == number, self.labels == number

    def names_of(self, row: int) -> tuple[list[str], list[str]]:
        """Return the names that an image is labelled with, and those that it really shows."""
        label, truth = (self.names[int(column[row])] for column in (self.labels, self.truth))
        return [label] * bool(label), [truth] * bool(truth)

    def most_probable(self, row: int) -> list[tuple[str, float, bool]]:
        """Return an image's most probable names, their probability, and whether it shows them."""
        found = zip(self.top[row].tolist(), self.top_probabilities[row].tolist(), strict=True)
        truth = int(self.truth[row])
        return [(self.names[one], p, one == truth) for one, p in found if np.isfinite(p)]

    def among_first(self, k: int) -> Share:
        """Return the share of the images whose truth is among the `k` most probable concepts."""
        return Share(int(np.count_nonzero((self.ranks > 0) & (self.ranks <= k))), len(self))

    def worst_mistakes(self, most: int) -> NDArray[np.int64]:
        """Return the rows of wrong labels, the most sure one first; at most `most`."""
        is_given = (self.labels < len(self.names) - 1) & np.isfinite(self.sure)
        rows = np.flatnonzero(is_given & ~self.is_right)
        return rows[np.argsort(-self.sure[rows], kind="stable")][:most]


def judged(
    truth: Sequence[str],
    labels: Sequence[str],
    concepts: Sequence[tuple[str, bool]],
    probabilities: NDArray[np.floating],
    sure: NDArray[np.floating],
) -> Judged:
    """Compare labels with the truth, by names in any case; a truth may be none of the concepts.

    Args:
        truth: N names; "" for none of them.
        labels: N names; "" for no label.
        concepts: K names, and whether each is a reject concept.
        probabilities: N x K; NaN where an image has none.
        sure: N, the probability of the label, or of the best concept where there is no label.
    """
    spelling = dict[str, str]()
    for name in (*(name for name, is_reject in concepts if not is_reject), *truth, *labels):
        if name:
            spelling.setdefault(name.casefold(), name)
    index, none = {name: i for i, name in enumerate((*spelling, ""))}, len(spelling)
    true, labelled, columns = (
        np.array([index[name.casefold()] for name in names], np.int64)
        for names in (truth, labels, ["" if is_reject else name for name, is_reject in concepts])
    )
    shape = len(truth), min(MOST_SHOWN, len(concepts))
    ranks, top, shown = np.empty(shape[0], np.int64), np.empty(shape, np.int64), np.empty(shape)
    for start in range(0, len(truth), BLOCK_ROWS):  # so that no copy of all probabilities is made
        part, block = slice(start, start + BLOCK_ROWS), probabilities[start : start + BLOCK_ROWS]
        order = np.argsort(-block, axis=1, kind="stable")  # NaN comes last
        name, p = columns[order], np.take_along_axis(block, order, axis=1)
        is_true = (name == true[part, None]) & (name != none) & np.isfinite(p)
        ranks[part] = (is_true * np.cumsum(name != none, axis=1)).max(axis=1, initial=0)
        top[part], shown[part] = name[:, : shape[1]], p[:, : shape[1]]
    guesses = np.where(labelled == none, top[:, 0] if shape[1] else none, labelled)
    is_sure = (guesses != none) & np.isfinite(sure)
    guesses, sure = np.where(is_sure, guesses, none), np.where(is_sure, sure, np.nan)
    names = (*spelling.values(), "")
    return Judged(names, true, labelled, guesses, sure.astype(np.float64), ranks, top, shown)


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
