"""Pictures dragged out, copied and pasted; projects and tables dropped on the window."""

import threading
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from drivers.base import called
from nameplate.domain.changes import Settings
from nameplate.project.file import store
from nameplate.project.project import Project
from nameplate.storage.folders import projects_folder
from nameplate.ui.opening import opener
from qt_help import wait


def clipboard():
    return QApplication.clipboard()


@pytest.fixture(autouse=True)
def clean_clipboard(qapp):
    clipboard().clear()
    yield
    clipboard().clear()


@pytest.fixture
def other(coloured, tmp_path):
    """Another project, of the red pictures."""
    project = Project(Settings())
    project.add_images(project.to_add(sorted((coloured / "red").iterdir())))
    file = tmp_path / "other.nameplate"
    store.close(store.create(file, project))
    return file


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("path,label\n")
    return file


# ---- out


def test_selected_pictures_are_dragged_out_as_copies_of_their_files(opened):
    opened.menu("Select all")
    data = opened.drag_out("green/wide.png")
    assert [called(opened.project.images.paths[row]) for row in range(6)] == [
        f"{url.path().split('/')[-2]}/{url.fileName()}" for url in data.urls()
    ]
    # A drag that comes back adds nothing.
    steps = len(opened.project.history.done)
    opened.drop(*opened.project.images.paths)
    wait(lambda: not opened.is_looking_for_pictures)
    assert len(opened.project.history.done) == steps


def test_copied_pictures_are_files_for_a_file_manager_and_paths_for_a_text(opened):
    opened.select("green/wide.png")
    opened.main.grid.setFocus()
    opened.press("Ctrl+C")
    path = next(p for p in opened.project.images.paths if called(p) == "green/wide.png")
    data = clipboard().mimeData()
    assert [Path(url.toLocalFile()) for url in data.urls()] == [path]
    assert data.text() == str(path)
    copied = data.data("x-special/gnome-copied-files").data()
    assert copied == b"copy\n" + QUrl.fromLocalFile(str(path)).toEncoded().data()
    assert opened.message == "1 file copied."
    opened.main.grid.clearSelection()
    assert not opened.offers("Copy files")


# ---- in


def copy_picture(colour, width=40, height=30):
    """Put a picture that is no file on the clipboard."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    clipboard().setImage(image)


def test_pasted_files_are_added_and_of_anything_else_it_is_said(window, coloured):
    clipboard().setText("words")
    window.menu("Paste pictures")
    assert window.message == "The clipboard has no picture and no file to paste."
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(coloured / "red"))])
    clipboard().setMimeData(data)
    window.menu("Paste pictures")
    window.wait_for_pictures(2)


def test_a_pasted_picture_is_kept_as_a_png_and_said(window):
    copy_picture("#c81e0a")
    window.menu("Paste pictures")
    window.wait_for_message("1 pasted picture saved as PNG in ")
    assert window.project.images.present == 1
    (kept,) = (projects_folder() / "Pasted").iterdir()
    assert window.project.images.paths[0] == kept
    with Image.open(kept) as read:
        assert read.format == "PNG"
        assert read.size == (40, 30)
        assert read.convert("RGB").getpixel((5, 5)) == (200, 30, 10)
    window.menu("Undo")
    assert not window.project.images.present
    assert kept.exists()


def test_two_pictures_pasted_at_once_are_both_kept(window):
    for colour in ("red", "blue"):
        copy_picture(colour, 900, 900)
        window.menu("Paste pictures")
    window.wait_for_pictures(2)


def test_a_folder_that_cannot_be_made_is_said(window):
    projects_folder().mkdir(parents=True, exist_ok=True)
    (projects_folder() / "Pasted").write_text("in the way")
    copy_picture("red")
    window.menu("Paste pictures")
    window.wait_for_message("Can't paste the picture.")
    assert not window.project.images.present


def test_paste_in_the_name_box_types_names(opened):
    clipboard().setText("yellow")
    opened.main.panel.focus_name_box()
    opened.press("Ctrl+V")
    assert opened.typed == "yellow"


# ---- projects and tables


def test_a_project_dropped_on_an_empty_window_is_opened(window, other):
    window.drop(other)
    window.wait_for_pictures(2)
    assert window.title.startswith("other")


def test_a_project_dropped_on_an_open_one_is_opened_after_asking(opened, other):
    opened.drop(other)
    assert opened.message.startswith("“other.nameplate” is a project.")
    assert opened.project.images.present == 6
    opened.answer("Open it")
    opened.wait_for_pictures(2)


def test_a_question_about_what_was_dropped_goes_with_the_project(opened, other):
    opened.drop(other)
    assert "is a project" in opened.message
    opened.menu("New project")
    wait(lambda: not opened.message)


def test_of_several_things_the_pictures_are_added_and_the_rest_is_said(
    window, coloured, other, table
):
    window.drop(coloured / "green", other, table)
    window.wait_for_pictures(2)
    window.wait_for_message("“other.nameplate” and 1 more weren't opened")


def test_files_over_the_window_are_accepted_and_text_is_not(window):
    data = QMimeData()
    data.setText("words")
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, left, none)
    enter.ignore()
    QTest.qWait(1)
    window.main.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_what_is_still_looked_at_when_another_project_is_begun_stays_out_of_that(
    opened, coloured, tmp_path, monkeypatch
):
    gate = threading.Event()
    monkeypatch.setattr(opener, "looks_like_a_model", lambda _path: not gate.wait(10))
    later = tmp_path / "later.png"
    Image.new("RGB", (30, 30), "red").save(tmp_path / "now.png")
    Image.new("RGB", (30, 30), "red").save(later)
    opened.drop(tmp_path / "now.png")
    opened.menu("New project")
    opened.drop(later)
    gate.set()
    opened.wait_for_pictures(1)
    opened.wait_until_nothing_waits()
    assert [path.name for path in opened.project.images.paths] == ["later.png"]
