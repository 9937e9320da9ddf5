"""A folder of shards, and the images that it lacks."""

import json
import os
import secrets
from collections.abc import Container, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.inputs import HashSet, Inputs, list_images
from nameplate.features.runs.parquet import require_pyarrow
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

        Damaged shards are deleted, and so are the rows of images that are missing as their files
        changed or could not be had.

        Raises:
            UsageError: One of the inputs is a URL, or a list cannot be read.
            OutputError: The folder cannot be written.
        """
        file, numbers = self.path / _MISSING_NAME, shards_there(self.path)
        whole = states_of(self.path, self.manifest, cancel)
        to_mend = set(numbers) - whole.keys()
        known = HashSet(self._known(whole, to_mend))
        first = max(numbers, default=-1) + 1
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
            self._drop(missing, whole, numbers if missing.images else sorted(to_mend))
            yield missing
        finally:
            with suppress(OSError):
                file.unlink(missing_ok=True)

    def _known(self, whole: Iterable[int], to_mend: set[int]) -> Iterator[str]:
        """Yield stamp and path of each image that could be had; of Nameplate 1.0 without stamp.

        Add to `to_mend` the shards that are damaged, or have images that could not be had.
        """
        for number in whole:
            try:
                for path, stamp, is_read in files_in(self.path, number):
                    if is_read:
                        yield f"{stamp} {path}"
                    else:
                        to_mend.add(number)
            except UsageError:
                to_mend.add(number)

    def _drop(self, missing: Missing, whole: Container[int], numbers: Iterable[int]) -> None:
        """Delete damaged shards, and the rows of images that are missing or could not be had."""
        file = missing.file
        images = (image for start in missing.starts.values() for image in images_at(file, start))
        listed = HashSet(image.name(self.manifest.root) for image in images)
        for number in numbers:
            files, kept = list[tuple[str, str, bool]](), list[int]()
            try:
                files += files_in(self.path, number) if number in whole else ()
                rows = enumerate(files)
                kept = [row for row, (path, _, is_read) in rows if is_read and path not in listed]
                if 0 < len(kept) < len(files):
                    shard = read_shard(self.path, self.manifest, number).taken(kept)
                    write_shard(self.path, self.manifest, number, shard)
            except UsageError:
                missing.damaged += 1
                kept.clear()
            if not kept:
                embeddings_file(self.path, number).unlink(missing_ok=True)


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
        elif read_manifest(path) is None:
            raise UsageError("no-shards-yet", where=path)
        refuse_links(path)  # before the lock, which would make a file where it leads to
        with locked(path / _LOCK_NAME) as is_mine:
            if not is_mine:
                raise UsageError("shards-in-use", where=path)
            manifest = read_manifest(path) or _made(path, inputs, model)
            now = (model.fingerprint, model.manifest.embedding_size)
            if (manifest.fingerprint, manifest.dimension) != now:
                raise UsageError(
                    "shards-of-other-model", where=path, model=manifest.model, now=model.manifest.id
                )
            if manifest.reading != str(DECODE_VERSION):
                raise UsageError("shards-read-otherwise", where=path)
            yield ShardFolder(path, manifest)
    except OSError as error:
        raise output_error(path, error) from error


def _made(path: Path, inputs: Inputs, model: LoadedModel) -> Manifest:
    """Write the manifest of a new folder; refuse one with files of others."""
    # A process that was killed early leaves files of ours.
    names = (name for name in os.listdir(path) if not name.startswith(".nameplate-"))  # noqa: PTH208
    if other := next((name for name in names if name != _LOCK_NAME), None):
        raise UsageError("folder-not-of-shards", where=path, name=printable(other))
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
