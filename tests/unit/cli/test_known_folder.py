"""Cached images and prompts need no encoder, no tokenizer and none of their libraries."""

import csv
import json
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image

from nameplate.cli.main import run
from nameplate.inference import model as inference_model
from nameplate.inference.runtime.providers import offered
from tiny_model import build_tiny_model

NAMES = ("--concept", "red", "--concept", "blue")
PARTS = ("image.onnx", "text.onnx", "tokenizer.json")


@pytest.fixture
def folder(tmp_path):
    return build_tiny_model(tmp_path / "tiny")


@pytest.fixture
def label(folder, coloured, tmp_path):
    def call(*options, names=NAMES):
        file = tmp_path / "labels.csv"
        where = ["--csv", str(file), "--model", str(folder)]
        return run(["label", str(coloured), *where, *names, *options])

    return call


@pytest.fixture
def embed(folder, coloured, tmp_path):
    def call(*options):
        where = ["--npz", str(tmp_path / "o.npz"), "--model", str(folder)]
        return run(["embed", str(coloured), *where, *options])

    return call


@pytest.fixture
def known(label, capsys):
    """A folder whose embeddings are cached, with a model that was damaged afterwards."""
    assert label() == 0
    capsys.readouterr()


def damage(folder, *names):
    """Change a byte of each file; the sizes stay the same."""
    for name in names:
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 255
        (folder / name).write_bytes(content)


def labels(tmp_path):
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as stream:
        return [(row["path"], row["label"]) for row in csv.DictReader(stream)]


def test_known_pictures_and_names_open_no_part_of_the_model(
    known, label, embed, folder, tmp_path, capsys
):
    before = labels(tmp_path)
    damage(folder, *PARTS)
    assert label() == 0
    assert labels(tmp_path) == before
    assert "6 images, Tiny colours; no picture had to be encoded" in capsys.readouterr().out
    assert label("--json") == 0
    assert json.loads(capsys.readouterr().out)["device"] is None
    assert embed() == 0
    assert "6 pictures x 16; no picture had to be encoded" in capsys.readouterr().out


def test_a_picture_that_is_not_known_needs_the_image_encoder(
    known, label, embed, folder, coloured, capsys
):
    Image.new("RGB", (31, 17), "white").save(coloured / "new.png")
    damage(folder, "image.onnx")
    for command in (label, embed):
        assert command() == 3
        assert "image.onnx: damaged or changed" in capsys.readouterr().err


def test_a_name_that_is_not_known_needs_the_text_encoder(known, label, folder, capsys):
    damage(folder, "text.onnx")
    assert label(names=(*NAMES, "--concept", "green")) == 3
    assert "text.onnx: damaged or changed" in capsys.readouterr().err


def test_a_new_picture_with_known_names_does_without_the_text_encoder(
    known, label, folder, coloured, capsys
):
    Image.new("RGB", (31, 17), "white").save(coloured / "new.png")
    damage(folder, "text.onnx", "tokenizer.json")
    assert label() == 0
    assert "7 images, Tiny colours on cpu" in capsys.readouterr().out


def test_a_new_name_for_known_pictures_does_without_the_image_encoder(known, label, folder, capsys):
    damage(folder, "image.onnx")
    assert label("--json", names=(*NAMES, "--concept", "green")) == 0
    assert json.loads(capsys.readouterr().out)["device"] is None


def test_pictures_that_were_renamed_or_cannot_be_read_do_without_the_image_encoder(
    known, label, folder, coloured, capsys
):
    (coloured / "red").rename(coloured / "crimson")
    (coloured / "broken.jpg").write_text("not a picture")
    damage(folder, *PARTS)
    assert label() == 1
    assert "broken.jpg" in capsys.readouterr().err


def test_prompts_are_embedded_where_the_image_encoder_is_damaged(folder, tmp_path, capsys):
    damage(folder, "image.onnx")
    (tmp_path / "prompts.txt").write_text("red\nblue\n")
    file = tmp_path / "o.npz"
    command = ["embed", "--text", str(tmp_path / "prompts.txt"), "--npz", str(file)]
    assert run([*command, "--model", str(folder)]) == 0
    with np.load(file, allow_pickle=False) as arrays:
        assert arrays["embedding"].shape == (2, 16)


def test_a_known_name_that_is_longer_than_the_model_reads_is_said_each_time(label, capsys):
    long = " ".join(["red"] * 20)
    for _ in range(2):
        assert label(names=("--concept", long, "--concept", "blue")) == 0
        assert "is longer than the model reads" in capsys.readouterr().err


def test_a_device_that_is_not_there_is_missed_when_a_picture_has_to_be_encoded(
    known, label, coloured, capsys
):
    if "CUDAExecutionProvider" in offered():
        pytest.skip("this machine may have one")
    assert label("--device", "cuda") == 0
    assert "no picture had to be encoded" in capsys.readouterr().out
    Image.new("RGB", (31, 17), "white").save(coloured / "new.png")
    assert label("--device", "cuda") == 3
    assert "cuda was asked for, but" in capsys.readouterr().err


@pytest.mark.parametrize("cache", [[], ["--no-cache"]])
def test_new_names_and_new_pictures_load_both_encoders_side_by_side(label, monkeypatch, cache):
    together = threading.Barrier(2, timeout=10)

    def beside_the_other(opener):
        def open_it(*arguments, **options):
            together.wait()  # breaks where one is loaded after the other
            return opener(*arguments, **options)

        return open_it

    real = inference_model.OnnxSession
    monkeypatch.setattr(inference_model, "OnnxSession", beside_the_other(real))
    assert label(*cache) == 0


UNUSED = ("onnxruntime", "tokenizers", "PySide6", "PIL", "pi_heif", "huggingface_hub", "ftfy")
_RUN = f"""
import sys
from nameplate.cli.main import run
code = run(sys.argv[1:])
print(*[name for name in {UNUSED} if name in sys.modules])
sys.exit(code)
"""


@pytest.mark.parametrize("command", ["label", "embed"])
def test_known_work_imports_no_library_that_it_does_not_need(
    known, command, folder, coloured, tmp_path
):
    out = ["--csv", "o.csv", *NAMES] if command == "label" else ["--npz", "o.npz"]
    words = [command, str(coloured), "--model", str(folder), *out]
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""
