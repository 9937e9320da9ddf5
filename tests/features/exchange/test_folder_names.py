"""The names of folders as labels: when they are offered, and what comes of it."""

from itertools import product

import pytest
from PIL import Image
from PySide6.QtTest import QTest

from features.quality.driver import AccuracyDriver
from nameplate.features.exchange.folder_names import folders_like_names
from qt_help import press_button, wait

COLOURS = ("red", "green", "blue")


def paths(*folders, each=10, home="/photos"):
    return [f"{home}/{folder}/{number}.jpg" for folder, number in product(folders, range(each))]


def test_folders_beside_one_another_with_some_pictures_each_may_be_names():
    assert folders_like_names(paths("hat", "dress shirt", "shoe")) == 3
    both = paths("hat", "shoe", home="/set/train") + paths("hat", "shoe", home="/set/test")
    assert folders_like_names(both) == 2


@pytest.mark.parametrize(
    "found",
    [
        paths("hat", each=50),
        paths("hat", "shoe", each=3),
        paths("2024-06", "2024-07"),
        paths("train", "val"),
        paths("a/x", "b/y", "c/z", "d/w"),
        [],
    ],
    ids=["one", "few", "dates", "parts", "scattered", "none"],
)
def test_other_folders_are_no_names(found):
    assert not folders_like_names(found)


@pytest.fixture
def by_colour(window, tmp_path):
    """The window with 21 pictures in three folders that are named by colour, just added."""
    for place, name in enumerate(COLOURS):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(7):
            colour = [40 * number] * 3
            colour[place] = 255
            path = tmp_path / "pictures" / name / f"{number}.png"
            Image.new("RGB", (60, 60), tuple(colour)).save(path)
    window.open(tmp_path / "pictures")
    window.wait_for_message("21 pictures in 3 folders.", 30)
    return window


def test_a_new_folder_of_such_folders_is_offered_as_labels_in_one_step(by_colour):
    by_colour.answer("Use folder names")
    by_colour.wait_for_message("21 labels imported, 3 names added.")
    assert by_colour.labels()["red/0.png"] == "red"
    by_colour.answer("Undo")
    assert not any(by_colour.labels().values())


def test_folder_names_lead_on_to_the_wrong_ones_among_them(by_colour):
    by_colour.answer("Use folder names")
    by_colour.wait_for_message("21 labels imported, 3 names added.")
    by_colour.answer("Find wrong ones…")
    accuracy = AccuracyDriver(by_colour)
    wait(lambda: "labels compared" in accuracy.doubtful[1])


def test_pages_of_suggestions_end_where_given_labels_are_left_to_check(by_colour):
    by_colour.answer("Use folder names")
    by_colour.wait_for_message("21 labels imported, 3 names added.")
    by_colour.wait_until_read()
    by_colour.begin_pages_at_the_end()
    assert by_colour.page_text.strip() == "21 given labels aren't checked."
    assert by_colour.filled == ["Find wrong ones…"]
    press_button(by_colour.pages, "Find wrong ones…")
    accuracy = AccuracyDriver(by_colour)
    wait(lambda: "labels compared" in accuracy.doubtful[1])


def test_folders_of_a_project_that_is_known_are_asked_about_last(by_colour, make_window, tmp_path):
    by_colour.add("red", "blue")
    by_colour.wait_until_read()
    by_colour.menu("Go to the pictures")
    by_colour.select(0)
    by_colour.press("1")
    by_colour.close()
    again = make_window()
    again.open(tmp_path / "pictures")
    again.wait_for_message("You checked 1 of these today. Go on?")
    again.wait_until_read()
    assert again.message == "You checked 1 of these today. Go on?"
    again.main.messages.dismiss()
    again.wait_for_message("21 pictures in 3 folders.")


def test_a_project_that_is_opened_again_asks_no_more_and_the_menu_has_the_action(
    by_colour, make_window, tmp_path
):
    by_colour.save_and_close(tmp_path / "p.nameplate")
    again = make_window()
    again.open_project(tmp_path / "p.nameplate")
    again.wait_until_read()
    QTest.qWait(600)
    assert "folders" not in again.message
    assert again.offers("Use folder names as labels")


def test_the_offer_goes_as_soon_as_something_else_is_done(by_colour):
    by_colour.add("cat")
    wait(lambda: "folders" not in by_colour.message)


def test_where_more_pictures_come_one_question_counts_them_all(by_colour, tmp_path):
    more = tmp_path / "more" / "yellow"
    more.mkdir(parents=True)
    for number in range(5):
        Image.new("RGB", (60, 60), (250, 250, number)).save(more / f"{number}.png")
    by_colour.drop(more.parent)
    by_colour.wait_for_message("26 pictures in 4 folders.")
    by_colour.main.messages.dismiss()
    assert "pictures in" not in by_colour.message
