"""The audit of given labels in the window."""

import csv
from dataclasses import replace
from threading import Event

import pytest
from PIL import Image
from PySide6.QtGui import QImage

from features.audit.driver import GivenLabels
from features.promise.driver import Promise
from nameplate.domain.labels import DecidedBy
from nameplate.features.audit.report import report_of
from qt_help import wait
from window_fixtures import read_in

COLOURS = ("red", "green", "blue")
SHADES = range(150, 256, 5)


@pytest.fixture
def data_set(window, tmp_path):
    """The window with 66 pictures in folders that are named by colour; two lie in a wrong one."""
    root = tmp_path / "pictures"
    for name in COLOURS:
        (root / name).mkdir(parents=True)
    for place, name in enumerate(COLOURS):
        for shade in SHADES:
            colour = [0, 0, 0]
            colour[place] = shade
            is_wrong = name == "red" and shade in (180, 195)
            home = root / ("blue" if is_wrong else name)
            Image.new("RGB", (60, 60), tuple(colour)).save(home / f"{name}{shade}.png")
    return read_in(window, root, *COLOURS)


@pytest.fixture
def audit(data_set):
    """The audit of the folders' names, once the doubtful ones are known."""
    found = GivenLabels(data_set)
    found.open()
    found.answer("Use folder names")
    found.wait_until_says("may be wrong")
    return found


WRONG = ("blue/red180.png", "blue/red195.png")


def test_without_given_labels_it_says_how_to_get_some(data_set):
    audit = GivenLabels(data_set)
    audit.open()
    assert "No labels came with these pictures." in audit.says
    assert audit.offers("Import labels…")
    assert not audit.offers("Certify accuracy…")


def test_names_of_folders_are_taken_as_given_labels_in_one_step(audit, data_set):
    assert "66 labels came with these pictures." in audit.says
    assert set(data_set.project.labels.decided_by) == {DecidedBy.GIVEN}
    data_set.menu("Undo")
    assert "No labels came with these pictures." in audit.says


def test_wrong_labels_come_first_and_a_click_corrects_them(audit, data_set):
    audit.check()
    assert set(data_set.page[:2]) == set(WRONG)
    assert data_set.on_page()[WRONG[0]] == "blue, or red?"
    for picture in WRONG:
        data_set.click_on_page(picture)
    assert data_set.labels()[WRONG[0]] == "red"
    assert "named" in data_set.on_page()[WRONG[0]]
    data_set.turn_page()
    audit.open()
    audit.wait_until_says("2 corrected")
    assert audit.names["blue"][-1] == "2"


def test_both_names_stand_on_one_line_so_that_small_pictures_are_seen(audit, data_set):
    audit.check()
    pictures, view = data_set.pages.view.pictures, data_set.pages.view
    place = data_set.places_on_page()[0]
    shown = view.grab(place).toImage()
    own, middle = QImage(str(pictures[0].path)).pixelColor(0, 0), shown.height() // 2
    left = next(x for x in range(shown.width()) if shown.pixelColor(x, middle) == own)
    across = left + 24  # where a line of text is
    seen = [y for y in range(shown.height()) if shown.pixelColor(across, y) == own]
    assert len(seen) > 20
    assert seen[-1] - seen[0] + 1 - len(seen) < 30


def test_names_that_begin_alike_are_told_apart_where_they_are_cut(audit, data_set):
    audit.check()
    view, place = data_set.pages.view, data_set.places_on_page()[0]
    first, *rest = view.pictures

    def shown(given):
        view.refresh([replace(first, label=f"{'for a very cold winter ' * 4}{given}"), *rest])
        return view.grab(place).toImage()

    assert shown("shoes") == shown("shoes")
    assert shown("shoes") != shown("skirt")


def test_a_second_click_gives_the_picture_its_label_again(audit, data_set):
    audit.check()
    before = data_set.labels()
    data_set.click_on_page(WRONG[0])
    data_set.click_on_page(WRONG[0])
    assert data_set.labels() == before
    assert data_set.state(WRONG[0]).startswith("given, not checked")


def test_turning_the_page_keeps_the_rest(audit, data_set):
    audit.check()
    on_page = data_set.page
    data_set.click_on_page(WRONG[0])
    assert data_set.accepts == "Keep 1 label"
    data_set.turn_page()
    decided = {path for path in on_page if data_set.state(path).startswith("decided by you")}
    assert decided == set(on_page)
    data_set.menu("Undo")
    wait(lambda: data_set.page == on_page)
    assert data_set.labels()[WRONG[0]] == "red"


def test_at_the_end_it_leads_back(audit, data_set):
    audit.check()
    data_set.turn_page()
    assert "The doubtful labels are checked." in data_set.page_text
    data_set.press("Return")  # on the button that leads back
    audit.wait_until_says("The doubtful ones are checked.")
    assert audit.offers("Save as a list…")


def test_labels_to_be_judged_unseen_stay_hidden_after_a_restart(
    audit, data_set, make_window, tmp_path
):
    Promise(data_set).begin(0.9, 0.9)
    pictures = data_set.page
    data_set.save_and_close(tmp_path / "p.nameplate")
    window = make_window()
    window.wait_until_loaded()
    window.open_project(tmp_path / "p.nameplate")
    assert all("hidden" in window.state(one) for one in pictures)
    others = set(window.labels()) - set(pictures)
    assert not any("hidden" in window.state(one) for one in others)
    window.menu("Undo")
    wait(lambda: not any("hidden" in window.state(one) for one in pictures))


def test_a_label_that_is_taken_away_meanwhile_is_not_asked_about(audit, data_set):
    audit.check()
    data_set.press("Escape")
    data_set.select(WRONG[0])
    data_set.name_by_key("red")
    audit.open()
    audit.check()
    wait(lambda: data_set.page == [WRONG[1]])


def test_what_was_checked_makes_the_rest_no_less_doubtful(audit, data_set, make_window, tmp_path):
    audit.check()
    data_set.click_on_page(WRONG[0])
    data_set.save_and_close(tmp_path / "p.nameplate")
    window = make_window()
    window.wait_until_loaded()
    window.open_project(tmp_path / "p.nameplate")
    again = GivenLabels(window)
    again.open()
    again.wait_until_says("1 may be wrong")
    again.check()
    assert window.page == [WRONG[1]]


def test_a_page_goes_when_one_of_its_names_is_removed(audit, data_set, make_window, tmp_path):
    audit.check()
    data_set.click_on_page(WRONG[0])
    data_set.delete("red")
    wait(lambda: WRONG[0] not in data_set.page)
    data_set.save_and_close(tmp_path / "p.nameplate")
    window = make_window()
    window.wait_until_loaded()
    window.open_project(tmp_path / "p.nameplate")
    assert "red" not in window.labels().values()


def test_folders_names_can_be_taken_back_in_the_bar(data_set):
    audit = GivenLabels(data_set)
    audit.open()
    audit.answer("Use folder names")
    data_set.wait_for_message("66 labels imported")
    data_set.answer("Undo")
    assert not any(data_set.labels().values())


def test_the_list_is_saved_with_what_each_picture_shows(audit, data_set, tmp_path):
    path = tmp_path / "doubtful.csv"
    audit.save_list(path)
    data_set.wait_for_message("was saved as “doubtful.csv”")
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert {row["path"] for row in rows[:2]} == set(WRONG)
    assert (rows[0]["given"], rows[0]["suggested"]) == ("blue", "red")


def test_a_list_that_is_saved_while_a_report_is_made_takes_nothing_from_it(
    audit, data_set, tmp_path, monkeypatch
):
    is_saved = Event()

    def report(*arguments):
        assert is_saved.wait(30)
        return report_of(*arguments)

    monkeypatch.setattr("nameplate.features.audit.panel.report_of", report)
    audit.save_report(tmp_path / "report.html")
    audit.save_list(tmp_path / "doubtful.csv")
    data_set.wait_for_message("was saved as “doubtful.csv”")
    is_saved.set()
    data_set.wait_for_message("was saved as “report.html”")
    assert (tmp_path / "report.html").exists()


def test_a_report_shows_doubtful_labels_and_what_the_pictures_look_like(audit, data_set, tmp_path):
    audit.save_report(tmp_path / "report.html")
    data_set.wait_for_message("was saved as “report.html”")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "2 may be wrong" in text
    for path in WRONG:
        assert path in text
    assert "looks like" in text.lower()


def test_random_checks_of_given_labels_hide_them_and_end_in_a_certificate(audit, data_set):
    assert audit.offers("Certify accuracy…")
    promise = Promise(data_set)
    promise.begin(0.9, 0.9)
    picture = data_set.page[0]
    assert data_set.on_page()[picture] == "not named yet"
    assert "blue" not in data_set.state(picture)
    data_set.press("Escape")


def test_random_checks_say_by_name_what_is_left_and_the_report_has_the_certificate(
    audit, data_set, tmp_path
):
    path = tmp_path / "report.html"
    promise = Promise(data_set)
    promise.begin(0.9, 0.9)
    promise.check_page()
    promise.open()
    promise.answer("By name")
    wait(lambda: {row[0] for row in promise.by_name} == set(COLOURS))
    assert sum(int(row[2]) for row in promise.by_name) == 8
    for row in promise.by_name:
        assert row[4] == f"known after {20 - int(row[2])} more checks"
    assert "Check 12 more to see how many are right." in promise.says
    promise.answer("Continue checking")
    wait(lambda: data_set.page and data_set.is_page_seen)
    while data_set.page:
        promise.check_page()
    audit.open()
    audit.wait_until_says("came with these pictures")
    audit.save_report(path)
    data_set.wait_for_message("was saved as “report.html”")
    text = path.read_text("utf-8")
    assert "66 labels came with the pictures." in text
    assert "Certificate" in text
    assert "at least 90% of these" in text.lower()
