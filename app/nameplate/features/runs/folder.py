"""A folder of shards, and the images that it lacks."""

import json
import os
import secrets
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.inputs import HashSet, Inputs, list_images
from nameplate.features.runs.shards import (
    Manifest,
    embeddings_file,
    files_in,
    read_manifest,
    read_shard,
    refuse_links,
    shards_there,
    states_of,
    write_manifest,
    write_shard,
)
from nameplate.formats.arrow import require_pyarrow
from nameplate.imaging import DECODE_VERSION
from nameplate.imaging.scan import ScanProblem
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


@dataclass(slots=True)
class Missing:
    """The images that a folder lacks, on the disk: ten million take 1 GB.

    Attributes:
        file: A line for each shard to make, of its images as JSON; in the folder, so that other
            machines see it.
        starts: By the number of each shard, the first byte of its line.
        images: How many there are.
        unlisted: The first of what could not be listed, `MOST_UNLISTED` at most.
        unlisted_count: How many these are in all.
        damaged: How many damaged shards were deleted whose images are not among these.
    """

    file: Path
    starts: dict[int, int] = field(default_factory=dict[int, int])
    images: int = 0
    unlisted: list[ScanProblem] = field(default_factory=list[ScanProblem])
    unlisted_count: int = 0
    damaged: int = 0


def images_at(file: Path, start: int) -> list[ListedImage]:
    """Return the images of a line of `Missing.file`."""
    with open_regular(file, follow_links=False) as stream:
        stream.seek(start)
        return [ListedImage(*one) for one in json.loads(stream.readline())]


@dataclass(frozen=True, slots=True)
class ShardFolder:
    """A folder of shards that this process has for itself."""

    path: Path
    manifest: Manifest

    @contextmanager
    def missing(
        self, inputs: Inputs, limit: int | None, shard_size: int, cancel: CancelToken
    ) -> Generator[Missing]:
        """List the images of `inputs` that no shard has: a set difference on paths and stamps.

        Damaged shards are deleted, and so are the rows of files that have changed or could not be
        had: these are missing again.

        Raises:
            UsageError: One of the inputs is a URL, or a list cannot be read.
            OutputError: The folder cannot be written.
        """
        file, known = self.path / _MISSING_NAME, HashSet(self._known(cancel))
        first = max(shards_there(self.path), default=-1) + 1
        size = min(shard_size, self.manifest.most_rows)
        missing = Missing(file)

        def rest() -> Iterator[ListedImage]:
            for image in islice(_images(inputs, missing, cancel), limit):
                name = image.name(self.manifest.root)
                if f"{image.stamp} {name}" not in known and f" {name}" not in known:
                    yield image

        try:
            with file.open("wb") as stream:
                images = rest()
                while block := list(islice(images, size)):
                    missing.starts[first + len(missing.starts)] = stream.tell()
                    values = [[i.file, i.member, i.offset, i.size, i.stamp] for i in block]
                    stream.write(json.dumps(values).encode() + b"\n")
                    missing.images += len(block)
            self._drop_changed(missing)
            yield missing
        finally:
            with suppress(OSError):
                file.unlink(missing_ok=True)

    def _known(self, cancel: CancelToken) -> Iterator[str]:
        """Yield stamp and path of each image; delete damaged shards and unread images.

        Images of Nameplate 1.0 have no stamp.
        """
        states = states_of(self.path, self.manifest, cancel)
        for number in shards_there(self.path):
            files = list[tuple[str, str, bool]]()
            with suppress(UsageError):
                files += files_in(self.path, number) if number in states else ()
            read = [row for row, (_, _, is_read) in enumerate(files) if is_read]
            is_kept = bool(read) and len(read) == len(files)
            if is_kept or self._keep(number, read):
                yield from (f"{files[row][1]} {files[row][0]}" for row in read)

    def _drop_changed(self, missing: Missing) -> None:
        """Delete the rows of images that have changed since, and are missing therefore."""
        file, numbers = missing.file, shards_there(self.path)
        if not (numbers and missing.starts):
            return
        images = (image for start in missing.starts.values() for image in images_at(file, start))
        changed = HashSet(image.name(self.manifest.root) for image in images)
        for number in numbers:
            paths = [path for path, _, _ in files_in(self.path, number)]
            same = [row for row, path in enumerate(paths) if path not in changed]
            if len(same) < len(paths) and not self._keep(number, same):
                missing.damaged += bool(same)

    def _keep(self, number: int, rows: Sequence[int]) -> bool:
        """Reduce a shard to `rows`; delete it and return False if it is damaged or none is left."""
        with suppress(UsageError):
            if rows:
                shard = read_shard(self.path, self.manifest, number).taken(rows)
                write_shard(self.path, self.manifest, number, shard)
                return True
        embeddings_file(self.path, number).unlink(missing_ok=True)
        return False


def _images(inputs: Inputs, missing: Missing, cancel: CancelToken) -> Iterator[ListedImage]:
    """Yield the images of `inputs`; add problems of listing to `missing`."""
    for found in list_images(inputs, cancel):
        if isinstance(found, ListedImage):
            yield found
            continue
        missing.unlisted_count += 1
        if missing.unlisted_count <= MOST_UNLISTED:
            missing.unlisted.append(found)


@contextmanager
def open_shards(path: Path, inputs: Inputs, model: LoadedModel) -> Generator[ShardFolder]:
    """Open a folder of shards, for this process alone; make it where it is new.

    Raises:
        UsageError: Another process works on it; it is no folder of shards, a damaged one, one with
            links in it, or one of another model or decoding; or it is new and nothing is named.
        OutputError: It cannot be made.
    """
    require_pyarrow(path)
    try:
        if inputs:
            path.mkdir(parents=True, exist_ok=True)
        elif not path.is_dir():
            raise UsageError("no-shards-yet", where=path)
        refuse_links(path)  # before the lock, which would make a file where it leads to
        with locked(path / _LOCK_NAME) as is_mine:
            if not is_mine:
                raise UsageError("shards-in-use", where=path)
            manifest = read_manifest(path)
            if manifest is not None:
                _refuse_difference(manifest, model, path)
            elif inputs:
                _refuse_others(path)
                manifest = _made(path, inputs, model)
            else:
                raise UsageError("no-shards-yet", where=path)
            yield ShardFolder(path, manifest)
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
    )
    write_manifest(path, manifest)
    embeddings_file(path, 0).parent.mkdir(exist_ok=True)
    return manifest


def _refuse_others(path: Path) -> None:
    """Refuse a folder with files of others; a process that was killed early leaves some."""
    names = (name for name in os.listdir(path) if not name.startswith(".nameplate-"))  # noqa: PTH208
    if other := next((name for name in names if name != _LOCK_NAME), None):
        raise UsageError("folder-not-of-shards", where=path, name=printable(other))


def _refuse_difference(manifest: Manifest, model: LoadedModel, where: Path) -> None:
    """Refuse a folder that was made with another model or decoding."""
    now = (model.fingerprint, model.manifest.embedding_size)
    if (manifest.fingerprint, manifest.dimension) != now:
        raise UsageError(
            "shards-of-other-model", where=where, model=manifest.model, now=model.manifest.id
        )
    if manifest.reading != str(DECODE_VERSION):
        raise UsageError("shards-read-otherwise", where=where)
