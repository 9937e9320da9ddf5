"""A model folder may name inner tensors of its image encoder, which tell images apart better."""

import numpy as np
import pytest

from nameplate.domain.embeddings import unit
from nameplate.domain.errors import ModelError
from nameplate.inference.manifest import manifest_text, parse_manifest, read_manifest
from nameplate.inference.model import load_model
from tiny_model import DESCRIBED, build_tiny_model


@pytest.fixture
def pixels():
    return np.random.default_rng(0).normal(size=(5, 3, 32, 32)).astype(np.float32)


def test_descriptors_are_unit_vectors_of_each_tensor_and_embeddings_stay_the_same(
    tmp_path, tiny_model, pixels
):
    model = load_model(build_tiny_model(tmp_path / "model", descriptors=DESCRIBED))
    found = model.image.vectors(pixels)
    alone = load_model(tiny_model).image.vectors(pixels)
    np.testing.assert_array_equal(found.embeddings, alone.embeddings)
    assert alone.descriptors.shape == (5, 0)
    assert found.descriptors.shape == (5, 6)
    halves = pixels.reshape(5, 3, 2, 16, 2, 16).mean(axis=(3, 5))
    np.testing.assert_allclose(found.descriptors[:, 3:], unit(halves.mean(axis=(2, 3))), atol=1e-3)
    lengths = np.linalg.norm(found.descriptors[:, :3].astype(np.float32), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-3)


def test_naming_descriptors_leaves_the_fingerprint_so_that_known_embeddings_stay_valid(tmp_path):
    one = build_tiny_model(tmp_path / "one")
    other = build_tiny_model(tmp_path / "other", descriptors=DESCRIBED)
    assert load_model(one).fingerprint == load_model(other).fingerprint


def test_a_manifest_is_written_with_its_descriptors(tmp_path):
    folder = build_tiny_model(tmp_path / "model", descriptors=DESCRIBED)
    manifest = read_manifest(folder)
    assert manifest.sizes == (16, 6)
    assert parse_manifest(manifest_text(manifest), folder) == manifest


@pytest.mark.parametrize(
    ("descriptors", "said"),
    [
        ([("nothing", 3)], "nothing"),
        ([("colour", 4)], "4"),
        ([("anchors", 6)], r"\(3, 6\)"),
        ([("colour", 9000)], "descriptors"),
        ([("colour", 3)] * 9, "descriptors"),
        ([("x" * 3000, 3)], "descriptors"),
    ],
    ids=["no such tensor", "another size", "a weight", "too large", "too many", "a long name"],
)
def test_descriptors_that_the_graph_does_not_have_are_refused(tmp_path, pixels, descriptors, said):
    folder = build_tiny_model(tmp_path / "model", descriptors=descriptors)
    with pytest.raises(ModelError, match=said):
        load_model(folder).image.vectors(pixels)
