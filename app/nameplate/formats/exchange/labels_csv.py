"""The labels CSV: RFC 4180, UTF-8, a row an image, safe to open in a spreadsheet."""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from nameplate.formats.csv import HEADER, joined, neutral, number, write_rows
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.label_export import ExportedImage
from nameplate.formats.outputs import LABELS, Output


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


CSV: Final = ExportFormat(
    "csv",
    "CSV",
    Target.FILE,
    ".csv",
    LABELS,
    frozenset(("decided_only", "all_scores", "absolute_paths", "byte_order_mark")),
    write,
)
