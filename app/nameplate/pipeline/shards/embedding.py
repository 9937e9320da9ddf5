"""Embeds the images of one shard."""

from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.shards.image_list import ListedImage
from nameplate.formats.shards.vectors import Shard
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.batch_encoder import DeviceChanged, Embedded, Failed
from nameplate.pipeline.reading.embedding import embed_images
from nameplate.pipeline.shards.inputs import file_below
from nameplate.pipeline.shards.spool import Spool
from nameplate.storage.remote_limits import MayFollow, only_those_asked
from nameplate.storage.scratch import scratch_folder
from nameplate.system.elsewhere import is_url

Words = Callable[[Message], str]


@dataclass(frozen=True, slots=True)
class ImagesDone:
    """Event: some images were embedded, or cannot be."""

    count: int


def embed_shard(
    images: Sequence[ListedImage],
    root: str,
    model: LoadedModel,
    words: Words,
    cancel: CancelToken,
    may_follow: MayFollow = only_those_asked,
) -> Generator[ImagesDone | Message, None, Shard]:
    """Embed images; yield progress and notes for a person, and return them as a shard.

    Args:
        images: Of the shard.
        root: The folder or URL that they are listed relative to.
        model: Loaded.
        words: Puts a problem into words.
        cancel: Stops it; nothing is kept of the shard then.
        may_follow: Says whether another server may be asked, where one leads to it.

    Raises:
        ModelError: The image encoder fails, on the CPU too.
        CancelledError: `cancel` was set.
    """
    count = len(images)
    vectors = np.full((count, model.manifest.embedding_size), np.nan, np.float16)
    contents: list[str | None] = [None] * count
    problems = [""] * count
    # Where nothing is fetched no folder is needed.
    is_fetched = any(image.member or is_url(file_below(root, image.file)) for image in images)
    with scratch_folder() if is_fetched else nullcontext(Path()) as folder:
        spool = Spool(images, root, folder, may_follow)
        for event in embed_images(range(count), spool, model, cache=None, cancel=cancel):
            if isinstance(event, DeviceChanged):
                yield event.message
            elif isinstance(event, Failed):
                problems[event.row] = words(event.reason)
                contents[event.row] = event.content
                yield ImagesDone(1)
            elif isinstance(event, Embedded):
                vectors[event.rows] = event.embeddings
                for row, content in zip(event.rows.tolist(), event.contents, strict=True):
                    contents[row] = content
                for row, note in event.notes.items():
                    problems[row] = words(note)
                yield ImagesDone(len(event.rows))
    cancel.raise_if_cancelled()
    return Shard([image.name for image in images], contents, vectors, problems)
