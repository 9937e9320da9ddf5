"""Every step is saved from the first one, and can be continued after the window was closed."""

import os
import threading

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from gui_help import COLOURS, labels_of, wait_until_scored
from nameplate.imaging.scan import ScanBatch
from nameplate.project.autosave import ProjectFile
from nameplate.storage.folders import projects_folder
from nameplate.ui.jobs import scanning


def close(window):
    """Close a window as a person does, and shut it down as the program does."""
    window.close()
    assert not window.isVisible()
    window.shut_down()


def files():
    return sorted(projects_folder().glob("*.nameplate"))


def kept(path):
    """Return the project in a file."""
    file = ProjectFile.open(path)
    file.close()
    return file.project


def test_what_was_done_is_there_again_with_a_click_and_undo_goes_on(qtbot, opened, make_window):
    opened.labelling.auto_label()
    opened.grid.set_current_image(0)
    qtbot.keyClick(opened.grid, Qt.Key.Key_2)
    labelled = labels_of(opened)
    close(opened)

    again = make_window()
    with qtbot.waitSignal(again.files.recent_found, timeout=5000):
        again.files.look_for_recent()
    button = again.empty._recent[0]
    assert button.text().startswith("Go on with pictures: 6 pictures, 1 decided, today at ")
    with qtbot.waitSignal(again.files.opened, timeout=5000):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert again.grid.isVisible()
    assert labels_of(again) == labelled
    assert [concept.name for concept in again.controller.project.concepts] == COLOURS
    assert again.actions_by_id["undo"].text() == "Undo label “green”"
    wait_until_scored(qtbot, again)
    again.controller.undo()
    again.controller.undo()
    assert set(labels_of(again).values()) == {""}
    assert again.grid.current_image_row() == 0
    assert len(files()) == 1


def test_closing_asks_nothing_though_nothing_was_exported(opened):
    opened.labelling.auto_label()
    assert opened.exporting.has_unsaved
    close(opened)
    assert kept(files()[0]).labels.has_label.all()


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
    assert window.windowTitle() == "cats - Nameplate"
    assert len(window.model.order) == 6
    wait_until_scored(qtbot, window)
    window.open_paths([coloured])  # all added already
    qtbot.waitUntil(lambda: "No new pictures" in window.messages.text, timeout=5000)
    assert len(files()) == 1  # of the two red ones


def test_the_picture_that_is_looked_at_is_that_of_the_project_that_was_opened(
    qtbot, opened, make_window, coloured
):
    opened.grid.set_current_image(0)
    close(opened)
    (first,) = files()
    window = make_window()
    qtbot.waitUntil(lambda: window.controller.model is not None, timeout=10_000)
    window.open_paths([coloured / "red"])
    wait = lambda: window.inspection.is_settled  # noqa: E731
    qtbot.waitUntil(lambda: window.controller.project.images.present == 2)
    qtbot.waitUntil(wait)
    shown = []
    show = window.inspector.show_image
    window.inspector.show_image = lambda path, *more: (shown.append(path), show(path, *more))
    with qtbot.waitSignal(window.files.opened, timeout=5000):
        window.open_paths([first])
    qtbot.waitUntil(wait)
    assert shown[-1] == window.controller.project.images.paths[0]
    assert shown[-1].parent.name == "blue"


def test_pictures_of_a_folder_that_is_still_looked_through_stay_out_of_what_is_opened(
    qtbot, opened, make_window, tmp_path, monkeypatch
):
    close(opened)
    (first,) = files()
    window = make_window()
    qtbot.waitUntil(lambda: window.controller.model is not None, timeout=10_000)
    goes_on = threading.Event()

    def slowly(paths, cancel):
        yield ScanBatch((tmp_path / "1.jpg",), ())
        goes_on.wait(5)
        yield ScanBatch(tuple(tmp_path / f"{number}.jpg" for number in range(2, 9)), ())

    monkeypatch.setattr(scanning, "scan", slowly)
    window.open_paths([tmp_path])
    qtbot.waitUntil(lambda: window.controller.project.images.present == 1)
    with qtbot.waitSignal(window.files.opened, timeout=5000):
        window.open_paths([first])
    goes_on.set()
    qtbot.waitUntil(lambda: not window.controller.is_scanning)
    assert window.controller.project.images.present == 6


def test_undoing_a_folder_that_is_still_looked_through_ends_that(
    qtbot, window, tmp_path, monkeypatch
):
    goes_on = threading.Event()

    def slowly(paths, cancel):
        yield ScanBatch((tmp_path / "1.jpg",), ())
        goes_on.wait(5)
        yield ScanBatch((tmp_path / "2.jpg",), ())

    monkeypatch.setattr(scanning, "scan", slowly)
    window.open_paths([tmp_path])
    qtbot.waitUntil(lambda: window.controller.project.images.present == 1)
    window.actions_by_id["undo"].trigger()
    goes_on.set()
    qtbot.waitUntil(lambda: not window.controller.is_scanning)
    assert window.controller.project.images.present == 0
    assert window.empty.isVisible()


def test_a_step_taken_while_another_project_is_opened_is_kept_in_its_own(
    qtbot, opened, make_window
):
    close(opened)
    (first,) = files()
    window = make_window()
    window.edits.add_lines(["one"])
    window.files.open(first)
    window.files.open(first)  # a second click changes nothing
    window.edits.add_lines(["two"])
    with qtbot.waitSignal(window.files.opened, timeout=5000):
        pass
    assert [concept.name for concept in window.controller.project.concepts] == COLOURS
    window.edits.add_lines(["three"])
    close(window)
    names = {tuple(concept.name for concept in kept(path).concepts) for path in files()}
    assert names == {("one", "two"), (*COLOURS, "three")}


def test_a_new_project_is_empty_and_the_one_before_is_kept(qtbot, opened):
    opened.labelling.auto_label()
    opened.actions_by_id["new_project"].trigger()
    assert opened.empty.isVisible()
    assert opened.controller.project.concepts == ()
    assert not opened.actions_by_id["undo"].isEnabled()
    opened.edits.add_lines(["other"])
    close(opened)
    names = [[concept.name for concept in kept(path).concepts] for path in files()]
    assert sorted(names) == sorted([["other"], COLOURS])


def test_a_project_is_saved_where_the_person_wants_and_goes_on_there(
    qtbot, opened, make_window, tmp_path
):
    place = tmp_path / "colours.nameplate"
    with qtbot.waitSignal(opened.files.moved, timeout=5000):
        opened.files.save_as(place)
    assert opened.windowTitle() == "colours - Nameplate"
    opened.labelling.auto_label()
    close(opened)
    assert kept(place).labels.has_label.all()
    assert files() == []

    again = make_window()
    with qtbot.waitSignal(again.files.recent_found, timeout=5000):
        again.files.look_for_recent()
    with qtbot.waitSignal(again.files.opened, timeout=5000):
        qtbot.mouseClick(again.empty._recent[0], Qt.MouseButton.LeftButton)
    assert again.windowTitle() == "colours - Nameplate"


def test_pictures_that_arrive_take_no_question_away_but_an_undo_that_is_no_longer_meant(
    qtbot, opened, tmp_path
):
    def add(name):
        before = opened.controller.project.images.present
        Image.new("RGB", (30, 30), "red").save(tmp_path / name)
        opened.open_paths([tmp_path / name])
        qtbot.waitUntil(lambda: opened.controller.project.images.present > before)

    opened.messages.ask("A question?", answer="Yes", on_answer=lambda: None)
    add("1.png")
    assert opened.messages.text == "A question?"
    assert opened.messages.isVisible()
    wait_until_scored(qtbot, opened)
    opened.messages.hide()
    opened.labelling.auto_label()
    assert "7 pictures labelled" in opened.messages.text
    add("2.png")
    assert "7 pictures labelled" not in opened.messages.text or not opened.messages.isVisible()


def test_a_project_that_is_open_elsewhere_is_said_and_this_one_stays(qtbot, opened, make_window):
    opened.labelling.auto_label()
    qtbot.waitUntil(lambda: bool(files()))
    other = make_window()
    with qtbot.waitSignal(other.files.recent_found, timeout=5000) as found:
        other.files.look_for_recent()
    assert found.args == [[]]
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
    qtbot.waitUntil(lambda: "is not being saved" in window.standing.text, timeout=5000)
    window.open_paths([coloured])
    wait_until_scored(qtbot, window)
    window.labelling.label(window.controller.project.concepts[0].key)
    assert window.standing.isVisible()
    assert not window.files.may_close
    folder.unlink()
    qtbot.waitUntil(lambda: "saved again" in window.messages.text, timeout=10_000)
    assert window.files.may_close
    assert not window.standing.isVisible()
    close(window)
    project = kept(files()[0])
    assert project.images.present == 6
    assert project.labels.has_label.any()


def test_after_undo_and_redo_of_everything_the_keys_label_again(qtbot, opened):
    while opened.controller.project.history.done:
        opened.actions_by_id["undo"].trigger()
    assert opened.empty.isVisible()
    while opened.controller.project.history.undone:
        opened.actions_by_id["redo"].trigger()
    wait_until_scored(qtbot, opened)
    qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_2)
    assert len(opened.controller.project.concepts) == 3
    assert list(labels_of(opened).values()).count("green") == 1


def test_a_project_opens_at_the_first_picture_that_nobody_decided(qtbot, opened, make_window):
    for row in (0, 1):
        opened.grid.set_current_image(row)
        qtbot.keyClick(opened.grid, Qt.Key.Key_1)
    close(opened)
    again = make_window()
    with qtbot.waitSignal(again.files.opened, timeout=5000):
        again.files.open(files()[0])
    assert again.grid.current_image_row() == 2
    assert again.windowTitle() == "blue - Nameplate"


def test_what_is_offered_to_go_on_with_goes_when_something_else_is_begun(
    qtbot, opened, make_window
):
    close(opened)
    again = make_window()
    with qtbot.waitSignal(again.files.recent_found, timeout=5000):
        again.files.look_for_recent()
    assert again.empty._recent[0].isVisible()
    again.edits.add_lines(["other"])
    assert not again.empty._recent[0].isVisible()


def test_a_probability_that_is_typed_is_one_step_and_enter_leads_to_the_pictures(qtbot, opened):
    steps = len(opened.controller.project.history.done)
    box = opened.tools._minimum
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "60")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert opened.controller.project.settings.minimum == 0.6
    assert len(opened.controller.project.history.done) == steps + 1
    assert opened.grid.hasFocus()


def open_in(qtbot, window, path):
    with qtbot.waitSignal(window.files.opened, timeout=5000):
        window.open_paths([path])


def damage(path):
    with path.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * 8192)


def test_a_damaged_project_is_gone_on_with_from_its_last_good_state(
    qtbot, opened, make_window, tmp_path
):
    place = tmp_path / "cats.nameplate"
    with qtbot.waitSignal(opened.files.moved, timeout=5000):
        opened.files.save_as(place)
    opened.labelling.auto_label()
    labelled = labels_of(opened)
    close(opened)
    damage(place)
    damaged = place.read_bytes()

    window = make_window()
    window.open_paths([place])
    qtbot.waitUntil(lambda: "cats.nameplate is damaged" in window.messages.text, timeout=5000)
    with qtbot.waitSignal(window.files.opened, timeout=5000):
        qtbot.mouseClick(window.messages._button, Qt.MouseButton.LeftButton)
    assert labels_of(window) == labelled
    assert "before its file was damaged" in window.standing.text
    assert window.standing.isVisible()
    window.actions_by_id["undo"].trigger()
    close(window)
    assert place.read_bytes() == damaged
    assert len(files()) == 1


def test_a_project_that_is_open_elsewhere_can_be_gone_on_with_as_a_copy(
    qtbot, opened, make_window, tmp_path
):
    place = tmp_path / "cats.nameplate"
    with qtbot.waitSignal(opened.files.moved, timeout=5000):
        opened.files.save_as(place)
    window = make_window()
    window.open_paths([place])
    qtbot.waitUntil(lambda: "open in another window" in window.messages.text, timeout=5000)
    with qtbot.waitSignal(window.files.opened, timeout=5000):
        qtbot.mouseClick(window.messages._button, Qt.MouseButton.LeftButton)
    window.edits.add_lines(["more"])
    assert len(opened.controller.project.concepts) == 3
    assert "a copy of cats.nameplate" in window.standing.text
    with qtbot.waitSignal(window.files.moved, timeout=5000):
        window.files.save_as(tmp_path / "copy.nameplate")
    assert not window.standing.isVisible()


def test_a_project_that_cannot_be_written_is_worked_on_in_a_copy(
    qtbot, opened, make_window, tmp_path, monkeypatch
):
    place = tmp_path / "cats.nameplate"
    with qtbot.waitSignal(opened.files.moved, timeout=5000):
        opened.files.save_as(place)
    close(opened)
    before = place.read_bytes()
    monkeypatch.setattr(os, "access", lambda path, _mode: path != place)  # root may write it all
    window = make_window()
    open_in(qtbot, window, place)
    assert "cats.nameplate is read-only" in window.standing.text
    window.edits.add_lines(["more"])
    close(window)
    assert place.read_bytes() == before
    assert [len(kept(path).concepts) for path in files()] == [4]


def test_a_file_that_could_not_be_opened_leaves_the_project_kept_and_its_trouble_told(
    qtbot, opened, tmp_path
):
    (tmp_path / "no.nameplate").write_text("hello")
    opened.open_paths([tmp_path / "no.nameplate"])
    qtbot.waitUntil(lambda: "not a Nameplate project" in opened.messages.text, timeout=5000)
    (path,) = files()
    path.rename(tmp_path / "gone")
    opened.labelling.auto_label()
    qtbot.waitUntil(lambda: "is not being saved" in opened.standing.text, timeout=5000)
    (tmp_path / "gone").rename(path)
    qtbot.waitUntil(lambda: not opened.standing.isVisible(), timeout=10_000)


def test_projects_of_before_are_in_the_menu_the_damaged_ones_too(
    qtbot, opened, make_window, tmp_path
):
    place = tmp_path / "cats & dogs.nameplate"
    with qtbot.waitSignal(opened.files.moved, timeout=5000):
        opened.files.save_as(place)
    close(opened)
    damage(place)
    window = make_window()
    with qtbot.waitSignal(window.files.recent_found, timeout=5000):
        window.files.look_for_recent()
    (entry,) = window.recent.actions()
    assert entry.text() == "cats && dogs: its file is damaged"
    entry.trigger()
    qtbot.waitUntil(lambda: "Its last good state" in window.messages.text, timeout=5000)
