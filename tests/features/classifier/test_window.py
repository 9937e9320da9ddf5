"""What was taught elsewhere comes into the window's project, and goes out of it."""

import base64
import json
import shutil
from dataclasses import replace
from threading import Event

import numpy as np
import onnx
import pytest
from PySide6.QtWidgets import QFileDialog

from drivers.learning import box_of, learning_says
from features.classifier.driver import save_classifier, use
from features.classifier.taught import probabilities_in, taught_project
from grey_pictures import draw_greys
from nameplate.domain.changes import SetFact, Settings
from nameplate.features.classifier import writing
from nameplate.features.classifier.window import save_to
from nameplate.project.facts import IMPORTED_CLASSIFIER
from nameplate.project.imported_classifier import from_json, to_json
from nameplate.ui.widgets.paragraph import Paragraph
from project_help import TEST
from qt_help import press_button, wait
from tiny_model import build_tiny_model
from window_fixtures import read_in


@pytest.fixture
def others(tmp_path):
    """The same kinds of pictures in another folder, of which nothing was said."""
    return draw_greys(tmp_path / "others")


def suggested(window, start):
    """Return what the pictures are suggested as whose names begin so."""
    tiles = window.tiles().items()
    return {tile.label for name, tile in tiles if name.split("/")[1].startswith(start)}


def test_a_dropped_classifier_is_used_here_as_one_step(window, others, saved):
    read_in(window, others)
    window.drop(saved)
    window.wait_for_message("Use what was taught in it?")
    window.answer("Use it")
    window.wait_for_message("3 names of “saved” are here, with what was learned there.")
    assert "It is used as it is until you have checked some pictures." in window.message
    window.wait_until_read()
    assert window.names() == ["red", "black", "green"]
    assert (suggested(window, "g"), suggested(window, "r")) == ({"black"}, {"red"})
    assert learning_says(window) == "Taught in “saved”"
    window.answer("Undo")
    assert window.names() == []
    window.menu("Redo")
    window.wait_until_read()
    assert suggested(window, "g") == {"black"}
    window.menu("Learn from your labels")
    window.wait_until_read()
    assert "black" not in suggested(window, "g")


def test_of_two_dropped_classifiers_each_is_asked_for(window, others, saved, tmp_path):
    second = tmp_path / "second"
    shutil.copytree(saved, second)
    read_in(window, others)
    window.drop(saved, second)
    window.wait_for_message("“saved” is a saved classifier. Use what was taught in it?")
    window.main.messages.dismiss()
    assert window.message == "“second” is a saved classifier. Use what was taught in it?"


def test_another_project_teaches_as_its_classifier_does(window, others, project, saved, tmp_path):
    read_in(window, others)
    use(window, project)
    assert window.message.startswith("3 names of “x” are here")
    assert learning_says(window) == "Taught in “x”"
    from_project, from_folder = tmp_path / "1", tmp_path / "2"
    save_classifier(window, from_project)
    window.menu("Undo")
    use(window, saved)
    save_classifier(window, from_folder)
    weights = [np.load(one / "weights.npy") for one in (saved, from_project, from_folder)]
    for other in weights[1:]:
        np.testing.assert_allclose(other, weights[0], atol=1e-6)


def test_what_is_saved_in_the_window_says_what_the_window_does(
    window, others, saved, nameplate, tmp_path
):
    read_in(window, others)
    use(window, saved)
    folder, file = tmp_path / "again", tmp_path / "kept.nameplate"
    save_classifier(window, folder)
    window.save_as(file)
    there, here = tmp_path / "there.csv", tmp_path / "here.csv"
    scored = ("--scores", "all", "--model", window.model.folder)
    assert "The names, what was taught in “saved” and 0 decisions" in (
        folder / "README.md"
    ).read_text(encoding="utf-8")
    code, _, err = nameplate("export", file, "--out", there, *scored)
    assert code == 0
    assert err.startswith("nameplate: suggested from what was taught in “saved”\n")
    label = ("label", others, "--classifier", folder, "--csv", here, "--scores", "all")
    assert nameplate(*label)[0] == 0
    assert np.abs(probabilities_in(there) - probabilities_in(here)).max() < 1e-4
    onnx.checker.check_model(onnx.load(folder / "onnx" / "model.onnx"), full_check=True)


def test_it_is_used_only_as_far_as_it_helps_with_decisions_here(window, others, saved):
    read_in(window, others, "red", "black", "green")
    by_names = {name: tile.label for name, tile in window.tiles().items()}
    use(window, saved)
    assert suggested(window, "g") == {"black"}
    for key, name in (("1", "red"), ("3", "green")):  # a person who means what the names say
        mine = [path for path, label in by_names.items() if label == name and path[0] == "g"][:30]
        for path in mine:
            window.select(path)
            window.press_on_pictures(key)
    window.wait_until_read()
    assert "black" not in suggested(window, "g")
    tip = box_of(window).findChild(Paragraph).toolTip()
    assert "What was taught in “saved” is not in use" in tip


def test_two_labels_are_enough_to_drop_what_is_wrong_throughout(window, others, saved):
    read_in(window, others, "red", "black", "green")
    mine = [path for path, tile in window.tiles().items() if tile.label == "green"][:2]
    use(window, saved)
    for count, path in enumerate(mine, 1):
        assert suggested(window, "g5") == {"black"}
        window.select(path)
        window.press_on_pictures("3")
        window.wait_until_read()
        assert window.labels()[path] == "green", count
    assert "black" not in suggested(window, "g5")
    window.menu("Undo")
    window.wait_until_read()
    assert suggested(window, "g5") == {"black"}


def test_names_that_are_there_stay_and_later_ones_can_be_added_and_removed(window, others, saved):
    read_in(window, others, "Black", "white")
    use(window, saved)
    assert window.names() == ["Black", "white", "red", "green"]
    assert suggested(window, "g") == {"Black"}
    window.add("blue")
    window.wait_until_read()
    assert suggested(window, "g") == {"Black"}
    assert learning_says(window) == "Taught in “saved”"


def test_one_that_learned_from_other_descriptors_is_not_in_use(window, others, saved):
    read_in(window, others)
    use(window, saved)
    assert learning_says(window) == "Taught in “saved”"
    project = window.main.owner.project
    kept = project.fact(IMPORTED_CLASSIFIER)
    described = base64.b64encode(np.ones((len(kept.keys), 5), "<f4").tobytes()).decode()
    other = replace(kept, descriptor_size=5, described=described)
    project.apply(SetFact(IMPORTED_CLASSIFIER, other), TEST)
    window.add("blue")
    window.wait_until_read()
    assert suggested(window, "g") != {"black"}


@pytest.fixture
def of_several(nameplate, greys, tiny_model, tmp_path):
    """A classifier that gives a picture several labels."""
    file, folder = tmp_path / "several.nameplate", tmp_path / "several"
    taught_project(file, greys.rglob("*.png"), ["red"], {}, Settings(is_multi=True))
    arguments = ("--out", folder, "--model", tiny_model)
    assert nameplate("export-classifier", file, *arguments)[0] == 0
    return folder


def test_one_of_another_model_or_with_several_labels_is_refused_with_a_sentence(
    window, others, saved, of_several, tmp_path
):
    read_in(window, others, "red")
    use(window, of_several)
    assert "it gives a picture several labels, and this project one" in window.message
    window.use(build_tiny_model(tmp_path / "other", seed=1))
    use(window, saved)
    assert "“saved” was taught with another model, Tiny colours." in window.message
    assert window.names() == ["red"]


def test_what_cannot_be_read_is_said(window, others, tmp_path):
    read_in(window, others)
    use(window, tmp_path)
    assert "it is no classifier" in window.message


def test_a_folder_that_is_not_empty_is_not_written_into(window, others, saved):
    read_in(window, others, "red", "black")
    before = sorted(saved.rglob("*"))
    window.main.messages.clear()
    save_to(window.main.workbenches["classifier"], saved)
    wait(lambda: window.message)
    assert "saved" in window.message
    assert "Saving" not in window.status
    assert sorted(saved.rglob("*")) == before


@pytest.fixture
def slow(monkeypatch):
    """What a saving waits for, once it has begun."""
    real, go = writing.append_classifier, Event()

    def append(*arguments):
        go.wait(60)
        real(*arguments)

    monkeypatch.setattr(writing, "append_classifier", append)
    yield go
    go.set()


def begin_to_save(window, path):
    save_to(window.main.workbenches["classifier"], path)
    wait(lambda: "Saving" in window.status)


def test_a_saving_that_is_cancelled_leaves_nothing(window, others, slow, tmp_path):
    read_in(window, others, "red", "black")
    before = sorted(tmp_path.iterdir())
    begin_to_save(window, tmp_path / "saved")
    press_button(window.main.status, "Cancel")
    assert "Saving" not in window.status
    slow.set()
    window.main.shut_down()  # which waits for threads
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("end", ["another project", "the end of the window", "another use"])
def test_a_saving_goes_on_whatever_else_is_done(window, others, project, slow, tmp_path, end):
    read_in(window, others, "red", "black")
    begin_to_save(window, tmp_path / "again")
    if end == "another project":
        window.menu("New project")
    elif end == "another use":
        use(window, project)
    slow.set()
    if end == "the end of the window":
        window.main.shut_down()
    else:
        window.wait_for_message("Saved “again”: 2 names, by the names alone.")
    assert (tmp_path / "again" / "classifier.toml").is_file()


def test_a_person_chooses_what_the_folder_is_called_which_is_free_and_after_the_project(
    window, others, tmp_path
):
    read_in(window, others, "red", "black")
    (tmp_path / "others-classifier").mkdir()
    window.menu("Save classifier…")
    dialog = window.main.findChild(QFileDialog)
    assert dialog.selectedFiles() == [str(tmp_path / "others-classifier-2")]
    dialog.selectFile(str(tmp_path / "colours"))
    dialog.accept()
    window.wait_for_message("Saved “colours”: 2 names, by the names alone.")
    assert (tmp_path / "colours" / "classifier.toml").is_file()


def test_of_two_savings_at_once_both_are_told(window, others, slow, tmp_path, monkeypatch):
    read_in(window, others, "red", "black")
    said, tell = list[str](), window.main.messages.tell
    monkeypatch.setattr(
        window.main.messages,
        "tell",
        lambda text, **how: said.append(text[:11]) or tell(text, **how),
    )
    for name in ("one", "two"):
        begin_to_save(window, tmp_path / name)
    slow.set()
    wait(lambda: len(list(tmp_path.glob("*/classifier.toml"))) == 2)
    wait(lambda: sorted(said) == ["Saved “one”", "Saved “two”"])


def test_what_was_saved_is_not_said_again_after_another_message(window, others, tmp_path):
    read_in(window, others, "red", "black")
    save_classifier(window, tmp_path / "colours")
    window.menu("Auto-label all")
    window.wait_for_message("labelled")
    window.main.messages.dismiss()
    assert window.main.messages.is_quiet


def test_what_a_project_keeps_of_it_is_checked_when_it_is_opened(window, others, saved):
    read_in(window, others)
    use(window, saved)
    kept = window.main.owner.project.fact(IMPORTED_CLASSIFIER)
    value = json.loads(json.dumps(to_json(kept)))
    assert from_json(value) == kept
    assert from_json(None) is None
    for wrong in (
        {"size": 17},
        {"size": -16},
        {"keys": value["keys"][1:]},
        {"bias": [*value["bias"], 0.0]},
        {"scale": float("nan")},
        {"bias": [1e300, 0.0, 0.0]},
        {"weights": "AAAA"},
        {"weights": 3},
        {"where": "x" * 300},
    ):
        with pytest.raises((ValueError, LookupError, TypeError)):
            from_json(value | wrong)
