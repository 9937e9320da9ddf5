"""Reads Parquet files, which may be a stranger's, in pieces that take little memory.

A page of a few bytes may unpack to two gigabytes, one long text may stand in each of a million
rows, and what a file says of its sizes need not be true. So the headers of its pages are read
before pyarrow unpacks them, texts that repeat stay one while they are read, and a piece is weighed
before its rows become objects. The format: https://parquet.apache.org/docs/file-format
"""

import importlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final

from nameplate.domain.errors import NameplateError, UsageError
from nameplate.formats.arrow import load_pyarrow
from nameplate.system.child import ChildError, Limits, call_in_child
from nameplate.system.child_frames import Frame, Room
from nameplate.system.opening import open_regular

PIECE_ROWS: Final = 2000
MOST_BYTES: Final = 1 << 27
"""Of a piece: 64 KB a row."""

_MOST_FOOTER: Final = 1 << 21
"""Bytes; pyarrow takes up to 200 for each. Twenty columns of ten million rows have less."""

_SHARE_OF_FOOTER: Final = 16
_LONGEST_HEADER: Final = 1 << 16
_MOST_PAGES: Final = 100_000
"""Of a column in a row group."""

_DEEPEST: Final = 8
_I32, _STRUCT = 5, 12  # types of Thrift's compact protocol
_DICTIONARY: Final = 2
_ABOUT: Final = {0: (5, 2), _DICTIONARY: (7, 2), 3: (8, 4)}
"""By the type of a page: which field of its header is about it, and which of that its encoding."""

_TEXT: Final = "BYTE_ARRAY"
_SHARED_STARTS: Final = 7
"""The encoding DELTA_BYTE_ARRAY: each text may have all of the one before as its start."""


_LIMITS: Final = Limits(30.0, 1_000_000_000)
_CHECKED: Final = 1 << 14
"""Files: a run over ten million images has 10,000."""


@dataclass(frozen=True, slots=True)
class PageHeader:
    """The header of a page.

    Attributes:
        bytes: That it unpacks to.
        values: How many it has; repeated ones and nulls count.
        encoding: Number of its encoding.
        is_dictionary: Whether its values are what later pages point to.
    """

    bytes: int
    values: int
    encoding: int
    is_dictionary: bool


def open_parquet(stream: BinaryIO, *, most_footer: int = 0, **options: Any) -> Any:
    """Return a `pyarrow.parquet.ParquetFile`.

    Args:
        stream: Of a regular file.
        most_footer: Bytes of its end, where that is more than files usually have.
        options: Of `ParquetFile`.

    Raises:
        ValueError: Its end is so long that it could fill the memory.
        pyarrow.ArrowException, OSError: It cannot be read.
    """
    _, parquet = load_pyarrow()
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 8))
    footer = int.from_bytes(stream.read(4), "little")
    if footer > max(_MOST_FOOTER, size // _SHARE_OF_FOOTER, most_footer):
        raise ValueError("the end could fill the memory")
    stream.seek(0)
    return parquet.ParquetFile(stream, **options)


def refuse_deadly(path: Path, stream: BinaryIO, *, most_footer: int = 0) -> None:
    """Refuse a file whose footer would crash pyarrow, and this process with it.

    Where column metadata are damaged, pyarrow 26 does that instead of raising an error.

    Args:
        path: The file, by no link.
        stream: Of the same file.
        most_footer: As for `open_parquet`.

    Raises:
        ValueError: It is such a file.
        NameplateError: No process to find out could be started, or it took too long.
    """
    state = os.fstat(stream.fileno())
    try:
        is_safe = _is_safe(path, (state.st_size, state.st_mtime_ns), most_footer)
    except ChildError as error:
        raise NameplateError("parquet-not-checked", where=path) from error
    if not is_safe:
        raise ValueError("damaged metadata of columns")


@lru_cache(_CHECKED)
def _is_safe(path: Path, _state: tuple[int, int], most_footer: int) -> bool:
    """Return whether a child process survives a file; one in another state is tried again."""
    arguments = {"path": str(path.absolute()), "most_footer": most_footer}
    try:
        answer = call_in_child(check_task, arguments, _LIMITS, raises=UsageError)
    except ChildError as error:
        if error.why in {"start", "time"}:
            raise
        return False
    return answer.values.get("columns") is not None


def check_task(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Run the child's task of `refuse_deadly`: look at all columns, and count them."""
    arrow, _ = load_pyarrow()
    try:
        with open_regular(arguments["path"], follow_links=False) as stream:
            metadata = open_parquet(stream, most_footer=arguments["most_footer"]).metadata
            groups = map(metadata.row_group, range(metadata.num_row_groups))
            columns = (group.column(n) for group in groups for n in range(group.num_columns))
            return Frame({"columns": sum(bool(column.compression) for column in columns)})
    except (arrow.ArrowException, OSError, LookupError, ValueError):
        return Frame({})


def pieces(
    stream: BinaryIO,
    file: Any,
    columns: Sequence[str],
    *,
    most_bytes: int = MOST_BYTES,
) -> Iterator[Any]:
    """Yield record batches of at most `PIECE_ROWS` rows.

    Args:
        stream: Of a regular file.
        file: What `open_parquet` returned for it.
        columns: Their names; none of lists.
        most_bytes: That a piece may take.

    Raises:
        pyarrow.ArrowException, OSError, ValueError: It cannot be read, or a piece would take more.
    """
    arrow, parquet = load_pyarrow()
    metadata, plain = file.metadata, arrow.schema([file.schema_arrow.field(c) for c in columns])
    kinds = {n: metadata.schema.column(n) for n in range(metadata.num_columns)}
    leaves = {n: kind for n, kind in kinds.items() if kind.path.partition(".")[0] in set(columns)}
    if any(kind.max_repetition_level for kind in leaves.values()):
        raise ValueError("lists could fill the memory")
    for group in range(metadata.num_row_groups):
        parts = metadata.row_group(group)
        pages = {n: list(pages_of(stream, parts.column(n))) for n in leaves}
        if sum(_most_of(pages[n], kind) for n, kind in leaves.items()) > most_bytes:
            raise ValueError("the pages could fill the memory")
        # A text that repeats stays one until it is known how much all of them are.
        texts = [
            kind.path
            for n, kind in leaves.items()
            if kind.physical_type == _TEXT and any(page.is_dictionary for page in pages[n])
        ]
        reader = parquet.ParquetFile(stream, metadata=metadata, read_dictionary=texts)
        for batch in reader.iter_batches(PIECE_ROWS, [group], list(columns), use_threads=False):
            if sum(map(_weight, batch.columns)) > most_bytes:
                raise ValueError("the rows could fill the memory")
            yield batch.cast(plain)


def _most_of(pages: Sequence[PageHeader], kind: Any) -> int:
    """Return the most bytes that a column of a piece can take while it is read."""
    if kind.physical_type == _TEXT and any(page.encoding == _SHARED_STARTS for page in pages):
        raise ValueError("the texts could fill the memory")
    known = sum(page.bytes + 16 * page.values for page in pages if page.is_dictionary)
    data = [page for page in pages if not page.is_dictionary]
    size = max(8, kind.length or 0)
    most = start = held = rows = 0
    for place, page in enumerate(data):  # the pages in which any `PIECE_ROWS` rows lie
        held, rows = held + page.bytes, rows + page.values
        while start < place and rows - data[start].values - page.values >= PIECE_ROWS:
            held, rows, start = held - data[start].bytes, rows - data[start].values, start + 1
        most = max(most, held)
    return known + most + PIECE_ROWS * size


def _weight(array: Any) -> int:
    """Return about how many bytes the values of an array of Arrow take as objects."""
    arrow, _ = load_pyarrow()
    compute: Any = importlib.import_module("pyarrow.compute")
    kind, bytes_of_cells = array.type, 64 * len(array)
    if arrow.types.is_dictionary(kind):
        lengths = compute.take(compute.binary_length(array.dictionary), array.indices)
        return bytes_of_cells + (compute.sum(lengths).as_py() or 0)
    return bytes_of_cells + array.nbytes


def pages_of(stream: BinaryIO, column: Any) -> Iterator[PageHeader]:
    """Yield the pages of a column in a row group, in their order.

    Args:
        stream: Of the file.
        column: `pyarrow.parquet.ColumnChunkMetaData`.

    Raises:
        ValueError: A header is damaged, or there are too many.
    """
    start, known = column.data_page_offset, column.dictionary_page_offset
    start = known if known and 0 < known < start else start
    end, seen = start + column.total_compressed_size, 0
    for _ in range(_MOST_PAGES):
        if start >= end or seen >= column.num_values:
            return
        stream.seek(start)
        header = _Header(stream.read(_LONGEST_HEADER))
        fields = header.struct()
        page = _page(fields)
        start += header.place + _number(fields, 3)
        if page is not None:
            seen += 0 if page.is_dictionary else page.values
            yield page
    raise ValueError("too many pages")


def _page(fields: dict[tuple[int, int], Any]) -> PageHeader | None:
    """Decode a page header; None for a page without values, such as an index."""
    kind = _number(fields, 1)
    if kind not in _ABOUT:
        return None
    field, encoding = _ABOUT[kind]
    inner = fields.get((field, _STRUCT), {})
    sizes = _number(fields, 2), _number(inner, 1), _number(inner, encoding)
    return PageHeader(*sizes, kind == _DICTIONARY)


def _number(fields: dict[tuple[int, int], Any], field: int) -> int:
    value = fields.get((field, _I32), -1)
    if not 0 <= value < 1 << 31:
        raise ValueError("no header of a page")
    return value


class _Header:
    """Parses a structure of Thrift's compact protocol, as pyarrow does.

    https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def struct(self, depth: int = 0) -> dict[tuple[int, int], Any]:
        """Return its numbers and structures by field and type; of repeated ones the last.

        Raises:
            ValueError: It is none.
        """
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
        found, field = dict[tuple[int, int], Any](), 0
        while (kind := (head := self._byte()) & 15) != 0:
            step = head >> 4
            field = field + step if step else self._signed()
            if not 0 <= field < 1 << 15:
                raise ValueError("no number of a field")
            found[field, kind] = self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in {1, 2}:  # the type of a flag in a structure is its value
            return None
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in {4, _I32, 6}:
            return self._signed()
        if kind in {9, 10}:
            return self._skip_list(depth)
        if kind == 11:
            return self._skip_map(depth)
        sizes = {3: 1, 7: 8, 13: 16}
        self._skip(self._varint() if kind == 8 else sizes.get(kind, -1))
        return None

    def _skip_list(self, depth: int) -> None:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        self._skip_all(count, (head & 15,), depth)

    def _skip_map(self, depth: int) -> None:
        if count := self._varint():
            head = self._byte()
            self._skip_all(count, (head >> 4, head & 15), depth)

    def _skip_all(self, count: int, kinds: Sequence[int], depth: int) -> None:
        for _ in range(count):  # each takes a byte or more
            for kind in kinds:
                self._value(3 if kind in {1, 2} else kind, depth + 1)

    def _skip(self, size: int) -> None:
        if not 0 <= size <= len(self._data) - self.place:
            raise ValueError("cut short")
        self.place += size

    def _byte(self) -> int:
        self._skip(1)
        return self._data[self.place - 1]

    def _varint(self) -> int:
        number = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            number |= (byte & 127) << shift
            if byte < 128:
                return number
        raise ValueError("no number")

    def _signed(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)
