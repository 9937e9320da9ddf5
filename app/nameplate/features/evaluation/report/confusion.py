"""The confusion matrix of a report: a CSV with a row for each truth, a column for each label."""

import csv
from collections.abc import Sequence
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.messages import Message
from nameplate.formats.csv import RowTooLongError, neutral, read_rows, write_rows
from nameplate.formats.outputs.output import Kind
from nameplate.system.opening import open_regular

_TRUTH: Final = "truth"
"""The first cell."""


def write_confusion(stream: BinaryIO, names: Sequence[str], matrix: NDArray[np.integer]) -> None:
    """Write a confusion matrix.

    Args:
        stream: Where to.
        names: K names, for rows and columns alike.
        matrix: K x K counts of images; [i, j] have truth i and label j.

    Raises:
        ValueError: The matrix is not K x K.
    """
    if matrix.shape != (len(names), len(names)):
        raise ValueError(f"{matrix.shape} counts for {len(names)} names")
    rows = ([neutral(n), *map(str, counts)] for n, counts in zip(names, matrix, strict=True))
    write_rows(stream, chain([[_TRUTH, *map(neutral, names)]], rows))


def _is_confusion(path: Path) -> bool:
    """Return whether a file is a confusion matrix: its first row and column are equal."""
    with open_regular(path) as raw:
        if raw.read(len(_TRUTH) + 1) != f"{_TRUTH},".encode():
            return False
    try:
        with TextIOWrapper(open_regular(path), "utf-8", newline="") as stream:
            rows = read_rows(stream)
            names = next(rows)[1:]
            first = [row[0] for row in islice(rows, len(names) + 1) if len(row) == len(names) + 1]
    except (csv.Error, RowTooLongError, UnicodeDecodeError):
        return False
    return names == first


CONFUSION: Final = Kind(Message("confusion-matrix"), _is_confusion)
