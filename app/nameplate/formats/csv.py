"""Writes labels and confusion matrices as CSV: RFC 4180, UTF-8, safe to open in a spreadsheet."""

import codecs
import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

HEADER: Final = (
    "path", "label", "probability", "score", "runner_up", "runner_up_probability", "margin",
    "decided_by", "state", "error", "model", "templates",
)  # fmt: skip

_TRUTH: Final = "truth"
"""The first cell of a confusion matrix."""

_DECIDED: Final = ("accepted", "corrected", "skipped")
"""Review states that a person decided."""

_FORMULA: Final = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""What a spreadsheet may run as a formula (OWASP, CSV Injection), with the full-width forms.

Leading apostrophes match too, so that `neutral` can be undone.
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
    stream: BinaryIO, rows: Iterable[LabelRow], *, concept_names: Sequence[str] = ()
) -> None:
    """Write `rows` in their order, one at a time.

    Args:
        stream: Where to.
        rows: May be a generator.
        concept_names: Each gets a column `p:NAME` with its probability.

    Raises:
        ValueError: A row has another number of probabilities than there are names.
    """

    def cells() -> Iterator[list[str]]:
        yield [*HEADER, *(f"p:{name}" for name in concept_names)]
        for row in rows:
            yield _label_cells(row, len(concept_names))

    _write(stream, cells())


def is_labels_csv(path: Path) -> bool:
    """Return whether the first line of a file begins with the columns of a labels CSV.

    Raises:
        OSError: It cannot be read.
    """
    header = ",".join(HEADER).encode()
    with path.open("rb") as stream:
        head = stream.read(len(header) + 1)
    return head.startswith(header) and head[len(header) :] in (b"", b",", b"\r", b"\n")


def is_automatic_labels_csv(path: Path) -> bool:
    """Return whether a file is a labels CSV in which no person decided anything.

    Raises:
        OSError: It cannot be read.
    """
    if not is_labels_csv(path):
        return False
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream)
            return not any(row.get("state") in _DECIDED for row in rows)
    except (csv.Error, ValueError):
        return False


def write_confusion_csv(
    stream: BinaryIO, names: Sequence[str], matrix: NDArray[np.integer]
) -> None:
    """Write a confusion matrix: a row for each truth, a column for each label.

    Args:
        stream: Where to.
        names: K names, for rows and columns alike.
        matrix: K x K counts of images; [i, j] have truth i and label j.

    Raises:
        ValueError: The matrix is not K x K.
    """
    if matrix.shape != (len(names), len(names)):
        raise ValueError(f"{matrix.shape} counts for {len(names)} names")

    def cells() -> Iterator[list[str]]:
        yield [_TRUTH, *map(neutral, names)]
        for name, counts in zip(names, matrix.tolist(), strict=True):
            yield [neutral(name), *(str(count) for count in counts)]

    _write(stream, cells())


def is_confusion_csv(path: Path) -> bool:
    """Return whether a file is a confusion matrix: the same names in its first row and column.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as raw:
        if raw.read(len(_TRUTH) + 1) != f"{_TRUTH},".encode():
            return False
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream, strict=True)
            names = next(rows)[1:]
            first = [row[0] for row in islice(rows, len(names) + 1) if len(row) == len(names) + 1]
    except (csv.Error, UnicodeDecodeError):
        return False
    return names == first


def neutral(text: str) -> str:
    """Return `text`, with an apostrophe in front if a spreadsheet would run it as a formula.

    One more is put before a text that already has apostrophes before a formula, so that
    `without_apostrophe` gives back every text as it was.
    """
    return "'" + text if _FORMULA.match(text) else text


def without_apostrophe(cell: str) -> str:
    """Undo `neutral`; cells that it cannot have made stay as they are."""
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


def _write(stream: BinaryIO, rows: Iterable[list[str]]) -> None:
    # A path may hold bytes that are not UTF-8; they must not end a long export.
    text = codecs.getwriter("utf-8")(stream, "backslashreplace")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
