"""Reads labels from any table; columns, delimiter and encoding are guessed or given."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, ReadAs, RecordProblem
from nameplate.formats.csv import MOST_ROW, Lines, RowTooLongError, without_apostrophe
from nameplate.formats.import_format import ImportFormat, ImportOptions, opened
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.system.failures import printable

_PATHS: Final = (
    "path", "file_name", "filename", "file", "filepath", "file_path", "image_path", "image_name",
    "image", "img", "picture", "relativepath", "sourcefile", "uri", "url", "name",
)  # fmt: skip
_LABELS: Final = (
    "label", "labels", "class", "class_name", "category", "concept", "species", "tag", "tags",
    "keyword", "keywords", "truth", "target", "choice", "name",
)  # fmt: skip
_DELIMITERS: Final = ",;\t|"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_ENCODING: Final = "cp1252"
"""What Excel writes in western Europe and America."""

_SAMPLE_ROWS: Final = 50
_SAMPLE: Final = 1 << 18
_PIECE: Final = 1 << 20
_MOST_COLUMNS: Final = 20_000


@dataclass(frozen=True, slots=True)
class CsvTable:
    """How a table is read, and its columns.

    Attributes:
        columns: Their names; numbers from 1 where it has no header.
        has_header: Whether its first row names them.
    """

    columns: tuple[str, ...]
    has_header: bool
    delimiter: str
    encoding: str


def is_table(path: Path) -> bool:
    """Return whether a file is named like a table."""
    return path.is_file() and path.suffix.lower() in (".csv", ".tsv", ".tab", ".txt")


def read(path: Path, options: ImportOptions) -> Iterator[Read | ReadAs]:
    """Yield how the table is read, then a record for each row.

    How it is read is also told of a table whose columns are not clear.

    Raises:
        UsageError: It is no table, or has no such columns.
    """
    with opened(path) as stream:
        table = table_of(stream, path, options)
        of_path, of_label = found = _columns(table, _sample(stream, table, path), options)
        if of_path is None or of_label is None or of_path == of_label:
            yield read_as(table, found)
            which = Message("column-of-paths" if of_path is None else "column-of-labels")
            names = tuple(printable(name)[:40] for name in table.columns[:20])
            raise UsageError("no-column", where=path, which=which, columns=names)

        def record(line: int, row: list[str]) -> Read:
            if len(row) <= of_path or len(row) <= of_label:
                return RecordProblem(line, Message("row-too-short", {"columns": len(row)}))
            name, label = without_apostrophe(row[of_path]), without_apostrophe(row[of_label])
            return LabelRecord(line, name, (label,) if label and not label.isspace() else ())

        yield from records_of(stream, path, table, found, options, record)


def read_as(table: CsvTable, columns: Sequence[int | None], *, starts_anew: bool = False) -> ReadAs:
    """Return how a table is read, with these columns of paths and labels."""
    of_path, of_label = ("" if one is None else table.columns[one] for one in columns)
    return ReadAs(
        table.columns, of_path, of_label, table.delimiter, table.encoding, starts_anew=starts_anew
    )


def records_of(
    stream: BinaryIO,
    path: Path,
    table: CsvTable,
    columns: Sequence[int | None],
    options: ImportOptions,
    record: Callable[[int, list[str]], Read],
) -> Iterator[Read | ReadAs]:
    """Yield how a table is read, then `record` of each row's line number and cells.

    Where UTF-8 was guessed and a byte far below says otherwise, all comes again in the other
    encoding: to look through a large file before would take too long.

    Raises:
        UsageError: A byte is not of the encoding.
        CancelledError: The token of `options` was set.
    """

    def records() -> Iterator[Read]:
        for line, row in options.until_cancel(rows_of(stream, table, path)):
            yield RecordProblem(line, row) if isinstance(row, Message) else record(line, row)

    yield read_as(table, columns)
    try:
        yield from records()
    except UsageError as error:
        if error.reason.code != "other-encoding" or options.encoding or table.encoding != "utf-8":
            raise
        table = replace(table, encoding=_OTHER_ENCODING)
        yield read_as(table, columns, starts_anew=True)
        yield from records()


def table_of(stream: BinaryIO, path: Path, options: ImportOptions) -> CsvTable:
    """Detect the encoding and the dialect of a table.

    Raises:
        UsageError: It is empty, in no known encoding, or no table.
    """
    encoding = _encoding(stream, path, options)
    stream.seek(0)
    try:
        text = codecs.getincrementaldecoder(encoding)("replace").decode(stream.read(_SAMPLE))
    except UnicodeError as error:  # utf-32 without a mark of the order of its bytes
        raise _other_encoding(path, encoding, 1) from error
    if not text.strip() or "\0" in text[:1000]:
        raise UsageError("no-table", where=path)
    delimiter = options.delimiter or _delimiter(text)
    try:
        first = next(_parsed(text, delimiter))
    except (csv.Error, StopIteration) as error:
        raise UsageError("no-table", where=path) from error
    if len(first) > _MOST_COLUMNS:
        raise UsageError("no-table", where=path)
    has_header = not any(map(_is_image_name, first))
    names = first if has_header else map(str, range(1, 1 + len(first)))
    return CsvTable(tuple(name.strip() for name in names), has_header, delimiter, encoding)


def rows_of(
    stream: BinaryIO, table: CsvTable, path: Path
) -> Iterator[tuple[int, list[str] | Message]]:
    """Yield line number and cells of each row below the header, or why it cannot be read.

    Raises:
        UsageError: A byte is not of the encoding.
    """
    stream.seek(0)
    text = io.TextIOWrapper(stream, table.encoding, newline="")
    lines = Lines(text)
    rows = csv.reader(lines, delimiter=table.delimiter)
    is_first, line = table.has_header, 1
    try:
        while True:
            line = lines.number + 1
            lines.begin_row()
            try:
                row = next(rows)
            except csv.Error as error:
                yield line, Message("bad-row", {"why": str(error)})
                continue
            except RowTooLongError:
                yield line, Message("row-too-long", {"most": MOST_ROW})
                continue
            if not is_first and any(row):
                yield line, row
            is_first = False
    except StopIteration:
        pass
    except UnicodeError as error:
        raise _other_encoding(path, table.encoding, line) from error
    finally:
        if not stream.closed:  # as it is where the rows were left, and are cleared away later
            text.detach()  # the stream is its opener's to close


def column_named(columns: Sequence[str], wanted: str) -> int | None:
    """Return the index of a column by its name in any case, or by its number from 1."""
    names = [name.casefold() for name in columns]
    if wanted.casefold() in names:
        return names.index(wanted.casefold())
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0
    return number - 1 if 1 <= number <= len(columns) else None


def _other_encoding(path: Path, encoding: str, line: int) -> UsageError:
    return UsageError("other-encoding", where=path, encoding=encoding, line=line)


def _encoding(stream: BinaryIO, path: Path, options: ImportOptions) -> str:
    if options.encoding:
        try:
            io.TextIOWrapper(io.BytesIO(), options.encoding)
            codecs.getincrementaldecoder(options.encoding)("replace").decode(b"a")
        except (LookupError, TypeError, ValueError) as error:
            raise UsageError("no-encoding", where=path, encoding=options.encoding) from error
        return options.encoding
    head = stream.read(4)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    stream.seek(0)
    piece = stream.read(_PIECE)
    for encoding, start in (("utf-16-le", 1), ("utf-16-be", 0)):  # as Latin letters are in them
        zeros = piece[start::2]
        if zeros and 2 * zeros.count(0) > len(zeros) and 0 not in piece[1 - start :: 2]:
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(piece)
    except UnicodeDecodeError:
        return _OTHER_ENCODING
    return "utf-8"


def _delimiter(text: str) -> str:
    """Return the delimiter that gives the most columns in the most rows; a comma for a list."""

    def weight(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in islice(_parsed(text, delimiter), _SAMPLE_ROWS) if row]
        except csv.Error:
            return 0, 0
        first = widths[0] if widths else 0
        return (widths.count(first) if first > 1 else 0), first

    return max(_DELIMITERS, key=weight)


def _parsed(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of a sample, without the last one where that may be cut."""
    whole = text if len(text) < _SAMPLE // 4 else text[: text.rfind("\n") + 1]
    return csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter)


def _sample(stream: BinaryIO, table: CsvTable, path: Path) -> list[list[str]]:
    rows = rows_of(stream, table, path)
    return [row for _, row in islice(rows, _SAMPLE_ROWS) if not isinstance(row, Message)]


def _columns(
    table: CsvTable, sample: list[list[str]], options: ImportOptions
) -> tuple[int | None, int | None]:
    """Return the indices of the columns with paths and labels; None for one that is not clear."""
    found = list[int | None]()
    for wanted, usual in ((options.path_column, _PATHS), (options.label_column, _LABELS)):
        if wanted:
            found.append(column_named(table.columns, wanted))
        else:
            known = (column_named(table.columns, name) for name in usual if table.has_header)
            found.append(next((c for c in known if c is not None and c not in found), None))
    of_path, of_label = found
    if of_path is None and not options.path_column:
        like = [c for c in range(len(table.columns)) if c != of_label and _is_of_images(sample, c)]
        of_path = like[0] if like else None
    if of_label is None and not options.label_column and len(table.columns) == 2:
        of_label = 1 - of_path if of_path is not None else None
    return of_path, of_label


def _is_of_images(sample: list[list[str]], column: int) -> bool:
    cells = [row[column] for row in sample if column < len(row)]
    return bool(cells) and 2 * sum(map(_is_image_name, cells)) > len(cells)


def _is_image_name(cell: str) -> bool:
    return PurePosixPath(cell.strip()[-300:].lower()).suffix in IMAGE_EXTENSIONS


ANY_CSV: Final = ImportFormat("table", "Any table", is_table, read)
