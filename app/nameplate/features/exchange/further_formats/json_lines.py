"""JSON Lines: an object per image with everything the CSV has, and labels as a list."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, ReadAs, RecordProblem
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.import_format import ImportFormat, ImportOptions, opened
from nameplate.formats.outputs.output import Kind, Output
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular

_MOST_LINE: Final = 4_000_000
"""Bytes of a line: 5,000 probabilities take a fifth of a million."""

MOST_OF_WHOLE: Final = 300_000_000
"""Bytes of a file that is one object, and so in memory as a whole: a million pictures."""

PATHS: Final = ("path", "file_name", "file", "image", "filename", "image_path")
LABELS: Final = ("labels", "label", "class", "category")


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write a line for each image, whole or not at all."""
    export, names = task.export, task.scored_names

    def fill(stream: BinaryIO) -> None:
        for image in task.images(has_best=True):
            values = image_json(image, names)
            if task.options.with_stacks:
                values["stack"] = image.stack
            if task.has_best:
                first = {key: values[key] for key in ("path", "labels")}
                best = {"best": image.best or None}
                best |= {"best_probability": _number(image.best_probability)}
                values = first | best | values
            values |= {"model": export.model, "templates": export.templates}
            stream.write(line_of(values))

    output.write(fill)
    return ExportReport(task.export.count(task.options.which))


def image_json(image: ExportedImage, names: Sequence[str] = ()) -> dict[str, Any]:
    """Return an image as JSON values; unknown ones are None.

    `names` are those of its `all_probabilities`.
    """
    values: dict[str, Any] = {
        "path": image.path,
        "labels": list(image.labels),
        "decided_by": image.decided_by or None,
        "state": image.state,
        "decided_at": image.decided_at or None,
        "probability": _number(image.probability),
        "score": _number(image.score),
        "runner_up": image.runner_up or None,
        "runner_up_probability": _number(image.runner_up_probability),
        "margin": _number(image.margin),
        "error": image.error or None,
        "size": image.size if image.size >= 0 else None,
        "digest": image.digest or None,
    }
    if names and image.all_probabilities:
        numbers = map(_number, image.all_probabilities)
        values["probabilities"] = dict(zip(names, numbers, strict=True))
    return values


def json_bytes(values: object) -> bytes:
    """Return JSON; surrogates are escaped, so that they survive."""
    text = json.dumps(values, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def line_of(values: Mapping[str, Any]) -> bytes:
    """Return an object as a line."""
    return json_bytes(values) + b"\n"


def fits(path: Path) -> bool:
    """Return whether the first line of a file is an object with a path."""
    if path.suffix.lower() not in (".jsonl", ".ndjson", ".json") or not path.is_file():
        return False
    with open_regular(path) as stream:
        head = stream.readline(_MOST_LINE)
    values = object_on(head)
    return values is not None and any(isinstance(values.get(key), str) for key in PATHS)


def read(path: Path, options: ImportOptions) -> Iterator[Read]:
    """Yield a record for each line."""
    for number, values in objects_of(path, options):
        if isinstance(values, Message):
            yield RecordProblem(number, values)
        else:
            yield record_of(number, values)


def objects_of(
    path: Path, options: ImportOptions
) -> Iterator[tuple[int, dict[str, Any] | Message]]:
    """Yield number and object of each non-blank line, or why it has none."""
    with opened(path) as stream:
        read_line = partial(stream.readline, _MOST_LINE)
        for number, line in enumerate(options.until_cancel(iter(read_line, b"")), 1):
            if len(line) == _MOST_LINE and not line.endswith(b"\n"):
                while (rest := read_line()) and not rest.endswith(b"\n"):
                    pass
                yield number, Message("row-too-long", {"most": _MOST_LINE})
            elif line.strip():
                values = object_on(line)
                yield number, Message("no-json-object") if values is None else values


def record_of(number: int, values: Mapping[str, Any]) -> Read:
    """Return the record of an image that an object holds."""
    path = next((values[key] for key in PATHS if isinstance(values.get(key), str)), "")
    found: Any = next((values[key] for key in LABELS if values.get(key) is not None), "")
    labels = cast("list[Any]", found if isinstance(found, list) else [found])
    if not path or not all(isinstance(label, str) for label in labels):
        return RecordProblem(number, Message("json-without-path-or-label"), path)
    return LabelRecord(
        number,
        path,
        tuple(label for label in labels if label),
        text_in(values, "decided_by"),
        text_in(values, "state"),
        decided_at=whole_in(values, "decided_at", 0),
        probability=number_in(values, "probability"),
        model=text_in(values, "model"),
        size=whole_in(values, "size", -1),
        digest=text_in(values, "digest"),
    )


def text_in(values: Mapping[str, Any], key: str) -> str:
    """Return the text of a key; empty where it has none."""
    value = values.get(key)
    return value if isinstance(value, str) else ""


def number_in(values: Mapping[str, Any], key: str) -> float | None:
    """Return the finite number of a key; None where it has none."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e300 else None


def whole_in(values: Mapping[str, Any], key: str, other: int) -> int:
    """Return the whole number of a key, 0 or above; `other` where it has none."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        return other
    return value if 0 <= value < 2**62 else other


def list_in(values: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list of a key; an empty one where it has none."""
    found = values.get(key)
    return cast("list[Any]", found) if isinstance(found, list) else []


def object_in(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the object of a key; an empty one where it has none."""
    found = values.get(key)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def objects_in(values: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the objects in the list of a key; none where it has none."""
    return [one for one in list_in(values, key) if isinstance(one, dict)]


def has_no_decision(path: Path, one: ImportFormat) -> bool:
    """Return whether Nameplate wrote this file and it has no decision of a person.

    Raises:
        OSError: It cannot be read.
    """
    if not one.fits(path):
        return False
    return all(_is_automatic(item) for item in one.read(path, ImportOptions()))


def _is_automatic(item: Read | ReadAs) -> bool:
    if not isinstance(item, LabelRecord) or item.decided_by not in ("", "auto", "probe"):
        return False
    return bool(item.decided_by) or not item.labels


def _is_own(path: Path) -> bool:
    with open_regular(path) as stream:
        values = object_on(stream.readline(_MOST_LINE))
    return values is not None and "templates" in values and has_no_decision(path, READ_JSONL)


def object_on(line: bytes) -> dict[str, Any] | None:
    """Return the object in a line or a whole file; None if it is not one."""
    try:
        values: Any = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", values) if isinstance(values, dict) else None


def whole_object(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a file; None if it is not one.

    Raises:
        UsageError: It cannot be read, or is larger than `MOST_OF_WHOLE`.
    """
    with opened(path) as stream:
        content = stream.read(MOST_OF_WHOLE + 1)
    if len(content) > MOST_OF_WHOLE:
        raise UsageError("text-too-large", where=printable(str(path)), most=MOST_OF_WHOLE)
    return object_on(content)


def _number(value: float | None) -> float | None:
    return round(value, 6) if value is not None and math.isfinite(value) else None


READ_JSONL: Final = ImportFormat("jsonl", "JSON Lines", fits, read)
JSONL: Final = ExportFormat(
    "jsonl",
    "JSON Lines",
    Target.FILE,
    ".jsonl",
    Kind(Message("automatic-jsonl"), _is_own),
    frozenset(("which", "all_scores", "absolute_paths", "with_stacks")),
    write,
    purpose=Message("for-jsonl"),
    has_best=True,
)
