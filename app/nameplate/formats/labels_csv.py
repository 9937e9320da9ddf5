"""The labels CSV: RFC 4180, UTF-8, a row an image, safe to open in a spreadsheet."""

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, ReadAs, RecordProblem
from nameplate.formats.any_csv import is_table, records_of, table_of
from nameplate.formats.any_csv import read as read_table
from nameplate.formats.csv import (
    BEST,
    HEADER,
    STACK,
    WITH_BEST,
    joined,
    neutral,
    number,
    number_of,
    separated,
    without_apostrophe,
    write_rows,
)
from nameplate.formats.export_format import (
    Column,
    CsvColumns,
    ExportFormat,
    ExportReport,
    ExportTask,
    Target,
)
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.import_format import ImportFormat, ImportOptions, opened
from nameplate.formats.outputs.output import LABELS, Output
from nameplate.plug_ins.registry import named, not_taken

_PATH, _LABEL, _PROBABILITY, _DECIDED_BY, _STATE, _MODEL = map(
    HEADER.index, ("path", "label", "probability", "decided_by", "state", "model")
)


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write the labels CSV, whole or not at all."""
    export, options = task.export, task.options
    further = [
        *([STACK] if options.with_stacks else ()),
        *options.columns,
    ]
    is_short = options.csv_columns is CsvColumns.LABEL
    has_best = task.has_best and not is_short
    images, model = task.images(has_best=has_best), (export.model, export.templates)
    rows = label_rows(
        images, model, task.scored_names, further, has_best=has_best, is_short=is_short
    )

    def fill(stream: BinaryIO) -> None:
        if options.byte_order_mark:
            stream.write(codecs.BOM_UTF8)
        write_rows(stream, rows)

    output.write(fill)
    return ExportReport(task.export.count(options.which))


_CELLS: Final[Mapping[str, Callable[[ExportedImage], str]]] = {
    STACK: lambda image: "" if image.stack is None else str(image.stack),
}
"""The further columns, between those of `HEADER` and the probabilities of all names."""


def label_rows(
    images: Iterable[ExportedImage],
    model: tuple[str, str],
    names: Sequence[str] = (),
    further: Sequence[str] = (),
    *,
    has_best: bool = False,
    is_short: bool = False,
) -> Iterator[list[str]]:
    """Yield the cells of the header and of each image.

    Args:
        images: In the order of the rows.
        model: The cells `model` and `templates`.
        names: Those of `all_probabilities`; each gets a column `p:NAME`.
        further: Columns between these: `STACK`, and those of features.
        has_best: Whether the columns `BEST` follow the label.
        is_short: Whether path and label are all there is of `HEADER`.

    Raises:
        ValueError: An image has another number of probabilities than there are names.
    """
    yield [
        *(HEADER[:2] if is_short else WITH_BEST if has_best else HEADER),
        *further,
        *(neutral(f"p:{name}") for name in names),
    ]
    for image in images:
        probabilities = image.all_probabilities or (None,) * len(names)
        if len(probabilities) != len(names):
            counts = f"{len(probabilities)} probabilities for {len(names)} names"
            raise ValueError(f"{counts}: {image.path!r}")
        yield [
            neutral(image.path),
            neutral(joined(image.labels)),
            *((neutral(image.best), number(image.best_probability)) if has_best else ()),
            *(() if is_short else _details(image, model)),
            *(_CELLS[column](image) for column in further if column in _CELLS),
            *map(neutral, image.further),
            *map(number, probabilities),
        ]


def _details(image: ExportedImage, model: tuple[str, str]) -> list[str]:
    """Return the cells of `HEADER` after the label."""
    return [
        number(image.probability),
        number(image.score),
        neutral(image.runner_up),
        number(image.runner_up_probability),
        number(image.margin),
        *map(neutral, (image.decided_by, image.state, image.error, *model)),
    ]


def fits(path: Path) -> bool:
    """Return whether a file is a labels CSV, or one saved by a spreadsheet."""
    if not is_table(path):
        return False
    try:
        with opened(path) as stream:
            columns = table_of(stream, path, ImportOptions()).columns
    except UsageError:
        return False
    return _without_best(columns)[: len(HEADER)] == HEADER


def read(path: Path, options: ImportOptions) -> Iterator[Read | ReadAs]:
    """Yield how the file is read, then a record for each row.

    Raises:
        UsageError: It is no labels CSV.
    """
    own = (("", HEADER[_PATH]), ("", HEADER[_LABEL]))
    if options.path_column not in own[0] or options.label_column not in own[1]:
        yield from read_table(path, options)  # a person chose other columns, such as the best names
        return
    with opened(path) as stream:
        table = table_of(stream, path, options)
        columns = _without_best(table.columns)
        if columns[: len(HEADER)] != HEADER:
            raise UsageError("no-labels-csv", where=path)
        has_best = columns != table.columns

        def record(line: int, row: list[str]) -> Read:
            return _record(line, row[:2] + row[4:] if has_best else row)

        yield from records_of(stream, path, table, (_PATH, _LABEL), options, record)


def _without_best(columns: tuple[str, ...]) -> tuple[str, ...]:
    return columns[:2] + columns[4:] if columns[2:4] == BEST else columns


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
    frozenset(
        (
            "which",
            "csv_columns",
            "all_scores",
            "absolute_paths",
            "byte_order_mark",
            "columns",
            "with_stacks",
        )
    ),
    write,
    purpose=Message("for-csv"),
    has_best=True,
)

READ_CSV: Final = ImportFormat("csv", "CSV", fits, read)

_OWN_COLUMNS: Final = {*WITH_BEST, STACK}


def columns_of(declared: Iterable[object]) -> dict[str, Column]:
    """Return columns by name, without those whose names are taken."""
    fit = (one for one in declared if isinstance(one, Column))
    wanted = not_taken("column", fit, lambda one: one.name, _OWN_COLUMNS)
    return {one.name: one for one in wanted}


COLUMNS: Final = columns_of(named("columns"))
"""By name the columns of the labels CSV that features declare."""
