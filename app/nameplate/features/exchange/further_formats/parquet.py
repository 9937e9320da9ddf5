"""Parquet: a row an image, labels and probabilities as lists."""

import json
import math
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import Read
from nameplate.features.exchange.further_formats.json_lines import LABELS, PATHS, record_of
from nameplate.formats.arrow import load_pyarrow, require_pyarrow
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.import_format import ImportFormat, ImportOptions, opened
from nameplate.formats.outputs.output import Kind, Output
from nameplate.formats.parquet_pieces import TooLargeError, open_parquet, pieces, refuse_deadly
from nameplate.system.failures import printable
from nameplate.system.opening import begins_with

_ROWS: Final = 20_000
"""In a row group: 1 MB or more, as readers like them, and little memory."""

_MOST_ROWS: Final = 10_000_000
_MOST_OF_BYTE: Final = 100
"""Rows for each byte of a file: even one path for all of them, and nothing else, takes more."""

_TOO_MANY: Final = Message("parquet-of-too-many-rows", {"most": _MOST_ROWS})
_READ: Final = frozenset((
    *PATHS, *LABELS, "decided_by", "state", "decided_at", "probability", "model", "size", "digest",
))  # fmt: skip

_NUMBERS: Final = ("probability", "score", "runner_up_probability", "margin")
_TEXTS: Final = ("path", "decided_by", "state", "runner_up", "error", "digest")


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write a Parquet file, whole or not at all.

    With `all_scores` the column `probabilities` has a list of as many numbers as the names that the
    metadata `names` of the schema has, a JSON list.

    Raises:
        OutputError: pyarrow is not installed; it must not be written, or cannot.
    """
    try:
        arrow, parquet = load_pyarrow()
    except ImportError as error:
        raise OutputError("no-pyarrow", where=printable(str(output.path))) from error
    schema, count = _schema(arrow, task), task.export.count(task.options.which)

    def fill(stream: BinaryIO) -> None:
        images = task.images(has_best=True)
        with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
            while block := list(islice(images, _ROWS)):
                columns = _columns(block)
                wanted = {name: columns[name] for name in schema.names}
                writer.write_table(arrow.table(wanted, schema=schema))

    output.write(fill)
    return ExportReport(count)


def fits(path: Path) -> bool:
    """Return whether a file begins like Parquet."""
    return path.is_file() and begins_with(path, b"PAR1")


def read(path: Path, options: ImportOptions) -> Iterator[Read]:
    """Yield a record for each row; columns as the keys of JSON Lines.

    Raises:
        UsageError: It is no table that can be read, or pyarrow is not installed.
    """
    arrow, _ = require_pyarrow(path)
    where = printable(str(path))
    with opened(path) as stream:
        try:
            refuse_deadly(path.resolve(), stream)
            file = open_parquet(stream)
            rows = file.metadata.num_rows
            if rows > min(_MOST_ROWS, _MOST_OF_BYTE * os.fstat(stream.fileno()).st_size):
                raise UsageError("no-parquet", where=where, why=_TOO_MANY)
            about: dict[bytes, bytes] = file.schema_arrow.metadata or {}
            model = about.get(b"model", b"").decode("utf-8", "replace")
            columns = _columns_to_read(arrow, file.schema_arrow, where)
            found = pieces(stream, file, columns)
            each = (row for piece in found for row in _plain(arrow, piece))
            for number, row in enumerate(options.until_cancel(each), 1):
                yield record_of(number, row if "model" in row else row | {"model": model})
        except TooLargeError as error:
            why = Message("parquet-could-fill-memory")
            raise UsageError("no-parquet", where=where, why=why) from error
        except (arrow.ArrowException, OSError, ValueError) as error:
            raise UsageError("no-parquet", where=where, why=str(error)[:200]) from error


def _columns_to_read(arrow: Any, schema: Any, where: str) -> list[str]:
    """Return the columns that are understood: flat ones, and lists of these."""
    kinds = {name: schema.field(name).type for name in schema.names if name in _READ}
    columns = [name for name, kind in kinds.items() if _is_understood(arrow, kind)]
    if not any(name in columns and _is_text(arrow, kinds[name]) for name in PATHS):
        raise UsageError("no-parquet", where=where, why=Message("parquet-without-paths"))
    if other := next((name for name in LABELS if name in kinds and name not in columns), None):
        why = Message("parquet-without-labels", {"column": other})
        raise UsageError("no-parquet", where=where, why=why)
    return columns


def _is_understood(arrow: Any, kind: Any) -> bool:
    is_list = arrow.types.is_list(kind) or arrow.types.is_large_list(kind)
    return not arrow.types.is_nested(kind.value_type if is_list else kind)


def _is_text(arrow: Any, kind: Any) -> bool:
    value = kind.value_type if arrow.types.is_dictionary(kind) else kind
    return arrow.types.is_string(value) or arrow.types.is_large_string(value)


def _plain(arrow: Any, batch: Any) -> list[dict[str, Any]]:
    """Return the rows of a batch with times as whole milliseconds."""
    names = batch.schema.names
    if "decided_at" in names and arrow.types.is_timestamp(batch.column("decided_at").type):
        place = names.index("decided_at")
        times = batch.column(place).cast(arrow.timestamp("ms", tz="UTC"), safe=False)
        batch = batch.set_column(place, "decided_at", times.cast(arrow.int64()))
    return batch.to_pylist()


def _schema(arrow: Any, task: ExportTask) -> Any:
    export, names = task.export, list(task.scored_names)
    probabilities = {"probabilities": arrow.list_(arrow.float32())} if names else {}
    best = {"best": arrow.string(), "best_probability": arrow.float32()}
    types = {
        "path": arrow.string(),
        "labels": arrow.list_(arrow.string()),
        **(best if task.has_best else {}),
        "decided_by": arrow.string(),
        "state": arrow.string(),
        "decided_at": arrow.timestamp("ms", tz="UTC"),
        **dict.fromkeys(_NUMBERS, arrow.float32()),
        "runner_up": arrow.string(),
        "error": arrow.string(),
        "size": arrow.int64(),
        "digest": arrow.string(),
        **({"stack": arrow.int64()} if task.options.with_stacks else {}),
        **probabilities,
    }
    about = {"model": export.model, "templates": export.templates, "names": json.dumps(names)}
    return arrow.schema(list(types.items()), metadata=about)


def _columns(block: Sequence[ExportedImage]) -> dict[str, list[Any]]:
    """Return all columns of some rows; what is not known is null."""
    columns: dict[str, list[Any]] = {
        **{name: [getattr(image, name) or None for image in block] for name in _TEXTS},
        **{name: [_finite(getattr(image, name)) for image in block] for name in _NUMBERS},
    }
    columns["labels"] = [list(image.labels) for image in block]
    columns["decided_at"] = [image.decided_at or None for image in block]
    columns["size"] = [image.size if image.size >= 0 else None for image in block]
    columns["stack"] = [image.stack for image in block]
    columns["best"] = [image.best or None for image in block]
    columns["best_probability"] = [_finite(image.best_probability) for image in block]
    columns["probabilities"] = [list(_probabilities(image)) or None for image in block]
    return columns


def _probabilities(image: ExportedImage) -> Iterator[float]:
    """Yield the probabilities; none for an image that was not read."""
    if all(math.isfinite(one) for one in image.all_probabilities):
        yield from image.all_probabilities


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


READ_PARQUET: Final = ImportFormat("parquet", "Parquet", fits, read)
PARQUET: Final = ExportFormat(
    "parquet",
    "Parquet",
    Target.FILE,
    ".parquet",
    Kind(Message("parquet-file"), lambda _: False),
    frozenset(("which", "all_scores", "absolute_paths", "with_stacks")),
    write,
    purpose=Message("for-parquet"),
    has_best=True,
    package="pyarrow",
)
