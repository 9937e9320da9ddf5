"""The files of a folder of shards: its manifest, and embeddings with a row for each image."""

import hashlib
import json
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message, value_of
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.parquet import (
    MOST_ROWS,
    read_end,
    read_rows,
    read_vectors,
    require_pyarrow,
    write_parquet,
)
from nameplate.inference.specs import EMBEDDING_SIZES
from nameplate.storage.atomic import write_bytes
from nameplate.storage.kept_json import read_json

T = TypeVar("T")

MANIFEST_NAME: Final = "manifest.json"
VERSION: Final = 1

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
_OF: Final = "nameplate-shard"
_DIGEST: Final = "nameplate-digest"


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
        return min(MOST_ROWS, MOST_NUMBERS // self.dimension)


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
    texts = {
        "path": shard.paths,
        "content_hash": shard.contents,
        "problem": [one or None for one in shard.problems],
        _STAMP: [one or None for one in shard.stamps],
    }
    columns = {name: arrow.array(values, arrow.string()) for name, values in texts.items()}
    columns["embedding"] = arrow.FixedSizeListArray.from_arrays(flat, manifest.dimension)
    order = ("path", "content_hash", "embedding", "problem", _STAMP)
    about = {_OF: _mark(manifest, number), _DIGEST: _digest(shard)}
    table = arrow.table({name: columns[name] for name in order}, metadata=about)
    # Vectors do not get smaller by compression.
    write_parquet(embeddings_file(folder, number), table, compression="NONE", use_dictionary=False)


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
        with suppress(UsageError):
            found[number] = _state(folder, manifest, number)
    return found


def files_in(folder: Path, number: int) -> Iterator[tuple[str, str, bool]]:
    """Yield path and stamp of each image of a shard, and whether its file could be had.

    Vectors are not read.

    Raises:
        UsageError: It is damaged.
    """
    rows = read_rows(embeddings_file(folder, number), ("path", _STAMP, "content_hash"))
    for path, stamp, content in rows:
        yield str(path), str(stamp or ""), content is not None


def read_shard(folder: Path, manifest: Manifest, number: int) -> Shard:
    """Return a shard of embeddings; several threads may read at once.

    Raises:
        UsageError: It is missing, damaged, or of another manifest.
    """
    path, state = embeddings_file(folder, number), _state(folder, manifest, number)
    rows = list(read_rows(path, ("path", "content_hash", "problem", _STAMP)))
    vectors = read_vectors(path, "embedding", manifest.dimension)
    shard = Shard(
        [path for path, _, _, _ in rows],
        [content for _, content, _, _ in rows],
        vectors,
        [problem or "" for _, _, problem, _ in rows],
        [stamp or "" for _, _, _, stamp in rows],
    )
    if len(rows) != state.images or _digest(shard) != state.digest:
        raise UsageError("shard-damaged", where=path)
    return shard


def _state(folder: Path, manifest: Manifest, number: int) -> ShardState:
    """Read the state of a shard of `manifest`; see `read_shard`."""
    path = embeddings_file(folder, number)
    end = read_end(path)
    is_ours = end.about.get(_OF) == _mark(manifest, number)
    if not (is_ours and 0 < end.rows <= manifest.most_rows):
        raise UsageError("shard-damaged", where=path)
    return ShardState(end.about.get(_DIGEST, ""), end.rows)


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


def _mark(manifest: Manifest, number: int) -> str:
    """Build the mark that ties a shard to its folder and number."""
    of = (manifest.list_digest, manifest.fingerprint, manifest.reading, str(number))
    return " ".join(of)
