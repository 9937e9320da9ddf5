"""Names in typed or pasted text: a line with commas, a list, spreadsheet cells."""

import csv
import re
from dataclasses import dataclass
from typing import Final

from nameplate.domain.text import lines_of

MOST_PASTED: Final = 1_000_000
"""Characters of a pasted text that are read; no list of names is longer."""

_PART: Final = re.compile(r'\s*(?:["“]([^"“”]*)["”]\s*(?=,|$)|((?:[^,]|(?<=\d),(?=\d))*))(?:,|$)')
_HEADINGS: Final = frozenset(
    {"name", "names", "class", "classes", "class name", "class_name", "label", "labels"}
    | {"category", "categories", "concept", "concepts"}
)


@dataclass(frozen=True, slots=True)
class Pasted:
    """The names in a pasted text.

    Attributes:
        names: One for each line or cell.
        heading: The heading of the column, which is not among the names; may be empty.
        columns: The number of columns of the text; the names are in one of them.
    """

    names: tuple[str, ...]
    heading: str = ""
    columns: int = 1


def names_in_line(line: str) -> list[str]:
    """Return the names in a typed `line`, separated by commas outside of quotes.

    `shirt, pants` are two names, `"shirt, pants"` is one, and so is `1,000 dollars`.
    """
    parts = (match[1] or match[2] or "" for match in _PART.finditer(line))
    return [name for part in parts if (name := part.strip())]


def names_in_text(text: str) -> Pasted:
    """Return the names in a pasted `text`: one a line, or one column of a spreadsheet.

    Of several columns, the one with most cells that contain a letter has the names. A single row,
    or rows of different lengths, give a name for each cell with a letter, or else for each cell.
    Lines that begin with # are comments.
    """
    lines = [line.strip("\r\n ") for line in lines_of(text[:MOST_PASTED])]
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) == 1 and "\t" not in lines[0]:
        return Pasted(tuple(names_in_line(lines[0])))
    rows = _rows(lines)
    columns = max(map(len, rows), default=0)
    if len(rows) == 1 or any(len(row) != columns for row in rows):
        cells = [cell for row in rows for cell in row]
        return Pasted(tuple(filter(_is_word, cells)) or tuple(filter(None, cells)))
    filled = [[row[n] for row in rows if row[n]] for n in range(columns)]
    cells = max(filled, key=lambda column: sum(map(_is_word, column)), default=list[str]())
    is_headed = len(cells) > 1 and cells[0].casefold() in _HEADINGS
    names = tuple(dict.fromkeys(cells[1:] if is_headed else cells))
    return Pasted(names, cells[0] if is_headed else "", columns)


def _rows(lines: list[str]) -> list[list[str]]:
    """Split lines into cells at tabs, or at commas if a column has numbers only."""
    if any("\t" in line for line in lines):
        return [[cell.strip() for cell in line.split("\t")] for line in lines]
    try:
        rows = [[cell.strip() for cell in next(csv.reader([line]))] for line in lines]
    except csv.Error:  # a cell longer than the limit of `csv`
        rows = list[list[str]]()
    width = len(rows[0]) if rows else 0
    is_table = width > 1 and all(len(row) == width for row in rows)
    # The first row may be a heading.
    has_numbers = is_table and any(
        not any(map(_is_word, column[1:])) for column in zip(*rows, strict=True)
    )
    return rows if has_numbers else [[_unquoted(line)] for line in lines]


def _is_word(cell: str) -> bool:
    return any(letter.isalpha() for letter in cell)


def _unquoted(line: str) -> str:
    names = names_in_line(line)
    return names[0] if len(names) == 1 and line.strip()[:1] in ("“", '"') else line.strip()
