"""The decisions of a person as arrays, as training data of a probe."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept, parents_of
from nameplate.domain.images import ImageState
from nameplate.domain.label_sets import LabelSets
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.project.labelling import Rows
from nameplate.project.project import Project
from nameplate.system.features import answers


@dataclass(frozen=True, slots=True)
class DecidedImages:
    """The images that a person decided about or rejected concepts of, in terms of K concepts.

    Attributes:
        rows: Of n images that have embeddings, ascending.
        shown: n x K bool: the concepts that each was labelled with.
        excluded: n x K bool: the concepts that each is known not to show.
        moments: n int64, when each was decided, which pictures of a page share; a negative number
            of its own where it came with a table, or is only known not to show something.
    """

    rows: Rows
    shown: NDArray[np.bool_]
    excluded: NDArray[np.bool_]
    moments: NDArray[np.int64]

    def some(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> "DecidedImages":
        """Return some of them."""
        return DecidedImages(
            self.rows[places], self.shown[places], self.excluded[places], self.moments[places]
        )

    def equals(self, other: "DecidedImages | None") -> bool:
        """Whether `other` has the same decisions about the same images."""
        return other is not None and all(
            np.array_equal(mine, theirs)
            for mine, theirs in (
                (self.rows, other.rows),
                (self.shown, other.shown),
                (self.excluded, other.excluded),
                (self.moments, other.moments),
            )
        )


def decided_images(
    project: Project, concepts: Sequence[Concept], without: Rows | None = None
) -> DecidedImages:
    """Return a person's decisions about images with embeddings, without skipped ones.

    An image that was decided without a label is none of `concepts` that give one. Of one that was
    labelled with a concept it is not known whether it shows what lies below or above that.

    Args:
        project: The project.
        concepts: Of the columns.
        without: Rows that must not be learned from, such as `unlearned_rows`.
    """
    labels, images = project.labels, project.images
    is_ready = (images.states == ImageState.READY) & ~images.is_removed
    is_decided = (labels.decided_by == DecidedBy.PERSON) & (labels.states != ReviewState.SKIPPED)
    is_rejected = np.isin(images.ids, list(project.rejected)) & ~is_decided
    if without is not None:
        is_ready[without] = False
    rows = np.flatnonzero(is_ready & (is_decided | is_rejected))
    shown = concepts_of_codes(labels.sets, concepts)[labels.concepts[rows]]
    shown &= is_decided[rows][:, None]
    excluded = np.zeros_like(shown)
    for line in np.flatnonzero(is_rejected[rows]).tolist():
        out = project.rejected[int(images.ids[rows[line]])]
        excluded[line] = [concept.key in out for concept in concepts]
    gives_label = np.array([not concept.is_reject for concept in concepts], np.bool_)
    is_known = is_decided[rows][:, None] & gives_label & ~shown
    related = _related(concepts)
    for column in np.flatnonzero(related.any(axis=0)).tolist():
        is_known[:, column] &= ~shown[:, related[column]].any(axis=1)
    excluded |= is_known
    mine = labels.all[rows]
    is_chosen = is_decided[rows] & ~np.isnan(mine["probability"])  # what was imported has none
    moments = np.where(is_chosen, mine["decided_at"], -1 - np.arange(len(rows)))
    return DecidedImages(rows, shown, excluded, moments)


def concepts_of_codes(sets: LabelSets, concepts: Sequence[Concept]) -> NDArray[np.bool_]:
    """Return whether the label with each code contains each of K concepts, C x K."""
    flags = [sets.flags_with(concept.key) for concept in concepts]
    return np.stack(flags, axis=1) if flags else np.zeros((len(sets), 0), np.bool_)


def unlearned_rows(project: Project) -> Rows:
    """Return the rows whose decisions must not be learned from, such as those of an audit."""
    return np.concatenate([np.empty(0, np.int64), *answers("unlearned", project)])


def _related(concepts: Sequence[Concept]) -> NDArray[np.bool_]:
    """Return a K x K matrix: whether one concept is a descendant of the other."""
    above, columns = parents_of(concepts), {c.key: column for column, c in enumerate(concepts)}
    related = np.zeros((len(concepts), len(concepts)), np.bool_)
    for key, parents in above.items():
        for parent in parents:
            if key in columns and parent in columns:
                related[columns[key], columns[parent]] = related[columns[parent], columns[key]] = (
                    True
                )
    return related
