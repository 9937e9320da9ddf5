"""Date and camera stand in a CSV where a person asks for each; never otherwise."""

import csv

import pytest

from features.camera.camera_pictures import draw_holiday
from nameplate.cli.main import run
from nameplate.formats.csv import HEADER


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


def test_without_being_asked_nothing_of_it_is_in_the_file(project, tmp_path):
    header, rows = exported(project, tmp_path)
    assert tuple(header) == HEADER
    assert not any("FUJI" in cell for row in rows for cell in row)
