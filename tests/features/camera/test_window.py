"""In the window: what cameras wrote is said, and pictures are filtered and sorted by it."""

import threading
import time

import pytest
from PySide6.QtTest import QTest

from features.camera.camera_pictures import draw, draw_holiday
from nameplate.features.camera import showing
from qt_help import press_button, wait
from window_driver import WindowDriver
from window_fixtures import read_in

FUJI = "Taken 12 June 2024 at 14:03 · FUJIFILM X100V"


@pytest.fixture
def holiday(window, tmp_path):
    """The window with five pictures of two cameras."""
    return read_in(window, draw_holiday(tmp_path / "holiday"), "red", "blue")


def shown(window: WindowDriver) -> str:
    """Return the numbers of the pictures that are shown, in their order."""
    return "".join(picture[2] for picture in window.pictures())


def wait_for(window: WindowDriver, numbers: str) -> None:
    wait(lambda: shown(window) == numbers)


def test_the_inspector_says_what_the_camera_wrote_and_nothing_where_it_wrote_nothing(holiday):
    holiday.select("c/1.jpg")
    wait(lambda: FUJI in holiday.inspected())
    holiday.select("c/3.jpg")
    wait(lambda: not any("2024" in text or text == "\u00a0" for text in holiday.inspected()))
    holiday.select("c/2.jpg")
    wait(lambda: "Taken 31 December 2023 at 23:59 · NIKON D750" in holiday.inspected())


def test_pictures_are_filtered_by_when_and_by_which_camera(holiday):
    for line, numbers in (
        ("taken:2024", "145"),
        ("taken:2024-06-12", "14"),
        ("taken:2024-06..2024-08", "145"),
        ("taken:..2023", "2"),
        ("taken:none", "3"),
        ("camera:x100", "14"),
        ("camera:none", "3"),
        ("-camera:nikon taken>2020", "14"),
    ):  # no two that follow each other show the same
        holiday.filter_by(line)
        wait_for(holiday, numbers)


def test_pictures_from_before_1970_are_found_and_sorted_like_others(holiday, tmp_path):
    draw(tmp_path / "old" / "c" / "0.jpg", "1969:07:20 20:17:40", ("Hasselblad", "500 EL"))
    holiday.drop(tmp_path / "old")
    holiday.filter_by("taken:..1969")
    wait_for(holiday, "0")
    holiday.select("c/0.jpg")
    wait(lambda: any("Taken 20 July 1969 at 20:17" in text for text in holiday.inspected()))
    holiday.filter_by("")
    holiday.choose_order("Date taken")
    wait_for(holiday, "024153")
    holiday.type_filter("taken:")
    assert "taken:1969" in holiday.filter_line.offered()


def test_a_wrong_date_is_told_how_to_be_written(holiday):
    holiday.filter_by("taken:june")
    assert "Write taken:2024, taken:2024-05" in holiday.filter_problem


def test_conditions_say_in_words_what_they_are(holiday):
    holiday.filter_by("taken:2024-06-12 camera:x100 -camera:none")
    assert holiday.conditions == ["Date taken: 12 June 2024", "Camera: x100", "Not: No camera"]


def test_pictures_are_sorted_by_when_they_were_taken_and_those_that_do_not_say_come_last(holiday):
    holiday.choose_order("Date taken")
    wait_for(holiday, "24153")
    assert holiday.view == ("", "Date taken", "Oldest first")
    holiday.choose_order("Newest first")
    wait_for(holiday, "51423")
    holiday.choose_order("Camera")
    wait_for(holiday, "14253")


def test_an_order_and_its_filter_are_there_when_the_project_is_opened_again(
    holiday, make_window, tmp_path
):
    holiday.filter_by("-camera:none")
    holiday.choose_order("Date taken")
    wait_for(holiday, "2415")
    holiday.save_and_close(tmp_path / "a.nameplate")
    again = make_window()
    again.go_on_with(tmp_path / "a.nameplate")
    wait_for(again, "2415")
    assert again.view == ("-camera:none", "Date taken", "Oldest first")


def test_cameras_years_and_months_that_are_there_are_offered(holiday):
    holiday.type_filter("camera:")
    wait(lambda: 'camera:"FUJIFILM X100V"' in holiday.filter_line.offered())
    assert 'camera:"NIKON D750"' in holiday.filter_line.offered()
    holiday.type_filter("taken:")
    assert holiday.filter_line.offered() == ["taken:none", "taken:2024", "taken:2023"]
    holiday.type_filter("taken:2024-")
    assert holiday.filter_line.offered() == ["taken:2024-08", "taken:2024-06"]


def test_cameras_are_offered_though_pictures_come_while_they_are_read(
    holiday, tmp_path, monkeypatch
):
    read_all, may_read = showing.read_all, threading.Event()

    def late(*what):
        may_read.wait(20)
        yield from read_all(*what)

    monkeypatch.setattr(showing, "read_all", late)
    draw(tmp_path / "more" / "c" / "6.jpg", "2022:01:01 00:00:00")
    holiday.drop(tmp_path / "more")
    holiday.wait_for_pictures(6)
    holiday.type_filter("camera:")
    QTest.qWait(600)  # until it is looked at what came
    may_read.set()
    wait(lambda: 'camera:"NIKON D750"' in holiday.filter_line.offered())


def test_pictures_that_come_later_are_read_too(holiday, tmp_path):
    holiday.filter_by("taken:2022")
    wait(lambda: holiday.why_nothing.startswith("No picture matches"))
    draw(tmp_path / "more" / "c" / "6.jpg", "2022:01:01 00:00:00")
    holiday.drop(tmp_path / "more")
    wait_for(holiday, "6")


def test_a_search_that_takes_long_can_be_cancelled_and_what_was_asked_for_goes(
    holiday, monkeypatch
):
    def endless(self, paths, cancel, **_):
        while True:
            time.sleep(0.01)
            cancel.raise_if_cancelled()

    monkeypatch.setattr("nameplate.features.camera.exif_cache.ExifCache.read", endless)
    holiday.choose_order("Date taken")
    holiday.filter_by("camera:none is:undecided")
    wait(lambda: "which camera" in holiday.status)
    press_button(holiday.main.status, "Cancel")
    assert holiday.view == ("is:undecided", "As added", "First added first")
    wait(lambda: "which camera" not in holiday.status)
