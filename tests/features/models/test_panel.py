"""The models panel, with real folders and a real server on loopback."""

import html
import re
import shutil

import pytest
from PIL import Image
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton

from features.models.driver import opened_panel, panel_of, wait_until_done
from hub_server import Fault
from nameplate.features.models.overview import described
from nameplate.features.models.store import add_model
from nameplate.inference.manifest import read_manifest
from nameplate.model_hub.installed import installed_models
from nameplate.storage.folders import models_folder, settings_path
from nameplate.storage.resources import starter_model
from nameplate.storage.speeds import record_speed
from nameplate.ui import app
from nameplate.ui.app import application, speak
from nameplate.ui.jobs.model_in_use import LAST_MODEL
from qt_help import button_in, heard, press_button, press_keys, wait
from tiny_model import build_tiny_model
from window_driver import WindowDriver

LANGUAGES = 3  # which column of the table


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
def panel(window):
    """The panel, once it lists the models; to be asked for after all that it is to list."""
    return opened_panel(window)


@pytest.fixture
def added(tmp_path):
    """A model that was added: `other`, with longer vectors than the window's."""
    folder, _ = add_model(build_tiny_model(tmp_path / "other", dim=24, seed=3, model_id="other"))
    return folder


def library(window):
    return panel_of(window).library


def rows_of(window):
    """Return what the list shows: title and second line of each model."""
    return {row.info.title: row.second_line for row in library(window).rows}


def choose(panel, model_id):
    panel.table.choose(model_id)
    assert panel.table.current.info.model_id == model_id


def press_main(panel, button):
    """Press the button that does what comes next with the chosen model."""
    wait(panel.begin_button.isEnabled)
    assert panel.begin_button.text().startswith(button)
    QTest.mouseClick(panel.begin_button, Qt.MouseButton.LeftButton)


def press(panel, model_id, button):
    choose(panel, model_id)
    press_main(panel, button)


def card_of(panel, model_id):
    """Return what the card of a model says, and its button."""
    row = panel.library.row(model_id)
    for card in panel.cards:
        texts = [label.text() for label in card.findChildren(QLabel) if not label.isHidden()]
        if row.info.title in texts:
            return texts, card.findChild(QPushButton)
    raise AssertionError(model_id)


def test_the_list_shows_what_is_here_and_what_can_be_downloaded(window, added, hub):
    record_speed("other", "cpu", images=400, seconds=10)
    opened_panel(window)
    shown = rows_of(window)
    assert "Apache-2.0" in shown["Nameplate starter"]
    assert shown["Far colours"].endswith("63% on ImageNet · MIT")
    of_added = [row.second_line for row in library(window).rows if row.info.model_id == "other"]
    assert "40 pictures/s" in of_added[0]


def test_the_model_in_use_is_shown_though_it_was_never_added(window, tiny_model, panel):
    row = panel.table.current
    assert row.is_in_use
    assert row.info.folder == tiny_model
    assert panel.begin_button.text() == "In use"
    assert not panel.begin_button.isEnabled()


def test_names_of_models_are_whole_where_languages_need_more_room_than_there_is(window, hub):
    speak(application(), "de")
    try:
        table = opened_panel(window).table
        table.setFixedWidth(500)
        assert table.sizeHintForColumn(LANGUAGES) > table.columnWidth(LANGUAGES)
        assert table.columnWidth(0) >= table.sizeHintForColumn(0)
        assert table.item_of("starter").toolTip(LANGUAGES).count(",") == 5
    finally:
        speak(application(), "en")


def test_the_speed_is_shown_as_soon_as_enough_pictures_were_read(window, tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(80):
        Image.new("RGB", (9, 9), (3 * number, 0, 0)).save(tmp_path / f"many/{number:02}.png")
    panel = opened_panel(window)
    assert "pictures/s" not in panel.table.current.second_line
    window.open(tmp_path / "many")
    wait(lambda: "pictures/s" in panel.table.current.second_line)


def test_what_is_wrong_with_a_catalogue_is_said_once(window, hub):
    path = models_folder() / "catalogue.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('licence = "MIT: any use"', ""))
    opened_panel(window)
    assert "licence" in window.message
    assert "far" in window.message
    assert library(window).row("starter") is not None
    window.main.messages.clear()
    library(window).refresh()
    wait_until_done(window)
    assert not window.message


def test_the_models_name_in_the_status_line_opens_the_panel(window):
    window.model_button.click()
    wait_until_done(window)
    assert panel_of(window).is_open
    window.model_button.click()
    assert not panel_of(window).is_open


def test_a_report_is_copied_from_the_menu(window):
    QGuiApplication.clipboard().clear()
    window.menu("Copy report")
    wait(lambda: "clipboard" in window.message)
    assert "onnxruntime" in QGuiApplication.clipboard().text()


def test_a_model_is_downloaded_by_keys_and_then_used(window, hub, panel):
    choose(panel, "far")
    press_keys(panel.table, "Return")
    assert panel.table.current.activity is not None
    wait_until_done(window)
    assert panel.table.current.info.is_here
    assert "is ready" in window.message
    press_keys(panel.table, "Return")
    wait_until_done(window)
    assert window.model_id == "far"
    assert panel.table.current.is_in_use
    assert "Far colours" in window.model_text
    assert window.settings.value(LAST_MODEL) == "far"  # for the next start


def test_a_download_shows_how_far_it_is_and_goes_on_after_a_cancel(window, hub, tmp_path, panel):
    hub.faults.append(Fault("text.onnx", rate=20_000))
    press(panel, "far", "Download")
    # Some of the large file is here, as the line counts what is on the disk.
    wait(lambda: re.match(r"Downloading ([7-9]|\d\d+) kB of", panel.table.current.second_line))
    assert "/s" in panel.table.current.second_line
    press_main(panel, "Cancel")
    wait_until_done(window)
    assert "downloaded" in panel.table.current.second_line
    before = hub.sent["text.onnx"]
    assert before < (tmp_path / "far" / "text.onnx").stat().st_size / 2  # it waited for no more
    press_main(panel, "Resume")
    wait_until_done(window)
    assert panel.table.current.info.is_here
    assert hub.starts["text.onnx"][-1] > 0


def test_a_second_download_waits_for_the_first_and_can_be_taken_back(window, hub, offer, tmp_path):
    offer(tmp_path / "far", "second", "someone/far")
    panel = opened_panel(window)
    hub.faults.append(Fault("text.onnx", rate=150_000))
    for model_id in ("far", "second"):
        press(panel, model_id, "Download")
    assert panel.table.current.second_line == "Waiting for the other download"
    press_main(panel, "Cancel")
    assert panel.table.current.activity is None
    assert library(window).row("far").activity is not None
    press_main(panel, "Download")
    wait_until_done(window)
    assert library(window).row("far").info.is_here
    assert library(window).row("second").info.is_here


def test_a_download_that_fails_says_why_in_its_row_and_can_be_tried_again(window, hub, panel):
    hub.faults.append(Fault("image.onnx", status=404, method="HEAD", times=9))
    press(panel, "far", "Download")
    wait_until_done(window)
    assert "404" in panel.table.current.second_line
    assert "404" in panel.table.current.problem
    hub.faults.clear()
    press_keys(panel.table, "Return")
    wait_until_done(window)
    assert panel.table.current.info.is_here


def test_a_licence_for_research_alone_must_be_accepted_before_the_download(window, hub, panel):
    choose(panel, "bound")
    assert "licence to accept" in panel.table.current.second_line
    assert not panel.begin_button.isEnabled()
    press_keys(panel.table, "Return")
    assert panel.table.current.activity is None
    assert not hub.asked
    panel.findChild(QCheckBox).setChecked(True)
    press_main(panel, "Download")
    wait_until_done(window)
    assert panel.table.current.info.is_here


def test_a_folder_that_is_added_is_shown_if_it_is_a_model(window, tmp_path, panel):
    panel.add(build_tiny_model(tmp_path / "given", model_id="given", seed=5))
    assert panel.table.current.activity is not None
    wait_until_done(window)
    assert (models_folder() / "given" / "image.onnx").is_file()
    assert panel.table.current.info.model_id == "given"
    before = rows_of(window)
    (tmp_path / "nothing").mkdir()
    panel.add(tmp_path / "nothing")
    wait_until_done(window)
    assert window.message.startswith("nothing was not added.")
    assert rows_of(window) == before


def test_removing_asks_and_can_be_cancelled(window, added, panel):
    choose(panel, "other")
    press_keys(panel.table, "Del")
    window.answer("Cancel")
    assert added.exists()
    press_keys(panel.table, "Del")
    window.answer("Delete")
    wait_until_done(window)
    assert not added.exists()
    assert library(window).row("other") is None


def test_the_starter_and_the_model_in_use_cannot_be_removed(window, added, panel):
    choose(panel, "starter")
    press_keys(panel.table, "Del")
    assert not window.message
    choose(panel, "other")
    press_keys(panel.table, "Return")
    wait_until_done(window)
    press_keys(panel.table, "Del")
    assert "Use another one first" in window.message
    assert not button_in(panel, "Remove").isEnabled()
    library(window).remove("other")
    wait_until_done(window)
    assert added.is_dir()


def test_a_check_says_what_is_wrong_in_the_row(window, added, panel):
    choose(panel, "other")
    press_button(panel, "Check")
    wait_until_done(window)
    assert window.message == "Tiny colours works as it should."
    (added / "text.onnx").write_bytes(b"damaged")
    press_button(panel, "Check")
    wait_until_done(window)
    assert "text.onnx" in panel.table.current.problem
    assert panel.table.current.second_line != "Tiny colours works as it should."


def test_a_damaged_model_is_shown_with_its_problem_and_cannot_be_used(window, added):
    (added / "model.toml").write_text('id = "other"', encoding="utf-8")
    panel = opened_panel(window)
    choose(panel, "other")
    assert panel.table.current.second_line == "Can't be used"
    assert "model.toml" in panel.table.current.problem
    press_keys(panel.table, "Return")
    assert not window.is_loading
    assert button_in(panel, "Remove").isEnabled()


def test_a_model_is_used_at_once_and_what_changes_is_said_with_a_way_back(window, coloured, added):
    window.open(coloured)
    window.add("red", "green", "blue")
    window.wait_until_read()
    record_speed("other", "cpu", images=64, seconds=640)
    panel = opened_panel(window)
    press(panel, "other", "Use")
    wait(lambda: window.model_id == "other")
    assert "your labels stay. 6 pictures are read again, about 60 s." in window.message
    window.wait_until_read()
    window.answer("Back to Tiny colours")
    wait(lambda: window.model_id == "tiny")
    window.wait_until_read()
    assert window.message.endswith("Suggestions will change; your labels stay.")


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
    wait(lambda: loaded[-1:] == ["other"])
    assert window.settings.value(LAST_MODEL) == str(added)


def test_a_model_that_cannot_be_loaded_says_so_in_bar_and_row(window, added, panel):
    choose(panel, "other")
    shutil.copyfile(added / "text.onnx", added / "image.onnx")
    press_main(panel, "Use")
    wait_until_done(window)
    assert "Tiny colours stays in use" in window.message
    assert "image.onnx" in panel.table.current.problem
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
    panel = panel_of(window)
    wait_until_done(window)
    choose(panel, "starter")
    press_keys(panel.table, "Return")
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


def test_another_project_leaves_a_download_alone(window, hub, coloured, panel):
    window.open(coloured)
    window.wait_for_pictures(6)
    hub.faults.append(Fault("text.onnx", rate=200_000))
    press(panel, "far", "Download")
    before = window.project
    window.menu("New project")
    wait(lambda: window.project is not before)
    assert library(window).row("far").activity is not None
    wait_until_done(window)
    panel = opened_panel(window)
    press(panel, "far", "Use")
    wait(lambda: window.model_id == "far")
    wait(lambda: panel.table.current.is_in_use)


def test_a_window_that_closes_stops_a_download_and_keeps_what_came(window, hub, tmp_path, panel):
    hub.faults.append(Fault("text.onnx", rate=10_000))
    press(panel, "far", "Download")
    wait(lambda: hub.sent.get("text.onnx", 0) > 4096)
    window.close()
    assert hub.sent["text.onnx"] < (tmp_path / "far" / "text.onnx").stat().st_size / 2


def test_titles_and_problems_of_any_length_widen_nothing(window, added):
    text = (added / "model.toml").read_text(encoding="utf-8")
    title = 'title = "' + "Longword" * 20 + ' & <b>bold</b>"'
    (added / "model.toml").write_text(text.replace('title = "Tiny colours"', title))
    panel = opened_panel(window)
    choose(panel, "other")
    for size in ((1440, 900), (1024, 700), (800, 500)):
        window.main.resize(*size)
        window.let_work()
        assert (window.main.width(), window.main.height()) == size
        assert panel.begin_button.isVisible()
        assert panel.rect().contains(panel.begin_button.geometry())


def test_screen_readers_are_told_title_state_and_facts_of_each_row(window, added, panel):
    spoken = panel.table.item_of("starter").data(0, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Nameplate starter, installed. ")
    buttons = [b for b in panel.findChildren(QPushButton) if b.isVisible()]
    assert all(button.text() or button.accessibleName() for button in buttons)


# ---- what is recommended


def test_four_models_are_recommended_for_a_need_each_with_size_licence_and_languages(panel):
    needs = [row.info.recommended for row in panel.library.recommended]
    assert needs == ["Most pictures", "Slow computers", "Clothes and fashion", "Species"]
    texts, button = card_of(panel, "tinyclip-8m-int8")
    assert texts[0] == "Slow computers"
    assert texts[3].endswith("MIT · English")
    assert button.text() == "Download 27.9 MB"
    assert card_of(panel, "siglip2-b32")[0][3].endswith("Apache 2.0 · more than 100 languages")


def test_a_recommended_model_is_downloaded_and_used_by_one_button_that_keeps_its_place(
    window, hub, offer, tmp_path
):
    folder = build_tiny_model(tmp_path / "for-clouds", model_id="clouds", seed=7)
    offer(folder, "clouds", title='"Clouds"', recommended='"Clouds"')
    hub.faults.append(Fault("text.onnx", rate=20_000))
    panel = opened_panel(window)
    _texts, button = card_of(panel, "clouds")
    wait(lambda: button.visibleRegion().boundingRect() == button.rect())  # it is laid out
    QApplication.processEvents()
    before = [card.pos() for card in panel.cards]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.table.current_id == "clouds"
    wait(lambda: any("/s" in text for text in card_of(panel, "clouds")[0]))
    assert button.text() == "Cancel"
    wait_until_done(window)
    assert button.text() == "Use"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    wait(lambda: window.model_id == "clouds")
    wait(lambda: [card.pos() for card in panel.cards] == before)


def test_tab_leads_from_one_recommended_model_to_the_next_and_then_to_the_table(window, panel):
    buttons = [card.findChild(QPushButton) for card in panel.cards if card.isVisible()]
    window.main.activateWindow()
    buttons[0].setFocus()
    for button in buttons[1:]:
        press_keys(window.main.focusWidget(), "Tab")
        assert window.main.focusWidget() is button
    press_keys(buttons[-1], "Tab")
    press_keys(window.main.focusWidget(), "Tab")
    assert window.main.focusWidget() is panel.table


def test_a_model_that_nobody_offers_for_download_leads_to_its_page(panel, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    QTest.mouseClick(card_of(panel, "bioclip-2")[1], Qt.MouseButton.LeftButton)
    assert opened == ["https://huggingface.co/imageomics/bioclip-2"]


def test_the_table_shows_the_models_about_which_all_words_are_said(panel):
    panel.search.setText("sigLIP fashion")
    shown = [item.text(0) for item in panel.table.items if not item.isHidden()]
    assert shown == ["Marqo FashionSigLIP"]
    panel.search.setText("nothing of the kind")
    assert panel.table.current is None
    assert not panel.begin_button.isVisible()
    panel.search.clear()
    assert panel.table.current is not None


def test_a_download_is_seen_in_the_status_line_and_a_failure_said_though_the_panel_is_closed(
    window, hub, panel
):
    hub.faults.append(Fault("text.onnx", rate=20_000))
    press(panel, "far", "Download")
    press_keys(panel, "Escape")
    wait(lambda: window.main.status.text.startswith("Downloading Far colours: "))
    window.main.status.stop()
    wait_until_done(window)
    assert not window.main.status.text.startswith("Downloading")
    hub.faults[:] = [Fault("text.onnx", status=404, method="GET", times=9)]
    library(window).download("far", accept_licence=False)
    wait_until_done(window)
    assert window.message.startswith("Far colours wasn't downloaded. ")
    hub.faults.clear()
    window.answer("Try again")
    wait_until_done(window)
    assert library(window).row("far").info.is_here


def test_the_guide_opens_at_the_page_about_models(window, panel):
    assert panel.isVisible()
    window.menu("Keys")
    wait(lambda: window.main.guide.page == "models" and "Choose a model" in window.main.guide.text)
