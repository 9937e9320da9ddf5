"""Searches: encodes what is asked for, and reads the vectors of images or of a folder of shards."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from nameplate.domain.embeddings import Vectors, unit
from nameplate.domain.errors import ImageError, UsageError
from nameplate.domain.progress import CancelToken
from nameplate.formats.shards.manifest import Manifest
from nameplate.formats.shards.vectors import read_shard
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.batch_encoder import Embedded, Failed
from nameplate.pipeline.reading.embedding import embed_images
from nameplate.system.failures import printable


def vectors_of_pictures(files: Sequence[Path], model: LoadedModel, cancel: CancelToken) -> Vectors:
    """Return the embeddings of pictures that are searched with, n x D.

    Raises:
        ImageError: One cannot be read.
        ModelError: The image encoder fails.
        CancelledError: `cancel` was set.
    """
    found = np.full((len(files), model.manifest.embedding_size), np.nan, np.float32)
    for event in embed_images(range(len(files)), files, model, cache=None, cancel=cancel):
        if isinstance(event, Failed):
            raise ImageError(event.reason, where=printable(str(files[event.row])))
        if isinstance(event, Embedded):
            found[event.rows] = event.embeddings
    cancel.raise_if_cancelled()
    return found


def blocks_of_shards(
    folder: Path, manifest: Manifest, model: LoadedModel
) -> Iterator[tuple[Vectors, Sequence[str]]]:
    """Yield the embeddings of each shard, n x D float32 unit vectors, and the paths of its images.

    Raises:
        UsageError: It was made with another model, or a shard is missing or damaged.
    """
    if manifest.fingerprint != model.fingerprint:
        raise UsageError(
            "shards-of-other-model",
            where=printable(str(folder)),
            model=manifest.model,
            now=model.manifest.id,
        )
    for number in range(manifest.shards):
        shard = read_shard(folder, manifest, number)
        yield unit(shard.embeddings), shard.paths
