"""Images whose truth is known, with what the classifier said of each; arrays for all figures."""

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
from nameplate.features.evaluation.figures.shares import Interval, Share, mean_of

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
    def balanced(self) -> tuple[float, Interval] | None:
        """The mean of the recalls of all names that images show, each counting alike.

        None where a name has too few images (`missing_for_balance`), or there are none.
        """
        return mean_of([one.found for one in self.per_concept() if one.images])

    @property
    def missing_for_balance(self) -> int:
        """How many more images, of names that have some, `balanced` needs."""
        return sum(one.found.missing for one in self.per_concept() if one.images)

    def confusions(self) -> list[tuple[int, int, int]]:
        """Return truth, label and number of images of each kind of mistake, most frequent first."""
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


def random_rows(size: int, count: int, seed: int) -> NDArray[np.int64]:
    """Return `count` of `size` rows that chance alone chose, ascending: the same for a seed."""
    chosen = np.random.default_rng(seed).choice(size, min(count, size), replace=False)
    return np.sort(chosen).astype(np.int64)


def judged(
    truth: Sequence[str],
    labels: Sequence[str],
    concepts: Sequence[tuple[str, bool]],
    probabilities: NDArray[np.floating],
    sure: NDArray[np.floating],
) -> Judged:
    """Compare labels with the truth.

    Args:
        truth: N names; "" for none of them.
        labels: N names; "" for no label.
        concepts: K names, and whether each is a reject concept.
        probabilities: N x K; NaN where an image has none.
        sure: N, the probability of the label, or of the best concept where there is no label.
    """
    given = [name for name, is_reject in concepts if not is_reject]
    names, true, labelled = numbered(truth, labels, given)
    none = len(names) - 1
    number = {name.casefold(): i for i, name in enumerate(names)}
    columns = np.array(
        [none if is_reject else number[name.casefold()] for name, is_reject in concepts],
        dtype=np.int64,
    )
    size, count = len(truth), min(MOST_SHOWN, len(concepts))
    p = probabilities.reshape(size, len(concepts))
    first, shown = np.empty((size, count), np.int64), np.empty((size, count), np.float64)
    ranks = np.empty(size, np.int64)
    for start in range(0, size, BLOCK_ROWS):  # so that no copy of all probabilities is made
        part, block = slice(start, start + BLOCK_ROWS), p[start : start + BLOCK_ROWS]
        first[part] = np.argsort(-block, axis=1, kind="stable")[:, :count]  # NaN comes last
        shown[part] = np.take_along_axis(block, first[part], axis=1)
        ranks[part] = _ranks(true[part], columns, block, none)
    best = columns[first[:, 0]] if count else np.full(size, none)
    guesses = np.where(labelled == none, best, labelled)
    is_sure = (guesses != none) & np.isfinite(sure)
    guesses = np.where(is_sure, guesses, none)
    return Judged(
        names,
        true,
        labelled,
        guesses,
        np.where(is_sure, sure, np.nan).astype(np.float64),
        ranks,
        columns[first],
        shown,
    )


def _ranks(
    truth: NDArray[np.int64], columns: NDArray[np.int64], p: NDArray[np.floating], none: int
) -> NDArray[np.int64]:
    """Return the place of each image's truth among the concepts, from 1; 0 for no place."""
    column_of = np.full(none + 1, -1, dtype=np.int64)
    column_of[columns] = np.arange(len(columns))
    column_of[none] = -1
    column = column_of[truth]
    ranks = np.zeros(len(truth), dtype=np.int64)
    rows = np.flatnonzero(column >= 0)
    own = p[rows, column[rows]][:, None]
    is_name = columns[None, :] != none
    is_before = np.arange(len(columns))[None, :] < column[rows][:, None]
    ahead = is_name & ((p[rows] > own) | ((p[rows] == own) & is_before))
    ranks[rows] = np.where(np.isfinite(own[:, 0]), 1 + ahead.sum(axis=1), 0)
    return ranks


def numbered(
    truth: Sequence[str], labels: Sequence[str], concepts: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Return all names, and those of the truth and labels of N images by their place in these.

    "" is no label. Names are compared case-insensitively; a truth that is no concept gets a number
    of its own.

    Raises:
        ValueError: They are not of the same images.
    """
    if len(truth) != len(labels):
        raise ValueError(f"{len(truth)} truths and {len(labels)} labels")
    spelling: dict[str, str] = {}
    for name in (*concepts, *truth, *labels):
        if name:
            spelling.setdefault(name.casefold(), name)
    index = {name: i for i, name in enumerate((*spelling, ""))}
    true, given = (
        np.array([index[name.casefold()] for name in column], dtype=np.int64)
        for column in (truth, labels)
    )
    return (*spelling.values(), ""), true, given
