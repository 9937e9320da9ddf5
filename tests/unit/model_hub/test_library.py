"""A folder of another exporter is found out about once, and again when anything in it changes."""

import json
import os
import shutil
import sys

import pytest

from model_folders.foreign import BUILDERS, processor, write_json
from nameplate.domain.errors import ModelError
from nameplate.inference.manifest import read_manifest
from nameplate.model_hub.installed import (
    facts_path,
    looks_like_a_model,
    manifest_of,
    mark_of,
    model_folder,
    open_folder,
    remember,
)
from tiny_model import build_tiny_model

SAME_SIZE = pytest.param(
    "same size",
    marks=pytest.mark.skipif(
        sys.platform == "win32", reason="Windows tells no time that cannot be set"
    ),
)


@pytest.fixture
def folder(tmp_path):
    return BUILDERS["transformers"](tmp_path / "hf")


def forge(folder, change):
    """Let what is kept for `folder` be another text than the one that was found."""
    kept = json.loads(facts_path().read_text())
    ((key, (mark, text)),) = kept.items()
    facts_path().write_text(json.dumps({key: [mark, change(text)]}))


@pytest.mark.parametrize("layout", BUILDERS)
def test_what_is_remembered_is_what_was_read(layout, tmp_path):
    folder = BUILDERS[layout](tmp_path / layout)
    first = manifest_of(folder)
    assert first == read_manifest(folder)
    assert facts_path().is_file()
    assert manifest_of(folder) == first
    assert open_folder(folder).manifest == first


def test_a_folder_that_stays_as_it_is_is_not_opened_again(folder):
    manifest_of(folder)
    forge(folder, lambda text: text.replace('title = "hf"', 'title = "remembered"'))
    assert manifest_of(folder).title == "remembered"


@pytest.mark.parametrize("change", ["config", SAME_SIZE, "added", "removed", "swapped", "touched"])
def test_a_folder_in_which_a_file_changed_is_read_again(folder, change):
    manifest_of(folder)
    forge(folder, lambda text: text.replace('title = "hf"', 'title = "remembered"'))
    config, card = folder / "preprocessor_config.json", folder / "README.md"
    if change == "config":
        write_json(config, processor(size=40))
    elif change == "same size":
        status = card.stat()
        card.write_text(card.read_text().replace("mit", "MIT"))
        os.utime(card, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif change == "added":
        (folder / "new.txt").touch()
    elif change == "removed":
        card.unlink()
    elif change == "swapped":
        shutil.copy2(card, folder / "copy")
        (folder / "copy").replace(card)
    else:
        os.utime(card)
    found = manifest_of(folder)
    assert found.title == "hf"
    assert found == read_manifest(folder)


def test_a_forged_memory_cannot_make_changed_weights_load(folder):
    manifest_of(folder)
    graph = folder / "onnx/vision_model.onnx"
    graph.write_bytes(graph.read_bytes() + b"\0")
    old = json.loads(facts_path().read_text())
    ((_, (_, text)),) = old.items()
    from nameplate import __version__
    from nameplate.inference.importers.layouts import DESCRIPTION_VERSION

    remember(folder, mark_of(folder, f"{__version__} {DESCRIPTION_VERSION}"), text)
    with pytest.raises(ModelError, match="other-bytes"):
        open_folder(folder)


@pytest.mark.parametrize(
    "forged",
    ["", "id = ", 'id = "../../x"', "\x00", "a = [" * 900],
)
def test_a_memory_that_is_no_manifest_is_found_out_anew(folder, forged):
    found = manifest_of(folder)
    forge(folder, lambda _: forged)
    assert manifest_of(folder) == found


def test_a_name_in_the_memory_cannot_lead_out_of_the_folder(folder, tmp_path):
    found = manifest_of(folder)
    shutil.copy(folder / "onnx/vision_model.onnx", tmp_path / "outside.onnx")
    forge(folder, lambda text: text.replace("onnx/vision_model.onnx", "../outside.onnx"))
    assert manifest_of(folder) == found


def test_a_folder_with_a_manifest_of_its_own_is_always_read(tmp_path):
    folder = build_tiny_model(tmp_path / "tiny")
    assert manifest_of(folder) == read_manifest(folder)
    assert not facts_path().exists()


def test_a_folder_that_is_no_model_is_refused_each_time(tmp_path):
    for _ in range(2):
        with pytest.raises(ModelError, match="no-model-folder"):
            manifest_of(tmp_path)


@pytest.mark.parametrize(
    ("name", "is_model"),
    [
        ("model.toml", True),
        ("image.onnx", True),
        ("onnx/vision_model.onnx", True),
        ("visual/model.onnx", True),
        ("VISUAL.ONNX", True),
        ("photos/image.onnx", False),
        ("holiday.jpg", False),
    ],
)
def test_a_model_folder_is_distinguished_from_one_of_pictures_by_its_names(
    tmp_path, name, is_model
):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"")
    assert looks_like_a_model(tmp_path) == is_model


def test_what_is_no_folder_looks_like_no_model(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"")
    assert not looks_like_a_model(tmp_path / "model.onnx")
    assert not looks_like_a_model(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("model", "said"),
    [("mobileclip-s0", "not-downloaded"), ("nothing-known", "no-model-and-no-folder")],
)
def test_a_model_that_is_not_here_is_looked_up_in_the_catalogue(model, said):
    with pytest.raises(ModelError, match=said):
        model_folder(model)
