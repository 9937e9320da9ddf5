"""Single formats: their exact form, and what other programs write in them."""

import csv
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exchange_help import JPEG, deliver, project_of
from nameplate.domain.changes import RemoveImages
from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.records import LabelRecord, RecordProblem
from nameplate.features.exchange.formats import class_folders, imagefolder, json_lines, label_studio
from nameplate.features.exchange.formats.json_lines import JSONL
from nameplate.formats.export_format import ExportOptions, ExportTask, Transfer
from nameplate.formats.import_format import ImportOptions
from nameplate.formats.labels_csv import CSV
from nameplate.formats.labels_csv import READ_CSV as CSV_READER
from nameplate.formats.outputs.safe_names import NAMES_FILE, names_content
from nameplate.formats.registry import FORMATS, import_format_of
from nameplate.project.labelling import auto_label, label, skip
from project_help import opened_project

NO_OPTIONS = ImportOptions()


@pytest.fixture
def opened(tmp_path):
    """Three pictures: the first labelled automatically, then one by a person, and one skipped."""
    opened = opened_project()
    opened.do(RemoveImages(opened.project.images.ids))
    for name in ("a.jpg", "in/a.jpg", "in/c.png"):
        file = tmp_path / "pictures" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(JPEG + name.encode())
        opened.add_images(str(file))
    opened.embed(4, 0)
    opened.score()
    opened.do(auto_label(opened.project, np.array([4]), opened.now))
    opened.do(label(opened.project, np.array([5]), opened.ids[1], opened.now))
    opened.do(skip(opened.project, np.array([6]), opened.now))
    return opened


def write(opened, name, path, **options):
    chosen = FORMATS[name]
    images = opened.project.images.paths.texts
    output = chosen.output(path, images=images)
    return chosen.write(ExportTask(opened.export(), ExportOptions(**options), relinks=True), output)


def read(module, source):
    return list(module.read(source, NO_OPTIONS))


def test_another_column_of_our_own_table_can_be_read_for_the_labels(opened, tmp_path):
    out = tmp_path / "o.csv"
    write(opened, "csv", out)
    for column in ("label", "runner_up"):
        options = ImportOptions(label_column=column)
        records = [item for item in CSV_READER.read(out, options) if isinstance(item, LabelRecord)]
        with out.open(encoding="utf-8", newline="") as stream:
            cells = [row[column] for row in csv.DictReader(stream)]
        assert [record.labels for record in records] == [(cell,) if cell else () for cell in cells]
        assert any(cells)


def test_json_lines_have_an_object_an_image(opened, tmp_path):
    out = tmp_path / "o.jsonl"
    write(opened, "jsonl", out, all_scores=True)
    first, second, third = map(json.loads, out.read_text().splitlines())
    assert first["labels"] == ["x"]
    assert (first["decided_by"], first["state"], first["model"]) == ("auto", "suggested", "m")
    assert list(first["probabilities"]) == ["x", "y", "z"]
    assert (second["path"], second["labels"]) == ("in/a.jpg", ["y"])
    assert second["probabilities"] == {"x": None, "y": None, "z": None}
    assert (third["labels"], third["state"]) == ([], "skipped")


def test_label_studio_has_decisions_as_annotations_and_the_rest_as_predictions(opened, tmp_path):
    out = tmp_path / "tasks.json"
    prefix = "/data/local-files/?d="
    report = write(opened, "label-studio", out, image_prefix=prefix)
    first, second, third = json.loads(out.read_text())
    (prediction,) = first["predictions"]
    assert first["data"]["image"] == f"{prefix}a.jpg"
    assert (prediction["model_version"], prediction["score"]) == ("m", pytest.approx(1, abs=1e-3))
    (annotation,) = second["annotations"]
    (result,) = annotation["result"]
    assert (result["type"], result["from_name"], result["to_name"]) == ("choices", "label", "image")
    assert result["value"] == {"choices": ["y"]}
    assert third["annotations"][0]["was_cancelled"] is True
    assert "predictions" not in second
    config = tmp_path / "label_config.xml"
    assert list(report.also) == [config]
    assert '<Choice value="x"/>' in config.read_text()
    assert "z" not in config.read_text().split("<View>")[1]
    assert 'choice="single"' in config.read_text()


def test_somebody_elses_label_config_is_not_replaced(opened, tmp_path):
    (tmp_path / "label_config.xml").write_text("<View/>")
    with pytest.raises(OutputError, match="would-be-lost"):
        write(opened, "label-studio", tmp_path / "tasks.json")
    assert not (tmp_path / "tasks.json").exists()


def test_agreeing_to_replace_the_tasks_does_not_replace_the_config_beside_them(opened, tmp_path):
    (tmp_path / "label_config.xml").write_text("<View/>")
    (tmp_path / "tasks.json").write_text("mine")
    chosen = FORMATS["label-studio"]
    with pytest.raises(OutputError, match="would-be-lost"):
        chosen.write(
            ExportTask(opened.export()), chosen.output(tmp_path / "tasks.json", overwrite=True)
        )
    assert (tmp_path / "label_config.xml").read_text() == "<View/>"
    assert (tmp_path / "tasks.json").read_text() == "mine"


def test_lines_longer_than_most_are_known_as_json_lines(tmp_path):
    values = {"path": "a.jpg", "labels": ["x"], "decided_by": "auto", "templates": "t"}
    values["probabilities"] = {f"name {number}": 0.123456 for number in range(5000)}
    (tmp_path / "a.jsonl").write_text(json.dumps(values) + "\n")
    assert import_format_of(tmp_path / "a.jsonl").id == "jsonl"
    assert JSONL.kind.is_own(tmp_path / "a.jsonl")


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("/data/local-files/?d=in%2Fa%20b.jpg", "in/a b.jpg"),
        ("/data/upload/12/0123abcd-a.jpg", "a.jpg"),
        ("s3://bucket/in/a.jpg", "in/a.jpg"),
        ("https://host/x/a%20b.jpg?sign=1", "x/a b.jpg"),
        ("in/a.jpg", "in/a.jpg"),
    ],
)
def test_the_addresses_of_label_studio_lead_to_paths(tmp_path, image, path):
    file = tmp_path / "t.json"
    choices = {"value": {"choices": ["cat"]}, "type": "choices"}
    tasks = [
        {"data": {"image": image}, "annotations": [{"result": [choices]}]},
        {"image": image, "label": "cat"},
        {"image": image, "label": {"choices": ["cat", "dog"]}},
    ]
    file.write_text(json.dumps(tasks, indent=2))
    assert import_format_of(file).id == "label-studio"
    records = read(label_studio, file)
    assert [record.path for record in records] == [path] * 3
    assert [record.labels for record in records] == [("cat",), ("cat",), ("cat", "dog")]


@pytest.mark.parametrize(
    "content", ["", "{}", "[1", '[{"data": {}}, ', "[{]", '["' + "x" * 20_000_000, "[[[" * 100_000]
)
def test_lists_that_end_or_break_are_refused(tmp_path, content):
    file = tmp_path / "t.json"
    file.write_text(content)
    with pytest.raises(UsageError):
        read(label_studio, file)


def test_lines_of_any_kind_are_reported_by_number(tmp_path):
    file = tmp_path / "t.jsonl"
    lines = [
        b'{"path": "a.jpg", "label": "cat"}', b"", b"[]", b'{"path": 1}', b"{", b"\xff",
        b"[" * 10000, b'{"x": "' + b"y" * 5_000_000 + b'"}',
        b'{"file_name": "b.jpg", "labels": ["x", "y"], "size": -5}',
    ]  # fmt: skip
    file.write_bytes(b"\n".join(lines))
    items = read(json_lines, file)
    assert [(one.row, isinstance(one, LabelRecord)) for one in items] == [
        (1, True), (3, False), (4, False), (5, False), (6, False), (7, False), (8, False), (9, True)
    ]  # fmt: skip
    assert (items[-1].labels, items[-1].size) == (("x", "y"), -1)


def test_an_imagefolder_lies_flat_with_metadata_and_leaves_the_pictures(opened, tmp_path):
    out = tmp_path / "out"
    write(opened, "imagefolder", out)
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert names[2:] == ["train/c.png", "train/metadata.jsonl"]
    lines = (out / "train" / "metadata.jsonl").read_text().splitlines()
    first, second, third = map(json.loads, lines)
    assert (first["label"], first["path"]) == ("x", "a.jpg")
    assert (second["label"], second["path"]) == ("y", "in/a.jpg")
    assert third["label"] is None
    assert (out / "train" / second["file_name"]).read_bytes() == JPEG + b"in/a.jpg"
    assert all(path.exists() for path in opened.project.images.paths[4:])


def test_a_moved_imagefolder_takes_the_pictures_and_a_cancelled_one_leaves_them(opened, tmp_path):
    cancel = CancelToken()
    chosen = FORMATS["imagefolder"]
    task = ExportTask(opened.export(), ExportOptions(transfer=Transfer.MOVE), cancel, relinks=True)
    cancel.cancel()
    with pytest.raises(CancelledError):
        chosen.write(task, chosen.output(tmp_path / "out"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures"]
    write(opened, "imagefolder", tmp_path / "out", transfer=Transfer.MOVE)
    assert not any(path.exists() for path in opened.project.images.paths[4:])


def test_a_file_is_no_imagefolder(tmp_path):
    (tmp_path / "labels.csv").write_text("path,label\n")
    with pytest.raises(UsageError, match="no-folder-to-read"):
        read(imagefolder, tmp_path / "labels.csv")


def test_metadata_of_others_are_read_and_lead_nowhere_else(tmp_path):
    (tmp_path / "test").mkdir()
    (tmp_path / "metadata.csv").write_text("file_name,label\ncat/a.jpg,dog\n../../b.jpg,cat\n")
    (tmp_path / "test" / "metadata.jsonl").write_text('{"file_name": "c.jpg", "label": "cat"}\n')
    assert import_format_of(tmp_path).id == "imagefolder"
    first, second, third = [one for one in read(imagefolder, tmp_path) if hasattr(one, "row")]
    assert (first.path, first.labels) == (str(tmp_path / "cat" / "a.jpg"), ("dog",))
    assert isinstance(second, RecordProblem)
    assert third.file == str(tmp_path / "test" / "c.jpg")


def test_class_folders_give_their_names_and_what_the_names_file_says(tmp_path):
    for name in ("cat/a.jpg", "train/dog/in/b.jpg", "_.._x/c.jpg", "_unlabeled/d.jpg", "e.jpg"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / NAMES_FILE).write_bytes(names_content({"../x": "_.._x"}))
    assert import_format_of(tmp_path).id == "folders"
    items = read(class_folders, tmp_path)
    labels = {one.path.rpartition("/")[2]: one.labels for one in items if hasattr(one, "labels")}
    assert labels == {"a.jpg": ("cat",), "b.jpg": ("dog",), "c.jpg": ("../x",), "d.jpg": ()}
    assert [one.reason.code for one in items if isinstance(one, RecordProblem)] == [
        "in-no-class-folder"
    ]


@pytest.mark.parametrize("name", ["csv", "jsonl", "label-studio"])
def test_a_file_with_decisions_is_not_replaced_unasked_and_an_automatic_one_is(
    opened, tmp_path, name
):
    out = tmp_path / f"o{FORMATS[name].ending}"
    write(opened, name, out)
    before = out.read_bytes()
    with pytest.raises(OutputError, match="would-be-lost"):
        write(opened, name, out)
    assert out.read_bytes() == before
    opened.do(RemoveImages(opened.project.images.ids[5:]))
    out.unlink()
    write(opened, name, out)
    write(opened, name, out)


@pytest.mark.parametrize("name", ["csv", "jsonl", "label-studio"])
def test_a_cancelled_export_leaves_the_file_before(opened, tmp_path, name):
    cancel = CancelToken()
    out, chosen = tmp_path / f"o{FORMATS[name].ending}", FORMATS[name]
    cancel.cancel()
    with pytest.raises(CancelledError):
        chosen.write(ExportTask(opened.export(), cancel=cancel), chosen.output(out))
    assert not out.exists()


def test_progress_comes_to_the_end(opened, tmp_path):
    told = []
    task = ExportTask(opened.export(), on_progress=told.append)
    CSV.write(task, CSV.output(tmp_path / "o.csv"))
    assert [(one.done, one.total) for one in told] == [(0, 3), (3, 3)]


def test_a_line_of_just_the_longest_length_takes_none_of_the_next_one():
    first = b'{"path": "' + b"a" * (4_000_000 - 13) + b'"}\n'
    assert len(first) == 4_000_000
    lines = json_lines.lines_of(io.BytesIO(first + b'{"path": "b"}\n'))
    assert [number for number, _ in lines] == [1, 2]


@pytest.mark.skipif(os.name == "nt", reason="any bytes in names")
@pytest.mark.parametrize("format_id", FORMATS)
@pytest.mark.parametrize(
    ("file", "name"),
    [(b"caf\xe9/caf\xe9.jpg", "cat"), (b"a.jpg", "caf\udce9"), (b"a.j\xe9", "x\ud800")],
)
def test_names_that_are_no_text_are_written_in_every_format(tmp_path, format_id, file, name):
    if format_id == "parquet":
        pytest.importorskip("pyarrow")
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/in/" + file))
    path.parent.mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(tmp_path / "x.png")
    (tmp_path / "x.png").rename(path)
    report = deliver(project_of({path: [name]}), format_id, tmp_path / "out")
    assert (report.images, list(report.problems)) == (1, [])
