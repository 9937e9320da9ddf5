"""Pictures that are not where they were are told, and found again with their labels."""

import shutil
import threading

import pytest

from features.relink.driver import Missing
from nameplate.features.relink import dialog
from nameplate.storage.folders import projects_folder
from qt_help import button_in, heard, wait


@pytest.fixture
def reopened(opened, make_window):
    """Return a function that labels and closes the project, and opens it after `work` was done."""

    def reopen(work=lambda: None):
        opened.menu("Auto-label all")
        opened.close()
        work()
        (path,) = projects_folder().glob("*.nameplate")
        window = make_window()
        window.wait_until_loaded()
        window.open_project(path)
        return window

    return reopen


def test_a_folder_that_was_renamed_is_told_and_found_with_its_labels(opened, reopened, coloured):
    opened.menu("Auto-label all")
    labels, moved = opened.labels(), coloured.with_name("elsewhere")
    window = reopened(lambda: coloured.rename(moved))
    window.wait_for_message("Missing pictures: 6 of 6.")
    wait(lambda: window.tiles()["blue/tall.jpg"].note == "file not found (blue)")
    window.answer("Find them")
    assert Missing(window).look_in(moved.parent) == "6 pictures found."
    assert Missing(window).rows == [
        (str(coloured / name), str(moved / name), "2") for name in ("blue", "green", "red")
    ]
    assert [path.parent.parent for path in window.project.images.paths] == [coloured] * 6
    Missing(window).answer("Use these")
    assert Missing(window).dialog is None
    assert "Missing pictures" not in window.message
    window.wait_until_read()
    assert window.labels() == labels
    paths = window.project.images.paths
    assert [path.parent.parent for path in paths] == [moved] * 6
    assert not window.unreadable()
    wait(lambda: window.main.inspector.is_settled)
    assert not window.picture.picture_rect().isEmpty()
    window.menu("Undo find 6 pictures")
    assert [path.parent.parent for path in paths] == [coloured] * 6
    window.menu("Redo find 6 pictures")
    window.wait_until_read()


def test_a_picture_that_was_renamed_is_found_by_what_it_shows(reopened, coloured):
    old, new = coloured / "blue" / "tall.jpg", coloured / "blue" / "new name.jpg"
    window = reopened(lambda: old.rename(new))
    window.wait_for_message("Missing pictures: 1 of 6.")
    window.answer("Find them")
    said = Missing(window).look_in(coloured)
    assert said == "1 picture found, 1 renamed."
    assert Missing(window).rows[-1] == ("    tall.jpg", "    new name.jpg", "")
    Missing(window).answer("Use these")
    assert window.pictures()[0] == "blue/new name.jpg"
    assert window.chips()[0] == "blue"


def test_what_may_be_in_one_of_several_folders_is_shown_and_not_taken(reopened, coloured):
    one, two = coloured.with_name("one"), coloured.with_name("two")

    def copy():
        coloured.rename(one)
        shutil.copytree(one, two)

    window = reopened(copy)
    window.wait_for_message("Missing pictures: 6 of 6.")
    window.answer("Find them")
    said = Missing(window).look_in(coloured.parent)
    assert said == "6 are in several folders, left out. Look in one of them."
    assert Missing(window).rows[0][0] == str(coloured / "blue" / "tall.jpg")
    assert not button_in(Missing(window).dialog, "Use these").isEnabled()
    assert Missing(window).look_in(two) == "6 pictures found."


def test_pictures_that_are_nowhere_can_be_taken_out_of_the_project(reopened, coloured):
    def delete():
        for name in ("blue/tall.jpg", "red/wide.png"):
            (coloured / name).unlink()

    window = reopened(delete)
    window.wait_for_message("Missing pictures: 2 of 6.")
    window.answer("Find them")
    assert "None found there" in Missing(window).look_in(coloured)
    assert "Undo brings everything back." in Missing(window).loss
    Missing(window).answer("Remove 2 from the project")
    wait(lambda: Missing(window).dialog is None)
    window.wait_for_message("2 pictures removed from the project.")
    assert len(window.pictures()) == 4
    window.menu("Undo remove 2 pictures")
    assert len(window.pictures()) == 6


def test_where_nothing_is_missing_that_is_said_when_asked_and_not_else(reopened):
    window = reopened()
    window.wait_until_read()
    assert "missing" not in window.message
    window.menu("Find missing files")
    window.wait_for_message("No pictures are missing")


def test_another_project_is_opened_while_pictures_are_looked_for(reopened, coloured):
    window = reopened(lambda: coloured.rename(coloured.with_name("elsewhere")))
    window.wait_for_message("Missing pictures")
    window.answer("Find them")
    Missing(window).dialog.look_in(coloured.parent)
    window.menu("New project")
    assert Missing(window).dialog is None
    assert window.is_inviting
    with heard(window.main.files.opened):
        window.open(*projects_folder().glob("*.nameplate"))
    window.wait_for_message("Missing pictures: 6 of 6.")


def test_a_search_that_a_drive_holds_up_does_not_hold_up_the_window(
    reopened, coloured, monkeypatch
):
    free, is_over = threading.Event(), threading.Event()

    def held(*_args):
        free.wait(10)
        is_over.set()
        yield from ()

    monkeypatch.setattr(dialog, "search", held)
    window = reopened(lambda: coloured.rename(coloured.with_name("elsewhere")))
    window.menu("Find missing files")
    wait(lambda: Missing(window).dialog)
    Missing(window).dialog.look_in(coloured.parent)
    Missing(window).dialog.close()
    window.menu("Find missing files")
    wait(lambda: Missing(window).dialog)
    assert not is_over.is_set()
    free.set()
