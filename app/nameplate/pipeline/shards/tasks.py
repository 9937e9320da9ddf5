"""Embeds shards one after the other, in this process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.shards.manifest import Manifest
from nameplate.formats.shards.vectors import write_shard
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.shards.embedding import ImagesDone, Words, embed_shard


@dataclass(frozen=True, slots=True)
class Task:
    """A shard to embed.

    Attributes:
        folder: Of the shards.
        manifest: Its manifest.
        number: Of the shard.
        files: Its image files.
    """

    folder: Path
    manifest: Manifest
    number: int
    files: Sequence[Path]


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
    task: Task, model: LoadedModel, words: Words, cancel: CancelToken
) -> Iterator[Event]:
    """Embed a shard and write it.

    Raises:
        ModelError: The image encoder fails, on the CPU too.
        OutputError: The shard cannot be written.
        CancelledError: `cancel` was set.
    """
    root = task.manifest.root
    shard = yield from embed_shard(task.files, root, model, words, cancel)
    write_shard(task.folder, task.manifest, task.number, shard)
    yield ShardDone(task.number)
