"""The list of a folder's images: a Parquet file with a row group for each shard."""

import hashlib
import os
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from nameplate.domain.errors import UsageError
from nameplate.formats.arrow import require_pyarrow
from nameplate.formats.shards.manifest import Manifest
from nameplate.storage.atomic import write_atomically
from nameplate.system.failures import printable

LIST_NAME: Final = "images.parquet"

_COLUMN: Final = "file"
_PIECE: Final = 1 << 20


def write_list(folder: Path, files: Iterable[str], shard_size: int) -> int:
    """Write the list of a folder's images, whole or not at all; return how many there are.

    Args:
        folder: Of the shards.
        files: Relative to the root of the manifest, or absolute where there is none; as the system
            knows them. Read once, a shard at a time.
        shard_size: Images of a shard.

    Raises:
        OutputError: It cannot be written.
        UsageError: pyarrow is not installed.
    """
    arrow, parquet = require_pyarrow(folder)
    # Bytes: names of files need not be valid UTF-8.
    schema, rest, count = arrow.schema([(_COLUMN, arrow.binary())]), iter(files), 0

    def fill(stream: BinaryIO) -> None:
        nonlocal count
        with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
            while block := list(map(os.fsencode, islice(rest, shard_size))):
                writer.write_table(arrow.table({_COLUMN: block}, schema=schema), shard_size)
                count += len(block)

    write_atomically(folder / LIST_NAME, fill)
    return count


def digest_of_list(folder: Path) -> str:
    """Return the SHA-256 of the list, hexadecimal.

    Raises:
        UsageError: There is none, or it cannot be read.
    """
    path, digest = folder / LIST_NAME, hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
    except OSError as error:
        raise UsageError("image-list-damaged", where=printable(str(path))) from error
    return digest.hexdigest()


def read_list(folder: Path, manifest: Manifest) -> Callable[[int], list[str]]:
    """Open the list; return what gives the files of a shard, as `write_list` was given them.

    Raises:
        UsageError: It is damaged, or not that of the manifest; also when a shard is read.
    """
    arrow, parquet = require_pyarrow(folder)
    path = folder / LIST_NAME
    damaged = UsageError("image-list-damaged", where=printable(str(path)))

    def opened() -> Any:
        try:
            return parquet.ParquetFile(path)
        except (arrow.ArrowException, OSError) as error:
            raise damaged from error

    def files_of(shard: int) -> list[str]:
        try:
            with opened() as file:
                found = file.read_row_group(shard, columns=[_COLUMN])[_COLUMN].to_pylist()
        except (arrow.ArrowException, OSError, KeyError, IndexError) as error:
            raise damaged from error
        if len(found) != manifest.length(shard) or None in found:
            raise damaged
        return list(map(os.fsdecode, found))

    if digest_of_list(folder) != manifest.list_digest:
        raise UsageError("image-list-changed", where=printable(str(path)))
    return files_of
