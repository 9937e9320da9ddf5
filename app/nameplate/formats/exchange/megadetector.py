"""MegaDetector's JSON, version 1.6, which Timelapse, AddaxAI and other camera-trap programs read.

MegaDetector finds boxes and names what is in them. Here each picture is one box with the labels of
the picture in it.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from nameplate.domain.messages import Message
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.label_export import ExportedImage
from nameplate.formats.outputs.output import Kind, Output

_VERSION: Final = "1.6"
_CATEGORY: Final = "1"
_WHOLE: Final = (0.0, 0.0, 1.0, 1.0)
_DIGITS: Final = 6


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write MegaDetector's JSON, whole or not at all.

    A label that a person decided has the confidence 1, and so has one without a probability. A
    picture without a label has no box; one that could not be read a failure, as the format says.

    Raises:
        OutputError: It must not be written, or cannot; an earlier file is whole.
        CancelledError: The task was cancelled; likewise.
    """
    export = task.export
    concepts = (*export.concepts, *export.scored)
    codes = {name: str(n) for n, name in enumerate(dict.fromkeys(one.name for one in concepts))}

    def fill(stream: BinaryIO) -> None:
        info = {"format_version": _VERSION, "detector": "whole picture"}
        model = {"classifier": export.facts.model} if export.facts.model else {}
        values = {
            "info": info | model,
            "detection_categories": {_CATEGORY: "picture"},
            "classification_categories": {code: name for name, code in codes.items()},
        }
        stream.write(_json(values)[:-1] + b',\n"images":[')
        separator = b"\n"
        for image in task.images():
            stream.write(separator + _json(_image(image, codes, task.scored_names)))
            separator = b",\n"
        stream.write(b"\n]}\n")

    output.write(fill)
    return ExportReport(export.count(decided_only=task.options.decided_only))


def _image(image: ExportedImage, codes: dict[str, str], scored: tuple[str, ...]) -> dict[str, Any]:
    if image.error and image.probability is None and not image.labels:
        return {"file": image.path, "detections": None, "failure": image.error}
    found = sorted(_classifications(image, codes, scored), key=lambda one: -one[1])
    box = {"category": _CATEGORY, "conf": 1.0, "bbox": _WHOLE, "classifications": found}
    return {"file": image.path, "detections": [box] if found else []}


def _classifications(
    image: ExportedImage, codes: dict[str, str], scored: tuple[str, ...]
) -> Iterator[tuple[str, float]]:
    """Yield code and confidence of each label, and of each scored name where these are given."""
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


def _json(values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False, allow_nan=False).encode()


MEGADETECTOR: Final = ExportFormat(
    "megadetector",
    "MegaDetector",
    Target.FILE,
    ".json",
    Kind(Message("megadetector-json"), lambda _: False),
    frozenset(("decided_only", "all_scores", "absolute_paths")),
    write,
    purpose=Message("for-megadetector"),
)
