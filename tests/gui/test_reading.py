"""Pictures in the window: found, read, stopped, gone on with."""

import time

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QUrl

from heif.files import INNER, OWN, Item, heif
from nameplate.domain.errors import ModelError
from nameplate.domain.filtering.views import Sort
from nameplate.domain.images import ImageState
from nameplate.domain.progress import CancelledError
from nameplate.ui.jobs import reading
from nameplate.ui.tiles.model import TileKind
from qt_help import wait
from tiny_model import DESCRIBED, build_tiny_model
from window_driver import COLOURS
from window_fixtures import read_in


def test_dropping_files_and_nested_folders_adds_their_pictures_once(window, coloured):
    elsewhere = QUrl("https://example.org/not-local.png")
    window.drop(coloured, coloured / "red" / "wide.png", elsewhere)
    window.wait_for_pictures(6)
    window.wait_until_read()
    assert window.shows_pictures
    assert len(window.pictures()) == len(set(window.pictures())) == 6


def test_unreadable_files_are_listed_with_reasons_and_the_rest_goes_on(window, coloured):
    (coloured / "red" / "empty.jpg").touch()
    window.open(coloured, coloured / "missing.jpg")
    window.add(*COLOURS)
    window.wait_until_read()
    shown = window.unreadable()
    assert set(shown) == {"red/empty.jpg", "pictures/missing.jpg"}
    assert all(shown.values())
    kinds = [tile.kind for tile in window.tiles().values()]
    assert sorted(kinds, key=str) == [TileKind.SUGGESTED] * 6 + [TileKind.UNREADABLE]


def test_what_could_not_be_read_is_said_no_longer_than_it_is_so(window, coloured, tmp_path):
    (coloured / "red" / "empty.jpg").touch()
    window.open(coloured)
    window.add(*COLOURS)
    window.wait_until_read()
    wait(lambda: "1 unreadable" in window.problems_text)
    window.menu("Unreadable files")
    window.select("red/empty.jpg")
    window.menu("Remove from the project")
    wait(lambda: not window.problems_text)
    assert not window.main.problems.isVisible()


def test_what_was_not_found_is_forgotten_when_it_is_there(window, coloured):
    late = coloured / "late.png"
    window.open(coloured, late)
    window.wait_until_read()
    wait(lambda: "1 not added" in window.problems_text)
    Image.new("RGB", (30, 30)).save(late)
    window.open(late)
    wait(lambda: not window.problems_text)


def test_a_folder_without_pictures_is_said(window, tmp_path):
    (tmp_path / "nothing").mkdir()
    for act in (window.open, window.drop):
        window.main.messages.clear()
        act(tmp_path / "nothing")
        window.wait_for_message("No pictures found.")
        assert window.is_inviting


@pytest.mark.usefixtures("slow_model")
def test_reading_can_be_stopped_and_goes_on_later(window, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        Image.new("RGB", (9, 9), (number, 0, 0)).save(folder / f"{number:03}.png")
    window.open(folder)
    wait(lambda: window.is_reading)
    window.menu("Cancel reading")
    wait(lambda: not window.is_reading)
    assert window.project.images.waiting > 0
    assert "Cancelled" in window.status
    window.menu("Go on reading")
    window.wait_for_pictures(60)
    window.wait_until_nothing_waits()


def test_a_scan_that_was_stopped_goes_on_where_it_was(window, tmp_path, monkeypatch):
    for number in range(600):
        (tmp_path / f"{number:04}.png").touch()
    scan, scans = reading.scan, []

    def scan_that_waits_to_be_stopped(paths, *, cancel):
        scans.append(paths)
        for batch in scan(paths, cancel=cancel):
            yield batch
            while len(scans) == 1 and not cancel.is_cancelled:
                time.sleep(0.005)

    monkeypatch.setattr(reading, "scan", scan_that_waits_to_be_stopped)
    window.open(tmp_path)
    wait(window.pictures)
    window.menu("Cancel reading")
    wait(lambda: not window.is_looking_for_pictures)
    wait(lambda: "Cancelled" in window.status)
    assert len(window.pictures()) < 600
    window.menu("Go on reading")
    window.wait_for_pictures(600)
    window.wait_until_nothing_waits()


def test_dropping_the_same_folder_again_after_a_stop_goes_on_reading(window, coloured):
    window.open(coloured)
    window.wait_for_pictures(6)
    window.menu("Cancel reading")
    window.open(coloured)
    window.wait_until_nothing_waits()


def test_reading_that_was_cancelled_before_it_began_goes_on_with_the_next_drop(
    window, coloured, monkeypatch
):
    real, calls = reading.embed_with_cache, []

    def cancelled_first(*arguments, cancel, **more):
        calls.append(cancel)
        if len(calls) > 1:
            yield from real(*arguments, cancel=cancel, **more)
            return
        while not cancel.is_cancelled:
            time.sleep(0.01)
        raise CancelledError

    monkeypatch.setattr(reading, "embed_with_cache", cancelled_first)
    window.open(coloured)
    wait(lambda: bool(calls) and not window.is_looking_for_pictures)
    window.menu("Cancel reading")
    window.open(coloured)
    window.wait_until_nothing_waits()
    assert "stopped" not in window.message


def test_new_pictures_do_not_take_the_keys_away_from_what_has_them(opened, tmp_path):
    opened.look_at(sort=Sort.PROBABILITY)
    opened.menu("Go to the pictures")
    Image.new("RGB", (30, 30), "red").save(tmp_path / "one-more.png")
    opened.open(tmp_path / "one-more.png")
    opened.wait_for_pictures(7)
    assert opened.has_focus_on_pictures


def test_a_reading_that_fails_says_so_and_can_go_on(window, coloured, monkeypatch):
    encoder = window.model.image
    encode = encoder.vectors

    def broken(_batch, _cancel):
        raise ModelError("the graph fails")

    monkeypatch.setattr(encoder, "vectors", broken)
    window.open(coloured)
    window.wait_for_message("the graph fails")
    wait(lambda: "not read" in window.status)
    monkeypatch.setattr(encoder, "vectors", encode)
    window.menu("Go on reading")
    window.wait_until_nothing_waits()
    assert (window.project.images.states == ImageState.READY).all()


def test_the_large_picture_is_never_the_thumbnail_inside_the_file(window, tmp_path):
    def shows(widget, colour):
        image = widget.grab().toImage().scaled(60, 60)
        seen = [image.pixelColor(x, y).getRgb()[:3] for x in range(60) for y in range(60)]
        return any(max(abs(a - b) for a, b in zip(colour, one, strict=True)) < 8 for one in seen)

    file = tmp_path / "phone.heic"
    file.write_bytes(heif(Item("own-640x480"), Item("inner-320x240")))
    window.open(file)
    wait(lambda: shows(window.main.grid, INNER[0]))
    window.menu("Select all")
    wait(lambda: shows(window.picture, OWN[0]))
    assert not shows(window.picture, INNER[0])


def test_adding_a_folder_can_be_undone_and_done_again(opened):
    opened.menu("Auto-label all")
    labelled = opened.labels()
    opened.menu("Undo")
    opened.menu("Undo")
    assert opened.menu_entry("Redo").text() == "Redo add 6 pictures"
    assert not opened.shows_pictures
    assert opened.is_inviting
    opened.menu("Redo")
    opened.menu("Redo")
    assert opened.shows_pictures
    assert len(opened.pictures()) == 6
    opened.wait_until_read()
    assert opened.labels() == labelled


def test_the_list_of_unreadable_files_is_that_of_the_project_that_is_open(window, tmp_path):
    for folder in ("before", "after"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.jpg").touch()
    window.open(tmp_path / "before")
    window.wait_until_read()
    window.menu("Unreadable files")
    wait(lambda: "before.jpg" in window.problems_list)
    window.menu("New project")
    assert not window.problems_list
    window.open(tmp_path / "after")
    window.wait_until_read()
    window.menu("Unreadable files")
    wait(lambda: "after.jpg" in window.problems_list)
    assert "before.jpg" not in window.problems_list


def test_pictures_of_which_a_cache_has_embeddings_alone_show_at_once_and_are_completed_behind(
    make_window, coloured, tiny_model, tmp_path
):
    before = make_window(tiny_model)
    read_in(before, coloured, "red", "green", "blue")
    embeddings = before.project.images.embeddings

    window = make_window(build_tiny_model(tmp_path / "described", descriptors=DESCRIBED))
    window.wait_until_loaded()
    read_in(window, coloured, "red", "green", "blue")
    images = window.project.images
    assert not images.waiting
    wait(images.is_described.all)
    assert images.undescribed_rows().tolist() == []
    np.testing.assert_array_equal(images.embeddings, embeddings)
    assert np.isfinite(images.vectors_of(np.arange(6)).descriptors).all()
    assert not window.main.reading.is_reading
