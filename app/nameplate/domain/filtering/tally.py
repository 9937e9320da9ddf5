"""Counts how many images of a collection are checked."""

from dataclasses import dataclass

import numpy as np

from nameplate.domain.images import ImageState, ImageTable
from nameplate.domain.labels import DecidedBy, LabelTable, ReviewState


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of images, without removed ones.

    Attributes:
        present: All of them.
        checked: Those that a person decided about; skipping decides, too.
        skipped: Those of them that were skipped.
        undecided: Those that nobody decided about and that can be read.
    """

    present: int = 0
    checked: int = 0
    skipped: int = 0
    undecided: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether a person decided about every readable image."""
        return self.checked > 0 and not self.undecided


def tally_of(images: ImageTable, labels: LabelTable) -> Tally:
    """Return the counts of a collection."""
    there = ~images.is_removed
    checked = there & (labels.decided_by == DecidedBy.PERSON)
    undecided = there & ~checked & (images.states != ImageState.UNREADABLE)
    skipped = checked & (labels.states == ReviewState.SKIPPED)
    return Tally(*(int(np.count_nonzero(flags)) for flags in (there, checked, skipped, undecided)))
