"""Shares, figures by name and confusions of images with their truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.quality.figures.records_help import records_of
from nameplate.features.quality.figures.remarks import weakest_first
from nameplate.features.quality.shares import Share

NAMES = ["cat", "dog", "bird"]


def test_recall_precision_and_the_share_of_right_labels():
    found = records_of(NAMES, ["cat", "cat", "dog", "dog"], ["cat", "dog", "dog", ""])
    assert found.share == Share(2, 4)
    cat, dog, bird = found.by_name
    assert [(one.right, one.images, one.labelled) for one in (cat, dog)] == [(1, 2, 1), (1, 2, 2)]
    assert (bird.found.of, bird.fitting.of) == (0, 0)


def test_no_label_is_right_where_the_truth_is_none():
    found = records_of(NAMES, ["", "", "cat"], ["", "cat", "cat"])
    assert found.is_right.tolist() == [True, False, True]
    assert (found.none.images, found.none.right) == (2, 1)
    assert records_of(NAMES, [], []).share.value is None


def test_each_name_counts_alike_in_the_balanced_accuracy():
    truth, labels = ["cat"] * 90 + ["dog"] * 10, ["cat"] * 100
    found = records_of(NAMES, truth, labels)
    assert found.share.value == 0.9
    assert found.balanced[0] == 0.5
    low, high = found.balanced[1]
    assert 0 < low < 0.5 < high < 1
    assert records_of(NAMES, truth[:92], labels[:92]).balanced is None  # two dogs are too few


def test_mistakes_are_listed_by_how_frequent_they_are():
    found = records_of(NAMES, ["cat", "dog", "dog", ""], ["", "cat", "cat", "dog"])
    named = [(found.names_of(a), found.names_of(b), n) for a, b, n in found.confusions]
    assert named == [(("dog",), ("cat",), 2), (("cat",), (), 1), ((), ("dog",), 1)]
    assert found.mistaken_for[found.code_of(1)] == [(found.code_of(0), 2)]
    assert found.rows_of(found.code_of(1), found.code_of(0)).tolist() == [1, 2]
    assert records_of(NAMES, ["cat"] * 9, ["cat"] * 9).confusions == []


FOUR = records_of(["a", "b"], truth=["a b", "a", "b", ""], labels=["a", "a", "a b", ""])


def test_only_the_very_names_that_an_image_shows_are_right():
    assert FOUR.is_right.tolist() == [False, True, False, True]


def test_each_name_of_several_has_its_own_recall_and_precision():
    a, b = FOUR.by_name
    assert [(one.right, one.images, one.labelled) for one in (a, b)] == [(2, 2, 3), (1, 2, 1)]
    is_true, is_given = FOUR.rows_with(1)
    assert (is_true.tolist(), is_given.tolist()) == (
        [True, False, True, False],
        [False, False, True, False],
    )


SETS = st.lists(st.sampled_from(["", "a", "b", "c", "a b", "b c", "a b c"]), max_size=40)


@given(SETS, st.randoms(use_true_random=False))
def test_figures_hold_together_whatever_the_labels(truth, chance):
    labels = [chance.choice(["", "a", "b", "c", "a c"]) for _ in truth]
    found = records_of(["a", "b", "c"], truth, labels)
    _, _, counts = found.pairs
    assert int(counts.sum()) == len(truth) == found.share.of
    assert sum(count for *_, count in found.confusions) == len(truth) - found.share.count
    for one in found.by_name:
        is_true, is_given = found.rows_with(one.key)
        assert (one.images, one.labelled) == (is_true.sum(), is_given.sum())
        assert one.right == np.count_nonzero(is_true & is_given)
        assert found.share.count <= one.right + len(truth) - one.images


@pytest.mark.parametrize("count", [1, 4])
def test_few_images_of_a_name_are_counted_and_have_no_share(count):
    (cat, *_) = records_of(NAMES, ["cat"] * count, ["cat"] * count).by_name
    assert (cat.found.value, cat.found.count, cat.found.of) == (None, count, count)


def test_the_weakest_name_is_first_and_those_of_few_images_are_last():
    truth = ["cat"] * 6 + ["dog"] * 6 + ["bird"] * 2 + ["ape", ""]
    labels = ["cat"] * 6 + ["dog"] * 3 + ["cat"] * 3 + ["bird", "bird", "cat", "owl"]
    found = records_of([*NAMES, "ape", "owl", "elk"], truth, labels)
    assert [one.name for one in weakest_first(found)] == ["dog", "cat", "ape", "bird", "owl"]
