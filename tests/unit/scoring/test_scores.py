import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nameplate.domain.embeddings import Head, unit
from nameplate.scoring.scores import ScoredImages, ensemble, kept_concepts, sigmoid, softmax
from scoring_help import scored

CLIP = Head("softmax", 100.0)


def vectors(*rows):
    return unit(np.array(rows, dtype=np.float32))


def test_golden_probabilities_of_clip():
    # exp(25.5546), exp(20.1), exp(19.944) over their sum, in float64; 100 x cosine as CLIP has it.
    scores = np.array([[0.255546, 0.201, 0.19944]], dtype=np.float32)
    found = scored(scores, np.eye(3, dtype=np.float32), CLIP)
    golden = [0.992127, 0.0042429, 0.0036301]
    np.testing.assert_allclose(found.probabilities[0], golden, atol=1e-6)


def test_golden_sigmoid_of_siglip():
    # Logits -1.60 and -10.72 for "2 cats" and "2 dogs": each name stands alone.
    head = Head("sigmoid", 117.3, -12.9)
    scores = np.array([[(-1.60 + 12.9) / 117.3, (-10.72 + 12.9) / 117.3]], dtype=np.float32)
    found = scored(scores, np.eye(2, dtype=np.float32), head)
    np.testing.assert_allclose(found.probabilities[0], [0.167982, 2.21e-05], rtol=2e-3)


def test_softmax_heads_share_one_and_adding_a_name_changes_all():
    images = vectors([1, 0.2, 0])
    two = scored(images, vectors([1, 0, 0], [0, 1, 0]), Head("softmax", 5)).probabilities
    three = scored(
        images, vectors([1, 0, 0], [0, 1, 0], [0, 0, 1]), Head("softmax", 5)
    ).probabilities
    assert two.sum() == pytest.approx(1)
    assert three.sum() == pytest.approx(1)
    assert three[0, 0] < two[0, 0]


def test_multi_without_a_bias_compares_each_name_with_the_neutral_prompts():
    images = vectors([1, 0, 0])
    names, neutral = vectors([1, 0.1, 0], [0, 1, 0]), vectors([0.5, 0.5, 0.7])[0]
    found = scored(images, names, CLIP, multi=True, neutral=neutral)
    assert found.probabilities[0, 0] > 0.99
    assert found.probabilities[0, 1] < 0.01


def test_an_ensemble_normalises_each_prompt_before_the_mean():
    long_one = np.array([[10.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    np.testing.assert_allclose(ensemble(long_one), [0.5**0.5, 0.5**0.5], atol=1e-6)


def test_scores_are_cosines_and_probabilities_their_softmax():
    rng = np.random.default_rng(0)
    images, names = unit(rng.normal(size=(50, 8))), unit(rng.normal(size=(5, 8)))
    whole = scored(images, names, CLIP)
    np.testing.assert_allclose(whole.scores, images @ names.T, atol=1e-6)
    np.testing.assert_allclose(whole.probabilities, softmax(100 * whole.scores), atol=1e-6)


def test_an_image_without_embedding_has_no_scores():
    images = np.array([[np.nan, np.nan], [1, 0]], dtype=np.float32)
    found = scored(images, vectors([1, 0], [0, 1]), CLIP)
    assert np.isnan(found.scores[0]).all()
    assert np.isnan(found.probabilities[0]).all()
    assert found.scores[1].tolist() == [1, 0]


def test_no_names_means_no_scores():
    found = scored(vectors([1, 0]), np.empty((0, 0), np.float32), CLIP)
    assert found.scores.shape == (1, 0)


def scored_with(probabilities):
    array = np.array(probabilities, dtype=np.float32)
    return ScoredImages(array, array)


def test_multi_labels_are_all_that_reach_the_minimum():
    scored = scored_with([[0.6, 0.9, 0.55], [0.1, 0.2, 0.05]])
    chosen = kept_concepts(scored, [False, False, True], minimum=0.5)
    assert chosen.tolist() == [[True, True, False], [False] * 3]


@given(
    hnp.arrays(np.float32, (3, 4), elements=st.floats(-1e4, 1e4, width=32)),
)
def test_softmax_is_a_distribution_whose_top_is_the_top_logit(logits):
    p = softmax(logits)
    assert np.isfinite(p).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    assert (np.take_along_axis(p, logits.argmax(axis=1)[:, None], 1)[:, 0] == p.max(axis=1)).all()


@given(hnp.arrays(np.float32, 8, elements=st.floats(-1e5, 1e5, width=32)))
def test_sigmoid_stays_between_0_and_1_and_is_symmetric(logits):
    p = sigmoid(logits)
    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(p + sigmoid(-logits), 1, atol=1e-6)
