"""Check marks beside the names, where a picture may have several labels."""

import pytest


@pytest.fixture
def several(opened):
    opened.menu("Several labels per picture")
    opened.wait_until_read()
    opened.select("red/wide.png")
    return opened


def test_with_one_label_a_picture_there_are_no_marks(opened):
    opened.menu("Auto-label all")
    assert opened.marks() == {}
    opened.menu("Several labels per picture")
    assert set(opened.marks()) == {"red", "green", "blue"}
    opened.menu("Several labels per picture")
    assert opened.marks() == {}


def test_a_click_on_a_mark_sets_and_clears_a_label_of_the_selected_picture(several):
    several.click_mark("red")
    assert "on all selected" in several.spoken("red")
    assert "on none selected" in several.spoken("blue")
    several.click_mark("blue")
    assert several.marks() == {"red": "all", "green": "none", "blue": "all"}
    assert several.labels()["red/wide.png"] == "red, blue"
    assert several.current() == "red/wide.png"
    several.click_mark("red")
    assert several.labels()["red/wide.png"] == "blue"
    several.menu("Undo")
    assert several.marks() == {"red": "all", "green": "none", "blue": "all"}


def test_after_a_click_on_a_mark_letters_are_for_the_pictures(several):
    several.click_mark("green")
    assert several.has_focus_on_pictures
    several.press("X")
    assert several.state("red/wide.png") == "skipped"


def test_space_in_the_list_does_the_same_and_none_of_these_has_no_mark(several):
    several.reject("blue")
    several.wait_until_read()
    several.select_names("green")
    several.press_on_names("Space")
    assert several.marks() == {"red": "none", "green": "all"}


def test_many_selected_pictures_have_a_mark_for_all_for_some_or_for_none(several):
    several.click_mark("red")
    several.menu("Select all")
    assert several.marks() == {"red": "some", "green": "none", "blue": "none"}
    several.click_mark("red")
    assert several.marks()["red"] == "all"
    several.click_mark("red")
    assert several.marks()["red"] == "none"
    several.select("green/wide.png")
    assert several.marks()["red"] == "none"
