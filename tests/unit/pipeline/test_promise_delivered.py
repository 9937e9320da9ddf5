"""What a promise that was kept looks like in what is delivered, and to a stranger."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nameplate.cli.labelling import export_without_model
from nameplate.cli.main import run
from nameplate.domain.errors import OutputError
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.formats.outputs.output import Output
from nameplate.formats.registry import FORMATS
from nameplate.pipeline.exporting import ExportRequest, write_export
from nameplate.project.file import store
from nameplate.project.labelling import label
from nameplate.project.promising.giving import give
from nameplate.scoring.promise.counts import most_wrong
from nameplate.wording.texts import what_of
from promise_help import Folder


@pytest.fixture
def folder():
    """Of 1,000 pictures two are labelled wrongly, and the promise is kept."""
    folder = Folder(1000, wrong=(7, 500))
    folder.begin()
    folder.check_all()
    folder.take(give(folder.project, folder.now))
    return folder


def delivered(folder, path, **options):
    request = ExportRequest(FORMATS[path.suffix[1:]], path=path, **options)
    return write_export(export_without_model(folder.project), request, None, CancelToken())


def test_each_promised_label_says_so_and_whether_it_was_checked(folder, tmp_path):
    delivered(folder, tmp_path / "labels.csv")
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["promised"] for row in rows} == {"0.98"}
    checked = sum(row["checked"] == "yes" for row in rows)
    assert checked == folder.state.checks
    assert checked == sum(row["decided_by"] == "person" for row in rows)
    delivered(folder, tmp_path / "labels.jsonl")
    lines = (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    assert sum(json.loads(line)["checked"] for line in lines) == checked


def test_the_certificate_lies_beside_the_labels_and_its_numbers_can_be_checked(folder, tmp_path):
    exported = delivered(folder, tmp_path / "labels.csv")
    (path,) = exported.report.also
    text = path.read_text(encoding="utf-8")
    assert path.name == "labels.csv.certificate.txt"
    assert "At least 98% of these 1,000 labels are right, 20 wrong at most." in text
    pattern = r"K = (\d+), n = (\d+), x = (\d+)\. .* above ([0-9.]+) is (\d+)"
    size, checks, wrong, risk, bound = re.search(pattern, text).groups()
    assert (int(checks), int(wrong)) == (folder.state.checks, folder.state.wrong)
    assert most_wrong(int(size), int(checks), int(wrong), float(risk)) == int(bound)
    assert int(bound) - int(wrong) <= 20
    assert f"seed {folder.project.promise.seed}" in text
    assert "…" not in text  # nothing is missing
    delivered(folder, tmp_path / "labels.csv", overwrite=True)


def test_without_a_promise_that_holds_nothing_is_said(folder, tmp_path):
    folder.project.undo()
    exported = delivered(folder, tmp_path / "labels.csv")
    assert not exported.report.also
    header = (tmp_path / "labels.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "promised" not in header


def test_a_promise_that_was_broken_is_told_and_an_earlier_certificate_replaced(folder, tmp_path):
    (path,) = delivered(folder, tmp_path / "labels.csv").report.also
    row = np.flatnonzero(folder.project.labels.decided_by != DecidedBy.PERSON)[:1]
    folder.opened.do(label(folder.project, row, folder.opened.ids[1 - int(row[0]) % 2], folder.now))
    report = delivered(folder, tmp_path / "labels.csv", overwrite=True).report
    assert "98%" not in path.read_text(encoding="utf-8")
    assert "Nothing is promised of these labels" in path.read_text(encoding="utf-8")
    assert "changed without a check" in what_of(report.notes[0])
    new = delivered(folder, tmp_path / "others.csv").report
    assert new.notes
    assert not new.also


def test_parquet_says_which_labels_are_promised(folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    delivered(folder, tmp_path / "labels.parquet")
    table = parquet.read_table(tmp_path / "labels.parquet").to_pydict()
    assert set(table["promised"]) == {0.98}
    assert sum(table["checked"]) == folder.state.checks


def test_a_promise_that_a_file_only_claims_gets_no_certificate(folder, tmp_path):
    promise = folder.project.promise
    folder.project.promise = replace(promise, plan=replace(promise.plan, allowed=900, looks=(1,)))
    assert not delivered(folder, tmp_path / "labels.csv").report.also


def test_a_certificate_that_fails_fails_no_export_and_leaves_no_earlier_one(
    folder, tmp_path, monkeypatch
):
    (path,) = delivered(folder, tmp_path / "labels.csv").report.also
    write = Output.write_bytes

    def fail(output, content):
        if output.path == path:
            raise OutputError("full-disk", where=str(path))
        write(output, content)

    monkeypatch.setattr(Output, "write_bytes", fail)
    report = delivered(folder, tmp_path / "labels.csv", overwrite=True).report
    assert [what_of(note) for note in report.notes] == [
        "the certificate cannot be written: the disk is full"
    ]
    assert not path.exists()
    assert report.images == 1000


def test_another_file_in_the_place_of_the_certificate_is_kept(folder, tmp_path):
    other = Path(tmp_path, "labels.csv.certificate.txt")
    other.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError):
        delivered(folder, tmp_path / "labels.csv")
    assert not (tmp_path / "labels.csv").exists()
    assert other.read_text(encoding="utf-8") == "mine"


def test_the_command_line_says_what_is_promised_and_checks_it(folder, tmp_path, capsys):
    path = tmp_path / "a.nameplate"
    store.close(store.create(path, folder.project))
    assert run(["project", "check", str(path)]) == 0
    capsys.readouterr()
    assert run(["project", "info", str(path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["promise"]
    assert (facts["state"], facts["labels"], facts["right_at_least"]) == ("given", 1000, 0.98)
    assert run(["project", "info", str(path)]) == 0
    assert "at least 98% of 1,000 labels are right: given" in capsys.readouterr().out
