"""Makes Parquet files of some kilobytes that could fill the memory, or never end."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
from pyarrow import parquet

STRUCT, I32 = 12, 5


def long_text_in_each_row(chance: Random, file: Path, column: str) -> None:
    """Let one text stand in the dictionary, and in each row."""
    text = pa.array(["x" * chance.randrange(10**6, 10**7)])
    indices = pa.array([0] * chance.randrange(1000, 6000), pa.int32())
    _write(file, {column: pa.DictionaryArray.from_arrays(indices, text)}, is_one_page=True)


def one_huge_page(chance: Random, file: Path, column: str) -> None:
    _write(file, {column: ["x" * chance.randrange(135 * 10**6, 140 * 10**6)]}, use_dictionary=False)


def many_large_pages(chance: Random, file: Path, column: str) -> None:
    text = "x" * chance.randrange(10**6, 2 * 10**6)
    _write(file, {column: [text] * 150}, use_dictionary=False, data_page_size=1000)


def shared_starts(chance: Random, file: Path, column: str) -> None:
    text = "x" * chance.randrange(10**4, 2 * 10**4)
    encoding = {column: "DELTA_BYTE_ARRAY"}
    _write(file, {column: [text] * 9000}, use_dictionary=False, column_encoding=encoding)


def a_list_of_millions(chance: Random, file: Path, column: str) -> None:
    count = chance.randrange(9 * 10**6, 10**7)
    values = pa.DictionaryArray.from_arrays(
        pa.repeat(pa.scalar(0, pa.int32()), count), pa.array(["x"])
    )
    lists = pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), values)
    _write(file, {column: lists})


def a_long_end(chance: Random, file: Path, column: str) -> None:
    """Let the end of the file list millions of columns that are not there: 3 bytes each."""
    count = chance.randrange(800_000, 950_000)
    group = _struct((1, 9, _list([b"\x26\x08\0"] * count)), (2, 6, 0), (3, 6, 0))
    schema = [
        _struct((4, 8, b"schema"), (5, I32, 1)),
        _struct((1, I32, 6), (3, I32, 0), (4, 8, column.encode())),
    ]
    _with_end(
        file, b"", _struct((1, I32, 1), (2, 9, _list(schema)), (3, 6, 0), (4, 9, _list([group])))
    )


def rows_of_nothing(chance: Random, file: Path, column: str) -> None:
    """Let a file have 300 million rows of nulls, which take some bytes."""
    count = chance.randrange(2 * 10**8, 4 * 10**8)
    levels = _run(count, 0)
    page = struct.pack("<I", len(levels)) + levels
    about = _struct((1, I32, count), (2, I32, 0), (3, I32, 3), (4, I32, 3))
    head = _struct((1, I32, 0), (2, I32, len(page)), (3, I32, len(page)), (5, STRUCT, about))
    schema = [
        _struct((4, 8, b"schema"), (5, I32, 1)),
        _struct((1, I32, 6), (3, I32, 1), (4, 8, column.encode()), (6, I32, 0)),
    ]
    size = len(head) + len(page)
    meta = _struct(
        (1, I32, 6), (2, 9, bytes([0x15, 0])), (3, 9, bytes([0x18]) + _bytes(column.encode())),
        (4, I32, 0), (5, 6, count), (6, 6, size), (7, 6, size), (9, 6, 4),
    )  # fmt: skip
    chunk = _struct((2, 6, 4), (3, STRUCT, meta))
    group = _struct((1, 9, _list([chunk])), (2, 6, size), (3, 6, count))
    end = _struct((1, I32, 1), (2, 9, _list(schema)), (3, 6, count), (4, 9, _list([group])))
    _with_end(file, head + page, end)


def rows_without_columns(chance: Random, file: Path, column: str) -> None:
    """Let a file have 300 million rows, and no column."""
    count, schema = (
        chance.randrange(2 * 10**8, 4 * 10**8),
        [_struct((4, 8, b"schema"), (5, I32, 0))],
    )
    group = _struct((1, 9, _list([])), (2, 6, 0), (3, 6, count))
    end = _struct((1, I32, 1), (2, 9, _list(schema)), (3, 6, count), (4, 9, _list([group])))
    _with_end(file, b"", end)


BOMBS: dict[str, Callable[[Random, Path, str], None]] = {
    one.__name__: one
    for one in (
        long_text_in_each_row, one_huge_page, many_large_pages, shared_starts, a_list_of_millions,
        a_long_end, rows_of_nothing, rows_without_columns,
    )
}  # fmt: skip


def _write(
    file: Path, columns: dict[str, Any], *, is_one_page: bool = False, **options: Any
) -> None:
    limit = {"dictionary_pagesize_limit": 1 << 30} if is_one_page else {}
    rows = len(next(iter(columns.values())))
    columns = {"path": [f"{row}.jpg" for row in range(rows)], **columns}
    parquet.write_table(
        pa.table(columns), file, compression="zstd", write_statistics=False, **limit, **options
    )


def _with_end(file: Path, content: bytes, end: bytes) -> None:
    file.write_bytes(b"PAR1" + content + end + struct.pack("<I", len(end)) + b"PAR1")


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _run(count: int, value: int) -> bytes:
    """Return a value that is repeated, as Parquet encodes it."""
    return _varint(count << 1) + bytes([value])


def _bytes(value: bytes) -> bytes:
    return _varint(len(value)) + value


def _list(items: Sequence[bytes], kind: int = STRUCT) -> bytes:
    head = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind])
    return head + (b"" if len(items) < 15 else _varint(len(items))) + b"".join(items)


def _struct(*fields: tuple[int, int, Any]) -> bytes:
    """Return a structure of Thrift's compact protocol: fields with their numbers and types."""
    found, last = b"", 0
    for number, kind, value in fields:
        found += bytes([(number - last) << 4 | kind])
        last = number
        if kind in {I32, 6}:
            found += _varint(value << 1)
        else:
            found += _bytes(value) if kind == 8 else value
    return found + b"\0"
