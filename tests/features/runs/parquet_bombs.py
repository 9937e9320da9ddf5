"""Makes Parquet files of some kilobytes that could fill the memory, or never end."""

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from nameplate.inference.protobuf import varint

STRUCT, I32 = 12, 5


def long_text_in_each_row(chance: Random, file: Path, column: str) -> None:
    """Let one text stand in the dictionary, and in each row."""
    text = pa.array(["x" * chance.randrange(10**6, 10**7)])
    indices = pa.array([0] * chance.randrange(1000, 6000), pa.int32())
    _write(file, {column: pa.DictionaryArray.from_arrays(indices, text)}, is_one_page=True)


def one_huge_page(chance: Random, file: Path, column: str) -> None:
    _of_texts(file, column, chance.randrange(135 * 10**6, 200 * 10**6), 1)


def many_large_pages(chance: Random, file: Path, column: str) -> None:
    _of_texts(file, column, chance.randrange(10**6, 2 * 10**6), 150)


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
    levels = varint(count << 1) + b"\0"  # a run of zeros
    page = struct.pack("<I", len(levels)) + levels
    names = dict.fromkeys(("path", column))
    _of_pages(file, {name: [(count, page, len(page))] for name in names}, is_optional=True)


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


def _of_texts(file: Path, column: str, length: int, count: int) -> None:
    """Write a file with a text in each of its rows, each in a page of its own."""
    whole = struct.pack("<I", length) + b"x" * length
    page = (1, pa.Codec("zstd").compress(whole, asbytes=True), len(whole))
    path = struct.pack("<I", 1) + b"a"
    short = (1, pa.Codec("zstd").compress(path, asbytes=True), len(path))
    _of_pages(file, {"path": [short] * count, column: [page] * count}, codec=6)


def _of_pages(
    file: Path,
    columns: Mapping[str, Sequence[tuple[int, bytes, int]]],
    *,
    codec: int = 0,
    is_optional: bool = False,
) -> None:
    """Write a file of plain texts: of each column the pages, with values, bytes and real size."""
    content, chunks = b"", list[bytes]()
    schema = [_struct((4, 8, b"schema"), (5, I32, len(columns)))]
    rows = sum(values for values, _, _ in next(iter(columns.values())))
    for name, pages in columns.items():
        start = 4 + len(content)
        for values, packed, size in pages:
            about = _struct((1, I32, values), (2, I32, 0), (3, I32, 3), (4, I32, 3))
            sizes = (2, I32, size), (3, I32, len(packed))
            content += _struct((1, I32, 0), *sizes, (5, STRUCT, about)) + packed
        kind = (1, I32, 6), (3, I32, int(is_optional)), (4, 8, name.encode()), (6, I32, 0)
        schema.append(_struct(*kind))
        length = 4 + len(content) - start
        meta = _struct(
            (1, I32, 6), (2, 9, bytes([0x15, 0])), (3, 9, bytes([0x18]) + _bytes(name.encode())),
            (4, I32, codec), (5, 6, rows), (6, 6, length), (7, 6, length), (9, 6, start),
        )  # fmt: skip
        chunks.append(_struct((2, 6, start), (3, STRUCT, meta)))
    group = _struct((1, 9, _list(chunks)), (2, 6, len(content)), (3, 6, rows))
    end = _struct((1, I32, 1), (2, 9, _list(schema)), (3, 6, rows), (4, 9, _list([group])))
    _with_end(file, content, end)


def _with_end(file: Path, content: bytes, end: bytes) -> None:
    file.write_bytes(b"PAR1" + content + end + struct.pack("<I", len(end)) + b"PAR1")


def _bytes(value: bytes) -> bytes:
    return varint(len(value)) + value


def _list(items: Sequence[bytes], kind: int = STRUCT) -> bytes:
    head = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind])
    return head + (b"" if len(items) < 15 else varint(len(items))) + b"".join(items)


def _struct(*fields: tuple[int, int, Any]) -> bytes:
    """Return a structure of Thrift's compact protocol: fields with their numbers and types."""
    found, last = b"", 0
    for number, kind, value in fields:
        found += bytes([(number - last) << 4 | kind])
        last = number
        if kind in {I32, 6}:
            found += varint(value << 1)
        else:
            found += _bytes(value) if kind == 8 else value
    return found + b"\0"
