"""Copies among the files of a folder: found by the model and by pixels, and by neither alone."""

import numpy as np
import pytest
from PIL import Image

from nameplate.domain.embeddings import unit
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.pipeline.copies import copies
from nameplate.scoring.spread import in_blocks

MANY = 80


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Pictures of shapes, the last three of which are copies of the first in other sizes."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    paths = [folder / f"{number:03}.png" for number in range(MANY)]
    for path in paths:
        blocks = Image.fromarray(rng.integers(0, 256, (5, 6, 3), np.uint8))
        blocks.resize((60, 50), Image.Resampling.BICUBIC).save(path)
    for path, size in zip(paths[-3:], ((40, 33), (54, 45), (30, 25)), strict=True):
        Image.open(paths[0]).resize(size).save(path)
    return paths


@pytest.fixture
def vectors():
    """Embeddings: those of the copies are near one another."""
    rng = np.random.default_rng(1)
    found = unit(rng.standard_normal((MANY, 64)).astype(np.float32))
    found[-3:] = unit(found[0] + 0.02 * rng.standard_normal((3, 64)).astype(np.float32))
    return found


COPIES = [0, MANY - 3, MANY - 2, MANY - 1]


@pytest.mark.parametrize("first", [0, MANY - 30])
def test_copies_make_one_group_and_the_others_stand_alone(files, vectors, first):
    rows = np.array([0, *range(first + 1, MANY)])  # few are compared all with all
    found = copies(in_blocks(vectors[rows]), [files[row] for row in rows], CancelToken())
    assert rows[found >= 0].tolist() == COPIES
    assert set(found.tolist()) == {-1, 0}


def test_pictures_that_the_model_finds_alike_are_no_copies_by_that(files, vectors):
    vectors[5] = unit(vectors[6:7] + 0.001)
    found = copies(in_blocks(vectors), files, CancelToken())
    assert found[5] == found[6] == -1


def test_a_file_that_cannot_be_read_has_no_copies(files, vectors, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    found = copies(in_blocks(vectors), [*files[:-1], broken], CancelToken())
    assert np.flatnonzero(found >= 0).tolist() == COPIES[:-1]


def test_a_cancel_ends_it(files, vectors):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        copies(in_blocks(vectors), files, cancel)
