"""What is worked out of images with their truth: ranks, calibration, coverage, mistakes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nameplate.features.evaluation.figures.certainty import coverage, reliability
from nameplate.features.evaluation.figures.judged import (
    ConceptResult,
    JudgedSets,
    judged,
)
from nameplate.features.evaluation.figures.shares import Share
from nameplate.features.evaluation.report.charts import (
    Box,
    Line,
    coverage_chart,
    reliability_chart,
)
from nameplate.features.evaluation.report.sentences import (
    balanced_sentence,
    confusion_sentence,
    coverage_sentence,
    names_sentence,
    reliability_sentence,
    share_sentence,
)
from nameplate.wording.texts import what_of

NOTHING = [[0.0, 0.0, 0.0]] * 4
NAMES = (("cat", False), ("dog", False), ("other", True))


def of(truth, labels, p, sure=None):
    numbers = np.array(p, dtype=np.float64).reshape(len(truth), 3)
    best = numbers.max(axis=1, initial=-1) if sure is None else np.array(sure)
    return judged(truth, labels, NAMES, numbers, best)


def test_a_truth_has_its_place_among_the_names_that_can_be_given():
    found = of(
        ["cat", "dog", "dog", "bird", ""],
        ["cat", "cat", "", "cat", ""],
        [[0.7, 0.2, 0.1], [0.6, 0.4, 0], [0.1, 0.3, 0.6], [0.9, 0.1, 0], [0, 0.2, 0.8]],
    )
    assert found.names == ("cat", "dog", "bird", "")
    assert found.ranks.tolist() == [1, 2, 1, 0, 0]
    assert [found.among_first(k).count for k in (1, 2)] == [2, 3]
    assert found.share.count == 2


def test_many_images_have_the_places_that_they_have_alone():
    random = np.random.default_rng(0)
    p, truth = random.random((2500, 3), np.float32), random.choice(["cat", "dog", ""], 2500)
    found = of(truth.tolist(), [""] * 2500, p)
    for row in (0, 1023, 1024, 2499):
        alone = of([str(truth[row])], [""], p[[row]])
        names = [found.names[one] for one in found.top[row]]
        assert names == [alone.names[one] for one in alone.top[0]]
        assert found.ranks[row] == alone.ranks[0]
        assert found.top_probabilities[row].tolist() == sorted(p[row].tolist(), reverse=True)


def test_where_none_of_these_is_most_probable_nothing_is_guessed():
    found = of(["dog", "cat"], ["", ""], [[0.1, 0.3, 0.6], [0.5, 0.4, 0.1]])
    assert [found.names[one] for one in found.guesses] == ["", "cat"]
    assert np.isnan(found.sure).tolist() == [True, False]
    assert found.coverage.images == 2
    assert found.coverage.labelled.tolist() == [1]


def test_the_surest_mistakes_come_first_and_what_is_right_or_unlabelled_never():
    found = of(
        ["cat", "dog", "dog", "dog"],
        ["cat", "cat", "cat", ""],
        [[0.9, 0.1, 0], [0.6, 0.4, 0], [0.8, 0.2, 0], [0.9, 0.1, 0]],
    )
    assert found.worst_mistakes(5).tolist() == [2, 1]
    assert found.worst_mistakes(1).tolist() == [2]


def test_the_calibration_error_is_that_of_a_calculation_by_hand():
    sure = np.array([0.95] * 60 + [0.55] * 40)
    is_right = np.array([True] * 30 + [False] * 30 + [True] * 36 + [False] * 4)
    found = reliability(sure, is_right)
    # 60 images said 0.95 and 0.5 right, 40 said 0.55 and 0.9 right: 0.6 x 0.45 + 0.4 x 0.35.
    assert found.error == pytest.approx(0.41)
    assert found.too_sure == pytest.approx(0.6 * 0.95 + 0.4 * 0.55 - 0.66)
    # With several labels a picture each of its names has a percentage: these are no pictures.
    assert "About 13 fewer of 100 are right" in what_of(reliability_sentence(found))
    assert [one.right.of for one in found.bins] == [0, 0, 0, 0, 0, 40, 0, 0, 0, 60]
    assert found.bins[5].rows.tolist() == list(range(60, 100))


def test_a_probability_of_0_or_1_has_its_bin():
    found = reliability(np.array([0.0, 1.0, 0.1]), np.array([True, True, False]))
    assert [one.right.of for one in found.bins] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_few_images_make_no_claim_about_percentages():
    found = reliability(np.full(99, 0.5), np.ones(99, dtype=bool))
    assert (found.error, found.too_sure, found.right.missing) == (None, None, 1)
    assert reliability_sentence(found).code == "calibration-not-enough"


def test_images_of_the_same_probability_are_labelled_together():
    found = coverage(np.array([0.9, 0.5, 0.5, np.nan]), np.array([True, True, False, True]))
    assert found.thresholds.tolist() == [0.9, 0.5]
    assert found.labelled.tolist() == [1, 3]
    assert found.right.tolist() == [1, 2]
    assert found.share(1) == 0.75


def test_a_limit_is_named_only_where_it_labels_enough_images():
    sure, is_right = np.linspace(1, 0, 100), np.arange(100) < 30
    found = coverage(sure, is_right)
    assert found.labelled[found.widest(0.95)] == 31
    assert coverage(sure, np.arange(100) < 10).widest(0.95) is None


numbers = arrays.arrays(
    np.float64, st.integers(0, 60), elements=st.floats(0, 1) | st.just(float("nan"))
)


@given(numbers, st.integers(0, 2**32 - 1))
def test_no_numbers_make_nonsense(sure, seed):
    is_right = np.random.default_rng(seed).random(len(sure)) < 0.5
    known = int(np.isfinite(sure).sum())
    found, bins = coverage(sure, is_right), reliability(sure, is_right)
    assert np.all(np.diff(found.thresholds) < 0)
    assert np.all(np.diff(found.labelled) > 0)
    assert (int(found.labelled[-1]) if known else 0) == known
    assert sum(one.right.of for one in bins.bins) == known == bins.right.of
    for chart in (coverage_chart(found), reliability_chart(bins)):
        for mark in chart.marks:
            if isinstance(mark, Line):
                assert all(0 <= one <= 1 for point in mark.points for one in point)
            if isinstance(mark, Box):
                assert 0 <= mark.left < mark.right <= 1
                assert 0 == mark.bottom <= mark.top <= 1


@pytest.mark.parametrize(
    ("truth", "labels", "p"),
    [
        ([], [], []),
        (["cat"], ["cat"], [[1, 0, 0]]),
        (["cat"], [""], [[np.nan, np.nan, np.nan]]),
        (["bird"], ["cat"], [[0.4, 0.4, 0.2]]),
        (["cat"] * 30, ["cat"] * 30, [[1, 0, 0]] * 30),
        ([""] * 9, [""] * 9, [[0, 0, 1]] * 9),
    ],
)
def test_degenerate_folders_get_sentences_and_no_made_up_figures(truth, labels, p):
    found = of(truth, labels, p)
    codes = {
        share_sentence(found).code,
        balanced_sentence(found).code,
        confusion_sentence(found).code,
        names_sentence(found).code,
        reliability_sentence(found.reliability).code,
        coverage_sentence(found.coverage).code,
    }
    assert "calibration-not-enough" in codes
    if len(truth) < 5:
        assert found.balanced is None
    assert coverage_chart(found.coverage)
    assert reliability_chart(found.reliability)
    assert len(found.worst_mistakes(3)) <= 1


def test_each_name_counts_alike_in_the_balanced_accuracy():
    truth, labels = ["cat"] * 90 + ["dog"] * 10, ["cat"] * 100
    found = of(truth, labels, [[0.9, 0.1, 0]] * 100)
    assert found.share.value == 0.9
    assert found.balanced[0] == 0.5
    low, high = found.balanced[1]
    assert 0 < low < 0.5 < high < 1
    few = of(truth[:92], labels[:92], [[0.9, 0.1, 0]] * 92)
    assert (few.balanced, few.missing_for_balance) == (None, 3)


def test_a_folder_that_is_all_right_has_no_mistake():
    found = of(["cat"] * 9, ["cat"] * 9, [[1, 0, 0]] * 9)
    assert confusion_sentence(found).code == "no-mistake"
    assert found.confusions == []


def test_mistakes_are_listed_by_how_frequent_they_are():
    truth, labels = ["cat", "dog", "dog", ""], ["", "cat", "cat", "dog"]
    found = of(truth, labels, [[1, 0, 0]] * 4)
    named = [(found.names[a], found.names[b], n) for a, b, n in found.confusions]
    assert named == [("dog", "cat", 2), ("cat", "", 1), ("", "dog", 1)]


def test_accuracy_recall_precision_and_the_matrix():
    truth = ["cat", "cat", "dog", "dog"]
    labels = ["cat", "dog", "dog", ""]
    result = of(truth, labels, NOTHING[:4])
    assert result.share == Share(2, 4)
    assert result.names == ("cat", "dog", "")
    assert result.matrix.tolist() == [[1, 1, 0], [0, 1, 1], [0, 0, 0]]
    cat, dog = result.per_concept()
    assert (cat.recall, cat.precision) == (0.5, 1.0)
    assert (dog.recall, dog.precision) == (0.5, 0.5)


def test_f1_is_the_harmonic_mean_and_lies_between_its_limits():
    one = ConceptResult("cat", images=40, right=30, labelled=50)
    value, (low, high) = one.f1
    assert value == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert 0 < low < value < high < 1
    narrow = ConceptResult("cat", images=4000, right=3000, labelled=5000).f1
    assert narrow[1].high - narrow[1].low < (high - low) / 5
    assert ConceptResult("cat", images=2, right=1, labelled=2).f1 is None
    assert ConceptResult("cat", images=9, right=0, labelled=0).f1[0] == 0


@pytest.mark.parametrize(
    ("truths", "labels", "share"),
    [
        pytest.param(["Cat"], ["cat"], 1.0, id="names are compared without regard to case"),
        pytest.param(["", "cat"], ["", "cat"], 1.0, id="no label is right where the truth is none"),
        pytest.param([], [], None, id="nothing to compare is no division by zero"),
    ],
)
def test_a_share_is_that_of_the_labels_that_are_right(truths, labels, share):
    assert of(truths, labels, NOTHING[: len(truths)]).share.value == share


def test_a_truth_that_is_no_concept_has_a_row_of_its_own():
    result = of(["bird"], ["cat"], NOTHING[:1])
    assert result.names == ("cat", "dog", "bird", "")
    assert result.share == Share(0, 1)
    assert [row.recall for row in result.per_concept()] == [None, None, 0.0]


NAN = np.nan


def sets(truth, labels, probabilities) -> JudgedSets:
    names = tuple("abc"[: len(truth[0])])
    p = np.array(probabilities, np.float32)
    return JudgedSets(names, np.array(truth, bool), np.array(labels, bool), p)


FOUR = sets(
    [[1, 1], [1, 0], [0, 1], [0, 0]],
    [[1, 0], [1, 0], [1, 1], [0, 0]],
    [[0.9, 0.4], [0.8, 0.1], [0.7, 0.9], [0.1, 0.2]],
)


def test_only_the_very_names_that_an_image_shows_are_an_exact_match():
    assert FOUR.is_right.tolist() == [False, True, False, True]
    assert (FOUR.share.count, FOUR.share.of) == (2, 4)


def test_each_name_has_its_own_recall_and_precision():
    a, b = FOUR.per_concept()
    assert (a.recall, a.precision) == (1.0, 2 / 3)
    assert (b.recall, b.precision) == (0.5, 1.0)
    assert (FOUR.given.value, FOUR.found.value) == (0.75, 0.75)


def test_average_precision_is_that_of_the_definition():
    # Worked by hand: the second of three that show it comes third, the third fifth.
    one = sets([[1], [0], [1], [0], [1]], [[1]] * 5, [[0.9], [0.8], [0.7], [0.6], [0.5]])
    assert one.average_precisions == (pytest.approx((1 + 2 / 3 + 3 / 5) / 3),)
    alike = sets([[1], [0], [1], [0]], [[1]] * 4, [[0.5]] * 4)
    assert alike.average_precisions == (0.5,)


def test_a_name_that_no_image_shows_has_none_and_one_that_is_never_given_finds_nothing():
    one = sets([[0, 1], [0, 1]], [[0, 0], [1, 0]], [[0.2, NAN], [0.6, NAN]])
    assert one.average_precisions == (None, 0.0)
    assert one.mean_average_precision is None
    assert one.missing_for_mean == 3


def test_the_mistake_that_was_surest_comes_first_missed_or_given():
    one = sets([[1], [0], [0]], [[0], [1], [1]], [[0.02], [0.9], [0.6]])
    assert one.worst_mistakes(9).tolist() == [0, 1, 2]
    assert one.mistakes() == [(0, 1, 2)]


@given(st.integers(0, 2**32 - 1), st.integers(0, 12), st.integers(1, 4))
def test_figures_hold_together_whatever_the_labels(seed, images, names):
    rng = np.random.default_rng(seed)
    shape = images, names
    one = JudgedSets(
        tuple("abcd"[:names]),
        rng.random(shape) < 0.5,
        rng.random(shape) < 0.5,
        rng.random(shape).astype(np.float32),
    )
    assert one.share.count <= min(r.right + images - r.images for r in one.per_concept())
    assert all(p is None or 0 < p <= 1 for p in one.average_precisions)
    assert one.reliability.right.of == images * names
    assert len(one.worst_mistakes(99)) == images - one.share.count


def test_probabilities_that_say_all_give_an_average_precision_of_one():
    rng = np.random.default_rng(0)
    truth = rng.random((30, 3)) < 0.5
    one = JudgedSets(tuple("abc"), truth, truth, truth.astype(np.float32))
    assert one.average_precisions == (1.0, 1.0, 1.0)
    assert one.mean_average_precision == 1.0
    assert one.share.value == 1.0
