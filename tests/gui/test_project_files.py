"""What a person does is kept from the first step on, and goes on after the window was closed."""

import os

import pytest
from PySide6.QtCore import Qt

from gui_help import COLOURS, labels_of, wait_until_rated
from nameplate.project.autosave import ProjectFile
from nameplate.storage.folders import projects_folder


def close(window):
    """Close a window as a person does, and end its work as the program does."""
    window.close()
    assert not window.isVisible()
    window.shut_down()


def files():
    return sorted(projects_folder().glob("*.nameplate"))


def test_what_was_done_is_there_again_with_a_click_and_undo_goes_on(qtbot, opened, make_window):
    opened.labelling.auto_label()
    opened.grid.set_current_image(0)
    qtbot.keyClick(opened.grid, Qt.Key.Key_2)
    labelled = labels_of(opened)
    close(opened)

    again = make_window()
    with qtbot.waitSignal(again.files.last_found, timeout=5000):
        again.files.look_for_last()
    button = again.empty._last
    assert button.text() == "Go on with pictures: 6 pictures, 1 decided"
    with qtbot.waitSignal(again.files.opened, timeout=5000):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert again.grid.isVisible()
    assert labels_of(again) == labelled
    assert [concept.name for concept in again.controller.project.concepts] == COLOURS
    assert again.actions_by_id["undo"].text() == "Undo label “green”"
    wait_until_rated(qtbot, again)
    again.controller.undo()
    again.controller.undo()
    assert set(labels_of(again).values()) == {""}
    assert again.grid.current_image_row() == 0
    assert len(files()) == 1


def test_closing_asks_nothing_though_nothing_was_exported(opened):
    opened.labelling.auto_label()
    assert opened.exporting.has_unsaved
    close(opened)
    project = ProjectFile.open(files()[0])
    assert project.project.labels.has_label.all()
    project.close()


def test_a_window_in_which_nothing_was_done_leaves_no_file(window):
    close(window)
    assert files() == []


def test_a_project_is_opened_by_its_path_and_another_one_after_it(
    qtbot, opened, make_window, tmp_path, coloured
):
    opened.labelling.auto_label()
    close(opened)
    moved = files()[0].rename(tmp_path / "cats.nameplate")

    window = make_window()
    qtbot.waitUntil(lambda: window.controller.model is not None, timeout=10_000)
    window.open_paths([coloured / "red"])
    qtbot.waitUntil(lambda: window.controller.project.images.present == 2)
    with qtbot.waitSignal(window.files.opened, timeout=5000):
        window.open_paths([moved])
    assert window.windowTitle() == "cats"
    assert len(window.model.order) == 6
    wait_until_rated(qtbot, window)
    window.open_paths([coloured])  # all there already
    qtbot.waitUntil(lambda: "No new pictures" in window.messages.text, timeout=5000)
    assert len(files()) == 1  # of the two red ones


def test_a_project_that_is_open_elsewhere_is_said_and_this_one_stays(qtbot, opened, make_window):
    opened.labelling.auto_label()
    qtbot.waitUntil(lambda: bool(files()))
    other = make_window()
    other.open_paths(files())
    qtbot.waitUntil(lambda: "is open in another window" in other.messages.text, timeout=5000)
    assert other.empty.isVisible()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="a file of POSIX stands in the way")
def test_where_nothing_can_be_saved_work_goes_on_and_is_saved_when_it_can_be(
    qtbot, isolated_home, make_window, coloured
):
    folder = projects_folder()
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    window = make_window()
    qtbot.waitUntil(lambda: window.controller.model is not None, timeout=10_000)
    window.edits.add_lines(COLOURS)
    qtbot.waitUntil(lambda: "is not being saved" in window.messages.text, timeout=5000)
    window.open_paths([coloured])
    wait_until_rated(qtbot, window)
    window.labelling.label(window.controller.project.concepts[0].key)
    assert "is not being saved" in window.messages.text
    assert not window.files.may_close
    folder.unlink()
    qtbot.waitUntil(lambda: "saved again" in window.messages.text, timeout=10_000)
    assert window.files.may_close
    close(window)
    project = ProjectFile.open(files()[0])
    assert project.project.images.present == 6
    assert project.project.labels.has_label.any()
    project.close()
