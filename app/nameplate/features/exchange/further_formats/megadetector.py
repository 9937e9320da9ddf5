"""MegaDetector's JSON, version 1.6, which Timelapse, AddaxAI and other camera-trap programs read.

MegaDetector finds boxes and names what is in them. Here each picture is one box with the labels of
the picture in it; a field of our own, which others pass over, says who decided.
"""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, RecordProblem
from nameplate.features.exchange.further_formats.json_lines import (
    image_json,
    json_bytes,
    number_in,
    object_in,
    objects_in,
    record_of,
    text_in,
    whole_object,
)
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.outputs.output import Kind, Output
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular

_VERSION: Final = "1.6"
_CATEGORY: Final = "1"
_WHOLE: Final = (0.0, 0.0, 1.0, 1.0)
_DIGITS: Final = 6
_OWN: Final = "nameplate"
_KEPT: Final = ("labels", "decided_by", "state", "decided_at", "probability", "size", "digest")

_HEAD: Final = 1 << 16
_LEAST: Final = 0.2
"""Confidence of a box that says something; MegaDetector lists all from 0.005 on."""


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write MegaDetector's JSON, whole or not at all.

    A label that a person decided has the confidence 1, and so has one without a probability. A
    picture without a label has no box; one that could not be read a failure, as the format says.
    """
    export = task.export
    concepts = (*export.concepts, *export.scored)
    codes = {name: str(n) for n, name in enumerate(dict.fromkeys(one.name for one in concepts))}

    def fill(stream: BinaryIO) -> None:
        info = {"format_version": _VERSION, "detector": "whole picture"}
        model = {"classifier": export.model} if export.model else {}
        values = {
            "info": info | model,
            "detection_categories": {_CATEGORY: "picture"},
            "classification_categories": {code: name for name, code in codes.items()},
        }
        stream.write(json_bytes(values)[:-1] + b',\n"images":[')
        separator = b"\n"
        for image in task.images():
            stream.write(separator + json_bytes(_image(image, codes, task.scored_names)))
            separator = b",\n"
        stream.write(b"\n]}\n")

    output.write(fill)
    return ExportReport(export.count(task.options.which))


def fits(path: Path) -> bool:
    """Return whether a file begins like one of MegaDetector's."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    with open_regular(path) as stream:
        head = stream.read(_HEAD)
    return re.match(rb"\s*\{", head) is not None and (
        b'"detection_categories"' in head or b'"detections"' in head
    )


def read(path: Path, options: ImportOptions) -> Iterator[Read]:
    """Yield a record for each picture.

    Where the field of our own is missing, each box gives the name that it is most sure of, or else
    that of what was found, as an automatic label.

    Raises:
        UsageError: It is no such file, or too large.
    """
    whole = whole_object(path)
    if whole is None or not isinstance(whole.get("images"), list):
        raise UsageError("no-megadetector", where=printable(str(path)))
    images = cast("list[Any]", whole.pop("images"))
    names = _texts(whole, "detection_categories"), _texts(whole, "classification_categories")
    model = text_in(object_in(whole, "info"), "classifier")
    for number, image in enumerate(options.until_cancel(images), 1):
        if isinstance(image, dict):
            yield _record(number, cast("dict[str, Any]", image), names, model)
        else:
            yield RecordProblem(number, Message("no-json-object"))


def _texts(values: Mapping[str, Any], key: str) -> dict[str, str]:
    found = object_in(values, key)
    return {code: name for code, name in found.items() if isinstance(name, str)}


def _record(
    number: int, image: dict[str, Any], names: tuple[dict[str, str], dict[str, str]], model: str
) -> Read:
    own = image.get(_OWN)
    if isinstance(own, dict):
        return record_of(
            number, cast("dict[str, Any]", own) | {"path": image.get("file"), "model": model}
        )
    path = image.get("file")
    if not isinstance(path, str) or not path:
        return RecordProblem(number, Message("json-without-path-or-label"))
    found = [_of_box(box, names) for box in objects_in(image, "detections")]
    sure = sorted((one for one in found if one[1] >= _LEAST and one[0]), key=lambda one: -one[1])
    labels = tuple(dict.fromkeys(label for label, _ in sure))
    probability = sure[0][1] if sure else None
    by = "auto" if labels else ""
    return LabelRecord(number, path, labels, by, "suggested", 0, probability, model)


def _of_box(box: dict[str, Any], names: tuple[dict[str, str], dict[str, str]]) -> tuple[str, float]:
    """Return the name of a detection, and its confidence."""
    label = names[0].get(str(box.get("category")), "")
    match box.get("classifications"):
        case [[str(code), *_], *_]:
            label = names[1].get(code, label)
        case _:
            pass
    return label, number_in(box, "conf") or 0.0


def _image(image: ExportedImage, codes: dict[str, str], scored: tuple[str, ...]) -> dict[str, Any]:
    if image.error and image.probability is None and not image.labels:
        return {"file": image.path, "detections": None, "failure": image.error}
    found = sorted(_classifications(image, codes, scored), key=lambda one: -one[1])
    box = {"category": _CATEGORY, "conf": 1.0, "bbox": _WHOLE, "classifications": found}
    values: dict[str, Any] = {"file": image.path, "detections": [box] if found else []}
    if found or image.decided_by:
        known = image_json(image)
        values[_OWN] = {key: known[key] for key in _KEPT if known[key] is not None}
    return values


def _classifications(
    image: ExportedImage, codes: dict[str, str], scored: tuple[str, ...]
) -> Iterator[tuple[str, float]]:
    """Yield code and confidence of each label, and of each scored name if given."""
    numbers = dict(zip(scored, image.all_probabilities, strict=False))
    if not numbers and image.labels and image.probability is not None:
        numbers[image.labels[0]] = image.probability
    for label in image.labels:
        number = 1.0 if image.is_decided else numbers.get(label, 1.0)
        yield codes[label], _confidence(number, 1.0)
    for name, number in numbers.items():
        if name not in image.labels and math.isfinite(number):
            yield codes[name], _confidence(number, 0.0)


def _confidence(number: float, otherwise: float) -> float:
    return round(float(number), _DIGITS) if math.isfinite(number) else otherwise


READ_MEGADETECTOR: Final = ImportFormat("megadetector", "MegaDetector", fits, read)
MEGADETECTOR: Final = ExportFormat(
    "megadetector",
    "MegaDetector",
    Target.FILE,
    ".json",
    Kind(Message("megadetector-json"), lambda _: False),
    frozenset(("which", "all_scores", "absolute_paths")),
    write,
    purpose=Message("for-megadetector"),
)
