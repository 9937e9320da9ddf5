"""The files of a folder of shards: its manifest, and embeddings with a row for each image."""

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message, value_of
from nameplate.domain.progress import CancelToken
from nameplate.formats.arrow import load_pyarrow, require_pyarrow
from nameplate.formats.parquet_pieces import open_parquet, pages_of, pieces, refuse_deadly
from nameplate.inference.specs import EMBEDDING_SIZES
from nameplate.storage.atomic import make_parent, write_atomically, write_bytes
from nameplate.storage.kept_json import read_json
from nameplate.system.opening import open_regular

T = TypeVar("T")

MANIFEST_NAME: Final = "manifest.json"
VERSION: Final = 1

MOST_SHARD_SIZE: Final = 100_000
"""Images of a shard: 200 MB of vectors of 1,024 numbers."""

MOST_NUMBERS: Final = 1 << 29
"""Of the vectors of a shard: 1 GB."""

_MOUNT_POINT: Final = 0xA0000003
"""The tag of a folder of Windows that leads to another one; files in a cloud have other tags."""

_KIND: Final = "nameplate-shards"
_MOST_BYTES: Final = 1 << 24
"""JSON takes up to 20 times as much in memory."""

_LIST_DIGEST: Final = re.compile("[0-9a-f]{64}")

_FOLDER_NAME: Final = "embeddings"

_NAME: Final = re.compile(r"([0-9]{5}|[1-9][0-9]{5,10})\.parquet")
_STAMP: Final = "size_mtime"
_COLUMNS: Final = ("path", "content_hash", "embedding", "problem", _STAMP)
_MOST_NAMES: Final = 1 << 28
"""Bytes of 2,000 paths: far more than any system allows."""

_PLAIN: Final = 0
"""The encoding of Parquet in which values stand as they are."""

_OF: Final = b"nameplate-shard"
_DIGEST: Final = b"nameplate-digest"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Common properties of all shards of a folder; never changed.

    Those of Nameplate 1.0 say more, which is not needed.

    Attributes:
        root: The folder that paths are relative to; empty where there is none.
        list_digest: Identifies the folder, 64 hexadecimal digits; once the digest of a list.
        model: Id of the model.
        fingerprint: Of the model's files.
        dimension: Numbers of an embedding.
        reading: Version of how pictures are decoded and preprocessed.
    """

    root: str
    list_digest: str
    model: str
    fingerprint: str
    dimension: int
    reading: str

    def __post_init__(self) -> None:
        """Raise a ValueError for values that no run writes: the file may be a stranger's."""
        is_named = _LIST_DIGEST.fullmatch(self.list_digest)
        if not is_named or not 1 <= self.dimension <= max(EMBEDDING_SIZES):
            raise ValueError("no manifest")

    @property
    def most_rows(self) -> int:
        """The most images that a shard may have."""
        return min(MOST_SHARD_SIZE, MOST_NUMBERS // self.dimension)


def refuse_links(folder: Path) -> None:
    """Refuse a folder with links in it: through them others' files would be read or replaced.

    The folder itself may be one: it was named by the person, and what is in it by whoever made it.

    Raises:
        UsageError: A file or folder in it, or in one of its folders, is a link.
        OSError: It cannot be listed.
    """
    for place in chain([folder], filter(Path.is_dir, folder.iterdir())):
        for one in place.iterdir():
            with suppress(FileNotFoundError):  # a temporary file of a run that goes on
                status = one.lstat()
                is_junction = getattr(status, "st_reparse_tag", 0) == _MOUNT_POINT
                if stat.S_ISLNK(status.st_mode) or is_junction:
                    raise UsageError("link-in-shards", where=one)


def write_values(path: Path, kind: str, values: Mapping[str, Any]) -> None:
    """Write a JSON file of a folder of shards.

    Raises:
        OutputError: It cannot be written.
    """
    content = json.dumps({"format": kind, "version": VERSION, **values}, indent=1)
    write_bytes(path, content.encode(), follow_links=False)


def read_values(path: Path, kind: str, parse: Callable[[Any], T], damaged: Message) -> T | None:
    """Read a JSON file of a folder of shards, and parse its values; None where there is none.

    Raises:
        UsageError: With the reason `damaged` where it cannot be read, or `parse` refuses it; or it
            was written by a later version, or there are links in its folder.
    """
    try:
        refuse_links(path.parent)
        values = read_json(path, _MOST_BYTES, follow_links=False)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError(damaged, where=path) from error
    match values:
        case {"format": str(found), "version": int(version)} if found == kind:
            if version != VERSION:
                raise UsageError("shards-of-later-version", where=path)
            with suppress(LookupError, TypeError, ValueError, UsageError):
                return parse(values)
        case _:
            pass
    raise UsageError(damaged, where=path)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of `folder`; see `write_values`."""
    write_values(folder / MANIFEST_NAME, _KIND, asdict(manifest))


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of `folder`; see `read_values`."""
    parse = partial(value_of, Manifest)
    return read_values(folder / MANIFEST_NAME, _KIND, parse, Message("manifest-damaged"))


# ---- embeddings


@dataclass(frozen=True, slots=True)
class Shard:
    """Embeddings of the images of one shard.

    Attributes:
        paths: `/`-separated and valid UTF-8, relative to the root of the manifest.
        contents: What identifies the content of each file, see `content_key`; None where it could
            not be read.
        embeddings: n x D float16, unit length; NaN rows for images without one.
        problems: Why an image has no embedding, or what was odd about it, in words; empty for
            nothing.
        stamps: Size and time of change of each file before it was read, see `ListedImage`; empty in
            shards of Nameplate 1.0.
    """

    paths: Sequence[str]
    contents: Sequence[str | None]
    embeddings: NDArray[np.float16]
    problems: Sequence[str]
    stamps: Sequence[str]

    def taken(self, rows: Sequence[int]) -> "Shard":
        """Return some of the images, in the order of `rows`."""
        return Shard(
            [self.paths[row] for row in rows],
            [self.contents[row] for row in rows],
            self.embeddings[list(rows)],
            [self.problems[row] for row in rows],
            [self.stamps[row] for row in rows],
        )


class ShardState(NamedTuple):
    """The end of a shard's file: a digest of its content, and how many images it has."""

    digest: str
    images: int


def embeddings_file(folder: Path, shard: int) -> Path:
    """Return the file of a shard of embeddings."""
    return folder / _FOLDER_NAME / f"{shard:05}.parquet"


def write_shard(folder: Path, manifest: Manifest, number: int, shard: Shard) -> None:
    """Write a shard of embeddings, whole or not at all.

    Raises:
        OutputError: It cannot be written.
        UsageError: pyarrow is not installed.
    """
    arrow, _ = require_pyarrow(folder)
    # NaN and not null where there is none: many readers know no null lists of a fixed size.
    flat = arrow.array(shard.embeddings.ravel(), from_pandas=False)
    columns = [
        shard.paths,
        shard.contents,
        arrow.FixedSizeListArray.from_arrays(flat, manifest.dimension),
        [one or None for one in shard.problems],
        [one or None for one in shard.stamps],
    ]
    schema = _schema(manifest.dimension)
    about = {_OF: _mark(manifest, number), _DIGEST: _digest(shard).encode()}
    arrays = map(arrow.array, columns, schema.types)
    table = arrow.Table.from_arrays(list(arrays), schema=schema.with_metadata(about))

    # Vectors do not get smaller by compression.
    write_parquet(embeddings_file(folder, number), table, compression="NONE", use_dictionary=False)


def write_parquet(path: Path, table: Any, **options: Any) -> None:
    """Write a table of pyarrow, whole or not at all; `options` are those of `write_table`."""
    _, parquet = require_pyarrow(path)
    make_parent(path)
    write_atomically(path, partial(parquet.write_table, table, **options), follow_links=False)


@contextmanager
def opened_parquet(path: Path, most_footer: int = 0) -> Generator[tuple[BinaryIO, Any]]:
    """Open a file of a folder that may be a stranger's; `most_footer` as in `open_parquet`.

    Raises:
        UsageError: It is missing or damaged, also where that shows only inside the `with`.
        NameplateError: It could not be checked, and may be whole.
    """
    arrow, _ = require_pyarrow(path)
    try:
        with open_regular(path, follow_links=False) as stream:
            refuse_deadly(path, stream, most_footer=most_footer)
            yield stream, open_parquet(stream, most_footer=most_footer)
    except (arrow.ArrowException, OSError, LookupError, TypeError, ValueError) as error:
        raise UsageError("shard-damaged", where=path) from error


def shards_there(folder: Path) -> list[int]:
    """Return the numbers of the shards that have a file, whole or not, in their order."""
    files = (folder / _FOLDER_NAME).glob("*.parquet")
    found = (file.stem for file in files if _NAME.fullmatch(file.name) and file.is_file())
    return sorted(map(int, found))


def states_of(folder: Path, manifest: Manifest, cancel: CancelToken) -> dict[int, ShardState]:
    """Return the states of the shards that are whole and of this manifest.

    Only the ends of their files are read.
    """
    found = dict[int, ShardState]()
    for number in shards_there(folder):
        cancel.raise_if_cancelled()
        with suppress(UsageError), opened_parquet(embeddings_file(folder, number)) as (_, file):
            if state := _state(file.metadata, manifest, number):
                found[number] = state
    return found


def files_in(folder: Path, number: int) -> Iterator[tuple[str, str, bool]]:
    """Yield path and stamp of each image of a shard, and whether its file could be had.

    Vectors are not read.

    Raises:
        UsageError: It is damaged.
    """
    with opened_parquet(embeddings_file(folder, number)) as (stream, file):
        columns = [n for n in _COLUMNS if n in file.schema_arrow.names and n != "embedding"]
        for piece in pieces(stream, file, columns, most_bytes=_MOST_NAMES):
            for row in piece.to_pylist():
                is_read = row["content_hash"] is not None
                yield str(row["path"]), str(row.get(_STAMP) or ""), is_read


def read_shard(folder: Path, manifest: Manifest, number: int) -> Shard:
    """Return a shard of embeddings; several threads may read at once.

    Raises:
        UsageError: It is missing, damaged, or of another manifest.
    """
    path = embeddings_file(folder, number)
    with opened_parquet(path) as (stream, file):
        state = _state(file.metadata, manifest, number)
        fields, known = list(file.schema_arrow), list(_schema(manifest.dimension))
        # Of vectors of another type, a row could be of any size.
        is_known = fields in (known, known[:-1])  # Nameplate 1.0 kept no stamps
        if state and is_known and _is_packed_nowhere(stream, file):
            shard = _shard(file.read(use_threads=False), manifest.dimension)
            if _digest(shard) == state.digest:
                return shard
    raise UsageError("shard-damaged", where=path)


def _schema(dimension: int) -> Any:
    """Return the columns of a shard, as pyarrow's schema."""
    arrow, _ = load_pyarrow()
    texts = {name: arrow.string() for name in _COLUMNS}
    return arrow.schema(texts | {"embedding": arrow.list_(arrow.float16(), dimension)})


def _is_packed_nowhere(stream: BinaryIO, file: Any) -> bool:
    """Return whether a shard takes as much room in its file as in memory: so it is no bomb."""
    metadata, size = file.metadata, os.fstat(stream.fileno()).st_size
    most = metadata.num_rows * file.schema_arrow.field("embedding").type.list_size
    for column in map(metadata.row_group(0).column, range(metadata.num_columns)):
        pages = list(pages_of(stream, column))
        is_plain = all(page.encoding == _PLAIN and not page.is_dictionary for page in pages)
        if not is_plain or sum(page.values for page in pages) > most:
            return False
    return 2 * most <= size


def _state(found: Any, manifest: Manifest, number: int) -> ShardState | None:
    """Read the state from the end of a file; None for a shard of another manifest."""
    about: dict[bytes, bytes] = found.metadata or {}
    columns = (found.row_group(0).column(n) for n in range(found.num_columns))
    is_ours = (
        about.get(_OF) == _mark(manifest, number)
        and 0 < found.num_rows <= manifest.most_rows
        and found.num_row_groups == 1
        and all(one.compression == "UNCOMPRESSED" for one in columns)
    )
    digest = about.get(_DIGEST, b"").decode(errors="replace")
    return ShardState(digest, found.num_rows) if is_ours else None


def _shard(table: Any, dimension: int) -> Shard:
    column = table["embedding"].combine_chunks()
    vectors = np.asarray(column.values.to_numpy(zero_copy_only=False), np.float16)
    vectors = vectors.reshape(len(table), dimension)
    stamps = table[_STAMP].to_pylist() if _STAMP in table.column_names else [""] * len(table)
    return Shard(
        table["path"].to_pylist(),
        table["content_hash"].to_pylist(),
        vectors,
        [one or "" for one in table["problem"].to_pylist()],
        [one or "" for one in stamps],
    )


def _digest(shard: Shard) -> str:
    """Return a hash of all that a shard has, hexadecimal; Parquet itself does not see damage."""
    digest = hashlib.blake2b(digest_size=16)
    texts = [list(shard.paths), list(shard.contents), list(shard.problems)]
    if any(shard.stamps):  # of those of Nameplate 1.0 it knows nothing
        texts.append(list(shard.stamps))
    digest.update(json.dumps(texts).encode())
    numbers = np.asarray(shard.embeddings, "<f2")
    if not np.isfinite(numbers).all():  # NaN can be written in many ways
        numbers = np.nan_to_num(numbers)
    digest.update(np.ascontiguousarray(numbers).data)
    return digest.hexdigest()


def _mark(manifest: Manifest, number: int) -> bytes:
    """Build the mark that ties a shard to its folder and number."""
    of = (manifest.list_digest, manifest.fingerprint, manifest.reading, str(number))
    return " ".join(of).encode()
