"""Label Studio: tasks with choices; decisions as annotations, other labels as predictions.

The form of the tasks is that of labelstud.io/guide/tasks; `label_config.xml` beside them is the
configuration of a project that takes them.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, cast
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import quoteattr

from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, RecordProblem
from nameplate.features.exchange.further_formats.json_lines import (
    has_no_decision,
    image_json,
    json_bytes,
    list_in,
    number_in,
    objects_in,
    record_of,
    text_in,
    whole_in,
)
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.import_format import ImportFormat, ImportOptions, opened
from nameplate.formats.outputs.output import Kind, Output
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.system.failures import printable
from nameplate.system.opening import begins_with, open_regular

CONFIG: Final = "label_config.xml"
_MARK: Final = b"<!-- Nameplate"
_HEAD: Final = 1 << 16
_PIECE: Final = 1 << 20
_MOST_TASK: Final = 16_000_000
"""Letters of one task."""

_GAP: Final = re.compile(r"[ \t\r\n,]*")
_UPLOADED: Final = re.compile(r"^[0-9a-f]{8}-")
"""What Label Studio puts before the names of files that were uploaded."""


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write the tasks, and the configuration of a project beside them.

    Raises:
        OutputError: One of both must not be written, or the tasks cannot. A configuration that
            cannot be written is a problem.
    """
    config = replace(
        output,
        path=output.path.with_name(CONFIG),
        kind=_CONFIG_KIND,
        overwrite=False,  # nobody was asked about this one
        consent=Message("take-it-away"),
    )
    if not output.is_stdout:
        config.check()
    count = 0

    def fill(stream: BinaryIO) -> None:
        nonlocal count
        stream.write(b"[")
        for image in task.images():
            stream.write((b",\n" if count else b"\n") + json_bytes(_task(image, task)))
            count += 1
        stream.write(b"\n]\n")

    output.write(fill)
    if output.is_stdout:
        return ExportReport(count)
    try:
        config.write_bytes(_config(task))
    except OutputError as error:  # the tasks are written all the same
        return ExportReport(count, ((printable(str(config.path)), error.reason),))
    return ExportReport(count, also=(config.path,))


def fits(path: Path) -> bool:
    """Return whether a file is a list of objects."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    with open_regular(path) as stream:
        head = stream.read(_HEAD).decode("utf-8-sig", "replace")
    return re.match(r"\s*\[\s*(\{|\])", head) is not None


def read(path: Path, options: ImportOptions) -> Iterator[Read]:
    """Yield a record for each annotation, or prediction if a task has no annotation.

    Raises:
        UsageError: It is no list of tasks.
    """
    with opened(path) as stream:
        for number, values in options.until_cancel(_items(stream, path)):
            if isinstance(values, dict):
                yield from _records(number, cast("dict[str, Any]", values))
            else:
                yield RecordProblem(number, Message("no-json-object"))


def _task(image: ExportedImage, task: ExportTask) -> dict[str, Any]:
    values = image_json(image)
    path = image.path
    known = {key: values[key] for key in ("size", "digest") if values[key] is not None}
    found: dict[str, Any] = {"data": {"image": task.options.image_prefix + path, "path": path}}
    found["data"] |= known
    result: list[dict[str, Any]] = []
    if image.labels:
        result = [
            {
                "id": "label",
                "type": "choices",
                "from_name": "label",
                "to_name": "image",
                "value": {"choices": list(image.labels)},
            }
        ]
    if image.is_decided:
        at = datetime.fromtimestamp(image.decided_at / 1000, UTC).isoformat()
        annotation = {"result": result, "was_cancelled": image.state == "skipped"}
        annotation |= {"created_at": at, "state": image.state, "decided_at": image.decided_at}
        found["annotations"] = [annotation]
    elif result:
        model = task.export.model
        prediction = {"model_version": model, "result": result, "decided_by": image.decided_by}
        if values["probability"] is not None:
            prediction["score"] = values["probability"]
        found["predictions"] = [prediction]
    return found


def _config(task: ExportTask) -> bytes:
    labels = task.export.labels
    choices = "".join(
        f"    <Choice value={quoteattr(concept.name)}/>\n"
        for concept in task.export.concepts
        if not concept.is_reject
    )
    choice = "multiple" if labels.sets.has_several(labels.concepts) else "single"
    return (
        f"{_MARK.decode()} -->\n<View>\n"
        '  <Image name="image" value="$image"/>\n'
        f'  <Choices name="label" toName="image" choice="{choice}">\n{choices}  </Choices>\n'
        "</View>\n"
    ).encode("utf-8", "xmlcharrefreplace")


def _records(number: int, values: dict[str, Any]) -> Iterator[Read]:
    data = values.get("data")
    if not isinstance(data, dict):  # the short form of an export: an object of columns
        short = {key: _choices(value) or value for key, value in values.items()}
        record = record_of(number, short)
        if isinstance(record, LabelRecord):
            record = record._replace(path=_path_of(record.path))
        yield record
        return
    base = _base(number, cast("dict[str, Any]", data))
    annotations, predictions = objects_in(values, "annotations"), objects_in(values, "predictions")
    for one in annotations:
        state = "skipped" if one.get("was_cancelled") is True else text_in(one, "state")
        yield base._replace(
            labels=_labels(one),
            decided_by="person",
            state=state or "corrected",
            decided_at=whole_in(one, "decided_at", 0),
        )
    for one in predictions[:1] if not annotations else ():
        yield base._replace(
            labels=_labels(one),
            decided_by=by if (by := one.get("decided_by")) in ("probe", "given") else "auto",
            state="suggested",
            probability=number_in(one, "score"),
            model=text_in(one, "model_version"),
        )
    if not annotations and not predictions:
        yield base


def _base(number: int, data: Mapping[str, Any]) -> LabelRecord:
    path = text_in(data, "path")
    if not path:
        texts = [value for value in data.values() if isinstance(value, str)]
        like = [one for one in texts if Path(_path_of(one)).suffix.lower() in IMAGE_EXTENSIONS]
        path = _path_of(text_in(data, "image") or next(iter(like), ""))
    size = whole_in(data, "size", -1)
    return LabelRecord(number, path, size=size, digest=text_in(data, "digest"))


def _path_of(address: str) -> str:
    """Return the path of an image from a task's address or path."""
    try:
        parts = urlsplit(address)
        if parts.path.endswith("/local-files/") and "d" in (query := parse_qs(parts.query)):
            return query["d"][0]
    except ValueError:
        return address
    folder, _, name = parts.path.rpartition("/")
    if folder.startswith("/data/upload"):
        return _UPLOADED.sub("", unquote(name))
    if parts.scheme in ("http", "https", "s3", "gs", "azure-blob"):
        return unquote(parts.path).lstrip("/")
    return address


def _labels(one: Mapping[str, Any]) -> tuple[str, ...]:
    values = [result.get("value") for result in objects_in(one, "result")]
    found = [choice for value in values for choice in _choices(value)]
    return tuple(dict.fromkeys(found))


def _choices(value: object) -> list[str]:
    choices = list_in(cast("dict[str, Any]", value), "choices") if isinstance(value, dict) else []
    return [one for one in choices if isinstance(one, str)]


def _items(stream: BinaryIO, path: Path) -> Iterator[tuple[int, object]]:
    """Yield number and value of each item of a list, which is never in memory as a whole."""
    decoder, where = json.JSONDecoder(), printable(str(path))
    pieces = _text(stream, path)
    buffer, place, number = next(pieces, "").lstrip(), 1, 0
    if not buffer.startswith("["):
        raise UsageError("no-tasks", where=where, row=0)
    while True:
        place = _after_gap(buffer, place)
        if buffer.startswith("]", place):
            return
        value, end = None, len(buffer)
        try:
            value, end = decoder.raw_decode(buffer, place)
        except (ValueError, RecursionError) as error:
            if len(buffer) - place > _MOST_TASK:
                raise UsageError("no-tasks", where=where, row=number + 1) from error
        if end < len(buffer):  # else it goes on, or might
            number += 1
            yield number, value
            place = end
            continue
        if not (piece := next(pieces, "")):
            raise UsageError("no-tasks", where=where, row=number + 1)
        buffer, place = buffer[place:] + piece, 0


def _after_gap(buffer: str, place: int) -> int:
    """Return where the next item, or the end of the list, begins."""
    gap = _GAP.match(buffer, place)
    return gap.end() if gap else place


def _text(stream: BinaryIO, path: Path) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        while piece := stream.read(_PIECE):
            yield decoder.decode(piece)
    except UnicodeDecodeError as error:
        where = printable(str(path))
        raise UsageError("not-all-utf8", where=where) from error


def _is_own(path: Path) -> bool:
    with open_regular(path) as stream:
        head = stream.read(_HEAD)
    return head.startswith(b'[\n{"data": {"image": "') and has_no_decision(path, READ_LABEL_STUDIO)


_CONFIG_KIND: Final = Kind(Message("label-config"), lambda path: begins_with(path, _MARK))
READ_LABEL_STUDIO: Final = ImportFormat("label-studio", "Label Studio", fits, read)
LABEL_STUDIO: Final = ExportFormat(
    "label-studio",
    "Label Studio",
    Target.FILE,
    ".json",
    Kind(Message("automatic-tasks"), _is_own),
    frozenset(("which", "absolute_paths", "image_prefix")),
    write,
    purpose=Message("for-label-studio"),
)
