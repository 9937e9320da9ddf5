"""Reads what was exported with nothing of Nameplate's: which label each picture has.

Pictures that were copied are known by what they hold: each reader is given the originals by it.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import parse

from PIL import Image

Labels = dict[str, str]
"""By the path below the folder of all pictures; empty for no label."""

Originals = Mapping[str, str]
"""The path of each picture by its digest."""


def digest_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def originals_in(folder: Path) -> dict[str, str]:
    """The pictures below a folder, by their digests."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {digest_of(path): path.relative_to(folder).as_posix() for path in files}


def rows_of_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def _only(labels: list[str]) -> str:
    (label,) = labels or [""]
    return label


def _csv(path: Path, _: Originals) -> Labels:
    return {row["path"]: row["label"] for row in rows_of_csv(path)}


def _lines(path: Path) -> list[dict[str, Any]]:
    return list(map(json.loads, path.read_text(encoding="utf-8").splitlines()))


def _jsonl(path: Path, _: Originals) -> Labels:
    return {one["path"]: _only(one["labels"]) for one in _lines(path)}


def _label_studio(path: Path, _: Originals) -> Labels:
    found = Labels()
    for task in json.loads(path.read_bytes()):
        said = task.get("annotations") or task.get("predictions") or [{"result": []}]
        choices = [name for one in said[0]["result"] for name in one["value"]["choices"]]
        found[task["data"]["image"]] = _only(choices)
    config = parse(path.with_name("label_config.xml"))
    assert set(found.values()) - {""} <= {one.get("value") for one in config.iter("Choice")}
    return found


def _original(file: Path, originals: Originals) -> str:
    with Image.open(file) as image:
        image.load()
    return originals[digest_of(file)]


def _imagefolder(path: Path, originals: Originals) -> Labels:
    train = path / "train"
    lines = _lines(train / "metadata.jsonl")
    return {_original(train / one["file_name"], originals): one["label"] or "" for one in lines}


def _folders(path: Path, originals: Originals) -> Labels:
    names = json.loads((path / "nameplate-names.json").read_bytes())["folders"]
    files = [file for file in path.rglob("*/*") if file.is_file()]
    return {
        _original(file, originals): names.get(file.parent.name, file.parent.name) for file in files
    }


def _xmp(path: Path, _: Originals) -> Labels:
    items = ".//{http://purl.org/dc/elements/1.1/}subject//{*}li"
    return {
        file.relative_to(path).as_posix().removesuffix(".xmp"): _only(
            [one.text or "" for one in parse(file).iterfind(items)]
        )
        for file in path.rglob("*.xmp")
    }


def _exiftool(path: Path, originals: Originals) -> Labels:
    rows = rows_of_csv(path)
    return {_original(Path(row["SourceFile"]), originals): row["XMP-dc:Subject"] for row in rows}


def _megadetector(path: Path, _: Originals) -> Labels:
    values = json.loads(path.read_bytes())
    names = values["classification_categories"]
    return {
        image["file"]: _only(
            [names[code] for box in image["detections"] for code, _ in box["classifications"]]
        )
        for image in values["images"]
    }


READERS: dict[str, Callable[[Path, Originals], Labels]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "label-studio": _label_studio,
    "imagefolder": _imagefolder,
    "folders": _folders,
    "xmp": _xmp,
    "exiftool": _exiftool,
    "megadetector": _megadetector,
}
"""By the id of the format."""
