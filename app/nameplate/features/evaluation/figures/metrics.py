"""Accuracy, precision, recall and confusion matrix of labels against the ground truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.features.evaluation.shares import Interval, Share, mean_of

LEAST_OF_A_NAME: Final = 5
"""Images of one name before its share may be called one, rather than counted."""


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


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The confusion matrix of labels and ground truth, and its metrics.

    Attributes:
        names: The concepts, then true names that are none, in the order of the matrix; "" last: no
            label.
        matrix: int64, row = truth, column = label.
    """

    names: tuple[str, ...]
    matrix: NDArray[np.int64]

    @property
    def images(self) -> int:
        """How many images were compared."""
        return int(self.matrix.sum())

    @property
    def right(self) -> int:
        """How many labels equal the truth; no label is right where the truth is none."""
        return int(np.trace(self.matrix))

    @property
    def accuracy(self) -> float:
        """The share of the images whose label equals the truth; 0 where there are no images."""
        return self.right / self.images if self.images else 0.0

    @property
    def share(self) -> Share:
        """The accuracy as a share, which is not known where there are no images."""
        return Share(self.right, self.images)

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

    def per_concept(self) -> tuple[ConceptResult, ...]:
        """Return a result for each name but "", in order."""
        shown, given = self.matrix.sum(axis=1), self.matrix.sum(axis=0)
        return tuple(
            ConceptResult(
                name,
                images=int(shown[i]),
                right=int(self.matrix[i, i]),
                labelled=int(given[i]),
            )
            for i, name in enumerate(self.names[:-1])
        )

    def confusions(self) -> list[tuple[int, int, int]]:
        """Return truth, label and number of images of each kind of mistake, most frequent first."""
        wrong = self.matrix.copy()
        np.fill_diagonal(wrong, 0)
        truths, labels = np.nonzero(wrong)
        counts = wrong[truths, labels]
        order = np.argsort(-counts, kind="stable")
        columns = (truths[order].tolist(), labels[order].tolist(), counts[order].tolist())
        return list(zip(*columns, strict=True))


def evaluation_of(
    names: tuple[str, ...], truth: NDArray[np.int64], labels: NDArray[np.int64]
) -> Evaluation:
    """Count how often each truth has each label; both are numbers of names, of N images."""
    size = len(names)
    counts = np.bincount(truth * size + labels, minlength=size * size)
    return Evaluation(names, counts.reshape(size, size).astype(np.int64))


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
