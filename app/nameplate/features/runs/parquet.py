"""Write Parquet files, and read them in a child process, since they may be a stranger's.

A page of a few bytes may unpack to two gigabytes, one long text may stand in each of a million
rows, and some damaged files crash pyarrow. The child's memory and time are limited, and so is what
it returns.
"""

import importlib
import json
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import NameplateError, UsageError
from nameplate.storage.atomic import make_parent, write_atomically
from nameplate.system.child import ChildError, Limits, call_in_child
from nameplate.system.child_frames import Frame, Room, Task
from nameplate.system.opening import open_regular

MOST_ROWS: Final = 100_000
"""Rows of a file: 200 MB of vectors of 1,024 numbers."""

_ROWS_AT_ONCE: Final = 5000
_BYTES_AT_ONCE: Final = 1 << 25
_LIMITS: Final = Limits(15.0, 1_000_000_000)
_VALUES: Final = frozenset((str, float, type(None)))
_ENDS_KNOWN: Final = 1 << 14
"""Files: a run over ten million images has 10,000."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a file: its number of rows, and the metadata of its schema."""

    rows: int
    about: Mapping[str, str]


def require_pyarrow(path: Path) -> tuple[Any, Any]:
    """Import pyarrow and its module for Parquet, for reading or writing `path`.

    Raises:
        UsageError: It is not installed, or does not work.
    """
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise UsageError("no-pyarrow", where=path) from error


def write_parquet(path: Path, table: Any, **options: Any) -> None:
    """Write a table of pyarrow, whole or not at all; `options` are those of `write_table`."""
    _, parquet = require_pyarrow(path)
    make_parent(path)
    write_atomically(path, partial(parquet.write_table, table, **options), follow_links=False)


def read_end(path: Path) -> End:
    """Read the end of a file; see `_call` for errors."""
    try:
        with open_regular(path, follow_links=False) as stream:
            state = os.fstat(stream.fileno())
    except OSError as error:
        raise UsageError("shard-damaged", where=path) from error
    return _read_end(path, (state.st_size, state.st_mtime_ns))


@lru_cache(_ENDS_KNOWN)
def _read_end(path: Path, _state: tuple[int, int]) -> End:
    values = _call(end_task, path).values
    try:
        about = {str(name): str(text) for name, text in values["about"].items()}
        if (rows := int(values["rows"])) <= MOST_ROWS:
            return End(rows, about)
    except (AttributeError, LookupError, TypeError, ValueError):
        pass
    raise UsageError("shard-damaged", where=path)


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[list[Any]]:
    """Yield texts and numbers of some columns, row by row; see `_call` for errors.

    None stands for null, and in a column that is not there.
    """
    for start in range(0, read_end(path).rows, _ROWS_AT_ONCE):
        answer = _call(rows_task, path, columns=list(columns), start=start, count=_ROWS_AT_ONCE)
        try:
            rows: list[list[Any]] = json.loads(answer.blob)
            is_known = all(type(one) in _VALUES for row in rows for one in row)
            is_whole = all(len(row) == len(columns) for row in rows)
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError("shard-damaged", where=path) from error
        if not (is_known and is_whole):
            raise UsageError("shard-damaged", where=path)
        yield from rows


def read_vectors(path: Path, column: str, dimension: int) -> NDArray[np.float16]:
    """Return a column of lists of `dimension` float16, n x D; see `_call` for errors."""
    count = max(1, _BYTES_AT_ONCE // (2 * dimension))
    wanted = {"column": column, "dimension": dimension, "count": count}
    rows = read_end(path).rows
    starts = range(0, rows, count)
    blobs = [_call(vectors_task, path, start=start, **wanted).blob for start in starts]
    try:
        numbers = np.frombuffer(b"".join(blobs), "<f2").astype(np.float16, copy=False)
        return numbers.reshape(rows, dimension)
    except ValueError as error:
        raise UsageError("shard-damaged", where=path) from error


def _call(task: Task, path: Path, **arguments: Any) -> Frame:
    """Run one of the tasks below in a child process.

    Raises:
        UsageError: The file is missing or damaged, or takes too much memory.
        NameplateError: No process could be started, or it took too long: the file may be whole.
    """
    require_pyarrow(path)
    arguments["path"] = str(path.absolute())
    try:
        return call_in_child(task, arguments, _LIMITS, raises=UsageError)
    except ChildError as error:
        if error.why in {"start", "time"}:
            raise NameplateError("parquet-not-checked", where=path) from error
        raise UsageError("shard-damaged", where=path) from error


# ---- in the child


def end_task(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Return the number of rows and the metadata; look at all columns, as damage crashes there."""
    with _opened(arguments) as file:
        metadata = file.metadata
        for group in map(metadata.row_group, range(metadata.num_row_groups)):
            for number in range(group.num_columns):
                group.column(number)
        about: Mapping[bytes, bytes] = metadata.metadata or {}
        texts = {key.decode(errors="replace"): about[key].decode(errors="replace") for key in about}
        texts.pop("ARROW:schema", None)
        return Frame({"rows": metadata.num_rows, "about": texts})


def rows_task(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Return the values of the wanted rows, as lists in JSON."""
    columns = arguments["columns"]
    with _opened(arguments) as file:
        there = [name for name in columns if name in file.schema_arrow.names]
        if any(file.schema_arrow.field(name).type.num_fields for name in there):
            raise ValueError("lists and structures are nothing of ours")
        rows = [row for batch in _batches(file, there, arguments) for row in batch.to_pylist()]
        values = [[row.get(name) for name in columns] for row in rows]
        return Frame({}, json.dumps(values, ensure_ascii=False).encode())


def vectors_task(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Return the numbers of the wanted rows of a column."""
    column, dimension = arguments["column"], arguments["dimension"]
    with _opened(arguments) as file:
        arrow = importlib.import_module("pyarrow")
        if file.schema_arrow.field(column).type != arrow.list_(arrow.float16(), dimension):
            raise ValueError("vectors of another shape")
        arrays = [batch.column(0).flatten() for batch in _batches(file, [column], arguments)]
        numbers = [np.asarray(one.to_numpy(zero_copy_only=False), "<f2") for one in arrays]
        return Frame({}, b"".join(one.tobytes() for one in numbers))


@contextmanager
def _opened(arguments: Mapping[str, Any]) -> Generator[Any]:
    """Open a file as `pyarrow.parquet.ParquetFile`; tell its damage from that of this process."""
    path = Path(arguments["path"])
    arrow, parquet = require_pyarrow(path)
    arrow.set_memory_pool(arrow.system_memory_pool())  # others reserve more than they use
    try:
        with open_regular(path, follow_links=False) as stream:
            yield parquet.ParquetFile(stream)
    except (arrow.ArrowException, OSError, LookupError, TypeError, ValueError) as error:
        raise UsageError("shard-damaged", where=path) from error


def _batches(file: Any, columns: Sequence[str], arguments: Mapping[str, Any]) -> Iterator[Any]:
    """Yield `count` rows from row `start` on, as record batches."""
    start, end, place = arguments["start"], arguments["start"] + arguments["count"], 0
    for batch in file.iter_batches(arguments["count"], columns=columns, use_threads=False):
        if place + len(batch) > start:
            yield batch.slice(max(0, start - place), end - max(place, start))
        place += len(batch)
        if place >= end:
            return
