"""The decisions of a person as arrays, for fitting a probe."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import ImageVectors
from nameplate.domain.images import vectors_in
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.stacks import no_stacks
from nameplate.pipeline.learning.fitted import FindStacks, TaughtElsewhere
from nameplate.pipeline.learning.guard import LEAST_DECISIONS, LEAST_DESCRIBED
from nameplate.project.label_changes import Rows
from nameplate.project.project import Project

SAMPLE: Final = 4096
"""Most images that stand for the whole folder."""

_GROWTH, _GROWTH_OF_MANY = 10, 2
"""A prefix has at least so large a part more decisions than the one before: a tenth, a half."""
_MANY: Final = 2000


@dataclass(frozen=True, slots=True)
class Decisions:
    """A person's decisions about n images, in terms of K concepts.

    Attributes:
        shown: n x K bool: the concepts that each image shows; one at most where an image has one
            label, which may be a reject concept.
        excluded: n x K bool: the concepts that it is known not to show. What is in neither is not
            known.
        moments: n int64, when each was made, or any number that those made at once share; by
            default each was made on its own.
        stacks: n int64 numbers of stacks, whose images are no evidence for one another, -1 for
            none; None where they are not known.
        decided_at: n int64, in which order they were made; negative where that is not known. By
            default in that of `moments`.
        is_sampled: n: whether each is in the sample that those left undecided are of; by default
            all are.
        rows: n int64 rows of the images in their project; by default 0 to n - 1.
    """

    images: ImageVectors
    shown: NDArray[np.bool_]
    excluded: NDArray[np.bool_]
    moments: NDArray[np.int64] | None = None
    stacks: NDArray[np.int64] | None = None
    decided_at: NDArray[np.int64] | None = None
    is_sampled: NDArray[np.bool_] | None = None
    rows: NDArray[np.int64] | None = None

    @property
    def made(self) -> NDArray[np.int64]:
        """`moments`, different ones by default."""
        return np.arange(len(self)) if self.moments is None else self.moments

    @property
    def order(self) -> NDArray[np.int64]:
        """`decided_at`, `made` by default."""
        return self.made if self.decided_at is None else self.decided_at

    @property
    def sampled(self) -> NDArray[np.bool_]:
        """`is_sampled`, all by default."""
        return np.ones(len(self), np.bool_) if self.is_sampled is None else self.is_sampled

    def __len__(self) -> int:
        return len(self.shown)

    @property
    def project_rows(self) -> NDArray[np.int64]:
        """`rows`, 0 to n - 1 by default."""
        return np.arange(len(self)) if self.rows is None else self.rows

    def take(self, rows: NDArray[np.int64]) -> "Decisions":
        """Return some of them."""
        stacks = None if self.stacks is None else self.stacks[rows]
        return Decisions(
            self.images.take(rows),
            self.shown[rows],
            self.excluded[rows],
            self.made[rows],
            stacks,
            self.order[rows],
            self.sampled[rows],
            self.project_rows[rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class ToLearn:
    """The decisions of a project; equal to others from which the same would be learned.

    Attributes:
        rows: Of n images that were decided or rejected concepts of, and have embeddings; ascending.
        shown: n x K bool: the concepts that each was labelled with.
        excluded: n x K bool: the concepts that each is known not to show.
        moments: n int64, when each was decided, which pictures of a page share; a negative number
            of its own where it came with a table, or is only known not to show something.
        stacks: n int64 numbers of stacks; -1 for none, and where they are not known.
        decided_at: n int64, when each was decided; -1 where only known not to show something.
        ready: The number of images that have embeddings.
        is_whole: Whether no image is still to be read.
        is_ready: Whether each image of the project has an embedding.
        is_open: Whether each has one and still needs a label.
        taught: What was learned elsewhere, to start from; None for the names alone.
    """

    rows: Rows
    shown: NDArray[np.bool_]
    excluded: NDArray[np.bool_]
    moments: NDArray[np.int64]
    stacks: NDArray[np.int64]
    decided_at: NDArray[np.int64]
    ready: int
    is_whole: bool
    is_ready: NDArray[np.bool_]
    is_open: NDArray[np.bool_]
    taught: TaughtElsewhere | None = None

    @property
    def sample(self) -> Rows:
        """Rows of images with an embedding; of very many, an evenly spaced sample."""
        rows = np.flatnonzero(self.is_ready)
        return rows[:: -(-len(rows) // SAMPLE) or 1]

    @property
    def undecided(self) -> Rows:
        """Rows of images of the sample that still need labels."""
        return self.sample[self.is_open[self.sample]]

    def __eq__(self, other: object) -> bool:
        names = ("rows", "shown", "excluded", "moments", "stacks", "decided_at")
        if not isinstance(other, ToLearn) or self._start != other._start:
            return False
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)

    @property
    def _start(self) -> Hashable:
        taught = self.taught and (self.taught.where, self.taught.classifier.made_from)
        return taught, self.ready if self.is_whole else -1

    def __hash__(self) -> int:
        return hash(self.rows.tobytes())

    def decisions(self, blocks: Sequence[ImageVectors]) -> Decisions:
        """Return the decisions with the vectors of their images."""
        images, is_sampled = vectors_in(blocks, self.rows), np.isin(self.rows, self.sample)
        known = self.shown, self.excluded, self.moments, self.stacks, self.decided_at
        return Decisions(images, *known, is_sampled, self.rows)


def to_learn(
    project: Project, concepts: Sequence[Concept], stacks: FindStacks = lambda: None
) -> ToLearn:
    """Return a person's decisions about images with embeddings, without skipped ones.

    An image that was decided without a label is none of `concepts` that give one. Of one that was
    labelled with a concept it is not known whether it shows what lies below or above that. Stacks
    are asked for where there are enough decisions that they can matter.
    """
    labels, images = project.labels, project.images
    is_ready = images.is_ready
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
    decided_at = np.where(is_decided[rows], mine["decided_at"], -1)
    least = LEAST_DESCRIBED if images.descriptor_size else LEAST_DECISIONS
    known = (len(rows) >= least and stacks()) or no_stacks()
    is_open = is_ready & ~is_learned & ~is_skipped
    return ToLearn(
        rows,
        shown,
        excluded | is_known,
        moments,
        known.of(rows),
        decided_at,
        int(np.count_nonzero(is_ready)),
        images.is_whole,
        is_ready,
        is_open,
    )


def prefixes(decided_at: NDArray[np.int64], least: int) -> Iterator[NDArray[np.int64]]:
    """Yield the places of the decisions of each prefix at which learning is tested, shortest first.

    It comes into use at the first one that it passes, and stays: whether it is in use follows from
    the decisions and their order alone, so that further decisions never end it, and a project that
    is opened again has the same suggestions. Decisions of one moment are in the same prefixes.

    Args:
        decided_at: n, when each decision was made; one that is negative is in no prefix.
        least: Decisions of the first prefix, at least.
    """
    moments, counts = np.unique(decided_at[decided_at >= 0], return_counts=True)
    for moment, count in zip(moments.tolist(), np.cumsum(counts).tolist(), strict=True):
        if count >= least:
            yield np.flatnonzero((decided_at >= 0) & (decided_at <= moment))
            least = count + max(1, count // (_GROWTH if count < _MANY else _GROWTH_OF_MANY))
