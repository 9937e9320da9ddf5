"""Exports: what a preview says is what is written; the same again."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from exchange_help import JPEG, project_of
from nameplate.domain.errors import OutputError
from nameplate.domain.labels import NO_LABEL, DecidedBy
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.formats.export_format import Column, ExportOptions, Target
from nameplate.formats.exported_image import Which
from nameplate.formats.label_export import LabelExport
from nameplate.formats.labels_csv import columns_of
from nameplate.formats.registry import FORMATS
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.pipeline.export_content import snapshot_of
from nameplate.pipeline.exporting import (
    ExportRequest,
    preview_export,
    suggested_place,
    write_export,
)
from nameplate.scoring.suggestions import Suggestions
from nameplate.wording.texts import text_of, what_of

GO = CancelToken()
FOLDERS = [one for one in FORMATS.values() if one.target is Target.FOLDER]


@pytest.fixture
def project(tmp_path):
    """Twelve pictures in two folders with nasty names, two of them with two labels."""
    labels = {}
    for number in range(12):
        path = tmp_path / "pictures" / f"{number % 2}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(JPEG + b"%d" % number)
        labels[path] = [["../x", "CON", "a/b"][number % 3]] + ["second"] * (number > 9)
    return project_of(labels)


@pytest.fixture
def export(project):
    return replace(
        LabelExport.of(project.images, project.labels, project.concepts, Suggestions(), what_of),
        first_images=project.first_images,
        is_read=False,
    )


def test_a_column_of_a_feature_stands_where_it_is_asked_for(project, tmp_path, monkeypatch):
    def fail(_project):
        raise ZeroDivisionError("x")

    def cells(_project):
        return lambda rows: asked.append(len(rows)) or [f"={row}" for row in rows.tolist()]

    asked = []
    columns = {one.name: one for one in (Column("row", "", "", cells), Column("bad", "", "", fail))}
    monkeypatch.setattr("nameplate.pipeline.export_content.COLUMNS", columns)
    export = snapshot_of(project, Suggestions(), what_of)

    def header_and_last(*columns):
        request = ExportRequest(FORMATS["csv"], ExportOptions(columns=columns), tmp_path / "l.csv")
        write_export(export, replace(request, overwrite=True), None, GO)
        lines = request.path.read_text().splitlines()
        return lines[0].split(",")[-1], lines[-1].split(",")[-1]

    assert header_and_last("row") == ("row", "'=9")
    assert max(asked) <= 64
    assert header_and_last()[0] == "templates"
    with pytest.raises(ZeroDivisionError):
        header_and_last("bad")


@pytest.mark.parametrize("name", ["stack", "bytes", "best"])
def test_a_column_with_the_name_of_another_is_left_out(name):
    first, second = (Column(one, "", "", lambda _: list) for one in ("bytes", name))
    assert columns_of([first, second, "no column"]) == {"bytes": first}


@pytest.mark.parametrize("name", ["Bytes", "of_bytes", ""])
def test_a_column_with_an_unfit_name_is_refused_where_it_is_declared(name):
    with pytest.raises(ValueError, match="a-z, 0-9"):
        Column(name, "", "", lambda _: list)


def test_no_two_formats_are_suggested_the_same_place(export):
    places = [suggested_place(export, chosen) for chosen in FORMATS.values()]
    assert len({place.name for place in places}) == len(FORMATS)


@pytest.mark.parametrize("chosen", ["csv", "xmp", "folders"])
def test_an_export_without_a_place_goes_to_the_suggested_one(export, chosen):
    request = ExportRequest(FORMATS[chosen])
    place = preview_export(export, request, None, GO).path
    assert write_export(export, request, None, GO).path == place
    assert place.exists()


@pytest.mark.parametrize("chosen", FOLDERS, ids=[one.id for one in FOLDERS])
def test_the_folders_of_a_preview_are_those_that_are_written(export, tmp_path, chosen):
    out = tmp_path / "out"
    request = ExportRequest(chosen, ExportOptions(), out)
    preview = preview_export(export, request, None, GO)
    assert preview.problem is None
    assert not out.exists()
    report = write_export(export, request, None, GO)
    files = [path for path in out.rglob("*") if path.suffix in IMAGE_EXTENSIONS]
    written = Counter(path.parent.relative_to(out).as_posix() for path in files)
    assert dict(preview.folders) == written
    assert preview.images == report.images


def test_pictures_that_are_not_read_yet_are_counted_before_and_after(export, tmp_path):
    export.labels.concepts[:2], export.labels.decided_by[:2] = NO_LABEL, DecidedBy.NOBODY
    export = replace(export, is_read=True)
    options = ExportOptions(which=Which.BEST)
    request = ExportRequest(FORMATS["csv"], options, tmp_path / "out.csv")
    said = [text_of(note) for note in preview_export(export, request, None, GO).notes]
    assert said == [
        "12 pictures aren't read yet: they have no suggestions, and some may be unreadable"
    ]
    assert [text_of(one) for one in write_export(export, request, None, GO).notes] == said


@pytest.mark.parametrize(("chosen", "images"), [("folders", 10), ("csv", 12)])
def test_a_preview_counts_no_decision_for_no_name_as_a_label(export, chosen, images):
    export.labels.concepts[:2] = NO_LABEL  # skipped
    preview = preview_export(export, ExportRequest(FORMATS[chosen]), None, GO)
    assert (preview.images, preview.decided, preview.labels) == (images, images, 10)


def test_a_preview_of_a_table_shows_its_first_rows_and_counts_all(export, tmp_path):
    request = ExportRequest(FORMATS["csv"], path=tmp_path / "x.csv")
    preview = preview_export(export, request, None, GO)
    assert (len(preview.rows), preview.images, preview.decided) == (5, 12, 12)
    assert list(tmp_path.glob("x*")) == []
    write_export(export, request, None, GO)
    lines = (tmp_path / "x.csv").read_text(encoding="utf-8").splitlines()
    assert ",".join(preview.header) == lines[0]
    assert [row[0] for row in preview.rows] == [line.split(",")[0] for line in lines[1:6]]


def test_a_preview_says_what_is_in_the_way_and_shows_what_would_be_written_all_the_same(
    export, tmp_path
):
    (tmp_path / "x.csv").write_text("mine")
    request = ExportRequest(FORMATS["csv"], path=tmp_path / "x.csv")
    preview = preview_export(export, request, None, GO)
    assert (preview.is_replaceable, preview.free) == (True, tmp_path / "x-2.csv")
    assert len(preview.rows) == 5
    assert preview_export(export, replace(request, overwrite=True), None, GO).problem is None


@pytest.mark.parametrize("changed", ["tasks.json", "label_config.xml"])
def test_what_was_written_before_may_be_replaced_and_nothing_else(export, tmp_path, changed):
    out = tmp_path / "tasks.json"
    request = ExportRequest(FORMATS["label-studio"], path=out)
    again = replace(request, written=write_export(export, request, None, GO).written)
    again = replace(request, written=write_export(export, again, None, GO).written)
    assert preview_export(export, again, None, GO).problem is None
    file = next(Path(path) for path in again.written if Path(path).name == changed)
    file.write_text("mine")
    assert preview_export(export, again, None, GO).problem is not None
    before = {path: path.read_bytes() for path in tmp_path.glob("*.*")}
    with pytest.raises(OutputError, match="must-not-replace"):
        write_export(export, again, None, GO)
    assert {path: path.read_bytes() for path in before} == before


def test_a_preview_ends_on_a_cancel(export):
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        preview_export(export, ExportRequest(FORMATS["folders"]), None, token)


def test_a_suggested_folder_is_beside_the_pictures_and_not_there_yet(export, tmp_path):
    place = suggested_place(export, FORMATS["folders"])
    assert place == tmp_path / "pictures-folders"
    assert suggested_place(export, FORMATS["csv"]) == tmp_path / "pictures-labels.csv"
    place.mkdir()
    assert suggested_place(export, FORMATS["folders"]) == tmp_path / "pictures-folders-2"
