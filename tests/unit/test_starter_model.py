"""The model that comes with the program, through the program's own code."""

import csv
import hashlib
import re
import shutil

import pytest

from nameplate.cli.main import run
from nameplate.domain.errors import ModelError
from nameplate.inference.model import load_model
from nameplate.inference.self_check import self_check
from nameplate.storage.resources import resource, starter_model

MOST_BYTES = 79_000_000


@pytest.fixture(scope="module")
def model():
    return load_model(starter_model(), device="cpu")


def test_it_is_small_enough_to_come_along_and_passes_its_own_checks(model):
    assert sum(f.stat().st_size for f in starter_model().iterdir()) <= MOST_BYTES
    assert self_check(model) == ()


def test_a_prompt_alone_and_among_long_ones_has_the_same_vector(model):
    alone = model.text.encode(["cat"])[0]
    among = model.text.encode(["cat", "a long sentence about a ship on a stormy sea " * 4])[0]
    assert float(alone @ among) > 0.99999


@pytest.mark.parametrize(
    "prompt", ["", "?", "😀", "x" * 1000, "Ein Satz auf Deutsch", "zzqx", "TWO DOGS  in the snow"]
)
def test_any_text_has_a_finite_unit_vector(model, prompt):
    vector = model.text.encode([prompt])[0]
    assert float(vector @ vector) == pytest.approx(1, abs=1e-4)


def test_it_labels_the_samples_as_their_truth_file_does(tmp_path):
    file = tmp_path / "labels.csv"
    names = str(resource("samples", "concepts.txt"))
    assert run(["label", str(resource("samples")), "--concepts", names, "--csv", str(file)]) == 0
    with file.open(newline="") as stream:
        labels = {row["path"]: row["label"] for row in csv.DictReader(stream)}
    with resource("samples", "truth.csv").open(newline="") as stream:
        truth = {row["path"]: row["label"] for row in csv.DictReader(stream)}
    right = sum(labels[path] == label for path, label in truth.items())
    assert set(labels) == set(truth)
    assert right / len(truth) >= 14 / 16


SAMPLES = {
    "de": ["Auto", "Bus", "Katze", "Hund", "Fahrrad", "Flugzeug", "Blume", "Schmetterling"],
    "fr": ["voiture", "bus", "chat", "chien", "vélo", "avion", "fleur", "papillon"],
    "es": ["coche", "autobús", "gato", "perro", "bicicleta", "avión", "flor", "mariposa"],
    "ja": ["車", "バス", "猫", "犬", "自転車", "飛行機", "花", "蝶"],
    "zh": ["汽车", "公交车", "猫", "狗", "自行车", "飞机", "花", "蝴蝶"],
}
IN_ENGLISH = ["car", "bus", "cat", "dog", "bicycle", "airplane", "flower", "butterfly"]


@pytest.mark.parametrize("language", SAMPLES)
def test_common_names_of_other_languages_have_the_vectors_of_the_english_ones(model, language):
    names = list(map(model.translator_for(SAMPLES[language]), SAMPLES[language]))
    said = [model.text.in_english(name) for name in names]
    assert said == IN_ENGLISH
    assert (model.text.encode(names) == model.text.encode(IN_ENGLISH)).all()


def test_names_that_no_list_has_are_near_their_english_ones(model):
    others = ["ein alter roter Traktor", "une guitare rouge", "黄色いバナナ", "一只狗"]
    assert [model.text.in_english(name) for name in others] == [None] * 4
    english = ["a tractor", "a guitar", "a banana", "a dog", "a car", "beach", "pizza"]
    scores = model.text.encode(others) @ model.text.encode(english).T
    assert (scores.argmax(axis=1) == [0, 1, 2, 3]).all()


def test_english_names_load_no_second_encoder_and_have_the_vectors_that_they_had():
    fresh = load_model(starter_model(), device="cpu")
    names = ["dog", "a photo of a fire truck.", "t-shirts", "rock", "chat", "okapi", "café"]
    vectors = fresh.text.encode(names)
    assert not fresh.text.others.encoder.is_ready
    fresh.text.others = None
    assert (fresh.text.encode(names) == vectors).all()


def test_the_check_of_a_model_finds_that_its_second_encoder_belongs_to_another(tmp_path):
    folder = shutil.copytree(starter_model(), tmp_path / "starter")
    shutil.copy(folder / "text.onnx", folder / "names.onnx")
    digest = hashlib.sha256((folder / "names.onnx").read_bytes()).hexdigest()
    listed = f'bytes = {(folder / "names.onnx").stat().st_size}\nsha256 = "{digest}"'
    text = (folder / "model.toml").read_text(encoding="utf-8")
    entry = re.compile(r'(name = "names.onnx"\n)bytes = \d+\nsha256 = "\w+"')
    (folder / "model.toml").write_text(entry.sub(rf"\1{listed}", text), encoding="utf-8")
    assert [problem.code for problem in self_check(load_model(folder, device="cpu"))] == [
        "more-tokens-than-encoder"
    ]


def test_a_damaged_second_encoder_is_named_once_a_name_needs_it(tmp_path):
    folder = shutil.copytree(starter_model(), tmp_path / "starter")
    with (folder / "names.onnx").open("r+b") as stream:
        stream.write(b"damaged")
    damaged = load_model(folder, device="cpu")
    assert damaged.text.encode(["dog", "Hund"]).shape == (2, 768)
    with pytest.raises(ModelError, match=r"names\.onnx"):
        damaged.text.encode(["unbekanntes Wort"])
    (folder / "names.json").unlink()
    with pytest.raises(ModelError, match=r"names\.json"):
        load_model(folder, device="cpu")
