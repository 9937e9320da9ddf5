"""When, by which camera and where stand in a CSV where a person asks for each; never otherwise."""

import csv

import pytest

from features.camera.camera_pictures import draw_holiday
from nameplate.cli.main import run
from nameplate.formats.csv import HEADER
from qt_help import button_in, press_button


@pytest.fixture
def project(tmp_path, tiny_model):
    """A project file with five pictures of two cameras."""
    folder, file = draw_holiday(tmp_path / "holiday"), tmp_path / "a.nameplate"
    names = ("--concept", "red", "--concept", "blue", "--model", str(tiny_model))
    assert run(["project", "new", str(file), str(folder), *names]) == 0
    return file


def exported(project, tmp_path, *options):
    """Export a project; return header and rows of the CSV."""
    out = tmp_path / "out.csv"
    common = ("--no-scores", "--model", "none", "--overwrite", "--out", str(out))
    assert run(["export", str(project), *common, *options]) == 0
    with out.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    return header, rows


def test_time_and_camera_are_columns_where_they_are_asked_for(project, tmp_path):
    header, rows = exported(project, tmp_path, "--with-taken", "--with-camera")
    assert header[-2:] == ["taken", "camera"]
    assert [row[-2:] for row in rows] == [
        ["2024-06-12T14:03:11", "FUJIFILM X100V"],
        ["2023-12-31T23:59:59", "NIKON D750"],
        ["", ""],
        ["2024-06-12T09:00:00", "FUJIFILM X100V"],
        ["2024-08-01T00:00:00", "NIKON D750"],
    ]


def test_a_place_is_two_columns_and_a_choice_of_its_own(project, tmp_path):
    header, rows = exported(project, tmp_path, "--with-place")
    assert header[-2:] == ["latitude", "longitude"]
    assert [row[-2:] for row in rows] == [["46.951000", "7.440000"], *[["", ""]] * 4]


def test_without_being_asked_nothing_of_it_is_in_the_file(project, tmp_path):
    header, rows = exported(project, tmp_path)
    assert tuple(header) == HEADER
    assert not any("FUJI" in cell or "46.95" in cell for row in rows for cell in row)


def test_the_window_says_at_the_choice_who_sees_the_place(opened, tmp_path):
    opened.open_export("CSV", tmp_path / "o.csv")
    press_button(opened.main, "More options")
    assert not button_in(opened.main, "Place (whoever gets the file sees it)").isChecked()
