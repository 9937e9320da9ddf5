"""Embed a shard, in this process or in one that was started for it."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import psutil

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.manifest import Manifest
from nameplate.features.runs.vectors import Shard, write_shard
from nameplate.inference.model import LoadedModel
from nameplate.model_hub.library import open_folder
from nameplate.pipeline.reading.batch_encoder import DeviceChanged, Embedded, Failed
from nameplate.pipeline.reading.embedding import embed_images
from nameplate.pipeline.spool import ListedImage, Spool
from nameplate.storage.whole_folder import working_folder
from nameplate.system.processors import limit_processors
from nameplate.wording.texts import what_in_english

_SCRATCH: Final = ".nameplate-scratch-"
_PRIVATE: Final = 0o700

_PARENT_SECONDS: Final = 0.2
"""Between two looks at whether the parent lives."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What processes need to embed shards, and how many there are.

    Attributes:
        model: Folder of the model.
        device: As `open_folder` takes it.
        workers: How many processes; with 1 and without an engine it is this one.
        cores: Processors that each process takes.
        address: Of a Ray cluster, such as `auto` or `ray://host:10001`; empty for this machine.
        gpus: Cards that each process of an engine takes, from 0 to 1.
    """

    model: Path
    device: str
    workers: int = 1
    cores: int = 1
    address: str = ""
    gpus: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """A shard to embed, and its images in their order."""

    folder: Path
    manifest: Manifest
    number: int
    images: Sequence[ListedImage]


Event = int | Message
"""So many more images were embedded, or cannot be; or a message for a person."""


def embed_task(task: Task, model: LoadedModel, cancel: CancelToken) -> Iterator[Event]:
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
    is_packed = any(image.member for image in task.images)
    temporary = Path(tempfile.gettempdir())
    with working_folder(temporary, _SCRATCH) if is_packed else nullcontext(temporary) as folder:
        if is_packed:
            folder.mkdir(_PRIVATE)
        spool = Spool(task.images, folder)
        for event in embed_images(range(count), spool, model, cache=None, cancel=cancel):
            if isinstance(event, DeviceChanged):
                yield event.message
            elif isinstance(event, Failed):
                problems[event.row] = what_in_english(event.reason)
                contents[event.row] = event.content
                yield 1
            elif isinstance(event, Embedded):
                vectors[event.rows] = event.embeddings
                for row, content in zip(event.rows.tolist(), event.contents, strict=True):
                    contents[row] = content
                for row, note in event.notes.items():
                    problems[row] = what_in_english(note)
                yield len(event.rows)
    cancel.raise_if_cancelled()
    names = [image.name(task.manifest.root) for image in task.images]
    stamps = [image.stamp for image in task.images]
    shard = Shard(names, contents, vectors, problems, stamps)
    write_shard(task.folder, task.manifest, task.number, shard)


def model_of_process(setup: Setup) -> LoadedModel:
    """Load the model in a process that was started to embed, and ends with its parent.

    Raises:
        ModelError: It cannot be used.
    """
    with suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what a Ctrl-C means
    threading.Thread(target=_end_with_parent, daemon=True).start()
    limit_processors(setup.cores)
    return open_folder(setup.model, device=setup.device)


def _end_with_parent() -> None:
    """End this process when the one is gone that began it: a shard may take minutes more."""
    parent = psutil.Process(os.getppid())
    while os.getppid() == parent.pid and parent.is_running():  # Windows keeps the number
        time.sleep(_PARENT_SECONDS)
    os._exit(0)
