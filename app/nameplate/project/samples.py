"""A random sample of the images of a run, with what the run knows of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors, unit
from nameplate.domain.images import Contents

MOST_SAMPLED = 20_000
"""Images of a sample: their vectors lie in the project's file, 40 MB at 1,024 numbers each."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Which images of a run a project began with: those with the ids 1 to n, in random order.

    Attributes:
        folder: The folder of shards that it was drawn from.
        run: The digest of the list of that folder.
        images: How many images it was drawn from.
        listed: How many the run has; more than `images` where not all were read yet.
        seed: Of the draw.
        model: Id of the model that the embeddings are of.
        fingerprint: Of that model's files.
        reading: Version of how pictures were decoded for it.
        rules: A digest of the names and rules that it was drawn with; empty where there were none.
        embeddings: n x D float16 as the run keeps them; NaN rows for images without one.
        vectors: The same at unit length in float32, as the run is labelled by.
        contents: Of the n files, when they were read.
        problems: By place, why an image has no embedding, or what was odd about it, in words.
        origins: By place, where Nameplate 1.0 fetched images from; kept as it is.
        repeated: How many more were drawn of files that the run lists several times, and that are
            here once. With any, the n images are no random sample of those of the run.
    """

    folder: str
    run: str
    images: int
    listed: int
    seed: int
    model: str
    fingerprint: str
    reading: str
    rules: str
    embeddings: NDArray[np.float16]
    vectors: Vectors = field(repr=False)
    contents: Contents = field(repr=False)
    problems: Mapping[int, str]
    origins: Mapping[int, Sequence[object]] = field(default_factory=dict[int, Sequence[object]])
    repeated: int = 0

    def __len__(self) -> int:
        return len(self.embeddings)

    @property
    def model_name(self) -> str:
        """The model as it is named with labels."""
        return f"{self.model}@{self.fingerprint[:8]}"

    @property
    def is_fetched(self) -> bool:
        """Whether it has images that Nameplate 1.0 fetched from tar files or other machines."""
        return bool(self.origins)

    @property
    def vectors_key(self) -> str:
        """What the embeddings are of, as `pipeline.reading.embedding.vectors_key`."""
        return f"{self.fingerprint}-{self.reading}"

    @property
    def is_embedded(self) -> NDArray[np.bool_]:
        """Whether each image has an embedding."""
        return np.asarray(np.isfinite(self.embeddings).all(axis=1), np.bool_)


def vectors_of(embeddings: NDArray[np.float16]) -> Vectors:
    """Return the embeddings of a run as its images are labelled by, at unit length."""
    vectors = np.full(embeddings.shape, np.nan, np.float32)
    ready = np.isfinite(embeddings).all(axis=1)
    vectors[ready] = unit(embeddings[ready])  # float16 is off by 2e-4
    return vectors
