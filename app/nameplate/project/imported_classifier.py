"""The classifier of another project or folder that a project uses, as its file keeps it."""

import base64
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import MOST_CONCEPTS
from nameplate.domain.embeddings import Vectors
from nameplate.domain.messages import value_of

LONGEST_NAME: Final = 200
_LARGEST_WEIGHT: Final = 1e6
_OF_EMBEDDINGS: Final = {"descriptor_size": 0, "described": ""}
"""What 1.0 did not write."""


@dataclass(frozen=True)  # with slots, `vectors` could not be cached
class ImportedClassifier:
    """A linear classifier over the concepts of a project, learned elsewhere.

    Attributes:
        keys: The ids of K concepts of this project.
        size: Length D of an embedding.
        weights: The vectors of their names there, then those that were learned: 2K x D float32,
            lowest byte first, in base 64.
        bias: K.
        scale: Of the zero-shot logits.
        is_exclusive: Whether an image has one label.
        decisions: A digest of the decisions that it learned from.
        descriptor_size: Length E of a descriptor; 0 where it learned from embeddings.
        described: What was learned from descriptors, K x E float32, likewise; empty for nothing.
    """

    where: str
    keys: tuple[int, ...]
    size: int
    weights: str
    bias: tuple[float, ...]
    scale: float
    is_exclusive: bool
    decisions: str
    descriptor_size: int = 0
    described: str = ""

    @cached_property
    def vectors(self) -> Vectors:
        """`weights` as an array, 2K x D float32."""
        content = base64.b64decode(self.weights, validate=True)
        return np.frombuffer(content, "<f4").reshape(2 * len(self.keys), self.size)

    @cached_property
    def descriptor_weights(self) -> Vectors:
        """`described` as an array, K x E float32; 0 x 0 for nothing."""
        content = base64.b64decode(self.described, validate=True)
        rows = len(self.keys) if self.descriptor_size else 0
        return np.frombuffer(content, "<f4").reshape(rows, self.descriptor_size)


def are_weights(numbers: NDArray[np.floating]) -> bool:
    """Whether all are finite and small enough that their products are, too."""
    return bool((np.abs(numbers) <= _LARGEST_WEIGHT).all())  # which NaN is not, either


def to_json(classifier: ImportedClassifier | None) -> dict[str, Any] | None:
    """Serialise a classifier to JSON types."""
    return None if classifier is None else asdict(classifier)


def from_json(value: Any) -> ImportedClassifier | None:
    """Return a classifier from JSON types.

    Raises:
        ValueError, LookupError, TypeError: It is none.
    """
    if value is None:
        return None
    found: ImportedClassifier = value_of(ImportedClassifier, _OF_EMBEDDINGS | value)
    count = len(found.keys)
    is_right = len(found.bias) == count <= MOST_CONCEPTS and len(found.where) <= LONGEST_NAME
    numbers = np.array([found.scale, *found.bias])
    is_right = is_right and found.size > 0 and found.descriptor_size >= 0
    arrays = (found.vectors, found.descriptor_weights, numbers) if is_right else ()
    if not is_right or not all(map(are_weights, arrays)):
        raise ValueError("no classifier")
    return found
