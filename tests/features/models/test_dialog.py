"""The models dialog, with real folders and a real server on loopback."""

import html
import shutil

import pytest
from PIL import Image
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QPushButton

from features.models.driver import dialog_of, opened_dialog, wait_until_done
from hub_server import Fault
from nameplate.features.models.overview import described
from nameplate.features.models.store import add_model
from nameplate.inference.manifest import read_manifest
from nameplate.model_hub.library import installed_models
from nameplate.storage.folders import models_folder, settings_path
from nameplate.storage.resources import starter_model
from nameplate.storage.speeds import record_speed
from nameplate.ui import app
from nameplate.ui.jobs.model_in_use import LAST_MODEL
from qt_help import answer_message, button_in, drop_on, heard, press_button, press_keys, wait
from tiny_model import build_tiny_model
from window_driver import WindowDriver


@pytest.fixture
def hub(hub, offer, tmp_path):
    """A server with the model `far`, which a person's own catalogue lists; `bound` is the same."""
    words = [f"w{i}" for i in range(2000)]
    folder = build_tiny_model(tmp_path / "far", model_id="far", seed=7, words=words)
    facts = {"repository": "someone/far", "accuracy": "63.4"}
    offer(folder, "far", title='"Far colours"', **facts)
    offer(folder, "bound", accept_licence="true", **facts)
    return hub


@pytest.fixture
def dialog(window):
    """The dialog, once it lists the models; to be asked for after all that it is to list."""
    return opened_dialog(window)


@pytest.fixture
def added(tmp_path):
    """A model that was added: `other`, with longer vectors than the window's."""
    folder, _ = add_model(build_tiny_model(tmp_path / "other", dim=24, seed=3, model_id="other"))
    return folder


def library(window):
    return dialog_of(window).library


def rows_of(window):
    """Return what the list shows: title and second line of each model."""
    return {row.info.title: row.second_line for row in library(window).rows}


def choose(dialog, model_id):
    dialog.list.choose(model_id)
    assert dialog.list.current.info.model_id == model_id


def press(dialog, model_id, button):
    choose(dialog, model_id)
    press_button(dialog.details, button)


def test_the_list_shows_what_is_here_and_what_can_be_downloaded(window, added, hub):
    record_speed("other", "cpu", images=400, seconds=10)
    opened_dialog(window)
    shown = rows_of(window)
    assert "Apache-2.0" in shown["Nameplate starter"]
    assert shown["Far colours"].endswith("63% on ImageNet · MIT")
    of_added = [row.second_line for row in library(window).rows if row.info.model_id == "other"]
    assert "40 pictures/s" in of_added[0]


def test_the_model_in_use_is_shown_though_it_was_never_added(window, tiny_model, dialog):
    row = dialog.list.current
    assert row.is_in_use
    assert row.info.folder == tiny_model
    assert not button_in(dialog.details, "In use").isEnabled()


def test_the_speed_is_shown_as_soon_as_enough_pictures_were_read(window, tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(80):
        Image.new("RGB", (9, 9), (3 * number, 0, 0)).save(tmp_path / f"many/{number:02}.png")
    dialog = opened_dialog(window)
    assert "pictures/s" not in dialog.list.current.second_line
    window.open(tmp_path / "many")
    wait(lambda: "pictures/s" in dialog.list.current.second_line)


def test_what_is_wrong_with_a_catalogue_is_said_once(window, hub):
    path = models_folder() / "catalogue.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('licence = "MIT: any use"', ""))
    dialog = opened_dialog(window)
    assert "licence" in dialog.messages.text
    assert "far" in dialog.messages.text
    assert library(window).row("starter") is not None
    dialog.messages.clear()
    library(window).refresh()
    wait_until_done(window)
    assert not dialog.messages.isVisible()


def test_the_models_name_in_the_status_line_opens_the_dialog_which_copies_a_report(window):
    QGuiApplication.clipboard().clear()
    window.model_button.click()
    dialog = dialog_of(window)
    assert dialog.isVisible()
    wait_until_done(window)
    press_button(dialog, "Copy report")
    wait(lambda: "clipboard" in dialog.messages.text)
    assert "onnxruntime" in QGuiApplication.clipboard().text()


def test_a_model_is_downloaded_by_keys_and_then_used(window, hub, dialog):
    choose(dialog, "far")
    press_keys(dialog.list, "Return")
    assert dialog.list.current.activity is not None
    wait_until_done(window)
    assert dialog.list.current.info.is_here
    assert "ready to use" in dialog.messages.text
    press_keys(dialog.list, "Return")
    wait_until_done(window)
    assert window.model_id == "far"
    assert dialog.list.current.is_in_use
    assert "Far colours" in window.model_text
    assert window.settings.value(LAST_MODEL) == "far"  # for the next start


def test_a_download_shows_how_far_it_is_and_goes_on_after_a_cancel(window, hub, tmp_path, dialog):
    hub.faults.append(Fault("text.onnx", rate=20_000))
    press(dialog, "far", "Download")
    wait(lambda: "of" in dialog.list.current.second_line and hub.sent.get("text.onnx", 0) > 8000)
    assert "/s" in dialog.list.current.second_line
    press_button(dialog.details, "Cancel")
    wait_until_done(window)
    assert "are here" in dialog.list.current.second_line
    before = hub.sent["text.onnx"]
    assert before < (tmp_path / "far" / "text.onnx").stat().st_size / 2  # it waited for no more
    press_button(dialog.details, "Go on")
    wait_until_done(window)
    assert dialog.list.current.info.is_here
    size = (models_folder() / "far" / "text.onnx").stat().st_size
    assert hub.sent["text.onnx"] - before < size


def test_a_second_download_waits_for_the_first_and_can_be_taken_back(window, hub, offer, tmp_path):
    offer(tmp_path / "far", "second", "someone/far")
    dialog = opened_dialog(window)
    hub.faults.append(Fault("text.onnx", rate=150_000))
    for model_id in ("far", "second"):
        press(dialog, model_id, "Download")
    assert dialog.list.current.second_line == "Waits for the other download"
    press_button(dialog.details, "Cancel")
    assert dialog.list.current.activity is None
    assert library(window).row("far").activity is not None
    press_button(dialog.details, "Download")
    wait_until_done(window)
    assert library(window).row("far").info.is_here
    assert library(window).row("second").info.is_here


def test_a_download_that_fails_says_why_in_its_row_and_can_be_tried_again(window, hub, dialog):
    hub.faults.append(Fault("image.onnx", status=404, method="HEAD", times=9))
    press(dialog, "far", "Download")
    wait_until_done(window)
    assert "404" in dialog.list.current.second_line
    assert "404" in dialog.list.current.problem
    hub.faults.clear()
    press_keys(dialog.list, "Return")
    wait_until_done(window)
    assert dialog.list.current.info.is_here


def test_a_licence_for_research_alone_must_be_accepted_before_the_download(window, hub, dialog):
    choose(dialog, "bound")
    assert "licence to accept" in dialog.list.current.second_line
    assert not button_in(dialog.details, "Download").isEnabled()
    press_keys(dialog.list, "Return")
    assert dialog.list.current.activity is None
    assert not hub.asked
    dialog.details.findChild(QCheckBox).setChecked(True)
    press_button(dialog.details, "Download")
    wait_until_done(window)
    assert dialog.list.current.info.is_here


def test_a_folder_that_is_dropped_on_the_dialog_is_added_if_it_is_a_model(window, tmp_path):
    source = build_tiny_model(tmp_path / "given", model_id="given", seed=5)
    dialog = opened_dialog(window)
    drop_on(dialog, source)
    assert dialog.list.current.activity is not None
    wait_until_done(window)
    assert (models_folder() / "given" / "image.onnx").is_file()
    assert dialog.list.current.info.model_id == "given"
    before = rows_of(window)
    (tmp_path / "nothing").mkdir()
    drop_on(dialog, tmp_path / "nothing")
    wait_until_done(window)
    assert dialog.messages.text.startswith("nothing was not added.")
    assert rows_of(window) == before


def test_removing_asks_in_place_and_esc_keeps_the_model(window, added, dialog):
    choose(dialog, "other")
    press_keys(dialog.list, "Del")
    assert dialog.messages.isVisible()
    press_keys(dialog, "Escape")
    assert not dialog.messages.isVisible()
    assert dialog.isVisible()
    press_keys(dialog.list, "Del")
    answer_message(dialog.messages, "Delete")
    wait_until_done(window)
    assert not added.exists()
    assert library(window).row("other") is None


def test_the_starter_and_the_model_in_use_cannot_be_removed(window, added, dialog):
    choose(dialog, "starter")
    press_keys(dialog.list, "Del")
    assert not dialog.messages.isVisible()
    choose(dialog, "other")
    press_keys(dialog.list, "Return")
    wait_until_done(window)
    press_keys(dialog.list, "Del")
    assert "Use another one first" in dialog.messages.text
    assert not button_in(dialog.details, "Remove").isEnabled()
    library(window).remove("other")
    wait_until_done(window)
    assert added.is_dir()


def test_a_check_says_what_is_wrong_in_the_row(window, added, dialog):
    press(dialog, "other", "Check")
    wait_until_done(window)
    assert dialog.messages.text == "Tiny colours does what it should."
    (added / "text.onnx").write_bytes(b"damaged")
    press_button(dialog.details, "Check")
    wait_until_done(window)
    assert "text.onnx" in dialog.list.current.problem
    assert dialog.list.current.second_line != "Tiny colours does what it should."


def test_a_damaged_model_is_shown_with_its_problem_and_cannot_be_used(window, added):
    (added / "model.toml").write_text('id = "other"', encoding="utf-8")
    dialog = opened_dialog(window)
    choose(dialog, "other")
    assert dialog.list.current.second_line == "Cannot be used"
    assert "model.toml" in dialog.list.current.problem
    press_keys(dialog.list, "Return")
    assert not window.is_loading
    assert button_in(dialog.details, "Remove").isEnabled()


def test_before_pictures_are_read_again_the_dialog_says_how_long_but_back_asks_nothing(
    window, coloured, added
):
    window.open(coloured)
    window.add("red", "green", "blue")
    window.wait_until_read()
    record_speed("other", "cpu", images=64, seconds=640)
    dialog = opened_dialog(window)
    before = dialog.list.current.info
    press(dialog, "other", "Use this model")
    wait(dialog.messages.isVisible)
    assert dialog.messages.text.startswith("All 6 pictures have to be read again")
    assert "about 60 s at the 0.1/s" in dialog.messages.text
    answer_message(dialog.messages, "Cancel")
    assert window.model_id == "tiny"
    press_button(dialog.details, "Use this model")
    wait(dialog.messages.isVisible)
    answer_message(dialog.messages, "Use it")
    wait(lambda: window.model_id == "other")
    window.wait_until_read()
    library(window).use(before)
    wait(lambda: window.model_id == "tiny")
    window.wait_until_read()


def test_a_model_chosen_before_the_first_one_is_loaded_is_the_one_used(
    make_window, coloured, added
):
    window = make_window()
    window.open(coloured)
    window.wait_for_pictures(6)
    info = described(added, read_manifest(added), {})
    loaded = []
    window.main.model_in_use.loaded.connect(lambda one: loaded.append(one.model.manifest.id))
    window.begin_to_use(starter_model())  # as at the start: not chosen in the window
    library(window).use(info)
    wait(lambda: bool(loaded))
    assert window.settings.value(LAST_MODEL) is None
    wait(lambda: "read again" in window.message)
    window.answer("Use it")
    wait(lambda: loaded[-1:] == ["other"])
    assert window.settings.value(LAST_MODEL) == str(added)


def test_a_model_that_cannot_be_loaded_says_so_in_bar_and_row(window, added, dialog):
    choose(dialog, "other")
    shutil.copyfile(added / "text.onnx", added / "image.onnx")
    press_button(dialog.details, "Use this model")
    wait_until_done(window)
    assert "Tiny colours stays in use" in dialog.messages.text
    assert "image.onnx" in dialog.list.current.problem
    assert window.model_id == "tiny"
    assert window.settings.value(LAST_MODEL) is None


def test_a_dropped_model_folder_is_offered_as_a_model_and_the_rest_is_opened(
    window, coloured, tmp_path
):
    source = build_tiny_model(tmp_path / "given", model_id="given", seed=5)
    window.drop(source, coloured)
    window.wait_for_pictures(6)
    wait(lambda: "“given” is a model" in window.message)
    window.answer("Add")
    wait_until_done(window)
    assert list(installed_models()) == ["given"]
    wait_until_done(window)


def test_a_folder_with_a_model_and_pictures_can_still_be_opened_as_pictures(window, coloured):
    build_tiny_model(coloured, model_id="mixed")
    window.drop(coloured)
    wait(lambda: window.message)
    assert not window.project.images.present
    window.answer("Add its pictures")
    window.wait_for_pictures(6)


def start(folder=None):
    """Start a window as the command line does and wait for its model."""
    made = WindowDriver(app.make_window(folder, "cpu"))
    with heard(made.main.model_in_use.loaded):
        made.show()
    return made


def end(window):
    window.close()
    window.main.deleteLater()


def test_a_start_without_a_model_named_takes_the_one_used_last(qapp, added, tiny_model):
    settings = QSettings(str(settings_path()), QSettings.Format.IniFormat)
    settings.setValue(LAST_MODEL, "other")
    settings.sync()
    window = start()
    assert window.model_id == "other"
    end(window)
    named = start(tiny_model)
    assert named.model_id == "tiny"
    end(named)


def test_where_the_model_used_last_is_gone_the_window_starts_with_the_starter_and_says_so(qapp):
    settings = QSettings(str(settings_path()), QSettings.Format.IniFormat)
    settings.setValue(LAST_MODEL, "gone")
    settings.sync()
    window = start()
    assert window.model_id == "starter"
    assert "“gone”" in window.message
    assert settings.value(LAST_MODEL) == "gone"  # a drive may be mounted again
    end(window)


def test_where_no_model_can_be_used_the_bar_leads_to_the_others(make_window, tmp_path):
    window = make_window(tmp_path / "nowhere")
    wait(lambda: window.message)
    window.answer("Choose another")
    dialog = dialog_of(window)
    wait_until_done(window)
    choose(dialog, "starter")
    press_keys(dialog.list, "Return")
    wait_until_done(window)
    assert window.model_id == "starter"
    assert "Nameplate starter on CPU" in window.model_text


def test_a_report_is_announced_though_a_problem_is_shown(make_window, tmp_path):
    window = make_window(tmp_path / "nowhere")
    wait(lambda: window.message)
    window.menu("Copy report")
    wait(lambda: "clipboard" in window.message, 60)  # the starter model is tried out


def test_a_long_title_leaves_room_for_the_device_in_the_status_line(window):
    title = "Long & longer " * 10
    window.main.status.show_model(title, "GPU", "Nothing is wrong.")
    assert window.model_text.endswith("… on GPU")
    assert title.strip() in html.unescape(window.model_button.toolTip())
    assert "Nothing is wrong." in window.model_button.toolTip()


def test_the_dialog_can_be_closed_while_a_download_goes_on(window, hub, dialog):
    hub.faults.append(Fault("text.onnx", rate=100_000))
    press(dialog, "far", "Download")
    press_keys(dialog, "Escape")
    assert not dialog.isVisible()
    wait_until_done(window)
    assert "Far colours is ready to use" in window.message


def test_another_project_leaves_the_dialog_and_its_download_alone(window, hub, coloured, dialog):
    window.open(coloured)
    window.wait_for_pictures(6)
    hub.faults.append(Fault("text.onnx", rate=200_000))
    press(dialog, "far", "Download")
    before = window.project
    window.menu("New project")
    wait(lambda: window.project is not before)
    assert dialog.list.current.activity is not None
    wait_until_done(window)
    assert dialog.isVisible()
    press_button(dialog.details, "Use this model")
    wait(lambda: window.model_id == "far")
    wait(lambda: dialog.list.current.is_in_use)


def test_a_window_that_closes_stops_a_download_and_keeps_what_came(window, hub, tmp_path, dialog):
    hub.faults.append(Fault("text.onnx", rate=10_000))
    press(dialog, "far", "Download")
    wait(lambda: hub.sent.get("text.onnx", 0) > 4096)
    window.close()
    assert hub.sent["text.onnx"] < (tmp_path / "far" / "text.onnx").stat().st_size / 2


def test_titles_and_problems_of_any_length_widen_nothing(window, added):
    text = (added / "model.toml").read_text(encoding="utf-8")
    title = 'title = "' + "Longword" * 20 + ' & <b>bold</b>"'
    (added / "model.toml").write_text(text.replace('title = "Tiny colours"', title))
    dialog = opened_dialog(window)
    for size in ((860, 560), (480, 320)):
        dialog.resize(*size)
        choose(dialog, "other")
        assert (dialog.width(), dialog.height()) == size
        assert dialog.details.width() < size[0]
        assert dialog.details.findChild(QPushButton).isVisible()


def test_screen_readers_are_told_title_state_and_facts_of_each_row(window, added, dialog):
    spoken = dialog.list.item_of("starter").data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Nameplate starter, installed. ")
    buttons = [b for b in dialog.findChildren(QPushButton) if b.isVisible()]
    assert all(button.text() or button.accessibleName() for button in buttons)
