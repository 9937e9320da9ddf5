"""Exporting from the window: what it may overwrite, and when it asks."""

import os
import sys

import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QMessageBox

from nameplate.cli.main import run
from nameplate.formats.csv import HEADER
from qt_help import press_button
from window_driver import COLOURS

CONSENTS = pytest.mark.parametrize("overwrite", [False, True])
OWN = ",".join(HEADER).encode() + b"\r\n"


@pytest.fixture
def export(opened):
    """Export to a file and return the message shown."""
    opened.menu("Auto-label all")
    return opened.export


@pytest.fixture
def choose(opened):
    """Choose a file in the real dialog, answering the question whether to replace it."""

    def call(file, answer=None):
        asked = []

        def reply():
            box = QApplication.activeModalWidget()
            if isinstance(box, QMessageBox):
                asked.append(box.text())
                box.button(answer).click()
            else:
                timer.start()

        timer = QTimer(singleShot=True, interval=10)
        timer.timeout.connect(reply)
        opened.main.messages.clear()
        opened.menu("Export CSV…")
        dialog = next(d for d in opened.main.findChildren(QFileDialog) if d.isVisible())
        dialog.selectFile(str(file))
        if answer is not None:
            timer.start()
        press_button(dialog.findChild(QDialogButtonBox), "Save")
        timer.stop()
        if answer == QMessageBox.StandardButton.No:
            dialog.reject()
        return asked

    opened.menu("Auto-label all")
    return call


@CONSENTS
@pytest.mark.parametrize("name", ["red/wide.png", "blue/tall.jpg"])
def test_an_open_picture_is_never_replaced(export, coloured, name, overwrite):
    before = (coloured / name).read_bytes()
    message = export(coloured / name, overwrite=overwrite)
    assert "The labels were not written." in message
    assert "must not be written, since it is a picture" in message
    assert message.endswith("Choose another name.")
    assert (coloured / name).read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
@CONSENTS
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_to_an_open_picture_is_never_written_through(
    export, coloured, tmp_path, link, overwrite
):
    picture = coloured / "red" / "wide.png"
    before = picture.read_bytes()
    link(picture, tmp_path / "out.csv")
    assert "is a picture (PNG)" in export(tmp_path / "out.csv", overwrite=overwrite)
    assert picture.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_a_picture_that_only_its_name_tells_is_known(opened, export, coloured, tmp_path):
    picture = coloured / "strange.tga"
    picture.write_bytes(bytes(100))
    opened.open(picture)
    opened.wait_for_pictures(7)
    os.link(picture, tmp_path / "out.csv")
    assert "is one of the pictures" in export(tmp_path / "out.csv", overwrite=True)
    assert picture.read_bytes() == bytes(100)


@CONSENTS
def test_a_picture_elsewhere_and_a_picture_to_be_are_refused(export, tmp_path, overwrite):
    Image.new("RGB", (9, 9)).save(tmp_path / "photo.csv", "JPEG")
    assert "is a picture (JPEG)" in export(tmp_path / "photo.csv", overwrite=overwrite)
    assert "has the name of a picture" in export(tmp_path / "new.jpg", overwrite=overwrite)
    assert not (tmp_path / "new.jpg").exists()


@CONSENTS
@pytest.mark.parametrize("name", ["new.csv", "tokenizer.json"])
def test_nothing_is_written_into_the_folder_of_the_model(export, tiny_model, name, overwrite):
    before = {path: path.read_bytes() for path in tiny_model.iterdir()}
    message = export(tiny_model / name, overwrite=overwrite)
    assert "lies in the folder of a model" in message
    assert {path: path.read_bytes() for path in tiny_model.iterdir()} == before


def test_an_earlier_csv_is_replaced_and_another_file_only_with_consent(export, tmp_path):
    own, other = tmp_path / "own.csv", tmp_path / "other.csv"
    own.write_bytes(OWN + b"old")
    other.write_bytes(b"name,age\r\n")
    assert "6 rows written" in export(own)
    message = export(other)
    assert "is there already, and is not an automatic labels CSV that Nameplate wrote" in message
    assert message.endswith("Choose another name, or export again and agree to replace it.")
    assert other.read_bytes() == b"name,age\r\n"
    assert "6 rows written" in export(other, overwrite=True)
    assert other.read_bytes() == own.read_bytes()


def test_a_file_that_the_person_agrees_to_lose_in_the_dialog_is_replaced(opened, choose, tmp_path):
    file = tmp_path / "other.csv"
    file.write_bytes(b"name,age\r\n")
    assert len(choose(file, QMessageBox.StandardButton.No)) == 1
    assert file.read_bytes() == b"name,age\r\n"
    assert len(choose(file, QMessageBox.StandardButton.Yes)) == 1
    opened.wait_for_message("6 rows written")
    assert file.read_bytes().startswith(OWN)


def test_agreeing_in_the_dialog_does_not_cost_a_picture(opened, choose, coloured):
    picture = coloured / "red" / "wide.png"
    before = picture.read_bytes()
    assert len(choose(picture, QMessageBox.StandardButton.Yes)) == 1
    opened.wait_for_message("is a picture (PNG)")
    assert picture.read_bytes() == before


def test_a_new_file_is_written_without_a_question(opened, choose, tmp_path):
    assert choose(tmp_path / "new.csv") == []
    opened.wait_for_message("6 rows written")
    assert (tmp_path / "new.csv").read_bytes().startswith(OWN)


def test_a_file_that_comes_after_the_dialog_was_never_agreed_on(opened, choose, tmp_path):
    opened.add("white")  # the export waits until all pictures are scored again
    assert choose(tmp_path / "late.csv") == []
    (tmp_path / "late.csv").write_bytes(b"somebody else's")
    opened.wait_for_message("is there already")
    assert (tmp_path / "late.csv").read_bytes() == b"somebody else's"


def test_the_window_writes_the_same_csv_as_the_command_line(opened, coloured, tiny_model, tmp_path):
    (coloured / "green" / "broken.jpg").write_text("text")
    opened.open(coloured)
    opened.wait_for_pictures(7)
    opened.wait_until_read()
    opened.menu("Auto-label all")
    assert "written" in opened.export(tmp_path / "window.csv", all_scores=True)
    names = [part for name in COLOURS for part in ("--concept", name)]
    run(
        ["label", str(coloured), "--csv", str(tmp_path / "cli.csv"), "--scores", "all"]
        + ["--model", str(tiny_model), *names]
    )
    assert (tmp_path / "window.csv").read_bytes() == (tmp_path / "cli.csv").read_bytes()


def test_an_export_that_fails_says_why_and_keeps_the_labels(opened, tmp_path):
    opened.menu("Auto-label all")
    said = opened.export(tmp_path / "no" / "such" / "o.csv")
    assert said.startswith("The labels were not written.")
    assert "" not in opened.chips()


def test_an_export_asked_for_between_a_rename_and_its_undo_is_written(opened, tmp_path):
    opened.menu("Auto-label all")
    opened.rename("red", "white")
    opened.begin_export(tmp_path / "o.csv")
    opened.menu("Undo")
    opened.wait_for_message("written to")
    assert "red" in (tmp_path / "o.csv").read_text()
