"""What the rest speaks against: decisions, misfits, duplicates, confused names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.embeddings import Head, Vectors, unit
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.outliers.confusion import Advice, confused, torn
from nameplate.features.outliers.misfits import misfit, with_decisions
from nameplate.features.outliers.mistakes import STRONG, Batch, contradictions

HEAD = Head("softmax", 50.0)


def _three_kinds(each: int, seed: int = 0) -> tuple[Vectors, np.ndarray]:
    """Return vectors around three directions, and which each is around."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(3), each)
    return unit(np.eye(8)[kinds] + 0.1 * rng.normal(size=(3 * each, 8))), kinds


def _contradictions(vectors: Vectors, given: np.ndarray, by_names: np.ndarray | None = None):
    known = np.full((len(given), 3), 1 / 3, np.float32) if by_names is None else by_names
    shown = np.eye(3, dtype=np.bool_)[given]
    halves = np.array_split(np.arange(len(given)), 2)
    return contradictions(lambda: (Batch(vectors[h], known[h], shown[h]) for h in halves))


def test_a_wrong_decision_is_contradicted_most_and_right_ones_are_not():
    vectors, kinds = _three_kinds(10)
    given = kinds.copy()
    given[4] = 2

    found = _contradictions(vectors, given)

    assert np.argmax(found) == 4
    assert np.flatnonzero(found >= STRONG).tolist() == [4]


def test_a_decision_is_judged_as_if_it_had_not_been_made():
    vectors, kinds = _three_kinds(10)
    given = kinds.copy()
    given[4] = 2
    shown = np.eye(3, dtype=np.bool_)[given]
    by_names = np.full((30, 3), 1 / 3, np.float32)
    others = np.delete(np.arange(30), 4)
    inputs = np.concatenate([vectors, np.sqrt(by_names)], axis=1).astype(np.float64)
    x, t = inputs[others], (shown - by_names)[others]
    weights = np.linalg.solve(x.T @ x + np.eye(11), x.T @ t)
    says = by_names[4] + inputs[4] @ weights

    found = _contradictions(vectors, given)[4]

    assert found == pytest.approx(max(says[0], says[1]) - says[2], abs=1e-5)


@given(st.integers(0, 50), st.integers(1, 20))
def test_contradictions_of_any_decisions_are_numbers_and_the_same_in_any_blocks(seed, count):
    rng = np.random.default_rng(seed)
    vectors = unit(rng.normal(size=(count, 8)))
    given, by_names = rng.integers(0, 3, count), rng.dirichlet(np.ones(3), count)
    by_names = by_names.astype(np.float32)
    shown = np.eye(3, dtype=np.bool_)[given]

    found = _contradictions(vectors, given, by_names)
    whole = contradictions(lambda: iter([Batch(vectors, by_names, shown)]))

    assert np.isfinite(found).all()
    assert np.allclose(found, whole, atol=1e-4)


def test_no_decisions_contradict_nothing_and_a_cancel_is_heard():
    cancel = CancelToken()
    cancel.cancel()
    vectors, kinds = _three_kinds(2)
    shown = np.eye(3, dtype=np.bool_)[kinds]
    batch = Batch(vectors, np.full((6, 3), 1 / 3, np.float32), shown)

    assert len(contradictions(lambda: iter(()))) == 0
    with pytest.raises(CancelledError):
        contradictions(lambda: iter([batch]), cancel)


def test_what_has_only_low_scores_fits_least():
    scores = np.array([[0.3, 0.1, 0.1], [0.1, 0.1, 0.3]], np.float32)

    found = misfit(scores, HEAD)

    assert np.argmax(found) == 1
    assert found[0] == pytest.approx(found[2])


def test_an_image_without_scores_and_no_names_at_all_fit_nothing_known():
    assert np.isnan(misfit(np.full((2, 1), np.nan, np.float32), HEAD)).all()
    assert np.isnan(misfit(np.zeros((0, 3), np.float32), HEAD)).all()


def test_a_few_decisions_find_misfits_that_score_like_the_others():
    vectors, _ = _three_kinds(20)
    alike = np.random.default_rng(1).normal(0, 0.01, 60).astype(np.float32)
    none, named = np.arange(40, 45), np.r_[0:6, 20:26]

    found = with_decisions(alike, vectors, none, named)

    assert np.isin(np.argsort(-alike)[:20], np.arange(40, 60)).sum() < 15
    assert np.isin(np.argsort(-found)[:20], np.arange(40, 60)).sum() >= 18


def test_two_decisions_are_too_few_to_learn_misfits_from():
    vectors, _ = _three_kinds(5)
    alike = np.zeros(15, np.float32)

    assert with_decisions(alike, vectors, np.arange(2), np.arange(5, 15)) is alike


def _pairs(taken_for: list[list[int]], cosine: float = 0.5):
    count = len(taken_for)
    cosines = np.full((count, count), cosine, np.float32)
    nothing = torn([], count)
    return confused(np.array(taken_for), nothing, cosines, 0.95)


def test_names_that_are_taken_one_way_are_to_be_described_the_one_that_is_taken():
    (pair,) = _pairs([[5, 0], [5, 10]])

    assert (pair.first, pair.second, pair.decisions) == (1, 0, 20)
    assert pair.share == pytest.approx(0.25)
    assert pair.advice is Advice.DESCRIBE_FIRST


def test_names_that_are_taken_both_ways_are_to_be_described_both_or_merged_if_the_same():
    assert _pairs([[6, 4], [4, 6]])[0].advice is Advice.DESCRIBE_BOTH
    assert _pairs([[6, 4], [4, 6]], cosine=0.97)[0].advice is Advice.MERGE


def test_few_decisions_tell_nothing_and_probabilities_stand_in():
    torn_ones = np.tile(np.array([[0.5, 0.48, 0.02]], np.float32), (30, 1))
    torn_ones[0] = np.nan
    cosines = np.eye(3, dtype=np.float32)
    nothing = np.zeros((3, 3), np.int64)

    (pair,) = confused(nothing, torn([torn_ones], 3), cosines, 0.95)

    assert {pair.first, pair.second} == {0, 1}
    assert pair.decisions == 0
    assert pair.share == pytest.approx(0.96, abs=1e-5)
    assert confused(nothing, torn([torn_ones[:5]], 3), cosines, 0.95) == []


@pytest.mark.parametrize("count", [0, 1])
def test_one_name_or_none_is_confused_with_nothing(count: int):
    blocks = [np.ones((20, count), np.float32)]

    assert confused(np.zeros((count, count), np.int64), torn(blocks, count), np.eye(count), 1) == []
