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
        missing: Those whose files are not where they were, decided or not.
        unreadable: Others that cannot be read though their files are there, decided or not.
        labelled: Those with a label, whoever decided it: what exports have.
    """

    present: int = 0
    checked: int = 0
    skipped: int = 0
    undecided: int = 0
    missing: int = 0
    unreadable: int = 0
    labelled: int = 0

    @property
    def readable(self) -> int:
        """How many are neither missing nor unreadable."""
        return self.present - self.missing - self.unreadable

    @property
    def is_finished(self) -> bool:
        """Whether a person decided about every image that can be read now."""
        return self.readable > 0 and not self.undecided


def tally_of(images: ImageTable, labels: LabelTable) -> Tally:
    """Return the counts of a collection."""
    there = ~images.is_removed
    checked = checked_of(images, labels)
    undecided = undecided_of(images, labels)
    skipped = checked & (labels.states == ReviewState.SKIPPED)
    missing = there & images.is_missing
    unreadable = there & (images.states == ImageState.UNREADABLE) & ~missing
    labelled = labelled_of(images, labels)
    counted = (there, checked, skipped, undecided, missing, unreadable, labelled)
    return Tally(*(int(np.count_nonzero(flags)) for flags in counted))


def checked_of(images: ImageTable, labels: LabelTable) -> NDArray[np.bool_]:
    """Return which images a person decided about; a flag an image. To skip one decides, too."""
    is_kept = ~images.is_removed & ~images.was_never_read
    return is_kept & (labels.decided_by == DecidedBy.PERSON)


def labelled_of(images: ImageTable, labels: LabelTable) -> NDArray[np.bool_]:
    """Return which images have a label, whoever decided it; a flag an image."""
    return ~images.is_removed & ~images.was_never_read & labels.has_label


def undecided_of(images: ImageTable, labels: LabelTable) -> NDArray[np.bool_]:
    """Return which images nobody decided about and can be read; a flag an image."""
    is_open = ~images.is_removed & (labels.decided_by != DecidedBy.PERSON)
    return is_open & (images.states != ImageState.UNREADABLE)
