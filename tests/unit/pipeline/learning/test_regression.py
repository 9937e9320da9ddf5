import numpy as np
import pytest

from nameplate.domain.embeddings import ImageVectors, unit
from nameplate.pipeline.learning import regression
from nameplate.pipeline.learning.guard import HeldOut, mixture
from nameplate.pipeline.learning.learning import Sample
from nameplate.pipeline.learning.minimise import Minimum
from nameplate.pipeline.learning.regression import TrainingData, fit, offsets_of
from nameplate.scoring.scores import log_softmax


def known_of(images=12, size=5, concepts=4, *, exclusive=True, seed=0):
    generator = np.random.default_rng(seed)
    shown = np.eye(concepts, dtype=np.bool_)[generator.integers(0, concepts, images)]
    shown[: images // 3] = False  # of these it is only known what they do not show
    excluded = ~shown & (generator.random((images, concepts)) < 0.5)
    excluded[:, 0] = False  # something is possible
    probabilities = generator.dirichlet(np.ones(concepts), images)
    offsets = offsets_of(probabilities, exclusive=exclusive)
    return TrainingData(generator.normal(size=(images, size)), offsets, shown, excluded, exclusive)


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("images", [3, 12])
def test_the_gradient_is_that_of_the_loss(monkeypatch, exclusive, images):
    losses = []

    def look(function, start, **_):
        losses.append(function)
        return Minimum(start, is_found=True)

    monkeypatch.setattr(regression, "minimise", look)
    known = known_of(images, exclusive=exclusive)
    fit(known)
    size = (min(images, 5) + 1) * 4 + 1
    at = 0.3 * np.random.default_rng(1).normal(size=size)
    _, gradient = losses[0](at)
    steps = 1e-6 * np.eye(size)
    expected = [(losses[0](at + s)[0] - losses[0](at - s)[0]) / 2e-6 for s in steps]
    np.testing.assert_allclose(gradient, expected, atol=1e-5)


def test_probabilities_come_back_from_their_offsets():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(5), 20)
    logits = offsets_of(probabilities, exclusive=True)
    np.testing.assert_allclose(np.exp(log_softmax(logits, np.float64)), probabilities, atol=1e-5)
    alone = offsets_of(probabilities, exclusive=False)
    np.testing.assert_allclose(1 / (1 + np.exp(-alone)), probabilities, atol=1e-5)


def test_without_coordinates_only_bias_and_scale_are_learned():
    known = known_of()
    found = fit(TrainingData(np.zeros((12, 0)), known.offsets, known.shown, known.excluded, True))
    assert found.is_found
    assert found.vectors.shape == (0, 4)


@pytest.mark.parametrize("exclusive", [True, False])
def test_it_does_not_matter_where_the_search_begins(monkeypatch, exclusive):
    monkeypatch.setattr(regression, "_GRADIENT", 1e-7)
    known = known_of(30, exclusive=exclusive)
    some = known.take(np.arange(24))
    one, other = fit(some), fit(some, fit(known))
    assert one.is_found
    assert other.is_found
    np.testing.assert_allclose(other.logits(known), one.logits(known), atol=1e-4)


def test_directions_of_few_images_are_those_of_their_covariance():
    vectors = unit(np.random.default_rng(0).normal(size=(20, 30)) + 1)
    images = ImageVectors.of(vectors)
    few, many = Sample(images), Sample(ImageVectors.of(np.concatenate([vectors, vectors])))
    one, other = few.coordinates(images), many.coordinates(images)
    np.testing.assert_allclose(one @ one.T, other @ other.T, atol=1e-4)


@pytest.mark.parametrize("wrong", [0, 1])
def test_a_regression_helps_where_it_is_likelier_and_one_more_is_right(wrong):
    shown = np.eye(3, dtype=bool)[np.arange(60) % 3]
    margins = np.where(np.arange(60) % 2, 3.0, 0.2)[:, None]  # names are sure of every other image
    margins[:wrong] = -1.0
    known = TrainingData(np.zeros((60, 0)), shown * margins, shown, ~shown, exclusive=True)
    assert mixture(HeldOut(known, 4.0 * shown, is_found=True)).helps == (wrong == 1)
