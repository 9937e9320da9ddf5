"""Gives the images of a sample of a run the vectors of that run, and says where they come from."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import ImageState, ImageTable
from nameplate.domain.messages import Message
from nameplate.project.project import Project
from nameplate.project.samples import Origin
from nameplate.system.elsewhere import is_url
from nameplate.system.failures import printable


def addresses_of(project: Project) -> dict[int, str]:
    """Return by the ids of images that have to be fetched where they come from."""
    origins = project.sample.origins if project.sample is not None else dict[int, Origin]()
    return {place + 1: address_of(project, place + 1) for place in origins}


def address_of(project: Project, image_id: int) -> str:
    """Return where an image has to be fetched from; empty for a file of its own.

    That is a URL, or for an image in a local tar file what the run calls it.
    """
    origin = project.sample.origins.get(image_id - 1) if project.sample is not None else None
    if origin is None:
        return ""
    if not is_url(origin.file):
        return origin.name
    return printable("/".join(filter(None, (origin.file, origin.member))))


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
