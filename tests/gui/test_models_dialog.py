"""The models dialog, with real folders and a real server on loopback."""

import html
import shutil
import time

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QCheckBox, QPushButton

from gui_help import wait_until_scored
from hub_server import Fault, HubServer
from nameplate.inference.manifest import read_manifest
from nameplate.model_hub.library import add_model, list_models
from nameplate.pipeline.model_overview import described
from nameplate.storage.folders import models_folder
from nameplate.storage.resources import starter_model
from nameplate.storage.settings import settings_path
from nameplate.storage.speeds import record_speed
from nameplate.ui import app
from nameplate.ui.models.switching import LAST_MODEL
from tiny_model import build_tiny_model

FILES = ("model.toml", "image.onnx", "text.onnx", "tokenizer.json")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A server with the model `far`, which a person's own catalogue lists."""
    folder = build_tiny_model(
        tmp_path / "far", model_id="far", seed=7, words=[f"w{i}" for i in range(2000)]
    )
    with HubServer() as server:
        server.add("someone/far", folder)
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        write_catalogue(folder)
        yield server


def write_catalogue(folder, extra="", model_id="far"):
    lines = [
        f'[[models]]\nid = "{model_id}"\ntitle = "Far colours"\nsummary = "Six colours."',
        'repository = "someone/far"\nrevision = "main"\npinned = false\nlanguages = "English"',
        'licence = "MIT: any use"\nlicence_url = "https://example.org/licence"',
        f'accuracy = 63.4\naccuracy_source = "nobody"\nembedding_size = 16\n{extra}',
    ]
    for name in FILES:
        size = (folder / name).stat().st_size
        lines.append(f'[[models.files]]\nname = "{name}"\nbytes = {size}')
    models_folder().mkdir(parents=True, exist_ok=True)
    with (models_folder() / "catalogue.toml").open("w" if model_id == "far" else "a") as stream:
        stream.write("\n".join(lines) + "\n")


@pytest.fixture
def added(tmp_path):
    """A model that was added: `other`, with longer vectors than the window's."""
    folder, _ = add_model(build_tiny_model(tmp_path / "other", dim=24, seed=3, model_id="other"))
    return folder


def opened(qtbot, window):
    """Open the dialog and return it once it lists the models."""
    window.actions_by_id["models"].trigger()
    dialog = window.model_actions.dialog
    wait_until_done(qtbot, window)
    return dialog


def wait_until_done(qtbot, window):
    qtbot.waitUntil(
        lambda: not (window.model_actions.library.is_busy or window.controller.is_loading),
        timeout=15_000,
    )


def rows_of(dialog):
    """Return what the list shows: title and second line of each model."""
    return {row.info.title: row.second_line for row in dialog._library.rows}


def choose(dialog, model_id):
    dialog.list.choose(model_id)
    assert dialog.list.current.info.model_id == model_id


def button(widget, text):
    """Return the visible button with `text`."""
    found = [
        b
        for b in widget.findChildren(QPushButton)
        if b.isVisibleTo(widget) and b.text().replace("&", "") == text
    ]
    assert len(found) == 1, [b.text() for b in widget.findChildren(QPushButton)]
    return found[0]


def press(qtbot, widget, text):
    qtbot.mouseClick(button(widget, text), Qt.MouseButton.LeftButton)


def drop_on(widget, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(20, 20),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    widget.dropEvent(event)


def test_the_list_shows_what_is_here_and_what_can_be_downloaded(qtbot, window, added, hub):
    record_speed("other", "cpu", images=400, seconds=10)
    dialog = opened(qtbot, window)
    shown = rows_of(dialog)
    assert "Apache-2.0" in shown["Nameplate starter"]
    assert shown["Far colours"].endswith("63% on ImageNet · MIT")
    of_added = [row.second_line for row in dialog._library.rows if row.info.model_id == "other"]
    assert "40 pictures/s" in of_added[0]


def test_the_model_in_use_is_shown_though_it_was_never_added(qtbot, window, tiny_model):
    dialog = opened(qtbot, window)
    row = dialog.list.current
    assert row.is_in_use
    assert row.info.folder == tiny_model
    assert not button(dialog.details, "In use").isEnabled()


def test_the_speed_is_shown_as_soon_as_enough_pictures_were_read(qtbot, window, tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(80):
        Image.new("RGB", (9, 9), (3 * number, 0, 0)).save(tmp_path / f"many/{number:02}.png")
    dialog = opened(qtbot, window)
    assert "pictures/s" not in dialog.list.current.second_line
    window.open_paths([tmp_path / "many"])
    qtbot.waitUntil(lambda: "pictures/s" in dialog.list.current.second_line, timeout=15_000)


def test_what_is_wrong_with_a_catalogue_is_said_once(qtbot, window, hub):
    path = models_folder() / "catalogue.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('licence = "MIT: any use"', ""))
    dialog = opened(qtbot, window)
    assert "licence" in dialog.messages.text
    assert "far" in dialog.messages.text
    assert dialog._library.row("starter") is not None
    dialog.messages.hide()
    dialog._library.refresh()
    wait_until_done(qtbot, window)
    assert not dialog.messages.isVisible()


def test_pressing_the_models_name_in_the_status_line_opens_the_dialog(qtbot, window):
    qtbot.mouseClick(window.status._model, Qt.MouseButton.LeftButton)
    assert window.model_actions.dialog.isVisible()
    wait_until_done(qtbot, window)


def test_a_model_is_downloaded_by_keys_and_then_used(qtbot, window, hub):
    dialog = opened(qtbot, window)
    choose(dialog, "far")
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    assert dialog.list.current.activity is not None
    wait_until_done(qtbot, window)
    assert dialog.list.current.info.is_here
    assert "ready to use" in dialog.messages.text
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    wait_until_done(qtbot, window)
    assert window.controller.model.manifest.id == "far"
    assert dialog.list.current.is_in_use
    assert "Far colours" in window.status.model_text


def test_a_download_shows_how_far_it_is_and_goes_on_after_a_cancel(qtbot, window, hub):
    dialog = opened(qtbot, window)
    hub.faults.append(Fault("text.onnx", rate=20_000))
    choose(dialog, "far")
    press(qtbot, dialog.details, "Download")
    qtbot.waitUntil(
        lambda: "of" in dialog.list.current.second_line and hub.sent.get("text.onnx", 0) > 8000,
        timeout=10_000,
    )
    assert "/s" in dialog.list.current.second_line
    started = time.monotonic()
    press(qtbot, dialog.details, "Cancel")
    wait_until_done(qtbot, window)
    assert time.monotonic() - started < 5
    assert "are here" in dialog.list.current.second_line
    before = hub.sent["text.onnx"]
    press(qtbot, dialog.details, "Go on")
    wait_until_done(qtbot, window)
    assert dialog.list.current.info.is_here
    size = (models_folder() / "far" / "text.onnx").stat().st_size
    assert hub.sent["text.onnx"] - before < size


def test_a_second_download_waits_for_the_first_and_can_be_taken_back(qtbot, window, hub, tmp_path):
    write_catalogue(tmp_path / "far", model_id="second")
    dialog = opened(qtbot, window)
    hub.faults.append(Fault("text.onnx", rate=50_000))
    for model_id in ("far", "second"):
        choose(dialog, model_id)
        press(qtbot, dialog.details, "Download")
    assert dialog.list.current.second_line == "Waits for the other download"
    press(qtbot, dialog.details, "Cancel")
    assert dialog.list.current.activity is None
    assert dialog._library.row("far").activity is not None
    press(qtbot, dialog.details, "Download")
    wait_until_done(qtbot, window)
    assert dialog._library.row("far").info.is_here
    assert dialog._library.row("second").info.is_here


def test_a_download_that_fails_says_why_in_its_row_and_can_be_tried_again(qtbot, window, hub):
    dialog = opened(qtbot, window)
    hub.faults.append(Fault("image.onnx", status=404, method="HEAD", times=9))
    choose(dialog, "far")
    press(qtbot, dialog.details, "Download")
    wait_until_done(qtbot, window)
    assert "404" in dialog.list.current.second_line
    assert "404" in dialog.list.current.problem
    hub.faults.clear()
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    wait_until_done(qtbot, window)
    assert dialog.list.current.info.is_here


def test_a_licence_for_research_alone_must_be_accepted_before_the_download(
    qtbot, window, hub, tmp_path
):
    write_catalogue(tmp_path / "far", "accept_licence = true")
    dialog = opened(qtbot, window)
    choose(dialog, "far")
    assert "licence to accept" in dialog.list.current.second_line
    assert not button(dialog.details, "Download").isEnabled()
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    assert dialog.list.current.activity is None
    assert not hub.asked
    dialog.details.findChild(QCheckBox).setChecked(True)
    press(qtbot, dialog.details, "Download")
    wait_until_done(qtbot, window)
    assert dialog.list.current.info.is_here


def test_a_folder_that_is_dropped_on_the_dialog_is_checked_and_added(qtbot, window, tmp_path):
    source = build_tiny_model(tmp_path / "given", model_id="given", seed=5)
    dialog = opened(qtbot, window)
    drop_on(dialog, source)
    assert dialog.list.current.activity is not None
    wait_until_done(qtbot, window)
    assert (models_folder() / "given" / "image.onnx").is_file()
    assert dialog.list.current.info.model_id == "given"


def test_a_folder_that_is_no_model_is_refused_with_the_reason(qtbot, window, tmp_path):
    (tmp_path / "nothing").mkdir()
    dialog = opened(qtbot, window)
    before = rows_of(dialog)
    drop_on(dialog, tmp_path / "nothing")
    wait_until_done(qtbot, window)
    assert dialog.messages.text.startswith("nothing was not added.")
    assert rows_of(dialog) == before


def test_removing_asks_in_place_and_esc_keeps_the_model(qtbot, window, added):
    dialog = opened(qtbot, window)
    choose(dialog, "other")
    qtbot.keyClick(dialog.list, Qt.Key.Key_Delete)
    assert dialog.messages.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.messages.isVisible()
    assert dialog.isVisible()
    qtbot.keyClick(dialog.list, Qt.Key.Key_Delete)
    press(qtbot, dialog.messages, "Delete")
    wait_until_done(qtbot, window)
    assert not added.exists()
    assert dialog._library.row("other") is None


def test_the_starter_and_the_model_in_use_cannot_be_removed(qtbot, window, added):
    dialog = opened(qtbot, window)
    choose(dialog, "starter")
    qtbot.keyClick(dialog.list, Qt.Key.Key_Delete)
    assert not dialog.messages.isVisible()
    choose(dialog, "other")
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    wait_until_done(qtbot, window)
    qtbot.keyClick(dialog.list, Qt.Key.Key_Delete)
    assert "Use another one first" in dialog.messages.text
    assert not button(dialog.details, "Remove").isEnabled()
    dialog._library.remove("other")
    wait_until_done(qtbot, window)
    assert added.is_dir()


def test_a_check_says_what_is_wrong_in_the_row(qtbot, window, added):
    dialog = opened(qtbot, window)
    choose(dialog, "other")
    press(qtbot, dialog.details, "Check")
    wait_until_done(qtbot, window)
    assert dialog.messages.text == "Tiny colours does what it should."
    (added / "text.onnx").write_bytes(b"damaged")
    press(qtbot, dialog.details, "Check")
    wait_until_done(qtbot, window)
    assert "text.onnx" in dialog.list.current.problem
    assert dialog.list.current.second_line != "Tiny colours does what it should."


def test_a_damaged_model_is_shown_with_its_problem_and_cannot_be_used(qtbot, window, added):
    (added / "model.toml").write_text('id = "other"', encoding="utf-8")
    dialog = opened(qtbot, window)
    choose(dialog, "other")
    assert dialog.list.current.second_line == "Cannot be used"
    assert "model.toml" in dialog.list.current.problem
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    assert not window.controller.is_loading
    assert button(dialog.details, "Remove").isEnabled()


def test_before_pictures_are_read_again_the_dialog_says_how_long_that_takes(
    qtbot, window, coloured, added
):
    window.open_paths([coloured])
    window.edits.add_lines(["red", "green", "blue"])
    wait_until_scored(qtbot, window)
    record_speed("other", "cpu", images=64, seconds=640)
    dialog = opened(qtbot, window)
    choose(dialog, "other")
    press(qtbot, dialog.details, "Use this model")
    qtbot.waitUntil(dialog.messages.isVisible, timeout=5000)
    assert dialog.messages.text.startswith("All 6 pictures have to be read again")
    assert "about 60 s at the 0.1/s" in dialog.messages.text
    press(qtbot, dialog.messages, "Cancel")
    assert window.controller.model.manifest.id == "tiny"
    press(qtbot, dialog.details, "Use this model")
    qtbot.waitUntil(dialog.messages.isVisible, timeout=5000)
    press(qtbot, dialog.messages, "Use it")
    qtbot.waitUntil(lambda: window.controller.model.manifest.id == "other", timeout=5000)
    wait_until_scored(qtbot, window)


def test_changing_back_asks_nothing_since_all_is_remembered(
    qtbot, window, coloured, added, tiny_model
):
    window.open_paths([coloured])
    window.edits.add_lines(["red", "green"])
    wait_until_scored(qtbot, window)
    dialog = opened(qtbot, window)
    before = dialog.list.current.info
    choose(dialog, "other")
    press(qtbot, dialog.details, "Use this model")
    qtbot.waitUntil(dialog.messages.isVisible, timeout=5000)
    press(qtbot, dialog.messages, "Use it")
    qtbot.waitUntil(lambda: window.controller.model.manifest.id == "other", timeout=5000)
    wait_until_scored(qtbot, window)
    window.model_actions.switching.use(before)
    qtbot.waitUntil(lambda: window.controller.model.manifest.id == "tiny", timeout=5000)
    wait_until_scored(qtbot, window)


def test_a_model_chosen_before_the_first_one_is_loaded_is_the_one_used(
    qtbot, make_window, coloured, added
):
    window = make_window()
    window.open_paths([coloured])
    qtbot.waitUntil(lambda: len(window.controller.project.images) == 6)
    info = described(added, read_manifest(added), {})
    loaded = []
    window.controller.loaded.connect(lambda one: loaded.append(one.model.manifest.id))
    window.controller.use_model(starter_model())  # as at the start: not chosen in the window
    window.model_actions.switching.use(info)
    qtbot.waitUntil(lambda: bool(loaded), timeout=10_000)
    assert window._settings.value(LAST_MODEL) is None
    qtbot.waitUntil(lambda: "read again" in window.messages.text, timeout=10_000)
    press(qtbot, window.messages, "Use it")
    qtbot.waitUntil(lambda: loaded[-1:] == ["other"], timeout=10_000)
    assert window._settings.value(LAST_MODEL) == str(added)


def test_a_model_that_cannot_be_loaded_says_so_in_bar_and_row(qtbot, window, added):
    dialog = opened(qtbot, window)
    choose(dialog, "other")
    shutil.copyfile(added / "text.onnx", added / "image.onnx")
    press(qtbot, dialog.details, "Use this model")
    wait_until_done(qtbot, window)
    assert "Tiny colours stays in use" in dialog.messages.text
    assert "image.onnx" in dialog.list.current.problem
    assert window.controller.model.manifest.id == "tiny"
    assert window._settings.value(LAST_MODEL) is None


def test_a_dropped_model_folder_is_offered_as_a_model_and_the_rest_is_opened(
    qtbot, window, coloured, tmp_path
):
    source = build_tiny_model(tmp_path / "given", model_id="given", seed=5)
    drop_on(window, source, coloured)
    qtbot.waitUntil(lambda: len(window.controller.project.images) == 6, timeout=10_000)
    qtbot.waitUntil(lambda: "“given” is a model" in window.messages.text, timeout=5000)
    press(qtbot, window.messages, "Add")
    wait_until_done(qtbot, window)
    assert {model.model_id for model in list_models()} == {"starter", "given"}
    wait_until_done(qtbot, window)


def test_a_folder_with_a_model_and_pictures_can_still_be_opened_as_pictures(
    qtbot, window, coloured
):
    build_tiny_model(coloured, model_id="mixed")
    drop_on(window, coloured)
    qtbot.waitUntil(window.messages.isVisible, timeout=5000)
    assert not len(window.controller.project.images)
    press(qtbot, window.messages, "Look for pictures in it")
    qtbot.waitUntil(lambda: len(window.controller.project.images) == 6, timeout=10_000)


def test_the_model_used_last_is_used_at_the_next_start(qtbot, window, added):
    dialog = opened(qtbot, window)
    choose(dialog, "other")
    press(qtbot, dialog.details, "Use this model")
    wait_until_done(qtbot, window)
    assert window._settings.value(LAST_MODEL) == "other"


def start(qtbot, qapp, folder=None):
    """Start a window as the command line does and wait for its model."""
    made = app.make_window(folder, "cpu")
    with qtbot.waitSignal(made.controller.loaded, timeout=10_000):
        made.show()
    return made


def end(window):
    window.close()
    window.shut_down()
    window.deleteLater()


def test_a_start_without_a_model_named_takes_the_one_used_last(qtbot, qapp, added, tiny_model):
    settings = QSettings(str(settings_path()), QSettings.Format.IniFormat)
    settings.setValue(LAST_MODEL, "other")
    settings.sync()
    window = start(qtbot, qapp)
    assert window.controller.model.manifest.id == "other"
    end(window)
    named = start(qtbot, qapp, tiny_model)
    assert named.controller.model.manifest.id == "tiny"
    end(named)


def test_where_the_model_used_last_is_gone_the_window_starts_with_the_starter_and_says_so(
    qtbot, qapp
):
    settings = QSettings(str(settings_path()), QSettings.Format.IniFormat)
    settings.setValue(LAST_MODEL, "gone")
    settings.sync()
    window = start(qtbot, qapp)
    assert window.controller.model.manifest.id == "starter"
    assert "“gone”" in window.messages.text
    assert settings.value(LAST_MODEL) == "gone"  # a drive may be mounted again
    end(window)


def test_where_no_model_can_be_used_the_bar_leads_to_the_others(qtbot, make_window, tmp_path):
    window = make_window(tmp_path / "nowhere")
    qtbot.waitUntil(window.messages.isVisible, timeout=5000)
    press(qtbot, window.messages, "Choose another")
    dialog = window.model_actions.dialog
    wait_until_done(qtbot, window)
    choose(dialog, "starter")
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    wait_until_done(qtbot, window)
    assert window.controller.model.manifest.id == "starter"
    assert "Nameplate starter on CPU" in window.status.model_text


def test_the_report_is_copied_and_the_bar_says_so(qtbot, window):
    QGuiApplication.clipboard().clear()
    dialog = opened(qtbot, window)
    press(qtbot, dialog, "Copy report")
    qtbot.waitUntil(lambda: "clipboard" in dialog.messages.text, timeout=20_000)
    assert "onnxruntime" in QGuiApplication.clipboard().text()


def test_a_report_is_announced_though_a_problem_is_shown(qtbot, make_window, tmp_path):
    window = make_window(tmp_path / "nowhere")
    qtbot.waitUntil(window.messages.isVisible, timeout=5000)
    window.actions_by_id["report"].trigger()
    qtbot.waitUntil(lambda: "clipboard" in window.messages.text, timeout=20_000)


def test_a_long_title_leaves_room_for_the_device_in_the_status_line(qtbot, window):
    title = "Long & longer " * 10
    window.status.show_model(title, "GPU", "Nothing is wrong.")
    assert window.status.model_text.endswith("… on GPU")
    assert title.strip() in html.unescape(window.status._model.toolTip())
    assert "Nothing is wrong." in window.status._model.toolTip()


def test_the_dialog_can_be_closed_while_a_download_goes_on(qtbot, window, hub):
    dialog = opened(qtbot, window)
    hub.faults.append(Fault("text.onnx", rate=100_000))
    choose(dialog, "far")
    press(qtbot, dialog.details, "Download")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    wait_until_done(qtbot, window)
    assert "Far colours is ready to use" in window.messages.text


def test_a_window_that_closes_stops_a_download_and_keeps_what_came(qtbot, window, hub):
    dialog = opened(qtbot, window)
    hub.faults.append(Fault("text.onnx", rate=10_000))
    choose(dialog, "far")
    press(qtbot, dialog.details, "Download")
    qtbot.waitUntil(lambda: hub.sent.get("text.onnx", 0) > 4096, timeout=10_000)
    started = time.monotonic()
    window.close()
    window.shut_down()
    assert time.monotonic() - started < 5
    assert not window.isVisible()


@pytest.mark.parametrize("size", [(480, 320), (860, 560)])
def test_titles_and_problems_of_any_length_widen_nothing(qtbot, window, added, size):
    text = (added / "model.toml").read_text(encoding="utf-8")
    title = 'title = "' + "Longword" * 20 + ' & <b>bold</b>"'
    (added / "model.toml").write_text(text.replace('title = "Tiny colours"', title))
    dialog = opened(qtbot, window)
    dialog.resize(*size)
    choose(dialog, "other")
    assert (dialog.width(), dialog.height()) == size
    assert dialog.details.width() < size[0]
    assert dialog.details.findChild(QPushButton).isVisible()


def test_screen_readers_are_told_title_state_and_facts_of_each_row(qtbot, window, added):
    dialog = opened(qtbot, window)
    spoken = dialog.list.item_of("starter").data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Nameplate starter, installed. ")
    buttons = [b for b in dialog.findChildren(QPushButton) if b.isVisible()]
    assert all(button.text() or button.accessibleName() for button in buttons)


def test_the_key_of_the_models_is_free_for_it(window):
    keys = window.actions_by_id["models"].shortcuts()
    assert keys == [QKeySequence("Ctrl+M")]
