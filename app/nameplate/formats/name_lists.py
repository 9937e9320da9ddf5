"""Reads lists of names from text, TOML and CSV files and from folders; writes them."""

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.concepts import MOST_CONCEPTS, Concept, clean_name
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.naming.concept_files import (
    TOML_ENDING,
    as_text,
    as_toml,
    concepts_in,
    fit_lines,
    parse_concepts_toml,
)
from nameplate.domain.text import normalised
from nameplate.formats.csv import separated, without_apostrophe
from nameplate.formats.outputs.output import Kind, Output
from nameplate.storage.text_files import read_text
from nameplate.system.failures import printable

CSV_ENDINGS: Final = (".csv", ".tsv")
LARGEST_CSV: Final = 50_000_000
"""Bytes: some 500,000 rows of labels, of which the names are taken."""

_DELIMITERS: Final = ",;\t"


NAMES: Final = Kind(Message("names-file"), lambda _: False)
"""A list of names, which a person may have gone on with: none is replaced unasked."""


@dataclass(frozen=True, slots=True)
class NameList:
    """Names that were found.

    Attributes:
        concepts: With keys of their own.
        problems: Why others cannot be used.
    """

    concepts: tuple[Concept, ...]
    problems: tuple[Message, ...] = ()


def read_names(path: Path) -> Mapping[str, NameList]:
    """Return the names in a file by column title; other files than CSV have one without title.

    A CSV has the titles of its columns in the first row. Columns without a name, or with more
    different cells than a project can have names, are left out.

    Raises:
        UsageError: It cannot be read, or there is no name in it.
    """
    where = printable(str(path))
    if path.suffix.lower() in CSV_ENDINGS:
        return _columns(read_text(path, limit=LARGEST_CSV), where)
    text = read_text(path)
    if path.suffix.lower() == TOML_ENDING:
        return {"": NameList(parse_concepts_toml(text, where))}
    concepts, wrong = concepts_in(text, printable(path.name))
    if not concepts:
        raise UsageError("no-concepts-in-it", where=where)
    return {"": NameList(concepts, tuple(error.message for error in wrong))}


def names_of_folders(paths: Iterable[str]) -> NameList:
    """Return the sorted names of the folders that directly contain images."""
    folders = {os.path.dirname(text) for text in paths}  # noqa: PTH120 - a million of them
    names = {normalised(printable(Path(folder).name)) for folder in folders}
    return _plain(sorted(filter(None, names), key=str.casefold))


def names_ending(concepts: Sequence[Concept]) -> str:
    """Return the file name extension for a file that can hold these concepts."""
    return ".txt" if fit_lines(concepts) else TOML_ENDING


def write_names(concepts: Sequence[Concept], output: Output) -> None:
    """Write concepts to a file that `read_names` reads: TOML by its ending, otherwise lines.

    Raises:
        UsageError: Lines cannot hold them.
        OutputError: It cannot be written, or must not be replaced.
    """
    is_toml = output.path.suffix.lower() == TOML_ENDING
    if not is_toml and not fit_lines(concepts):
        raise UsageError("lines-are-not-enough", where=output.path)
    output.write_bytes((as_toml(concepts) if is_toml else as_text(concepts)).encode())


def _columns(text: str, where: str) -> Mapping[str, NameList]:
    head = text[: text.find("\n") + 1] or text
    rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=head.count), strict=True
    )
    try:
        titles = next(rows, list[str]())
        cells: list[dict[str, None]] = [{} for _ in titles]
        for row in rows:
            for column, cell in zip(cells, row, strict=False):
                if len(column) <= MOST_CONCEPTS:
                    column[cell] = None
    except csv.Error as error:
        raise UsageError("no-csv", where=where, why=str(error), line=rows.line_num) from error
    found = dict[str, NameList]()
    for number, (title, column) in enumerate(zip(titles, cells, strict=True), 1):
        names = [n for cell in column for n in separated(without_apostrophe(cell))]
        listed = _plain(names) if len(column) <= MOST_CONCEPTS else NameList(())
        if listed.concepts:
            called = normalised(title)[:60] or f"{number}"
            found[called if called not in found else f"{called} ({number})"] = listed
    if not found:
        raise UsageError("no-names-in-csv", where=where, most=MOST_CONCEPTS)
    return found


def _plain(names: Iterable[str]) -> NameList:
    """Return concepts with these names; no character in them has a meaning."""
    concepts, problems = dict[str, Concept](), list[Message]()
    for text in names:
        if not text.strip():
            continue
        try:
            name = clean_name(text)
        except UsageError as error:
            problems.append(error.message)
            continue
        concepts.setdefault(name.casefold(), Concept(len(concepts), name))
    return NameList(tuple(concepts.values())[:MOST_CONCEPTS], tuple(problems))
