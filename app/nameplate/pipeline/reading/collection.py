"""Finds and embeds all images of a command in one call."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageState, ImageTable, contents_of
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.imaging.scan import ScanProblem, scan
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.batch_encoder import DeviceChanged, Embedded, EmbedEvent, FilesSeen
from nameplate.pipeline.reading.embedding import embed_images
from nameplate.storage.caches.embedding_cache import EmbeddingCache

OnProgress = Callable[[Progress], None]
OnNote = Callable[[Message], None]

NOT_REACHED: Final = Message("not-reached")
"""Why an image has no embedding that an interrupt came before."""


@dataclass(frozen=True, slots=True)
class Found:
    """The result of scanning files and folders.

    Attributes:
        images: The images, at most as many as the limit.
        problems: What could not be read.
        beyond: Images beyond the limit; all of them only with `find_all`.
    """

    images: tuple[Path, ...]
    problems: tuple[ScanProblem, ...]
    beyond: tuple[Path, ...] = ()


def find_images(
    paths: Sequence[Path],
    *,
    cancel: CancelToken,
    limit: int | None = None,
    find_all: bool = False,
) -> Found:
    """Scan `paths` and return the images, at most `limit`, and the problems.

    With `find_all` what is beyond the limit is found, too.

    Raises:
        UsageError: There is not one image.
        CancelledError: `cancel` was set before the scan was done.
    """
    images, problems = list[Path](), list[ScanProblem]()
    for batch in scan(paths, cancel=cancel):
        images.extend(batch.images)
        problems.extend(batch.problems)
        if limit is not None and len(images) >= limit and not find_all:
            break
    cancel.raise_if_cancelled()
    if not images and problems:
        first, count = problems[0], len(problems)
        raise UsageError(
            "nothing-found", where=str(first.path), reason=first.reason, count=count, more=count - 1
        )
    if not images:
        raise UsageError("no-images", where=", ".join(map(str, paths)))
    most = len(images) if limit is None else limit
    return Found(tuple(images[:most]), tuple(problems), tuple(images[most:]))


def embed_all(
    table: ImageTable,
    model: LoadedModel,
    *,
    cache: EmbeddingCache | None,
    cancel: CancelToken,
    on_progress: OnProgress,
    on_note: OnNote,
) -> None:
    """Embed every image of `table` that waits; rows skipped by a cancel are marked unreadable.

    Without a cache none is read or written. `on_note` is called with messages for a person, such as
    that a device was lost.

    Raises:
        CancelledError: `cancel` was set before anything was done.
    """
    sizes = model.manifest.sizes
    if (table.dimension, table.descriptor_size) != sizes:
        table.forget_embeddings(*sizes)
    rows = table.waiting_rows().tolist()
    images = table.paths.select(rows)
    started = time.monotonic()
    done = 0
    on_progress(Progress(0, len(rows), 0.0))
    for event in embed_images(rows, images, model, cache=cache, cancel=cancel):
        if isinstance(event, DeviceChanged):
            on_note(event.message)
            continue
        if isinstance(event, FilesSeen):
            continue
        done += record_event(event, table)
        if isinstance(event, Embedded) and event.contents:
            table.contents[event.rows] = contents_of(event.contents)
        on_progress(Progress(done, len(rows), time.monotonic() - started))
    cancel.acknowledge()
    if cancel.is_cancelled and not done:
        raise CancelledError
    for row in rows:
        if table.states[row] == ImageState.WAITING:
            table.set_unreadable(row, NOT_REACHED)


def record_event(event: EmbedEvent, table: ImageTable) -> int:
    """Record `event` in `table`; return how many images it is about."""
    if isinstance(event, Embedded):
        table.set_embeddings(event.rows, event.embeddings, event.descriptors)
        table.notes.update(event.notes)
        return len(event.rows)
    table.set_unreadable(event.row, event.reason)
    return 1
