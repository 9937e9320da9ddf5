"""Writes labels and confusion matrices as CSV: RFC 4180, UTF-8, safe to open in a spreadsheet."""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.storage.atomic import write_atomically

HEADER: Final = (
    "path", "label", "probability", "score", "runner_up", "runner_up_probability", "margin",
    "decided_by", "state", "error", "model", "templates",
)  # fmt: skip

_FORMULA: Final = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""What a spreadsheet may run as a formula (OWASP, CSV Injection), with the full-width forms.

Apostrophes before it count in, so that `neutral` can be undone.
"""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One image in the CSV; the fields are its columns (design 5).

    Attributes:
        path: Relative to the common folder, `/`-separated.
        label: Empty for an image without one.
        probability: In [0, 1]; None or NaN where there is none, as with the other numbers.
        score: Cosine with the label's concept.
        runner_up: Name of the second best concept.
        runner_up_probability: In [0, 1].
        margin: `probability` less `runner_up_probability`.
        decided_by: `auto`, `person`, `probe`, or empty.
        state: The review state.
        error: Why the image could not be read.
        model: Id of the model.
        templates: Id of the template set.
        all_probabilities: One for each of the concept names given to `write_labels_csv`, in their
            order; empty for an image that could not be read.
    """

    path: str
    label: str = ""
    probability: float | None = None
    score: float | None = None
    runner_up: str = ""
    runner_up_probability: float | None = None
    margin: float | None = None
    decided_by: str = ""
    state: str = ""
    error: str = ""
    model: str = ""
    templates: str = ""
    all_probabilities: tuple[float, ...] = ()


def write_labels_csv(
    path: Path, rows: Iterable[LabelRow], *, concept_names: Sequence[str] = ()
) -> None:
    """Write `rows` in their order, one at a time; a previous file stays whole on any failure.

    Args:
        path: The file.
        rows: May be a generator.
        concept_names: Each gets a column `p:NAME` with its probability.

    Raises:
        OutputError: The file cannot be written.
        ValueError: A row has another number of probabilities than there are names.
    """

    def cells() -> Iterator[list[str]]:
        yield [*HEADER, *(f"p:{name}" for name in concept_names)]
        for row in rows:
            yield _label_cells(row, len(concept_names))

    _write(path, cells())


def write_confusion_csv(path: Path, names: Sequence[str], matrix: NDArray[np.integer]) -> None:
    """Write a confusion matrix: a row for each truth, a column for each label.

    Args:
        path: The file.
        names: K names, for rows and columns alike.
        matrix: K x K counts of images; [i, j] have truth i and label j.

    Raises:
        OutputError: The file cannot be written.
        ValueError: The matrix is not K x K.
    """
    if matrix.shape != (len(names), len(names)):
        raise ValueError(f"{matrix.shape} counts for {len(names)} names")

    def cells() -> Iterator[list[str]]:
        yield ["truth", *map(neutral, names)]
        for name, counts in zip(names, matrix.tolist(), strict=True):
            yield [neutral(name), *(str(count) for count in counts)]

    _write(path, cells())


def neutral(text: str) -> str:
    """Return `text`, with an apostrophe in front if a spreadsheet would run it as a formula.

    One more is put before a text that already has apostrophes before a formula, so that
    `without_apostrophe` gives back every text as it was.
    """
    return "'" + text if _FORMULA.match(text) else text


def without_apostrophe(cell: str) -> str:
    """Return the text of which `neutral` made `cell`; formulas of other programs stay."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def number(value: float | None) -> str:
    """Return `value` with 6 decimals; empty for None, NaN and infinities; never a negative zero."""
    if value is None or not math.isfinite(value):
        return ""
    return f"{value:z.6f}"


def _label_cells(row: LabelRow, concepts: int) -> list[str]:
    probabilities = row.all_probabilities or (None,) * concepts
    if len(probabilities) != concepts:
        raise ValueError(f"{len(probabilities)} probabilities for {concepts} names: {row.path!r}")
    return [
        neutral(row.path),
        neutral(row.label),
        number(row.probability),
        number(row.score),
        neutral(row.runner_up),
        number(row.runner_up_probability),
        number(row.margin),
        *map(neutral, (row.decided_by, row.state, row.error, row.model, row.templates)),
        *map(number, probabilities),
    ]


def _write(path: Path, rows: Iterable[list[str]]) -> None:
    def write(stream: BinaryIO) -> None:
        # A path may hold bytes that are not UTF-8; they must not end a long export.
        text = io.TextIOWrapper(stream, "utf-8", errors="backslashreplace", newline="")
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        text.detach()  # flushes, and leaves the stream to its owner

    write_atomically(path, write)
