"""Gives the images of a project that is a sample of a run the vectors of that run."""

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.images import ImageState
from nameplate.domain.messages import Message
from nameplate.project.project import Project


def take_sample(project: Project, vectors_key: str) -> NDArray[np.int64]:
    """Give waiting images what the run knows of them, and return their rows; none of other models.

    Those stay as they are whose file has turned out to hold something else than the run read.

    Args:
        project: Whose images wait for a model.
        vectors_key: What names the vectors of that model, as `Sample.vectors_key`.
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
    is_ready = can_take & sample.is_embedded
    images.set_embeddings(rows[is_ready], sample.vectors[is_ready])
    for place, text in sample.problems.items():
        if can_take[place]:
            reason, row = Message("as-recorded", {"text": text}), int(rows[place])
            if is_ready[place]:
                images.notes[row] = reason
            else:
                images.set_unreadable(row, reason)
    return rows[can_take & (is_ready | np.isin(np.arange(len(sample)), list(sample.problems)))]
