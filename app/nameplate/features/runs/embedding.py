"""Embed shards one after the other, in this process."""

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.manifest import Manifest
from nameplate.features.runs.vectors import Shard, write_shard
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.batch_encoder import DeviceChanged, Embedded, Failed
from nameplate.pipeline.reading.embedding import embed_images
from nameplate.pipeline.spool import ListedImage, Spool
from nameplate.storage.lock import locked

_SCRATCH: Final = "nameplate-scratch-"
_LOCK_NAME: Final = ".lock"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where an engine runs.

    Attributes:
        address: Of a Ray cluster, such as `auto` or `ray://host:10001`; empty for this machine.
        gpus: Cards that each process takes, from 0 to 1.
        cpus: Processors that each process takes.
    """

    address: str = ""
    gpus: float = 0.0
    cpus: int = 1


@dataclass(frozen=True, slots=True)
class Setup:
    """What processes need to embed shards, and how many there are.

    Attributes:
        model: Folder of the model.
        device: As `open_folder` takes it.
        words: Puts problems into words; a function of a module, so that it can be sent.
        workers: How many processes; with 1 and without an engine it is this one.
        cluster: Where an engine runs them; None for no engine.
    """

    model: Path
    device: str
    words: Callable[[Message], str]
    workers: int = 1
    cluster: Cluster | None = None


@dataclass(frozen=True, slots=True)
class ImagesDone:
    """Event: some images were embedded, or cannot be."""

    count: int


@dataclass(frozen=True, slots=True)
class Task:
    """A shard to embed, and its images in their order."""

    folder: Path
    manifest: Manifest
    number: int
    images: Sequence[ListedImage]


@dataclass(frozen=True, slots=True)
class ShardDone:
    """Event: a shard is on the disk, with so many images."""

    number: int
    images: int


@dataclass(frozen=True, slots=True)
class ShardLost:
    """Event: each process that worked on a shard died; it is still missing."""

    number: int


Event = ImagesDone | ShardDone | ShardLost | Message
"""A message is for a person."""


def embed_task(
    task: Task, model: LoadedModel, setup: Setup, cancel: CancelToken
) -> Iterator[Event]:
    """Embed a shard and write it.

    Raises:
        ModelError: The image encoder fails, on the CPU too.
        OutputError: The shard cannot be written.
    """
    count = len(task.images)
    vectors = np.full((count, model.manifest.embedding_size), np.nan, np.float16)
    contents: list[str | None] = [None] * count
    problems = [""] * count
    # Where nothing lies in tar files no folder is needed.
    with scratch_folder() if any(i.member for i in task.images) else nullcontext(Path()) as folder:
        spool = Spool(task.images, folder)
        for event in embed_images(range(count), spool, model, cache=None, cancel=cancel):
            if isinstance(event, DeviceChanged):
                yield event.message
            elif isinstance(event, Failed):
                problems[event.row] = setup.words(event.reason)
                contents[event.row] = event.content
                yield ImagesDone(1)
            elif isinstance(event, Embedded):
                vectors[event.rows] = event.embeddings
                for row, content in zip(event.rows.tolist(), event.contents, strict=True):
                    contents[row] = content
                for row, note in event.notes.items():
                    problems[row] = setup.words(note)
                yield ImagesDone(len(event.rows))
    cancel.raise_if_cancelled()
    names = [image.name(task.manifest.root) for image in task.images]
    write_shard(task.folder, task.manifest, task.number, Shard(names, contents, vectors, problems))
    yield ShardDone(task.number, count)


# ---- files that are needed for a moment


@contextmanager
def scratch_folder() -> Generator[Path]:
    """Make an empty folder, readable by this user alone, and delete it at the end.

    It is locked until then; before it is made, those that nobody holds any more are deleted.

    Raises:
        OSError: It cannot be made.
    """
    _clear_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_SCRATCH))
    try:
        with locked(folder / _LOCK_NAME):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_abandoned(parent: Path) -> None:
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(_SCRATCH) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    _clear(Path(entry.path))


def _clear(folder: Path) -> None:
    """Delete a folder of this user whose lock nobody holds; one that has none was made just now."""
    lock = folder / _LOCK_NAME
    is_ours = os.name != "posix" or folder.lstat().st_uid == os.getuid()
    if is_ours and lock.is_file():
        with locked(lock) as is_abandoned:
            pass
        if is_abandoned:  # Windows deletes no file that is open
            shutil.rmtree(folder, ignore_errors=True)
