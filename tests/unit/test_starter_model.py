"""The model that comes with the program, through the program's own code."""

import csv

import pytest

from nameplate.cli.main import run
from nameplate.inference.model import load_model
from nameplate.inference.self_check import self_check
from nameplate.storage.resources import resource, starter_model

MOST_BYTES = 45_000_000


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
