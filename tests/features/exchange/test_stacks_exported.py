"""Which images belong together is delivered where it was asked for, and nowhere else."""

import csv
import json

import numpy as np
import pytest

from exchange_help import project_of
from nameplate.domain.stacks import StackKind, Stacks
from nameplate.formats.export_format import ExportOptions, ExportTask
from nameplate.formats.label_export import ExportFacts, LabelExport
from nameplate.formats.registry import FORMATS
from nameplate.scoring.suggestions import Suggestions
from nameplate.wording.texts import what_of

WITH = ExportOptions(with_stacks=True)


@pytest.fixture
def project(tmp_path):
    """Four pictures, the first and the last of which are the same file."""
    labels = {}
    for number, content in enumerate((b"one", b"two", b"three", b"one")):
        path = tmp_path / f"{number}.png"
        path.write_bytes(content)
        labels[path] = ["thing"]
    return project_of(labels)


def written(project, name, tmp_path, options, stacks=None):
    facts = ExportFacts("", "", what_of, project.first_images, is_read=False)
    none = Suggestions()
    export = LabelExport.of(project.images, project.labels, project.concepts, none, facts, stacks)
    path = tmp_path / f"out.{name}"
    chosen = FORMATS[name]
    output = chosen.output(path, overwrite=True)
    chosen.write(ExportTask(export, options), output)
    return path


def numbers_in(path):
    if path.suffix == ".csv":
        return [row["stack"] for row in csv.DictReader(path.read_text().splitlines())]
    if path.suffix == ".parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        return parquet.read_table(path)["stack"].to_pylist()
    return [json.loads(line)["stack"] for line in path.read_text().splitlines()]


@pytest.mark.parametrize(("name", "none"), [("csv", ""), ("jsonl", None), ("parquet", None)])
def test_images_of_a_stack_share_a_number_and_others_have_none(project, tmp_path, name, none):
    one = "1" if name == "csv" else 1
    path = written(project, name, tmp_path, WITH)
    assert numbers_in(path) == [one, none, none, one]
    found = Stacks(np.array([-1, 0, 0, -1]), np.array([0, StackKind.BURST, StackKind.BURST, 0]))
    path = written(project, name, tmp_path, WITH, found)
    assert numbers_in(path) == [none, one, one, none]


def test_an_image_that_was_removed_is_in_no_stack(project, tmp_path):
    project.images.set_removed(np.array([3]), is_removed=True)
    assert numbers_in(written(project, "csv", tmp_path, WITH)) == ["", "", ""]


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_without_being_asked_for_there_is_no_such_column(project, tmp_path, name):
    text = written(project, name, tmp_path, ExportOptions()).read_text()
    assert "stack" not in text.splitlines()[0]
