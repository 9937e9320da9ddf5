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
from nameplate.formats.parquet_pieces import open_parquet, pieces
from nameplate.formats.shards.manifest import MANIFEST_NAME, Manifest
from nameplate.storage.atomic import write_atomically
from nameplate.system.elsewhere import is_url
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular

LIST_NAME: Final = "images.parquet"

_PIECE: Final = 1 << 20
_MOST_NAMES: Final = 1 << 24
"""Bytes of a piece: 8,000 for each path or URL."""

_FOOTER_OF_SHARD: Final = 512
_MOST_FOOTER: Final = 1 << 25
"""Bytes of the end of a list: for 65,000 shards; for more, where these are not tiny."""


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


def file_below(root: str, file: str) -> str:
    """Return the path or URL of a listed file."""
    if not root or is_url(file):
        return file
    return f"{root}/{file}" if is_url(root) else os.path.join(root, file)  # noqa: PTH118


def is_shard_folder(path: Path) -> bool:
    """Return whether a path looks like a folder of shards; its files are not opened."""
    try:
        return (path / MANIFEST_NAME).is_file() and (path / LIST_NAME).is_file()
    except (OSError, ValueError):
        return False


def write_list(folder: Path, images: Iterable[ListedImage], shard_size: int) -> int:
    """Write the list of a folder's images, whole or not at all; return how many there are.

    The images are read once, a shard at a time.

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

    write_atomically(folder / LIST_NAME, fill, follow_links=False)
    return count


def digest_of_list(folder: Path) -> str:
    """Return the SHA-256 of the list, hexadecimal.

    Raises:
        UsageError: There is none, or it cannot be read.
    """
    path, digest = folder / LIST_NAME, hashlib.sha256()
    try:
        with open_regular(path, follow_links=False) as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
    except OSError as error:
        raise UsageError("image-list-damaged", where=path) from error
    return digest.hexdigest()


def read_list(folder: Path, manifest: Manifest) -> Callable[[int], list[ListedImage]]:
    """Check the list; return what gives the images of a shard.

    Raises:
        UsageError: It is damaged, or not that of the manifest; also when a shard is read.
    """
    arrow, _ = require_pyarrow(folder)
    path = folder / LIST_NAME
    damaged = UsageError("image-list-damaged", where=path)
    most_footer = min(manifest.shards * _FOOTER_OF_SHARD, _MOST_FOOTER)

    def opened(stream: BinaryIO, **options: Any) -> Any:
        return open_parquet(stream, most_footer=most_footer, **options)

    def images_of(shard: int) -> list[ListedImage]:
        rows = list[dict[str, Any]]()
        try:
            # Its end is not read again: of a list of 50,000 shards that takes a fifth of a second.
            with open_regular(path, follow_links=False) as stream:
                file = opened(stream, metadata=found)
                found_rows = pieces(
                    stream, file, schema.names, most_bytes=_MOST_NAMES, groups=[shard]
                )
                for piece in found_rows:
                    rows += piece.to_pylist()
        except (arrow.ArrowException, OSError, IndexError, ValueError) as error:
            raise damaged from error
        images = [
            ListedImage(os.fsdecode(file), os.fsdecode(member), offset, size)
            for file, member, offset, size in map(dict[str, Any].values, rows)
        ]
        is_possible = all(image.offset >= 0 and image.size >= 0 for image in images)
        if len(images) != manifest.length(shard) or not is_possible:
            raise damaged
        return images

    if digest_of_list(folder) != manifest.list_digest:
        raise UsageError("image-list-changed", where=path)
    schema = _schema(arrow)
    try:
        with open_regular(path, follow_links=False) as stream:
            file = opened(stream)
            found, is_known = file.metadata, file.schema_arrow.equals(schema)
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise damaged from error
    groups = found.num_row_groups
    if not is_known or groups != manifest.shards or found.num_rows != manifest.images:
        raise damaged
    return images_of


def _schema(arrow: Any) -> Any:
    # Bytes: names of files need not be valid UTF-8.
    fields = [("file", arrow.binary()), ("member", arrow.binary())]
    numbers = [("offset", arrow.int64()), ("size", arrow.int64())]
    return arrow.schema([arrow.field(*one, nullable=False) for one in (*fields, *numbers)])
