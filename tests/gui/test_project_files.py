"""Every step is saved from the first one, and can be continued after the window was closed."""

import os
import shutil
import threading
import time
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QRect, QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox, QPushButton

from hostile_projects import execute
from nameplate.domain.changes import Settings
from nameplate.domain.filtering.views import Sort
from nameplate.imaging.scan import ScanBatch
from nameplate.project.file import store
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.project import Project
from nameplate.storage.folders import projects_folder
from nameplate.ui.app import know_recent
from nameplate.ui.jobs import reading
from nameplate.ui.opening import project_files
from nameplate.ui.opening.project_opening import NamesOfProjects
from nameplate.ui.widgets.message_bar import CANCEL
from qt_help import button_in, heard, press_button, press_keys, wait
from window_driver import COLOURS

in_use = pytest.mark.skipif(os.name == "nt", reason="Windows renames no file that is open")


def files():
    return sorted(projects_folder().glob("*.nameplate"))


def kept(path):
    """Return the project in a file."""
    file = ProjectFile.open(path)
    file.close()
    return file.project


def test_what_was_done_is_there_again_with_a_click_and_undo_goes_on(opened, make_window):
    opened.menu("Auto-label all")
    opened.select(0)
    opened.press("2")
    labelled = opened.labels()
    opened.close()  # which asks nothing, though nothing was exported

    again = make_window()
    offer = again.offered_to_go_on()
    assert offer.startswith("Go on with pictures: 1 of 6 checked, today at ")
    again.go_on_with_last()
    assert again.shows_pictures
    assert again.labels() == labelled
    assert again.names() == COLOURS
    assert again.menu_entry("Undo").text() == "Undo label “green”"
    again.wait_until_loaded()
    again.wait_until_read()
    again.menu("Undo")
    again.menu("Undo")
    assert again.chips() == [""] * 6
    assert again.current() == again.pictures()[0]
    assert len(files()) == 1


def test_a_window_in_which_nothing_was_done_leaves_no_file(window):
    window.close()
    assert files() == []


def test_a_project_is_opened_by_its_path_and_another_one_after_it(
    opened, make_window, tmp_path, coloured
):
    opened.menu("Auto-label all")
    opened.close()
    moved = files()[0].rename(tmp_path / "cats.nameplate")

    window = make_window()
    window.wait_until_loaded()
    window.open(coloured / "red")
    window.wait_for_pictures(2)
    window.open_project(moved)
    assert window.title == "cats - Nameplate"
    assert len(window.pictures()) == 6
    window.wait_until_read()
    window.open(coloured)  # all added already
    window.wait_for_message("Nothing new: 6 pictures already in the project.")
    assert len(files()) == 1  # of the two red ones


def test_a_project_with_another_ending_is_known_by_its_content_and_another_file_is_no_project(
    opened, make_window, tmp_path
):
    opened.close()
    moved = files()[0].rename(tmp_path / "cats.backup")
    window = make_window()
    window.wait_until_loaded()
    window.open_project(moved)
    assert window.names() == COLOURS
    assert len(window.pictures()) == 6
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    window.open(notes)
    window.wait_for_pictures(7)  # unreadable, and shown with the reason


def test_the_picture_that_is_looked_at_is_that_of_the_project_that_was_opened(
    opened, make_window, coloured
):
    def colour_of_large_picture(window):
        wait(lambda: window.main.inspector.is_settled)
        image = window.picture.grab().toImage()
        return image.pixelColor(window.picture.picture_rect().center()).getRgb()[:3]

    opened.select("blue/tall.jpg")
    opened.close()
    (first,) = files()
    window = make_window()
    window.wait_until_loaded()
    window.open(coloured / "red")
    window.wait_for_pictures(2)
    red, _, blue = colour_of_large_picture(window)
    assert (red > 200, blue < 50) == (True, True)
    window.open_project(first)
    assert window.current() == "blue/tall.jpg"
    red, _, blue = colour_of_large_picture(window)
    assert (blue > 200, red < 50) == (True, True)


@pytest.fixture
def goes_on(tmp_path, monkeypatch):
    """Let more than the first picture of a folder be found once this is set."""
    gate = threading.Event()

    def slowly(paths, cancel):
        yield ScanBatch((tmp_path / "1.jpg",), ())
        gate.wait(5)
        yield ScanBatch(tuple(tmp_path / f"{number}.jpg" for number in range(2, 9)), ())

    monkeypatch.setattr(reading, "scan", slowly)
    return gate


def test_pictures_of_a_folder_that_is_still_looked_through_stay_out_of_what_is_opened(
    opened, make_window, tmp_path, goes_on
):
    opened.close()
    (first,) = files()
    window = make_window()
    window.wait_until_loaded()
    window.open(tmp_path)
    window.wait_for_pictures(1)
    window.open_project(first)
    goes_on.set()
    wait(lambda: not window.is_looking_for_pictures)
    assert len(window.pictures()) == window.project.images.present == 6


def test_undoing_a_folder_that_is_still_looked_through_ends_that(window, tmp_path, goes_on):
    window.open(tmp_path)
    window.wait_for_pictures(1)
    window.menu("Undo")
    goes_on.set()
    wait(lambda: not window.is_looking_for_pictures)
    assert window.project.images.present == 0
    assert window.is_inviting


def test_a_step_taken_while_another_project_is_opened_is_kept_in_its_own(opened, make_window):
    opened.close()
    (first,) = files()
    window = make_window()
    window.add("one")
    with heard(window.main.files.opened):
        window.open(first)
        window.open(first)  # a second click changes nothing
        window.add("two")
    assert window.names() == COLOURS
    window.add("three")
    window.close()
    names = {tuple(concept.name for concept in kept(path).concepts) for path in files()}
    assert names == {("one", "two"), (*COLOURS, "three")}


def test_a_new_project_is_empty_and_the_one_before_is_kept(opened):
    opened.menu("Auto-label all")
    opened.menu("New project")
    assert opened.is_inviting
    assert opened.names() == []
    assert not opened.offers("Undo")
    opened.add("other")
    opened.close()
    names = [[concept.name for concept in kept(path).concepts] for path in files()]
    assert sorted(names) == sorted([["other"], COLOURS])


def test_a_project_is_saved_where_the_person_wants_and_goes_on_there(opened, make_window, tmp_path):
    place = tmp_path / "colours.nameplate"
    opened.save_as(place)
    assert opened.title == "colours - Nameplate"
    opened.menu("Auto-label all")
    opened.close()
    assert kept(place).labels.has_label.all()
    assert files() == []

    again = make_window()
    again.offered_to_go_on()
    again.go_on_with_last()
    assert again.title == "colours - Nameplate"


def test_pictures_that_arrive_take_no_question_away_but_an_undo_that_is_no_longer_meant(
    opened, tmp_path
):
    def add(name):
        before = opened.project.images.present
        Image.new("RGB", (30, 30), "red").save(tmp_path / name)
        opened.open(tmp_path / name)
        opened.wait_for_pictures(before + 1)

    opened.main.messages.ask("A question?", ("Yes", lambda: None), CANCEL)
    add("1.png")
    assert opened.message == "A question?"
    opened.wait_until_read()
    opened.answer("Yes")
    opened.menu("Auto-label all")
    assert "7 pictures labelled" in opened.message
    add("2.png")
    assert "7 pictures labelled" not in opened.message


def test_the_project_that_was_just_left_is_offered_to_go_back_to(opened, monkeypatch):
    opened.menu("Auto-label all")
    close = ProjectFile.close

    def close_slowly(file, *patience):
        time.sleep(0.3)
        return close(file, *patience)

    monkeypatch.setattr(ProjectFile, "close", close_slowly)
    opened.menu("New project")
    wait(lambda: not opened.main.jobs.is_running("recent"))
    assert [entry.split(":")[0] for entry in opened.recent()] == ["pictures"]
    assert opened.offers_to_go_on


def test_what_was_begun_and_taken_back_is_not_offered_to_go_on_with(window, make_window):
    window.menu("Several labels per picture")
    window.menu("Undo several labels a picture")
    window.close()
    other = make_window()
    assert other.find_recent() == []
    other.add("cat", "dog")
    other.close()
    last = make_window()
    (offered,) = last.find_recent()
    assert offered.startswith("2 names without pictures, ")
    assert last.main.minimumSizeHint().width() <= 800
    assert last.main.focusWidget().text().startswith("Go on with 2 names")


def test_projects_of_folders_of_one_name_are_told_apart_by_the_folder_above(
    make_window, coloured, tmp_path
):
    for above in ("march", "april"):
        shutil.copytree(coloured, tmp_path / above / "wedding")
        window = make_window()
        window.open(tmp_path / above / "wedding")
        window.wait_for_pictures(6)
        window.close()
    last = make_window()
    both = ["wedding in april", "wedding in march"]
    assert [entry.split(":")[0] for entry in last.find_recent()] == both
    for name in both:
        assert button_in(last.main.start_page, f"Go on with {name}: 6 pictures").isVisible()


@pytest.fixture
def known(opened, make_window, coloured):
    """Another window in which a folder was opened of which one picture is decided elsewhere."""
    opened.select(0)
    opened.press("1")
    opened.close()
    again = make_window()
    again.main.activateWindow()
    again.open(coloured)
    again.wait_for_message("You checked 1 of these today. Go on?")
    again.wait_for_pictures(6)
    return again


def test_opening_a_folder_that_a_project_knows_offers_to_go_on_there(known):
    wait(lambda: len(files()) == 2)
    assert known.names() == []  # it is not opened before a person says so
    with heard(known.main.files.opened):
        known.answer("Go on")
    assert known.names() == COLOURS
    assert known.state("blue/tall.jpg") == "decided by you: red"
    assert known.message != "You checked 1 of these today. Go on?"
    wait(lambda: len(files()) == 1)  # the new one had nothing but the pictures


def test_what_was_done_before_going_on_with_another_project_is_kept(known):
    known.add("cat")
    with heard(known.main.files.opened):
        known.answer("Go on")
    assert known.names() == COLOURS
    known.close()
    assert len(files()) == 2
    assert {len(kept(path).concepts) for path in files()} == {1, 3}


def test_the_offer_to_go_on_elsewhere_goes_once_something_is_decided_here(known):
    known.add("cat")
    known.wait_until_read()
    known.menu("Go to the pictures")
    known.select(0)
    known.press("1")
    while known.message:
        assert "Go on?" not in known.message
        known.main.messages.dismiss()
    assert known.checked.startswith("1 of 6 checked")


def test_the_project_with_most_decisions_about_a_folder_is_offered(opened, make_window, coloured):
    opened.menu("Select all")
    opened.press("1")
    opened.close()
    ignoring = make_window()
    ignoring.main.activateWindow()
    ignoring.open(coloured)
    ignoring.wait_for_message("You checked 6 of these today. Go on?")
    ignoring.wait_for_pictures(6)
    ignoring.add("cat")
    ignoring.wait_until_read()
    ignoring.select(0)
    ignoring.menu("Go to the pictures")
    ignoring.press("1")
    assert ignoring.checked.startswith("1 of 6 checked")
    ignoring.close()
    again = make_window()
    again.open(coloured)
    again.wait_for_message("You checked 6 of these today. Go on?")


def test_projects_with_nothing_but_pictures_come_after_those_with_names(
    window, make_window, tmp_path
):
    window.add("cat", "dog")
    window.close()
    for number in range(9):
        project = Project(Settings())
        project.add_images(project.to_add([tmp_path / f"{number}" / "1.jpg"]))
        ProjectFile.create(projects_folder() / f"later {number}.nameplate", project).close()
    last = make_window()
    named, *others = [entry.split(",")[0] for entry in last.find_recent()]
    assert named == "2 names without pictures"
    assert others == [f"{number}: 1 picture" for number in range(8, -1, -1)]


@pytest.fixture
def with_many(make_window, tmp_path):
    """A window at its start after 30 projects without a name, one of which is damaged."""
    folder = projects_folder()
    folder.mkdir(parents=True)
    for number in range(30):
        project = Project(Settings())
        project.add_images(project.to_add([tmp_path / "zoo" / f"day {number}" / "1.jpg"]))
        ProjectFile.create(folder / f"2026-01-01 {number}.nameplate", project).close()
    damage(folder / "2026-01-01 3.nameplate")
    window = make_window()
    window.find_recent()
    return window


def test_all_recent_projects_are_found_by_letters_of_name_or_folder_and_opened(with_many):
    with_many.press("Ctrl+Shift+P")
    assert len(with_many.found) == 31
    assert with_many.found[-1] == "Choose a file…"
    with_many.type("day 17")
    assert with_many.found[0] == "day 17"
    with heard(with_many.main.files.opened):
        with_many.press("Return")
    assert with_many.pictures() == ["day 17/1.jpg"]


def test_the_start_page_leads_to_all_projects_where_it_has_no_room_for_them(with_many):
    press_button(with_many.main.start_page, "All projects…")
    with_many.type("zoo")
    assert len(with_many.found) == 30
    with_many.press("Esc")
    assert with_many.found == []
    assert with_many.main.focusWidget().text().startswith("Go on with")


def test_a_recent_project_is_offered_with_its_picture_where_a_thumbnail_is_kept(
    window, make_window, tmp_path
):
    picture = tmp_path / "zoo" / "a.png"
    picture.parent.mkdir()
    Image.new("RGB", (900, 900), "#00c000").save(picture)
    os.utime(picture, (10**9, 10**9))
    window.open(picture.parent)
    window.wait_for_pictures(1)
    thumbnails = window.main.thumbnails
    wait(lambda: thumbnails.on_disk.kept(picture, 36) is not None)
    window.close()
    last = make_window()
    last.find_recent()
    button = button_in(last.main.start_page, "Go on with zoo: 1 picture")
    assert button.isVisible()

    def is_green_within():
        seen = button.grab().toImage()
        colours = [seen.pixelColor(x, seen.height() // 2) for x in range(seen.width() // 4)]
        return any(one.green() > 150 and one.red() < 50 for one in colours)

    wait(is_green_within)


def test_no_project_is_called_after_a_file_that_nobody_named(with_many):
    texts = [*with_many.recent(), *(b.text() for b in with_many.main.findChildren(QPushButton))]
    assert not [text for text in texts if "2026-01-0" in text]
    assert [text for text in texts if text.startswith("its file is damaged, ")]


def test_without_recent_projects_a_file_is_chosen_at_once(window):
    window.press("Ctrl+Shift+P")
    (dialog,) = window.main.findChildren(QFileDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_a_folder_above_or_below_is_known_and_another_is_not(opened, make_window, coloured):
    opened.select("blue/tall.jpg")
    opened.press("1")
    opened.close()
    for folder, is_known in (("blue", True), ("red", False), ("..", True)):
        window = make_window()
        window.open((coloured / folder).resolve())
        window.wait_until_nothing_waits_to_be_found()
        assert ("You checked 1 of these" in window.message) == is_known, folder
        window.close()


def test_in_a_small_window_no_text_of_the_first_page_is_cut_off(make_window, tmp_path):
    projects_folder().mkdir(parents=True)
    for number in range(7):
        project = Project(Settings())
        project.add_images(project.to_add([tmp_path / ("folder " * 30) / f"{number}.jpg"]))
        ProjectFile.create(projects_folder() / f"{number}.nameplate", project).close()
    window = make_window()
    page = window.main.start_page
    assert len(window.find_recent()) == 7
    for size, count in (((800, 500), 4), ((1024, 700), 7), ((1440, 900), 7)):
        window.main.resize(*size)
        window.let_work()
        assert window.main.size().toTuple() == size
        texts = [one for one in page.findChildren(QLabel) if one.text() and one.isVisible()]
        wait(
            lambda all_=texts: all(one.height() >= one.heightForWidth(one.width()) for one in all_)
        )
        rows = [one for one in page.findChildren(QPushButton) if one.isVisible() and one.isFlat()]
        assert len(rows) == count  # and the buttons for the samples and for all projects
        places = [QRect(one.mapTo(page, QPoint()), one.size()) for one in [*texts, *rows]]
        assert all(page.rect().contains(place) for place in places)
        assert not any(one.intersects(other) for one, other in combinations(places, 2))


def test_where_the_first_page_does_not_fit_it_scrolls_and_nothing_on_it_is_cut(opened, make_window):
    opened.press("1")
    opened.close()
    window = make_window()
    page = window.main.start_page
    window.main.resize(683, 384)  # a laptop with texts of double size
    assert window.find_recent()
    texts = [label for label in page.findChildren(QLabel) if label.text() and label.isVisible()]
    rows = [one for one in page.findChildren(QPushButton) if one.isVisible()]
    wait(lambda: all(one.height() >= one.heightForWidth(one.width()) for one in texts))
    wait(lambda: all(one.height() >= one.sizeHint().height() for one in rows))


def test_while_a_slow_folder_is_looked_through_the_first_page_says_so(
    window, coloured, monkeypatch
):
    goes_on, scan = threading.Event(), reading.scan

    def slowly(*args, **options):
        goes_on.wait(10)
        yield from scan(*args, **options)

    def says(text):
        labels = window.main.start_page.findChildren(QLabel)
        return any(label.text() == text and label.isVisible() for label in labels)

    monkeypatch.setattr(reading, "scan", slowly)
    empty = coloured.parent / "empty"
    empty.mkdir()
    window.open(empty)
    wait(lambda: says("Looking for pictures…"))
    goes_on.set()
    wait(lambda: says("Add pictures, then name what they show."))


def test_two_projects_of_one_folder_are_told_apart_by_their_names(opened, make_window, coloured):
    opened.press("1")
    opened.close()
    other = make_window()
    other.open(coloured)
    other.wait_for_pictures(6)
    other.add("cat", "dog", "hen")
    other.close()
    offered = [entry.split(":")[0] for entry in make_window().find_recent()]
    assert offered == ["pictures with cat, dog and 1 more", "pictures with red, green and 1 more"]


def test_enter_goes_on_with_the_last_project_from_the_first_moment(window, make_window):
    window.add("cat", "dog")
    window.close()
    last = make_window(before_shown=know_recent)
    assert last.main.focusWidget().text().startswith("Go on with 2 names")
    last.press("Return")
    wait(lambda: last.names() == ["cat", "dog"])


def test_a_slow_drive_keeps_no_window_from_being_shown_and_the_focus_moves_when_it_answers(
    window, make_window, monkeypatch
):
    window.add("cat", "dog")
    window.close()
    find, is_slow = project_files.recent_projects, threading.Event()

    def slow(*asked):
        is_slow.wait(5)
        return find(*asked)

    monkeypatch.setattr(project_files, "recent_projects", slow)
    last = make_window(before_shown=lambda main: know_recent(main, 0.05))
    assert last.main.focusWidget().text() == "Add a folder…"
    is_slow.set()
    wait(lambda: last.main.focusWidget().text().startswith("Go on with 2 names"))


def test_a_project_that_is_open_elsewhere_is_said_and_this_one_stays(opened, make_window):
    opened.menu("Auto-label all")
    wait(files)
    other = make_window()
    assert other.find_recent() == []
    other.open(*files())
    other.wait_for_message("open in another window")
    assert other.is_inviting


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="a file of POSIX stands in the way")
def test_where_nothing_can_be_saved_work_goes_on_and_is_saved_when_it_can_be(
    isolated_home, make_window, coloured
):
    folder = projects_folder()
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    window = make_window()
    window.wait_until_loaded()
    window.add(*COLOURS)
    wait(lambda: "is not being saved" in window.standing_message)
    window.open(coloured)
    window.wait_until_read()
    window.press("1")
    assert window.chips()[0] == "red"
    assert "is not being saved" in window.standing_message
    assert "(not saved)" in window.title
    folder.unlink()
    window.wait_for_message("saved again")
    assert "(not saved)" not in window.title
    assert not window.standing_message
    window.close()
    project = kept(files()[0])
    assert project.images.present == 6
    assert project.labels.has_label.any()


def test_the_title_stays_when_another_folder_is_added(opened, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    Image.new("RGB", (20, 20), "red").save(tmp_path / "elsewhere" / "one.png")
    assert opened.title == "pictures - Nameplate"
    opened.open(tmp_path / "elsewhere")
    opened.wait_for_pictures(7)
    assert opened.title == "pictures - Nameplate"


def test_a_project_opens_at_the_first_picture_that_nobody_decided(opened, make_window):
    opened.select(0)
    opened.press("1", "1")
    opened.close()
    again = make_window()
    again.open_project(files()[0])
    assert again.current() == again.pictures()[2]
    assert again.title == "pictures - Nameplate"


def test_what_is_offered_to_go_on_with_goes_when_something_else_is_begun(opened, make_window):
    opened.close()
    again = make_window()
    again.offered_to_go_on()
    assert again.offers_to_go_on
    again.add("other")
    assert not again.offers_to_go_on


def test_a_probability_that_is_typed_in_the_menu_is_one_step_and_on_the_button(opened):
    steps = len(opened.project.history.done)
    opened.focus_on("Auto-label")
    opened.press("Down")
    menu = QApplication.activePopupWidget()
    press_keys(menu, "Up")  # from the first entry to the last, which is the box
    box = opened.minimum_box
    assert menu.focusWidget() is box
    box.selectAll()
    QTest.keyClicks(box, "60")
    press_keys(box, "Return")
    assert not menu.isVisible()
    assert opened.project.settings.minimum == 0.6
    assert opened.menu_entry("Undo").text() == "Undo auto-label above 60%"
    assert len(opened.project.history.done) == steps + 1
    assert "Auto-label above 60%" in opened.tools_seen()


def damage(path):
    with path.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * 8192)


def test_a_damaged_project_is_gone_on_with_from_its_last_good_state(opened, make_window, tmp_path):
    place = tmp_path / "cats.nameplate"
    opened.save_as(place)
    opened.menu("Auto-label all")
    labels = opened.labels()
    opened.close()
    damage(place)
    damaged = place.read_bytes()

    window = make_window()
    window.open(place)
    window.wait_for_message("cats.nameplate is damaged")
    with heard(window.main.files.opened):
        window.answer("Open the backup")
    assert window.labels() == labels
    assert "before its file was damaged" in window.standing_message
    window.menu("Undo")
    window.close()
    assert place.read_bytes() == damaged
    assert len(files()) == 1


def test_a_project_with_pictures_on_other_computers_is_not_opened(window, tmp_path):
    place, project = tmp_path / "cats.nameplate", Project(Settings())
    project.add_images(project.to_add([tmp_path / "cat.jpg"]))
    store.close(store.create(place, project))
    execute(place, r"UPDATE folders SET path = CAST('\\nas\cats' AS BLOB)")
    window.open(place)
    window.wait_for_message(r"has pictures on other computers (\\nas), and nothing is fetched")
    assert not window.pictures()


def test_a_folder_on_another_computer_is_not_opened(window):
    window.open(Path(r"\\nas\cats"))
    wait(lambda: bool(window.main.reading.problems))
    assert [one.reason.code for one in window.main.reading.problems] == ["on-another-computer"]
    assert not window.pictures()


def test_a_project_that_is_open_elsewhere_can_be_gone_on_with_as_a_copy(
    opened, make_window, tmp_path
):
    opened.save_as(tmp_path / "cats.nameplate")
    window = make_window()
    window.open(tmp_path / "cats.nameplate")
    window.wait_for_message("open in another window")
    with heard(window.main.files.opened):
        window.answer("Open a copy")
    window.add("more")
    assert opened.names() == COLOURS
    assert "a copy of cats.nameplate" in window.standing_message
    window.save_as(tmp_path / "copy.nameplate")
    assert not window.standing_message


def test_a_project_that_cannot_be_written_is_worked_on_in_a_copy(
    opened, make_window, tmp_path, monkeypatch
):
    place = tmp_path / "cats.nameplate"
    opened.save_as(place)
    opened.close()
    before = place.read_bytes()
    monkeypatch.setattr(os, "access", lambda path, _mode: path != place)  # root may write it all
    window = make_window()
    window.open_project(place)
    assert "cats.nameplate is read-only" in window.standing_message
    window.add("more")
    window.close()
    assert place.read_bytes() == before
    assert [len(kept(path).concepts) for path in files()] == [4]


@in_use
def test_the_project_stays_kept_and_its_trouble_told_where_another_could_not_be_opened(
    opened, tmp_path
):
    (tmp_path / "no.nameplate").write_text("hello")
    opened.open(tmp_path / "no.nameplate")
    opened.wait_for_message("not a Nameplate project")
    (path,) = files()
    path.rename(tmp_path / "gone")
    opened.menu("Auto-label all")
    wait(lambda: "is not being saved" in opened.standing_message)
    (tmp_path / "gone").rename(path)
    wait(lambda: not opened.standing_message)


def test_projects_of_before_are_in_the_list_the_damaged_ones_too(opened, make_window, tmp_path):
    place = tmp_path / "cats & dogs.nameplate"
    opened.save_as(place)
    opened.close()
    damage(place)
    window = make_window()
    (said,) = window.find_recent()
    assert said.startswith("cats & dogs: its file is damaged, ")
    window.press("Ctrl+Shift+P")
    window.press("Return")
    window.wait_for_message("Its backup is from")


def test_a_project_opens_in_the_view_and_at_the_picture_where_it_was_left(opened, make_window):
    opened.press("1")
    opened.look_at("is:unlabelled", sort=Sort.PROBABILITY)
    opened.select(2)
    shown, current = opened.pictures(), opened.current()
    opened.close()
    again = make_window()
    again.wait_until_loaded()
    again.open_project(files()[0])
    again.wait_until_read()
    assert again.view == ("is:unlabelled", "Probability", "Least sure first")
    assert again.pictures() == shown
    assert again.current() == current
    again.menu("New project")
    assert again.view == ("", "As added", "First added first")


def test_a_picture_that_changed_since_it_was_decided_about_is_told_until_it_is_again(
    opened, make_window, coloured
):
    picture = coloured / "blue" / "tall.jpg"
    opened.select("blue/tall.jpg")
    opened.press("3")
    opened.close()
    Image.new("RGB", (40, 60), "red").save(picture)
    window = make_window()
    window.wait_until_loaded()
    window.open_project(files()[0])
    window.wait_for_message("1 picture has changed since you labelled it")
    window.answer("Show")
    assert window.pictures() == ["blue/tall.jpg"]
    window.look_at()
    window.select("blue/tall.jpg")
    assert window.current() == "blue/tall.jpg"
    assert window.tiles()["blue/tall.jpg"].note == "changed since you labelled it"
    assert window.labels()["blue/tall.jpg"] == "blue"
    window.press("1")
    assert not window.tiles()["blue/tall.jpg"].note


@in_use
def test_a_project_whose_steps_cannot_be_saved_is_not_left_for_another(
    opened, tmp_path, monkeypatch
):
    other, goes_on, real = tmp_path / "other.nameplate", threading.Event(), ProjectFile.open
    ProjectFile.create(other, Project(Settings())).close()
    monkeypatch.setattr(ProjectFile, "open", lambda *args: (goes_on.wait(10), real(*args))[1])
    opened.open(other)
    (path,) = files()
    path.rename(tmp_path / "gone")
    opened.menu("Auto-label all")
    wait(lambda: "is not being saved" in opened.standing_message)
    goes_on.set()
    opened.wait_for_message("isn't saved")
    assert opened.names() == COLOURS
    (tmp_path / "gone").rename(path)
    wait(lambda: not opened.standing_message)
    opened.open_project(other)
    assert opened.names() == []


def test_closing_with_steps_that_cannot_be_saved_keeps_them_and_says_so_at_the_next_start(
    opened, make_window, tmp_path, monkeypatch
):
    drive, asked = tmp_path / "drive", []
    drive.mkdir()
    opened.save_as(drive / "cats.nameplate")
    drive.rename(tmp_path / "gone")
    opened.menu("Auto-label all")
    wait(lambda: "is not being saved" in opened.standing_message)
    kinds = QMessageBox.StandardButton
    answers = [kinds.Cancel, kinds.Discard]
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()) or answers.pop(0))
    opened.main.close()
    assert opened.main.isVisible()
    opened.close()
    assert asked[0].startswith("The last 1 step could not be saved: the project's file is missing")
    (rescued,) = files()
    assert kept(rescued).labels.has_label.all()
    again = make_window()
    again.wait_for_message(f"cats.nameplate could not be saved. All of it is in {rescued}.")
    with heard(again.main.files.opened):
        again.answer("Open it there")
    assert again.names() == COLOURS
    again.close()
    last = make_window()
    last.wait_until_loaded()
    assert "could not be saved" not in last.message


@in_use
def test_what_is_decided_while_nothing_can_be_saved_is_there_after_a_kill(
    opened, make_window, tmp_path
):
    drive = tmp_path / "drive"
    drive.mkdir()
    opened.save_as(drive / "cats.nameplate")
    drive.rename(tmp_path / "gone")
    opened.menu("Auto-label all")
    wait(lambda: files() and kept(files()[0]).labels.has_label.all())
    opened.menu("Undo")
    (copy,) = files()
    wait(lambda: not kept(copy).labels.has_label.any())
    again = make_window()  # as after a kill: the one before was not closed
    again.wait_for_message(f"cats.nameplate could not be saved. All of it is in {copy}.")
    (tmp_path / "gone").rename(drive)
    wait(lambda: not copy.exists())


def test_the_names_of_projects_come_back_from_the_settings_one_or_several(tmp_path):
    file = str(tmp_path / "window.ini")
    for count in range(1, 12):
        settings = QSettings(file, QSettings.Format.IniFormat)
        NamesOfProjects(settings).note(tmp_path / f"{count}, é.nameplate")
        settings.sync()
        assert QSettings(file, QSettings.Format.IniFormat).status() == QSettings.Status.NoError
        paths = NamesOfProjects(QSettings(file, QSettings.Format.IniFormat)).paths
        newest = range(count, 0, -1)
        assert paths == [tmp_path / f"{number}, é.nameplate" for number in newest]


def test_a_project_that_is_saved_elsewhere_while_another_is_begun_is_the_one_that_was_meant(
    opened, make_window, tmp_path
):
    place = tmp_path / "colours.nameplate"
    opened.main.files.save_as(place)
    opened.menu("New project")
    opened.wait_for_message(f"Saved as {place}.")
    assert opened.title == "Nameplate"
    assert any(entry.startswith("colours: ") for entry in opened.find_recent())


def test_what_stands_above_a_copy_stays_when_the_project_before_was_saved_elsewhere(
    opened, tmp_path, monkeypatch
):
    other = ProjectFile.create(tmp_path / "other.nameplate", Project(Settings()))
    opened.open(tmp_path / "other.nameplate")
    opened.wait_for_message("open in another window")
    free, copied = threading.Event(), store.copied

    def slowly(db, path):
        assert "colours" not in path.name or free.wait(10)
        return copied(db, path)

    monkeypatch.setattr(store, "copied", slowly)
    opened.main.files.save_as(tmp_path / "colours.nameplate")
    with heard(opened.main.files.opened):
        opened.answer("Open a copy")
    free.set()
    opened.wait_for_message("colours.nameplate.")
    assert "This is a copy of other.nameplate" in opened.standing_message
    other.close()


def test_a_damaged_project_on_a_slow_drive_does_not_hold_the_window_up(
    opened, make_window, tmp_path, monkeypatch
):
    place, asked, stat = tmp_path / "cats.nameplate", list[object](), os.stat
    opened.save_as(place)
    opened.close()
    damage(place)
    window = make_window()

    def noted(path, *args, **options):
        if threading.current_thread() is threading.main_thread():
            asked.append(path)
        return stat(path, *args, **options)

    monkeypatch.setattr(os, "stat", noted)
    window.open(place)
    window.wait_for_message("cats.nameplate is damaged")
    assert not [path for path in asked if "cats" in os.fspath(path)]
