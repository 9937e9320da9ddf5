"""A model folder that nobody tried is opened where it can be stopped."""

import sys
import threading

import psutil
import pytest
from PIL import Image

from model_folders.foreign import BUILDERS
from model_folders.hostile import HOSTILE, endless_loop
from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.inference.manifest import read_manifest
from nameplate.inference.model import load_model
from nameplate.inference.preprocess import pixels
from nameplate.model_hub import trial
from nameplate.model_hub.installed import manifest_of
from nameplate.model_hub.trial import describe_folder, try_out
from nameplate.wording.texts import remedy_of, what_of
from tiny_model import build_tiny_model


@pytest.fixture(autouse=True)
def models_share_a_child():
    """None do here: each has its own, as in the program."""


def test_a_sound_model_has_no_problem_and_leaves_no_process(tiny_model):
    before = psutil.Process().children()
    assert try_out(tiny_model) == ()
    assert [child for child in psutil.Process().children() if child not in before] == []


@pytest.mark.parametrize("layout", BUILDERS)
def test_a_folder_of_another_exporter_is_described_as_in_this_process(tmp_path, layout, one_child):
    folder = BUILDERS[layout](tmp_path / layout)
    assert describe_folder(folder) == read_manifest(folder)


def test_what_is_wrong_with_a_folder_is_said_as_in_this_process(tmp_path, tiny_model):
    folder = BUILDERS["transformers"](tmp_path / "model")
    (folder / "onnx" / "vision_model.onnx").write_bytes(b"not a graph")
    with pytest.raises(ModelError, match="no-onnx") as caught:
        describe_folder(folder)
    assert caught.value.where.endswith("vision_model.onnx")
    with pytest.raises(ModelError, match="no-such-folder"):
        describe_folder(tmp_path / "missing")
    with pytest.raises(ModelError, match="no-model-folder"):
        describe_folder(tmp_path)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_model_is_refused_with_one_reason(tmp_path, name, impatient):
    folder = HOSTILE[name](tmp_path / "model")
    before = psutil.Process().memory_info().rss
    try:
        reasons = try_out(folder)
    except ModelError as error:
        reasons = (error.reason,) if error.where and remedy_of(error.reason) else ()
    assert len(reasons) == 1
    assert len(what_of(reasons[0])) < 400
    assert psutil.Process().memory_info().rss < before + 200e6


def test_trying_out_can_be_cancelled(tmp_path):
    cancel = CancelToken()
    threading.Timer(1.0, cancel.cancel).start()
    with pytest.raises(CancelledError):
        try_out(endless_loop(tmp_path / "model"), cancel)


def test_a_run_of_a_model_in_use_is_stopped_by_a_cancel(tmp_path):
    model, cancel = load_model(endless_loop(tmp_path / "model")), CancelToken()
    batch = pixels(Image.new("RGB", (64, 64)), model.manifest.image)[None]
    threading.Timer(0.3, cancel.cancel).start()
    with pytest.raises(CancelledError):
        model.image.encode(batch, cancel)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells no holes")
def test_a_large_model_has_more_time_and_memory_and_one_with_holes_has_not(tmp_path):
    folder = build_tiny_model(tmp_path / "model")
    small = trial.limits_of(folder)
    with (folder / "holes.bin").open("wb") as stream:
        stream.truncate(2**40)
    assert trial.limits_of(folder) == small
    (folder / "weights.bin").write_bytes(bytes(20_000_000))
    large = trial.limits_of(folder)
    assert large.seconds == pytest.approx(small.seconds + 2, abs=0.1)
    assert large.bytes == pytest.approx(small.bytes + 50e6, rel=0.01)


def test_control_characters_of_a_manifest_become_text(tmp_path):
    folder = build_tiny_model(tmp_path / "model")
    manifest = folder / "model.toml"
    text = manifest.read_text(encoding="utf-8").replace(
        'title = "Tiny colours"', 'title = "Tiny\\u001b[2J\\u202ecolours"'
    )
    manifest.write_text(text, encoding="utf-8")
    assert manifest_of(folder).title == "Tiny\\x1b[2J\\u202ecolours"
