"""Counts how many images of a collection are checked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        missing: Those that nobody decided about and whose files are not where they were.
    """

    present: int = 0
    checked: int = 0
    skipped: int = 0
    undecided: int = 0
    missing: int = 0

    @property
    def unreadable(self) -> int:
        """How many others nobody decided about: their files are there, but cannot be read."""
        return self.present - self.checked - self.undecided - self.missing

    @property
    def is_finished(self) -> bool:
        """Whether a person decided about every image that can be read now."""
        return self.checked > 0 and not self.undecided


def tally_of(images: ImageTable, labels: LabelTable) -> Tally:
    """Return the counts of a collection."""
    there = ~images.is_removed
    checked = there & (labels.decided_by == DecidedBy.PERSON)
    undecided = undecided_of(images, labels)
    skipped = checked & (labels.states == ReviewState.SKIPPED)
    missing = there & ~checked & images.is_missing
    counted = (there, checked, skipped, undecided, missing)
    return Tally(*(int(np.count_nonzero(flags)) for flags in counted))


def undecided_of(images: ImageTable, labels: LabelTable) -> NDArray[np.bool_]:
    """Return which images nobody decided about and can be read; a flag an image."""
    is_open = ~images.is_removed & (labels.decided_by != DecidedBy.PERSON)
    return is_open & (images.states != ImageState.UNREADABLE)
