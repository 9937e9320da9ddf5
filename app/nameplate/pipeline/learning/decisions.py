"""The decisions of a person as arrays: what a probe learns from."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.stacks import no_stacks
from nameplate.pipeline.learning.fitted import FindStacks, TaughtElsewhere
from nameplate.pipeline.learning.guard import LEAST_DECISIONS
from nameplate.project.label_changes import Rows
from nameplate.project.project import Project
from nameplate.scoring.whitening import gathered

SAMPLE: Final = 4096
"""Most images that stand for the whole folder."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person decided about n images, in terms of K concepts.

    Attributes:
        embeddings: n x D float32, unit length; all finite.
        shown: n x K bool: the concepts that each image shows; one at most where an image has one
            label, which may be a reject concept.
        excluded: n x K bool: the concepts that it is known not to show. What is in neither is not
            known.
        moments: n int64, when each was made, or any number that those made at once share; by
            default each was made on its own.
        stacks: n int64 numbers of stacks, whose images are no evidence for one another, -1 for
            none; None where they are not known.
    """

    embeddings: Vectors
    shown: NDArray[np.bool_]
    excluded: NDArray[np.bool_]
    moments: NDArray[np.int64] | None = None
    stacks: NDArray[np.int64] | None = None

    @property
    def made(self) -> NDArray[np.int64]:
        """`moments`, different ones by default."""
        return np.arange(len(self)) if self.moments is None else self.moments

    def __len__(self) -> int:
        return len(self.embeddings)


@dataclass(frozen=True, slots=True, eq=False)
class ToLearn:
    """What a person decided in a project; equal to another where just the same can be learned.

    Attributes:
        rows: Of n images that were decided or rejected concepts of, and have embeddings; ascending.
        shown: n x K bool: the concepts that each was labelled with.
        excluded: n x K bool: the concepts that each is known not to show.
        moments: n int64, when each was decided, which pictures of a page share; a negative number
            of its own where it came with a table, or is only known not to show something.
        stacks: n int64 numbers of stacks; -1 for none, and where they are not known.
        ready: The number of images that have embeddings.
        is_open: Whether each image of the project has an embedding and still needs a label.
        taught: What was learned elsewhere, to start from; None for the names alone.
    """

    rows: Rows
    shown: NDArray[np.bool_]
    excluded: NDArray[np.bool_]
    moments: NDArray[np.int64]
    stacks: NDArray[np.int64]
    ready: int
    is_open: NDArray[np.bool_]
    taught: TaughtElsewhere | None = None

    @property
    def undecided(self) -> Rows:
        """Rows of images that still need labels; of very many, an evenly spaced sample."""
        rows = np.flatnonzero(self.is_open)
        return rows[:: -(-len(rows) // SAMPLE) or 1]

    def __eq__(self, other: object) -> bool:
        names = ("rows", "shown", "excluded", "moments", "stacks")
        if not isinstance(other, ToLearn) or self._start != other._start:
            return False
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)

    @property
    def _start(self) -> Hashable:
        return self.taught and (self.taught.where, self.taught.classifier.made_from)

    def __hash__(self) -> int:
        return hash(self.rows.tobytes())

    def decisions(self, blocks: Sequence[Vectors]) -> Decisions:
        """Return the decisions with the embeddings of their images."""
        embeddings = gathered(blocks, self.rows)
        return Decisions(embeddings, self.shown, self.excluded, self.moments, self.stacks)


def to_learn(
    project: Project, concepts: Sequence[Concept], stacks: FindStacks = lambda: None
) -> ToLearn:
    """Return a person's decisions about images with embeddings, without skipped ones.

    An image that was decided without a label is none of `concepts` that give one. Of one that was
    labelled with a concept it is not known whether it shows what lies below or above that. Stacks
    are asked for where there are enough decisions that they can matter.
    """
    labels, images = project.labels, project.images
    is_ready = (images.states == ImageState.READY) & ~images.is_removed
    is_skipped = labels.states == ReviewState.SKIPPED
    is_decided = (labels.decided_by == DecidedBy.PERSON) & ~is_skipped
    is_rejected = np.zeros_like(is_decided)
    rejected = project.rejected_of(np.arange(len(images)))
    is_rejected[list(rejected)] = True
    is_rejected &= ~is_decided
    is_learned = is_ready & (is_decided | is_rejected)
    rows = np.flatnonzero(is_learned)
    shown = labels.sets.flags_of(concept.key for concept in concepts)[labels.concepts[rows]]
    shown &= is_decided[rows][:, None]
    excluded = np.zeros_like(shown)
    for line in np.flatnonzero(is_rejected[rows]).tolist():
        excluded[line] = [concept.key in rejected[int(rows[line])] for concept in concepts]
    gives_label = np.array([not concept.is_reject for concept in concepts], np.bool_)
    is_known = is_decided[rows][:, None] & gives_label & ~shown
    mine = labels.all[rows]
    is_chosen = is_decided[rows] & ~np.isnan(mine["probability"])  # what was imported has none
    moments = np.where(is_chosen, mine["decided_at"], -1 - np.arange(len(rows)))
    known = (len(rows) >= LEAST_DECISIONS and stacks()) or no_stacks()
    is_open = is_ready & ~is_learned & ~is_skipped
    ready = int(np.count_nonzero(is_ready))
    return ToLearn(rows, shown, excluded | is_known, moments, known.of(rows), ready, is_open)
