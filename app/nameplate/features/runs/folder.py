"""A folder of shards: made once from a list of images, and gone on with afterwards."""

import hashlib
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.inputs import Inputs, list_images, listed_inputs, root_of_inputs
from nameplate.formats.arrow import require_pyarrow
from nameplate.formats.shards.image_list import (
    LIST_NAME,
    ListedImage,
    digest_of_list,
    read_list,
    write_list,
)
from nameplate.formats.shards.manifest import (
    MOST_UNLISTED,
    Manifest,
    Unlisted,
    read_manifest,
    refuse_links,
    write_manifest,
)
from nameplate.formats.shards.vectors import ShardState, shards_there, state_of
from nameplate.imaging import DECODE_VERSION
from nameplate.inference.model import LoadedModel
from nameplate.storage.agreed_hosts import is_agreed
from nameplate.storage.atomic import output_error
from nameplate.storage.lock import locked
from nameplate.system.elsewhere import may_contact
from nameplate.system.failures import printable

DEFAULT_SHARD_SIZE: Final = 2000
"""Images: 40 s of a laptop's work, which is what a kill loses; 10 million make 5,000 files."""

_LOCK_NAME: Final = ".lock"
_MOST_INPUTS: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a folder of shards is asked to be of.

    Attributes:
        paths: Files, folders, globs, tar files and URLs; none to go on with those that it was made
            of.
        lists: Text files with one of these a line.
        limit: Only the first images; None for all. Heeded when the folder is made.
        shard_size: Images of a shard; None for that which the folder has, or the default.
        must_exist: Whether to go on with a folder only, and make none.
    """

    paths: Sequence[str] = ()
    lists: Sequence[Path] = ()
    limit: int | None = None
    shard_size: int | None = None
    must_exist: bool = False


@dataclass(frozen=True, slots=True)
class ShardFolder:
    """A folder of shards that this process has for itself.

    Attributes:
        path: The folder.
        manifest: What it was made of.
        images_of: Returns the images of a shard; raises UsageError where the list is damaged.
        inputs: What was named now, or what the manifest has where nothing was.
        may_read: Whether pictures may be read: a folder may be from a stranger, and nothing is
            fetched from another machine that nobody named in this run.
        is_new: Whether it was made just now.
    """

    path: Path
    manifest: Manifest
    images_of: Callable[[int], list[ListedImage]]
    inputs: Iterable[str]
    may_read: bool = True
    is_new: bool = False

    def states(self) -> dict[int, ShardState]:
        """Return the states of the shards whose embeddings are there."""
        numbers = shards_there(self.path, self.manifest)
        found = {number: state_of(self.path, self.manifest, number) for number in numbers}
        return {number: state for number, state in found.items() if state}


@contextmanager
def open_shards(
    path: Path, wanted: Wanted, model: LoadedModel, cancel: CancelToken
) -> Generator[ShardFolder]:
    """Open a folder of shards, for this process alone; list its images where it is new.

    Raises:
        UsageError: Another process works on it; it is no folder of shards, a damaged one, one with
            links in it, or one of other images, another model or another size of shards; or there
            are no images.
        OutputError: It cannot be made.
    """
    require_pyarrow(path)
    try:
        if not wanted.must_exist:
            path.mkdir(parents=True, exist_ok=True)
        refuse_links(path)  # before the lock, which would make a file where it leads to
        with locked(path / _LOCK_NAME) as is_mine:
            if not is_mine:
                raise UsageError("shards-in-use", where=printable(str(path)))
            yield _opened(path, wanted, model, cancel)
    except OSError as error:
        raise output_error(path, error) from error


def _opened(path: Path, wanted: Wanted, model: LoadedModel, cancel: CancelToken) -> ShardFolder:
    where = printable(str(path))
    manifest, inputs = read_manifest(path), listed_inputs(wanted.paths, wanted.lists)
    is_new = manifest is None
    if manifest is None:
        if wanted.must_exist or not (wanted.paths or wanted.lists):
            raise UsageError("no-shards-yet", where=where)
        _refuse_others(path)
        manifest = _make(path, inputs, wanted, model, cancel)
    else:
        _refuse_difference(manifest, inputs, wanted, model, where)
    images_of = read_list(path, manifest)
    may_read = bool(inputs) or not any(
        may_contact(one) and not is_agreed(one) for one in manifest.inputs
    )
    named = inputs or manifest.inputs
    return ShardFolder(path, manifest, images_of, named, may_read, is_new)


def _refuse_others(path: Path) -> None:
    """Raise where a folder has files that are not what a process left that was killed early."""
    ours = {_LOCK_NAME, LIST_NAME}
    names = (name for name in os.listdir(path) if not name.startswith(".nameplate-"))  # noqa: PTH208
    if other := next((name for name in names if name not in ours), None):
        raise UsageError("folder-not-of-shards", where=printable(str(path)), name=printable(other))


def _refuse_difference(
    manifest: Manifest, inputs: Inputs, wanted: Wanted, model: LoadedModel, where: str
) -> None:
    """Raise where a folder was made of something else than is wanted now."""
    if model.fingerprint != manifest.fingerprint:
        raise UsageError(
            "shards-of-other-model", where=where, model=manifest.model, now=model.manifest.id
        )
    if manifest.reading != str(DECODE_VERSION):
        raise UsageError("shards-read-otherwise", where=where)
    if inputs and _named(inputs) != manifest.inputs:
        raise UsageError("shards-of-other-images", where=where, names=manifest.inputs[:5])
    if wanted.shard_size not in (None, manifest.shard_size):
        raise UsageError("shards-of-other-size", where=where, size=manifest.shard_size)
    if wanted.limit is not None and wanted.limit < manifest.images:
        raise UsageError("shards-of-more-images", where=where, count=manifest.images)


def _make(
    path: Path, inputs: Inputs, wanted: Wanted, model: LoadedModel, cancel: CancelToken
) -> Manifest:
    """List the images and write the manifest, which is the last: it makes the list final."""
    root, shard_size = root_of_inputs(inputs), wanted.shard_size or DEFAULT_SHARD_SIZE
    problems, unlisted = list[Unlisted](), 0

    def images() -> Generator[ListedImage]:
        nonlocal unlisted
        for found in list_images(inputs, root, cancel):
            if isinstance(found, ListedImage):
                yield found
                continue
            unlisted += 1
            if unlisted <= MOST_UNLISTED:
                problems.append(found)

    count = write_list(path, islice(images(), wanted.limit), shard_size)
    if not count:
        (path / LIST_NAME).unlink(missing_ok=True)
        if problems:
            raise UsageError(problems[0].reason, where=problems[0].path)
        raise UsageError("no-images", where=", ".join(_named(inputs)[:5]))
    manifest = Manifest(
        inputs=_named(inputs),
        root=root,
        images=count,
        shard_size=shard_size,
        list_digest=digest_of_list(path),
        model=model.manifest.id,
        fingerprint=model.fingerprint,
        dimension=model.manifest.embedding_size,
        reading=str(DECODE_VERSION),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        unlisted=tuple(problems),
        unlisted_count=unlisted,
    )
    write_manifest(path, manifest)
    return manifest


def _named(inputs: Inputs) -> tuple[str, ...]:
    """Return inputs as the manifest has them: of very many only a hash."""
    first = tuple(map(printable, islice(inputs, _MOST_INPUTS + 1)))
    if len(first) <= _MOST_INPUTS:
        return first
    digest, count = hashlib.sha256(), 0
    for one in map(printable, inputs):
        digest.update(f"\n{one}".encode() if count else one.encode())
        count += 1
    return (f"{count} inputs, sha256 {digest.hexdigest()}",)
