"""Keywords are written into pictures from the window, put back, and kept."""

import os
import threading

import pytest

from features.keywords.driver import Keywords
from features.keywords.tools import killed_after, needs_scripts, stand_in
from nameplate.features.exchange.formats.xmp_packet import read_keywords
from nameplate.features.keywords.backup import backups_of
from nameplate.features.keywords.jpeg import jpeg_of
from nameplate.storage.caches.embedding_cache import default_folder
from nameplate.storage.folders import projects_folder
from qt_help import wait

pytestmark = needs_scripts


@pytest.fixture(autouse=True)
def exiftool(tmp_path, monkeypatch):
    """A program on the path that does what ExifTool does."""
    monkeypatch.setenv("PATH", str(stand_in(tmp_path / "bin").parent), prepend=os.pathsep)


@pytest.fixture
def labelled(opened):
    """The window with three JPEG and three other files, all labelled by the person."""
    opened.press("Ctrl+A")
    opened.press("Enter")
    wait(lambda: all(opened.labels().values()))
    return opened


def contents(folder):
    return {path.parent.name: path.read_bytes() for path in sorted(folder.rglob("*.jpg"))}


def keywords(folder):
    found = {name: jpeg_of(content).packet for name, content in contents(folder).items()}
    return {name: read_keywords(packet).subjects for name, packet in found.items() if packet}


def test_it_says_how_many_files_change_and_that_they_can_be_put_back(labelled):
    panel = Keywords(labelled)
    panel.open()
    assert "Your labels become keywords in 3 JPEG files." in panel.says
    assert "These files are changed;" in panel.says
    assert "3 labelled pictures aren't JPEGs" in panel.says
    assert sorted(panel.keywords) == [("blue", "1"), ("green", "1"), ("red", "1")]
    assert panel.offers("Write into 3 pictures")
    assert not panel.offers("Put back")


def test_until_it_knows_what_there_is_to_do_it_says_that_it_looks_and_offers_nothing(
    labelled, tmp_path
):
    stand_in(tmp_path / "bin", "slow")
    panel = Keywords(labelled)
    panel.begin_to_open()
    assert (panel.is_doing, panel.says, panel.shown) == ("Looking…", "", [])
    (tmp_path / "bin" / "go").touch()
    panel.wait_until_settled()
    found = ["Also labels you haven't checked", "Write into 3 pictures", "table"]
    assert (panel.is_doing, panel.shown) == ("", found)


def test_nothing_is_written_by_labels_that_were_changed_since_it_looked(
    labelled, coloured, monkeypatch
):
    panel, looks = Keywords(labelled), threading.Event()
    panel.open()

    def late(identity):
        looks.wait(30)
        return backups_of(identity)

    monkeypatch.setattr("nameplate.features.keywords.panel.backups_of", late)
    labelled.rename("red", "other")
    panel.begin("Write into 3 pictures")
    looks.set()
    panel.wait_until_settled()
    assert not keywords(coloured)
    panel.press("Write into 3 pictures")
    assert keywords(coloured)["red"] == ("other",)


def test_the_cache_is_looked_for_on_another_thread_than_the_window_s(labelled, monkeypatch):
    panel, threads, stat = Keywords(labelled), set(), os.stat
    panel.open()

    def noted(path, **options):
        if not isinstance(path, int) and os.fsdecode(path).startswith(str(default_folder())):
            threads.add(threading.current_thread())
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", noted)
    panel.press("Write into 3 pictures")
    assert threads
    assert threading.main_thread() not in threads


def test_labels_that_nobody_checked_are_left_unless_they_are_asked_for(opened, coloured):
    opened.menu("Auto-label all")
    panel = Keywords(opened)
    panel.open()
    assert "No JPEG file has a label that you checked" in panel.says
    panel.take_unchecked_too()
    panel.press("Write into 3 pictures")
    assert keywords(coloured) == {name: (name,) for name in ("red", "green", "blue")}


def test_written_keywords_are_put_back_from_the_message(labelled, coloured):
    before = contents(coloured)
    panel = Keywords(labelled)
    panel.open()
    panel.press("Write into 3 pictures")
    labelled.wait_for_message("Keywords written into 3 pictures.")
    assert not panel.is_open
    assert keywords(coloured) == {name: (name,) for name in ("red", "green", "blue")}
    assert not labelled.project.images.changed
    assert "write keywords into 3 pictures" in labelled.menu_entry("Undo").text()
    labelled.answer("Put back")
    labelled.wait_for_message("3 pictures are as they were before.")
    assert contents(coloured) == before
    assert "write keywords" not in labelled.menu_entry("Undo").text()
    assert not labelled.project.images.changed


def test_kept_pictures_stay_and_the_backup_goes(labelled, coloured):
    panel = Keywords(labelled)
    panel.open()
    panel.press("Write into 3 pictures")
    written = contents(coloured)
    assert backups_of(labelled.project.identity)
    panel.open()
    assert "Keywords were written into 3 pictures and can be put back." in panel.says
    panel.press("Keep")
    labelled.wait_for_message("The pictures stay as they are now.")
    assert not backups_of(labelled.project.identity)
    assert not panel.offers("Put back")
    assert contents(coloured) == written


def test_keep_is_about_what_was_written_last_alone(labelled):
    panel = Keywords(labelled)
    panel.open()
    panel.press("Write into 3 pictures")
    (first,) = backups_of(labelled.project.identity)
    labelled.rename("red", "other")
    panel.open()
    panel.press("Write into 3 pictures")
    labelled.wait_for_message("Keywords written into 1 picture.")
    assert len(backups_of(labelled.project.identity)) == 2
    panel.open()
    panel.press("Keep")
    assert [one.path for one in backups_of(labelled.project.identity)] == [first.path]
    assert panel.offers("Put back")


def test_a_damaged_backup_can_be_kept_and_writing_goes_on(labelled, coloured):
    panel = Keywords(labelled)
    panel.open()
    panel.press("Write into 3 pictures")
    (backup,) = backups_of(labelled.project.identity)
    backup.path.write_bytes(b"damaged\n")
    panel.open()
    assert panel.offers("Write into 3 pictures")
    panel.press("Keep")
    labelled.wait_for_message("The pictures stay as they are now.")
    assert not backups_of(labelled.project.identity)


def test_nothing_is_kept_while_pictures_are_written(labelled, tmp_path):
    panel = Keywords(labelled)
    panel.open()
    panel.press("Write into 3 pictures")
    labelled.wait_for_message("Keywords written into 3 pictures.")
    stand_in(tmp_path / "bin", "hangs")
    labelled.rename("red", "other")
    panel.open()
    panel.begin("Write into 3 pictures")
    wait((tmp_path / "bin" / "begun").exists)
    panel.keep()
    panel.press("Cancel")
    assert len(backups_of(labelled.project.identity)) == 1


def test_undo_asks_before_it_touches_files(labelled, coloured):
    before = contents(coloured)
    panel = Keywords(labelled)
    panel.open()
    panel.press("Write into 3 pictures")
    written = contents(coloured)
    labelled.menu("Undo")
    labelled.wait_for_message("Undone in the project. Put the pictures back, too?")
    assert contents(coloured) == written
    labelled.answer("Put back")
    labelled.wait_for_message("3 pictures are as they were before.")
    assert contents(coloured) == before


def test_one_that_was_edited_since_is_not_put_back_and_is_named(labelled, coloured):
    panel = Keywords(labelled)
    panel.open()
    panel.press("Write into 3 pictures")
    edited = coloured / "red" / "tall.jpg"
    edited.write_bytes(edited.read_bytes() + b"x")
    panel.open()
    panel.press("Put back")
    labelled.wait_for_message("2 pictures are as they were before.")
    assert "tall.jpg: changed by another program since" in labelled.message
    assert panel.offers("Put back")


def test_without_exiftool_it_says_where_to_get_it(labelled, coloured, tmp_path, monkeypatch):
    monkeypatch.setattr("nameplate.features.keywords.exiftool._USUAL", ())
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    panel = Keywords(labelled)
    panel.open()
    assert "ExifTool, which writes keywords into pictures, isn't installed" in panel.says
    assert not panel.offers("Write into 3 pictures")
    panel.close()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    panel.open()
    assert panel.offers("Write into 3 pictures")


def test_exiftool_is_asked_once_for_its_version_whatever_changes(labelled, tmp_path):
    panel = Keywords(labelled)
    panel.open()
    panel.take_unchecked_too()
    labelled.rename("red", "other")
    panel.wait_until_settled()
    assert ("other", "1") in panel.keywords
    panel.close()
    panel.open()
    assert (tmp_path / "bin" / "asked").read_text() == "asked\n"


def test_a_kill_while_pictures_were_written_is_told_once_when_the_project_is_opened(
    labelled, coloured, make_window, tmp_path
):
    identity, file = labelled.project.identity, tmp_path / "p.nameplate"
    labelled.save_and_close(file)
    before, steps = contents(coloured), 12
    while contents(coloured) == before:
        assert killed_after(file, steps)
        steps += 1
    window = make_window()
    window.wait_until_loaded()
    window.go_on_with(file)
    window.wait_for_message("Writing keywords was interrupted.")
    window.answer("Show")
    panel = Keywords(window)
    panel.wait_until_settled()
    assert "can be put back" in panel.says
    assert backups_of(identity)
    window.close()
    again = make_window()
    again.wait_until_loaded()
    again.go_on_with(file)
    again.wait_until_read()
    again.wait_until_nothing_waits()
    assert "interrupted" not in again.message


def test_nothing_is_told_of_pictures_that_were_written_to_the_end(labelled, make_window, tmp_path):
    panel = Keywords(labelled)
    panel.open()
    panel.press("Write into 3 pictures")
    labelled.save_and_close(tmp_path / "p.nameplate")
    window = make_window()
    window.wait_until_loaded()
    window.go_on_with(tmp_path / "p.nameplate")
    window.wait_until_read()
    window.wait_until_nothing_waits()
    assert "interrupted" not in window.message


def test_a_project_that_was_closed_meanwhile_knows_its_pictures(labelled, coloured, make_window):
    panel = Keywords(labelled)
    panel.open()
    record = labelled.project.record_contents
    labelled.project.record_contents = lambda *_, **_named: None  # as if it had been killed
    panel.press("Write into 3 pictures")
    labelled.project.record_contents = record
    labelled.close()
    (path,) = projects_folder().glob("*.nameplate")
    window = make_window()
    window.wait_until_loaded()
    window.open_project(path)
    window.wait_until_read()
    window.wait_until_nothing_waits()
    assert len(keywords(coloured)) == 3
    wait(lambda: not window.project.images.changed)
    assert not window.unreadable()
