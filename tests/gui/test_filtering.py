"""Finding pictures: the typed filter, its chips and menu, orders, saved views, folders, the end."""

import os
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton

from nameplate.domain.changes import Settings
from nameplate.domain.filtering.views import Sort
from nameplate.domain.messages import Message
from nameplate.project.file import store
from nameplate.project.project import Project
from nameplate.ui.actions.keys import KeyMap
from nameplate.ui.filter.chips import Chip
from nameplate.ui.grid import arranging
from nameplate.ui.jobs.jobs import Jobs
from nameplate.ui.project_owner import ProjectOwner
from qt_help import answer_message, button_in, press_button, press_keys, wait


def folders(pictures):
    return [picture.partition("/")[0] for picture in pictures]


def test_conditions_that_are_typed_combine_and_show_as_chips(opened):
    opened.type_filter("-name:red tall")
    opened.press("Return")
    assert opened.pictures() == ["blue/tall.jpg", "green/tall.jpg"]
    assert opened.conditions == ["Not: Name: red", "Path: tall"]
    assert "2 of 6 pictures shown" in opened.status


def test_enter_stays_in_the_line_so_that_the_next_words_decide_nothing(opened):
    opened.type_filter("tall")
    opened.press("Return")
    opened.type_at(150, " sp1")
    assert opened.filter_line.text() == "tall sp1"
    assert opened.chips() == [""] * 3
    opened.press("Return", "Down")  # nothing matches
    assert opened.shows_nothing
    assert not opened.filter_line.hasFocus()


def test_a_pause_is_enough(opened):
    opened.type_filter("tall")
    wait(lambda: len(opened.pictures()) == 3)
    assert opened.filter_line.hasFocus()


def test_half_of_a_word_that_is_offered_is_not_applied_by_a_pause(opened):
    opened.type_filter("fold")
    QTest.qWait(600)
    assert len(opened.pictures()) == 6
    opened.type("er:gr")
    assert opened.filter_line.offered() == ["folder:green"]
    press_keys(QApplication.activePopupWidget(), "Down", "Return")
    wait(lambda: folders(opened.pictures()) == ["green"] * 2)


def test_the_list_of_words_shows_all_of_two_without_scrolling(opened):
    opened.type_filter("name:re")
    wait(lambda: len(opened.filter_line.offered()) == 2)  # red and green
    assert QApplication.activePopupWidget().verticalScrollBar().maximum() == 0


def test_while_a_word_is_wrong_the_filter_of_before_applies_and_it_is_said_why(opened):
    opened.look_at("name:red")
    opened.look_at("name:red is:gone")
    assert folders(opened.pictures()) == ["red"] * 2
    assert "“is:gone” isn't a state. Use one of undecided" in opened.filter_problem
    assert opened.conditions == ["Name: red"]
    assert opened.filter_line.hasFocus()
    opened.look_at("name:red is:checked")
    assert opened.filter_problem == ""
    assert opened.shows_nothing


def test_a_key_that_there_is_not_is_said_to_be_none_before_enter_and_real_ones_are_offered(opened):
    opened.type_filter("prob:<30")
    assert opened.filter_line.offered() == ["p>90%", "p<50%", "p:40%..60%"]
    wait(lambda: "“prob:” isn't a condition. Use one of name, is" in opened.filter_problem)
    assert len(opened.pictures()) == 6


def test_a_word_that_is_a_name_and_in_no_path_leads_to_the_name(opened):
    opened.add("white")
    opened.look_at("is:undecided White")
    press_button(opened.main.nothing, "Show the name white")
    assert opened.conditions == ["Undecided", "Name: white"]


def test_the_row_of_the_filter_moves_no_name_and_no_picture_of_a_scrolled_grid(opened):
    opened.show(1024, 420)
    opened.let_work()
    grid, last = opened.main.grid, opened.pictures()[-1]
    grid.zoom_by(6)
    grid.verticalScrollBar().setValue(80)
    names = opened.main.panel.names
    before = opened.place_on_screen(last), names.mapToGlobal(QPoint(0, 0))
    height = opened.main.modes.stack.height()
    opened.look_at("-zebra")
    opened.let_work()
    assert height - opened.main.modes.stack.height() > 20
    assert (opened.place_on_screen(last), names.mapToGlobal(QPoint(0, 0))) == before
    opened.look_at("")
    opened.let_work()
    assert (opened.place_on_screen(last), names.mapToGlobal(QPoint(0, 0))) == before


def test_escape_leads_back_to_the_pictures_and_forgets_what_was_half_typed(opened):
    opened.look_at("name:red")
    opened.press("Ctrl+F")
    assert opened.filter_line.selectedText() == "name:red"
    opened.type("name:b")
    opened.press("Esc", "Esc")  # the first one closes the list of names
    assert opened.has_focus_on_pictures
    assert opened.filter_line.text() == "name:red"
    assert folders(opened.pictures()) == ["red"] * 2


def test_a_name_finds_what_is_labelled_or_suggested_so_but_not_what_was_skipped(opened):
    opened.select("red/tall.jpg")
    opened.press("X")
    opened.look_at("name:red")
    assert opened.pictures() == ["red/wide.png"]


def test_words_are_completed(opened):
    opened.type_filter("na")
    assert opened.filter_line.offered() == ["name:"]
    opened.type("me:b")
    assert opened.filter_line.offered() == ["name:blue"]
    press_keys(QApplication.activePopupWidget(), "Down", "Return")
    assert opened.filter_line.text() == "name:blue "
    opened.press("Ctrl+Z")
    assert opened.filter_line.text() == "name:b"
    press_keys(QApplication.activePopupWidget(), "Down", "Return")
    opened.type("und")
    assert opened.filter_line.offered() == ["is:undecided"]
    opened.press("Return")
    assert opened.shows_nothing  # Enter without a choice takes what stands there: a text
    assert opened.conditions == ["Name: blue", "Path: und"]


def test_a_chip_takes_its_condition_away(opened):
    opened.look_at("name:red is:checked")
    assert opened.shows_nothing
    opened.let_work()
    press_button(opened.main.filtering.chips, opened.conditions[1])
    assert folders(opened.pictures()) == ["red"] * 2
    assert opened.filter_line.text() == "name:red"
    press_button(opened.main.filtering.chips, "Clear")
    assert len(opened.pictures()) == 6


def test_chips_and_order_are_used_by_keys_and_escape_leads_back(opened):
    opened.look_at("name:red is:checked")
    opened.press("Ctrl+F", "Tab")
    assert opened.focused == "Order of the pictures: As added, First added first"
    opened.press("Esc")
    assert not opened.has_focus_on_pictures  # none is shown
    opened.press("Ctrl+F", "Tab", "Down")
    press_keys(QApplication.activePopupWidget(), "Up", "Return")  # the last entry
    assert opened.main.arrangement.view.is_falling
    chip = opened.main.filtering.chips.findChildren(Chip)[-1]
    chip.setFocus()
    press_keys(chip, "Delete")
    assert opened.conditions == ["Name: red"]
    assert opened.has_focus_on_pictures


def test_only_the_selected_are_shown_until_the_filter_is_cleared(opened):
    opened.select("blue/tall.jpg")
    opened.press("Shift+Right", "F")
    assert opened.pictures() == ["blue/tall.jpg", "blue/wide.png"]
    assert opened.conditions == ["2 selected pictures"]
    assert opened.filter_line.text() == ""
    opened.look_at("wide")  # what is typed is looked for among them
    assert opened.pictures() == ["blue/wide.png"]
    opened.press("Ctrl+Shift+F")
    assert len(opened.pictures()) == 6


def test_where_the_filter_hides_all_it_is_said_which_condition_does(opened):
    opened.look_at("name:red is:skipped")
    assert "Skipped (matches none)" in opened.why_nothing
    press_button(opened.main.nothing, "Leave out “Skipped”")
    assert folders(opened.pictures()) == ["red"] * 2
    opened.look_at("zebra")
    assert opened.why_nothing == "No picture matches Path: zebra."


def test_where_the_filter_hides_all_a_key_of_a_look_says_why_nothing_is_shown(opened):
    opened.look_at("zebra")
    for key in ("Space", "C", "Z", "T", "Shift+T"):
        opened.main.messages.clear()
        opened.focus_on_bars()
        opened.press(key)
        assert opened.message == "The filter hides all pictures. Clear it first (Ctrl+Shift+F)."
        assert opened.why_nothing == "No picture matches Path: zebra."
    opened.main.actions_by_id.set_keys(KeyMap({"clear_filter": ()}))
    opened.press("Space")
    assert opened.message == "The filter hides all pictures. Clear it first."


@pytest.mark.parametrize("line", ["red cat", 'is:undecided "red cat"'])
def test_words_that_no_path_has_can_be_searched_for_in_the_pictures(opened, line):
    opened.look_at(line)
    press_button(opened.main.nothing, "Search for pictures like “red cat”")
    rest = ["Undecided"] if "is" in line else []
    assert opened.conditions == [*rest, "Like “red cat”"]
    wait(lambda: len(opened.pictures()) == 6)
    assert opened.filter_line.text().endswith('like:"red cat"')


def test_words_are_not_offered_to_be_searched_for_where_pictures_are_chosen_otherwise(opened):
    for line in ("is:skipped", "-red -green -blue", "name:red is:skipped"):
        opened.look_at(line)
        assert opened.why_nothing
        buttons = opened.main.nothing.findChildren(QPushButton)
        assert not [one for one in buttons if one.isVisible() and "Search" in one.text()]


def test_a_filter_follows_its_name_when_it_is_renamed_and_goes_with_it(opened):
    opened.look_at("name:red")
    opened.rename("red", "dark red")
    opened.wait_until_read()
    assert opened.filter_line.text() == 'name:"dark red"'
    assert opened.conditions == ["Name: dark red"]
    opened.delete("dark red")
    assert opened.filter_line.text() == ""
    assert len(opened.pictures()) == 6


def test_pictures_are_sorted_by_what_their_files_are(window, coloured):
    os.utime(coloured / "red" / "wide.png", (1e9, 1e9))
    (coloured / "green" / "wide.png").write_bytes((coloured / "green" / "wide.png").read_bytes())
    window.open(coloured)
    window.add("red", "green", "blue")
    window.wait_until_read()
    for sort, said, turned, first in (
        (Sort.NAME, ("File name", "A to Z"), "Z to A", ["blue/tall.jpg", "green/tall.jpg"]),
        (Sort.FOLDER, ("Folder", "A to Z"), "Z to A", ["blue/tall.jpg", "blue/wide.png"]),
        (Sort.DATE, ("Date modified", "Oldest first"), "Newest first", ["red/wide.png"]),
        (Sort.SIZE, ("Size", "Smallest first"), "Largest first", []),
    ):
        window.look_at(sort=sort)
        assert window.view[1:] == said
        shown = window.pictures()
        assert shown[: len(first)] == first
        if sort is Sort.SIZE:
            sizes = [(coloured / name).stat().st_size for name in shown]
            assert sizes == sorted(sizes)
        window.turn_round()
        assert window.view[2] == turned
        if sort is Sort.DATE:
            assert window.pictures()[-1] == first[0]
        window.turn_round()


def test_the_menu_offers_what_can_be_typed(opened):
    opened.choose_in_filter_menu("green", "Name")
    assert opened.filter_line.text() == "name:green"
    opened.choose_in_filter_menu("blue", "Name")
    assert opened.filter_line.text() == "name:blue"
    opened.choose_in_filter_menu("Undecided", "State")
    assert opened.conditions == ["Name: blue", "Undecided"]
    opened.choose_in_filter_menu("Undecided", "State")
    assert opened.conditions == ["Name: blue"]
    opened.choose_in_filter_menu("Probability above 95%", "Probability")
    assert opened.filter_line.text() == "name:blue p>95%"
    opened.choose_in_filter_menu("Date modified…")
    assert opened.filter_line.text() == "name:blue p>95% date:"
    opened.look_at("-name:green tall")
    opened.choose_in_filter_menu("green", "Name")
    assert opened.filter_line.text() == "tall name:green"
    opened.choose_in_filter_menu("Date modified…")
    assert opened.filter_line.hasFocus()
    assert not opened.filter_line.hasSelectedText()  # what is typed next goes on with it


def test_a_view_is_saved_found_again_and_can_be_undone(opened, make_window, tmp_path):
    opened.look_at("name:red tall", sort=Sort.PROBABILITY, is_falling=True)
    opened.menu("Save this view…")
    opened.type("My & reds")
    opened.press("Return")
    assert opened.has_focus_on_pictures
    opened.look_at()
    assert "My & reds" in opened.filter_menu()
    opened.choose_in_filter_menu("My & reds")
    assert opened.view == ("name:red tall", "Probability", "Surest first")
    assert opened.pictures() == ["red/tall.jpg"]
    opened.menu("Undo save the view")
    assert "My & reds" not in opened.filter_menu()
    opened.menu("Redo save the view")
    opened.save_as(tmp_path / "p.nameplate")
    opened.close()
    again = make_window()
    again.wait_until_loaded()
    again.open_project(tmp_path / "p.nameplate")
    assert "My & reds" in again.filter_menu()
    again.choose_in_filter_menu("My & reds", "Delete a view")
    assert "My & reds" not in again.filter_menu()
    assert "Undo brings it back" in again.message


def test_naming_a_view_can_be_given_up_and_it_is_said_that_it_replaced_another(opened):
    opened.menu("Save this view…")
    opened.type("half a na")
    opened.press("Esc")
    assert opened.has_focus_on_pictures
    assert opened.project.views == ()
    for line in ("tall", "wide"):
        opened.look_at(line)
        opened.menu("Save this view…")
        opened.type("Mine")
        opened.press("Return")
    assert "replaced another view" in opened.message
    assert len(opened.project.views) == 1


def test_a_folder_is_chosen_in_the_tree_with_its_counts(opened):
    opened.menu("Show a folder…")
    popup = opened.main.filtering.folders
    assert popup.names() == ["pictures 6", "blue 2", "green 2", "red 2"]
    popup.choose("green")
    assert opened.filter_line.text() == "folder:green"
    assert folders(opened.pictures()) == ["green"] * 2
    opened.menu("Show a folder…")
    popup.choose("")
    assert len(opened.pictures()) == 6


def test_how_far_the_checking_is_is_always_in_sight(opened):
    assert opened.checked == "0 of 6 checked"
    opened.press("1", "X")
    assert opened.checked == "2 of 6 checked"
    opened.look_at("name:red")
    assert opened.checked == "2 of 6 checked"
    opened.menu("Undo")
    assert opened.checked == "1 of 6 checked"


def test_the_end_says_that_it_is_the_end_and_what_to_do_next(opened):
    opened.menu("Select all")
    opened.press("1")
    assert opened.end_message == "All 6 pictures are checked."
    opened.menu("Undo")
    assert opened.end_message == ""
    opened.select(0)
    opened.press("X")
    opened.look_at("is:undecided")
    opened.menu("Select all")
    opened.press("1")
    assert "1 picture skipped." in opened.end_message
    answer_message(opened.main.review_progress.bar, "Show skipped")
    assert len(opened.pictures()) == 1
    assert opened.checked == "6 of 6 checked"


def test_the_end_can_be_closed_in_one_way_and_goes_when_labels_are_exported(opened):
    opened.menu("Select all")
    opened.press("1")
    buttons = opened.main.review_progress.bar.findChildren(QAbstractButton)
    assert [one.text() for one in buttons if one.isVisible()] == ["E&xport…", ""]
    opened.lose(opened.pictures()[0])  # of those that are decided
    wait(lambda: opened.end_message == "All 5 readable pictures are checked; 1 is missing.")
    opened.menu("Export…")
    assert opened.end_message == ""


def test_the_end_is_not_said_while_pictures_are_missing_but_where_to_find_them(opened):
    first, second, *others = opened.pictures()
    opened.lose(first)
    opened.lose(second)
    opened.select(2)
    opened.menu("Go to the pictures")
    opened.press(*"1" * len(others))
    assert opened.end_message == "All 4 readable pictures are checked; 2 are missing."
    assert opened.checked == "4 of 6 checked"
    opened.main.messages.clear()
    opened.press("N")
    assert (opened.message, opened.end_message != "") == ("", True)
    opened.begin_pages_at_the_end()
    assert (opened.page_text.strip(), opened.end_message) == (
        "All 4 readable pictures are checked; 2 are missing.",
        "",
    )
    press_button(opened.pages, "Find missing")
    opened.wait_for_message("No pictures are missing")  # they are, in truth


def test_what_is_decided_and_missing_is_missing_and_no_end_of_what_can_be_read(opened):
    opened.select(0)
    opened.press("1", "1")
    for picture in opened.pictures():
        opened.lose(picture)
    wait(lambda: opened.checked == "2 of 6 checked")
    wait(lambda: opened.problems_text == "6 missing")
    assert opened.end_message == ""
    opened.press("N")
    assert opened.message == "No picture can be checked: 6 are missing."


def test_the_end_is_not_said_while_the_filter_hides_what_is_undecided(opened):
    opened.look_at("tall")
    opened.menu("Select all")
    opened.press("1", "N")
    assert opened.message == "3 undecided pictures aren't shown."
    assert opened.end_message == ""
    opened.begin_pages_at_the_end()
    assert "3 undecided pictures aren't shown." in opened.page_text
    press_button(opened.pages, "Show all pictures")
    wait(lambda: opened.page)
    assert len(opened.pictures()) == 6


def test_what_cannot_be_read_is_said_at_the_end(opened):
    first = opened.pictures()[0]
    opened.project.images.set_unreadable(0, Message("is-empty"))
    opened.menu("Select all")
    opened.press("1")
    assert opened.end_message == "All 5 readable pictures are checked; 1 can't be read."
    assert opened.checked == "5 of 6 checked"
    answer_message(opened.main.review_progress.bar, "Show them")
    assert first.split("/")[1] in opened.problems_list


@pytest.fixture
def many(monkeypatch):
    """Let six pictures be too many to arrange them at once."""
    monkeypatch.setattr(arranging, "FEW", 3)


def test_many_pictures_are_arranged_on_another_thread_and_come_the_same(many, opened):
    opened.type_filter("tall -name:red")
    opened.press("Return")
    opened.wait_until_arranged()
    assert opened.pictures() == ["blue/tall.jpg", "green/tall.jpg"]
    opened.look_at(sort=Sort.FOLDER, is_falling=True)
    opened.wait_until_arranged()
    assert folders(opened.pictures()) == ["red"] * 2 + ["green"] * 2 + ["blue"] * 2
    assert opened.current() == "red/tall.jpg"


@pytest.mark.parametrize("keys", [("Ctrl+A", "1"), ("1",)])
def test_a_key_for_many_pictures_waits_for_the_filter_that_was_asked_for(many, opened, keys):
    opened.press("Escape", "Ctrl+A")
    opened.look_at("name:green")
    opened.press(*keys)
    opened.wait_until_arranged()
    opened.press("Ctrl+Shift+F")
    opened.wait_until_arranged()
    assert {name for name, label in opened.labels().items() if label} == {
        "green/tall.jpg",
        "green/wide.png",
    }


def test_a_key_for_the_picture_that_is_seen_does_not_wait_for_a_filter(many, opened):
    opened.select("red/tall.jpg")
    opened.look_at("name:green")
    opened.press("1")
    opened.wait_until_arranged()
    opened.press("Ctrl+Shift+F")
    opened.wait_until_arranged()
    assert [name for name, label in opened.labels().items() if label] == ["red/tall.jpg"]


def test_a_view_that_was_replaced_while_it_was_worked_out_is_never_shown(many, opened):
    seen = []
    opened.main.arrangement.arranged.connect(lambda: seen.append(tuple(opened.pictures())))
    red, _, blue = (concept.key for concept in opened.project.concepts)
    opened.main.filtering.show_concept(red)
    opened.main.filtering.show_concept(blue)
    opened.wait_until_arranged()
    assert folders(opened.pictures()) == ["blue"] * 2
    assert all(folders(shown) == ["blue"] * 2 for shown in seen)


def test_many_pictures_go_where_they_belong_when_labels_change_meanwhile(many, opened):
    opened.look_at("is:undecided")
    opened.wait_until_arranged()
    opened.menu("Select all")
    opened.press("1")
    opened.wait_until_arranged()
    assert opened.shows_nothing
    opened.menu("Undo")
    opened.wait_until_arranged()
    assert len(opened.pictures()) == 6
    opened.select("green/tall.jpg")
    opened.press("3")
    opened.menu("Select all")
    opened.press("1")
    opened.menu("Undo")
    opened.menu("Undo")
    opened.wait_until_arranged()
    assert opened.current() == "green/tall.jpg"


def test_another_project_is_arranged_anew_though_the_view_is_the_same(
    many, opened, make_window, tmp_path
):
    opened.look_at("tall")
    opened.wait_until_arranged()
    opened.save_as(tmp_path / "p.nameplate")
    opened.menu("New project")
    opened.open_project(tmp_path / "p.nameplate")
    opened.wait_until_arranged()
    assert opened.pictures() == ["blue/tall.jpg", "green/tall.jpg", "red/tall.jpg"]
    opened.menu("Show a folder…")
    wait(opened.main.filtering.folders.isVisible)
    assert opened.main.filtering.folders.names()[0] == "pictures 6"
    opened.main.filtering.folders.close()


def test_the_folders_of_a_project_are_read_though_those_of_another_were_being_read(many, qapp):
    owner, jobs = ProjectOwner(), Jobs()
    reader, counts = arranging.Arranging(owner, jobs, list), list[int]()
    reader.folders_known.connect(lambda: counts.append(reader.folders.count))
    owner.add_images([Path(f"/a/{n}.png") for n in range(4)], step=0)
    reader.read_folders()
    other = Project(Settings())
    other.add_images(other.to_add([Path(f"/b/{n}.png") for n in range(5)]))
    owner.open_project(other)
    reader.read_folders()
    wait(lambda: counts, 5)
    jobs.shut_down()
    assert counts == [5]


def test_what_is_typed_and_right_stays_as_it_was_typed_with_and_without_a_sign(opened):
    for line in ("p<50%", "p<50", "P<0.5", "p:40..60", "is:undecided  tall"):
        opened.look_at()
        opened.type_filter(line)
        opened.press("Return")
        assert opened.filter_line.text() == line
        assert opened.filter_problem == ""
    for line in ("p<50", "p<50%", "p<0.5"):
        opened.look_at(line)
        assert opened.conditions == ["Probability below 50%"]


def test_a_word_that_may_become_right_is_called_wrong_only_by_enter(opened):
    for line in ("is:wr", "size>", "size>2"):
        opened.type_filter(line)
        QTest.qWait(600)
        assert opened.filter_problem == "", line
        opened.press("Ctrl+U")
    opened.type_filter("size>x")
    opened.press("Return")
    opened.come_back()
    assert opened.filter_problem.startswith("“x” isn't a size")
    opened.press("Ctrl+U")
    assert opened.filter_problem == ""  # of a word that is not there any more
    opened.type("is:wrong ")  # with a space it is one
    wait(lambda: opened.filter_problem.startswith("“is:wrong” isn't a state"))


def test_a_space_at_the_end_keeps_no_filter_from_being_applied(opened):
    opened.type_filter("tall ")
    wait(lambda: opened.conditions == ["Path: tall"])
    assert len(opened.pictures()) == 3


def test_the_row_of_the_filter_is_there_while_something_is_filtered_and_nothing_else_moves(opened):
    place, chips = opened.place_of_pictures, opened.main.filtering.chips
    assert not chips.isVisible()
    opened.type_filter("is:wrong")
    opened.press("Return")
    assert opened.filter_problem
    assert opened.place_of_pictures == place
    opened.press("Ctrl+U")
    opened.type("tall")
    wait(lambda: chips.isVisible())
    assert button_in(chips, "Path: tall").text() == "Path: tall"
    assert [label.text() for label in chips.findChildren(QLabel)] == ["3 of 6 pictures"]
    press_button(chips, "Clear")
    wait(lambda: opened.place_of_pictures == place)
    opened.come_back()
    opened.menu("Save this view…")  # its name is typed there
    assert chips.isVisible()
    opened.press("Esc")
    assert not chips.isVisible()


def test_nothing_of_a_filter_is_left_when_another_project_is_begun(opened, coloured):
    opened.select("red/tall.jpg")
    opened.press("F")
    assert opened.conditions == ["1 selected picture"]
    opened.type_filter("half of a n")
    opened.menu("New project")
    assert (opened.conditions, opened.filter_line.text()) == ([], "")
    assert not opened.main.filtering.chips.isVisible()
    opened.open(coloured / "red")
    opened.wait_for_pictures(2)
    assert len(opened.pictures()) == 2


def test_the_line_has_the_keys_of_a_text_box_and_takes_no_label_back(opened):
    opened.select("red/tall.jpg")
    opened.press("1")
    opened.type_filter("red x")
    opened.press("Home", "Ctrl+E")
    opened.type("y")
    assert opened.filter_line.text() == "red xy"
    opened.press("Ctrl+U")
    assert opened.filter_line.text() == ""
    opened.press("Ctrl+Z")
    assert opened.filter_line.text() == "red xy"
    opened.press(*["Ctrl+Z"] * 9)
    assert opened.filter_line.text() == ""
    assert opened.state("red/tall.jpg") == "decided by you: red"


def test_a_key_that_waits_for_a_filter_labels_nothing_in_another_project(
    many, opened, tmp_path, monkeypatch
):
    opened.save_as(tmp_path / "p.nameplate")
    with closing(store.open_file(tmp_path / "p.nameplate", read_only=True)) as db:
        project = store.load(db, tmp_path / "p.nameplate")
    opened.press("Escape", "Ctrl+A")
    opened.look_at("name:green")
    key, rows = project.concepts[0].key, opened.main.decisions.chosen_rows()
    opened.main.decisions.label(key, rows)  # as the list of names does
    monkeypatch.setattr(arranging, "FEW", 100)  # the other one is shown at once
    opened.main.owner.open_project(project)
    opened.main.arrangement.go_on()
    opened.wait_until_arranged()
    assert not project.labels.has_label.any()


def test_the_menu_of_conditions_is_not_larger_each_time_it_is_opened(opened):
    menu = opened.main.filtering.menu
    menu.refresh()
    wait(lambda: not QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete))
    before = len(menu.findChildren(QObject))
    for _ in range(5):
        menu.refresh()
    wait(lambda: not QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete))
    assert len(menu.findChildren(QObject)) == before


def test_the_line_says_what_can_be_typed_as_a_whole_or_not_at_all(opened):
    line = opened.main.filtering.line
    for width in (500, 160):
        line.setFixedWidth(width)
        opened.let_work()
        said = line.placeholderText()
        assert said == ("Filter: text, name:cat, like:a red car" if width == 500 else "Filter")
        assert line.fontMetrics().horizontalAdvance(said) < width - 40
