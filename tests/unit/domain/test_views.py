from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nameplate.domain.images import ImageTable
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, LabelTable, ReviewState, labels_of
from nameplate.domain.messages import Message
from nameplate.domain.views import Show, Sort, View, order_of

NAN = float("nan")


@pytest.fixture
def collection():
    """Five images: labelled 1 by a person, 2 automatically, suggested 1, skipped, unreadable."""
    images, labels = ImageTable(), LabelTable(5)
    images.add([Path(f"{i}.jpg") for i in range(5)])
    images.set_unreadable(4, Message("is-empty"))
    suggested = np.array([1, 2, 1, 2, NO_CONCEPT], dtype=np.int32)
    probability = np.array([0.9, 0.5, 0.7, 0.6, NAN], dtype=np.float32)
    for row, concepts, by, state in (
        (0, [1], DecidedBy.PERSON, ReviewState.ACCEPTED),
        (1, [2], DecidedBy.AUTO, ReviewState.SUGGESTED),
        (3, [], DecidedBy.PERSON, ReviewState.SKIPPED),
    ):
        codes = np.array([labels.sets.code_of(concepts)], dtype=np.int32)
        labels.replace(np.array([row]), labels_of(codes, by, state))
    return images, labels, suggested, probability


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(), [0, 1, 2, 3, 4]),
        (View(Sort.LEAST_SURE), [1, 3, 2, 0, 4]),
        (View(Sort.MOST_SURE), [0, 2, 3, 1, 4]),
        (View(Sort.CONCEPT), [0, 2, 3, 1, 4]),
        (View(show=Show.UNLABELLED), [2]),
        (View(show=Show.TO_CHECK), [1]),
        (View(show=Show.CHECKED), [0, 3]),
        (View(show=Show.UNREADABLE), [4]),
        (View(concept=1), [0, 2]),
        (View(Sort.LEAST_SURE, concept=2), [1, 3]),
    ],
)
def test_a_view_shows_its_images_in_its_order(collection, view, expected):
    assert order_of(view, *collection).tolist() == expected


def test_a_view_shows_no_removed_image(collection):
    collection[0].set_removed(np.array([1, 2]), is_removed=True)
    assert order_of(View(), *collection).tolist() == [0, 3, 4]
    assert order_of(View(Sort.LEAST_SURE, concept=2), *collection).tolist() == [3]


def test_an_image_with_several_labels_is_found_by_each_of_them(collection):
    labels = collection[1]
    codes = np.array([labels.sets.code_of([7, 1])], dtype=np.int32)
    several = labels_of(codes, DecidedBy.PERSON, ReviewState.CORRECTED)
    labels.replace(np.array([2]), several)
    assert order_of(View(concept=7), *collection).tolist() == [2]
    assert order_of(View(concept=1), *collection).tolist() == [0, 2]


@given(
    st.lists(
        st.tuples(
            st.integers(-1, 70_000), st.sampled_from([NAN, 0.0, 1.0, 1e-8, 0.25, 0.2500001, 0.9])
        )
    ),
    st.sampled_from([Sort.LEAST_SURE, Sort.MOST_SURE, Sort.CONCEPT]),
)
@settings(deadline=None)
def test_an_order_is_that_of_the_numbers_equal_ones_as_added_and_none_last(rows, sort):
    images, labels = ImageTable(), LabelTable(len(rows))
    images.add([Path(f"{i}.jpg") for i in range(len(rows))])
    suggested = np.array([key for key, _ in rows], dtype=np.int32)
    probability = np.array([p for _, p in rows], dtype=np.float32)
    keys = [key if key >= 0 else 10**6 for key, _ in rows]
    sign = 1 if sort is Sort.LEAST_SURE else -1
    chances = [10.0 if np.isnan(p) else sign * p for p in probability.tolist()]
    ranks = zip(keys, chances, strict=True) if sort is Sort.CONCEPT else ((0, c) for c in chances)
    ranked = list(ranks)
    expected = sorted(range(len(rows)), key=ranked.__getitem__)
    assert order_of(View(sort), images, labels, suggested, probability).tolist() == expected
