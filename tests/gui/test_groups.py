"""Naming pictures that look alike, before there are names and after."""

import pytest
from PIL import Image

from nameplate.domain.labels import DecidedBy
from qt_help import wait

COLOURS = {"red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255)}


@pytest.fixture
def unnamed(window, tmp_path):
    """The window with 30 read pictures of three colours and no names."""
    for number, (colour, rgb) in enumerate(COLOURS.items()):
        (tmp_path / "many" / colour).mkdir(parents=True)
        for shade in range(10):
            shaded = list(rgb)
            shaded[(number + 1) % 3] = shade
            Image.new("RGB", (60, 50), tuple(shaded)).save(
                tmp_path / "many" / colour / f"{shade:02}.png"
            )
    window.main.activateWindow()
    window.open(tmp_path / "many")
    window.wait_until_read()
    return window


def colours_of(pictures: list[str]) -> set[str]:
    return {picture.split("/")[0] for picture in pictures}


def test_without_names_the_pages_begin_with_pictures_that_look_alike(unnamed):
    unnamed.menu_entry("Check page by page").trigger()
    wait(lambda: unnamed.group)

    assert "No names yet. Here are pictures that look alike: name them." in unnamed.group_text
    assert len(colours_of(unnamed.group)) == 1


def test_grid_and_inspector_are_about_the_picture_that_is_pointed_at(unnamed):
    unnamed.begin_groups()
    wait(lambda: unnamed.current() == unnamed.group[0])
    unnamed.click_in_group(unnamed.group[2])
    wait(lambda: unnamed.current() == unnamed.group[2])
    name = unnamed.group[2].rpartition("/")[2]
    wait(lambda: any(name in said for said in unnamed.inspected()))


def test_a_name_makes_a_concept_with_the_pictures_as_decisions_in_one_step(unnamed):
    unnamed.begin_groups()
    first, steps = unnamed.group, len(unnamed.project.history.done)

    unnamed.name_group("thing")

    assert unnamed.names() == ["thing"]
    assert {picture for picture, name in unnamed.labels().items() if name} == set(first)
    assert len(unnamed.project.history.done) == steps + 1
    assert not set(unnamed.group) & set(first)


def test_undoing_the_name_brings_the_pictures_back(unnamed):
    unnamed.begin_groups()
    first = unnamed.group
    unnamed.name_group("thing")

    unnamed.press("Ctrl+Z")

    assert unnamed.names() == []
    assert not any(unnamed.labels().values())
    unnamed.menu_entry("Grid").trigger()
    unnamed.begin_groups()
    seen = set()
    while not seen & set(first):
        seen |= set(unnamed.group)
        unnamed.group_button("Leave for later")
    assert set(first) & seen


def test_undo_shows_the_pictures_again_as_they_were_marked_and_redo_goes_on(unnamed):
    unnamed.begin_groups()
    first = unnamed.group
    unnamed.click_in_group(first[1])
    unnamed.name_group("thing")
    second = unnamed.group

    unnamed.menu("Undo")
    assert unnamed.group == first
    assert unnamed.marked_in_group() == [first[1]]

    unnamed.menu("Redo")
    assert unnamed.group == second
    assert unnamed.names() == ["thing"]

    unnamed.group_button("Back")  # what was done again can be taken back again
    assert unnamed.group == first
    assert unnamed.names() == []


def test_back_and_undo_go_through_the_same_steps(unnamed):
    unnamed.begin_groups()
    shown = list[list[str]]()
    for name in ("one", "two", "three"):
        shown.append(unnamed.group)
        unnamed.name_group(name)
    for back in (unnamed.group_button, unnamed.menu, unnamed.group_button):
        back("Undo" if back == unnamed.menu else "Back")
        assert unnamed.group == shown.pop()
    assert unnamed.names() == []
    assert "Nothing was named" not in unnamed.group_text
    for _ in range(3):
        unnamed.menu("Redo")
    assert unnamed.names() == ["one", "two", "three"]


def test_what_was_named_is_first_again_where_it_was_undone_in_the_grid(unnamed):
    unnamed.begin_groups()
    first = unnamed.group
    unnamed.name_group("thing")
    unnamed.menu("Grid")
    unnamed.menu("Undo")
    unnamed.begin_groups()
    assert unnamed.group == first


def test_leaving_for_later_shows_each_picture_once_before_any_again(unnamed):
    unnamed.begin_groups()
    seen = list[str]()
    while not set(unnamed.group) & set(seen):
        seen += unnamed.group
        unnamed.group_button("Leave for later")
    assert sorted(seen) == sorted(unnamed.pictures())


def test_what_is_clicked_stays_out_and_comes_again(unnamed):
    unnamed.begin_groups()
    odd, *rest = unnamed.group
    unnamed.click_in_group(odd)

    unnamed.name_group("thing")

    assert {picture for picture, name in unnamed.labels().items() if name} == set(rest)
    seen = set[str]()
    for _ in range(12):
        seen |= set(unnamed.group)
        unnamed.group_button("Leave for later")
    assert odd in seen


def test_a_name_that_is_there_takes_more_pictures_and_the_end_says_so(unnamed):
    unnamed.begin_groups()
    for _ in range(30):
        if not unnamed.group:
            break
        unnamed.name_group(next(iter(colours_of(unnamed.group))))

    assert set(unnamed.names()) <= set(COLOURS)
    by = unnamed.project.labels.decided_by
    assert int((by == DecidedBy.PERSON).sum()) >= 30 - 3
    assert not unnamed.group
    assert "decided" in unnamed.group_text


def test_enter_without_a_name_says_what_to_do_and_changes_nothing(unnamed):
    unnamed.begin_groups()
    before = unnamed.group

    unnamed.name_group("")

    assert unnamed.group == before
    assert "Type a name first" in unnamed.group_text


def test_letters_on_the_pictures_are_typed_into_the_name(unnamed):
    unnamed.begin_groups()
    unnamed.press("Down")

    unnamed.type("pen")
    unnamed.press("Return")

    assert unnamed.names() == ["pen"]


def test_two_pictures_are_too_few_to_group(window, tmp_path):
    for name in ("one", "two"):
        Image.new("RGB", (60, 50), "red").save(tmp_path / f"{name}.png")
    window.open(tmp_path / "one.png", tmp_path / "two.png")
    window.wait_until_read()

    window.menu_entry("Name pictures that look alike").trigger()
    wait(lambda: "Too few pictures" in window.group_text)

    assert not window.group
