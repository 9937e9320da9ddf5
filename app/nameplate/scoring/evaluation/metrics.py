"""Accuracy, precision, recall and confusion matrix of labels against the ground truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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

    def per_concept(self) -> tuple[ConceptResult, ...]:
        """Return a result for each name but "", in order."""
        return tuple(
            ConceptResult(
                name,
                images=int(self.matrix[i].sum()),
                right=int(self.matrix[i, i]),
                labelled=int(self.matrix[:, i].sum()),
            )
            for i, name in enumerate(self.names[:-1])
        )


def evaluate(truth: Sequence[str], labels: Sequence[str], concepts: Sequence[str]) -> Evaluation:
    """Compare `labels` with `truth`, image by image; "" is no label.

    Names are compared case-insensitively; a truth that is no concept gets a row of its own.
    """
    spelling: dict[str, str] = {}
    for name in (*concepts, *truth, *labels):
        if name:
            spelling.setdefault(name.casefold(), name)
    names = (*spelling.values(), "")
    index = {name: i for i, name in enumerate((*spelling, ""))}
    matrix = np.zeros((len(names), len(names)), dtype=np.int64)
    for true, label in zip(truth, labels, strict=True):
        matrix[index[true.casefold()], index[label.casefold()]] += 1
    return Evaluation(names, matrix)
