"""What there is to learn from in a project: the decisions of a person, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.project.labelling import Rows
from nameplate.project.project import Project


@dataclass(frozen=True, slots=True)
class DecidedImages:
    """The images that a person decided or said something of, in terms of K concepts.

    Attributes:
        rows: Of n images that have embeddings, ascending.
        shown: n x K bool: the concepts that each was labelled with.
        excluded: n x K bool: the concepts that each is known not to show.
    """

    rows: Rows
    shown: NDArray[np.bool_]
    excluded: NDArray[np.bool_]


def decided_images(project: Project, concepts: Sequence[Concept]) -> DecidedImages:
    """Return what a person decided about images that have embeddings; skipped ones say nothing.

    An image that was decided without a label is none of `concepts` that give one.
    """
    labels, images = project.labels, project.images
    is_ready = (images.states == ImageState.READY) & ~images.is_removed
    is_decided = (labels.decided_by == DecidedBy.PERSON) & (labels.states != ReviewState.SKIPPED)
    is_rejected = np.isin(images.ids, list(project.rejected)) & ~is_decided
    rows = np.flatnonzero(is_ready & (is_decided | is_rejected))
    shown = (
        np.stack(
            [np.isin(labels.concepts[rows], labels.sets.with_any([c.key])) for c in concepts],
            axis=1,
        )
        if concepts
        else np.zeros((len(rows), 0), np.bool_)
    )
    shown &= is_decided[rows][:, None]
    excluded = np.zeros_like(shown)
    for line in np.flatnonzero(is_rejected[rows]).tolist():
        out = project.rejected[int(images.ids[rows[line]])]
        excluded[line] = [concept.key in out for concept in concepts]
    gives_label = np.array([not concept.is_reject for concept in concepts], np.bool_)
    excluded |= is_decided[rows][:, None] & gives_label & ~shown
    return DecidedImages(rows, shown, excluded)
