"""The labels CSV: RFC 4180, UTF-8, a row an image, safe to open in a spreadsheet."""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, ReadAs, RecordProblem
from nameplate.formats.csv import (
    HEADER,
    joined,
    neutral,
    number,
    number_of,
    separated,
    without_apostrophe,
    write_rows,
)
from nameplate.formats.exchange.any_csv import is_table, records_of, table_of
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.import_format import ImportFormat, ImportOptions, opened
from nameplate.formats.label_export import ExportedImage
from nameplate.formats.outputs import LABELS, Output
from nameplate.system.failures import printable

_PATH, _LABEL, _PROBABILITY, _DECIDED_BY, _STATE, _MODEL = map(
    HEADER.index, ("path", "label", "probability", "decided_by", "state", "model")
)


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write the labels CSV, whole or not at all.

    Raises:
        OutputError: It must not be written, or cannot; an earlier file is whole.
        CancelledError: The task was cancelled; likewise.
    """
    facts, count = task.export.facts, task.export.count(decided_only=task.options.decided_only)

    def fill(stream: BinaryIO) -> None:
        if task.options.byte_order_mark:
            stream.write(codecs.BOM_UTF8)
        rows = label_rows(task.images(), (facts.model, facts.templates), task.scored_names)
        write_rows(stream, rows)

    output.write(fill)
    return ExportReport(count)


def label_rows(
    images: Iterable[ExportedImage], model: tuple[str, str], names: Sequence[str] = ()
) -> Iterator[list[str]]:
    """Yield the cells of the header and of each image.

    Args:
        images: In the order of the rows.
        model: The cells `model` and `templates`.
        names: Those of `all_probabilities`; each gets a column `p:NAME`.

    Raises:
        ValueError: An image has another number of probabilities than there are names.
    """
    yield [*HEADER, *(f"p:{name}" for name in names)]
    for image in images:
        probabilities = image.all_probabilities or (None,) * len(names)
        if len(probabilities) != len(names):
            counts = f"{len(probabilities)} probabilities for {len(names)} names"
            raise ValueError(f"{counts}: {image.path!r}")
        yield [
            neutral(image.path),
            neutral(joined(image.labels)),
            number(image.probability),
            number(image.score),
            neutral(image.runner_up),
            number(image.runner_up_probability),
            number(image.margin),
            *map(neutral, (image.decided_by, image.state, image.error, *model)),
            *map(number, probabilities),
        ]


def fits(path: Path) -> bool:
    """Return whether a file is a labels CSV, also as a spreadsheet saves it.

    Raises:
        OSError: It cannot be read.
    """
    if not is_table(path):
        return False
    try:
        with opened(path) as stream:
            columns = table_of(stream, path, ImportOptions()).columns
    except UsageError:
        return False
    return columns[: len(HEADER)] == HEADER


def read(path: Path, options: ImportOptions) -> Iterator[Read | ReadAs]:
    """Yield how the file is read, then a record for each row.

    Raises:
        UsageError: It is no labels CSV.
        CancelledError: The token of `options` was set.
    """
    with opened(path) as stream:
        table = table_of(stream, path, options)
        if table.columns[: len(HEADER)] != HEADER:
            raise UsageError("no-labels-csv", where=printable(str(path)))
        yield from records_of(stream, path, table, (_PATH, _LABEL), options, _record)


def _record(line: int, row: list[str]) -> Read:
    if len(row) < len(HEADER):
        return RecordProblem(line, Message("row-too-short", {"columns": len(row)}))
    return LabelRecord(
        line,
        without_apostrophe(row[_PATH]),
        separated(without_apostrophe(row[_LABEL])),
        row[_DECIDED_BY],
        row[_STATE],
        probability=number_of(row[_PROBABILITY]),
        model=without_apostrophe(row[_MODEL]),
    )


CSV: Final = ExportFormat(
    "csv",
    "CSV",
    Target.FILE,
    ".csv",
    LABELS,
    frozenset(("decided_only", "all_scores", "absolute_paths", "byte_order_mark")),
    write,
    purpose=Message("for-csv"),
)

READ_CSV: Final = ImportFormat("csv", "CSV", fits, read)
