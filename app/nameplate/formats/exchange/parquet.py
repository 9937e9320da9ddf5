"""Parquet: a row an image, labels and probabilities as lists; pyarrow is loaded here alone."""

import importlib
import json
import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final

from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.label_export import ExportedImage
from nameplate.formats.outputs.output import Kind, Output
from nameplate.system.failures import printable

_ROWS: Final = 20_000
"""In a row group: 1 MB or more, as readers like them, and little memory."""

_NUMBERS: Final = ("probability", "score", "runner_up_probability", "margin")
_TEXTS: Final = ("path", "decided_by", "state", "runner_up", "error", "digest")


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write a Parquet file, whole or not at all.

    With `all_scores` the column `probabilities` has a list of as many numbers as the names that the
    metadata `names` of the schema has, a JSON list.

    Raises:
        OutputError: pyarrow is not installed; it must not be written, or cannot.
        CancelledError: The task was cancelled; an earlier file is whole.
    """
    arrow, parquet = _pyarrow(output)
    schema, count = _schema(arrow, task), task.export.count(decided_only=task.options.decided_only)

    def fill(stream: BinaryIO) -> None:
        images = task.images()
        with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
            while block := list(islice(images, _ROWS)):
                columns = _columns(block, len(task.scored_names))
                writer.write_table(arrow.table(columns, schema=schema))

    output.write(fill)
    return ExportReport(count)


def _pyarrow(output: Output) -> tuple[Any, Any]:
    """Return pyarrow and its module for Parquet.

    Raises:
        OutputError: It is not installed, or does not work.
    """
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise OutputError("no-pyarrow", where=printable(str(output.path))) from error


def _schema(arrow: Any, task: ExportTask) -> Any:
    facts, names = task.export.facts, list(task.scored_names)
    probabilities = {"probabilities": arrow.list_(arrow.float32())} if names else {}
    types = {
        "path": arrow.string(),
        "labels": arrow.list_(arrow.string()),
        "decided_by": arrow.string(),
        "state": arrow.string(),
        "decided_at": arrow.timestamp("ms", tz="UTC"),
        **dict.fromkeys(_NUMBERS, arrow.float32()),
        "runner_up": arrow.string(),
        "error": arrow.string(),
        "size": arrow.int64(),
        "digest": arrow.string(),
        **probabilities,
    }
    about = {"model": facts.model, "templates": facts.templates, "names": json.dumps(names)}
    return arrow.schema(list(types.items()), metadata=about)


def _columns(block: Sequence[ExportedImage], names: int) -> dict[str, list[Any]]:
    """Return the columns of some rows; what is not known is null."""
    columns: dict[str, list[Any]] = {
        **{name: [getattr(image, name) or None for image in block] for name in _TEXTS},
        **{name: [_finite(getattr(image, name)) for image in block] for name in _NUMBERS},
    }
    columns["labels"] = [list(image.labels) for image in block]
    columns["decided_at"] = [image.decided_at or None for image in block]
    columns["size"] = [image.size if image.size >= 0 else None for image in block]
    if names:
        columns["probabilities"] = [list(_probabilities(image)) or None for image in block]
    return columns


def _probabilities(image: ExportedImage) -> Iterator[float]:
    """Yield the probabilities; none for an image that was not read."""
    if all(math.isfinite(one) for one in image.all_probabilities):
        yield from image.all_probabilities


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


PARQUET: Final = ExportFormat(
    "parquet",
    "Parquet",
    Target.FILE,
    ".parquet",
    Kind(Message("parquet-file"), lambda _: False),
    frozenset(("decided_only", "all_scores", "absolute_paths")),
    write,
    purpose=Message("for-parquet"),
)
