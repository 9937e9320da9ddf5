"""Switching the model of a window in use."""

import csv
import gc
import shutil
import threading
import weakref

import numpy as np
import pytest
from PIL import Image

from nameplate.domain.errors import ModelError
from nameplate.inference import model as opening
from nameplate.inference.encoders import TextEncoder
from nameplate.inference.runtime.devices import DeviceSession
from nameplate.inference.runtime.providers import DeviceReport
from qt_help import heard, wait
from tiny_model import build_tiny_model
from window_driver import COLOURS


@pytest.fixture(scope="session")
def other_model(tmp_path_factory):
    """Another model of the six colours, with longer vectors and larger pictures."""
    folder = tmp_path_factory.mktemp("models") / "other"
    return build_tiny_model(folder, seed=3, dim=24, size=48, model_id="other")


@pytest.fixture
def many(tmp_path):
    """A folder of 60 plain pictures."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        Image.new("RGB", (20, 20), COLOURS[number % 3]).save(folder / f"{number:02}.png")
    return folder


def suggested(window):
    """Return the names on the chips of pictures that nobody labelled, in the order shown."""
    return [tile.label for tile in window.tiles().values()]


def folders(window):
    return [name.split("/")[0] for name in window.pictures()]


def scores(window):
    return window.suggestions.scored_images(np.arange(6)).scores


def test_every_picture_is_read_again_with_the_new_model_which_a_csv_names(
    opened, other_model, tmp_path
):
    opened.use(other_model)
    assert opened.model_id == "other"
    assert opened.project.images.embeddings.shape == (6, 24)
    assert np.isfinite(opened.project.images.embeddings).all()
    assert suggested(opened) == folders(opened)
    opened.export(tmp_path / "labels.csv", csv_columns="All columns")
    with (tmp_path / "labels.csv").open(encoding="utf-8-sig", newline="") as stream:
        models = {row["model"] for row in csv.DictReader(stream)}
    assert models == {f"other@{opened.model.fingerprint[:8]}"}


def test_labels_stay_and_suggestions_follow_the_new_model(opened, other_model):
    opened.menu("Auto-label all")
    opened.select(0)
    opened.press("3")
    before = {name: (tile.kind, tile.label) for name, tile in opened.tiles().items()}
    probabilities = [bar.probability for bar in opened.bars().values()]
    opened.use(other_model)
    assert {name: (tile.kind, tile.label) for name, tile in opened.tiles().items()} == before
    assert opened.state("blue/tall.jpg") == "decided by you: blue"
    assert opened.state("red/tall.jpg").startswith("labelled automatically: red")
    assert [bar.probability for bar in opened.bars().values()] != probabilities


def test_until_the_new_model_is_ready_nothing_of_the_old_one_is_taken_away(opened, other_model):
    before = opened.tiles()
    with heard(opened.main.model_in_use.loaded):
        opened.begin_to_use(other_model)
        assert opened.is_loading
        assert opened.tiles() == before
        assert opened.model_id == "tiny"
    opened.wait_until_read()
    assert opened.tiles() != before


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_in_use(opened, tmp_path):
    with heard(opened.main.model_in_use.load_failed):
        opened.begin_to_use(tmp_path / "nowhere")
    assert opened.model_id == "tiny"
    assert "CPU" in opened.model_text
    opened.add("white")
    opened.wait_until_read()
    assert scores(opened).shape == (6, 4)


@pytest.mark.usefixtures("slow_model")
def test_changing_while_pictures_are_read_and_a_name_is_typed_mixes_no_vectors(
    window, many, other_model
):
    window.open(many)
    window.add(*COLOURS)
    wait(lambda: any(suggested(window)))
    window.menu("Add a name")
    window.type("white")
    window.use(other_model)
    assert np.isfinite(window.project.images.embeddings).all()
    assert not window.project.images.reasons
    assert suggested(window) == [COLOURS[i % 3] for i in range(60)]


def test_a_reading_that_was_cancelled_stays_cancelled(opened, other_model):
    opened.menu("Cancel reading")
    with heard(opened.main.model_in_use.loaded):
        opened.begin_to_use(other_model)
    wait(lambda: not opened.is_scoring)
    assert opened.project.images.waiting == 6
    opened.menu("Go on reading")
    opened.wait_until_read()
    assert not opened.project.images.waiting


def test_changing_back_takes_every_vector_from_the_cache(
    opened, tiny_model, other_model, monkeypatch
):
    before = opened.project.images.embeddings
    opened.use(other_model)
    with heard(opened.main.model_in_use.loaded):
        opened.begin_to_use(tiny_model)
    image = opened.model.image
    monkeypatch.setattr(image, "vectors", lambda *_: pytest.fail("a picture was read again"))
    opened.wait_until_read()
    assert np.array_equal(opened.project.images.embeddings, before)


def test_the_old_model_is_freed(opened, other_model):
    old = [weakref.ref(part) for part in (opened.model, opened.model.image)]
    opened.use(other_model)

    def are_gone():
        gc.collect()
        return not any(ref() for ref in old)

    wait(are_gone)


def test_templates_follow_the_new_model_unless_the_person_chose_some(
    opened, tiny_model, other_model, tmp_path
):
    shutil.copytree(other_model, tmp_path / "model")
    manifest = tmp_path / "model" / "model.toml"
    manifest.write_text(manifest.read_text().replace('templates = "none"', 'templates = "simple"'))
    of_other = opened.sentence
    opened.use(tmp_path / "model")
    of_model = opened.sentence
    assert of_model != of_other
    opened.use(other_model)
    assert opened.sentence == of_other
    opened.read_as(of_model)
    opened.use(tiny_model)
    assert opened.sentence == of_model
    assert opened.project.settings.template_set.id == "simple"


def test_names_that_the_old_model_was_still_reading_are_read_by_the_new_one(
    make_window, coloured, other_model, monkeypatch
):
    real, may_go_on, held = TextEncoder.encode, threading.Event(), []

    def when_allowed(encoder, prompts, cancel=None):
        vectors = real(encoder, prompts, cancel)
        if any("white" in prompt for prompt in prompts) and not held:
            held.append(encoder)
            may_go_on.wait(10)
        return vectors

    monkeypatch.setattr(TextEncoder, "encode", when_allowed)
    window = make_window()
    window.wait_until_loaded()
    window.open(coloured)
    window.add(*COLOURS)
    window.wait_until_read()
    window.add("white")
    wait(lambda: held)
    window.main.model_in_use.loaded.connect(may_go_on.set)
    window.use(other_model)
    assert held == [held[0]]
    assert scores(window).shape == (6, 4)
    assert np.isfinite(scores(window)).all()


def test_the_bars_of_a_name_being_typed_are_never_those_of_the_old_model(opened, other_model):
    opened.select(0)
    opened.menu("Add a name")
    opened.type("white")
    wait(lambda: "white" in opened.bars())
    old, seen = opened.bars()["white"].score, []
    opened.main.model_in_use.loaded.connect(lambda: seen.append("white" in opened.bars()))
    opened.use(other_model)
    assert seen == [False]
    wait(lambda: "white" in opened.bars())
    assert opened.bars()["white"].score != old


class Card:
    """A GPU that is lost at its first batch."""

    def __init__(self, session):
        self.name, self.inputs = session.name, session.inputs
        self.outputs, self.inner = session.outputs, session.inner
        self.providers = ("CUDAExecutionProvider", "CPUExecutionProvider")
        self.device = DeviceReport("auto", "cuda", self.providers)

    def run(self, feeds, wanted=None, cancel=None):
        raise ModelError("model-could-not-run", why="CUDA failure 999: unknown error")


def test_a_card_that_is_lost_in_mid_run_is_said_once_and_the_status_line_tells_the_truth(
    make_window, many, monkeypatch
):
    real = opening.open_session

    def on_a_card(*arguments):
        cpu = real(*arguments)
        card = Card(cpu)
        return DeviceSession(card, lambda _device: cpu, card.device)

    monkeypatch.setattr(opening, "open_session", on_a_card)
    window = make_window()
    window.wait_until_loaded()
    assert window.model_text == "Tiny colours on GPU"
    window.open(many)
    window.add(*COLOURS)
    window.wait_until_read()
    assert "CUDA failure 999" in window.message
    assert window.model_text == "Tiny colours on CPU"
    assert "CUDA failure 999" in window.model_button.toolTip()
    assert not window.project.images.reasons
    assert np.isfinite(window.project.images.embeddings).all()
