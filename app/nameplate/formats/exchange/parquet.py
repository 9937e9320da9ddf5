"""Parquet: a row an image, labels and probabilities as lists."""

import json
import math
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import Read
from nameplate.formats.arrow import load_pyarrow, require_pyarrow
from nameplate.formats.exchange.json_lines import record_of
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.exported_image import ExportedImage, Which
from nameplate.formats.import_format import ImportFormat, ImportOptions, opened
from nameplate.formats.outputs.output import Kind, Output
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular

_ROWS: Final = 20_000
"""In a row group: 1 MB or more, as readers like them, and little memory."""

_BATCH: Final = 2000
_MARK: Final = b"PAR1"
_READ: Final = frozenset((
    "path", "file_name", "file", "image", "filename", "image_path", "labels", "label", "class",
    "category", "decided_by", "state", "decided_at", "probability", "model", "size", "digest",
))  # fmt: skip

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
    """Return whether a file begins like Parquet.

    Raises:
        OSError: It cannot be read.
    """
    if not path.is_file():
        return False
    with open_regular(path) as stream:
        return stream.read(len(_MARK)) == _MARK


def read(path: Path, options: ImportOptions) -> Iterator[Read]:
    """Yield a record for each row; columns as the keys of JSON Lines.

    Raises:
        UsageError: It is no table that can be read, or pyarrow is not installed.
        CancelledError: The token of `options` was set.
    """
    arrow, parquet = require_pyarrow(path)
    with opened(path) as stream:
        try:
            file = parquet.ParquetFile(stream)
            about: dict[bytes, bytes] = file.schema_arrow.metadata or {}
            columns = [name for name in file.schema_arrow.names if name in _READ]
            model = about.get(b"model", b"").decode("utf-8", "replace")
            rows = (
                row
                for batch in file.iter_batches(_BATCH, columns=columns)
                for row in _plain(arrow, batch)
            )
            for number, row in enumerate(options.until_cancel(rows), 1):
                yield record_of(number, row if "model" in row else row | {"model": model})
        except (arrow.ArrowException, OSError, ValueError) as error:
            why = str(error)[:200]
            raise UsageError("no-parquet", where=printable(str(path)), why=why) from error


def _plain(arrow: Any, batch: Any) -> list[dict[str, Any]]:
    """Return the rows of a batch with times as whole milliseconds."""
    names = batch.schema.names
    if "decided_at" in names and arrow.types.is_timestamp(batch.column("decided_at").type):
        place = names.index("decided_at")
        times = batch.column(place).cast(arrow.timestamp("ms", tz="UTC"), safe=False)
        batch = batch.set_column(place, "decided_at", times.cast(arrow.int64()))
    return batch.to_pylist()


def _schema(arrow: Any, task: ExportTask) -> Any:
    facts, names = task.export.facts, list(task.scored_names)
    probabilities = {"probabilities": arrow.list_(arrow.float32())} if names else {}
    best = {"best": arrow.string(), "best_probability": arrow.float32()}
    promised = {"promised": arrow.float64(), "checked": arrow.bool_()}
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
        **(promised if facts.promise else {}),
        **({"stack": arrow.int64()} if task.options.with_stacks else {}),
        **(best if task.options.which is Which.BEST else {}),
        **probabilities,
    }
    about = {"model": facts.model, "templates": facts.templates, "names": json.dumps(names)}
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
    columns["promised"] = [image.promised for image in block]
    columns["checked"] = [image.is_checked for image in block]
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
)
