"""From files and texts to vectors and labels, as transformers makes them of the same weights.

`tests/parity/make_golden_vectors.py` asked it; no training framework is needed here.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nameplate.imaging.decode import decode
from nameplate.inference.model import load_model
from nameplate.inference.preprocess import pixels
from parity.golden_prompts import PROMPTS
from parity.parity_help import write_pictures

HERE = Path(__file__).parent
GOLDEN = np.load(HERE / "golden_vectors.npz")
ABOUT = json.loads(str(GOLDEN["about"]))
LEAST_COSINE = 0.9999


@pytest.fixture(scope="module")
def model():
    return load_model(HERE / "golden_clip", device="cpu")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return write_pictures(tmp_path_factory.mktemp("pictures"))


def vectors_of(images, model):
    return model.image.encode(np.stack([pixels(image, model.manifest.image) for image in images]))


def cosines(own, golden):
    return (own * golden).sum(axis=1)


def test_the_golden_file_is_of_these_pictures_and_prompts(pictures):
    colours = [np.asarray(expected).mean(axis=(0, 1)) for _, expected in pictures]
    np.testing.assert_allclose(colours, GOLDEN["colours"], atol=0.1)
    assert ABOUT["prompts"] == list(PROMPTS)


def test_a_file_of_every_kind_has_the_vector_and_the_label_of_the_original(model, pictures):
    own = vectors_of([decode(path).image for path, _ in pictures], model)

    near = dict(zip([p.name for p, _ in pictures], cosines(own, GOLDEN["images"]), strict=True))
    assert min(near.values()) >= LEAST_COSINE, near
    labels = (own @ model.text.encode(ABOUT["labels"]).T).argmax(axis=1)
    golden = (GOLDEN["images"] @ GOLDEN["labels"].T).argmax(axis=1)
    assert labels.tolist() == golden.tolist()
    assert len(set(golden.tolist())) > 2


def test_prompts_have_the_tokens_and_vectors_of_the_original(model):
    assert model.text.tokenizer.tokens(PROMPTS).ids.tolist() == GOLDEN["ids"].tolist()
    assert cosines(model.text.encode(PROMPTS), GOLDEN["prompts"]).min() >= LEAST_COSINE
    assert cosines(model.text.encode(ABOUT["labels"]), GOLDEN["labels"]).min() >= LEAST_COSINE


@pytest.mark.parametrize("name", ["exif.png", "alpha.png", "deep.png"])
def test_a_picture_that_is_read_by_pillow_alone_has_another_vector(name, model, pictures):
    paths = [path for path, _ in pictures]
    number = [path.name for path in paths].index(name)
    with Image.open(paths[number]) as image:
        wrong = vectors_of([image.convert("RGB")], model)
    assert float(wrong[0] @ GOLDEN["images"][number]) < 0.99


def test_a_picture_a_level_brighter_has_another_vector(model, pictures):
    levels = np.asarray(pictures[0][1]).astype(np.int16)
    brighter = Image.fromarray((levels + 1).clip(0, 255).astype(np.uint8))
    assert float(vectors_of([brighter], model)[0] @ GOLDEN["images"][0]) < LEAST_COSINE
