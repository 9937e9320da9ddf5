"""Pictures that are not where they were are told, and found again with their labels."""

import pytest
from PySide6.QtCore import Qt

from gui_help import labels_of, wait_until_scored


@pytest.fixture
def labelled(qtbot, opened):
    """The window with six pictures that are labelled, and undo at hand."""
    opened.labelling.auto_label()
    return opened


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def reopened(qtbot, window, make_window):
    """Close a window, open its project in another, and return that."""
    path = window.files._file.path
    window.close()
    window.shut_down()
    again = make_window()
    with qtbot.waitSignal(again.files.opened, timeout=5000):
        again.files.open(path)
    return again


def dialog_of(qtbot, window):
    click(qtbot, window.messages._button)
    assert window.missing.dialog.isVisible()
    return window.missing.dialog


def test_a_folder_that_was_renamed_is_told_and_found_with_its_labels(
    qtbot, labelled, make_window, coloured
):
    names = sorted(labels_of(labelled).items())
    moved = coloured.rename(coloured.with_name("elsewhere"))
    window = reopened(qtbot, labelled, make_window)
    qtbot.waitUntil(lambda: "6 of 6 pictures are not where" in window.messages.text, timeout=5000)
    dialog = dialog_of(qtbot, window)
    assert not dialog._use.isEnabled()
    dialog.look_in(moved.parent)
    qtbot.waitUntil(dialog._use.isEnabled, timeout=5000)
    assert "6 pictures found" in dialog.text
    click(qtbot, dialog._use)
    assert not dialog.isVisible()
    wait_until_scored(qtbot, window)
    assert sorted(labels_of(window).items()) == names
    images = window.controller.project.images
    assert all(path.exists() for path in images.paths)
    assert not images.reasons
    window.actions_by_id["undo"].trigger()
    assert not any(path.exists() for path in images.paths)
    assert window.actions_by_id["redo"].text() == "Redo find 6 pictures"


def test_a_picture_that_was_renamed_is_found_by_what_it_shows(
    qtbot, labelled, make_window, coloured
):
    first = labelled.controller.project.images.paths[0]
    first.rename(first.with_name("new name.png"))
    window = reopened(qtbot, labelled, make_window)
    qtbot.waitUntil(lambda: "1 of 6 pictures is not where" in window.messages.text, timeout=5000)
    dialog = dialog_of(qtbot, window)
    dialog.look_in(coloured)
    qtbot.waitUntil(dialog._use.isEnabled, timeout=5000)
    assert "1 picture found, 1 of them under another name" in dialog.text
    click(qtbot, dialog._use)
    assert window.controller.project.images.paths[0].name == "new name.png"


def test_pictures_that_are_nowhere_can_be_taken_out_of_the_project(
    qtbot, labelled, make_window, coloured, tmp_path
):
    for path in labelled.controller.project.images.paths[:2]:
        path.unlink()
    window = reopened(qtbot, labelled, make_window)
    qtbot.waitUntil(lambda: "2 of 6 pictures are not where" in window.messages.text, timeout=5000)
    dialog = dialog_of(qtbot, window)
    dialog.look_in(coloured)
    qtbot.waitUntil(lambda: "None of them is there" in dialog.text, timeout=5000)
    click(qtbot, dialog._take_out)
    assert not dialog.isVisible()
    assert window.controller.project.images.present == 4
    assert len(window.model.order) == 4
    window.actions_by_id["undo"].trigger()
    assert window.controller.project.images.present == 6


def test_where_nothing_is_missing_that_is_said_when_asked_and_not_else(
    qtbot, labelled, make_window
):
    window = reopened(qtbot, labelled, make_window)
    qtbot.wait(200)
    assert "not where" not in window.messages.text
    window.actions_by_id["find_missing"].trigger()
    qtbot.waitUntil(lambda: "All pictures are where" in window.messages.text, timeout=5000)
