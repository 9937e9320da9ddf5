"""Counts of the images of a collection by state, and by name."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import ConceptId
from nameplate.domain.images import ALL, ImageState, ImageTable, Rows
from nameplate.domain.labels import NO_LABEL, DecidedBy, Labels, LabelTable, ReviewState


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of images, without removed ones.

    Attributes:
        present: All images.
        checked: Images that a person decided about; skipping decides, too.
        skipped: Checked images that were skipped.
        undecided: Readable images that no person decided about.
        missing: Images whose files are not where they were, decided or not.
        unreadable: Images that cannot be read although their files exist, decided or not.
        labelled: Images with a label from any decider, which exports contain.
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
        """The number of images that are neither missing nor unreadable."""
        return self.present - self.missing - self.unreadable

    @property
    def is_finished(self) -> bool:
        """Whether a person decided about every readable image."""
        return self.readable > 0 and not self.undecided


class Counts:
    """The tally of a collection and the number of images of each name, kept up to date.

    After a change of labels only its images are counted again, which takes no longer in a
    collection of a million. After any other change all images are counted on the next access.
    """

    def __init__(self, images: ImageTable, labels: LabelTable) -> None:
        self._images, self._labels = images, labels
        self._revision = -1
        self._kinds = self._by_code = np.zeros(0, np.int64)

    def replace(self, rows: NDArray[np.int64], labels: Labels) -> Labels:
        """Set the labels of distinct `rows` and return the previous ones."""
        self._add(rows, -1)
        before = self._labels.replace(rows, labels)
        self._add(rows, 1)
        return before

    @property
    def tally(self) -> Tally:
        """The tally of all images."""
        self._count()
        return Tally(*self._kinds.tolist()[:-1])

    @property
    def decided(self) -> int:
        """The number of images with a review state other than UNLABELLED, with removed ones."""
        self._count()
        return int(self._kinds[-1])

    def by_concept(self) -> dict[ConceptId, int]:
        """Return the number of images labelled with each concept."""
        self._count()
        return self._labels.sets.counts_by(self._by_code)

    def _count(self) -> None:
        """Count all images, unless the counts are current."""
        if self._revision != self._images.revision:
            self._kinds, self._by_code = self._of(ALL)
            self._revision = self._images.revision

    def _add(self, rows: NDArray[np.int64], times: int) -> None:
        """Add the counts of some images `times` (1 or -1), if the counts are current."""
        if self._revision != self._images.revision:
            return
        kinds, by_code = self._of(rows)
        known = np.pad(self._by_code, (0, len(by_code) - len(self._by_code)))
        self._kinds, self._by_code = self._kinds + times * kinds, known + times * by_code

    def _of(self, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the counts of `Tally` and `decided`, and of images by label code."""
        images, labels = self._images, self._labels
        there = ~images.is_removed[rows]
        counted = there & ~images.was_never_read(rows)
        checked = counted & (labels.decided_by[rows] == DecidedBy.PERSON)
        undecided = undecided_of(images, labels, rows)
        skipped = checked & (labels.states[rows] == ReviewState.SKIPPED)
        missing = there & images.is_missing(rows)
        unreadable = there & (images.states[rows] == ImageState.UNREADABLE) & ~missing
        labelled = labelled_of(images, labels, rows)
        decided = labels.states[rows] != ReviewState.UNLABELLED
        flags = (there, checked, skipped, undecided, missing, unreadable, labelled, decided)
        kinds = np.array([np.count_nonzero(one) for one in flags], np.int64)
        return kinds, np.bincount(labels.concepts[rows][counted], minlength=len(labels.sets))


def checked_of(images: ImageTable, labels: LabelTable) -> NDArray[np.bool_]:
    """Return whether a person decided about each image; skipping decides, too."""
    is_kept = ~images.is_removed & ~images.was_never_read()
    return is_kept & (labels.decided_by == DecidedBy.PERSON)


def labelled_of(images: ImageTable, labels: LabelTable, rows: Rows = ALL) -> NDArray[np.bool_]:
    """Return whether each image has a label, from any decider."""
    is_kept = ~images.is_removed[rows] & ~images.was_never_read(rows)
    return is_kept & (labels.concepts[rows] != NO_LABEL)


def undecided_of(images: ImageTable, labels: LabelTable, rows: Rows = ALL) -> NDArray[np.bool_]:
    """Return whether each image is readable and no person decided about it."""
    is_open = ~images.is_removed[rows] & (labels.decided_by[rows] != DecidedBy.PERSON)
    return is_open & (images.states[rows] != ImageState.UNREADABLE)
