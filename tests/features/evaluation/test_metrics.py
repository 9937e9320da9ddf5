import pytest

from nameplate.features.evaluation.figures.metrics import ConceptResult, evaluation_of, numbered


def evaluate(truth, labels, concepts):
    return evaluation_of(*numbered(truth, labels, concepts))


def test_accuracy_recall_precision_and_the_matrix():
    truth = ["cat", "cat", "dog", "dog"]
    labels = ["cat", "dog", "dog", ""]
    result = evaluate(truth, labels, ["cat", "dog"])
    assert (result.images, result.right, result.accuracy) == (4, 2, 0.5)
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


def test_names_are_compared_without_regard_to_case():
    assert evaluate(["Cat"], ["cat"], ["cat"]).accuracy == 1.0


def test_no_label_is_right_where_the_truth_is_none():
    assert evaluate(["", "cat"], ["", "cat"], ["cat"]).accuracy == 1.0


def test_a_truth_that_is_no_concept_has_a_row_of_its_own():
    result = evaluate(["bird"], ["cat"], ["cat"])
    assert result.names == ("cat", "bird", "")
    assert result.accuracy == 0.0
    assert [row.recall for row in result.per_concept()] == [None, 0.0]


def test_nothing_to_compare_is_no_division_by_zero():
    assert evaluate([], [], ["cat"]).accuracy == 0.0


def test_labels_of_other_images_are_refused():
    with pytest.raises(ValueError, match="2 truths and 1 labels"):
        numbered(["cat", "dog"], ["cat"], ["cat"])
