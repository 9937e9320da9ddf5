import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from PIL import Image

from nameplate.domain.embeddings import Head
from nameplate.domain.errors import ModelError, UsageError
from nameplate.domain.messages import Message
from nameplate.inference.model import load_model
from nameplate.inference.preprocess import pixels
from nameplate.inference.runtime.providers import offered
from nameplate.inference.self_check import self_check
from scoring_help import scored
from tiny_model import COLOURS, build_tiny_model, on_session, write_manifest

VARIANTS = [
    {},
    {"fixed_batch": True},
    {"ids_dtype": "int32", "attention_mask": True},
    {"image_dtype": "float16", "fixed_length": True, "padding": "max_length"},
    {"resize": "squash", "interpolation": "bilinear", "head": "sigmoid", "bias": -10.0},
    {"seed": 3, "size": 48, "dim": 64, "cleaning": "canonicalize"},
]


@pytest.mark.parametrize("options", VARIANTS)
@pytest.mark.parametrize("template", ["{}", "a photo of a {}."])
def test_plain_pictures_are_labelled_with_their_colour(tmp_path, options, template):
    model = load_model(build_tiny_model(tmp_path, **options))
    pictures = [Image.new("RGB", (50, 41), colour) for colour in COLOURS.values()]
    batch = np.stack([pixels(picture, model.manifest.image) for picture in pictures])

    vectors = model.text.encode([template.replace("{}", name) for name in COLOURS])
    found = scored(model.image.encode(batch), vectors, model.head)

    assert found.scores.argmax(axis=1).tolist() == list(range(len(COLOURS)))
    assert np.diag(found.scores).min() > 0.8


@pytest.mark.parametrize("options", VARIANTS)
def test_a_sound_model_passes_its_self_check(tmp_path, options):
    assert self_check(load_model(build_tiny_model(tmp_path, **options))) == ()


def test_a_loaded_model_says_what_it_is(tmp_path):
    folder = build_tiny_model(tmp_path, bias=-2.0, head="sigmoid")

    model = load_model(folder)

    assert model.folder == folder
    assert model.manifest.id == "tiny"
    assert model.head == Head("sigmoid", 20.0, -2.0)
    assert len(model.fingerprint) == 16
    assert model.device.requested == "auto"
    assert model.device.device in {"cpu", "cuda"}


def test_two_threads_may_own_the_two_encoders(tmp_path):
    model = load_model(build_tiny_model(tmp_path))
    batch = np.stack([pixels(Image.new("RGB", (9, 9), "red"), model.manifest.image)] * 8)
    works = (lambda: model.image.encode(batch), lambda: model.text.encode(["red"]))

    with ThreadPoolExecutor(2) as pool:
        for made in pool.map(lambda work: [work() for _ in range(50)], works):
            assert all((vectors == made[0]).all() for vectors in made)


def test_weights_in_a_file_that_the_manifest_need_not_list_are_refused(tmp_path):
    build_tiny_model(tmp_path)
    graph = onnx.load(tmp_path / "image.onnx")
    outside = {"save_as_external_data": True, "location": "notes.txt", "size_threshold": 0}
    onnx.save(graph, tmp_path / "image.onnx", **outside)
    write_manifest(tmp_path)
    with pytest.raises(ModelError, match="weights-unlisted"):
        load_model(tmp_path).load()
    with (tmp_path / "model.toml").open("a") as manifest:
        content = (tmp_path / "notes.txt").read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        manifest.write(
            f'[[files]]\nname = "notes.txt"\nbytes = {len(content)}\nsha256 = "{digest}"'
        )
    load_model(tmp_path).load()


def test_a_device_that_cannot_be_is_refused(tmp_path):
    folder = build_tiny_model(tmp_path)

    with pytest.raises(UsageError, match="no-such-device"):
        load_model(folder, device="tpu")
    if "CUDAExecutionProvider" not in offered():
        with pytest.raises(ModelError, match="device-not-in-build"):
            load_model(folder, device="cuda").load()


def test_a_path_with_an_emoji_and_a_space_is_fine(tmp_path):
    folder = build_tiny_model(tmp_path / "my 🐈 modèle")

    assert self_check(load_model(folder)) == ()


class BrokenSession:
    """Stands in for an image session and returns what `answer` makes of its batch."""

    name, providers = "broken.onnx", ("CPUExecutionProvider",)

    def __init__(self, real, answer):
        self.inputs, self.outputs = real.inputs, real.outputs
        self._real, self._answer = real, answer

    def run(self, feeds, output_names=None, cancel=None):
        results = self._real.run(feeds, output_names)
        return {name: self._answer(value) for name, value in results.items()}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda rows: rows * 0 + 1, "vectors-all-same"),
        (
            lambda rows: np.where(np.arange(len(rows))[:, None] == 1, np.nan, rows),
            "vectors-not-finite",
        ),
        (lambda rows: rows * np.nan, "encoder-fails"),
        (lambda rows: rows[::-1], "vectors-by-batch"),
    ],
)
def test_the_self_check_finds_a_broken_encoder(tmp_path, answer, problem):
    model = load_model(build_tiny_model(tmp_path))
    session = BrokenSession(model.image._session, answer)

    found = self_check(on_session(model, session))

    assert len(found) == 1
    assert found[0].code == problem
    assert found[0].parameters["encoder"] == Message("image-encoder")


def test_the_self_check_finds_a_tokenizer_that_is_another_models(tmp_path):
    folder = build_tiny_model(tmp_path / "model")
    words = [f"word{number}" for number in range(40)] + ["night", "cars"]
    other = build_tiny_model(tmp_path / "other", words=words)
    (folder / "tokenizer.json").write_bytes((other / "tokenizer.json").read_bytes())
    write_manifest(folder)

    found = self_check(load_model(folder))

    assert len(found) == 1
    assert found[0].code == "encoder-fails"
    assert found[0].parameters["encoder"] == Message("text-encoder")
    assert found[0].parameters["reason"].code == "model-could-not-run"
