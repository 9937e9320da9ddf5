"""How far the checking is."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.filtering.tally import Counts, Tally
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
    tally = Counts(images, labels).tally
    assert tally == Tally(present=8, checked=3, skipped=1, undecided=3, missing=2, unreadable=1)
    assert tally.readable == 5


def test_it_is_finished_when_nothing_that_can_be_read_is_undecided():
    assert Tally(present=5, checked=4, skipped=1, undecided=0, unreadable=1).is_finished
    assert not Tally(present=5, checked=4, skipped=1, undecided=1).is_finished
    assert not Tally(present=1, unreadable=1).is_finished
    assert not Tally(present=9, checked=4, missing=9).is_finished


ROWS = 12
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["label", "remove", "restore", "vanish", "fail", "wait", "add"]),
        st.sets(st.integers(0, ROWS - 1), min_size=1),
        st.sampled_from([(), (1,), (2,), (1, 2)]),
        st.sampled_from(DecidedBy),
        st.sampled_from(ReviewState),
    ),
    max_size=12,
)


@given(STEPS, st.booleans())
def test_counts_that_are_kept_up_to_date_are_those_of_all_images(steps, is_asked_between):
    images, labels = ImageTable(), LabelTable(ROWS)
    images.add([Path(f"{row}") for row in range(ROWS)])
    counts = Counts(images, labels)
    for step, chosen, concepts, by, state in steps:
        rows = np.array(sorted(chosen))
        match step:
            case "label":
                codes = np.full(len(rows), labels.sets.code_of(concepts), np.int32)
                counts.replace(rows, labels_of(codes, by, state))
            case "remove" | "restore":
                images.set_removed(rows, is_removed=step == "remove")
            case "vanish" | "fail":
                reason = Message("has-vanished" if step == "vanish" else "is-empty")
                for row in rows.tolist():
                    images.set_unreadable(row, reason)
            case "wait":
                images.set_waiting(rows)
            case _:
                images.add([Path(f"{len(images)}")])
                labels.grow(len(images))
        if is_asked_between:
            assert counts.tally.present == images.present
    anew = Counts(images, labels)
    assert counts.tally == anew.tally
    assert counts.by_concept() == anew.by_concept()
