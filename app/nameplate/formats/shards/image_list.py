"""The list of a folder's images: a Parquet file with a row group for each shard."""

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from nameplate.domain.errors import UsageError
from nameplate.formats.arrow import require_pyarrow
from nameplate.formats.shards.manifest import Manifest
from nameplate.storage.atomic import write_atomically
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular

LIST_NAME: Final = "images.parquet"

_PIECE: Final = 1 << 20
_MOST_NAME: Final = 20_000
"""Bytes of a row on an average; a few of them could unpack to any number."""


@dataclass(frozen=True, slots=True)
class ListedImage:
    """Where the bytes of an image are.

    Attributes:
        file: A path as the system knows it, or a URL; of the image, or of the tar file that it lies
            in. Relative to the root of the manifest, where there is one.
        member: Its name in the tar file; empty for an image that is a file.
        offset: Of its first byte in the tar file.
        size: In bytes, in the tar file.
    """

    file: str
    member: str = ""
    offset: int = 0
    size: int = 0

    @property
    def name(self) -> str:
        """What it is called in shards: valid UTF-8, `/`-separated."""
        path = f"{self.file}/{self.member}" if self.member else self.file
        return printable(path.replace(os.sep, "/"))


def write_list(folder: Path, images: Iterable[ListedImage], shard_size: int) -> int:
    """Write the list of a folder's images, whole or not at all; return how many there are.

    Args:
        folder: Of the shards.
        images: Read once, a shard at a time.
        shard_size: Images of a shard.

    Raises:
        OutputError: It cannot be written.
        UsageError: pyarrow is not installed.
    """
    arrow, parquet = require_pyarrow(folder)
    schema, rest, count = _schema(arrow), iter(images), 0

    def fill(stream: BinaryIO) -> None:
        nonlocal count
        with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
            while block := list(islice(rest, shard_size)):
                columns = {
                    "file": [os.fsencode(image.file) for image in block],
                    "member": [os.fsencode(image.member) for image in block],
                    "offset": [image.offset for image in block],
                    "size": [image.size for image in block],
                }
                writer.write_table(arrow.table(columns, schema=schema), shard_size)
                count += len(block)

    write_atomically(folder / LIST_NAME, fill)
    return count


def digest_of_list(folder: Path) -> str:
    """Return the SHA-256 of the list, hexadecimal.

    Raises:
        UsageError: There is none, or it cannot be read.
    """
    path, digest = folder / LIST_NAME, hashlib.sha256()
    if not path.is_file():  # opening a pipe would block forever
        raise UsageError("image-list-damaged", where=printable(str(path)))
    try:
        with open_regular(path) as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
    except OSError as error:
        raise UsageError("image-list-damaged", where=printable(str(path))) from error
    return digest.hexdigest()


def read_list(folder: Path, manifest: Manifest) -> Callable[[int], list[ListedImage]]:
    """Check the list; return what gives the images of a shard.

    Raises:
        UsageError: It is damaged, or not that of the manifest; also when a shard is read.
    """
    arrow, parquet = require_pyarrow(folder)
    path = folder / LIST_NAME
    damaged = UsageError("image-list-damaged", where=printable(str(path)))

    def images_of(shard: int) -> list[ListedImage]:
        try:
            # Its end is not read again: of a list of 50,000 shards that takes a fifth of a second.
            with parquet.ParquetFile(path, metadata=found) as file:
                if not file.schema_arrow.equals(_schema(arrow)):
                    raise damaged
                columns = file.read_row_group(shard).to_pydict()
        except (arrow.ArrowException, OSError, IndexError) as error:
            raise damaged from error
        files, members, offsets, sizes = columns.values()
        if len(files) != manifest.length(shard) or min(*offsets, *sizes, 0) < 0:
            raise damaged
        return [
            ListedImage(os.fsdecode(file), os.fsdecode(member), offset, size)
            for file, member, offset, size in zip(files, members, offsets, sizes, strict=True)
        ]

    if digest_of_list(folder) != manifest.list_digest:
        raise UsageError("image-list-changed", where=printable(str(path)))
    try:
        found = parquet.read_metadata(path)
    except (arrow.ArrowException, OSError) as error:
        raise damaged from error
    most = _MOST_NAME * min(manifest.shard_size, manifest.images)
    groups = [found.row_group(number) for number in range(found.num_row_groups)]
    is_whole = len(groups) == manifest.shards and found.num_rows == manifest.images
    if not is_whole or any(group.total_byte_size > most for group in groups):
        raise damaged
    return images_of


def _schema(arrow: Any) -> Any:
    # Bytes: names of files need not be valid UTF-8.
    fields = [("file", arrow.binary()), ("member", arrow.binary())]
    numbers = [("offset", arrow.int64()), ("size", arrow.int64())]
    return arrow.schema([arrow.field(*one, nullable=False) for one in (*fields, *numbers)])
