"""Which of a stack is the best is told by its pictures."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.stacks import StackKind, Stacks
from nameplate.pipeline.stacks.best import BestFound, find_best


@pytest.fixture
def paths(tmp_path) -> PathList:
    """Two blurred frames and a sharp one, a picture alone, and two files that are none."""
    blocks = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    sharp = Image.fromarray(blocks).resize((300, 200))
    for number, blur in enumerate((2, 0, 1, 0)):
        sharp.filter(ImageFilter.GaussianBlur(blur)).save(tmp_path / f"{number}.png")
    for number in (4, 5):
        (tmp_path / f"{number}.png").write_bytes(b"no picture")
    return PathList(tmp_path / f"{number}.png" for number in range(6))


STACKS = Stacks(np.array([0, 0, 0, -1, 1, 1]), np.array([StackKind.BURST] * 6, np.uint8))


def test_the_sharpest_frame_is_the_best_and_what_cannot_be_read_is_never(paths):
    *progress, found = find_best(STACKS, np.array([2, 3, 5]), paths, CancelToken())
    assert isinstance(found, BestFound)
    assert found.rows.tolist() == [1]
    assert progress[-1].total == 5


def test_a_cancel_ends_it(paths):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(find_best(STACKS, np.array([0]), paths, cancel))
