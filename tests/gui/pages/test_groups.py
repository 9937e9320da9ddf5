"""Naming pictures that look alike, before there are names and after."""

import pytest
from PIL import Image

from drivers.groups import Groups
from grey_pictures import draw_colours
from nameplate.domain.labels import DecidedBy
from qt_help import wait
from window_driver import COLOURS
from window_fixtures import read_in


@pytest.fixture
def unnamed(window, tmp_path):
    """The window with 30 read pictures of three colours and no names."""
    return read_in(window, draw_colours(tmp_path / "many", 10))


@pytest.fixture
def groups(unnamed):
    return Groups(unnamed)


def colours_of(pictures: list[str]) -> set[str]:
    return {picture.split("/")[0] for picture in pictures}


def test_without_names_the_pages_begin_with_pictures_that_look_alike(unnamed, groups):
    unnamed.menu_entry("Check pages").trigger()
    wait(lambda: groups.shown)

    assert "No names yet: what are these?" in groups.text
    assert len(colours_of(groups.shown)) == 1


def test_grid_and_inspector_are_about_the_picture_that_is_pointed_at(unnamed, groups):
    groups.begin()
    wait(lambda: unnamed.current() == groups.shown[0])
    groups.click(groups.shown[2])
    wait(lambda: unnamed.current() == groups.shown[2])
    name = groups.shown[2].rpartition("/")[2]
    wait(lambda: any(name in said for said in unnamed.inspected()))


def test_nothing_lies_over_the_name_in_a_small_window(unnamed, groups):
    unnamed.show(800, 500)
    groups.begin()
    line, *buttons = groups.head
    assert line.width() >= 160
    assert not [one.text() for one in buttons if one.geometry().intersects(line.geometry())]


def test_a_name_makes_a_concept_with_the_pictures_as_decisions_in_one_step(unnamed, groups):
    groups.begin()
    first, steps = groups.shown, len(unnamed.project.history.done)

    groups.name("thing")

    assert unnamed.names() == ["thing"]
    assert {picture for picture, name in unnamed.labels().items() if name} == set(first)
    assert len(unnamed.project.history.done) == steps + 1
    assert not set(groups.shown) & set(first)


def test_undo_shows_the_pictures_again_as_they_were_marked_and_redo_goes_on(unnamed, groups):
    groups.begin()
    first = groups.shown
    groups.click(first[1])
    groups.name("thing")
    second = groups.shown

    unnamed.press("Ctrl+Z")
    assert groups.shown == first
    assert groups.marked() == [first[1]]
    assert unnamed.names() == []
    assert not any(unnamed.labels().values())

    unnamed.menu("Redo")
    assert groups.shown == second
    assert unnamed.names() == ["thing"]

    groups.press("Back")  # what was done again can be taken back again
    assert groups.shown == first
    assert unnamed.names() == []


def test_back_and_undo_go_through_the_same_steps(unnamed, groups):
    groups.begin()
    shown = list[list[str]]()
    for name in ("one", "two", "three"):
        shown.append(groups.shown)
        groups.name(name)
    for back in (groups.press, unnamed.menu, groups.press):
        back("Undo" if back == unnamed.menu else "Back")
        assert groups.shown == shown.pop()
    assert unnamed.names() == []
    assert "Nothing was named" not in groups.text
    for _ in range(3):
        unnamed.menu("Redo")
    assert unnamed.names() == ["one", "two", "three"]


def test_what_was_named_is_first_again_where_it_was_undone_in_the_grid(unnamed, groups):
    groups.begin()
    first = groups.shown
    groups.name("thing")
    unnamed.menu("Grid")
    unnamed.menu("Undo")
    groups.begin()
    assert groups.shown == first


def test_pictures_that_fit_no_group_come_last_and_the_window_says_so(window, tmp_path):
    draw_colours(tmp_path / "many", 10)
    for name in ("yellow", "cyan", "magenta"):
        Image.new("RGB", (60, 50), name).save(tmp_path / "many" / f"{name}.png")
    read_in(window, tmp_path / "many")
    groups = Groups(window)
    groups.begin()
    said = list[tuple[set[str], str, str]]()
    for _ in range(4):
        said.append((colours_of(groups.shown), groups.text.partition("\n")[0], groups.spoken))
        groups.press("Skip for now")

    *alike, (_, title, spoken) = said
    assert {title for _, title, _ in alike} == {"No names yet: what are these?"}
    assert all(spoken.startswith("Similar pictures: ") for *_, spoken in alike)
    assert all(len(colours) == 1 for colours, *_ in alike)
    assert title == "These have little in common."
    assert spoken.startswith("Pictures with little in common: ")


def test_leaving_for_later_shows_each_picture_once_before_any_again(unnamed, groups):
    groups.begin()
    seen = list[str]()
    while not set(groups.shown) & set(seen):
        seen += groups.shown
        groups.press("Skip for now")
    assert sorted(seen) == sorted(unnamed.pictures())


def test_only_pictures_that_the_filter_shows_come_and_the_end_says_what_it_hides(unnamed, groups):
    unnamed.look_at("folder:blue")
    groups.begin()
    assert colours_of(groups.shown) == {"blue"}
    unnamed.look_at("folder:red")
    wait(lambda: colours_of(groups.shown) == {"red"})
    while groups.shown:
        groups.name("thing")
    wait(lambda: groups.text == "20 undecided pictures are hidden.\n")
    groups.press("Show all pictures")
    wait(lambda: groups.shown)
    assert colours_of(groups.shown) < {"green", "blue"}  # one kind at a time


def test_the_button_says_how_many_pictures_get_the_name(unnamed, groups):
    groups.begin()
    count = len(groups.shown)
    groups.click(groups.shown[0])
    groups.type("thing")
    groups.press(f"Name {count - 1} pictures")
    assert sum(name == "thing" for name in unnamed.labels().values()) == count - 1


def test_what_is_clicked_stays_out_and_comes_again(unnamed, groups):
    groups.begin()
    odd, *rest = groups.shown
    groups.click(odd)

    groups.name("thing")

    assert {picture for picture, name in unnamed.labels().items() if name} == set(rest)
    seen = set[str]()
    for _ in range(12):
        seen |= set(groups.shown)
        groups.press("Skip for now")
    assert odd in seen


def test_a_name_that_is_there_takes_more_pictures_and_the_end_says_so(unnamed, groups):
    groups.begin()
    for _ in range(30):
        if not groups.shown:
            break
        groups.name(next(iter(colours_of(groups.shown))))

    assert set(unnamed.names()) <= set(COLOURS)
    by = unnamed.project.labels.decided_by
    assert int((by == DecidedBy.PERSON).sum()) >= 30 - 3
    assert not groups.shown
    assert "No pictures left to name." in groups.text
    unnamed.press("Return")  # one too many goes nowhere
    assert groups.is_seen


def test_enter_without_a_name_says_what_to_do_and_changes_nothing(unnamed, groups):
    groups.begin()
    before = groups.shown

    groups.name("")

    assert groups.shown == before
    assert "Type a name first" in groups.text


def test_letters_on_the_pictures_are_typed_into_the_name(unnamed, groups):
    groups.begin()
    unnamed.press("Down")

    unnamed.type("pen")
    unnamed.press("Return")

    assert unnamed.names() == ["pen"]


def test_two_pictures_are_too_few_to_group(window, tmp_path):
    for name in ("one", "two"):
        Image.new("RGB", (60, 50), "red").save(tmp_path / f"{name}.png")
    window.open(tmp_path / "one.png", tmp_path / "two.png")
    window.wait_until_read()

    window.menu_entry("Name similar pictures").trigger()
    wait(lambda: "too few to compare" in Groups(window).text)

    assert not Groups(window).shown


def test_without_names_pictures_are_to_be_named_none_is_selected_and_pages_come_after(
    window, coloured
):
    window.open(coloured)
    window.wait_for_pictures(6)
    window.press_on_pictures("Ctrl+A")
    window.menu("Check pages")
    wait(lambda: Groups(window).shown)
    window.press("Ctrl+Del")
    assert len(window.pictures()) == 6
    assert not window.offers("Auto-label the selected")
    window.add("red", "green", "blue")
    window.menu("Check pages")
    wait(lambda: window.page)


def test_before_there_are_names_shift_t_on_the_pictures_shows_pictures_that_look_alike(
    unnamed, groups
):
    unnamed.press_on_pictures("Shift+T")
    wait(lambda: groups.shown)
    assert unnamed.typed == ""


def test_in_another_project_there_are_other_groups(unnamed, groups, tmp_path):
    groups.begin()
    unnamed.menu("New project")
    wait(lambda: not unnamed.project.images.present)
    unnamed.open(tmp_path / "many" / "red")
    unnamed.wait_until_read()
    groups.begin()
    assert colours_of(groups.shown) == {"red"}


def test_pictures_that_come_when_all_are_named_are_grouped_too(unnamed, groups, tmp_path):
    groups.begin()
    while groups.shown:
        groups.name("thing")
    assert "No pictures left to name." in groups.text
    (tmp_path / "more").mkdir()
    for number in range(5):
        Image.new("RGB", (60, 50), (0, 40 * number, 200)).save(tmp_path / "more" / f"{number}.png")
    unnamed.open(tmp_path / "more")
    wait(lambda: colours_of(groups.shown) == {"more"})


def test_a_name_that_is_picked_from_a_list_is_given_to_none_of_them(unnamed, groups):
    groups.begin()
    unnamed.menu("Pick a name")
    unnamed.type("thing")
    unnamed.press("Return")
    assert unnamed.names() == []
    assert groups.shown
