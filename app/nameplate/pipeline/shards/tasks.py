"""Embeds shards one after the other, in this process."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.shards.image_list import LIST_NAME, ListedImage
from nameplate.formats.shards.manifest import Manifest
from nameplate.formats.shards.vectors import Shard, read_shard, write_shard
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.shards.embedding import ImagesDone, embed_shard
from nameplate.pipeline.shards.inputs import file_below
from nameplate.pipeline.shards.setup import Setup
from nameplate.system.failures import printable


@dataclass(frozen=True, slots=True)
class Task:
    """A shard to embed.

    Attributes:
        folder: Of the shards.
        manifest: Its manifest.
        number: Of the shard.
        images: Of the shard, in its order.
    """

    folder: Path
    manifest: Manifest
    number: int
    images: Sequence[ListedImage]


@dataclass(frozen=True, slots=True)
class ShardDone:
    """Event: a shard is on the disk."""

    number: int


@dataclass(frozen=True, slots=True)
class ShardLost:
    """Event: each process that worked on a shard died; it is still missing."""

    number: int


Event = ImagesDone | ShardDone | ShardLost | Message
"""A message is for a person."""


def embed_task(
    task: Task, model: LoadedModel, setup: Setup, cancel: CancelToken
) -> Iterator[Event]:
    """Embed a shard and write it; of one that is there only the files that could not be had.

    Raises:
        ModelError: The image encoder fails, on the CPU too.
        OutputError: The shard cannot be written.
        UsageError: The list leads to what was not named.
        CancelledError: `cancel` was set.
    """
    root = task.manifest.root
    for image in task.images:
        if not setup.places.hold(file_below(root, image.file)):
            where = printable(str(task.folder / LIST_NAME))
            raise UsageError("image-list-leads-elsewhere", where=where, name=image.name)
    known = _known(task)
    rows = list(range(len(task.images))) if known is None else known.unread.tolist()
    images = [task.images[row] for row in rows]
    shard = yield from embed_shard(images, root, model, setup.words, cancel, setup.may_follow)
    if known is not None:
        yield ImagesDone(len(task.images) - len(rows))
        shard = known.replaced(rows, shard)
    write_shard(task.folder, task.manifest, task.number, shard)
    yield ShardDone(task.number)


def _known(task: Task) -> Shard | None:
    """Return the shard as it is on the disk; None where it is not, or is damaged."""
    with suppress(UsageError):
        return read_shard(task.folder, task.manifest, task.number)
    return None
