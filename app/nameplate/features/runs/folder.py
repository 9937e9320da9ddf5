"""A folder of shards, and the images that it lacks."""

import json
import os
import secrets
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.inputs import HashSet, Inputs, Unlisted, list_images
from nameplate.features.runs.manifest import Manifest, read_manifest, refuse_links, write_manifest
from nameplate.features.runs.vectors import (
    ShardState,
    embeddings_file,
    paths_of,
    read_shard,
    shards_there,
    state_of,
    write_shard,
)
from nameplate.formats.arrow import require_pyarrow
from nameplate.imaging import DECODE_VERSION
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.spool import ListedImage
from nameplate.storage.atomic import output_error
from nameplate.storage.lock import locked
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular

DEFAULT_SHARD_SIZE: Final = 2000
"""Images: 40 s of a laptop's work, which is what a kill loses; 10 million make 5,000 files."""

MOST_UNLISTED: Final = 20

_LOCK_NAME: Final = ".lock"
_MISSING_NAME: Final = ".nameplate-missing.jsonl"
_EMBEDDINGS: Final = "embeddings"


@dataclass(frozen=True, slots=True)
class Missing:
    """The images that a folder lacks, on the disk: ten million take 1 GB.

    Attributes:
        file: A line for each shard to make, of its images as JSON; in the folder, so that other
            machines see it.
        starts: By the number of each shard, the first byte of its line.
        images: How many there are.
        unlisted: The first of what could not be listed, `MOST_UNLISTED` at most.
        unlisted_count: How many these are in all.
    """

    file: Path
    starts: dict[int, int]
    images: int
    unlisted: Sequence[Unlisted] = ()
    unlisted_count: int = 0


def images_at(file: Path, start: int) -> list[ListedImage]:
    """Return the images of a line of `Missing.file`."""
    with open_regular(file, follow_links=False) as stream:
        stream.seek(start)
        return [ListedImage(*one) for one in json.loads(stream.readline())]


@dataclass(frozen=True, slots=True)
class ShardFolder:
    """A folder of shards that this process has for itself.

    Attributes:
        path: The folder.
        manifest: What its shards have in common.
        is_new: Whether it was made just now.
    """

    path: Path
    manifest: Manifest
    is_new: bool = False

    def states(self) -> dict[int, ShardState]:
        """Return the states of the shards whose embeddings are there."""
        numbers = shards_there(self.path)
        found = {number: state_of(self.path, self.manifest, number) for number in numbers}
        return {number: state for number, state in found.items() if state}

    def drop(self, number: int) -> None:
        """Delete a shard of embeddings."""
        embeddings_file(self.path, number).unlink(missing_ok=True)

    @contextmanager
    def missing(
        self, inputs: Inputs, limit: int | None, shard_size: int, cancel: CancelToken
    ) -> Generator[Missing]:
        """List the images of `inputs` that no shard has: a set difference on paths.

        Damaged shards are deleted, and files that could not be had are missing again.

        Raises:
            UsageError: One of the inputs is a URL, or a list cannot be read.
            OutputError: The folder cannot be written.
        """
        file, known = self.path / _MISSING_NAME, HashSet()
        known.fill(self._whole_paths())
        first = max(shards_there(self.path), default=-1) + 1
        size = min(shard_size, self.manifest.most_rows)
        problems, unlisted = list[Unlisted](), 0

        def images() -> Iterator[ListedImage]:
            nonlocal unlisted
            for found in list_images(inputs, cancel):
                if isinstance(found, ListedImage):
                    yield found
                    continue
                unlisted += 1
                if unlisted <= MOST_UNLISTED:
                    problems.append(found)

        rest = (
            image
            for image in islice(images(), limit)
            if image.name(self.manifest.root) not in known
        )
        starts, count = dict[int, int](), 0
        try:
            with file.open("wb") as stream:
                while block := list(islice(rest, size)):
                    starts[first + len(starts)] = stream.tell()
                    values = [[one.file, one.member, one.offset, one.size] for one in block]
                    stream.write(json.dumps(values).encode() + b"\n")
                    count += len(block)
            yield Missing(file, starts, count, problems, unlisted)
        finally:
            with suppress(OSError):
                file.unlink(missing_ok=True)

    def _whole_paths(self) -> Iterator[str]:
        """Yield the paths of the shards; delete those that are damaged or not of this folder."""
        for number in shards_there(self.path):
            state, paths = state_of(self.path, self.manifest, number), list[str]()
            with suppress(UsageError):
                if state is not None and state.unread:
                    paths = self._without_unread(number)
                elif state is not None:
                    paths = list(paths_of(self.path, number))
            if paths:
                yield from paths
            else:
                self.drop(number)

    def _without_unread(self, number: int) -> list[str]:
        """Write a shard without the files that could not be had; return the paths of the others."""
        shard = read_shard(self.path, self.manifest, number)
        rows = np.setdiff1d(np.arange(len(shard.paths)), shard.unread).tolist()
        rest = shard.taken(rows)
        if rows:
            write_shard(self.path, self.manifest, number, rest)
        return list(rest.paths)


@contextmanager
def open_shards(path: Path, inputs: Inputs, model: LoadedModel) -> Generator[ShardFolder]:
    """Open a folder of shards, for this process alone; make it where it is new.

    Raises:
        UsageError: Another process works on it; it is no folder of shards, a damaged one, one with
            links in it, or one of another model or decoding; or it is new and nothing is named.
        OutputError: It cannot be made.
    """
    require_pyarrow(path)
    where = printable(str(path))
    try:
        if inputs:
            path.mkdir(parents=True, exist_ok=True)
        elif not path.is_dir():
            raise UsageError("no-shards-yet", where=where)
        refuse_links(path)  # before the lock, which would make a file where it leads to
        with locked(path / _LOCK_NAME) as is_mine:
            if not is_mine:
                raise UsageError("shards-in-use", where=where)
            manifest = read_manifest(path)
            if manifest is not None:
                _refuse_difference(manifest, model, where)
                yield ShardFolder(path, manifest)
                return
            if not inputs:
                raise UsageError("no-shards-yet", where=where)
            _refuse_others(path)
            yield ShardFolder(path, _made(path, inputs, model), is_new=True)
    except OSError as error:
        raise output_error(path, error) from error


def _made(path: Path, inputs: Inputs, model: LoadedModel) -> Manifest:
    """Write the manifest of a new folder."""
    manifest = Manifest(
        root=inputs.root(),
        list_digest=secrets.token_hex(32),
        model=model.manifest.id,
        fingerprint=model.fingerprint,
        dimension=model.manifest.embedding_size,
        reading=str(DECODE_VERSION),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_manifest(path, manifest)
    (path / _EMBEDDINGS).mkdir(exist_ok=True)
    return manifest


def _refuse_others(path: Path) -> None:
    """Raise where a folder has files that are not what a process left that was killed early."""
    names = (name for name in os.listdir(path) if not name.startswith(".nameplate-"))  # noqa: PTH208
    if other := next((name for name in names if name != _LOCK_NAME), None):
        raise UsageError("folder-not-of-shards", where=printable(str(path)), name=printable(other))


def _refuse_difference(manifest: Manifest, model: LoadedModel, where: str) -> None:
    """Raise where a folder was made with another model or decoding."""
    now = (model.fingerprint, model.manifest.embedding_size)
    if (manifest.fingerprint, manifest.dimension) != now:
        raise UsageError(
            "shards-of-other-model", where=where, model=manifest.model, now=model.manifest.id
        )
    if manifest.reading != str(DECODE_VERSION):
        raise UsageError("shards-read-otherwise", where=where)
