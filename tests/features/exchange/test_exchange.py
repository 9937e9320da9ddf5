"""Single formats: their exact form, and what other programs write in them."""

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from exchange_help import JPEG, deliver, project_of
from nameplate.domain.changes import RemoveImages
from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.records import LabelRecord, RecordProblem
from nameplate.domain.stacks import StackKind, Stacks
from nameplate.features.exchange.further_formats import (
    class_folders,
    imagefolder,
    json_lines,
    label_studio,
)
from nameplate.features.exchange.further_formats.exported_pictures import picture_names
from nameplate.features.exchange.further_formats.json_lines import JSONL
from nameplate.formats.export_format import ExportOptions, ExportTask, TransferMode
from nameplate.formats.import_format import ImportOptions
from nameplate.formats.label_export import LabelExport
from nameplate.formats.labels_csv import CSV
from nameplate.formats.labels_csv import READ_CSV as CSV_READER
from nameplate.formats.outputs.safe_names import NAMES_FILE, names_content
from nameplate.formats.registry import FORMATS, import_format_of
from nameplate.project.label_changes import auto_label, label, skip
from nameplate.scoring.suggestions import Suggestions
from nameplate.wording.texts import what_of
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
    return chosen.write(ExportTask(opened.export(), ExportOptions(**options)), output)


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


def test_a_linked_imagefolder_shares_the_pictures_and_a_cancelled_one_leaves_nothing(
    opened, tmp_path
):
    cancel = CancelToken()
    chosen = FORMATS["imagefolder"]
    task = ExportTask(opened.export(), ExportOptions(transfer=TransferMode.LINK), cancel)
    cancel.cancel()
    with pytest.raises(CancelledError):
        chosen.write(task, chosen.output(tmp_path / "out"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures"]
    write(opened, "imagefolder", tmp_path / "out", transfer=TransferMode.LINK)
    assert all(path.stat().st_nlink == 2 for path in opened.project.images.paths[4:])


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
    labels = {Path(one.path).name: one.labels for one in items if hasattr(one, "labels")}
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


def test_a_line_of_just_the_longest_length_takes_none_of_the_next_one(tmp_path):
    first = b'{"path": "' + b"a" * (4_000_000 - 13) + b'"}\n'
    assert len(first) == 4_000_000
    (path := tmp_path / "x.jsonl").write_bytes(first + b'{"path": "b"}\n')
    assert [record.row for record in json_lines.read(path, ImportOptions())] == [1, 2]


@pytest.mark.skipif(os.name == "nt", reason="any bytes in names")
@pytest.mark.parametrize("format_id", FORMATS)
@pytest.mark.parametrize(
    ("file", "name"),
    [(b"caf\xe9/caf\xe9.jpg", "cat"), (b"a.jpg", "caf\udce9"), (b"a.j\xe9", "x\ud800")],
)
def test_names_that_are_no_text_are_written_in_every_format(tmp_path, format_id, file, name):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/in/" + file))
    path.parent.mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(tmp_path / "x.png")
    (tmp_path / "x.png").rename(path)
    report = deliver(project_of({path: [name]}), format_id, tmp_path / "out")
    assert (report.images, list(report.problems)) == (1, [])


PATHS = st.lists(
    st.sampled_from(["a.jpg", "A.JPG", "in/a.jpg", "b/a.jpg", "a.png", "in/a", "CON.jpg",
                     "x/con.JPG", "a-ba53cb26.jpg", "é.jpg", "e\u0301.jpg",
                     "y/" + "l" * 240 + ".jpeg", ".jpg"])
    | st.text(min_size=1),
    unique=True,
)  # fmt: skip


@given(PATHS)
def test_no_two_pictures_get_the_same_name_on_any_system(paths):
    names = picture_names(paths)
    assert len({name.casefold() for name in names}) == len(paths)
    assert all(len(name.encode()) < 200 and "/" not in name for name in names)


def test_a_plain_name_stays_and_a_long_one_keeps_its_ending():
    plain, long = picture_names(["in/IMG_1.JPG", "x" * 240 + ".heic"])
    assert plain == "IMG_1.JPG"
    assert long.endswith("x.heic")


def test_names_that_clash_keep_theirs_when_others_come_and_go():
    some = dict(zip(p := ["a/1.jpg", "b/1.jpg", "c/2.jpg"], picture_names(p), strict=True))
    more = dict(zip(q := ["0/1.jpg", *p[1:], p[0]], picture_names(q), strict=True))
    assert {path: more[path] for path in p} == some
    assert some["c/2.jpg"] == "2.jpg"
    assert some["a/1.jpg"] != some["b/1.jpg"]
    assert some["a/1.jpg"].startswith("1-")


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
    none = Suggestions()
    export = replace(
        LabelExport.of(project.images, project.labels, project.concepts, none, what_of),
        first_images=project.first_images,
        is_read=False,
        stacks=stacks,
    )
    path = tmp_path / f"out.{name}"
    chosen = FORMATS[name]
    output = chosen.output(path, overwrite=True)
    chosen.write(ExportTask(export, options), output)
    return path


def numbers_in(path):
    if path.suffix == ".csv":
        return [row["stack"] for row in csv.DictReader(path.read_text().splitlines())]
    return [json.loads(line)["stack"] for line in path.read_text().splitlines()]


@pytest.mark.parametrize(("name", "none"), [("csv", ""), ("jsonl", None)])
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
