"""How far the checking is."""

from pathlib import Path

import numpy as np

from nameplate.domain.filtering.tally import Tally, tally_of
from nameplate.domain.images import ImageTable
from nameplate.domain.labels import DecidedBy, LabelTable, ReviewState, labels_of
from nameplate.domain.messages import Message


def test_each_image_that_is_there_is_checked_undecided_or_unreadable():
    images, labels = ImageTable(), LabelTable(9)
    images.add([Path(f"{row}") for row in range(9)])
    images.set_unreadable(4, Message("is-empty"))
    images.set_unreadable(6, Message("has-vanished"))
    images.set_unreadable(7, Message("unreadable-picture", {"reason": Message("has-vanished")}))
    images.set_unreadable(8, Message("has-vanished"))
    images.set_waiting(np.array([8]))
    none = np.zeros(1, np.int32)
    for row, by, state in (
        (0, DecidedBy.PERSON, ReviewState.ACCEPTED),
        (1, DecidedBy.PERSON, ReviewState.SKIPPED),
        (2, DecidedBy.AUTO, ReviewState.SUGGESTED),
        (5, DecidedBy.PERSON, ReviewState.ACCEPTED),
        (7, DecidedBy.PERSON, ReviewState.ACCEPTED),
    ):
        labels.replace(np.array([row]), labels_of(none, by, state))
    images.set_removed(np.array([5]), is_removed=True)
    tally = tally_of(images, labels)
    assert tally == Tally(present=8, checked=3, skipped=1, undecided=3, missing=2, unreadable=1)
    assert tally.readable == 5


def test_it_is_finished_when_nothing_that_can_be_read_is_undecided():
    assert Tally(present=5, checked=4, skipped=1, undecided=0, unreadable=1).is_finished
    assert not Tally(present=5, checked=4, skipped=1, undecided=1).is_finished
    assert not Tally(present=1, unreadable=1).is_finished
    assert not Tally(present=9, checked=4, missing=9).is_finished
