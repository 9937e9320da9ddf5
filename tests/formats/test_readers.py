"""What is exported is read as it was meant by the programs that it is meant for."""

import importlib
import importlib.util
import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from exchange_help import deliver
from nameplate.formats.csv import without_apostrophe
from nameplate.formats.outputs.safe_names import read_names


def colour_of(file):
    with Image.open(file) as image:
        return image.convert("RGB").getpixel((5, 5))


def reads(format_id, reader):
    return pytest.mark.formats(format_id, reader)


def program(name):
    found = shutil.which(name)
    return found or pytest.skip(f"{name} is not installed")


# ---- pandas


@reads("csv", "pandas")
def test_csv(project, by_path, tmp_path):
    pandas = pytest.importorskip("pandas")
    deliver(project, "csv", tmp_path / "labels.csv")
    table = pandas.read_csv(tmp_path / "labels.csv", keep_default_na=False)
    found = map(without_apostrophe, table["label"])
    assert dict(zip(table["path"], found, strict=True)) == {
        path: name.replace("|", "\\|") for path, name in by_path.items()
    }


@reads("jsonl", "pandas")
def test_json_lines(project, by_path, tmp_path):
    pandas = pytest.importorskip("pandas")
    deliver(project, "jsonl", tmp_path / "labels.jsonl")
    table = pandas.read_json(tmp_path / "labels.jsonl", lines=True)
    assert dict(zip(table["path"], table["labels"].str[0], strict=True)) == by_path


# ---- datasets


def dataset(kind, **where):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    return datasets.load_dataset(kind, **where)


def coloured(rows):
    """Return name of each picture by its colour, of a dataset with pictures and labels."""
    names = getattr(rows.features["label"], "names", None)
    return {
        row["image"].convert("RGB").getpixel((5, 5)): names[row["label"]] if names else row["label"]
        for row in rows
    }


@reads("imagefolder", "datasets")
def test_imagefolder(project, by_colour, tmp_path):
    deliver(project, "imagefolder", tmp_path / "out")
    rows = dataset("imagefolder", data_dir=str(tmp_path / "out"))["train"]
    assert coloured(rows) == by_colour


@reads("folders", "datasets")
def test_class_folders(project, by_colour, tmp_path):
    deliver(project, "folders", tmp_path / "out")
    rows = dataset("imagefolder", data_dir=str(tmp_path / "out"))["train"]
    names = read_names(tmp_path / "out")
    found = {colour: names[name] for colour, name in coloured(rows).items()}
    assert found == by_colour


@reads("jsonl", "datasets")
def test_json_lines_with_datasets(project, by_path, tmp_path):
    deliver(project, "jsonl", tmp_path / "labels.jsonl")
    rows = dataset("json", data_files=str(tmp_path / "labels.jsonl"))["train"]
    assert {row["path"]: row["labels"] for row in rows} == {
        path: [name] for path, name in by_path.items()
    }


# ---- FiftyOne


def importer(name, folder):
    data = pytest.importorskip("fiftyone.utils.data")
    found = getattr(data, name)(dataset_dir=str(folder))
    with found:
        return {colour_of(path): label for path, _, label in found}


@reads("folders", "fiftyone, its importer")
def test_class_folders_with_fiftyone(project, by_colour, tmp_path):
    deliver(project, "folders", tmp_path / "out")
    found = importer("ImageClassificationDirectoryTreeImporter", tmp_path / "out")
    names = read_names(tmp_path / "out")
    assert {colour: names[label.label] for colour, label in found.items()} == by_colour
    assert "_unlabelled" not in {label.label for label in found.values()}


# ---- torchvision, which Ultralytics reads with


@reads("folders", "torchvision ImageFolder")
def test_class_folders_with_torchvision(project, by_colour, tmp_path):
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed: 200 MB and more with torch")
    torchvision = importlib.import_module("torchvision")
    deliver(project, "folders", tmp_path / "out")
    names = read_names(tmp_path / "out")
    rows = torchvision.datasets.ImageFolder(str(tmp_path / "out"))
    found = {colour_of(file): names[rows.classes[number]] for file, number in rows.samples}
    assert found == by_colour


# ---- Label Studio


@reads("label-studio", "label-studio-sdk, its converter")
def test_label_studio(project, by_path, tmp_path):
    converter = pytest.importorskip("label_studio_sdk.converter")
    deliver(project, "label-studio", tmp_path / "tasks.json")
    made = converter.Converter(str(tmp_path / "label_config.xml"), str(tmp_path))
    tasks = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    numbered = [{"id": number, **task} for number, task in enumerate(tasks, 1)]  # as on import
    (tmp_path / "exported.json").write_text(json.dumps(numbered), encoding="utf-8")
    made.convert_to_json_min(str(tmp_path / "exported.json"), str(tmp_path / "out"), is_dir=False)
    found = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    keys = [key for key in found[0] if key not in ("id", "image", "path", "size", "digest")]
    choice = next(key for key in keys if found[0][key] in by_path.values())
    assert {one["path"]: one[choice] for one in found} == by_path


@reads("label-studio", "label-studio-sdk, its interface")
def test_label_studio_configuration(project, tmp_path):
    interface = pytest.importorskip("label_studio_sdk.label_interface")
    deliver(project, "label-studio", tmp_path / "tasks.json")
    config = (tmp_path / "label_config.xml").read_text(encoding="utf-8")
    made = interface.LabelInterface(config)
    made.validate()
    for task in json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8")):
        for annotation in task["annotations"]:
            assert made.validate_annotation(annotation)


# ---- XMP


@reads("xmp", "exiftool")
@pytest.mark.parametrize("sidecars", ["beside", "mirror"])
def test_xmp(project, by_path, tmp_path, sidecars):
    exiftool = program("exiftool")
    place = Path("beside") if sidecars == "beside" else tmp_path / "out"
    deliver(project, "xmp", place)
    root = tmp_path / "pictures" if sidecars == "beside" else tmp_path / "out"
    said = subprocess.run(
        [exiftool, "-json", "-charset", "utf8", "-r", "-ext", "xmp", "-XMP-dc:Subject", "."],
        cwd=root, capture_output=True, check=True,
    ).stdout  # fmt: skip
    found = {one["SourceFile"].removeprefix("./"): one["Subject"] for one in json.loads(said)}
    assert {path.removesuffix(".xmp"): str(value) for path, value in found.items()} == by_path


@reads("exiftool", "exiftool")
def test_keywords(project, labels, tmp_path):
    """Keywords that were there survive, pixels stay, and each original is kept."""
    exiftool, root = program("exiftool"), tmp_path / "pictures"
    before = {file: Image.open(file).tobytes() for file in labels}
    first = next(iter(labels))
    old = ["-q", "-overwrite_original", "-XMP-dc:Subject=holiday", str(first)]
    subprocess.run([exiftool, *old], check=True)
    report = deliver(project, "exiftool", tmp_path / "keywords.csv")
    subprocess.run(shlex.split(report.command), capture_output=True, check=True)
    said = subprocess.run(
        [exiftool, "-json", "-charset", "utf8", "-r", "-XMP-dc:Subject", str(root)],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    found = {Path(one["SourceFile"]): one["Subject"] for one in json.loads(said)}
    assert found.pop(first) == ["holiday", labels[first]]
    assert {file: str(name) for file, name in found.items()} == {
        file: name for file, name in labels.items() if file != first
    }
    assert {file: Image.open(file).tobytes() for file in labels} == before
    assert len(list(root.rglob("*_original"))) == len(labels)


# ---- MegaDetector


@reads("megadetector", "megadetector-utils, its validator")
def test_megadetector(project, by_path, tmp_path):
    validator = pytest.importorskip("megadetector.postprocessing.validate_batch_results")
    deliver(project, "megadetector", tmp_path / "md.json")
    options = validator.ValidateBatchResultsOptions()
    options.check_image_existence, options.return_data = True, True
    options.relative_path_base = str(tmp_path / "pictures")
    found = validator.validate_batch_results(str(tmp_path / "md.json"), options)
    assert not found["validation_results"]["errors"]
    assert not found["validation_results"]["warnings"]
    names = found["classification_categories"]
    assert {
        one["file"]: names[one["detections"][0]["classifications"][0][0]] for one in found["images"]
    } == by_path
