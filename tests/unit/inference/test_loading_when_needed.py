"""The parts of a model are loaded when they are first needed, and their files are read once."""

import shutil
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_folders.foreign import BUILDERS
from nameplate.domain.errors import ModelError
from nameplate.inference import model_files
from nameplate.inference.external import external_files
from nameplate.inference.lazy import Lazy
from nameplate.inference.manifest import read_manifest
from nameplate.inference.model import load_model
from nameplate.inference.model_files import Digests, tokenizer_files
from nameplate.inference.tokenizer import Tokenizer
from nameplate.model_hub.installed import open_folder
from nameplate.storage.resources import starter_model
from tiny_model import build_tiny_model

PROMPTS = ["red", "a photo of a blue."]


def damage(path):
    """Change a byte, so that the size stays."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


def pictures(model):
    side = model.manifest.image.size
    return np.random.default_rng(0).standard_normal((2, 3, side, side), dtype=np.float32)


def test_a_model_that_is_opened_has_loaded_nothing(tmp_path):
    model = load_model(build_tiny_model(tmp_path))
    parts = (model.image_part, model.text_part, model.tokenizer_part)
    assert not any(part.is_ready for part in parts)
    assert model.device_used is None
    model.load()
    assert all(part.is_ready for part in parts)
    assert model.device_used == model.device


def test_a_damaged_image_encoder_does_not_keep_prompts_from_being_encoded(tmp_path):
    folder = build_tiny_model(tmp_path)
    damage(folder / "image.onnx")
    model = load_model(folder)
    assert model.text.encode(PROMPTS).shape == (2, 16)
    with pytest.raises(ModelError, match="other-sha256") as caught:
        model.image.encode(pictures(model))
    assert caught.value.where.endswith("image.onnx")


@pytest.mark.parametrize("name", ["text.onnx", "tokenizer.json"])
def test_a_damaged_text_encoder_does_not_keep_pictures_from_being_encoded(tmp_path, name):
    folder = build_tiny_model(tmp_path)
    damage(folder / name)
    model = load_model(folder)
    assert model.image.encode(pictures(model)).shape == (2, 16)
    with pytest.raises(ModelError, match="other-sha256") as caught:
        model.text.encode(PROMPTS)
    assert caught.value.where.endswith(name)


def test_a_file_that_is_missing_or_of_another_size_is_reported_when_the_model_is_opened(tmp_path):
    folder = build_tiny_model(tmp_path)
    (folder / "image.onnx").write_bytes(b"short")
    with pytest.raises(ModelError, match="other-bytes"):
        load_model(folder)
    (folder / "image.onnx").unlink()
    with pytest.raises(ModelError, match="model-file-missing"):
        load_model(folder)


def test_both_encoders_are_loaded_side_by_side(tmp_path):
    model = load_model(build_tiny_model(tmp_path))
    together = threading.Barrier(2, timeout=10)

    def beside_the_other(part):
        def make():
            together.wait()  # breaks where one is loaded after the other
            return part.get()

        return Lazy(make)

    watched = replace(
        model,
        image_part=beside_the_other(model.image_part),
        text_part=beside_the_other(model.text_part),
    )
    assert watched.load() is watched
    assert model.image_part.is_ready
    assert model.text_part.is_ready


@pytest.mark.parametrize("layout", [name for name in BUILDERS if "combined" in name])
def test_one_graph_that_is_both_encoders_is_one_session(tmp_path, layout):
    model = load_model(BUILDERS[layout](tmp_path / "hf"), device="cpu").load()
    assert model.image._session is model.text._session


@pytest.fixture
def hashed(monkeypatch):
    """How often this process hashes each file."""
    found, of = Counter[Path](), model_files._sha256

    def counting(path):
        found[path] += 1
        return of(path)

    monkeypatch.setattr(model_files, "_sha256", counting)
    return found


def graphs_and_data(manifest):
    graphs = {manifest.image.file, manifest.text.file}
    words = {path.as_posix() for path in tokenizer_files(Path(manifest.text.tokenizer))}
    return graphs, {file.name for file in manifest.files} - graphs - words


@pytest.mark.parametrize("layout", BUILDERS)
def test_no_weights_are_hashed_twice(tmp_path, layout, hashed):
    folder = BUILDERS[layout](tmp_path / layout)
    manifest = read_manifest(folder)
    graphs, data = graphs_and_data(manifest)
    hashed.clear()
    model = load_model(folder, device="cpu", manifest=manifest)
    model.image.encode(pictures(model))
    model.text.encode(PROMPTS)
    model.load()
    weights = data | graphs
    assert {name: hashed[folder / name] for name in weights} == dict.fromkeys(weights, 1)


@pytest.mark.parametrize("layout", ["transformers", "combined", "external"])
def test_a_folder_that_a_child_described_is_hashed_once_in_this_process(tmp_path, layout, hashed):
    folder = BUILDERS[layout](tmp_path / layout)
    graphs, data = graphs_and_data(read_manifest(folder))
    hashed.clear()
    open_folder(folder, device="cpu").load()
    assert {hashed[folder / name] for name in data | graphs} == {1}


def test_each_encoder_compares_its_own_data_files_only(tmp_path):
    folder = BUILDERS["external"](tmp_path / "external")
    manifest = read_manifest(folder)
    of_image = external_files(folder, manifest.image.file)
    assert not {*of_image} & {*external_files(folder, manifest.text.file)}
    damage(folder / of_image[0])
    model = load_model(folder, device="cpu", manifest=manifest)
    assert len(model.text.encode(PROMPTS)) == 2
    with pytest.raises(ModelError, match="other-sha256") as caught:
        model.load()
    assert caught.value.where.endswith(of_image[0])


def test_a_file_of_which_nobody_knows_whose_it_is_belongs_to_both_encoders(tmp_path):
    folder = build_tiny_model(tmp_path)
    (folder / "more.bin").write_bytes(b"more")
    manifest = read_manifest(build_tiny_model(tmp_path / "other"))
    shutil.rmtree(tmp_path / "other")
    extra = replace(manifest.files[0], name="more.bin", bytes=4, sha256="0" * 64)
    listing = replace(manifest, files=(*manifest.files, extra))
    for part in ("image", "text"):
        model = load_model(folder, manifest=listing)
        with pytest.raises(ModelError, match="other-sha256") as caught:
            getattr(model, part)
        assert caught.value.where.endswith("more.bin")


def test_a_file_that_changed_since_it_was_hashed_is_hashed_again(tmp_path):
    file, digests = tmp_path / "file", Digests()
    file.write_bytes(b"one")
    first = digests.of(file)
    file.write_bytes(b"another")
    assert digests.of(file) != first


CONTEXT_77 = Path(__file__).parent / "golden_clip"
PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=90)


@pytest.mark.parametrize("source", [*BUILDERS, "golden", "starter"])
def test_a_prompt_that_surely_fits_is_never_cut(tmp_path, source):
    home = {"golden": CONTEXT_77, "starter": starter_model()}
    folder = home[source] if source in home else BUILDERS[source](tmp_path / source)
    text = read_manifest(folder).text
    tokenizer = Tokenizer(folder / text.tokenizer, text)

    @settings(suppress_health_check=list(HealthCheck))
    @given(PLAIN)
    def check(prompt):
        short = prompt[: text.context_length]
        if text.certainly_fits(short):
            assert not tokenizer.is_truncated(short)

    check()
    longest = "~" * (text.context_length - 8)
    assert text.certainly_fits(longest)
    assert not tokenizer.is_truncated(longest)


@pytest.mark.parametrize("prompt", ["é", "&amp;", "red\n", "a" * 9, "\u1d160"])
def test_whether_other_prompts_fit_is_asked_of_the_tokenizer(tmp_path, prompt):
    assert not read_manifest(build_tiny_model(tmp_path)).text.certainly_fits(prompt)
