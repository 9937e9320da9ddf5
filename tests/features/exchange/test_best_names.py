"""Exports of the best names: labels where there are any, and suggestions that nobody decided."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from exchange_help import JPEG
from features.exchange.reading import read_back
from nameplate.domain.changes import RemoveImages, SetConcepts
from nameplate.domain.labels import DecidedBy
from nameplate.features.exchange.import_reader import ImportReader
from nameplate.features.exchange.importing import import_change
from nameplate.formats.export_format import ExportOptions, ExportTask
from nameplate.formats.exported_image import Which
from nameplate.formats.import_format import ImportOptions
from nameplate.formats.registry import FORMATS, IMPORTS
from nameplate.project.label_changes import auto_label, label, skip
from nameplate.ui.export.memory import options_as_json, options_of_json
from project_help import opened_project

NAMED = {
    "skipped.jpg": "",
    "person.jpg": "y",
    "auto.jpg": "x",
    "suggested.jpg": "x",
    "unread.jpg": "",
}
"""The best names, by picture."""


@pytest.fixture
def opened(tmp_path):
    """Pictures with a label of a person, an automatic one, a suggestion, a skip, and none."""
    opened = opened_project()
    opened.do(RemoveImages(opened.project.images.ids))
    rows = {}
    for name in NAMED:
        file = tmp_path / "pictures" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(JPEG + name.encode())
        opened.add_images(str(file))
        rows[name] = len(opened.project.images) - 1
        if name != "unread.jpg":
            opened.embed(rows[name], 0)
    opened.score()
    opened.do(auto_label(opened.project, np.array([rows["auto.jpg"]]), opened.now))
    opened.do(label(opened.project, np.array([rows["person.jpg"]]), opened.ids[1], opened.now))
    opened.do(skip(opened.project, np.array([rows["skipped.jpg"]]), opened.now))
    return opened


def task(opened, which):
    return ExportTask(opened.export(), ExportOptions(which=which))


def write(opened, format_id, out, which):
    chosen, images = FORMATS[format_id], opened.project.images.paths.texts
    return chosen.write(task(opened, which), chosen.output(out, images=images))


@pytest.mark.parametrize(
    ("which", "rows", "labelled"), [(Which.BEST, 4, 3), (Which.LABELS, 3, 2), (Which.DECIDED, 2, 1)]
)
def test_the_counts_are_those_of_what_is_written(opened, tmp_path, which, rows, labelled):
    export = opened.export()
    assert export.count_named(which) == labelled
    assert write(opened, "folders", tmp_path / "out", which).images == labelled
    there = [
        one for one in task(opened, which).exported(has_best=True) if one.best or one.is_decided
    ]
    assert len(there) == rows


def test_the_best_name_has_columns_of_its_own_and_the_label_stays_empty(opened, tmp_path):
    write(opened, "csv", tmp_path / "x.csv", Which.BEST)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text(), newline="")))
    assert {row["path"]: row["best"] for row in rows} == NAMED
    of = {row["path"]: row for row in rows}
    assert (of["suggested.jpg"]["label"], of["suggested.jpg"]["decided_by"]) == ("", "")
    assert float(of["suggested.jpg"]["best_probability"]) > 0.9
    assert of["person.jpg"]["best_probability"] == of["person.jpg"]["probability"]
    assert of["unread.jpg"]["best_probability"] == ""
    write(opened, "jsonl", tmp_path / "x.jsonl", Which.BEST)
    lines = map(json.loads, (tmp_path / "x.jsonl").read_text().splitlines())
    assert {one["path"]: one["best"] or "" for one in lines} == NAMED


@pytest.mark.parametrize("format_id", [one for one in FORMATS if one != "exiftool"])
def test_no_suggestion_becomes_a_decision_when_it_is_imported_again(opened, tmp_path, format_id):
    chosen, out = FORMATS[format_id], tmp_path / f"out{FORMATS[format_id].ending}"
    write(opened, format_id, out, Which.BEST)
    other = opened_project()
    other.do(RemoveImages(other.project.images.ids))
    for name in NAMED:
        other.add_images(str(tmp_path / "pictures" / name))
    read_as = IMPORTS.get(format_id, IMPORTS["folders"])
    *_, plan = ImportReader(other.project).read(out, read_as, ImportOptions())
    other.do(import_change(other.project, plan, replaces=True, at=1).change)
    by = {
        path.name: int(decider)
        for path, decider in zip(
            other.project.images.paths, other.project.labels.decided_by, strict=True
        )
    }
    assert by["suggested.jpg"] in (DecidedBy.NOBODY, DecidedBy.AUTO)
    assert by["unread.jpg"] == DecidedBy.NOBODY
    assert chosen.has_best <= (by["suggested.jpg"] == DecidedBy.NOBODY)


def test_a_suggestion_of_none_of_these_is_seen_but_is_no_label(opened, tmp_path):
    first, *others = opened.project.concepts
    rejecting = (first.__class__(first.key, first.name, is_reject=True), *others)
    opened.do(SetConcepts(rejecting))
    opened.score()
    images = {one.path: one for one in task(opened, Which.BEST).exported(has_best=True)}
    assert images["suggested.jpg"].best == "x"
    assert images["suggested.jpg"].labelled_best().labels == ()
    write(opened, "folders", tmp_path / "out", Which.BEST)
    assert "suggested.jpg" not in [path.name for path in (tmp_path / "out").rglob("*")]


def test_read_back_gives_the_suggested_folder(opened, tmp_path):
    write(opened, "folders", tmp_path / "out", Which.BEST)
    found = read_back(opened.project, tmp_path / "out", "folders")
    assert found[str(tmp_path / "pictures" / "suggested.jpg")] == ["x"]


def test_without_suggestions_the_best_names_are_the_labels(opened, tmp_path):
    plain = ExportTask(replace(opened.export(), has_suggestions=False))
    FORMATS["csv"].write(plain, FORMATS["csv"].output(tmp_path / "x.csv"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text(), newline="")))
    assert len(rows) == len(NAMED)
    assert "best" not in rows[0]
    assert not any(image.suggested_by for image in plain.exported())
    assert plain.export.count_suggested() == 0


@pytest.mark.parametrize(
    ("remembered", "which"),
    [
        ({}, Which.BEST),
        ({"which": None}, Which.BEST),
        ({"which": "labels"}, Which.LABELS),
        ({"unknown": None}, Which.BEST),
        ({"which": "others", "split": [0.5, 0.5]}, Which.BEST),
    ],
)
def test_what_is_remembered_is_understood_as_far_as_it_goes(remembered, which):
    options = options_of_json(remembered)
    assert options.which is which
    assert options_of_json(options_as_json(options)) == options
