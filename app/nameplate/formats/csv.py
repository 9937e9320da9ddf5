"""Cells and rows of CSV: RFC 4180, UTF-8, safe to open in a spreadsheet."""

import codecs
import csv
import math
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from nameplate.system.opening import open_regular

HEADER: Final = (
    "path", "label", "probability", "score", "runner_up", "runner_up_probability", "margin",
    "decided_by", "state", "error", "model", "templates",
)  # fmt: skip

STACK: Final = "stack"

BEST: Final = ("best", "best_probability")
"""Further columns where the best names are asked for: the label, or what it is suggested as."""

WITH_BEST: Final = (*HEADER[:2], *BEST, *HEADER[2:])
"""`HEADER` with `BEST` beside the label, where a person looks for names."""

_DECIDED: Final = {"accepted", "corrected", "skipped"}
"""Review states that a person decided."""

SEPARATOR: Final = " | "
"""Between several labels in one cell."""

MOST_ROW: Final = 4_000_000
"""Letters of a row; of a longer one, which may be a file without line ends, no more is read."""

_BARS: Final = re.compile(r"(?<!\\)(\\*)\|")
"""A bar and all backslashes before it; begun nowhere among these, or a row of them takes hours."""

_BEFORE_FORMULA: Final = re.compile("(?:\\A|(?<=[;\t\r\n]))(?='*[\" ]*[=+\\-@\t\r\n＝＋－＠])")
"""Where a spreadsheet may find a formula (OWASP, CSV Injection; with the full-width forms).

At the start of a cell, and inside it where one that splits at semicolons or tabs begins another;
quotation marks and spaces may come first. Apostrophes match too, so that `neutral` can be undone.
"""

_APOSTROPHE: Final = re.compile(rf"{_BEFORE_FORMULA.pattern}'")


def is_labels_csv(path: Path) -> bool:
    """Return whether a file has the header of a labels CSV.

    Raises:
        OSError: It cannot be read.
    """
    headers = [",".join(header).encode() for header in (HEADER, WITH_BEST)]
    with open_regular(path) as stream:
        head = stream.read(max(map(len, headers)) + 1)
    return any(
        head.startswith(header) and head[len(header) :][:1] in (b"", b",", b"\r", b"\n")
        for header in headers
    )


def is_automatic_labels_csv(path: Path) -> bool:
    """Return whether a file is a labels CSV without any decision of a person.

    Raises:
        OSError: It cannot be read.
    """
    if not is_labels_csv(path):
        return False
    try:
        with TextIOWrapper(open_regular(path), "utf-8", newline="") as stream:
            rows = read_rows(stream)
            state = next(rows).index("state")
            return not any(_DECIDED.intersection(row[state : state + 1]) for row in rows)
    except (csv.Error, RowTooLongError, ValueError):
        return False


class RowTooLongError(Exception):
    """A row is longer than `MOST_ROW` characters; the next one can be read."""


class Lines:
    """The lines of a text for `csv.reader`, cut where a row gets too long."""

    def __init__(self, text: TextIO) -> None:
        self.number = 0
        self._text = text
        self._left = MOST_ROW

    def begin_row(self) -> None:
        """Note that a row begins: cells with line ends make it several lines long."""
        self._left = MOST_ROW

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """Return the next line.

        Raises:
            RowTooLongError: It makes the row too long.
        """
        line = self._text.readline(MOST_ROW)
        if not line:
            raise StopIteration
        self.number += 1
        self._left -= len(line)
        if self._left < 0 or len(line) == MOST_ROW:
            while line and line[-1] not in "\r\n":
                line = self._text.readline(MOST_ROW)
            raise RowTooLongError
        return line


def read_rows(text: TextIO) -> Iterator[list[str]]:
    """Yield the rows of a CSV.

    Raises:
        csv.Error: It is none.
        RowTooLongError: A row is too long.
    """
    lines = Lines(text)
    rows = csv.reader(lines, strict=True)
    with suppress(StopIteration):
        while True:
            lines.begin_row()
            yield next(rows)


def neutral(text: str) -> str:
    """Return `text`, with an apostrophe wherever a spreadsheet would find a formula.

    One more is put before apostrophes that are followed by a formula, so that
    `without_apostrophe` gives back every text as it was.
    """
    return _BEFORE_FORMULA.sub("'", text)


def without_apostrophe(cell: str) -> str:
    """Undo `neutral`; cells that it cannot have made stay as they are."""
    return _APOSTROPHE.sub("", cell)


def number(value: float | None) -> str:
    """Return `value` with 6 decimals; empty for None, NaN and infinities; never a negative zero."""
    if value is None or not math.isfinite(value):
        return ""
    return f"{value:z.6f}"


def number_of(cell: str) -> float | None:
    """Return the number in a cell; None where it holds none."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def joined(labels: Sequence[str]) -> str:
    r"""Return labels as one cell: `cat | dog`; a `|` in a name is escaped as `\|`.

    `separated` gives back every list of names that neither begin nor end with a space.
    """
    return SEPARATOR.join(_BARS.sub(r"\1\1\\|", label) for label in labels)


def separated(cell: str) -> tuple[str, ...]:
    """Return the labels in a cell of `joined`; none for an empty cell."""
    if "|" not in cell:
        return (cell,) if cell else ()
    parts, start = list[str](), 0
    for bar in _BARS.finditer(cell):
        if bar.start() and cell[bar.start() - 1 : bar.end() + 1] == SEPARATOR:
            parts.append(cell[start : bar.start() - 1])
            start = bar.end() + 1
    parts.append(cell[start:])
    return tuple(_BARS.sub(_unescaped, part) for part in parts)


def _unescaped(bar: re.Match[str]) -> str:
    return "\\" * (len(bar[1]) // 2) + "|"


def has_header(file: Path, header: Sequence[str]) -> bool:
    """Return whether the first line of a file is this header."""
    line = ",".join(header).encode()
    with open_regular(file) as stream:
        return stream.read(len(line) + 2).rstrip(b"\r\n") == line


def write_rows(stream: BinaryIO, rows: Iterable[list[str]], *, is_raw: bool = False) -> None:
    """Write rows of cells in UTF-8, one at a time.

    A path may hold bytes that are not UTF-8; they must not end a long export. They are escaped, or
    with `is_raw` written as they are.
    """
    errors = sys.getfilesystemencodeerrors() if is_raw else "backslashreplace"
    text = codecs.getwriter("utf-8")(stream, errors)
    csv.writer(text, lineterminator="\r\n").writerows(rows)
