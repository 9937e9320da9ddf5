import time

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from gui_help import COLOURS, label_ids, labels_of, tile_in, wait_until_scored
from heif_help import INNER, OWN, Item, heif
from nameplate.cli.main import run
from nameplate.domain.errors import ModelError
from nameplate.domain.images import ImageState
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.domain.progress import CancelledError
from nameplate.domain.views import Show, Sort, View
from nameplate.ui import controller
from nameplate.ui.grid.tile_model import TileKind
from nameplate.ui.inspector.picture import PictureView
from nameplate.ui.jobs import scanning

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def box(window):
    return window.panel.findChild(QLineEdit)


def test_an_empty_window_invites_and_shows_no_grid(window):
    assert window.empty.isVisible()
    assert not window.grid.isVisible()
    assert not window.actions_by_id["auto_label"].isEnabled()
    assert not window.actions_by_id["export"].isEnabled()
    assert "CPU" in window.status.model_text


def test_dropping_files_and_nested_folders_adds_their_pictures_once(qtbot, window, coloured):
    data = QMimeData()
    data.setUrls(
        [
            QUrl.fromLocalFile(str(coloured)),
            QUrl.fromLocalFile(str(coloured / "red" / "wide.png")),
            QUrl("https://example.org/not-local.png"),
        ]
    )
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, buttons, keys)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(QPointF(50, 50), copy, data, buttons, keys))
    qtbot.waitUntil(lambda: len(window.controller.project.images) == 6)
    wait_until_scored(qtbot, window)
    assert window.grid.isVisible()
    assert window.model.rowCount() == 6


def test_typing_a_name_and_enter_adds_it_and_waits_for_the_next(qtbot, window, box):
    window.panel.focus_name_box()
    qtbot.keyClicks(box, "red | scarlet")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.keyClicks(box, "blue")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    names = [(c.name, c.synonyms) for c in window.controller.project.concepts]
    assert names == [("red", ("scarlet",)), ("blue", ())]
    assert box.text() == ""


@pytest.mark.parametrize("line", ["RED", "x" * 500])
def test_a_name_that_cannot_be_used_is_said_and_stays_in_the_box(qtbot, window, box, line):
    window.edits.add_lines(["red"])
    box.setText(line)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert len(window.controller.project.concepts) == 1
    assert box.text() == line
    message = " ".join(label.text() for label in window.panel.findChildren(QLabel))
    assert "is there already" in message or "500 letters" in message


def test_while_a_name_is_typed_the_bars_of_the_selected_picture_answer(qtbot, opened, box):
    opened.grid.set_current_image(0)
    seen = []
    opened.controller.preview_changed.connect(seen.append)
    qtbot.keyClicks(box, "white")
    qtbot.waitUntil(lambda: bool(seen and seen[-1]), timeout=5000)
    assert [c.name for c in seen[-1].concepts] == [*COLOURS, "white"]
    assert [c.name for c in opened.controller.project.concepts] == COLOURS
    box.clear()
    qtbot.waitUntil(lambda: seen[-1] is None, timeout=5000)


def test_auto_label_labels_every_picture_rightly_and_can_be_undone(opened):
    opened.actions_by_id["auto_label"].trigger()
    assert all(path.split("/")[0] == label for path, label in labels_of(opened).items())
    assert "6 pictures labelled" in opened.messages.text
    opened.actions_by_id["undo"].trigger()
    assert set(labels_of(opened).values()) == {""}
    opened.actions_by_id["redo"].trigger()
    assert "" not in labels_of(opened).values()


def test_a_minimum_probability_leaves_weak_suggestions_without_a_label(qtbot, opened):
    opened.edits.add_lines(["grey", "black", "white"])
    wait_until_scored(qtbot, opened)
    weakest = float(np.min(opened.controller.suggestions.probability))
    opened.tools.minimum_changed.emit(weakest + 1e-4)
    opened.labelling.auto_label()
    labels = label_ids(opened)
    assert NO_CONCEPT in labels.tolist()
    assert TileKind.UNSURE in {tile_in(opened, r).kind for r in range(6)}


def test_the_window_writes_the_same_csv_as_the_command_line(
    qtbot, opened, coloured, tiny_model, tmp_path
):
    (coloured / "green" / "broken.jpg").write_text("text")
    opened.open_paths([coloured])
    qtbot.waitUntil(lambda: len(opened.controller.project.images) == 7)
    wait_until_scored(qtbot, opened)
    opened.labelling.auto_label()
    with qtbot.waitSignal(opened.exporting.written, timeout=10_000):
        opened.exporting.write(tmp_path / "window.csv", all_scores=True)
    names = [part for name in COLOURS for part in ("--concept", name)]
    run(
        ["label", str(coloured), "--csv", str(tmp_path / "cli.csv"), "--scores", "all"]
        + ["--model", str(tiny_model), *names]
    )
    assert (tmp_path / "window.csv").read_bytes() == (tmp_path / "cli.csv").read_bytes()


def test_an_export_that_fails_says_why_and_keeps_the_labels(qtbot, opened, tmp_path):
    opened.labelling.auto_label()
    opened.exporting.write(tmp_path / "no" / "such" / "o.csv", all_scores=False)
    qtbot.waitUntil(lambda: "not written" in opened.messages.text, timeout=5000)
    assert opened.exporting.has_unsaved
    assert "" not in labels_of(opened).values()


def test_keys_label_accept_take_back_and_skip_then_go_on(qtbot, opened):
    opened.grid.setFocus()
    opened.grid.set_current_image(0)
    labels = opened.controller.project.labels
    qtbot.keyClick(opened.grid, Qt.Key.Key_2)
    assert labels.members(0) == (opened.controller.project.concepts[1].key,)
    assert labels.states[0] == ReviewState.CORRECTED
    assert opened.grid.current_image_row() == 1
    qtbot.keyClick(opened.grid, Qt.Key.Key_Return)
    assert labels.states[1] == ReviewState.ACCEPTED
    qtbot.keyClick(opened.grid, Qt.Key.Key_X)
    assert labels.states[2] == ReviewState.SKIPPED
    opened.grid.set_current_image(0)
    qtbot.keyClick(opened.grid, Qt.Key.Key_Backspace)
    assert labels.states[0] == ReviewState.UNLABELLED


def test_digits_typed_into_the_name_box_label_nothing(qtbot, opened, box):
    opened.panel.focus_name_box()
    qtbot.keyClicks(box, "12 x")
    assert box.text() == "12 x"
    assert not opened.controller.project.labels.decided_by.any()


def test_auto_label_never_touches_a_persons_label(opened):
    opened.grid.set_current_image(0)
    key = opened.controller.project.concepts[2].key
    opened.labelling.label(key)
    opened.grid.selectAll()
    opened.labelling.auto_label_selected()
    labels = opened.controller.project.labels
    assert labels.members(0) == (key,)
    assert labels.decided_by[0] == DecidedBy.PERSON


def test_deleting_a_concept_takes_its_labels_and_undo_brings_both_back(qtbot, opened):
    opened.labelling.auto_label()
    before = labels_of(opened)
    red = opened.controller.project.concepts[0].key
    opened.panel.remove_requested.emit([red])
    wait_until_scored(qtbot, opened)
    assert "red" not in labels_of(opened).values()
    opened.controller.undo()
    assert labels_of(opened) == before
    assert [c.name for c in opened.controller.project.concepts] == COLOURS


def test_a_new_concept_never_gets_the_key_of_a_deleted_one(opened):
    last = opened.controller.project.concepts[-1].key
    opened.panel.remove_requested.emit([last])
    opened.edits.add_lines(["white"])
    assert opened.controller.project.concepts[-1].key > last


def test_rename_colour_order_and_reject_are_undoable(qtbot, opened):
    key = opened.controller.project.concepts[0].key
    opened.panel.rename_requested.emit(key, "scarlet | red")
    opened.panel.colour_requested.emit(key, "#123456")
    opened.panel.move_requested.emit(key, 2)
    opened.panel.reject_toggled.emit(key, True)
    concept = opened.controller.project.concepts[2]
    assert (concept.name, concept.is_reject) == ("scarlet", True)
    wait_until_scored(qtbot, opened)
    opened.labelling.auto_label()
    assert labels_of(opened)["red/wide.png"] == ""
    assert tile_in(opened, 4).kind == TileKind.REJECTED
    for _ in range(5):
        opened.controller.undo()
    assert [c.name for c in opened.controller.project.concepts] == COLOURS


def test_unreadable_files_are_listed_with_reasons_and_the_rest_goes_on(qtbot, window, coloured):
    (coloured / "red" / "empty.jpg").touch()
    window.open_paths([coloured, coloured / "missing.jpg"])
    window.edits.add_lines(COLOURS)
    wait_until_scored(qtbot, window)
    window.status_presenter.toggle_problems()
    window.problems.findChild(QPushButton).click()
    copied = QApplication.clipboard().text().splitlines()
    shown = dict(line.split("\t") for line in copied)
    assert {path.rsplit("/", 1)[-1] for path in shown} == {"empty.jpg", "missing.jpg"}
    assert all(shown.values())
    assert int(np.sum(window.controller.project.images.states == ImageState.READY)) == 6


def test_a_folder_without_pictures_is_said(qtbot, window, tmp_path):
    (tmp_path / "nothing").mkdir()
    window.open_paths([tmp_path / "nothing"])
    qtbot.waitUntil(lambda: "No new pictures" in window.messages.text, timeout=5000)
    assert window.empty.isVisible()


def test_a_model_that_cannot_be_used_is_said_and_the_window_stays(qtbot, make_window, tmp_path):
    window = make_window(tmp_path / "no-model")
    qtbot.waitUntil(lambda: "cannot be used" in window.messages.text, timeout=10_000)
    assert window.status.model_text == "No model"
    window.edits.add_lines(["red"])
    assert len(window.controller.project.concepts) == 1


@pytest.mark.usefixtures("slow_model")
def test_reading_can_be_stopped_and_goes_on_later(qtbot, window, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    noise = Image.effect_noise((900, 900), 90).convert("RGB")
    for number in range(60):
        noise.save(folder / f"{number:03}.png", compress_level=0)
    window.open_paths([folder])
    qtbot.waitUntil(lambda: window.controller.is_reading, timeout=5000)
    window.status_presenter.stop()
    qtbot.waitUntil(lambda: not window.controller.is_reading, timeout=10_000)
    assert len(window.controller.project.images.waiting_rows()) > 0
    assert "Cancelled" in window.status.text
    window.controller.resume()
    qtbot.waitUntil(
        lambda: (
            len(window.controller.project.images) == 60
            and not window.controller.project.images.waiting
        ),
        timeout=20_000,
    )


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(show=Show.UNREADABLE), 0),
        (View(show=Show.UNLABELLED), 0),
        (View(show=Show.TO_CHECK), 6),
        (View(Sort.LEAST_SURE), 6),
        (View(concept=0), 2),
    ],
)
def test_views_show_what_they_say(opened, view, expected):
    opened.labelling.auto_label()
    opened.set_view(view)
    assert opened.model.rowCount() == expected


def test_light_and_dark_can_be_chosen(qtbot, window):
    def lightness():
        return window.palette().color(QPalette.ColorRole.Window).lightness()

    window.actions_by_id["look_dark"].trigger()
    qtbot.waitUntil(lambda: lightness() < 100)
    window.actions_by_id["look_light"].trigger()
    qtbot.waitUntil(lambda: lightness() > 200)


def test_every_action_has_a_menu_entry_and_no_key_is_given_twice(window):
    texts = [
        action.text()
        for menu in window.menuBar().actions()
        for action in menu.menu().actions()
        if not action.isSeparator()
    ]
    assert len(texts) == len(set(texts))
    keys = [
        key.toString()
        for action in window.findChildren(type(window.actions_by_id["undo"]))
        for key in action.shortcuts()
        if action in window.actions() or action in window.grid.actions()
    ]
    assert len(keys) == len(set(keys))


def test_the_window_can_be_small(window):
    window.resize(800, 500)
    assert window.width() <= 960


def test_escape_in_the_empty_name_box_goes_to_the_pictures(qtbot, opened, box):
    opened.activateWindow()
    opened.panel.focus_name_box()
    box.setText("half a na")
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == ""
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert opened.grid.hasFocus()


@pytest.mark.parametrize(
    ("key", "is_left_to_the_window"), [("Ctrl+E", True), ("Ctrl+Z", True), ("Ctrl+V", False)]
)
def test_the_name_box_leaves_the_windows_keys_to_the_window(box, key, is_left_to_the_window):
    combination = QKeySequence(key)[0]
    event = QKeyEvent(
        QEvent.Type.ShortcutOverride, combination.key(), combination.keyboardModifiers()
    )
    event.ignore()
    QApplication.sendEvent(box, event)
    assert event.isAccepted() != is_left_to_the_window


def keys_of(window):
    return [c.key for c in window.controller.project.concepts]


def test_auto_label_right_after_a_rename_waits_for_the_new_names(qtbot, opened):
    red = keys_of(opened)[0]
    opened.panel.rename_requested.emit(red, "white")
    opened.actions_by_id["auto_label"].trigger()
    assert not opened.controller.project.labels.decided_by.any()
    labels = opened.controller.project.labels
    qtbot.waitUntil(lambda: bool(labels.decided_by.any()), timeout=10_000)
    assert opened.controller.is_current
    suggested = opened.controller.suggestions.suggested.tolist()
    assert label_ids(opened).tolist() == suggested


def test_no_label_is_ever_of_a_concept_that_is_gone(qtbot, opened):
    opened.panel.remove_requested.emit([keys_of(opened)[2]])
    opened.grid.selectAll()
    opened.labelling.accept()
    opened.edits.add_lines(["black"])
    opened.labelling.auto_label()
    wait_until_scored(qtbot, opened)
    assert set(label_ids(opened).tolist()) <= {
        *keys_of(opened),
        NO_CONCEPT,
    }


def test_an_export_asked_for_between_a_rename_and_its_undo_is_written(qtbot, opened, tmp_path):
    opened.labelling.auto_label()
    opened.panel.rename_requested.emit(keys_of(opened)[0], "white")
    with qtbot.waitSignal(opened.exporting.written, timeout=10_000):
        opened.exporting.write(tmp_path / "o.csv", all_scores=False)
        opened.controller.undo()
    assert "red" in (tmp_path / "o.csv").read_text()


def test_a_rename_after_an_export_is_not_saved_yet(qtbot, opened, tmp_path):
    opened.labelling.auto_label()
    with qtbot.waitSignal(opened.exporting.written, timeout=10_000):
        opened.exporting.write(tmp_path / "o.csv", all_scores=False)
    assert not opened.exporting.has_unsaved
    opened.panel.rename_requested.emit(keys_of(opened)[0], "scarlet")
    assert opened.exporting.has_unsaved


def test_a_scan_that_was_stopped_goes_on_where_it_was(qtbot, window, tmp_path, monkeypatch):
    for number in range(1500):
        (tmp_path / f"{number:04}.png").touch()
    scan, scans = scanning.scan, []

    def scan_that_waits_to_be_stopped(paths, *, cancel):
        scans.append(paths)
        for batch in scan(paths, cancel=cancel):
            yield batch
            while len(scans) == 1 and not cancel.is_cancelled:
                time.sleep(0.005)

    monkeypatch.setattr(scanning, "scan", scan_that_waits_to_be_stopped)
    window.open_paths([tmp_path])
    qtbot.waitUntil(lambda: len(window.controller.project.images) > 0, timeout=5000)
    window.status_presenter.stop()
    qtbot.waitUntil(lambda: not window.controller.is_scanning, timeout=5000)
    qtbot.waitUntil(lambda: "Cancelled" in window.status.text)
    window.controller.resume()
    qtbot.waitUntil(
        lambda: (
            len(window.controller.project.images) == 1500
            and not window.controller.project.images.waiting
        ),
        timeout=20_000,
    )


def test_dropping_the_same_folder_again_after_a_stop_goes_on_reading(qtbot, window, coloured):
    window.open_paths([coloured])
    qtbot.waitUntil(lambda: len(window.controller.project.images) == 6)
    window.status_presenter.stop()
    window.open_paths([coloured])
    qtbot.waitUntil(lambda: not window.controller.project.images.waiting, timeout=10_000)


def test_reading_that_was_cancelled_before_it_began_goes_on_with_the_next_drop(
    qtbot, window, coloured, monkeypatch
):
    real, calls = controller.embed_with_cache, []

    def cancelled_first(*arguments, cancel, **more):
        calls.append(cancel)
        if len(calls) > 1:
            yield from real(*arguments, cancel=cancel, **more)
            return
        while not cancel.is_cancelled:
            time.sleep(0.01)
        raise CancelledError

    monkeypatch.setattr(controller, "embed_with_cache", cancelled_first)
    window.open_paths([coloured])
    qtbot.waitUntil(lambda: bool(calls) and not window.controller.is_scanning)
    window.status_presenter.stop()
    window.open_paths([coloured])
    qtbot.waitUntil(lambda: not window.controller.project.images.waiting, timeout=10_000)
    assert "stopped" not in window.messages.text


def test_new_pictures_do_not_take_the_keys_away_from_what_has_them(qtbot, opened, tmp_path):
    opened.activateWindow()
    opened.set_view(View(Sort.LEAST_SURE))
    opened.grid.setFocus()
    Image.new("RGB", (30, 30), "red").save(tmp_path / "one-more.png")
    opened.open_paths([tmp_path / "one-more.png"])
    qtbot.waitUntil(lambda: len(opened.controller.project.images) == 7)
    assert opened.grid.hasFocus()


def test_a_reading_that_fails_says_so_and_can_go_on(qtbot, window, coloured, monkeypatch):
    encoder = window.controller.model.image
    encode = encoder.encode

    def broken(_batch, _cancel):
        raise ModelError("model-could-not-run", why="the graph fails")

    monkeypatch.setattr(encoder, "encode", broken)
    window.open_paths([coloured])
    qtbot.waitUntil(lambda: "the graph fails" in window.messages.text, timeout=10_000)
    qtbot.waitUntil(lambda: "not read" in window.status.text)
    monkeypatch.setattr(encoder, "encode", encode)
    window.controller.resume()
    qtbot.waitUntil(lambda: not window.controller.project.images.waiting, timeout=10_000)


def test_what_the_model_sees_is_one_switch_in_the_menu_and_in_the_inspector(opened):
    action = opened.actions_by_id["show_crop"]
    opened.inspector.crop_toggled.emit(True)
    assert action.isChecked()
    action.trigger()
    assert not action.isChecked()


def test_only_one_look_is_chosen_and_it_is_remembered(qtbot, make_window):
    first = make_window()
    first.actions_by_id["look_dark"].trigger()
    looks = ("look_system", "look_light", "look_dark")
    assert [first.actions_by_id[name].isChecked() for name in looks] == [False, False, True]
    second = make_window()
    assert second.actions_by_id["look_dark"].isChecked()
    second.actions_by_id["look_light"].trigger()


def test_an_unreadable_picture_gets_no_label(qtbot, opened, coloured):
    (coloured / "zzz.jpg").touch()
    opened.open_paths([coloured])
    qtbot.waitUntil(lambda: bool(opened.controller.project.images.reasons), timeout=5000)
    opened.grid.selectAll()
    opened.labelling.label(keys_of(opened)[0])
    row = next(iter(opened.controller.project.images.reasons))
    assert label_ids(opened)[row] == NO_CONCEPT
    assert opened.controller.project.counts() == {keys_of(opened)[0]: 6}


def test_the_large_picture_is_never_the_thumbnail_inside_the_file(qtbot, window, tmp_path):
    def shows(widget, colour):
        image = widget.grab().toImage().scaled(60, 60)
        seen = [image.pixelColor(x, y).getRgb()[:3] for x in range(60) for y in range(60)]
        return any(max(abs(a - b) for a, b in zip(colour, one, strict=True)) < 8 for one in seen)

    file = tmp_path / "phone.heic"
    file.write_bytes(heif(Item("own-640x480"), Item("inner-320x240")))
    window.open_paths([file])
    picture = window.inspector.findChild(PictureView)
    qtbot.waitUntil(lambda: shows(window.grid, INNER[0]), timeout=15_000)
    window.grid.selectAll()
    qtbot.waitUntil(lambda: shows(picture, OWN[0]), timeout=15_000)
    assert not shows(picture, INNER[0])


def test_a_filter_that_hides_all_says_so_and_leads_back(qtbot, opened):
    opened.tools.view_changed.emit(View(show=Show.CHECKED))
    assert opened.nothing.isVisible()
    opened.nothing.show_all_requested.emit()
    opened.set_view(View())
    assert opened.grid.isVisible()
    opened.grid.setFocus()
    qtbot.keyClick(opened.grid, Qt.Key.Key_1)
    assert opened.controller.project.counts() == {keys_of(opened)[0]: 1}


def test_undo_goes_back_to_the_picture_it_changed(opened):
    opened.grid.set_current_image(2)
    opened.labelling.label(keys_of(opened)[0])
    assert opened.grid.current_image_row() == 3
    opened.controller.undo()
    assert opened.grid.current_image_row() == 2


def test_sorting_begins_at_the_first_picture(opened):
    opened.grid.set_current_image(5)
    opened.set_view(View(Sort.LEAST_SURE))
    assert opened.grid.current_image_row() == int(opened.model.order[0])


def test_all_parts_of_the_window_turn_dark_together(qtbot, opened):
    opened.actions_by_id["look_dark"].trigger()
    parts = (opened.panel, opened.grid, opened.inspector, opened.tools, opened.status)
    window = QPalette.ColorRole.Window
    qtbot.waitUntil(lambda: all(p.palette().color(window).lightness() < 100 for p in parts))
    opened.actions_by_id["look_light"].trigger()
    qtbot.waitUntil(lambda: all(p.palette().color(window).lightness() > 200 for p in parts))


def test_one_name_alone_shows_no_percentage(qtbot, window, coloured):
    window.open_paths([coloured])
    window.edits.add_lines(["red"])
    wait_until_scored(qtbot, window)
    assert tile_in(window, 0).probability is None
    window.edits.add_lines(["blue"])
    wait_until_scored(qtbot, window)
    assert tile_in(window, 0).probability is not None


def test_the_status_counts_what_is_shown_and_selected(qtbot, opened):
    opened.grid.selectAll()
    assert "6 selected" in opened.status.text
    opened.set_view(View(concept=keys_of(opened)[0]))
    assert "2 of 6 pictures shown" in opened.status.text


@pytest.mark.usefixtures("slow_model")
def test_pictures_read_after_an_auto_labelling_are_offered_for_it(qtbot, opened, coloured):
    for number in range(40):
        Image.new("RGB", (700, 700), (250, number, 0)).save(coloured / f"late{number:02}.png")
    opened.open_paths([coloured])
    qtbot.waitUntil(lambda: len(opened.controller.project.images) == 46)
    assert len(opened.controller.project.images.waiting_rows()) > 0
    opened.labelling.auto_label()
    qtbot.waitUntil(lambda: "read since have no label" in opened.messages.text, timeout=20_000)
    opened.labelling.auto_label()
    assert opened.controller.project.counts().get(keys_of(opened)[0], 0) >= 40


def test_a_name_longer_than_the_model_reads_is_said(qtbot, window):
    window.edits.add_lines(["red"])
    window.edits.add_lines([" ".join(["very"] * 38) + " red"])
    message = " ".join(label.text() for label in window.panel.findChildren(QLabel))
    assert "longer than the model reads" in message


def test_adding_a_folder_can_be_undone_and_done_again(qtbot, opened):
    opened.labelling.auto_label()
    labelled = labels_of(opened)
    opened.controller.undo()
    opened.controller.undo()
    assert opened.actions_by_id["redo"].text() == "Redo add 6 pictures"
    assert not opened.grid.isVisible()
    assert opened.empty.isVisible()
    for _ in range(2):
        opened.controller.redo()
    assert opened.grid.isVisible()
    assert len(opened.model.order) == 6
    wait_until_scored(qtbot, opened)
    assert labels_of(opened) == labelled


def test_the_least_probability_and_the_sentences_can_be_undone(qtbot, opened):
    before = opened.controller.template_set
    box, other = opened.templates._box, opened.templates._sets[-1]
    assert other != before
    opened.tools._minimum.setValue(40)
    opened.templates.chosen.emit(other)
    assert opened.controller.template_set == other
    assert opened.actions_by_id["undo"].text() == f"Undo read as “{other.title[:30]}”"
    opened.controller.undo()
    assert opened.controller.template_set == before
    assert box.currentText() == before.title
    assert opened.actions_by_id["undo"].text() == "Undo at least 40%"
    opened.controller.undo()
    assert opened.tools._minimum.value() == 0
    assert opened.controller.project.settings.minimum == 0
