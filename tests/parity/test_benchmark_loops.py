"""The loops that `nameplate benchmark --against torch` compares with compute the same vectors."""

import importlib.util
import sys
from pathlib import Path

import pytest

from parity_help import write_pictures

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs PyTorch"),
]


@pytest.fixture(scope="module")
def loops():
    folder = str(Path(__file__).parents[2] / "models" / "benchmark")
    sys.path.insert(0, folder)
    import loops

    yield loops
    sys.path.remove(folder)


def test_transformers_gets_the_weights_of_open_clip(loops):
    import torch
    from hugging_face import vision_model

    original, _ = loops.original()
    torch.manual_seed(1)
    pixels = torch.randn(4, 3, 224, 224)
    with torch.inference_mode():
        expected = original.encode_image(pixels)
        found = vision_model(original.visual)(pixels).image_embeds
    assert torch.nn.functional.cosine_similarity(found, expected).min() > 0.99999
    others = torch.nn.functional.cosine_similarity(expected[0], expected[1:])
    assert others.max() < 0.9999


def test_a_batch_of_workers_and_one_by_one_give_the_same_vectors(loops, tmp_path):
    files = [str(path) for path, _ in write_pictures(tmp_path)[:3]]
    singly = loops.one_by_one()(files)
    assert (loops.data_loader()(files) * singly).sum(axis=1).min() > 0.99999
