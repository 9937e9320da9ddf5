"""Searches a folder of shards: what there is of it, by several threads."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors, unit
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken, Progress
from nameplate.formats.arrow import require_pyarrow
from nameplate.formats.shards.manifest import Manifest
from nameplate.formats.shards.vectors import read_shard, shards_there
from nameplate.pipeline.search.rules import SAMPLED, Scored, best, cosines
from nameplate.system.processors import available_cpus


@dataclass(frozen=True, slots=True)
class Search:
    """What a folder of shards is asked for.

    Attributes:
        query: D, unit length.
        most: How many images, at least 1.
        limit: Only among the first images of the folder; None for all.
    """

    query: Vectors
    most: int
    limit: int | None = None


_SAMPLED_SHARDS: Final = 8


def sample_of_shards(folder: Path, manifest: Manifest) -> Vectors:
    """Return some embeddings of a folder, n x D, of shards that are far from each other.

    Images that lie together are often of one kind. NaN rows where there is none.

    Raises:
        UsageError: pyarrow is not installed.
    """
    require_pyarrow(folder)
    numbers = shards_there(folder, manifest)
    places = np.linspace(0, len(numbers) - 1, min(_SAMPLED_SHARDS, len(numbers))).round()
    step = 1 + manifest.shard_size * len(places) // SAMPLED
    found = [np.empty((0, manifest.dimension), np.float32)]
    chosen: list[int] = places.astype(np.int64).tolist()
    for place in chosen:
        with suppress(UsageError):  # damaged
            found.append(unit(read_shard(folder, manifest, numbers[place]).embeddings[::step]))
    return np.concatenate(found)


def search_shards(
    folder: Path,
    manifest: Manifest,
    search: Search,
    cancel: CancelToken,
    on_progress: Callable[[Progress], None],
) -> tuple[list[tuple[str, float]], int, int]:
    """Search the shards that are there and whole: all of them, read by several threads.

    Returns:
        Path and cosine of the images that were found, the best first; how many images the shards
        have that were searched; and how many were to be.

    Raises:
        UsageError: pyarrow is not installed.
    """
    require_pyarrow(folder)
    size = manifest.shard_size
    total = min(manifest.images, search.limit or manifest.images)
    numbers = [number for number in shards_there(folder, manifest) if number * size < total]
    whole, searched, started = min(len(numbers) * size, total), 0, time.monotonic()

    def scores_of(number: int) -> NDArray[np.float32]:
        with suppress(UsageError):  # damaged
            found = cosines(read_shard(folder, manifest, number).embeddings, search.query)
            return found[: total - number * size]
        return np.empty(0, np.float32)

    def scored(pool: ThreadPoolExecutor) -> Iterator[Scored]:
        nonlocal searched
        for number, scores in zip(numbers, pool.map(scores_of, numbers), strict=True):
            yield number * size, scores
            searched += len(scores)
            on_progress(Progress(searched, whole, time.monotonic() - started))

    pool = ThreadPoolExecutor(available_cpus())
    try:
        hits = best(scored(pool), search.most, cancel)
    finally:
        pool.shutdown(cancel_futures=True)
    paths = _paths(folder, manifest, hits.rows.tolist())
    return list(zip(paths, hits.scores.tolist(), strict=True)), searched, total


def _paths(folder: Path, manifest: Manifest, rows: Sequence[int]) -> list[str]:
    """Return the paths of a few images; a million of them would take memory for nothing."""
    places = [divmod(row, manifest.shard_size) for row in rows]
    numbers = {number for number, _ in places}
    shards = {number: read_shard(folder, manifest, number).paths for number in numbers}
    return [shards[number][row] for number, row in places]
