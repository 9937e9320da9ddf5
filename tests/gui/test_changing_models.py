"""Switching the model of a window in use."""

import csv
import gc
import shutil
import threading
import weakref

import numpy as np
import pytest
from PIL import Image

from gui_help import COLOURS, labels_of, wait_until_scored
from nameplate.domain.errors import ModelError
from nameplate.domain.labels import DecidedBy
from nameplate.inference.runtime.devices import DeviceSession
from nameplate.inference.runtime.providers import DeviceReport
from nameplate.inference.runtime.session import OnnxSession
from tiny_model import build_tiny_model


@pytest.fixture(scope="session")
def other_model(tmp_path_factory):
    """Another model of the six colours, with longer vectors and larger pictures."""
    folder = tmp_path_factory.mktemp("models") / "other"
    return build_tiny_model(folder, seed=3, dim=24, size=48, model_id="other")


def change_to(qtbot, window, folder):
    with qtbot.waitSignal(window.controller.loaded, timeout=10_000):
        window.controller.use_model(folder)
    wait_until_scored(qtbot, window)


def test_every_picture_is_read_again_with_the_new_model(qtbot, opened, other_model):
    change_to(qtbot, opened, other_model)
    project = opened.controller.project
    assert opened.controller.model.manifest.id == "other"
    assert project.images.embeddings.shape == (6, 24)
    assert np.isfinite(project.images.embeddings).all()
    names = [concept.name for concept in project.concepts]
    folders = [path.parent.name for path in project.images.paths]
    assert [names[key] for key in opened.controller.suggestions.suggested] == folders


def test_labels_stay_and_suggestions_follow_the_new_model(qtbot, opened, other_model):
    opened.labelling.auto_label()
    opened.grid.set_current_image(0)
    opened.labelling.label(opened.controller.project.concepts[2].key)
    before = labels_of(opened)
    decided = opened.controller.project.labels.decided_by.copy()
    probabilities = opened.controller.suggestions.probability.copy()
    change_to(qtbot, opened, other_model)
    assert labels_of(opened) == before
    assert (opened.controller.project.labels.decided_by == decided).all()
    assert DecidedBy.PERSON in decided
    assert DecidedBy.AUTO in decided
    assert (opened.controller.suggestions.probability != probabilities).any()


def test_until_the_new_model_is_ready_nothing_of_the_old_one_is_taken_away(
    qtbot, opened, other_model
):
    suggested = opened.controller.suggestions.suggested.copy()
    with qtbot.waitSignal(opened.controller.loaded, timeout=10_000):
        opened.controller.use_model(other_model)
        assert opened.controller.is_loading
        assert (opened.controller.suggestions.suggested == suggested).all()
        assert opened.controller.model.manifest.id == "tiny"
    wait_until_scored(qtbot, opened)


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_in_use(qtbot, opened, tmp_path):
    with qtbot.waitSignal(opened.controller.load_failed, timeout=10_000):
        opened.controller.use_model(tmp_path / "nowhere")
    assert opened.controller.model.manifest.id == "tiny"
    assert "CPU" in opened.status.model_text
    opened.edits.add_lines(["white"])
    wait_until_scored(qtbot, opened)
    assert opened.controller.suggestions.scored_images(np.arange(6)).scores.shape == (6, 4)


def test_changing_while_pictures_are_read_and_a_name_is_typed_mixes_no_vectors(
    qtbot, window, tmp_path, other_model, slow_model
):
    (tmp_path / "many").mkdir()
    for number in range(60):
        Image.new("RGB", (20, 20), COLOURS[number % 3]).save(tmp_path / f"many/{number:02}.png")
    window.open_paths([tmp_path / "many"])
    window.edits.add_lines(COLOURS)
    qtbot.waitUntil(lambda: np.isfinite(window.controller.suggestions.probability).any())
    window.controller.set_typed("white")
    change_to(qtbot, window, other_model)
    project = window.controller.project
    assert np.isfinite(project.images.embeddings).all()
    assert not project.images.reasons
    assert [COLOURS[k] for k in window.controller.suggestions.suggested] == [
        COLOURS[i % 3] for i in range(60)
    ]


def test_a_reading_that_was_cancelled_stays_cancelled(qtbot, opened, other_model):
    opened.controller.pause()
    with qtbot.waitSignal(opened.controller.loaded, timeout=10_000):
        opened.controller.use_model(other_model)
    qtbot.waitUntil(lambda: not opened.controller.is_scoring)
    assert len(opened.controller.project.images.waiting_rows()) == 6
    opened.controller.resume()
    wait_until_scored(qtbot, opened)
    assert not len(opened.controller.project.images.waiting_rows())


def test_changing_back_takes_every_vector_from_the_cache(
    qtbot, opened, tiny_model, other_model, monkeypatch
):
    before = opened.controller.project.images.embeddings
    change_to(qtbot, opened, other_model)
    with qtbot.waitSignal(opened.controller.loaded, timeout=10_000):
        opened.controller.use_model(tiny_model)
    image = opened.controller.model.image
    monkeypatch.setattr(image, "encode", lambda *_: pytest.fail("a picture was read again"))
    wait_until_scored(qtbot, opened)
    assert np.array_equal(opened.controller.project.images.embeddings, before)


def test_the_old_model_is_freed(qtbot, opened, other_model):
    old = [weakref.ref(part) for part in (opened.controller.model, opened.controller.model.image)]
    change_to(qtbot, opened, other_model)

    def are_gone():
        gc.collect()
        return not any(ref() for ref in old)

    qtbot.waitUntil(are_gone, timeout=5000)


def test_the_csv_names_the_model_whose_numbers_it_holds(qtbot, opened, other_model, tmp_path):
    change_to(qtbot, opened, other_model)
    with qtbot.waitSignal(opened.exporting.written, timeout=10_000):
        opened.exporting.write(tmp_path / "labels.csv", all_scores=False)
    with (tmp_path / "labels.csv").open(encoding="utf-8-sig", newline="") as stream:
        models = {row["model"] for row in csv.DictReader(stream)}
    assert models == {f"other@{opened.controller.model.fingerprint[:8]}"}


def test_templates_follow_the_new_model_unless_the_person_chose_some(
    qtbot, opened, tiny_model, other_model, tmp_path
):
    shutil.copytree(other_model, tmp_path / "model")
    manifest = tmp_path / "model" / "model.toml"
    manifest.write_text(manifest.read_text().replace('templates = "none"', 'templates = "simple"'))
    change_to(qtbot, opened, tmp_path / "model")
    assert opened.controller.template_set.id == "simple"
    chosen = opened.controller.template_set
    change_to(qtbot, opened, other_model)
    assert opened.controller.template_set.id == "none"
    opened.controller.set_templates(chosen)
    change_to(qtbot, opened, tiny_model)
    assert opened.controller.template_set == chosen


def test_names_that_the_old_model_was_still_reading_are_read_by_the_new_one(
    qtbot, opened, other_model, monkeypatch
):
    controller = opened.controller
    may_go_on = threading.Event()
    encoder = controller._ready.encoder
    encode = encoder._encode

    def when_allowed(prompts, cancel):
        vectors = encode(prompts, cancel)
        may_go_on.wait(10)
        return vectors

    monkeypatch.setattr(encoder, "_encode", when_allowed)
    opened.edits.add_lines(["white"])
    qtbot.waitUntil(lambda: controller._score.is_running)
    controller.loaded.connect(may_go_on.set)
    change_to(qtbot, opened, other_model)
    assert controller.suggestions.scored_images(np.arange(6)).scores.shape == (6, 4)
    assert np.isfinite(controller.suggestions.scored_images(np.arange(6)).scores).all()


def test_the_bars_of_a_name_being_typed_are_never_those_of_the_old_model(
    qtbot, opened, other_model
):
    opened.controller.set_typed("white")
    qtbot.waitSignal(opened.controller.preview_changed, timeout=5000).wait()
    with qtbot.waitSignal(
        opened.controller.preview_changed, check_params_cb=lambda preview: preview is None
    ):
        opened.controller.use_model(other_model)
    wait_until_scored(qtbot, opened)


class Card:
    """A GPU that is lost at its first batch."""

    def __init__(self, session):
        self.name, self.inputs, self.outputs = session.name, session.inputs, session.outputs
        self.providers = ("CUDAExecutionProvider", "CPUExecutionProvider")
        self.device = DeviceReport("auto", "cuda", self.providers, self.providers)

    def run(self, feeds, wanted=None, cancel=None):
        raise ModelError("model-could-not-run", why="CUDA failure 999: unknown error")


def test_a_card_that_is_lost_in_mid_run_is_said_once_and_the_status_line_tells_the_truth(
    qtbot, window, tmp_path, tiny_model
):
    (tmp_path / "many").mkdir()
    for number in range(40):
        Image.new("RGB", (20, 20), COLOURS[number % 3]).save(tmp_path / f"many/{number:02}.png")
    cpu = OnnxSession(tiny_model / "image.onnx", device="cpu")
    card = Card(cpu)
    image = window.controller.model.image
    image._session = DeviceSession(card, lambda _device: cpu, card.device)
    window.status_presenter._show_model()
    assert window.status.model_text == "Tiny colours on GPU"
    window.open_paths([tmp_path / "many"])
    window.edits.add_lines(COLOURS)
    wait_until_scored(qtbot, window)
    assert "CUDA failure 999" in window.messages.text
    assert window.status.model_text == "Tiny colours on CPU"
    assert "CUDA failure 999" in window.status._model.toolTip()
    assert not window.controller.project.images.reasons
    assert np.isfinite(window.controller.project.images.embeddings).all()
