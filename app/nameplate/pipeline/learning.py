"""Learns from the decisions in a project: the same for the window and the command line."""

import logging
from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import ImageState
from nameplate.domain.labels import ReviewState
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.stacks import Stacks, no_stacks
from nameplate.project.labelling import Rows
from nameplate.project.learning import DecidedImages, decided_images, unlearned_rows
from nameplate.project.project import Project
from nameplate.scoring.learning.decisions import Decisions
from nameplate.scoring.learning.directions import Directions
from nameplate.scoring.learning.learning import Evidence, Learned, learn
from nameplate.scoring.spread import gathered, sample_of
from nameplate.scoring.zero_shot import ZeroShot

_SAMPLE: Final = 4096
"""Most images that stand for the whole folder."""

_OTHER_FOLDER: Final = 0.1
"""Part of the images that must have come or gone before the sample is taken anew."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ToLearn:
    """What a person decided in a project, with its images as they were then: for a job.

    Attributes:
        decided: The decisions.
        blocks: Embeddings of all images, as `ImageTable.blocks` gives them.
        ready: Rows of the images that have one, ascending.
        skipped: Rows of those of which a person said nothing, and will say nothing more.
        stacks: Of the first images; None where they are not known.
    """

    decided: DecidedImages
    blocks: tuple[Vectors, ...]
    ready: Rows
    skipped: Rows
    stacks: Stacks | None = None

    @property
    def undecided(self) -> Rows:
        """Rows of images that labels are still wanted for, of very many every so-manieth."""
        is_open = ~np.isin(self.ready, self.decided.rows, assume_unique=True)
        is_open &= ~np.isin(self.ready, self.skipped, assume_unique=True)
        rows = self.ready[is_open]
        return rows[:: -(-len(rows) // _SAMPLE) or 1]

    @property
    def stacks_of_decided(self) -> Rows:
        """The number of the stack of each decided image, -1 for none and where none is known."""
        stacks = no_stacks() if self.stacks is None else self.stacks
        return stacks.of(self.decided.rows)

    def teaches_as(self, other: "ToLearn | None") -> bool:
        """Whether just the same can be learned from `other`."""
        return (
            other is not None
            and self.decided.equals(other.decided)
            and np.array_equal(self.stacks_of_decided, other.stacks_of_decided)
        )

    @classmethod
    def of(
        cls,
        project: Project,
        names: ZeroShot,
        stacks: Stacks | None = None,
        blocks: tuple[Vectors, ...] | None = None,
    ) -> "ToLearn":
        """Return what there is to learn from: all but `unlearned_rows`.

        Args:
            project: The project.
            names: What the decisions are about.
            stacks: Of its first images, where they are known.
            blocks: The embeddings, where the project has none of its own.
        """
        images = project.images
        blocks = images.blocks() if blocks is None else blocks
        ready = np.flatnonzero((images.states == ImageState.READY) & ~images.is_removed)
        decided = decided_images(project, names.concepts, unlearned_rows(project))
        skipped = np.flatnonzero(project.labels.states == ReviewState.SKIPPED)
        return cls(decided, blocks, ready, skipped, stacks)


class Learner:
    """Learns from the decisions about the images of one project, as one model sees them.

    Called from one thread at a time. A sample of the images, and in which directions they spread,
    are found once and kept while the images are nearly the same.
    """

    def __init__(self) -> None:
        self._images = 0
        self._sample: Vectors | None = None
        self._directions: Directions | None = None

    def learn(self, names: ZeroShot, to_learn: ToLearn, cancel: CancelToken) -> Learned:
        """Return the best classifier that the decisions allow: `names` where nothing is learned.

        Also where it fails, with the reason in the evidence.

        Raises:
            CancelledError: `cancel` was set.
        """
        decided, sample = to_learn.decided, self._sample_of(to_learn)
        embeddings = gathered(to_learn.blocks, decided.rows)
        decisions = Decisions(
            embeddings,
            decided.shown,
            decided.excluded,
            decided.moments,
            to_learn.stacks_of_decided,
        )
        try:
            undecided = gathered(to_learn.blocks, to_learn.undecided)
            learned = learn(names, decisions, sample, cancel, self._directions, undecided)
        except CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the names are still there
            _LOG.exception("nothing could be learned")
            why = Message("learning-failed", {"reason": str(error)[:200] or type(error).__name__})
            return Learned(names, Evidence(len(decided.rows), why=why))
        self._directions = learned.directions
        return learned

    def _sample_of(self, to_learn: ToLearn) -> Vectors:
        ready = len(to_learn.ready)
        if self._sample is None or abs(ready - self._images) > _OTHER_FOLDER * self._images:
            self._sample = sample_of(to_learn.blocks, ready, _SAMPLE)
            self._images, self._directions = ready, None
        return self._sample
