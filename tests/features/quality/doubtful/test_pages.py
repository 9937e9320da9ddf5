"""Pages of doubtful labels in the window, and the filters by `odd:`."""

from dataclasses import replace
from shutil import copyfile
from threading import Event

import pytest
from PIL import Image
from PySide6.QtGui import QImage

from features.quality.driver import DoubtfulLabels
from grey_pictures import draw_colours
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import Progress
from nameplate.features.quality.doubtful import finder
from nameplate.features.quality.doubtful.audit import audit
from qt_help import press_button, wait
from window_driver import COLOURS as NAMES
from window_fixtures import read_in

COLOURS = ("red", "green", "blue")
SHADES = range(150, 256, 5)
WRONG = ("blue/red180.png", "blue/green195.png")


@pytest.fixture
def folders(tmp_path):
    """66 pictures in folders that are named by colour; two lie in a wrong one."""
    root = tmp_path / "pictures"
    for name in COLOURS:
        (root / name).mkdir(parents=True)
    for place, name in enumerate(COLOURS):
        for shade in SHADES:
            colour = [0, 0, 0]
            colour[place] = shade
            is_wrong = (name, shade) in (("red", 180), ("green", 195))
            home = root / ("blue" if is_wrong else name)
            Image.new("RGB", (60, 60), tuple(colour)).save(home / f"{name}{shade}.png")
    return root


@pytest.fixture
def data_set(window, folders):
    """The window with these pictures."""
    return read_in(window, folders, *COLOURS)


@pytest.fixture
def doubtful(data_set):
    """The doubtful ones of the folders' names."""
    found = DoubtfulLabels(data_set)
    found.use_folder_names()
    found.open()
    return found


@pytest.fixture
def decided(window, tmp_path):
    """The window with 72 pictures of which 30 are decided, one of them wrongly."""
    many = read_in(window, draw_colours(tmp_path / "many", 24), *NAMES)
    for picture in [p for p in many.pictures() if p[-6:] < "10.png"]:
        many.select(picture)
        many.press("P")
    many.select("red/05.png")
    many.press("3")
    assert many.labels()["red/05.png"] == "blue"
    return many


def reopened(window, make_window, path):
    window.save_and_close(path)
    again = make_window()
    again.wait_until_loaded()
    again.open_project(path)
    again.wait_until_read()
    return again


def test_names_of_folders_are_taken_as_given_labels_in_one_step(doubtful, data_set):
    assert set(data_set.project.labels.decided_by) == {DecidedBy.GIVEN}
    data_set.menu("Undo")
    doubtful.wait_until_says("Label pictures with two names first, or import labels.")
    assert data_set.filled == ["Import labels…"]


def test_wrong_labels_come_first_and_a_click_corrects_them(doubtful, data_set):
    assert set(data_set.page[:2]) == set(WRONG)
    assert data_set.on_page()[WRONG[0]] == "blue, or red?"
    for picture in WRONG:
        data_set.click_on_page(picture)
    assert [data_set.labels()[one] for one in WRONG] == ["red", "green"]
    assert "named" in data_set.on_page()[WRONG[0]]
    data_set.turn_page()
    doubtful.wait_until_says("No doubtful label is left.")


def test_both_names_stand_on_one_line_so_that_small_pictures_are_seen(doubtful, data_set):
    pictures, view = data_set.pages.view.pictures, data_set.pages.view
    place = data_set.places_on_page()[0]
    shown = view.grab(place).toImage()
    own, middle = QImage(str(pictures[0].path)).pixelColor(0, 0), shown.height() // 2
    left = next(x for x in range(shown.width()) if shown.pixelColor(x, middle) == own)
    across = left + 24  # where a line of text is
    seen = [y for y in range(shown.height()) if shown.pixelColor(across, y) == own]
    assert len(seen) > 20
    assert seen[-1] - seen[0] + 1 - len(seen) < 30


def test_names_that_begin_alike_are_told_apart_where_they_are_cut(doubtful, data_set):
    view, place = data_set.pages.view, data_set.places_on_page()[0]
    first, *rest = view.pictures

    def shown(given):
        view.refresh([replace(first, label=f"{'for a very cold winter ' * 4}{given}"), *rest])
        return view.grab(place).toImage()

    assert shown("shoes") == shown("shoes")
    assert shown("shoes") != shown("skirt")


def test_a_second_click_gives_the_picture_its_label_again(doubtful, data_set):
    before = data_set.labels()
    data_set.click_on_page(WRONG[0])
    data_set.click_on_page(WRONG[0])
    assert data_set.labels() == before
    assert data_set.state(WRONG[0]).startswith("given, not checked")


def test_turning_the_page_keeps_the_rest_and_undo_shows_it_again(doubtful, data_set):
    on_page = data_set.page
    data_set.click_on_page(WRONG[0])
    assert data_set.accepts == "Keep 1 label"
    data_set.turn_page()
    decided = {path for path in on_page if data_set.state(path).startswith("decided by you")}
    assert decided == set(on_page)
    data_set.menu("Undo")
    wait(lambda: data_set.page == on_page)
    assert data_set.labels()[WRONG[0]] == "red"


def test_look_alikes_with_one_fix_are_one_picture_and_one_decision(window, folders):
    copyfile(folders / WRONG[0], folders / "blue" / "again.png")
    data_set = read_in(window, folders, *COLOURS)
    doubtful = DoubtfulLabels(data_set)
    doubtful.use_folder_names()
    doubtful.open()
    copies = {"blue/again.png", WRONG[0]}
    (shown,) = copies & set(data_set.page)
    assert data_set.on_page()[shown] == "blue, or red?, for a stack of 2"
    data_set.click_on_page(shown)
    assert {data_set.labels()[one] for one in copies} == {"red"}
    data_set.click_on_page(shown)
    assert {data_set.labels()[one] for one in copies} == {"blue"}
    data_set.press("Shift+E")
    wait(lambda: copies <= set(data_set.page))
    data_set.click_on_page(shown)
    assert sorted(data_set.labels()[one] for one in copies) == ["blue", "red"]


def test_a_label_that_is_changed_elsewhere_is_not_asked_about(doubtful, data_set):
    data_set.press("Escape")
    data_set.select(WRONG[0])
    data_set.name_by_key("red")
    doubtful.open()
    wait(lambda: data_set.page == [WRONG[1]])


def test_what_was_checked_makes_the_rest_no_less_doubtful(
    doubtful, data_set, make_window, tmp_path
):
    data_set.click_on_page(WRONG[0])
    window = reopened(data_set, make_window, tmp_path / "p.nameplate")
    DoubtfulLabels(window).open()
    assert window.page == [WRONG[1]]


def test_a_page_goes_when_one_of_its_names_is_removed(doubtful, data_set, make_window, tmp_path):
    data_set.click_on_page(WRONG[0])
    data_set.delete("red")
    wait(lambda: WRONG[0] not in data_set.page)
    window = reopened(data_set, make_window, tmp_path / "p.nameplate")
    assert "red" not in window.labels().values()


def test_a_comparison_that_was_cancelled_says_so_and_is_begun_again(data_set, monkeypatch):
    may_go_on = Event()

    def slowly(of, cancel):
        yield Progress(1, 66, 0.1)
        while not may_go_on.wait(0.01):
            cancel.raise_if_cancelled()
        return (yield from audit(of, cancel))

    monkeypatch.setattr(finder, "audit", slowly)
    found = DoubtfulLabels(data_set)
    found.use_folder_names()
    found.begin()
    found.wait_until_says("Comparing the labels with the pictures and names…")
    press_button(data_set.main, "Cancel")
    found.wait_until_says("The labels were not compared.")
    may_go_on.set()
    press_button(data_set.pages, "Compare them")
    wait(lambda: set(data_set.page) == set(WRONG))


def test_decided_labels_are_on_the_same_list(decided):
    DoubtfulLabels(decided).open()
    assert decided.page == ["red/05.png"]
    assert decided.on_page()["red/05.png"] == "blue, or red?"
    decided.click_on_page("red/05.png")
    assert decided.labels()["red/05.png"] == "red"
    decided.click_on_page("red/05.png")
    assert decided.labels()["red/05.png"] == "blue"
    assert decided.state("red/05.png").startswith("decided by you")


def test_what_is_called_right_stays_off_the_list_for_good(decided, make_window, tmp_path):
    doubtful = DoubtfulLabels(decided)
    doubtful.open()
    decided.turn_page()
    doubtful.wait_until_says("No doubtful label is left.")
    assert decided.labels()["red/05.png"] == "blue"
    later = reopened(decided, make_window, tmp_path / "mine.nameplate")
    DoubtfulLabels(later).open()
    assert "No doubtful label is left." in later.page_text
    later.look_at("odd:mistake")
    wait(lambda: not later.pictures())


def test_a_doubtful_label_is_a_condition_like_others_and_stays_that_of_now(decided):
    decided.look_at("odd:mistake")
    wait(lambda: decided.pictures() == ["red/05.png"])
    decided.look_at("odd:mistake folder:green")
    wait(lambda: not decided.pictures())
    decided.look_at("odd:mistake by:person name:blue")
    wait(lambda: decided.pictures() == ["red/05.png"])
    decided.select("red/05.png")
    decided.press("1")
    decided.wait_until_read()
    assert decided.pictures() == ["red/05.png"]  # nothing jumps away under a person's hands
    decided.look_at("odd:mistake")
    wait(lambda: not decided.pictures())


def test_where_everything_is_decided_nothing_is_said_to_fit_no_name(decided):
    decided.press("Ctrl+A", "1")
    decided.look_at("odd:misfit")
    wait(lambda: decided.why_nothing.startswith("You have checked every picture."))


def test_the_end_leads_on_to_random_checks(doubtful, data_set):
    data_set.turn_page()
    doubtful.wait_until_says("Only random checks show how many labels are right.")
    assert data_set.filled == ["Check at random…"]
    press_button(data_set.pages, "Check at random…")
    wait(lambda: not data_set.pages.isVisible())
