"""Give the images of a sample of a run the vectors of that run."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import ImageState, ImageTable
from nameplate.domain.messages import Message
from nameplate.project.project import Project


def take_sample(project: Project, vectors_key: str) -> NDArray[np.int64]:
    """Give waiting images what the run knows of them, and return their rows; none of other models.

    Those stay as they are whose file has turned out to hold something else than the run read.
    `vectors_key` names the vectors of the model, as that of the `Sample` does.
    """
    sample, images = project.sample, project.images
    is_ours = sample is not None and sample.vectors_key == vectors_key
    if sample is None or not is_ours or sample.vectors.shape[1] != images.dimension:
        return np.empty(0, np.int64)
    rows = images.rows_of(np.arange(1, len(sample) + 1))
    is_same = (images.contents[rows] == sample.contents) | (sample.contents["size"] < 0)
    for row in rows[~is_same & (images.contents[rows]["size"] >= 0)].tolist():
        images.notes[row] = Message("changed-since-run")
    can_take = is_same & (images.states[rows] == ImageState.WAITING)
    give(images, np.where(can_take, rows, -1), sample.vectors, sample.problems)
    is_known = sample.is_embedded | np.isin(np.arange(len(sample)), list(sample.problems))
    return rows[can_take & is_known]


def give(
    images: ImageTable, rows: NDArray[np.int64], vectors: Vectors, problems: Mapping[int, str]
) -> None:
    """Give images what a run recorded of them: vectors and problems, as a `Sample` has them.

    A row of -1 is that of no image.
    """
    is_ready = (rows >= 0) & np.isfinite(vectors).all(axis=1)
    images.set_embeddings(rows[is_ready], vectors[is_ready])
    for place, text in problems.items():
        reason, row = Message("as-recorded", {"text": text}), int(rows[place])
        if is_ready[place]:
            images.notes[row] = reason
        elif row >= 0:
            images.set_unreadable(row, reason)
