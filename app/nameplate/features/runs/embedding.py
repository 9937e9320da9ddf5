"""Embeds shards one after the other, in this process."""

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.places import NOWHERE, Places
from nameplate.formats.shards.image_list import LIST_NAME, ListedImage, file_below
from nameplate.formats.shards.manifest import Manifest
from nameplate.formats.shards.vectors import Shard, read_shard, write_shard
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.batch_encoder import DeviceChanged, Embedded, Failed
from nameplate.pipeline.reading.embedding import embed_images
from nameplate.pipeline.spool import Spool
from nameplate.storage.lock import locked
from nameplate.system.elsewhere import host_of, is_url
from nameplate.system.failures import printable

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
        places: Where pictures may be read; a list that leads elsewhere is refused.
        hosts: Machines that may be asked, too, where one of `places` leads to them.
    """

    model: Path
    device: str
    words: Callable[[Message], str]
    workers: int = 1
    cluster: Cluster | None = None
    places: Places = NOWHERE
    hosts: frozenset[str] = frozenset()

    def may_follow(self, url: str) -> bool:
        """Return whether a server may be asked to which another one leads."""
        return self.places.hold(url) or host_of(url) in self.hosts


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
    """
    for image in task.images:
        if not setup.places.hold(file_below(task.manifest.root, image.file)):
            where = printable(str(task.folder / LIST_NAME))
            raise UsageError("image-list-leads-elsewhere", where=where, name=image.name)
    known = _known(task)
    rows = list(range(len(task.images))) if known is None else known.unread.tolist()
    images = [task.images[row] for row in rows]
    shard = yield from _embed(images, task.manifest.root, model, setup, cancel)
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


def _embed(
    images: Sequence[ListedImage], root: str, model: LoadedModel, setup: Setup, cancel: CancelToken
) -> Generator[ImagesDone | Message, None, Shard]:
    """Embed images; yield progress and notes for a person, and return them as a shard."""
    count = len(images)
    vectors = np.full((count, model.manifest.embedding_size), np.nan, np.float16)
    contents: list[str | None] = [None] * count
    problems = [""] * count
    # Where nothing is fetched no folder is needed.
    is_fetched = any(image.member or is_url(file_below(root, image.file)) for image in images)
    with scratch_folder() if is_fetched else nullcontext(Path()) as folder:
        spool = Spool(images, root, folder, setup.may_follow)
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
    return Shard([image.name for image in images], contents, vectors, problems)


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
