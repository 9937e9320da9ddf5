"""Convolutions with signed weights, as exporters quantise them."""

import numpy as np
import pytest

from model_folders.foreign import BUILDERS, all_words, towers
from model_folders.graphs import save, with_signed_convolution
from nameplate.inference.model import load_model
from nameplate.inference.runtime.session import OnnxSession
from tiny_model import TinyOptions

ROUNDING = 0.02
"""How far 255 levels take the vectors of the six colours from their places, at most."""


@pytest.fixture
def tower():
    """An image tower that is not quantised."""
    return towers(TinyOptions(), all_words())[0]


@pytest.fixture
def pixels():
    return np.random.default_rng(0).standard_normal((4, 3, 32, 32)).astype(np.float32)


def vectors(path, pixels):
    (name,) = OnnxSession(path).outputs
    return OnnxSession(path).run({"pixel_values": pixels})[name.name]


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("zero_point", [None, 0, -3, 7])
def test_signed_weights_give_what_the_graph_gave_before_it_was_quantised(
    tmp_path, tower, pixels, zero_point, raw
):
    save(tower, tmp_path / "float.onnx")
    save(with_signed_convolution(tower, zero_point, raw=raw), tmp_path / "int8.onnx")
    expected = vectors(tmp_path / "float.onnx", pixels)
    assert np.abs(vectors(tmp_path / "int8.onnx", pixels) - expected).max() < ROUNDING


def test_a_folder_with_one_such_graph_of_both_towers_is_a_model_like_its_float_one(
    tmp_path, pixels
):
    folders = [BUILDERS[kind](tmp_path / kind) for kind in ("combined", "combined-int8")]
    exact, quantised = (load_model(folder, device="cpu") for folder in folders)
    cosines = (exact.image.encode(pixels) * quantised.image.encode(pixels)).sum(axis=1)
    assert cosines.min() > 0.999
    prompts = ["a photo of a red dog", "blue"]
    assert np.allclose(exact.text.encode(prompts), quantised.text.encode(prompts), atol=1e-6)
    assert quantised.head.scale == pytest.approx(42, rel=1e-3)
